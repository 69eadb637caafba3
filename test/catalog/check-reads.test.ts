import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/catalog/catalog.ts'
import { checkReads } from '../../src/catalog/check-reads.ts'
import { type DefinitionInput, parseDefinition } from '../../src/catalog/definition.ts'
import { parseOwnDefinition } from '../../src/connect/own-definition.ts'
import { InvalidInputError } from '../../src/lib/errors.ts'

const base: DefinitionInput = { displayName: 'Acme', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }
const stream = { name: 'items', path: '/items', primaryKey: ['id'] }
const subdomain = [{ name: 'subdomain' }]

/** `path: message` of everything that is wrong. */
function problemsOf(definition: DefinitionInput): string[] {
  try {
    checkReads(parseDefinition(definition), [])
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.fields.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }
  return []
}

describe('what the templates of a definition read', () => {
  it('is what a person is asked for: each place of another input is named at once', () => {
    expect(
      problemsOf({
        ...base,
        baseUrl: 'https://{{ input.subdomain }}.{{ input.region }}.example.com',
        inputFields: subdomain,
        headers: { 'X-Tenant': "{{ input['tenant'] | default('none') }}" },
        testRequest: { path: '/{{ input.me }}' },
        streams: [{ ...stream, query: { s: '{{ input.subdomain }}' }, json: { list: [{ of: '{{ input.list }}' }] } }],
      }),
    ).toEqual([
      "baseUrl: reads input['region'], which is not one of inputFields",
      "headers.X-Tenant: reads input['tenant'], which is not one of inputFields",
      "testRequest.path: reads input['me'], which is not one of inputFields",
      "streams.0.json.list.0.of: reads input['list'], which is not one of inputFields",
    ])
  })

  it('is looked at in all ways of authenticating, with the field that picks one', () => {
    const login = (name: string) => ({
      type: 'session_token' as const,
      fields: [{ name: 'password', secret: true }, { name: 'account' }],
      login: { url: `https://{{ input.${name} }}.example.com/login`, auth: { type: 'bearer' as const, token: 'x' } },
      tokenPath: ['token'],
      placement: { in: 'header' as const, name: 'X-Token' },
    })
    const options = ['account', 'auth_method', 'password'].map((name) => ({
      key: name,
      label: name,
      auth: login(name),
    }))
    expect(problemsOf({ ...base, auth: { type: 'selective', options } })).toEqual([
      "auth.options.2.auth.login.url: reads input['password'], which is not one of inputFields",
    ])
  })

  it('is what something keeps, where nothing else could bring it', () => {
    const reads = { headers: { 'X-Team': '{{ kept.team }}', 'X-Site': '{{ kept.site }}' } }
    const afterConnect = [{ path: '/me', keep: { team: 'team.id' } }]
    const unkept = "headers.X-Site: reads kept['site'], which no keep of this definition keeps"
    expect(problemsOf({ ...base, ...reads, afterConnect })).toEqual([unkept])
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://example.com/token' } as const
    // An injected token brings it along.
    expect(problemsOf({ ...base, ...reads, auth })).toEqual([])
    expect(problemsOf({ ...base, ...reads, auth: { type: 'custom', strategy: 'own' } })).toEqual([])
  })

  it('is not looked for in what people read', () => {
    const text = '{{ input.nothing }}'
    const fields = [{ name: 'token', description: text }]
    expect(
      problemsOf({
        ...base,
        displayName: text,
        auth: { type: 'bearer', fields },
        inputFields: [{ ...fields[0], name: 'a' }],
      }),
    ).toEqual([])
  })

  it('is right in the whole catalogue', () => {
    for (const { definition } of PROVIDERS) expect(() => checkReads(definition, [])).not.toThrow()
  })

  it('is looked at when a definition comes in', () => {
    const definition = { ...base, streams: [{ ...stream, path: '/{{ input.list }}/items' }] }
    expect(() => parseOwnDefinition({ customStrategies: new Map() }, definition)).toThrow(
      expect.objectContaining({
        fields: [expect.objectContaining({ path: ['input', 'definition', 'streams', '0', 'path'] })],
      }),
    )
  })
})
