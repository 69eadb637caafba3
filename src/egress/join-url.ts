import { EgressError } from './egress-error.ts'
import { hostNameOf, MAX_URL_LENGTH, parseRequestUrl } from './policy.ts'

export type QueryInput = Readonly<Record<string, string>> | Iterable<readonly [string, string]>

/**
 * The URL of `path` under `base`, with `query` added to the queries of both. The result never leaves the origin and the path
 * of the base, so that a crafted path cannot send a credential elsewhere:
 * - `repos` and `/repos` are the same, both under the base's path; an empty path is the base itself;
 * - a complete URL, such as a link to the next page, is accepted if it is under the base;
 * - text that browsers read as another host (`//host`, `\`), control characters, outer white space, a fragment and `..` in
 *   any spelling, encoded any number of times, are refused, and so is a URL that is too long.
 *
 * @throws EgressError `refused_url`, whose message does not repeat the path
 */
export function joinUrl(base: URL | string, path: string, query: QueryInput = {}): URL {
  const { root, folder } = rootOf(base)
  if (path.length > MAX_URL_LENGTH) throw tooLong(root)
  const isComplete = isCompleteUrl(path)
  if (!isComplete) checkPath(root, path)
  const pairs = isIterable(query) ? [...query] : Object.entries(query)
  const added = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const url = isComplete ? parseRequestUrl(path) : under(root, path, added)
  const { href } = url
  if (!(href.startsWith(folder) || (url.origin === root.origin && isInside(root, url))))
    throw refusedUrl(root, 'leads away from its base URL')
  if (isComplete) {
    checkPath(root, path)
    url.search = joinQueries([url.search.slice(1), ...added])
  }
  if (url.href.length > MAX_URL_LENGTH) throw tooLong(root)
  return url
}

interface Root {
  root: URL
  /** What every URL below the base begins with: the origin and the path, with a slash. */
  folder: string
}

/** The last root of each base, which is the same object for all requests of most connections. */
const roots = new WeakMap<URL, Root & { href: string }>()

function rootOf(base: URL | string): Root {
  const known = typeof base === 'string' ? undefined : roots.get(base)
  if (known !== undefined && known.href === (base as URL).href) return known
  const root = parseRequestUrl(base)
  const made = { root, folder: `${root.origin}${withoutTrailingSlashes(root.pathname)}/` }
  if (typeof base !== 'string') roots.set(base, { ...made, href: base.href })
  return made
}

function tooLong(root: URL): EgressError {
  return refusedUrl(root, `makes a URL of more than ${MAX_URL_LENGTH} characters, together with the query`)
}

/**
 * @param path checked by `checkPath`
 * @param added further parameters, encoded
 */
function under(root: URL, path: string, added: readonly string[]): URL {
  const mark = path.indexOf('?')
  const pathname = mark === -1 ? path : path.slice(0, mark)
  const search = mark === -1 ? '' : path.slice(mark + 1)
  if (root.search === '' && !search.startsWith('?') && !pathname.endsWith(' ')) {
    // Parses once. The setters below parse again for each part, and keep a space at the end.
    const slash = pathname === '' || pathname.startsWith('/') ? '' : '/'
    const base = pathname === '' ? root.pathname : withoutTrailingSlashes(root.pathname)
    const whole = joinQueries([search, ...added])
    return new URL(`${root.origin}${base}${slash}${pathname}${whole === '' ? '' : `?${whole}`}`)
  }
  const url = new URL(root)
  if (pathname !== '') url.pathname = `${withoutTrailingSlashes(root.pathname)}/${pathname.replace(/^\//, '')}`
  url.search = joinQueries([root.search.slice(1), search])
  // A setter drops a question mark in front, and parses the rest.
  if (added.length > 0 || path.includes('??')) url.search = joinQueries([url.search.slice(1), ...added])
  return url
}

function joinQueries(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('&')
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
 * Whether a path has a `..` segment for any server, however often it decodes the path and whatever it removes: percent-encoding in any
 * number of layers, backslashes, control characters and spaces, and what follows a `;` (parameters), a NUL, `?` or `#`.
 */
export function climbs(pathname: string): boolean {
  // Without an escape, the dots are as they are.
  if (!pathname.includes('.') && !pathname.includes('%')) return false
  return fullyDecoded(pathname)
    .split(/[/\\]/)
    .some((segment) => DOT_SEGMENT.test(segment.replaceAll(REMOVED, '')))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: some servers remove them
const REMOVED = /[\x01-\x20\x7f]/g
/** Some servers remove NUL, and for others the path ends there. */
const DOT_SEGMENT = /^\0*\.\0*\.(?:[\0;?#]|$)/

/**
 * The path decoded until nothing is left to decode, in linear time: `%25%32%65` is `%2e` and then `.`. Bytes above 0x7f stay as they are.
 * Decoding removes no dot and no slash, so a `..` segment that a server sees after fewer layers is also in the result.
 */
function fullyDecoded(path: string): string {
  if (!path.includes('%')) return path
  const codes: number[] = []
  for (let at = 0; at < path.length; at += 1) {
    codes.push(path.charCodeAt(at))
    // A decoded character may complete another sequence.
    for (let last = decodedEnd(codes); last !== undefined; last = decodedEnd(codes)) {
      codes.length -= last.length
      codes.push(last.code)
    }
  }
  const parts: string[] = []
  for (let at = 0; at < codes.length; at += 8_192) parts.push(String.fromCharCode(...codes.slice(at, at + 8_192)))
  return parts.join('')
}

const PERCENT = 0x25

/** The character that the last ones encode: `%2e`, `%u002e`, or too many bytes of UTF-8 for ASCII (C0 AE), which old decoders accept. */
function decodedEnd(codes: readonly number[]): { code: number; length: number } | undefined {
  const end = codes.length
  const last = codes[end - 1] ?? 0
  if (codes[end - 3] === PERCENT) return hexEnd(codes, 2, 3)
  if (codes[end - 6] === PERCENT && ((codes[end - 5] ?? 0) | 0x20) === 0x75) return hexEnd(codes, 4, 6)
  if (last < 0x80 || last > 0xbf) return undefined
  const before = codes[end - 2] ?? 0
  if (before === 0xc0 || before === 0xc1) return { code: ((before & 1) << 6) | (last & 0x3f), length: 2 }
  if (codes[end - 3] !== 0xe0 || (before !== 0x80 && before !== 0x81)) return undefined
  return { code: ((before & 1) << 6) | (last & 0x3f), length: 3 }
}

function hexEnd(
  codes: readonly number[],
  digits: number,
  length: number,
): { code: number; length: number } | undefined {
  const text = String.fromCharCode(...codes.slice(-digits))
  return /^[0-9a-f]+$/i.test(text) ? { code: Number.parseInt(text, 16), length } : undefined
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
