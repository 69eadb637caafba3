import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { type Program, startProgram } from '../support/program.ts'
import { type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'
import { hasRedis, REDIS_URL } from '../support/services.ts'
import { connectContacts, followJob, readJob, sharedEnv } from './main-job.ts'

const redisAnswers = await hasRedis()

describe.skipIf(!serverAnswers)('a gateway and a worker on one database', () => {
  let test: TestDatabase
  let upstream: RecordsUpstream
  const programs: Program[] = []

  beforeEach(async () => {
    test = await openTestDatabase('server')
    upstream = await startRecordsUpstream(250)
  })
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill9()))
    await upstream.close()
    await test.close()
  })

  async function start(env: Record<string, string>): Promise<Program> {
    const program = await startProgram({ env: { DATABASE_URL: test.url ?? '', ...env } })
    programs.push(program)
    return program
  }

  async function runJob(env: Record<string, string>): Promise<void> {
    const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''
    const gateway = await start({ ...env, LATCHKEY_ROLE: 'gateway' })
    const { syncJobId } = await connectContacts(gateway.graphqlUrl, key, upstream)
    expect(await readJob(gateway.graphqlUrl, key, syncJobId)).toMatchObject({ status: 'QUEUED' })
    const following = followJob(gateway.graphqlUrl, key, syncJobId)
    const worker = await start({ ...env, LATCHKEY_ROLE: 'worker' })
    const types = await following
    expect(types.filter((type) => type !== 'SYNC_PROGRESSED')).toEqual([
      'SYNC_QUEUED',
      'SYNC_STARTED',
      'SYNC_SUCCEEDED',
    ])
    expect(await readJob(gateway.graphqlUrl, key, syncJobId)).toMatchObject({
      status: 'SUCCEEDED',
      recordsWritten: 250,
    })
    expect((await fetch(`${worker.url}/readyz`)).status).toBe(200)
    // The process that did the work counts it.
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(/^latchkey_records_written_total 250$/m)
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/^latchkey_records_written_total 0$/m)
    await expectHealthOnly(worker, key)
    expect(await Promise.all([gateway.stop(), worker.stop()])).toEqual([0, 0])
  }

  /** The banner of a worker names no address of the API, and its port serves none. */
  async function expectHealthOnly(worker: Program, key: string): Promise<void> {
    expect(worker.stdout()).toContain(`Health    ${worker.url}/healthz`)
    expect(worker.stdout()).not.toMatch(/\/graphql|\/console/)
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ query: '{ viewer { kind } }' })
    const paths = [
      '/',
      '/graphql?query={viewer{kind}}',
      '/console',
      '/connect/link',
      '/connect.js',
      '/docs/',
      '/definition.schema.json',
    ]
    const read = [
      ...paths,
      '/export/Q29ubmVjdGlvbjox',
      '/audit-export',
      '/proxy/Q29ubmVjdGlvbjox/me',
      '/mcp',
      '/logos/slack.svg',
    ]
    const answers = [
      ...(await Promise.all(read.map((path) => fetch(`${worker.url}${path}`, { headers })))),
      ...(await Promise.all(
        ['/graphql', '/mcp', '/webhooks/x'].map((path) =>
          fetch(`${worker.url}${path}`, { method: 'POST', headers, body }),
        ),
      )),
    ]
    for (const answer of answers) {
      expect([answer.url, answer.status]).toEqual([answer.url, 404])
      expect(await answer.text()).toContain('This process is a worker (LATCHKEY_ROLE=worker)')
    }
    expect((await fetch(`${worker.url}/healthz`)).status).toBe(200)
  }

  it('work without Redis: the gateway delivers the events of the worker', async () => {
    await runJob(sharedEnv())
  })

  it.skipIf(!redisAnswers)('work with Redis', async () => {
    await runJob({ ...sharedEnv(), REDIS_URL })
  })
})
