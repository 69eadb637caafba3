import fc from 'fast-check'

/** Strings that cause problems in databases and parsers. */
const TEXTS = [
  '',
  ' ',
  'x',
  '\0',
  'a\0b',
  '\ud800',
  'half \udfff pair',
  '\ud83d\ude00',
  '\u202e\u200b\ufeff',
  'é e\u0301',
  "'; DROP TABLE workspace; --",
  '%_\\',
  '{{ config.x }} {% x %} #{x} %{x}',
  '<img src=x onerror=alert(1)>',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '1e400',
  'NaN',
  'Infinity',
  '../../etc/passwd',
  'http://169.254.169.254/latest',
  'https://user:pass@example.com',
  'javascript:alert(1)',
  'a\r\nSet-Cookie: x=1',
  '\u0085\u2028\u2029',
  'a'.repeat(255),
  'a'.repeat(256),
  '\u{1f600}'.repeat(300),
  'a'.repeat(70_000),
]

export const nastyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
      .map((units) => String.fromCharCode(...units)),
  },
)

/** Numbers as JSON text. Not all can be represented in JavaScript. */
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '9007199254740993',
  '2147483647',
  '2147483648',
  '1e-400',
  '0.1',
  '123456789012345678901234567890',
]

const INSTANTS = [
  '2026-01-31T12:00:00Z',
  '2026-02-31T12:00:00Z',
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '+275760-09-13T00:00:00Z',
  '2026-01-31',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:00:00+25:00',
  '2026-01-31T12:00:00.1234567891Z',
  '0001-01-01T00:00:00Z',
  'infinity',
  'now',
  '5',
]

export const nastyInstant = fc.oneof(fc.constantFrom(...INSTANTS), nastyText)

/** JSON text that causes problems in parsers and with prototypes. */
export const nastyJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.json({ stringUnit: 'binary', maxDepth: 4 }) },
  { weight: 3, arbitrary: nastyText.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.dictionary(nastyText, nastyText, { maxKeys: 4 }).map((value) => JSON.stringify(value)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '{"__proto__":{"admin":true}}',
      '{"constructor":{"prototype":{"admin":true}}}',
      '{"a":1,"a":2}',
      '{"toString":1,"valueOf":2,"then":3,"toJSON":4,"length":5}',
      '{"\\u0000":1}',
      '{"\\ud800":"\\udc00"}',
      `${'['.repeat(99)}1${']'.repeat(99)}`,
      `${'['.repeat(101)}1${']'.repeat(101)}`,
      `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
      `[${'0,'.repeat(5_000)}0]`,
      '{"":""}',
      'null',
      '[null,[],{},""]',
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...NUMBERS), nastyText)
      .map(([n, text]) => `{"n":${n},${JSON.stringify(text)}:[${n}]}`),
  },
)
