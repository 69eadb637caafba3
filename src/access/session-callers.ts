import type { Database } from '../db/database.ts'
import type { Batcher } from '../kit/batch.ts'
import { UnauthenticatedError } from '../kit/errors.ts'
import { decodedHashes, hashKey } from './api-keys.ts'
import type { Caller } from './caller.ts'

const TOKEN = /^lkc_[A-Za-z0-9_-]{43}$/

/** Whether a credential has the form of a connect session's token. */
export function isSessionToken(credential: string): boolean {
  return TOKEN.test(credential)
}

/** Hash under which the token of a connect session is stored. */
export const hashSessionToken = hashKey

interface SessionCallerRow {
  [column: string]: unknown
  hash: string
  id: string
  workspaceId: string
  endUserId: string
  expiresAt: Date
}

/**
 * The caller for a connect session's token. It may read the session and its connection until the session expires or is
 * revoked, also after the session has completed or failed.
 * @throws UnauthenticatedError
 */
export async function authenticateSession(database: Database, reads: Batcher, token: string): Promise<Caller> {
  const hash = Buffer.from(hashSessionToken(token)).toString('hex')
  const [row] = await reads.load('connect_session', [hash], async (hashes) => {
    const rows = await database.sql.query<SessionCallerRow>(
      `SELECT encode(s.token_hash, 'hex') AS hash, s.id, s.workspace_id AS "workspaceId", s.end_user_id AS "endUserId",
         s.expires_at AS "expiresAt"
       FROM connect_session s JOIN workspace w ON w.id = s.workspace_id
       WHERE s.token_hash = ANY(${decodedHashes('$1')}) AND s.status <> 'REVOKED' AND s.expires_at > now()
         AND w.deleted_at IS NULL`,
      [hashes],
    )
    const found = new Map(rows.map((each) => [each.hash, each]))
    return hashes.map((each) => found.get(each) ?? unknownSession())
  })
  if (row === undefined || row instanceof Error) throw row
  const { id, hash: _hash, ...session } = row
  return { ...session, kind: 'CONNECT_SESSION', role: 'READER', apiKeyId: null, connectSessionId: id }
}

function unknownSession(): UnauthenticatedError {
  return new UnauthenticatedError('This connect session is unknown, expired or revoked. Create another one.')
}
