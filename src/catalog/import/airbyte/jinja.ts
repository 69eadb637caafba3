import { parse, tokenize } from '@huggingface/jinja'
import { patternProblem } from '../../definition/pattern.ts'

/** A template or a component that a definition cannot express. The message completes the report: a sentence. */
export class NotTranslatable extends Error {}

export type Key = string | number

/** The node types of an expression in a manifest. The package types its nodes as `Statement { type: string }`. */
export type Node =
  | { type: 'StringLiteral'; value: string }
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: Node[] }
  | { type: 'ObjectLiteral'; value: ReadonlyMap<Node, Node> }
  | { type: 'Identifier'; value: string }
  | { type: 'MemberExpression'; object: Node; property: Node; computed: boolean }
  | { type: 'CallExpression'; callee: Node; args: Node[] }
  | { type: 'KeywordArgumentExpression'; key: { value: string }; value: Node }
  | { type: 'BinaryExpression'; operator: { value: string }; left: Node; right: Node }
  | { type: 'UnaryExpression'; operator: { value: string }; argument: Node }
  | { type: 'Ternary'; condition: Node; trueExpr: Node; falseExpr: Node }
  | { type: 'SelectExpression'; lhs: Node; test: Node }
  | { type: 'TestExpression'; operand: Node; negate: boolean; test: { value: string } }
  | { type: 'FilterExpression'; operand: Node; filter: Node }
  | { type: 'If'; test: Node; body: Node[]; alternate: Node[] }
  | { type: 'Set'; assignee: Node; value: Node | null; body: Node[] }
  | { type: 'SliceExpression'; start: Node | undefined; stop: Node | undefined; step: Node | undefined }
  | { type: 'Comment' }

const MAX_TEMPLATE = 20_000

/** @throws NotTranslatable when it does not parse */
export function parseTemplate(source: string): Node[] {
  if (source.length > MAX_TEMPLATE) throw new NotTranslatable('A template is too long to translate.')
  try {
    return parse(tokenize(source.replaceAll(/\{\{.*?\}\}/gs, withPythonEscapes))).body as Node[]
  } catch (error) {
    const detail = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new NotTranslatable(`The template ${shown(source)} does not parse: ${detail}.`)
  }
}

/** Python keeps a backslash before a character that needs none: `'\\d'`. */
function withPythonEscapes(expression: string): string {
  return expression.replaceAll(/\\(.)/gs, (all, next: string) => ('nrtbfv\'"\\'.includes(next) ? all : `\\\\${next}`))
}

/** A template as a note shows it. */
export function shown(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ').trim()
  return `"${line.length > 120 ? `${line.slice(0, 117)}…` : line}"`
}

export function hasExpressions(source: string): boolean {
  return source.includes('{{') || source.includes('{%')
}

/** What an expression becomes in a definition. */
export interface Code {
  text: string
  level: Level
  /** The value, where it is known now. */
  constant?: Constant
  /** What it reads, if it is only a place: `answer`, then `paging` and `next`. */
  place?: { root: string; keys: Key[] }
  /** What that place is called in the manifest. */
  origin?: { root: string; keys: Key[] }
  /** Whether the value may be missing or empty. */
  isOptional?: boolean
  /** The type of an input in the specification of the connector. Inputs of a connection are texts. */
  inputType?: string
  /** What has to be there before the value can be read, and the value without this condition: `a` and `a.b`. */
  guard?: { text: string; value: string }
  /** An instant that has not been formatted yet. */
  instant?: Instant
  /** An ISO 8601 duration. */
  duration?: string
}

/** A value that `date` reads, what is added to it, and how Python writes it where the template does not say: as a time by default. */
interface Instant {
  base: string
  shift: string
  format?: string
}

type Constant = string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>

/** How tightly an expression binds, as in Jinja. */
type Level = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
const [TERNARY, OR, AND, NOT, COMPARE, SUM, PRODUCT, FILTER, PRIMARY] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const

/** What the names of a template mean at its place. */
export interface Scope {
  /** @returns undefined when the name does not exist here */
  read(root: string, keys: readonly Key[]): Code | undefined
}

/** A translated template. */
export interface Translated {
  /** The template of a definition. */
  source: string
  /** The value, if the template has no expression or all of them are known now. */
  constant?: Constant
  /** The expression, if the template is one. */
  only?: Code
  /** Whether it may render to an empty text because a value is missing. */
  isOptional: boolean
}

/**
 * Translates a template of a manifest.
 * @throws NotTranslatable
 */
export function translateTemplate(source: string, scope: Scope): Translated {
  if (!hasExpressions(source)) return { source, constant: source, isOptional: false }
  const nodes = parseTemplate(source.trim())
  const translate = new Translator(scope, source)
  const parts = translate.parts(nodes)
  const [only] = parts
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') {
    const { constant, isOptional = false } = only
    if (constant !== undefined) return { source: textOf(constant), constant, only, isOptional: constant === null }
    return { source: `{{ ${asText(only).text} }}`, only, isOptional }
  }
  const texts = parts.map((part) => (typeof part === 'string' ? part : pieceOf(part)))
  const isConstant = parts.every((part) => typeof part === 'string' || part.constant !== undefined)
  const text = texts.join('')
  return isConstant ? { source: text, constant: text, isOptional: false } : { source: text, isOptional: false }
}

