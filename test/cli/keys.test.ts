import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documents } from '../graphql/documents.ts'
import { sharedEnv } from '../program/main-job.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { latchkey } from './command-line.ts'

describe('latchkey keys create', () => {
  let dataDir: string
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'latchkey-keys-'))
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  it.each([
    [['--role', 'admin'], 'Name the workspace of the key: --workspace <slug>.'],
    [['--role', 'operator', '--workspace', 'acme'], 'An operator key has no workspace. Leave --workspace out.'],
    [['--role', 'owner'], "argument 'owner' is invalid. Allowed choices are operator, admin, reader."],
    [['--role', 'operator', '--expires-at', 'tomorrow'], '--expires-at must be a time with its offset'],
    [['--role', 'operator', '--expires-at', '2030-13-31T00:00:00Z'], '--expires-at is not a time that exists.'],
    [['--role', 'operator', '--scopes', 'READ,FLY'], '--scopes must be among READ, CONNECT, EXECUTE, SYNC, ADMIN.'],
    [['--workspace', 'acme'], "required option '--role <role>' not specified"],
  ])('refuses %j with 2, and says why', async (options, sentence) => {
    const { code, stdout, stderr } = await latchkey(['keys', 'create', '--json', ...options])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
  })

  it('makes no database, and says that Latchkey has to be started first', async () => {
    const { code, stderr } = await latchkey(['keys', 'create', '--role', 'operator'], { LATCHKEY_DATA_DIR: dataDir })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `The key cannot be created: There is no database in ${dataDir} yet. Start Latchkey first.\n`,
    })
    expect(await readdir(dataDir)).toEqual([])
  })

  it('names the process that uses the embedded database', async () => {
    const program = await startProgram({ dataDir })
    try {
      const { code, stdout } = await latchkey(['keys', 'create', '--role', 'operator', '--json'], {
        LATCHKEY_DATA_DIR: dataDir,
      })
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toEqual({ ok: false, error: expect.stringContaining(`process ${program.pid}`) })
    } finally {
      await program.stop()
    }
  })
})

describe.skipIf(!serverAnswers)('latchkey keys create, beside a running server', () => {
  let test: Awaited<ReturnType<typeof openTestDatabase>>
  let program: Program
  let env: Record<string, string>
  let slug = ''
  const create = (...options: string[]) => latchkey(['keys', 'create', ...options], env)
  const viewerOf = async (key: string) => {
    const client = createGraphQLClient({ url: program.graphqlUrl, key })
    try {
      return await client.execute('{ viewer { role workspace { slug } } }')
    } finally {
      await client.close()
    }
  }

  beforeAll(async () => {
    test = await openTestDatabase('server')
    env = { ...sharedEnv(), DATABASE_URL: test.url ?? '' }
    program = await startProgram({ env })
    const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
    type Created = { createWorkspace: { workspace: { slug: string } } }
    const input = { name: 'Acme' }
    slug = (await client.request<Created, object>(documents.createWorkspace, { input })).createWorkspace.workspace.slug
    await client.close()
  })
  afterAll(async () => {
    await program?.stop()
    await test?.close()
  })

  it('creates a key of a workspace, which works at once', async () => {
    const { code, stdout } = await create('--role', 'reader', '--workspace', slug, '--name', 'Reports')
    expect(code).toBe(0)
    const key = /^The new key, shown this once:\n {2}(lk_\S+)\n$/.exec(stdout)?.[1] ?? ''
    expect((await viewerOf(key)).data).toEqual({ viewer: { role: 'READER', workspace: { slug } } })
  })

  it('creates an operator key with an expiry, and the audit log names no key as its creator', async () => {
    const { stdout } = await create('--role', 'operator', '--expires-at', '2100-01-01T01:00:00+01:00', '--json')
    const { id, key, ...rest } = JSON.parse(stdout)
    expect(rest).toEqual({
      ok: true,
      name: 'Command line',
      role: 'OPERATOR',
      workspace: null,
      expiresAt: '2100-01-01T00:00:00.000Z',
    })
    expect(id).toEqual(expect.any(String))
    expect(await viewerOf(key)).toMatchObject({ data: { viewer: { role: 'OPERATOR', workspace: null } } })
    const lines = await test.database.sql.query<{ actor: string; outcome: string }>(
      `SELECT actor, outcome FROM audit_event WHERE action = 'createApiKey' AND workspace_id IS NULL`,
    )
    expect(lines).toEqual([{ actor: 'command line', outcome: 'OK' }])
  })

  it('refuses what the API refuses', async () => {
    const scopes = await create('--role', 'reader', '--workspace', slug, '--scopes', 'SYNC')
    expect(scopes).toMatchObject({ code: 1, stdout: '' })
    expect(scopes.stderr).toContain('A key with the role READER can have the scopes READ, EXECUTE only.')
    const integrations = await create('--role', 'admin', '--workspace', slug, '--integrations', 'absent')
    expect(integrations.stderr).toContain('The workspace has no integration with this slug.')
    const workspace = await create('--role', 'admin', '--workspace', 'nobody')
    expect(workspace.stderr).toBe('The key cannot be created: There is no workspace nobody.\n')
  })
})
