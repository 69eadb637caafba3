/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type ApiKeyRole =
  | 'ADMIN'
  | 'OPERATOR'
  | 'READER';

export type AuthProviderCredentialInput = {
  accountId: string;
  provider: string;
};

export type AuthType =
  | 'API_KEY'
  | 'AUTH_PROVIDER'
  | 'BASIC'
  | 'BEARER'
  | 'CUSTOM'
  | 'JWT'
  | 'NONE'
  | 'OAUTH1'
  | 'OAUTH2'
  | 'SELECTIVE'
  | 'SESSION_TOKEN'
  | 'SIGNATURE';

export type BasicCredentialInput = {
  password?: string | null | undefined;
  username: string;
};

export type BrandingInput = {
  color?: string | null | undefined;
  logoUrl?: string | null | undefined;
  name?: string | null | undefined;
};

export type ConfirmConnectionInput = {
  displayName?: string | null | undefined;
  /** Creates the end user when it is new and the connection is nobody’s yet. */
  endUserExternalId?: string | null | undefined;
  /** At most one of endUserId and endUserExternalId: who is signed in at the browser that brought the handle. */
  endUserId?: string | null | undefined;
  /** As it came back with the browser. Good for ten minutes, once. */
  handle: string;
};

export type Confirmation =
  | 'NONE'
  | 'REQUIRED';

/** Everything that is given must match. */
export type ConnectionFilter = {
  /** Name. */
  collection?: string | null | undefined;
  endUserExternalId?: string | null | undefined;
  endUserId?: string | null | undefined;
  externalId?: string | null | undefined;
  /** Slug. */
  integration?: string | null | undefined;
  status?: Array<ConnectionStatus> | null | undefined;
};

export type ConnectionMethod =
  | 'AUTH_PROVIDER'
  | 'OAUTH'
  | 'SECRET'
  | 'TOKEN_INJECTION';

/** PENDING: not connected or not confirmed yet; unusable. NEEDS_REAUTH: only a person can mend it. ERROR: we keep trying. */
export type ConnectionStatus =
  | 'ACTIVE'
  | 'DISABLED'
  | 'ERROR'
  | 'NEEDS_REAUTH'
  | 'PENDING';

export type CreateApiKeyInput = {
  expiresAt?: string | null | undefined;
  name: string;
  role: ApiKeyRole;
  workspaceId?: string | null | undefined;
};

export type CreateConnectSessionInput = {
  /** Pages that may embed the page, ask for the result and hear the handle. */
  allowedOrigins?: Array<string> | null | undefined;
  /** NONE only where the workspace is NONE. */
  confirmation?: Confirmation | null | undefined;
  /** To connect this one again. */
  connectionId?: string | null | undefined;
  /** Creates the end user when it is new. */
  endUserExternalId?: string | null | undefined;
  endUserId?: string | null | undefined;
  /** 60 to 86,400. */
  expiresInSeconds?: number | null | undefined;
  /** Slugs that are offered; none: all. */
  integrations?: Array<string> | null | undefined;
  /** Where the browser ends: one of the redirectUrls. */
  redirectUrl?: string | null | undefined;
  workspaceId: string;
};

export type CreateConnectionInput = {
  /** Created when it is new. */
  collection?: string | null | undefined;
  credential: CredentialInput;
  displayName?: string | null | undefined;
  /** Creates the end user when it is new. */
  endUserExternalId?: string | null | undefined;
  endUserId?: string | null | undefined;
  /** The caller's own stable id; unique for an integration. */
  externalId?: string | null | undefined;
  input?: unknown;
  /** A slug of the workspace's integrations. */
  integration?: string | null | undefined;
  metadata?: unknown;
  /** A slug of the catalogue, which is switched on with its defaults when it is not yet. */
  provider?: string | null | undefined;
  syncImmediately?: boolean | null | undefined;
  workspaceId: string;
};

export type CreateIntegrationInput = {
  definition?: unknown;
  displayName?: string | null | undefined;
  oauthClient?: OAuthClientInput | null | undefined;
  provider?: string | null | undefined;
  slug: string;
  workspaceId: string;
};

