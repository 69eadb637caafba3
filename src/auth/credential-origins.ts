import { isDeepStrictEqual } from 'node:util'
import type { Auth } from '../catalog/definition/auth.ts'
import { credentialFieldsOf } from '../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { compileTemplate, namesOf } from '../catalog/template/template.ts'
import { originPartOf } from '../catalog/template/url-template.ts'

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
 */
export function comparableOrigin(source: string): string {
  const parts = originPartOf(source)
  const [only] = parts
  const url = parts.length === 1 && typeof only === 'string' ? URL.parse(only) : null
  if (url !== null) return url.origin
  return JSON.stringify(parts.map((part) => (typeof part === 'string' ? part.toLowerCase() : part)))
}

function* urlsIn(auth: Auth, place: string): Generator<{ place: string; receiver: Receiver; source: string }> {
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
  } else if (auth.type === 'session_token') {
    yield* at('token', 'login.url', auth.login.url)
    if (auth.login.auth !== undefined) yield* urlsIn(auth.login.auth, `${place}.login.auth`)
  } else if (auth.type === 'selective') {
    for (const [index, option] of auth.options.entries()) yield* urlsIn(option.auth, `${place}.options.${index}.auth`)
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
    ...urlsIn(auth, 'auth'),
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
 * The places of a definition at which a change sends credentials, client secrets or users to an origin that did not get them before, or
 * shows a field that was secret. Empty: stored credentials stay where they are.
 */
export function movedPlaces(before: IntegrationDefinition, after: IntegrationDefinition): string[] {
  if (isDeepStrictEqual(before, after)) return []
  const known = addressesOf(before)
  const moved = addressesOf(after).filter(
    ({ receiver, origin }) =>
      !known.some((old) => TRUSTED_WITH[receiver].includes(old.receiver) && old.origin === origin),
  )
  return [...moved.map(({ place }) => place), ...shownFields(before.auth, after.auth)]
}

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

function fieldsIn(auth: Auth): ReturnType<typeof credentialFieldsOf> {
  if (auth.type === 'selective') return auth.options.flatMap((option) => fieldsIn(option.auth))
  return credentialFieldsOf(auth)
}
