import { hash } from 'node:crypto'

/**
 * How the ids of a connection's records are made, `connection.record_ids`.
 * 1: from connection, stream and primary key together, so that the records of a stream are spread over the whole index.
 * 2: they begin with four bytes of connection and stream, so that what a sync reads and writes is in one place of the index,
 * however many records there are beside it.
 */
export type RecordIds = 1 | 2

/** Digits of an id that are the same for all records of a stream. */
const STREAM_DIGITS = 8

/** @returns makes the id of a record, 32 hexadecimal digits, from the JSON of its primary key */
export function recordIdMaker(recordIds: RecordIds, connectionId: string, stream: string): (key: string) => string {
  // Each part is preceded by its length, so that different parts never give the same text.
  const prefix = `${connectionId.length}:${connectionId}${stream.length}:${stream}`
  const start = recordIds === 1 ? '' : hash('sha256', prefix, 'hex').slice(0, STREAM_DIGITS)
  const digits = 32 - start.length
  // JSON.stringify escapes lone surrogates, so that different keys stay different in UTF-8.
  return (key) => start + hash('sha256', `${prefix}${key.length}:${key}`, 'hex').slice(0, digits)
}
