import { RE2JS } from 're2js'
import { BoundedMap } from '../../kit/bounded-map.ts'

const maxPatternLength = 200
/** Instructions of a compiled pattern. Matching takes as many steps for each character at most. */
const maxSteps = 1_000
const maxValueBytes = 8 * 1024

/** Instructions times characters that the values of a credential, or all inputs, may take together; about 25 ms at worst. */
const MATCH_STEPS = 1_000_000

/** What matching values that are checked together against patterns may still cost. */
export class MatchBudget {
  #left = MATCH_STEPS

  /** Whether the budget allows as many steps, which are then used up. */
  spend(steps: number): boolean {
    if (steps > this.#left) return false
    this.#left -= steps
    return true
  }
}

/**
 * `tooLong`: the value has more than 8 KiB; `tooCostly`: the budget does not allow the match; `unsupported`: the pattern is from an older
 * version and cannot be compiled.
 */
export type PatternMatch = 'yes' | 'no' | 'tooLong' | 'tooCostly' | 'unsupported'

const compiled = new BoundedMap<string, RE2JS>({ max: 200 })

/**
 * Why a text is not a valid pattern; undefined: it is valid. Patterns come from tenants, so they run in RE2, whose matching time is linear
 * in the value (https://swtch.com/~rsc/regexp/regexp1.html), and never in V8.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > maxPatternLength) return `must have at most ${maxPatternLength} characters`
  const size = estimateSize(pattern)
  if (typeof size === 'string') return size
  if (size > maxSteps) {
    return `must not need more than ${maxSteps} steps: its counted repetitions ({n,m}) are too large. Use + or *, or smaller counts`
  }
  if (foldedWidth(pattern) > maxFoldedWidth) {
    return `must not have ranges of more than ${maxFoldedWidth} characters together with (?i). Leave (?i) out, or write smaller ranges`
  }
  try {
    compiledPattern(pattern)
    return undefined
  } catch {
    const lookAround = /\(\?<?[=!]/.test(pattern) ? ', which has no look-around: (?=, (?!, (?<= and (?<!' : ''
    return `must be a regular expression that RE2 supports${lookAround}`
  }
}

/**
 * Whether the whole value matches, at the expense of the budget.
 * @param options.anywhere a match of a part of the value is enough. Default: false
 */
export function matchesPattern(
  pattern: string,
  value: string,
  budget: MatchBudget,
  { anywhere = false }: { anywhere?: boolean } = {},
): PatternMatch {
  if (Buffer.byteLength(value) > maxValueBytes) return 'tooLong'
  if (!compiled.has(pattern) && patternProblem(pattern) !== undefined) return 'unsupported'
  const engine = compiledPattern(pattern)
  if (!budget.spend(engine.programSize() * (value.length + 1))) return 'tooCostly'
  // A matcher runs the NFA. The DFA behind testExact keeps up to 8 MiB for each pattern and is slower at worst.
  const matcher = engine.matcher(value)
  return (anywhere ? matcher.find() : matcher.matches()) ? 'yes' : 'no'
}

/**
 * The first group of the first match in a text, or the whole match of a pattern without groups; undefined: nothing matches.
 * @param pay is called with the steps that matching may take, before it begins
 */
export function searchPattern(pattern: string, text: string, pay: (steps: number) => void): string | undefined {
  const engine = compiledPattern(pattern)
  pay(engine.programSize() * (text.length + 1))
  const matcher = engine.matcher(text)
  if (!matcher.find()) return undefined
  return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined
}

/** Throws an RE2JSException. The same pattern is compiled once. */
function compiledPattern(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const engine = RE2JS.compile(RE2JS.translateRegExp(pattern))
  compiled.set(pattern, engine)
  return engine
}

/**
 * What compiling a pattern costs, in instructions, about 5 µs each. Unicode classes have hundreds of ranges, and ranges without regard
 * to case are compiled one character at a time. Read without compiling it.
 */
export function patternCost(pattern: string): number {
  if (pattern.length > maxPatternLength) return 0
  const size = estimateSize(pattern)
  if (typeof size === 'string' || size > maxSteps) return 0
  return 100 + size + 50 * (pattern.match(/\\p/gi)?.length ?? 0) + Math.ceil(foldedWidth(pattern) / 500)
}

/** Enough for one range to the end of Unicode, which takes 3 ms. */
const maxFoldedWidth = 1_200_000

const RANGE = /((?:\\(?:[xu]\{[^}]*\}|x..|u.{4}|.)|[^\\]))-((?:\\(?:[xu]\{[^}]*\}|x..|u.{4}|.)|[^\\\]]))/gsu

