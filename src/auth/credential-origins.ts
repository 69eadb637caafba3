import { isDeepStrictEqual } from 'node:util'
import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { compileTemplate, namesOf } from '../catalog/template/template.ts'
import { hasPlainOrigin, originPartOf } from '../catalog/template/url-template.ts'
import { fieldsIn, newSecretReads } from './secret-reads.ts'

/**
 * What an address gets. `api`: the credential with each request; `token`: what the credential is obtained or renewed with, such as
 * a password, a refresh token and the client secret; `browser`: the user.
 */
type Receiver = 'api' | 'token' | 'browser'

interface Address {
  /** Place in the definition, such as `auth.tokenUrl`. */
  place: string
  receiver: Receiver
  /** Two addresses with the same value are at the same origin, for every connection. */
  origin: string
}

/**
 * The origin of a URL template in a form that can be compared: a constant as `https://example.com`, otherwise the part of the template
 * that decides the origin, with its expressions. Two templates can differ and still render to the same origin; they count as different.
 * A template in which that part is not plain is compared as a whole.
 */
export function comparableOrigin(source: string): string {
  const template = compileTemplate(source)
  if (template.constant !== undefined) return originOfUrl(template.constant)
  if (!hasPlainOrigin(template)) return JSON.stringify([source])
  return JSON.stringify(originPartOf(source).map((part) => (typeof part === 'string' ? part.toLowerCase() : part)))
}

/** The origin as a client sees it. What is no web URL is compared as a whole. */
function originOfUrl(text: string): string {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : JSON.stringify([text])
}

/** @param baseUrl where the requests go that the auth signs */
function* urlsIn(
  auth: Auth,
  place: string,
  baseUrl: string,
): Generator<{ place: string; receiver: Receiver; source: string }> {
  const at = (receiver: Receiver, key: string, source: string | undefined) =>
    source === undefined ? [] : [{ place: `${place}.${key}`, receiver, source }]
  if (auth.type === 'oauth2') {
    yield* at('browser', 'authorizationUrl', auth.authorizationUrl)
    yield* at('browser', 'issuer', auth.issuer)
    yield* at('token', 'tokenUrl', auth.tokenUrl)
    yield* at('token', 'refreshUrl', auth.refreshUrl)
    yield* at('token', 'revocation.url', auth.revocation?.url)
  } else if (auth.type === 'oauth1') {
    yield* at('browser', 'authorizationUrl', auth.authorizationUrl)
    yield* at('token', 'requestTokenUrl', auth.requestTokenUrl)
    yield* at('token', 'accessTokenUrl', auth.accessTokenUrl)
    // Each request has the secrets in it, not only a signature made with them (RFC 5849 section 3.4.4).
    if (auth.signature === 'PLAINTEXT') yield* at('token', 'signature', baseUrl)
  } else if (auth.type === 'session_token') {
    yield* at('token', 'login.url', auth.login.url)
    if (auth.login.auth !== undefined) yield* urlsIn(auth.login.auth, `${place}.login.auth`, auth.login.url)
  } else if (auth.type === 'selective') {
    for (const [index, option] of auth.options.entries())
      yield* urlsIn(option.auth, `${place}.options.${index}.auth`, baseUrl)
  }
}

function addressesOf(definition: IntegrationDefinition): Address[] {
  const { auth, baseUrl, afterConnect = [] } = definition
  const urls = [
    { place: 'baseUrl', receiver: 'api' as const, source: baseUrl },
    ...afterConnect.flatMap(({ path }, index) =>
      /^https?:\/\//i.test(path)
        ? [{ place: `afterConnect.${index}.path`, receiver: 'api' as const, source: path }]
        : [],
    ),
    ...urlsIn(auth, 'auth', baseUrl),
  ]
  const addresses = urls.map(({ source, ...url }) => ({ ...url, origin: comparableOrigin(source) }))
  // What is kept can be part of an origin, so the paths at which it is found decide that origin too.
  const readsKept = urls.some(({ source }) => namesOf(compileTemplate(source)).includes('kept'))
  const kept = readsKept
    ? [{ place: 'keep', receiver: 'token' as const, origin: JSON.stringify(keptIn(definition)) }]
    : []
  return [...addresses, ...kept, ...customIn(auth, 'auth')]
}

function keptIn({ auth, afterConnect }: IntegrationDefinition): unknown {
  const keeps = (each: Auth): unknown =>
    each.type === 'oauth2'
      ? [each.tokenResponse?.keep, each.callbackKeep]
      : each.type === 'selective'
        ? each.options.map((option) => keeps(option.auth))
        : []
  return [keeps(auth), afterConnect]
}

