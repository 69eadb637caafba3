import { describe, expect, it } from 'vitest'
import { sendJson } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const input = { ids: ['a', 'b c'], none: [], empty: '', zero: 0, nothing: null, nested: [{ a: 1 }] }

async function searchOf(query: object): Promise<string> {
  const read = await readStream((_request, response) => sendJson(response, []), { query: query as never }, { input })
  if (read.error !== undefined) throw read.error
  return read.server.requests[0]?.url.search ?? ''
}

describe('a query parameter', () => {
  it('is sent once for each value of a list', async () => {
    expect(await searchOf({ 'id[]': ['x', '{{ input.zero }}'], id: '{{ input.ids }}', none: '{{ input.none }}' })).toBe(
      '?id%5B%5D=x&id%5B%5D=0&id=a&id=b%20c',
    )
    expect(await searchOf({ id: ['{{ input.ids }}', 'd'] })).toBe('?id=a&id=b%20c&id=d')
  })

  it('is left out when it is empty, if the definition says so', async () => {
    const omit = (value: string) => ({ value, whenEmpty: 'omit' })
    const absent = [
      '{{ input.absent }}',
      '{{ input.absent.more }}',
      '{{ input.nothing }}',
      '{{ input.none }}',
      '{{ input.empty }}',
    ]
    for (const value of absent) expect(await searchOf({ a: omit(value) }), value).toBe('')
    expect(await searchOf({ a: omit('{{ input.zero }}'), b: omit('{{ input.ids }}') })).toBe('?a=0&b=a&b=b%20c')
    expect(await searchOf({ a: '{{ input.empty }}' })).toBe('?a=')
  })

  it.each([
    ['{{ input.absent }}', /input\['absent'\] is missing/],
    ['{{ input.nested }}', /An item of the list is an object/],
  ])('that reads %s fails the stream', async (source, message) => {
    await expect(searchOf({ a: source })).rejects.toThrow(message)
    await expect(searchOf({ a: { value: '{{ input.nested }}', whenEmpty: 'omit' } })).rejects.toThrow(/is an object/)
  })
})

describe('a form', () => {
  it('is sent with POST, together with the parameters of paging and of incremental reading', async () => {
    const read = await readStream(
      ({ body }, response) => {
        const page = Number(new URLSearchParams(body).get('page'))
        sendJson(response, page > 2 ? [] : [{ id: page, at: 5 }])
      },
      {
        form: { kind: 'all', id: '{{ input.ids }}' },
        pagination: { type: 'page', param: 'page', in: 'form', size: 1, sizeParam: 'per' },
        incremental: { cursorField: 'at', param: 'since', in: 'form' },
      },
      { input, since: '4' },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toHaveLength(2)
    expect(read.server.requests.map(({ method, body }) => [method, body])).toEqual(
      [1, 2, 3].map((page) => ['POST', `kind=all&id=a&id=b+c&page=${page}&per=1&since=4`]),
    )
    expect(read.server.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  it('is sent with GET where the definition says so, together with the parameters of paging', async () => {
    const read = await readStream(
      ({ body }, response) => sendJson(response, new URLSearchParams(body).get('page') === '1' ? [{ id: 1 }] : []),
      { method: 'GET', form: { size: '1' }, pagination: { type: 'page', param: 'page', in: 'form' } },
    )
    expect(read.error).toBeUndefined()
    expect(read.server.requests.map(({ method, body, url }) => [method, body, url.search])).toEqual([
      ['GET', 'size=1&page=1', ''],
      ['GET', 'size=1&page=2', ''],
    ])
    expect(read.server.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  it('holds the cursor of the next page, which must be a text or a number', async () => {
    const cursors = ['c1', { a: 1 }]
    const read = await readStream(
      (_request, response, count) => sendJson(response, { data: [{ id: count }], next: cursors[count - 1] }),
      { recordsPath: 'data', pagination: { type: 'cursor', path: 'next', param: 'after', in: 'form' } },
    )
    expect(read.server.requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', ''],
      ['POST', 'after=c1'],
    ])
    expect(failureOf(read).message).toMatch(/page 2 has an object as its cursor, which cannot be a/)
  })
})

describe('the query of a definition', () => {
  it('is added to each page, and a link to the next page is stored without what may be secret', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page') ?? 1)
        // It repeats the whole query.
        const next = new URL(url)
        next.searchParams.set('page', String(page + 1))
        sendJson(response, { data: [{ id: page }], next: page < 3 ? next : null })
      },
      { recordsPath: 'data', query: { own: '1' }, pagination: { type: 'next_url', path: 'next' } },
      { definition: { query: { v: '2', own: '2', code: 'x{{ config.token }}' } } },
    )
    expect(read.data).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    for (const { url } of read.server.requests) {
      expect(url.searchParams.getAll('code')).toEqual(['xgood-token-0123456789'])
      expect(url.searchParams.getAll('v')).toEqual(['2'])
      expect(url.searchParams.getAll('own')).toEqual(['1'])
    }
    const stored = JSON.stringify(read.pages.map(({ resume }) => resume))
    expect(stored).toContain('page=2')
    expect(stored).not.toContain('good-token')
  })
})