export type CreateWorkspaceInput = {
  branding?: BrandingInput | null | undefined;
  confirmation?: Confirmation | null | undefined;
  name: string;
  redirectUrls?: Array<string> | null | undefined;
  slug?: string | null | undefined;
};

/** Checked against the integration's definition: unknown and missing fields are InvalidInput, all at once. The provider is not asked. */
export type CredentialInput =
  {   /** The credential stays with an auth provider. */
  authProvider: AuthProviderCredentialInput; basic?: never; fields?: never; oauthToken?: never; secretText?: never; }
  |  { authProvider?: never;   basic: BasicCredentialInput; fields?: never; oauthToken?: never; secretText?: never; }
  |  { authProvider?: never; basic?: never;   /** By the names of credentialFields; treated as secret as a whole. */
  fields: unknown; oauthToken?: never; secretText?: never; }
  |  { authProvider?: never; basic?: never; fields?: never;   /** Token injection. */
  oauthToken: OAuthTokenInput; secretText?: never; }
  |  { authProvider?: never; basic?: never; fields?: never; oauthToken?: never;   /** API key or bearer token. */
  secretText: string; };

export type ErrorCode =
  | 'AMBIGUOUS'
  | 'CONFLICT'
  | 'CREDENTIAL_REFRESH'
  | 'FORBIDDEN'
  | 'INTERNAL'
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'PROVIDER'
  | 'RATE_LIMITED'
  | 'RECONNECT_REQUIRED'
  | 'SCOPE_MISMATCH'
  | 'UNAUTHENTICATED'
  | 'UNAVAILABLE'
  | 'UNSUPPORTED';

export type EventType =
  | 'CONNECTION_ACTIVATED'
  | 'CONNECTION_CREATED'
  | 'CONNECTION_DELETED'
  | 'CONNECTION_DISABLED'
  | 'CONNECTION_NEEDS_REAUTH'
  | 'CONNECT_SESSION_COMPLETED'
  | 'CONNECT_SESSION_FAILED'
  | 'CONNECT_SESSION_OPENED'
  | 'CREDENTIAL_REFRESHED'
  | 'CREDENTIAL_REFRESH_FAILED'
  | 'CREDENTIAL_REFRESH_STARTED'
  | 'CREDENTIAL_REPLACED'
  | 'EVENTS_SKIPPED'
  | 'SYNC_CANCELLED'
  | 'SYNC_FAILED'
  | 'SYNC_PROGRESSED'
  | 'SYNC_QUEUED'
  | 'SYNC_RETRYING'
  | 'SYNC_STARTED'
  | 'SYNC_SUCCEEDED';

export type OAuthClientInput = {
  clientId: string;
  clientSecret?: string | null | undefined;
  redirectUrl?: string | null | undefined;
  scopes?: Array<string> | null | undefined;
};

/** At least one of accessToken and refreshToken. An expired accessToken with a refreshToken is accepted, and renewed when needed. */
export type OAuthTokenInput = {
  accessToken?: string | null | undefined;
  /** The client that the token was issued to, where it is not the integration's. */
  clientId?: string | null | undefined;
  clientSecret?: string | null | undefined;
  /** At most one of expiresAt and expiresIn. */
  expiresAt?: string | null | undefined;
  /** Seconds from now. */
  expiresIn?: number | null | undefined;
  extra?: unknown;
  refreshToken?: string | null | undefined;
  scopes?: Array<string> | null | undefined;
  tokenType?: string | null | undefined;
};

export type OnRunning =
  | 'REJECT'
  | 'RETURN_RUNNING';

export type RevokeApiKeyInput = {
  apiKeyId: string;
};

export type SyncJobStatus =
  | 'CANCELLED'
  | 'CANCELLING'
  | 'FAILED'
  | 'QUEUED'
  | 'RUNNING'
  | 'SUCCEEDED';

