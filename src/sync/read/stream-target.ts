import { bearerPlacement } from '../../auth/simple/bearer.ts'
import { valueAuthenticator } from '../../auth/simple/secret-value.ts'
import type { Authenticator } from '../../auth/strategy.ts'
import { hasCredential, type StreamAuth } from '../../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import type { OpenedConnection } from '../../credentials/credential-store.ts'
import { hasClientHost } from '../../egress/host-rules.ts'
import { badSource } from '../jobs/sync-error.ts'

/** Definitions do not change. Equal objects keep what others remember for them. */
const definitions = new WeakMap<IntegrationDefinition, Map<string, IntegrationDefinition>>()
const authenticators = new WeakMap<Authenticator, Map<string, Authenticator>>()

/**
 * The opened connection as a stream uses it: with the stream's own base URL and way of authenticating.
 * @throws SyncFailedError when the base URL is at a host that gets no credential
 * @throws TemplateError for a missing input
 */
export function openedForStream(opened: OpenedConnection, stream: StreamDefinition): OpenedConnection {
  const { name, baseUrl, auth: key } = stream
  if (baseUrl === undefined && key === undefined) return opened
  const { definition, scope } = opened
  if (baseUrl !== undefined) checkHost(definition, { name, baseUrl }, scope)
  const auth = key === undefined ? undefined : definition.auths?.[key]
  return {
    ...opened,
    definition: remembered(definitions, definition, name, () => ({
      ...definition,
      baseUrl: baseUrl ?? definition.baseUrl,
      auth: auth ?? definition.auth,
    })),
    authenticator:
      auth === undefined || key === undefined
        ? opened.authenticator
        : remembered(authenticators, opened.authenticator, key, () => ({
            ...authenticatorOf(auth, opened),
            clientCertificate: opened.authenticator.clientCertificate,
          })),
  }
}

function remembered<K extends object, V>(map: WeakMap<K, Map<string, V>>, holder: K, key: string, make: () => V): V {
  const known = map.get(holder) ?? new Map<string, V>()
  map.set(holder, known)
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

/** A value of a connection may be a part of the host. */
function checkHost(
  definition: IntegrationDefinition,
  { name, baseUrl }: { name: string; baseUrl: string },
  scope: OpenedConnection['scope'],
): void {
  const { auth, hosts = [] } = definition
  const url = renderUrl(baseUrl, scope)
  if (!hasCredential(auth) || hasClientHost(hosts, url)) return
  if (url.origin === renderUrl(definition.baseUrl, scope).origin) return
  throw badSource(
    name,
    'its baseUrl is at a host that gets no credential. Add the host to hosts of the definition, if it belongs to the provider.',
  )
}

/** The fields of the connection in another place. Its secrets are still those of the connection. */
function authenticatorOf(auth: StreamAuth, { authenticator, scope }: OpenedConnection): Authenticator {
  const { secrets } = authenticator
  switch (auth.type) {
    case 'none':
      return { ...valueless, secrets }
    case 'api_key':
      return valueAuthenticator(auth.placement, renderTemplate(auth.value, scope), secrets)
    case 'bearer':
      return valueAuthenticator(bearerPlacement, renderTemplate(auth.token, scope), secrets)
    case 'basic': {
      const pair = `${renderTemplate(auth.username, scope)}:${renderTemplate(auth.password ?? '', scope)}`
      const encoded = Buffer.from(pair, 'utf8').toString('base64')
      return valueAuthenticator({ in: 'header', name: 'Authorization', prefix: 'Basic' }, encoded, secrets)
    }
  }
}

const valueless = { apply: () => undefined, ready: true, refreshable: false, scopes: [] }
