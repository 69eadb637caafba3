import type { ConfigFields } from './fields.ts'
import {
  type Code,
  constantCode,
  type Key,
  NotTranslatable,
  placeCode,
  type Scope,
  translateTemplate,
} from './jinja.ts'
import type { Component } from './manifest.ts'

/** What one value of the router of a stream is called in the manifest, and how a template of a definition reads it. */
export interface Partitions {
  values: ReadonlyMap<string, Code>
  /** Values of the record of the parent that the manifest hands down beside the key. */
  extra: ReadonlyMap<string, Code>
  /** Those of the parent stream. */
  parent?: Partitions | undefined
}

const NO_PARTITIONS: Partitions = { values: new Map(), extra: new Map() }

/** Names that templates read beside the values of the connection. */
export type Extra = 'record' | 'response' | 'page'

/** The names of the beginning and the end of an interval, and whether their values are numbers. */
export interface Interval {
  start: string
  end: string
  isNumber: boolean
}

export interface StreamNames {
  fields: ConfigFields
  parameters: Component
  partitions?: Partitions
  /** The names of the beginning and the end of an interval, if the stream is read in intervals. */
  interval?: Interval | undefined
  /** What stands for the page in a request, if a request says it by itself: `null` in the first one. */
  token?: Code | null
  /** The properties that requests name. */
  properties?: readonly string[] | undefined
  /** Fields that were added to the record before. */
  added?: Map<string, Code>
  /** The value that a condition is about. */
  value?: Code
}

/** What the names of a template mean. Remembers whether the interval was read, and which values do not exist. */
export class ManifestScope implements Scope {
  readonly #names: StreamNames
  readonly #extra: ReadonlySet<Extra>
  readsInterval = false
  readonly missing: string[] = []

  constructor(names: StreamNames, extra: readonly Extra[] = []) {
    this.#names = names
    this.#extra = new Set(extra)
  }

  read(root: string, keys: readonly Key[]): Code | undefined {
    switch (root) {
      case 'config':
        return this.#names.fields.read(keys)
      case 'parameters':
      case 'options':
        return this.#parameter(keys)
      case 'stream_partition':
        return this.#partition(keys)
      case 'stream_slice':
      case 'stream_interval':
        return this.#interval(keys) ?? this.#partition(keys)
      case 'record':
        if (!this.#extra.has('record')) return undefined
        return (keys.length === 1 ? this.#names.added?.get(String(keys[0])) : undefined) ?? placeCode('record', keys)
      case 'response':
        if (keys.join() === 'status_code' && this.#extra.has('response')) return placeCode('status', [])
        return this.#extra.has('response') || this.#extra.has('page') ? placeCode('answer', keys) : undefined
      case 'headers': {
        const isKnown = this.#extra.has('response') || this.#extra.has('page')
        const lower = keys.map((key) => (typeof key === 'string' ? key.toLowerCase() : key))
        return isKnown ? placeCode('headers', lower) : undefined
      }
      case 'last_record':
        return this.#extra.has('page') ? placeCode('last', keys) : undefined
      case 'next_page_token': {
        const { token } = this.#names
        if (token === undefined || keys.length > 1 || (keys[0] ?? 'next_page_token') !== 'next_page_token')
          return undefined
        return token === null ? constantCode(null) : keys.length === 0 ? constantCode(true) : token
      }
      case 'value':
        return (keys.length === 0 ? this.#names.value : undefined) ?? this.#bare(root, keys)
      case 'last_page_size':
        return this.#extra.has('page') && keys.length === 0 ? placeCode('count', []) : undefined
      default:
        return this.#bare(root, keys)
    }
  }

  /** Old manifests read parameters without their prefix. */
  #bare(root: string, keys: readonly Key[]): Code | undefined {
    return Object.hasOwn(this.#names.parameters, root) ? this.#parameter([root, ...keys]) : undefined
  }

  #parameter(keys: readonly Key[]): Code {
    let value: unknown = this.#names.parameters
    for (const key of keys) {
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    }
    return constantCode((value ?? null) as string | null)
  }

  #interval([key, ...rest]: readonly Key[]): Code | undefined {
    const { interval } = this.#names
    if (key === 'cursor_slice' && rest.length > 0) return this.#interval(rest)
    if (interval === undefined || rest.length > 0) return undefined
    if (key === undefined) return constantCode(true)
    if (key !== interval.start && key !== interval.end) return undefined
    this.readsInterval = true
    return placeCode(
      'window',
      [key === interval.start ? 'from' : 'to'],
      interval.isNumber ? { inputType: 'integer' } : {},
    )
  }

  #partition(keys: readonly Key[]): Code | undefined {
    const { partitions = NO_PARTITIONS } = this.#names
    if (keys.length === 0) return constantCode(partitions.values.size > 0)
    if (keys[0] === 'partition' && keys.length > 1) return this.#partition(keys.slice(1))
    const { properties } = this.#names
    if (keys.join('/') === 'extra_fields/query_properties' && properties !== undefined)
      return constantCode([...properties])
    const found = partitionAt(partitions, keys)
    const [key] = keys
    if (found !== undefined || keys.length > 1 || key === 'parent_slice' || key === 'extra_fields') return found
    // The connector renders an empty text.
    this.missing.push(String(key))
    return constantCode(null)
  }
}

/** Undefined: the partitions have no such value. */
function partitionAt({ values, extra, parent }: Partitions, [key, ...rest]: readonly Key[]): Code | undefined {
  if (key === 'parent_slice')
    return parent === undefined ? undefined : rest.length === 0 ? constantCode(true) : partitionAt(parent, rest)
  if (key === 'extra_fields') return rest.length === 0 ? constantCode(true) : extra.get(rest.join('.'))
  const value = values.get(String(key))
  if (value === undefined || rest.length === 0) return value
  return value.place === undefined ? undefined : placeCode(value.place.root, [...value.place.keys, ...rest])
}

/** What a template gives where a connection does not name another value. Undefined: it depends on the connection. */
export function usualValue(source: string, { fields, parameters }: StreamNames): Code['constant'] {
  const known = new ManifestScope({ fields, parameters })
  const read = (root: string, keys: readonly Key[]) =>
    root === 'config' ? (fields.known(keys) ?? constantCode(null)) : known.read(root, keys)
  try {
    return translateTemplate(source, { read }).constant
  } catch (error) {
    if (error instanceof NotTranslatable) return undefined
    throw error
  }
}
