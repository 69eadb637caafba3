import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import { DESCRIPTIONS, definitionJsonSchema } from '../../../src/catalog/definition/definition-json-schema.ts'

const PROVIDERS = await loadProviderFiles()

const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(definitionJsonSchema())

function problemsOf(definition: unknown): string[] {
  validate(definition)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const LEDGER = { displayName: 'Ledger', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }

describe('The JSON Schema of definitions', () => {
  it('accepts every definition of the catalogue', () => {
    for (const { slug, definition } of PROVIDERS) expect(problemsOf(definition), slug).toEqual([])
  })

  it('accepts every example of the documentation', async () => {
    const pages = ['definitions', 'streams', 'authentication'].map((name) =>
      readFile(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8'),
    )
    const text = (await Promise.all(pages)).join('\n')
    const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json))
    const definitions = examples.filter((example) => 'displayName' in example && 'auth' in example)
    expect(definitions.length).toBeGreaterThan(5)
    for (const definition of definitions) expect(problemsOf(definition), definition.displayName).toEqual([])
  })

  it('refuses an unknown key, a missing key and an unknown value', () => {
    expect(problemsOf({ ...LEDGER, baseURL: '' })).toEqual([' must NOT have additional properties'])
    expect(problemsOf({ displayName: 'Ledger', auth: { type: 'none' } })).toEqual([
      " must have required property 'baseUrl'",
    ])
    const stream = { name: 'entries', path: '/entries', format: 'xml' }
    expect(problemsOf({ ...LEDGER, streams: [stream] })).toEqual([
      '/streams/0/format must be equal to one of the allowed values',
    ])
    expect(problemsOf({ ...LEDGER, auth: { type: 'bearer', tokn: '' } })).not.toEqual([])
  })

  it('describes every key', () => {
    const without: string[] = []
    const visit = (schema: unknown, place: readonly string[]): void => {
      if (typeof schema !== 'object' || schema === null) return
      for (const [key, value] of Object.entries(schema)) {
        const isProperties = key === 'properties' && place.at(-1) !== 'properties'
        for (const [name, each] of isProperties
          ? Object.entries(value as Record<string, { description?: string }>)
          : []) {
          if (each.description === undefined) without.push([...place, name].join('.'))
        }
        visit(value, [...place, key])
      }
    }
    visit(definitionJsonSchema(), [])
    expect(without).toEqual([])
  })

  it('describes only keys that exist', () => {
    const text = JSON.stringify(definitionJsonSchema())
    for (const [place, description] of Object.entries(DESCRIPTIONS)) {
      expect(text.includes(JSON.stringify(description)), place).toBe(true)
    }
  })
})
