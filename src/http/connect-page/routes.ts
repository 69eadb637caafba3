import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isSessionToken } from '../../access/session-callers.ts'
import {
  findSession,
  findSessionByToken,
  type PageEvent,
  recordPage,
  type SessionError,
  sessionStatus,
} from '../../connecting/connect-sessions.ts'
import { unavailableOr } from '../../db/unavailable.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { UnavailableError } from '../../kit/errors.ts'
import { isId } from '../../kit/ids.ts'
import { createSingleFlight } from '../../kit/single-flight.ts'
import { createTokenBuckets } from '../server/token-buckets.ts'
import { postChoice, showChoice } from './choose.ts'
import { isOwnForm } from './cookies.ts'
import { showFinish } from './finish.ts'
import { type FormMemory, postForm, showForm } from './form/form.ts'
import { readForm } from './page-response.ts'
import {
  type ConnectPageDeps,
  type ProblemKey,
  problemPage,
  sessionPath,
  showProblem,
  unavailablePage,
  type Visit,
  visitOf,
} from './page-visit.ts'
import { localeOf } from './texts.ts'

/** @returns null when the path belongs to another part of the server */
export type ConnectRoutes = (request: Request) => Promise<Response | null>

/** `/connect.js`, `/connect/session` and the hosted pages under `/connect/`. */
export function createConnectRoutes(deps: ConnectPageDeps): ConnectRoutes {
  const pages = createConnectPages(deps)
  const script = createConnectScript()
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/connect.js') return script(request)
    if (pathname === '/connect/session') return connectSessionAnswer(deps, request)
    return pages(request)
  }
}

/** Attempts to submit a credential, per session: 10 at once, then one every 6 seconds. */
const ATTEMPTS_AT_ONCE = 10
const ATTEMPTS_PER_MINUTE = 10

/**
 * The hosted pages of connect sessions. The link is `/connect/<token>`. The first browser that submits its form claims the
 * session. All later pages use the session's id and are open to that browser only: `/connect/choose/<id>`,
 * `/connect/to/<id>/<integration>` and `/connect/finish/<id>`. They report to `/connect/page/<id or token>` that they are shown or
 * closed.
 */
function createConnectPages(deps: ConnectPageDeps): ConnectRoutes {
  const memory: FormMemory = {
    attempts: createTokenBuckets({ capacity: ATTEMPTS_AT_ONCE, perSecond: ATTEMPTS_PER_MINUTE / 60 }),
    submissions: createSingleFlight(),
  }
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/connect/')) return null
    try {
      return await connectPage(deps, memory, request, pathname.slice('/connect/'.length).split('/'))
    } catch (error) {
      const expected = unavailableOr(error, deps.logger)
      if (expected instanceof UnavailableError) return unavailablePage(request, expected)
      deps.logger.error({ err: error }, 'a connect page failed')
      return problemPage(500, 'internal', localeOf(request))
    }
  }
}

/** @param parts the segments of the path after `/connect/` */
async function connectPage(
  deps: ConnectPageDeps,
  memory: FormMemory,
  request: Request,
  parts: string[],
): Promise<Response> {
  const { publicUrl } = deps
  const [first = '', id = '', slug = ''] = parts
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead && request.method !== 'POST') return methodNotAllowed(request)
  if (parts.length === 1 && isSessionToken(first)) {
    const session = await findSessionByToken(deps.database, first)
    if (session === null) return problemPage(404, 'notFound', localeOf(request))
    const visit = visitOf(request, publicUrl, session, first)
    if (isRead) return showChoice(deps, visit, `/connect/${first}`)
    return withForm(visit, (form) => postChoice(deps, visit, form, first))
  }
  if (parts.length === 2 && first === 'page' && !isRead) return recordReport(deps, request, id)
  const visit = await visitById(deps, request, id)
  if (parts.length === 2 && first === 'choose') {
    if (visit === null) return otherBrowser(request)
    if (isRead) return showChoice(deps, visit, sessionPath.choose(id))
    return withForm(visit, (form) => postChoice(deps, visit, form, null))
  }
  if (parts.length === 2 && first === 'finish' && isRead) {
    return visit === null ? otherBrowser(request) : showFinish(deps, visit)
  }
  if (parts.length === 3 && first === 'to') {
    if (visit === null) return otherBrowser(request)
    if (isRead) return showForm(deps, visit, slug)
    return withForm(visit, (form) => postForm(deps, visit, slug, form, memory))
  }
  return problemPage(404, 'notFound', localeOf(request))
}

