/**
 * `npm run codegen`: writes docs/reference/definition.md, a table of every key of a definition, from its JSON Schema. With `--check` it
 * writes nothing and fails when the file differs.
 */
import { definitionJsonSchema } from '../src/catalog/definition/definition-json-schema.ts'
import { writeGenerated } from './generated-folder.ts'

const FOLDER = 'docs/reference'

interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  $ref?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  $defs?: Record<string, Schema>
}

/** Objects whose keys have a table of their own, by their place in a definition. The first column of the others has whole paths. */
const SECTIONS: Readonly<Record<string, string>> = {
  '': 'Definition',
  inputFields: 'Fields',
  placement: 'Placements',
  streams: 'Streams',
  'streams.records': 'Records of a response',
  'streams.pagination': 'Pagination',
  'streams.incremental': 'Incremental reading',
  'streams.responses': 'Responses of a stream',
  actions: 'Actions',
  webhook: 'Webhooks',
  'webhook.verify': 'Verification of webhooks',
  auth: 'Authentication',
}

const root = definitionJsonSchema() as Schema

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : { ...root.$defs?.[name], ...schema }
}

/** Whether the schema is that of any JSON value, which refers to itself. */
function isAnyJson({ $ref }: Schema): boolean {
  return $ref?.includes('/__') ?? false
}

/** The object schemas that a value may match: those of a list are those of its elements. */
function objectsIn(schema: Schema): Schema[] {
  if (isAnyJson(schema)) return []
  const { properties, items, anyOf = [], oneOf = [] } = resolved(schema)
  if (properties !== undefined) return [resolved(schema)]
  return [...(items === undefined ? [] : [items]), ...anyOf, ...oneOf].flatMap(objectsIn)
}

function typeOf(schema: Schema): string {
  const known = schema.$ref?.split('/').at(-1) ?? ''
  if (isAnyJson(schema)) return 'JSON'
  if (known === 'Path') return 'path'
  if (known === 'Placement') return '[placement](#placements)'
  if (known === 'Auth' || known === 'LoginAuth') return '[authentication](#authentication)'
  const { type, const: constant, enum: values, items, anyOf, oneOf, additionalProperties } = resolved(schema)
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``
  if (values !== undefined) return values.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  const options = [...(anyOf ?? []), ...(oneOf ?? [])]
  if (options.length > 0) return [...new Set(options.map(typeOf))].join(' or ')
  if (type === 'array')
    return items?.$ref?.endsWith('/Field') ? 'list of [fields](#fields)' : `list of ${typeOf(items ?? {})}`
  if (type === 'object' && typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0) {
    return `map of ${typeOf(additionalProperties)}`
  }
  return { string: 'text', integer: 'whole number', undefined: 'JSON' }[String(type)] ?? String(type)
}

/** A text in a cell of a table. An expression is code, because the site would evaluate it. */
const cell = (text: string) =>
  text
    .replaceAll(/\S*\{\{.*?\}\}[^\s,]*[^\s,.]/g, '`$&`')
    .replaceAll('|', '\\|')
    .replaceAll('<', '\\<')
const anchor = (title: string) => title.toLowerCase().replaceAll(' ', '-')

/** Rows of the keys of an object; those of inner objects follow, unless they have a section. */
function rowsOf(schema: Schema, place: string, prefix: string): string[] {
  const { properties = {}, required = [] } = schema
  return Object.entries(properties).flatMap(([key, value]) => {
    const path = prefix + key
    const inner = place === '' ? key : `${place}.${key}`
    const section = SECTIONS[inner]
    const type =
      section === undefined || inner === 'auth' ? typeOf(value) : `[${section.toLowerCase()}](#${anchor(section)})`
    const description = value.description ?? resolved(value).description ?? ''
    const row = `| \`${path}\` | ${type}${required.includes(key) ? ', required' : ''} | ${cell(description)} |`
    const isElsewhere = section !== undefined || /\(#(placements|authentication|fields)\)/.test(type)
    return [row, ...(isElsewhere ? [] : mergedRows(objectsIn(value), inner, `${path}.`))]
  })
}

/** Rows of alternatives, each key once. */
function mergedRows(schemas: readonly Schema[], place: string, prefix: string): string[] {
  return [
    ...new Map(
      schemas.flatMap((schema) => rowsOf(schema, place, prefix)).map((row) => [row.split(' | ')[0], row]),
    ).values(),
  ]
}

function table(rows: readonly string[]): string {
  return ['| key | value | meaning |', '|---|---|---|', ...rows].join('\n')
}

/** A table for an object; for alternatives one for each, named after the key that tells them apart. */
function tables(schemas: readonly Schema[], place: string): string[] {
  if (schemas.length < 2) return schemas.map((schema) => table(rowsOf(schema, place, '')))
  return schemas.map((schema) => {
    const [key = '', { const: name } = {}] =
      Object.entries(schema.properties ?? {}).find(([, each]) => each.const !== undefined) ?? []
    const others = Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([each]) => each !== key))
    const rows = rowsOf({ ...schema, properties: others }, place, '')
    const second = schema.properties?.['method']?.const
    const title = `### \`${key}: ${JSON.stringify(name)}\`${key === 'type' && second !== undefined ? `, \`method: ${JSON.stringify(second)}\`` : ''}`
    return `${title}\n\n${rows.length === 0 ? 'Has no other keys.' : table(rows)}`
  })
}

/** The object schemas at a place of a definition. */
function at(place: string): Schema[] {
  if (place === '') return [root]
  if (place === 'placement') return objectsIn({ $ref: '#/$defs/Placement' })
  return place
    .split('.')
    .reduce<Schema[]>(
      (schemas, key) =>
        schemas.flatMap(({ properties }) => (properties?.[key] === undefined ? [] : objectsIn(properties[key]))),
      [root],
    )
}

const INTRODUCTION = `# Reference of definitions

Every key of a definition, generated from its [JSON Schema](../definitions.md). *Text* may be a template, \`{{ expression }}\`, where its
meaning says so. A *path* is a list of keys and indexes, \`["data", 0, "token"]\`, or a text with dots, \`"data.token"\`. Durations use
ISO 8601, \`PT1H\`. An unknown key is an error that names the key. [Definitions](../definitions.md) explains what they do, with examples.`

const sections = Object.entries(SECTIONS).map(([place, title]) =>
  [`## ${title}`, ...tables(at(place), place === 'auth' ? 'Auth' : place)].join('\n\n'),
)
await writeGenerated(
  FOLDER,
  'the schema of definitions',
  new Map([['definition.md', `${[INTRODUCTION, ...sections].join('\n\n')}\n`]]),
)
