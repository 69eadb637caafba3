import { getIntrospectionQuery, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../../src/graphql/schema.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type Answer, openSocket } from '../small-server.ts'

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')

/** F1 selects F2 twice, F2 selects F3 twice, and so on: 2^levels fields. */
const doubling = (levels: number, first: 'fragments' | 'operation') => {
  const fragments = times(levels, (i) => `fragment F${i} on Workspace { ...F${i + 1} ...F${i + 1} }`)
  const parts = [fragments, `fragment F${levels} on Workspace { id }`, '{ workspaces { nodes { ...F0 } } }']
  return (first === 'operation' ? parts.toReversed() : parts).join(' ')
}
/** The same with fields in between, which validation has to merge. */
const widening = (levels: number) =>
  `{ workspaces { nodes { ...F0 } } } ${times(
    levels,
    (i) =>
      `fragment F${i} on Workspace { a: connections { nodes { workspace { ...F${i + 1} } } } b: connections { nodes { workspace { ...F${i + 1} } } } }`,
  )} fragment F${levels} on Workspace { id }`

const nested = (levels: number) =>
  `{ workspaces { nodes ${'{ connections { nodes { workspace '.repeat(levels)}{ id }${' } } }'.repeat(levels)} } }`

/** Each of these documents must be refused before anything is resolved. */
const HOSTILE: [string, string][] = [
  ['101 aliases of __typename (GQ-01)', `{ ${times(101, (i) => `alias${i}: __typename`)} }`],
  ['16 aliases of a field (GQ-01)', `{ ${times(16, (i) => `a${i}: viewer { kind }`)} }`],
  ['aliases in a fragment (GQ-01)', `{ ...F } fragment F on Query { ${times(16, (i) => `a${i}: viewer { kind }`)} }`],
  ['one field 500 times (GQ-03)', `{ ${times(500, () => '__typename')} }`],
  ['one field in 500 inline fragments (GQ-03)', `{ ${times(500, () => '... { __typename }')} }`],
  [
    'one field in 120 fragments (GQ-03)',
    `{ ${times(120, (i) => `...F${i}`)} } ${times(120, (i) => `fragment F${i} on Query { __typename }`)}`,
  ],
  ['a directive 50 times (GQ-04)', `{ __typename ${'@include(if: true) '.repeat(50)} }`],
  [
    'directives on many fields (GQ-04)',
    `{ ${times(12, () => `viewer { kind @skip(if: false) role @include(if: true) }`)} }`,
  ],
  ['depth 50 (GQ-08)', nested(16)],
  ['fragments that double, 14 levels (GQ-15)', doubling(14, 'operation')],
  ['fragments that double, 20 levels (GQ-15)', doubling(20, 'operation')],
  ['fragments that double, before the operation (GQ-15)', doubling(20, 'fragments')],
  ['fragments that double, 100 levels (GQ-15)', doubling(100, 'fragments')],
  ['fragments that widen (GQ-15)', widening(20)],
  ['a fragment within itself (GQ-16)', '{ workspaces { nodes { ...A } } } fragment A on Workspace { id ...A }'],
  [
    'fragments within each other (GQ-16)',
    '{ workspaces { nodes { ...A } } } fragment A on Workspace { ...B } fragment B on Workspace { ...A }',
  ],
  [
    'a fragment within itself, deeper (GQ-16)',
    '{ workspaces { nodes { ...A } } } fragment A on Workspace { connections { nodes { workspace { ...A } } } }',
  ],
  ['10,000 unknown fields (GQ-17)', `{ ${times(10_000, (i) => `f${i}`)} }`],
  ['1,000 unknown fields (GQ-17)', `{ ${times(1_000, (i) => `f${i}`)} }`],
  ['@defer (GQ-21)', '{ workspaces { nodes { ... @defer { id } } } }'],
  ['@stream (GQ-21)', '{ workspaces { nodes @stream(initialCount: 0) { id } } }'],
  [
    'pages within pages',
    '{ workspaces(first: 100) { nodes { connections(first: 100) { nodes { id integration { id } } } } } }',
  ],
  [
    'pages within pages, by variables',
    'query ($n: Int = 100) { workspaces(first: $n) { nodes { connections(first: $n) { nodes { syncJobs(first: $n) { nodes { id } } } } } } }',
  ],
  [
    'pages within pages, by default',
    '{ workspaces { nodes { connections { nodes { syncJobs { nodes { connection { syncJobs { nodes { id } } } } } } } } } }',
  ],
  [
    '100 ids with a page each',
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Workspace { connections(first: 100) { nodes { id integration { id } } } } } }',
  ],
  ['braces that nest', '{'.repeat(5_000)],
  ['lists that nest', `{ workspace(slug: ${'['.repeat(5_000)}`],
]

