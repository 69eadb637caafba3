import { parse, tokenize } from '@huggingface/jinja'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { textSearch } from '../../kit/text-search.ts'
import { type BudgetedScope, budgetOf, type TemplateBudget, withSharedBudget } from './budget.ts'
import { applyFilter, filters } from './filters.ts'
import {
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
      evaluate(scope: TemplateScope, budget: TemplateBudget): string
      /** The value before it becomes text. */
      value(scope: TemplateScope, budget: TemplateBudget): TemplateValue
      reference: string
      urlEncoded: boolean
      /** The names that it reads, such as `config`. */
      names: ReadonlySet<string>
      /** The syntax tree as JSON: equal for expressions that differ in spaces only. */
      source: string
    }

/**
 * A compiled template. It consists of text and expressions: names, keys, literals, `~`, arithmetic, comparisons, `a if b else c` and
 * the filters of filters.ts, which may also be written as functions: `date(now)` is `now | date`. It cannot loop or assign.
 */
export interface Template {
  readonly source: string
  readonly parts: readonly TemplatePart[]
  /** The text of a template without expressions. */
  readonly constant: string | undefined
  /** Everything it reads, in canonical form: `config`, `config['username']`. */
  readonly references: ReadonlySet<string>
  /**
   * Renders the template, at the expense of the scope's budget. Inputs are not interpreted: `1e5`, `012` and `null` keep their text.
   * @throws TemplateError that names the missing input and never contains a value
   */
  render(scope: TemplateScope): string
}

const maxTemplateBytes = 4 * 1024
/** A text without expressions, such as the query of GraphQL. Nothing in it is parsed. */
const maxTextBytes = 32 * 1024

/** A function that compiles the same source once. Tenants can fill its memory, so it keeps few of the long sources. */
function compiledOnce<T>(compile: (source: string) => T): (source: string) => T {
  // What is compiled takes up to 60 times the memory of its source. Each map holds 50 MB at most.
  const short = new BoundedMap<string, T>({ max: 2_000 })
  const long = new BoundedMap<string, T>({ max: 200 })
  return (source) => {
    const compiled = source.length > 300 ? long : short
    const known = compiled.get(source)
    if (known !== undefined) return known
    const made = compile(source)
    compiled.set(source, made)
    return made
  }
}

/** Throws TemplateError (`fault: 'syntax'`). The same source is read once. */
export const compileTemplate = compiledOnce(readTemplate)

/** `compileTemplate(source).render(scope)`. */
export function renderTemplate(source: string, scope: TemplateScope): string {
  return compileTemplate(source).render(scope)
}

/** A compiled expression, as between `{{` and `}}`. */
interface Condition {
  readonly references: ReadonlySet<string>
  /**
   * The value with its type; undefined: it is missing or null.
   * @throws TemplateError for a value that cannot be evaluated
   */
  value(scope: TemplateScope): unknown
  /**
   * As in Jinja, missing, empty, zero and false values are false. So is a condition that cannot be evaluated.
   * @throws TemplateError (`fault: 'limit'`)
   */
  test(scope: TemplateScope): boolean
}

/** Throws TemplateError (`fault: 'syntax'`). The same source is read once. */
export const compileCondition = compiledOnce(readCondition)

