import type { Database } from '../../db/database.ts'
import { allOf, type Condition, condition, type SqlRunner } from '../../db/sql.ts'

/** A job that may be claimed. */
export interface QueuedJob {
  id: string
  workspaceId: string
  /** Null: a process of an earlier version created the job. */
  integrationId: string | null
  host: string | null
  /** The rate limit of the integration; null: none. */
  requestsPerSecond: number | null
  /** The job has reserved a slot of that rate limit. */
  hasSlot: boolean
}

/** Columns of `sync_job j`. */
export const QUEUED_COLUMNS = `j.id, j.workspace_id, j.integration_id, j.host, j.requests_per_second,
  coalesce(j.wait ? 'slotAt', false) AS has_slot`

export interface QueuedRow {
  [column: string]: unknown
  id: string
  workspace_id: string
  integration_id: string | null
  host: string | null
  requests_per_second: number | null
  has_slot: boolean
}

export function toQueuedJob(row: QueuedRow): QueuedJob {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    integrationId: row.integration_id,
    host: row.host,
    requestsPerSecond: row.requests_per_second,
    hasSlot: row.has_slot,
  }
}

/** What a worker can take at present. */
export interface Room {
  mayTake(job: QueuedJob): boolean
  /** How many jobs of the workspace this worker runs. */
  running(workspaceId: string): number
  /** Integrations of which no further job may be taken, unless it has a slot. */
  fullIntegrations: readonly string[]
  fullHosts: readonly string[]
  /** Workspaces of which no further job may be taken. */
  fullWorkspaces: readonly string[]
}

/** The queued jobs, cached by one process. */
interface Backlog {
  /** The cached jobs may be out of date. */
  expire(): void
  /**
   * The next job to try to claim. It may no longer be queued. A job that is not claimed may be returned again.
   * @returns null: there is none at present that may be taken
   */
  next(room: Room): Promise<QueuedJob | null>
}

/** Workspaces that are read at once, and integrations and jobs of each. */
const WORKSPACES = 100
const INTEGRATIONS = 64
const JOBS_OF_INTEGRATION = 32
/** Jobs that are cached at once. */
const LIMIT = 200
/** Pause after a read, as a multiple of its duration: reading takes at most a tenth of the time. */
const PAUSE_FACTOR = 9

/** SQL: the group of jobs of which an equal share is read. It is an expression of the indexes. */
const PART = 'coalesce(integration_id, workspace_id)'

/**
 * The first jobs of each workspace after workspace $1, by integration. The recursive parts jump from one workspace to the
 * next, and from one integration to the next, in the index: the cost does not depend on the number of jobs. $2
 * integrations, $3 hosts and $4 workspaces that are left out.
 */
const readStatement = (triggers: string) => {
  const ready = `status = 'QUEUED' AND not_before IS NULL AND trigger IN (${triggers})`
  return `
  WITH RECURSIVE places (workspace_id, place) AS (
    (SELECT workspace_id, 1 FROM sync_job WHERE ${ready} AND workspace_id > $1::uuid ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT q.workspace_id FROM sync_job q WHERE ${ready} AND q.workspace_id > p.workspace_id
            ORDER BY q.workspace_id LIMIT 1), p.place + 1
    FROM places p WHERE p.workspace_id IS NOT NULL AND p.place < ${WORKSPACES} + cardinality($4::uuid[])
  )
  SELECT job.*, w.place FROM places w CROSS JOIN LATERAL (
    WITH RECURSIVE parts (part, kept) AS (
      (SELECT ${PART}, 1 FROM sync_job WHERE ${ready} AND workspace_id = w.workspace_id ORDER BY ${PART} LIMIT 1)
      UNION ALL
      SELECT (SELECT ${PART} FROM sync_job WHERE ${ready} AND workspace_id = w.workspace_id AND ${PART} > p.part
              ORDER BY ${PART} LIMIT 1), p.kept + CASE WHEN p.part = ANY ($2::uuid[]) THEN 0 ELSE 1 END
      FROM parts p WHERE p.part IS NOT NULL AND p.kept <= ${INTEGRATIONS}
    )
    SELECT of_part.*, row_number() OVER (ORDER BY of_part.turn, of_part.queued_at, of_part.id) AS round
    FROM parts CROSS JOIN LATERAL (
      SELECT ${QUEUED_COLUMNS}, j.queued_at, row_number() OVER (ORDER BY j.queued_at, j.id) AS turn FROM (
        SELECT * FROM sync_job
        WHERE ${ready} AND workspace_id = w.workspace_id AND ${PART} = parts.part
        ORDER BY queued_at, id LIMIT ${JOBS_OF_INTEGRATION}
      ) j
    ) of_part
    WHERE (parts.part <> ALL ($2::uuid[]) OR of_part.has_slot) AND (of_part.host IS NULL OR of_part.host <> ALL ($3::text[]))
    ORDER BY round LIMIT ${LIMIT}
  ) job
  WHERE w.workspace_id <> ALL ($4::uuid[])
  ORDER BY job.round, w.place LIMIT ${LIMIT}`
}

