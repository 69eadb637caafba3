import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  answerInThread,
  createDocumentImporter,
  MAX_DOCUMENT_BYTES,
} from '../../../src/catalog/import/import-document.ts'
import { InvalidInputError, UnavailableError } from '../../../src/kit/errors.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'

const IMPORT = `mutation ($input: ImportDefinitionInput!) { importDefinition(input: $input) { __typename
  ... on ImportDefinitionPayload { definition auth { result notes } streams { name result notes } actions { name result notes } providers }
  ... on Error { code message details } ... on InvalidInputError { fields { path message } } } }`

const airbyte = (origin: string) => `version: 6.0.0
type: DeclarativeSource
check: { type: CheckStream, stream_names: [people] }
streams:
  - type: DeclarativeStream
    name: people
    primary_key: [id]
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: ${origin}
        path: /people
        authenticator: { type: BearerAuthenticator, api_token: "{{ config['key'] }}" }
      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [data] } }
  - type: DeclarativeStream
    name: reports
    retriever: { type: AsyncRetriever }
spec:
  type: Spec
  connection_specification:
    title: Ledger Spec
    type: object
    required: [key]
    properties: { key: { type: string, airbyte_secret: true } }
`
const nango = `acme:
  display_name: Acme
  auth_mode: API_KEY
  proxy: { base_url: https://api.example.com, headers: { authorization: 'Bearer \${apiKey}' } }
lost: { auth_mode: API_KEY, proxy: { base_url: https://api.example.com } }
`
const openapi = {
  openapi: '3.1.0',
  info: { title: 'Shop' },
  servers: [{ url: 'https://api.example.com' }],
  paths: {
    '/orders': {
      get: {
        responses: {
          200: {
            content: {
              'application/json': {
                schema: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
              },
            },
          },
        },
      },
    },
    '/orders/{id}': {
      delete: { operationId: 'deleteOrder', parameters: [{ name: 'id', in: 'path', schema: { type: 'string' } }] },
      put: { operationId: 'uploadOrder', requestBody: { content: { 'image/png': {} } } },
    },
  },
}

