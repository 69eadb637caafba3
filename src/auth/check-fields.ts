import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import { TemplateError } from '../catalog/template/value.ts'
import { FieldErrors } from '../kit/errors.ts'
import {
  acceptedKind,
  type CredentialField,
  type CredentialInput,
  checkValues,
  describedFieldsOf,
  describeFields,
  type FieldValues,
  fieldKinds,
  objectOf,
  readFieldValues,
} from '../wire/credential-fields.ts'
import type { CheckContext } from './strategy.ts'

/**
 * Checks the fields of a credential that may be given as any kind of input that fills them. Values may have several lines, as
 * PEM keys do.
 *
 * @throws InvalidInputError with every invalid field
 */
export function checkFields(
  auth: Auth,
  input: CredentialInput,
  context: CheckContext,
  kinds: readonly ('secretText' | 'basic' | 'fields')[] = ['basic', 'secretText', 'fields'],
): FieldValues {
  const fields = describedFieldsOf(auth, context)
  const accepted = fieldKinds(fields, kinds).filter((kind) => kind !== 'oauthToken' && kind !== 'authProvider')
  const kind = acceptedKind(input, accepted, fields, context.path)
  const errors = new FieldErrors()
  const read = readFieldValues(input, kind, fields, context.path, errors, { multiline: true })
  errors.throwIfAny()
  return read
}

export function inputFieldsOf(definition: IntegrationDefinition): CredentialField[] {
  return describeFields(definition.inputFields ?? [])
}

/**
 * Checks the inputs of a connection, which are not secret, against the definition's inputFields.
 *
 * @throws InvalidInputError with every invalid input, including those that the base URL cannot contain
 */
export function checkConnectionInput(
  definition: IntegrationDefinition,
  input: unknown,
  path: readonly string[] = ['input', 'input'],
): Record<string, string> {
  const errors = new FieldErrors()
  const given = objectOf(input, path, errors)
  const values = checkValues(given, inputFieldsOf(definition), (name) => [...path, name], errors)
  errors.throwIfAny()
  checkBaseUrl(definition, values, path, errors)
  errors.throwIfAny()
  return values
}

/** Skips a base URL that also reads the credential or `kept`, which are not known yet. */
function checkBaseUrl(
  { baseUrl }: IntegrationDefinition,
  input: Record<string, string>,
  path: readonly string[],
  errors: FieldErrors,
): void {
  try {
    renderUrl(baseUrl, { config: input, input, kept: {} })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    if (error.fault === 'missing') return
    const name = Object.keys(input).find((key) => error.reference?.endsWith(`['${key}']`))
    errors.add(name === undefined ? path : [...path, name], error.fields[0]?.message ?? error.message)
  }
}
