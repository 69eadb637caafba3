import { isRecord } from '../../template/value.ts'
import type { ConfigFields } from './fields.ts'
import { addIncremental, intervalOf } from './incremental.ts'
import { type Code, NotTranslatable, placeCode, shown, translateTemplate } from './jinja.ts'
import { type Component, isCustom, objectAt, objectsAt, textAt, typeOf } from './manifest.ts'
import { addPagination } from './pagination.ts'
import { pythonLiteral } from './python-literal.ts'
import { addRecords } from './records.ts'
import { addRequest, addressOf, queryProperties } from './requests.ts'
import { addResponses } from './responses.ts'
import { ManifestScope, type Partitions, type StreamNames } from './scope.ts'
import { place, type StreamDraft, type Target, targetOf, writtenPath } from './stream-draft.ts'

/** A stream that has been translated, and what its templates call the values of its routers. */
export interface TranslatedStream {
  draft: StreamDraft
  partitions: Partitions
}

/** Translates the stream of a parent, or finds it. @throws NotTranslatable */
export type ParentOf = (parent: Component, child: string) => TranslatedStream

/**
 * The stream that a component is. One that changes with its state is the one that it is at the first sync: that returns all records at
 * every other one, too.
 */
export function declaredStream(stream: Component): Component {
  if (typeOf(stream) !== 'StateDelegatingStream') return stream
  const inner = objectAt(stream, 'full_refresh_stream') ?? objectAt(stream, 'incremental_stream')
  return inner === undefined ? stream : { ...inner, name: stream['name'] || inner['name'] }
}

/** The retriever of a stream. @throws NotTranslatable when a definition has no such retriever */
export function retrieverOf(stream: Component): Component {
  const retriever = objectAt(stream, 'retriever')
  if (retriever === undefined) throw new NotTranslatable('It has no retriever.')
  if (isCustom(retriever))
    throw new NotTranslatable(`It is read by code of the connector (${textAt(retriever, 'class_name')}).`)
  const type = typeOf(retriever)
  if (type === 'AsyncRetriever') {
    throw new NotTranslatable(
      'It is a report that the source makes first and that is downloaded afterwards. Definitions have no such streams.',
    )
  }
  if (type !== 'SimpleRetriever') throw new NotTranslatable(`The retriever ${type} does not exist in a definition.`)
  return retriever
}

/** The requester of a stream. @throws NotTranslatable */
export function requesterOf(stream: Component): Component {
  const requester = objectAt(retrieverOf(stream), 'requester')
  if (requester === undefined) throw new NotTranslatable('It has no requester.')
  if (isCustom(requester))
    throw new NotTranslatable(`Its requests are code of the connector (${textAt(requester, 'class_name')}).`)
  return requester
}

/** Translates one stream. @throws NotTranslatable */
export function translateStream(
  given: Component,
  name: string,
  fields: ConfigFields,
  parentOf: ParentOf,
): TranslatedStream {
  const stream = declaredStream(given)
  const retriever = retrieverOf(stream)
  const requester = requesterOf(stream)
  const draft: StreamDraft = {
    ...{ name, path: '', baseUrl: '', method: 'GET', query: {}, headers: {}, rest: {}, differences: [], notes: [] },
  }
  if (stream !== given) {
    draft.differences.push('Later syncs read as the first one does. The manifest has another stream for later ones.')
  }
  const parameters = (component: Component) => (isRecord(component['$parameters']) ? component['$parameters'] : {})
  const cursor = objectAt(stream, 'incremental_sync')
  const names: StreamNames = { fields, parameters: parameters(retriever), interval: intervalOf(cursor) }
  const partitions = addRouters(draft, retriever, names, parentOf)
  const all: StreamNames = { ...names, partitions }
  const properties = objectAt(requester, 'query_properties')
  const readsToken = JSON.stringify(requester).includes('next_page_token')
  const requestNames: StreamNames = {
    ...{ ...all, parameters: parameters(requester) },
    properties: properties && queryProperties(properties),
  }
  const scope = new ManifestScope(readsToken ? { ...requestNames, token: null } : requestNames)
  const { baseUrl, path } = addressOf(requester, scope)
  Object.assign(draft, { baseUrl, path })
  addRequest(draft, requester, scope)
  for (const key of new Set(scope.missing)) {
    draft.notes.push(`The manifest reads ${key} of the partition, which it does not have, so it is empty here, too.`)
  }
  addKey(draft, stream)
  const recordsReadInterval = addRecords(draft, stream, retriever, all)
  const paginator = objectAt(retriever, 'paginator')
  addPagination(draft, paginator, all, readsToken ? tokenTarget(requester, requestNames) : undefined)
  if (retriever['ignore_stream_slicer_parameters_on_paginated_requests'] === true && paginator !== undefined)
    draft.notes.push(
      'Requests of later pages have all parameters. The manifest leaves out those of its routers and cursor.',
    )
  if (retriever['pagination_reset'] !== undefined)
    draft.notes.push('The list is read from its first page to its last one. The manifest may begin it anew.')
  if (stream['file_uploader'] !== undefined)
    draft.differences.push('Files are not downloaded. The manifest downloads one for each record.')
  const readsInterval = scope.readsInterval || recordsReadInterval
  if (cursor !== undefined) addIncremental(draft, cursor, { ...all, parameters: parameters(cursor) }, readsInterval)
  addResponses(draft, objectAt(requester, 'error_handler'), requestNames)
  if (draft.json !== undefined && draft.method === 'GET')
    draft.notes.push('Its requests have a body although they are GET.')
  return { draft, partitions }
}

