import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import { findProviderFile } from '../../../src/catalog/catalog.ts'
import { CATEGORIES } from '../../../src/catalog/categories.ts'
import { CATALOG_INDEX } from '../../../src/catalog/generated/catalog-index.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { documents } from '../documents.ts'

const PROVIDERS = await loadProviderFiles()

const PAGE = `query ($search: String, $category: String, $authType: AuthType, $first: Int, $after: String) {
  providers(search: $search, category: $category, authType: $authType, first: $first, after: $after) {
    totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }`

const PROVIDER = `query ($slug: String!) { provider(slug: $slug) {
  slug displayName categories baseUrl docsUrl
  auth { type grant scopes credentialFields { name secret required } inputFields { name required example }
    options { key label auth { type grant credentialFields { name secret } } } }
  streams { name primaryKey cursorField syncModes } } }`

let app: TestApp
let workspace: { id: string; key: string }

beforeAll(async () => {
  app = await startTestApp()
  workspace = await app.createWorkspace()
})
afterAll(() => app.stop())

async function page(variables: Record<string, unknown> = {}) {
  const { data, errors } = await app.request(PAGE, variables, workspace.key)
  expect(errors).toBeUndefined()
  return data.providers
}

const slugsOf = async (variables: Record<string, unknown>): Promise<string[]> => {
  const { nodes } = await page({ first: 100, ...variables })
  return nodes.map(({ slug }: { slug: string }) => slug)
}

// biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
async function send(document: string, input: Record<string, unknown>): Promise<any> {
  const { data, errors } = await app.request(
    document,
    { input: { workspaceId: workspace.id, ...input } },
    workspace.key,
  )
  expect(errors).toBeUndefined()
  return Object.values(data)[0]
}

describe('Query.providers', () => {
  it('pages through all providers by slug, each of them once', async () => {
    const seen: string[] = []
    let after: string | null = null
    for (;;) {
      const { nodes, pageInfo, totalCount } = await page({ first: 7, after })
      seen.push(...nodes.map(({ slug }: { slug: string }) => slug))
      expect(nodes.length).toBeLessThanOrEqual(7)
      if (!pageInfo.hasNextPage) {
        expect(seen).toHaveLength(totalCount)
        break
      }
      after = pageInfo.endCursor
    }
    expect(seen).toEqual([...new Set(seen)].sort())
    expect(seen).toEqual(expect.arrayContaining(PROVIDERS.map(({ slug }) => slug)))
  })

  const those = (condition: (entry: (typeof CATALOG_INDEX)[number]) => boolean) =>
    CATALOG_INDEX.filter(condition)
      .map(({ slug }) => slug)
      .toSorted()

  it('searches names, aliases and categories, ignoring case', async () => {
    const found = await slugsOf({ search: 'GOOGLE' })
    expect(found).toEqual(expect.arrayContaining(those(({ displayName }) => displayName.startsWith('Google'))))
    // Google is only a word of its aliases.
    expect(found.at(-1)).toBe('youtube')
    expect(await slugsOf({ search: 'quickbooks online' })).toEqual(['quickbooks'])
    expect((await slugsOf({ search: 'accounting' })).toSorted()).toEqual(
      those(({ categories }) => categories.includes('accounting')),
    )
    expect(await slugsOf({ search: 'no such thing' })).toEqual([])
  })

  it('filters by type of authentication, alone and with a search', async () => {
    expect(await slugsOf({ authType: 'SELECTIVE' })).toEqual(those(({ auth }) => auth === 'selective'))
    expect(await slugsOf({ authType: 'SESSION_TOKEN' })).toEqual(['github-app', 'metabase'])
    expect(await slugsOf({ authType: 'BASIC', search: 'stripe' })).toEqual([])
    expect(await slugsOf({ authType: 'BEARER', search: 'stripe' })).toEqual(['stripe'])
  })

  it('filters by category, which has to be the whole word', async () => {
    expect(await slugsOf({ category: 'accounting' })).toEqual(
      those(({ categories }) => categories.includes('accounting')),
    )
    expect(await slugsOf({ category: 'accounting', search: 'xer' })).toEqual(['xero'])
    expect(await slugsOf({ category: 'account' })).toEqual([])
  })

  it('refuses a cursor that is not a slug of the catalogue', async () => {
    const { errors } = await app.request(PAGE, { after: 'nobody' }, workspace.key)
    expect(errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
  })
})

describe('Query.provider', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  async function provider(slug: string): Promise<any> {
    const { data, errors } = await app.request(PROVIDER, { slug }, workspace.key)
    expect(errors).toBeUndefined()
    return data.provider
  }

  it('returns what has to be supplied to connect, and the streams', async () => {
    expect(await provider('chargebee')).toEqual({
      slug: 'chargebee',
      displayName: 'Chargebee',
      categories: ['billing'],
      baseUrl: 'https://{{ input.site }}.chargebee.com/api/v2',
      docsUrl: 'https://apidocs.chargebee.com/docs/api/auth',
      auth: {
        type: 'BASIC',
        grant: null,
        scopes: [],
        credentialFields: [{ name: 'api_key', secret: true, required: true }],
        inputFields: [{ name: 'site', required: true, example: 'acme-test' }],
        options: [],
      },
      streams: ['customer', 'subscription', 'invoice'].map((resource) => ({
        name: `${resource}s`,
        primaryKey: [`${resource}.id`],
        cursorField: `${resource}.updated_at`,
        syncModes: ['FULL_REFRESH', 'INCREMENTAL'],
      })),
    })
  })

  it('returns each way to authenticate of a SELECTIVE provider', async () => {
    const { auth } = await provider('zendesk')
    expect(auth.options).toEqual([
      {
        key: 'oauth',
        label: 'Sign in with Zendesk',
        auth: { type: 'OAUTH2', grant: 'AUTHORIZATION_CODE', credentialFields: [] },
      },
      {
        key: 'api_token',
        label: 'API token',
        auth: {
          type: 'BASIC',
          grant: null,
          credentialFields: [
            { name: 'email', secret: false },
            { name: 'api_token', secret: true },
          ],
        },
      },
    ])
  })

  it('returns null for an unknown slug', async () => {
    expect(await provider('nobody')).toBeNull()
  })
})

