import { createHash } from 'node:crypto'
import { storedSecrets } from '../../credentials/credential-store.ts'
import type { Database } from '../../db/database.ts'
import { createRetention, removeInBatches } from '../../db/retention.ts'
import type { WriteTx } from '../../db/sql.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { appendEvents } from '../../events/event-log.ts'
import type { NewEvent } from '../../events/event-types.ts'
import { MIN_BODY_SECRET_BYTES } from '../../kit/byte-redactor.ts'
import type { Logger } from '../../kit/log.ts'
import type { Loop } from '../../kit/loop.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Hook } from './hooks.ts'
import { withoutSecrets } from './request.ts'

/** An event as a provider sent it. */
export interface ProviderEvent {
  /** Undefined: it is stored whenever it is sent. */
  id: string | undefined
  /** Its place in the request, where the id is that of the request. */
  place: number | undefined
  type: string | undefined
  body: unknown
  /** The connections that it concerns. Undefined: none. */
  connection: { property: string; value: string } | undefined
  /** Streams of these connections that are to be synced. Empty: all. Undefined: none. */
  sync: readonly string[] | undefined
}

interface StoreDeps {
  database: Pick<Database, 'bulkTransaction'>
  bus: WakeBus
  vault: Vault
  logger: Logger
}

/** Connections that one event is stored for. */
const MAX_CONNECTIONS = 1_000
/** Events of all connections that one request may store. */
const MAX_ROWS = 5_000

/**
 * Stores the events of one request in one transaction: what is repeated is left out, and each connection that an event concerns gets an
 * event of its own. A sync that an event asks for is noted in the same transaction, so that neither is lost without the other.
 *
 * @returns `repeated`: all of them were stored within seven days before
 */
export async function storeEvents(
  { database, bus, vault, logger }: StoreDeps,
  hook: Pick<Hook, 'integrationId' | 'workspaceId' | 'slug' | 'definition'>,
  received: readonly ProviderEvent[],
): Promise<'stored' | 'repeated' | 'gone'> {
  const { integrationId, workspaceId, slug, definition } = hook
  return database.bulkTransaction(async (tx) => {
    // Neither is deleted until the transaction ends: the receipts refer to the integration, and the log belongs to the workspace. Query
    // plans are cached per database connection, and one that was made while a table was small must not scan all of it later.
    const [held] = await tx.query(
      `SELECT set_config('enable_seqscan', 'off', true) FROM integration i JOIN workspace w ON w.id = i.workspace_id
       WHERE i.id = $1::uuid AND i.deleted_at IS NULL AND w.deleted_at IS NULL FOR KEY SHARE OF i, w`,
      [integrationId],
    )
    if (held === undefined) return 'gone'
    const events = await withoutRepeated(tx, hook, received)
    if (events.length === 0) return received.length === 0 ? 'stored' : 'repeated'
    const connections = await findConnections(tx, integrationId, events)
    const rows = events.flatMap((event, index) => {
      const found = connections.get(index) ?? []
      if (found.length > MAX_CONNECTIONS) {
        logger.warn({ integrationId, connections: MAX_CONNECTIONS }, 'an event concerns too many connections')
      }
      const ids: (string | undefined)[] = found.length === 0 ? [undefined] : found.slice(0, MAX_CONNECTIONS)
      return ids.map((connectionId) => ({ event, connectionId }))
    })
    if (rows.length > MAX_ROWS) logger.warn({ integrationId, events: MAX_ROWS }, 'a webhook has too many events')
    const stored = rows.slice(0, MAX_ROWS)
    const hasStreams = (definition.streams ?? []).length > 0
    if (hasStreams) await requestSyncs(tx, workspaceId, stored)
    const payloads = await redactedPayloads(tx, vault, definition, stored)
    await appendEvents(
      tx,
      bus,
      workspaceId,
      stored.map(({ event, connectionId }): NewEvent => {
        const payload = { integration: slug, ...payloads.get(event) }
        return { type: 'PROVIDER_EVENT_RECEIVED', connectionId, integrationId, payload }
      }),
    )
    return 'stored'
  })
}

interface StoredRow {
  event: ProviderEvent
  connectionId: string | undefined
}

/** Longer ids and types are cut where they are shown. */
const MAX_SHOWN = 500

