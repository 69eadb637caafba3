import { isSessionToken } from '../../access/session-callers.ts'
import { findSession, findSessionByToken } from '../../connecting/connect-sessions.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import { isId } from '../../kit/ids.ts'
import { createTokenBuckets } from '../server/token-buckets.ts'
import { postChoice, showChoice } from './choose.ts'
import { showFinish } from './finish.ts'
import { type FormMemory, postForm, showForm } from './form.ts'
import { isOwnForm } from './form-guard.ts'
import { pathOf, problem, type Visit, visitOf } from './page-visit.ts'
import { type ProblemKey, problemPage } from './problem-page.ts'
import { readForm } from './read-form.ts'
import { localeOf } from './texts.ts'

/** Null: the request is for somebody else. */
export type ConnectPages = (request: Request) => Promise<Response | null>

const ATTEMPTS_AT_ONCE = 10
const ATTEMPTS_PER_MINUTE = 10

/**
 * The hosted pages of connect sessions. A link, `/connect/<token>`, is taken by the browser that first sends its form; from
 * then on the pages go by the session's own id and the cookie of that browser:
 * `/connect/choose/<id>`, `/connect/to/<id>/<integration>`, `/connect/finish/<id>`.
 */
export function createConnectPages(services: Services): ConnectPages {
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
    if (looks) return showChoice(services, visit, pathOf.choose(id))
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
  if ('status' in reading) return problem(visit, reading.status, READING_PROBLEMS[reading.status])
  if (!isOwnForm(visit.request, visit.publicUrl, reading.form)) return problem(visit, 403, 'crossSite')
  return then(reading.form)
}

function notAllowed(request: Request): Response {
  const response = problemPage(405, 'badRequest', localeOf(request))
  response.headers.set('allow', 'GET, HEAD, POST')
  return response
}
