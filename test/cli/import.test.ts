import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { latchkey } from './command-line.ts'

const providers = `keyed:
  display_name: Keyed
  auth_mode: API_KEY
  proxy: { base_url: https://api.example.com, headers: { authorization: 'Bearer \${apiKey}' } }
lost: { auth_mode: API_KEY, proxy: { base_url: https://api.example.com } }
`
let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-import-'))
  file = join(folder, 'providers.yaml')
  await writeFile(file, providers)
})
afterAll(() => rm(folder, { recursive: true }))

describe('latchkey import', () => {
  it('prints a definition that latchkey check accepts, and the report on standard error', async () => {
    const { code, stdout, stderr } = await latchkey(['import', 'nango', file, '--provider', 'keyed'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'imported auth\n' })
    const made = join(folder, 'keyed.yaml')
    await writeFile(made, stdout)
    expect(await latchkey(['check', made])).toMatchObject({ code: 0, stdout: expect.stringContaining('ok ') })
  })

  it('prints one JSON object with a report for each slug, and exits with 0 when one definition was made', async () => {
    const { code, stdout, stderr } = await latchkey(['import', 'nango', file, '--json'])
    expect({ code, stderr: stderr.length }).toEqual({ code: 0, stderr: 0 })
    expect(JSON.parse(stdout)).toMatchObject({
      providers: {
        keyed: {
          definition: { displayName: 'Keyed' },
          auth: { result: 'imported', notes: [] },
          streams: [],
          actions: [],
        },
        lost: { definition: null, auth: { result: 'refused' } },
      },
    })
  })

  it('exits with 1 when no definition could be made, and says why', async () => {
    const lost = await latchkey(['import', 'nango', file, '--provider', 'lost'])
    expect(lost).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^refused {2}auth\n {9}It does not say where the API key is sent\./),
    })
    const absent = await latchkey(['import', 'nango', join(folder, 'absent.yaml'), '--json'])
    expect({ code: absent.code, ...JSON.parse(absent.stdout) }).toEqual({
      code: 1,
      definition: null,
      auth: { result: 'refused', notes: [`${join(folder, 'absent.yaml')} does not exist.`] },
      streams: [],
      actions: [],
    })
    const asFolder = await latchkey(['import', 'nango', folder])
    expect(asFolder).toMatchObject({ code: 1, stderr: expect.stringContaining('is a folder') })
  })

  it('makes a definition of an OpenAPI document that latchkey check accepts', async () => {
    const shop = join(folder, 'shop.json')
    const content = {
      'application/json': { schema: { type: 'array', items: { type: 'object', properties: { id: {} } } } },
    }
    const get = { parameters: [{ name: 'page', in: 'query', schema: {} }], responses: { 200: { content } } }
    const servers = [{ url: 'https://api.example.com' }]
    await writeFile(
      shop,
      JSON.stringify({ openapi: '3.1.0', info: { title: 'Shop' }, servers, paths: { '/orders': { get } } }),
    )
    const { code, stdout, stderr } = await latchkey(['import', 'openapi', shop])
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `imported auth
         The document names no way to authenticate: requests carry no credential. Write auth if it takes one.
partly   stream orders
         The paging by the parameter page is a guess.
         The primary key id is a guess.
`,
    })
    const made = join(folder, 'made.yaml')
    await writeFile(made, stdout)
    expect(await latchkey(['check', made])).toMatchObject({ code: 0 })
  })

  it('reads the operations of tags and paths only', async () => {
    const shop = join(folder, 'tags.json')
    const paths = { '/a': { post: { tags: ['sales'] } }, '/b': { put: {} }, '/c': { delete: {} } }
    await writeFile(shop, JSON.stringify({ openapi: '3.1.0', servers: [{ url: 'https://api.example.com' }], paths }))
    const { stdout } = await latchkey(['import', 'openapi', shop, '--only', 'sales', '/b', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ actions: [{ name: 'post_a' }, { name: 'put_b' }] })
  })

  it('exits with 2 without a file', async () => {
    expect(await latchkey(['import', 'nango'])).toMatchObject({ code: 2, stdout: '' })
  })
})
