import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordParser } from '../../../src/sync/read/body-formats.ts'
import { CsvParser, NdjsonParser } from '../../../src/sync/read/body-formats.ts'

const LONG = 1_000_000

/** Parses a text that arrives in pieces, cut at these places. */
function readInPieces(parser: RecordParser, text: string, cuts: readonly number[] = []): unknown[] {
  const records: unknown[] = []
  let start = 0
  for (const cut of [...cuts, text.length].map((at) => Math.min(at, text.length)).sort((a, b) => a - b)) {
    records.push(...parser.push(text.slice(start, cut)))
    start = cut
  }
  return [...records, ...parser.end()]
}

const csv = (text: string, maxLength = LONG) => readInPieces(new CsvParser(maxLength), text)

describe('CSV', () => {
  it.each([
    [
      'lines that end in CRLF',
      'id,name\r\n1,Ada\r\n2,Bob\r\n',
      [
        { id: '1', name: 'Ada' },
        { id: '2', name: 'Bob' },
      ],
    ],
    ['lines that end in LF, and a last line without a line break', 'id,name\n1,Ada', [{ id: '1', name: 'Ada' }]],
    ['a header alone', 'id,name\r\n', []],
    ['nothing', '', []],
    ['quoted commas, quotes and line breaks', 'id,n\r\n1,"a,""b""\r\nc"\r\n', [{ id: '1', n: 'a,"b"\r\nc' }]],
    ['empty fields, quoted or not', 'a,b,c\r\n,"",\r\n', [{ a: '', b: '', c: '' }]],
    ['spaces, which belong to the field', 'a,b\r\n x , y \r\n', [{ a: ' x ', b: ' y ' }]],
    ['empty lines at the end', 'a,b\r\n1,2\r\n\r\n\r\n', [{ a: '1', b: '2' }]],
    ['an empty line of one column', 'a\r\n\r\n1\r\n', [{ a: '' }, { a: '1' }]],
    [
      'columns whose names are special in JavaScript',
      '__proto__,constructor\n1,2',
      [JSON.parse('{"__proto__":"1","constructor":"2"}')],
    ],
  ])('may contain %s', (_name, text, records) => {
    expect(csv(text)).toEqual(records)
  })

  it.each([
    ['a line with too few fields', 'a,b\r\n1,2\r\n3\r\n', 'line 3 has 1 fields where the header has 2'],
    ['a line with too many fields', 'a,b\n1,2,3\n', 'line 2 has 3 fields where the header has 2'],
    ['an empty line in between', 'a,b\r\n\r\n1,2\r\n', 'line 2 is empty'],
    ['a quote inside a field', 'a\r\nx"y\r\n', 'line 2 has a quote inside a field that does not begin with a quote'],
    ['text after a quoted field', 'a\r\n"x"y\r\n', 'line 2 has text after the quote that ends a field'],
    ['a quote that is not closed', 'a\n1\n"x\n\n', 'line 3 begins a record whose last quote is not closed'],
    ['a wrong line after line breaks in quotes, which count as lines', 'a,b\n"x\ny",1\n2\n', 'line 4 has 1 fields'],
    ['a carriage return alone', 'a\rb\r\n', 'line 1 has a carriage return without a line feed'],
    ['a carriage return at the end', 'a\r\n1\r', 'line 2 has a carriage return without a line feed'],
    ['a column twice', 'a,b,a\r\n', 'line 1 is the header and names a column twice'],
  ])('must not contain %s', (_name, text, message) => {
    expect(() => csv(text)).toThrow(message)
  })

  it('must not have records longer than the limit, and the error names the line', () => {
    expect(() => csv(`a,b\n1,2\n"${'x\n'.repeat(60)}",3\n`, 100)).toThrow(
      'line 3 begins a record of more than 100 characters',
    )
  })

  it.each([
    ['a longer header', `id,${'a'.repeat(70_000)}\n1,2\n`, 'line 1 is a header of more than 65536 characters'],
    ['a header without an end', 'a'.repeat(70_000), 'line 1 is a header of more than 65536 characters'],
    ['more columns', `${Array.from({ length: 5_000 }, (_, at) => at).join()}\n`, 'line 1 has more than 4096 fields'],
    ['a record of more fields', `a,b\n${','.repeat(5_000)}`, 'line 2 has more than 4096 fields'],
  ])('must not have %s than its limit', (_name, text, message) => {
    expect(() => csv(text, 10 * LONG)).toThrow(message)
  })

  it('gives the same records wherever the text is cut', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', 'é', '😀'), maxLength: 6 })
    const table = fc
      .tuple(
        fc.uniqueArray(field, { minLength: 2, maxLength: 4 }),
        fc.array(fc.array(field, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
      )
      .map(([header, rows]) => ({ header, rows: rows.map((row) => row.slice(0, header.length)) }))
    fc.assert(
      fc.property(table, fc.array(fc.nat(200), { maxLength: 5 }), fc.boolean(), ({ header, rows }, cuts, ended) => {
        const text = [header, ...rows]
          .map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
          .join('\r\n')
        const read = readInPieces(new CsvParser(LONG), ended ? `${text}\r\n` : text, cuts)
        expect(read).toEqual(rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]]))))
      }),
    )
  })
})

describe('NDJSON', () => {
  it('gives the same records wherever the text is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.array(fc.nat(500)),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        (values, cuts, eol) => {
          const lines = values.map((value) => JSON.stringify(value))
          const read = readInPieces(new NdjsonParser(LONG), lines.join(eol), cuts)
          expect(read.map((value) => JSON.stringify(value))).toEqual(lines)
        },
      ),
    )
  })

  it.each([
    ['a line that is not JSON', '{"a":1}\n\n{"a":\n', 'line 3 cannot be read. The text is not JSON: it ends too early'],
    [
      'a value that is nested too deeply',
      `{}\n${'['.repeat(300)}\n`,
      'line 2 cannot be read. The JSON is nested more than 200 levels',
    ],
    ['a line that is too long', `{}\n${'1'.repeat(LONG)}1`, `line 2 is longer than ${LONG} characters`],
  ])('must not contain %s', (_name, text, message) => {
    expect(() => readInPieces(new NdjsonParser(LONG), text)).toThrow(message)
  })

  it('keeps numbers that JavaScript cannot represent', () => {
    expect(JSON.stringify(readInPieces(new NdjsonParser(LONG), '{"id":9007199254740993}'))).toBe(
      '[{"id":9007199254740993}]',
    )
  })
})
