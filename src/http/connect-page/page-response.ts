import { randomBytes } from 'node:crypto'
import { isPlainHost } from '../../kit/input.ts'
import type { Html } from './html.ts'

export interface PageOptions {
  /** Default 200. */
  status?: number
  /** Origins that may frame the page. Default: none. */
  frameAncestors?: readonly string[]
  /** The origin of the one picture that is not our own. Default: none. */
  imageOrigin?: string | undefined
  /** Where forms may end besides this very origin, redirects included. Default: nowhere. */
  formTargets?: readonly string[]
  /** Set-Cookie headers. */
  cookies?: readonly string[]
}

/** For the `nonce` of the page's own script and style. */
export function newNonce(): string {
  return randomBytes(16).toString('base64')
}

/** A hosted page: never kept, never told to others, and closed to what it does not bring along. */
export function pageResponse(page: Html, nonce: string, options: PageOptions = {}): Response {
  const { status = 200, cookies = [] } = options
  const headers = securityHeaders(options, nonce)
  headers.set('content-type', 'text/html; charset=utf-8')
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(`<!doctype html>\n${page.text}`, { status, headers })
}

/** Sends the browser on, always by GET: 307 would repeat the form, with its secrets, elsewhere (RFC 9700 section 4.12). */
export function seeOther(location: string, { cookies = [] }: Pick<PageOptions, 'cookies'> = {}): Response {
  const headers = securityHeaders({}, null)
  headers.set('location', location)
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

function securityHeaders(options: PageOptions, nonce: string | null): Headers {
  const { frameAncestors = [], imageOrigin, formTargets = [] } = options
  const own = nonce === null ? "'none'" : `'nonce-${nonce}'`
  const policy = {
    'default-src': "'none'",
    'script-src': own,
    'style-src': own,
    'img-src': ["'self'", 'data:', ...plain(imageOrigin === undefined ? [] : [imageOrigin])].join(' '),
    'connect-src': "'self'",
    // Chromium holds redirects after a form against this too.
    'form-action': ["'self'", ...new Set(plain(formTargets))].join(' '),
    'base-uri': "'none'",
    'frame-ancestors': plain(frameAncestors).join(' ') || "'none'",
  }
  return new Headers({
    'content-security-policy': Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join('; '),
    // Names no origins; browsers that know frame-ancestors follow that (CSP Level 3 section 6.4.2.1).
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // A popup that had a policy of its own, on a redirect too, would lose its opener, which is to hear how it ends.
    'cross-origin-opener-policy': nonce !== null && frameAncestors.length === 0 ? 'same-origin' : 'unsafe-none',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'x-robots-tag': 'noindex',
  })
}

/** Whoever writes a definition or a logo's URL must not write the policy: each source is a scheme or one origin. */
function plain(sources: readonly string[]): string[] {
  return sources.filter(
    (source) => source === 'https:' || (URL.canParse(source) && isPlainHost(new URL(source).hostname)),
  )
}

/** A URL as the workspace wrote it, to the character, with more in its query. It has no fragment. */
export function withQuery(url: string, values: Readonly<Record<string, string>>): string {
  const mark = url.includes('?') ? (/[?&]$/.test(url) ? '' : '&') : '?'
  return `${url}${mark}${new URLSearchParams(values)}`
}

/** More than the largest form of any definition: 100 fields of 16 KiB. */
const MAX_FORM_BYTES = 2 * 1024 * 1024

/** A form, or why there is none. */
type FormReading = { form: URLSearchParams } | { status: 413 | 415 | 400 }

/** Reads a form (application/x-www-form-urlencoded), counting while it comes in. */
export async function readForm(request: Request): Promise<FormReading> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return { status: 415 }
  if (Number(request.headers.get('content-length') ?? 0) > MAX_FORM_BYTES) return { status: 413 }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > MAX_FORM_BYTES) return { status: 413 }
    chunks.push(chunk)
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
  // The database takes no NUL, in whatever field it may come.
  for (const [name, value] of form) if (`${name}${value}`.includes('\0')) return { status: 400 }
  return { form }
}
