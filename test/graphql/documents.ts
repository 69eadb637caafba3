const error = `... on Error { __typename code message status traceId details } ... on InvalidInputError { fields { path message } }`
const record = `id stream primaryKey data deleted changedAt changeCursor`
const page = `totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

/** The GraphQL documents of the tests, each with the fields that they check. */
export const documents = {
  createWorkspace: `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { __typename
    ... on CreateWorkspacePayload { workspace { id name slug redirectUrls confirmation branding { name logoUrl color } createdAt } } ${error} } }`,
  createApiKey: `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
    ... on CreateApiKeyPayload { key apiKey { id name role prefix expiresAt revokedAt } } ${error} } }`,
  revokeApiKey: `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename
    ... on RevokeApiKeyPayload { apiKey { id revokedAt } } ${error} } }`,
  upsertEndUser: `mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { __typename
    ... on UpsertEndUserPayload { created endUser { id externalId displayName email metadata } } ${error} } }`,
  createIntegration: `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
    ... on CreateIntegrationPayload { integration { id slug displayName definition } } ${error} } }`,
  createConnection: `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
    ... on CreateConnectionPayload {
      connection { id displayName externalId status method metadata input endUser { externalId } collection { name }
        credential { type scopes expiresAt refreshable version lastError { reason } } }
      syncJob { id status }
    } ${error} } }`,
  triggerSync: `mutation ($input: TriggerSyncInput!) { triggerSync(input: $input) { __typename
    ... on TriggerSyncPayload { syncJob { id status } } ${error} } }`,
  cancelSync: `mutation ($input: CancelSyncInput!) { cancelSync(input: $input) { __typename
    ... on CancelSyncPayload { syncJob { id status } } ${error} } }`,
  syncJob: `query ($id: ID!) { node(id: $id) { ... on SyncJob { status trigger attempt recordsRead recordsWritten recordsDeleted
    pagesRead bytesRead streams { name status recordsRead } error { code message status providerStatus providerMessage stream } } } }`,
  records: `query ($id: ID!, $first: Int, $after: String, $changedAfter: Cursor) { node(id: $id) { ... on Connection {
    records(first: $first, after: $after, changedAfter: $changedAfter) { ${page} nodes { ${record} } } } } }`,
  collectionRecords: `query ($id: ID!, $name: String!, $first: Int, $after: String, $changedAfter: Cursor) { workspace(id: $id) {
    collection(name: $name) { records(first: $first, after: $after, changedAfter: $changedAfter) { ${page} nodes { ${record} } } } } }`,
  syncJobEvents: `subscription ($syncJobId: ID!, $after: Cursor) { syncJobEvents(syncJobId: $syncJobId, after: $after) {
    __typename id cursor type occurredAt ... on SyncFailed { error { code message status providerStatus providerMessage } } } }`,
  connectionEvents: `subscription ($connectionId: ID!, $after: Cursor) { connectionEvents(connectionId: $connectionId, after: $after) {
    __typename cursor type } }`,
  workspaceEvents: `subscription ($workspaceId: ID!, $types: [EventType!], $after: Cursor) {
    workspaceEvents(workspaceId: $workspaceId, types: $types, after: $after) { __typename cursor type } }`,
} as const
