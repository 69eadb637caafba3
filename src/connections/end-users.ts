import { recordAudit } from '../access/audit.ts'
import type { Caller } from '../access/caller.ts'
import { MAX_EXTERNAL_ID } from '../access/token-end-user.ts'
import type { Database } from '../db/database.ts'
import type { EndUser } from '../db/generated/client.ts'
import type { SqlRunner } from '../db/sql.ts'
import { columnsOf } from '../db/tables.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { findWritableWorkspace } from './lookups.ts'

interface EndUserChange {
  workspaceId: string
  externalId: string
  /** For this and the following fields, undefined keeps the stored value. */
  displayName?: string | null | undefined
  email?: string | null | undefined
  metadata?: unknown
}

/**
 * Creates the end user with this external id, or changes the given fields of the existing one.
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function upsertEndUser(
  database: Database,
  caller: Caller,
  change: EndUserChange,
): Promise<{ endUser: EndUser; created: boolean }> {
  const check = checkInput()
  checkEndUser(check, change)
  check.done()
  await findWritableWorkspace(database, caller, change.workspaceId)
  const { workspaceId, externalId, displayName, email, metadata } = change
  const values = [
    newId(),
    workspaceId,
    externalId,
    displayName ?? null,
    email ?? null,
    metadata == null ? null : JSON.stringify(metadata),
    displayName !== undefined,
    email !== undefined,
    metadata !== undefined,
  ]
  return database.bulkTransaction(async (tx) => {
    const [row] = await tx.query<EndUser & { created: boolean }>(UPSERT, values)
    if (row === undefined) throw new Error('An upsert returned no row.')
    const { created, ...endUser } = row
    await recordAudit(tx, { type: 'EndUser', id: endUser.id, workspaceId })
    return { endUser, created }
  })
}

const UPSERT = `
  INSERT INTO end_user AS t (id, workspace_id, external_id, display_name, email, metadata)
  VALUES ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, coalesce($6::jsonb, '{}'))
  ON CONFLICT (workspace_id, external_id) DO UPDATE SET
    display_name = CASE WHEN $7::boolean THEN excluded.display_name ELSE t.display_name END,
    email = CASE WHEN $8::boolean THEN excluded.email ELSE t.email END,
    metadata = CASE WHEN $9::boolean THEN excluded.metadata ELSE t.metadata END,
    updated_at = now()
  RETURNING ${columnsOf('end_user', 't')}, (t.xmax = 0) AS created`

function checkEndUser(check: InputCheck, { externalId, displayName, email, metadata }: EndUserChange): void {
  check.text(['input', 'externalId'], externalId, MAX_EXTERNAL_ID)
  check.text(['input', 'displayName'], displayName, 200)
  check.text(['input', 'email'], email, 320)
  check.object(['input', 'metadata'], metadata)
}

/** Id of the end user with this external id, who is created when new. */
export async function ensureEndUser(sql: SqlRunner, workspaceId: string, externalId: string): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    // The update changes nothing. It returns the existing row, and waits for a concurrent insert.
    `INSERT INTO end_user AS t (id, workspace_id, external_id) VALUES ($1::uuid, $2::uuid, $3::text)
     ON CONFLICT (workspace_id, external_id) DO UPDATE SET external_id = t.external_id RETURNING t.id`,
    [newId(), workspaceId, externalId],
  )
  if (row === undefined) throw new Error('An upsert returned no row.')
  return row.id
}
