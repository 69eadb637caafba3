/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Whether a connection can be used. */
export type ConnectionStatus =
  /** Connected. It can be used. */
  | 'ACTIVE'
  /** Switched off with `updateConnection`. It cannot be used. */
  | 'DISABLED'
  /** The credential has expired and could not be renewed so far. Latchkey keeps trying by itself. */
  | 'ERROR'
  /** The credential no longer works and cannot be renewed. The account has to be connected again. */
  | 'NEEDS_REAUTH'
  /** Not connected or not confirmed yet. It cannot be used. */
  | 'PENDING';

/** A new integration. Exactly one of `provider` and `definition` must be given. */
export type CreateIntegrationInput = {
  /** Definition of a service, as `docs/definitions.md` describes it. Every fault is named in one InvalidInputError. */
  definition?: unknown;
  /** Name of the integration for people, at most 200 characters. Default: that of the provider or definition. */
  displayName?: string | null | undefined;
  /** The workspace's own OAuth client. Default: none. */
  oauthClient?: OAuthClientInput | null | undefined;
  /** Slug of a provider of the catalogue. */
  provider?: string | null | undefined;
  /** Token by which Latchkey registers an OAuth client, for a definition with `registration`. Default: none. */
  registration?: RegistrationInput | null | undefined;
  /** Short name for lookups: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Unique in the workspace; one that is taken is CONFLICT. */
  slug: string;
  /** Secret by which requests to `Integration.webhookUrl` are verified, as the provider shows it or lets it be chosen. It is never returned. Default: none. */
  webhookSecret?: string | null | undefined;
  /** Global id of the workspace. */
  workspaceId: string;
};

/** What went wrong, for programs. Top-level errors have it in `extensions.code`. */
export type ErrorCode =
  /** Several connections match. Status 409. */
  | 'AMBIGUOUS'
  /** The current state does not allow this, such as a name that is taken. Status 409. */
  | 'CONFLICT'
  /** The credential could not be renewed. Status 400. */
  | 'CREDENTIAL_REFRESH'
  /** The caller may not do this. Status 403. */
  | 'FORBIDDEN'
  /** A fault in Latchkey. The log has the details under the `traceId`. Status 500. */
  | 'INTERNAL'
  /** The input is invalid. All invalid fields are named at once. Status 422. */
  | 'INVALID_INPUT'
  /** An object does not exist or the caller cannot see it. Status 404. */
  | 'NOT_FOUND'
  /** The third-party service could not be reached or returned an error. Status 502. */
  | 'PROVIDER'
  /** The caller sent too many requests. Status 429. */
  | 'RATE_LIMITED'
  /** The account has to be connected again. Status 400. */
  | 'RECONNECT_REQUIRED'
  /** The object exists in the workspace but belongs to another end user or integration. Status 403. */
  | 'SCOPE_MISMATCH'
  /** The request has no credential, or one that is wrong, expired or revoked. Status 401. */
  | 'UNAUTHENTICATED'
  /** Latchkey cannot reach something that it needs, such as its database. Retry later. Status 503. */
  | 'UNAVAILABLE'
  /** This kind of integration or connection cannot do this. Status 400. */
  | 'UNSUPPORTED';

