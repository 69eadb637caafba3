import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLogger } from '../../../src/kit/log.ts'
import { systemClock } from '../../../src/kit/time.ts'
import { createSharedRateLimiter } from '../../../src/requests/rate-limit.ts'
import { documents } from '../../graphql/documents.ts'
import { serverAnswers } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../../tools/request-fixture.ts'

const STREAMS = [
  { name: 'projects', path: '/projects', primaryKey: ['id'] },
  { name: 'tasks', parent: { stream: 'projects' }, path: '/projects/{{ parent.id }}/tasks', primaryKey: ['id'] },
  { name: 'invoices', path: '/invoices', primaryKey: ['number'], format: 'csv' },
]

describe.skipIf(!serverAnswers)('the program', () => {
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture('server')
  })
  afterAll(() => fixture.close())

  it('syncs sub-streams and CSV, each record with its complete primary key', async () => {
    const { app, workspace } = fixture
    fixture.answer(({ url }, response) => {
      if (url.pathname === '/api/projects') return sendJson(response, [{ id: 1 }, { id: 2 }])
      if (url.pathname === '/api/invoices') {
        response.writeHead(200, { 'content-type': 'text/csv' }).end('number,text\r\nA-1,"one, two"\r\n')
        return undefined
      }
      return sendJson(response, [{ id: 'x', at: url.pathname }])
    })
    const connectionId = await fixture.connect({ definition: { streams: STREAMS } })
    const { syncJob } = await app.mutate(documents.triggerSync, { connectionId }, workspace.key)
    await vi.waitFor(async () => {
      const { data } = await app.request(documents.syncJob, { id: syncJob.id }, workspace.key)
      expect(data.node).toMatchObject({ status: 'SUCCEEDED', error: null, recordsRead: 5 })
    }, 20_000)
    const { data } = await app.request(documents.records, { id: connectionId, first: 100 }, workspace.key)
    const records: { primaryKey: string[]; data: unknown }[] = data.node.records.nodes
    expect(records.map(({ primaryKey, data: stored }) => [primaryKey, stored])).toEqual([
      [['1'], { id: 1 }],
      [['2'], { id: 2 }],
      [['1', 'x'], { id: 'x', at: '/api/projects/1/tasks' }],
      [['2', 'x'], { id: 'x', at: '/api/projects/2/tasks' }],
      [['A-1'], { number: 'A-1', text: 'one, two' }],
    ])
  })

  it('shares a Retry-After of a provider between its processes', async () => {
    const { database } = fixture.app
    fixture.answer((_request, response) => sendJson(response, { error: 'slow down' }, { 'retry-after': '45' }, 429))
    const definition = { rateLimit: { requestsPerSecond: 50 } }
    const connectionId = await fixture.connect({ definition })
    const request = { connectionId, method: 'GET', path: '/things' }
    expect(await fixture.run('executeRequest', request)).toMatchObject({ response: { status: 429 } })
    // A request that would wait longer than its caller allows is rejected and not sent.
    expect(await fixture.run('executeRequest', request)).toMatchObject({
      __typename: 'RateLimitedError',
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 10 && seconds <= 45),
    })
    expect(fixture.provider.requests).toHaveLength(1)
    const waitsMs: number[] = []
    const clock = { ...systemClock, sleep: async (ms: number) => void waitsMs.push(ms) }
    const another = createSharedRateLimiter({ database, clock, logger: createLogger({ level: 'silent' }) })
    const [row] = await database.sql.query<{ integration_id: string }>(
      'SELECT integration_id FROM connection WHERE id = $1::uuid',
      [rowId(connectionId)],
    )
    await another.wait(row?.integration_id ?? '', 50, new AbortController().signal)
    expect(waitsMs).toEqual([expect.toSatisfy((ms: number) => ms > 10_000 && ms <= 46_000)])
  })
})
