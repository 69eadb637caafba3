import type { EventType, StoredEvent } from './event-types.ts'

/**
 * The fields of each event type beyond those of every event: their names, and the values that stand for fields which older
 * versions did not store. The GraphQL types and the bodies of webhooks have these fields.
 */
export const EVENT_FIELDS: { readonly [Type in EventType]?: Readonly<Record<string, unknown>> } = {
  CREDENTIAL_REFRESH_FAILED: { reason: null, message: '', retryAt: null },
  CREDENTIAL_REPLACED: { changed: [] },
  SYNC_PROGRESSED: {
    stream: '',
    recordsRead: 0,
    recordsWritten: 0,
    pagesRead: 0,
    total: null,
    percent: null,
    recordsPerSecond: null,
    warnings: [],
  },
  SYNC_RETRYING: { stream: '', reason: '', retryAt: null, attempt: 0 },
  SYNC_SUCCEEDED: { streams: [], warnings: [] },
  SYNC_FAILED: { error: null, warnings: [] },
  SYNC_CANCELLED: { warnings: [] },
  WEBHOOK_ENDPOINT_DISABLED: { webhookEndpointId: '', disabledReason: '' },
  PROVIDER_EVENT_RECEIVED: { integration: '', providerEventId: null, providerEventType: null, body: null },
  ACTION_RUN: { action: '', ok: false, providerStatus: null },
}

/** The value of one field of an event, as in `fieldsOf`. */
export function fieldOf({ type, payload }: StoredEvent, name: string): unknown {
  return payload[name] ?? EVENT_FIELDS[type]?.[name]
}

/** The values of the fields of an event. Other parts of its payload are internal. Times are RFC 3339 texts. */
export function fieldsOf({ type, payload }: StoredEvent): Record<string, unknown> {
  const fields = Object.entries(EVENT_FIELDS[type] ?? {})
  return Object.fromEntries(fields.map(([name, absent]) => [name, payload[name] ?? absent]))
}
