import type { Auth } from '../catalog/definition/auth.ts'
import { credentialFieldsOf, type FieldOptions } from '../catalog/definition/auth-fields.ts'
import type { Field } from '../catalog/definition/field.ts'
import { matchesPattern } from '../catalog/definition/pattern.ts'

/** A field with everything decided that a definition may leave out. */
export interface CredentialField extends Field {
  label: string
  secret: boolean
  required: boolean
}

const maxValueBytes = 16 * 1024

export function describeFields(fields: readonly Field[]): CredentialField[] {
  return fields.map((field) => ({
    ...field,
    label: field.label ?? labelFrom(field.name),
    secret: field.secret ?? false,
    required: field.required ?? false,
  }))
}

export function describedFieldsOf(auth: Auth, options: FieldOptions): CredentialField[] {
  return describeFields(credentialFieldsOf(auth, options))
}

/** `account_id` → `Account id`. */
function labelFrom(name: string): string {
  const words = name.replace(/[_.-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export interface ValueOptions {
  /** Line breaks may stand in it, as in a key in PEM form. */
  multiline?: boolean
}

/** Why a value cannot be taken for a field; undefined: it can. Nothing of the value is in the answer. */
export function fieldProblem(field: CredentialField, value: unknown, options: ValueOptions = {}): string | undefined {
  if (value === undefined || value === null) return field.required ? 'is missing' : undefined
  if (typeof value !== 'string') return 'must be text'
  if (field.required && value.trim() === '') return 'must not be blank'
  const problem = textProblem(value, options)
  if (problem !== undefined || field.pattern === undefined || value === '') return problem
  const match = matchesPattern(field.pattern, value)
  if (match === 'yes') return undefined
  if (match === 'tooLong') return 'is too long to be checked against its pattern (at most 8 KiB)'
  return match === 'tooSlow' ? 'cannot be checked against its pattern' : `does not match the pattern ${field.pattern}`
}

/** Outer white space is refused and not cut off: it is a slip in most secrets and a part of a few. */
export function textProblem(value: string, { multiline = false }: ValueOptions = {}): string | undefined {
  if (Buffer.byteLength(value) > maxValueBytes) return 'must be at most 16 KiB'
  if (!value.isWellFormed()) return 'must be well-formed Unicode'
  if (!multiline && /[\r\n]/.test(value)) return 'must not hold line breaks'
  if (/[^\P{Cc}\t\r\n]/u.test(value)) return 'must not hold control characters'
  const pem = multiline && value.startsWith('-----BEGIN ')
  if (value !== value.trim() && !(pem && value === value.trimStart())) {
    return 'begins or ends with white space: remove it'
  }
  return undefined
}
