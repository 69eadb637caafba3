import type { EventType } from './generated/graphql.ts'

/** The types of events, in groups. */
export const EVENT_GROUPS = {
  connections: [
    'CONNECTION_CREATED',
    'CONNECTION_ACTIVATED',
    'CONNECTION_NEEDS_REAUTH',
    'CONNECTION_DISABLED',
    'CONNECTION_DELETED',
  ],
  credentials: [
    'CREDENTIAL_REFRESH_STARTED',
    'CREDENTIAL_REFRESHED',
    'CREDENTIAL_REFRESH_FAILED',
    'CREDENTIAL_REPLACED',
  ],
  syncs: [
    'SYNC_QUEUED',
    'SYNC_STARTED',
    'SYNC_PROGRESSED',
    'SYNC_RETRYING',
    'SYNC_SUCCEEDED',
    'SYNC_FAILED',
    'SYNC_CANCELLED',
  ],
  sessions: [
    'CONNECT_SESSION_OPENED',
    'CONNECT_SESSION_COMPLETED',
    'CONNECT_SESSION_FAILED',
    'CONNECT_SESSION_AWAITING_CONFIRMATION',
  ],
  others: ['PROVIDER_EVENT_RECEIVED', 'ACTION_RUN', 'WEBHOOK_ENDPOINT_DISABLED'],
} as const satisfies Readonly<Record<string, readonly EventType[]>>
