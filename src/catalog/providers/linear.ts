import { linearActions } from '../actions/linear.ts'
import type { IntegrationDefinition } from '../definition/definition.ts'
import type { StreamDefinition } from '../definition/stream.ts'

export const linear: IntegrationDefinition = {
  displayName: 'Linear',
  docsUrl: 'https://linear.app/developers/oauth-2-0-authentication',
  categories: ['project management', 'ticketing'],
  baseUrl: 'https://api.linear.app',
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://linear.app/oauth/authorize',
    authorizationParams: { prompt: 'consent' },
    tokenUrl: 'https://api.linear.app/oauth/token',
    revocation: { url: 'https://api.linear.app/oauth/revoke' },
    scopes: ['read'],
    scopeSeparator: ',',
  },
  responseErrors: [
    { path: ['errors', 0, 'extensions', 'code'], equals: 'AUTHENTICATION_ERROR', as: 'auth' },
    { path: ['errors', 0, 'extensions', 'code'], equals: 'RATELIMITED', as: 'rate_limit' },
    { path: ['errors', 0, 'message'], as: 'fail' },
  ],
  afterConnect: [
    {
      path: '/graphql',
      json: { query: '{ organization { id } }' },
      keep: { organization_id: ['data', 'organization', 'id'] },
    },
  ],
  // linear.app/developers/webhooks
  webhook: {
    verify: {
      method: 'hmac',
      header: 'Linear-Signature',
      hash: 'sha256',
      encoding: 'hex',
      timestamp: { path: ['webhookTimestamp'], format: 'epoch_ms', tolerance: 'PT1M' },
    },
    id: "headers['linear-delivery']",
    type: 'body.type',
    connection: { value: 'body.organizationId', equals: 'kept.organization_id' },
    sync: ['Issue', 'Project', 'User'].map((type) => ({
      where: `body.type == '${type}'`,
      streams: [`${type.toLowerCase()}s`],
    })),
  },
  testRequest: { path: '/graphql', json: { query: '{ viewer { id } }' } },
  streams: [
    nodes('teams', 'id key name createdAt updatedAt'),
    nodes('users', 'id name email active createdAt updatedAt'),
    nodes('projects', 'id name description state startDate targetDate createdAt updatedAt'),
    nodes(
      'issues',
      'id identifier title priority dueDate url createdAt updatedAt completedAt canceledAt state { id name type } team { id } assignee { id } project { id }',
    ),
  ],
  actions: linearActions,
}

/** GraphQL responses have status 200, errors included. Paging follows Relay (linear.app/developers/pagination). */
function nodes(name: string, fields: string): StreamDefinition {
  return {
    name,
    path: '/graphql',
    json: {
      query: `query ($after: String) { ${name}(first: 100, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`,
      variables: {},
    },
    recordsPath: ['data', name, 'nodes'],
    primaryKey: [['id']],
    pagination: {
      type: 'cursor',
      path: ['data', name, 'pageInfo', 'endCursor'],
      param: 'variables.after',
      in: 'json',
      hasMore: ['data', name, 'pageInfo', 'hasNextPage'],
    },
  }
}
