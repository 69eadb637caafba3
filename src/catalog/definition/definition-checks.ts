import type { Auth } from './auth.ts'
import { credentialFieldsOf, valueTemplateOf } from './auth-fields.ts'
import type { IntegrationDefinition } from './definition.ts'
import { checkFormat, checkParent } from './definition-stream-checks.ts'
import { readPath } from './path.ts'
import type { Placement } from './placement.ts'
import { pagingBodyParameters, pagingParameters, type StreamDefinition } from './stream.ts'

export type Report = (path: (string | number)[], message: string) => void
interface AuthAt {
  auth: Auth
  path: (string | number)[]
}

/** What no single part of a definition can know: names that meet. */
export function checkDefinition(definition: IntegrationDefinition, report: Report): void {
  const auths = [...authsIn(definition.auth, ['auth'])]
  for (const { auth, path } of auths) {
    if (auth.type === 'selective' && path.includes('options')) {
      report([...path, 'type'], 'must not be selective: one field auth_method cannot pick twice')
    }
    checkValueTemplate(auth, path, report)
    checkFieldNames(definition, auth, path, report)
  }
  // A login request of a session token is a request of its own, without the definition's headers.
  const placements = auths.filter(({ path }) => !path.includes('login')).flatMap(({ auth }) => placementsOf(auth))
  checkHeaders(definition.headers, ['headers'], placements, report)
  const names = new Set<string>()
  for (const [index, stream] of (definition.streams ?? []).entries()) {
    const path = ['streams', index]
    if (names.has(stream.name)) report([...path, 'name'], `${stream.name} is the name of an earlier stream`)
    checkParent(stream, path, names, report)
    checkFormat(stream, path, report)
    names.add(stream.name)
    checkHeaders(stream.headers, [...path, 'headers'], placements, report)
    checkQuery(stream, path, placements, report)
    checkBody(stream, path, placements, report)
  }
}

function* authsIn(auth: Auth, path: (string | number)[]): Generator<AuthAt> {
  yield { auth, path }
  if (auth.type === 'selective') {
    for (const [index, option] of auth.options.entries())
      yield* authsIn(option.auth, [...path, 'options', index, 'auth'])
  }
  if (auth.type === 'session_token' && auth.login.auth) yield* authsIn(auth.login.auth, [...path, 'login', 'auth'])
}

function checkValueTemplate(auth: Auth, path: (string | number)[], report: Report): void {
  const keys = { basic: 'username', bearer: 'token', api_key: 'value' } as const
  if (auth.type !== 'basic' && auth.type !== 'bearer' && auth.type !== 'api_key') return
  if (valueTemplateOf(auth) !== undefined) return
  const key = keys[auth.type]
  report([...path, key], `is missing: the fields of this definition do not say how they make the ${key}`)
}

/** Inputs and credential fields are both read as `config`, so that a name may stand only once. */
function checkFieldNames(
  definition: IntegrationDefinition,
  auth: Auth,
  path: (string | number)[],
  report: Report,
): void {
  const inputs = new Set((definition.inputFields ?? []).map((field) => field.name))
  for (const field of credentialFieldsOf(auth)) {
    if (inputs.has(field.name)) report([...path, 'fields'], `${field.name} is the name of an input field too`)
  }
}

const authorization: Placement = { in: 'header', name: 'Authorization' }

function placementsOf(auth: Auth): Placement[] {
  switch (auth.type) {
    case 'basic':
    case 'bearer':
    case 'oauth1':
      return [authorization]
    case 'api_key':
    case 'session_token':
      return [auth.placement]
    case 'oauth2':
    case 'jwt':
      return [auth.placement ?? authorization]
    case 'signature':
      if (auth.method === 'hmac') return [auth.placement, auth.timestamp, auth.nonce].filter((placement) => !!placement)
      return ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token'].map((name) => ({ in: 'header', name }))
    default:
      return []
  }
}

function checkHeaders(
  headers: Record<string, string> | undefined,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  for (const name of Object.keys(headers ?? {})) {
    const taken = placements.some(
      (placement) =>
        (placement.in === 'header' && placement.name.toLowerCase() === name.toLowerCase()) ||
        (placement.in === 'cookie' && name.toLowerCase() === 'cookie'),
    )
    if (taken) report([...path, name], `${name} is set by auth`)
  }
}

function checkQuery(
  stream: StreamDefinition,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  const byAuth = new Set(placements.flatMap((placement) => (placement.in === 'query' ? [placement.name] : [])))
  for (const name of Object.keys(stream.query ?? {})) {
    if (byAuth.has(name)) report([...path, 'query', name], `${name} is set by auth`)
  }
  const seen = new Set(Object.keys(stream.query ?? {}))
  for (const parameter of pagingParameters(stream)) {
    if (byAuth.has(parameter.name)) report([...path, ...parameter.path], `${parameter.name} is set by auth`)
    else if (seen.has(parameter.name))
      report([...path, ...parameter.path], `${parameter.name} is set by this stream already`)
    seen.add(parameter.name)
  }
}

function checkBody(
  stream: StreamDefinition,
  path: (string | number)[],
  placements: readonly Placement[],
  report: Report,
): void {
  for (const placement of placements) {
    if (placement.in === 'json' && readPath(stream.json, placement.name) !== undefined) {
      report([...path, 'json'], `${placement.name.join('.')} is set by auth`)
    }
    if (placement.in === 'form' && stream.json)
      report([...path, 'json'], 'cannot be sent: auth puts its value into a form')
  }
  const seen = new Set<string>()
  for (const parameter of pagingBodyParameters(stream)) {
    if (seen.has(parameter.name) || readPath(stream.json, parameter.name.split('.')) !== undefined) {
      report([...path, ...parameter.path], `${parameter.name} is set by this stream already`)
    }
    seen.add(parameter.name)
  }
}
