import { boundTo } from '../auth/external/account-receivers.ts'
import { strategyOf } from '../auth/registry.ts'
import { bearerPlacement } from '../auth/simple/bearer.ts'
import { distinctSecrets } from '../auth/simple/secret-value.ts'
import type { StoredOwnToken } from '../auth/stored-credential.ts'
import type { Authenticator } from '../auth/strategy.ts'
import { type Auth, hasCredential, type OwnAuth, obtainsToken, ownAuthOf } from '../catalog/definition/auth.ts'
import { type IntegrationDefinition, isWholeUrl } from '../catalog/definition/definition.ts'
import { authOfKey, mayGetCredential, type Target } from '../catalog/definition/target.ts'
import { renderUrl } from '../catalog/template/url-template.ts'
import { isRecord, unlessMissing } from '../catalog/template/value.ts'
import type { OpenedConnection, OwnTokenRequest } from '../credentials/credential-store.ts'
import { isAlive } from '../credentials/own-tokens.ts'
import { EgressError } from '../egress/egress-error.ts'
import { hasClientHost } from '../egress/host-rules.ts'
import { parseRequestUrl } from '../egress/policy.ts'
import { CredentialRefreshError, InvalidInputError } from '../kit/errors.ts'
import { applyPlacement } from '../wire/placement.ts'

/** Definitions do not change. Equal objects keep what others remember for them. */
const definitions = new WeakMap<IntegrationDefinition, Map<string, IntegrationDefinition>>()
/** By the values of `kept`, which are another object each time a connection is opened. */
const authenticators = new WeakMap<object, Map<string, Authenticator>>()

/**
 * The opened connection as a request of the definition uses it: with the request's own base URL and way of authenticating.
 * @throws UnnamedHostError when the base URL is at a host that gets no credential; TemplateError for a missing input
 */
export function openedAt(given: OpenedConnection, { baseUrl, auth: key }: Target): OpenedConnection {
  if (baseUrl === undefined && key === undefined) return given
  const main = given.main ?? given
  const opened = { ...main, scope: given.scope, main }
  const { definition, authenticator, scope } = opened
  if (baseUrl !== undefined) checkHost(opened, baseUrl)
  const auth = authOfKey(definition, key)
  return {
    ...opened,
    definition: remembered(definitions, definition, JSON.stringify([baseUrl, key]), () => ({
      ...definition,
      baseUrl: baseUrl ?? definition.baseUrl,
      auth: auth === undefined ? definition.auth : ownAuthOf(auth),
    })),
    ...(auth !== undefined &&
      key !== undefined && {
        authKey: key,
        authenticator: remembered(authenticators, isRecord(scope['kept']) ? scope['kept'] : authenticator, key, () =>
          authenticatorOf(key, auth, opened),
        ),
      }),
  }
}

/**
 * The connection for the request of a caller: at the host of a complete URL, if that is one of `hosts` of the definition.
 * @param path as the caller gave it: a path below the base URL, or a complete URL
 * @param base the base URL of the connection
 * @throws UnnamedHostError for another host; EgressError for a URL that cannot be requested
 */
export function openedForCaller(opened: OpenedConnection, path: string, base: URL): OpenedConnection {
  const { definition } = opened
  const { hosts = [] } = definition
  if (hosts.length === 0 || !isWholeUrl(path)) return opened
  const url = requestedUrl(path)
  if (url.origin === base.origin) return opened
  if (!mayGetCredential(hosts, base, url)) {
    const isHttp = hasClientHost(hosts, url)
    const message = isHttp
      ? 'The URL must begin with https://, as the base URL of the integration does.'
      : `The URL is at a host to which no requests are sent through this connection. ${allowedHosts(hosts)}`
    throw new UnnamedHostError([{ path: ['path'], message }])
  }
  const { origin } = url
  const atHost = remembered(definitions, definition, JSON.stringify([origin]), () => ({
    ...definition,
    baseUrl: origin,
  }))
  return { ...opened, definition: atHost, main: opened }
}

function requestedUrl(path: string): URL {
  try {
    return parseRequestUrl(path)
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    throw new InvalidInputError([{ path: ['path'], message: error.message }])
  }
}

/** Callers may name any subdomain that a definition allows with `*.`. */
const MAX_REMEMBERED = 200

