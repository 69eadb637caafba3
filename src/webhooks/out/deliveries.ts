import { recordAudit } from '../../access/audit.ts'
import { assertWrites, type Caller, notFound } from '../../access/caller.ts'
import type { Row, SqlRunner, WriteTx } from '../../db/sql.ts'
import { decodeEventCursor, encodeEventCursor } from '../../events/event-cursor.ts'
import { fieldsOf } from '../../events/event-fields.ts'
import { EVENT_COLUMNS, type EventRow, eventKey, readLogBounds, toEvent } from '../../events/event-log.ts'
import type { EventType, StoredEvent } from '../../events/event-types.ts'
import { ConflictError, InvalidInputError } from '../../kit/errors.ts'
import { globalIdOf, newId } from '../../kit/ids.ts'
import { type EndpointDeps, findWritableEndpoint } from './endpoints.ts'

/** Events that one expansion creates for an endpoint at most. While so many deliveries are due, there is no other expansion. */
const EXPANDED = 50
/** Events that one expansion reads for an endpoint. Those that it does not receive cost little. */
const READ = 200
/** While so many deliveries of an endpoint wait, its events stay in the log. */
const MAX_PENDING = 1_000

export interface Expansion {
  /** Deliveries that were created. */
  created: number
  /** The endpoints that were expanded. The others have enough deliveries to send, or another worker expands them. */
  endpointIds: ReadonlySet<string>
  /** There may be more events for these. */
  more: boolean
  /** Endpoints whose next events were no longer stored. */
  skipped: { endpointId: string; workspaceId: string; events: number }[]
}

