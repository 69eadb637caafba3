import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packClient } from './support/client-package.ts'
import { freePort } from './support/listening.ts'
import { packPackage } from './support/npm-package.ts'
import { repositoryRoot } from './support/program.ts'
import {
  type Block,
  blocksOf,
  missingLine,
  openShell,
  openWorkFolder,
  type Server,
  type Shell,
} from './support/readme.ts'
import {
  administer,
  CHROMIUM_PATH,
  hasChromium,
  hasPostgres,
  hasRedis,
  POSTGRES_URL,
  REDIS_URL,
} from './support/services.ts'

/**
 * Pages that continue each other: one shell runs their blocks, in this order, in a folder that has the npm package alone. The blocks of the
 * section about a clone run in a shell of their own.
 */
const PAGES = ['README.md', 'docs/quickstart.md', 'docs/subscriptions.md', 'docs/export.md', 'docs/running.md']
const blocks = await blocksOfPages()
const hasServers = (await hasPostgres()) && (await hasRedis())

const hasBrowser = await hasChromium()

const databaseName = `latchkey_readme_${randomBytes(8).toString('hex')}`
const servers = new Map<string, Server>()
/** Output of the block before, as a reader sees it. */
let screen = ''
const operatorKeys = new Map<Shell, string>()
let replacements: [string, string][] = []
let ports = { main: '', records: '', worker: '', product: '' }
/** What the servers of the examples print when they are ready, by port. */
const READY: Record<string, string> = {}
let clone: Awaited<ReturnType<typeof openWorkFolder>>
/** The folder in which a reader begins. */
let home: string
let shells: { clone: Shell; home: Shell }

beforeAll(async () => {
  clone = await openWorkFolder()
  home = await mkdtemp(join(tmpdir(), 'latchkey-home-'))
  const { tarball } = await packPackage(home)
  const clientTarball = await packClient(home)
  const [main = '', records = '', worker = '', product = ''] = (await Promise.all([1, 2, 3, 4].map(freePort))).map(
    String,
  )
  ports = { main, records, worker, product }
  Object.assign(READY, { [ports.records]: 'The API is running.', [ports.product]: 'connect an account' })
  const database = new URL(POSTGRES_URL)
  database.pathname = `/${databaseName}`
  // Addresses and packages of the pages, and what this run uses instead.
  replacements = [
    ['npm i latchkey-client', `npm i ${clientTarball}`],
    ['npm i latchkey', `npm i ${tarball}`],
    ['127.0.0.1:4000', `127.0.0.1:${ports.main}`],
    ['127.0.0.1:4010', `127.0.0.1:${ports.records}`],
    ['127.0.0.1:3000', `127.0.0.1:${ports.product}`],
    ['PORT=4001', `PORT=${ports.worker}`],
    ['postgresql://postgres@127.0.0.1:5432/latchkey', database.href],
    ['redis://127.0.0.1:6379', REDIS_URL],
  ]
  const env = { LATCHKEY_URL: `http://127.0.0.1:${ports.main}`, PRODUCT_URL: `http://127.0.0.1:${ports.product}` }
  const npm = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' }
  shells = { clone: openShell(clone.path, env), home: openShell(home, npm) }
  if (hasServers) await administer(`CREATE DATABASE ${databaseName} TEMPLATE template0`)
}, 600_000)

afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.interrupt()))
  for (const shell of Object.values(shells ?? {})) shell.close()
  if (hasServers) await administer(`DROP DATABASE IF EXISTS ${databaseName} WITH (FORCE)`)
  await clone?.remove()
  if (home !== undefined) await rm(home, { recursive: true, force: true })
})

interface PageBlock extends Block {
  page: string
}

async function blocksOfPages(): Promise<PageBlock[]> {
  const found = PAGES.map(async (page) => {
    const text = await readFile(join(repositoryRoot, page), 'utf8')
    return blocksOf(text).map((block) => ({ ...block, page }))
  })
  return (await Promise.all(found)).flat()
}

/** Text of a page with the addresses of this run. */
function adapted(text: string): string {
  return replacements.reduce((all, [documented, actual]) => all.replaceAll(documented, actual), text)
}

const startsServer = (text: string) =>
  /^(?:[A-Z_]+=\S+ )*(?:npm start|npx latchkey|node api\.mjs|npx node examples\/product\/server\.ts)$/m.test(text)

const shellOf = ({ section }: Block) => (section === 'From a clone' ? shells.clone : shells.home)

function portOf(text: string): string {
  if (text.includes('examples/product')) return ports.product
  if (text.includes('node api.mjs')) return ports.records
  return text.includes('PORT=') ? ports.worker : ports.main
}

