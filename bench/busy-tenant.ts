import { createServer } from 'node:http'
import { decodeGlobalId } from '../src/graphql/kernel/global-id.ts'
import type { ProgramUnderLoad } from './program-under-load.ts'

/** A workspace with many and with large rows. */
export interface BusyTenant {
  /** The server of this process: `/large` is 8 MB of JSON, `/slow` a stream of one byte per second that does not end. */
  providerUrl: string
  workspaceId: string
  /** A connection that can send requests to a server of this process. */
  connectionId: string
  /** 2,000 records of one kilobyte. */
  manyRecordsId: string
  /** 200 records of 900 kilobytes. */
  largeRecordsId: string
  readerKey: string
}

/**
 * Creates a workspace with connections of 500 end users, the first four of each with five jobs, two connections with records, and
 * one that sends requests to a server of this process.
 */
export async function addBusyTenant(load: ProgramUnderLoad, connectionsPerUser = 4): Promise<BusyTenant> {
  const { mutate, client } = load
  const providerUrl = await startProvider()
  const { workspace } = await mutate<{ workspace: { id: string } }>(
    'createWorkspace',
    { name: 'Busy' },
    'workspace { id }',
  )
  const workspaceId = workspace.id
  const { key: readerKey } = await mutate<{ key: string }>(
    'createApiKey',
    { workspaceId, name: 'reader', role: 'READER' },
    'key',
  )
  const definition = { displayName: 'n', baseUrl: providerUrl, auth: { type: 'bearer' } }
  await mutate('createIntegration', { workspaceId, slug: 'busy', definition }, 'integration { id }')
  const connect = async (externalId: string) => {
    const credential = { fields: { token: 'a bearer token' } }
    const input = { workspaceId, integration: 'busy', externalId, credential }
    const { connection } = await mutate<{ connection: { id: string } }>('createConnection', input, 'connection { id }')
    return connection.id
  }
  const [connectionId = '', manyRecordsId = '', largeRecordsId = ''] = [
    await connect('requests'),
    await connect('many'),
    await connect('large'),
  ]
  const workspaceRow = decodeGlobalId('Workspace', workspaceId)
  await client.query(
    `INSERT INTO end_user (id, workspace_id, external_id, display_name, email)
     SELECT gen_random_uuid(), $1::uuid, 'user-' || n, 'User ' || n, 'user' || n || '@example.com' FROM generate_series(1, 500) n`,
    [workspaceRow],
  )
  await client.query(
    `INSERT INTO connection (id, workspace_id, integration_id, end_user_id, display_name, external_id, status, method, metadata)
     SELECT gen_random_uuid(), $1::uuid, i.id, e.id, 'Connection ' || n, e.external_id || '-' || n, 'ACTIVE', 'SECRET',
       jsonb_build_object('plan', 'gold', 'text', repeat('x', 200))
     FROM integration i, end_user e, generate_series(1, $2::int) n WHERE i.workspace_id = $1::uuid AND e.workspace_id = $1::uuid`,
    [workspaceRow, connectionsPerUser],
  )
  await client.query(
    `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, status, records_read, finished_at)
     SELECT gen_random_uuid(), $1::uuid, c.id, 'MANUAL', 'SUCCEEDED', n, now() FROM connection c, generate_series(1, 5) n
     WHERE c.workspace_id = $1::uuid AND c.external_id !~ '-([5-9]|[0-9]{2,})$'`,
    [workspaceRow],
  )
  const addRecords = async (id: string, count: number, sql: string) => {
    const row = decodeGlobalId('Connection', id)
    await client.query(
      `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'items', json_build_array(n::text), (${sql})::json, '\\x00'
       FROM generate_series(1, $3::int) n`,
      [workspaceRow, row, count],
    )
    await client.query(
      `INSERT INTO stream_state (connection_id, name, workspace_id, record_count) VALUES ($1::uuid, 'items', $2::uuid, $3::int)`,
      [row, workspaceRow, count],
    )
  }
  await addRecords(manyRecordsId, 2_000, `json_build_object('id', n, 'text', repeat(md5(n::text), 32))`)
  // Text that does not compress well.
  const long = `(SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, 28125) m)`
  await addRecords(largeRecordsId, 200, `json_build_object('id', n, 'text', ${long})`)
  await client.query('ANALYZE')
  return { providerUrl, workspaceId, connectionId, manyRecordsId, largeRecordsId, readerKey }
}

