import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactSecrets } from '../../src/kit/redact.ts'

const SECRET = 's3cr3t/+ü&"x y\''

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('redactSecrets', () => {
  it.each([
    ['in plain text', SECRET],
    ['in base64', base64(SECRET)],
    ['in base64 without padding', base64(SECRET).replace(/=+$/, '')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['in URL-encoded base64', encodeURIComponent(base64(SECRET))],
    ['in Basic credentials', base64(`client:${SECRET}`)],
    ['in Basic credentials, one byte further', base64(`client1:${SECRET}`)],
    ['in Basic credentials, two bytes further', base64(`client12:${SECRET}!`)],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['URL-encoded in lower case', encodeURIComponent(SECRET).replace(/%../g, (unit) => unit.toLowerCase())],
    ['URL-encoded strictly', encodeURIComponent(SECRET).replaceAll("'", '%27')],
    ['form-encoded', new URLSearchParams({ k: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON with escaped slashes', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    ['in JSON of ASCII only', JSON.stringify(SECRET).slice(1, -1).replaceAll('ü', '\\u00fc')],
    ['in HTML', SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')],
  ])('finds a secret %s', (_, echoed) => {
    expect(redactSecrets(`no "${echoed}", sorry`, [SECRET])).toBe('no "[redacted]", sorry')
  })

  it('finds every occurrence of every secret, and the longer of two with a common prefix', () => {
    expect(redactSecrets('abcd abcdef xyzw abcd', ['abcd', 'abcdef', 'xyzw'])).toBe(
      '[redacted] [redacted] [redacted] [redacted]',
    )
  })

  it('replaces overlapping secrets by one placeholder', () => {
    expect(redactSecrets('<oneandtwo>', ['oneand', 'andtwo'])).toBe('<[redacted]>')
  })

  it('ignores secrets of fewer than four characters', () => {
    expect(redactSecrets('a cat sat', ['a', 'cat', ''])).toBe('a cat sat')
    expect(redactSecrets('a cats sat', ['cats'])).toBe('a [redacted] sat')
  })

  it('returns one line, and finds secrets that control characters interrupt', () => {
    expect(redactSecrets('one\r\ntwo\tthree\0\u001b[31m\u0085', [])).toBe('one two three[31m')
    expect(redactSecrets('a sec\0ret here', ['secret'])).toBe('a [redacted] here')
    const pem = '-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----\n'
    expect(redactSecrets(`<${pem}> ${JSON.stringify({ pem })}`, [pem])).toBe('<[redacted]> {"pem":"[redacted]"}')
  })

  it('cuts after the replacement, so that no part of a secret remains at the end', () => {
    const text = `${'x'.repeat(495)}secret-token and more`
    expect(redactSecrets(text, ['secret-token'])).toBe(`${'x'.repeat(495)}[red…`)
    expect(redactSecrets('secret-token', ['secret-token'], 4)).toBe('[re…')
    expect(redactSecrets('x'.repeat(500), [])).toHaveLength(500)
    expect(redactSecrets('x'.repeat(501), [])).toBe(`${'x'.repeat(499)}…`)
    expect(redactSecrets('anything', [], 0)).toBe('')
  })

  it('never cuts a surrogate pair in half', () => {
    expect(redactSecrets('ab\u{1f511}cd', [], 4)).toBe('ab…')
    expect(redactSecrets('a\ud83db', [])).toBe('a\ufffdb')
  })

  it('removes a secret whatever surrounds it', () => {
    const secret = fc.string({ minLength: 12, maxLength: 40 }).filter((text) => text.trim().length >= 12)
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (text, before, after) => {
        const forms = [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), base64(text)]
        const echoed = [...forms, base64(before + text + after)]
        const redacted = redactSecrets(echoed.map((form) => before + form + after).join('\n'), [text], 10_000)
        return forms.every((form) => !redacted.includes(form)) && !redacted.includes(base64(before + text + after))
      }),
      { numRuns: 500 },
    )
  })

  it('handles a long text that is nearly base64 quickly', () => {
    const text = 'QUJD'.repeat(250_000)
    expect(redactSecrets(text, ['ABCABCABC!'], 10)).toBe(`${text.slice(0, 9)}…`)
    expect(redactSecrets(text, ['ABCABCABCABC'], 20)).toBe('[redacted]…')
  })

  it('takes a time that does not depend on the length of the text and on how much it resembles a secret', () => {
    const secret = `${'a'.repeat(16_000)}b`
    const time = (text: string) => {
      const began = performance.now()
      redactSecrets(text, [secret])
      return performance.now() - began
    }
    const ordinary = time('no such thing. '.repeat(140_000))
    // Searching all of the text for the secret as text takes seconds.
    expect(time('a'.repeat(2_000_000))).toBeLessThan(20 * Math.max(20, ordinary))
  })

  it('shows nothing of a secret that is cut in two where the search ends', () => {
    const secret = Array.from({ length: 1_500 }, (_, index) => `${index}`.padStart(4, 'x')).join('')
    for (const before of [0, 100, 19_000, 19_990, 19_999, 20_000, 20_001, 25_999]) {
      for (const text of [
        `${' '.repeat(before)}${secret}`,
        `${secret.repeat(3)}${'-'.repeat(before)}${secret.repeat(4)}`,
      ]) {
        const shown = redactSecrets(text, [secret], 30_000)
        expect(shown).not.toMatch(/x\d/)
        expect(redactSecrets(text, [secret])).not.toMatch(/x\d/)
      }
    }
    const controls = `${'\0'.repeat(60_000)}${secret.repeat(3)}`
    expect(redactSecrets(controls, [secret])).not.toMatch(/x\d/)
  })
})
