import { expect, it } from 'vitest'
import { createQueue } from '../../src/db/queue.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases } from '../support/databases.ts'

const BATCH = 500

describeDatabases('The queue', (open, kind) => {
  const JOBS = kind === 'embedded' ? 1_000 : 3_000

  it(`returns a backlog of ${JOBS} jobs in ${JOBS / BATCH} fetches, each job once (F19)`, async () => {
    const { database, close } = await open()
    const errors: Error[] = []
    const queue = createQueue(database, (error) => errors.push(error))
    try {
      await queue.start()
      const ids = Array.from({ length: JOBS }, newId)
      await database.bulkTransaction(async (tx) => {
        for (const syncJobId of ids) await queue.enqueue(tx, 'sync', { syncJobId })
      })
      const fetched: string[] = []
      for (let fetches = 1; fetches <= JOBS / BATCH; fetches += 1) {
        const jobs = await queue.fetch('sync', BATCH)
        expect(jobs).toHaveLength(BATCH)
        fetched.push(...jobs.map(({ data }) => data.syncJobId))
        await queue.complete(
          'sync',
          jobs.map(({ id }) => id),
        )
      }
      expect(await queue.fetch('sync', BATCH)).toEqual([])
      expect(fetched.sort()).toEqual(ids.sort())
      expect(errors).toEqual([])
    } finally {
      await queue.stop()
      await close()
    }
  })
})
