import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { buildSchema } from '../../../src/graphql/schema.ts'
import { newId } from '../../../src/kit/ids.ts'
import { documents } from '../../graphql/documents.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { brokenArbitrary, type FuzzedOperation, type FuzzPools, operationArbitrary } from './fuzz/document-arbitrary.ts'
import { nastyJson, nastyText } from './fuzz/nasty-values.ts'
import { requestArbitrary } from './fuzz/request-arbitrary.ts'

/** Fixed, so that each run has the same cases. `npm run fuzz` runs more and other cases. */
const CASES = Number(process.env['LATCHKEY_FUZZ_CASES'] ?? 10_000)
const SEED = Number(process.env['LATCHKEY_FUZZ_SEED'] ?? 20_260_131)
const TIMEOUT_MS = 60_000 + CASES * 100

const STATUSES = [200, 204, 400, 401, 403, 405, 406, 413, 415, 422, 429]
const CODES = [
  'UNAUTHENTICATED',
  'INVALID_INPUT',
  'NOT_FOUND',
  'FORBIDDEN',
  'SCOPE_MISMATCH',
  'AMBIGUOUS',
  'CONFLICT',
  'UNSUPPORTED',
  'CREDENTIAL_REFRESH',
  'RECONNECT_REQUIRED',
  'PROVIDER',
  'RATE_LIMITED',
  'UNAVAILABLE',
]
/** Signs of internal details, which belong only in the log. */
const TRACES =
  /node_modules|\.ts:\d+|at async |PrismaClient|originalError|SQLSTATE|violates|relation "|pg_|ECONNREFUSED/

