import { airtableActions } from '../actions/airtable.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'

export const airtable: IntegrationDefinition = {
  displayName: 'Airtable',
  docsUrl: 'https://airtable.com/developers/web/api/oauth-reference',
  categories: ['database'],
  baseUrl: 'https://api.airtable.com/v0',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://airtable.com/oauth2/v1/authorize',
    tokenUrl: 'https://airtable.com/oauth2/v1/token',
    scopes: ['data.records:read', 'schema.bases:read'],
    clientAuth: 'client_secret_basic',
    tokenResponse: { refreshTokenExpiry: { path: ['refresh_expires_in'], format: 'seconds' } },
    // A refresh invalidates the previous access token and refresh token.
    rotation: 'strict',
  },
  testRequest: { path: '/meta/whoami' },
  streams: [
    {
      name: 'bases',
      path: '/meta/bases',
      recordsPath: ['bases'],
      primaryKey: [['id']],
      pagination: { type: 'cursor', path: ['offset'], param: 'offset' },
    },
    {
      name: 'tables',
      parent: { stream: 'bases' },
      path: '/meta/bases/{{ parent.id }}/tables',
      recordsPath: ['tables'],
      primaryKey: [['id']],
    },
  ],
  actions: airtableActions,
}
