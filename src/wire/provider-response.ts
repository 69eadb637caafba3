import { isAscii } from 'node:buffer'
import type { Egress, EgressRequest } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { isRawJson, parseJson } from '../kit/json.ts'

/** A response whose body was read completely. */
export interface ProviderResponse {
  status: number
  headers: Headers
  text: string
  /** The body as JSON, with numbers as kit/json.ts keeps them; parsed once. @throws JsonSyntaxError, JsonTooDeepError */
  json(): unknown
}

/**
 * A response whose body is decoded and parsed as JSON when that is first needed, and once.
 * @param parse parses it as `parseJson` does
 */
export function createProviderResponse(
  status: number,
  headers: Headers,
  body: string | Uint8Array,
  parse: (text: string) => unknown = parseJson,
): ProviderResponse {
  return new ReadResponse(status, headers, body, parse)
}

class ReadResponse implements ProviderResponse {
  readonly status: number
  readonly headers: Headers
  readonly #parse: (text: string) => unknown
  /** Bytes until they are decoded. */
  #body: string | Uint8Array
  #parsed: { value: unknown } | { error: unknown } | undefined

  constructor(status: number, headers: Headers, body: string | Uint8Array, parse: (text: string) => unknown) {
    this.status = status
    this.headers = headers
    this.#body = body
    this.#parse = parse
  }

  get text(): string {
    if (typeof this.#body !== 'string') this.#body = decodeUtf8(this.#body)
    return this.#body
  }

  // Can be called without its object.
  readonly json = (): unknown => {
    this.#parsed ??= tryParse(this.text, this.#parse)
    if ('error' in this.#parsed) throw this.#parsed.error
    return this.#parsed.value
  }
}

/** The text of UTF-8 without a byte order mark. Invalid bytes become U+FFFD. */
function decodeUtf8(bytes: Uint8Array): string {
  // Latin-1 has the same text and is decoded three times as fast.
  return isAscii(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    : new TextDecoder().decode(bytes)
}

function tryParse(text: string, parse: (text: string) => unknown): { value: unknown } | { error: unknown } {
  try {
    return { value: parse(text) }
  } catch (error) {
    return { error }
  }
}

/** The body as JSON; undefined when it is not JSON, or only a number. */
export function jsonOrUndefined(response: ProviderResponse): unknown {
  try {
    const value = response.json()
    return isRawJson(value) ? undefined : value
  } catch {
    return undefined
  }
}

/** The result of one request. */
export type Exchange =
  /** `body` is null when it is still to be read from the response. */
  | { response: EgressResponse; body: Uint8Array | null }
  /** There is no response, or none that can be read. */
  | { error: EgressError }

/**
 * Sends one request to a provider, and reads its response. Every request to a provider passes here, with the credential of a
 * connection (requests/send.ts) or to obtain one (wire/credential-request.ts).
 *
 * @param read reads the body; null: it is left to be read
 * @throws what `read` throws, except EgressError
 */
export async function exchange(
  egress: Egress,
  request: EgressRequest,
  read: (response: EgressResponse) => Promise<Uint8Array | null> | null,
): Promise<Exchange> {
  try {
    const response = await egress.send(request)
    const body = read(response)
    return { response, body: body === null ? null : await body }
  } catch (error) {
    if (error instanceof EgressError) return { error }
    throw error
  }
}

/**
 * Reads the body. The body of an error page that is too large or has an unknown encoding reads as an empty one, because its
 * status says enough.
 *
 * @throws EgressError
 */
export async function readBody(response: EgressResponse, maxBytes?: number): Promise<Uint8Array> {
  try {
    return await response.bytes(maxBytes)
  } catch (error) {
    const unreadable = error instanceof EgressError && (error.kind === 'too_large' || error.kind === 'bad_encoding')
    if (response.status >= 300 && unreadable) return new Uint8Array()
    throw error
  }
}
