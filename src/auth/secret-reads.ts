import type { Auth } from '../catalog/definition/auth.ts'
import { credentialFieldsOf, withValueTemplates } from '../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { readsOfExpression } from '../catalog/template/expression-reads.ts'
import { templateIn } from '../catalog/template/template.ts'
import { isRecord } from '../catalog/template/value.ts'
import { addressesOf, sharedWays, type Way, waysOf } from './credential-addresses.ts'

/** Where what a template renders is sent: with requests to the API, with the credential's own requests, or with a revocation. */
type Receiver = 'api' | 'token' | 'revocation'

/** An expression that reads `config` or another name that may hold secrets. */
interface Read {
  path: readonly string[]
  receiver: Receiver
  /** Its syntax tree, and what precedes it in a URL, such as the name of its parameter. */
  expression: string
  /** What it reads: the key of `config`, or another name after a `$`. Undefined: all of `config`, or a computed key. */
  keys: (string | undefined)[]
  /** Whether it sends the whole of what it reads. */
  sendsWhole: boolean
  /** Whether what it sends is also removed from messages and responses that repeat it. */
  isRedacted: boolean
  /** Whether what it renders to is parsed, so that an error says something about it. */
  isParsed: boolean
}

/** Secrets that templates of token requests and revocations read as `config`, whatever the fields of the definition are. */
const CLIENT_AND_TOKENS = ['client_secret', 'refresh_token', 'access_token', 'token']

/** Values that templates read as `config` although no definition declares them, and that are not secret. */
const ALWAYS_PUBLIC = ['client_id', 'auth_method']

/**
 * Places at which a definition reads a secret of stored credentials in a way that the one before it did not: what depends on a part of a
 * secret, such as `config.token | first` or `config.token == 'a'`, could show it bit by bit. A whole secret outside of `auth`, such as in
 * the JSON of an action, could become content that the provider stores, publishes or transforms. A place of `auth` that puts out a whole
 * secret counts only if it is sent to an origin that did not get this secret before, because a response that repeats the whole is redacted.
 * @param isMoved whether an address has moved, so that nothing needs to be said about expressions that were there before
 */
export function newSecretReads(
  before: IntegrationDefinition,
  after: IntegrationDefinition,
  isMoved: boolean,
): string[] {
  const [known, now] = [readsIn(before), readsIn(after)]
  const had = new Set(known.map(idOf))
  const shared = new Map(sharedWays(before.auth, after.auth).map(({ key, old }) => [key, old]))
  const givenBy = (key: string, way: Way) => gotBy(before, way, known.filter(isReadBy(key)))
  const placements = [...waysOf(after.auth)].flatMap(([key, way]) =>
    known.some((read) => read.path[0] !== 'auth' && isReadBy(key)(read)) && becomesContent(shared.get(key), way)
      ? [`the secret in ${way.place}.placement`]
      : [],
  )
  const reads = [...waysOf(after.auth)]
    .flatMap(([key, way]) => {
      const old = shared.get(key)
      const isSecret = old === undefined ? isClientSecret : secretKeys(old.auth, way.auth, after.inputFields ?? [])
      const gots = old === undefined ? [...waysOf(before.auth)].map((each) => givenBy(...each)) : [givenBy(key, old)]
      const origins = originsByReceiver(after, way)
      return now.filter(isReadBy(key)).filter((read) => {
        const secrets = read.keys.filter(isSecret)
        const isKnown = had.has(idOf(read)) && !read.isParsed
        if (secrets.length === 0 || (isKnown && isMoved)) return false
        const receivers = origins.get(read.receiver) ?? []
        const everyGot = (what: keyof Got) =>
          secrets.every((secret) =>
            receivers.every((origin) => gots.some((got) => got[what].has(gift(origin, secret)))),
          )
        if (isKnown) return !everyGot(read.sendsWhole ? 'wholes' : 'anything')
        if (read.path[0] !== 'auth') return true
        return !read.isRedacted || receivers.length === 0 || secrets.includes(undefined) || !everyGot('wholes')
      })
    })
    .map(({ path }) => `the secret in ${path.join('.')}`)
  return [...placements, ...reads]
}

