import { type ExecutionResult, getOperationAST } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import type { Metrics, OperationOutcome } from '../../kit/metrics.ts'

/** Counts operations by kind and outcome, and the subscriptions that are open. */
export function useOperationMetrics(metrics: Metrics): Plugin<GraphQLContext> {
  const { operations, operationSeconds, subscriptions } = metrics
  const refused = () => operations.inc({ kind: 'unknown', outcome: 'refused' })
  return {
    onParse: () => (parsed: { result: unknown }) => {
      if (parsed.result === null || parsed.result instanceof Error) refused()
    },
    onValidate: () => (validated: { valid: boolean }) => {
      if (!validated.valid) refused()
    },
    onExecute({ args }) {
      const startedMs = performance.now()
      const kind = getOperationAST(args.document, args.operationName)?.operation ?? 'unknown'
      return {
        onExecuteDone({ result }) {
          operations.inc({ kind, outcome: isAsyncIterable(result) ? 'ok' : outcomeOf(result) })
          operationSeconds.observe({ kind }, (performance.now() - startedMs) / 1_000)
        },
      }
    },
    onSubscribe() {
      const kind = 'subscription'
      return {
        onSubscribeError: () => operations.inc({ kind, outcome: 'error' }),
        onSubscribeResult({ result }) {
          if (!isAsyncIterable(result)) {
            operations.inc({ kind, outcome: 'error' })
            return undefined
          }
          operations.inc({ kind, outcome: 'ok' })
          subscriptions.inc()
          let ended = false
          return {
            onEnd() {
              if (!ended) subscriptions.dec()
              ended = true
            },
          }
        },
      }
    },
  }
}

function outcomeOf({ data, errors }: ExecutionResult): OperationOutcome {
  if (errors === undefined || errors.length === 0) return 'ok'
  return data == null ? 'error' : 'partial'
}
