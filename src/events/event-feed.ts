import { setImmediate } from 'node:timers/promises'
import { runInScope } from '../db/scope.ts'
import { databaseNow, type SqlRunner } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { createBatcher } from '../kit/batch.ts'
import { newId } from '../kit/ids.ts'
import { createLoop, type Loop } from '../kit/loop.ts'
import { decodeEventCursor, encodeEventCursor } from './event-cursor.ts'
import { type EventFilter, type LogBounds, readBounds, readEvents } from './event-log.ts'
import { createEventPages, PAGE_EVENTS } from './event-pages.ts'
import { FINAL_SYNC_EVENTS, type StoredEvent } from './event-types.ts'

export interface EventSubscription {
  workspaceId: string
  filter: EventFilter
  /** Cursor of the last event that the subscriber has received. */
  after: string | null
  /**
   * Where to start without `after`: at the first matching event, at the present head, or where the head was at a moment by
   * `performance.now()` of this process.
   */
  from: 'first' | 'now' | { atMs: number }
  /** The subscription ends after the last event of this sync job. */
  endWithSyncJob?: string
  signal: AbortSignal
}

export interface EventFeed {
  /**
   * Delivers every matching event once and in order, none skipped: first the events after the position, then live ones.
   * If the position is no longer kept, an EVENTS_SKIPPED event comes first. Nothing is buffered per subscriber: a slow
   * subscriber falls behind and reads on from the table.
   * @throws InvalidInputError for an invalid position
   */
  subscribe(subscription: EventSubscription): Promise<EventSource>
  close(): void
}

/** The events of one subscription, one at a time or in batches. */
export interface EventSource extends AsyncGenerator<StoredEvent, void, undefined> {
  /**
   * The next events, at least one; null: the subscription has ended. Subscribers at the same position get the same
   * list.
   */
  nextEvents(): Promise<readonly StoredEvent[] | null>
  /** Whether others in this process are subscribed to the same log. They may get the same event objects. */
  isShared(): boolean
  /** The cursor at which the subscription starts. */
  readonly startCursor: string
}

interface EventFeedOptions {
  /** Interval between checks of the log without a wake-up, in milliseconds. Default: 1,000. */
  pollEveryMs?: number
  onError: (error: unknown) => void
}

/** Events of a read with a filter, far behind the head of the log. */
const BATCH = 200
/** The most pages of all events that a subscriber with a filter reads, which it shares with as many others. */
const SHARED_PAGES = 8

