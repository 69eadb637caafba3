import { isRecord } from '../../template/value.ts'
import { type Json, listOf, objectOf, ownOf } from './openapi-document.ts'

/** Keys of a parameter in Swagger 2.0 that belong to the schema of its value in OpenAPI 3. */
const SCHEMA_KEYS = [
  ...['type', 'format', 'items', 'default', 'enum', 'pattern', 'multipleOf', 'maximum', 'minimum', 'exclusiveMaximum'],
  ...['exclusiveMinimum', 'maxLength', 'minLength', 'maxItems', 'minItems', 'uniqueItems'],
]

/** Where the parts of a document are in OpenAPI 3. */
const PLACES: Readonly<Record<string, string>> = {
  '#/definitions/': '#/components/schemas/',
  '#/parameters/': '#/components/parameters/',
  '#/responses/': '#/components/responses/',
}

/** How the items of a list are written, by `collectionFormat`. `tsv` has no counterpart. */
const STYLES: Readonly<Record<string, Json>> = {
  csv: { explode: false },
  multi: { explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
}

/** A Swagger 2.0 document as OpenAPI 3.0, as far as the importer reads it. */
export function fromSwagger(source: Json): { root: Json; notes: string[] } {
  const moved = objectOf(withReferences(source, 0))
  const schemes = listOf(moved['schemes']).map(String)
  const scheme = schemes.includes('https') || schemes.length === 0 ? 'https' : (schemes[0] ?? 'https')
  const basePath = typeof moved['basePath'] === 'string' ? moved['basePath'] : '/'
  const host = moved['host']
  const url = typeof host === 'string' && host !== '' ? `${scheme}://${host}${basePath.replace(/^\/?/, '/')}` : basePath
  const shared = objectOf(moved['parameters'])
  const toPath = (item: unknown): unknown => (isRecord(item) ? pathOf(item, moved, shared) : item)
  return {
    root: {
      openapi: '3.0.0',
      info: moved['info'],
      externalDocs: moved['externalDocs'],
      security: moved['security'],
      servers: [{ url }],
      paths: mapped(moved['paths'], toPath),
      components: {
        schemas: objectOf(moved['definitions']),
        parameters: mapped(shared, (each) => parameterOf(objectOf(each))),
        responses: mapped(moved['responses'], (each) => responseOf(objectOf(each), listOf(moved['produces']))),
        securitySchemes: mapped(moved['securityDefinitions'], (each) => schemeOf(objectOf(each))),
      },
    },
    notes: ['The document is Swagger 2.0. It is read as OpenAPI 3.0.'],
  }
}

/** Levels of a document. Deeper ones have no references that are followed. */
const MAX_DEPTH = 200

function withReferences(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined
  if (Array.isArray(value)) return value.map((each) => withReferences(each, depth + 1))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (key !== '$ref' || typeof each !== 'string') return [key, withReferences(each, depth + 1)]
      const [from, to] = Object.entries(PLACES).find(([start]) => each.startsWith(start)) ?? ['', '']
      return [key, `${to}${each.slice(from.length)}`]
    }),
  )
}

function mapped(value: unknown, map: (each: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([key, each]) => [key, map(each)]))
}

/** A path, whose parameters for the body become the body of each operation. */
function pathOf(item: Json, root: Json, shared: Json): Json {
  const ofPath = listOf(item['parameters'])
  const resolved = (value: unknown): Json => {
    const own = objectOf(value)
    const name = /^#\/components\/parameters\/(.+)$/.exec(String(own['$ref']))?.[1]
    return name === undefined ? own : objectOf(ownOf(shared, name.replaceAll('~1', '/').replaceAll('~0', '~')))
  }
  const { parameters: _, ...operations } = item
  return mapped(operations, (operation) => {
    if (!isRecord(operation)) return operation
    const parameters = [...ofPath, ...listOf(operation['parameters'])].map(resolved)
    const consumes = listOf(operation['consumes'] ?? root['consumes']).map(String)
    const produces = listOf(operation['produces'] ?? root['produces'])
    const body = bodyOf(parameters, consumes)
    return {
      ...operation,
      parameters: parameters.filter(({ in: place }) => place !== 'body' && place !== 'formData').map(parameterOf),
      ...(body === undefined ? {} : { requestBody: body }),
      responses: mapped(operation['responses'], (each) => responseOf(objectOf(each), produces)),
    }
  })
}

function bodyOf(parameters: readonly Json[], consumes: readonly string[]): Json | undefined {
  const body = parameters.find((each) => each['in'] === 'body')
  if (body !== undefined) {
    const type = consumes.find((each) => /json/i.test(each)) ?? consumes[0] ?? 'application/json'
    return { required: body['required'], content: { [type]: { schema: body['schema'] } } }
  }
  const fields = parameters.filter((each) => each['in'] === 'formData')
  if (fields.length === 0) return undefined
  const isFile = fields.some((each) => each['type'] === 'file')
  const isForm = consumes.length === 0 || consumes.some((each) => /x-www-form-urlencoded/i.test(each))
  const type = isFile || !isForm ? 'multipart/form-data' : 'application/x-www-form-urlencoded'
  const names = fields.map((each) => String(each['name']))
  const schema = {
    type: 'object',
    properties: Object.fromEntries(
      fields.map((each, index) => [names[index], { ...schemaOf(each), description: each['description'] }]),
    ),
    required: fields.filter((each) => each['required'] === true).map((each) => String(each['name'])),
  }
  const encoding = Object.fromEntries(
    fields.flatMap((each, index) => (each['type'] === 'array' ? [[names[index], styleOf(each)]] : [])),
  )
  return { required: schema.required.length > 0, content: { [type]: { schema, encoding } } }
}

function parameterOf(parameter: Json): Json {
  if (parameter['$ref'] !== undefined || parameter['schema'] !== undefined) return parameter
  const { name, in: place, description, required } = parameter
  return { name, in: place, description, required, schema: schemaOf(parameter), ...styleOf(parameter) }
}

function styleOf({ type, collectionFormat, in: place }: Json): Json {
  if (type !== 'array' || place === 'path' || place === 'header') return {}
  const style = ownOf(STYLES, String(collectionFormat ?? 'csv'))
  return style === undefined ? { style: String(collectionFormat) } : objectOf(style)
}

function schemaOf(parameter: Json): Json {
  return Object.fromEntries(SCHEMA_KEYS.flatMap((key) => (parameter[key] === undefined ? [] : [[key, parameter[key]]])))
}

function responseOf(response: Json, produces: readonly unknown[]): Json {
  const { schema, ...rest } = response
  if (schema === undefined) return rest
  const types = produces.map(String)
  const type = types.find((each) => /json/i.test(each)) ?? types[0] ?? 'application/json'
  return { ...rest, content: { [type]: { schema } } }
}

const FLOWS: Readonly<Record<string, string>> = {
  accessCode: 'authorizationCode',
  application: 'clientCredentials',
  password: 'password',
  implicit: 'implicit',
}

function schemeOf(scheme: Json): Json {
  if (scheme['type'] === 'basic') return { type: 'http', scheme: 'basic', description: scheme['description'] }
  if (scheme['type'] !== 'oauth2') return scheme
  const { flow, authorizationUrl, tokenUrl, scopes, description } = scheme
  return {
    type: 'oauth2',
    description,
    flows: {
      [String(ownOf(FLOWS, String(flow)) ?? 'implicit')]: { authorizationUrl, tokenUrl, scopes: objectOf(scopes) },
    },
  }
}
