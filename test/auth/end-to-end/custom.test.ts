import { spawnSync } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCustomStrategies } from '../../../src/auth/custom/load-custom-strategies.ts'
import { documents } from '../../graphql/documents.ts'
import { inheritedEnv, repositoryRoot } from '../../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { itemsPage, itemsStream, type StrategyFixture, startStrategyFixture } from './strategy-fixture.ts'

const examples = join(repositoryRoot, 'examples/strategies')
const KEY = 'a1'.repeat(32)

describe('A custom strategy', () => {
  let fixture: StrategyFixture
  let server: ProviderServer
  let challenge = ''
  let session = ''
  let logins = 0
  let count = 0
  beforeAll(async () => {
    fixture = await startStrategyFixture({ customStrategies: await loadCustomStrategies(examples) })
    server = await startProvider(({ url, headers, body }, response) => {
      if (url.pathname === '/login/challenge') {
        challenge = randomUUID()
        return sendJson(response, { challenge })
      }
      if (url.pathname === '/login/session') {
        logins += 1
        const right = createHmac('sha256', Buffer.from(KEY, 'hex')).update(challenge).digest('hex')
        const given: unknown = JSON.parse(body)
        if (JSON.stringify(given) !== JSON.stringify({ account: 'acme', challenge, answer: right })) {
          return sendJson(response, {}, {}, 403)
        }
        session = randomUUID()
        return sendJson(response, { session, expiresInSeconds: 600 })
      }
      const good = headers['x-session'] === session
      return sendJson(response, good ? itemsPage(url, 5, 2) : {}, {}, good ? 200 : 401)
    })
  })
  afterAll(async () => {
    await server?.close()
    await fixture?.[Symbol.asyncDispose]()
  })

  const auth = () => ({
    type: 'custom' as const,
    strategy: 'challenge',
    options: { loginUrl: `${server.origin}/login` },
  })
  const definition = (of: object = auth()) => ({
    displayName: 'Challenged',
    baseUrl: server.origin,
    auth: of,
    streams: [itemsStream(2)],
  })
  const createIntegration = async (of: object) => {
    count += 1
    const input = { workspaceId: fixture.workspace.id, slug: `custom-${count}`, definition: definition(of) }
    const { data } = await fixture.app.request(documents.createIntegration, { input }, fixture.workspace.key)
    return data.createIntegration
  }

  it('logs in once and reads every page', async () => {
    logins = 0
    const fields = { account: 'acme', key: KEY }
    const synced = await fixture.sync({ ...definition(), auth: auth() }, { fields })
    expect(synced.job).toMatchObject({ status: 'SUCCEEDED', recordsRead: 5, pagesRead: 3, error: null })
    expect(synced.credential).toEqual({ type: 'CUSTOM', version: 2, refreshable: true, lastError: null })
    expect(logins).toBe(1)
    // A session that ends early is replaced.
    session = 'of somebody else'
    expect((await fixture.syncAgain(synced.connectionId)).job.status).toBe('SUCCEEDED')
    expect(logins).toBe(2)
    expect(fixture.app.log.join('')).not.toContain(KEY)
  })

  it('reports a wrong key, and the job fails with its message', async () => {
    const { job } = await fixture.sync(
      { ...definition(), auth: auth() },
      { fields: { account: 'acme', key: 'b2'.repeat(32) } },
    )
    expect(job.error?.message).toContain('The provider does not accept the key.')
  })

  it('describes its fields, and checks a credential before it is stored', async () => {
    const { integration } = await createIntegration(auth())
    const { data } = await fixture.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Integration { auth { type credentialFields { name secret } } } } }',
      { id: integration.id },
    )
    expect(data.node.auth).toEqual({
      type: 'CUSTOM',
      credentialFields: [
        { name: 'account', secret: false },
        { name: 'key', secret: true },
      ],
    })
    const input = {
      workspaceId: fixture.workspace.id,
      integration: integration.slug,
      credential: { fields: { account: 'acme', key: 'LEAKED' } },
    }
    const refused = await fixture.app.request(documents.createConnection, { input }, fixture.workspace.key)
    expect(refused.data.createConnection.fields).toEqual([
      { path: ['input', 'credential', 'fields', 'key'], message: 'must be 64 hexadecimal digits' },
    ])
    expect(JSON.stringify(refused)).not.toContain('LEAKED')
  })

  const unknown = { type: 'custom', strategy: 'absent' }
  const missing = 'This deployment has no strategy absent. Available: challenge.'
  it.each<[string, object, string[], string]>([
    ['a missing strategy', unknown, ['strategy'], missing],
    [
      'a missing strategy in an option',
      {
        type: 'selective',
        options: [
          { key: 'a', label: 'A', auth: { type: 'bearer' } },
          { key: 'b', label: 'B', auth: unknown },
        ],
      },
      ['options', '1', 'auth', 'strategy'],
      missing,
    ],
    [
      'a missing strategy for a login',
      {
        type: 'session_token',
        login: { url: 'https://api.example.com/login', auth: unknown },
        fields: [{ name: 'name' }],
        tokenPath: 'token',
        placement: { in: 'header', name: 'X-Token' },
      },
      ['login', 'auth', 'strategy'],
      missing,
    ],
    [
      'unsuitable options',
      { type: 'custom', strategy: 'challenge', options: { loginUrl: 5 } },
      ['options'],
      'The strategy challenge does not accept these options.',
    ],
  ])('%s makes the definition invalid', async (_name, of, path, message) => {
    expect(await createIntegration(of)).toMatchObject({
      __typename: 'InvalidInputError',
      fields: [{ path: ['input', 'definition', 'auth', ...path], message }],
    })
  })

  it('that was removed leaves its integration readable', async () => {
    const { integration } = await createIntegration(auth())
    await fixture.app.database.sql.query(
      `UPDATE integration SET definition = jsonb_set(definition::jsonb, '{auth,strategy}', '"absent"'),
              updated_at = clock_timestamp() WHERE slug = $1`,
      [integration.slug],
    )
    const { data, errors } = await fixture.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Integration { auth { type credentialFields { name } } } } }',
      { id: integration.id },
    )
    expect(errors).toBeUndefined()
    expect(data.node.auth).toEqual({ type: 'CUSTOM', credentialFields: [] })
  })
})

