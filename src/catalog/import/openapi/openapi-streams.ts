import {
  DEPRECATED,
  type Json,
  listOf,
  type OpenApiDocument,
  type Operation,
  objectOf,
  responseSchemaOf,
  typeOf,
} from './openapi-document.ts'

/** A stream that is made of an operation, and what of it is a guess. */
export interface OpenApiStream {
  definition: Record<string, unknown>
  notes: string[]
}

/** Names of properties that have the records of a list, the likelier first. */
const LIST_NAMES = ['data', 'items', 'results', 'records', 'values', 'entries', 'list', 'rows', 'elements', 'content']
/** Names of objects that say how a list is paged. */
const META_NAMES = [
  'meta',
  'paging',
  'pagination',
  'page_info',
  'pageInfo',
  'page',
  'links',
  '_links',
  'response_metadata',
]

const same = (names: readonly string[]) => {
  const plain = new Set(names.map(plainName))
  return (name: string) => plain.has(plainName(name))
}
/** `page[size]`, `page_size` and `pageSize` are one name. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

const isPage = same(['page', 'page_number', 'page_num', 'p', 'page_no', 'page_index', 'current_page'])
const isOffset = same(['offset', 'skip', 'start', 'start_at', 'start_index', 'page_offset'])
const isSize = same([
  ...[
    'per_page',
    'page_size',
    'limit',
    'size',
    'count',
    'max_results',
    'take',
    'top',
    'results_per_page',
    'page_limit',
  ],
  ...['$top', 'max_items', 'first'],
])
const isCursor = same([
  ...[
    'cursor',
    'after',
    'page_token',
    'starting_after',
    'next_token',
    'continuation_token',
    'next_cursor',
    'page_cursor',
  ],
  ...['page_after', 'next_page_token', 'next', 'bookmark', 'scroll_id', 'marker'],
])
const isNextCursor = same([
  ...['next_cursor', 'next_page_token', 'cursor', 'next_token', 'continuation_token', 'after', 'end_cursor', 'next'],
  ...['next_page_cursor', 'bookmark', 'scroll_id', 'marker', 'next_page'],
])
const isNextUrl = same(['next', 'next_url', 'next_page_url', 'next_link', '@odata.nextLink', 'next_page', 'href'])
const isTotal = same(['total', 'total_count', 'total_items', 'total_results', 'total_records', 'total_size'])
const isTotalPages = same(['total_pages', 'page_count', 'last_page', 'num_pages'])
const isHasMore = same(['has_more', 'has_next', 'has_next_page', 'more'])

const isSince = same([
  ...[
    'updated_since',
    'modified_since',
    'changed_since',
    'since',
    'updated_after',
    'modified_after',
    'last_updated_after',
  ],
  ...[
    'updated_at_min',
    'min_updated_at',
    'updated_at[gte]',
    'updated_at[gt]',
    'updated_at_gte',
    'updated_gte',
    'updated_from',
  ],
  ...['updated_at_from', 'modified_from', 'last_modified_after', 'last_modified_since', 'if_modified_since'],
])
const isChangeTime = same([
  ...[
    'updated_at',
    'modified_at',
    'last_modified',
    'last_updated',
    'last_modified_at',
    'last_updated_at',
    'updated',
    'modified',
  ],
  ...[
    'updated_on',
    'modified_on',
    'updated_time',
    'modified_time',
    'date_modified',
    'date_updated',
    'last_modified_date',
  ],
])

const DEFAULT_SIZE = 100

/**
 * The stream that an operation is: a GET without required values whose response has a list of objects.
 * @returns undefined for an operation that is none
 */
export function streamOf(
  document: OpenApiDocument,
  operation: Operation,
  places: ReadonlySet<string>,
): OpenApiStream | undefined {
  const { method, path, parameters } = operation
  if (method !== 'get' || path.includes('{')) return undefined
  const query = queryOf(parameters, document, places)
  if (query === undefined) return undefined
  const { schema, headers } = responseSchemaOf(document, operation)
  const list = listIn(document, schema, nameIn(path))
  if (list === undefined) return undefined
  const notes = [...list.notes]
  const paging = pagingOf(document, { parameters, headers, schema, list })
  notes.push(paging.note)
  const key = keyOf(list.item, nameIn(path))
  notes.push(
    key !== undefined
      ? `The primary key ${key} is a guess.`
      : 'No primary key was recognised: each full reading replaces the records.',
  )
  for (const name of Object.keys(query)) if (paging.sets.has(name)) delete query[name]
  const definition: Record<string, unknown> = { name: '', path }
  if (Object.keys(query).length > 0) definition['query'] = query
  if (list.path.length > 0) definition['recordsPath'] = list.path
  if (key !== undefined) definition['primaryKey'] = [[key]]
  if (paging.pagination !== undefined) definition['pagination'] = paging.pagination
  const since = incrementalOf(parameters, list.item)
  if (since !== undefined) {
    definition['incremental'] = since
    notes.push(`Reading only changes, by the parameter ${since.param} and the field ${since.cursorField}, is a guess.`)
  }
  if (operation.value['deprecated'] === true) notes.push(DEPRECATED)
  return { definition, notes }
}