/** What is stored of the events, without the secrets of all connections that an event concerns: each of them gets the same. */
async function redactedPayloads(
  tx: WriteTx,
  vault: Vault,
  definition: Hook['definition'],
  rows: readonly StoredRow[],
): Promise<Map<ProviderEvent, Record<string, unknown>>> {
  const all = new Set(rows.flatMap(({ connectionId }) => connectionId ?? []))
  const secrets = await storedSecrets(tx, vault, [...all], definition)
  return new Map(
    [...Map.groupBy(rows, ({ event }) => event)].map(([event, each]) => {
      const own = [...new Set(each.flatMap(({ connectionId }) => secrets.get(connectionId ?? '') ?? []))]
      const hide = (value: unknown) => withoutSecrets(value, own, MIN_BODY_SECRET_BYTES)
      const shown = (text: string | undefined) => (text === undefined ? null : String(hide(text)).slice(0, MAX_SHOWN))
      const { id, type, body } = event
      return [event, { providerEventId: shown(id), providerEventType: shown(type), body: hide(body) }]
    }),
  )
}

/** How long the same id is not stored again. */
const KEEP = 'P7D'
const KEPT = `interval '7 days'`

/**
 * The events whose id was not received within seven days. Waits for a concurrent request with the same id: if that one is rolled back, the
 * event is taken from this one.
 */
async function withoutRepeated(
  tx: WriteTx,
  { integrationId, workspaceId }: Pick<Hook, 'integrationId' | 'workspaceId'>,
  received: readonly ProviderEvent[],
): Promise<ProviderEvent[]> {
  const byDigest = new Map<string, ProviderEvent>()
  const others: ProviderEvent[] = []
  for (const event of received) {
    if (event.id === undefined) others.push(event)
    else {
      const digest = digestOf(event.id, event.place)
      if (!byDigest.has(digest)) byDigest.set(digest, event)
    }
  }
  if (byDigest.size === 0) return others
  // In the order of the digests, so that two requests with the same ids do not wait for each other.
  const rows = await tx.query<{ digest: string }>(
    `INSERT INTO webhook_receipt AS r (integration_id, digest, workspace_id, received_at)
     SELECT $1::uuid, decode(d, 'hex'), $2::uuid, clock_timestamp() FROM unnest($3::text[]) AS d ORDER BY d
     ON CONFLICT (integration_id, digest) DO UPDATE SET received_at = excluded.received_at
       WHERE r.received_at < excluded.received_at - ${KEPT}
     RETURNING encode(digest, 'hex') AS digest`,
    [integrationId, workspaceId, [...byDigest.keys()]],
  )
  const fresh = new Set(rows.map(({ digest }) => digest))
  return [...[...byDigest].flatMap(([digest, event]) => (fresh.has(digest) ? [event] : [])), ...others]
}

function digestOf(id: string, place: number | undefined): string {
  const hash = createHash('sha256').update(id)
  return (place === undefined ? hash : hash.update(`\0${place}`)).digest('hex')
}

/**
 * SQL condition: what the definition names in `v.property` has the value `v.value`. An injected value takes the place of a kept one, and
 * only its digest is stored.
 */
const IS_EQUAL = `CASE
  WHEN v.property = 'externalId' THEN c.external_id = v.value
  WHEN v.property LIKE 'input.%' THEN c.input ->> substr(v.property, 7) = v.value
  WHEN c.extra ? substr(v.property, 6) THEN c.extra ->> substr(v.property, 6) = encode(sha256(convert_to(v.value, 'UTF8')), 'hex')
  ELSE c.kept ->> substr(v.property, 6) = v.value END`

/** SQL condition: nobody confirmed the value that the definition names (`connections/unproven.ts`). */
const IS_UNPROVEN = `CASE
  WHEN v.property = 'externalId' OR v.property LIKE 'input.%' THEN v.property = ANY (c.unproven)
  WHEN c.extra ? substr(v.property, 6) THEN 'extra.' || substr(v.property, 6) = ANY (c.unproven)
  ELSE c.unproven && ARRAY['kept', v.property] END`

/**
 * The connections of each event, by its index: those of the integration that are connected, also while they have to be connected again.
 * They are found by an index, and are not deleted until the transaction ends.
 */
