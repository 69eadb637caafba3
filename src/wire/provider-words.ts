import { type Path, readPath } from '../catalog/definition/path.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { ProviderWords } from '../kit/errors.ts'
import { isRawJson } from '../kit/json.ts'
import { redactSecrets } from '../kit/redact.ts'
import type { ProviderReply } from './provider-reply.ts'

/** Where an answer says what is wrong; the definition's own paths win. */
export interface ErrorPaths {
  error?: Path
  errorDescription?: Path
}

const codePaths: readonly Path[] = [
  ['error'],
  ['error', 'type'],
  ['error', 'status'],
  ['error', 'code'],
  ['error_code'],
]
const descriptionPaths: readonly Path[] = [
  ['error_description'],
  ['error', 'message'],
  ['message'],
  ['detail'],
  ['errors', 0, 'message'],
  ['error_message'],
]

/** The code of an error (RFC 6749 section 5.2), as text. `null`, `false`, 0 and an empty text are no error. */
export function errorCodeOf(body: unknown, path?: Path): string | undefined {
  return firstText(body, path === undefined ? codePaths : [path, ...codePaths])
}

export function errorDescriptionOf(body: unknown, path?: Path): string | undefined {
  return firstText(body, path === undefined ? descriptionPaths : [path, ...descriptionPaths])
}

function firstText(body: unknown, paths: readonly Path[]): string | undefined {
  for (const path of paths) {
    const value = readPath(body, path)
    if (typeof value === 'string' && value.trim() !== '' && value !== '0') return value
    if (typeof value === 'number' && value !== 0) return String(value)
    if (isRawJson(value)) return value.rawJSON
  }
  return undefined
}

/**
 * What the provider said, in its own words, without the given secrets and without whatever its answer names as a token
 * or a secret. A text that is no JSON is told only with an error status: with a good one it may be a token.
 */
export function wordsOf(reply: ProviderReply, paths: ErrorPaths, secrets: readonly string[]): ProviderWords {
  const hidden = [...secrets, ...secretsIn(reply.body)]
  const code = errorCodeOf(reply.body, paths.error)
  const page = reply.body === undefined && reply.status >= 400 ? reply.text.slice(0, 20_000).trim() : ''
  const description = errorDescriptionOf(reply.body, paths.errorDescription) ?? (page === '' ? undefined : page)
  return {
    providerStatus: reply.status,
    ...(code === undefined ? {} : { providerError: redactSecrets(code, hidden) }),
    ...(description === undefined ? {} : { providerErrorDescription: redactSecrets(description, hidden) }),
  }
}

const secretName = /token|secret|password|assertion|api_?key/i
const aboutSecret = /type|expir|scope|error/i

function* secretsIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* secretsIn(item)
  if (!isRecord(value)) return
  for (const [name, item] of Object.entries(value)) {
    if (typeof item !== 'string') yield* secretsIn(item)
    else if (secretName.test(name) && !aboutSecret.test(name)) yield item
  }
}
