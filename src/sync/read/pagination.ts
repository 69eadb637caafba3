import { type Path, readPath, readPlace, type ValuePlace } from '../../catalog/definition/path.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import type { Pagination, ParameterPlace, StreamDefinition } from '../../catalog/definition/stream.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { compileCondition, type TemplateScope } from '../../catalog/template/template.ts'
import { expressionReadsName } from '../../catalog/template/template-schema.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { MAX_URL_LENGTH } from '../../egress/policy.ts'
import { isRawJson, parseJson, stringifyJson } from '../../kit/json.ts'
import { valueProblem, withPrefix } from '../../wire/placement.ts'
import { badSource } from '../jobs/sync-error.ts'
import type { Checkpoint, ListSoFar, PagePosition } from './page-position.ts'

/** What pagination adds to a request: query parameters, properties of the JSON body, or a complete URL instead. */
export interface PageParameters {
  url?: string
  query: [string, string][]
  /** Properties by their path in the body. */
  json: [Path, unknown][]
  form: [string, string][]
  headers: [string, string][]
}

const NO_PARAMETERS = { query: [], json: [], form: [], headers: [] }

export function pageParameters(pagination: Pagination | undefined, position: PagePosition): PageParameters {
  if (position.kind === 'url') return { url: position.url, ...NO_PARAMETERS }
  switch (pagination?.type) {
    case 'page':
      return placed(pagination, [
        [pagination.param, position.kind === 'page' ? position.page : (pagination.start ?? 1)],
        [pagination.sizeParam, pagination.size],
      ])
    case 'offset':
      return placed(pagination, [
        [pagination.param, position.kind === 'offset' ? position.offset : 0],
        [pagination.limitParam, pagination.size],
      ])
    case 'cursor':
      return placed(pagination, position.kind === 'cursor' ? [[pagination.param, parseJson(position.json)]] : [])
    case 'next':
      return pagination.place === 'url' || position.kind !== 'cursor'
        ? NO_PARAMETERS
        : placedAt(pagination.place, parseJson(position.json))
    default:
      return placed({}, [])
  }
}

/** Entries without a name are left out. */
function placed(
  { in: place }: { in?: ParameterPlace },
  entries: [name: string | undefined, value: unknown][],
): PageParameters {
  const named = entries.flatMap(([name, value]): [string, unknown][] => (name === undefined ? [] : [[name, value]]))
  // `variables.after` is inside `variables`.
  if (place === 'json') return { ...NO_PARAMETERS, json: named.map(([name, value]) => [name.split('.'), value]) }
  const texts = named.map(([name, value]): [string, string] => [name, cursorText(value) ?? stringifyJson(value)])
  return { ...NO_PARAMETERS, [place ?? 'query']: texts }
}

/** A value that is no text keeps its type in JSON. Elsewhere it is one: `afterNextPage` has checked it. */
function placedAt(place: Placement, value: unknown): PageParameters {
  const text = cursorText(value)
  const placed = text === undefined ? undefined : withPrefix(place, text)
  if (place.in === 'json') {
    return { ...NO_PARAMETERS, json: [[place.name, place.prefix === undefined ? value : (placed ?? value)]] }
  }
  const pair: [string, string] = [place.name, placed ?? '']
  return { ...NO_PARAMETERS, [place.in === 'header' ? 'headers' : place.in]: [pair] }
}

/** How a list ended, and what the source said about its length. */
export type ListEnd = NonNullable<Checkpoint['end']>

/** The parts of a page that determine the position of the next page. */
interface ReadPage {
  stream: StreamDefinition
  position: PagePosition
  /** 1 for the first page of the stream. */
  number: number
  /** URL of the response. */
  url: URL
  headers: Headers
  body: unknown
  recordCount: number
  lastRecord: unknown
  /** The list up to this page, with it. */
  list: ListSoFar
  /** What templates of the connection read. Needed for pagination `next`. */
  scope?: TemplateScope
}

