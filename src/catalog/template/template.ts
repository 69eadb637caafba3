import { parse, tokenize } from '@huggingface/jinja'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { filters } from './filters.ts'
import {
  bounded,
  isRecord,
  isTrue,
  Missing,
  memberOf,
  required,
  syntaxError,
  TemplateError,
  type TemplateValue,
  toNumber,
  toTemplateValue,
  toText,
} from './value.ts'

/** A part of a template: fixed text, or one `{{ expression }}`. */
export type TemplatePart =
  | { text: string }
  | {
      evaluate(scope: TemplateScope): string
      reference: string
      urlEncoded: boolean
      /** The syntax tree as JSON: equal for expressions that differ in spaces only. */
      source: string
    }

/**
 * A compiled template. It consists of text and expressions: names, keys, literals, `~`, arithmetic, comparisons, `a if b else c` and
 * the filters of filters.ts. It cannot loop, call or assign.
 */
export interface Template {
  readonly source: string
  readonly parts: readonly TemplatePart[]
  /** The text of a template without expressions. */
  readonly constant: string | undefined
  /** Everything it reads, in canonical form: `config`, `config['username']`. */
  readonly references: ReadonlySet<string>
  /**
   * Renders the template. Inputs are not interpreted: `1e5`, `012` and `null` keep their text.
   * @throws TemplateError that names the missing input and never contains a value
   */
  render(scope: TemplateScope): string
}

const maxTemplateBytes = 4 * 1024
const cache = new BoundedMap<string, Template>({ max: 2_000 })

/** Throws TemplateError (`fault: 'syntax'`). The same source is read once. */
export function compileTemplate(source: string): Template {
  const known = cache.get(source)
  if (known) return known
  const template = readTemplate(source)
  cache.set(source, template)
  return template
}

/** `compileTemplate(source).render(scope)`. */
export function renderTemplate(source: string, scope: TemplateScope): string {
  return compileTemplate(source).render(scope)
}

/** A compiled condition: one expression, as between `{{` and `}}`. */
interface Condition {
  readonly references: ReadonlySet<string>
  /** As in Jinja, missing, empty, zero and false values are false. So is a condition that cannot be evaluated. */
  test(scope: TemplateScope): boolean
}

const conditions = new BoundedMap<string, Condition>({ max: 2_000 })

/** Throws TemplateError (`fault: 'syntax'`). The same source is read once. */
export function compileCondition(source: string): Condition {
  const known = conditions.get(source)
  if (known) return known
  const condition = readCondition(source)
  conditions.set(source, condition)
  return condition
}

function readCondition(source: string): Condition {
  if (Buffer.byteLength(source) > maxTemplateBytes)
    throw syntaxError(`An expression is at most ${maxTemplateBytes} bytes.`)
  if (/\{\{|\}\}|\{%|\{#/.test(source)) throw syntaxError('An expression is written without {{ and }}.')
  const references = new Set<string>()
  const [node, ...others] = withSyntaxErrors(() => parseNodes(`{{ ${source} }}`))
  if (node === undefined || others.length > 0 || node.type === 'Comment') throw syntaxError('It is not an expression.')
  const evaluate = withSyntaxErrors(() => compileExpression(node, { references }))
  return {
    references,
    test(scope) {
      try {
        return isTrue(evaluate(scope))
      } catch (error) {
        if (error instanceof TemplateError) return false
        throw error
      }
    },
  }
}

/** Renders every string inside a JSON value. Keys and other values stay unchanged. */
export function renderJson(value: unknown, scope: TemplateScope): unknown {
  if (typeof value === 'string') return renderTemplate(value, scope)
  if (Array.isArray(value)) return value.map((item) => renderJson(item, scope))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderJson(item, scope)]))
}

/** The top-level names that a template reads: `config`, `input`, `kept`. */
export function namesOf(template: Pick<Template, 'references'>): string[] {
  return [...template.references].filter((reference) => !reference.includes('['))
}

function readTemplate(source: string): Template {
  if (Buffer.byteLength(source) > maxTemplateBytes)
    throw syntaxError(`A template is at most ${maxTemplateBytes} bytes.`)
  if (source.includes('{%')) throw syntaxError('Statements ({% … %}) are not allowed. Use {{ expressions }} only.')
  const references = new Set<string>()
  const parts = /\{\{|\{#/.test(source) ? compileParts(source, references) : [{ text: source }]
  const constant = parts.every((part) => 'text' in part)
    ? parts.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined
  return {
    source,
    parts,
    constant,
    references,
    render: (scope) => constant ?? parts.map((part) => ('text' in part ? part.text : part.evaluate(scope))).join(''),
  }
}

function compileParts(source: string, references: Set<string>): TemplatePart[] {
  return withSyntaxErrors(() =>
    parseNodes(source).flatMap((node): TemplatePart[] => {
      if (node.type === 'Comment') return []
      if (node.type === 'StringLiteral') return [{ text: node.value }]
      const evaluate = compileExpression(node, { references })
      const reference = nameOf(node)
      return [
        {
          evaluate: (scope) => toText(evaluate(scope), reference),
          reference,
          urlEncoded: isUrlEncoded(node),
          source: JSON.stringify(node),
        },
      ]
    }),
  )
}

/** Turns the errors of the parser into TemplateError. */
function withSyntaxErrors<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof TemplateError) throw error
    if (error instanceof RangeError) throw syntaxError('The template is nested too deeply.')
    // At an unexpected end the parser throws a TypeError. Its other messages name the unexpected token.
    const detail = error instanceof SyntaxError ? `: ${error.message}` : ': an expression is not complete'
    throw syntaxError(`The template does not parse${detail}`)
  }
}