describe('importDefinition', () => {
  let app: TestApp
  let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
  let api: ProviderServer

  beforeAll(async () => {
    app = await startTestApp({ kind: serverAnswers ? 'server' : 'embedded', config: { rateLimit: 0 } })
    workspace = await app.createWorkspace('Importing')
    api = await startProvider(({ headers }, response) => {
      if (headers.authorization !== 'Bearer right') sendJson(response, {}, {}, 401)
      else sendJson(response, { data: [{ id: 7, name: 'Ada' }] })
    })
  })
  afterAll(async () => {
    await api.close()
    await app.stop()
  })

  async function run(input: Record<string, unknown>, key = workspace.key) {
    const { data, errors } = await app.request(IMPORT, { input }, key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data.importDefinition
  }

  it('AIRBYTE: makes a definition from which an integration is created that syncs', async () => {
    const { definition, ...report } = await run({ format: 'AIRBYTE', document: airbyte(api.origin) })
    expect(report).toEqual({
      __typename: 'ImportDefinitionPayload',
      auth: { result: 'IMPORTED', notes: [] },
      streams: [
        { name: 'people', result: 'IMPORTED', notes: [] },
        { name: 'reports', result: 'REFUSED', notes: [expect.any(String)] },
      ],
      actions: [],
      providers: [],
    })
    expect(definition).toMatchObject({ displayName: 'Ledger', auth: { type: 'bearer' } })
    const created = await app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
        ... on CreateIntegrationPayload { integration { streams { name } } } ... on Error { message } } }`,
      { workspaceId: workspace.id, slug: 'ledger', definition },
      workspace.key,
    )
    expect(created).toMatchObject({ integration: { streams: [{ name: 'people' }] } })
    const { connection } = await app.mutate(
      `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
        ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`,
      {
        ...{ workspaceId: workspace.id, integration: 'ledger', endUserExternalId: 'ada', syncImmediately: true },
        credential: { fields: { key: 'right' } },
      },
      workspace.key,
    )
    await expect
      .poll(
        async () => {
          const { data } = await app.request(
            `query ($id: ID!) { node(id: $id) { ... on Connection { latestSyncJob { status }
              records(stream: "people") { nodes { data } } } } }`,
            { id: connection.id },
            workspace.key,
          )
          return data.node
        },
        { timeout: 60_000 },
      )
      .toEqual({ latestSyncJob: { status: 'SUCCEEDED' }, records: { nodes: [{ data: { id: 7, name: 'Ada' } }] } })
  })

  it('NANGO: names the providers of a file, imports the one that is chosen, and says why another one has no definition', async () => {
    expect(await run({ format: 'NANGO', document: nango })).toEqual({
      __typename: 'ImportDefinitionPayload',
      definition: null,
      auth: null,
      streams: [],
      actions: [],
      providers: ['acme', 'lost'],
    })
    expect(await run({ format: 'NANGO', document: nango, provider: 'acme' })).toMatchObject({
      definition: { displayName: 'Acme', baseUrl: 'https://api.example.com' },
      auth: { result: 'IMPORTED', notes: [] },
      providers: ['acme', 'lost'],
    })
    expect(await run({ format: 'NANGO', document: nango, provider: 'lost' })).toMatchObject({
      definition: null,
      auth: { result: 'REFUSED', notes: [expect.stringMatching(/^It does not say where the API key is sent\./)] },
    })
    // The only provider of a file is the chosen one.
    const one = nango.slice(0, nango.indexOf('lost:'))
    expect(await run({ format: 'NANGO', document: one })).toMatchObject({ definition: { displayName: 'Acme' } })
  })

  it('OPENAPI: reports streams and actions, in JSON and in YAML', async () => {
    const report = await run({ format: 'OPENAPI', document: JSON.stringify(openapi) })
    expect(report).toMatchObject({
      definition: {
        displayName: 'Shop',
        streams: [{ name: 'orders' }],
        actions: [{ name: 'uploadOrder' }, { name: 'deleteOrder' }],
      },
      streams: [{ name: 'orders', result: 'PARTLY' }],
      actions: [
        { name: 'uploadOrder', result: 'PARTLY', notes: ['Its body is left out: it is neither JSON nor a form.'] },
        { name: 'deleteOrder', result: 'IMPORTED', notes: [] },
      ],
    })
    const { stringify } = await import('yaml')
    expect(await run({ format: 'OPENAPI', document: stringify(openapi) })).toEqual(report)
  })

  it.each([
    ['AIRBYTE', 'a: 1\nb: c: d', 'document', /^is not YAML: .* \(line 2, column 4\)$/, { line: 2, column: 4 }],
    ['OPENAPI', '{"a": 1,\n"b": "c" "d"}', 'document', /^is not JSON: .* \(line 2, column \d+\)$/, { line: 2 }],
    ['NANGO', 'a: [', 'document', /^is not YAML: .* \(line 1, column 5\)$/, { line: 1, column: 5 }],
    ['AIRBYTE', 'a: &a {}\nb: *c', 'document', /^is not YAML|cannot be read/, null],
    ['AIRBYTE', 'a: b', 'document', /has no streams/, null],
    ['NANGO', '', 'document', /^The file has no providers$/, null],
    ['OPENAPI', 'a: b', 'document', /it has no key openapi$/, null],
    ['OPENAPI', 'swagger: "1.2"', 'document', /^It has Swagger 1\.2/, null],
    ['OPENAPI', 'a'.repeat(MAX_DOCUMENT_BYTES + 1), 'document', /at most 786432 bytes/, { limitBytes: 786_432 }],
  ])('%s: refuses a document with what is wrong and where', async (format, document, argument, message, details) => {
    const answer = await run({ format, document })
    expect(answer).toMatchObject({
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      fields: [{ path: ['input', argument], message: expect.stringMatching(message) }],
    })
    if (details !== null) expect(answer.details).toMatchObject(details)
  })

  it('refuses a slug that is not in the file, and one that the format does not have', async () => {
    const wrong = (provider: string, format = 'NANGO') => run({ format, document: nango, provider })
    expect(await wrong('acmee')).toMatchObject({
      __typename: 'InvalidInputError',
      fields: [{ path: ['input', 'provider'], message: expect.stringContaining('Did you mean acme?') }],
      details: { suggestion: 'acme' },
    })
    const far = await wrong('constructor')
    expect(far).toMatchObject({
      fields: [{ path: ['input', 'provider'], message: expect.not.stringContaining('mean') }],
    })
    expect(await wrong('acme', 'OPENAPI')).toMatchObject({ fields: [{ path: ['input', 'provider'] }] })
  })

  it('does not quote the document in errors', () => {
    for (const format of ['airbyte', 'nango', 'openapi'] as const) {
      for (const document of ['a: "b"s3cr3t', '{"a": "b" s3cr3t "c"', 's3cr3t: *s3cr3t', '"s3cr3t']) {
        const { outcome } = answerInThread({ format, document, provider: null })
        expect([format, document, outcome]).toEqual([format, document, expect.objectContaining({ wrong: 'document' })])
        expect(JSON.stringify(outcome)).not.toContain('s3cr3t')
      }
    }
  })

  it('is for callers who can change the integrations of a workspace, and stores nothing', async () => {
    const readers = [{ role: 'READER' }, { role: 'ADMIN', scopes: ['READ', 'CONNECT'] }]
    for (const more of readers) {
      const { key } = await app.mutate(
        `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
          ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
        { workspaceId: workspace.id, name: 'other', ...more },
        workspace.key,
      )
      expect(await run({ format: 'NANGO', document: nango }, key)).toMatchObject({ __typename: 'ForbiddenError' })
    }
    expect(await run({ format: 'NANGO', document: nango }, app.operatorKey)).toMatchObject({
      providers: ['acme', 'lost'],
    })
    const [row] = await app.database.sql.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM integration WHERE definition::text LIKE '%api.example.com%'`,
    )
    expect(row).toEqual({ count: 0 })
  })
})

describe('importDefinition of a caller with few points', () => {
  it('charges the time of the thread', async () => {
    // 200 points at once. Besides the thread, an import has 20 at most.
    const app = await startTestApp({ kind: serverAnswers ? 'server' : 'embedded', config: { rateLimit: 1_200 } })
    try {
      const { key } = await app.createWorkspace('Charged')
      const answers: string[] = []
      while (answers.length < 4) {
        const { data } = await app.request(IMPORT, { input: { format: 'NANGO', document: nango } }, key)
        answers.push(data?.importDefinition.__typename ?? 'refused')
      }
      expect(answers[0]).toBe('ImportDefinitionPayload')
      expect(answers.at(-1)).toBe('RateLimitedError')
    } finally {
      await app.stop()
    }
  })
})

describe('createDocumentImporter', () => {
  /** Takes a YAML parser minutes: each alias is looked for among all anchors. */
  const hostile = `a: &a x\n${Array.from({ length: 60_000 }, (_, index) => `k${index}: *a`).join('\n')}`

  it('ends a document that takes too long, while the event loop runs on, and counts its time', async () => {
    const importer = createDocumentImporter({ withinMs: 1_000 })
    const usage = { threadMs: 0 }
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 10)
    await expect(importer.run('a', { format: 'nango', document: hostile, provider: null }, usage)).rejects.toThrow(
      'takes too long to read',
    )
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
    expect(usage.threadMs).toBeGreaterThan(0)
  })

  it('ends a document that takes too much memory', async () => {
    const importer = createDocumentImporter({ maxMemoryMb: 24, withinMs: 120_000 })
    const document = `a:\n${'- {}\n'.repeat(150_000)}`
    await expect(
      importer.run('a', { format: 'airbyte', document, provider: null }, { threadMs: 0 }),
    ).rejects.toBeInstanceOf(InvalidInputError)
  })

  it.each(['{"a":', '[', '- ', 'a: {'])('refuses a document of many %j', async (part) => {
    const importer = createDocumentImporter({ withinMs: 2_000 })
    const document = part.repeat(MAX_DOCUMENT_BYTES / part.length - 10)
    await expect(
      importer.run('a', { format: 'openapi', document, provider: null }, { threadMs: 0 }),
    ).rejects.toBeInstanceOf(InvalidInputError)
  })

  it('lets owners take turns', async () => {
    const importer = createDocumentImporter()
    const order: string[] = []
    const run = (owner: string, id: string) =>
      importer
        .run(owner, { format: 'nango', document: nango, provider: null }, { threadMs: 0 })
        .then(() => order.push(id))
    await Promise.all([run('a', 'a1'), run('a', 'a2'), run('a', 'a3'), run('b', 'b1')])
    expect(order).toEqual(['a1', 'b1', 'a2', 'a3'])
  })

  it('ends what runs when it closes', async () => {
    const importer = createDocumentImporter()
    const source = { format: 'nango', document: hostile, provider: null } as const
    const running = importer.run('a', source, { threadMs: 0 })
    const waiting = importer.run('b', source, { threadMs: 0 })
    const ended = Promise.all([
      expect(running).rejects.toBeInstanceOf(UnavailableError),
      expect(waiting).rejects.toBeInstanceOf(UnavailableError),
    ])
    await importer.close()
    await ended
  })
})
