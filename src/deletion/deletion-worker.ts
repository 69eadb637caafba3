import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { SqlRunner, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Logger } from '../kit/log.ts'
import type { Vault } from '../vault/vault.ts'
import { enqueueDeletion } from './mark-deleted.ts'
import { giveBackCredentials, RENEWAL_IS_OPEN } from './revocations.ts'

interface DeletionWorkerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  logger: Logger
  /** For tests; see DEFAULT_TIMES. */
  times?: Partial<DeletionTimes>
}

/** All in milliseconds. */
interface DeletionTimes {
  /** How often the queue is asked without a wake-up. */
  poll: number
  /** How often marked rows are looked for that the queue does not bring. */
  sweep: number
  /** How long one queued job works before it makes room: shorter than its lease in the queue. */
  slice: number
}

const DEFAULT_DELETION_TIMES: DeletionTimes = { poll: 2_000, sweep: 60_000, slice: 20_000 }

export interface DeletionWorker {
  start(): void
  /** Finishes the part that it is at; the rest is left to the next worker. */
  stop(): Promise<void>
}

/**
 * Removes, in the background, the rows that were marked as deleted. The queue only says where to look: the marks are in
 * the rows, so that a worker that is killed leaves nothing that the next one would not find.
 */
export function createDeletionWorker(deps: DeletionWorkerDeps): DeletionWorker {
  const { database, queue, bus, logger } = deps
  const times = { ...DEFAULT_DELETION_TIMES, ...deps.times }
  const endings: (() => void)[] = []
  let woken = Promise.withResolvers<void>()
  const wake = () => woken.resolve()
  let stopping = false
  let loop: Promise<void> | undefined
  let sweptAt = Number.NEGATIVE_INFINITY

  async function work(): Promise<void> {
    while (!stopping) {
      woken = Promise.withResolvers()
      try {
        if ((await takeQueued()) > 0) continue
        await sweep()
      } catch (error) {
        logger.warn({ err: error }, 'Deleted rows could not be removed. This is tried again.')
      }
      if (!stopping) await woken.promise
    }
  }

  async function takeQueued(): Promise<number> {
    const jobs = await queue.fetch('deletion', 10)
    const workspaceIds = new Set(jobs.map(({ data }) => data.workspaceId))
    for (const workspaceId of workspaceIds) {
      const state = await purge(workspaceId)
      if (state === 'more') await database.bulkTransaction((tx) => enqueueDeletion(tx, { queue, bus }, workspaceId))
      await queue.complete(
        'deletion',
        jobs.filter(({ data }) => data.workspaceId === workspaceId).map(({ id }) => id),
      )
    }
    return jobs.length
  }

  async function sweep(): Promise<void> {
    if (performance.now() - sweptAt < times.sweep) return
    sweptAt = performance.now()
    for (const workspaceId of await findMarkedWorkspaces(database.sql)) {
      if ((await purge(workspaceId)) === 'more') sweptAt = Number.NEGATIVE_INFINITY
    }
  }

  async function purge(workspaceId: string): Promise<PurgeState> {
    const until = performance.now() + times.slice
    let state: PurgeState
    do state = await purgeSome(deps, workspaceId)
    while (state === 'more' && !stopping && performance.now() < until)
    // Not after a whole sweep's time: a renewal takes seconds.
    if (state === 'later') sweptAt = Math.min(sweptAt, performance.now() - times.sweep + times.poll)
    return state
  }

  return {
    start() {
      if (loop !== undefined) return
      const timer = setInterval(wake, times.poll)
      endings.push(
        () => clearInterval(timer),
        queue.onEnqueued('deletion', wake),
        bus.subscribe('queue', (name) => name === 'deletion' && wake()),
      )
      loop = work()
    },
    async stop() {
      stopping = true
      wake()
      await loop
      for (const end of endings.splice(0)) end()
    },
  }
}

/** `more`: there may be more to do at once. `later`: a credential is just being renewed. */
type PurgeState = 'more' | 'later' | 'done'

interface PurgeDeps {
  database: Database
  vault: Vault
  logger: Logger
}

/** Rows of one transaction, so that others need not wait long for it. */
const CONNECTIONS_AT_ONCE = 50
const ROWS_AT_ONCE = 2_000

/**
 * Removes a part of what is marked as deleted in a workspace, or of the workspace itself when it is marked. May be stopped
 * between any two calls, and may run several times at once: what one has locked, another leaves alone. Integrations and
 * workspaces stay until the providers have been told of their credentials.
 */
export async function purgeSome(deps: PurgeDeps, workspaceId: string): Promise<PurgeState> {
  const { database } = deps
  const [workspace] = await database.sql.query<{ whole: boolean }>(
    'SELECT deleted_at IS NOT NULL AS whole FROM workspace WHERE id = $1::uuid',
    [workspaceId],
  )
  if (workspace === undefined) return 'done'
  const connectionIds = await markedConnections(database.sql, workspaceId, workspace.whole)
  if (connectionIds.length > 0) {
    await database.bulkTransaction((tx) => giveBackCredentials(tx, deps, connectionIds))
    await database.bulkTransaction((tx) => purgeConnections(tx, connectionIds))
    return 'more'
  }
  if (await hasMarkedConnections(database.sql, workspaceId, workspace.whole)) return 'later'
  if (workspace.whole) {
    return (await database.bulkTransaction((tx) => purgeWorkspace(tx, workspaceId))) ? 'more' : 'done'
  }
  await purgeIntegrations(database.sql, workspaceId)
  return 'done'
}

