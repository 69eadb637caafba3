import { type Path, readPath } from '../catalog/definition/path.ts'
import type { ProviderWords } from '../kit/errors.ts'
import { isRawJson, stringifyJson } from '../kit/json.ts'
import { joinSecrets, textRedactorOf } from '../kit/redactors.ts'
import { jsonOrUndefined, type ProviderResponse } from './provider-response.ts'
import { secretsIn } from './response-secrets.ts'

/** Where providers put the code of an error, in order of preference. */
const CODE_PATHS: readonly Path[] = [
  ['error'],
  ['error', 'type'],
  ['error', 'status'],
  ['error', 'code'],
  ['error_code'],
]
/** Strava, Fitbit, HubSpot, Microsoft, Twitter and others. */
const OTHER_CODE_PATHS: readonly Path[] = [
  ...CODE_PATHS,
  ['error_type'],
  ['errorCode'],
  ['code'],
  ['status'],
  ['suberror'],
  ['error', 'reason'],
  ['errors', 0, 'code'],
  ['errors', 0, 'errorType'],
]
/** Where providers put the text of an error, in order of preference. */
const DESCRIPTION_PATHS: readonly Path[] = [
  ['error_description'],
  ['error', 'message'],
  ['message'],
  ['detail'],
  ['errors', 0, 'message'],
  ['error_message'],
]

/** Paths of a definition; they are looked at before the usual ones. */
interface ErrorPaths {
  error?: Path | undefined
  errorDescription?: Path | undefined
}

/** The error code (RFC 6749 section 5.2) in a body. `null`, `false`, 0 and an empty string mean that there is none. */
export function errorCodeOf(body: unknown, path?: Path): string | undefined {
  return firstText(body, path === undefined ? CODE_PATHS : [path, ...CODE_PATHS])
}

/**
 * Every text at a place where providers put the code of an error, besides the one that `errorCodeOf` finds. Only for comparison
 * with known codes: a successful response has other texts there too.
 */
export function possibleErrorCodes(body: unknown): string[] {
  return OTHER_CODE_PATHS.map((path) => firstText(body, [path])).filter((text) => text !== undefined)
}

/** The code of the error in a failed response of an API, without the secrets. */
export function responseErrorCode(response: ProviderResponse, secrets: readonly string[]): string | undefined {
  const body = jsonOrUndefined(response)
  const code = errorCodeOf(body) ?? possibleErrorCodes(body)[0]
  return code === undefined ? undefined : textRedactorOf(secrets).redact(code)
}

/** The text of the error in a body. */
export function errorDescriptionOf(body: unknown, path?: Path): string | undefined {
  return firstText(body, path === undefined ? DESCRIPTION_PATHS : [path, ...DESCRIPTION_PATHS])
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

/** A body without content. */
const EMPTY = /^(?:\{\s*\}|\[\s*\]|null|""|)$/

/**
 * What a failed response of an API says, as one text without the secrets: its description, an `error` that is text, or the
 * whole body.
 *
 * @param paths where the definition says that the words and the code are. Words that are not text are given as JSON. The code stands
 * before the words (`code: words`), because only one text is stored of an error of an API
 */
export function responseMessage(
  response: ProviderResponse,
  paths: { message?: Path | undefined; code?: Path | undefined },
  secrets: readonly string[],
): string | undefined {
  const body = jsonOrUndefined(response)
  const declared = paths.message === undefined ? undefined : readPath(body, paths.message)
  const description = firstText(declared, [[]]) ?? (declared == null ? undefined : stringifyJson(declared))
  const text = description ?? errorDescriptionOf(body) ?? firstText(body, [['error']])
  const code = paths.code === undefined ? undefined : firstText(body, [paths.code])
  const words = text ?? (code === undefined ? response.text.trim() : '')
  const page = code === undefined || code === words ? words : [code, words].filter((part) => part !== '').join(': ')
  return EMPTY.test(page) ? undefined : textRedactorOf(secrets).redact(page)
}

/**
 * What a response to a login or a token request says. The given secrets and whatever the body names as a token or a secret
 * are removed. A text that is not JSON is used only with an error status, because with another status it may be a token. Of a body
 * that names more tokens than can be removed, no text is used.
 *
 * @param response `body`: the parsed body; undefined when it is neither JSON nor a form
 */
export function providerWords(
  response: { status: number; text: string; body: unknown },
  paths: ErrorPaths,
  secrets: readonly string[],
): ProviderWords {
  const { status, text, body } = response
  const named = secretsIn(body)
  if (named === null) return { providerStatus: status }
  const redactor = textRedactorOf(joinSecrets(secrets, named))
  const code = errorCodeOf(body, paths.error)
  const page = body === undefined && status >= 400 ? text.trim() : ''
  const description = errorDescriptionOf(body, paths.errorDescription) ?? (page === '' ? undefined : page)
  return {
    providerStatus: status,
    ...(code === undefined ? {} : { providerError: redactor.redact(code) }),
    ...(description === undefined ? {} : { providerErrorDescription: redactor.redact(description) }),
  }
}
