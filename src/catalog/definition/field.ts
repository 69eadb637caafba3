import { createContext, Script } from 'node:vm'
import { z } from 'zod'
import { readPath } from './path.ts'

const maxFields = 50

/** The name of a field. Templates read it as `config['name']`, so names such as `constructor` are refused. */
export const fieldNameSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must begin with a letter and contain only letters, digits, _, . and -')
  .refine((name) => !['__proto__', 'constructor', 'prototype'].includes(name), 'is not allowed as a name')

/** One value that a person supplies. `pattern` is a regular expression for the whole value. */
export const fieldSchema = z
  .strictObject({
    name: fieldNameSchema,
    label: z.string().min(1).max(200).optional(),
    description: z.string().max(2_000).optional(),
    secret: z.boolean().optional(),
    required: z.boolean().optional(),
    pattern: z.string().optional(),
    example: z.string().min(1).max(1_000).optional(),
  })
  .superRefine((field, context) => {
    if (field.pattern === undefined) return
    const problem = patternProblem(field.pattern)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['pattern'], message: problem })
    else if (field.example !== undefined && matchesPattern(field.pattern, field.example) !== 'yes') {
      context.addIssue({ code: 'custom', path: ['example'], message: 'must match the pattern of its field' })
    }
  })

export const fieldsSchema = z
  .array(fieldSchema)
  .max(maxFields)
  .superRefine((fields, context) => {
    const seen = new Set<string>()
    for (const [index, { name }] of fields.entries()) {
      if (seen.has(name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is the name of an earlier field` })
      }
      seen.add(name)
    }
  })

export type Field = z.infer<typeof fieldSchema>

const maxPatternLength = 200
const maxValueBytes = 8 * 1024
const timeoutMs = 50

/** `tooLong`: the value has more than 8 KiB; `tooSlow`: the match exceeded the time limit. */
type PatternMatch = 'yes' | 'no' | 'tooLong' | 'tooSlow'

/** Why a text is not a valid pattern; undefined: it is valid. */
function patternProblem(pattern: string): string | undefined {
  if (pattern.length > maxPatternLength) return `must have at most ${maxPatternLength} characters`
  try {
    anchored(pattern)
    return undefined
  } catch {
    return 'must be a regular expression'
  }
}

/**
 * Whether the whole value matches. Patterns come from tenants and can backtrack for very long, so the match runs under a time limit
 * (a regular expression cannot be interrupted in another way). A busy machine can reach the limit with a harmless pattern; patterns that
 * cannot backtrack for long are therefore matched without it.
 */
export function matchesPattern(pattern: string, value: string): PatternMatch {
  if (Buffer.byteLength(value) > maxValueBytes) return 'tooLong'
  if (isQuick(pattern)) return anchored(pattern).test(value) ? 'yes' : 'no'
  const context = createContext(Object.assign(Object.create(null), { pattern: anchored(pattern).source, value }))
  try {
    return matcher().runInContext(context, { timeout: timeoutMs }) ? 'yes' : 'no'
  } catch (error) {
    // The error comes from another realm, so `instanceof Error` can be false.
    if (readPath(error, ['code']) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'tooSlow'
    throw error
  }
}

/** Whether matching time is linear in the value: no repeated group, at most one unbounded repetition, and few optional parts. */
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
  // Compile the pattern alone first: `a)(b` becomes valid only when it is wrapped.
  new RegExp(pattern, 'u')
  return new RegExp(`^(?:${pattern})$`, 'u')
}
