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
  testRequest: { path: '/users/me' },
  streams: [
    {
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
