import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documents } from '../graphql/documents.ts'
import { decideInSandbox } from '../sandbox/sandbox-browser.ts'
import { type InstalledClient, installClient } from '../support/client-package.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { freePort } from '../support/listening.ts'
import {
  type Ended,
  type InstalledPackage,
  installedBytes,
  installPackage,
  registryEnv,
  run,
  withoutPackage,
} from '../support/npm-package.ts'
import { type RunningProcess, repositoryRoot, startProcess } from '../support/program.ts'
import { blocksOf, missingLine, openShell } from '../support/readme.ts'
import { startRecordsUpstream } from '../support/records-upstream.ts'
import { CHROMIUM_PATH, hasChromium, hasRedis, REDIS_URL } from '../support/services.ts'
import { connectContacts, followJob, readJob, sharedEnv } from './main-job.ts'

const hasServers = serverAnswers && (await hasRedis())

const RETURN_URL = 'http://localhost:3000/connected'
const MEGABYTE = 1024 * 1024
const startOAuth = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename
  ... on StartOAuthPayload { authorizationUrl } ... on Error { message } } }`
const confirmConnection = `mutation ($input: ConfirmConnectionInput!) { confirmConnection(input: $input) { __typename
  ... on ConfirmConnectionPayload { connection { id } } ... on Error { message } } }`

let installed: InstalledPackage
let program: string
let dataDir = ''

beforeAll(async () => {
  installed = await installPackage()
  program = join(installed.folder, 'node_modules/latchkey/bin/latchkey.cjs')
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-package-data-'))
}, 600_000)

afterAll(async () => {
  await installed?.remove()
  await rm(dataDir, { recursive: true, force: true })
})

const READY = /Latchkey is running[^\n]*\n\s*GraphQL\s+(http:\S+)\/graphql\n/

/** Starts the installed program in the folder in which it is installed. */
const start = (env: Record<string, string> = {}): Promise<RunningProcess> =>
  startProcess({
    args: [program],
    cwd: installed.folder,
    env: { PORT: '0', LATCHKEY_DATA_DIR: dataDir, ...env },
    ready: READY,
  })

const latchkey = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  run(process.execPath, [program, ...args], { cwd: installed.folder, env: { LATCHKEY_DATA_DIR: dataDir, ...env } })

describe('the tarball', () => {
  it('has compiled JavaScript, the console, the migrations and the schema, and no tests', () => {
    const { files } = installed
    for (const file of [
      'bin/latchkey.cjs',
      'dist/main.js',
      'dist/catalog/providers/slack.js',
      'dist/catalog/generated/logos/github.svg',
      'dist/client/connect.js',
      'dist/licences.md',
      'packages/console/dist/index.html',
      'packages/console/dist/licences.md',
      'prisma/schema.prisma',
      'prisma/migrations/migration_lock.toml',
      'schema/schema.graphql',
      'LICENSE',
    ]) {
      expect(files).toContain(file)
    }
    expect(files.filter((file) => /(?:^|\/)(?:test|bench|scripts|node_modules)\/|\.test\./.test(file))).toEqual([])
  })

  it('has no TypeScript that would have to run', async () => {
    const sources = installed.files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    // The documentation links to examples.
    expect(sources.filter((file) => !file.startsWith('docs/'))).toEqual([])
  })

  it('has every file that the code finds by its own place', async () => {
    const code = installed.files.filter((file) => file.startsWith('dist/') && file.endsWith('.js'))
    const references = await Promise.all(
      code.map(async (file) => {
        const text = await readFile(join(installed.folder, 'node_modules/latchkey', file), 'utf8')
        const paths = [...text.matchAll(/new URL\(\s*["'`](\.[^"'`]*)["'`],\s*import\.meta\.url/g)]
        return paths.map(([, path = '']) => resolve('/', dirname(file), path).slice(1))
      }),
    )
    const found = references.flat()
    expect(found).toContain('packages/console/dist')
    expect(found).toContain('prisma')
    const isThere = (path: string) => installed.files.some((file) => file === path || file.startsWith(`${path}/`))
    expect(found.filter((path) => path !== 'package.json' && !isThere(path))).toEqual([])
  })

  it('ships the licences of all packages in dist/vendor', async () => {
    const text = await readFile(join(installed.folder, 'node_modules/latchkey/dist/licences.md'), 'utf8')
    for (const name of ['@prisma/client', '@pothos/core', 'graphql-yoga', 'zod']) expect(text).toContain(`## ${name} `)
    expect(text).toContain('Apache License')
  })

  it('is made by npm pack, which compiles first', async () => {
    const { scripts, bin } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'))
    expect(scripts.prepack).toBe('node scripts/build-server.ts')
    expect(bin).toEqual({ latchkey: 'bin/latchkey.cjs' })
  })
})

