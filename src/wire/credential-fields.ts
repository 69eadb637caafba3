import type { Auth } from '../catalog/definition/auth.ts'
import { credentialFieldsOf, type FieldOptions, soleSecretField } from '../catalog/definition/auth-fields.ts'
import { type Field, matchesPattern } from '../catalog/definition/field.ts'
import { isRecord } from '../catalog/template/value.ts'
import { type FieldErrors, InvalidInputError } from '../kit/errors.ts'

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

interface ValueOptions {
  /** Line breaks may stand in it, as in a key in PEM form. */
  multiline?: boolean
}

/** Why a value cannot be taken for a field; undefined: it can. Nothing of the value is in the answer. */
function fieldProblem(field: CredentialField, value: unknown, options: ValueOptions = {}): string | undefined {
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

/** The values of credential fields as a caller gave them, by whichever kind of input. */
export interface FieldValues {
  values: Record<string, string>
  /** Where the caller wrote the value of a field. */
  pathOf(name: string): string[]
}

/** Which kinds of input fill these fields, besides `fields` itself. */
export function fieldKinds(fields: readonly CredentialField[], kinds: readonly CredentialKind[]): CredentialKind[] {
  const required = fields.filter((field) => field.required).map((field) => field.name)
  const covers = (...names: (string | undefined)[]) => required.every((name) => names.includes(name))
  const sole = soleSecretField(fields)
  const names = fields.map((field) => field.name)
  return kinds.filter((kind) => {
    if (kind === 'secretText') return sole !== undefined && covers(sole.name)
    if (kind === 'basic')
      return names.includes('username') && names.includes('password') && covers('username', 'password')
    return true
  })
}

/** The credential is of a kind that this way of authenticating does not take, whatever its value. */
export class WrongKindError extends InvalidInputError {}

/** The one kind that was given, if it is one of `accepted`. Throws InvalidInputError, WrongKindError. */
export function acceptedKind<K extends CredentialKind>(
  input: CredentialInput,
  accepted: readonly K[],
  fields: readonly CredentialField[],
  path: readonly string[],
): K {
  const [kind, ...others] = givenKinds(input)
  if (kind === undefined || others.length > 0) {
    throw new InvalidInputError([
      { path: [...path], message: `must hold exactly one of ${credentialKinds.join(', ')}` },
    ])
  }
  const found = accepted.find((candidate) => candidate === kind)
  if (found !== undefined) return found
  const problem =
    kind === 'authProvider' ? 'cannot be used: no auth provider is configured' : 'is not what this integration takes'
  const message = `${problem}. Give ${describeAccepted(accepted, fields)}`
  throw new WrongKindError([{ path: [...path, kind], message }])
}

function describeAccepted(accepted: readonly CredentialKind[], fields: readonly CredentialField[]): string {
  const names = fields.map((field) => field.name).join(', ')
  return accepted.map((kind) => (kind === 'fields' ? `fields (${names || 'none'})` : kind)).join(' or ')
}

/** Every unknown, missing and malformed field goes into `errors`. */
export function readFieldValues(
  input: CredentialInput,
  kind: 'secretText' | 'basic' | 'fields',
  fields: readonly CredentialField[],
  path: readonly string[],
  errors: FieldErrors,
  options: ValueOptions = {},
): FieldValues {
  const given = kind === 'fields' ? objectOf(input.fields, [...path, kind], errors) : mappedValues(input, kind, fields)
  const pathOf = (name: string) => (kind === 'secretText' ? [...path, kind] : [...path, kind, name])
  return { values: given && checkValues(given, fields, pathOf, errors, options), pathOf }
}

/** Values by name against fields; also for what is not a credential. */
export function checkValues(
  given: Readonly<Record<string, unknown>>,
  fields: readonly CredentialField[],
  pathOf: (name: string) => string[],
  errors: FieldErrors,
  options: ValueOptions = {},
): Record<string, string> {
  const values: Record<string, string> = {}
  const names = fields.map((field) => field.name)
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) errors.add(pathOf(name), `is not a field here. Fields: ${names.join(', ') || 'none'}`)
  }
  for (const field of fields) {
    const value = Object.hasOwn(given, field.name) ? given[field.name] : undefined
    const problem = fieldProblem(field, value, options)
    if (problem !== undefined) errors.add(pathOf(field.name), problem)
    else if (typeof value === 'string') values[field.name] = value
  }
  return values
}

/** A plain object; absent counts as empty. */
export function objectOf(
  value: unknown,
  path: readonly string[],
  errors: FieldErrors,
): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (isRecord(value)) return value
  errors.add(path, 'must be an object with the fields by name')
  errors.throwIfAny()
  return {}
}

function mappedValues(
  input: CredentialInput,
  kind: 'secretText' | 'basic',
  fields: readonly CredentialField[],
): Record<string, unknown> {
  if (kind === 'basic') return { username: input.basic?.username, password: input.basic?.password ?? '' }
  const sole = soleSecretField(fields)
  return sole ? { [sole.name]: input.secretText } : {}
}

/** The API's CredentialInput: exactly one of the five is given. Null counts as not given. */
export interface CredentialInput {
  oauthToken?: OAuthTokenInput | null
  secretText?: string | null
  basic?: BasicCredentialInput | null
  /** By the names of the credential fields. */
  fields?: unknown
  authProvider?: AuthProviderCredentialInput | null
}

export interface OAuthTokenInput {
  accessToken?: string | null
  refreshToken?: string | null
  tokenType?: string | null
  expiresAt?: Date | null
  /** Seconds from now. */
  expiresIn?: number | null
  scopes?: readonly string[] | null
  clientId?: string | null
  clientSecret?: string | null
  /** What else the provider told: text and numbers, readable in templates as `kept`. */
  extra?: unknown
}

interface BasicCredentialInput {
  username: string
  password?: string | null
}

interface AuthProviderCredentialInput {
  provider: string
  accountId: string
}

export const credentialKinds = ['oauthToken', 'secretText', 'basic', 'fields', 'authProvider'] as const
export type CredentialKind = (typeof credentialKinds)[number]

export function givenKinds(input: CredentialInput): CredentialKind[] {
  return credentialKinds.filter((kind) => input[kind] !== undefined && input[kind] !== null)
}
