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
import { BoundedMap } from '../kit/bounded-map.ts'
import { LatchkeyError, UnauthenticatedError, UnavailableError } from '../kit/errors.ts'
import { illFormedText } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import { createSingleFlight } from '../kit/single-flight.ts'
import type { Caller } from './caller.ts'
import { endUserOfToken, externalIdOf } from './token-end-user.ts'

/** An end user of a workspace who presented a token of one of the workspace's OIDC issuers. */
interface FederatedCaller extends Caller {
  kind: 'FEDERATED_USER'
  workspaceId: string
  endUserId: string
  expiresAt: Date
  oidcIssuerId: string
  /** Version of the issuer's settings that accepted the token. When it changes, open subscriptions end. */
  oidcIssuerVersion: number
}

export function isFederated(caller: Caller): caller is FederatedCaller {
  return caller.kind === 'FEDERATED_USER' && 'oidcIssuerId' in caller
}

export interface FederatedCallers {
  /**
   * @param token a JWT, see `isJwt`
   * @throws UnauthenticatedError, with one message for all invalid tokens; UnavailableError when the issuer's keys cannot be
   * read
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
/** 9999-12-31T23:59:59Z. */
const MAX_EPOCH_SECONDS = 253_402_300_799
const CACHE_MS = 2_000
const CACHE_SIZE = 10_000

/** Header, payload and signature (RFC 7515 section 7.1). The signature of an unsecured JWT is empty. */
const THREE_PARTS = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** Whether a credential is a JWT. An operator key may contain dots too, so the header is decoded. */
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

/** Authenticates end users by tokens of the workspaces' OIDC issuers. */
export function createFederatedCallers(
  { database, bus, egress, logger }: FederatedCallersDeps,
  options: IssuerKeysOptions = {},
): FederatedCallers {
  const keys = createIssuerKeys(egress, logger, options)
  /** By the hash of the token. */
  const known = new BoundedMap<string, FederatedCaller>({ max: CACHE_SIZE, ttlMs: CACHE_MS })
  let changes = 0
  const unsubscribe = bus.subscribe('access', (id) => {
    changes += 1
    // `id` is that of an issuer, or of a deleted workspace.
    for (const hash of [...known.keys()]) {
      const caller = known.get(hash)
      if (caller?.oidcIssuerId === id || caller?.workspaceId === id) known.delete(hash)
    }
  })

  const identify = async (token: string): Promise<FederatedCaller> => {
    const issuer = await findIssuer(database, unverifiedClaims(token))
    const { payload, protectedHeader } = await verify(token, issuer, (header) => keys.find(issuer, header))
    checkType(protectedHeader.typ)
    const expiresAt = checkTimes(payload)
    // A sender-constrained token (RFC 7800, RFC 9449) requires a proof of possession, which is not implemented.
    if (payload['cnf'] !== undefined) throw new RejectedTokenError('bound to a key')
    const externalId = externalIdOf(payload, issuer.endUserClaim)
    if (externalId === null) throw new RejectedTokenError('no usable end user claim')
    const endUserId = await endUserOfToken(database.sql, issuer.workspaceId, externalId, issuer.createEndUsers)
    if (endUserId === null) throw new RejectedTokenError('unknown end user')
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
      const cached = known.get(hash)
      if (cached !== undefined && cached.expiresAt.getTime() > Date.now()) return cached
      known.delete(hash)
      const before = changes
      try {
        const caller = await identify(token)
        // A caller that was read before a concurrent change must not be cached after it.
        if (before === changes) known.set(hash, caller)
        return caller
      } catch (error) {
        if (!(error instanceof RejectedTokenError)) throw error
        logger.debug({ reason: error.message, issuer: error.issuer }, 'a token was rejected')
        throw new UnauthenticatedError('This token is not valid.')
      }
    },
    close: unsubscribe,
  }
}

/** Why a token was rejected, for the log. Contains nothing of the token but its issuer. */
class RejectedTokenError extends Error {
  readonly issuer: string | undefined

  constructor(reason: string, issuer?: string) {
    super(reason)
    this.issuer = issuer?.slice(0, 200)
  }
}

/** Issuer and audiences of an unverified token. Use them only to find the settings for the verification. */
function unverifiedClaims(token: string): { issuer: string; audiences: string[] } {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new RejectedTokenError('too large')
  let payload: JWTPayload
  try {
    payload = decodeJwt(token)
  } catch {
    throw new RejectedTokenError('not a JWT')
  }
  const { iss, aud } = payload
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (typeof iss !== 'string' || !audiences.every((item) => typeof item === 'string')) {
    throw new RejectedTokenError('no issuer or no audience')
  }
  if (illFormedText([iss, ...audiences]) !== null) throw new RejectedTokenError('ill-formed text')
  return { issuer: iss, audiences }
}

/** The settings for a token. A token that matches several settings is rejected, because its workspace would be arbitrary. */
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
  if (row === undefined) throw new RejectedTokenError('unknown issuer or audience', issuer)
  if (another !== undefined) throw new RejectedTokenError('audiences of several issuers', issuer)
  return row
}

