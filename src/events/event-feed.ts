import { setImmediate } from 'node:timers/promises'
import { runInScope } from '../db/scope.ts'
import type { SqlRunner } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { newId } from '../kit/ids.ts'
import { decodeEventCursor } from './event-cursor.ts'
import { type EventFilter, readBounds, readEvents, readLogBounds } from './event-log.ts'
import { FINAL_SYNC_EVENTS, type StoredEvent } from './event-types.ts'

export interface EventSubscription {
  workspaceId: string
  filter: EventFilter
  /** Cursor of the last event that the subscriber has. */
  after: string | null
  /** Without `after`: from the first event that matches, or from now on. */
  from: 'first' | 'now'
  /** Ends after the last event of this finished sync job. */
  endWithSyncJob?: string
  signal: AbortSignal
}

export interface EventFeed {
  /**
   * Every event that matches, once, in order, none skipped: first those after the position, then live. A position that is
   * no longer kept gives one EVENTS_SKIPPED first. Nothing is buffered for a subscriber: one that is slow is behind, and
   * reads on from the table.
   * @throws InvalidInputError for a position that never was
   */
  subscribe(subscription: EventSubscription): Promise<EventSource>
  close(): void
}

/** The events of one subscription, one by one or as many as there are. */
export interface EventSource extends AsyncGenerator<StoredEvent, void, undefined> {
  /** The next events, at least one; null: there are no more. Subscribers who are at the same place get the same list. */
  nextEvents(): Promise<readonly StoredEvent[] | null>
}

interface EventFeedOptions {
  /** How often to look at the log without being woken. Default 1,000. */
  pollEveryMs?: number
  onError: (error: unknown) => void
}

const BATCH = 200

export function createEventFeed(sql: SqlRunner, bus: WakeBus, options: EventFeedOptions): EventFeed {
  const tails = createEventTails(sql, bus, options.pollEveryMs ?? 1_000, options.onError)

  async function* replayThenFollow(
    subscription: EventSubscription,
    start: bigint,
    skippedTo: bigint | null,
    finished: boolean,
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const { workspaceId, filter, signal, endWithSyncJob } = subscription
    const ends = (event: StoredEvent) => event.syncJobId === endWithSyncJob && FINAL_SYNC_EVENTS.has(event.type)
    if (skippedTo !== null) yield [skippedEvent(subscription, skippedTo)]
    let position = start
    // Before the tail is opened, so that the tail reaches back to it.
    const { head } = await readLogBounds(sql, workspaceId)
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
          events = await readEvents(sql, workspaceId, position, filter, BATCH)
          const last = events.at(-1)
          // Fewer than a batch: nothing else matches up to where the log was known to be before the read.
          if (last !== undefined && (events.length === BATCH || last.position > reached)) reached = last.position
        } else if (recent.length > 0) {
          reached = recent.at(-1)?.position ?? position
          events = isWhole(filter) ? recent : recent.filter((event) => matches(event, filter))
        } else {
          // A job that had ended before we began has no event to wait for.
          if (finished) return
          const { promise, resolve } = Promise.withResolvers<void>()
          wake = resolve
          const cancel = tail.onceGrown(resolve)
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
      // Before the log's bounds: a job that is finished now has its last event within them.
      const finished = endWithSyncJob !== undefined && (await isFinished(sql, endWithSyncJob))
      const bounds = await readLogBounds(sql, workspaceId)
      let start = from === 'now' ? bounds.head : 0n
      if (after !== null) start = decodeEventCursor(after, workspaceId, bounds, ['after'])
      let skipped = start < bounds.trimmed
      if (skipped && after === null) {
        // From the first event on: some are missing only if the first that is left is not the first there was.
        const [first] = await readEvents(sql, workspaceId, bounds.trimmed, filter, 1)
        skipped = first?.type !== 'SYNC_QUEUED'
      }
      if (start < bounds.trimmed) start = bounds.trimmed
      return oneByOne(
        replayThenFollow(subscription, start, skipped ? bounds.trimmed : null, finished),
        subscription.signal,
      )
    },
    close: () => tails.close(),
  }
}

