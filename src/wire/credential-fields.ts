import type { Auth } from '../catalog/definition/auth.ts'
import { credentialFieldsOf, type FieldOptions, soleSecretField } from '../catalog/definition/auth-fields.ts'
import { certificateTemplatesOf } from '../catalog/definition/client-certificate.ts'
import type { Field } from '../catalog/definition/field.ts'
import { MatchBudget, matchesPattern, type PatternMatch } from '../catalog/definition/pattern.ts'
import { compileTemplate } from '../catalog/template/template.ts'
import { isRecord } from '../catalog/template/value.ts'
import { type FieldErrors, InvalidInputError } from '../kit/errors.ts'

/** The API's CredentialInput: exactly one of the five is given. Null counts as not given. */
export interface CredentialInput {
  oauthToken?: OAuthTokenInput | null
  secretText?: string | null
  basic?: BasicCredentialInput | null
  /** Values by the names of the credential fields. */
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
  /** Other values from the provider: strings and numbers. Templates read them as `kept`. */
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

/** A field with defaults for everything that a definition may leave out. */
export interface CredentialField extends Field {
  label: string
  secret: boolean
  required: boolean
  /** The value is a PEM text, so it may have several lines. */
  multiline: boolean
}

const MAX_VALUE_BYTES = 16 * 1024

export function describeFields(fields: readonly Field[]): CredentialField[] {
  return fields.map((field) => ({
    ...field,
    label: field.label ?? labelFrom(field.name),
    secret: field.secret ?? false,
    required: field.required ?? false,
    multiline: false,
  }))
}

export function describedFieldsOf(auth: Auth, options: FieldOptions): CredentialField[] {
  const fields = describeFields(credentialFieldsOf(auth, options))
  const pem = certificateTemplatesOf(auth)
  if (pem === undefined) return fields
  const reads = [pem.certificate, pem.key].map((source) => compileTemplate(source).references)
  return fields.map((field) => ({
    ...field,
    multiline: reads.some((references) => references.has(`config['${field.name}']`)),
  }))
}

/** `account_id` → `Account id`. */
function labelFrom(name: string): string {
  const words = name.replace(/[_.-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

interface ValueOptions {
  /** Allows line breaks, for example in a PEM key. */
  multiline?: boolean
}

/** Why a value is not valid for a field; undefined when it is. Never contains a part of the value. */
function fieldProblem(
  field: CredentialField,
  value: unknown,
  options: ValueOptions,
  budget: MatchBudget,
): string | undefined {
  if (value === undefined || value === null) return field.required ? 'is missing' : undefined
  if (typeof value !== 'string') return 'must be text'
  if (field.required && value.trim() === '') return 'must not be blank'
  const problem = textProblem(value, { multiline: options.multiline === true || field.multiline })
  if (problem === undefined && field.choices !== undefined && value !== '') return choiceProblem(field.choices, value)
  if (problem !== undefined || field.pattern === undefined || value === '') return problem
  return matchProblem(matchesPattern(field.pattern, value, budget), field.pattern)
}

function choiceProblem(choices: NonNullable<Field['choices']>, value: string): string | undefined {
  const values = choices.map((choice) => choice.value)
  return values.includes(value) ? undefined : `must be one of ${values.join(', ')}`
}

function matchProblem(match: PatternMatch, pattern: string): string | undefined {
  switch (match) {
    case 'yes':
      return undefined
    case 'no':
      return `does not match the pattern ${pattern}`
    case 'tooLong':
      return 'is too long to check against its pattern (at most 8 KiB)'
    case 'tooCostly':
      return 'is too long to check against its pattern. Supply a shorter value, or simplify the pattern in the definition'
    case 'unsupported':
      return 'cannot be checked, because RE2 does not support the pattern of this field. Change it in the definition of the integration'
  }
}

/**
 * Why a text is not valid; undefined when it is. Leading and trailing white space is rejected, not trimmed: it is a mistake in
 * most secrets and part of a few.
 */
export function textProblem(value: string, { multiline = false }: ValueOptions = {}): string | undefined {
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) return 'must be at most 16 KiB'
  if (!value.isWellFormed()) return 'must be well-formed Unicode'
  if (!multiline && /[\r\n]/.test(value)) return 'must not hold line breaks'
  if (/[^\P{Cc}\t\r\n]/u.test(value)) return 'must not hold control characters'
  const pem = multiline && value.includes('-----BEGIN ')
  if (value !== value.trim() && !(pem && value === value.trimStart())) {
    return 'begins or ends with white space: remove it'
  }
  return undefined
}

/** The values of credential fields, from any kind of input. */
export interface FieldValues {
  values: Record<string, string>
  /** The path of a field's value in the caller's input. */
  pathOf(name: string): string[]
}

/** The kinds of input that can fill these fields. */
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

/** This way of authenticating does not accept the kind of credential that was given. */
export class WrongKindError extends InvalidInputError {}

/** The one kind that was given. @throws InvalidInputError unless exactly one was given; WrongKindError when it is not accepted */
export function acceptedKind<K extends CredentialKind>(
  input: CredentialInput,
  accepted: readonly K[],
  fields: readonly CredentialField[],
  path: readonly string[],
): K {
  const [kind, ...others] = givenKinds(input)
  if (kind === undefined || others.length > 0) {
    throw new InvalidInputError([
      { path: [...path], message: `must have exactly one of ${credentialKinds.join(', ')}` },
    ])
  }
  const found = accepted.find((candidate) => candidate === kind)
  if (found !== undefined) return found
  const problem =
    kind === 'authProvider' ? 'cannot be used: no auth provider is configured' : 'is not accepted by this integration'
  const message = `${problem}. Give ${describeAccepted(accepted, fields)}`
  throw new WrongKindError([{ path: [...path, kind], message }])
}

function describeAccepted(accepted: readonly CredentialKind[], fields: readonly CredentialField[]): string {
  const names = fields.map((field) => field.name).join(', ')
  return accepted.map((kind) => (kind === 'fields' ? `fields (${names || 'none'})` : kind)).join(' or ')
}

/** Reads the field values. Adds every unknown, missing and malformed field to `errors`. */
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

/** Checks values by name against fields. Also used for values that are not a credential. */
export function checkValues(
  given: Readonly<Record<string, unknown>>,
  fields: readonly CredentialField[],
  pathOf: (name: string) => string[],
  errors: FieldErrors,
  options: ValueOptions = {},
): Record<string, string> {
  const values: Record<string, string> = {}
  const names = fields.map((field) => field.name)
  const budget = new MatchBudget()
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) errors.add(pathOf(name), `is not a known field. Fields: ${names.join(', ') || 'none'}`)
  }
  for (const field of fields) {
    const value = Object.hasOwn(given, field.name) ? given[field.name] : undefined
    const problem = fieldProblem(field, value, options, budget)
    if (problem !== undefined) errors.add(pathOf(field.name), problem)
    else if (typeof value === 'string') values[field.name] = value
  }
  return values
}

/** A plain object; an absent value counts as empty. */
export function objectOf(
  value: unknown,
  path: readonly string[],
  errors: FieldErrors,
): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {}
  if (isRecord(value)) return value
  errors.add(path, 'must be an object of field values by name')
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
