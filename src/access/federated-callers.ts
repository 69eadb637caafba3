import { createHash } from 'node:crypto'
import {
  type CryptoKey,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWSHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose'
import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Egress } from '../egress/egress.ts'
import { LatchkeyError, UnauthenticatedError, UnavailableError } from '../kit/errors.ts'
import { illFormedText } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import type { Caller } from './caller.ts'
import { endUserOfToken, externalIdOf } from './token-end-user.ts'

/** An end user of a workspace, known by a token of one of the workspace's OIDC issuers. */
interface FederatedCaller extends Caller {
  kind: 'FEDERATED_USER'
  workspaceId: string
  endUserId: string
  expiresAt: Date
  oidcIssuerId: string
  /** Of the issuer's settings that let the token in: another version ends what is open. */
  oidcIssuerVersion: number
}

export function isFederated(caller: Caller): caller is FederatedCaller {
  return caller.kind === 'FEDERATED_USER' && 'oidcIssuerId' in caller
}

export interface FederatedCallers {
  /**
   * @param token a JWT, as `isJwt` tells them
   * @throws UnauthenticatedError that is the same whatever is wrong; UnavailableError when the issuer's keys cannot be had
   */
  authenticate(token: string): Promise<FederatedCaller>
  close(): void
}

interface FederatedCallersDeps {
  database: Database
  bus: WakeBus
  egress: Egress
  logger: Logger
}

const MAX_TOKEN_BYTES = 8 * 1024
const CLOCK_TOLERANCE_SECONDS = 60
/** The last second that a timestamp of four-digit years can say. */
const MAX_EPOCH_SECONDS = 253_402_300_799
const CACHE_MS = 2_000
const CACHE_SIZE = 10_000

/** Header, payload and signature (RFC 7515 section 7.1); the last is empty in an unsecured one. */
const THREE_PARTS = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** Tells a JWT from a key, which an operator may have chosen with dots in it. */
export function isJwt(credential: string): boolean {
  if (!THREE_PARTS.test(credential)) return false
  try {
    return typeof decodeProtectedHeader(credential).alg === 'string'
  } catch {
    return false
  }
}

interface IssuerRow {
  [column: string]: unknown
  id: string
  workspaceId: string
  issuer: string
  audience: string
  jwksUrl: string | null
  endUserClaim: string
  allowedAlgorithms: string[]
  createEndUsers: boolean
  version: number
}

/** Knows callers by tokens of the product's own OIDC issuers. */
export function createFederatedCallers(
  { database, bus, egress, logger }: FederatedCallersDeps,
  options: IssuerKeysOptions = {},
): FederatedCallers {
  const keys = createIssuerKeys(egress, logger, options)
  const known = new Map<string, { caller: FederatedCaller; until: number }>()
  let changes = 0
  const forget = bus.subscribe('access', (id) => {
    changes += 1
    // The id of an issuer, or of a workspace that was deleted.
    for (const [hash, { caller }] of known) {
      if (caller.oidcIssuerId === id || caller.workspaceId === id) known.delete(hash)
    }
  })

  const identify = async (token: string): Promise<FederatedCaller> => {
    const issuer = await findIssuer(database, unverifiedClaims(token))
    const { payload, protectedHeader } = await verify(token, issuer, (header) => keys.find(issuer, header))
    checkType(protectedHeader.typ)
    const expiresAt = checkTimes(payload)
    // A token that is bound to a key of its holder is worth nothing in other hands (RFC 7800, RFC 9449): we could not tell.
    if (payload['cnf'] !== undefined) throw new RefusedTokenError('bound to a key')
    const externalId = externalIdOf(payload, issuer.endUserClaim)
    if (externalId === null) throw new RefusedTokenError('no usable end user claim')
    const endUserId = await endUserOfToken(database.sql, issuer.workspaceId, externalId, issuer.createEndUsers)
    if (endUserId === null) throw new RefusedTokenError('unknown end user')
    return {
      kind: 'FEDERATED_USER',
      role: 'READER',
      workspaceId: issuer.workspaceId,
      endUserId,
      apiKeyId: null,
      connectSessionId: null,
      expiresAt,
      oidcIssuerId: issuer.id,
      oidcIssuerVersion: issuer.version,
    }
  }

  return {
    async authenticate(token) {
      const hash = createHash('sha256').update(token).digest('base64')
      const now = Date.now()
      const hit = known.get(hash)
      if (hit !== undefined && hit.until > now && hit.caller.expiresAt.getTime() > now) return hit.caller
      known.delete(hash)
      const before = changes
      try {
        const caller = await identify(token)
        if (known.size >= CACHE_SIZE) known.clear()
        // What was read before a change must not be kept after it.
        if (before === changes) known.set(hash, { caller, until: now + CACHE_MS })
        return caller
      } catch (error) {
        if (!(error instanceof RefusedTokenError)) throw error
        logger.debug({ reason: error.message, issuer: error.issuer }, 'refused a token')
        throw new UnauthenticatedError('This token is not valid here.')
      }
    },
    close: forget,
  }
}

