import { isDeepStrictEqual } from 'node:util'
import { type Auth, hasCredential, loginStepsOf, ownAuthOf } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { mayBeSamePath, type Path } from '../catalog/definition/path.ts'
import { authOfKey } from '../catalog/definition/target.ts'
import { addressesOf, sharedWays, waysOf } from './credential-addresses.ts'
import { newSecretReads, secretFieldsOf } from './secret-reads.ts'

/**
 * The places of a definition at which a change sends credentials, client secrets or users to an origin that did not get them before,
 * shows a field that was secret, takes another value for the token, or reads a secret in a new way. Empty: stored credentials stay where
 * they are.
 */
export function movedPlaces(before: IntegrationDefinition, after: IntegrationDefinition): string[] {
  if (isDeepStrictEqual(before, after)) return []
  const moved = movedAddresses(before, after)
  const places = [
    ...moved,
    ...lostWays(before.auth, after.auth),
    ...shownFields(before.auth, after.auth),
    ...otherSecrets(before, after),
    ...newSecretReads(before, after, moved.length > 0),
  ]
  return [...new Set(places)]
}

/**
 * An address may move to an origin where at least the same was sent before, for the same way of authenticating. A way that is new has
 * no credentials yet, but it may use the client of the integration.
 */
function movedAddresses(before: IntegrationDefinition, after: IntegrationDefinition): string[] {
  const shared = new Map(sharedWays(before.auth, after.auth).map(({ key, old }) => [key, old]))
  return [...waysOf(after.auth)].flatMap(([key, way]) => {
    const same = shared.get(key)
    const known = (same === undefined ? [...waysOf(before.auth).values()] : [same]).flatMap((old) =>
      addressesOf(before, old),
    )
    return addressesOf(after, way)
      .filter(({ origin, gets }) => {
        const got = known.filter((old) => old.origin === origin).flatMap((old) => old.gets)
        return !gets.every((gift) => got.includes(gift))
      })
      .map(({ place }) => place)
  })
}

/**
 * Ways of authenticating that a definition loses, or that become another type. Their credentials can no longer be used. They must not
 * be used either when a later definition has the way again, because it is not compared with the one before.
 */
function lostWays(before: Auth, after: Auth): string[] {
  const kept = new Set(sharedWays(before, after).map(({ key }) => key))
  return [...waysOf(before)].flatMap(([key, { auth }]) =>
    !hasCredential(auth) || kept.has(key) ? [] : [key === '' ? 'auth.type' : `auth.options.${key}`],
  )
}

/**
 * Places that decide what of a response is a token, and whether a secret stays here. If another value counts as the token, the real one
 * could be shown as something that is not secret. A place that a definition loses counts too, so that it cannot come back changed.
 */
function otherSecrets(before: IntegrationDefinition, after: IntegrationDefinition): string[] {
  const ways = sharedWays(before.auth, after.auth).map(({ key, old, now }) => ({
    place: key === '' ? 'auth' : `auth.options.${key}.auth`,
    before: old.auth,
    after: now.auth,
  }))
  const own = Object.entries(before.auths ?? {}).flatMap(([key, old]) => {
    const now = authOfKey(after, key)
    return now === undefined ? [] : [{ place: `auths.${key}`, before: ownAuthOf(old), after: ownAuthOf(now) }]
  })
  const changed = own.filter(({ before, after }) => before.type !== after.type).map(({ place }) => `${place}.type`)
  const same = own.filter(({ before, after }) => before.type === after.type)
  const places = [...ways, ...same].flatMap(({ place, ...way }) => {
    const [old, now] = [deciding(way.before, place), deciding(way.after, place)]
    return [...new Set([...old.keys(), ...now.keys()])].filter((each) => {
      const usual = USUAL.find(([suffix]) => each.endsWith(suffix))?.[1]
      // Without a usual value, nothing was stored for a place that is new.
      if (usual === undefined && !old.has(each)) return false
      return (old.get(each) ?? usual) !== (now.get(each) ?? usual)
    })
  })
  return [...changed, ...places]
}

const USUAL: readonly (readonly [string, string])[] = [
  ['.tokenResponse.accessToken', JSON.stringify(['access_token'])],
  ['.tokenResponse.refreshToken', JSON.stringify(['refresh_token'])],
]

/** The values at the deciding places of an auth, as text. Without those that it leaves out. */
function deciding(auth: Auth, place: string): Map<string, string> {
  const values = new Map<string, string>()
  const set = (key: string, value: unknown) => {
    if (value !== undefined) values.set(`${place}.${key}`, JSON.stringify(value))
  }
  // Everybody who sees the connection sees when its credential expires, also when that is a token read as a number.
  const setExpiry = (key: string, expiry: { path?: Path } | undefined, tokens: readonly Path[]) => {
    const isToken = tokens.some((path) => mayBeSamePath(path, expiry?.path ?? []))
    values.set(`${place}.${key}`, isToken ? JSON.stringify(expiry) : NO_TOKEN)
  }
  const addAll = (inner: Map<string, string>) => {
    for (const [key, value] of inner) values.set(key, value)
  }
  if (auth.type === 'selective') {
    for (const option of auth.options) addAll(deciding(option.auth, `${place}.options.${option.key}.auth`))
  } else if (auth.type === 'session_token') {
    set('tokenPath', auth.tokenPath)
    setExpiry('expiry', auth.expiry, [auth.tokenPath])
    for (const { step, place: at } of loginStepsOf(auth)) {
      if (step.auth !== undefined) addAll(deciding(step.auth, [place, ...at, 'auth'].join('.')))
    }
  } else if (auth.type === 'oauth1') {
    // A signature with PLAINTEXT is the secrets themselves.
    if (auth.signature !== 'PLAINTEXT') set('signature', 'HMAC')
  } else if (auth.type === 'signature') {
    // With a key that is known, or cut short by another encoding, the signature confirms a guess.
    if (auth.method === 'hmac') set('key', [auth.key, auth.keyEncoding ?? 'utf8'])
    if (auth.method === 'wsse') set('password', auth.password)
  } else if (auth.type === 'oauth2') {
    set('tokenResponse.accessToken', auth.tokenResponse?.accessToken)
    set('tokenResponse.refreshToken', auth.tokenResponse?.refreshToken)
    const { accessToken = ['access_token'], refreshToken = ['refresh_token'] } = auth.tokenResponse ?? {}
    for (const key of ['expiry', 'refreshTokenExpiry'] as const) {
      setExpiry(`tokenResponse.${key}`, auth.tokenResponse?.[key], [accessToken, refreshToken])
    }
    const revoking = auth.revocation?.clientAuth ?? auth.clientAuth
    if (auth.clientAuth === SIGNED) set('clientAuth', SIGNED)
    if (revoking === SIGNED) set('revocation.clientAuth', SIGNED)
  }
  return values
}

/** Where an expiry is not read from a token. */
const NO_TOKEN = ''

/** With any other method, the private key that is stored as the client secret would be sent. */
const SIGNED = 'private_key_jwt'

/**
 * Credential fields that were secret and no longer are, or are not declared any more: templates could read what is stored as something
 * that is not secret, and it would not be removed from messages and responses.
 */
function shownFields(before: Auth, after: Auth): string[] {
  return sharedWays(before, after).flatMap(({ old, now }) => {
    const still = new Set(secretFieldsOf(now.auth))
    return secretFieldsOf(old.auth)
      .filter((name) => !still.has(name))
      .map((name) => `the field ${name}`)
  })
}
