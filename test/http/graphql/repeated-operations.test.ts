import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'

/** Enough executions for a document to be cached and compiled. */
const TIMES = 5

describe('A repeated operation', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  /** The parts of an answer that are the same for each request. */
  async function post(body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${app.operatorKey}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const own = ['date', 'x-request-id', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'vary']
    return {
      status: response.status,
      headers: Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name))),
      text: (await response.text())
        .replace(/"(traceId|occurredAt)":"[^"]+"/g, '"$1":""')
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>'),
    }
  }

  const list = 'query List($first: Int) { workspaces(first: $first) { nodes { id name } pageInfo { hasNextPage } } }'

  const mutationOf = (name: string, input: unknown) => ({
    query: `mutation M($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename
      ... on Error { code message } ... on InvalidInputError { fields { path message } } } }`,
    variables: { input },
  })
  const request = {
    connectionId: 'none',
    method: 'GET',
    path: '/',
    query: { big: 12345678901234, list: [1, 'a', true] },
  }

  it.each<[string, unknown, Record<string, string>?]>([
    ['a mutation', mutationOf('updateWorkspace', { workspaceId: 'none', name: 'x' })],
    ['a mutation with JSON', mutationOf('executeRequest', request)],
    ['a mutation with wrong values', mutationOf('executeRequest', { ...request, query: [], headers: { a: 1 } })],
    ['a mutation with a wrong enum value', mutationOf('executeRequest', { ...request, method: 'TRACE' })],
    ['a mutation with a missing field', mutationOf('executeRequest', { ...request, path: undefined })],
    ['a mutation with null for a field that must be given', mutationOf('executeRequest', { ...request, path: null })],
    ['a mutation with an unknown field', mutationOf('executeRequest', { ...request, more: 1 })],
    ['a mutation with an ill-formed text', mutationOf('executeRequest', { ...request, path: '/\u0000' })],
    ['a mutation without its input', { ...mutationOf('executeRequest', request), variables: {} }],
    [
      'a mutation with two fields of which one may be given',
      mutationOf('createConnection', {
        workspaceId: 'none',
        integration: 'x',
        credential: { secretText: 'a', fields: {} },
      }),
    ],
    [
      'a mutation with two of those fields in its document',
      {
        query: `mutation ($text: String) { createConnection(input: { workspaceId: "none", integration: "x",
          credential: { secretText: $text } }) { __typename ... on Error { code message } } }`,
        variables: { text: null },
      },
    ],
    [
      'two mutations',
      {
        query: `mutation { a: deleteConnection(input: { connectionId: "none" }) { __typename }
          b: deleteConnection(input: { connectionId: "none" }) { __typename } }`,
      },
    ],
    ['a list', { query: list, variables: { first: 2 } }],
    ['a named operation', { query: list, operationName: 'List' }],
    ['an operation that the document does not have', { query: list, operationName: 'Other' }],
    ['an answer of the newer type', { query: list }, { accept: 'application/graphql-response+json' }],
    ['a variable of a wrong type', { query: list, variables: { first: 'many' } }],
    [
      'a variable of a wrong type, for the newer type',
      { query: list, variables: { first: 'many' } },
      { accept: 'application/graphql-response+json' },
    ],
    ['an argument out of range', { query: list, variables: { first: 1_000 } }],
    [
      'a field that fails below the root',
      { query: '{ workspaces(first: 1) { nodes {\n  connections(first: -1) { totalCount } } } }' },
    ],
    ['no credential', { query: list }, { authorization: '' }],
    ['an unknown key', { query: list }, { authorization: 'Bearer lk_nobody' }],
    ['type names', { query: '{ node(id: "none") { __typename ... on Workspace { name } } }' }],
    ['a schema', { query: '{ __type(name: "Workspace") { name } }' }],
    [
      'a request of Apollo Client',
      { query: list, variables: {}, operationName: 'List', extensions: { clientLibrary: { name: 'x', version: '1' } } },
      { accept: 'application/graphql-response+json,application/json;q=0.9' },
    ],
    ['a body with extensions', { query: list, extensions: {} }],
    ['extensions that are a list', { query: list, extensions: [] }],
    ['a body that is a list', [{ query: list }]],
    ['variables that are a list', { query: list, variables: [] }],
    ['a body that is not JSON', '{"query":'],
  ])('gets the same answer each time: %s', async (_name, body, headers) => {
    await app.createWorkspace()
    // Caches the document.
    for (let time = 0; time < TIMES; time += 1) await post({ query: list })
    // Only Yoga accepts this content type, so the first answer comes from Yoga.
    const expected = await post(body, { ...headers, 'content-type': 'application/json; charset=utf-8' })
    for (let time = 0; time < TIMES; time += 1) expect(await post(body, headers)).toEqual(expected)
  })

  it('is selected by its name when its document has several', async () => {
    const query = 'query One { one: __typename viewer { kind } } query Two { two: __typename viewer { role } }'
    for (let time = 0; time < TIMES; time += 1) {
      for (const [operationName, key] of [
        ['One', 'kind'],
        ['Two', 'role'],
      ] as const) {
        const { text } = await post({ query, operationName })
        expect(JSON.parse(text).data.viewer).toEqual({ [key]: 'OPERATOR' })
      }
    }
  })

  it('shows each of several concurrent callers their own data', async () => {
    const [a, b] = await Promise.all([app.createWorkspace('a'), app.createWorkspace('b')])
    const query = 'query ($id: ID!) { node(id: $id) { id } workspaces { nodes { id } } }'
    for (let time = 0; time < TIMES; time += 1) {
      const asked = [a, b].flatMap((own) => [a, b].map((other) => ({ own, other })))
      const answers = await Promise.all(asked.map(({ own, other }) => app.request(query, { id: other.id }, own.key)))
      for (const [index, { own, other }] of asked.entries()) {
        expect(answers[index]?.data).toEqual({
          node: own === other ? { id: other.id } : null,
          workspaces: { nodes: [{ id: own.id }] },
        })
      }
    }
  })

  it('shows earlier writes', async () => {
    const { id } = await app.createWorkspace()
    const query = 'query ($id: ID!) { workspace(id: $id) { name } }'
    // Other callers send the same query continuously.
    let over = false
    const others = Array.from({ length: 4 }, async () => {
      while (!over) await app.request(query, { id })
    })
    try {
      for (let time = 0; time < 20; time += 1) {
        await app.mutate(
          `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { message } } }`,
          { workspaceId: id, name: `name ${time}` },
        )
        expect((await app.request(query, { id })).data.workspace.name).toBe(`name ${time}`)
      }
    } finally {
      over = true
      await Promise.all(others)
    }
  })
})
