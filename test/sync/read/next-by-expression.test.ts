import { describe, expect, it } from 'vitest'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const query = { in: 'query', name: 'p' } as const

/** Pages with two records each, by the number of records before them. */
const offsets =
  (last: number): ProviderHandler =>
  ({ url }, response) => {
    const from = Number(url.searchParams.get('p') ?? 0)
    sendJson(response, from >= last ? [] : [{ id: from + 1 }, { id: from + 2 }])
  }

const asked = (read: Awaited<ReturnType<typeof readStream>>) =>
  read.server.requests.map(({ url }) => url.searchParams.get('p'))

describe('pagination by an expression', () => {
  it('follows the value until it is missing or false', async () => {
    for (const end of [undefined, null, '', false, 0, [], {}]) {
      const read = await readStream(
        (_request, response, count) =>
          sendJson(response, { data: [{ id: count }], meta: { next: count < 3 ? `t${count}` : end } }),
        { recordsPath: 'data', pagination: { type: 'next', value: 'answer.meta.next', place: query } },
      )
      expect(read.error).toBeUndefined()
      expect(asked(read)).toEqual([null, 't1', 't2'])
    }
  })

  it('counts pages and records, and ends at a page without records', async () => {
    const read = await readStream(offsets(6), { pagination: { type: 'next', value: 'page * 2', place: query } })
    expect(read.error).toBeUndefined()
    expect(read.data).toHaveLength(6)
    expect(asked(read)).toEqual([null, '2', '4', '6'])
    expect(read.pages.at(-1)?.end).toMatchObject({ how: 'empty' })
  })

  it('ends where stop is true, with the records of that page', async () => {
    const read = await readStream(
      offsets(100),
      {
        pagination: { type: 'next', value: 'last.id', stop: 'last.id >= input.most or count < 2', place: query },
      },
      { input: { most: 4 } },
    )
    expect(read.data).toHaveLength(4)
    expect(asked(read)).toEqual([null, '2'])
  })

  it('goes on after a page without records where the source names the next one', async () => {
    const read = await readStream(
      (_request, response, count) =>
        sendJson(response, count === 2 ? [] : [{ id: count }], count < 4 ? { 'x-next': String(count) } : {}),
      { pagination: { type: 'next', value: "headers['x-next'] | int * 10", place: query } },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([{ id: 1 }, { id: 3 }, { id: 4 }])
    expect(asked(read)).toEqual([null, '10', '20', '30'])
  })

  it.each([
    ['a header', { in: 'header', name: 'X-After', prefix: 'token' }, 'x-after'],
    ['a form', { in: 'form', name: 'after' }, 'after=c1'],
    ['JSON, with its type', { in: 'json', name: 'page.after' }, '{"page":{"after":{"at":1}}}'],
  ] as const)('puts the value into %s', async (_name, place, expected) => {
    const cursor = place.in === 'json' ? { at: 1 } : 'c1'
    const read = await readStream(
      (_request, response, count) => sendJson(response, { data: [{ id: count }], next: count === 1 ? cursor : null }),
      { recordsPath: 'data', pagination: { type: 'next', value: 'answer.next', place } },
    )
    expect(read.error).toBeUndefined()
    const second = read.server.requests[1]
    if (place.in === 'header') expect(second?.headers[expected]).toBe('token c1')
    else expect(second?.body).toBe(expected)
  })

  it('requests a URL, which may be relative, but never at another host', async () => {
    const read = await readStream(
      ({ url }, response, count) =>
        sendJson(response, { data: [{ id: count }], at: count < 3 ? `${url.pathname}x` : null }),
      {
        recordsPath: 'data',
        pagination: { type: 'next', value: "answer.at ~ '?n=' ~ page if answer.at else none", place: 'url' },
      },
    )
    expect(read.server.requests.map(({ url }) => url.pathname + url.search)).toEqual([
      '/items',
      '/itemsx?n=1',
      '/itemsxx?n=2',
    ])
    const away = await readStream((_request, response) => sendJson(response, [{ id: 1 }]), {
      pagination: { type: 'next', value: "'https://evil.example.com/'", place: 'url' },
    })
    expect(failureOf(away).message).toMatch(/links to another host for the next page \(evil\.example\.com/)
  })

  it('ends where pages repeat, if nothing but a count leads to the next one', async () => {
    const read = await readStream((_request, response) => sendJson(response, [{ id: 1 }, { id: 2 }]), {
      pagination: { type: 'next', value: 'page + 1', place: query },
    })
    expect(read.error).toBeUndefined()
    expect(read.pages.at(-1)?.end).toMatchObject({ how: 'repeated' })
    expect(read.server.requests.length).toBeLessThan(5)
  })

  it.each<[string, unknown, string, RegExp]>([
    [
      'a value that leads back',
      { data: [{ id: 1 }], next: 'same' },
      'answer.next',
      /cursor to the next page that was used before/,
    ],
    [
      'an object',
      { data: [{ id: 1 }], next: { a: 1 } },
      'answer.next',
      /page 1 has an object as the value of the next page/,
    ],
    [
      'a value that cannot be made',
      { data: [{ id: 1 }], next: 'x' },
      'answer.next + 1',
      /page after page 1 cannot be found: Arithmetic/,
    ],
    ['a long value', { data: [{ id: 1 }], next: 'x'.repeat(70_000) }, 'answer.next', /a cursor of more than 65536/],
  ])('fails the stream at %s', async (_name, body, value, message) => {
    const read = await readStream((_request, response) => sendJson(response, body), {
      recordsPath: 'data',
      pagination: { type: 'next', value, place: query },
    })
    expect(failureOf(read).message).toMatch(message)
    expect(read.server.requests.length).toBeLessThan(4)
  })

  it.each([
    [{ value: 'config.token', place: query }, /value: reads config, which does not exist here/],
    [{ value: '{{ answer.next }}', place: query }, /value: An expression is written without/],
    [{ value: 'answer.next', place: { in: 'cookie', name: 'p' } }, /place/],
    [
      { value: 'answer.next', place: { in: 'header', name: 'authorization' } },
      /place: is the place of a value of auth/,
    ],
    [{ value: 'answer.next', place: { in: 'query', name: 'q' } }, /place: q is already set by this stream/],
    [{ value: 'answer.next', place: { in: 'header', name: 'x-a' } }, /place: x-a is already set by this stream/],
    [{ value: 'answer.next' }, /place/],
  ])('is refused in a definition: %j', (pagination, problem) => {
    const stream = {
      name: 'a',
      path: '/',
      query: { q: '1' },
      headers: { 'X-A': '1' },
      pagination: { type: 'next', ...pagination },
    }
    const definition = {
      displayName: 'X',
      baseUrl: 'https://x.example.com',
      auth: { type: 'bearer' },
      streams: [stream],
    }
    expect(problemsOf(definition)).toEqual([expect.stringMatching(problem)])
  })
})
