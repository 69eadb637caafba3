/**
 * The templates of Nango's providers: text with `${reference}`, `${function(…)}` and, between two alternatives, ` || `. They become
 * templates of definitions.
 */

/** A text that has no counterpart in a definition. The message completes a sentence that begins with what is at fault. */
export class UntranslatableError extends Error {}

/** Functions within functions. */
const MAX_DEPTH = 10

type Piece = { text: string } | { reference: string } | { call: string; inner: Piece[] }

/**
 * The expression that reads a reference, such as `input['domain']`.
 * @param isOptional there is an alternative for it
 * @throws UntranslatableError
 */
export type ExpressionOf = (reference: string, isOptional?: boolean) => string

/** Translates a text to a template. @throws UntranslatableError */
export function translate(text: string, expressionOf: ExpressionOf): string {
  const [first = '', second] = alternativesIn(text)
  return second === undefined
    ? asTemplate(piecesOf(first), expressionOf)
    : withAlternative(first, second, condition(first), expressionOf)
}

/** Translates every text in a JSON value. @throws UntranslatableError */
export function translateAll(value: unknown, expressionOf: ExpressionOf): unknown {
  if (typeof value === 'string') return translate(value, expressionOf)
  if (Array.isArray(value)) return value.map((item) => translateAll(item, expressionOf))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translateAll(item, expressionOf)]))
}

/** The references of a text, also those within functions. */
export function referencesIn(text: string): string[] {
  const read = (pieces: readonly Piece[]): string[] =>
    pieces.flatMap((piece) => ('reference' in piece ? [piece.reference] : 'call' in piece ? read(piece.inner) : []))
  return read(piecesOf(text))
}

/**
 * The text before a reference, when the text consists of these two.
 * @returns undefined when anything else is in the text
 */
export function prefixOf(text: string, reference: string): string | undefined {
  const pieces = piecesOf(text)
  const last = pieces.at(-1)
  if (last === undefined || !('reference' in last) || last.reference !== reference || pieces.length > 2)
    return undefined
  const [first] = pieces
  if (pieces.length === 1) return ''
  return first !== undefined && 'text' in first ? first.text : undefined
}

/** The two sides of the colon in `Basic ${base64(user:password)}`, as texts. Undefined: the text is something else. */
export function basicIn(text: string): { username: string; password: string } | undefined {
  const [, inner] = /^Basic \$\{base64\((.*)\)\}$/is.exec(text.trim()) ?? []
  if (inner === undefined) return undefined
  const colon = inner.replaceAll(/\$\{[^{}]*\}/g, (reference) => 'x'.repeat(reference.length)).indexOf(':')
  return colon === -1 ? undefined : { username: inner.slice(0, colon), password: inner.slice(colon + 1) }
}

function alternativesIn(text: string): string[] {
  if (!text.includes('${')) return [text]
  const sides = text.split(/\s*\|\|\s*/).map((side) => side.trim())
  if (sides.length > 2) throw new UntranslatableError('has more than two alternatives')
  return sides
}

/** The reference on whose presence the choice of an alternative depends. */
function condition(text: string): string {
  const [reference] = referencesIn(text)
  if (reference === undefined) throw new UntranslatableError('has an alternative to a fixed text')
  return reference
}

function withAlternative(first: string, second: string, reference: string, read: ExpressionOf): string {
  const expressionOf: ExpressionOf = (each) => read(each, each === reference)
  let start = commonStart(first, second)
  let end = commonEnd(first.slice(start), second.slice(start))
  const middles = () => [first.slice(start, first.length - end), second.slice(start, second.length - end)]
  const isInHost = /^https?:\/\/[^/]*$/i.test(first.slice(0, start))
  if (isInHost && middles().some((middle) => /[/:]/.test(middle.replaceAll(/\$\{[^{}]*\}/g, '')))) {
    // An expression in a host makes a part of the host only.
    start = 0
    const rest = first.slice(first.length - end)
    end = rest.includes('/') ? rest.length - rest.indexOf('/') : 0
  }
  const [one = '', other = ''] = middles()
  const chosen =
    one === `\${${reference}}`
      ? `${expressionOf(reference)} | default(${asExpression(piecesOf(other), expressionOf)}, true)`
      : `${asExpression(piecesOf(one), expressionOf)} if ${expressionOf(reference)} else ${asExpression(piecesOf(other), expressionOf)}`
  const before = asTemplate(piecesOf(first.slice(0, start)), expressionOf)
  return `${before}{{ ${chosen} }}${asTemplate(piecesOf(first.slice(first.length - end)), expressionOf)}`
}

