import type { Database } from '../../db/database.ts'

/** A job that waits. */
export interface WaitingJob {
  id: string
  workspaceId: string
}

/** The jobs that wait, as one process knows them. */
interface Backlog {
  /** What is known may be out of date. */
  expire(): void
  /**
   * The next job to try to claim, of a workspace that `mayTake` accepts; each is given out once. It may be gone by then.
   * @returns null: there is none now
   */
  next(mayTake: (workspaceId: string) => boolean): Promise<WaitingJob | null>
}

/**
 * Workspaces take turns, however many jobs each of them has: first comes the first job of each, then the second of each.
 * What runs already, wherever it runs, has had its turn. The condition is that of the index of unfinished jobs.
 */
const IN_TURN = `
  SELECT id, workspace_id FROM (
    SELECT id, workspace_id, status, queued_at,
           row_number() OVER (PARTITION BY workspace_id ORDER BY status = 'QUEUED', queued_at, id) AS turn
    FROM sync_job WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING')
  ) open WHERE status = 'QUEUED' ORDER BY turn, queued_at, id LIMIT $1::int`

/** Jobs that are known at a time. */
const LIMIT = 200
/** Reading a long backlog takes its time; no more than a tenth of all time is spent on it. */
const REST = 9

export function createBacklog(database: Database): Backlog {
  let known: WaitingJob[] = []
  let more = false
  let expired = true
  let readAt = Number.NEGATIVE_INFINITY
  let tookMs = 0

  async function read(): Promise<void> {
    const startedAt = performance.now()
    expired = false
    try {
      const rows = await database.sql.query<{ id: string; workspace_id: string }>(IN_TURN, [LIMIT])
      known = rows.map((row) => ({ id: row.id, workspaceId: row.workspace_id }))
    } catch (error) {
      expired = true
      throw error
    }
    more = known.length === LIMIT
    readAt = performance.now()
    tookMs = readAt - startedAt
  }

  return {
    expire() {
      expired = true
    },
    async next(mayTake) {
      const rested = performance.now() - readAt >= REST * tookMs
      if ((expired && rested) || (known.length === 0 && (more || expired))) await read()
      const index = known.findIndex(({ workspaceId }) => mayTake(workspaceId))
      return index < 0 ? null : (known.splice(index, 1)[0] ?? null)
    },
  }
}

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
