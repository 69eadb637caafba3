import { hash } from 'node:crypto'
import { feedOf, type StreamDefinition } from '../../catalog/definition/stream.ts'
import type { TemplateScope } from '../../catalog/template/template.ts'
import { DEFAULT_MAX_BYTES } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import type { ByteRedactor } from '../../kit/byte-redactor.ts'
import { stringifyJson } from '../../kit/json.ts'
import { byteRedactorOf } from '../../kit/redactors.ts'
import { inSpan } from '../../kit/tracing.ts'
import { showsCredential, withoutCredentials } from '../../requests/credential-in-url.ts'
import { redactJson } from '../../requests/echoed-credentials.ts'
import { jsonOrUndefined } from '../../wire/provider-response.ts'
import type { ProviderFailure } from '../../wire/verdict.ts'
import { badSource, requestFailed, type SyncFailedError } from '../jobs/sync-error.ts'
import type { SyncWarning } from '../jobs/sync-warning.ts'
import { type KnownPage, MIN_KNOWN_RECORDS, type PageList } from '../records/known-pages.ts'
import { type LineFormat, lineFormatOf, mediaType, type Piece, type PlaceOfLines, readLines } from './body-formats.ts'
import { type FetchedPage, fetchPage, type StreamReader, withReadingScope } from './fetch-page.ts'
import type { ListMemory, PageShare, PreparedShare } from './page-memory.ts'
import type { ItemPlace, ListPlace, ListSoFar, PagePosition, ParentPlace } from './page-position.ts'
import {
  type FoundRecords,
  findRecords,
  type PageRecords,
  prepareRecords,
  recordsOfKnownPage,
  Turns,
} from './page-records.ts'
import { afterPage, isCounted, type ListEnd, statedTotal } from './pagination.ts'
import { recordShaper, shapesRecords } from './shape-records.ts'
import { comparedStart, nextInFeed } from './stream-cursor.ts'
import { openedForStream } from './stream-target.ts'

/** One page, or a piece of a page that is read line by line, ready to be written. */
export interface StreamPage {
  /** 1 for the first page of the stream. */
  number: number
  records: PageRecords
  /**
   * Where reading continues: the next page, or the same page again for all pieces but the last; null: this is the last
   * page.
   */
  next: PagePosition | null
  /** Where another worker has to continue. */
  resume: PagePosition | null
  /** In a sub-stream: the parent that `resume` belongs to. */
  parent?: ParentPlace
  /** What was read of the list, up to `resume`; absent: nothing. In a sub-stream: the list of the parent. */
  list: ListSoFar | undefined
  /** How the list ended with this page; null: it did not. */
  end: ListEnd | null
  /** Decoded bytes of the response. */
  bytesRead: number
  /** Total number of records, if the provider states it; null in a sub-stream. */
  total: number | null
  /** See FetchedPage. */
  askedAt: number | null
  /** JSON of the cursor of a change feed after this page. Absent: the stream is not a feed, or its cursor is unchanged. */
  feedCursor?: string | null | undefined
  /** In a stream that is read in windows: beginning of the window that `resume` belongs to, in milliseconds since 1970. */
  windowMs?: number | undefined
  /** In a stream with `each`: the values that `resume` belongs to. */
  item?: ItemPlace | undefined
  /** What is worth a warning on this page. Stored in the transaction that writes the page. Default: nothing. */
  warnings?: readonly SyncWarning[]
  /** An earlier reading has met the same page, so the columns of `records` are empty. Absent: none has. */
  known?: MetPage | undefined
  /** By which the page can be recognized later. Absent: it is known, or is not to be remembered. */
  pageList?: PageList | undefined
}

/** A page that an earlier reading has met. */
interface MetPage {
  page: KnownPage
  /** Parses the page and makes the columns, for when stored records have changed since. */
  prepareRecords(): Promise<PageRecords>
}

/** A page whose memory is counted until the next page is asked for, or none is wanted. */
interface HeldPage extends StreamPage {
  memory: PreparedShare
}

/**
 * How often a page that is read line by line may break off. It is read again from its start; the records are the same.
 */
const MAX_BREAKS = 5

