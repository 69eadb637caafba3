import {
  openRegisteredClients,
  queueClientDeletions,
  type RegisteredClient,
} from '../connections/registered-clients.ts'
import type { Database } from '../db/database.ts'
import { type Integration, type IntegrationSecret, Prisma } from '../db/generated/client.ts'
import type { Queue } from '../db/queue.ts'
import type { SqlRunner, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Logger } from '../kit/log.ts'
import { createLoop } from '../kit/loop.ts'
import type { Vault } from '../vault/vault.ts'
import { eraseEventsOfConnections, eraseWebhooksOfDeletedUsers } from './erase-events.ts'
import { enqueueDeletion } from './mark-deleted.ts'
import { queueRevocations, REFRESH_RUNNING } from './revocations.ts'

interface DeletionWorkerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  logger: Logger
  /** For tests. Default: `DEFAULT_TIMES`. */
  times?: Partial<DeletionTimes>
}

/** All in milliseconds. */
interface DeletionTimes {
  /** How often the queue is polled without a wake-up. */
  poll: number
  /** How often the database is searched for marked rows without a queued job. */
  sweep: number
  /** How long one queued job runs before others get their turn. Must be shorter than its lease in the queue. */
  slice: number
}

const DEFAULT_TIMES: DeletionTimes = { poll: 2_000, sweep: 60_000, slice: 20_000 }

export interface DeletionWorker {
  start(): void
  /** Finishes the current batch and leaves the rest to the next worker. */
  stop(): Promise<void>
}

/**
 * Deletes rows that are marked as deleted, in the background. Queued jobs only say in which workspace to look. The marks are
 * stored in the rows, so nothing is lost when a worker is killed.
 */
export function createDeletionWorker(deps: DeletionWorkerDeps): DeletionWorker {
  const { database, queue, bus, logger } = deps
  const times = { ...DEFAULT_TIMES, ...deps.times }
  let subscriptions: (() => void)[] = []
  let sweptAt = Number.NEGATIVE_INFINITY

  const loop = createLoop({
    everyMs: times.poll,
    maxBackoffMs: times.poll,
    onError(error) {
      // The failed job stays leased in the queue, so the next run finds its workspace by a sweep.
      sweptAt = Number.NEGATIVE_INFINITY
      logger.warn({ err: error }, 'Deleted rows could not be removed. The next run tries again.')
    },
    async work(signal) {
      if ((await runQueued(signal)) > 0) return true
      await sweep(signal)
      return false
    },
  })

  /** @returns how many jobs there were */
  async function runQueued(signal: AbortSignal): Promise<number> {
    const jobs = await queue.fetch('deletion', 10)
    const workspaceIds = new Set(jobs.map(({ data }) => data.workspaceId))
    for (const workspaceId of workspaceIds) {
      const state = await purge(workspaceId, signal)
      if (state === 'more') await database.bulkTransaction((tx) => enqueueDeletion(tx, { queue, bus }, workspaceId))
      await queue.complete(
        'deletion',
        jobs.filter(({ data }) => data.workspaceId === workspaceId).map(({ id }) => id),
      )
    }
    return jobs.length
  }

  async function sweep(signal: AbortSignal): Promise<void> {
    if (performance.now() - sweptAt < times.sweep) return
    sweptAt = performance.now()
    for (const workspaceId of await findMarkedWorkspaces(database.sql)) {
      if ((await purge(workspaceId, signal)) === 'more') sweptAt = Number.NEGATIVE_INFINITY
    }
  }

  async function purge(workspaceId: string, signal: AbortSignal): Promise<PurgeState> {
    const until = performance.now() + times.slice
    let state: PurgeState
    do state = await purgeSome(deps, workspaceId)
    while (state === 'more' && !signal.aborted && performance.now() < until)
    // A refresh takes seconds, so the next sweep comes with the next poll.
    if (state === 'later') sweptAt = Math.min(sweptAt, performance.now() - times.sweep + times.poll)
    return state
  }

  return {
    start() {
      if (subscriptions.length > 0) return
      subscriptions = [
        queue.onEnqueued('deletion', loop.wake),
        bus.subscribe('queue', (name) => name === 'deletion' && loop.wake()),
      ]
      loop.start()
    },
    async stop() {
      await loop.stop()
      for (const unsubscribe of subscriptions) unsubscribe()
    },
  }
}

