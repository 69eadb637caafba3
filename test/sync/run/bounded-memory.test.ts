import { fork } from 'node:child_process'
import { once } from 'node:events'
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { Database } from '../../../src/db/database.ts'
import { requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
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
    const order: WorkerOrder = { databaseUrl, syncJobId, definition, connectionId, workspaceId }
    const child = fork(new URL('./worker-process.ts', import.meta.url), [JSON.stringify(order)], {
      execArgv: [`--max-old-space-size=${OLD_SPACE_MIB}`],
      stdio: 'inherit',
    })
    const exited = once(child, 'exit')
    const message = await Promise.race([once(child, 'message'), exited])
    const report = message[0] as WorkerReport
    expect(report.status).toBe('SUCCEEDED')
    expect((await exited)[0]).toBe(0)
    const job = await suite.fixture.job(syncJobId)
    expect(job).toMatchObject({ records_read: 2 * COUNT, records_written: 2 * COUNT })
    expect(await connection.state('lines')).toMatchObject({ record_count: COUNT })
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