/**
 * Reads a stream from `start`, page by page. While a page is being written, the next one is requested and parsed, so at
 * most two pages are held, within the limit of `PageMemory`. Leaving the generator early aborts all requests.
 *
 * A page that is read line by line is yielded in pieces. Only its end is a place to continue from, so all pieces but
 * the last have the start of the page as `resume`: another worker reads the page again, which does not change the
 * records that were written.
 *
 * @param start `list`: what was read before it; absent: nothing
 * @param firstNumber number of the first page, for messages
 * @throws SyncFailedError when the stream cannot be read to its end
 * @throws ListSkippedError
 * @throws the signal's reason
 */
export async function* readPages(
  reader: StreamReader,
  start: ListPlace,
  firstNumber: number,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const ahead = linkAbort(signal)
  try {
    yield* readAhead(pagesFrom(reader, start, firstNumber, ahead.signal), reader.memory)
  } finally {
    ahead.end()
  }
}

/** A signal that aborts with an outer signal, or by itself. */
interface LinkedAbort {
  readonly signal: AbortSignal
  /** Aborts the signal and removes the listener from the outer signal. */
  end(): void
}

/**
 * Like AbortSignal.any with a signal and a controller. AbortSignal.any keeps a reference in the outer signal for each
 * call, which adds up in a job that reads a hundred thousand parents.
 */
export function linkAbort(outer: AbortSignal): LinkedAbort {
  const inner = new AbortController()
  const onAbort = () => inner.abort(outer.reason)
  if (outer.aborted) onAbort()
  else outer.addEventListener('abort', onAbort)
  return {
    signal: inner.signal,
    end() {
      outer.removeEventListener('abort', onAbort)
      inner.abort()
    },
  }
}

async function* pagesFrom(
  reader: StreamReader,
  start: ListPlace,
  firstNumber: number,
  signal: AbortSignal,
): AsyncGenerator<HeldPage> {
  const guard = new LoopGuard(reader.stream.name, start.next)
  let place: ListPlace | null = start
  for (let number = firstNumber; place !== null; number += 1) {
    place = yield* readPage(reader, place, number, guard, signal)
  }
}

/** @returns the place of the next page; null: this was the last page */
async function* readPage(
  reader: StreamReader,
  place: ListPlace,
  number: number,
  guard: LoopGuard,
  signal: AbortSignal,
): AsyncGenerator<HeldPage, ListPlace | null> {
  await reader.memory.room(signal)
  let broken: ProviderFailure | undefined
  // A run that ended here would begin again at the first page.
  const isStorable = (await storablePlace(reader, place)) === place
  const asking = isStorable ? reader : { ...reader, waits: undefined }
  for (let breaks = 1; ; breaks += 1) {
    const read = await requestPage(asking, place, number, guard, signal, broken)
    if (read.lines === undefined) {
      yield read.page
      return read.after
    }
    try {
      return yield* read.lines
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!(error instanceof EgressError)) throw error
      broken = { ok: false, as: error.retryable ? 'retry' : 'fail', message: error.message }
      if (breaks === MAX_BREAKS) throw requestFailed(reader.stream.name, broken, breaks)
    }
  }
}

/** A page that is ready to be written, and the place of the next one; null: it is the last one. */
interface WholePage {
  page: HeldPage
  after: ListPlace | null
  lines?: undefined
}

/** A page whose body is still to be read. */
interface PageOfLines {
  lines: AsyncGenerator<HeldPage, ListPlace | null>
}

/**
 * Requests a page. One of JSON is also read. This is not done where the page is yielded: what waits to be written then keeps
 * neither its response nor its objects in memory.
 */
async function requestPage(
  reader: StreamReader,
  place: ListPlace,
  number: number,
  guard: LoopGuard,
  signal: AbortSignal,
  broken: ProviderFailure | undefined,
): Promise<WholePage | PageOfLines> {
  const attributes = { 'latchkey.stream': reader.stream.name, 'latchkey.page': number }
  const expected = await reader.knownPages?.at(number)
  const answer = await inSpan('sync page', attributes, () => fetchPage(reader, place, signal, expected, broken))
  try {
    if (answer.verdict === 'skip') throw new ListSkippedError()
    const prepare = await pagePreparer(reader, place, number, guard, answer)
    const format = lineFormatOf(reader.stream, answer.headers)
    if (answer.body === undefined || format === undefined) {
      return await prepare(wholePiece(reader, place, number, answer))
    }
    return { lines: pagesOfLines(prepare, answer, answer.body, linesOf(reader, number, format)) }
  } catch (error) {
    answer.memory.release()
    throw error
  }
}

