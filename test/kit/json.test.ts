import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRawJson, JsonSyntaxError, JsonTooDeepError, parseJson, stringifyJson } from '../../src/kit/json.ts'

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const KEPT = [
  '9007199254740993',
  '-9007199254740993',
  '123456789012345678901234567890',
  '1e400',
  '-1E+400',
  '1e-400',
  '0.1000000000000000055',
  '1234567.12345678901234',
  '12345678901234567890e-9',
  '-0',
  '-0.0',
  '-0e5',
  `1${'0'.repeat(400)}`,
]

const PLAIN: [string, number][] = [
  ['0', 0],
  ['1.0', 1],
  ['1E2', 100],
  ['1e22', 1e22],
  ['0e999', 0],
  ['0.000000', 0],
  ['-1.50', -1.5],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740992', 2 ** 53],
  ['1.00000000000000000000000', 1],
  ['100000000000000000000000', 1e23],
  ['0.1e-5', 0.000001],
  ['5e-324', 5e-324],
  ['1.7976931348623157e308', Number.MAX_VALUE],
  ['0.30000000000000004', 0.1 + 0.2],
]

describe('parseJson', () => {
  it.each(KEPT)('keeps the number %s as text', (source) => {
    const parsed = parseJson(source)
    expect(isRawJson(parsed) && parsed.rawJSON).toBe(source)
    expect(stringifyJson(parsed)).toBe(source)
    expect(stringifyJson(parseJson(`{"a":[1,${source},"x"]}`))).toBe(`{"a":[1,${source},"x"]}`)
  })

  it('keeps numbers in time that is proportional to their number', () => {
    const time = (text: string) => {
      const began = performance.now()
      parseJson(text)
      return performance.now() - began
    }
    const kept = `[${'-0,'.repeat(400_000)}0]`
    const plain = `["",${'7,'.repeat(400_000)}0]`
    time(plain)
    const ordinary = Math.min(...[1, 2, 3].map(() => time(plain)))
    // JSON.parse with a reviver takes about 100 times as long.
    expect(Math.min(...[1, 2, 3].map(() => time(kept)))).toBeLessThan(30 * Math.max(5, ordinary))
  })

  it('keeps numbers in a text that has every string and name by which they could be marked', () => {
    const marks = Array.from({ length: 40 }, (_, index) => String.fromCharCode(0x78 + index))
    const escaped = marks.map((mark) => `"\\u00${mark.charCodeAt(0).toString(16).toUpperCase()}-0"`)
    const text = `[${JSON.stringify(marks).slice(1, -1)},${escaped.join(',')},{"\u007f-0":"\u007f-0","b":-0},-0,"-0"]`
    const plain = JSON.parse(text) as unknown[]
    const parsed = parseJson(text) as unknown[]
    expect(parsed.slice(0, -3)).toEqual(plain.slice(0, -3))
    expect(stringifyJson(parsed.slice(-3))).toBe('[{"\u007f-0":"\u007f-0","b":-0},-0,"-0"]')
    const one = parseJson('["\\u007F-0",-0,{"__proto__":-0}]')
    expect(stringifyJson(one)).toBe('["\u007f-0",-0,{"__proto__":-0}]')
    expect(Object.getPrototypeOf((one as unknown[])[2])).toBe(Object.prototype)
  })

  it.each([
    '{-0:1}',
    '{-0 : 1}',
    '{"a":1,1e400\n:2}',
    '[-00]',
    '[-0-0]',
    '[-0.]',
    '[1e400.5]',
    '-0"x"',
    '[-0 -0]',
    '-0:',
  ])('refuses %s, in which a number cannot be kept', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(() => parseJson(text)).toThrow(JsonSyntaxError)
  })

  it.each(PLAIN)('parses %s as an ordinary number', (source, number) => {
    expect(parseJson(source)).toBe(number)
    // Next to a number that is kept as text, the others stay ordinary.
    expect(parseJson(`[${source}, 1e400]`)).toHaveProperty('0', number)
  })

  it('returns the same as JSON.parse for every text that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        fc.pre(!/-0(?![.\d])/.test(text))
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('preserves the value of every decimal number', () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/)
    const number = fc
      .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n }), fc.option(digits), fc.option(fc.integer()))
      .map(([sign, whole, fraction, exponent]) => {
        return `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent % 330}`}`
      })
    fc.assert(
      fc.property(number, (source) => {
        expect(exactValue(stringifyJson(parseJson(`[${source}]`)).slice(1, -1))).toEqual(exactValue(source))
      }),
      { numRuns: 1000 },
    )
  })

  it('ignores numbers and brackets inside strings', () => {
    const value = { '1e400': '9007199254740993', text: `${'['.repeat(500)}\\"[[-0`, quote: '"', slash: '\\' }
    expect(parseJson(JSON.stringify(value))).toStrictEqual(value)
  })

  it('keeps the last of equal keys', () => {
    expect(parseJson('{"a":1,"b":2,"a":3}')).toEqual({ a: 3, b: 2 })
    expect(stringifyJson(parseJson('{"a":1,"a":9007199254740993}'))).toBe('{"a":9007199254740993}')
  })

  it.each(['{"__proto__":{"polluted":true},"a":1}', '{"__proto__":{"polluted":1e400},"a":1}'])(
    'keeps __proto__ as an own key in %s',
    (text) => {
      const parsed = parseJson(text)
      expect(Object.keys(Object(parsed))).toEqual(['__proto__', 'a'])
      expect(parsed).not.toHaveProperty('polluted')
      expect(stringifyJson(parsed)).toBe(text)
    },
  )

  it('accepts 200 levels and refuses 201', () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}0${'}]'.repeat(levels / 2)}`
    expect(stringifyJson(parseJson(nested(200)))).toBe(nested(200))
    expect(() => parseJson(`[${nested(200)}]`)).toThrow(JsonTooDeepError)
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(JsonTooDeepError)
  })

  it('limits the depth, not the number of brackets', () => {
    const wide = `[${Array.from({ length: 1000 }, () => '{"a":[]}').join(',')}]`
    expect(parseJson(wide)).toHaveLength(1000)
  })

  it.each([
    ['', 0],
    ['  ', 2],
    ['[1,', 3],
    ['[1,]', 3],
    ['{"a":1,}', 7],
    ['{"a"}', 4],
    ['{a:1}', 1],
    ['[1 2]', 3],
    ['[1}', 2],
    ['[1]x', 3],
    ['01', 1],
    ['+1', 0],
    ['-', 0],
    ['1.', 1],
    ['tru', 3],
    ['trux', 3],
    ['nul,', 3],
    ['"open', 5],
    ['"a\nb"', 2],
    ['"\\x"', 1],
    ['"\\u12G4"', 1],
    ['{"a":secret}', 5],
    ['\ufeff{}', 0],
    ["{'a':1}", 1],
    ['<html>', 0],
  ])('reports the position of the error in %j', (text, position) => {
    const error = thrownBy(() => parseJson(text))
    expect(error).toBeInstanceOf(JsonSyntaxError)
    expect(error).toHaveProperty('position', position)
  })

  it('reports a position for every text that JSON.parse refuses', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      'true',
      'nul',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        if (refusal(text) === undefined) {
          parseJson(text)
          return
        }
        const error = thrownBy(() => parseJson(text))
        expect(error).toBeInstanceOf(JsonSyntaxError)
        if (!(error instanceof JsonSyntaxError)) return
        expect(error.position).toBeGreaterThanOrEqual(0)
        expect(error.position).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 2000 },
    )
  })

  it('does not quote the text in its error', () => {
    const error = thrownBy(() => parseJson('{"access_token": canary-4711}'))
    expect(String(error)).not.toContain('canary')
    expect(error instanceof Error && error.stack).not.toContain('canary')
  })
})

describe('stringifyJson', () => {
  it('refuses values that have no JSON form', () => {
    expect(() => stringifyJson(undefined)).toThrow(TypeError)
    expect(() => stringifyJson(() => 1)).toThrow(TypeError)
    expect(() => stringifyJson(1n)).toThrow(TypeError)
  })

  it('does not write an object that looks like a kept number as a number', () => {
    expect(isRawJson({ rawJSON: '1' })).toBe(false)
    expect(stringifyJson({ rawJSON: '1' })).toBe('{"rawJSON":"1"}')
  })
})

function refusal(text: string): unknown {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return error
  }
}

/** Sign, digits without zeros at either end, and power of ten. Equal for numbers of equal value. */
function exactValue(source: string): [sign: string, digits: string, power: bigint] {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(source) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  if (digits === '') return [sign, '', 0n]
  return [sign, digits, BigInt(exponent) - BigInt(fraction.length) + BigInt(all.length - digits.length)]
}