/** @param signal once it aborts, what is left of a batch is not handed out */
function oneByOne(batches: AsyncGenerator<readonly StoredEvent[], void, undefined>, signal: AbortSignal): EventSource {
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

function isWhole({ connectionId, syncJobId, endUserId, types }: EventFilter): boolean {
  return connectionId === undefined && syncJobId === undefined && endUserId === undefined && types === undefined
}

function matches(event: StoredEvent, filter: EventFilter): boolean {
  return (
    (filter.connectionId === undefined || event.connectionId === filter.connectionId) &&
    (filter.syncJobId === undefined || event.syncJobId === filter.syncJobId) &&
    (filter.endUserId === undefined || event.endUserId === filter.endUserId) &&
    (filter.types === undefined || filter.types.includes(event.type))
  )
}

async function isFinished(sql: SqlRunner, syncJobId: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 FROM sync_job WHERE id = $1::uuid AND status IN ('SUCCEEDED', 'FAILED', 'CANCELLED')`,
    [syncJobId],
  )
  return rows.length > 0
}

/** Stands where events are no longer kept. Its cursor is the last position that is gone. */
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
    payload: {},
    occurredAt: new Date(),
  }
}

/** The newest events of one workspace's log, shared by all of its subscribers in this process. */
interface EventTail {
  /** Up to where the log has been read. */
  readonly head: bigint
  /**
   * The events after `position`, or null when some of them have left the tail: then they are in the database.
   * Empty: `position` is the head. Who asks for the same gets the same list: nobody changes it.
   */
  after(position: bigint): readonly StoredEvent[] | null
  /** Resolves when the tail grows, or when `signal` aborts. For those who wait more than once: `onceGrown`. */
  grown(signal: AbortSignal): Promise<void>
  /** Calls `wake` when the tail grows, once. @returns no longer */
  onceGrown(wake: () => void): () => void
}

interface EventTails {
  /** Opens, or shares, the tail of a log whose head is at least `head`. */
  open(workspaceId: string, head: bigint): EventTail
  release(workspaceId: string): void
  close(): void
}

interface Tail extends EventTail {
  head: bigint
  users: number
  events: StoredEvent[]
  waiting: Set<() => void>
  reading: boolean
  /** A wake-up came while it was being read. */
  again: boolean
}

const KEPT = 1_000
const TAIL_BATCH = 500
const WOKEN_AT_ONCE = 100

/**
 * One reader for each log that has subscribers, whatever their number: woken by the bus, and by a look at all open logs
 * at once every `pollEveryMs`, which finds what a lost wake-up hid.
 */
export function createEventTails(
  sql: SqlRunner,
  bus: WakeBus,
  pollEveryMs: number,
  onError: (error: unknown) => void,
): EventTails {
  const tails = new Map<string, Tail>()

  const read = async (workspaceId: string, tail: Tail) => {
    if (tail.reading) {
      tail.again = true
      return
    }
    tail.reading = true
    try {
      do {
        tail.again = false
        // Shared by all subscribers: not with the eyes of the one who happens to be the first.
        const events = await runInScope(null, () => readEvents(sql, workspaceId, tail.head, {}, TAIL_BATCH))
        const last = events.at(-1)
        if (last !== undefined) {
          tail.events.push(...events)
          if (tail.events.length > KEPT) tail.events.splice(0, tail.events.length - KEPT)
          tail.head = last.position
          await wakeAll(tail)
        }
        if (events.length === TAIL_BATCH) tail.again = true
      } while (tail.again)
    } catch (error) {
      onError(error)
    } finally {
      tail.reading = false
    }
  }

  let polling = false
  const poll = async () => {
    if (polling || tails.size === 0) return
    polling = true
    try {
      for (const [workspaceId, { head }] of await readBounds(sql, [...tails.keys()])) {
        const tail = tails.get(workspaceId)
        if (tail !== undefined && head > tail.head) await read(workspaceId, tail)
      }
    } catch (error) {
      onError(error)
    } finally {
      polling = false
    }
  }
  const timer = setInterval(poll, pollEveryMs)
  timer.unref()
  const unsubscribe = bus.subscribe('events', (workspaceId) => {
    const tail = tails.get(workspaceId)
    if (tail !== undefined) void read(workspaceId, tail)
  })

  return {
    open(workspaceId, head) {
      let tail = tails.get(workspaceId)
      if (tail === undefined) {
        tail = createTail(head)
        tails.set(workspaceId, tail)
        // What was committed between the caller's look at the head and now.
        void read(workspaceId, tail)
      }
      tail.users += 1
      return tail
    },
    release(workspaceId) {
      const tail = tails.get(workspaceId)
      if (tail === undefined) return
      tail.users -= 1
      if (tail.users === 0) tails.delete(workspaceId)
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      tails.clear()
    },
  }
}

/** Thousands wait for the same event. What they do with it is not done in one go: others want their turn, too. */
async function wakeAll({ waiting }: Tail): Promise<void> {
  const woken = [...waiting]
  waiting.clear()
  for (let index = 0; index < woken.length; index += WOKEN_AT_ONCE) {
    if (index > 0) await setImmediate()
    for (const wake of woken.slice(index, index + WOKEN_AT_ONCE)) wake()
  }
}

function createTail(head: bigint): Tail {
  let last: { position: bigint; head: bigint; events: readonly StoredEvent[] } | undefined
  return {
    head,
    users: 0,
    events: [],
    waiting: new Set(),
    reading: false,
    again: false,
    after(position) {
      if (position >= this.head) return []
      if (last?.position === position && last.head === this.head) return last.events
      const missing = Number(this.head - position)
      if (missing > this.events.length) return null
      const events = this.events.slice(this.events.length - missing)
      last = { position, head: this.head, events }
      return events
    },
    onceGrown(wake) {
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
