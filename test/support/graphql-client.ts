import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type DocumentNode, type ExecutionResult, print } from 'graphql'
import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** A typed document of codegen, or text: then the caller says what shape it asked for. */
export type Operation<Data, Variables> = TypedDocumentNode<Data, Variables> | string

export interface GraphQLClientOptions {
  /** Ends in `/graphql`. */
  url: string
  /** An API key, or null for a caller who has none. */
  key: string | null
  /** Of graphql-ws. Default: no second attempt. */
  webSocket?: Partial<ClientOptions>
}

export interface GraphQLClient {
  /** graphql-ws' own client, for `subscribeFrom` and for tests of the connection itself. */
  socket: Client
  /** @throws GraphQLRequestError when the answer has errors at its top */
  request<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): Promise<Data>
  /** The answer as it came, errors included. */
  execute<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): Promise<GraphQLAnswer<Data>>
  /** Over graphql-ws. Leave it with `break` or `return()`. */
  subscribe<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): AsyncGenerator<Data, void>
  /** Over Server-Sent Events. Leave it with `break` or `return()`. */
  sse<Data, Variables>(document: Operation<Data, Variables>, variables?: Variables): AsyncGenerator<Data, void>
  close(): Promise<void>
}

export interface GraphQLAnswer<Data> {
  status: number
  headers: Headers
  data: Data | null
  errors: NonNullable<ExecutionResult['errors']>
}

/** The server refused an operation. `codes` are those of the errors' extensions. */
export class GraphQLRequestError extends Error {
  override readonly name = 'GraphQLRequestError'
  readonly codes: unknown[]

  constructor(errors: readonly { message: string; extensions?: Record<string, unknown> | undefined }[]) {
    super(errors.map(({ message }) => message).join('\n'))
    this.codes = errors.map(({ extensions }) => extensions?.['code'])
  }
}

/** A client of one caller: requests, subscriptions over WebSocket and over Server-Sent Events. */
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
      if (data === null) throw new Error(`The answer (status ${status}) has neither data nor errors.`)
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
          throw new Error(`No event stream but status ${response.status}: ${await response.text()}`)
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

/** The messages of an event stream (HTML Living Standard, section 9.2.6). Comments, such as pings, are left out. */
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
