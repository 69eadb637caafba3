import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import { assertScope, type Caller, notFound } from '../access/caller.ts'
import type { LiveCallers } from '../access/live-callers.ts'
import { visibleTo } from '../access/visibility.ts'
import type { Database } from '../db/database.ts'
import { type DatabaseUsage, runInScope } from '../db/scope.ts'
import { allOf, condition } from '../db/sql.ts'
import { isLive } from '../db/tables.ts'
import { parseGlobalId } from '../graphql/kernel/global-id.ts'
import { FieldErrors, ForbiddenError, LatchkeyError, RateLimitedError } from '../kit/errors.ts'
import { illFormedText } from '../kit/input.ts'
import { createLimiter } from '../kit/limiter.ts'
import type { Logger } from '../kit/log.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { CallerMeters } from '../requests/caller-meters.ts'
import { type ExportedPage, exportRecords } from '../sync/records/export-records.ts'
import { decodeRecordCursor, type RecordScope, readNewestPosition } from '../sync/records/records.ts'
import { type ScopeOf, scopeOfCaller } from './graphql/tenant-scope.ts'
import { ClientGoneError, drained, sendProxyError } from './proxy.ts'
import { type CallerGate, namedWorkspace, WORKSPACE_HEADER } from './server/caller-gate.ts'
import { workspaceKey } from './server/caller-key.ts'
import type { ClientAddress } from './server/client-address.ts'
import type { PointLimits } from './server/point-limits.ts'
import { DEFAULT_HEADERS } from './server/router.ts'
import { traceIdOf } from './server/trace.ts'

interface RecordExportDeps {
  database: Database
  gate: CallerGate
  clientAddress: ClientAddress
  points: PointLimits
  meters: CallerMeters
  liveCallers: LiveCallers
  logger: Logger
  metrics: Metrics
  scopeOf?: ScopeOf | undefined
  /** Disconnects a client that reads nothing for this time, in milliseconds. Default 60,000. */
  idleTimeoutMs?: number
}

/** @returns true: the request is for the export, which answers it */
export type RecordExportListener = (request: IncomingMessage, response: ServerResponse) => boolean

const PREFIX = '/export/'
const IDLE_MS = 60_000
/** What an export costs in points (`point-limits.ts`) in any case, charged before it begins. What it sends is charged as it is sent. */
const EXPORT_POINTS = 5
/** A page that occupies the database for longer is charged one point for each further millisecond, as other operations are. */
const FREE_DATABASE_MS = 50
/** Exports of one workspace that are open at once. Each holds up to two pages. */
const OPEN_PER_WORKSPACE = 10
/** Of these, those that read from the database at once. */
const READING_PER_WORKSPACE = 2

/**
 * `GET /export/<global id of a connection or collection>?stream=&changedAfter=&after=` returns records as NDJSON, one line for each, in
 * the order of their last change: those that `records` of the GraphQL API returns to the caller, with the same cursors. The next page is
 * read when the client has taken the one before, so that memory does not grow with the number of records.
 *
 * A failure before the first line is reported as `/proxy` does. One after it resets the connection, so that no client mistakes a partial
 * list for a complete one: a complete one ends with the last chunk and the trailer `x-latchkey-records`.
 */
export function createRecordExport(deps: RecordExportDeps): RecordExportListener {
  const open = new Map<string, number>()
  const reading = createLimiter(READING_PER_WORKSPACE)

  /** @throws RateLimitedError. @returns gives the place back */
  function enter(caller: Caller): () => void {
    const key = workspaceKey(caller)
    const count = open.get(key) ?? 0
    if (count >= OPEN_PER_WORKSPACE) {
      deps.metrics.refusals.inc({ limit: 'exports' })
      throw tooManyExports()
    }
    open.set(key, count + 1)
    return () => {
      const left = (open.get(key) ?? 1) - 1
      if (left === 0) open.delete(key)
      else open.set(key, left)
    }
  }

  return (request, response) => {
    if (request.url?.startsWith(PREFIX) !== true) return false
    const requestId = request.headers['x-request-id']
    const traceId = traceIdOf(typeof requestId === 'string' ? requestId : null)
    response.on('error', () => undefined)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'x-request-id': traceId }).end()
      return true
    }
    const startedMs = performance.now()
    const logged: LogFields = { records: 0, bytes: 0 }
    serve({ ...deps, enter, reading }, { request, response, traceId, logged })
      .catch((error: unknown) => {
        logged.failed = error instanceof Error ? error.name : 'Error'
        if (!response.headersSent) return sendProxyError(request, response, error, traceId, deps.logger)
        // Not an ordinary end, which a proxy that speaks HTTP/1.0 would take for the end of the body.
        response.socket?.resetAndDestroy()
        response.destroy()
        if (!(error instanceof ClientGoneError || error instanceof LatchkeyError || isPrematureClose(error))) {
          deps.logger.error({ traceId, err: error }, 'an export of records was cut off')
        }
      })
      .finally(() => {
        deps.metrics.recordsExported.inc(logged.records)
        const durationMs = Math.round(performance.now() - startedMs)
        deps.logger.info(
          { traceId, method: request.method, status: response.statusCode, durationMs, ...logged },
          'exported records',
        )
      })
    return true
  }
}

