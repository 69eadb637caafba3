import { describe, expect, it } from 'vitest'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'

/** All texts of a language by key. Functions are called with recognizable arguments. */
function textsOf(value: unknown, path = ''): Record<string, string> {
  if (typeof value === 'string') return { [path]: value }
  if (typeof value === 'function') return { [path]: value('X', 'Y') }
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

  it('count permissions without words', () => {
    expect([TEXTS.en.otherScopes(1, false), TEXTS.en.otherScopes(2, false)]).toEqual([
      'use 1 permission',
      'use 2 permissions',
    ])
    expect([TEXTS.en.otherScopes(1, true), TEXTS.en.otherScopes(3, true)]).toEqual([
      'and 1 more permission',
      'and 3 more permissions',
    ])
    expect([TEXTS.de.otherScopes(1, false), TEXTS.de.otherScopes(3, true)]).toEqual([
      '1 Berechtigung nutzen',
      'und 3 weitere Berechtigungen',
    ])
  })
})
