import type { EventSource, EventSubscription } from '../../events/event-feed.ts'
import type { EventFilter } from '../../events/event-log.ts'
import type { StoredEvent } from '../../events/event-types.ts'
import { LatchkeyError, UnauthenticatedError } from '../../kit/errors.ts'
import { callerOf, type GraphQLContext } from './context.ts'
import { createLoaders } from './loaders.ts'

/** What a subscription's source yields: an event, or, as its last, why it ends. */
type Yielded<T> = T | LatchkeyError

/** What of a log this caller sees: who acts for an end user, the events of that end user's connections. */
export function eventFilter(context: GraphQLContext, filter: EventFilter): EventFilter {
  return { ...filter, endUserId: callerOf(context).endUserId ?? undefined }
}

/**
 * The events for one subscriber, for as long as its caller is known: a key that is revoked or expires ends it, with the
 * error as the last thing it gets.
 */
export async function subscribeEvents(
  context: GraphQLContext,
  subscription: Omit<EventSubscription, 'signal'>,
): Promise<AsyncGenerator<Yielded<StoredEvent>, void, undefined>> {
  const { feed } = context.services
  const filter = eventFilter(context, subscription.filter)
  return untilCallerEnds(
    context,
    (signal) => feed.subscribe({ ...subscription, filter, signal }),
    subscription.workspaceId,
  )
}

/**
 * Runs a source until its consumer leaves, the caller may no longer be served, or the workspace is deleted. A source that
 * returns 'ended' has said its last word.
 */
export async function untilCallerEnds<T>(
  context: GraphQLContext,
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
  /** Once: says why it ends, where somebody else has ended it. */
  const finish = (returned: unknown): IteratorResult<Yielded<T>, void> => {
    const reason = over || returned === 'ended' ? undefined : signal.reason
    over = true
    release()
    return reason instanceof LatchkeyError ? { done: false, value: reason } : { done: true, value: undefined }
  }
  const leave = async () => {
    over = true
    // A generator that waits does not hear `return`: the signal wakes it first.
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
  return Object.assign(events, { nextEvents })
}

/** Whether a subscription's source hands out all the events that there are at once. */
export function isEventSource(source: object): source is Pick<EventSource, 'nextEvents'> {
  return 'nextEvents' in source
}

const MAX_TIMER_MS = 2 ** 31 - 1

/** Aborts, with an UnauthenticatedError, when a credential is over; null for one that does not end. */
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

/** Resolves one event: what it refers to is read anew, under the subscriber's rights, for each. */
export function eachEvent<T extends object>(yielded: Yielded<T>, context: GraphQLContext): T {
  if (yielded instanceof LatchkeyError) throw yielded
  context.loaders = createLoaders(context.services.database, context.caller)
  return yielded
}
