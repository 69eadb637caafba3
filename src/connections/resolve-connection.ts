import { assertSees, type Caller, notFound, seesIntegration } from '../access/caller.ts'
import type { Database } from '../db/database.ts'
import type { Connection, Integration } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import { AmbiguousError, type Candidate, ScopeMismatchError } from '../kit/errors.ts'
import { checkInput } from '../kit/input.ts'
import { checkConnectionFields } from './connections.ts'

/** Identifies a connection by its external id or by its end user. */
export interface Resolution {
  workspaceId: string
  /** Slug of an integration of the workspace. */
  integration: string
  externalId: string | null
  /** At most one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  endUserExternalId: string | null
}

export interface Resolved {
  connectionId: string
  /** Every candidate, with the reason why it was chosen or not. */
  why: Candidate[]
}

/** With more candidates than this, the caller has to give an externalId. */
const MAX_CANDIDATES = 100
/** Tiers of usability, best first. A connection is chosen only from the best tier that has one. */
const TIERS: readonly (readonly Connection['status'][])[] = [
  ['ACTIVE', 'ERROR'],
  ['NEEDS_REAUTH'],
  ['DISABLED'],
  ['PENDING'],
]

/**
 * Finds one connection of an integration.
 * - With an external id: the connection that has it, which must belong to the end user if one is given too.
 * - With an end user: that user's only connection in the best tier of `TIERS`.
 * - With neither: the only such connection that belongs to no end user, so that a person's account is never the default.
 *
 * A caller that acts for an end user can resolve only that end user's connections.
 *
 * @throws InvalidInputError; NotFoundError when no connection matches; ScopeMismatchError when the connection with the external
 * id belongs to another integration or end user; AmbiguousError, with every candidate, when several match
 */
export async function resolveConnection(database: Database, caller: Caller, input: Resolution): Promise<Resolved> {
  const check = checkInput()
  checkConnectionFields(check, {
    externalId: input.externalId,
    endUserId: input.endUserId,
    endUserExternalId: input.endUserExternalId,
  })
  check.done()
  const { workspaceId, externalId } = input
  assertSees(caller, workspaceId, 'workspace')
  const integration = await database.prisma.integration.findUnique({
    where: {
      workspaceId_slug: { workspaceId, slug: input.integration },
      deletedAt: null,
      workspace: { deletedAt: null },
    },
  })
  if (integration === null || !seesIntegration(caller, integration.id)) throw notFound('integration')
  const endUserId = await findEndUser(database, caller, input)
  const candidates = await readCandidates(database, integration, externalId, endUserId)
  if (externalId !== null)
    return chooseByExternalId(database, caller, { integration, externalId, endUserId, candidates })
  return chooseByTier(candidates)
}

/** Id of the end user that the input names; without one, the caller's own end user or null. */
async function findEndUser(database: Database, caller: Caller, input: Resolution): Promise<string | null> {
  const { workspaceId, endUserId, endUserExternalId } = input
  if (endUserId === null && endUserExternalId === null) return caller.endUserId
  const found = await database.prisma.endUser.findFirst({
    where: { workspaceId, ...(endUserId === null ? { externalId: endUserExternalId ?? '' } : { id: endUserId }) },
    select: { id: true },
  })
  // An end user must not learn whether another one exists.
  if (caller.endUserId !== null && found?.id !== caller.endUserId) {
    throw new ScopeMismatchError('An end user can resolve only their own connections.')
  }
  if (found === null) throw notFound('end user')
  return found.id
}

interface CandidateRow extends Row {
  id: string
  end_user_id: string | null
  external_id: string | null
  status: Connection['status']
}

async function readCandidates(
  { sql }: Database,
  { id }: Integration,
  externalId: string | null,
  endUserId: string | null,
): Promise<CandidateRow[]> {
  return sql.query<CandidateRow>(
    `SELECT id, end_user_id, external_id, status::text AS status FROM connection
     WHERE integration_id = $1::uuid AND deleted_at IS NULL AND (
       external_id = $2::text OR end_user_id = $3::uuid
       OR ($2::text IS NULL AND $3::uuid IS NULL AND end_user_id IS NULL))
     ORDER BY external_id IS NOT DISTINCT FROM $2::text DESC, id LIMIT $4::int`,
    [id, externalId, endUserId, MAX_CANDIDATES],
  )
}

interface ExternalIdChoice {
  integration: Integration
  externalId: string
  endUserId: string | null
  candidates: CandidateRow[]
}

async function chooseByExternalId(
  database: Database,
  caller: Caller,
  { integration, externalId, endUserId, candidates }: ExternalIdChoice,
): Promise<Resolved> {
  const named = candidates.find((candidate) => candidate.external_id === externalId)
  if (named === undefined) {
    const elsewhere = await database.prisma.connection.findFirst({
      where: {
        workspaceId: integration.workspaceId,
        externalId,
        deletedAt: null,
        integrationId: { in: caller.integrationIds?.slice() },
      },
      select: { integrationId: true },
    })
    if (elsewhere === null || caller.endUserId !== null || !seesIntegration(caller, elsewhere.integrationId))
      throw notFound('connection')
    throw new ScopeMismatchError(
      'The connection with this externalId belongs to another integration. Name that integration.',
    )
  }
  if (endUserId !== null && named.end_user_id !== endUserId) {
    // End users do not see the connections of others.
    if (caller.endUserId !== null) throw notFound('connection')
    throw new ScopeMismatchError('The connection with this externalId does not belong to this end user.')
  }
  return {
    connectionId: named.id,
    why: candidates.map(({ id }) =>
      id === named.id
        ? { connectionId: id, chosen: true, reason: 'It has this externalId.' }
        : { connectionId: id, chosen: false, reason: 'It belongs to the same end user but has another externalId.' },
    ),
  }
}

function chooseByTier(candidates: readonly CandidateRow[]): Resolved {
  const best = TIERS.map((tier) => candidates.filter(({ status }) => tier.includes(status))).find(
    (all) => all.length > 0,
  )
  const [chosen, ...others] = best ?? []
  if (chosen === undefined) throw notFound('connection')
  if (others.length > 0) {
    const ambiguous = candidates.map(({ id, status }) => ({
      connectionId: id,
      chosen: false,
      reason:
        best?.some((each) => each.id === id) === true
          ? `It is ${status}, and another candidate is as usable.`
          : `It is ${status}. Other candidates are more usable.`,
    }))
    throw new AmbiguousError('Several connections match. Give the externalId of one of them.', ambiguous)
  }
  return {
    connectionId: chosen.id,
    why: candidates.map(({ id, status }) =>
      id === chosen.id
        ? { connectionId: id, chosen: true, reason: `It is ${status}. This is the most usable match.` }
        : { connectionId: id, chosen: false, reason: `It is ${status}. The chosen connection is more usable.` },
    ),
  }
}
