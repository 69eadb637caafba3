import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { streamFailure } from '../../../src/sync/jobs/sync-error.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { failureOf, hurriedClock, readStream } from './read-fixture.ts'

const answering =
  (body: unknown, status = 200): ProviderHandler =>
  (_request, response) =>
    sendJson(response, body, {}, status)

describe('a failed request', () => {
  it('is repeated after a status 500, with backoff', async () => {
    const read = await readStream(
      (_request, response, count) => sendJson(response, [{ id: 1 }], {}, count < 3 ? 500 : 200),
      {},
    )
    expect(read.data).toEqual([{ id: 1 }])
    expect(read.waitsMs).toEqual([500, 1000])
    expect(read.retries.map(({ attempt, reason }) => [attempt, reason])).toEqual([
      [1, expect.stringContaining('status 500')],
      [2, expect.stringContaining('status 500')],
    ])
  })

  it('is repeated after the connection is lost', async () => {
    const read = await readStream((_request, response, count) => {
      if (count === 1) response.destroy()
      else sendJson(response, [{ id: 1 }])
    }, {})
    expect(read.data).toEqual([{ id: 1 }])
    expect(read.retries).toHaveLength(1)
  })

  it('is given up after five tries, with the provider’s words and without the credential', async () => {
    const read = await readStream(answering({ error: { message: 'down; your token good-token-0123456789' } }, 500), {})
    expect(failureOf(read)).toEqual({
      code: 'PROVIDER',
      status: 502,
      stream: 'items',
      providerStatus: 500,
      providerMessage: 'down; your token [redacted]',
      message: expect.stringContaining('Gave up after 5 tries'),
    })
    expect(read.server.requests).toHaveLength(5)
  })

  it.each<[string, ProviderHandler]>([
    ['a status 503', (_request, response) => sendJson(response, { message: 'maintenance' }, {}, 503)],
    ['lost connections', (_request, response) => void response.destroy()],
  ])('is repeated for 15 minutes after %s, with growing pauses', async (_name, handler) => {
    const lasting = await readStream(handler, {})
    const total = lasting.waitsMs.reduce((sum, ms) => sum + ms, 0)
    expect(total).toBe(900_000)
    expect(lasting.waitsMs.slice(0, -1)).toEqual(lasting.waitsMs.slice(0, -1).toSorted((a, b) => a - b))
    expect(Math.max(...lasting.waitsMs)).toBe(120_000)
    expect(failureOf(lasting).message).toContain(`Gave up after ${lasting.server.requests.length} tries`)
    const passing = await readStream((request, response, count) => {
      if (count <= 10) handler(request, response, count)
      else sendJson(response, [{ id: 1 }])
    }, {})
    expect(passing.data).toEqual([{ id: 1 }])
    expect(passing.retries).toHaveLength(10)
  })

  it.each<[string, Record<string, string>, string | Buffer]>([
    ['HTML', { 'content-type': 'text/html' }, '<html>Bad gateway</html>'],
    ['JSON that is cut short', { 'content-type': 'application/json' }, '[{"id":1},{"i'],
    ['nothing', { 'content-type': 'application/json' }, ''],
    ['gzip that cannot be unpacked', { 'content-encoding': 'gzip' }, gzipSync('[{"id":1}]').fill(7, 12)],
  ])('is repeated after a status 200 with %s', async (_name, headers, body) => {
    const bad: ProviderHandler = (_request, response) => void response.writeHead(200, headers).end(body)
    const once = await readStream((request, response, count) => {
      if (count === 1) bad(request, response, count)
      else sendJson(response, [{ id: 1 }])
    }, {})
    expect(once.error).toBeUndefined()
    expect(once.data).toEqual([{ id: 1 }])
    expect(once.retries).toHaveLength(1)
    const always = await readStream(bad, {})
    expect(failureOf(always)).toMatchObject({
      code: 'PROVIDER',
      message: expect.stringContaining('Gave up after 5 tries'),
    })
  })

  it('is repeated after HTML in place of lines', async () => {
    const read = await readStream(
      (_request, response, count) =>
        count === 1
          ? void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
          : void response.writeHead(200, { 'content-type': 'text/csv' }).end('id\n1\n'),
      { format: 'csv' },
    )
    expect(read.data).toEqual([{ id: '1' }])
  })

  it('is repeated after Retry-After, at most after 15 minutes', async () => {
    const { clock, waitsMs } = hurriedClock()
    const read = await readStream(
      (_request, response, count) =>
        count === 1
          ? sendJson(response, {}, { 'retry-after': '7' }, 429)
          : count === 2
            ? sendJson(response, {}, { 'retry-after': new Date(clock.now() + 86_400_000).toUTCString() }, 429)
            : count === 3
              ? sendJson(response, {}, {}, 429)
              : sendJson(response, [{ id: 1 }]),
      {},
      { clock },
    )
    expect(read.data).toEqual([{ id: 1 }])
    expect(waitsMs).toEqual([7_000, 900_000, 20_000])
  })

  it('is given up after ten waits for a rate limit', async () => {
    const read = await readStream(answering({ message: 'slow down' }, 429), {})
    expect(failureOf(read)).toMatchObject({ code: 'PROVIDER', providerStatus: 429, providerMessage: 'slow down' })
    expect(read.server.requests).toHaveLength(11)
  })

  it('is not repeated after a status 404', async () => {
    const read = await readStream(answering({ detail: 'no such thing' }, 404), {})
    expect(failureOf(read)).toMatchObject({ code: 'PROVIDER', providerStatus: 404, providerMessage: 'no such thing' })
    expect(read.server.requests).toHaveLength(1)
  })

  it.each([{}, [], null, ''])('has no words of the provider when the response is %j', async (body) => {
    const read = await readStream(answering(body, 403), {})
    expect(failureOf(read).message).toMatch(/^Stream \w+: The provider \D+403\)?\.( Connect|$)/)
    expect(failureOf(read).providerMessage).toBeUndefined()
  })

  it('advises to reconnect after a status 401', async () => {
    const read = await readStream(answering({ message: 'Bad credentials' }, 401), {})
    expect(failureOf(read)).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      status: 400,
      providerStatus: 401,
      providerMessage: 'Bad credentials',
      message: expect.stringMatching(/It says: Bad credentials\. Connect the account again, or inject a new token\./),
    })
    expect(read.server.requests).toHaveLength(1)
  })

  it('fails only its stream after a status 403, with the provider’s words and without a renewal', async () => {
    const read = await readStream(answering({ message: 'Your plan has no API.' }, 403), {})
    expect(failureOf(read)).toMatchObject({
      code: 'PROVIDER',
      status: 502,
      providerStatus: 403,
      providerMessage: 'Your plan has no API.',
    })
    expect(streamFailure(read.error, 'items')).toMatchObject({ providerStatus: 403 })
    expect(read.server.requests).toHaveLength(1)
  })

  it('is recognised by the definition’s rules', async () => {
    const read = await readStream(
      answering({ ok: false, error: 'token_revoked' }),
      { recordsPath: ['d'] },
      { definition: { responseErrors: [{ path: ['ok'], equals: false, as: 'auth', message: ['error'] }] } },
    )
    expect(failureOf(read)).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      providerStatus: 200,
      providerMessage: 'token_revoked',
    })
  })

  it('rejects with the signal’s reason when the signal aborts', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const read = await readStream(() => abort.abort(reason), {}, { signal: abort.signal })
    expect(read.error).toBe(reason)
  })

  it('obeys the rate limit of the definition', async () => {
    const read = await readStream(
      (request, response) => sendJson(response, request.url.search === '?p=4' ? [] : [{ id: request.url.search }]),
      { pagination: { type: 'page', param: 'p', size: 1 } },
      { definition: { rateLimit: { requestsPerSecond: 0.001 } } },
    )
    expect(read.error).toBeUndefined()
    expect(read.waitsMs).toEqual([1_000_000, 1_000_000, 1_000_000])
  })
})

