import { dropboxActions } from '../actions/dropbox.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** No streams, because lists continue at another path (`…/continue`) with only the cursor. */
export const dropbox: IntegrationDefinition = {
  displayName: 'Dropbox',
  docsUrl: 'https://developers.dropbox.com/oauth-guide',
  categories: ['storage'],
  baseUrl: 'https://api.dropboxapi.com/2',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://www.dropbox.com/oauth2/authorize',
    // Without it Dropbox issues no refresh token.
    authorizationParams: { token_access_type: 'offline' },
    tokenUrl: 'https://api.dropboxapi.com/oauth2/token',
    // Revokes the grant of the access token.
    revocation: { url: 'https://api.dropboxapi.com/2/auth/token/revoke', auth: 'token', form: {} },
    scopes: ['account_info.read', 'files.metadata.read', 'files.content.read'],
    tokenResponse: { keep: { account_id: ['account_id'], uid: ['uid'], team_id: ['team_id'] } },
    rotation: 'none',
  },
  responseErrors: [
    { status: 401, path: ['error_summary'], as: 'auth', message: ['error_summary'] },
    { status: 409, path: ['error_summary'], as: 'fail', message: ['error_summary'] },
    { status: 429, path: ['error_summary'], as: 'rate_limit', message: ['error_summary'] },
  ],
  // dropbox.com/developers/reference/webhooks. An event is the id of an account whose files have changed.
  webhook: {
    verify: {
      method: 'hmac',
      header: 'X-Dropbox-Signature',
      hash: 'sha256',
      encoding: 'hex',
      secret: 'client',
    },
    handshake: [{ where: 'query.challenge', answer: '{{ query.challenge }}' }],
    events: ['list_folder', 'accounts'],
    type: "'list_folder'",
    connection: { value: 'item', equals: 'kept.account_id' },
  },
  testRequest: { method: 'POST', path: '/users/get_current_account' },
  actions: dropboxActions,
}
