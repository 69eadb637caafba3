import { isRecord } from '../../catalog/template/value.ts'
import { isRawJson, parseJson } from '../../kit/json.ts'

/** A request to the URL of a webhook. */
export interface WebhookRequest {
  method: string
  /** As the provider sent it to: LATCHKEY_PUBLIC_URL with the path and query. */
  url: string
  /** By their names in lower case. */
  headers: Readonly<Record<string, string>>
  query: Readonly<Record<string, string>>
  /** The body exactly as it was sent. */
  raw: Buffer
  /** The body as JSON, or the fields of a form, or text. It is parsed when it is first read. */
  readonly body: unknown
}

export function webhookRequest(request: Omit<WebhookRequest, 'body'>): WebhookRequest {
  let parsed: { body: unknown } | undefined
  return {
    ...request,
    get body() {
      parsed ??= { body: bodyOf(request) }
      return parsed.body
    },
  }
}

type Unparsed = Pick<WebhookRequest, 'raw' | 'headers'>

const isForm = ({ headers }: Unparsed) => /^\s*application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? '')

/** A form with more `&` is not parsed. Each field takes time and memory, however short it is. */
const MAX_FORM_SEPARATORS = 1_000
const SEPARATOR = '&'.charCodeAt(0)

/** Whether the body is a form with more fields than a provider sends. It is not parsed for that. */
export function hasTooManyFields(request: Unparsed): boolean {
  if (!isForm(request)) return false
  let at = -1
  for (let count = 0; count <= MAX_FORM_SEPARATORS; count += 1) {
    at = request.raw.indexOf(SEPARATOR, at + 1)
    if (at === -1) return false
  }
  return true
}

/** A body that is neither a form nor JSON is a text; an empty one is null. */
function bodyOf(request: Unparsed): unknown {
  const text = request.raw.toString('utf8')
  if (text.trim() === '') return null
  if (isForm(request)) return Object.fromEntries(new URLSearchParams(text))
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

/** The value as expressions read it: a number that JavaScript cannot hold is its text. */
export function readable(value: unknown): unknown {
  if (isRawJson(value)) return value.rawJSON
  if (Array.isArray(value)) return value.map(readable)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]))
}

/** A copy that PostgreSQL can store: NUL and halves of surrogate pairs, which it refuses, become U+FFFD. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (Array.isArray(value)) return value.map(storable)
  if (!isRecord(value) || isRawJson(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storable(item)]))
}

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

const REDACTED = '[redacted]'

/** Shorter secrets are left in the keys of objects, which are ordinary words. */
const MIN_KEY_SECRET_LENGTH = 8

/** A copy in which secrets are replaced wherever they stand in a text. Shorter ones than `minLength` occur by chance and are left. */
export function withoutSecrets(value: unknown, secrets: readonly string[], minLength: number): unknown {
  const hidden = secrets.filter(({ length }) => length >= minLength).toSorted((a, b) => b.length - a.length)
  if (hidden.length === 0) return value
  return redacted(
    value,
    hidden,
    hidden.filter(({ length }) => length >= MIN_KEY_SECRET_LENGTH),
  )
}

function redacted(value: unknown, secrets: readonly string[], inKeys: readonly string[]): unknown {
  if (typeof value === 'string') return redactedText(value, secrets)
  if (Array.isArray(value)) return value.map((item) => redacted(item, secrets, inKeys))
  if (isRawJson(value)) return secrets.some((secret) => value.rawJSON.includes(secret)) ? REDACTED : value
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redactedText(key, inKeys), redacted(item, secrets, inKeys)]),
  )
}

function redactedText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text)
}
