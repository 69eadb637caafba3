import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyResult,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose'
import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { AmbiguousError, LatchkeyError, UnauthenticatedError, UnavailableError } from '../kit/errors.ts'
import { globalIdOf, isId } from '../kit/ids.ts'
import { illFormedText } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import type { Caller } from './caller.ts'
import type { IssuerKeys, JwksSource } from './issuer-keys.ts'
import { claimValue, endUserOfToken, externalIdOf } from './token-end-user.ts'

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
   * Until the signature of a token is verified, its sender learns nothing from the answer and its time: whether a workspace has an issuer
   * of that name, or whether its keys can be read.
   * @param token a JWT, see `isJwt`
   * @param workspace global id or slug of the workspace that the request names. Null: none; then exactly one workspace must have
   * a verified issuer that accepts the token, or the token must name one of them by the `workspaceClaim` of an issuer that an operator
   * has approved.
   * @param limit runs each step that takes work of this process or its database, but not the wait for keys of an issuer. Default: at once
   * @throws UnauthenticatedError, with one message for all tokens that are invalid or whose keys cannot be read; AmbiguousError when
   * the request has to name the workspace
   */
  authenticate(token: string, workspace?: string | null, limit?: Limit): Promise<FederatedCaller>
  close(): void
}

/** Runs work now or later, and settles as it does. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>

export interface FederatedCallersDeps {
  database: Database
  bus: WakeBus
  keys: IssuerKeys
  logger: Logger
  /** `operator`: issuers that no operator has approved accept no token. Default: `workspace`. */
  issuerApproval?: 'workspace' | 'operator' | undefined
  /** When a token that is not verified is rejected, in milliseconds after the issuers were looked up. Default: 3,000. */
  rejectAfterMs?: number | undefined
}

const MAX_TOKEN_BYTES = 8 * 1024
const CLOCK_TOLERANCE_SECONDS = 60
/** 9999-12-31T23:59:59Z. */
const MAX_EPOCH_SECONDS = 253_402_300_799
const CACHE_MS = 2_000
const CACHE_SIZE = 10_000
/** Issuers that are considered for one token. The tokens of more would be ambiguous. */
const MAX_CANDIDATES = 500
/** Key sets that are tried for one token. */
const MAX_SOURCES = 16
/** How long slow key sets can delay a token that another key set has accepted, in milliseconds. */
const GRACE_MS = 500
/**
 * Time in which a token must be verified, in milliseconds. An issuer that is slower answers a later request: its keys are read to the
 * end. Every other token is rejected after this time too, whether an issuer of its name exists or not.
 */
const VERIFY_WITHIN_MS = 3_000

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

/** The settings of an issuer that decide about a token. */
export interface TokenRules {
  workspaceId: string
  workspaceSlug: string
  issuer: string
  audience: string
  allowedAlgorithms: readonly string[]
  workspaceClaim: string | null
}

interface IssuerRow extends TokenRules {
  [column: string]: unknown
  id: string
  jwksUrl: string | null
  endUserClaim: string
  createEndUsers: boolean
  version: number
  /** By an operator. A workspace can only prove its issuer, which any user with a token can do in a workspace of their own. */
  approved: boolean
}

/** A token with a valid signature, and the issuers that accept it. */
interface Accepted<Rules> {
  payload: JWTPayload
  expiresAt: Date
  rows: Rules[]
}

