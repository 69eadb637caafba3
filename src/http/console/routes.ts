import { type Act, audited } from '../../access/audit.ts'
import type { Caller } from '../../access/caller.ts'
import {
  callerOfOperator,
  endConsoleSession,
  type Operator,
  openKeySession,
  openOperatorSession,
} from '../../access/console-sessions.ts'
import type { ConsoleOidc } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { Egress } from '../../egress/egress.ts'
import {
  ForbiddenError,
  InvalidInputError,
  LatchkeyError,
  RateLimitedError,
  UnauthenticatedError,
} from '../../kit/errors.ts'
import { isOneTimeSecret } from '../../kit/ids.ts'
import type { Logger } from '../../kit/log.ts'
import { seeOther } from '../connect-page/page-response.ts'
import { addressKey, type CallerGate } from '../server/caller-gate.ts'
import { GrowingBuffer } from '../server/request-body.ts'
import { createTokenBuckets } from '../server/token-buckets.ts'
import { currentTraceId } from '../server/trace.ts'
import type { ConsoleCookie, ReadHeader } from './cookie.ts'
import { CALLBACK_PATH, createOidcSignIn, SignInError } from './oidc.ts'
import { createStaticFiles } from './static-files.ts'

export interface ConsoleDeps {
  database: Database
  bus: WakeBus
  egress: Egress
  logger: Logger
  gate: CallerGate
  cookie: ConsoleCookie
  publicUrl: () => string
  /** The OIDC provider of the operators. Undefined: none. */
  oidc: ConsoleOidc | undefined
  /** Whether the sandbox provider is there. */
  sandbox: boolean
  /** Whether /docs is there. */
  docs: boolean
  /** Folder of the built console. Default: packages/console/dist. */
  folder?: string
}

/** @returns null when the path belongs to another part of the server */
export type ConsoleRoutes = (request: Request, address: string | null) => Promise<Response | null>

const SESSION_PATH = '/console/session'
const BEGIN_PATH = '/console/oidc'
/** More than a key and its JSON have. */
const MAX_BODY_BYTES = 4 * 1024
/** The cookie of a sign-in at the OIDC provider, and how long it may take. */
const OIDC_COOKIE = 'latchkey_console_oidc'
const OIDC_SECONDS = 600
/** Requests to the OIDC provider that one address may cause per minute. */
const SIGN_INS_PER_MINUTE = 30

/**
 * The console: its files, and its sign-in.
 * - `GET /console/session` says whether the browser is signed in, and which ways there are to sign in.
 * - `POST /console/session` with `{ "key": "<API key>" }` signs in. The answer sets the cookie.
 * - `DELETE /console/session` signs out.
 * - `GET /console/oidc` leads to the OIDC provider, which leads back to `/console/oidc/callback`.
 */
