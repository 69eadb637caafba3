import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider, { errors } from 'oidc-provider'

/** A request to the token endpoint. The first has number 1. */
export interface TokenCall {
  number: number
  headers: IncomingMessage['headers']
}

export interface OidcServerOptions {
  /** Client metadata (RFC 7591). Default: `testClient`. */
  clients?: Record<string, unknown>[]
  /** Seconds. Default: 3600. */
  accessTokenTtl?: number
  /** Seconds. Default: 14 days. */
  refreshTokenTtl?: number
  /** Each refresh token can be used once; a second use revokes the grant. Default: true. */
  rotate?: boolean
  /** Seconds for which a used refresh token is still accepted. Default: 0. */
  graceSeconds?: number
  /** Scopes besides openid and offline_access. Default: `['api:read', 'api:write']`. */
  scopes?: string[]
  /** Called before the server handles a token request. A promise delays it. */
  onToken?: (call: TokenCall) => void | Promise<void>
  /** Called before a token response is sent. `'drop'`, or a promise of it, closes the connection instead. */
  beforeAnswer?: (call: TokenCall) => unknown
  /** Ignores code challenge and verifier, as a server without PKCE (RFC 7636). Default: false. */
  ignorePkce?: boolean
  /** Registers clients (RFC 7591) and lets them be changed (RFC 7592). Default: false. */
  registration?: boolean
  /** The only initial access token (RFC 7591 section 3) that registers clients. Default: registration is open. */
  initialAccessToken?: string
  /** Resources for which tokens are issued (RFC 8707): each token is for one of them. Default: none. */
  resources?: string[]
  /** Claims of the user in ID tokens, besides `sub`. Default: none. */
  claims?: Record<string, unknown>
  /** Default: a free port. */
  port?: number
}

export interface OidcServer extends AsyncDisposable {
  issuer: string
  tokenUrl: string
  authorizationUrl: string
  revocationUrl: string
  userinfoUrl: string
  provider: Provider
  /** Number of requests to the token endpoint. */
  tokenCalls: number
  /** Ids of revoked grants: a refresh token was used twice, or was revoked. */
  revokedGrants: string[]
  /** Error codes of failed token requests, in order, such as `invalid_grant`. */
  tokenErrors: string[]
  /** Issues a refresh token, as a completed authorization does. */
  mintRefreshToken(options?: { clientId?: string; scope?: string; accountId?: string }): Promise<string>
  isLiveRefreshToken(token: string): Promise<boolean>
  isLiveAccessToken(token: string): Promise<boolean>
}

export const testClient = {
  client_id: 'test-client',
  client_secret: 'test-client-s3cret',
  redirect_uris: ['https://latchkey.example.com/oauth/callback/1'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
} as const

/**
 * Starts an OpenID Connect server (oidc-provider) on loopback. Its authorization endpoint shows no pages: it logs the user
 * in as `user-1` and grants all scopes. A client that follows redirects and keeps cookies receives a code.
 */
export async function startOidcServer(options: OidcServerOptions = {}): Promise<OidcServer> {
  const http = createServer()
  http.listen(options.port ?? 0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const store: OidcStore = new Map()
  const provider = new Provider(issuer, await configurationOf(options, store))
  const server: OidcServer = {
    issuer,
    tokenUrl: `${issuer}/token`,
    authorizationUrl: `${issuer}/auth`,
    revocationUrl: `${issuer}/token/revocation`,
    userinfoUrl: `${issuer}/me`,
    provider,
    tokenCalls: 0,
    revokedGrants: [],
    tokenErrors: [],
    mintRefreshToken: (mint = {}) => mintRefreshToken(provider, mint),
    isLiveRefreshToken: async (token) => (await provider.RefreshToken.find(token))?.isValid ?? false,
    isLiveAccessToken: async (token) => (await provider.AccessToken.find(token))?.isValid ?? false,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  provider.on('grant.revoked', (_context: unknown, grantId: string) => server.revokedGrants.push(grantId))
  provider.on('grant.error', (_context: unknown, error: { error: string }) => server.tokenErrors.push(error.error))
  const handle = provider.callback()
  http.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    if (pathname.startsWith('/interaction/')) return void agree(provider, request, response)
    if (options.ignorePkce) await forgetPkce(request, pathname)
    if (pathname === '/token' && request.method === 'POST') {
      server.tokenCalls += 1
      const call = { number: server.tokenCalls, headers: request.headers }
      await options.onToken?.(call)
      holdBack(response, async () => options.beforeAnswer?.(call))
    }
    handle(request, response)
  })
  return server
}

let signing: Promise<JWK> | undefined

/** The key that signs the ID tokens of all servers of this process. It takes long to generate. */
function signingKey(): Promise<JWK> {
  signing ??= generateKeyPair('RS256', { extractable: true }).then(async ({ privateKey }) => ({
    ...(await exportJWK(privateKey)),
    alg: 'RS256',
    use: 'sig',
  }))
  return signing
}

async function configurationOf(options: OidcServerOptions, store: OidcStore): Promise<Record<string, unknown>> {
  const { accessTokenTtl = 3600, refreshTokenTtl = 14 * 24 * 3600 } = options
  return {
    adapter: oidcAdapter(store, options.graceSeconds ?? 0),
    clients: options.clients ?? [testClient],
    scopes: ['openid', 'offline_access', ...(options.scopes ?? ['api:read', 'api:write'])],
    jwks: { keys: [await signingKey()] },
    cookies: { keys: ['for the cookies of a test'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      userinfo: { enabled: true },
      registration: { enabled: options.registration ?? false, initialAccessToken: options.initialAccessToken ?? false },
      resourceIndicators: {
        enabled: options.resources !== undefined,
        getResourceServerInfo: (_context: unknown, resource: string) => {
          if (options.resources?.includes(resource) !== true) throw new errors.InvalidTarget()
          return { scope: (options.scopes ?? ['api:read', 'api:write']).join(' '), audience: resource }
        },
        useGrantedResource: () => true,
      },
      registrationManagement: { enabled: options.registration ?? false, rotateRegistrationAccessToken: true },
    },
    claims: { openid: ['sub', ...Object.keys(options.claims ?? {})] },
    conformIdTokenClaims: options.claims === undefined,
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...options.claims }),
    }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: options.rotate ?? true,
    ttl: {
      AccessToken: accessTokenTtl,
      ClientCredentials: accessTokenTtl,
      RefreshToken: refreshTokenTtl,
      AuthorizationCode: 60,
      IdToken: 3600,
      Grant: refreshTokenTtl,
      Interaction: 600,
      Session: 3600,
    },
  }
}

