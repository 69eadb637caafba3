/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What an API key allows. */
export type ApiKeyRole =
  /** Everything in one workspace. */
  | 'ADMIN'
  /** Everything in every workspace of the deployment, and creating workspaces. */
  | 'OPERATOR'
  /** Reading one workspace, except its OIDC issuers and auth providers, and GET and HEAD requests through its connections. */
  | 'READER';

/** What an API key may do, within its role. A READER can have READ and EXECUTE. */
export type ApiKeyScope =
  /** The workspace itself, its integrations, API keys, OIDC issuers and auth providers. */
  | 'ADMIN'
  /** Creating, changing and deleting connections, connect sessions and end users. */
  | 'CONNECT'
  /** Sending requests through connections: `executeRequest`, `/proxy`, `testConnection`, `refreshConnection`. */
  | 'EXECUTE'
  /** Queries and subscriptions. `viewer` needs no scope. */
  | 'READ'
  /** Starting, scheduling and cancelling sync jobs. */
  | 'SYNC';

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

/** How the hosted connect page presents the workspace. */
export type BrandingInput = {
  /** CSS colour, hexadecimal or a name, such as `#336699`. Null clears it. */
  color?: string | null | undefined;
  /** URL of the logo. The hosted connect page shows https URLs only. Null clears it. */
  logoUrl?: string | null | undefined;
  /** Name on the hosted connect page, at most 200 characters. Null clears it. */
  name?: string | null | undefined;
};

/** The handle of a connection, and the end user whose browser came back with it. */
export type ConfirmConnectionInput = {
  /** Name of the connection for people, at most 200 characters. Default: the name that was given when connecting started. */
  displayName?: string | null | undefined;
  /** External id of the end user who is signed in at the browser that came back. Required if connecting was started for an end user; another one is SCOPE_MISMATCH. If the connection belongs to no end user yet, an end user that does not exist is created. */
  endUserExternalId?: string | null | undefined;
  /** Global id of the end user who is signed in at the browser that came back. Required if connecting was started for an end user; another one is SCOPE_MISMATCH. At most one of `endUserId` and `endUserExternalId` may be given. */
  endUserId?: string | null | undefined;
  /** The handle that came back with the browser. It can be used once, within ten minutes. */
  handle: string;
};

/** Whether a connection made on the hosted connect page has to be confirmed before it is ACTIVE. */
export type Confirmation =
  /** No confirmation. For connect links that are sent by mail. */
  | 'NONE'
  /** The product's backend must call `confirmConnection` with the handle that came back with the browser. */
  | 'REQUIRED';

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

/** A new API key. */
export type CreateApiKeyInput = {
  /** When the key stops working, in the future, and not later than the key of the caller (FORBIDDEN). Default: never. */
  expiresAt?: string | null | undefined;
  /** Slugs of integrations of the workspace, 1 to 100. The key sees these and their connections only; a later integration is never included, also not under the same slug. Not allowed for operator keys. Default: those of the key that `replaces` names, otherwise all integrations, also later ones. */
  integrations?: Array<string> | null | undefined;
  /** Name of the key for people. */
  name: string;
  /** Global id of a key of the same workspace that the new one replaces. It keeps working for 24 hours, or until its `expiresAt` if that is sooner. The new key may do no more than it. CONFLICT if it has expired or was revoked. Default: none. */
  replaces?: string | null | undefined;
  /** ADMIN or READER with a `workspaceId`, OPERATOR without one; anything else is INVALID_INPUT. */
  role: ApiKeyRole;
  /** What the key may do. READ and EXECUTE only for a READER (otherwise INVALID_INPUT); only scopes that the key of the caller has (otherwise FORBIDDEN). Default: those of the key that `replaces` names, otherwise everything that the role may do. */
  scopes?: Array<ApiKeyScope> | null | undefined;
  /** Global id of the workspace of the key. Default: none, for an operator key. */
  workspaceId?: string | null | undefined;
};

