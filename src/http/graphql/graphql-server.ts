import { type ExecutionArgs, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql'
import {
  createGraphQLError,
  createLRUCache,
  createYoga,
  type GraphiQLOptions,
  isAsyncIterable,
  type Plugin,
  processRegularResult,
  type YogaServerInstance,
} from 'graphql-yoga'
import { type GraphQLContext, newBudget, type Services, unknownCallerError } from '../../graphql/kernel/context.ts'
import { createLoaders } from '../../graphql/kernel/loaders.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import { createLimiter } from '../../kit/limiter.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import { CONSOLE_HEADER, type ConsoleCookie } from '../console/cookie.ts'
import { type CallerGate, type Identity, namedWorkspace, WORKSPACE_HEADER } from '../server/caller-gate.ts'
import { workspaceKey } from '../server/caller-key.ts'
import type { PointLimits } from '../server/point-limits.ts'
import { currentTraceId } from '../server/trace.ts'
import { createOperationExecutor, inOperationSpan, type OperationExecutor } from './execute-operation.ts'
import { refusalOfKey } from './key-scopes.ts'
import type { KnownDocuments } from './known-documents.ts'
import type { Admission } from './limits/admission.ts'
import { useDocumentLimits } from './limits/document-limits.ts'
import { createOperationGuard, type OperationGuard, type OperationLimits } from './limits/operation-limits.ts'
import { documentPoints, useSubscriptionCharge } from './limits/rate-limit.ts'
import { isPersistedQuery, persistedQueryNotSupported, presentError, refusalResponse } from './present-error.ts'
import { refusalOfSession } from './session-fields.ts'
import { useSharedEvents } from './shared-events.ts'
import { type ScopeOf, scopeOfCaller, useTenantScope } from './tenant-scope.ts'
import { createResultPresenter, useTypedErrors } from './typed-errors.ts'

/** The largest body of a GraphQL request, counted while it arrives. Larger payloads go through the proxy. */
export const MAX_BODY_BYTES = 1024 * 1024
/** Parsed documents that are kept. */
export const CACHED_DOCUMENTS = 250

/** Where a request comes from, and which workspace it names. */
export interface RequestFacts {
  /** Global id or slug; null: none. */
  workspace: string | null
  /** IP address of the client; null: not known. */
  address: string | null
}

/** Builds the context of one operation. An unknown caller gets one too; the fields then refuse the caller. */
export type CreateContext = (identity: Identity, traceId: string, facts: RequestFacts) => GraphQLContext

export function contextFactory(services: Services): CreateContext {
  return (identity, traceId, { workspace, address }) => ({
    services,
    traceId,
    workspace,
    address,
    loaders: createLoaders(services.database, identity.caller),
    budget: newBudget(),
    rateLimited: null,
    ...identity,
  })
}

export interface GraphQLServerOptions {
  schema: GraphQLSchema
  createContext: CreateContext
  gate: CallerGate
  /** The session of a browser that is signed in to the console. Default: there is no console. */
  cookie?: ConsoleCookie | undefined
  logger: Logger
  metrics: Metrics
  /** Enables GraphiQL, introspection and schema names in messages. Must be false in production. */
  development: boolean
  /** What callers may cost. */
  points: PointLimits
  /** When operations begin. */
  admission: Admission
  limits?: OperationLimits & {
    /** Open subscriptions of one workspace. Default 500. */
    subscriptions?: number
    /** Bytes of one answer. Default 16 MiB. */
    answerBytes?: number
  }
  /** Collects the documents that are executed. */
  documents?: KnownDocuments
  /** Default: the workspace and the end user of the caller. */
  scopeOf?: ScopeOf | undefined
}

export type GraphQLServer = YogaServerInstance<RequestOrigin, GraphQLContext>

/** What the router passes along with a request. */
interface RequestOrigin {
  /** The client's IP address; null: the request comes from within the process. */
  address: string | null
  /** The caller, if it was identified before the body was read. */
  identity?: Identity | Promise<Identity> | undefined
}

/**
 * The GraphQL server over HTTP and SSE, and what executes its queries and mutations. `plugins` lists everything that happens to a
 * document before its execution, and to a subscription; graphql-ws uses them too.
 */
export function createGraphQLServer(options: GraphQLServerOptions): {
  yoga: GraphQLServer
  executor: OperationExecutor
} {
  const {
    schema,
    createContext,
    gate,
    cookie,
    logger,
    metrics,
    development,
    points,
    admission,
    scopeOf = scopeOfCaller,
    limits = {},
    documents,
  } = options
  const audience = { schemaNames: development }
  const presenter = createResultPresenter(logger, audience)
  const guard = createOperationGuard(schema, limits)
  const executor = createOperationExecutor({
    logger,
    metrics,
    presenter,
    guard,
    points,
    admission,
    answerBytes: limits.answerBytes,
    scopeOf,
    documents,
  })
  const plugins: Plugin<GraphQLContext>[] = [
    useCrossOrigin() as Plugin<GraphQLContext>,
    useRequestRules() as Plugin<GraphQLContext>,
    usePersistedQueryRefusal(),
    useCaller({ createContext, gate, cookie, points, admission, allowUnknown: development }),
    ...useDocumentLimits({ introspection: development }),
    { onExecute: ({ setExecuteFn }) => setExecuteFn(executor) },
    // Replaces the executor of subscriptions. It comes before the plugins that wrap it.
    useSharedEvents(logger, audience, points),
    useTypedErrors(presenter),
    useSubscriptionLog(logger),
    useOperationMetrics(metrics),
    useSubscriptionType(),
    useSubscriptionLimit(limits.subscriptions, () => metrics.refusals.inc({ limit: 'subscriptions' })),
    useSubscriptionRefusals(guard),
    useSubscriptionCharge(points),
    useTenantScope(scopeOf),
    // Last, so that its span includes everything that the plugins above put around the start.
    useSubscriptionSpans(),
  ]
  const yoga = createYoga<RequestOrigin, GraphQLContext>({
    schema,
    graphqlEndpoint: '/graphql',
    cors: false,
    graphiql: development ? GRAPHIQL : false,
    // This renderer puts all scripts into the page. Yoga's own loads them from a public host.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
    landingPage: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: {
      documentCache: createLRUCache({ max: CACHED_DOCUMENTS }),
      // Documents that do not parse are not worth caching.
      errorCache: { get: () => undefined, set: () => undefined },
    },
    // presentError logs what must be known. Yoga would log errors with the values that they quote.
    logging: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    maskedErrors: { maskError: (error) => presentError(error, currentTraceId(), logger, audience) },
    // The plugins are typed with the whole context; Yoga types them with its own part of it.
    plugins: plugins as Plugin[],
  }) as unknown as GraphQLServer
  return { yoga, executor }
}

function ignore(): void {}

/** The query that GraphiQL opens with. */
const STARTER_QUERY = `# Welcome to Latchkey.
#
# 1. Sign in. Replace <API key> under Headers below.
#    Latchkey prints the first operator key when it
#    starts for the first time.
# 2. Press Ctrl-Enter to run the query. The answer
#    shows who you are.
# 3. Write your own. Ctrl-Space completes names. The
#    Docs button at the top left explains the schema.
#
# Queries to try:
# { providers(first: 5) { nodes { slug } } }
# { workspaces { nodes { id name } } }
# mutation { createWorkspace(input: {name: "Acme"}) {
#   __typename
# } }

query Viewer {
  viewer {
    kind
    role
    workspace {
      id
      name
    }
  }
}
`

const LOGO = `<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
<circle cx="7.5" cy="15.5" r="4.5"/><path d="M11 12 20 3m-4 4 3 3"/></svg>`

const GRAPHIQL: GraphiQLOptions = {
  title: 'Latchkey',
  logo: LOGO,
  favicon: 'data:,',
  defaultQuery: STARTER_QUERY,
  headers: JSON.stringify({ Authorization: 'Bearer <API key>' }, null, 2),
  // The browser must not store the API key.
  shouldPersistHeaders: false,
  // GraphiQL sends the Authorization header with SSE, but not with WebSocket.
  subscriptionsProtocol: 'SSE',
}

/** Headers of every answer of the endpoint. */
export const CORS_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-request-id, retry-after',
}
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, POST',
  // The asterisk does not include Authorization (Fetch, section 4.9).
  'access-control-allow-headers': 'authorization, *',
  'access-control-max-age': '86400',
}

