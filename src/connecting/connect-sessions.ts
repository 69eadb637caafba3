import { randomBytes } from 'node:crypto'
import { recordAudit } from '../access/audit.ts'
import {
  assertScope,
  assertSees,
  assertWrites,
  type Caller,
  notFound,
  seesEndUser,
  seesIntegration,
} from '../access/caller.ts'
import { hashSessionToken, isSessionToken } from '../access/session-callers.ts'
import { MAX_EXTERNAL_ID } from '../access/token-end-user.ts'
import { ensureEndUser } from '../connections/end-users.ts'
import { findWritableWorkspace, holdEndUser } from '../connections/lookups.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Connection, ConnectSession, ConnectSessionStatus, EndUser, Workspace } from '../db/generated/client.ts'
import { databaseNow, type SqlRunner } from '../db/sql.ts'
import { columnsOf } from '../db/tables.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { appendEvents } from '../events/event-log.ts'
import { type ErrorCode, ForbiddenError, InvalidInputError, NotFoundError, UnsupportedError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck, isPlainHost } from '../kit/input.ts'

/** How long a submitted credential can be confirmed. A session that waits for the confirmation lives at least as long. */
export const CONFIRM_WITHIN_SECONDS = 600

interface SessionDeps {
  database: Database
  bus: WakeBus
}

interface NewConnectSession {
  workspaceId: string
  /** Exactly one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Slugs of the offered integrations. Null: all of the workspace. */
  integrations: readonly string[] | null
  redirectUrl: string | null
  allowedOrigins: readonly string[]
  /** The connection to reconnect. Null: a new one. */
  connectionId: string | null
  expiresInSeconds: number
  /** Null: the workspace's setting. */
  confirmation: 'REQUIRED' | 'NONE' | null
}

/**
 * Creates a session that lets one end user connect on the hosted page. Only this result contains the token; the database
 * stores its hash.
 * @throws InvalidInputError with every wrong field; NotFoundError, ForbiddenError
 */
export async function createConnectSession(
  { database }: Pick<SessionDeps, 'database'>,
  caller: Caller,
  input: NewConnectSession,
): Promise<{ session: ConnectSession; token: string }> {
  const { workspaceId } = input
  const workspace = await findWritableWorkspace(database, caller, workspaceId)
  const check = checkInput()
  checkNewSession(check, input, workspace)
  const integrationIds = await findOffered(database, caller, input, check)
  check.done()
  const token = `lkc_${randomBytes(32).toString('base64url')}`
  const session = await database.transaction(async (tx) => {
    const endUserId = await resolveEndUser(tx, input)
    const reconnected =
      input.connectionId === null ? null : await findReconnected(tx, caller, workspaceId, input.connectionId, endUserId)
    const now = await databaseNow(tx)
    const id = newId()
    await recordAudit(tx, { type: 'ConnectSession', id, workspaceId })
    return tx.prisma.connectSession.create({
      data: {
        id,
        workspaceId,
        endUserId,
        tokenHash: hashSessionToken(token),
        integrationIds: reconnected === null ? integrationIds : [reconnected.integrationId],
        redirectUrl: input.redirectUrl,
        allowedOrigins: [...input.allowedOrigins],
        reconnectId: reconnected?.id ?? null,
        confirmation: input.confirmation ?? workspace.confirmation,
        // No longer than the key, which could otherwise go on connecting accounts through its sessions.
        expiresAt: new Date(
          Math.min(
            now.getTime() + input.expiresInSeconds * 1_000,
            caller.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
          ),
        ),
      },
    })
  })
  return { session, token }
}

const RECONNECT_SECONDS = 3_600

/**
 * Creates a session in which the end user of a connection can connect it again. Afterwards the browser is sent to the first
 * redirect URL of the workspace.
 * @returns its token; null when the connection is gone or has no end user, when the caller may not create sessions, and when
 * the session could not be confirmed
 */