export function createEventFeed(sql: SqlRunner, bus: WakeBus, options: EventFeedOptions): EventFeed {
  const pages = createEventPages(sql)
  const tails = createEventTails(sql, bus, {
    pollEveryMs: options.pollEveryMs ?? 1_000,
    onError: options.onError,
    onUnused: pages.forget,
  })
  const reads = createBatcher()

  /** Thousands of clients reconnect when a gateway ends, so the bounds of their logs are read together. */
  async function boundsOf(workspaceId: string): Promise<LogBounds> {
    const [bounds] = await reads.load('bounds', [workspaceId], async (ids) => {
      const found = await runInScope(null, () => readBounds(sql, ids))
      return ids.map((id) => found.get(id) ?? { head: 0n, trimmed: 0n })
    })
    if (bounds === undefined || bounds instanceof Error) throw bounds ?? new Error('The bounds of a log are missing.')
    return bounds
  }

  async function* replayThenFollow(
    subscription: EventSubscription,
    { start, head, skippedTo, finished }: Beginning,
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const { workspaceId, filter, signal, endWithSyncJob } = subscription
    const ends = (event: StoredEvent) => event.syncJobId === endWithSyncJob && FINAL_SYNC_EVENTS.has(event.type)
    if (skippedTo !== null) yield [skippedEvent(subscription, skippedTo)]
    let position = start
    const everything = matchesEverything(filter)
    const tail = tails.open(workspaceId, head)
    let wake: (() => void) | undefined
    const onAbort = () => wake?.()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (!signal.aborted) {
        const recent = tail.after(position)
        let events: readonly StoredEvent[]
        let reached: bigint
        if (recent === null) {
          reached = tail.head
          const behind = Number(reached - position)
          if (everything || behind <= PAGE_EVENTS * Math.min(tail.users, SHARED_PAGES)) {
            const page = await pages.after(workspaceId, position)
            // Empty: everything up to the head that was known before the read has been removed.
            reached = page.at(-1)?.position ?? reached
            events = everything ? page : page.filter((event) => matches(event, filter))
            // Kept for others only: the events of a long replay would fill the heap before they are collected.
            if (tail.users === 1) pages.dropUpTo(workspaceId, reached)
            // The next page is read while this one is sent, and no further one.
            if (!signal.aborted && tail.after(reached) === null) pages.prepare(workspaceId, reached)
          } else {
            events = await readEvents(sql, workspaceId, position, filter, BATCH)
            const last = events.at(-1)
            // Fewer than a batch: nothing else matches up to the head that was known before the read.
            if (last !== undefined && (events.length === BATCH || last.position > reached)) reached = last.position
          }
        } else if (recent.length > 0) {
          reached = recent.at(-1)?.position ?? position
          events = everything ? recent : recent.filter((event) => matches(event, filter))
        } else {
          // A job that ended before the subscription began has no further events. A tail that others have opened may be behind it.
          if (finished && position >= head) return
          const { promise, resolve } = Promise.withResolvers<void>()
          wake = resolve
          const cancel = tail.onNextGrowth(resolve)
          await promise
          cancel()
          continue
        }
        if (signal.aborted) return
        const end = endWithSyncJob === undefined ? -1 : events.findIndex(ends)
        if (end >= 0) {
          yield events.slice(0, end + 1)
          return
        }
        if (events.length > 0) yield events
        if (reached > position) position = reached
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      tails.release(workspaceId)
    }
  }

  return {
    async subscribe(subscription) {
      const { workspaceId, filter, after, from, endWithSyncJob } = subscription
      // Read before the bounds of the log: the last event of a finished job is within them.
      const finished = endWithSyncJob !== undefined && (await isFinished(sql, endWithSyncJob))
      const bounds = await boundsOf(workspaceId)
      let start = 0n
      if (after !== null) start = decodeEventCursor(after, workspaceId, bounds, ['after'])
      else if (from === 'now') start = bounds.head
      else if (from !== 'first') start = await headAt(sql, workspaceId, from.atMs, bounds)
      let skipped = start < bounds.trimmed
      if (skipped && after === null) {
        // Starting at the first event: events are missing only if the first one that is left is not the first there
        // was.
        const [first] = await readEvents(sql, workspaceId, bounds.trimmed, filter, 1)
        skipped = first?.type !== 'SYNC_QUEUED'
      }
      if (start < bounds.trimmed) start = bounds.trimmed
      return createEventSource(
        replayThenFollow(subscription, {
          start,
          head: bounds.head,
          skippedTo: skipped ? bounds.trimmed : null,
          finished,
        }),
        {
          signal: subscription.signal,
          startCursor: encodeEventCursor(workspaceId, start),
          isShared: () => tails.users(workspaceId) > 1,
        },
      )
    },
    close: () => tails.close(),
  }
}

/** Where a subscription begins. */
interface Beginning {
  /** Position of the last event that the subscriber has received. */
  start: bigint
  /** A head of the log that was read before. The tail reaches back to it. */
  head: bigint
  /** The last position that is no longer kept, if the subscriber has missed events; null: it has not. */
  skippedTo: bigint | null
  /** The sync job of `endWithSyncJob` had ended before `head` was read. */
  finished: boolean
}

