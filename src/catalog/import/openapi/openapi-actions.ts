import { argumentSchemaProblems, FORMATS } from '../../definition/argument-schema.ts'
import { patternCost, patternProblem } from '../../definition/pattern.ts'
import {
  DEPRECATED,
  JSON_TYPES,
  type Json,
  listOf,
  mediaOf,
  type OpenApiDocument,
  type Operation,
  objectOf,
  ownOf,
  textOf,
  typeOf,
  UnusableOperationError,
} from './openapi-document.ts'
import { type Argument, argumentsOf, written } from './openapi-parameters.ts'

export interface OpenApiAction {
  definition: Record<string, unknown>
  notes: string[]
}

/** Levels of schemas in schemas that are described, at most. What is deeper may be any value. */
const DEPTHS = [6, 3, 1, 0]
/** Schemas in the input of one action, at most. What is further may be any value. */
const MAX_SCHEMAS = 1_000
/** Characters of the schema of one action at most and, where many actions share a definition, at least. */
const MAX_SCHEMA = 12_000
const MIN_SCHEMA = 800
/** Characters of the schemas of all actions together, about. */
const ALL_SCHEMAS = 150_000
/** What the patterns of a definition may cost together (definition-budget.ts), with some left for the rest. */
const MAX_PATTERN_COST = 6_000

/** The keywords that are kept, besides those with schemas. */
const KEYWORDS = [
  ...[
    'enum',
    'const',
    'multipleOf',
    'maximum',
    'minimum',
    'exclusiveMaximum',
    'exclusiveMinimum',
    'maxLength',
    'minLength',
  ],
  ...['maxItems', 'minItems', 'uniqueItems', 'maxProperties', 'minProperties'],
]

/** Translates operations to actions. One instance for a document, because the patterns of all actions have one budget. */
export class ActionTranslation {
  readonly #document: OpenApiDocument
  /** Parameters that the authentication sets, as `header x-key`. */
  readonly #places: ReadonlySet<string>
  readonly #maxSchema: number
  #patternCost = 0
  /** Schemas of the current action. */
  #schemas = 0

  /** @param count how many actions share the definition */
  constructor(document: OpenApiDocument, places: ReadonlySet<string>, count: number) {
    this.#document = document
    this.#places = places
    this.#maxSchema = Math.min(MAX_SCHEMA, Math.max(MIN_SCHEMA, Math.floor(ALL_SCHEMAS / Math.max(1, count))))
  }

