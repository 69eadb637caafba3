import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteRedactor } from '../../src/kit/byte-redactor.ts'
import { createTextRedactor, redactSecrets } from '../../src/kit/redact.ts'

const number = (text: string) => text.charCodeAt(0)
const hex = (text: string, digits: number) => number(text).toString(16).padStart(digits, '0')
const entities = (names: Record<string, string>) => (text: string) =>
  text.replace(/[^A-Za-z0-9]/g, (character) => names[character] ?? character)
const HTML = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const json = (text: string) => JSON.stringify(text).slice(1, -1)
/** URL encoding of all but letters, digits and some further characters. */
const percent = (safe: string) => (text: string) =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      const isSafe = /[A-Za-z0-9]/.test(character) || safe.includes(character)
      return isSafe ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

/** Encoders by their documentation. */
const ENCODERS: Record<string, (text: string) => string> = {
  Handlebars: entities({ ...HTML, "'": '&#x27;', '`': '&#x60;', '=': '&#x3D;' }),
  Mustache: entities({ ...HTML, "'": '&#39;', '/': '&#x2F;', '`': '&#x60;', '=': '&#x3D;' }),
  'Go html/template': entities({ ...HTML, '"': '&#34;', "'": '&#39;', '+': '&#43;' }),
  'PHP 8 htmlspecialchars': entities({ ...HTML, "'": '&#039;' }),
  'PHP htmlentities for HTML 5': entities({ ...HTML, "'": '&apos;', '/': '&sol;', '+': '&plus;', '=': '&equals;' }),
  XML: entities({ ...HTML, "'": '&apos;' }),
  'Python html.escape': entities({ ...HTML, "'": '&#x27;' }),
  'OWASP HTML': (text) => text.replace(/[^A-Za-z0-9]/gu, (each) => `&#x${each.codePointAt(0)?.toString(16)};`),
  'Python urllib.parse.quote': percent('_.-~/'),
  'Python urllib.parse.quote_plus': (text) => percent('_.-~ ')(text).replaceAll(' ', '+'),
  'JavaScript encodeURIComponent': encodeURIComponent,
  'JavaScript encodeURI': encodeURI,
  'JavaScript escape': (text) =>
    text.replace(/[^A-Za-z0-9@*_+\-./]/g, (unit) =>
      number(unit) < 256 ? `%${hex(unit, 2).toUpperCase()}` : `%u${hex(unit, 4).toUpperCase()}`,
    ),
  'Ruby CGI.escape in lower case': (text) =>
    percent('_.-*')(text).replace(/%../g, (escaped) => (escaped === '%20' ? '+' : escaped.toLowerCase())),
  JSON: json,
  'PHP json_encode': (text) =>
    json(text)
      .replaceAll('/', '\\/')
      .replace(/[^ -~]/g, (unit) => `\\u${hex(unit, 4)}`),
  'PHP JSON_HEX_*': (text) =>
    json(text)
      .replace(/\\"|[<>&']/g, (each) => `\\u${hex(each.at(-1) ?? '', 4).toUpperCase()}`)
      .replaceAll('/', '\\/')
      .replace(/[^ -~]/g, (unit) => `\\u${hex(unit, 4)}`),
  Gson: (text) => json(text).replace(/[<>&='\u2028\u2029]/g, (each) => `\\u${hex(each, 4)}`),
  'Go encoding/json': (text) => json(text).replace(/[<>&]/g, (each) => `\\u${hex(each, 4)}`),
  'System.Text.Json': (text) =>
    text.replace(/[^A-Za-z0-9 !#$%()*,\-./:;=?@[\]^_{|}~]/g, (each) => `\\u${hex(each, 4).toUpperCase()}`),
  'Django escapejs': (text) => text.replace(/[\\'"<>&=\-;`]/g, (each) => `\\u${hex(each, 4).toUpperCase()}`),
  'OWASP JavaScript': (text) =>
    text.replace(/[^A-Za-z0-9,._]/g, (each) => (number(each) < 256 ? `\\x${hex(each, 2)}` : `\\u${hex(each, 4)}`)),
  'PHP addslashes': (text) => text.replace(/['"\\]/g, '\\$&'),
}
const NAMES = Object.keys(ENCODERS)
const encode = (name: string, text: string) => ENCODERS[name]?.(text) ?? ''

function inBody(text: string, secrets: string[]): string {
  return Buffer.from(createByteRedactor(secrets).redact(Buffer.from(text))).toString()
}

async function inStream(text: string, size: number, secrets: string[]): Promise<string> {
  const bytes = Buffer.from(text)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const parts: Uint8Array[] = []
  for await (const part of createByteRedactor(secrets).stream(chunks())) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** Two secrets side by side may be one in a stream. */
const joined = (text: string) => text.replace(/(?:\[redacted\])+/g, '[redacted]')

const special = fc.constantFrom(...'/+=&<>"\'`%\\;#-_.~!@ :,?{}()*$|^[]')
const secret = fc
  .array(fc.oneof(fc.constantFrom(...'abxuf019AZ'), special, fc.constantFrom('ü', '€', '🔑')), {
    minLength: 10,
    maxLength: 30,
  })
  .map((parts) => parts.join(''))
  .filter((text) => text.trim() === text)

describe('a secret that an encoder escaped', () => {
  it.each(NAMES)('is found as %s writes it, whole and in chunks of any size', async (name) => {
    for (const token of ['Zm9v/YmFy+cXV4cXV1eA==', `it's <a/"b"> & c=d+e \\ 100% ü€🔑-x`, '////++++====']) {
      const echoed = encode(name, token)
      const text = `{"a":"${echoed}"} \\\\${echoed}%`
      const expected = '{"a":"[redacted]"} \\\\[redacted]%'
      expect(inBody(text, [token])).toBe(expected)
      expect(redactSecrets(text, [token])).toBe(expected)
      expect(createTextRedactor([token]).finds(text)).toBe(true)
      for (const size of [1, 2, 3, 5, 7, 16, 1000]) expect(await inStream(text, size, [token])).toBe(expected)
    }
  })

  it('is found for any secret and encoder, with the same result in chunks of any size', async () => {
    const noise = fc.string({
      unit: fc.constantFrom('a', 'u', '0', '&', '%', '\\', '#', '2', 'F', ';', '+'),
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(secret, { minLength: 1, maxLength: 2 }),
        fc.array(fc.tuple(noise, fc.nat(1), fc.constantFrom(...NAMES), noise), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        async (secrets, pieces, size) => {
          const text = pieces
            // A backslash or `&` before the secret would be a part of its first escape.
            .map(([before, which, name, after]) => `${before} ${encode(name, secrets[which] ?? '')} ${after}`)
            .join('\n')
          const whole = inBody(text, secrets)
          for (const [, which, name] of pieces) {
            const echoed = encode(name, secrets[which] ?? '')
            if (echoed !== '') expect(whole).not.toContain(echoed)
          }
          expect(joined(await inStream(text, size, secrets))).toBe(joined(whole))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('is found in base64 with escaped characters', () => {
    const token = '>>>???~~~ token'
    const base64 = Buffer.from(`user:${token}`).toString('base64')
    expect(base64).toMatch(/[+/]/)
    for (const name of NAMES) {
      const shown = inBody(`Basic ${encode(name, base64)}.`, [token])
      expect(shown).toContain('[redacted]')
      expect(shown).not.toContain(encode(name, base64).slice(12, 24))
    }
  })

  it('does not make other texts with escapes change', async () => {
    const text = '{"url":"https:\\/\\/example.com\\/?a=1&amp;b=%2F&#47;c","text":"\\u003cb\\u003e 100% &c \\\\"}'
    for (const secrets of [['Zm9v/YmFy+cXV4cXV1eA=='], ['////++++====']]) {
      expect(inBody(text, secrets)).toBe(text)
      for (const size of [1, 3, 10]) expect(await inStream(text, size, secrets)).toBe(text)
    }
  })

  it.each([
    ['escapes', '%2F'],
    ['backslashes', '\\'],
    ['escaped letters', '\\u0061'],
    ['anchors and escapes', 'aaaa&#x2F;'],
    ['plus signs', '+'],
  ])('takes a time that is proportional to the length of a body of %s only', async (_, unit) => {
    const secrets = [
      'aaaa/aaaa/aaaa/aaaa b',
      `${'a/'.repeat(2_000)}b`,
      '//////////////',
      '\\\\\\\\\\\\\\\\\\b',
      'a b c d e f g',
    ]
    const redactor = createByteRedactor(secrets)
    const time = (length: number) => {
      const body = Buffer.from(unit.repeat(length / unit.length))
      const began = performance.now()
      redactor.redact(body)
      return performance.now() - began
    }
    time(100_000)
    const short = Math.max(10, time(200_000))
    // Quadratic time would be a hundred times.
    expect(time(2_000_000)).toBeLessThan(50 * short)
  })
})