/**
 * Where the next page begins, or how the list ended with this page. `promised`: `hasMore` or `totalPages` says that there is
 * a next page.
 */
type AfterPage = { next: PagePosition; promised: boolean } | { next: null; end: ListEnd['how'] }

/**
 * Where the next page begins, or how the list ended. A page with fewer records than were requested is not the end: the
 * source may have filtered it, or may limit the page size.
 *
 * @throws SyncFailedError when the response contradicts the pagination: an invalid link, or more pages without a cursor
 */
export function afterPage(page: ReadPage): AfterPage {
  const { pagination } = page.stream
  switch (pagination?.type) {
    case undefined:
      return { next: null, end: 'no_next' }
    case 'link_header':
      return endWithout(linkPosition(page, nextLink(page.headers.get('link'))))
    case 'next_url':
      return endWithout(linkPosition(page, readPath(page.body, pagination.path)))
    case 'cursor':
      return afterCursorPage(page, pagination)
    case 'page':
    case 'offset':
      return afterNumberedPage(page, pagination)
    case 'next':
      return afterNextPage(page, pagination)
  }
}

type NextPagination = Extract<Pagination, { type: 'next' }>

/**
 * Whether the next page is named by a number that Latchkey counts, or by the last record, and not by the source. Such a list also ends at
 * a page without records, and where pages repeat the last one.
 */
export function isCounted(pagination: Pagination | undefined): boolean {
  if (pagination?.type !== 'next') return pagination?.type === 'page' || pagination?.type === 'offset'
  return !['answer', 'headers'].some((name) => expressionReadsName(pagination.value, name))
}

function afterNextPage(page: ReadPage, pagination: NextPagination): AfterPage {
  const { stream, number, headers, body, list, recordCount, lastRecord, scope = {} } = page
  const own = {
    answer: body,
    headers: Object.fromEntries(headers),
    last: lastRecord,
    count: recordCount,
    page: list.pages,
  }
  const read = withSharedBudget({ input: scope['input'], kept: scope['kept'], ...own })
  const value = evaluated(page, () => {
    const stops = pagination.stop !== undefined && compileCondition(pagination.stop).test(read)
    return stops ? undefined : compileCondition(pagination.value).value(read)
  })
  if (value === undefined || isFalse(value) || (recordCount === 0 && isCounted(pagination))) {
    return { next: null, end: recordCount === 0 ? 'empty' : 'no_next' }
  }
  if (pagination.place === 'url') return endWithout(linkPosition(page, value))
  const text = cursorText(value)
  if (pagination.place.in !== 'json' && text === undefined) {
    throw badSource(
      stream.name,
      `page ${number} has ${kindOf(value)} as the value of the next page, which must be text.`,
    )
  }
  const problem = text === undefined ? undefined : valueProblem(pagination.place, withPrefix(pagination.place, text))
  if (problem !== undefined) throw badSource(stream.name, `the value of the page after page ${number} ${problem}.`)
  return { next: { kind: 'cursor', json: cursorJson(page, value) }, promised: false }
}

/** As in Jinja. */
function isFalse(value: unknown): boolean {
  if (typeof value === 'object' && value !== null && !isRawJson(value)) return Object.keys(value).length === 0
  return value === null || value === false || value === '' || value === 0
}

/** @throws SyncFailedError */
function evaluated<T>({ stream, number }: ReadPage, evaluate: () => T): T {
  try {
    return evaluate()
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw badSource(stream.name, `the page after page ${number} cannot be found: ${error.message}`)
  }
}

function endWithout(next: PagePosition | null): AfterPage {
  return next === null ? { next, end: 'no_next' } : { next, promised: false }
}

/**
 * A source that filters a page after paging may return a page without records in the middle of the list. If it says that
 * there are more, up to this many such pages in a row are read.
 */
const MAX_FILTERED_PAGES = 10

