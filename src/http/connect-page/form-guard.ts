import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readCookie } from '../server/cookies.ts'

const VALUE = /^[A-Za-z0-9_-]{43}$/

/** The name of the hidden field that repeats the cookie. */
export const GUARD_FIELD = 'guard'

function cookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-latchkey-form' : 'latchkey-form'
}

/** The value that marks a browser as the one that was shown a form; null: it was shown none, or takes no cookies. */
export function formValueOf(request: Request, publicUrl: string): string | null {
  const value = readCookie(request, cookieName(publicUrl))
  return value !== null && VALUE.test(value) ? value : null
}

/** What a page with a form carries: the hidden field's value, and the cookie where the browser has none yet. */
export function guardForm(request: Request, publicUrl: string): { value: string; cookies: string[] } {
  const known = formValueOf(request, publicUrl)
  const value = known ?? randomBytes(32).toString('base64url')
  const name = cookieName(publicUrl)
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  const cookie = `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400${secure}`
  return { value: digest(value), cookies: known === null ? [cookie] : [] }
}

/**
 * Whether a form was sent by one of our own pages. Browsers say so in Sec-Fetch-Site, which no page can set; what they say
 * in Origin of a page without a referrer is `null` (Fetch, section "append a request Origin header"). Where they say
 * nothing, the hidden field has to match the cookie, which goes out with no form of another site.
 */
export function isOwnForm(request: Request, publicUrl: string, form: URLSearchParams): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  if (origin !== null && origin !== 'null') return origin === new URL(publicUrl).origin
  const value = formValueOf(request, publicUrl)
  if (value === null) return false
  const given = Buffer.from(form.get(GUARD_FIELD) ?? '')
  const expected = Buffer.from(digest(value))
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** The page shows no cookie that scripts are kept from. */
function digest(value: string): string {
  return createHash('sha256').update(`form ${value}`).digest('base64url')
}
