import type { SqlRunner } from '../src/db/sql.ts'

/** One workspace with its key, and what the reads ask for. */
export interface Seeded {
  workspaceId: string
  connectionIds: string[]
}

/** 20,000 connections of 2,000 end users, with 5 jobs each. Deterministic but for the ids. */
export async function seed(sql: SqlRunner, workspaceId: string): Promise<Seeded> {
  await sql.query(
    `INSERT INTO integration (id, workspace_id, slug, display_name, definition)
     SELECT gen_random_uuid(), $1::uuid, 'bench', 'Bench', '{"displayName":"Bench","baseUrl":"https://api.example.com","auth":{"type":"bearer"}}'`,
    [workspaceId],
  )
  await sql.query(
    `INSERT INTO end_user (id, workspace_id, external_id, display_name, email)
     SELECT gen_random_uuid(), $1::uuid, 'user-' || n, 'User ' || n, 'user' || n || '@example.com' FROM generate_series(1, 2000) n`,
    [workspaceId],
  )
  await sql.query(
    `INSERT INTO connection (id, workspace_id, integration_id, end_user_id, display_name, external_id, status, method)
     SELECT gen_random_uuid(), $1::uuid, i.id, e.id, 'Connection ' || n, e.external_id || '-' || n, 'ACTIVE', 'SECRET'
     FROM integration i, end_user e, generate_series(1, 10) n WHERE i.workspace_id = $1::uuid AND e.workspace_id = $1::uuid`,
    [workspaceId],
  )
  await sql.query(
    `INSERT INTO sync_job (id, workspace_id, connection_id, trigger, status, records_read, finished_at)
     SELECT gen_random_uuid(), $1::uuid, c.id, 'MANUAL', 'SUCCEEDED', n, now() FROM connection c, generate_series(1, 5) n
     WHERE c.workspace_id = $1::uuid`,
    [workspaceId],
  )
  await sql.query('ANALYZE')
  const rows = await sql.query<{ id: string }>('SELECT id FROM connection WHERE workspace_id = $1::uuid LIMIT 1000', [
    workspaceId,
  ])
  return { workspaceId, connectionIds: rows.map((row) => row.id) }
}
