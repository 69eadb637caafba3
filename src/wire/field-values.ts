import { soleSecretField } from '../catalog/definition/auth-fields.ts'
import { isRecord } from '../catalog/template/value.ts'
import { InvalidInputError } from '../kit/errors.ts'
import type { FieldErrors } from '../kit/field-errors.ts'
import { type CredentialField, fieldProblem, type ValueOptions } from './credential-fields.ts'
import { type CredentialInput, type CredentialKind, credentialKinds, givenKinds } from './credential-input.ts'

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
