import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../egress/loopback-certificate.ts'

/** A request to the token endpoint. Times are those of `performance.now()`. */
export interface TokenRequest {
  refreshToken: string
  /** The grant that the refresh token belongs to; undefined: the provider does not know the token. */
  grant: string | undefined
  arrivedAt: number
  answeredAt: number | undefined
  /** When the client closed the connection before it had the answer. */
  closedAt: number | undefined
  /** Status of the answer. */
  status: number | undefined
}

/**
 * What the token endpoint does instead of processing a request. `hang`: it never answers. `reset`: it closes the connection.
 * `reset after processing`: it rotates the token and closes the connection without an answer.
 */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: object }
  | 'hang'
  | 'reset'
  | 'reset after processing'

/** How long a request waits before it is processed, and before the result is sent. */
export interface Latency {
  beforeMs?: number
  afterMs?: number
}

export interface RotatingProviderOptions {
  /**
   * For how long a refresh token that was replaced is accepted again. It then gets the same successor. Default: 0, where a
   * token that is used again revokes its grant.
   */
  graceMs?: number
  /** Lifetime of access tokens. Default: 3,600. */
  accessTokenSeconds?: number
  /** Whether it speaks HTTPS, with LOOPBACK_CERTIFICATE. Default: false. */
  tls?: boolean
}

export interface Tokens {
  accessToken: string
  refreshToken: string
}

/**
 * A token endpoint that rotates refresh tokens, and an API that accepts its access tokens. It logs every request. Its
 * behaviour may be changed at any time.
 */
export interface RotatingProvider extends AsyncDisposable {
  origin: string
  tokenUrl: string
  clientId: string
  /** The secret that it accepts. */
  clientSecret: string
  accessTokenSeconds: number
  graceMs: number
  /** All requests to the token endpoint, in order of arrival. */
  requests: TokenRequest[]
  /** The most token requests that were in flight at the same time. */
  mostInFlight: number
  revokedGrants: Set<string>
  latency: (request: TokenRequest) => Latency
  /** A request that was processed is answered when this resolves. */
  hold: (request: TokenRequest) => Promise<void> | undefined
  fault: (request: TokenRequest) => Fault | undefined
  /** Whether the API refuses every access token. */
  apiRefuses: boolean
  /** Creates a grant, as a completed authorization does. */
  issue(): Tokens
  /** The newest refresh token of the grant that the token belongs to; undefined when the grant is revoked. */
  newestOf(refreshToken: string): string | undefined
}

interface Grant {
  id: string
  revoked: boolean
  current: string
  accessTokens: Map<string, number>
}

interface Replaced {
  at: number
  successor: string
}

/**
 * Starts a provider on a free port of 127.0.0.1. It follows RFC 6749, sections 5 and 6, and RFC 9700, section 4.14.2 (refresh
 * token rotation).
 */
