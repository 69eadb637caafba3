/** Longest part of the forms that decides how far the search moves on. */
const MAX_WINDOW = 16

/** Bytes that a search compares with forms, for each byte that it searches and besides. */
const COMPARED_PER_BYTE = 16
const COMPARED_AT_LEAST = 65_536

/**
 * What a search may still cost. Only bytes that were made to resemble a form at each of them need more, such as a million times
 * `a` for the form `aaa…b`. The rest of them counts as the form wherever two bytes are equal, so that the time stays proportional
 * to the length. One budget serves everything that is searched for one response.
 */
export class SearchBudget {
  left = COMPARED_AT_LEAST

  /** Called for each search, with the number of bytes that are searched. */
  allow(bytes: number): void {
    this.left += bytes * COMPARED_PER_BYTE
  }
}

/** Part of the bytes that is a form, or several that overlap. */
export interface ByteRange {
  start: number
  end: number
}

/** Finds any of many forms in bytes, in a time that is proportional to their length. */
export interface ByteSearch {
  /** Lengths of the shortest and the longest form. Infinity and 0 when there is none. */
  readonly shortest: number
  readonly longest: number
  /** For each byte 1 if one of the forms contains it, else 0. */
  readonly uses: Uint8Array
  /**
   * Finds the longest run of ASCII letters and digits of each form, which encoders leave as they are. Null when one has no run of
   * at least `MIN_ANCHOR` bytes.
   */
  anchors(): ByteSearch | null
  /** Memory in bytes, approximately. */
  readonly size: number
  finds(bytes: Uint8Array, budget: SearchBudget): boolean
  /**
   * All parts of the bytes that are a form, overlapping ones as one.
   * @param covered length of a part at the beginning that was replaced already; its range begins at -1
   */
  ranges(bytes: Uint8Array, covered: number, budget: SearchBudget): ByteRange[]
  /** Where the first end of the bytes begins that is the beginning of a form; the length of the bytes when there is none. */
  beginningAt(bytes: Uint8Array, budget: SearchBudget): number
}

/** Shorter runs occur almost everywhere. In bytes. */
const MIN_ANCHOR = 4

/** By a hash of two bytes. */
const TABLE_SIZE = 4096

function hash(first: number, second: number): number {
  return (first << 4) ^ second
}

/** Unlike `hash`, different for different bytes: forms of other bytes are not looked at. */
function pairOf(first: number, second: number): number {
  return (first << 8) | second
}

/**
 * One pass over the bytes finds all forms, at a cost that does not depend on their number (Wu and Manber, "A Fast Algorithm for
 * Multi-Pattern Searching", 1994): the two bytes at the end of a window say how far the window can move on without missing a form.
 *
 * @param forms none is shorter than 2 bytes
 */
