import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { trimActionKeys } from '../../src/tools/action-keys.ts'
import { startOidcIssuer } from '../support/oidc-issuer.ts'
import { sendJson } from '../support/provider-server.ts'
import { type RequestFixture, rowId, startRequestFixture } from './request-fixture.ts'

let fixture: RequestFixture
beforeAll(async () => {
  fixture = await startRequestFixture()
})
afterAll(() => fixture.close())
beforeEach(() => fixture.answer((_seen, response) => sendJson(response, { data: { id: 7 } })))

const text = { type: 'string' }
const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  ...more,
})

/** A connection at an integration with these actions. */
const connect = (actions: Record<string, unknown>[], more: Record<string, unknown> = {}) =>
  fixture.connect({ ...more, definition: { actions, ...(more['definition'] as object) } })

const run = (connectionId: string, action: string, args?: unknown, more: Record<string, unknown> = {}, key?: string) =>
  fixture.run('runAction', { connectionId, action, arguments: args, ...more }, key)

/** The requests that the provider got. */
const requests = () => fixture.provider.requests
const lastRequest = () => {
  const seen = requests().at(-1)
  if (seen === undefined) throw new Error('The provider got no request.')
  return seen
}
const sentPath = () => lastRequest().url.pathname + lastRequest().url.search
const sentJson = () => JSON.parse(lastRequest().body)

