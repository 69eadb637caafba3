import type { OpenedConnection } from '../credentials/credential-store.ts'
import { textSearch } from '../kit/text-search.ts'

/**
 * A copy of a URL from a provider without the query parameters that the credential or an expression of the definition's query
 * sets. Providers repeat the whole query of a request in the link to the next page; the parameters are added again when the link is used.
 */
export function withoutCredentials(url: URL, { definition }: OpenedConnection): URL {
  const names = new Set([...queryPlacements(definition.auth), ...namesWithExpressions(definition.query ?? {})])
  const copy = new URL(url)
  if (names.size === 0) return copy
  // Filtered pair by pair, so that the remaining query keeps its bytes.
  const pairs = url.search.slice(1).split('&')
  copy.search = pairs.filter((pair) => !new URLSearchParams(pair).keys().some((name) => names.has(name))).join('&')
  return copy
}

/** Names of the parameters that may hold a secret. */
function namesWithExpressions(query: object): string[] {
  return Object.entries(query).flatMap(([name, given]) => (JSON.stringify(given).includes('{{') ? [name] : []))
}

/** Whether a URL contains a part of the credential, so that it must not be stored. */
export function showsCredential(url: URL, opened: OpenedConnection): boolean {
  const texts = [url.href, url.pathname.replaceAll(/%([0-9a-f]{2})/gi, fromHex), ...url.searchParams.values()]
  return opened.authenticator.secrets.some((secret) => {
    const find = textSearch(secret)
    return secret !== '' && texts.some((text) => find(text) !== -1)
  })
}

function fromHex(_escape: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

const placementsByAuth = new WeakMap<object, ReadonlySet<string>>()

/** The names of all query parameters that a definition's auth may set, at any depth. Definitions do not change. */
export function queryPlacements(auth: object): ReadonlySet<string> {
  let names = placementsByAuth.get(auth)
  if (names === undefined) {
    names = new Set(placementsIn(auth))
    placementsByAuth.set(auth, names)
  }
  return names
}

function* placementsIn(auth: unknown): Generator<string> {
  if (typeof auth !== 'object' || auth === null) return
  if ('in' in auth && auth.in === 'query' && 'name' in auth && typeof auth.name === 'string') yield auth.name
  for (const value of Object.values(auth)) yield* placementsIn(value)
}