export async function startRotatingProvider(options: RotatingProviderOptions = {}): Promise<RotatingProvider> {
  const grants = new Map<string, Grant>()
  /** By refresh token, replaced ones included. */
  const grantOf = new Map<string, Grant>()
  const replaced = new Map<string, Replaced>()
  /** By access token. */
  const grantOfAccess = new Map<string, Grant>()
  let inFlight = 0

  const newAccessToken = (grant: Grant) => {
    const token = `${grant.id}-access-${randomBytes(12).toString('hex')}`
    grant.accessTokens.set(token, performance.now() + provider.accessTokenSeconds * 1000)
    grantOfAccess.set(token, grant)
    return token
  }
  const newRefreshToken = (grant: Grant) => {
    grant.current = `${grant.id}-refresh-${randomBytes(12).toString('hex')}`
    grantOf.set(grant.current, grant)
    return grant.current
  }

  /** @returns the token response; null: the token is refused */
  function redeem(refreshToken: string): object | null {
    const grant = grantOf.get(refreshToken)
    if (grant === undefined || grant.revoked) return null
    const earlier = replaced.get(refreshToken)
    if (earlier !== undefined && performance.now() - earlier.at > provider.graceMs) {
      grant.revoked = true
      provider.revokedGrants.add(grant.id)
      return null
    }
    const successor = earlier?.successor ?? newRefreshToken(grant)
    if (earlier === undefined) replaced.set(refreshToken, { at: performance.now(), successor })
    return {
      access_token: newAccessToken(grant),
      refresh_token: successor,
      token_type: 'Bearer',
      expires_in: provider.accessTokenSeconds,
    }
  }

  async function answerToken(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(message))
    const refreshToken = form.get('refresh_token') ?? ''
    const request: TokenRequest = {
      refreshToken,
      grant: grantOf.get(refreshToken)?.id,
      arrivedAt: performance.now(),
      answeredAt: undefined,
      closedAt: undefined,
      status: undefined,
    }
    provider.requests.push(request)
    inFlight += 1
    provider.mostInFlight = Math.max(provider.mostInFlight, inFlight)
    response.once('close', () => {
      inFlight -= 1
      if (request.answeredAt === undefined) request.closedAt = performance.now()
    })
    const answer = (status: number, body: object, headers: Record<string, string> = {}) => {
      if (request.closedAt !== undefined) return
      request.answeredAt = performance.now()
      request.status = status
      send(response, status, body, { 'cache-control': 'no-store', ...headers })
    }
    const fault = provider.fault(request)
    const { beforeMs = 0, afterMs = 0 } = provider.latency(request)
    if (beforeMs > 0) await pause(beforeMs)
    if (fault === 'hang') return
    if (fault === 'reset') return void response.destroy()
    if (typeof fault === 'object')
      return answer(fault.status, fault.body ?? { error: 'temporarily_unavailable' }, fault.headers)
    if (form.get('client_id') !== provider.clientId || form.get('client_secret') !== provider.clientSecret) {
      return answer(401, { error: 'invalid_client' })
    }
    const tokens = redeem(refreshToken)
    if (afterMs > 0) await pause(afterMs)
    await provider.hold(request)
    if (fault === 'reset after processing') return void response.destroy()
    if (tokens === null) answer(400, { error: 'invalid_grant' })
    else answer(200, tokens)
  }

  function answerApi(message: IncomingMessage, response: ServerResponse): void {
    message.resume()
    const token = (message.headers.authorization ?? '').replace(/^Bearer /, '')
    const grant = grantOfAccess.get(token)
    const isLive = grant?.revoked === false && (grant.accessTokens.get(token) ?? 0) > performance.now()
    if (isLive && !provider.apiRefuses) send(response, 200, { grant: grant.id })
    else send(response, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer error="invalid_token"' })
  }

  const listener = (message: IncomingMessage, response: ServerResponse) => {
    // Tests kill clients in the middle of a response.
    response.on('error', () => undefined)
    if (message.url === '/token') answerToken(message, response).catch(() => response.destroy())
    else answerApi(message, response)
  }
  const certificate = { key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE }
  const server = options.tls === true ? createTlsServer(certificate, listener) : createServer(listener)
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  const origin = `http${options.tls === true ? 's' : ''}://127.0.0.1:${address.port}`
  const provider: RotatingProvider = {
    origin,
    tokenUrl: `${origin}/token`,
    clientId: 'black-box-client',
    clientSecret: `secret-${randomBytes(12).toString('hex')}`,
    accessTokenSeconds: options.accessTokenSeconds ?? 3_600,
    graceMs: options.graceMs ?? 0,
    requests: [],
    mostInFlight: 0,
    revokedGrants: new Set(),
    latency: () => ({}),
    hold: () => undefined,
    fault: () => undefined,
    apiRefuses: false,
    issue() {
      const id = `grant-${grants.size + 1}`
      const grant: Grant = { id, revoked: false, current: '', accessTokens: new Map() }
      grants.set(id, grant)
      return { accessToken: newAccessToken(grant), refreshToken: newRefreshToken(grant) }
    },
    newestOf(refreshToken) {
      const grant = grantOf.get(refreshToken)
      return grant === undefined || grant.revoked ? undefined : grant.current
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return provider
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
