import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkCredential } from '../../src/auth/check-credential.ts'
import { checkConnectionInput } from '../../src/auth/check-fields.ts'
import { strategyOf } from '../../src/auth/registry.ts'
import { authSchema, signatureSchema } from '../../src/catalog/definition/auth.ts'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { fieldSchema } from '../../src/catalog/definition/field.ts'
import { assertionSchema, jwtSchema, oauth2Schema } from '../../src/catalog/definition/oauth2.ts'
import { streamSchema } from '../../src/catalog/definition/stream.ts'
import { type RequestDraft, serializeDraft } from '../../src/wire/request-draft.ts'

const page = ['definitions', 'streams', 'authentication']
  .map((name) => readFileSync(join(import.meta.dirname, `../../docs/${name}.md`), 'utf8'))
  .join('\n')

/** The comment before an example: a credential, inputs, and the headers that are sent (`*`: any value). */
const trySchema = z.strictObject({
  credential: z.record(z.string(), z.unknown()),
  input: z.record(z.string(), z.string()).optional(),
  sends: z.record(z.string(), z.string()).optional(),
})

/** An example is a definition or one of its streams, whose parents are not shown. */
const definitionIn = (text: string) => {
  const example = JSON.parse(text)
  if ('displayName' in example) return example
  const parents: { stream: string }[] = [example.parent ?? []].flat()
  const streams = parents.map(({ stream }) => ({ name: stream, path: `/${stream}`, primaryKey: ['id'] }))
  const around = { displayName: example.name, baseUrl: 'https://api.example.com', auth: { type: 'none' } }
  return { ...around, streams: [...streams, example] }
}

const examples = [...page.matchAll(/(?:<!-- try: (.*) -->\n)?```json\n([\s\S]*?)\n```/g)].map(
  ([, tried, text = ''], index) => ({ name: `${index + 1}: ${definitionIn(text).displayName}`, tried, text }),
)
const tried = examples.filter(({ tried: comment }) => comment !== undefined)

describe('The pages about definitions', () => {
  it('has an example of every auth type', () => {
    const types = examples.map(({ text }) => definitionIn(text).auth.type)
    expect(new Set(types)).toEqual(new Set(authSchema.options.flatMap((option) => typesOf(option))))
  })

  it('describes every field', () => {
    const signatures = signatureSchema.options.flatMap(({ shape }) => Object.keys(shape))
    const shapes = [oauth2Schema.shape, jwtSchema.shape, assertionSchema.shape, streamSchema.shape, fieldSchema.shape]
    const nested = [oauth2Schema.shape.tokenRequest, oauth2Schema.shape.tokenResponse, oauth2Schema.shape.revocation]
    const keys = [...shapes, ...nested.map((schema) => schema.unwrap().shape)].flatMap((shape) => Object.keys(shape))
    const missing = [...new Set([...keys, ...signatures])].filter(
      (key) => !new RegExp(`["\`]${key}["\`.]`).test(page) && !page.includes(`\`${key} `),
    )
    expect(missing).toEqual([])
  })

  it.each(examples)('contains an example that parses: $name', ({ text }) => {
    const definition = parseDefinition(definitionIn(text))
    expect(parseDefinition(definition)).toEqual(definition)
  })

  it.each(tried)('contains an example that accepts its credential: $name', async ({ tried: comment, text }) => {
    const { credential, input = {}, sends } = trySchema.parse(JSON.parse(comment ?? ''))
    const definition = parseDefinition(definitionIn(text))
    const context = { input: checkConnectionInput(definition, input), kept: {} }
    const strategy = strategyOf(definition.auth)
    expect(strategy.describe().type).toBe(definition.auth.type.toUpperCase())
    const authenticator = strategy.open(checkCredential(definition.auth, credential, new Date()), context)
    // An example without sent headers has to obtain its token first.
    expect(authenticator.ready).toBe(sends !== undefined)
    expect(authenticator.ready || authenticator.refreshable).toBe(true)
    if (sends === undefined) return
    const draft = draftOf()
    await authenticator.apply(draft)
    const headers = Object.fromEntries(serializeDraft(draft).headers)
    for (const [name, value] of Object.entries(sends)) {
      if (value === '*') expect(headers[name]).toMatch(/./)
      else expect(headers[name]).toBe(value)
    }
  })
})

function typesOf(option: (typeof authSchema.options)[number]): string[] {
  const shapes = 'options' in option ? option.options.map(({ shape }) => shape) : [option.shape]
  return shapes.flatMap(({ type }) => [...type.values])
}

function draftOf(): RequestDraft {
  const url = new URL('https://api.example.com/v1')
  return { method: 'POST', url, headers: new Headers(), credentialHeaders: new Set() }
}
