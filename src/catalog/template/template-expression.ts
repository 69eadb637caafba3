import { filters } from './filters.ts'
import { syntaxError, TemplateError } from './template-error.ts'
import { compileBinary, compileUnary, type Evaluate } from './template-operators.ts'
import { isTrue, Missing, memberOf, required, type TemplateValue, toTemplateValue } from './value.ts'

/** The nodes of the parser's tree that an expression may be made of; every other type is refused by name. */
export type ExpressionNode =
  | { type: 'StringLiteral'; value: string }
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: ExpressionNode[] }
  | { type: 'Identifier'; value: string }
  | { type: 'MemberExpression'; object: ExpressionNode; property: ExpressionNode; computed: boolean }
  | { type: 'BinaryExpression'; operator: { value: string }; left: ExpressionNode; right: ExpressionNode }
  | { type: 'UnaryExpression'; operator: { value: string }; argument: ExpressionNode }
  | { type: 'Ternary'; condition: ExpressionNode; trueExpr: ExpressionNode; falseExpr: ExpressionNode }
  | { type: 'SelectExpression'; lhs: ExpressionNode; test: ExpressionNode }
  | { type: 'TestExpression'; operand: ExpressionNode; negate: boolean; test: { value: string } }
  | { type: 'FilterExpression'; operand: ExpressionNode; filter: ExpressionNode }
  | { type: 'CallExpression'; callee: ExpressionNode; args: ExpressionNode[] }
  | { type: 'KeywordArgumentExpression'; key: { value: string }; value: ExpressionNode }
  | { type: 'SliceExpression' }

const constants: Readonly<Record<string, boolean | undefined>> = { true: true, True: true, false: false, False: false }
const nothing = new Set(['none', 'None', 'null'])
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

export interface CompileContext {
  /** Gathers what is read, in one spelling: `config`, `config['username']`. */
  references: Set<string>
  depth?: number
}

/** Rendering goes as deep as compiling: what has compiled must not run out of stack later. */
const maxDepth = 500

/** Turns an expression into a function once, so that a fault in its form is known before anything is rendered. */
export function compileExpression(node: ExpressionNode, context: CompileContext): Evaluate {
  const { depth = 0, references } = context
  if (depth > maxDepth) throw syntaxError('The template is nested too deeply.')
  const inner = { references, depth: depth + 1 }
  const compile = (child: ExpressionNode) => compileExpression(child, inner)
  switch (node.type) {
    case 'StringLiteral':
    case 'IntegerLiteral':
    case 'FloatLiteral':
      return constant(node.value)
    case 'ArrayLiteral':
    case 'TupleLiteral': {
      const items = node.value.map(compile)
      return (scope) => items.map((item) => required(item(scope)))
    }
    case 'Identifier':
      return compileName(node.value, references)
    case 'MemberExpression':
      return compileMember(node, inner)
    case 'BinaryExpression':
      return compileBinary(node.operator.value, compile(node.left), compile(node.right))
    case 'UnaryExpression':
      return compileUnary(node.operator.value, compile(node.argument))
    case 'Ternary': {
      const condition = compile(node.condition)
      const whenTrue = compile(node.trueExpr)
      const whenFalse = compile(node.falseExpr)
      return (scope) => (isTrue(condition(scope)) ? whenTrue(scope) : whenFalse(scope))
    }
    case 'SelectExpression': {
      const [value, test] = [compile(node.lhs), compile(node.test)]
      return (scope) => (isTrue(test(scope)) ? value(scope) : '')
    }
    case 'TestExpression':
      return compileTest(node.test.value, node.negate, compile(node.operand))
    case 'FilterExpression':
      return compileFilter(node, inner)
    case 'CallExpression':
      throw syntaxError('Functions cannot be called in a template.')
    case 'SliceExpression':
      throw syntaxError('Slices are not allowed in a template.')
    case 'KeywordArgumentExpression':
      throw syntaxError('A named argument can only stand in a filter.')
    default:
      throw notAllowed(node)
  }
}

