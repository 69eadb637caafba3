import { randomBytes } from 'node:crypto'
import { assertSeesConnection, assertWrites, type Caller, notFound } from '../access/caller.ts'
import { hashSessionToken, isSessionToken } from '../access/session-callers.ts'
import { isSessionOver, type SessionError, sessionStatus } from '../connections/connect-session-state.ts'
import { holdEndUser } from '../connections/connections.ts'
import type { ConnectDeps } from '../connections/deps.ts'
import { ensureEndUser, MAX_EXTERNAL_ID } from '../connections/end-users.ts'
import { findWritableWorkspace } from '../connections/lookups.ts'
import type { Database, Tx } from '../db/database.ts'
import type { ConnectSession, EndUser, Workspace } from '../db/generated/client.ts'
import { appendEvents } from '../events/event-log.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck, isPlainHost } from '../kit/input.ts'

type SessionDeps = Pick<ConnectDeps, 'database' | 'bus'>

/** How long a credential that was brought may be confirmed; a session that waits for it lives as long. */
const CONFIRM_WITHIN_SECONDS = 600

/**
 * A permission for one end user to connect on the hosted page. The token is in this answer and nowhere else.
 * @throws InvalidInputError with everything that is wrong; NotFoundError, ForbiddenError
 */
export async function createConnectSession(
  { database }: SessionDeps,
  caller: Caller,
  input: NewConnectSession,
): Promise<{ session: ConnectSession; token: string }> {
  const { workspaceId } = input
  const workspace = await findWritableWorkspace(database, caller, workspaceId)
  const check = checkInput()
  checkNewSession(check, input, workspace)
  const offered = await findOffered(database, workspaceId, input.integrations ?? [], check)
  check.done()
  const token = `lkc_${randomBytes(32).toString('base64url')}`
  const session = await database.transaction(async (tx) => {
    const endUserId = await endUserOf(tx, input)
    const again = input.connectionId === null ? null : await findReconnected(tx, workspaceId, input, endUserId)
    return tx.prisma.connectSession.create({
      data: {
        id: newId(),
        workspaceId,
        endUserId,
        tokenHash: hashSessionToken(token),
        integrationIds: again === null ? offered : [again.integrationId],
        redirectUrl: input.redirectUrl,
        allowedOrigins: [...input.allowedOrigins],
        reconnectId: again?.id ?? null,
        confirmation: input.confirmation ?? workspace.confirmation,
        expiresAt: new Date(Date.now() + input.expiresInSeconds * 1_000),
      },
    })
  })
  return { session, token }
}

async function findOffered(
  database: Database,
  workspaceId: string,
  slugs: readonly string[],
  check: InputCheck,
): Promise<string[]> {
  if (slugs.length === 0) return []
  const rows = await database.prisma.integration.findMany({
    where: { workspaceId, slug: { in: [...slugs] }, deletedAt: null },
    select: { id: true, slug: true },
  })
  return slugs.flatMap((slug, index) => {
    const found = rows.find((row) => row.slug === slug)
    if (found !== undefined) return slugs.indexOf(slug) === index ? found.id : []
    check.wrong(['input', 'integrations', String(index)], 'There is no integration of this slug in the workspace.')
    return []
  })
}

async function endUserOf(tx: Tx, { workspaceId, endUserId, endUserExternalId }: NewConnectSession): Promise<string> {
  if (endUserId === null) return ensureEndUser(tx, workspaceId, endUserExternalId ?? '')
  await holdEndUser(tx, workspaceId, endUserId)
  return endUserId
}

async function findReconnected(tx: Tx, workspaceId: string, input: NewConnectSession, endUserId: string) {
  const where = { id: input.connectionId ?? '', workspaceId, deletedAt: null }
  const connection = await tx.prisma.connection.findUnique({ where })
  if (connection === null) throw notFound('connection')
  if (connection.endUserId !== endUserId) {
    const check = checkInput()
    check.wrong(['input', 'connectionId'], 'Must be a connection of the end user that the session is for.')
    check.done()
  }
  return connection
}

