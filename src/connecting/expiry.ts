import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { Row, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { markConnectionsDeleted } from '../deletion/mark-deleted.ts'
import { queuePendingRevocations } from '../deletion/revocations.ts'
import type { Logger } from '../kit/log.ts'
import { createLoop, type Loop } from '../kit/loop.ts'
import type { Vault } from '../vault/vault.ts'

interface ConnectingExpiryDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  logger: Logger
  /** Time between two runs, in milliseconds. Default: 5,000. */
  everyMs?: number
}

/** Rows per transaction. */
const BATCH_SIZE = 50
/** Each run looks at flows that expired this recently. The first run and one run per hour look at all of them. */
const RECENT = '15 minutes'
const ALL = '10 years'
const FULL_RUN_EVERY_MS = 60 * 60 * 1000
const KEEP_FOR = '1 day'

/**
 * Cleans up attempts to connect that nobody finished. A credential that was not confirmed in time is revoked at its provider,
 * a connection that never got a credential is deleted, and sessions (also tool sessions) and flows are deleted a day after they
 * expired. A connection that was being reconnected keeps its credential; the unconfirmed one is deleted without being revoked.
 * Any number of processes may run this.
 */
export function createConnectingExpiry(deps: ConnectingExpiryDeps): Loop {
  const { database, logger, everyMs = 5_000 } = deps
  let lastFullRunAt = Number.NEGATIVE_INFINITY

  return createLoop({
    everyMs,
    maxBackoffMs: everyMs,
    onError: (error) =>
      logger.warn({ err: error }, 'Unfinished connections could not be cleaned up. The next run tries again.'),
    async work(signal) {
      const inBatches = async (step: (tx: WriteTx) => Promise<number>): Promise<void> => {
        while (!signal.aborted && (await database.bulkTransaction(step)) >= BATCH_SIZE);
      }
      const full = performance.now() - lastFullRunAt >= FULL_RUN_EVERY_MS
      await inBatches((tx) => expirePending(tx, deps))
      await inBatches((tx) => deleteUnfinished(tx, deps, full ? ALL : RECENT))
      if (!full) return
      // Flows are deleted last, because unfinished connections are found by their flows.
      await inBatches((tx) => deleteExpired(tx, 'oauth_flow'))
      await inBatches((tx) => deleteExpired(tx, 'connect_session'))
      await inBatches((tx) => deleteExpired(tx, 'tool_session'))
      lastFullRunAt = performance.now()
    },
  })
}

interface ConnectionRow extends Row {
  id: string
  workspace_id: string
}

/** Locks both rows or neither, so that a concurrent confirmation wins. @returns how many credentials expired */
async function expirePending(tx: WriteTx, deps: ConnectingExpiryDeps): Promise<number> {
  const expired = await tx.query<ConnectionRow & { in_use: boolean }>(
    `SELECT c.id, c.workspace_id, EXISTS (SELECT 1 FROM credential s WHERE s.connection_id = c.id) AS in_use
     FROM pending_credential p JOIN connection c ON c.id = p.connection_id
     WHERE p.expires_at <= clock_timestamp() AND c.deleted_at IS NULL
     ORDER BY p.expires_at LIMIT $1::int FOR UPDATE OF p, c SKIP LOCKED`,
    [BATCH_SIZE],
  )
  if (expired.length === 0) return 0
  // At many providers a revocation ends the whole grant, including the credential that is in use.
  const inUse = expired.filter(({ in_use }) => in_use).map(({ id }) => id)
  await tx.query('DELETE FROM pending_credential WHERE connection_id = ANY($1::uuid[])', [inUse])
  const unused = expired.filter(({ in_use }) => !in_use)
  await queuePendingRevocations(
    tx,
    deps,
    unused.map(({ id }) => id),
  )
  await deleteIfUnfinished(tx, deps, unused)
  return expired.length
}

async function deleteUnfinished(tx: WriteTx, deps: ConnectingExpiryDeps, lookBack: string): Promise<number> {
  const found = await tx.query<ConnectionRow>(
    `SELECT c.id, c.workspace_id FROM connection c
     WHERE c.id IN (SELECT f.connection_id FROM oauth_flow f
                    WHERE f.expires_at <= clock_timestamp() AND f.expires_at > clock_timestamp() - $2::interval)
       AND ${UNFINISHED}
     ORDER BY c.id LIMIT $1::int FOR UPDATE OF c SKIP LOCKED`,
    [BATCH_SIZE, lookBack],
  )
  await deleteIfUnfinished(tx, deps, found)
  return found.length
}

/** Condition on a connection `c`: it has no credential, neither stored nor unconfirmed, and no flow that can still bring one. */
const UNFINISHED = `c.status = 'PENDING' AND c.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM credential s WHERE s.connection_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM pending_credential p WHERE p.connection_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM oauth_flow f WHERE f.connection_id = c.id AND f.expires_at > clock_timestamp())`

/** The connections are locked. Another statement checks them again, because it sees what was committed before the lock. */
async function deleteIfUnfinished(
  tx: WriteTx,
  deps: ConnectingExpiryDeps,
  held: readonly ConnectionRow[],
): Promise<void> {
  const unfinished = await tx.query<ConnectionRow>(
    `SELECT c.id, c.workspace_id FROM connection c WHERE c.id = ANY($1::uuid[]) AND ${UNFINISHED} ORDER BY c.workspace_id, c.id`,
    [held.map(({ id }) => id)],
  )
  // Event logs are locked in the order of the workspace ids, so that concurrent runs cannot deadlock.
  for (const { id, workspace_id: workspaceId } of unfinished) {
    await markConnectionsDeleted(tx, deps, workspaceId, { column: 'id', value: id })
  }
}

async function deleteExpired(tx: WriteTx, table: 'oauth_flow' | 'connect_session' | 'tool_session'): Promise<number> {
  const rows = await tx.query(
    `DELETE FROM ${table} WHERE id IN (
       SELECT id FROM ${table} WHERE expires_at < clock_timestamp() - interval '${KEEP_FOR}' ORDER BY expires_at LIMIT $1::int
       FOR UPDATE SKIP LOCKED)
     RETURNING 1 AS one`,
    [BATCH_SIZE],
  )
  return rows.length
}