function afterNumberedPage(page: ReadPage, pagination: Extract<Pagination, { type: 'page' | 'offset' }>): AfterPage {
  const { position, recordCount, list } = page
  const more = moreIn(page, pagination.hasMore)
  if (more === false) return { next: null, end: 'has_more' }
  const first = pagination.type === 'page' ? (pagination.start ?? 1) : 0
  const current = position.kind === 'page' ? position.page : position.kind === 'offset' ? position.offset : first
  const step = pagination.type === 'page' ? 1 : recordCount || list.largest || pagination.size
  const next: PagePosition =
    pagination.type === 'page' ? { kind: 'page', page: current + step } : { kind: 'offset', offset: current + step }
  if (more === true) return { next, promised: true }
  const stated = statedEnd(page, pagination, current - first)
  if (stated === 'reached') return { next: null, end: 'total' }
  const mayBeFiltered = stated !== undefined && list.empty <= MAX_FILTERED_PAGES
  if (recordCount === 0 && !mayBeFiltered) return { next: null, end: 'empty' }
  return { next, promised: stated === 'more pages' }
}

/**
 * Whether the declared total or number of pages says that this is the last page.
 * @param passed pages or records before this page
 */
function statedEnd(
  { body, headers, list, recordCount }: ReadPage,
  pagination: Extract<Pagination, { type: 'page' | 'offset' }>,
  passed: number,
): 'reached' | 'more pages' | 'more records' | undefined {
  const pages =
    pagination.type === 'page' && pagination.totalPages !== undefined
      ? countOf(readPlace(pagination.totalPages, body, headers))
      : null
  // 0 pages with a record is not a number of pages.
  if (pages !== null && (pages > 0 || recordCount === 0)) return passed + 1 >= pages ? 'reached' : 'more pages'
  if (pagination.total === undefined || list.total === null) return undefined
  // More records than the total: it is not the total of this list, or the list has changed. It proves nothing.
  const { size } = pagination
  if (list.read === list.total) {
    return list.read === recordCount && isLikeLimit(recordCount, size) ? undefined : 'reached'
  }
  if (size === undefined) return undefined
  const next = pagination.type === 'page' ? (passed + 1) * size : passed + size
  return next < list.total ? 'more records' : undefined
}

/**
 * Whether a first page with this number of records may have been cut by the source. Some sources state the number of records
 * on the page as their total.
 */
function isLikeLimit(count: number, size: number | undefined): boolean {
  return count >= (size ?? 0) || count % 10 === 0 || count % 25 === 0
}

/** The total that a response states: at the place that the definition names, or else in a usual header. */
export function statedTotal({ pagination }: StreamDefinition, body: unknown, headers: Headers): number | null {
  if (pagination !== undefined && 'total' in pagination && pagination.total !== undefined) {
    return countOf(readPlace(pagination.total, body, headers))
  }
  return countOf(headers.get('x-total-count') ?? headers.get('x-total'))
}

const LARGEST_COUNT = 2 ** 31 - 1

/** A number of records or pages; null: it is none. */
function countOf(value: unknown): number | null {
  const count = typeof value === 'string' && /^\s*\d{1,10}\s*$/.test(value) ? Number(value) : value
  return Number.isInteger(count) && Number(count) >= 0 && Number(count) <= LARGEST_COUNT ? Number(count) : null
}

/**
 * What a person should know about the end of a list; undefined: nothing.
 * @param recordsRead number of records of the list
 */
export function endWarning(
  { name, pagination }: StreamDefinition,
  { how, total }: ListEnd,
  { recordsRead, largestPage }: { recordsRead: number; largestPage: number },
): string | undefined {
  if (total !== null && recordsRead < total) {
    return `The provider states a total of ${total} records for ${name}, and ${recordsRead} were read.`
  }
  if (how !== 'repeated' || (pagination?.type !== 'page' && pagination?.type !== 'offset')) return undefined
  // One page that is not full is the whole list.
  const isWhole = pagination.size !== undefined && largestPage !== pagination.size
  if (isWhole || recordsRead > largestPage) return undefined
  return `Every page of ${name} is the same as its first page. If the provider has more records, it does not know the parameter ${pagination.param}.`
}

