import { readStored, type StoredCredential, storedSchemas } from '../auth/stored-credential.ts'
import type { Renewal } from '../auth/strategy.ts'
import type { Database } from '../db/database.ts'
import type { SqlRunner, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { createBatcher, type Found } from '../kit/batch.ts'
import type { CredentialRefreshError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { createLimiter } from '../kit/limiter.ts'
import { credentialIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { CredentialRow, StoredRefreshError } from './credential-store.ts'
import { openSealed, readCredentialRows, toJsonColumn } from './credential-store.ts'
import { nextRenewalAt } from './refresh-policy.ts'

/** A connection that was deleted meanwhile gets no more events. */
const IS_DELETED = `NOT EXISTS (
  SELECT 1 FROM connection c WHERE c.id = credential.connection_id AND c.deleted_at IS NULL) AS deleted`

/** Selects the credentials of a workspace whose refresh token has one of these hashes, in hexadecimal. */
const HAS_HASH = (workspaceId: string, hashes: string) =>
  `workspace_id = ${workspaceId} AND refresh_token_hash = ANY(ARRAY(SELECT decode(h, 'hex') FROM unnest(${hashes}) AS h))`

/** The doubt about the credential `s` when another attempt begins. */
const DOUBT_OF = (isServer: string) =>
  `coalesce(s.doubt, CASE WHEN s.attempt_id IS NULL THEN NULL
     WHEN ${isServer} AND pg_postmaster_start_time() > s.attempt_at THEN 'DATABASE_AWAY' ELSE 'PROCESS_ENDED' END)`

export interface AttemptDeps {
  database: Database
  bus: WakeBus
  vault: Vault
}

/** The refresh token that an attempt sends, and which other credentials have the same one. */
export interface SharedGrant {
  /** Keyed hashes of the refresh token, in hexadecimal; the first is stored. Empty: no refresh token is sent. */
  hashes: readonly string[]
  /** Whether this credential, which has one of the hashes, is renewed by the same request. */
  includes(row: CredentialRow): boolean
}

/** Why it is not known whether the provider has replaced the refresh token since the last renewal that was stored. */
export type Doubt = 'PROCESS_ENDED' | 'DATABASE_AWAY' | 'NO_RESPONSE'

/** A renewal that was recorded before its request is sent. */
export interface RenewalAttempt {
  id: string
  doubt: Doubt | null
  /** The connections whose credentials it renews. */
  connectionIds: readonly string[]
}

/** Writes the attempts and results of renewals. Concurrent ones of a workspace share a transaction. */
export interface AttemptWriter {
  /**
   * Records that this version of the credential is about to be renewed, with all credentials of the workspace that have the
   * same refresh token. While an attempt is open, no process begins another one until the quiet period has passed, because the
   * request of the first may still reach the provider.
   * @returns after the commit; null when another attempt is open, or the credential has another version
   */
  begin(row: CredentialRow, grant: SharedGrant): Promise<RenewalAttempt | null>
  /**
   * Stores the renewed credential, if the stored one still has the version that was renewed or the same refresh token, and in
   * the other credentials with the same refresh token. A credential that was replaced by another one meanwhile wins. Writes
   * only the credential's own columns, what the provider returned to keep, and the status.
   * @returns whether it was stored for the connection of `row`
   */
  commit(row: CredentialRow, grant: SharedGrant, renewal: Renewal): Promise<boolean>
}

/** @param quietMs the quiet period in milliseconds */
export function createAttemptWriter(deps: AttemptDeps, quietMs: number): AttemptWriter {
  const transactions = createLimiter(TRANSACTIONS_AT_ONCE)
  const inTurn = <T>(work: () => Promise<T>) => transactions.run('renewals', work)
  const begin = createWriteBatcher((items: readonly BegunRenewal[]) =>
    inTurn(() => beginAttempts(deps, items, quietMs)),
  )
  const commit = createWriteBatcher((items: readonly CommittedRenewal[]) => inTurn(() => commitRenewals(deps, items)))
  return {
    begin: (row, grant) => begin(row.workspace_id, { id: newId(), row, grant }),
    async commit(row, grant, renewal) {
      const context = { row, hashes: grant.hashes }
      return commit(row.workspace_id, { row, grant, renewal, update: updateOf(deps.vault, row, renewal, context) })
    },
  }
}

/** Concurrent transactions of all workspaces: the other connections of the pool are left to callers. */
const TRANSACTIONS_AT_ONCE = 4
/** The most renewals that share a transaction. */
const MAX_SHARED = 50

/**
 * Combines the writes of a workspace that are requested while a transaction of the same kind runs. Each transaction ends with
 * the lock of the workspace's event log, so more of them would only occupy connections of the pool while they wait.
 */
function createWriteBatcher<Item, Result>(
  write: (items: readonly Item[]) => Promise<Result[]>,
): (workspaceId: string, item: Item) => Promise<Result> {
  const batcher = createBatcher({ maxIds: MAX_SHARED, atOnce: 1 })
  const waiting = new Map<string, Item>()

  async function writeAll(items: readonly Item[]): Promise<Found<Result>[]> {
    try {
      return await write(items)
    } catch (error) {
      if (items.length === 1 || !isRefusedStatement(error)) throw error
      // What one of them contains must not fail the others.
      const results: Found<Result>[] = []
      for (const item of items) results.push(...(await write([item]).catch((own: Error) => [own])))
      return results
    }
  }

  return async (workspaceId, item) => {
    const id = newId()
    waiting.set(id, item)
    try {
      const [result] = await batcher.load(workspaceId, [id], (ids) =>
        writeAll(ids.flatMap((each) => waiting.get(each) ?? [])),
      )
      if (result instanceof Error) throw result
      return result as Result
    } finally {
      waiting.delete(id)
    }
  }
}

/** Whether the database has refused a statement, so that nothing of its transaction is stored. Otherwise that is unknown. */
function isRefusedStatement(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
}

interface BegunRenewal {
  /** Id of the attempt. */
  id: string
  row: CredentialRow
  grant: SharedGrant
}

/** Begins attempts of one workspace in one transaction, and those of shared refresh tokens in transactions of their own. */
async function beginAttempts(
  deps: AttemptDeps,
  items: readonly BegunRenewal[],
  quietMs: number,
): Promise<(RenewalAttempt | null)[]> {
  const workspaceId = items[0]?.row.workspace_id ?? ''
  const records = items.map(({ id, row, grant }) => {
    const { connection_id, version } = row
    return { id, connection_id, version, hashes: grant.hashes }
  })
  const rows = await deps.database.bulkTransaction(async (tx) => {
    const checked = await tx.query<{ id: string; begun: boolean; shared: boolean; doubt: Doubt | null }>(
      `WITH item AS MATERIALIZED (
         SELECT item.*, EXISTS (
           SELECT 1 FROM unnest(item.hashes) AS hash JOIN credential other
             ON other.workspace_id = $2::uuid AND other.refresh_token_hash = decode(hash, 'hex')
           WHERE other.connection_id <> item.connection_id) AS shared
         FROM jsonb_to_recordset($1::jsonb) AS item (id uuid, connection_id uuid, version int, hashes text[]) LIMIT $5::int
       ), free AS MATERIALIZED (
         SELECT s.connection_id, item.id, item.hashes[1] AS hash FROM item JOIN credential s ON s.connection_id = item.connection_id
         WHERE NOT item.shared AND s.version = item.version
           AND (s.attempt_id IS NULL OR s.attempt_at < clock_timestamp() - $3::float8 * interval '1 millisecond')
         ORDER BY s.connection_id FOR NO KEY UPDATE OF s
       ), begun AS (
         UPDATE credential s SET attempt_id = free.id, attempt_at = clock_timestamp(),
           claimed_until = clock_timestamp() + $3::float8 * interval '1 millisecond',
           refresh_token_hash = coalesce(decode(free.hash, 'hex'), ''), doubt = ${DOUBT_OF('$4::boolean')}
         FROM free WHERE s.connection_id = free.connection_id RETURNING free.id, s.doubt
       )
       SELECT item.id, item.shared, begun.id IS NOT NULL AS begun, begun.doubt FROM item LEFT JOIN begun ON begun.id = item.id`,
      [JSON.stringify(records), workspaceId, quietMs, deps.database.kind === 'server', items.length],
    )
    const begun = new Set(checked.filter((each) => each.begun).map((each) => each.id))
    const started = items.filter(({ id }) => begun.has(id))
    await appendEvents(
      tx,
      deps.bus,
      workspaceId,
      started.map(({ row }) => ({ type: 'CREDENTIAL_REFRESH_STARTED', connectionId: row.connection_id })),
    )
    return new Map(checked.map((each) => [each.id, each]))
  })
  return Promise.all(
    items.map(async (item) => {
      const { begun = false, shared = false, doubt = null } = rows.get(item.id) ?? {}
      if (begun) return { id: item.id, doubt, connectionIds: [item.row.connection_id] }
      return shared ? beginShared(deps, item, quietMs) : null
    }),
  )
}

/** Begins the attempt of a credential together with the other credentials that have the same refresh token. */
async function beginShared(
  deps: AttemptDeps,
  { id, row, grant: { hashes, includes } }: BegunRenewal,
  quietMs: number,
): Promise<RenewalAttempt | null> {
  const { connection_id: connectionId, workspace_id: workspaceId } = row
  return deps.database.bulkTransaction(async (tx) => {
    const begun = await tx.query<{ connection_id: string; doubt: Doubt | null }>(
      `WITH shared AS (
         SELECT connection_id, attempt_id, attempt_at FROM credential
         WHERE connection_id = $1::uuid OR (${HAS_HASH('$5::uuid', '$6::text[]')})
       )
       UPDATE credential s SET attempt_id = $3::uuid, attempt_at = clock_timestamp(),
         claimed_until = clock_timestamp() + $4::float * interval '1 millisecond',
         refresh_token_hash = CASE WHEN s.connection_id = $1::uuid THEN decode($7::text, 'hex') ELSE s.refresh_token_hash END,
         doubt = ${DOUBT_OF('$8::boolean')}
       WHERE s.connection_id IN (SELECT connection_id FROM shared)
         AND (s.attempt_id IS NULL OR s.attempt_at < clock_timestamp() - $4::float * interval '1 millisecond')
         AND NOT EXISTS (SELECT 1 FROM shared WHERE shared.attempt_id IS NOT NULL
           AND shared.attempt_at >= clock_timestamp() - $4::float * interval '1 millisecond')
         AND EXISTS (SELECT 1 FROM credential own WHERE own.connection_id = $1::uuid AND own.version = $2::int)
       RETURNING s.connection_id, s.doubt`,
      [
        connectionId,
        row.version,
        id,
        quietMs,
        workspaceId,
        [...hashes],
        hashes[0] ?? '',
        deps.database.kind === 'server',
      ],
    )
    const own = begun.find((each) => each.connection_id === connectionId)
    // The rows of `shared` are not locked, so the own row may have been changed concurrently.
    if (own === undefined) {
      await clearAttempt(tx, { id, connectionIds: begun.map((each) => each.connection_id) })
      return null
    }
    const others = await withoutStrangers(tx, id, begun, connectionId, includes)
    const connectionIds = [connectionId, ...others]
    await appendEvents(
      tx,
      deps.bus,
      workspaceId,
      connectionIds.map((each) => ({ type: 'CREDENTIAL_REFRESH_STARTED', connectionId: each })),
    )
    return { id, doubt: own.doubt, connectionIds }
  })
}

/** Takes credentials out of the attempt that have the same refresh token, but would be renewed by another request. */
async function withoutStrangers(
  tx: WriteTx,
  id: string,
  begun: readonly { connection_id: string }[],
  connectionId: string,
  includes: SharedGrant['includes'],
): Promise<string[]> {
  const others = begun.map((each) => each.connection_id).filter((each) => each !== connectionId)
  if (others.length === 0) return []
  const rows = await readCredentialRows(tx, others)
  const sharing = rows.filter(includes).map((each) => each.connection_id)
  const strangers = others.filter((each) => !sharing.includes(each))
  if (strangers.length > 0) await clearAttempt(tx, { id, connectionIds: strangers })
  return sharing
}

/** Ends an attempt whose request was not sent. */
export async function clearAttempt(
  sql: SqlRunner,
  { id, connectionIds }: Pick<RenewalAttempt, 'id' | 'connectionIds'>,
): Promise<void> {
  await sql.query(
    `UPDATE credential SET attempt_id = NULL, attempt_at = NULL, claimed_until = NULL
     WHERE connection_id = ANY($1::uuid[]) AND attempt_id = $2::uuid`,
    [[...connectionIds], id],
  )
}

/**
 * Begins the quiet period of an attempt anew, because its request is still in flight or its response is not stored yet. If
 * the process ends, other processes wait for no longer than that. Callers who got an error because the response is late keep
 * getting it.
 */
export async function keepAttempt(
  sql: SqlRunner,
  { id, connectionIds }: RenewalAttempt,
  quietMs: number,
): Promise<void> {
  await sql.query(
    `UPDATE credential SET attempt_at = clock_timestamp(),
       claimed_until = clock_timestamp() + $3::float * interval '1 millisecond',
       failed_at = CASE WHEN retry_at > clock_timestamp() THEN clock_timestamp() ELSE failed_at END,
       retry_at = CASE WHEN retry_at > clock_timestamp() THEN clock_timestamp() + $3::float * interval '1 millisecond' END
     WHERE connection_id = ANY($1::uuid[]) AND attempt_id = $2::uuid`,
    [[...connectionIds], id, quietMs],
  )
}

interface CommittedRenewal {
  row: CredentialRow
  grant: SharedGrant
  renewal: Renewal
  update: CredentialUpdate
}

/** Stores the renewals of one workspace in one transaction. */
async function commitRenewals(deps: AttemptDeps, items: readonly CommittedRenewal[]): Promise<boolean[]> {
  const workspaceId = items[0]?.row.workspace_id ?? ''
  return deps.database.bulkTransaction(async (tx) => {
    const events: NewEvent[] = []
    const updates = items.map(({ update }) => update)
    const stored = await storeRenewals(deps, tx, updates, events)
    // After the write, so that it finds a connection that was created with the same refresh token until now.
    const hashes = items.flatMap(({ grant }) => grant.hashes)
    const sharing = hashes.length === 0 ? [] : await lockSharing(tx, workspaceId, hashes)
    for (const { row, grant, renewal } of items) {
      for (const other of sharing.filter(grant.includes)) {
        if (stored.has(other.connection_id)) continue
        const merged = { ...renewal, stored: withTokensOf(openSealed(deps.vault, other), renewal.stored) }
        const update = updateOf(deps.vault, other, merged, { row, hashes: grant.hashes })
        for (const id of await storeRenewals(deps, tx, [update], events)) stored.add(id)
      }
    }
    await appendEvents(tx, deps.bus, workspaceId, events)
    return items.map(({ row }) => stored.has(row.connection_id))
  })
}

/** The credentials that have one of these hashes, locked. */
async function lockSharing(tx: WriteTx, workspaceId: string, hashes: readonly string[]): Promise<CredentialRow[]> {
  const locked = await tx.query<{ connection_id: string }>(
    `SELECT connection_id FROM credential WHERE ${HAS_HASH('$1::uuid', '$2::text[]')}
     ORDER BY connection_id FOR NO KEY UPDATE`,
    [workspaceId, [...hashes]],
  )
  const ids = locked.map((each) => each.connection_id)
  return ids.length === 0 ? [] : readCredentialRows(tx, ids)
}

/** A stored credential with the tokens of another one that has the same refresh token. @throws StoredCredentialError */
function withTokensOf(own: unknown, renewed: StoredCredential): StoredCredential {
  if (renewed.type === 'selective') {
    const credential = readStored(storedSchemas.selective, own)
    return { ...credential, inner: withTokensOf(credential.inner, renewed.inner) }
  }
  if (renewed.type !== 'oauth2') return renewed
  const { accessToken, refreshToken, tokenType, expiresAt, scopes } = renewed
  const credential = readStored(storedSchemas.oauth2, own)
  return {
    ...credential,
    accessToken,
    refreshToken: refreshToken ?? credential.refreshToken,
    tokenType,
    expiresAt,
    scopes,
  }
}

/** The new values of a credential's row. */
interface CredentialUpdate {
  connection_id: string
  /** The version that is replaced. */
  version: number
  /** Base64. */
  sealed: string
  expires_at: Date | undefined
  next_refresh_at: Date | null
  refresh_expires_at: Date | null
  scopes: readonly string[]
  hash: string | null
  kept: Readonly<Record<string, unknown>>
}

interface UpdateContext {
  /** The row from which the request was made. */
  row: CredentialRow
  /** Hashes of the refresh token that was sent. */
  hashes: readonly string[]
}

/** What is written into the row of `target`. */
function updateOf(
  vault: Vault,
  target: CredentialRow,
  { stored, expiresAt, refreshExpiresAt, scopes, kept = {} }: Renewal,
  { row, hashes }: UpdateContext,
): CredentialUpdate {
  const { connection_id: connectionId, workspace_id: workspaceId, version } = target
  const identity = credentialIdentity(workspaceId, connectionId, version + 1)
  const refreshToken = refreshTokenIn(stored)
  const hash = refreshToken === undefined ? null : hexOf(vault.fingerprints(refreshToken)[0])
  const isSameToken = hash === null || hashes.includes(hash)
  const knownEnd = isSameToken && row.refresh_expires_at !== null && row.refresh_expires_at > row.now
  const refreshEnd = refreshExpiresAt ?? (knownEnd ? row.refresh_expires_at : null)
  return {
    connection_id: connectionId,
    version,
    sealed: Buffer.from(vault.seal(toJsonColumn(stored), identity)).toString('base64'),
    expires_at: expiresAt,
    next_refresh_at: nextRenewalAt({ connectionId, now: row.now, expiresAt, refreshExpiresAt: refreshEnd }),
    refresh_expires_at: refreshEnd,
    scopes,
    hash,
    kept,
  }
}

/**
 * Stores renewed credentials in the rows that have the expected version.
 * @param events events to append are added here
 * @returns the connections whose credential was stored
 */
async function storeRenewals(
  { vault }: AttemptDeps,
  tx: WriteTx,
  updates: readonly CredentialUpdate[],
  events: NewEvent[],
): Promise<Set<string>> {
  const written = await tx.query<{ connection_id: string; deleted: boolean; healed: boolean }>(
    `WITH item AS MATERIALIZED (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS item (connection_id uuid, version int, sealed text,
         expires_at timestamptz, next_refresh_at timestamptz, refresh_expires_at timestamptz, scopes text[], hash text, kept jsonb)
       LIMIT $3::int
     ), before AS MATERIALIZED (
       SELECT item.*, coalesce(s.last_error ->> 'reason' = 'LOST_IN_CRASH_WINDOW', false) AS lost
       FROM item JOIN credential s ON s.connection_id = item.connection_id AND s.version = item.version
       ORDER BY s.connection_id FOR NO KEY UPDATE OF s
     ), written AS (
       UPDATE credential SET sealed = decode(before.sealed, 'base64'), key_id = $2::text, version = before.version + 1,
         expires_at = before.expires_at, next_refresh_at = before.next_refresh_at, scopes = before.scopes, refreshable = true,
         last_refreshed_at = clock_timestamp(), refresh_expires_at = before.refresh_expires_at,
         refresh_token_hash = coalesce(decode(before.hash, 'hex'), refresh_token_hash),
         failed_refreshes = 0, last_error = NULL, failed_at = NULL, failing_since = NULL, retry_at = NULL, doubt = NULL,
         claimed_until = NULL, attempt_id = NULL, attempt_at = NULL, previous_attempt_id = NULL
       FROM before WHERE credential.connection_id = before.connection_id AND credential.version = before.version
       RETURNING credential.connection_id, before.lost, before.kept, ${IS_DELETED}
     ), found AS MATERIALIZED (
       -- A loss was recorded by another process before this one could store the token.
       SELECT c.id, written.kept, c.status = 'ERROR' OR (written.lost AND c.status = 'NEEDS_REAUTH') AS heals
       FROM written JOIN connection c ON c.id = written.connection_id WHERE NOT written.deleted
     ), changed AS (
       -- What a renewal returns takes the place of an injected value.
       UPDATE connection c SET kept = c.kept || found.kept,
         extra = c.extra - ARRAY(SELECT jsonb_object_keys(found.kept)),
         status = CASE WHEN found.heals THEN 'ACTIVE'::connection_status ELSE c.status END,
         status_reason = CASE WHEN found.heals THEN NULL ELSE c.status_reason END
       FROM found WHERE c.id = found.id AND (found.kept <> '{}'::jsonb OR found.heals)
     )
     SELECT written.connection_id, written.deleted, coalesce(found.heals, false) AS healed
     FROM written LEFT JOIN found ON found.id = written.connection_id`,
    [JSON.stringify(updates), vault.currentKeyId, updates.length],
  )
  for (const { connection_id: connectionId, deleted, healed } of written) {
    // It is stored nevertheless, because this is the token that has to be revoked at the provider.
    if (deleted) continue
    events.push({ type: 'CREDENTIAL_REFRESHED', connectionId })
    if (healed) events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
  }
  return new Set(written.map((each) => each.connection_id))
}

function refreshTokenIn(stored: StoredCredential): string | undefined {
  if (stored.type === 'selective') return refreshTokenIn(stored.inner)
  return stored.type === 'oauth2' ? stored.refreshToken : undefined
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export interface FailedAttempt {
  error: CredentialRefreshError
  /** See RenewalError. */
  finalAfterADay: boolean
  /** The provider said how long to wait. */
  askedToWait: boolean
  /** Null: it is not retried automatically. */
  retryInMs: number | null
  /** The request may still reach the provider: the attempt stays open for its quiet period. */
  keepOpen: boolean
  /** Why the account must be connected again; null: a retry may succeed. */
  needsReauth: string | null
}

/**
 * Records a failed renewal for all connections of the attempt, except where the credential or the attempt was replaced
 * meanwhile.
 * @returns whether it was recorded for the connection of `row`
 */
export async function recordFailure(
  deps: AttemptDeps,
  row: CredentialRow,
  { id, connectionIds }: RenewalAttempt,
  { error, finalAfterADay, askedToWait, retryInMs, keepOpen, needsReauth }: FailedAttempt,
): Promise<boolean> {
  const described: StoredRefreshError = { ...describeFailure(error), finalAfterADay, askedToWait }
  return deps.database.bulkTransaction(async (tx) => {
    const failed = await tx.query<{ connection_id: string; retry_at: Date | null; expired: boolean; deleted: boolean }>(
      `UPDATE credential SET failed_refreshes = failed_refreshes + 1, last_error = $3::jsonb, failed_at = clock_timestamp(),
         failing_since = CASE WHEN coalesce((last_error -> 'finalAfterADay')::boolean, false) = $6::boolean
           THEN coalesce(failing_since, clock_timestamp()) ELSE clock_timestamp() END,
         next_refresh_at = clock_timestamp() + $4::float * interval '1 millisecond',
         retry_at = clock_timestamp() + $4::float * interval '1 millisecond', claimed_until = NULL,
         attempt_id = CASE WHEN $5::boolean THEN attempt_id END, attempt_at = CASE WHEN $5::boolean THEN attempt_at END,
         doubt = CASE WHEN $5::boolean THEN coalesce(doubt, 'NO_RESPONSE') ELSE doubt END, previous_attempt_id = NULL
       WHERE connection_id = ANY($1::uuid[]) AND attempt_id = $2::uuid
       RETURNING connection_id, retry_at, coalesce(expires_at <= clock_timestamp(), false) AS expired, ${IS_DELETED}`,
      [[...connectionIds], id, JSON.stringify(described), retryInMs, keepOpen, finalAfterADay],
    )
    const events: NewEvent[] = []
    for (const { connection_id: connectionId, retry_at: retryAt, expired, deleted } of failed) {
      if (deleted) continue
      const status = needsReauth !== null ? 'NEEDS_REAUTH' : expired ? 'ERROR' : null
      if (status !== null) {
        await tx.query(
          `UPDATE connection SET status = $2::connection_status, status_reason = $3::text
           WHERE id = $1::uuid AND status IN ('ACTIVE', 'ERROR')`,
          [connectionId, status, needsReauth ?? error.message],
        )
      }
      const { reason, message } = error
      events.push({
        type: 'CREDENTIAL_REFRESH_FAILED',
        connectionId,
        payload: { reason, message, retryAt: retryAt?.toISOString() ?? null },
      })
      if (needsReauth !== null) events.push({ type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason } })
    }
    if (events.length > 0) await appendEvents(tx, deps.bus, row.workspace_id, events)
    return failed.some((each) => each.connection_id === row.connection_id)
  })
}

interface SuccessfulRenewal {
  /** When it was requested, by the database's clock. Only earlier failures are over. */
  requestedAt: Date
  /** The quiet period. */
  quietMs: number
}

/** After an outage, the connections that wait for their next attempt are renewed within this time. */
const RELEASED_WITHIN_MS = 10_000

/**
 * Ends the waits of connections whose renewals failed because the token endpoint was unavailable or refused the OAuth client:
 * callers may ask at once, and renewals ahead of time begin within ten seconds. A provider that limits the rate of requests and
 * says how long is not asked earlier. After a request without a response, the rest of the quiet period stays.
 * @param after what has ended the outage. Default: connections without an open attempt, whenever they failed
 */
export async function releaseWaiting(
  sql: SqlRunner,
  integrationIds: readonly string[],
  after: SuccessfulRenewal | null = null,
): Promise<void> {
  await sql.query(
    `UPDATE credential s SET
       retry_at = CASE WHEN s.attempt_id IS NOT NULL THEN least(s.retry_at, s.attempt_at + $4::float * interval '1 millisecond') END,
       next_refresh_at = least(s.next_refresh_at, greatest(clock_timestamp() + random() * $3::float * interval '1 millisecond',
         CASE WHEN s.attempt_id IS NOT NULL THEN s.attempt_at + $4::float * interval '1 millisecond' END))
     FROM connection c
     WHERE c.id = s.connection_id AND c.integration_id = ANY($1::uuid[]) AND c.deleted_at IS NULL
       AND s.failed_refreshes > 0 AND ($2::timestamptz IS NULL OR s.failed_at < $2::timestamptz)
       AND s.retry_at > clock_timestamp()
       AND (s.attempt_id IS NULL OR ($4::float IS NOT NULL AND s.failed_at >= s.attempt_at))
       AND s.last_error ->> 'reason' IN ('PROVIDER_UNAVAILABLE', 'INVALID_CLIENT')
       AND NOT (coalesce((s.last_error -> 'askedToWait')::boolean, false)
         AND coalesce(s.last_error -> 'words' ->> 'providerStatus', '') = '429')`,
    [[...integrationIds], after?.requestedAt ?? null, RELEASED_WITHIN_MS, after?.quietMs ?? null],
  )
}

/** The form in which a failure is stored in `credential.last_error`. */
export function describeFailure(error: CredentialRefreshError): StoredRefreshError {
  const { message, reason, retryable, words, occurredAt } = error
  return { message, reason, retryable, words, occurredAt: occurredAt.toISOString() }
}
