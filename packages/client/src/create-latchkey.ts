import { follow, isRefusal, type OpenSubscription, overEventStream, overWebSocket, withOwnNames } from './follow.ts'
import type { Operations } from './generated/latchkey.ts'
import { OPERATIONS } from './generated/operations.ts'
import type { EventType, LatchkeyEvent } from './generated/types.ts'
import type { ErrorData } from './latchkey-error.ts'
import type { CallOptions, Operation, Page, ReconnectOptions, WatchOptions } from './operation.ts'
import { type TypedDocument, textOf } from './print-document.ts'
import { type Gateway, send, toError } from './send.ts'
import type { SubscriptionClient } from './subscribe-from.ts'

export interface LatchkeyOptions {
  /** The address of the gateway, such as `https://latchkey.example.com`. */
  url: string
  /** An API key. */
  key?: string | undefined
  /** In place of `key`: the token of a connect session, or of an OIDC issuer. A function is called for each request. */
  token?: string | (() => string | Promise<string>) | undefined
  /** Id or slug of the workspace, for callers that belong to several ones. */
  workspace?: string | undefined
  /**
   * `createClient` of the npm package `graphql-ws`: subscriptions then share one WebSocket. Default: each subscription is a
   * request with Server-Sent Events. Node 20 has no WebSocket: pass a function there that adds `webSocketImpl` to the options.
   */
  graphqlWs?:
    | ((options: {
        url: string
        connectionParams: () => Promise<Record<string, unknown>>
        shouldRetry: (event: unknown) => boolean
        retryAttempts: number
      }) => SubscriptionClient)
    | undefined
  /**
   * How often a request is sent again after a failure that may pass: a lost connection, 429 and 503, errors that say so. Only
   * queries are, and actions with an `idempotencyKey`. Default: 4.
   */
  retries?: number | undefined
  /** In place of the global function. */
  fetch?: typeof fetch | undefined
}

export interface RequestOptions extends CallOptions {
  /** The document can be sent twice without another effect. Default: true for queries, false for mutations. */
  repeatable?: boolean | undefined
}

/** Whose events to follow. */
export type FollowVariables = {
  /** The cursor of the last event that was handled. Default: from now on, and for a sync job from its first event. */
  after?: string | null | undefined
} & ({ workspaceId: string; types?: readonly EventType[] | null } | { connectionId: string } | { syncJobId: string })

export interface Latchkey extends Omit<Operations, 'events'> {
  /** Sends a document of your own. Fails if the response has errors, also if it has data too. */
  request<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Data>
  request<Data = unknown>(document: string, variables?: object, options?: RequestOptions): Promise<Data>
  /** Iterates over all items of a list, page by page: `latchkey.all(latchkey.connections.list, { workspaceId })`. */
  all<Variables extends object | undefined, Item>(
    list: (variables: Variables, options?: CallOptions) => Promise<Page<Item>>,
    variables: NoInfer<Variables>,
    options?: CallOptions,
  ): AsyncGenerator<Item, void, undefined>
  events: Operations['events'] & {
    /**
     * Every event once, in order, across lost connections and restarts of the gateway. The events of a sync job end with the
     * job; others go on until the loop is left or `signal` aborts.
     */
    follow(variables: FollowVariables, options?: WatchOptions): AsyncGenerator<LatchkeyEvent, void, undefined>
  }
}

/** Creates a client of a gateway. It opens nothing before the first call. */
export function createLatchkey(options: LatchkeyOptions): Latchkey {
  const gateway = gatewayOf(options)
  const events = overEventStream(gateway)
  const socket = options.graphqlWs === undefined ? null : overWebSocket(socketOf(options, gateway.url))
  const groups = Object.entries(OPERATIONS).map(([group, operations]) => {
    const functions = Object.entries(operations).map(([name, operation]) => [
      name,
      operation.document.startsWith('subscription')
        ? watcher(gateway, operation, operation.flags?.includes('events') ? (socket ?? events) : events)
        : caller(gateway, operation),
    ])
    return [group, Object.fromEntries(functions)]
  })
  const operations: Operations = Object.fromEntries(groups)
  return {
    ...operations,
    events: {
      ...operations.events,
      follow(variables, watching) {
        if ('syncJobId' in variables) return operations.syncJobEvents.watch(variables, watching)
        if ('connectionId' in variables) return operations.connectionEvents.watch(variables, watching)
        return operations.workspaceEvents.watch(variables, watching)
      },
    },
    request(
      document: string | TypedDocument<unknown, never>,
      variables: unknown,
      { repeatable, signal }: RequestOptions = {},
    ) {
      const text = textOf(document)
      const request = { document: text, variables, signal }
      return send(gateway, request, repeatable ?? isQuery(text), (data) => data) as Promise<never>
    },
    async *all(list, variables, calling) {
      let after = (variables as { after?: string | null } | undefined)?.after ?? null
      for (;;) {
        const { nodes, pageInfo } = await list({ ...variables, after } as typeof variables, calling)
        yield* nodes
        if (!pageInfo.hasNextPage) return
        after = pageInfo.endCursor
      }
    },
  }
}

