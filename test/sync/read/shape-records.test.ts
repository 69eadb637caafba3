import { describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { withoutPaths } from '../../../src/sync/read/shape-records.ts'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { describeDatabases } from '../../support/databases.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { syncSuite } from '../run/sync-suite.ts'
import { failureOf, readStream } from './read-fixture.ts'

const answering =
  (body: unknown): ProviderHandler =>
  (_request, response) =>
    sendJson(response, body)

describe('records.where', () => {
  const people = [{ id: 1, age: 40 }, { id: 2, age: 12 }, { id: 3 }, { id: 4, age: 'unknown' }]

  it('leaves out records for which it is not true, or cannot be evaluated', async () => {
    const read = await readStream(answering(people), { records: { where: 'record.age > 18' } })
    expect(read.data).toEqual([{ id: 1, age: 40 }])
    expect(read.pages[0]?.records).toMatchObject({ read: 1, leftOut: 3, quarantined: 0 })
  })

  it('reads inputs, and the key in an object of records', async () => {
    const read = await readStream(
      answering({ a1: { n: 1 }, b1: { n: 2 } }),
      {
        records: { map: true, where: "key == 'b1' and input.n == record.n" },
        primaryKey: undefined,
      },
      { input: { n: 2 } },
    )
    expect(read.data).toEqual([{ n: 2 }])
  })

  it('counts what it leaves out as read of the list: a page without other records is not the last one', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const offset = Number(url.searchParams.get('offset'))
        sendJson(
          response,
          offset >= 6
            ? []
            : [
                { id: offset, on: offset === 4 },
                { id: offset + 1, on: false },
              ],
        )
      },
      { records: { where: 'record.on' }, pagination: { type: 'offset', param: 'offset', size: 2 } },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([{ id: 4, on: true }])
    expect(read.server.requests.map(({ url }) => url.searchParams.get('offset'))).toEqual(['0', '2', '4', '6'])
    expect(read.pages.at(-1)?.list).toMatchObject({ read: 6 })
  })

  it('sees pages that differ only in records that it leaves out as different', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page'))
        sendJson(response, { data: [{ id: page, on: false }], more: page < 5 })
      },
      {
        recordsPath: 'data',
        records: { where: 'record.on' },
        pagination: { type: 'page', param: 'page', hasMore: 'more' },
      },
    )
    expect(read.error).toBeUndefined()
    expect(read.server.requests).toHaveLength(5)
  })

  it('counts what it leaves out for the cursor and for the end of the newest records', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page'))
        sendJson(response, [{ id: page, at: 10 - page, on: page % 2 === 0 }])
      },
      {
        records: { where: 'record.on' },
        pagination: { type: 'page', param: 'page' },
        incremental: { cursorField: 'at', by: 'newest_first' },
      },
      { since: '7' },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([
      { id: 2, at: 8, on: true },
      { id: 4, at: 6, on: true },
    ])
    expect(read.pages[0]?.records.highest).toBe('9')
    expect(read.pages.at(-1)?.end).toMatchObject({ how: 'older' })
  })

  it('sees no secret of the connection that the source repeats', async () => {
    const token = 'good-token-0123456789'
    const read = await readStream(
      answering([
        { id: 1, echo: token },
        { id: 2, echo: 'x' },
      ]),
      {
        records: { where: "'token' in record.echo or record.id == 2", set: { copy: '{{ record.echo | upper }}' } },
      },
    )
    expect(read.data).toEqual([{ id: 2, echo: 'x', copy: 'X' }])
  })
})

describe('records.set', () => {
  it('adds values to a record before its key is read, and keeps their types', async () => {
    const body = '[{"n":1,"big":12345678901234567890,"tags":["a"],"none":null,"owner":{"name":"Ada"}}]'
    const read = await readStream(
      (_request, response) => void response.setHeader('content-type', 'application/json').end(body),
      {
        primaryKey: ['uid'],
        records: {
          set: {
            uid: 'item-{{ record.n }}',
            same: '{{ record.big }}',
            text: '{{ record.big }}!',
            all: '{{ record.tags }}',
            first: '{{ record.tags | first }}',
            'owner.id': '{{ record.n + 1 }}',
            'new.deep': '{{ record.n == 1 }}',
            n: '{{ record.n * 10 }}',
            none: 'x',
            gone: '{{ record.absent.more }}',
            nil: '{{ record.none }}',
            kind: 'item',
          },
        },
      },
    )
    expect(read.error).toBeUndefined()
    expect(read.pages[0]?.records.primaryKeys).toEqual(['["item-1"]'])
    expect(read.pages[0]?.records.data).toEqual([
      `{"n":10,"big":12345678901234567890,"tags":["a"],"none":"x","owner":{"name":"Ada","id":2},"uid":"item-1",` +
        `"same":12345678901234567890,"text":"12345678901234567890!","all":["a"],"first":"a","new":{"deep":true},"nil":null,"kind":"item"}`,
    ])
  })

  it('leaves out a record whose value cannot be made, and names its place', async () => {
    const read = await readStream(
      answering([
        { id: 1, n: 'secret-ish' },
        { id: 2, n: 4 },
      ]),
      {
        records: { set: { half: '{{ record.n / 2 }}' } },
      },
    )
    expect(read.data).toEqual([{ id: 2, n: 4, half: 2 }])
    expect(read.pages[0]?.records.quarantinedAt).toEqual([
      'record 1 of page 1 has no half: Arithmetic needs numbers. Use the filter int.',
    ])
  })

  it('works line by line too', async () => {
    const read = await readStream(
      (_request, response) => void response.setHeader('content-type', 'text/csv').end('id,name\n1,ada\n2,bob\n3,eve\n'),
      {
        format: 'csv',
        records: { where: "record.name != 'bob'", set: { upper: '{{ record.name | upper }}' }, drop: ['name'] },
      },
    )
    expect(read.data).toEqual([
      { id: '1', upper: 'ADA' },
      { id: '3', upper: 'EVE' },
    ])
  })

  it('fails the stream when the templates of a page would cost too much', async () => {
    const long = 'a'.repeat(200_000)
    const set = { big: `{{ ${"record.text | replace('a', 'b') | length + ".repeat(60)}0 }}` }
    const read = await readStream(answering([{ id: 1, text: long }]), { records: { set } })
    expect(failureOf(read).message).toMatch(/records cannot be shaped: The templates of this request need more than/)
  })
})

