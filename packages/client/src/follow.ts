import type { LatchkeyEvent } from './generated/types.ts'
import type { LatchkeyError } from './latchkey-error.ts'
import type { WatchOptions } from './operation.ts'
import { errorOf, type Gateway, lost, notGraphQL, pause, post, toError, waitAfter } from './send.ts'
import { type SubscriptionClient, SubscriptionError, subscribeFrom } from './subscribe-from.ts'

export interface Subscription {
  document: string
  variables: Readonly<Record<string, unknown>>
}

/** Opens a subscription. The iteration ends when the server says that it is complete, and fails when the connection is lost. */
export type OpenSubscription = (subscription: Subscription, signal: AbortSignal) => AsyncIterable<unknown>

interface FollowOptions {
  start: (signal: AbortSignal) => Promise<string | null>
  isEndless: boolean
  renewsToken: boolean
}

/** A subscription that has lived this long was not refused at once. */
const ACCEPTED_MS = 5_000
/** How often a subscription that is refused at once is opened again with a new token. */
const TOKENS = 2

/**
 * Yields the results of a subscription and opens it again when it breaks, from the cursor of the last result that has one.
 *
 * @param start finds the cursor of the newest event, for a subscription without `after`. Without it, events would be missed that
 *   happen while the connection is lost before the first one.
 * @param isEndless the subscription has no last result. If the server completes it nevertheless, it is opened again.
 * @param renewsToken the subscription is opened again when its token has expired
 */
export async function* follow<T>(
  open: OpenSubscription,
  { document, variables }: Subscription,
  { signal, onCursor }: WatchOptions,
  { start, isEndless, renewsToken }: FollowOptions,
): AsyncGenerator<T, void, undefined> {
  // Ends the open request when the consumer leaves, also while the iteration waits for an event.
  const left = new AbortController()
  const stop = () => left.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  let after = variables['after'] ?? null
  let failures = 0
  let refusals = 0
  try {
    while (!left.signal.aborted) {
      const openedAtMs = performance.now()
      try {
        after ??= await start(left.signal)
        for await (const result of open({ document, variables: { ...variables, after } }, left.signal)) {
          failures = 0
          refusals = 0
          const { cursor } = result as { cursor?: string }
          after = cursor ?? after
          yield result as T
          if (cursor !== undefined) await onCursor?.(cursor)
        }
        if (!isEndless || left.signal.aborted) return
        await pause(waitMsOf(failures), left.signal)
      } catch (error) {
        if (left.signal.aborted) return
        if (performance.now() - openedAtMs > ACCEPTED_MS) refusals = 0
        const mayRenew =
          renewsToken && (error as Partial<LatchkeyError>).code === 'UNAUTHENTICATED' && refusals < TOKENS
        if (mayRenew) refusals += 1
        const waitMs = mayRenew ? waitMsOf(failures) : waitAfter(error, failures)
        if (waitMs === null) throw error
        await pause(waitMs, left.signal).catch(() => undefined)
      }
      failures += 1
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    left.abort()
  }
}

const waitMsOf = (failures: number) => Math.min(15_000, 250 * 2 ** failures)

/** The gateway sends something at least every 12 seconds. After a longer silence, the connection is lost without a sign. */
const SILENCE_MS = 45_000

/** Subscribes with Server-Sent Events over fetch. */
export function overEventStream(gateway: Gateway, silenceMs = SILENCE_MS): OpenSubscription {
  return async function* ({ document, variables }, signal) {
    const response = await post(gateway, { document, variables, signal }, 'text/event-stream')
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (response.body === null || !isStream) {
      const body = await response.json().catch(() => null)
      throw Array.isArray(body?.errors) ? errorOf(body.errors) : notGraphQL(response)
    }
    for await (const message of messagesOf(response.body, signal, silenceMs)) {
      if (message.event === 'complete') return
      if (message.event !== 'next') continue
      const { data, errors } = JSON.parse(message.data)
      if (errors !== undefined) throw errorOf(errors)
      for (const result of Object.values(data ?? {})) yield result
    }
    throw lost(new Error('The event stream ended before it was complete.'), signal)
  }
}

interface Message {
  event: string
  data: string
}

/** The messages of an event stream (HTML standard, section 9.2). */
async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  silenceMs: number,
): AsyncGenerator<Message> {
  const reader = body.getReader()
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = () =>
    new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The gateway has sent nothing for too long.')), silenceMs)
    })
  const decoder = new TextDecoder()
  let rest = ''
  let event = ''
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), silence()])
        .catch((error: unknown) => {
          throw lost(error, signal)
        })
        .finally(() => clearTimeout(timer))
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (event !== '' || data.length > 0) yield { event, data: data.join('\n') }
          event = ''
          data = []
        } else if (line.startsWith('event:')) event = line.slice('event:'.length).trim()
        else if (line.startsWith('data:')) data.push(line.slice('data:'.length).replace(/^ /, ''))
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Subscribes with a client of graphql-ws, which reconnects by itself. */
export function overWebSocket(client: SubscriptionClient): OpenSubscription {
  return async function* ({ document, variables }, signal) {
    const results = subscribeFrom<Record<string, unknown>, Record<string, unknown>>(client, document, variables)
    const stop = () => void results.return(undefined)
    signal.addEventListener('abort', stop, { once: true })
    try {
      for await (const data of results) {
        for (const result of Object.values(data)) yield result
      }
    } catch (error) {
      if (error instanceof SubscriptionError) throw errorOf(error.errors)
      if (isRefusal(error)) throw toError({ code: 'UNAUTHENTICATED', status: 401, message: error.reason })
      throw lost(error, signal)
    } finally {
      signal.removeEventListener('abort', stop)
      await results.return(undefined)
    }
  }
}

/** Whether a socket was closed because its caller is not known, or has to name the workspace (4403). */
export function isRefusal(event: unknown): event is { code: 4403; reason: string } {
  return (event as { code?: unknown } | null)?.code === 4403
}

/**
 * Gives the fields of events their own names. Where events have fields of one name and different types, the document selects them
 * under aliases that end with the name of the type.
 */
export function withOwnNames(event: object): LatchkeyEvent {
  const suffix = `_${(event as LatchkeyEvent).__typename}`
  const entries = Object.entries(event).map(([name, value]) => [
    name.endsWith(suffix) ? name.slice(0, -suffix.length) : name,
    value,
  ])
  return Object.fromEntries(entries)
}
