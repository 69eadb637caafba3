import type { ServerResponse } from 'node:http'
import { type Browser, chromium } from 'playwright-core'
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { CHROMIUM_PATH } from '../../support/services.ts'

export const GOOD_KEY = 'key-that-is-good-4711'

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox', '--lang=en-US'] })
}

/** The same server under another host name: another origin and another site. */
export function underOtherName(origin: string): string {
  return origin.replace('127.0.0.1', 'localhost')
}

export interface Product {
  origin: string
  /** The query strings that arrived at its redirect URL. */
  returned: URLSearchParams[]
  close(): Promise<void>
}

/** The product, on an origin of its own. Its page is at / and at /isolated. */
export async function startProduct(html = '<!doctype html><title>Product</title>'): Promise<Product> {
  const returned: URLSearchParams[] = []
  const server = await startProvider(({ url }, response) => {
    if (url.pathname === '/done') {
      returned.push(url.searchParams)
      page(response, '<!doctype html><title>Product</title><h1>Welcome back</h1>')
    } else page(response, html, url.pathname === '/isolated' ? ISOLATED : {})
  })
  return { origin: underOtherName(server.origin), returned, close: () => server.close() }
}

export function page(response: ServerResponse, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
  response.end(text)
}

/** Isolates the page from windows of other origins. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin' }

/** A provider with a consent page, a token endpoint and an API that accepts one key and its own tokens. */
export async function startConsentProvider(): Promise<ProviderServer> {
  return startProvider((request, response) => {
    const { url, headers } = request
    if (url.pathname === '/authorize') askConsent(url, response)
    else if (url.pathname === '/isolated') askConsent(url, response, ISOLATED)
    else if (url.pathname === '/at-once') sendBack(url, response)
    else if (url.pathname === '/form-post') askConsentByForm(url, response)
    else if (url.pathname === '/token') {
      const tokens = { access_token: `at-${Math.random()}`, refresh_token: `rt-${Math.random()}` }
      sendJson(response, { ...tokens, token_type: 'Bearer', expires_in: 3600 })
    } else if (url.pathname === '/me') {
      const [, token = ''] = (headers.authorization ?? '').split(' ')
      const basic = Buffer.from(token, 'base64').toString()
      const good = token === GOOD_KEY || token.startsWith('at-') || basic === `jane:${GOOD_KEY}`
      if (good) sendJson(response, { ok: true })
      else sendJson(response, { error: 'bad_key', message: 'This <i>key</i> has no power here' }, {}, 401)
    } else sendJson(response, {}, {}, 404)
  })
}

/** Redirects at once, as for a user who has given consent before. */
function sendBack({ searchParams }: URL, response: ServerResponse): void {
  const back = new URL(searchParams.get('redirect_uri') ?? '')
  back.searchParams.set('state', searchParams.get('state') ?? '')
  back.searchParams.set('code', `code-${Math.random()}`)
  response.writeHead(302, { location: back.href })
  response.end()
}

/** OAuth 2.0 Form Post Response Mode. Like real providers, the page submits the form by itself. */
function askConsentByForm({ searchParams }: URL, response: ServerResponse): void {
  const action = searchParams.get('redirect_uri') ?? ''
  const fields = { state: searchParams.get('state') ?? '', code: `code-${Math.random()}` }
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  page(
    response,
    `<!doctype html><form method="post" action="${action}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`,
  )
}

function askConsent(url: URL, response: ServerResponse, headers: Record<string, string> = {}): void {
  const back = new URL(url.searchParams.get('redirect_uri') ?? '')
  back.searchParams.set('state', url.searchParams.get('state') ?? '')
  const link = (name: string, values: Record<string, string>) => {
    const target = new URL(back)
    for (const [key, value] of Object.entries(values)) target.searchParams.set(key, value)
    return `<a href="${target.href.replaceAll('&', '&amp;')}">${name}</a>`
  }
  const refusal = { error: 'access_denied', error_description: 'The <b>user</b> said no' }
  const links = `${link('Agree', { code: `code-${Math.random()}` })} ${link('Refuse', refusal)}`
  page(response, `<!doctype html><title>Consent</title><h1>Do you agree?</h1>${links}`, headers)
}

export interface PageWorld {
  app: TestApp
  provider: ProviderServer
  product: Product
  workspace: { id: string; slug: string; key: string }
  /** A session for an end user. Default: `jane`, and the product's redirect URL where nothing says how the handle gets there. */
  createSession(input?: Record<string, unknown>): Promise<{ id: string; connectUrl: string; token: string }>
  createIntegration(slug: string, definition: Record<string, unknown>, oauth?: boolean): Promise<string>
  /** An integration with a provider of the catalogue, under its slug. */
  offerProvider(slug: string, oauth?: boolean): Promise<void>
  confirm(
    handle: string,
    endUserExternalId?: string,
  ): Promise<{ __typename: string; message?: string; connection?: { status: string } }>
  session(
    id: string,
    key?: string,
  ): Promise<{ status: string; connection: { id: string; status: string } | null; error: unknown }>
  stop(): Promise<void>
}

