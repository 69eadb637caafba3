import { ForbiddenError, NotFoundError } from '../kit/errors.ts'

export type CallerRole = 'OPERATOR' | 'ADMIN' | 'READER'

/** Who is calling, as far as it decides what may be done. */
export interface Caller {
  kind: 'OPERATOR' | 'API_KEY' | 'CONNECT_SESSION' | 'FEDERATED_USER'
  role: CallerRole
  /** Null: every workspace. */
  workspaceId: string | null
  /** Set: only what belongs to this end user. */
  endUserId: string | null
  apiKeyId: string | null
  connectSessionId: string | null
  expiresAt: Date | null
}

/** Whether rows of this workspace may be seen at all. What may not be seen is answered as if it were not there. */
function seesWorkspace(caller: Caller, workspaceId: string): boolean {
  return caller.workspaceId === null || caller.workspaceId === workspaceId
}

/** @throws NotFoundError as for what does not exist */
export function assertSees(caller: Caller, workspaceId: string, what: string): void {
  if (!seesWorkspace(caller, workspaceId)) throw notFound(what)
}

/** @throws NotFoundError for another workspace, ForbiddenError for a role or a caller that may only read */
export function assertWrites(caller: Caller, workspaceId: string, what: string): void {
  assertSees(caller, workspaceId, what)
  if (caller.role === 'READER' || caller.endUserId !== null) {
    throw new ForbiddenError('This caller may only read. Use an API key with the role ADMIN.')
  }
}

/** Whether what belongs to this end user may be seen; `null`: what is nobody's own. */
export function seesEndUser(caller: Caller, endUserId: string | null): boolean {
  return caller.endUserId === null || caller.endUserId === endUserId
}

/** What says whose a connection is. */
export interface OwnedConnection {
  workspaceId: string
  endUserId: string | null
}

/** @throws NotFoundError as for what does not exist */
export function assertSeesConnection(caller: Caller, { workspaceId, endUserId }: OwnedConnection, what: string): void {
  if (!seesWorkspace(caller, workspaceId) || !seesEndUser(caller, endUserId)) throw notFound(what)
}

/**
 * Whether a connection, or what hangs on it, may be changed. An end user who is known by a token of his own manages his
 * own connections; a connect session only connects.
 * @throws NotFoundError for what the caller does not see, ForbiddenError when he may only read
 */
export function assertWritesConnection(caller: Caller, connection: OwnedConnection, what: string): void {
  assertSeesConnection(caller, connection, what)
  if (caller.kind !== 'FEDERATED_USER') assertWrites(caller, connection.workspaceId, what)
}

/**
 * Whether connections may be created in a workspace: by an end user for himself only.
 * @throws NotFoundError for another workspace, ForbiddenError
 */
export function assertConnects(caller: Caller, workspaceId: string): void {
  assertSees(caller, workspaceId, 'workspace')
  if (caller.kind !== 'FEDERATED_USER') assertWrites(caller, workspaceId, 'workspace')
}

/** @throws ForbiddenError for all but operators */
export function assertOperator(caller: Caller): void {
  if (caller.role !== 'OPERATOR') throw new ForbiddenError('Only an operator key may do this.')
}

/** One wording, so that absent and not yours cannot be told apart. `what` is a type's name, never an id. */
export function notFound(what: string): NotFoundError {
  return new NotFoundError(`There is no such ${what}. Check the id, and that it belongs to the workspace of your key.`)
}