describe('check-strategies', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-strategies-'))
    const good = "{ name: 'same', fields: () => [], open: () => ({ apply() {} }) }"
    await writeFile(join(folder, 'a.js'), `export const strategy = ${good}`)
    await writeFile(join(folder, 'b.js'), `export const strategy = ${good}`)
    await writeFile(join(folder, 'c.js'), "throw new Error('broken')")
    await writeFile(
      join(folder, 'd.js'),
      "export const strategy = { name: 'never-ready', fields: () => [], open: () => ({ apply() {}, ready: false }) }",
    )
  })
  afterAll(() => rm(folder, { recursive: true }))

  const run = (args: string[], env: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', 'check-strategies', ...args], {
      cwd: repositoryRoot,
      env: { ...inheritedEnv(), ...env },
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }

  it('accepts the examples and exits with 0', () => {
    expect(run([], { LATCHKEY_STRATEGIES_DIR: examples })).toMatchObject({
      status: 0,
      stdout: 'ok      challenge (challenge.ts)\n1 strategy, 0 with problems.\n',
    })
  })

  it('reports every problem of every file and exits with 1', () => {
    const { status, stdout } = run([folder])
    expect(status).toBe(1)
    expect(stdout).toContain(
      'ok      same (a.js)\nproblem same (b.js)\n        Another file already has a strategy named same',
    )
    expect(stdout).toContain('problem - (c.js)\n        c.js cannot be loaded: broken')
    expect(stdout).toContain('problem never-ready (d.js)\n        It must be ready with the data of its example')
    expect(stdout).toContain('4 strategies, 3 with problems.')
  })

  it('reports a missing folder', () => {
    expect(run([])).toMatchObject({ status: 2, stderr: expect.stringContaining('No folder given') })
    expect(run([join(folder, 'absent')])).toMatchObject({ status: 1, stderr: expect.stringContaining('ENOENT') })
  })
})
