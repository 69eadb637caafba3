import type { z } from 'zod'
import type { FieldError } from '../../kit/errors.ts'

const nouns: Readonly<Record<string, string | undefined>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

/** The zod error map: plain messages that never contain the value. */
export const errorMap: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code ?? ''))
    return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nouns[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be ${choices(issue.values)}`
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? `must be ${choices(issue.options)}` : undefined
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

function choices(values: readonly unknown[]): string {
  const [only, ...more] = values.map(String)
  return more.length === 0 ? String(only) : `one of ${[only, ...more].join(', ')}`
}

/** The errors of a schema, each with its full path. Each unknown key is an error at that key. */
export function fieldErrorsOf(error: Pick<z.core.$ZodError, 'issues'>, path: readonly string[]): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const here = [...path, ...issue.path.map(String)]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...here, key], message: `${key} is not a known key` }))
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