/** Authenticates end users by tokens of the workspaces' OIDC issuers. */
export function createFederatedCallers({
  database,
  bus,
  keys,
  logger,
  issuerApproval = 'workspace',
  rejectAfterMs = VERIFY_WITHIN_MS,
}: FederatedCallersDeps): FederatedCallers {
  /** By the hash of the token and the workspace that the request names. */
  const known = new BoundedMap<string, FederatedCaller | AmbiguousError>({ max: CACHE_SIZE, ttlMs: CACHE_MS })
  let changes = 0
  const unsubscribe = bus.subscribe('access', (id) => {
    changes += 1
    // `id` is that of an issuer, or of a deleted workspace.
    for (const hash of [...known.keys()]) {
      const found = known.get(hash)
      if (found instanceof AmbiguousError || found?.oidcIssuerId === id || found?.workspaceId === id) known.delete(hash)
    }
  })

  /** The end user of the first of these issuers that has one for the token. They belong to one workspace. */
  const callerOf = async ({ payload, expiresAt, rows }: Accepted<IssuerRow>): Promise<FederatedCaller> => {
    let problem = 'no usable end user claim'
    for (const { id, workspaceId, endUserClaim, createEndUsers, version } of rows) {
      const externalId = externalIdOf(payload, endUserClaim)
      if (externalId === null) continue
      const endUserId = await endUserOfToken(database.sql, workspaceId, externalId, createEndUsers)
      if (endUserId === null) {
        problem = 'unknown end user'
        continue
      }
      return {
        kind: 'FEDERATED_USER',
        name: externalId,
        role: 'READER',
        workspaceId,
        endUserId,
        apiKeyId: null,
        connectSessionId: null,
        expiresAt,
        oidcIssuerId: id,
        oidcIssuerVersion: version,
      }
    }
    throw new RejectedTokenError(problem)
  }

  /** Rejects after `rejectAfterMs` with RejectedTokenError, whatever the reason. */
  const verified = async (token: string, issuer: string, candidates: readonly IssuerRow[], limit: Limit) => {
    const startedMs = performance.now()
    try {
      if (candidates.length === 0) throw new RejectedTokenError('unknown issuer or audience', issuer)
      return await within(VERIFY_WITHIN_MS, acceptedBy(keys, token, candidates, limit), () => keysUnread(issuer))
    } catch (error) {
      if (!(error instanceof RejectedTokenError || error instanceof UnavailableError)) throw error
      await delay(Math.max(0, startedMs + rejectAfterMs - performance.now()))
      throw error instanceof RejectedTokenError ? error : keysUnread(issuer)
    }
  }

  const identify = async (token: string, workspace: string | null, limit: Limit): Promise<FederatedCaller> => {
    const claims = unverifiedClaims(token)
    const candidates = await limit(() => findIssuers(database, claims, { workspace, issuerApproval }))
    const accepted = await verified(token, claims.issuer, candidates, limit)
    // A claim names the workspace as the header does, so issuers that the token does not name no longer matter. Which claim does so is
    // decided for all workspaces that share the issuer, so only an operator can decide it.
    const named = accepted.rows.filter(({ workspaceClaim, approved }) => workspaceClaim !== null && approved)
    const rows = named.length > 0 ? named : accepted.rows
    if (new Set(rows.map(({ workspaceId }) => workspaceId)).size > 1) throw workspaceNeeded()
    return callerOf({ ...accepted, rows })
  }

  return {
    async authenticate(token, workspace = null, limit = (work) => work()) {
      const hash = createHash('sha256')
        .update(`${token}\n${workspace ?? ''}`)
        .digest('base64')
      const cached = known.get(hash)
      if (cached instanceof AmbiguousError) throw cached
      if (cached !== undefined && cached.expiresAt.getTime() > Date.now()) return cached
      known.delete(hash)
      const before = changes
      // What was read before a concurrent change must not be cached after it.
      const keep = (found: FederatedCaller | AmbiguousError) => {
        if (before === changes) known.set(hash, found)
      }
      try {
        const caller = await identify(token, workspace, limit)
        keep(caller)
        return caller
      } catch (error) {
        if (error instanceof AmbiguousError) keep(error)
        if (!(error instanceof RejectedTokenError)) throw error
        logger.debug({ reason: error.message, issuer: error.issuer }, 'a token was rejected')
        throw new UnauthenticatedError(
          'This token is not valid, or the keys of its issuer cannot be read at the moment.',
        )
      }
    },
    close: unsubscribe,
  }
}

/** Why a token was rejected, for the log and for administrators of the issuer. Contains nothing of the token but its issuer. */
export class RejectedTokenError extends Error {
  readonly issuer: string | undefined

  constructor(reason: string, issuer?: string) {
    super(reason)
    this.issuer = issuer?.slice(0, 200)
  }
}

function keysUnread(issuer: string): RejectedTokenError {
  return new RejectedTokenError('the keys of the issuer cannot be read', issuer)
}

/** Settles as `work` does, or rejects with `late` after a time. `work` then goes on. */
async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const timer = new AbortController()
  const end = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw late()
  })
  try {
    return await Promise.race([work, end])
  } finally {
    // The end of the timer is no longer of interest.
    end.catch(() => undefined)
    timer.abort()
  }
}

/** The message does not say which workspaces accept the token, nor that there are several. */
function workspaceNeeded(): AmbiguousError {
  return new AmbiguousError(
    'A request with this token has to name its workspace. Send its id or slug in the header x-latchkey-workspace, or over WebSocket in connectionParams.workspace.',
    [],
  )
}

interface UnverifiedClaims {
  issuer: string
  audiences: string[]
  /** All texts in the claims. One of them may name a workspace. */
  texts: string[]
}

/**
 * Claims of an unverified token. Use them only to find the settings for the verification. An expired token is rejected here, so
 * that it gets the same answer while the issuer is unavailable.
 */