/** A new connect session. Exactly one of `endUserId` and `endUserExternalId` must be given. */
export type CreateConnectSessionInput = {
  /** Origins of pages that may embed the hosted connect page, read the result and receive the handle, such as `https://app.example.com`. At most 20. Default: none. */
  allowedOrigins?: Array<string> | null | undefined;
  /** Whether the connection has to be confirmed. NONE is allowed only if the `confirmation` of the workspace is NONE. Default: that of the workspace. */
  confirmation?: Confirmation | null | undefined;
  /** Global id of a connection of the end user to connect again. It keeps its id, its records and its cursors. Default: a new connection. */
  connectionId?: string | null | undefined;
  /** External id of the end user, at most 255 characters. An end user that does not exist is created. */
  endUserExternalId?: string | null | undefined;
  /** Global id of the end user. */
  endUserId?: string | null | undefined;
  /** Lifetime of the session in seconds, 60 to 86,400. It ends at the latest with the API key that creates it. */
  expiresInSeconds?: number | null | undefined;
  /** Slugs of the integrations to offer, 1 to 100. Not allowed with `connectionId`. Default: all of the workspace. */
  integrations?: Array<string> | null | undefined;
  /** Where the browser is sent afterwards: exactly one of the workspace's `redirectUrls`. It gets the query parameters `connection_id` and `handle`, or `error` and `error_description`. Required without `allowedOrigins` if the connection has to be confirmed, because the handle could reach nobody. Default: the browser stays on the page. */
  redirectUrl?: string | null | undefined;
  /** Global id of the workspace. */
  workspaceId: string;
};

/** A new connection. Exactly one of `integration` and `provider` must be given. */
export type CreateConnectionInput = {
  /** Name of the collection that the connection joins. A collection that does not exist is created. Callers that act for an end user cannot set it (FORBIDDEN). Default: none. */
  collection?: string | null | undefined;
  /** The credential of the account. */
  credential: CredentialInput;
  /** Name of the connection for people, at most 200 characters. Default: that of the integration. */
  displayName?: string | null | undefined;
  /** External id of the end user, at most 255 characters. An end user that does not exist is created. Default: none. */
  endUserExternalId?: string | null | undefined;
  /** Global id of the end user. At most one of `endUserId` and `endUserExternalId` may be given. Default: none. */
  endUserId?: string | null | undefined;
  /** The product's own id of the connection, at most 255 characters. Unique within an integration: one that is taken is CONFLICT. Default: none. */
  externalId?: string | null | undefined;
  /** Values of the definition's `inputFields` as a JSON object by field name, such as a subdomain or region. Not secret. Default: none. */
  input?: unknown;
  /** Slug of an integration of the workspace. */
  integration?: string | null | undefined;
  /** JSON object of your own data. Latchkey stores it and does not interpret it. Default: an empty object. */
  metadata?: unknown;
  /** Slug of a provider of the catalogue. If the workspace has no integration of it, one is created with the defaults of the provider; a caller that acts for an end user gets NOT_FOUND instead. */
  provider?: string | null | undefined;
  /** True: also start a sync job of all streams. */
  syncImmediately?: boolean | null | undefined;
  /** Global id of the workspace. */
  workspaceId: string;
};

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

