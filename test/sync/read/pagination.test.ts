import { describe, expect, it } from 'vitest'
import { sendJson } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const ids = (data: unknown[]) => data.map((record) => (record as { id: unknown }).id)

describe('pagination', () => {
  it('reads one page when the stream has no pagination', async () => {
    const read = await readStream((_request, response) => sendJson(response, [{ id: 1 }, { id: 2 }]), {})
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.server.requests).toHaveLength(1)
    expect(read.server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer good-token-0123456789',
      accept: 'application/json',
    })
  })

  it('follows the next link of the Link header, also when it is relative', async () => {
    const read = await readStream(
      (request, response) => {
        const page = Number(request.url.searchParams.get('page') ?? '1')
        const link = `<${request.url.origin}/items?page=0>; rel="prev", </other/items?page=${page + 1}&q=a%20b>; rel="next"`
        sendJson(response, [{ id: page }], page < 3 ? { link } : { link: '</items?page=1>; rel="first"' })
      },
      { pagination: { type: 'link_header' }, query: { per_page: '1' } },
    )
    expect(ids(read.data)).toEqual([1, 2, 3])
    expect(read.server.requests.map(({ url }) => url.pathname + url.search)).toEqual([
      '/items?per_page=1',
      '/other/items?page=2&q=a%20b',
      '/other/items?page=3&q=a%20b',
    ])
  })

  it('follows the next URL in the body until it is null', async () => {
    const read = await readStream(
      (request, response) => {
        const page = Number(request.url.searchParams.get('p') ?? '1')
        const next = page < 3 ? `${request.url.origin}/items?p=${page + 1}#part` : null
        sendJson(response, { data: [{ id: page }], paging: { next } })
      },
      { pagination: { type: 'next_url', path: ['paging', 'next'] }, recordsPath: ['data'] },
    )
    expect(ids(read.data)).toEqual([1, 2, 3])
  })

  it.each([
    [
      'a link',
      { next: `/next?${'a&'.repeat(200_000)}` },
      { type: 'next_url', path: ['next'] },
      /a link .* of more than 65536/,
    ],
    [
      'a link with escapes',
      { next: `/next?${'é'.repeat(30_000)}` },
      { type: 'next_url', path: ['next'] },
      /a link .* of more than 65536/,
    ],
    [
      'a cursor',
      { next: 'c'.repeat(70_000) },
      { type: 'cursor', path: ['next'], param: 'c' },
      /a cursor of more than 65536/,
    ],
    [
      'a cursor that is an object',
      { next: { c: 'c'.repeat(70_000) } },
      { type: 'cursor', path: ['next'], param: 'c', in: 'json' },
      /a cursor of more than 65536/,
    ],
  ] as const)('fails the stream when %s of a page is too long', async (_name, body, pagination, message) => {
    const read = await readStream((_request, response) => sendJson(response, { data: [{ id: 1 }], ...body }), {
      pagination: pagination as never,
      recordsPath: ['data'],
    })
    expect(failureOf(read).message).toMatch(message)
    expect(read.server.requests).toHaveLength(1)
  })

  it.each([
    ['a feed', { feed: { path: ['next'], param: 'c' } }, /page 1 has a cursor of more than 65536 characters/],
    [
      'a record',
      { cursorField: ['at'], param: 'c' },
      /record 1 of page 1 \(key 1\) has a value at at of more than 65536/,
    ],
  ])('fails the stream when the cursor of %s is too long', async (_name, incremental, message) => {
    const long = 'c'.repeat(70_000)
    const read = await readStream(
      (_request, response) => sendJson(response, { data: [{ id: 1, at: long }], next: long }),
      { incremental: incremental as never, recordsPath: ['data'] },
    )
    expect(failureOf(read).message).toMatch(message)
  })

  it('sends the cursor in the query and stops when hasMore is false', async () => {
    const read = await readStream(
      (request, response) => {
        const after = request.url.searchParams.get('after') ?? '0'
        sendJson(response, { list: [{ id: after }], meta: { cursor: `${after}+1`, more: after.length < 5 } })
      },
      {
        pagination: { type: 'cursor', path: ['meta', 'cursor'], param: 'after', hasMore: ['meta', 'more'] },
        recordsPath: ['list'],
      },
    )
    expect(ids(read.data)).toEqual(['0', '0+1', '0+1+1'])
  })

  it('reports a missing input and sends nothing', async () => {
    const read = await readStream(
      (_request, response) => sendJson(response, []),
      { query: { team: '{{ input.team }}' } },
      { definition: { inputFields: [{ name: 'team', required: false }] } },
    )
    expect(read.error).toMatchObject({ code: 'INVALID_INPUT', message: "input['team'] is missing" })
    expect(read.server.requests).toEqual([])
  })

  it('renders a JSON body and adds the cursor with its type', async () => {
    const read = await readStream(
      (request, response) => {
        const body = JSON.parse(request.body) as { cursor?: { at: number } }
        const at = body.cursor?.at ?? 0
        sendJson(response, { rows: [{ id: at }], next: at < 2 ? { at: at + 1 } : '' })
      },
      {
        method: 'POST',
        json: { filter: { kind: 'a {{ config.token }}' }, limit: 2 },
        pagination: { type: 'cursor', path: ['next'], param: 'cursor', in: 'json' },
        recordsPath: ['rows'],
        headers: { 'X-Version': '3' },
      },
      { token: 'tok' },
    )
    expect(ids(read.data)).toEqual([0, 1, 2])
    expect(read.server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { filter: { kind: 'a tok' }, limit: 2 },
      { filter: { kind: 'a tok' }, limit: 2, cursor: { at: 1 } },
      { filter: { kind: 'a tok' }, limit: 2, cursor: { at: 2 } },
    ])
    expect(read.server.requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'x-version': '3', 'content-type': 'application/json' },
    })
  })

  it('counts pages from the declared start and ends at an empty page', async () => {
    const read = await readStream(
      (request, response) => {
        const page = Number(request.url.searchParams.get('page'))
        sendJson(response, [[{ id: '0a' }, { id: '0b' }], [{ id: '1a' }], [{ id: '2a' }]][page] ?? [])
      },
      { pagination: { type: 'page', param: 'page', start: 0, sizeParam: 'size', size: 2 } },
    )
    expect(ids(read.data)).toEqual(['0a', '0b', '1a', '2a'])
    expect(read.server.requests.map(({ url }) => url.search)).toEqual([
      '?page=0&size=2',
      '?page=1&size=2',
      '?page=2&size=2',
      '?page=3&size=2',
    ])
  })

  it('counts offsets and ends at an empty page', async () => {
    const read = await readStream(
      (request, response) => {
        const offset = Number(request.url.searchParams.get('offset'))
        sendJson(response, offset < 4 ? [{ id: offset }, { id: offset + 1 }] : [])
      },
      { pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 2 } },
    )
    expect(ids(read.data)).toEqual([0, 1, 2, 3])
    expect(read.server.requests.map(({ url }) => url.search)).toEqual([
      '?offset=0&limit=2',
      '?offset=2&limit=2',
      '?offset=4&limit=2',
    ])
  })

  it('sends a cursor without loss of precision', async () => {
    const read = await readStream(
      (request, response) => {
        const first = request.url.searchParams.get('c') === null
        sendJson(response, `{"d":[{"id":${first ? 1 : 2}}],"c":${first ? '9007199254740993' : 'null'}}`)
      },
      { pagination: { type: 'cursor', path: ['c'], param: 'c' }, recordsPath: ['d'] },
    )
    expect(read.server.requests[1]?.url.search).toBe('?c=9007199254740993')
  })

  it('continues from a stored position', async () => {
    const read = await readStream(
      ({ url }, response) => sendJson(response, url.search === '?page=7' ? [{ id: 9 }] : []),
      {
        pagination: { type: 'page', param: 'page', size: 2 },
      },
      { start: { kind: 'page', page: 7 } },
    )
    expect(read.server.requests.map(({ url }) => url.search)).toEqual(['?page=7', '?page=8'])
  })

  it('requests only changes since the stored cursor minus the lookback, in the definition’s format', async () => {
    const read = await readStream(
      (_request, response) =>
        sendJson(response, [
          { id: 1, at: '2026-03-02T00:00:00Z' },
          { id: 2, at: '2026-03-05T00:00:00+02:00' },
          { id: 3, at: null },
        ]),
      { incremental: { cursorField: ['at'], param: 'since', format: '%Y-%m-%d %H:%M', lookback: 'P1D' } },
      { since: '"2026-03-01T12:30:00Z"' },
    )
    expect(read.server.requests[0]?.url.searchParams.get('since')).toBe('2026-02-28 12:30')
    expect(read.pages[0]?.records.highest).toBe('"2026-03-05T00:00:00+02:00"')
  })

  it('removes the credential from the link to the next page and adds it to the request', async () => {
    const read = await readStream(
      (request, response) => {
        const page = Number(request.url.searchParams.get('page') ?? '1')
        const key = request.url.searchParams.getAll('api_key').join()
        const next = `${request.url.origin}/items?a=%7E&api_key=${key}&page=${page + 1}`
        sendJson(response, { data: [{ id: page, key }], next: page < 2 ? next : undefined })
      },
      { pagination: { type: 'next_url', path: ['next'] }, recordsPath: ['data'] },
      { definition: { auth: { type: 'api_key', placement: { in: 'query', name: 'api_key' } } } },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([
      { id: 1, key: '[redacted]' },
      { id: 2, key: '[redacted]' },
    ])
    expect(read.server.requests[1]?.url.search).toBe('?a=%7E&page=2&api_key=good-token-0123456789')
    expect(read.pages[0]?.resume).toEqual({ kind: 'url', url: `${read.server.origin}/items?a=%7E&page=2` })
  })

  it('does not store a link that contains the credential, but follows it', async () => {
    const read = await readStream(
      (request, response) => {
        const page = Number(request.url.searchParams.get('page') ?? '1')
        const next = `/items?access_token=good-token-0123456789&page=${page + 1}`
        sendJson(response, { data: [{ id: page }], next: page < 2 ? next : undefined })
      },
      { pagination: { type: 'next_url', path: ['next'] }, recordsPath: ['data'] },
    )
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.pages[0]?.resume).toEqual({ kind: 'first' })
  })
})
