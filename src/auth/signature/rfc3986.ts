/** RFC 3986 section 2.1: everything but the unreserved characters, as UTF-8. Halves of surrogate pairs become U+FFFD. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Text orders by UTF-16 units, which is by bytes for what is percent-encoded. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
