import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type ProviderHandler, sendJson, startProvider } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const answering =
  (body: unknown, status = 200): ProviderHandler =>
  (_request, response) =>
    sendJson(response, body, {}, status)

describe('an invalid page fails the job', () => {
  it.each([
    ['is not JSON', '<html>', {}, /cannot be read\. The text is not JSON: unexpected character at position 0/],
    ['is empty', '', {}, /cannot be read/],
    ['is nested too deeply', '['.repeat(500), {}, /nested more than 200 levels/],
    ['is an object instead of a list', { a: 1 }, {}, /the response is an object/],
    ['has a string as records', { data: 'oops' }, { recordsPath: ['data'] }, /data is a string/],
    ['has no records at all', { error: 'x' }, { recordsPath: ['data', 'list'] }, /data\.list is nothing/],
    ['has null as records', { data: null }, { recordsPath: ['data'] }, /data is null/],
  ])('when it %s', async (_name, body, stream, message) => {
    const text =
      typeof body === 'string'
        ? body
        : JSON.stringify(body, (_key, value: unknown) =>
            typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value,
          )
    const read = await readStream(answering(text), stream)
    expect(failureOf(read)).toMatchObject({
      code: 'PROVIDER',
      status: 502,
      stream: 'items',
      message: expect.stringMatching(message),
    })
    // What is not JSON may be the error page of a proxy, and is requested again.
    expect(read.server.requests).toHaveLength(message.source.startsWith('cannot be read') ? 5 : 1)
  })

  it.each([
    ['a link that is not a string', { next: 5 }, { type: 'next_url', path: ['next'] }, /a number as the link/],
    ['a link that is not a URL', { next: 'http://[' }, { type: 'next_url', path: ['next'] }, /not a URL/],
    [
      'a link with a password',
      { next: 'http://a:b@{host}/' },
      { type: 'next_url', path: ['next'] },
      /user name or password/,
    ],
    [
      'an object as the cursor of a query',
      { c: {} },
      { type: 'cursor', path: ['c'], param: 'c' },
      /an object as its cursor/,
    ],
    [
      'more pages, but no cursor',
      { more: true },
      { type: 'cursor', path: ['c'], param: 'c', hasMore: ['more'] },
      /there are more pages \(more\) but has no cursor \(c\)/,
    ],
  ] as const)('when it has %s', async (_name, body, pagination, message) => {
    const read = await readStream(
      (request, response) =>
        sendJson(response, JSON.stringify({ d: [{ id: 1 }], ...body }).replace('{host}', request.url.host)),
      { pagination: pagination as never, recordsPath: ['d'] },
    )
    expect(failureOf(read)).toMatchObject({ code: 'PROVIDER', message: expect.stringMatching(message) })
  })

  it('when its link leads to another host, which gets no request', async () => {
    const other = await startProvider((_request, response) => sendJson(response, []))
    const read = await readStream(
      (_request, response) => sendJson(response, { d: [{ id: 1 }], next: `${other.origin}/items` }),
      {
        pagination: { type: 'next_url', path: ['next'] },
        recordsPath: ['d'],
      },
    )
    await other.close()
    expect(failureOf(read).message).toContain('another host')
    expect(other.requests).toEqual([])
  })

  it('when it redirects to another host, which gets no request', async () => {
    const other = await startProvider((_request, response) => sendJson(response, []))
    const read = await readStream(
      (_request, response) => void response.writeHead(302, { location: `${other.origin}/x` }).end(),
      {},
    )
    await other.close()
    expect(failureOf(read)).toMatchObject({
      code: 'PROVIDER',
      message: expect.stringContaining('redirected to another host'),
    })
    expect(other.requests).toEqual([])
  })

  it('when it is compressed and has 200 MB', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    const read = await readStream(
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      {},
    )
    expect(failureOf(read)).toMatchObject({
      code: 'PROVIDER',
      message: expect.stringContaining('too large: more than 10 MiB'),
    })
  })

  it('when it never ends', async () => {
    const read = await readStream(
      async (_request, response) => {
        response.writeHead(200)
        while (!response.destroyed) {
          response.write('[['.repeat(10_000))
          await setImmediate()
        }
      },
      {},
      { maxPageBytes: 1024 * 1024 },
    )
    expect(failureOf(read).message).toContain('too large: more than 1 MiB')
  })
})

