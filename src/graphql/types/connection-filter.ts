import { type Condition, condition } from '../../db/conditions.ts'
import { parseGlobalId } from '../kernel/global-id.ts'
import type { ConnectionFilter } from './more-connection-filter.ts'

/** A filter on connections as SQL over `connection t`. An id that names nothing matches nothing. */
export function connectionConditions(filter: ConnectionFilter | null | undefined): Condition[] {
  if (filter == null) return []
  const { status, integration, endUserId, endUserExternalId, externalId, collection } = filter
  const conditions: Condition[] = []
  if (status != null) conditions.push(condition('t.status::text = ANY(?::text[])', status))
  if (externalId != null) conditions.push(condition('t.external_id = ?::text', externalId))
  if (endUserId != null) conditions.push(endUserCondition(endUserId))
  if (integration != null) {
    conditions.push(
      condition('EXISTS (SELECT 1 FROM integration i WHERE i.id = t.integration_id AND i.slug = ?::text)', integration),
    )
  }
  if (endUserExternalId != null) {
    conditions.push(
      condition(
        'EXISTS (SELECT 1 FROM end_user e WHERE e.id = t.end_user_id AND e.external_id = ?::text)',
        endUserExternalId,
      ),
    )
  }
  if (collection != null) {
    conditions.push(
      condition('EXISTS (SELECT 1 FROM collection c WHERE c.id = t.collection_id AND c.name = ?::text)', collection),
    )
  }
  return conditions
}

function endUserCondition(globalId: string): Condition {
  const parsed = parseGlobalId(globalId)
  return parsed?.type === 'EndUser' ? condition('t.end_user_id = ?::uuid', parsed.id) : condition('false')
}
