import { isUtf8 } from 'node:buffer'
import { renderParameters } from '../../catalog/definition/parameters.ts'
import { type Path, withPath } from '../../catalog/definition/path.ts'
import {
  pagingBodyParameters,
  pagingFormParameters,
  recordsIn,
  type StreamDefinition,
} from '../../catalog/definition/stream.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { renderJson } from '../../catalog/template/template.ts'
import { renderPath, renderUrl } from '../../catalog/template/url-template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import type { OpenedConnection } from '../../credentials/credential-store.ts'
import { DEFAULT_MAX_BYTES } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import type { EgressResponse } from '../../egress/egress-response.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { CredentialRefreshError } from '../../kit/errors.ts'
import { JsonSyntaxError } from '../../kit/json.ts'
import { type ParsedItems, parseJsonItems } from '../../kit/json-items.ts'
import { byteRedactorOf } from '../../kit/redactors.ts'
import {
  type Answered,
  type ConnectionSource,
  type InterruptedRequest,
  type OutgoingRequest,
  rulesOf,
  type Sender,
  type SendOptions,
  type SlotWait,
  SYNC_PAGE,
  type Unanswered,
} from '../../requests/send.ts'
import { openedAt, UnnamedHostError } from '../../requests/target.ts'
import { createProviderResponse, type ProviderResponse, readBody } from '../../wire/provider-response.ts'
import type { DraftBody } from '../../wire/request-draft.ts'
import type { Retry } from '../../wire/retry.ts'
import { classify, type ListVerdict, type ProviderFailure } from '../../wire/verdict.ts'
import { badSource, requestFailed, SyncFailedError } from '../jobs/sync-error.ts'
import type { KnownPage, KnownPages } from '../records/known-pages.ts'
import type { RecordIds } from '../records/record-ids.ts'
import { acceptOf, charsetOf, lineFormatOf, mediaType, type PageAnswer } from './body-formats.ts'
import { connectionSource, type JobConnection } from './job-connection.ts'
import { isAtRecords, mayEmptyList, type RecognizedBody, recognizeList } from './known-list.ts'
import type { ListMemory, PageShare } from './page-memory.ts'
import type { ListPlace, ListSoFar, PagePosition } from './page-position.ts'
import { isBeyondEnd, type PageParameters, pageParameters } from './pagination.ts'
import { type IncrementalParameters, incrementalParameters, type ReadRange, windowScope } from './stream-cursor.ts'

/** How the requests of a stream wait when they are not to wait in place. */
export interface RequestWaits {
  /** Sends a request, as the continuation of an interrupted one if there is one. */
  run<T>(send: (resume: InterruptedRequest | undefined) => Promise<T>): Promise<T>
  /** Called before each wait in place of `StreamReader.onRetry`. Throws to end the run with the wait. */
  onRetry(retry: Retry): Promise<void>
  /** As `onRetry`, for waits for the integration's rate limit. */
  onSlotWait(wait: SlotWait): void
}

export interface StreamReader extends ReadRange {
  connectionId: string
  recordIds: RecordIds
  stream: StreamDefinition
  source: JobConnection
  sender: Sender
  /** Called before each wait. */
  onRetry(retry: Retry): Promise<void>
  /** Default: all requests wait in place. */
  waits?: RequestWaits | undefined
  /** In a sub-stream: the parent record that the pages belong to. */
  parent?: ParentRecord
  /** In a stream with `each`: the values that the pages belong to. */
  item?: Readonly<Record<string, unknown>> | undefined
  /** When a sub-stream was last read to its end; null: never. Parents that changed since then are read as a whole. */
  lastReadAt?: Date | null
  /** Largest decoded page, or largest record of a page that is read line by line. Default: 10 MiB. */
  maxPageBytes?: number
  /**
   * Timeout for a page in milliseconds; for a page that is read line by line, until its first byte. Default: 30,000.
   */
  requestTimeoutMs?: number
  /** The memory of the pages of the list that is read. */
  memory: ListMemory
  /** What earlier readings of the stream have met. Default: each page is compared record by record. */
  knownPages?: KnownPages | undefined
}

/** A record of a parent stream, or one of each of several parents, as the templates of its sub-stream see it. */
export interface ParentRecord {
  /** Under which its cursor is stored: the id of the record, or one of the combination of records. A UUID. */
  id: string
  /** The change position; for several parents, that of the newest record, and those of the others in their order: `17.4`. */
  position: string
  primaryKey: readonly string[]
  /** Numbers that JavaScript cannot represent are strings here. */
  data: unknown
  changedAt: Date
  /** In a sub-stream with one cursor for each parent: JSON of that of this parent. Default: it was never read. */
  cursor?: string | null
}