/** A translated template as one expression. */
export function asExpression({ source, constant, only }: Translated): Code {
  if (only !== undefined) return only
  if (constant !== undefined) return constantCode(constant)
  const pieces = source.split(/\{\{ | \}\}/)
  const codes = pieces.flatMap((piece, index) => (piece === '' ? [] : [index % 2 === 1 ? `(${piece})` : quoted(piece)]))
  return { text: codes.join(' ~ '), level: SUM }
}

/** Translates an expression or a template that is one, to be used as a condition. @throws NotTranslatable */
export function translateCondition(source: string, scope: Scope): Code {
  const template = hasExpressions(source) ? source : `{{ ${source} }}`
  const [only, ...others] = new Translator(scope, source).parts(parseTemplate(template.trim()))
  if (only === undefined || others.length > 0) throw untranslatable(source, 'it is more than one expression')
  return typeof only === 'string' ? constantCode(only) : asCondition(only)
}

function untranslatable(source: string, why: string): NotTranslatable {
  return new NotTranslatable(`The template ${shown(source)} cannot be translated: ${why}.`)
}

function pieceOf(code: Code): string {
  if (code.constant !== undefined) return textOf(code.constant)
  return `{{ ${asText(code).text} }}`
}

function textOf(value: Constant): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** An expression whose value becomes text: a missing value is an empty text, as in Jinja. */
export function asText(code: Code): Code {
  if (code.duration !== undefined) throw new NotTranslatable('A duration stands where no date is.')
  if (code.instant !== undefined) return dateOf(code.instant, code.instant.format ?? '%Y-%m-%d %H:%M:%S.%f+00:00')
  if (code.isOptional !== true || code.level === FILTER) return code
  return { ...code, text: `${wrapped(code, FILTER)} | default('')`, level: FILTER }
}

/** An expression whose value decides something. The text `false` of a boolean input is false. */
export function asCondition(code: Code): Code {
  if (code.inputType !== 'boolean') return code
  return { text: `(${code.text} | default('')) in ['true', 'True', '1', 'yes']`, level: COMPARE }
}

function wrapped(code: Code, level: Level): string {
  return code.level >= level ? code.text : `(${code.text})`
}

export function constantCode(value: Constant): Code {
  return { text: literal(value), level: PRIMARY, constant: value }
}

/** A value as it is written in an expression. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object') throw new NotTranslatable('An expression has an object, which templates cannot have.')
  return String(value)
}

function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t')
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`
}

/** A name and the keys below it, as an expression: `parent.id`, `config['api-key']`. */
export function placeText(root: string, keys: readonly Key[]): string {
  return keys.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !reserved.has(key) ? `${text}.${key}` : `${text}[${quoted(key)}]`
  }, root)
}

/** Words that cannot follow a dot, because they are operators or constants. */
const reserved = new Set([
  'and',
  'or',
  'not',
  'in',
  'is',
  'if',
  'else',
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
])

export function placeCode(root: string, keys: readonly Key[], more: Partial<Code> = {}): Code {
  return { text: placeText(root, keys), level: PRIMARY, place: { root, keys: [...keys] }, ...more }
}

function dateOf({ base, shift }: { base: string; shift: string }, format: string): Code {
  const args = [
    base,
    ...(format === 'iso8601' && shift === '' ? [] : [quoted(format)]),
    ...(shift === '' ? [] : [quoted(shift)]),
  ]
  return { text: `date(${args.join(', ')})`, level: PRIMARY }
}

/**
 * A format of dates of a manifest as a definition writes it.
 * @returns undefined when a definition has no such format
 */
export function instantFormat(format: string): string | undefined {
  const special: Readonly<Record<string, string>> = { '%s': 'epoch', '%ms': 'epoch_ms', '%s_as_float': 'epoch' }
  const known = special[format]
  if (known !== undefined) return known
  const longer: Readonly<Record<string, string>> = { '%c': '%a %b %d %H:%M:%S %Y', '%x': '%m/%d/%y', '%X': '%H:%M:%S' }
  for (const [short, long] of Object.entries(longer)) {
    if (format.includes(short)) return instantFormat(format.replaceAll(short, long))
  }
  if (/^%Y-%m-%dT%H:%M:%S\.%_?ms(Z|\+00:?00)$/.test(format)) return 'iso8601'
  const directives = format.match(/%./g) ?? []
  const isKnown = directives.length > 0 && directives.every((each) => /%[YymbBdejaAHIpMSfsZzFTRD%]/.test(each))
  return isKnown && !/%_?ms|%epoch/.test(format) ? format : undefined
}

function formatOf(format: string): string {
  const known = instantFormat(format)
  if (known === undefined) throw new NotTranslatable(`Dates cannot be written in the format ${format}.`)
  return known
}

const emptyText = constantCode('')

class Translator {
  readonly #scope: Scope
  readonly #source: string
  readonly #set = new Map<string, Code>()

  constructor(scope: Scope, source: string) {
    this.#scope = scope
    this.#source = source
  }

