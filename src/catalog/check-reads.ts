import { InvalidInputError } from '../lib/errors.ts'
import { authMethodField, credentialFieldsOf } from './auth-fields.ts'
import type { IntegrationDefinition } from './definition.ts'
import type { Auth } from './definition-auth.ts'
import { compileTemplate } from './template.ts'
import { TemplateError } from './template-error.ts'
import { stringsIn } from './template-schema.ts'

/**
 * Looks in a definition's templates for inputs that nobody is asked for, and for what no answer of the provider is kept as:
 * their requests would all fail. With OAuth 2.0, an injected token may bring anything to be kept along, and a strategy of
 * the deployment's own may keep anything: there, what is kept is not looked at.
 * @throws InvalidInputError with every such place, each path beginning with `path`
 */
export function checkReads(definition: IntegrationDefinition, path: readonly string[]): void {
  const auths = [...authsIn(definition.auth)]
  const inputs = new Set((definition.inputFields ?? []).map(({ name }) => name))
  for (const auth of auths) {
    if (auth.type === 'selective') inputs.add(authMethodField.name)
    for (const field of credentialFieldsOf(auth)) if (!field.secret) inputs.add(field.name)
  }
  const keepsAnything = auths.some(({ type }) => type === 'oauth2' || type === 'custom')
  const kept = new Set((definition.afterConnect ?? []).flatMap(({ keep }) => Object.keys(keep)))
  const wrong: { path: string[]; message: string }[] = []
  for (const { path: place, source } of stringsIn(withTemplates(definition), [])) {
    for (const { root, name } of readsOf(source)) {
      if (root === 'input' && !inputs.has(name)) {
        wrong.push({ path: at(path, place), message: `reads input['${name}'], which is not one of inputFields` })
      }
      if (root === 'kept' && !keepsAnything && !kept.has(name)) {
        wrong.push({ path: at(path, place), message: `reads kept['${name}'], which no keep of this definition keeps` })
      }
    }
  }
  if (wrong.length > 0) throw new InvalidInputError(wrong)
}

function at(path: readonly string[], place: readonly (string | number)[]): string[] {
  return [...path, ...place.map(String)]
}

function* authsIn(auth: Auth): Generator<Auth> {
  yield auth
  if (auth.type === 'selective') for (const option of auth.options) yield* authsIn(option.auth)
  if (auth.type === 'session_token' && auth.login.auth) yield* authsIn(auth.login.auth)
}

/** The parts of a definition in which templates stand; what people read, and what only a strategy knows, is left out. */
function withTemplates({ baseUrl, headers, afterConnect, testRequest, streams, auth }: IntegrationDefinition): unknown {
  return { baseUrl, headers, afterConnect, testRequest, streams, auth: authTemplates(auth) }
}

function authTemplates(auth: Auth): unknown {
  if (auth.type === 'custom') return {}
  if (auth.type === 'selective') {
    return { options: auth.options.map((option) => ({ auth: authTemplates(option.auth) })) }
  }
  if (auth.type !== 'session_token') return { ...auth, fields: undefined }
  const { auth: own, ...login } = auth.login
  return { ...auth, fields: undefined, login: own === undefined ? login : { ...login, auth: authTemplates(own) } }
}

/** What a template reads by name. One that does not parse is reported at its own place. */
function readsOf(source: string): { root: string; name: string }[] {
  if (!source.includes('{{')) return []
  try {
    return [...compileTemplate(source).references].flatMap((reference) => {
      const [, root, name] = /^(input|kept)\['([^']*)'\]$/.exec(reference) ?? []
      return root === undefined || name === undefined ? [] : [{ root, name }]
    })
  } catch (error) {
    if (error instanceof TemplateError) return []
    throw error
  }
}