/**
 * The visit of the browser that claimed a session. The session's id is not secret, so the answer is null for every other
 * browser, as for an id that does not exist.
 */
async function visitById(
  { database, publicUrl }: ConnectPageDeps,
  request: Request,
  id: string,
): Promise<Visit | null> {
  const session = isId(id) ? await findSession(database, id) : null
  if (session === null) return null
  const visit = visitOf(request, publicUrl, session)
  return visit.owner === 'this' ? visit : null
}

function otherBrowser(request: Request): Response {
  return problemPage(403, 'otherBrowser', localeOf(request))
}

const MAX_REPORT_BYTES = 1_024
const PAGE_EVENTS: readonly string[] = ['open', 'left', 'away'] satisfies PageEvent[]

/**
 * `POST /connect/page/<id or token>`: a page of a session reports that it is shown or closed. Another browser than that of the
 * session cannot report that it shows a page, and without the id of the page nobody can report that it was closed.
 * @param key the id of the session, or the token of its link
 */
async function recordReport(deps: ConnectPageDeps, request: Request, key: string): Promise<Response> {
  const { database, publicUrl } = deps
  const reading = await readForm(request, MAX_REPORT_BYTES)
  if ('status' in reading) return new Response(null, { status: reading.status })
  const { form } = reading
  if (!isOwnForm(request, publicUrl, form)) return new Response(null, { status: 403 })
  const event = form.get('event') ?? ''
  const page = form.get('page') ?? ''
  if (!PAGE_EVENTS.includes(event) || !isId(page)) return new Response(null, { status: 400 })
  const byToken = isSessionToken(key)
  const session = byToken
    ? await findSessionByToken(database, key)
    : isId(key)
      ? await findSession(database, key)
      : null
  if (session === null) return new Response(null, { status: 404 })
  const { owner } = visitOf(request, publicUrl, session)
  if (event === 'open' && owner !== 'this' && !(byToken && owner === 'nobody'))
    return new Response(null, { status: 403 })
  await recordPage(database.sql, session.id, page, event as PageEvent)
  return new Response(null, { status: 204 })
}

const FORM_PROBLEMS = { 400: 'badRequest', 413: 'tooLarge', 415: 'badRequest' } as const satisfies Record<
  number,
  ProblemKey
>

/** Reads the form of a POST request and checks that it comes from our own page. */
async function withForm(visit: Visit, handle: (form: URLSearchParams) => Promise<Response>): Promise<Response> {
  const reading = await readForm(visit.request)
  if ('status' in reading) return showProblem(visit, reading.status, FORM_PROBLEMS[reading.status])
  if (!isOwnForm(visit.request, visit.publicUrl, reading.form)) return showProblem(visit, 403, 'crossSite')
  return handle(reading.form)
}

function methodNotAllowed(request: Request): Response {
  const response = problemPage(405, 'badRequest', localeOf(request))
  response.headers.set('allow', 'GET, HEAD, POST')
  return response
}

interface Script {
  text: string
  etag: string
}

