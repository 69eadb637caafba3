import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { appendEvents } from '../../src/events/event-log.ts'
import { createEventPages, PAGE_EVENTS } from '../../src/events/event-pages.ts'
import type { NewEvent } from '../../src/events/event-types.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('createEventPages', (open) => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await open()
  })
  afterAll(() => test.close())

  it('dropUpTo: drops the pages that end at the position, and no later one', async () => {
    const { database } = test
    const workspaceId = newId()
    const events = Array.from(
      { length: 2 * PAGE_EVENTS },
      (): NewEvent => ({ type: 'SYNC_QUEUED', syncJobId: newId() }),
    )
    await database.bulkTransaction((tx) => appendEvents(tx, createLocalWakeBus(), workspaceId, events))
    let reads = 0
    const pages = createEventPages({
      query: (text, values) => {
        reads += 1
        return database.sql.query(text, values)
      },
    })
    const end = BigInt(PAGE_EVENTS)
    const readBoth = async () => {
      const both = [await pages.after(workspaceId, 0n), await pages.after(workspaceId, end)]
      expect(both.flat().map(({ position }) => Number(position))).toEqual(events.map((_, index) => index + 1))
    }
    await readBoth()
    await readBoth()
    expect(reads).toBe(2)
    pages.dropUpTo(workspaceId, end)
    await readBoth()
    expect(reads).toBe(3)
    pages.dropUpTo(workspaceId, end - 1n)
    await readBoth()
    expect(reads).toBe(3)
  })
})
