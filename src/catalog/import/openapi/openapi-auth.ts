import { InvalidInputError } from '../../../kit/errors.ts'
import { parseDefinition } from '../../definition/definition.ts'
import type { ImportedPart } from '../report.ts'
import { type Json, listOf, type OpenApiDocument, type Operation, objectOf, ownOf, textOf } from './openapi-document.ts'

interface OpenApiAuth {
  auth: Json
  /** Headers and parameters that further keys are in. */
  headers: Record<string, string>
  query: Record<string, string>
  part: ImportedPart
  /** Parameters that the authentication sets, as `header x-key`. */
  places: ReadonlySet<string>
  /** Why the credential does not suffice for an operation. Undefined: it does. */
  lacksFor(operation: Operation): string | undefined
}

/** One way to authenticate: schemes that are used together. */
type Requirement = Readonly<Record<string, readonly string[]>>

/** Options of a choice, at most. */
const MAX_OPTIONS = 20

/**
 * Translates the security schemes that the operations of a document require.
 * @param base the URL that relative URLs of endpoints are below. Undefined: a person supplies it
 */
export function openApiAuthOf(
  document: OpenApiDocument,
  operations: readonly Operation[],
  base: URL | undefined,
): OpenApiAuth {
  const schemes = objectOf(objectOf(document.root['components'])['securitySchemes'])
  const requirements = requirementsOf(document, operations, schemes).filter((each) => Object.keys(each).length > 0)
  const part: ImportedPart = { result: 'imported', notes: [] }
  const headers: Record<string, string> = {}
  const query: Record<string, string> = {}
  const options: { key: string; label: string; auth: Json }[] = []
  const covered: string[][] = []
  const leave = (names: readonly string[], why: string) => {
    part.result = 'partly'
    part.notes.push(`The way to authenticate ${names.join(' with ')} is left out: ${why}.`)
  }
  for (const requirement of requirements) {
    const names = Object.keys(requirement)
    // The schemes besides the first one are keys, which are sent as further headers or parameters.
    const [first = '', ...more] = [...names].sort((one, other) => rank(schemes, one) - rank(schemes, other))
    const scheme = document.object(ownOf(schemes, first))
    const made = optionOf(scheme, listOf(ownOf(requirement, first)).map(String), part, base)
    if (typeof made === 'string') leave(names, made)
    else if (options.length >= MAX_OPTIONS) leave(names, `a definition has at most ${MAX_OPTIONS} ways`)
    else if (more.length > 0 && requirements.length > 1)
      leave(names, 'several keys are sent only where there is no choice')
    else {
      const extra = withKeys(made, more, document, schemes, { headers, query })
      const problem = extra === undefined ? 'a definition does not have the two together' : problemOf(extra)
      if (extra === undefined || problem !== undefined) leave(names, problem ?? '')
      else {
        covered.push(names)
        options.push({ key: freeKey(first, options), label: textOf(scheme['description'], 200) ?? first, auth: extra })
      }
    }
  }
  const places = new Set(
    Object.values(schemes).map((each) => {
      const { in: place, name } = document.object(each)
      return `${place} ${name}`.toLowerCase()
    }),
  )
  const lacksFor = ({ value }: Operation): string | undefined => {
    const asked = listOf(value['security']).map((each) => Object.keys(objectOf(each)))
    if (asked.length === 0 || covered.length === 0) return undefined
    const isCovered = asked.some((names) => covered.some((own) => names.every((name) => own.includes(name))))
    return isCovered
      ? undefined
      : `The document asks for ${asked[0]?.join(' with ')} here, which the credential is not.`
  }
  const rest = { headers, query, part, places, lacksFor }
  const [only, ...others] = options
  if (only === undefined) {
    if (requirements.length > 0) part.result = 'refused'
    else
      part.notes.push(
        'The document names no way to authenticate: requests carry no credential. Write auth if it takes one.',
      )
    return { ...rest, auth: { type: 'none' } }
  }
  return { ...rest, auth: others.length === 0 ? only.auth : { type: 'selective', options } }
}

/** A certificate and keys come last, because only they can be sent beside another scheme. */
function rank(schemes: Json, name: string): number {
  return ['apiKey', 'mutualTLS'].indexOf(String(objectOf(ownOf(schemes, name))['type']))
}

/** A client certificate, whose fields are the usual ones. */
const CERTIFICATE: Json = { type: 'none', clientCertificate: {} }

function freeKey(name: string, options: readonly { key: string }[]): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60)
  let free = plain
  for (let count = 2; options.some(({ key }) => key === free); count += 1) free = `${plain}_${count}`
  return free
}

/** The ways to authenticate: of the document, else of its operations, else one for each scheme. */
function requirementsOf(document: OpenApiDocument, operations: readonly Operation[], schemes: Json): Requirement[] {
  const read = (value: unknown): Requirement[] =>
    listOf(value).map((each) =>
      Object.fromEntries(Object.entries(objectOf(each)).map(([name, scopes]) => [name, listOf(scopes).map(String)])),
    )
  const own = read(document.root['security'])
  const all = own.length > 0 ? own : operations.flatMap(({ value }) => read(value['security']))
  const found = new Set(all.length > 0 ? all : Object.keys(schemes).map((name): Requirement => ({ [name]: [] })))
  const byNames = new Map<string, Record<string, readonly string[]>>()
  for (const requirement of [...found, ...operations.flatMap(({ value }) => read(value['security']))]) {
    const key = Object.keys(requirement).sort().join(' ')
    const known = byNames.get(key)
    if (known === undefined && !found.has(requirement)) continue
    const merged = Object.entries(requirement).map(([name, scopes]): [string, readonly string[]] => {
      const earlier = listOf(known === undefined ? [] : ownOf(known, name)).map(String)
      return [name, [...new Set([...earlier, ...scopes])]]
    })
    byNames.set(key, Object.fromEntries(merged))
  }
  return [...byNames.values()]
}

