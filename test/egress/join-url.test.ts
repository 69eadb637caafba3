import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EgressError } from '../../src/egress/egress-error.ts'
import { joinUrl } from '../../src/egress/join-url.ts'

const BASE = 'https://api.github.com'
const BASE_WITH_PATH = 'https://api.example.com/v3/api/'

/** The paths that servers see that decode a path none to six times, and then remove `..` as URLs do. */
function servedPaths(pathname: string): string[] {
  const served: string[] = []
  for (let path = pathname, layer = 0; layer <= 6; layer += 1) {
    served.push(new URL(`https://x${path.replaceAll(/[\0-\x20]/g, '').replaceAll(/[?#]/g, '_')}`).pathname)
    path = path.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
  return served
}

describe('joinUrl', () => {
  it.each([
    [BASE, 'repos', `${BASE}/repos`],
    [BASE, '/repos', `${BASE}/repos`],
    [`${BASE}/`, '/repos/', `${BASE}/repos/`],
    [BASE, '', `${BASE}/`],
    [BASE, '/', `${BASE}/`],
    [BASE_WITH_PATH, '', BASE_WITH_PATH],
    ['https://api.example.com/v3', '', 'https://api.example.com/v3'],
    ['https://api.example.com/v3', '/', 'https://api.example.com/v3/'],
    ['https://api.example.com/v3', '?a=1', 'https://api.example.com/v3?a=1'],
    [BASE_WITH_PATH, '/users/1', 'https://api.example.com/v3/api/users/1'],
    [BASE_WITH_PATH, 'users?q=a/../b&r=%2e%2e', 'https://api.example.com/v3/api/users?q=a/../b&r=%2e%2e'],
    [BASE, '/a b/ü', `${BASE}/a%20b/%C3%BC`],
    [BASE, '/a%2Fb', `${BASE}/a%2Fb`],
    [BASE, '/a//b', `${BASE}/a//b`],
    [BASE, '/compare/main...dev', `${BASE}/compare/main...dev`],
    [BASE, '/files/a..b/..c/d../.../x', `${BASE}/files/a..b/..c/d../.../x`],
    [BASE, '/v1/%2E-not-a-segment', `${BASE}/v1/%2E-not-a-segment`],
    [BASE, '/50%25/100%2525/%E2%82%AC/%', `${BASE}/50%25/100%2525/%E2%82%AC/%`],
    [BASE, '/%C3%80%C2%AE%C0/a%00b%20c', `${BASE}/%C3%80%C2%AE%C0/a%00b%20c`],
    [BASE, '/urn:li:person:1', `${BASE}/urn:li:person:1`],
    [BASE, '/redirect?to=https://evil.com', `${BASE}/redirect?to=https://evil.com`],
    ['https://h.example/api?v=1', 'x?y=2', 'https://h.example/api/x?v=1&y=2'],
    ['https://h.example:8443/api', 'x', 'https://h.example:8443/api/x'],
    [BASE_WITH_PATH, 'https://api.example.com/v3/api/users?page=2', 'https://api.example.com/v3/api/users?page=2'],
    [BASE_WITH_PATH, 'HTTPS://API.example.com:443/v3/api', 'https://api.example.com/v3/api'],
  ])('joins %s and %s to %s', (base, path, expected) => {
    expect(joinUrl(base, path).href).toBe(expected)
  })

  it('adds the query to an existing one, with spaces as %20', () => {
    const pairs: [string, string][] = [
      ['a', 'x y&z'],
      ['a', '+é'],
    ]
    expect(joinUrl(BASE, '/s?q=1', pairs).search).toBe('?q=1&a=x%20y%26z&a=%2B%C3%A9')
    expect(joinUrl(BASE, '/s', { 'a b': '' }).search).toBe('?a%20b=')
    expect(joinUrl(BASE, '/s', new URLSearchParams({ a: '#' })).search).toBe('?a=%23')
  })

  it('does not change its arguments', () => {
    const base = new URL(BASE)
    joinUrl(base, '/x', { a: '1' })
    expect(base.href).toBe(`${BASE}/`)
  })

  const TRICKS = [
    ...['@evil.com/', ':80@evil.com/', '.evil.com/', '//evil.com', '///evil.com', '/\\evil.com', '\\\\evil.com'],
    ...['https://evil.com/', '\t//evil.com', '/\t/evil.com', ' //evil.com', '/../../admin', '/%2e%2e/admin'],
    ...['/.%2e/admin', '/%2E./admin', '..', '/x/..', '/..;/admin', '/..%3badmin', '/..%2fadmin', '/x/..%5cadmin'],
    ...[
      '\\..\\admin',
      'https:/evil.com',
      'https:evil.com',
      'https:\\\\evil.com',
      'HtTpS://evil.com',
      'https:///evil.com',
    ],
    ...['https://api.example.com@evil.com/v3/api/', 'https://api.example.com.evil.com/v3/api/', 'javascript:alert(1)'],
    ...[
      'https://api.example.com/v3/admin',
      'https://api.example.com/v3/api/../admin',
      'http://api.example.com/v3/api/x',
    ],
    ...[
      'https://api.example.com/v3/apiary',
      'https://api.example.com:444/v3/api/',
      '/a\nb',
      '/a\0b',
      ' /a',
      '/a ',
      '/a#b',
    ],
    ...[
      '/%25%32%65%25%32%65/admin',
      '/%252e%252e/admin',
      '/%25252525252525252e./admin',
      '/..%252fadmin',
      '/%%32e%2%65/x',
    ],
    ...[
      '/..%00',
      '/..%00.json',
      '/..%20/admin',
      '/.%09./admin',
      '/%0a..%0d/x',
      '/..%2500',
      '/..%3fx',
      '/..%23',
      '/..%7f/x',
    ],
    ...['/x/..%25%35%63admin', '/..%u002fadmin', '/%u002e%u002e/x', '/%c0%ae%c0%ae/x', '/..%c0%af', '/..%c1%9cx'],
    ...['/%e0%80%ae./x', '/..%20;x', '/..%253bx', 'https://api.example.com/v3/api/%25%32%65./admin'],
    ...['https://user:pass@api.example.com/v3/api/x', '/\n/evil.com', '\u00a0//evil.com'],
  ]
  // Unusual names that stay under the base.
  const HARMLESS = [
    '@evil.com/',
    ':80@evil.com/',
    '.evil.com/',
    'https:/evil.com',
    'https:evil.com',
    'javascript:alert(1)',
  ]

  it.each(TRICKS)('refuses %j, which leads away from the base', (path) => {
    if (HARMLESS.includes(path)) {
      const url = joinUrl(BASE_WITH_PATH, path)
      expect(url.href).toBe(`${BASE_WITH_PATH}${path}`)
    } else {
      expect(() => joinUrl(BASE_WITH_PATH, path)).toThrow(EgressError)
    }
  })

  it('refuses a URL of more than 64 Ki characters, whatever makes it so long', () => {
    const refused = expect.objectContaining({ kind: 'refused_url', message: expect.stringContaining('65536') })
    expect(joinUrl(BASE, `/${'a'.repeat(65_000)}`, { a: 'b' }).href.length).toBeGreaterThan(65_000)
    expect(() => joinUrl(BASE, `/${'a'.repeat(65_536)}`)).toThrow(refused)
    expect(() => joinUrl(BASE, '/', { a: 'é'.repeat(20_000) })).toThrow(refused)
    expect(() => joinUrl(BASE, `/?${'a&'.repeat(240_000)}`)).toThrow(refused)
    expect(() => joinUrl(BASE, `${BASE}/?${'a&'.repeat(240_000)}`)).toThrow(refused)
  })

  it('throws an error that does not repeat the path', () => {
    const failure = () => joinUrl(BASE, '/../canary?token=canary')
    expect(failure).toThrow('The path for api.github.com contains a .. segment.')
    expect(() => joinUrl(BASE, 'https://evil.com/canary')).toThrow(
      expect.objectContaining({
        kind: 'refused_url',
        sentBytes: false,
        message: expect.not.stringContaining('canary'),
      }),
    )
  })

  it.each(['not a url', 'file:///etc/', 'https://user:pass@api.example.com/'])('rejects the base %s', (base) => {
    expect(() => joinUrl(base, '/x')).toThrow(EgressError)
  })

  it('stays under the base or throws, for any path', () => {
    const piece = fc.constantFrom(
      ...['%', '25', '2e', '%32', '%65', '%25', '%00', '%20', '%09'],
      ...['/', '\\', '.', '..', '%2e', '%2f', '%5c', '@', ':', '?', '#', ';', 'evil.com', ' '],
    )
    const path = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 3 }), fc.constant('https://')))
    fc.assert(
      fc.property(path, fc.string({ unit: 'binary' }), (pieces, value) => {
        let url: URL
        try {
          url = joinUrl(BASE_WITH_PATH, pieces.join(''), { value })
        } catch (error) {
          return error instanceof EgressError
        }
        const { origin, pathname, username, password, hash } = new URL(url.href)
        const inside = servedPaths(pathname).every((served) => served.startsWith('/v3/api'))
        return origin === 'https://api.example.com' && inside && `${username}${password}${hash}` === ''
      }),
      { numRuns: 2_000 },
    )
  })
})
