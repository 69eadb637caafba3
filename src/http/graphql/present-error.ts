import { GraphQLError } from 'graphql'
import {
  AmbiguousError,
  CredentialRefreshError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
  RateLimitedError,
} from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { refusalMessage } from './refusal-message.ts'

const presented = new WeakSet<Error>()

/** For whom errors are told. */
export interface Audience {
  /**
   * Whether messages may hold names of the schema that the caller did not write himself. In production they may not: such
   * messages are how a schema is read where introspection is off.
   */
  schemaNames: boolean
}

const STRANGERS: Audience = { schemaNames: false }

/**
 * What a caller sees of an error at the top level of an answer: on HTTP, SSE and WebSocket alike. Expected failures keep
 * their message and gain code and trace. What GraphQL itself refuses is told without the values that it quotes. All else
 * is a defect: logged in full, answered as INTERNAL with the trace to look it up by.
 */
export function presentError(
  error: unknown,
  traceId: string,
  logger: Logger,
  audience: Audience = STRANGERS,
): GraphQLError {
  if (error instanceof GraphQLError && presented.has(error)) return error
  const shown = present(error, traceId, logger, audience)
  presented.add(shown)
  return shown
}

function present(error: unknown, traceId: string, logger: Logger, audience: Audience): GraphQLError {
  const cause = causeOf(error)
  const place =
    error instanceof GraphQLError
      ? { nodes: error.nodes, source: error.source, positions: error.positions, path: error.path }
      : {}
  // With a path, an error is a part of an answer that was otherwise given.
  const whole = place.path === undefined
  if (cause instanceof LatchkeyError) {
    const http = whole ? { http: httpOf(cause) } : {}
    return new GraphQLError(cause.message, { ...place, extensions: { ...extensionsOf(cause), traceId, ...http } })
  }
  if (error instanceof GraphQLError && cause instanceof GraphQLError && (whole || isOfCaller(error, cause))) {
    const { http } = error.extensions
    return new GraphQLError(refusalMessage(error, cause, audience.schemaNames), {
      ...place,
      extensions: { code: 'INVALID_INPUT', traceId, ...(http === undefined ? {} : { http }) },
    })
  }
  logger.error({ traceId, err: cause, path: place.path?.join('.') }, 'a request failed')
  return new GraphQLError(`Something went wrong on our side. Ask the operator to look for ${traceId} in the log.`, {
    ...place,
    extensions: { code: 'INTERNAL', traceId, ...(whole ? { http: { status: 500 } } : {}) },
  })
}

/** What was thrown in the first place: executors wrap it, and what coerces variables wraps that once more. */
function causeOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}

/** Whether GraphQL refused, at a field, what the caller sent, rather than what a resolver returned. */
function isOfCaller(error: GraphQLError, cause: GraphQLError): boolean {
  return cause.extensions['code'] === 'INVALID_INPUT' || /^(?:Argument|Variable) "/.test(error.message)
}

/** `spec`: for callers that accept `application/json` the status is 200, as GraphQL over HTTP has it. */
function httpOf(error: LatchkeyError): Record<string, unknown> {
  if (error instanceof RateLimitedError) {
    return { status: error.status, headers: { 'retry-after': String(error.retryAfterSeconds) } }
  }
  if (error.status >= 500) return { status: error.status, headers: { 'retry-after': '1' } }
  return { status: error instanceof InvalidInputError ? 400 : error.status, spec: true }
}

function extensionsOf(error: LatchkeyError): Record<string, unknown> {
  const { code, status, details, occurredAt } = error
  return {
    code,
    status,
    occurredAt: occurredAt.toISOString(),
    ...(details === undefined ? {} : { details }),
    ...(error instanceof InvalidInputError ? { fields: error.fields } : {}),
    ...(error instanceof RateLimitedError ? { retryAfterSeconds: error.retryAfterSeconds } : {}),
    ...(error instanceof AmbiguousError ? { candidates: error.candidates.length } : {}),
    ...(error instanceof CredentialRefreshError
      ? { reason: error.reason, retryable: error.retryable, ...error.words }
      : {}),
    ...(error instanceof ProviderError ? error.words : {}),
  }
}