interface LogFields {
  caller?: Caller['kind']
  workspaceId?: string
  connectionId?: string
  collectionId?: string
  records: number
  /** Before compression. */
  bytes: number
  failed?: string
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  traceId: string
  logged: LogFields
}

type ServeDeps = RecordExportDeps & {
  enter: (caller: Caller) => () => void
  reading: ReturnType<typeof createLimiter>
}

async function serve(deps: ServeDeps, exchange: Exchange): Promise<void> {
  const { request, response, logged } = exchange
  const { caller, source } = await authorize(deps, request)
  logged.caller = caller.kind
  logged.workspaceId = source.workspaceId
  logged[source.type === 'Connection' ? 'connectionId' : 'collectionId'] = source.id
  const filter = filterOf(new URL(request.url ?? '', 'http://localhost').searchParams)
  const leave = deps.enter(caller)
  const ended = new AbortController()
  const end = () => ended.abort(new ClientGoneError())
  response.once('close', end)
  const live = deps.liveCallers.watch(caller, source.workspaceId)
  const onCallerEnded = () => {
    ended.abort(live.signal.reason)
    if (response.headersSent) response.socket?.resetAndDestroy()
  }
  live.signal.addEventListener('abort', onCallerEnded)
  try {
    await sendPages(deps, exchange, { caller, source, filter, signal: ended.signal })
  } finally {
    live.signal.removeEventListener('abort', onCallerEnded)
    live.release()
    leave()
  }
}

interface Source {
  type: 'Connection' | 'Collection'
  id: string
  workspaceId: string
}

interface Filter {
  stream: string | null
  changedAfter: string | null
  after: string | null
}

interface Export {
  caller: Caller
  source: Source
  filter: Filter
  /** Aborts when the client has gone, or the caller may no longer read. */
  signal: AbortSignal
}

async function sendPages(
  deps: ServeDeps,
  { request, response, traceId, logged }: Exchange,
  { caller, source, filter, signal }: Export,
): Promise<void> {
  const { database, points, meters, reading, idleTimeoutMs = IDLE_MS } = deps
  const readPages = await inScope(deps, caller, () => openList(database, caller, source, filter))
  const read = () =>
    reading.run(workspaceKey(caller), async () => {
      signal.throwIfAborted()
      const usage: DatabaseUsage = { databaseMs: 0 }
      const page = await inScope(deps, caller, () => readPages.next(), usage)
      points.settle(caller, Math.max(0, usage.databaseMs - FREE_DATABASE_MS))
      return page.done === true ? null : page.value
    })
  const meter = await meters.open(caller, signal)
  try {
    let page = await read()
    const sink = begin(request, response, traceId, page)
    if (request.method === 'HEAD') return void response.end()
    while (page !== null) {
      const next = read()
      // It fails where it is awaited.
      next.catch(() => undefined)
      const { lines } = page
      logged.records += page.count
      logged.bytes += lines.byteLength
      if (lines.byteLength > 0 && !sink.write(lines)) await drained(response, idleTimeoutMs, sink)
      await meter.count(lines.byteLength)
      page = await next
      signal.throwIfAborted()
    }
    if (request.httpVersion !== '1.0') response.addTrailers({ [COUNT_TRAILER]: String(logged.records) })
    sink.end()
    await finished(response)
  } finally {
    meter.close()
    await readPages.return()
  }
}

function inScope<T>(
  { scopeOf = scopeOfCaller }: RecordExportDeps,
  caller: Caller,
  work: () => T,
  usage?: DatabaseUsage,
): T {
  const scope = scopeOf(caller)
  return runInScope(scope === null ? null : { ...scope, usage }, work)
}

const COUNT_TRAILER = 'x-latchkey-records'
const CURSOR_HEADER = 'x-latchkey-change-cursor'

/** Sends the head. @returns where lines are written */
function begin(
  request: IncomingMessage,
  response: ServerResponse,
  traceId: string,
  firstPage: ExportedPage | null,
): Writable {
  const encoding = chooseEncoding(request.headers['accept-encoding'])
  response.writeHead(200, {
    ...DEFAULT_HEADERS,
    'content-type': 'application/x-ndjson',
    vary: 'accept-encoding',
    'x-request-id': traceId,
    ...(firstPage === null ? {} : { [CURSOR_HEADER]: firstPage.changeCursor }),
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
    ...(request.method === 'HEAD' || request.httpVersion === '1.0' ? {} : { trailer: COUNT_TRAILER }),
  })
  if (encoding === null || request.method === 'HEAD') return response
  const compressor = COMPRESSORS[encoding]()
  response.once('close', () => compressor.destroy())
  compressor.on('error', () => response.socket?.resetAndDestroy())
  compressor.pipe(response)
  return compressor
}