/** A rule of the stream's `responses` says that the list is not to be read. */
export class ListSkippedError extends Error {
  override readonly name = 'ListSkippedError'
}

/** Makes a page, or a part of one that is read line by line, ready to be written. `after` is meant for the last piece. */
type PreparePiece = (piece: FoundPiece) => Promise<WholePage>

async function pagePreparer(
  reader: StreamReader,
  place: ListPlace,
  number: number,
  guard: LoopGuard,
  answer: FetchedPage,
): Promise<PreparePiece> {
  const { stream } = reader
  const parentKey = reader.parent?.primaryKey ?? []
  const { connectionId, recordIds, since } = reader
  const { askedAt } = answer
  const comparesStart = stream.incremental?.start !== undefined && stream.incremental.by !== undefined
  const start = comparesStart ? comparedStart(stream, await recordScope(reader)) : ''
  const pageOf = { connectionId, recordIds, stream, page: number, parentKey, since, start }
  const startOfPage = await storablePlace(reader, place)
  const readAt = performance.now()
  const scope = shapesRecords(stream) ? await recordScope(reader) : undefined
  let digest = ''
  let older = 0
  return async ({ records: found, keys, items, known, before, bytesRead, last }) => {
    // A record in the future is later than by both clocks.
    const presentMs = Math.max(Date.now(), askedAt + performance.now() - readAt)
    const shape = scope && recordShaper(stream, scope, { count: found.length, bytes: bytesRead })
    const pieceOf = { ...pageOf, before, keys, texts: items?.texts, presentMs, shape }
    const records =
      known === undefined ? await prepareWithoutSecrets(found, pieceOf, answer.secrets) : recordsOfKnownPage(known.page)
    digest = digest === '' ? records.digest : hash('sha256', digest + records.digest, 'hex')
    older += records.older
    const recordCount = before + records.read + records.leftOut
    const after = last
      ? await placeAfter(reader, place, answer, { number, recordCount, lastRecord: found.at(-1), digest, older })
      : undefined
    if (after !== undefined && after.next !== null) guard.check(after.next, number, after.list)
    const isPlain = records.ids.length === found.length && records.isRedacted !== true
    const piece = {
      ...{ number, records, bytesRead, total: null, askedAt, warnings: records.warnings },
      // A known page keeps its body while it waits.
      memory: known === undefined ? answer.memory.prepared(charactersOf(records), records.ids.length) : answer.memory,
      known: known && { page: known.page, prepareRecords: () => prepareWhole(reader, known, pieceOf, answer) },
      pageList: isPlain && found.length >= MIN_KNOWN_RECORDS ? listOf(reader, answer, items) : undefined,
    }
    if (after === undefined) {
      const { next, list } = startOfPage
      return { page: { ...piece, next: place.next, resume: next, list, end: null }, after: null }
    }
    const { list, next, resume, end, feedCursor } = after
    return {
      page: {
        ...piece,
        // The records of a page that repeats the page before it are counted once.
        records: list.repeats === 0 ? records : { ...records, read: 0, quarantined: 0, quarantinedAt: [] },
        total: reader.parent === undefined ? list.total : null,
        next,
        resume: resume?.next ?? null,
        list: resume === null ? list : resume.list,
        end,
        feedCursor,
      },
      after: next === null ? null : { next, list },
    }
  }
}

/** What the templates of `records` read besides the record. */
async function recordScope(reader: StreamReader): Promise<TemplateScope> {
  return withReadingScope(reader, await reader.source.peek()).scope
}

/** Prepares the records of a known page as if it was not known. */
function prepareWhole(
  { stream }: StreamReader,
  known: NonNullable<FetchedPage['known']>,
  place: Parameters<typeof prepareRecords>[1],
  { secrets }: FetchedPage,
): Promise<PageRecords> {
  const { json, items } = known.whole()
  const { records } = findRecords(json, { stream, page: place.page, mayBeNull: false, mayBeAbsent: false })
  return prepareWithoutSecrets(records, { ...place, texts: items?.texts }, secrets)
}

/** The list of the records of a page, to recognize it by. */
function listOf(
  { knownPages }: StreamReader,
  { text }: FetchedPage,
  items: FetchedPage['items'],
): PageList | undefined {
  const list = items?.list
  if (knownPages === undefined || list === undefined) return undefined
  return {
    hash: knownPages.hash(list.text),
    start: Buffer.byteLength(text.slice(0, list.start)),
    bytes: Buffer.byteLength(list.text),
  }
}