/**
 * Where the templates of a request put the page. The first page has no token.
 * @throws NotTranslatable when it is in several places, or is a part of a value
 */
function tokenTarget(requester: Component, names: StreamNames): Target | 'url' {
  const scope = new ManifestScope({ ...names, token: placeCode('next_page_token', []) })
  const probe: StreamDraft = {
    ...{ name: '', path: '', baseUrl: '', method: 'GET', query: {}, headers: {}, rest: {}, differences: [], notes: [] },
  }
  addRequest(probe, requester, scope)
  const targets = (['query', 'header', 'form', 'json'] as const).flatMap((where) => {
    const group = { query: probe.query, header: probe.headers, form: probe.form, json: probe.json }[where]
    return [...tokensIn(group ?? {}, [])].map((path): Target => ({ in: where, path }))
  })
  const url = ['url_base', 'url', 'path'].flatMap((key) => textAt(requester, key) ?? [])
  if (url.some((text) => text.includes('next_page_token'))) {
    const isWhole = translateTemplate(url.at(-1) ?? '', scope).only?.place?.root === 'next_page_token'
    if (isWhole && targets.length === 0) return 'url'
    throw new NotTranslatable('The page is a part of the URL of its requests.')
  }
  const [only, ...others] = targets
  if (only === undefined || others.length > 0)
    throw new NotTranslatable('Its requests have the page in several places, or as a part of a value.')
  return only
}

