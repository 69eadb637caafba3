import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latchkey } from '../cli/command-line.ts'
import { repositoryRoot } from '../support/program.ts'

const COMMANDS = ['start', 'doctor', 'rotate-keys', 'check', 'check-strategies', 'import', 'keys']
const page = await readFile(join(repositoryRoot, 'docs/cli.md'), 'utf8')
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-cli-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

describe('the command line', () => {
  it('lists its commands, and docs/cli.md lists the same', async () => {
    const { code, stdout } = await latchkey(['--help'])
    expect(code).toBe(0)
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]+)\b/gm)].map((match) => match[1])
    expect(listed).toEqual(COMMANDS)
    const documented = [...page.matchAll(/^\| (?:`latchkey`, )?`latchkey ([a-z][a-z-]+)/gm)].map((match) => match[1])
    expect([...new Set(documented)]).toEqual(COMMANDS)
    expect(stdout).toContain('/docs/configuration')
  })

  it.each([...COMMANDS, 'keys create'])('has help for %s', async (command) => {
    const { code, stdout } = await latchkey([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: latchkey ${command}`)
  })

  it('documents each option of keys create', async () => {
    const { stdout } = await latchkey(['keys', 'create', '--help'])
    const options = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1] ?? '')
    expect(options.length).toBeGreaterThan(5)
    for (const option of options) expect(page).toContain(`\`${option}\``)
  })

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'))
    expect(await latchkey(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each([
    [['heal'], "unknown command 'heal'"],
    [['docto'], 'Did you mean doctor?'],
    [['--jsn'], "unknown option '--jsn'"],
    [['start', 'now'], "too many arguments for 'start'"],
    [['doctor', '--loud'], "unknown option '--loud'"],
    [['check'], "missing required argument 'path'"],
    [['check-strategies'], 'No folder given.'],
    [['keys'], 'Usage: latchkey keys'],
    [['keys', 'burn'], "unknown command 'burn'"],
  ])('exits with 2 for %j, and prints on standard error only', async (args, sentence) => {
    const { code, stdout, stderr } = await latchkey(args, { LATCHKEY_DATA_DIR: dataDir })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
  })

  it('exits with 1 for a configuration that cannot be used', async () => {
    for (const command of ['start', 'rotate-keys', 'doctor']) {
      const { code, stdout, stderr } = await latchkey([command], { PORT: 'none' })
      expect({ code, stdout }, command).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('PORT must be a whole number')
    }
  })
})

describe('--json', () => {
  it('of doctor is its findings, also when the configuration cannot be used', async () => {
    const { code, stdout } = await latchkey(['doctor', '--json'], { LATCHKEY_DATA_DIR: dataDir, PORT: '0' })
    const { ok, findings } = JSON.parse(stdout)
    expect({ code, ok }).toEqual({ code: 0, ok: true })
    expect(findings).toContainEqual({ result: 'ok', subject: 'Node', message: `Version ${process.versions.node}.` })
    const unreadable = await latchkey(['doctor', '--json'], { PORT: 'none', HOST: '0.0.0.0' })
    expect(unreadable.code).toBe(1)
    expect(JSON.parse(unreadable.stdout)).toEqual({
      ok: false,
      findings: [{ result: 'problem', subject: 'configuration', message: expect.stringMatching(/^PORT must be/) }],
    })
  })

  it('of check-strategies is its strategies', async () => {
    const { code, stdout } = await latchkey(['check-strategies', '--json', 'examples/strategies'])
    expect(code).toBe(0)
    const strategies = [{ file: 'challenge.ts', name: 'challenge', problems: [] }]
    expect(JSON.parse(stdout)).toEqual({ ok: true, strategies })
  })

  it('of a command that could not do its work is its error', async () => {
    const env = { DATABASE_URL: 'postgresql://latchkey:password-of-this-test@127.0.0.1:1/latchkey' }
    const { code, stdout, stderr } = await latchkey(['rotate-keys', '--json'], env)
    expect(code).toBe(1)
    const { ok, error } = JSON.parse(stdout)
    expect(ok).toBe(false)
    expect(stderr).toBe(`${error}\n`)
    expect(error).toContain('The keys cannot be rotated: ')
    expect(stdout + stderr).not.toContain('password-of')
  })
})
