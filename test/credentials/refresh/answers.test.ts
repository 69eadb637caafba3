import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { serverAnswers } from '../../support/databases.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { openRefreshFixture, REQUEST_TIMEOUT_MS, type RefreshFixture, type RefreshProcess } from './refresh-fixture.ts'

describe.skipIf(!serverAnswers)('A token endpoint', () => {
  let fixture: RefreshFixture
  let worker: RefreshProcess
  let server: ProviderServer
  let answer: (response: ServerResponse) => void | Promise<void>
  beforeAll(async () => {
    fixture = await openRefreshFixture()
    worker = await fixture.startProcess({ lateResponseMs: 2 * REQUEST_TIMEOUT_MS })
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
    fixture.addConnection({
      tokenUrl: `${server.origin}/token`,
      mintRefreshToken: async () => 'the first refresh token',
    })
  const tokens = { access_token: 'new', token_type: 'Bearer', expires_in: 3600 }

  it('that sends no refresh token: the old one is kept, in a new version (RF-08)', async () => {
    answer = (response) => sendJson(response, tokens)
    const connectionId = await connect()
    expect(await worker.ask({ connectionId })).toEqual([{ token: 'Bearer new' }])
    expect(await fixture.refreshToken(connectionId)).toBe('the first refresh token')
    expect(await fixture.credential(connectionId)).toMatchObject({ version: 2, attempt_id: null })
    await fixture.expire(connectionId)
    expect(await worker.ask({ connectionId })).toEqual([{ token: 'Bearer new' }])
    expect((await fixture.credential(connectionId)).version).toBe(3)
    expect(server.requests.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual([
      'the first refresh token',
      'the first refresh token',
    ])
  })

  it('that sends its response byte by byte is aborted at the limit for late responses, and not called again in the quiet period (RF-07)', async () => {
    const gone = Promise.withResolvers<void>()
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const text = JSON.stringify(tokens)
      let sent = 0
      // The whole response takes three times the timeout, without a long pause.
      const every = (3 * REQUEST_TIMEOUT_MS) / text.length
      const timer = setInterval(() => {
        response.write(text.charAt(sent))
        sent += 1
      }, every)
      response.on('close', () => {
        clearInterval(timer)
        gone.resolve()
      })
    }
    const connectionId = await connect()
    expect(await worker.ask({ connectionId, callers: 20 })).toEqual(
      Array.from({ length: 20 }, () => expect.objectContaining({ reason: 'PROVIDER_UNAVAILABLE' })),
    )
    await gone.promise
    // The rest of the response is unknown: no renewal begins before the quiet period is over.
    const { attempt_id: attemptId, version } = await fixture.credential(connectionId)
    expect([attemptId === null, version]).toEqual([false, 1])
    const [waits] = await fixture.database.sql.query<{ ms: number }>(
      'SELECT extract(epoch FROM retry_at - failed_at)::float8 * 1000 AS ms FROM credential WHERE connection_id = $1::uuid',
      [connectionId],
    )
    expect(waits?.ms).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS)
    expect(server.requests).toHaveLength(1)
  })

  it('that states when the refresh token expires: the end is kept while the token is the same', async () => {
    const endOf = async (connectionId: string) => {
      const [row] = await fixture.database.sql.query<{ seconds: number | null }>(
        'SELECT extract(epoch FROM refresh_expires_at - now())::float8 AS seconds FROM credential WHERE connection_id = $1::uuid',
        [connectionId],
      )
      return row?.seconds ?? null
    }
    const connectionId = await connect()
    answer = (response) => sendJson(response, { ...tokens, refresh_token_expires_in: 86_400 })
    await worker.ask({ connectionId })
    expect(await endOf(connectionId)).toBeGreaterThan(86_000)
    answer = (response) => sendJson(response, tokens)
    await worker.ask({ connectionId, force: true })
    expect(await endOf(connectionId)).toBeGreaterThan(86_000)
    answer = (response) => sendJson(response, { ...tokens, refresh_token: 'another refresh token' })
    await worker.ask({ connectionId, force: true })
    expect(await endOf(connectionId)).toBeNull()
  })

  it('that sends its response in pieces within the timeout: the token is stored (RF-07)', async () => {
    answer = async (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      for (const piece of JSON.stringify(tokens).match(/.{1,8}/g) ?? []) {
        response.write(piece)
        await new Promise(setImmediate)
      }
      response.end()
    }
    const connectionId = await connect()
    expect(await worker.ask({ connectionId })).toEqual([{ token: 'Bearer new' }])
    expect(server.requests).toHaveLength(1)
  })
})