describe('runAction', () => {
  it('sends the request of the action, and returns the output and the whole response', async () => {
    const connection = await connect([
      {
        name: 'create_item',
        input: object({ name: text, project: text }, { required: ['name', 'project'] }),
        request: {
          method: 'POST',
          path: '/projects/{{ args.project }}/items',
          query: { notify: 'true' },
          headers: { 'X-Source': 'for {{ args.project }}' },
          json: { item: { name: '{{ args.name }}' } },
        },
        output: 'data.id',
      },
    ])
    const result = await run(connection, 'create_item', { name: 'A "name"', project: 'p1' })
    expect(result).toMatchObject({
      __typename: 'RunActionPayload',
      output: 7,
      refreshed: false,
      response: { status: 200, body: { data: { id: 7 } } },
      connection: { id: connection, status: 'ACTIVE' },
    })
    expect(lastRequest()).toMatchObject({
      method: 'POST',
      headers: { authorization: 'Bearer good-token-0123456789', 'x-source': 'for p1', accept: 'application/json' },
    })
    expect(sentPath()).toBe('/api/projects/p1/items?notify=true')
    expect(sentJson()).toEqual({ item: { name: 'A "name"' } })
  })

  it('refuses an argument with a value at the place of the credential, and sends nothing', async () => {
    const request = { method: 'POST', path: '/items', json: { auth: '{{ args.data }}' } }
    const auth = { type: 'api_key', placement: { in: 'json', name: ['auth', 'key'] } }
    const credential = { secretText: 'the-real-key-01' }
    const connection = await connect([{ name: 'put', input: object({ data: {} }), request }], { auth, credential })
    const refused = await run(connection, 'put', { data: { key: 'mine' } })
    expect(refused.__typename).toBe('InvalidInputError')
    expect(JSON.stringify(refused)).toContain('reserved for the credential')
    expect(requests()).toEqual([])
    await run(connection, 'put', { data: { other: 1 } })
    expect(sentJson()).toEqual({ auth: { other: 1, key: 'the-real-key-01' } })
  })

  it('keeps the type of a template that is one expression, and leaves out the places of absent arguments', async () => {
    const connection = await connect([
      {
        name: 'all_places',
        input: object({}),
        request: {
          method: 'POST',
          path: '/things',
          query: { q: '{{ args.q }}', tag: '{{ args.tags }}', fixed: '1' },
          headers: { 'X-One': '{{ args.one }}', 'X-Two': '{{ args.two }}' },
          json: {
            value: '{{ args.value }}',
            nested: { deep: '{{ args.deep.er }}', text: 'is {{ args.deep.er }}', kept: true },
            list: ['{{ args.one }}', 'b', '{{ args.value }}'],
            fallback: "{{ args.one | default('none') }}",
          },
        },
      },
    ])
    await run(connection, 'all_places', {})
    expect(sentPath()).toBe('/api/things?fixed=1')
    expect(lastRequest().headers).not.toHaveProperty('x-one')
    expect(sentJson()).toEqual({ nested: { kept: true }, list: ['b'], fallback: 'none' })

    for (const value of [null, false, 0, 1.5, '', [1, [null]], { a: { b: [] } }]) {
      await run(connection, 'all_places', { value })
      expect(sentJson()).toEqual({ value, nested: { kept: true }, list: ['b', value], fallback: 'none' })
    }

    await run(connection, 'all_places', { q: 'a&b', tags: ['x', 2, true], two: 'second', deep: { er: 3 } })
    expect(sentPath()).toBe('/api/things?q=a%26b&tag=x&tag=2&tag=true&fixed=1')
    expect(lastRequest().headers).toMatchObject({ 'x-two': 'second' })
    expect(sentJson()).toMatchObject({ nested: { deep: 3, text: 'is 3' } })
  })

  it('leaves out an object or list of which nothing is left, but not what is empty in the definition, nor the body', async () => {
    const json = {
      user: { id: '{{ args.id }}', address: { city: '{{ args.city }}' } },
      list: [{ tag: '{{ args.tag }}' }, ['{{ args.tag }}']],
      empty: { object: {}, list: [] },
    }
    const request = { method: 'POST', path: '/things' }
    const connection = await connect([
      { name: 'nested', input: object({}), request: { ...request, json } },
      { name: 'nothing', input: object({}), request: { ...request, json: { list: json.list } } },
    ])
    const { empty } = json
    await run(connection, 'nested', {})
    expect(sentJson()).toEqual({ empty })
    await run(connection, 'nested', { city: '', tag: null })
    expect(sentJson()).toEqual({ user: { address: { city: '' } }, list: [{ tag: null }, [null]], empty })
    await run(connection, 'nothing', {})
    expect(lastRequest()).toMatchObject({ body: '{}', headers: { 'content-type': 'application/json' } })
  })

  it('sends a form with a field for each value of a list', async () => {
    const connection = await connect([
      {
        name: 'form',
        input: object({}),
        request: {
          method: 'PUT',
          path: '/form',
          form: { 'meta[a]': '{{ args.a }}', 'items[]': '{{ args.items }}', both: ['1', '{{ args.b }}'] },
        },
      },
    ])
    await run(connection, 'form', { a: 'x y', items: ['1', '2'] })
    expect(lastRequest()).toMatchObject({
      method: 'PUT',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect([...new URLSearchParams(lastRequest().body)]).toEqual([
      ['meta[a]', 'x y'],
      ['items[]', '1'],
      ['items[]', '2'],
      ['both', '1'],
    ])
  })

  it.each([
    ['a/b?c#d', '/api/items/a%2Fb%3Fc%23d/parts'],
    ['ü %2e 漢', '/api/items/%C3%BC%20%252e%20%E6%BC%A2/parts'],
    ['a;b=c&d', '/api/items/a%3Bb%3Dc%26d/parts'],
  ])('percent-encodes the argument %j in a path', async (id, path) => {
    const connection = await connect([itemParts])
    await run(connection, 'item_parts', { id })
    expect(sentPath()).toBe(path)
  })

  it.each(['..', '.', '%2e%2e', '../../admin', 'a/../../b', '..\\x', ''])(
    'refuses the argument %j, which would lead to another path',
    async (id) => {
      const connection = await connect([itemParts])
      const result = await run(connection, 'item_parts', { id })
      expect(result).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
      expect(result.fields[0].path.slice(0, 2)).toEqual(['input', 'arguments'])
      expect(requests()).toEqual([])
    },
  )

  it('refuses a call without the argument of a path, and an argument that is no text there', async () => {
    const connection = await connect([itemParts])
    expect(await run(connection, 'item_parts', {})).toMatchObject({
      fields: [{ path: ['input', 'arguments', 'id'], message: 'Is missing.' }],
    })
    expect(await run(connection, 'item_parts', { id: ['a'] })).toMatchObject({
      fields: [{ path: ['input', 'arguments', 'id'] }],
    })
    expect(requests()).toEqual([])
  })

  it('refuses line breaks in a header, and objects in a query', async () => {
    const connection = await connect([
      {
        name: 'header',
        input: object({}),
        request: {
          method: 'GET',
          path: '/x',
          headers: { 'X-Note': 'note {{ args.note }}' },
          query: { q: '{{ args.q }}' },
        },
      },
    ])
    for (const args of [{ note: 'a\r\nX-Evil: 1' }, { note: 'a\nb' }, { q: { a: 1 } }, { q: [[1]] }]) {
      const result = await run(connection, 'header', args)
      expect(result).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path: ['input', 'arguments'] }] })
    }
    expect(requests()).toEqual([])
  })

  it('returns a 4xx of the provider as a payload whose output is null', async () => {
    fixture.answer((_seen, response) => sendJson(response, { data: { id: 1 }, error: 'no' }, {}, 404))
    const connection = await connect([simple])
    expect(await run(connection, 'simple')).toMatchObject({
      __typename: 'RunActionPayload',
      output: null,
      response: { status: 404, body: { error: 'no' } },
    })
  })

  it('returns an output of null for a success that a rule of the definition calls a failure', async () => {
    fixture.answer((_seen, response) => sendJson(response, { ok: false, data: { id: 1 } }))
    const connection = await connect([simple], {
      definition: { responseErrors: [{ path: 'ok', equals: false, as: 'fail' }] },
    })
    expect(await run(connection, 'simple')).toMatchObject({ output: null, response: { status: 200 } })
  })

  it('answers NotFound for an action that the integration does not have, and for a connection that does not exist', async () => {
    const connection = await connect([simple])
    expect(await run(connection, 'other')).toMatchObject({ __typename: 'NotFoundError' })
    expect(await run(connection, 'toString')).toMatchObject({ __typename: 'NotFoundError' })
    const gone = Buffer.from('Connection:01900000-0000-7000-8000-000000000000').toString('base64')
    expect(await run(gone, 'simple')).toMatchObject({ __typename: expect.stringMatching(/NotFound|InvalidInput/) })
  })

  it('selects the connection by resolve, and needs exactly one of connectionId and resolve', async () => {
    const slug = 'resolved'
    const connection = await connect([simple], { slug, more: { externalId: 'account-1' } })
    const resolve = { workspaceId: fixture.workspace.id, integration: slug }
    expect(await fixture.run('runAction', { resolve, action: 'simple' })).toMatchObject({
      output: 7,
      connection: { id: connection },
    })
    for (const both of [{}, { resolve, connectionId: connection }]) {
      expect(await fixture.run('runAction', { ...both, action: 'simple' })).toMatchObject({
        fields: [{ path: ['input', 'connectionId'] }],
      })
    }
  })

  it('renews a refused credential once, and says so', async () => {
    fixture.answer((seen, response) => {
      if (seen.url.pathname === '/token')
        return sendJson(response, { access_token: 'new-access-token', expires_in: 3600 })
      if (seen.headers.authorization === 'Bearer new-access-token') return sendJson(response, { data: { id: 8 } })
      sendJson(response, { error: 'expired' }, {}, 401)
    })
    const connection = await fixture.connectOAuth({ definition: { actions: [simple] } })
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'renewed' })).toMatchObject({
      output: 8,
      refreshed: true,
    })
  })

  it('redacts the credential that a response repeats, in the output too', async () => {
    fixture.answer((seen, response) => sendJson(response, { data: { id: seen.headers.authorization } }))
    const connection = await connect([simple])
    const result = await run(connection, 'simple')
    expect(JSON.stringify(result)).not.toContain('good-token-0123456789')
    expect(result.output).toContain('Bearer')
  })
})

