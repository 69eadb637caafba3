import { describe, expect, it } from 'vitest'
import type { CallerAuthenticator } from '../../../../src/access/authenticate.ts'
import { createCallerGate } from '../../../../src/http/server/caller-gate.ts'
import { createTokenBuckets } from '../../../../src/http/server/token-buckets.ts'
import { UnauthenticatedError } from '../../../../src/kit/errors.ts'
import { startTestApp } from '../../../support/app.ts'
import { startSmallServer } from '../../small-server.ts'

describe('A token bucket', () => {
  it('gives all of its points at once, and then refills', () => {
    let nowMs = 0
    const buckets = createTokenBuckets({ capacity: 10, perSecond: 2, now: () => nowMs })
    expect(buckets.take('a', 10)).toBeNull()
    expect(buckets.take('a', 1)).toBe(1)
    expect(buckets.take('b', 4)).toBeNull()
    nowMs = 1_000
    expect(buckets.take('a', 5)).toBe(2)
    expect(buckets.wait('a', 2)).toBeNull()
    expect(buckets.take('a', 2)).toBeNull()
    expect(buckets.take('a', 1)).toBe(1)
    nowMs = 1_000_000
    expect(buckets.take('a', 10)).toBeNull()
    expect(buckets.take('a', 1)).toBe(1)
  })

  it('accepts a request above its capacity when it is full, and refills from below zero', () => {
    let nowMs = 0
    const buckets = createTokenBuckets({ capacity: 10, perSecond: 1, now: () => nowMs })
    expect(buckets.take('a', 25)).toBeNull()
    expect(buckets.take('a', 1)).toBe(16)
    nowMs = 16_000
    expect(buckets.take('a', 1)).toBeNull()
  })

  it('is dropped when there are too many, least recently used first', () => {
    const buckets = createTokenBuckets({ capacity: 1, perSecond: 0.001, maxKeys: 2, now: () => 0 })
    for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, 1)
    expect(buckets.wait('a', 1)).not.toBeNull()
    expect(buckets.wait('b', 1)).toBeNull()
  })
})

