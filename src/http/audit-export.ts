import { type AuditFilter, readAuditLines } from '../access/audit.ts'
import { assertReadsAudit, assertScope, assertSees, type Caller, notFound } from '../access/caller.ts'
import type { LiveCallers } from '../access/live-callers.ts'
import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import { decodeGlobalId, parseGlobalId } from '../graphql/kernel/global-id.ts'
import { parseDateTime } from '../graphql/types/scalars.ts'
import { FieldErrors } from '../kit/errors.ts'
import { illFormedText } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import { presentError } from './graphql/present-error.ts'
import { scopeOfCaller } from './graphql/tenant-scope.ts'
import { type CallerGate, namedWorkspace, WORKSPACE_HEADER } from './server/caller-gate.ts'
import type { PointLimits } from './server/point-limits.ts'
import { currentTraceId } from './server/trace.ts'

interface AuditExportDeps {
  database: Database
  gate: CallerGate
  points: PointLimits
  liveCallers: LiveCallers
  logger: Logger
}

/** @returns null: the request is not for the export. @param address the client's IP address; null: from within the process */
export type AuditExport = (request: Request, address: string | null) => Promise<Response | null>

const PREFIX = '/audit-export/'
/** What an export costs in points (`point-limits.ts`): in any case, charged before it begins, and for each line. */
const EXPORT_POINTS = 5
const LINE_POINTS = 0.01
/** Lines that are read and sent at once. */
const BATCH = 1_000

/**
 * `GET /audit-export/<global id of a workspace>?actor=&action=&targetId=&since=` returns the audit log of a workspace as NDJSON, oldest
 * line first. The next batch is read when the client has taken the one before, so that memory does not grow with the log. An error
 * after the first line ends the connection without the end of the body.
 */
export function createAuditExport(deps: AuditExportDeps): AuditExport {
  return async (request, address) => {
    const url = new URL(request.url)
    if (!url.pathname.startsWith(PREFIX)) return null
    if (request.method !== 'GET') {
      return new Response('Use GET.\n', { status: 405, headers: { allow: 'GET', 'content-type': 'text/plain' } })
    }
    try {
      const { caller, workspaceId } = await authorize(deps, request, address, url.pathname.slice(PREFIX.length))
      const body = streamLines(deps, caller, workspaceId, filterOf(url.searchParams))
      return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
    } catch (error) {
      return errorResponse(error, deps.logger)
    }
  }
}

/** @throws UnauthenticatedError; RateLimitedError; NotFoundError for workspaces that the caller does not see; ForbiddenError */
async function authorize(
  { database, gate, points }: AuditExportDeps,
  { headers }: Request,
  address: string | null,
  globalId: string,
): Promise<{ caller: Caller; workspaceId: string }> {
  const workspace = namedWorkspace(headers.get(WORKSPACE_HEADER))
  const { caller, callerError } = await gate.identify(headers.get('authorization'), address, workspace)
  if (caller === null) throw callerError
  const tooMany = points.take(caller, EXPORT_POINTS)
  if (tooMany !== null) throw tooMany
  const workspaceId = decodeGlobalId('Workspace', globalId)
  assertSees(caller, workspaceId, 'workspace')
  const where = { id: workspaceId, deletedAt: null }
  if ((await database.prisma.workspace.findUnique({ where, select: { id: true } })) === null)
    throw notFound('workspace')
  assertScope(caller, 'READ')
  assertReadsAudit(caller)
  return { caller, workspaceId }
}

/** @throws InvalidInputError */
function filterOf(params: URLSearchParams): AuditFilter {
  const errors = new FieldErrors()
  for (const name of new Set(params.keys())) {
    if (!['actor', 'action', 'targetId', 'since'].includes(name)) {
      errors.add([name], 'There is no such parameter. The parameters are actor, action, targetId and since.')
    } else if (params.getAll(name).length > 1) errors.add([name], 'Must be given once.')
    else if (illFormedText(params.get(name)) !== null) errors.add([name], 'Must be valid text.')
  }
  const since = params.get('since')
  let from: Date | undefined
  try {
    from = since === null ? undefined : parseDateTime(since)
  } catch {
    errors.add(['since'], 'Must be an RFC 3339 date and time, such as 2026-01-31T12:00:00Z.')
  }
  errors.throwIfAny()
  const targetId = params.get('targetId')
  const target = targetId === null ? undefined : parseGlobalId(targetId)
  return { actor: params.get('actor'), action: params.get('action'), target, since: from }
}

function streamLines(
  { database, points, liveCallers }: AuditExportDeps,
  caller: Caller,
  workspaceId: string,
  filter: AuditFilter,
): ReadableStream<Uint8Array> {
  const live = liveCallers.watch(caller, workspaceId)
  const encoder = new TextEncoder()
  let after: string | null = null
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          live.signal.throwIfAborted()
          const position = { after, limit: BATCH }
          const { lines, last } = await runInScope(scopeOfCaller(caller), () =>
            readAuditLines(database.sql, workspaceId, filter, position),
          )
          points.settle(caller, lines.length * LINE_POINTS)
          after = last
          // A batch without lines must close the stream: a pull that does neither is not repeated.
          if (lines.length > 0) {
            controller.enqueue(encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
          }
          if (lines.length === BATCH) return
          live.release()
          controller.close()
        } catch (error) {
          live.release()
          throw error
        }
      },
      cancel: () => live.release(),
    },
    { highWaterMark: 0 },
  )
}

/** `{ error: { code, message, status, traceId, … } }` with the error's HTTP status, as `/proxy` answers. */
function errorResponse(error: unknown, logger: Logger): Response {
  const { message, extensions } = presentError(error, currentTraceId(), logger)
  const { code, status: given, http: _http, ...more } = extensions
  const status = typeof given === 'number' ? given : 500
  const headers = new Headers()
  if (status === 401) headers.set('www-authenticate', 'Bearer')
  if (typeof more['retryAfterSeconds'] === 'number') headers.set('retry-after', String(more['retryAfterSeconds']))
  return Response.json({ error: { code, message, status, ...more } }, { status, headers })
}