/** `more`: call again at once. `later`: the rest has to wait for a running refresh. */
type PurgeState = 'more' | 'later' | 'done'

interface PurgeDeps {
  database: Database
  vault: Vault
  logger: Logger
}

/** Rows per transaction, which keeps lock times short. */
const CONNECTIONS_BATCH = 50
const ROWS_BATCH = 2_000

/**
 * Deletes one batch of a workspace's marked rows, or of the whole workspace when it is marked. Several calls may run at once;
 * each skips what another has locked. Integrations and workspaces are kept until their revocations have been sent.
 */
export async function purgeSome(deps: PurgeDeps, workspaceId: string): Promise<PurgeState> {
  const { database } = deps
  const [workspace] = await database.sql.query<{ id: string; whole: boolean }>(
    'SELECT id, deleted_at IS NOT NULL AS whole FROM workspace WHERE id = $1::uuid',
    [workspaceId],
  )
  if (workspace === undefined) return 'done'
  const connectionIds = await markedConnections(database.sql, workspaceId, workspace.whole)
  if (connectionIds.length > 0) {
    await database.bulkTransaction((tx) => queueRevocations(tx, deps, connectionIds))
    await database.bulkTransaction((tx) => purgeConnections(tx, workspace, connectionIds))
    return 'more'
  }
  if (await hasMarkedConnections(database.sql, workspaceId, workspace.whole)) return 'later'
  if (workspace.whole) {
    await queueClients(deps, workspaceId, 'true')
    return (await database.bulkTransaction((tx) => purgeWorkspace(tx, workspaceId))) ? 'more' : 'done'
  }
  await queueClients(deps, workspaceId, 'i.deleted_at IS NOT NULL')
  await purgeIntegrations(database.sql, workspaceId)
  const isErased = !(await database.bulkTransaction((tx) => eraseWebhooksOfDeletedUsers(tx, workspaceId, ROWS_BATCH)))
  return isErased ? 'done' : 'more'
}

/** Ids of workspaces that have marked rows or are marked. */
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

