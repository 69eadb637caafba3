import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress, type EgressRequest } from '../../src/egress/egress.ts'
import { failureOf } from './failure-of.ts'
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts'
import { type LoopbackServer, startServer } from './loopback-server.ts'

const CREDENTIALS = {
  Authorization: 'Bearer canary',
  Cookie: 'session=canary',
  'Proxy-Authorization': 'Basic canary',
  'X-Api-Key': 'canary',
}

describe('a redirect', () => {
  let home: LoopbackServer
  let elsewhere: LoopbackServer
  let secure: LoopbackServer
  let egress: Egress

  beforeAll(async () => {
    const start = (tls = false) =>
      startServer(
        (request, response) => {
          const { searchParams } = new URL(request.url ?? '', 'http://x')
          const to = searchParams.get('to')
          if (to === null) return void response.end('arrived')
          response.writeHead(Number(searchParams.get('status') ?? 302), { location: to }).end('moved')
        },
        { tls },
      )
    home = await start()
    elsewhere = await start()
    secure = await start(true)
    egress = createEgress({ allow: ['127.0.0.1'], ca: LOOPBACK_CERTIFICATE })
  })
  beforeEach(() => {
    for (const server of [home, elsewhere, secure]) server.seen.length = 0
  })
  afterAll(async () => {
    await egress.close()
    for (const server of [home, elsewhere, secure]) await server[Symbol.asyncDispose]()
  })

  const redirecting = (from: LoopbackServer, to: string, status = 302) =>
    `${from.origin}/start?status=${status}&to=${encodeURIComponent(to)}`

  const send = (request: Partial<EgressRequest> & { url: string }) =>
    egress.send({
      method: 'GET',
      headers: { ...CREDENTIALS, 'X-Trace': 'kept' },
      credentialHeaders: ['x-api-key'],
      ...request,
    })

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [307, 'POST', 'POST', 'body'],
    [308, 'POST', 'POST', 'body'],
    [301, 'PUT', 'PUT', 'body'],
    [302, 'DELETE', 'DELETE', 'body'],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [307, 'GET', 'GET', ''],
  ])('%i turns %s into %s on the same origin, and keeps the credentials', async (status, method, then, body) => {
    const url = redirecting(home, '/end?page=2', status)
    const sentBody = method === 'GET' || method === 'HEAD' ? undefined : 'body'
    const headers = { ...CREDENTIALS, 'Content-Type': 'text/plain' }
    const answer = await send({ url, method, body: sentBody, headers })
    expect([answer.status, answer.redirected, answer.url.href]).toEqual([200, true, `${home.origin}/end?page=2`])
    expect(home.seen[1]).toMatchObject({ method: then, url: '/end?page=2', body: Buffer.from(body) })
    expect(home.seen[1]?.headers).toMatchObject({ authorization: 'Bearer canary', 'x-api-key': 'canary' })
    expect(home.seen[1]?.headers['content-type']).toBe(sentBody !== undefined && body === '' ? undefined : 'text/plain')
  })

  it.each([301, 302, 303, 307, 308])('%i to another origin drops credentials and body', async (status) => {
    const url = `${redirecting(home, `${elsewhere.origin}/end?mine=1`, status)}&api_key=canary`
    await send({ url, method: 'POST', body: 'client_secret=canary' })
    expect(home.seen).toHaveLength(1)
    expect(elsewhere.seen).toMatchObject([{ url: '/end?mine=1', body: Buffer.alloc(0) }])
    expect(elsewhere.seen[0]?.headers['x-trace']).toBe('kept')
    expect(JSON.stringify(elsewhere.seen)).not.toContain('canary')
  })

  it('back to the first origin does not restore the credentials', async () => {
    await send({ url: redirecting(home, redirecting(elsewhere, `${home.origin}/end`)) })
    expect(home.seen.map(({ url }) => url)).toEqual([expect.stringContaining('/start'), '/end'])
    expect(JSON.stringify(home.seen[1])).not.toContain('canary')
  })

  it('from http to https of the same host changes the origin, and from https to http is refused', async () => {
    await send({ url: redirecting(home, `${secure.origin}/end`) })
    expect(JSON.stringify(secure.seen)).not.toContain('canary')
    const failure = await failureOf(send({ url: redirecting(secure, `${home.origin}/canary?canary`) }))
    expect(failure).toMatchObject({ kind: 'redirect', sentBytes: true, retryable: false })
    expect(String(failure)).not.toContain('canary')
    expect(home.seen).toHaveLength(1)
  })

  it('is followed at most three times', async () => {
    const chain = (hops: number): string => (hops === 0 ? '/end' : redirecting(home, chain(hops - 1)))
    expect((await send({ url: chain(3) })).url.pathname).toBe('/end')
    expect(home.seen).toHaveLength(4)
    expect(await failureOf(send({ url: chain(4) }))).toMatchObject({ kind: 'redirect', sentBytes: true })
    expect(home.seen).toHaveLength(8)
  })

  it.each(['http://user:pass@127.0.0.1/', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'to %s is refused',
    async (to) => {
      expect(await failureOf(send({ url: redirecting(home, to) }))).toMatchObject({
        kind: 'refused_url',
        sentBytes: true,
      })
    },
  )

  it('to an invalid URL is refused', async () => {
    const failure = await failureOf(send({ url: redirecting(home, 'http://[canary') }))
    expect(failure).toMatchObject({ kind: 'redirect' })
    expect(String(failure)).not.toContain('canary')
  })

  it('of a streamed body is refused if the body would have to be sent again', async () => {
    async function* body() {
      yield Buffer.from('once')
    }
    const url = redirecting(home, '/end', 307)
    expect(await failureOf(send({ url, method: 'POST', body: body() }))).toMatchObject({ kind: 'redirect' })
    expect((await send({ url: redirecting(home, '/end', 303), method: 'POST', body: body() })).status).toBe(200)
  })

  it('is an error with `never`, and nothing is sent to its target', async () => {
    const url = redirecting(home, `${elsewhere.origin}/canary`, 307)
    const failure = await failureOf(send({ url, method: 'POST', body: 'x', redirect: 'never' }))
    expect(failure).toMatchObject({ kind: 'redirect', sentBytes: true, retryable: false })
    expect(String(failure)).not.toContain('canary')
    expect(elsewhere.seen).toEqual([])
  })

  it('is returned with `manual`', async () => {
    const answer = await send({ url: redirecting(home, '/end'), redirect: 'manual' })
    expect([answer.status, answer.redirected, answer.headers.get('location')]).toEqual([302, false, '/end'])
    expect(await answer.text()).toBe('moved')
  })

  it('without a Location is an ordinary response, like any other status below 400', async () => {
    await using server = await startServer((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), request.url === '/302' ? {} : { location: '/200' }).end('x')
    })
    for (const status of [302, 300, 201]) {
      const answer = await send({ url: `${server.origin}/${status}`, redirect: 'never' })
      expect(answer.status).toBe(status)
    }
  })
})
