import type { Auth } from '../../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import { type OAuth2, scopePattern } from '../../catalog/definition/oauth2.ts'
import { compileTemplate } from '../../catalog/template/template.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { Egress } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { FieldErrors, ProviderError } from '../../kit/errors.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { isTransientStatus } from '../../wire/verdict.ts'
import type { Announced, Endpoints, IssuerMetadata } from './issuer-metadata.ts'

export interface DiscoveryDeps {
  egress: Egress
  issuerMetadata: IssuerMetadata
}

/**
 * The definition with the endpoints that it leaves out, from the metadata of its issuer (RFC 8414, OpenID Connect Discovery 1.0). A
 * definition without an issuer names the API instead: the metadata of the protected resource at its baseUrl (RFC 9728) has the issuer,
 * the resource indicator and the scopes, as MCP servers provide it. What was found is a part of the definition from then on, so that
 * later changes of the metadata cannot move credentials.
 * @param path of the definition in the input
 * @throws InvalidInputError for each auth whose endpoints cannot be found, with the reason
 */
export async function discoverEndpoints(
  deps: DiscoveryDeps,
  definition: IntegrationDefinition,
  path: readonly string[],
): Promise<IntegrationDefinition> {
  const errors = new FieldErrors()
  const complete = async (auth: Auth, at: readonly string[]): Promise<Auth> => {
    if (auth.type === 'selective') {
      const options: typeof auth.options = []
      for (const [index, option] of auth.options.entries())
        options.push({ ...option, auth: await complete(option.auth, [...at, 'options', String(index), 'auth']) })
      return { ...auth, options }
    }
    if (auth.type !== 'oauth2' || !lacksEndpoints(auth)) return auth
    try {
      return await withEndpoints(deps, auth, definition.baseUrl)
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      errors.add([...at, missingOf(auth)], `is missing, and was not found. ${error.message}`)
      return auth
    }
  }
  const auth = await complete(definition.auth, [...path, 'auth'])
  errors.throwIfAny()
  return auth === definition.auth ? definition : { ...definition, auth }
}

/** Whether a definition of the catalogue can be used as it is: nothing has to be discovered. */
export function lacksEndpoints(auth: OAuth2): boolean {
  const { grant, authorizationUrl, tokenUrl, issuer, registration } = auth
  if (tokenUrl === undefined || (grant === 'authorization_code' && authorizationUrl === undefined)) return true
  return registration !== undefined && registration.url === undefined && issuer === undefined
}

function missingOf({ authorizationUrl, tokenUrl, grant }: OAuth2): string {
  if (tokenUrl === undefined) return 'tokenUrl'
  return authorizationUrl === undefined && grant === 'authorization_code' ? 'authorizationUrl' : 'issuer'
}

async function withEndpoints(deps: DiscoveryDeps, auth: OAuth2, baseUrl: string): Promise<OAuth2> {
  const resource = auth.issuer === undefined ? await describeResource(deps.egress, baseUrl) : undefined
  const issuer = auth.issuer ?? resource?.issuer
  if (issuer === undefined) throw new Error('A resource has an issuer.')
  const announced = await deps.issuerMetadata.inspect({ issuer, pkce: auth.pkce })
  if (announced === null) {
    throw new ProviderError(
      `The authorization server ${issuer} has no metadata. Write its endpoints into the definition: authorizationUrl, tokenUrl and, to register a client, registration.url.`,
    )
  }
  const { certificateEndpoints = {} } = announced
  const certified = auth.clientCertificate === undefined ? {} : withoutUndefined(certificateEndpoints)
  const endpoints = { ...announced.endpoints, ...certified }
  const authorizationUrl = auth.authorizationUrl ?? endpoints.authorization
  const tokenUrl = auth.tokenUrl ?? endpoints.token
  if (tokenUrl === undefined) throw lacking(issuer, 'token_endpoint', 'tokenUrl')
  if (auth.grant === 'authorization_code' && authorizationUrl === undefined)
    throw lacking(issuer, 'authorization_endpoint', 'authorizationUrl')
  return withoutUndefined({
    ...auth,
    issuer,
    authorizationUrl,
    tokenUrl,
    revocation: auth.revocation ?? (endpoints.revocation === undefined ? undefined : { url: endpoints.revocation }),
    registration: registrationOf(auth, endpoints),
    resource: auth.resource ?? resource?.resource,
    scopes: auth.scopes ?? resource?.scopes,
    clientAuth: auth.clientAuth ?? (auth.registration === undefined ? clientAuthFor(announced) : undefined),
  })
}

function registrationOf({ registration }: OAuth2, { registration: url }: Endpoints): OAuth2['registration'] {
  return registration === undefined || registration.url !== undefined || url === undefined
    ? registration
    : { ...registration, url }
}

/** Without the keys that have no value. A stored definition has none. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}

/** The method that a server supports, in the order in which Latchkey prefers them. Undefined: its default. */
export function clientAuthFor({ clientAuthMethods = ['client_secret_basic'] }: Pick<Announced, 'clientAuthMethods'>) {
  const methods = ['client_secret_post', 'client_secret_basic', 'none'] as const
  return methods.find((method) => clientAuthMethods.includes(method))
}

function lacking(issuer: string, key: string, ours: string): ProviderError {
  return new ProviderError(
    `The metadata of ${issuer} has no usable ${key}. Write ${ours} into the definition, as the provider documents it.`,
  )
}

