import { isRecord } from '../../template/value.ts'

export type Json = Readonly<Record<string, unknown>>

/** References that are followed for one value, at most. */
const MAX_REFERENCES = 20
/** Values that are read of one document, at most. Schemas that refer to each other can stand for any number of them. */
const MAX_STEPS = 1_000_000

/** An operation that cannot be an action. The message completes a sentence that begins with "It". */
export class UnusableOperationError extends Error {}

/** A document takes too long to read. */
export class TooComplexError extends Error {}

/** An OpenAPI document. References lead to other parts of it; those to other files have no value. */
export class OpenApiDocument {
  readonly root: Json
  #steps = 0

  constructor(root: Json) {
    this.root = root
  }

  /**
   * The object at a place, or the one that it refers to. Anything else is an object without keys.
   * @throws TooComplexError
   */
  object(value: unknown): Json {
    this.#steps += 1
    if (this.#steps > MAX_STEPS) throw new TooComplexError('Its schemas refer to each other too often.')
    let current = value
    for (let count = 0; isRecord(current) && typeof current['$ref'] === 'string'; count += 1) {
      if (count >= MAX_REFERENCES) return {}
      current = this.#target(current['$ref'])
    }
    return isRecord(current) ? current : {}
  }

  /** A schema, with the properties of its `allOf`. */
  schema(value: unknown, depth = 0): Json {
    const { allOf, ...own } = this.object(value)
    if (!Array.isArray(allOf) || depth > MAX_REFERENCES) return own
    return [...allOf.map((each) => this.schema(each, depth + 1)), own].reduce<Json>(merged, {})
  }

  #target(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined
    let value: unknown = this.root
    for (const token of reference.slice(2).split('/')) {
      const key = decoded(token).replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
      value = Reflect.get(value, key)
    }
    return value
  }
}

function merged(one: Json, other: Json): Json {
  const properties = { ...objectOf(one['properties']), ...objectOf(other['properties']) }
  const required = [...new Set([...listOf(one['required']), ...listOf(other['required'])])]
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  }
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}

export function objectOf(value: unknown): Json {
  return isRecord(value) ? value : {}
}

/** The value of a key that the document names. Never what every object has, such as `constructor`. */
export function ownOf(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function textOf(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, max) : undefined
}

/** A note that changes nothing of a request. */
export const DEPRECATED = 'The document says that it is deprecated.'

/** A request that a document describes. */
export interface Operation {
  /** `get`, `post` and so on. */
  method: string
  path: string
  value: Json
  /** Those of the path and of the operation, with references followed. */
  parameters: readonly Json[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** All operations of a document, in its order. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(objectOf(document.root['paths'])).flatMap(([path, given]) => {
    const item = document.object(given)
    return METHODS.flatMap((method): Operation[] => {
      if (!isRecord(item[method])) return []
      const value = objectOf(item[method])
      const parameters = new Map<string, Json>()
      for (const each of [...listOf(item['parameters']), ...listOf(value['parameters'])]) {
        const parameter = document.object(each)
        if (typeof parameter['name'] === 'string') parameters.set(`${parameter['in']} ${parameter['name']}`, parameter)
      }
      return [{ method, path, value, parameters: [...parameters.values()] }]
    })
  })
}

/** The JSON schema of the response of a successful request. */
export function responseSchemaOf(document: OpenApiDocument, { value }: Operation): { schema: Json; headers: Json } {
  const responses = objectOf(value['responses'])
  const response = document.object(responses['200'] ?? responses['2XX'] ?? responses['201'] ?? responses['default'])
  return {
    schema: document.schema(mediaOf(document, response, ...JSON_TYPES)?.media['schema']),
    headers: objectOf(response['headers']),
  }
}

/** The content of a body or response whose type matches: that of the first expression, else of the next. */
export function mediaOf(
  document: OpenApiDocument,
  body: Json,
  ...types: readonly RegExp[]
): { type: string; media: Json } | undefined {
  const contents = Object.entries(objectOf(body['content']))
  for (const type of types) {
    const found = contents.find(([name]) => type.test(name))
    if (found !== undefined) return { type: found[0], media: document.object(found[1]) }
  }
  return undefined
}

/** JSON, the usual type first. A type that stands for any is JSON too. */
export const JSON_TYPES = [/^application\/json(?:;|$)/i, /[/+]json(?:;|$)/i, /json/i, /^(?:application|\*)\/\*$/]

/** The type of a schema, without null. */
export function typeOf(schema: Json): string | undefined {
  const { type } = schema
  const found = Array.isArray(type) ? type.find((each) => each !== 'null') : type
  if (typeof found === 'string') return found
  if (isRecord(schema['properties'])) return 'object'
  return schema['items'] === undefined ? undefined : 'array'
}