/** Characters at the start of both texts, without the beginning of a reference. */
function commonStart(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  const open = one.slice(0, length).lastIndexOf('${')
  const isCut = (open !== -1 && !one.slice(open, length).includes('}')) || one[length - 1] === '$'
  return isCut ? (open === -1 || one[length - 1] === '$' ? length - 1 : open) : length
}

/** Characters at the end of both texts, without the end of a reference. */
function commonEnd(one: string, other: string): number {
  let length = 0
  while (length < Math.min(one.length, other.length) && one.at(-length - 1) === other.at(-length - 1)) length += 1
  const end = one.slice(one.length - length)
  const close = end.indexOf('}')
  const open = end.indexOf('${')
  return close !== -1 && (open === -1 || open > close) ? end.length - close - 1 : length
}

function piecesOf(text: string): Piece[] {
  const { pieces, at } = readPieces(text, 0, '')
  if (at < text.length) throw new UntranslatableError('has the end of a reference without its beginning')
  return pieces
}

/** Reads to the end of the text, or to `until` at this level. */
function readPieces(text: string, start: number, until: string, depth = 0): { pieces: Piece[]; at: number } {
  if (depth > MAX_DEPTH) throw new UntranslatableError('calls functions within functions too deeply')
  const pieces: Piece[] = []
  let plain = ''
  let at = start
  const flush = () => {
    if (plain !== '') pieces.push({ text: plain })
    plain = ''
  }
  while (at < text.length && !(until !== '' && text.startsWith(until, at))) {
    if (!text.startsWith('${', at)) {
      plain += text[at]
      at += 1
      continue
    }
    flush()
    const call = /^\$\{([A-Za-z0-9_]+)\(/.exec(text.slice(at, at + 100))
    if (call !== null) {
      const inner = readPieces(text, at + call[0].length, ')}', depth + 1)
      pieces.push({ call: call[1] ?? '', inner: inner.pieces })
      at = inner.at + 2
      continue
    }
    const end = text.indexOf('}', at)
    if (end === -1) throw new UntranslatableError('has a reference without its end')
    pieces.push({ reference: text.slice(at + 2, end).trim() })
    at = end + 1
  }
  flush()
  return { pieces, at }
}

function asTemplate(pieces: readonly Piece[], expressionOf: ExpressionOf): string {
  return pieces
    .map((piece) => {
      if (!('text' in piece)) return templateOf(expression(piece, expressionOf))
      return /\{[{%#]/.test(piece.text) ? `{{ ${quoted(piece.text)} }}` : piece.text
    })
    .join('')
}

/** An expression as a template. A literal is written as it is. */
export function templateOf(expression: string): string {
  return /^'[^'\\{]*'$/.test(expression) ? expression.slice(1, -1) : `{{ ${expression} }}`
}

function asExpression(pieces: readonly Piece[], expressionOf: ExpressionOf): string {
  if (pieces.length === 0) return "''"
  return pieces.map((piece) => ('text' in piece ? quoted(piece.text) : operand(piece, expressionOf))).join(' ~ ')
}

function operand(piece: Exclude<Piece, { text: string }>, expressionOf: ExpressionOf): string {
  const made = expression(piece, expressionOf)
  return /^[\w]+\['[^']*'\]$/.test(made) ? made : `(${made})`
}

function expression(piece: Exclude<Piece, { text: string }>, expressionOf: ExpressionOf): string {
  if ('reference' in piece) return expressionOf(piece.reference)
  const inner = asExpression(piece.inner, expressionOf)
  if (piece.call === 'base64') return `(${inner}) | b64encode`
  if (piece.call === 'fingerprint') return expressionOf('fingerprint')
  throw new UntranslatableError(`calls ${piece.call}, which templates do not have`)
}

/** A text as a literal of an expression. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}
