import type { Database } from '../db/database.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { UnauthenticatedError } from '../kit/errors.ts'
import { hashKey } from './api-keys.ts'
import type { Caller, CallerRole } from './caller.ts'
import { createFederatedCallers, type FederatedCallersDeps, isJwt } from './federated-callers.ts'
import { authenticateSession, isSessionToken } from './session-callers.ts'

/** How long a valid key is cached. A wake-up about its revocation removes it earlier. */
const CACHE_MS = 2_000
const CACHE_SIZE = 10_000
/** `last_used_at` is at most this old, so that a busy key does not update its row with every request. */
const LAST_USED_EVERY_MS = 60_000

export interface CallerAuthenticator {
  /**
   * @param authorization value of the Authorization header, or of connectionParams.authorization
   * @param workspace global id or slug of the workspace that the request names; default: none. Only for JWTs.
   * @throws UnauthenticatedError, with the same message for unknown, revoked and expired keys, and one message for all invalid
   * tokens; AmbiguousError when a request with a JWT has to name the workspace; UnavailableError when the keys of the token's
   * issuer cannot be read
   */
  authenticate(authorization: string | null | undefined, workspace?: string | null): Promise<Caller>
  close(): void
}

interface KeyRow {
  [column: string]: unknown
  id: string
  workspace_id: string | null
  role: CallerRole
  expires_at: Date | null
  last_used_at: Date | null
}

/** Authenticates callers by an API key, a connect session's token, or a JWT of one of the workspaces' OIDC issuers. */
export function createCallerAuthenticator(deps: FederatedCallersDeps): CallerAuthenticator {
  const { database, bus } = deps
  const federated = createFederatedCallers(deps)
  /** By the hash of the key. */
  const known = new BoundedMap<string, Caller>({ max: CACHE_SIZE, ttlMs: CACHE_MS })
  let revocations = 0
  const unsubscribe = bus.subscribe('access', (id) => {
    revocations += 1
    // `id` is that of a key, or of a deleted workspace.
    for (const hash of [...known.keys()]) {
      const caller = known.get(hash)
      if (caller?.apiKeyId === id || caller?.workspaceId === id) known.delete(hash)
    }
  })
  return {
    async authenticate(authorization, workspace) {
      const key = bearerOf(authorization)
      if (isSessionToken(key)) return authenticateSession(database, key)
      if (isJwt(key)) return federated.authenticate(key, workspace)
      const hash = hashKey(key)
      const cacheKey = Buffer.from(hash).toString('base64')
      const cached = known.get(cacheKey)
      if (cached !== undefined && !isExpired(cached)) return cached
      const before = revocations
      const row = await findKey(database, hash)
      if (row === null) {
        known.delete(cacheKey)
        throw unknownCaller()
      }
      const caller = callerOfKey(row)
      // A key that was read before a concurrent revocation must not be cached after it.
      if (before === revocations) known.set(cacheKey, caller)
      return caller
    },
    close() {
      unsubscribe()
      federated.close()
    },
  }
}

/** Finds a valid key by its hash and updates its `last_used_at`. */
async function findKey(database: Database, hash: Uint8Array): Promise<KeyRow | null> {
  const [row] = await database.sql.query<KeyRow>(
    `SELECT k.id, k.workspace_id, k.role, k.expires_at, k.last_used_at
     FROM api_key k LEFT JOIN workspace w ON w.id = k.workspace_id
     WHERE k.hash = $1::bytea AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
       AND (k.workspace_id IS NULL OR w.deleted_at IS NULL)`,
    [hash],
  )
  if (row === undefined) return null
  if (row.last_used_at === null || Date.now() - row.last_used_at.getTime() > LAST_USED_EVERY_MS) {
    await database.sql.query('UPDATE api_key SET last_used_at = now() WHERE id = $1::uuid', [row.id])
  }
  return row
}

function callerOfKey(row: KeyRow): Caller {
  return {
    kind: row.workspace_id === null ? 'OPERATOR' : 'API_KEY',
    role: row.role,
    workspaceId: row.workspace_id,
    endUserId: null,
    apiKeyId: row.id,
    connectSessionId: null,
    expiresAt: row.expires_at,
  }
}

function isExpired({ expiresAt }: Caller): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now()
}

/** RFC 6750 section 2.1, with any visible characters, because operators choose the value of LATCHKEY_OPERATOR_KEY. */
const BEARER = /^Bearer +([\x21-\x7e]+)$/i

function bearerOf(authorization: string | null | undefined): string {
  const key = BEARER.exec(authorization ?? '')?.[1]
  if (key === undefined) {
    throw new UnauthenticatedError('Authentication is required. Send the header "Authorization: Bearer <API key>".')
  }
  return key
}

function unknownCaller(): UnauthenticatedError {
  return new UnauthenticatedError('This key is unknown, expired or revoked. Use a valid API key.')
}