describe('the charset of an answer', () => {
  const answeringBytes =
    (type: string, ...bytes: (string | number)[]): ProviderHandler =>
    (_request, response) => {
      const body = Buffer.concat(bytes.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))
      response.writeHead(200, { 'content-type': type }).end(body)
    }
  const latin = ['[{"id":"', 0xe9, '"},{"id":"', 0xe8, '"}]'] as const

  it.each(['ISO-8859-1', '"latin1"', 'windows-1252'])(
    'is the declared one when the bytes are not UTF-8: %s',
    async (name) => {
      const read = await readStream(answeringBytes(`application/json; charset=${name}`, ...latin), {})
      expect(read.data).toEqual([{ id: 'é' }, { id: 'è' }])
      expect(new Set(read.pages.flatMap((page) => page.records.ids)).size).toBe(2)
    },
  )

  it.each(['application/json', 'application/json; charset=utf-8', 'application/json; charset=klingon'])(
    'fails the stream when the bytes are not in it: %s',
    async (type) => {
      const read = await readStream(answeringBytes(type, ...latin), {})
      expect(read.pages).toEqual([])
      expect(failureOf(read)).toMatchObject({ code: 'PROVIDER', message: expect.stringContaining('charset') })
    },
  )

  it('is UTF-8 when the bytes are valid UTF-8, whatever is declared, with or without a byte order mark', async () => {
    const utf8 = JSON.stringify([{ id: 'é' }, { id: '\ufffd' }])
    for (const text of [utf8, `\ufeff${utf8}`]) {
      const read = await readStream(answeringBytes('application/json; charset=ISO-8859-1', text), {})
      expect(read.data).toEqual([{ id: 'é' }, { id: '\ufffd' }])
    }
  })
})
