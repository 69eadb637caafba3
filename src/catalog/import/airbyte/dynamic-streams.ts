import { isRecord } from '../../template/value.ts'
import { constantCode, type Key, NotTranslatable, translateTemplate } from './jinja.ts'

/** Streams that are made of a template and a list that stands in the manifest, as streams of their own. */
export function withExpandedStreams(manifest: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const dynamic = [manifest['dynamic_streams'] ?? []].flat()
  const streams = [manifest['streams'] ?? []].flat()
  const others: unknown[] = []
  for (const each of dynamic) {
    const expanded = isRecord(each) ? expandedStreams(each) : undefined
    if (expanded === undefined) others.push(each)
    else streams.push(...expanded)
  }
  return dynamic.length === 0 ? manifest : { ...manifest, streams, dynamic_streams: others }
}

/** Undefined: the streams depend on a connection. */
function expandedStreams(dynamic: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>[] | undefined {
  const { stream_template: template, components_resolver: resolver } = dynamic
  if (!isRecord(template) || !isRecord(resolver) || resolver['type'] !== 'ParametrizedComponentsResolver')
    return undefined
  const { stream_parameters: parameters, components_mapping: mapping } = resolver
  const list = isRecord(parameters) ? parameters['list_of_parameters_for_stream'] : undefined
  if (!Array.isArray(list)) return undefined
  try {
    return list.filter(isRecord).map((values) => {
      let stream: unknown = template
      for (const each of [mapping ?? []].flat().filter(isRecord)) {
        const path = [each['field_path'] ?? []].flat().map((key) => String(valueIn(key, values)))
        stream = withValueAt(stream, path, valueIn(each['value'], values), each['create_or_update'] === true)
      }
      return isRecord(stream) ? stream : template
    })
  } catch (error) {
    if (error instanceof NotTranslatable) return undefined
    throw error
  }
}

/** The value of a template that reads `components_values`. @throws NotTranslatable when it reads something else */
function valueIn(source: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof source !== 'string') return source
  const read = (root: string, keys: readonly Key[]) => {
    if (root !== 'components_values') return undefined
    let value: unknown = values
    for (const key of keys) {
      value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : null
    }
    const constant = (value ?? null) as string | null
    return isRecord(value) ? { ...constantCode(null), constant } : constantCode(constant)
  }
  const { constant, source: text } = translateTemplate(source, { read })
  return constant === undefined ? text : constant
}

/**
 * A copy with a value at a path. `*` stands for every key, and `**` for any number of keys.
 * @param isCreated whether a path that does not exist is made. Otherwise the copy is the same
 */
function withValueAt(given: unknown, path: readonly string[], value: unknown, isCreated: boolean): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (key === '**') {
    const here = withValueAt(given, rest, value, false)
    return changed(here, (item) => withValueAt(item, path, value, false))
  }
  if (Array.isArray(given)) {
    return given.map((item, index) =>
      key === '*' || key === String(index) ? withValueAt(item, rest, value, isCreated) : item,
    )
  }
  if (!isRecord(given)) return isCreated && key !== '*' ? { [key]: withValueAt(undefined, rest, value, true) } : given
  if (key === '*') return changed(given, (item) => withValueAt(item, rest, value, isCreated))
  if (!Object.hasOwn(given, key) && !isCreated) return given
  return { ...given, [key]: withValueAt(given[key], rest, value, isCreated) }
}

function changed(value: unknown, change: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]))
}
