import { zoomActions } from '../actions/zoom.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

export const zoom: IntegrationDefinition = {
  displayName: 'Zoom',
  docsUrl: 'https://developers.zoom.us/docs/integrations/oauth/',
  categories: ['communication', 'video'],
  baseUrl: 'https://api.zoom.us/v2',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://zoom.us/oauth/authorize',
    tokenUrl: 'https://zoom.us/oauth/token',
    revocation: { url: 'https://zoom.us/oauth/revoke' },
    // Scopes are configured in the app and requested as a whole.
    clientAuth: 'client_secret_basic',
    tokenResponse: { errorDescription: ['reason'] },
    // Each refresh returns a new refresh token and invalidates the previous one.
    rotation: 'strict',
  },
  afterConnect: [{ path: '/users/me', keep: { user_id: ['id'], account_id: ['account_id'] } }],
  // developers.zoom.us/docs/api/webhooks
  webhook: {
    verify: {
      method: 'hmac',
      header: 'x-zm-signature',
      hash: 'sha256',
      encoding: 'hex',
      prefix: 'v0=',
      message: 'v0:{{ timestamp }}:{{ body }}',
      timestamp: { header: 'x-zm-request-timestamp', tolerance: 'PT5M' },
    },
    handshake: [
      {
        where: "body.event == 'endpoint.url_validation'",
        sign: 'body.payload.plainToken',
        answer: '{"plainToken": {{ body.payload.plainToken | tojson }}, "encryptedToken": {{ signature | tojson }}}',
        type: 'application/json',
      },
    ],
    // Events have no id. Several people may join or leave a meeting at one time.
    id: "body.event ~ ':' ~ body.event_ts ~ ':' ~ (body.payload.object.uuid or body.payload.object.id) if not body.payload.object.participant else none",
    type: 'body.event',
    // The host of a meeting, or the user of an event about a user. The account would also be that of other users.
    connection: { value: 'body.payload.object.host_id or body.payload.object.id', equals: 'kept.user_id' },
    sync: [
      {
        where: "body.event in ['meeting.created', 'meeting.updated', 'meeting.deleted', 'meeting.ended']",
        streams: ['meetings'],
      },
      { where: "'user.' in body.event", streams: ['users'] },
    ],
  },
  testRequest: { path: '/users/me' },
  streams: [
    {
      // Needs user:read:list_users:admin, which only an admin-managed app can have.
      name: 'users',
      path: '/users',
      query: { page_size: '300' },
      recordsPath: ['users'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['next_page_token'], param: 'next_page_token' },
    },
    {
      name: 'meetings',
      path: '/users/me/meetings',
      query: { page_size: '300', type: 'scheduled' },
      recordsPath: ['meetings'],
      primaryKey: [['uuid']],
      pagination: { type: 'cursor', path: ['next_page_token'], param: 'next_page_token' },
    },
  ],
  actions: zoomActions,
}
