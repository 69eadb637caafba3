import { type ByteRange, type ByteSearch, mergeRanges, type SearchBudget } from './byte-search.ts'
import {
  BACKSLASH,
  BACKSLASH_ESCAPES,
  BYTE,
  type Escaping,
  FORM_ESCAPES,
  HTML_ESCAPES,
  LATIN1_ESCAPES,
  MAX_ESCAPE,
  MAX_GROWTH,
  PERCENT_ESCAPES,
} from './escapes.ts'

/** Bytes that are unescaped at once. */
const MAX_SEGMENT = 4096

/** Bytes that are looked at one by one before the search for a marker becomes a call. */
const NEAR = 32

/** A text of fewer bytes is searched for the first anchor before it is searched for all. */
const SHORT = 16 * 1024

/** Bytes whose anchors are in memory at once. */
const BLOCK = 1024 * 1024

/**
 * Finds what a search finds, also where any of the characters are escaped for URLs, HTML, JSON or JavaScript. What is near the anchors
 * of the search is unescaped in each of these ways and searched, so an ordinary text is only searched for the anchors. Each byte is
 * searched a few times at most. Letters and digits that are escaped are found only outside of the anchors.
 */
export function searchEscaped(search: ByteSearch): ByteSearch {
  const { uses, longest } = search
  // In this order: only an escape with a backslash can contain the marker of another kind (`\&`).
  const escapings = [PERCENT_ESCAPES, HTML_ESCAPES]
  if (uses[0x20]) escapings.push(FORM_ESCAPES)
  if (uses.subarray(0x80).includes(1)) escapings.push(LATIN1_ESCAPES)
  escapings.push(BACKSLASH_ESCAPES)

  /** The position, or one before it where no escape of any kind is cut in two. */
  const outsideEscapes = (bytes: Uint8Array, position: number) =>
    escapings.reduce((at, escaping) => outsideEscape(bytes, at, escaping), position)

  /** The parts of the bytes in which a form can be. */
  function* regions(bytes: Uint8Array, budget: SearchBudget): Generator<ByteRange> {
    if (longest === 0) return
    const anchors = search.anchors()
    if (anchors === null) {
      yield { start: 0, end: bytes.length }
      return
    }
    const reach = longest * MAX_GROWTH
    let region: ByteRange | undefined
    for (let from = 0; from < bytes.length; from += BLOCK) {
      const block = bytes.subarray(from, from + BLOCK + anchors.longest)
      for (const { start, end } of anchors.ranges(block, 0, budget)) {
        if (region !== undefined && from + start - reach > region.end) {
          yield region
          region = undefined
        }
        region ??= { start: outsideEscapes(bytes, Math.max(0, from + start - reach)), end: 0 }
        region.end = Math.max(region.end, Math.min(bytes.length, from + end + reach))
      }
    }
    if (region !== undefined) yield region
  }

  /** Whether a short text has no region, which takes less time to find out than to ask for the first one. */
  function isClean(bytes: Uint8Array, budget: SearchBudget): boolean {
    if (longest === 0) return true
    const anchors = bytes.length > SHORT ? null : search.anchors()
    return anchors !== null && !anchors.finds(bytes, budget)
  }

  /** What is to be searched: each region as it is, and unescaped. */
  function* segments(bytes: Uint8Array, budget: SearchBudget): Generator<Searched> {
    for (const { start, end } of regions(bytes, budget)) {
      const region = bytes.subarray(start, end)
      yield {
        bytes: () => region,
        startOf: (position) => start + position,
        endOf: (position) => start + position,
      }
      for (const escaping of escapings) {
        if (nextMarker(region, 0, escaping) < region.length) yield* unescaped(region, start, escaping, search)
      }
    }
  }

  return {
    ...search,
    longest: longest * MAX_GROWTH,
    finds(bytes, budget) {
      if (isClean(bytes, budget)) return false
      for (const segment of segments(bytes, budget)) if (search.finds(segment.bytes(), budget)) return true
      return false
    },
    ranges(bytes, covered, budget) {
      const ranges: ByteRange[] = covered > 0 ? [{ start: -1, end: covered }] : []
      if (isClean(bytes, budget)) return ranges
      for (const segment of segments(bytes, budget)) {
        for (const { start, end } of search.ranges(segment.bytes(), 0, budget)) {
          ranges.push({ start: segment.startOf(start), end: segment.endOf(end) })
        }
      }
      return mergeRanges([ranges])
    },
    beginningAt(bytes, budget) {
      if (longest === 0) return bytes.length
      const beginnings = escapings.map((escaping) => escapedBeginning(bytes, escaping, search, budget))
      // The rest begins a search of its own, so it must not begin inside of an escape.
      return outsideEscapes(bytes, Math.min(search.beginningAt(bytes, budget), ...beginnings))
    },
  }
}

