import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Egress } from '../egress/egress.ts'
import { UnauthenticatedError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { hashKey } from './api-keys.ts'
import type { Caller, CallerRole } from './caller.ts'
import { createFederatedCallers, isJwt } from './federated-callers.ts'
import { authenticateSession, isSessionToken } from './session-callers.ts'

/** How long a key that was found good is taken as good without a look, where no wake-up says otherwise. */
const CACHE_MS = 2_000
const CACHE_SIZE = 10_000
const LAST_USED_EVERY_MS = 60_000

export interface CallerAuthenticator {
  /**
   * @param authorization value of the Authorization header, or of connectionParams.authorization
   * @throws UnauthenticatedError that does not tell an unknown key from a revoked or expired one, and does not tell what is
   * wrong with a token; UnavailableError when the keys of the token's issuer cannot be had
   */
  authenticate(authorization: string | null | undefined): Promise<Caller>
  close(): void
}

interface Known {
  caller: Caller
  until: number
}

interface KeyRow {
  [column: string]: unknown
  id: string
  workspace_id: string | null
  role: CallerRole
  expires_at: Date | null
  last_used_at: Date | null
}

interface CallerAuthenticatorDeps {
  database: Database
  bus: WakeBus
  egress: Egress
  logger: Logger
}

/** Finds out who is calling: the holder of a key, of a connect session's token, or of a token of a workspace's OIDC issuer. */
export function createCallerAuthenticator(deps: CallerAuthenticatorDeps): CallerAuthenticator {
  const { database, bus } = deps
  const federated = createFederatedCallers(deps)
  const known = new Map<string, Known>()
  let revocations = 0
  const forget = bus.subscribe('access', (id) => {
    revocations += 1
    // The id of a key, or of a workspace that was deleted.
    for (const [hash, { caller }] of known) {
      if (caller.apiKeyId === id || caller.workspaceId === id) known.delete(hash)
    }
  })
  return {
    async authenticate(authorization) {
      const key = bearerOf(authorization)
      if (isSessionToken(key)) return authenticateSession(database, key)
      if (isJwt(key)) return federated.authenticate(key)
      const hash = hashKey(key)
      const cacheKey = Buffer.from(hash).toString('base64')
      const hit = known.get(cacheKey)
      const now = Date.now()
      if (hit !== undefined && hit.until > now && !isOver(hit.caller.expiresAt, now)) return hit.caller
      const before = revocations
      const row = await findKey(database, hash)
      if (row === null) {
        known.delete(cacheKey)
        throw unknownCaller()
      }
      const caller = callerOfKey(row)
      if (known.size >= CACHE_SIZE) known.clear()
      // What was read before a revocation must not be kept after it.
      if (before === revocations) known.set(cacheKey, { caller, until: now + CACHE_MS })
      return caller
    },
    close() {
      forget()
      federated.close()
    },
  }
}

/** Also keeps `last_used_at`, to the minute, so that a busy key is not one hot row. */
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

function isOver(expiresAt: Date | null, now: number): boolean {
  return expiresAt !== null && expiresAt.getTime() <= now
}

/** RFC 6750 section 2.1, but any visible characters: an operator chooses the value of LATCHKEY_OPERATOR_KEY. */
const BEARER = /^Bearer +([\x21-\x7e]+)$/i

function bearerOf(authorization: string | null | undefined): string {
  const key = BEARER.exec(authorization ?? '')?.[1]
  if (key === undefined) {
    throw new UnauthenticatedError('Say who is calling: send the header "Authorization: Bearer <API key>".')
  }
  return key
}

function unknownCaller(): UnauthenticatedError {
  return new UnauthenticatedError('This key is not known, or it has expired or was revoked. Use a valid API key.')
}
