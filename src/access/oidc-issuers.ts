import type { Database, Tx } from '../db/database.ts'
import type { OidcIssuer } from '../db/generated/client.ts'
import { conflictOn } from '../db/violations.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { ConflictError, InvalidInputError, UnavailableError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput } from '../kit/input.ts'
import { recordAudit } from './audit.ts'
import { assertLetsOthersIn, assertOperator, assertWrites, type Caller, notFound } from './caller.ts'
import { checkToken, RejectedTokenError } from './federated-callers.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { claimProblem, workspaceClaimProblem } from './token-end-user.ts'

/** Asymmetric algorithms only. With HS* the public key would be the secret; `none` is no signature (RFC 8725 section 3.1). */
export const SIGNING_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number]

const DEFAULT_ALGORITHMS: readonly SigningAlgorithm[] = ['RS256', 'ES256', 'EdDSA', 'PS256']
/** Issuer and audience together must fit into one entry of their indexes. */
const MAX_IDENTIFIER = 500

const TAKEN = 'This workspace already has this issuer with this audience. Change that one, or use another audience.'

/** Undefined keeps the stored value, or takes the default for a new issuer. */
interface OidcIssuerChange {
  issuer?: string | undefined
  audience?: string | undefined
  /** Null: the `jwks_uri` of the issuer's metadata. */
  jwksUrl?: string | null | undefined
  endUserClaim?: string | undefined
  allowedAlgorithms?: readonly SigningAlgorithm[] | undefined
  createEndUsers?: boolean | undefined
  /** Null: tokens do not name the workspace. */
  workspaceClaim?: string | null | undefined
}

interface NewOidcIssuer extends OidcIssuerChange {
  workspaceId: string
  issuer: string
  audience: string
}

/**
 * Allows tokens of an issuer, each for an end user of the workspace. No request is sent to the issuer. Until the issuer is
 * verified, its tokens are accepted only if the request names the workspace.
 * @throws InvalidInputError; NotFoundError; ForbiddenError, also for keys that are limited or expire; ConflictError when the workspace has this issuer and audience already
 */
export async function createOidcIssuer(database: Database, caller: Caller, input: NewOidcIssuer): Promise<OidcIssuer> {
  checkChange(input)
  await checkWorkspace(database, caller, input.workspaceId)
  assertLetsOthersIn(caller, 'an OIDC issuer')
  const { allowedAlgorithms = DEFAULT_ALGORITHMS, ...rest } = input
  return conflictOn(
    () =>
      database.transaction(async (tx) => {
        const data = { id: newId(), ...rest, allowedAlgorithms: [...allowedAlgorithms] }
        const issuer = await tx.prisma.oidcIssuer.create({ data })
        await recordIssuer(tx, issuer)
        return issuer
      }),
    TAKEN,
  )
}

/**
 * Changes the given fields. Subscriptions that were opened under the old settings end. A change of what the verification is
 * about takes it back.
 * @throws as `createOidcIssuer`
 */
export async function updateOidcIssuer(
  database: Database,
  bus: WakeBus,
  caller: Caller,
  id: string,
  change: OidcIssuerChange,
): Promise<OidcIssuer> {
  checkChange(change)
  await findOwn(database, caller, id)
  assertLetsOthersIn(caller, 'an OIDC issuer')
  const { allowedAlgorithms, ...rest } = change
  const data = {
    ...rest,
    allowedAlgorithms: allowedAlgorithms === undefined ? undefined : [...allowedAlgorithms],
    version: { increment: 1 },
  }
  const write = () =>
    database.transaction(async (tx) => {
      // Held until the end, so that a proof of other settings cannot be stored in between.
      const [held] = await tx.query<VerifiedSettings>(
        `SELECT issuer, audience, jwks_url AS "jwksUrl", workspace_claim AS "workspaceClaim",
           allowed_algorithms AS "allowedAlgorithms" FROM oidc_issuer WHERE id = $1::uuid FOR UPDATE`,
        [id],
      )
      if (held === undefined) throw notFound('OIDC issuer')
      const unverified = affectsVerification(held, change) ? { provedAt: null, approvedAt: null } : {}
      const issuer = await tx.prisma.oidcIssuer.update({ where: { id }, data: { ...data, ...unverified } })
      await recordIssuer(tx, issuer)
      return issuer
    })
  const changed = await conflictOn(write, TAKEN)
  bus.publish('access', id)
  return changed
}

