import { isUtf8 } from 'node:buffer'
import type { Path } from '../../catalog/definition/path.ts'
import { feedOf, fieldCursorOf, recordsIn, type StreamDefinition } from '../../catalog/definition/stream.ts'
import type { ListText } from '../../kit/json-items.ts'
import type { ResponseRule } from '../../wire/verdict.ts'
import type { KnownPage, KnownPages } from '../records/known-pages.ts'

/**
 * A body in which the list of a known page was recognized by its bytes: it need not be decoded and parsed again. An empty list is in
 * its place, so that all else about the body is found as usual.
 */
export interface RecognizedBody {
  page: KnownPage
  /** The body with the empty list. */
  emptied: Uint8Array
  /** The body as it was received. */
  whole(): Uint8Array
}

const EMPTY_LIST = Buffer.from('[]')

/**
 * Looks for the list where it was before.
 * @param parts of the body
 * @returns undefined: it is not there, or is another one
 */
export function recognizeList(
  parts: readonly Uint8Array[],
  page: KnownPage,
  knownPages: KnownPages,
): RecognizedBody | undefined {
  const end = page.start + page.bytes
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
  if (end > length || knownPages.hash(slice(parts, page.start, end)) !== page.hash) return undefined
  return {
    page,
    emptied: Buffer.concat([...slice(parts, 0, page.start), EMPTY_LIST, ...slice(parts, end, length)]),
    whole: () => Buffer.concat(parts),
  }
}

/** The bytes from `start` to before `end`. */
function slice(parts: readonly Uint8Array[], start: number, end: number): Uint8Array[] {
  let at = 0
  return parts.flatMap((part) => {
    const [from, to] = [Math.max(0, start - at), Math.min(part.byteLength, end - at)]
    at += part.byteLength
    return from < to ? [part.subarray(from, to)] : []
  })
}

/**
 * Whether the empty list is where the records of the body are. If it is elsewhere, within a text for example, the whole body must be
 * parsed.
 * @param list the list at the path of the records
 */
export function isAtRecords({ page, emptied }: RecognizedBody, text: string, list: ListText | undefined): boolean {
  return isUtf8(emptied) && list?.text === '[]' && Buffer.byteLength(text.slice(0, list.start)) === page.start
}

/** Whether everything that is read of a response, except its records, is outside of the list of its records. */
export function mayEmptyList(stream: StreamDefinition, rules: readonly ResponseRule[] | undefined): boolean {
  const { path, one, map } = recordsIn(stream)
  const { pagination } = stream
  if (one || map || path.includes('*') || fieldCursorOf(stream) !== undefined || feedOf(stream) !== undefined)
    return false
  if (pagination?.type === 'next') return false
  if (pagination?.type === 'cursor' && pagination.from === 'last_record') return false
  if (rules?.some((rule) => rule.where !== undefined)) return false
  const others = [...pathsIn(pagination), ...(rules ?? []).flatMap((rule) => pathsIn(rule.path))]
  return !others.some((other) => overlap(other, path))
}

/** All lists in a part of a definition: each of them is a path. */
function pathsIn(value: unknown): Path[] {
  if (Array.isArray(value)) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : []
}

/** Whether one of two paths leads to the other, or both are the same. */
function overlap(one: Path, other: Path): boolean {
  return one.every((key, index) => index >= other.length || key === '*' || String(key) === String(other[index]))
}
