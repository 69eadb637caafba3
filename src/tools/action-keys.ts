import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import { createRetention, removeInBatches } from '../db/retention.ts'
import type { Row, SqlRunner, WriteTx } from '../db/sql.ts'
import { ConflictError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { parseJson, stringifyJson } from '../kit/json.ts'
import type { Loop } from '../kit/loop.ts'
import { actionKeyIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'

// Idempotency keys of actions. A row is written before the request is sent, and gets the answer afterwards. A process that dies in
// between leaves a row without an answer, which says that the request may have been sent.

/** A key is kept for as long. */
const KEPT = 'PT24H'
/** How long a call counts as running. It must be longer than most calls: a call that takes longer may be repeated by a provider's key. */
const LEASE_SECONDS = 60
/** Characters of JSON of an answer that is stored. */
const MAX_ANSWER = 256 * 1024

interface KeyDeps {
  database: Pick<Database, 'sql'>
  vault: Vault
}

export interface KeyedCall {
  workspaceId: string
  connectionId: string
  action: string
  idempotencyKey: string
  /** JSON of the arguments in which equal ones are written the same way. */
  arguments: string
  /** Whether the request may be sent again although it may have been sent already. */
  isRepeatable: boolean
}

/** The right to send the request of a key. */
export interface KeyClaim {
  id: string
  workspaceId: string
  version: number
  argumentsDigest: string
}

interface KeyRow extends Row {
  id: string
  version: number
  sealed: Uint8Array
  answered: boolean
  leased: boolean
}

const sealedSchema = z.object({
  arguments: z.string(),
  /** JSON of the answer. Null: it was too long. Absent: there is none yet. */
  answer: z.string().nullable().optional(),
})

/**
 * Claims a key for a call, or finds the answer of an earlier one.
 * @returns the stored answer, or the claim with which the caller may send the request
 * @throws ConflictError when the key is used by a running call or was used with other arguments, and when it is not known whether
 * the request of an earlier call was sent
 */
export async function claimKey(deps: KeyDeps, call: KeyedCall): Promise<{ answer: unknown } | { claim: KeyClaim }> {
  const argumentsDigest = digest(call.arguments).toString('base64')
  const inserted = await insertKey(deps, call, argumentsDigest)
  if (inserted !== null) return { claim: inserted }
  const row = await readKey(deps.database.sql, call)
  if (row === undefined) throw new ConflictError('This idempotencyKey is being used concurrently. Try again.')
  const { id, version } = row
  const sealed = sealedSchema.parse(deps.vault.open(row.sealed, actionKeyIdentity(call.workspaceId, id, version)))
  if (sealed.arguments !== argumentsDigest) {
    throw new ConflictError(
      'This idempotencyKey was used with other arguments. Use another key for another call. Keys are kept for 24 hours.',
    )
  }
  if (row.answered) {
    if (typeof sealed.answer === 'string') return { answer: parseJson(sealed.answer) }
    throw new ConflictError(
      `The action was run with this idempotencyKey. Its response has more than ${MAX_ANSWER} characters, so it was not stored.`,
    )
  }
  if (row.leased) {
    throw new ConflictError('The action is running with this idempotencyKey. Try again when it has ended.')
  }
  const claim = call.isRepeatable ? await takeOver(deps, call, row, argumentsDigest) : null
  if (claim !== null) return { claim }
  throw new ConflictError(
    call.isRepeatable
      ? 'The action is running with this idempotencyKey. Try again when it has ended.'
      : 'It is not known whether the action was run with this idempotencyKey: the earlier call ended before it had a response. Check at the provider, and use another key to run the action again.',
  )
}

/** Writes the key, also in place of one that is too old. @returns null: there is one */
async function insertKey(
  { database, vault }: KeyDeps,
  { workspaceId, connectionId, action, idempotencyKey }: KeyedCall,
  argumentsDigest: string,
): Promise<KeyClaim | null> {
  const [id, version] = [newId(), 1]
  const sealed = vault.seal({ arguments: argumentsDigest }, actionKeyIdentity(workspaceId, id, version))
  const [row] = await database.sql.query(
    `INSERT INTO action_key AS k (id, workspace_id, connection_id, action, key_hash, sealed, key_id, version, created_at, leased_until)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::bytea, $6::bytea, $7::text, $8::int, clock_timestamp(),
       clock_timestamp() + $9::int * interval '1 second')
     ON CONFLICT (connection_id, action, key_hash) DO UPDATE
       SET id = excluded.id, sealed = excluded.sealed, key_id = excluded.key_id, version = excluded.version,
           created_at = excluded.created_at, leased_until = excluded.leased_until, answered_at = NULL
       WHERE k.created_at < clock_timestamp() - $10::interval AND k.leased_until < clock_timestamp()
     RETURNING 1 AS one`,
    [
      ...[id, workspaceId, connectionId, action, digest(idempotencyKey), sealed, vault.currentKeyId, version],
      ...[LEASE_SECONDS, KEPT],
    ],
  )
  return row === undefined ? null : { id, workspaceId, version, argumentsDigest }
}

async function readKey(
  sql: SqlRunner,
  { connectionId, action, idempotencyKey }: KeyedCall,
): Promise<KeyRow | undefined> {
  const [row] = await sql.query<KeyRow>(
    `SELECT id, version, sealed, answered_at IS NOT NULL AS answered, leased_until > clock_timestamp() AS leased
     FROM action_key WHERE connection_id = $1::uuid AND action = $2::text AND key_hash = $3::bytea`,
    [connectionId, action, digest(idempotencyKey)],
  )
  return row
}

/** Continues the call of a process that has died. @returns null: another call did so first */
async function takeOver(
  { database, vault }: KeyDeps,
  { workspaceId }: KeyedCall,
  { id, version: before }: KeyRow,
  argumentsDigest: string,
): Promise<KeyClaim | null> {
  const version = before + 1
  const sealed = vault.seal({ arguments: argumentsDigest }, actionKeyIdentity(workspaceId, id, version))
  const [row] = await database.sql.query(
    `UPDATE action_key SET sealed = $3::bytea, key_id = $4::text, version = $5::int,
       leased_until = clock_timestamp() + $6::int * interval '1 second'
     WHERE id = $1::uuid AND version = $2::int AND answered_at IS NULL AND leased_until <= clock_timestamp()
     RETURNING 1 AS one`,
    [id, before, sealed, vault.currentKeyId, version, LEASE_SECONDS],
  )
  return row === undefined ? null : { id, workspaceId, version, argumentsDigest }
}

/** Stores the answer of a call. One that is too long is left out. */
export async function storeAnswer(tx: WriteTx, vault: Vault, claim: KeyClaim, answer: unknown): Promise<void> {
  const { id, workspaceId, version, argumentsDigest } = claim
  const text = stringifyJson(answer)
  const value = { arguments: argumentsDigest, answer: text.length > MAX_ANSWER ? null : text }
  await tx.query(
    `UPDATE action_key SET sealed = $3::bytea, key_id = $4::text, version = $5::int, answered_at = clock_timestamp()
     WHERE id = $1::uuid AND version = $2::int`,
    [
      ...[id, version, vault.seal(value, actionKeyIdentity(workspaceId, id, version + 1)), vault.currentKeyId],
      version + 1,
    ],
  )
}

/** Frees the key of a call that had no effect, so that it can be used again. */
export async function releaseKey(tx: SqlRunner, { id, version }: KeyClaim): Promise<void> {
  await tx.query('DELETE FROM action_key WHERE id = $1::uuid AND version = $2::int', [id, version])
}

/** Ends the lease of a call whose outcome is not known. The key stays used. */
export async function endLease(tx: SqlRunner, { id, version }: KeyClaim): Promise<void> {
  await tx.query('UPDATE action_key SET leased_until = clock_timestamp() WHERE id = $1::uuid AND version = $2::int', [
    id,
    version,
  ])
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const TRIM_BATCH = 5_000

/** Removes keys that are too old, in batches. @returns how many */
export async function trimActionKeys(
  database: Pick<Database, 'bulkTransaction'>,
  before: Date,
  signal?: AbortSignal,
): Promise<number> {
  return removeInBatches(database, { name: 'action keys', signal }, async (tx) => {
    const gone = await tx.query(
      `DELETE FROM action_key WHERE id = ANY (ARRAY (
         SELECT id FROM action_key WHERE created_at < $1::timestamptz ORDER BY created_at LIMIT $2::int
       )) RETURNING 1 AS one`,
      [before, TRIM_BATCH],
    )
    return { removed: gone.length, more: gone.length === TRIM_BATCH }
  })
}

/** Removes keys that are older than a day, once an hour. */
export function createActionKeyRetention(
  database: Database,
  onError: (error: unknown) => void,
  everyMs?: number,
): Loop {
  return createRetention({
    database,
    keep: KEPT,
    onError,
    everyMs,
    remove: (before, signal) => trimActionKeys(database, before, signal),
  })
}
