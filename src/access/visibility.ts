import { type Condition, condition } from '../db/sql.ts'
import type { TableName } from '../db/tables.ts'
import { type Caller, readsAudit } from './caller.ts'

/**
 * SQL conditions on the alias `t` for the rows of a table that a caller may see. Everything that is read by id or as a list
 * uses them.
 * - Operators see all rows.
 * - API keys see the rows of their workspace. Keys that are limited to integrations see those and what belongs to them, and
 *   neither OIDC issuers, auth providers nor webhooks.
 * - End users see the workspace, its integrations, themselves, and what belongs to their own connections.
 * - Connect sessions see the workspace, its integrations, their end user, themselves, and their connection.
 * - The audit log is for operators and for keys with the role and the scope ADMIN.
 * - Without a caller (null) no rows are visible.
 */
export function visibleTo(caller: Caller | null, table: TableName): Condition[] {
  if (caller === null) return [NOTHING]
  const { workspaceId, endUserId } = caller
  const conditions: Condition[] = []
  if (workspaceId !== null) {
    conditions.push(condition(`t.${table === 'workspace' ? 'id' : 'workspace_id'} = ?::uuid`, workspaceId))
  }
  if (endUserId !== null) conditions.push(...END_USER_CONDITIONS[table](endUserId))
  if (caller.kind === 'CONNECT_SESSION') conditions.push(...sessionConditions(table, caller.connectSessionId))
  if (caller.integrationIds !== undefined) conditions.push(...LIMITED_CONDITIONS[table](caller.integrationIds))
  // Read-only keys do not see how callers, credentials and webhooks are configured.
  if (ONLY_ADMIN.has(table) && caller.role === 'READER') conditions.push(NOTHING)
  if (table === 'audit_event' && !readsAudit(caller)) conditions.push(NOTHING)
  return conditions
}

const NOTHING = condition('false')
const ONLY_ADMIN: ReadonlySet<TableName> = new Set([
  'oidc_issuer',
  'auth_provider',
  'webhook_endpoint',
  'webhook_delivery',
])

type EndUserConditions = (endUserId: string) => Condition[]

const ofConnection: EndUserConditions = (endUserId) => [
  condition(
    'EXISTS (SELECT 1 FROM connection own WHERE own.id = t.connection_id AND own.end_user_id = ?::uuid)',
    endUserId,
  ),
]

/** Restricts what the session's end user may see. */
function sessionConditions(table: TableName, id: string | null): Condition[] {
  if (table === 'workspace' || table === 'integration' || table === 'end_user') return []
  if (table === 'connect_session') return [condition('t.id = ?::uuid', id)]
  if (table !== 'connection') return [NOTHING]
  return [condition('t.id = (SELECT s.connection_id FROM connect_session s WHERE s.id = ?::uuid)', id)]
}

type LimitedConditions = (integrationIds: readonly string[]) => Condition[]

const ofLimitedConnection: LimitedConditions = (ids) => [
  condition(
    'EXISTS (SELECT 1 FROM connection own WHERE own.id = t.connection_id AND own.integration_id = ANY(?::uuid[]))',
    ids,
  ),
]

/** Restricts what a key that is limited to integrations may see. */
const LIMITED_CONDITIONS: Readonly<Record<TableName, LimitedConditions>> = {
  // Keys that may do no more than the caller, because the others name integrations that it does not see.
  api_key: (ids) => [condition('cardinality(t.integration_ids) > 0 AND t.integration_ids <@ ?::uuid[]', ids)],
  audit_event: () => [NOTHING],
  auth_provider: () => [NOTHING],
  collection: (ids) => [
    condition(
      `EXISTS (SELECT 1 FROM connection own
       WHERE own.collection_id = t.id AND own.integration_id = ANY(?::uuid[]) AND own.deleted_at IS NULL)`,
      ids,
    ),
  ],
  // A session without integrations offers all of them.
  connect_session: (ids) => [condition('cardinality(t.integration_ids) > 0 AND t.integration_ids <@ ?::uuid[]', ids)],
  connection: (ids) => [condition('t.integration_id = ANY(?::uuid[])', ids)],
  credential: ofLimitedConnection,
  end_user: () => [],
  integration: (ids) => [condition('t.id = ANY(?::uuid[])', ids)],
  oidc_issuer: () => [NOTHING],
  stream_state: ofLimitedConnection,
  sync_job: ofLimitedConnection,
  sync_job_stream: (ids) => [
    condition(
      `EXISTS (SELECT 1 FROM sync_job j JOIN connection own ON own.id = j.connection_id
       WHERE j.id = t.sync_job_id AND own.integration_id = ANY(?::uuid[]))`,
      ids,
    ),
  ],
  webhook_delivery: () => [NOTHING],
  webhook_endpoint: () => [NOTHING],
  workspace: () => [],
}

const END_USER_CONDITIONS: Readonly<Record<TableName, EndUserConditions>> = {
  api_key: () => [NOTHING],
  audit_event: () => [NOTHING],
  auth_provider: () => [NOTHING],
  collection: (endUserId) => [
    condition(
      `EXISTS (SELECT 1 FROM connection own
       WHERE own.collection_id = t.id AND own.end_user_id = ?::uuid AND own.deleted_at IS NULL)`,
      endUserId,
    ),
  ],
  connect_session: (endUserId) => [condition('t.end_user_id = ?::uuid', endUserId)],
  connection: (endUserId) => [condition('t.end_user_id = ?::uuid', endUserId)],
  credential: ofConnection,
  end_user: (endUserId) => [condition('t.id = ?::uuid', endUserId)],
  integration: () => [],
  oidc_issuer: () => [NOTHING],
  stream_state: ofConnection,
  sync_job: ofConnection,
  sync_job_stream: (endUserId) => [
    condition(
      `EXISTS (SELECT 1 FROM sync_job j JOIN connection own ON own.id = j.connection_id
       WHERE j.id = t.sync_job_id AND own.end_user_id = ?::uuid)`,
      endUserId,
    ),
  ],
  webhook_delivery: () => [NOTHING],
  webhook_endpoint: () => [NOTHING],
  workspace: () => [],
}
