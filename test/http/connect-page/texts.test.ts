import { describe, expect, it } from 'vitest'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'

/** All texts of a language by key. Functions are called with recognizable arguments. */
function textsOf(value: unknown, path = ''): Record<string, string> {
  if (typeof value === 'string') return { [path]: value }
  if (typeof value === 'function') return { [path]: path === 'otherScopes' ? value(['X', 'Y'], 3) : value('X', 'Y') }
  return Object.assign(
    {},
    ...Object.entries(value as object).map(([key, inner]) => textsOf(inner, path === '' ? key : `${path}.${key}`)),
  )
}

describe('The texts of the connect page', () => {
  it('are translated to German', () => {
    const german = textsOf(TEXTS.de)
    const same = Object.entries(textsOf(TEXTS.en)).filter(([key, text]) => german[key] === text)
    expect(same.map(([key]) => key)).toEqual(['optional'])
  })

  it('name scopes without a description in one phrase', () => {
    expect(TEXTS.en.otherScopes(['drive readonly'], 0)).toBe('use the permission “drive readonly”')
    expect(TEXTS.en.otherScopes(['a', 'b'], 2)).toBe('use the permissions “a”, “b”, and 2 more')
    expect(TEXTS.de.otherScopes(['a'], 0)).toBe('die Berechtigung „a“ nutzen')
    expect(TEXTS.de.otherScopes(['a', 'b'], 2)).toBe('die Berechtigungen „a“, „b“ und 2 weitere nutzen')
  })
})
