import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { importOpenApi } from '../../../src/catalog/import/openapi/openapi.ts'
import { actionRequest, withArguments } from '../../../src/tools/action-request.ts'

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
    expect(auth).toEqual({ result: 'imported', notes: [expect.stringContaining('no way to authenticate')] })
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
    ['{"swagger": "1.2"}', 'It has Swagger 1.2. Convert it to OpenAPI 3.0 or 3.1.'],
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
    const report = withSchemes({ digest: { type: 'http', scheme: 'digest' } }, [{ digest: [] }])
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

  it.each([
    ['/price-lists', { a: {}, priceListId: {} }, 'priceListId'],
    ['/v1/batches', { batch_id: {} }, 'batch_id'],
    ['/companies.json', { company_id: {}, uuid: {} }, 'company_id'],
    ['/things', { other_id: {}, uuid: {} }, 'uuid'],
    ['/things', { other_id: {} }, undefined],
  ])('guesses the primary key of %s', (path, properties, key) => {
    const list = answers({ type: 'array', items: { type: 'object', properties } })
    const { definition, streams } = importOpenApi(document({ [path]: { get: list } }))
    expect(parseDefinition(definition).streams?.[0]?.primaryKey).toEqual(key === undefined ? undefined : [[key]])
    expect(streams[0]?.notes.at(-1)).toMatch(
      key === undefined ? /^No primary key/ : `The primary key ${key} is a guess.`,
    )
  })

  it.each([
    [{ default: 0 }, '', 0],
    [{ minimum: 0, default: 1 }, '', undefined],
    [{}, 'Zero-based page number', 0],
    [{}, 'Pages start at 0', 0],
    [{ minimum: 0 }, 'Pages in increments, starting at page `1`.', undefined],
    [{}, 'Number of the page, 10 at most', undefined],
  ])('begins with the page that %j and %j say', (schema, description, start) => {
    const { stream } = streamOf({ ...answers(listOfOrders), parameters: [query('page', schema, { description })] })
    expect(stream).toMatchObject({ pagination: { type: 'page', param: 'page' } })
    expect(stream).toHaveProperty('pagination', {
      type: 'page',
      param: 'page',
      ...(start === undefined ? {} : { start }),
    })
  })

  it('reads the list with the name of the path, of several', () => {
    const properties = { tags: listOfOrders, orders: listOfOrders }
    const { stream, notes } = streamOf(answers({ type: 'object', properties }))
    expect(stream).toMatchObject({ recordsPath: ['orders'] })
    expect(notes).not.toContain('The response has several lists. The first one is read.')
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
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      query('tags', { type: 'array', items: { type: 'string' } }),
    ],
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

describe('importOpenApi: requests', () => {
  /** The request of the only action of a document, for a call with these arguments. */
  function requestOf(path: string, operation: object, args: Record<string, unknown>) {
    const { definition, actions } = importOpenApi(document({ [path]: operation }))
    const [action] = parseDefinition(definition).actions ?? []
    if (action === undefined) throw new Error(JSON.stringify(actions))
    const scope = withArguments({ config: {}, input: {}, kept: {} }, args as never)
    const { target, body, headerTemplates } = actionRequest(action, scope, null)
    if (target instanceof URL) throw new Error('The target is no path.')
    const form = body?.type === 'form' ? body.value.toString() : undefined
    return { path: target.path, query: target.query, headers: headerTemplates, form, action, notes: actions[0]?.notes }
  }

  const texts = { type: 'array', items: { type: 'string' } }
  const filter = {
    type: 'object',
    properties: {
      state: { type: 'string' },
      ids: texts,
      deep: { type: 'object', properties: { a: { type: 'string' } } },
    },
  }
  const parameter = (schema: object, more: object = {}) => ({ name: 'p', in: 'query', schema, ...more })

  it.each([
    [
      'a list',
      parameter(texts),
      { p: ['a', 'b'] },
      [
        ['p', 'a'],
        ['p', 'b'],
      ],
    ],
    ['a list with commas', parameter(texts, { explode: false }), { p: ['a', 'b'] }, [['p', 'a,b']]],
    ['spaces', parameter(texts, { style: 'spaceDelimited', explode: false }), { p: ['a', 'b'] }, [['p', 'a b']]],
    ['pipes', parameter(texts, { style: 'pipeDelimited', explode: false }), { p: ['a', 'b'] }, [['p', 'a|b']]],
    ['an absent list', parameter(texts, { explode: false }), {}, []],
    [
      'an object',
      parameter(filter),
      { state: 'open', ids: ['1', '2'] },
      [
        ['state', 'open'],
        ['ids', '1'],
        ['ids', '2'],
      ],
    ],
    [
      'an object with brackets',
      parameter(filter, { style: 'deepObject', explode: true }),
      { 'p[state]': 'open', 'p[deep][a]': 'x' },
      [
        ['p[state]', 'open'],
        ['p[deep][a]', 'x'],
      ],
    ],
    [
      'JSON',
      { name: 'p', in: 'query', content: { 'application/json': { schema: filter } } },
      { p: { state: 'open' } },
      [['p', '{"state":"open"}']],
    ],
  ])('writes %s into the query', (_, given, args, query) => {
    expect(requestOf('/a', { delete: { parameters: [given] } }, args).query).toEqual(query)
  })

  it.each([
    ['simple', undefined, '/a/x%2Cy'],
    ['label', true, '/a/.x.y'],
    ['matrix', false, '/a/;p=x%2Cy'],
  ])('writes a list into the path in the style %s', (style, explode, path) => {
    const parameters = [{ name: 'p', in: 'path', required: true, style, explode, schema: texts }]
    expect(requestOf('/a/{p}', { get: { parameters } }, { p: ['x', 'y'] }).path).toBe(path)
  })

  it('writes a list into a header', () => {
    const parameters = [{ name: 'X-Ids', in: 'header', schema: texts }]
    expect(requestOf('/a', { get: { parameters } }, { 'X-Ids': ['x', 'y'] }).headers).toEqual({
      'X-Ids': "{{ args['X-Ids'] | join(',') }}",
    })
  })

  it('says which optional values are left out, and refuses an action that needs one', () => {
    const lists = { type: 'array', items: { type: 'object' } }
    const { notes } = requestOf('/a', { delete: { parameters: [parameter(lists)] } }, {})
    expect(notes).toEqual(['The query parameter p is left out: it is a list of objects or lists.'])
    const needed = importOpenApi(document({ '/a': { delete: { parameters: [parameter(lists, { required: true })] } } }))
    expect(needed.actions).toMatchObject([
      { result: 'refused', notes: [expect.stringContaining('needs the query parameter p')] },
    ])
    const cookie = { name: 'sid', in: 'cookie', schema: { type: 'string' } }
    expect(requestOf('/a', { delete: { parameters: [cookie] } }, {}).notes).toEqual([
      'The cookie parameter sid is left out: it is a cookie.',
    ])
  })

  it('writes a form as the document says', () => {
    const properties = { tags: texts, meta: filter, plain: filter, name: { type: 'string' } }
    const encoding = { meta: { style: 'deepObject', explode: true } }
    const schema = { type: 'object', properties }
    const content = { 'application/x-www-form-urlencoded': { schema, encoding } }
    const args = { tags: ['a', 'b'], 'meta[state]': 'x', plain: { state: 'y' }, name: 'n' }
    expect(requestOf('/a', { post: { requestBody: { content } } }, args).form).toBe(
      new URLSearchParams([
        ['tags', 'a'],
        ['tags', 'b'],
        ['meta[state]', 'x'],
        ['plain', '{"state":"y"}'],
        ['name', 'n'],
      ]).toString(),
    )
  })

  it('sends the JSON type of the document, the usual one first', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    const api = { 'application/vnd.api+json': { schema } }
    const headersOf = (content: object) => requestOf('/a', { patch: { requestBody: { content } } }, { a: '1' }).headers
    expect(headersOf(api)).toEqual({ 'Content-Type': 'application/vnd.api+json' })
    expect(headersOf({ ...api, 'application/json; charset=utf-8': { schema } })).toEqual({})
    expect(headersOf({ '*/*': { schema } })).toEqual({})
  })

  it('refuses a body that GET needs, and keeps deprecated operations with a note', () => {
    const content = { 'application/json': { schema: { type: 'object', properties: { a: {} } } } }
    const { actions } = importOpenApi(
      document({
        '/a': { get: { requestBody: { required: true, content } }, delete: { deprecated: true } },
      }),
    )
    expect(actions).toEqual([
      { name: 'get_a', result: 'refused', notes: ['It sends a body with GET.'] },
      { name: 'delete_a', result: 'imported', notes: ['The document says that it is deprecated.'] },
    ])
  })
})

