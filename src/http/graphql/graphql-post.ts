import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql'
import { processRegularResult } from 'graphql-yoga'
import type { Caller } from '../../access/caller.ts'
import { unknownCallerError } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import { createStage } from '../../kit/stage.ts'
import { inTraceOf } from '../../kit/tracing.ts'
import { type ConsoleCookie, headersOf } from '../console/cookie.ts'
import { type CallerGate, type Identity, namedWorkspace, WORKSPACE_HEADER } from '../server/caller-gate.ts'
import type { ClientAddress } from '../server/client-address.ts'
import type { PointLimits } from '../server/point-limits.ts'
import { DEFAULT_HEADERS } from '../server/router.ts'
import { traceIdOf, withTrace } from '../server/trace.ts'
import type { OperationExecutor } from './execute-operation.ts'
import { CORS_HEADERS, type CreateContext, MAX_BODY_BYTES, type RequestFacts } from './graphql-server.ts'
import type { KnownDocuments } from './known-documents.ts'
import { type Audience, presentError, presentErrors, refusalResponse } from './present-error.ts'

interface GraphQLPostOptions {
  schema: GraphQLSchema
  executor: OperationExecutor
  documents: KnownDocuments
  createContext: CreateContext
  logger: Logger
  gate: CallerGate
  /** The session of a browser that is signed in to the console. Default: there is no console. */
  cookie?: ConsoleCookie | undefined
  clientAddress: ClientAddress
  points: PointLimits
  development: boolean
}

/** Bodies up to this size are parsed for every caller, and cost nothing beyond the operation, in bytes. */
export const UNPARSED_BYTES = 16 * 1024
/** What it takes to parse a byte of a larger body, in points: 1 for each 32 KiB. A body of many small values takes that long. */
const PARSED_BYTE_POINTS = 1 / (32 * 1024)

/** Who sends a request, by its headers. */
export interface RequestCaller {
  /** Null: unknown. `identity` says why, or rejects. */
  caller: Caller | null
  identity: Identity | Promise<Identity>
  facts: RequestFacts
}

