import { secretForms } from './redact.ts'

/**
 * Shorter secrets are not redacted in bodies: `test1` or `1234` occurs in ordinary data, which would be destroyed. In bytes of
 * UTF-8.
 */
export const MIN_BODY_SECRET_BYTES = 8

/** Longest part of the forms that decides how far the search moves on. */
const MAX_WINDOW = 16

/**
 * Bytes that a search compares with forms, for each byte and besides. Only a body that was made to resemble a secret at each of
 * its bytes needs more, such as a million times `a` for the secret `aaa…b`. The rest of it counts as the secret wherever two
 * bytes are equal, so that the time stays proportional to its length.
 */
const COMPARED_PER_BYTE = 8
const COMPARED_AT_LEAST = 65_536

const PLACEHOLDER = Buffer.from('[redacted]')

/** Replaces secrets in bytes by `[redacted]`. */
export interface ByteRedactor {
  /** False: no secret is long enough to be searched for. */
  readonly active: boolean
  /** Whether a secret is in the bytes. */
  finds(bytes: Uint8Array): boolean
  /** @returns the same object when nothing is replaced */
  redact(bytes: Uint8Array): Uint8Array
  /**
   * Redacts a body as it passes. A secret that is split over chunks is found. Of each chunk, only an end that may be the
   * beginning of a secret is held back until the next chunk: less than the longest form of a secret.
   */
  stream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined>
}

/**
 * Finds the secrets in the forms that `secretForms` lists, in one pass over the bytes whose cost does not depend on their
 * number (Wu and Manber, "A Fast Algorithm for Multi-Pattern Searching", 1994): the two bytes at the end of a window say how
 * far the window can move on without missing a form.
 */
export function createByteRedactor(secrets: Iterable<string>): ByteRedactor {
  const forms = secretForms(secrets, MIN_BODY_SECRET_BYTES).sort((a, b) => b.length - a.length)
  if (forms.length === 0) {
    return {
      active: false,
      finds: () => false,
      redact: (bytes) => bytes,
      async *stream(chunks) {
        yield* chunks
        return undefined
      },
    }
  }
  const search = createSearch(forms)
  const redactor: ByteRedactor = {
    active: true,
    finds: (bytes) => search.finds(bytes),
    redact(bytes) {
      const ranges = search.ranges(bytes, 0)
      return ranges.length === 0 ? bytes : Buffer.concat(partsOf(bytes, ranges, 0, bytes.length))
    },
    async *stream(chunks) {
      let held: Uint8Array = new Uint8Array()
      /** How many bytes at the beginning of `held` belong to a secret whose placeholder has been sent. */
      let covered = 0
      for await (const chunk of chunks) {
        const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
        const end = search.beginningAt(bytes)
        // What begins at or after `end` may turn out to be longer. It is looked at again with the next chunk.
        const ranges = search.ranges(bytes, covered).filter(({ start }) => start < end)
        const last = ranges.at(-1)
        const parts = partsOf(bytes, ranges, covered, end)
        covered = Math.max(0, (last?.end ?? covered) - end)
        // A copy, so that a short rest does not keep a whole chunk in memory.
        held = end === bytes.length ? new Uint8Array() : Uint8Array.from(bytes.subarray(end))
        for (const part of parts) yield part
      }
      for (const part of partsOf(held, search.ranges(held, covered), covered, held.length)) yield part
      return undefined
    },
  }
  return redactor
}

/** Part of the bytes that is replaced by one placeholder. */
interface Range {
  start: number
  end: number
}

interface Search {
  finds(bytes: Uint8Array): boolean
  /**
   * All parts of the bytes that are a form, overlapping ones as one.
   * @param covered length of a part at the beginning that was replaced already; its range begins at -1
   */
  ranges(bytes: Uint8Array, covered: number): Range[]
  /** Where the first end of the bytes begins that is the beginning of a form; the length of the bytes when there is none. */
  beginningAt(bytes: Uint8Array): number
}

/** @param forms the longest first; none is shorter than 8 bytes */
function createSearch(forms: readonly Buffer[]): Search {
  const window = Math.min(MAX_WINDOW, forms.at(-1)?.length ?? MAX_WINDOW)
  /** By two bytes: how far they are at least from the end of the window in every form. */
  const shifts = new Uint8Array(65_536).fill(window - 1)
  const candidates = new Map<number, Buffer[]>()
  const byFirst: Buffer[][] = Array.from({ length: 256 }, () => [])
  for (const form of forms) {
    for (let at = 1; at < window; at += 1) {
      const pair = ((form[at - 1] ?? 0) << 8) | (form[at] ?? 0)
      shifts[pair] = Math.min(shifts[pair] ?? 0, window - 1 - at)
      if (at === window - 1) candidates.set(pair, [...(candidates.get(pair) ?? []), form])
    }
    byFirst[form[0] ?? 0]?.push(form)
  }
  const longest = forms[0]?.length ?? 0
  /** How many bytes may still be compared in this call. */
  let budget = 0

  function begin(bytes: Uint8Array): void {
    budget = COMPARED_AT_LEAST + bytes.length * COMPARED_PER_BYTE
  }

  function isAt(bytes: Uint8Array, start: number, form: Buffer, length: number): boolean {
    if (start + length > bytes.length) return false
    let index = 0
    while (index < length && bytes[start + index] === form[index]) index += 1
    budget -= index
    return index === length
  }

  /** The first form at or after a position; of several that begin there, the longest. */
  function next(bytes: Uint8Array, from: number): Range | null {
    const { length } = bytes
    for (let at = from + window - 1; at < length; ) {
      const pair = ((bytes[at - 1] as number) << 8) | (bytes[at] as number)
      const shift = shifts[pair] as number
      if (shift > 0) {
        at += shift
        continue
      }
      const start = at - window + 1
      const ending = candidates.get(pair) ?? []
      const exhausted = budget < 0
      const form = exhausted ? ending[0] : ending.find((each) => isAt(bytes, start, each, each.length))
      if (form !== undefined) return { start, end: Math.min(length, start + form.length) }
      at += 1
    }
    return null
  }

  return {
    finds(bytes) {
      begin(bytes)
      return next(bytes, 0) !== null
    },
    ranges(bytes, covered) {
      begin(bytes)
      const ranges: Range[] = covered > 0 ? [{ start: -1, end: covered }] : []
      for (let found = next(bytes, 0); found !== null; found = next(bytes, found.start + 1)) {
        const last = ranges.at(-1)
        if (last !== undefined && found.start < last.end) last.end = Math.max(last.end, found.end)
        else ranges.push(found)
      }
      return ranges
    },
    beginningAt(bytes) {
      begin(bytes)
      for (let at = Math.max(0, bytes.length - longest + 1); at < bytes.length; at += 1) {
        const rest = bytes.length - at
        const begins = (form: Buffer) => form.length > rest && (budget < 0 || isAt(bytes, at, form, rest))
        if (byFirst[bytes[at] ?? 0]?.some(begins)) return at
      }
      return bytes.length
    },
  }
}

/** The bytes up to `end` with a placeholder for each range. A range that begins before the bytes has had its placeholder. */
function partsOf(bytes: Uint8Array, ranges: readonly Range[], covered: number, end: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  let done = Math.min(covered, end)
  for (const { start, end: rangeEnd } of ranges) {
    if (start > done) parts.push(bytes.subarray(done, start))
    if (start >= 0) parts.push(PLACEHOLDER)
    done = Math.max(done, rangeEnd)
  }
  if (done < end) parts.push(bytes.subarray(done, end))
  return parts
}
