import { getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import type { Logger } from '../../kit/log.ts'

/** One line for each operation: its name and kind, never its variables. */
export function useOperationLog(logger: Logger): Plugin<GraphQLContext> {
  return {
    onExecute({ args }) {
      const startedMs = performance.now()
      return {
        onExecuteDone({ result }) {
          const { traceId, caller } = args.contextValue
          const operation = getOperationAST(args.document, args.operationName)
          logger.info(
            {
              traceId,
              operation: operation?.name?.value,
              kind: operation?.operation,
              caller: caller?.kind,
              durationMs: Math.round(performance.now() - startedMs),
              errors: isAsyncIterable(result) ? undefined : result.errors?.map((error) => error.extensions['code']),
            },
            'operation',
          )
        },
      }
    },
    onSubscribe({ args }) {
      const { traceId, caller } = args.contextValue
      const operation = getOperationAST(args.document, args.operationName)
      logger.info(
        { traceId, operation: operation?.name?.value, kind: 'subscription', caller: caller?.kind },
        'operation',
      )
    },
  }
}
