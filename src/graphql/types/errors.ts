import { createReconnectSession } from '../../connecting/connect-sessions.ts'
import {
  AmbiguousError,
  type Candidate,
  ConflictError,
  CredentialRefreshError,
  type ErrorCode,
  type ErrorDetails,
  type FieldError,
  ForbiddenError,
  InvalidInputError,
  type LatchkeyError,
  NotFoundError,
  ProviderError,
  RateLimitedError,
  ReconnectRequiredError,
  type RefreshFailure,
  ScopeMismatchError,
  UnsupportedError,
} from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { encodeGlobalId } from '../kernel/global-id.ts'
import { ConnectionRef } from './refs.ts'
import { PROVIDER_ERROR, PROVIDER_ERROR_DESCRIPTION, PROVIDER_STATUS } from './wording.ts'

const ERROR_CODES = {
  UNAUTHENTICATED: {
    description: 'The request has no credential, or one that is wrong, expired or revoked. Status 401.',
  },
  INVALID_INPUT: { description: 'The input is invalid. All invalid fields are named at once. Status 422.' },
  NOT_FOUND: { description: 'An object does not exist or the caller cannot see it. Status 404.' },
  FORBIDDEN: { description: 'The caller may not do this. Status 403.' },
  SCOPE_MISMATCH: {
    description: 'The object exists in the workspace but belongs to another end user or integration. Status 403.',
  },
  AMBIGUOUS: { description: 'Several connections match. Status 409.' },
  CONFLICT: { description: 'The current state does not allow this, such as a name that is taken. Status 409.' },
  UNSUPPORTED: { description: 'This kind of integration or connection cannot do this. Status 400.' },
  CREDENTIAL_REFRESH: { description: 'The credential could not be renewed. Status 400.' },
  RECONNECT_REQUIRED: { description: 'The account has to be connected again. Status 400.' },
  PROVIDER: { description: 'The third-party service could not be reached or returned an error. Status 502.' },
  RATE_LIMITED: { description: 'The caller sent too many requests. Status 429.' },
  UNAVAILABLE: {
    description: 'Latchkey cannot reach something that it needs, such as its database. Retry later. Status 503.',
  },
  INTERNAL: { description: 'A fault in Latchkey. The log has the details under the `traceId`. Status 500.' },
} as const satisfies Record<ErrorCode, object>

export const ErrorCodeRef = builder.enumType('ErrorCode', {
  description: 'What went wrong, for programs. Top-level errors have it in `extensions.code`.',
  values: ERROR_CODES,
})

const REFRESH_FAILURES = {
  INVALID_GRANT: {
    description:
      'The provider refused the refresh token or the supplied values. The account has to be connected again.',
  },
  INVALID_CLIENT: {
    description: 'The provider refused the OAuth client. Correct the `oauthClient` of the integration.',
  },
  PROVIDER_UNAVAILABLE: {
    description: 'The provider could not be reached or asked to retry later.',
  },
  MALFORMED_RESPONSE: { description: 'The response of the provider has no usable credential.' },
  LOST_IN_CRASH_WINDOW: {
    description:
      'A process stopped between the request and storing the response, and the provider no longer accepts the old refresh token. The account has to be connected again.',
  },
  REVOKED: { description: 'The account or its authorization no longer exists. It has to be connected again.' },
} as const satisfies Record<RefreshFailure, object>

export const RefreshFailureRef = builder.enumType('RefreshFailure', {
  description: 'Why a credential could not be renewed.',
  values: REFRESH_FAILURES,
})

const ErrorRef = builder.interfaceRef<LatchkeyError>('Error').implement({
  description: 'An expected error, returned as data.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeRef,
      description: 'What went wrong, for programs.',
      resolve: (error) => error.code,
    }),
    message: t.exposeString('message', { description: 'What went wrong and what to do, for people.' }),
    status: t.exposeInt('status', { description: 'The HTTP status that corresponds to `code`.' }),
    details: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Further facts as a JSON object, such as the `syncJobId` of a job that is in the way. Null: none.',
      resolve: ({ details }) => withGlobalIds(details),
    }),
    traceId: t.string({
      description: 'Id of the request, also in the response header x-request-id and in the log lines.',
      resolve: (_error, _args, context) => context.traceId,
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the error occurred.' }),
  }),
})

/** Replaces row ids by the global ids that `node` and `cancelSync` take. */
function withGlobalIds(details: ErrorDetails | undefined): ErrorDetails | null {
  const syncJobId = details?.['syncJobId']
  return typeof syncJobId === 'string'
    ? { ...details, syncJobId: encodeGlobalId('SyncJob', syncJobId) }
    : (details ?? null)
}

const FieldErrorRef = builder.objectRef<FieldError>('FieldError').implement({
  description: 'One invalid field.',
  fields: (t) => ({
    path: t.exposeStringList('path', {
      description: 'Path of the field, starting with the name of the argument: `["input", "redirectUrls", "0"]`.',
    }),
    message: t.exposeString('message', {
      description: 'What is wrong with the field, for people. It never contains the value.',
    }),
  }),
})

