import { type ExecutionResult, GraphQLError } from 'graphql'
import { unavailableOr } from '../../db/unavailable.ts'
import {
  AmbiguousError,
  CredentialRefreshError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
  RateLimitedError,
  UnavailableError,
} from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'

const presented = new WeakSet<Error>()

/** Who reads the errors. */
export interface Audience {
  /**
   * Whether messages may contain schema names that the caller did not send. False in production, because such messages reveal
   * the schema although introspection is off.
   */
  schemaNames: boolean
}

const PUBLIC: Audience = { schemaNames: false }

/**
 * Turns an error into what the caller may see, in the same way over HTTP, SSE and WebSocket. Expected failures keep their
 * message and get a code and the trace id. Errors of GraphQL itself lose the values that they quote. While the database is
 * unavailable, its errors are answered as UNAVAILABLE. Anything else is a defect: it is logged in full and answered as INTERNAL
 * with the trace id.
 */
export function presentError(
  error: unknown,
  traceId: string,
  logger: Logger,
  audience: Audience = PUBLIC,
): GraphQLError {
  if (error instanceof GraphQLError && presented.has(error)) return error
  const result = present(error, traceId, logger, audience)
  presented.add(result)
  return result
}

function present(error: unknown, traceId: string, logger: Logger, audience: Audience): GraphQLError {
  const cause = unavailableOr(causeOf(error), logger, { traceId })
  const place =
    error instanceof GraphQLError
      ? { nodes: error.nodes, source: error.source, positions: error.positions, path: error.path }
      : {}
  // An error with a path belongs to one field. The HTTP status depends only on errors of the whole operation.
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

/** The error that was thrown originally. The executor wraps it, and variable coercion wraps it once more. */
function causeOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}

/** Whether GraphQL refused an argument or a variable at a field, and not what a resolver returned. */
function isOfCaller(error: GraphQLError, cause: GraphQLError): boolean {
  return cause.extensions['code'] === 'INVALID_INPUT' || /^(?:Argument|Variable) "/.test(error.message)
}

/** `spec`: the status is 200 for callers that accept `application/json`, as GraphQL over HTTP requires. */
function httpOf(error: LatchkeyError): Record<string, unknown> {
  if (error instanceof RateLimitedError || error instanceof UnavailableError) {
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
    details,
    ...(error instanceof InvalidInputError ? { fields: error.fields } : {}),
    ...(error instanceof RateLimitedError || error instanceof UnavailableError
      ? { retryAfterSeconds: error.retryAfterSeconds }
      : {}),
    ...(error instanceof AmbiguousError ? { candidates: error.candidates.length } : {}),
    ...(error instanceof CredentialRefreshError
      ? { reason: error.reason, retryable: error.retryable, ...error.words }
      : {}),
    ...(error instanceof ProviderError ? error.words : {}),
  }
}

/**
 * A message of graphql-js or Yoga without the values that it quotes. A message such as `got invalid value
 * { secretText: "…" }` would put a secret into answers and logs.
 *
 * @param cause the innermost error: one of our own scalars, or `error` itself
 * @param schemaNames whether the message may contain names of the schema, including suggestions
 */
function refusalMessage(error: GraphQLError, cause: GraphQLError, schemaNames: boolean): string {
  const { message } = error
  const variable = /^Variable "\$(\w+)" got invalid value /.exec(message)?.[1]
  // The messages of our own scalars never contain the value.
  const own = cause.extensions['code'] === 'INVALID_INPUT' ? cause.message : null
  if (variable !== undefined) return `The variable "$${variable}" is not valid. ${own ?? NO_FIT}`
  if (own !== null) return own
  if (/^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(message)) return TOO_MANY_TOKENS
  if (message.startsWith('Syntax Error')) return 'Syntax Error: the document is not valid GraphQL at this place.'
  if (OF_THE_REQUEST.some((pattern) => pattern.test(message))) return message
  if (OF_THE_SCHEMA.some((pattern) => pattern.test(message))) {
    return schemaNames ? message : 'The document does not match the schema at this place.'
  }
  return `A value in the document is not valid. ${NO_FIT}`
}

const NO_FIT = 'It does not match the type in the schema.'
const TOO_MANY_TOKENS = 'The document is too long. Send values as variables, and select fewer fields.'