/** Jobs that a person may wait for come before those that run by themselves. */
const FIRST = readStatement(`'MANUAL', 'ON_CREATE'`)
const LATER = readStatement(`'SCHEDULE', 'WEBHOOK'`)
/** One of so many jobs is one that runs by itself, if there is one, so that those are never starved. */
const LATER_EVERY = 4

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

interface CachedJob extends QueuedJob {
  /** 1 for the first job of its workspace. */
  round: number
}

/** The queued jobs of some triggers. Workspaces take turns: each read begins after the workspace of the last job taken. */
function createLane(database: Database, statement: string): Backlog {
  let cached: CachedJob[] = []
  /** The last read may not have returned all jobs. */
  let more = false
  let expired = true
  let lastTaken = BEFORE_ALL
  let readAt = Number.NEGATIVE_INFINITY
  let tookMs = 0

  async function read(room: Room): Promise<void> {
    const startedAt = performance.now()
    expired = false
    try {
      cached = await readAfter(lastTaken, room)
      // The end of the list: go on from its beginning.
      if (cached.length < LIMIT && lastTaken !== BEFORE_ALL) {
        const known = new Set(cached.map(({ id }) => id))
        const others = await readAfter(BEFORE_ALL, room)
        cached = [...cached, ...others.filter(({ id }) => !known.has(id))]
      }
    } catch (error) {
      expired = true
      throw error
    }
    more = cached.length > 0
    readAt = performance.now()
    tookMs = readAt - startedAt
  }

  async function readAfter(workspaceId: string, room: Room): Promise<CachedJob[]> {
    const { fullIntegrations, fullHosts, fullWorkspaces } = room
    const rows = await database.sql.query<QueuedRow & { round: bigint }>(statement, [
      workspaceId,
      fullIntegrations,
      fullHosts,
      fullWorkspaces,
    ])
    return rows.map((row) => ({ ...toQueuedJob(row), round: Number(row.round) }))
  }

  /** The first job of the workspace with the fewest jobs before it, those that run included. */
  function take({ mayTake, running }: Room): QueuedJob | null {
    let best: { index: number; rank: number } | undefined
    for (const [index, job] of cached.entries()) {
      const rank = job.round + running(job.workspaceId)
      if ((best === undefined || rank < best.rank) && mayTake(job)) best = { index, rank }
    }
    const taken = best === undefined ? undefined : cached.splice(best.index, 1)[0]
    if (taken === undefined) return null
    lastTaken = taken.workspaceId
    return taken
  }

  return {
    expire() {
      expired = true
    },
    async next(room) {
      const pauseIsOver = performance.now() - readAt >= PAUSE_FACTOR * tookMs
      const isEmpty = cached.length === 0
      if (isEmpty ? expired || more : expired && pauseIsOver) {
        await read(room)
        return take(room)
      }
      const taken = take(room)
      // The cached jobs may not be taken at present. There may be others.
      if (taken !== null || isEmpty || !pauseIsOver) return taken
      await read(room)
      return take(room)
    },
  }
}

