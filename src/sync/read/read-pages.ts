import { hash } from 'node:crypto'
import { DEFAULT_MAX_BYTES } from '../../egress/egress.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { inSpan } from '../../kit/tracing.ts'
import { showsCredential, withoutCredentials } from '../../requests/credential-in-url.ts'
import type { ProviderFailure } from '../../wire/verdict.ts'
import { badSource, requestFailed } from '../jobs/sync-error.ts'
import type { SyncWarning } from '../jobs/sync-warning.ts'
import { lineFormatOf, mediaType, type Piece, readLines } from './body-formats.ts'
import { type FetchedPage, fetchPage, type StreamReader } from './fetch-page.ts'
import type { PagePosition, ParentPlace } from './page-position.ts'
import { findRecords, type PageRecords, prepareRecords } from './page-records.ts'
import { nextPosition } from './pagination.ts'

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
  /** Decoded bytes of the response. */
  bytesRead: number
  /** Total number of records, if the provider sends it (X-Total-Count). */
  total: number | null
  /** See FetchedPage. */
  askedAt: number | null
  /** What is worth a warning on this page. Stored in the transaction that writes the page. Default: nothing. */
  warnings?: readonly SyncWarning[]
}

/**
 * How often a page that is read line by line may break off. It is read again from its start; the records are the same.
 */
const MAX_BREAKS = 5

/**
 * Reads a stream from `start`, page by page. While a page is being written, the next one is requested and parsed, so at
 * most two pages are held. Leaving the generator early aborts all requests.
 *
 * A page that is read line by line is yielded in pieces. Only its end is a place to continue from, so all pieces but
 * the last have the start of the page as `resume`: another worker reads the page again, which does not change the
 * records that were written.
 *
 * @param firstNumber number of the first page, for messages
 * @throws SyncFailedError when the stream cannot be read to its end
 * @throws the signal's reason
 */
export async function* readPages(
  reader: StreamReader,
  start: PagePosition,
  firstNumber: number,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const ahead = linkAbort(signal)
  try {
    yield* readAhead(pagesFrom(reader, start, firstNumber, ahead.signal))
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
  start: PagePosition,
  firstNumber: number,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const guard = new LoopGuard(reader.stream.name, start)
  let position: PagePosition | null = start
  for (let number = firstNumber; position !== null; number += 1) {
    position = yield* readPage(reader, position, number, guard, signal)
  }
}

/** @returns where the next page begins; null: this was the last page */
async function* readPage(
  reader: StreamReader,
  position: PagePosition,
  number: number,
  guard: LoopGuard,
  signal: AbortSignal,
): AsyncGenerator<StreamPage, PagePosition | null> {
  const { name } = reader.stream
  const attributes = { 'latchkey.stream': name, 'latchkey.page': number }
  let broken: ProviderFailure | undefined
  for (let breaks = 1; ; breaks += 1) {
    const answer = await inSpan('sync page', attributes, () => fetchPage(reader, position, signal, broken))
    try {
      return yield* preparePage(reader, position, number, guard, answer)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!(error instanceof EgressError)) throw error
      broken = { ok: false, as: error.retryable ? 'retry' : 'fail', message: error.message }
      if (breaks === MAX_BREAKS) throw requestFailed(name, broken, breaks)
    }
  }
}

async function* preparePage(
  reader: StreamReader,
  position: PagePosition,
  number: number,
  guard: LoopGuard,
  answer: FetchedPage,
): AsyncGenerator<StreamPage, PagePosition | null> {
  const parentKey = reader.parent?.primaryKey ?? []
  const place = { connectionId: reader.connectionId, stream: reader.stream, page: number, parentKey }
  const total = reader.parent === undefined ? totalOf(answer.headers) : null
  const { askedAt } = answer
  const startOfPage = await storablePosition(reader, position)
  let digest = ''
  for await (const { records: found, before, bytesRead, last } of piecesOf(reader, number, answer)) {
    const records = prepareRecords(found, { ...place, before })
    digest = digest === '' ? records.digest : hash('sha256', digest + records.digest, 'hex')
    const page = { number, records, bytesRead, total, askedAt }
    if (!last) yield { ...page, next: position, resume: startOfPage }
    else {
      const recordCount = before + found.length
      const { next, resume } = await positionsAfter(reader, position, number, answer, recordCount)
      if (next !== null) guard.checkNext(next, number, recordCount)
      guard.checkRecords(digest, number, recordCount)
      yield { ...page, next, resume }
      return next
    }
  }
  throw new Error('A page ended without its last piece.')
}