export function createByteSearch(forms: Iterable<Buffer>): ByteSearch {
  const sorted = [...forms].sort((a, b) => b.length - a.length)
  const longest = sorted[0]?.length ?? 0
  const shortest = sorted.at(-1)?.length ?? Number.POSITIVE_INFINITY
  const window = Math.min(MAX_WINDOW, shortest)
  /** How far the two bytes are at least from the end of the window in every form. */
  const shifts = new Uint8Array(TABLE_SIZE).fill(window - 1)
  const candidates = new Map<number, Buffer[]>()
  const byFirst = new Map<number, Buffer[]>()
  const uses = new Uint8Array(256)
  let size = TABLE_SIZE
  for (const form of sorted) {
    for (const byte of form) uses[byte] = 1
    size += form.length + 200
    for (let at = 1; at < window; at += 1) {
      const pair = hash(form[at - 1] as number, form[at] as number)
      shifts[pair] = Math.min(shifts[pair] as number, window - 1 - at)
    }
    addTo(candidates, pairOf(form[window - 2] as number, form[window - 1] as number), form)
    addTo(byFirst, form[0] as number, form)
  }

  function isAt(bytes: Uint8Array, start: number, form: Buffer, length: number, budget: SearchBudget): boolean {
    let index = 0
    if (start + length <= bytes.length) while (index < length && bytes[start + index] === form[index]) index += 1
    budget.left -= index + 1
    return index === length
  }

  /** The first form at or after a position; of several that begin there, the longest. */
  function next(bytes: Uint8Array, from: number, budget: SearchBudget): ByteRange | null {
    const { length } = bytes
    for (let at = from + window - 1; at < length; ) {
      const [first, second] = [bytes[at - 1] as number, bytes[at] as number]
      const pair = hash(first, second)
      const shift = shifts[pair] as number
      if (shift > 0) {
        at += shift
        continue
      }
      const start = at - window + 1
      const ending = candidates.get(pairOf(first, second)) ?? []
      const form = ending.find((each) => budget.left < 0 || isAt(bytes, start, each, each.length, budget))
      if (form !== undefined) return { start, end: Math.min(length, start + form.length) }
      at += 1
    }
    return null
  }

  let anchors: ByteSearch | null | undefined

  return {
    shortest,
    longest,
    uses,
    anchors() {
      if (anchors === undefined) {
        const runs = new Set(sorted.map(longestRun))
        anchors = [...runs].some((run) => run.length < MIN_ANCHOR)
          ? null
          : createByteSearch([...runs].map((run) => Buffer.from(run)))
      }
      return anchors
    },
    // The anchors take about as much as the forms.
    size: 2 * size,
    finds(bytes, budget) {
      budget.allow(bytes.length)
      return longest > 0 && next(bytes, 0, budget) !== null
    },
    ranges(bytes, covered, budget) {
      budget.allow(bytes.length)
      const ranges: ByteRange[] = covered > 0 ? [{ start: -1, end: covered }] : []
      if (longest === 0) return ranges
      for (let found = next(bytes, 0, budget); found !== null; found = next(bytes, found.start + 1, budget)) {
        addRange(ranges, found)
      }
      return ranges
    },
    beginningAt(bytes, budget) {
      budget.allow(Math.min(longest, bytes.length))
      for (let at = Math.max(0, bytes.length - longest + 1); at < bytes.length; at += 1) {
        const rest = bytes.length - at
        // The longest come first.
        for (const form of byFirst.get(bytes[at] as number) ?? []) {
          if (form.length <= rest) break
          if (budget.left < 0 || isAt(bytes, at, form, rest, budget)) return at
        }
      }
      return bytes.length
    },
  }
}

function longestRun(form: Buffer): string {
  const runs = form.toString('latin1').match(/[A-Za-z0-9]+/g) ?? []
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '')
}

/** Finds what any of the searches finds. */
export function combineSearches(searches: readonly ByteSearch[]): ByteSearch {
  const [only] = searches
  if (only !== undefined && searches.length === 1) return only
  return {
    shortest: Math.min(...searches.map(({ shortest }) => shortest)),
    longest: Math.max(0, ...searches.map(({ longest }) => longest)),
    uses: Uint8Array.from({ length: 256 }, (_, byte) => (searches.some(({ uses }) => uses[byte] === 1) ? 1 : 0)),
    anchors() {
      const anchors = searches.map((search) => search.anchors())
      return anchors.includes(null) ? null : combineSearches(anchors.filter((each) => each !== null))
    },
    size: 0,
    finds: (bytes, budget) => searches.some((search) => search.finds(bytes, budget)),
    ranges: (bytes, covered, budget) => mergeRanges(searches.map((search) => search.ranges(bytes, covered, budget))),
    beginningAt: (bytes, budget) =>
      Math.min(bytes.length, ...searches.map((search) => search.beginningAt(bytes, budget))),
  }
}

/** The ranges of all lists in order, overlapping ones as one. */
export function mergeRanges(lists: readonly (readonly ByteRange[])[]): ByteRange[] {
  const merged: ByteRange[] = []
  for (const range of lists.flat().sort((a, b) => a.start - b.start)) addRange(merged, { ...range })
  return merged
}

/** @param range begins where the last of the ranges begins, or later */
function addRange(ranges: ByteRange[], range: ByteRange): void {
  const last = ranges.at(-1)
  if (last !== undefined && range.start < last.end) last.end = Math.max(last.end, range.end)
  else ranges.push(range)
}

function addTo(lists: Map<number, Buffer[]>, key: number, form: Buffer): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [form])
  else list.push(form)
}

const PLACEHOLDER = Buffer.from('[redacted]')

/** The bytes up to `end` with `[redacted]` for each range. A range that begins before the bytes has had its placeholder. */
export function redactedParts(
  bytes: Uint8Array,
  ranges: readonly ByteRange[],
  covered: number,
  end: number,
): Uint8Array[] {
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
