import {
  assertConnects,
  assertScope,
  assertSees,
  assertSeesConnection,
  assertWrites,
  assertWritesConnection,
  type Caller,
  notFound,
  type OwnedConnection,
  seesIntegration,
} from '../access/caller.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Connection, Integration, Workspace } from '../db/generated/client.ts'
import { ForbiddenError } from '../kit/errors.ts'

/** A workspace in which the caller may change what does not belong to single integrations. @throws NotFoundError, ForbiddenError */
export async function findWritableWorkspace(database: Database, caller: Caller, id: string): Promise<Workspace> {
  assertWrites(caller, id, 'workspace')
  return findLiveWorkspace(database, id)
}

/** A workspace that the caller may see. @throws NotFoundError */
export async function findWorkspace(database: Database, caller: Caller, id: string): Promise<Workspace> {
  assertSees(caller, id, 'workspace')
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
  if (integration === null || !seesIntegration(caller, id)) throw notFound('integration')
  assertWrites(caller, integration.workspaceId, 'integration')
  return integration
}

/** A connection that the caller may see. @throws NotFoundError */
export async function findConnection(database: Database, caller: Caller, id: string): Promise<Connection> {
  const connection = await database.prisma.connection.findUnique({
    where: { id, deletedAt: null, workspace: { deletedAt: null } },
  })
  if (connection === null) throw notFound('connection')
  assertSeesConnection(caller, connection, 'connection')
  return connection
}

/** A connection that the caller may change. @throws NotFoundError, ForbiddenError */
export async function findWritableConnection(database: Database, caller: Caller, id: string): Promise<Connection> {
  const connection = await findConnection(database, caller, id)
  assertWritesConnection(caller, connection, 'connection')
  return connection
}

export interface RequestOfCaller {
  method: string
  /** With its query, as the caller wrote it. */
  path: string
  /** Further parameters of the query. */
  query?: readonly (readonly [name: string, value: string])[]
  /** In any case. */
  headerNames: readonly string[]
  /** Whether there is a body in one of the formats of HTML forms, which may contain `_method`. */
  formBody?: boolean
}

/**
 * Whether a server may take the request for one with another method. Frameworks read it from headers such as X-HTTP-Method-Override and
 * X-Original-Method, from the parameter `_method` of a query or a form (WordPress), and from `method` (Meta). Some read `_` as `-` in
 * headers, and PHP reads `.` and `[` as `_` in parameters, so only letters and digits of the names are compared.
 */
function mayOverrideMethod({ path, query = [], headerNames, formBody = false }: RequestOfCaller): boolean {
  if (formBody || headerNames.some(isOverrideHeader)) return true
  if (query.some(([name, value]) => isOverrideParameter(name, value))) return true
  const mark = path.indexOf('?')
  // Most queries can be told to have no such name without decoding them.
  if (mark === -1 || !(path.includes('%', mark) || NAMES_METHOD.test(path.slice(mark)))) return false
  return path
    .slice(mark + 1)
    .split(/[&;]/)
    .some((pair) => [...new URLSearchParams(pair)].some(([name, value]) => isOverrideParameter(name, value)))
}

/** `method`, with other characters than letters and digits in between. */
const NAMES_METHOD = /m[^a-z0-9]*e[^a-z0-9]*t[^a-z0-9]*h[^a-z0-9]*o[^a-z0-9]*d/i

function isOverrideHeader(name: string): boolean {
  // Access-Control-Request-Method says what a browser intends to send, not what this request is.
  return NAMES_METHOD.test(name) && !plainName(name).startsWith('accesscontrol')
}

const OVERRIDE_PARAMETER = /^(?:x?http|x)?method(?:override)?$|^x?(?:override|original)method$/

function isOverrideParameter(name: string, value: string): boolean {
  if (!NAMES_METHOD.test(name) || !OVERRIDE_PARAMETER.test(plainName(name))) return false
  const method = plainName(value)
  // Other APIs name a function in `method`, such as flickr.photos.search.
  if (name.toLowerCase() === 'method') return /^(?:post|put|patch|delete|merge)$/.test(method)
  return method !== 'get' && method !== 'head'
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Whether a request only reads: GET or HEAD, without anything by which a server may take it for another method. */
export function isReading(request: RequestOfCaller): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && !mayOverrideMethod(request)
}

/**
 * Checks that the caller may send a request through a connection. A caller that may change the connection may use every
 * method, a caller that may only read it may use GET and HEAD, and a connect session may send no requests. What servers may take
 * for another method counts as one. An API key needs the scope EXECUTE.
 * @throws NotFoundError, also for a connection that the caller must not see; ForbiddenError
 */
export function assertMayRequest(caller: Caller, connection: OwnedConnection, request: RequestOfCaller): void {
  assertScope(caller, 'EXECUTE')
  assertSeesConnection(caller, connection, 'connection')
  if (caller.kind === 'CONNECT_SESSION') {
    throw new ForbiddenError('A connect session cannot send requests. Use an API key.')
  }
  if (!isReading(request)) assertWritesConnection(caller, connection, 'connection')
}

/** Locks an integration and its workspace against deletion until the transaction ends. @throws NotFoundError */
export async function holdIntegration(tx: Tx, { id }: { id: string }): Promise<void> {
  const rows = await tx.query(
    `SELECT 1 AS held FROM integration i JOIN workspace w ON w.id = i.workspace_id
     WHERE i.id = $1::uuid AND i.deleted_at IS NULL AND w.deleted_at IS NULL FOR SHARE OF i, w`,
    [id],
  )
  if (rows.length === 0) throw notFound('integration')
}

/** Locks an end user of the workspace against deletion until the transaction ends. @throws NotFoundError */
export async function holdEndUser(tx: Tx, workspaceId: string, endUserId: string): Promise<void> {
  const rows = await tx.query(
    'SELECT 1 AS held FROM end_user WHERE id = $1::uuid AND workspace_id = $2::uuid FOR KEY SHARE',
    [endUserId, workspaceId],
  )
  if (rows.length === 0) throw notFound('end user')
}

/** The fields of an input that say for which end user a connection is created. */
interface EndUserScopedInput {
  workspaceId: string
  /** At most one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Name of the collection that the connection joins. */
  collection: string | null
}

/**
 * Restricts an input to the caller's own end user. For a caller that acts for an end user, the result names that end user,
 * whether or not the input does. For every other caller the input is returned unchanged.
 * @throws NotFoundError when the input names another end user; ForbiddenError when it names a collection
 */
export async function restrictToOwnEndUser<T extends EndUserScopedInput>(
  database: Database,
  caller: Caller,
  input: T,
): Promise<T> {
  const { endUserId } = caller
  if (endUserId === null) return input
  if (input.collection !== null) assertAssignsCollections(caller)
  const own = await database.prisma.endUser.findUnique({ where: { id: endUserId }, select: { externalId: true } })
  const sameId = input.endUserId === null || input.endUserId === endUserId
  const sameExternalId = input.endUserExternalId === null || input.endUserExternalId === own?.externalId
  if (own === null || !sameId || !sameExternalId) throw notFound('end user')
  return { ...input, endUserId, endUserExternalId: null }
}

/** Collections belong to the workspace, so end users cannot assign them. @throws ForbiddenError */
export function assertAssignsCollections(caller: Caller): void {
  if (caller.endUserId === null) return
  throw new ForbiddenError('Only an API key of the workspace can assign a collection. Leave collection out.')
}