/** @param signal when it aborts, the rest of a batch is not delivered */
function createEventSource(
  batches: AsyncGenerator<readonly StoredEvent[], void, undefined>,
  { signal, startCursor, isShared }: { signal: AbortSignal } & Pick<EventSource, 'startCursor' | 'isShared'>,
): EventSource {
  let batch: readonly StoredEvent[] = []
  let taken = 0
  const nextEvents = async () => {
    if (signal.aborted) batch = []
    const left = taken === 0 ? batch : batch.slice(taken)
    batch = []
    taken = 0
    if (left.length > 0) return left
    const next = await batches.next()
    return next.done === true ? null : next.value
  }
  return {
    startCursor,
    isShared,
    nextEvents,
    async next() {
      if (signal.aborted || taken >= batch.length) {
        batch = (await nextEvents()) ?? []
        taken = 0
      }
      const value = batch[taken]
      taken += 1
      return value === undefined ? { done: true, value } : { done: false, value }
    },
    async return() {
      batch = []
      await batches.return()
      return { done: true, value: undefined }
    },
    async throw(error) {
      await batches.return()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: () => batches[Symbol.asyncDispose](),
  }
}

function matchesEverything(filter: EventFilter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

function matches(event: StoredEvent, filter: EventFilter): boolean {
  return (
    (filter.connectionId === undefined || event.connectionId === filter.connectionId) &&
    (filter.syncJobId === undefined || event.syncJobId === filter.syncJobId) &&
    (filter.endUserId === undefined || event.endUserId === filter.endUserId) &&
    (filter.integrationIds === undefined ||
      (event.integrationId !== null && filter.integrationIds.includes(event.integrationId))) &&
    (filter.types === undefined || filter.types.includes(event.type))
  )
}

/**
 * Where the head of a log was at a moment, by `performance.now()` of this process. The database's clock decides. It is read about
 * halfway through its query, so the moment is exact to a few milliseconds.
 */
async function headAt(sql: SqlRunner, workspaceId: string, atMs: number, { trimmed }: LogBounds): Promise<bigint> {
  const askedAtMs = performance.now()
  const now = await databaseNow(sql)
  const readAtMs = (askedAtMs + performance.now()) / 2
  const at = new Date(now.getTime() - (readAtMs - atMs))
  const [last] = await sql.query<{ position: bigint }>(
    `SELECT position FROM event WHERE workspace_id = $1::uuid AND occurred_at < $2::timestamptz
     ORDER BY position DESC LIMIT 1`,
    [workspaceId, at],
  )
  return last?.position ?? trimmed
}

async function isFinished(sql: SqlRunner, syncJobId: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM sync_job WHERE id = $1::uuid AND status IN ('SUCCEEDED', 'FAILED', 'CANCELLED')`,
    [syncJobId],
  )
  return rows.length > 0
}

/** Represents events that are no longer kept. Its cursor is the last removed position. */
export function skippedEvent(
  { workspaceId, filter }: Pick<EventSubscription, 'workspaceId' | 'filter'>,
  position: bigint,
): StoredEvent {
  return {
    workspaceId,
    position,
    id: newId(),
    type: 'EVENTS_SKIPPED',
    connectionId: filter.connectionId ?? null,
    syncJobId: filter.syncJobId ?? null,
    connectSessionId: null,
    endUserId: filter.endUserId ?? null,
    integrationId: null,
    payload: {},
    occurredAt: new Date(),
  }
}

/** The newest events of one workspace's log, shared by all of its subscribers in this process. */
interface EventTail {
  /** Position up to which the log has been read. */
  readonly head: bigint
  /** Subscribers that have opened it. */
  readonly users: number
  /**
   * The events after `position`; null when some of them are no longer in the tail and must be read from the database.
   * Empty: `position` is the head. Callers with the same position get the same list and must not change it.
   */
  after(position: bigint): readonly StoredEvent[] | null
  /** Resolves when the tail grows, or when `signal` aborts. Callers that wait repeatedly use `onNextGrowth`. */
  grown(signal: AbortSignal): Promise<void>
  /** Calls `wake` once, when the tail grows. @returns cancels the call */
  onNextGrowth(wake: () => void): () => void
}

interface EventTails {
  /** Opens the tail of a log whose head is at least `head`, or shares the open one. */
  open(workspaceId: string, head: bigint): EventTail
  release(workspaceId: string): void
  /** How many have opened the tail of a log. */
  users(workspaceId: string): number
  close(): void
}

interface EventTailsOptions {
  pollEveryMs: number
  onError: (error: unknown) => void
  /** Called when the last one has released the tail of a log. */
  onUnused?: (workspaceId: string) => void
}

interface Tail extends EventTail {
  head: bigint
  users: number
  events: StoredEvent[]
  waiting: Set<() => void>
  /** Reads new events when it is woken. */
  reader: Loop
}

const TAIL_EVENTS = 1_000
const TAIL_BATCH = 500
const WAKE_BATCH = 100
/** Readers of tails run only when they are woken: by the bus and by the poll. */
const ONLY_WHEN_WOKEN_MS = 2 ** 31 - 1

/**
 * One reader per log that has subscribers, however many. It is woken by the bus, and by a query for the heads of all open
 * logs every `pollEveryMs`, which finds events whose wake-up was lost.
 */
export function createEventTails(
  sql: SqlRunner,
  bus: WakeBus,
  { pollEveryMs, onError, onUnused }: EventTailsOptions,
): EventTails {
  const tails = new Map<string, Tail>()

  /** @returns true when there may be more events */
  async function readNewEvents(workspaceId: string, tail: Tail): Promise<boolean> {
    // Shared by all subscribers, so not in the scope of the caller that happens to be the first.
    const events = await runInScope(null, () => readEvents(sql, workspaceId, tail.head, {}, TAIL_BATCH))
    const last = events.at(-1)
    if (last !== undefined) {
      tail.events.push(...events)
      if (tail.events.length > TAIL_EVENTS) tail.events.splice(0, tail.events.length - TAIL_EVENTS)
      tail.head = last.position
      await wakeAll(tail)
    }
    return events.length === TAIL_BATCH
  }

  async function wakeGrownTails(): Promise<void> {
    if (tails.size === 0) return
    for (const [workspaceId, { head }] of await readBounds(sql, [...tails.keys()])) {
      const tail = tails.get(workspaceId)
      if (tail !== undefined && head > tail.head) tail.reader.wake()
    }
  }

  const poll = createLoop({
    work: wakeGrownTails,
    everyMs: pollEveryMs,
    maxBackoffMs: pollEveryMs,
    runAtStart: false,
    onError,
  })
  poll.start()
  const unsubscribe = bus.subscribe('events', (workspaceId) => tails.get(workspaceId)?.reader.wake())

  return {
    open(workspaceId, head) {
      let tail = tails.get(workspaceId)
      if (tail === undefined) {
        const opened = createTail(head, () => readNewEvents(workspaceId, opened), onError)
        tail = opened
        tails.set(workspaceId, tail)
        // Reads what was committed after the caller read the head.
        tail.reader.start()
      }
      tail.users += 1
      return tail
    },
    release(workspaceId) {
      const tail = tails.get(workspaceId)
      if (tail === undefined) return
      tail.users -= 1
      if (tail.users > 0) return
      tails.delete(workspaceId)
      void tail.reader.stop()
      onUnused?.(workspaceId)
    },
    users: (workspaceId) => tails.get(workspaceId)?.users ?? 0,
    close() {
      void poll.stop()
      unsubscribe()
      for (const { reader } of tails.values()) void reader.stop()
      tails.clear()
    },
  }
}

/** Thousands may wait for the same event. They are woken in batches, so that other work is not delayed. */
async function wakeAll({ waiting }: Tail): Promise<void> {
  const woken = [...waiting]
  waiting.clear()
  for (let index = 0; index < woken.length; index += WAKE_BATCH) {
    if (index > 0) await setImmediate()
    for (const wake of woken.slice(index, index + WAKE_BATCH)) wake()
  }
}

function createTail(head: bigint, readNewEvents: () => Promise<boolean>, onError: (error: unknown) => void): Tail {
  let last: { position: bigint; head: bigint; events: readonly StoredEvent[] } | undefined
  return {
    head,
    users: 0,
    events: [],
    waiting: new Set(),
    reader: createLoop({ work: readNewEvents, everyMs: ONLY_WHEN_WOKEN_MS, onError }),
    after(position) {
      if (position >= this.head) return []
      if (last?.position === position && last.head === this.head) return last.events
      const missing = Number(this.head - position)
      if (missing > this.events.length) return null
      const events = this.events.slice(this.events.length - missing)
      last = { position, head: this.head, events }
      return events
    },
    onNextGrowth(wake) {
      this.waiting.add(wake)
      return () => this.waiting.delete(wake)
    },
    grown(signal) {
      if (signal.aborted) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      const wake = () => {
        signal.removeEventListener('abort', wake)
        this.waiting.delete(wake)
        resolve()
      }
      signal.addEventListener('abort', wake, { once: true })
      this.waiting.add(wake)
      return promise
    },
  }
}
