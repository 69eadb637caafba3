import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics, OperationOutcome } from '../../kit/metrics.ts'
import { inSpan, isTracing } from '../../kit/tracing.ts'
import type { PointLimits } from '../server/point-limits.ts'
import { createExecutor } from './compiled-queries.ts'
import { refusalOfKey } from './key-scopes.ts'
import type { KnownDocuments } from './known-documents.ts'
import type { Admission } from './limits/admission.ts'
import { limitAnswer, MAX_ANSWER_BYTES } from './limits/answer-limit.ts'
import { operationCost } from './limits/operation-cost.ts'
import type { OperationGuard } from './limits/operation-limits.ts'
import { type Charge, chargeOperation } from './limits/rate-limit.ts'
import { refusalResponse } from './present-error.ts'
import { refusalOfSession } from './session-fields.ts'
import { runInTenantScope, type ScopeOf } from './tenant-scope.ts'
import type { ResultPresenter } from './typed-errors.ts'

export interface OperationOptions {
  logger: Logger
  metrics: Metrics
  presenter: ResultPresenter
  guard: OperationGuard
  points: PointLimits
  admission: Admission
  /** Bytes of one answer. Default 16 MiB. */
  answerBytes?: number | undefined
  scopeOf: ScopeOf
  /** Collects the documents that are executed. */
  documents?: KnownDocuments | undefined
}

/** Executes a query or mutation, whose document is valid and whose context is a `GraphQLContext`. */
export type OperationExecutor = (args: ExecutionArgs) => Promise<ExecutionResult>

/**
 * Everything that happens to a query or mutation once its document is valid, in one function, whatever it came over: limits by
 * estimated cost, points, turn, rights, database scope, execution, size of the answer, errors, log line, metrics and span.
 * Subscriptions have plugins of their own (`graphql-server.ts`).
 */
export function createOperationExecutor(options: OperationOptions): OperationExecutor {
  const { logger, metrics, presenter, guard, points, admission, scopeOf, documents } = options
  const { answerBytes: maxBytes = MAX_ANSWER_BYTES } = options
  const execute = createExecutor()

  function resolve(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult {
    const context = args.contextValue as GraphQLContext
    return guard.run(context.budget, () => runInTenantScope(context, scopeOf, () => execute(args)))
  }

  /** Runs an operation that its caller may run, when its turn comes. */
  async function run(args: ExecutionArgs, charge: Charge | null, isMutation: boolean): Promise<ExecutionResult> {
    const context = args.contextValue as GraphQLContext
    const { caller } = context
    const refuse = (error: RateLimitedError) => {
      if (!isMutation) return refusalResponse(error)
      // Its resolvers return the error, and the answer has the header too.
      context.rateLimited = error
      return resolve(args)
    }
    if (charge !== null && charge.refused !== null) return refuse(charge.refused)
    const refusal = refusalOfKey(args) ?? refusalOfSession(args)
    if (refusal !== null) return refusal
    documents?.add(args.document)
    // The caller gate limits requests without a known caller.
    if (caller === null || charge === null) return resolve(args)
    let leave: () => void
    try {
      const entered = admission.enter(caller, operationCost(args).points)
      // One that need not wait begins here, because the admission counts how long those before it have taken in this iteration.
      leave = entered instanceof Promise ? await entered : entered
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error
      return refuse(error)
    }
    charge.begin()
    try {
      return await resolve(args)
    } finally {
      leave()
    }
  }

  return async (args) => {
    const startedMs = performance.now()
    const { document, operationName } = args
    const context = args.contextValue as GraphQLContext
    const { budget, caller, traceId } = context
    const operation = getOperationAST(document, operationName)
    const kind = operation?.operation ?? 'unknown'
    const name = operation?.name?.value
    const isMutation = kind === 'mutation'
    budget.bytesLeft = maxBytes
    let result = guard.refusal(args)
    if (result === null) {
      const charge = caller === null ? null : chargeOperation(points, caller, args)
      const executed = await inOperationSpan(kind, name, traceId, () => run(args, charge, isMutation))
      result = limitAnswer(executed, { budget, maxBytes, isMutation })
      charge?.settle(budget)
    }
    const presented = presenter.operation(result, args)
    const durationMs = performance.now() - startedMs
    logger.info(
      {
        traceId,
        operation: name,
        kind: operation?.operation,
        caller: caller?.kind,
        durationMs: Math.round(durationMs),
        errors: presented.errors?.map((error) => error.extensions['code']),
      },
      'operation',
    )
    metrics.operations.inc({ kind, outcome: outcomeOf(presented) })
    metrics.operationSeconds.observe({ kind }, durationMs / 1_000)
    return context.rateLimited === null ? presented : withRetryAfter(presented, context.rateLimited)
  }
}

function withRetryAfter(result: ExecutionResult, { retryAfterSeconds }: RateLimitedError): ExecutionResult {
  const headers = { 'retry-after': String(retryAfterSeconds) }
  return { ...result, extensions: { ...result.extensions, http: { headers } } }
}

function outcomeOf({ data, errors }: ExecutionResult): OperationOutcome {
  if (errors === undefined || errors.length === 0) return 'ok'
  return data == null ? 'error' : 'partial'
}

/** Opens a tracing span for an operation, or for the start of a subscription: kind, name and trace id. */
export function inOperationSpan<T>(
  kind: string,
  name: string | undefined,
  traceId: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!isTracing()) return work()
  const attributes = {
    'graphql.operation.type': kind,
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    'latchkey.trace_id': traceId,
  }
  return inSpan(
    name === undefined ? kind : `${kind} ${name}`,
    attributes,
    async (span) => {
      const result = await work()
      if (hasErrors(result)) span.fail('GraphQLError')
      return result
    },
    { kind: 'server' },
  )
}

function hasErrors(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || !('errors' in result)) return false
  return Array.isArray(result.errors) && result.errors.length > 0
}
