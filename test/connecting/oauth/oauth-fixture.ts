import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/app.ts'
import { freePort } from '../../support/listening.ts'
import { type OidcServer, type OidcServerOptions, startOidcServer, testClient } from '../../support/oidc-server.ts'
import { type Browser, openBrowser } from './browser.ts'

export const RETURN_URL = 'https://product.example/connected?from=latchkey'
export const ERRORS =
  '__typename ... on Error { code message status details } ... on InvalidInputError { fields { path message } }'
const WORDS = '... on ProviderError { providerStatus providerError providerErrorDescription }'
export const CONNECTION =
  'connection { id status statusReason displayName externalId method kept input endUser { id externalId } collection { name } credential { version scopes refreshable expiresAt } }'

type Json = Record<string, unknown>
// biome-ignore lint/suspicious/noExplicitAny: the payload of an arbitrary mutation
type Payload = any

export interface OAuthFixture {
  app: TestApp
  workspace: { id: string; slug: string; key: string }
  /** The payload of a mutation, or the error of its union. */
  call(name: 'startOAuth' | 'completeOAuth' | 'confirmConnection', input: Json, key?: string): Promise<Payload>
  start(input?: Json, key?: string): Promise<Payload>
  /** @param integration slug of an integration of the workspace */
  createIntegration(
    slug: string,
    definition: Json,
    oauthClient?: Json | null,
    key?: string,
  ): Promise<{ id: string; callbackUrl: string }>
  stop(): Promise<void>
}

export async function startOAuthFixture(options: TestAppOptions = {}): Promise<OAuthFixture> {
  const app = await startTestApp({ ...options, config: { publicUrl: 'http://127.0.0.1:0', ...options.config } })
  const workspace = await app.createWorkspace()
  await allowReturn(app, workspace)
  const fixture: OAuthFixture = {
    app,
    workspace,
    async call(name, input, key = workspace.key) {
      const type = name.charAt(0).toUpperCase() + name.slice(1)
      const more = name === 'startOAuth' ? 'authorizationUrl expiresAt' : ''
      const words = name === 'confirmConnection' ? '' : WORDS
      const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${ERRORS} ${words} ... on ${type}Payload { ${more} ${CONNECTION} } } }`
      const { data, errors } = await app.request(query, { input }, key)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
      return data[name]
    },
    start: (input = {}, key = workspace.key) =>
      fixture.call(
        'startOAuth',
        { workspaceId: workspace.id, integration: 'oidc', redirectUrl: RETURN_URL, ...input },
        key,
      ),
    async createIntegration(slug, definition, oauthClient = CLIENT, key = workspace.key) {
      const { integration } = await app.mutate(
        `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
          ${ERRORS} ... on CreateIntegrationPayload { integration { id callbackUrl } } } }`,
        { workspaceId: workspace.id, slug, definition, oauthClient },
        key,
      )
      return integration
    },
    stop: () => app.stop(),
  }
  return fixture
}

export const CLIENT = { clientId: testClient.client_id, clientSecret: testClient.client_secret }

export async function allowReturn(app: TestApp, { id }: { id: string }, ...more: string[]): Promise<void> {
  await app.mutate(`mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { ${ERRORS} } }`, {
    workspaceId: id,
    redirectUrls: [RETURN_URL, ...more],
  })
}

/** A definition for an OpenID Connect server. Its API returns the user of the token. */
export function oidcDefinition(origin: string, auth: Json = {}, more: Json = {}): Json & { auth: Json } {
  return {
    displayName: 'OIDC',
    baseUrl: origin,
    ...more,
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      issuer: origin,
      authorizationUrl: `${origin}/auth`,
      tokenUrl: `${origin}/token`,
      scopes: ['openid', 'api:read'],
      ...auth,
    },
  } satisfies Partial<DefinitionInput> & Json
}

/** An app and a real provider with a client for the integration `oidc`. */
export async function startWithProvider(
  options: OidcServerOptions = {},
  definition: { auth?: Json; more?: Json } = {},
): Promise<OAuthFixture & { provider: OidcServer; integrationId: string; callbackUrl: string }> {
  const fixture = await startOAuthFixture()
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const { id, callbackUrl } = await fixture.createIntegration(
    'oidc',
    oidcDefinition(origin, definition.auth, definition.more),
  )
  const provider = await startOidcServer({
    ...options,
    port,
    clients: [{ ...testClient, redirect_uris: [callbackUrl] }],
  })
  return {
    ...fixture,
    provider,
    integrationId: id,
    callbackUrl,
    async stop() {
      await provider[Symbol.asyncDispose]()
      await fixture.stop()
    },
  }
}

/** Consents at the provider. @returns the callback URL that the browser is sent to */
export function agree(authorizationUrl: string, callbackUrl: string, browser: Browser = openBrowser()): Promise<URL> {
  return browser.follow(authorizationUrl, callbackUrl)
}

/** Takes a browser through the whole flow. @returns the URL at the product where it ends */
export async function goThrough(authorizationUrl: string, browser: Browser = openBrowser()): Promise<URL> {
  return browser.follow(authorizationUrl, 'https://product.example/')
}