/**
 * Allows requests from pages of every origin. This is safe because their callers are identified by a header: the cookie of the console
 * counts only in requests of our own pages (`ConsoleCookie`). Without `access-control-allow-credentials`, browsers also refuse to show
 * other pages the answer to a request with cookies. Yoga's own CORS support would repeat the request's origin, which allows them.
 */
function useCrossOrigin(): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      if (request.method !== 'OPTIONS') return
      endResponse(
        new fetchAPI.Response(null, { status: 204, headers: { 'content-length': '0', ...PREFLIGHT_HEADERS } }),
      )
    },
    onResponse({ response }) {
      for (const [name, value] of Object.entries(CORS_HEADERS)) response?.headers.set(name, value)
    },
  }
}

/** Headers that a page of another origin can send only after a preflight request. */
const PREFLIGHTED_HEADERS = [
  'authorization',
  'x-latchkey-csrf',
  CONSOLE_HEADER,
  'apollo-require-preflight',
  'x-graphql-yoga-csrf',
]

/**
 * Refuses requests whose answer the client does not accept, WebSocket handshakes that are not upgrades, and requests that a browser
 * sends to another origin without a preflight. The last would have no caller, but there is no reason to run them. A POST must be
 * JSON. A GET has no content type and must have one of `PREFLIGHTED_HEADERS`.
 */
