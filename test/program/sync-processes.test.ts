import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { createGraphQLClient, type GraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'
import { tablesThatShow } from '../sync/run/table-dump.ts'
import { readJob, sharedEnv } from './main-job.ts'

const FAIL = '__typename ... on Error { code message details }'
const OAUTH2 = {
  type: 'oauth2',
  grant: 'authorization_code',
  authorizationUrl: 'https://a.example.com/authorize',
  tokenUrl: 'https://a.example.com/token',
}

describe.skipIf(!serverAnswers)('sync jobs of several processes', () => {
  let test: TestDatabase
  let upstream: RecordsUpstream
  let env: Record<string, string>
  const programs: Program[] = []
  const clients: GraphQLClient[] = []

  beforeEach(async () => {
    test = await openTestDatabase('server')
    upstream = await startRecordsUpstream(250)
    env = { ...sharedEnv(), DATABASE_URL: test.url ?? '' }
  }, 60_000)
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
    await Promise.all(programs.splice(0).map((program) => program.kill9()))
    await upstream.close()
    await test.close()
  }, 60_000)

  async function start(role: 'gateway' | 'worker'): Promise<Program> {
    const program = await startProgram({ env: { ...env, LATCHKEY_ROLE: role } })
    programs.push(program)
    return program
  }
  const key = () => env['LATCHKEY_OPERATOR_KEY'] ?? ''
  function clientOf(program: Program): GraphQLClient {
    const client = createGraphQLClient({ url: program.graphqlUrl, key: key() })
    clients.push(client)
    return client
  }
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  async function run(client: GraphQLClient, field: string, input: object, selection: string): Promise<any> {
    const type = field.charAt(0).toUpperCase() + field.slice(1)
    const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { ${FAIL} ${selection} } }`
    // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
    return (await client.request<any, object>(document, { input }))[field]
  }
  async function connect(client: GraphQLClient): Promise<string> {
    const { workspace } = await run(
      client,
      'createWorkspace',
      { name: 'Acme' },
      '... on CreateWorkspacePayload { workspace { id } }',
    )
    const workspaceId = workspace.id
    const definition = contactsDefinition(upstream.url, OAUTH2)
    await run(client, 'createIntegration', { workspaceId, slug: 'contacts', definition }, '')
    const { connection } = await run(
      client,
      'createConnection',
      { workspaceId, integration: 'contacts', credential: { oauthToken: { accessToken: upstream.token } } },
      '... on CreateConnectionPayload { connection { id } }',
    )
    return connection.id
  }
  const trigger = (client: GraphQLClient, input: object) =>
    run(client, 'triggerSync', input, '... on TriggerSyncPayload { syncJob { id } }')

  it('delete the access token of a job after another worker has taken it over from a killed one', async () => {
    const gateway = await start('gateway')
    const first = await start('worker')
    const client = clientOf(gateway)
    const connectionId = await connect(client)
    const token = `override-${randomBytes(12).toString('hex')}`
    const waiting = Promise.withResolvers<void>()
    const { contacts } = upstream
    const answer = (path: string, response: ServerResponse) => {
      const offset = Number(new URL(path, upstream.url).searchParams.get('offset'))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ items: contacts.slice(offset, offset + 100) }))
    }
    // The second page is not answered before the worker is killed.
    upstream.answer = (request, response) => {
      if (request.url?.includes('offset=0') === true) answer(request.url, response)
      else waiting.resolve()
    }
    const { syncJob } = await trigger(client, { connectionId, accessToken: token })
    await waiting.promise
    await vi.waitFor(
      async () => expect(await readJob(gateway.graphqlUrl, key(), syncJob.id)).toMatchObject({ recordsRead: 100 }),
      20_000,
    )
    await first.kill9()
    expect(await tablesThatShow(test.database, token)).toEqual([])
    const stored = () => test.database.sql.query('SELECT sync_job_id FROM sync_job_token')
    expect(await stored()).toHaveLength(1)

    upstream.answer = (request, response) => answer(request.url ?? '', response)
    await start('worker')
    await vi.waitFor(
      async () =>
        expect(await readJob(gateway.graphqlUrl, key(), syncJob.id)).toMatchObject({
          status: 'SUCCEEDED',
          attempt: 2,
          recordsWritten: 250,
        }),
      { timeout: 60_000, interval: 100 },
    )
    expect(new Set(upstream.requests.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]))
    expect(await stored()).toEqual([])
    expect(await tablesThatShow(test.database, token)).toEqual([])
    for (const program of programs) expect(program.stdout() + program.stderr()).not.toContain(token)
  }, 120_000)

  it('run one at a time for each connection when several gateways get 200 triggers (QJ-04)', async () => {
    const gateways = await Promise.all([start('gateway'), start('gateway'), start('gateway')])
    const [one, ...others] = gateways.map(clientOf)
    if (one === undefined) throw new Error('There is no gateway.')
    const connectionId = await connect(one)
    const all = [one, ...others]
    const triggerMany = async (onRunning: string) =>
      Promise.all(
        Array.from({ length: 100 }, async (_, index) =>
          trigger(all[index % all.length] ?? one, { connectionId, onRunning }),
        ),
      )
    const [rejecting, returning] = await Promise.all([triggerMany('REJECT'), triggerMany('RETURN_RUNNING')])
    const jobs = await test.database.sql.query('SELECT id FROM sync_job')
    expect(jobs).toHaveLength(1)
    const created = new Set([...rejecting, ...returning].flatMap((payload) => payload.syncJob?.id ?? []))
    expect(created.size).toBe(1)
    for (const payload of returning) expect(payload.__typename).toBe('TriggerSyncPayload')
    const refused = rejecting.filter((payload) => payload.__typename !== 'TriggerSyncPayload')
    expect(refused.length).toBeGreaterThanOrEqual(99)
    for (const payload of refused) expect(payload).toMatchObject({ __typename: 'ConflictError', code: 'CONFLICT' })

    // Two workers run it once.
    await Promise.all([start('worker'), start('worker')])
    const [id = ''] = created
    await vi.waitFor(
      async () => expect(await readJob(gateways[0].graphqlUrl, key(), id)).toMatchObject({ status: 'SUCCEEDED' }),
      { timeout: 60_000, interval: 100 },
    )
    expect(await readJob(gateways[0].graphqlUrl, key(), id)).toMatchObject({ attempt: 1, recordsWritten: 250 })
  }, 120_000)
})
