import { readStored, type StoredCredential, storedSchemas } from '../auth/stored-credential.ts'
import type { Renewal } from '../auth/strategy.ts'
import type { Database } from '../db/database.ts'
import type { SqlRunner, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import type { CredentialRefreshError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
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

/**
 * Records that this version of the credential is about to be renewed, with all credentials of the workspace that have the
 * same refresh token. While an attempt is open, no process begins another one until `quietMs` have passed, because the request
 * of the first may still reach the provider.
 * @returns null when another attempt is open, or the credential has another version
 */
export async function beginAttempt(
  deps: AttemptDeps,
  row: CredentialRow,
  { hashes, includes }: SharedGrant,
  quietMs: number,
): Promise<RenewalAttempt | null> {
  const id = newId()
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
         doubt = coalesce(s.doubt, CASE WHEN s.attempt_id IS NULL THEN NULL
           WHEN $8::boolean AND pg_postmaster_start_time() > s.attempt_at THEN 'DATABASE_AWAY' ELSE 'PROCESS_ENDED' END)
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

/**
 * Stores the renewed credential, if the stored one still has the version that was renewed or the same refresh token, and in
 * the other credentials with the same refresh token. A credential that was replaced by another one meanwhile wins. Writes only
 * the credential's own columns, what the provider returned to keep, and the status.
 * @returns whether it was stored for the connection of `row`
 */
export async function commitRenewal(
  deps: AttemptDeps,
  row: CredentialRow,
  { hashes, includes }: SharedGrant,
  renewal: Renewal,
): Promise<boolean> {
  const { workspace_id: workspaceId } = row
  return deps.database.bulkTransaction(async (tx) => {
    const events: NewEvent[] = []
    let stored = await storeRenewal(deps, tx, row, renewal, { row, hashes, events })
    // After the write, so that it finds a connection that was created with the same refresh token until now.
    const sharing = hashes.length === 0 ? [] : await lockSharing(tx, row, hashes)
    for (const other of sharing.filter(includes)) {
      const isOwn = other.connection_id === row.connection_id
      if (isOwn && stored) continue
      const merged = { ...renewal, stored: withTokensOf(openSealed(deps.vault, other), renewal.stored) }
      const done = await storeRenewal(deps, tx, other, merged, { row, hashes, events })
      if (isOwn) stored = done
    }
    if (events.length > 0) await appendEvents(tx, deps.bus, workspaceId, events)
    return stored
  })
}

/** The credentials that have one of these hashes, locked. */
async function lockSharing(
  tx: WriteTx,
  { workspace_id: workspaceId }: CredentialRow,
  hashes: readonly string[],
): Promise<CredentialRow[]> {
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

interface StoreContext {
  /** The row from which the request was made. */
  row: CredentialRow
  /** Hashes of the refresh token that was sent. */
  hashes: readonly string[]
  /** Events to append are added here. */
  events: NewEvent[]
}

/** Stores a renewed credential in the row of `target`. @returns false when the row has another version */
async function storeRenewal(
  { vault }: AttemptDeps,
  tx: WriteTx,
  target: CredentialRow,
  { stored, expiresAt, refreshExpiresAt, scopes, kept = {} }: Renewal,
  { row, hashes, events }: StoreContext,
): Promise<boolean> {
  const { connection_id: connectionId, workspace_id: workspaceId } = target
  const version = target.version + 1
  const refreshToken = refreshTokenIn(stored)
  const hash = refreshToken === undefined ? null : hexOf(vault.fingerprints(refreshToken)[0])
  const isSameToken = hash === null || hashes.includes(hash)
  const knownEnd = isSameToken && row.refresh_expires_at !== null && row.refresh_expires_at > row.now
  const refreshEnd = refreshExpiresAt ?? (knownEnd ? row.refresh_expires_at : null)
  const next = nextRenewalAt({ connectionId, now: row.now, expiresAt, refreshExpiresAt: refreshEnd })
  const [written] = await tx.query<{ deleted: boolean; lost: boolean }>(
    `WITH before AS (
       SELECT coalesce(last_error ->> 'reason' = 'LOST_IN_CRASH_WINDOW', false) AS lost FROM credential
       WHERE connection_id = $1::uuid AND version = $2::int FOR NO KEY UPDATE
     )
     UPDATE credential SET sealed = $3::bytea, key_id = $4::text, version = $5::int, expires_at = $6::timestamptz,
       next_refresh_at = $7::timestamptz, scopes = $8::text[], refreshable = true, last_refreshed_at = clock_timestamp(),
       refresh_expires_at = $9::timestamptz, refresh_token_hash = coalesce(decode($10::text, 'hex'), refresh_token_hash),
       failed_refreshes = 0, last_error = NULL, failed_at = NULL, failing_since = NULL, retry_at = NULL, doubt = NULL,
       claimed_until = NULL, attempt_id = NULL, attempt_at = NULL, previous_attempt_id = NULL
     FROM before WHERE connection_id = $1::uuid AND version = $2::int RETURNING ${IS_DELETED}, before.lost`,
    [
      connectionId,
      target.version,
      vault.seal(toJsonColumn(stored), credentialIdentity(workspaceId, connectionId, version)),
      vault.currentKeyId,
      version,
      expiresAt ?? null,
      next,
      [...scopes],
      refreshEnd,
      hash,
    ],
  )
  if (written === undefined) return false
  // It is stored nevertheless, because this is the token that has to be revoked at the provider.
  if (written.deleted) return true
  // A loss was recorded by another process before this one could store the token.
  const [healed] = await tx.query<{ healed: boolean }>(
    `WITH before AS (
       SELECT status = 'ERROR' OR ($3::boolean AND status = 'NEEDS_REAUTH') AS heals FROM connection WHERE id = $1::uuid
     )
     UPDATE connection SET kept = kept || $2::jsonb,
       status = CASE WHEN before.heals THEN 'ACTIVE'::connection_status ELSE status END,
       status_reason = CASE WHEN before.heals THEN NULL ELSE status_reason END
     FROM before WHERE id = $1::uuid AND ($2::jsonb <> '{}'::jsonb OR before.heals) RETURNING before.heals AS healed`,
    [connectionId, JSON.stringify(kept), written.lost],
  )
  events.push({ type: 'CREDENTIAL_REFRESHED', connectionId })
  if (healed?.healed === true) events.push({ type: 'CONNECTION_ACTIVATED', connectionId })
  return true
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
  { error, finalAfterADay, retryInMs, keepOpen, needsReauth }: FailedAttempt,
): Promise<boolean> {
  const described = { ...describeFailure(error), ...(finalAfterADay ? { finalAfterADay } : {}) }
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

/** After an outage, the connections that wait for their next attempt are renewed within this time. */
const RELEASED_WITHIN_MS = 10_000

/**
 * Ends the waits of connections whose renewals failed because the token endpoint was unavailable or refused the OAuth client:
 * callers may ask at once, and renewals ahead of time begin within ten seconds. A provider that limits the rate of requests is
 * not asked earlier than it wants.
 * @param before only failures before this time, by the database's clock. Default: all
 */
export async function releaseWaiting(
  sql: SqlRunner,
  integrationIds: readonly string[],
  before: Date | null = null,
): Promise<void> {
  await sql.query(
    `UPDATE credential s SET retry_at = NULL,
       next_refresh_at = least(s.next_refresh_at, clock_timestamp() + random() * $3::float * interval '1 millisecond')
     FROM connection c
     WHERE c.id = s.connection_id AND c.integration_id = ANY($1::uuid[]) AND c.deleted_at IS NULL
       AND s.failed_refreshes > 0 AND ($2::timestamptz IS NULL OR s.failed_at < $2::timestamptz)
       AND s.retry_at > clock_timestamp() AND s.attempt_id IS NULL
       AND s.last_error ->> 'reason' IN ('PROVIDER_UNAVAILABLE', 'INVALID_CLIENT')
       AND coalesce(s.last_error -> 'words' ->> 'providerStatus', '') <> '429'`,
    [[...integrationIds], before, RELEASED_WITHIN_MS],
  )
}

/** The form in which a failure is stored in `credential.last_error`. */
export function describeFailure(error: CredentialRefreshError): StoredRefreshError {
  const { message, reason, retryable, words, occurredAt } = error
  return { message, reason, retryable, words, occurredAt: occurredAt.toISOString() }
}