/**
 * Ends a session, its page and its live subscriptions; what it has brought and nobody has confirmed is given up. One that
 * is over already stays as it is.
 * @throws NotFoundError, ForbiddenError
 */
export async function revokeConnectSession(deps: SessionDeps, caller: Caller, id: string): Promise<ConnectSession> {
  const { database, bus } = deps
  const session = await database.prisma.connectSession.findUnique({ where: { id, workspace: { deletedAt: null } } })
  if (session === null) throw notFound('connect session')
  assertSeesConnection(caller, session, 'connect session')
  assertWrites(caller, session.workspaceId, 'connect session')
  return database.transaction(async (tx) => {
    const held = await holdSession(tx, id)
    if (held === null) throw notFound('connect session')
    if (isSessionOver(held)) return held
    await tx.query('UPDATE pending_credential SET expires_at = now() WHERE connect_session_id = $1::uuid', [id])
    tx.afterCommit(() => {
      bus.publish('sessions', id)
      bus.publish('access', id)
    })
    return tx.prisma.connectSession.update({ where: { id }, data: { status: 'REVOKED', finishedAt: new Date() } })
  })
}

/** Keeps others from changing a session until the transaction ends. Null: it is gone. */
export async function holdSession(tx: Tx, id: string): Promise<ConnectSession | null> {
  const held = await tx.query('SELECT 1 AS held FROM connect_session WHERE id = $1::uuid FOR NO KEY UPDATE', [id])
  return held.length === 0 ? null : tx.prisma.connectSession.findUnique({ where: { id } })
}

/** A session with those whom its page names. */
export type PageSession = ConnectSession & { workspace: Workspace; endUser: EndUser }

const NAMED = { workspace: true, endUser: true } as const

/** The session of a link, whatever has become of it; null: there is none. */
export async function findSessionByToken(database: Database, token: string): Promise<PageSession | null> {
  if (!isSessionToken(token)) return null
  const where = { tokenHash: hashSessionToken(token), workspace: { deletedAt: null } }
  return database.prisma.connectSession.findUnique({ where, include: NAMED })
}

/** A session by its own id: for the browser that has taken it, and for nobody else. Null: there is none. */
export async function findSession(database: Database, id: string): Promise<PageSession | null> {
  return database.prisma.connectSession.findUnique({ where: { id, workspace: { deletedAt: null } }, include: NAMED })
}

/**
 * Gives a session to the browser that asks first.
 * @param browserHash what that browser will be known by
 * @returns false: another was faster, or the session is over
 */
