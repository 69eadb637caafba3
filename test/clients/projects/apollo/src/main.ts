/** Apollo Client with the types of GraphQL Code Generator. Subscribes over WebSocket. */

import { createHash } from 'node:crypto'
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { createApollo } from './apollo-client.ts'
import { account, key, report, url } from './environment.ts'
import { graphql } from './generated/gql.ts'

const WORKSPACE = graphql(`query Workspace($id: ID!) { node(id: $id) { __typename ... on Workspace { id slug } } }`)
const CONNECT = graphql(`mutation Connect($input: CreateConnectionInput!) {
  createConnection(input: $input) {
    __typename
    ... on CreateConnectionPayload { connection { id status } syncJob { id } }
    ... on Error { code message }
  }
}`)
const EVENTS = graphql(`subscription SyncJobEvents($syncJobId: ID!, $after: Cursor) {
  syncJobEvents(syncJobId: $syncJobId, after: $after) { __typename id cursor type ... on SyncProgressed { recordsRead } }
}`)
const RECORDS = graphql(`query Records($id: ID!, $after: String) {
  node(id: $id) {
    __typename
    ... on Connection {
      id
      records(first: 100, after: $after) { edges { cursor node { id primaryKey data } } pageInfo { hasNextPage endCursor } }
    }
  }
}`)

const { client, socket } = createApollo(url, key)
const hashes = createPersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex') })
client.setLink(hashes.concat(client.link))

const { data: found } = await client.query({ query: WORKSPACE, variables: { id: account.workspaceId } })
const workspace = found?.node?.__typename === 'Workspace' ? found.node.slug : undefined

async function connect(input: typeof account) {
  const { data } = await client.mutate({ mutation: CONNECT, variables: { input } })
  if (data == null) throw new Error('The mutation returned nothing.')
  return data.createConnection
}
const refused = await connect({ ...account, integration: 'missing' })
if (refused.__typename === 'CreateConnectionPayload') throw new Error('The mutation was not refused.')
const created = await connect(account)
if (created.__typename !== 'CreateConnectionPayload') throw new Error(created.message)
const { connection, syncJob } = created
// @ts-expect-error The document does not select it.
void connection.displayName

const events: string[] = []
const variables = { syncJobId: syncJob?.id ?? '' }
await new Promise<void>((resolve, reject) => {
  client.subscribe({ query: EVENTS, variables }).subscribe({
    next: ({ data, error }) => (data == null ? reject(error) : events.push(data.syncJobEvents.__typename)),
    error: reject,
    complete: resolve,
  })
})

// The cache joins the pages.
const records = client.watchQuery({ query: RECORDS, variables: { id: connection.id } })
const sizes: number[] = []
for (let after: string | null | undefined = null; ; ) {
  const { edges, pageInfo } = await readPage(after)
  sizes.push(edges.length)
  if (!pageInfo.hasNextPage) break
  after = pageInfo.endCursor
}
async function readPage(after: string | null | undefined) {
  const { data } = await records.fetchMore({ variables: { after } })
  if (data?.node?.__typename !== 'Connection') throw new Error('The connection is missing.')
  return data.node.records
}
const joined = client.readQuery({ query: RECORDS, variables: { id: connection.id } })
const edges = joined?.node?.__typename === 'Connection' ? joined.node.records.edges : []
const keys = new Set(edges.map(({ node }) => node.primaryKey.join())).size
report({ workspace, refused, events, pages: sizes, keys })
client.stop()
await socket.dispose()
