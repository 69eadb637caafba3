/**
 * What a connector does with a manifest: the lists that it reads, with the requests that must be made for them, the records that the
 * source has in them, and what the connector makes of these. It is an independent reading of the manifest: of the importer it uses only
 * the resolution of references and parameters (`readManifest`).
 */
import { type Component, objectAt, objectsAt, textAt, typeOf } from '../../src/catalog/import/airbyte/manifest.ts'
import { asText, evaluate, readsOf, SOME_TIME } from './evaluate.ts'

export type Json = Record<string, unknown>

/** Stand for the bounds of an interval in rendered texts. */
export const FROM = '\ue001'
export const TO = '\ue003'

/** A record of the source. */
export interface SourceRecord {
  data: Json
  /** Value of the cursor, in milliseconds since 1970; undefined: the stream has none. */
  atMs?: number | undefined
}

/** A list of the source, and the requests for it. Texts may contain FROM, TO and SOME_TIME. */
export interface List {
  stream: string
  method: string
  /** Host and path. */
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: Record<string, string>
  /** How the requests are authenticated. */
  auth: Component | undefined
  records: SourceRecord[]
  pageSize: number
  /** The component that the list is read by. */
  component: Component
  /** Tokens of pages, by what the request says. */
  tokens: Map<string, number>
  partition: Json
  /** Time of the newest record before the source grew. */
  newestMs?: number
}

export interface Expected {
  stream: string
  data: Json
}

interface PlannedStream {
  lists: List[]
  records: Json[]
}

const DAY_MS = 86_400_000

/** The plan of all streams of a manifest. */
export class Plan {
  /** Lists by their requests: streams with the same requests have the same records. */
  readonly lists = new Map<string, List>()
  /** What must be stored, by the marker of the record. A record may be in several streams. */
  readonly expected = new Map<string, Expected[]>()
  /** Markers of records with the same primary key, of which only the last one is kept, as in a destination with that key. */
  readonly sameKey = new Map<string, string[]>()
  readonly #config: Json
  readonly #streams = new Map<string, PlannedStream>()
  readonly #keys = new Map<string, string[][]>()
  readonly #parents = new Set<string>()
  readonly #now: number

  /** @param names of the streams that are planned, with their parents */
  constructor(streams: readonly Component[], config: Json, nowMs: number) {
    this.#config = config
    this.#now = nowMs
    for (const stream of streams) this.#noteParents(stream)
    for (const stream of streams) this.#stream(stream)
  }

  /** Adds one newer record to each list that is read incrementally, as if it had just been made. */
  grow(): void {
    for (const list of this.lists.values()) {
      list.newestMs = Math.max(...list.records.map(({ atMs = 0 }) => atMs))
      const cursor = objectAt(list.component, 'incremental_sync')
      // A new parent would have lists of its own.
      if (this.#parents.has(list.stream) || cursor === undefined || isCursorOfInterval(list.component)) continue
      const record = this.#record(list.component, list, list.records.length, this.#now - 2.5 * DAY_MS)
      // Some sources have the newest records first, and the connector stops at the first known one.
      list.records.unshift(record)
    }
    this.expect()
  }

  /** Makes `expected` anew of the records of the source. */
  expect(): void {
    this.expected.clear()
    this.sameKey.clear()
    for (const [id, planned] of this.#streams) this.#expect(JSON.parse(id) as Component, planned)
  }

  /** Which values of their records are read by sub-streams. */
  #noteParents(stream: Component): void {
    for (const router of routersOf(stream)) {
      for (const config of objectsAt(router, 'parent_stream_configs')) {
        const parent = objectAt(config, 'stream')
        if (parent === undefined) continue
        const name = textAt(parent, 'name') ?? ''
        const extra = [config['extra_fields'] ?? []].flat(1).map((path) => [path].flat().map(String))
        const key = asText(this.#value(config, 'parent_key')).split('/')
        this.#keys.set(name, [...(this.#keys.get(name) ?? []), key, ...extra])
        this.#parents.add(name)
        this.#noteParents(parent)
      }
    }
  }

  #value(component: Component | undefined, key: string, names: Json = {}): unknown {
    const parameters = objectAt(component, '$parameters') ?? {}
    return evaluate(component?.[key], {
      config: this.#config,
      parameters,
      options: parameters,
      ...parameters,
      ...names,
    })
  }

  #stream(component: Component): PlannedStream {
    const id = JSON.stringify(component)
    const known = this.#streams.get(id)
    if (known !== undefined) return known
    const lists = this.#partitions(component).map((partition, index) => this.#list(component, partition, index))
    const planned: PlannedStream = { lists, records: [] }
    this.#streams.set(id, planned)
    this.#expect(component, planned)
    return planned
  }