/** What happened. Each value has an object type of the same name in PascalCase. */
export type EventType =
  /** An action was run, with or without success. */
  | 'ACTION_RUN'
  /** A connection became ACTIVE: it can be used. */
  | 'CONNECTION_ACTIVATED'
  /** A connection was created. */
  | 'CONNECTION_CREATED'
  /** A connection was deleted. */
  | 'CONNECTION_DELETED'
  /** A connection was disabled. */
  | 'CONNECTION_DISABLED'
  /** A connection became NEEDS_REAUTH: the account has to be connected again. */
  | 'CONNECTION_NEEDS_REAUTH'
  /** An account was connected with the link of an MCP tool. The browser brings the handle for `confirmConnection` to the first of the `redirectUrls` of the workspace. */
  | 'CONNECT_SESSION_AWAITING_CONFIRMATION'
  /** A connect session made a connection that can be used. */
  | 'CONNECT_SESSION_COMPLETED'
  /** A connect session ended without a connection. */
  | 'CONNECT_SESSION_FAILED'
  /** A browser opened the link of a connect session. */
  | 'CONNECT_SESSION_OPENED'
  /** A credential was renewed. */
  | 'CREDENTIAL_REFRESHED'
  /** The renewal of a credential failed. */
  | 'CREDENTIAL_REFRESH_FAILED'
  /** The renewal of a credential started. */
  | 'CREDENTIAL_REFRESH_STARTED'
  /** The credential of a connection was replaced, with `replaceCredential` or by connecting again. */
  | 'CREDENTIAL_REPLACED'
  /** Events between the requested position and this one are no longer stored. Not part of the log: it is made for each reader. */
  | 'EVENTS_SKIPPED'
  /** A provider sent an event to `Integration.webhookUrl`. There is one for each connection that it concerns, and one without a connection if it concerns none. */
  | 'PROVIDER_EVENT_RECEIVED'
  /** A sync job was cancelled. */
  | 'SYNC_CANCELLED'
  /** A sync job failed. */
  | 'SYNC_FAILED'
  /** One stream of a sync job made progress. At most two a second for each job. */
  | 'SYNC_PROGRESSED'
  /** A sync job was created, or a worker that is shutting down put it back into the queue. */
  | 'SYNC_QUEUED'
  /** A request of a sync job failed and will be retried. */
  | 'SYNC_RETRYING'
  /** A worker started a sync job, or continued it in place of another worker. */
  | 'SYNC_STARTED'
  /** A sync job read everything. */
  | 'SYNC_SUCCEEDED'
  /** A webhook endpoint was disabled, because its deliveries failed. `updateWebhookEndpoint` enables it. */
  | 'WEBHOOK_ENDPOINT_DISABLED';

/** The workspace's own OAuth client at the provider. */
export type OAuthClientInput = {
  /** Client id that the provider issued. */
  clientId: string;
  /** Client secret, or the private key for `private_key_jwt`. Null: a client without a secret. In an update it may be left out while `clientId` stays the same. */
  clientSecret?: string | null | undefined;
  /** Hosts to which the client's secret may be sent, such as `gitlab.example.com`, `gitlab.example.com:8443` or `*.example.com`. Required where a value of the connection is part of the host of an authorization, token or revocation URL. A host without a port stands for all of its ports. Null: those of the definition. Left out in an update: unchanged. In an update, another host needs `clientSecret` again. */
  hosts?: Array<string> | null | undefined;
  /** The workspace's own redirect URI. Browsers come back to it from the provider instead of to Latchkey. Null: the callback of Latchkey is used. Left out in an update: unchanged. */
  redirectUrl?: string | null | undefined;
  /** OAuth scopes to request, instead of those of the definition. Null: those of the definition. Left out in an update: unchanged. */
  scopes?: Array<string> | null | undefined;
};

/** Why a credential could not be renewed. */
export type RefreshFailure =
  /** The provider refused the OAuth client. Correct the `oauthClient` of the integration. */
  | 'INVALID_CLIENT'
  /** The provider refused the refresh token or the supplied values. The account has to be connected again. */
  | 'INVALID_GRANT'
  /** A process stopped between the request and storing the response, and the provider no longer accepts the old refresh token. The account has to be connected again. */
  | 'LOST_IN_CRASH_WINDOW'
  /** The response of the provider has no usable credential. */
  | 'MALFORMED_RESPONSE'
  /** The provider could not be reached or asked to retry later. */
  | 'PROVIDER_UNAVAILABLE'
  /** The account or its authorization no longer exists. It has to be connected again. */
  | 'REVOKED';

/** What the registration of an OAuth client needs besides the definition. */
export type RegistrationInput = {
  /** Initial access token (RFC 7591), for a server that registers clients only with one. It is never returned. Null removes it. */
  initialAccessToken?: string | null | undefined;
  /** The `key` of the option that the token is for, if several options of the auth register a client. */
  method?: string | null | undefined;
};

/** State of a sync job or of one of its streams. SUCCEEDED, FAILED and CANCELLED are final. */
export type SyncJobStatus =
  /** Ended by `cancelSync`, or because the connection was disabled or deleted. */
  | 'CANCELLED'
  /** Cancelled, but the worker has not stopped yet. It writes no further page. */
  | 'CANCELLING'
  /** Ended by an error. The records that were written remain. */
  | 'FAILED'
  /** Waits for a worker, or for its provider until `waitingUntil`. */
  | 'QUEUED'
  /** A worker reads and writes records. */
  | 'RUNNING'
  /** Everything was read. */
  | 'SUCCEEDED';

