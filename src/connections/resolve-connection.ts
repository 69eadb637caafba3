import { assertSees, type Caller, notFound } from '../access/caller.ts'
import type { Database } from '../db/database.ts'
import type { Connection, Integration } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import { AmbiguousError, type Candidate, ScopeMismatchError } from '../kit/errors.ts'
import { checkInput } from '../kit/input.ts'
import { MAX_EXTERNAL_ID } from './end-users.ts'

/** Which connection is meant, by what the caller knows: its own external id, or whose it is. */
export interface Resolution {
  workspaceId: string
  /** Slug of an integration of the workspace. */
  integration: string
  externalId: string | null
  /** At most one of the two. */
  endUserId: string | null
  endUserExternalId: string | null
}

export interface Resolved {
  connectionId: string
  /** Every connection that was looked at, and why it was chosen or not. */
  why: Candidate[]
}

/** Somebody with more connections at one integration than this must name one. */
const MAX_CANDIDATES = 100
/** The most usable first: a connection is chosen only when none is more usable. */
const BY_USE: readonly (readonly Connection['status'][])[] = [
  ['ACTIVE', 'ERROR'],
  ['NEEDS_REAUTH'],
  ['DISABLED'],
  ['PENDING'],
]

/**
 * Finds the one connection that is meant at an integration. With an external id, the connection that has it; with an end
 * user, his only one that is as usable as any; with both, the one with the external id if it is his. With neither, only
 * connections that belong to no end user are looked at: another person's account is never the default.
 *
 * A caller who acts for an end user resolves only that end user's connections.
 *
 * @throws InvalidInputError; NotFoundError when there is none; ScopeMismatchError when the external id is that of a
 * connection of the workspace at another integration or of another end user; AmbiguousError with every candidate
 */
export async function resolveConnection(database: Database, caller: Caller, input: Resolution): Promise<Resolved> {
  checkResolution(input)
  const { workspaceId, externalId } = input
  assertSees(caller, workspaceId, 'workspace')
  const integration = await database.prisma.integration.findUnique({
    where: {
      workspaceId_slug: { workspaceId, slug: input.integration },
      deletedAt: null,
      workspace: { deletedAt: null },
    },
  })
  if (integration === null) throw notFound('integration')
  const endUserId = await findEndUser(database, caller, input)
  const candidates = await readCandidates(database, integration, externalId, endUserId)
  if (externalId !== null) return byExternalId(database, caller, { integration, externalId, endUserId, candidates })
  return byUse(candidates)
}

function checkResolution({ externalId, endUserId, endUserExternalId }: Resolution): void {
  const check = checkInput()
  check.text(['input', 'externalId'], externalId, MAX_EXTERNAL_ID)
  check.text(['input', 'endUserExternalId'], endUserExternalId, MAX_EXTERNAL_ID)
  if (endUserId !== null && endUserExternalId !== null) {
    check.wrong(['input', 'endUserId'], 'Give at most one of endUserId and endUserExternalId.')
  }
  check.done()
}

/** @returns null when none was named */
async function findEndUser(database: Database, caller: Caller, input: Resolution): Promise<string | null> {
  const { workspaceId, endUserId, endUserExternalId } = input
  if (endUserId === null && endUserExternalId === null) return caller.endUserId
  const found = await database.prisma.endUser.findFirst({
    where: { workspaceId, ...(endUserId === null ? { externalId: endUserExternalId ?? '' } : { id: endUserId }) },
    select: { id: true },
  })
  // Whether there is such an end user is none of another one's business.
  if (caller.endUserId !== null && found?.id !== caller.endUserId) {
    throw new ScopeMismatchError('You may only resolve connections of your own.')
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

interface ByExternalId {
  integration: Integration
  externalId: string
  endUserId: string | null
  candidates: CandidateRow[]
}

async function byExternalId(
  database: Database,
  caller: Caller,
  { integration, externalId, endUserId, candidates }: ByExternalId,
): Promise<Resolved> {
  const named = candidates.find((candidate) => candidate.external_id === externalId)
  if (named === undefined) {
    const elsewhere = await database.prisma.connection.findFirst({
      where: { workspaceId: integration.workspaceId, externalId, deletedAt: null },
      select: { id: true },
    })
    if (elsewhere === null || caller.endUserId !== null) throw notFound('connection')
    throw new ScopeMismatchError('The connection with this externalId is at another integration. Name that one.')
  }
  if (endUserId !== null && named.end_user_id !== endUserId) {
    // To an end user, another one's connection is not there.
    if (caller.endUserId !== null) throw notFound('connection')
    throw new ScopeMismatchError('The connection with this externalId does not belong to this end user.')
  }
  return {
    connectionId: named.id,
    why: candidates.map(({ id }) =>
      id === named.id
        ? { connectionId: id, chosen: true, reason: 'It has the externalId.' }
        : { connectionId: id, chosen: false, reason: 'It is of the same end user, but has not the externalId.' },
    ),
  }
}

function byUse(candidates: readonly CandidateRow[]): Resolved {
  const best = BY_USE.map((tier) => candidates.filter(({ status }) => tier.includes(status))).find(
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
          ? `It is ${status}, and so fits as well as another one.`
          : `It is ${status}: others are of more use.`,
    }))
    throw new AmbiguousError('Several connections fit. Name one of them by its externalId.', ambiguous)
  }
  return {
    connectionId: chosen.id,
    why: candidates.map(({ id, status }) =>
      id === chosen.id
        ? { connectionId: id, chosen: true, reason: `It is ${status}, and no other one is of as much use.` }
        : { connectionId: id, chosen: false, reason: `It is ${status}: the chosen one is of more use.` },
    ),
  }
}
