import type { EventSource, EventSubscription } from '../../events/event-feed.ts'
import type { EventFilter } from '../../events/event-log.ts'
import type { StoredEvent } from '../../events/event-types.ts'
import { LatchkeyError, UnauthenticatedError } from '../../kit/errors.ts'
import { callerOf, type GraphQLContext, type Services } from './context.ts'
import { createLoaders } from './loaders.ts'

/** What the source of a subscription yields: events and, as the last value, the error that ends it. */
type Yielded<T> = T | LatchkeyError

/** What a subscription needs of its context. */
type SubscriberContext<Needed extends keyof Services> = Pick<GraphQLContext, 'caller' | 'callerError' | 'start'> & {
  services: Pick<Services, Needed>
}

/**
 * The events of one subscriber. A subscriber that acts for an end user gets only the events of that end user. The
 * subscription ends with an error when its caller loses access (see `untilCallerEnds`).
 */
export async function subscribeEvents(
  context: SubscriberContext<'feed' | 'liveCallers'>,
  subscription: Omit<EventSubscription, 'signal'>,
): Promise<AsyncGenerator<Yielded<StoredEvent>, void, undefined>> {
  const { feed } = context.services
  const filter = eventFilter(context, subscription.filter)
  const start = subscription.from === 'now' && subscription.after === null ? context.start : undefined
  const open = async (signal: AbortSignal) => {
    const source = await feed.subscribe({ ...subscription, from: start ?? subscription.from, filter, signal })
    if (start !== undefined) start.cursor = source.startCursor
    return source
  }
  return untilCallerEnds(context, open, subscription.workspaceId)
}

/**
 * Restricts a filter to what the caller may see: a caller that acts for an end user sees the events of that end user, and a key that
 * is limited to integrations sees those of their connections.
 */
export function eventFilter(context: Pick<GraphQLContext, 'caller' | 'callerError'>, filter: EventFilter): EventFilter {
  const { endUserId, integrationIds } = callerOf(context)
  return { ...filter, endUserId: endUserId ?? undefined, integrationIds }
}

/**
 * Runs a source until its consumer leaves, its caller loses access (the key is revoked or expires) or the workspace is
 * deleted. Except when the consumer leaves, the last value is the error that says why. A source that returns 'ended'
 * has delivered its final state: no error follows it.
 */
export async function untilCallerEnds<T>(
  context: SubscriberContext<'liveCallers'>,
  open: (signal: AbortSignal) => Promise<AsyncGenerator<T, unknown, undefined>>,
  workspaceId?: string,
): Promise<AsyncGenerator<Yielded<T>, void, undefined>> {
  const caller = callerOf(context)
  const watch = context.services.liveCallers.watch(caller, workspaceId)
  const left = new AbortController()
  const expiry = expirySignal(caller.expiresAt)
  const signal = AbortSignal.any([watch.signal, left.signal, ...(expiry === null ? [] : [expiry.signal])])
  const release = () => {
    watch.release()
    expiry?.clear()
  }
  let source: AsyncGenerator<T, unknown, undefined>
  try {
    source = await open(signal)
  } catch (error) {
    release()
    throw error
  }
  let over = false
  /** The last result of the subscription. The second call and later ones are plain ends. */
  const finish = (returned: unknown): IteratorResult<Yielded<T>, void> => {
    const reason = over || returned === 'ended' ? undefined : signal.reason
    over = true
    release()
    return reason instanceof LatchkeyError ? { done: false, value: reason } : { done: true, value: undefined }
  }
  const leave = async () => {
    over = true
    // `return` does not reach a generator that awaits something. The signal ends the wait first.
    left.abort()
    release()
    await source.return(undefined)
  }
  const events: AsyncGenerator<Yielded<T>, void, undefined> = {
    async next() {
      if (over) return { done: true, value: undefined }
      try {
        const next = await source.next()
        return next.done === true ? finish(next.value) : next
      } catch (error) {
        finish('ended')
        throw error
      }
    },
    async return() {
      await leave()
      return { done: true, value: undefined }
    },
    async throw(error) {
      await leave()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await leave()
    },
  }
  if (!isEventSource(source)) return events
  const nextEvents = async () => {
    const next = over ? null : await source.nextEvents()
    if (next !== null) return next
    const last = finish(undefined)
    return last.done === true ? null : [last.value]
  }
  const { isShared } = source
  return Object.assign(events, { nextEvents, isShared })
}

/** Whether a source can return all available events at once. */
export function isEventSource(source: object): source is Pick<EventSource, 'nextEvents' | 'isShared'> {
  return 'nextEvents' in source
}

/** The longest delay that setTimeout accepts, 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Aborts with an UnauthenticatedError at `expiresAt`. Null if there is no expiry. */
export function expirySignal(expiresAt: Date | null): { signal: AbortSignal; clear: () => void } | null {
  if (expiresAt === null) return null
  const controller = new AbortController()
  let timer: NodeJS.Timeout
  const arm = () => {
    const leftMs = expiresAt.getTime() - Date.now()
    timer = setTimeout(
      () => {
        if (leftMs > MAX_TIMER_MS) arm()
        else controller.abort(new UnauthenticatedError('The credential of this subscription has expired.'))
      },
      Math.min(Math.max(leftMs, 0), MAX_TIMER_MS),
    )
    timer.unref()
  }
  arm()
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

/**
 * Resolves one event. New loaders make the resolvers read the objects that it refers to as they are now.
 * @throws the error that ends the subscription
 */
export function eachEvent<T extends object>(yielded: Yielded<T>, context: GraphQLContext): T {
  if (yielded instanceof LatchkeyError) throw yielded
  context.loaders = createLoaders(context.services.database, context.caller)
  return yielded
}