/** What started a sync job. */
export type SyncTrigger =
  /** A call of `triggerSync`. */
  | 'MANUAL'
  /** A call of `createConnection` with `syncImmediately`. */
  | 'ON_CREATE'
  /** The schedule of the connection. */
  | 'SCHEDULE'
  /** An event that the provider sent (`ProviderEventReceived`). */
  | 'WEBHOOK';

/** What a warning of a sync job is about. */
export type SyncWarningCode =
  /** Records have a time of change in the future. The next sync does not begin there. `count` is their number. */
  | 'CURSOR_IN_FUTURE'
  /** No record of a page has the `cursorField` of the stream, so the next sync reads these records again. `count` is their number, `message` names one of them. */
  | 'CURSOR_MISSING'
  /** The definition of the stream has changed, so the stream was read anew. */
  | 'DEFINITION_CHANGED'
  /** Records that the source did not return are kept, because it is not proven that they are gone; or they were deleted only after a second reading agreed. `message` says which. `count` is their number. */
  | 'DELETIONS_HELD_BACK'
  /** The source no longer has parent records of a sub-stream. `count` is their number. */
  | 'PARENTS_SKIPPED'
  /** Records of the source could not be stored, for example because they have no primary key. `count` is their number, `message` has the place of the first ones. */
  | 'RECORDS_QUARANTINED'
  /** The source says that it has more records than it returned. `count` is the number of records that are missing. */
  | 'TOTAL_DIFFERS';

/** State of a delivery. */
export type WebhookDeliveryStatus =
  /** The endpoint answered with a status from 200 to 299. */
  | 'DELIVERED'
  /** All attempts failed. `redeliverWebhook` starts again. */
  | 'FAILED'
  /** It has not succeeded yet. `nextAttemptAt` says when the next attempt is due. */
  | 'PENDING';

export type ConnectionLineFragment = { id: string, displayName: string, externalId: string | null, status: ConnectionStatus, statusReason: string | null, updatedAt: string, metadata: unknown, integration: { id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null }, endUser: { id: string, externalId: string, displayName: string | null } | null, latestSyncJob: { id: string, status: SyncJobStatus, queuedAt: string, finishedAt: string | null, recordsWritten: number } | null };

export type SyncJobLineFragment = { id: string, status: SyncJobStatus, trigger: SyncTrigger, attempt: number, queuedAt: string, startedAt: string | null, finishedAt: string | null, waitingUntil: string | null, waitingFor: string | null, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, connection: { id: string, displayName: string, integration: { id: string, displayName: string, logoUrl: string | null, color: string | null } }, streams: Array<{ name: string, status: SyncJobStatus, recordsRead: number, recordsWritten: number, total: number | null }>, warnings: Array<{ code: SyncWarningCode, message: string, stream: string | null, count: number }>, error: { code: ErrorCode, message: string, providerMessage: string | null, stream: string | null } | null };