export async function createReconnectSession(
  deps: Pick<SessionDeps, 'database'>,
  caller: Caller,
  connectionId: string,
): Promise<string | null> {
  const connection = await deps.database.prisma.connection.findUnique({
    where: { id: connectionId, deletedAt: null },
    include: { workspace: true },
  })
  if (connection === null || connection.endUserId === null) return null
  const { workspaceId, endUserId, workspace } = connection
  try {
    assertScope(caller, 'CONNECT')
    const { token } = await createConnectSession(deps, caller, {
      workspaceId,
      endUserId,
      endUserExternalId: null,
      integrations: null,
      redirectUrl: workspace.redirectUrls[0] ?? null,
      allowedOrigins: [],
      connectionId,
      expiresInSeconds: RECONNECT_SECONDS,
      confirmation: null,
    })
    return token
  } catch (error) {
    const mayNot = error instanceof ForbiddenError || error instanceof NotFoundError
    if (mayNot || error instanceof InvalidInputError) return null
    throw error
  }
}

/** How long the link of a tool can be opened and used. */
const TOOL_LINK_SECONDS = 1_800

interface ToolLinkRequest {
  workspace: Workspace
  endUserId: string
  integrationId: string
  /** The connection to reconnect. Null: a new one. */
  connectionId: string | null
  /** When the access of the tools ends, which the link does not outlive. Null: never. */
  expiresAt: Date | null
  /** Creates another session although one can be used that a browser has opened, perhaps another one. */
  afresh: boolean
  /** Tokens that the link of a session can have, in the order in which to try them. The first one is that of a new session. */
  tokensOf: (sessionId: string) => readonly [string, ...string[]]
}

/** A connect session that a tool made, and the token of its link. Null: it is not known any more. */
export interface ToolLink {
  session: ConnectSession
  token: string | null
}

/**
 * The session in which an end user connects an account that a tool needs: one that such a tool made before and that can still be
 * used, otherwise a new one. Afterwards the browser is sent to the first redirect URL of the workspace.
 * @throws UnsupportedError when the connection could not be confirmed, because its handle would reach nobody
 */
export async function findOrCreateToolLink({ database }: SessionDeps, request: ToolLinkRequest): Promise<ToolLink> {
  const { workspace, endUserId, integrationId, connectionId, tokensOf } = request
  return database.transaction(async (tx) => {
    // Calls for the same end user take turns, so that they get the same link.
    const held = await tx.query('SELECT 1 AS held FROM end_user WHERE id = $1::uuid FOR NO KEY UPDATE', [endUserId])
    if (held.length === 0) throw notFound('end user')
    const now = (await databaseNow(tx)).getTime()
    const { confirmation } = workspace
    const redirectUrl = workspace.redirectUrls[0] ?? null
    const end = Math.min(now + TOOL_LINK_SECONDS * 1_000, request.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)
    const usable: ConnectSessionStatus[] = request.afresh ? ['PENDING'] : ['PENDING', 'CONNECTING']
    const open = await tx.prisma.connectSession.findMany({
      where: {
        endUserId,
        fromTool: true,
        integrationIds: { equals: [integrationId] },
        reconnectId: connectionId,
        // As the workspace wants it now. Of one that waits for the confirmation, nothing is used any more.
        OR: [{ status: 'AWAITING_CONFIRMATION' }, { status: { in: usable }, confirmation, redirectUrl }],
        // Not one that ends soon, unless a new one would end as soon.
        expiresAt: { gt: new Date(Math.min(now + MIN_SECONDS * 1_000, end - 1_000)) },
      },
      orderBy: { id: 'desc' },
      take: 10,
    })
    for (const session of open) {
      const token = tokensOf(session.id).find((each) => Buffer.compare(hashSessionToken(each), session.tokenHash) === 0)
      if (token !== undefined || session.status === 'AWAITING_CONFIRMATION') return { session, token: token ?? null }
    }
    if (confirmation === 'REQUIRED' && redirectUrl === null) {
      throw new UnsupportedError(
        'The account cannot be connected: connections of this workspace have to be confirmed, and the workspace has no redirectUrls by which its product would get the handle.',
      )
    }
    const id = newId()
    const [token] = tokensOf(id)
    const session = await tx.prisma.connectSession.create({
      data: {
        id,
        workspaceId: workspace.id,
        endUserId,
        tokenHash: hashSessionToken(token),
        integrationIds: [integrationId],
        redirectUrl,
        allowedOrigins: [],
        reconnectId: connectionId,
        fromTool: true,
        confirmation,
        expiresAt: new Date(end),
      },
    })
    return { session, token }
  })
}

