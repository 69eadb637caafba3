import { createHash } from 'node:crypto'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expandSchema, FORMATS, type JsonSchema, shortened } from '../catalog/definition/argument-schema.ts'
import { MatchBudget, matchesPattern } from '../catalog/definition/pattern.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { type FieldError, InvalidInputError, UnsupportedError } from '../kit/errors.ts'
import { isRawJson, stringifyJson } from '../kit/json.ts'

/** Characters of JSON of the arguments of one call. */
const MAX_ARGUMENTS = 256 * 1024
/** The size of the schema times values. Each may take 50 ns, and every other one may be a fault, which is an object. */
const MAX_WORK = 1_000_000
const MAX_FAULTS = 100

export type Arguments = Readonly<Record<string, unknown>>

/**
 * Checks the arguments of a call against the schema of its action.
 * @param path of the arguments in the caller's input
 * @returns a copy of the arguments, with the defaults of the schema. Its objects have no prototype
 * @throws InvalidInputError with every fault. Its messages contain values of the schema, and none of the arguments
 */
export function checkArguments(schema: JsonSchema, given: unknown, path: readonly string[]): Arguments {
  const fail = (message: string) => new InvalidInputError([{ path: [...path], message }])
  if (given != null && (typeof given !== 'object' || Array.isArray(given))) throw fail('Must be a JSON object.')
  if (given != null && stringifyJson(given).length > MAX_ARGUMENTS) {
    throw fail(`Must have at most ${MAX_ARGUMENTS} characters of JSON.`)
  }
  const { validate, size } = validatorOf(schema)
  const copied = { values: 0 }
  const args = copyOf(given ?? {}, copied) as Arguments
  if (size * copied.values > MAX_WORK)
    throw fail('Has too many values for the input schema of this action. Send fewer.')
  try {
    if (withMatchBudget(() => validate(args))) return args
  } catch (error) {
    if (error instanceof TooLongToMatchError) throw fail(error.message)
    throw error
  }
  throw new InvalidInputError(faultsOf(validate.errors ?? [], path))
}

/** JSON.parse makes keys such as `__proto__` own properties. In objects without a prototype they mean nothing else. */
function copyOf(value: unknown, copied: { values: number }): unknown {
  copied.values += typeof value === 'string' ? weightOf(value) : 1
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value
  if (Array.isArray(value)) return value.map((item) => copyOf(item, copied))
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) {
    copied.values += weightOf(key)
    copy[key] = copyOf(item, copied)
  }
  return copy
}

/** For how many values a text counts. Each `maxLength` reads all of it. */
function weightOf(text: string): number {
  return 1 + text.length / 256
}

interface Validator {
  validate: ValidateFunction
  /** What checking one value costs at most. */
  size: number
}

/** By a digest of the schema. An error is what compiling it ended with. */
const validators = new BoundedMap<string, Validator | UnsupportedError>({ max: 300 })
/** The sizes of all validators together. Each unit is about 1 kB of code. */
const MAX_VALIDATORS_SIZE = 20_000

function validatorOf(schema: JsonSchema): Validator {
  const key = createHash('sha256').update(JSON.stringify(schema)).digest('base64')
  let validator = validators.get(key)
  if (validator === undefined) {
    validator = compiled(schema)
    validators.set(key, validator)
    removeOldest()
  }
  if (validator instanceof Error) throw validator
  return validator
}

function compiled(schema: JsonSchema): Validator | UnsupportedError {
  try {
    const expanded = expandSchema(schema)
    return { validate: compile(expanded.schema), size: expanded.size }
  } catch (error) {
    const message =
      'The input schema of this action cannot be used. Correct the action with updateIntegration, which says what is wrong with it.'
    return new UnsupportedError(message, { cause: error })
  }
}

function removeOldest(): void {
  const entries = [...validators.entries()]
  let size = entries.reduce((sum, [, validator]) => sum + sizeOf(validator), 0)
  for (const [key, validator] of entries) {
    if (size <= MAX_VALIDATORS_SIZE) return
    validators.delete(key)
    size -= sizeOf(validator)
  }
}

function sizeOf(validator: Validator | UnsupportedError): number {
  return validator instanceof Error ? 1 : validator.size
}

/**
 * Compiles a schema that `expandSchema` has checked: there are no references, and no keywords but the known ones. Ajv keeps what a
 * schema contains in its instance, so each schema has its own.
 */
function compile(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    // These are about schemas that are valid and may have a mistake.
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowMatchingProperties: true,
    useDefaults: true,
    // 19.99 / 0.01 is 1998.9999999999998.
    multipleOfPrecision: 6,
    ownProperties: true,
    messages: false,
    meta: false,
    validateSchema: false,
    logger: false,
    code: { regExp: linearRegExp, optimize: false },
  })
  // Ajv compares each item with each other one.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    validate: (unique: boolean, items: unknown[]) => !unique || new Set(items.map(canonical)).size === items.length,
  })
  for (const [name, check] of Object.entries(FORMATS)) ajv.addFormat(name, check)
  return ajv.compile({ ...schema, type: 'object' })
}

