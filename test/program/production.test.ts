import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documents } from '../graphql/documents.ts'
import { createGraphQLClient, type GraphQLClient } from '../support/graphql-client.ts'
import { inheritedEnv, repositoryRoot, startProgram } from '../support/program.ts'
import { newKey, sharedEnv } from './main-job.ts'

/** Output of a program that does not start. */
async function failedStart(env: Record<string, string>): Promise<string> {
  const program = await startProgram({ env }).catch((error: unknown) => error)
  if (program instanceof Error) return program.message
  throw new Error('The program started, which it should not.')
}

/** Runs `bin/latchkey.cjs`, as `npm start` does, until it exits. */
function start(env: Record<string, string>, flags: string[] = []) {
  const options = {
    cwd: repositoryRoot,
    env: { ...inheritedEnv(), LATCHKEY_LOG_LEVEL: 'silent', ...env },
    timeout: 60_000,
  }
  return spawnSync(process.execPath, [...flags, 'bin/latchkey.cjs'], { ...options, encoding: 'utf8' })
}

/** Errors of a request through an integration whose base URL is the given one. */
async function requestTo(client: GraphQLClient, baseUrl: string): Promise<unknown> {
  const mutate = async (document: string, input: object) => {
    const { data } = await client.execute(document, { input })
    return Object.values(data as Record<string, { workspace: { id: string }; connection: { id: string } }>)[0]
  }
  const workspaceId = (await mutate(documents.createWorkspace, { name: 'Acme' }))?.workspace.id
  const definition = { displayName: 'R', baseUrl, auth: { type: 'bearer' } }
  await mutate(documents.createIntegration, { workspaceId, slug: 'own', definition })
  const credential = { secretText: 'token-of-this-test' }
  const made = await mutate(documents.createConnection, { workspaceId, integration: 'own', credential })
  const input = { connectionId: made?.connection.id, method: 'GET', path: '/metrics' }
  const sent = await client.execute(
    'mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) { __typename ... on Error { message } } }',
    { input },
  )
  return sent.errors.length > 0 ? sent.errors : [Object.values(sent.data as object)[0]]
}

