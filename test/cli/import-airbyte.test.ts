import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { latchkey } from './command-line.ts'

const manifest = `
type: DeclarativeSource
definitions:
  requester:
    type: HttpRequester
    url_base: https://api.acme.example
    authenticator: { type: BearerAuthenticator, api_token: "{{ config['key'] }}" }
streams:
  - type: DeclarativeStream
    name: users
    retriever:
      type: SimpleRetriever
      requester: { $ref: "#/definitions/requester", path: /users }
      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
  - type: DeclarativeStream
    name: reports
    retriever: { type: AsyncRetriever }
spec:
  connection_specification:
    required: [key]
    properties: { key: { type: string, airbyte_secret: true } }
`
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-import-'))
  await mkdir(join(folder, 'source-acme-crm'))
  await writeFile(join(folder, 'source-acme-crm/manifest.yaml'), manifest)
  await writeFile(join(folder, 'broken.yaml'), 'streams: [')
})
afterAll(() => rm(folder, { recursive: true }))

describe('latchkey import airbyte', () => {
  it('prints a definition that createIntegration accepts, and the report on standard error', async () => {
    const { code, stdout, stderr } = await latchkey([
      'import',
      'airbyte',
      join(folder, 'source-acme-crm/manifest.yaml'),
    ])
    expect(code).toBe(0)
    const definition = parse(stdout)
    expect(definition).toMatchObject({ displayName: 'Acme Crm', streams: [{ name: 'users' }] })
    expect(() => parseDefinition(definition)).not.toThrow()
    expect(stderr).toContain('imported auth\n')
    expect(stderr).toContain('imported stream users\n')
    expect(stderr).toMatch(/refused {2}stream reports\n {9}It is a report that the source makes first/)
  })

  it('prints both as one JSON object with --json', async () => {
    const file = join(folder, 'source-acme-crm/manifest.yaml')
    const { code, stdout, stderr } = await latchkey(['import', 'airbyte', file, '--json'])
    const { definition, auth, streams, actions } = JSON.parse(stdout)
    expect({ code, stderr, auth, actions }).toEqual({
      code: 0,
      stderr: '',
      auth: { result: 'imported', notes: [] },
      actions: [],
    })
    expect(definition.auth).toMatchObject({ type: 'bearer', fields: [{ name: 'key', secret: true, required: true }] })
    expect(streams.map(({ name, result }: { name: string; result: string }) => [name, result])).toEqual([
      ['users', 'imported'],
      ['reports', 'refused'],
    ])
  })

  it('exits with 1 and says why when no definition can be made', async () => {
    const { code, stdout, stderr } = await latchkey(['import', 'airbyte', join(folder, 'broken.yaml')])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^refused {2}auth\n {9}Line 1: is not YAML: /)
  })
})
