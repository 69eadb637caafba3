import { greenhouseActions } from '../actions/greenhouse.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

/**
 * The Harvest API. Version 3 needs an OAuth client. Keys work with versions 1 and 2 only, whose end Greenhouse announced for 31 August
 * 2026. All versions return the next page as a link.
 */
export const greenhouse: IntegrationDefinition = {
  displayName: 'Greenhouse',
  docsUrl: 'https://harvestdocs.greenhouse.io/docs/authentication',
  categories: ['ats', 'hr'],
  baseUrl: "https://harvest.greenhouse.io/{{ 'v1' if config.auth_method == 'api_key' else 'v3' }}",
  auth: {
    type: 'selective',
    options: [
      {
        key: 'client',
        label: 'Client of the Harvest API version 3',
        auth: {
          type: 'oauth2',
          grant: 'client_credentials',
          tokenUrl: 'https://auth.greenhouse.io/token',
          clientAuth: 'client_secret_basic',
          tokenResponse: { expiry: { path: ['expires_at'], format: 'iso8601' } },
        },
      },
      {
        key: 'api_key',
        label: 'Key of the Harvest API version 1, announced to end on 31 August 2026',
        auth: {
          type: 'basic',
          fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
          username: '{{ config.api_key }}',
          password: '',
        },
      },
    ],
  },
  testRequest: { path: '/candidates?per_page=1' },
  streams: ['candidates', 'applications', 'jobs', 'users'].map(objects),
  actions: greenhouseActions,
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '500' },
    primaryKey: [['id']],
    pagination: { type: 'link_header' },
  }
}