/** In the order in which they are chosen where the client has no preference. The lowest levels: a higher one would slow down the export. */
const COMPRESSORS = {
  zstd: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  gzip: () => createGzip({ level: 1 }),
} as const

/** Node 22 before 22.15 has no zstd. */
const HAS_ZSTD = typeof createZstdCompress === 'function'

/** RFC 9110 section 12.5.3. @returns null: the lines are sent as they are */
export function chooseEncoding(accepted: string | string[] | undefined): keyof typeof COMPRESSORS | null {
  const weights = new Map(
    String(accepted ?? '')
      .split(',')
      .map(weightOf),
  )
  const weight = (name: string) => weights.get(name) ?? weights.get('*') ?? 0
  const [best] = (HAS_ZSTD ? (['zstd', 'gzip'] as const) : (['gzip'] as const))
    .filter((name) => weight(name) > 0)
    .toSorted((one, other) => weight(other) - weight(one))
  const identity = weights.get('identity') ?? 0
  return best === undefined || identity > weight(best) ? null : best
}

/** `gzip;q=0.5` as `['gzip', 0.5]` */
function weightOf(item: string): [string, number] {
  const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  const weight = quality === undefined ? 1 : Number(quality.slice(2))
  return [name, Number.isFinite(weight) ? weight : 0]
}

/** @throws UnauthenticatedError; RateLimitedError; ForbiddenError; NotFoundError for what the caller does not see */
async function authorize(
  deps: RecordExportDeps,
  request: IncomingMessage,
): Promise<{ caller: Caller; source: Source }> {
  const { database, gate, clientAddress, points } = deps
  const workspace = namedWorkspace(request.headers[WORKSPACE_HEADER])
  const { authorization } = request.headers
  const { caller, callerError } = await gate.identify(authorization, clientAddress(request), workspace)
  if (caller === null) throw callerError
  const tooMany = points.take(caller, EXPORT_POINTS)
  if (tooMany !== null) throw tooMany
  assertScope(caller, 'READ')
  if (caller.kind === 'CONNECT_SESSION') {
    throw new ForbiddenError('The token of a connect session cannot read records. Use an API key of the workspace.')
  }
  const { pathname } = new URL(request.url ?? '', 'http://localhost')
  const named = parseGlobalId(pathname.slice(PREFIX.length))
  if (named === null || (named.type !== 'Connection' && named.type !== 'Collection')) throw unknownSource()
  const { type, id } = named
  const table = type === 'Connection' ? 'connection' : 'collection'
  const values: unknown[] = []
  const where = allOf([condition('t.id = ?::uuid', id), ...visibleTo(caller, table)], values)
  const text = `SELECT t.workspace_id FROM ${table} t WHERE ${where} AND ${isLive(table, 't')}`
  const [row] = await inScope(deps, caller, () => database.sql.query<{ workspace_id: string }>(text, values))
  if (row === undefined) throw unknownSource()
  return { caller, source: { type, id, workspaceId: row.workspace_id } }
}

/** One error for all ids that the caller does not see. */
function unknownSource() {
  return notFound('connection or collection')
}

const PARAMETERS: ReadonlySet<string> = new Set(['stream', 'changedAfter', 'after'])

/** @throws InvalidInputError */
function filterOf(params: URLSearchParams): Filter {
  const errors = new FieldErrors()
  for (const name of new Set(params.keys())) {
    if (!PARAMETERS.has(name)) {
      errors.add([name], 'There is no such parameter. The parameters are stream, changedAfter and after.')
    } else if (params.getAll(name).length > 1) errors.add([name], 'Must be given once.')
    else if (illFormedText(params.get(name)) !== null) errors.add([name], 'Must be valid text.')
  }
  errors.throwIfAny()
  return { stream: params.get('stream'), changedAfter: params.get('changedAfter'), after: params.get('after') }
}

/** @throws InvalidInputError for a cursor of another list */
async function openList(database: Database, caller: Caller, { type, id }: Source, filter: Filter) {
  const newest = await readNewestPosition(database.sql)
  const changes =
    filter.changedAfter === null
      ? null
      : decodeRecordCursor('change', filter.changedAfter, id, newest, ['changedAfter'])
  const place = filter.after === null ? null : decodeRecordCursor('list', filter.after, id, newest, ['after'])
  const { endUserId, integrationIds } = caller
  const scope: RecordScope =
    type === 'Connection' ? { connectionId: id } : { collectionId: id, endUserId, integrationIds }
  return exportRecords(database, scope, id, {
    stream: filter.stream,
    changedAfter: changes?.position ?? null,
    after: place?.position ?? null,
    purgesSeen: place?.purgesSeen ?? changes?.purgesSeen ?? 0n,
  })
}

function tooManyExports(): RateLimitedError {
  const message = `At most ${OPEN_PER_WORKSPACE} exports of a workspace run at once in a process. Wait for the end of one of them.`
  return new RateLimitedError(message, { retryAfterSeconds: 5 })
}

/** The client disconnected after the last line was written. */
function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