async function findConnections(
  tx: WriteTx,
  integrationId: string,
  events: readonly ProviderEvent[],
): Promise<Map<number, string[]>> {
  const wanted = new Map<string, { property: string; value: string; indexes: number[] }>()
  for (const [index, { connection }] of events.entries()) {
    if (connection === undefined) continue
    const key = JSON.stringify([connection.property, connection.value])
    const known = wanted.get(key)
    if (known === undefined) wanted.set(key, { ...connection, indexes: [index] })
    else known.indexes.push(index)
  }
  const connections = new Map<number, string[]>()
  if (wanted.size === 0) return connections
  const all = [...wanted.values()]
  const found = await tx.query<{ place: number; id: string }>(`${FIND_CONNECTIONS}`, [
    integrationId,
    all.map(({ property }) => property),
    all.map(({ value }) => value),
    MAX_CONNECTIONS + 1,
  ])
  for (const { place, id } of found) {
    for (const index of all[place - 1]?.indexes ?? []) {
      const list = connections.get(index)
      if (list === undefined) connections.set(index, [id])
      else list.push(id)
    }
  }
  return connections
}

/**
 * The oldest come first. The locks are taken in the order of the ids. `OFFSET 0` keeps the planner from an index of the other conditions,
 * by which it would read all connections of the integration.
 */
export const FIND_CONNECTIONS = `
  WITH found AS MATERIALIZED (
    SELECT v.place, c.id, c.created_at FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS v(property, value, place)
    CROSS JOIN LATERAL (
      SELECT c.id, c.created_at FROM (
        SELECT * FROM connection c
        WHERE latchkey_match_keys(c.integration_id, c.external_id, c.input, c.kept, c.extra, c.unproven)
          && ARRAY[hashtextextended($1::uuid::text || ' ' || v.property || ' ' || v.value, 0),
            hashtextextended($1::uuid::text || ' extra.' || substr(v.property, 6) || ' ' ||
              encode(sha256(convert_to(v.value, 'UTF8')), 'hex'), 0)]
        OFFSET 0) c
      WHERE c.integration_id = $1::uuid AND c.deleted_at IS NULL AND c.status IN ('ACTIVE', 'ERROR', 'NEEDS_REAUTH')
        AND ${IS_EQUAL} AND NOT (${IS_UNPROVEN})
      ORDER BY c.created_at, c.id LIMIT $4::int) c
  ), held AS MATERIALIZED (
    SELECT c.id FROM connection c WHERE c.id IN (SELECT id FROM found) AND c.deleted_at IS NULL ORDER BY c.id FOR SHARE
  )
  SELECT found.place::int AS place, found.id FROM found JOIN held ON held.id = found.id ORDER BY found.place, found.created_at, found.id`

/** Notes the syncs that events ask for. One that is noted already gets the further streams. */
async function requestSyncs(tx: WriteTx, workspaceId: string, rows: readonly StoredRow[]): Promise<void> {
  const streams = new Map<string, Set<string> | 'all'>()
  for (const { event, connectionId } of rows) {
    if (event.sync === undefined || connectionId === undefined) continue
    const known = streams.get(connectionId)
    if (event.sync.length === 0 || known === 'all') streams.set(connectionId, 'all')
    else streams.set(connectionId, new Set([...(known ?? []), ...event.sync]))
  }
  if (streams.size === 0) return
  const requests = [...streams].map(([id, names]) => ({ id, streams: names === 'all' ? [] : [...names] }))
  await tx.query(
    `INSERT INTO sync_request AS r (connection_id, workspace_id, streams)
     SELECT q.id, $1::uuid, q.streams FROM jsonb_to_recordset($2::jsonb) AS q (id uuid, streams text[]) ORDER BY q.id
     ON CONFLICT (connection_id) DO UPDATE SET streams = CASE
       WHEN r.streams = '{}' OR excluded.streams = '{}' THEN '{}'
       ELSE ARRAY(SELECT DISTINCT unnest(r.streams || excluded.streams)) END`,
    [workspaceId, JSON.stringify(requests)],
  )
}

/** Removes the receipts of ids that may be stored again, once an hour. */
export function createReceiptRetention(
  database: Pick<Database, 'sql' | 'bulkTransaction'>,
  onError: (error: unknown) => void,
  everyMs?: number,
): Loop {
  return createRetention({
    database,
    keep: KEEP,
    onError,
    everyMs,
    async remove(before, signal) {
      await removeInBatches(database, { name: 'webhook receipts', signal }, async (tx) => {
        const rows = await tx.query(
          `DELETE FROM webhook_receipt WHERE (integration_id, digest) IN (
             SELECT integration_id, digest FROM webhook_receipt WHERE received_at < $1::timestamptz LIMIT $2::int)
           RETURNING 1 AS one`,
          [before, REMOVE_BATCH],
        )
        return { removed: rows.length, more: rows.length === REMOVE_BATCH }
      })
    },
  })
}

const REMOVE_BATCH = 5_000