const simple = {
  name: 'simple',
  input: object({}),
  request: { method: 'POST', path: '/simple', json: { given: '{{ args.given }}' } },
  output: 'data.id',
}

const itemParts = {
  name: 'item_parts',
  input: object({}),
  request: { method: 'GET', path: '/items/{{ args.id }}/parts' },
}

describe('arguments', () => {
  it('are checked by the schema, with every fault at once and without their values', async () => {
    const connection = await connect([
      {
        name: 'strict',
        input: object(
          {
            title: { type: 'string', minLength: 3 },
            count: { type: 'integer', maximum: 5 },
            labels: { type: 'array', items: { enum: ['a', 'b'] }, uniqueItems: true },
            due: { type: 'string', format: 'date' },
            nested: { $ref: '#/$defs/nested' },
          },
          {
            required: ['title', 'owner'],
            additionalProperties: false,
            $defs: { nested: object({ code: { type: 'string', pattern: '^[A-Z]+$' } }, { required: ['id'] }) },
          },
        ),
        request: { method: 'POST', path: '/x' },
      },
    ])
    const args = {
      title: 'Xy',
      count: 77,
      labels: ['a', 'secret-value', 'a'],
      due: '2026-02-30',
      nested: { code: 'secret-value' },
      other: 'secret-value',
    }
    const result = await run(connection, 'strict', args)
    const fields = result.fields.map(({ path, message }: { path: string[]; message: string }) => [
      path.slice(2).join('.'),
      message,
    ])
    expect(Object.fromEntries(fields)).toEqual({
      owner: 'Is missing.',
      other: 'Is not a known argument.',
      title: 'Must have at least 3 characters.',
      count: 'Must be at most 5.',
      'labels.1': 'Must be one of a, b.',
      labels: 'Must not have the same item twice.',
      due: 'Must be a valid date.',
      'nested.id': 'Is missing.',
      'nested.code': 'Must match the pattern ^[A-Z]+$.',
    })
    expect(JSON.stringify(result)).not.toContain('secret-value')
    expect(requests()).toEqual([])
  })

  it('have the defaults of the schema, and are a JSON object', async () => {
    const connection = await connect([
      {
        name: 'defaults',
        input: object({ size: { type: 'integer', default: 20 }, other: text }),
        request: { method: 'POST', path: '/x', json: { size: '{{ args.size }}', other: '{{ args.other }}' } },
      },
    ])
    await run(connection, 'defaults', null)
    expect(sentJson()).toEqual({ size: 20 })
    await run(connection, 'defaults', { size: 3 })
    expect(sentJson()).toEqual({ size: 3 })
    for (const args of ['text', [1], 5]) {
      expect(await run(connection, 'defaults', args)).toMatchObject({ fields: [{ path: ['input', 'arguments'] }] })
    }
  })

  it('named like members of Object.prototype are ordinary arguments', async () => {
    const connection = await connect([
      {
        name: 'names',
        input: object({ toString: { type: 'integer' } }, { required: ['toString', 'hasOwnProperty'] }),
        request: { method: 'POST', path: '/x', json: { a: '{{ args.toString }}', b: '{{ args.valueOf }}' } },
      },
    ])
    expect(await run(connection, 'names', {})).toMatchObject({
      fields: [
        { path: ['input', 'arguments', 'toString'], message: 'Is missing.' },
        { path: ['input', 'arguments', 'hasOwnProperty'], message: 'Is missing.' },
      ],
    })
    await run(connection, 'names', { toString: 1, hasOwnProperty: 2 })
    expect(sentJson()).toEqual({ a: 1 })
  })

  it('that are too many or too long are refused, and none of them can make a request of many megabytes', async () => {
    const connection = await connect([
      {
        name: 'long',
        input: object({
          list: { type: 'array', items: { pattern: '(a+)+$' } },
          text,
          more: { enum: Array(20).keys().toArray() },
        }),
        request: { method: 'POST', path: '/x', json: { copies: Array(100).fill('{{ args.text }}') } },
      },
    ])
    const path = ['input', 'arguments']
    expect(await run(connection, 'long', { text: 'x'.repeat(300_000) })).toMatchObject({ fields: [{ path }] })
    expect(await run(connection, 'long', { list: Array(100_000).fill(1) })).toMatchObject({ fields: [{ path }] })
    expect(await run(connection, 'long', { list: ['a'.repeat(9_000)] })).toMatchObject({ fields: [{ path }] })
    expect(await run(connection, 'long', { list: Array(1_000).fill('a'.repeat(200)) })).toMatchObject({
      fields: [{ path }],
    })
    expect(await run(connection, 'long', { text: 'x'.repeat(100_000) })).toMatchObject({
      __typename: 'InvalidInputError',
    })
    expect(requests()).toEqual([])
  })
})

