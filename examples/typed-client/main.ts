/**
 * A client typed by codegen, from an empty server to records that were read: `node examples/typed-client/main.ts`, with
 * LATCHKEY_KEY (an operator key) and, where they are elsewhere, LATCHKEY_URL, RECORDS_API_URL and RECORDS_API_TOKEN.
 * The documents are in schema/operations; `npm run codegen` writes their types to schema/generated.
 */
import { createClient } from 'graphql-ws'
import { subscribeFrom } from 'latchkey/client'
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
if (!operatorKey) throw new Error('Set LATCHKEY_KEY to the operator key that Latchkey printed at its first start.')
const url = `${process.env['LATCHKEY_URL'] || 'http://127.0.0.1:4000'}/graphql`
const recordsApi = process.env['RECORDS_API_URL'] || 'http://127.0.0.1:4010'
const token = process.env['RECORDS_API_TOKEN'] || 'demo-token'

// How the records API authenticates, and what it has: data, checked by the server.
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

// The operator makes a workspace, and a key that reaches no further than it.
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

// From here on as the product's backend.
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
if (syncJob === null) throw new Error('The connection was made without a sync job.')
say(`Connection of ${upsertEndUser.endUser.externalId}: ${connection.status}`)

// Every event of the job once, in order, across reconnects; it ends by itself after the last.
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

// A page at a time, as any Relay list.
async function readPage(after: string | null) {
  const { node } = await send(ConnectionRecordsDocument, { connectionId: connection.id, first: 100, after })
  if (node === null || !('records' in node)) throw new Error('The connection is gone.')
  return node.records
}

let page = await readPage(null)
let count = page.nodes.length
while (page.pageInfo.hasNextPage) {
  page = await readPage(page.pageInfo.endCursor)
  count += page.nodes.length
}
say(`Read ${count} records.`)
