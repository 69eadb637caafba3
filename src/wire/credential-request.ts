import type { Egress } from '../egress/egress.ts'
import type { EgressError } from '../egress/egress-error.ts'
import { parseJson } from '../kit/json.ts'
import { parseRetryAfter } from '../kit/time.ts'
import { exchange, readBody } from './provider-response.ts'
import { ClientHostError, RenewalError } from './renewal-error.ts'
import type { PresentedCertificate, SerializedRequest } from './request-draft.ts'

/** The response to a login, token or revocation request, read completely. */
export interface CredentialResponse {
  status: number
  text: string
  /** The body parsed as JSON, or else as a form; undefined when it is neither, such as a page. Numbers as kit/json.ts keeps them. */
  body: unknown
  /** From the header Retry-After. */
  retryAfterMs?: number
}

/** A token response is a few kilobytes long. */
const MAX_RESPONSE_BYTES = 1024 * 1024

export const DEFAULT_RENEW_TIMEOUT_MS = 20_000

/** What sending a credential request needs. `RenewContext` of a strategy has all of it. */
interface CredentialRequestContext {
  egress: Egress
  now: Date
  signal?: AbortSignal
  beforeSend?: () => void
  /** Default: DEFAULT_RENEW_TIMEOUT_MS. */
  timeoutMs?: number
  /** Presented unless the request has one of its own. Default: none. */
  clientCertificate?: PresentedCertificate | undefined
}

/** An OAuth client, as far as it says where it may be sent. */
interface ClientSecretHolder {
  /** Absent: it belongs to the connection, which decides where it is sent. */
  mayBeSentTo?: ((url: URL) => boolean) | undefined
}

/** Checks that an OAuth client may be sent to a URL. @throws ClientHostError */
export function assertMayReceive(client: ClientSecretHolder | undefined, url: URL): void {
  if (client?.mayBeSentTo?.(url) === false) throw new ClientHostError()
}

/**
 * Sends a login, token or revocation request, once. Redirects are not followed, so that a credential goes only where the
 * definition says. An error status is a response, not an error.
 *
 * @param client the OAuth client that the request or its templates contain; undefined: none
 * @throws ClientHostError; RenewalError when there is no response that can be read
 */
export async function sendCredentialRequest(
  request: SerializedRequest,
  {
    egress,
    now,
    signal,
    beforeSend,
    timeoutMs = DEFAULT_RENEW_TIMEOUT_MS,
    clientCertificate,
  }: CredentialRequestContext,
  client: ClientSecretHolder | undefined,
): Promise<CredentialResponse> {
  assertMayReceive(client, new URL(request.url))
  const limits = {
    maxResponseBytes: MAX_RESPONSE_BYTES,
    timeoutMs,
    headersTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
  }
  const certificate = request.clientCertificate ?? clientCertificate
  const result = await exchange(
    egress,
    { ...request, ...limits, clientCertificate: certificate, redirect: 'manual', signal, beforeSend },
    readBody,
  )
  if ('error' in result) throw noResponse(result.error, certificate)
  const { status, headers } = result.response
  const contentType = headers.get('content-type') ?? ''
  const text = decode(result.body ?? new Uint8Array(), contentType)
  return {
    status,
    text,
    body: parseBody(text, contentType),
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), now.getTime()),
  }
}

/**
 * Retryable, because the certificate of the server may be renewed, an address be allowed, a host be moved. Except where the client
 * certificate cannot be used: somebody has to supply another one.
 */
function noResponse(error: EgressError, certificate: PresentedCertificate | undefined): RenewalError {
  if (error.kind === 'client_certificate') {
    const ofClient = certificate?.ofClient === true
    return new RenewalError(ofClient ? `${error.message} ${OF_CLIENT}` : error.message, {
      reason: ofClient ? 'INVALID_CLIENT' : 'INVALID_GRANT',
      retryable: false,
      indeterminate: error.sentBytes,
      cause: error,
    })
  }
  const unusable = error.sentBytes && (error.kind === 'too_large' || error.kind === 'bad_encoding')
  return new RenewalError(error.message, {
    reason: unusable ? 'MALFORMED_RESPONSE' : 'PROVIDER_UNAVAILABLE',
    retryable: true,
    indeterminate: error.sentBytes,
    cause: error,
  })
}

const OF_CLIENT = 'It is the secret of the oauthClient of the integration. Correct it with updateIntegration.'

/** UTF-8 unless the bytes are not valid UTF-8, or the response says UTF-16. A byte order mark is not part of the text. */
function decode(bytes: Uint8Array, contentType: string): string {
  const declared = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? ''
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff && 'utf-16be'
  // The bytes of a UTF-16 text may be valid UTF-8.
  const first = mark || (/^utf-?16/i.test(declared) ? declared : 'utf-8')
  for (const charset of [first, declared]) {
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes)
    } catch {
      // Other bytes, or a charset that nobody knows.
    }
  }
  return new TextDecoder().decode(bytes)
}

/** Parameters of a form. Node takes time in proportion to the square of their number when they have no value. */
const MAX_PARAMETERS = 1_000

/**
 * JSON or a form, whatever the Content-Type says: some token endpoints answer a form as text/html. A page does not look like a
 * form, which has no spaces and no tags.
 */
function parseBody(text: string, contentType: string): unknown {
  try {
    return parseJson(text)
  } catch {
    const form = text.trim()
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(contentType) || /^[\w.%+-]+=[^<>\s]*$/.test(form)
    if (!isForm || form.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS) return undefined
    return Object.fromEntries(new URLSearchParams(form))
  }
}
