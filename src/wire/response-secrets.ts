import { type Path, readPath } from '../catalog/definition/path.ts'
import { isHarmlessName, isSecretName } from '../catalog/definition/secret-name.ts'
import { isRecord } from '../catalog/template/value.ts'
import { createByteSearch, SearchBudget } from '../kit/byte-search.ts'
import { isRawJson, parseJson, stringifyJson } from '../kit/json.ts'
import { joinSecrets, textRedactorOf } from '../kit/redactors.ts'

/** Shorter texts occur in others by chance. */
const MIN_SECRET_LENGTH = 4

/** How often texts that contain JSON or a form are opened. */
const MAX_NESTED_TEXTS = 3

/** A parameter of a form or of a URL. The name must be short, so that a long text takes time in proportion to its length. */
const PARAMETER = /(?:^|[?&#;\s])([\w.-]{1,100})=([^&#;\s]+)/g

/** More secrets, or longer ones together (in UTF-16 units), take too long to search for. */
const MAX_NAMED_SECRETS = 50
const MAX_NAMED_LENGTH = 65_536

/**
 * The texts that a response has under the name of a secret, such as `id_token`, at any depth, also inside of texts that are JSON, a form or
 * a URL. Null when they are too many or too long to be removed from a text.
 */
export function secretsIn(value: unknown): string[] | null {
  return collectSecrets(value, { alsoBelowNames: false })
}

/**
 * @param options.alsoBelowNames whether every text inside of a value that has the name of a secret counts too:
 * `{ "token": { "value": "…" } }`
 */
function collectSecrets(body: unknown, { alsoBelowNames }: { alsoBelowNames: boolean }): string[] | null {
  const found = new Set<string>()
  let length = 0
  /** @returns false when there are too many */
  const add = (secret: string): boolean => {
    if (found.has(secret)) return true
    found.add(secret)
    length += secret.length
    return found.size <= MAX_NAMED_SECRETS && length <= MAX_NAMED_LENGTH
  }
  const visitText = (text: string, nested: number): boolean => {
    if (nested === 0) return true
    if (/^\s*[[{"]/.test(text)) {
      const parsed = jsonIn(text)
      return parsed === undefined || visit(parsed, nested - 1, false)
    }
    if (!text.includes('=')) return true
    for (const [, name = '', value = ''] of text.matchAll(PARAMETER)) {
      if (isSecretName(name) && !(add(value) && add(decoded(value)))) return false
    }
    return true
  }
  const visit = (value: unknown, nested: number, isBelow: boolean): boolean => {
    if (typeof value === 'string') return (!isBelow || add(value)) && visitText(value, nested)
    if (Array.isArray(value)) return value.every((item) => visit(item, nested, isBelow))
    if (!isRecord(value)) return true
    return Object.entries(value).every(([name, item]) => {
      const isSecret = isSecretName(name)
      if (isSecret && typeof item === 'string' && !add(item)) return false
      return visit(item, nested, alsoBelowNames && (isSecret || (isBelow && !isHarmlessName(name))))
    })
  }
  return visit(body, MAX_NESTED_TEXTS, false) ? [...found] : null
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return value
  }
}

const MAX_KEPT_BYTES = 16 * 1024

/** Thousands of paths can lead to the same large value, so what is examined of a response has a limit. As JSON. */
const MAX_EXAMINED_BYTES = 2 * 1024 * 1024

/** A shorter text occurs in a secret by chance, such as the data center at the end of a key. In UTF-16 units. */
const MIN_PART = 8

/**
 * Reads the values to keep from a response. Everyone who sees the connection sees them, so a value is left out that equals, contains or is
 * a part of a secret: of one of the given ones, or of one that the response names as such. A value of more than 16 KiB is left out too.
 * @param secrets the credential, or the tokens of the response
 */
export function readKept(
  body: unknown,
  paths: Readonly<Record<string, Path>>,
  secrets: readonly string[],
): Record<string, unknown> {
  if (Object.keys(paths).length === 0) return {}
  const named = collectSecrets(body, { alsoBelowNames: true })
  if (named === null) return {}
  const showsSecret = secretTest(secrets, named)
  const kept: Record<string, unknown> = {}
  let budget = MAX_EXAMINED_BYTES
  for (const [name, path] of Object.entries(paths)) {
    const found = readPath(body, path)
    const value = isRawJson(found) ? found.rawJSON : found
    if (value === undefined || value === null) continue
    const bytes = Buffer.byteLength(stringifyJson(value))
    budget -= bytes
    if (budget < 0) break
    if (bytes <= MAX_KEPT_BYTES && !showsSecret(value)) kept[name] = value
  }
  return kept
}

/**
 * A test whether a JSON value equals, contains or is a part of a secret, or has a secret of its own.
 * @param secrets also found in the forms that `redactSecrets` knows, like `named`
 */
export function secretTest(secrets: readonly string[], named: Iterable<string> = []): (value: unknown) => boolean {
  const list = joinSecrets(secrets, [...named])
  const all = new Set(list)
  all.delete('')
  const redactor = textRedactorOf(list)
  const joined = Buffer.from([...all].filter((secret) => secret.length >= MIN_SECRET_LENGTH).join('\0'))
  return (value) => {
    const texts = textsIn(value)
    if (texts.some((text) => all.has(text))) return true
    if (redactor.finds(texts.join('\n')) || redactor.finds(stringifyJson(value))) return true
    // An id of digits is a part of the tokens of some providers, and no secret.
    const parts = texts.filter((text) => text.length >= MIN_PART && !/^\d+$/.test(text))
    if (createByteSearch(parts.map((text) => Buffer.from(text))).finds(joined, new SearchBudget())) return true
    const own = secretsIn(value)
    return own === null || own.length > 0
  }
}

/** The texts and numbers in a JSON value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  if (isRawJson(value)) return [value.rawJSON]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : []
}