function useRequestRules(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      // Yoga compares the types after the execution, when a mutation has taken effect.
      if (!ANSWER_TYPES.some((type) => accepts(request, type))) {
        const types = ANSWER_TYPES.join(', ')
        throw notAcceptable(`The Accept header allows none of the types of an answer: ${types}.`, ANSWER_TYPES)
      }
      if (request.method === 'GET' && HANDSHAKE_HEADERS.some((name) => request.headers.has(name))) {
        throw strippedUpgrade()
      }
      const preflighted = PREFLIGHTED_HEADERS.some((name) => request.headers.has(name))
      if (request.method === 'GET' && !preflighted) {
        throw invalidRequest(403, 'A GET request needs a header that triggers a preflight, such as x-latchkey-csrf: 1.')
      }
      if (request.method === 'POST' && !isJson(request.headers.get('content-type'))) {
        if (request.headers.get('content-length') === '0') throw invalidRequest(400, 'The body is missing.')
        throw invalidRequest(415, 'The content type of a POST request must be application/json.')
      }
      if (requestParser !== undefined) setRequestParser(async (given) => parseRequest(() => requestParser(given)))
    },
    onResultProcess({ resultProcessor, setResultProcessor }) {
      // Yoga has no processor for a type that was refused, and would answer with an empty body.
      if (resultProcessor === undefined) setResultProcessor(processRegularResult as never, 'application/json')
    },
  }
}

/** Headers of a WebSocket handshake that a proxy passes on even if it removes `Upgrade` (RFC 6455, section 4.1). */
const HANDSHAKE_HEADERS = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol']

/** Answers a WebSocket handshake that arrives as an ordinary GET request. */
function strippedUpgrade(): GraphQLError {
  return invalidRequest(
    426,
    'This WebSocket handshake arrived without the header "Upgrade: websocket" or "Connection: Upgrade". A proxy in front of Latchkey has removed it. Configure the proxy to pass both headers on, in nginx with proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and proxy_set_header Connection "upgrade". Or subscribe with Server-Sent Events (Accept: text/event-stream).',
    // Some clients take the headers for the begin of an upgrade and cannot use the connection again.
    { upgrade: 'websocket', connection: 'Upgrade, close' },
  )
}

/** Whether Yoga reads this content type as JSON. */
function isJson(contentType: string | null): boolean {
  const essence = contentType?.split(';')[0]?.trim()
  return essence === 'application/json' || essence === 'application/graphql+json'
}

