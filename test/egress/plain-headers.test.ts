import { describe, expect, it } from 'vitest'
import { PlainHeaders } from '../../src/egress/plain-headers.ts'

/** What the Headers class makes of the same headers, without those that it rejects. */
function expected(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    try {
      headers.append(raw[index] ?? '', raw[index + 1] ?? '')
    } catch {}
  }
  return headers
}

const sorted = (headers: Headers) =>
  [...headers].sort(([a], [b]) => Number(a > b) - Number(a < b)).map((pair) => pair.join(': '))

describe('PlainHeaders', () => {
  it.each([
    ['values of one name', ['Link', '<a>', 'Date', 'now', 'link', '<b>', 'LINK', '']],
    ['cookies', ['Set-Cookie', 'a=1; Path=/', 'X-A', '1', 'set-cookie', 'b=2, c']],
    ['white space', ['X-A', ' \t a\tb  ', 'X-B', '  ']],
    ['bytes above ASCII', ['X-A', 'caf\xe9']],
    ['names that are not tokens', ['X A', '1', '', '2', 'X:A', '3', 'X-B', '4', 'X-\xe9', '5']],
    ['values with line breaks and NUL', ['X-A', 'a\nb', 'X-B', 'a\rb', 'X-C', 'a\0b', 'X-D', 'a\x01b']],
    ['names of objects', ['constructor', 'a', '__proto__', 'b', 'toString', 'c']],
  ])('reads like the Headers class: %s', (_, raw) => {
    const headers = PlainHeaders.from(raw.map((text) => Buffer.from(text, 'latin1')))
    const reference = expected(raw)
    expect(sorted(headers)).toEqual(sorted(reference))
    expect([...headers.keys()].sort()).toEqual([...reference.keys()])
    expect([...headers.values()].sort()).toEqual([...reference.values()].sort())
    expect(headers.getSetCookie()).toEqual(reference.getSetCookie())
    for (const name of ['Link', 'LINK', 'set-cookie', 'X-a', 'x-d', 'constructor', 'missing']) {
      expect([headers.get(name), headers.has(name)]).toEqual([reference.get(name), reference.has(name)])
    }
    expect(sorted(new Headers(headers))).toEqual(sorted(new Headers(reference)))
  })

  it('are replaced and removed in any case', () => {
    const headers = PlainHeaders.from(['Set-Cookie', 'a=1', 'X-A', '1', 'x-a', '2'])
    headers.set('X-A', '3')
    headers.delete('SET-COOKIE')
    const seen: string[] = []
    headers.forEach((value, name) => void seen.push(`${name}: ${value}`))
    expect(seen).toEqual(['x-a: 3'])
    expect([headers.get('set-cookie'), headers.getSetCookie()]).toEqual([null, []])
  })
})
