import { type Condition, condition } from '../db/sql.ts'
import type { TableName } from '../db/tables.ts'
import type { Caller } from './caller.ts'

/**
 * Which rows of a table a caller may see, as conditions on the alias `t`: the one place where it is said for everything
 * that is read by id or as a list. An operator sees all; a caller of a workspace what is in it; one who acts for an end
 * user the workspace and its integrations, himself, and what hangs on his own connections; a connect session, of these,
 * itself and the connection that has come of it. Null: nobody, who sees nothing.
 */
export function visibleTo(caller: Caller | null, table: TableName): Condition[] {
  if (caller === null) return [NOTHING]
  const { workspaceId, endUserId } = caller
  const conditions: Condition[] = []
  if (workspaceId !== null) {
    conditions.push(condition(`t.${table === 'workspace' ? 'id' : 'workspace_id'} = ?::uuid`, workspaceId))
  }
  if (endUserId !== null) conditions.push(...OF_END_USER[table](endUserId))
  if (caller.kind === 'CONNECT_SESSION') conditions.push(...ofSession(table, caller.connectSessionId))
  // Whose tokens are let in, and where credentials are kept, is nothing that a key for reading needs to know.
  if ((table === 'oidc_issuer' || table === 'auth_provider') && caller.role === 'READER') conditions.push(NOTHING)
  return conditions
}

const NOTHING = condition('false')

type Own = (endUserId: string) => Condition[]

const ofConnection: Own = (endUserId) => [
  condition(
    'EXISTS (SELECT 1 FROM connection own WHERE own.id = t.connection_id AND own.end_user_id = ?::uuid)',
    endUserId,
  ),
]

/** What a session sees of what its end user has. */
function ofSession(table: TableName, id: string | null): Condition[] {
  if (table === 'workspace' || table === 'integration' || table === 'end_user') return []
  if (table === 'connect_session') return [condition('t.id = ?::uuid', id)]
  if (table !== 'connection') return [NOTHING]
  return [condition('t.id = (SELECT s.connection_id FROM connect_session s WHERE s.id = ?::uuid)', id)]
}

const OF_END_USER: Readonly<Record<TableName, Own>> = {
  api_key: () => [NOTHING],
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
  workspace: () => [],
}