export function createConsoleRoutes(deps: ConsoleDeps): ConsoleRoutes {
  const { cookie, gate, database, bus, logger } = deps
  const files = createStaticFiles(deps.folder)
  const oidc = deps.oidc === undefined ? null : createOidcSignIn(deps.oidc, deps.egress)
  const starts = createTokenBuckets({ capacity: SIGN_INS_PER_MINUTE, perSecond: SIGN_INS_PER_MINUTE / 60 })

  const act = (caller: Caller, action: string, address: string | null): Act => {
    return { caller, action, named: null, traceId: currentTraceId(), address }
  }

  async function describe(header: ReadHeader, address: string | null): Promise<Response> {
    const token = cookie.ofRequest(header)
    const identity = token === null ? null : await gate.identify(token, address)
    if (identity?.callerError instanceof RateLimitedError) throw identity.callerError
    return json({
      signedIn: identity !== null && identity.caller !== null,
      oidc: oidc !== null,
      sandbox: deps.sandbox,
      docs: deps.docs,
    })
  }

  async function signIn(request: Request, address: string | null): Promise<Response> {
    const key = keyIn(await readBody(request))
    const { caller, callerError } = await gate.identify(`Bearer ${key}`, address)
    if (caller === null) throw callerError
    if (caller.kind !== 'OPERATOR' && caller.kind !== 'API_KEY') {
      throw new UnauthenticatedError('Only an API key signs in to the console.')
    }
    const { token } = await audited({ database, logger }, act(caller, 'consoleSignIn', address), () =>
      openKeySession(database, caller),
    )
    return json({ signedIn: true }, { cookies: [cookie.set(token)] })
  }

  async function signOut(header: ReadHeader, address: string | null): Promise<Response> {
    const token = cookie.ofRequest(header)
    const { caller } = token === null ? { caller: null } : await gate.identify(token, address)
    if (caller !== null) {
      await audited({ database, logger }, act(caller, 'consoleSignOut', address), () =>
        endConsoleSession(database, bus, caller),
      )
    }
    return json({ signedIn: false }, { cookies: [cookie.clear()] })
  }

  async function session(request: Request, header: ReadHeader, address: string | null): Promise<Response> {
    const { method } = request
    if (!['GET', 'POST', 'DELETE'].includes(method)) {
      return new Response(null, { status: 405, headers: { allow: 'GET, POST, DELETE' } })
    }
    try {
      if (!cookie.isOwnRequest(header)) {
        throw new ForbiddenError('This request does not come from the console of this deployment.')
      }
      if (method === 'GET') return await describe(header, address)
      return await (method === 'POST' ? signIn(request, address) : signOut(header, address))
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error
      const { code, message, status } = error
      const answer = json({ error: { code, message } }, { status })
      if (error instanceof RateLimitedError) answer.headers.set('retry-after', String(error.retryAfterSeconds))
      return answer
    }
  }

  const oidcCookie = (value: string, seconds: number) => {
    const isSecure = deps.publicUrl().startsWith('https:')
    // Lax: the browser comes back from another site.
    return `${isSecure ? '__Host-' : ''}${OIDC_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`
  }
  const failed = (reason: string, cookies: readonly string[] = []) =>
    seeOther(`${deps.publicUrl()}/console/sign-in?problem=${reason}`, { cookies })

  async function begin(address: string | null): Promise<Response> {
    if (oidc === null) return failed('oidc')
    if (starts.take(addressKey(address), 1) !== null) return failed('busy')
    try {
      const { secret, location } = await oidc.begin(deps.publicUrl())
      return seeOther(location, { cookies: [oidcCookie(secret, OIDC_SECONDS)] })
    } catch (error) {
      if (!(error instanceof SignInError)) throw error
      logger.warn({ reason: error.message }, 'a sign-in to the console by OIDC could not begin')
      return failed('oidc')
    }
  }

  async function finish(request: Request, header: ReadHeader, address: string | null): Promise<Response> {
    const ended = [oidcCookie('', 0)]
    const prefix = deps.publicUrl().startsWith('https:') ? '__Host-' : ''
    const secret = new RegExp(`(?:^|;\\s*)${prefix}${OIDC_COOKIE}=([^;]*)`).exec(header('cookie') ?? '')?.[1] ?? ''
    if (oidc === null || !isOneTimeSecret(secret)) return failed('oidc', ended)
    if (starts.take(addressKey(address), 1) !== null) return failed('busy', ended)
    let operator: Operator
    try {
      operator = await oidc.finish(deps.publicUrl(), new URL(request.url), secret)
    } catch (error) {
      if (!(error instanceof SignInError)) throw error
      logger.warn({ reason: error.message }, 'a sign-in to the console by OIDC failed')
      return failed('oidc', ended)
    }
    try {
      const { token } = await audited(
        { database, logger },
        act(callerOfOperator(operator), 'consoleSignIn', address),
        () => openOperatorSession(database, operator),
      )
      return seeOther(`${deps.publicUrl()}/console`, { cookies: [...ended, cookie.set(token)] })
    } catch (error) {
      if (!(error instanceof ForbiddenError)) throw error
      return failed('role', ended)
    }
  }

  return async (request, address) => {
    const { pathname } = new URL(request.url)
    if (pathname !== '/console' && !pathname.startsWith('/console/')) return null
    const header: ReadHeader = (name) => request.headers.get(name)
    if (pathname === SESSION_PATH) return session(request, header, address)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    if (pathname === BEGIN_PATH) return begin(address)
    if (pathname === CALLBACK_PATH) return finish(request, header, address)
    return files(pathname, request)
  }
}

function json(
  value: unknown,
  { status = 200, cookies = [] }: { status?: number; cookies?: readonly string[] } = {},
): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(JSON.stringify(value), { status, headers })
}

async function readBody(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw invalidBody()
  const body = new GrowingBuffer()
  for await (const chunk of request.body ?? []) {
    body.add(chunk)
    if (body.length > MAX_BODY_BYTES) throw invalidBody()
  }
  try {
    return JSON.parse(body.read().toString('utf8'))
  } catch {
    throw invalidBody()
  }
}

function keyIn(body: unknown): string {
  const key = typeof body === 'object' && body !== null ? Reflect.get(body, 'key') : undefined
  if (typeof key !== 'string') throw invalidBody()
  return key.trim()
}

function invalidBody(): InvalidInputError {
  return new InvalidInputError([], 'Send the API key as JSON: { "key": "lk_…" }.')
}