  /** Texts and expressions of a template. Statements become expressions. */
  parts(nodes: readonly Node[]): (string | Code)[] {
    return nodes.flatMap((node): (string | Code)[] => {
      if (node.type === 'Comment') return []
      if (node.type === 'StringLiteral') return [node.value]
      if (node.type === 'If') return [this.#statement(node)]
      if (node.type !== 'Set') return [this.#code(node)]
      if (node.assignee.type !== 'Identifier' || node.value === null) throw this.#refused('it has a statement')
      this.#set.set(node.assignee.value, this.#code(node.value))
      return []
    })
  }

  #refused(why: string): NotTranslatable {
    return untranslatable(this.#source, why)
  }

  /** `{% if a %}x{% else %}y{% endif %}` as `'x' if a else 'y'`. */
  #statement({ test, body, alternate }: Extract<Node, { type: 'If' }>): Code {
    return this.#choice(
      asCondition(this.#code(test)),
      this.#joined(this.parts(body)),
      this.#joined(this.parts(alternate)),
    )
  }

  #joined(parts: readonly (string | Code)[]): Code {
    const codes = parts.flatMap((part) =>
      part === '' ? [] : typeof part === 'string' ? [constantCode(part)] : [asText(part)],
    )
    const [only = emptyText] = codes
    if (codes.length < 2) return only
    return { text: codes.map((code) => wrapped(code, PRODUCT)).join(' ~ '), level: SUM }
  }

