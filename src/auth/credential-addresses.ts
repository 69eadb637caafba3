import { type Auth, loginStepsOf, ownAuthOf } from '../catalog/definition/auth.ts'
import { type IntegrationDefinition, isWholeUrl } from '../catalog/definition/definition.ts'
import type { OAuth2 } from '../catalog/definition/oauth2.ts'
import { compileTemplate, namesOf } from '../catalog/template/template.ts'
import { hasPlainOrigin, originPartOf } from '../catalog/template/url-template.ts'
import { stsUrlOf } from './signature/assume-role.ts'

/** Whom an address belongs to: the API, what issues tokens and logs in, what revokes, or what is shown to the user. */
type Receiver = 'api' | 'token' | 'revocation' | 'browser'

/**
 * What an address gets without a template. `access`: the credential with each request; `renewal`: what it is obtained or renewed with,
 * such as a refresh token or a login; `client`: the secret of the OAuth client; `user`: the browser of the user; `other`: anything.
 */
type Gift = 'access' | 'renewal' | 'client' | 'user' | 'other'

interface Address {
  /** Place in the definition, such as `auth.tokenUrl`. */
  place: string
  receiver: Receiver
  gets: readonly Gift[]
  /** Two addresses with the same value are at the same origin, for every connection. */
  origin: string
}

/** A way of authenticating: the auth of a definition, or that of one of its options. */
export interface Way {
  auth: Auth
  /** Place in the definition. */
  place: string
}

/**
 * The ways of authenticating, by the key of the option under which their credentials are stored; an empty key without options. The
 * credentials of one way never become those of another.
 */
export function waysOf(auth: Auth): Map<string, Way> {
  if (auth.type !== 'selective') return new Map([['', { auth, place: 'auth' }]])
  return new Map(
    auth.options.map((option, index) => [option.key, { auth: option.auth, place: `auth.options.${index}.auth` }]),
  )
}

/** The ways of authenticating that both definitions have, so that credentials of one are used by the other. */
export function sharedWays(before: Auth, after: Auth): { key: string; old: Way; now: Way }[] {
  const ways = waysOf(after)
  return [...waysOf(before)].flatMap(([key, old]) => {
    const now = ways.get(key)
    return now?.auth.type === old.auth.type ? [{ key, old, now }] : []
  })
}

/** Where the credentials of one way of authenticating are sent. */
export function addressesOf(definition: IntegrationDefinition, { auth, place }: Way): Address[] {
  const { baseUrl, afterConnect = [], streams = [], hosts = [], testRequest, actions = [] } = definition
  const own = Object.entries(definition.auths ?? {}).map(([key, each]) => [key, ownAuthOf(each)] as const)
  const at = (key: string, source: string | undefined): Url[] =>
    source === undefined ? [] : [{ place: key, receiver: 'api', gets: API, source }]
  const urls = [
    ...at('baseUrl', baseUrl),
    ...afterConnect.flatMap((request, index) => [
      ...at(`afterConnect.${index}.path`, isWholeUrl(request.path) ? request.path : undefined),
      ...at(`afterConnect.${index}.baseUrl`, request.baseUrl),
    ]),
    ...hosts.flatMap((host, index) => at(`hosts.${index}`, `https://${host}`)),
    ...at('testRequest.baseUrl', testRequest?.baseUrl),
    ...streams.flatMap((stream, index) => at(`streams.${index}.baseUrl`, stream.baseUrl)),
    ...actions.flatMap(({ request }, index) => at(`actions.${index}.request.baseUrl`, request.baseUrl)),
    ...urlsIn(auth, place, baseUrl),
    ...own.flatMap(([key, each]) => [...urlsIn(each, `auths.${key}`, baseUrl)]),
  ]
  const addresses = urls.map(({ source, ...url }) => ({ ...url, origin: comparableOrigin(source) }))
  // What is kept can be part of an origin, so the paths at which it is found decide that origin too.
  const readsKept = urls.some(({ source }) => namesOf(compileTemplate(source)).includes('kept'))
  return [
    ...addresses,
    ...(readsKept ? [other('keep', keptIn(auth, definition))] : []),
    ...customIn(auth, place),
    ...own.flatMap(([key, each]) => customIn(each, `auths.${key}`)),
  ]
}

