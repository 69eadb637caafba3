import { setImmediate } from 'node:timers/promises'
import { runInScope } from '../db/scope.ts'
import type { SqlRunner } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { readBounds, readEvents } from './event-log.ts'
import type { StoredEvent } from './event-types.ts'

/** The newest events of one workspace's log, shared by all of its subscribers in this process. */
export interface EventTail {
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

export interface EventTails {
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