const MIN_SECONDS = 60
const MAX_SECONDS = 86_400
const MAX_ORIGINS = 20
const MAX_INTEGRATIONS = 100

/** Checks the input as far as that is possible with the workspace alone. */
function checkNewSession(check: InputCheck, input: NewConnectSession, workspace: Workspace): void {
  check.text(['input', 'endUserExternalId'], input.endUserExternalId, MAX_EXTERNAL_ID)
  if ((input.endUserId === null) === (input.endUserExternalId === null)) {
    check.wrong(['input', 'endUserId'], 'Give exactly one of endUserId and endUserExternalId.')
  }
  const { integrations, redirectUrl, expiresInSeconds: seconds } = input
  if (integrations !== null && (integrations.length === 0 || integrations.length > MAX_INTEGRATIONS)) {
    check.wrong(['input', 'integrations'], `Give 1 to ${MAX_INTEGRATIONS} slugs, or leave the field out to offer all.`)
  }
  if (integrations !== null && input.connectionId !== null) {
    const message = 'Leave this out when connectionId is given. A connection stays at its integration.'
    check.wrong(['input', 'integrations'], message)
  }
  if (redirectUrl !== null && !workspace.redirectUrls.includes(redirectUrl)) {
    check.wrong(['input', 'redirectUrl'], 'Must be exactly one of the redirectUrls of the workspace.')
  }
  const confirmation = input.confirmation ?? workspace.confirmation
  if (confirmation === 'REQUIRED' && redirectUrl === null && input.allowedOrigins.length === 0) {
    const message =
      'Give a redirectUrl, or allowedOrigins, or both. The connection has to be confirmed with a handle, and the handle reaches your product only in one of these two ways.'
    check.wrong(['input', 'redirectUrl'], message)
  }
  checkOrigins(check, input.allowedOrigins)
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    check.wrong(['input', 'expiresInSeconds'], `Must be ${MIN_SECONDS} to ${MAX_SECONDS}.`)
  }
  if (input.confirmation === 'NONE' && workspace.confirmation !== 'NONE') {
    check.wrong(['input', 'confirmation'], 'Can be NONE only if the confirmation of the workspace is NONE.')
  }
}

function checkOrigins(check: InputCheck, origins: readonly string[]): void {
  if (origins.length > MAX_ORIGINS) check.wrong(['input', 'allowedOrigins'], `Give at most ${MAX_ORIGINS} origins.`)
  for (const [index, origin] of origins.entries()) {
    const url = URL.canParse(origin) ? new URL(origin) : null
    // The origin must be written exactly as browsers write it: it is sent in headers and compared as text.
    const exact = url !== null && url.origin === origin && ['http:', 'https:'].includes(url.protocol)
    if (!exact || !isPlainHost(url.hostname)) {
      const message =
        'Must be an origin such as https://app.example.com: lower case, no path, no default port, no wildcard.'
      check.wrong(['input', 'allowedOrigins', String(index)], message)
    }
  }
}

/** Ids of the integrations that a session offers. Empty: all of the workspace. */
async function findOffered(
  { prisma }: Database,
  caller: Caller,
  { workspaceId, integrations, connectionId }: NewConnectSession,
  check: InputCheck,
): Promise<string[]> {
  const limit = caller.integrationIds?.slice()
  const slugs = integrations ?? []
  if (slugs.length === 0) {
    if (limit === undefined || connectionId !== null) return []
    // A key that is limited to integrations offers those that there are now, and none that are created later.
    const all = await prisma.integration.findMany({
      where: { workspaceId, id: { in: limit }, deletedAt: null },
      select: { id: true },
      orderBy: { id: 'asc' },
    })
    if (all.length === 0) check.wrong(['input', 'integrations'], 'The integrations of this API key have been deleted.')
    return all.map(({ id }) => id)
  }
  const rows = await prisma.integration.findMany({
    where: { workspaceId, slug: { in: [...slugs] }, id: { in: limit }, deletedAt: null },
    select: { id: true, slug: true },
  })
  return slugs.flatMap((slug, index) => {
    const found = rows.find((row) => row.slug === slug)
    if (found !== undefined) return slugs.indexOf(slug) === index ? found.id : []
    check.wrong(['input', 'integrations', String(index)], 'The workspace has no integration with this slug.')
    return []
  })
}