  /** @throws UnusableOperationError */
  action(operation: Operation, name: string): OpenApiAction {
    const { method, value } = operation
    const isDeprecated = value['deprecated'] === true
    const notes: string[] = []
    const properties: Record<string, unknown> = {}
    const required: string[] = []
    const request: Record<string, unknown> = { method: method.toUpperCase(), path: operation.path }
    const costBefore = this.#patternCost
    for (const depth of DEPTHS) {
      for (const key of Object.keys(properties)) delete properties[key]
      required.length = 0
      notes.length = 0
      this.#schemas = 0
      this.#patternCost = costBefore
      Object.assign(request, this.#parametersOf(operation, properties, required, notes, depth))
      const { contentType, ...body } = this.#bodyOf(operation, properties, required, notes, depth)
      Object.assign(request, body)
      if (contentType !== undefined)
        request['headers'] = { ...objectOf(request['headers']), 'Content-Type': contentType }
      const isSmall = JSON.stringify(properties).length <= this.#maxSchema
      if (isSmall && argumentSchemaProblems({ type: 'object', properties }).length === 0) break
    }
    const input: Record<string, unknown> = { type: 'object', properties, additionalProperties: false }
    if (required.length > 0) input['required'] = required
    const definition = {
      name,
      title: textOf(value['summary'], 200),
      description: textOf(value['description'], 500),
      docsUrl: webUrl(objectOf(value['externalDocs'])['url']),
      readOnly: method === 'get' ? true : undefined,
      destructive: method === 'delete' ? true : undefined,
      input,
      request,
    }
    if (isDeprecated) notes.push(DEPRECATED)
    return { definition: withoutUndefined(definition), notes }
  }

  #parametersOf(
    { path, parameters }: Operation,
    properties: Record<string, unknown>,
    required: string[],
    notes: string[],
    depth: number,
  ): Record<string, unknown> {
    const query: Record<string, string> = {}
    const headers: Record<string, string> = {}
    const inPath = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? ''))
    let made = path
    for (const parameter of parameters) {
      const place = parameter['in']
      const name = String(parameter['name'])
      if (this.#places.has(`${place} ${name}`.toLowerCase())) continue
      if (place === 'header' && /^(?:accept|content-type|authorization|host|content-length)$/i.test(name)) continue
      if (place === 'path' && !inPath.has(name)) continue
      for (const each of argumentsOf(this.#document, parameter, (text) => notes.push(text))) {
        const template = this.#argument(each, properties, required, depth)
        if (place === 'path') made = made.replaceAll(`{${name}}`, template)
        else if (place === 'query') query[each.sentAs] = template
        else headers[each.sentAs] = template
      }
      inPath.delete(name)
    }
    for (const name of inPath) {
      const argument = argumentName(name, properties)
      properties[argument] = { type: 'string' }
      required.push(argument)
      made = made.replaceAll(`{${name}}`, `{{ args['${argument}'] }}`)
    }
    return withoutUndefined({
      path: made,
      query: Object.keys(query).length > 0 ? query : undefined,
      headers: Object.keys(headers).length > 0 ? headers : undefined,
    })
  }

  #bodyOf(
    { method, value }: Operation,
    properties: Record<string, unknown>,
    required: string[],
    notes: string[],
    depth: number,
  ): { json?: object; form?: object; contentType?: string | undefined } {
    const body = this.#document.object(value['requestBody'])
    if (Object.keys(body).length === 0) return {}
    if (method === 'get') {
      if (body['required'] === true) throw new UnusableOperationError('sends a body with GET')
      notes.push('Its body is left out, because it is sent with GET.')
      return {}
    }
    const json = mediaOf(this.#document, body, ...JSON_TYPES)
    const form = json === undefined ? mediaOf(this.#document, body, /x-www-form-urlencoded/i) : undefined
    const found = json ?? form
    if (found === undefined) {
      if (body['required'] !== true) {
        notes.push('Its body is left out: it is neither JSON nor a form.')
        return {}
      }
      throw new UnusableOperationError('has a body that is neither JSON nor a form')
    }
    const { media, type } = found
    const schema = this.#alternatives(this.#document.schema(media['schema']), notes)
    const parts = Object.entries(objectOf(schema['properties']))
    if (parts.length === 0) {
      if (body['required'] !== true) {
        notes.push('Its body is left out: it is no object with known properties.')
        return {}
      }
      throw new UnusableOperationError('has a body that is no object with known properties')
    }
    const { additionalProperties } = schema
    if (additionalProperties === true || Object.keys(objectOf(additionalProperties)).length > 0)
      notes.push('Its body may have further properties, which are left out.')
    const needed = new Set(listOf(schema['required']))
    const made: Record<string, string> = {}
    for (const [name, part] of parts) {
      if (this.#document.object(part)['readOnly'] === true) continue
      const one = { name, schema: part, description: this.#document.object(part)['description'] }
      const isRequired = body['required'] === true && needed.has(name)
      const whole: Argument = { ...one, isRequired, sentAs: name, filter: '', prefix: '' }
      const all = json === undefined ? this.#inForm(whole, ownOf(objectOf(media['encoding']), name), notes) : [whole]
      for (const each of all) made[each.sentAs] = this.#argument(each, properties, required, depth)
    }
    if (json === undefined) return { form: made }
    const isUsual = JSON_TYPES[0]?.test(type) === true || type.includes('*')
    return { json: made, contentType: isUsual ? undefined : type }
  }

  /** A property of a form. An object is written as JSON unless the document says otherwise. */
  #inForm(whole: Argument, given: unknown, notes: string[]): Argument[] {
    const { style, explode } = this.#document.object(given)
    const type = typeOf(this.#document.schema(whole.schema))
    if (type === 'object' && style === undefined) return [{ ...whole, filter: ' | tojson' }]
    const writing = { in: 'form', style: String(style ?? 'form'), explode: explode !== false }
    const made = written(this.#document, whole, writing, (text) => notes.push(text))
    if (typeof made !== 'string') return made
    if (whole.isRequired) throw new UnusableOperationError(`needs the form field ${whole.name}, ${made}`)
    notes.push(`The form field ${whole.name} is left out: it is ${made}.`)
    return []
  }

  /** Declares an argument. @returns the template that reads it */
  #argument(
    { name, schema, description, isRequired, filter, prefix }: Argument,
    properties: Record<string, unknown>,
    required: string[],
    depth: number,
  ): string {
    const argument = argumentName(name, properties)
    properties[argument] = withDescription(this.#convert(schema, depth, []), description)
    if (isRequired) required.push(argument)
    return `${prefix}{{ args['${argument}']${filter} }}`
  }

  /** A schema with the properties of all its alternatives, none of which is required then. */
  #alternatives(schema: Json, notes: string[]): Json {
    const choices = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])].map((each) => this.#document.schema(each))
    if (choices.length === 0) return schema
    notes.push('Its body has alternatives. Here it has the properties of all of them.')
    const properties = Object.assign({}, ...choices.map((each) => each['properties']), schema['properties'])
    return { ...schema, properties }
  }

  /** A schema of OpenAPI as one of JSON Schema 2020-12. @param open references that lead here */
  #convert(value: unknown, depth: number, open: readonly unknown[]): Record<string, unknown> {
    const source = this.#document.object(value)
    this.#schemas += 1
    if (depth < 0 || this.#schemas > MAX_SCHEMAS || open.includes(source)) return {}
    const schema = this.#document.schema(value)
    const inner = (each: unknown) => this.#convert(each, depth - 1, [...open, source])
    const made: Record<string, unknown> = {}
    const { type, nullable, pattern, format, items, properties, additionalProperties } = schema
    if (type !== undefined) made['type'] = nullable === true && typeof type === 'string' ? [type, 'null'] : type
    for (const key of KEYWORDS) if (schema[key] !== undefined) made[key] = schema[key]
    fixExclusive(made, 'Maximum')
    fixExclusive(made, 'Minimum')
    if (nullable === true && Array.isArray(made['enum']) && !made['enum'].includes(null))
      made['enum'] = [...made['enum'], null]
    if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) made['format'] = format
    if (typeof pattern === 'string' && this.#takesPattern(pattern)) made['pattern'] = pattern
    if (items !== undefined) made['items'] = inner(items)
    const parts = Object.entries(objectOf(properties)).filter(
      ([, part]) => this.#document.object(part)['readOnly'] !== true,
    )
    if (parts.length > 0 && depth > 0) {
      made['properties'] = Object.fromEntries(
        parts.map(([name, part]) => [name, withDescription(inner(part), this.#document.object(part)['description'])]),
      )
      const required = listOf(schema['required']).filter((name) => parts.some(([each]) => each === name))
      if (required.length > 0) made['required'] = [...new Set(required)]
    }
    if (additionalProperties === false && depth > 0) made['additionalProperties'] = false
    for (const key of ['oneOf', 'anyOf'] as const) {
      const choices = listOf(schema[key])
      // Schemas that are cut off hold for several alternatives.
      if (choices.length > 0 && depth > 0) made['anyOf'] = choices.map(inner)
    }
    return made
  }

  #takesPattern(pattern: string): boolean {
    if (patternProblem(pattern) !== undefined) return false
    this.#patternCost += patternCost(pattern)
    return this.#patternCost <= MAX_PATTERN_COST
  }
}

/** In OpenAPI 3.0, `exclusiveMinimum: true` says how `minimum` is meant. */
function fixExclusive(schema: Record<string, unknown>, end: 'Maximum' | 'Minimum'): void {
  const key = `exclusive${end}`
  const bound = end.toLowerCase()
  if (typeof schema[key] !== 'boolean') return
  const isExclusive = schema[key] && schema[bound] !== undefined
  delete schema[key]
  if (!isExclusive) return
  schema[key] = schema[bound]
  delete schema[bound]
}

function withDescription(schema: Record<string, unknown>, description: unknown): Record<string, unknown> {
  const text = textOf(description, 200)
  return text === undefined ? schema : { ...schema, description: text }
}

/** A name that no other argument has. */
function argumentName(name: string, taken: Readonly<Record<string, unknown>>): string {
  const plain = name === '__proto__' ? 'proto' : name.replaceAll(/[\\'{}%#]/g, '_').slice(0, 200)
  let free = plain
  for (let count = 2; Object.hasOwn(taken, free); count += 1) free = `${plain}_${count}`
  return free
}

function webUrl(value: unknown): string | undefined {
  return typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value) ? value : undefined
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}
