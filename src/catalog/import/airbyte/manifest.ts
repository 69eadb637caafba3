import { parseDocument } from 'yaml'
import { isRecord } from '../../template/value.ts'
import { withExpandedStreams } from './dynamic-streams.ts'

/** A component of a manifest: a JSON object with references and parameters resolved. */
export type Component = Readonly<Record<string, unknown>>

/** A manifest that cannot be read. The message says where and why. */
export class ManifestError extends Error {}

/** Largest manifest in bytes. The largest public ones have about 1 MB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024
/** References copy components, so a small manifest can become large. */
const MAX_NODES = 1_000_000
const MAX_DEPTH = 100

/**
 * Reads a declarative manifest in YAML or JSON, resolves its references (`$ref`) and hands `$parameters` down to the components.
 * @throws ManifestError
 */
export function readManifest(source: string): Component {
  if (Buffer.byteLength(source) > MAX_MANIFEST_BYTES) {
    throw new ManifestError(`The manifest is larger than ${MAX_MANIFEST_BYTES} bytes.`)
  }
  const root = parseYaml(source)
  if (!isRecord(root)) throw new ManifestError('The manifest is not an object.')
  if (!Array.isArray(root['streams']) && !Array.isArray(root['dynamic_streams'])) {
    throw new ManifestError('The manifest has no streams. It must be the manifest of a declarative connector.')
  }
  const resolved = withExpandedStreams(modernized(new Resolver(root).resolve(), 0) as Component)
  return withParameters(resolved, {}, undefined, 0) as Component
}

