import { secretsMadeBy } from '../auth/template-secrets.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import type { ByteRedactor } from '../kit/byte-redactor.ts'
import { SearchBudget } from '../kit/byte-search.ts'
import { isRawJson } from '../kit/json.ts'
import { MIN_SECRET_LENGTH, redactSecrets } from '../kit/redact.ts'
import { joinSecrets } from '../kit/redactors.ts'
import type { SerializedRequest } from '../wire/request-draft.ts'
import { queryPlacements } from './credential-in-url.ts'
import type { HeaderPair } from './headers.ts'

/** Types of bodies that are not text. Everything else is redacted, also a body without a type. */
const BINARY =
  /^(?:image\/(?!svg)|audio\/|video\/|font\/|model\/|application\/(?:octet-stream|pdf|zip|gzip|zstd|x-(?:gzip|tar|bzip2?|7z-compressed|rar-compressed|xz|protobuf|msgpack|font-\w+|sqlite3)|java-archive|wasm|protobuf|msgpack|cbor|grpc|avro|epub|rtf|msword))/i

/** Files of vendors that are not text. Most types of vendors are, such as those that name the version of an API. */
const BINARY_OF_VENDORS =
  /^application\/vnd\.(?:openxmlformats-officedocument|ms-(?:excel|powerpoint|word|project|outlook|visio|cab-compressed|fontobject)|oasis\.opendocument|sun\.xml|visio|rar|sqlite3|android\.package-archive|apple\.(?:pkpass|pages|numbers|keynote|installer)|debian\.binary-package|amazon\.(?:ebook|eventstream)|google-earth\.kmz|google\.protobuf|apache\.(?:parquet|arrow|avro|thrift)|mapbox-vector-tile|tcpdump\.pcap|iccprofile)/i

/** Whether a body of this Content-Type is redacted: JSON, XML and other text. */
export function isTextType(contentType: string | null): boolean {
  const type = (contentType ?? '').trim()
  if (/^[^;]*\+(?:json|xml|yaml)\b/i.test(type)) return true
  return !BINARY.test(type) && !BINARY_OF_VENDORS.test(type) && !/^[^;]*\+(?:zip|gzip|zstd|cbor|protobuf)\b/i.test(type)
}

/**
 * A JSON value without the secrets in its texts, names and numbers, however the JSON has escaped them. A number that contains a
 * secret becomes a text.
 */
export function redactJson(value: unknown, redactor: ByteRedactor): unknown {
  const budget = new SearchBudget()
  const inText = (text: string): string => {
    // One UTF-16 unit has three bytes in UTF-8 at most.
    if (3 * text.length < redactor.shortest) return text
    const bytes = Buffer.from(text)
    const redacted = redactor.redact(bytes, budget)
    return redacted === bytes ? text : new TextDecoder().decode(redacted)
  }
  const visit = (item: unknown): unknown => {
    if (typeof item === 'string') return inText(item)
    if (typeof item === 'number' || isRawJson(item)) {
      const digits = typeof item === 'number' ? String(item) : item.rawJSON
      const redacted = inText(digits)
      return redacted === digits ? item : redacted
    }
    if (Array.isArray(item)) return item.map(visit)
    if (!isRecord(item)) return item
    return Object.fromEntries(Object.entries(item).map(([name, inner]) => [inText(name), visit(inner)]))
  }
  return visit(value)
}

/**
 * Shorter values that a credential sets for itself, such as timestamps, are not secret and occur in ordinary data. Values that are
 * made from a secret by a template are secret at any length (auth/template-secrets.ts).
 */
const MIN_SENT_LENGTH = 20

/** The last list of each credential. Some credentials make another array of the same secrets for each request. */
const lists = new WeakMap<OpenedConnection['authenticator'], readonly string[]>()

/**
 * The secrets of the credential, and what templates make from them.
 * @param headerTemplates of the request; those of the definition are known
 * @returns the same list as long as its content is the same
 * @throws TemplateError (`fault: 'limit'`)
 */
