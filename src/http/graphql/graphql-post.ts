import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExecutionArgs, type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql'
import { processRegularResult } from 'graphql-yoga'
import { unknownCallerError } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { inTraceOf } from '../../kit/tracing.ts'
import { type CallerGate, namedWorkspace, WORKSPACE_HEADER } from '../server/caller-gate.ts'
import type { ClientAddress } from '../server/client-address.ts'
import { DEFAULT_HEADERS } from '../server/router.ts'
import { traceIdOf, withTrace } from '../server/trace.ts'
import { CORS_HEADERS, type CreateContext, type GraphQLServer, MAX_BODY_BYTES } from './graphql-server.ts'
import type { KnownDocuments } from './known-documents.ts'
import { type Audience, presentError, presentErrors, refusalResponse } from './present-error.ts'

interface GraphQLPostOptions {
  yoga: GraphQLServer
  documents: KnownDocuments
  createContext: CreateContext
  logger: Logger
  gate: CallerGate
  clientAddress: ClientAddress
  development: boolean
}

/** A fast path for plain GraphQL requests. */
export interface QuickAnswers {
  /** Decides by the headers. The whole body, at most `MAX_BODY_BYTES`, is read before `answer` is called. */
  wants(request: IncomingMessage): boolean
  /** @returns true: it answers the request; false: nothing has happened yet */
  answer(request: IncomingMessage, body: Buffer, response: ServerResponse): boolean
}

/** The content type that Yoga chooses, by Accept header. */
const ANSWERS: ReadonlyMap<string, string> = new Map([
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/json', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/graphql-response+json,application/json', 'application/graphql-response+json'],
  // Apollo Client.
  ['application/graphql-response+json,application/json;q=0.9', 'application/graphql-response+json'],
])

/**
 * Answers POST requests whose document was executed before, which are most of the requests. Their document is not parsed and
 * validated again, and they bypass `Request`, `Response` and the streams of the Fetch API, which take more time than the
 * execution. The operation goes through the same plugins. Requests with unusual headers, bodies or documents go to Yoga.
 */
export function createGraphQLPost(options: GraphQLPostOptions): QuickAnswers {
  const { yoga, documents, createContext, gate, clientAddress, logger, development } = options
  const audience: Audience = { schemaNames: development }

  async function run(operation: QuickOperation, request: IncomingMessage, traceId: string): Promise<ExecutionResult> {
    const address = clientAddress(request)
    try {
      const workspace = namedWorkspace(request.headers[WORKSPACE_HEADER])
      const identity = await gate.identify(request.headers.authorization, address, workspace)
      const contextValue = createContext(identity, traceId, { workspace, address })
      const isUnknown = contextValue.caller === null
      if (isUnknown && (!development || contextValue.callerError instanceof RateLimitedError)) {
        return refusalResponse(unknownCallerError(contextValue))
      }
      const { execute, schema } = yoga.getEnveloped({ params: operation.params, address })
      return await execute({ ...operation.args, schema, contextValue })
    } catch (error) {
      return { errors: [presentError(error, traceId, logger, audience)] }
    }
  }

  async function respond(operation: QuickOperation, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = request.headers['x-request-id']
    const traceId = traceIdOf(typeof requestId === 'string' ? requestId : null)
    const header = (name: string) => request.headers[name]?.toString()
    const result = await withTrace(traceId, () => inTraceOf(header, () => run(operation, request, traceId)))
    const headers: Record<string, string> = { ...DEFAULT_HEADERS, ...CORS_HEADERS, 'x-request-id': traceId }
    const contentType = ANSWERS.get(acceptedTypeOf(request)) ?? 'application/json'
    let status = 200
    let text: string
    if (result.errors === undefined && result.extensions === undefined) {
      text = JSON.stringify({ data: result.data })
      headers['content-type'] = `${contentType}; charset=utf-8`
    } else {
      const errors = presentErrors((result.errors ?? []) as GraphQLError[], traceId, logger, audience)
      const shown = errors.length === 0 ? result : { ...result, errors }
      const answer = processRegularResult(shown as never, { Response } as never, contentType)
      status = answer.status
      for (const [name, value] of answer.headers) headers[name] = value
      text = await answer.text()
    }
    if (response.destroyed) return
    headers['content-length'] = String(Buffer.byteLength(text))
    response.writeHead(status, headers).end(text)
  }

  return {
    wants: isPlain,
    answer(request, body, response) {
      const params = paramsOf(body)
      const document = params === null ? undefined : documents.get(params.query)
      if (params === null || document === undefined) return false
      const { variables: variableValues, operationName } = params
      if (getOperationAST(document, operationName) === null) return false
      const operation = { params, args: { document, variableValues, operationName } }
      respond(operation, request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'a request failed')
        response.destroy()
      })
      return true
    },
  }
}

interface Params {
  query: string
  variables?: Record<string, unknown> | null
  operationName?: string | null
}

interface QuickOperation {
  params: Params
  args: Pick<ExecutionArgs, 'document' | 'variableValues' | 'operationName'>
}

function isPlain(request: IncomingMessage): boolean {
  const { method, url, headers } = request
  const length = Number(headers['content-length'] ?? Number.NaN)
  return (
    method === 'POST' &&
    url === '/graphql' &&
    headers['content-type'] === 'application/json' &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    length > 0 &&
    length <= MAX_BODY_BYTES &&
    ANSWERS.has(acceptedTypeOf(request))
  )
}

function acceptedTypeOf({ headers }: IncomingMessage): string {
  return (headers.accept ?? '').replaceAll(' ', '')
}

/** The parameters of an operation; null: the body is not `{ query, variables?, operationName?, extensions? }`. */
function paramsOf(body: Buffer): Params | null {
  let params: unknown
  try {
    params = JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
  if (typeof params !== 'object' || params === null) return null
  // No plugin reads extensions. Clients send their name in them.
  const { query, variables, operationName, extensions, ...more } = params as Record<string, unknown>
  if (typeof query !== 'string' || Object.keys(more).length > 0) return null
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null
  if (operationName != null && typeof operationName !== 'string') return null
  if (extensions != null && (typeof extensions !== 'object' || Array.isArray(extensions))) return null
  return params as Params
}