describe('importOpenApi: security of several kinds', () => {
  const securitySchemes = {
    key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    app: { type: 'apiKey', in: 'query', name: 'app' },
    basic: { type: 'http', scheme: 'basic' },
    implicit: { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://a.example', scopes: {} } } },
    relative: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: {} } } },
    digest: { type: 'http', scheme: 'digest' },
    oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://login.example/.well-known/openid-configuration' },
  }
  const imported = (security: object[], paths: object = {}, more: object = {}) => {
    const report = importOpenApi(document(paths, { components: { securitySchemes }, security, ...more }))
    if (report.definition !== null) parseDefinition(report.definition)
    return report
  }

  it('sends a key in the query beside basic authentication, in any order', () => {
    expect(imported([{ app: [], basic: [] }]).definition).toMatchObject({
      auth: { type: 'basic', fields: [{ name: 'username' }, { name: 'password' }, { name: 'app', secret: true }] },
      query: { app: "{{ config['app'] }}" },
    })
  })

  it('offers each way once, and says which combinations are left out', () => {
    const { definition, auth } = imported([{ key: [] }, { basic: [] }, { key: [], app: [] }])
    expect(definition).toMatchObject({ auth: { options: [{ key: 'key' }, { key: 'basic' }] } })
    expect(definition).not.toHaveProperty('query')
    expect(auth).toMatchObject({ result: 'partly', notes: [expect.stringContaining('key with app is left out')] })
  })

  it.each([
    ['implicit', 'the implicit flow'],
    ['digest', 'a definition does not have HTTP digest'],
    ['absent', 'the document does not describe it'],
  ])('says why %s is left out', (name, why) => {
    expect(imported([{ [name]: [] }]).auth).toMatchObject({ result: 'refused', notes: [expect.stringContaining(why)] })
  })

  it('reads relative URLs of endpoints, and the issuer of OpenID Connect', () => {
    expect(imported([{ relative: [] }]).definition).toMatchObject({
      auth: { grant: 'client_credentials', tokenUrl: 'https://eu.shop.example/oauth/token' },
    })
    expect(imported([{ oidc: ['read'] }]).definition).toMatchObject({
      auth: { issuer: 'https://login.example', scopes: ['read'] },
    })
  })

  it('says which operations ask for something else', () => {
    const paths = {
      '/a': { delete: { security: [{ basic: [] }] }, put: { security: [] }, post: { security: [{ key: [] }] } },
    }
    const { actions } = imported([{ key: [] }], paths)
    expect(actions.map(({ name, result }) => [name, result])).toEqual([
      ['post_a', 'imported'],
      ['put_a', 'imported'],
      ['delete_a', 'partly'],
    ])
    expect(actions[2]?.notes).toEqual(['The document asks for basic here, which the credential is not.'])
  })
})