/** A strategy of the deployment can read any address from its options. */
function customIn(auth: Auth, place: string): Address[] {
  if (auth.type === 'custom') {
    const origin = JSON.stringify([auth.strategy, auth.options ?? {}])
    return [{ place, receiver: 'token', origin }]
  }
  if (auth.type === 'session_token' && auth.login.auth !== undefined) {
    return customIn(auth.login.auth, `${place}.login.auth`)
  }
  if (auth.type !== 'selective') return []
  return auth.options.flatMap((option, index) => customIn(option.auth, `${place}.options.${index}.auth`))
}

/** An address may move to where at least the same was sent before. */
const TRUSTED_WITH: Record<Receiver, readonly Receiver[]> = {
  api: ['api', 'token'],
  token: ['token'],
  browser: ['api', 'token', 'browser'],
}

/**
 * The places of a definition at which a change sends credentials, client secrets or users to an origin that did not get them before,
 * shows a field that was secret, takes another value for the token, or reads a secret in a new way. Empty: stored credentials stay where
 * they are.
 */
export function movedPlaces(before: IntegrationDefinition, after: IntegrationDefinition): string[] {
  if (isDeepStrictEqual(before, after)) return []
  const known = addressesOf(before)
  const moved = addressesOf(after).filter(
    ({ receiver, origin }) =>
      !known.some((old) => TRUSTED_WITH[receiver].includes(old.receiver) && old.origin === origin),
  )
  const origins = new Set(known.filter(({ receiver }) => receiver !== 'browser').map(({ origin }) => origin))
  const places = [
    ...moved.map(({ place }) => place),
    ...shownFields(before.auth, after.auth),
    ...otherSecrets(before.auth, after.auth),
    ...newSecretReads(before, after, origins.size === 1),
  ]
  return [...new Set(places)]
}

/**
 * Places that decide what of a response is a token, and whether a private key stays here. If another value counts as the token, the real one
 * could be shown as something that is not secret. A place that a definition loses counts too, so that it cannot come back changed.
 */
function otherSecrets(before: Auth, after: Auth): string[] {
  const [old, now] = [deciding(before, 'auth'), deciding(after, 'auth')]
  return [...new Set([...old.keys(), ...now.keys()])].filter((place) => {
    const usual = USUAL.find(([suffix]) => place.endsWith(suffix))?.[1]
    // Without a usual value, nothing was stored for a place that is new.
    if (usual === undefined && !old.has(place)) return false
    return (old.get(place) ?? usual) !== (now.get(place) ?? usual)
  })
}

const USUAL: readonly (readonly [string, string])[] = [
  ['.tokenResponse.accessToken', JSON.stringify(['access_token'])],
  ['.tokenResponse.refreshToken', JSON.stringify(['refresh_token'])],
]

/** The values at the deciding places of a definition, as text. Without those that it leaves out. */
function deciding(auth: Auth, place: string): Map<string, string> {
  if (auth.type === 'selective') {
    return new Map(auth.options.flatMap((option) => [...deciding(option.auth, `${place}.options.${option.key}.auth`)]))
  }
  const values = new Map<string, string>()
  const set = (key: string, value: unknown) => {
    if (value !== undefined) values.set(`${place}.${key}`, JSON.stringify(value))
  }
  if (auth.type === 'session_token') set('tokenPath', auth.tokenPath)
  if (auth.type !== 'oauth2') return values
  set('tokenResponse.accessToken', auth.tokenResponse?.accessToken)
  set('tokenResponse.refreshToken', auth.tokenResponse?.refreshToken)
  const revoking = auth.revocation?.clientAuth ?? auth.clientAuth
  if (auth.clientAuth === SIGNED) set('clientAuth', SIGNED)
  if (revoking === SIGNED) set('revocation.clientAuth', SIGNED)
  return values
}

/** With any other method, the private key that is stored as the client secret would be sent. */
const SIGNED = 'private_key_jwt'

/**
 * Credential fields that were secret and no longer are, or are not declared any more: templates could read what is stored as something
 * that is not secret, and it would not be removed from messages and responses.
 */
function shownFields(before: Auth, after: Auth): string[] {
  const secretsOf = (auth: Auth) => fieldsIn(auth).flatMap(({ name, secret }) => (secret === true ? [name] : []))
  const still = new Set(secretsOf(after))
  return secretsOf(before)
    .filter((name) => !still.has(name))
    .map((name) => `the field ${name}`)
}
