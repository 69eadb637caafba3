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

/** Executions after which a query is compiled. A client that sends a different query each time causes no compilation. */
const COMPILED_FROM = 3
const COMPILER_OPTIONS = { disablingCapturingStackErrors: true }

/** How often a document was executed, and what it was compiled to. */
interface SeenDocument {
  /** `NEVER`: it cannot be compiled. */
  times: number
  compiled: CompiledQuery | null
}

const NEVER = Number.NEGATIVE_INFINITY

/**
 * Returns an executor of queries and mutations, and of the events of subscriptions, whose root value is the event. Documents that are
 * executed repeatedly are compiled with graphql-jit, which executes them several times faster, and resolves fields without promises at once.
 * What is compiled is kept as long as the parsed document is cached. Not compiled are mutations of several fields or with inputs that are
 * checked in a way that graphql-jit does not know; documents with several operations, of which it runs the first; and introspection.
 */
export function createExecutor(): (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult> {
  const seen = new WeakMap<DocumentNode, SeenDocument>()
  return (args) => {
    const { schema, document, operationName, rootValue, contextValue, variableValues } = args
    let entry = seen.get(document)
    if (entry === undefined) {
      entry = { times: canCompile(document, schema) ? 0 : NEVER, compiled: null }
      seen.set(document, entry)
    }
    const compiled = compiledOf(entry, args)
    // What is compiled ignores the name of the operation, and does not know that a root value may be an error.
    if (compiled === null || rootValue instanceof Error || getOperationAST(document, operationName) === null) {
      return execute(args) as ExecutionResult | Promise<ExecutionResult>
    }
    const result = compiled.query(rootValue, contextValue, variableValues)
    return result instanceof Promise
      ? result.then((settled: ExecutionResult) => withNodesOfAll(settled, document))
      : withNodesOfAll(result, document)
  }
}

/** Compiles a document when it has been executed often enough. Null: it is not compiled. */
function compiledOf(entry: SeenDocument, { schema, document, operationName }: ExecutionArgs): CompiledQuery | null {
  if (entry.compiled !== null || entry.times >= COMPILED_FROM) return entry.compiled
  entry.times += 1
  if (entry.times < COMPILED_FROM) return null
  const compiled = compileQuery(schema, document, operationName ?? '', COMPILER_OPTIONS)
  // Otherwise the compiler does not support something in the document.
  if (isCompiledQuery(compiled)) entry.compiled = compiled
  return entry.compiled
}

function canCompile(document: DocumentNode, schema: GraphQLSchema): boolean {
  return isCompilable(document, 'query') || isCompilable(document, 'subscription') || isPlainMutation(document, schema)
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