export interface WorldOptions {
  /** The product's page. */
  html?: string
  app?: TestAppOptions
  workspace?: Record<string, unknown>
}

/** The program, a product that uses it, and a provider: three origins. */
export async function startWorld(options: WorldOptions = {}): Promise<PageWorld> {
  const config = { publicUrl: 'http://127.0.0.1:0', ...options.app?.config }
  const app = await startTestApp({ ...options.app, config })
  const provider = await startConsentProvider()
  const product = await startProduct(options.html)
  const workspace = await app.createWorkspace('Acme')
  await app.mutate(
    `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { message } } }`,
    {
      workspaceId: workspace.id,
      redirectUrls: [`${product.origin}/done`, `${product.origin}/done?x=1`],
      ...options.workspace,
    },
  )
  const world: PageWorld = {
    app,
    provider,
    product,
    workspace,
    async createSession(input = {}) {
      const { session, connectUrl, token } = await app.mutate(
        `mutation ($input: CreateConnectSessionInput!) { createConnectSession(input: $input) {
          __typename ... on CreateConnectSessionPayload { session { id } connectUrl token }
          ... on Error { message } } }`,
        {
          workspaceId: workspace.id,
          ...('endUserId' in input ? {} : { endUserExternalId: 'jane' }),
          ...('allowedOrigins' in input ? {} : { redirectUrl: `${product.origin}/done` }),
          ...input,
        },
        workspace.key,
      )
      return { id: session.id, connectUrl, token }
    },
    async createIntegration(slug, definition, oauth = false) {
      const { integration } = await app.mutate(
        `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
          __typename ... on CreateIntegrationPayload { integration { id } } ... on Error { message } } }`,
        {
          workspaceId: workspace.id,
          slug,
          definition,
          ...(oauth ? { oauthClient: { clientId: 'the-client', clientSecret: 'the-client-s3cret' } } : {}),
        },
        workspace.key,
      )
      return integration.id
    },
    async offerProvider(slug, oauth = true) {
      await app.mutate(
        `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename ... on Error { message } } }`,
        {
          ...{ workspaceId: workspace.id, slug, provider: slug },
          ...(oauth ? { oauthClient: { clientId: 'the-client', clientSecret: 'the-client-s3cret' } } : {}),
        },
        workspace.key,
      )
    },
    async confirm(handle, endUserExternalId = 'jane') {
      const { data } = await app.request(
        `mutation ($input: ConfirmConnectionInput!) { confirmConnection(input: $input) {
          __typename ... on ConfirmConnectionPayload { connection { status } } ... on Error { message } } }`,
        { input: { handle, endUserExternalId } },
        workspace.key,
      )
      return data.confirmConnection
    },
    async session(id, key = workspace.key) {
      const { data } = await app.request(
        `query ($id: ID!) { connectSession(id: $id) { status connection { id status } error { code message providerError providerErrorDescription } } }`,
        { id },
        key,
      )
      return data.connectSession
    },
    async stop() {
      await app.stop()
      await provider.close()
      await product.close()
    },
  }
  return world
}

/** OAuth2 with a consent page at the provider. */
export function consentDefinition(provider: ProviderServer, path = '/authorize'): Record<string, unknown> {
  const origin = underOtherName(provider.origin)
  return {
    displayName: 'Calendar',
    baseUrl: provider.origin,
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${origin}${path}`,
      tokenUrl: `${provider.origin}/token`,
      scopes: ['openid', 'calendar.read', 'https://api.example/auth/contacts.readonly'],
    },
  }
}

/** A sign-in method with a consent page, for `selectiveDefinition`. */
export function consentOption(provider: ProviderServer): object {
  return { key: 'account', label: 'Your Warehouse account', auth: consentDefinition(provider)['auth'] }
}

/** A key in a form, checked by a test request. */
export function keyDefinition(provider: ProviderServer, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    displayName: 'Ledger',
    baseUrl: provider.origin,
    docsUrl: 'https://docs.example/keys',
    inputFields: [{ name: 'region', label: 'Region', required: true, description: 'Where your books are kept.' }],
    auth: { type: 'bearer', fields: [{ name: 'token', label: 'Access key', secret: true, required: true }] },
    testRequest: { path: '/me' },
    ...more,
  }
}

/** Two sign-in methods, user name and password, or a key, and those of `more`. */
export function selectiveDefinition(provider: ProviderServer, more: object[] = []): Record<string, unknown> {
  return {
    displayName: 'Warehouse',
    baseUrl: provider.origin,
    auth: {
      type: 'selective',
      options: [
        { key: 'password', label: 'User name and password', auth: { type: 'basic' } },
        { key: 'key', label: 'An access key', auth: { type: 'bearer' } },
        ...more,
      ],
    },
    testRequest: { path: '/me' },
  }
}