describe('a list that does not end', () => {
  it('is detected when a cursor is repeated', async () => {
    const read = await readStream(
      (request, response) =>
        sendJson(response, { d: [{ id: Math.random() }], c: request.url.searchParams.get('c') === 'a' ? 'b' : 'a' }),
      { pagination: { type: 'cursor', path: ['c'], param: 'c' }, recordsPath: ['d'] },
    )
    expect(failureOf(read).message).toMatch(/a cursor to the next page that was used before/)
    expect(read.server.requests.length).toBeLessThan(8)
  })

  it('is detected when a link leads to its own page', async () => {
    const read = await readStream(
      (_request, response, count) => sendJson(response, [{ id: count }], { link: '</items>; rel=next' }),
      { pagination: { type: 'link_header' } },
    )
    expect(failureOf(read).message).toMatch(/was used before/)
  })

  it('is detected when every cursor gives the same page', async () => {
    const read = await readStream((_request, response, count) => sendJson(response, { d: [{ id: 1 }], c: count }), {
      pagination: { type: 'cursor', path: ['c'], param: 'c' },
      recordsPath: ['d'],
    })
    expect(failureOf(read).message).toMatch(/page 3 is the same as the two pages before it: the list does not end/)
  })

  it.each(['page', 'offset'] as const)(
    'is detected within 100 requests when two pages alternate, by %s',
    async (type) => {
      const read = await readStream((_request, response, count) => sendJson(response, [{ id: count % 2 }]), {
        pagination: { type, param: 'p', size: 1 },
      })
      expect(failureOf(read).message).toMatch(
        /page \d+ is the same as page \d+, and so were others: the list does not end/,
      )
      expect(read.server.requests.length).toBeLessThan(100)
    },
  )

  it('is detected when its pages stay empty', async () => {
    const read = await readStream((_request, response, count) => sendJson(response, { d: [], c: `c${count}` }), {
      pagination: { type: 'cursor', path: ['c'], param: 'c' },
      recordsPath: ['d'],
    })
    expect(failureOf(read).message).toMatch(/1001 pages up to page 1001 have no record/)
  })
})

describe('a credential that the source repeats', () => {
  const token = 'good-token-0123456789'
  const basic = Buffer.from(`x:${token}`).toString('base64')
  const hidden = {
    id: '[redacted]',
    updated: 'at [redacted]',
    deep: [{ basic: expect.stringContaining('[redacted]') }],
    html: '<[redacted]>',
    kept: 'good-token',
  }
  const record = {
    id: token,
    updated: `at ${token}`,
    deep: [{ basic: `Basic ${basic}` }],
    html: '<good&#45;token&#x2D;0123456789>',
    kept: 'good-token',
  }

  it.each<[string, ProviderHandler, Parameters<typeof readStream>[1]]>([
    ['in a list', answering([{ id: 1 }, record]), {}],
    [
      'in an object of records',
      answering({ data: { 1: { id: 1 }, [token]: record } }),
      { records: { path: ['data'], map: true } },
    ],
    [
      'line by line',
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/x-ndjson' })
          .end(`{"id":1}\n${JSON.stringify(record)}\n`),
      { format: 'ndjson' },
    ],
  ])('is in no record, key or cursor: %s', async (_name, handler, stream) => {
    const incremental = { cursorField: ['updated'], by: 'compare' as const }
    const read = await readStream(handler, { incremental, ...stream })
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([{ id: 1 }, hidden])
    expect(JSON.stringify(read.pages)).not.toMatch(new RegExp(`${token}|${basic}`))
  })

  it('is still followed in a link to the next page', async () => {
    const read = await readStream(
      ({ url }, response) =>
        sendJson(response, {
          data: [{ id: url.searchParams.get('page') ?? '1' }],
          next: url.searchParams.has('page') ? null : `${url.origin}/items?page=2&seen=${token}`,
        }),
      { recordsPath: ['data'], pagination: { type: 'next_url', path: ['next'] } },
    )
    expect(read.data).toEqual([{ id: '1' }, { id: '2' }])
    expect(read.server.requests[1]?.url.searchParams.get('seen')).toBe(token)
  })
})

describe('the text of a record', () => {
  it.each([
    ['without a rule that reads responses', undefined],
    ['with one', [{ path: ['error'], as: 'fail' as const }]],
  ])('is stored as JSON.stringify writes it, however the source writes it, %s', async (_, responseErrors) => {
    const items = [
      '{"id":1,"n":1.50}',
      '{"id":2,"n":12345678901234567890}',
      '{"id":3,"a":1,"a":2}',
      '{"2":0,"1":0,"id":4}',
    ]
    const asWritten = ['{"id":5,"text":"é \\"x\\"","list":[1,{"b":null}]}', '{"id": 6}', '{"id":7,"text":"\\u00e9"}']
    const body = `{"data":[${[...items, ...asWritten].join()}]}`
    const read = await readStream((_request, response) => sendJson(response, body), {
      recordsPath: ['data'],
      responses: responseErrors,
    })
    const [page] = read.pages
    expect(page?.records.data).toEqual([
      '{"id":1,"n":1.5}',
      '{"id":2,"n":12345678901234567890}',
      '{"id":3,"a":2}',
      '{"1":0,"2":0,"id":4}',
      '{"id":5,"text":"é \\"x\\"","list":[1,{"b":null}]}',
      '{"id":6}',
      '{"id":7,"text":"é"}',
    ])
    expect(page?.records.digests).toEqual(
      page?.records.data.map((text) => createHash('sha256').update(text).digest('hex').slice(0, 32)),
    )
  })
})
