/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** A credential that an auth provider holds. */
export type AuthProviderCredentialInput = {
  /** Id of the account at the auth provider, at most 500 characters. */
  accountId: string;
  /** Name of an auth provider of the workspace. */
  provider: string;
};

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

/** A user name and password. */
export type BasicCredentialInput = {
  /** Password. Default: empty. */
  password?: string | null | undefined;
  /** User name. */
  username: string;
};

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

/** A credential. It is validated against the integration's definition, and all unknown and missing fields are named in one InvalidInputError. The provider is not contacted to check it. */
export type CredentialInput =
  {   /** A credential that an auth provider holds. Only a reference to it is stored. */
  authProvider: AuthProviderCredentialInput; basic?: never; fields?: never; oauthToken?: never; secretText?: never; }
  |  { authProvider?: never;   /** A user name and password. */
  basic: BasicCredentialInput; fields?: never; oauthToken?: never; secretText?: never; }
  |  { authProvider?: never; basic?: never;   /** Values of `AuthDefinition.credentialFields` as a JSON object by field name. Treated as secret. */
  fields: unknown; oauthToken?: never; secretText?: never; }
  |  { authProvider?: never; basic?: never; fields?: never;   /** OAuth tokens that the product already has. */
  oauthToken: OAuthTokenInput; secretText?: never; }
  |  { authProvider?: never; basic?: never; fields?: never; oauthToken?: never;   /** An API key or bearer token. */
  secretText: string; };