type EventLine_ActionRun_Fragment = { __typename: 'ActionRun', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectSessionAwaitingConfirmation_Fragment = { __typename: 'ConnectSessionAwaitingConfirmation', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectSessionCompleted_Fragment = { __typename: 'ConnectSessionCompleted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectSessionFailed_Fragment = { __typename: 'ConnectSessionFailed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectSessionOpened_Fragment = { __typename: 'ConnectSessionOpened', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectionActivated_Fragment = { __typename: 'ConnectionActivated', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectionCreated_Fragment = { __typename: 'ConnectionCreated', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectionDeleted_Fragment = { __typename: 'ConnectionDeleted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectionDisabled_Fragment = { __typename: 'ConnectionDisabled', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ConnectionNeedsReauth_Fragment = { __typename: 'ConnectionNeedsReauth', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_CredentialRefreshFailed_Fragment = { __typename: 'CredentialRefreshFailed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_CredentialRefreshStarted_Fragment = { __typename: 'CredentialRefreshStarted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_CredentialRefreshed_Fragment = { __typename: 'CredentialRefreshed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_CredentialReplaced_Fragment = { __typename: 'CredentialReplaced', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_EventsSkipped_Fragment = { __typename: 'EventsSkipped', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_ProviderEventReceived_Fragment = { __typename: 'ProviderEventReceived', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncCancelled_Fragment = { __typename: 'SyncCancelled', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncFailed_Fragment = { __typename: 'SyncFailed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncProgressed_Fragment = { __typename: 'SyncProgressed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncQueued_Fragment = { __typename: 'SyncQueued', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncRetrying_Fragment = { __typename: 'SyncRetrying', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncStarted_Fragment = { __typename: 'SyncStarted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_SyncSucceeded_Fragment = { __typename: 'SyncSucceeded', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventLine_WebhookEndpointDisabled_Fragment = { __typename: 'WebhookEndpointDisabled', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

export type EventLineFragment =
  | EventLine_ActionRun_Fragment
  | EventLine_ConnectSessionAwaitingConfirmation_Fragment
  | EventLine_ConnectSessionCompleted_Fragment
  | EventLine_ConnectSessionFailed_Fragment
  | EventLine_ConnectSessionOpened_Fragment
  | EventLine_ConnectionActivated_Fragment
  | EventLine_ConnectionCreated_Fragment
  | EventLine_ConnectionDeleted_Fragment
  | EventLine_ConnectionDisabled_Fragment
  | EventLine_ConnectionNeedsReauth_Fragment
  | EventLine_CredentialRefreshFailed_Fragment
  | EventLine_CredentialRefreshStarted_Fragment
  | EventLine_CredentialRefreshed_Fragment
  | EventLine_CredentialReplaced_Fragment
  | EventLine_EventsSkipped_Fragment
  | EventLine_ProviderEventReceived_Fragment
  | EventLine_SyncCancelled_Fragment
  | EventLine_SyncFailed_Fragment
  | EventLine_SyncProgressed_Fragment
  | EventLine_SyncQueued_Fragment
  | EventLine_SyncRetrying_Fragment
  | EventLine_SyncStarted_Fragment
  | EventLine_SyncSucceeded_Fragment
  | EventLine_WebhookEndpointDisabled_Fragment
;

type EventDetail_ActionRun_Fragment = { __typename: 'ActionRun', action: string, ok: boolean, providerStatus: number | null, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectSessionAwaitingConfirmation_Fragment = { __typename: 'ConnectSessionAwaitingConfirmation', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectSessionCompleted_Fragment = { __typename: 'ConnectSessionCompleted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectSessionFailed_Fragment = { __typename: 'ConnectSessionFailed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectSessionOpened_Fragment = { __typename: 'ConnectSessionOpened', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectionActivated_Fragment = { __typename: 'ConnectionActivated', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectionCreated_Fragment = { __typename: 'ConnectionCreated', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectionDeleted_Fragment = { __typename: 'ConnectionDeleted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectionDisabled_Fragment = { __typename: 'ConnectionDisabled', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ConnectionNeedsReauth_Fragment = { __typename: 'ConnectionNeedsReauth', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_CredentialRefreshFailed_Fragment = { __typename: 'CredentialRefreshFailed', message: string, id: string, type: EventType, cursor: string, occurredAt: string, refreshReason: RefreshFailure, nextTry: string | null, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_CredentialRefreshStarted_Fragment = { __typename: 'CredentialRefreshStarted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_CredentialRefreshed_Fragment = { __typename: 'CredentialRefreshed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_CredentialReplaced_Fragment = { __typename: 'CredentialReplaced', changed: Array<string>, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_EventsSkipped_Fragment = { __typename: 'EventsSkipped', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_ProviderEventReceived_Fragment = { __typename: 'ProviderEventReceived', providerEventId: string | null, providerEventType: string | null, body: unknown, id: string, type: EventType, cursor: string, occurredAt: string, integration: { id: string, slug: string, displayName: string }, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncCancelled_Fragment = { __typename: 'SyncCancelled', id: string, type: EventType, cursor: string, occurredAt: string, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncFailed_Fragment = { __typename: 'SyncFailed', id: string, type: EventType, cursor: string, occurredAt: string, error: { code: ErrorCode, message: string, providerMessage: string | null, providerStatus: number | null, stream: string | null }, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncProgressed_Fragment = { __typename: 'SyncProgressed', stream: string, recordsRead: number, recordsWritten: number, pagesRead: number, total: number | null, percent: number | null, recordsPerSecond: number | null, id: string, type: EventType, cursor: string, occurredAt: string, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncQueued_Fragment = { __typename: 'SyncQueued', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncRetrying_Fragment = { __typename: 'SyncRetrying', stream: string, reason: string, retryAt: string, attempt: number, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncStarted_Fragment = { __typename: 'SyncStarted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_SyncSucceeded_Fragment = { __typename: 'SyncSucceeded', id: string, type: EventType, cursor: string, occurredAt: string, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

type EventDetail_WebhookEndpointDisabled_Fragment = { __typename: 'WebhookEndpointDisabled', webhookEndpointId: string, disabledReason: string, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null };

export type EventDetailFragment =
  | EventDetail_ActionRun_Fragment
  | EventDetail_ConnectSessionAwaitingConfirmation_Fragment
  | EventDetail_ConnectSessionCompleted_Fragment
  | EventDetail_ConnectSessionFailed_Fragment
  | EventDetail_ConnectSessionOpened_Fragment
  | EventDetail_ConnectionActivated_Fragment
  | EventDetail_ConnectionCreated_Fragment
  | EventDetail_ConnectionDeleted_Fragment
  | EventDetail_ConnectionDisabled_Fragment
  | EventDetail_ConnectionNeedsReauth_Fragment
  | EventDetail_CredentialRefreshFailed_Fragment
  | EventDetail_CredentialRefreshStarted_Fragment
  | EventDetail_CredentialRefreshed_Fragment
  | EventDetail_CredentialReplaced_Fragment
  | EventDetail_EventsSkipped_Fragment
  | EventDetail_ProviderEventReceived_Fragment
  | EventDetail_SyncCancelled_Fragment
  | EventDetail_SyncFailed_Fragment
  | EventDetail_SyncProgressed_Fragment
  | EventDetail_SyncQueued_Fragment
  | EventDetail_SyncRetrying_Fragment
  | EventDetail_SyncStarted_Fragment
  | EventDetail_SyncSucceeded_Fragment
  | EventDetail_WebhookEndpointDisabled_Fragment
;

export type EventWarningFragment = { code: SyncWarningCode, stream: string | null, message: string, count: number };

export type HomeQueryVariables = Exact<{
  workspaceId: string;
}>;


export type HomeQuery = { workspace: { id: string, redirectUrls: Array<string>, all: { totalCount: number, nodes: Array<{ id: string, displayName: string, integration: { id: string, slug: string } }> }, active: { totalCount: number }, broken: { totalCount: number, nodes: Array<{ id: string, displayName: string, externalId: string | null, status: ConnectionStatus, statusReason: string | null, updatedAt: string, metadata: unknown, integration: { id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null }, endUser: { id: string, externalId: string, displayName: string | null } | null, latestSyncJob: { id: string, status: SyncJobStatus, queuedAt: string, finishedAt: string | null, recordsWritten: number } | null }> }, running: { totalCount: number, nodes: Array<{ id: string, status: SyncJobStatus, trigger: SyncTrigger, attempt: number, queuedAt: string, startedAt: string | null, finishedAt: string | null, waitingUntil: string | null, waitingFor: string | null, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, connection: { id: string, displayName: string, integration: { id: string, displayName: string, logoUrl: string | null, color: string | null } }, streams: Array<{ name: string, status: SyncJobStatus, recordsRead: number, recordsWritten: number, total: number | null }>, warnings: Array<{ code: SyncWarningCode, message: string, stream: string | null, count: number }>, error: { code: ErrorCode, message: string, providerMessage: string | null, stream: string | null } | null }> }, recent: { totalCount: number, nodes: Array<{ id: string, status: SyncJobStatus, trigger: SyncTrigger, attempt: number, queuedAt: string, startedAt: string | null, finishedAt: string | null, waitingUntil: string | null, waitingFor: string | null, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, connection: { id: string, displayName: string, integration: { id: string, displayName: string, logoUrl: string | null, color: string | null } }, streams: Array<{ name: string, status: SyncJobStatus, recordsRead: number, recordsWritten: number, total: number | null }>, warnings: Array<{ code: SyncWarningCode, message: string, stream: string | null, count: number }>, error: { code: ErrorCode, message: string, providerMessage: string | null, stream: string | null } | null }> }, failed: { nodes: Array<{ id: string, status: SyncJobStatus, trigger: SyncTrigger, attempt: number, queuedAt: string, startedAt: string | null, finishedAt: string | null, waitingUntil: string | null, waitingFor: string | null, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, connection: { id: string, displayName: string, latestSyncJob: { id: string } | null, integration: { id: string, displayName: string, logoUrl: string | null, color: string | null } }, streams: Array<{ name: string, status: SyncJobStatus, recordsRead: number, recordsWritten: number, total: number | null }>, warnings: Array<{ code: SyncWarningCode, message: string, stream: string | null, count: number }>, error: { code: ErrorCode, message: string, providerMessage: string | null, stream: string | null } | null }> }, webhookEndpoints: { nodes: Array<{ id: string, url: string, enabled: boolean, disabledReason: string | null, deliveries: { nodes: Array<{ id: string, status: WebhookDeliveryStatus, attempts: Array<{ error: string | null }> }> } }> }, apiKeys: { nodes: Array<{ id: string, name: string, expiresAt: string | null, revokedAt: string | null }> }, sandbox: { id: string, provider: { slug: string } | null } | null } | null };

export type CreateSandboxMutationVariables = Exact<{
  input: CreateIntegrationInput;
}>;


export type CreateSandboxMutation = { createIntegration:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateIntegrationPayload' }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RateLimitedError', message: string }
   };

export const ConnectionLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ConnectionLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}}]}}]}}]} as unknown as DocumentNode<ConnectionLineFragment, unknown>;
export const SyncJobLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SyncJobLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"trigger"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"waitingUntil"}},{"kind":"Field","name":{"kind":"Name","value":"waitingFor"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"recordsDeleted"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"total"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}}]}}]} as unknown as DocumentNode<SyncJobLineFragment, unknown>;
export const EventLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]} as unknown as DocumentNode<EventLineFragment, unknown>;
export const EventWarningFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventWarning"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncWarning"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]} as unknown as DocumentNode<EventWarningFragment, unknown>;
export const EventDetailFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventDetail"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventLine"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ActionRun"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"action"}},{"kind":"Field","name":{"kind":"Name","value":"ok"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialRefreshFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","alias":{"kind":"Name","value":"refreshReason"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"nextTry"},"name":{"kind":"Name","value":"retryAt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialReplaced"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changed"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProviderEventReceived"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"providerEventId"}},{"kind":"Field","name":{"kind":"Name","value":"providerEventType"}},{"kind":"Field","name":{"kind":"Name","value":"body"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncCancelled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncProgressed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncRetrying"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"retryAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncSucceeded"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpointDisabled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"webhookEndpointId"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventWarning"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncWarning"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]} as unknown as DocumentNode<EventDetailFragment, unknown>;
export const HomeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Home"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","alias":{"kind":"Name","value":"all"},"name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"active"},"name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"ACTIVE"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"broken"},"name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"NEEDS_REAUTH"},{"kind":"EnumValue","value":"ERROR"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ConnectionLine"}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"running"},"name":{"kind":"Name","value":"syncJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"RUNNING"},{"kind":"EnumValue","value":"QUEUED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SyncJobLine"}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"recent"},"name":{"kind":"Name","value":"syncJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"12"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SyncJobLine"}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"failed"},"name":{"kind":"Name","value":"syncJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"30"}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"status"},"value":{"kind":"ListValue","values":[{"kind":"EnumValue","value":"FAILED"}]}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SyncJobLine"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"webhookEndpoints"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"enabled"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"apiKeys"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"redirectUrls"}},{"kind":"Field","alias":{"kind":"Name","value":"sandbox"},"name":{"kind":"Name","value":"integration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"StringValue","value":"sandbox","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ConnectionLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SyncJobLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"trigger"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"waitingUntil"}},{"kind":"Field","name":{"kind":"Name","value":"waitingFor"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"recordsDeleted"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"total"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}}]}}]} as unknown as DocumentNode<HomeQuery, HomeQueryVariables>;
export const CreateSandboxDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateSandbox"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateIntegrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createIntegration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CreateSandboxMutation, CreateSandboxMutationVariables>;