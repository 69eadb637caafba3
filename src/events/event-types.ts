/** Every type of event. GraphQL has one object type for each, named in PascalCase. */
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
  'CONNECT_SESSION_COMPLETED',
  'CONNECT_SESSION_FAILED',
  'EVENTS_SKIPPED',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** After one of these, a sync job has no more events. */
export const FINAL_SYNC_EVENTS: ReadonlySet<EventType> = new Set(['SYNC_SUCCEEDED', 'SYNC_FAILED', 'SYNC_CANCELLED'])

/** An event to be written. `payload`: what its type carries besides, never a secret. */
export interface NewEvent {
  type: Exclude<EventType, 'EVENTS_SKIPPED'>
  connectionId?: string
  syncJobId?: string
  connectSessionId?: string
  /** Whose event it is, where no connection says so. */
  endUserId?: string
  payload?: Record<string, unknown>
}

/** An event as it stands in the log. */
export interface StoredEvent {
  workspaceId: string
  /** 1, 2, 3, … within the workspace, without gaps. */
  position: bigint
  id: string
  type: EventType
  connectionId: string | null
  syncJobId: string | null
  connectSessionId: string | null
  /** The end user that the connection belonged to; null: nobody's own. */
  endUserId: string | null
  payload: Record<string, unknown>
  occurredAt: Date
}
