import { z } from 'zod'
import type { FieldError } from '../../kit/errors.ts'
import { nearestName } from '../../kit/nearest-name.ts'
import { isRecord } from '../template/value.ts'

const nouns: Readonly<Record<string, string | undefined>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

/** The zod error map: plain messages that never contain the value. The known name that a value resembles is suggested. */
export const errorMap: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code ?? ''))
    return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nouns[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be ${choices(issue.values)}${suggestion(issue.input, issue.values)}`
    case 'invalid_union': {
      if (!('options' in issue && Array.isArray(issue.options))) return undefined
      const { discriminator } = issue
      const given = typeof discriminator === 'string' && isRecord(issue.input) ? issue.input[discriminator] : undefined
      return `must be ${choices(issue.options)}${suggestion(given, issue.options)}`
    }
    case 'unrecognized_keys': {
      const known = knownKeysOf(issue.inst)
      // One message for each key. fieldErrorsOf takes them apart.
      return JSON.stringify(issue.keys.map((key) => `${key} is not a known key${suggestion(key, known)}`))
    }
    case 'too_big':
      return `must ${verb(issue.origin)} at most ${issue.maximum}${unit(issue.origin, issue.maximum)}`
    case 'too_small':
      return `must ${verb(issue.origin)} ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unit(issue.origin, issue.minimum)}`
    default:
      return undefined
  }
}

function verb(origin: string): string {
  return origin === 'number' || origin === 'int' ? 'be' : 'hold'
}

function unit(origin: string, count: number | bigint): string {
  const noun = origin === 'string' ? ' character' : origin === 'array' ? ' item' : ''
  return noun === '' || Number(count) === 1 ? noun : `${noun}s`
}

/** The keys of the schema that found an unknown one. */
function knownKeysOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** The known name that a misspelt one resembles, as a sentence. Empty: it resembles none. */
export function suggestion(given: unknown, known: readonly unknown[]): string {
  if (typeof given !== 'string') return ''
  const names = known.map(String)
  // A name of another style, such as base_url.
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const meant = names.find((name) => plain(name) === plain(given)) ?? nearestName(given, names)
  return meant === undefined || meant === given ? '' : `. Did you mean ${meant}?`
}

function choices(values: readonly unknown[]): string {
  const [only, ...more] = values.map(String)
  return more.length === 0 ? String(only) : `one of ${[only, ...more].join(', ')}`
}

/** The errors of a schema, each with its full path. Each unknown key is an error at that key. */
export function fieldErrorsOf(error: Pick<z.core.$ZodError, 'issues'>, path: readonly string[]): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const here = [...path, ...issue.path.map(String)]
    if (issue.code === 'unrecognized_keys') {
      const messages = JSON.parse(issue.message) as string[]
      return issue.keys.map((key, index) => ({
        path: [...here, key],
        message: messages[index] ?? 'is not a known key',
      }))
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0 && issue.message !== 'is missing') {
      return unionErrors(issue.errors, here)
    }
    if (issue.code === 'invalid_key') {
      return issue.issues.map((inner) => ({ path: here, message: `as a name ${inner.message}` }))
    }
    return [{ path: here, message: issue.message }]
  })
}

/** The errors of the alternative that has the type of the value, or else what the alternatives are. */
function unionErrors(alternatives: readonly z.core.$ZodIssue[][], path: readonly string[]): FieldError[] {
  const isOtherType = ({ code, path: inner }: z.core.$ZodIssue) =>
    inner.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
  const meant = alternatives.find((issues) => !issues.some(isOtherType))
  if (meant !== undefined) return meant.flatMap((issue) => fieldErrorsOf({ issues: [issue] }, path))
  const kinds = alternatives.flatMap((issues) => issues.map(({ message }) => message.replace(/^must be /, '')))
  return [{ path: [...path], message: `must be ${kinds.join(', or ')}` }]
}
