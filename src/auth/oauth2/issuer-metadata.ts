import {
  type AuthorizationServer,
  OperationProcessingError,
  processDiscoveryResponse,
  RESPONSE_IS_NOT_JSON,
} from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { Egress } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { ProviderError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { isTransientStatus } from '../../wire/verdict.ts'

/**
 * The used part of an authorization server's metadata (RFC 8414). Where codes, secrets and tokens are sent is decided by the
 * definition: its endpoints are read from here when an integration is created (`discoverEndpoints`), and not later.
 */
export interface Announced {
  /** RFC 9207 section 3: every response of the authorization endpoint contains `iss`. */
  issParameter: boolean
  /** `code_challenge_methods_supported`. Null when the metadata does not mention RFC 7636. */
  challengeMethods: readonly string[] | null
  /** Constant http or https URLs. Absent: the metadata has none, or none that can be used. */
  endpoints?: Endpoints
  /** For clients with a certificate, where they differ (RFC 8705 section 5, `mtls_endpoint_aliases`). */
  certificateEndpoints?: Endpoints
  /** `token_endpoint_auth_methods_supported`. Absent: client_secret_basic, as RFC 8414 says. */
  clientAuthMethods?: readonly string[]
}

export interface Endpoints {
  authorization?: string
  token?: string
  revocation?: string
  registration?: string
}

/** The metadata of the authorization servers whose issuer a definition names. */
export interface IssuerMetadata {
  /**
   * Metadata for a flow that starts. While it cannot be read, returns what this process read last: without the metadata, each
   * integration's own redirect URI still tells responses of different providers apart. Logs a warning then, and once per
   * issuer that does not announce the PKCE method that the definition uses.
   * @returns null when the definition names no issuer, or nothing could be read
   * @throws ProviderError when the metadata belongs to another issuer
   */
  ask(auth: IssuerAuth): Promise<Announced | null>
  /**
   * Metadata for the test of a definition.
   * @throws UnreadableMetadataError; ProviderError when the metadata belongs to another issuer
   */
  inspect(auth: IssuerAuth): Promise<Announced | null>
}

export type IssuerAuth = Pick<OAuth2, 'issuer' | 'pkce'>

/** `details.retryable`: whether a later request may succeed. */
class UnreadableMetadataError extends ProviderError {}

export interface IssuerMetadataOptions {
  /** How long metadata is cached, in milliseconds. Default: 3,600,000. */
  goodForMs?: number
  /** How long a failure is cached, in milliseconds. Default: 5,000. */
  failedForMs?: number
  /** How many issuers are cached. Default: 1,000. */
  maxIssuers?: number
}

/** Timeout and size limit of each of the two documents. */
const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 256 * 1024

/** Caches metadata in this process. Concurrent calls for one issuer share one request. */
export function createIssuerMetadata(
  egress: Egress,
  logger: Logger,
  { goodForMs = 3_600_000, failedForMs = 5_000, maxIssuers = 1_000 }: IssuerMetadataOptions = {},
): IssuerMetadata {
  /** Finished and running requests by issuer, failed ones included. */
  const readings = new BoundedMap<string, Promise<Announced | null>>({ max: maxIssuers })
  const lastRead = new BoundedMap<string, Announced | null>({ max: maxIssuers })
  const warned = new BoundedMap<string, true>({ max: maxIssuers })

  const read = (issuer: string): Promise<Announced | null> => {
    const cached = readings.get(issuer)
    if (cached !== undefined) return cached
    const reading = discover(egress, issuer)
    readings.set(issuer, reading)
    reading.then(
      (announced) => {
        lastRead.set(issuer, announced)
        readings.set(issuer, reading, goodForMs)
      },
      (error: unknown) => {
        readings.set(issuer, reading, failedForMs)
        if (error instanceof UnreadableMetadataError) logger.warn({ issuer }, error.message)
      },
    )
    return reading
  }

  return {
    async ask(auth) {
      const { issuer } = auth
      if (issuer === undefined) return null
      const announced = await read(issuer).catch((error: unknown) => {
        if (error instanceof UnreadableMetadataError) return lastRead.get(issuer) ?? null
        throw error
      })
      if (pkceWarning(auth, announced) !== null && !warned.has(issuer)) {
        warned.set(issuer, true)
        logger.warn(
          { issuer },
          'an authorization server does not announce PKCE with S256, although its definition uses it',
        )
      }
      return announced
    },
    inspect: async ({ issuer }) => (issuer === undefined ? null : read(issuer)),
  }
}

/** Says, in a whole sentence, why the server may ignore the PKCE that a definition uses. Null when there is no sign of that. */
export function pkceWarning({ issuer, pkce }: IssuerAuth, announced: Announced | null): string | null {
  if (announced === null || pkce === 'none' || announced.challengeMethods?.includes('S256')) return null
  return `The metadata of ${issuer} does not announce PKCE with S256 (code_challenge_methods_supported). The server may ignore the challenge: ask the provider.`
}

async function discover(egress: Egress, issuer: string): Promise<Announced | null> {
  for (const url of documentsOf(issuer)) {
    const metadata = await readDocument(egress, issuer, url)
    if (metadata === null) continue
    const { authorization_response_iss_parameter_supported: iss, code_challenge_methods_supported: methods } = metadata
    const { mtls_endpoint_aliases: aliases } = metadata
    return {
      issParameter: iss === true,
      challengeMethods: textsOf(methods) ?? null,
      endpoints: endpointsOf(metadata),
      certificateEndpoints: isRecord(aliases) ? endpointsOf(aliases) : undefined,
      clientAuthMethods: textsOf(metadata.token_endpoint_auth_methods_supported),
    }
  }
  return null
}

/**
 * RFC 8414 section 3 and OpenID Connect Discovery 1.0 section 4, tried in this order. An OpenID document may also be where RFC 8414
 * section 5 puts it for issuers with a path.
 */
function documentsOf(issuer: string): URL[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const inserted = (name: string) => new URL(`/.well-known/${name}${path}`, origin)
  const appended = new URL(`${path}/.well-known/openid-configuration`, origin)
  return [inserted('oauth-authorization-server'), appended, ...(path === '' ? [] : [inserted('openid-configuration')])]
}

function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined
}

