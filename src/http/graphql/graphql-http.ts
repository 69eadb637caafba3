import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql'
import {
  createGraphQLError,
  createLRUCache,
  createYoga,
  isAsyncIterable,
  type Plugin,
  type YogaServerInstance,
} from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import { type GraphQLContext, type Services, unknownCallerError } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics, OperationOutcome } from '../../kit/metrics.ts'
import { inSpan } from '../../kit/tracing.ts'
import type { CallerGate } from '../server/caller-gate.ts'
import { refusalResponse } from '../server/refusal.ts'
import { currentTraceId } from '../server/trace.ts'
import { useCompiledQueries } from './compiled-queries.ts'
import { useCrossOrigin } from './cross-origin.ts'
import { useDocumentLimits } from './document-limits.ts'
import { createContext } from './graphql-context.ts'
import type { KnownDocuments } from './known-documents.ts'
import { type OperationLimits, useOperationLimits } from './operation-limits.ts'
import { presentError } from './present-error.ts'
import { useRateLimit } from './rate-limit.ts'
import { useSessionFields } from './session-fields.ts'
import { useSharedEvents } from './shared-events.ts'
import { type ScopeOf, useTenantScope } from './tenant-scope.ts'
import { useTypedErrors } from './typed-errors.ts'

/** Bodies of GraphQL requests, counted while they come in; larger things go through the proxy. */
export const MAX_BODY_BYTES = 1024 * 1024
export const CACHED_DOCUMENTS = 250

export interface GraphQLHttpOptions {
  schema: GraphQLSchema
  services: Services
  gate: CallerGate
  /** GraphiQL, introspection and names of the schema in messages, for people at work; never in production. */
  development: boolean
  /** Points that a caller may use in a minute; 0: no limit. */
  rateLimit: number
  limits?: OperationLimits & { subscriptions?: number }
  /** Told of the documents that are run. */
  documents?: KnownDocuments
  /** Default: the workspace and the end user of the caller. */
  scopeOf?: ScopeOf | undefined
}

export type GraphQLServer = YogaServerInstance<RequestOrigin, GraphQLContext>

/** All that happens to an operation, in order, over HTTP and SSE; graphql-ws runs it through the same plugins. */
export function createGraphQLServer(options: GraphQLHttpOptions): GraphQLServer {
  const { schema, services, gate, development, rateLimit, scopeOf, limits = {} } = options
  const { logger } = services
  const audience = { schemaNames: development }
  const plugins: Plugin<GraphQLContext>[] = [
    useCrossOrigin() as Plugin<GraphQLContext>,
    useRequestRules() as Plugin<GraphQLContext>,
    useCaller({ services, gate, strangers: development }),
    ...useDocumentLimits({ introspection: development }),
    // What these run with, the others put something around, or in place of.
    useCompiledQueries(),
    useSharedEvents(logger, audience),
    useTypedErrors(logger, audience),
    useOperationLog(logger),
    useOperationMetrics(services.metrics),
    useSubscriptionLimit(limits.subscriptions),
    useOperationLimits(limits),
    useRateLimit(rateLimit),
    useSessionFields(),
    useTenantScope(scopeOf),
    useOperationSpans(),
    ...(options.documents === undefined ? [] : [options.documents.plugin as Plugin<GraphQLContext>]),
  ]
  return createYoga<RequestOrigin, GraphQLContext>({
    schema,
    graphqlEndpoint: '/graphql',
    cors: false,
    graphiql: development ? { title: 'Latchkey', subscriptionsProtocol: 'WS' } : false,
    // With all its scripts in the page: Yoga's own would fetch them from a public host.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
    landingPage: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: {
      documentCache: createLRUCache({ max: CACHED_DOCUMENTS }),
      // Documents that are not GraphQL come from nobody whom a cache would help.
      errorCache: { get: () => undefined, set: () => undefined },
    },
    // What must be known of an error is logged when it is presented. Raw, it would quote values.
    logging: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    maskedErrors: { maskError: (error) => presentError(error, currentTraceId(), logger, audience) },
    // The plugins see the whole context, of which they are handed the part that Yoga itself makes.
    plugins: plugins as Plugin[],
  }) as unknown as GraphQLServer
}

function ignore(): void {}

interface CallerOptions {
  services: Services
  gate: CallerGate
  /**
   * Whether a caller who is not known may have his document looked at. Where he may not, all that he sends has one answer,
   * so that nothing of the schema can be learned by trying. Where he may, he can read the schema, and no field.
   */
  strangers: boolean
}

/** What the router hands over with a request. */
interface RequestOrigin {
  /** Null: from within the process. */
  address: string | null
}

/** Finds out, for operations over HTTP and SSE, who is calling: before the document is looked at. */
function useCaller({ services, gate, strangers }: CallerOptions): Plugin<GraphQLContext> {
  const contexts = new WeakMap<Request, GraphQLContext>()
  return {
    async onParams({ request, context, setResult }) {
      const { address } = context as Partial<RequestOrigin>
      const identity = await gate.identify(request.headers.get('authorization'), address ?? null)
      const own = createContext(services, identity, currentTraceId())
      contexts.set(request, own)
      if (own.caller === null && (!strangers || own.callerError instanceof RateLimitedError)) {
        setResult(refusalResponse(unknownCallerError(own)))
      }
    },
    onContextBuilding({ context, extendContext }) {
      const { request } = context as { request?: Request }
      const own = request === undefined ? undefined : contexts.get(request)
      if (own !== undefined) extendContext(own)
    },
  }
}