function unverifiedClaims(token: string): UnverifiedClaims {
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new RejectedTokenError('too large')
  let payload: JWTPayload
  try {
    payload = decodeJwt(token)
  } catch {
    throw new RejectedTokenError('not a JWT')
  }
  const { iss, aud, exp } = payload
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (typeof iss !== 'string' || !audiences.every((item) => typeof item === 'string')) {
    throw new RejectedTokenError('no issuer or no audience')
  }
  if (illFormedText([iss, ...audiences]) !== null) throw new RejectedTokenError('ill-formed text')
  if (typeof exp === 'number' && exp <= Date.now() / 1000 - CLOCK_TOLERANCE_SECONDS) {
    throw new RejectedTokenError('ERR_JWT_EXPIRED', iss)
  }
  return { issuer: iss, audiences, texts: textsIn(payload) }
}

function textsIn(payload: JWTPayload): string[] {
  const texts = new Set<string>()
  const open: unknown[] = [payload]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string' && illFormedText(value) === null) texts.add(value)
    else if (typeof value === 'object' && value !== null) open.push(...Object.values(value))
  }
  return [...texts]
}

/** The row id in the global id of a workspace; null for every other text. */
function workspaceIdIn(text: string): string | null {
  const id = Buffer.from(text, 'base64url').toString('utf8').slice('Workspace:'.length)
  return isId(id) && globalIdOf('Workspace', id) === text ? id : null
}

interface Search {
  workspace: string | null
  issuerApproval: 'workspace' | 'operator'
}

/**
 * The issuers that may accept a token, first those that share the keys of the issuer's metadata, then the oldest. Without a
 * named workspace, only issuers that their workspace has proved or an operator has approved.
 */
async function findIssuers(
  database: Database,
  { issuer, audiences, texts }: UnverifiedClaims,
  { workspace, issuerApproval }: Search,
): Promise<IssuerRow[]> {
  if (workspace !== null && illFormedText(workspace) !== null) return []
  const workspaceId = workspace === null ? null : workspaceIdIn(workspace)
  const idsInTexts = texts.map(workspaceIdIn).filter((id) => id !== null)
  return database.sql.query<IssuerRow>(
    `SELECT i.id, i.workspace_id AS "workspaceId", w.slug AS "workspaceSlug", i.issuer, i.audience, i.jwks_url AS "jwksUrl",
       i.end_user_claim AS "endUserClaim", i.allowed_algorithms AS "allowedAlgorithms",
       i.create_end_users AS "createEndUsers", i.workspace_claim AS "workspaceClaim", i.version,
       i.approved_at IS NOT NULL AS approved
     FROM oidc_issuer i JOIN workspace w ON w.id = i.workspace_id
     WHERE i.issuer = $1::text AND i.audience = ANY($2::text[]) AND w.deleted_at IS NULL
       AND ($3::text IS NULL OR w.slug = $3::text OR w.id = $4::uuid)
       AND (i.approved_at IS NOT NULL OR ($5::boolean AND (i.proved_at IS NOT NULL OR $3::text IS NOT NULL)))
       AND (i.workspace_claim IS NULL OR w.slug = ANY($6::text[]) OR w.id = ANY($7::uuid[]))
     ORDER BY (i.jwks_url IS NOT NULL), i.id LIMIT ${MAX_CANDIDATES}`,
    [issuer, audiences, workspace, workspaceId, issuerApproval === 'workspace', texts, idsInTexts],
  )
}

type Answer<Rules> = Accepted<Rules> | { error: unknown }

/**
 * Checks a token against issuers with the same name. Each key set is read and tried once, whatever the number of issuers that
 * use it, and the key sets are tried at the same time. One that cannot be read does not prevent another one from accepting the
 * token.
 * @throws RejectedTokenError when no issuer accepts the token; UnavailableError when one may accept it whose keys cannot be read
 */
async function acceptedBy(
  keys: IssuerKeys,
  token: string,
  candidates: readonly IssuerRow[],
  limit: Limit,
): Promise<Accepted<IssuerRow>> {
  const sources = [...Map.groupBy(candidates, ({ jwksUrl }) => jwksUrl)].slice(0, MAX_SOURCES)
  const answers: Answer<IssuerRow>[] = []
  const accepted = Promise.withResolvers<void>()
  const steady: Promise<void>[] = []
  const failing: Promise<void>[] = []
  for (const [index, [jwksUrl, rows]] of sources.entries()) {
    const source = { issuer: rows[0]!.issuer, jwksUrl }
    const check = checkToken(keys, token, source, rows, limit).then(
      (answer) => {
        answers[index] = answer
        accepted.resolve()
      },
      (error: unknown) => {
        answers[index] = { error }
      },
    )
    const group = keys.isFailing(source) ? failing : steady
    group.push(check)
  }
  const all = Promise.all([...steady, ...failing])
  if (sources.length === 1) await all
  else {
    const late = accepted.promise.then(() =>
      Promise.race([Promise.all(steady), delay(GRACE_MS, undefined, { ref: false })]),
    )
    await Promise.race([all, late])
  }
  return merged(answers)
}

