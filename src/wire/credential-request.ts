import type { Egress } from '../egress/egress.ts'
import type { EgressError } from '../egress/egress-error.ts'
import { parseJson } from '../kit/json.ts'
import { parseRetryAfter } from '../kit/time.ts'
import { exchange, readBody } from './provider-response.ts'
import { RenewalError } from './renewal-error.ts'
import type { SerializedRequest } from './request-draft.ts'

/** The response to a login, token or revocation request, read completely. */
export interface CredentialResponse {
  status: number
  text: string
  /** The body parsed as JSON, or else as a form; undefined when it is neither. Numbers as kit/json.ts keeps them. */
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
}

/**
 * Sends a login, token or revocation request, once. Redirects are not followed, so that a credential goes only where the
 * definition says. An error status is a response, not an error.
 *
 * @throws RenewalError when there is no response that can be read
 */
export async function sendCredentialRequest(
  request: SerializedRequest,
  { egress, now, signal, beforeSend, timeoutMs = DEFAULT_RENEW_TIMEOUT_MS }: CredentialRequestContext,
): Promise<CredentialResponse> {
  const limits = {
    maxResponseBytes: MAX_RESPONSE_BYTES,
    timeoutMs,
    headersTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
  }
  const result = await exchange(egress, { ...request, ...limits, redirect: 'manual', signal, beforeSend }, readBody)
  if ('error' in result) throw noResponse(result.error)
  const { status, headers } = result.response
  const text = new TextDecoder().decode(result.body ?? new Uint8Array())
  return {
    status,
    text,
    body: parseBody(text, headers.get('content-type') ?? ''),
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), now.getTime()),
  }
}

/** Always retryable: a certificate may be renewed, an address be allowed, a host be moved. */
function noResponse(error: EgressError): RenewalError {
  const unusable = error.sentBytes && (error.kind === 'too_large' || error.kind === 'bad_encoding')
  return new RenewalError(error.message, {
    reason: unusable ? 'MALFORMED_RESPONSE' : 'PROVIDER_UNAVAILABLE',
    retryable: true,
    indeterminate: error.sentBytes,
    cause: error,
  })
}

/** JSON whatever the Content-Type says; a form if the type says so, or if there is no specific type and the text looks like one. */
function parseBody(text: string, contentType: string): unknown {
  try {
    return parseJson(text)
  } catch {
    const form = /^application\/x-www-form-urlencoded\b/i.test(contentType)
    const untyped = contentType === '' || /^text\/plain\b/i.test(contentType)
    const looksLikeForm = /^[\w.%+-]+=[^<>\s]*$/.test(text.trim())
    return form || (untyped && looksLikeForm) ? Object.fromEntries(new URLSearchParams(text.trim())) : undefined
  }
}