/** How a source says in words that a page is beyond the end: "Invalid page.", rest_post_invalid_page_number. */
const BEYOND_THE_END = /page|offset|out.of.(range|bounds)|no (more )?(results|records|items|data)/i
/** A source that refuses to go on although its list does: "Offset must not exceed 10000.", "Result window is too large." */
const LIMIT_OF_PAGING =
  /limit (is|of|exceeded|reached)|limited to|max(imum)? (allowed|offset|results?)|window|deep|only (the )?first|\d0{3}\b|\d,000\b/i
const MAX_WORDS = 2_000

/**
 * Whether a refused request for a page after others means that the list has ended: a 400 or 404 whose words are about the
 * page, or any 400 or 404 after a page that was shorter than the others.
 *
 * @param response `text`: its body
 * @param list what was read before
 */
export function isBeyondEnd(
  { pagination }: StreamDefinition,
  { status, text }: { status: number; text: string },
  list: ListSoFar,
): boolean {
  if (pagination?.type !== 'page' && pagination?.type !== 'offset') return false
  if ((status !== 400 && status !== 404) || list.last === 0) return false
  const words = text.slice(0, MAX_WORDS)
  // A proxy or a web server says nothing about the list.
  const isHtml = /^\s*</.test(words)
  const aboutPage = BEYOND_THE_END.test(words) || mentions(words, pagination.param)
  if (!isHtml && aboutPage && !LIMIT_OF_PAGING.test(words)) return true
  const usual = list.read > list.last ? list.largest : (pagination.size ?? 0)
  return list.last < usual && !LIMIT_OF_PAGING.test(words)
}

function mentions(words: string, name: string): boolean {
  return name.length > 1 && words.toLowerCase().includes(name.toLowerCase())
}