export async function openSession(
  deps: SessionDeps,
  id: string,
  browserHash: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const { database, bus } = deps
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

/** What has come of a session. */
type SessionEnd =
  | { status: 'AWAITING_CONFIRMATION' | 'COMPLETED'; connectionId: string }
  | { status: 'FAILED'; error: SessionError; connectionId?: string }

/**
 * Writes what has come of a session, with its event, in the transaction that it comes of. A session that waits for its
 * confirmation fails no more: what was refused came after what was brought.
 * @returns false: the session is over, expired or revoked, and nothing may come of it. Then roll back what was brought.
 */
export async function finishSession(
  tx: Tx,
  { bus }: Pick<ConnectDeps, 'bus'>,
  id: string,
  end: SessionEnd,
): Promise<boolean> {
  const session = await holdSession(tx, id)
  if (session === null || isSessionOver(session)) return false
  if (end.status === 'FAILED' && session.status === 'AWAITING_CONFIRMATION') return false
  const waits = end.status === 'AWAITING_CONFIRMATION'
  const confirmableUntil = new Date(Date.now() + CONFIRM_WITHIN_SECONDS * 1_000)
  await tx.prisma.connectSession.update({
    where: { id },
    data: {
      status: end.status,
      ...(end.connectionId === undefined ? {} : { connectionId: end.connectionId }),
      ...(end.status === 'FAILED' ? { error: { ...end.error } } : {}),
      ...(waits ? {} : { finishedAt: new Date() }),
      ...(waits && session.expiresAt < confirmableUntil ? { expiresAt: confirmableUntil } : {}),
    },
  })
  tx.afterCommit(() => bus.publish('sessions', id))
  if (waits) return true
  const { workspaceId, endUserId } = session
  const of = {
    connectSessionId: id,
    endUserId,
    ...(end.connectionId === undefined ? {} : { connectionId: end.connectionId }),
  }
  const type = end.status === 'COMPLETED' ? 'CONNECT_SESSION_COMPLETED' : 'CONNECT_SESSION_FAILED'
  await appendEvents(tx, bus, workspaceId, [{ type, ...of }])
  return true
}

/** Whether the browser that holds the session may still bring something. */
export function mayGoOn(session: ConnectSession): boolean {
  return sessionStatus(session) === 'CONNECTING'
}

interface NewConnectSession {
  workspaceId: string
  /** Exactly one of the two. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Slugs; null: all of the workspace. */
  integrations: readonly string[] | null
  redirectUrl: string | null
  allowedOrigins: readonly string[]
  /** To be connected again. */
  connectionId: string | null
  expiresInSeconds: number
  /** Null: as the workspace has it. */
  confirmation: 'REQUIRED' | 'NONE' | null
}

const MIN_SECONDS = 60
const MAX_SECONDS = 86_400
const MAX_ORIGINS = 20
const MAX_INTEGRATIONS = 100

/** What can be said of the input without looking further than its workspace. */
function checkNewSession(check: InputCheck, input: NewConnectSession, workspace: Workspace): void {
  check.text(['input', 'endUserExternalId'], input.endUserExternalId, MAX_EXTERNAL_ID)
  if ((input.endUserId === null) === (input.endUserExternalId === null)) {
    check.wrong(['input', 'endUserId'], 'Give exactly one of endUserId and endUserExternalId.')
  }
  const { integrations, redirectUrl, expiresInSeconds: seconds } = input
  if (integrations !== null && (integrations.length === 0 || integrations.length > MAX_INTEGRATIONS)) {
    check.wrong(['input', 'integrations'], `Give 1 to ${MAX_INTEGRATIONS} slugs, or leave it out to offer all.`)
  }
  if (integrations !== null && input.connectionId !== null) {
    check.wrong(['input', 'integrations'], 'Leave it out beside connectionId: a connection stays at its integration.')
  }
  if (redirectUrl !== null && !workspace.redirectUrls.includes(redirectUrl)) {
    check.wrong(['input', 'redirectUrl'], 'Must be one of the redirectUrls of the workspace, to the character.')
  }
  checkOrigins(check, input.allowedOrigins)
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    check.wrong(['input', 'expiresInSeconds'], `Must be ${MIN_SECONDS} to ${MAX_SECONDS}.`)
  }
  if (input.confirmation === 'NONE' && workspace.confirmation !== 'NONE') {
    check.wrong(['input', 'confirmation'], 'May be NONE only where the confirmation of the workspace is NONE.')
  }
}

function checkOrigins(check: InputCheck, origins: readonly string[]): void {
  if (origins.length > MAX_ORIGINS) check.wrong(['input', 'allowedOrigins'], `Give at most ${MAX_ORIGINS} origins.`)
  for (const [index, origin] of origins.entries()) {
    const url = URL.canParse(origin) ? new URL(origin) : null
    // To the character what a browser calls the origin: it is put into headers and compared as text.
    const exact = url !== null && url.origin === origin && ['http:', 'https:'].includes(url.protocol)
    if (!exact || !isPlainHost(url.hostname)) {
      const message =
        'Must be an origin such as https://app.example.com: lower case, no path, no default port, no wildcard.'
      check.wrong(['input', 'allowedOrigins', String(index)], message)
    }
  }
}
