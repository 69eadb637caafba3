import { isIP } from 'node:net'
import { isRecord } from '../template/value.ts'
import { currentDefinitionBudget } from './definition-budget.ts'
import { patternCost, patternProblem } from './pattern.ts'

/**
 * The JSON Schema 2020-12 of an action's arguments. Schemas come from tenants, so everything in them is checked before anything is
 * compiled: only known keywords with values of their type, references within the schema that never lead back to themselves, patterns of
 * RE2, and a bounded size. References are replaced by what they refer to, which makes the size of a schema a measure of what checking
 * with it costs.
 */

/** A place in a schema, and what is wrong there. */
interface SchemaProblem {
  path: readonly (string | number)[]
  message: string
}

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * Sub-schemas, their keywords, and the values and names that these list, of one schema with its references replaced. The code of a
 * validator repeats the texts of its schema, so 64 characters count as one more.
 */
const MAX_SIZE = 2_000
const CHARACTERS_PER_VALUE = 64
/** Characters of a property name. The code of a validator repeats it in each expression about the property. */
const MAX_NAME = 256
/** `unevaluatedProperties` and `unevaluatedItems` collect what every other keyword has checked, at each level. */
const UNEVALUATED_SIZE = 50
/** Levels of sub-schemas, with references replaced. */
const MAX_DEPTH = 32
const MAX_PROBLEMS = 50

const DRAFT = 'https://json-schema.org/draft/2020-12/schema'
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

type Check = (value: unknown) => string | undefined

const must = (what: string, holds: (value: unknown) => boolean): Check => {
  return (value) => (holds(value) ? undefined : `must be ${what}`)
}
const isText = (value: unknown) => typeof value === 'string'
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText)
const text = must('text', isText)
const flag = must('true or false', (value) => typeof value === 'boolean')
const number = must('a number', (value) => typeof value === 'number' && Number.isFinite(value))
const count = must('a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0)
const isName = (value: string) => value.length <= MAX_NAME
const names = must(`a list of names, each once and of at most ${MAX_NAME} characters`, (value) => {
  return isTexts(value) && new Set(value).size === value.length && value.every(isName)
})
const any: Check = () => undefined

/** Keywords that hold a value and no schema. */
const VALUES: Readonly<Record<string, Check>> = {
  type: must(`one of ${TYPES.join(', ')}, or a list of these`, (value) => {
    const list = Array.isArray(value) ? value : [value]
    return list.length > 0 && new Set(list).size === list.length && list.every((each) => TYPES.includes(String(each)))
  }),
  enum: must('a list with at least one value', (value) => Array.isArray(value) && value.length > 0),
  const: any,
  multipleOf: must('a number above 0', (value) => typeof value === 'number' && value > 0),
  maximum: number,
  minimum: number,
  exclusiveMaximum: number,
  exclusiveMinimum: number,
  maxLength: count,
  minLength: count,
  pattern: (value) => (typeof value === 'string' ? checkPattern(value) : 'must be text'),
  format: (value) =>
    typeof value === 'string' && Object.hasOwn(FORMATS, value)
      ? undefined
      : `must be one of ${Object.keys(FORMATS).join(', ')}`,
  maxItems: count,
  minItems: count,
  uniqueItems: flag,
  maxContains: count,
  minContains: count,
  maxProperties: count,
  minProperties: count,
  required: names,
  dependentRequired: must(`an object of lists of names of at most ${MAX_NAME} characters`, (value) => {
    return isRecord(value) && Object.entries(value).every(([key, each]) => isName(key) && names(each) === undefined)
  }),
  default: any,
}

/** Keywords that only describe. They are not compiled. */
const ANNOTATIONS: Readonly<Record<string, Check>> = {
  title: text,
  description: text,
  $comment: text,
  examples: must('a list', Array.isArray),
  example: any,
  deprecated: flag,
  readOnly: flag,
  writeOnly: flag,
  contentEncoding: text,
  contentMediaType: text,
}

/** Keywords that hold one schema, a list of schemas, or schemas by name. */
const ONE: ReadonlySet<string> = new Set([
  ...['not', 'if', 'then', 'else', 'items', 'contains', 'propertyNames'],
  ...['additionalProperties', 'unevaluatedItems', 'unevaluatedProperties'],
])
const LIST: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const BY_NAME: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas'])
/** Within these, a default has no effect, because another branch may hold. */
const BRANCHES: ReadonlySet<string> = new Set([
  'not',
  'if',
  'then',
  'else',
  'anyOf',
  'oneOf',
  'contains',
  'propertyNames',
])

/**
 * The formats that are checked, each in linear time. True: the format only describes, as those of OpenAPI for numbers and bytes.
 */
export const FORMATS: Readonly<Record<string, true | ((value: string) => boolean)>> = {
  date: isDate,
  'date-time': (value) => {
    const [, day = '', time = ''] = /^(.{10})[Tt ](.{8,40})$/s.exec(value) ?? []
    return isDate(day) && isTime(time)
  },
  time: isTime,
  duration: (value) =>
    /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/.test(value),
  email: (value) => value.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(value),
  hostname: (value) =>
    value.length <= 253 && value.split('.').every((label) => /^[a-z0-9-]{1,63}$/i.test(label) && !/^-|-$/.test(label)),
  ipv4: (value) => isIP(value) === 4,
  ipv6: (value) => isIP(value) === 6,
  uri: (value) => /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(value) && URL.canParse(value),
  'uri-reference': (value) => /^\S*$/.test(value) && URL.canParse(value, 'https://example.com'),
  uuid: (value) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value),
  int32: true,
  int64: true,
  float: true,
  double: true,
  byte: true,
  binary: true,
  password: true,
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const date = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
}

