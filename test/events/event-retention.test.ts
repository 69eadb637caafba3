import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { appendEvents, createEventRetention, readEvents, readLogBounds } from '../../src/events/event-log.ts'
import { newId } from '../../src/kit/ids.ts'
import { openTestDatabase, type TestDatabase } from '../support/databases.ts'

describe('Old events', () => {
  let base: TestDatabase
  beforeAll(async () => {
    base = await openTestDatabase('embedded')
  })
  afterAll(() => base?.close())

  it('are removed by themselves while the program runs, in every workspace, and the log stores how far', async () => {
    const { database } = base
    const { sql } = database
    const workspaces = [newId(), newId()]
    const bus = createLocalWakeBus()
    for (const workspaceId of workspaces) {
      const events = Array.from({ length: 3 }, () => ({ type: 'CONNECTION_CREATED' as const }))
      await database.transaction((tx) => appendEvents(tx, bus, workspaceId, events))
      await sql.query(
        `UPDATE event SET occurred_at = occurred_at - interval '2 days' WHERE workspace_id = $1::uuid AND position < 3`,
        [workspaceId],
      )
    }
    const failures: unknown[] = []
    const retention = createEventRetention(database, 'P1D', (error) => failures.push(error), 10)
    retention.start()
    for (const workspaceId of workspaces) {
      await vi.waitFor(
        async () => expect(await readLogBounds(sql, workspaceId)).toEqual({ head: 3n, trimmed: 2n }),
        20_000,
      )
      expect((await readEvents(sql, workspaceId, 0n, {}, 10)).map(({ position }) => position)).toEqual([3n])
    }
    await retention.stop()
    expect(failures).toEqual([])
  })
})
