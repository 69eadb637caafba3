import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const calendly: IntegrationDefinition = {
  displayName: 'Calendly',
  docsUrl:
    'https://developer.calendly.com/docs/authentication/how-to-access-calendly-data-on-behalf-of-authenticated-users',
  categories: ['calendar', 'scheduling'],
  baseUrl: 'https://api.calendly.com',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.calendly.com/oauth/authorize',
    tokenUrl: 'https://auth.calendly.com/oauth/token',
    revocation: { url: 'https://auth.calendly.com/oauth/revoke' },
    scopes: ['users:read', 'event_types:read', 'scheduled_events:read'],
    // The user and the organization, as URLs of the API. Injected tokens supply them as extra.owner and extra.organization.
    tokenResponse: { keep: { owner: ['owner'], organization: ['organization'] } },
    // A refresh token works once (developer.calendly.com/refresh-token-rotation-guide).
    rotation: 'strict',
  },
  responseErrors: [
    { status: 401, path: ['message'], as: 'auth', message: ['message'] },
    { status: 403, path: ['message'], as: 'fail', message: ['message'] },
  ],
  // developer.calendly.com/docs/webhooks/overview
  webhook: {
    verify: {
      method: 'hmac',
      header: 'Calendly-Webhook-Signature',
      hash: 'sha256',
      encoding: 'hex',
      prefix: 'v1=',
      message: '{{ timestamp }}.{{ body }}',
      timestamp: { header: 'Calendly-Webhook-Signature', prefix: 't=', tolerance: 'PT3M' },
    },
    // Events have no id.
    id: "body.event ~ ' ' ~ body.payload.uri ~ ' ' ~ body.created_at",
    type: 'body.event',
    // The user whose token created the webhook.
    connection: { value: 'body.created_by', equals: 'kept.owner' },
    sync: [
      { where: "'invitee' in body.event", streams: ['scheduled_events'] },
      { where: "'event_type.' in body.event", streams: ['event_types'] },
    ],
  },
  testRequest: { path: '/users/me' },
  streams: [objects('event_types'), objects('scheduled_events')],
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { user: '{{ kept.owner }}', count: '100' },
    recordsPath: ['collection'],
    primaryKey: [['uri']],
    pagination: { type: 'next_url', path: ['pagination', 'next_page'] },
  }
}
