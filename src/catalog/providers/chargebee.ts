import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const chargebee: IntegrationDefinition = {
  displayName: 'Chargebee',
  docsUrl: 'https://apidocs.chargebee.com/docs/api/auth',
  categories: ['billing'],
  baseUrl: 'https://{{ input.site }}.chargebee.com/api/v2',
  inputFields: [
    {
      name: 'site',
      label: 'Site',
      description: 'What stands before .chargebee.com.',
      required: true,
      pattern: '[a-z0-9-]+',
      example: 'acme-test',
    },
  ],
  auth: {
    type: 'basic',
    fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
    username: '{{ config.api_key }}',
    password: '',
  },
  testRequest: { path: '/customers?limit=1' },
  streams: ['customer', 'subscription', 'invoice'].map(objects),
}

/** A stream whose list items contain the record under the name of its resource. */
function objects(resource: string): StreamDefinition {
  return {
    name: `${resource}s`,
    path: `/${resource}s`,
    query: { limit: '100', 'sort_by[asc]': 'updated_at', include_deleted: 'true' },
    recordsPath: ['list'],
    primaryKey: [[resource, 'id']],
    pagination: { type: 'cursor', path: ['next_offset'], param: 'offset' },
    incremental: {
      cursorField: [resource, 'updated_at'],
      param: 'updated_at[after]',
      format: 'epoch',
      lookback: 'PT1M',
    },
  }
}
