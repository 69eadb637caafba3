import type { SqlRunner } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { newId } from '../kit/ids.ts'
import { decodeEventCursor } from './event-cursor.ts'
import { type EventFilter, readEvents, readLogBounds } from './event-log.ts'
import { createEventTails } from './event-tail.ts'
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

export interface EventFeedOptions {
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