/** One line for each operation: its name and kind, never its variables. */
function useOperationLog(logger: Logger): Plugin<GraphQLContext> {
  return {
    onExecute({ args }) {
      const startedMs = performance.now()
      return {
        onExecuteDone({ result }) {
          const { traceId, caller } = args.contextValue
          const operation = getOperationAST(args.document, args.operationName)
          logger.info(
            {
              traceId,
              operation: operation?.name?.value,
              kind: operation?.operation,
              caller: caller?.kind,
              durationMs: Math.round(performance.now() - startedMs),
              errors: isAsyncIterable(result) ? undefined : result.errors?.map((error) => error.extensions['code']),
            },
            'operation',
          )
        },
      }
    },
    onSubscribe({ args }) {
      const { traceId, caller } = args.contextValue
      const operation = getOperationAST(args.document, args.operationName)
      logger.info(
        { traceId, operation: operation?.name?.value, kind: 'subscription', caller: caller?.kind },
        'operation',
      )
    },
  }
}

/** Counts operations by kind and outcome, and the subscriptions that are open. */
function useOperationMetrics(metrics: Metrics): Plugin<GraphQLContext> {
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

/**
 * A span for each operation, and for the opening of each subscription: its kind, its name and our trace id. Last of the
 * plugins, so that what others put in place of the execution is within it.
 */
function useOperationSpans(): Plugin<GraphQLContext> {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => spanned(args, () => executeFn(args)))
    },
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => spanned(args, () => subscribeFn(args)))
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: executors are typed so
function spanned(args: ExecutionArgs, execute: () => any): Promise<any> {
  const operation = getOperationAST(args.document, args.operationName)
  const kind = operation?.operation ?? 'unknown'
  const name = operation?.name?.value
  const { traceId } = args.contextValue as GraphQLContext
  const attributes = {
    'graphql.operation.type': kind,
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    'latchkey.trace_id': traceId,
  }
  return inSpan(
    name === undefined ? kind : `${kind} ${name}`,
    attributes,
    async (span) => {
      const result = await execute()
      if (!isAsyncIterable(result) && (result?.errors?.length ?? 0) > 0) span.fail('GraphQLError')
      return result
    },
    { kind: 'server' },
  )
}

/** Headers that a page of another origin can send only after the browser has asked whether it may. */
const PREFLIGHTED_HEADERS = ['authorization', 'x-latchkey-csrf', 'apollo-require-preflight', 'x-graphql-yoga-csrf']

/**
 * Which requests are looked at. Callers are known by a header and never by a cookie, so a page that sends a request in its
 * visitor's name has nobody's rights; requests that a browser sends without asking first are refused all the same. A POST
 * is JSON; a GET, which has no body to tell it by, has one of the headers.
 */
function useRequestRules(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      const named = PREFLIGHTED_HEADERS.some((name) => request.headers.has(name))
      if (request.method === 'GET' && !named) {
        throw refusedResponse(
          403,
          'A GET must have a header that browsers ask about first, such as x-latchkey-csrf: 1.',
        )
      }
      if (request.method === 'POST' && !isJson(request.headers.get('content-type'))) {
        if (request.headers.get('content-length') === '0') throw refusedResponse(400, 'The body is missing.')
        throw refusedResponse(415, 'A POST must be application/json.')
      }
      if (requestParser !== undefined) setRequestParser(async (given) => readable(() => requestParser(given)))
    },
  }
}

/** The types that Yoga reads as JSON. */
function isJson(contentType: string | null): boolean {
  const essence = contentType?.split(';')[0]?.trim()
  return essence === 'application/json' || essence === 'application/graphql+json'
}

/** What cannot be read is the caller's mistake, told without the parser's words: Yoga passes those on, or throws them. */
async function readable<T>(read: () => Promise<T> | T): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError)
      throw refusedResponse(400, 'The query string is not valid.')
    if (error instanceof GraphQLError && 'originalError' in error.extensions) {
      throw refusedResponse(400, 'The body is not valid JSON.')
    }
    throw error
  }
}

function refusedResponse(status: number, message: string) {
  return createGraphQLError(message, { extensions: { code: 'INVALID_INPUT', http: { status } } })
}

/** Live subscriptions of one workspace's callers, over SSE and WebSocket together, in this process. */
const MAX_SUBSCRIPTIONS = 500

/** Refuses a subscription when the caller's workspace has too many of them. An operator's are counted by key. */
function useSubscriptionLimit(max = MAX_SUBSCRIPTIONS): Plugin<GraphQLContext> {
  const open = new Map<string, number>()
  return {
    onSubscribe({ args, setSubscribeFn }) {
      const { caller } = args.contextValue
      if (caller === null) return undefined
      const key = holderOf(caller)
      const count = open.get(key) ?? 0
      if (count >= max) {
        setSubscribeFn(() => refusalResponse(tooMany()))
        return undefined
      }
      // Counted from before it opens: many may open at once.
      open.set(key, count + 1)
      let ended = false
      const end = () => {
        if (ended) return
        ended = true
        const left = (open.get(key) ?? 1) - 1
        if (left > 0) open.set(key, left)
        else open.delete(key)
      }
      return {
        onSubscribeError: end,
        onSubscribeResult({ result }) {
          if (isAsyncIterable(result)) return { onEnd: end }
          end()
          return undefined
        },
      }
    },
  }
}

function holderOf({ workspaceId, apiKeyId }: Caller): string {
  return workspaceId ?? apiKeyId ?? 'operators'
}

function tooMany(): RateLimitedError {
  return new RateLimitedError('Too many subscriptions are open. End some, or subscribe to the whole workspace once.', {
    retryAfterSeconds: 5,
  })
}
