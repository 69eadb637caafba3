import { type ExecutionResult, GraphQLError } from 'graphql'
import {
  AmbiguousError,
  CredentialRefreshError,
  InvalidInputError,
  LatchkeyError,
  ProviderError,
  RateLimitedError,
} from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'

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

/**
 * A message of graphql-js or Yoga without what it quotes of the document's and the variables' values: `got invalid value
 * { secretText: "…" }` would carry a secret into answers and logs.
 *
 * @param cause the innermost error: of our own scalars, or `error` itself
 * @param schemaNames whether it may tell names of the schema, suggestions among them
 */
function refusalMessage(error: GraphQLError, cause: GraphQLError, schemaNames: boolean): string {
  const { message } = error
  const variable = /^Variable "\$(\w+)" got invalid value /.exec(message)?.[1]
  // Our own scalars say what is expected and never what came.
  const own = cause.extensions['code'] === 'INVALID_INPUT' ? cause.message : null
  if (variable !== undefined) return `The variable "$${variable}" is not valid. ${own ?? NO_FIT}`
  if (own !== null) return own
  if (/^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(message)) return TOO_MANY_TOKENS
  if (message.startsWith('Syntax Error')) return 'Syntax Error: the document is not valid GraphQL at this place.'
  if (OF_THE_REQUEST.some((pattern) => pattern.test(message))) return message
  if (OF_THE_SCHEMA.some((pattern) => pattern.test(message))) {
    return schemaNames ? message : 'The document does not fit the schema at this place.'
  }
  return `A value in the document is not valid. ${NO_FIT}`
}

const NO_FIT = 'It does not fit the type that the schema asks for.'
const TOO_MANY_TOKENS = 'The document is too long. Send values as variables, and leave out what is not needed.'

/** Messages that hold names out of the document, or none at all, and never a value. */
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

/** Messages that hold names of the schema, and never a value. */
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

/** The whole result of an operation that is not run, or not to its end. */
export function refusalResponse(error: LatchkeyError): ExecutionResult {
  return { errors: [new GraphQLError(error.message, { originalError: error })] }
}

/** More errors than these are not told: an answer does not grow with what is wrong in its question. */
const MAX_ERRORS = 5

export function presentErrors(
  errors: readonly GraphQLError[],
  traceId: string,
  logger: Logger,
  audience: Audience,
): GraphQLError[] {
  return errors.slice(0, MAX_ERRORS).map((error) => presentError(error, traceId, logger, audience))
}