/** The settings that a proof or an approval is about. */
interface VerifiedSettings {
  [column: string]: unknown
  issuer: string
  audience: string
  jwksUrl: string | null
  workspaceClaim: string | null
  allowedAlgorithms: string[]
}

function affectsVerification(held: VerifiedSettings, change: OidcIssuerChange): boolean {
  for (const field of ['issuer', 'audience', 'jwksUrl', 'workspaceClaim'] as const) {
    if (change[field] !== undefined && change[field] !== held[field]) return true
  }
  const { allowedAlgorithms } = change
  return allowedAlgorithms !== undefined && !isSameSet(allowedAlgorithms, held.allowedAlgorithms)
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each))
}

interface VerificationDeps {
  database: Database
  bus: WakeBus
  issuerKeys: IssuerKeys
}

/**
 * Proves that the issuer signs tokens for the audience, with a token that it has signed. The keys are those of the issuer's own
 * metadata, so that a workspace cannot prove another one's issuer with keys of its own.
 * @throws InvalidInputError when the token proves nothing; NotFoundError; ForbiddenError; ConflictError when the issuer was
 * changed at the same time; UnavailableError when the keys cannot be read
 */
export async function verifyOidcIssuer(
  { database, bus, issuerKeys }: VerificationDeps,
  caller: Caller,
  id: string,
  token: string,
): Promise<OidcIssuer> {
  const { version, jwksUrl, ...settings } = await findOwn(database, caller, id)
  assertLetsOthersIn(caller, 'an OIDC issuer')
  const { slug } = await database.prisma.workspace.findUniqueOrThrow({
    where: { id: settings.workspaceId },
    select: { slug: true },
  })
  const source = { issuer: settings.issuer, jwksUrl: null }
  try {
    await checkToken(issuerKeys, token, source, [{ ...settings, workspaceSlug: slug }])
  } catch (error) {
    if (error instanceof RejectedTokenError) throw noProof(['input', 'token'], proofProblem(error.message))
    if (error instanceof UnavailableError) throw metadataUnavailable()
    throw error
  }
  if (jwksUrl !== null && jwksUrl !== issuerKeys.publishedUrl(settings.issuer)) {
    throw noProof(
      ['input', 'oidcIssuerId'],
      "The jwksUrl of this OIDC issuer is not the jwks_uri of the issuer's metadata. Set jwksUrl to null, or have an operator approve the OIDC issuer.",
    )
  }
  const proved = await database.transaction(async (tx) => {
    const data = { provedAt: new Date() }
    const [issuer] = await tx.prisma.oidcIssuer.updateManyAndReturn({ where: { id, version }, data })
    if (issuer === undefined) throw new ConflictError('The OIDC issuer was changed at the same time. Try again.')
    await recordIssuer(tx, issuer)
    return issuer
  })
  bus.publish('access', id)
  return proved
}

function noProof(path: string[], message: string): InvalidInputError {
  return new InvalidInputError([{ path, message }])
}

/** @param reason of a RejectedTokenError */
function proofProblem(reason: string): string {
  const known = Object.entries(PROOF_PROBLEMS).find(([start]) => reason.startsWith(start))
  return known?.[1] ?? 'Must be a JWT that callers can use: signed by the issuer, for this audience, not expired.'
}

const PROOF_PROBLEMS: Readonly<Record<string, string>> = {
  'ERR_JWT_CLAIM_VALIDATION_FAILED iss': 'The claim "iss" is not the issuer.',
  'ERR_JWT_CLAIM_VALIDATION_FAILED aud': 'The claim "aud" does not contain the audience.',
  ERR_JWT_EXPIRED: 'The token has expired. Present a new one.',
  ERR_JWKS_NO_MATCHING_KEY: "The token is not signed with a key of the issuer's metadata.",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "The token is not signed with a key of the issuer's metadata.",
  ERR_JOSE_ALG_NOT_ALLOWED: 'The token is signed with an algorithm that allowedAlgorithms does not contain.',
  'the workspace claim': 'The claim that workspaceClaim names is not the id or the slug of this workspace.',
}

function metadataUnavailable(): UnavailableError {
  return new UnavailableError(
    "The keys of the issuer's metadata at /.well-known/openid-configuration cannot be read at the moment. Try again soon, or have an operator approve the OIDC issuer.",
  )
}

