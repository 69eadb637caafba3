import { type TypedDocument, textOf } from './print-document.ts'

/** What is needed of a client of graphql-ws. */
export interface SubscriptionClient {
  iterate(payload: { query: string; variables: Record<string, unknown> }): AsyncIterableIterator<SubscriptionResult>
}

interface SubscriptionResult {
  data?: unknown
  errors?: readonly SubscriptionProblem[] | undefined
  extensions?: unknown
}

/** An error of GraphQL. */
export interface SubscriptionProblem {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/** The position in the event log. */
export interface FromPosition {
  after?: string | null | undefined
}

/** The payload of the `subscribe` message. It is serialized again for each connection. */
interface Payload {
  query: string
  variables: Record<string, unknown> & FromPosition
  readonly extensions: Record<string, unknown> | undefined
}

/**
 * Subscribes to an event log so that no event is lost or repeated across reconnects.
 *
 * A graphql-ws client that reconnects sends its original variables again and would receive all events from the original
 * position. This function sets the variable `after` to the cursor of the last event that was received, so that the server
 * continues there. The document must have the variable `$after: Cursor` and select `cursor` on the event.
 *
 * Without `after`, a subscription that starts "from now on" starts at the call of this function: events are delivered that happen
 * while the client connects, or reconnects before the first event. The socket is opened by the first `next()`.
 *
 * The iteration ends when the subscription ends. Errors of the server are thrown. Stop with `break` or `return()`.
 *
 * @param client a graphql-ws client with `retryAttempts` and, to survive long outages, `shouldRetry: () => true`
 * @throws SubscriptionError
 */
export function subscribeFrom<Data, Variables extends FromPosition>(
  client: SubscriptionClient,
  document: TypedDocument<Data, Variables> | string,
  variables: Variables,
): AsyncGenerator<Data, void, undefined> {
  const startedAtMs = performance.now()
  const payload: Payload = {
    query: textOf(document),
    variables: { ...(variables as object) },
    get extensions() {
      if (payload.variables.after != null) return undefined
      // The server answers with the cursor at which the subscription starts.
      return { latchkey: { startedMsAgo: performance.now() - startedAtMs } }
    },
  }
  const received: Data[] = []
  let results: AsyncIterableIterator<SubscriptionResult> | undefined
  let ended = false
  let failure: { error: unknown } | undefined
  let growth = createSignal()

  /** Takes each result at once, however slow the consumer is: a reconnect must not repeat what waits for the consumer. */
  async function receive(): Promise<void> {
    try {
      results = client.iterate(payload)
      for await (const { data, errors, extensions } of results) {
        if (errors !== undefined && errors.length > 0) throw new SubscriptionError(errors)
        if (data == null) payload.variables.after ??= startOf(extensions)
        else {
          payload.variables.after = cursorOf(data)
          received.push(data as Data)
        }
        wake()
      }
    } catch (error) {
      if (!ended) failure = { error }
    }
    ended = true
    wake()
  }

  function wake(): void {
    growth.give()
    growth = createSignal()
  }

  async function stop(): Promise<void> {
    ended = true
    failure = undefined
    received.length = 0
    wake()
    await results?.return?.()
  }

  return {
    async next() {
      if (results === undefined && !ended) void receive()
      while (received.length === 0 && !ended) await growth.given
      const value = received.shift()
      if (value !== undefined) return { done: false, value }
      if (failure === undefined) return { done: true, value: undefined }
      const { error } = failure
      failure = undefined
      throw error
    },
    async return() {
      await stop()
      return { done: true, value: undefined }
    },
    async throw(error) {
      await stop()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** The server refused or ended the subscription. Each of the `errors` has a code in its extensions. */
export class SubscriptionError extends Error {
  override readonly name = 'SubscriptionError'
  readonly errors: readonly SubscriptionProblem[]

  constructor(errors: readonly SubscriptionProblem[]) {
    super(errors.map((error) => error.message).join('\n'))
    this.errors = errors
  }
}

function cursorOf(data: unknown): string {
  const [event] = Object.values(data as object) as unknown[]
  const cursor: unknown = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : undefined
  if (typeof cursor !== 'string')
    throw new TypeError('Select the field `cursor` on the event. It is needed to resume the subscription.')
  return cursor
}

/** The cursor at which the server starts; undefined: it does not say. */
function startOf(extensions: unknown): string | undefined {
  const own = (extensions as { latchkey?: { after?: unknown } } | undefined)?.latchkey
  return typeof own?.after === 'string' ? own.after : undefined
}

/** A promise that is resolved from outside. Promise.withResolvers is missing in Node 20 and in browsers of 2023. */
function createSignal(): { given: Promise<void>; give: () => void } {
  let give: () => void = () => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
