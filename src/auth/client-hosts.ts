import { getDomain } from 'tldts'
import { type Auth, loginStepsOf } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { originPartOf } from '../catalog/template/url-template.ts'
import { hasClientHost } from '../egress/host-rules.ts'

/** A URL template of a definition to which an OAuth client is sent, or with which it is used. */
interface ClientUrl {
  /** Place in the definition, such as `auth.tokenUrl`. */
  place: string
  source: string
}

type HostSource = Pick<IntegrationDefinition, 'auth' | 'baseUrl'>

/** Every URL of a definition that receives the OAuth client, or to which it sends a browser. */
function* clientUrlsOf(definition: HostSource, auth: Auth, place = 'auth'): Generator<ClientUrl> {
  const at = (key: string, source: string | undefined): ClientUrl[] =>
    source === undefined ? [] : [{ place: `${place}.${key}`, source }]
  if (auth.type === 'oauth2') {
    yield* at('authorizationUrl', auth.authorizationUrl)
    yield* at('tokenUrl', auth.tokenUrl)
    yield* at('refreshUrl', auth.refreshUrl)
    yield* at('revocation.url', auth.revocation?.url)
  } else if (auth.type === 'oauth1') {
    yield* at('requestTokenUrl', auth.requestTokenUrl)
    yield* at('authorizationUrl', auth.authorizationUrl)
    yield* at('accessTokenUrl', auth.accessTokenUrl)
    // Each request of PLAINTEXT has the secret in it (RFC 5849 section 3.4.4).
    if (auth.signature === 'PLAINTEXT') yield { place: 'baseUrl', source: definition.baseUrl }
  } else if (auth.type === 'session_token') {
    for (const { step, place: keys } of loginStepsOf(auth)) {
      if (step.auth === undefined) continue
      yield* clientUrlsOf({ ...definition, baseUrl: step.url }, step.auth, [place, ...keys, 'auth'].join('.'))
    }
  } else if (auth.type === 'selective') {
    for (const [index, option] of auth.options.entries()) {
      yield* clientUrlsOf(definition, option.auth, `${place}.options.${index}.auth`)
    }
  }
}

/**
 * The only hosts that the origin of a URL template can render to: its host, or `*.example.com` for
 * `https://{{ input.name }}.example.com`. Null when it depends on the values of a connection: the fixed end is not a domain that
 * one owner registered, but nothing, `.com`, or `.github.io`, below which anybody can have a name.
 */
export function fixedHostOf(source: string): string | null {
  const parts = originPartOf(source)
  const last = parts.at(-1)
  if (last === undefined || typeof last !== 'string') return null
  if (parts.length === 1) return URL.parse(last)?.host.toLowerCase() || null
  // What stands before the fixed end consists of host characters, which `renderUrl` checks.
  const url = /^\.[^@]+$/.test(last) ? URL.parse(`https://x${last}`) : null
  if (url === null || !url.hostname.startsWith('x.')) return null
  const suffix = url.hostname.slice(2)
  const owned = /\.[a-z][a-z0-9-]*$/.test(suffix) && getDomain(suffix, { allowPrivateDomains: true }) !== null
  return owned ? `*.${url.host.slice(2)}` : null
}

/** `clientHosts` of the auths of a definition. */
export function clientHostsIn(auth: Auth): readonly string[] {
  if (auth.type === 'oauth2') return auth.clientHosts ?? []
  return auth.type === 'selective' ? auth.options.flatMap((option) => clientHostsIn(option.auth)) : []
}

/**
 * Whether an OAuth client may be sent to a URL. With `hosts`, only to those and to the `clientHosts` of the definition. Without,
 * to the `clientHosts` and to the hosts that the definition itself fixes, so never to a host that the values of a connection choose.
 * @param hosts `oauthClient.hosts` of the integration
 */
export function clientReceivers(definition: HostSource, hosts: readonly string[]): (url: URL) => boolean {
  let all: readonly string[] | undefined
  return (url) => {
    all ??= receivingHosts(definition, hosts)
    return hasClientHost(all, url)
  }
}

function receivingHosts(definition: HostSource, hosts: readonly string[]): string[] {
  const fixed = hosts.length > 0 ? [] : [...clientUrlsOf(definition, definition.auth)]
  return [...hosts, ...clientHostsIn(definition.auth), ...fixed.flatMap(({ source }) => fixedHostOf(source) ?? [])]
}

interface ClientBinding {
  definition: HostSource
  hosts: readonly string[]
}

/** Whether a change lets an OAuth client be sent to a host to which it could not be sent before. */
export function addsReceivers(before: ClientBinding, after: ClientBinding): boolean {
  return addsHosts(receivingHosts(before.definition, before.hosts), receivingHosts(after.definition, after.hosts))
}

/** Whether a list of hosts has one that another list does not cover. */
export function addsHosts(known: readonly string[], hosts: readonly string[]): boolean {
  return hosts.some((host) => {
    const name = host.replace(/:\d+$/, '')
    const below = known.some((old) => old.startsWith('*.') && name.endsWith(old.slice(1)))
    return !known.includes(host) && !known.includes(name) && !below
  })
}

/** Places of the URLs whose host depends on the values of a connection, where neither `hosts` nor `clientHosts` bind the client. */
export function unboundClientUrls(definition: HostSource, hosts: readonly string[]): string[] {
  if (hosts.length > 0) return []
  return [...clientUrlsOf(definition, definition.auth)]
    .filter(({ place, source }) => fixedHostOf(source) === null && clientHostsAt(definition.auth, place).length === 0)
    .map(({ place }) => place)
}

/** The `clientHosts` of the auth that contains a place. */
function clientHostsAt(auth: Auth, place: string): readonly string[] {
  const index = /^auth\.options\.(\d+)\./.exec(place)?.[1]
  if (auth.type !== 'selective' || index === undefined) return clientHostsIn(auth)
  const option = auth.options[Number(index)]
  return option === undefined ? [] : clientHostsIn(option.auth)
}

/** Places of the URLs at one fixed host that `hosts` leaves out, so that the client could not be used. */
export function omittedClientUrls(definition: HostSource, hosts: readonly string[]): string[] {
  if (hosts.length === 0) return []
  const all = [...hosts, ...clientHostsIn(definition.auth)]
  return [...clientUrlsOf(definition, definition.auth)]
    .filter(({ place, source }) => {
      const host = place.endsWith('authorizationUrl') ? null : fixedHostOf(source)
      if (host === null || host.startsWith('*.')) return false
      const url = URL.parse(originPartOf(source).join(''))
      return url !== null && !hasClientHost(all, url)
    })
    .map(({ place }) => place)
}