/** @returns why there is none, as the end of a sentence */
function optionOf(scheme: Json, scopes: readonly string[], part: ImportedPart, base: URL | undefined): Json | string {
  switch (scheme['type']) {
    case 'apiKey':
      return { type: 'api_key', placement: { in: scheme['in'], name: scheme['name'] } }
    case 'http': {
      const kind = String(scheme['scheme']).toLowerCase()
      return kind === 'basic' || kind === 'bearer'
        ? { type: kind }
        : `a definition does not have HTTP ${kind.slice(0, 50)}`
    }
    case 'oauth2':
      return oauth2Of(objectOf(scheme['flows']), scopes, part, base)
    case 'openIdConnect': {
      const url = absolute(scheme['openIdConnectUrl'], base)
      if (url === undefined) return 'its openIdConnectUrl is no URL'
      const issuer = url.replace(/\/\.well-known\/openid-configuration\/?$/, '')
      return { type: 'oauth2', grant: 'authorization_code', issuer, ...(scopes.length > 0 ? { scopes } : {}) }
    }
    case 'mutualTLS':
      return CERTIFICATE
    case undefined:
      return 'the document does not describe it'
    default:
      return `a definition does not have the type ${String(scheme['type']).slice(0, 50)}`
  }
}

/** A URL of the document, which may be relative to that of the API. */
function absolute(value: unknown, base: URL | undefined): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined
  return URL.parse(value.trim(), base)?.href
}

const FLOWS = ['authorizationCode', 'clientCredentials', 'password'] as const

function oauth2Of(flows: Json, required: readonly string[], part: ImportedPart, base: URL | undefined): Json | string {
  const [name, ...others] = FLOWS.filter((each) => Object.keys(objectOf(flows[each])).length > 0)
  if (name === undefined) {
    return flows['implicit'] === undefined
      ? 'it has no flow'
      : 'the implicit flow gives the token to the browser. Write the authorization code flow if the API has it'
  }
  const also = [...others, ...(flows['implicit'] === undefined ? [] : ['implicit'])]
  if (also.length > 0)
    part.notes.push(`Of the flows of OAuth, ${name} is used. The document also has ${also.join(', ')}.`)
  const flow = objectOf(flows[name])
  const available = Object.keys(objectOf(flow['scopes']))
  if (available.length > required.length) {
    part.notes.push(`The document has ${available.length} scopes. Add those that you need to auth.scopes.`)
  }
  const tokenUrl = absolute(flow['tokenUrl'], base)
  if (tokenUrl === undefined) return 'its tokenUrl is no URL'
  const refreshUrl = absolute(flow['refreshUrl'], base)
  const common = {
    tokenUrl,
    ...(refreshUrl === undefined ? {} : { refreshUrl }),
    ...(required.length > 0 ? { scopes: [...required] } : {}),
  }
  if (name === 'authorizationCode') {
    const authorizationUrl = absolute(flow['authorizationUrl'], base)
    if (authorizationUrl === undefined) return 'its authorizationUrl is no URL'
    return { type: 'oauth2', grant: 'authorization_code', authorizationUrl, ...common }
  }
  if (name === 'clientCredentials') return { type: 'oauth2', grant: 'client_credentials', ...common }
  const fields = [
    { name: 'username', label: 'User name', required: true },
    { name: 'password', label: 'Password', secret: true, required: true },
  ]
  const params = { username: "{{ config['username'] }}", password: "{{ config['password'] }}" }
  return { type: 'oauth2', grant: 'custom', grantType: 'password', fields, ...common, tokenRequest: { params } }
}

/** Adds further keys in headers and in the query, each of which becomes a field. Undefined: one of them is something else. */
function withKeys(
  auth: Json,
  names: readonly string[],
  document: OpenApiDocument,
  schemes: Json,
  { headers, query }: { headers: Record<string, string>; query: Record<string, string> },
): Json | undefined {
  if (names.length === 0) return auth
  const fields: Json[] = fieldsOf(auth)
  const placed: [Record<string, string>, string, string][] = []
  let certificate: Json = {}
  for (const name of names) {
    const scheme = document.object(ownOf(schemes, name))
    if (scheme['type'] === 'mutualTLS') {
      certificate = { clientCertificate: {} }
      continue
    }
    const plain = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 50)
    const field = fields.some((each) => each['name'] === plain) || !/^[A-Za-z_]/.test(plain) ? `key_${plain}` : plain
    const place = scheme['in'] === 'header' ? headers : scheme['in'] === 'query' ? query : undefined
    if (scheme['type'] !== 'apiKey' || place === undefined || typeof scheme['name'] !== 'string') return undefined
    fields.push({ name: field, label: name.slice(0, 200), secret: true, required: true })
    placed.push([place, scheme['name'], `{{ config['${field}'] }}`])
  }
  for (const [place, name, template] of placed) place[name] = template
  const value: Json = auth['type'] === 'api_key' ? { value: "{{ config['api_key'] }}" } : {}
  const token: Json = auth['type'] === 'bearer' ? { token: "{{ config['token'] }}" } : {}
  return placed.length === 0 ? { ...auth, ...certificate } : { ...auth, ...certificate, ...value, ...token, fields }
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

/** Why a definition cannot have an authentication, as the end of a sentence. Undefined: it can. */
function problemOf(auth: Json): string | undefined {
  try {
    parseDefinition({ displayName: 'x', baseUrl: 'https://example.com', auth })
    return undefined
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    if (auth['clientCertificate'] !== undefined) return 'it needs a client certificate'
    return error.fields.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')
  }
}