const API: readonly Gift[] = ['access', 'user']
const LOGIN: readonly Gift[] = ['access', 'renewal', 'user']

interface Url extends Omit<Address, 'origin'> {
  source: string
}

/** @param baseUrl where the requests go that the auth signs */
function* urlsIn(auth: Auth, place: string, baseUrl: string): Generator<Url> {
  const at = (receiver: Receiver, gets: readonly Gift[], key: string, source: string | undefined): Url[] =>
    source === undefined ? [] : [{ place: `${place}.${key}`, receiver, gets, source }]
  const browser = (key: string, source: string | undefined) => at('browser', ['user'], key, source)
  if (auth.type === 'oauth2') {
    const gets = withClient(auth.clientAuth)
    yield* browser('authorizationUrl', auth.authorizationUrl)
    // It is no template, and its path may have any characters.
    yield* browser('issuer', URL.parse(auth.issuer ?? '')?.origin)
    yield* at('token', gets, 'tokenUrl', auth.tokenUrl)
    yield* at('token', gets, 'refreshUrl', auth.refreshUrl)
    yield* at('revocation', revocationGets(auth), 'revocation.url', auth.revocation?.url)
  } else if (auth.type === 'oauth1') {
    yield* browser('authorizationUrl', auth.authorizationUrl)
    yield* at('token', LOGIN, 'requestTokenUrl', auth.requestTokenUrl)
    yield* at('token', LOGIN, 'accessTokenUrl', auth.accessTokenUrl)
    // Each request has the secrets in it, not only a signature made with them (RFC 5849 section 3.4.4).
    if (auth.signature === 'PLAINTEXT') yield* at('token', [...LOGIN, 'client'], 'signature', baseUrl)
  } else if (auth.type === 'signature') {
    if (auth.method === 'aws_sigv4') yield* at('token', LOGIN, 'assumeRole.url', stsUrlOf(auth))
  } else if (auth.type === 'session_token') {
    for (const { step, place: keys } of loginStepsOf(auth)) {
      yield* at('token', LOGIN, [...keys, 'url'].join('.'), step.url)
      if (step.auth !== undefined) yield* urlsIn(step.auth, [place, ...keys, 'auth'].join('.'), step.url)
    }
  } else if (auth.type === 'selective') {
    for (const [index, option] of auth.options.entries())
      yield* urlsIn(option.auth, `${place}.options.${index}.auth`, baseUrl)
  }
}

/** What decides whether a private key is sent is compared by itself (`deciding`). */
function withClient(method: OAuth2['clientAuth']): readonly Gift[] {
  return method === 'none' ? LOGIN : [...LOGIN, 'client']
}

function revocationGets({ revocation, clientAuth }: OAuth2): readonly Gift[] {
  return withClient(revocation?.auth === 'token' ? 'none' : (revocation?.clientAuth ?? clientAuth))
}

function keptIn(auth: Auth, { afterConnect }: IntegrationDefinition): unknown {
  const oauth = auth.type === 'oauth2' ? [auth.tokenResponse?.keep, auth.callbackKeep] : []
  const login = auth.type === 'session_token' ? loginStepsOf(auth).map(({ step }) => step.keep) : []
  return [oauth, login.every((keep) => keep === undefined) ? [] : login, afterConnect]
}

/** A strategy of the deployment can read any address from its options. */
function customIn(auth: Auth, place: string): Address[] {
  if (auth.type === 'custom') return [other(place, [auth.strategy, auth.options ?? {}])]
  if (auth.type === 'session_token') {
    return loginStepsOf(auth).flatMap(({ step, place: keys }) =>
      step.auth === undefined ? [] : customIn(step.auth, [place, ...keys, 'auth'].join('.')),
    )
  }
  if (auth.type !== 'selective') return []
  return auth.options.flatMap((option, index) => customIn(option.auth, `${place}.options.${index}.auth`))
}

function other(place: string, value: unknown): Address {
  return { place, receiver: 'browser', gets: ['other'], origin: JSON.stringify(value) }
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
