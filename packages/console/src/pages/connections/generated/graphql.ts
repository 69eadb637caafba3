/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** How requests to a third-party service are authenticated. */
export type AuthType =
  /** A fixed key in a header, query parameter, cookie or body field. */
  | 'API_KEY'
  /** An auth provider holds the credential. No definition has this type. */
  | 'AUTH_PROVIDER'
  /** HTTP Basic authentication with user name and password (RFC 7617). */
  | 'BASIC'
  /** A fixed bearer token (RFC 6750). */
  | 'BEARER'
  /** A strategy that this deployment adds. */
  | 'CUSTOM'
  /** A JSON Web Token that Latchkey signs itself (RFC 7519). */
  | 'JWT'
  /** No authentication. */
  | 'NONE'
  /** OAuth 1.0a: every request is signed (RFC 5849). */
  | 'OAUTH1'
  /** OAuth 2.0 access tokens, renewed where the provider allows it. */
  | 'OAUTH2'
  /** One of several ways, chosen when connecting. See `AuthDefinition.options`. */
  | 'SELECTIVE'
  /** A token that a login request returns, renewed by logging in again. */
  | 'SESSION_TOKEN'
  /** Every request is signed: AWS Signature Version 4 or an HMAC. */
  | 'SIGNATURE';

/** Selects connections. A connection must match every given field. */
export type ConnectionFilter = {
  /** Name of its collection. */
  collection?: string | null | undefined;
  /** External id of its end user. */
  endUserExternalId?: string | null | undefined;
  /** Global id of its end user. An unknown id matches nothing. */
  endUserId?: string | null | undefined;
  /** External id of the connection. */
  externalId?: string | null | undefined;
  /** Slug of its integration. */
  integration?: string | null | undefined;
  /** JSON object. Its `metadata` has every key that is given here, with the same value. The order of keys and the form of a number (1 and 1.0) do not matter. */
  metadata?: unknown;
  /** Its display name or external id, or the external id, display name or e-mail address of its end user, contains this text, ignoring case. At most 200 characters. */
  search?: string | null | undefined;
  /** The connection has one of these statuses. */
  status?: Array<ConnectionStatus> | null | undefined;
};

/** How the credential of a connection was supplied. */
export type ConnectionMethod =
  /** An auth provider holds the credential. */
  | 'AUTH_PROVIDER'
  /** The end user consented on the provider's page. */
  | 'OAUTH'
  /** A secret was supplied, such as an API key or a user name and password. */
  | 'SECRET'
  /** The product supplied OAuth tokens that it already had. */
  | 'TOKEN_INJECTION';

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