/**
 * Characters in the ranges of a pattern that has the flag i anywhere; 0: it has none. RE2 searches the other cases of each of them. A
 * hyphen outside of a class counts like a range.
 */
function foldedWidth(pattern: string): number {
  if (!/\(\?[a-z]*i/i.test(pattern)) return 0
  let width = 0
  for (const [, from = '', to = ''] of pattern.matchAll(RANGE))
    width += Math.max(0, codePointOf(to) - codePointOf(from) + 1)
  return width
}

/** A character or an escape of one. Classes such as \d, and escapes of control characters, count as their letter. */
function codePointOf(text: string): number {
  const digits = /^\\[xu]\{?([0-9a-f]+)\}?$/i.exec(text)?.[1]
  if (digits !== undefined) return Math.min(0x10ffff, Number.parseInt(digits, 16))
  return text.codePointAt(text.length > 1 && text.startsWith('\\') ? 1 : 0) ?? 0
}

const ESCAPE = /\\(?:[pPxu]\{[^}]*\}|.)/suy
const REPETITION = /\{(\d+)(?:(,)(\d*))?\}/y

/**
 * An upper bound of the instructions that a pattern compiles to, or why it is not a pattern. It is read before the pattern is compiled,
 * because nested repetitions such as `(?:…{100}){10}` take long to compile. Spellings that would read differently here and in RE2 are
 * refused.
 */
function estimateSize(pattern: string): number | string {
  const outer: number[] = []
  let total = 2
  let last = 0
  const add = (size: number) => {
    total += last
    last = size
  }
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]
    REPETITION.lastIndex = at
    const repetition = char === '{' ? REPETITION.exec(pattern) : null
    if (repetition !== null) {
      const [whole, least = '', comma, most = ''] = repetition
      const copies = comma !== undefined && most === '' ? Number(least) + 1 : Math.max(Number(least), Number(most))
      last = (last + 1) * Math.max(1, copies)
      at += whole.length - 1
    } else if (char === '\\') {
      ESCAPE.lastIndex = at
      const [whole = '\\'] = ESCAPE.exec(pattern) ?? []
      if (whole === '\\Q') return 'must not quote with \\Q; escape single characters'
      if (/^\\[1-9k]/.test(whole))
        return 'must not have back-references (\\1, \\k<name>), because RE2 does not support them'
      add(1)
      at += whole.length - 1
    } else if (char === '[') {
      const end = endOfClass(pattern, at)
      if (end === undefined)
        return 'must be a regular expression with classes such as [a-z]; write [ and ] in a class as \\[ and \\]'
      add(1)
      at = end
    } else if (char === '(') {
      add(0)
      outer.push(total)
      total = 2
    } else if (char === ')') {
      const before = outer.pop()
      if (before === undefined) return 'must be a regular expression: a ) has no ('
      last += total
      total = before
    } else if (char === '*' || char === '+' || char === '?') {
      last += 1
    } else {
      add(1)
    }
    if (total + last > Number.MAX_SAFE_INTEGER) return total + last
  }
  return outer.reduce((sum, size) => sum + size, total + last)
}

/** The index of the ] that ends a class; undefined: it has none, or a spelling that engines read differently. */
function endOfClass(pattern: string, start: number): number | undefined {
  const first = pattern[start + 1] === '^' ? start + 2 : start + 1
  for (let at = first; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1
    else if (pattern[at] === '[' && pattern[at + 1] === ':') return undefined
    else if (pattern[at] === ']') return at === first ? undefined : at
  }
  return undefined
}