  #choice(condition: Code, yes: Code, no: Code): Code {
    if (condition.constant !== undefined) return isTruthy(condition.constant) ? yes : no
    const [whenTrue, whenFalse] = [besideList(settled(yes), no), besideList(settled(no), yes)]
    const { isOptional = false, inputType } = whenTrue
    const text = `${wrapped(whenTrue, OR)} if ${wrapped(condition, OR)} else ${wrapped(whenFalse, OR)}`
    return {
      text,
      level: TERNARY,
      isOptional: isOptional || whenFalse.constant === null || whenFalse.isOptional === true,
      ...(inputType === 'array' && whenFalse.inputType === 'array' ? { inputType } : {}),
    }
  }

  #code(node: Node): Code {
    switch (node.type) {
      case 'StringLiteral':
      case 'IntegerLiteral':
      case 'FloatLiteral':
        return constantCode(node.value)
      case 'ArrayLiteral':
      case 'TupleLiteral':
        return this.#list(node.value.map((item) => this.#code(item)))
      case 'ObjectLiteral':
        if (node.value.size === 0) return { ...constantCode(null), constant: {} }
        throw this.#refused('it has an object')
      case 'Identifier':
      case 'MemberExpression':
        return this.#member(node)
      case 'CallExpression':
        return this.#call(node)
      case 'BinaryExpression':
        return this.#binary(node.operator.value, node.left, node.right)
      case 'UnaryExpression':
        return this.#unary(node.operator.value, this.#code(node.argument))
      case 'Ternary':
        return this.#choice(
          asCondition(this.#code(node.condition)),
          this.#code(node.trueExpr),
          this.#code(node.falseExpr),
        )
      case 'SelectExpression':
        return this.#choice(asCondition(this.#code(node.test)), this.#code(node.lhs), emptyText)
      case 'TestExpression':
        return this.#test(node.test.value, node.negate, this.#code(node.operand))
      case 'FilterExpression':
        return this.#filter(node)
      default:
        throw this.#refused(`it has ${node.type}`)
    }
  }

  #list(items: readonly Code[]): Code {
    const text = `[${items.map((item) => asText(item).text).join(', ')}]`
    const constants = items.flatMap(({ constant }) => (constant === undefined ? [] : [constant]))
    return constants.length === items.length ? { text, level: PRIMARY, constant: constants } : { text, level: PRIMARY }
  }

  #member(node: Extract<Node, { type: 'Identifier' | 'MemberExpression' }>): Code {
    const place = placeOf(node)
    if (place !== undefined) {
      const { root, keys } = place
      const known = this.#named(root, keys)
      if (known !== undefined) return known
      throw this.#refused(`${placeText(root, keys)} does not exist in a definition`)
    }
    if (node.type === 'Identifier') throw this.#refused(`${node.value} does not exist in a definition`)
    const { property, computed } = node
    if (property.type === 'SliceExpression') return this.#slice(settled(this.#code(node.object)), property)
    if (node.object.type === 'ObjectLiteral') return this.#entry(node.object.value, settled(this.#code(property)))
    const object = this.#code(node.object)
    if (property.type === 'Identifier' && !computed) return this.#below(object, property.value)
    const key = this.#code(property)
    if (typeof key.constant === 'string' || typeof key.constant === 'number') return this.#below(object, key.constant)
    if (object.instant !== undefined) throw this.#refused('a part of a date is read')
    return { text: `${wrapped(object, PRIMARY)}[${settled(key).text}]`, level: PRIMARY, isOptional: true }
  }

  #slice(object: Code, { start, stop, step }: Extract<Node, { type: 'SliceExpression' }>): Code {
    if (step !== undefined) throw this.#refused('it has a slice with a step')
    const [from, to] = [start, stop].map((bound) => (bound === undefined ? '' : this.#code(bound).text))
    const value = object.isOptional === true ? asText(object) : object
    return { text: `${wrapped(value, PRIMARY)}[${from}:${to}]`, level: PRIMARY }
  }

  /** The value under a key of an object that stands in the template: a choice between its values. */
  #entry(entries: ReadonlyMap<Node, Node>, key: Code, fallback: Code = constantCode(null)): Code {
    return [...entries].reduceRight<Code>(
      (otherwise, [name, value]) =>
        this.#choice(this.#equals('==', key, this.#code(name)), this.#code(value), otherwise),
      fallback,
    )
  }

  #named(root: string, keys: readonly Key[]): Code | undefined {
    const set = this.#set.get(root)
    if (set !== undefined) return keys.reduce<Code>((code, key) => this.#below(code, key), set)
    const lower = root.toLowerCase()
    if (keys.length === 0 && (lower === 'true' || lower === 'false')) return constantCode(lower === 'true')
    if (keys.length === 0 && (lower === 'none' || lower === 'null')) return constantCode(null)
    const found = this.#scope.read(root, keys)
    return found === undefined ? undefined : { ...found, origin: { root, keys: [...keys] } }
  }

  #below(object: Code, key: Key): Code {
    if (object.instant !== undefined) {
      const directive = Object.hasOwn(datePart, key) ? datePart[key] : undefined
      if (directive === undefined) throw this.#refused('a part of a date is read')
      return { text: `${dateOf(object.instant, directive).text} | int`, level: FILTER }
    }
    const { constant, origin } = object
    // What stands for a whole, such as the values of a router, is true, and its parts are known by their names.
    if (constant !== undefined && !(constant === true && origin !== undefined)) {
      const isContainer = typeof constant === 'object' && constant !== null
      const value = isContainer && Object.hasOwn(constant, key) ? Reflect.get(constant, key) : null
      return constantCode(value as Constant)
    }
    if (origin !== undefined) {
      const found = this.#named(origin.root, [...origin.keys, key])
      if (found === undefined)
        throw this.#refused(`${placeText(origin.root, [...origin.keys, key])} does not exist in a definition`)
      return guarded(object, found)
    }
    return guarded(object, { text: placeText(`(${object.text})`, [key]), level: PRIMARY, isOptional: true })
  }

  #call({ callee, args }: Extract<Node, { type: 'CallExpression' }>): Code {
    if (callee.type === 'Identifier') return this.#function(callee.value, args)
    if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') {
      throw this.#refused('it calls a function that is not known')
    }
    return this.#method(callee.object, callee.property.value, args)
  }

  #arguments(args: readonly Node[], names: readonly string[]): (Code | undefined)[] {
    const found: (Code | undefined)[] = []
    for (const [index, arg] of args.entries()) {
      if (arg.type === 'KeywordArgumentExpression') found[names.indexOf(arg.key.value)] = this.#code(arg.value)
      else found[index] = this.#code(arg)
    }
    return found
  }

  #constantText(code: Code | undefined, what: string): string {
    if (typeof code?.constant === 'string') return code.constant
    throw this.#refused(`${what} is not a constant`)
  }

  #function(name: string, args: readonly Node[]): Code {
    switch (name) {
      case 'now_utc':
        return this.#instant('now')
      case 'today_utc':
        return dayOf({ base: 'now', shift: '' })
      case 'today_with_timezone': {
        const [zone] = this.#arguments(args, ['timezone'])
        const name = this.#constantText(zone, 'the time zone')
        if (!/^(?:Etc\/)?(?:UTC|GMT|Zulu)$/i.test(name))
          throw this.#refused(`it has the present in the time zone ${name}`)
        return dayOf({ base: 'now', shift: '' })
      }
      case 'day_delta': {
        const [days, format] = this.#arguments(args, ['num_days', 'format'])
        const count = Number(days?.constant ?? Number.NaN)
        if (!Number.isInteger(count)) throw this.#refused('the number of days is not a constant')
        const wanted = format === undefined ? '%Y-%m-%dT%H:%M:%S.%f%z' : this.#constantText(format, 'the format')
        return dateOf(
          { base: 'now', shift: count === 0 ? '' : `${count < 0 ? '-' : ''}P${Math.abs(count)}D` },
          formatOf(wanted),
        )
      }
      case 'duration': {
        const [text] = this.#arguments(args, ['datestring'])
        return { text: '', level: PRIMARY, duration: this.#constantText(text, 'the duration') }
      }
      case 'timestamp': {
        const [value] = this.#arguments(args, ['dt'])
        return dateOf(this.#instantOf(value), 'epoch')
      }
      case 'str_to_datetime': {
        const [value] = this.#arguments(args, ['s'])
        const instant = this.#instantOf(value)
        return { text: instant.base, level: PRIMARY, instant }
      }
      case 'format_datetime': {
        const [value, format, given] = this.#arguments(args, ['dt', 'format', 'input_format'])
        const wanted = formatOf(this.#constantText(format, 'the format'))
        const isText = value?.instant === undefined && given !== undefined && given.constant !== null
        if (!isText || value === undefined) return dateOf(this.#instantOf(value), wanted)
        return dateOf(this.#parsed(value, this.#constantText(given, 'the format that is read')), wanted)
      }
      case 'max':
      case 'min': {
        const [only, ...more] = args
        const isList = more.length === 0 && (only?.type === 'ArrayLiteral' || only?.type === 'TupleLiteral')
        const items = (isList ? only.value : args).map((arg) => this.#code(arg))
        if (items.length < 2) throw this.#refused(`${name} has not two values`)
        return items.reduce((one, other) => this.#extreme(name, one, other))
      }
      case 'int':
      case 'str': {
        const [value] = args.map((arg) => this.#code(arg))
        if (value === undefined) throw this.#refused(`${name} has no value`)
        return { text: `${wrapped(value, FILTER)} | ${name === 'int' ? 'int' : 'string'}`, level: FILTER }
      }
      case 'len': {
        const [value] = args.map((arg) => this.#code(arg))
        if (value === undefined) throw this.#refused('len has no value')
        return { text: `${wrapped(value, FILTER)} | length`, level: FILTER }
      }
      default:
        throw this.#refused(`the function ${name} does not exist in a definition`)
    }
  }

  /** The higher or the lower of two values. */
  #extreme(name: 'max' | 'min', first: Code, second: Code): Code {
    const operator = name === 'max' ? '>=' : '<='
    const test = this.#compared(operator, first, second)
    const [one, other] = [asText(first), asText(second)]
    if (test.constant === undefined && (typeof one.constant === 'number' || typeof other.constant === 'number'))
      return this.#choice(test, this.#number(one, other), this.#number(other, one))
    return this.#choice(test, one, other)
  }

  #compared(operator: string, first: Code, second: Code): Code {
    if (first.instant !== undefined && second.instant !== undefined) {
      const [one, other] = [dateOf(first.instant, 'epoch_ms'), dateOf(second.instant, 'epoch_ms')]
      return { text: `${one.text} ${operator} ${other.text}`, level: COMPARE }
    }
    const [one, other] = [settled(first), settled(second)]
    return {
      text: `${wrapped(this.#number(one, other), SUM)} ${operator} ${wrapped(this.#number(other, one), SUM)}`,
      level: COMPARE,
    }
  }

  /** A text in a format, as a value that `date` reads. */
  #parsed(value: Code, format: string): Instant {
    if (/^%Y-%m-%d/.test(format) || format === '%s' || format === '%s_as_float') return this.#instantOf(value)
    if (format === '%ms') return { base: `(${wrapped(value, FILTER)} | int) / 1000`, shift: '' }
    if (format.startsWith('%a, %d %b %Y %H:%M')) return this.#instantOf(value)
    const base = fixedDate(wrapped(settled(value), PRIMARY), format)
    if (base !== undefined) return { base, shift: '' }
    throw this.#refused(`dates cannot be read in the format ${format}`)
  }

  #instant(base: string): Code {
    return { text: base, level: PRIMARY, instant: { base, shift: '' } }
  }

  #instantOf(code: Code | undefined): Instant {
    if (code === undefined) throw this.#refused('a date is missing')
    if (code.duration !== undefined) throw this.#refused('a duration stands where a date is needed')
    return code.instant ?? { base: code.text, shift: '' }
  }

  #method(target: Node, name: string, args: readonly Node[]): Code {
    if (name === 'get') return this.#get(target, args)
    const object = this.#code(target)
    const given = args.map((arg) => (arg.type === 'KeywordArgumentExpression' ? undefined : this.#code(arg)))
    const [first, second] = given
    if (object.instant !== undefined) return this.#instantMethod(object.instant, name, first)
    const whole = asText(object)
    const filtered = (filter: string): Code => ({ text: `${wrapped(whole, FILTER)} | ${filter}`, level: FILTER })
    switch (name) {
      case 'join':
        if (first === undefined) break
        if (first.inputType === 'array' && object.constant === ',') return { ...first, inputType: 'string' }
        return { text: `${wrapped(this.#asList(first), FILTER)} | join(${object.text})`, level: FILTER }
      case 'split':
        if (first === undefined) break
        return { text: `split(${whole.text}, ${first.text})`, level: PRIMARY }
      case 'replace':
        if (first === undefined || second === undefined) break
        return filtered(`replace(${first.text}, ${second.text})`)
      case 'lower':
      case 'upper':
        return filtered(name)
      case 'strip':
      case 'lstrip':
      case 'rstrip': {
        const side = name === 'lstrip' ? 'start' : name === 'rstrip' ? 'end' : ''
        const chars = [
          first === undefined ? (side === '' ? [] : "''") : first.text,
          side === '' ? [] : quoted(side),
        ].flat()
        return { ...filtered(chars.length === 0 ? 'trim' : `trim(${chars.join(', ')})`), ...optional(object) }
      }
      case 'startswith':
      case 'endswith': {
        if (typeof first?.constant !== 'string' || first.constant === '') break
        const part = name === 'startswith' ? 'first' : 'last'
        // What stands before a text at the beginning is empty.
        return {
          text: `${wrapped(whole, NOT)} and split(${whole.text}, ${first.text}) | ${part} == ''`,
          level: AND,
        }
      }
      case 'format':
        return this.#formatted(object, given)
      case 'strftime':
        return dateOf({ base: object.text, shift: '' }, formatOf(this.#constantText(first, 'the format')))
      default:
    }
    throw this.#refused(`${name}() does not exist in a definition`)
  }

  /** `'{}/{}'.format(a, b)`, also with numbers in the braces. */
  #formatted({ constant }: Code, given: readonly (Code | undefined)[]): Code {
    if (typeof constant !== 'string' || !/^(?:[^{}]|\{\d*\})*$/.test(constant))
      throw this.#refused('format() is used with a text that is not plain')
    let next = 0
    const parts = constant.split(/(\{\d*\})/).map((part): string | Code => {
      if (!part.startsWith('{')) return part
      const code = given[part === '{}' ? next++ : Number(part.slice(1, -1))]
      if (code === undefined) throw this.#refused('format() has too few values')
      return code
    })
    return this.#joined(parts)
  }

  #instantMethod(instant: Instant, name: string, first: Code | undefined): Code {
    if (name === 'strftime') return dateOf(instant, formatOf(this.#constantText(first, 'the format')))
    if (name === 'isoformat') return dateOf(instant, '%Y-%m-%dT%H:%M:%S.%f+00:00')
    if (name === 'timestamp') return dateOf(instant, 'epoch')
    if (name === 'date') return dayOf(instant)
    throw this.#refused(`${name}() of a date does not exist in a definition`)
  }

  /** `a.get('b', {})` may be missing, and so may everything below it. */
  #get(target: Node, args: readonly Node[]): Code {
    const [key, fallback] = args.map((arg) => settled(this.#code(arg)))
    if (target.type === 'ObjectLiteral' && key !== undefined) return this.#entry(target.value, key, fallback)
    const object = this.#code(target)
    if (typeof key?.constant !== 'string' && typeof key?.constant !== 'number')
      throw this.#refused('a key is not a constant')
    const found: Code = { ...this.#below(object, key.constant), isOptional: true }
    const { constant } = fallback ?? {}
    if (fallback === undefined || constant === null || constant === '' || isEmptyContainer(constant)) return found
    if (found.constant !== undefined) return found.constant === null ? fallback : found
    return {
      text: `${wrapped(found, FILTER)} | default(${besideList(fallback, found).text})`,
      level: FILTER,
      ...typed(found),
    }
  }

  /** Inputs of a connection are texts, so a list of them is written with commas. */
  #asList(code: Code): Code {
    if (code.inputType !== 'array') return code
    const list = `split(${code.text}, ',')`
    if (code.isOptional !== true) return { text: list, level: PRIMARY }
    return { text: `${list} if ${wrapped(code, OR)} else []`, level: TERNARY }
  }

  #unary(operator: string, value: Code): Code {
    if (operator === 'not') {
      const condition = asCondition(value)
      if (condition.constant !== undefined) return constantCode(!isTruthy(condition.constant))
      return { text: `not ${wrapped(condition, NOT)}`, level: NOT }
    }
    if (typeof value.constant === 'number') return constantCode(operator === '-' ? -value.constant : value.constant)
    return { text: `0 ${operator} ${wrapped(value, PRODUCT)}`, level: SUM }
  }

  #binary(operator: string, left: Node, right: Node): Code {
    const [first, second] = [this.#code(left), this.#code(right)]
    if (operator === '+' || operator === '-') {
      if (first.instant !== undefined) return this.#shifted(first.instant, operator, second)
      if (operator === '+' && second.instant !== undefined) return this.#shifted(second.instant, operator, first)
    }
    if (['<', '>', '<=', '>='].includes(operator)) return this.#compared(operator, first, second)
    const isEqual = operator === '==' || operator === '!='
    if (isEqual && first.instant !== undefined && second.instant !== undefined)
      return this.#compared(operator, first, second)
    const [one, other] = [settled(first), settled(second)]
    switch (operator) {
      case 'and': {
        const [a, b] = [asCondition(one), asCondition(other)]
        if (a.constant !== undefined) return isTruthy(a.constant) ? b : a
        return { text: `${wrapped(a, AND)} and ${wrapped(b, AND)}`, level: AND, isOptional: true }
      }
      case 'or': {
        const [a, b] = [asCondition(one), asCondition(other)]
        if (a.constant !== undefined) return isTruthy(a.constant) ? a : b
        const last = besideList(b, a)
        return {
          text: `${wrapped(a, OR)} or ${wrapped(last, AND)}`,
          level: OR,
          isOptional: last.isOptional ?? false,
          ...(a.inputType === 'array' && last.inputType === 'array' ? { inputType: 'array' } : {}),
        }
      }
      case '==':
      case '!=':
        return this.#equals(operator, one, other)
      case 'in':
      case 'not in':
        return this.#contains(operator, one, other)
      default:
    }
    if (operator === '~')
      return { text: `${wrapped(asText(one), SUM)} ~ ${wrapped(asText(other), PRODUCT)}`, level: SUM }
    if (operator === '+' && one.inputType === 'array' && other.inputType === 'array') {
      return {
        text: `${wrapped(asText(one), PRODUCT)} ~ ',' ~ ${wrapped(asText(other), PRODUCT)}`,
        level: SUM,
        inputType: 'array',
      }
    }
    const level = operator === '+' || operator === '-' ? SUM : PRODUCT
    const isText =
      operator === '+' && [one, other].some((side) => typeof side.constant === 'string' || side.inputType === 'string')
    if (isText) return { text: `${wrapped(asText(one), SUM)} ~ ${wrapped(asText(other), PRODUCT)}`, level: SUM }
    const [a, b] = [this.#number(one, constantCode(0)), this.#number(other, constantCode(0))]
    return { text: `${wrapped(a, level)} ${operator} ${wrapped(b, level === SUM ? PRODUCT : FILTER)}`, level }
  }

  /** Inputs are texts: beside a number, one is read as a number. */
  #number(code: Code, beside: Code): Code {
    const isNumeric = code.inputType === 'integer' || code.inputType === 'number'
    if (!isNumeric && !(code.inputType !== undefined && typeof beside.constant === 'number')) return code
    return { text: `${wrapped(code, FILTER)} | int`, level: FILTER }
  }

  #equals(operator: string, one: Code, other: Code): Code {
    for (const [value, beside] of [
      [one, other],
      [other, one],
    ] as const) {
      const { constant } = beside
      if (constant === undefined || value.constant !== undefined) continue
      const isNegated = operator === '!='
      if (constant === null) return this.#test('none', isNegated, value)
      if (isEmptyContainer(constant)) return isNegated ? value : this.#unary('not', value)
      if (value.inputType === 'boolean' && typeof constant === 'boolean') {
        return constant === isNegated ? this.#unary('not', value) : asCondition(value)
      }
    }
    if (one.constant !== undefined && other.constant !== undefined && typeof one.constant !== 'object') {
      return constantCode((one.constant === other.constant) === (operator === '=='))
    }
    const [a, b] = [this.#number(one, other), this.#number(other, one)]
    return { text: `${wrapped(a, SUM)} ${operator} ${wrapped(b, SUM)}`, level: COMPARE }
  }

  #contains(operator: string, item: Code, container: Code): Code {
    const { constant, place } = container
    if (place?.root === 'config' && place.keys.length === 0 && typeof item.constant === 'string') {
      const value = this.#named('config', [item.constant])
      if (value?.place !== undefined) return this.#test('defined', operator === 'not in', value)
      return constantCode(operator === 'in')
    }
    if (Array.isArray(constant) && item.constant !== undefined) {
      return constantCode(constant.includes(item.constant) === (operator === 'in'))
    }
    const list = this.#asList(container)
    const isMissing =
      container.isOptional === true && container.constant === undefined && container.inputType === undefined
    const test: Code = { text: `${wrapped(item, SUM)} ${operator} ${wrapped(list, SUM)}`, level: COMPARE }
    if (!isMissing) return test
    // In a definition, nothing can be looked up in a missing value.
    return operator === 'in'
      ? { text: `${wrapped(list, AND)} and ${test.text}`, level: AND }
      : { text: `not ${wrapped(list, NOT)} or ${test.text}`, level: OR }
  }

  #shifted({ base, shift, ...format }: Instant, operator: string, { duration }: Code): Code {
    if (duration === undefined) throw this.#refused('it adds something else than a duration to a date')
    const from = shift === '' ? base : dateOf({ base, shift }, 'iso8601').text
    return {
      ...{ text: from, level: PRIMARY },
      instant: { ...format, base: from, shift: `${operator === '-' ? '-' : ''}${duration}` },
    }
  }

  #test(name: string, negate: boolean, value: Code): Code {
    const not = negate ? 'not ' : ''
    const { constant } = value
    if (name === 'defined' || name === 'undefined' || name === 'none') {
      if (constant !== undefined) return constantCode(((constant === null) === (name !== 'defined')) !== negate)
      if (value.guard !== undefined && value.level === AND) {
        const test = `${value.guard.value} is ${not}${name}`
        // An empty object above it has no such value either.
        return (name === 'defined') === negate
          ? { text: `not (${value.guard.text}) or ${test}`, level: OR }
          : { text: `${value.guard.text} and ${test}`, level: AND }
      }
      return { text: `${wrapped(value, FILTER)} is ${not}${name}`, level: COMPARE }
    }
    const types = ['string', 'number', 'integer', 'boolean', 'mapping', 'sequence', 'iterable']
    if (types.includes(name) && constant === undefined)
      return { text: `${wrapped(settled(value), FILTER)} is ${not}${name}`, level: COMPARE }
    if (name === 'true' || name === 'false')
      return this.#equals(negate ? '!=' : '==', value, constantCode(name === 'true'))
    throw this.#refused(`the test ${name} does not exist in a definition`)
  }

  #filter({ operand, filter }: Extract<Node, { type: 'FilterExpression' }>): Code {
    const call = filter.type === 'CallExpression' ? filter : { callee: filter, args: [] }
    const name = call.callee.type === 'Identifier' ? call.callee.value : ''
    const value = settled(this.#code(operand))
    const args = call.args.map((arg) =>
      settled(arg.type === 'KeywordArgumentExpression' ? this.#code(arg.value) : this.#code(arg)),
    )
    const [first, second] = args
    // A filter of Jinja reads a missing value as an empty text, and here it is an error.
    const applied = (text: string, read = asText(value)): Code => ({
      text: `${wrapped(read, FILTER)} | ${text}`,
      level: FILTER,
      ...typed(value),
      ...optional(value),
    })
    switch (name) {
      case 'default':
      case 'd': {
        if (first === undefined) return asText({ ...value, isOptional: true })
        if (value.constant !== undefined) return value.constant === null ? first : value
        if (first.constant === null || isEmptyContainer(first.constant)) return { ...value, isOptional: true }
        const whenEmpty = second === undefined ? '' : `, ${second.text}`
        return {
          text: `${wrapped(value, FILTER)} | default(${asText(besideList(first, value)).text}${whenEmpty})`,
          level: FILTER,
          ...typed(value),
        }
      }
      case 'int':
      case 'float': {
        const usual = value.isOptional === true || value.inputType === undefined ? '(0)' : ''
        return {
          text: `${wrapped(asText(value), FILTER)} | ${name}${first === undefined ? usual : `(${first.text})`}`,
          level: FILTER,
        }
      }
      case 'length':
      case 'lower':
      case 'upper':
      case 'trim':
      case 'string':
      case 'urlencode':
      case 'tojson':
      case 'first':
      case 'last': {
        if (name === 'tojson' && value.inputType === 'array')
          return { ...applied(name, this.#asList(value)), inputType: undefined, isOptional: false }
        if (name === 'trim' && first !== undefined) return applied(`trim(${first.text})`)
        if (name === 'string' && value.constant !== undefined) return constantCode(textOf(value.constant))
        const source = name === 'length' || name === 'first' || name === 'last' ? this.#asList(value) : asText(value)
        return { ...applied(name, source), inputType: undefined }
      }
      case 'count':
        return applied('length', this.#asList(value))
      case 'safe':
        return value
      case 'list':
        return this.#asList(value)
      case 'join':
        if (value.inputType === 'array' && first?.constant === ',') return { ...value, inputType: 'string' }
        return { text: `${wrapped(this.#asList(value), FILTER)} | join(${first?.text ?? "''"})`, level: FILTER }
      case 'replace':
        if (first === undefined || second === undefined) break
        return applied(`replace(${first.text}, ${second.text})`)
      case 'base64encode':
      case 'base64binascii_decode':
        // In spite of its name, it encodes.
        return applied('b64encode')
      case 'base64decode':
        return applied('b64decode')
      case 'hash': {
        const algorithm = first === undefined ? 'md5' : first.constant
        if (!['md5', 'sha1', 'sha256', 'sha512'].includes(String(algorithm))) break
        const salted: Code =
          second === undefined || second.constant === null
            ? asText(value)
            : { text: `${wrapped(asText(value), SUM)} ~ ${wrapped(asText(second), PRODUCT)}`, level: SUM }
        return { text: `${wrapped(salted, FILTER)} | hash(${quoted(String(algorithm))})`, level: FILTER }
      }
      case 'hmac':
        if (first === undefined || (second !== undefined && second.constant !== 'sha256')) break
        return applied(`hmac_sha256(${first.text})`)
      case 'regex_search':
        return this.#search(value, this.#constantText(first, 'the pattern'))
      default:
    }
    throw this.#refused(`the filter ${name} does not exist in a definition`)
  }

  #search(value: Code, pattern: string): Code {
    const problem = patternProblem(pattern)
    if (problem !== undefined) throw this.#refused(`its regular expression ${problem}`)
    // What a pattern without a group matches is not returned.
    if (!/(?<!\\)\((?!\?)|\(\?P?</.test(pattern)) return constantCode('')
    return {
      text: `${wrapped(asText(value), FILTER)} | regex_search(${quoted(pattern)})`,
      level: FILTER,
      isOptional: true,
    }
  }
}

/** A list that stands in the template beside one that a person supplies, which is a text with commas. */
function besideList(code: Code, { inputType }: Code): Code {
  const { constant } = code
  if (inputType !== 'array' || !Array.isArray(constant)) return code
  return { text: quoted(constant.join(',')), level: PRIMARY, inputType: 'array' }
}

/** The parts of a date in Python, as directives. */
const datePart: Readonly<Record<string, string>> = {
  ...{ year: '%Y', month: '%m', day: '%d', hour: '%H', minute: '%M', second: '%S' },
}

/** A text in a format whose parts have fixed lengths, as ISO 8601. Undefined: the format has other parts, or no whole date. */
function fixedDate(text: string, format: string): string | undefined {
  const found = new Map<string, string>()
  let at = 0
  for (const [part, directive] of format.matchAll(/%(.)|./gs)) {
    const length = directive === undefined ? part.length : directive === 'Y' ? 4 : 2
    if (directive !== undefined && !'YmdHMS'.includes(directive)) return undefined
    if (directive !== undefined) found.set(directive, `${text}[${at}:${at + length}]`)
    at += length
  }
  const [year, month, day = "'01'"] = ['Y', 'm', 'd'].map((directive) => found.get(directive))
  if (year === undefined || month === undefined) return undefined
  const time = ['H', 'M', 'S'].map((directive) => found.get(directive) ?? "'00'")
  const date = [year, month, day].join(" ~ '-' ~ ")
  return found.has('H') ? `${date} ~ 'T' ~ ${time.join(" ~ ':' ~ ")}` : date
}

/** The day of an instant, which Python writes as a date. */
function dayOf(instant: Instant): Code {
  const base = dateOf(instant, '%Y-%m-%d').text
  return { text: base, level: PRIMARY, instant: { base, shift: '', format: '%Y-%m-%d' } }
}

/** An expression that is not a date or a duration any more. */
function settled(code: Code): Code {
  return code.instant === undefined && code.duration === undefined ? code : asText(code)
}

/** Below a value that may be missing, `a.b` is an error in a definition, and `a and a.b` is not. */
function guarded(object: Code, below: Code): Code {
  const last = object.text.split(' and ').at(-1) ?? ''
  if (object.isOptional !== true || !below.text.startsWith(last)) return below
  return {
    ...{ ...below, text: `${object.text} and ${below.text}`, level: AND, isOptional: true },
    guard: { text: object.text, value: below.text },
  }
}

function optional({ isOptional }: Code): Pick<Code, 'isOptional'> {
  return isOptional === true ? { isOptional } : {}
}

function typed({ inputType }: Code): Pick<Code, 'inputType'> {
  return inputType === undefined ? {} : { inputType }
}

function isEmptyContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function isTruthy(value: Constant): boolean {
  return isEmptyContainer(value) ? false : Boolean(value)
}

/** A name with constant keys. Undefined: it is another expression. */
function placeOf(node: Node): { root: string; keys: Key[] } | undefined {
  if (node.type === 'Identifier') return { root: node.value, keys: [] }
  if (node.type !== 'MemberExpression') return undefined
  const above = placeOf(node.object)
  const { property, computed } = node
  const isName = property.type === 'Identifier' && !computed
  const key =
    isName || property.type === 'StringLiteral' || property.type === 'IntegerLiteral' ? property.value : undefined
  return above === undefined || key === undefined ? undefined : { root: above.root, keys: [...above.keys, key] }
}
