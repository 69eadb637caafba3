import { z } from 'zod'
import { type StoredCredential, storedSchemas } from '../auth/stored-credential.ts'
import { definitionOf } from '../catalog/catalog.ts'
import { type OAuthClientRow, oauthClientOf } from '../credentials/credential-store.ts'
import { backoffMs } from '../credentials/refresh-policy.ts'
import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { Row } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Egress } from '../egress/egress.ts'
import type { Logger } from '../kit/log.ts'
import { revocationIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { enqueueDeletion } from './mark-deleted.ts'
import { type RevocationOutcome, revocableOf, sendRevocation } from './revoke-request.ts'

interface RevocationWorkerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  egress: Egress
  logger: Logger
  /** How often to look for what is due. Default: 1,000. */
  everyMs?: number
  /** Of one request. Default: 15,000. */
  requestTimeoutMs?: number
}

export interface RevocationWorker {
  start(): void
  /** Gives up the requests that run: whoever comes next sends them again. */
  stop(): Promise<void>
}

interface RevocationRow extends OAuthClientRow, Row {
  id: string
  sealed: Uint8Array
  version: number
  input: Record<string, unknown>
  kept: Record<string, unknown>
  attempts: number
  integration_updated_at: Date
  provider: string | null
  definition: unknown
  /** The time to try is over. */
  last: boolean
  now: Date
}

const AGAIN = 'Revocations could not be carried out. They are tried again.'
const AT_ONCE = 20
/** So that a provider that is away holds up its own only. */
const PER_INTEGRATION = 5
const TRIED_FOR = '24 hours'
const MAX_WAIT_MS = 24 * 60 * 60 * 1000
const storedSchema = z.union(Object.values(storedSchemas))

/**
 * Tells providers of the credentials that are no longer wanted. Any number of these may run: a row is taken by moving its
 * time, and comes again when whoever took it is gone. Asking twice does no harm: RFC 7009 section 2.2 takes a token that is
 * not known as revoked.
 */
export function createRevocationWorker(deps: RevocationWorkerDeps): RevocationWorker {
  const { database, logger } = deps
  const requestTimeoutMs = deps.requestTimeoutMs ?? 15_000
  const abort = new AbortController()
  const inFlight = new Set<Promise<void>>()
  /** How many of an integration are in flight; those without any are not in it. */
  const running = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    for (;;) {
      const free = AT_ONCE - inFlight.size
      if (abort.signal.aborted || free <= 0) return
      // Two requests for each at most, and time to write down what came of them.
      const rows = await takeDue(database, { limit: free, running, forMs: 2 * requestTimeoutMs + 5_000 })
      for (const row of rows) begin(row)
      if (rows.length < free) return
    }
  }

  function begin(row: RevocationRow): void {
    const { integration_id: integrationId } = row
    running.set(integrationId, (running.get(integrationId) ?? 0) + 1)
    const ended = carryOut(row)
      .catch((error: unknown) => logger.warn({ err: error, integrationId }, AGAIN))
      .then(() => {
        const left = (running.get(integrationId) ?? 1) - 1
        if (left === 0) running.delete(integrationId)
        else running.set(integrationId, left)
        inFlight.delete(ended)
        tick()
      })
    inFlight.add(ended)
  }

  async function carryOut(row: RevocationRow): Promise<void> {
    const { workspace_id: workspaceId, integration_id: integrationId } = row
    let outcome: RevocationOutcome
    try {
      outcome = await send(row)
    } catch (error) {
      logger.error({ err: error, workspaceId, integrationId }, 'a revocation failed unexpectedly')
      outcome = { as: 'retry', why: 'The revocation failed on our side.' }
    }
    // Not the provider's fault: for whoever comes next.
    if (outcome.as === 'retry' && abort.signal.aborted) return retryIn(database, row, 0)
    if (outcome.as === 'retry' && !row.last)
      return retryIn(database, row, backoffMs(row.attempts, outcome.retryAfterMs))
    if (outcome.as !== 'revoked') {
      const { why } = outcome
      logger.warn({ workspaceId, integrationId, why }, 'A deleted credential could not be revoked at its provider.')
    }
    await finish(deps, row)
  }

  async function send(row: RevocationRow): Promise<RevocationOutcome> {
    const { vault, egress } = deps
    const { id, workspace_id: workspaceId, version, input, kept } = row
    const stored: StoredCredential = storedSchema.parse(
      vault.open(row.sealed, revocationIdentity(workspaceId, id, version)),
    )
    const { auth, responseErrors } = definitionOf({
      id: row.integration_id,
      updatedAt: row.integration_updated_at,
      provider: row.provider,
      definition: row.definition,
    })
    const revocable = revocableOf(auth, stored, { input, kept })
    // The definition was changed since, and no longer says whom to tell.
    if (revocable === null) return { as: 'refused', why: 'The definition names no endpoint to revoke at.' }
    const oauthClient = oauthClientOf(vault, row)
    return sendRevocation(revocable, {
      egress,
      now: row.now,
      signal: abort.signal,
      timeoutMs: requestTimeoutMs,
      input,
      kept,
      ...(oauthClient === undefined ? {} : { oauthClient }),
      ...(responseErrors === undefined ? {} : { responseErrors }),
    })
  }

  function tick(): void {
    if (abort.signal.aborted) return
    looking ??= look()
      .catch((error: unknown) => logger.warn({ err: error }, AGAIN))
      .finally(() => {
        looking = undefined
      })
  }

  return {
    start() {
      timer = setInterval(tick, deps.everyMs ?? 1_000)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      abort.abort(new Error('The process stops.'))
      await looking
      await Promise.all(inFlight)
    },
  }
}

interface Take {
  limit: number
  running: ReadonlyMap<string, number>
  forMs: number
}

/** Takes what is due, by moving its time past the end of what is about to be done. */
function takeDue(database: Database, { limit, running, forMs }: Take): Promise<RevocationRow[]> {
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
     SELECT r.id, r.workspace_id, r.integration_id, r.sealed, r.version, r.input, r.kept, r.attempts,
            i.updated_at AS integration_updated_at, i.provider, i.definition, i.oauth_client_id,
            x.sealed AS client_sealed, x.version AS client_version,
            r.created_at < clock_timestamp() - interval '${TRIED_FOR}' AS last, clock_timestamp() AS now
     FROM moved r JOIN integration i ON i.id = r.integration_id LEFT JOIN integration_secret x ON x.integration_id = i.id`,
    [PER_INTEGRATION, limit, forMs, [...running.keys()], [...running.values()]],
  )
}

async function retryIn(database: Database, { id }: RevocationRow, waitMs: number): Promise<void> {
  await database.sql.query(
    `UPDATE revocation SET next_attempt_at = clock_timestamp() + $2::float8 * interval '1 millisecond' WHERE id = $1::uuid`,
    [id, Math.min(MAX_WAIT_MS, waitMs)],
  )
}

/** The last one lets go of the integration, or of the workspace, that waited for it. */
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
