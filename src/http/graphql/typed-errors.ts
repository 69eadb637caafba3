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
import { type FieldError, InvalidInputError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { currentTraceId } from '../server/trace.ts'
import { type Audience, presentError, presentErrors } from './present-error.ts'

/** Presents the errors of every result while the operation's context, and so its trace, is at hand. */
export function useTypedErrors(logger: Logger, audience: Audience): Plugin<GraphQLContext> {
  const presented = (result: ExecutionResult, traceId: string): ExecutionResult =>
    result.errors === undefined
      ? result
      : { ...result, errors: presentErrors(result.errors, traceId, logger, audience) }
  const present = (result: ExecutionResult, args: ExecutionArgs, traceId: string): ExecutionResult => {
    const refused = result.errors !== undefined && result.data === undefined
    const problem = refused ? variableProblems(args, audience.schemaNames) : null
    return presented(
      problem === null ? result : { errors: [presentError(problem, traceId, logger, audience)] },
      traceId,
    )
  }
  return {
    onExecute: () => ({
      onExecuteDone({ args, result, setResult }) {
        if (!isAsyncIterable(result)) setResult(present(result, args, args.contextValue.traceId))
      },
    }),
    onSubscribe: () => ({
      onSubscribeResult({ args, result, setResult }) {
        const { traceId } = args.contextValue
        if (!isAsyncIterable(result)) {
          setResult(present(result, args, traceId) as never)
          return undefined
        }
        return { onNext: (next) => next.setResult(presented(next.result as ExecutionResult, traceId)) }
      },
    }),
    // What was refused before there was a context: by validation.
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || isAsyncIterable(result)) return
      setResult(presented(result as ExecutionResult, currentTraceId()))
    },
  }
}

const MAX_FIELDS = 20

/**
 * Why an operation's variables were refused: each place by name, none with its value. Executors only say so in messages
 * that quote the values, so it is found out once more, for what was refused already.
 *
 * @param schemaNames whether messages may tell names of the schema
 * @returns null when nothing is wrong with the variables
 */
function variableProblems(args: ExecutionArgs, schemaNames: boolean): InvalidInputError | null {
  const fields: FieldError[] = []
  try {
    lookAtVariables(
      args,
      (path, message) => {
        if (fields.length === MAX_FIELDS) throw new EnoughError()
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

/** Ends the look at a list of a hundred thousand wrong items. */
class EnoughError extends Error {}

function lookAtVariables(
  { document, operationName, variableValues, schema }: ExecutionArgs,
  wrong: (path: readonly (string | number)[], message: string) => void,
  schemaNames: boolean,
): void {
  const operation = getOperationAST(document, operationName)
  const values: Readonly<Record<string, unknown>> = variableValues ?? {}
  for (const { variable, type: typeNode, defaultValue } of operation?.variableDefinitions ?? []) {
    const name = variable.name.value
    const type = typeFromAST(schema, typeNode)
    if (!isInputType(type)) continue
    if (!Object.hasOwn(values, name)) {
      if (isNonNullType(type) && defaultValue === undefined) wrong([name], 'Must be given.')
    } else if (values[name] === null && isNonNullType(type)) wrong([name], 'Must not be null.')
    else {
      coerceInputValue(values[name], type, (path, _value, error) =>
        wrong([name, ...path], expected(error, schemaNames)),
      )
    }
  }
}

/** What would have been right, of a message of `coerceInputValue`. */
function expected(error: GraphQLError, schemaNames: boolean): string {
  const { message } = error
  // Our own scalars say what is expected and never what came.
  if (error.extensions['code'] === 'INVALID_INPUT') return message
  const builtIn = /^(Int|Float|String|Boolean|ID) cannot represent /.exec(message)?.[1]
  if (builtIn !== undefined) return `Must be of type ${builtIn}.`
  for (const [pattern, text] of EXPECTED) {
    if (pattern.test(message)) return schemaNames && NAMES_ONLY.test(message) ? message : text
  }
  return 'Does not fit the type that the schema asks for.'
}

const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/^Exactly one key must be specified for OneOf type /, 'Exactly one key must be given.'],
  [/^Field "\w+" must be non-null\.$/, 'The one key that is given must not be null.'],
  [/^Expected non-nullable type /, 'Must not be null.'],
  [/^Expected type "\w+" to be an object\.$/, 'Must be an object.'],
  [/^Field "\w+" of required type /, 'A required field is missing.'],
  [/^Field ".*" is not defined by type /s, 'Has a field that does not exist.'],
  [/^(?:Enum "\w+" cannot represent|Value ".*" does not exist in "\w+" enum)/s, 'Must be a value of its enum.'],
]

/** As a whole: what quotes a value has another end. */
const NAMES_ONLY = new RegExp(
  [
    '^Exactly one key must be specified for OneOf type "\\w{1,100}"\\.$',
    '^Expected non-nullable type "[\\w![\\]]{1,100}" not to be null\\.$',
    '^Expected type "\\w{1,100}" to be an object\\.$',
    '^Field "\\w{1,100}" of required type "[\\w![\\]]{1,100}" was not provided\\.$',
  ].join('|'),
)
