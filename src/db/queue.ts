import { PgBoss } from 'pg-boss'
import { withoutSpans } from '../kit/tracing.ts'
import type { Database } from './database.ts'
import { runInScope, TENANT_ROLE } from './scope.ts'
import type { WriteTx } from './sql.ts'

/** The payload of the jobs of each queue: ids only, never a secret. */
interface QueuePayloads {
  sync: { syncJobId: string }
  /** Purges the soft-deleted rows of the workspace. */
  deletion: { workspaceId: string }
}
type QueueName = keyof QueuePayloads

const QUEUE_NAMES: readonly QueueName[] = ['sync', 'deletion']

interface QueuedJob<N extends QueueName> {
  id: string
  data: QueuePayloads[N]
}

export interface Queue {
  /** Creates the queues where they are missing. Must be called before a job is enqueued. */
  start(): Promise<void>
  /** Enqueues in the caller's transaction: the job exists only if the transaction commits. */
  enqueue<N extends QueueName>(tx: WriteTx, name: N, data: QueuePayloads[N]): Promise<void>
  /** Takes up to `limit` jobs. A job that is not completed within a minute is handed out again. */
  fetch<N extends QueueName>(name: N, limit: number): Promise<QueuedJob<N>[]>
  complete(name: QueueName, ids: readonly string[]): Promise<void>
  /**
   * Calls `listener` after this process has enqueued a job. Jobs of other processes are found by polling.
   * @returns a function that ends the subscription
   */
  onEnqueued(name: QueueName, listener: () => void): () => void
  /** @throws when the queue cannot be reached or is not set up */
  check(): Promise<void>
  stop(): Promise<void>
}

/**
 * The job queue: pg-boss in the same database. Correctness does not depend on it: a worker claims the row that a job names,
 * and the row itself prevents a second claim.
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
    // An entry is only a wake-up. The spans of a worker link to the one that created the job, whose row remembers it.
    openTelemetry: { enabled: false },
  })
  boss.on('error', onError)
  const listeners = new Map<QueueName, Set<() => void>>()
  return {
    async start() {
      // What pg-boss repeats by its timers inherits this.
      await withoutSpans(() => boss.start())
      for (const name of QUEUE_NAMES) {
        await boss.createQueue(name, { retryLimit: 10, retryDelay: 1, expireInSeconds: 60, deleteAfterSeconds: 3_600 })
      }
      await letTenantsEnqueue(database)
    },
    async enqueue(tx, name, data) {
      // The `db` option is what puts the job into the caller's transaction; without it, it would commit on its own.
      const db = { executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query(text, values) }) }
      const id = await boss.send(name, data, { db })
      if (id === null) throw new Error(`The queue ${name} rejected a job.`)
      tx.afterCommit(() => {
        // Workers serve all tenants: they must not run in the scope of the caller.
        runInScope(null, () => {
          for (const listener of listeners.get(name) ?? []) listener()
        })
      })
    },
    async fetch<N extends QueueName>(name: N, limit: number) {
      const jobs = await withoutSpans(() => boss.fetch<QueuePayloads[N]>(name, { batchSize: limit }))
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
      if (!(await boss.isInstalled())) throw new Error('The queue is not set up in the database.')
    },
    stop: () => boss.stop({ graceful: true, timeout: 5_000 }),
  }
}

/** Key of the advisory lock. Nothing else in the database may use it. */
const GRANT_LOCK = 7_214_550_118n

/**
 * Grants tenants the right to enqueue, which happens in their transactions. They can add jobs and read the ids; the statement
 * of pg-boss also reads the settings of the queue.
 */
async function letTenantsEnqueue(database: Database): Promise<void> {
  await database.bulkTransaction(async (tx) => {
    // Concurrent GRANTs on one table fail: processes that start at once take turns.
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