function notAllowed(node: { type: string }): TemplateError {
  return syntaxError(`${node.type} is not allowed in a template.`)
}

function constant(value: TemplateValue): Evaluate {
  return () => value
}

function compileName(name: string, references: Set<string>): Evaluate {
  const literal = Object.hasOwn(constants, name) ? constants[name] : undefined
  if (literal !== undefined) return constant(literal)
  if (nothing.has(name)) return constant(new Missing(name))
  if (forbiddenKeys.has(name)) throw syntaxError(`The name ${name} is not allowed in a template.`)
  references.add(name)
  return (scope) => toTemplateValue(Object.hasOwn(scope, name) ? scope[name] : undefined, name)
}

function compileMember(node: Extract<ExpressionNode, { type: 'MemberExpression' }>, context: CompileContext): Evaluate {
  const object = compileExpression(node.object, context)
  const name = referenceOf(node)
  const key = literalKey(node)
  if (key !== undefined) {
    if (forbiddenKeys.has(String(key))) throw syntaxError(`The key ${key} is not allowed in a template.`)
    context.references.add(name)
    return (scope) => memberOf(object(scope), key, name)
  }
  const property = compileExpression(node.property, context)
  return (scope) => {
    const computed = required(property(scope))
    if (typeof computed !== 'string' && typeof computed !== 'number') {
      throw new TemplateError('unusable', 'is read by a key that is neither text nor a number', name)
    }
    return memberOf(object(scope), computed, name)
  }
}

function literalKey(node: Extract<ExpressionNode, { type: 'MemberExpression' }>): string | number | undefined {
  const { property, computed } = node
  if (property.type === 'StringLiteral' || property.type === 'IntegerLiteral') return property.value
  return property.type === 'Identifier' && !computed ? property.value : undefined
}

/** `config.a` and `config['a']` are both called `config['a']` in messages. */
export function referenceOf(node: ExpressionNode): string {
  if (node.type === 'Identifier') return node.value
  if (node.type !== 'MemberExpression') return '(…)'
  const key = literalKey(node)
  const shown = key === undefined ? '…' : typeof key === 'number' ? String(key) : `'${key}'`
  return `${referenceOf(node.object)}[${shown}]`
}

function compileTest(name: string, negate: boolean, operand: Evaluate): Evaluate {
  if (name === 'defined') return (scope) => operand(scope) instanceof Missing === negate
  if (name === 'undefined' || name === 'none') return (scope) => operand(scope) instanceof Missing !== negate
  throw syntaxError(`The test ${name} is not known. Known: defined, undefined, none.`)
}

function compileFilter(node: Extract<ExpressionNode, { type: 'FilterExpression' }>, context: CompileContext): Evaluate {
  const call = node.filter.type === 'CallExpression' ? node.filter : { callee: node.filter, args: [] }
  const name = call.callee.type === 'Identifier' ? call.callee.value : ''
  const filter = filters.get(name)
  if (!filter) throw syntaxError(`The filter ${name} is not known. Known: ${[...filters.keys()].join(', ')}.`)
  const args: (Evaluate | undefined)[] = []
  for (const [index, argument] of call.args.entries()) {
    const named = argument.type === 'KeywordArgumentExpression'
    const position = named ? filter.parameters.indexOf(argument.key.value) : index
    if (position < 0 || position >= filter.parameters.length || args[position]) {
      throw syntaxError(`The filter ${name} does not take these arguments: (${filter.parameters.join(', ')}).`)
    }
    args[position] = compileExpression(named ? argument.value : argument, context)
  }
  for (let position = 0; position < Math.max(args.length, filter.required); position++) {
    if (!args[position]) throw syntaxError(`The filter ${name} needs its arguments: (${filter.parameters.join(', ')}).`)
  }
  const operand = compileExpression(node.operand, context)
  return (scope) =>
    filter.apply(
      operand(scope),
      args.map((argument) => required(argument ? argument(scope) : '')),
    )
}
