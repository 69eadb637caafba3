import { figmaActions } from '../actions/figma.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

/** No streams, because every request needs the key of a file or the id of a team. */
export const figma: IntegrationDefinition = {
  displayName: 'Figma',
  docsUrl: 'https://developers.figma.com/docs/rest-api/authentication/',
  categories: ['design'],
  baseUrl: 'https://api.figma.com/v1',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://www.figma.com/oauth',
    tokenUrl: 'https://api.figma.com/v1/oauth/token',
    refreshUrl: 'https://api.figma.com/v1/oauth/refresh',
    scopes: ['current_user:read', 'file_content:read', 'file_metadata:read'],
    clientAuth: 'client_secret_basic',
    // Errors look like {"error": true, "status": 400, "message": "…"}.
    tokenResponse: { errorDescription: ['message'], keep: { user_id: ['user_id_string'] } },
    rotation: 'none',
  },
  responseErrors: [
    { status: 403, path: ['err'], equals: 'Invalid token', as: 'auth', message: ['err'] },
    { status: 403, path: ['err'], equals: 'Token expired', as: 'auth', message: ['err'] },
    ...[400, 403, 404].map((status) => ({ status, path: ['err'], as: 'fail' as const, message: ['err'] })),
  ],
  testRequest: { path: '/me' },
  actions: figmaActions,
}
