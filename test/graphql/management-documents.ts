const error = `... on Error { code message } ... on InvalidInputError { fields { path } }`
const connection = `connection { id displayName externalId status statusReason method metadata input collection { name }
  schedule { cron intervalSeconds timezone nextRunAt paused } credential { type version failedRefreshes lastError { reason } } }`
const resolution = `connection { id } chosen reason`

function changing(name: string, payload: string): string {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Payload { ${payload} } ${error} } }`
}

/** The mutations that change and delete, each with the fields that the tests check. */
export const changes = {
  updateWorkspace: changing(
    'updateWorkspace',
    'workspace { id name slug redirectUrls confirmation branding { name logoUrl color } }',
  ),
  deleteWorkspace: changing('deleteWorkspace', 'deletedId'),
  deleteEndUser: changing('deleteEndUser', 'deletedId deletedConnections'),
  updateIntegration: changing(
    'updateIntegration',
    'integration { id displayName baseUrl definition auth { type } oauthClient { clientId redirectUrl scopes } }',
  ),
  deleteIntegration: changing('deleteIntegration', 'deletedId'),
  updateConnection: changing('updateConnection', connection),
  replaceCredential: changing('replaceCredential', connection),
  deleteConnection: changing('deleteConnection', 'deletedId'),
  cancelSync: changing('cancelSync', 'syncJob { id status }'),
} as const

export const resolveConnection = `query ($input: ResolveConnectionInput!) { resolveConnection(input: $input) { __typename
  ... on ResolveConnectionPayload { connection { id } why { ${resolution} } }
  ... on AmbiguousError { candidates { ${resolution} } } ${error} } }`
