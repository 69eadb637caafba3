import { PgBoss } from 'pg-boss'
import type { Database } from './database.ts'
import { runInScope, TENANT_ROLE } from './scope.ts'
import type { WriteTx } from './sql.ts'

/** The queues, each with the shape of what its jobs carry: ids only, never a secret. */
interface QueuePayloads {
  sync: { syncJobId: string }
  /** What is marked as deleted in this workspace is to be removed. */
  deletion: { workspaceId: string }
}
type QueueName = keyof QueuePayloads

const QUEUE_NAMES: readonly QueueName[] = ['sync', 'deletion']

interface QueuedJob<N extends QueueName> {
  id: string
  data: QueuePayloads[N]
}

export interface Queue {
  /** Creates what is missing in the database. Before it, nothing may be enqueued. */
  start(): Promise<void>
  /** Enqueues in the caller's transaction: the job is there if and only if the transaction commits. */
  enqueue<N extends QueueName>(tx: WriteTx, name: N, data: QueuePayloads[N]): Promise<void>
  /** Takes up to `limit` jobs. One that is not completed within its lease is given out again. */
  fetch<N extends QueueName>(name: N, limit: number): Promise<QueuedJob<N>[]>
  complete(name: QueueName, ids: readonly string[]): Promise<void>
  /** Calls `listener` after a job of this queue was enqueued by this process. Others are found by polling. */
  onEnqueued(name: QueueName, listener: () => void): () => void
  /** @throws when the queue cannot be reached or is not set up */
  check(): Promise<void>
  stop(): Promise<void>
}

/**
 * The queue that carries "there is work" from the transaction that creates it to a worker: pg-boss in the same database.
 * Correctness does not rest on it: the worker claims the row that the job names, and a claim is fenced there.
 */
export function createQueue(database: Database, onError: (error: Error) => void): Queue {
  const boss = new PgBoss({
    ...database.boss,
    schema: 'queue',
    supervise: true,
    monitorIntervalSeconds: 5,
    superviseIntervalSeconds: 5,
    schedule: false,
    reindex: false,
  })
  boss.on('error', onError)
  const listeners = new Map<QueueName, Set<() => void>>()
  return {
    async start() {
      await boss.start()
      for (const name of QUEUE_NAMES) {
        await boss.createQueue(name, { retryLimit: 10, retryDelay: 1, expireInSeconds: 60, deleteAfterSeconds: 3_600 })
      }
      await letTenantsEnqueue(database)
    },
    async enqueue(tx, name, data) {
      // The `db` option is what puts the job into the caller's transaction; without it, it would commit on its own.
      const db = { executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query(text, values) }) }
      const id = await boss.send(name, data, { db })
      if (id === null) throw new Error(`The queue ${name} did not take a job.`)
      tx.afterCommit(() => {
        // Workers serve everybody: they must not see with the eyes of whoever woke them.
        runInScope(null, () => {
          for (const listener of listeners.get(name) ?? []) listener()
        })
      })
    },
    async fetch<N extends QueueName>(name: N, limit: number) {
      const jobs = await boss.fetch<QueuePayloads[N]>(name, { batchSize: limit })
      return jobs.map(({ id, data }) => ({ id, data }))
    },
    async complete(name, ids) {
      if (ids.length > 0) await boss.complete(name, [...ids])
    },
    onEnqueued(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
    async check() {
      if (!(await boss.isInstalled())) throw new Error('The queue is not set up.')
    },
    stop: () => boss.stop({ graceful: true, timeout: 5_000 }),
  }
}

/** Any fixed number will do, as long as nothing else in the database takes it. */
const GRANT_LOCK = 7_214_550_118n

/**
 * Enqueuing happens in the transactions of tenants. They may add jobs, and see of them no more than the id that they get;
 * the statement reads the settings of the queue.
 */
async function letTenantsEnqueue(database: Database): Promise<void> {
  await database.bulkTransaction(async (tx) => {
    // Two processes that start at once must not both write the rights of one table.
    await tx.query('SELECT pg_advisory_xact_lock($1)::text', [GRANT_LOCK])
    const [state] = await tx.query<{ granted: boolean }>(
      `SELECT has_table_privilege($1, 'queue.queue', 'SELECT') AND has_table_privilege($1, 'queue.job_common', 'INSERT') AS granted`,
      [TENANT_ROLE],
    )
    if (state?.granted === true) return
    await tx.query(`GRANT USAGE ON SCHEMA queue TO ${TENANT_ROLE}`)
    await tx.query(`GRANT SELECT ON queue.queue TO ${TENANT_ROLE}`)
    await tx.query(`GRANT INSERT, SELECT (id) ON queue.job_common TO ${TENANT_ROLE}`)
  })
}
