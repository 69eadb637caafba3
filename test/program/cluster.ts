import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { expect, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase } from '../support/databases.ts'
import { createGraphQLClient, type GraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { sharedEnv } from './main-job.ts'

/** Gateways and workers over one database, and what the tests of them do again and again. */
export interface Cluster extends AsyncDisposable {
  key: string
  start(role: 'gateway' | 'worker' | 'all', env?: Record<string, string>): Promise<Program>
  client(program: Program, options?: Parameters<typeof createGraphQLClient>[0]['webSocket']): GraphQLClient
  /** @returns the fields of a mutation's payload. @throws when it is an error */
  mutate<Payload>(client: GraphQLClient, field: string, input: object, selection: string): Promise<Payload>
  workspace(client: GraphQLClient): Promise<string>
  /** An integration with the definition, and a connection to it. */
  connect(client: GraphQLClient, workspaceId: string, options: ConnectOptions): Promise<string>
  trigger(client: GraphQLClient, connectionId: string): Promise<string>
}

interface ConnectOptions {
  definition: object
  credential: object
}

/** @param env besides the keys; DATABASE_URL is part of it */
export function openCluster(env: Record<string, string>): Cluster {
  const shared: Record<string, string> = { ...sharedEnv(), LATCHKEY_RATE_LIMIT: '0', ...env }
  const key = shared['LATCHKEY_OPERATOR_KEY'] ?? ''
  const programs: Program[] = []
  const clients: GraphQLClient[] = []
  let integrations = 0
  const cluster: Cluster = {
    key,
    async start(role, more = {}) {
      const program = await startProgram({ env: { ...shared, ...more, LATCHKEY_ROLE: role } })
      programs.push(program)
      return program
    },
    client(program, webSocket) {
      const client = createGraphQLClient({
        url: program.graphqlUrl,
        key,
        ...(webSocket === undefined ? {} : { webSocket }),
      })
      clients.push(client)
      return client
    },
    async mutate<Payload>(client: GraphQLClient, field: string, input: object, selection: string) {
      const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`
      const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename
        ... on ${type}Payload { ${selection} } ... on Error { code message } } }`
      const { [field]: payload } = await client.request<Record<string, Payload & { __typename: string }>, object>(
        document,
        { input },
      )
      if (payload?.__typename !== `${type}Payload`) throw new Error(JSON.stringify(payload))
      return payload
    },
    async workspace(client) {
      const input = { name: 'Acme' }
      const payload = await cluster.mutate<{ workspace: { id: string } }>(
        client,
        'createWorkspace',
        input,
        'workspace { id }',
      )
      return payload.workspace.id
    },
    async connect(client, workspaceId, { definition, credential }) {
      integrations += 1
      const slug = `source-${integrations}`
      await cluster.mutate(client, 'createIntegration', { workspaceId, slug, definition }, '__typename')
      const payload = await cluster.mutate<{ connection: { id: string } }>(
        client,
        'createConnection',
        { workspaceId, integration: slug, credential },
        'connection { id }',
      )
      return payload.connection.id
    },
    async trigger(client, connectionId) {
      const payload = await cluster.mutate<{ syncJob: { id: string } }>(
        client,
        'triggerSync',
        { connectionId },
        'syncJob { id }',
      )
      return payload.syncJob.id
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.splice(0).map((client) => client.close()))
      await Promise.all(programs.splice(0).map((program) => program.kill9()))
    },
  }
  return cluster
}

/** A database and a source of the test's own, and a cluster over them. */
export interface Setting extends AsyncDisposable {
  database: Database
  /** Of the database. */
  url: string
  source: Source
  cluster: Cluster
}

export async function openSetting(
  records: number,
  pageSize: number,
  env: Record<string, string> = {},
): Promise<Setting> {
  const test = await openTestDatabase('server')
  const source = await startSource(records, pageSize)
  const url = test.url ?? ''
  const cluster = openCluster({ DATABASE_URL: url, ...env })
  return {
    database: test.database,
    url,
    source,
    cluster,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]()
      await source.close()
      await test.close()
    },
  }
}

/** The id in the database of what has this global id. */
export function localId(globalId: string): string {
  return Buffer.from(globalId, 'base64url').toString('utf8').split(':')[1] ?? ''
}