describe.each([
  ['development', false],
  ['production', true],
])('Hostile documents, in %s', (_name, production) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ config: { production } })
  })
  afterAll(() => app.stop())

  const post = async (
    body: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${app.operatorKey}` },
  ) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: response.status, json: (await response.json()) as Answer }
  }

  it.each(HOSTILE)('are refused before execution: %s', async (_what, query) => {
    const variables = query.includes('$ids') ? { ids: Array.from({ length: 100 }, () => 'x') } : {}
    const { status, json } = await post({ query, variables })
    expect(status).toBe(400)
    const socket = await openSocket(app.url)
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${app.operatorKey}` } })
    await socket.next()
    socket.send({ type: 'subscribe', id: '1', payload: { query, variables } })
    const said = await socket.next()
    const overSocket = said.type === 'error' ? said.payload : said.payload?.errors
    socket.socket.close()
    for (const errors of [json.errors, overSocket as Answer['errors']]) {
      expect(errors?.length).toBeGreaterThan(0)
      expect(errors?.length).toBeLessThanOrEqual(5)
      for (const { extensions } of errors ?? []) expect(extensions['code']).toBe('INVALID_INPUT')
      // Messages must not reveal the limits.
      expect(JSON.stringify(errors?.map(({ message }) => message))).not.toMatch(/\d{2,}/)
    }
  })

  it('get a message that says what to do when they are too expensive', async () => {
    const { json } = await post({
      query: '{ workspaces(first: 100) { nodes { connections(first: 100) { nodes { integration { id } } } } } }',
    })
    expect(json.errors?.[0]?.message).toMatch(/too expensive.*first/)
    expect(json.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', status: 422 })
  })

  it('do not include the queries of a console or a dashboard', async () => {
    const page = (fields: string) =>
      `edges { cursor node { ${fields} } } nodes { ${fields} } pageInfo { endCursor hasNextPage } totalCount`
    const documents = [
      `{ workspaces(first: 20) { nodes { id name connections(first: 20) { ${page('id status integration { slug } endUser { externalId } latestSyncJob { status }')} } } } }`,
      `{ workspaces { edges { node { connections { edges { node { syncJobs(first: 3) { edges { node { streams { name } } } } } } } } } } }`,
      `{ ${times(15, (i) => `a${i}: workspace(slug: "s${i}") { id }`)} }`,
      `query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Connection { id status } ... on SyncJob { id jobStatus: status } } }`,
    ]
    for (const query of documents) {
      const { status, json } = await post({ query, variables: { ids: ['x', 'y'] } })
      expect(json.errors, query).toBeUndefined()
      expect(status).toBe(200)
    }
  })

  it('cannot be sent in batches (GQ-02)', async () => {
    const { status, json } = await post([{ query: '{ __typename }' }, { query: '{ __typename }' }])
    expect(status).toBe(400)
    expect(json.errors?.[0]?.message).toBe('Batching is not supported.')
  })

  it('are refused when they are too long (GQ-18)', async () => {
    const long = (length: number) => post({ query: `{ __typename } #${'x'.repeat(length)}` })
    expect((await long(1_000_000)).status).toBe(413)
    expect((await long(100_000)).status).toBe(413)
    expect((await long(1_000)).status).toBe(200)
  })

  it('can have deeply nested variables, which are refused without a crash (GQ-19)', async () => {
    const deep = (open: string, close: string, levels = 10_000) => `${open.repeat(levels)}1${close.repeat(levels)}`
    const query =
      'mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { ... on InvalidInputError { fields { path message } } } }'
    for (const value of [deep('[', ']'), deep('{"a":', '}'), deep('[', ']', 200_000)]) {
      const json = `{"query":${JSON.stringify(query)},"variables":{"input":{"workspaceId":"x","externalId":"x","metadata":${value}}}}`
      const answer = (await post(json)).json
      expect(answer.errors).toBeUndefined()
      expect(answer.data.upsertEndUser.fields).toEqual([
        {
          path: expect.arrayContaining(['input', 'metadata']),
          message: 'The value is nested more than 100 levels deep.',
        },
      ])
      const text = `{"query":${JSON.stringify(query)},"variables":{"input":{"workspaceId":${value},"externalId":${value}}}}`
      expect((await post(text)).json.errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
    }
  })

  it('are refused for invalid page arguments (GQ-25)', async () => {
    for (const first of ['2147483647', '-1', '101']) {
      const { json } = await post({ query: `{ workspaces(first: ${first}) { totalCount } }` })
      expect(json.errors?.[0]?.extensions, first).toMatchObject({ code: 'INVALID_INPUT', status: 422 })
    }
    for (const page of ['first: 2147483648', 'first: 1e3', 'first: 1, last: 1', 'last: 1']) {
      expect((await post({ query: `{ workspaces(${page}) { totalCount } }` })).status, page).toBe(400)
    }
  })

  it(`${production ? 'cannot' : 'can'} use introspection, GraphiQL and suggestions (GQ-05)`, async () => {
    const introspection = await post({ query: getIntrospectionQuery() })
    const type = await post({
      query: '{ viewer { ...F } } fragment F on Viewer { __typename kind } query A { __type(name: "Query") { name } }',
      operationName: 'A',
    })
    const typo = await post({ query: '{ viewr { kind } }' })
    const graphiql = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } })
    await graphiql.body?.cancel()
    if (production) {
      for (const { status, json } of [introspection, type]) {
        expect(status).toBe(400)
        expect(json.errors?.[0]?.message).toContain('Introspection is switched off')
      }
      expect(typo.json.errors?.[0]?.message).toBe('The document does not match the schema at this place.')
      expect(graphiql.status).toBe(406)
    } else {
      expect(introspection.json.data.__schema.queryType.name).toBe('Query')
      expect(typo.json.errors?.[0]?.message).toContain('Did you mean "viewer"?')
      expect(graphiql.headers.get('content-type')).toBe('text/html')
    }
  })
})

