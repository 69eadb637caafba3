import {
  type Json,
  listOf,
  type OpenApiDocument,
  objectOf,
  typeOf,
  UnusableOperationError,
} from './openapi-document.ts'

/** A value of a call that becomes a part of a request. */
export interface Argument {
  /** Its name in the document: `filter`, or `filter[status]` for a property of an object. */
  name: string
  schema: unknown
  description: unknown
  isRequired: boolean
  /** The name in the request. */
  sentAs: string
  /** What is done with the value: `| join(',')`. Empty: it is sent as it is. */
  filter: string
  /** Text before the value. */
  prefix: string
}

/** How one value is written (`style` and `explode` of OpenAPI). */
interface Writing {
  in: string
  style: string
  explode: boolean
}

const SEPARATORS: Readonly<Record<string, string>> = {
  simple: ',',
  form: ',',
  spaceDelimited: ' ',
  pipeDelimited: '|',
}

/**
 * The arguments that a parameter becomes: one, or one for each property of an object.
 * @param note receives why an optional one is left out
 * @throws UnusableOperationError for a required one that a request cannot have
 */
export function argumentsOf(document: OpenApiDocument, parameter: Json, note: (text: string) => void): Argument[] {
  const { in: place, content, description } = parameter
  const name = String(parameter['name'])
  const isRequired = parameter['required'] === true || place === 'path'
  const left = (why: string): Argument[] => {
    if (isRequired) throw new UnusableOperationError(`needs the ${String(place)} parameter ${name}, ${why}`)
    note(`The ${String(place)} parameter ${name} is left out: it is ${why}.`)
    return []
  }
  const one = { name, description, isRequired, sentAs: name, filter: '', prefix: '' }
  if (place === 'cookie') return left('a cookie')
  if (content !== undefined) {
    const [[type = '', media] = []] = Object.entries(objectOf(content))
    const { schema } = document.object(media)
    if (/json/i.test(type)) return [{ ...one, schema, filter: ' | tojson' }]
    return /^text\//i.test(type) ? [{ ...one, schema }] : left(`written as ${type}`)
  }
  const style = String(parameter['style'] ?? (place === 'query' ? 'form' : 'simple'))
  const explode = parameter['explode'] ?? style === 'form'
  const writing = { in: String(place), style, explode: explode === true }
  const made = written(document, { ...one, schema: parameter['schema'] }, writing, note)
  return typeof made === 'string' ? left(made) : made
}

/**
 * The arguments for a value that is written with a style.
 * @returns why it cannot be written, as the end of a sentence
 */
export function written(
  document: OpenApiDocument,
  one: Argument,
  writing: Writing,
  note: (text: string) => void,
): Argument[] | string {
  const schema = document.schema(one.schema)
  const type = typeOf(schema)
  if (type === 'object') return ofObject(document, one, schema, writing, note)
  const prefix = prefixOf(one.name, writing)
  if (prefix === undefined) return `written in the style ${writing.style}`
  if (type !== 'array') return [{ ...one, prefix }]
  const item = typeOf(document.schema(schema['items']))
  if (item === 'object' || item === 'array') return 'a list of objects or lists'
  if (writing.in !== 'path' && writing.in !== 'header' && writing.explode) return [one]
  const separator = writing.style === 'label' && writing.explode ? '.' : (SEPARATORS[writing.style] ?? ',')
  if (writing.style === 'matrix' && writing.explode) return 'a list in the style matrix'
  if (writing.style === 'deepObject') return 'a list in the style deepObject'
  return [{ ...one, prefix, filter: ` | join('${separator}')` }]
}

/** The text before a value. Undefined: the style is not known. */
function prefixOf(name: string, { style }: Writing): string | undefined {
  if (style === 'label') return '.'
  if (style === 'matrix') return `;${name}=`
  return SEPARATORS[style] === undefined && style !== 'deepObject' ? undefined : ''
}

/** Levels of objects in the style deepObject, at most: `filter[address][city]` has two. */
const MAX_DEPTH = 3

/** An object in a query or form has one parameter for each of its properties. */
function ofObject(
  document: OpenApiDocument,
  one: Argument,
  schema: Json,
  writing: Writing,
  note: (text: string) => void,
): Argument[] | string {
  const isDeep = writing.style === 'deepObject'
  if ((writing.in !== 'query' && writing.in !== 'form') || (!isDeep && !writing.explode)) return 'an object'
  const parts = Object.entries(objectOf(schema['properties']))
  if (parts.length === 0) return 'an object without known properties'
  const required = new Set(listOf(schema['required']))
  return parts.flatMap(([name, part]): Argument[] => {
    const sentAs = isDeep ? `${one.sentAs}[${name}]` : name
    const own = document.object(part)
    const isRequired = one.isRequired && required.has(name)
    const inner = {
      name: sentAs,
      schema: part,
      description: own['description'],
      isRequired,
      sentAs,
      filter: '',
      prefix: '',
    }
    const isObject = typeOf(document.schema(part)) === 'object'
    const isTooDeep = sentAs.split('[').length > MAX_DEPTH
    const made =
      isObject && (!isDeep || isTooDeep)
        ? 'an object in an object'
        : written(document, inner, isObject ? writing : { ...writing, style: 'form', explode: true }, note)
    if (typeof made !== 'string') return made
    if (isRequired) throw new UnusableOperationError(`needs ${sentAs}, ${made}`)
    note(`${sentAs} is left out: it is ${made}.`)
    return []
  })
}
