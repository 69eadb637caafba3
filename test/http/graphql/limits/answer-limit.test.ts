import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeGlobalId } from '../../../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'

const LIMIT = 800_000
const RECORDS = `query ($id: ID!, $after: String, $changedAfter: Cursor) { node(id: $id) { ... on Connection {
  records(first: 100, after: $after, changedAfter: $changedAfter) {
    totalCount nodes { primaryKey data changeCursor } pageInfo { hasNextPage endCursor } } } } }`

describe('The answer of an operation', () => {
  let app: TestApp
  let workspace: { id: string; key: string }
  beforeAll(async () => {
    app = await startTestApp({ config: { answerLimit: LIMIT } })
    workspace = await app.createWorkspace()
    const definition = { displayName: 'n', baseUrl: 'https://api.example', auth: { type: 'none' } }
    await app.mutate(
      'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename } }',
      { workspaceId: workspace.id, slug: 'own', definition },
      workspace.key,
    )
  }, 60_000)
  afterAll(() => app.stop())

  const CREATE = (selection: string) =>
    `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
      ... on CreateConnectionPayload { ${selection} } ... on Error { message } } }`

  async function connect(externalId: string, metadata: object = {}): Promise<string> {
    const input = { workspaceId: workspace.id, integration: 'own', externalId, metadata, credential: { fields: {} } }
    const { connection } = await app.mutate(CREATE('connection { id }'), input, workspace.key)
    return connection.id
  }

  /** Adds records whose text has a length. @param sql the text of record `n` */
  async function addRecords(id: string, count: number, sql: string): Promise<void> {
    const [workspaceRow, connectionRow] = [decodeGlobalId('Workspace', workspace.id), decodeGlobalId('Connection', id)]
    await app.database.sql.query(
      `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'items', json_build_array(n::text), json_build_object('id', n, 'text', ${sql}), '\\x00'
       FROM generate_series(1, $3::int) n`,
      [workspaceRow, connectionRow, count],
    )
    await app.database.sql.query(
      `INSERT INTO stream_state (connection_id, name, workspace_id, record_count) VALUES ($1::uuid, 'items', $2::uuid, $3::int)
       ON CONFLICT (connection_id, name) DO UPDATE SET record_count = excluded.record_count`,
      [connectionRow, workspaceRow, count],
    )
  }

  /** Reads all pages. @returns the keys, and the size of each answer */
  async function readAll(id: string, more: object = {}): Promise<{ keys: string[]; sizes: number[] }> {
    const keys: string[] = []
    const sizes: number[] = []
    let after: string | null = null
    for (let page = 0; page < 200; page += 1) {
      const answer = await app.request(RECORDS, { id, after, ...more }, workspace.key)
      expect(answer.errors).toBeUndefined()
      const { nodes, pageInfo } = answer.data.node.records
      sizes.push(JSON.stringify(answer).length)
      expect(nodes.length).toBeGreaterThan(0)
      for (const { primaryKey } of nodes) keys.push(primaryKey[0])
      after = pageInfo.endCursor
      if (!pageInfo.hasNextPage) return { keys, sizes }
    }
    throw new Error('The list does not end.')
  }
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1))

  it.each([
    ['does not compress well', `(SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, 9375) m)`],
    ['compresses very well', `repeat('x', 300000)`],
  ])(
    'has shorter pages of records whose data is large and %s, and the pages are complete together',
    async (name, sql) => {
      const id = await connect(name)
      await addRecords(id, 12, sql)
      const { keys, sizes } = await readAll(id)
      expect(keys).toEqual(numbers(12))
      expect(sizes.length).toBeGreaterThan(1)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMIT)
      const changes = await readAll(id, { changedAfter: await firstCursor(id) })
      expect(changes.keys).toEqual(numbers(12).slice(1))
    },
  )

  async function firstCursor(id: string): Promise<string> {
    const answer = await app.request(RECORDS, { id }, workspace.key)
    return answer.data.node.records.nodes[0].changeCursor
  }

  it('contains a record that is larger than the rest of the page', async () => {
    const id = await connect('one large')
    await addRecords(id, 3, `repeat(chr(64 + n::int), CASE WHEN n = 2 THEN 700000 ELSE 10 END)`)
    const { keys } = await readAll(id)
    expect(keys).toEqual(numbers(3))
  })

  it('has whole pages of small records', async () => {
    const id = await connect('small')
    await addRecords(id, 150, `repeat('x', 500)`)
    const { keys, sizes } = await readAll(id)
    expect(keys).toEqual(numbers(150))
    expect(sizes).toHaveLength(2)
  })

  it('is refused as a whole if lists of records do not fit into it together', async () => {
    const id = await connect('together')
    await addRecords(id, 5, `(SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, 9375) m)`)
    const lists = Array.from({ length: 6 }, (_, alias) => `r${alias}: records(first: ${alias + 1}) { nodes { data } }`)
    const query = `query ($id: ID!) { node(id: $id) { ... on Connection { ${lists.join(' ')} } } }`
    const { data, errors } = await app.request(query, { id }, workspace.key)
    expect(data ?? null).toBeNull()
    expect(errors).toMatchObject([
      { message: expect.stringContaining('too large'), extensions: { code: 'INVALID_INPUT' } },
    ])
  })

  it('is refused if something else in it is too large', async () => {
    for (let nth = 0; nth < 15; nth += 1) await connect(`metadata ${nth}`, { text: 'x'.repeat(60_000) })
    const query = 'query ($id: ID!) { workspace(id: $id) { connections(first: 100) { nodes { metadata } } } }'
    const { data, errors } = await app.request(query, { id: workspace.id }, workspace.key)
    expect(data ?? null).toBeNull()
    expect(errors).toMatchObject([
      { message: expect.stringContaining('larger than'), extensions: { code: 'INVALID_INPUT' } },
    ])
  })

  it('of a mutation that has taken effect says so', async () => {
    const aliases = Array.from({ length: 14 }, (_, alias) => `m${alias}: metadata`).join(' ')
    const input = {
      workspaceId: workspace.id,
      integration: 'own',
      externalId: 'large result',
      metadata: { text: 'x'.repeat(60_000), more: 'y'.repeat(4_000) },
      credential: { fields: {} },
    }
    const selection = `connection { ${aliases} }`
    const { errors } = await app.request(CREATE(selection), { input }, workspace.key)
    expect(errors?.[0]?.message).toMatch(/has taken effect/)
    expect(await app.database.prisma.connection.count({ where: { externalId: 'large result' } })).toBe(1)
  })
})