/**
 * Whether the credential is placed elsewhere in a body or a query than before. Where other templates read secrets too, the request may be
 * authenticated without it, so that it could become content.
 */
function becomesContent(old: Way | undefined, now: Way): boolean {
  const [before, after] = [old?.auth, now.auth].map((auth) =>
    auth !== undefined && 'placement' in auth ? auth.placement : undefined,
  )
  if (old === undefined || after === undefined || after.in === 'header' || after.in === 'cookie') return false
  return before?.in !== after.in || String(before.name) !== String(after.name)
}

function idOf({ path, expression }: Read): string {
  return JSON.stringify([path, expression])
}

/** Whether the credentials of a way of authenticating are read at a place. */
function isReadBy(way: string) {
  return ({ path }: Read): boolean => path[0] !== 'auth' || path[1] !== 'options' || path[2] === way
}

/** Nothing is stored yet for a way of authenticating that is new, except the client of the integration. */
function isClientSecret(key: string | undefined): boolean {
  return key === undefined || key === 'client_secret'
}

interface Got {
  /** The whole secrets that origins get, as `gift` writes them. */
  wholes: Set<string>
  /** The same, and the secrets of which they get a part or a signature. */
  anything: Set<string>
}

function gift(origin: string, key: string | undefined): string {
  return JSON.stringify([origin, key])
}

function gotBy(definition: IntegrationDefinition, way: Way, reads: readonly Read[]): Got {
  const origins = originsByReceiver(definition, way)
  const gifts = (receiver: Receiver, keys: readonly (string | undefined)[]) =>
    (origins.get(receiver) ?? []).flatMap((origin) => keys.map((key) => gift(origin, key)))
  const wholes = new Set([
    ...reads.filter(({ sendsWhole }) => sendsWhole).flatMap(({ receiver, keys }) => gifts(receiver, keys)),
    ...clientAndTokensSent(way.auth).flatMap(({ receiver, keys }) => gifts(receiver, keys)),
  ])
  return { wholes, anything: new Set([...wholes, ...reads.flatMap(({ receiver, keys }) => gifts(receiver, keys))]) }
}

function originsByReceiver(definition: IntegrationDefinition, way: Way): Map<string, string[]> {
  const origins = new Map<string, string[]>()
  for (const { receiver, origin } of addressesOf(definition, way)) {
    origins.set(receiver, [...(origins.get(receiver) ?? []), origin])
  }
  return origins
}

/**
 * A field that only the new definition has is not stored yet. A key that no field declares may be anything that is stored. The fields of
 * a custom strategy are not in the definition, so each of its keys may be secret.
 */
function secretKeys(before: Auth, after: Auth, inputFields: readonly { name: string }[]) {
  const secretBefore = new Set(secretFieldsOf(before))
  const declared = new Set([...credentialFieldsOf(after), ...inputFields].map(({ name }) => name))
  for (const name of ALWAYS_PUBLIC) declared.add(name)
  const isCustom = before.type === 'custom' || after.type === 'custom'
  return (key: string | undefined): boolean =>
    key === undefined || isCustom || CLIENT_AND_TOKENS.includes(key) || secretBefore.has(key) || !declared.has(key)
}

export function secretFieldsOf(auth: Auth): string[] {
  return credentialFieldsOf(auth).flatMap(({ name, secret }) => (secret === true ? [name] : []))
}

/** What an OAuth client sends without a template. A private key is not sent. */
function clientAndTokensSent(auth: Auth): { receiver: Receiver; keys: string[] }[] {
  if (auth.type !== 'oauth2') return []
  const keys = (method: string | undefined) => [
    'refresh_token',
    ...(method === undefined || method.startsWith('client_secret') ? ['client_secret'] : []),
  ]
  const { revocation } = auth
  const sent: { receiver: Receiver; keys: string[] }[] = [{ receiver: 'token', keys: keys(auth.clientAuth) }]
  if (revocation !== undefined) {
    const method = revocation.auth === 'token' ? 'none' : (revocation.clientAuth ?? auth.clientAuth)
    sent.push({ receiver: 'revocation', keys: [...keys(method), 'access_token', 'token'] })
  }
  return sent
}

