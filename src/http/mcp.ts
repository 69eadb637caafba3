import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { CallerAuthenticator } from '../access/authenticate.ts'
import { createToolAuthenticator, type ToolCaller } from '../access/tool-callers.ts'
import { runInScope } from '../db/scope.ts'
import type { SqlRunner } from '../db/sql.ts'
import { parseGlobalId } from '../graphql/kernel/global-id.ts'
import { LatchkeyError, RateLimitedError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { threadMs } from '../kit/thread-ms.ts'
import { createMcpServer, type McpDeps, type McpRequest } from '../tools/mcp-server.ts'
import { scopeOfCaller } from './graphql/tenant-scope.ts'
import { createCallerGate, namedWorkspace, WORKSPACE_HEADER } from './server/caller-gate.ts'
import type { PointLimits } from './server/point-limits.ts'
import { currentTraceId } from './server/trace.ts'

interface McpMountDeps {
  /** Read at each request: the public URL is known only when the server listens. */
  services: McpDeps & { issuerApproval?: 'workspace' | 'operator' }
  authenticator: CallerAuthenticator
  points: PointLimits
  /** Called for each credential that is refused without being decided. */
  onRefused?: (() => void) | undefined
}

/** @returns null: the request is not for the MCP endpoint */
export type McpRoutes = (request: Request, address: string | null) => Promise<Response | null>

const PATH = '/mcp'
const METADATA_PATH = '/.well-known/oauth-protected-resource'
/** What one message costs, in points (`server/point-limits.ts`). What a tool sends and receives is charged on its own. */
const MESSAGE_POINTS = 2
const MAX_BODY_BYTES = 1024 * 1024
/** Messages of one batch, which clients of the protocol version 2025-03-26 may send. */
const MAX_BATCH = 20
/** What the session id says about the client. */
const ELICITS_URLS = '.url'
const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.url)?$/

/**
 * The MCP endpoint (Streamable HTTP, answers in JSON) and its OAuth metadata:
 * - `/mcp`, with the token of a tool session, or with a JWT of an OIDC issuer
 * - `/mcp/<global id of a workspace>`, the same for one workspace, for JWTs that several workspaces accept
 * - `/.well-known/oauth-protected-resource` before these paths (RFC 9728)
 *
 * Nothing is kept between requests, so any process answers any of them. What the client said about itself when it initialized is in
 * the session id, which identifies nobody: every request is authenticated by its token.
 */
export function createMcpRoutes(deps: McpMountDeps): McpRoutes {
  const { services, authenticator, points, onRefused } = deps
  const gate = createCallerGate(createToolAuthenticator(services.database, authenticator), { onRefused })
  return async (request, address) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith(METADATA_PATH)) {
      const resource = resourceOf(pathname.slice(METADATA_PATH.length) || PATH)
      return resource === null ? null : metadata(deps, request, resource)
    }
    const resource = resourceOf(pathname)
    if (resource === null) return null
    if (!isOwnOrigin(request.headers.get('origin'), services.publicUrl)) {
      return refuse(403, 'Requests from web pages of other origins are not accepted.')
    }
    if (request.method !== 'POST')
      return refuse(405, 'Send messages with POST. There is no stream of events.', { allow: 'POST' })
    const authorization = request.headers.get('authorization')
    const workspace = resource.workspace ?? namedWorkspace(request.headers.get(WORKSPACE_HEADER))
    const { caller, callerError } = await gate.identify(authorization, address, workspace)
    if (caller === null)
      return refuseCaller(callerError, authorization, `${services.publicUrl}${METADATA_PATH}${resource.path}`)
    const body = await readBody(request)
    if (body instanceof Response) return body
    const tooMany = points.take(caller, MESSAGE_POINTS * (Array.isArray(body) ? body.length : 1))
    if (tooMany !== null) return refuseCaller(tooMany, authorization, '')
    const work = <T>(each: () => T): T => {
      const startMs = threadMs()
      try {
        return each()
      } finally {
        points.settle(caller, threadMs() - startMs)
      }
    }
    return runInScope(scopeOfCaller(caller), () =>
      answer(services, request, { body, address, work, caller: caller as ToolCaller }),
    )
  }
}

interface Resource {
  /** `/mcp`, or `/mcp/<global id of a workspace>`. */
  path: string
  /** Global id of the workspace. Null: the path names none. */
  workspace: string | null
}

function resourceOf(path: string): Resource | null {
  if (path === PATH) return { path, workspace: null }
  if (!path.startsWith(`${PATH}/`)) return null
  const workspace = path.slice(PATH.length + 1)
  return parseGlobalId(workspace)?.type === 'Workspace' ? { path, workspace } : null
}

/** Browsers send the origin of the page. A page that made its own host name resolve to this server is refused (DNS rebinding). */
function isOwnOrigin(origin: string | null, publicUrl: string): boolean {
  return origin === null || origin === new URL(publicUrl).origin
}

