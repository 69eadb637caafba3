import { randomBytes } from 'node:crypto'
import { isPlainHost } from '../../kit/input.ts'
import { GrowingBuffer } from '../server/request-body.ts'
import type { Html } from './html.ts'

export interface PageOptions {
  /** Default 200. */
  status?: number
  /** Origins that may frame the page. Default: none. */
  frameAncestors?: readonly string[]
  /** The origin of the logo. Default: none. */
  imageOrigin?: string | undefined
  /** Origins besides our own that forms may lead to, including redirects. Default: none. */
  formTargets?: readonly string[]
  /** Set-Cookie headers. */
  cookies?: readonly string[]
  /** Keeps the connection to the window that opened this one, although no origin may frame the page. Default: no. */
  keepsOpener?: boolean
  /** For a page that asks the browser to come back. Default: no `Retry-After`. */
  retryAfterSeconds?: number
  /** Where the script of the page reports that the page with this id is shown or closed. Default: nowhere. */
  report?: { url: string; page: string } | undefined
}

/** The CSP nonce of a page's own script and style. */
export function newNonce(): string {
  return randomBytes(16).toString('base64')
}

/** A page that is not cached, sends no referrer, and loads nothing but its own script and style. */
export function pageResponse(page: Html, nonce: string, options: PageOptions = {}): Response {
  const { status = 200, cookies = [], retryAfterSeconds } = options
  const headers = securityHeaders(options, nonce)
  headers.set('content-type', 'text/html; charset=utf-8')
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(retryAfterSeconds))
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(`<!doctype html>\n${page.text}`, { status, headers })
}

/** A redirect by GET. A 307 would send the form with its secrets to the target (RFC 9700 section 4.12). */
export function seeOther(location: string, { cookies = [] }: Pick<PageOptions, 'cookies'> = {}): Response {
  const headers = securityHeaders({}, null)
  headers.set('location', location)
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

function securityHeaders(options: PageOptions, nonce: string | null): Headers {
  const { frameAncestors = [], imageOrigin, formTargets = [], keepsOpener = frameAncestors.length > 0 } = options
  const own = nonce === null ? "'none'" : `'nonce-${nonce}'`
  const policy = {
    'default-src': "'none'",
    'script-src': own,
    'style-src': own,
    'img-src': ["'self'", 'data:', ...safeSources(imageOrigin === undefined ? [] : [imageOrigin])].join(' '),
    'connect-src': "'self'",
    // Chromium also checks redirects after a form.
    'form-action': ["'self'", ...new Set(safeSources(formTargets))].join(' '),
    'base-uri': "'none'",
    'frame-ancestors': safeSources(frameAncestors).join(' ') || "'none'",
  }
  return new Headers({
    'content-security-policy': Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join('; '),
    // For browsers without frame-ancestors. All others ignore it (CSP Level 3 section 6.4.2.1).
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // With `same-origin`, even on a redirect, a popup would lose its opener, which waits for the result.
    'cross-origin-opener-policy': nonce !== null && !keepsOpener ? 'same-origin' : 'unsafe-none',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'x-robots-tag': 'noindex',
  })
}

/** Keeps only `https:` and plain origins, so that a URL from a definition or a logo cannot inject a policy. */
function safeSources(sources: readonly string[]): string[] {
  return sources.filter(
    (source) => source === 'https:' || (URL.canParse(source) && isPlainHost(new URL(source).hostname)),
  )
}

/** Appends parameters to a URL and leaves the rest exactly as it is. The URL must have no fragment. */
export function withQuery(url: string, values: Readonly<Record<string, string>>): string {
  const mark = url.includes('?') ? (/[?&]$/.test(url) ? '' : '&') : '?'
  return `${url}${mark}${new URLSearchParams(values)}`
}

/** More than the largest form of a definition, which has 100 fields of 16 KiB. */
const MAX_FORM_BYTES = 2 * 1024 * 1024

/** A form, or the HTTP status of the refusal. */
type FormReading = { form: URLSearchParams } | { status: 413 | 415 | 400 }

/** Reads an application/x-www-form-urlencoded body. The size limit applies while it is received. */
export async function readForm(request: Request, maxBytes = MAX_FORM_BYTES): Promise<FormReading> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return { status: 415 }
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return { status: 413 }
  const body = new GrowingBuffer()
  for await (const chunk of request.body ?? []) {
    body.add(chunk)
    if (body.length > maxBytes) return { status: 413 }
  }
  const form = new URLSearchParams(body.read().toString('utf8'))
  // PostgreSQL does not accept NUL in text.
  for (const [name, value] of form) if (`${name}${value}`.includes('\0')) return { status: 400 }
  return { form }
}