describe('The schema in production (GQ-14)', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ config: { production: true } })
  })
  afterAll(() => app.stop())

  const schema = buildSchema()
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  const fields = [...new Set(types.flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()) : [])))]
  const words = [...new Set([...types.map(({ name }) => name), ...fields])]
  /** What the tool clairvoyance sends: its word list as fields in groups, then as arguments, types and input fields. */
  const probes = [
    ...Array.from(
      { length: Math.ceil(words.length / 12) },
      (_, i) => `{ ${words.slice(12 * i, 12 * i + 12).join(' ')} }`,
    ),
    ...words.slice(0, 60).map((word) => `{ viewer(${word}: 7) { ${word} } }`),
    ...words.slice(0, 60).map((word) => `mutation { ${word}(input: { ${word}: 7 }) { ${word} } }`),
    ...words.slice(0, 60).map((word) => `query ($x: ${word}) { ... on ${word} { id } }`),
    'imwrongfield',
    '{ imwrongfield }',
    '{ viewer }',
    '{ workspace(id: 7, slug: X) }',
  ]
  const ask = async (query: string, key: string | null) => {
    const { data, errors } = await app.request(query, {}, key)
    return { data, errors: errors?.map(({ message, extensions: { code, status } }) => ({ message, code, status })) }
  }

  it('is hidden from callers without a key, who get the same answer to everything', async () => {
    for (const key of [null, 'lk_wrong']) {
      const answers = new Set<string>()
      // Below the limit of failed attempts.
      for (const query of [
        '{ __typename }',
        '{ __schema { types { name } } }',
        ...probes.filter((_, i) => i % 4 === 0),
      ].slice(0, 60)) {
        answers.add(JSON.stringify(await ask(query, key)))
      }
      expect(answers.size).toBe(1)
      expect([...answers][0]).toContain('UNAUTHENTICATED')
    }
  })

  it('is hidden from callers with a key: no answer contains a name that they did not send', async () => {
    let recovered = 0
    for (const query of probes) {
      const { errors = [] } = await ask(query, app.operatorKey)
      for (const { message } of errors) {
        const quoted = message.match(/["'`]\$?@?([_A-Za-z]\w*)["'`]/g) ?? []
        if (quoted.some((name) => !query.includes(name.replaceAll(/\W/g, '')))) recovered += 1
        // clairvoyance learns from these messages which of the sent names exist.
        expect(message).not.toMatch(
          /Cannot query field|Did you mean|of type|Unknown (?:argument|type)|selection of subfields|is required/,
        )
      }
    }
    expect(recovered).toBe(0)
  })
})
