import type { ProviderAnswer } from '../../requests/provider-request.ts'
import { badSource } from '../jobs/sync-error.ts'
import { charsetOf, LineError, type LineFormat, parserOf } from './body-formats.ts'

/** Records that are written at once; fewer where they are large. */
const PIECE_RECORDS = 1_000
const PIECE_BYTES = 4 * 1024 * 1024

/** A part of a page, in its order. */
export interface Piece {
  records: unknown[]
  /** How many records of the page came before it. */
  before: number
  /** Decoded bytes since the piece before. */
  bytesRead: number
  /** Nothing of the page comes after it. */
  last: boolean
}

interface PlaceOfLines {
  /** Name, for messages. */
  stream: string
  page: number
  format: LineFormat
  /** Of one record, in characters. */
  maxRecordLength: number
}

/**
 * Reads a body of any length in pieces; holds no more than one of them and what came in with it. The last piece may be
 * empty, so that a page always has one.
 * @throws SyncFailedError when the body is not in its format; EgressError when it does not come to its end
 */
export async function* readLines(
  answer: ProviderAnswer,
  body: AsyncIterable<Uint8Array>,
  place: PlaceOfLines,
): AsyncGenerator<Piece> {
  const parser = parserOf(place.format, place.maxRecordLength)
  const decoder = decoderOf(answer.headers, place)
  let records: unknown[] = []
  let before = 0
  let bytesBefore = 0
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
        if (records.length >= PIECE_RECORDS) yield piece(false)
      }
      if (answer.bytesRead - bytesBefore >= PIECE_BYTES && records.length > 0) yield piece(false)
    }
    records.push(...parser.push(decoder.decode()), ...parser.end())
    yield piece(true)
  } catch (error) {
    if (error instanceof LineError) throw unreadable(place, error.message)
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw unreadable(
        place,
        `it is not in ${charsetOf(answer.headers).toUpperCase()}, after about record ${before + records.length}`,
      )
    }
    throw error
  }
}

/** Takes a byte order mark off. What is not in its encoding is an error: a replaced letter would be stored as if it were so. */
function decoderOf(headers: Headers, place: PlaceOfLines): TextDecoder {
  try {
    return new TextDecoder(charsetOf(headers), { fatal: true })
  } catch {
    throw unreadable(place, 'its charset is not known')
  }
}

function unreadable({ stream, page, format }: PlaceOfLines, why: string) {
  return badSource(stream, `page ${page} cannot be read as ${format.toUpperCase()}: ${why}.`)
}
