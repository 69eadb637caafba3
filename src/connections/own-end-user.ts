import { type Caller, notFound } from '../access/caller.ts'
import type { Database } from '../db/database.ts'
import { ForbiddenError } from '../kit/errors.ts'

/** Whose a new connection is to be. */
interface ForEndUser {
  workspaceId: string
  /** At most one of the two. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Name of a collection that the connection is put into. */
  collection: string | null
}

/** Collections are the workspace's own groups. @throws ForbiddenError for who acts for an end user and names one */
export function assertGroups(caller: Caller, collection: string | null | undefined): void {
  if (caller.endUserId === null || collection == null) return
  throw new ForbiddenError('Only an API key of the workspace puts connections into collections. Leave collection out.')
}

/**
 * What is asked for, for a caller who acts for an end user: that end user's, whether he names himself or nobody. For every
 * other caller as it is.
 * @throws NotFoundError for another end user, ForbiddenError for a collection
 */
export async function asOwnEndUser<T extends ForEndUser>(database: Database, caller: Caller, asked: T): Promise<T> {
  const { endUserId } = caller
  if (endUserId === null) return asked
  assertGroups(caller, asked.collection)
  const own = await database.prisma.endUser.findUnique({ where: { id: endUserId }, select: { externalId: true } })
  const named = asked.endUserId === null || asked.endUserId === endUserId
  const namedExternally = asked.endUserExternalId === null || asked.endUserExternalId === own?.externalId
  if (own === null || !named || !namedExternally) throw notFound('end user')
  return { ...asked, endUserId, endUserExternalId: null }
}