describe('records.drop', () => {
  it('leaves out fields after the key and the cursor are read', async () => {
    const read = await readStream(answering([{ id: 1, at: '2024-01-01', name: 'Ada', log: { time: 1, by: 2 } }]), {
      records: { drop: ['id', 'at', 'log.time', 'absent.deep'] },
      incremental: { cursorField: 'at', param: 'since' },
    })
    expect(read.data).toEqual([{ name: 'Ada', log: { by: 2 } }])
    expect(read.pages[0]?.records).toMatchObject({ primaryKeys: ['["1"]'], highest: '"2024-01-01"' })
  })

  it('identifies a record without a key by what is left', async () => {
    const keyOf = async (time: number) => {
      const read = await readStream(answering([{ name: 'Ada', time }]), {
        primaryKey: undefined,
        records: { drop: ['time'] },
      })
      return read.pages[0]?.records.primaryKeys
    }
    expect(await keyOf(1)).toEqual(await keyOf(2))
  })

  it('follows * through objects and lists', () => {
    const record = { a: [{ x: 1, y: 2 }, { x: 3 }, 4], b: { p: { x: 1 }, q: { x: 2, z: 3 } }, c: [1, 2, 3] }
    const before = JSON.stringify(record)
    expect(
      withoutPaths(record, [
        ['a', '*', 'x'],
        ['b', '*', 'x'],
        ['c', 1],
      ]),
    ).toEqual({
      ...{ a: [{ y: 2 }, {}, 4], b: { p: {}, q: { z: 3 } }, c: [1, 3] },
    })
    expect(withoutPaths(record, [['a', '*'], ['b'], ['c', 'x']])).toEqual({ a: [], c: [1, 2, 3] })
    expect(JSON.stringify(record)).toBe(before)
  })
})

describe('what the records of a stream may read', () => {
  it.each([
    [{ where: 'record.a >' }, /streams\.0\.records\.where: .*does not parse/],
    [{ where: 'config.token' }, /records\.where: reads config, which does not exist here/],
    [{ set: { a: '{{ config.token }}' } }, /records\.set\.a: reads config, which does not exist here/],
    [{ where: 'parent.id == 1' }, /records\.where: reads parent, but this stream has no parent/],
    [{ set: { a: '{{ window.from }}' } }, /records\.set\.a: reads window, but this stream has no incremental\.window/],
    [{ set: { a: '{{ key }}' } }, /records\.set\.a: reads key, but the records are no map/],
    [{ set: { 'a.__proto__': 'x' } }, /records\.set/],
  ])('is checked in the definition: %j', (records, problem) => {
    const streams = [{ name: 'items', path: '/', records }]
    const problems = problemsOf({ displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'none' }, streams })
    expect(problems).toEqual([expect.stringMatching(problem)])
  })
})

describeDatabases('a stream whose templates make its records', (open) => {
  const suite = syncSuite(open)

  it('is right after each change of its definition, also where its pages stay the same', async () => {
    const records = Array.from({ length: 60 }, (_, index) => ({ id: index, even: index % 2 === 0 }))
    const server = await suite.provider((_request, response) => sendJson(response, records))
    const items = { name: 'items', path: '/items', primaryKey: ['id'] }
    const definition: DefinitionInput = suite.paged(server, 60, { streams: [items] })
    const connection = await suite.fixture.connect(definition)
    suite.work()
    const sync = async (changed: object) => {
      // It is parsed each time the connection is opened.
      definition.streams = [{ ...items, ...changed }]
      const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
      expect(job.status).toBe('SUCCEEDED')
      const kept = (await connection.records()).filter(({ deleted }) => !deleted)
      return { count: kept.length, first: JSON.parse(kept[0]?.data ?? 'null'), read: job.records_read }
    }
    expect(await sync({})).toEqual({ count: 60, first: { id: 0, even: true }, read: 60 })
    expect(await sync({ records: { drop: ['even'] } })).toEqual({ count: 60, first: { id: 0 }, read: 60 })
    expect(await sync({ records: { drop: ['even'] } })).toEqual({ count: 60, first: { id: 0 }, read: 60 })
    const filtered = { records: { where: 'record.even', set: { twice: '{{ record.id * 2 }}' } } }
    expect(await sync(filtered)).toEqual({ count: 30, first: { id: 0, even: true, twice: 0 }, read: 30 })
    expect(await sync(filtered)).toMatchObject({ count: 30 })
    expect(await sync({})).toEqual({ count: 60, first: { id: 0, even: true }, read: 60 })
  })
})
