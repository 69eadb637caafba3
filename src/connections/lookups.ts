import {
  assertConnects,
  assertSeesConnection,
  assertWrites,
  assertWritesConnection,
  type Caller,
  notFound,
  type OwnedConnection,
} from '../access/caller.ts'
import type { Database } from '../db/database.ts'
import type { Integration, Workspace } from '../db/generated/client.ts'
import { ForbiddenError } from '../kit/errors.ts'

/** @throws NotFoundError when it is absent, deleted or another caller's; ForbiddenError when this caller may only read */
export async function findWritableWorkspace(database: Database, caller: Caller, id: string): Promise<Workspace> {
  assertWrites(caller, id, 'workspace')
  return findLiveWorkspace(database, id)
}

/** A workspace in which the caller may create connections. @throws NotFoundError, ForbiddenError */
export async function findConnectableWorkspace(database: Database, caller: Caller, id: string): Promise<Workspace> {
  assertConnects(caller, id)
  return findLiveWorkspace(database, id)
}

async function findLiveWorkspace(database: Database, id: string): Promise<Workspace> {
  const workspace = await database.prisma.workspace.findUnique({ where: { id } })
  if (workspace === null || workspace.deletedAt !== null) throw notFound('workspace')
  return workspace
}

/** An integration that the caller may change. @throws NotFoundError, ForbiddenError */
export async function findWritableIntegration(database: Database, caller: Caller, id: string): Promise<Integration> {
  const integration = await database.prisma.integration.findUnique({
    where: { id, deletedAt: null, workspace: { deletedAt: null } },
  })
  if (integration === null) throw notFound('integration')
  assertWrites(caller, integration.workspaceId, 'integration')
  return integration
}

/** A connection that the caller may see. @throws NotFoundError */
export async function findConnection(database: Database, caller: Caller, id: string) {
  const connection = await database.prisma.connection.findUnique({
    where: { id, deletedAt: null, workspace: { deletedAt: null } },
  })
  if (connection === null) throw notFound('connection')
  assertSeesConnection(caller, connection, 'connection')
  return connection
}

/** A connection that the caller may change. @throws NotFoundError, ForbiddenError */
export async function findWritableConnection(database: Database, caller: Caller, id: string) {
  const connection = await findConnection(database, caller, id)
  assertWritesConnection(caller, connection, 'connection')
  return connection
}

/**
 * Who may make requests through a connection: who may change it, with every method; who may only read, with GET and HEAD.
 * A connect session is for connecting, not for what comes after.
 *
 * @throws NotFoundError as for what does not exist; ForbiddenError
 */
export function assertMayRequest(caller: Caller, connection: OwnedConnection, method: string): void {
  assertSeesConnection(caller, connection, 'connection')
  if (caller.kind === 'CONNECT_SESSION') {
    throw new ForbiddenError('A connect session makes no requests. Use an API key.')
  }
  if (method !== 'GET' && method !== 'HEAD') assertWritesConnection(caller, connection, 'connection')
}
