import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { createGraphQLClient } from '../../support/graphql-client.ts'
import { openSocket } from '../small-server.ts'

const S = 'SECRET0x7f'
const connect = 'mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename } }'
const endUser = 'mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { __typename } }'
const connections = (argument: string) => `{ workspaces { nodes { connections(${argument}) { totalCount } } } }`

/** Documents and variables that GraphQL refuses. Each contains a value that must not appear in the answer. */
const REFUSED: [string, string, Record<string, unknown>?][] = [
  ['a syntax error', `{ viewer { kind "${S}" } }`],
  ['a string that does not end', `{ workspace(slug: "${S}) { id } }`],
  ['a bad escape', `{ workspace(slug: "${S}\\q") { id } }`],
  ['an enum value', connections(`filter: { status: ${S} }`)],
  ['an enum value as a string', connections(`filter: { status: "${S}" }`)],
  [
    'an enum variable',
    'query ($s: [ConnectionStatus!]) { workspaces { nodes { connections(filter: { status: $s }) { totalCount } } } }',
    { s: [S] },
  ],
  [
    'an enum variable of another kind',
    'query ($s: [ConnectionStatus!]) { workspaces { nodes { connections(filter: { status: $s }) { totalCount } } } }',
    { s: { [S]: S } },
  ],
  ['an int', connections(`first: "${S}"`)],
  ['an int variable', 'query ($n: Int) { workspaces(first: $n) { totalCount } }', { n: S }],
  ['a string variable', 'query ($n: String) { workspaces(after: $n) { totalCount } }', { n: { [S]: S } }],
  ['an id variable', 'query ($n: ID!) { node(id: $n) { id } }', { n: { [S]: S } }],
  ['an id', `{ node(id: { a: "${S}" }) { id } }`],
  [
    'an instant',
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename } }',
    { input: { name: 'x', role: 'READER', expiresAt: S } },
  ],
  [
    'an instant in the document',
    `mutation { createApiKey(input: { name: "x", role: READER, expiresAt: "${S}" }) { __typename } }`,
  ],
  ['a secret of another kind', connect, { input: { workspaceId: 'x', credential: { secretText: [S, { a: S }] } } }],
  [
    'a secret of another kind in the document',
    `mutation { createConnection(input: { workspaceId: "x", credential: { secretText: { a: "${S}" } } }) { __typename } }`,
  ],
  [
    'two keys of a @oneOf',
    connect,
    { input: { workspaceId: 'x', credential: { secretText: S, basic: { username: S } } } },
  ],
  [
    'two keys of a @oneOf in the document',
    `mutation { createConnection(input: { workspaceId: "x", credential: { secretText: "${S}", fields: { a: "${S}" } } }) { __typename } }`,
  ],
  ['no key of a @oneOf', connect, { input: { workspaceId: S, credential: {} } }],
  ['a null key of a @oneOf', connect, { input: { workspaceId: S, credential: { secretText: null } } }],
  ['an unknown key beside a secret', connect, { input: { workspaceId: 'x', credential: { secretText: 'y' }, [S]: S } }],
  [
    'an unknown key that poses as the end of a message',
    connect,
    { input: { workspaceId: 'x', credential: { [`Expected type "${S}" to be an object.`]: 1 } } },
  ],
  ['a value that poses as the end of a message', endUser, { input: `x"; Expected type "${S}" to be an object.` }],
  ['a missing field beside a secret', connect, { input: { credential: { secretText: S } } }],
  ['an object where text is due', endUser, { input: { workspaceId: 'x', externalId: { a: S } } }],
  ['text where an object is due', endUser, { input: S }],
  ['a list where an object is due', endUser, { input: [S] }],
  ['a variable of the wrong type in use', 'query ($x: String!) { workspaces(first: $x) { totalCount } }', { x: S }],
  ['a default value', `query ($x: Int = "${S}") { workspaces(first: $x) { totalCount } }`],
  ['a directive argument', `{ viewer @include(if: "${S}") { kind } }`],
  ['a directive variable', 'query ($x: Boolean!) { viewer @include(if: $x) { kind } }', { x: S }],
  [
    'a missing variable beside one',
    'query ($x: Int!, $y: Int!) { a: workspaces(first: $x) { totalCount } b: workspaces(first: $y) { totalCount } }',
    { x: S },
  ],
  ['differing arguments', `{ workspace(slug: "${S}") { id } workspace(slug: "other") { id } }`],
  ['a block string', `{ workspaces(first: """${S}""") { totalCount } }`],
  ['a duplicate argument', `{ workspace(slug: "${S}", slug: "${S}") { id } }`],
  [
    'a duplicate input field',
    `mutation { upsertEndUser(input: { workspaceId: "${S}", workspaceId: "${S}", externalId: "x" }) { __typename } }`,
  ],
  ['a cursor', `subscription { workspaceEvents(workspaceId: "x", after: { a: "${S}" }) { id } }`],
  [
    'a cursor variable',
    'subscription ($after: Cursor) { workspaceEvents(workspaceId: "x", after: $after) { id } }',
    { after: [S] },
  ],
  ['a cursor that never was', `{ workspaces(after: "${S}") { totalCount } }`],
]