/** Bytes to search, with the places from which they are. */
interface Searched extends Pick<Segment, 'startOf' | 'endOf'> {
  bytes(): Uint8Array
}

/** Bytes in which escapes were replaced by what they stand for. */
class Segment {
  /** Where each escape begins and ends in the bytes that are read, and in what was made of it. */
  private readonly escapes: number[] = []
  private readonly content: Buffer
  private length = 0
  private readonly from: number
  private readonly offset: number

  /**
   * @param from where it begins in the bytes that are read
   * @param offset where these begin in the original
   * @param content place for the result
   */
  constructor(from: number, offset: number, content: Buffer) {
    this.from = from
    this.offset = offset
    this.content = content
  }

  get size(): number {
    return this.length
  }

  bytes(): Buffer {
    return this.content.subarray(0, this.length)
  }

  add(byte: number): void {
    this.content[this.length] = byte
    this.length += 1
  }

  addEscape(at: number, length: number, character: number): void {
    const start = this.length
    if (character < 0x80) this.add(character)
    else if (character >= BYTE) this.add(character - BYTE)
    else this.length += this.content.write(String.fromCodePoint(character), this.length)
    this.escapes.push(at, at + length, start, this.length)
  }

  /** Where in the original the byte at a position begins. */
  startOf(position: number): number {
    return this.offset + this.readAt(position, 0)
  }

  /** Where in the original the bytes before a position end. */
  endOf(position: number): number {
    return this.offset + this.readAt(position - 1, 1)
  }

  /**
   * Where in the bytes that are read the byte at a position is.
   * @param side 0: the beginning of the byte at the position; 1: its end
   */
  readAt(position: number, side: 0 | 1): number {
    let low = 0
    let high = this.escapes.length / 4
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.escapes[4 * middle + 2] as number) <= position) low = middle + 1
      else high = middle
    }
    if (low === 0) return this.from + position + side
    const [at, end, start, done] = this.escapes.slice(4 * low - 4, 4 * low) as [number, number, number, number]
    if (position >= start && position < done) return side === 0 ? at : end
    return end + position - done + side
  }
}

/** Whether a form can contain the character of an escape. */
function isUsed(character: number, uses: Uint8Array): boolean {
  if (character >= BYTE) return uses[character - BYTE] === 1
  return character < 0x80 ? uses[character] === 1 : uses.subarray(0x80).includes(1)
}

/**
 * All parts of the bytes where a form that is escaped in one way could be. Each is valid until the next one.
 * @param offset where the bytes begin in the original
 */
