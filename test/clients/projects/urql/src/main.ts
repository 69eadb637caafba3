/** urql with the types of gql.tada. Subscribes with Server-Sent Events. The documents of gql.tada also suit Latchkey's own client. */
import { createLatchkey } from 'latchkey-client'
import { account, key, report, url } from './environment.ts'
import { graphql } from './graphql.ts'
import { createUrql } from './urql-client.ts'

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
    ... on Connection { id records(first: 100, after: $after) { nodes { id primaryKey data } pageInfo { hasNextPage endCursor } } }
  }
}`)

const client = createUrql(url, key)

const { data: found, error } = await client.query(WORKSPACE, { id: account.workspaceId })
if (error !== undefined) throw error
const workspace = found?.node?.__typename === 'Workspace' ? found.node.slug : undefined

async function connect(input: typeof account) {
  const { data, error } = await client.mutation(CONNECT, { input })
  if (data === undefined) throw error
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
await new Promise<void>((resolve, reject) => {
  client.subscription(EVENTS, { syncJobId: syncJob?.id ?? '' }).subscribe(({ data, error, hasNext }) => {
    if (error !== undefined) reject(error)
    else if (hasNext === false) resolve()
    else if (data !== undefined) events.push(data.syncJobEvents.__typename)
  })
})

const sizes: number[] = []
const keys = new Set<string>()
for (let after: string | null = null; ; ) {
  const page: Awaited<ReturnType<typeof readPage>> = await readPage(after)
  sizes.push(page.nodes.length)
  for (const { primaryKey } of page.nodes) keys.add(primaryKey.join())
  if (!page.pageInfo.hasNextPage) break
  after = page.pageInfo.endCursor
}
async function readPage(after: string | null) {
  const { data, error } = await client.query(RECORDS, { id: connection.id, after })
  if (data?.node?.__typename !== 'Connection') throw error ?? new Error('The connection is missing.')
  return data.node.records
}

const own = createLatchkey({ url: url.replace(/\/graphql$/, ''), key })
const { node } = await own.request(WORKSPACE, { id: account.workspaceId })
if (node?.__typename !== 'Workspace' || node.slug !== workspace) throw new Error('The two clients disagree.')
report({ workspace, refused, events, pages: sizes, keys: keys.size })
