import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { catalogEntries, definitionOf, findProvider, setOwnProviders } from '../../src/catalog/catalog.ts'
import { loadProviders, ProvidersFolderError } from '../../src/cli/definition-files.ts'
import { latchkey } from './command-line.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-providers-'))
})
afterEach(async () => {
  setOwnProviders([])
  await rm(folder, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(folder, name), text)
const acme = 'displayName: Acme\nbaseUrl: https://api.acme.example\nauth: { type: bearer }\n'

async function faultsIn(): Promise<string[]> {
  const error = await loadProviders(folder, new Map()).then(
    () => new Error('The folder has no fault.'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProvidersFolderError)) throw error
  return error.faults.map((fault) => fault.replaceAll(`${folder}/`, ''))
}

describe('LATCHKEY_PROVIDERS_DIR', () => {
  it('adds definitions in YAML and JSON to the catalogue, sorted by their slugs', async () => {
    await write('acme-crm.yaml', acme)
    await write(
      'zulu.json',
      JSON.stringify({ displayName: 'Zulu', baseUrl: 'https://z.example', auth: { type: 'none' } }),
    )
    await write('README.md', 'not a definition')
    await mkdir(join(folder, 'more.yaml'))
    const before = catalogEntries({}).length
    setOwnProviders(await loadProviders(folder, new Map()))
    const slugs = catalogEntries({}).map(({ slug }) => slug)
    expect(slugs).toHaveLength(before + 2)
    expect(slugs).toEqual([...slugs].sort())
    expect(findProvider('acme-crm', {})?.definition.displayName).toBe('Acme')
    const source = { id: 'x', updatedAt: new Date(), provider: 'zulu', definition: null }
    expect(definitionOf(source).displayName).toBe('Zulu')
  })

  it('has no provider when the folder is empty', async () => {
    expect(await loadProviders(folder, new Map())).toEqual([])
  })

  it('names file, line, column and path of every fault of every file', async () => {
    await write(
      'one.yaml',
      `${acme}streams:\n  - name: orders\n    path: /orders\n    paginaton: { type: page, param: p }\n`,
    )
    await write('two.json', '{\n  "displayName": "Two",\n  "baseUrl": "nowhere",\n  "auth": { "type": "bearr" }\n}')
    await write('three.yml', 'a: [\n')
    const faults = await faultsIn()
    expect(faults).toEqual([
      'one.yaml:7:16 streams.0.paginaton: paginaton is not a known key. Did you mean pagination?',
      expect.stringMatching(/^three\.yml:\d+:\d+ is not YAML: /),
      expect.stringMatching(/^two\.json:3:14 baseUrl: must /),
      expect.stringMatching(/^two\.json:4:21 auth\.type: must be one of .*\. Did you mean bearer\?$/),
    ])
  })

  it('refuses the slug of a built-in provider, a name that is no slug, and two files of one slug', async () => {
    await write('github.yaml', acme)
    await write('Acme CRM.yaml', acme)
    await write('acme.yaml', acme)
    await write('acme.yml', acme)
    expect(await faultsIn()).toEqual([
      expect.stringContaining('Acme CRM.yaml must be named after its slug'),
      expect.stringContaining('acme.yml has the slug acme, which another file has too'),
      expect.stringContaining('github.yaml has the slug of the built-in provider github'),
    ])
    expect(() =>
      setOwnProviders([
        {
          slug: 'github',
          definition: definitionOf({ id: 'x', updatedAt: new Date(), provider: 'github', definition: null }),
        },
      ]),
    ).toThrow('built-in')
  })

  it('refuses aliases that multiply a text, and keys that are lists', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((pair) => [...pair])) {
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]`)
    }
    await write('bomb.yaml', `${bomb.join('\n')}\n`)
    await write('keys.yaml', `${'{'.repeat(200)}a: 1${'}: 1'.repeat(200)}\n`)
    expect(await faultsIn()).toEqual([
      expect.stringMatching(/^bomb\.yaml is not YAML that can be read: /),
      expect.stringMatching(/^keys\.yaml:1:\d+ is not YAML that can be read: a key must be text$/),
    ])
  })

  it('lets a start fail with all faults before it touches anything, and doctor report them', async () => {
    await write('wrong.yaml', `${acme}zip: 1\nbaseUrl: twice\n`)
    await write('github.yaml', acme)
    const data = join(folder, 'data')
    const env = { LATCHKEY_PROVIDERS_DIR: folder, LATCHKEY_DATA_DIR: data, PORT: '0' }
    const [started, examined] = await Promise.all([latchkey(['start'], env), latchkey(['doctor'], env)])
    const faults = [
      `${folder}/github.yaml has the slug of the built-in provider github`,
      `${folder}/wrong.yaml:5:1 is not YAML: Map keys must be unique`,
    ]
    for (const fault of faults) {
      expect(started.stderr).toContain(fault)
      expect(examined.stdout.replaceAll(/ +/g, ' ')).toContain(`problem providers ${fault}`)
    }
    expect([started.code, examined.code]).toEqual([1, 1])
    await expect(stat(data)).rejects.toThrow('ENOENT')
  })

  it('says that the folder does not exist', async () => {
    await expect(loadProviders(join(folder, 'absent'), new Map())).rejects.toThrow(
      'LATCHKEY_PROVIDERS_DIR must be a folder that can be read (ENOENT)',
    )
  })
})