describe('importOpenApi: servers', () => {
  const baseOf = (...servers: object[]) => {
    const { definition, auth } = importOpenApi(document({}, { servers }))
    parseDefinition(definition)
    return { baseUrl: definition?.['baseUrl'], inputFields: definition?.['inputFields'], notes: auth.notes }
  }

  it.each([
    [
      'a scheme that is a variable',
      { url: '{scheme}://api.example.com', variables: { scheme: { default: 'https' } } },
      'https://api.example.com',
    ],
    ['no scheme', { url: '//api.example.com/v1' }, 'https://api.example.com/v1'],
    [
      'a port',
      {
        url: 'https://api.example.com:{port}/{base}',
        variables: { port: { default: '8443' }, base: { default: 'v2' } },
      },
      "https://api.example.com:{{ input['port'] | default('8443', true) }}/{{ input['base'] | default('v2', true) }}",
    ],
    [
      'a variable with the name of a field of the credential, twice',
      { url: 'https://{username}.example.com/{username}', variables: { username: { default: 'demo' } } },
      "https://{{ input['server_username'] | default('demo', true) }}.example.com/{{ input['server_username'] | default('demo', true) }}",
    ],
    ['a URL that is none', { url: 'https://{}!!' }, "{{ input['base_url'] }}"],
    ['a path', { url: 'api/v1/' }, "{{ input['base_url'] }}/api/v1"],
  ])('reads %s', (_, server, expected) => {
    expect(baseOf(server).baseUrl).toBe(expected)
  })

  it('names the other servers', () => {
    expect(baseOf({ url: 'https://a.example' }, { url: 'https://b.example' }).notes).toContain(
      'The first server of the document is used. The others are https://b.example.',
    )
  })

  it('imports an operation that names the server of the document, and refuses another', () => {
    const servers = [{ url: 'https://a.example' }]
    const own = { post: { servers }, delete: { servers: [{ url: 'https://b.example' }] } }
    expect(importOpenApi(document({ '/a': own }, { servers })).actions).toMatchObject([
      { result: 'imported' },
      { result: 'refused', notes: ['It has servers of its own.'] },
    ])
  })
})

