import type { Broker, ConnectionOwner } from '../credentials/broker.ts'
import type { OpenedConnection } from '../credentials/credential-row.ts'
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { InvalidInputError, ProviderError } from '../kit/errors.ts'
import { parseJson } from '../kit/json.ts'
import { parseRateLimitWait } from '../kit/retry-after.ts'
import type { Clock } from '../kit/time.ts'
import type { SerializedRequest } from '../wire/request-draft.ts'
import { matchingRule, type ResponseRule } from '../wire/response-rule.ts'
import { type CallerRequest, gatheredFor, isRepeatable, serializeCallerRequest } from './caller-request.ts'
import type { Pacer } from './pacing.ts'

/** Where the credential comes from. */
export interface ConnectionSource {
  open(): Promise<OpenedConnection>
  /** The API has refused a credential that should be good. @returns the connection with another one; null: there is none */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
}

/** A stored connection. `check` is asked before anything is done with it, and throws to refuse. */
export function storedConnection(
  broker: Broker,
  connectionId: string,
  check: (owner: ConnectionOwner) => void,
): ConnectionSource {
  return {
    open: () => broker.open(connectionId, check),
    refused: (opened) => broker.refused(opened),
  }
}

export interface SendOptions {
  /** `whole`: the body is read, up to `maxBytes`, before the answer is judged. `stream`: it is handed on as it comes. */
  read: { whole: { maxBytes: number } } | 'stream'
  signal?: AbortSignal
}

export interface AuthenticatedAnswer {
  /** Whatever its status: what the provider says is the caller's to judge. */
  response: EgressResponse
  /** The decoded body; null when it is still to be read from `response`. */
  body: Uint8Array | null
  /** The credential was renewed on the way. */
  refreshed: boolean
  /** As it was used for the last time. */
  opened: OpenedConnection
}

export interface AuthenticatedRequests {
  /**
   * Makes one request through a connection. A credential that the API refuses is renewed once, and the request repeated
   * once where its body can be sent again. What is safe to repeat is repeated, at most twice, where that may help.
   *
   * @throws what the source throws; InvalidInputError, UnsupportedError for a request that cannot be made; RateLimitedError
   * when too many wait for the integration's rate; ProviderError when there is no answer; the signal's reason
   */
  send(source: ConnectionSource, request: CallerRequest, options: SendOptions): Promise<AuthenticatedAnswer>
}

export interface AuthenticatedRequestsDeps {
  egress: Egress
  pacer: Pacer
  clock: Clock
}

/** RFC 9110 section 9.2.2, without TRACE: repeating them does what doing them once does. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const MAX_RETRIES = 2
/** A provider that asks for a longer wait is not asked again: its answer tells the caller how long. */
const LONGEST_WAIT_MS = 10_000
const LONGEST_WAITS_MS = 20_000
const BACKOFF_MS = 300
/** Streams have no end in time: only a stillness ends them. */
const STREAM_IDLE_MS = 60_000
const NEVER = new AbortController().signal