describe('Query.providerCategories', () => {
  it('returns the categories with their names and the number of their providers', async () => {
    const document = `query ($language: Language!) { providerCategories(language: $language) { slug text count } }`
    const { data } = await app.request(document, { language: 'DE' }, workspace.key)
    for (const { slug, text, count } of data.providerCategories) {
      expect(text).toBe(CATEGORIES[slug]?.de)
      expect(await slugsOf({ category: slug })).toHaveLength(count)
    }
    expect(data.providerCategories.map(({ slug }: { slug: string }) => slug)).toContain('crm')
    const english = await app.request('{ providerCategories { slug text } }', {}, workspace.key)
    expect(english.data.providerCategories).toContainEqual({ slug: 'accounting', text: 'Accounting' })
  })
})

describe('Provider.guide', () => {
  const document = `query ($language: Language!) { provider(slug: "slack") { color logoUrl actions { name title }
    guide(language: $language) { readOn sources unverified app { url steps } webhook { url steps } key { url }
      scopes { scope text requested } rateLimit { text url }
      hints { at errors messages statuses cause remedy person url } } } }`

  it.each(['en', 'de'] as const)('is in the language of the argument: %s', async (language) => {
    const { data, errors } = await app.request(document, { language: language.toUpperCase() }, workspace.key)
    expect(errors).toBeUndefined()
    const slack = findProviderFile('slack')
    const { guide, color, logoUrl, actions } = data.provider
    expect({ color, logoUrl }).toEqual({ color: slack?.color, logoUrl: null })
    expect(actions).toContainEqual({ name: 'send_message', title: 'Send a message' })
    const { app: setup, webhook, scopes = {}, rateLimit, hints = [] } = slack?.guide ?? {}
    const told = (part: typeof setup) => ({ url: part?.url, steps: part?.steps.map((step) => step[language]) })
    expect(guide).toEqual({
      readOn: '2026-11-29',
      sources: slack?.sources.map(({ url }) => url),
      unverified: [],
      app: told(setup),
      webhook: told(webhook),
      key: null,
      scopes: expect.arrayContaining([
        { scope: 'channels:read', text: scopes['channels:read']?.[language], requested: true },
        { scope: 'chat:write', text: scopes['chat:write']?.[language], requested: false },
      ]),
      rateLimit: { text: rateLimit?.words[language], url: rateLimit?.url },
      hints: hints.map(({ at, errors = [], messages = [], statuses = [], cause, operator, person, url = null }) => ({
        at: at.toUpperCase(),
        errors,
        messages,
        statuses,
        cause: cause[language],
        remedy: operator[language],
        person: person?.[language] ?? null,
        url,
      })),
    })
  })

  it('names the scopes that are requested by default before those that only actions need', async () => {
    const { data } = await app.request(document, { language: 'EN' }, workspace.key)
    const requested = data.provider.guide.scopes.map((scope: { requested: boolean }) => scope.requested)
    expect(new Set(requested)).toEqual(new Set([true, false]))
    expect(requested).toEqual(requested.toSorted((a: boolean, b: boolean) => Number(b) - Number(a)))
  })
})

