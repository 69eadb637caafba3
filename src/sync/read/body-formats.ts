import { type BodyFormat, recordsIn, type StreamDefinition } from '../../catalog/definition/stream.ts'
import { JsonSyntaxError, JsonTooDeepError, parseJson } from '../../kit/json.ts'
import type { ProviderResponse } from '../../wire/provider-response.ts'
import { badSource } from '../jobs/sync-error.ts'

/** Formats with one record per line, so that a body of any length is read in constant memory. */
export type LineFormat = Exclude<BodyFormat, 'json'>

/**
 * The format of a response that is read line by line; undefined: it is JSON, or has to be read as a whole first. If the
 * definition names no format, the media type decides, unless the definition needs values from inside the JSON.
 */
export function lineFormatOf(stream: StreamDefinition, headers: Headers): LineFormat | undefined {
  const { format } = stream
  const type = mediaType(headers)
  // Errors with status 200 have a JSON or HTML body. NDJSON is often labelled as JSON too.
  if (format === 'csv') return isJson(type) || type === 'text/html' ? undefined : 'csv'
  if (format === 'ndjson') return type === 'text/html' ? undefined : 'ndjson'
  if (format === 'json' || needsWholeBody(stream)) return undefined
  if (type === 'text/csv') return 'csv'
  return type === 'application/x-ndjson' || type === 'application/ndjson' || type === 'application/jsonl'
    ? 'ndjson'
    : undefined
}

/** The Accept header, if the definition has none. */
export function acceptOf({ format }: StreamDefinition): string {
  if (format === 'csv') return 'text/csv, */*;q=0.5'
  return format === 'ndjson' ? 'application/x-ndjson, */*;q=0.5' : 'application/json'
}

/** @param maxRecordLength in characters */
function parserOf(format: LineFormat, maxRecordLength: number): RecordParser {
  return format === 'csv' ? new CsvParser(maxRecordLength) : new NdjsonParser(maxRecordLength)
}

/** The media type of a response, in lower case. */
export function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The charset of a response. Default: utf-8. */
export function charsetOf(headers: Headers): string {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
}

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}

function needsWholeBody(stream: StreamDefinition): boolean {
  const { path, one, map } = recordsIn(stream)
  if (path.length > 0 || one || map || stream.incremental?.feed !== undefined) return true
  // A path of the pagination; a value in a header is text.
  return Object.values(stream.pagination ?? {}).some(Array.isArray)
}

/** Records that are written at once; fewer if they are large. */
const PIECE_RECORDS = 1_000

/** Bytes of the response for one piece, and the column names that its records repeat. */
const PIECE_BYTES = 4 * 1024 * 1024

/** Largest header of CSV, in characters. Every record repeats it. */
const MAX_HEADER = 64 * 1024
/** Most fields of a line of CSV. */
const MAX_FIELDS = 4_096

/** A part of a page. */
export interface Piece {
  records: unknown[]
  /** Number of records of the page before this piece. */
  before: number
  /** Decoded bytes since the previous piece. */
  bytesRead: number
  /** This is the last piece of the page. */
  last: boolean
}

export interface PlaceOfLines {
  /** Name of the stream, for messages. */
  stream: string
  page: number
  format: LineFormat
  /** Largest record, in characters. */
  maxRecordLength: number
}

/** A successful response of a source, read completely unless `body` is present. */
export interface PageAnswer extends ProviderResponse {
  /** The URL that answered: another path of the same origin after a redirect. */
  url: URL
  /** Decoded bytes of the body that were read so far. */
  readonly bytesRead: number
  /** The decoded body, still to be read; `text` is empty then. Fails with EgressError. */
  body: AsyncIterable<Uint8Array> | undefined
}

/**
 * Reads a body of any length in pieces, holding one piece and the last chunk. The last piece may be empty, so that
 * every page has one.
 * @throws SyncFailedError when the body is not valid in its format
 * @throws EgressError when the body breaks off
 */