function parseYaml(source: string): unknown {
  const document = parseDocument(source, { merge: true, uniqueKeys: false, logLevel: 'silent' })
  const [fault] = document.errors
  if (fault !== undefined) throw new ManifestError(`The manifest is not YAML: ${fault.message.split('\n')[0]}`)
  try {
    return document.toJS({ maxAliasCount: 1_000 })
  } catch (error) {
    throw new ManifestError(`The manifest cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** Keys whose values are not read. Schemas are long, and a `$ref` in them may be one of JSON Schema. */
const unreadKeys: ReadonlySet<string> = new Set(['schema_loader', 'schemas', 'state_migrations'])

/**
 * Replaces references by copies of what they refer to: `{ $ref: "#/definitions/a" }`, and a text that is one. Keys beside a `$ref` take
 * precedence over those of its target.
 */
class Resolver {
  readonly #root: Component
  #nodes = 0

  constructor(root: Component) {
    this.#root = root
  }

  resolve(): Component {
    // Definitions are resolved where they are used.
    const { definitions: _, ...used } = this.#root
    const resolved = this.#value(used, [], 0)
    if (!isRecord(resolved)) throw new ManifestError('The manifest is not an object.')
    return resolved
  }

  #value(value: unknown, open: readonly string[], depth: number): unknown {
    this.#nodes += 1
    if (this.#nodes > MAX_NODES) throw new ManifestError('The references of the manifest make too many components.')
    if (depth > MAX_DEPTH) throw new ManifestError('The manifest is nested too deeply.')
    const below = (item: unknown) => this.#value(item, open, depth + 1)
    if (typeof value === 'string') {
      const target = oldReference(value) ?? (/^#\/\S+$/.test(value) ? value : undefined)
      // A text such as a color is no reference.
      return target === undefined || this.#find(target) === undefined ? value : this.#target(target, open, depth)
    }
    if (Array.isArray(value)) return value.map(below)
    if (!isRecord(value)) return value
    const { $ref: reference, ...own } = value
    const entries = Object.entries(own)
      .filter(([key]) => !unreadKeys.has(key))
      .map(([key, item]) => [key, below(item)])
    if (typeof reference !== 'string') {
      return Object.fromEntries(reference === undefined ? entries : [...entries, ['$ref', below(reference)]])
    }
    const target = this.#target(oldReference(reference) ?? reference, open, depth)
    // Keys beside a reference to something else than an object are ignored.
    return isRecord(target) ? { ...target, ...Object.fromEntries(entries) } : target
  }

  #target(reference: string, open: readonly string[], depth: number): unknown {
    if (open.includes(reference)) throw new ManifestError(`The reference ${reference} contains itself.`)
    const found = this.#find(reference)
    if (found === undefined) throw new ManifestError(`The reference ${reference} leads nowhere.`)
    return this.#value(found.target, [...open, reference], depth + 1)
  }

  #find(reference: string): { target: unknown } | undefined {
    let target: unknown = this.#root
    const parts = reference.replace(/^#?\/?/, '').split('/')
    for (let at = 0; at < parts.length; at++) {
      // A key may contain slashes: the longest one that exists is meant.
      const container = target
      const rest = parts.slice(at).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      const taken = rest.findLastIndex((_, end) => hasKey(container, rest.slice(0, end + 1).join('/')))
      if (taken === -1) return undefined
      target = Reflect.get(container as object, rest.slice(0, taken + 1).join('/'))
      at += taken
    }
    return { target }
  }
}

function hasKey(container: unknown, key: string): boolean {
  return typeof container === 'object' && container !== null && Object.hasOwn(container, key)
}

/** The target of a reference as manifests before 0.30 wrote it: `*ref(definitions.requester)`. */
function oldReference(text: string): string | undefined {
  const [, target] = /^\*ref\(([^()]+)\)$/.exec(text) ?? []
  return target === undefined ? undefined : `#/${target.replaceAll('.', '/')}`
}

/** Names of manifests before 0.30, by their present one. */
const presentTypes: Readonly<Record<string, string | undefined>> = {
  DatetimeStreamSlicer: 'DatetimeBasedCursor',
  ListStreamSlicer: 'ListPartitionRouter',
  SubstreamSlicer: 'SubstreamPartitionRouter',
  LimitPaginator: 'DefaultPaginator',
}

const presentKeys: Readonly<Record<string, string | undefined>> = {
  slice_values: 'values',
  stream_slice_field: 'partition_field',
  stream_slice_field_start: 'partition_field_start',
  stream_slice_field_end: 'partition_field_end',
  limit_option: 'page_size_option',
  $options: '$parameters',
}

/** Writes components of old manifests as present ones are written. */
function modernized(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new ManifestError('The manifest is nested too deeply.')
  if (Array.isArray(value)) return value.map((item) => modernized(item, depth + 1))
  if (!isRecord(value)) return value
  const component: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const name = Object.hasOwn(presentKeys, key) ? (presentKeys[key] ?? key) : key
      return [name, dataKeys.has(key) ? item : modernized(item, depth + 1)]
    }),
  )
  const type = component['type']
  if (typeof type === 'string' && Object.hasOwn(presentTypes, type)) component['type'] = presentTypes[type]
  const { stream_slicer: slicer, request_options_provider: options } = component
  if (slicer !== undefined) {
    const slicers = [isRecord(slicer) ? (slicer['stream_slicers'] ?? slicer) : (slicer ?? [])].flat()
    delete component['stream_slicer']
    const routers = slicers.filter((each) => isRecord(each) && each['type'] !== 'SingleSlice')
    if (routers.length > 0 && component['partition_router'] === undefined) component['partition_router'] = routers
  }
  if (isRecord(options) && !isCustom(options)) {
    const { type: _, $parameters: __, ...given } = options
    delete component['request_options_provider']
    return { ...given, ...component }
  }
  return withOwnCursor(component)
}

/** In old manifests, the cursor of a stream is a router of its retriever. */
function withOwnCursor(component: Record<string, unknown>): Component {
  const { retriever } = component
  if (!isRecord(retriever) || component['incremental_sync'] !== undefined) return component
  const isCursor = (router: unknown) => isRecord(router) && router['type'] === 'DatetimeBasedCursor'
  const routers = [retriever['partition_router'] ?? []].flat()
  const cursor = routers.find(isCursor)
  if (cursor === undefined) return component
  const others = routers.filter((router) => !isCursor(router))
  return { ...component, incremental_sync: cursor, retriever: { ...retriever, partition_router: others } }
}