function* unescaped(
  bytes: Uint8Array,
  offset: number,
  escaping: Escaping,
  { uses, longest }: Pick<ByteSearch, 'uses' | 'longest'>,
): Generator<Segment> {
  const limit = Math.max(MAX_SEGMENT, 2 * longest)
  const [marker, other] = escaping.markers
  let content: Buffer | undefined
  /** A form that is not found yet begins here at the earliest. Never inside of an escape. */
  let from = 0
  for (let at = nextMarker(bytes, 0, escaping); at < bytes.length; at = nextMarker(bytes, at, escaping)) {
    const first = escaping.at(bytes, at)
    if (!isUsed(first >>> 4, uses) || first === 0) {
      at += first === 0 ? 1 : first & 15
      if (first !== 0) from = at
      continue
    }
    from = Math.max(from, at - longest + 1)
    content ??= Buffer.allocUnsafe(Math.min(limit, bytes.length) + 4)
    const segment = new Segment(from, offset, content)
    /** Where a segment ends unless there is another escape. */
    let end = bytes.length
    let foreign = false
    at = from
    while (at < end && segment.size < limit) {
      const byte = bytes[at] as number
      const found = byte === marker || byte === other ? escaping.at(bytes, at) : 0
      if (found === 0) {
        segment.add(byte)
        at += 1
        continue
      }
      const length = found & 15
      if (!isUsed(found >>> 4, uses)) {
        foreign = true
        at += length
        break
      }
      segment.addEscape(at, length, found >>> 4)
      at += length
      from = at
      end = Math.min(bytes.length, at + longest - 1)
    }
    yield segment
    if (foreign) from = at
    else if (segment.size >= limit) from = at = segment.readAt(segment.size - longest + 1, 0)
  }
}

function nextMarker(bytes: Uint8Array, from: number, { markers }: Escaping): number {
  const near = Math.min(bytes.length, from + NEAR)
  const [marker, other] = markers
  let at = from
  while (at < near && bytes[at] !== marker && bytes[at] !== other) at += 1
  if (at < near || near === bytes.length) return at
  if (marker === other) {
    const found = bytes.indexOf(marker, near)
    return found < 0 ? bytes.length : found
  }
  while (at < bytes.length && bytes[at] !== marker && bytes[at] !== other) at += 1
  return at
}

/** Where the first end of the bytes begins that is the beginning of an escaped form or of an escape. */
function escapedBeginning(bytes: Uint8Array, escaping: Escaping, search: ByteSearch, budget: SearchBudget): number {
  const end = incompleteAt(bytes, escaping)
  const from = outsideEscape(bytes, Math.max(0, end - search.longest * MAX_GROWTH), escaping)
  if (nextMarker(bytes, from, escaping) === bytes.length) return end
  const [marker, other] = escaping.markers
  const segment = new Segment(from, 0, Buffer.allocUnsafe(end - from + 4))
  for (let at = from; at < end; ) {
    const byte = bytes[at] as number
    const found = byte === marker || byte === other ? escaping.at(bytes, at) : 0
    if (found === 0) segment.add(byte)
    else segment.addEscape(at, found & 15, found >>> 4)
    at += found === 0 ? 1 : found & 15
  }
  const begins = search.beginningAt(segment.bytes(), budget)
  return begins === segment.size ? end : segment.startOf(begins)
}

/** Where an escape begins whose end has not arrived yet; the length of the bytes when there is none. */
function incompleteAt(bytes: Uint8Array, escaping: Escaping): number {
  for (let at = Math.max(0, bytes.length - MAX_ESCAPE + 1); at < bytes.length; at += 1) {
    if (!escaping.markers.includes(bytes[at] as number) || isEscaped(bytes, at)) continue
    if (escaping.incomplete.test(Buffer.from(bytes.subarray(at)).toString('latin1'))) return at
  }
  return bytes.length
}

/** The position, or the beginning of the escape around it. */
function outsideEscape(bytes: Uint8Array, position: number, escaping: Escaping): number {
  for (let at = position - 1; at >= Math.max(0, position - MAX_ESCAPE + 1); at -= 1) {
    if (!escaping.markers.includes(bytes[at] as number) || isEscaped(bytes, at)) continue
    if ((escaping.at(bytes, at) & 15) > position - at) return at
  }
  return position
}

/** Whether a byte is a backslash that belongs to a backslash before it. */
function isEscaped(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== BACKSLASH) return false
  let first = at
  while (first > 0 && bytes[first - 1] === BACKSLASH) first -= 1
  return (at - first) % 2 === 1
}
