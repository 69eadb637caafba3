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

/** A response whose text is parsed as JSON when it is first needed, and once. */
export function createProviderResponse(status: number, headers: Headers, text: string): ProviderResponse {
  let parsed: { value: unknown } | { error: unknown } | undefined
  return {
    status,
    headers,
    text,
    json() {
      parsed ??= tryParse(text)
      if ('error' in parsed) throw parsed.error
      return parsed.value
    },
  }
}

function tryParse(text: string): { value: unknown } | { error: unknown } {
  try {
    return { value: parseJson(text) }
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

/**
 * Reads the body as text. The body of an error page that is too large or has an unknown encoding reads as an empty string,
 * because its status says enough.
 *
 * @throws EgressError
 */
export async function readResponseText(response: EgressResponse, maxBytes?: number): Promise<string> {
  try {
    return await response.text(maxBytes)
  } catch (error) {
    const unreadable = error instanceof EgressError && (error.kind === 'too_large' || error.kind === 'bad_encoding')
    if (response.status >= 300 && unreadable) return ''
    throw error
  }
}