describe('A fuzzed input', () => {
  let app: TestApp
  let workspace: { id: string; slug: string; key: string }
  let pools: FuzzPools
  const rejections: unknown[] = []
  const onRejection = (reason: unknown) => rejections.push(reason)

  beforeAll(async () => {
    process.on('unhandledRejection', onRejection)
    app = await startTestApp({ config: { rateLimit: 0 } })
    workspace = await app.createWorkspace()
    const victim = await app.createWorkspace('Victim')
    const workspaceId = workspace.id
    const make = async (document: string, input: Record<string, unknown>) =>
      (await app.mutate(document, { workspaceId, ...input })) as Record<string, { id: string }>
    const { endUser } = await make(documents.upsertEndUser, { externalId: 'eu' })
    const { integration } = await make(documents.createIntegration, {
      slug: 'closed',
      // A closed port, so that outgoing requests fail at once.
      definition: {
        displayName: 'Closed',
        baseUrl: 'http://127.0.0.1:9',
        auth: { type: 'bearer' },
        streams: [{ name: 's', path: '/s', recordsPath: [], primaryKey: [['id']] }],
      },
    })
    const { connection } = await make(documents.createConnection, {
      integration: 'closed',
      credential: { secretText: 'abc' },
    })
    const syncJob = (await app.mutate(documents.triggerSync, { connectionId: connection?.id })).syncJob
    const page = await app.request(
      'query ($id: ID!) { workspace(id: $id) { events(first: 1) { edges { cursor } } connections { edges { cursor } } } }',
      { id: workspaceId },
    )
    pools = {
      ids: [workspaceId, endUser, integration, connection, syncJob]
        .flatMap((item) => (typeof item === 'string' ? item : (item?.id ?? [])))
        .concat(encodeGlobalId('Connection', newId()), encodeGlobalId('Event', newId())),
      victims: [victim.id, encodeGlobalId('ApiKey', newId())],
      cursors: [
        page.data.workspace.events.edges[0].cursor,
        page.data.workspace.connections.edges[0].cursor,
        'eu',
        'closed',
        workspace.slug,
      ],
    }
  })
  afterAll(async () => {
    process.off('unhandledRejection', onRejection)
    await app.stop()
  })

  /** Sends a request and checks that the answer reveals nothing. */
  const send = async (request: Request): Promise<string> => {
    const logged = app.log.length
    const response = await app.app.fetch(request)
    const text = await response.text()
    expect(STATUSES, text).toContain(response.status)
    // GraphiQL answers with a page.
    // The reason why a job waits names the error of the request, such as a refused connection.
    const own = text.replaceAll(/"waitingFor":"[^"]*"/g, '')
    if (!response.headers.get('content-type')?.startsWith('text/html')) expect(own).not.toMatch(TRACES)
    if (response.headers.get('content-type')?.includes('json')) {
      for (const { extensions } of JSON.parse(text).errors ?? []) expect(CODES, text).toContain(extensions.code)
    }
    const failures = app.log.slice(logged).filter((line) => line.includes('"level":"error"'))
    expect(failures).toEqual([])
    app.log.length = 0
    return text
  }
  const post = (body: string, key = app.operatorKey) =>
    send(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body,
      }),
    )
  const run = ({ query, variablesJson }: FuzzedOperation, key?: string) =>
    post(`{"query":${JSON.stringify(query)},"variables":${variablesJson}}`, key)

  const check = <T>(share: number, arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<unknown>) =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        await property(value)
      }),
      { numRuns: Math.ceil(CASES * share), seed: SEED, endOnFailure: CASES > 20_000 },
    )

  it('that is an arbitrary request gets an answer without internal details', { timeout: TIMEOUT_MS }, () =>
    check(0.35, requestArbitrary, async ({ method, path, headers, body }) => {
      const named = Object.entries(headers).map(([name, value]): [string, string] => [
        name,
        value.replace('KEY', app.operatorKey),
      ])
      await send(
        new Request(`http://localhost${path}`, {
          method,
          headers: named,
          body: body === null ? null : Buffer.from(body),
        }),
      )
    }),
  )

  it('that is an operation of our schema with arbitrary values gets an answer or an expected error', {
    timeout: TIMEOUT_MS,
  }, async () => {
    let valid = 0
    await check(0.35, operationArbitrary(buildSchema(), pools), async (operation) => {
      const text = await run(operation, valid % 3 === 0 ? workspace.key : app.operatorKey)
      if (text.includes('"data":{')) valid += 1
    })
    // Enough operations must be valid, otherwise the fuzzer tests only validation.
    expect(valid).toBeGreaterThan(CASES * 0.35 * 0.2)
  })

  it('that is a damaged operation is refused', { timeout: TIMEOUT_MS }, () =>
    check(0.15, brokenArbitrary(buildSchema(), pools), (operation) => run(operation)),
  )

  it('is stored unchanged in end users, or refused', { timeout: TIMEOUT_MS }, async () => {
    let stored = 0
    const values = fc.record({
      externalId: nastyText,
      displayName: fc.option(nastyText),
      email: fc.option(nastyText),
      metadata: fc.option(nastyJson),
    })
    await check(0.1, values, async ({ externalId, displayName, email, metadata }) => {
      const given = JSON.stringify({ workspaceId: workspace.id, externalId, displayName, email })
      const input = metadata === null ? given : `${given.slice(0, -1)},"metadata":${metadata}}`
      const text = await run({ query: documents.upsertEndUser, variablesJson: `{"input":${input}}` })
      const { data } = JSON.parse(text)
      if (data?.upsertEndUser?.__typename !== 'UpsertEndUserPayload') return
      stored += 1
      const { id } = data.upsertEndUser.endUser
      const read = JSON.parse(
        await run({
          query: 'query ($id: ID!) { node(id: $id) { ... on EndUser { externalId displayName email metadata } } }',
          variablesJson: JSON.stringify({ id }),
        }),
      ).data.node
      expect(read.externalId).toBe(externalId)
      if (displayName !== null) expect(read.displayName).toBe(displayName)
      if (email !== null) expect(read.email).toBe(email)
      // The same JSON in any order of keys. Of repeated keys the last counts, as in JSON.parse.
      if (metadata !== null && metadata !== 'null') expect(sorted(read.metadata)).toBe(sorted(JSON.parse(metadata)))
    })
    expect(stored).toBeGreaterThan(0)
  })

  it('is stored unchanged in workspaces and connections, or refused', { timeout: TIMEOUT_MS }, async () => {
    let stored = 0
    const values = fc.record({ name: nastyText, externalId: nastyText, metadata: nastyJson })
    await check(0.05, values, async ({ name, externalId, metadata }) => {
      const given = JSON.stringify({
        workspaceId: workspace.id,
        integration: 'closed',
        credential: { secretText: 'abc' },
        displayName: name,
        externalId,
      })
      const text = await run({
        query: documents.createConnection,
        variablesJson: `{"input":${given.slice(0, -1)},"metadata":${metadata}}}`,
      })
      const { connection } = JSON.parse(text).data?.createConnection ?? {}
      if (connection !== undefined) {
        stored += 1
        expect([connection.displayName, connection.externalId]).toEqual([name, externalId])
        if (metadata !== 'null') expect(sorted(connection.metadata)).toBe(sorted(JSON.parse(metadata)))
      }
      const created = JSON.parse(
        await run({ query: documents.createWorkspace, variablesJson: JSON.stringify({ input: { name } }) }),
      ).data.createWorkspace
      if (created.workspace !== undefined) {
        const id = JSON.stringify({ id: created.workspace.id })
        expect(
          JSON.parse(await run({ query: 'query ($id: ID!) { workspace(id: $id) { name } }', variablesJson: id })).data
            .workspace.name,
        ).toBe(name)
      }
    })
    expect(stored).toBeGreaterThan(0)
  })

  it('does not harm the program', async () => {
    expect(rejections).toEqual([])
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
    const { data } = await app.request('query ($id: ID!) { workspace(id: $id) { name } viewer { kind } }', {
      id: workspace.id,
    })
    expect(data).toEqual({ workspace: { name: expect.any(String) }, viewer: { kind: 'OPERATOR' } })
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200)
  })
})

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : inner,
  )
}
