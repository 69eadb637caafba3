import { InvalidInputError } from '../../../kit/errors.ts'
import { parseDefinition } from '../../definition/definition.ts'
import type { ImportedPart } from '../report.ts'
import { type Json, listOf, type OpenApiDocument, type Operation, objectOf, textOf } from './openapi-document.ts'

interface OpenApiAuth {
  auth: Json
  /** Headers that further keys are in. */
  headers: Record<string, string>
  part: ImportedPart
  /** Parameters that the authentication sets, as `header x-key`. */
  places: ReadonlySet<string>
}

/** One way to authenticate: schemes that are used together. */
type Requirement = Readonly<Record<string, readonly string[]>>

/** Translates the security schemes that the operations of a document require. */
export function openApiAuthOf(document: OpenApiDocument, operations: readonly Operation[]): OpenApiAuth {
  const schemes = objectOf(objectOf(document.root['components'])['securitySchemes'])
  const requirements = requirementsOf(document, operations, schemes)
  const part: ImportedPart = { result: 'imported', notes: [] }
  const headers: Record<string, string> = {}
  const options: { key: string; label: string; auth: Json }[] = []
  for (const requirement of requirements) {
    const [first, ...more] = Object.keys(requirement)
    if (first === undefined) continue
    const scheme = document.object(schemes[first])
    const made = optionOf(scheme, requirement[first] ?? [], part)
    const extra = made === undefined ? undefined : withKeys(made, more, document, schemes, headers)
    const problem = extra === undefined ? undefined : problemOf(extra)
    if (extra === undefined || problem !== undefined) {
      part.result = 'partly'
      part.notes.push(
        `The way to authenticate ${Object.keys(requirement).join(' with ')} is left out: ${problem ?? 'a definition does not have it'}.`,
      )
      continue
    }
    const key = first.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 64)
    if (!options.some((option) => option.key === key)) {
      options.push({ key, label: textOf(scheme['description'], 200) ?? first, auth: extra })
    }
  }
  const places = new Set(
    Object.values(schemes).map((each) => {
      const { in: place, name } = document.object(each)
      return `${place} ${name}`.toLowerCase()
    }),
  )
  const [only, ...others] = options
  if (only === undefined) {
    const isRefused = requirements.length > 0
    if (isRefused) part.result = 'refused'
    return { auth: { type: 'none' }, headers, part, places }
  }
  const auth = others.length === 0 ? only.auth : { type: 'selective', options: options.slice(0, 20) }
  return { auth, headers, part, places }
}

/** The ways to authenticate: of the document, else of its operations, else one for each scheme. */
function requirementsOf(document: OpenApiDocument, operations: readonly Operation[], schemes: Json): Requirement[] {
  const read = (value: unknown): Requirement[] =>
    listOf(value).map((each) =>
      Object.fromEntries(Object.entries(objectOf(each)).map(([name, scopes]) => [name, listOf(scopes).map(String)])),
    )
  const own = read(document.root['security'])
  const all = own.length > 0 ? own : operations.flatMap(({ value }) => read(value['security']))
  const found = all.length > 0 ? all : Object.keys(schemes).map((name): Requirement => ({ [name]: [] }))
  const byNames = new Map<string, Record<string, readonly string[]>>()
  for (const requirement of [...found, ...operations.flatMap(({ value }) => read(value['security']))]) {
    const key = Object.keys(requirement).sort().join(' ')
    const known = byNames.get(key)
    if (known === undefined && !found.includes(requirement)) continue
    const merged = { ...known }
    for (const [name, scopes] of Object.entries(requirement)) {
      merged[name] = [...new Set([...(merged[name] ?? []), ...scopes])]
    }
    byNames.set(key, merged)
  }
  return [...byNames.values()]
}