export const ResolutionCandidateRef = builder.objectRef<Candidate>('ResolutionCandidate').implement({
  description: 'A connection that was considered to resolve a connection.',
  fields: (t) => ({
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    chosen: t.exposeBoolean('chosen', { description: 'True if this connection was chosen.' }),
    reason: t.exposeString('reason', { description: 'Why it was chosen or not, for people.' }),
  }),
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: ERROR_CODES.INVALID_INPUT.description,
  interfaces: [ErrorRef],
  fields: (t) => ({
    fields: t.field({
      type: [FieldErrorRef],
      description: 'The invalid fields.',
      resolve: (error) => error.fields,
    }),
  }),
})
builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: `${ERROR_CODES.NOT_FOUND.description} Objects of other workspaces are never distinguished from missing ones.`,
  interfaces: [ErrorRef],
})
builder.objectType(ForbiddenError, {
  name: 'ForbiddenError',
  description: ERROR_CODES.FORBIDDEN.description,
  interfaces: [ErrorRef],
})
builder.objectType(ScopeMismatchError, {
  name: 'ScopeMismatchError',
  description: ERROR_CODES.SCOPE_MISMATCH.description,
  interfaces: [ErrorRef],
})
builder.objectType(ConflictError, {
  name: 'ConflictError',
  description: ERROR_CODES.CONFLICT.description,
  interfaces: [ErrorRef],
})
builder.objectType(UnsupportedError, {
  name: 'UnsupportedError',
  description: ERROR_CODES.UNSUPPORTED.description,
  interfaces: [ErrorRef],
})
builder.objectType(AmbiguousError, {
  name: 'AmbiguousError',
  description: `${ERROR_CODES.AMBIGUOUS.description} Choose one by its \`externalId\` or id.`,
  interfaces: [ErrorRef],
  fields: (t) => ({
    candidates: t.field({
      type: [ResolutionCandidateRef],
      description: 'The connections that were considered. None of them is chosen.',
      resolve: (error) => error.candidates,
    }),
  }),
})
builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  description: ERROR_CODES.RATE_LIMITED.description,
  interfaces: [ErrorRef],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds to wait before the next request.' }),
  }),
})
builder.objectType(ReconnectRequiredError, {
  name: 'ReconnectRequiredError',
  description: `${ERROR_CODES.RECONNECT_REQUIRED.description} Use \`createConnectSession\` or \`startOAuth\` with its \`connectionId\`, or \`replaceCredential\`.`,
  interfaces: [ErrorRef],
  fields: (t) => ({
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection that cannot be used.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    reconnectUrl: t.string({
      nullable: true,
      description:
        'Link for the end user of the connection, at which the account can be connected again within an hour. Each time it is selected, a connect session is created, which ends at the first of the `redirectUrls` of the workspace. Null: the connection has no end user, the caller may not create connect sessions, or the connection has to be confirmed and the workspace has no redirect URL.',
      resolve: async ({ connectionId }, _args, context) => {
        const token = await createReconnectSession(context.services, callerOf(context), connectionId)
        return token === null ? null : `${context.services.publicUrl}/connect/${token}`
      },
    }),
  }),
})
export const CredentialRefreshErrorRef = builder.objectType(CredentialRefreshError, {
  name: 'CredentialRefreshError',
  description: ERROR_CODES.CREDENTIAL_REFRESH.description,
  interfaces: [ErrorRef],
  fields: (t) => ({
    reason: t.field({
      type: RefreshFailureRef,
      description: 'Why it could not be renewed.',
      resolve: (error) => error.reason,
    }),
    retryable: t.exposeBoolean('retryable', {
      description: 'True if the same call may succeed later without the account being connected again.',
    }),
    providerStatus: t.int({
      nullable: true,
      description: PROVIDER_STATUS,
      resolve: (error) => error.words.providerStatus ?? null,
    }),
    providerError: t.string({
      nullable: true,
      description: PROVIDER_ERROR,
      resolve: (error) => error.words.providerError ?? null,
    }),
    providerErrorDescription: t.string({
      nullable: true,
      description: PROVIDER_ERROR_DESCRIPTION,
      resolve: (error) => error.words.providerErrorDescription ?? null,
    }),
  }),
})
builder.objectType(ProviderError, {
  name: 'ProviderError',
  description: ERROR_CODES.PROVIDER.description,
  interfaces: [ErrorRef],
  fields: (t) => ({
    providerStatus: t.int({
      nullable: true,
      description: PROVIDER_STATUS,
      resolve: (error) => error.words.providerStatus ?? null,
    }),
    providerError: t.string({
      nullable: true,
      description: PROVIDER_ERROR,
      resolve: (error) => error.words.providerError ?? null,
    }),
    providerErrorDescription: t.string({
      nullable: true,
      description: PROVIDER_ERROR_DESCRIPTION,
      resolve: (error) => error.words.providerErrorDescription ?? null,
    }),
  }),
})

/** The errors that every mutation may return besides its payload. */
export const COMMON_ERRORS = [InvalidInputError, NotFoundError, ForbiddenError, ConflictError, RateLimitedError]