function remembered<K extends object, V>(map: WeakMap<K, Map<string, V>>, holder: K, key: string, make: () => V): V {
  const known = map.get(holder) ?? new Map<string, V>()
  map.set(holder, known)
  if (known.size >= MAX_REMEMBERED) known.clear()
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

/** A request would be sent to a host that gets no credential of the connection. Nothing was sent. */
export class UnnamedHostError extends InvalidInputError {}

/** A value of a connection may be a part of the host. */
function checkHost({ definition, scope }: OpenedConnection, baseUrl: string): void {
  const { auth, hosts = [] } = definition
  const url = renderUrl(baseUrl, scope)
  // Before afterConnect, the base URL of the definition may not be known.
  const base = unlessMissing(() => renderUrl(definition.baseUrl, scope))
  if (!hasCredential(auth) || mayGetCredential(hosts, base, url)) return
  const message = `The baseUrl of this request is at a host that gets no credential. ${allowedHosts(hosts)} Add the host to hosts of the definition, if it belongs to the provider.`
  throw new UnnamedHostError([{ path: ['baseUrl'], message }])
}

/** Hosts of a definition are constants, so they contain no value of a connection. */
function allowedHosts(hosts: readonly string[]): string {
  return hosts.length === 0
    ? 'Allowed is the host of the base URL of the integration.'
    : `Allowed are the host of the base URL of the integration and ${hosts.join(', ')}.`
}

/**
 * The fields of the connection, sent in another way. Its secrets are still those of the connection.
 * @throws CredentialRefreshError when an auth provider holds the credential, and it would sign something
 */
function authenticatorOf(key: string, given: OwnAuth, opened: OpenedConnection): Authenticator {
  const { authenticator: main, scope } = opened
  if (obtainsToken(given)) {
    const request = {
      key,
      auth: given,
      definition: opened.definition,
      scope,
      certificate: () => main.clientCertificate,
    }
    return tokenAuthenticator(request, opened)
  }
  const auth = ownAuthOf(given)
  if (main.mayReceive !== undefined && (auth.type === 'jwt' || auth.type === 'signature')) {
    throw ofAuthProvider(key, auth)
  }
  const own = openOwn(auth, scope)
  const authenticator: Authenticator = {
    ...own,
    get secrets() {
      return distinctSecrets([...own.secrets, ...main.secrets])
    },
    get clientCertificate() {
      return main.clientCertificate
    },
  }
  return main.mayReceive === undefined ? authenticator : boundTo(authenticator, main.mayReceive)
}

function openOwn(auth: Auth, { config, input, kept }: OpenedConnection['scope']): Authenticator {
  const fields = Object.entries(isRecord(config) ? config : {}).filter(([, value]) => typeof value === 'string')
  const context = { input: isRecord(input) ? input : {}, kept: isRecord(kept) ? kept : {} }
  return strategyOf(auth).open({ type: auth.type, fields: Object.fromEntries(fields) }, context)
}

/**
 * Sends a token that is obtained with the fields of the connection: when there is none, when it expires, and when the API refuses it.
 * @throws CredentialRefreshError when an auth provider holds the credential, which is sent to the API only
 */
function tokenAuthenticator(
  request: OwnTokenRequest,
  { tokens, authenticator: main }: OpenedConnection,
): Authenticator {
  const { key, auth } = request
  if (tokens === undefined) throw ofAuthProvider(key, auth)
  const placement = auth.type === 'oauth2' ? (auth.placement ?? bearerPlacement) : auth.placement
  const isSingleUse = auth.type === 'session_token' && auth.lifetime === undefined && auth.expiry === undefined
  let current = isSingleUse ? undefined : tokens.stored(request)
  let obtainedMs = Number.NEGATIVE_INFINITY
  /** A response to a request with the token before the last may come later. */
  let recent = current === undefined ? [] : [current.token]

  async function obtain(): Promise<StoredOwnToken> {
    const token = isSingleUse ? await tokens?.once(request) : await tokens?.obtain(request, current?.token)
    if (token === undefined) throw ofAuthProvider(key, auth)
    recent = [...recent.filter((each) => each !== token.token).slice(-1), token.token]
    obtainedMs = performance.now()
    current = token
    return token
  }

  return {
    async apply(draft) {
      const usable = current !== undefined && !isSingleUse && isAlive(current, Date.now()) ? current : undefined
      applyPlacement(draft, placement, (usable ?? (await obtain())).token)
    },
    async replace(sentAtMs) {
      if (isSingleUse) return false
      if (obtainedMs > sentAtMs) return true
      if (!tokens.mayReplace(request)) return false
      await obtain()
      return true
    },
    ready: true,
    refreshable: false,
    scopes: [],
    get secrets() {
      return distinctSecrets([...recent, ...main.secrets])
    },
    get clientCertificate() {
      return main.clientCertificate
    },
  }
}

function ofAuthProvider(key: string, { type }: { type: string }): CredentialRefreshError {
  const message = `An auth provider cannot supply credentials for the auth ${key} of this integration: its type is ${type}.`
  return new CredentialRefreshError(message, { reason: 'INVALID_CLIENT', retryable: false })
}
