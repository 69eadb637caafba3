import {
  defaultFieldResolver,
  type ExecutionArgs,
  type ExecutionResult,
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
import type { GraphQLContext, OperationBudget } from '../../../graphql/kernel/context.ts'
import { UnavailableError } from '../../../kit/errors.ts'
import { refusalResponse } from '../present-error.ts'
import { tooMuch } from './document-limits.ts'
import { operationCost } from './operation-cost.ts'

/** Objects in an answer, estimated from the document. */
const MAX_OBJECTS = 10_000
/** Fields that an operation or one event may resolve. Covers what the estimate misses, such as long lists without pages. */
const MAX_RESOLVED_FIELDS = 50_000
const TIMEOUT_MS = 30_000

export interface OperationLimits {
  /** Default 10,000. */
  maxObjects?: number
  /** Default 50,000. */
  maxResolvedFields?: number
  /** Default 30,000. */
  timeoutMs?: number
}

/** Limits the cost of operations: refuses one by its estimated cost, and stops it when it exceeds a limit while running. */
export interface OperationGuard {
  /** @returns null: the estimated cost is within the limit */
  refusal(args: ExecutionArgs): ExecutionResult | null
  /** Runs the resolvers of an operation with a time limit. Once it is stopped, the remaining resolvers do nothing. */
  run(budget: OperationBudget, resolve: () => Resolving): Resolving
}

type Resolving = ExecutionResult | Promise<ExecutionResult>

/** @param schema its resolvers are wrapped, so that resolved fields count */
export function createOperationGuard(
  schema: GraphQLSchema,
  { maxObjects = MAX_OBJECTS, maxResolvedFields = MAX_RESOLVED_FIELDS, timeoutMs = TIMEOUT_MS }: OperationLimits = {},
): OperationGuard {
  countFields(schema, maxResolvedFields)
  return {
    refusal(args) {
      if (operationCost(args).objects <= maxObjects) return null
      return refusalResponse(
        tooMuch('This query is too expensive. Request fewer items per page (first), or fewer lists within lists.'),
      )
    },
    run(budget, resolve) {
      const finish = (result: ExecutionResult) => (budget.stopped === null ? result : refusalResponse(budget.stopped))
      const result = resolve()
      if (!(result instanceof Promise)) return finish(result)
      // Not `Promise.race`, which takes three more promises.
      return new Promise((settle, reject) => {
        const timer = setTimeout(() => {
          budget.stopped ??= new UnavailableError(
            'The operation took too long and was stopped. Request less at once, or try again.',
          )
          settle(refusalResponse(budget.stopped))
        }, timeoutMs)
        const end = (ended: ExecutionResult) => {
          clearTimeout(timer)
          settle(finish(ended))
        }
        result.then(end, (error: unknown) => {
          clearTimeout(timer)
          reject(error)
        })
      })
    },
  }
}

const counted = new WeakSet<GraphQLSchema>()

/**
 * Wraps the resolvers of a schema so that resolved fields count against the operation's budget. A field with objects or a list
 * counts when it is resolved. The plain values of its objects are counted with it, all at once, so that most fields need no
 * resolver.
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
      const isRootOfEvent = type === subscriptions
      field.resolve = (source, args, context: GraphQLContext, info) => {
        const { budget } = context
        // Each event of a subscription has a budget of its own.
        if (isRootOfEvent) {
          budget.resolvedFields = 0
          budget.stopped = null
        }
        if (!isLeaf || isList) budget.resolvedFields += 1
        check(budget, max, 0)
        const result: unknown = resolve(source, args, context, info)
        if (isLeaf && !isList) return result
        const countItems = (items: unknown) => {
          const count = Array.isArray(items) ? items.length : items == null ? 0 : 1
          const valuesPerItem = isLeaf ? 0 : values(info)
          budget.resolvedFields += count * valuesPerItem
          // A list beyond the budget fails as a whole. Otherwise each of its items would fail with an error of its own.
          check(budget, max, isList && valuesPerItem === 0 ? count : 0)
          return items
        }
        return result instanceof Promise ? result.then(countItems) : countItems(result)
      }
    }
  }
}

/** Counts the plain values that the document selects on one object of a field, over all of its possible types. */
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
    budget.stopped ??= tooMuch('The answer contains too many values. Request fewer items per page (first).')
  }
  if (budget.stopped !== null) throw budget.stopped
}
