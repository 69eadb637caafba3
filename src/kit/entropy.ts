import { isUtf8 } from 'node:buffer'

/** The most common pairs of letters in English, which are about three quarters of the pairs in its words. */
const COMMON_PAIRS: ReadonlySet<string> = new Set(
  (
    'th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld ur ' +
    'me ne ta ll ro ma io li ri ic om ec co ch ho la el us ss em be lo tr il ge ce wa no na ut so ke ee ca wh mo un di ' +
    'wi yo fo ot ac rs do id pa pe po pr op ow am ad ay ly ey sh ex mp pl'
  ).split(' '),
)

const KEYBOARD_ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890', '0987654321', 'poiuytrewq', 'lkjhgfdsa']

/** Shorter repetitions occur in random text. */
const LEAST_REPETITION = 8
/** Bits of a repetition: where it begins and how long it is. */
const REPETITION_BITS = 8
/** Bits of a letter of English words to somebody who tries combinations of words. */
const LETTER_OF_WORD_BITS = 2

/**
 * An upper estimate of the entropy of a secret text, in bits: what a uniformly random text of this length and these kinds of
 * characters has, less for repetitions, sequences, rows of the keyboard and words. Random hexadecimal digits have four bits each.
 */
export function estimateBits(text: string): number {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  const steps = codes.map((code, index) => code - (codes[index - 1] ?? 0))
  const isHex = !/[g-z]/i.test(text)
  const words = !isHex && hasWords(text)
  const plain = words ? LETTER_OF_WORD_BITS : Math.log2(alphabetOf(text, isHex))
  const bitsAt = (index: number) => {
    const character = text.charAt(index)
    if (/[a-z]/i.test(character)) return plain
    if (/[0-9]/.test(character)) return words ? Math.log2(10) : plain
    return words || isHex ? 1 : plain
  }
  const inRow = rowsIn(text)
  // A sequence such as abcdefgh repeats one step.
  return Math.min(...[codes, steps].map((units) => countBits(units, inRow, bitsAt)))
}

function countBits(units: readonly number[], inRow: ReadonlySet<number>, bitsAt: (index: number) => number): number {
  let bits = 0
  for (let at = 0; at < units.length; ) {
    const repeated = repetitionAt(units, at)
    if (repeated >= LEAST_REPETITION) {
      bits += REPETITION_BITS
      at += repeated
    } else {
      bits += inRow.has(at) ? 1 : bitsAt(at)
      at += 1
    }
  }
  return bits
}

/** The length of the longest part from here on that has occurred before. It may overlap its first occurrence. */
function repetitionAt(units: readonly number[], at: number): number {
  let longest = 0
  for (let from = 0; from < at; from += 1) {
    let length = 0
    while (at + length < units.length && units[from + length] === units[at + length]) length += 1
    longest = Math.max(longest, length)
  }
  return longest
}

function alphabetOf(text: string, isHex: boolean): number {
  const kinds = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[0-9]/, 10],
    [/[^A-Za-z0-9]/, 33],
  ] as const
  const size = kinds.reduce((sum, [kind, count]) => sum + (kind.test(text) ? count : 0), 0)
  const letters = /[a-z]/i.test(text)
  return Math.min(isHex ? (letters ? 16 : 10) : size, 2 * new Set(text).size)
}

/** Whether three of five pairs of neighbouring letters are common in English words, which is rare in random text. */
function hasWords(text: string): boolean {
  const pairs = (text.match(/[a-z]+|[A-Z][a-z]+|[A-Z]+/g) ?? []).flatMap((run) =>
    Array.from({ length: run.length - 1 }, (_, index) => run.slice(index, index + 2).toLowerCase()),
  )
  return pairs.length >= 8 && pairs.filter((pair) => COMMON_PAIRS.has(pair)).length >= pairs.length * 0.6
}

/** The positions of five or more keys of one row of a keyboard. */
function rowsIn(text: string): ReadonlySet<number> {
  const found = new Set<number>()
  const lower = text.toLowerCase()
  for (let at = 0; at + 5 <= lower.length; at += 1) {
    if (!KEYBOARD_ROWS.some((row) => row.includes(lower.slice(at, at + 5)))) continue
    for (let index = at; index < at + 5; index += 1) found.add(index)
  }
  return found
}

/** The least number of different bytes of a random key of 32 bytes, with a probability of error below 10^-9. */
const LEAST_DISTINCT_BYTES = 16

/**
 * Why the bytes of a key do not come from a cryptographic source, as the end of a sentence that begins with "The key"; null:
 * nothing speaks against it.
 */
export function weaknessOfKey(bytes: Uint8Array): string | null {
  if (new Set(bytes).size < LEAST_DISTINCT_BYTES) return 'repeats the same few bytes'
  const units = [...bytes]
  const steps = units.map((unit, index) => (unit - (units[index - 1] ?? 0) + 256) % 256)
  if ([units, steps].some((each) => each.some((_, at) => repetitionAt(each, at) >= LEAST_REPETITION))) {
    return 'repeats a pattern'
  }
  return isUtf8(bytes) ? 'is readable text' : null
}
