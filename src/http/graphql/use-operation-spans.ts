import { type ExecutionArgs, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { inSpan } from '../../kit/tracing.ts'

/**
 * A span for each operation, and for the opening of each subscription: its kind, its name and our trace id. Last of the
 * plugins, so that what others put in place of the execution is within it.
 */
export function useOperationSpans(): Plugin<GraphQLContext> {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => spanned(args, () => executeFn(args)))
    },
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => spanned(args, () => subscribeFn(args)))
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: executors are typed so
function spanned(args: ExecutionArgs, execute: () => any): Promise<any> {
  const operation = getOperationAST(args.document, args.operationName)
  const kind = operation?.operation ?? 'unknown'
  const name = operation?.name?.value
  const { traceId } = args.contextValue as GraphQLContext
  const attributes = {
    'graphql.operation.type': kind,
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    'latchkey.trace_id': traceId,
  }
  return inSpan(
    name === undefined ? kind : `${kind} ${name}`,
    attributes,
    async (span) => {
      const result = await execute()
      if (!isAsyncIterable(result) && (result?.errors?.length ?? 0) > 0) span.fail('GraphQLError')
      return result
    },
    { kind: 'server' },
  )
}
