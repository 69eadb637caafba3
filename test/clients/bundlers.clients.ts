import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InstalledClient, installClient } from '../support/client-package.ts'
import { freePort } from '../support/listening.ts'
import { type Program, type RunningProcess, repositoryRoot, startProcess, startProgram } from '../support/program.ts'
import { CHROMIUM_PATH } from '../support/services.ts'
import { openProject, type Project } from './project.ts'

let client: InstalledClient
let program: Program
let browser: Browser

beforeAll(async () => {
  client = await installClient()
  program = await startProgram()
  browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox'] })
})

afterAll(async () => {
  await browser?.close()
  await program?.stop()
  await client?.remove()
})

describe('latchkey-client from its tarball', () => {
  let project: Project

  beforeAll(async () => {
    project = await openProject(join(repositoryRoot, 'test/clients/projects/bundlers'), client)
  })
  afterAll(() => project?.remove())

  it.each<[name: string, args: (entry: string) => string[]]>([
    ['esbuild', (entry) => [`src/${entry}.js`, '--bundle', '--minify', '--format=iife', `--outfile=out/${entry}.js`]],
    [
      'webpack',
      (entry) => [
        '--mode',
        'production',
        '--entry',
        `./src/${entry}.js`,
        '-o',
        'out',
        '--output-filename',
        `${entry}.js`,
      ],
    ],
  ])('is bundled by %s for browsers, and an entry alone brings nothing of the others', async (name, args) => {
    const bundle = async (entry: string) => {
      await project.command(name, args(entry))
      return readFile(join(project.folder, 'out', `${entry}.js`), 'utf8')
    }
    const [all, webhooks] = [await bundle('main'), await bundle('webhooks')]
    expect(webhooks).toContain('webhook-signature')
    expect(webhooks).not.toContain('createConnection')
    const page = await browser.newPage()
    await page.goto(`${program.url}/healthz`)
    const settings = `LATCHKEY_URL = '${program.url}'; LATCHKEY_KEY = '${program.operatorKey}'`
    const resultOf = (code: string) => page.evaluate(`(async () => { ${settings}; ${code}\n; return result })()`)
    expect(await resultOf(webhooks)).toBe('The header webhook-id is missing.')
    expect(await resultOf(all)).toEqual({ isNotFound: true, name: 'NotFoundError' })
    const types = 'Object.entries(exported).map(([name, value]) => [name, typeof value].join(": "))'
    expect(await page.evaluate(types)).toEqual([
      'connect: function',
      'ConnectButton: function',
      'verifyWebhook: function',
      'possibleTypes: object',
    ])
    await page.close()
  })
})

describe('examples/nextjs', () => {
  let project: Project
  let product: RunningProcess
  let origin: string

  beforeAll(async () => {
    project = await openProject(join(repositoryRoot, 'examples/nextjs'), client)
    const port = String(await freePort())
    origin = `http://127.0.0.1:${port}`
    const setUp = await startProcess({
      args: ['examples/set-up.ts'],
      env: { LATCHKEY_URL: program.url, LATCHKEY_KEY: program.operatorKey, PRODUCT_URL: origin },
      ready: /^export PRODUCT_KEY='(\S+)' WORKSPACE='(\S+)'\n$/,
    })
    const [, LATCHKEY_KEY = '', WORKSPACE = ''] = setUp.ready
    const env = {
      LATCHKEY_URL: program.url,
      LATCHKEY_KEY,
      WORKSPACE,
      PRODUCT_URL: origin,
      NEXT_TELEMETRY_DISABLED: '1',
    }
    await project.command('next', ['build'], env)
    product = await startProcess({
      args: ['node_modules/next/dist/bin/next', 'start', '--port', port, '--hostname', '127.0.0.1'],
      cwd: project.folder,
      env,
      ready: /Ready/,
    })
  })
  afterAll(async () => {
    await product?.stop()
    await project?.remove()
  })

  it('keeps its key on the server', async () => {
    const page = await browser.newPage()
    const texts: Promise<string>[] = []
    page.on('response', (response) => {
      if (response.url().startsWith(origin) && !response.url().includes('/api/')) texts.push(response.text())
    })
    await page.goto(origin)
    await page.getByRole('button', { name: 'Connect an account' }).waitFor()
    await page.close()
    const received = await Promise.all(texts)
    expect(received.length).toBeGreaterThan(2)
    expect(received.filter((text) => text.includes('lk_'))).toEqual([])
  })

  it('connects an account, and shows its sync while it happens, also on a page that was open before', async () => {
    const [page, other] = [await browser.newPage(), await browser.newPage()]
    const problems: string[] = []
    page.on('console', (message) => problems.push(...(message.type() === 'error' ? [message.text()] : [])))
    page.on('pageerror', (error) => problems.push(error.message))
    await Promise.all([page.goto(origin), other.goto(origin)])
    const button = page.getByRole('button', { name: 'Connect an account' })
    const [popup] = await Promise.all([page.context().waitForEvent('page'), button.click()])
    await popup.getByRole('button', { name: 'Continue to Sandbox' }).click()
    await popup.getByRole('radio', { name: /Grace Hopper/ }).check()
    await popup.getByRole('button', { name: 'Allow' }).click()
    for (const each of [page, other]) {
      const account = each.getByRole('list', { name: 'Your accounts' }).getByRole('listitem')
      await account.getByText('Up to date').waitFor()
      expect(await account.innerText()).toContain('Sandbox')
    }
    await page.getByRole('button', { name: 'Connect another account' }).waitFor()
    expect(problems).toEqual([])
  })

  it('connects an account without a popup', async () => {
    const page = await browser.newPage()
    await page.goto(origin)
    const rows = page.getByRole('list', { name: 'Your accounts' }).getByRole('listitem')
    const before = await rows.count()
    await page.evaluate('window.open = () => null')
    await page.getByRole('button', { name: 'Connect an account' }).click()
    await page.getByRole('button', { name: 'Continue to Sandbox' }).click()
    await page.getByRole('radio', { name: /Ada Lovelace/ }).check()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForURL(`${origin}/`)
    await rows.nth(before).getByText('Up to date').waitFor()
  })
})