/** Replaces the parser's error by one of our own, because Yoga would show the parser's message or crash. */
async function parseRequest<T>(parse: () => Promise<T> | T): Promise<T> {
  try {
    return await parse()
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) {
      throw invalidRequest(400, 'The query string is not valid.')
    }
    if (error instanceof GraphQLError && 'originalError' in error.extensions) {
      throw invalidRequest(400, 'The body is not valid JSON.')
    }
    throw error
  }
}

function invalidRequest(status: number, message: string, headers: Record<string, string> = {}): GraphQLError {
  return createGraphQLError(message, { extensions: { code: 'INVALID_INPUT', http: { status, headers } } })
}

const EVENT_STREAM = 'text/event-stream'
/** The content types of answers. A subscription has only the first. */
const ANSWER_TYPES = [EVENT_STREAM, 'application/graphql-response+json', 'application/json', 'multipart/mixed']

function notAcceptable(message: string, types: readonly string[]): GraphQLError {
  return invalidRequest(406, message, { accept: types.join(', ') })
}

/**
 * Refuses subscriptions of clients that do not accept events, before anything is opened. Yoga itself compares the types when there
 * is a result, and leaves the subscription open.
 */
function useSubscriptionType(): Plugin<GraphQLContext> {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      // Absent over WebSocket.
      const { request } = args.contextValue as { request?: Request }
      if (request === undefined || accepts(request, EVENT_STREAM)) return
      const message = `The Accept header does not allow the type of a subscription over HTTP. Send "Accept: ${EVENT_STREAM}", or subscribe over WebSocket.`
      setResultAndStopExecution({ errors: [notAcceptable(message, [EVENT_STREAM])] })
    },
  }
}

/** Whether the Accept header includes a type, as Yoga reads it: without weights, and in UTF-8 only. */
function accepts(request: Request, type: string): boolean {
  const accepted = (request.headers.get('accept') || '*/*').replaceAll(/\s/g, '').toLowerCase().split(',')
  const [group] = type.split('/')
  return accepted.some((each) => {
    const [range, ...parameters] = each.split(';')
    const charset = parameters.find((parameter) => parameter.includes('charset='))
    if (charset !== undefined && charset !== 'charset=utf-8') return false
    return range === type || range === `${group}/*` || range === '*/*'
  })
}

/** Refuses persisted queries, of which none are stored, so that clients send the document. */
function usePersistedQueryRefusal(): Plugin<GraphQLContext> {
  return {
    onParams({ params, setParams, setResult }) {
      if (!isPersistedQuery(params)) return
      // Yoga checks the parameters although there is a result.
      setParams({ ...params, query: '' })
      setResult({ errors: [persistedQueryNotSupported(currentTraceId())] })
    },
  }
}

interface CallerOptions {
  createContext: CreateContext
  gate: CallerGate
  cookie: ConsoleCookie | undefined
  points: PointLimits
  admission: Admission
  /**
   * Whether documents of unknown callers are parsed and validated. If not, every document gets the same answer, so that
   * nothing about the schema can be found out by trying. If so, an unknown caller can read the schema but no data.
   */
  allowUnknown: boolean
}

/** Identifies the caller of an operation over HTTP or SSE before its document is parsed. */
function useCaller({
  createContext,
  gate,
  cookie,
  points,
  admission,
  allowUnknown,
}: CallerOptions): Plugin<GraphQLContext> {
  const contexts = new WeakMap<Request, GraphQLContext>()
  /** Ends what was entered to parse and validate the document of a request. */
  const parsing = new WeakMap<Request, () => void>()
  return {
    async onParams({ request, params, context, setResult }) {
      const { address = null, identity: known } = context as Partial<RequestOrigin>
      const workspace = namedWorkspace(request.headers.get(WORKSPACE_HEADER))
      const credential = cookie?.ofRequest((name) => request.headers.get(name)) ?? request.headers.get('authorization')
      const identity = await (known ?? gate.identify(credential, address, workspace))
      const own = createContext(identity, currentTraceId(), { workspace, address })
      contexts.set(request, own)
      if (own.caller === null && (!allowUnknown || own.callerError instanceof RateLimitedError)) {
        setResult(refusalResponse(unknownCallerError(own)))
        return
      }
      // Here, because a document that is not valid costs too, and is never executed.
      if (own.caller === null) return
      const cost = documentPoints(params.query)
      const error = points.take(own.caller, cost)
      if (error !== null) return setResult(refusalResponse(error))
      try {
        parsing.set(request, await admission.enter(own.caller, cost))
      } catch (tooMany) {
        if (!(tooMany instanceof RateLimitedError)) throw tooMany
        setResult(refusalResponse(tooMany))
      }
    },
    onContextBuilding({ context, extendContext }) {
      const { request } = context as { request?: Request }
      const own = request === undefined ? undefined : contexts.get(request)
      if (own !== undefined) extendContext(own)
      if (request !== undefined) parsing.get(request)?.()
    },
    // A document that is not valid gets no context.
    onResultProcess: ({ request }) => parsing.get(request)?.(),
  }
}