export function createBacklog(database: Database): Backlog {
  const lanes = { first: createLane(database, FIRST), later: createLane(database, LATER) }
  let taken = 0
  return {
    expire() {
      lanes.first.expire()
      lanes.later.expire()
    },
    async next(room) {
      const { first, later } = lanes
      const order = taken % LATER_EVERY === LATER_EVERY - 1 ? [later, first] : [first, later]
      for (const lane of order) {
        const job = await lane.next(room)
        if (job === null) continue
        taken += 1
        return job
      }
      return null
    },
  }
}

/** The unfinished jobs of a workspace. */
export interface SyncQueue {
  running: number
  queued: number
  /** Jobs that wait for their provider. No worker has them. */
  waiting: number
  oldestQueuedAt: Date | null
}

/**
 * Each part has the condition of one index, so that the cost does not depend on finished jobs and other workspaces.
 * @param visible conditions on the alias `t` for the jobs that the caller may see
 */
export async function readQueue(
  sql: SqlRunner,
  workspaceId: string,
  visible: readonly Condition[],
): Promise<SyncQueue> {
  const values: unknown[] = []
  const where = allOf([condition('t.workspace_id = ?::uuid', workspaceId), ...visible], values)
  const ready = `status = 'QUEUED' AND not_before IS NULL`
  const parts = {
    running: `status IN ('RUNNING', 'CANCELLING')`,
    first: `${ready} AND trigger IN ('MANUAL', 'ON_CREATE')`,
    later: `${ready} AND trigger IN ('SCHEDULE', 'WEBHOOK')`,
    waiting: `status = 'QUEUED' AND not_before IS NOT NULL`,
  }
  const rows = await sql.query<{ part: keyof typeof parts; count: number; oldest: Date | null }>(
    Object.entries(parts)
      .map(
        ([part, condition]) =>
          `SELECT '${part}' AS part, count(*)::int AS count, min(t.queued_at) AS oldest FROM sync_job t WHERE ${condition} AND ${where}`,
      )
      .join(' UNION ALL '),
    values,
  )
  const count = (name: string) => rows.find(({ part }) => part === name)?.count ?? 0
  const queued = rows.filter(({ part }) => part === 'first' || part === 'later')
  const oldest = queued.flatMap((row) => row.oldest ?? []).toSorted((a, b) => a.getTime() - b.getTime())
  return {
    running: count('running'),
    queued: count('first') + count('later'),
    waiting: count('waiting'),
    oldestQueuedAt: oldest[0] ?? null,
  }
}

/** The unfinished sync jobs of all workspaces. */
interface OpenJobs {
  /** How many there are, by state in lower case. Every state is listed. */
  states: [state: string, count: number][]
  /** How many wait, by what they wait for. */
  waiting: [kind: string, count: number][]
  /** Age of the oldest job that waits for a worker, in seconds; 0: there is none. */
  oldestSeconds: number
}

const STATES = ['queued', 'waiting', 'running', 'cancelling'] as const

export async function countOpenJobs(database: Database): Promise<OpenJobs> {
  const rows = await database.sql.query<{ state: string; kind: string | null; count: number; seconds: number | null }>(
    `SELECT CASE WHEN not_before IS NOT NULL AND status = 'QUEUED' THEN 'waiting' ELSE lower(status::text) END AS state,
            CASE WHEN not_before IS NOT NULL AND status = 'QUEUED' THEN coalesce(wait->>'kind', 'unknown') END AS kind,
            count(*)::int AS count, extract(epoch FROM clock_timestamp() - min(queued_at))::float8 AS seconds
     FROM sync_job WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING') GROUP BY 1, 2`,
  )
  const total = (state: string) => rows.filter((row) => row.state === state).reduce((sum, { count }) => sum + count, 0)
  return {
    states: STATES.map((state) => [state, total(state)]),
    waiting: rows.flatMap(({ kind, count }) => (kind === null ? [] : [[kind, count] as [string, number]])),
    oldestSeconds: rows.find(({ state }) => state === 'queued')?.seconds ?? 0,
  }
}
