/**
 * `npm run bench -- queue`: jobs per second that are fetched from the queue, compared with a bare loop that takes rows from
 * a table by `DELETE … FOR UPDATE SKIP LOCKED`, in batches of the same size over the same pool. Rounds alternate in one run.
 * DATABASE_URL: a server on which a database may be created.
 */
import { openDatabase } from '../src/db/open-database.ts'
import { createQueue } from '../src/db/queue.ts'
import { newId } from '../src/kit/ids.ts'
import { print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const JOBS = 10_000
const BATCH = 500

// A gateway does not fetch from the queue.
const latchkey = await startUnderLoad('latchkey_bench_queue', { LATCHKEY_ROLE: 'gateway' })
const database = await openDatabase({ url: latchkey.url }, { onError: (error) => print(error.message) })
const queue = createQueue(database, (error) => print(error.message))

/** Jobs per second. @param take takes a batch and returns its size */
async function rateOf(take: () => Promise<number>): Promise<number> {
  const begun = performance.now()
  let taken = 0
  for (let count = await take(); count > 0; count = await take()) taken += count
  if (taken !== JOBS) throw new Error(`Took ${taken} jobs instead of ${JOBS}.`)
  return (taken * 1000) / (performance.now() - begun)
}

async function rateOfQueue(): Promise<number> {
  await database.bulkTransaction(async (tx) => {
    for (let each = 0; each < JOBS; each += 1) await queue.enqueue(tx, 'sync', { syncJobId: newId() })
  })
  return rateOf(async () => {
    const jobs = await queue.fetch('sync', BATCH)
    await queue.complete(
      'sync',
      jobs.map(({ id }) => id),
    )
    return jobs.length
  })
}

async function rateOfTable(): Promise<number> {
  await latchkey.client.query('INSERT INTO bare_job SELECT gen_random_uuid() FROM generate_series(1, $1::int)', [JOBS])
  return rateOf(async () => {
    const rows = await database.sql.query(
      'DELETE FROM bare_job WHERE id IN (SELECT id FROM bare_job LIMIT $1::int FOR UPDATE SKIP LOCKED) RETURNING id',
      [BATCH],
    )
    return rows.length
  })
}

try {
  await latchkey.client.query('CREATE TABLE bare_job (id uuid PRIMARY KEY)')
  await queue.start()
  const [ours, bare]: [number[], number[]] = [[], []]
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [mine, other] = [await rateOfQueue(), await rateOfTable()]
    if (round > 0) {
      ours.push(mine)
      bare.push(other)
    }
  }
  report({ name: 'wake-ups taken', unit: 'jobs/s', latchkey: ours, reference: 'bare table', other: bare })
} finally {
  await queue.stop()
  await database.close()
  await latchkey.close()
}