/** What happens to a GraphQL request with a body before it reaches Yoga. */
export interface QuickAnswers {
  /** Identifies the caller before the body is read. Never rejects. */
  identify(request: IncomingMessage): RequestCaller | Promise<RequestCaller>
  /**
   * Answers a request that is plain, or that the caller has no points for.
   * @param body the whole body, or more than `MAX_BODY_BYTES` of it
   * @returns true: it answers the request; false: it is for Yoga
   */
  answer(request: IncomingMessage, body: Buffer, response: ServerResponse, from: RequestCaller): boolean
  /** Answers why the caller is unknown. For bodies above `UNPARSED_BYTES`, which are not parsed then. */
  refuse(request: IncomingMessage, response: ServerResponse, from: RequestCaller): void
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
 * execution. The operation goes through the same executor. Requests with unusual headers, bodies or documents go to Yoga.
 */
export function createGraphQLPost(options: GraphQLPostOptions): QuickAnswers {
  const { schema, executor, documents, createContext, gate, cookie, clientAddress, points, logger, development } =
    options
  const audience: Audience = { schemaNames: development }

  type Run = (traceId: string) => Promise<ExecutionResult> | ExecutionResult

  function run(operation: QuickOperation, identity: Identity, facts: RequestFacts, traceId: string) {
    const contextValue = createContext(identity, traceId, facts)
    const isUnknown = contextValue.caller === null
    if (isUnknown && (!development || contextValue.callerError instanceof RateLimitedError)) {
      return refusalResponse(unknownCallerError(contextValue))
    }
    return executor({ ...operation, schema, contextValue })
  }

  async function write(run: Run, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = request.headers['x-request-id']
    const traceId = traceIdOf(typeof requestId === 'string' ? requestId : null)
    const header = (name: string) => request.headers[name]?.toString()
    let result: ExecutionResult
    try {
      result = await withTrace(traceId, () => inTraceOf(header, () => run(traceId)))
    } catch (error) {
      result = { errors: [presentError(error, traceId, logger, audience)] }
    }
    const contentType = ANSWERS.get(acceptedTypeOf(request)) ?? 'application/json'
    if (result.errors === undefined && result.extensions === undefined) {
      const headers = COMMON_HEADERS.concat('x-request-id', traceId, 'content-type', `${contentType}; charset=utf-8`)
      send(response, 200, headers, JSON.stringify({ data: result.data }))
      return
    }
    const errors = presentErrors((result.errors ?? []) as GraphQLError[], traceId, logger, audience)
    const shown = errors.length === 0 ? result : { ...result, errors }
    const answer = processRegularResult(shown as never, { Response } as never, contentType)
    const own = { ...DEFAULT_HEADERS, ...CORS_HEADERS, 'x-request-id': traceId, ...Object.fromEntries(answer.headers) }
    send(response, answer.status, Object.entries(own).flat(), await answer.text())
  }

  const stage = createStage()

  function respond(run: Run, request: IncomingMessage, response: ServerResponse): void {
    stage.run(() => {
      write(run, request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'a request failed')
        response.destroy()
      })
    })
  }

  return {
    identify(request) {
      const facts = { workspace: namedWorkspace(request.headers[WORKSPACE_HEADER]), address: clientAddress(request) }
      const credential = cookie?.ofRequest(headersOf(request.headers)) ?? request.headers.authorization
      const identity = gate.identify(credential, facts.address, facts.workspace)
      if (!(identity instanceof Promise)) return { caller: identity.caller, identity, facts }
      return identity.then(
        (known) => ({ caller: known.caller, identity: known, facts }),
        () => ({ caller: null, identity, facts }),
      )
    },
    answer(request, body, response, { caller, identity, facts }) {
      // Before the body is parsed, so that a caller without points cannot have large ones parsed.
      if (caller !== null && body.byteLength > UNPARSED_BYTES && body.byteLength <= MAX_BODY_BYTES) {
        const tooMany = points.take(caller, body.byteLength * PARSED_BYTE_POINTS)
        if (tooMany !== null) {
          respond(() => refusalResponse(tooMany), request, response)
          return true
        }
      }
      if (!isPlain(request)) return false
      const params = paramsOf(body)
      const document = params === null ? undefined : documents.get(params.query)
      if (params === null || document === undefined) return false
      const { variables: variableValues, operationName } = params
      if (getOperationAST(document, operationName) === null) return false
      const operation = { document, variableValues, operationName }
      const answer: Run = (traceId) =>
        identity instanceof Promise
          ? identity.then((known) => run(operation, known, facts, traceId))
          : run(operation, identity, facts, traceId)
      respond(answer, request, response)
      return true
    },
    refuse(request, response, { identity }) {
      const refusal: Run = async () => refusalResponse(unknownCallerError(await identity))
      respond(refusal, request, response)
    },
  }
}

const COMMON_HEADERS: readonly string[] = Object.entries({ ...DEFAULT_HEADERS, ...CORS_HEADERS }).flat()

/** @param headers names and values in turn */
function send(response: ServerResponse, status: number, headers: readonly string[], text: string): void {
  if (response.destroyed) return
  const length = Buffer.byteLength(text)
  response.writeHead(status, headers.concat('content-length', String(length)))
  // ASCII is the same in Latin-1, which is encoded faster.
  response.end(text, length === text.length ? 'latin1' : 'utf8')
}

const PARAMETERS: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions'])

interface Params {
  query: string
  variables?: Record<string, unknown> | null
  operationName?: string | null
}

type QuickOperation = Pick<ExecutionArgs, 'document' | 'variableValues' | 'operationName'>

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
  const { accept = '' } = headers
  return accept.includes(' ') ? accept.replaceAll(' ', '') : accept
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
  for (const name in params) if (!PARAMETERS.has(name)) return null
  // No plugin reads extensions. Clients send their name in them.
  const { query, variables, operationName, extensions } = params as Record<string, unknown>
  if (typeof query !== 'string') return null
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null
  if (operationName != null && typeof operationName !== 'string') return null
  if (extensions != null && (typeof extensions !== 'object' || Array.isArray(extensions))) return null
  return params as Params
}
