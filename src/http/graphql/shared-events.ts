import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
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
import { createExecutor } from './compiled-queries.ts'
import { sizeOf } from './limits/answer-limit.ts'
import { BYTE_POINTS, eventPoints, RESOLVED_POINTS } from './limits/operation-cost.ts'
import { type Audience, presentError, presentErrors } from './present-error.ts'

/** The result of one event, shared by all subscribers with the same document and rights. It must not be changed. */
export interface SharedResult {
  readonly result: ExecutionResult
  /** Cache of the sender: the result as JSON, and as a frame of the operation `id`. */
  readonly sent: { text?: string; id?: string; frame?: Buffer }
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
/** Results that are kept for other subscribers. When every subscriber has its own document, more have no effect. */
const MAX_KEPT = 10_000
/** The most bytes of them. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024

/**
 * Executes subscriptions. Each has its own source of events with its own position, filter and end. An event is resolved once
 * for all subscribers with the same document, the same relevant variables and the same rights: workspace, end user and role.
 * Each subscription still checks for itself whether its caller may be served. The subscriber for which an event is resolved is
 * charged for that.
 *
 * Must come before the plugins that wrap the subscription.
 */
export function useSharedEvents(logger: Logger, audience: Audience, points: PointLimits): Plugin<GraphQLContext> {
  const kept = createKeptResults()
  const execute = createExecutor()
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
  const presented = (error: unknown, { traceId }: GraphQLContext): ExecutionResult => ({
    errors: [presentError(error, traceId, logger, audience)],
  })

  /** @param charge adds the points that the event has taken */
  function resolve(
    event: unknown,
    args: ExecutionArgs,
    charge: (points: number) => void,
  ): Resolved | Promise<Resolved> {
    const given = args.contextValue as GraphQLContext
    // A budget of its own, because the result is shared. `eachEvent` sets the loaders.
    const contextValue: GraphQLContext = { ...given, budget: newBudget() }
    const finish = (result: ExecutionResult): Resolved => {
      const bytes = sizeOf(result.data, Number.POSITIVE_INFINITY)
      charge(eventPoints(args) + contextValue.budget.resolvedFields * RESOLVED_POINTS + bytes * BYTE_POINTS)
      const { errors } = result
      return {
        bytes,
        result:
          errors === undefined ? result : { ...result, errors: presentErrors(errors, given.traceId, logger, audience) },
        sent: {},
      }
    }
    try {
      const result = execute({ ...args, rootValue: event, contextValue })
      if (!(result instanceof Promise)) return finish(result)
      return result.then(finish, (error: unknown) => finish(presented(error, given)))
    } catch (error) {
      return finish(presented(error, given))
    }
  }

  /** @param keep whether other subscribers may get the same event */
  function share(
    event: object,
    key: string,
    args: ExecutionArgs,
    keep: boolean,
    charge: (points: number) => void,
  ): SharedResult | Promise<SharedResult> {
    if (!keep) return resolve(event, args, charge)
    return kept.get(event, key) ?? kept.set(event, key, resolve(event, args, charge))
  }

  function resultsOf(source: AsyncIterable<unknown>, args: ExecutionArgs): AsyncIterableIterator<ExecutionResult> {
    const events = source[Symbol.asyncIterator]()
    const context = args.contextValue as GraphQLContext
    const { caller } = context
    const feed = isEventSource(source) && caller !== null ? source : null
    const key = caller !== null ? `${numberOf(args.document)} ${rightsOf(caller)} ${variablesOfEvents(args)}` : ''
    const done = { done: true as const, value: undefined }
    const charge = (used: number) => {
      if (caller !== null && used > 0) points.settle(caller, used)
    }

    const nextOne = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
      const next = await events.next()
      if (next.done === true) return done
      const { value } = next
      const { result } =
        feed === null || value instanceof Error
          ? await resolve(value, args, charge)
          : await share(value as object, key, args, feed.isShared(), charge)
      return { done: false, value: result }
    }
    const nextBatch = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
      const next = feed === null ? null : await feed.nextEvents()
      if (next === null || feed === null) return done
      const keep = feed.isShared()
      let used = 0
      const results = next.map((event) => share(event, key, args, keep, (more) => (used += more)))
      // Waits only if there is something to wait for: most results are complete at once.
      const batch = results.some((result) => result instanceof Promise) ? await Promise.all(results) : results
      charge(used)
      return { done: false, value: { batch: batch as SharedResult[] } as ResultBatch }
    }
    return {
      next: feed !== null && context.takesBatches === true ? nextBatch : nextOne,
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
        const context = args.contextValue as GraphQLContext
        const source = await createSourceEventStream(args).catch((error: unknown) => presented(error, context))
        return isAsyncIterable<unknown>(source) ? resultsOf(source, args) : source
      })
    },
  }
}

interface Resolved extends SharedResult {
  /** Approximate size as JSON. */
  bytes: number
}

interface Kept {
  /** Undefined: dropped. */
  result: Resolved | Promise<Resolved> | undefined
  bytes: number
  atMs: number
  /** Where it is found. */
  byKey: Map<string, Kept>
  key: string
}

/** Results by event, and by document, variables and rights. The oldest are dropped first. */
function createKeptResults() {
  const byEvent = new WeakMap<object, Map<string, Kept>>()
  /** Oldest first. */
  const all = new Set<Kept>()
  let bytes = 0

  const drop = (kept: Kept) => {
    all.delete(kept)
    bytes -= kept.bytes
    kept.result = undefined
    if (kept.byKey.get(kept.key) === kept) kept.byKey.delete(kept.key)
  }
  const dropOld = () => {
    const freshFrom = performance.now() - FRESH_MS
    for (const oldest of all) {
      if (all.size <= MAX_KEPT && bytes <= MAX_KEPT_BYTES && oldest.atMs >= freshFrom) break
      drop(oldest)
    }
  }
  return {
    get(event: object, key: string): Resolved | Promise<Resolved> | undefined {
      const kept = byEvent.get(event)?.get(key)
      return kept === undefined || performance.now() - kept.atMs >= FRESH_MS ? undefined : kept.result
    },
    set(event: object, key: string, result: Resolved | Promise<Resolved>): Resolved | Promise<Resolved> {
      const byKey = byEvent.get(event) ?? new Map<string, Kept>()
      byEvent.set(event, byKey)
      const former = byKey.get(key)
      if (former !== undefined) drop(former)
      const kept: Kept = { result, bytes: 0, atMs: performance.now(), byKey, key }
      byKey.set(key, kept)
      all.add(kept)
      const settle = (settled: Resolved) => {
        if (kept.result === undefined) return
        // The next subscriber does not wait for what is there.
        kept.result = settled
        kept.bytes = settled.bytes
        bytes += settled.bytes
        dropOld()
      }
      if (result instanceof Promise) void result.then(settle)
      else settle(result)
      return result
    },
  }
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