/** Messages that contain names from the document or no names, and never a value. */
const OF_THE_REQUEST = [
  /^Unknown fragment "\w+"\.$/,
  /^Unknown operation named "\w+"\.$/,
  /^Variable "\$\w+" is (?:not defined|never used)/,
  /^Fragment "\w+" is never used\.$/,
  /^Cannot spread fragment "\w+" within itself/,
  /^There can be only one (?:operation|fragment|variable|argument|input field) named "\$?\w+"\.$/,
  /^Must provide (?:an operation|query string|operation name)/,
  /^This anonymous operation must be the only defined operation\.$/,
  /^Could not determine what operation to execute\.$/,
  /^Can only perform a \w+ operation from a POST request\.$/,
  /^GraphQL only supports GET and POST requests\.$/,
  /^POST body (?:sent invalid JSON\.|is expected to be object but received \w+)$/,
  /^Expected (?:"\w+" param|params) to be (?:a string|an object|empty or an object),? but given \w+\.$/,
  /^Batching is not supported\.$/,
  /^Request body too large$/,
  /^Content-Length header is invalid\.$/,
]

/** Messages that contain names of the schema, and never a value. */
const OF_THE_SCHEMA = [
  /^Cannot query field "\w+" on type "\w+"\./,
  /^Unknown argument "\w+" on (?:field|directive) "@?[\w.]+"\./,
  /^Unknown type "\w+"\./,
  /^Unknown directive "@\w+"\.$/,
  /^Field "\w+" of type "[\w![\]]+" must have a selection of subfields\./,
  /^Field "\w+" must not have a selection since type "[\w![\]]+" has no subfields\.$/,
  /^Field "[\w.]+" (?:argument "\w+" )?of (?:required )?type "[\w![\]]+"(?: is required,| was not provided)/,
  /^Argument "\w+" of required type "[\w![\]]+" was not provided\.$/,
  /^Variable "\$\w+" (?:of required type "[\w![\]]+" was not provided|of type "[\w![\]]+" used in position)/,
  /^Variable "\$\w+" of non-null type "[\w![\]]+" must not be null\.$/,
  /^Variable "\$\w+" cannot be non-input type "[\w![\]]+"\.$/,
  /^Fragment (?:"\w+" )?cannot (?:be spread|condition)/,
  /^Fields "\w+" conflict because /,
  /^(?:Anonymous )?Subscription(?: "\w+")? must /,
  /^Directive "@\w+" (?:may not be used|argument "\w+")/,
  /^The directive "@\w+" can only be used once/,
  /^OneOf Input Object "\w+" must specify exactly one key\.$/,
  /^Schema is not configured to execute \w+ operation\.$/,
]

/** The result of an operation that is refused or stopped. */
export function refusalResponse(error: LatchkeyError): ExecutionResult {
  return { errors: [new GraphQLError(error.message, { originalError: error })] }
}

/**
 * Whether a request has the hash of a document in place of the document (Apollo's automatic persisted queries).
 * @param params the parameters of an operation, which may be anything
 */
export function isPersistedQuery(params: unknown): boolean {
  if (typeof params !== 'object' || params === null) return false
  const { query, extensions } = params as { query?: unknown; extensions?: { persistedQuery?: unknown } | null }
  const { persistedQuery } = extensions ?? {}
  return (query == null || query === '') && typeof persistedQuery === 'object' && persistedQuery !== null
}

/**
 * The error by which Apollo's clients recognize a server without persisted queries. They send the document then, and no further
 * hashes. Its name, its code and the status 200 are those of Apollo Server.
 */
export function persistedQueryNotSupported(traceId: string): GraphQLError {
  const error = new GraphQLError('PersistedQueryNotSupported', {
    extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', traceId, http: { status: 200 } },
  })
  presented.add(error)
  return error
}

/** Errors in an answer. The size of an answer must not grow with the number of mistakes in the request. */
const MAX_ERRORS = 5

export function presentErrors(
  errors: readonly GraphQLError[],
  traceId: string,
  logger: Logger,
  audience: Audience,
): GraphQLError[] {
  return errors.slice(0, MAX_ERRORS).map((error) => presentError(error, traceId, logger, audience))
}
