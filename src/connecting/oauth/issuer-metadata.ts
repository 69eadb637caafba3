import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  OperationProcessingError,
  processDiscoveryResponse,
  RESPONSE_IS_NOT_JSON,
} from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { Egress } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { ProviderError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { isTransientStatus } from '../../wire/verdict.ts'

/**
 * What is taken from an authorization server's metadata (RFC 8414), and all of it: where a code, a secret or a token goes is the
 * definition's to say, so that no endpoint is among this.
 */
interface Announced {
  /** RFC 9207 section 3: every answer of its authorization endpoint names it. */
  issParameter: boolean
  /** `code_challenge_methods_supported`. Null: it does not say that it knows RFC 7636 at all. */
  challengeMethods: readonly string[] | null
}

/** The metadata of authorization servers, as far as definitions name their issuer. */
export interface IssuerMetadata {
  /**
   * For a flow that begins. While the metadata cannot be read, it is what this process has last read, if it has: each
   * integration's own redirect URI keeps the answers of different providers apart without it. Warns of that, and, once an
   * issuer, where PKCE is counted on and not announced.
   * @returns null: the definition names no issuer, or the issuer announces nothing
   * @throws ProviderError when the metadata is another issuer's
   */
  ask(auth: Subject): Promise<Announced | null>
  /**
   * The same without leniency, for whoever tries a definition.
   * @throws UnreadableMetadataError; ProviderError when the metadata is another issuer's
   */
  inspect(auth: Subject): Promise<Announced | null>
}

type Subject = Pick<OAuth2, 'issuer' | 'pkce'>

/** `details.retryable`: it may be readable later. */
class UnreadableMetadataError extends ProviderError {}

export interface IssuerMetadataOptions {
  /** How long what was read is believed. Default: 3,600,000. */
  goodForMs?: number
  /** How long a failure is answered without another try. Default: 5,000. */
  failedForMs?: number
  /** How many issuers are remembered; the one that was read first is forgotten first. Default: 1,000. */
  maxIssuers?: number
}

interface Entry {
  reading: Promise<Announced | null>
  /** What was last read without a failure, in this reading or one before. */
  last: Announced | null
  /** Milliseconds of `performance.now()`; infinite while it is read. */
  until: number
}

/** Of each of the two documents. */
const TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 256 * 1024

/** Keeps in this process what was read, one reading at a time for each issuer. */
export function createIssuerMetadata(
  egress: Egress,
  logger: Logger,
  { goodForMs = 3_600_000, failedForMs = 5_000, maxIssuers = 1_000 }: IssuerMetadataOptions = {},
): IssuerMetadata {
  const entries = new Map<string, Entry>()
  const warned = new Set<string>()

  const read = (issuer: string): Promise<Announced | null> => {
    const known = entries.get(issuer)
    if (known !== undefined && known.until > performance.now()) return known.reading
    const entry: Entry = {
      reading: discover(egress, issuer),
      last: known?.last ?? null,
      until: Number.POSITIVE_INFINITY,
    }
    entries.delete(issuer)
    const [oldest] = entries.keys()
    if (oldest !== undefined && entries.size >= maxIssuers) entries.delete(oldest)
    entries.set(issuer, entry)
    entry.reading.then(
      (announced) => {
        entry.last = announced
        entry.until = performance.now() + goodForMs
      },
      (error: unknown) => {
        entry.until = performance.now() + failedForMs
        if (error instanceof UnreadableMetadataError) logger.warn({ issuer }, error.message)
      },
    )
    return entry.reading
  }

  return {
    async ask(auth) {
      const { issuer } = auth
      if (issuer === undefined) return null
      const announced = await read(issuer).catch((error: unknown) => {
        if (error instanceof UnreadableMetadataError) return entries.get(issuer)?.last ?? null
        throw error
      })
      if (pkceDoubt(auth, announced) !== null && !warned.has(issuer)) {
        if (warned.size >= maxIssuers) warned.clear()
        warned.add(issuer)
        logger.warn(
          { issuer },
          'an authorization server does not announce PKCE by S256, which its definition counts on',
        )
      }
      return announced
    },
    inspect: async ({ issuer }) => (issuer === undefined ? null : read(issuer)),
  }
}

/** Why PKCE may not protect the flows of a definition that has it on, as a whole sentence; null: nothing speaks against it. */
export function pkceDoubt({ issuer, pkce }: Subject, announced: Announced | null): string | null {
  if (announced === null || pkce === 'none' || announced.challengeMethods?.includes('S256')) return null
  return `The metadata of ${issuer} does not announce PKCE by S256 (code_challenge_methods_supported), so that it may ignore the challenge: ask the provider.`
}

/** RFC 8414 section 3, and where OpenID Connect Discovery 1.0 section 4 puts the same. */
const DOCUMENTS = ['oauth2', 'oidc'] as const

async function discover(egress: Egress, issuer: string): Promise<Announced | null> {
  for (const algorithm of DOCUMENTS) {
    const metadata = await readDocument(egress, issuer, algorithm)
    if (metadata === null) continue
    const { authorization_response_iss_parameter_supported: iss, code_challenge_methods_supported: methods } = metadata
    return {
      issParameter: iss === true,
      challengeMethods: Array.isArray(methods) ? methods.filter((method) => typeof method === 'string') : null,
    }
  }
  return null
}

/** Null: there is no such document. */
async function readDocument(
  egress: Egress,
  issuer: string,
  algorithm: (typeof DOCUMENTS)[number],
): Promise<AuthorizationServer | null> {
  const expected = new URL(issuer)
  const response = await discoveryRequest(expected, {
    algorithm,
    // Which hosts may be reached without TLS is for the egress to say.
    [allowInsecureRequests]: true,
    [customFetch]: (url) => fetchDocument(egress, issuer, url),
  })
  if (response.status !== 200) return null
  const metadata = await processDiscoveryResponse(expected, response).catch((error: unknown) => {
    if (!(error instanceof OperationProcessingError)) throw otherIssuer(issuer, undefined, error)
    // The page that a server shows for every address it does not know.
    if (error.code === RESPONSE_IS_NOT_JSON) return null
    const body = isRecord(error.cause) ? error.cause['body'] : undefined
    throw otherIssuer(issuer, isRecord(body) ? body['issuer'] : undefined, error)
  })
  // RFC 8414 section 3.3: identical. The library compares URLs, of which one with a trailing slash can be the same.
  if (metadata !== null && metadata.issuer !== issuer) throw otherIssuer(issuer, metadata.issuer)
  return metadata
}

/** Follows no redirect: the metadata of an issuer is at the issuer. */
async function fetchDocument(egress: Egress, issuer: string, url: string): Promise<Response> {
  const { status, headers, text } = await getText(egress, url).catch((error: unknown) => {
    throw error instanceof EgressError ? unreadable(issuer, error) : error
  })
  if (status === 200) return new Response(text, { headers })
  if (isTransientStatus(status)) throw away(issuer, `It answers ${status}.`)
  return new Response(null, { status: 404 })
}

/** `text` of a 200 alone. */
async function getText(egress: Egress, url: string): Promise<{ status: number; headers: Headers; text: string }> {
  const answer = await egress.send({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    redirect: 'manual',
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: MAX_ANSWER_BYTES,
  })
  const { status, headers } = answer
  if (status === 200) return { status, headers, text: await answer.text() }
  await answer.cancel()
  return { status, headers, text: '' }
}

/** Of a request, not of an answer: what the set-up refuses does not go away by waiting. */
const LASTING = new Set<EgressError['kind']>(['refused_address', 'refused_url', 'refused_request', 'too_large'])

function unreadable(issuer: string, error: EgressError): UnreadableMetadataError {
  if (!LASTING.has(error.kind)) return away(issuer, error.message, error)
  const message = `The metadata of the issuer ${issuer} cannot be read. ${error.message} Correct the issuer in the definition of the integration, or leave it out.`
  return new UnreadableMetadataError(message, { details: { retryable: false }, cause: error })
}

function away(issuer: string, why: string, cause?: unknown): UnreadableMetadataError {
  const message = `The metadata of the issuer ${issuer} cannot be read now. ${why} Try again in a moment.`
  return new UnreadableMetadataError(message, { details: { retryable: true }, cause })
}

function otherIssuer(issuer: string, told: unknown, cause?: unknown): ProviderError {
  const other = typeof told === 'string' ? `names the issuer ${redactSecrets(told, [], 200)}` : 'names no issuer'
  const message = `The metadata of ${issuer} ${other}. Nothing is sent there: set the issuer in the definition of the integration to what the provider documents, to the character, or leave it out.`
  return new ProviderError(message, { details: { retryable: false }, cause })
}
