import { notFound } from '../access/caller.ts'
import type { Tx } from '../db/database.ts'
import type { Connection } from '../db/generated/client.ts'
import { InvalidInputError, ScopeMismatchError } from '../lib/errors.ts'
import type { InputCheck } from '../lib/input-check.ts'
import { holdEndUser } from './connections.ts'
import { ensureEndUser, MAX_EXTERNAL_ID } from './end-users.ts'

/** Who, as the product's backend says, is sitting at the browser that came back. At most one of the two. */
export interface NamedEndUser {
  endUserId: string | null
  endUserExternalId: string | null
}

export function checkNamedEndUser(check: InputCheck, { endUserId, endUserExternalId }: NamedEndUser): void {
  check.text(['input', 'endUserExternalId'], endUserExternalId, MAX_EXTERNAL_ID)
  if (endUserId !== null && endUserExternalId !== null) {
    check.wrong(['input', 'endUserId'], 'Give at most one of endUserId and endUserExternalId.')
  }
}

/** @throws InvalidInputError when nobody was named although connecting was begun for somebody */
export function assertNamed(owner: string | null, { endUserId, endUserExternalId }: NamedEndUser): void {
  if (owner === null || endUserId !== null || endUserExternalId !== null) return
  const message = 'Name the end user who is signed in at the browser that brought this: endUserId or endUserExternalId.'
  throw new InvalidInputError([{ path: ['input', 'endUserId'], message }])
}

/**
 * Holds the end user who was named against the one that connecting was begun for: whoever was sent somebody else's link, and
 * followed it, must not give his account away.
 * @returns whose the connection becomes, a new end user where the external id is new; null: it stays whose it is
 * @throws InvalidInputError when nobody was named although it was begun for somebody; NotFoundError; ScopeMismatchError
 */
export async function namedEndUser(
  tx: Tx,
  { workspaceId, endUserId: owner, status }: Pick<Connection, 'workspaceId' | 'endUserId' | 'status'>,
  named: NamedEndUser,
): Promise<string | null> {
  assertNamed(owner, named)
  const { endUserId, endUserExternalId } = named
  if (endUserId === null && endUserExternalId === null) return null
  if (owner === null && status === 'PENDING') {
    if (endUserExternalId !== null) return ensureEndUser(tx, workspaceId, endUserExternalId)
    await holdEndUser(tx, workspaceId, endUserId ?? '')
    return endUserId
  }
  const where = { workspaceId, ...(endUserId === null ? { externalId: endUserExternalId ?? '' } : { id: endUserId }) }
  const found = await tx.prisma.endUser.findFirst({ where, select: { id: true } })
  if (found === null && endUserId !== null) throw notFound('end user')
  if (found === null || found.id !== owner) {
    const whose = owner === null ? 'belongs to no end user' : 'was begun for another end user'
    throw new ScopeMismatchError(
      `This connection ${whose}. It is not connected: let the right person connect it again.`,
    )
  }
  return null
}