function linkPosition(page: ReadPage, link: unknown): PagePosition | null {
  if (link === undefined || saysNo(link)) return null
  const where = `page ${page.number}`
  if (typeof link !== 'string')
    throw badSource(page.stream.name, `${where} has ${kindOf(link)} as the link to the next page.`)
  // Checked before it is parsed: Node reads the query of a long URL in more than linear time.
  const url = link.length > MAX_URL_LENGTH ? null : URL.parse(link, page.url)
  if (link.length > MAX_URL_LENGTH || (url !== null && url.href.length > MAX_URL_LENGTH)) {
    throw badSource(
      page.stream.name,
      `${where} has a link to the next page of more than ${MAX_URL_LENGTH} characters. The link is not followed.`,
    )
  }
  if (url === null) throw badSource(page.stream.name, `${where} has a link to the next page that is not a URL.`)
  if (url.origin !== page.url.origin) {
    throw badSource(
      page.stream.name,
      `${where} links to another host for the next page (${url.host} instead of ${page.url.host}). The link is not followed.`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw badSource(page.stream.name, `${where} has a link to the next page with a user name or password.`)
  }
  url.hash = ''
  return { kind: 'url', url: url.href }
}

function afterCursorPage(page: ReadPage, pagination: Extract<Pagination, { type: 'cursor' }>): AfterPage {
  const more = moreIn(page, pagination.hasMore)
  if (more === false) return { next: null, end: 'has_more' }
  const ofRecord = pagination.from === 'last_record'
  const cursor = readPath(ofRecord ? page.lastRecord : page.body, pagination.path)
  // A record may have the id 0 or "no". A next page cannot.
  if (cursor === undefined || (ofRecord ? isBlank(cursor) : saysNo(cursor))) {
    if (more === undefined) return { next: null, end: 'no_next' }
    throw badSource(
      page.stream.name,
      `page ${page.number} says that there are more pages (${placeText(pagination.hasMore)}) but has no cursor (${pathText(pagination.path)}).`,
    )
  }
  if (pagination.in !== 'json' && cursorText(cursor) === undefined) {
    throw badSource(
      page.stream.name,
      `page ${page.number} has ${kindOf(cursor)} as its cursor, which cannot be a query parameter.`,
    )
  }
  const json = cursorJson(page, cursor)
  return { next: { kind: 'cursor', json }, promised: more === true }
}

/** Longest cursor, as JSON, in characters. It is stored with each page. */
export const MAX_CURSOR = 64 * 1024

/**
 * A cursor from a response, as JSON.
 * @throws SyncFailedError when it is too long
 */
export function cursorJson({ stream, number }: Pick<ReadPage, 'stream' | 'number'>, cursor: unknown): string {
  const json = stringifyJson(cursor)
  if (json.length <= MAX_CURSOR) return json
  throw badSource(stream.name, `page ${number} has a cursor of more than ${MAX_CURSOR} characters.`)
}

function isBlank(value: unknown): boolean {
  return value === null || value === '' || value === false
}

const NO = new Set(['', '0', 'n', 'no', 'f', 'false', 'off', 'none', 'null', 'nil', 'undefined'])

/** Whether a value says that there is no next page: false, null, 0, or a text such as "N". */
export function saysNo(value: unknown): boolean {
  return (
    value === false ||
    value === null ||
    value === 0 ||
    (typeof value === 'string' && NO.has(value.trim().toLowerCase()))
  )
}

/** What `hasMore` says; undefined: the response does not have it. */
function moreIn({ body, headers }: ReadPage, hasMore: ValuePlace | undefined): boolean | undefined {
  const value = hasMore === undefined ? undefined : readPlace(hasMore, body, headers)
  if (value === undefined) return undefined
  const isEmpty = typeof value === 'object' && value !== null && !isRawJson(value) && Object.keys(value).length === 0
  return !saysNo(value) && !isEmpty
}

/** A value as text for a query parameter; undefined: it is not a string, number or boolean. */
export function cursorText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return isRawJson(value) ? value.rawJSON : undefined
}

function placeText(place: ValuePlace | undefined): string {
  return typeof place === 'string' ? place : pathText(place)
}

export function pathText(path: Path | undefined): string {
  return (path ?? []).join('.')
}

/**
 * The target of the first link with the relation `next` in a Link header (RFC 8288 section 3); undefined: there is
 * none. Targets may contain commas and semicolons, parameters may be quoted, and a link may have several relations.
 */
export function nextLink(header: string | null): string | undefined {
  const text = header ?? ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('<', at)
    const close = open === -1 ? -1 : text.indexOf('>', open)
    if (close === -1) return undefined
    const { parameters, end } = readParameters(text, close + 1)
    const relations = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/)
    // A link with an anchor belongs to another resource than this page.
    if (relations.includes('next') && !parameters.has('anchor')) return text.slice(open + 1, close).trim()
    at = end
  }
  return undefined
}

const PARAMETER = /\s*;\s*([^\s=;,"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y

/** The first occurrence of a parameter is used. `end`: after the comma before the next link. */
function readParameters(text: string, start: number): { parameters: Map<string, string>; end: number } {
  const parameters = new Map<string, string>()
  let at = start
  for (;;) {
    PARAMETER.lastIndex = at
    const match = PARAMETER.exec(text)
    if (match === null) break
    at = PARAMETER.lastIndex
    const name = (match[1] ?? '').toLowerCase()
    if (name !== '' && !parameters.has(name)) parameters.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '')
  }
  const comma = text.indexOf(',', at)
  return { parameters, end: comma === -1 ? text.length : comma + 1 }
}

/** The kind of a JSON value, for messages: "a string", "an object", "nothing". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isRawJson(value)) return 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
