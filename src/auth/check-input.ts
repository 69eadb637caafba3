import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { TemplateError } from '../catalog/template/template-error.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import { FieldErrors } from '../kit/field-errors.ts'
import { type CredentialField, describeFields } from '../wire/credential-fields.ts'
import { checkValues, objectOf } from '../wire/field-values.ts'

export function inputFieldsOf(definition: IntegrationDefinition): CredentialField[] {
  return describeFields(definition.inputFields ?? [])
}

/**
 * The inputs of a connection that are not secret, against the definition's inputFields. Throws InvalidInputError with
 * every wrong one, also one that cannot stand where the base URL has it.
 */
export function checkInput(
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

/** A base URL that also reads the credential or what the provider told is not known yet. */
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
