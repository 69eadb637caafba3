import { isRecord } from '../../template/value.ts'
import {
  asCondition,
  asExpression,
  asText,
  type Code,
  constantCode,
  hasExpressions,
  type Key,
  NotTranslatable,
  placeText,
  shown,
  type Translated,
  translateCondition,
  translateTemplate,
} from './jinja.ts'
import { type Component, isCustom, objectAt, objectsAt, textAt, typeOf } from './manifest.ts'
import { pythonLiteral } from './python-literal.ts'
import { ManifestScope, type StreamNames } from './scope.ts'
import { type StreamDraft, writtenPath } from './stream-draft.ts'

/**
 * Translates where the records of a response are, which are kept, and how they are changed.
 * @returns whether a value that is added reads the interval
 * @throws NotTranslatable
 */
export function addRecords(draft: StreamDraft, stream: Component, retriever: Component, names: StreamNames): boolean {
  const selector = objectAt(retriever, 'record_selector')
  if (selector !== undefined && isCustom(selector))
    throw new NotTranslatable('Its records are selected by code of the connector.')
  const records: Record<string, unknown> = {}
  addFormat(draft, retriever)
  const path = pathOfRecords(objectAt(selector, 'extractor'), names)
  if (draft.rest['format'] === undefined || draft.rest['format'] === 'json') {
    if (path.length > 0) records['path'] = writtenPath(path)
    const isPaged = objectAt(retriever, 'paginator') !== undefined && path.length > 0
    // An answer that is an object is one record. A list in pages is never one object.
    if (!path.includes('*') && !isPaged) records['one'] = 'maybe'
    if (path.length > 0) draft.rest['omitsEmptyList'] = true
  } else if (path.length > 0) throw new NotTranslatable('Its records are inside of lines.')
  const filter = objectAt(selector, 'record_filter')
  const added = new Map<string, Code>()
  // Fields that are added before are not in the record where records are filtered here.
  const isFilteredLast = selector?.['transform_before_filtering'] === true
  if (filter !== undefined && !isFilteredLast) addFilter(draft, records, filter, names)
  const normalization = selector?.['schema_normalization']
  if (normalization !== undefined && normalization !== 'None') {
    draft.differences.push('Values keep the types of the source. The manifest converts them to those of its schema.')
  }
  for (const transformation of objectsAt(stream, 'transformations'))
    addTransformation(draft, records, transformation, { ...names, added })
  if (filter !== undefined && isFilteredLast) addFilter(draft, records, filter, { ...names, added })
  if (Object.keys(records).length > 0) draft.rest['records'] = records
  return /\{\{[^}]*\bwindow\./.test(JSON.stringify(records['set'] ?? null))
}

function addFormat(draft: StreamDraft, retriever: Component): void {
  const decoder = objectAt(retriever, 'decoder')
  if (decoder === undefined) return
  const outer = objectAt(decoder, 'parser') ?? decoder
  const isCompressed = typeOf(outer) === 'GzipDecoder' || typeOf(outer) === 'GzipParser'
  const parser = isCompressed ? (objectAt(outer, 'decoder') ?? objectAt(outer, 'inner_parser') ?? outer) : outer
  if (isCompressed) draft.notes.push('Its responses must name their compression by Content-Encoding: gzip.')
  const formats: Readonly<Record<string, string>> = {
    ...{ JsonDecoder: 'json', JsonParser: 'json', JsonlDecoder: 'ndjson', JsonLineParser: 'ndjson' },
    ...{ CsvDecoder: 'csv', CsvParser: 'csv' },
  }
  const type = typeOf(parser)
  const format = Object.hasOwn(formats, type) && !isCustom(parser) ? formats[type] : undefined
  if (format === undefined) throw new NotTranslatable(`Responses that need ${type || 'its decoder'} cannot be read.`)
  const delimiter = textAt(parser, 'delimiter')
  if (format === 'csv' && delimiter !== undefined && delimiter !== ',') {
    throw new NotTranslatable(`CSV with the delimiter ${shown(delimiter)} cannot be read.`)
  }
  if (format !== 'json') draft.rest['format'] = format
}

function pathOfRecords(extractor: Component | undefined, names: StreamNames): Key[] {
  if (extractor === undefined) return []
  if (isCustom(extractor)) {
    throw new NotTranslatable(`Its records are found by code of the connector (${textAt(extractor, 'class_name')}).`)
  }
  if (typeOf(extractor) !== 'DpathExtractor')
    throw new NotTranslatable(`The extractor ${typeOf(extractor)} does not exist in a definition.`)
  if (objectAt(extractor, 'record_expander') !== undefined) throw new NotTranslatable('Its records are expanded.')
  const scope = new ManifestScope(names)
  const path = [extractor['field_path'] ?? extractor['field_pointer'] ?? []].flat().flatMap((key) => {
    const { constant, source } = translateTemplate(String(key ?? ''), scope)
    if (constant === undefined) throw new NotTranslatable(`The place of its records depends on ${shown(source)}.`)
    if (constant === null)
      throw new NotTranslatable(`The manifest does not say where its records are: ${shown(String(key))} is empty.`)
    return constant === '' ? [] : [String(constant)]
  })
  if (path.some((key) => key.includes('**') || (key.includes('*') && key !== '*'))) {
    throw new NotTranslatable(`The place of its records is a pattern: ${path.join(', ')}.`)
  }
  // A `*` at the end stands for the items of what is found before it.
  return path
}

function addFilter(draft: StreamDraft, records: Record<string, unknown>, filter: Component, names: StreamNames): void {
  if (isCustom(filter)) {
    draft.differences.push('All records are kept. The manifest filters them by code of the connector.')
    return
  }
  const condition = textAt(filter, 'condition') ?? ''
  if (condition === '') return
  const code = translateCondition(condition, new ManifestScope(names, ['record']))
  if (code.constant !== undefined) return
  records['where'] = asCondition(code).text
}

function addTransformation(
  draft: StreamDraft,
  records: Record<string, unknown>,
  transformation: Component,
  names: StreamNames,
): void {
  const type = typeOf(transformation)
  if (isCustom(transformation)) {
    draft.differences.push(
      `Records are not changed by the code of the connector (${textAt(transformation, 'class_name')}).`,
    )
  } else if (type === 'AddFields') addFields(draft, records, transformation, names)
  else if (type === 'RemoveFields') dropFields(draft, records, transformation)
  else if (type === 'KeysToLower' || type === 'KeysToSnakeCase' || type === 'KeysReplace') {
    draft.differences.push(`The names of fields stay as the source writes them (${type}).`)
  } else if (type === 'FlattenFields' || type === 'DpathFlattenFields') {
    draft.differences.push(`Nested fields stay nested (${type}).`)
  } else draft.differences.push(`Records are not changed by ${type}.`)
}

function addFields(
  draft: StreamDraft,
  records: Record<string, unknown>,
  { fields, condition }: Component,
  names: StreamNames,
): void {
  const set: Record<string, unknown> = isRecord(records['set']) ? { ...records['set'] } : {}
  const { added = new Map<string, Code>() } = names
  const scope = new ManifestScope(names, ['record'])
  for (const field of [fields ?? []].flat().filter(isRecord)) {
    const path = [field['path'] ?? []].flat().map((key) => translateTemplate(String(key), scope).source)
    const name = path.join('.')
    try {
      if (path.length === 0 || path.some((key) => key === '' || key.includes('.') || hasExpressions(key)))
        throw new NotTranslatable('its name cannot be written as a path with dots.')
      const value = withType(translateTemplate(String(field['value'] ?? '').trim(), scope), textAt(field, 'value_type'))
      const when =
        typeof condition === 'string'
          ? conditionOf(condition, new ManifestScope({ ...names, value: value.code }, ['record']))
          : undefined
      if (when?.constant !== undefined && !when.constant) continue
      const kept = placeText('record', path)
      set[name] =
        when === undefined || when.constant !== undefined
          ? value.template
          : `{{ (${value.code.text}) if ${when.text} else ${kept} }}`
      if (path.length === 1) added.set(name, value.code)
      // What was dropped before is there again.
      records['drop'] = [records['drop'] ?? []].flat().filter((other) => [other].flat().join('.') !== name)
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      draft.differences.push(`The field ${name} is not added: ${error.message}`)
    }
  }
  if ([records['drop'] ?? []].flat().length === 0) delete records['drop']
  if (Object.keys(set).length > 0) records['set'] = set
}

/** Undefined: it is always met. */
function conditionOf(condition: string, scope: ManifestScope): Code | undefined {
  if (condition.trim() === '') return undefined
  const code = asCondition(translateCondition(condition, scope))
  return code.level === 0 ? { ...code, text: `(${code.text})` } : code
}

/** A value that is added, with the type that the manifest gives it. Without one, a text is what Python makes of it. */
function withType(translated: Translated, type: string | undefined): { template: string; code: Code } {
  const { source, only, constant } = translated
  if (constant !== undefined) {
    const value =
      typeof constant === 'string' && type !== 'string' ? (pythonLiteral(constant)?.value ?? constant) : constant
    const isNothing = typeof constant === 'string' && type !== 'string' && pythonLiteral(constant)?.value === null
    const typed = isNothing ? null : typedConstant(value, type)
    const code = constantCode(typed)
    return { template: typeof typed === 'string' ? typed : `{{ ${code.text} }}`, code }
  }
  const code = asExpression(translated)
  if (only === undefined) return { template: source, code }
  const settled = only.instant === undefined ? only : asText(only)
  const filter = type === undefined ? undefined : typeFilters[type]
  if (filter === undefined) return { template: `{{ ${settled.text} }}`, code: settled }
  const text = `(${settled.text}) | ${filter}`
  return { template: `{{ ${text} }}`, code: { text, level: 7 } }
}

/** A boolean of a text has no filter: records rarely have one as a text. */
const typeFilters: Readonly<Record<string, string | undefined>> = { string: 'string', integer: 'int', number: 'float' }

function typedConstant(
  value: unknown,
  type: string | undefined,
): string | number | boolean | null | readonly unknown[] {
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value)
  if (type === 'integer' || type === 'number') return Number.isFinite(Number(value)) ? Number(value) : String(value)
  if (value === null || Array.isArray(value)) return value
  if (typeof value === 'object') throw new NotTranslatable('its value is an object.')
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}

function dropFields(draft: StreamDraft, records: Record<string, unknown>, transformation: Component): void {
  const pointers = Array.isArray(transformation['field_pointers']) ? transformation['field_pointers'] : []
  const drop = Array.isArray(records['drop']) ? [...records['drop']] : []
  const set: Record<string, unknown> = isRecord(records['set']) ? { ...records['set'] } : {}
  if (textAt(transformation, 'condition')) {
    draft.differences.push('Fields that the manifest removes on a condition stay.')
    return
  }
  for (const pointer of pointers) {
    const path = [pointer].flat().map(String)
    if (path.length === 0 || path.some((key) => key === '' || (key.includes('*') && key !== '*')))
      draft.differences.push(`The fields ${path.join('.')} stay, because they are a pattern.`)
    else {
      drop.push(writtenPath(path))
      delete set[path.join('.')]
    }
  }
  if (Object.keys(set).length > 0) records['set'] = set
  else delete records['set']
  if (drop.length > 0) records['drop'] = drop
}
