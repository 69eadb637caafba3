import type { BodyFormat, StreamDefinition } from '../../catalog/definition/stream.ts'
import { CsvParser } from './csv-parser.ts'
import { NdjsonParser } from './ndjson-parser.ts'
import type { RecordParser } from './record-parser.ts'

/** The formats of which every line is a record, so that a body of any length is read in constant memory. */
export type LineFormat = Exclude<BodyFormat, 'json'>

/**
 * The format of an answer that is read line by line; undefined: it is JSON, or has to be judged as a whole first. Where
 * the definition names no format the media type decides, unless the definition looks for something inside of JSON.
 */
export function lineFormatOf(stream: StreamDefinition, headers: Headers): LineFormat | undefined {
  const { format } = stream
  const type = mediaType(headers)
  // An error that is told with status 200 comes as JSON or HTML. NDJSON is often called JSON, too.
  if (format === 'csv') return isJson(type) || type === 'text/html' ? undefined : 'csv'
  if (format === 'ndjson') return type === 'text/html' ? undefined : 'ndjson'
  if (format === 'json' || looksInside(stream)) return undefined
  if (type === 'text/csv') return 'csv'
  return type === 'application/x-ndjson' || type === 'application/ndjson' || type === 'application/jsonl'
    ? 'ndjson'
    : undefined
}

/** What a request says it takes, where its definition has no Accept header. */
export function acceptOf({ format }: StreamDefinition): string {
  if (format === 'csv') return 'text/csv, */*;q=0.5'
  return format === 'ndjson' ? 'application/x-ndjson, */*;q=0.5' : 'application/json'
}

/** @param maxRecordLength in characters */
export function parserOf(format: LineFormat, maxRecordLength: number): RecordParser {
  return format === 'csv' ? new CsvParser(maxRecordLength) : new NdjsonParser(maxRecordLength)
}

/** For messages: the media type that an answer says it has. */
export function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** The `charset` of an answer; UTF-8 where it names none. */
export function charsetOf(headers: Headers): string {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
}

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}

function looksInside({ recordsPath, pagination }: StreamDefinition): boolean {
  return (recordsPath?.length ?? 0) > 0 || pagination?.type === 'next_url' || pagination?.type === 'cursor'
}