describe.each([
  ['development', false],
  ['production', true],
])('Values in a refused operation, in %s', (_name, production) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ config: { production } })
    // Lists need items to refuse.
    await app.createWorkspace()
  })
  afterAll(() => app.stop())

  it.each(REFUSED)('are neither returned nor logged: %s', async (_what, query, variables) => {
    app.log.length = 0
    const headers = { authorization: `Bearer ${app.operatorKey}`, 'content-type': 'application/json' }
    const texts: string[] = []
    for (const accept of ['application/json', 'application/graphql-response+json', 'text/event-stream']) {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { ...headers, accept },
        body: JSON.stringify({ query, variables }),
      })
      expect(response.status, accept).toBeLessThan(500)
      texts.push(await response.text())
    }
    const socket = await openSocket(app.url)
    socket.send({ type: 'connection_init', payload: headers })
    await socket.next()
    socket.send({ type: 'subscribe', id: '1', payload: { query, variables } })
    texts.push(JSON.stringify(await socket.next()))
    socket.socket.close()
    await socket.closed
    for (const text of texts) {
      expect(text).toContain('"code":"INVALID_INPUT"')
      expect(text).not.toContain(S)
      expect(text).not.toContain('originalError')
    }
    expect(app.log.join('\n')).not.toContain(S)
  })

  it('are described by variable, path and expected type', async () => {
    const input = { workspaceId: null, credential: { secretText: 5, basic: null }, metadata: {}, endUserId: [] }
    const { errors } = await app.request(connect, { input })
    expect(errors).toHaveLength(1)
    expect(errors?.[0]?.message).toContain('The variable "$input" is not valid.')
    const { fields, status } = errors?.[0]?.extensions ?? {}
    expect(status).toBe(422)
    expect(fields).toEqual(
      expect.arrayContaining([
        {
          path: ['input', 'workspaceId'],
          message: production ? 'Must not be null.' : 'Expected non-nullable type "ID!" not to be null.',
        },
        { path: ['input', 'credential', 'secretText'], message: 'Secret must be a string.' },
        {
          path: ['input', 'credential'],
          message: production
            ? 'Exactly one key must be given.'
            : 'Exactly one key must be specified for OneOf type "CredentialInput".',
        },
        { path: ['input', 'endUserId'], message: 'Must be of type ID.' },
      ]),
    )
  })

  it('are described in at most 20 places', async () => {
    const { errors } = await app.request('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 100_000 }, () => ({})),
    })
    expect(errors?.[0]?.extensions['fields']).toHaveLength(20)
    expect(errors?.[0]?.message).toContain('ids.0: Must be of type ID.')
  })

  it('are not quoted when the body is not valid JSON', async () => {
    const send = (body: string, query = '') =>
      fetch(`${app.url}/graphql${query}`, {
        method: query === '' ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${app.operatorKey}`, 'content-type': 'application/json' },
        ...(query === '' ? { body } : {}),
      })
    for (const response of [
      await send(`{"query": "${S}`),
      await send(`[${S}]`),
      await send(`"${S}"`),
      await send('null'),
      await send(JSON.stringify({ query: '{ viewer { kind } }', [S]: S })),
      await send(JSON.stringify({ query: { [S]: S } })),
      await send(JSON.stringify({ query: '{ viewer { kind } }', variables: S })),
      await send(JSON.stringify({ query: '{ viewer { kind } }', operationName: S })),
      await send(JSON.stringify({ query: '{ viewer { kind } }', extensions: [S] })),
      await send(JSON.stringify([{ query: '{ viewer { kind } }', [S]: S }])),
      await send('', `?query={viewer{kind}}&variables={"a":"${S}`),
      await send('', `?query={viewer{kind}}&extensions=${S}`),
    ]) {
      const text = await response.text()
      expect(response.status, text).toBe(400)
      // The name of an operation is part of the document and not a value.
      expect(text.replace(`operation named \\"${S}\\"`, '')).not.toContain(S)
      expect(text).not.toMatch(/originalError|SyntaxError|Unexpected|position|stack/)
      expect(JSON.parse(text).errors[0].extensions.code).toBe('INVALID_INPUT')
    }
  })

  it('do not keep a client library from reading the error code', async () => {
    const client = createGraphQLClient({ url: `${app.url}/graphql`, key: app.operatorKey })
    const subscription = client.subscribe('subscription { workspaceEvents(workspaceId: "x") { id } }')
    await expect(subscription.next()).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
    await client.close()
  })
})
