import { hash } from 'node:crypto'
import { type Path, readPath } from '../../catalog/definition/path.ts'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { isRawJson, JsonSyntaxError, JsonTooDeepError, stringifyJson } from '../../kit/json.ts'
import { badSource, type SyncFailedError } from '../jobs/sync-error.ts'
import { cursorText, kindOf, pathText } from './pagination.ts'
import { higherCursor } from './stream-cursor.ts'

/** The records of a page, each once, in columns: what one statement writes. */
export interface PageRecords {
  /** Records that the source sent, repeated ones included. */
  read: number
  /** Ids as 32 hexadecimal digits. */
  ids: string[]
  /** JSON arrays of strings. */
  primaryKeys: string[]
  /** The records' own JSON. */
  data: string[]
  /** 32 hexadecimal digits over `data`. */
  digests: string[]
  /** The same for two pages with the same records. */
  digest: string
  /** JSON of the highest value of the cursor field; null: there was none. */
  highest: string | null
}

interface PageOfStream {
  connectionId: string
  stream: StreamDefinition
  /** For messages. */
  page: number
  /** Records of the page that came before these. Default: 0. */
  before?: number
  /** In a sub-stream: the primary key of the record that these belong to. It stands before their own. */
  parentKey?: readonly string[]
}

/**
 * The list of records in an answer.
 * @throws SyncFailedError when the answer is not JSON, or has no list where the definition says
 */
export function findRecords(body: () => unknown, { stream, page }: PageOfStream): unknown[] {
  const path = stream.recordsPath ?? []
  const found = readPath(parseBody(body, stream.name, page), path)
  if (Array.isArray(found)) return found
  if (found === undefined && stream.omitsEmptyList === true) return []
  const where = path.length === 0 ? 'the answer' : pathText(path)
  throw badSource(stream.name, `page ${page} has no list of records: ${where} is ${kindOf(found)}.`)
}

function parseBody(body: () => unknown, stream: string, page: number): unknown {
  try {
    return body()
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof JsonTooDeepError) {
      throw badSource(stream, `page ${page} cannot be read. ${error.message}`)
    }
    throw error
  }
}

/**
 * Turns records into columns. Of records with the same primary key the last one counts.
 * @throws SyncFailedError for a record that is no object or has no primary key
 */
export function prepareRecords(records: readonly unknown[], place: PageOfStream): PageRecords {
  const { stream, connectionId } = place
  const prefix = recordPrefix(connectionId, stream.name)
  const cursorField = stream.incremental?.cursorField
  const byId = new Map<string, { primaryKey: string; record: unknown }>()
  let highest: unknown
  for (const [index, record] of records.entries()) {
    const primaryKey = primaryKeyOf(record, index, place)
    byId.set(hashId(prefix, primaryKey), { primaryKey, record })
    if (cursorField !== undefined) highest = higherCursor(highest, readPath(record, cursorField))
  }
  const ids: string[] = []
  const primaryKeys: string[] = []
  const data: string[] = []
  const digests: string[] = []
  for (const [id, { primaryKey, record }] of byId) {
    const text = stringifyJson(record)
    ids.push(id)
    primaryKeys.push(primaryKey)
    data.push(text)
    digests.push(hash('sha256', text, 'hex').slice(0, 32))
  }
  return {
    read: records.length,
    ids,
    primaryKeys,
    data,
    digests,
    digest: hash('sha256', ids.join() + digests.join(), 'hex'),
    highest: highest === undefined ? null : stringifyJson(highest),
  }
}

function primaryKeyOf(record: unknown, index: number, place: PageOfStream): string {
  if (typeof record !== 'object' || record === null || Array.isArray(record) || isRawJson(record)) {
    throw unusable(place, index, `is ${kindOf(record)}, not an object`)
  }
  const { primaryKey } = place.stream
  const own = primaryKey.map((path: Path) => {
    const value = readPath(record, path)
    const text = cursorText(value)
    if (text !== undefined) return text
    const found = value === undefined ? '' : ` (found ${kindOf(value)})`
    throw unusable(place, index, `has no primary key ${pathText(path)}${found}`)
  })
  // All records without a key would be one. A CSV has no other way to say that there is none.
  if (own.every((text) => text === '')) {
    throw unusable(place, index, `has an empty primary key ${primaryKey.map(pathText).join(', ')}`)
  }
  return stringifyJson([...(place.parentKey ?? []), ...own])
}

function unusable({ stream, page, before = 0 }: PageOfStream, index: number, what: string): SyncFailedError {
  return badSource(stream.name, `record ${before + index + 1} of page ${page} ${what}.`)
}

/** Each part with its length before it, so that no two different triples make the same text. */
function recordPrefix(connectionId: string, stream: string): string {
  return `${connectionId.length}:${connectionId}${stream.length}:${stream}`
}

/** JSON.stringify writes halves of surrogate pairs as escapes, so that different keys stay different in UTF-8. */
function hashId(prefix: string, primaryKey: string): string {
  return hash('sha256', `${prefix}${primaryKey.length}:${primaryKey}`, 'hex').slice(0, 32)
}
