import type { Database } from '../db/database.ts'
import { createRetention, removeInBatches } from '../db/retention.ts'
import type { Row, SqlRunner, WriteTx } from '../db/sql.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { newId } from '../kit/ids.ts'
import type { Loop } from '../kit/loop.ts'
import type { EventType, NewEvent, StoredEvent } from './event-types.ts'

/** Selects events of a workspace's log. All given conditions must match; without conditions: all events. */
export interface EventFilter {
  connectionId?: string | undefined
  syncJobId?: string | undefined
  /** Only events of connections that this end user owns. */
  endUserId?: string | undefined
  /** Only events of connections of these integrations. */
  integrationIds?: readonly string[] | undefined
  types?: readonly EventType[] | undefined
}

export interface LogBounds {
  /** Position of the newest event; 0: there was none yet. */
  head: bigint
  /** Events up to this position are no longer kept. */
  trimmed: bigint
}

/**
 * SQL: the owner of the event's connection. A connection that is being deleted has no owner any more; then the owner of
 * its previous event is used.
 */
const OWNER = `
  (SELECT c.end_user_id FROM connection c WHERE c.id = e.connection_id),
  (SELECT before.end_user_id FROM event before WHERE before.connection_id = e.connection_id
   ORDER BY before.position DESC LIMIT 1)`

/** SQL: the integration of the event's connection, found as its owner is. */
const INTEGRATION = `coalesce((SELECT c.integration_id FROM connection c WHERE c.id = e.connection_id),
  (SELECT before.integration_id FROM event before WHERE before.connection_id = e.connection_id
   ORDER BY before.position DESC LIMIT 1))`

/**
 * Appends events to the workspace's log in the caller's transaction, and wakes subscribers after the commit.
 *
 * Positions are assigned under the lock of the log's row, which is held until the commit. So a position is visible only
 * when all lower positions are visible, whatever the order of commits, and reading "after this position" is enough.
 * Call it last in a transaction, because other writers of the same log wait for it.
 */
export async function appendEvents(
  tx: WriteTx,
  bus: WakeBus,
  workspaceId: string,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event, index) => ({
    place: index + 1,
    id: newId(),
    type: event.type,
    connection_id: event.connectionId ?? null,
    sync_job_id: event.syncJobId ?? null,
    connect_session_id: event.connectSessionId ?? null,
    end_user_id: event.endUserId ?? null,
    integration_id: event.integrationId ?? null,
    payload: event.payload ?? {},
  }))
  await tx.query(
    `WITH log AS (
       INSERT INTO event_log AS l (workspace_id, head) VALUES ($1::uuid, $2::bigint)
       ON CONFLICT (workspace_id) DO UPDATE SET head = l.head + excluded.head
       RETURNING head
     )
     INSERT INTO event (workspace_id, position, id, type, connection_id, sync_job_id, connect_session_id, end_user_id,
                        integration_id, payload, occurred_at)
     SELECT $1::uuid, log.head - $2::bigint + e.place, e.id, e.type, e.connection_id, e.sync_job_id, e.connect_session_id,
            coalesce(e.end_user_id, ${OWNER}), coalesce(e.integration_id, ${INTEGRATION}), e.payload, clock_timestamp()
     FROM log, jsonb_to_recordset($3::jsonb) AS e (place int, id uuid, type text, connection_id uuid, sync_job_id uuid,
       connect_session_id uuid, end_user_id uuid, integration_id uuid, payload jsonb)`,
    [workspaceId, events.length, JSON.stringify(rows)],
  )
  tx.afterCommit(() => {
    bus.appended?.(events)
    bus.publish('events', workspaceId)
  })
}

/** A row of `EVENT_COLUMNS`. */
export interface EventRow extends Row {
  workspace_id: string
  position: bigint
  id: string
  type: EventType
  connection_id: string | null
  sync_job_id: string | null
  connect_session_id: string | null
  end_user_id: string | null
  integration_id: string | null
  payload: Record<string, unknown>
  occurred_at: Date
}

/** SQL: the integration of an event. Events that an older version wrote do not name it. */
const INTEGRATION_OF_EVENT =
  'coalesce(integration_id, (SELECT c.integration_id FROM connection c WHERE c.id = event.connection_id))'

/** Select list of the table `event`. */
export const EVENT_COLUMNS = `workspace_id, position, id, type, connection_id, sync_job_id, connect_session_id, end_user_id,
  ${INTEGRATION_OF_EVENT} AS integration_id, payload, occurred_at`

