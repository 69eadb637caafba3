import type { Database } from '../db/database.ts'
import { removeInBatches } from '../db/retention.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Batcher } from '../kit/batch.ts'
import { ForbiddenError, UnauthenticatedError } from '../kit/errors.ts'
import { hashOneTimeSecret, isOneTimeSecret, newId, newOneTimeSecret } from '../kit/ids.ts'
import { createLoop, type Loop } from '../kit/loop.ts'
import { callerOfKey, decodedHashes, KEY_COLUMNS, type KeyRow, USABLE_KEY } from './api-keys.ts'
import { nameAuditTarget, recordAudit } from './audit.ts'
import { assertScope, type Caller } from './caller.ts'

/** The lifetime of a session. */
export const CONSOLE_SESSION_SECONDS = 12 * 60 * 60
/** Sessions of one key or one person. One more ends the oldest. */
const MAX_SESSIONS = 50

/** The value of the console's cookie, from a request that may use it. It is never taken from a header that other clients set. */
export class ConsoleToken {
  readonly value: string

  constructor(value: string) {
    this.value = value
  }
}

/** Somebody whom the OIDC provider of the operators has identified. */
export interface Operator {
  issuer: string
  subject: string
  /** For people. */
  name: string
  /** Null: no role, so that the sign-in is refused. */
  role: 'OPERATOR' | 'READER' | null
}

/** The caller for an operator who signed in by OIDC. Without a role it can be named in the audit log only. */
export function callerOfOperator({ name, role }: Pick<Operator, 'name' | 'role'>): Caller {
  return {
    kind: 'OPERATOR',
    name,
    role: role ?? 'READER',
    workspaceId: null,
    endUserId: null,
    apiKeyId: null,
    connectSessionId: null,
    expiresAt: null,
  }
}

/** A new session. `token` is the value of the cookie, which is stored as a hash only. */
interface NewSession {
  id: string
  token: string
}

/**
 * Opens a session for an API key. The session may do what the key may, and ends with it.
 * @throws ForbiddenError for a key without the scope READ, with which the console could show nothing
 */
export async function openKeySession(database: Database, caller: Caller): Promise<NewSession> {
  const { apiKeyId } = caller
  if (apiKeyId === null) throw new Error('A session of a key needs a key.')
  nameAuditTarget({ type: 'ApiKey', id: apiKeyId, workspaceId: caller.workspaceId })
  assertScope(caller, 'READ')
  return insertSession(database, { apiKeyId, workspaceId: caller.workspaceId, operator: null })
}

/** Opens a session for an operator who signed in by OIDC. @throws ForbiddenError for one without a role */
export async function openOperatorSession(database: Database, operator: Operator): Promise<NewSession> {
  if (operator.role === null) {
    throw new ForbiddenError('Your account has no role in Latchkey. Ask the operator of this deployment for one.')
  }
  return insertSession(database, { apiKeyId: null, workspaceId: null, operator })
}

interface Owner {
  apiKeyId: string | null
  workspaceId: string | null
  operator: Operator | null
}

async function insertSession(database: Database, { apiKeyId, workspaceId, operator }: Owner): Promise<NewSession> {
  const id = newId()
  const { secret, hash } = newOneTimeSecret()
  return database.transaction(async (tx) => {
    const inserted = await tx.query(
      `INSERT INTO console_session (id, token_hash, api_key_id, key_hash, role, issuer, subject, name, expires_at)
       SELECT $1::uuid, $2::bytea, $3::uuid, (SELECT hash FROM api_key WHERE id = $3::uuid), $4::api_key_role, $5::text,
         $6::text, $7::text, now() + $8::int * interval '1 second'
       WHERE $3::uuid IS NULL OR EXISTS (SELECT FROM api_key WHERE id = $3::uuid AND revoked_at IS NULL)
       RETURNING id`,
      [
        ...[id, hash, apiKeyId, operator?.role ?? null, operator?.issuer ?? null, operator?.subject ?? null],
        ...[operator?.name ?? null, CONSOLE_SESSION_SECONDS],
      ],
    )
    if (inserted.length === 0) throw unknownSession()
    await tx.query(
      `DELETE FROM console_session WHERE id IN (
         SELECT id FROM console_session
         WHERE api_key_id IS NOT DISTINCT FROM $1::uuid AND issuer IS NOT DISTINCT FROM $2::text
           AND subject IS NOT DISTINCT FROM $3::text
         ORDER BY id DESC OFFSET $4::int)`,
      [apiKeyId, operator?.issuer ?? null, operator?.subject ?? null, MAX_SESSIONS],
    )
    await recordAudit(tx, { type: 'ConsoleSession', id, workspaceId })
    return { id, token: secret }
  })
}