/** The JSON of the body, or the answer that refuses it. */
async function readBody(request: Request): Promise<unknown> {
  const tooLarge = () => refuse(413, `The body must have at most ${MAX_BODY_BYTES} bytes.`)
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) return tooLarge()
  const text = await request.text()
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) return tooLarge()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return refuse(400, 'The body is not JSON.', {}, PARSE_ERROR)
  }
  if (!Array.isArray(body) || (body.length > 0 && body.length <= MAX_BATCH)) return body
  return refuse(400, `A batch must have 1 to ${MAX_BATCH} messages.`)
}

interface Authenticated extends Pick<McpRequest, 'caller' | 'address' | 'work'> {
  body: unknown
}

async function answer(services: McpDeps, request: Request, { body, ...from }: Authenticated): Promise<Response> {
  const given = request.headers.get('mcp-session-id')
  // The client has to initialize again (MCP, Streamable HTTP, "Session Management").
  if (given !== null && !SESSION_ID.test(given))
    return refuse(404, 'There is no such session. Initialize again.', {}, NO_SESSION)
  const client = initializeParams(body)
  const elicitsUrls = client === null ? given?.endsWith(ELICITS_URLS) === true : elicitsUrlsOf(client)
  const server = createMcpServer(services, { ...from, elicitsUrls, traceId: currentTraceId() })
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  try {
    const response = await transport.handleRequest(request, { parsedBody: body })
    if (client === null || !response.ok) return response
    response.headers.set('mcp-session-id', `${newId()}${elicitsUrls ? ELICITS_URLS : ''}`)
    return response
  } finally {
    await server.close()
  }
}

/** The parameters of an `initialize` request; null: the body is something else. */
function initializeParams(body: unknown): object | null {
  if (property(body, 'method') !== 'initialize') return null
  const params = property(body, 'params')
  return typeof params === 'object' ? params : null
}

/** Whether the client can ask a person to open a URL. */
function elicitsUrlsOf(params: object): boolean {
  const url = property(property(property(params, 'capabilities'), 'elicitation'), 'url')
  return typeof url === 'object' && url !== null
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}

/**
 * OAuth 2.0 Protected Resource Metadata (RFC 9728): the issuers whose JWTs are accepted. A workspace is named by its id, which
 * cannot be guessed, so that nobody lists the issuers of others. Without one, the issuers are shown if only one workspace has any.
 */
async function metadata({ services }: McpMountDeps, request: Request, resource: Resource): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'The metadata can only be read.', { allow: 'GET, HEAD' })
  }
  const { database, publicUrl, issuerApproval } = services
  const issuers = await issuersOf(database.sql, resource.workspace, issuerApproval !== 'operator')
  const document = {
    resource: `${publicUrl}${resource.path}`,
    resource_name: 'Latchkey',
    ...(issuers.length === 0 ? {} : { authorization_servers: issuers }),
    bearer_methods_supported: ['header'],
  }
  // Public, and read by clients that run in browsers.
  return Response.json(document, { headers: { 'access-control-allow-origin': '*' } })
}

const MAX_ISSUERS = 20

async function issuersOf(sql: SqlRunner, workspace: string | null, approvedByWorkspace: boolean): Promise<string[]> {
  const id = workspace === null ? null : (parseGlobalId(workspace)?.id ?? null)
  const rows = await sql.query<{ issuer: string }>(
    `WITH shown AS (
       SELECT DISTINCT i.workspace_id, i.issuer FROM oidc_issuer i JOIN workspace w ON w.id = i.workspace_id
       WHERE w.deleted_at IS NULL AND ($1::uuid IS NULL OR w.id = $1::uuid)
         AND (i.approved_at IS NOT NULL OR ($2::boolean AND (i.proved_at IS NOT NULL OR $1::uuid IS NOT NULL))))
     SELECT issuer FROM shown WHERE (SELECT count(DISTINCT workspace_id) FROM shown) = 1 ORDER BY issuer LIMIT $3::int`,
    [id, approvedByWorkspace, MAX_ISSUERS],
  )
  return rows.map(({ issuer }) => issuer)
}

/** Codes of JSON-RPC errors: of the specification, and of the SDK. */
const PARSE_ERROR = -32_700
const NO_SESSION = -32_001
const REFUSED = -32_000

function refuse(status: number, message: string, headers: Record<string, string> = {}, code = REFUSED): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers })
}

/** @param metadataUrl where the client learns how to get a token (RFC 9728 section 5.1) */
function refuseCaller(error: unknown, authorization: string | null, metadataUrl: string): Response {
  if (!(error instanceof LatchkeyError)) throw error
  const headers: Record<string, string> = {}
  if (error instanceof RateLimitedError) headers['retry-after'] = String(error.retryAfterSeconds)
  if (error.status === 401) {
    const invalid = authorization === null ? '' : 'error="invalid_token", '
    headers['www-authenticate'] = `Bearer ${invalid}resource_metadata="${metadataUrl}"`
  }
  return refuse(error.status, error.message, headers)
}