async function startProvider(): Promise<string> {
  const large = JSON.stringify(Array.from({ length: 80_000 }, (_, id) => ({ id, text: 'x'.repeat(80) })))
  const server = createServer(({ url }, response) => {
    if (url === '/slow') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':')
      const timer = setInterval(() => response.write(':'), 1_000).unref()
      response.once('close', () => clearInterval(timer))
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(url === '/large' ? large : '{"ok":true,"items":[1,2,3]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const { port } = server.address() as { port: number }
  return `http://127.0.0.1:${port}`
}

/** The most expensive request that a READER may send while it selects almost nothing of the response. */
export function largeResponse(tenant: BusyTenant): { query: string; variables: object } {
  return {
    query: `mutation ($id: ID!) { executeRequest(input: { connectionId: $id, method: GET, path: "/large" }) {
      ... on ExecuteRequestPayload { response { status } } ... on Error { code message } } }`,
    variables: { id: tenant.connectionId },
  }
}

/** Counts of connections by a search, which reads all of them: the database works, and this process does not. */
export function slowCounts(tenant: BusyTenant): { query: string; variables: object } {
  const counts = Array.from(
    { length: 4 },
    (_, alias) => `a${alias}: connections(first: 1, filter: { search: "absent ${alias}" }) { totalCount nodes { id } }`,
  )
  return {
    query: `query ($id: ID!) { workspace(id: $id) { ${counts.join(' ')} } }`,
    variables: { id: tenant.workspaceId },
  }
}

/** Queries of different shapes, by name, each with its variables. */
export function shapesOf(tenant: BusyTenant): Record<string, { query: string; variables: object }> {
  const workspace = { id: tenant.workspaceId }
  return {
    viewer: { query: '{ viewer { kind role } }', variables: {} },
    'one connection': {
      query: 'query ($id: ID!) { node(id: $id) { ... on Connection { id displayName status createdAt } } }',
      variables: { id: tenant.connectionId },
    },
    '100 connections': {
      query:
        'query ($id: ID!) { workspace(id: $id) { connections(first: 100) { nodes { id displayName status metadata } } } }',
      variables: workspace,
    },
    '50 connections with end user and jobs': {
      query: `query ($id: ID!) { workspace(id: $id) { connections(first: 50) { nodes { id displayName status
        endUser { externalId displayName } syncJobs(first: 3) { nodes { id status recordsRead finishedAt } } } } } }`,
      variables: workspace,
    },
    '100 connections with 5 jobs and integration': {
      query: `query ($id: ID!) { workspace(id: $id) { connections(first: 100) { nodes { id displayName status createdAt
        integration { id slug displayName } endUser { id externalId email connections(first: 4) { nodes { id status } } }
        syncJobs(first: 5) { nodes { id status recordsRead recordsWritten finishedAt } } } } } }`,
      variables: workspace,
    },
    '100 end users with 4 connections with 5 jobs': {
      query: `query ($id: ID!) { workspace(id: $id) { endUsers(first: 100) { nodes { id externalId displayName
        connections(first: 4) { totalCount nodes { id status syncJobs(first: 5) { totalCount nodes { id status recordsRead } } } } } } } }`,
      variables: workspace,
    },
    '100 records of 1 kB': {
      query:
        'query ($id: ID!) { node(id: $id) { ... on Connection { records(first: 100) { totalCount nodes { id data changedAt } } } } }',
      variables: { id: tenant.manyRecordsId },
    },
    '100 records of 900 kB': {
      query:
        'query ($id: ID!) { node(id: $id) { ... on Connection { records(first: 100) { nodes { id data } pageInfo { hasNextPage } } } } }',
      variables: { id: tenant.largeRecordsId },
    },
    executeRequest: {
      query: `mutation ($id: ID!) { executeRequest(input: { connectionId: $id, method: GET, path: "/" }) {
        ... on ExecuteRequestPayload { response { status body } } ... on Error { message } } }`,
      variables: { id: tenant.connectionId },
    },
    'a long document that is not valid': {
      query: `query { ${Array.from({ length: 300 }, (_, index) => `noSuchField${index}`).join(' ')} }`,
      variables: {},
    },
  }
}
