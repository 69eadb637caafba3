/** All event types. Each has a GraphQL object type with its name in PascalCase. */
export const EVENT_TYPES = [
  'CONNECTION_CREATED',
  'CONNECTION_ACTIVATED',
  'CONNECTION_NEEDS_REAUTH',
  'CONNECTION_DISABLED',
  'CONNECTION_DELETED',
  'CREDENTIAL_REFRESH_STARTED',
  'CREDENTIAL_REFRESHED',
  'CREDENTIAL_REFRESH_FAILED',
  'CREDENTIAL_REPLACED',
  'SYNC_QUEUED',
  'SYNC_STARTED',
  'SYNC_PROGRESSED',
  'SYNC_RETRYING',
  'SYNC_SUCCEEDED',
  'SYNC_FAILED',
  'SYNC_CANCELLED',
  'CONNECT_SESSION_OPENED',
  'CONNECT_SESSION_AWAITING_CONFIRMATION',
  'CONNECT_SESSION_COMPLETED',
  'CONNECT_SESSION_FAILED',
  'WEBHOOK_ENDPOINT_DISABLED',
  'PROVIDER_EVENT_RECEIVED',
  'ACTION_RUN',
  'EVENTS_SKIPPED',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** The last event of a sync job is one of these. */
export const FINAL_SYNC_EVENTS: ReadonlySet<EventType> = new Set(['SYNC_SUCCEEDED', 'SYNC_FAILED', 'SYNC_CANCELLED'])

/** An event to append. `payload`: the other fields of its type, without secrets. */
export interface NewEvent {
  type: Exclude<EventType, 'EVENTS_SKIPPED'>
  connectionId?: string
  syncJobId?: string
  connectSessionId?: string
  /** Owner of the event, if it has no connection. */
  endUserId?: string
  /** Integration of the event, if it has no connection. */
  integrationId?: string
  payload?: Record<string, unknown>
}

/** A stored event. */
export interface StoredEvent {
  workspaceId: string
  /** 1, 2, 3, … within the workspace, without gaps. */
  position: bigint
  id: string
  type: EventType
  connectionId: string | null
  syncJobId: string | null
  connectSessionId: string | null
  /** The end user that owned the connection; null: not owned by an end user. */
  endUserId: string | null
  /** The integration of the connection, or that a provider's event was sent to; null: none. */
  integrationId: string | null
  payload: Record<string, unknown>
  occurredAt: Date
}
