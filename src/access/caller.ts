import { ForbiddenError, NotFoundError } from '../kit/errors.ts'

export type CallerRole = 'OPERATOR' | 'ADMIN' | 'READER'

/**
 * What an API key may do, within its role.
 * - READ: queries and subscriptions
 * - CONNECT: connections, connect sessions and end users
 * - EXECUTE: requests through connections
 * - SYNC: starting, scheduling and cancelling sync jobs
 * - ADMIN: the workspace, its integrations, keys, OIDC issuers and auth providers
 */
export type ApiKeyScope = 'READ' | 'CONNECT' | 'EXECUTE' | 'SYNC' | 'ADMIN'

/** Every scope that a key of a role can use. Requests of a READER are limited to methods that read. */
export const SCOPES_OF_ROLE: Readonly<Record<CallerRole, readonly ApiKeyScope[]>> = {
  OPERATOR: ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'],
  ADMIN: ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'],
  READER: ['READ', 'EXECUTE'],
}

/** The authenticated caller, with everything that authorization depends on. */
export interface Caller {
  kind: 'OPERATOR' | 'API_KEY' | 'CONNECT_SESSION' | 'FEDERATED_USER'
  /** How the audit log names an API key (its name and first characters) or an end user (the external id). Default: by id. */
  name?: string | undefined
  role: CallerRole
  /** Null: all workspaces. */
  workspaceId: string | null
  /** When set, the caller is limited to what belongs to this end user. */
  endUserId: string | null
  apiKeyId: string | null
  connectSessionId: string | null
  /** The session of a browser that is signed in to the console. Undefined: another caller. */
  consoleSessionId?: string | undefined
  expiresAt: Date | null
  /** Undefined: everything that the role may do. */
  scopes?: readonly ApiKeyScope[] | undefined
  /** Ids of the integrations that the caller is limited to, with their connections. Undefined: not limited. */
  integrationIds?: readonly string[] | undefined
}

export function hasScope({ scopes }: Caller, scope: ApiKeyScope): boolean {
  return scopes === undefined || scopes.includes(scope)
}

/** Whether the caller may change integrations that it sees, so that their definitions can be shown to it. */
export function administers(caller: Caller): boolean {
  return caller.role !== 'READER' && caller.endUserId === null && hasScope(caller, 'ADMIN')
}

/** @throws ForbiddenError */
export function assertScope(caller: Caller, scope: ApiKeyScope): void {
  if (!hasScope(caller, scope)) {
    throw new ForbiddenError(`This API key does not have the scope ${scope}. Use a key that has it.`)
  }
}

/**
 * Checks that the caller may change or use what concerns more than single integrations.
 * @throws ForbiddenError for a key that is limited to integrations
 */
export function assertNotLimited(caller: Caller): void {
  if (caller.integrationIds !== undefined) {
    throw new ForbiddenError('This API key is limited to some integrations. Use a key of the whole workspace.')
  }
}

/**
 * Checks that the caller may let others in, such as every end user of an OIDC issuer. They can do all that the workspace offers its
 * end users, for as long as what lets them in exists.
 * @throws ForbiddenError for a key that does not have every scope, that is limited to integrations, or that expires
 */
export function assertLetsOthersIn(caller: Caller, what: string): void {
  assertNotLimited(caller)
  const missing = SCOPES_OF_ROLE[caller.role].filter((scope) => !hasScope(caller, scope))
  if (missing.length > 0) {
    throw new ForbiddenError(
      `Your key does not have the scopes ${missing.join(', ')}, and ${what} lets others do what needs them. Use a key without a limit of scopes.`,
    )
  }
  if (caller.expiresAt !== null) {
    throw new ForbiddenError(
      `Your key expires at ${caller.expiresAt.toISOString()}, and ${what} would let others in after that. Use a key without an expiresAt.`,
    )
  }
}

/** Whether the caller may see an integration and what belongs to it. */
export function seesIntegration({ integrationIds }: Caller, integrationId: string): boolean {
  return integrationIds === undefined || integrationIds.includes(integrationId)
}

/** Whether the caller may see rows of this workspace. Rows that it may not see are treated as nonexistent. */
function seesWorkspace(caller: Caller, workspaceId: string): boolean {
  return caller.workspaceId === null || caller.workspaceId === workspaceId
}

/** @throws NotFoundError for another workspace */
export function assertSees(caller: Caller, workspaceId: string, what: string): void {
  if (!seesWorkspace(caller, workspaceId)) throw notFound(what)
}

/** @throws NotFoundError for another workspace; ForbiddenError for callers that may only read */
export function assertWrites(caller: Caller, workspaceId: string, what: string): void {
  assertSees(caller, workspaceId, what)
  if (caller.role === 'READER' || caller.endUserId !== null) {
    throw new ForbiddenError('This caller has read access only. Use an API key with the role ADMIN.')
  }
}

/** Whether the caller may see what belongs to this end user. `null`: not owned by an end user. */
export function seesEndUser(caller: Caller, endUserId: string | null): boolean {
  return caller.endUserId === null || caller.endUserId === endUserId
}

/** The columns of a connection that say who owns it. */
export interface OwnedConnection {
  workspaceId: string
  endUserId: string | null
  integrationId: string
}

/** @throws NotFoundError for a connection that the caller may not see */
export function assertSeesConnection(caller: Caller, connection: OwnedConnection, what: string): void {
  const { workspaceId, endUserId, integrationId } = connection
  const sees =
    seesWorkspace(caller, workspaceId) && seesEndUser(caller, endUserId) && seesIntegration(caller, integrationId)
  if (!sees) throw notFound(what)
}

/**
 * Checks that the caller may change a connection and what belongs to it. End users with a token of their own may change their
 * own connections; connect sessions may not.
 * @throws NotFoundError for a connection that the caller may not see; ForbiddenError for callers that may only read
 */
export function assertWritesConnection(caller: Caller, connection: OwnedConnection, what: string): void {
  assertSeesConnection(caller, connection, what)
  if (caller.kind !== 'FEDERATED_USER') assertWrites(caller, connection.workspaceId, what)
}

/**
 * Checks that the caller may create connections in a workspace. End users may create them for themselves only, which
 * `restrictToOwnEndUser` ensures.
 * @throws NotFoundError for another workspace; ForbiddenError
 */
export function assertConnects(caller: Caller, workspaceId: string): void {
  assertSees(caller, workspaceId, 'workspace')
  if (caller.kind !== 'FEDERATED_USER') assertWrites(caller, workspaceId, 'workspace')
}

/** @throws ForbiddenError for callers other than operators */
export function assertOperator(caller: Caller): void {
  if (caller.role !== 'OPERATOR') throw new ForbiddenError('This requires an operator key.')
}

/** Whether the caller may read the audit log of its workspace; an operator that of all workspaces. */
export function readsAudit(caller: Caller): boolean {
  const { role, endUserId, integrationIds } = caller
  return role !== 'READER' && endUserId === null && integrationIds === undefined && hasScope(caller, 'ADMIN')
}

/** @throws ForbiddenError for callers that may not read the audit log */
export function assertReadsAudit(caller: Caller): void {
  if (!readsAudit(caller)) {
    throw new ForbiddenError(
      'The audit log needs an API key of the whole workspace with the role ADMIN and the scope ADMIN.',
    )
  }
}

/** The same message for absent rows and rows of others, so that callers cannot tell them apart. @param what a type, never an id */
export function notFound(what: string): NotFoundError {
  return new NotFoundError(`There is no such ${what}. Check the id, and that it belongs to the workspace of your key.`)
}
