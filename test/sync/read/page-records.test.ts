import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import type { StreamDefinition } from '../../../src/catalog/definition/stream.ts'
import { progressEvent } from '../../../src/sync/jobs/progress-event.ts'
import { prepareRecords } from '../../../src/sync/read/page-records.ts'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const answering =
  (body: unknown, status = 200): ProviderHandler =>
  (_request, response) =>
    sendJson(response, body, {}, status)

describe('records', () => {
  it('are stored unchanged: NUL, lone surrogates, long numbers, __proto__', async () => {
    const text = String.raw`[{"id":"a\u0000\ud800","n":9007199254740993,"f":1e400,"__proto__":{"x":1}},{"id":"a\u0000\ud801"},{"id":true},{"id":12345678901234567890}]`
    const read = await readStream(answering(text), {})
    const records = read.pages[0]?.records
    expect(records?.data[0]).toBe(String.raw`{"id":"a\u0000\ud800","n":9007199254740993,"f":1e400,"__proto__":{"x":1}}`)
    expect(records?.primaryKeys).toEqual([
      String.raw`["a\u0000\ud800"]`,
      String.raw`["a\u0000\ud801"]`,
      '["true"]',
      '["12345678901234567890"]',
    ])
    expect(new Set(records?.ids).size).toBe(4)
  })

  it('with the same primary key on one page count once, and the last one is stored', async () => {
    const read = await readStream(answering([{ id: 1, v: 'a' }, { id: 2 }, { id: 1, v: 'b' }]), {})
    expect(read.pages[0]?.records.read).toBe(3)
    expect(read.data).toEqual([{ id: 1, v: 'b' }, { id: 2 }])
  })

  it.each([
    ['is a number', 9007199254740993n, {}, 'is a number, not an object'],
    ['is a list', [], {}, 'is a list, not an object'],
    ['has no primary key', { x: 'secret' }, {}, 'has no primary key id'],
    ['has null as its primary key', { id: null }, {}, 'has no primary key id (found null)'],
    ['has an object as its primary key', { id: { s: 'secret' } }, {}, 'has no primary key id (found an object)'],
    ['has a part of its primary key', { id: 'secret', b: {} }, { primaryKey: ['id', 'b.c'] }, 'has no primary key b.c'],
    ['has an empty primary key', { id: '' }, {}, 'has an empty primary key id'],
    ['has a long primary key', { id: 'x'.repeat(4_095) }, {}, 'has a primary key of more than 4096 characters'],
    [
      'has a primary key that is long as JSON',
      { id: '\u0001'.repeat(1_000) },
      {},
      'has a primary key of more than 4096 characters',
    ],
  ])('of which one %s are stored without that one', async (_name, bad, stream, what) => {
    const good = { id: 1, b: { c: 1 } }
    const text = JSON.stringify([good, bad], (_key, value: unknown) =>
      typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value,
    )
    const read = await readStream(answering(text), stream)
    expect(read.data).toEqual([good])
    expect(read.pages[0]?.records).toMatchObject({
      read: 2,
      quarantined: 1,
      quarantinedAt: [`record 2 of page 1 ${what}`],
    })
  })

  it('of a sub-stream may have an empty key, because the parent’s key is a part of theirs', async () => {
    const [stream] = parseDefinition({
      displayName: 'x',
      baseUrl: 'https://x.example',
      auth: { type: 'none' },
      streams: [{ name: 'exchanges', path: '/', primaryKey: ['name'] }],
    }).streams as [StreamDefinition]
    const place = { connectionId: '01900000-0000-7000-8000-000000000001', recordIds: 2, stream, page: 1 } as const
    expect((await prepareRecords([{ name: '' }], { ...place, parentKey: ['/'] })).primaryKeys).toEqual(['["/",""]'])
    expect((await prepareRecords([{ name: '' }], { ...place, parentKey: [] })).quarantined).toBe(1)
  })

  describe('whose keys repeat that of their parent', () => {
    const stream: StreamDefinition = { name: 'children', path: '/', primaryKey: [['id']] }
    const place = { connectionId: '01900000-0000-7000-8000-000000000001', recordIds: 2, stream, page: 1 } as const
    const children = (count: number) => Array.from({ length: count }, (_, id) => ({ id }))

    it('are left out when both together are too long', async () => {
      const parentKey = Array.from({ length: 5 }, () => 'x'.repeat(4_000))
      const records = await prepareRecords(children(1_000), { ...place, parentKey })
      expect(records).toMatchObject({ primaryKeys: [], quarantined: 1_000 })
      expect(records.quarantinedAt).toEqual(
        [1, 2, 3].map(
          (at) => `record ${at} of page 1 has a primary key of more than 16384 characters with those of its parents`,
        ),
      )
    })

    it('fail the stream when a page would repeat a long one too often', async () => {
      const parentKey = ['x'.repeat(4_000)]
      expect((await prepareRecords(children(1_000), { ...place, parentKey })).ids).toHaveLength(1_000)
      await expect(async () => prepareRecords(children(10_000), { ...place, parentKey })).rejects.toThrow(
        /page 1 has 10000 records of a parent whose primary key has 4004 characters.* Read smaller pages/,
      )
    })
  })

  it('in an object of records are left out when their key in it is too long', async () => {
    const body = { ['k'.repeat(5_000)]: { a: 1 }, b: { a: 1 } }
    const read = await readStream(answering(body), { records: { map: true }, primaryKey: undefined })
    expect(read.pages[0]?.records).toMatchObject({ primaryKeys: ['["b"]'], quarantined: 1 })
  })

  it('that are bad or in the future are counted, and the first ones are named', async () => {
    const bad = Array.from({ length: 1_000 }, () => 0)
    const future = Array.from({ length: 1_000 }, (_, id) => ({ id, at: '2999-01-01T00:00:00Z' }))
    const read = await readStream(answering([...bad, ...future]), {
      incremental: { cursorField: 'at', param: 'since' },
    })
    const [page] = read.pages
    expect(page?.records.quarantined).toBe(1_000)
    expect(page?.records.quarantinedAt).toEqual(
      [1, 2, 3].map((at) => `record ${at} of page 1 is a number, not an object`),
    )
    expect(page?.warnings).toEqual([
      {
        stream: 'items',
        code: 'CURSOR_IN_FUTURE',
        count: 1_000,
        message: expect.stringContaining('record 1001 of page 1 (key 0)'),
      },
    ])
  })

  it('have different ids in different streams', async () => {
    const first = await readStream(answering([{ id: 1 }]), {})
    const second = await readStream(answering([{ id: 1 }]), { name: 'others' })
    expect(first.pages[0]?.records.ids).not.toEqual(second.pages[0]?.records.ids)
  })

  it('are absent after a 204, which is an empty page', async () => {
    const read = await readStream((_request, response) => void response.writeHead(204).end(), { recordsPath: ['d'] })
    expect(read.error).toBeUndefined()
    expect(read.pages[0]?.records.read).toBe(0)
  })
})

