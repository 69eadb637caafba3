import { type Path, readPath } from '../../catalog/definition/path.ts'
import type { Pagination, StreamDefinition } from '../../catalog/definition/stream.ts'
import { isRawJson, parseJson, stringifyJson } from '../../kit/json.ts'
import { badSource } from '../jobs/sync-error.ts'
import type { PagePosition } from './page-position.ts'

/** What pagination adds to a request: query parameters, properties of the JSON body, or a complete URL instead. */
export interface PageParameters {
  url?: string
  query: [string, string][]
  /** By path in the body: `variables.after` is inside `variables`. */
  json: Record<string, unknown>
}

export function pageParameters(pagination: Pagination | undefined, position: PagePosition): PageParameters {
  const none: PageParameters = { query: [], json: {} }
  if (position.kind === 'url') return { ...none, url: position.url }
  if (pagination?.type === 'page') {
    const page = position.kind === 'page' ? position.page : (pagination.start ?? 1)
    const size: [string, string][] =
      pagination.sizeParam === undefined ? [] : [[pagination.sizeParam, String(pagination.size)]]
    return { ...none, query: [[pagination.param, String(page)], ...size] }
  }
  if (pagination?.type === 'offset') {
    const offset = position.kind === 'offset' ? position.offset : 0
    return {
      ...none,
      query: [
        [pagination.param, String(offset)],
        [pagination.limitParam, String(pagination.size)],
      ],
    }
  }
  if (pagination?.type === 'cursor' && position.kind === 'cursor') {
    const value = parseJson(position.json)
    if (pagination.in === 'json') return { ...none, json: { [pagination.param]: value } }
    return { ...none, query: [[pagination.param, cursorText(value) ?? position.json]] }
  }
  return none
}

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
}

/**
 * Where the next page begins; null: this was the last page.
 * @throws SyncFailedError when the response contradicts the pagination: an invalid link, or more pages without a cursor
 */
export function nextPosition(page: ReadPage): PagePosition | null {
  const { pagination } = page.stream
  switch (pagination?.type) {
    case undefined:
      return null
    case 'link_header':
      return linkPosition(page, nextLink(page.headers.get('link')))
    case 'next_url':
      return linkPosition(page, readPath(page.body, pagination.path))
    case 'cursor':
      return cursorPosition(page, pagination)
    case 'page': {
      const current = page.position.kind === 'page' ? page.position.page : (pagination.start ?? 1)
      return page.recordCount < pagination.size ? null : { kind: 'page', page: current + 1 }
    }
    case 'offset': {
      const current = page.position.kind === 'offset' ? page.position.offset : 0
      return page.recordCount < pagination.size ? null : { kind: 'offset', offset: current + page.recordCount }
    }
  }
}

function linkPosition(page: ReadPage, link: unknown): PagePosition | null {
  if (link === undefined || link === null || link === '' || link === false) return null
  const where = `page ${page.number}`
  if (typeof link !== 'string')
    throw badSource(page.stream.name, `${where} has ${kindOf(link)} as the link to the next page.`)
  const url = URL.parse(link, page.url)
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

function cursorPosition(page: ReadPage, pagination: Extract<Pagination, { type: 'cursor' }>): PagePosition | null {
  const more = pagination.hasMore === undefined ? undefined : readPath(page.body, pagination.hasMore)
  if (more !== undefined && isFalsy(more)) return null
  const cursor = readPath(pagination.from === 'last_record' ? lastRecord(page) : page.body, pagination.path)
  if (cursor === undefined || cursor === null || cursor === '' || cursor === false) {
    if (more === undefined) return null
    throw badSource(
      page.stream.name,
      `page ${page.number} says that there are more pages (${pathText(pagination.hasMore)}) but has no cursor (${pathText(pagination.path)}).`,
    )
  }
  if (pagination.in !== 'json' && cursorText(cursor) === undefined) {
    throw badSource(
      page.stream.name,
      `page ${page.number} has ${kindOf(cursor)} as its cursor, which cannot be a query parameter.`,
    )
  }
  return { kind: 'cursor', json: stringifyJson(cursor) }
}

function lastRecord({ body, stream }: ReadPage): unknown {
  const records = readPath(body, stream.recordsPath ?? [])
  return Array.isArray(records) ? records.at(-1) : undefined
}

function isFalsy(value: unknown): boolean {
  return value === false || value === null || value === 0 || value === '' || value === 'false'
}

/** A value as text for a query parameter; undefined: it is not a string, number or boolean. */
export function cursorText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return isRawJson(value) ? value.rawJSON : undefined
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