/** RFC 8725: algorithms and keys come from the settings. Token headers that contain a key or its URL are ignored. */
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
    // Errors other than jose's come from node:crypto and mean that the key does not fit.
    const reason = error instanceof errors.JOSEError ? error.code : 'the key does not fit'
    throw new RejectedTokenError(
      error instanceof errors.JWTClaimValidationFailed ? `${reason} ${error.claim}` : reason,
      issuer,
    )
  }
}

/** RFC 9068 section 2.1 and RFC 8725 section 3.11: tokens of other types, such as logout tokens, are rejected. */
function checkType(type: string | undefined): void {
  if (type !== undefined && !/^(?:application\/)?(?:at\+jwt|jwt)$/i.test(type)) {
    throw new RejectedTokenError('another type of token')
  }
}

/** Checks the times beyond what jose checks. @returns when the token expires */
function checkTimes({ exp, iat }: JWTPayload): Date {
  if (iat !== undefined && iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new RejectedTokenError('issued in the future')
  }
  if (exp === undefined || exp < 0 || exp > MAX_EPOCH_SECONDS) throw new RejectedTokenError('no usable expiry')
  return new Date(exp * 1000)
}

export interface IssuerKeysOptions {
  /** Minimum time between two reads of one issuer's keys, in milliseconds. Default: 5,000. */
  cooldownMs?: number
  /** Age in milliseconds at which keys are read again. A key that the issuer removes is accepted this long. Default: 600,000. */
  maxAgeMs?: number
  /** Age in milliseconds up to which keys are used while the issuer is unavailable. Default: 86,400,000. */
  maxStaleMs?: number
}

/** Where the keys of an issuer are read from. */
interface JwksSource {
  issuer: string
  /** Null: the `jwks_uri` of the issuer's metadata. */
  jwksUrl: string | null
}

interface IssuerKeys {
  /**
   * The key that a token's header names. When it is unknown, the keys are read once more.
   * @throws UnavailableError when the keys cannot be read; an error of jose when there is no such key
   */
  find(source: JwksSource, header: JWSHeaderParameters): Promise<CryptoKey>
}

interface IssuerEntry {
  keys: ReturnType<typeof createLocalJWKSet> | null
  fetchedAt: number
  triedAt: number
  failed: boolean
}

const MAX_ENTRIES = 1_000
const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 256 * 1024

/**
 * Caches the public keys of issuers. Unlike jose's remote key set, it keeps using old keys while the issuer is
 * unavailable.
 */
function createIssuerKeys(egress: Egress, logger: Logger, options: IssuerKeysOptions = {}): IssuerKeys {
  const { cooldownMs = 5_000, maxAgeMs = 600_000, maxStaleMs = 86_400_000 } = options
  const entries = new BoundedMap<string, IssuerEntry>({ max: MAX_ENTRIES })
  const reads = createSingleFlight<void>()
  const nameOf = ({ issuer, jwksUrl }: JwksSource) => JSON.stringify([issuer, jwksUrl])

  const entryOf = (source: JwksSource): IssuerEntry => {
    const name = nameOf(source)
    const known = entries.get(name)
    if (known !== undefined) return known
    const entry = { keys: null, fetchedAt: 0, triedAt: Number.NEGATIVE_INFINITY, failed: false }
    entries.set(name, entry)
    return entry
  }

  const read = async (entry: IssuerEntry, source: JwksSource): Promise<void> => {
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

  /** Reads the keys, or waits for a running read. Does nothing during the cooldown. Never rejects. */
  const refresh = (entry: IssuerEntry, source: JwksSource): Promise<void> =>
    reads.run(nameOf(source), async () => {
      if (Date.now() - entry.triedAt < cooldownMs) return
      entry.triedAt = Date.now()
      await read(entry, source)
    })

  const ageMs = (entry: IssuerEntry) => Date.now() - entry.fetchedAt

  return {
    async find(source, header) {
      const entry = entryOf(source)
      if (entry.keys === null || ageMs(entry) > maxAgeMs) {
        const reading = refresh(entry, source)
        // While the issuer is unavailable, callers do not wait for it if older keys can be used.
        if (entry.keys === null || !entry.failed || ageMs(entry) > maxStaleMs) await reading
      }
      if (entry.keys === null || ageMs(entry) > maxStaleMs) throw keysUnavailable()
      try {
        return await entry.keys(header)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
      await refresh(entry, source)
      if (entry.failed) throw keysUnavailable()
      return entry.keys(header)
    },
  }
}

/** The jwks_uri by OpenID Connect Discovery 1.0 section 4. The metadata must name exactly this issuer (section 4.3). */
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
    maxResponseBytes: MAX_RESPONSE_BYTES,
  })
  if (response.status !== 200) {
    await response.cancel()
    throw new Error(`The issuer responded with status ${response.status}.`)
  }
  return JSON.parse(await response.text())
}

/** RFC 7517 section 5. jose checks each key when it is used. */
function keySetOf(value: unknown): { keys: Record<string, unknown>[] } {
  if (!isObject(value) || !Array.isArray(value['keys']) || !value['keys'].every(isObject)) {
    throw new Error('The issuer did not return a JWK set.')
  }
  return { keys: value['keys'] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keysUnavailable(): UnavailableError {
  return new UnavailableError("The keys of this token's issuer cannot be read at the moment. Try again soon.")
}
