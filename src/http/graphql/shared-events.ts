import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  Kind,
  type SelectionNode,
  visit,
} from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import { type GraphQLContext, newBudget } from '../../graphql/kernel/context.ts'
import { isEventSource } from '../../graphql/kernel/event-subscription.ts'
import type { Logger } from '../../kit/log.ts'
import type { PointLimits } from '../server/point-limits.ts'
import { sizeOf } from './limits/answer-limit.ts'
import { BYTE_POINTS, eventPoints, RESOLVED_POINTS } from './limits/operation-cost.ts'
import { type Audience, presentError, presentErrors } from './present-error.ts'

/** The result of one event, shared by all subscribers with the same document and rights. It must not be changed. */
export interface SharedResult {
  readonly result: ExecutionResult
  /** Cache of the sender. */
  readonly sent: { text?: string; id?: string; message?: Buffer }
}

/** Several results at once, for consumers that set `GraphQLContext.takesBatches`. */
interface ResultBatch extends ExecutionResult {
  batch: readonly SharedResult[]
}

export function isResultBatch(result: ExecutionResult): result is ResultBatch {
  return 'batch' in result
}

/** How long a result is reused, in milliseconds. Events refer to objects, which must be shown in their present state. */
const FRESH_MS = 1_000
/** Results in one of the two generations of the cache. When every subscriber has its own document, a larger cache has no effect. */
const MAX_KEPT = 5_000

/**
 * Executes subscriptions. Each has its own source of events with its own position, filter and end. An event is resolved once
 * for all subscribers with the same document, the same relevant variables and the same rights: workspace, end user and role.
 * Each subscription still checks for itself whether its caller may be served. The subscriber for which an event is resolved is
 * charged for that.
 *
 * Must come before the plugins that wrap the subscription.
 */
export function useSharedEvents(logger: Logger, audience: Audience, points: PointLimits): Plugin<GraphQLContext> {
  let made = nothingMade()
  /** The previous generation. Entries are dropped a generation at a time. */
  let before = nothingMade()
  const numbers = new WeakMap<DocumentNode, number>()
  let documents = 0
  const numberOf = (document: DocumentNode): number => {
    let number = numbers.get(document)
    if (number === undefined) {
      documents += 1
      number = documents
      numbers.set(document, number)
    }
    return number
  }

  /** Turns thrown values into errors here, because the executor fails on some of them. */
  async function orErrors<T>(work: () => T | Promise<T>, { traceId }: GraphQLContext): Promise<T | ExecutionResult> {
    try {
      return await work()
    } catch (error) {
      return { errors: [presentError(error, traceId, logger, audience)] }
    }
  }

  async function resolve(event: unknown, args: ExecutionArgs): Promise<ExecutionResult> {
    const given = args.contextValue as GraphQLContext
    // A budget of its own, because the result is shared. `eachEvent` sets the loaders.
    const contextValue: GraphQLContext = { ...given, budget: newBudget() }
    const result = await orErrors(() => execute({ ...args, rootValue: event, contextValue }), given)
    if (given.caller !== null) {
      const { resolvedFields } = contextValue.budget
      const bytes = sizeOf(result.data, Number.POSITIVE_INFINITY)
      points.settle(given.caller, eventPoints(args) + resolvedFields * RESOLVED_POINTS + bytes * BYTE_POINTS)
    }
    return result.errors === undefined
      ? result
      : { ...result, errors: presentErrors(result.errors, given.traceId, logger, audience) }
  }

  function share(event: object, key: string, args: ExecutionArgs): Promise<SharedResult> {
    const nowMs = performance.now()
    if (made.count >= MAX_KEPT || nowMs - made.sinceMs >= FRESH_MS) {
      before = made
      made = nothingMade()
    }
    const known = made.byEvent.get(event)?.get(key) ?? before.byEvent.get(event)?.get(key)
    if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.promise
    const promise = resolve(event, args).then((result) => ({ result, sent: {} }))
    const byKey = made.byEvent.get(event) ?? new Map<string, Made>()
    made.byEvent.set(event, byKey.set(key, { promise, atMs: nowMs }))
    made.count += 1
    return promise
  }

  function resultsOf(source: AsyncIterable<unknown>, args: ExecutionArgs): AsyncIterableIterator<ExecutionResult> {
    const events = source[Symbol.asyncIterator]()
    const context = args.contextValue as GraphQLContext
    const { caller } = context
    const shared = isEventSource(source) && caller !== null
    const key = shared ? `${numberOf(args.document)} ${rightsOf(caller)} ${variablesOfEvents(args)}` : ''
    const done = { done: true as const, value: undefined }

    const nextOne = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
      const next = await events.next()
      if (next.done === true) return done
      const isShared = shared && !(next.value instanceof Error)
      const value = isShared ? (await share(next.value as object, key, args)).result : await resolve(next.value, args)
      return { done: false, value }
    }
    const nextBatch = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
      const next = isEventSource(source) ? await source.nextEvents() : null
      if (next === null) return done
      const batch: ResultBatch = { batch: await Promise.all(next.map((event) => share(event, key, args))) }
      return { done: false, value: batch }
    }
    return {
      next: shared && context.takesBatches === true ? nextBatch : nextOne,
      async return() {
        await events.return?.()
        return done
      },
      async throw(error) {
        await events.return?.()
        throw error
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        const source = await orErrors(() => createSourceEventStream(args), args.contextValue as GraphQLContext)
        return isAsyncIterable<unknown>(source) ? resultsOf(source, args) : source
      })
    },
  }
}

interface Made {
  promise: Promise<SharedResult>
  atMs: number
}

/** Results by event, and then by document, variables and rights. */
interface Generation {
  byEvent: WeakMap<object, Map<string, Made>>
  count: number
  sinceMs: number
}

function nothingMade(): Generation {
  return { byEvent: new WeakMap(), count: 0, sinceMs: performance.now() }
}

/** Everything about a caller that decides what it sees. */
function rightsOf({ kind, role, workspaceId, endUserId, integrationIds }: Caller): string {
  return `${kind} ${role} ${workspaceId} ${endUserId} ${integrationIds?.join() ?? ''}`
}

/**
 * The variables that affect the result of an event. The arguments of the root field only select events, so they are left out:
 * a subscriber that resumes `after` a cursor shares results with all others.
 */
function variablesOfEvents({ document, operationName, variableValues }: ExecutionArgs): string {
  const operation = getOperationAST(document, operationName)
  const names = new Set<string>()
  const Variable = ({ name }: { name: { value: string } }) => void names.add(name.value)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, { Variable })
  }
  for (const selection of operation?.selectionSet.selections ?? []) visit(withoutArguments(selection), { Variable })
  const values = [...names].map((name) => [name, variableValues?.[name]])
  return JSON.stringify([operation?.name?.value, values])
}

function withoutArguments(selection: SelectionNode): SelectionNode {
  return selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection
}
