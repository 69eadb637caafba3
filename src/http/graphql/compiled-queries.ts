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

/** Executions after which a query is compiled. A client that sends a different query each time causes no compilation. */
const COMPILED_FROM = 3

/**
 * Compiles queries that clients repeat with graphql-jit, which executes them several times faster. A compiled query is kept
 * as long as its parsed document is cached. Not compiled are mutations, which take their time elsewhere; subscriptions, whose
 * events graphql-jit loses; documents with several operations, of which it runs the first; and introspection.
 *
 * Must come before the plugins that wrap the execution.
 */
export function useCompiledQueries(): Plugin<GraphQLContext> {
  const seen = new WeakMap<DocumentNode, number>()
  const isFrequent = (document: DocumentNode): boolean => {
    const times = (seen.get(document) ?? 0) + 1
    // Checked only at the first execution.
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
      // The compiler accepts unknown operation names.
      if (!isFrequent(args.document) || getOperationAST(args.document, args.operationName) === null) return undefined
      void compiler.onExecute?.({
        ...payload,
        setExecuteFn(compiled) {
          setExecuteFn((given: ExecutionArgs) => {
            try {
              return compiled(given)
            } catch (error) {
              if (!(error instanceof NotCompiledError)) throw error
              // The compiler fails before anything is resolved.
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
          // `errors` first, as in all other answers.
          setResult({ errors: errors.map((error) => withNodes(error, args.document)), ...rest })
        },
      }
    },
  }
}

/** The compiler does not support something in the document. */
class NotCompiledError extends Error {
  override readonly name = 'NotCompiledError'
}

function isCompilable({ definitions }: DocumentNode): boolean {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  const [only] = operations
  if (only?.operation !== 'query' || operations.length > 1) return false
  return !only.selectionSet.selections.some(({ kind, ...node }) => 'name' in node && /^__[st]/.test(node.name.value))
}

/** Errors of compiled queries have line and column but no node. Adds the node, as in errors of the executor. */
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
