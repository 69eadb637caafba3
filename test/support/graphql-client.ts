import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type DocumentNode, type ExecutionResult, print } from 'graphql'
import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** A typed document from codegen, or text, for which the caller states the type of the result. */
export type Operation<Data, Variables> = TypedDocumentNode<Data, Variables> | string

export interface GraphQLClientOptions {
  /** Ends in `/graphql`. */
  url: string
  /** An API key; null sends none. */
  key: string | null
  /** Options of graphql-ws. Default: it does not reconnect. */
  webSocket?: Partial<ClientOptions>
}

export interface GraphQLClient {
  /** The graphql-ws client, for `subscribeFrom` and for tests of the WebSocket itself. */
  socket: Client
  /** @throws GraphQLRequestError when the response has top-level errors */
  request<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): Promise<Data>
  /** Returns the response with its errors. */
  execute<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): Promise<GraphQLAnswer<Data>>
  /** Subscribes over graphql-ws. End it with `break` or `return()`. */
  subscribe<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): AsyncGenerator<Data, void>
  /** Subscribes over Server-Sent Events. End it with `break` or `return()`. */
  sse<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): AsyncGenerator<Data, void>
  close(): Promise<void>
}

export interface GraphQLAnswer<Data> {
  status: number
  headers: Headers
  data: Data | null
  errors: NonNullable<ExecutionResult['errors']>
}

/** The response has top-level errors. `codes` are their `extensions.code`. */
export class GraphQLRequestError extends Error {
  override readonly name = 'GraphQLRequestError'
  readonly codes: unknown[]

  constructor(errors: readonly { message: string; extensions?: Record<string, unknown> | undefined }[]) {
    super(errors.map(({ message }) => message).join('\n'))
    this.codes = errors.map(({ extensions }) => extensions?.['code'])
  }
}

/** Creates a client for requests and for subscriptions over WebSocket and Server-Sent Events. */
export function createGraphQLClient({ url, key, webSocket }: GraphQLClientOptions): GraphQLClient {
  const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: authorization,
    retryAttempts: 0,
    ...webSocket,
  })

  const post = (query: string, variables: unknown, accept: string, signal: AbortSignal | null = null) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...authorization },
      body: JSON.stringify({ query, variables }),
      signal,
    })

  const client: GraphQLClient = {
    socket,
    async execute(document, variables) {
      const response = await post(textOf(document), variables, 'application/graphql-response+json, application/json')
      const { status, headers } = response
      const { data = null, errors = [] } = await response.json()
      return { status, headers, data, errors }
    },
    async request(document, variables) {
      const { data, errors, status } = await client.execute(document, variables)
      if (errors.length > 0) throw new GraphQLRequestError(errors)
      if (data === null) throw new Error(`The response (status ${status}) has neither data nor errors.`)
      return data
    },
    async *subscribe<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables) {
      const payload = { query: textOf(document), variables: { ...variables } }
      for await (const { data, errors } of socket.iterate<Data & Record<string, unknown>>(payload)) {
        if (errors !== undefined && errors.length > 0) throw new GraphQLRequestError(errors)
        if (data != null) yield data
      }
    },
    async *sse(document, variables) {
      const abort = new AbortController()
      const response = await post(textOf(document), variables, 'text/event-stream', abort.signal)
      try {
        if (response.body === null || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
          throw new Error(`Expected an event stream, got status ${response.status}: ${await response.text()}`)
        }
        for await (const { event, data } of messagesOf(response.body)) {
          if (event === 'complete') return
          const result = JSON.parse(data)
          if (result.errors !== undefined) throw new GraphQLRequestError(result.errors)
          yield result.data
        }
      } finally {
        abort.abort()
      }
    },
    close: async () => socket.dispose(),
  }
  return client
}

function textOf(document: string | DocumentNode): string {
  return typeof document === 'string' ? document : print(document)
}

/** Parses an event stream (HTML Living Standard, section 9.2.6). Comments, such as pings, are skipped. */
async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split(/\r?\n\r?\n/)
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split(/\r?\n/)
      const field = (name: string) =>
        lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, '')] : []))
      const data = field('data')
      const event = field('event')[0] ?? 'message'
      if (data.length > 0 || event !== 'message') yield { event, data: data.join('\n') }
    }
  }
}
