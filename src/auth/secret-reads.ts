import type { Auth } from '../catalog/definition/auth.ts'
import { credentialFieldsOf, passwordTemplateOf, valueTemplateOf } from '../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { readsOfExpression } from '../catalog/template/expression-reads.ts'
import { compileTemplate, type Template } from '../catalog/template/template.ts'
import { isRecord, TemplateError } from '../catalog/template/value.ts'

/** Where what a template renders is sent: with requests to the API, with the credential's own requests, or with a revocation. */
type Receiver = 'api' | 'token' | 'revocation'

/** An expression that reads `config` or another name that may hold secrets. */
interface Read {
  path: readonly string[]
  receiver: Receiver
  /** Its syntax tree, and where in a URL it stands. */
  expression: string
  /** What it reads: the key of `config`, or the name itself. Undefined: all of `config`, or a computed key. */
  keys: (string | undefined)[]
  /** Whether it sends the whole of what it reads. */
  sendsWhole: boolean
  /** Whether what it sends is also removed from messages and responses that repeat it. */
  isRedacted: boolean
}

/** Secrets that templates of token requests and revocations read as `config`, whatever the fields of the definition are. */
const CLIENT_AND_TOKENS = ['client_secret', 'refresh_token', 'access_token', 'token']

/** Values that templates read as `config` although no definition declares them, and that are not secret. */
const ALWAYS_PUBLIC = ['client_id', 'auth_method']

/**
 * Places at which a definition reads a secret of stored credentials in a way that the one before it did not: what depends on a part of a
 * secret, such as `config.token | first` or `config.token == 'a'`, could show it bit by bit. A place that puts out a whole secret counts
 * only if its receiver did not get this secret before, because a response that repeats the whole is redacted.
 * @param sameReceiver whether the definition before had one origin for all of its addresses
 */
export function newSecretReads(
  before: IntegrationDefinition,
  after: IntegrationDefinition,
  sameReceiver: boolean,
): string[] {
  const known = readsIn(before)
  const had = new Set(known.map(idOf))
  const sent = new Set(known.filter((read) => read.sendsWhole).flatMap(sentBy))
  for (const each of clientAndTokensSent(before.auth)) sent.add(each)
  const everSent = new Set([...sent].map((each) => each.slice(each.indexOf(' ') + 1)))
  const isSecret = secretKeys(before, after)
  const wasSent = (receiver: Receiver, key: string | undefined) =>
    key !== undefined && (sameReceiver ? everSent.has(key) : sent.has(`${receiver} ${key}`))
  return readsIn(after)
    .filter((read) => {
      const secrets = read.keys.filter(isSecret)
      if (secrets.length === 0 || had.has(idOf(read))) return false
      return !read.isRedacted || secrets.some((key) => !wasSent(read.receiver, key))
    })
    .map(({ path }) => `the secret in ${path.join('.')}`)
}

function idOf({ path, expression }: Read): string {
  return JSON.stringify([path, expression])
}

function sentBy({ receiver, keys }: Read): string[] {
  return keys.map((key) => `${receiver} ${key}`)
}

/** A field that only the new definition has is not stored yet. A key that no field declares may be anything that is stored. */
function secretKeys(before: IntegrationDefinition, after: IntegrationDefinition) {
  const secretBefore = new Set(fieldsIn(before.auth).flatMap(({ name, secret }) => (secret === true ? [name] : [])))
  const declared = new Set([...fieldsIn(after.auth), ...(after.inputFields ?? [])].map(({ name }) => name))
  for (const name of ALWAYS_PUBLIC) declared.add(name)
  return (key: string | undefined): boolean =>
    key === undefined || CLIENT_AND_TOKENS.includes(key) || secretBefore.has(key) || !declared.has(key)
}

/** The fields of a credential, of every method. */
export function fieldsIn(auth: Auth): ReturnType<typeof credentialFieldsOf> {
  if (auth.type === 'selective') return auth.options.flatMap((option) => fieldsIn(option.auth))
  return credentialFieldsOf(auth)
}

