/**
 * A client with types from codegen. It creates a workspace, connects the records API, follows the first sync job and
 * reads the records: `node examples/typed-client/main.ts`.
 *
 * LATCHKEY_KEY must be an operator key. LATCHKEY_URL (default http://127.0.0.1:4000), RECORDS_API_URL (default
 * http://127.0.0.1:4010) and RECORDS_API_TOKEN are optional. The documents are in schema/operations; `npm run codegen`
 * writes their types to schema/generated.
 */
import { createClient } from 'graphql-ws'
import { subscribeFrom } from 'latchkey-client'
import {
  ConnectionRecordsDocument,
  CreateApiKeyDocument,
  CreateConnectionDocument,
  CreateIntegrationDocument,
  CreateWorkspaceDocument,
  SyncJobEventsDocument,
  UpsertEndUserDocument,
} from '../../schema/generated/graphql.ts'
import { assertType, createSend } from './request.ts'

const operatorKey = process.env['LATCHKEY_KEY']
if (!operatorKey)
  throw new Error('LATCHKEY_KEY is not set. Set it to the operator key that Latchkey printed at its first start.')
const url = `${process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'}/graphql`
const recordsApi = process.env['RECORDS_API_URL'] || 'http://127.0.0.1:4010'
const token = process.env['RECORDS_API_TOKEN'] || 'demo-token'

// The definition of the records API: how it authenticates, and its stream. The server validates it.
const definition = {
  displayName: 'Records API',
  baseUrl: recordsApi,
  auth: { type: 'bearer' },
  streams: [
    {
      name: 'contacts',
      path: '/contacts',
      recordsPath: 'contacts',
      primaryKey: ['id'],
      pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 },
    },
  ],
}

const say = (text: string) => process.stdout.write(`${text}\n`)

// As the operator: create a workspace, and an API key that is limited to it.
const asOperator = createSend(url, operatorKey)
const { createWorkspace } = await asOperator(CreateWorkspaceDocument, { input: { name: 'Typed client' } })
assertType(createWorkspace, 'CreateWorkspacePayload')
const { workspace } = createWorkspace
const { createApiKey } = await asOperator(CreateApiKeyDocument, {
  input: { workspaceId: workspace.id, name: 'Product backend', role: 'ADMIN' },
})
assertType(createApiKey, 'CreateApiKeyPayload')
const { key } = createApiKey
say(`Workspace ${workspace.slug}, with the key ${createApiKey.apiKey.prefix}…`)

// From here on as the product's backend, with that key.
const send = createSend(url, key)
const { upsertEndUser } = await send(UpsertEndUserDocument, {
  input: { workspaceId: workspace.id, externalId: 'user-42', displayName: 'Ada' },
})
assertType(upsertEndUser, 'UpsertEndUserPayload')
const { createIntegration } = await send(CreateIntegrationDocument, {
  input: { workspaceId: workspace.id, slug: 'records', definition },
})
assertType(createIntegration, 'CreateIntegrationPayload')
const { integration } = createIntegration
say(`Integration ${integration.slug}: ${integration.streams.map(({ name }) => name).join(', ')}`)

const { createConnection } = await send(CreateConnectionDocument, {
  input: {
    workspaceId: workspace.id,
    integration: integration.slug,
    endUserId: upsertEndUser.endUser.id,
    credential: { secretText: token },
    syncImmediately: true,
  },
})
assertType(createConnection, 'CreateConnectionPayload')
const { connection, syncJob } = createConnection
if (syncJob === null) throw new Error('The connection was created without a sync job.')
say(`Connection of ${upsertEndUser.endUser.externalId}: ${connection.status}`)

// Every event of the job once, in order, across reconnects. The loop ends after the last event.
const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  connectionParams: { authorization: `Bearer ${key}` },
  shouldRetry: () => true,
})
for await (const { syncJobEvents: event } of subscribeFrom(socket, SyncJobEventsDocument, { syncJobId: syncJob.id })) {
  if (event.__typename === 'SyncProgressed') {
    say(`  ${event.type} ${event.stream}: ${event.recordsRead} of ${event.total ?? '?'}`)
  } else if (event.__typename === 'SyncFailed') {
    throw new Error(event.error.message)
  } else say(`  ${event.type}`)
}
await socket.dispose()

// Records are a Relay cursor list: read them page by page.
async function readPage(after: string | null) {
  const { node } = await send(ConnectionRecordsDocument, { connectionId: connection.id, first: 100, after })
  if (node === null || !('records' in node)) throw new Error('The connection does not exist.')
  return node.records
}

let page = await readPage(null)
let count = page.nodes.length
while (page.pageInfo.hasNextPage) {
  page = await readPage(page.pageInfo.endCursor)
  count += page.nodes.length
}
say(`Read ${count} records.`)
