import { z } from 'zod'
import { comparableOrigin } from '../auth/credential-addresses.ts'
import { type StoredCredential, storedSchemas } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import { clientDeletionSchema } from '../connections/registered-clients.ts'
import { type OAuthClientRow, oauthClientOf, optionOf } from '../credentials/credential-store.ts'
import { credentialBackoffMs } from '../credentials/refresh-policy.ts'
import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { Row } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Egress } from '../egress/egress.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
import { createLoop } from '../kit/loop.ts'
import { revocationIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { enqueueDeletion } from './mark-deleted.ts'
import { deleteClient, type RevocationOutcome, revocableOf, sendRevocation } from './revoke-request.ts'

interface RevocationWorkerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  egress: Egress
  logger: Logger
  /** Time between two searches for due revocations, in milliseconds. Default: 1,000. */
  everyMs?: number
  /** Timeout of one request, in milliseconds. Default: 15,000. */
  requestTimeoutMs?: number
}

export interface RevocationWorker {
  start(): void
  /** Aborts running requests. The next worker sends them again. */
  stop(): Promise<void>
}

interface RevocationRow extends OAuthClientRow, Row {
  id: string
  sealed: Uint8Array
  version: number
  input: Record<string, unknown>
  kept: Record<string, unknown>
  attempts: number
  /** See `Revocation.origin`. */
  origin: string | null
  integration_updated_at: Date
  provider: string | null
  definition: unknown
  /** Whether this is the last attempt. */
  last: boolean
  now: Date
}

const FAILED = 'Revocations could not be sent. They are tried again.'
const NOT_REVOKED =
  'A deleted credential could not be revoked, or an OAuth client could not be deleted, at its provider.'
const MAX_RUNNING = 20
/** Limit per integration, so that a provider that is unavailable does not delay others. */
const MAX_PER_INTEGRATION = 5
const TRY_FOR = '24 hours'
const MAX_WAIT_MS = 24 * 60 * 60 * 1000
const storedSchema = z.union(Object.values(storedSchemas))

/**
 * Revokes credentials that are no longer used, and deletes registered OAuth clients, at their providers. Any number of workers may run: a worker claims a row by
 * moving its next attempt into the future, so the row becomes due again if the worker dies. Sending a revocation twice is
 * safe: RFC 7009 section 2.2 treats an unknown token as revoked, and a client that is gone counts as deleted.
 */
export function createRevocationWorker(deps: RevocationWorkerDeps): RevocationWorker {
  const { database, logger, everyMs = 1_000, requestTimeoutMs = 15_000 } = deps
  const abort = new AbortController()
  const limiter = createLimiter(MAX_PER_INTEGRATION)
  const loop = createLoop({
    everyMs,
    maxBackoffMs: everyMs,
    runAtStart: false,
    onError: (error) => logger.warn({ err: error }, FAILED),
    async work() {
      const free = MAX_RUNNING - limiter.size
      if (free <= 0) return false
      // Long enough for two requests per row and for storing the results.
      const rows = await claimDue(database, {
        limit: free,
        running: limiter.counts(),
        claimMs: 2 * requestTimeoutMs + 5_000,
      })
      for (const row of rows) void start(row)
      return rows.length === free
    },
  })

  async function start(row: RevocationRow): Promise<void> {
    const { integration_id: integrationId } = row
    try {
      await limiter.run(integrationId, () => carryOut(row))
    } catch (error) {
      logger.warn({ err: error, integrationId }, FAILED)
    }
    loop.wake()
  }

  async function carryOut(row: RevocationRow): Promise<void> {
    const { workspace_id: workspaceId, integration_id: integrationId } = row
    let outcome: RevocationOutcome
    try {
      outcome = await send(row)
    } catch (error) {
      logger.error({ err: error, workspaceId, integrationId }, 'a revocation failed unexpectedly')
      outcome = { as: 'retry', why: 'An internal error occurred.' }
    }
    // Aborted by `stop`: due again at once, for the next worker.
    if (outcome.as === 'retry' && abort.signal.aborted) return retryIn(database, row, 0)
    if (outcome.as === 'retry' && !row.last) {
      return retryIn(database, row, credentialBackoffMs(row.attempts, outcome.retryAfterMs))
    }
    if (outcome.as !== 'revoked') {
      const { why } = outcome
      logger.warn({ workspaceId, integrationId, why }, NOT_REVOKED)
    }
    await finish(deps, row)
  }

  async function send(row: RevocationRow): Promise<RevocationOutcome> {
    const { vault, egress } = deps
    const { id, workspace_id: workspaceId, version, input, kept } = row
    const content = vault.open(row.sealed, revocationIdentity(workspaceId, id, version))
    const deletion = clientDeletionSchema.safeParse(content)
    if (deletion.success) {
      return deleteClient(deletion.data, { egress, now: row.now, signal: abort.signal, timeoutMs: requestTimeoutMs })
    }
    const stored: StoredCredential = storedSchema.parse(content)
    const { auth, responseErrors } = definitionOf({
      id: row.integration_id,
      updatedAt: row.integration_updated_at,
      provider: row.provider,
      definition: row.definition,
    })
    const revocable = revocableOf(auth, stored, { input, kept })
    // The definition has changed since the revocation was queued.
    if (revocable === null) return { as: 'refused', why: 'The definition has no revocation endpoint.' }
    if (row.origin !== null && comparableOrigin(revocable.auth.revocation.url) !== row.origin) {
      return { as: 'refused', why: 'The revocation endpoint has moved to another origin.' }
    }
    return sendRevocation(revocable, {
      egress,
      now: row.now,
      signal: abort.signal,
      timeoutMs: requestTimeoutMs,
      input,
      kept,
      workspaceId,
      oauthClient: oauthClientOf(vault, row, optionOf(stored)),
      responseErrors,
    })
  }

  return {
    start: loop.start,
    async stop() {
      abort.abort(new Error('The process stops.'))
      await loop.stop()
      await limiter.idle()
    },
  }
}