function gatewayOf({
  url,
  key,
  token = key,
  workspace,
  retries = 4,
  fetch = globalThis.fetch,
}: LatchkeyOptions): Gateway {
  return {
    url: `${url.replace(/\/+$/, '')}/graphql`,
    // Browsers allow `fetch` as a method of the window only.
    fetch: (...request) => fetch(...request),
    retries,
    renewsToken: typeof token === 'function',
    headers: async () => {
      const authorization = await authorizationOf(token)
      return {
        // Fetch would send the word undefined.
        ...(authorization === undefined ? {} : { authorization }),
        ...(workspace === undefined ? {} : { 'x-latchkey-workspace': workspace }),
      }
    },
  }
}

async function authorizationOf(token: LatchkeyOptions['token']): Promise<string | undefined> {
  return token === undefined ? undefined : `Bearer ${typeof token === 'function' ? await token() : token}`
}

function socketOf({ graphqlWs, key, token = key, workspace }: LatchkeyOptions, url: string): SubscriptionClient {
  if (graphqlWs === undefined) throw new TypeError('The option graphqlWs is missing.')
  return graphqlWs({
    url: url.replace(/^http/, 'ws'),
    connectionParams: async () => ({ authorization: await authorizationOf(token), workspace }),
    shouldRetry: (event) => !isRefusal(event),
    retryAttempts: Number.MAX_SAFE_INTEGER,
  })
}

/** Whether a document has queries only. */
function isQuery(document: string): boolean {
  const code = document.replaceAll(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#.*/g, '')
  return !/\b(?:mutation|subscription)\b/.test(code)
}

function caller(gateway: Gateway, { document, path, flags = [] }: Operation) {
  const isMutation = document.startsWith('mutation')
  return async (parameter: object | undefined, options: CallOptions & Partial<ReconnectOptions<unknown>> = {}) => {
    const variables = flags.includes('input') ? { input: parameter } : parameter
    const hasKey =
      flags.includes('idempotencyKey') && Boolean((parameter as { idempotencyKey?: unknown }).idempotencyKey)
    const result = await send(gateway, { document, variables, signal: options.signal }, !isMutation || hasKey, (data) =>
      resultOf(data, path, flags),
    )
    const isReconnect = flags.includes('reconnect') && (result as ErrorData).code === 'RECONNECT_REQUIRED'
    return isReconnect && options.onReconnect !== undefined ? options.onReconnect(result as never) : result
  }
}

/** Takes the result of an operation from its data. @throws LatchkeyError if it is an error, unless the caller has to handle it */
function resultOf(data: unknown, path: readonly string[], flags: NonNullable<Operation['flags']>): unknown {
  let result = data
  for (const [depth, name] of path.entries()) {
    if (result === null && depth > 0) {
      throw toError({
        code: 'NOT_FOUND',
        message: 'The object does not exist, or the caller cannot see it.',
        status: 404,
      })
    }
    result = (result as Record<string, unknown>)[name]
  }
  // The id belongs to an object of another type, of which nothing was selected.
  if (path[0] === 'node' && path.length === 1 && !isSelected(result)) return null
  if (path.length > 1 && result === undefined) {
    throw toError({ code: 'NOT_FOUND', message: 'The id belongs to an object of another type.', status: 404 })
  }
  if (flags.includes('events')) {
    const page = result as Page<object>
    return { ...page, nodes: page.nodes.map(withOwnNames) }
  }
  if (!flags.includes('result')) return result
  const { __typename } = result as { __typename: string }
  if (__typename.endsWith('Payload')) return result
  const error = toError(result as ErrorData)
  if (flags.includes('reconnect') && error.code === 'RECONNECT_REQUIRED') return error
  throw error
}

const isSelected = (result: unknown) => result !== null && Object.keys(result as object).length > 0

/** Subscriptions whose events end by themselves. */
const ENDING = new Set(['syncJobEvents', 'connectSession'])
/** The newest event of what a subscription follows. */
const NEWEST: Readonly<Record<string, string>> = {
  workspaceEvents:
    'query ($workspaceId: ID!) { node(id: $workspaceId) { ... on Workspace { events(first: 1, newestFirst: true) { nodes { cursor } } } } }',
  connectionEvents:
    'query ($connectionId: ID!) { node(id: $connectionId) { ... on Connection { events(first: 1, newestFirst: true) { nodes { cursor } } } } }',
}

function watcher(gateway: Gateway, { document, path, flags = [] }: Operation, open: OpenSubscription) {
  const [field = ''] = path
  const newest = NEWEST[field]
  const start = async (variables: Readonly<Record<string, unknown>>, signal: AbortSignal) => {
    if (newest === undefined) return null
    return send(gateway, { document: newest, variables, signal }, true, (data) => {
      const { node } = data as { node: { events?: { nodes: { cursor: string }[] } } | null }
      // The subscription itself says what is wrong with the id.
      return node?.events?.nodes[0]?.cursor ?? null
    })
  }
  return async function* (variables: Readonly<Record<string, unknown>>, options: WatchOptions = {}) {
    const results = follow<object>(open, { document, variables }, options, {
      start: (signal) => start(variables, signal),
      renewsToken: gateway.renewsToken,
      isEndless: !ENDING.has(field),
    })
    for await (const result of results) yield flags.includes('events') ? withOwnNames(result) : result
  }
}
