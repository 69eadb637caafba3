import type { Database } from '../db/database.ts'
import { UnauthenticatedError } from '../kit/errors.ts'
import { hashKey } from './api-keys.ts'
import type { Caller } from './caller.ts'

const TOKEN = /^lkc_[A-Za-z0-9_-]{43}$/

/** Tells the token of a connect session from other credentials. */
export function isSessionToken(credential: string): boolean {
  return TOKEN.test(credential)
}

/** The token of a connect session as it is stored: 256 bits of randomness need no more than SHA-256. */
export const hashSessionToken = hashKey

interface SessionCallerRow {
  [column: string]: unknown
  id: string
  workspaceId: string
  endUserId: string
  expiresAt: Date
}

/**
 * The page that holds the token of a connect session: it sees this session and what comes of it, until the session expires
 * or is revoked. One that has ended otherwise can still be read.
 * @throws UnauthenticatedError
 */
export async function authenticateSession(database: Database, token: string): Promise<Caller> {
  const [row] = await database.sql.query<SessionCallerRow>(
    `SELECT s.id, s.workspace_id AS "workspaceId", s.end_user_id AS "endUserId", s.expires_at AS "expiresAt"
     FROM connect_session s JOIN workspace w ON w.id = s.workspace_id
     WHERE s.token_hash = $1::bytea AND s.status <> 'REVOKED' AND s.expires_at > now() AND w.deleted_at IS NULL`,
    [hashSessionToken(token)],
  )
  if (row === undefined) {
    throw new UnauthenticatedError('This connect session is not known, has expired or was revoked. Create another.')
  }
  const { id, ...session } = row
  return { ...session, kind: 'CONNECT_SESSION', role: 'READER', apiKeyId: null, connectSessionId: id }
}
