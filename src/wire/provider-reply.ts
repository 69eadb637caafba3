import { DEFAULT_RENEW_TIMEOUT_MS, type RenewContext } from '../auth/strategy.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { parseJson } from '../kit/json.ts'
import { parseRetryAfter } from '../kit/retry-after.ts'
import { RenewalError } from './renewal-error.ts'
import type { SerializedRequest } from './request-draft.ts'

/** What a provider answered to a login or a token request, read in whole. */
export interface ProviderReply {
  status: number
  text: string
  /** The text read as JSON, else as a form; undefined: it is neither. Numbers as lossless-json.ts has them. */
  body: unknown
  retryAfterMs?: number
}

/** A token is a few kilobytes. */
const maxReplyBytes = 1024 * 1024

/**
 * Sends a login or a token request, once, and follows no redirect: a credential goes where the definition says and
 * nowhere else. Rejects with RenewalError where there is no answer that can be read.
 */
export async function askProvider(
  request: SerializedRequest,
  { egress, now, signal, timeoutMs = DEFAULT_RENEW_TIMEOUT_MS }: RenewContext,
): Promise<ProviderReply> {
  try {
    const response = await egress.send({
      ...request,
      redirect: 'manual',
      maxResponseBytes: maxReplyBytes,
      timeoutMs,
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await readText(response)
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now.getTime())
    return {
      status: response.status,
      text,
      body: readBody(text, response.headers.get('content-type') ?? ''),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
  } catch (error) {
    if (error instanceof EgressError) throw noAnswer(error)
    throw error
  }
}

/** An error page that cannot be read changes nothing: its status has said enough. */
async function readText(response: EgressResponse): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    const unreadable = error instanceof EgressError && (error.kind === 'too_large' || error.kind === 'bad_encoding')
    if (response.status >= 300 && unreadable) return ''
    throw error
  }
}

/** Always worth another try later: a certificate is renewed, an address is allowed, a host moves. */
function noAnswer(error: EgressError): RenewalError {
  const unusable = error.sentBytes && (error.kind === 'too_large' || error.kind === 'bad_encoding')
  return new RenewalError(error.message, {
    reason: unusable ? 'MALFORMED_RESPONSE' : 'PROVIDER_UNAVAILABLE',
    retryable: true,
    indeterminate: error.sentBytes,
    cause: error,
  })
}

/** JSON whatever the Content-Type says; a form where it says so, or where there is none and the text looks like one. */
function readBody(text: string, contentType: string): unknown {
  try {
    return parseJson(text)
  } catch {
    const form = /^application\/x-www-form-urlencoded\b/i.test(contentType)
    const untyped = contentType === '' || /^text\/plain\b/i.test(contentType)
    const looksLikeForm = /^[\w.%+-]+=[^<>\s]*$/.test(text.trim())
    return form || (untyped && looksLikeForm) ? Object.fromEntries(new URLSearchParams(text.trim())) : undefined
  }
}