const REMOVED_BATCH = 5_000

/** Removes sessions that have expired, once an hour. They cannot be used any more. */
export function createConsoleSessionRetention(
  database: Database,
  onError: (error: unknown) => void,
  everyMs = 60 * 60 * 1000,
): Loop {
  return createLoop({
    everyMs,
    onError,
    async work(signal) {
      await removeInBatches(database, { name: 'console sessions', signal }, async (tx) => {
        const gone = await tx.query(
          `DELETE FROM console_session WHERE id = ANY (ARRAY (
             SELECT id FROM console_session WHERE expires_at <= now() ORDER BY expires_at LIMIT $1::int
           )) RETURNING 1 AS one`,
          [REMOVED_BATCH],
        )
        return { removed: gone.length, more: gone.length === REMOVED_BATCH }
      })
    },
  })
}

/** Ends the session of a caller, with everything that it has open. */
export async function endConsoleSession(database: Database, bus: WakeBus, caller: Caller): Promise<void> {
  const { consoleSessionId: id, workspaceId } = caller
  if (id === undefined) return
  await database.transaction(async (tx) => {
    const ended = await tx.query('DELETE FROM console_session WHERE id = $1::uuid RETURNING id', [id])
    if (ended.length === 0) return
    await recordAudit(tx, { type: 'ConsoleSession', id, workspaceId })
    tx.afterCommit(() => bus.publish('access', id))
  })
}

/** SQL: sessions that can be used, as `s`, with the key as `k` and its workspace as `w`. */
export const USABLE_SESSIONS = `console_session s LEFT JOIN api_key k ON k.id = s.api_key_id AND k.hash = s.key_hash
  LEFT JOIN workspace w ON w.id = k.workspace_id
  WHERE s.expires_at > now() AND ((s.api_key_id IS NULL AND s.role IS NOT NULL) OR (k.id IS NOT NULL AND ${USABLE_KEY}))`

interface SessionRow extends KeyRow {
  session_id: string
  token: string
  operator_name: string | null
  operator_role: 'OPERATOR' | 'READER' | null
}

/** The caller for a session of the console. @throws UnauthenticatedError */
export async function authenticateConsole(database: Database, reads: Batcher, token: ConsoleToken): Promise<Caller> {
  if (!isOneTimeSecret(token.value)) throw unknownSession()
  const hash = Buffer.from(hashOneTimeSecret(token.value)).toString('hex')
  const [row] = await reads.load('console_session', [hash], async (hashes) => {
    const rows = await database.sql.query<SessionRow>(
      `SELECT encode(s.token_hash, 'hex') AS token, s.id AS session_id, s.name AS operator_name, s.role AS operator_role,
         ${KEY_COLUMNS}
       FROM ${USABLE_SESSIONS} AND s.token_hash = ANY(${decodedHashes('$1')})`,
      [hashes],
    )
    const found = new Map(rows.map((each) => [each.token, each]))
    return hashes.map((each) => found.get(each) ?? unknownSession())
  })
  if (row === undefined || row instanceof Error) throw row ?? unknownSession()
  const { session_id: consoleSessionId, operator_name: name, operator_role: role } = row
  const caller = role === null ? callerOfKey(row) : callerOfOperator({ name: name ?? 'operator', role })
  return { ...caller, consoleSessionId }
}

function unknownSession(): UnauthenticatedError {
  return new UnauthenticatedError('This session of the console has ended. Sign in again.')
}