function secretsOfConnection(
  { authenticator, definition, scope }: OpenedConnection,
  headerTemplates: Readonly<Record<string, string>>,
): readonly string[] {
  const { secrets } = authenticator
  const made = secretsMadeBy([definition, headerTemplates], secrets, scope)
  const last = lists.get(authenticator)
  if (made.size === 0 && (last === undefined || last === secrets)) {
    lists.set(authenticator, secrets)
    return secrets
  }
  const all = [...secrets, ...made]
  if (last !== undefined && last.length === all.length && last.every((secret, index) => secret === all[index]))
    return last
  const list = joinSecrets(secrets, [...made])
  lists.set(authenticator, list)
  return list
}

const NO_TEMPLATES: Readonly<Record<string, string>> = {}
const NO_NAMES: ReadonlySet<string> = new Set()

function lowerCaseNames(...headers: readonly (Readonly<Record<string, string>> | undefined)[]): ReadonlySet<string> {
  return new Set(headers.flatMap((each) => Object.keys(each ?? NO_TEMPLATES).map((name) => name.toLowerCase())))
}

/**
 * The secrets that a response may echo: those of the credential, what the templates of the definition make from them, and what was
 * derived from them and sent with this request, such as the value of the Authorization header or a signature.
 */
export function secretsOfRequest(
  opened: OpenedConnection,
  { headers, url, credentialHeaders }: SerializedRequest,
  headerTemplates: Readonly<Record<string, string>> = NO_TEMPLATES,
): readonly string[] {
  const { definition } = opened
  const secrets = secretsOfConnection(opened, headerTemplates)
  let derived: Set<string> | undefined
  const isKnown = (value: string) => secrets.includes(value)
  const add = (value: string) => {
    if (value.length < MIN_SENT_LENGTH || isKnown(value)) return
    derived ??= new Set()
    derived.add(value)
  }
  let templates: ReadonlySet<string> | undefined
  for (const [name, value] of headers) {
    if (!credentialHeaders.includes(name)) continue
    templates ??=
      definition.headers === undefined && headerTemplates === NO_TEMPLATES
        ? NO_NAMES
        : lowerCaseNames(definition.headers, headerTemplates)
    if (templates.has(name)) continue
    for (const part of name === 'cookie'
      ? value.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1))
      : [value]) {
      const withoutScheme = part.slice(part.indexOf(' ') + 1)
      // `Bearer <token>` needs no form of its own: the token is found in it.
      if (isKnown(withoutScheme)) continue
      add(withoutScheme)
    }
  }
  const inQuery = queryPlacements(definition.auth)
  if (inQuery.size > 0) {
    for (const [name, value] of new URL(url).searchParams) if (inQuery.has(name)) add(value)
  }
  return derived === undefined ? secrets : joinSecrets(secrets, [...derived])
}

/**
 * A message of Latchkey's own without the secrets in the host name that it mentions: of the base URL, whose template may read a secret
 * field, or of a redirect. Host names are in lower case.
 */
export function withoutHostSecrets(message: string, secrets: readonly string[]): string {
  const lowerCase = message.toLowerCase()
  const found = secrets.map((secret) => secret.toLowerCase()).filter((secret) => lowerCase.includes(secret))
  return found.some((secret) => secret.length >= MIN_SECRET_LENGTH) ? redactSecrets(message, found, 1000) : message
}

const BYTE_RANGE = /^\s*bytes\s*=/i

/** `Range`, and what Apache and Azure Storage take for it. */
const RANGE_HEADERS = new Set(['range', 'request-range', 'x-ms-range'])

export function asksForBytes(headers: readonly HeaderPair[]): boolean {
  return headers.some(([name, value]) => RANGE_HEADERS.has(name.toLowerCase()) && BYTE_RANGE.test(value))
}

/**
 * The headers without a request for a part of the bytes (RFC 9110 section 14.2): with parts that are shorter than a secret, a
 * caller could read it piece by piece. Ranges of other units, by which some APIs page, are kept.
 */
export function withoutByteRange(headers: readonly HeaderPair[]): readonly HeaderPair[] {
  if (!asksForBytes(headers)) return headers
  return headers.filter(([name]) => !RANGE_HEADERS.has(name.toLowerCase()) && name.toLowerCase() !== 'if-range')
}
