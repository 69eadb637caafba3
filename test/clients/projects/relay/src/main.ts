/** Relay without React: its compiler, network layer and store. Subscribes with graphql-sse. */
import {
  commitMutation,
  fetchQuery,
  getFragment,
  getSingularSelector,
  graphql,
  requestSubscription,
} from 'relay-runtime'
import type { main_records$data, main_records$key } from './__generated__/main_records.graphql.ts'
import type { mainConnectMutation } from './__generated__/mainConnectMutation.graphql.ts'
import type { mainEventsSubscription } from './__generated__/mainEventsSubscription.graphql.ts'
import NEXT_PAGE, { type mainRecordsPageQuery } from './__generated__/mainRecordsPageQuery.graphql.ts'
import type { mainRecordsQuery } from './__generated__/mainRecordsQuery.graphql.ts'
import type { mainWorkspaceQuery } from './__generated__/mainWorkspaceQuery.graphql.ts'
import { account, key, report, url } from './environment.ts'
import { createRelayEnvironment } from './relay-environment.ts'

const WORKSPACE = graphql`query mainWorkspaceQuery($id: ID!) { node(id: $id) { __typename ... on Workspace { slug } } }`
const CONNECT = graphql`
  mutation mainConnectMutation($input: CreateConnectionInput!) {
    createConnection(input: $input) {
      __typename
      ... on CreateConnectionPayload { connection { id status } syncJob { id } }
      ... on Error { code message }
    }
  }
`
const EVENTS = graphql`
  subscription mainEventsSubscription($syncJobId: ID!) {
    syncJobEvents(syncJobId: $syncJobId) { __typename id cursor type ... on SyncProgressed { recordsRead } }
  }
`
const RECORDS = graphql`
  fragment main_records on Connection
  @argumentDefinitions(first: { type: "Int", defaultValue: 100 }, after: { type: "String" })
  @refetchable(queryName: "mainRecordsPageQuery") {
    records(first: $first, after: $after) @connection(key: "main_records") {
      edges { node { id primaryKey data } }
      pageInfo { hasNextPage endCursor }
    }
  }
`
const FIRST_PAGE = graphql`query mainRecordsQuery($id: ID!) { node(id: $id) { ...main_records @alias(as: "connection") } }`

const environment = createRelayEnvironment(url, key)

const found = await fetchQuery<mainWorkspaceQuery>(environment, WORKSPACE, { id: account.workspaceId }).toPromise()
const workspace = found?.node?.__typename === 'Workspace' ? found.node.slug : undefined

const connect = (input: typeof account) =>
  new Promise<mainConnectMutation['response']['createConnection']>((resolve, reject) => {
    commitMutation<mainConnectMutation>(environment, {
      mutation: CONNECT,
      variables: { input },
      onCompleted: ({ createConnection }) => resolve(createConnection),
      onError: reject,
    })
  })
const refused = await connect({ ...account, integration: 'missing' })
const { code, message } = refused
if (code == null || message == null) throw new Error('The mutation was not refused.')
const { connection, syncJob, message: problem } = await connect(account)
if (connection === undefined) throw new Error(problem)
// @ts-expect-error The document does not select it.
void connection.displayName

const events: string[] = []
await new Promise<void>((resolve, reject) => {
  requestSubscription<mainEventsSubscription>(environment, {
    subscription: EVENTS,
    variables: { syncJobId: syncJob?.id ?? '' },
    onNext: (data) => void (data != null && events.push(data.syncJobEvents.__typename)),
    onCompleted: resolve,
    onError: reject,
  })
})

const { id } = connection
const first = await fetchQuery<mainRecordsQuery>(environment, FIRST_PAGE, { id }).toPromise()
const reference: main_records$key | null | undefined = first?.node?.connection
/** The records that the store has so far: it joins the pages. */
function stored(): main_records$data['records'] {
  const selector = getSingularSelector(getFragment(RECORDS), reference)
  if (selector == null) throw new Error('The connection is missing.')
  return (environment.lookup(selector).data as main_records$data).records
}
const sizes: number[] = [stored().edges.length]
for (let page = stored(); page.pageInfo.hasNextPage; page = stored()) {
  const variables = { id, after: page.pageInfo.endCursor }
  await fetchQuery<mainRecordsPageQuery>(environment, NEXT_PAGE, variables).toPromise()
  sizes.push(stored().edges.length - page.edges.length)
}
const keys = new Set(stored().edges.map(({ node }) => node.primaryKey.join())).size
report({ workspace, refused: { __typename: refused.__typename, code, message }, events, pages: sizes, keys })
