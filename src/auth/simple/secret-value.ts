import type { Auth } from '../../catalog/definition/auth.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { FieldErrors } from '../../kit/errors.ts'
import type { CredentialInput, CredentialKind } from '../../wire/credential-fields.ts'
import {
  acceptedKind,
  type CredentialField,
  describedFieldsOf,
  fieldKinds,
  readFieldValues,
} from '../../wire/credential-fields.ts'
import { applyPlacement, valueProblem } from '../../wire/placement.ts'
import type { Authenticator, CheckContext } from '../strategy.ts'

type FieldKind = Exclude<CredentialKind, 'oauthToken' | 'authProvider'>

/** Checks the fields of a credential that is one value, rendered from one template into one place. */
export function checkSecretFields(
  auth: Auth,
  input: CredentialInput,
  context: CheckContext,
  kinds: readonly FieldKind[],
  value: { template: string; placement: Placement },
): Record<string, string> {
  const { path } = context
  const fields = describedFieldsOf(auth, context)
  const kind = acceptedKind(input, fieldKinds(fields, kinds).filter(isFieldKind), fields, path)
  const errors = new FieldErrors()
  const inHeader = value.placement.in === 'header' || value.placement.in === 'cookie'
  const { values, pathOf } = readFieldValues(input, kind, fields, path, errors, { multiline: !inHeader })
  errors.throwIfAny()
  const problem = renderedProblem(value, values)
  if (problem !== undefined) errors.add(pathOf(fieldToBlame(fields, values, value.placement)), problem)
  errors.throwIfAny()
  return values
}

export function isFieldKind(kind: CredentialKind): kind is FieldKind {
  return kind === 'fields' || kind === 'secretText' || kind === 'basic'
}

/** The problem of the rendered value, unless the template also reads data that is not known yet. */
function renderedProblem({ template, placement }: { template: string; placement: Placement }, values: object) {
  try {
    return valueProblem(placement, renderTemplate(template, { config: values, input: {}, kept: {} }))
  } catch (error) {
    if (error instanceof TemplateError && error.fault === 'missing') return undefined
    throw error
  }
}

function fieldToBlame(
  fields: readonly CredentialField[],
  values: Record<string, string>,
  placement: Placement,
): string {
  const names = fields.map((field) => field.name)
  return names.find((name) => valueProblem(placement, values[name] ?? '') !== undefined) ?? names[0] ?? ''
}

/** An authenticator that puts one value into one place. */
export function valueAuthenticator(placement: Placement, value: string, secrets: readonly string[]): Authenticator {
  return {
    apply: (draft) => applyPlacement(draft, placement, value),
    ready: true,
    refreshable: false,
    scopes: [],
    secrets: distinctSecrets([value, ...secrets]),
  }
}

export function secretsOf(fields: readonly CredentialField[], values: Readonly<Record<string, string>>): string[] {
  return fields.filter((field) => field.secret).map((field) => values[field.name] ?? '')
}

export function distinctSecrets(secrets: readonly (string | undefined)[]): string[] {
  return [...new Set(secrets.filter((secret): secret is string => secret !== undefined && secret !== ''))]
}