/** The integration to delete. */
export type DeleteIntegrationInput = {
  /** Global id of the integration. */
  integrationId: string;
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

/** Where a provider reports an error. */
export type GuideHintPlace =
  /** In the response to the consent of the end user. */
  | 'CONSENT'
  /** On a page of the provider. Latchkey does not see the error. */
  | 'PROVIDER_PAGE'
  /** In a response of the API, also to the test request. */
  | 'REQUEST'
  /** In a response of the token endpoint, also when a token is renewed. */
  | 'TOKEN';

/** A part of a guide. */
export type GuidePart =
  /** What can be done. */
  | 'ACTIONS'
  /** How the OAuth client is made. */
  | 'APP'
  /** Typical mistakes. */
  | 'HINTS'
  /** Where a key or token is found. */
  | 'KEY'
  /** How many requests are accepted. */
  | 'RATE_LIMIT'
  /** What scopes allow. */
  | 'SCOPES'
  /** What can be read. */
  | 'STREAMS'
  /** How long tokens live, and whether refresh tokens rotate. */
  | 'TOKENS'
  /** How webhooks are registered. */
  | 'WEBHOOK';

/** A document in another format. */
export type ImportDefinitionInput = {
  /** The document itself, in JSON or YAML, at most 768 KiB in UTF-8. */
  document: string;
  /** The format of the document. */
  format: ImportFormat;
  /** Slug of the provider to import, for NANGO only. Default: the only one; of several none, and the payload has their slugs. */
  provider?: string | null | undefined;
};

/** A format that definitions can be made of. */
export type ImportFormat =
  /** The manifest of a low-code Airbyte connector. */
  | 'AIRBYTE'
  /** A `providers.yaml` of Nango. */
  | 'NANGO'
  /** An OpenAPI document of version 3.0 or 3.1, or of Swagger 2.0. */
  | 'OPENAPI';

/** What became of a part of an imported document. */
export type ImportResult =
  /** The definition has it. Notes say what to know about it. */
  | 'IMPORTED'
  /** The definition has it, and the notes say what differs or is a guess. */
  | 'PARTLY'
  /** The definition does not have it, and the notes say why. */
  | 'REFUSED';

/** A language in which texts for people are available. */
export type Language =
  /** Texts in German. */
  | 'DE'
  /** Texts in English. */
  | 'EN';

/** How an OAuth 2.0 access token is obtained. */
export type OAuth2Grant =
  /** The end user consents on the provider's page (RFC 6749 section 4.1). */
  | 'AUTHORIZATION_CODE'
  /** A client id and client secret are supplied (RFC 6749 section 4.4). */
  | 'CLIENT_CREDENTIALS'
  /** The provider's own grant type, named in the definition. */
  | 'CUSTOM'
  /** A signed assertion is exchanged for a token (RFC 7523). */
  | 'JWT_BEARER'
  /** A refresh token is supplied, and there is no consent page (RFC 6749 section 6). */
  | 'REFRESH_TOKEN';

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

/** OAuth tokens that the product already has. At least one of `accessToken` and `refreshToken` must be given. An expired access token with a refresh token is accepted and renewed when it is needed. */
export type OAuthTokenInput = {
  /** Access token. */
  accessToken?: string | null | undefined;
  /** Client id that the tokens were issued to, if it is not that of the integration's OAuth client. It is used for renewals. */
  clientId?: string | null | undefined;
  /** Client secret of `clientId`. */
  clientSecret?: string | null | undefined;
  /** When the access token expires. At most one of `expiresAt` and `expiresIn`. Default: not known. */
  expiresAt?: string | null | undefined;
  /** Seconds from now until the access token expires. */
  expiresIn?: number | null | undefined;
  /** Further values of the token response, as a JSON object. Treated as secret. */
  extra?: unknown;
  /** Refresh token. One that was given before and that Latchkey has used since is CONFLICT: the connection that used it holds its successor. */
  refreshToken?: string | null | undefined;
  /** OAuth scopes that were granted. Default: not known. */
  scopes?: Array<string> | null | undefined;
  /** Token type as the provider returned it, such as `Bearer`. */
  tokenType?: string | null | undefined;
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

/** A credential to test. Exactly one of `integration`, `provider` and `definition` must be given. */
export type TestIntegrationInput = {
  /** The credential to test. */
  credential: CredentialInput;
  /** Definition of a service, as `docs/definitions.md` describes it. */
  definition?: unknown;
  /** Values of the definition's `inputFields` as a JSON object by field name, such as a subdomain or region. Not secret. Default: none. */
  input?: unknown;
  /** Slug of an integration of the workspace. */
  integration?: string | null | undefined;
  /** Slug of a provider of the catalogue. */
  provider?: string | null | undefined;
  /** Name of a stream without a parent, whose first page is read too if the provider accepts the credential. `ok` then means that it could be read. Needs the scope EXECUTE. Not allowed with `authProvider`. Default: none. */
  stream?: string | null | undefined;
  /** Global id of the workspace. */
  workspaceId: string;
};

/** Changes to an integration. Fields that are left out keep their value. */
export type UpdateIntegrationInput = {
  /** Definition of a service, as `docs/definitions.md` describes it. Replaces the stored one. INVALID_INPUT for an integration of a catalogue provider. Connections whose credential does not fit the new definition have to be connected again. A definition that moves an address to another origin, or that reads secrets in another way, takes the credentials of all connections out of use, and needs `oauthClient.clientSecret` again (`docs/connecting.md`). */
  definition?: unknown;
  /** Name of the integration for people, at most 200 characters. Null is INVALID_INPUT. */
  displayName?: string | null | undefined;
  /** True: checks the change and counts `connectionsAffected`, and changes nothing. Default: false. */
  dryRun?: boolean | null | undefined;
  /** Global id of the integration. */
  integrationId: string;
  /** Changes the OAuth client. Null removes it. A new `clientId` needs a `clientSecret`, or null for a client without one, if a secret is stored. */
  oauthClient?: OAuthClientInput | null | undefined;
  /** Token by which Latchkey registers an OAuth client, for a definition with `registration`. A definition that names another registration endpoint or issuer forgets the token. */
  registration?: RegistrationInput | null | undefined;
  /** Secret by which requests to `Integration.webhookUrl` are verified, as the provider shows it or lets it be chosen. It is never returned. The one before it is accepted for 24 hours more. Null removes both at once. */
  webhookSecret?: string | null | undefined;
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

export type IntegrationsQueryVariables = Exact<{
  workspaceId: string;
  after?: string | null | undefined;
}>;


export type IntegrationsQuery = { workspace: { id: string, integrations: { totalCount: number, nodes: Array<{ id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null, needsOAuthClient: boolean, pendingWebhookSecret: string | null, provider: { slug: string, displayName: string } | null, auth: { type: AuthType, grant: OAuth2Grant | null }, connections: { totalCount: number } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type IntegrationLineFragment = { id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null, needsOAuthClient: boolean, pendingWebhookSecret: string | null, provider: { slug: string, displayName: string } | null, auth: { type: AuthType, grant: OAuth2Grant | null }, connections: { totalCount: number } };

export type CatalogueQueryVariables = Exact<{
  language: Language;
  search: string;
  category?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type CatalogueQuery = { providers: { totalCount: number, nodes: Array<{ slug: string, displayName: string, categories: Array<string>, logoUrl: string | null, color: string | null, authType: AuthType, id: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, all: { totalCount: number }, providerCategories: Array<{ slug: string, text: string, count: number }> };

export type NewIntegrationQueryVariables = Exact<{
  provider: string;
  workspaceId: string;
  language: Language;
}>;


export type NewIntegrationQuery = { provider: { slug: string, displayName: string, logoUrl: string | null, color: string | null, docsUrl: string | null, streams: Array<{ name: string }>, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, inputFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, options: Array<{ key: string, label: string, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }> } }> }, guide: { app: { url: string } | null, rateLimit: { text: string, url: string } | null } | null } | null, workspace: { id: string, integration: { id: string } | null, integrations: { nodes: Array<{ id: string, slug: string }> } } | null };

export type AuthPartsFragment = { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, inputFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, options: Array<{ key: string, label: string, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }> } }> };

export type FieldPartsFragment = { name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> };

export type IntegrationQueryVariables = Exact<{
  workspaceId: string;
  slug: string;
  language: Language;
}>;


export type IntegrationQuery = { workspace: { id: string, redirectUrls: Array<string>, integration: { id: string, slug: string, displayName: string, createdAt: string, logoUrl: string | null, color: string | null, baseUrl: string, callbackUrl: string | null, needsOAuthClient: boolean, webhookUrl: string | null, hasWebhookSecret: boolean | null, pendingWebhookSecret: string | null, connections: { totalCount: number, nodes: Array<{ id: string, displayName: string, externalId: string | null, status: ConnectionStatus, statusReason: string | null, updatedAt: string, metadata: unknown, integration: { id: string, slug: string, displayName: string, logoUrl: string | null, color: string | null }, endUser: { id: string, externalId: string, displayName: string | null } | null, latestSyncJob: { id: string, status: SyncJobStatus, queuedAt: string, finishedAt: string | null, recordsWritten: number } | null }> }, actions: Array<{ name: string, title: string, description: string | null, readOnly: boolean, destructive: boolean }>, provider: { slug: string, displayName: string, docsUrl: string | null, guide: { tokens: Array<string>, events: Array<string>, traps: Array<string>, unverified: Array<GuidePart>, pages: Array<{ url: string, readOn: string, isSecond: boolean, differs: string | null }>, app: { url: string, steps: Array<string> } | null, webhook: { url: string, steps: Array<string> } | null, key: { url: string, steps: Array<string> } | null, scopes: Array<{ scope: string, text: string, requested: boolean }>, rateLimit: { text: string, url: string } | null, hints: Array<{ at: GuideHintPlace, errors: Array<string>, messages: Array<string>, statuses: Array<number>, cause: string, remedy: string, url: string | null }> } | null } | null, oauthClient: { clientId: string, redirectUrl: string | null, scopes: Array<string>, hosts: Array<string> } | null, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, inputFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, options: Array<{ key: string, label: string, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }> } }> }, streams: Array<{ name: string, primaryKey: Array<string>, cursorField: string | null, syncModes: Array<SyncMode> }> } | null } | null };

export type IntegrationPartsFragment = { id: string, slug: string, displayName: string, createdAt: string, logoUrl: string | null, color: string | null, baseUrl: string, callbackUrl: string | null, needsOAuthClient: boolean, webhookUrl: string | null, hasWebhookSecret: boolean | null, pendingWebhookSecret: string | null, oauthClient: { clientId: string, redirectUrl: string | null, scopes: Array<string>, hosts: Array<string> } | null, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, inputFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }>, options: Array<{ key: string, label: string, auth: { type: AuthType, grant: OAuth2Grant | null, scopes: Array<string>, credentialFields: Array<{ name: string, label: string, description: string | null, secret: boolean, required: boolean, example: string | null, choices: Array<{ value: string, label: string }> }> } }> }, streams: Array<{ name: string, primaryKey: Array<string>, cursorField: string | null, syncModes: Array<SyncMode> }> };