  #expect(component: Component, planned: PlannedStream): void {
    planned.records = planned.lists.flatMap(({ records, partition }) =>
      records.flatMap(({ data }): Json[] => {
        const made = this.#transformed(component, data, partition)
        return made === undefined ? [] : [made]
      }),
    )
    const stream = textAt(component, 'name') ?? ''
    const keys = [component['primary_key'] ?? []].flat().map((key) => [key].flat().map(String))
    for (const data of planned.records) {
      const marker = String(data['served'])
      if (keys.length > 0) {
        const key = JSON.stringify([stream, ...keys.map((path) => valueAt(data, path))])
        this.sameKey.set(key, [...(this.sameKey.get(key) ?? []), marker])
      }
      this.expected.set(marker, [...(this.expected.get(marker) ?? []), { stream, data }])
    }
  }

  /** The partitions of all routers, crossed. */
  #partitions(component: Component): Json[] {
    let all: Json[] = [{}]
    for (const router of routersOf(component)) {
      const own = this.#partitionsOf(router)
      // Of two routers with one name, the first one counts.
      all = all.flatMap((before) => own.map((partition) => ({ ...partition, ...before })))
    }
    return all
  }

  #partitionsOf(router: Component): Json[] {
    if (typeOf(router) === 'ListPartitionRouter') {
      const field = asText(this.#value(router, 'cursor_field'))
      const given = this.#value(router, 'values')
      const values = typeof given === 'string' ? textList(given) : [given].flat()
      return values.map((value) => ({ [field]: asText(evaluate(value, { config: this.#config })) }))
    }
    return objectsAt(router, 'parent_stream_configs').flatMap((config) => {
      const parent = objectAt(config, 'stream')
      if (parent === undefined) return []
      const { lists } = this.#stream(parent)
      const key = asText(this.#value(config, 'parent_key')).split('/')
      const field = asText(this.#value(config, 'partition_field'))
      return lists.flatMap((list) =>
        list.records.flatMap(({ data }) => {
          const record = this.#transformed(parent, data, list.partition)
          const value = record === undefined ? undefined : valueAt(record, key)
          if (record === undefined || value === undefined) return []
          const paths = [config['extra_fields'] ?? []].flat(1).map((path) => [path].flat().map(String))
          const extra = Object.fromEntries(paths.map((path) => [path.join('.'), valueAt(record, path)]))
          return [{ [field]: value, parent_slice: list.partition, extra_fields: extra }]
        }),
      )
    })
  }

  #list(component: Component, partition: Json, index: number): List {
    const retriever = objectAt(component, 'retriever')
    const requester = objectAt(retriever, 'requester')
    const cursor = objectAt(component, 'incremental_sync')
    const interval = {
      [textAt(cursor, 'partition_field_start') ?? 'start_time']: FROM,
      [textAt(cursor, 'partition_field_end') ?? 'end_time']: TO,
    }
    const names = {
      stream_partition: partition,
      stream_slice: { ...interval, ...partition },
      stream_interval: interval,
      extra_fields: partition['extra_fields'],
    }
    const path = asText(this.#value(requester, 'path', names)) || asText(this.#value(requester, 'url', names))
    const base = asText(this.#value(requester, 'url_base', names))
    const url = new URL(
      /^https?:/.test(path)
        ? path
        : path === ''
          ? base
          : `${base.trim().replace(/\/+$/, '')}/${path.trim().replace(/^\/+/, '')}`,
    )
    const list: List = {
      ...{ stream: textAt(component, 'name') ?? '', method: (textAt(requester, 'http_method') ?? 'GET').toUpperCase() },
      path: withMarks(`${url.host}${url.pathname}`),
      query: { ...Object.fromEntries(url.searchParams), ...this.#texts(requester, 'request_parameters', names) },
      headers: this.#texts(requester, 'request_headers', names),
      body: {
        ...this.#texts(requester, 'request_body_data', names),
        ...this.#texts(requester, 'request_body_json', names),
      },
      ...{
        auth: objectAt(requester, 'authenticator'),
        records: [],
        pageSize: 1,
        component,
        tokens: new Map(),
        partition,
      },
    }
    for (const router of routersOf(component)) {
      for (const config of typeOf(router) === 'ListPartitionRouter'
        ? [router]
        : objectsAt(router, 'parent_stream_configs')) {
        const field = asText(
          this.#value(config, typeOf(router) === 'ListPartitionRouter' ? 'cursor_field' : 'partition_field'),
        )
        put(list, objectAt(config, 'request_option'), asText(partition[field]))
      }
    }
    put(list, objectAt(cursor, 'start_time_option'), FROM)
    put(list, objectAt(cursor, 'end_time_option'), TO)
    const paginator = objectAt(retriever, 'paginator')
    const strategy = objectAt(paginator, 'pagination_strategy')
    const size = this.#value(strategy, 'page_size')
    if (size !== undefined && size !== '') put(list, objectAt(paginator, 'page_size_option'), asText(size))
    // Another stream may have the same requests. It reads the same records.
    const { method, query, headers, body } = list
    const id = JSON.stringify([method, list.path, query, headers, body])
    const known = this.lists.get(id)
    if (known !== undefined) return { ...known, component, partition }
    this.lists.set(id, list)
    this.#fill(list, component, Number(size), objectAt(paginator, 'page_token_option') !== undefined, index)
    return list
  }

  #fill(list: List, component: Component, size: number, hasPages: boolean, index: number): void {
    const extractor = objectAt(objectAt(objectAt(component, 'retriever'), 'record_selector'), 'extractor')
    // An answer that is a list has no place for the token of the next page beside it, so that the answer is the record.
    const isWhole = [extractor?.['field_path'] ?? []].flat().length === 0 && responseReads(component).length > 0
    // Full pages, as the connector ends a list by number or offset at a page that is not full. Parents have few records.
    const isFull = Number.isInteger(size) && size <= 100 && index === 0 && !this.#parents.has(list.stream)
    list.pageSize = isWhole ? 1 : isFull ? size : 2
    // Lists below many parents have one record, so that their number does not explode.
    const count = index > 1 ? 1 : hasPages ? list.pageSize * (this.#parents.has(list.stream) ? 1 : 2) + 1 : 2
    for (let at = 0; at < count; at++) {
      const atMs = this.#now - 3 * DAY_MS - ((at * 11) / count) * DAY_MS
      list.records.push(this.#record(component, list, at, atMs))
    }
  }

  #record(component: Component, list: List, at: number, atMs: number): SourceRecord {
    const id = `r${digest(`${list.method} ${list.path} ${JSON.stringify([list.query, list.body])} ${at}`)}`
    const cursor = objectAt(component, 'incremental_sync')
    const cursorField = textAt(cursor, 'cursor_field')
    let data: Json = { served: id }
    const added = addedFields(component)
    const strategy = objectAt(objectAt(objectAt(component, 'retriever'), 'paginator'), 'pagination_strategy')
    const cursorValue = textAt(strategy, 'cursor_value') ?? ''
    const keys = [component['primary_key'] ?? []].flat().map((key) => [key].flat().map(String))
    const read = [
      ...keys,
      ...(this.#keys.get(list.stream) ?? []),
      ...added.flatMap(({ value }) => readsOf(value, 'record')),
      ...removedFields(component).map((path) => path.map((key) => (key === '*' || key === '**' ? 'any' : key))),
      ...readsOf(cursorValue, 'last_record'),
      // Of the last element of the list: `response.get('items')[-1].get('id')`.
      ...[...cursorValue.matchAll(/\[-1\]\.get\(['"](\w+)/g)].map(([, key]) => [key ?? '']),
    ]
    for (const path of read)
      if (path.length > 0 && path.join() !== '') data = withValue(data, path, `${id}${path.length > 1 ? 'x' : ''}`)
    const selector = objectAt(objectAt(component, 'retriever'), 'record_selector')
    const condition = textAt(objectAt(selector, 'record_filter'), 'condition') ?? ''
    // Every other record has a text of the condition, so that it may leave out some of them.
    const [, text = 'x'] = /["']([^"']+)["']\s*(?:\}\}|\)|and|or|$)/.exec(condition) ?? []
    for (const path of readsOf(condition, 'record')) data = withValue(data, path, at % 2 === 0 ? text : id)
    if (cursorField === undefined) return { data }
    const source = added.find(({ path }) => path.join() === cursorField)
    const [place = [cursorField]] = source === undefined ? [] : readsOf(source.value, 'record')
    data = withValue(data, place, timeIn(cursor, atMs))
    return { data, atMs }
  }

  /** A record as the connector emits it; undefined: its filter leaves it out. */
  #transformed(component: Component, record: Json, partition: Json): Json | undefined {
    const selector = objectAt(objectAt(component, 'retriever'), 'record_selector')
    const names = (data: Json): Json => ({
      ...{
        record: data,
        stream_partition: partition,
        stream_slice: partition,
        extra_fields: partition['extra_fields'],
      },
      stream_interval: { start_time: SOME_TIME, end_time: SOME_TIME },
    })
    const filter = objectAt(selector, 'record_filter')
    if (filter !== undefined && !this.#value(filter, 'condition', names(record))) return undefined
    let data = structuredClone(record)
    for (const transformation of objectsAt(component, 'transformations')) {
      if (typeOf(transformation) === 'AddFields') {
        for (const { path, value } of addedFields({ transformations: [transformation] })) {
          const result = evaluate(value.trim(), {
            config: this.#config,
            parameters: objectAt(transformation, '$parameters') ?? {},
            ...names(data),
          })
          data = withValue(data, path, result)
        }
      } else if (typeOf(transformation) === 'RemoveFields') {
        for (const path of removedFields({ transformations: [transformation] })) data = without(data, path) as Json
      }
    }
    return data
  }

  #texts(requester: Component | undefined, key: string, names: Json): Record<string, string> {
    const given = requester?.[key]
    if (typeof given === 'string')
      return Object.fromEntries(new URLSearchParams(asText(this.#value(requester, key, names))))
    const parameters = objectAt(requester, '$parameters') ?? {}
    const all = { config: this.#config, parameters, ...parameters, ...names }
    const textOf = (value: unknown) =>
      asText(Array.isArray(value) ? value.map((item) => evaluate(item, all)) : evaluate(value, all))
    const entries = flat(given, []).map(([path, value]) => [path.join('.'), textOf(value)])
    // The connector leaves out what is empty.
    return Object.fromEntries(entries.filter(([, value]) => value !== ''))
  }
}

/** The keys of the response that decide about the next page, without those of its records. */
export function responseReads(component: Component): string[][] {
  const retriever = objectAt(component, 'retriever')
  const strategy = objectAt(objectAt(retriever, 'paginator'), 'pagination_strategy')
  const extractor = objectAt(objectAt(retriever, 'record_selector'), 'extractor')
  const [first] = [extractor?.['field_path'] ?? []].flat()
  const source = `${textAt(strategy, 'cursor_value') ?? ''} ${textAt(strategy, 'stop_condition') ?? ''}`
  return readsOf(source, 'response').filter((keys) => keys.length > 1 || keys[0] !== first)
}

/** Whether the cursor of a record is a bound of the interval in which it was read, so that old intervals are never read again. */
export function isCursorOfInterval(component: Component): boolean {
  const field = textAt(objectAt(component, 'incremental_sync'), 'cursor_field')
  return addedFields(component).some(
    ({ path, value }) => path.join() === field && /stream_(interval|slice)/.test(value),
  )
}

export function routersOf(component: Component): Component[] {
  return [objectAt(component, 'retriever')?.['partition_router'] ?? []].flat() as Component[]
}

/** Puts a value where a `RequestOption` says. */
function put(list: List, option: Component | undefined, value: string): void {
  if (option === undefined) return
  // A space at the end of a name is a slip of the manifest.
  const name = [option['field_path'] ?? textAt(option, 'field_name')?.trim() ?? ''].flat().join('.')
  const place =
    { request_parameter: list.query, header: list.headers }[textAt(option, 'inject_into') ?? ''] ?? list.body
  if (name !== '' && value !== '') place[name] = value
}

function addedFields(component: Component): { path: string[]; value: string }[] {
  const all = objectsAt(component, 'transformations').filter((each) => typeOf(each) === 'AddFields')
  return all.flatMap((each) =>
    objectsAt(each, 'fields').map((field) => ({
      path: [field['path'] ?? []].flat().map(String),
      value: textAt(field, 'value') ?? '',
    })),
  )
}

function removedFields(component: Component): string[][] {
  const all = objectsAt(component, 'transformations').filter((each) => typeOf(each) === 'RemoveFields')
  return all.flatMap((each) => [each['field_pointers'] ?? []].flat(1).map((path) => [path].flat().map(String)))
}

function textList(text: string): string[] {
  try {
    return [JSON.parse(text.replaceAll("'", '"'))].flat().map(String)
  } catch {
    return text.split(',').map((item) => item.trim())
  }
}

/** The leaves of an object. */
function flat(value: unknown, path: readonly string[]): [readonly string[], unknown][] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [[path, value]]
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return [[path, value]]
  return Object.entries(value).flatMap(([key, item]) => flat(item, [...path, key]))
}

/** A text of a URL with its marks as they are. */
function withMarks(text: string): string {
  return decodeURIComponent(text)
}

export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}

export function withValue(object: Json, [key = '', ...rest]: readonly string[], value: unknown): Json {
  const inner = object[key]
  const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  return { ...object, [key]: rest.length === 0 ? value : withValue(isObject ? (inner as Json) : {}, rest, value) }
}

/** Without what is at a path; `*` stands for every key, and `**` for every depth. */
function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => without(item, [key, ...rest]))
  const entries = Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
    if (key === '**') return rest[0] === name && rest.length === 1 ? [] : [[name, without(item, [key, ...rest])]]
    if (key !== '*' && key !== name) return [[name, item]]
    return rest.length === 0 ? [] : [[name, without(item, rest)]]
  })
  return Object.fromEntries(entries)
}

function digest(text: string): string {
  let [one, two] = [7, 11]
  for (const char of text) {
    one = (one * 31 + char.charCodeAt(0)) % 1_000_000_007
    two = (two * 37 + char.charCodeAt(0)) % 998_244_353
  }
  return `${one.toString(36)}${two.toString(36)}`
}

/** A time as the cursor of a record. */
export function timeIn(cursor: Component | undefined, atMs: number): string | number {
  const format = String([cursor?.['cursor_datetime_formats'] ?? textAt(cursor, 'datetime_format') ?? ''].flat()[0])
  if (format === '%s' || format === '%s_as_float') return Math.floor(atMs / 1000)
  if (format === '%ms') return Math.floor(atMs)
  const iso = new Date(atMs).toISOString()
  const parts: Readonly<Record<string, string>> = {
    ...{ Y: iso.slice(0, 4), m: iso.slice(5, 7), d: iso.slice(8, 10), H: iso.slice(11, 13), M: iso.slice(14, 16) },
    ...{
      S: iso.slice(17, 19),
      f: `${iso.slice(20, 23)}000`,
      z: '+0000',
      Z: 'UTC',
      T: iso.slice(11, 19),
      F: iso.slice(0, 10),
    },
  }
  return format.replace(/%_ms/g, iso.slice(20, 23)).replace(/%(.)/g, (all, letter: string) => parts[letter] ?? all)
}

/** A time that a request has, in milliseconds since 1970. A day at the end of an interval includes the whole of it. */
export function timeOf(text: string, isEnd: boolean): number {
  if (/^\d{13}$/.test(text)) return Number(text)
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text) * 1000 + (isEnd ? 999 : 0)
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Date.parse(text) + (isEnd ? DAY_MS - 1 : 0)
  const iso = text
    .replace(' ', 'T')
    .replace(/(\.\d{3})\d*/, '$1')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
  return Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(iso) ? iso : `${iso}Z`) + (isEnd ? 999 : 0)
}
