import {
  coerceInputValue,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  isInputType,
  isNonNullType,
  typeFromAST,
} from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { type FieldError, InvalidInputError, UnavailableError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { currentTraceId } from '../server/trace.ts'
import { type Audience, presentError, presentErrors } from './present-error.ts'

/** Presents the errors of results with the trace id of their operation. */
export interface ResultPresenter {
  /** A result of an operation. Says what is wrong with its variables if they were refused. */
  operation(result: ExecutionResult, args: ExecutionArgs): ExecutionResult
  /** A result of a subscription, or one that belongs to no operation. */
  single(result: ExecutionResult, traceId: string): ExecutionResult
}

export function createResultPresenter(logger: Logger, audience: Audience): ResultPresenter {
  const single = (result: ExecutionResult, traceId: string): ExecutionResult =>
    result.errors === undefined
      ? result
      : { ...result, errors: presentErrors(result.errors, traceId, logger, audience) }
  return {
    single,
    operation(result, args) {
      if (result.errors === undefined) return result
      const { traceId } = args.contextValue as GraphQLContext
      const problem = result.data === undefined ? variableProblems(args, audience.schemaNames) : null
      return withStatus(
        single(problem === null ? result : { errors: [presentError(problem, traceId, logger, audience)] }, traceId),
      )
    },
  }
}

/** Presents the errors of subscriptions, and of documents that are not valid. */
export function useTypedErrors(presenter: ResultPresenter): Plugin<GraphQLContext> {
  return {
    onSubscribe: () => ({
      onSubscribeResult({ args, result, setResult }) {
        const { traceId } = args.contextValue
        if (!isAsyncIterable(result)) {
          setResult(presenter.operation(result, args) as never)
          return undefined
        }
        return { onNext: (next) => next.setResult(presenter.single(next.result as ExecutionResult, traceId)) }
      },
    }),
    // Errors of validation, which runs before there is a context.
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || isAsyncIterable(result)) return
      setResult(presenter.single(result as ExecutionResult, currentTraceId()))
    },
  }
}

/**
 * Gives a result the status 503 if it has no data for the only reason that Latchkey is unavailable. Clients and proxies then
 * repeat the operation as a whole. A partial result keeps the status 200.
 */
function withStatus(result: ExecutionResult): ExecutionResult {
  const { data, errors = [], extensions } = result
  if (data != null || errors.length === 0) return result
  if (errors.some((error) => error.extensions['code'] !== 'UNAVAILABLE')) return result
  const { status, retryAfterSeconds } = new UnavailableError('')
  return {
    ...result,
    extensions: { ...extensions, http: { status, headers: { 'retry-after': `${retryAfterSeconds}` } } },
  }
}

/** Problems that are reported. */
const MAX_PROBLEMS = 20

/**
 * Finds out why the variables of an operation were refused, by path and without values. The messages of the executor quote
 * values, so the variables are checked a second time after they were refused.
 *
 * @param schemaNames whether messages may contain names of the schema
 * @returns null when the variables are valid
 */
function variableProblems(args: ExecutionArgs, schemaNames: boolean): InvalidInputError | null {
  const fields: FieldError[] = []
  try {
    checkVariables(
      args,
      (path, message) => {
        if (fields.length === MAX_PROBLEMS) throw new EnoughError()
        fields.push({ path: path.map(String), message })
      },
      schemaNames,
    )
  } catch (error) {
    if (!(error instanceof EnoughError)) throw error
  }
  const [first] = fields
  if (first === undefined) return null
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : ''
  return new InvalidInputError(
    fields,
    `The variable "$${first.path[0]}" is not valid. ${first.path.join('.')}: ${first.message}${more}`,
  )
}

/** Ends the check early, for example in a list of a hundred thousand invalid items. */
class EnoughError extends Error {}

function checkVariables(
  { document, operationName, variableValues, schema }: ExecutionArgs,
  report: (path: readonly (string | number)[], message: string) => void,
  schemaNames: boolean,
): void {
  const operation = getOperationAST(document, operationName)
  const values: Readonly<Record<string, unknown>> = variableValues ?? {}
  for (const { variable, type: typeNode, defaultValue } of operation?.variableDefinitions ?? []) {
    const name = variable.name.value
    const type = typeFromAST(schema, typeNode)
    if (!isInputType(type)) continue
    if (!Object.hasOwn(values, name)) {
      if (isNonNullType(type) && defaultValue === undefined) report([name], 'Must be given.')
    } else if (values[name] === null && isNonNullType(type)) report([name], 'Must not be null.')
    else {
      coerceInputValue(values[name], type, (path, _value, error) =>
        report([name, ...path], problemText(error, schemaNames)),
      )
    }
  }
}

/** A message of `coerceInputValue` without the value that it quotes. */
function problemText(error: GraphQLError, schemaNames: boolean): string {
  const { message } = error
  // The messages of our own scalars never contain the value.
  if (error.extensions['code'] === 'INVALID_INPUT') return message
  const builtIn = /^(Int|Float|String|Boolean|ID) cannot represent /.exec(message)?.[1]
  if (builtIn !== undefined) return `Must be of type ${builtIn}.`
  for (const [pattern, text] of EXPECTED) {
    if (pattern.test(message)) return schemaNames && NAMES_ONLY.test(message) ? message : text
  }
  return 'Does not match the type in the schema.'
}

const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/^Exactly one key must be specified for OneOf type /, 'Exactly one key must be given.'],
  [/^Field "\w+" must be non-null\.$/, 'The value of the given key must not be null.'],
  [/^Expected non-nullable type /, 'Must not be null.'],
  [/^Expected type "\w+" to be an object\.$/, 'Must be an object.'],
  [/^Field "\w+" of required type /, 'A required field is missing.'],
  [/^Field ".*" is not defined by type /s, 'Contains a field that does not exist.'],
  [/^(?:Enum "\w+" cannot represent|Value ".*" does not exist in "\w+" enum)/s, 'Must be a value of its enum.'],
]

/** Matches whole messages, because a message that quotes a value ends differently. */
const NAMES_ONLY = new RegExp(
  [
    '^Exactly one key must be specified for OneOf type "\\w{1,100}"\\.$',
    '^Expected non-nullable type "[\\w![\\]]{1,100}" not to be null\\.$',
    '^Expected type "\\w{1,100}" to be an object\\.$',
    '^Field "\\w{1,100}" of required type "[\\w![\\]]{1,100}" was not provided\\.$',
  ].join('|'),
)
