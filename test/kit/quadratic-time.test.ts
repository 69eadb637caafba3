import { describe, expect, it } from 'vitest'
import { signingKey } from '../../src/auth/signature/sign-jwt.ts'
import { compileTemplate, renderTemplate } from '../../src/catalog/template/template.ts'
import { renderUrl } from '../../src/catalog/template/url-template.ts'
import { joinUrl } from '../../src/egress/join-url.ts'
import { CsvParser } from '../../src/sync/read/body-formats.ts'

/** How much longer a text that is 16 times as long takes: 16 in linear time, 256 in quadratic time. */
function growth(run: (length: number) => unknown): number {
  const best = (length: number) => {
    const times = Array.from({ length: 5 }, () => {
      const began = performance.now()
      try {
        run(length)
      } catch {
        // The text may be refused. Its time counts.
      }
      return performance.now() - began
    })
    // Times of less than 0.1 ms are mostly noise.
    return Math.max(0.1, Math.min(...times))
  }
  best(8_000)
  return best(128_000) / best(8_000)
}

/** A text, and another that it nearly contains at every place. */
const repetitive = (length: number) => {
  const half = 'a'.repeat(length / 4)
  return { text: 'a'.repeat(length), needle: `${half}b${half}` }
}

const slashes = (length: number) => `https://example.com/${'/'.repeat(length)}x`

describe('texts of tenants that a backtracking search would read again and again', () => {
  it.each<[string, (length: number) => unknown]>([
    ['joinUrl: a base URL with many slashes', (length) => joinUrl(slashes(length), '/things')],
    [
      'joinUrl: a path that is encoded very often',
      (length) => joinUrl('https://example.com', `/%${'25'.repeat(length)}`),
    ],
    [
      'CsvParser: quoted fields without a line break',
      (length) => new CsvParser(Number.POSITIVE_INFINITY).push('"a",'.repeat(length)),
    ],
    [
      'renderTemplate: a repetitive text in another (in)',
      (length) => renderTemplate('{{ config.needle in config.text }}', { config: repetitive(length) }),
    ],
    [
      'renderTemplate: a repetitive text in another (replace)',
      (length) => renderTemplate("{{ config.text | replace(config.needle, '') }}", { config: repetitive(length) }),
    ],
    [
      'renderUrl: an input with many slashes',
      (length) => renderUrl('{{ config.u }}/x', { config: { u: slashes(length) } }),
    ],
    [
      'renderUrl: a host with many parts',
      (length) => renderUrl(`https://${'{{ v }}'.repeat(500)}.example.com/`, { v: 'a'.repeat(length / 500) }),
    ],
    [
      'signingKey: a key with many beginnings',
      (length) =>
        signingKey(
          { algorithm: 'RS256', key: '{{ config.key }}' },
          { config: { key: '-----BEGIN A-----'.repeat(length / 17) } },
        ),
    ],
  ])('%s takes linear time', (_, run) => {
    expect(growth(run)).toBeLessThan(100)
  })

  it('compileTemplate: white space around an expression takes no longer than its limit', () => {
    expect(growth((length) => compileTemplate(`{{${' '.repeat(length / 64)}a }}`))).toBeLessThan(100)
  })
})