export type ProviderPartsFragment = { slug: string, displayName: string, docsUrl: string | null, guide: { tokens: Array<string>, events: Array<string>, traps: Array<string>, unverified: Array<GuidePart>, pages: Array<{ url: string, readOn: string, isSecond: boolean, differs: string | null }>, app: { url: string, steps: Array<string> } | null, webhook: { url: string, steps: Array<string> } | null, key: { url: string, steps: Array<string> } | null, scopes: Array<{ scope: string, text: string, requested: boolean }>, rateLimit: { text: string, url: string } | null, hints: Array<{ at: GuideHintPlace, errors: Array<string>, messages: Array<string>, statuses: Array<number>, cause: string, remedy: string, url: string | null }> } | null };

export type IntegrationDefinitionQueryVariables = Exact<{
  workspaceId: string;
  slug: string;
}>;


export type IntegrationDefinitionQuery = { workspace: { id: string, integration: { id: string, slug: string, displayName: string, definition: unknown, callbackUrl: string | null, oauthClient: { clientId: string } | null, connections: { totalCount: number } } | null } | null };

export type SetUpConnectionQueryVariables = Exact<{
  id: string;
}>;


export type SetUpConnectionQuery = { node:
    | { __typename: 'ApiKey' }
    | { __typename: 'AuditEvent' }
    | { __typename: 'AuthProvider' }
    | { __typename: 'Collection' }
    | { __typename: 'ConnectSession' }
    | { __typename: 'Connection', id: string, displayName: string, status: ConnectionStatus, statusReason: string | null, streams: Array<{ name: string }> }
    | { __typename: 'EndUser' }
    | { __typename: 'Integration' }
    | { __typename: 'OidcIssuer' }
    | { __typename: 'SyncJob' }
    | { __typename: 'WebhookDelivery' }
    | { __typename: 'WebhookEndpoint' }
    | { __typename: 'Workspace' }
   | null };

