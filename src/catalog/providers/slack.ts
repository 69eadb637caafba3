import { slackActions } from '../actions/slack.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** Error codes with status 200 for an invalid token (docs.slack.dev/reference/methods/auth.test). */
const refusals = ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired']

const channelEvents = "['channel_created', 'channel_rename', 'channel_archive', 'channel_unarchive', 'channel_deleted']"

export const slack: IntegrationDefinition = {
  displayName: 'Slack',
  docsUrl: 'https://docs.slack.dev/authentication/installing-with-oauth',
  categories: ['communication'],
  baseUrl: 'https://slack.com/api',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://slack.com/oauth/v2/authorize',
    tokenUrl: 'https://slack.com/api/oauth.v2.access',
    revocation: { url: 'https://slack.com/api/auth.revoke', auth: 'token', form: {} },
    scopes: ['channels:read', 'channels:history', 'users:read', 'team:read'],
    scopeSeparator: ',',
    // PKCE is only for apps that were irrevocably changed to public clients (docs.slack.dev/authentication/using-pkce).
    pkce: 'none',
    clientAuth: 'client_secret_basic',
    tokenResponse: {
      error: ['error'],
      errorWhen: { path: ['ok'], equals: false },
      keep: {
        team_id: ['team', 'id'],
        team_name: ['team', 'name'],
        enterprise_id: ['enterprise', 'id'],
        bot_user_id: ['bot_user_id'],
      },
    },
    permanentErrors: ['invalid_refresh_token', 'invalid_code', 'code_already_used', 'bad_redirect_uri'],
    // For apps with token rotation. Otherwise tokens do not expire (docs.slack.dev/authentication/using-token-rotation).
    rotation: 'strict',
  },
  responseErrors: [
    ...refusals.map((error) => ({ path: ['error'], equals: error, as: 'auth' as const, message: ['error'] })),
    { path: ['error'], equals: 'ratelimited', as: 'rate_limit', message: ['error'] },
    { path: ['ok'], equals: false, as: 'fail', message: ['error'] },
  ],
  // docs.slack.dev/authentication/verifying-requests-from-slack, docs.slack.dev/apis/events-api
  webhook: {
    verify: {
      method: 'hmac',
      header: 'X-Slack-Signature',
      hash: 'sha256',
      encoding: 'hex',
      prefix: 'v0=',
      message: 'v0:{{ timestamp }}:{{ body }}',
      timestamp: { header: 'X-Slack-Request-Timestamp', tolerance: 'PT5M' },
    },
    handshake: [{ where: "body.type == 'url_verification'", answer: '{{ body.challenge }}' }],
    id: 'body.event_id',
    type: 'body.event.type if body.event else body.type',
    // In a channel that workspaces share, team_id is the workspace of the author, and authorizations has one that installed the app.
    connection: {
      value: 'body.authorizations[0].team_id if body.authorizations else body.team_id',
      equals: 'kept.team_id',
    },
    // A deprecated secret.
    drop: [['token']],
    sync: [
      { where: `body.event.type in ${channelEvents}`, streams: ['channels'] },
      { where: "body.event.type in ['team_join', 'user_change']", streams: ['users'] },
    ],
  },
  testRequest: { method: 'POST', path: '/auth.test' },
  streams: [
    {
      name: 'channels',
      path: '/conversations.list',
      query: { limit: '200', types: 'public_channel' },
      recordsPath: ['channels'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['response_metadata', 'next_cursor'], param: 'cursor' },
    },
    {
      name: 'users',
      path: '/users.list',
      query: { limit: '200' },
      recordsPath: ['members'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['response_metadata', 'next_cursor'], param: 'cursor' },
    },
  ],
  actions: slackActions,
}
