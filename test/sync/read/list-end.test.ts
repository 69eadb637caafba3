import { describe, expect, it } from 'vitest'
import { ListSkippedError } from '../../../src/sync/read/read-pages.ts'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { sendJson } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const ids = (data: unknown[]) => data.map((record) => (record as { id: unknown }).id)

type Json = Parameters<typeof sendJson>[1]

/** Records with the ids from `from` to `to`. */
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({ id: from + index }))

describe('the end of a list', () => {
  const endOf = ({ pages }: { pages: { end: unknown }[] }) => pages.at(-1)?.end

  it('is not a page that the source has filtered', async () => {
    const pages = [range(1, 10), range(11, 19), range(21, 30), range(31, 40), range(41, 44)]
    const read = await readStream(
      ({ url }, response) => sendJson(response, pages[Number(url.searchParams.get('page')) - 1] ?? []),
      { pagination: { type: 'page', param: 'page', sizeParam: 'size', size: 10 } },
    )
    expect(ids(read.data)).toEqual(pages.flat().map(({ id }) => id))
    expect(read.data).toHaveLength(43)
    expect(endOf(read)).toEqual({ how: 'empty', total: null })
  })

  it('is not a page that is smaller because the source limits the page size', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const offset = Number(url.searchParams.get('offset'))
        sendJson(response, range(offset + 1, Math.min(offset + 50, 130)), { 'x-total-count': '130' })
      },
      { pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 } },
    )
    expect(ids(read.data)).toEqual(range(1, 130).map(({ id }) => id))
    expect(read.server.requests.map(({ url }) => url.searchParams.get('offset'))).toEqual(['0', '50', '100', '130'])
    expect(endOf(read)).toEqual({ how: 'empty', total: 130 })
  })

  /** Reads pages of 2 records by number; `more` is added to the response of each page. */
  function readPages(
    pagination: Record<string, unknown>,
    count: number,
    more: (page: number) => Record<string, unknown> = () => ({}),
    headers: (page: number) => Record<string, string> = () => ({}),
  ) {
    return readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page'))
        const list = range(2 * page - 1, Math.min(2 * page, count))
        sendJson(response, { list, ...more(page) }, headers(page))
      },
      { recordsPath: ['list'], pagination: { type: 'page', param: 'page', size: 2, ...pagination } as never },
    )
  }

  const NO = [false, null, 0, '', '0', 'N', 'n', 'no', 'No', 'False', 'FALSE', 'null', [], {}]
  it.each(NO.map((no) => [no]))('is where hasMore is %j', async (no) => {
    const byPage = await readPages({ hasMore: 'more' }, 4, (page) => ({ more: page === 1 ? 'Y' : no }))
    expect(ids(byPage.data)).toEqual([1, 2, 3, 4])
    expect(endOf(byPage)).toEqual({ how: 'has_more', total: null })
    expect(byPage.server.requests).toHaveLength(2)
    const byCursor = await readStream(
      (_request, response, count) =>
        sendJson(response, { list: [{ id: count }], next: `c${count}`, more: count < 3 ? 'true' : no } as Json),
      {
        recordsPath: ['list'],
        pagination: { type: 'cursor', path: ['next'], param: 'c', hasMore: ['more'] },
      },
    )
    expect(ids(byCursor.data)).toEqual([1, 2, 3])
    expect(endOf(byCursor)).toEqual({ how: 'has_more', total: null })
  })

  it('is not an empty page where hasMore says that there are more', async () => {
    const pages = [range(1, 2), [], range(3, 4)]
    const read = await readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page'))
        sendJson(response, { list: pages[page - 1] ?? [], more: page < 3 })
      },
      { recordsPath: ['list'], pagination: { type: 'page', param: 'page', hasMore: 'more' } },
    )
    expect(ids(read.data)).toEqual([1, 2, 3, 4])
    expect(read.server.requests).toHaveLength(3)
  })

  it.each([
    ['a total', { total: 'meta.total' }, () => ({ meta: { total: 5 } }), {}],
    ['a total that is text', { total: 'meta.total' }, () => ({ meta: { total: '5' } }), {}],
    ['a total on the first page only', { total: 'total' }, (page: number) => (page === 1 ? { total: 5 } : {}), {}],
    ['a total in a header', { total: 'header:X-Total-Count' }, () => ({}), { 'x-total-count': '5' }],
    ['a number of pages', { totalPages: 'pages' }, () => ({ pages: 3 }), {}],
    ['a number of pages in a header', { totalPages: 'header:X-Pages' }, () => ({}), { 'x-pages': '3' }],
  ] as const)('is where %s says so, without a request for an empty page', async (_name, declared, more, headers) => {
    const read = await readPages(declared, 5, more, () => headers)
    expect(ids(read.data)).toEqual([1, 2, 3, 4, 5])
    expect(read.server.requests).toHaveLength(3)
    expect(endOf(read)).toMatchObject({ how: 'total' })
  })

  it('is not where a total is not the total of the list', async () => {
    // The number of records of the page.
    const read = await readPages({ total: 'total' }, 5, () => ({ total: 1 }))
    expect(ids(read.data)).toEqual([1, 2, 3, 4, 5])
    expect(endOf(read)).toEqual({ how: 'empty', total: 1 })
  })

  it.each([
    [40, 40],
    [1_000, 250],
  ])(
    'is not after the first page where the total is the number of its records: size %i, limit %i',
    async (size, limit) => {
      const read = await readStream(
        ({ url }, response) => {
          const from = Number(url.searchParams.get('from'))
          const list = range(from + 1, Math.min(from + limit, 300))
          sendJson(response, { list, total: list.length })
        },
        { recordsPath: ['list'], pagination: { type: 'offset', param: 'from', size, total: 'total' } },
      )
      expect(read.data).toHaveLength(300)
    },
  )

  it('is after the only page where the total is the number of its records', async () => {
    const read = await readPages({ size: 10, total: 'total' }, 1, () => ({ total: 1 }))
    expect(read.server.requests).toHaveLength(1)
    expect(endOf(read)).toEqual({ how: 'total', total: 1 })
  })

  it('is not an empty page where the total says that there are more', async () => {
    const pages = [range(1, 2), [], range(5, 5)]
    const read = await readStream(
      ({ url }, response) => {
        sendJson(response, { list: pages[Number(url.searchParams.get('page')) - 1] ?? [], total: 5 })
      },
      { recordsPath: ['list'], pagination: { type: 'page', param: 'page', size: 2, total: 'total' } },
    )
    expect(ids(read.data)).toEqual([1, 2, 5])
    expect(read.server.requests).toHaveLength(4)
    expect(endOf(read)).toEqual({ how: 'empty', total: 5 })
  })

  it('is not a number of empty pages up to the total, when the source counts records that it does not show', async () => {
    const read = await readPages({ total: 'total' }, 2, () => ({ total: 1_000 }))
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.error).toBeUndefined()
    expect(read.server.requests.length).toBeLessThan(20)
    expect(endOf(read)).toEqual({ how: 'empty', total: 1_000 })
  })

  it.each([
    ['a full page', 4],
    ['a page that is not full', 3],
    ['the only page, which is full', 2],
    ['the only page', 1],
  ])('is where pages repeat the last page: %s', async (_name, count) => {
    const last = Math.ceil(count / 2)
    const read = await readStream(
      ({ url }, response) => {
        const page = Math.min(Number(url.searchParams.get('page')), last)
        sendJson(response, range(2 * page - 1, Math.min(2 * page, count)))
      },
      { pagination: { type: 'page', param: 'page', size: 2 } },
    )
    expect(read.error).toBeUndefined()
    expect(new Set(ids(read.data)).size).toBe(count)
    expect(read.pages.reduce((sum, { records }) => sum + records.read, 0)).toBe(count)
    expect(read.server.requests.length).toBeLessThanOrEqual(last + 2)
    expect(endOf(read)).toEqual({ how: 'repeated', total: null })
  })

  it('is where pages repeat the last page with records that contain the time of the request', async () => {
    const read = await readStream(
      ({ url }, response, count) => {
        const page = Math.min(Number(url.searchParams.get('page')), 2)
        const records = range(2 * page - 1, 2 * page).map((record) => ({ ...record, at: count }))
        sendJson(response, count % 2 === 0 ? records : records.toReversed())
      },
      { pagination: { type: 'page', param: 'page', size: 2 } },
    )
    expect(read.error).toBeUndefined()
    expect(read.server.requests).toHaveLength(4)
    expect(endOf(read)).toEqual({ how: 'repeated', total: null })
  })

  it('is not one page that is the same as the page before it', async () => {
    // Two records were added in front of the first page while it was read.
    const pages = [range(1, 2), range(1, 2), range(3, 4), []]
    const read = await readStream(
      ({ url }, response) => sendJson(response, pages[Number(url.searchParams.get('page')) - 1]),
      { pagination: { type: 'page', param: 'page', size: 2 } },
    )
    expect(new Set(ids(read.data))).toEqual(new Set([1, 2, 3, 4]))
    expect(read.pages.reduce((sum, { records }) => sum + records.read, 0)).toBe(4)
  })

  it('is not where every page is the same and the source states that there is more', async () => {
    const read = await readStream((_request, response) => sendJson(response, range(1, 2), { 'x-total-count': '130' }), {
      pagination: { type: 'page', param: 'seite', size: 2 },
    })
    expect(failureOf(read).message).toBe(
      'Stream items: every page is the same as the first one, and the source states a total of 130 records. It may not know the parameter seite.',
    )
  })

  it.each([
    ['hasMore', { hasMore: 'more' }],
    ['totalPages', { totalPages: 'pages' }],
  ])('is not where every page is the same and %s says that there are more', async (_name, declared) => {
    const read = await readStream(
      (_request, response) => sendJson(response, { list: range(1, 2), more: true, pages: 9 }),
      { recordsPath: ['list'], pagination: { type: 'page', param: 'seite', size: 2, ...declared } },
    )
    expect(failureOf(read).message).toBe(
      'Stream items: every page is the same as the first one, and the source says that there are more pages. It may not know the parameter seite.',
    )
  })

  describe('that a source reports by refusing the page after it', () => {
    /** @param pages the pages before the refused request */
    function refusing(pages: unknown[], status: number, answer: Json, stream: Record<string, unknown> = {}) {
      return readStream(
        ({ url }, response) => {
          const page = pages[Number(url.searchParams.get('page')) - 1]
          if (page === undefined) sendJson(response, answer, {}, status)
          else sendJson(response, page as Json)
        },
        { pagination: { type: 'page', param: 'page', size: 2 }, ...stream },
      )
    }

    it.each([
      [400, { code: 'rest_post_invalid_page_number' }],
      [400, { code: 'x', message: 'The page number requested is larger than the number of pages available.' }],
      [404, { detail: 'Invalid page.' }],
      [404, { error: 'That page contains no results' }],
      [400, { message: 'Page 3 exceeds the total of 2 pages' }],
    ])('is found after a full page: %i %j', async (status, answer) => {
      const read = await refusing([range(1, 2), range(3, 4)], status, answer)
      expect(read.error).toBeUndefined()
      expect(ids(read.data)).toEqual([1, 2, 3, 4])
      expect(endOf(read)).toEqual({ how: 'invalid_page', total: null })
    })

    it('is found after a page that is not full, whatever the words', async () => {
      const read = await refusing([range(1, 2), range(3, 3)], 404, { error: 'Not Found' })
      expect(read.error).toBeUndefined()
      expect(ids(read.data)).toEqual([1, 2, 3])
      expect(endOf(read)).toEqual({ how: 'invalid_page', total: null })
    })

    it.each([
      ['on the first page', [], 404, { detail: 'Invalid page.' }],
      ['that is about something else', [range(1, 2)], 400, { error: 'broken' }],
      ['of a server or a proxy', [range(1, 2)], 404, '<html><h1>Page not found</h1></html>'],
      ['because of a limit', [range(1, 2)], 400, { message: 'The offset must not exceed 10000, and so must the page' }],
      ['with another status', [range(1, 2)], 403, { message: 'no such page' }],
    ])('is not a refusal %s', async (_name, pages, status, answer) => {
      const read = await refusing(pages, status, answer)
      expect(failureOf(read)).toMatchObject({ code: 'PROVIDER', providerStatus: status })
    })

    it('is not a refusal that a rule of the stream declares as a failure', async () => {
      const responses = [{ status: 404, as: 'fail' }]
      const read = await refusing([range(1, 2)], 404, { detail: 'Invalid page.' }, { responses })
      expect(failureOf(read)).toMatchObject({ providerStatus: 404, providerMessage: 'Invalid page.' })
    })
  })

  it('is an unchanged cursor without records', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const after = Number(url.searchParams.get('c') ?? 0)
        sendJson(response, { d: after < 2 ? [{ id: after }] : [], c: Math.min(after + 1, 2) })
      },
      { pagination: { type: 'cursor', path: ['c'], param: 'c' }, recordsPath: ['d'] },
    )
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([0, 1])
    expect(read.server.requests).toHaveLength(3)
    expect(endOf(read)).toEqual({ how: 'empty', total: null })
  })

  it('is not an unchanged cursor where hasMore says that there are more', async () => {
    const read = await readStream((_request, response) => sendJson(response, { d: [], c: 'a', more: true }), {
      pagination: { type: 'cursor', path: ['c'], param: 'c', hasMore: ['more'] },
      recordsPath: ['d'],
    })
    expect(failureOf(read).message).toMatch(/was used before: the list does not end/)
  })

  it('is a link from a page without records to itself', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page') ?? 1)
        const next = `</items?page=${Math.min(page + 1, 3)}>; rel="next"`
        sendJson(response, page < 3 ? [{ id: page }] : [], { link: next })
      },
      { pagination: { type: 'link_header' } },
    )
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([1, 2])
    expect(endOf(read)).toEqual({ how: 'empty', total: null })
  })

  it.each(['0', 0, 'null', 'False', false, ''])('is a cursor that is %j', async (none) => {
    const read = await readStream(
      (_request, response, count) => sendJson(response, { d: [{ id: count }], c: count < 2 ? 'next' : none }),
      { pagination: { type: 'cursor', path: ['c'], param: 'c' }, recordsPath: ['d'] },
    )
    expect(ids(read.data)).toEqual([1, 2])
    expect(endOf(read)).toEqual({ how: 'no_next', total: null })
  })

  it('is not a last record whose id is 0', async () => {
    const pages: Record<string, unknown[]> = { '': [{ id: 0 }], '0': [{ id: 1 }], '1': [] }
    const read = await readStream(
      ({ url }, response) => sendJson(response, pages[url.searchParams.get('after') ?? '']),
      { pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'after' } },
    )
    expect(ids(read.data)).toEqual([0, 1])
  })

  it('is a list that is null, after pages with records', async () => {
    const read = await readStream(
      ({ url }, response) => sendJson(response, { d: url.searchParams.get('page') === '1' ? range(1, 2) : null }),
      { pagination: { type: 'page', param: 'page', size: 2 }, recordsPath: ['d'] },
    )
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([1, 2])
  })

  it('is found by page numbers in a JSON body', async () => {
    const read = await readStream(
      ({ body }, response) => {
        const { paging } = JSON.parse(body)
        sendJson(response, paging.number === 1 ? range(1, 2) : [])
      },
      {
        method: 'POST',
        json: { kind: 'all' },
        pagination: { type: 'page', param: 'paging.number', sizeParam: 'paging.size', size: 2, in: 'json' },
      },
    )
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { kind: 'all', paging: { number: 1, size: 2 } },
      { kind: 'all', paging: { number: 2, size: 2 } },
    ])
  })

  it('is found by offsets in a JSON body, without a limit', async () => {
    const read = await readStream(
      ({ body }, response) => sendJson(response, JSON.parse(body).from === 0 ? range(1, 2) : []),
      { pagination: { type: 'offset', param: 'from', size: 2, in: 'json' } },
    )
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.server.requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"from":0}'],
      ['POST', '{"from":2}'],
    ])
  })
})

