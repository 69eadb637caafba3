import type { Database } from '../../db/database.ts'

const OPEN = ['QUEUED', 'RUNNING', 'CANCELLING'] as const

/** How many sync jobs of all workspaces have not ended, by state in lower case; a state without any is 0. */
export async function countOpenJobs(database: Database): Promise<[state: string, count: number][]> {
  const rows = await database.sql.query<{ status: string; count: number }>(
    `SELECT status::text AS status, count(*)::int AS count FROM sync_job
     WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING') GROUP BY status`,
  )
  const counts = new Map(rows.map(({ status, count }) => [status, count]))
  return OPEN.map((status) => [status.toLowerCase(), counts.get(status) ?? 0])
}
