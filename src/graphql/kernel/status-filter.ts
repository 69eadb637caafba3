import { type Condition, condition } from '../../db/sql.ts'

/**
 * `oneOf` of a list: rows `t` whose status is one of these values of a GraphQL enum. The values are in the text of the statement,
 * because the planner chooses a partial index by them. Undefined: all rows.
 */
export function statusConditions(statuses: readonly string[] | null | undefined): Condition[] | undefined {
  if (statuses == null) return undefined
  const distinct = [...new Set(statuses)].sort()
  return distinct.length === 0 ? [condition('false')] : distinct.map((status) => condition(`t.status = '${status}'`))
}