export async function* readLines(
  answer: PageAnswer,
  body: AsyncIterable<Uint8Array>,
  place: PlaceOfLines,
): AsyncGenerator<Piece> {
  const parser = parserOf(place.format, place.maxRecordLength)
  const decoder = decoderOf(answer.headers, place)
  let records: unknown[] = []
  let before = 0
  let bytesBefore = 0
  const isFull = () => {
    const size = answer.bytesRead - bytesBefore + records.length * parser.repeatedLength
    return records.length >= PIECE_RECORDS || (size >= PIECE_BYTES && records.length > 0)
  }
  const piece = (last: boolean): Piece => {
    const made = { records, before, bytesRead: answer.bytesRead - bytesBefore, last }
    before += records.length
    bytesBefore = answer.bytesRead
    records = []
    return made
  }
  try {
    for await (const chunk of body) {
      for (const record of parser.push(decoder.decode(chunk, { stream: true }))) {
        records.push(record)
        if (isFull()) yield piece(false)
      }
    }
    records.push(...parser.push(decoder.decode()), ...parser.end())
    yield piece(true)
  } catch (error) {
    if (error instanceof LineError) throw unreadable(place, error.message)
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw unreadable(
        place,
        `it is not valid ${charsetOf(answer.headers).toUpperCase()}, after about record ${before + records.length}`,
      )
    }
    throw error
  }
}

/**
 * Removes a byte order mark. Invalid bytes are an error: a replacement character would be stored as if it were the
 * text.
 */
function decoderOf(headers: Headers, place: PlaceOfLines): TextDecoder {
  try {
    return new TextDecoder(charsetOf(headers), { fatal: true })
  } catch {
    throw unreadable(place, 'its charset is unknown')
  }
}

function unreadable({ stream, page, format }: PlaceOfLines, why: string) {
  return badSource(stream, `page ${page} cannot be read as ${format.toUpperCase()}: ${why}.`)
}

/** Parses the text of a body into records as it arrives. Both functions throw LineError. */
export interface RecordParser {
  /** Characters that each record has besides its text in the body. */
  readonly repeatedLength: number
  /** @returns the records that are complete now */
  push(text: string): unknown[]
  /** The text has ended. @returns the remaining records */
  end(): unknown[]
}

/** A body that is not valid in its format. The message contains nothing of the text. */
class LineError extends Error {
  override readonly name = 'LineError'

  /**
   * @param line from 1
   * @param what completes the sentence `line 7 ${what}`
   */
  constructor(line: number, what: string) {
    super(`line ${line} ${what}`)
  }
}

/**
 * `start`: at the start of a field. `plain`: in a field without quotes. `quoted`: inside quotes. `closed`: after a
 * quote that ends the field, unless another quote follows. `return`: after CR, where only LF may follow.
 */
type State = 'start' | 'plain' | 'quoted' | 'closed' | 'return'

/**
 * CSV as in RFC 4180 with a header line: a record is an object of strings. Lines end in CRLF or LF. A line with more or
 * fewer fields than the header, and a misplaced quote, are errors. Empty lines are allowed only at the end.
 */
export class CsvParser implements RecordParser {
  readonly #maxRecordLength: number
  #header: string[] | undefined
  #headerLength = 0
  #state: State = 'start'
  #fields: string[] = []
  #field = ''
  /** Characters of the present record. */
  #length = 0
  #line = 1
  /** Line on which the record began; quoted fields may contain line breaks. */
  #recordLine = 1
  #emptyLine: number | undefined
  #done: unknown[] = []

  /** @param maxRecordLength in characters */
  constructor(maxRecordLength: number) {
    this.#maxRecordLength = maxRecordLength
  }

  get repeatedLength(): number {
    return this.#headerLength
  }

  push(text: string): unknown[] {
    let at = 0
    while (at < text.length) at = this.#state === 'quoted' ? this.#readQuoted(text, at) : this.#readPlain(text, at)
    return this.#taken()
  }

