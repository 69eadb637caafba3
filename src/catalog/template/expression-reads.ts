import type { ExpressionNode } from './template.ts'

/** Names whose values everybody who sees the connection may see, or that belong to the request. Every other name may hold secrets. */
const PUBLIC_NAMES = new Set([
  ...['input', 'kept', 'parent', 'window'],
  ...['method', 'url', 'path', 'query', 'body', 'timestamp', 'nonce'],
])

/** Filters whose result contains the whole text in a form that `redactSecrets` finds. */
const ENCODERS = new Set(['urlencode', 'b64encode', 'base64encode'])

/** What one expression of a template reads besides public names. */
export interface ExpressionReads {
  /** The name, and the key that is read of it. A key of undefined: all keys, or one that is computed. */
  names: { name: string; key: string | undefined }[]
  /**
   * Whether it puts out the whole of what it reads: `config.token`, `config.user ~ ':' ~ config.token`, or one of these in base64 or
   * percent-encoded. Such a text can be found again in a response. A part of it, or the result of a comparison, cannot.
   */
  isPlain: boolean
}

/** @param source `source` of a part of a compiled template */
export function readsOfExpression(source: string): ExpressionReads {
  const node: ExpressionNode = JSON.parse(source)
  return { names: [...namesRead(node)], isPlain: isPlain(node, true) }
}

function* namesRead(node: unknown): Generator<{ name: string; key: string | undefined }> {
  if (Array.isArray(node)) for (const item of node) yield* namesRead(item)
  if (!isNode(node)) return
  if (node.type === 'Identifier') {
    if (!PUBLIC_NAMES.has(node.value)) yield { name: node.value, key: undefined }
  } else if (node.type === 'MemberExpression') {
    const { object, property, computed } = node
    const key = keyOf(node)
    if (object.type === 'Identifier' && !PUBLIC_NAMES.has(object.value)) yield { name: object.value, key }
    else yield* namesRead(object)
    if (computed) yield* namesRead(property)
  } else if (node.type === 'FilterExpression') {
    yield* namesRead(node.operand)
    if (node.filter.type === 'CallExpression') yield* namesRead(node.filter.args)
  } else if (node.type === 'KeywordArgumentExpression') yield* namesRead(node.value)
  else if (node.type === 'TestExpression') yield* namesRead(node.operand)
  else if (node.type === 'UnaryExpression') yield* namesRead(node.argument)
  else if (node.type === 'BinaryExpression') yield* namesRead([node.left, node.right])
  else for (const child of Object.values(node)) yield* namesRead(child)
}

function isNode(value: unknown): value is ExpressionNode {
  return typeof value === 'object' && value !== null && 'type' in value
}

function keyOf({ property, computed }: Extract<ExpressionNode, { type: 'MemberExpression' }>): string | undefined {
  if (property.type === 'StringLiteral' || property.type === 'IntegerLiteral') return String(property.value)
  return property.type === 'Identifier' && !computed ? property.value : undefined
}

/** @param mayEncode false inside of an encoding: what is encoded twice is not found again */
function isPlain(node: ExpressionNode, mayEncode: boolean): boolean {
  if ([...namesRead(node)].length === 0) return true
  if (node.type === 'Identifier') return true
  if (node.type === 'MemberExpression') return node.object.type === 'Identifier' && keyOf(node) !== undefined
  if (node.type === 'BinaryExpression') {
    return node.operator.value === '~' && isPlain(node.left, mayEncode) && isPlain(node.right, mayEncode)
  }
  if (node.type !== 'FilterExpression') return false
  const { filter, operand } = node
  if (filter.type === 'Identifier') {
    if (ENCODERS.has(filter.value)) return mayEncode && isPlain(operand, false)
    return filter.value === 'string' && isPlain(operand, mayEncode)
  }
  if (filter.type !== 'CallExpression' || filter.callee.type !== 'Identifier') return false
  // `default` with a second argument also replaces what is empty; one with another argument may compare.
  const [fallback, ...others] = filter.args
  const isDefault = filter.callee.value === 'default' && fallback?.type === 'StringLiteral' && others.length === 0
  return isDefault && isPlain(operand, mayEncode)
}