/** What an OAuth client sends without a template, as `sentBy` writes it. A private key is not sent. */
function clientAndTokensSent(auth: Auth): string[] {
  if (auth.type === 'selective') return auth.options.flatMap((option) => clientAndTokensSent(option.auth))
  if (auth.type !== 'oauth2') return []
  const keys = (method: string | undefined) => [
    'refresh_token',
    ...(method === undefined || method.startsWith('client_secret') ? ['client_secret'] : []),
  ]
  const revoking = auth.revocation === undefined ? [] : keys(auth.revocation.clientAuth ?? auth.clientAuth)
  const all = auth.revocation === undefined ? [] : [...revoking, 'access_token', 'token']
  return [...keys(auth.clientAuth).map((key) => `token ${key}`), ...all.map((key) => `revocation ${key}`)]
}

interface Place {
  path: readonly string[]
  receiver: Receiver
  /** What is rendered becomes a signature or a part of one, or is shown to the browser, so it cannot be found again or is public. */
  isRedacted: boolean
}

/** The reads of all templates of a definition. It looks at every text, so that no place of a definition is forgotten. */
function readsIn(definition: IntegrationDefinition): Read[] {
  const explicit = { ...definition, auth: withValueTemplates(definition.auth) }
  return [...readsBelow(explicit, { path: [], receiver: 'api', isRedacted: true })]
}

/** With the templates that the definition leaves out. */
function withValueTemplates(auth: Auth): Auth {
  const value = valueTemplateOf(auth)
  if (auth.type === 'bearer') return { ...auth, token: value }
  if (auth.type === 'api_key') return { ...auth, value }
  if (auth.type === 'basic') return { ...auth, username: value, password: passwordTemplateOf(auth) }
  if (auth.type === 'selective') {
    return { ...auth, options: auth.options.map((option) => ({ ...option, auth: withValueTemplates(option.auth) })) }
  }
  return auth
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
  const isPublic = key === 'assertion' || key === 'clientId' || /^authorization[A-Z]/.test(key)
  return { path, receiver, isRedacted: place.isRedacted && !isPublic }
}

/** Whether an auth of the definition is at a path, and not the key of a header or of a JSON body that is called like one. */
function isAuth([first, ...path]: readonly string[]): boolean {
  if (first !== 'auth' || path.length === 0) return first === 'auth'
  if (path[0] === 'options' && path[2] === 'auth') return isAuth(path.slice(2))
  return path[0] === 'login' && path[1] === 'auth' && isAuth(path.slice(1))
}

function* readsOfText(source: string, place: Place): Generator<Read> {
  const template = source.includes('{{') ? templateOf(source) : undefined
  const { path, receiver, isRedacted } = place
  const isUrl = /^(?:path|url|.*Url)$/.test(path.at(-1) ?? '')
  let before = ''
  for (const part of template?.parts ?? []) {
    if ('text' in part) {
      before += part.text
      continue
    }
    const { names, isPlain } = readsOfExpression(part.source)
    if (names.length === 0) continue
    const inPath = isUrl && !before.includes('?')
    yield {
      path,
      receiver,
      expression: inPath ? `path ${part.source}` : part.source,
      keys: names.map(({ name, key }) => (name === 'config' ? key : name)),
      sendsWhole: isPlain && isRedacted,
      // A path keeps some characters as they are, so a secret in it may have none of the forms that are found.
      isRedacted: isPlain && isRedacted && (!inPath || (part.urlEncoded && !/^https?:/i.test(before))),
    }
  }
}

/** A text that is not a template, such as a description, may contain braces. */
function templateOf(source: string): Template | undefined {
  try {
    return compileTemplate(source)
  } catch (error) {
    if (error instanceof TemplateError) return undefined
    throw error
  }
}