/** Paths of the values that are the token. @throws NotTranslatable for one that it is a part of */
function* tokensIn(value: unknown, path: readonly string[]): Generator<string[]> {
  if (typeof value === 'string' && /\{\{[^}]*\bnext_page_token\b/.test(value)) {
    if (!/^\{\{ next_page_token(?: \| (?:default\(''\)|int(?:\(0\))?))? \}\}$/.test(value))
      throw new NotTranslatable(`The page is a part of the value ${shown(value)}.`)
    yield [...path]
  } else if (isRecord(value) && 'whenEmpty' in value) yield* tokensIn(value['value'], path)
  else if (isRecord(value)) for (const [key, item] of Object.entries(value)) yield* tokensIn(item, [...path, key])
  else if (Array.isArray(value) && JSON.stringify(value).includes('next_page_token'))
    throw new NotTranslatable('The page is in a list of its requests.')
}

function addKey(draft: StreamDraft, stream: Component): void {
  const given = stream['primary_key']
  const parts = (Array.isArray(given) ? given : [given ?? []].flat()).filter((key) => key !== '' && key !== null)
  const paths = parts.map((part) => [part].flat().map(String)).filter((path) => path.length > 0)
  if (paths.length > 0) draft.rest['primaryKey'] = paths.map(writtenPath)
}

function addRouters(draft: StreamDraft, retriever: Component, names: StreamNames, parentOf: ParentOf): Partitions {
  const values = new Map<string, Code>()
  const extra = new Map<string, Code>()
  const each: { as: string; values: unknown }[] = []
  const parents: Component[] = []
  let parent: Partitions | undefined
  for (const router of [retriever['partition_router'] ?? []].flat().filter(isRecord)) {
    if (isCustom(router))
      throw new NotTranslatable(
        `It is read by a router that is code of the connector (${textAt(router, 'class_name')}).`,
      )
    if (typeOf(router) === 'ListPartitionRouter') {
      const { as, list, field } = listOf(router, names)
      each.push({ as, values: list })
      const code = placeCode('item', [as])
      values.set(field, code)
      const option = objectAt(router, 'request_option')
      if (option !== undefined) place(draft, targetOf(option, `the value of ${field}`), `{{ ${code.text} }}`)
      continue
    }
    if (typeOf(router) === 'GroupingPartitionRouter')
      throw new NotTranslatable('Its requests name several parents or values at once (GroupingPartitionRouter).')
    if (typeOf(router) !== 'SubstreamPartitionRouter') {
      throw new NotTranslatable(`The router ${typeOf(router)} does not exist in a definition.`)
    }
    for (const config of objectsAt(router, 'parent_stream_configs')) parents.push(config)
  }
  const read = parents.length > 1 ? parents.filter((config) => isRead(config, retriever)) : parents
  if (read.length > 1) throw new NotTranslatable('It has several parents, and a stream of a definition has one.')
  if (read.length < parents.length)
    draft.notes.push('It has one of its parents, because its requests read no value of the others.')
  const [config] = read
  if (config !== undefined) parent = addParent(draft, config, { values, extra, names, parentOf })
  if (each.length > 0) draft.rest['each'] = each
  return { values, extra, parent }
}

/** Whether requests depend on a parent. */
function isRead(config: Component, retriever: Component): boolean {
  const field = textAt(config, 'partition_field') ?? ''
  return (
    objectAt(config, 'request_option') !== undefined || JSON.stringify(retriever['requester'] ?? null).includes(field)
  )
}

function listOf(router: Component, { fields, parameters }: StreamNames): { as: string; list: unknown; field: string } {
  const scope = new ManifestScope({ fields, parameters })
  const field = translateTemplate(textAt(router, 'cursor_field') ?? 'item', scope).source
  const as = field.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_')
  const given = router['values']
  if (Array.isArray(given)) {
    if (given.some((value) => typeof value === 'object' && value !== null))
      throw new NotTranslatable('The values of its list are objects.')
    const list = given.map((value) => translateTemplate(String(value), scope).source)
    return { as, list, field }
  }
  const { constant, only, source } = translateTemplate(String(given ?? ''), scope)
  const list = typeof constant === 'string' ? pythonLiteral(constant)?.value : constant
  if (Array.isArray(list) && list.every((value) => typeof value !== 'object'))
    return { as, list: list.map(String), field }
  if (constant !== undefined) throw new NotTranslatable(`The list ${shown(source)} cannot be read.`)
  if (only === undefined) throw new NotTranslatable(`The list ${shown(source)} is not one expression.`)
  return { as, list: only.inputType === undefined ? source : `{{ split(${only.text}, ',') }}`, field }
}

interface Router {
  values: Map<string, Code>
  extra: Map<string, Code>
  names: StreamNames
  parentOf: ParentOf
}

/** Adds a parent. @returns what its own templates read, as the child reads it */
function addParent(draft: StreamDraft, config: Component, { values, extra, names, parentOf }: Router): Partitions {
  if (isCustom(config)) throw new NotTranslatable('Its parent is code of the connector.')
  const component = objectAt(config, 'stream')
  if (component === undefined) throw new NotTranslatable('It has a parent without a stream.')
  const parent = parentOf(component, draft.name)
  const scope = new ManifestScope({ fields: names.fields, parameters: names.parameters })
  const key = translateTemplate(textAt(config, 'parent_key') ?? '', scope)
    .source.split('/')
    .filter((part) => part !== '')
  const field = translateTemplate(textAt(config, 'partition_field') ?? '', scope).source
  if (key.some((part) => part.includes('*')))
    throw new NotTranslatable(`The key of its parent is a pattern: ${key.join('/')}.`)
  const pointer = [config['lazy_read_pointer'] ?? []].flat()
  if (pointer.length > 0) throw new NotTranslatable('Its first page is inside of the records of its parent.')
  draft.parent = { stream: parent.draft.name }
  const code = placeCode('parent', key)
  values.set(field, code)
  for (const path of [config['extra_fields'] ?? []].flat(1)) {
    const keys = [path].flat().map(String)
    extra.set(keys.join('.'), placeCode('parent', keys, { isOptional: true }))
  }
  const option = objectAt(config, 'request_option')
  if (option !== undefined) place(draft, targetOf(option, `the value of ${field}`), `{{ ${code.text} }}`)
  return asSeenByChild(parent.partitions)
}

/** A child reads the parent of its parent as `parent.parent`. The value of a list of its parent is not there. */
function asSeenByChild({ values, extra, parent }: Partitions): Partitions {
  const lifted = (codes: ReadonlyMap<string, Code>) =>
    new Map(
      [...codes].flatMap(([name, { place: found }]): [string, Code][] =>
        found?.root === 'parent' ? [[name, placeCode('parent', ['parent', ...found.keys])]] : [],
      ),
    )
  return { values: lifted(values), extra: lifted(extra), parent: parent && asSeenByChild(parent) }
}