it('multipleOf takes decimal fractions, and contains that needs no item takes every list', async () => {
  const input = object({ price: { multipleOf: 0.01 }, list: { contains: text, minContains: 0 } })
  const connection = await connect([{ ...simple, name: 'pay', input }])
  expect(await run(connection, 'pay', { price: 19.99, list: [1] })).toMatchObject({ output: 7 })
  expect(await run(connection, 'pay', { price: 19.999 })).toMatchObject({
    fields: [{ path: ['input', 'arguments', 'price'], message: 'Must be a multiple of 0.01.' }],
  })
})

it('an argument in a header Cookie adds no other cookie', async () => {
  const request = { method: 'GET', path: '/a', headers: { Cookie: 'a={{ args.a }}; b=2' } }
  const connection = await connect([{ name: 'cookie', input: object({ a: text }), request }])
  expect(await run(connection, 'cookie', { a: '1' })).toMatchObject({ output: { data: { id: 7 } } })
  expect(lastRequest().headers['cookie']).toBe('a=1; b=2')
  const sent = requests().length
  expect(await run(connection, 'cookie', { a: '1; admin=1' })).toMatchObject({
    fields: [{ path: ['input', 'arguments'], message: expect.stringContaining('must not contain ;') }],
  })
  expect(requests()).toHaveLength(sent)
})