/** The connection to delete. */
export type DeleteConnectionInput = {
  /** Global id of the connection. */
  connectionId: string;
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

/** An HTTP request. Exactly one of `connectionId` and `resolve` must be given. */
export type ExecuteRequestInput = {
  /** Body. A string is sent unchanged, as text/plain if `headers` have no Content-Type; anything else is sent as JSON. Not allowed with GET and HEAD. Default: none. */
  body?: unknown;
  /** Global id of the connection. */
  connectionId?: string | null | undefined;
  /** Headers as a JSON object of strings by name. They cannot override what the credential sets. Default: none. */
  headers?: unknown;
  /** HTTP method. Callers that may only read can use GET and HEAD (otherwise FORBIDDEN). */
  method: HttpMethod;
  /** Path below the integration's base URL, or a whole URL below it or at a host that the definition names in hosts, such as the URL of a next page. */
  path: string;
  /** Query parameters as a JSON object: a string, number or boolean by name, or a list of these. Default: none. */
  query?: unknown;
  /** Selects the connection, as `resolveConnection` does. */
  resolve?: ResolveConnectionInput | null | undefined;
};

/** An HTTP method (RFC 9110 and RFC 5789). */
export type HttpMethod =
  /** Deletes a resource. */
  | 'DELETE'
  /** Reads a resource. */
  | 'GET'
  /** Reads the headers of a resource. */
  | 'HEAD'
  /** Changes a resource. */
  | 'PATCH'
  /** Submits data, for example to create a resource. */
  | 'POST'
  /** Replaces a resource. */
  | 'PUT';

/** A language in which texts for people are available. */
export type Language =
  /** Texts in German. */
  | 'DE'
  /** Texts in English. */
  | 'EN';

/** The connection whose credential to renew. */
export type RefreshConnectionInput = {
  /** Global id of the connection. */
  connectionId: string;
  /** True: renew a credential that is still valid too. Concurrent calls share one renewal. */
  force?: boolean | null | undefined;
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

/** Selects the one connection at an integration by external id, by end user, or by both. With neither, only connections that belong to no end user are considered. A caller that acts for an end user resolves connections of that end user only. */
export type ResolveConnectionInput = {
  /** External id of the end user, at most 255 characters. Default: none. */
  endUserExternalId?: string | null | undefined;
  /** Global id of the end user. At most one of `endUserId` and `endUserExternalId` may be given. Default: none. */
  endUserId?: string | null | undefined;
  /** The product's own id of the connection. Default: the most usable connection is chosen. */
  externalId?: string | null | undefined;
  /** Slug of an integration of the workspace. */
  integration: string;
  /** Global id of the workspace. */
  workspaceId: string;
};

/** A call of an action. Exactly one of `connectionId` and `resolve` must be given. */
export type RunActionInput = {
  /** Name of the action. */
  action: string;
  /** Arguments as a JSON object that matches `Action.inputSchema`. Default: none. */
  arguments?: unknown;
  /** Global id of the connection. */
  connectionId?: string | null | undefined;
  /** For 24 hours, another call with this key, for the same connection and action, returns the response of the first one and sends nothing. CONFLICT if its arguments differ, if the first call is still running, or if it ended without a response and may have had an effect. Without effect here for an action that is `readOnly`: its request is sent each time. 1 to 255 characters of printable ASCII, without spaces. Default: the request is sent in any case. */
  idempotencyKey?: string | null | undefined;
  /** Selects the connection, as `resolveConnection` does. */
  resolve?: ResolveConnectionInput | null | undefined;
};

/** When sync jobs start by themselves. A new schedule needs exactly one of `cron` and `intervalSeconds`. In an existing one, fields that are left out or null keep their value. */
export type ScheduleInput = {
  /** Cron expression of five fields: minute, hour, day of month, month, day of week. Replaces an interval. */
  cron?: string | null | undefined;
  /** Seconds between two sync jobs, 60 to 31,622,400. Replaces a cron expression. */
  intervalSeconds?: number | null | undefined;
  /** True: start no sync jobs. Default: false. */
  paused?: boolean | null | undefined;
  /** IANA name of the time zone of `cron`, such as `Europe/Berlin`. Default: UTC. */
  timezone?: string | null | undefined;
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

/** How a sync job can read a stream. */
export type SyncMode =
  /** Reads all records. Records that the source no longer has are marked as deleted. */
  | 'FULL_REFRESH'
  /** Reads the records that changed since the stored cursor. */
  | 'INCREMENTAL';

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

/** The connection whose credential to test. */
export type TestConnectionInput = {
  /** Global id of the connection. */
  connectionId: string;
};

/** Changes to a connection. Fields that are left out keep their value. */
export type UpdateConnectionInput = {
  /** Name of the collection that the connection joins. A collection that does not exist is created. Callers that act for an end user cannot set it (FORBIDDEN). Null removes the connection from its collection. */
  collection?: string | null | undefined;
  /** Global id of the connection. */
  connectionId: string;
  /** True: the connection becomes DISABLED, and a sync job in progress is cancelled. False: it gets the status back that it had before. A PENDING connection cannot be disabled (CONFLICT). */
  disabled?: boolean | null | undefined;
  /** Name of the connection for people, at most 200 characters. Null is INVALID_INPUT. */
  displayName?: string | null | undefined;
  /** JSON object of your own data. Latchkey stores it and does not interpret it. Replaces the stored object. Null: an empty object. */
  metadata?: unknown;
  /** Changes or creates the schedule. Null removes it. INVALID_INPUT if the integration has no streams, unless the schedule is paused. */
  schedule?: ScheduleInput | null | undefined;
};

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

export type ConnectionsQueryVariables = Exact<{
  workspaceId: string;
  after?: string | null | undefined;
  filter?: ConnectionFilter | null | undefined;
}>;


export type ConnectionsQuery = { workspace: { id: string, connections: { totalCount: number, nodes: Array<{ id: string, displayName: string, externalId: string | null, status: ConnectionStatus, statusReason: string | null, updatedAt: string, metadata: unknown, integration: { id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null }, endUser: { id: string, externalId: string, displayName: string | null } | null, latestSyncJob: { id: string, status: SyncJobStatus, queuedAt: string, finishedAt: string | null, recordsWritten: number } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, integrations: { nodes: Array<{ id: string, slug: string, displayName: string }> }, collections: Array<{ id: string, name: string }> } | null };

export type ConnectionQueryVariables = Exact<{
  id: string;
  language: Language;
}>;


export type ConnectionQuery = { node:
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEvent' }
    | { __typename: 'AuthProvider' }
    | { __typename: 'Collection' }
    | { __typename: 'ConnectSession' }
    | { __typename: 'Connection', createdAt: string, method: ConnectionMethod, input: unknown, kept: unknown, id: string, displayName: string, externalId: string | null, status: ConnectionStatus, statusReason: string | null, updatedAt: string, metadata: unknown, collection: { id: string, name: string } | null, hint: { cause: string, remedy: string, url: string | null } | null, integration: { baseUrl: string, id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null, streams: Array<{ name: string, syncModes: Array<SyncMode> }>, provider: { slug: string, guide: { scopes: Array<{ scope: string, text: string }> } | null } | null }, credential: { type: AuthType, refreshable: boolean, refreshing: boolean, scopes: Array<string>, expiresAt: string | null, lastRefreshedAt: string | null, nextRefreshAt: string | null, failedRefreshes: number, lastError: { message: string } | null }, schedule: { cron: string | null, intervalSeconds: number | null, nextRunAt: string | null, paused: boolean, timezone: string } | null, streams: Array<{ name: string, recordCount: number, lastSyncedAt: string | null }>, syncJobs: { totalCount: number }, workspace: { id: string, redirectUrls: Array<string> }, endUser: { id: string, externalId: string, displayName: string | null } | null, latestSyncJob: { id: string, status: SyncJobStatus, queuedAt: string, finishedAt: string | null, recordsWritten: number } | null }
    | { __typename: 'EndUser' }
    | { __typename: 'Integration' }
    | { __typename: 'OidcIssuer' }
    | { __typename: 'SyncJob' }
    | { __typename: 'WebhookDelivery' }
    | { __typename: 'WebhookEndpoint' }
    | { __typename: 'Workspace' }
   | null };

export type ConnectionJobsQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type ConnectionJobsQuery = { node:
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEvent' }
    | { __typename: 'AuthProvider' }
    | { __typename: 'Collection' }
    | { __typename: 'ConnectSession' }
    | { __typename: 'Connection', id: string, syncJobs: { nodes: Array<{ id: string, status: SyncJobStatus, trigger: SyncTrigger, attempt: number, queuedAt: string, startedAt: string | null, finishedAt: string | null, waitingUntil: string | null, waitingFor: string | null, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, connection: { id: string, displayName: string, integration: { id: string, displayName: string, logoUrl: string | null, color: string | null } }, streams: Array<{ name: string, status: SyncJobStatus, recordsRead: number, recordsWritten: number, total: number | null }>, warnings: Array<{ code: SyncWarningCode, message: string, stream: string | null, count: number }>, error: { code: ErrorCode, message: string, providerMessage: string | null, stream: string | null } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }
    | { __typename: 'EndUser' }
    | { __typename: 'Integration' }
    | { __typename: 'OidcIssuer' }
    | { __typename: 'SyncJob' }
    | { __typename: 'WebhookDelivery' }
    | { __typename: 'WebhookEndpoint' }
    | { __typename: 'Workspace' }
   | null };

export type ConnectionEventsQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type ConnectionEventsQuery = { node:
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEvent' }
    | { __typename: 'AuthProvider' }
    | { __typename: 'Collection' }
    | { __typename: 'ConnectSession' }
    | { __typename: 'Connection', id: string, events: { nodes: Array<
          | { __typename: 'ActionRun', action: string, ok: boolean, providerStatus: number | null, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectSessionAwaitingConfirmation', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectSessionCompleted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectSessionFailed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectSessionOpened', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectionActivated', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectionCreated', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectionDeleted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectionDisabled', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ConnectionNeedsReauth', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'CredentialRefreshFailed', message: string, id: string, type: EventType, cursor: string, occurredAt: string, refreshReason: RefreshFailure, nextTry: string | null, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'CredentialRefreshStarted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'CredentialRefreshed', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'CredentialReplaced', changed: Array<string>, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'EventsSkipped', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'ProviderEventReceived', providerEventId: string | null, providerEventType: string | null, body: unknown, id: string, type: EventType, cursor: string, occurredAt: string, integration: { id: string, slug: string, displayName: string }, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncCancelled', id: string, type: EventType, cursor: string, occurredAt: string, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncFailed', id: string, type: EventType, cursor: string, occurredAt: string, error: { code: ErrorCode, message: string, providerMessage: string | null, providerStatus: number | null, stream: string | null }, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncProgressed', stream: string, recordsRead: number, recordsWritten: number, pagesRead: number, total: number | null, percent: number | null, recordsPerSecond: number | null, id: string, type: EventType, cursor: string, occurredAt: string, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncQueued', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncRetrying', stream: string, reason: string, retryAt: string, attempt: number, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncStarted', id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'SyncSucceeded', id: string, type: EventType, cursor: string, occurredAt: string, warnings: Array<{ code: SyncWarningCode, stream: string | null, message: string, count: number }>, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
          | { __typename: 'WebhookEndpointDisabled', webhookEndpointId: string, disabledReason: string, id: string, type: EventType, cursor: string, occurredAt: string, connection: { id: string, displayName: string } | null, syncJob: { id: string, status: SyncJobStatus } | null }
        >, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }
    | { __typename: 'EndUser' }
    | { __typename: 'Integration' }
    | { __typename: 'OidcIssuer' }
    | { __typename: 'SyncJob' }
    | { __typename: 'WebhookDelivery' }
    | { __typename: 'WebhookEndpoint' }
    | { __typename: 'Workspace' }
   | null };

export type ConnectionActionsQueryVariables = Exact<{
  id: string;
}>;


export type ConnectionActionsQuery = { node:
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEvent' }
    | { __typename: 'AuthProvider' }
    | { __typename: 'Collection' }
    | { __typename: 'ConnectSession' }
    | { __typename: 'Connection', id: string, integration: { id: string, baseUrl: string, actions: Array<{ name: string, title: string, description: string | null, inputSchema: unknown, readOnly: boolean, destructive: boolean }> } }
    | { __typename: 'EndUser' }
    | { __typename: 'Integration' }
    | { __typename: 'OidcIssuer' }
    | { __typename: 'SyncJob' }
    | { __typename: 'WebhookDelivery' }
    | { __typename: 'WebhookEndpoint' }
    | { __typename: 'Workspace' }
   | null };

export type AnswerFragment = { status: number, headers: unknown, body: unknown, text: string | null, details: unknown };

export type ExecuteRequestMutationVariables = Exact<{
  input: ExecuteRequestInput;
}>;


export type ExecuteRequestMutation = { executeRequest:
    | { __typename: 'AmbiguousError', message: string }
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CredentialRefreshError', message: string }
    | { __typename: 'ExecuteRequestPayload', refreshed: boolean, response: { status: number, headers: unknown, body: unknown, text: string | null, details: unknown } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ProviderError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'ReconnectRequiredError', message: string }
    | { __typename: 'ScopeMismatchError', message: string }
    | { __typename: 'UnsupportedError', message: string }
   };

export type RunActionMutationVariables = Exact<{
  input: RunActionInput;
}>;


export type RunActionMutation = { runAction:
    | { __typename: 'AmbiguousError', message: string }
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CredentialRefreshError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ProviderError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'ReconnectRequiredError', message: string }
    | { __typename: 'RunActionPayload', output: unknown, refreshed: boolean, response: { status: number, headers: unknown, body: unknown, text: string | null, details: unknown } }
    | { __typename: 'ScopeMismatchError', message: string }
    | { __typename: 'UnsupportedError', message: string }
   };

export type RefreshConnectionMutationVariables = Exact<{
  input: RefreshConnectionInput;
}>;


export type RefreshConnectionMutation = { refreshConnection:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CredentialRefreshError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ProviderError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'ReconnectRequiredError', message: string }
    | { __typename: 'RefreshConnectionPayload' }
    | { __typename: 'UnsupportedError', message: string }
   };

export type TestConnectionMutationVariables = Exact<{
  input: TestConnectionInput;
  language: Language;
}>;


export type TestConnectionMutation = { testConnection:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CredentialRefreshError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ProviderError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'ReconnectRequiredError', message: string }
    | { __typename: 'TestConnectionPayload', result: { ok: boolean, checked: boolean, message: string, hint: { cause: string, remedy: string, url: string | null } | null } }
    | { __typename: 'UnsupportedError', message: string }
   };

export type UpdateConnectionMutationVariables = Exact<{
  input: UpdateConnectionInput;
}>;


export type UpdateConnectionMutation = { updateConnection:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'UpdateConnectionPayload' }
   };

export type DeleteConnectionMutationVariables = Exact<{
  input: DeleteConnectionInput;
}>;


export type DeleteConnectionMutation = { deleteConnection:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteConnectionPayload' }
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
export const AnswerFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Answer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HttpResponse"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"headers"}},{"kind":"Field","name":{"kind":"Name","value":"body"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"details"}}]}}]} as unknown as DocumentNode<AnswerFragment, unknown>;
export const ConnectionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Connections"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ConnectionFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"25"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ConnectionLine"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"integrations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"collections"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ConnectionLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}}]}}]}}]} as unknown as DocumentNode<ConnectionsQuery, ConnectionsQueryVariables>;
export const ConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Connection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ConnectionLine"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"method"}},{"kind":"Field","name":{"kind":"Name","value":"input"}},{"kind":"Field","name":{"kind":"Name","value":"kept"}},{"kind":"Field","name":{"kind":"Name","value":"collection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"hint"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"baseUrl"}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"syncModes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"guide"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"scopes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"scope"}},{"kind":"Field","name":{"kind":"Name","value":"text"}}]}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"credential"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"refreshable"}},{"kind":"Field","name":{"kind":"Name","value":"refreshing"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastRefreshedAt"}},{"kind":"Field","name":{"kind":"Name","value":"nextRefreshAt"}},{"kind":"Field","name":{"kind":"Name","value":"failedRefreshes"}},{"kind":"Field","name":{"kind":"Name","value":"lastError"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"schedule"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cron"}},{"kind":"Field","name":{"kind":"Name","value":"intervalSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"nextRunAt"}},{"kind":"Field","name":{"kind":"Name","value":"paused"}},{"kind":"Field","name":{"kind":"Name","value":"timezone"}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"recordCount"}},{"kind":"Field","name":{"kind":"Name","value":"lastSyncedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"redirectUrls"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ConnectionLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}}]}}]}}]} as unknown as DocumentNode<ConnectionQuery, ConnectionQueryVariables>;
export const ConnectionJobsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ConnectionJobs"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"syncJobs"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"25"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SyncJobLine"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SyncJobLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"trigger"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"waitingUntil"}},{"kind":"Field","name":{"kind":"Name","value":"waitingFor"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"recordsDeleted"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"total"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}}]}}]} as unknown as DocumentNode<ConnectionJobsQuery, ConnectionJobsQueryVariables>;
export const ConnectionEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ConnectionEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"events"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"newestFirst"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventDetail"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventWarning"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncWarning"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventDetail"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventLine"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ActionRun"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"action"}},{"kind":"Field","name":{"kind":"Name","value":"ok"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialRefreshFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","alias":{"kind":"Name","value":"refreshReason"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"nextTry"},"name":{"kind":"Name","value":"retryAt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialReplaced"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changed"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProviderEventReceived"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"providerEventId"}},{"kind":"Field","name":{"kind":"Name","value":"providerEventType"}},{"kind":"Field","name":{"kind":"Name","value":"body"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncCancelled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncProgressed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncRetrying"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"retryAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncSucceeded"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpointDisabled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"webhookEndpointId"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}}]}}]}}]} as unknown as DocumentNode<ConnectionEventsQuery, ConnectionEventsQueryVariables>;
export const ConnectionActionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ConnectionActions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"baseUrl"}},{"kind":"Field","name":{"kind":"Name","value":"actions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"inputSchema"}},{"kind":"Field","name":{"kind":"Name","value":"readOnly"}},{"kind":"Field","name":{"kind":"Name","value":"destructive"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<ConnectionActionsQuery, ConnectionActionsQueryVariables>;
export const ExecuteRequestDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ExecuteRequest"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ExecuteRequestInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"executeRequest"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ExecuteRequestPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"refreshed"}},{"kind":"Field","name":{"kind":"Name","value":"response"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Answer"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Answer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HttpResponse"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"headers"}},{"kind":"Field","name":{"kind":"Name","value":"body"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"details"}}]}}]} as unknown as DocumentNode<ExecuteRequestMutation, ExecuteRequestMutationVariables>;
export const RunActionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RunAction"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RunActionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"runAction"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RunActionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"output"}},{"kind":"Field","name":{"kind":"Name","value":"refreshed"}},{"kind":"Field","name":{"kind":"Name","value":"response"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Answer"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Answer"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HttpResponse"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"headers"}},{"kind":"Field","name":{"kind":"Name","value":"body"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"details"}}]}}]} as unknown as DocumentNode<RunActionMutation, RunActionMutationVariables>;
export const RefreshConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RefreshConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RefreshConnectionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"refreshConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RefreshConnectionMutation, RefreshConnectionMutationVariables>;
export const TestConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TestConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TestConnectionInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"testConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TestConnectionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"result"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ok"}},{"kind":"Field","name":{"kind":"Name","value":"checked"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<TestConnectionMutation, TestConnectionMutationVariables>;
export const UpdateConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateConnectionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<UpdateConnectionMutation, UpdateConnectionMutationVariables>;
export const DeleteConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteConnectionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteConnectionMutation, DeleteConnectionMutationVariables>;