function charactersOf({ ids, primaryKeys, data, digests }: PageRecords): number {
  let characters = 0
  for (const column of [ids, primaryKeys, data, digests]) {
    for (const text of column) characters += text.length
  }
  return characters
}

/** @returns the place of the next page; null: this was the last page */
async function* pagesOfLines(
  prepare: PreparePiece,
  answer: FetchedPage,
  body: AsyncIterable<Uint8Array>,
  place: PlaceOfLines,
): AsyncGenerator<HeldPage, ListPlace | null> {
  try {
    for await (const piece of readLines(answer, metered(body, answer.memory), place)) {
      const { page, after } = await prepare(piece)
      // While the page waits to be written, its objects are not needed.
      piece.records = []
      yield page
      if (piece.last) return after
    }
  } finally {
    answer.memory.release()
  }
  throw new Error('A page ended without its last piece.')
}

async function* metered(body: AsyncIterable<Uint8Array>, memory: PageShare): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    await memory.grow(chunk.byteLength)
    yield chunk
  }
}

/**
 * As `prepareRecords`, with `[redacted]` in place of secrets of the connection that the source repeats: everyone who sees the connection
 * sees its records. Primary keys and cursors are taken from the redacted records.
 */
async function prepareWithoutSecrets(
  found: readonly unknown[],
  place: Parameters<typeof prepareRecords>[1],
  secrets: readonly string[],
): Promise<PageRecords> {
  const redactor = byteRedactorOf(secrets)
  // A condition must not see a secret either: whether the record is stored would say something about it.
  const isSeen = place.shape !== undefined && redactor.active && (await showsSecret(found, redactor))
  if (!isSeen) {
    const records = await prepareRecords(found, place)
    if (!redactor.active || !(await hasSecret(records, redactor))) return records
  }
  const turns = new Turns()
  const redacted: unknown[] = []
  const keys: string[] = []
  for (const [index, record] of found.entries()) {
    if (turns.isOver) await turns.next()
    redacted.push(redactJson(record, redactor))
    if (place.keys !== undefined) keys.push(String(redactJson(place.keys[index], redactor)))
  }
  const prepared = await prepareRecords(redacted, {
    ...place,
    texts: undefined,
    keys: place.keys === undefined ? undefined : keys,
  })
  return { ...prepared, isRedacted: true }
}

/** Texts that are searched at once, in characters, unless one is longer. */
const SEARCHED_AT_ONCE = 64 * 1024

async function hasSecret({ data, primaryKeys, highest }: PageRecords, redactor: ByteRedactor): Promise<boolean> {
  const turns = new Turns()
  let texts = highest ?? ''
  for (const column of [data, primaryKeys]) {
    for (const text of column) {
      texts += `\n${text}`
      if (texts.length < SEARCHED_AT_ONCE) continue
      if (redactor.finds(Buffer.from(texts))) return true
      texts = ''
      if (turns.isOver) await turns.next()
    }
  }
  return redactor.finds(Buffer.from(texts))
}

async function showsSecret(found: readonly unknown[], redactor: ByteRedactor): Promise<boolean> {
  const turns = new Turns()
  for (const record of found) {
    if (turns.isOver) await turns.next()
    if (redactor.finds(Buffer.from(stringifyJson(record)))) return true
  }
  return false
}

type FoundPiece = Piece & Pick<FoundRecords, 'keys'> & Partial<Pick<FetchedPage, 'items' | 'known'>>

function linesOf({ stream, maxPageBytes = DEFAULT_MAX_BYTES }: StreamReader, page: number, format: LineFormat) {
  return { stream: stream.name, page, format, maxRecordLength: maxPageBytes }
}

/** The records of a page of JSON. */
function wholePiece({ stream }: StreamReader, { list }: ListPlace, page: number, answer: FetchedPage): FoundPiece {
  const empty = isEmptyPage(answer)
  if (!empty && stream.format !== undefined && stream.format !== 'json' && answer.verdict !== 'end') {
    const type = mediaType(answer.headers)
    throw badSource(stream.name, `page ${page} is ${type}, not ${stream.format.toUpperCase()}.`)
  }
  // Null is an empty page only after others. A response that ends the list may have anything.
  const place = { stream, page, mayBeNull: list !== undefined && list.read > 0, mayBeAbsent: answer.verdict === 'end' }
  const found: FoundRecords = empty ? { records: [] } : findRecords(answer.json, place)
  const { items, known } = found.isList === true ? answer : {}
  return { ...found, items, known, before: 0, bytesRead: answer.bytesRead, last: true }
}

