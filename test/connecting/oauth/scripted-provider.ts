import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { TestAppOptions } from '../../support/app.ts'
import { type ProviderRequestSeen, type ProviderServer, startProvider } from '../../support/provider-server.ts'
import { CLIENT, type OAuthFixture, oidcDefinition, startOAuthFixture } from './oauth-fixture.ts'

export interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** A provider whose responses a test sets. */
export interface ScriptedProvider extends ProviderServer {
  /** Response of the token endpoint. The function may write it itself. */
  token: (request: ProviderRequestSeen, response: ServerResponse) => Answer | undefined
  /** Response of the well-known URLs. Their requests are not in `requests`. */
  metadata: (request: ProviderRequestSeen) => Answer
  metadataRequests: ProviderRequestSeen[]
  /** Response of all other paths. */
  api: (request: ProviderRequestSeen) => Answer
  tokenRequests(): ProviderRequestSeen[]
}

export const TOKENS = {
  access_token: 'access-token-0123456789',
  token_type: 'bearer',
  refresh_token: 'refresh-token-0123456789',
  expires_in: 3600,
}

export const NO_METADATA: Answer = { status: 404, body: { error: 'not_found' } }

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const server = await startProvider((request, response) => {
    const answer = answerOf(request, response)
    if (answer === undefined) return
    const { status = 200, headers = {}, body } = answer
    const json = typeof body !== 'string'
    response.writeHead(status, { 'content-type': json ? 'application/json' : 'text/html', ...headers })
    response.end(json ? JSON.stringify(body) : body)
  })
  function answerOf(request: ProviderRequestSeen, response: ServerResponse): Answer | undefined {
    const { pathname } = request.url
    if (pathname.includes('/.well-known/')) {
      server.requests.splice(server.requests.indexOf(request), 1)
      provider.metadataRequests.push(request)
      return provider.metadata(request)
    }
    return pathname === '/token' ? provider.token(request, response) : provider.api(request)
  }
  const provider: ScriptedProvider = {
    ...server,
    token: () => ({ body: TOKENS }),
    metadata: () => NO_METADATA,
    metadataRequests: [],
    api: () => ({ body: {} }),
    tokenRequests: () => server.requests.filter(({ url }) => url.pathname === '/token'),
  }
  return provider
}

export type ScriptedFixture = OAuthFixture & {
  provider: ScriptedProvider
  /** Creates an integration with another definition. @returns its callback URL */
  integrate(slug: string, auth?: object, more?: object): Promise<string>
  /** The callback URL with the parameters of a provider: the state of a new flow, and a code. */
  callbackOf(begun: { authorizationUrl: string }, params?: Record<string, string>): string
}

/** An app with a scripted provider and its integration `oidc`. */
export async function startScripted(options: TestAppOptions = {}): Promise<ScriptedFixture> {
  const fixture = await startOAuthFixture(options)
  const provider = await startScriptedProvider()
  const scripted: ScriptedFixture = {
    ...fixture,
    provider,
    async integrate(slug, auth = {}, more = {}) {
      const definition = oidcDefinition(provider.origin, { ...auth }, { ...more })
      return (await fixture.createIntegration(slug, definition, CLIENT)).callbackUrl
    },
    callbackOf({ authorizationUrl }, params = {}) {
      const query = new URL(authorizationUrl).searchParams
      const state = query.get('state') ?? ''
      return `${query.get('redirect_uri')}?${new URLSearchParams({ state, code: 'a-code', ...params })}`
    },
    async stop() {
      await fixture.stop()
      await provider.close()
    },
  }
  await scripted.integrate('oidc')
  return scripted
}

/** Call once at the top of a test file. The result can be used in tests; its responses are reset before each. */
export function useScripted(options: TestAppOptions = {}): ScriptedFixture {
  const latchkey = {} as ScriptedFixture
  beforeAll(async () => {
    Object.assign(latchkey, await startScripted(options))
  })
  afterAll(() => latchkey.stop())
  beforeEach(() => {
    latchkey.provider.token = () => ({ body: TOKENS })
    latchkey.provider.api = () => ({ body: {} })
    latchkey.provider.metadata = () => NO_METADATA
    latchkey.provider.requests.length = 0
    latchkey.provider.metadataRequests.length = 0
  })
  return latchkey
}
