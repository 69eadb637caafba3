import type { Database } from '../../db/database.ts'
import { allOf, type Condition, condition, type SqlRunner } from '../../db/sql.ts'

/** A queued job. */
export interface WaitingJob {
  id: string
  workspaceId: string
}

/** The queued jobs, cached by one process. */
interface Backlog {
  /** The cached jobs may be out of date. */
  expire(): void
  /**
   * The next job to try to claim, of a workspace that `mayTake` accepts. Each job is returned once. It may no longer be
   * queued.
   *
   * @returns null: there is none at present
   */
  next(mayTake: (workspaceId: string) => boolean): Promise<WaitingJob | null>
}

/**
 * The first queued job of each workspace comes first, then the second of each, and so on: round-robin over workspaces.
 * Running jobs count. The condition is that of the index of unfinished jobs.
 */
const ROUND_ROBIN = `
  SELECT id, workspace_id FROM (
    SELECT id, workspace_id, status, queued_at,
           row_number() OVER (PARTITION BY workspace_id ORDER BY status = 'QUEUED', queued_at, id) AS round
    FROM sync_job WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING')
  ) unfinished WHERE status = 'QUEUED' ORDER BY round, queued_at, id LIMIT $1::int`

/** Jobs that are cached at once. */
const LIMIT = 200
/** Pause after a read, as a multiple of its duration: reading a long backlog takes at most a tenth of the time. */
const PAUSE_FACTOR = 9

export function createBacklog(database: Database): Backlog {
  let cached: WaitingJob[] = []
  let more = false
  let expired = true
  let readAt = Number.NEGATIVE_INFINITY
  let tookMs = 0

  async function read(): Promise<void> {
    const startedAt = performance.now()
    expired = false
    try {
      const rows = await database.sql.query<{ id: string; workspace_id: string }>(ROUND_ROBIN, [LIMIT])
      cached = rows.map((row) => ({ id: row.id, workspaceId: row.workspace_id }))
    } catch (error) {
      expired = true
      throw error
    }
    more = cached.length === LIMIT
    readAt = performance.now()
    tookMs = readAt - startedAt
  }

  return {
    expire() {
      expired = true
    },
    async next(mayTake) {
      const pauseIsOver = performance.now() - readAt >= PAUSE_FACTOR * tookMs
      if ((expired && pauseIsOver) || (cached.length === 0 && (more || expired))) await read()
      const index = cached.findIndex(({ workspaceId }) => mayTake(workspaceId))
      return index < 0 ? null : (cached.splice(index, 1)[0] ?? null)
    },
  }
}

/** The unfinished jobs of a workspace. */
export interface SyncQueue {
  running: number
  queued: number
  /** Running jobs that wait for their provider: the last event of each is SYNC_RETRYING. */
  waiting: number
  oldestQueuedAt: Date | null
}

/** @param visible conditions on the alias `t` for the jobs that the caller may see */
export async function readQueue(
  sql: SqlRunner,
  workspaceId: string,
  visible: readonly Condition[],
): Promise<SyncQueue> {
  const values: unknown[] = []
  const where = allOf(
    [
      condition('t.workspace_id = ?::uuid', workspaceId),
      condition("t.status IN ('QUEUED', 'RUNNING', 'CANCELLING')"),
      ...visible,
    ],
    values,
  )
  const [row] = await sql.query<{ running: number; queued: number; waiting: number; oldest: Date | null }>(
    `SELECT count(*) FILTER (WHERE status <> 'QUEUED' AND NOT waits)::int AS running,
            count(*) FILTER (WHERE status = 'QUEUED')::int AS queued,
            count(*) FILTER (WHERE status <> 'QUEUED' AND waits)::int AS waiting,
            min(queued_at) FILTER (WHERE status = 'QUEUED') AS oldest
     FROM (
       SELECT t.status, t.queued_at, t.status <> 'QUEUED' AND 'SYNC_RETRYING' = (
         SELECT e.type FROM event e WHERE e.sync_job_id = t.id ORDER BY e.position DESC LIMIT 1) AS waits
       FROM sync_job t WHERE ${where}
     ) job`,
    values,
  )
  return {
    running: row?.running ?? 0,
    queued: row?.queued ?? 0,
    waiting: row?.waiting ?? 0,
    oldestQueuedAt: row?.oldest ?? null,
  }
}

const UNFINISHED = ['QUEUED', 'RUNNING', 'CANCELLING'] as const

/** How many unfinished sync jobs all workspaces have, by status in lower case. Every unfinished status is listed. */
export async function countOpenJobs(database: Database): Promise<[state: string, count: number][]> {
  const rows = await database.sql.query<{ status: string; count: number }>(
    `SELECT status::text AS status, count(*)::int AS count FROM sync_job
     WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING') GROUP BY status`,
  )
  const counts = new Map(rows.map(({ status, count }) => [status, count]))
  return UNFINISHED.map((status) => [status.toLowerCase(), counts.get(status) ?? 0])
}