export function toEvent(row: EventRow): StoredEvent {
  return {
    workspaceId: row.workspace_id,
    position: row.position,
    id: row.id,
    type: row.type,
    connectionId: row.connection_id,
    syncJobId: row.sync_job_id,
    connectSessionId: row.connect_session_id,
    endUserId: row.end_user_id,
    integrationId: row.integration_id,
    payload: row.payload,
    occurredAt: row.occurred_at,
  }
}

/** Reads events after position `after` in order, at most `limit`. */
export async function readEvents(
  sql: SqlRunner,
  workspaceId: string,
  after: bigint,
  filter: EventFilter,
  limit: number,
): Promise<StoredEvent[]> {
  const { where, values } = conditions(workspaceId, filter)
  const rows = await sql.query<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM event WHERE ${where} AND position > $${values.length + 1}::bigint
     ORDER BY position LIMIT $${values.length + 2}::int`,
    [...values, after, limit],
  )
  return rows.map(toEvent)
}

/**
 * Reads all events after position `after` in order, as `readEvents` does: at most `events`, and none after the first `bytes` of
 * payloads, as they are stored.
 */
export async function readEventPage(
  sql: SqlRunner,
  workspaceId: string,
  after: bigint,
  { events, bytes }: { events: number; bytes: number },
): Promise<StoredEvent[]> {
  const rows = await sql.query<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM (
       SELECT e.*, sum(pg_column_size(e.payload)) OVER (ORDER BY e.position) - pg_column_size(e.payload) AS bytes_before
       FROM (SELECT * FROM event WHERE workspace_id = $1::uuid AND position > $2::bigint ORDER BY position LIMIT $3::int) e
     ) event WHERE bytes_before < $4::int ORDER BY position`,
    [workspaceId, after, events, bytes],
  )
  return rows.map(toEvent)
}

/** Reads events before a position, newest first. @param before null: from the newest event */
export async function readNewestEvents(
  sql: SqlRunner,
  workspaceId: string,
  before: bigint | null,
  filter: EventFilter,
  limit: number,
): Promise<StoredEvent[]> {
  const { where, values } = conditions(workspaceId, filter)
  const rows = await sql.query<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM event
     WHERE ${where} AND ($${values.length + 1}::bigint IS NULL OR position < $${values.length + 1}::bigint)
     ORDER BY position DESC LIMIT $${values.length + 2}::int`,
    [...values, before, limit],
  )
  return rows.map(toEvent)
}

/**
 * The position of the last event before a time. Positions are searched by halves, because the log is in the order of time.
 * @returns that of the last event that was removed, when all stored events are at or after the time
 */
export async function findPositionBefore(sql: SqlRunner, workspaceId: string, time: Date): Promise<bigint> {
  const [row] = await sql.query<{ position: bigint }>(
    `WITH RECURSIVE search (low, high) AS (
       SELECT trimmed, head FROM event_log WHERE workspace_id = $1::uuid
       UNION ALL
       SELECT CASE WHEN e.occurred_at < $2::timestamptz THEN e.position ELSE s.low END,
              CASE WHEN e.occurred_at < $2::timestamptz THEN s.high ELSE (s.low + s.high) / 2 END
       FROM search s LEFT JOIN LATERAL (
         SELECT position, occurred_at FROM event
         WHERE workspace_id = $1::uuid AND position > (s.low + s.high) / 2 ORDER BY position LIMIT 1
       ) e ON true
       WHERE s.low < s.high
     )
     SELECT low AS position FROM search WHERE low >= high`,
    [workspaceId, time],
  )
  return row?.position ?? 0n
}

/** Identifies an event by its place in the log. */
export function eventKey({ workspaceId, position }: Pick<StoredEvent, 'workspaceId' | 'position'>): string {
  return `${workspaceId}:${position}`
}

/** The events with these `eventKey`s, in the same order; null for one that is no longer stored. */
export async function readEventsByKey(sql: SqlRunner, keys: readonly string[]): Promise<(StoredEvent | null)[]> {
  const [workspaceIds, positions] = [0, 1].map((part) => keys.map((key) => key.split(':')[part]))
  const rows = await sql.query<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM event
     WHERE (workspace_id, position) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))`,
    [workspaceIds, positions],
  )
  const found = new Map(rows.map((row) => [eventKey(toEvent(row)), toEvent(row)]))
  return keys.map((key) => found.get(key) ?? null)
}

