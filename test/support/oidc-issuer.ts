import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'

/** An OIDC issuer (oidc-provider) on loopback, with access to its signing key. */
export interface OidcIssuerServer {
  issuer: string
  jwksUrl: string
  /** Paths of the requests that it received. */
  requests: string[]
  /** When set, every request gets status 503. */
  away: boolean
  /** When set, handles requests instead of the issuer. */
  answer: RequestListener | null
  /** Requests an access token. `sub` becomes the client (`ada` or `grace`), `aud` the resource. */
  token(client: string, resource: string): Promise<string>
  /** Signs a token with the current key. Default lifetime: one minute. */
  sign(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>
  /** The current public key. */
  publicKey(): Promise<{ pem: string; jwk: JWK }>
  /** Replaces the signing key. The old one is no longer published. */
  rotate(): Promise<void>
  close(): Promise<void>
}

interface ProviderModule {
  Provider: new (issuer: string, options: Record<string, unknown>) => { callback(): RequestListener }
}

const CLIENTS = ['ada', 'grace']

export async function startOidcIssuer(): Promise<OidcIssuerServer> {
  const specifier = 'oidc-provider'
  const { Provider }: ProviderModule = await import(specifier)
  let listener: RequestListener = (_request, response) => response.writeHead(503).end()
  let key: JWK = {}
  const server = createServer((request, response) => {
    self.requests.push(request.url ?? '')
    if (self.away) response.writeHead(503).end()
    else (self.answer ?? listener)(request, response)
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`

  const self: OidcIssuerServer = {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    requests: [],
    away: false,
    answer: null,
    async token(client, resource) {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client,
          client_secret: `secret-of-${client}`,
          resource,
        }),
      })
      const body: unknown = await response.json()
      if (
        typeof body === 'object' &&
        body !== null &&
        'access_token' in body &&
        typeof body.access_token === 'string'
      ) {
        return body.access_token
      }
      throw new Error(`The issuer issued no token: ${JSON.stringify(body)}`)
    },
    async sign(claims, header = {}) {
      const now = Math.floor(Date.now() / 1000)
      const alg = typeof header['alg'] === 'string' ? header['alg'] : 'RS256'
      return new SignJWT({ iss: issuer, iat: now, exp: now + 60, ...claims })
        .setProtectedHeader({ kid: key.kid, typ: 'at+jwt', ...header, alg })
        .sign(await importJWK({ ...key, alg }, alg))
    },
    async publicKey() {
      const { kty, n, e, kid } = key
      const jwk: JWK = { kty, n, e, kid, alg: 'RS256', use: 'sig' }
      const imported = await importJWK(jwk, 'RS256', { extractable: true })
      if (imported instanceof Uint8Array) throw new Error('The key is not a public key.')
      return { pem: await exportSPKI(imported), jwk }
    },
    async rotate() {
      const { privateKey } = await generateKeyPair('RS256', { extractable: true })
      key = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' }
      listener = new Provider(issuer, options(key)).callback()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await self.rotate()
  return self
}

function options(key: JWK): Record<string, unknown> {
  return {
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    clients: CLIENTS.map((name) => ({
      client_id: name,
      client_secret: `secret-of-${name}`,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
    })),
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  }
}