describe('the responses of a stream', () => {
  type Responses = NonNullable<Parameters<typeof readStream>[1]['responses']>
  /** Reads three pages of one record, the third of which is answered otherwise. */
  const readWith = (responses: Responses, status: number, answer: Json, options?: Parameters<typeof readStream>[2]) =>
    readStream(
      ({ url }, response, count) => {
        const page = Number(url.searchParams.get('page'))
        if (page === 3 && count === 3) sendJson(response, answer, {}, status)
        else sendJson(response, page < 5 ? [{ id: page }] : [])
      },
      { pagination: { type: 'page', param: 'page', size: 1 }, responses },
      options,
    )
  const end = { how: 'response', total: null }

  it.each([
    ['its status', { status: 410 }, 410, ''],
    ['its status and a value', { status: 400, path: 'code', equals: 'done' }, 400, { code: 'done' }],
    ['a condition', { where: "status == 422 and 'pages' in answer.message" }, 422, { message: 'there are 2 pages' }],
  ])('end the list by %s', async (_name, rule, status, answer) => {
    const read = await readWith([{ ...rule, as: 'end' }], status, answer)
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.pages.at(-1)?.end).toEqual(end)
  })

  it('end the list with the records of the response', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page'))
        sendJson(response, { list: [{ id: page }], isLast: page === 2 })
      },
      {
        pagination: { type: 'page', param: 'page' },
        recordsPath: ['list'],
        responses: [{ path: 'isLast', equals: true, as: 'end' }],
      },
    )
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.pages.at(-1)?.end).toEqual(end)
  })

  it('end the list with a response that has no records', async () => {
    const read = await readWith([{ path: 'done', as: 'end' }], 200, { done: true })
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([1, 2])
  })

  it('compare headers by their name in lower case', async () => {
    const read = await readStream(
      (_request, response, count) => sendJson(response, [{ id: count }], count === 3 ? { 'X-Last': 'yes' } : {}),
      {
        pagination: { type: 'page', param: 'page' },
        responses: [{ where: "headers['x-last'] == 'yes'", as: 'end' }],
      },
    )
    expect(ids(read.data)).toEqual([1, 2, 3])
  })

  it('make a page empty, which ends a list of numbered pages', async () => {
    const read = await readWith([{ status: 404, as: 'empty' }], 404, 'nothing here')
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([1, 2])
    expect(read.pages.at(-1)?.end).toEqual(end)
  })

  it('make a page empty whose records are not read', async () => {
    const read = await readWith([{ path: [0, 'x'], as: 'empty' }], 200, [{ id: 3, x: 1 }])
    expect(ids(read.data)).toEqual([1, 2])
  })

  it('make a failure one that is retried', async () => {
    const read = await readWith([{ status: 400, path: 'busy', as: 'retry' }], 400, { busy: true })
    expect(read.error).toBeUndefined()
    expect(ids(read.data)).toEqual([1, 2, 3, 4])
    expect(read.retries).toHaveLength(1)
  })

  it.each([
    ['a path', { waitFrom: 'busy.seconds' }, { busy: { seconds: 7 } }],
    ['a header', { waitFrom: 'header:X-Wait' }, { busy: 1 }],
  ])('say how long to wait by %s', async (_name, rule, answer) => {
    const read = await readStream(
      (_request, response, count) =>
        count === 1 ? sendJson(response, answer, { 'x-wait': '7' }) : sendJson(response, [{ id: 1 }]),
      { responses: [{ path: 'busy', as: 'rate_limit', ...rule }] },
    )
    expect(ids(read.data)).toEqual([1])
    expect(read.waitsMs).toEqual([7_000])
  })

  it.each([
    ['seconds', 1],
    ['milliseconds', 1_000],
  ])('say how long to wait by a time in %s since 1970, by the clock of the source', async (_name, perSecond) => {
    const theirMs = Date.parse('2030-01-01T00:00:00Z')
    const read = await readStream(
      (_request, response, count) => {
        const headers = { date: new Date(theirMs).toUTCString(), 'x-reset': String((theirMs / 1_000 + 90) * perSecond) }
        return count === 1 ? sendJson(response, {}, headers, 429) : sendJson(response, [{ id: 1 }])
      },
      { responses: [{ status: 429, as: 'rate_limit', waitFrom: 'header:x-reset' }] },
    )
    expect(ids(read.data)).toEqual([1])
    expect(read.waitsMs).toEqual([90_000])
  })

  it.each([
    ['fail', 'PROVIDER'],
    ['auth', 'RECONNECT_REQUIRED'],
  ] as const)('make a success a failure: %s', async (as, code) => {
    const read = await readWith([{ path: [0, 'error'], as }], 200, [{ error: 'no' }])
    expect(failureOf(read)).toMatchObject({ code, providerStatus: 200 })
  })

  it('are checked before the response errors of the definition, in their order', async () => {
    const responseErrors = [{ status: 400, as: 'auth' as const }]
    const rules: Responses = [
      { status: 400, path: 'code', equals: 1, as: 'end' },
      { status: 400, as: 'fail' },
    ]
    const ended = await readWith(rules, 400, { code: 1 }, { definition: { responseErrors } })
    expect(ended.error).toBeUndefined()
    const failed = await readWith(rules, 400, { code: 2 }, { definition: { responseErrors } })
    expect(failureOf(failed).code).toBe('PROVIDER')
    const refused = await readWith(rules.slice(0, 1), 400, { code: 2 }, { definition: { responseErrors } })
    expect(failureOf(refused).code).toBe('RECONNECT_REQUIRED')
  })

  it('skip the list', async () => {
    const read = await readWith([{ status: 403, as: 'skip' }], 403, '')
    expect(read.error).toBeInstanceOf(ListSkippedError)
  })

  it.each([
    ['without a condition', {}, 'streams.0.responses.0: needs a status, a path or a condition (where)'],
    [
      'with a condition that does not parse',
      { where: 'answer ==' },
      /^streams\.0\.responses\.0\.where: .*does not parse/,
    ],
    [
      'with a time to wait for an end',
      { status: 404, waitFrom: 'wait' },
      'streams.0.responses.0.waitFrom: must be left out, because only retry and rate_limit wait',
    ],
    [
      'with a condition in braces',
      { where: '{{ answer }}' },
      'streams.0.responses.0.where: An expression is written without {{ and }}.',
    ],
    [
      'with a condition over the credential',
      { where: 'config.token' },
      'streams.0.responses.0.where: reads config, which does not exist here. Known: answer, headers, status',
    ],
  ])('cannot have a rule %s', (_name, rule, problem) => {
    const streams = [{ name: 'items', path: '/', responses: [{ ...rule, as: 'end' }] }]
    const [found] = problemsOf({ displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'none' }, streams })
    expect(found).toMatch(problem)
  })
})
