import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDraft, type DraftRequest } from '../../src/auth/build-draft.ts'
import { checkCredential } from '../../src/auth/check-credential.ts'
import { strategyOf } from '../../src/auth/registry.ts'
import { scopeOf } from '../../src/auth/template-scope.ts'
import { type DefinitionInput, parseDefinition } from '../../src/catalog/definition/definition.ts'
import { TemplateError } from '../../src/catalog/template/value.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { InvalidInputError } from '../../src/kit/errors.ts'
import { PlacementConflictError } from '../../src/wire/placement.ts'
import { serializeDraft } from '../../src/wire/request-draft.ts'
import { now } from './contract.ts'

const base: DefinitionInput = {
  displayName: 'Test',
  baseUrl: 'https://{{ input.subdomain }}.example.com/api',
  inputFields: [{ name: 'subdomain' }],
  auth: { type: 'bearer' },
  headers: { Accept: 'application/json', 'X-Sub': 'of {{ input.subdomain }}' },
}

async function draftOf(
  definitionInput: DefinitionInput,
  request: Partial<DraftRequest>,
  input = { subdomain: 'acme' },
) {
  const definition = parseDefinition(definitionInput)
  const stored = checkCredential(definition.auth, { secretText: 's3cret' }, now)
  const context = { input, kept: {} }
  const authenticator = strategyOf(definition.auth).open(stored, context)
  const scope = scopeOf(definition.auth, stored, context)
  return await buildDraft(definition, { method: 'GET', target: { path: '/items' }, scope, authenticator, ...request })
}

describe('buildDraft:', () => {
  it('the draft has the base URL, the definition’s headers and the credential', async () => {
    const draft = await draftOf(base, { target: { path: 'items?a=b', query: { q: 'c d' } } })
    expect(serializeDraft(draft)).toEqual({
      method: 'GET',
      url: 'https://acme.example.com/api/items?a=b&q=c%20d',
      headers: [
        ['accept', 'application/json'],
        ['x-sub', 'of acme'],
        ['authorization', 'Bearer s3cret'],
      ],
      credentialHeaders: ['x-sub', 'authorization'],
    })
  })

  it('a header of the request wins over one of the definition', async () => {
    const draft = await draftOf(base, { headers: { ACCEPT: 'text/csv' } })
    expect(draft.headers.get('accept')).toBe('text/csv')
  })

  it('a parameter of the definition is added to every request that does not have it', async () => {
    const query = {
      version: '2',
      sub: '{{ input.subdomain }} é',
      region: { value: '{{ input.region }}', whenEmpty: 'omit' as const },
      tag: ['a', '{{ input.subdomain }}'],
    }
    const urlOf = async (target: DraftRequest['target']) => (await draftOf({ ...base, query }, { target })).url.href
    const root = 'https://acme.example.com/api'
    expect(await urlOf({ path: '/items?q=a%20b' })).toBe(
      `${root}/items?q=a%20b&version=2&sub=acme%20%C3%A9&tag=a&tag=acme`,
    )
    expect(await urlOf({ path: '/items?version=1&tag=', query: { sub: 'x' } })).toBe(
      `${root}/items?version=1&tag=&sub=x`,
    )
    expect(await urlOf(new URL(`${root}/next?page=2&sub=mine`))).toBe(
      `${root}/next?page=2&sub=mine&version=2&tag=a&tag=acme`,
    )
  })

  it('a stream header wins over one of the definition and counts as a credential header if its template reads a variable', async () => {
    const draft = await draftOf(base, { headerTemplates: { 'x-sub': "{{ config['token'] }}", 'X-B': 'b' } })
    expect(draft.headers.get('x-sub')).toBe('s3cret')
    expect([...draft.credentialHeaders].sort()).toEqual(['authorization', 'x-sub'])
  })

  it.each<[string, DefinitionInput, Partial<DraftRequest>, unknown]>([
    ['a header that the credential sets', base, { headers: { authorization: 'x' } }, PlacementConflictError],
    [
      'a query that the credential sets',
      { ...base, auth: { type: 'api_key', placement: { in: 'query', name: 'key' } } },
      { target: { path: '/items', query: { key: 'x' } } },
      PlacementConflictError,
    ],
    ['a path to another host', base, { target: { path: '//evil.example' } }, InvalidInputError],
    ['a URL of another host', base, { target: { path: 'https://evil.example' } }, InvalidInputError],
    ['a path above the base', base, { target: { path: '/../admin' } }, InvalidInputError],
    ['a header that the client sets', base, { headers: { host: 'evil.example' } }, InvalidInputError],
    ['a header of two lines', base, { headers: { 'x-a': 'a\r\nb: c' } }, InvalidInputError],
  ])('%s throws an error', async (_name, definition, request, expected) => {
    const error: unknown = await draftOf(definition, request).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(expected)
    expect(String(error)).not.toContain('s3cret')
  })

  it('a missing input throws TemplateError', async () => {
    const headers = { 'X-A': "{{ config['absent'] }}" }
    await expect(draftOf({ ...base, headers }, {})).rejects.toThrow("config['absent'] is missing")
    await expect(draftOf({ ...base, headers }, {})).rejects.toBeInstanceOf(TemplateError)
  })

  it('an input with a line break in a header throws InvalidInputError', async () => {
    const headers = { 'X-A': '{{ input.subdomain }}' }
    const definition = { ...base, baseUrl: 'https://example.com', headers }
    await expect(draftOf(definition, {}, { subdomain: 'a\r\nb: c' })).rejects.toBeInstanceOf(InvalidInputError)
  })
})

describe('a serialized draft', () => {
  const seen: { method?: string; url?: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    })
    response.end('{}')
  })
  const egress = createEgress({ allow: ['127.0.0.1'] })
  let baseUrl = ''

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    baseUrl = `http://127.0.0.1:${address.port}/api`
  })

  afterAll(async () => {
    await egress.close()
    await new Promise((resolve) => server.close(resolve))
  })

  async function sent(auth: DefinitionInput['auth'], request: Partial<DraftRequest>) {
    const draft = await draftOf({ displayName: 'Test', baseUrl, auth, inputFields: [{ name: 'subdomain' }] }, request)
    const response = await egress.send(serializeDraft(draft))
    expect(response.status).toBe(200)
    return seen.at(-1)
  }

  it('sends a bearer token', async () => {
    const request = await sent({ type: 'bearer' }, { target: { path: 'items' } })
    expect(request).toMatchObject({ method: 'GET', url: '/api/items', headers: { authorization: 'Bearer s3cret' } })
  })

  it('sends a key in a JSON body', async () => {
    const request = await sent(
      { type: 'api_key', placement: { in: 'json', name: 'auth.key' } },
      { method: 'POST', body: { type: 'json', value: { a: 1 } } },
    )
    expect(request?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request?.body ?? '')).toEqual({ a: 1, auth: { key: 's3cret' } })
  })

  it('sends a key in a form', async () => {
    const request = await sent({ type: 'api_key', placement: { in: 'form', name: 'key' } }, { method: 'POST' })
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(request?.body).toBe('key=s3cret')
  })

  it('sends a key in the query and in a cookie', async () => {
    const query = await sent(
      { type: 'api_key', placement: { in: 'query', name: 'key' } },
      { target: { path: '/items', query: { a: 'b' } } },
    )
    expect(query?.url).toBe('/api/items?a=b&key=s3cret')
    const cookie = await sent({ type: 'api_key', placement: { in: 'cookie', name: 'sid' } }, {})
    expect(cookie?.headers['cookie']).toBe('sid=s3cret')
  })
})
