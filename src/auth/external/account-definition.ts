import type { Auth } from '../../catalog/definition/auth.ts'
import {
  credentialFieldsOf,
  passwordTemplateOf,
  soleSecretField,
  valueTemplateOf,
} from '../../catalog/definition/auth-fields.ts'
import { certificateTemplatesOf } from '../../catalog/definition/client-certificate.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { Field } from '../../catalog/definition/field.ts'
import { readsOfExpression } from '../../catalog/template/expression-reads.ts'
import { type Template, templateIn } from '../../catalog/template/template.ts'
import { isRecord } from '../../catalog/template/value.ts'
import { CredentialRefreshError } from '../../kit/errors.ts'

/** The definition of an integration as it is used with an account of an auth provider. */
export interface AccountDefinition {
  /** With no pattern in the fields of its auth and, unless it is one of the catalogue, with each of them secret. */
  definition: IntegrationDefinition
  /** Name of the field that gets a credential of one value. */
  soleField: string | undefined
}

interface Source {
  /** Slug of the integration's provider in the catalogue. Null: the workspace has written the definition. */
  provider: string | null
  definition: IntegrationDefinition
}

/** An auth provider returns one secret, or a user name and a password. Only these types of auth can use that. */
const ACCOUNT_AUTH: ReadonlySet<Auth['type']> = new Set(['oauth2', 'bearer', 'api_key', 'basic'])

/** Why accounts of auth providers cannot be used with this auth; undefined when they can. */
export function unsuitableAuth(auth: Auth): string | undefined {
  const { type } = auth
  if (certificateTemplatesOf(auth) !== undefined)
    return 'An auth provider cannot supply credentials for this integration: its definition needs a client certificate.'
  if (ACCOUNT_AUTH.has(type)) return undefined
  return `An auth provider cannot supply credentials for this integration: its auth type is ${type}.`
}

/**
 * What a definition does with the credential of an account must not depend on the credential. Who writes a definition may not be
 * allowed to read it, and a pattern or a condition that they change from call to call shows it bit by bit.
 * @throws CredentialRefreshError when the auth or the templates of the definition cannot be used with an account
 */
export function accountDefinitionOf({ provider, definition }: Source): AccountDefinition {
  const problem = unsuitableAuth(definition.auth) ?? (provider === null ? revealingReads(definition) : undefined)
  if (problem !== undefined) throw new CredentialRefreshError(problem, { reason: 'INVALID_CLIENT', retryable: false })
  const known = made.get(definition)
  if (known !== undefined) return known
  const fieldOf = ({ pattern: _, ...field }: Field): Field => (provider === null ? { ...field, secret: true } : field)
  const account = {
    definition: { ...definition, auth: withFields(definition.auth, fieldOf) },
    soleField: soleSecretField(credentialFieldsOf(definition.auth))?.name,
  }
  made.set(definition, account)
  return account
}

/** By the definition as it was written. The same object for each use, because others remember what they find out about it. */
const made = new WeakMap<IntegrationDefinition, AccountDefinition>()

/** The templates of values that are left out depend on which fields are secret, so they are written out. */
function withFields(auth: Auth, fieldOf: (field: Field) => Field): Auth {
  const fields = credentialFieldsOf(auth).map(fieldOf)
  const value = valueTemplateOf(auth)
  if (auth.type === 'bearer') return { ...auth, fields, token: value }
  if (auth.type === 'api_key') return { ...auth, fields, value }
  if (auth.type === 'basic') return { ...auth, fields, username: value, password: passwordTemplateOf(auth) }
  return auth
}

const problems = new WeakMap<IntegrationDefinition, { problem: string | undefined }>()

/**
 * Why a definition of a workspace could show the credential of an account; undefined when it can only send the credential. With OAuth
 * 2.0 no template reads the token of an account.
 */
export function revealingReads(definition: IntegrationDefinition): string | undefined {
  if (definition.auth.type === 'oauth2') return undefined
  const known = problems.get(definition)
  if (known !== undefined) return known.problem
  // The templates of a webhook read the request that a provider sends, and no value of a connection.
  const { webhook: _, inputFields = [], ...rest } = definition
  const inputs = new Set(inputFields.map(({ name }) => name))
  const [place] = revealingIn({ inputFields, ...rest }, [], inputs)
  const problem =
    place === undefined
      ? undefined
      : `The definition of this integration must not be used with accounts of auth providers: ${place.join('.')} could show a part of the credential. Change it with updateIntegration so that only auth and headers read the credential, and only whole fields, such as {{ config.token }}.`
  problems.set(definition, { problem })
  return problem
}

/** The places whose templates read a credential in another way than to send the whole of it by auth or a header. */
function* revealingIn(
  value: unknown,
  path: readonly string[],
  inputs: ReadonlySet<string>,
): Generator<readonly string[]> {
  if (typeof value === 'string') {
    const template = value.includes('{{') ? templateIn(value) : undefined
    if (template !== undefined && isRevealing(template, path, inputs)) yield path
  } else if (Array.isArray(value) || isRecord(value)) {
    for (const [key, item] of Object.entries(value)) yield* revealingIn(item, [...path, key], inputs)
  }
}

function isRevealing({ parts }: Template, path: readonly string[], inputs: ReadonlySet<string>): boolean {
  for (const part of parts) {
    if ('text' in part) continue
    const { names, isPlain } = readsOfExpression(part.source)
    if (names.every(({ name, key }) => name === 'config' && key !== undefined && inputs.has(key))) continue
    if (!isPlain || !isSent(path)) return true
  }
  return false
}

/**
 * Whether what is rendered at a place of a definition is sent to the API and nothing else is done with it. In the path, query or body of a
 * request it could become content that the API stores or publishes.
 */
function isSent([first, second = '']: readonly string[]): boolean {
  return first === 'headers' || (first === 'auth' && ['username', 'password', 'token', 'value'].includes(second))
}
