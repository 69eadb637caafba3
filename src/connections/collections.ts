import type { SqlRunner } from '../db/sql.ts'
import { newId } from '../kit/ids.ts'

export const MAX_COLLECTION_NAME = 200

/** Id of the workspace's collection of this name, which is created when it is new. */
export async function ensureCollection(sql: SqlRunner, workspaceId: string, name: string): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    `INSERT INTO collection AS t (id, workspace_id, name) VALUES ($1::uuid, $2::uuid, $3::text)
     ON CONFLICT (workspace_id, name) DO UPDATE SET name = t.name RETURNING t.id`,
    [newId(), workspaceId, name],
  )
  if (row === undefined) throw new Error('An upsert returned no row.')
  return row.id
}