describe('permission', () => {
  const search = { ...simple, name: 'search', readOnly: true }

  it('a READER may run actions that change nothing, whatever their method, and no others', async () => {
    const connection = await connect([
      simple,
      search,
      { ...itemParts, name: 'writing_get', readOnly: false },
      itemParts,
    ])
    const reader = await fixture.createKey('READER')
    expect(await run(connection, 'search', {}, {}, reader)).toMatchObject({ output: 7 })
    expect(await run(connection, 'item_parts', { id: 'a' }, {}, reader)).toMatchObject({
      __typename: 'RunActionPayload',
    })
    const sent = requests().length
    expect(await run(connection, 'simple', {}, {}, reader)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(await run(connection, 'writing_get', { id: 'a' }, {}, reader)).toMatchObject({
      __typename: 'ForbiddenError',
    })
    expect(requests()).toHaveLength(sent)
  })

  it.each([
    ['a method that an argument ends', { path: '/a', query: { method: 'del{{ args.a }}' } }, {}],
    ['a method that an argument ends, in the path', { path: '/a?method=del{{ args.a | urlencode }}' }, {}],
    ['a name that is an argument', { path: '/a?b=c&{{ args.a | urlencode }}=delete' }, {}],
    ['a name that an argument ends', { path: '/a?_meth{{ args.a | urlencode }}=delete' }, {}],
    ['a header of the definition', { path: '/a' }, { headers: { 'X-HTTP-Method-Override': 'DELETE' } }],
    ['a key of the caller', { path: '/a' }, {}, { in: 'header', name: 'X-HTTP-Method-Override' }],
  ])('a READER may not run a GET that may override its method: %s', async (_, request, definition, idempotencyKey?) => {
    const action = {
      name: 'get',
      input: object({ a: text }),
      request: { method: 'GET', ...request },
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    }
    const connection = await connect([action], { definition })
    const reader = await fixture.createKey('READER')
    expect(await run(connection, 'get', { a: 'x' }, {}, reader)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(requests()).toEqual([])
  })

  it('a key of another workspace does not find the connection', async () => {
    const connection = await connect([search])
    const other = await fixture.app.createWorkspace()
    expect(await run(connection, 'search', {}, {}, other.key)).toMatchObject({ __typename: 'NotFoundError' })
    expect(requests()).toEqual([])
  })

  it('end users with a JWT run every action of their own connections, and find no others', async () => {
    const idp = await startOidcIssuer()
    const audience = 'https://actions.example'
    const { id: workspaceId } = fixture.workspace
    const { oidcIssuer } = await fixture.app.mutate(CREATE_ISSUER, {
      workspaceId,
      issuer: idp.issuer,
      audience,
      jwksUrl: idp.jwksUrl,
      createEndUsers: true,
    })
    const jwt = await idp.sign({ iss: idp.issuer, sub: 'ada', aud: audience })
    await fixture.app.mutate(VERIFY_ISSUER, { oidcIssuerId: oidcIssuer.id, token: jwt })
    const own = await connect([simple, search], { more: { endUserExternalId: 'ada' } })
    const other = await connect([simple, search], { more: { endUserExternalId: 'grace' } })
    expect(await run(own, 'simple', {}, { idempotencyKey: 'of-ada' }, jwt)).toMatchObject({ output: 7 })
    expect(await run(own, 'simple', {}, { idempotencyKey: 'of-ada' }, jwt)).toMatchObject({ output: 7 })
    expect(await run(own, 'search', {}, {}, jwt)).toMatchObject({ output: 7 })
    const sent = requests().length
    for (const action of ['simple', 'search']) {
      expect(await run(other, action, {}, { idempotencyKey: 'k' }, jwt)).toMatchObject({ __typename: 'NotFoundError' })
    }
    expect(requests()).toHaveLength(sent)
    expect(sent).toBe(2)
    await idp.close()
  })

  it('a key without the scope EXECUTE, or limited to other integrations, runs nothing', async () => {
    const connection = await connect([search])
    const keyWith = async (input: Record<string, unknown>) => {
      const { key } = await fixture.app.mutate(CREATE_KEY, {
        workspaceId: fixture.workspace.id,
        name: 'limited',
        role: 'ADMIN',
        ...input,
      })
      return key
    }
    await fixture.connect({ slug: 'elsewhere' })
    const reads = await keyWith({ scopes: ['READ'] })
    const limited = await keyWith({ integrations: ['elsewhere'] })
    expect(await run(connection, 'search', {}, {}, reads)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(await run(connection, 'search', {}, {}, limited)).toMatchObject({ __typename: 'NotFoundError' })
    expect(requests()).toEqual([])
  })
})

describe('an idempotency key', () => {
  it('of a run that succeeded returns the stored answer and sends nothing', async () => {
    let id = 0
    fixture.answer((_seen, response) =>
      sendJson(response, { data: { id: ++id, big: 1 }, text: 'ä' }, { 'x-count': `${id}` }),
    )
    const connection = await connect([simple])
    const first = await run(connection, 'simple', { given: { a: 1, b: 2 } }, { idempotencyKey: 'k-1' })
    const second = await run(connection, 'simple', { given: { b: 2, a: 1 } }, { idempotencyKey: 'k-1' })
    expect(first).toMatchObject({ output: 1 })
    expect(second).toEqual(first)
    expect(requests()).toHaveLength(1)
    expect(await run(connection, 'simple', { given: { a: 1, b: 2 } }, { idempotencyKey: 'k-2' })).toMatchObject({
      output: 2,
    })
    // Another connection has other keys.
    const other = await connect([simple])
    expect(await run(other, 'simple', { given: { a: 1, b: 2 } }, { idempotencyKey: 'k-1' })).toMatchObject({
      output: 3,
    })
  })

  it('with other arguments is a conflict', async () => {
    const connection = await connect([simple])
    await run(connection, 'simple', { given: 1 }, { idempotencyKey: 'same' })
    expect(await run(connection, 'simple', { given: 2 }, { idempotencyKey: 'same' })).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('other arguments'),
    })
    expect(requests()).toHaveLength(1)
  })

  it('is sent once when calls are concurrent: the others are conflicts', async () => {
    const connection = await connect([simple])
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    fixture.answer(async (_seen, response) => {
      arrive()
      await answered
      sendJson(response, { data: { id: 7 } })
    })
    const first = run(connection, 'simple', {}, { idempotencyKey: 'at-once' })
    await arrived
    const others = await Promise.all([1, 2, 3].map(() => run(connection, 'simple', {}, { idempotencyKey: 'at-once' })))
    for (const other of others) expect(other).toMatchObject({ __typename: 'ConflictError' })
    answer()
    expect(await first).toMatchObject({ output: 7 })
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'at-once' })).toMatchObject({ output: 7 })
    expect(requests()).toHaveLength(1)
  })

  it.each([
    ['a 4xx, which had no effect,', 422],
    ['a rate limit', 429],
  ])('can be used again after %s', async (_what, status) => {
    fixture.answer((_seen, response) => sendJson(response, { error: 'no' }, {}, status))
    const connection = await connect([simple])
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'refused' })).toMatchObject({ response: { status } })
    fixture.answer((_seen, response) => sendJson(response, { data: { id: 9 } }))
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'refused' })).toMatchObject({ output: 9 })
    expect(requests()).toHaveLength(1)
  })

  it('can be used again after arguments that cannot be sent', async () => {
    const connection = await connect([itemParts])
    expect(await run(connection, 'item_parts', { id: '..' }, { idempotencyKey: 'bad' })).toMatchObject({
      __typename: 'InvalidInputError',
    })
    expect(await run(connection, 'item_parts', { id: 'good' }, { idempotencyKey: 'bad' })).toMatchObject({
      response: { status: 200 },
    })
  })

  it('of a 5xx returns that answer, because the action may have had an effect', async () => {
    fixture.answer((_seen, response) => sendJson(response, { error: 'oops' }, {}, 500))
    const connection = await connect([simple])
    for (let call = 0; call < 2; call += 1) {
      expect(await run(connection, 'simple', {}, { idempotencyKey: 'broken' })).toMatchObject({
        output: null,
        response: { status: 500, body: { error: 'oops' } },
      })
    }
    expect(requests()).toHaveLength(1)
  })

  it('of a call without a response says that the outcome is not known, and is not sent again', async () => {
    fixture.answer((_seen, response) => void response.destroy())
    const connection = await connect([simple])
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'lost' })).toMatchObject({
      __typename: 'ProviderError',
    })
    fixture.answer((_seen, response) => sendJson(response, { data: { id: 7 } }))
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'lost' })).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('not known'),
    })
    expect(requests()).toHaveLength(0)
  })

  it('goes to a provider that takes it, and is then sent again after a call without a response', async () => {
    fixture.answer((_seen, response) => void response.destroy())
    const places = [
      { in: 'header', name: 'Idempotency-Key' },
      { in: 'query', name: 'request_id' },
      { in: 'json', name: 'meta.key', prefix: 'k:' },
      { in: 'header', name: 'X-Short', maxLength: 43 },
    ]
    const connection = await connect(
      places.map((idempotencyKey, index) => ({ ...simple, name: `a${index}`, idempotencyKey })),
    )
    for (const index of places.keys()) {
      expect(await run(connection, `a${index}`, {}, { idempotencyKey: 'mine-1' })).toMatchObject({
        __typename: 'ProviderError',
      })
    }
    fixture.answer((_seen, response) => sendJson(response, { data: { id: 7 } }))
    for (const index of places.keys()) {
      expect(await run(connection, `a${index}`, {}, { idempotencyKey: 'mine-1' })).toMatchObject({ output: 7 })
    }
    const [header, query, json, short] = requests()
    expect(short?.headers['x-short']).toBe('mine-1')
    const long = 'k'.repeat(44)
    await run(connection, 'a3', {}, { idempotencyKey: long })
    expect(lastRequest().headers['x-short']).toBe(createHash('sha256').update(long).digest('base64url'))
    expect(header?.headers['idempotency-key']).toBe('mine-1')
    expect(query?.url.search).toBe('?request_id=mine-1')
    expect(JSON.parse(json?.body ?? '')).toEqual({ meta: { key: 'k:mine-1' } })
  })

  it('of an action that changes nothing is sent each time, and nothing is stored', async () => {
    const search = { ...simple, name: 'search', readOnly: true }
    const connection = await connect([search])
    const sql = 'SELECT count(*)::int AS keys FROM action_key'
    const before = await fixture.app.database.sql.query(sql)
    for (const given of [1, 2, 1]) {
      expect(await run(connection, 'search', { given }, { idempotencyKey: 'reading' })).toMatchObject({ output: 7 })
    }
    expect(requests()).toHaveLength(3)
    expect(await fixture.app.database.sql.query(sql)).toEqual(before)
  })

  it('must be printable ASCII', async () => {
    const connection = await connect([simple])
    for (const idempotencyKey of ['', 'a b', 'a\r\nb', 'ä', 'x'.repeat(256)]) {
      expect(await run(connection, 'simple', {}, { idempotencyKey })).toMatchObject({
        fields: [{ path: ['input', 'idempotencyKey'] }],
      })
    }
  })

  it('of an answer that is too long to be stored is a conflict that says so', async () => {
    fixture.answer((_seen, response) => sendJson(response, { data: { id: 1 }, long: 'x'.repeat(300_000) }))
    const connection = await connect([simple])
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'long' })).toMatchObject({ output: 1 })
    expect(await run(connection, 'simple', {}, { idempotencyKey: 'long' })).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('was run'),
    })
    expect(requests()).toHaveLength(1)
  })

  it('is stored sealed, without what the provider returned in plain text, and is removed after a day', async () => {
    fixture.answer((_seen, response) => sendJson(response, { data: { id: 'personal-data' } }))
    const connection = await connect([simple])
    const { database } = fixture.app
    await run(connection, 'simple', { given: 'personal-argument' }, { idempotencyKey: 'personal-key' })
    const rows = await database.sql.query(
      'SELECT *, encode(sealed, $2) AS plain FROM action_key WHERE connection_id = $1::uuid',
      [rowId(connection), 'escape'],
    )
    expect(rows).toHaveLength(1)
    for (const word of ['personal-data', 'personal-argument', 'personal-key']) {
      expect(JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
        word,
      )
    }
    expect(await trimActionKeys(database, new Date(Date.now() - 86_400_000))).toBe(0)
    await database.sql.query(
      "UPDATE action_key SET created_at = now() - interval '25 hours', leased_until = now() - interval '1 hour'",
    )
    // A key that has not been removed yet is as good as absent.
    expect(await run(connection, 'simple', { given: 'other' }, { idempotencyKey: 'personal-key' })).toMatchObject({
      output: 'personal-data',
    })
    expect(requests()).toHaveLength(2)
    await database.sql.query("UPDATE action_key SET created_at = now() - interval '25 hours'")
    expect(await trimActionKeys(database, new Date(Date.now() - 86_400_000))).toBeGreaterThan(0)
    expect(await database.sql.query('SELECT 1 AS one FROM action_key')).toEqual([])
  })
})

