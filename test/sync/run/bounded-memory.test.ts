import { fork } from 'node:child_process'
import { once } from 'node:events'
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { Database } from '../../../src/db/database.ts'
import { requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { createPageMemory } from '../../../src/sync/read/page-memory.ts'
import { openTestDatabase, serverAnswers } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { pageOf, syncSuite } from './sync-suite.ts'
import type { WorkerOrder, WorkerReport } from './worker-process.ts'

const COUNT = 50_000
const PAGE = 1_000
/**
 * The program alone needs most of it. The records that are read here would need several times as much if held at once.
 */
const OLD_SPACE_MIB = 64
const FILLER = 'x'.repeat(500)

const record = (id: number) => ({ id, name: `Record ${id}`, filler: FILLER })

function* lines(): Generator<string> {
  for (let start = 0; start < COUNT; start += PAGE) {
    yield Array.from({ length: PAGE }, (_, index) => `${JSON.stringify(record(start + index))}\n`).join('')
  }
}

describe.skipIf(!serverAnswers)('a sync job in bounded memory', () => {
  let databaseUrl = ''
  const suite = syncSuite(async () => {
    const base = await openTestDatabase('server')
    databaseUrl = base.url ?? ''
    return base
  })

  /** Runs jobs in a process with a heap of this size. @returns one of each status that they ended with */
  async function statusesWith(oldSpaceMib: number, order: WorkerOrder): Promise<string[]> {
    const child = fork(new URL('./worker-process.ts', import.meta.url), [JSON.stringify(order)], {
      execArgv: [`--max-old-space-size=${oldSpaceMib}`],
      stdio: 'inherit',
    })
    const exited = once(child, 'exit')
    const message = await Promise.race([once(child, 'message'), exited])
    const report = message[0] as WorkerReport
    expect((await exited)[0]).toBe(0)
    return report.statuses
  }

  it('reads 100,000 records with a heap of 64 MiB', async () => {
    const server = await suite.provider(({ url }, response) => {
      if (url.pathname === '/lines') {
        response.writeHead(200, { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' })
        pipeline(Readable.from(lines()), createGzip({ level: 1 }), response, () => undefined)
        return
      }
      const start = (pageOf(url) - 1) * PAGE
      sendJson(response, start >= COUNT ? [] : Array.from({ length: PAGE }, (_, index) => record(start + index)))
    })
    const definition: DefinitionInput = {
      displayName: 'Provider',
      baseUrl: server.origin,
      auth: { type: 'none' },
      streams: [
        { name: 'lines', path: '/lines', primaryKey: ['id'] },
        { name: 'pages', path: '/pages', primaryKey: ['id'], pagination: { type: 'page', param: 'page', size: PAGE } },
      ],
    }
    const { connectionId, workspaceId, ...connection } = await suite.fixture.connect(definition)
    const syncJobId = await connection.sync()
    const order = { databaseUrl, syncJobIds: [syncJobId], definition, connectionId, workspaceId }
    expect(await statusesWith(OLD_SPACE_MIB, order)).toEqual(['SUCCEEDED'])
    const job = await suite.fixture.job(syncJobId)
    expect(job).toMatchObject({ records_read: 2 * COUNT, records_written: 2 * COUNT })
    expect(await connection.state('lines')).toMatchObject({ record_count: COUNT })
  }, 240_000)

  it('runs 24 jobs at once whose pages of 5 MB would need several times its heap', async () => {
    const jobs = 24
    const filler = 'x'.repeat(50_000)
    const page = JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, filler })))
    const server = await suite.provider((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(page)
    })
    const definition: DefinitionInput = {
      displayName: 'Provider',
      baseUrl: server.origin,
      auth: { type: 'none' },
      streams: [{ name: 'items', path: '/items', primaryKey: ['id'] }],
    }
    const syncJobIds: string[] = []
    const connections: { connectionId: string; workspaceId: string }[] = []
    for (let index = 0; index < jobs; index += 1) {
      const connection = await suite.fixture.connect(definition)
      connections.push(connection)
      syncJobIds.push(await connection.sync())
    }
    const [{ connectionId, workspaceId } = { connectionId: '', workspaceId: '' }] = connections
    const order = { databaseUrl, syncJobIds, concurrency: jobs + 1, definition, connectionId, workspaceId }
    expect(await statusesWith(160, order)).toEqual(['SUCCEEDED'])
    for (const id of syncJobIds) expect(await suite.fixture.job(id)).toMatchObject({ records_read: 100 })
  }, 240_000)

  /** A database whose writes wait once the provider has received a request. */
  function slowDatabase(isSlow: () => boolean): { database: Database; open(): void } {
    const { database } = suite.fixture
    const gate = Promise.withResolvers<void>()
    return {
      open: gate.resolve,
      database: {
        ...database,
        bulkTransaction: async (work) => {
          if (isSlow()) await gate.promise
          return database.bulkTransaction(work)
        },
      },
    }
  }

  it('holds at most one page ahead of a slow database', async () => {
    const server = await suite.provider(({ url }, response) =>
      sendJson(response, url.pathname === '/probe' || pageOf(url) > 5 ? [] : [{ id: pageOf(url) }]),
    )
    const requested = () => server.requests.filter(({ url }) => url.pathname === '/items').length
    const slow = slowDatabase(() => requested() > 0)
    const connection = await suite.fixture.connect(suite.paged(server, 1))
    suite.work({ database: slow.database })
    const id = await connection.sync()
    await vi.waitFor(() => expect(requested()).toBe(2), 10_000)
    // Long enough for a third page to be requested.
    for (let probe = 0; probe < 20; probe += 1) await (await fetch(`${server.origin}/probe`)).text()
    expect(requested()).toBe(2)
    slow.open()
    expect(await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')).toMatchObject({ records_read: 5 })
  })

  describe.each(['json', 'ndjson'] as const)('gives the memory of its pages back, of %s,', (format) => {
    /** Pages of one record; the page at which `fault` strikes is answered otherwise. */
    async function begin(fault: { page: number; status?: number; isSlow?: boolean }) {
      const server = await suite.provider(({ url }, response) => {
        const page = pageOf(url)
        if (page === fault.page && fault.status !== undefined) return sendJson(response, {}, {}, fault.status)
        const text = page > 5 ? '' : JSON.stringify({ id: page, filler: FILLER })
        response.setHeader('content-type', format === 'json' ? 'application/json' : 'application/x-ndjson')
        response.end(format === 'json' ? `[${text}]` : text)
        return undefined
      })
      const definition = suite.paged(server, 1)
      Object.assign(definition.streams?.[0] ?? {}, { format })
      const memory = createPageMemory({ limitBytes: 0 })
      const slow = slowDatabase(() => fault.isSlow === true && server.requests.length >= fault.page)
      const connection = await suite.fixture.connect(definition)
      suite.work({ memory, database: slow.database, times: { heartbeat: 20, stop: 100 } })
      return { memory, slow, id: await connection.sync() }
    }

    it.each([
      ['that were written', { page: 0 }, 'SUCCEEDED'],
      ['when the page after the one that is written is refused', { page: 3, status: 400 }, 'FAILED'],
    ] as const)('%s', async (_, fault, status) => {
      const { memory, id } = await begin(fault)
      await suite.fixture.until(id, status)
      await vi.waitFor(() => expect(memory.used).toBe(0), 10_000)
    })

    it.each([
      ['cancelled', (id: string) => requestCancel(suite.fixture, id)],
      [
        'taken over',
        (id: string) =>
          suite.fixture.database.sql.query('UPDATE sync_job SET attempt = attempt + 1 WHERE id = $1::uuid', [id]),
      ],
    ])('when the job is %s while one is written and the next one is held', async (_, end) => {
      const { memory, slow, id } = await begin({ page: 2, isSlow: true })
      const oneHeld = 3 * FILLER.length
      await vi.waitFor(() => expect(memory.used).toBeGreaterThan(2 * oneHeld), 10_000)
      await end(id)
      slow.open()
      await vi.waitFor(() => expect(memory.used).toBe(0), 10_000)
    })
  })

  it('stops reading from a provider that sends lines faster than they are written', async () => {
    const total = 64 * 2 ** 20
    let sent = 0
    async function* endless(): AsyncGenerator<string> {
      const chunk = Array.from({ length: 100 }, (_, id) => `{"id":${id},"filler":"${FILLER}"}\n`).join('')
      while (sent < total) {
        sent += chunk.length
        yield chunk
      }
    }
    const server = await suite.provider(({ url }, response) => {
      if (url.pathname === '/probe') return sendJson(response, [])
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      pipeline(Readable.from(endless()), response, () => undefined)
      return undefined
    })
    const slow = slowDatabase(() => sent > 0)
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work({ database: slow.database })
    const id = await connection.sync()
    await vi.waitFor(() => expect(sent).toBeGreaterThan(2 ** 20), 10_000)
    for (let probe = 0; probe < 50; probe += 1) await (await fetch(`${server.origin}/probe`)).text()
    // The content of the socket buffers and two pieces.
    expect(sent).toBeLessThan(total / 2)
    await requestCancel(suite.fixture, id)
    slow.open()
    await suite.fixture.until(id, 'CANCELLED')
  })
})