/** Removes the PKCE parameters (RFC 7636) from a request. */
async function forgetPkce(request: IncomingMessage, pathname: string): Promise<void> {
  if (pathname === '/token') {
    const form = new URLSearchParams(await text(request))
    form.delete('code_verifier')
    Object.assign(request, { body: Object.fromEntries(form) })
  } else if (pathname === '/auth') {
    const url = new URL(request.url ?? '/', 'http://server')
    for (const name of ['code_challenge', 'code_challenge_method']) url.searchParams.delete(name)
    request.url = `${url.pathname}${url.search}`
  }
}

/** Delays the response until `before` settles. `before` runs when the response is complete and nothing of it is sent. */
function holdBack(response: ServerResponse, before: () => Promise<unknown>): void {
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse
  response.end = (...args: unknown[]) => {
    before().then(
      (verdict) => (verdict === 'drop' ? response.destroy() : end(...args)),
      (error: Error) => response.destroy(error),
    )
    return response
  }
}

async function agree(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'user-1' } })
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? 'user-1', clientId: String(params['client_id']) })
  grant.addOIDCScope(String(params['scope'] ?? 'openid'))
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {}))
    grant.addResourceScope(resource, scopes.join(' '))
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}

async function mintRefreshToken(
  provider: Provider,
  {
    clientId = testClient.client_id,
    scope = 'openid api:read',
    accountId = 'user-1',
  }: { clientId?: string; scope?: string; accountId?: string },
): Promise<string> {
  const client = await provider.Client.find(clientId)
  const grant = new provider.Grant({ accountId, clientId })
  grant.addOIDCScope(scope)
  const grantId = await grant.save()
  return new provider.RefreshToken({ accountId, client, grantId, gty: 'authorization_code', scope }).save()
}

interface OidcPayload {
  [key: string]: unknown
  grantId?: string
  uid?: string
  userCode?: string
  consumed?: number
}

/** The data of one server, by model and id. */
type OidcStore = Map<string, { payload: OidcPayload; consumedAtMs?: number }>

/**
 * Adapter of oidc-provider that stores its data in the given map, so that two servers in one process share nothing. A
 * refresh token counts as consumed only after the grace period that follows its first use.
 */
function oidcAdapter(store: OidcStore, graceSeconds: number) {
  return class {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    async upsert(id: string, payload: OidcPayload): Promise<void> {
      store.set(this.#key(id), { payload })
    }

    async find(id: string): Promise<OidcPayload | undefined> {
      const entry = store.get(this.#key(id))
      if (entry?.consumedAtMs === undefined) return entry?.payload
      const inGrace = this.#model === 'RefreshToken' && Date.now() - entry.consumedAtMs < graceSeconds * 1000
      return inGrace ? entry.payload : { ...entry.payload, consumed: Math.floor(entry.consumedAtMs / 1000) }
    }

    async findByUid(uid: string): Promise<OidcPayload | undefined> {
      return this.#search('uid', uid)
    }

    async findByUserCode(userCode: string): Promise<OidcPayload | undefined> {
      return this.#search('userCode', userCode)
    }

    #search(name: 'uid' | 'userCode', value: string): OidcPayload | undefined {
      const own = [...store].filter(([key]) => key.startsWith(`${this.#model}:`))
      return own.find(([, { payload }]) => payload[name] === value)?.[1].payload
    }

    async consume(id: string): Promise<void> {
      const entry = store.get(this.#key(id))
      if (entry !== undefined) entry.consumedAtMs ??= Date.now()
    }

    async destroy(id: string): Promise<void> {
      store.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of store) if (payload.grantId === grantId) store.delete(key)
    }
  }
}