/** Connects an account in a browser, from the page of the example product. */
async function connectInBrowser(): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${ports.product}`)
    const button = page.getByRole('button', { name: 'Connect an account' })
    const [popup] = await Promise.all([page.context().waitForEvent('page'), button.click()])
    await popup.getByRole('button', { name: 'Continue to Sandbox' }).click()
    await popup.getByRole('radio', { name: /Grace Hopper/ }).check()
    await popup.getByRole('button', { name: 'Allow' }).click()
    await page
      .getByRole('status')
      .filter({ hasText: /^Connected: / })
      .waitFor()
  } finally {
    await browser.close()
  }
  const product = servers.get(ports.product)
  await product?.saw('SYNC_SUCCEEDED')
  screen = product?.output() ?? ''
}

async function startServer(text: string, shell: Shell): Promise<void> {
  const port = portOf(text)
  // A block that starts a server on a used port assumes that the reader has stopped the first one.
  await servers.get(port)?.interrupt()
  // npm ci would remove node_modules while other tests use it.
  const command = text.replace(/^npm ci\n/, '')
  const server = await shell.start(adapted(command), { PORT: port })
  servers.set(port, server)
  await server.saw(READY[port] ?? 'Latchkey is running')
  if (port === ports.main) await server.saw('/graphql\n')
  screen = server.output()
}

async function runShell(block: Block): Promise<void> {
  const { text } = block
  const shell = shellOf(block)
  if (startsServer(text)) {
    await startServer(text, shell)
    const [, key] = /^\s+(lk_\S+)$/m.exec(screen) ?? []
    if (key !== undefined) operatorKeys.set(shell, key)
    return
  }
  const key = operatorKeys.get(shell) ?? ''
  screen = await shell.run(adapted(text).replace('the operator key that Latchkey printed', key))
}

async function checkProgram(text: string): Promise<void> {
  const name = /^\/\/ ([\w-]+\.m?ts)\n/.exec(text)?.[1] ?? ''
  expect(name, 'the first line must name the file').not.toBe('')
  await writeFile(join(home, 'latchkey', name), adapted(text))
  await writeFile(join(clone.path, name), adapted(text))
  const compilerOptions = { noPropertyAccessFromIndexSignature: false }
  const config = { extends: './tsconfig.json', compilerOptions, include: [name] }
  await writeFile(join(clone.path, 'tsconfig.readme.json'), JSON.stringify(config))
  const tsc = join(repositoryRoot, 'node_modules/.bin/tsc')
  const { stdout, status } = spawnSync(tsc, ['-p', 'tsconfig.readme.json'], { cwd: clone.path, encoding: 'utf8' })
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
  screen = ''
}

async function checkBlock(block: Block): Promise<void> {
  const { language, text } = block
  switch (language) {
    case 'sh':
      return runShell(block)
    case 'text':
      return expect(missingLine(adapted(text), screen), `in:\n${screen}`).toBeNull()
    case 'json':
      return expect(JSON.parse(screen.slice(screen.lastIndexOf('\n{') + 1))).toEqual(JSON.parse(text))
    case 'ts':
      return checkProgram(text)
    case 'graphql': {
      const schema = buildSchema(await readFile(join(repositoryRoot, 'schema/schema.graphql'), 'utf8'))
      return expect(validate(schema, parse(text))).toEqual([])
    }
    default:
      expect.unreachable(`No check exists for blocks of the language "${language}".`)
  }
}

describe('the README and the pages that continue it', () => {
  const needsServers = (block: Block) => block.section === 'On PostgreSQL and Redis'

  for (const block of blocks) {
    const name = `are correct in ${block.page} at line ${block.line} (${block.section}, ${block.language})`
    const needsBrowser = block.text.startsWith('Connected: ')
    it.skipIf((needsServers(block) && !hasServers) || (needsBrowser && !hasBrowser))(name, async () => {
      if (needsBrowser) await connectInBrowser()
      await checkBlock(block)
    })
    if (block === firstRead()) {
      it('are right that data survives a restart', async () => {
        const start = blocks.find(({ section, text }) => section === block.section && startsServer(text))
        if (start !== undefined) await runShell(start)
        expect(screen).not.toMatch(/lk_/)
        await checkBlock(block)
        expect(screen).toContain('"totalCount":250')
      })
    }
  }

  it('begin with commands to run, and have more than ten blocks of commands', () => {
    expect(blocks[0]).toMatchObject({ language: 'sh', section: 'Try it' })
    expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(10)
  })

  it('list exactly the existing environment variables, with their defaults', async () => {
    const configuration = await readFile(join(repositoryRoot, 'docs/configuration.md'), 'utf8')
    const source = await readFile(join(repositoryRoot, 'src/config.ts'), 'utf8')
    const [, schema = ''] = /^const schema = z\.object\(\{\n([\s\S]*?)^\}\)/m.exec(source) ?? []
    const read = new Map(
      schema.split(/^ {2}(?=[A-Z][A-Z_]+: )/m).flatMap((entry): [string, string][] => {
        const name = /^([A-Z][A-Z_]+): /.exec(entry)?.[1]
        const value = /(?:\.default|timeLimit|retention)\('?([^')]*)'?\)/.exec(entry)?.[1] ?? ''
        return name === undefined ? [] : [[name, /^[\d_]+$/.test(value) ? value.replaceAll('_', '') : value]]
      }),
    )
    const named = new Map<string, string>()
    for (const [, names = '', values = ''] of configuration.matchAll(
      /^\| ((?:`[A-Z_]+`(?:, )?)+) \|.*\|\s*([^|]*?)\s*\|$/gm,
    )) {
      // A default of several words is a description, not a value.
      const defaults = [...values.matchAll(/`([\w. ]+)`/g)].map((match) => match[1] ?? '')
      for (const [index, match] of [...names.matchAll(/`([A-Z_]+)`/g)].entries()) {
        named.set(match[1] ?? '', defaults[index] ?? '')
      }
    }
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(read))
    expect(read.get('PORT')).toBe('4000')
  })
})

/** The first block that reads records. */
function firstRead(): Block | undefined {
  return blocks.find(({ language, text }) => language === 'sh' && text.includes('totalCount'))
}
