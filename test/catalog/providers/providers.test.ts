import { describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import { describeAuth } from '../../../src/auth/describe-auth.ts'
import { catalogEntries } from '../../../src/catalog/catalog.ts'
import { credentialFieldsOf } from '../../../src/catalog/definition/auth-fields.ts'
import { type IntegrationDefinition, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { renderJson } from '../../../src/catalog/template/template.ts'
import { renderPath, renderUrl } from '../../../src/catalog/template/url-template.ts'
import { authorizationUrl } from '../../../src/connecting/oauth/consent-request.ts'
import { examplesOf, oauth2Of } from './documented-provider.ts'
import { TRIALS } from './trials.ts'

const PROVIDERS = await loadProviderFiles()

const OF_EVERY_REQUEST = /^(response_type|client_id|redirect_uri|state|code_challenge|code_challenge_method)=/

describe('the catalogue', () => {
  it('has every file of its folder in the index, ordered by name', () => {
    expect(catalogEntries({}).map(({ slug }) => slug)).toEqual(PROVIDERS.map(({ slug }) => slug))
  })

  it('has exactly one trial for each provider', () => {
    expect(Object.keys(TRIALS).sort()).toEqual(PROVIDERS.map(({ slug }) => slug))
  })

  it('has trials for the connection, the test request and the streams of every provider', () => {
    for (const { slug, definition } of PROVIDERS) {
      const { exchange, renewal, credential, refusals, test, streams } = TRIALS[slug] ?? {}
      expect([slug, exchange ?? renewal ?? credential]).not.toContain(undefined)
      expect([slug, definition.testRequest, test]).not.toContain(undefined)
      expect([slug, (definition.streams ?? []).length > 0]).toEqual([slug, (streams ?? []).length > 0])
      if (exchange !== undefined || renewal !== undefined) expect([slug, refusals]).not.toContain(undefined)
    }
  })

  it('has streams for at least twenty providers', () => {
    expect(PROVIDERS.filter(({ definition }) => (definition.streams ?? []).length > 0).length).toBeGreaterThan(20)
  })

  it('uses PKCE for every provider except those whose trial says otherwise (OA-06)', async () => {
    const exceptions = Object.keys(TRIALS).filter((slug) => TRIALS[slug]?.withoutPkce)
    const without: string[] = []
    const verifiers = new Set<string>()
    for (const { slug, definition } of withCode()) {
      const { url, codeVerifier } = await askFor(definition)
      if (codeVerifier === undefined) {
        without.push(slug)
        expect(url.searchParams.has('code_challenge')).toBe(false)
        continue
      }
      expect(url.searchParams.get('code_challenge_method')).toBe('S256')
      expect(url.searchParams.get('code_challenge')).toHaveLength(43)
      expect(codeVerifier).toMatch(/^[\w-]{43}$/)
      verifiers.add(codeVerifier)
    }
    expect(without).toEqual(exceptions)
    expect(verifiers.size).toBe(withCode().length - exceptions.length)
  })

  it('uses exactly these consent pages', async () => {
    const pages = await Promise.all(
      withCode().map(async ({ slug, definition }) => {
        const { url } = await askFor(definition)
        const pairs = url.search.slice(1).split('&')
        url.search = pairs.filter((pair) => !OF_EVERY_REQUEST.test(pair)).join('&')
        return `${slug}: ${url.href}`
      }),
    )
    expect(pages).toMatchSnapshot()
  })
})

describe.each(PROVIDERS)('$slug', ({ slug, definition }) => {
  it('is a definition that createIntegration accepts', () => {
    expect(parseDefinition(JSON.parse(JSON.stringify(definition)))).toEqual(definition)
  })

  it('links its documentation', () => {
    expect(definition.docsUrl).toMatch(/^https:\/\//)
    expect(definition.categories).not.toEqual([])
  })

  it('reaches its provider over TLS only', () => {
    const addresses = [definition.baseUrl, ...addressesIn(definition.auth)]
    // A URL that the user or a token response supplies is checked when it is supplied.
    expect(
      addresses.filter((address) => !/^(https:\/\/|\{\{ (input\.url|kept\.instance_url) \}\})/.test(address)),
    ).toEqual([])
  })

  it('renders all of its templates with the values of a connection', () => {
    const scope = scopeFor(slug, definition)
    expect(renderUrl(definition.baseUrl, scope).href).toMatch(/^https:/)
    renderJson(definition.headers ?? {}, scope)
    const { testRequest, afterConnect = [], streams = [] } = definition
    if (testRequest !== undefined) expect(renderPath(testRequest.path, scope)).toMatch(/^\//)
    for (const { path } of afterConnect) {
      expect(path.startsWith('https://') ? renderUrl(path, scope).href : renderPath(path, scope)).not.toBe('')
    }
    for (const stream of streams) {
      const parent = TRIALS[slug]?.streams?.find(({ name }) => name === stream.name)?.parent
      expect(renderPath(stream.path, { ...scope, parent })).toMatch(/^\//)
      renderJson([stream.query, stream.headers, stream.json], { ...scope, parent })
    }
  })

  it('describes the fields that a person has to supply', () => {
    const described = describeAuth(definition.auth, { hasOAuthClient: false }, new Map())
    const fields = [described, ...described.options.map(({ auth }) => auth)].flatMap((each) => each.credentialFields)
    expect(fields.every(({ label }) => label !== null && label !== '')).toBe(true)
    const byCode = oauth2Of(definition.auth)?.grant === 'authorization_code'
    expect(fields.length > 0 || byCode).toBe(true)
  })
})

function withCode() {
  return PROVIDERS.filter(({ definition }) => oauth2Of(definition.auth)?.grant === 'authorization_code')
}

function askFor(definition: IntegrationDefinition) {
  const auth = oauth2Of(definition.auth)
  if (auth === undefined) throw new Error('The definition has no OAuth2.')
  return authorizationUrl(auth, {
    clientId: 'client-id',
    redirectUri: 'https://product.example.com/oauth/callback/1',
    state: 'st4te',
    scopes: auth.scopes ?? [],
    input: examplesOf(definition),
  })
}

/** Everything that its templates may read: inputs, credential fields and the values that its trial returns. */
function scopeFor(slug: string, definition: IntegrationDefinition) {
  const { told, exchange, afterConnect } = TRIALS[slug] ?? {}
  const input = examplesOf(definition)
  const fields = credentialFieldsOf(definition.auth).map(({ name, example = 'example' }) => [name, example])
  const config = { ...input, ...Object.fromEntries(fields) }
  return { config, input, kept: { ...told, ...exchange?.kept, ...afterConnect?.kept } }
}

/** Every URL of an auth, at any depth. */
function addressesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' && /url$/i.test(key) ? [item] : addressesIn(item),
  )
}