describe('the shape of a response', () => {
  const keysOf = (read: Awaited<ReturnType<typeof readStream>>) =>
    read.pages.flatMap(({ records }) => records.primaryKeys.map((key) => JSON.parse(key)))

  it('may be one record', async () => {
    const read = await readStream(answering({ id: 7, name: 'Ada' }), { records: { one: true } })
    expect(read.data).toEqual([{ id: 7, name: 'Ada' }])
    const inner = await readStream(answering({ account: { id: 7 } }), { records: { path: 'account', one: true } })
    expect(inner.data).toEqual([{ id: 7 }])
    const none = await readStream(answering({ account: null }), { records: { path: 'account', one: true } })
    expect(none.data).toEqual([])
    expect(none.error).toBeUndefined()
  })

  it('may be one record or a list of records, with the same definition', async () => {
    const records = { path: 'data', one: 'maybe' as const }
    expect((await readStream(answering({ data: { id: 7 } }), { records })).data).toEqual([{ id: 7 }])
    expect((await readStream(answering({ data: [{ id: 7 }, { id: 8 }] }), { records })).data).toEqual([
      { id: 7 },
      { id: 8 },
    ])
    expect((await readStream(answering({ data: [] }), { records })).data).toEqual([])
    expect(failureOf(await readStream(answering({ data: 'x' }), { records })).message).toMatch(/has no list of records/)
  })

  it('may be an object of records, which are identified by their keys', async () => {
    const body = { a1: { name: 'x' }, a2: { name: 'x' } }
    const read = await readStream(answering(body), { records: { map: true }, primaryKey: undefined })
    expect(read.data).toEqual([{ name: 'x' }, { name: 'x' }])
    expect(keysOf(read)).toEqual([['a1'], ['a2']])
    const keyed = await readStream(answering({ d: { a1: { id: 1 }, a2: { id: 2 } } }), {
      records: { path: ['d'], map: true },
    })
    expect(keysOf(keyed)).toEqual([['1'], ['2']])
    const empty = await readStream(answering([]), { records: { map: true } })
    expect(empty.error).toBeUndefined()
    expect(empty.data).toEqual([])
  })

  it('may have records at several places', async () => {
    const groups = { data: [{ items: [{ id: 1 }, { id: 2 }] }, { other: 1 }, { items: null }, { items: [{ id: 3 }] }] }
    const lists = await readStream(answering(groups), { records: { path: ['data', '*', 'items'] } })
    expect(lists.data).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    const edges = { edges: [{ node: { id: 1 } }, { node: null }, { node: { id: 2 } }] }
    const nodes = await readStream(answering(edges), { recordsPath: 'edges.*.node' })
    expect(nodes.data).toEqual([{ id: 1 }, { id: 2 }])
    const values = await readStream(answering({ a1: { id: 1 }, a2: { id: 2 } }), { recordsPath: ['*'] })
    expect(values.data).toEqual([{ id: 1 }, { id: 2 }])
    const maps = await readStream(answering({ x: { all: { a: { id: 1 } } }, y: { all: { b: { id: 2 } } } }), {
      records: { path: ['*', 'all'], map: true },
    })
    expect(maps.data).toEqual([{ id: 1 }, { id: 2 }])
  })

  it.each([
    ['a list instead of one record', [{ id: 1 }], { one: true }, /has no record: the response is a list/],
    ['nothing instead of one record', { a: 1 }, { path: ['d'], one: true }, /has no record: d is nothing/],
    ['a list instead of an object of records', [{ id: 1 }], { map: true }, /has no object of records: the response is/],
    ['a text instead of a list at one of several places', { a: { i: 'x' } }, { path: ['*', 'i'] }, /\*\.i is a string/],
    ['nothing that could hold several places', { a: 1 }, { path: ['d', '*'] }, /d\.\* is nothing/],
  ])('fails the job when it has %s', async (_name, body, records, message) => {
    expect(failureOf(await readStream(answering(body), { records })).message).toMatch(message)
  })

  it.each([
    [{ records: { one: true, map: true } }, /records\.map: must be left out/],
    [{ records: { path: ['a'] }, recordsPath: ['b'] }, /recordsPath: must be left out/],
    [{ records: { one: true }, format: 'csv' }, /records\.one: must be left out, because each line of csv is a record/],
    [{ records: { path: ['a'] }, format: 'csv' }, /records\.path: must be left out/],
    [{ pagination: { type: 'page', param: 'p', total: 't' }, format: 'csv' }, /pagination\.total: must be a header/],
    [{ pagination: { type: 'page', param: 'p', sizeParam: 's' } }, /pagination\.size: is missing/],
    [{ pagination: { type: 'page', param: 'p', total: 'header:' } }, /pagination\.total: must name a header/],
  ])('is refused in a definition: %j', (stream, problem) => {
    const streams = [{ name: 'items', path: '/', ...stream }]
    const problems = problemsOf({ displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'none' }, streams })
    expect(problems).toEqual([expect.stringMatching(problem)])
  })
})