function optionOf(scheme: Json, scopes: readonly string[], part: ImportedPart): Json | undefined {
  switch (scheme['type']) {
    case 'apiKey':
      return { type: 'api_key', placement: { in: scheme['in'], name: scheme['name'] } }
    case 'http': {
      const kind = String(scheme['scheme']).toLowerCase()
      return kind === 'basic' || kind === 'bearer' ? { type: kind } : undefined
    }
    case 'oauth2':
      return oauth2Of(objectOf(scheme['flows']), scopes, part)
    case 'openIdConnect': {
      const issuer = String(scheme['openIdConnectUrl']).replace(/\/\.well-known\/openid-configuration\/?$/, '')
      return { type: 'oauth2', grant: 'authorization_code', issuer, ...(scopes.length > 0 ? { scopes } : {}) }
    }
    default:
      return undefined
  }
}

function oauth2Of(flows: Json, required: readonly string[], part: ImportedPart): Json | undefined {
  const code = objectOf(flows['authorizationCode'])
  const client = objectOf(flows['clientCredentials'])
  const password = objectOf(flows['password'])
  const flow = [code, client, password].find((each) => Object.keys(each).length > 0)
  if (flow === undefined) return undefined
  const available = Object.keys(objectOf(flow['scopes']))
  const scopes = required.length > 0 ? required : []
  if (available.length > scopes.length) {
    part.notes.push(`The document has ${available.length} scopes. Add those that you need to auth.scopes.`)
  }
  const common = {
    tokenUrl: flow['tokenUrl'],
    ...(typeof flow['refreshUrl'] === 'string' && flow['refreshUrl'] !== '' ? { refreshUrl: flow['refreshUrl'] } : {}),
    ...(scopes.length > 0 ? { scopes: [...scopes] } : {}),
  }
  if (flow === code) {
    return { type: 'oauth2', grant: 'authorization_code', authorizationUrl: code['authorizationUrl'], ...common }
  }
  if (flow === client) return { type: 'oauth2', grant: 'client_credentials', ...common }
  const fields = [
    { name: 'username', label: 'User name', required: true },
    { name: 'password', label: 'Password', secret: true, required: true },
  ]
  const params = { username: "{{ config['username'] }}", password: "{{ config['password'] }}" }
  return { type: 'oauth2', grant: 'custom', grantType: 'password', fields, ...common, tokenRequest: { params } }
}

/** Adds further keys in headers, each of which becomes a field. Undefined: one of them is something else. */
function withKeys(
  auth: Json,
  names: readonly string[],
  document: OpenApiDocument,
  schemes: Json,
  headers: Record<string, string>,
): Json | undefined {
  if (names.length === 0) return auth
  const fields: Json[] = fieldsOf(auth)
  for (const name of names) {
    const scheme = document.object(schemes[name])
    const field = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60)
    if (scheme['type'] !== 'apiKey' || scheme['in'] !== 'header' || typeof scheme['name'] !== 'string') return undefined
    fields.push({ name: field, label: name.slice(0, 200), secret: true, required: true })
    headers[scheme['name']] = `{{ config['${field}'] }}`
  }
  const value: Json = auth['type'] === 'api_key' ? { value: "{{ config['api_key'] }}" } : {}
  const token: Json = auth['type'] === 'bearer' ? { token: "{{ config['token'] }}" } : {}
  return { ...auth, ...value, ...token, fields }
}

function fieldsOf(auth: Json): Json[] {
  if (Array.isArray(auth['fields'])) return [...auth['fields'].map(objectOf)]
  switch (auth['type']) {
    case 'api_key':
      return [{ name: 'api_key', label: 'API key', secret: true, required: true }]
    case 'bearer':
      return [{ name: 'token', label: 'Token', secret: true, required: true }]
    case 'basic':
      return [
        { name: 'username', label: 'User name', required: true },
        { name: 'password', label: 'Password', secret: true },
      ]
    default:
      return []
  }
}

/** Why a definition cannot have an authentication. Undefined: it can. */
function problemOf(auth: Json): string | undefined {
  try {
    parseDefinition({ displayName: 'x', baseUrl: 'https://example.com', auth })
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.fields.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')
  }
}
