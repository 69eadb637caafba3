import { describe, expect, it, vi } from 'vitest'
import { CredentialRefreshError } from '../../../src/kit/errors.ts'
import { requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { describeDatabases } from '../../support/databases.ts'
import { brokerOf, openedConnection } from '../../support/opened-connection.ts'
import { sendJson } from '../../support/provider-server.ts'
import { hurriedClock } from '../read/read-fixture.ts'
import { pageOf, syncSuite } from './sync-suite.ts'

const SECRET = 'canary-token-8f1c2d3e4b'

describeDatabases('a failing sync job', (open) => {
  const suite = syncSuite(open)

  it('has the provider’s own words as its error, and shows the credential nowhere', async () => {
    const server = await suite.provider((request, response) =>
      sendJson(response, { error: { message: `Bad credentials: ${request.headers.authorization}` } }, {}, 401),
    )
    const streams = ['first', 'second', 'third'].map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] }))
    const connection = await suite.fixture.connect(suite.paged(server, 1, { streams }), { token: SECRET })
    suite.work()
    const job = await suite.fixture.until(await connection.sync({ streams: ['third', 'second'] }), 'FAILED')
    expect(job.error).toEqual({
      code: 'RECONNECT_REQUIRED',
      status: 400,
      providerStatus: 401,
      providerMessage: 'Bad credentials: Bearer [redacted]',
      stream: 'second',
      message: expect.stringContaining('refused the credential'),
      traceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const { connectionId, workspaceId } = connection
    const lines = suite.fixture.log
      .map((line) => JSON.parse(line))
      .filter((line) => line.traceId === job.error?.traceId)
    expect(lines.at(-1)).toMatchObject({
      ...{ level: 'warn', msg: 'A sync job failed.', syncJobId: job.id, connectionId, workspaceId },
      ...{ errorCode: 'RECONNECT_REQUIRED', stream: 'second', providerStatus: 401 },
    })
    const rows = await suite.fixture.database.sql.query(
      'SELECT name, status::text AS status FROM sync_job_stream WHERE workspace_id = $1::uuid ORDER BY position',
      [connection.workspaceId],
    )
    expect(rows).toEqual([
      { name: 'second', status: 'FAILED' },
      { name: 'third', status: 'CANCELLED' },
    ])
    const events = await connection.events()
    expect(events.at(-1)).toMatchObject({ type: 'SYNC_FAILED', payload: { error: job.error } })
    const written = JSON.stringify([job, events, suite.fixture.log], (_key, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
    expect(written).not.toContain(SECRET)
  })

  it('has the reason as its error when the credential cannot be renewed', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    const error = (retryable: boolean) =>
      new CredentialRefreshError('The credential could not be renewed.', {
        reason: retryable ? 'PROVIDER_UNAVAILABLE' : 'INVALID_GRANT',
        retryable,
        words: { providerStatus: 400, providerError: 'invalid_grant', providerErrorDescription: 'Token revoked' },
      })
    let opens = 0
    let retryable = false
    const broker = brokerOf(() => {
      opens += 1
      throw error(retryable)
    })
    suite.work({ broker, clock: hurriedClock().clock })
    const refused = await suite.fixture.until(await connection.sync(), 'FAILED')
    expect(refused.error).toEqual({
      traceId: expect.any(String),
      code: 'CREDENTIAL_REFRESH',
      status: 400,
      message: 'The credential could not be renewed.',
      providerStatus: 400,
      providerError: 'invalid_grant',
      providerMessage: 'Token revoked',
      stream: 'items',
    })
    expect(opens).toBe(1)
    retryable = true
    const away = await suite.fixture.until(await connection.sync(), 'FAILED')
    expect(away.error).toMatchObject({ code: 'CREDENTIAL_REFRESH' })
    expect(opens).toBe(6)
    expect(server.requests).toEqual([])
  })

  it('uses a newer credential when its credential is refused in the middle of the job', async () => {
    let token = 'first-token-00'
    const server = await suite.provider((request, response, count) => {
      if (count === 2) token = 'second-token-000'
      if (request.headers.authorization !== `Bearer ${token}`) return sendJson(response, {}, {}, 401)
      sendJson(response, pageOf(request.url) < 3 ? [{ id: count }] : [])
    })
    const definition = suite.paged(server, 1)
    const connection = await suite.fixture.connect(definition)
    suite.work({
      broker: brokerOf(() => openedConnection(definition, { ...connection, token, version: token.length })),
    })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(server.requests.map(({ headers }) => headers.authorization?.slice(7, 12))).toEqual([
      'first',
      'first',
      'secon',
      'secon',
    ])
  })

  it('reports every repetition of a request', async () => {
    const server = await suite.provider((_request, response, count) =>
      sendJson(response, [{ id: 1 }], {}, count < 3 ? 500 : 200),
    )
    const connection = await suite.fixture.connect(suite.paged(server))
    suite.work({ clock: hurriedClock().clock })
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    const retries = (await connection.events()).filter(({ type }) => type === 'SYNC_RETRYING')
    expect(retries.map(({ payload }) => payload)).toEqual([
      {
        stream: 'items',
        reason: expect.stringContaining('500'),
        attempt: 1,
        retryAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      { stream: 'items', reason: expect.stringContaining('500'), attempt: 2, retryAt: expect.any(String) },
    ])
  })

  it('names a stream that the definition no longer has', async () => {
    const server = await suite.provider((_request, response) => sendJson(response, []))
    const connection = await suite.fixture.connect(suite.paged(server))
    const id = await connection.sync()
    await suite.fixture.database.sql.query(`UPDATE sync_job_stream SET name = 'gone' WHERE sync_job_id = $1::uuid`, [
      id,
    ])
    suite.work()
    expect((await suite.fixture.until(id, 'FAILED')).error).toMatchObject({
      stream: 'gone',
      message: expect.stringContaining('no longer has'),
    })
  })

  describe('with bad records', () => {
    const rows = (count: number, bad: number) =>
      Array.from({ length: count }, (_, id) => (id === bad ? { secret: 'canary-content' } : { id }))
    const connect = async (read: () => unknown[], tolerance?: number) => {
      const server = await suite.provider((_request, response) => sendJson(response, read()))
      const streams = [{ name: 'items', path: '/items', primaryKey: ['id'], tolerance }]
      const connection = await suite.fixture.connect(suite.paged(server, 1, { streams }))
      suite.work()
      return connection
    }

    it('succeeds where one of 1,000 is bad: the others are stored, and a warning has its place', async () => {
      const connection = await connect(() => rows(1_000, 499))
      const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 1_000, records_written: 999 })
      expect(job.warnings).toEqual([
        {
          stream: 'items',
          code: 'RECORDS_QUARANTINED',
          count: 1,
          message: expect.stringContaining('record 500 of page 1 has no primary key id'),
        },
      ])
      const events = await connection.events()
      expect(events.at(-1)?.payload).toMatchObject({ warnings: job.warnings })
      expect(JSON.stringify([job.warnings, events.map(({ payload }) => payload)])).not.toContain('canary-content')
    })

    it('fails where the share is above the tolerance, and names the places', async () => {
      const connection = await connect(() => rows(20, 4))
      const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'FAILED', records_written: 19, warnings: [{ count: 1 }] })
      expect(job.error).toMatchObject({
        code: 'PROVIDER',
        stream: 'items',
        message: expect.stringMatching(/1 of 20 records .* tolerance of 1 %: record 5 of page 1 has no primary key id/),
      })
      expect(await connection.state('items')).toMatchObject({ last_synced_at: null })
    })

    it.each([
      [0.05, 20, 'SUCCEEDED'],
      [0.04, 20, 'FAILED'],
      [0, 1_000, 'FAILED'],
      [undefined, 100, 'SUCCEEDED'],
      [undefined, 99, 'FAILED'],
    ])('with the tolerance %s and %s records, one of them bad, is %s', async (tolerance, count, status) => {
      const connection = await connect(() => rows(count, 3), tolerance)
      expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')).toMatchObject({ status })
    })

    it('deletes nothing: a record that was not met may be one of them', async () => {
      let bad = -1
      const connection = await connect(() => rows(200, bad))
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      bad = 7
      const job = await suite.fixture.until(await connection.sync({ fullRefresh: true }), 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 0 })
      expect(job.warnings).toMatchObject([
        { code: 'RECORDS_QUARANTINED', count: 1 },
        { code: 'DELETIONS_HELD_BACK', count: 1 },
      ])
    })

    it('counts each once when another worker continues the job', async () => {
      let held = false
      const server = await suite.provider(({ url }, response) => {
        const page = pageOf(url)
        if (page === 2 && !held) {
          held = true
          return
        }
        sendJson(response, page === 1 ? rows(200, 3) : page === 2 ? [{ id: 'x' }] : [])
      })
      const connection = await suite.fixture.connect(suite.paged(server, 200))
      const first = suite.fixture.worker()
      first.start()
      const id = await connection.sync()
      await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 1 }), 10_000)
      await vi.waitFor(() => expect(held).toBe(true), 10_000)
      await first.stop()
      expect((await suite.fixture.job(id)).warnings).toMatchObject([{ code: 'RECORDS_QUARANTINED', count: 1 }])
      suite.work()
      const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, records_written: 200 })
      expect(job.warnings).toMatchObject([{ code: 'RECORDS_QUARANTINED', count: 1 }])
    })

    it('does not read a source to its end most of whose records are bad', async () => {
      const server = await suite.provider(({ url }, response) =>
        sendJson(response, pageOf(url) < 50 ? Array.from({ length: 400 }, () => ({ at: pageOf(url) })) : []),
      )
      const connection = await suite.fixture.connect(suite.paged(server, 400))
      suite.work()
      await suite.fixture.until(await connection.sync(), 'FAILED')
      expect(server.requests.length).toBeLessThan(10)
    })
  })

  describe('that is cancelled', () => {
    it('aborts its request and writes nothing more', async () => {
      const aborted = Promise.withResolvers<void>()
      const server = await suite.provider((request, response) => {
        if (pageOf(request.url) === 1) return sendJson(response, [{ id: 1 }, { id: 2 }])
        response.on('close', () => aborted.resolve())
      })
      const connection = await suite.fixture.connect(suite.paged(server))
      suite.work()
      const id = await connection.sync()
      await vi.waitFor(async () => expect((await suite.fixture.job(id)).pages_read).toBe(1), 10_000)
      await vi.waitFor(() => expect(server.requests).toHaveLength(2), 10_000)
      expect(await requestCancel(suite.fixture, id)).toBe('CANCELLING')
      await aborted.promise
      const job = await suite.fixture.until(id, 'CANCELLED')
      expect(job).toMatchObject({ records_read: 2, error: null })
      expect((await connection.events()).at(-1)?.type).toBe('SYNC_CANCELLED')
      await expect(requestCancel(suite.fixture, id)).rejects.toMatchObject({ code: 'CONFLICT' })
    })

    it('does not wait for Retry-After', async () => {
      const server = await suite.provider((_request, response) =>
        sendJson(response, {}, { 'retry-after': '3000' }, 429),
      )
      const connection = await suite.fixture.connect(suite.paged(server))
      suite.work()
      const id = await connection.sync()
      await vi.waitFor(
        async () => expect((await connection.events()).map(({ type }) => type)).toContain('SYNC_RETRYING'),
        10_000,
      )
      await requestCancel(suite.fixture, id)
      await suite.fixture.until(id, 'CANCELLED')
      expect(server.requests).toHaveLength(1)
    })

    it('finds out by its heartbeat when no wake-up arrives', async () => {
      const server = await suite.provider(() => undefined)
      const connection = await suite.fixture.connect(suite.paged(server))
      suite.work({ times: { heartbeat: 50 } })
      const id = await connection.sync()
      await suite.fixture.until(id, 'RUNNING')
      await suite.fixture.database.sql.query(`UPDATE sync_job SET status = 'CANCELLING' WHERE id = $1::uuid`, [id])
      await suite.fixture.until(id, 'CANCELLED')
    })
  })
})
