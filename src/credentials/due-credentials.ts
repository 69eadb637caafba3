import type { Row, SqlRunner } from '../db/sql.ts'

export interface DueCredential extends Row {
  connection_id: string
  integration_id: string
}

/** For how long a process keeps what it took from others: longer than a renewal takes. */
const TAKEN_FOR = '2 minutes'

/** now(), not clock_timestamp(): only what stays the same during a statement is looked up in the index. */
const IS_DUE = `s.refreshable AND s.next_refresh_at <= now() AND c.status IN ('ACTIVE', 'ERROR') AND c.deleted_at IS NULL`

/** By their ids alone: what `taken` has locked was due when it was locked. Asked again here, the plan goes through all that is due. */
const TAKE = `UPDATE credential SET next_refresh_at = clock_timestamp() + interval '${TAKEN_FOR}' FROM taken
     WHERE credential.connection_id = taken.connection_id
     RETURNING credential.connection_id, taken.integration_id`

/**
 * Takes connections whose renewal is due, by moving their time: a process that dies gives them back by itself. Looks at
 * all that is due.
 * @param limit of all
 * @param perIntegration of each integration that is not in `room`
 */
export function takeDue(
  sql: SqlRunner,
  limit: number,
  perIntegration: number,
  room: ReadonlyMap<string, number>,
): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `WITH due AS (
       SELECT s.connection_id, s.next_refresh_at, c.integration_id,
              row_number() OVER (PARTITION BY c.integration_id ORDER BY s.next_refresh_at) AS place
       FROM credential s JOIN connection c ON c.id = s.connection_id WHERE ${IS_DUE}
     ), first AS MATERIALIZED (
       SELECT due.connection_id, due.integration_id FROM due
       LEFT JOIN unnest($3::uuid[], $4::int[]) AS room(integration_id, count) ON room.integration_id = due.integration_id
       WHERE due.place <= coalesce(room.count, $2::int) ORDER BY due.next_refresh_at LIMIT $1::int
     ), taken AS (
       SELECT s.connection_id, first.integration_id FROM first JOIN credential s ON s.connection_id = first.connection_id
       WHERE coalesce(s.next_refresh_at <= now(), false) FOR UPDATE OF s SKIP LOCKED
     )
     ${TAKE}`,
    [limit, perIntegration, [...room.keys()], [...room.values()]],
  )
}

/** As `takeDue`, of these integrations only: costs as much as it takes, however much is due. */
export function takeDueOf(sql: SqlRunner, limit: number, room: ReadonlyMap<string, number>): Promise<DueCredential[]> {
  return sql.query<DueCredential>(
    `WITH taken AS (
       SELECT due.connection_id, room.integration_id FROM unnest($2::uuid[], $3::int[]) AS room(integration_id, count)
       CROSS JOIN LATERAL (
         SELECT s.connection_id FROM credential s JOIN connection c ON c.id = s.connection_id
         WHERE c.integration_id = room.integration_id AND ${IS_DUE}
         ORDER BY s.next_refresh_at LIMIT room.count FOR UPDATE OF s SKIP LOCKED
       ) AS due LIMIT $1::int
     )
     ${TAKE}`,
    [limit, [...room.keys()], [...room.values()]],
  )
}
