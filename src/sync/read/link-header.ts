/**
 * The target of the first link whose relation is `next` in a Link header (RFC 8288 section 3); undefined: there is none.
 * Targets may hold commas and semicolons, parameters may be quoted, a relation may be one of several.
 */
export function nextLink(header: string | null): string | undefined {
  const text = header ?? ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('<', at)
    const close = open === -1 ? -1 : text.indexOf('>', open)
    if (close === -1) return undefined
    const { parameters, end } = readParameters(text, close + 1)
    const relations = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/)
    // A link with an anchor is about another resource than this page.
    if (relations.includes('next') && !parameters.has('anchor')) return text.slice(open + 1, close).trim()
    at = end
  }
  return undefined
}

const PARAMETER = /\s*;\s*([^\s=;,"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y

/** Of each parameter the first counts. `end`: after the comma that separates the next link. */
function readParameters(text: string, start: number): { parameters: Map<string, string>; end: number } {
  const parameters = new Map<string, string>()
  let at = start
  for (;;) {
    PARAMETER.lastIndex = at
    const match = PARAMETER.exec(text)
    if (match === null) break
    at = PARAMETER.lastIndex
    const name = (match[1] ?? '').toLowerCase()
    if (name !== '' && !parameters.has(name)) parameters.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '')
  }
  const comma = text.indexOf(',', at)
  return { parameters, end: comma === -1 ? text.length : comma + 1 }
}