/** The query parameters that a reading must have. Undefined: there is one whose value is not known, or another required parameter. */
function queryOf(
  parameters: readonly Json[],
  document: OpenApiDocument,
  places: ReadonlySet<string>,
): Record<string, string> | undefined {
  const query: Record<string, string> = {}
  for (const parameter of parameters) {
    const name = String(parameter['name'])
    if (parameter['required'] !== true || places.has(`${parameter['in']} ${name}`.toLowerCase())) continue
    if (parameter['in'] === 'header' && /^(?:accept|content-type|authorization)$/i.test(name)) continue
    const { default: value, enum: choices, const: fixed } = document.schema(parameter['schema'])
    const known = fixed ?? value ?? (listOf(choices).length === 1 ? listOf(choices)[0] : undefined)
    const isPaging = isPage(name) || isOffset(name) || isSize(name)
    if (parameter['in'] !== 'query' || (known === undefined && !isPaging) || typeof known === 'object') return undefined
    query[name] = String(known ?? '')
  }
  return query
}

/** A parameter with the time since which records have changed, and the field that has that time. Undefined: one of them is absent. */
function incrementalOf(parameters: readonly Json[], item: Json): { param: string; cursorField: [string] } | undefined {
  const param = parameters.find(({ in: place, name }) => place === 'query' && isSince(String(name)))
  const field = Object.keys(objectOf(item['properties'])).find(isChangeTime)
  return param === undefined || field === undefined ? undefined : { cursorField: [field], param: String(param['name']) }
}

/** The last part of a path without parameters: `orders`. */
function nameIn(path: string): string {
  return plainName(path.split('/').findLast((part) => part !== '') ?? '').replace(/json$/, '')
}

const isUsualKey = same(['uuid', '_id', 'guid', 'gid', 'sid'])

/** The field that tells the records apart: `id`, the name of one record with `id` (`order_id`), or a usual name. */
function keyOf(item: Json, name: string): string | undefined {
  const fields = Object.keys(objectOf(item['properties']))
  const singular = [name, name.replace(/ies$/, 'y'), name.replace(/es$/, ''), name.replace(/s$/, '')]
  const isOwn = (field: string) => singular.some((each) => plainName(field) === `${each}id`)
  return fields.find((field) => field === 'id') ?? fields.find(isOwn) ?? fields.find(isUsualKey)
}

interface FoundList {
  path: string[]
  item: Json
  notes: string[]
}

/** Where the response has its list of objects: itself, a property, or a property of a property. */
function listIn(document: OpenApiDocument, schema: Json, name: string): FoundList | undefined {
  if (typeOf(schema) === 'array') {
    const item = document.schema(schema['items'])
    return isObject(item) ? { path: [], item, notes: [] } : undefined
  }
  const lists = listsBelow(document, schema, [])
  const [first, ...others] = lists.length > 0 ? lists : innerLists(document, schema)
  if (first === undefined) return undefined
  const isNamed = (usual: readonly string[]) => (list: FoundList) => usual.includes(plainName(list.path.at(-1) ?? ''))
  const known = [first, ...others].find(isNamed([name])) ?? [first, ...others].find(isNamed(LIST_NAMES)) ?? first
  const notes = [`The records are at ${known.path.join('.')}, by the schema of the response.`]
  if (others.length > 0 && !isNamed([name, ...LIST_NAMES])(known)) {
    notes.push('The response has several lists. The first one is read.')
  }
  return { ...known, notes }
}

function listsBelow(document: OpenApiDocument, schema: Json, path: string[]): FoundList[] {
  return Object.entries(objectOf(schema['properties'])).flatMap(([name, value]) => {
    const property = document.schema(value)
    if (typeOf(property) !== 'array') return []
    const item = document.schema(property['items'])
    return isObject(item) ? [{ path: [...path, name], item, notes: [] }] : []
  })
}

/** Lists in an object that wraps the response: `data.items`, `_embedded.orders`. */
function innerLists(document: OpenApiDocument, schema: Json): FoundList[] {
  return Object.entries(objectOf(schema['properties'])).flatMap(([name, value]) => {
    const isWrapper = LIST_NAMES.includes(name) || ['result', 'response', '_embedded', 'payload', 'body'].includes(name)
    return isWrapper ? listsBelow(document, document.schema(value), [name]) : []
  })
}

function isObject(schema: Json): boolean {
  return typeOf(schema) === 'object' || schema['oneOf'] !== undefined || schema['anyOf'] !== undefined
}

interface Paged {
  parameters: readonly Json[]
  headers: Json
  schema: Json
  list: FoundList
}

interface Paging {
  pagination: Record<string, unknown> | undefined
  note: string
  /** Names of the parameters that the paging sets. */
  sets: ReadonlySet<string>
}