export type TriggerSyncInput = {
  /** In the place of the connection’s own, for this job alone: OAuth 2.0 only (else UnsupportedError), also while the connection NEEDS_REAUTH. It is never renewed, and gone when the job ends. */
  accessToken?: string | null | undefined;
  connectionId: string;
  fullRefresh?: boolean | null | undefined;
  /** A job is running already: ConflictError, or the running one is returned. With an accessToken, which that one does not use, always ConflictError. */
  onRunning?: OnRunning | null | undefined;
  /** None: all. */
  streams?: Array<string> | null | undefined;
};

export type UpsertEndUserInput = {
  displayName?: string | null | undefined;
  email?: string | null | undefined;
  externalId: string;
  metadata?: unknown;
  workspaceId: string;
};

export type ViewerKind =
  | 'API_KEY'
  | 'CONNECT_SESSION'
  | 'FEDERATED_USER'
  | 'OPERATOR';

export type CreateConnectSessionMutationVariables = Exact<{
  input: CreateConnectSessionInput;
}>;


export type CreateConnectSessionMutation = { createConnectSession:
    | { __typename: 'ConflictError', code: ErrorCode, message: string }
    | { __typename: 'CreateConnectSessionPayload', connectUrl: string, token: string, session: { id: string, expiresAt: string } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string }
   };

export type ConfirmConnectionMutationVariables = Exact<{
  input: ConfirmConnectionInput;
}>;


export type ConfirmConnectionMutation = { confirmConnection:
    | { __typename: 'ConfirmConnectionPayload', connection: { id: string, displayName: string, status: ConnectionStatus } }
    | { __typename: 'ConflictError', code: ErrorCode, message: string }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string }
    | { __typename: 'ScopeMismatchError', code: ErrorCode, message: string }
   };

export type CreateIntegrationMutationVariables = Exact<{
  input: CreateIntegrationInput;
}>;


export type CreateIntegrationMutation = { createIntegration:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'CreateIntegrationPayload', integration: { id: string, slug: string, displayName: string, auth: { type: AuthType, credentialFields: Array<{ name: string, label: string, secret: boolean, required: boolean }> }, streams: Array<{ name: string, primaryKey: Array<string> }> } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
   };

export type CreateConnectionMutationVariables = Exact<{
  input: CreateConnectionInput;
}>;


export type CreateConnectionMutation = { createConnection:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'CreateConnectionPayload', connection: { id: string, displayName: string, status: ConnectionStatus, method: ConnectionMethod, credential: { type: AuthType, refreshable: boolean, expiresAt: string | null } }, syncJob: { id: string, status: SyncJobStatus } | null }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'ProviderError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'UnsupportedError', code: ErrorCode, message: string, traceId: string }
   };

export type ConnectionsQueryVariables = Exact<{
  workspaceId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: ConnectionFilter | null | undefined;
}>;


export type ConnectionsQuery = { workspace: { connections: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, displayName: string, externalId: string | null, status: ConnectionStatus, endUser: { externalId: string } | null, latestSyncJob: { id: string, status: SyncJobStatus } | null }> } } | null };

export type ConnectionRecordsQueryVariables = Exact<{
  connectionId: string;
  stream?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  changedAfter?: string | null | undefined;
}>;


export type ConnectionRecordsQuery = { node:
    | { id: string, records: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, stream: string, primaryKey: Array<string>, data: unknown, deleted: boolean, changedAt: string, changeCursor: string }> } }
    | Record<PropertyKey, never>
   | null };

export type CollectionRecordsQueryVariables = Exact<{
  workspaceId: string;
  name: string;
  stream?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  changedAfter?: string | null | undefined;
}>;


export type CollectionRecordsQuery = { workspace: { collection: { id: string, records: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, stream: string, primaryKey: Array<string>, data: unknown, deleted: boolean, changeCursor: string, connection: { id: string } }> } } | null } | null };

export type TriggerSyncMutationVariables = Exact<{
  input: TriggerSyncInput;
}>;


export type TriggerSyncMutation = { triggerSync:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'ReconnectRequiredError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'TriggerSyncPayload', syncJob: { id: string, status: SyncJobStatus } }
    | { __typename: 'UnsupportedError', code: ErrorCode, message: string, traceId: string }
   };

export type SyncJobQueryVariables = Exact<{
  id: string;
}>;