export async function countEvents(sql: SqlRunner, workspaceId: string, filter: EventFilter): Promise<number> {
  const { where, values } = conditions(workspaceId, filter)
  const [row] = await sql.query<{ count: number }>(`SELECT count(*)::int AS count FROM event WHERE ${where}`, values)
  return row?.count ?? 0
}

function conditions(workspaceId: string, filter: EventFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [workspaceId]
  let where = 'workspace_id = $1::uuid'
  if (filter.connectionId !== undefined) where += ` AND connection_id = $${values.push(filter.connectionId)}::uuid`
  if (filter.syncJobId !== undefined) where += ` AND sync_job_id = $${values.push(filter.syncJobId)}::uuid`
  if (filter.endUserId !== undefined) where += ` AND end_user_id = $${values.push(filter.endUserId)}::uuid`
  if (filter.integrationIds !== undefined)
    where += ` AND ${INTEGRATION_OF_EVENT} = ANY($${values.push([...filter.integrationIds])}::uuid[])`
  if (filter.types !== undefined) where += ` AND type = ANY($${values.push([...filter.types])}::text[])`
  return { where, values }
}

/** Reads the bounds of several logs; a log without events is absent. */
export async function readBounds(sql: SqlRunner, workspaceIds: readonly string[]): Promise<Map<string, LogBounds>> {
  const rows = await sql.query<{ workspace_id: string; head: bigint; trimmed: bigint }>(
    'SELECT workspace_id, head, trimmed FROM event_log WHERE workspace_id = ANY($1::uuid[])',
    [[...workspaceIds]],
  )
  return new Map(rows.map((row) => [row.workspace_id, { head: row.head, trimmed: row.trimmed }]))
}

export async function readLogBounds(sql: SqlRunner, workspaceId: string): Promise<LogBounds> {
  return (await readBounds(sql, [workspaceId])).get(workspaceId) ?? { head: 0n, trimmed: 0n }
}

const TRIM_BATCH = 5_000

/**
 * Removes events older than `before`, oldest first, in batches, and stores how far it went, so that a subscriber that
 * resumes from an older position gets EVENTS_SKIPPED. A log is in the order of time, so the last of them is found by halves.
 * @returns the number of removed events
 */
export async function trimEvents(
  database: Pick<Database, 'sql' | 'bulkTransaction'>,
  workspaceId: string,
  before: Date,
  signal?: AbortSignal,
): Promise<number> {
  const end = await findPositionBefore(database.sql, workspaceId, before)
  return removeInBatches(database, { name: 'events', signal }, async (tx) => {
    const [row] = await tx.query<{ removed: number; reached: bigint | null }>(
      `WITH batch AS (
         SELECT trimmed, least(trimmed + $3::bigint, $2::bigint) AS reached FROM event_log
         WHERE workspace_id = $1::uuid AND trimmed < $2::bigint
       ), gone AS (
         DELETE FROM event WHERE workspace_id = $1::uuid
           AND position > (SELECT trimmed FROM batch) AND position <= (SELECT reached FROM batch)
         RETURNING 1
       )
       SELECT (SELECT count(*) FROM gone)::int AS removed, (SELECT reached FROM batch) AS reached`,
      [workspaceId, end, TRIM_BATCH],
    )
    const { removed = 0, reached = null } = row ?? {}
    if (reached === null) return { removed, more: false }
    // The row is locked last, because whoever appends events waits for it.
    await tx.query('UPDATE event_log SET trimmed = greatest(trimmed, $2::bigint) WHERE workspace_id = $1::uuid', [
      workspaceId,
      reached,
    ])
    return { removed, more: reached < end }
  })
}

/** Removes events older than `keep`, an ISO 8601 duration, once an hour. */
export function createEventRetention(
  database: Database,
  keep: string,
  onError: (error: unknown) => void,
  everyMs?: number,
): Loop {
  return createRetention({
    database,
    keep,
    onError,
    everyMs,
    remove: (before, signal) => removeEvents(database, before, signal),
  })
}

async function removeEvents(database: Database, before: Date, signal: AbortSignal): Promise<void> {
  const logs = await database.sql.query<{ workspace_id: string }>(
    `SELECT l.workspace_id FROM event_log l
     JOIN event e ON e.workspace_id = l.workspace_id AND e.position = l.trimmed + 1
     WHERE e.occurred_at < $1::timestamptz`,
    [before],
  )
  for (const log of logs) {
    if (signal.aborted) return
    await trimEvents(database, log.workspace_id, before, signal)
  }
}