export function createAuthenticatedRequests({
  egress,
  pacer,
  clock,
}: AuthenticatedRequestsDeps): AuthenticatedRequests {
  return {
    async send(source, given, options) {
      const signal = options.signal ?? NEVER
      let request = given
      let opened = await source.open()
      let refreshed = opened.renewed === true
      let refusals = 0
      let waitedMs = 0
      for (let retries = 0; ; ) {
        const { integrationId, definition } = opened
        await pacer.wait(integrationId, definition.rateLimit?.requestsPerSecond, signal, LONGEST_WAIT_MS)
        const serialized = await serialize(opened, request)
        request = serialized.request
        const outcome = await attempt(serialized.wire, request, options, retries > 0)
        const repeatable = isRepeatable(request)
        const again = repeatable && IDEMPOTENT.has(request.method) && retries < MAX_RETRIES
        let waitMs: number
        if ('fault' in outcome) {
          if (signal.aborted) throw signal.reason
          if (!again || !mayPass(outcome.fault)) throw noAnswer(outcome.fault)
          waitMs = backOff(retries)
        } else {
          const { response, body } = outcome
          const answer = { response, body, refreshed, opened }
          const verdict = verdictOf(response, body, definition.responseErrors)
          const askedMs = verdict === 'soon' ? parseRateLimitWait(response.headers, clock.now()) : undefined
          if (response.status === 429 && askedMs !== undefined) {
            await pacer.pause(integrationId, definition.rateLimit?.requestsPerSecond, askedMs)
          }
          if (verdict === 'auth') {
            refusals += 1
            if (refusals > 1) return answer
            const other = await anotherCredential(source, opened, response)
            if (other === null) return answer
            refreshed = true
            if (!repeatable) return { ...answer, refreshed }
            await response.cancel()
            opened = other
            continue
          }
          if (verdict === null || !again) return answer
          waitMs = askedMs ?? backOff(retries)
          if (waitMs > LONGEST_WAIT_MS || waitedMs + waitMs > LONGEST_WAITS_MS) return answer
          await response.cancel()
        }
        retries += 1
        waitedMs += waitMs
        await clock.sleep(waitMs, signal)
        opened = await source.open()
        refreshed ||= opened.renewed === true
      }
    },
  }

  async function attempt(
    wire: SerializedRequest,
    { contentLength }: CallerRequest,
    { read, signal }: SendOptions,
    freshConnection: boolean,
  ): Promise<{ response: EgressResponse; body: Uint8Array | null } | { fault: EgressError }> {
    try {
      const response = await egress.send({
        ...wire,
        redirect: 'follow',
        freshConnection,
        ...(signal === undefined ? {} : { signal }),
        ...(contentLength === undefined ? {} : { contentLength }),
        ...(read === 'stream'
          ? {
              decompress: false,
              maxResponseBytes: Number.POSITIVE_INFINITY,
              timeoutMs: Number.POSITIVE_INFINITY,
              headersTimeoutMs: STREAM_IDLE_MS,
              idleTimeoutMs: STREAM_IDLE_MS,
            }
          : { maxResponseBytes: read.whole.maxBytes }),
      })
      return { response, body: read === 'stream' ? null : await response.bytes() }
    } catch (error) {
      if (error instanceof EgressError) return { fault: error }
      throw error
    }
  }

  /** Doubles with every time, between half and one and a half of that, so that many do not come back at once. */
  function backOff(retries: number): number {
    return BACKOFF_MS * 2 ** retries * (0.5 + clock.random())
  }
}

/** The request as it goes out; where the credential needs a streamed body as a whole, with the body read. */
async function serialize(
  opened: OpenedConnection,
  request: CallerRequest,
): Promise<{ wire: SerializedRequest; request: CallerRequest }> {
  try {
    return { wire: await serializeCallerRequest(opened, request), request }
  } catch (error) {
    const gathered = await gatheredFor(error, request)
    if (gathered === null) throw error
    return { wire: await serializeCallerRequest(opened, gathered), request: gathered }
  }
}

async function anotherCredential(
  source: ConnectionSource,
  opened: OpenedConnection,
  response: EgressResponse,
): Promise<OpenedConnection | null> {
  try {
    return await source.refused(opened)
  } catch (error) {
    await response.cancel()
    throw error
  }
}

/**
 * Whether the credential was refused, or the same request may work soon. A rule that looks into the body holds only where
 * the body was read. 403 is not a refusal of the credential by itself: the account may not do everything.
 */
function verdictOf(
  { status }: EgressResponse,
  body: Uint8Array | null,
  rules: readonly ResponseRule[] | undefined,
): 'auth' | 'soon' | null {
  const looksInside = body !== null && rules?.some((rule) => rule.path !== undefined) === true
  const rule = matchingRule(rules, { status, body: looksInside ? jsonOf(body) : undefined })
  if (rule !== undefined) return rule.as === 'auth' ? 'auth' : rule.as === 'fail' ? null : 'soon'
  if (status === 401) return 'auth'
  return status === 429 || (status >= 502 && status <= 504) ? 'soon' : null
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

/** What took its whole time once would only make the caller wait for as long again. */
function mayPass({ kind, retryable, sentBytes }: EgressError): boolean {
  return retryable && !(kind === 'timeout' && sentBytes)
}

function noAnswer(fault: EgressError): Error {
  const { kind, message, sentBytes } = fault
  if (kind === 'too_large' && !sentBytes) return new InvalidInputError([{ path: ['body'], message }])
  return new ProviderError(message, { details: { kind }, cause: fault })
}
