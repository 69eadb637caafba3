/** Percent-encodes all but the unreserved characters (RFC 3986 section 2.1), in UTF-8. Lone surrogates become U+FFFD. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Compares by UTF-16 units, which for percent-encoded text is the order of its bytes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
