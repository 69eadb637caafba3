import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readCookie } from '../server/cookies.ts'

/** Sessions that one browser may go on with at once; the value of the oldest gives way. */
const MAX_VALUES = 5
const VALUE = /^[A-Za-z0-9_-]{43}$/
/** As long as the longest session. */
const MAX_AGE_SECONDS = 86_400

/**
 * The cookie by which a browser is known that took a connect link. It holds one value for each session that the browser
 * goes on with, the newest first, so that two links can be followed side by side. With `__Host-` nobody but this very
 * host can set it (draft-ietf-httpbis-rfc6265bis section 4.1.3.2); without TLS browsers refuse the prefix.
 * @param publicUrl how browsers reach this deployment; a request behind a proxy does not tell
 */
function bindingCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-latchkey-connect' : 'latchkey-connect'
}

/** Whether the request comes from the browser whose value has this hash: what a flow or a session is compared by. */
export function isBoundBrowser(request: Request, publicUrl: string, hash: Uint8Array): boolean {
  // Every value is looked at: how long it takes tells nothing.
  return valuesOf(request, publicUrl).filter((value) => timingSafeEqual(hashOf(value), hash)).length > 0
}

interface BrowserBinding {
  hash: Uint8Array<ArrayBuffer>
  /** The Set-Cookie header that makes the browser known by it. */
  cookie: string
}

/**
 * A new value for the browser, whatever it sent to be known by, beside those that it goes on with.
 * @param seed a secret of this browser and this link, so that a form that is sent twice at once gets the same value; null:
 * there is none
 */
export function bindBrowser(request: Request, publicUrl: string, seed: string | null): BrowserBinding {
  const value =
    seed === null ? randomBytes(32).toString('base64url') : hashText(`binding ${seed}`).toString('base64url')
  const others = valuesOf(request, publicUrl).filter((other) => other !== value)
  const values = [value, ...others].slice(0, MAX_VALUES)
  return { hash: hashOf(value), cookie: cookieOf(publicUrl, values.join('.')) }
}

function cookieOf(publicUrl: string, value: string): string {
  const name = bindingCookieName(publicUrl)
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${MAX_AGE_SECONDS}${secure}`
}

function valuesOf(request: Request, publicUrl: string): string[] {
  const text = readCookie(request, bindingCookieName(publicUrl))
  if (text === null) return []
  return text
    .split('.')
    .filter((value) => VALUE.test(value))
    .slice(0, MAX_VALUES)
}

function hashOf(value: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hashText(value))
}

function hashText(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