async function resolveEndUser(
  tx: Tx,
  { workspaceId, endUserId, endUserExternalId }: NewConnectSession,
): Promise<string> {
  if (endUserId === null) return ensureEndUser(tx, workspaceId, endUserExternalId ?? '')
  await holdEndUser(tx, workspaceId, endUserId)
  return endUserId
}

async function findReconnected(
  tx: Tx,
  caller: Caller,
  workspaceId: string,
  id: string,
  endUserId: string,
): Promise<Connection> {
  const connection = await tx.prisma.connection.findUnique({ where: { id, workspaceId, deletedAt: null } })
  if (connection === null || !seesIntegration(caller, connection.integrationId)) throw notFound('connection')
  if (connection.endUserId !== endUserId) {
    const check = checkInput()
    check.wrong(['input', 'connectionId'], 'Must be a connection of the end user that the session is for.')
    check.done()
  }
  return connection
}

const FINAL: ReadonlySet<ConnectSessionStatus> = new Set(['COMPLETED', 'FAILED', 'EXPIRED', 'REVOKED'])

interface SessionState extends Pick<ConnectSession, 'status' | 'expiresAt'> {
  /** Time of the database's clock at which the session was read. Default: this machine's time. */
  now?: Date
}

/** The status of a session at `now`. EXPIRED follows from `expiresAt` and is not stored. */
export function sessionStatus({ status, expiresAt, now = new Date() }: SessionState): ConnectSessionStatus {
  return !FINAL.has(status) && expiresAt <= now ? 'EXPIRED' : status
}

/** Whether the session has reached a final status. */
export function isSessionOver(session: SessionState): boolean {
  return FINAL.has(sessionStatus(session))
}

/** Whether the browser that opened the session can still submit a credential or start a flow. */
export function isConnecting(session: SessionState): boolean {
  return sessionStatus(session) === 'CONNECTING'
}

/** A session with the time of the database's clock at which it was read. */
type TimedSession = ConnectSession & { now: Date }

/** A session with the rows that its page shows. */
export type PageSession = TimedSession & { workspace: Workspace; endUser: EndUser }

const PAGE_ROWS = { workspace: true, endUser: true } as const

/** The session of a link, whatever its status; null when there is none. */
export async function findSessionByToken(database: Database, token: string): Promise<PageSession | null> {
  if (!isSessionToken(token)) return null
  return findPageSession(database, { tokenHash: hashSessionToken(token) })
}

/** The session with this id; null when there is none. The caller must have checked that the browser is bound to it. */
export async function findSession(database: Database, id: string): Promise<PageSession | null> {
  return findPageSession(database, { id })
}

async function findPageSession(
  { prisma, sql }: Database,
  which: { id: string } | { tokenHash: Uint8Array<ArrayBuffer> },
): Promise<PageSession | null> {
  const [session, now] = await Promise.all([
    prisma.connectSession.findUnique({ where: { ...which, workspace: { deletedAt: null } }, include: PAGE_ROWS }),
    databaseNow(sql),
  ])
  return session === null ? null : { ...session, now }
}

/** Locks a session until the transaction ends. Null when it does not exist. */
export async function holdSession(tx: Tx, id: string): Promise<TimedSession | null> {
  const held = await tx.query('SELECT 1 AS held FROM connect_session WHERE id = $1::uuid FOR NO KEY UPDATE', [id])
  const session = held.length === 0 ? null : await tx.prisma.connectSession.findUnique({ where: { id } })
  return session === null ? null : { ...session, now: await databaseNow(tx) }
}

/**
 * Binds a session to the first browser that opens it.
 * @param browserHash hash of the secret in that browser's cookie
 * @returns false when another browser opened it first, or the session is over
 */