describe('records without a primary key', () => {
  const read = (body: unknown) => readStream(answering(body), { primaryKey: undefined })

  it('are identified by their content, whatever the order of their keys', async () => {
    const first = await read([{ a: 1, b: [{ c: 2, d: 3 }] }, { a: 2 }])
    const second = await read([{ b: [{ d: 3, c: 2 }], a: 1 }, { a: '2' }])
    expect(first.pages[0]?.records.ids[0]).toBe(second.pages[0]?.records.ids[0])
    expect(first.pages[0]?.records.ids[1]).not.toBe(second.pages[0]?.records.ids[1])
    expect(first.pages[0]?.records.primaryKeys[0]).toMatch(/^\["[0-9a-f]{32}"\]$/)
  })

  it('have the same key in every version', async () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted)
      if (typeof value !== 'object' || value === null) return value
      const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, sorted(item)])
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
    }
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('10', '9', '01', '-1', '4294967294', '4294967295', 'é', '__proto__'),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
    }))
    const place = {
      connectionId: 'c',
      recordIds: 2,
      stream: { name: 's', path: '/' } as StreamDefinition,
      page: 1,
    } as const
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, tree), async (made) => {
        const record: unknown = JSON.parse(JSON.stringify(made))
        const { primaryKeys } = await prepareRecords([record], place)
        const digest = hash('sha256', JSON.stringify(sorted(record)), 'hex').slice(0, 32)
        expect(primaryKeys).toEqual([JSON.stringify([digest])])
      }),
    )
  })

  it('are one record when their content is the same', async () => {
    const both = await read([{ a: 1 }, { a: 1 }])
    expect(both.pages[0]?.records).toMatchObject({ read: 2, data: ['{"a":1}'] })
  })
})

