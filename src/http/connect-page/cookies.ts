import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 32 random bytes, or a SHA-256 digest, in base64url. */
const VALUE = /^[A-Za-z0-9_-]{43}$/
/** The longest life of a connect session: one day. */
const SESSION_SECONDS = 86_400

/**
 * With the prefix `__Host-` only this host can set the cookie (draft-ietf-httpbis-rfc6265bis section 4.1.3.2). Browsers
 * refuse the prefix without TLS.
 *
 * @param publicUrl how browsers reach this deployment; behind a proxy the request does not show it
 */
function cookieName(publicUrl: string, name: string): string {
  return publicUrl.startsWith('https:') ? `__Host-${name}` : name
}

function setCookie(publicUrl: string, name: string, value: string, maxAgeSeconds: number): string {
  const fullName = cookieName(publicUrl, name)
  const secure = fullName.startsWith('__Host-') ? '; Secure' : ''
  return `${fullName}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`
}

/** The value as the browser sent it. Of several cookies of one name it is the first, which is the most specific. */
function readCookie(request: Request, publicUrl: string, name: string): string | null {
  const fullName = cookieName(publicUrl, name)
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === fullName) return pair.slice(equals + 1).trim()
  }
  return null
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

// The binding cookie identifies the browser that opened a connect link. It holds one value for each session of the
// browser, the newest first, so that two links can be used side by side.

const BINDING = 'latchkey-connect'
/** Sessions that one browser can have open. One more replaces the oldest. */
const MAX_BINDINGS = 5

/** Whether the request comes from the browser whose binding value has this SHA-256 hash. */
export function isBoundBrowser(request: Request, publicUrl: string, hash: Uint8Array): boolean {
  // Compares every value, so that the time it takes reveals nothing.
  return bindings(request, publicUrl).filter((value) => timingSafeEqual(sha256(value), hash)).length > 0
}

interface BrowserBinding {
  /** SHA-256 of the new value. This is what is stored. */
  hash: Uint8Array<ArrayBuffer>
  /** The Set-Cookie header that gives the value to the browser. */
  cookie: string
}

/**
 * Makes a new binding value and adds it to those that the browser sent.
 *
 * @param seed a secret of this browser and this link: a form that is sent twice at once gets the same value both times;
 * null: the value is random
 */
export function bindBrowser(request: Request, publicUrl: string, seed: string | null): BrowserBinding {
  const value = seed === null ? randomBytes(32).toString('base64url') : sha256(`binding ${seed}`).toString('base64url')
  const others = bindings(request, publicUrl).filter((other) => other !== value)
  const values = [value, ...others].slice(0, MAX_BINDINGS)
  return {
    hash: new Uint8Array(sha256(value)),
    cookie: setCookie(publicUrl, BINDING, values.join('.'), SESSION_SECONDS),
  }
}

function bindings(request: Request, publicUrl: string): string[] {
  const values = readCookie(request, publicUrl, BINDING)?.split('.') ?? []
  return values.filter((value) => VALUE.test(value)).slice(0, MAX_BINDINGS)
}

// The form cookie protects forms against cross-site requests. A hidden field of each form repeats a digest of it.

const FORM = 'latchkey-form'

/** The name of the hidden field. */
export const GUARD_FIELD = 'guard'

/** The value of the form cookie; null: the browser has seen no form, or accepts no cookies. */
export function formValueOf(request: Request, publicUrl: string): string | null {
  const value = readCookie(request, publicUrl, FORM)
  return value !== null && VALUE.test(value) ? value : null
}

/** The hidden field's value for a page with a form, and the Set-Cookie header for a browser without the form cookie. */
export function guardForm(request: Request, publicUrl: string): { value: string; cookies: string[] } {
  const known = formValueOf(request, publicUrl)
  const value = known ?? randomBytes(32).toString('base64url')
  return {
    value: guardOf(value),
    cookies: known === null ? [setCookie(publicUrl, FORM, value, SESSION_SECONDS)] : [],
  }
}

/**
 * Whether one of our own pages sent the form. Browsers say so in Sec-Fetch-Site, which no page can set. A browser that sends
 * only Origin is believed too, except for `null`, which it sends for any page without a referrer (Fetch, "append a request
 * Origin header"). Without either, the hidden field must match the cookie, which SameSite keeps out of cross-site forms.
 */
export function isOwnForm(request: Request, publicUrl: string, form: URLSearchParams): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  if (origin !== null && origin !== 'null') return origin === new URL(publicUrl).origin
  const value = formValueOf(request, publicUrl)
  if (value === null) return false
  const given = Buffer.from(form.get(GUARD_FIELD) ?? '')
  const expected = Buffer.from(guardOf(value))
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** A digest, because the cookie is HttpOnly and its value must not appear in the page. */
function guardOf(value: string): string {
  return sha256(`form ${value}`).toString('base64url')
}

// The handle cookie keeps the one-time handle of a credential form until the same browser takes it back to the product. The
// handle of an OAuth flow is stored with the flow instead.

const HANDLE_VALUE = /^[A-Za-z0-9_-]{20,200}$/
/** The lifetime of a handle. */
const HANDLE_SECONDS = 600

/** The Set-Cookie header that keeps the handle of a session. */
export function handleCookie(publicUrl: string, sessionId: string, handle: string): string {
  return setCookie(publicUrl, `latchkey-handle-${sessionId}`, handle, HANDLE_SECONDS)
}

/** The handle of a session; null: this browser has none. */
export function readHandle(request: Request, publicUrl: string, sessionId: string): string | null {
  const handle = readCookie(request, publicUrl, `latchkey-handle-${sessionId}`)
  return handle !== null && HANDLE_VALUE.test(handle) ? handle : null
}

// The submission cookie keeps the last failed form of the browser, sealed and without secrets, until the form is shown again. There is
// one for all sessions, because servers refuse requests with many large cookies. The seal binds it to its session.

const SUBMISSION = 'latchkey-submission'

/** How long the form can be loaded again with its messages. */
const SUBMISSION_SECONDS = 600
const SUBMISSION_VALUE = /^[A-Za-z0-9_-]{1,4000}$/

/** The Set-Cookie header that keeps a submission. */
export function submissionCookie(publicUrl: string, sealed: string): string {
  return setCookie(publicUrl, SUBMISSION, sealed, SUBMISSION_SECONDS)
}

/** The sealed submission, of whichever session; null: this browser has none. */
export function readSubmission(request: Request, publicUrl: string): string | null {
  const value = readCookie(request, publicUrl, SUBMISSION)
  return value !== null && SUBMISSION_VALUE.test(value) ? value : null
}

/** The Set-Cookie headers that remove a submission after the account is connected. */
export function withoutSubmission(request: Request, publicUrl: string): string[] {
  return readSubmission(request, publicUrl) === null ? [] : [setCookie(publicUrl, SUBMISSION, '', 0)]
}
