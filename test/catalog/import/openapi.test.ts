import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { importOpenApi } from '../../../src/catalog/import/openapi/openapi.ts'

const order = {
  type: 'object',
  required: ['name'],
  properties: {
    id: { type: 'integer', readOnly: true },
    name: { type: 'string', maxLength: 50, nullable: true, description: 'Name of the order' },
    price: { type: 'number', minimum: 0, exclusiveMinimum: true },
    parent: { $ref: '#/components/schemas/Order' },
  },
}

/** A document with these paths. */
function document(paths: object, more: object = {}): string {
  const { components = {}, ...rest } = more as { components?: object }
  return JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'Shop', version: '1' },
    servers: [
      { url: 'https://{region}.shop.example/v1/', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } },
    ],
    components: { schemas: { Order: order }, ...components },
    paths,
    ...rest,
  })
}

const listOfOrders = { type: 'array', items: { $ref: '#/components/schemas/Order' } }
const answers = (schema: object, headers: object = {}) => ({
  responses: { 200: { headers, content: { 'application/json': { schema } } } },
})
const query = (name: string, schema: object = {}, more: object = {}) => ({ name, in: 'query', schema, ...more })

/** The only stream of a document with one list, and its notes. */
function streamOf(operation: object): { stream: unknown; notes: string[] } {
  const { definition, streams } = importOpenApi(document({ '/orders': { get: operation } }))
  parseDefinition(definition)
  return { stream: (definition?.['streams'] as unknown[] | undefined)?.[0], notes: streams[0]?.notes ?? [] }
}

describe('importOpenApi: the document', () => {
  it('makes the base URL of the first server, and inputs of its variables', () => {
    const { definition, auth } = importOpenApi(document({}))
    expect(definition).toEqual({
      displayName: 'Shop',
      baseUrl: "https://{{ input['region'] | default('eu', true) }}.shop.example/v1",
      inputFields: [{ name: 'region', example: 'eu', pattern: 'eu|us' }],
      auth: { type: 'none' },
    })
    expect(auth).toEqual({ result: 'imported', notes: [] })
  })

  it('asks for the host when the document has none', () => {
    const { definition } = importOpenApi(document({}, { servers: [{ url: '/api' }] }))
    expect(definition).toMatchObject({ baseUrl: "{{ input['base_url'] }}/api", inputFields: [{ required: true }] })
  })

  it.each([
    ['{', 'is not JSON'],
    ['a: [', 'is not YAML'],
    ['{"a": x: y}', 'Line 1: is not JSON: Unexpected token'],
    ['[]', 'It is not an OpenAPI document.'],
    ['a: b', 'it has no key openapi'],
    ['{"swagger": "2.0"}', 'It has Swagger 2.0. Convert it to OpenAPI 3.0 or 3.1.'],
    ['{"openapi": "4.0.0"}', 'It has the version 4.0.0.'],
  ])('refuses %s', (text, note) => {
    const report = importOpenApi(text)
    expect(report).toMatchObject({ definition: null, auth: { result: 'refused' } })
    expect(report.auth.notes.join(' ')).toContain(note)
  })

  it('reads references within the document only', () => {
    const paths = { '/orders': { get: answers({ $ref: 'https://evil.example/schema.json#/Orders' }) } }
    const { definition } = importOpenApi(document(paths))
    expect(JSON.stringify(definition)).not.toContain('evil')
  })
})