interface Claim {
  limit: number
  /** Running revocations by integration. */
  running: ReadonlyMap<string, number>
  claimMs: number
}

/** Claims due rows for `claimMs` by moving their next attempt. */
function claimDue(database: Database, { limit, running, claimMs }: Claim): Promise<RevocationRow[]> {
  return database.sql.query<RevocationRow>(
    `WITH due AS (
       SELECT id, integration_id, row_number() OVER (PARTITION BY integration_id ORDER BY next_attempt_at) AS place
       FROM revocation WHERE next_attempt_at <= clock_timestamp()
     ), taken AS (
       SELECT r.id FROM revocation r JOIN due ON due.id = r.id
       LEFT JOIN unnest($4::uuid[], $5::int[]) AS running(integration_id, count) ON running.integration_id = due.integration_id
       WHERE r.next_attempt_at <= clock_timestamp() AND due.place <= $1::int - coalesce(running.count, 0)
       ORDER BY r.next_attempt_at LIMIT $2::int FOR UPDATE OF r SKIP LOCKED
     ), moved AS (
       UPDATE revocation r SET attempts = r.attempts + 1, next_attempt_at = clock_timestamp() + $3::float8 * interval '1 millisecond'
       FROM taken WHERE r.id = taken.id RETURNING r.*
     )
     SELECT r.id, r.workspace_id, r.integration_id, r.sealed, r.version, r.input, r.kept, r.attempts, r.origin,
            i.updated_at AS integration_updated_at, i.provider, i.definition, i.oauth_client_id, i.oauth_client_hosts,
            x.sealed AS client_sealed, x.version AS client_version,
            r.created_at < clock_timestamp() - interval '${TRY_FOR}' AS last, clock_timestamp() AS now
     FROM moved r JOIN integration i ON i.id = r.integration_id LEFT JOIN integration_secret x ON x.integration_id = i.id`,
    [MAX_PER_INTEGRATION, limit, claimMs, [...running.keys()], [...running.values()]],
  )
}

async function retryIn(database: Database, { id }: RevocationRow, waitMs: number): Promise<void> {
  await database.sql.query(
    `UPDATE revocation SET next_attempt_at = clock_timestamp() + $2::float8 * interval '1 millisecond' WHERE id = $1::uuid`,
    [id, Math.min(MAX_WAIT_MS, waitMs)],
  )
}

/** Deletes the row. The last row of a deleted integration or workspace enqueues the deletion of the rest. */
async function finish(
  deps: Pick<RevocationWorkerDeps, 'database' | 'queue' | 'bus'>,
  { id, workspace_id: workspaceId, integration_id: integrationId }: RevocationRow,
): Promise<void> {
  await deps.database.bulkTransaction(async (tx) => {
    const [gone] = await tx.query<{ waited_for: boolean }>(
      `DELETE FROM revocation r USING integration i, workspace w
       WHERE r.id = $1::uuid AND i.id = r.integration_id AND w.id = r.workspace_id
       RETURNING i.deleted_at IS NOT NULL OR w.deleted_at IS NOT NULL AS waited_for`,
      [id],
    )
    if (gone?.waited_for !== true) return
    const left = await tx.query('SELECT 1 AS one FROM revocation WHERE integration_id = $1::uuid LIMIT 1', [
      integrationId,
    ])
    if (left.length === 0) await enqueueDeletion(tx, deps, workspaceId)
  })
}
