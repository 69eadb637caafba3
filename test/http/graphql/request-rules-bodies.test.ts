import { afterEach, describe, expect, it, vi } from 'vitest'
import { type SmallServer, type SmallServerOptions, startSmallServer } from '../small-server.ts'
import { type RawConnection, rawConnection } from './raw-http.ts'

let server: SmallServer
let opened: RawConnection[] = []
afterEach(async () => {
  for (const { socket } of opened) socket.destroy()
  opened = []
  await server.stop()
})

const start = async (options: SmallServerOptions = {}) => {
  server = await startSmallServer({ production: true, quick: true, ...options })
}

interface Sent {
  path?: string
  key?: string
  type?: string
  length?: number | 'chunked'
  /** The address of the client, which a proxy names. */
  from?: string
  /** The begin of the body. */
  body?: string
}

/** Begins a request. The test decides how much of its body it sends. */
async function begin({ path = '/graphql', key, from, type = 'application/json', length = 'chunked', body = '' }: Sent) {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Type: ${type}`]
  lines.push(length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`)
  if (from !== undefined) lines.push(`X-Forwarded-For: ${from}`)
  if (key !== undefined) lines.push(`Authorization: Bearer ${key}`)
  const connection = await rawConnection(server.port, `${lines.join('\r\n')}\r\n\r\n${body}`)
  opened.push(connection)
  return connection
}

const chunked = (text: string, size: number) => {
  const chunks = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? []
  return chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
}
const operation = (bytes: number) =>
  JSON.stringify({ query: '{ hello }', variables: { x: 'x'.repeat(Math.max(0, bytes - 42)) } })

describe('A body in small chunks', () => {
  it.each([
    ['an operation', { key: 'admin' }],
    ['an operation of an unknown caller', {}],
    ['a form', { path: '/connect/x', type: 'application/x-www-form-urlencoded' }],
  ] satisfies [string, Sent][])('is refused when it has very many: %s', async (_what, sent) => {
    await start()
    // Without an end: the answer cannot wait for it.
    const { closed } = await begin({ ...sent, body: chunked(' '.repeat(10_000), 1) })
    expect(await closed).toMatch(/^HTTP\/1.1 400 .*too many small chunks/s)
  })

  it('closes the connection where no route reads it', async () => {
    await start()
    const { closed } = await begin({ path: '/nothing', body: chunked(' '.repeat(10_000), 1) })
    expect(await closed).toMatch(/^HTTP\/1.1 404 /)
  })

  it.each([
    ['a thousand of one byte', 1_000, 1],
    ['many of a size that clients send', 900_000, 200],
  ])('is accepted: %s', async (_what, bytes, size) => {
    await start()
    const { saw } = await begin({ key: 'admin', body: `${chunked(operation(bytes), size)}0\r\n\r\n` })
    expect(await saw(/world/)).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('A large body of an unknown caller', () => {
  it.each([
    ['with a length', { length: 500_000, body: operation(20_000) }],
    ['in chunks', { body: chunked(operation(20_000), 5_000) }],
    ['with a wrong key', { key: 'wrong', length: 500_000 }],
    ['of another type', { length: 500_000, type: 'application/json; charset=utf-8' }],
  ] satisfies [string, Sent][])('is refused before it is received: %s', async (_what, sent) => {
    for (const options of [{}, { production: false }]) {
      await start(options)
      const { saw } = await begin({ ...sent })
      const answer = await saw(/\}\]\}/)
      // `application/json` has the status 200 for errors of the operation, by the specification.
      expect(answer).toMatch(/^HTTP\/1.1 200 .*access-control-allow-origin.*"code":"UNAUTHENTICATED"/s)
      await server.stop()
    }
    await start()
  })

  it('counts as one failed attempt, as a small one does', async () => {
    await start({ failuresPerMinute: 4 })
    for (const bytes of [100, 30_000, 100, 30_000]) {
      expect((await server.post(operation(bytes), { authorization: '' })).text).toContain('UNAUTHENTICATED')
    }
    for (const bytes of [100, 30_000]) {
      expect(await server.post(operation(bytes), { authorization: '' })).toMatchObject({ status: 429 })
    }
  })
})

describe('A large body', () => {
  it('costs points although it is refused, and is not parsed when the caller has none', async () => {
    await start({ rateLimit: 600 })
    const invalid = ' '.repeat(1_000_000)
    const statuses: number[] = []
    for (let time = 0; time < 5; time += 1) statuses.push((await server.post(invalid)).status)
    expect(statuses).toEqual([400, 400, 400, 429, 429])
    expect((await server.post(invalid)).json.errors?.[0]?.extensions['code']).toBe('RATE_LIMITED')
    // Other callers, and small operations.
    expect(await server.query('{ hello }')).toEqual({ data: { hello: 'world' } })
    expect((await server.post(operation(1_000_000), { authorization: 'Bearer other' })).status).toBe(200)
  })
})

describe('The bodies of unknown callers', () => {
  it('hold a limited amount of memory together, and those of known callers are received meanwhile', async () => {
    await start({ server: { unknownBodiesBytes: 100_000 } })
    const part = 'x'.repeat(40_000)
    const held = await Promise.all([1, 2, 3].map(() => begin({ path: '/webhooks/other', length: 900_000, body: part })))
    const refusal = await Promise.race(held.map(({ closed }) => closed))
    expect(refusal).toMatch(/^HTTP\/1.1 503 .*retry-after: 5/is)
    const known = await server.post(operation(300_000))
    expect(known.json).toEqual({ data: { hello: 'world' } })
    for (const { socket } of held) socket.destroy()
    await vi.waitFor(async () => {
      const next = await fetch(`${server.url}/webhooks/other`, { method: 'POST', body: 'x'.repeat(90_000) })
      expect(next.status).toBe(404)
    })
  })

  it('of one address hold a part of it, also behind a trusted proxy', async () => {
    const trustedProxies = ['127.0.0.1']
    await start({
      trustedProxies,
      server: { trustedProxies, unknownBodiesBytes: 1_000_000, unknownBodiesBytesPerAddress: 100_000 },
    })
    const held = await Promise.all(
      [1, 2, 3].map(() =>
        begin({ path: '/webhooks/other', from: '192.0.2.1', length: 900_000, body: 'x'.repeat(40_000) }),
      ),
    )
    expect(await Promise.race(held.map(({ closed }) => closed))).toMatch(/^HTTP\/1.1 503 .*retry-after: 5/is)
    const next = await fetch(`${server.url}/webhooks/other`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '192.0.2.2' },
      body: 'x'.repeat(90_000),
    })
    expect(next.status).toBe(404)
  })

  it('are not received where no route reads them, and of webhooks only as much as one may have', async () => {
    await start({ server: { unknownBodiesBytes: 10 } })
    const nowhere = await begin({ path: '/nowhere', length: 2_000_000, body: 'x'.repeat(1_000) })
    expect(await nowhere.saw(/\r\n\r\n/)).toMatch(/^HTTP\/1.1 404 /)
    const large = await begin({ path: '/webhooks/other', length: 1024 * 1024 + 1 })
    expect(await large.saw(/\r\n\r\n/)).toMatch(/^HTTP\/1.1 404 /)
  })
})
