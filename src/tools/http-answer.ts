import { isUtf8 } from 'node:buffer'
import type { EgressResponse } from '../egress/egress-response.ts'
import { parseJson } from '../kit/json.ts'
import { passedResponseHeaders } from '../requests/headers.ts'

/** A provider's answer as the API tells it. */
export interface HttpAnswer {
  status: number
  /** By name in lower case, without those of the connection, and without cookies. */
  headers: Record<string, string>
  /** Where it is JSON; numbers as lossless-json.ts has them. */
  body: unknown
  /** Where it is not; null also when there is none, or it is no text. */
  text: string | null
  /** Why there is neither. */
  details: { binary: true; bytes: number; hint: string } | null
}

const JSON_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+)?json\b/i

/** @param body decoded, the whole of it */
export function httpAnswerOf(response: EgressResponse, body: Uint8Array, secrets: readonly string[]): HttpAnswer {
  const { status, headers } = response
  const answer = { status, headers: Object.fromEntries(passedResponseHeaders(headers, secrets)) }
  if (body.byteLength === 0) return { ...answer, body: null, text: null, details: null }
  if (!isUtf8(body)) return { ...answer, body: null, text: null, details: binary(body) }
  const text = new TextDecoder().decode(body)
  const contentType = headers.get('content-type') ?? ''
  if (contentType === '' || JSON_TYPE.test(contentType)) {
    const json = jsonOf(text)
    if (json !== undefined) return { ...answer, body: json, text: null, details: null }
  }
  return { ...answer, body: null, text, details: null }
}

/** Undefined: it only says that it is JSON, or is nested too deep. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function binary(body: Uint8Array): HttpAnswer['details'] {
  const hint = 'The body is no text in UTF-8. Read it through /proxy/<connection id>/<path>, byte for byte.'
  return { binary: true, bytes: body.byteLength, hint }
}