/**
 * Accepts an issuer without a proof. Subscriptions stay open, because the settings do not change.
 * @throws NotFoundError; ForbiddenError for callers other than operators
 */
export async function approveOidcIssuer(
  database: Database,
  bus: WakeBus,
  caller: Caller,
  id: string,
): Promise<OidcIssuer> {
  await findOwn(database, caller, id)
  assertOperator(caller)
  assertLetsOthersIn(caller, 'an OIDC issuer')
  const approved = await database.transaction(async (tx) => {
    const data = { approvedAt: new Date() }
    const [issuer] = await tx.prisma.oidcIssuer.updateManyAndReturn({ where: { id }, data })
    if (issuer === undefined) throw notFound('OIDC issuer')
    await recordIssuer(tx, issuer)
    return issuer
  })
  bus.publish('access', id)
  return approved
}

/** Deletes an issuer. Its tokens are rejected from then on; its end users are kept. @throws NotFoundError, ForbiddenError */
export async function deleteOidcIssuer(database: Database, bus: WakeBus, caller: Caller, id: string): Promise<void> {
  const issuer = await findOwn(database, caller, id)
  await database.transaction(async (tx) => {
    const { count } = await tx.prisma.oidcIssuer.deleteMany({ where: { id } })
    if (count > 0) await recordIssuer(tx, issuer)
  })
  bus.publish('access', id)
}

function recordIssuer(tx: Tx, { id, workspaceId }: OidcIssuer): Promise<void> {
  return recordAudit(tx, { type: 'OidcIssuer', id, workspaceId })
}

async function findOwn(database: Database, caller: Caller, id: string): Promise<OidcIssuer> {
  const issuer = await database.prisma.oidcIssuer.findFirst({ where: { id, workspace: { deletedAt: null } } })
  // End users do not see OIDC issuers.
  if (issuer === null || caller.endUserId !== null) throw notFound('OIDC issuer')
  assertWrites(caller, issuer.workspaceId, 'OIDC issuer')
  return issuer
}

async function checkWorkspace(database: Database, caller: Caller, id: string): Promise<void> {
  assertWrites(caller, id, 'workspace')
  const workspace = await database.prisma.workspace.findFirst({ where: { id, deletedAt: null }, select: { id: true } })
  if (workspace === null) throw notFound('workspace')
}

function checkChange(change: OidcIssuerChange): void {
  const { issuer, audience, jwksUrl, endUserClaim, allowedAlgorithms, workspaceClaim } = change
  const check = checkInput()
  const wrong = (field: string, problem: string | null) => {
    if (problem !== null) check.wrong(['input', field], problem)
  }
  if (issuer !== undefined) wrong('issuer', issuerProblem(issuer))
  if (audience !== undefined) wrong('audience', identifierProblem(audience))
  check.url(['input', 'jwksUrl'], jwksUrl)
  if (workspaceClaim != null) wrong('workspaceClaim', workspaceClaimProblem(workspaceClaim))
  if (endUserClaim !== undefined) wrong('endUserClaim', claimProblem(endUserClaim))
  if (allowedAlgorithms !== undefined) wrong('allowedAlgorithms', algorithmsProblem(allowedAlgorithms))
  check.done()
}

/** OpenID Connect Discovery 1.0 section 3: no query, no fragment. http is for development (LATCHKEY_EGRESS_ALLOW). */
function issuerProblem(issuer: string): string | null {
  const url = URL.parse(issuer)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'Must be an absolute http or https URL.'
  if (/[?#]/.test(issuer)) return 'Must not have a query or a fragment.'
  if (url.username !== '' || url.password !== '') return 'Must not contain a user name or password.'
  return identifierProblem(issuer)
}

function identifierProblem(text: string): string | null {
  return /^[\x21-\x7e]+$/.test(text) && text.length <= MAX_IDENTIFIER
    ? null
    : `Must be 1 to ${MAX_IDENTIFIER} visible ASCII characters.`
}

function algorithmsProblem(algorithms: readonly SigningAlgorithm[]): string | null {
  if (algorithms.length === 0) return 'Must name at least one algorithm.'
  return new Set(algorithms).size === algorithms.length ? null : 'Must name each algorithm once.'
}
