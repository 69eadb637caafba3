import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { expect, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase } from '../support/databases.ts'
import { createGraphQLClient, type GraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { sharedEnv } from './main-job.ts'

/** Gateways and workers over one database, with the operations that their tests share. */
export interface Cluster extends AsyncDisposable {
  key: string
  start(role: 'gateway' | 'worker' | 'all', env?: Record<string, string>): Promise<Program>
  client(program: Program, options?: Parameters<typeof createGraphQLClient>[0]['webSocket']): GraphQLClient
  /** Sends a mutation and returns the selected fields of its payload. Throws when the result is an error. */
  mutate<Payload>(client: GraphQLClient, field: string, input: object, selection: string): Promise<Payload>
  /** Creates a workspace and returns its id. */
  workspace(client: GraphQLClient): Promise<string>
  /** Creates an integration with the definition and a connection to it. @returns the connection's id */
  connect(client: GraphQLClient, workspaceId: string, options: ConnectOptions): Promise<string>
  /** Triggers a sync and returns the job's id. */
  trigger(client: GraphQLClient, connectionId: string): Promise<string>
}

interface ConnectOptions {
  definition: object
  credential: object
}

/** @param env environment of all processes, besides the keys. It must contain DATABASE_URL. */
export function openCluster(env: Record<string, string>): Cluster {
  const shared: Record<string, string> = { ...sharedEnv(), LATCHKEY_RATE_LIMIT: '0', ...env }
  const key = shared['LATCHKEY_OPERATOR_KEY'] ?? ''
  const programs: Program[] = []
  const clients: GraphQLClient[] = []
  let integrations = 0
  const cluster: Cluster = {
    key,
    async start(role, extra = {}) {
      const program = await startProgram({ env: { ...shared, ...extra, LATCHKEY_ROLE: role } })
      programs.push(program)
      return program
    },
    client(program, webSocket) {
      const client = createGraphQLClient({ url: program.graphqlUrl, key, webSocket })
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

/** A database, a source and a cluster that only one test uses. */
export interface Setting extends AsyncDisposable {
  database: Database
  /** Connection URL of the database. */
  url: string
  source: Source
  cluster: Cluster
}

/** @param env extra environment of all processes */
export async function openSetting(
  records: number,
  pageSize: number,
  env: Record<string, string> = {},
): Promise<Setting> {
  const test = await openTestDatabase('server', 'app')
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

/** Returns the database id that a global id contains. */
export function localId(globalId: string): string {
  return Buffer.from(globalId, 'base64url').toString('utf8').split(':')[1] ?? ''
}

/** An API with many small records that requires a bearer token. */
export interface Source extends ProviderServer {
  definition: Record<string, unknown>
  credential: { secretText: string }
  /** The token that it accepts; null accepts any. */
  token: string | null
  /** JSON text of each record, in the order of ids, which begin at 1. */
  records: string[]
  /** Called before a page is answered. When it returns a responder, that one answers instead. */
  beforePage: (offset: number, authorization: string) => Promise<Responder | undefined> | Responder | undefined
}

type Responder = (response: ServerResponse) => void

export async function startSource(count: number, pageSize: number): Promise<Source> {
  const records = Array.from(
    { length: count },
    (_, index) => `{"id":${index + 1},"name":"Größe ${(index * 7919) % 10_007}"}`,
  )
  const server = await startProvider(async ({ url, headers }, response) => {
    const offset = Number(url.searchParams.get('offset'))
    const respond = await source.beforePage(offset, headers.authorization ?? '')
    if (respond !== undefined) return respond(response)
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
  if (row === undefined) throw new Error(`There is no sync job ${syncJobId}.`)
  return row
}

/** Waits until the job has succeeded. Rejects after five minutes. */
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

/** Expects that the connection's records are exactly those of the source, byte for byte, each once. */
export async function expectRecordsOf(source: Source, database: Database, connectionId: string): Promise<void> {
  const { texts, ...counts } = await storedRecords(database, connectionId)
  const rows = source.records.length
  expect(counts).toEqual({ rows, keys: rows, deleted: 0 })
  // Not `toEqual`, which would print a difference of up to a hundred thousand lines.
  expect(texts.join('\n') === source.records.join('\n')).toBe(true)
}

/** Returns what is stored for a connection: number of rows, of distinct keys and of deleted rows, and the texts by id. */
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
  /** Time by the database's clock, in milliseconds since 1970. */
  at_ms: number
}

/** Returns all events of a workspace, in order. */
export function eventLog(database: Database, workspaceId: string): Promise<LoggedEvent[]> {
  return database.sql.query<LoggedEvent>(
    `SELECT position, type, sync_job_id, payload, extract(epoch FROM occurred_at)::float8 * 1000 AS at_ms
     FROM event WHERE workspace_id = $1::uuid ORDER BY position`,
    [localId(workspaceId)],
  )
}
