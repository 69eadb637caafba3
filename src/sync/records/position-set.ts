/**
 * A compact form for sorted whole numbers, such as change positions: Golomb–Rice coding of the gaps between them
 * (Rice and Plaunt, 1971). A gap takes about log2(mean gap) + 1.5 bits, and a gap of 1 takes one bit where most are 1.
 *
 * Format: one byte with the number k of low bits, four bytes with the number of values (big-endian), then the gaps, from
 * the most significant bit of each byte on: the quotient by 2^k as ones and a zero, then k bits. The gap before the first
 * value is counted from `before`.
 */

const HEADER_BYTES = 5
/** Gaps are below 2^53. */
const MAX_LOW_BITS = 52

/** @param values ascending and distinct, all above `before` */
export function encodePositions(values: Float64Array, before: number): Uint8Array {
  const lowBits = lowBitsOf(values, before)
  const divisor = 2 ** lowBits
  let bits = 0
  let last = before
  for (const value of values) {
    bits += Math.floor((value - last - 1) / divisor) + 1 + lowBits
    last = value
  }
  const bytes = new Uint8Array(HEADER_BYTES + Math.ceil(bits / 8))
  bytes[0] = lowBits
  new DataView(bytes.buffer).setUint32(1, values.length)
  let at = HEADER_BYTES * 8
  last = before
  for (const value of values) {
    const gap = value - last - 1
    last = value
    const quotient = Math.floor(gap / divisor)
    for (let one = 0; one < quotient; one += 1) at = setBit(bytes, at)
    at += 1
    const low = gap - quotient * divisor
    // Shifts are of 32 bits.
    const [upper, lower] = [Math.floor(low / 2 ** 31), low % 2 ** 31]
    for (let bit = lowBits - 1; bit >= 0; bit -= 1) {
      if (((bit >= 31 ? upper >> (bit - 31) : lower >> bit) & 1) === 1) setBit(bytes, at)
      at += 1
    }
  }
  return bytes
}

/** @param before as in `encodePositions` */
export function decodePositions(bytes: Uint8Array, before: number): Float64Array {
  const lowBits = bytes[0] ?? 0
  const values = new Float64Array(new DataView(bytes.buffer, bytes.byteOffset).getUint32(1))
  let at = HEADER_BYTES * 8
  let last = before
  for (let index = 0; index < values.length; index += 1) {
    let quotient = 0
    while (bitAt(bytes, at) === 1) {
      quotient += 1
      at += 1
    }
    at += 1
    let low = 0
    for (let bit = 0; bit < lowBits; bit += 1) {
      low = low * 2 + bitAt(bytes, at)
      at += 1
    }
    last += quotient * 2 ** lowBits + low + 1
    values[index] = last
  }
  return values
}

/** The number of low bits that makes the code of these gaps about as short as it can be. */
function lowBitsOf(values: Float64Array, before: number): number {
  const count = values.length
  if (count === 0) return 0
  const meanGap = ((values[count - 1] ?? before) - before) / count - 1
  // The median of geometrically distributed gaps: half of them have the quotient 0.
  const median = meanGap * Math.LN2
  return median < 1 ? 0 : Math.min(MAX_LOW_BITS, Math.round(Math.log2(median)))
}

function setBit(bytes: Uint8Array, at: number): number {
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (128 >> (at & 7))
  return at + 1
}

function bitAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
}

/** Ranges of positions without a gap: the first and the last position of each, in the order in which they were added. */
export interface PositionRanges {
  readonly firsts: number[]
  readonly lasts: number[]
}

/** Adds positions, ascending and distinct, to ranges. */
export function addRanges({ firsts, lasts }: PositionRanges, positions: Float64Array): void {
  let last: number | undefined
  for (const position of positions) {
    if (last === undefined || position !== last + 1) {
      if (last !== undefined) lasts.push(last)
      firsts.push(position)
    }
    last = position
  }
  if (last !== undefined) lasts.push(last)
}

/** How many different positions are in ranges, which may overlap. */
export function countPositions({ firsts, lasts }: PositionRanges): number {
  const order = firsts.map((_first, index) => index).toSorted((a, b) => (firsts[a] ?? 0) - (firsts[b] ?? 0))
  let count = 0
  let end = 0
  for (const index of order) {
    const [first, last] = [firsts[index] ?? 0, lasts[index] ?? 0]
    if (last <= end) continue
    count += last - Math.max(first - 1, end)
    end = last
  }
  return count
}
