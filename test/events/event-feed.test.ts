import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { SqlRunner } from '../../src/db/sql.ts'
import { createLocalWakeBus, type WakeBus } from '../../src/db/wake-bus.ts'
import { encodeEventCursor } from '../../src/events/event-cursor.ts'
import { createEventFeed, type EventFeed, type EventSubscription } from '../../src/events/event-feed.ts'
import { appendEvents, trimEvents } from '../../src/events/event-log.ts'
import type { NewEvent, StoredEvent } from '../../src/events/event-types.ts'
import { InvalidInputError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

const failOn = (error: unknown) => {
  throw error
}

describeDatabases('The event feed', (open, kind) => {
  let test: TestDatabase
  let database: Database
  let bus: WakeBus
  let feed: EventFeed
  let workspaceId: string
  const controllers: AbortController[] = []

  // One database for the file and one workspace per test.
  beforeAll(async () => {
    test = await open()
    database = test.database
  })
  afterAll(() => test.close())
  beforeEach(() => {
    bus = createLocalWakeBus()
    feed = createEventFeed(database.sql, bus, { onError: failOn, pollEveryMs: 50 })
    workspaceId = newId()
  })
  afterEach(() => {
    for (const controller of controllers.splice(0)) controller.abort()
    feed.close()
  })

  const append = (...events: NewEvent[]) => database.bulkTransaction((tx) => appendEvents(tx, bus, workspaceId, events))
  const queued = (syncJobId: string): NewEvent => ({ type: 'SYNC_QUEUED', syncJobId })
  const many = (count: number, syncJobId: string) => Array.from({ length: count }, () => queued(syncJobId))

  async function subscribe(options: Partial<EventSubscription> = {}) {
    const controller = new AbortController()
    controllers.push(controller)
    return feed.subscribe({ workspaceId, filter: {}, after: null, from: 'now', signal: controller.signal, ...options })
  }
  async function take(events: AsyncGenerator<StoredEvent, void, undefined>, count: number): Promise<bigint[]> {
    const positions: bigint[] = []
    while (positions.length < count) {
      const { value, done } = await events.next()
      if (done === true) break
      positions.push(value.position)
    }
    return positions
  }
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index))

  it('replays events after a position and continues live, each event once and in order', async () => {
    const job = newId()
    await append(...many(450, job))
    const events = await subscribe({ after: encodeEventCursor(workspaceId, 3n) })
    expect(await take(events, 447)).toEqual(numbers(4, 450))
    const live = take(events, 3)
    await append(queued(job), queued(job))
    await append(queued(job))
    expect(await live).toEqual(numbers(451, 453))
  })

  it('starts at the present head when no position is given', async () => {
    await append(...many(5, newId()))
    const events = await subscribe()
    const next = take(events, 1)
    await append(queued(newId()))
    expect(await next).toEqual([6n])
  })

  it('starts where the head was at a moment', async () => {
    const atMs: number[] = []
    for (let count = 0; count < 3; count += 1) {
      await sleep(20)
      atMs.push(performance.now())
      await sleep(20)
      await append(queued(newId()))
    }
    for (const [index, moment] of atMs.entries()) {
      const events = await subscribe({ from: { atMs: moment } })
      expect(events.startCursor).toBe(encodeEventCursor(workspaceId, BigInt(index)))
      expect(await take(events, 3 - index)).toEqual(numbers(index + 1, 3))
    }
    // What was trimmed is older than the moment.
    await trimEvents(database, workspaceId, new Date(Date.now() + 60_000))
    const events = await subscribe({ from: { atMs: atMs[0] ?? 0 } })
    await append(queued(newId()))
    expect(await take(events, 1)).toEqual([4n])
  })

  it('misses no event that is appended while it replays, with many subscribers at once', async () => {
    const job = newId()
    const writers = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let count = 0; count < 25; count += 1) await append(queued(job), queued(job))
      }),
    )
    const readers = Array.from({ length: 20 }, async () => take(await subscribe({ from: 'first' }), 200))
    await writers
    for (const positions of await Promise.all(readers)) expect(positions).toEqual(numbers(1, 200))
  })

  /** A feed that counts its reads of events. */
  function countingFeed() {
    const reads = { count: 0 }
    const sql: SqlRunner = {
      query: (text, values) => {
        if (/FROM event\b/.test(text)) reads.count += 1
        return database.sql.query(text, values)
      },
    }
    const counted = createEventFeed(sql, bus, { onError: failOn, pollEveryMs: 60_000 })
    return { reads, counted }
  }

  it('reads the same events once for many subscribers that resume at nearby positions, with and without a filter', async () => {
    const mine = newId()
    await append(...many(1_600, newId()))
    await append(...many(50, mine), ...many(50, newId()))
    const { reads, counted } = countingFeed()
    const controller = new AbortController()
    controllers.push(controller)
    const resume = (behind: number, filter: EventSubscription['filter']) =>
      counted.subscribe({
        ...{ workspaceId, filter, from: 'now', signal: controller.signal },
        after: encodeEventCursor(workspaceId, 1_700n - BigInt(behind)),
      })
    const positions = await Promise.all(
      Array.from({ length: 60 }, async (_, index) =>
        take(
          await resume(1_101 + index, index % 2 === 0 ? {} : { syncJobId: mine }),
          index % 2 === 0 ? 1_101 + index : 50,
        ),
      ),
    )
    for (const [index, seen] of positions.entries()) {
      expect(seen).toEqual(index % 2 === 0 ? numbers(600 - index, 1_700) : numbers(1_601, 1_650))
    }
    // Three or four pages, and the tail, which reads once. Alone, each subscriber reads as often.
    expect(reads.count).toBeLessThanOrEqual(8)
    counted.close()
  })

  it('reads few large events at a time, and all of them in order', async () => {
    // Random, so that the database cannot compress it.
    const body = randomBytes(150_000).toString('base64')
    for (let count = 0; count < 25; count += 1) {
      await append({ type: 'PROVIDER_EVENT_RECEIVED', payload: { body } })
    }
    await append(...many(1_100, newId()))
    const events = await subscribe({ after: encodeEventCursor(workspaceId, 0n) })
    const seen: bigint[] = []
    while (seen.length < 25) {
      const batch = (await events.nextEvents()) ?? []
      const large = batch.filter(({ type }) => type === 'PROVIDER_EVENT_RECEIVED')
      expect(large.length).toBeLessThan(8)
      seen.push(...batch.map(({ position }) => position))
    }
    expect(seen).toEqual(numbers(1, seen.length))
    expect(await take(events, 1_125 - seen.length)).toEqual(numbers(seen.length + 1, 1_125))
  })

  it('finds events of another process without a wake-up', async () => {
    const events = await subscribe()
    const next = take(events, 1)
    await database.bulkTransaction((tx) => appendEvents(tx, createLocalWakeBus(), workspaceId, [queued(newId())]))
    expect(await next).toEqual([1n])
  })

  it('delivers only events that match the filter', async () => {
    const [mine, other] = [newId(), newId()]
    await append(queued(other), queued(mine), queued(other))
    const events = await subscribe({ from: 'first', filter: { syncJobId: mine } })
    const all = take(events, 2)
    await append(queued(other), { type: 'SYNC_STARTED', syncJobId: mine })
    expect(await all).toEqual([2n, 5n])
  })

  it('rejects a cursor that was never issued', async () => {
    await append(queued(newId()))
    const bad = [
      'nonsense',
      '',
      encodeEventCursor(workspaceId, 2n),
      encodeEventCursor(workspaceId, -1n),
      encodeEventCursor(newId(), 1n),
      `${encodeEventCursor(workspaceId, 1n)}=`,
    ]
    for (const after of bad) await expect(subscribe({ after })).rejects.toBeInstanceOf(InvalidInputError)
  })

  it('reports removed events once, and continues after them', async () => {
    await append(...many(10, newId()))
    await database.sql.query(
      `UPDATE event SET occurred_at = now() - interval '2 days' WHERE workspace_id = $1 AND position <= 6`,
      [workspaceId],
    )
    expect(await trimEvents(database, workspaceId, new Date(Date.now() - 86_400_000))).toBe(6)
    const events = await subscribe({ after: encodeEventCursor(workspaceId, 2n) })
    const first = await events.next()
    expect(first.value).toMatchObject({ type: 'EVENTS_SKIPPED', position: 6n })
    expect(await take(events, 4)).toEqual(numbers(7, 10))
    const kept = await subscribe({ after: encodeEventCursor(workspaceId, 6n) })
    expect(await take(kept, 1)).toEqual([7n])
  })

  it('wakes up and ends when its signal aborts', async () => {
    const controller = new AbortController()
    const events = await subscribe({ signal: controller.signal })
    const next = events.next()
    controller.abort()
    expect(await next).toMatchObject({ done: true })
  })

  // PGlite has one session: its transactions cannot overlap.
  if (kind === 'embedded') return

  describe('across transactions that commit out of order', () => {
    it('never delivers a position before all lower ones', async () => {
      const other = await test.openAnother()
      const events = await subscribe()
      const seen = take(events, 3)
      const inFirst = Promise.withResolvers<void>()
      const mayCommit = Promise.withResolvers<void>()
      // The first writer has a position and holds its transaction open while the second one wants to commit.
      const first = database.bulkTransaction(async (tx) => {
        await appendEvents(tx, bus, workspaceId, [queued(newId())])
        inFirst.resolve()
        await mayCommit.promise
      })
      await inFirst.promise
      const order: string[] = []
      const second = other
        .bulkTransaction((tx) => appendEvents(tx, bus, workspaceId, [queued(newId()), queued(newId())]))
        .then(() => order.push('second'))
      await waitForBlockedWriter(database)
      order.push('first may commit')
      mayCommit.resolve()
      await Promise.all([first, second])
      expect(order).toEqual(['first may commit', 'second'])
      expect(await seen).toEqual([1n, 2n, 3n])
    })

    it('leaves no gap when a writer rolls back', async () => {
      const events = await subscribe()
      const seen = take(events, 2)
      await append(queued(newId()))
      await expect(
        database.bulkTransaction(async (tx) => {
          await appendEvents(tx, bus, workspaceId, [queued(newId())])
          throw new Error('rolled back')
        }),
      ).rejects.toThrow('rolled back')
      await append(queued(newId()))
      expect(await seen).toEqual([1n, 2n])
    })
  })
})

/** Waits until a session of this database waits for a lock. */
async function waitForBlockedWriter(database: Database): Promise<void> {
  for (;;) {
    const rows = await database.sql.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    if (rows.length > 0) return
  }
}