/** The endpoints that have not got all events of their log. */
export async function findBehind(sql: SqlRunner): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT e.id FROM webhook_endpoint e
     JOIN event_log l ON l.workspace_id = e.workspace_id JOIN workspace w ON w.id = e.workspace_id
     WHERE e.enabled AND e.deleted_at IS NULL AND e.position < l.head AND w.deleted_at IS NULL`,
  )
  return rows.map(({ id }) => id)
}

/**
 * Creates the deliveries of the next events of some endpoints, and moves the endpoints past these events in the same
 * transaction: the event log is the queue, so that no event is lost or delivered to an endpoint that did not exist.
 */
export async function expandEndpoints(tx: WriteTx, endpointIds: readonly string[]): Promise<Expansion> {
  const rows = await tx.query<{
    id: string
    workspace_id: string
    position: bigint
    types: EventType[]
    trimmed: bigint
  }>(
    `SELECT e.id, e.workspace_id, e.position, e.types, l.trimmed
     FROM webhook_endpoint e JOIN event_log l ON l.workspace_id = e.workspace_id
     WHERE e.id = ANY($1::uuid[]) AND e.enabled AND e.deleted_at IS NULL AND e.position < l.head
       AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.status = 'PENDING'
                         AND d.next_attempt_at <= statement_timestamp() OFFSET ${EXPANDED - 1})
       AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.status = 'PENDING'
                       OFFSET ${MAX_PENDING - 1})
     FOR NO KEY UPDATE OF e SKIP LOCKED`,
    [endpointIds],
  )
  const result = {
    created: 0,
    endpointIds: new Set(rows.map(({ id }) => id)),
    more: false,
    skipped: [] as Expansion['skipped'],
  }
  if (rows.length === 0) return result
  const places = new Map(rows.map((row) => [eventKey({ workspaceId: row.workspace_id, position: row.position }), row]))
  const known = await readWithBodies(
    tx,
    [...places.values()].map((row) => ({ ...row, limit: READ })),
  )
  const deliveries: NewDelivery[] = []
  const moved: { id: string; to: bigint }[] = []
  for (const row of rows) {
    const next = known.get(eventKey({ workspaceId: row.workspace_id, position: row.position })) ?? []
    let to = row.position
    let taken = 0
    for (const message of next) {
      if (taken === EXPANDED) break
      to = message.event.position
      if (!receives(row.types, message.event.type)) continue
      taken += 1
      deliveries.push({ endpointId: row.id, message })
    }
    const first = next[0]?.event.position ?? (row.trimmed > row.position ? row.trimmed + 1n : row.position + 1n)
    const events = Number(first - row.position - 1n)
    if (events > 0) result.skipped.push({ endpointId: row.id, workspaceId: row.workspace_id, events })
    if (first - 1n > to) to = first - 1n
    if (to < (next.at(-1)?.event.position ?? to) || next.length === READ) result.more = true
    moved.push({ id: row.id, to })
  }
  result.created = deliveries.length
  await insertDeliveries(tx, deliveries, 'ON CONFLICT (endpoint_id, position) DO NOTHING')
  await tx.query(
    `UPDATE webhook_endpoint e SET position = m.position FROM unnest($1::uuid[], $2::bigint[]) AS m(id, position)
     WHERE e.id = m.id`,
    [moved.map(({ id }) => id), moved.map(({ to }) => String(to))],
  )
  return result
}

/** Whether an endpoint with these types gets events of this type. */
function receives(types: readonly EventType[], type: EventType): boolean {
  return types.length === 0 ? type !== 'SYNC_PROGRESSED' : types.includes(type)
}

interface Message {
  event: StoredEvent
  body: string
}

interface NewDelivery {
  endpointId: string
  message: Message
}

/**
 * What the body of a webhook says about the connection, the connect session and the sync job of its event, as they are when the body is
 * made. Of a deleted connection only the last event has the external id.
 */
interface About extends EventRow {
  connection_external_id: string | null
  connection_name: string | null
  connection_status: string | null
  status_reason: string | null
  connect_session_status: string | null
  integration_slug: string | null
  end_user_external_id: string | null
  sync_job_status: string | null
}

/** The events after each position, with their bodies, by the `eventKey` of the position. */
async function readWithBodies(
  sql: SqlRunner,
  after: readonly { workspace_id: string; position: bigint; limit: number }[],
): Promise<Map<string, Message[]>> {
  const rows = await sql.query<About & { after: bigint }>(
    `SELECT f.position AS after, e.*,
       CASE WHEN c.deleted_at IS NULL OR e.type = 'CONNECTION_DELETED' THEN c.external_id END AS connection_external_id,
       CASE WHEN c.deleted_at IS NULL THEN c.display_name END AS connection_name,
       CASE WHEN c.deleted_at IS NULL THEN c.status::text END AS connection_status,
       CASE WHEN c.deleted_at IS NULL THEN c.status_reason END AS status_reason,
       s.status::text AS connect_session_status,
       CASE WHEN i.deleted_at IS NULL THEN i.slug END AS integration_slug,
       u.external_id AS end_user_external_id, j.status::text AS sync_job_status
     FROM unnest($1::uuid[], $2::bigint[], $3::int[]) AS f(workspace_id, position, wanted)
     CROSS JOIN LATERAL (
       SELECT ${EVENT_COLUMNS} FROM event WHERE event.workspace_id = f.workspace_id AND event.position > f.position
       ORDER BY event.position LIMIT f.wanted) e
     LEFT JOIN connection c ON c.id = e.connection_id
     LEFT JOIN integration i ON i.id = coalesce(e.integration_id, c.integration_id)
     LEFT JOIN end_user u ON u.id = coalesce(e.end_user_id, c.end_user_id)
     LEFT JOIN sync_job j ON j.id = e.sync_job_id
     LEFT JOIN connect_session s ON s.id = e.connect_session_id
     ORDER BY e.position`,
    [
      after.map((each) => each.workspace_id),
      after.map(({ position }) => String(position)),
      after.map(({ limit }) => limit),
    ],
  )
  // Endpoints at different positions share the text of the body.
  const bodies = new Map<string, Message>()
  const found = new Map<string, Message[]>()
  for (const row of rows) {
    const event = toEvent(row)
    const key = eventKey(event)
    const message = bodies.get(key) ?? { event, body: bodyOf(event, row) }
    bodies.set(key, message)
    const place = eventKey({ workspaceId: row.workspace_id, position: row.after })
    const list = found.get(place)
    if (list === undefined) found.set(place, [message])
    else list.push(message)
  }
  return found
}

/** The body of a webhook: `{ type, timestamp, data }`. Ids are those of the API. */
function bodyOf(event: StoredEvent, about: About): string {
  const { workspaceId, position, type, occurredAt, connectionId, syncJobId, connectSessionId } = event
  const connection = connectionId !== null && {
    id: globalIdOf('Connection', connectionId),
    externalId: about.connection_external_id,
    displayName: about.connection_name,
    status: about.connection_status,
    statusReason: about.status_reason,
    integration: about.integration_slug,
    endUserExternalId: about.end_user_external_id,
  }
  const syncJob = syncJobId !== null && { id: globalIdOf('SyncJob', syncJobId), status: about.sync_job_status }
  const connectSession = connectSessionId !== null && {
    id: globalIdOf('ConnectSession', connectSessionId),
    status: about.connect_session_status,
    endUserExternalId: about.end_user_external_id,
  }
  return JSON.stringify({
    type: webhookTypeOf(type),
    timestamp: occurredAt.toISOString(),
    data: {
      ...fieldsOf(event),
      cursor: encodeEventCursor(workspaceId, position),
      workspaceId: globalIdOf('Workspace', workspaceId),
      ...(connection && { connection }),
      ...(syncJob && { syncJob }),
      ...(connectSession && { connectSession }),
    },
  })
}

/** CONNECTION_NEEDS_REAUTH → connection.needs_reauth */
function webhookTypeOf(type: EventType): string {
  return type.toLowerCase().replace('_', '.')
}

/** @param conflict what happens where the endpoint has the event already */
async function insertDeliveries(tx: WriteTx, deliveries: readonly NewDelivery[], conflict: string): Promise<void> {
  if (deliveries.length === 0) return
  const messages = [...new Set(deliveries.map(({ message }) => message))]
  const placeOf = new Map(messages.map((message, index) => [message, index + 1]))
  // Each body goes to the database once, whatever the number of endpoints.
  await tx.query(
    `INSERT INTO webhook_delivery (id, workspace_id, endpoint_id, position, event_id, body)
     SELECT d.id, m.workspace_id, d.endpoint_id, m.position, m.event_id, m.body
     FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS d(id, endpoint_id, place)
     JOIN unnest($4::uuid[], $5::bigint[], $6::uuid[], $7::text[]) WITH ORDINALITY
       AS m(workspace_id, position, event_id, body, place) ON m.place = d.place
     ${conflict}`,
    [
      deliveries.map(() => newId()),
      deliveries.map(({ endpointId }) => endpointId),
      deliveries.map(({ message }) => placeOf.get(message)),
      messages.map(({ event }) => event.workspaceId),
      messages.map(({ event }) => String(event.position)),
      messages.map(({ event }) => event.id),
      messages.map(({ body }) => body),
    ],
  )
}

interface Redelivery {
  /** One delivery. */
  deliveryId: string | null
  /** Every event of an endpoint after a cursor. */
  endpointId: string | null
  after: string | null
}

const MAX_REDELIVERED = 10_000
const REDELIVERED_BATCH = 1_000

/** SQL: a new series of attempts for a delivery. The claim of a worker that sends it at this moment ends. */
const AGAIN = `status = 'PENDING', failures = 0, claims = webhook_delivery.claims + 1, next_attempt_at = clock_timestamp()`

/**
 * Delivers again, whatever came of the earlier attempts.
 * @returns the number of deliveries
 * @throws InvalidInputError, NotFoundError, ForbiddenError; ConflictError when the endpoint is disabled
 */
export async function redeliverWebhook(
  deps: EndpointDeps,
  caller: Caller,
  { deliveryId, endpointId, after }: Redelivery,
): Promise<number> {
  if (deliveryId !== null) {
    if (endpointId !== null || after !== null) throw wrongChoice('deliveryId')
    return redeliverOne(deps, caller, deliveryId)
  }
  if (endpointId === null || after === null) throw wrongChoice('after')
  return redeliverAfter(deps, caller, endpointId, after)
}

function wrongChoice(field: string): InvalidInputError {
  const message = 'Give either deliveryId, or webhookEndpointId with after.'
  return new InvalidInputError([{ path: ['input', field], message }])
}

async function redeliverOne({ database, bus }: EndpointDeps, caller: Caller, id: string): Promise<number> {
  const delivery = await database.prisma.webhookDelivery.findFirst({
    where: { id, endpoint: { deletedAt: null, workspace: { deletedAt: null } } },
    include: { endpoint: { select: { enabled: true } } },
  })
  // End users do not see webhooks.
  if (delivery === null || caller.endUserId !== null) throw notFound('webhook delivery')
  assertWrites(caller, delivery.workspaceId, 'webhook delivery')
  assertEnabled(delivery.endpoint.enabled)
  const { workspaceId } = delivery
  await database.transaction(async (tx) => {
    await tx.query(`UPDATE webhook_delivery SET ${AGAIN} WHERE id = $1::uuid`, [id])
    await recordAudit(tx, { type: 'WebhookDelivery', id, workspaceId })
  })
  bus.publish('webhooks', workspaceId)
  return 1
}

/** All in one transaction: either every event is delivered again, or none. */
async function redeliverAfter(deps: EndpointDeps, caller: Caller, endpointId: string, after: string): Promise<number> {
  const { workspaceId } = await findWritableEndpoint(deps, caller, endpointId)
  const path = ['input', 'after']
  const count = await deps.database.bulkTransaction(async (tx) => {
    // The position stays while this runs. Later events are delivered anyway.
    const [held] = await tx.query<{ position: bigint; types: EventType[]; enabled: boolean }>(
      `SELECT position, types, enabled FROM webhook_endpoint WHERE id = $1::uuid AND deleted_at IS NULL FOR NO KEY UPDATE`,
      [endpointId],
    )
    if (held === undefined) throw notFound('webhook endpoint')
    const bounds = await readLogBounds(tx, workspaceId)
    let position = decodeEventCursor(after, workspaceId, bounds, path)
    if (position < bounds.trimmed) {
      const message =
        'Some events after this cursor are no longer stored. Use the cursor of an event that Workspace.events returns.'
      throw new InvalidInputError([{ path, message }])
    }
    if (held.position - position > MAX_REDELIVERED) {
      const message = `There are more than ${MAX_REDELIVERED} events after this cursor. Use a later one.`
      throw new InvalidInputError([{ path, message }])
    }
    assertEnabled(held.enabled)
    // In this order, as workers lock them when they write results.
    await tx.query(
      'SELECT 1 AS held FROM webhook_delivery WHERE endpoint_id = $1::uuid AND position > $2::bigint ORDER BY id FOR UPDATE',
      [endpointId, position],
    )
    let delivered = 0
    while (position < held.position) {
      const limit = Math.min(REDELIVERED_BATCH, Number(held.position - position))
      const read = await readWithBodies(tx, [{ workspace_id: workspaceId, position, limit }])
      const messages = read.get(eventKey({ workspaceId, position })) ?? []
      const last = messages.at(-1)
      if (last === undefined) break
      const deliveries = messages
        .filter(({ event }) => receives(held.types, event.type))
        .map((message) => ({ endpointId, message }))
      await insertDeliveries(tx, deliveries, `ON CONFLICT (endpoint_id, position) DO UPDATE SET ${AGAIN}`)
      delivered += deliveries.length
      position = last.event.position
    }
    await recordAudit(tx, { type: 'WebhookEndpoint', id: endpointId, workspaceId })
    return delivered
  })
  deps.bus.publish('webhooks', workspaceId)
  return count
}

function assertEnabled(enabled: boolean): void {
  if (!enabled) throw new ConflictError('The webhook endpoint is disabled. Enable it with updateWebhookEndpoint first.')
}

/** Metrics: pending deliveries, the age of the oldest, and events that endpoints have yet to get. */
export async function readBacklog(sql: SqlRunner): Promise<{ pending: number; oldestSeconds: number; events: number }> {
  const [row] = await sql.query<Row & { pending: number; oldest: number; events: number }>(
    `SELECT count(*)::int AS pending,
       coalesce(extract(epoch FROM clock_timestamp() - min(d.created_at)), 0)::float8 AS oldest,
       (SELECT coalesce(sum(l.head - e.position), 0)::float8 FROM webhook_endpoint e
        JOIN event_log l ON l.workspace_id = e.workspace_id WHERE e.enabled AND e.deleted_at IS NULL) AS events
     FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id
     WHERE d.status = 'PENDING' AND e.enabled AND e.deleted_at IS NULL`,
  )
  return { pending: row?.pending ?? 0, oldestSeconds: row?.oldest ?? 0, events: row?.events ?? 0 }
}