function endpointsOf(metadata: Readonly<Record<string, unknown>>): Endpoints | undefined {
  const endpoints = {
    authorization: endpointOf(metadata['authorization_endpoint']),
    token: endpointOf(metadata['token_endpoint']),
    revocation: endpointOf(metadata['revocation_endpoint']),
    registration: endpointOf(metadata['registration_endpoint']),
  }
  return Object.values(endpoints).some((url) => url !== undefined) ? endpoints : undefined
}

/** An endpoint becomes a part of a definition, so a text that would be a template there is no endpoint. */
function endpointOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 2_000 || /[{}#\s]/.test(value)) return undefined
  return /^https?:$/.test(URL.parse(value)?.protocol ?? '') ? value : undefined
}

/** Null when the document does not exist. */
async function readDocument(egress: Egress, issuer: string, url: URL): Promise<AuthorizationServer | null> {
  const response = await fetchDocument(egress, issuer, url.href)
  if (response.status !== 200) return null
  const metadata = await processDiscoveryResponse(new URL(issuer), response).catch((error: unknown) => {
    if (!(error instanceof OperationProcessingError)) throw otherIssuer(issuer, undefined, error)
    // Some servers return an HTML page with status 200 for unknown paths.
    if (error.code === RESPONSE_IS_NOT_JSON) return null
    const body = isRecord(error.cause) ? error.cause['body'] : undefined
    throw otherIssuer(issuer, isRecord(body) ? body['issuer'] : undefined, error)
  })
  // RFC 8414 section 3.3 requires identical strings. The library compares URLs, which ignores some differences.
  if (metadata !== null && metadata.issuer !== issuer) throw otherIssuer(issuer, metadata.issuer)
  return metadata
}

/** Follows no redirects, because the metadata must be served by the issuer itself. */
async function fetchDocument(egress: Egress, issuer: string, url: string): Promise<Response> {
  const { status, headers, text } = await getText(egress, url).catch((error: unknown) => {
    throw error instanceof EgressError ? unreadable(issuer, error) : error
  })
  if (status === 200) return new Response(text, { headers })
  if (isTransientStatus(status)) throw unavailable(issuer, `It responds with status ${status}.`)
  return new Response(null, { status: 404 })
}

/** Reads the body of a 200; `text` is empty otherwise. */
async function getText(egress: Egress, url: string): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await egress.send({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    redirect: 'manual',
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: MAX_RESPONSE_BYTES,
  })
  const { status, headers } = response
  if (status === 200) return { status, headers, text: await response.text() }
  await response.cancel()
  return { status, headers, text: '' }
}

/** Failures that a later request would repeat. */
const PERMANENT = new Set<EgressError['kind']>(['refused_address', 'refused_url', 'refused_request', 'too_large'])

function unreadable(issuer: string, error: EgressError): UnreadableMetadataError {
  if (!PERMANENT.has(error.kind)) return unavailable(issuer, error.message, error)
  const message = `The metadata of the issuer ${issuer} cannot be read. ${error.message} Correct the issuer in the definition of the integration, or remove it.`
  return new UnreadableMetadataError(message, { details: { retryable: false }, cause: error })
}

function unavailable(issuer: string, reason: string, cause?: unknown): UnreadableMetadataError {
  const message = `The metadata of the issuer ${issuer} cannot be read now. ${reason} Try again in a moment.`
  return new UnreadableMetadataError(message, { details: { retryable: true }, cause })
}

function otherIssuer(issuer: string, found: unknown, cause?: unknown): ProviderError {
  const other = typeof found === 'string' ? `names the issuer ${redactSecrets(found, [], 200)}` : 'names no issuer'
  const message = `The metadata of ${issuer} ${other}. Nothing is sent there. Set the issuer in the definition of the integration exactly as the provider documents it, or remove it.`
  return new ProviderError(message, { details: { retryable: false }, cause })
}