export async function openSession(
  { database, bus }: SessionDeps,
  id: string,
  browserHash: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [opened] = await tx.query<{ workspaceId: string; endUserId: string }>(
      `UPDATE connect_session SET status = 'CONNECTING', browser_hash = $2::bytea, opened_at = now()
       WHERE id = $1::uuid AND status = 'PENDING' AND browser_hash IS NULL AND expires_at > now()
       RETURNING workspace_id AS "workspaceId", end_user_id AS "endUserId"`,
      [id, browserHash],
    )
    if (opened === undefined) return false
    const { workspaceId, endUserId } = opened
    tx.afterCommit(() => bus.publish('sessions', id))
    await appendEvents(tx, bus, workspaceId, [{ type: 'CONNECT_SESSION_OPENED', connectSessionId: id, endUserId }])
    return true
  })
}

/** Why a session failed. `message` is shown to people. */
export interface SessionError {
  code: ErrorCode
  message: string
  /** The provider's own error, without secrets. */
  providerError?: string | undefined
  providerErrorDescription?: string | undefined
  /** Value of the `error` parameter of the session's redirectUrl, as after `startOAuth`. */
  returnError?: string | undefined
}

type SessionResult =
  | { status: 'AWAITING_CONFIRMATION' | 'COMPLETED'; connectionId: string }
  | { status: 'FAILED'; error: SessionError; connectionId?: string }

/**
 * Stores the result of a session and appends its event, in the transaction that produces the result. A failure that comes
 * after a submitted credential does not fail a session that waits for confirmation.
 * @returns false when the session is over, expired or revoked; the caller must then roll back
 */
export async function finishSession(
  tx: Tx,
  { bus }: Pick<SessionDeps, 'bus'>,
  id: string,
  result: SessionResult,
): Promise<boolean> {
  const session = await holdSession(tx, id)
  if (session === null || isSessionOver(session)) return false
  if (result.status === 'FAILED' && session.status === 'AWAITING_CONFIRMATION') return false
  const { connectionId } = result
  const { now } = session
  const waits = result.status === 'AWAITING_CONFIRMATION'
  const confirmableUntil = new Date(now.getTime() + CONFIRM_WITHIN_SECONDS * 1_000)
  await tx.prisma.connectSession.update({
    where: { id },
    data: {
      status: result.status,
      connectionId,
      error: result.status === 'FAILED' ? { ...result.error } : undefined,
      finishedAt: waits ? undefined : now,
      expiresAt: waits && session.expiresAt < confirmableUntil ? confirmableUntil : undefined,
    },
  })
  tx.afterCommit(() => bus.publish('sessions', id))
  // The product does not know of a session that a tool made, and has to confirm its connection.
  if (waits && !session.fromTool) return true
  const type = waits
    ? 'CONNECT_SESSION_AWAITING_CONFIRMATION'
    : result.status === 'COMPLETED'
      ? 'CONNECT_SESSION_COMPLETED'
      : 'CONNECT_SESSION_FAILED'
  const { workspaceId, endUserId } = session
  await appendEvents(tx, bus, workspaceId, [{ type, connectSessionId: id, endUserId, connectionId }])
  return true
}

/**
 * Ends a session together with its page and its live subscriptions. A credential that waits for confirmation is discarded.
 * A session that is over stays unchanged.
 * @throws NotFoundError, ForbiddenError
 */
export async function revokeConnectSession(
  { database, bus }: SessionDeps,
  caller: Caller,
  id: string,
): Promise<ConnectSession> {
  const session = await database.prisma.connectSession.findUnique({ where: { id, workspace: { deletedAt: null } } })
  if (session === null) throw notFound('connect session')
  assertSees(caller, session.workspaceId, 'connect session')
  // A session without integrations offers all of them.
  const { integrationIds } = session
  const offersOthers = integrationIds.length === 0 || integrationIds.some((each) => !seesIntegration(caller, each))
  const isHidden = caller.integrationIds !== undefined && offersOthers
  if (isHidden || !seesEndUser(caller, session.endUserId)) throw notFound('connect session')
  assertWrites(caller, session.workspaceId, 'connect session')
  return database.transaction(async (tx) => {
    const held = await holdSession(tx, id)
    if (held === null) throw notFound('connect session')
    if (isSessionOver(held)) return held
    await recordAudit(tx, { type: 'ConnectSession', id, workspaceId: held.workspaceId })
    await tx.query('UPDATE pending_credential SET expires_at = now() WHERE connect_session_id = $1::uuid', [id])
    tx.afterCommit(() => {
      bus.publish('sessions', id)
      bus.publish('access', id)
    })
    return tx.prisma.connectSession.update({ where: { id }, data: { status: 'REVOKED', finishedAt: held.now } })
  })
}