  end(): unknown[] {
    if (this.#state === 'quoted')
      throw new LineError(this.#recordLine, 'begins a record whose last quote is not closed')
    if (this.#state === 'return') throw strayReturn(this.#line)
    // Otherwise the last line ended in a line break.
    if (this.#state !== 'start' || this.#fields.length > 0) this.#endRecord()
    return this.#taken()
  }

  #taken(): unknown[] {
    const done = this.#done
    this.#done = []
    return done
  }

  /** @returns the index to continue from */
  #readQuoted(text: string, start: number): number {
    const quote = text.indexOf('"', start)
    const end = quote === -1 ? text.length : quote
    const piece = text.slice(start, end)
    // Searched in the piece only: in a chunk without line breaks, each field would search the rest of the chunk.
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) this.#line += 1
    this.#append(piece)
    if (quote === -1) return end
    this.#state = 'closed'
    return end + 1
  }

  #readPlain(text: string, start: number): number {
    const character = text[start]
    if (this.#state === 'return' && character !== '\n') throw strayReturn(this.#line)
    if (character === '"') {
      if (this.#state === 'plain')
        throw new LineError(this.#line, 'has a quote inside a field that does not begin with a quote')
      if (this.#state === 'closed') this.#append('"')
      this.#state = 'quoted'
      return start + 1
    }
    if (character === ',') this.#endField()
    else if (character === '\r') this.#state = 'return'
    else if (character === '\n') this.#endLine()
    else {
      if (this.#state === 'closed') throw new LineError(this.#line, 'has text after the quote that ends a field')
      this.#state = 'plain'
      const end = endOfPlain(text, start)
      this.#append(text.slice(start, end))
      return end
    }
    return start + 1
  }

  #append(piece: string): void {
    this.#field += piece
    this.#lengthen(piece.length)
  }

  #lengthen(by: number): void {
    this.#length += by
    const isHeader = this.#header === undefined
    const limit = isHeader ? Math.min(this.#maxRecordLength, MAX_HEADER) : this.#maxRecordLength
    if (this.#length <= limit) return
    const what = isHeader ? 'is a header' : 'begins a record'
    throw new LineError(this.#recordLine, `${what} of more than ${limit} characters`)
  }

  #endField(): void {
    this.#fields.push(this.#field)
    if (this.#fields.length > MAX_FIELDS) {
      throw new LineError(this.#recordLine, `has more than ${MAX_FIELDS} fields, the limit for CSV`)
    }
    this.#lengthen(1)
    this.#field = ''
    this.#state = 'start'
  }

  #endLine(): void {
    this.#endRecord()
    this.#line += 1
    this.#recordLine = this.#line
  }

  #endRecord(): void {
    const empty = this.#fields.length === 0 && this.#length === 0
    this.#endField()
    const fields = this.#fields
    const length = this.#length
    this.#fields = []
    this.#length = 0
    if (empty && this.#header?.length !== 1) {
      this.#emptyLine ??= this.#recordLine
      return
    }
    if (this.#emptyLine !== undefined) throw new LineError(this.#emptyLine, 'is empty')
    if (this.#header === undefined) {
      this.#header = headerOf(fields, this.#recordLine)
      this.#headerLength = length
    } else this.#done.push(recordOf(this.#header, fields, this.#recordLine))
  }
}

const PLAIN_END = /[",\r\n]/g

function endOfPlain(text: string, start: number): number {
  PLAIN_END.lastIndex = start
  return PLAIN_END.exec(text)?.index ?? text.length
}

function headerOf(names: string[], line: number): string[] {
  if (new Set(names).size === names.length) return names
  throw new LineError(line, 'is the header and names a column twice')
}

function recordOf(header: readonly string[], fields: readonly string[], line: number): Record<string, string> {
  if (fields.length !== header.length) {
    throw new LineError(line, `has ${fields.length} fields where the header has ${header.length}`)
  }
  return Object.fromEntries(header.map((name, index) => [name, fields[index] ?? '']))
}

function strayReturn(line: number): LineError {
  return new LineError(line, 'has a carriage return without a line feed')
}

/** One JSON value per line (application/x-ndjson). Empty lines are skipped. */
export class NdjsonParser implements RecordParser {
  readonly repeatedLength = 0
  readonly #maxLineLength: number
  #rest = ''
  #line = 0

  /** @param maxLineLength in characters */
  constructor(maxLineLength: number) {
    this.#maxLineLength = maxLineLength
  }

  push(text: string): unknown[] {
    const records: unknown[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#take(this.#rest + text.slice(start, end), records)
      this.#rest = ''
      start = end + 1
    }
    this.#rest += text.slice(start)
    if (this.#rest.length > this.#maxLineLength) {
      throw new LineError(this.#line + 1, `is longer than ${this.#maxLineLength} characters`)
    }
    return records
  }

  end(): unknown[] {
    const records: unknown[] = []
    this.#take(this.#rest, records)
    return records
  }

  #take(line: string, into: unknown[]): void {
    this.#line += 1
    if (line.trim() === '') return
    try {
      into.push(parseJson(line))
    } catch (error) {
      if (!(error instanceof JsonSyntaxError || error instanceof JsonTooDeepError)) throw error
      throw new LineError(this.#line, `cannot be read. ${error.message}`)
    }
  }
}
