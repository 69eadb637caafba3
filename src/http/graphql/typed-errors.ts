import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import type { Logger } from '../../kit/log.ts'
import { currentTraceId } from '../server/trace.ts'
import { type Audience, presentError } from './present-error.ts'
import { variableProblems } from './variable-problems.ts'

/** More errors than these are not told: an answer does not grow with what is wrong in its question. */
const MAX_ERRORS = 5

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

export function presentErrors(
  errors: readonly GraphQLError[],
  traceId: string,
  logger: Logger,
  audience: Audience,
): GraphQLError[] {
  return errors.slice(0, MAX_ERRORS).map((error) => presentError(error, traceId, logger, audience))
}
