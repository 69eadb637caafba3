import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { openRefreshFixture, REQUEST_TIMEOUT_MS, type RefreshFixture, type RefreshProcess } from './refresh-fixture.ts'

const TOKENS = { access_token: 'new', token_type: 'Bearer', expires_in: 3600 }

describe.skipIf(!serverAnswers)('A token endpoint that refuses a renewal', () => {
  let fixture: RefreshFixture
  let worker: RefreshProcess
  let server: ProviderServer
  let answer: (response: ServerResponse) => void
  beforeAll(async () => {
    fixture = await openRefreshFixture()
    worker = await fixture.startProcess()
    server = await startProvider((_request, response) => answer(response))
  })
  afterAll(async () => {
    await fixture.close()
    await server.close()
  })
  beforeEach(() => {
    server.requests.length = 0
  })

  const connect = () =>
    fixture.addConnection({ tokenUrl: `${server.origin}/token`, mintRefreshToken: async () => randomUUID() })
  const refuse = (status: number, error: string) => {
    answer = (response) => sendJson(response, { error }, {}, status)
  }
  const set = (connectionId: string, columns: string) =>
    fixture.database.sql.query(`UPDATE credential SET ${columns} WHERE connection_id = $1::uuid`, [connectionId])
  /** Lets the wait after a failure pass. */
  const endWait = (connectionId: string) => set(connectionId, 'retry_at = now(), next_refresh_at = now()')

  it.each([
    [400, 'invalid_request'],
    [403, 'access_denied'],
  ])('with %i %s: the connection becomes NEEDS_REAUTH when that has lasted for a day', async (status, error) => {
    refuse(status, error)
    const connectionId = await connect()
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({ code: 'CREDENTIAL_REFRESH' })
    await endWait(connectionId)
    await set(connectionId, `failing_since = now() - interval '23 hours'`)
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({ code: 'CREDENTIAL_REFRESH' })
    expect(await fixture.credential(connectionId)).toMatchObject({ status: 'ERROR', failed_refreshes: 2 })
    await endWait(connectionId)
    await set(connectionId, `failing_since = now() - interval '25 hours'`)
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      reason: 'INVALID_GRANT',
    })
    expect(await fixture.credential(connectionId)).toMatchObject({ status: 'NEEDS_REAUTH' })
    expect(await fixture.events(connectionId)).toContain('CONNECTION_NEEDS_REAUTH')
  })

  it('with invalid_request after a day of outage: the day begins with the refusal', async () => {
    answer = (response) => sendJson(response, {}, { 'retry-after': '60' }, 503)
    const connectionId = await connect()
    await worker.ask({ connectionId })
    await endWait(connectionId)
    await set(connectionId, `failing_since = now() - interval '25 hours'`)
    refuse(400, 'invalid_request')
    for (const _time of [1, 2]) {
      expect((await worker.ask({ connectionId }))[0]).toMatchObject({ code: 'CREDENTIAL_REFRESH' })
      await endWait(connectionId)
    }
    expect((await fixture.credential(connectionId)).status).toBe('ERROR')
  })

  it('after a response that was lost: the reason stays LOST_IN_CRASH_WINDOW when another failure came in between', async () => {
    answer = (response) => response.destroy()
    const connectionId = await connect()
    await worker.ask({ connectionId })
    const wait = () => set(connectionId, `retry_at = now(), attempt_at = attempt_at - interval '1 hour'`)
    await wait()
    answer = (response) => sendJson(response, {}, { 'retry-after': '60' }, 503)
    expect((await worker.ask({ connectionId }))[0]).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
    await wait()
    refuse(400, 'invalid_grant')
    const [refused] = await worker.ask({ connectionId })
    expect(refused).toMatchObject({ code: 'RECONNECT_REQUIRED', reason: 'LOST_IN_CRASH_WINDOW' })
    expect(refused?.message).toContain('did not arrive in time')
  })

  it('one success ends the waits of the other connections, but not of those that are rate limited', async () => {
    answer = (response) => sendJson(response, {}, { 'retry-after': '600' }, 503)
    const integration = await connect()
    const [waiting, limited] = [await connect(), await connect()]
    // The same integration.
    await fixture.database.sql.query(
      `UPDATE connection SET integration_id = (SELECT integration_id FROM connection WHERE id = $1::uuid)
       WHERE id = ANY($2::uuid[])`,
      [integration, [waiting, limited]],
    )
    for (const connectionId of [integration, waiting]) await worker.ask({ connectionId })
    answer = (response) => sendJson(response, {}, { 'retry-after': '600' }, 429)
    await worker.ask({ connectionId: limited })
    expect((await worker.ask({ connectionId: waiting }))[0]).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
    const calls = server.requests.length
    answer = (response) => sendJson(response, TOKENS)
    // Forced, because its own wait is not over.
    expect((await worker.ask({ connectionId: integration, force: true }))[0]?.token).toBe('Bearer new')
    await released(fixture, waiting)
    expect((await worker.ask({ connectionId: waiting }))[0]?.token).toBe('Bearer new')
    expect((await worker.ask({ connectionId: limited }))[0]).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE' })
    expect(server.requests.length).toBe(calls + 2)
  })

  it('one success ends long waits after a 429 that does not say how long, and leaves the quiet period after a lost response', async () => {
    const [healthy, limited, unanswered] = [await connect(), await connect(), await connect()]
    await fixture.database.sql.query(
      `UPDATE connection SET integration_id = (SELECT integration_id FROM connection WHERE id = $1::uuid)
       WHERE id = ANY($2::uuid[])`,
      [healthy, [limited, unanswered]],
    )
    answer = (response) => sendJson(response, {}, {}, 429)
    await worker.ask({ connectionId: limited })
    answer = (response) => response.destroy()
    await worker.ask({ connectionId: unanswered })
    const later = `retry_at = now() + interval '10 minutes', next_refresh_at = now() + interval '10 minutes'`
    for (const connectionId of [limited, unanswered]) await set(connectionId, later)
    answer = (response) => sendJson(response, {}, {}, 503)
    await worker.ask({ connectionId: healthy })
    answer = (response) => sendJson(response, TOKENS)
    await worker.ask({ connectionId: healthy, force: true })
    await released(fixture, limited)
    expect((await worker.ask({ connectionId: limited }))[0]?.token).toBe('Bearer new')
    const [row] = await fixture.database.sql.query<{ ms: number }>(
      'SELECT extract(epoch FROM retry_at - attempt_at)::float8 * 1000 AS ms FROM credential WHERE connection_id = $1::uuid',
      [unanswered],
    )
    expect(row?.ms).toBeCloseTo(REQUEST_TIMEOUT_MS + 1_000, -1)
  })

  it('that asks for a wait of 31 years is asked again within 15 minutes', async () => {
    answer = (response) => sendJson(response, {}, { 'retry-after': '999999999' }, 503)
    const connectionId = await connect()
    await worker.ask({ connectionId })
    const [row] = await fixture.database.sql.query<{ ms: number }>(
      'SELECT extract(epoch FROM next_refresh_at - failed_at)::float8 * 1000 AS ms FROM credential WHERE connection_id = $1::uuid',
      [connectionId],
    )
    expect(row?.ms).toBeCloseTo(15 * 60_000, -3)
  })
})

/** Waits until a connection no longer waits for its next attempt. */
async function released(fixture: RefreshFixture, connectionId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const waiting = await fixture.database.sql.query(
        'SELECT 1 AS one FROM credential WHERE connection_id = $1::uuid AND retry_at IS NOT NULL',
        [connectionId],
      )
      expect(waiting).toEqual([])
    },
    { timeout: 30_000, interval: 20 },
  )
}