/** Largest body that is read line by line, to detect a body without an end. */
const MAX_STREAMED_BYTES = 8 * 1024 ** 3

export interface FetchedPage extends PageAnswer {
  /**
   * What the response means for the list, by a rule of `responses`; null: nothing more than its records. `invalid_page`:
   * the source refused the page because the list had ended before it.
   */
  verdict: ListVerdict | 'invalid_page' | null
  /**
   * Milliseconds since 1970 when the page was requested, by the provider's clock: its Date header (RFC 9110 section
   * 6.6.1) minus the duration of the request; by our clock when there is no Date header.
   */
  askedAt: number
  /** Secrets of the connection that the response may repeat. */
  secrets: readonly string[]
  /** See `parseJsonItems`: of the list at the path of the records. They belong to the last body that was parsed. */
  items: Omit<ParsedItems, 'value'> | undefined
  /** The page was recognized, so its records are not in `text` and `json`; undefined: they are. */
  known: { page: KnownPage; whole(): Pick<FetchedPage, 'json' | 'items'> } | undefined
  /** The memory of the page. It must be released. */
  memory: PageShare
}

/**
 * Requests one page, repeating the request as SYNC_PAGE says.
 *
 * @param expected what an earlier reading has met there
 * @param broken failure of an earlier request for this page, which is handled like a failure of the first request
 * @throws SyncFailedError with the provider's words; errors of the broker; the signal's reason
 */
export async function fetchPage(
  reader: StreamReader,
  place: ListPlace,
  signal: AbortSignal,
  expected?: KnownPage,
  broken?: ProviderFailure,
): Promise<FetchedPage> {
  const memory = reader.memory.page(signal)
  try {
    return await fetchInto(memory, reader, place, signal, expected, broken)
  } catch (error) {
    memory.release()
    throw error
  }
}

async function fetchInto(
  memory: PageShare,
  reader: StreamReader,
  place: ListPlace,
  signal: AbortSignal,
  expected: KnownPage | undefined,
  broken: ProviderFailure | undefined,
): Promise<FetchedPage> {
  const { stream, knownPages, maxPageBytes = DEFAULT_MAX_BYTES } = reader
  let askedMs = 0
  let content: ProviderResponse | undefined
  let items: FetchedPage['items']
  let recognized: RecognizedBody | undefined
  let wanted: KnownPage | undefined
  const { path } = recordsIn(stream)
  const parse = (text: string) => {
    const { value, ...parsed } = parseJsonItems(text, path)
    items = parsed
    return value
  }
  const ask = (opened: OpenedConnection): OutgoingRequest => {
    const request = buildRequest(reader, opened, place.next)
    // The response to the request before this one is not used.
    memory.release()
    content = undefined
    items = undefined
    recognized = undefined
    wanted = mayEmptyList(stream, rulesOf(opened, stream.responses)) ? expected : undefined
    askedMs = performance.now()
    return request
  }
  const decoded = ({ status, headers }: Pick<ProviderResponse, 'status' | 'headers'>, body: Uint8Array) => {
    const response = createProviderResponse(status, headers, body, parse)
    return isUtf8(body) ? response : inItsCharset(stream.name, response, body, parse)
  }
  const { waits } = reader
  const send = (resume?: InterruptedRequest) =>
    reader.sender.send(sourceOf(reader), ask, { ...options, onSlotWait: waits?.onSlotWait, resume })
  const options: SendOptions = {
    policy: SYNC_PAGE,
    read: async (response) => {
      if (isReadByLine(reader, response)) return null
      if (wanted === undefined || knownPages === undefined || response.status >= 300) {
        return readBody(response, maxPageBytes)
      }
      const parts = await response.parts(maxPageBytes)
      recognized = recognizeList(parts, wanted, knownPages)
      return recognized?.emptied ?? Buffer.concat(parts)
    },
    parse,
    check: (response, body) => {
      // A rule of `responses` says what the refusal means. Its body is not needed.
      if (response.status >= 300) return null
      content = isUtf8(body) ? response : inItsCharset(stream.name, response, body, parse)
      if (recognized !== undefined && !isRecognized(recognized, response, () => items)) {
        content = decoded(response, recognized.whole())
        recognized = undefined
      }
      const { list } = classify(content, stream.responses)
      return list === null ? formatFailure(stream, content) : null
    },
    limits: {
      maxResponseBytes: Math.max(maxPageBytes, MAX_STREAMED_BYTES),
      timeoutMs: reader.requestTimeoutMs,
      meter: { count: () => undefined, keep: memory.grow, turn: () => undefined },
    },
    responses: stream.responses,
    signal,
    onRetry: (retry) => {
      memory.release()
      return (waits?.onRetry ?? reader.onRetry)(retry)
    },
    before: broken,
  }
  const sent = await (waits === undefined ? send() : waits.run(send))
  if (sent.response === null) throw failureOf(stream.name, sent, maxPageBytes)
  const verdict = listVerdict(stream, sent, place.list)
  if (sent.failure !== null && verdict === null) throw failureOf(stream.name, sent, maxPageBytes)
  const { response, body } = sent
  const { status, headers, url } = response
  const redactor = byteRedactorOf(sent.secrets)
  if (recognized !== undefined && redactor.active) {
    const whole = recognized.whole()
    if (redactor.finds(whole)) {
      content = decoded(response, whole)
      recognized = undefined
    }
  }
  const knownOf = ({ page, whole }: RecognizedBody) => ({
    page,
    whole: () => {
      const { json } = decoded(response, whole())
      json()
      return { json, items }
    },
  })
  const { text, json } = content ?? createProviderResponse(status, headers, '')
  const date = Date.parse(headers.get('date') ?? '')
  return {
    status,
    headers,
    url,
    text,
    json,
    get bytesRead() {
      return response.bytesRead
    },
    verdict,
    body: body === null ? response.chunks() : undefined,
    secrets: sent.secrets,
    known: recognized && knownOf(recognized),
    get items() {
      return content === undefined ? undefined : items
    },
    memory,
    askedAt: (Number.isNaN(date) ? Date.now() : date) - Math.ceil(performance.now() - askedMs),
  }
}

