import type { Database } from '../db/database.ts'
import type { OidcIssuer } from '../db/generated/client.ts'
import { conflictOn } from '../db/violations.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { newId } from '../kit/ids.ts'
import { checkInput } from '../kit/input.ts'
import { assertWrites, type Caller, notFound } from './caller.ts'
import { claimProblem } from './token-end-user.ts'

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
/** Issuer and audience together must fit into one entry of their unique index. */
const MAX_IDENTIFIER = 500

const TAKEN =
  'This issuer is already configured with this audience, in this workspace or another one. Use another audience.'

/** Undefined keeps the stored value, or takes the default for a new issuer. */
interface OidcIssuerChange {
  issuer?: string | undefined
  audience?: string | undefined
  /** Null: the `jwks_uri` of the issuer's metadata. */
  jwksUrl?: string | null | undefined
  endUserClaim?: string | undefined
  allowedAlgorithms?: readonly SigningAlgorithm[] | undefined
  createEndUsers?: boolean | undefined
}

interface NewOidcIssuer extends OidcIssuerChange {
  workspaceId: string
  issuer: string
  audience: string
}

/**
 * Allows tokens of an issuer, each for an end user of the workspace. No request is sent to the issuer.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; ConflictError when issuer and audience are already configured
 */
export async function createOidcIssuer(database: Database, caller: Caller, input: NewOidcIssuer): Promise<OidcIssuer> {
  checkChange(input)
  await checkWorkspace(database, caller, input.workspaceId)
  const { allowedAlgorithms = DEFAULT_ALGORITHMS, ...rest } = input
  return conflictOn(
    () =>
      database.prisma.oidcIssuer.create({ data: { id: newId(), ...rest, allowedAlgorithms: [...allowedAlgorithms] } }),
    TAKEN,
  )
}

/** Changes the given fields. Subscriptions that were opened under the old settings end. @throws as `createOidcIssuer` */
export async function updateOidcIssuer(
  database: Database,
  bus: WakeBus,
  caller: Caller,
  id: string,
  change: OidcIssuerChange,
): Promise<OidcIssuer> {
  checkChange(change)
  await findOwn(database, caller, id)
  const { allowedAlgorithms, ...rest } = change
  const data = {
    ...rest,
    allowedAlgorithms: allowedAlgorithms === undefined ? undefined : [...allowedAlgorithms],
    version: { increment: 1 },
  }
  const [changed] = await conflictOn(
    () => database.prisma.oidcIssuer.updateManyAndReturn({ where: { id }, data }),
    TAKEN,
  )
  if (changed === undefined) throw notFound('OIDC issuer')
  bus.publish('access', id)
  return changed
}

/** Deletes an issuer. Its tokens are rejected from then on; its end users are kept. @throws NotFoundError, ForbiddenError */
export async function deleteOidcIssuer(database: Database, bus: WakeBus, caller: Caller, id: string): Promise<void> {
  await findOwn(database, caller, id)
  await database.prisma.oidcIssuer.deleteMany({ where: { id } })
  bus.publish('access', id)
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
  const { issuer, audience, jwksUrl, endUserClaim, allowedAlgorithms } = change
  const check = checkInput()
  const wrong = (field: string, problem: string | null) => {
    if (problem !== null) check.wrong(['input', field], problem)
  }
  if (issuer !== undefined) wrong('issuer', issuerProblem(issuer))
  if (audience !== undefined) wrong('audience', identifierProblem(audience))
  check.url(['input', 'jwksUrl'], jwksUrl)
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
