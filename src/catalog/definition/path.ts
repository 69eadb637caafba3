import { z } from 'zod'
import { currentDefinitionBudget } from './definition-budget.ts'
import { isSecretName } from './secret-name.ts'

/** The place of a value inside a JSON value: object keys and list indexes. */
export type Path = readonly (string | number)[]

const maxItems = 32
const maxKeyLength = 256

/** A list of keys and indexes, or a dotted string with one key per part. Parsed into a list. */
const givenPath = z.custom<string | Path>().meta({
  id: 'Path',
  description: 'Place of a value: a list of keys and indexes, or a text with dots.',
  anyOf: [
    { type: 'string' },
    { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] }, maxItems },
  ],
})
export const pathSchema = givenPath.transform((value: unknown, context): Path => {
  const items = typeof value === 'string' ? value.split('.') : value
  const problem = value === undefined ? 'is missing' : pathProblem(items)
  if (problem === undefined && isPath(items)) return items
  context.addIssue({ code: 'custom', message: problem ?? 'is not a path' })
  return z.NEVER
})

/** Whether two paths lead to the same value. An index can be written as a number or as text. */
export function isSamePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((key, index) => String(key) === String(other[index]))
}

/** Whether two paths may lead to the same value, with `*` for any key. */
export function mayBeSamePath(one: Path, other: Path): boolean {
  const same = (key: string | number, index: number) => {
    const [a, b] = [String(key), String(other[index])]
    return a === b || a === '*' || b === '*'
  }
  return one.length === other.length && one.every(same)
}

/** A path that is not empty. */
export const propertyPathSchema = pathSchema.refine((path) => path.length > 0, 'must name at least one key')

/** Why a value with this name is not kept with a connection; undefined: it may be kept. */
export function keptNameProblem(name: string | number | undefined): string | undefined {
  // An older version accepted it. The value is left out where it is read.
  if (currentDefinitionBudget().isStored || typeof name !== 'string' || !isSecretName(name)) return undefined
  return `is a secret by its name, ${name}, and everyone who sees the connection sees what is kept. Leave it out: Latchkey stores the tokens by itself`
}

/** The path of a value that is kept with a connection. */
export const keptPathSchema = propertyPathSchema.superRefine((path, context) => {
  const problem = keptNameProblem(path.at(-1))
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** A path in the body, or `header:<name>`: the value of a response header. A header name is kept as text. */
export type ValuePlace = Path | string

const HEADER_PLACE = /^header:[!#$%&'*+.^_`|~\w-]+$/

/** A property path, or `header:<name>`. */
export const valuePlaceSchema = z
  .custom<ValuePlace>()
  .meta({ $ref: '#/$defs/Path' })
  .transform((value: unknown, context): ValuePlace => {
    if (typeof value === 'string' && value.startsWith('header:')) {
      if (HEADER_PLACE.test(value)) return value
      context.addIssue({ code: 'custom', message: 'must name a header, as in header:X-Total-Count' })
      return z.NEVER
    }
    const parsed = propertyPathSchema.safeParse(value)
    if (parsed.success) return parsed.data
    context.addIssue({ code: 'custom', message: parsed.error.issues[0]?.message ?? 'is not a path' })
    return z.NEVER
  })

/** The value at a place in a response; undefined: there is none. */
export function readPlace(place: ValuePlace, body: unknown, headers: Headers): unknown {
  if (typeof place !== 'string') return readPath(body, place)
  return headers.get(place.slice('header:'.length)) ?? undefined
}

function isPath(value: unknown): value is Path {
  return pathProblem(value) === undefined
}

function pathProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be a list of keys and indexes, or a dotted string'
  if (value.length > maxItems) return `must have at most ${maxItems} keys`
  for (const item of value) {
    if (typeof item === 'number') {
      if (!Number.isSafeInteger(item) || item < 0) return 'must contain only whole indexes from 0'
    } else if (typeof item !== 'string') return 'must contain only keys (text) and indexes (whole numbers)'
    else if (item === '') return 'must not contain an empty key'
    else if (item.length > maxKeyLength) return `must contain keys of at most ${maxKeyLength} characters`
    else if (item === '__proto__') return 'must not contain the key __proto__'
  }
  return undefined
}

/** The value at a path, or undefined. Reads only own properties and list items, never a prototype or `length`. */
export function readPath(value: unknown, path: Path): unknown {
  let current = value
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined
    if (Array.isArray(current) && !/^\d+$/.test(String(key))) return undefined
    current = Reflect.get(current, key)
  }
  return current
}

/**
 * The values at a path in which `*` stands for every key of an object or every element of a list. An element without the
 * rest of the path has no value. Without `*`: the value at the path, or undefined.
 */
export function readPaths(value: unknown, path: Path): unknown[] {
  const star = path.indexOf('*')
  if (star === -1) return [readPath(value, path)]
  const container = readPath(value, path.slice(0, star))
  if (typeof container !== 'object' || container === null) return []
  return Object.values(container).flatMap((item) => readPaths(item, path.slice(star + 1)))
}

/**
 * A copy of a JSON value with `value` at a path. Missing objects and lists on the way are created; keys always become own properties.
 * @returns undefined when another value stands in the way
 */
export function withPath(value: unknown, path: Path, added: unknown): { value: unknown } | undefined {
  const [key, ...rest] = path
  if (key === undefined) return value === undefined ? { value: added } : undefined
  const container = value === undefined ? (typeof key === 'number' ? [] : {}) : value
  if (typeof container !== 'object' || container === null) return undefined
  if (Array.isArray(container) && (typeof key !== 'number' || key > container.length)) return undefined
  const below = withPath(readPath(container, [key]), rest, added)
  if (below === undefined) return undefined
  const copy = Array.isArray(container) ? [...container] : { ...container }
  Object.defineProperty(copy, key, { value: below.value, enumerable: true, writable: true, configurable: true })
  return { value: copy }
}