describe('importOpenApi: authentication', () => {
  const withSchemes = (securitySchemes: object, security: object[]) =>
    importOpenApi(document({}, { components: { securitySchemes }, security }))

  it('translates keys, basic, bearer and OAuth', () => {
    const flow = {
      authorizationUrl: 'https://a.example/authorize',
      tokenUrl: 'https://a.example/token',
      scopes: { read: '', write: '' },
    }
    const schemes = {
      key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      basic: { type: 'http', scheme: 'basic' },
      bearer: { type: 'http', scheme: 'Bearer' },
      code: { type: 'oauth2', flows: { authorizationCode: flow } },
      client: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: flow.tokenUrl, scopes: {} } } },
    }
    const auths = Object.keys(schemes).map((name) =>
      withSchemes(schemes, [{ [name]: name === 'code' ? ['read'] : [] }]),
    )
    expect(auths.map(({ definition }) => definition?.['auth'])).toEqual([
      { type: 'api_key', placement: { in: 'header', name: 'X-Key' } },
      { type: 'basic' },
      { type: 'bearer' },
      {
        type: 'oauth2',
        grant: 'authorization_code',
        authorizationUrl: flow.authorizationUrl,
        tokenUrl: flow.tokenUrl,
        scopes: ['read'],
      },
      { type: 'oauth2', grant: 'client_credentials', tokenUrl: flow.tokenUrl },
    ])
  })

  it('offers alternatives, and leaves out those that a definition does not have', () => {
    const { definition, auth } = withSchemes(
      {
        key: { type: 'apiKey', in: 'query', name: 'key' },
        basic: { type: 'http', scheme: 'basic' },
        digest: { type: 'http', scheme: 'digest' },
      },
      [{ key: [] }, { basic: [] }, { digest: [] }],
    )
    expect(definition?.['auth']).toMatchObject({ type: 'selective', options: [{ key: 'key' }, { key: 'basic' }] })
    expect(auth).toEqual({ result: 'partly', notes: [expect.stringContaining('authenticate digest is left out')] })
  })

  it('sends two keys that are required together', () => {
    const { definition } = withSchemes(
      { key: { type: 'apiKey', in: 'header', name: 'X-Key' }, app: { type: 'apiKey', in: 'header', name: 'X-App' } },
      [{ key: [], app: [] }],
    )
    expect(definition).toMatchObject({
      auth: { type: 'api_key', fields: [{ name: 'api_key' }, { name: 'app', secret: true }] },
      headers: { 'X-App': "{{ config['app'] }}" },
    })
  })

  it('refuses a document of which no way to authenticate can be had', () => {
    const report = withSchemes({ tls: { type: 'mutualTLS' } }, [{ tls: [] }])
    expect(report).toMatchObject({ definition: null, auth: { result: 'refused' } })
  })
})

describe('importOpenApi: streams', () => {
  it('reads a list that is the response itself, by page', () => {
    const parameters = [query('page'), query('per_page', { type: 'integer', maximum: 50 })]
    const { stream, notes } = streamOf({ ...answers(listOfOrders), parameters })
    expect(stream).toEqual({
      name: 'orders',
      path: '/orders',
      primaryKey: [['id']],
      pagination: { type: 'page', param: 'page', sizeParam: 'per_page', size: 50 },
    })
    expect(notes).toEqual(['The paging by the parameter page is a guess.', 'The primary key id is a guess.'])
  })

  const paged = {
    type: 'object',
    properties: {
      data: listOfOrders,
      meta: { type: 'object', properties: { next_cursor: {}, total: {} } },
      has_more: {},
    },
  }

  it.each([
    [
      'a cursor',
      [query('cursor')],
      { type: 'cursor', path: ['meta', 'next_cursor'], param: 'cursor', hasMore: ['has_more'] },
    ],
    [
      'an offset',
      [query('offset'), query('limit')],
      {
        type: 'offset',
        param: 'offset',
        limitParam: 'limit',
        size: 100,
        hasMore: ['has_more'],
        total: ['meta', 'total'],
      },
    ],
  ])('recognises paging by %s', (_, parameters, pagination) => {
    const { stream, notes } = streamOf({ ...answers(paged), parameters })
    expect(stream).toMatchObject({ recordsPath: ['data'], pagination })
    expect(notes).toContain('The records are at data, by the schema of the response.')
  })

  it('recognises the Link header, and the id of the last record', () => {
    expect(streamOf(answers(listOfOrders, { Link: {} })).stream).toMatchObject({ pagination: { type: 'link_header' } })
    const stripe = { type: 'object', properties: { data: listOfOrders, has_more: { type: 'boolean' } } }
    expect(streamOf({ ...answers(stripe), parameters: [query('starting_after')] }).stream).toMatchObject({
      pagination: { type: 'cursor', from: 'last_record', path: ['id'], hasMore: ['has_more'] },
    })
  })

  it('says that only the first page is read when a list has a size and no paging', () => {
    const { stream, notes } = streamOf({ ...answers(listOfOrders), parameters: [query('limit')] })
    expect(stream).not.toHaveProperty('pagination')
    expect(notes).toContain('No paging was recognised: only the first page is read.')
  })

  it('makes an action of a list that needs a value, with the value as an argument', () => {
    const needs = { ...answers(listOfOrders), parameters: [query('shop', { type: 'string' }, { required: true })] }
    const { definition, streams, actions } = importOpenApi(document({ '/orders': { get: needs } }))
    expect(streams).toEqual([])
    expect(actions).toEqual([{ name: 'get_orders', result: 'imported', notes: [] }])
    expect(definition?.['actions']).toMatchObject([
      { readOnly: true, request: { query: { shop: "{{ args['shop'] }}" } }, input: { required: ['shop'] } },
    ])
  })
})