describe('importOpenApi: large documents and other versions', () => {
  it('reads the operations of a tag or below a path only', () => {
    const paths = {
      '/orders': { post: { tags: ['sales'] }, delete: { tags: ['admin'] } },
      '/orders/{id}': { put: {} },
      '/users': { post: {} },
    }
    const names = (only: string[]) => importOpenApi(document(paths), { only }).actions.map(({ name }) => name)
    expect(names(['sales'])).toEqual(['post_orders'])
    expect(names(['/orders/'])).toEqual(['put_orders__id_'])
    expect(names(['admin', '/users'])).toEqual(['delete_orders', 'post_users'])
    expect(importOpenApi(document(paths), { only: ['sales'] }).auth.notes).toContain(
      'Of 4 operations, 1 have one of sales.',
    )
  })

  it('says how many operations are left out, and how to choose', () => {
    const paths = Object.fromEntries(Array.from({ length: 205 }, (_, index) => [`/a${index}`, { delete: {} }]))
    expect(importOpenApi(document(paths)).auth.notes).toContain(
      '5 of 205 operations are left out. Import those that you need with --only and a tag or the beginning of a path.',
    )
  })

  it('describes arguments more shortly where many actions share the definition', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`p${index}`, { type: 'string', description: 'x'.repeat(190) }]),
    )
    const inner = { type: 'object', properties }
    const content = { 'application/json': { schema: { type: 'object', properties: { inner } } } }
    const paths = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`/a${index}`, { post: { requestBody: { content } } }]),
    )
    expect(importOpenApi(document(paths)).definition?.['actions']).toHaveLength(150)
    const [action] =
      parseDefinition(importOpenApi(document({ '/a': { post: { requestBody: { content } } } })).definition).actions ??
      []
    expect(JSON.stringify(action)).toContain('p19')
  })

  it('reads Swagger 2.0', () => {
    const swagger = {
      swagger: '2.0',
      info: { title: 'Old shop', version: '1' },
      host: 'old.example.com',
      basePath: '/v1',
      schemes: ['http', 'https'],
      consumes: ['application/json'],
      produces: ['application/json'],
      securityDefinitions: { login: { type: 'basic' } },
      security: [{ login: [] }],
      parameters: {
        Ids: { name: 'ids', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'pipes' },
      },
      definitions: {
        Order: {
          type: 'object',
          required: ['name'],
          properties: { id: { type: 'integer' }, name: { type: 'string' } },
        },
      },
      paths: {
        '/orders': {
          parameters: [{ $ref: '#/parameters/Ids' }],
          get: { responses: { 200: { schema: { type: 'array', items: { $ref: '#/definitions/Order' } } } } },
          post: {
            parameters: [{ name: 'order', in: 'body', required: true, schema: { $ref: '#/definitions/Order' } }],
          },
          put: {
            consumes: ['application/x-www-form-urlencoded'],
            parameters: [{ name: 'note', in: 'formData', type: 'string', required: true }],
          },
          delete: { parameters: [{ name: 'file', in: 'formData', type: 'file', required: true }] },
        },
      },
    }
    const { definition, actions, streams, auth } = importOpenApi(JSON.stringify(swagger))
    parseDefinition(definition)
    expect(definition).toMatchObject({
      displayName: 'Old shop',
      baseUrl: 'https://old.example.com/v1',
      auth: { type: 'basic' },
      streams: [{ name: 'orders', primaryKey: [['id']] }],
      actions: [
        {
          name: 'post_orders',
          input: { required: ['name'] },
          request: { query: { ids: "{{ args['ids'] | join('|') }}" }, json: { name: "{{ args['name'] }}" } },
        },
        { name: 'put_orders', input: { required: ['note'] }, request: { form: { note: "{{ args['note'] }}" } } },
      ],
    })
    expect(streams).toHaveLength(1)
    expect(actions.at(-1)).toMatchObject({ name: 'delete_orders', result: 'refused' })
    expect(auth).toEqual({ result: 'imported', notes: ['The document is Swagger 2.0. It is read as OpenAPI 3.0.'] })
  })

  it('guesses how a list is read incrementally', () => {
    const item = { type: 'object', properties: { id: {}, updatedAt: { type: 'string' } } }
    const { stream, notes } = streamOf({
      ...answers({ type: 'array', items: item }),
      parameters: [query('updated_since')],
    })
    expect(stream).toMatchObject({ incremental: { cursorField: ['updatedAt'], param: 'updated_since' } })
    expect(notes).toContain('Reading only changes, by the parameter updated_since and the field updatedAt, is a guess.')
  })
})

