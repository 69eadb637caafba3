import { describe, expect, it } from 'vitest'
import type { Placement } from '../../src/catalog/definition/placement.ts'
import { applyPlacement, PlacementConflictError, valueProblem } from '../../src/wire/placement.ts'
import { type DraftBody, type RequestDraft, serializeDraft } from '../../src/wire/request-draft.ts'

function draftOf({ url = 'https://api.example.com/v1', headers = {}, body }: DraftParts = {}): RequestDraft {
  return { method: 'POST', url: new URL(url), headers: new Headers(headers), body, credentialHeaders: new Set() }
}

interface DraftParts {
  url?: string
  headers?: Record<string, string>
  body?: DraftBody
}

const form = (init: string): DraftBody => ({ type: 'form', value: new URLSearchParams(init) })
const json = (value: unknown): DraftBody => ({ type: 'json', value })

describe('applyPlacement', () => {
  it.each<[string, Placement, DraftParts, string]>([
    ['a header', { in: 'header', name: 'X-Key' }, {}, 'x-key: v'],
    [
      'a header with a scheme',
      { in: 'header', name: 'Authorization', prefix: 'Bearer' },
      {},
      'authorization: Bearer v',
    ],
    [
      'a header with a scheme and a space',
      { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      {},
      'authorization: Bearer v',
    ],
    [
      'a header with another prefix',
      { in: 'header', name: 'Authorization', prefix: 'Token token=' },
      {},
      'authorization: Token token=v',
    ],
    ['a cookie', { in: 'cookie', name: 'sid' }, {}, 'cookie: sid=v'],
    [
      'a cookie beside another',
      { in: 'cookie', name: 'sid' },
      { headers: { cookie: 'a=b; SID=c' } },
      'cookie: a=b; SID=c; sid=v',
    ],
  ])('puts a value into %s', (_name, placement, parts, expected) => {
    const draft = draftOf(parts)
    applyPlacement(draft, placement, 'v')
    expect(serializeDraft(draft).headers.map((pair) => pair.join(': '))).toEqual([expected])
    expect([...draft.credentialHeaders]).toEqual([expected.split(':')[0]])
  })

  it.each<[string, Placement, DraftParts, string]>([
    ['an empty query', { in: 'query', name: 'api key' }, {}, 'https://api.example.com/v1?api%20key=a%26b%20%2B'],
    [
      'a query without changing its bytes',
      { in: 'query', name: 'k' },
      { url: 'https://x.example/?q=a%20b&e' },
      'https://x.example/?q=a%20b&e&k=a%26b%20%2B',
    ],
  ])('puts a value into %s', (_name, placement, parts, expected) => {
    const draft = draftOf(parts)
    applyPlacement(draft, placement, 'a&b +')
    expect(draft.url.href).toBe(expected)
  })

  it.each<[string, Placement, DraftParts, string, string]>([
    ['no body, as a form', { in: 'form', name: 'k' }, {}, 'application/x-www-form-urlencoded', 'k=v+%26'],
    [
      'a form',
      { in: 'form', name: 'auth[key]' },
      { body: form('a=b') },
      'application/x-www-form-urlencoded',
      'a=b&auth%5Bkey%5D=v+%26',
    ],
    ['no body, as JSON', { in: 'json', name: ['auth', 'key'] }, {}, 'application/json', '{"auth":{"key":"v &"}}'],
    [
      'JSON, deep',
      { in: 'json', name: ['auth', 'key'] },
      { body: json({ auth: { a: 1 }, b: 2 }) },
      'application/json',
      '{"auth":{"a":1,"key":"v &"},"b":2}',
    ],
    [
      'JSON, in a list',
      { in: 'json', name: ['list', 1] },
      { body: json({ list: [1] }) },
      'application/json',
      '{"list":[1,"v &"]}',
    ],
    [
      'JSON, with a prefix',
      { in: 'json', name: ['key'], prefix: 'key-' },
      { body: json({}) },
      'application/json',
      '{"key":"key-v &"}',
    ],
    [
      'JSON of another media type',
      { in: 'json', name: ['k'] },
      { body: json({}), headers: { 'content-type': 'application/vnd.api+json' } },
      'application/vnd.api+json',
      '{"k":"v &"}',
    ],
  ])('puts a value into %s', (_name, placement, parts, contentType, body) => {
    const draft = draftOf(parts)
    applyPlacement(draft, placement, 'v &')
    const serialized = serializeDraft(draft)
    expect(serialized.body).toBe(body)
    expect(serialized.headers).toEqual([['content-type', contentType]])
  })

  it('does not change the body of the draft', () => {
    const [given, params] = [{ auth: {} }, new URLSearchParams('a=b')]
    applyPlacement(draftOf({ body: json(given) }), { in: 'json', name: ['auth', 'key'] }, 'v')
    applyPlacement(draftOf({ body: { type: 'form', value: params } }), { in: 'form', name: 'key' }, 'v')
    expect(given).toEqual({ auth: {} })
    expect(params.toString()).toBe('a=b')
  })

  it('rejects a JSON body that is not an object', () => {
    const draft = draftOf({ body: json([1]) })
    expect(() => applyPlacement(draft, { in: 'json', name: ['key'] }, 'v')).toThrow('is not an object')
  })

  it('changes no prototype, with any path', () => {
    const draft = draftOf({ body: json(JSON.parse('{"__proto__":{}}')) })
    applyPlacement(draft, { in: 'json', name: ['__proto__', 'polluted'] }, 'v')
    applyPlacement(draft, { in: 'json', name: ['constructor', 'prototype', 'polluted'] }, 'v')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(serializeDraft(draft).body).toBe(
      '{"__proto__":{"polluted":"v"},"constructor":{"prototype":{"polluted":"v"}}}',
    )
  })
})

describe('a placement whose name is taken', () => {
  it.each<[string, Placement, DraftParts, string[]]>([
    ['a header in another case', { in: 'header', name: 'X-Key' }, { headers: { 'x-key': '' } }, ['header', 'X-Key']],
    ['a cookie', { in: 'cookie', name: 'sid' }, { headers: { cookie: 'a=b;sid=c' } }, ['cookie', 'sid']],
    ['a query parameter', { in: 'query', name: 'k' }, { url: 'https://x.example/?k' }, ['query', 'k']],
    [
      'a query parameter in another spelling',
      { in: 'query', name: 'k' },
      { url: 'https://x.example/?%6B=1' },
      ['query', 'k'],
    ],
    ['a form field', { in: 'form', name: 'k' }, { body: form('k=1') }, ['form', 'k']],
    ['a form field with a JSON body', { in: 'form', name: 'k' }, { body: json({}) }, ['form', 'k']],
    ['a JSON property with a form body', { in: 'json', name: ['a', 0] }, { body: form('k=1') }, ['json', 'a', '0']],
    [
      'a JSON property with a raw body',
      { in: 'json', name: ['a'] },
      { body: { type: 'raw', value: new Uint8Array() } },
      ['json', 'a'],
    ],
    ['a JSON property', { in: 'json', name: ['a', 'b'] }, { body: json({ a: { b: null } }) }, ['json', 'a', 'b']],
    [
      'a JSON property below a string',
      { in: 'json', name: ['a', 'b'] },
      { body: json({ a: 'x' }) },
      ['json', 'a', 'b'],
    ],
    ['a JSON body that is a list', { in: 'json', name: ['a'] }, { body: json([]) }, ['json', 'a']],
  ])('is a conflict: %s', (_name, placement, parts, path) => {
    const draft = draftOf(parts)
    const before = JSON.stringify(serializeDraft(draft))
    try {
      applyPlacement(draft, placement, 'top-secret')
    } catch (error) {
      expect(error).toBeInstanceOf(PlacementConflictError)
      expect(error).toMatchObject({ fields: [{ path }] })
      expect(String(error)).not.toContain('top-secret')
      expect(JSON.stringify(serializeDraft(draft))).toBe(before)
      return
    }
    expect.unreachable()
  })
})

describe('valueProblem', () => {
  it.each<[Placement['in'], string, boolean]>([
    ['header', 'a b\t~', true],
    ['header', 'a\r\nX-Evil: 1', false],
    ['header', 'a\0', false],
    ['header', 'tökén', false],
    ['header', '“quoted”', false],
    ['cookie', 'abc=/+', true],
    ['cookie', 'a;b', false],
    ['cookie', 'a b', false],
    ['cookie', 'a"b', false],
    ['query', 'a\r\nb ü', true],
    ['query', '\ud800', false],
    ['form', 'a\r\nb', true],
    ['json', 'a\r\nb', true],
  ])('%s: %j', (place, value, fits) => {
    const placement: Placement = place === 'json' ? { in: place, name: ['k'] } : { in: place, name: 'k' }
    expect(valueProblem(placement, value) === undefined).toBe(fits)
    const apply = () => applyPlacement(draftOf(), placement, value)
    if (fits) expect(apply).not.toThrow()
    else expect(apply).toThrow(PlacementConflictError)
  })
})