describe('ACTION_RUN', () => {
  it('is in the event log for each run, without arguments', async () => {
    const connection = await connect([simple])
    await run(connection, 'simple', { given: 'private-argument' }, { idempotencyKey: 'event' })
    await run(connection, 'simple', { given: 'private-argument' }, { idempotencyKey: 'event' })
    fixture.answer((_seen, response) => sendJson(response, {}, {}, 422))
    await run(connection, 'simple', {})
    fixture.answer((_seen, response) => void response.destroy())
    await run(connection, 'simple', {})
    await run(connection, 'simple', 'no arguments')
    const { data } = await fixture.app.request(
      `query ($id: ID!) { node(id: $id) { ... on Connection { events { nodes { __typename type
         ... on ActionRun { action ok providerStatus connection { id } } } } } } }`,
      { id: connection },
      fixture.workspace.key,
    )
    const runs = data.node.events.nodes.filter(({ type }: { type: string }) => type === 'ACTION_RUN')
    const event = { __typename: 'ActionRun', type: 'ACTION_RUN', action: 'simple', connection: { id: connection } }
    expect(runs).toEqual([
      { ...event, ok: true, providerStatus: 200 },
      { ...event, ok: false, providerStatus: 422 },
      { ...event, ok: false, providerStatus: null },
    ])
    const stored = await fixture.app.database.sql.query(
      "SELECT payload::text AS payload FROM event WHERE type = 'ACTION_RUN'",
    )
    expect(JSON.stringify(stored)).not.toContain('private-argument')
  })
})

