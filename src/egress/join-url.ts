import { EgressError } from './egress-error.ts'
import { hostNameOf, parseRequestUrl } from './policy.ts'

export type QueryInput = Readonly<Record<string, string>> | Iterable<readonly [string, string]>

/**
 * The URL of `path` under `base`, with `query` added to the queries of both. The result never leaves the origin and the path
 * of the base, so that a crafted path cannot send a credential elsewhere:
 * - `repos` and `/repos` are the same, both under the base's path; an empty path is the base itself;
 * - a complete URL, such as a link to the next page, is accepted if it is under the base;
 * - text that browsers read as another host (`//host`, `\`), control characters, outer white space, a fragment and `..` in
 *   any spelling are refused.
 *
 * @throws EgressError `refused_url`, whose message does not repeat the path
 */
export function joinUrl(base: URL | string, path: string, query: QueryInput = {}): URL {
  const root = parseRequestUrl(base)
  const url = isCompleteUrl(path) ? parseRequestUrl(path) : under(root, path)
  if (url.origin !== root.origin || !isInside(root, url)) throw refusedUrl(root, 'leads away from its base URL')
  checkPath(root, path)
  const pairs = isIterable(query) ? [...query] : Object.entries(query)
  const added = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  url.search = [url.search.slice(1), ...added].filter((part) => part !== '').join('&')
  return url
}

function under(root: URL, path: string): URL {
  checkPath(root, path)
  const mark = path.indexOf('?')
  const pathname = mark === -1 ? path : path.slice(0, mark)
  const search = mark === -1 ? '' : path.slice(mark + 1)
  const url = new URL(root)
  if (pathname !== '') url.pathname = `${withoutTrailingSlashes(root.pathname)}/${pathname.replace(/^\//, '')}`
  url.search = [root.search.slice(1), search].filter((part) => part !== '').join('&')
  return url
}

function checkPath(root: URL, path: string): void {
  if (/\p{Cc}/u.test(path) || path !== path.trim())
    throw refusedUrl(root, 'contains control characters, or begins or ends with white space')
  if (path.startsWith('//') || path.includes('\\')) throw refusedUrl(root, 'begins with // or contains a backslash')
  if (path.includes('#')) throw refusedUrl(root, 'contains a # (write %23 if it belongs to the path)')
  const [pathname = ''] = path.split('?')
  if (climbs(pathname)) throw refusedUrl(root, 'contains a .. segment')
}

/**
 * Whether a URL, such as the target of a redirect, is on the origin of the base and under its path, however a server decodes it.
 */
export function isUnder(base: URL, url: URL): boolean {
  const root = parseRequestUrl(base)
  if (url.origin !== root.origin) return false
  return /^\/*$/.test(root.pathname) || (isInside(root, url) && !climbs(url.pathname))
}

function isInside(root: URL, { pathname }: URL): boolean {
  const prefix = withoutTrailingSlashes(root.pathname)
  return pathname === prefix || pathname.startsWith(`${prefix}/`)
}

/**
 * Whether a path has a `..` segment in a spelling that only servers decode (%2e, %2f, %5c, and %252e for those that decode
 * twice), or with path parameters that some servers remove (..;x).
 */
function climbs(pathname: string): boolean {
  const decoded = pathname.replaceAll(/%(?:25)+(?=2e|2f|5c|3b)/gi, '%')
  const segments = decoded.replaceAll(/%2e/gi, '.').split(/[/\\]|%2f|%5c/i)
  return segments.some((segment) => /^\.\.(;|%3b|$)/i.test(segment))
}

function isCompleteUrl(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

function isIterable(query: QueryInput): query is Iterable<readonly [string, string]> {
  return Symbol.iterator in query
}

/** Encodes spaces as %20, which every server understands, unlike `+`. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function refusedUrl(root: URL, why: string): EgressError {
  return new EgressError('refused_url', `The path for ${hostNameOf(root)} ${why}.`)
}

/** Takes linear time. The regular expression /\/+$/ takes quadratic time for slashes in the middle. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length
  while (text[end - 1] === '/') end -= 1
  return text.slice(0, end)
}