/** RFC 3339 section 5.6, full-time. A leap second is accepted at any minute. */
function isTime(value: string): boolean {
  const [, hour, minute, second, offsetHour = 0, offsetMinute = 0] =
    /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,20})?(?:[Zz]|[+-](\d{2}):(\d{2}))$/.exec(value) ?? []
  if (hour === undefined) return false
  return (
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) <= 60 &&
    Number(offsetHour) < 24 &&
    Number(offsetMinute) < 60
  )
}

function checkPattern(pattern: string): string | undefined {
  currentDefinitionBudget().spendOnPattern(patternCost(pattern))
  return patternProblem(pattern)
}

/** What is wrong with a schema of arguments. Empty: it can be compiled. */
export function argumentSchemaProblems(schema: JsonSchema): SchemaProblem[] {
  const { problems } = expand(schema)
  return problems
}

/** A schema without references and annotations. */
export interface ExpandedSchema {
  schema: JsonSchema
  /** What checking one value with it costs at most. */
  size: number
}

/**
 * Replaces the references of a schema that has no problems.
 * @throws Error when it has
 */
export function expandSchema(schema: JsonSchema): ExpandedSchema {
  const { problems, expanded, size } = expand(schema)
  const [problem] = problems
  if (problem !== undefined)
    throw new Error(`The schema is not valid at ${problem.path.join('.')}: ${problem.message}.`)
  return { schema: expanded, size }
}