/** A new workspace. */
export type CreateWorkspaceInput = {
  /** How the hosted connect page presents the workspace. Default: nothing set. */
  branding?: BrandingInput | null | undefined;
  /** Whether connections made on the hosted connect page have to be confirmed. Default: REQUIRED. */
  confirmation?: Confirmation | null | undefined;
  /** Name of the workspace for people, at most 200 characters. */
  name: string;
  /** URLs to which a browser may be sent after connecting. A `redirectUrl` elsewhere must equal one of them exactly. At most 100, without fragments. Default: none. */
  redirectUrls?: Array<string> | null | undefined;
  /** Short name for URLs and lookups: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Unique in the deployment; one that is taken is CONFLICT. Default: made from the name. */
  slug?: string | null | undefined;
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

/** What `triggerSync` does while a sync job of the connection is not finished. */
export type OnRunning =
  /** Returns CONFLICT, with the `syncJobId` of that job in `details`. */
  | 'REJECT'
  /** Returns that job. */
  | 'RETURN_RUNNING';

/** What the registration of an OAuth client needs besides the definition. */
export type RegistrationInput = {
  /** Initial access token (RFC 7591), for a server that registers clients only with one. It is never returned. Null removes it. */
  initialAccessToken?: string | null | undefined;
  /** The `key` of the option that the token is for, if several options of the auth register a client. */
  method?: string | null | undefined;
};

/** The API key to revoke. */
export type RevokeApiKeyInput = {
  /** Global id of the API key. */
  apiKeyId: string;
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

/** What to sync. */
export type TriggerSyncInput = {
  /** Access token to use for this job instead of the credential of the connection. It is never renewed and is erased when the job ends. OAuth 2.0 only (otherwise UNSUPPORTED). It also works while the connection is NEEDS_REAUTH. Default: the credential of the connection. */
  accessToken?: string | null | undefined;
  /** True: believe a source that has lost most of its records at once, or that returns fewer records than it says it has, and mark what it no longer returns as deleted. Records that may have moved to another page meanwhile are still looked for by a second reading. Incremental streams need `fullRefresh` too. Default: false. */
  confirmDeletes?: boolean | null | undefined;
  /** Global id of the connection. */
  connectionId: string;
  /** True: read all records, also of incremental streams, and mark those that the source no longer has as deleted. */
  fullRefresh?: boolean | null | undefined;
  /** What to do while a job of the connection is not finished. With an `accessToken` it is always CONFLICT, because that job does not use it. */
  onRunning?: OnRunning | null | undefined;
  /** Names of the streams to read. Unknown names are INVALID_INPUT. Default, and if empty: all. */
  streams?: Array<string> | null | undefined;
};

/** An end user by external id. If it exists, fields that are left out keep their value. */
export type UpsertEndUserInput = {
  /** Name of the end user for people, at most 200 characters. Null clears it. */
  displayName?: string | null | undefined;
  /** E-mail address, at most 320 characters. Null clears it. */
  email?: string | null | undefined;
  /** The product's own id of the end user, at most 255 characters. Unique in the workspace. */
  externalId: string;
  /** JSON object of your own data. Latchkey stores it and does not interpret it. Replaces the stored object. Null: an empty object. */
  metadata?: unknown;
  /** Global id of the workspace. */
  workspaceId: string;
};

/** How a caller authenticates. */
export type ViewerKind =
  /** An API key of one workspace. */
  | 'API_KEY'
  /** The token of a connect session, which sees that session. */
  | 'CONNECT_SESSION'
  /** An end user with a JWT of one of the workspace's OIDC issuers. */
  | 'FEDERATED_USER'
  /** An operator key, or an operator who signed in to the console, for all workspaces. */
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
    | { id: string, status: SyncJobStatus, attempt: number, recordsRead: number, recordsWritten: number, recordsDeleted: number, pagesRead: number, error: { code: ErrorCode, message: string, status: number, providerStatus: number | null, providerMessage: string | null, stream: string | null } | null, warnings: Array<{ stream: string | null, code: SyncWarningCode, message: string, count: number }> }
    | Record<PropertyKey, never>
   | null };

export type SyncJobEventsSubscriptionVariables = Exact<{
  syncJobId: string;
  after?: string | null | undefined;
}>;


export type SyncJobEventsSubscription = { syncJobEvents:
    | { __typename: 'ActionRun', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectSessionAwaitingConfirmation', id: string, cursor: string, type: EventType, occurredAt: string }
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
    | { __typename: 'ProviderEventReceived', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncCancelled', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncFailed', id: string, cursor: string, type: EventType, occurredAt: string, error: { code: ErrorCode, message: string, providerStatus: number | null, providerMessage: string | null } }
    | { __typename: 'SyncProgressed', stream: string, recordsRead: number, recordsWritten: number, pagesRead: number, total: number | null, percent: number | null, recordsPerSecond: number | null, id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncQueued', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncRetrying', stream: string, reason: string, retryAt: string, attempt: number, id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncStarted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncSucceeded', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'WebhookEndpointDisabled', id: string, cursor: string, type: EventType, occurredAt: string }
   };

export type ConnectionEventsSubscriptionVariables = Exact<{
  connectionId: string;
  after?: string | null | undefined;
}>;


export type ConnectionEventsSubscription = { connectionEvents:
    | { __typename: 'ActionRun', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'ConnectSessionAwaitingConfirmation', id: string, cursor: string, type: EventType, occurredAt: string }
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
    | { __typename: 'ProviderEventReceived', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncCancelled', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncFailed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncProgressed', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncQueued', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncRetrying', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncStarted', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'SyncSucceeded', id: string, cursor: string, type: EventType, occurredAt: string }
    | { __typename: 'WebhookEndpointDisabled', id: string, cursor: string, type: EventType, occurredAt: string }
   };

export type WorkspaceEventsSubscriptionVariables = Exact<{
  workspaceId: string;
  types?: Array<EventType> | EventType | null | undefined;
  after?: string | null | undefined;
}>;


export type WorkspaceEventsSubscription = { workspaceEvents:
    | { __typename: 'ActionRun', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'ConnectSessionAwaitingConfirmation', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
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
    | { __typename: 'ProviderEventReceived', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncCancelled', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncFailed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncProgressed', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncQueued', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncRetrying', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncStarted', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'SyncSucceeded', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
    | { __typename: 'WebhookEndpointDisabled', id: string, cursor: string, type: EventType, occurredAt: string, connection: { id: string } | null, syncJob: { id: string } | null }
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
export const SyncJobDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SyncJob"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncJob"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"recordsDeleted"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}},{"kind":"Field","name":{"kind":"Name","value":"stream"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"count"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SyncJobQuery, SyncJobQueryVariables>;
export const SyncJobEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"SyncJobEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"syncJobId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"syncJobEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"syncJobId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"syncJobId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncProgressed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"recordsRead"}},{"kind":"Field","name":{"kind":"Name","value":"recordsWritten"}},{"kind":"Field","name":{"kind":"Name","value":"pagesRead"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"recordsPerSecond"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncRetrying"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"stream"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"retryAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempt"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SyncFailed"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"error"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"providerStatus"}},{"kind":"Field","name":{"kind":"Name","value":"providerMessage"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SyncJobEventsSubscription, SyncJobEventsSubscriptionVariables>;
export const ConnectionEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ConnectionEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"connectionId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"connectionEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"connectionId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"connectionId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}}]}}]}}]} as unknown as DocumentNode<ConnectionEventsSubscription, ConnectionEventsSubscriptionVariables>;
export const WorkspaceEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WorkspaceEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"types"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EventType"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Cursor"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspaceEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"workspaceId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"workspaceId"}}},{"kind":"Argument","name":{"kind":"Name","value":"types"},"value":{"kind":"Variable","name":{"kind":"Name","value":"types"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"connection"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"syncJob"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<WorkspaceEventsSubscription, WorkspaceEventsSubscriptionVariables>;
export const CreateWorkspaceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateWorkspace"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateWorkspaceInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createWorkspace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateWorkspacePayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"fields"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CreateWorkspaceMutation, CreateWorkspaceMutationVariables>;
export const CreateApiKeyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateApiKey"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateApiKeyInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createApiKey"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CreateApiKeyPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"prefix"}},{"kind":"Field","name":{"kind":"Name","value":"role"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const RevokeApiKeyDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RevokeApiKey"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeApiKeyInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"revokeApiKey"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RevokeApiKeyPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"revokedAt"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const UpsertEndUserDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpsertEndUser"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpsertEndUserInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"upsertEndUser"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UpsertEndUserPayload"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"created"}},{"kind":"Field","name":{"kind":"Name","value":"endUser"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"traceId"}}]}}]}}]}}]} as unknown as DocumentNode<UpsertEndUserMutation, UpsertEndUserMutationVariables>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"role"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"workspace"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}}]}}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;