import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { createLatchkey, type Latchkey } from 'latchkey-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../support/listening.ts'
import { type Program, type RunningProcess, startProcess, startProgram, startRecordsApi } from '../support/program.ts'

// Vite does not know it, and would look for a file.
const { DatabaseSync: Sqlite } = createRequire(import.meta.url)('node:sqlite') as { DatabaseSync: typeof DatabaseSync }

/** A gateway with the workspace of `examples/set-up.ts`, and two users with an account at the records API. */
let program: Program
let api: Awaited<ReturnType<typeof startRecordsApi>>
let latchkey: Latchkey
let env: Record<string, string>
let workspaceId: string
let folder: string
const accounts: Record<string, string> = {}
const started: RunningProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-examples-'))
  api = await startRecordsApi()
  program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  const setUp = await startProcess({
    args: ['examples/set-up.ts'],
    env: { LATCHKEY_URL: program.url, LATCHKEY_KEY: program.operatorKey },
    ready: /^export PRODUCT_KEY='(\S+)' WORKSPACE='(\S+)'\n$/,
  })
  const [, key = '', workspace = ''] = setUp.ready
  workspaceId = workspace
  env = { LATCHKEY_URL: program.url, LATCHKEY_KEY: key, WORKSPACE: workspace }
  latchkey = createLatchkey({ url: program.url, key })
  await latchkey.integrations.create({
    workspaceId,
    slug: 'records',
    definition: {
      displayName: 'Records API',
      baseUrl: api.url,
      auth: { type: 'bearer' },
      streams: [
        {
          name: 'contacts',
          path: '/contacts',
          recordsPath: 'contacts',
          primaryKey: ['id'],
          pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 },
        },
      ],
      actions: [
        {
          name: 'list_contacts',
          description: 'Lists the contacts of the company.',
          input: { type: 'object', properties: {}, additionalProperties: false },
          request: { method: 'GET', path: '/contacts' },
        },
      ],
    },
  })
  for (const user of ['ada', 'alan']) {
    const { connection } = await latchkey.connections.create({
      workspaceId,
      integration: 'records',
      endUserExternalId: user,
      displayName: `Contacts of ${user}`,
      credential: { secretText: api.token },
    })
    accounts[user] = connection.id
  }
})

afterAll(async () => {
  for (const each of started) await each.kill9()
  await Promise.all([program?.stop(), api?.stop()])
  await rm(folder, { recursive: true, force: true })
})

async function start(file: string, ready: RegExp, more: Record<string, string> = {}): Promise<RunningProcess> {
  const child = await startProcess({ args: [`examples/${file}`], env: { ...env, ...more }, ready })
  started.push(child)
  return child
}

/** Syncs an account and waits for the end of the job. */
async function sync(user: string): Promise<void> {
  const result = await latchkey.sync.trigger({ connectionId: accounts[user] ?? '', fullRefresh: true })
  if (result.__typename === 'ReconnectRequiredError') throw new Error(result.message)
  let last = ''
  for await (const { type } of latchkey.events.follow({ syncJobId: result.syncJob.id })) last = type
  expect(last).toBe('SYNC_SUCCEEDED')
}

describe('examples/express', () => {
  it('shows a user their own accounts only, syncs them and returns their records', async () => {
    const { ready } = await start('express/server.ts', /at (http\S+)\n/, { PORT: String(await freePort()) })
    const call = async (path: string, method = 'GET') => {
      const response = await fetch(`${ready[1]}/api${path}`, { method })
      return { status: response.status, body: await response.json().catch(() => null) }
    }
    expect(await call('/connect-session', 'POST')).toMatchObject({ status: 200, body: { token: expect.any(String) } })
    const mine = { id: accounts['ada'], name: 'Contacts of ada', service: 'Records API', status: 'ACTIVE' }
    expect(await call('/accounts')).toEqual({ status: 200, body: [mine] })
    expect(await call(`/accounts/${accounts['ada']}/sync`, 'POST')).toMatchObject({ status: 202 })
    await vi.waitFor(
      async () => {
        const { body } = await call(`/accounts/${accounts['ada']}/records`)
        expect(body.records).toHaveLength(50)
        expect(body.next).not.toBeNull()
      },
      { timeout: 60_000 },
    )
    const others = `/accounts/${accounts['alan']}`
    expect((await call(`${others}/records`)).status).toBe(404)
    expect((await call(`${others}/sync`, 'POST')).status).toBe(404)
    expect((await call(others, 'DELETE')).status).toBe(404)
    expect(await call(`/accounts/${accounts['ada']}`, 'DELETE')).toEqual({ status: 204, body: null })
    expect(await call('/accounts')).toEqual({ status: 200, body: [] })
  })
})

describe('examples/mirror', () => {
  it('copies records, follows what changes, and continues after kill -9', async () => {
    const database = join(folder, 'mirror.sqlite')
    const port = String(await freePort())
    const worker = () => start('mirror/worker.ts', /listens at/, { PORT: port, DATABASE: database })
    const read = () => {
      const file = new Sqlite(database, { readOnly: true })
      try {
        const rows = file.prepare('SELECT key, data FROM record WHERE connection = ?').all(accounts['alan'] ?? '')
        return new Map(rows.map(({ key, data }) => [String(key), JSON.parse(String(data))]))
      } finally {
        file.close()
      }
    }
    const rename = (name: string) =>
      fetch(`${api.url}/contacts/c-001`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${api.token}` },
        body: JSON.stringify({ name }),
      })
    const first = await worker()
    await sync('alan')
    await vi.waitFor(() => expect(read().size).toBe(250), { timeout: 60_000 })
    await rename('Grace Hopper')
    await sync('alan')
    await vi.waitFor(() => expect(read().get('["c-001"]').name).toBe('Grace Hopper'), { timeout: 60_000 })
    await first.kill9()
    await rename('Ada Lovelace')
    await sync('alan')
    await worker()
    await vi.waitFor(() => expect(read().get('["c-001"]').name).toBe('Ada Lovelace'), { timeout: 60_000 })
    expect(read().size).toBe(250)
  })
})

describe('examples/agent', () => {
  const ask = async (question: string, user: string) => {
    const child = await startProcess({
      args: ['examples/agent/agent.ts', question],
      env: { ...env, USER_ID: user },
      ready: /\n[\s\S]*\n$/,
    })
    await child.ended()
    return child.stdout()
  }

  it('answers with the account of the user', async () => {
    const answer = await ask('which contacts are there?', 'alan')
    expect(answer).toMatch(/^Calling \S*list_contacts …\n/)
    expect(answer).toContain('c-002')
  })

  it('gives a user without an account the link to connect one', async () => {
    const answer = await ask('which contacts are there?', 'grace')
    expect(answer).toContain(`${program.url}/connect/`)
    expect(answer).not.toContain('c-002')
  })
})