/** `answers` has holes where a key set has not answered yet. */
function merged(answers: readonly Answer<IssuerRow>[]): Accepted<IssuerRow> {
  const given = answers.flat()
  const problems = given.flatMap((answer) => ('error' in answer ? [answer.error] : []))
  const defect = problems.find((error) => !(error instanceof RejectedTokenError || error instanceof LatchkeyError))
  if (defect !== undefined) throw defect
  const [first, ...others] = given.filter((answer) => 'rows' in answer)
  if (first === undefined) throw problems.find((error) => error instanceof LatchkeyError) ?? problems[0]
  const rows = [first, ...others].flatMap((answer) => answer.rows).sort((a, b) => (a.id < b.id ? -1 : 1))
  return { ...first, rows }
}

/**
 * Checks a token with the keys of one source, against the settings of issuers that are to be checked with them.
 * @throws RejectedTokenError unless one of them accepts it; UnavailableError
 */
export async function checkToken<Rules extends TokenRules>(
  keys: IssuerKeys,
  token: string,
  source: JwksSource,
  rows: readonly Rules[],
  limit: Limit = (work) => work(),
): Promise<Accepted<Rules>> {
  const { issuer } = source
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw new RejectedTokenError('too large', issuer)
  const workspaceIds = [...new Set(rows.map(({ workspaceId }) => workspaceId))]
  const algorithms = [...new Set(rows.flatMap(({ allowedAlgorithms }) => allowedAlgorithms))]
  const audiences = rows.map(({ audience }) => audience)
  const findKey: FindKey = (header) => keys.find(source, workspaceIds, header)
  const { payload, protectedHeader } = await verify(token, { issuer, audiences, algorithms }, findKey, limit)
  checkType(protectedHeader.typ, issuer)
  const expiresAt = checkTimes(payload, issuer)
  // A sender-constrained token (RFC 7800, RFC 9449) requires a proof of possession, which is not implemented.
  if (payload['cnf'] !== undefined) throw new RejectedTokenError('bound to a key', issuer)
  const allowed = rows.filter(({ allowedAlgorithms }) => allowedAlgorithms.includes(protectedHeader.alg))
  const named = allowed.filter((rules) => namesWorkspace(payload, rules))
  if (named.length === 0) throw new RejectedTokenError('the workspace claim does not name the workspace', issuer)
  return { payload, expiresAt, rows: named }
}

function namesWorkspace(payload: JWTPayload, { workspaceClaim, workspaceSlug, workspaceId }: TokenRules): boolean {
  if (workspaceClaim === null) return true
  const value = claimValue(payload, workspaceClaim)
  return value === workspaceSlug || value === globalIdOf('Workspace', workspaceId)
}

interface Verification {
  issuer: string
  audiences: string[]
  algorithms: string[]
}

type FindKey = (header: ProtectedHeaderParameters) => Promise<CryptoKey>

/** RFC 8725: algorithms and keys come from the settings. Token headers that contain a key or its URL are ignored. */
async function verify(
  token: string,
  { issuer, audiences, algorithms }: Verification,
  findKey: FindKey,
  limit: Limit,
): Promise<JWTVerifyResult> {
  try {
    const header = decodeProtectedHeader(token)
    if (header.alg === undefined || !algorithms.includes(header.alg)) throw new errors.JOSEAlgNotAllowed()
    // Whoever waits for keys must not hold up the check of other tokens.
    const key = await findKey(header)
    return await limit(() =>
      jwtVerify(token, key, {
        algorithms,
        issuer,
        audience: audiences,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp'],
      }),
    )
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
function checkType(type: string | undefined, issuer: string): void {
  if (type !== undefined && !/^(?:application\/)?(?:at\+jwt|jwt)$/i.test(type)) {
    throw new RejectedTokenError('another type of token', issuer)
  }
}

/** Checks the times beyond what jose checks. @returns when the token expires */
function checkTimes({ exp, iat }: JWTPayload, issuer: string): Date {
  if (iat !== undefined && iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new RejectedTokenError('issued in the future', issuer)
  }
  if (exp === undefined || exp < 0 || exp > MAX_EPOCH_SECONDS) throw new RejectedTokenError('no usable expiry', issuer)
  return new Date(exp * 1000)
}
