import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ConnectionRecordsDocument,
  type ConnectionRecordsQuery,
  CreateConnectionDocument,
  CreateIntegrationDocument,
  CreateWorkspaceDocument,
  SyncJobDocument,
  SyncJobEventsDocument,
  TriggerSyncDocument,
} from '../../schema/generated/graphql.ts'
import { createGraphQLClient, type GraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { startVerdaccio, type Verdaccio } from '../support/verdaccio.ts'

const COUNT = 300
const names = Array.from({ length: COUNT }, (_, index) => `sample-${String(index + 1).padStart(3, '0')}`)
const republished = 'sample-150'

type ReadRecord = Extract<NonNullable<ConnectionRecordsQuery['node']>, { id: string }>['records']['nodes'][number]

let registry: Verdaccio
let program: Program
let client: GraphQLClient
let workspaceId = ''
let connectionId = ''

beforeAll(async () => {
  registry = await startVerdaccio()
  program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
  const { createWorkspace } = await client.request(CreateWorkspaceDocument, { input: { name: 'Registry' } })
  if (createWorkspace.__typename !== 'CreateWorkspacePayload') throw new Error(createWorkspace.message)
  workspaceId = createWorkspace.workspace.id
})

afterAll(async () => {
  await client?.close()
  await program?.stop()
  await registry?.stop()
})

async function createIntegration(slug: string, stream: Record<string, unknown>): Promise<void> {
  const definition = {
    displayName: 'Verdaccio',
    baseUrl: registry.url,
    auth: { type: 'bearer' },
    testRequest: { path: '/-/whoami' },
    streams: [{ name: 'packages', ...stream }],
  }
  const { createIntegration: result } = await client.request(CreateIntegrationDocument, {
    input: { workspaceId, slug, definition },
  })
  expect(result).toMatchObject({ __typename: 'CreateIntegrationPayload' })
}

/** Creates a connection. @returns its id and that of its first sync job */
async function connect(integration: string, token: string): Promise<{ id: string; syncJobId: string }> {
  const { createConnection } = await client.request(CreateConnectionDocument, {
    input: { workspaceId, integration, credential: { secretText: token }, syncImmediately: true },
  })
  if (createConnection.__typename !== 'CreateConnectionPayload') throw new Error(createConnection.message)
  if (createConnection.syncJob === null) throw new Error('createConnection returned no sync job.')
  return { id: createConnection.connection.id, syncJobId: createConnection.syncJob.id }
}

/** Waits until a job has ended, by its events. @returns the job */
async function finished(syncJobId: string) {
  for await (const { syncJobEvents } of client.subscribe(SyncJobEventsDocument, { syncJobId })) {
    expect(syncJobEvents.cursor).toEqual(expect.any(String))
  }
  const { node } = await client.request(SyncJobDocument, { id: syncJobId })
  if (node === null || !('status' in node)) throw new Error('The job is gone.')
  return node
}

async function syncAgain() {
  const { triggerSync } = await client.request(TriggerSyncDocument, { input: { connectionId } })
  if (triggerSync.__typename !== 'TriggerSyncPayload') throw new Error(triggerSync.message)
  return finished(triggerSync.syncJob.id)
}

async function readAll(changedAfter?: string): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  let after: string | null = null
  do {
    const page: ConnectionRecordsQuery = await client.request(ConnectionRecordsDocument, {
      connectionId,
      first: 100,
      after,
      changedAfter,
    })
    if (page.node === null || !('records' in page.node)) throw new Error('The connection is gone.')
    records.push(...page.node.records.nodes)
    after = page.node.records.pageInfo.hasNextPage ? page.node.records.pageInfo.endCursor : null
  } while (after !== null)
  return records
}

describe('a package registry (verdaccio)', () => {
  it('accepts 300 packages, published with the token that it issued', async () => {
    const waiting = [...names]
    const publisher = async () => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) await registry.publish(name, '1.0.0')
    }
    await Promise.all(Array.from({ length: 10 }, publisher))
    const headers = { authorization: `Bearer ${registry.token}` }
    // It returns at most 250 packages in a page.
    const response = await fetch(`${registry.url}/-/v1/search?text=sample&size=250&from=250`, { headers })
    expect(await response.json()).toMatchObject({ total: COUNT - 250 })
  })

  it('is read completely by offset, with an injected token, and every package becomes a record', async () => {
    await createIntegration('verdaccio', {
      path: '/-/v1/search',
      query: { text: 'sample' },
      recordsPath: 'objects',
      primaryKey: ['package.name'],
      pagination: { type: 'offset', param: 'from', limitParam: 'size', size: 40 },
    })
    const { id, syncJobId } = await connect('verdaccio', registry.token)
    connectionId = id
    expect(await finished(syncJobId)).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      recordsRead: COUNT,
      recordsWritten: COUNT,
      recordsDeleted: 0,
      // Eight pages, and the empty page after them.
      pagesRead: 9,
    })
    const records = await readAll()
    expect(records.map(({ primaryKey }) => primaryKey[0]).sort()).toEqual(names)
    expect(records.find(({ primaryKey }) => primaryKey[0] === republished)).toMatchObject({
      stream: 'packages',
      deleted: false,
      data: { package: { name: republished, 'dist-tags': { latest: '1.0.0' } } },
    })
  })

  it('is read again without a write when nothing has changed', async () => {
    expect(await syncAgain()).toMatchObject({
      status: 'SUCCEEDED',
      recordsRead: COUNT,
      recordsWritten: 0,
      recordsDeleted: 0,
    })
  })

  it('yields one changed record after one package was published again', async () => {
    const before = await readAll()
    const newest = before.at(-1)?.changeCursor
    await registry.publish(republished, '1.1.0')
    expect(await syncAgain()).toMatchObject({
      status: 'SUCCEEDED',
      recordsRead: COUNT,
      recordsWritten: 1,
      recordsDeleted: 0,
    })
    const changed = await readAll(newest)
    expect(changed).toMatchObject([
      { primaryKey: [republished], data: { package: { 'dist-tags': { latest: '1.1.0' } } }, deleted: false },
    ])
    expect(await readAll()).toHaveLength(COUNT)
  })

  it('fails a job with its own message when it refuses the token', async () => {
    await createIntegration('verdaccio-package', {
      path: `/${republished}`,
      recordsPath: 'maintainers',
      primaryKey: ['name'],
    })
    const token = 'not-a-token-that-it-issued'
    const { id, syncJobId } = await connect('verdaccio-package', token)
    const job = await finished(syncJobId)
    expect(job).toMatchObject({
      status: 'FAILED',
      recordsRead: 0,
      error: {
        code: 'RECONNECT_REQUIRED',
        status: 400,
        providerStatus: 401,
        providerMessage: `authorization required to access package ${republished}`,
        stream: 'packages',
      },
    })
    expect(job.error?.message).toContain(`authorization required to access package ${republished}`)
    expect(id).not.toBe(connectionId)
    expect(program.stdout() + program.stderr()).not.toContain(token)
  })

  it('leaves its token neither in the log nor in a file of the data folder', async () => {
    expect(program.stdout() + program.stderr()).not.toContain(registry.token)
    const entries = await readdir(program.dataDir, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const found = []
    let holdsPackages = false
    for (const file of files) {
      const bytes = await readFile(file)
      if (bytes.includes(registry.token)) found.push(file)
      holdsPackages ||= bytes.includes(republished)
    }
    expect(found).toEqual([])
    // The search itself works: it finds stored data.
    expect(holdsPackages).toBe(true)
  })
})