export type CreateIntegrationMutationVariables = Exact<{
  input: CreateIntegrationInput;
}>;


export type CreateIntegrationMutation = { createIntegration:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateIntegrationPayload', integration: { id: string, slug: string, callbackUrl: string | null, webhookUrl: string | null } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RateLimitedError', message: string }
   };

export type UpdateIntegrationMutationVariables = Exact<{
  input: UpdateIntegrationInput;
}>;


export type UpdateIntegrationMutation = { updateIntegration:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'UpdateIntegrationPayload', connectionsAffected: number, integration: { id: string } }
   };

export type DeleteIntegrationMutationVariables = Exact<{
  input: DeleteIntegrationInput;
}>;


export type DeleteIntegrationMutation = { deleteIntegration:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteIntegrationPayload' }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RateLimitedError', message: string }
   };

export type TestIntegrationMutationVariables = Exact<{
  input: TestIntegrationInput;
  language: Language;
}>;


export type TestIntegrationMutation = { testIntegration:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CredentialRefreshError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ProviderError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'ReconnectRequiredError', message: string }
    | { __typename: 'TestIntegrationPayload', result: { ok: boolean, checked: boolean, message: string, providerStatus: number | null, records: Array<unknown> | null, hint: { cause: string, remedy: string, url: string | null } | null } }
    | { __typename: 'UnsupportedError', message: string }
   };

export type TestNewConnectionMutationVariables = Exact<{
  input: TestConnectionInput;
  language: Language;
}>;


export type TestNewConnectionMutation = { testConnection:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CredentialRefreshError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'InvalidInputError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ProviderError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'ReconnectRequiredError', message: string }
    | { __typename: 'TestConnectionPayload', result: { ok: boolean, checked: boolean, message: string, providerStatus: number | null, hint: { cause: string, remedy: string, url: string | null } | null } }
    | { __typename: 'UnsupportedError', message: string }
   };

export type ImportDefinitionMutationVariables = Exact<{
  input: ImportDefinitionInput;
}>;


