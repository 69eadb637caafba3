import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { newId } from '../../src/kit/ids.ts'
import { type GraphQLResult, startTestApp, type TestApp } from '../support/app.ts'
import { contactsDefinition } from '../support/records-upstream.ts'
import { documents } from './documents.ts'

describe('Invalid input', () => {
  let app: TestApp
  let workspace: { id: string; key: string }
  let readerKey: string
  beforeAll(async () => {
    app = await startTestApp()
    workspace = await app.createWorkspace()
    const reader = await app.mutate(documents.createApiKey, { workspaceId: workspace.id, name: 'r', role: 'READER' })
    readerKey = reader.key
    await app.mutate(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: 'api-key',
      definition: {
        ...contactsDefinition('https://api.example.com', {
          type: 'api_key',
          placement: { in: 'header', name: 'X-Key' },
          fields: [
            { name: 'api_key', secret: true, required: true, pattern: 'k-[0-9]+' },
            { name: 'account', required: true },
          ],
          value: '{{ config.api_key }}:{{ config.account }}',
        }),
        inputFields: [{ name: 'region', required: true }],
        baseUrl: 'https://{{ input.region }}.example.com',
      },
    })
  })
  afterAll(() => app.stop())

  const create = (document: string, input: Record<string, unknown>, key = workspace.key) =>
    app.request(document, { input }, key)
  const only = ({ data, errors }: GraphQLResult) => {
    expect(errors).toBeUndefined()
    return Object.values<{ __typename: string; fields?: { path: string[]; message: string }[] }>(data)[0]
  }
  const fieldsOf = (result: GraphQLResult) => (only(result)?.fields ?? []).map(({ path }) => path.join('.')).toSorted()

  it('createConnection: the error names every invalid field of the credential and the input, and no values', async () => {
    const result = await create(documents.createConnection, {
      workspaceId: workspace.id,
      integration: 'api-key',
      displayName: ' ',
      metadata: [],
      credential: { fields: { api_key: 'SECRET-malformed', wrong: 'SECRET-unknown' } },
      input: { regoin: 'eu' },
    })
    expect(only(result)).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT', status: 422 })
    expect(fieldsOf(result)).toEqual([
      'input.credential.fields.account',
      'input.credential.fields.api_key',
      'input.credential.fields.wrong',
      'input.displayName',
      'input.input.region',
      'input.input.regoin',
      'input.metadata',
    ])
    expect(JSON.stringify(result)).not.toContain('SECRET')
    expect(app.log.join('\n')).not.toContain('SECRET')
  })

  it('createIntegration: the error names every invalid place in the definition', async () => {
    const result = await create(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: 'Bad Slug',
      definition: {
        ...contactsDefinition('https://api.example.com'),
        colour: 'red',
        headers: { 'X-A': '{{ config.a' },
        streams: [{ name: 's', path: '/s', recordsPath: [''], primaryKey: [['id']] }],
      },
    })
    expect(fieldsOf(result)).toEqual([
      'input.definition.colour',
      'input.definition.headers.X-A',
      'input.definition.streams.0.recordsPath',
      'input.slug',
    ])
  })

  it.each([
    ['both', { provider: 'x', definition: {} }],
    ['neither', {}],
  ])('createIntegration: exactly one of provider and definition must be given, not %s', async (_name, extra) => {
    const result = await create(documents.createIntegration, { workspaceId: workspace.id, slug: 'x', ...extra })
    expect(fieldsOf(result)).toContain('input.definition')
  })

  it('an id that is malformed, does not exist or belongs to another type is NOT_FOUND', async () => {
    const ids = [encodeGlobalId('Connection', newId()), encodeGlobalId('EndUser', newId()), 'x', '', workspace.id]
    for (const connectionId of ids) {
      const result = await create(documents.triggerSync, { connectionId })
      expect(only(result)).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND', status: 404 })
      const { data, errors } = await app.request(
        'query ($id: ID!) { node(id: $id) { id } }',
        { id: connectionId },
        workspace.key,
      )
      expect(errors).toBeUndefined()
      expect(data.node === null || connectionId === workspace.id).toBe(true)
    }
  })

  it('a key of another workspace gets NOT_FOUND from mutations and null from queries', async () => {
    const other = await app.createWorkspace('Other')
    const input = { workspaceId: workspace.id }
    const attempts: [string, Record<string, unknown>][] = [
      [documents.createApiKey, { ...input, name: 'x', role: 'ADMIN' }],
      [documents.upsertEndUser, { ...input, externalId: 'x' }],
      [documents.createIntegration, { ...input, slug: 'x', definition: contactsDefinition('https://a.example.com') }],
      [documents.createConnection, { ...input, integration: 'api-key', credential: { fields: {} } }],
    ]
    for (const [document, value] of attempts) {
      expect(only(await create(document, value, other.key))).toMatchObject({ __typename: 'NotFoundError' })
    }
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } workspaces { totalCount nodes { id } } }',
      { id: workspace.id },
      other.key,
    )
    expect(data).toEqual({
      workspace: null,
      node: null,
      nodes: [null],
      workspaces: { totalCount: 1, nodes: [{ id: other.id }] },
    })
  })

  it('a READER key can read, and its mutations are FORBIDDEN', async () => {
    const result = await create(documents.upsertEndUser, { workspaceId: workspace.id, externalId: 'x' }, readerKey)
    expect(only(result)).toMatchObject({ __typename: 'ForbiddenError', status: 403 })
    expect((await create(documents.createWorkspace, { name: 'x' })).data.createWorkspace.__typename).toBe(
      'ForbiddenError',
    )
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { name } }',
      { id: workspace.id },
      readerKey,
    )
    expect(data.workspace.name).toBe('Acme')
  })

  it('a request with no key or an unknown one gets a top-level UNAUTHENTICATED error', async () => {
    for (const key of [null, 'lk_nonsense', '']) {
      const { errors } = await app.request('{ viewer { kind } }', {}, key)
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', traceId: expect.any(String) })
    }
  })

  it('the error for a malformed @oneOf input never contains its secrets', async () => {
    const credential = { secretText: 'SECRET-ONE', basic: { username: 'SECRET-TWO', password: 'SECRET-THREE' } }
    const inVariables = await create(documents.createConnection, { workspaceId: workspace.id, credential })
    const inDocument = await app.request(
      `mutation { createConnection(input: { workspaceId: "${workspace.id}", credential: { secretText: "SECRET-ONE", basic: { username: "SECRET-TWO" } } }) { __typename } }`,
    )
    for (const result of [inVariables, inDocument]) {
      expect(result.errors?.[0]?.message).toMatch(/exactly one key/i)
      expect(result.errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
      expect(JSON.stringify(result)).not.toContain('SECRET')
    }
  })

  it('text and numbers that would not be stored unchanged are INVALID_INPUT', async () => {
    for (const externalId of ['nul\0', 'half \ud800', ' ', 'x'.repeat(256)]) {
      const result = await create(documents.upsertEndUser, { workspaceId: workspace.id, externalId })
      expect(fieldsOf(result)).toEqual(['input.externalId'])
    }
    const big = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${workspace.key}` },
      body: `{"query":${JSON.stringify(documents.upsertEndUser)},"variables":{"input":{"workspaceId":"${workspace.id}","externalId":"n","metadata":{"n":9007199254740993,"m":1e400}}}}`,
    })
    expect(fieldsOf((await big.json()) as GraphQLResult)).toEqual(['input.metadata.n'])
  })

  it('a malformed cursor and a page size outside 0 to 100 are INVALID_INPUT', async () => {
    const ask = (fields: string) =>
      app.request(`query ($id: ID!) { workspace(id: $id) { ${fields} { totalCount } } }`, { id: workspace.id })
    for (const fields of [
      'connections(first: 101)',
      'connections(first: -1)',
      'connections(first: 2147483647)',
      'endUsers(after: "x")',
      'events(after: "x")',
      'syncJobs(after: "")',
    ]) {
      const { errors } = await ask(fields)
      expect(errors?.[0]?.extensions, fields).toMatchObject({ code: 'INVALID_INPUT', status: 422 })
    }
    expect((await ask('connections(first: 0)')).data.workspace.connections.totalCount).toBe(0)
  })

  it('a slug or external id that is taken is CONFLICT, and nothing of the request is stored', async () => {
    const slug = 'taken'
    const definition = contactsDefinition('https://a.example.com')
    const first = await create(documents.createIntegration, { workspaceId: workspace.id, slug, definition })
    expect(only(first)).toMatchObject({ __typename: 'CreateIntegrationPayload' })
    const again = await create(documents.createIntegration, { workspaceId: workspace.id, slug, definition })
    expect(only(again)).toMatchObject({ __typename: 'ConflictError', status: 409 })
    const connection = {
      workspaceId: workspace.id,
      integration: slug,
      externalId: 'mine',
      credential: { secretText: 'abc' },
    }
    expect(only(await create(documents.createConnection, connection))).toMatchObject({
      __typename: 'CreateConnectionPayload',
    })
    const endUserExternalId = 'nobody-else'
    expect(only(await create(documents.createConnection, { ...connection, endUserExternalId }))).toMatchObject({
      __typename: 'ConflictError',
    })
    // The end user of the refused connection must not have been created either.
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { endUser(externalId: "nobody-else") { id } } }',
      {
        id: workspace.id,
      },
    )
    expect(data.workspace.endUser).toBeNull()
  })
})