describe('the installed package', () => {
  it('takes less than 90 MB, and less than 65 MB without optional packages', async () => {
    const bytes = await installedBytes(installed)
    expect(bytes / MEGABYTE).toBeLessThan(90)
    const optional = await withoutPackage(installed, '@electric-sql/pglite')
    const without = await installedBytes(installed)
    await optional()
    expect(without / MEGABYTE).toBeLessThan(65)
  })

  it('does not install Prisma, TypeScript or another compiler', async () => {
    const modules = join(installed.folder, 'node_modules')
    const names = [
      ...(await readdir(modules)),
      ...(await readdir(join(modules, '@prisma'))).map((name) => `@prisma/${name}`),
    ]
    expect(names).toContain('@prisma/schema-engine-wasm')
    for (const name of ['@prisma/client', '@pothos', 'prisma', 'typescript', 'vite']) expect(names).not.toContain(name)
  })

  it('is found by npx, which passes arguments and the exit code on', async () => {
    const env = { PORT: '0', LATCHKEY_DATA_DIR: dataDir }
    const { version } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'))
    const shown = await run('npx', ['latchkey', '--version'], { cwd: installed.folder })
    expect(shown).toMatchObject({ code: 0, stdout: `${version}\n` })
    const healthy = await run('npx', ['latchkey', 'doctor', '--json'], { cwd: installed.folder, env })
    expect(JSON.parse(healthy.stdout)).toMatchObject({ ok: true })
    const broken = await run('npx', ['latchkey', 'doctor'], { cwd: installed.folder, env: { ...env, PORT: 'none' } })
    expect(broken.code).toBe(1)
    expect(await run('npx', ['latchkey', 'heal'], { cwd: installed.folder })).toMatchObject({ code: 2 })
  })

  it('connects an account of the sandbox and syncs it', async () => {
    const server = await start()
    try {
      const url = server.ready[1] ?? ''
      const key = (await server.saw(/^\s+(lk_\S+)$/m))[1] ?? ''
      const client = createGraphQLClient({ url: `${url}/graphql`, key })
      // biome-ignore lint/suspicious/noExplicitAny: the answer of an arbitrary document
      const mutate = async (document: string, input: object): Promise<any> =>
        Object.values(await client.request<Record<string, unknown>, object>(document, { input }))[0]
      const { workspace } = await mutate(documents.createWorkspace, { name: 'Acme', redirectUrls: [RETURN_URL] })
      const started = { workspaceId: workspace.id, provider: 'sandbox', redirectUrl: RETURN_URL }
      const { authorizationUrl } = await mutate(startOAuth, started)
      const back = await decideInSandbox(authorizationUrl, { account: 'ada', decision: 'allow' }, RETURN_URL)
      const handle = back.searchParams.get('handle')
      const { connection } = await mutate(confirmConnection, { handle, endUserExternalId: 'ada' })
      const { syncJob } = await mutate(documents.triggerSync, { connectionId: connection.id })
      expect((await followJob(`${url}/graphql`, key, syncJob.id)).at(-1)).toBe('SYNC_SUCCEEDED')
      expect(await readJob(`${url}/graphql`, key, syncJob.id)).toMatchObject({ recordsWritten: 250 })
      const guide = '{ provider(slug: "slack") { guide { __typename } } }'
      expect((await client.execute(guide)).data).toEqual({ provider: { guide: { __typename: 'ProviderGuide' } } })
      await client.close()
      await servesFiles(url)
    } finally {
      expect(await server.stop()).toBe(0)
    }
  })

  it('creates a key in the stopped database, with which a start under the oldest Node answers', async () => {
    const created = await latchkey(['keys', 'create', '--role', 'admin', '--workspace', 'acme', '--json'])
    expect(created).toMatchObject({ code: 0, stderr: '' })
    const { ok, key, role, workspace } = JSON.parse(created.stdout)
    expect({ ok, role, workspace }).toEqual({ ok: true, role: 'ADMIN', workspace: 'acme' })
    const ready = READY
    const env = { PORT: '0', LATCHKEY_DATA_DIR: dataDir }
    const server = await startProcess({
      command: installed.oldNode,
      args: [program],
      cwd: installed.folder,
      env,
      ready,
    })
    try {
      const client = createGraphQLClient({ url: `${server.ready[1]}/graphql`, key })
      const { data } = await client.execute('{ viewer { role workspace { slug } } }')
      expect(data).toEqual({ viewer: { role: 'ADMIN', workspace: { slug: 'acme' } } })
      await client.close()
    } finally {
      expect(await server.stop()).toBe(0)
    }
  })

  it('says what is missing without the optional packages, and how to install it', async () => {
    const putBack = await withoutPackage(installed, '@electric-sql/pglite')
    try {
      const { code, stderr } = await latchkey(['start'], { PORT: '0', LATCHKEY_LOG_LEVEL: 'silent' })
      expect(code).toBe(1)
      expect(stderr).toContain('Latchkey cannot start: The embedded database is not installed. Set DATABASE_URL')
      expect(stderr).toContain('npm install --include=optional')
    } finally {
      await putBack()
    }
    const restore = await withoutPackage(installed, 'oidc-provider')
    const server = await start()
    try {
      const page = await fetch(`${server.ready[1]}/sandbox/auth?client_id=latchkey`)
      expect(page.status).toBe(503)
      expect(await page.text()).toContain('The package oidc-provider is not installed.')
    } finally {
      expect(await server.stop()).toBe(0)
      await restore()
    }
  })
})

