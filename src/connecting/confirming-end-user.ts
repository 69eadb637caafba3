import { assertWrites, type Caller, notFound } from '../access/caller.ts'
import { holdEndUser } from '../connections/connections.ts'
import { ensureEndUser, MAX_EXTERNAL_ID } from '../connections/end-users.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Connection } from '../db/generated/client.ts'
import { ForbiddenError, InvalidInputError, ScopeMismatchError } from '../kit/errors.ts'
import type { InputCheck } from '../kit/input.ts'

/** Who, as the product's backend says, is sitting at the browser that came back. At most one of the two. */
interface NamedEndUser {
  endUserId: string | null
  endUserExternalId: string | null
}

export function checkNamedEndUser(check: InputCheck, { endUserId, endUserExternalId }: NamedEndUser): void {
  check.text(['input', 'endUserExternalId'], endUserExternalId, MAX_EXTERNAL_ID)
  if (endUserId !== null && endUserExternalId !== null) {
    check.wrong(['input', 'endUserId'], 'Give at most one of endUserId and endUserExternalId.')
  }
}

/**
 * Who may say whose browser came back: the product's backend, and never the end user himself. Whoever opened a link that was
 * passed on to him would confirm it.
 * @throws NotFoundError for another workspace, ForbiddenError
 */
export function assertConfirms(caller: Caller, workspaceId: string): void {
  if (caller.workspaceId === workspaceId && caller.endUserId !== null) {
    throw new ForbiddenError(
      "An end user cannot confirm a connection himself. Pass what came back with the browser on to the product's backend, which confirms with an API key of the workspace (role ADMIN) and names the end user who is signed in.",
    )
  }
  assertWrites(caller, workspaceId, 'connection')
}

/** @throws InvalidInputError when nobody was named although connecting was begun for somebody */
function assertNamed(owner: string | null, { endUserId, endUserExternalId }: NamedEndUser): void {
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
export async function namedEndUser(tx: Tx, connection: OwnConnection, named: NamedEndUser): Promise<string | null> {
  const { workspaceId, endUserId: owner } = connection
  assertNamed(owner, named)
  const { endUserId, endUserExternalId } = named
  if (endUserId === null && endUserExternalId === null) return null
  if (isFree(connection)) {
    if (endUserExternalId !== null) return ensureEndUser(tx, workspaceId, endUserExternalId)
    await holdEndUser(tx, workspaceId, endUserId ?? '')
    return endUserId
  }
  await assertSame(tx, connection, named)
  return null
}

/**
 * The same as `namedEndUser`, as far as it can be told without writing anything: before a state is used up that the right
 * caller, or the right end user, can still bring.
 * @throws what `namedEndUser` throws
 */
export async function checkNamed(
  { prisma }: Pick<Database, 'prisma'>,
  connection: OwnConnection,
  named: NamedEndUser,
): Promise<void> {
  assertNamed(connection.endUserId, named)
  const { endUserId, endUserExternalId } = named
  if (endUserId === null && endUserExternalId === null) return
  if (!isFree(connection)) return assertSame({ prisma }, connection, named)
  if (endUserId !== null && (await findNamed({ prisma }, connection, named)) === null) throw notFound('end user')
}

type OwnConnection = Pick<Connection, 'workspaceId' | 'endUserId' | 'status'>
type Reads = { prisma: Pick<Tx['prisma'], 'endUser'> }

/** It belongs to nobody yet: it becomes his who is named. */
function isFree({ endUserId, status }: OwnConnection): boolean {
  return endUserId === null && status === 'PENDING'
}

function findNamed(
  { prisma }: Reads,
  { workspaceId }: OwnConnection,
  { endUserId, endUserExternalId }: NamedEndUser,
): Promise<{ id: string } | null> {
  const where = { workspaceId, ...(endUserId === null ? { externalId: endUserExternalId ?? '' } : { id: endUserId }) }
  return prisma.endUser.findFirst({ where, select: { id: true } })
}

async function assertSame(reads: Reads, connection: OwnConnection, named: NamedEndUser): Promise<void> {
  const { endUserId: owner } = connection
  const found = await findNamed(reads, connection, named)
  if (found === null && named.endUserId !== null) throw notFound('end user')
  if (found !== null && found.id === owner) return
  const whose = owner === null ? 'belongs to no end user' : 'was begun for another end user'
  throw new ScopeMismatchError(`This connection ${whose}. It is not connected: let the right person connect it again.`)
}