/** `GET /connect.js`: the script that a product's page loads. Pages of every origin may load it. */
function createConnectScript(): (request: Request) => Promise<Response> {
  let script: Promise<Script> | null = null
  const load = async (): Promise<Script> => {
    const text = await readFile(new URL('../../client/connect.js', import.meta.url), 'utf8')
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
  }
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    script ??= load()
    const { text, etag } = await script
    const headers = {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300, stale-while-revalidate=86400',
      // A module of another origin is loaded with CORS. A cross-origin isolated page needs the resource policy.
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      etag,
    }
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(request.method === 'HEAD' ? null : text, { headers })
  }
}

const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i

/**
 * `GET /connect/session`: the status of a session, for the page that holds its token. A page of another origin may read it
 * if the session's allowedOrigins name that origin. Sessions that are over are reported too. The one-time handle is never
 * in the answer: only the browser that connected the account receives it, and the token may be in another browser.
 *
 * `page`: `OPEN` while a page of ours is shown, `LEFT` after its window was closed, otherwise null: no page was shown yet, or
 * the browser is at the provider or back at the product. `pageId`: a different one for each page that is shown.
 */
async function connectSessionStatus(
  { database, publicUrl }: Pick<ConnectPageDeps, 'database' | 'publicUrl'>,
  request: Request,
): Promise<Response> {
  const origin = request.headers.get('origin')
  // A preflight request carries no token, so the origin is checked with the request that follows.
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflightHeaders(origin) })
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET, OPTIONS' } })
  const token = BEARER.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
  const session = await findSessionByToken(database, token)
  if (session === null) return statusResponse(401, { error: 'The token belongs to no connect session.' }, '*')
  const own = new URL(publicUrl).origin
  if (origin !== null && origin !== own && !session.allowedOrigins.includes(origin)) {
    return statusResponse(
      403,
      { error: 'Add the origin of this page to the allowedOrigins of the connect session.' },
      null,
    )
  }
  const connection =
    session.connectionId === null
      ? null
      : await database.prisma.connection.findUnique({
          where: { id: session.connectionId, deletedAt: null },
          include: { integration: { select: { slug: true } } },
        })
  const error = session.error as SessionError | null
  return statusResponse(
    200,
    {
      session: {
        id: encodeGlobalId('ConnectSession', session.id),
        status: sessionStatus(session),
        expiresAt: session.expiresAt.toISOString(),
      },
      connection:
        connection === null
          ? null
          : {
              id: encodeGlobalId('Connection', connection.id),
              status: connection.status,
              displayName: connection.displayName,
              integration: connection.integration.slug,
            },
      error: error && publicError(error),
      page: session.pageId !== null ? 'OPEN' : session.pageLeftAt !== null ? 'LEFT' : null,
      pageId: session.pageId,
    },
    origin,
  )
}

/** Any origin may read that the status is unavailable: whether the session allows it is not known then. */
async function connectSessionAnswer(deps: ConnectPageDeps, request: Request): Promise<Response> {
  try {
    return await connectSessionStatus(deps, request)
  } catch (error) {
    const expected = unavailableOr(error, deps.logger)
    if (!(expected instanceof UnavailableError)) throw error
    const { status, message, retryAfterSeconds } = expected
    const response = statusResponse(status, { error: message }, '*')
    response.headers.set('retry-after', String(retryAfterSeconds))
    return response
  }
}

/** The fields of the GraphQL type ConnectSessionError. */
function publicError({ code, message, providerError, providerErrorDescription }: SessionError): SessionError {
  return { code, message, providerError, providerErrorDescription }
}

function preflightHeaders(origin: string | null): Record<string, string> {
  return {
    'access-control-allow-origin': origin ?? '*',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '7200',
    vary: 'origin',
  }
}

/** @param allowedOrigin null: no page of another origin may read the answer */
function statusResponse(status: number, body: unknown, allowedOrigin: string | null): Response {
  return Response.json(body, {
    status,
    headers: {
      'cache-control': 'no-store',
      vary: 'origin',
      'cross-origin-resource-policy': 'cross-origin',
      ...(allowedOrigin === null ? {} : { 'access-control-allow-origin': allowedOrigin }),
    },
  })
}
