import { useGraphQlJit } from '@envelop/graphql-jit'
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  getOperationAST,
  isInputObjectType,
  Kind,
  type NamedTypeNode,
  typeFromAST,
  visit,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'

/** Executions after which a query is compiled. A client that sends a different query each time causes no compilation. */
const COMPILED_FROM = 3
const COMPILER_OPTIONS = { disablingCapturingStackErrors: true }

/**
 * Compiles queries that clients repeat with graphql-jit, which executes them several times faster. A compiled query is kept
 * as long as its parsed document is cached. Not compiled are mutations of several fields or with inputs that are checked in a way that
 * graphql-jit does not know; subscriptions, whose events graphql-jit loses (`createEventExecutor` compiles them); documents with several
 * operations, of which it runs the first; and introspection.
 *
 * Must come before the plugins that wrap the execution.
 */
export function useCompiledQueries(): Plugin<GraphQLContext> {
  const seen = new WeakMap<DocumentNode, number>()
  const isFrequent = ({ document, schema }: ExecutionArgs): boolean => {
    const times = (seen.get(document) ?? 0) + 1
    // Checked only at the first execution.
    if (times === 1 && !(isCompilable(document, 'query') || isPlainMutation(document, schema)))
      seen.set(document, Number.NEGATIVE_INFINITY)
    else if (times <= COMPILED_FROM) seen.set(document, times)
    return times >= COMPILED_FROM
  }
  const compiler = useGraphQlJit(COMPILER_OPTIONS, {
    onError() {
      throw new NotCompiledError()
    },
  }) as Plugin<GraphQLContext>
  return {
    onExecute(payload) {
      const { args, executeFn, setExecuteFn } = payload
      // The compiler accepts unknown operation names.
      if (!isFrequent(args) || getOperationAST(args.document, args.operationName) === null) return undefined
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
          if (!isAsyncIterable(result) && result.errors !== undefined) setResult(withNodesOfAll(result, args.document))
        },
      }
    },
  }
}

/** The compiler does not support something in the document. */
class NotCompiledError extends Error {
  override readonly name = 'NotCompiledError'
}

/** Resolves one event of a subscription, whose document is that of `args`. */
type EventExecutor = (event: unknown, args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>

/**
 * Resolves events as `execute` does, and compiles documents that get several. An event is the root value of its subscription, so
 * that the compiled selection runs as that of a query would. Fields without promises are resolved at once.
 */
export function createEventExecutor(): EventExecutor {
  const seen = new WeakMap<DocumentNode, { times: number; compiled: CompiledQuery | null }>()
  return (event, args) => {
    const { schema, document, operationName, contextValue, variableValues } = args
    const entry = seen.get(document) ?? { times: 0, compiled: null }
    seen.set(document, entry)
    entry.times += 1
    if (entry.times === COMPILED_FROM && isCompilable(document, 'subscription')) {
      const compiled = compileQuery(schema, document, operationName ?? '', COMPILER_OPTIONS)
      if (isCompiledQuery(compiled)) entry.compiled = compiled
    }
    if (entry.compiled === null || event instanceof Error) {
      return execute({ ...args, rootValue: event }) as ExecutionResult | Promise<ExecutionResult>
    }
    const result = entry.compiled.query(event, contextValue, variableValues)
    return result instanceof Promise
      ? result.then((settled: ExecutionResult) => withNodesOfAll(settled, document))
      : withNodesOfAll(result, document)
  }
}

function withNodesOfAll(result: ExecutionResult, document: DocumentNode): ExecutionResult {
  if (result.errors === undefined) return result
  const { errors, ...rest } = result
  // `errors` first, as in all other answers.
  return { errors: errors.map((error) => withNodes(error, document)), ...rest }
}

/** Whether a document is a mutation of one field without an input of which exactly one field must be given (`@oneOf`). */
function isPlainMutation(document: DocumentNode, schema: GraphQLSchema): boolean {
  if (!isCompilable(document, 'mutation')) return false
  const operation = getOperationAST(document)
  const [field, ...others] = operation?.selectionSet.selections ?? []
  if (field?.kind !== Kind.FIELD || others.length > 0) return false
  const { args = [] } = schema.getMutationType()?.getFields()[field.name.value] ?? {}
  const variables = operation?.variableDefinitions?.map(({ type }) => typeFromAST(schema, type as NamedTypeNode)) ?? []
  return ![...args.map(({ type }) => type), ...variables].some((type) => hasOneOf(type))
}

/** Whether an input type, or one that it contains, is `@oneOf`. */
function hasOneOf(given: GraphQLType | undefined, visited = new Set<GraphQLType>()): boolean {
  const type = getNamedType(given)
  if (!isInputObjectType(type) || visited.has(type)) return false
  visited.add(type)
  return type.isOneOf || Object.values(type.getFields()).some((field) => hasOneOf(field.type, visited))
}

function isCompilable({ definitions }: DocumentNode, kind: 'query' | 'mutation' | 'subscription'): boolean {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  const [only] = operations
  if (only?.operation !== kind || operations.length > 1) return false
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
