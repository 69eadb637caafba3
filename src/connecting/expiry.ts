import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { markConnectionsDeleted } from '../deletion/mark-deleted.ts'
import { givePendingBack } from '../deletion/revocations.ts'
import type { Logger } from '../kit/log.ts'
import type { Vault } from '../vault/vault.ts'

interface ConnectingExpiryDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  logger: Logger
  /** How often to look. Default: 5,000. */
  everyMs?: number
}

export interface ConnectingExpiry {
  start(): void
  /** Finishes the transaction that it is at. */
  stop(): Promise<void>
}

/** Rows of one transaction. */
const AT_ONCE = 50
/** What expired longer ago was seen by an earlier look; only the first one, and one an hour, goes further back. */
const LOOK_BACK = '15 minutes'
const LOOK_FAR_BACK = '10 years'
const LOOK_FAR_BACK_EVERY_MS = 60 * 60 * 1000
const KEPT_FOR = '1 day'

/**
 * Ends what nobody finished: a credential that was not confirmed in time goes back to its provider, a connection that came
 * to nothing is deleted, and sessions and flows are erased a day after they are over. A connection that was being connected
 * again keeps the credential that it has; what was not confirmed beside it is erased and not revoked. Any number of these may run at once.
 */
export function createConnectingExpiry(deps: ConnectingExpiryDeps): ConnectingExpiry {
  const { database, logger } = deps
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined
  let stopping = false
  let lookedFarBackAt = Number.NEGATIVE_INFINITY

  async function work(): Promise<void> {
    const far = performance.now() - lookedFarBackAt >= LOOK_FAR_BACK_EVERY_MS
    await untilFewer((tx) => expirePending(tx, deps))
    await untilFewer((tx) => deleteUnfinished(tx, deps, far ? LOOK_FAR_BACK : LOOK_BACK))
    if (!far) return
    // After the look: it is by its flow that an unfinished connection is found.
    await untilFewer((tx) => eraseOld(tx, 'oauth_flow'))
    await untilFewer((tx) => eraseOld(tx, 'connect_session'))
    lookedFarBackAt = performance.now()
  }

  async function untilFewer(step: (tx: WriteTx) => Promise<number>): Promise<void> {
    while (!stopping && (await database.bulkTransaction(step)) >= AT_ONCE);
  }

  function tick(): void {
    working ??= work()
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'Unfinished connecting could not be ended. This is tried again.'),
      )
      .finally(() => {
        working = undefined
      })
  }

  return {
    start() {
      timer = setInterval(tick, deps.everyMs ?? 5_000)
      timer.unref()
      tick()
    },
    async stop() {
      stopping = true
      clearInterval(timer)
      await working
    },
  }
}

interface ConnectionAt {
  [column: string]: unknown
  id: string
  workspace_id: string
}

/** Both rows are held, or neither: whoever is confirming it at this moment wins. */
async function expirePending(tx: WriteTx, deps: ConnectingExpiryDeps): Promise<number> {
  const expired = await tx.query<ConnectionAt & { in_use: boolean }>(
    `SELECT c.id, c.workspace_id, EXISTS (SELECT 1 FROM credential s WHERE s.connection_id = c.id) AS in_use
     FROM pending_credential p JOIN connection c ON c.id = p.connection_id
     WHERE p.expires_at <= clock_timestamp() AND c.deleted_at IS NULL
     ORDER BY p.expires_at LIMIT $1::int FOR UPDATE OF p, c SKIP LOCKED`,
    [AT_ONCE],
  )
  if (expired.length === 0) return 0
  // At many providers a revocation ends all that the account has granted to the client, the credential in use included.
  const inUse = expired.filter(({ in_use }) => in_use).map(({ id }) => id)
  await tx.query('DELETE FROM pending_credential WHERE connection_id = ANY($1::uuid[])', [inUse])
  const alone = expired.filter(({ in_use }) => !in_use)
  await givePendingBack(
    tx,
    deps,
    alone.map(({ id }) => id),
  )
  await deleteThoseOver(tx, deps, alone)
  return expired.length
}

async function deleteUnfinished(tx: WriteTx, deps: ConnectingExpiryDeps, lookBack: string): Promise<number> {
  const begun = await tx.query<ConnectionAt>(
    `SELECT c.id, c.workspace_id FROM connection c
     WHERE c.id IN (SELECT f.connection_id FROM oauth_flow f
                    WHERE f.expires_at <= clock_timestamp() AND f.expires_at > clock_timestamp() - $2::interval)
       AND ${IS_OVER}
     ORDER BY c.id LIMIT $1::int FOR UPDATE OF c SKIP LOCKED`,
    [AT_ONCE, lookBack],
  )
  await deleteThoseOver(tx, deps, begun)
  return begun.length
}

/** Of a connection `c`: it never had a credential, none waits to be confirmed, and nobody is fetching one. */
const IS_OVER = `c.status = 'PENDING' AND c.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM credential s WHERE s.connection_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM pending_credential p WHERE p.connection_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM oauth_flow f WHERE f.connection_id = c.id AND f.expires_at > clock_timestamp())`

/** The connections are locked. A statement of its own: it sees what others had committed when the lock was given. */
async function deleteThoseOver(tx: WriteTx, deps: ConnectingExpiryDeps, held: readonly ConnectionAt[]): Promise<void> {
  const over = await tx.query<ConnectionAt>(
    `SELECT c.id, c.workspace_id FROM connection c WHERE c.id = ANY($1::uuid[]) AND ${IS_OVER} ORDER BY c.workspace_id, c.id`,
    [held.map(({ id }) => id)],
  )
  // Events come last in a transaction: one workspace's log after the other, always in the same order.
  for (const { id, workspace_id: workspaceId } of over) {
    await markConnectionsDeleted(tx, deps, workspaceId, { column: 'id', value: id })
  }
}

async function eraseOld(tx: WriteTx, table: 'oauth_flow' | 'connect_session'): Promise<number> {
  const rows = await tx.query(
    `DELETE FROM ${table} WHERE id IN (
       SELECT id FROM ${table} WHERE expires_at < clock_timestamp() - interval '${KEPT_FOR}' ORDER BY expires_at LIMIT $1::int
       FOR UPDATE SKIP LOCKED)
     RETURNING 1 AS one`,
    [AT_ONCE],
  )
  return rows.length
}