describe.skipIf(!hasServers)('the installed package in production', () => {
  it('runs on PostgreSQL and Redis without the optional packages', async () => {
    const test = await openTestDatabase('server')
    const optional = ['@electric-sql/pglite', 'oidc-provider']
    const putBack = await Promise.all(optional.map((name) => withoutPackage(installed, name)))
    const shared = sharedEnv()
    const upstream = await startRecordsUpstream()
    const production = { NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com' }
    try {
      const server = await start({ ...shared, ...production, DATABASE_URL: test.url ?? '', REDIS_URL })
      const url = server.ready[1] ?? ''
      const key = shared['LATCHKEY_OPERATOR_KEY'] ?? ''
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      const { syncJobId } = await connectContacts(`${url}/graphql`, key, upstream)
      expect((await followJob(`${url}/graphql`, key, syncJobId)).at(-1)).toBe('SYNC_SUCCEEDED')
      expect(await server.stop()).toBe(0)
    } finally {
      for (const each of putBack) await each()
      await upstream.close()
      await test.close()
    }
  })
})

describe.skipIf(!(await hasChromium()))('docs/from-npm.md', () => {
  let client: InstalledClient

  beforeAll(async () => {
    client = await installClient()
  })
  afterAll(() => client?.remove())

  it('goes from an empty folder and two tarballs to a webhook, with less than 40 lines, under the oldest Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-from-npm-'))
    const [main, product] = [String(await freePort()), String(await freePort())]
    const { devDependencies } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'))
    const versions = ['typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
    const text = [
      ['127.0.0.1:4000', `127.0.0.1:${main}`],
      ['127.0.0.1:3000', `127.0.0.1:${product}`],
      ['listen(3000', `listen(${product}`],
      ['latchkey latchkey-client', `${installed.tarball} ${client.tarball}`],
      ['typescript @types/node', versions.join(' ')],
    ].reduce(
      (page, [from = '', to = '']) => page.replaceAll(from, to),
      await readFile(join(repositoryRoot, 'docs/from-npm.md'), 'utf8'),
    )
    const blocks = (language: string) =>
      blocksOf(text).flatMap((each) => (each.language === language ? [each.text] : []))
    const [install = '', serve = '', checkAndRun = ''] = blocks('sh')
    const [program = ''] = blocks('ts')
    const [output = ''] = blocks('text')
    expect(program.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(40)
    const [check = '', start = ''] = checkAndRun.split('\n')
    const PATH = [dirname(installed.oldNode), process.env['PATH']].join(delimiter)
    const shell = openShell(folder, { ...registryEnv(), PATH, PORT: main, npm_config_prefer_offline: 'true' })
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox'] })
    try {
      await shell.run(install)
      expect(await shell.run('node --version')).toBe('v22.19.0\n')
      const server = await shell.start(serve, {})
      await server.saw('shown this once')
      const [, key = ''] = /^\s+(lk_\S+)$/m.exec(server.output()) ?? []
      await writeFile(join(folder, 'product.ts'), `${program}\n`)
      await shell.run(check)
      const running = await shell.start(start.replace('lk_…', key), {})
      await running.saw('Open http')
      const page = await browser.newPage()
      await page.goto(/^Open (\S+)$/m.exec(running.output())?.[1] ?? '')
      await page.getByRole('button', { name: 'Continue to Sandbox' }).click()
      await page.getByRole('radio', { name: /Grace Hopper/ }).check()
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.getByText('Connected: Sandbox').waitFor()
      await Promise.all([running.saw('SYNC_SUCCEEDED'), running.saw('Webhook: sync.succeeded')])
      const [webhooks, events] = [true, false].map((isWebhook) =>
        output.split('\n').filter((line) => line.startsWith('Webhook') === isWebhook),
      )
      for (const lines of [webhooks, events]) expect(missingLine(lines?.join('\n') ?? '', running.output())).toBeNull()
      await running.interrupt()
      await server.interrupt()
    } finally {
      await browser.close()
      shell.close()
      await rm(folder, { recursive: true, force: true })
    }
  }, 300_000)
})

/** The files that the server finds by its own place. */
async function servesFiles(url: string): Promise<void> {
  const console = await fetch(`${url}/console`)
  expect([console.status, await console.text()]).toEqual([200, expect.stringContaining('<script')])
  const script = await fetch(`${url}/connect.js`)
  expect([script.status, await script.text()]).toEqual([200, expect.stringContaining('export')])
  const graphiql = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  expect([graphiql.status, await graphiql.text()]).toEqual([200, expect.stringContaining('YogaGraphiQL')])
  const logo = await fetch(`${url}/logos/github.svg`)
  expect(logo.status).toBe(200)
}
