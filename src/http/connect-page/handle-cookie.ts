import { readCookie } from '../server/cookies.ts'

const HANDLE = /^[A-Za-z0-9_-]{20,200}$/
/** As long as a handle is good for. */
const MAX_AGE_SECONDS = 600

/**
 * Where the handle of a form is kept until its browser has taken it back to the product: in that very browser. What came
 * back from a provider's page is kept with its flow.
 */
export function handleCookie(publicUrl: string, sessionId: string, handle: string): string {
  const name = cookieName(publicUrl, sessionId)
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  return `${name}=${handle}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${MAX_AGE_SECONDS}${secure}`
}

/** Null: this browser has none. */
export function readHandle(request: Request, publicUrl: string, sessionId: string): string | null {
  const handle = readCookie(request, cookieName(publicUrl, sessionId))
  return handle !== null && HANDLE.test(handle) ? handle : null
}

function cookieName(publicUrl: string, sessionId: string): string {
  return `${publicUrl.startsWith('https:') ? '__Host-' : ''}latchkey-handle-${sessionId}`
}