/** The types of components that a manifest may leave out, by the key that holds the component. */
const usualTypes: Readonly<Record<string, string>> = {
  retriever: 'SimpleRetriever',
  requester: 'HttpRequester',
  login_requester: 'HttpRequester',
  record_selector: 'RecordSelector',
  extractor: 'DpathExtractor',
  record_filter: 'RecordFilter',
  paginator: 'DefaultPaginator',
  page_token_option: 'RequestOption',
  page_size_option: 'RequestOption',
  request_option: 'RequestOption',
  start_time_option: 'RequestOption',
  end_time_option: 'RequestOption',
  inject_into: 'RequestOption',
  start_datetime: 'MinMaxDatetime',
  end_datetime: 'MinMaxDatetime',
  incremental_sync: 'DatetimeBasedCursor',
  error_handler: 'DefaultErrorHandler',
  error_handlers: 'DefaultErrorHandler',
  response_filters: 'HttpResponseFilter',
  parent_stream_configs: 'ParentStreamConfig',
  stream: 'DeclarativeStream',
  streams: 'DeclarativeStream',
  stream_template: 'DeclarativeStream',
  full_refresh_stream: 'DeclarativeStream',
  incremental_stream: 'DeclarativeStream',
  check: 'CheckStream',
  spec: 'Spec',
}

/** Keys whose values are data and not components. */
const dataKeys: ReadonlySet<string> = new Set([
  ...[
    'schema',
    'schemas',
    'connection_specification',
    'metadata',
    '$parameters',
    'request_body_json',
    'request_body_data',
  ],
  ...['request_parameters', 'request_headers', 'refresh_request_body', 'refresh_request_headers', 'advanced_auth'],
])

/** Gives components the parameters that stand above them, where they have no value of their own, and their types. */
function withParameters(value: unknown, above: Component, key: string | undefined, depth: number): unknown {
  if (depth > MAX_DEPTH || (key !== undefined && dataKeys.has(key))) return value
  if (Array.isArray(value)) return value.map((item) => withParameters(item, above, key, depth + 1))
  if (!isRecord(value)) return value
  const { $parameters: own, ...fields } = value
  const parameters: Component = { ...above, ...(isRecord(own) ? own : {}) }
  const type = value['type'] ?? (key === undefined ? undefined : usualTypes[key])
  const isComponent = typeof type === 'string'
  const filled: Component = isComponent ? { ...fields, ...missingOf(parameters, fields), type } : fields
  const entries = Object.entries(filled).map(([name, item]) => {
    // A parameter that holds a component would be handed down into itself.
    const { [name]: _, ...others } = parameters
    return [name, withParameters(item, others, name, depth + 1)]
  })
  return { ...Object.fromEntries(entries), ...(Object.keys(parameters).length > 0 ? { $parameters: parameters } : {}) }
}

/** The parameters that a component has no value for, or an empty one. */
function missingOf(parameters: Component, fields: Component): Component {
  const isEmpty = (value: unknown) => !value || (typeof value === 'object' && Object.keys(value).length === 0)
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => isEmpty(fields[key])))
}

/** The object at a key, or an empty one. */
export function objectAt(component: Component | undefined, key: string): Component | undefined {
  const value = component?.[key]
  return isRecord(value) ? value : undefined
}

/** The text at a key. Numbers and booleans become text. */
export function textAt(component: Component | undefined, key: string): string | undefined {
  const value = component?.[key]
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** The objects in the list at a key. One object counts as a list of one. */
export function objectsAt(component: Component | undefined, key: string): Component[] {
  const value = component?.[key]
  return [value].flat().filter(isRecord)
}

/** The type of a component; an empty text: it has none. */
export function typeOf(component: Component | undefined): string {
  return textAt(component, 'type') ?? ''
}

/** Whether a component is code of the connector, which a definition cannot have. */
export function isCustom(component: Component | undefined): boolean {
  return typeOf(component).startsWith('Custom') || component?.['class_name'] !== undefined
}