/** Why a token is refused: for the log. It holds nothing of the token but its issuer. */
class RefusedTokenError extends Error {
  readonly issuer: string | undefined

  constructor(reason: string, issuer?: string) {
    super(reason)
    this.issuer = issuer?.slice(0, 200)
  }
}

/** What a token says of itself, to find the settings that it is to be checked by. Nothing else may rest on it. */
function unverifiedClaims(token: string): { issuer: string; audiences: string[] } {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new RefusedTokenError('too large')
  let payload: JWTPayload
  try {
    payload = decodeJwt(token)
  } catch {
    throw new RefusedTokenError('not a JWT')
  }
  const { iss, aud } = payload
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (typeof iss !== 'string' || !audiences.every((item) => typeof item === 'string')) {
    throw new RefusedTokenError('no issuer or no audience')
  }
  if (illFormedText([iss, ...audiences]) !== null) throw new RefusedTokenError('ill-formed text')
  return { issuer: iss, audiences }
}

/** A token that several settings would take is taken by none: it would be left to chance where it leads. */
async function findIssuer(
  database: Database,
  { issuer, audiences }: { issuer: string; audiences: string[] },
): Promise<IssuerRow> {
  const [row, another] = await database.sql.query<IssuerRow>(
    `SELECT i.id, i.workspace_id AS "workspaceId", i.issuer, i.audience, i.jwks_url AS "jwksUrl",
       i.end_user_claim AS "endUserClaim", i.allowed_algorithms AS "allowedAlgorithms",
       i.create_end_users AS "createEndUsers", i.version
     FROM oidc_issuer i JOIN workspace w ON w.id = i.workspace_id
     WHERE i.issuer = $1::text AND i.audience = ANY($2::text[]) AND w.deleted_at IS NULL LIMIT 2`,
    [issuer, audiences],
  )
  if (row === undefined) throw new RefusedTokenError('unknown issuer or audience', issuer)
  if (another !== undefined) throw new RefusedTokenError('audiences of several issuers', issuer)
  return row
}

/** RFC 8725: the algorithms and the key come from the settings; headers that bring a key or its place are not read. */
async function verify(
  token: string,
  { issuer, audience, allowedAlgorithms }: IssuerRow,
  findKey: JWTVerifyGetKey,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, findKey, {
      algorithms: allowedAlgorithms,
      issuer,
      audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
    })
  } catch (error) {
    if (error instanceof LatchkeyError) throw error
    // Besides jose's own errors: what node says of a key that does not fit.
    const reason = error instanceof errors.JOSEError ? error.code : 'the key does not fit'
    throw new RefusedTokenError(
      error instanceof errors.JWTClaimValidationFailed ? `${reason} ${error.claim}` : reason,
      issuer,
    )
  }
}

/** RFC 9068 section 2.1 and RFC 8725 section 3.11: tokens of other kinds, such as logout tokens, are none of ours. */
function checkType(type: string | undefined): void {
  if (type !== undefined && !/^(?:application\/)?(?:at\+jwt|jwt)$/i.test(type)) {
    throw new RefusedTokenError('another type of token')
  }
}

/** What jose leaves open of the times. @returns when the token ends */
function checkTimes({ exp, iat }: JWTPayload): Date {
  if (iat !== undefined && iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new RefusedTokenError('issued in the future')
  }
  if (exp === undefined || exp < 0 || exp > MAX_EPOCH_SECONDS) throw new RefusedTokenError('no usable expiry')
  return new Date(exp * 1000)
}

export interface IssuerKeysOptions {
  /** At least this long between the beginnings of two reads of one issuer's keys, whoever asks. Default: 5,000. */
  cooldownMs?: number
  /** Keys that are older are read again: how long a key that the issuer took away is believed. Default: 600,000. */
  maxAgeMs?: number
  /** Keys that are older are not used, even while the issuer does not answer. Default: 86,400,000. */
  maxStaleMs?: number
}

