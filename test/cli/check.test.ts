import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latchkey } from './command-line.ts'

const good = { displayName: 'Orders', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-check-'))
  await mkdir(join(folder, 'more'))
  await writeFile(join(folder, 'good.json'), JSON.stringify(good))
  await writeFile(
    join(folder, 'more/good.yaml'),
    'displayName: Orders\nbaseUrl: https://api.example.com\nauth: { type: bearer }\n',
  )
  const stream = { name: 'orders', path: '/orders', primaryKey: ['id'], pagination: { type: 'guess' } }
  await writeFile(join(folder, 'more/wrong.json'), JSON.stringify({ ...good, baseUrl: 'nowhere', streams: [stream] }))
  await writeFile(join(folder, 'more/notes.txt'), 'not a definition')
})
afterAll(() => rm(folder, { recursive: true }))

describe('latchkey check', () => {
  it('accepts definitions in JSON and YAML', async () => {
    const paths = [join(folder, 'good.json'), join(folder, 'more/good.yaml')]
    expect(await latchkey(['check', ...paths])).toEqual({
      code: 0,
      stdout: `ok      ${paths[0]}\nok      ${paths[1]}\n2 definitions, 0 with problems.\n`,
      stderr: '',
    })
  })

  it('names the file and the place of each fault in a folder, and exits with 1', async () => {
    const { code, stdout } = await latchkey(['check', folder])
    expect(code).toBe(1)
    const wrong = join(folder, 'more/wrong.json')
    expect(stdout).toContain(`problem ${wrong}\n        ${wrong}:1:35 baseUrl: `)
    expect(stdout).toMatch(/wrong\.json:1:\d+ streams\.0\.pagination\.type: /)
    expect(stdout).toContain('3 definitions, 1 with problems.')
    expect(stdout).not.toContain('notes.txt')
  })

  it('prints the same as one JSON object', async () => {
    const { code, stdout, stderr } = await latchkey(['check', '--json', join(folder, 'more')])
    const { ok, files } = JSON.parse(stdout)
    expect({ code, ok, stderr }).toEqual({ code: 1, ok: false, stderr: '' })
    expect(files[0]).toEqual({ file: join(folder, 'more/good.yaml'), problems: [] })
    expect(files[1].problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      'baseUrl',
      'streams.0.pagination.type',
    ])
  })

  it('says that a file is not JSON or not YAML', async () => {
    const json = join(folder, 'broken.json')
    const yaml = join(folder, 'broken.yaml')
    try {
      await writeFile(json, '{')
      await writeFile(yaml, 'a: [')
      const { code, stdout } = await latchkey(['check', json, yaml])
      expect(code).toBe(1)
      expect(stdout).toContain(`problem ${json}\n        ${json} is not JSON: `)
      expect(stdout).toContain(`problem ${yaml}\n        ${yaml}:1:5 is not YAML: `)
    } finally {
      await Promise.all([json, yaml].map((file) => rm(file)))
    }
  })

  it('knows the custom strategies of LATCHKEY_STRATEGIES_DIR', async () => {
    const file = join(folder, 'custom.json')
    try {
      await writeFile(file, JSON.stringify({ ...good, auth: { type: 'custom', strategy: 'challenge' } }))
      const without = await latchkey(['check', file])
      expect(without.stdout).toContain('auth.strategy: This deployment has no strategy challenge. Available: none.')
      const { stdout } = await latchkey(['check', file], { LATCHKEY_STRATEGIES_DIR: 'examples/strategies' })
      expect(stdout).not.toContain('auth.strategy')
    } finally {
      await rm(file)
    }
  })

  it('fails for a path that does not exist and for a folder without definitions', async () => {
    const absent = await latchkey(['check', '--json', join(folder, 'absent')])
    const error = `${join(folder, 'absent')}: does not exist`
    expect(absent).toMatchObject({ code: 1, stderr: `${error}\n` })
    expect(JSON.parse(absent.stdout)).toEqual({ ok: false, error })
    const empty = await latchkey(['check', 'examples/strategies'])
    expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('has no files that end in') })
  })
})
