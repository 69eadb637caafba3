import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { type ByteSearch, combineSearches, createByteSearch, redactedParts, SearchBudget } from './byte-search.ts'
import { searchEscaped } from './escaped-search.ts'
import { secretForms } from './redact.ts'

/**
 * Shorter secrets are not redacted in bodies: `test1` or `1234` occurs in ordinary data, which would be destroyed. In bytes of
 * UTF-8.
 */
export const MIN_BODY_SECRET_BYTES = 8

/** Bytes and chunks of a stream after which other work of the process has its turn. */
const BYTES_PER_TURN = 1024 * 1024
const CHUNKS_PER_TURN = 256

/** Bytes that a stream may search again, for each byte that arrives and besides, before it joins small chunks. */
const SEARCHED_PER_BYTE = 64
const SEARCHED_AT_LEAST = 65_536

/** Replaces secrets in bytes by `[redacted]`. */
export interface ByteRedactor {
  /** False: no secret is long enough to be searched for. */
  readonly active: boolean
  /** Length of the shortest form of a secret in bytes. A shorter text holds none. */
  readonly shortest: number
  /** Memory in bytes, approximately. */
  readonly size: number
  /** Whether a secret is in the bytes. */
  finds(bytes: Uint8Array): boolean
  /**
   * @param budget shared by texts of one response. Default: one of its own
   * @returns the same object when nothing is replaced
   */
  redact(bytes: Uint8Array, budget?: SearchBudget): Uint8Array
  /**
   * Redacts a body as it passes. A secret that is split over chunks is found. Of each chunk, only an end that may be the
   * beginning of a secret or of an escape is held back until the next chunk: less than the longest form of a secret, or ten times
   * that if every character is escaped. If a body consists of many small chunks that resemble a secret, they are joined until they
   * are as long as what is held back.
   */
  stream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined>
  /** A redactor of the secrets of both. */
  and(other: ByteRedactor): ByteRedactor
  /** For the forms of the secrets that are not escaped. */
  readonly search: ByteSearch
}

/** Finds the secrets in the forms that `secretForms` lists, and where any of their characters are escaped. */
export function createByteRedactor(secrets: Iterable<string>): ByteRedactor {
  return redactorBy(createByteSearch(secretForms(secrets, MIN_BODY_SECRET_BYTES)))
}

function redactorBy(unescaped: ByteSearch): ByteRedactor {
  const search = searchEscaped(unescaped)
  const active = search.longest > 0
  return {
    active,
    shortest: search.shortest,
    size: search.size,
    search: unescaped,
    finds: (bytes) => search.finds(bytes, new SearchBudget()),
    redact(bytes, budget = new SearchBudget()) {
      const ranges = search.ranges(bytes, 0, budget)
      return ranges.length === 0 ? bytes : Buffer.concat(redactedParts(bytes, ranges, 0, bytes.length))
    },
    stream: active ? (chunks) => redactStream(search, chunks) : passOn,
    and: (other) => (other.active ? redactorBy(combineSearches([unescaped, other.search])) : redactorBy(unescaped)),
  }
}

async function* passOn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  yield* chunks
  return undefined
}

async function* redactStream(
  search: ByteSearch,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  const budget = new SearchBudget()
  let held: Uint8Array = new Uint8Array()
  /** How many bytes at the beginning of `held` belong to a secret whose placeholder has been sent. */
  let covered = 0
  /** Chunks that were not searched yet. */
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let againAllowed = SEARCHED_AT_LEAST
  let bytesInTurn = 0
  let chunksInTurn = 0

  for await (const chunk of chunks) {
    waiting.push(chunk)
    waitingBytes += chunk.length
    againAllowed += chunk.length * SEARCHED_PER_BYTE
    chunksInTurn += 1
    if (bytesInTurn >= BYTES_PER_TURN || chunksInTurn >= CHUNKS_PER_TURN) {
      await yieldToEventLoop()
      bytesInTurn = 0
      chunksInTurn = 0
    }
    // As long as it is held back at least: then all searches together read each byte a few times only.
    if (againAllowed < 0 && waitingBytes < held.length) continue
    againAllowed -= held.length
    const bytes = held.length === 0 && waiting.length === 1 ? chunk : Buffer.concat([held, ...waiting])
    waiting = []
    waitingBytes = 0
    bytesInTurn += bytes.length
    const end = search.beginningAt(bytes, budget)
    // What begins at or after `end` may turn out to be longer. It is looked at again with the next chunk.
    const ranges = search.ranges(bytes, covered, budget).filter(({ start }) => start < end)
    const last = ranges.at(-1)
    const parts = redactedParts(bytes, ranges, covered, end)
    covered = Math.max(0, (last?.end ?? covered) - end)
    // A copy, so that a short rest does not keep a whole chunk in memory.
    held = end === bytes.length ? new Uint8Array() : Uint8Array.from(bytes.subarray(end))
    for (const part of parts) yield part
  }
  const rest = waiting.length === 0 ? held : Buffer.concat([held, ...waiting])
  for (const part of redactedParts(rest, search.ranges(rest, covered, budget), covered, rest.length)) yield part
  return undefined
}