/** Parses a template. The parser drops one trailing line break, as Jinja does, but a text to be signed may need it. */
function parseNodes(source: string): (ExpressionNode | { type: 'Comment' })[] {
  // The package types its nodes as `Statement { type: string }`. compileExpression refuses unknown types.
  return parse(tokenize(`${source}\n`)).body as (ExpressionNode | { type: 'Comment' })[]
}

function nameOf(node: ExpressionNode): string {
  return node.type === 'FilterExpression' ? nameOf(node.operand) : referenceOf(node)
}

function isUrlEncoded(node: ExpressionNode): boolean {
  return node.type === 'FilterExpression' && node.filter.type === 'Identifier' && node.filter.value === 'urlencode'
}

/** The syntax nodes that expressions may contain. Every other type is refused by name. */
type ExpressionNode =
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

interface CompileContext {
  /** Collects what is read, in canonical form: `config`, `config['username']`. */
  references: Set<string>
  depth?: number
}

/** Rendering recurses as deep as compiling, so this limit also protects the stack during rendering. */
const maxDepth = 500

/** Compiles an expression into a function, so that syntax errors are found before rendering. */
function compileExpression(node: ExpressionNode, context: CompileContext): Evaluate {
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
      throw syntaxError('Named arguments are allowed in filters only.')
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

/** The canonical form for messages: `config.a` becomes `config['a']`. */
function referenceOf(node: ExpressionNode): string {
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

export type TemplateScope = Readonly<Record<string, unknown>>
type Evaluate = (scope: TemplateScope) => TemplateValue

function compileBinary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case 'and':
      return (scope) => {
        const value = left(scope)
        return isTrue(value) ? right(scope) : value
      }
    case 'or':
      return (scope) => {
        const value = left(scope)
        return isTrue(value) ? value : right(scope)
      }
    case '~':
      return (scope) => bounded(toText(left(scope), 'A side of ~') + toText(right(scope), 'A side of ~'))
    case '==':
      return (scope) => equal(left(scope), right(scope))
    case '!=':
      return (scope) => !equal(left(scope), right(scope))
    case 'in':
      return (scope) => contains(right(scope), left(scope))
    case 'not in':
      return (scope) => !contains(right(scope), left(scope))
    case '<':
    case '>':
    case '<=':
    case '>=':
      return (scope) => compare(operator, required(left(scope)), required(right(scope)))
    case '+':
      return (scope) => add(required(left(scope)), required(right(scope)))
    case '-':
    case '*':
    case '/':
    case '//':
    case '%':
      return (scope) => reckon(operator, toNumber(left(scope)), toNumber(right(scope)))
    default:
      throw syntaxError(`The operator ${operator} is not allowed in a template.`)
  }
}

/** A missing value equals nothing, so optional inputs can be used in conditions. */
function equal(left: TemplateValue, right: TemplateValue): boolean {
  return !(left instanceof Missing) && typeof left !== 'object' && left === right
}

function contains(container: TemplateValue, item: TemplateValue): boolean {
  const list = required(container)
  if (item instanceof Missing) return false
  if (typeof list === 'string') return list.includes(toText(item, 'The text looked for'))
  if (Array.isArray(list)) return list.includes(item)
  if (typeof list === 'object') return Object.hasOwn(list, toText(item, 'The key looked for'))
  throw new TemplateError('unusable', 'The operator in works on texts, lists and objects only.')
}

function compare(operator: '<' | '>' | '<=' | '>=', left: TemplateValue, right: TemplateValue): boolean {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string')
  if (!comparable) throw new TemplateError('unusable', 'Only two numbers or two texts can be compared.')
  if (operator === '<') return left < right
  if (operator === '>') return left > right
  return operator === '<=' ? left <= right : left >= right
}

function add(left: TemplateValue, right: TemplateValue): TemplateValue {
  if (typeof left === 'string' && typeof right === 'string') return bounded(left + right)
  return finite(toNumber(left) + toNumber(right))
}

function reckon(operator: '-' | '*' | '/' | '//' | '%', left: number, right: number): number {
  if (operator === '-') return finite(left - right)
  if (operator === '*') return finite(left * right)
  if (operator === '/') return finite(left / right)
  if (operator === '//') return finite(Math.floor(left / right))
  return finite(left - Math.floor(left / right) * right)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new TemplateError('unusable', 'The result of the calculation is not a number.')
}

function compileUnary(operator: string, argument: Evaluate): Evaluate {
  if (operator === 'not') return (scope) => !isTrue(argument(scope))
  if (operator === '-') return (scope) => -toNumber(argument(scope))
  if (operator === '+') return (scope) => toNumber(argument(scope))
  throw syntaxError(`The operator ${operator} is not allowed in a template.`)
}