describe('Provider.logoUrl', () => {
  it('is the URL at which the gateway serves the logo to everybody', async () => {
    const { data } = await app.request('{ provider(slug: "github") { logoUrl } }', {}, workspace.key)
    const { pathname, search } = new URL(data.provider.logoUrl)
    const response = await fetch(`${app.url}${pathname}${search}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/svg+xml')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('Integration.logoUrl and Integration.color', () => {
  const document = `query ($id: ID!, $slug: String!) { workspace(id: $id) { integration(slug: $slug) {
    color logoUrl provider { color logoUrl } } } }`
  const brandOf = async (slug: string) => {
    const { data, errors } = await app.request(document, { id: workspace.id, slug }, workspace.key)
    expect(errors).toBeUndefined()
    return data.workspace.integration
  }

  it('are those of the provider, and null for a definition of the workspace', async () => {
    await send(documents.createIntegration, { slug: 'our-slack', provider: 'slack' })
    const { color, logoUrl, provider: of } = await brandOf('our-slack')
    expect({ color, logoUrl }).toEqual(of)
    expect(color).toMatch(/^#/)
    const definition = { displayName: 'Own', baseUrl: 'https://api.example.com', auth: { type: 'none' } }
    await send(documents.createIntegration, { slug: 'our-own', definition })
    expect(await brandOf('our-own')).toEqual({ color: null, logoUrl: null, provider: null })
  })
})

describe('Connecting with a provider of the catalogue', () => {
  it('createIntegration: the integration has no definition of its own', async () => {
    const result = await send(documents.createIntegration, { slug: 'our-github', provider: 'github' })
    expect(result.integration).toMatchObject({ slug: 'our-github', displayName: 'GitHub', definition: null })
  })

  it('createIntegration: an unknown provider is NOT_FOUND', async () => {
    const result = await send(documents.createIntegration, { slug: 'none', provider: 'nobody' })
    expect(result).toMatchObject({ __typename: 'NotFoundError' })
  })

  it.each([
    ...['google-drive', 'google-calendar', 'gmail', 'onedrive', 'outlook', 'asana', 'slack', 'notion'],
    ...['hubspot', 'jira', 'dropbox', 'airtable', 'zoom'],
  ])('createConnection: OAuth tokens of the caller are accepted: %s', async (provider) => {
    const client = { clientId: 'our-client', clientSecret: 'our-s3cret' }
    const oauthToken = { accessToken: 'an-access-t0ken', refreshToken: 'a-refresh-t0ken', expiresIn: 3600, ...client }
    const { connection } = await send(documents.createConnection, { provider, credential: { oauthToken } })
    expect(connection).toMatchObject({ status: 'ACTIVE', method: 'TOKEN_INJECTION', credential: { type: 'OAUTH2' } })
  })

  it('createConnection: a refresh token is refused while nothing names its OAuth client', async () => {
    const oauthClient = { clientId: 'our-client', clientSecret: 'our-s3cret' }
    await send(documents.createIntegration, { slug: 'linear-without', provider: 'linear' })
    await send(documents.createIntegration, { slug: 'linear-with', provider: 'linear', oauthClient })
    const credential = { oauthToken: { accessToken: 'an-access-t0ken', refreshToken: 'a-refresh-t0ken' } }
    const refused = await send(documents.createConnection, { integration: 'linear-without', credential })
    expect(refused).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^input\.credential\.oauthToken\.clientId: is missing: /),
    })
    const { connection } = await send(documents.createConnection, { integration: 'linear-with', credential })
    expect(connection).toMatchObject({ status: 'ACTIVE' })
    const bare = { oauthToken: { accessToken: 'an-access-t0ken' } }
    const { connection: other } = await send(documents.createConnection, {
      integration: 'linear-without',
      credential: bare,
    })
    expect(other).toMatchObject({ status: 'ACTIVE' })
  })

  it('createConnection: values of the credential fields are accepted', async () => {
    const chargebee = { provider: 'chargebee', credential: { secretText: 'test_k3y' }, input: { site: 'acme-test' } }
    const made = await send(documents.createConnection, chargebee)
    expect(made.connection).toMatchObject({ status: 'ACTIVE', method: 'SECRET', input: { site: 'acme-test' } })
    const zendesk = {
      provider: 'zendesk',
      credential: { fields: { auth_method: 'api_token', email: 'ada@example.com', api_token: 't0k3n' } },
      input: { subdomain: 'acme' },
    }
    const other = await send(documents.createConnection, zendesk)
    expect(other.connection).toMatchObject({ status: 'ACTIVE', credential: { type: 'SELECTIVE' } })
  })

  it('createConnection: the error names every invalid field at once', async () => {
    const result = await send(documents.createConnection, {
      provider: 'chargebee',
      credential: { fields: { key: 'test_k3y' } },
      input: { sight: 'acme-test' },
    })
    expect(result).toMatchObject({ __typename: 'InvalidInputError', status: 422 })
    expect(result.fields.map(({ path }: { path: string[] }) => path.join('.')).sort()).toEqual([
      'input.credential.fields.api_key',
      'input.credential.fields.key',
      'input.input.sight',
      'input.input.site',
    ])
  })

  it('createConnection: a key that does not match the pattern of the provider is INVALID_INPUT', async () => {
    const credential = { secretText: 'pk_test_0123456789' }
    const result = await send(documents.createConnection, { provider: 'stripe', credential })
    expect(result).toMatchObject({ __typename: 'InvalidInputError' })
    expect(JSON.stringify(result)).not.toContain('pk_test_0123456789')
  })
})