interface Place {
  path: readonly string[]
  receiver: Receiver
  /** What is rendered becomes a signature or a part of one, or is shown to the browser, so it cannot be found again or is public. */
  isRedacted: boolean
}

/**
 * The reads of all templates of a definition. It looks at every text, so that no place of a definition is forgotten. The templates of its
 * webhook read the request that a provider sends, and no value of a connection.
 */
function readsIn({ webhook: _, ...definition }: IntegrationDefinition): Read[] {
  const explicit = { ...definition, auth: withValueTemplates(definition.auth) }
  return [...readsBelow(explicit, { path: [], receiver: 'api', isRedacted: true })]
}

function* readsBelow(value: unknown, place: Place): Generator<Read> {
  if (typeof value === 'string') yield* readsOfText(value, place)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* readsBelow(item, below(place, nameOfItem(item) ?? `${index}`))
  } else if (isRecord(value)) {
    const inside = insideOf(value, place)
    for (const [key, item] of Object.entries(value)) yield* readsBelow(item, below(inside, key))
  }
}

/** Streams and methods keep their place when others are added before them. */
function nameOfItem(item: unknown): string | undefined {
  const name = isRecord(item) ? (item['name'] ?? item['key']) : undefined
  return typeof name === 'string' ? name : undefined
}

function insideOf({ type }: Readonly<Record<string, unknown>>, place: Place): Place {
  if (!isAuth(place.path)) return place
  const signs = type === 'jwt' || type === 'signature'
  return {
    ...place,
    receiver: type === 'oauth2' || type === 'oauth1' ? 'token' : place.receiver,
    isRedacted: place.isRedacted && !signs,
  }
}

function below(place: Place, key: string): Place {
  const path = [...place.path, key]
  if (!isAuth(place.path)) return { ...place, path }
  const receiver = key === 'login' ? 'token' : key === 'revocation' ? 'revocation' : place.receiver
  // Nothing redacts what a client certificate shows: the server sees it, and errors say when it expired.
  const isPublic =
    key === 'assertion' || key === 'clientId' || key === 'clientCertificate' || /^authorization[A-Z]/.test(key)
  return { path, receiver, isRedacted: place.isRedacted && !isPublic }
}

/** Whether an auth of the definition is at a path, and not the key of a header or of a JSON body that is called like one. */
function isAuth([first, ...path]: readonly string[]): boolean {
  if (first === 'auths' && path.length > 0) return isAuth(['auth', ...path.slice(1)])
  if (first !== 'auth' || path.length === 0) return first === 'auth'
  if (path[0] === 'options' && path[2] === 'auth') return isAuth(path.slice(2))
  if (path[0] !== 'login') return false
  // A login of several requests is a list.
  const below = /^\d+$/.test(path[1] ?? '') ? path.slice(2) : path.slice(1)
  return below[0] === 'auth' && isAuth(below)
}

function* readsOfText(source: string, place: Place): Generator<Read> {
  const template = source.includes('{{') ? templateIn(source) : undefined
  const { path, receiver, isRedacted } = place
  const isParsed = path[0] === 'streams' && path[2] === 'incremental' && path.at(-1) === 'start'
  const isUrl = /^(?:path|url|.*Url)$/.test(path.at(-1) ?? '')
  let before = ''
  let preceding = ''
  for (const part of template?.parts ?? []) {
    if ('text' in part) {
      before += part.text
      preceding += part.text
      continue
    }
    const expression = isUrl ? `${preceding} ${part.source}` : part.source
    preceding += part.source
    const { names, isPlain } = readsOfExpression(part.source)
    if (names.length === 0) continue
    const inPath = isUrl && !before.includes('?')
    yield {
      path,
      receiver,
      expression,
      keys: names.map(({ name, key }) => (name === 'config' ? key : name === 'token' ? name : `$${name}`)),
      sendsWhole: isPlain && isRedacted,
      // A path keeps some characters as they are, so a secret in it may have none of the forms that are found.
      isRedacted: isPlain && isRedacted && !isParsed && (!inPath || (part.urlEncoded && !/^https?:/i.test(before))),
      isParsed,
    }
  }
}
