import { calledFilter, type ExpressionNode } from './template.ts'

/**
 * Names whose values everybody who sees the connection may see. Every other name may hold secrets, such as the `url`, `path`, `query` and
 * `body` of a request that is signed: other templates put secrets into them.
 */
const PUBLIC_NAMES = new Set([
  ...['input', 'kept', 'parent', 'window', 'item', 'record', 'key', 'args', 'method', 'timestamp', 'nonce', 'now'],
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
  const names: ExpressionReads['names'] = []
  const { isPlain } = inspect(JSON.parse(source), names)
  return { names, isPlain }
}

interface Inspected {
  /** Whether it puts out the whole of what it reads. True for what reads public names only. */
  isPlain: boolean
  /** Whether a part of what it puts out is encoded. What is encoded twice is not found again. */
  isEncoded: boolean
}

const PLAIN: Inspected = { isPlain: true, isEncoded: false }
const OTHER: Inspected = { isPlain: false, isEncoded: false }

/** Visits each node once. @param names gets what is read */
function inspect(node: ExpressionNode, names: ExpressionReads['names']): Inspected {
  const before = names.length
  const inspected = inspectNode(node, names)
  return names.length === before ? PLAIN : inspected
}

function inspectNode(node: ExpressionNode, names: ExpressionReads['names']): Inspected {
  const visit = (child: ExpressionNode) => inspect(child, names)
  const each = (...children: ExpressionNode[]): Inspected => {
    for (const child of children) visit(child)
    return OTHER
  }
  switch (node.type) {
    case 'Identifier':
      if (!PUBLIC_NAMES.has(node.value)) names.push({ name: node.value, key: undefined })
      return PLAIN
    case 'MemberExpression': {
      const { object, property, computed } = node
      const key = keyOf(node)
      if (object.type !== 'Identifier') visit(object)
      else if (!PUBLIC_NAMES.has(object.value)) names.push({ name: object.value, key })
      if (computed) visit(property)
      return object.type === 'Identifier' && key !== undefined ? PLAIN : OTHER
    }
    case 'BinaryExpression': {
      const [left, right] = [visit(node.left), visit(node.right)]
      if (node.operator.value !== '~') return OTHER
      return { isPlain: left.isPlain && right.isPlain, isEncoded: left.isEncoded || right.isEncoded }
    }
    case 'FilterExpression':
      return filtered(node.filter, visit(node.operand), names)
    case 'CallExpression':
      return inspectNode(calledFilter(node), names)
    case 'ArrayLiteral':
    case 'TupleLiteral':
      return each(...node.value)
    case 'UnaryExpression':
      return each(node.argument)
    case 'Ternary':
      return each(node.condition, node.trueExpr, node.falseExpr)
    case 'SelectExpression':
      return each(node.lhs, node.test)
    case 'TestExpression':
      return each(node.operand)
    case 'KeywordArgumentExpression':
      return each(node.value)
    case 'SliceExpression':
      return each(...[node.start, node.stop, node.step].filter((bound) => bound !== undefined))
    default:
      return OTHER
  }
}

function keyOf({ property, computed }: Extract<ExpressionNode, { type: 'MemberExpression' }>): string | undefined {
  if (property.type === 'StringLiteral' || property.type === 'IntegerLiteral') return String(property.value)
  return property.type === 'Identifier' && !computed ? property.value : undefined
}

function filtered(filter: ExpressionNode, operand: Inspected, names: ExpressionReads['names']): Inspected {
  if (filter.type === 'Identifier') {
    if (ENCODERS.has(filter.value)) return { isPlain: operand.isPlain && !operand.isEncoded, isEncoded: true }
    return filter.value === 'string' ? operand : OTHER
  }
  if (filter.type !== 'CallExpression') return OTHER
  for (const argument of filter.args) inspect(argument, names)
  const [fallback, ...others] = filter.args
  // `default` with a second argument also replaces what is empty; one with another argument may compare.
  const isDefault = filter.callee.type === 'Identifier' && filter.callee.value === 'default'
  return isDefault && fallback?.type === 'StringLiteral' && others.length === 0 ? operand : OTHER
}
