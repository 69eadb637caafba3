import { createContext, Script } from 'node:vm'
import { readPath } from './path.ts'

const maxPatternLength = 200
const maxValueBytes = 8 * 1024
const timeoutMs = 50

/** `tooLong`: more than 8 KiB; `tooSlow`: the pattern backtracks without end on this value. */
export type PatternMatch = 'yes' | 'no' | 'tooLong' | 'tooSlow'

/** Why a text cannot be the pattern of a field; undefined: it can. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > maxPatternLength) return `must hold at most ${maxPatternLength} characters`
  try {
    anchored(pattern)
    return undefined
  } catch {
    return 'must be a regular expression'
  }
}

/**
 * Whether the whole value matches. Patterns come from the definitions of a workspace and can be catastrophic, so that
 * the match runs under a time limit; a regular expression cannot be interrupted otherwise. The limit is one of the clock,
 * which a busy machine reaches without a fault of the pattern: what cannot backtrack for long is matched without it.
 */
export function matchesPattern(pattern: string, value: string): PatternMatch {
  if (Buffer.byteLength(value) > maxValueBytes) return 'tooLong'
  if (isQuick(pattern)) return anchored(pattern).test(value) ? 'yes' : 'no'
  const context = createContext(Object.assign(Object.create(null), { pattern: anchored(pattern).source, value }))
  try {
    return matcher().runInContext(context, { timeout: timeoutMs }) ? 'yes' : 'no'
  } catch (error) {
    // It may be an Error of another realm, which `instanceof` does not know.
    if (readPath(error, ['code']) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'tooSlow'
    throw error
  }
}

/** No group is repeated, at most one thing is repeated without end, and few may be missing: time grows with the value alone. */
function isQuick(pattern: string): boolean {
  const bare = pattern.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gs, 'x')
  const count = (quantifier: RegExp) => bare.match(quantifier)?.length ?? 0
  return !/\)[*+?{]/.test(bare) && count(/[*+{]/g) <= 1 && count(/\?/g) <= 3
}

let script: Script | undefined

function matcher(): Script {
  script ??= new Script("new RegExp(pattern, 'u').test(value)")
  return script
}

function anchored(pattern: string): RegExp {
  // Compiled on its own first: `a)(b` is only an expression once something stands around it.
  new RegExp(pattern, 'u')
  return new RegExp(`^(?:${pattern})$`, 'u')
}