function isRecognized(
  recognized: RecognizedBody,
  response: ProviderResponse,
  items: () => FetchedPage['items'],
): boolean {
  try {
    response.json()
  } catch {
    return false
  }
  return isAtRecords(recognized, response.text, items()?.list)
}

/** The job's connection, with the parent record and the window among the variables of templates. */
function sourceOf(reader: StreamReader): ConnectionSource {
  return connectionSource(reader.source, (opened) => withReadingScope(reader, opened))
}

/** A successful response in a format of lines is read as it arrives. */
function isReadByLine({ stream }: StreamReader, { status, headers }: EgressResponse): boolean {
  return status >= 200 && status < 300 && status !== 204 && lineFormatOf(stream, headers) !== undefined
}

/**
 * A response that is not UTF-8 (RFC 8259 section 8.1), in the charset that it declares. Bytes are never replaced: records that
 * differ only in such bytes would become one.
 *
 * @throws SyncFailedError
 */
function inItsCharset(
  stream: string,
  { status, headers }: ProviderResponse,
  body: Uint8Array,
  parse: (text: string) => unknown,
): ProviderResponse {
  const charset = charsetOf(headers)
  try {
    return createProviderResponse(status, headers, new TextDecoder(charset, { fatal: true }).decode(body), parse)
  } catch {
    const message = `the answer is not valid ${charset.toUpperCase()}, its charset. The source must declare the right charset in its Content-Type.`
    throw badSource(stream, message)
  }
}

/** A success in another format than that of the stream: the error page of a proxy, or JSON that is cut short. */
function formatFailure({ format }: StreamDefinition, content: ProviderResponse): ProviderFailure | null {
  const type = mediaType(content.headers)
  const failure = (message: string): ProviderFailure => ({
    ok: false,
    as: 'retry',
    message,
    providerStatus: content.status,
  })
  if (content.status === 204) return null
  if (format !== undefined && format !== 'json') {
    return type === 'text/html' ? failure(`The provider's answer is text/html, not ${format.toUpperCase()}.`) : null
  }
  try {
    content.json()
    return null
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) return null
    const isOther = type !== '' && type !== 'text/plain' && !type.endsWith('json')
    return failure(
      isOther
        ? `The provider's answer is ${type}, not JSON.`
        : `The provider's answer cannot be read. ${error.message}`,
    )
  }
}

function listVerdict(stream: StreamDefinition, sent: Answered, before: ListSoFar | undefined): FetchedPage['verdict'] {
  const { responses } = stream
  const { content, response, failure } = sent
  const { list = null, rule } = responses === undefined ? {} : classify(content, rulesOf(sent.opened, responses))
  if (failure === null) return list
  const isDeclared = responses?.some((each) => each === rule) === true
  if (before === undefined || isDeclared) return null
  return isBeyondEnd(stream, { status: response.status, text: content.text }, before) ? 'invalid_page' : null
}

