import { intercomActions } from '../actions/intercom.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

const error = { path: ['errors', 0, 'code'], message: ['errors', 0, 'message'], code: ['errors', 0, 'code'] }

export const intercom: IntegrationDefinition = {
  displayName: 'Intercom',
  docsUrl: 'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth',
  categories: ['support'],
  baseUrl: 'https://api.intercom.io',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://app.intercom.com/oauth',
    // Permissions are configured in the app. Tokens do not expire.
    tokenUrl: 'https://api.intercom.io/auth/eagle/token',
  },
  headers: { 'Intercom-Version': '2.13' },
  afterConnect: [{ path: '/me', keep: { app_id: ['app', 'id_code'], region: ['app', 'region'] } }],
  // developers.intercom.com/docs/references/rest-api/errors/error-codes
  responseErrors: [
    // The token is good, but lacks a permission.
    { status: 401, ...error, equals: 'token_unauthorized', as: 'fail' },
    ...['token_revoked', 'token_not_found', 'token_blocked', 'token_expired'].map((code) => ({
      status: 401,
      ...error,
      equals: code,
      as: 'auth' as const,
    })),
    ...[400, 403, 404, 422].map((status) => ({ status, ...error, as: 'fail' as const })),
  ],
  // 10,000 calls per minute and app (developers.intercom.com/docs/references/rest-api/errors/rate-limiting).
  rateLimit: { requestsPerSecond: 160 },
  // developers.intercom.com/docs/references/webhooks/webhook-models
  webhook: {
    verify: {
      method: 'hmac',
      header: 'X-Hub-Signature',
      hash: 'sha1',
      encoding: 'hex',
      prefix: 'sha1=',
      secret: 'client',
    },
    id: 'body.id',
    type: 'body.topic',
    connection: { value: 'body.app_id', equals: 'kept.app_id' },
    sync: [
      { where: "'contact.' in body.topic", streams: ['contacts'] },
      { where: "'conversation.' in body.topic", streams: ['conversations'] },
    ],
  },
  testRequest: { path: '/me' },
  streams: [objects('contacts', 'data'), objects('conversations', 'conversations')],
  actions: intercomActions,
}

function objects(name: string, records: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '150' },
    recordsPath: [records],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['pages', 'next', 'starting_after'], param: 'starting_after' },
  }
}