/** Equal JSON values have the same text. */
export function canonical(value: unknown): string {
  return stringifyJson(sorted(value))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value
  if (Array.isArray(value)) return value.map(sorted)
  // As a list of pairs, because integer keys of an object are always in order.
  const pairs = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const)
  return { pairs: pairs.sort(([one], [other]) => (one < other ? -1 : 1)) }
}

class TooLongToMatchError extends Error {}

/** What matching against the patterns of the schema may still cost in the running call of `validate`, which is synchronous. */
let matches = new MatchBudget()

function withMatchBudget<T>(work: () => T): T {
  matches = new MatchBudget()
  return work()
}

/** Patterns come from tenants, so they run in RE2, whose time is linear in the text. Ajv tells patterns apart by `toString`. */
const linearRegExp = Object.assign(
  (pattern: string) => ({
    test(text: string): boolean {
      const result = matchesPattern(pattern, text, matches, { anywhere: true })
      if (result === 'tooLong' || result === 'tooCostly') {
        throw new TooLongToMatchError('Has texts that are too long to be matched against the patterns of this action.')
      }
      return result === 'yes'
    },
    toString: () => pattern,
  }),
  { code: 're2' },
)

/** The faults that callers can mend. What only repeats others is left out. */
function faultsOf(errors: readonly ErrorObject[], path: readonly string[]): FieldError[] {
  const branching = errors.filter(({ keyword }) => ['anyOf', 'oneOf', 'contains'].includes(keyword))
  const isRepeated = ({ keyword, schemaPath, propertyName }: ErrorObject) =>
    propertyName !== undefined ||
    (keyword === 'if' && errors.length > 1) ||
    branching.some((outer) => schemaPath.startsWith(`${outer.schemaPath}/`))
  const faults = errors.filter((error) => !isRepeated(error)).slice(0, MAX_FAULTS)
  return faults.map((error) => faultOf(error, path))
}

function faultOf({ instancePath, keyword, params }: ErrorObject, path: readonly string[]): FieldError {
  const keys = instancePath.split('/').slice(1)
  const at = [...path, ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))]
  const child: unknown = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty']
  const { propertyName } = params
  const name = typeof child === 'string' ? child : typeof propertyName === 'string' ? propertyName : undefined
  return { path: (name === undefined ? at : [...at, name]).map(shortened), message: messageOf(keyword, params) }
}

const NOUNS: Readonly<Record<string, string | undefined>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

function messageOf(keyword: string, params: Readonly<Record<string, unknown>>): string {
  const { limit } = params
  switch (keyword) {
    case 'required':
      return 'Is missing.'
    case 'dependentRequired':
      return `Is missing. ${shortened(String(params['property']))} needs it.`
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'Is not a known argument.'
    case 'type': {
      const types = [params['type']].flat().map((type) => NOUNS[String(type)] ?? String(type))
      return `Must be ${types.join(' or ')}.`
    }
    case 'enum':
      return `Must be one of ${choices(params['allowedValues'])}.`
    case 'const':
      return `Must be ${shown(params['allowedValue'])}.`
    case 'minLength':
      return `Must have at least ${count(limit, 'character')}.`
    case 'maxLength':
      return `Must have at most ${count(limit, 'character')}.`
    case 'minItems':
      return `Must have at least ${count(limit, 'item')}.`
    case 'maxItems':
      return `Must have at most ${count(limit, 'item')}.`
    case 'minProperties':
      return `Must have at least ${count(limit, 'property', 'properties')}.`
    case 'maxProperties':
      return `Must have at most ${count(limit, 'property', 'properties')}.`
    case 'minimum':
      return `Must be at least ${String(limit)}.`
    case 'maximum':
      return `Must be at most ${String(limit)}.`
    case 'exclusiveMinimum':
      return `Must be more than ${String(limit)}.`
    case 'exclusiveMaximum':
      return `Must be less than ${String(limit)}.`
    case 'multipleOf':
      return `Must be a multiple of ${String(params['multipleOf'])}.`
    case 'pattern':
      return `Must match the pattern ${String(params['pattern'])}.`
    case 'format':
      return `Must be a valid ${String(params['format'])}.`
    case 'uniqueItems':
      return 'Must not have the same item twice.'
    case 'propertyNames':
      return 'Is not an allowed name.'
    case 'contains':
      return 'Does not have the items that the input schema asks for.'
    case 'unevaluatedItems':
    case 'items':
      return 'Has more items than the input schema allows.'
    case 'not':
    case 'false schema':
      return 'Is not allowed.'
    case 'anyOf':
      return 'Must match one of the alternatives of the input schema.'
    case 'oneOf':
      return 'Must match exactly one of the alternatives of the input schema.'
    default:
      return `Does not match the input schema (${keyword}).`
  }
}

function count(limit: unknown, noun: string, nouns = `${noun}s`): string {
  return `${String(limit)} ${limit === 1 ? noun : nouns}`
}

function choices(values: unknown): string {
  const list = Array.isArray(values) ? values : []
  const more = list.length > 20 ? ', …' : ''
  return `${list.slice(0, 20).map(shown).join(', ')}${more}`
}

/** A value of the schema. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