describe('importOpenApi: actions', () => {
  const body = { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } }
  const update = {
    operationId: 'updateOrder',
    summary: 'Update an order',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }, query('tags', listOfOrders)],
    requestBody: body,
  }

  it('makes arguments of the path, the query and the properties of the body', () => {
    const { definition, actions } = importOpenApi(document({ '/orders/{id}': { put: update } }))
    parseDefinition(definition)
    expect(definition?.['actions']).toEqual([
      {
        name: 'updateOrder',
        title: 'Update an order',
        input: {
          type: 'object',
          additionalProperties: false,
          required: ['id', 'name'],
          properties: expect.objectContaining({
            id: { type: 'string' },
            name: { type: ['string', 'null'], maxLength: 50, description: 'Name of the order' },
            price: { type: 'number', exclusiveMinimum: 0 },
          }),
        },
        request: {
          method: 'PUT',
          path: "/orders/{{ args['id'] }}",
          query: { tags: "{{ args['tags'] }}" },
          json: {
            name: "{{ args['name'] }}",
            price: "{{ args['price'] }}",
            parent: "{{ args['parent'] }}",
          },
        },
      },
    ])
    expect(actions).toEqual([{ name: 'updateOrder', result: 'imported', notes: [] }])
  })

  it('cuts off a schema that refers to itself', () => {
    const { definition } = importOpenApi(document({ '/orders': { post: { requestBody: body } } }))
    expect(definition?.['actions']).toHaveLength(1)
    expect(JSON.stringify(definition).length).toBeLessThan(5_000)
  })

  it('bounds schemas that stand for very many, and allOf that multiplies itself', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => {
        const next = { $ref: `#/components/schemas/S${(index + 1) % 30}` }
        const properties = Object.fromEntries(Array.from({ length: 30 }, (_each, nth) => [`p${nth}`, next]))
        return [`S${index}`, { type: 'object', properties }]
      }),
    )
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } }
    const wide = document({ '/a': { post: { requestBody: { content } } } }, { components: { schemas } })
    expect(importOpenApi(wide).actions).toEqual([{ name: 'post_a', result: 'imported', notes: [] }])
    const own = { $ref: '#/components/schemas/Own' }
    const doubling = document(
      { '/a': { post: { requestBody: { content: { 'application/json': { schema: own } } } } } },
      { components: { schemas: { Own: { allOf: [own, own] } } } },
    )
    expect(importOpenApi(doubling)).toMatchObject({
      definition: null,
      auth: { notes: ['Its schemas refer to each other too often.'] },
    })
  })

  it('refuses what has no counterpart, each with its reason', () => {
    const content = (type: string, schema: object) => ({
      requestBody: { required: true, content: { [type]: { schema } } },
    })
    const { actions, definition } = importOpenApi(
      document({
        '/file': { post: content('multipart/form-data', { type: 'object' }) },
        '/bulk': { post: content('application/json', listOfOrders) },
        '/other': { post: { servers: [{ url: 'https://other.example' }] } },
        '/form': {
          post: content('application/x-www-form-urlencoded', { type: 'object', properties: { a: { type: 'string' } } }),
        },
      }),
    )
    expect(actions.map(({ name, result, notes }) => [name, result, notes[0]])).toEqual([
      ['post_file', 'refused', 'It has a body that is neither JSON nor a form.'],
      ['post_bulk', 'refused', 'It has a body that is no object with known properties.'],
      ['post_other', 'refused', 'It has servers of its own.'],
      ['post_form', 'imported', undefined],
    ])
    expect(definition?.['actions']).toMatchObject([{ request: { form: { a: "{{ args['a'] }}" } } }])
  })

  it('leaves out what exceeds the limits of a definition, and says so', () => {
    const paths = Object.fromEntries(Array.from({ length: 205 }, (_, index) => [`/a${index}`, { delete: {} }]))
    const { definition, actions } = importOpenApi(document(paths))
    expect(definition?.['actions']).toHaveLength(200)
    expect(actions).toHaveLength(205)
    expect(actions.at(-1)).toMatchObject({ result: 'refused', notes: [expect.stringContaining('at most 200')] })
  })

  it('does not take the parameter of the credential for an argument', () => {
    const securitySchemes = { key: { type: 'apiKey', in: 'query', name: 'key' } }
    const text = document(
      { '/ping': { get: { parameters: [query('key', { type: 'string' }, { required: true })] } } },
      { components: { securitySchemes }, security: [{ key: [] }] },
    )
    const { definition } = importOpenApi(text)
    expect(definition?.['actions']).toMatchObject([{ input: { properties: {} } }])
  })
})