describe('a large page of JSON', () => {
  const place = { connectionId: '01900000-0000-7000-8000-000000000001', recordIds: 2, page: 1 } as const
  const keyed: StreamDefinition = { name: 'items', path: '/', primaryKey: [['id']] }
  const dated: StreamDefinition = {
    ...keyed,
    incremental: { cursorField: ['at'], fieldFormat: '%Y-%m-%d %H:%M:%S', param: 'since' },
  }

  it.each([
    ['a primary key', keyed, (id: number) => ({ id, text: 'x'.repeat(50) })],
    ['no primary key', { name: 'items', path: '/' }, (id: number) => ({ id, a: { c: 1, b: 2 } })],
    ['a cursor in a format of its own', dated, (id: number) => ({ id, at: '2024-01-02 03:04:05' })],
    [
      'nothing that could be stored',
      { ...keyed, pagination: { type: 'link_header' } },
      () => ({ text: 'x'.repeat(50) }),
    ],
  ] as const)(
    'leaves turns to others while its records are prepared: records with %s',
    async (_name, stream, record) => {
      let turns = 0
      const count = () => {
        turns += 1
        handle = setImmediate(count)
      }
      let handle = setImmediate(count)
      const records = await prepareRecords(
        Array.from({ length: 100_000 }, (_, id) => record(id)),
        { ...place, stream },
      )
      clearImmediate(handle)
      expect(records.read).toBe(100_000)
      expect(turns).toBeGreaterThan(0)
    },
  )

  it.each([
    ['a list', `[${'0,'.repeat(100_000)}0]`, {}],
    ['an object', `{${Array.from({ length: 100_001 }, (_, id) => `"a${id}":0`).join()}}`, { map: true }],
    ['lists at several places', `[[${'0,'.repeat(60_000)}0],[${'0,'.repeat(60_000)}0]]`, { path: ['*'] }],
  ])('fails the stream when it has more than 100,000 records in %s', async (_name, text, records) => {
    const read = await readStream(answering(text), { records })
    expect(failureOf(read).message).toMatch(/page 1 has more than 100000 records, the limit for a page of JSON/)
  })

  it('may have 100,000 records, in which a secret of the connection is redacted', async () => {
    const token = 'echoed-token-0123456789'
    const rows = Array.from({ length: 100_000 }, (_, id) => (id === 99_999 ? { id, token } : { id }))
    const read = await readStream(answering(rows), {}, { token })
    expect(read.data).toHaveLength(100_000)
    expect(read.data.at(-1)).toEqual({ id: 99_999, token: '[redacted]' })
  })
})

describe('the progress of a stream', () => {
  it.each([
    [20, 40, { total: 40, percent: 50 }],
    [40, 40, { total: 40, percent: 100 }],
    // Some sources state the number of records on the page.
    [46, 6, { total: null, percent: null }],
    [46, 0, { total: null, percent: null }],
  ])('of %i records of a stated total of %i', (recordsRead, total, expected) => {
    const counters = { recordsRead, recordsWritten: 0, pagesRead: 1, total }
    expect(progressEvent('s', counters, null).payload).toMatchObject(expected)
  })
})
