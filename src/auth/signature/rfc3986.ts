/** Percent-encodes all but the unreserved characters (RFC 3986 section 2.1), in UTF-8. Lone surrogates become U+FFFD. */
export function percentEncode(text: string): string {
  if (UNRESERVED.test(text)) return text
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const UNRESERVED = /^[\w.~-]*$/

/**
 * The pairs as `name=value`, percent-encoded, joined by `&` and in the order of their bytes: first by name, then by value. One sort of
 * strings takes a fraction of the time of a comparison function, and a request may have many thousand pairs.
 */
export function sortedPairs(pairs: Iterable<readonly [name: string, value: string]>): string {
  // NUL is encoded everywhere else and comes before every other character, so that a name comes before a longer one.
  const texts = Array.from(pairs, ([name, value]) => `${percentEncode(name)}\0${percentEncode(value)}`)
  return texts.sort().join('&').replaceAll('\0', '=')
}

/** Compares by UTF-16 units, which for percent-encoded text is the order of its bytes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