/** A source of many small records behind a bearer token. */
export interface Source extends ProviderServer {
  definition: Record<string, unknown>
  credential: { secretText: string }
  /** Null: whatever it is shown is good. */
  token: string | null
  /** The text of each record, by its id from 1 on. */
  records: string[]
  /** Done before a page is answered; what it returns, if anything, is told instead. */
  beforePage: (offset: number, authorization: string) => Promise<Answer | undefined> | Answer | undefined
}

export type Answer = (response: ServerResponse) => void

export async function startSource(count: number, pageSize: number): Promise<Source> {
  const records = Array.from(
    { length: count },
    (_, index) => `{"id":${index + 1},"name":"Größe ${(index * 7919) % 10_007}"}`,
  )
  const server = await startProvider(async ({ url, headers }, response) => {
    const offset = Number(url.searchParams.get('offset'))
    const other = await source.beforePage(offset, headers.authorization ?? '')
    if (other !== undefined) return other(response)
    if (source.token !== null && headers.authorization !== `Bearer ${source.token}`) {
      return sendJson(response, { error: 'unknown token' }, {}, 401)
    }
    return sendJson(response, `[${records.slice(offset, offset + Number(url.searchParams.get('limit'))).join(',')}]`)
  })
  const token = `source-${randomBytes(12).toString('hex')}`
  const source: Source = {
    ...server,
    definition: {
      displayName: 'Source',
      baseUrl: server.origin,
      auth: { type: 'bearer' },
      streams: [
        {
          name: 'items',
          path: '/items',
          primaryKey: ['id'],
          pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: pageSize },
        },
      ],
    },
    credential: { secretText: token },
    token,
    records,
    beforePage: () => undefined,
  }
  return source
}

export interface JobState {
  [column: string]: unknown
  status: string
  attempt: number
  records_read: number
  records_written: number
  records_deleted: number
  pages_read: number
  error: object | null
}

export async function jobState(database: Database, syncJobId: string): Promise<JobState> {
  const [row] = await database.sql.query<JobState>(
    `SELECT status::text AS status, attempt, records_read, records_written, records_deleted, pages_read, error
     FROM sync_job WHERE id = $1::uuid`,
    [localId(syncJobId)],
  )
  if (row === undefined) throw new Error('There is no such job.')
  return row
}

/** Waits for the job's end. Rejects when it has failed, and after five minutes. */
export function untilSucceeded(database: Database, syncJobId: string): Promise<JobState> {
  return vi.waitFor(
    async () => {
      const job = await jobState(database, syncJobId)
      if (job.status !== 'SUCCEEDED') throw new Error(`The job is ${JSON.stringify(job)}`)
      return job
    },
    { timeout: 300_000, interval: 50 },
  )
}

/** Expects that a connection has every record of its source, to the byte, none twice and none besides. */
export async function expectRecordsOf(source: Source, database: Database, connectionId: string): Promise<void> {
  const { texts, ...counts } = await storedRecords(database, connectionId)
  const rows = source.records.length
  expect(counts).toEqual({ rows, keys: rows, deleted: 0 })
  // Not `toEqual`: a difference in a hundred thousand lines is nothing to print.
  expect(texts.join('\n') === source.records.join('\n')).toBe(true)
}

/** What is stored of a connection: how many rows, how many different keys, and the records' texts in order. */
export async function storedRecords(
  database: Database,
  connectionId: string,
): Promise<{ rows: number; keys: number; deleted: number; texts: string[] }> {
  const rows = await database.sql.query<{ key: string; text: string; deleted: boolean }>(
    `SELECT primary_key::text AS key, data::text AS text, deleted FROM record WHERE connection_id = $1::uuid
     ORDER BY (data->>'id')::int`,
    [localId(connectionId)],
  )
  return {
    rows: rows.length,
    keys: new Set(rows.map(({ key }) => key)).size,
    deleted: rows.filter(({ deleted }) => deleted).length,
    texts: rows.map(({ text }) => text),
  }
}

export interface LoggedEvent {
  [column: string]: unknown
  position: bigint
  type: string
  sync_job_id: string | null
  payload: Record<string, unknown>
  /** By the database's clock, in milliseconds. */
  at_ms: number
}

/** The whole log of a workspace, in order. */
export function eventLog(database: Database, workspaceId: string): Promise<LoggedEvent[]> {
  return database.sql.query<LoggedEvent>(
    `SELECT position, type, sync_job_id, payload, extract(epoch FROM occurred_at)::float8 * 1000 AS at_ms
     FROM event WHERE workspace_id = $1::uuid ORDER BY position`,
    [localId(workspaceId)],
  )
}
