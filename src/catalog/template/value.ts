import { InvalidInputError } from '../../kit/errors.ts'
import { isRawJson } from '../../kit/json.ts'

/** A value that was not supplied, or is null. Only conditions and `default` accept it. */
export class Missing {
  readonly reference: string
  /** Whether the value is null. */
  readonly isNull: boolean

  constructor(reference: string, isNull = false) {
    this.reference = reference
    this.isNull = isNull
  }
}

export type TemplateValue = string | number | boolean | Missing | readonly unknown[] | Readonly<Record<string, unknown>>

/** Cannot be supplied as an input, so the message says what to do. */
const NOT_TOLD =
  ': the provider has not told it. Give it as extra of the injected token, or connect the account by the consent page'

export function toTemplateValue(value: unknown, reference: string): TemplateValue {
  if (value === undefined || value === null) return new Missing(reference, value === null)
  if (typeof value === 'string' || typeof value === 'boolean' || Array.isArray(value)) return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (isRecord(value)) return value
  throw new TemplateError('unusable', 'is not text, a number, a boolean, a list or an object', reference)
}

/** A list item or an own property. Prototypes are never read. */
export function memberOf(value: TemplateValue, key: string | number, reference: string): TemplateValue {
  if (value instanceof Missing) throw missing(value)
  if (Array.isArray(value)) {
    return toTemplateValue(typeof key === 'number' ? value.at(key) : undefined, reference)
  }
  if (typeof value === 'object' && Object.hasOwn(value, key)) return toTemplateValue(Reflect.get(value, key), reference)
  return new Missing(reference)
}

export function toText(value: TemplateValue, reference: string): string {
  if (value instanceof Missing) throw missing(value)
  // A number of a response that JavaScript cannot represent.
  if (isRawJson(value)) return value.rawJSON
  if (typeof value === 'object') {
    const kind = Array.isArray(value) ? 'a list' : 'an object'
    throw new TemplateError('unusable', `is ${kind}; select one item, or use join or tojson`, reference)
  }
  return typeof value === 'string' ? value : String(value)
}

export function toNumber(value: TemplateValue): number {
  if (value instanceof Missing) throw missing(value)
  if (typeof value === 'number') return value
  throw new TemplateError('unusable', 'Arithmetic needs numbers. Use the filter int.')
}

/** As in Jinja, missing, empty, zero and false values are false. @param budget a TemplateBudget, which pays for reading the keys */
export function isTrue(value: TemplateValue, budget: { step(count: number): void }): boolean {
  if (value instanceof Missing) return false
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object') {
    const { length } = Object.keys(value)
    budget.step(length)
    return length > 0
  }
  return Boolean(value)
}

export function required(value: TemplateValue): TemplateValue {
  if (value instanceof Missing) throw missing(value)
  return value
}

export function missing(value: Missing): TemplateError {
  const { reference } = value
  return new TemplateError('missing', `is missing${reference.startsWith('kept[') ? NOT_TOLD : ''}`, reference)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/**
 * `syntax`: the template is invalid; `missing`: an input is missing; `unusable`: an input does not fit its place; `limit`: the budget of
 * the request is used up.
 */
type TemplateFault = 'syntax' | 'missing' | 'unusable' | 'limit'

/**
 * A template that does not parse or cannot be rendered. The message names the input (`config['username']`) and never contains its
 * value.
 */
export class TemplateError extends InvalidInputError {
  readonly fault: TemplateFault
  /** The input, in the form in which a template reads it. */
  readonly reference: string | undefined

  constructor(fault: TemplateFault, message: string, reference?: string) {
    super([{ path: [reference ?? 'template'], message }], reference === undefined ? message : `${reference} ${message}`)
    this.fault = fault
    this.reference = reference
  }
}

export function syntaxError(message: string): TemplateError {
  return new TemplateError('syntax', message)
}

/** The result of `read`; undefined when it reads a value that is missing. */
export function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TemplateError && error.fault === 'missing') return undefined
    throw error
  }
}