describe('A caller', () => {
  it('is limited by cost, including aliases and floods of __typename, over HTTP and WebSocket (GQ-20, GQ-24)', async () => {
    const server = await startSmallServer({ rateLimit: 60 })
    const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `a${i}: hello`).join(' ')} }`
    expect((await server.query(aliases(15))).errors).toBeUndefined()
    let refused = await server.post({ query: '{ __typename }' })
    for (let sent = 1; refused.status === 200 && sent < 30; sent += 1) {
      refused = await server.post({ query: '{ __typename }' })
    }
    expect(refused.status).toBe(429)
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(refused.json).toEqual({
      errors: [
        {
          message: expect.stringContaining(`Try again in ${seconds} seconds`),
          extensions: expect.objectContaining({ code: 'RATE_LIMITED', status: 429, retryAfterSeconds: seconds }),
        },
      ],
    })
    // Another workspace is not affected, and a WebSocket does not circumvent the limit.
    expect((await server.query('{ hello }', {}, 'other')).data).toEqual({ hello: 'world' })
    const socket = await server.socket()
    const codes: unknown[] = []
    for (let sent = 0; sent < 10 && !codes.includes('RATE_LIMITED'); sent += 1) {
      socket.send({ type: 'subscribe', id: String(sent), payload: { query: '{ hello }' } })
      let message = await socket.next()
      while (message.type === 'complete') message = await socket.next()
      codes.push(JSON.stringify(message.payload).includes('RATE_LIMITED') ? 'RATE_LIMITED' : 'answered')
    }
    expect(codes).toContain('RATE_LIMITED')
    socket.socket.close()
    await server.stop()
  })

  it('has its subscriptions pause when it has used up its points, and they lose no event', async () => {
    const EVENTS = 700
    const server = await startSmallServer({
      // 50 points at once, and five per second.
      rateLimit: 300,
      typeDefs: 'type Query { hello: String! } type Subscription { ticks: Int! }',
      resolvers: {
        Query: { hello: () => 'world' },
        Subscription: {
          ticks: {
            async *subscribe() {
              for (let tick = 0; tick < EVENTS; tick += 1) yield tick
            },
            resolve: (tick: number) => tick,
          },
        },
      },
    })
    const socket = await server.socket()
    const other = await server.socket({ authorization: 'Bearer other' })
    const startedMs = performance.now()
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { ticks }' } })
    const ticks: unknown[] = []
    for (let message = await socket.next(); message.type === 'next'; message = await socket.next()) {
      ticks.push(message.payload?.data.ticks)
      if (ticks.length === EVENTS / 2) {
        other.send({ type: 'subscribe', id: '1', payload: { query: '{ hello }' } })
        expect((await other.next()).payload?.data).toEqual({ hello: 'world' })
      }
    }
    expect(ticks).toEqual(Array.from({ length: EVENTS }, (_, tick) => tick))
    expect(performance.now() - startedMs).toBeGreaterThan(1_000)
    socket.socket.close()
    other.socket.close()
    await server.stop()
  })

  it('is limited by documents that are not valid', async () => {
    const server = await startSmallServer({ rateLimit: 60 })
    const codes = new Set<unknown>()
    for (let sent = 0; sent < 20; sent += 1) {
      codes.add((await server.query(`{ noSuchField${sent} }`)).errors?.[0]?.extensions['code'])
    }
    expect(codes).toEqual(new Set(['INVALID_INPUT', 'RATE_LIMITED']))
    await server.stop()
  })

  it('gets back what a mutation that ends at once has not taken', async () => {
    // 100 points at once, and ten per second.
    const server = await startSmallServer({ rateLimit: 600 })
    const codes = []
    for (let sent = 0; sent < 40; sent += 1) codes.push((await server.query('mutation { hello }')).errors)
    expect(codes.filter((errors) => errors !== undefined)).toEqual([])
    await server.stop()
  })

  it('gets RateLimitedError as the result of mutations, which then do nothing', async () => {
    const app = await startTestApp({ config: { rateLimit: 240 } })
    const query = `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { __typename
      ... on RateLimitedError { code status retryAfterSeconds traceId } ... on Error { message } } }`
    const send = async (name: string) => {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${app.operatorKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { input: { name } } }),
      })
      return { retryAfter: response.headers.get('retry-after'), status: response.status, answer: await response.json() }
    }
    let created = 0
    let last = await send('w')
    while (last.answer.data?.createWorkspace.__typename === 'CreateWorkspacePayload' && created < 100) {
      created += 1
      last = await send(`w${created}`)
    }
    expect(created).toBeGreaterThan(1)
    const { status, retryAfter, answer } = last
    expect(status).toBe(200)
    expect(answer).toEqual({
      data: {
        createWorkspace: {
          __typename: 'RateLimitedError',
          code: 'RATE_LIMITED',
          status: 429,
          retryAfterSeconds: Number(retryAfter),
          traceId: expect.any(String),
          message: expect.stringContaining('Try again'),
        },
      },
    })
    expect(await app.database.prisma.workspace.count()).toBe(created)
    await app.stop()
  })
})

describe('Requests with invalid credentials (GQ-20)', () => {
  const known = (): CallerAuthenticator & { asked: number } => ({
    asked: 0,
    async authenticate(authorization: string | null | undefined) {
      this.asked += 1
      if (!authorization?.startsWith('Bearer good')) throw new UnauthenticatedError('Unknown.')
      return {
        kind: 'API_KEY',
        role: 'READER',
        workspaceId: 'w',
        endUserId: null,
        apiKeyId: authorization,
        connectSessionId: null,
        expiresAt: null,
      }
    },
    close: () => undefined,
  })

  it('are answered with 429 by IP address when there were too many of them', async () => {
    const gate = createCallerGate(known(), { failuresPerMinute: 5 })
    for (let i = 0; i < 5; i += 1) {
      expect((await gate.identify(`Bearer bad-${i}`, '192.0.2.1')).callerError?.code).toBe('UNAUTHENTICATED')
    }
    for (const guess of ['Bearer bad-6', null, undefined, '']) {
      const { callerError } = await gate.identify(guess, '192.0.2.1')
      expect(callerError).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) })
    }
    expect((await gate.identify('Bearer bad-1', '192.0.2.2')).callerError?.code).toBe('UNAUTHENTICATED')
  })

  it('do not block a valid credential of the same address, also one that was never used before', async () => {
    const gate = createCallerGate(known(), { failuresPerMinute: 5 })
    expect((await gate.identify('Bearer good-1', '192.0.2.1')).caller).not.toBeNull()
    for (let i = 0; i < 10; i += 1) await gate.identify(`Bearer bad-${i}`, '192.0.2.1')
    expect((await gate.identify('Bearer good-1', '192.0.2.1')).caller).not.toBeNull()
    expect((await gate.identify('Bearer good-2', '192.0.2.1')).caller).not.toBeNull()
    expect((await gate.identify('Bearer bad-11', '192.0.2.1')).callerError?.code).toBe('RATE_LIMITED')
  })

  it('are not counted against the limit when they are valid', async () => {
    const gate = createCallerGate(known(), { failuresPerMinute: 1 })
    for (let i = 0; i < 10; i += 1) await gate.identify(`Bearer good-${i}`, '192.0.2.1')
    expect((await gate.identify('Bearer bad', '192.0.2.1')).callerError?.code).toBe('UNAUTHENTICATED')
  })

  it('that are JWTs count when they arrive, and valid ones no longer when they are decided', async () => {
    const jwt = (name: string) => `Bearer ${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${name}.c2ln`
    const decided = Promise.withResolvers<void>()
    let limited = 0
    const slow: CallerAuthenticator = {
      async authenticate(authorization: string | null | undefined, _workspace, limit) {
        if (limit !== undefined) limited += 1
        await decided.promise
        return known().authenticate(authorization?.endsWith('.valid.c2ln') ? 'Bearer good' : 'Bearer bad')
      },
      close: () => undefined,
    }
    const gate = createCallerGate(slow, { failuresPerMinute: 5, jwtsInFlight: 20 })
    const burst = Array.from({ length: 20 }, (_, i) => gate.identify(jwt(i < 5 ? 'valid' : `bad${i}`), '192.0.2.1'))
    expect(limited).toBe(15)
    expect((await gate.identify(jwt('valid'), '192.0.2.1')).callerError?.code).toBe('RATE_LIMITED')
    const another = gate.identify(jwt('valid'), '192.0.2.2')
    decided.resolve()
    expect((await another).caller).not.toBeNull()
    const codes = (await Promise.all(burst)).map(({ callerError }) => callerError?.code)
    expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => undefined))
    // The five points of the valid ones are for five of the others.
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(5)
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(10)
    expect((await gate.identify(jwt('valid'), '192.0.2.1')).caller).not.toBeNull()
  })

  it('that are JWTs take turns at an address that is over its limit, and no other address waits', async () => {
    const jwt = (name: string) =>
      `Bearer ${Buffer.from(JSON.stringify({ alg: 'RS256' })).toString('base64url')}.${Buffer.from(name).toString('base64url')}.c2ln`
    let running = 0
    let most = 0
    const slow: CallerAuthenticator = {
      async authenticate(_authorization, _workspace, limit = (work) => work()) {
        await limit(async () => {
          running += 1
          most = Math.max(most, running)
          await new Promise((resolve) => setImmediate(resolve))
          running -= 1
        })
        throw new UnauthenticatedError('Unknown.')
      },
      close: () => undefined,
    }
    const gate = createCallerGate(slow, { failuresPerMinute: 1 })
    await gate.identify(jwt('first'), '192.0.2.1')
    const flood = Array.from({ length: 50 }, (_, i) => gate.identify(jwt(`flood ${i}`), '192.0.2.1'))
    expect((await gate.identify(jwt('other'), '192.0.2.2')).callerError?.code).toBe('UNAUTHENTICATED')
    const codes = new Set((await Promise.all(flood)).map(({ callerError }) => callerError?.code))
    expect([...codes]).toEqual(['RATE_LIMITED'])
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(9)
  })

  it.each([
    ['2001:db8::1', '2001:db8::2', true],
    ['2001:db8:0:0:1::', '2001:db8::ffff', true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['::1', '::2', true],
    ['fe80::1%eth0', 'fe80::2', true],
  ])('count as one client at %s and %s: %s', async (first, second, same) => {
    const gate = createCallerGate(known(), { failuresPerMinute: 1 })
    await gate.identify('Bearer bad', first)
    const { callerError } = await gate.identify('Bearer bad', second)
    expect(callerError?.code).toBe(same ? 'RATE_LIMITED' : 'UNAUTHENTICATED')
  })

  it('get 429 over HTTP and close code 4403 over WebSocket', async () => {
    const server = await startSmallServer({ failuresPerMinute: 3 })
    const headers = { authorization: 'Bearer wrong', accept: 'application/graphql-response+json' }
    for (let i = 0; i < 3; i += 1) expect((await server.post({ query: '{ hello }' }, headers)).status).toBe(200)
    const { status, headers: answered, json } = await server.post({ query: '{ hello }' }, headers)
    expect(status).toBe(429)
    expect(answered.has('retry-after')).toBe(true)
    expect(json.errors?.[0]?.extensions['code']).toBe('RATE_LIMITED')
    const refused = await server.socket(null)
    refused.send({ type: 'connection_init', payload: { authorization: 'Bearer wrong' } })
    expect((await refused.closed).code).toBe(4403)
    // The same address, with a credential that this process has not seen yet.
    const accepted = await server.socket({ authorization: 'Bearer admin' })
    accepted.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } })
    expect((await accepted.next()).payload).toEqual({ data: { hello: 'world' } })
    accepted.socket.close()
    expect(await server.query('{ hello }')).toEqual({ data: { hello: 'world' } })
    await server.stop()
  })
})
