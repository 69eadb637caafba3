import { describe, expect, it } from 'vitest'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { readStream } from './read-fixture.ts'

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
  ])('of which one %s are stored without that one', async (_name, bad, stream, what) => {
    const good = { id: 1, b: { c: 1 } }
    const text = JSON.stringify([good, bad], (_key, value: unknown) =>
      typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value,
    )
    const read = await readStream(answering(text), stream)
    expect(read.data).toEqual([good])
    expect(read.pages[0]?.records).toMatchObject({ read: 2, quarantined: [`record 2 of page 1 ${what}`] })
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
