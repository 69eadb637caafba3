import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema.ts'
import { freePort } from '../support/listening.ts'
import { type Program, repositoryRoot, startProgram } from '../support/program.ts'
import { blocksOf, missingLine, openShell, openWorkFolder, type Shell } from '../support/readme.ts'
import { CHROMIUM_PATH, hasChromium } from '../support/services.ts'

const blocks = blocksOf(await readFile(join(repositoryRoot, 'docs/mcp.md'), 'utf8'))
const OPERATOR_KEY = 'operator-key-of-the-test-of-docs-mcp'

it('docs/mcp.md has operations that the schema accepts', () => {
  const documents = blocks.filter(({ language }) => language === 'graphql')
  expect(documents.length).toBe(2)
  for (const { text } of documents) expect(validate(buildSchema(), parse(text))).toEqual([])
})

describe.skipIf(!(await hasChromium()))('The example of docs/mcp.md, with the MCP inspector', () => {
  let program: Program
  let shell: Shell
  let folder: Awaited<ReturnType<typeof openWorkFolder>>
  let address: string

  beforeAll(async () => {
    const port = String(await freePort())
    address = `127.0.0.1:${port}`
    folder = await openWorkFolder()
    program = await startProgram({ env: { PORT: port, LATCHKEY_OPERATOR_KEY: OPERATOR_KEY } })
    shell = openShell(folder.path, {})
  })
  afterAll(async () => {
    shell?.close()
    await program?.stop()
    await folder?.remove()
  })

  const adapted = (text: string) =>
    text.replaceAll('127.0.0.1:4000', address).replace('the operator key that Latchkey printed', OPERATOR_KEY)

  const expectLines = (text: string | undefined, output: string) =>
    expect(missingLine(adapted(text ?? ''), output), `in:\n${output}`).toBeNull()

  it('lists the tools, gets a link for an account that is missing, and works after the person has connected', async () => {
    const [setUp, missing, again] = blocks.filter(({ language }) => language === 'sh')
    const [listed, called] = blocks.filter(({ language }) => language === 'text')
    await shell.run(adapted(setUp?.text ?? ''))
    const output = await shell.run(adapted(missing?.text ?? ''))
    expectLines(listed?.text, output)
    const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox', '--lang=en-US'] })
    const page = await browser.newPage()
    await page.goto(/http:\S+\/connect\/\S+/.exec(output)?.[0] ?? '')
    await page.getByRole('button', { name: 'Continue to Sandbox' }).click()
    await page.getByRole('radio', { name: /Grace Hopper/ }).check()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByText('connected').first().waitFor()
    await browser.close()
    expectLines(called?.text, await shell.run(adapted(again?.text ?? '')))
  })
})