describe('the audit log', () => {
  it('has a line for an action that may change something, with its method, and none for one that only reads', async () => {
    const connection = await connect([simple, { ...simple, name: 'search', readOnly: true }])
    const since = new Date().toISOString()
    await run(connection, 'search', {})
    await run(connection, 'search', { given: 1 }, { idempotencyKey: 'bad key' })
    await run(connection, 'simple', {})
    const reader = await fixture.createKey('READER')
    await run(connection, 'simple', {}, {}, reader)
    const { data } = await fixture.app.request(
      `query ($id: ID!, $since: DateTime) { node(id: $id) { ... on Workspace {
         auditEvents(filter: { action: "runAction", since: $since }) { nodes { action method outcome targetId } } } } }`,
      { id: fixture.workspace.id, since },
      fixture.workspace.key,
    )
    const line = { action: 'runAction', targetId: connection }
    expect(data.node.auditEvents.nodes).toEqual([
      { ...line, method: null, outcome: 'FORBIDDEN' },
      { ...line, method: 'POST', outcome: 'OK' },
      // The input was refused before the action was known.
      { ...line, method: null, outcome: 'INVALID_INPUT' },
    ])
  })
})

describe('Integration.actions', () => {
  it('has names, titles, descriptions, schemas and what an action does', async () => {
    const connection = await connect([
      { ...simple, title: 'A title', description: 'What it does.', input: { properties: { given: text } } },
      { ...itemParts, name: 'get_items' },
      { ...simple, name: 'remove-it', request: { method: 'DELETE', path: '/x' } },
      { ...simple, name: 'search', readOnly: true },
      { ...simple, name: 'reset', destructive: true },
      { ...itemParts, name: 'override', request: { method: 'GET', path: '/x', query: { method: '{{ args.m }}' } } },
      { ...itemParts, name: 'header', request: { method: 'GET', path: '/x', headers: { 'X-HTTP-Method': 'DELETE' } } },
    ])
    const { data } = await fixture.app.request(
      `query ($id: ID!) { node(id: $id) { ... on Connection { integration { actions {
         name title description inputSchema readOnly destructive } } } } }`,
      { id: connection },
      fixture.workspace.key,
    )
    const { actions } = data.node.integration
    expect(actions[0]).toEqual({
      name: 'simple',
      title: 'A title',
      description: 'What it does.',
      inputSchema: { type: 'object', properties: { given: text } },
      readOnly: false,
      destructive: false,
    })
    const marks = actions.map(({ title, readOnly, destructive }: Record<string, unknown>) => [
      title,
      readOnly,
      destructive,
    ])
    expect(marks.slice(1)).toEqual([
      ['Get items', true, false],
      ['Remove it', false, true],
      ['Search', true, false],
      ['Reset', false, true],
      ['Override', false, false],
      ['Header', false, false],
    ])
  })
})

const CREATE_ISSUER = `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) { __typename
  ... on CreateOidcIssuerPayload { oidcIssuer { id } } ... on Error { message } } }`
const VERIFY_ISSUER = `mutation ($input: VerifyOidcIssuerInput!) { verifyOidcIssuer(input: $input) { __typename
  ... on VerifyOidcIssuerPayload { oidcIssuer { id } } ... on Error { message } } }`
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { key } ... on Error { message } } }`