// The metadata of a protected resource.

interface ProtectedResource {
  issuer: string
  /** Absent: the server has no metadata of its own, and its origin is the issuer (MCP of 2025-03-26). */
  resource?: string
  scopes?: string[]
}

/** Timeout and size limit of each request. */
const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 256 * 1024
const MAX_SCOPES = 200

/** @throws ProviderError */
async function describeResource(egress: Egress, baseUrl: string): Promise<ProtectedResource> {
  const constant = compileTemplate(baseUrl).constant
  const api = constant === undefined ? null : URL.parse(constant)
  if (api === null) {
    throw new ProviderError(
      'The metadata of the API can be read only if baseUrl is a constant. Name the issuer, or the endpoints.',
    )
  }
  const challenge = await askForChallenge(egress, api)
  const path = api.pathname.replace(/\/$/, '')
  const wellKnown = (suffix: string) => new URL(`/.well-known/oauth-protected-resource${suffix}`, api.origin).href
  const places =
    challenge.metadataUrl === undefined ? [...new Set([wellKnown(path), wellKnown('')])] : [challenge.metadataUrl]
  for (const place of places) {
    const metadata = await readJson(egress, place)
    if (metadata !== null) return resourceOf(metadata, api, place, challenge.scopes)
  }
  if (challenge.metadataUrl !== undefined)
    throw new ProviderError(`The metadata of the API at ${challenge.metadataUrl} does not exist. ${NAME_ISSUER}`)
  return { issuer: api.origin, scopes: challenge.scopes }
}

const NAME_ISSUER = 'Name the issuer in the definition, or write the endpoints into it.'

interface Challenge {
  metadataUrl?: string
  scopes?: string[]
}

/** RFC 9728 section 5.1: a request without a token is answered with the address of the metadata. */
async function askForChallenge(egress: Egress, api: URL): Promise<Challenge> {
  const { headers, status } = await get(egress, api.href, 'application/json, text/event-stream')
  const header = status === 401 ? (headers.get('www-authenticate') ?? '') : ''
  const metadata = parameterOf(header, 'resource_metadata')
  const metadataUrl = metadata === undefined || metadata.length > 2_000 ? undefined : URL.parse(metadata)?.href
  return { metadataUrl, scopes: scopesOf(parameterOf(header, 'scope')?.split(' ')) }
}

/** A parameter of a challenge (RFC 9110 section 11.2), as a token or a quoted string. */
function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*(?:"([^"\\\\]*)"|([^\\s",]+))`, 'i').exec(
    header.slice(0, 8_192),
  )
  return found?.[1] ?? found?.[2]
}

function scopesOf(values: unknown): string[] | undefined {
  const scopes = Array.isArray(values)
    ? values.filter((each) => typeof each === 'string' && each.length <= 500 && scopePattern.test(each))
    : []
  return scopes.length === 0 ? undefined : scopes.slice(0, MAX_SCOPES)
}

/** RFC 9728 section 3.3: the metadata must be about the API. Servers name the API itself, or what contains it. */
function resourceOf(metadata: Record<string, unknown>, api: URL, place: string, scopes?: string[]): ProtectedResource {
  const { resource, authorization_servers: servers, scopes_supported: supported } = metadata
  const named = typeof resource === 'string' ? URL.parse(resource) : null
  const prefix = named?.pathname.replace(/\/$/, '') ?? ''
  const contains = api.pathname === prefix || api.pathname.startsWith(`${prefix}/`)
  if (typeof resource !== 'string' || named?.origin !== api.origin || !contains || /[#{}\s]/.test(resource)) {
    const other = typeof resource === 'string' ? `is that of ${redactSecrets(resource, [], 200)}` : 'names no resource'
    throw new ProviderError(`The metadata at ${place} ${other}, not that of the baseUrl. ${NAME_ISSUER}`)
  }
  const [issuer] = Array.isArray(servers) ? servers : []
  if (typeof issuer !== 'string' || issuer.length > 2_000 || !/^https?:$/.test(URL.parse(issuer)?.protocol ?? ''))
    throw new ProviderError(`The metadata at ${place} names no authorization server. ${NAME_ISSUER}`)
  return { issuer, resource, scopes: scopes ?? scopesOf(supported) }
}

/** Null when the document does not exist. Follows no redirects, because the API itself must serve it. */
async function readJson(egress: Egress, url: string): Promise<Record<string, unknown> | null> {
  const { status, text } = await get(egress, url, 'application/json')
  if (isTransientStatus(status))
    throw new ProviderError(`${url} cannot be read now: it responds with status ${status}. Try again in a moment.`)
  if (status !== 200) return null
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? body : null
  } catch {
    // Some servers return an HTML page with status 200 for unknown paths.
    return null
  }
}

async function get(egress: Egress, url: string, accept: string) {
  try {
    const response = await egress.send({
      ...{ method: 'GET', url, headers: { accept }, redirect: 'manual' },
      ...{ timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES },
    })
    const { status, headers } = response
    if (status === 200 && accept === 'application/json') return { status, headers, text: await response.text() }
    // An MCP server may answer with a stream that does not end.
    await response.cancel()
    return { status, headers, text: '' }
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    throw new ProviderError(`${url} cannot be read. ${error.message}`, { cause: error })
  }
}
