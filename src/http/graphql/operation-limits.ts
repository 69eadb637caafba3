import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { GraphQLContext, OperationBudget } from '../../graphql/kernel/context.ts'
import { UnavailableError } from '../../kit/errors.ts'
import { tooMuch } from './document-limits.ts'
import { operationCost } from './operation-cost.ts'
import { refusalResponse } from './present-error.ts'

/** Objects that an answer may hold by the look of its document. */
const MAX_OBJECTS = 10_000
/** Fields that an operation, or one event, may resolve: what the look of a document does not tell, such as long plain lists. */
const MAX_RESOLVED_FIELDS = 50_000
const TIMEOUT_MS = 30_000

export interface OperationLimits {
  maxObjects?: number
  maxResolvedFields?: number
  timeoutMs?: number
}

/** What an operation may cost: refused before it is run where that can be told, and stopped while it runs where not. */
export function useOperationLimits({
  maxObjects = MAX_OBJECTS,
  maxResolvedFields = MAX_RESOLVED_FIELDS,
  timeoutMs = TIMEOUT_MS,
}: OperationLimits = {}): Plugin<GraphQLContext> {
  const tooExpensive = () =>
    tooMuch('This query is too expensive: ask for fewer items at once (first), or leave out lists within lists.')
  return {
    onSchemaChange: ({ schema }) => countFields(schema, maxResolvedFields),
    onExecute({ args, executeFn, setExecuteFn }) {
      if (operationCost(args).objects > maxObjects) {
        setExecuteFn(() => refusalResponse(tooExpensive()))
        return
      }
      const { budget } = args.contextValue
      setExecuteFn((given: unknown) => withinTime(() => executeFn(given as never), budget, timeoutMs))
    },
    onSubscribe({ args, setSubscribeFn }) {
      if (operationCost(args).objects > maxObjects) setSubscribeFn(() => refusalResponse(tooExpensive()))
    },
  }
}

/** Runs an operation, and answers in its place when it is stopped. Its resolvers find the budget stopped and do nothing more. */
async function withinTime(run: () => unknown, budget: OperationBudget, timeoutMs: number): Promise<unknown> {
  const timeout = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    budget.stopped ??= new UnavailableError(
      'The operation took too long and was stopped. Ask for less at once, or try again.',
    )
    timeout.resolve()
  }, timeoutMs)
  try {
    const result = await Promise.race([run(), timeout.promise])
    return budget.stopped === null || isAsyncIterable(result) ? result : refusalResponse(budget.stopped)
  } finally {
    clearTimeout(timer)
  }
}

const counted = new WeakSet<GraphQLSchema>()

/**
 * Makes what an operation resolves count against its budget: each field with objects or a list when it is resolved, and the
 * values that its objects hold when these are there, all at once. So a plain value, of which there are most, has no resolver.
 */
function countFields(schema: GraphQLSchema, max: number): void {
  if (counted.has(schema)) return
  counted.add(schema)
  const subscriptions = schema.getSubscriptionType()
  const values = createValueCounter()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const isList = isListType(getNullableType(field.type))
      const isLeaf = isLeafType(getNamedType(field.type))
      if (isLeaf && !isList && field.resolve === undefined) continue
      const resolve = field.resolve ?? defaultFieldResolver
      const begins = type === subscriptions
      field.resolve = (source, args, context: GraphQLContext, info) => {
        const { budget } = context
        // Each event of a subscription is an operation of its own.
        if (begins) {
          budget.resolvedFields = 0
          budget.stopped = null
        }
        if (!isLeaf || isList) budget.resolvedFields += 1
        check(budget, max, 0)
        const result: unknown = resolve(source, args, context, info)
        if (isLeaf && !isList) return result
        const countItems = (items: unknown) => {
          const count = Array.isArray(items) ? items.length : items == null ? 0 : 1
          const held = isLeaf ? 0 : values(info)
          budget.resolvedFields += count * held
          // A list that cannot be within the budget is not begun: each of its items would fail by itself.
          check(budget, max, isList && held === 0 ? count : 0)
          return items
        }
        return result instanceof Promise ? result.then(countItems) : countItems(result)
      }
    }
  }
}

/** Counts the values that one object of a field holds as its document asks for them: those of all types that it may be. */
function createValueCounter(): (info: GraphQLResolveInfo) => number {
  const known = new WeakMap<FieldNode, number>()
  const countIn = (set: SelectionSetNode | undefined, fragments: GraphQLResolveInfo['fragments']): number => {
    let count = 0
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) count += selection.selectionSet === undefined ? 1 : 0
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += countIn(selection.selectionSet, fragments)
      else count += countIn(fragments[selection.name.value]?.selectionSet, fragments)
    }
    return count
  }
  return ({ fieldNodes, fragments }) => {
    let total = 0
    for (const node of fieldNodes) {
      let count = known.get(node)
      if (count === undefined) {
        count = countIn(node.selectionSet, fragments)
        known.set(node, count)
      }
      total += count
    }
    return total
  }
}

function check(budget: OperationBudget, max: number, more: number): void {
  if (budget.resolvedFields + more > max) {
    budget.stopped ??= tooMuch('The answer holds too many values. Ask for fewer items at once (first).')
  }
  if (budget.stopped !== null) throw budget.stopped
}