/** Writes a log line for each subscription that starts, as `createOperationExecutor` does for each operation that ends. */
function useSubscriptionLog(logger: Logger): Plugin<GraphQLContext> {
  return {
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

/** Counts subscriptions, and operations that are refused before they are executed. */
function useOperationMetrics({ operations, subscriptions }: Metrics): Plugin<GraphQLContext> {
  const countRefused = () => operations.inc({ kind: 'unknown', outcome: 'refused' })
  return {
    onParse: () => (parsed: { result: unknown }) => {
      if (parsed.result === null || parsed.result instanceof Error) countRefused()
    },
    onValidate: () => (validated: { valid: boolean }) => {
      if (!validated.valid) countRefused()
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

/** Open subscriptions of one workspace in this process, over SSE and WebSocket together. */
const MAX_SUBSCRIPTIONS = 500

/** Refuses a subscription when the caller's workspace has too many open. Operators are counted by API key. */
function useSubscriptionLimit(max = MAX_SUBSCRIPTIONS, onRefused: () => void): Plugin<GraphQLContext> {
  const open = createLimiter(max)
  return {
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const { caller } = args.contextValue
      if (caller === null) return
      const owner = workspaceKey(caller)
      setSubscribeFn(async (given: ExecutionArgs) => {
        if (open.count(owner) >= max) {
          onRefused()
          return refusalResponse(tooManySubscriptions())
        }
        // Counted before it opens, because many may open at once.
        const { promise: ended, resolve: end } = Promise.withResolvers<void>()
        void open.run(owner, () => ended)
        let result: unknown
        try {
          result = await subscribeFn(given)
        } catch (error) {
          end()
          throw error
        }
        if (isAsyncIterable<unknown>(result)) return untilEnd(result, end)
        end()
        return result
      })
    },
  }
}

/** Calls `onEnd` when a source ends, fails or is left. It may be called more than once. */
function untilEnd<T>(source: AsyncIterable<T>, onEnd: () => void): AsyncIterableIterator<T, unknown> {
  const iterator = source[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const next = await iterator.next()
        if (next.done === true) onEnd()
        return next
      } catch (error) {
        onEnd()
        throw error
      }
    },
    async return(value) {
      onEnd()
      return (await iterator.return?.(value)) ?? { done: true, value }
    },
    async throw(error) {
      onEnd()
      return (await iterator.throw?.(error)) ?? Promise.reject(error)
    },
  }
}

function tooManySubscriptions(): RateLimitedError {
  return new RateLimitedError(
    'Too many subscriptions are open. Close some of them, or open one subscription for the whole workspace.',
    { retryAfterSeconds: 5 },
  )
}

/** Refuses subscriptions that would cost too much, and those that their caller may not read. */
function useSubscriptionRefusals(guard: Pick<OperationGuard, 'refusal'>): Plugin<GraphQLContext> {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const result = guard.refusal(args) ?? refusalOfKey(args) ?? refusalOfSession(args)
      if (result !== null) setResultAndStopExecution(result)
    },
  }
}

function useSubscriptionSpans(): Plugin<GraphQLContext> {
  return {
    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => {
        const name = getOperationAST(args.document, args.operationName)?.name?.value
        const { traceId } = args.contextValue as GraphQLContext
        return inOperationSpan('subscription', name, traceId, async () => subscribeFn(args))
      })
    },
  }
}
