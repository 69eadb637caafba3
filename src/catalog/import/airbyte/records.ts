import { isRecord } from '../../template/value.ts'
import {
  asCondition,
  asExpression,
  type Code,
  hasExpressions,
  type Key,
  NotTranslatable,
  shown,
  translateCondition,
  translateTemplate,
} from './jinja.ts'
import { type Component, isCustom, objectAt, objectsAt, textAt, typeOf } from './manifest.ts'
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
  if (filter !== undefined) addFilter(draft, records, filter, names)
  const normalization = selector?.['schema_normalization']
  if (normalization !== undefined && normalization !== 'None') {
    draft.differences.push('Values keep the types of the source. The manifest converts them to those of its schema.')
  }
  // Each transformation reads the record as those before it have left it.
  const added = new Map<string, Code>()
  for (const transformation of objectsAt(stream, 'transformations'))
    addTransformation(draft, records, transformation, names, added)
  if (Object.keys(records).length > 0) draft.rest['records'] = records
  return /\{\{[^}]*\bwindow\./.test(JSON.stringify(records['set'] ?? null))
}

function addFormat(draft: StreamDraft, retriever: Component): void {
  const decoder = objectAt(retriever, 'decoder')
  if (decoder === undefined) return
  const parser = objectAt(decoder, 'parser') ?? objectAt(decoder, 'decoder') ?? decoder
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
  added: Map<string, Code>,
): void {
  const type = typeOf(transformation)
  if (isCustom(transformation)) {
    draft.differences.push(
      `Records are not changed by the code of the connector (${textAt(transformation, 'class_name')}).`,
    )
  } else if (type === 'AddFields') addFields(draft, records, transformation, names, added)
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
  added: Map<string, Code>,
): void {
  const set: Record<string, unknown> = isRecord(records['set']) ? { ...records['set'] } : {}
  const scope = new ManifestScope({ ...names, added }, ['record'])
  for (const field of [fields ?? []].flat().filter(isRecord)) {
    const path = [field['path'] ?? []].flat().map((key) => translateTemplate(String(key), scope).source)
    const name = path.join('.')
    try {
      if (typeof condition === 'string' && condition !== '')
        throw new NotTranslatable('it is added on a condition only')
      if (path.length !== 1 || name.includes('.') || hasExpressions(name))
        throw new NotTranslatable('its name is a path')
      const translated = translateTemplate(String(field['value'] ?? '').trim(), scope)
      const { source, only, constant } = translated
      added.set(name, asExpression(translated))
      // A definition drops fields last, and this one is added after it was removed.
      const drop = [records['drop'] ?? []].flat(1).filter((dropped) => dropped !== name)
      if (records['drop'] !== undefined) records['drop'] = drop
      set[name] =
        only === undefined || constant !== undefined || only.instant !== undefined ? source : `{{ ${only.text} }}`
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      draft.differences.push(`The field ${name} is not added: ${error.message}`)
    }
  }
  if (Object.keys(set).length > 0) records['set'] = set
}

function dropFields(draft: StreamDraft, records: Record<string, unknown>, transformation: Component): void {
  const pointers = Array.isArray(transformation['field_pointers']) ? transformation['field_pointers'] : []
  const drop = Array.isArray(records['drop']) ? [...records['drop']] : []
  if (textAt(transformation, 'condition')) {
    draft.differences.push('Fields that the manifest removes on a condition stay.')
    return
  }
  for (const pointer of pointers) {
    const path = [pointer].flat().map(String)
    if (path.some((key) => key.includes('*')))
      draft.differences.push(`The fields ${path.join('.')} stay, because they are a pattern.`)
    else drop.push(writtenPath(path))
  }
  if (drop.length > 0) records['drop'] = drop
}
