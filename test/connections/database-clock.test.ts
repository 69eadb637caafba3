import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { sendJson } from '../support/provider-server.ts'
import { shiftClock } from '../support/shifted-clock.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

// The embedded database has the clock of its process, so only a server's clock can differ.
describe.skipIf(!serverAnswers)('In a process whose clock differs from the database’s', () => {
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture('server')
    fixture.answer((_seen, response) => sendJson(response, { id: 7 }))
  })
  afterAll(() => fixture.close())
  let restoreClock: () => void = () => undefined
  afterEach(() => restoreClock())

  const auth = () => ({ type: 'oauth2', grant: 'refresh_token', tokenUrl: `${fixture.provider.origin}/token` })
  const token = { accessToken: 'access-token-0123', expiresIn: 120 }
  const get = (connectionId: string) => fixture.run('executeRequest', { connectionId, method: 'GET', path: '/me' })

  interface Times extends Record<string, unknown> {
    expires_s: number | null
    refresh_expires_s: number | null
    next_refresh_s: number | null
  }
  /** Seconds from the database's time to the times of the credential. */
  async function timesOf(connectionId: string): Promise<Times> {
    const seconds = (column: string) => `extract(epoch FROM ${column} - clock_timestamp())::float`
    const [row] = await fixture.app.database.sql.query<Times>(
      `SELECT ${seconds('expires_at')} AS expires_s, ${seconds('refresh_expires_at')} AS refresh_expires_s,
              ${seconds('next_refresh_at')} AS next_refresh_s FROM credential WHERE connection_id = $1::uuid`,
      [rowId(connectionId)],
    )
    if (row === undefined) throw new Error('The connection has no credential.')
    return row
  }

  for (const minutes of [-5, 5]) {
    const skewed = minutes < 0 ? 'five minutes slow' : 'five minutes fast'

    it(`expiresIn of createConnection counts from the database's time (${skewed}) (RF-09)`, async () => {
      restoreClock = shiftClock(minutes * 60_000)
      const connection = await fixture.connect({ auth: auth(), credential: { oauthToken: token } })
      expect(await get(connection)).toMatchObject({ response: { status: 200 } })
      const { expires_s: expiresIn, next_refresh_s: nextIn } = await timesOf(connection)
      expect(expiresIn).toBeGreaterThan(110)
      expect(expiresIn).toBeLessThanOrEqual(120)
      expect(nextIn).toBeNull()
    })

    it(`expiresIn of replaceCredential counts from the database's time (${skewed}) (RF-09)`, async () => {
      const connection = await fixture.connect({ auth: auth(), credential: { oauthToken: { accessToken: 'a' } } })
      restoreClock = shiftClock(minutes * 60_000)
      await fixture.app.mutate(
        `mutation ($input: ReplaceCredentialInput!) { replaceCredential(input: $input) { __typename ... on Error { message } } }`,
        { connectionId: connection, credential: { oauthToken: { ...token, refreshToken: `refresh ${minutes}` } } },
      )
      expect(await get(connection)).toMatchObject({ response: { status: 200 } })
      const { expires_s: expiresIn, next_refresh_s: nextIn } = await timesOf(connection)
      expect(expiresIn).toBeGreaterThan(110)
      expect(expiresIn).toBeLessThanOrEqual(120)
      // Between 50 and 85 % of the lifetime.
      expect(nextIn).toBeGreaterThan(50)
      expect(nextIn).toBeLessThanOrEqual(102)
    })

    it(`a connect session can be opened during its lifetime (${skewed})`, async () => {
      restoreClock = shiftClock(minutes * 60_000)
      const { connectUrl } = await fixture.app.mutate(
        `mutation ($input: CreateConnectSessionInput!) { createConnectSession(input: $input) { __typename
          ... on CreateConnectSessionPayload { connectUrl } ... on Error { message } } }`,
        {
          workspaceId: fixture.workspace.id,
          endUserExternalId: 'ada',
          allowedOrigins: ['https://app.example'],
          expiresInSeconds: 60,
        },
      )
      expect((await fetch(`${fixture.app.url}${new URL(connectUrl).pathname}`)).status).toBe(200)
      const [row] = await fixture.app.database.sql.query<{ in_s: number }>(
        'SELECT extract(epoch FROM expires_at - clock_timestamp())::float AS in_s FROM connect_session ORDER BY created_at DESC LIMIT 1',
      )
      expect(row?.in_s).toBeGreaterThan(50)
      expect(row?.in_s).toBeLessThanOrEqual(60)
    })

    it(`a schedule starts after its interval (${skewed})`, async () => {
      const stream = { name: 'things', path: '/things', primaryKey: [['id']] }
      const connectionId = await fixture.connect({ definition: { streams: [stream] } })
      restoreClock = shiftClock(minutes * 60_000)
      await fixture.app.mutate(
        `mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) { __typename ... on Error { message } } }`,
        { connectionId, schedule: { intervalSeconds: 120 } },
      )
      const [row] = await fixture.app.database.sql.query<{ in_s: number }>(
        'SELECT extract(epoch FROM next_run_at - clock_timestamp())::float AS in_s FROM connection WHERE id = $1::uuid',
        [rowId(connectionId)],
      )
      expect(row?.in_s).toBeGreaterThan(110)
      expect(row?.in_s).toBeLessThanOrEqual(120)
    })
  }

  it('the lifetime of an unused refresh token is known from the start, and the earlier end counts', async () => {
    const idle = { ...auth(), refreshTokenLifetime: 'PT100S' }
    const refreshToken = 'refresh-token-0123'
    const without = await fixture.connect({
      auth: idle,
      credential: { oauthToken: { accessToken: 'a', refreshToken } },
    })
    const later = await fixture.connect({
      auth: idle,
      credential: { oauthToken: { accessToken: 'a', refreshToken: `${refreshToken} 2`, expiresIn: 86_400 } },
    })
    const sooner = await fixture.connect({
      auth: idle,
      credential: { oauthToken: { accessToken: 'a', refreshToken: `${refreshToken} 3`, expiresIn: 20 } },
    })
    for (const [connection, end] of [
      [without, 100],
      [later, 100],
      [sooner, 20],
    ] as const) {
      const times = await timesOf(connection)
      expect(times.refresh_expires_s).toBeGreaterThan(90)
      expect(times.refresh_expires_s).toBeLessThanOrEqual(100)
      expect(times.next_refresh_s).toBeGreaterThan(end * 0.5 - 10)
      expect(times.next_refresh_s).toBeLessThanOrEqual(end * 0.85)
    }
  })
})
