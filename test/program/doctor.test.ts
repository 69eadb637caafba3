import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EMBEDDED_MAJOR } from '../../src/db/embedded.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { inheritedEnv, repositoryRoot, SHORT_LIVED, startProgram } from '../support/program.ts'
import { newKey, sharedEnv } from './main-job.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-doctor-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** Runs `node src/main.ts doctor`. `text` is its output with each run of spaces reduced to one. */
async function doctor(env: Record<string, string> = {}, command = 'doctor') {
  const child = spawn(process.execPath, [...SHORT_LIVED, 'src/main.ts', command], {
    cwd: repositoryRoot,
    env: { ...inheritedEnv(), LATCHKEY_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const closed = Promise.withResolvers<number | null>()
  child.once('error', closed.reject)
  child.once('close', closed.resolve)
  const code = await closed.promise
  return { code, text: text.replaceAll(/ +/g, ' ') }
}

describe('doctor', () => {
  it('finds no problem before the first start, and creates nothing', async () => {
    const { code, text } = await doctor()
    expect(text).toContain('ok database Embedded: the first start makes it')
    expect(text).toContain('No problem was found.')
    expect(code).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('says whether the type of LATCHKEY_FEDERATION can be extended, and a start says so too', async () => {
    const { code, text } = await doctor({ LATCHKEY_FEDERATION: 'User.id' })
    expect(text).toContain('ok federation The endpoint is a subgraph that extends User by the key id.')
    expect(code).toBe(0)
    const problem = 'LATCHKEY_FEDERATION names the type Connection, which Latchkey has itself.'
    const taken = await doctor({ LATCHKEY_FEDERATION: 'Connection.id' })
    expect(taken.text).toContain(`problem federation ${problem}`)
    expect(taken.code).toBe(1)
    const started = await doctor({ LATCHKEY_FEDERATION: 'Connection.id' }, 'start')
    expect(started.text).toContain(`Latchkey cannot start: ${problem}`)
    expect(started.code).toBe(1)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('checks the data folder of a stopped process, and names a running one', async () => {
    const program = await startProgram({ dataDir })
    const running = await doctor()
    expect(running.text).toContain(
      `problem database The embedded database in ${dataDir} is in use by process ${program.pid}.`,
    )
    expect(running.code).toBe(1)
    expect(await program.stop()).toBe(0)
    await writeFile(join(dataDir, 'process.lock'), '')
    const { code, text } = await doctor()
    expect(text).toContain(
      'was left behind: it names no process. The next start replaces it.'.replace('. The', '.\n The'),
    )
    expect(text).toMatch(/ok Node Version \d+\./)
    expect(text).toContain('ok database rights')
    expect(text).toContain(`ok database PostgreSQL ${EMBEDDED_MAJOR} answers (embedded).`)
    expect(text).toMatch(/ok migrations All \d+ are applied\./)
    expect(text).toContain('ok stored secrets The keys fit all 0.')
    expect(text).toContain('ok sync jobs 0 run')
    expect(code).toBe(0)
  })

  it('names every problem of the environment and no secret', async () => {
    await writeFile(join(dataDir, 'encryption-keys'), 'nonsense')
    const other = createServer()
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port } = other.address() as AddressInfo
    const { code, text } = await doctor({
      PORT: String(port),
      LATCHKEY_COLOUR: 'colour-of-this-test',
      LATCHKEY_STRATEGIES_DIR: '/no/such/folder',
      DATABASE_URL: 'postgresql://latchkey:password-of-the-database@127.0.0.1:1/latchkey',
      REDIS_URL: 'redis://:password-of-redis@127.0.0.1:1',
      LATCHKEY_EGRESS_ALLOW: '10.0.0.0/99',
      LATCHKEY_TRUSTED_PROXIES: '0.0.0.0/0',
      LATCHKEY_OPERATOR_KEY: 'operator-key-of-this-test-0123456789abcdef',
    })
    other.close()
    expect(code).toBe(1)
    expect(text).toContain('note configuration LATCHKEY_COLOUR is not a variable of Latchkey.')
    expect(text).toContain(`problem port Port ${port} of 127.0.0.1 is in use by another program.`)
    expect(text).toContain('problem outgoing requests LATCHKEY_EGRESS_ALLOW cannot be read')
    expect(text).toContain('problem encryption keys')
    expect(text).toContain('problem database The database at 127.0.0.1:1/latchkey cannot be used: connect ECONNREFUSED')
    expect(text).toContain('problem Redis 127.0.0.1:1 does not answer')
    expect(text).toContain('problem auth strategies LATCHKEY_STRATEGIES_DIR must be a folder that exists.')
    expect(text).toContain('problem trusted proxies LATCHKEY_TRUSTED_PROXIES cannot be read')
    expect(text).toContain('7 problems.')
    expect(text).not.toMatch(/password-of|operator-key|nonsense|colour-of/)
  })

  it('names the encryption keys that a restored database needs, and a start makes no new ones', async () => {
    const program = await startProgram({ dataDir })
    const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
    const { data } = await client.execute(
      'mutation { createWorkspace(input: { name: "Acme" }) { ... on CreateWorkspacePayload { workspace { id } } } }',
    )
    const { workspace } = (data as { createWorkspace: { workspace: { id: string } } }).createWorkspace
    const input = {
      workspaceId: workspace.id,
      slug: 'records',
      definition: { displayName: 'R', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } },
    }
    await client.execute(
      'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename } }',
      { input },
    )
    const connection = { workspaceId: workspace.id, integration: 'records', credential: { secretText: 'token' } }
    await client.execute(
      'mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename } }',
      { input: connection },
    )
    await client.close()
    expect(await program.stop()).toBe(0)
    const [, keyId = ''] = /^([^:]+):/.exec(await readFile(join(dataDir, 'encryption-keys'), 'utf8')) ?? []
    await rename(join(dataDir, 'encryption-keys'), join(dataDir, 'moved'))
    const { code, text } = await doctor()
    expect(text).toContain(`problem stored secrets They need the encryption keys ${keyId}, which are not configured.`)
    expect(code).toBe(1)
    await expect(startProgram({ dataDir })).rejects.toThrow(
      `The stored secrets need the encryption keys ${keyId}, and there is no file`,
    )
    expect(await readdir(dataDir)).not.toContain('encryption-keys')
    await rename(join(dataDir, 'moved'), join(dataDir, 'encryption-keys'))
    expect(await doctor()).toMatchObject({ code: 0 })
  })

  it('says that the files belong to another version of PostgreSQL', async () => {
    await mkdir(join(dataDir, 'database'))
    await writeFile(join(dataDir, 'database', 'PG_VERSION'), '16\n')
    const { code, text } = await doctor()
    expect(text).toContain('PostgreSQL 16 wrote it, and this version of Latchkey embeds PostgreSQL ')
    expect(code).toBe(1)
  })

  it('reports the same configuration errors as a start', async () => {
    const { code, text } = await doctor({ NODE_ENV: 'production', PORT: 'none' })
    expect(code).toBe(1)
    expect(text).toContain('PORT')
    expect(text).toContain('LATCHKEY_ENCRYPTION_KEYS is needed in production')
  })

  it('does not check the public URL when each start takes a free port', async () => {
    const { code, text } = await doctor({ PORT: '0' })
    expect(text).toContain('note public URL Each start takes a free port')
    expect(code).toBe(0)
  })

  it('requires an https public URL in production', async () => {
    const { code, text } = await doctor({
      ...sharedEnv(),
      NODE_ENV: 'production',
      LATCHKEY_PUBLIC_URL: 'http://latchkey.example.com',
    })
    expect(code).toBe(1)
    expect(text).toContain('problem public URL http://latchkey.example.com is not https')
  })

  it('finds everything in production that can be guessed or reached by everybody', async () => {
    await chmod(dataDir, 0o777)
    const { code, text } = await doctor({
      NODE_ENV: 'production',
      LATCHKEY_PUBLIC_URL: 'http://latchkey.example.com',
      LATCHKEY_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      LATCHKEY_OPERATOR_KEY: 'changeme-changeme-changeme-changeme',
      LATCHKEY_EGRESS_ALLOW: '::/0',
      LATCHKEY_STRATEGIES_DIR: dataDir,
    })
    expect(code).toBe(1)
    for (const words of [
      'problem public URL',
      'problem encryption keys LATCHKEY_ENCRYPTION_KEYS, entry 1: the key repeats the same few bytes',
      'problem operator key LATCHKEY_OPERATOR_KEY can be guessed',
      'problem outgoing requests LATCHKEY_EGRESS_ALLOW must not contain ::/0',
      'problem auth strategies LATCHKEY_STRATEGIES_DIR is not safe',
      `note data folder Every user of this machine can write to ${dataDir}.`,
      '5 problems.',
    ]) {
      expect(text).toContain(words)
    }
    expect(text).not.toContain('changeme')
  })

  it('lists the problems of all values when the configuration cannot be read', async () => {
    const { code, text } = await doctor({ PORT: 'none', HOST: '0.0.0.0', LATCHKEY_EGRESS_ALLOW: '10.0.0.0/99' })
    expect(code).toBe(1)
    for (const name of ['PORT must', 'LATCHKEY_EGRESS_ALLOW cannot']) expect(text).toContain(name)
    const exposed = await doctor({ HOST: '0.0.0.0' })
    expect(exposed.code).toBe(1)
    expect(exposed.text).toContain('HOST must be an address of this machine only')
  })
})

describe.skipIf(!serverAnswers)('doctor, on a server', () => {
  it('finds missing keys, exchanged keys and jobs whose worker is gone', async () => {
    const test = await openTestDatabase('server')
    try {
      const env = { ...sharedEnv(), DATABASE_URL: test.url ?? '' }
      const program = await startProgram({ dataDir, env })
      expect(await program.stop()).toBe(0)
      expect(await doctor(env)).toMatchObject({ code: 0 })

      const exchanged = await doctor({ ...env, LATCHKEY_ENCRYPTION_KEYS: newKey('k1') })
      expect(exchanged.text).toContain('problem stored secrets The key k1 is not the key of that id')
      expect(exchanged.code).toBe(1)

      await test.database.sql.query(`
        WITH w AS (INSERT INTO workspace (id, name, slug) VALUES (gen_random_uuid(), 'Acme', 'acme') RETURNING id),
          i AS (INSERT INTO integration (id, workspace_id, slug, display_name, provider)
                SELECT gen_random_uuid(), id, 'sandbox', 'Sandbox', 'sandbox' FROM w RETURNING id, workspace_id),
          c AS (INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
                SELECT gen_random_uuid(), workspace_id, id, 'One', 'ACTIVE', 'SECRET' FROM i RETURNING id, workspace_id),
          s AS (INSERT INTO credential (connection_id, workspace_id, type, sealed, key_id)
                SELECT id, workspace_id, 'bearer', '\\x00', 'k-lost' FROM c)
        INSERT INTO sync_job (id, workspace_id, connection_id, status, trigger, heartbeat_at)
        SELECT gen_random_uuid(), workspace_id, id, 'RUNNING', 'MANUAL', now() - interval '1 hour' FROM c`)
      const { code, text } = await doctor(env)
      expect(text).toContain('problem stored secrets 1 are sealed with the key k-lost, which is not configured.')
      expect(text).toContain('problem sync jobs 1 of 1 that run have given no sign of life')
      expect(text).toContain('2 problems.')
      expect(code).toBe(1)
    } finally {
      await test.close()
    }
  })
})