function failureOf(stream: string, sent: Answered | Unanswered, maxPageBytes: number): Error {
  const { failure, tries } = sent
  if (failure === null) throw new Error('The request has not failed.')
  const error = sent.response === null ? sent.error : undefined
  if (error instanceof CredentialRefreshError) return error
  if (error?.kind !== 'too_large') return requestFailed(stream, failure, tries)
  return requestFailed(stream, { ...failure, message: bodyTooLarge(maxPageBytes) }, tries)
}

function bodyTooLarge(maxBytes: number): string {
  const limit = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MiB` : `${maxBytes} bytes`
  return `The request was answered with a body that is too large: more than ${limit}.`
}

/**
 * The connection with the stream's own base URL and way of authenticating.
 * @throws SyncFailedError when the base URL is at a host that gets no credential; TemplateError for a missing input
 */
export function openedForStream(connection: OpenedConnection, stream: StreamDefinition): OpenedConnection {
  try {
    return openedAt(connection, stream)
  } catch (error) {
    if (!(error instanceof UnnamedHostError)) throw error
    throw badSource(stream.name, error.fields.map(({ message }) => message).join(' '))
  }
}

/** The connection as the stream uses it. Templates of a page also read the parent record, the values of `each` and the window that is read. */
export function withReadingScope(reader: StreamReader, connection: OpenedConnection): OpenedConnection {
  const { parent, item, window, stream } = reader
  const opened = openedForStream(connection, stream)
  if (parent === undefined && item === undefined && window === undefined) return opened
  const scope = { ...opened.scope, ...(parent === undefined ? {} : { parent: parent.data }), ...(item && { item }) }
  return { ...opened, scope: windowScope(stream, reader, scope) }
}

function buildRequest(reader: StreamReader, opened: OpenedConnection, position: PagePosition) {
  const { stream, parent, item } = reader
  try {
    return pageRequest(opened, stream, position, reader)
  } catch (error) {
    if ((parent === undefined && item === undefined) || !(error instanceof TemplateError)) throw error
    throw badSource(stream.name, `the request cannot be made: ${error.message}.`)
  }
}

/**
 * Builds the request for one page of a stream.
 * @throws TemplateError for a missing input
 * @throws SyncFailedError when the path leaves the base URL
 */
export function pageRequest(
  connection: OpenedConnection,
  stream: StreamDefinition,
  position: PagePosition,
  reading: ReadRange,
): OutgoingRequest {
  const opened = { ...connection, scope: withSharedBudget(connection.scope) }
  const parameters = pageParameters(stream.pagination, position)
  const incremental = incrementalParameters(stream, reading, position, opened.scope)
  const body = bodyOf(opened, stream, parameters, incremental)
  const hasBody =
    stream.json !== undefined ||
    stream.form !== undefined ||
    [...pagingBodyParameters(stream), ...pagingFormParameters(stream)].length > 0
  return {
    method: stream.method ?? (hasBody ? 'POST' : 'GET'),
    target: parameters.url === undefined ? firstUrl(opened, stream, parameters, incremental) : new URL(parameters.url),
    headers: parameters.headers,
    headerTemplates: stream.headers,
    accept: acceptOf(stream),
    body,
  }
}

function firstUrl(
  opened: OpenedConnection,
  stream: StreamDefinition,
  parameters: PageParameters,
  incremental: IncrementalParameters,
): URL {
  const query = renderParameters(stream.query ?? {}, opened.scope)
  query.push(...parameters.query, ...incremental.query)
  try {
    return joinUrl(renderUrl(opened.definition.baseUrl, opened.scope), renderPath(stream.path, opened.scope), query)
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    throw new SyncFailedError({
      code: 'INVALID_INPUT',
      status: 422,
      message: `Stream ${stream.name}: ${error.message}`,
      stream: stream.name,
    })
  }
}

function bodyOf(
  opened: OpenedConnection,
  stream: StreamDefinition,
  parameters: PageParameters,
  incremental: IncrementalParameters,
): DraftBody | undefined {
  const dotted = incremental.json.map(([name, value]): [Path, unknown] => [name.split('.'), value])
  const entries = [...parameters.json, ...dotted]
  const form = [...renderParameters(stream.form ?? {}, opened.scope), ...parameters.form, ...incremental.form]
  if (stream.form !== undefined || form.length > 0) return { type: 'form', value: new URLSearchParams(form) }
  if (stream.json === undefined && entries.length === 0) return undefined
  const rendered = renderJson(stream.json ?? {}, opened.scope)
  const value = entries.reduce((body, [path, item]) => withPath(body, path, item)?.value ?? body, rendered)
  return { type: 'json', value }
}