describe('importOpenApi: any document', () => {
  const name = fc.constantFrom('id', 'page', 'filter', 'api_key', 'data', "o'clock", 'a b', '{{x}}', 'constructor', '')
  const leaf = fc.record(
    {
      type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', ['string', 'null'], 'file'),
      nullable: fc.boolean(),
      enum: fc.array(fc.constantFrom('a', 1, null), { minLength: 1, maxLength: 2 }),
      pattern: fc.constantFrom('^a+$', '(?=x)', '['),
      minimum: fc.integer(),
      exclusiveMinimum: fc.oneof(fc.boolean(), fc.integer()),
      readOnly: fc.boolean(),
      default: fc.constantFrom('x', 1, null),
    },
    { requiredKeys: [] },
  )
  const { schema } = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      name.map((each) => ({ $ref: `#/components/schemas/${each}` })),
      fc.record({ type: fc.constant('array'), items: tie('schema') }, { requiredKeys: [] }),
      fc.record(
        {
          type: fc.constant('object'),
          properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }),
          required: fc.array(name, { maxLength: 2 }),
          additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        },
        { requiredKeys: [] },
      ),
      fc.record({ allOf: fc.array(tie('schema'), { maxLength: 2 }) }),
      fc.record({ oneOf: fc.array(tie('schema'), { maxLength: 2 }) }),
    ),
  }))
  const parameter = fc.record(
    {
      name,
      in: fc.constantFrom('query', 'path', 'header', 'cookie', 'elsewhere'),
      required: fc.boolean(),
      schema,
      style: fc.constantFrom('form', 'simple', 'deepObject', 'label', 'matrix', 'pipeDelimited', 'odd'),
      explode: fc.boolean(),
      content: fc.constant({ 'application/json': {} }),
    },
    { requiredKeys: ['name', 'in'] },
  )
  const media = fc.dictionary(
    fc.constantFrom(
      'application/json',
      'application/vnd.api+json',
      'application/x-www-form-urlencoded',
      'text/plain',
      '*/*',
    ),
    fc.record({ schema }),
    { maxKeys: 2 },
  )
  const security = fc.array(fc.dictionary(name, fc.array(fc.constantFrom('read', 'a b')), { maxKeys: 2 }), {
    maxLength: 3,
  })
  const operation = fc.record(
    {
      operationId: name,
      parameters: fc.array(parameter, { maxLength: 3 }),
      requestBody: fc.record({ required: fc.boolean(), content: media }),
      responses: fc.record({ 200: fc.record({ content: media }) }),
      security,
      deprecated: fc.boolean(),
      tags: fc.array(name),
      servers: fc.constantFrom([], [{ url: 'https://other.example' }]),
    },
    { requiredKeys: [] },
  )
  const scheme = fc.oneof(
    fc.record({ type: fc.constant('apiKey'), in: fc.constantFrom('header', 'query', 'cookie', 'odd'), name }),
    fc.record({ type: fc.constant('http'), scheme: fc.constantFrom('basic', 'Bearer', 'digest') }),
    fc.record({
      type: fc.constant('oauth2'),
      flows: fc.dictionary(
        fc.constantFrom('implicit', 'password', 'clientCredentials', 'authorizationCode'),
        fc.record(
          {
            authorizationUrl: fc.constant('/a'),
            tokenUrl: fc.constantFrom('/t', 'https://a.example/t', 'x y'),
            scopes: fc.constant({ read: '' }),
          },
          { requiredKeys: [] },
        ),
      ),
    }),
    fc.constantFrom({ type: 'mutualTLS' }, { type: 'openIdConnect', openIdConnectUrl: 'https://a.example' }, {}),
  )
  const anyDocument = fc.record(
    {
      openapi: fc.constantFrom('3.0.0', '3.1.0'),
      info: fc.record({ title: name }, { requiredKeys: [] }),
      servers: fc.array(
        fc.record({
          url: fc.constantFrom(
            'https://a.example',
            '/v1',
            '{a}://b',
            'https://{a}.b.example/{a}',
            '',
            'x y',
            'https://{{x}}',
          ),
          variables: fc.dictionary(fc.constantFrom('a', 'b'), fc.record({ default: name }, { requiredKeys: [] })),
        }),
        { maxLength: 2 },
      ),
      security,
      components: fc.record({
        schemas: fc.dictionary(name, schema),
        securitySchemes: fc.dictionary(name, scheme, { maxKeys: 4 }),
      }),
      paths: fc.dictionary(
        fc.constantFrom('/a', '/a/{id}', '/a/{b}/c', '/', '/a b', '/x#y', '/{{x}}'),
        fc.dictionary(fc.constantFrom('get', 'post', 'delete', 'put', 'trace', 'parameters'), operation, {
          maxKeys: 3,
        }),
      ),
    },
    { requiredKeys: ['openapi', 'paths'] },
  )

  it('becomes a definition that is accepted, or is refused with its reasons', () => {
    fc.assert(
      fc.property(anyDocument, fc.boolean(), (given, isSwagger) => {
        const { schemas: definitions, securitySchemes: securityDefinitions } = given.components ?? {}
        const older = {
          ...given,
          openapi: undefined,
          swagger: '2.0',
          host: 'a.example',
          definitions,
          securityDefinitions,
        }
        const { definition, auth, streams, actions } = importOpenApi(JSON.stringify(isSwagger ? older : given))
        if (definition === null) expect(auth.notes).not.toEqual([])
        else parseDefinition(definition)
        for (const part of [...streams, ...actions]) {
          if (part.result !== 'imported') expect(part.notes).not.toEqual([])
        }
      }),
      { numRuns: 300 },
    )
  })
})