/** Workspaces in which something is left to remove. */
async function findMarkedWorkspaces(sql: SqlRunner): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM workspace WHERE deleted_at IS NOT NULL
     UNION SELECT workspace_id FROM connection WHERE deleted_at IS NOT NULL
     UNION SELECT workspace_id FROM integration WHERE deleted_at IS NOT NULL`,
  )
  return rows.map((row) => row.id)
}

async function hasMarkedConnections(sql: SqlRunner, workspaceId: string, whole: boolean): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 AS one FROM connection WHERE workspace_id = $1::uuid ${whole ? '' : 'AND deleted_at IS NOT NULL'} LIMIT 1`,
    [workspaceId],
  )
  return rows.length > 0
}

/** Those whose credential can be given back now. */
async function markedConnections(sql: SqlRunner, workspaceId: string, whole: boolean): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT c.id FROM connection c LEFT JOIN credential s ON s.connection_id = c.id
     WHERE c.workspace_id = $1::uuid ${whole ? '' : 'AND c.deleted_at IS NOT NULL'} AND NOT coalesce(${RENEWAL_IS_OPEN}, false)
     ORDER BY c.id LIMIT $2::int`,
    [workspaceId, CONNECTIONS_AT_ONCE],
  )
  return rows.map((row) => row.id)
}

/**
 * What a connection has much of goes first, in parts; the connection goes last, and the rest with it. Records have no
 * foreign key that would take them along. They go after the sync jobs, by whose rows alone a worker may write any: when
 * those are gone and no record is found, none can come.
 */
async function purgeConnections(tx: WriteTx, connectionIds: readonly string[]): Promise<void> {
  // A renewal locks the credential before the connection: so do we.
  await tx.query(
    'SELECT 1 AS held FROM credential WHERE connection_id = ANY($1::uuid[]) ORDER BY connection_id FOR UPDATE',
    [connectionIds],
  )
  const locked = await tx.query<{ id: string }>(
    'SELECT id FROM connection WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED',
    [connectionIds],
  )
  if (locked.length === 0) {
    // Somebody else is at all of them, who need not be removing them: look again when he is done.
    await tx.query('SELECT 1 AS held FROM connection WHERE id = $1::uuid FOR UPDATE', [connectionIds[0]])
    return
  }
  const ids = locked.map((row) => row.id)
  for (const table of ['sync_job', 'record']) {
    const [gone] = await tx.query<{ count: number }>(
      `WITH gone AS (
         DELETE FROM ${table} WHERE id = ANY (ARRAY (
           SELECT id FROM ${table} WHERE connection_id = ANY($1::uuid[]) LIMIT $2::int))
         RETURNING 1
       ) SELECT count(*)::int AS count FROM gone`,
      [ids, ROWS_AT_ONCE],
    )
    if (gone?.count === ROWS_AT_ONCE) return
  }
  // A credential that has come to be renewed meanwhile is given back first.
  await tx.query(
    `DELETE FROM connection c WHERE id = ANY($1::uuid[])
       AND NOT EXISTS (SELECT 1 FROM credential s WHERE s.connection_id = c.id)
       AND NOT EXISTS (SELECT 1 FROM pending_credential p WHERE p.connection_id = c.id)`,
    [ids],
  )
}

async function purgeIntegrations(sql: SqlRunner, workspaceId: string): Promise<void> {
  await sql.query(
    `DELETE FROM integration i WHERE workspace_id = $1::uuid AND deleted_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM connection c WHERE c.integration_id = i.id)
       AND NOT EXISTS (SELECT 1 FROM revocation r WHERE r.integration_id = i.id)`,
    [workspaceId],
  )
}

/**
 * What is left of a workspace when its connections are gone.
 * @returns whether there may be more to do
 */
async function purgeWorkspace(tx: WriteTx, workspaceId: string): Promise<boolean> {
  // The last of them brings us back.
  const [waits] = await tx.query('SELECT 1 AS one FROM revocation WHERE workspace_id = $1::uuid LIMIT 1', [workspaceId])
  if (waits !== undefined) return false
  for (const [table, key] of [
    ['event', 'position'],
    ['end_user', 'id'],
  ]) {
    const [gone] = await tx.query<{ count: number }>(
      `WITH gone AS (
         DELETE FROM ${table} WHERE workspace_id = $1::uuid AND ${key} = ANY (ARRAY (
           SELECT ${key} FROM ${table} WHERE workspace_id = $1::uuid ORDER BY ${key} LIMIT $2::int))
         RETURNING 1
       ) SELECT count(*)::int AS count FROM gone`,
      [workspaceId, ROWS_AT_ONCE],
    )
    if (gone?.count === ROWS_AT_ONCE) return true
  }
  await tx.query('DELETE FROM event_log WHERE workspace_id = $1::uuid', [workspaceId])
  await tx.query('DELETE FROM workspace WHERE id = $1::uuid', [workspaceId])
  return false
}