/** What a page of a session reports: it is shown; its window was closed; or it sent the browser on, to the product. */
export type PageEvent = 'open' | 'left' | 'away'

/**
 * Stores what a page reports. An old page and its successor may report in any order: only the page that was shown last can be
 * left.
 * @param pageId the id that the page was rendered with
 */
export async function recordPage(sql: SqlRunner, sessionId: string, pageId: string, event: PageEvent): Promise<void> {
  if (event === 'open') {
    await sql.query('UPDATE connect_session SET page_id = $2::uuid, page_left_at = NULL WHERE id = $1::uuid', [
      sessionId,
      pageId,
    ])
    return
  }
  await sql.query(
    `UPDATE connect_session SET page_id = NULL, page_left_at = CASE WHEN $3::bool THEN clock_timestamp() END
     WHERE id = $1::uuid AND page_id = $2::uuid`,
    [sessionId, pageId, event === 'left'],
  )
}

/** Stores that the browser is on its way to the provider or the product. The page that it leaves is not a closed one then. */
export async function recordAway(sql: SqlRunner, sessionId: string): Promise<void> {
  await sql.query('UPDATE connect_session SET page_id = NULL WHERE id = $1::uuid AND page_id IS NOT NULL', [sessionId])
}

/** A session as API clients see it. */
export type SessionRow = Omit<ConnectSession, 'tokenHash' | 'browserHash' | 'pageId'>

/** Secrets and hashes of secrets. They are not selected where a session is shown. */
export const SESSION_SECRET_COLUMNS: readonly string[] = ['tokenHash', 'browserHash', 'pageId']

type FollowedSession = SessionRow & { now: Date }

/** How often a followed session is read when no wake-up arrives. */
const POLL_EVERY_MS = 2_000

/**
 * Yields a session now and after every change until it is over.
 * @returns 'ended' after a final status; undefined when the session was deleted or `signal` aborted
 */
export async function* followSession(
  { sql, bus }: { sql: SqlRunner; bus: WakeBus },
  id: string,
  signal: AbortSignal,
  pollEveryMs = POLL_EVERY_MS,
): AsyncGenerator<FollowedSession, 'ended' | undefined, undefined> {
  let wake = Promise.withResolvers<void>()
  const unsubscribe = bus.subscribe('sessions', (changed) => {
    if (changed === id) wake.resolve()
  })
  const stop = () => wake.resolve()
  signal.addEventListener('abort', stop)
  let yielded = ''
  try {
    for (;;) {
      const { aborted } = signal
      wake = Promise.withResolvers<void>()
      const session = await readSession(sql, id)
      if (session === null) return undefined
      const state = JSON.stringify([sessionStatus(session), session.connectionId, session.expiresAt, session.error])
      if (state !== yielded) {
        yielded = state
        yield session
      }
      if (isSessionOver(session)) return 'ended'
      // The end of the session can be what aborted the signal, so the session is read once more after the abort.
      if (aborted) return undefined
      if (!signal.aborted) await waitFor(wake, Math.min(pollEveryMs, untilExpiry(session)))
    }
  } finally {
    signal.removeEventListener('abort', stop)
    unsubscribe()
  }
}

/** Milliseconds until the session expires. A timer can fire slightly early, so two are added. */
function untilExpiry({ expiresAt, now }: FollowedSession): number {
  return Math.max(expiresAt.getTime() - now.getTime(), 0) + 2
}

async function waitFor(wake: PromiseWithResolvers<void>, maxMs: number): Promise<void> {
  const timer = setTimeout(wake.resolve, maxMs)
  timer.unref()
  await wake.promise
  clearTimeout(timer)
}

async function readSession(sql: SqlRunner, id: string): Promise<FollowedSession | null> {
  const [row] = await sql.query<FollowedSession & Record<string, unknown>>(
    `SELECT ${columnsOf('connect_session', 't', SESSION_SECRET_COLUMNS)}, clock_timestamp() AS now FROM connect_session t WHERE t.id = $1::uuid`,
    [id],
  )
  return row ?? null
}
