import type { Egress } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import type { EgressResponse } from '../../egress/egress-response.ts'
import { redactSecrets } from '../../kit/redact.ts'
import { signWebhook } from '../../kit/standard-webhooks.ts'
import { parseRetryAfter } from '../../kit/time.ts'

/** One attempt to deliver a message, as stored and shown. */
export interface WebhookAttempt {
  /** RFC 3339 */
  at: string
  /** HTTP status of the response. Null: there was none. */
  status: number | null
  /** Why the attempt failed. Null: it succeeded. */
  error: string | null
  durationMs: number
  /** The beginning of the response's body, without secrets. Null: there was none. */
  answer: string | null
}

interface Message {
  url: string
  /** `webhook-id` */
  id: string
  body: string
  /** Time of the attempt by the database's clock. */
  now: Date
  /** Each signs. */
  secrets: readonly string[]
  headers: Readonly<Record<string, string>>
}

interface AttemptOptions {
  /** Default: 30,000. */
  timeoutMs?: number
  /** Its abort ends the attempt. */
  signal?: AbortSignal
}

interface AttemptOutcome {
  attempt: WebhookAttempt
  /** How long the receiver asks to wait. */
  retryAfterMs?: number | undefined
  /** The caller's signal ended the attempt. */
  aborted: boolean
}

const ANSWER_LENGTH = 1_024
/** So much of a response is read, so that its connection can be used again. Secrets are found in all of it. */
const READ_BYTES = 16 * 1024

/**
 * Signs a message and sends it once (Standard Webhooks 1.0.0). A status from 200 to 299 is a success. A redirect is not followed.
 * A failure is part of the outcome; only defects are thrown.
 */
export async function attemptDelivery(
  egress: Egress,
  { url, id, body, now, secrets, headers }: Message,
  { timeoutMs = 30_000, signal }: AttemptOptions = {},
): Promise<AttemptOutcome> {
  const startedMs = performance.now()
  const signed = signWebhook(secrets, id, now, body)
  const given = Object.entries(headers)
  const hidden = [
    ...given.map(([, value]) => value),
    ...secrets.flatMap((secret) => [secret, secret.slice('whsec_'.length)]),
    ...signed['webhook-signature'].split(' ').map((signature) => signature.slice('v1,'.length)),
  ]
  // Covers the reading of the body too, which a receiver may send slowly.
  const end = new AbortController()
  let late = false
  const timer = setTimeout(() => {
    late = true
    end.abort()
  }, timeoutMs)
  const onAbort = () => end.abort()
  if (signal?.aborted === true) end.abort()
  signal?.addEventListener('abort', onAbort)
  const result = (rest: Pick<WebhookAttempt, 'status' | 'error' | 'answer'>): WebhookAttempt => ({
    at: now.toISOString(),
    durationMs: Math.round(performance.now() - startedMs),
    ...rest,
  })
  try {
    const response = await egress.send({
      method: 'POST',
      url,
      headers: [...given, ['content-type', 'application/json'], ...Object.entries(signed)],
      body,
      redirect: 'manual',
      timeoutMs,
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      signal: end.signal,
    })
    const { status } = response
    const text = await beginningOf(response)
    return {
      attempt: result({
        status,
        error: status >= 200 && status < 300 ? null : problemOf(status),
        answer: text === '' ? null : redactSecrets(text, hidden, ANSWER_LENGTH),
      }),
      retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), now.getTime()),
      aborted: false,
    }
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    const problem = late ? `The endpoint did not respond within ${timeoutMs / 1000} s.` : error.message
    const aborted = signal?.aborted === true && !late
    return { attempt: result({ status: null, error: redactSecrets(problem, hidden), answer: null }), aborted }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

function problemOf(status: number): string {
  if (status >= 300 && status < 400) return `The endpoint answered with a redirect (${status}), which is not followed.`
  if (status === 410) return 'The endpoint answered with 410 Gone.'
  return `The endpoint answered with ${status}.`
}

/** The first bytes of a body as text. The status counts also if the body cannot be read. */
async function beginningOf(response: EgressResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of response.chunks()) {
      chunks.push(chunk)
      if (response.bytesRead >= READ_BYTES) break
    }
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, READ_BYTES))
}