/** Recognises the paging of a list by the names of its parameters, and of the properties of its response. */
function pagingOf(document: OpenApiDocument, { parameters, headers, schema, list }: Paged): Paging {
  const query = parameters.filter((parameter) => parameter['in'] === 'query')
  const named = (is: (name: string) => boolean) => query.find((parameter) => is(String(parameter['name'])))
  const nameOf = (parameter: Json | undefined) => (parameter === undefined ? undefined : String(parameter['name']))
  const found = (is: (name: string) => boolean) => propertyIn(document, schema, is)
  const sizeParameter = named(isSize)
  const sizeName = nameOf(sizeParameter)
  const size = sizeOf(document, sizeParameter)
  const by = (pagination: Record<string, unknown>, note: string): Paging => {
    const sets = new Set(['param', 'limitParam', 'sizeParam'].flatMap((key) => pagination[key] ?? []).map(String))
    return { pagination, note, sets }
  }
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'link')) {
    return by({ type: 'link_header' }, 'The paging by the Link header is a guess.')
  }
  const cursor = nameOf(named(isCursor))
  const next = found(isNextCursor)
  const hasMore = found(isHasMore)
  if (cursor !== undefined && next !== undefined) {
    return by({ type: 'cursor', path: next, param: cursor, hasMore }, `The paging by the cursor ${cursor} is a guess.`)
  }
  if (
    cursor !== undefined &&
    plainName(cursor) === 'startingafter' &&
    objectOf(list.item['properties'])['id'] !== undefined
  ) {
    return by(
      { type: 'cursor', path: ['id'], param: cursor, from: 'last_record', hasMore },
      `The paging by ${cursor}, the id of the last record, is a guess.`,
    )
  }
  const page = nameOf(named(isPage))
  const offset = nameOf(named(isOffset))
  const total = found(isTotal)
  if (page !== undefined) {
    const parameter = named(isPage)
    const { minimum, default: usual } = document.schema(parameter?.['schema'])
    const isZeroBased =
      /\b(?:zero|0)[- ](?:based|indexed)\b|\b(?:starts?|begins?|starting) (?:at|from|with) (?:zero|0)\b/i
    const saysZero = isZeroBased.test(String(parameter?.['description'] ?? ''))
    // A minimum of 0 alone may be that of any number.
    const saysOne =
      /\b(?:one|1)[- ](?:based|indexed)\b|\b(?:starts?|begins?|starting) (?:at|from|with) (?:page )?`?1\b/i.test(
        String(parameter?.['description'] ?? ''),
      )
    const first = usual === 0 || saysZero || (minimum === 0 && usual === undefined && !saysOne) ? 0 : undefined
    const sizes = sizeName === undefined ? {} : { sizeParam: sizeName, size }
    const totalPages = found(isTotalPages)
    return by(
      {
        type: 'page',
        param: page,
        start: first,
        ...sizes,
        hasMore,
        totalPages,
        total: totalPages === undefined ? total : undefined,
      },
      `The paging by the parameter ${page}${first === 0 ? ', which begins with 0,' : ''} is a guess.`,
    )
  }
  if (offset !== undefined) {
    return by(
      { type: 'offset', param: offset, limitParam: sizeName, size, hasMore, total },
      `The paging by the parameter ${offset} is a guess.`,
    )
  }
  const url = found(isNextUrl)
  if (url !== undefined)
    return by({ type: 'next_url', path: url }, `The paging by the URL at ${url.join('.')} is a guess.`)
  const isCut = sizeName !== undefined || cursor !== undefined
  return {
    pagination: undefined,
    note: isCut ? 'No paging was recognised: only the first page is read.' : 'The document describes no paging.',
    sets: new Set(),
  }
}

function sizeOf(document: OpenApiDocument, parameter: Json | undefined): number {
  const { maximum, default: usual } = document.schema(parameter?.['schema'])
  const most = typeof maximum === 'number' && maximum >= 1 ? Math.min(maximum, DEFAULT_SIZE) : undefined
  return most ?? (typeof usual === 'number' && usual >= 1 ? Math.min(usual, DEFAULT_SIZE) : DEFAULT_SIZE)
}

/** The path of a property of the response, or of an object in it that says how the list is paged. */
function propertyIn(document: OpenApiDocument, schema: Json, is: (name: string) => boolean): string[] | undefined {
  const properties = objectOf(schema['properties'])
  const isValue = (value: unknown) => !['array', 'object'].includes(typeOf(document.schema(value)) ?? '')
  const own = Object.entries(properties).find(([name, value]) => is(name) && isValue(value))
  if (own !== undefined) return [own[0]]
  for (const meta of META_NAMES) {
    if (properties[meta] === undefined) continue
    const inner = objectOf(document.schema(properties[meta])['properties'])
    for (const [name, value] of Object.entries(inner)) {
      if (!is(name)) continue
      if (isValue(value)) return [meta, name]
      // HAL: _links.next.href
      const href = objectOf(document.schema(value)['properties'])['href']
      if (href !== undefined && is('href')) return [meta, name, 'href']
    }
  }
  return undefined
}