/** Ids of marked connections whose credential is not being refreshed. */
async function markedConnections(sql: SqlRunner, workspaceId: string, whole: boolean): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT c.id FROM connection c LEFT JOIN credential s ON s.connection_id = c.id
     WHERE c.workspace_id = $1::uuid ${whole ? '' : 'AND c.deleted_at IS NOT NULL'} AND NOT coalesce(${REFRESH_RUNNING}, false)
     ORDER BY c.id LIMIT $2::int`,
    [workspaceId, CONNECTIONS_BATCH],
  )
  return rows.map((row) => row.id)
}

/**
 * Deletes sync jobs and records in batches, erases personal data from the events, then deletes the connections, which cascade to the
 * rest. Records have no foreign key to the connection. They are deleted after the sync jobs: a worker can write records and events only
 * while its job exists, so none can appear once the jobs are gone. The events of a whole workspace are deleted later.
 */
async function purgeConnections(
  tx: WriteTx,
  workspace: { id: string; whole: boolean },
  connectionIds: readonly string[],
): Promise<void> {
  // A refresh locks the credential before the connection. The order here must be the same.
  await tx.query(
    'SELECT 1 AS held FROM credential WHERE connection_id = ANY($1::uuid[]) ORDER BY connection_id FOR UPDATE',
    [connectionIds],
  )
  const locked = await tx.query<{ id: string }>(
    'SELECT id FROM connection WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED',
    [connectionIds],
  )
  if (locked.length === 0) {
    // Others hold all of them, perhaps not to delete them. Wait, so that the next call finds them.
    await tx.query('SELECT 1 AS held FROM connection WHERE id = $1::uuid FOR UPDATE', [connectionIds[0]])
    return
  }
  const ids = locked.map((row) => row.id)
  for (const [table, key] of [
    ['sync_job', 'id'],
    ['record', 'id'],
    ['met_records', 'ctid'],
    ['known_page', 'ctid'],
  ]) {
    const [gone] = await tx.query<{ count: number }>(
      `WITH gone AS (
         DELETE FROM ${table} WHERE ${key} = ANY (ARRAY (
           SELECT ${key} FROM ${table} WHERE connection_id = ANY($1::uuid[]) LIMIT $2::int))
         RETURNING 1
       ) SELECT count(*)::int AS count FROM gone`,
      [ids, ROWS_BATCH],
    )
    if (gone?.count === ROWS_BATCH) return
  }
  if (!workspace.whole && (await eraseEventsOfConnections(tx, workspace.id, ids, ROWS_BATCH))) return
  // A connection whose refresh started meanwhile still has a credential, which must be revoked first.
  await tx.query(
    `DELETE FROM connection c WHERE id = ANY($1::uuid[])
       AND NOT EXISTS (SELECT 1 FROM credential s WHERE s.connection_id = c.id)
       AND NOT EXISTS (SELECT 1 FROM pending_credential p WHERE p.connection_id = c.id)`,
    [ids],
  )
}

/**
 * Queues the deletion of the registered OAuth clients of integrations that are to be deleted, when everything that is revoked with them
 * has been revoked: the tokens of a client end with it, and are not revoked without it.
 * @param which condition on the integration `i`
 */
async function queueClients({ database, vault, logger }: PurgeDeps, workspaceId: string, which: string): Promise<void> {
  await database.transaction(async (tx) => {
    const ids = await tx.query<{ id: string }>(
      `SELECT i.id FROM integration i WHERE i.workspace_id = $1::uuid AND i.oauth_registration IS NOT NULL AND ${which}
         AND NOT EXISTS (SELECT 1 FROM connection c WHERE c.integration_id = i.id)
         AND NOT EXISTS (SELECT 1 FROM revocation r WHERE r.integration_id = i.id)
       ORDER BY i.id LIMIT $2::int FOR UPDATE OF i SKIP LOCKED`,
      [workspaceId, ROWS_BATCH],
    )
    const where = { id: { in: ids.map(({ id }) => id) } }
    for (const { secret, ...integration } of await tx.prisma.integration.findMany({ where, include: { secret: true } }))
      await queueClientDeletions(tx, vault, integration, clientsOrNone({ vault, logger }, integration, secret))
    await tx.prisma.integration.updateMany({ where, data: { oauthRegistration: Prisma.DbNull } })
  })
}

/** None when they cannot be decrypted. A missing key must not block the deletion of the row. */
function clientsOrNone(
  { vault, logger }: Pick<PurgeDeps, 'vault' | 'logger'>,
  integration: Integration,
  secret: IntegrationSecret | null,
): RegisteredClient[] {
  try {
    return openRegisteredClients(vault, integration, secret)
  } catch (err) {
    const { workspaceId, id: integrationId } = integration
    logger.warn(
      { err, workspaceId, integrationId },
      'The OAuth clients of a deleted integration cannot be read, so they are not deleted at their provider.',
    )
    return []
  }
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
 * Deletes the rest of a workspace whose connections are gone.
 * @returns whether there may be more to delete
 */
async function purgeWorkspace(tx: WriteTx, workspaceId: string): Promise<boolean> {
  // The last revocation of the workspace enqueues the deletion again.
  const [waits] = await tx.query('SELECT 1 AS one FROM revocation WHERE workspace_id = $1::uuid LIMIT 1', [workspaceId])
  if (waits !== undefined) return false
  const [sent] = await tx.query<{ count: number }>(
    `WITH gone AS (
       DELETE FROM webhook_delivery WHERE id = ANY (ARRAY (
         SELECT d.id FROM webhook_endpoint e JOIN webhook_delivery d ON d.endpoint_id = e.id
         WHERE e.workspace_id = $1::uuid LIMIT $2::int))
       RETURNING 1
     ) SELECT count(*)::int AS count FROM gone`,
    [workspaceId, ROWS_BATCH],
  )
  if (sent?.count === ROWS_BATCH) return true
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
      [workspaceId, ROWS_BATCH],
    )
    if (gone?.count === ROWS_BATCH) return true
  }
  await tx.query('DELETE FROM event_log WHERE workspace_id = $1::uuid', [workspaceId])
  await tx.query('DELETE FROM workspace WHERE id = $1::uuid', [workspaceId])
  return false
}
