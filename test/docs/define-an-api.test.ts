import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { freePort, untilAnswers } from '../support/listening.ts'
import { inheritedEnv, type Program, repositoryRoot, startProcess, startProgram } from '../support/program.ts'
import { type Block, blocksOf, missingLine } from '../support/readme.ts'

const exec = promisify(execFile)
const page = await readFile(join(repositoryRoot, 'docs/guides/define-an-api.md'), 'utf8')
const blocks = blocksOf(page)

function blockOf(section: string, language: string): Block {
  const found = blocks.find((block) => block.section.startsWith(section) && block.language === language)
  if (found === undefined) throw new Error(`The section ${section} has no block of ${language}.`)
  return found
}

function programOf(name: string): string {
  const found = blocks.find(({ language, text }) => language === 'js' && text.startsWith(`// ${name}\n`))
  if (found === undefined) throw new Error(`The page has no ${name}.`)
  return found.text
}

describe('the guide to a definition of one’s own', () => {
  let folder: string
  let program: Program
  let ledger: Awaited<ReturnType<typeof startProcess>>
  let port: number

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-define-'))
    await symlink(join(repositoryRoot, 'node_modules'), join(folder, 'node_modules'))
    for (const name of ['ledger.mjs', 'try.mjs', 'act.mjs']) await writeFile(join(folder, name), programOf(name))
    port = await freePort()
    const source = `await import(${JSON.stringify(join(folder, 'ledger.mjs'))}); console.log('started')`
    ledger = await startProcess({
      args: ['--input-type=module', '--eval', source],
      env: { PORT: String(port) },
      ready: /started\n/,
    })
    await untilAnswers(`http://127.0.0.1:${port}/`)
    program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  })
  afterAll(async () => {
    await Promise.all([program?.stop(), ledger?.kill9()])
    await rm(folder, { recursive: true, force: true })
  })

  const definition: Record<string, unknown> = {}

  /** Writes the definition with the changes of a section, as a reader does. */
  async function apply(section: string): Promise<void> {
    const { text } = blockOf(section, 'json')
    Object.assign(definition, JSON.parse(text.replaceAll('127.0.0.1:4600', `127.0.0.1:${port}`)))
    parseDefinition(definition)
    await writeFile(join(folder, 'ledger.json'), JSON.stringify(definition))
  }

  /** Runs a program of the page in the folder. @returns what it prints */
  async function run(name: string, ...args: string[]): Promise<string> {
    const env = { ...inheritedEnv(), LATCHKEY_URL: program.url, LATCHKEY_KEY: program.operatorKey }
    const { stdout, stderr } = await exec(process.execPath, [join(folder, name), ...args], { cwd: folder, env })
    expect(stderr).toBe('')
    return stdout
  }

  it('begins with a request that works', async () => {
    const [, url = '', header = ''] = /curl -sS (\S+) -H '([^']*)'/.exec(blockOf('1.', 'sh').text) ?? []
    const [name = '', value = ''] = header.split(': ')
    const response = await fetch(url.replace(':4600', `:${port}`), { headers: { [name]: value } })
    expect(await response.json()).toMatchObject({ data: { items: expect.any(Array) } })
  })

  it('grows step by step, and each step prints what the page says', async () => {
    await apply('1.')
    expect(missingLine(blockOf('2.', 'text').text, await run('try.mjs'))).toBeNull()
    for (const section of ['3.', '4.']) {
      await apply(section)
      expect(missingLine(blockOf(section, 'text').text, await run('try.mjs')), section).toBeNull()
    }
    await apply('5.')
    await run('try.mjs')
    expect(missingLine(blockOf('5.', 'text').text, await run('try.mjs'))).toBeNull()
    await apply('6.')
    expect(missingLine(blockOf('6.', 'text').text, await run('try.mjs', 'invoices'))).toBeNull()
    for (const section of ['7.', '8.', '9.']) await apply(section)
    await run('try.mjs')
    expect(await run('act.mjs')).toContain("name: 'Ada'")
  })
})
