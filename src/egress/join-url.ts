import { EgressError } from './egress-error.ts'
import { hostNameOf, parseRequestUrl } from './policy.ts'

export type QueryInput = Readonly<Record<string, string>> | Iterable<readonly [string, string]>

/**
 * The URL of `path` under `base`, with `query` added to what both have. Never leaves the origin of the base nor its path,
 * so that a credential for the base cannot be sent elsewhere by a clever path:
 * - `repos` and `/repos` are the same thing, both under the base's path; an empty path is the base itself;
 * - a whole URL (the next page that an answer names) is taken if it lies under the base;
 * - what browsers read as another host (`//host`, `\`), control characters, outer white space, a fragment and `..` in any
 *   spelling are refused.
 * Throws EgressError `refused_url`, whose message does not repeat the path.
 */
export function joinUrl(base: URL | string, path: string, query: QueryInput = {}): URL {
  const root = parseRequestUrl(base)
  const url = isWholeUrl(path) ? parseRequestUrl(path) : under(root, path)
  const prefix = root.pathname.replace(/\/+$/, '')
  const inside = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)
  if (url.origin !== root.origin || !inside) throw refusedUrl(root, 'leads away from it')
  refuseTricks(root, path)
  const pairs = isIterable(query) ? [...query] : Object.entries(query)
  const added = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  url.search = [url.search.slice(1), ...added].filter((part) => part !== '').join('&')
  return url
}

function under(root: URL, path: string): URL {
  refuseTricks(root, path)
  const mark = path.indexOf('?')
  const pathname = mark === -1 ? path : path.slice(0, mark)
  const search = mark === -1 ? '' : path.slice(mark + 1)
  const url = new URL(root)
  if (pathname !== '') url.pathname = `${root.pathname.replace(/\/+$/, '')}/${pathname.replace(/^\//, '')}`
  url.search = [root.search.slice(1), search].filter((part) => part !== '').join('&')
  return url
}

function refuseTricks(root: URL, path: string): void {
  if (/\p{Cc}/u.test(path) || path !== path.trim())
    throw refusedUrl(root, 'has control characters or outer white space')
  if (path.startsWith('//') || path.includes('\\')) throw refusedUrl(root, 'begins with // or has a backslash')
  if (path.includes('#')) throw refusedUrl(root, 'has a # (write %23 if it belongs to the path)')
  // Also what only the server decodes (%2e, %2f, %5c), and the path parameters that some of them take off (..;x).
  const [pathname = ''] = path.split('?')
  const segments = pathname.replaceAll(/%2e/gi, '.').split(/\/|%2f|%5c/i)
  if (segments.some((segment) => /^\.\.(;|%3b|$)/i.test(segment))) throw refusedUrl(root, 'has a .. segment')
}

function isWholeUrl(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

function isIterable(query: QueryInput): query is Iterable<readonly [string, string]> {
  return Symbol.iterator in query
}

/** Spaces as %20, which every server reads; `+` only some do. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function refusedUrl(root: URL, why: string): EgressError {
  return new EgressError('refused_url', `The path for ${hostNameOf(root)} ${why}.`)
}