export type SyncJobQuery = { node:
    | { id: string, status: SyncJobStatus, attempt: number, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, error: { code: ErrorCode, message: string, status: number, providerStatus: number | null, providerMessage: string | null, stream: string | null } | null }
    | Record<PropertyKey, never>
   | null };

export type SyncJobEventsSubscriptionVariables = Exact<{
  syncJobId: string;
  after?: string | null | undefined;
}>;


export type SyncJobEventsSubscription = { syncJobEvents:
    | { __typename: 'ConnectSessionCompleted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectSessionFailed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectSessionOpened', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionActivated', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionCreated', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionDeleted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionDisabled', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionNeedsReauth', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialRefreshFailed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialRefreshStarted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialRefreshed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialReplaced', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'EventsSkipped', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncCancelled', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncFailed', id: string, cursor: string, type: EventType, occurredAt: string, error: { code: ErrorCode, message: string, providerStatus: number | null, providerMessage: string | null } }
    | { __typename: 'SyncProgressed', stream: string, recordsRead: number, recordsWritten: number, pagesRead: number, total: number | null, percent: number | null, recordsPerSecond: number | null, id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncQueued', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncRetrying', stream: string, reason: string, retryAt: string, attempt: number, id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncStarted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncSucceeded', id: string, cursor: string, type: EventType, occurredAt: string }
   };

export type ConnectionEventsSubscriptionVariables = Exact<{
  connectionId: string;
  after?: string | null | undefined;
}>;


export type ConnectionEventsSubscription = { connectionEvents:
    | { __typename: 'ConnectSessionCompleted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectSessionFailed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectSessionOpened', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionActivated', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionCreated', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionDeleted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionDisabled', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectionNeedsReauth', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialRefreshFailed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialRefreshStarted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialRefreshed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'CredentialReplaced', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'EventsSkipped', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncCancelled', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncFailed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncProgressed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncQueued', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncRetrying', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncStarted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncSucceeded', id: string, cursor: string, type: EventType, occurredAt: string }
   };

export type WorkspaceEventsSubscriptionVariables = Exact<{
  workspaceId: string;
  types?: Array<EventType> | EventType | null | undefined;
  after?: string | null | undefined;
}>;


export type WorkspaceEventsSubscription = { workspaceEvents:
    | { __typename: 'ConnectSessionCompleted', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectSessionFailed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectSessionOpened', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectionActivated', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectionCreated', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectionDeleted', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectionDisabled', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectionNeedsReauth', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'CredentialRefreshFailed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'CredentialRefreshStarted', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'CredentialRefreshed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'CredentialReplaced', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'EventsSkipped', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncCancelled', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncFailed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncProgressed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncQueued', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncRetrying', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncStarted', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncSucceeded', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
   };

export type CreateWorkspaceMutationVariables = Exact<{
  input: CreateWorkspaceInput;
}>;


export type CreateWorkspaceMutation = { createWorkspace:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'CreateWorkspacePayload', workspace: { id: string, slug: string, name: string } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
   };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'CreateApiKeyPayload', key: string, apiKey: { id: string, prefix: string, role: ApiKeyRole } }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
   };

export type RevokeApiKeyMutationVariables = Exact<{
  input: RevokeApiKeyInput;
}>;


export type RevokeApiKeyMutation = { revokeApiKey:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RevokeApiKeyPayload', apiKey: { id: string, revokedAt: string | null } }
   };

export type UpsertEndUserMutationVariables = Exact<{
  input: UpsertEndUserInput;
}>;


export type UpsertEndUserMutation = { upsertEndUser:
    | { __typename: 'ConflictError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, traceId: string }
    | { __typename: 'UpsertEndUserPayload', created: boolean, endUser: { id: string, externalId: string, displayName: string | null, email: string | null, metadata: unknown } }
   };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { kind: ViewerKind, role: ApiKeyRole | null, expiresAt: string | null, workspace: { id: string, slug: string } | null } };


export const CreateConnectSessionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateConnectSession"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateConnectSessionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createConnectSession"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateConnectSessionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connectUrl"}},{"kind":"Field","name":{"kind":"Name","value":"token"}},{"kind":"Field","name":{"kind":"Name","value":"session"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CreateConnectSessionMutation, CreateConnectSessionMutationVariables>;
export const ConfirmConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ConfirmConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConfirmConnectionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"confirmConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ConfirmConnectionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<ConfirmConnectionMutation, ConfirmConnectionMutationVariables>;
export const CreateIntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateIntegration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateIntegrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createIntegration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateIntegrationPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"secret"}},{"kind":"Field","name":{"kind":"Name","value":"required"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"primaryKey"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CreateIntegrationMutation, CreateIntegrationMutationVariables>;
export const CreateConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateConnectionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateConnectionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"method"}},{"kind":"Field","name":{"kind":"Name","value":"credential"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"refreshable"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CreateConnectionMutation, CreateConnectionMutationVariables>;
export const ConnectionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Connections"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ConnectionFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"externalId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<ConnectionsQuery, ConnectionsQueryVariables>;
export const ConnectionRecordsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ConnectionRecords"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"connectionId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"stream"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"changedAfter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"connectionId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"records"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"stream"},"value":{"kind":"Variable","name":{"kind":"Name","value":"stream"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"changedAfter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"changedAfter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"primaryKey"}},{"kind":"Field","name":{"kind":"Name","value":"data"}},{"kind":"Field","name":{"kind":"Name","value":"deleted"}},{"kind":"Field","name":{"kind":"Name","value":"changedAt"}},{"kind":"Field","name":{"kind":"Name","value":"changeCursor"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<ConnectionRecordsQuery, ConnectionRecordsQueryVariables>;
export const CollectionRecordsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CollectionRecords"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"name"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"stream"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"changedAfter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"collection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"name"},"value":{"kind":"Variable","name":{"kind":"Name","value":"name"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"records"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"stream"},"value":{"kind":"Variable","name":{"kind":"Name","value":"stream"}}},{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"changedAfter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"changedAfter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"primaryKey"}},{"kind":"Field","name":{"kind":"Name","value":"data"}},{"kind":"Field","name":{"kind":"Name","value":"deleted"}},{"kind":"Field","name":{"kind":"Name","value":"changeCursor"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<CollectionRecordsQuery, CollectionRecordsQueryVariables>;
export const TriggerSyncDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TriggerSync"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TriggerSyncInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"triggerSync"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TriggerSyncPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<TriggerSyncMutation, TriggerSyncMutationVariables>;
export const SyncJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SyncJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"recordsDeleted"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SyncJobQuery, SyncJobQueryVariables>;
export const SyncJobEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"SyncJobEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"syncJobId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"syncJobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"syncJobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"syncJobId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncProgressed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncRetrying"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"retryAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SyncJobEventsSubscription, SyncJobEventsSubscriptionVariables>;
export const ConnectionEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ConnectionEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"connectionId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connectionEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"connectionId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"connectionId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}}]}}]}}]} as unknown as DocumentNode<ConnectionEventsSubscription, ConnectionEventsSubscriptionVariables>;
export const WorkspaceEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WorkspaceEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"types"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EventType"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspaceEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"workspaceId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}},{"kind":"Argument","name":{"kind":"Name","value":"types"},"value":{"kind":"Variable","name":{"kind":"Name","value":"types"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<WorkspaceEventsSubscription, WorkspaceEventsSubscriptionVariables>;
export const CreateWorkspaceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateWorkspace"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateWorkspaceInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createWorkspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateWorkspacePayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CreateWorkspaceMutation, CreateWorkspaceMutationVariables>;
export const CreateApiKeyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateApiKey"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateApiKeyInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createApiKey"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateApiKeyPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"prefix"}},{"kind":"Field","name":{"kind":"Name","value":"role"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const RevokeApiKeyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RevokeApiKey"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeApiKeyInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"revokeApiKey"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeApiKeyPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const UpsertEndUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpsertEndUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpsertEndUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"upsertEndUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UpsertEndUserPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<UpsertEndUserMutation, UpsertEndUserMutationVariables>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;