import { hash } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { type Batcher, createBatcher } from '../kit/batch.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { UnauthenticatedError } from '../kit/errors.ts'
import { callerOfKey, decodedHashes, hashLimitedKey, KEY_COLUMNS, type KeyRow, USABLE_KEY } from './api-keys.ts'
import type { Caller } from './caller.ts'
import { authenticateConsole, ConsoleToken } from './console-sessions.ts'
import { createFederatedCallers, type FederatedCallersDeps, isJwt, type Limit } from './federated-callers.ts'
import { authenticateSession, isSessionToken } from './session-callers.ts'

/** How long a valid key is cached. A wake-up about its revocation removes it earlier. */
const CACHE_MS = 2_000
const CACHE_SIZE = 10_000
/** `last_used_at` is at most this old, so that a busy key does not update its row with every request. By the database's clock. */
const LAST_USED_EVERY = "interval '1 minute'"

/** What a caller presents: a header, or the cookie of the console if the request may use it. */
export type Credential = string | ConsoleToken | null | undefined

export interface CallerAuthenticator {
  /**
   * @param authorization value of the Authorization header, or of connectionParams.authorization; or the cookie of the console
   * @param workspace global id or slug of the workspace that the request names; default: none. Only for JWTs.
   * @param limit runs the steps of checking a JWT that take work of this process; default: at once
   * @throws UnauthenticatedError, with the same message for unknown, revoked and expired keys, and one message for all tokens that are
   * invalid or whose keys cannot be read; AmbiguousError when a request with a JWT has to name the workspace
   */
  authenticate(authorization: Credential, workspace?: string | null, limit?: Limit): Promise<Caller>
  /** The caller of a header with an API key that was found lately, without a wait. Undefined: `authenticate` decides. */
  knownCaller?(authorization: Credential): Caller | undefined
  close(): void
}

interface FoundKey extends KeyRow {
  hash: string
  unrecorded: boolean
}

/**
 * Authenticates callers by an API key, a session of the console, a connect session's token, or a JWT of one of the workspaces' OIDC
 * issuers. To check an unknown key takes a hash and a share of an indexed lookup: keys that arrive while lookups run are looked up
 * together.
 */
export function createCallerAuthenticator(deps: FederatedCallersDeps): CallerAuthenticator {
  const { database, bus } = deps
  const federated = createFederatedCallers(deps)
  /** By the whole header. To hash the key for each request would take longer than all the rest. */
  const known = new BoundedMap<string, Caller>({ max: CACHE_SIZE, ttlMs: CACHE_MS, erase: true })
  const reads = createBatcher()
  let revocations = 0
  const unsubscribe = bus.subscribe('access', (id) => {
    revocations += 1
    // `id` is that of a key, or of a deleted workspace.
    for (const header of [...known.keys()]) {
      const caller = known.get(header)
      if (caller?.apiKeyId === id || caller?.workspaceId === id) known.delete(header)
    }
  })

  function knownCaller(authorization: Credential): Caller | undefined {
    const caller = typeof authorization === 'string' ? known.get(authorization) : undefined
    return caller === undefined || isExpired(caller) ? undefined : caller
  }

  return {
    async authenticate(authorization, workspace, limit) {
      const cached = knownCaller(authorization)
      if (cached !== undefined) return cached
      if (authorization instanceof ConsoleToken) return authenticateConsole(database, reads, authorization)
      const key = bearerOf(authorization)
      if (isSessionToken(key)) return authenticateSession(database, reads, key)
      if (isJwt(key)) return federated.authenticate(key, workspace, limit)
      // As `hashKey`, in hexadecimal.
      const plain = hash('sha256', key, 'hex')
      const before = revocations
      const row = await findKey(database, reads, [plain, Buffer.from(hashLimitedKey(key)).toString('hex')])
      if (row === null) {
        known.delete(authorization ?? '')
        throw unknownCaller()
      }
      const caller = callerOfKey(row)
      // A key that was read before a concurrent revocation must not be cached after it.
      // One with many spaces is not cached either: callers would decide how much memory it takes.
      if (before === revocations && authorization?.length === 'Bearer '.length + key.length)
        known.set(authorization, caller)
      return caller
    },
    knownCaller,
    close() {
      unsubscribe()
      federated.close()
    },
  }
}

/**
 * Finds the valid key with one of these hashes, in hexadecimal, and updates its `last_used_at`. The hash that a key is found by
 * has to fit its limits: one without limits is never found by the hash for limited keys, nor the other way round.
 */
async function findKey(
  database: Database,
  reads: Batcher,
  [plain, limited]: [string, string],
): Promise<FoundKey | null> {
  const found = await reads.load('api_key', [plain, limited], async (hashes) => {
    const rows = await database.sql.query<FoundKey>(
      `SELECT encode(k.hash, 'hex') AS hash, ${KEY_COLUMNS},
         coalesce(k.last_used_at < now() - ${LAST_USED_EVERY}, true) AS unrecorded
       FROM api_key k LEFT JOIN workspace w ON w.id = k.workspace_id
       WHERE k.hash = ANY(${decodedHashes('$1')}) AND ${USABLE_KEY}`,
      [hashes],
    )
    const byHash = new Map(rows.map((row) => [row.hash, row]))
    return hashes.map((hash) => byHash.get(hash) ?? null)
  })
  const row = found.find((each): each is FoundKey => each !== null && !(each instanceof Error))
  if (row === undefined) return null
  if ((row.scopes.length > 0 || row.integration_ids.length > 0) !== (row.hash === limited)) return null
  if (row.unrecorded) {
    await database.sql.query(
      `UPDATE api_key SET last_used_at = now() WHERE id = $1::uuid AND coalesce(last_used_at < now() - ${LAST_USED_EVERY}, true)`,
      [row.id],
    )
  }
  return row
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
