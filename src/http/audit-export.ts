import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AuditFilter, readAuditLines } from '../access/audit.ts'
import { assertReadsAudit, assertScope, assertSees, type Caller, notFound } from '../access/caller.ts'
import type { LiveCallers } from '../access/live-callers.ts'
import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import { decodeGlobalId, parseGlobalId } from '../graphql/kernel/global-id.ts'
import { parseDateTime } from '../graphql/types/scalars.ts'
import { FieldErrors, LatchkeyError } from '../kit/errors.ts'
import { illFormedText } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import { scopeOfCaller } from './graphql/tenant-scope.ts'
import { ClientGoneError, drained, sendProxyError } from './proxy.ts'
import { type CallerGate, namedWorkspace, WORKSPACE_HEADER } from './server/caller-gate.ts'
import type { ClientAddress } from './server/client-address.ts'
import type { PointLimits } from './server/point-limits.ts'
import { DEFAULT_HEADERS } from './server/router.ts'
import { traceIdOf } from './server/trace.ts'

interface AuditExportDeps {
  database: Database
  gate: CallerGate
  clientAddress: ClientAddress
  points: PointLimits
  liveCallers: LiveCallers
  logger: Logger
  /** Disconnects a client that reads nothing for this time, in milliseconds. Default 60,000. */
  idleTimeoutMs?: number
}

/** @returns true: the request is for the export, which answers it */
export type AuditExportListener = (request: IncomingMessage, response: ServerResponse) => boolean

const PREFIX = '/audit-export/'
const IDLE_MS = 60_000
/** What an export costs in points (`point-limits.ts`): in any case, charged before it begins, and for each line. */
const EXPORT_POINTS = 5
const LINE_POINTS = 0.01
/** Lines that are read and sent at once. */
const BATCH = 1_000

/**
 * `GET /audit-export/<global id of a workspace>?actor=&action=&targetId=&since=` returns the audit log of a workspace as NDJSON, oldest
 * line first. The next batch is read when the client has taken the one before, so that memory does not grow with the log. A failure
 * before the first line is reported as `/proxy` does; one after it closes the connection, so that the client does not mistake a
 * partial log for a complete one.
 */
export function createAuditExport(deps: AuditExportDeps): AuditExportListener {
  return (request, response) => {
    if (request.url?.startsWith(PREFIX) !== true) return false
    const requestId = request.headers['x-request-id']
    const traceId = traceIdOf(typeof requestId === 'string' ? requestId : null)
    response.on('error', () => undefined)
    if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET', 'x-request-id': traceId }).end()
      return true
    }
    exportLines(deps, request, response, traceId).catch((error: unknown) => {
      if (!response.headersSent) return sendProxyError(request, response, error, traceId, deps.logger)
      response.destroy()
      if (!(error instanceof ClientGoneError || error instanceof LatchkeyError)) {
        deps.logger.error({ traceId, err: error }, 'an export of the audit log was cut off')
      }
    })
    return true
  }
}

async function exportLines(
  deps: AuditExportDeps,
  request: IncomingMessage,
  response: ServerResponse,
  traceId: string,
): Promise<void> {
  const { database, points, liveCallers, logger, idleTimeoutMs = IDLE_MS } = deps
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  const { caller, workspaceId } = await authorize(deps, request, pathname.slice(PREFIX.length))
  const filter = filterOf(searchParams)
  const live = liveCallers.watch(caller, workspaceId)
  const end = () => response.destroy()
  live.signal.addEventListener('abort', end)
  try {
    let count = 0
    let after: string | null = null
    for (;;) {
      live.signal.throwIfAborted()
      const position: { after: string | null; limit: number } = { after, limit: BATCH }
      const { lines, last } = await runInScope(scopeOfCaller(caller), () =>
        readAuditLines(database.sql, workspaceId, filter, position),
      )
      points.settle(caller, lines.length * LINE_POINTS)
      if (!response.headersSent) response.writeHead(200, { ...HEADERS, 'x-request-id': traceId })
      const taken = response.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      count += lines.length
      after = last
      if (lines.length < BATCH) break
      if (!taken) await drained(response, idleTimeoutMs)
    }
    response.end()
    logger.info({ traceId, caller: caller.kind, workspaceId, lines: count }, 'exported the audit log')
  } finally {
    live.signal.removeEventListener('abort', end)
    live.release()
  }
}

const HEADERS = { ...DEFAULT_HEADERS, 'content-type': 'application/x-ndjson' }

/** @throws UnauthenticatedError; RateLimitedError; NotFoundError for workspaces that the caller does not see; ForbiddenError */
async function authorize(
  { database, gate, clientAddress, points }: AuditExportDeps,
  request: IncomingMessage,
  globalId: string,
): Promise<{ caller: Caller; workspaceId: string }> {
  const workspace = namedWorkspace(request.headers[WORKSPACE_HEADER])
  const { authorization } = request.headers
  const { caller, callerError } = await gate.identify(authorization, clientAddress(request), workspace)
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
    if (!['actor', 'action', 'targetId', 'refused', 'since'].includes(name)) {
      errors.add([name], 'There is no such parameter. The parameters are actor, action, targetId, refused and since.')
    } else if (params.getAll(name).length > 1) errors.add([name], 'Must be given once.')
    else if (illFormedText(params.get(name)) !== null) errors.add([name], 'Must be valid text.')
  }
  const since = params.get('since')
  const refused = params.get('refused')
  if (refused !== null && !['true', 'false'].includes(refused)) errors.add(['refused'], 'Must be true or false.')
  let from: Date | undefined
  try {
    from = since === null ? undefined : parseDateTime(since)
  } catch {
    errors.add(['since'], 'Must be an RFC 3339 date and time, such as 2026-01-31T12:00:00Z.')
  }
  errors.throwIfAny()
  const targetId = params.get('targetId')
  const target = targetId === null ? undefined : parseGlobalId(targetId)
  return {
    actor: params.get('actor'),
    action: params.get('action'),
    target,
    refused: refused === null ? null : refused === 'true',
    since: from,
  }
}