/** A JSON page is one piece. */
async function* piecesOf(reader: StreamReader, page: number, answer: FetchedPage): AsyncGenerator<Piece> {
  const { stream } = reader
  const format = lineFormatOf(stream, answer.headers)
  if (answer.body !== undefined && format !== undefined) {
    const maxRecordLength = reader.maxPageBytes ?? DEFAULT_MAX_BYTES
    yield* readLines(answer, answer.body, { stream: stream.name, page, format, maxRecordLength })
    return
  }
  const empty = answer.status === 204
  if (!empty && stream.format !== undefined && stream.format !== 'json') {
    const type = mediaType(answer.headers)
    throw badSource(stream.name, `page ${page} is ${type}, not ${stream.format.toUpperCase()}.`)
  }
  const records = empty ? [] : findRecords(answer.json, { connectionId: reader.connectionId, stream, page })
  yield { records, before: 0, bytesRead: answer.bytesRead, last: true }
}

/** The position after a page, and the position to store in the checkpoint. */
async function positionsAfter(
  reader: StreamReader,
  position: PagePosition,
  number: number,
  answer: FetchedPage,
  recordCount: number,
): Promise<{ next: PagePosition | null; resume: PagePosition | null }> {
  const { stream } = reader
  const body = answer.status === 204 || answer.body !== undefined ? undefined : answer.json()
  const next = nextPosition({ stream, position, number, url: answer.url, headers: answer.headers, body, recordCount })
  if (next?.kind !== 'url') return { next, resume: next }
  const url = withoutCredentials(new URL(next.url), await reader.source.peek())
  const clean: PagePosition = { kind: 'url', url: url.href }
  return { next: clean, resume: await storablePosition(reader, clean) }
}

/** A link that contains the credential is followed but not stored: another worker starts from the first page. */
async function storablePosition({ source }: StreamReader, position: PagePosition): Promise<PagePosition> {
  if (position.kind !== 'url') return position
  return showsCredential(new URL(position.url), await source.peek()) ? { kind: 'first' } : position
}

function totalOf(headers: Headers): number | null {
  const text = headers.get('x-total-count') ?? headers.get('x-total') ?? ''
  const total = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN
  return total <= 2 ** 31 - 1 ? total : null
}

/**
 * Yields the values of a source and requests the next one while the last one is used, so at most two are held. A caller
 * that leaves early must abort what the source waits for; the source's end is not awaited.
 */
async function* readAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let pending = source.next()
  try {
    for (;;) {
      const { done, value } = await pending
      if (done === true) return
      pending = source.next()
      // It is awaited later. Until then its rejection must not count as unhandled.
      pending.catch(() => undefined)
      yield value
    }
  } finally {
    source.return(undefined).catch(() => undefined)
  }
}

/** Empty pages in a row that are accepted. */
const MAX_EMPTY_PAGES = 1_000
/** Repetitions of the same page that are accepted, including the last one. */
const MAX_REPETITIONS = 2

/**
 * Detects a list without an end: a next position that occurred before, the same records again and again, or only empty
 * pages. Uses constant memory.
 */
class LoopGuard {
  readonly #stream: string
  /** Brent's cycle detection: the remembered position is replaced after 1, 2, 4, 8, … pages. */
  #remembered: string
  #steps = 0
  #limit = 1
  #digest = ''
  #repetitions = 0
  #empty = 0

  constructor(stream: string, start: PagePosition) {
    this.#stream = stream
    this.#remembered = JSON.stringify(start)
  }

  /** @throws SyncFailedError */
  checkNext(next: PagePosition, page: number, recordCount: number): void {
    const key = JSON.stringify(next)
    if (key === this.#remembered) {
      const what = next.kind === 'url' ? 'link' : 'cursor'
      throw badSource(
        this.#stream,
        `page ${page} has a ${what} to the next page that was used before: the list does not end.`,
      )
    }
    this.#steps += 1
    if (this.#steps === this.#limit) {
      this.#remembered = key
      this.#steps = 0
      this.#limit *= 2
    }
    this.#empty = recordCount === 0 ? this.#empty + 1 : 0
    if (this.#empty > MAX_EMPTY_PAGES) {
      throw badSource(
        this.#stream,
        `${this.#empty} pages up to page ${page} have no records, and there is still a next page.`,
      )
    }
  }

  /**
   * @param digest the same for two pages with the same records
   * @throws SyncFailedError
   */
  checkRecords(digest: string, page: number, recordCount: number): void {
    this.#repetitions = recordCount > 0 && digest === this.#digest ? this.#repetitions + 1 : 0
    this.#digest = digest
    if (this.#repetitions >= MAX_REPETITIONS) {
      throw badSource(this.#stream, `page ${page} is the same as the two pages before it: the list does not end.`)
    }
  }
}
