import { useGraphQlJit } from '@envelop/graphql-jit'
import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  GraphQLError,
  getOperationAST,
  Kind,
  visit,
} from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'

/** A query that comes so often is worth being compiled; who sends another one each time makes nobody compile. */
const COMPILED_FROM = 3

/**
 * Runs the queries that clients repeat as functions compiled for them (graphql-jit), which is several times faster than to
 * walk their document for each. Documents come here parsed, and the same object each time, for as long as they are cached;
 * what is compiled goes with it. Not compiled: mutations, which are not where the time goes; subscriptions, whose events
 * the compiler loses; documents of several operations, which it takes for their first; introspection.
 *
 * Before the plugins that put something around the execution.
 */
export function useCompiledQueries(): Plugin<GraphQLContext> {
  const seen = new WeakMap<DocumentNode, number>()
  const isFrequent = (document: DocumentNode): boolean => {
    const times = (seen.get(document) ?? 0) + 1
    // Those that are not to be compiled are told apart once.
    if (times === 1 && !isCompilable(document)) seen.set(document, Number.NEGATIVE_INFINITY)
    else if (times <= COMPILED_FROM) seen.set(document, times)
    return times >= COMPILED_FROM
  }
  const compiler = useGraphQlJit(
    { disablingCapturingStackErrors: true },
    {
      onError() {
        throw new NotCompiledError()
      },
    },
  ) as Plugin<GraphQLContext>
  return {
    onExecute(payload) {
      const { args, executeFn, setExecuteFn } = payload
      // The compiler would take any name.
      if (!isFrequent(args.document) || getOperationAST(args.document, args.operationName) === null) return undefined
      void compiler.onExecute?.({
        ...payload,
        setExecuteFn(compiled) {
          setExecuteFn((given: ExecutionArgs) => {
            try {
              return compiled(given)
            } catch (error) {
              if (!(error instanceof NotCompiledError)) throw error
              // Before anything was resolved.
              seen.set(given.document, Number.NEGATIVE_INFINITY)
              return executeFn(given)
            }
          })
        },
      })
      return {
        onExecuteDone({ result, setResult }) {
          if (isAsyncIterable(result) || result.errors === undefined) return
          const { errors, ...rest } = result
          // In the order that all others have.
          setResult({ errors: errors.map((error) => withNodes(error, args.document)), ...rest })
        },
      }
    },
  }
}

/** The compiler does not know something that the document has. */
class NotCompiledError extends Error {
  override readonly name = 'NotCompiledError'
}

function isCompilable({ definitions }: DocumentNode): boolean {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  const [only] = operations
  if (only?.operation !== 'query' || operations.length > 1) return false
  return !only.selectionSet.selections.some(({ kind, ...node }) => 'name' in node && /^__[st]/.test(node.name.value))
}

/** The compiler's errors know line and column and not, as those of the executor, the node of the document. */
function withNodes(error: GraphQLError, document: DocumentNode): GraphQLError {
  const places = new Set(error.locations?.map(({ line, column }) => `${line}:${column}`))
  if (error.nodes !== undefined || places.size === 0) return error
  const nodes: FieldNode[] = []
  visit(document, {
    Field(node) {
      const { line, column } = node.loc?.startToken ?? {}
      if (places.has(`${line}:${column}`)) nodes.push(node)
    },
  })
  const { message, path, originalError, extensions } = error
  return new GraphQLError(message, { nodes, path, originalError, extensions })
}