export type ImportDefinitionMutation = { importDefinition:
    | { __typename: 'ConflictError', message: string, details: unknown }
    | { __typename: 'ForbiddenError', message: string, details: unknown }
    | { __typename: 'ImportDefinitionPayload', definition: unknown, providers: Array<string>, auth: { result: ImportResult, notes: Array<string> } | null, streams: Array<{ name: string, result: ImportResult, notes: Array<string> }>, actions: Array<{ name: string, result: ImportResult, notes: Array<string> }> }
    | { __typename: 'InvalidInputError', message: string, details: unknown, fields: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'NotFoundError', message: string, details: unknown }
    | { __typename: 'RateLimitedError', message: string, details: unknown }
   };

export const ConnectionLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ConnectionLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}}]}}]}}]} as unknown as DocumentNode<ConnectionLineFragment, unknown>;
export const SyncJobLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SyncJobLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"trigger"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"waitingUntil"}},{"kind":"Field","name":{"kind":"Name","value":"waitingFor"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"recordsDeleted"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"total"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}}]}}]} as unknown as DocumentNode<SyncJobLineFragment, unknown>;
export const EventLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]} as unknown as DocumentNode<EventLineFragment, unknown>;
export const EventWarningFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventWarning"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncWarning"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]} as unknown as DocumentNode<EventWarningFragment, unknown>;
export const EventDetailFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventDetail"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventLine"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ActionRun"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"action"}},{"kind":"Field","name":{"kind":"Name","value":"ok"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialRefreshFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","alias":{"kind":"Name","value":"refreshReason"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"nextTry"},"name":{"kind":"Name","value":"retryAt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialReplaced"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changed"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ProviderEventReceived"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"providerEventId"}},{"kind":"Field","name":{"kind":"Name","value":"providerEventType"}},{"kind":"Field","name":{"kind":"Name","value":"body"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncCancelled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncProgressed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncRetrying"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"retryAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncSucceeded"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"EventWarning"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEndpointDisabled"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"webhookEndpointId"}},{"kind":"Field","name":{"kind":"Name","value":"disabledReason"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Event"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"EventWarning"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncWarning"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]} as unknown as DocumentNode<EventDetailFragment, unknown>;
export const IntegrationLineFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"IntegrationLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Integration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"needsOAuthClient"}},{"kind":"Field","name":{"kind":"Name","value":"pendingWebhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}}]}},{"kind":"Field","name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<IntegrationLineFragment, unknown>;
export const FieldPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FieldParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialField"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"secret"}},{"kind":"Field","name":{"kind":"Name","value":"required"}},{"kind":"Field","name":{"kind":"Name","value":"example"}},{"kind":"Field","name":{"kind":"Name","value":"choices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}}]}}]} as unknown as DocumentNode<FieldPartsFragment, unknown>;
export const AuthPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AuthParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"AuthDefinition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"inputFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"options"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FieldParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialField"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"secret"}},{"kind":"Field","name":{"kind":"Name","value":"required"}},{"kind":"Field","name":{"kind":"Name","value":"example"}},{"kind":"Field","name":{"kind":"Name","value":"choices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}}]}}]} as unknown as DocumentNode<AuthPartsFragment, unknown>;
export const IntegrationPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"IntegrationParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Integration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"baseUrl"}},{"kind":"Field","name":{"kind":"Name","value":"callbackUrl"}},{"kind":"Field","name":{"kind":"Name","value":"needsOAuthClient"}},{"kind":"Field","name":{"kind":"Name","value":"oauthClient"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clientId"}},{"kind":"Field","name":{"kind":"Name","value":"redirectUrl"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"hosts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"webhookUrl"}},{"kind":"Field","name":{"kind":"Name","value":"hasWebhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"pendingWebhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AuthParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"primaryKey"}},{"kind":"Field","name":{"kind":"Name","value":"cursorField"}},{"kind":"Field","name":{"kind":"Name","value":"syncModes"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FieldParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialField"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"secret"}},{"kind":"Field","name":{"kind":"Name","value":"required"}},{"kind":"Field","name":{"kind":"Name","value":"example"}},{"kind":"Field","name":{"kind":"Name","value":"choices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AuthParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"AuthDefinition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"inputFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"options"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}}]}}]}}]}}]} as unknown as DocumentNode<IntegrationPartsFragment, unknown>;
export const ProviderPartsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProviderParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Provider"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"docsUrl"}},{"kind":"Field","name":{"kind":"Name","value":"guide"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tokens"}},{"kind":"Field","name":{"kind":"Name","value":"events"}},{"kind":"Field","name":{"kind":"Name","value":"traps"}},{"kind":"Field","name":{"kind":"Name","value":"unverified"}},{"kind":"Field","name":{"kind":"Name","value":"pages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"readOn"}},{"kind":"Field","name":{"kind":"Name","value":"isSecond"}},{"kind":"Field","name":{"kind":"Name","value":"differs"}}]}},{"kind":"Field","name":{"kind":"Name","value":"app"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"steps"}}]}},{"kind":"Field","name":{"kind":"Name","value":"webhook"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"steps"}}]}},{"kind":"Field","name":{"kind":"Name","value":"key"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"steps"}}]}},{"kind":"Field","name":{"kind":"Name","value":"scopes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"scope"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"requested"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rateLimit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"hints"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"errors"}},{"kind":"Field","name":{"kind":"Name","value":"messages"}},{"kind":"Field","name":{"kind":"Name","value":"statuses"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}}]}}]} as unknown as DocumentNode<ProviderPartsFragment, unknown>;
export const IntegrationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Integrations"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"integrations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"IntegrationLine"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"IntegrationLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Integration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"needsOAuthClient"}},{"kind":"Field","name":{"kind":"Name","value":"pendingWebhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}}]}},{"kind":"Field","name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<IntegrationsQuery, IntegrationsQueryVariables>;
export const CatalogueDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Catalogue"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"category"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"providers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}},{"kind":"Argument","name":{"kind":"Name","value":"category"},"value":{"kind":"Variable","name":{"kind":"Name","value":"category"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"id"},"name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"categories"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"authType"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}},{"kind":"Field","alias":{"kind":"Name","value":"all"},"name":{"kind":"Name","value":"providers"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"providerCategories"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}}]} as unknown as DocumentNode<CatalogueQuery, CatalogueQueryVariables>;
export const NewIntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"NewIntegration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"provider"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"provider"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"docsUrl"}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AuthParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"guide"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"app"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rateLimit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"Variable","name":{"kind":"Name","value":"provider"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"integrations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FieldParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialField"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"secret"}},{"kind":"Field","name":{"kind":"Name","value":"required"}},{"kind":"Field","name":{"kind":"Name","value":"example"}},{"kind":"Field","name":{"kind":"Name","value":"choices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AuthParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"AuthDefinition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"inputFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"options"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}}]}}]}}]}}]} as unknown as DocumentNode<NewIntegrationQuery, NewIntegrationQueryVariables>;
export const IntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Integration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"slug"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"redirectUrls"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"Variable","name":{"kind":"Name","value":"slug"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"IntegrationParts"}},{"kind":"Field","name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ConnectionLine"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"actions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"readOnly"}},{"kind":"Field","name":{"kind":"Name","value":"destructive"}}]}},{"kind":"Field","name":{"kind":"Name","value":"provider"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ProviderParts"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FieldParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CredentialField"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"secret"}},{"kind":"Field","name":{"kind":"Name","value":"required"}},{"kind":"Field","name":{"kind":"Name","value":"example"}},{"kind":"Field","name":{"kind":"Name","value":"choices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AuthParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"AuthDefinition"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"inputFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"options"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"grant"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"credentialFields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FieldParts"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"IntegrationParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Integration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"baseUrl"}},{"kind":"Field","name":{"kind":"Name","value":"callbackUrl"}},{"kind":"Field","name":{"kind":"Name","value":"needsOAuthClient"}},{"kind":"Field","name":{"kind":"Name","value":"oauthClient"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clientId"}},{"kind":"Field","name":{"kind":"Name","value":"redirectUrl"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}},{"kind":"Field","name":{"kind":"Name","value":"hosts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"webhookUrl"}},{"kind":"Field","name":{"kind":"Name","value":"hasWebhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"pendingWebhookSecret"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AuthParts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"primaryKey"}},{"kind":"Field","name":{"kind":"Name","value":"cursorField"}},{"kind":"Field","name":{"kind":"Name","value":"syncModes"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ConnectionLine"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"logoUrl"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}}]}},{"kind":"Field","name":{"kind":"Name","value":"latestSyncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"queuedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ProviderParts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Provider"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"docsUrl"}},{"kind":"Field","name":{"kind":"Name","value":"guide"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"tokens"}},{"kind":"Field","name":{"kind":"Name","value":"events"}},{"kind":"Field","name":{"kind":"Name","value":"traps"}},{"kind":"Field","name":{"kind":"Name","value":"unverified"}},{"kind":"Field","name":{"kind":"Name","value":"pages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"readOn"}},{"kind":"Field","name":{"kind":"Name","value":"isSecond"}},{"kind":"Field","name":{"kind":"Name","value":"differs"}}]}},{"kind":"Field","name":{"kind":"Name","value":"app"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"steps"}}]}},{"kind":"Field","name":{"kind":"Name","value":"webhook"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"steps"}}]}},{"kind":"Field","name":{"kind":"Name","value":"key"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"steps"}}]}},{"kind":"Field","name":{"kind":"Name","value":"scopes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"scope"}},{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"requested"}}]}},{"kind":"Field","name":{"kind":"Name","value":"rateLimit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"text"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"hints"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"errors"}},{"kind":"Field","name":{"kind":"Name","value":"messages"}},{"kind":"Field","name":{"kind":"Name","value":"statuses"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}}]}}]} as unknown as DocumentNode<IntegrationQuery, IntegrationQueryVariables>;
export const IntegrationDefinitionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"IntegrationDefinition"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"slug"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"slug"},"value":{"kind":"Variable","name":{"kind":"Name","value":"slug"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"definition"}},{"kind":"Field","name":{"kind":"Name","value":"callbackUrl"}},{"kind":"Field","name":{"kind":"Name","value":"oauthClient"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clientId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"connections"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]}}]}}]} as unknown as DocumentNode<IntegrationDefinitionQuery, IntegrationDefinitionQueryVariables>;
export const SetUpConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SetUpConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Connection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusReason"}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SetUpConnectionQuery, SetUpConnectionQueryVariables>;
export const CreateIntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateIntegration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateIntegrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createIntegration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateIntegrationPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"callbackUrl"}},{"kind":"Field","name":{"kind":"Name","value":"webhookUrl"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<CreateIntegrationMutation, CreateIntegrationMutationVariables>;
export const UpdateIntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateIntegration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateIntegrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateIntegration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateIntegrationPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connectionsAffected"}},{"kind":"Field","name":{"kind":"Name","value":"integration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<UpdateIntegrationMutation, UpdateIntegrationMutationVariables>;
export const DeleteIntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteIntegration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteIntegrationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteIntegration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteIntegrationMutation, DeleteIntegrationMutationVariables>;
export const TestIntegrationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TestIntegration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TestIntegrationInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"testIntegration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TestIntegrationPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"result"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ok"}},{"kind":"Field","name":{"kind":"Name","value":"checked"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"records"}},{"kind":"Field","name":{"kind":"Name","value":"hint"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<TestIntegrationMutation, TestIntegrationMutationVariables>;
export const TestNewConnectionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TestNewConnection"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TestConnectionInput"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Language"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"testConnection"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TestConnectionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"result"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ok"}},{"kind":"Field","name":{"kind":"Name","value":"checked"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"hint"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<TestNewConnectionMutation, TestNewConnectionMutationVariables>;
export const ImportDefinitionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ImportDefinition"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ImportDefinitionInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"importDefinition"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ImportDefinitionPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"definition"}},{"kind":"Field","name":{"kind":"Name","value":"auth"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"result"}},{"kind":"Field","name":{"kind":"Name","value":"notes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"streams"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"result"}},{"kind":"Field","name":{"kind":"Name","value":"notes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"actions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"result"}},{"kind":"Field","name":{"kind":"Name","value":"notes"}}]}},{"kind":"Field","name":{"kind":"Name","value":"providers"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"details"}}]}}]}}]}}]} as unknown as DocumentNode<ImportDefinitionMutation, ImportDefinitionMutationVariables>;