/** Whether a response has no records, whatever its body. */
function isEmptyPage({ status, verdict }: FetchedPage): boolean {
  return status === 204 || verdict === 'empty' || verdict === 'invalid_page' || (verdict === 'end' && status >= 300)
}

/** What was read of a page. */
interface PageRead {
  number: number
  recordCount: number
  lastRecord: unknown
  /** The same for two pages with the same records. */
  digest: string
  /** Number of records below the cursor after which the page was requested. */
  older: number
}

interface PlaceAfter {
  /** The list with the page. */
  list: ListSoFar
  next: PagePosition | null
  /** The place to store in the checkpoint. */
  resume: ListPlace | null
  end: ListEnd | null
  /** See StreamPage. */
  feedCursor?: string | null
}

async function placeAfter(
  reader: StreamReader,
  place: ListPlace,
  answer: FetchedPage,
  read: PageRead,
): Promise<PlaceAfter> {
  const { stream } = reader
  const { headers, url } = answer
  const body = answer.body === undefined ? jsonOrUndefined(answer) : undefined
  const list = listAfter(place.list, read, statedTotal(stream, body, headers))
  const isNext = stream.pagination?.type === 'next'
  if (isNext) list.pages = (place.list?.pages ?? 0) + 1
  const ended = (how: ListEnd['how']): PlaceAfter => ({
    list,
    next: null,
    resume: null,
    end: { how, total: list.total },
  })
  const feed = feedOf(stream)
  if (feed !== undefined) {
    const { next, end, cursor } = nextInFeed(feed, reader.since, {
      ...read,
      recordCount: answer.verdict === 'end' ? 0 : read.recordCount,
      stream,
      position: place.next,
      headers,
      body,
    })
    const resume = next === null ? null : { next, list }
    return { list, next, resume, end: end === null ? null : { how: end, total: null }, feedCursor: cursor }
  }
  if (answer.verdict === 'end') return ended('response')
  if (answer.verdict === 'invalid_page') return ended('invalid_page')
  const scope = isNext ? (await reader.source.peek()).scope : undefined
  const after = afterPage({ ...read, stream, position: place.next, url, headers, body, list, scope })
  if (after.next === null) return ended(answer.verdict === 'empty' ? 'response' : after.end)
  // The list begins with the newest records, so all later pages are older too.
  if (stream.incremental?.by === 'newest_first' && read.recordCount > 0 && read.older === read.recordCount) {
    return { ...ended('older'), end: { how: 'older', total: null } }
  }
  if (isRepetition(stream, list)) {
    checkPaging(stream, list, after.promised)
    return ended('repeated')
  }
  const next = await withoutCredentialsIn(reader, after.next)
  if (read.recordCount === 0 && !after.promised && isSamePosition(next, place.next)) return ended('empty')
  return { list, next, resume: await storablePlace(reader, { next, list }), end: null }
}

function listAfter(before: ListSoFar | undefined, { recordCount, digest }: PageRead, total: number | null): ListSoFar {
  const repeats = recordCount > 0 && digest === before?.digest ? before.repeats + 1 : 0
  return {
    read: (before?.read ?? 0) + (repeats === 0 ? recordCount : 0),
    total: total ?? before?.total ?? null,
    last: recordCount,
    largest: Math.max(before?.largest ?? 0, recordCount),
    digest,
    repeats,
    empty: recordCount === 0 ? (before?.empty ?? 0) + 1 : 0,
  }
}

/**
 * @param promised the source says that there are more pages
 * @throws SyncFailedError when pages are the same, although the source says that there is more
 */
function checkPaging({ name, pagination }: StreamDefinition, list: ListSoFar, promised: boolean): void {
  const { read, largest, total } = list
  const isFirst = read <= largest
  if (!promised && !(isFirst && total !== null && total > read)) return
  const pages = isFirst ? 'every page is the same as the first one' : 'a page is the same as the page before it'
  const states = promised ? 'says that there are more pages' : `states a total of ${total} records`
  const parameter = pagination !== undefined && 'param' in pagination ? pagination.param : ''
  throw badSource(name, `${pages}, and the source ${states}. It may not know the parameter ${parameter}.`)
}

