import { isUtf8 } from 'node:buffer'
import type { Caller } from '../access/caller.ts'
import { isRecord } from '../catalog/template/value.ts'
import { assertMayRequest } from '../connections/lookups.ts'
import { type Resolution, resolveConnection } from '../connections/resolve-connection.ts'
import type { Broker } from '../credentials/broker.ts'
import type { Database } from '../db/database.ts'
import { DEFAULT_MAX_BYTES } from '../egress/egress.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { type FieldError, InvalidInputError, ProviderError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { parseJson, stringifyJson } from '../kit/json.ts'
import { type HeaderPair, passedResponseHeaders } from '../requests/headers.ts'
import { type AuthenticatedRequests, storedConnection } from '../requests/send.ts'
import type { DraftBody } from '../wire/request-draft.ts'

type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface RequestToExecute {
  /** Exactly one of the two. */
  connectionId: string | null
  resolve: Resolution | null
  method: HttpMethod
  /** Under the integration's base URL, or a whole URL under it. */
  path: string
  /** By name: a text, number or boolean, or a list of these. */
  query: unknown
  /** By name: a text. */
  headers: unknown
  /** A text is sent as it is, as text/plain where no Content-Type is given; everything else as JSON. */
  body: unknown
}

export interface ExecutedRequest {
  connectionId: string
  response: HttpAnswer
  /** The credential was renewed on the way. */
  refreshed: boolean
}

interface ExecuteDeps {
  database: Database
  broker: Broker
  requests: AuthenticatedRequests
}

/**
 * Makes one authenticated request through a connection and reads its answer as a whole. What the provider answers, an error
 * status too, is the result.
 *
 * @throws InvalidInputError with everything that is wrong; NotFoundError, ForbiddenError; what `resolveConnection`, the
 * broker and the request throw: ProviderError when there is no answer, or one of more than 10 MiB
 */
export async function executeRequest(
  deps: ExecuteDeps,
  caller: Caller,
  input: RequestToExecute,
): Promise<ExecutedRequest> {
  const checked = checkRequest(input)
  const connectionId = await connectionOf(deps, caller, input)
  const source = storedConnection(deps.broker, connectionId, (owner) => assertMayRequest(caller, owner, input.method))
  const { method, path } = input
  try {
    const answer = await deps.requests.send(
      source,
      { method, path, ...checked, accept: 'application/json' },
      { read: { whole: { maxBytes: DEFAULT_MAX_BYTES } } },
    )
    const { response, body, refreshed, opened } = answer
    return {
      connectionId,
      response: httpAnswerOf(response, body ?? new Uint8Array(), opened.authenticator.secrets),
      refreshed,
    }
  } catch (error) {
    if (error instanceof InvalidInputError) throw ofTheInput(error)
    throw error instanceof ProviderError ? withHint(error) : error
  }
}

async function connectionOf(
  { database }: ExecuteDeps,
  caller: Caller,
  { connectionId, resolve }: RequestToExecute,
): Promise<string> {
  if (connectionId !== null) return connectionId
  if (resolve === null) throw new Error('Exactly one of connectionId and resolve was checked for.')
  return (await resolveConnection(database, caller, resolve)).connectionId
}

interface CheckedParts {
  query: HeaderPair[]
  headers: HeaderPair[]
  body?: DraftBody
}

function checkRequest({ connectionId, resolve, method, query, headers, body }: RequestToExecute): CheckedParts {
  const check = checkInput()
  if ((connectionId === null) === (resolve === null)) {
    check.wrong(['input', 'connectionId'], 'Give exactly one of connectionId and resolve.')
  }
  if (body != null && (method === 'GET' || method === 'HEAD')) {
    check.wrong(['input', 'body'], `A ${method} request has no body.`)
  }
  const pairs = { query: queryPairs(check, query), headers: headerPairs(check, headers) }
  check.done()
  return body == null ? pairs : { ...pairs, body: bodyOf(body) }
}

function queryPairs(check: InputCheck, query: unknown): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (const [name, value] of entriesOf(check, 'query', query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') {
        pairs.push([name, String(item)])
      } else check.wrong(['input', 'query', name], 'Must be a string, a number or a boolean, or a list of these.')
    }
  }
  return pairs
}

function headerPairs(check: InputCheck, headers: unknown): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (const [name, value] of entriesOf(check, 'headers', headers)) {
    if (typeof value === 'string') pairs.push([name, value])
    else check.wrong(['input', 'headers', name], 'Must be a string.')
  }
  return pairs
}

function entriesOf(check: InputCheck, field: string, value: unknown): [string, unknown][] {
  if (value == null) return []
  if (isRecord(value)) return Object.entries(value)
  check.wrong(['input', field], 'Must be a JSON object.')
  return []
}

function bodyOf(body: unknown): DraftBody {
  if (typeof body === 'string')
    return { type: 'raw', value: Buffer.from(body), contentType: 'text/plain; charset=utf-8' }
  if (typeof body === 'object') return { type: 'json', value: body }
  return { type: 'raw', value: Buffer.from(stringifyJson(body)), contentType: 'application/json' }
}

/** The places that a request's parts have in a request draft, as the caller of the API knows them. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  path: ['path'],
  headers: ['headers'],
  header: ['headers'],
  query: ['query'],
  body: ['body'],
  form: ['body'],
  json: ['body'],
}

function ofTheInput(error: InvalidInputError): InvalidInputError {
  const fields = error.fields.map(({ path, message }): FieldError => {
    const [first = '', ...rest] = path
    const place = PLACES[first]
    return { path: place === undefined ? path : ['input', ...place, ...rest], message }
  })
  return new InvalidInputError(fields, undefined, { cause: error })
}

function withHint(error: ProviderError): ProviderError {
  if (error.details?.['kind'] !== 'too_large') return error
  const message = `${error.message} Read such answers through /proxy/<connection id>/<path>, which streams them.`
  return new ProviderError(message, { details: error.details, words: error.words, cause: error })
}

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
function httpAnswerOf(response: EgressResponse, body: Uint8Array, secrets: readonly string[]): HttpAnswer {
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
