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
import { encodeGlobalId } from '../kernel/global-id.ts'
import { ConnectionRef } from './refs.ts'

const ERROR_CODES = [
  'UNAUTHENTICATED',
  'INVALID_INPUT',
  'NOT_FOUND',
  'FORBIDDEN',
  'SCOPE_MISMATCH',
  'AMBIGUOUS',
  'CONFLICT',
  'UNSUPPORTED',
  'CREDENTIAL_REFRESH',
  'RECONNECT_REQUIRED',
  'PROVIDER',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
] as const satisfies readonly ErrorCode[]

export const ErrorCodeRef = builder.enumType('ErrorCode', { values: ERROR_CODES })

const REFRESH_FAILURES = [
  'INVALID_GRANT',
  'INVALID_CLIENT',
  'PROVIDER_UNAVAILABLE',
  'MALFORMED_RESPONSE',
  'LOST_IN_CRASH_WINDOW',
  'REVOKED',
] as const satisfies readonly RefreshFailure[]

export const RefreshFailureRef = builder.enumType('RefreshFailure', { values: REFRESH_FAILURES })

const ErrorRef = builder.interfaceRef<LatchkeyError>('Error').implement({
  description: 'An expected failure. `message` is for a person: what is wrong and what to do.',
  fields: (t) => ({
    code: t.field({ type: ErrorCodeRef, resolve: (error) => error.code }),
    message: t.exposeString('message'),
    status: t.exposeInt('status', { description: 'The HTTP status that REST clients of such systems expect.' }),
    details: t.field({ type: 'JSON', nullable: true, resolve: ({ details }) => withGlobalIds(details) }),
    traceId: t.string({ resolve: (_error, _args, context) => context.traceId }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime' }),
  }),
})

/** A job is named by the id that `node` and `cancelSync` take, not by its row's. */
function withGlobalIds(details: ErrorDetails | undefined): ErrorDetails | null {
  const syncJobId = details?.['syncJobId']
  return typeof syncJobId === 'string'
    ? { ...details, syncJobId: encodeGlobalId('SyncJob', syncJobId) }
    : (details ?? null)
}

const FieldErrorRef = builder.objectRef<FieldError>('FieldError').implement({
  fields: (t) => ({ path: t.exposeStringList('path'), message: t.exposeString('message') }),
})

export const ResolutionCandidateRef = builder.objectRef<Candidate>('ResolutionCandidate').implement({
  fields: (t) => ({
    connection: t.field({
      type: ConnectionRef,
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    chosen: t.exposeBoolean('chosen'),
    reason: t.exposeString('reason'),
  }),
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  interfaces: [ErrorRef],
  fields: (t) => ({ fields: t.field({ type: [FieldErrorRef], resolve: (error) => error.fields }) }),
})
builder.objectType(NotFoundError, { name: 'NotFoundError', interfaces: [ErrorRef] })
builder.objectType(ForbiddenError, { name: 'ForbiddenError', interfaces: [ErrorRef] })
builder.objectType(ScopeMismatchError, { name: 'ScopeMismatchError', interfaces: [ErrorRef] })
builder.objectType(ConflictError, { name: 'ConflictError', interfaces: [ErrorRef] })
builder.objectType(UnsupportedError, { name: 'UnsupportedError', interfaces: [ErrorRef] })
builder.objectType(AmbiguousError, {
  name: 'AmbiguousError',
  interfaces: [ErrorRef],
  fields: (t) => ({
    candidates: t.field({ type: [ResolutionCandidateRef], resolve: (error) => error.candidates }),
  }),
})
builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  interfaces: [ErrorRef],
  fields: (t) => ({ retryAfterSeconds: t.exposeInt('retryAfterSeconds') }),
})
builder.objectType(ReconnectRequiredError, {
  name: 'ReconnectRequiredError',
  interfaces: [ErrorRef],
  fields: (t) => ({
    connection: t.field({
      type: ConnectionRef,
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    reconnectUrl: t.string({ nullable: true, resolve: (error) => error.reconnectUrl ?? null }),
  }),
})
export const CredentialRefreshErrorRef = builder.objectType(CredentialRefreshError, {
  name: 'CredentialRefreshError',
  interfaces: [ErrorRef],
  fields: (t) => ({
    reason: t.field({ type: RefreshFailureRef, resolve: (error) => error.reason }),
    retryable: t.exposeBoolean('retryable'),
    providerStatus: t.int({ nullable: true, resolve: (error) => error.words.providerStatus ?? null }),
    providerError: t.string({ nullable: true, resolve: (error) => error.words.providerError ?? null }),
    providerErrorDescription: t.string({
      nullable: true,
      resolve: (error) => error.words.providerErrorDescription ?? null,
    }),
  }),
})
builder.objectType(ProviderError, {
  name: 'ProviderError',
  interfaces: [ErrorRef],
  fields: (t) => ({
    providerStatus: t.int({ nullable: true, resolve: (error) => error.words.providerStatus ?? null }),
    providerError: t.string({ nullable: true, resolve: (error) => error.words.providerError ?? null }),
    providerErrorDescription: t.string({
      nullable: true,
      resolve: (error) => error.words.providerErrorDescription ?? null,
    }),
  }),
})

/** What every mutation may answer besides its payload. */
export const COMMON_ERRORS = [InvalidInputError, NotFoundError, ForbiddenError, ConflictError, RateLimitedError]