function readCondition(source: string): Condition {
  if (Buffer.byteLength(source) > maxTemplateBytes)
    throw syntaxError(`An expression is at most ${maxTemplateBytes} bytes.`)
  if (/\{\{|\}\}|\{%|\{#/.test(source)) throw syntaxError('An expression is written without {{ and }}.')
  const references = new Set<string>()
  const [node, ...others] = withSyntaxErrors(() => parseNodes(`{{ ${source} }}`))
  if (node === undefined || others.length > 0 || node.type === 'Comment') throw syntaxError('It is not an expression.')
  const context = { references, size: { nodes: 0 } }
  const evaluate = withSyntaxErrors(() => compileExpression(node, context))
  const { nodes } = context.size
  const evaluated = (scope: TemplateScope, budget: TemplateBudget) => {
    budget.step(nodes)
    return evaluate(scope, budget)
  }
  return {
    references,
    value(scope) {
      try {
        const value = evaluated(scope, budgetOf(scope))
        return value instanceof Missing ? undefined : value
      } catch (error) {
        if (error instanceof TemplateError && error.fault === 'missing') return undefined
        throw error
      }
    },
    test(scope) {
      const budget = budgetOf(scope)
      try {
        return isTrue(evaluated(scope, budget), budget)
      } catch (error) {
        if (error instanceof TemplateError && error.fault !== 'limit') return false
        throw error
      }
    },
  }
}

/**
 * The value of a template that is one expression, with its type: a list, an object, a number, true, false or null. Otherwise the text
 * that it renders to.
 * @throws TemplateError, also for a value that is missing
 */
export function templateValue(source: string, scope: TemplateScope): unknown {
  const template = compileTemplate(source)
  const [only] = template.parts
  if (template.parts.length !== 1 || only === undefined || 'text' in only) return template.render(scope)
  const value = only.value(scope, budgetOf(scope))
  return value instanceof Missing && value.isNull ? null : required(value)
}

/**
 * Renders every string inside a JSON value, within one budget. Keys and other values stay unchanged.
 * @param render renders one string. Default: to text; with `templateValue`, one expression keeps its type
 */
export function renderJson(
  value: unknown,
  scope: TemplateScope,
  render: (source: string, scope: TemplateScope) => unknown = renderTemplate,
): unknown {
  const shared = withSharedBudget(scope)
  if (typeof value === 'string') return render(value, shared)
  if (Array.isArray(value)) return value.map((item) => renderJson(item, shared, render))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderJson(item, shared, render)]))
}

/** The top-level names that a template reads: `config`, `input`, `kept`. */
export function namesOf(template: Pick<Template, 'references'>): string[] {
  return [...template.references].filter((reference) => !reference.includes('['))
}