describe('in production', () => {
  it('the program does not start without encryption keys and public URL, and names both (CS-08)', async () => {
    const output = await failedStart({ NODE_ENV: 'production' })
    expect(output).toContain('exited with 1')
    expect(output).toContain('LATCHKEY_ENCRYPTION_KEYS is needed in production: id:base64 of 32 random bytes.')
    expect(output).toContain('LATCHKEY_PUBLIC_URL is needed in production')
  })

  it('the program does not start with a key of the wrong length, and does not print it', async () => {
    const short = Buffer.from('a key that is too short').toString('base64')
    const output = await failedStart({
      NODE_ENV: 'production',
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com',
      LATCHKEY_ENCRYPTION_KEYS: `k1:${short}`,
    })
    expect(output).toContain('exited with 1')
    expect(output).toContain('LATCHKEY_ENCRYPTION_KEYS, entry 1: the key has 23 bytes instead of 32')
    expect(output).not.toContain(short)
  })

  it('the program does not start with anything that can be guessed or reached by everybody, and names all of it at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-open-'))
    try {
      await chmod(folder, 0o777)
      const text = 'this is a key of 32 characters!!'
      const output = await failedStart({
        NODE_ENV: 'production',
        LATCHKEY_PUBLIC_URL: 'http://latchkey.example.com',
        LATCHKEY_ENCRYPTION_KEYS: `k1:${Buffer.from(text).toString('base64')}`,
        LATCHKEY_OPERATOR_KEY: 'changeme-changeme-changeme-changeme',
        LATCHKEY_EGRESS_ALLOW: '10.0.0.0/8, 0.0.0.0/0',
        LATCHKEY_STRATEGIES_DIR: folder,
      })
      expect(output).toContain('exited with 1')
      for (const words of [
        'LATCHKEY_PUBLIC_URL must begin with https:// in production',
        'LATCHKEY_ENCRYPTION_KEYS, entry 1: the key is readable text',
        'LATCHKEY_OPERATOR_KEY can be guessed',
        'LATCHKEY_EGRESS_ALLOW must not contain 0.0.0.0/0 in production',
        `LATCHKEY_STRATEGIES_DIR is not safe: other users can write to ${folder}`,
      ]) {
        expect(output.split('\n').filter((line) => line.startsWith(words))).toHaveLength(1)
      }
      expect(output).not.toContain('changeme')
      expect(output).not.toContain(Buffer.from(text).toString('base64'))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('the program starts with a weak key behind the first one, so that it can be replaced, and at an http URL of this machine', async () => {
    const shared = sharedEnv()
    const program = await startProgram({
      env: {
        ...shared,
        NODE_ENV: 'production',
        LATCHKEY_PUBLIC_URL: 'http://localhost:4000',
        LATCHKEY_ENCRYPTION_KEYS: `${shared['LATCHKEY_ENCRYPTION_KEYS']},k0:${Buffer.alloc(32, 'a').toString('base64')}`,
        LATCHKEY_OPERATOR_KEY: randomBytes(16).toString('hex'),
      },
    })
    expect(await program.stop()).toBe(0)
  })

  it('the program starts with keys and public URL, without GraphiQL and introspection', async () => {
    const env = { ...sharedEnv(), NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com' }
    const program = await startProgram({ env })
    try {
      expect(program.stdout()).not.toContain('GraphiQL')
      const page = await fetch(program.graphqlUrl, { headers: { accept: 'text/html' } })
      expect(await page.text()).not.toMatch(/<html|graphiql/i)
      const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
      const viewer = await client.execute('{ viewer { __typename } }')
      expect(viewer.errors).toEqual([])
      const { data, errors } = await client.execute('{ __schema { types { name } } }')
      expect(data).toBeNull()
      expect(errors).toHaveLength(1)
      expect(await requestTo(client, program.url)).toMatchObject([
        { message: expect.stringContaining('127.0.0.1 at port') },
      ])
      await client.close()
    } finally {
      expect(await program.stop()).toBe(0)
    }
  })
})

describe('the program does not start', () => {
  it('without a database that answers: it names the database without its password, and says what to do', async () => {
    const output = await failedStart({
      DATABASE_URL: 'postgresql://latchkey:password-of-this-test@127.0.0.1:1/latchkey',
    })
    expect(output).toContain('exited with 1')
    expect(output).toContain('The database at 127.0.0.1:1/latchkey cannot be used: connect ECONNREFUSED')
    expect(output).toContain('npx latchkey doctor')
    expect(output).not.toContain('password-of-this-test')
  })

  it('with wrong values and misspelt variables: it names each of them once, and no secret', async () => {
    const output = await failedStart({
      LATCHKEY_PUBLIC_URL: 'latchkey.example.com',
      LATCHKEY_ENCRYPTION_KEYS: 'secret-of-this-test',
      LATCHKEY_EGRESS_ALLOW: '10.0.0.0/99',
      LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, nginx',
      LATCHKEY_OPERATOR_KEYS: 'secret-of-this-test',
      LATCHKEY_STRATEGIES_DIR: '/no/such/folder',
    })
    expect(output).toContain('exited with 1')
    for (const line of [
      'LATCHKEY_PUBLIC_URL must begin with https:// or http://, such as https://latchkey.example.com.',
      'LATCHKEY_ENCRYPTION_KEYS, entry 1: expected id:base64, found no colon.',
      'LATCHKEY_EGRESS_ALLOW cannot be read: "10.0.0.0/99" is not a host, host:port, IP address or CIDR.',
      'LATCHKEY_TRUSTED_PROXIES cannot be read: "nginx" is not an IP address or a network such as 10.0.0.0/8.',
      'LATCHKEY_STRATEGIES_DIR must be a folder that exists.',
      'LATCHKEY_OPERATOR_KEYS is not a variable of Latchkey. Did you mean LATCHKEY_OPERATOR_KEY?',
    ]) {
      expect(output.split('\n').filter((each) => each === line)).toHaveLength(1)
    }
    expect(output).not.toContain('secret-of-this-test')
  })

  it('on an address that other machines reach outside production, unless LATCHKEY_INSECURE=1', async () => {
    const output = await failedStart({ HOST: '0.0.0.0' })
    expect(output).toContain('exited with 1')
    expect(output).toMatch(
      /^HOST must be an address of this machine only, such as 127\.0\.0\.1, outside production.*$/m,
    )
    const program = await startProgram({ env: { HOST: '0.0.0.0', LATCHKEY_INSECURE: '1' } })
    try {
      expect(
        await program.saw(/Warning +other machines reach this development mode \(LATCHKEY_INSECURE\)/),
      ).toBeTruthy()
      expect((await fetch(`${program.url.replace('0.0.0.0', '127.0.0.1')}/healthz`)).status).toBe(200)
    } finally {
      expect(await program.stop()).toBe(0)
    }
  })

  it('with strategies that other users can change, in any mode', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-open-'))
    try {
      await writeFile(join(folder, 'mine.ts'), 'throw new Error("loaded")')
      await chmod(join(folder, 'mine.ts'), 0o666)
      const output = await failedStart({ LATCHKEY_STRATEGIES_DIR: folder })
      expect(output).toContain(
        `LATCHKEY_STRATEGIES_DIR is not safe: other users can write to ${join(folder, 'mine.ts')}, and so change code that runs with all rights of Latchkey. Run: chmod go-w`,
      )
      expect(output).not.toContain('loaded')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('on a port that another program uses, before it creates anything', async () => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-port-'))
    try {
      const { status, stdout, stderr } = start({ PORT: String(port), LATCHKEY_DATA_DIR: folder })
      expect(status).toBe(1)
      expect(stderr).toBe(
        `Latchkey cannot start: Port ${port} of 127.0.0.1 is in use by another program. Stop that program, or set PORT to a free port.\n`,
      )
      // A first start prints the operator key once.
      expect(stdout).not.toContain('lk_')
      expect(await readdir(folder)).toEqual([])
    } finally {
      server.close()
      await rm(folder, { recursive: true })
    }
  })

  it.each([
    ['18.20.4', [], 'it needs Node 22.19 or newer, and this is Node 18.20.4 ('],
    ['22.18.0', [], 'it needs Node 22.19 or newer, and this is Node 22.18.0 ('],
    [process.versions.node, ['--no-experimental-strip-types'], 'with type stripping switched off ('],
  ])('with Node %s %j, and says so in one sentence', async (version, flags, sentence) => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-node-'))
    try {
      const preload = join(folder, 'version.cjs')
      await writeFile(preload, `Object.defineProperty(process.versions, 'node', { value: '${version}' })`)
      const { status, stderr } = start({}, [...flags, '--require', preload])
      expect(status).toBe(1)
      expect(stderr).toMatch(/^Latchkey cannot start: [^\n]*\n$/)
      expect(stderr).toContain(sentence)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('with a role that needs DATABASE_URL when that is not set', async () => {
    const output = await failedStart({ LATCHKEY_ROLE: 'worker', LATCHKEY_ENCRYPTION_KEYS: newKey('k1') })
    expect(output).toContain('LATCHKEY_ROLE must be all without DATABASE_URL')
  })
})
