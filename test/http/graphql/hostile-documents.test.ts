import { getIntrospectionQuery, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../../src/graphql/schema.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type Answer, openSocket } from '../small-server.ts'

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')

/** F1 selects F2 twice, F2 selects F3 twice, and so on: 2 to the power of `levels` fields. */
const doubling = (levels: number, first: 'fragments' | 'operation') => {
  const fragments = times(levels, (i) => `fragment F${i} on Workspace { ...F${i + 1} ...F${i + 1} }`)
  const parts = [fragments, `fragment F${levels} on Workspace { id }`, '{ workspaces { nodes { ...F0 } } }']
  return (first === 'operation' ? parts.toReversed() : parts).join(' ')
}
/** The same with fields between, which have to be merged. */
const widening = (levels: number) =>
  `{ workspaces { nodes { ...F0 } } } ${times(
    levels,
    (i) =>
      `fragment F${i} on Workspace { a: connections { nodes { workspace { ...F${i + 1} } } } b: connections { nodes { workspace { ...F${i + 1} } } } }`,
  )} fragment F${levels} on Workspace { id }`

const nested = (levels: number) =>
  `{ workspaces { nodes ${'{ connections { nodes { workspace '.repeat(levels)}{ id }${' } } }'.repeat(levels)} } }`

/** What a hostile caller sends. Each is refused before anything of it is resolved. */
const HOSTILE: [string, string][] = [
  ['GQ-01 101 aliases of __typename', `{ ${times(101, (i) => `alias${i}: __typename`)} }`],
  ['GQ-01 16 aliases of a field', `{ ${times(16, (i) => `a${i}: viewer { kind }`)} }`],
  ['GQ-01 aliases in a fragment', `{ ...F } fragment F on Query { ${times(16, (i) => `a${i}: viewer { kind }`)} }`],
  ['GQ-03 one field 500 times', `{ ${times(500, () => '__typename')} }`],
  ['GQ-03 one field in 500 inline fragments', `{ ${times(500, () => '... { __typename }')} }`],
  [
    'GQ-03 one field in 120 fragments',
    `{ ${times(120, (i) => `...F${i}`)} } ${times(120, (i) => `fragment F${i} on Query { __typename }`)}`,
  ],
  ['GQ-04 a directive 50 times', `{ __typename ${'@include(if: true) '.repeat(50)} }`],
  [
    'GQ-04 directives on many fields',
    `{ ${times(12, () => `viewer { kind @skip(if: false) role @include(if: true) }`)} }`,
  ],
  ['GQ-08 depth 50', nested(16)],
  ['GQ-15 fragments that double, 14 levels', doubling(14, 'operation')],
  ['GQ-15 fragments that double, 20 levels', doubling(20, 'operation')],
  ['GQ-15 fragments that double, before the operation', doubling(20, 'fragments')],
  ['GQ-15 fragments that double, 100 levels', doubling(100, 'fragments')],
  ['GQ-15 fragments that widen', widening(20)],
  ['GQ-16 a fragment within itself', '{ workspaces { nodes { ...A } } } fragment A on Workspace { id ...A }'],
  [
    'GQ-16 fragments within each other',
    '{ workspaces { nodes { ...A } } } fragment A on Workspace { ...B } fragment B on Workspace { ...A }',
  ],
  [
    'GQ-16 a fragment within itself, deeper',
    '{ workspaces { nodes { ...A } } } fragment A on Workspace { connections { nodes { workspace { ...A } } } }',
  ],
  ['GQ-17 10,000 unknown fields', `{ ${times(10_000, (i) => `f${i}`)} }`],
  ['GQ-17 1,000 unknown fields', `{ ${times(1_000, (i) => `f${i}`)} }`],
  ['GQ-21 @defer', '{ workspaces { nodes { ... @defer { id } } } }'],
  ['GQ-21 @stream', '{ workspaces { nodes @stream(initialCount: 0) { id } } }'],
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

  it.each(HOSTILE)('are refused before they are run: %s', async (_what, query) => {
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
      // Limits are not for probing.
      expect(JSON.stringify(errors?.map(({ message }) => message))).not.toMatch(/\d{2,}/)
    }
  })

  it('says what is too expensive, and what to do', async () => {
    const { json } = await post({
      query: '{ workspaces(first: 100) { nodes { connections(first: 100) { nodes { integration { id } } } } } }',
    })
    expect(json.errors?.[0]?.message).toMatch(/too expensive.*first/)
    expect(json.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', status: 422 })
  })

  it('are not what a console or a dashboard asks for', async () => {
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

  it('has no batches (GQ-02)', async () => {
    const { status, json } = await post([{ query: '{ __typename }' }, { query: '{ __typename }' }])
    expect(status).toBe(400)
    expect(json.errors?.[0]?.message).toBe('Batching is not supported.')
  })

  it('refuses documents that are too long (GQ-18)', async () => {
    const long = (length: number) => post({ query: `{ __typename } #${'x'.repeat(length)}` })
    expect((await long(1_000_000)).status).toBe(413)
    expect((await long(100_000)).status).toBe(413)
    expect((await long(1_000)).status).toBe(200)
  })

  it('takes variables of any depth for what they are (GQ-19)', async () => {
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

  it('refuses pages that are none (GQ-25)', async () => {
    for (const first of ['2147483647', '-1', '101']) {
      const { json } = await post({ query: `{ workspaces(first: ${first}) { totalCount } }` })
      expect(json.errors?.[0]?.extensions, first).toMatchObject({ code: 'INVALID_INPUT', status: 422 })
    }
    for (const page of ['first: 2147483648', 'first: 1e3', 'first: 1, last: 1', 'last: 1']) {
      expect((await post({ query: `{ workspaces(${page}) { totalCount } }` })).status, page).toBe(400)
    }
  })

  it(`${production ? 'has no' : 'has'} introspection, GraphiQL and suggestions (GQ-05)`, async () => {
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

describe('What can be learned of the schema in production (GQ-14)', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ config: { production: true } })
  })
  afterAll(() => app.stop())

  const schema = buildSchema()
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  const fields = [...new Set(types.flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()) : [])))]
  const words = [...new Set([...types.map(({ name }) => name), ...fields])]
  /** What clairvoyance sends: its words as fields, in bunches; then as arguments, and as the fields of what it found. */
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

  it('is nothing for those who have no key: everything has one answer', async () => {
    for (const key of [null, 'lk_wrong']) {
      const answers = new Set<string>()
      // Fewer than are refused for being too many.
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

  it('is no name that they did not send for those who have one', async () => {
    let recovered = 0
    for (const query of probes) {
      const { errors = [] } = await ask(query, app.operatorKey)
      for (const { message } of errors) {
        const told = message.match(/["'`]\$?@?([_A-Za-z]\w*)["'`]/g) ?? []
        if (told.some((name) => !query.includes(name.replaceAll(/\W/g, '')))) recovered += 1
        // Nor which of those they sent are there: clairvoyance reads each of these.
        expect(message).not.toMatch(
          /Cannot query field|Did you mean|of type|Unknown (?:argument|type)|selection of subfields|is required/,
        )
      }
    }
    expect(recovered).toBe(0)
  })
})
