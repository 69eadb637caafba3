import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ProviderHandler } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const answering =
  (type: string, body: string | Uint8Array, headers: Record<string, string> = {}): ProviderHandler =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': type, ...headers }).end(body)

const CSV = '\uFEFFid,name\r\n1,"Ada ""A"""\r\n2,Bob\r\n'
const NDJSON = '{"id":1}\n{"id":9007199254740993}\n'

describe('a line-by-line body', () => {
  it.each([
    ['CSV by its media type', 'text/csv; charset=utf-8', CSV, {}],
    [
      'CSV because of its definition, whatever its media type',
      'application/octet-stream',
      CSV,
      { format: 'csv' as const },
    ],
  ])('is read as %s, without its byte order mark', async (_name, type, body, stream) => {
    const read = await readStream(answering(type, body), stream)
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([
      { id: '1', name: 'Ada "A"' },
      { id: '2', name: 'Bob' },
    ])
  })

  it.each([
    ['its media type', 'application/x-ndjson', {}],
    ['its definition', 'application/json', { format: 'ndjson' as const }],
  ])('is read as NDJSON because of %s, without loss of precision', async (_name, type, stream) => {
    const read = await readStream(answering(type, NDJSON), stream)
    expect(read.pages.flatMap((page) => page.records.data)).toEqual(['{"id":1}', '{"id":9007199254740993}'])
  })

  it('is requested with its media type in Accept, unless the definition has an Accept header', async () => {
    const ndjson = await readStream(answering('application/x-ndjson', NDJSON), { format: 'ndjson' })
    expect(ndjson.server.requests[0]?.headers.accept).toBe('application/x-ndjson, */*;q=0.5')
    const own = await readStream(
      answering('text/csv', CSV),
      { format: 'csv' },
      { definition: { headers: { Accept: 'text/csv; header=present' } } },
    )
    expect(own.server.requests[0]?.headers.accept).toBe('text/csv; header=present')
  })

  it('is read as JSON when the definition says so, or when the definition needs values from inside the JSON', async () => {
    const inside = { recordsPath: ['d'], primaryKey: ['id'] }
    for (const [body, stream] of [
      ['[{"id":1}]', { format: 'json' as const }],
      ['{"d":[{"id":1}]}', inside],
    ] as const) {
      const read = await readStream(answering('application/x-ndjson', body), stream as never)
      expect(read.data).toEqual([{ id: 1 }])
    }
  })

  it('is read in its declared charset, and refused when it is not valid in it', async () => {
    const latin = Buffer.from('id,name\n1,André\n', 'latin1')
    const read = await readStream(answering('text/csv; charset=ISO-8859-1', latin), {})
    expect(read.data).toEqual([{ id: '1', name: 'André' }])
    const wrong = await readStream(answering('text/csv', latin), {})
    expect(failureOf(wrong).message).toMatch(/page 1 cannot be read as CSV: it is not valid UTF-8/)
    const unknown = await readStream(answering('text/csv; charset=klingon', latin), {})
    expect(failureOf(unknown).message).toMatch(/charset is unknown/)
  })

  it('is yielded in pieces, and only the end of the last piece is a place to continue from', async () => {
    const lines = (from: number, count: number) =>
      ['id', ...Array.from({ length: count }, (_, index) => `${from + index}`), ''].join('\n')
    const read = await readStream(
      ({ url }, response) => {
        const offset = Number(url.searchParams.get('offset'))
        const count = offset === 0 ? 2_500 : offset === 2_500 ? 10 : 0
        response.writeHead(200, { 'content-type': 'text/csv' }).end(lines(offset, count))
      },
      { pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 2_500 } },
      { start: { kind: 'offset', offset: 0 } },
    )
    const second = { kind: 'offset', offset: 2_500 }
    expect(read.pages.map(({ number, records, resume }) => [number, records.read, resume])).toEqual([
      [1, 1_000, { kind: 'offset', offset: 0 }],
      [1, 1_000, { kind: 'offset', offset: 0 }],
      [1, 500, second],
      [2, 10, { kind: 'offset', offset: 2_510 }],
      [3, 0, null],
    ])
    expect(read.data).toHaveLength(2_510)
    expect(read.pages.reduce((sum, page) => sum + page.bytesRead, 0)).toBe(
      lines(0, 2_500).length + lines(2_500, 10).length + lines(2_510, 0).length,
    )
  })

  it('may be far larger than a page of JSON, also when it is compressed', async () => {
    const filler = 'x'.repeat(300)
    const body = Array.from({ length: 60_000 }, (_, id) => `{"id":${id},"filler":"${filler}"}\n`).join('')
    expect(body.length).toBeGreaterThan(18 * 1024 * 1024)
    const read = await readStream(answering('application/x-ndjson', gzipSync(body), { 'content-encoding': 'gzip' }), {})
    expect(read.error).toBeUndefined()
    expect(new Set(read.pages.flatMap((page) => page.records.ids)).size).toBe(60_000)
    expect(Math.max(...read.pages.map((page) => page.records.read))).toBe(1_000)
  })

  it('is yielded in pieces of a few MiB, the column names that each record of CSV repeats included', async () => {
    const body = `id,${'a'.repeat(60_000)}\n${Array.from({ length: 500 }, (_, id) => `${id},\n`).join('')}`
    const read = await readStream(answering('text/csv', gzipSync(body), { 'content-encoding': 'gzip' }), {})
    expect(read.error).toBeUndefined()
    const sizes = read.pages.map(({ records }) => records.data.join('').length)
    expect(Math.max(...sizes)).toBeLessThan(5 * 1024 * 1024)
    expect(read.pages.reduce((sum, { records }) => sum + records.read, 0)).toBe(500)
  })

  it('is requested again from its start when it breaks off, and given up after five times', async () => {
    const lines = Array.from({ length: 1_500 }, (_, id) => `{"id":${id}}\n`).join('')
    const breaking: ProviderHandler = (_request, response, count) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      if (count >= 3) response.end(`${lines}{"id":1500}\n`)
      else response.write(lines, () => response.destroy())
    }
    const read = await readStream(breaking, {})
    expect(read.error).toBeUndefined()
    expect(new Set(read.pages.flatMap((page) => page.records.ids)).size).toBe(1_501)
    expect(read.retries).toHaveLength(2)
    const never = await readStream((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write('{"id":1}\n', () => response.destroy())
    }, {})
    expect(failureOf(never).message).toMatch(
      /closed the connection before its response was complete.*Gave up after 5 tries/,
    )
    expect(never.server.requests).toHaveLength(5)
  })

  it.each([
    [
      'a line that is not JSON',
      'application/x-ndjson',
      '{"id":1}\n{oops\n',
      {},
      /page 1 cannot be read as NDJSON: line 2 cannot be read/,
    ],
    [
      'a line with too few fields',
      'text/csv',
      'id,name\n1\n',
      {},
      /cannot be read as CSV: line 2 has 1 fields where the header has 2/,
    ],
    ['a page of HTML', 'text/html', '<html>', { format: 'csv' as const }, /is text\/html, not CSV/],
    [
      'JSON instead of CSV',
      'application/json',
      '[]',
      { format: 'csv' as const },
      /page 1 is application\/json, not CSV/,
    ],
    [
      'a record that never ends',
      'application/x-ndjson',
      `{"id":"${'x'.repeat(5_000)}`,
      {},
      /line 1 is longer than 1000 characters/,
    ],
  ])('fails the job when it has %s', async (_name, type, body, stream, message) => {
    const read = await readStream(answering(type, body), stream, { maxPageBytes: 1_000 })
    expect(failureOf(read)).toMatchObject({ code: 'PROVIDER', message: expect.stringMatching(message) })
    // HTML may be the error page of a proxy, and is requested again.
    expect(read.server.requests).toHaveLength(type === 'text/html' ? 5 : 1)
  })

  it.each([
    ['without its primary key', 'application/x-ndjson', '{"id":1}\n{"x":1}\n', 'has no primary key id'],
    ['with an empty primary key', 'text/csv', 'id,name\n1,a\n,b\n', 'has an empty primary key id'],
  ])('leaves out a record %s', async (_name, type, body, what) => {
    const { pages, data } = await readStream(answering(type, body), {})
    expect(data).toHaveLength(1)
    expect(pages.map(({ records }) => records.quarantinedAt)).toEqual([[`record 2 of page 1 ${what}`]])
  })

  it('is checked with the definition’s rules when an error has status 200', async () => {
    const read = await readStream(
      answering('application/json', '{"ok":false,"error":"export_not_ready"}'),
      { format: 'csv' },
      { definition: { responseErrors: [{ path: ['ok'], equals: false, as: 'fail', message: ['error'] }] } },
    )
    expect(failureOf(read)).toMatchObject({ providerMessage: 'export_not_ready' })
  })

  it('ends when every page is the same', async () => {
    const body = `id\n${Array.from({ length: 2_000 }, (_, id) => id).join('\n')}\n`
    const read = await readStream(answering('text/csv', body), {
      pagination: { type: 'page', param: 'p', size: 2_000 },
    })
    expect(read.error).toBeUndefined()
    expect(read.server.requests).toHaveLength(3)
    expect(read.pages.at(-1)?.end).toEqual({ how: 'repeated', total: null })
  })
})
