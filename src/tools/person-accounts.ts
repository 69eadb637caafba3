import type { ToolCaller } from '../access/tool-callers.ts'
import type { Connection } from '../db/generated/client.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import { globalIdOf, isId } from '../kit/ids.ts'

/** A connection of the person for whom the tools act. */
export interface Account extends Row {
  id: string
  integrationId: string
  displayName: string
  status: Connection['status']
  statusReason: string | null
}

/** Whose connections are looked for. */
type Person = Pick<ToolCaller, 'workspaceId' | 'endUserId' | 'integrationIds'>

const COLUMNS = `c.id, c.integration_id AS "integrationId", c.display_name AS "displayName", c.status::text AS status,
  c.status_reason AS "statusReason"`

/** The person's connections, without those that were never finished, and of the integrations that the tools are for. */
const OWN = `c.workspace_id = $1::uuid AND c.end_user_id = $2::uuid AND c.deleted_at IS NULL AND c.status <> 'PENDING'
  AND ($3::uuid[] IS NULL OR c.integration_id = ANY($3::uuid[]))`

function valuesOf({ workspaceId, endUserId, integrationIds }: Person): unknown[] {
  return [workspaceId, endUserId, integrationIds?.slice() ?? null]
}

/** The most accounts that a call is offered to choose from. */
const MAX_CHOICES = 50

/** The accounts at an integration: those that can be used first, then those that have to be connected again, at most 50. */
export function accountsAt(sql: SqlRunner, person: Person, integrationId: string): Promise<Account[]> {
  return sql.query<Account>(
    `SELECT ${COLUMNS} FROM connection c WHERE ${OWN} AND c.integration_id = $4::uuid
     ORDER BY CASE WHEN c.status IN ('ACTIVE', 'ERROR') THEN 0 WHEN c.status = 'NEEDS_REAUTH' THEN 1 ELSE 2 END, c.id
     LIMIT $5::int`,
    [...valuesOf(person), integrationId, MAX_CHOICES],
  )
}

/** An account at an integration that has to be connected again; null: there is none. */
export async function lostAccountAt(sql: SqlRunner, person: Person, integrationId: string): Promise<Account | null> {
  const [account] = await sql.query<Account>(
    `SELECT ${COLUMNS} FROM connection c WHERE ${OWN} AND c.integration_id = $4::uuid AND c.status = 'NEEDS_REAUTH'
     ORDER BY c.id LIMIT 1`,
    [...valuesOf(person), integrationId],
  )
  return account ?? null
}

/** The account at an integration that an argument names by its global id; null: there is none. */
export async function accountNamed(
  sql: SqlRunner,
  person: Person,
  integrationId: string,
  name: unknown,
): Promise<Account | null> {
  const id = typeof name === 'string' ? Buffer.from(name, 'base64url').toString().split(':')[1] : undefined
  if (id === undefined || !isId(id) || globalIdOf('Connection', id) !== name) return null
  const [account] = await sql.query<Account>(
    `SELECT ${COLUMNS} FROM connection c WHERE ${OWN} AND c.integration_id = $4::uuid AND c.id = $5::uuid`,
    [...valuesOf(person), integrationId, id],
  )
  return account ?? null
}

/** Ids of the integrations at which the person has several accounts. */
export async function integrationsWithSeveral(sql: SqlRunner, person: Person): Promise<Set<string>> {
  const rows = await sql.query<{ id: string }>(
    `SELECT c.integration_id AS id FROM connection c WHERE ${OWN} GROUP BY c.integration_id HAVING count(*) > 1`,
    valuesOf(person),
  )
  return new Set(rows.map(({ id }) => id))
}

interface Counted extends Row {
  /** How many rows there are without the limit. */
  total: bigint
}

interface Listed<T> {
  rows: T[]
  /** How many there are in all. */
  total: number
}

/** More than one result can hold. */
const MAX_LISTED = 1_000

/** The person's accounts at all integrations, at most 1,000, each with the slug of its integration. */
export function listAccounts(sql: SqlRunner, person: Person, slug: string | null) {
  return listed(
    sql.query<Account & Counted & { integration: string }>(
      `SELECT ${COLUMNS}, i.slug AS integration, count(*) OVER () AS total
       FROM connection c JOIN integration i ON i.id = c.integration_id
       WHERE ${OWN} AND i.deleted_at IS NULL AND ($4::text IS NULL OR i.slug = $4::text)
       ORDER BY c.id LIMIT $5::int`,
      [...valuesOf(person), slug, MAX_LISTED],
    ),
  )
}

/** The integrations at which the person has no account, at most 1,000, by name. */
export function listNotConnected(sql: SqlRunner, person: Person, slug: string | null) {
  return listed(
    sql.query<Counted & { integration: string; displayName: string }>(
      `SELECT i.slug AS integration, i.display_name AS "displayName", count(*) OVER () AS total
       FROM integration i
       WHERE i.workspace_id = $1::uuid AND i.deleted_at IS NULL AND ($3::uuid[] IS NULL OR i.id = ANY($3::uuid[]))
         AND ($4::text IS NULL OR i.slug = $4::text)
         AND NOT EXISTS (SELECT FROM connection c WHERE ${OWN} AND c.integration_id = i.id)
       ORDER BY i.display_name, i.id LIMIT $5::int`,
      [...valuesOf(person), slug, MAX_LISTED],
    ),
  )
}

async function listed<T extends Counted>(query: Promise<T[]>): Promise<Listed<T>> {
  const rows = await query
  return { rows, total: Number(rows[0]?.total ?? 0) }
}
