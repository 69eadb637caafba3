import { describe, expect, it } from 'vitest'
import { renderPath, renderUrl } from '../../../src/catalog/template/url-template.ts'
import { TemplateError } from '../../../src/catalog/template/value.ts'

const inHost = 'https://{{ input.v }}.example.com/api'
const inPath = 'https://api.example.com/v1/{{ input.v }}/x'
const encodedInPath = 'https://api.example.com/v1/{{ input.v | urlencode }}/x'
const inQuery = 'https://api.example.com/v1?tenant={{ input.v }}&a=b'
const atStart = '{{ input.v }}/services'

describe('renderUrl', () => {
  it.each([
    ['https://api.example.com/v1', '', 'https://api.example.com/v1'],
    [inHost, 'acme', 'https://acme.example.com/api'],
    [inHost, 'a.b-c', 'https://a.b-c.example.com/api'],
    ['https://{{ input.v }}/api', 'git.example.com:8443', 'https://git.example.com:8443/api'],
    ['http://{{ input.v }}', 'localhost', 'http://localhost/'],
    [inPath, 'owner/repo', 'https://api.example.com/v1/owner/repo/x'],
    [inPath, 'a b?c#d%e\\f', 'https://api.example.com/v1/a%20b%3Fc%23d%25e%5Cf/x'],
    ['https://api.example.com/{{ input.v | urlencode }}/x', 'owner/repo', 'https://api.example.com/owner%2Frepo/x'],
    [inQuery, 'a&admin=1#x y', 'https://api.example.com/v1?tenant=a%26admin%3D1%23x%20y&a=b'],
    [atStart, 'https://na1.example.com', 'https://na1.example.com/services'],
    [atStart, 'https://na1.example.com/', 'https://na1.example.com/services'],
    [atStart, 'https://na1.example.com/base', 'https://na1.example.com/base/services'],
  ])('%s with %j is %s', (source, v, expected) => {
    expect(renderUrl(source, { input: { v } }).href).toBe(expected)
  })

  it.each([
    [inHost, 'evil.example/'],
    [inHost, 'evil.example/?'],
    [inHost, 'evil.example#'],
    [inHost, 'evil.example\\'],
    [inHost, 'user@evil.example'],
    [inHost, 'evil.example:80'],
    [inHost, ''],
    [inHost, ' acme'],
    [inHost, 'ac\nme'],
    [inHost, 'ac%2fme'],
    [inHost, 'bücher'],
    [inPath, '..'],
    [inPath, '.'],
    [inPath, 'a/../../admin'],
    [inPath, '..%2f..%2fadmin'],
    [inPath, '..%00'],
    [encodedInPath, '../admin'],
    [encodedInPath, '%2e%2e'],
    [inPath, '\ud800'],
    [atStart, 'javascript:alert(1)'],
    [atStart, 'ftp://example.com'],
    [atStart, 'https://user:pass@example.com'],
    [atStart, 'https://example.com?x=1'],
    [atStart, 'https://example.com#x'],
    [atStart, 'https:\\\\example.com'],
    [atStart, 'example.com'],
    [atStart, ''],
  ])('%s refuses %j without repeating it', (source, v) => {
    try {
      renderUrl(source, { input: { v } })
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateError)
      if (v.length > 4) expect(String(error)).not.toContain(v)
      return
    }
    expect.unreachable()
  })
})

describe('renderPath', () => {
  it.each([
    ['/users', '', '/users'],
    ['/users/{{ input.v }}', 'a?b=c', '/users/a%3Fb=c'],
    ['/users?q={{ input.v }}', 'a&b', '/users?q=a%26b'],
    ['{{ input.v }}/items', 'a/b', 'a/b/items'],
  ])('%s with %j is %s', (source, v, expected) => {
    expect(renderPath(source, { input: { v } })).toBe(expected)
  })

  it.each(['https://evil.example', '//evil.example', '..'])('refuses %j, which would change the target', (v) => {
    expect(() => renderPath('{{ input.v }}/items', { input: { v } })).toThrow(TemplateError)
  })
})
