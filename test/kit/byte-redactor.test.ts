import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteRedactor } from '../../src/kit/byte-redactor.ts'

const SECRET = 's3cr3t/+ü&"x y\''
const base64 = (text: string) => Buffer.from(text).toString('base64')

function redact(text: string, secrets: string[]): string {
  return Buffer.from(createByteRedactor(secrets).redact(Buffer.from(text))).toString()
}

async function stream(chunks: Uint8Array[], secrets: string[]): Promise<string> {
  async function* source() {
    yield* chunks
  }
  const parts: Uint8Array[] = []
  for await (const part of createByteRedactor(secrets).stream(source())) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** Text as bytes in chunks of at most so many bytes. */
function chunksOf(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

describe('createByteRedactor', () => {
  it.each([
    ['in plain text', SECRET],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['form-encoded', new URLSearchParams({ k: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in JSON of PHP', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/').replaceAll('ü', '\\u00fc')],
    ['in JSON of Go', JSON.stringify(SECRET).slice(1, -1).replaceAll('&', '\\u0026')],
    ['in JSON of .NET', 's3cr3t/\\u002B\\u00FC\\u0026\\u0022x y\\u0027'],
    ['in HTML', SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')],
    ['in base64', base64(SECRET)],
  ])('finds a secret %s, in chunks of any size', async (_, echoed) => {
    const text = `no "${echoed}", sorry ${echoed}`
    const expected = redact(text, [SECRET])
    expect(expected).not.toContain(echoed)
    expect(expected).toMatch(/^no "\[redacted\]=*", sorry \[redacted\]=*$/)
    for (const size of [1, 2, 3, 7, 16, 1000]) expect(await stream(chunksOf(text, size), [SECRET])).toBe(expected)
  })

  it('finds a secret in the base64 of Basic credentials of any user name', () => {
    const secret = 'password-0123456789'
    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const hidden = redact(base64(`${user}:${secret}`), [secret])
      expect(hidden).toContain('[redacted]')
      // What remains decodes to the user name and at most a few bits of the secret.
      expect(Buffer.from(hidden.replace(/\[redacted\].*/, ''), 'base64').toString('latin1')).not.toContain('pa')
    }
  })

  it('ignores secrets of fewer than eight bytes, and is then not active', () => {
    expect(redact('a secret1 of 1234567 bytes', ['1234567', 'secret1'])).toBe('a secret1 of 1234567 bytes')
    expect(createByteRedactor(['1234567', '']).active).toBe(false)
    expect(redact('12345678', ['12345678'])).toBe('[redacted]')
    expect(redact('üüüü', ['üüüü'])).toBe('[redacted]')
  })

  it('replaces overlapping secrets by one placeholder, and the longer of two with a common beginning', async () => {
    const secrets = ['abcdefghij', 'abcdefghijklmno', 'jklmnopqrst']
    const text = '<abcdefghijklmnopqrst> <abcdefghij> <abcdefghijklmno>'
    const expected = '<[redacted]> <[redacted]> <[redacted]>'
    expect(redact(text, secrets)).toBe(expected)
    for (const size of [1, 2, 5, 11, 13]) expect(await stream(chunksOf(text, size), secrets)).toBe(expected)
  })

  it('gives the same result for any secrets, texts and chunks', async () => {
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', '"', '/'), minLength: 8, maxLength: 14 })
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '"', '/', '\\', 'ü'), maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.oneof(piece, fc.nat(2))),
        fc.integer({ min: 1, max: 9 }),
        async (secrets, pieces, size) => {
          const text = pieces.map((part) => (typeof part === 'number' ? (secrets[part] ?? '') : part)).join('')
          const whole = redact(text, secrets)
          expect(await stream(chunksOf(text, size), secrets)).toBe(whole)
          for (const each of secrets) expect(whole).not.toContain(each)
          if (!secrets.some((each) => text.includes(each) || text.includes(base64(each).slice(0, 6)))) {
            expect(whole.replaceAll('[redacted]', '')).toBe(whole)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('passes everything on at once that cannot be the beginning of a secret', async () => {
    const secret = 'token-0123456789'
    const received: string[] = []
    async function* source() {
      yield Buffer.from('data: 1\n\n')
      expect(received).toEqual(['data: 1\n\n'])
      yield Buffer.from('data: token-01')
      expect(received.join('')).toBe('data: 1\n\ndata: ')
      yield Buffer.from('23456789\n\n')
      expect(received.join('')).toBe('data: 1\n\ndata: [redacted]\n\n')
      yield Buffer.from('the end is a to')
    }
    for await (const part of createByteRedactor([secret]).stream(source())) received.push(Buffer.from(part).toString())
    expect(received.join('')).toBe('data: 1\n\ndata: [redacted]\n\nthe end is a to')
  })

  it('takes a time that is proportional to the length of a body that resembles a secret everywhere', () => {
    const body = Buffer.alloc(4 * 1024 * 1024, 'a')
    const redactor = createByteRedactor(Array.from({ length: 20 }, (_, index) => `${'a'.repeat(8_000 + index)}b`))
    const startedMs = performance.now()
    redactor.redact(body)
    // Comparing each secret at each byte takes minutes.
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  it('takes a time that does not depend on how many secrets share their beginning, or two bytes of it with another text', async () => {
    // A table by a hash of two bytes may have `BA` and `CQ` in one place.
    const secrets = Array.from({ length: 950 }, (_, n) => `aaaaaaaaaaaaaaBAqqqqqq/&<"+'${n}`)
    const redactor = createByteRedactor([...secrets, '<'.repeat(6_000)])
    const startedMs = performance.now()
    redactor.redact(Buffer.from('CQ'.repeat(1_000_000)))
    async function* chunks() {
      for (let nth = 0; nth < 8; nth += 1) yield Buffer.alloc(64 * 1024, 'a')
    }
    for await (const _ of redactor.stream(chunks()));
    // 0.1 s. To look at each secret at each byte takes 16 s.
    expect(performance.now() - startedMs).toBeLessThan(3_000)
  })

  it.each([
    ['that resembles a secret everywhere', 'a'.repeat(16_000), 'a'],
    [
      'that is the beginning of a secret again and again',
      Array.from({ length: 4_000 }, (_, n) => n % 10).join('-'),
      '0-1-2-3-4',
    ],
  ])('searches a stream of single bytes %s a few times only, and lets other work run', async (_, secret, unit) => {
    const length = 60_000
    const body = Buffer.from(unit.repeat(length / unit.length))
    let turns = 0
    let running = true
    const turn = () => {
      turns += 1
      if (running) setImmediate(turn)
    }
    setImmediate(turn)
    async function* bytes() {
      for (const [index] of body.entries()) yield body.subarray(index, index + 1)
    }
    const redactor = createByteRedactor([`${secret}b`])
    const began = performance.now()
    let passed = 0
    for await (const part of redactor.stream(bytes())) passed += part.length
    running = false
    // Searching what is held back again with each byte takes a minute.
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(turns).toBeGreaterThan(50)
    expect(passed).toBeGreaterThan(0)
  })

  it('joins small chunks only after many of them, and loses none of their bytes', async () => {
    const secret = Array.from({ length: 1_000 }, (_, n) => `${n}é`).join('/')
    const text = [10, 3_000, 700, 50, 2_000].map((length) => `${secret.slice(0, length)}<${secret}>`).join(' ')
    const expected = [10, 3_000, 700, 50, 2_000].map((length) => `${secret.slice(0, length)}<[redacted]>`).join(' ')
    expect(redact(text, [secret])).toBe(expected)
    expect(await stream(chunksOf(text, 1), [secret])).toBe(redact(text, [secret]))
    expect(await stream(chunksOf(text, 7), [secret])).toBe(redact(text, [secret]))
  })

  it('finds a secret as it is in the path of a URL', () => {
    expect(redact('/v1/se%20cr:et@x/y', ['se cr:et@x'])).toBe('/v1/[redacted]/y')
  })
})
