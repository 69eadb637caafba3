import { isUtf8 } from 'node:buffer'
import { type AuditTarget, auditLater, nameAuditTarget } from '../access/audit.ts'
import type { Caller } from '../access/caller.ts'
import { isRecord } from '../catalog/template/value.ts'
import { assertMayRequest } from '../connections/lookups.ts'
import { type Resolution, resolveConnection } from '../connections/resolve-connection.ts'
import type { Broker } from '../credentials/broker.ts'
import type { Database } from '../db/database.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { MAX_URL_LENGTH } from '../egress/policy.ts'
import { type FieldError, InvalidInputError, ProviderError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { parseJson, stringifyJson } from '../kit/json.ts'
import { byteRedactorOf } from '../kit/redactors.ts'
import { type CallerMeters, MEASURED_BYTES } from '../requests/caller-meters.ts'
import { redactJson, withoutByteRange } from '../requests/echoed-credentials.ts'
import { type HeaderPair, passedResponseHeaders } from '../requests/headers.ts'
import { CALLER_REQUEST, responseFor, type Sender, storedConnection } from '../requests/send.ts'
import type { DraftBody } from '../wire/request-draft.ts'

type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface RequestToExecute {
  /** Exactly one of the two. */
  connectionId: string | null
  resolve: Resolution | null
  method: HttpMethod
  /** A path under the integration's base URL, or a complete URL under it or at one of the `hosts` of the definition. */
  path: string
  /** Values by name: a string, number or boolean, or a list of these. */
  query: unknown
  /** Strings by name. */
  headers: unknown
  /** A string is sent unchanged, as text/plain unless a Content-Type is given. Everything else is sent as JSON. */
  body: unknown
}

export interface ExecutedRequest {
  connectionId: string
  response: ExecutedResponse
  /** Whether the credential was renewed for this request. */
  refreshed: boolean
}

export interface ExecuteDeps {
  database: Database
  broker: Broker
  sender: Sender
  /** Default: callers are not limited. */
  meters?: CallerMeters | undefined
}

/**
 * Sends one authenticated request through a connection and reads the whole response. A response with an error status is a
 * result too.
 *
 * @throws InvalidInputError with every invalid field; NotFoundError, ForbiddenError; errors of `resolveConnection` and of the
 * broker; ProviderError when there is no response, or one of more than 10 MiB; RateLimitedError when the caller has too many open
 */
export async function executeRequest(
  deps: ExecuteDeps,
  caller: Caller,
  input: RequestToExecute,
): Promise<ExecutedRequest> {
  const checked = checkRequest(input)
  const connectionId = await connectionOf(deps, caller, input)
  const { method, path } = input
  const headerNames = checked.headers.map(([name]) => name)
  let target: AuditTarget | undefined
  const source = storedConnection(deps.broker, connectionId, (owner) => {
    assertMayRequest(caller, owner, { method, path, query: checked.query, headerNames })
    target = { type: 'Connection', id: connectionId, workspaceId: owner.workspaceId }
  })
  const meter = await deps.meters?.open(caller)
  try {
    const { query, headers, body: given } = checked
    const own = withoutByteRange(headers)
    const made = { headers: own, body: given, accept: 'application/json', ofCaller: true }
    const request = { method, target: { path, query }, ...made }
    const sent = await deps.sender.send(source, request, { policy: CALLER_REQUEST, meter })
    const { response, body, refreshed, secrets } = responseFor(sent)
    if (target !== undefined) auditLater(target)
    const bytes = body ?? new Uint8Array()
    const present = () => presentResponse(response, bytes, secrets)
    const isMeasured = meter !== undefined && bytes.byteLength >= MEASURED_BYTES
    return { connectionId, response: isMeasured ? meter.work(present) : present(), refreshed }
  } catch (error) {
    if (target !== undefined) nameAuditTarget(target)
    if (error instanceof InvalidInputError) throw withInputPaths(error)
    throw error instanceof ProviderError ? withHint(error) : error
  } finally {
    meter?.close()
  }
}

/** The connection that an input names or resolves to. */
export async function connectionOf(
  { database }: Pick<ExecuteDeps, 'database'>,
  caller: Caller,
  { connectionId, resolve }: Pick<RequestToExecute, 'connectionId' | 'resolve'>,
): Promise<string> {
  if (connectionId !== null) return connectionId
  if (resolve === null) throw new Error('Neither connectionId nor resolve is set, although the input was checked.')
  return (await resolveConnection(database, caller, resolve)).connectionId
}

interface CheckedParts {
  query: HeaderPair[]
  headers: HeaderPair[]
  body?: DraftBody
}

function checkRequest({ connectionId, resolve, method, path, query, headers, body }: RequestToExecute): CheckedParts {
  const check = checkInput()
  checkNamesConnection(check, { connectionId, resolve })
  if (body != null && (method === 'GET' || method === 'HEAD')) {
    check.wrong(['input', 'body'], `A ${method} request cannot have a body.`)
  }
  const pairs = { query: queryPairs(check, query), headers: headerPairs(check, headers) }
  const length = pairs.query.reduce((sum, [name, value]) => sum + name.length + value.length + 2, path.length)
  if (length > MAX_URL_LENGTH) {
    const field = path.length > MAX_URL_LENGTH ? 'path' : 'query'
    check.wrong(['input', field], `Path and query together must have at most ${MAX_URL_LENGTH} characters.`)
  }
  check.done()
  return { ...pairs, body: body == null ? undefined : toDraftBody(body) }
}

/** Requires exactly one of the two ways to name a connection. */
export function checkNamesConnection(
  check: InputCheck,
  { connectionId, resolve }: Pick<RequestToExecute, 'connectionId' | 'resolve'>,
): void {
  if ((connectionId === null) === (resolve === null)) {
    check.wrong(['input', 'connectionId'], 'Give exactly one of connectionId and resolve.')
  }
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

function toDraftBody(body: unknown): DraftBody {
  if (typeof body === 'string')
    return { type: 'raw', value: Buffer.from(body), contentType: 'text/plain; charset=utf-8' }
  if (typeof body === 'object') return { type: 'json', value: body }
  return { type: 'raw', value: Buffer.from(stringifyJson(body)), contentType: 'application/json' }
}

/** Paths in the API's input, by the first part of a path in a request draft. */
const INPUT_PATHS: Readonly<Record<string, readonly string[]>> = {
  path: ['path'],
  headers: ['headers'],
  header: ['headers'],
  query: ['query'],
  body: ['body'],
  form: ['body'],
  json: ['body'],
}

function withInputPaths(error: InvalidInputError): InvalidInputError {
  const fields = error.fields.map(({ path, message }): FieldError => {
    const [first = '', ...rest] = path
    const place = INPUT_PATHS[first]
    return { path: place === undefined ? path : ['input', ...place, ...rest], message }
  })
  return new InvalidInputError(fields, undefined, { cause: error })
}

function withHint(error: ProviderError): ProviderError {
  if (error.details?.['kind'] !== 'too_large') return error
  const message = `${error.message} Use /proxy/<connection id>/<path>, which streams responses of any size.`
  return new ProviderError(message, { details: error.details, words: error.words, cause: error })
}

/** A provider's response, as the API returns it. */
export interface ExecutedResponse {
  status: number
  /** By lower-case name, without those of the connection and without cookies. */
  headers: Record<string, string>
  /** The body if it is JSON, with numbers as kit/json.ts keeps them. */
  body: unknown
  /** The body if it is text but not JSON. Null also when there is no body or it is binary. */
  text: string | null
  /** Set when the body is binary. */
  details: { binary: true; bytes: number; hint: string } | null
}

const utf8 = new TextDecoder()
const JSON_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+)?json\b/i

/**
 * Secrets that the provider echoes are redacted.
 * @param body the complete decoded body
 */
export function presentResponse(
  response: EgressResponse,
  body: Uint8Array,
  secrets: readonly string[],
): ExecutedResponse {
  const { status, headers } = response
  const base = { status, headers: Object.fromEntries(passedResponseHeaders(headers, secrets)) }
  if (body.byteLength === 0) return { ...base, body: null, text: null, details: null }
  if (!isUtf8(body)) return { ...base, body: null, text: null, details: binary(body) }
  const redactor = byteRedactorOf(secrets)
  const text = utf8.decode(body)
  const contentType = headers.get('content-type') ?? ''
  if (contentType === '' || JSON_TYPE.test(contentType)) {
    const json = jsonOf(text)
    // Without a backslash, every text of the JSON is as it is in the body.
    const clean = !redactor.active || !(text.includes('\\') || redactor.finds(body))
    if (json !== undefined)
      return { ...base, body: clean ? json : redactJson(json, redactor), text: null, details: null }
  }
  const redacted = redactor.redact(body)
  return { ...base, body: null, text: redacted === body ? text : new TextDecoder().decode(redacted), details: null }
}

/** Undefined when the text is not valid JSON or is nested too deeply. */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function binary(body: Uint8Array): ExecutedResponse['details'] {
  const hint = 'The body is not UTF-8 text. Use /proxy/<connection id>/<path>, which passes it on byte for byte.'
  return { binary: true, bytes: body.byteLength, hint }
}