/** Where the keys of an issuer are. */
interface JwksSource {
  issuer: string
  /** Null: the issuer's metadata tells. */
  jwksUrl: string | null
}

interface IssuerKeys {
  /**
   * The key that a token's header names. A key that is not known makes the keys be read once more.
   * @throws UnavailableError when the keys cannot be had; an error of jose when there is no such key
   */
  find(source: JwksSource, header: JWSHeaderParameters): Promise<CryptoKey>
}

interface Entry {
  keys: ReturnType<typeof createLocalJWKSet> | null
  fetchedAt: number
  triedAt: number
  failed: boolean
  pending: Promise<void> | null
}

const MAX_ENTRIES = 1_000
const TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 256 * 1024

/**
 * Keeps the public keys of issuers. jose's own remote set drops keys that are old before it has newer ones; here they
 * serve on while the issuer is away.
 */
function createIssuerKeys(egress: Egress, logger: Logger, options: IssuerKeysOptions = {}): IssuerKeys {
  const { cooldownMs = 5_000, maxAgeMs = 600_000, maxStaleMs = 86_400_000 } = options
  const entries = new Map<string, Entry>()

  const entryOf = ({ issuer, jwksUrl }: JwksSource): Entry => {
    const name = JSON.stringify([issuer, jwksUrl])
    let entry = entries.get(name)
    if (entry === undefined) {
      if (entries.size >= MAX_ENTRIES) entries.clear()
      entry = { keys: null, fetchedAt: 0, triedAt: Number.NEGATIVE_INFINITY, failed: false, pending: null }
      entries.set(name, entry)
    }
    return entry
  }

  const read = async (entry: Entry, source: JwksSource): Promise<void> => {
    try {
      const url = source.jwksUrl ?? (await discover(egress, source.issuer))
      entry.keys = createLocalJWKSet(keySetOf(await getJson(egress, url)))
      entry.fetchedAt = Date.now()
      entry.failed = false
    } catch (error) {
      entry.failed = true
      logger.warn({ issuer: source.issuer, err: error }, 'could not read the keys of an OIDC issuer')
    }
  }

  /** Reads the keys, together with whoever reads them already, and not before the cooldown is over. Never rejects. */
  const refresh = async (entry: Entry, source: JwksSource): Promise<void> => {
    if (entry.pending === null) {
      if (Date.now() - entry.triedAt < cooldownMs) return
      entry.triedAt = Date.now()
      entry.pending = read(entry, source).finally(() => {
        entry.pending = null
      })
    }
    await entry.pending
  }

  const ageMs = (entry: Entry) => Date.now() - entry.fetchedAt

  return {
    async find(source, header) {
      const entry = entryOf(source)
      if (entry.keys === null || ageMs(entry) > maxAgeMs) {
        const reading = refresh(entry, source)
        // While the issuer does not answer, nobody waits for it who can be served without.
        if (entry.keys === null || !entry.failed || ageMs(entry) > maxStaleMs) await reading
      }
      if (entry.keys === null || ageMs(entry) > maxStaleMs) throw keysAway()
      try {
        return await entry.keys(header)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
      await refresh(entry, source)
      if (entry.failed) throw keysAway()
      return entry.keys(header)
    },
  }
}

/** OpenID Connect Discovery 1.0, section 4: the metadata must be that of this very issuer (section 4.3). */
async function discover(egress: Egress, issuer: string): Promise<string> {
  const metadata = await getJson(egress, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  if (!isObject(metadata) || metadata['issuer'] !== issuer) {
    throw new Error('The metadata of the issuer names another issuer.')
  }
  const url = metadata['jwks_uri']
  if (typeof url !== 'string') throw new Error('The metadata of the issuer has no jwks_uri.')
  return url
}

async function getJson(egress: Egress, url: string): Promise<unknown> {
  const response = await egress.send({
    method: 'GET',
    url,
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'never',
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: MAX_ANSWER_BYTES,
  })
  if (response.status !== 200) {
    await response.cancel()
    throw new Error(`The issuer answered with ${response.status}.`)
  }
  return JSON.parse(await response.text())
}

/** RFC 7517 section 5. What each key is, is checked by jose when it is used. */
function keySetOf(value: unknown): { keys: Record<string, unknown>[] } {
  if (!isObject(value) || !Array.isArray(value['keys']) || !value['keys'].every(isObject)) {
    throw new Error('The issuer answered what is no set of keys.')
  }
  return { keys: value['keys'] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keysAway(): UnavailableError {
  return new UnavailableError('The issuer of this token cannot be asked for its keys at the moment. Try again soon.')
}