function expand(root: JsonSchema): { problems: SchemaProblem[]; expanded: JsonSchema; size: number } {
  const problems: SchemaProblem[] = []
  const checkedPatterns = new Map<string, string | undefined>()
  let size = 0
  /** The places that references are followed from, to find those that lead back. */
  const following: string[] = []

  const report = (path: SchemaProblem['path'], message: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ path: path.map(shortened), message })
  }
  const tooLarge = () => size > MAX_SIZE

  /** @param isProperty whether a default has an effect, because it is one of a property */
  function visit(
    value: unknown,
    path: SchemaProblem['path'],
    depth: number,
    inBranch: boolean,
    isProperty = false,
  ): unknown {
    size += 1
    if (tooLarge()) return true
    if (typeof value === 'boolean') return value
    if (!isRecord(value)) {
      report(path, 'must be a schema: an object, true or false')
      return true
    }
    if (depth > MAX_DEPTH) {
      report(path, `must not be nested more than ${MAX_DEPTH} levels deep`)
      return true
    }
    const made: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(value)) {
      const at = [...path, key]
      if (!Object.hasOwn(ANNOTATIONS, key)) size += key.startsWith('unevaluated') ? UNEVALUATED_SIZE : 1
      if (tooLarge()) return true
      if (ONE.has(key)) made[key] = visit(item, at, depth + 1, inBranch || BRANCHES.has(key))
      else if (LIST.has(key)) made[key] = visitList(item, at, depth + 1, inBranch || BRANCHES.has(key))
      else if (BY_NAME.has(key)) made[key] = visitNamed(key, item, at, depth + 1, inBranch)
      else visitValue(key, item, at, path.length === 0, isProperty && !inBranch, made)
    }
    if ((made['then'] !== undefined || made['else'] !== undefined) && made['if'] === undefined) {
      report([...path, 'if'], 'is missing, and then and else need it')
    }
    checkContains(made, path)
    if (made['if'] !== undefined && made['then'] === undefined && made['else'] === undefined) {
      report([...path, 'if'], 'needs then or else')
    }
    const { $ref: reference } = value
    if (reference === undefined) return made
    const target = follow(reference, [...path, '$ref'], depth, inBranch, isProperty && Object.keys(made).length === 0)
    if (Object.keys(made).length === 0) return target
    return { ...made, allOf: [...(Array.isArray(made['allOf']) ? made['allOf'] : []), target] }
  }

  function checkContains(made: Record<string, unknown>, path: SchemaProblem['path']): void {
    const { contains, minContains, maxContains } = made
    for (const key of ['minContains', 'maxContains']) {
      if (made[key] !== undefined && contains === undefined) report([...path, key], 'needs contains')
    }
    if (typeof maxContains === 'number' && Number(minContains ?? 1) > maxContains) {
      report([...path, 'maxContains'], 'must be at least minContains, which is 1 if it is left out')
    }
    // Every list has at least 0 such items. Ajv refuses to compile it.
    if (minContains === 0 && maxContains === undefined) {
      delete made['contains']
      delete made['minContains']
    }
  }

  function visitValue(
    key: string,
    item: unknown,
    path: SchemaProblem['path'],
    isRoot: boolean,
    takesDefault: boolean,
    made: Record<string, unknown>,
  ): void {
    if (key === '$ref' || key === '$defs' || key.startsWith('x-')) return
    if (key === '$schema') {
      if (!isRoot || item !== DRAFT) report(path, `must be ${DRAFT}, at the root of the schema`)
      return
    }
    const check = Object.hasOwn(VALUES, key)
      ? VALUES[key]
      : Object.hasOwn(ANNOTATIONS, key)
        ? ANNOTATIONS[key]
        : undefined
    if (check === undefined) {
      report(path, `${shortened(key)} is not a supported keyword of JSON Schema 2020-12`)
      return
    }
    const problem = key === 'pattern' && typeof item === 'string' ? patternOnce(item) : check(item)
    if (problem !== undefined) {
      report(path, problem)
      return
    }
    if (key === 'default' && !takesDefault && !isRoot) {
      report(
        path,
        'must be left out here, because it only has an effect in properties, outside of anyOf, oneOf, not, if and contains',
      )
    }
    if (!Object.hasOwn(VALUES, key)) return
    size += countOf(item)
    made[key] = item
  }

  function patternOnce(pattern: string): string | undefined {
    if (!checkedPatterns.has(pattern)) checkedPatterns.set(pattern, checkPattern(pattern))
    return checkedPatterns.get(pattern)
  }

  function visitList(item: unknown, path: SchemaProblem['path'], depth: number, inBranch: boolean): unknown {
    if (Array.isArray(item) && item.length > 0) {
      return item.map((each, index) => (tooLarge() ? true : visit(each, [...path, index], depth, inBranch)))
    }
    report(path, 'must be a list of schemas')
    return [true]
  }

  function visitNamed(
    key: string,
    item: unknown,
    path: SchemaProblem['path'],
    depth: number,
    inBranch: boolean,
  ): unknown {
    if (!isRecord(item)) {
      report(path, 'must be an object of schemas')
      return {}
    }
    const made: Record<string, unknown> = {}
    for (const [name, each] of Object.entries(item)) {
      size += countOf(name)
      if (tooLarge()) break
      if (key === 'patternProperties') {
        const problem = patternOnce(name)
        if (problem !== undefined) report([...path, name], `as a pattern ${problem}`)
      } else if (!isName(name)) {
        report([...path, name], `must have a name of at most ${MAX_NAME} characters`)
        continue
      }
      made[name] = visit(each, [...path, name], depth, inBranch || key === 'dependentSchemas', key === 'properties')
    }
    return made
  }

  function follow(
    reference: unknown,
    path: SchemaProblem['path'],
    depth: number,
    inBranch: boolean,
    isProperty: boolean,
  ): unknown {
    size += countOf(reference)
    if (tooLarge()) return true
    const target = typeof reference === 'string' ? targetOf(root, reference) : undefined
    if (typeof reference !== 'string' || target === undefined) {
      report(path, 'must refer to a schema of this input, as in #/$defs/name')
      return true
    }
    if (following.includes(reference)) {
      report(path, 'must not lead back to itself')
      return true
    }
    following.push(reference)
    const expanded = visit(target.value, path, depth + 1, inBranch, isProperty)
    following.pop()
    return expanded
  }

  const expanded = visit(root, [], 0, false)
  const { type, $defs: definitions } = root
  if (type !== undefined && type !== 'object') report(['type'], 'must be object')
  if (definitions !== undefined && !isRecord(definitions)) report(['$defs'], 'must be an object of schemas')
  if (Object.hasOwn(root, 'default')) report(['default'], 'must be left out: defaults belong to the properties')
  if (tooLarge()) {
    report(
      [],
      `is too large: its sub-schemas, keywords, and values of enum and required are more than ${MAX_SIZE}. Each use of a reference and every ${CHARACTERS_PER_VALUE} characters of names and values count too, and unevaluatedProperties and unevaluatedItems count as ${UNEVALUATED_SIZE}`,
    )
  }
  return { problems, expanded: isRecord(expanded) ? expanded : {}, size }
}

/** How many values a keyword compares with, such as the names of `required`, and how long their texts are. */
function countOf(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARACTERS_PER_VALUE
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, each]) => sum + 1 + (Array.isArray(value) ? 0 : countOf(key)) + countOf(each),
    0,
  )
}

/** A name for a path or a message. */
export function shortened<T extends string | number>(name: T): T | string {
  return typeof name === 'string' && name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name
}

/** The part of a schema that a reference names: a JSON pointer as a fragment (RFC 6901 section 6). */
function targetOf(root: JsonSchema, reference: string): { value: unknown } | undefined {
  if (!reference.startsWith('#/')) return undefined
  let value: unknown = root
  for (const token of reference.slice(2).split('/')) {
    const key = decoded(token)?.replaceAll('~1', '/').replaceAll('~0', '~')
    const isContainer = isRecord(value) || Array.isArray(value)
    if (key === undefined || !isContainer || !Object.hasOwn(value as object, key)) return undefined
    value = Reflect.get(value as object, key)
  }
  return { value }
}

function decoded(token: string): string | undefined {
  try {
    return decodeURIComponent(token)
  } catch {
    return undefined
  }
}
