import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isSessionToken } from '../../access/session-callers.ts'
import { findSession, findSessionByToken } from '../../connecting/connect-sessions.ts'
import { type SessionError, sessionStatus } from '../../connections/connect-session-state.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'
import { isId } from '../../kit/ids.ts'
import { createTokenBuckets } from '../server/token-buckets.ts'
import { postChoice, showChoice } from './choose.ts'
import { isOwnForm } from './cookies.ts'
import { showFinish } from './finish.ts'
import { type FormMemory, postForm, showForm } from './form.ts'
import { readForm } from './page-response.ts'
import { type ProblemKey, problemPage, sessionPath, showProblem, type Visit, visitOf } from './page-visit.ts'
import { localeOf } from './texts.ts'

/** Null: the request is for somebody else. */
type ConnectPages = (request: Request) => Promise<Response | null>

const ATTEMPTS_AT_ONCE = 10
const ATTEMPTS_PER_MINUTE = 10

/**
 * The hosted pages of connect sessions. A link, `/connect/<token>`, is taken by the browser that first sends its form; from
 * then on the pages go by the session's own id and the cookie of that browser:
 * `/connect/choose/<id>`, `/connect/to/<id>/<integration>`, `/connect/finish/<id>`.
 */
function createConnectPages(services: Services): ConnectPages {
  const attempts = createTokenBuckets({ capacity: ATTEMPTS_AT_ONCE, perSecond: ATTEMPTS_PER_MINUTE / 60 })
  const memory: FormMemory = { attempts, underWay: new Map() }
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/connect/')) return null
    try {
      return await answer(services, memory, request, pathname.slice('/connect/'.length).split('/'))
    } catch (error) {
      services.logger.error({ err: error }, 'a hosted page failed')
      return problemPage(500, 'internal', localeOf(request))
    }
  }
}

async function answer(services: Services, memory: FormMemory, request: Request, parts: string[]): Promise<Response> {
  const { publicUrl } = services
  const [first = '', id = '', slug = ''] = parts
  const looks = request.method === 'GET' || request.method === 'HEAD'
  if (!looks && request.method !== 'POST') return notAllowed(request)
  if (parts.length === 1 && isSessionToken(first)) {
    const session = await findSessionByToken(services.database, first)
    if (session === null) return problemPage(404, 'notFound', localeOf(request))
    const visit = visitOf(request, publicUrl, session)
    if (looks) return showChoice(services, visit, `/connect/${first}`)
    return withForm(visit, (form) => postChoice(services, visit, form, first))
  }
  const visit = await visitById(services, request, id)
  if (parts.length === 2 && first === 'choose') {
    if (visit === null) return otherBrowser(request)
    if (looks) return showChoice(services, visit, sessionPath.choose(id))
    return withForm(visit, (form) => postChoice(services, visit, form, null))
  }
  if (parts.length === 2 && first === 'finish' && looks) {
    return visit === null ? otherBrowser(request) : showFinish(services, visit)
  }
  if (parts.length === 3 && first === 'to') {
    if (visit === null) return otherBrowser(request)
    if (looks) return showForm(services, visit, slug)
    return withForm(visit, (form) => postForm(services, visit, slug, form, memory))
  }
  return problemPage(404, 'notFound', localeOf(request))
}

/** A session by its own id, which is no secret: for the browser that it is bound to. Null for every other, and for none. */
async function visitById({ database, publicUrl }: Services, request: Request, id: string): Promise<Visit | null> {
  const session = isId(id) ? await findSession(database, id) : null
  if (session === null) return null
  const visit = visitOf(request, publicUrl, session)
  return visit.owner === 'this' ? visit : null
}

function otherBrowser(request: Request): Response {
  return problemPage(403, 'otherBrowser', localeOf(request))
}

const READING_PROBLEMS = { 400: 'badRequest', 413: 'tooLarge', 415: 'badRequest' } as const satisfies Record<
  number,
  ProblemKey
>

async function withForm(visit: Visit, then: (form: URLSearchParams) => Promise<Response>): Promise<Response> {
  const reading = await readForm(visit.request)
  if ('status' in reading) return showProblem(visit, reading.status, READING_PROBLEMS[reading.status])
  if (!isOwnForm(visit.request, visit.publicUrl, reading.form)) return showProblem(visit, 403, 'crossSite')
  return then(reading.form)
}

function notAllowed(request: Request): Response {
  const response = problemPage(405, 'badRequest', localeOf(request))
  response.headers.set('allow', 'GET, HEAD, POST')
  return response
}

/** Null: the request is for somebody else. */
export type ConnectRoutes = (request: Request) => Promise<Response | null>

/** Everything by which a person connects and a product's page learns of it. */
export function createConnectRoutes(services: Services): ConnectRoutes {
  const pages = createConnectPages(services)
  const script = createConnectScript()
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/connect.js') return script(request)
    if (pathname === '/connect/session') return connectSessionStatus(services, request)
    return pages(request)
  }
}

interface Script {
  text: string
  etag: string
}

/** `GET /connect.js`: the script for the product's page, which any page may load and run. */
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
      // A module of another origin is fetched with CORS, and a page that isolates itself asks for the other.
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
 * `GET /connect/session`: how a session goes, for the page that holds its token. A page of another origin may read it where
 * the session names that origin. It tells of a session that is over too, and never the handle: that goes back with the
 * browser that connected, and the token may be in another.
 */
async function connectSessionStatus(services: Services, request: Request): Promise<Response> {
  const origin = request.headers.get('origin')
  // A preflight names no session. What may be read is decided when it comes with its token.
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflightHeaders(origin) })
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET, OPTIONS' } })
  const token = BEARER.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
  const session = await findSessionByToken(services.database, token)
  if (session === null) return statusResponse(401, { error: 'This connect session is not known.' }, '*')
  const own = new URL(services.publicUrl).origin
  if (origin !== null && origin !== own && !session.allowedOrigins.includes(origin)) {
    return statusResponse(
      403,
      { error: 'The allowedOrigins of this session do not name the origin of this page.' },
      null,
    )
  }
  const connection =
    session.connectionId === null
      ? null
      : await services.database.prisma.connection.findUnique({
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
      error: error && toldOf(error),
    },
    origin,
  )
}

/** What the GraphQL type has of it. */
function toldOf({ code, message, providerError, providerErrorDescription }: SessionError): SessionError {
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

function statusResponse(status: number, body: unknown, origin: string | null): Response {
  return Response.json(body, {
    status,
    headers: {
      'cache-control': 'no-store',
      vary: 'origin',
      'cross-origin-resource-policy': 'cross-origin',
      ...(origin === null ? {} : { 'access-control-allow-origin': origin }),
    },
  })
}
