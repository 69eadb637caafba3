import { buildDraft } from '../auth/build-draft.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { OpenedConnection } from '../credentials/credential-row.ts'
import { InvalidInputError, UnsupportedError } from '../kit/errors.ts'
import { isRawJson, parseJson } from '../kit/json.ts'
import { PlacementConflictError } from '../wire/placement.ts'
import { type DraftBody, type SerializedRequest, serializeDraft } from '../wire/request-draft.ts'
import { type HeaderPair, passedRequestHeaders } from './headers.ts'

/** A request as a caller asks for it, before the connection's credential is in it. */
export interface CallerRequest {
  method: string
  /** Under the base URL, perhaps with a query; or a whole URL under it. */
  path: string
  /** Added to that of the path. */
  query?: readonly HeaderPair[]
  headers: readonly HeaderPair[]
  body?: DraftBody
  /** Bytes of a body that is a stream, where they are known. */
  contentLength?: number
  /** Sent where neither the caller nor the definition says what it accepts. */
  accept?: string
}

/** Of a body that has to be read as a whole because the credential goes into it or signs it. */
const MAX_GATHERED_BYTES = 10 * 1024 * 1024

/**
 * The caller's request with the connection's credential in it. What the credential sets (a header, a query parameter, a
 * field of a form or of JSON) is taken out of the caller's part: it is never an override.
 *
 * @throws InvalidInputError for a path that leads away from the base URL, for headers that cannot be sent, and for a body
 * of a kind that the credential cannot be put into; UnsupportedError where the credential cannot sign such a request
 */
export async function serializeCallerRequest(
  opened: OpenedConnection,
  request: CallerRequest,
): Promise<SerializedRequest> {
  let own: CallerRequest = { ...request, headers: passedRequestHeaders(request.headers) }
  for (;;) {
    try {
      return await serializeGathered(opened, own)
    } catch (error) {
      if (!(error instanceof PlacementConflictError)) throw error
      const without = withoutPlace(own, error)
      if (without === null) throw error
      own = without
    }
  }
}

async function serializeGathered({ definition, scope, authenticator }: OpenedConnection, request: CallerRequest) {
  const draft = await buildDraft(definition, { ...request, scope, authenticator })
  if (request.accept !== undefined && !draft.headers.has('accept')) draft.headers.set('accept', request.accept)
  return serializeDraft(draft)
}

/** Whether the request can be sent a second time. */
export function isRepeatable({ body }: CallerRequest): boolean {
  return body === undefined || body.type !== 'raw' || body.value instanceof Uint8Array
}

/**
 * Reads a streamed body as a whole where `failure` says that the credential needs it so.
 * @returns null when that would not help
 * @throws InvalidInputError when it is too long
 */
export async function gatheredFor(failure: unknown, request: CallerRequest): Promise<CallerRequest | null> {
  const { body } = request
  if (body?.type !== 'raw' || body.value instanceof Uint8Array || !needsWholeBody(failure)) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body.value) {
    bytes += chunk.byteLength
    if (bytes > MAX_GATHERED_BYTES) {
      const message = `The credential of this integration goes into the body, or signs it: it may have at most ${MAX_GATHERED_BYTES} bytes.`
      throw new InvalidInputError([{ path: ['body'], message }])
    }
    chunks.push(chunk)
  }
  const { contentLength: _known, ...rest } = request
  return { ...rest, body: { ...body, value: Buffer.concat(chunks) } }
}

function needsWholeBody(failure: unknown): boolean {
  if (failure instanceof UnsupportedError) return true
  return failure instanceof PlacementConflictError && ['form', 'json'].includes(placeOf(failure).kind)
}

function placeOf(conflict: PlacementConflictError): { kind: string; name: string[] } {
  const [kind = '', ...name] = conflict.fields[0]?.path ?? []
  return { kind, name }
}

/** The request without what stands in the credential's place; null when there is nothing of the caller's. */
function withoutPlace(request: CallerRequest, conflict: PlacementConflictError): CallerRequest | null {
  const { kind, name } = placeOf(conflict)
  const [first = ''] = name
  if (kind === 'header') return withoutHeader(request, first)
  if (kind === 'query') return withoutParameter(request, first)
  if (kind === 'form') return withoutFormField(request, first)
  return kind === 'json' ? withoutProperty(request, name) : null
}

function withoutHeader(request: CallerRequest, name: string): CallerRequest | null {
  const headers = request.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase())
  return headers.length === request.headers.length ? null : { ...request, headers }
}

/** Pair by pair, so that what stays is byte for byte what it was. */
function withoutParameter(request: CallerRequest, name: string): CallerRequest | null {
  const query = request.query?.filter(([key]) => key !== name)
  const mark = request.path.indexOf('?')
  const pairs = mark === -1 ? [] : request.path.slice(mark + 1).split('&')
  const kept = pairs.filter((pair) => !new URLSearchParams(pair).has(name))
  if (query?.length === request.query?.length && kept.length === pairs.length) return null
  const path = mark === -1 ? request.path : `${request.path.slice(0, mark)}?${kept.join('&')}`
  return { ...request, path, ...(query === undefined ? {} : { query }) }
}

function withoutFormField(request: CallerRequest, name: string): CallerRequest | null {
  const text = textOf(request, /^application\/x-www-form-urlencoded\b/i)
  if (text !== null) return { ...request, body: { type: 'form', value: new URLSearchParams(text) } }
  if (request.body?.type !== 'form' || !request.body.value.has(name)) return null
  const value = new URLSearchParams(request.body.value)
  value.delete(name)
  return { ...request, body: { type: 'form', value } }
}

function withoutProperty(request: CallerRequest, path: readonly string[]): CallerRequest | null {
  const text = textOf(request, /^application\/(?:[\w.+-]+\+)?json\b/i)
  if (text !== null) {
    try {
      return { ...request, body: { type: 'json', value: parseJson(text) } }
    } catch {
      throw new InvalidInputError([{ path: ['body'], message: 'The body says that it is JSON, and is not.' }])
    }
  }
  if (request.body?.type !== 'json') return null
  const value = without(request.body.value, path)
  return value === NOTHING_THERE ? null : { ...request, body: { type: 'json', value } }
}

const NOTHING_THERE = Symbol('nothing there')

/** A copy without what stands at the path, or stands in the way of what would. */
function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, key)) return NOTHING_THERE
  const { [key]: inner, ...others } = value
  if (rest.length === 0 || !isRecord(inner) || isRawJson(inner)) return others
  const less = without(inner, rest)
  return less === NOTHING_THERE ? NOTHING_THERE : { ...value, [key]: less }
}

/** The text of a body that is not parsed yet and says that it is of this type. */
function textOf({ body, headers }: CallerRequest, type: RegExp): string | null {
  if (body?.type !== 'raw' || !(body.value instanceof Uint8Array)) return null
  const contentType = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? body.contentType ?? ''
  return type.test(contentType) ? new TextDecoder().decode(body.value) : null
}
