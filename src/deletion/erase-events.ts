import type { WriteTx } from '../db/sql.ts'

/** Stands for a text of an event that may have been about a person. */
const ERASED_TEXT = 'Erased with the connection.'

/**
 * SQL: the own fields of an event without what a provider or a person may have written: an event of a provider, words of a provider in
 * errors, names. Fields that are never null get a fixed text. The result of erasing twice is that of erasing once.
 * @param type SQL of the event's type
 * @param fields SQL of the fields, as jsonb
 */
const erased = (type: string, fields: string) => `CASE ${type}
  WHEN 'PROVIDER_EVENT_RECEIVED' THEN ${fields} || '{"body": null, "providerEventId": null}'
  WHEN 'CREDENTIAL_REFRESH_FAILED' THEN ${fields} || '{"message": "${ERASED_TEXT}"}'
  WHEN 'SYNC_RETRYING' THEN ${fields} || '{"reason": "${ERASED_TEXT}"}'
  WHEN 'SYNC_FAILED' THEN jsonb_set(${fields} #- '{error,providerMessage}', '{error,message}', '"${ERASED_TEXT}"', false)
  ELSE ${fields} END`

const ERASABLE = ['PROVIDER_EVENT_RECEIVED', 'CREDENTIAL_REFRESH_FAILED', 'SYNC_RETRYING', 'SYNC_FAILED'] as const

/** SQL: a part of the `data` of a webhook without the values of some keys. Empty if the webhook does not have the part. */
const erasedPart = (name: string, keys: readonly string[]) => `CASE WHEN b.body -> 'data' ? '${name}' THEN
  jsonb_build_object('${name}', b.body -> 'data' -> '${name}' || '${JSON.stringify(Object.fromEntries(keys.map((key) => [key, null])))}')
  ELSE '{}' END`

/**
 * SQL: sets the bodies of the webhooks of some events to what is left after erasing. `jsonb` prints its keys in another order than
 * `bodyOf` of the deliveries, which begins with the type: so an erased body is recognized without being parsed.
 * @param events a condition on the event `e`
 */
const eraseDeliveries = (events: string) => `
  WITH batch AS MATERIALIZED (
    SELECT d.id, e.type, d.body::jsonb AS body
    FROM event e JOIN webhook_endpoint p ON p.workspace_id = e.workspace_id
    JOIN webhook_delivery d ON d.endpoint_id = p.id AND d.position = e.position
    WHERE ${events} AND left(d.body, 8) = '{"type":'
    LIMIT $2::int
  ), done AS (
    UPDATE webhook_delivery d SET body = (b.body || jsonb_build_object('data',
      ${erased('b.type', `(b.body -> 'data')`)}
      || ${erasedPart('connection', ['externalId', 'displayName', 'statusReason', 'endUserExternalId'])}
      || ${erasedPart('connectSession', ['endUserExternalId'])}))::text
    FROM batch b WHERE d.id = b.id RETURNING 1
  ) SELECT count(*)::int AS count FROM done`

const ERASE_EVENTS = `
  WITH batch AS MATERIALIZED (
    SELECT workspace_id, position FROM event e
    WHERE connection_id = ANY($1::uuid[]) AND type IN (${ERASABLE.map((type) => `'${type}'`).join(', ')})
      AND ${erased('type', 'payload')} <> payload
    LIMIT $2::int
  ), done AS (
    UPDATE event e SET payload = ${erased('e.type', 'e.payload')}
    FROM batch b WHERE e.workspace_id = b.workspace_id AND e.position = b.position RETURNING 1
  ) SELECT count(*)::int AS count FROM done`

/** The last event of a connection is still delivered with the external ids, so that the product knows what was deleted. */
const OF_CONNECTIONS = `e.connection_id = ANY($1::uuid[]) AND e.type <> 'CONNECTION_DELETED'`

/** Events of end users who are deleted, without a connection or of one whose other events are erased already. */
const OF_DELETED_USERS = `e.workspace_id = $1::uuid AND e.end_user_id IS NOT NULL
  AND (e.connection_id IS NULL OR e.type = 'CONNECTION_DELETED')
  AND NOT EXISTS (SELECT 1 FROM end_user u WHERE u.id = e.end_user_id)`

/**
 * Erases what the event log and the stored webhooks say about the owners of connections that are being deleted. The events stay at their
 * positions. Call it when no sync job of the connections is left, because these append events.
 * @returns whether there may be more to erase
 */
export async function eraseEventsOfConnections(
  tx: WriteTx,
  workspaceId: string,
  connectionIds: readonly string[],
  limit: number,
): Promise<boolean> {
  await holdEndpoints(tx, workspaceId)
  return (
    (await runBatch(tx, ERASE_EVENTS, connectionIds, limit)) ||
    (await runBatch(tx, eraseDeliveries(OF_CONNECTIONS), connectionIds, limit))
  )
}

/**
 * Erases the external ids of deleted end users from stored webhooks that are left after `eraseEventsOfConnections`.
 * @returns whether there may be more to erase
 */
export async function eraseWebhooksOfDeletedUsers(tx: WriteTx, workspaceId: string, limit: number): Promise<boolean> {
  await holdEndpoints(tx, workspaceId)
  return runBatch(tx, eraseDeliveries(OF_DELETED_USERS), workspaceId, limit)
}

/** Waits for those who write webhooks of events that they read before, and keeps them away until the transaction ends. */
async function holdEndpoints(tx: WriteTx, workspaceId: string): Promise<void> {
  await tx.query('SELECT 1 AS held FROM webhook_endpoint WHERE workspace_id = $1::uuid ORDER BY id FOR NO KEY UPDATE', [
    workspaceId,
  ])
}

async function runBatch(tx: WriteTx, statement: string, selection: unknown, limit: number): Promise<boolean> {
  const [done] = await tx.query<{ count: number }>(statement, [selection, limit])
  return done?.count === limit
}