function readTemplate(source: string): Template {
  const isText = !/\{\{|\{#|\{%/.test(source)
  if (isText && Buffer.byteLength(source) > maxTextBytes)
    throw syntaxError(`A text without expressions is at most ${maxTextBytes} bytes.`)
  if (!isText && Buffer.byteLength(source) > maxTemplateBytes)
    throw syntaxError(`A template is at most ${maxTemplateBytes} bytes.`)
  if (source.includes('{%')) throw syntaxError('Statements ({% … %}) are not allowed. Use {{ expressions }} only.')
  const references = new Set<string>()
  const parts = isText ? [{ text: source }] : compileParts(source, references)
  const constant = parts.every((part) => 'text' in part)
    ? parts.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined
  return {
    source,
    parts,
    constant,
    references,
    render: (scope) => constant ?? joinParts(parts, scope, budgetOf(scope)),
  }
}

function joinParts(parts: readonly TemplatePart[], scope: TemplateScope, budget: TemplateBudget): string {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return 'text' in only ? only.text : only.evaluate(scope, budget)
  let rendered = ''
  for (const part of parts) {
    const piece = 'text' in part ? part.text : part.evaluate(scope, budget)
    budget.produce(piece.length)
    rendered += piece
  }
  return rendered
}

function compileParts(source: string, references: Set<string>): TemplatePart[] {
  return withSyntaxErrors(() =>
    parseNodes(source).flatMap((node): TemplatePart[] => {
      if (node.type === 'Comment') return []
      if (node.type === 'StringLiteral') return [{ text: node.value }]
      const own = new Set<string>()
      const context = { references: own, size: { nodes: 0 } }
      const evaluateNode = compileExpression(node, context)
      for (const each of own) references.add(each)
      const { nodes } = context.size
      const reference = nameOf(node)
      const value = (scope: TemplateScope, budget: TemplateBudget) => {
        budget.step(nodes)
        return evaluateNode(scope, budget)
      }
      const evaluate = (scope: TemplateScope, budget: TemplateBudget) => toText(value(scope, budget), reference)
      const names = new Set(namesOf({ references: own }))
      return [{ evaluate, value, reference, urlEncoded: isUrlEncoded(node), names, source: JSON.stringify(node) }]
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

/**
 * White space in a row that a template with expressions may hold. The parser searches each white space for a statement of its own up to
 * the end of the row, so its time is quadratic in it.
 */
const maxWhiteSpace = 200
const longWhiteSpace = /\s{201}/

/** Parses a template. The parser drops one trailing line break, as Jinja does, but a text to be signed may need it. */
function parseNodes(source: string): (ExpressionNode | { type: 'Comment' })[] {
  if (longWhiteSpace.test(source))
    throw syntaxError(`It has more than ${maxWhiteSpace} white-space characters in a row.`)
  // The package types its nodes as `Statement { type: string }`. compileExpression refuses unknown types.
  return parse(tokenize(`${source}\n`)).body as (ExpressionNode | { type: 'Comment' })[]
}

function nameOf(node: ExpressionNode): string {
  if (node.type === 'CallExpression') return nameOf(calledFilter(node))
  return node.type === 'FilterExpression' ? nameOf(node.operand) : referenceOf(node)
}

function isUrlEncoded(node: ExpressionNode): boolean {
  if (node.type === 'CallExpression') return isUrlEncoded(calledFilter(node))
  return node.type === 'FilterExpression' && node.filter.type === 'Identifier' && node.filter.value === 'urlencode'
}

/** The template that a text is; undefined when it is none. A description may contain braces too. */
export function templateIn(text: string): Template | undefined {
  try {
    return compileTemplate(text)
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}

/** The syntax nodes that expressions may contain. Every other type is refused by name. */
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
  | CallNode
  | { type: 'KeywordArgumentExpression'; key: { value: string }; value: ExpressionNode }
  | {
      type: 'SliceExpression'
      start: ExpressionNode | undefined
      stop: ExpressionNode | undefined
      step: ExpressionNode | undefined
    }

interface CallNode {
  type: 'CallExpression'
  callee: ExpressionNode
  args: ExpressionNode[]
}

const constants: Readonly<Record<string, boolean | undefined>> = { true: true, True: true, false: false, False: false }
const nothing = new Set(['none', 'None', 'null'])
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

interface CompileContext {
  /** Collects what is read, in canonical form: `config`, `config['username']`. */
  references: Set<string>
  /** Counts the nodes of the expression. Rendering evaluates each of them once at most, so it costs as many steps. */
  size: { nodes: number }
  depth?: number
}

/** Rendering recurses as deep as compiling, so this limit also protects the stack during rendering. */
const maxDepth = 500

/** Compiles an expression into a function, so that syntax errors are found before rendering. */
function compileExpression(node: ExpressionNode, context: CompileContext): Evaluate {
  const { depth = 0, references, size } = context
  if (depth > maxDepth) throw syntaxError('The template is nested too deeply.')
  size.nodes += 1
  const inner = { references, size, depth: depth + 1 }
  const compile = (child: ExpressionNode) => compileExpression(child, inner)
  switch (node.type) {
    case 'StringLiteral':
    case 'IntegerLiteral':
    case 'FloatLiteral':
      return constant(node.value)
    case 'ArrayLiteral':
    case 'TupleLiteral': {
      const items = node.value.map(compile)
      return (scope, budget) => items.map((item) => required(item(scope, budget)))
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
      return (scope, budget) =>
        isTrue(condition(scope, budget), budget) ? whenTrue(scope, budget) : whenFalse(scope, budget)
    }
    case 'SelectExpression': {
      const [value, test] = [compile(node.lhs), compile(node.test)]
      return (scope, budget) => (isTrue(test(scope, budget), budget) ? value(scope, budget) : '')
    }
    case 'TestExpression':
      return compileTest(node.test.value, node.negate, compile(node.operand))
    case 'FilterExpression':
      return compileFilter(node, inner)
    case 'CallExpression':
      return compileFilter(calledFilter(node), inner)
    case 'SliceExpression':
      throw syntaxError('A slice stands behind a value: config.day[:10].')
    case 'KeywordArgumentExpression':
      throw syntaxError('Named arguments are allowed in filters only.')
    default:
      throw notAllowed(node)
  }
}

/**
 * The filter that a call of a function means: `split(a, ',')` is `a | split(',')`.
 * @throws TemplateError (`fault: 'syntax'`)
 */
export function calledFilter({ callee, args }: CallNode): Extract<ExpressionNode, { type: 'FilterExpression' }> {
  const [operand, ...others] = args
  const name = callee.type === 'Identifier' ? callee.value : ''
  if (!filters.has(name)) {
    throw syntaxError(`The function ${name === '' ? 'of this call' : name} is not known. Known: ${knownFilters()}.`)
  }
  if (operand === undefined || operand.type === 'KeywordArgumentExpression') {
    throw syntaxError(`The first argument of ${name} must be its value.`)
  }
  const filter: ExpressionNode = others.length === 0 ? callee : { type: 'CallExpression', callee, args: others }
  return { type: 'FilterExpression', operand, filter }
}

function knownFilters(): string {
  return [...filters.keys()].join(', ')
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
  if (nothing.has(name)) return constant(new Missing(name, true))
  if (forbiddenKeys.has(name)) throw syntaxError(`The name ${name} is not allowed in a template.`)
  if (name === 'now') return present
  references.add(name)
  return (scope) => toTemplateValue(Object.hasOwn(scope, name) ? scope[name] : undefined, name)
}

/** `now`: whole seconds since 1970. A scope may say which instant is meant. */
function present(scope: TemplateScope, budget: TemplateBudget): TemplateValue {
  if (Object.hasOwn(scope, 'now')) return toTemplateValue(scope['now'], 'now')
  return Math.floor(budget.nowMs / 1000)
}

function compileMember(node: Extract<ExpressionNode, { type: 'MemberExpression' }>, context: CompileContext): Evaluate {
  const object = compileExpression(node.object, context)
  if (node.property.type === 'SliceExpression') return compileSlice(object, node.property, context)
  const name = referenceOf(node)
  const key = literalKey(node)
  if (key !== undefined) {
    if (forbiddenKeys.has(String(key))) throw syntaxError(`The key ${key} is not allowed in a template.`)
    context.references.add(name)
    return (scope, budget) => memberOf(object(scope, budget), key, name)
  }
  const property = compileExpression(node.property, context)
  return (scope, budget) => {
    const computed = required(property(scope, budget))
    if (typeof computed !== 'string' && typeof computed !== 'number') {
      throw new TemplateError('unusable', 'is read by a key that is neither text nor a number', name)
    }
    return memberOf(object(scope, budget), computed, name)
  }
}

/** A part of a text or list, as in Python: `[:10]`, `[1:-1]`. A text is cut between characters. */
function compileSlice(
  object: Evaluate,
  { start, stop, step }: Extract<ExpressionNode, { type: 'SliceExpression' }>,
  context: CompileContext,
): Evaluate {
  if (step !== undefined) throw syntaxError('A slice has no step in a template.')
  const [from, to] = [start, stop].map((bound) => bound && compileExpression(bound, context))
  return (scope, budget) => {
    const value = required(object(scope, budget))
    const bounds = [from, to].map((bound) => bound && Math.trunc(toNumber(bound(scope, budget))))
    if (Array.isArray(value)) {
      budget.step(value.length)
      return value.slice(bounds[0], bounds[1])
    }
    const text = toText(value, 'The value before a slice')
    budget.step(text.length)
    budget.produce(text.length)
    return [...text].slice(bounds[0], bounds[1]).join('')
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
  if (name === 'defined') return (scope, budget) => operand(scope, budget) instanceof Missing === negate
  if (name === 'undefined' || name === 'none')
    return (scope, budget) => operand(scope, budget) instanceof Missing !== negate
  const test = Object.hasOwn(typeTests, name) ? typeTests[name] : undefined
  if (test !== undefined) return (scope, budget) => test(operand(scope, budget)) !== negate
  const known = ['defined', 'undefined', 'none', ...Object.keys(typeTests)]
  throw syntaxError(`The test ${name} is not known. Known: ${known.join(', ')}.`)
}

/** Jinja's tests for the type of a value. A missing value has none. */
const typeTests: Readonly<Record<string, ((value: TemplateValue) => boolean) | undefined>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  mapping: (value) => isRecord(value),
  sequence: (value) => typeof value === 'string' || Array.isArray(value),
  iterable: (value) => typeof value === 'string' || Array.isArray(value) || isRecord(value),
}

function compileFilter(node: Extract<ExpressionNode, { type: 'FilterExpression' }>, context: CompileContext): Evaluate {
  const call = node.filter.type === 'CallExpression' ? node.filter : { callee: node.filter, args: [] }
  const name = call.callee.type === 'Identifier' ? call.callee.value : ''
  const filter = filters.get(name)
  if (!filter) throw syntaxError(`The filter ${name} is not known. Known: ${knownFilters()}.`)
  const args: (Evaluate | undefined)[] = []
  for (const [index, argument] of call.args.entries()) {
    const named = argument.type === 'KeywordArgumentExpression'
    const position = named ? filter.parameters.indexOf(argument.key.value) : index
    if (position < 0 || position >= filter.parameters.length || args[position]) {
      throw syntaxError(`The filter ${name} does not take these arguments: (${filter.parameters.join(', ')}).`)
    }
    args[position] = compileExpression(named ? argument.value : argument, context)
  }
  for (let position = 0; position < filter.required; position++) {
    if (!args[position]) throw syntaxError(`The filter ${name} needs its arguments: (${filter.parameters.join(', ')}).`)
  }
  const operand = compileExpression(node.operand, context)
  return (scope, budget) =>
    applyFilter(
      filter,
      operand(scope, budget),
      args.map((argument) => required(argument ? argument(scope, budget) : '')),
      budget,
    )
}

export type TemplateScope = BudgetedScope
type Evaluate = (scope: TemplateScope, budget: TemplateBudget) => TemplateValue

function compileBinary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case 'and':
      return (scope, budget) => {
        const value = left(scope, budget)
        return isTrue(value, budget) ? right(scope, budget) : value
      }
    case 'or':
      return (scope, budget) => {
        const value = left(scope, budget)
        return isTrue(value, budget) ? value : right(scope, budget)
      }
    case '~':
      return (scope, budget) =>
        concatenate(toText(left(scope, budget), 'A side of ~'), toText(right(scope, budget), 'A side of ~'), budget)
    case '==':
      return (scope, budget) => equal(left(scope, budget), right(scope, budget), budget)
    case '!=':
      return (scope, budget) => !equal(left(scope, budget), right(scope, budget), budget)
    case 'in':
      return (scope, budget) => contains(right(scope, budget), left(scope, budget), budget)
    case 'not in':
      return (scope, budget) => !contains(right(scope, budget), left(scope, budget), budget)
    case '<':
    case '>':
    case '<=':
    case '>=':
      return (scope, budget) => compare(operator, required(left(scope, budget)), required(right(scope, budget)), budget)
    case '+':
      return (scope, budget) => add(required(left(scope, budget)), required(right(scope, budget)), budget)
    case '-':
    case '*':
    case '/':
    case '//':
    case '%':
      return (scope, budget) => reckon(operator, toNumber(left(scope, budget)), toNumber(right(scope, budget)))
    default:
      throw syntaxError(`The operator ${operator} is not allowed in a template.`)
  }
}

function concatenate(left: string, right: string, budget: TemplateBudget): string {
  budget.produce(left.length + right.length)
  return left + right
}

/** A missing value equals nothing, so optional inputs can be used in conditions. */
function equal(left: TemplateValue, right: TemplateValue, budget: TemplateBudget): boolean {
  if (typeof left === 'string') budget.read(left.length)
  return !(left instanceof Missing) && typeof left !== 'object' && left === right
}

/** Texts of the same length are compared up to their first difference, which may be their end. */
function isSame(left: unknown, right: TemplateValue, budget: TemplateBudget): boolean {
  if (typeof left === 'string' && typeof right === 'string' && left.length === right.length) budget.read(left.length)
  return left === right
}

function contains(container: TemplateValue, item: TemplateValue, budget: TemplateBudget): boolean {
  const list = required(container)
  if (typeof list === 'string' || Array.isArray(list)) budget.read(list.length)
  if (item instanceof Missing) return false
  if (typeof list === 'string') {
    const wanted = toText(item, 'The text looked for')
    budget.read(wanted.length)
    return textSearch(wanted)(list) !== -1
  }
  if (Array.isArray(list)) return list.some((each) => isSame(each, item, budget))
  if (typeof list === 'object') {
    const key = toText(item, 'The key looked for')
    budget.read(key.length)
    return Object.hasOwn(list, key)
  }
  throw new TemplateError('unusable', 'The operator in works on texts, lists and objects only.')
}

function compare(
  operator: '<' | '>' | '<=' | '>=',
  left: TemplateValue,
  right: TemplateValue,
  budget: TemplateBudget,
): boolean {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string')
  if (!comparable) throw new TemplateError('unusable', 'Only two numbers or two texts can be compared.')
  if (typeof left === 'string') budget.read(left.length)
  if (operator === '<') return left < right
  if (operator === '>') return left > right
  return operator === '<=' ? left <= right : left >= right
}

function add(left: TemplateValue, right: TemplateValue, budget: TemplateBudget): TemplateValue {
  if (typeof left === 'string' && typeof right === 'string') return concatenate(left, right, budget)
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
  if (operator === 'not') return (scope, budget) => !isTrue(argument(scope, budget), budget)
  if (operator === '-') return (scope, budget) => -toNumber(argument(scope, budget))
  if (operator === '+') return (scope, budget) => toNumber(argument(scope, budget))
  throw syntaxError(`The operator ${operator} is not allowed in a template.`)
}