/**
 * Whether a page repeats the last page of a list of numbered pages. A full page may be repeated once because as many records
 * were added in front of it meanwhile.
 */
function isRepetition({ pagination }: StreamDefinition, { repeats, last, largest }: ListSoFar): boolean {
  if (pagination === undefined || !isCounted(pagination)) return false
  const isShort = last < Math.max(largest, 'size' in pagination ? (pagination.size ?? 0) : 0)
  return repeats >= (isShort ? 1 : MAX_REPETITIONS)
}

async function withoutCredentialsIn({ source, stream }: StreamReader, position: PagePosition): Promise<PagePosition> {
  if (position.kind !== 'url') return position
  return {
    kind: 'url',
    url: withoutCredentials(new URL(position.url), openedForStream(await source.peek(), stream)).href,
  }
}

/** A link that contains the credential is followed but not stored: another worker starts from the first page. */
async function storablePlace({ source, stream }: StreamReader, place: ListPlace): Promise<ListPlace> {
  const { next } = place
  if (next.kind !== 'url' || !showsCredential(new URL(next.url), openedForStream(await source.peek(), stream)))
    return place
  return { next: { kind: 'first' } }
}

function isSamePosition(a: PagePosition, b: PagePosition): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/**
 * Yields the pages of a source and requests the next one while the last one is used, so at most two are held. A caller
 * that leaves early must abort what the source waits for; the source's end is not awaited.
 */
async function* readAhead(source: AsyncGenerator<HeldPage>, memory: ListMemory): AsyncGenerator<StreamPage> {
  let pending = source.next()
  try {
    for (;;) {
      const { done, value } = await pending
      if (done === true) return
      memory.isBusy = true
      pending = source.next()
      // It is awaited later. Until then its rejection must not count as unhandled.
      pending.catch(() => undefined)
      try {
        yield value
      } finally {
        value.memory.release()
        memory.isBusy = false
      }
    }
  } finally {
    source.return(undefined).catch(() => undefined)
    // A page that was read ahead and is not wanted.
    pending.then(
      ({ value }) => value?.memory.release(),
      () => undefined,
    )
  }
}

/** Empty pages in a row that are accepted. */
const MAX_EMPTY_PAGES = 1_000
/** Repetitions of the same page after which a list of numbered pages has ended, and another list is a loop. */
const MAX_REPETITIONS = 2
/** How often one page may occur again between two others before the list is a loop. */
const MAX_RETURNS = 3

/**
 * Detects a list without an end: a next position that occurred before, the same pages again and again, or only empty
 * pages. Uses constant memory.
 */
class LoopGuard {
  readonly #stream: string
  /** Brent's cycle detection: what is remembered is replaced after 1, 2, 4, 8, … pages. */
  #remembered: string
  #rememberedPage = { digest: '', number: 0, returns: 0 }
  #steps = 0
  #limit = 1

  constructor(stream: string, start: PagePosition) {
    this.#stream = stream
    this.#remembered = JSON.stringify(start)
  }

  /**
   * @param next where the page after `page` begins
   * @param list the list with `page`
   * @throws SyncFailedError
   */
  check(next: PagePosition, page: number, list: ListSoFar): void {
    const key = JSON.stringify(next)
    if (key === this.#remembered) {
      const what = next.kind === 'url' ? 'link' : 'cursor'
      throw this.#endless(`page ${page} has a ${what} to the next page that was used before`)
    }
    if (list.repeats >= MAX_REPETITIONS) throw this.#endless(`page ${page} is the same as the two pages before it`)
    if (list.repeats === 0 && list.last > 0 && list.digest === this.#rememberedPage.digest) {
      this.#rememberedPage.returns += 1
      if (this.#rememberedPage.returns === MAX_RETURNS) {
        throw this.#endless(`page ${page} is the same as page ${this.#rememberedPage.number}, and so were others`)
      }
    }
    this.#steps += 1
    if (this.#steps === this.#limit) {
      this.#remembered = key
      this.#rememberedPage = { digest: list.digest, number: page, returns: 0 }
      this.#steps = 0
      this.#limit *= 2
    }
    if (list.empty > MAX_EMPTY_PAGES) {
      throw badSource(
        this.#stream,
        `${list.empty} pages up to page ${page} have no records, and there is still a next page.`,
      )
    }
  }

  #endless(what: string): SyncFailedError {
    return badSource(this.#stream, `${what}: the list does not end.`)
  }
}
