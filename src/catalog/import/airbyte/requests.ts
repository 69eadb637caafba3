import { isRecord } from '../../template/value.ts'
import { hasExpressions, NotTranslatable, type Scope, shown, translateTemplate } from './jinja.ts'
import { type Component, isCustom, objectAt, textAt, typeOf } from './manifest.ts'
import { pythonLiteral } from './python-literal.ts'
import { place, type StreamDraft } from './stream-draft.ts'

/** Where a requester sends its requests. */
export interface Address {
  /** Scheme, host and, where it is constant, the path below which all requests are. */
  baseUrl: string
  path: string
}

/**
 * The URL of a requester as templates of a definition.
 * @throws NotTranslatable
 */
export function addressOf(requester: Component, scope: Scope): Address {
  const base = translateTemplate((textAt(requester, 'url_base') ?? '').trim(), scope).source
  const rest = translateTemplate((textAt(requester, 'url') ?? textAt(requester, 'path') ?? '').trim(), scope).source
  const isUrl =
    /^https?:\/\//i.test(rest) || (textAt(requester, 'url') !== undefined && textAt(requester, 'path') === undefined)
  const whole =
    isUrl || base === '' ? rest : rest === '' ? base : `${base.replace(/\/+$/, '')}/${rest.replace(/^\/+/, '')}`
  const [, origin, after = ''] = /^(https?:\/\/(?:\{\{.*?\}\}|[^/?{])+|\{\{.*?\}\})(.*)$/s.exec(whole) ?? []
  if (origin === undefined)
    throw new NotTranslatable(`The URL ${shown(whole)} does not begin with http:// or https://.`)
  return { baseUrl: origin, path: asPath(after) }
}

/** Spaces are written as HTTP clients send them. */
function asPath(path: string): string {
  const pieces = path.split(/(\{\{.*?\}\})/s)
  const written = pieces.map((piece) => (piece.startsWith('{{') ? piece : piece.replaceAll(' ', '%20'))).join('')
  return written === '' ? '/' : written.startsWith('/') || written.startsWith('?') ? written : `/${written}`
}

/** Adds the method, the query, the headers and the body of a requester. @throws NotTranslatable */
export function addRequest(draft: StreamDraft, requester: Component, scope: Scope): void {
  if (isCustom(requester))
    throw new NotTranslatable(`Its requests are code of the connector (${textAt(requester, 'class_name')}).`)
  const method = (textAt(requester, 'http_method') ?? 'GET').toUpperCase()
  if (method !== 'GET' && method !== 'POST') throw new NotTranslatable(`A stream cannot be read with ${method}.`)
  draft.method = method
  for (const [name, value] of parametersOf(requester, scope)) draft.query[name] = value
  if (requester['fetch_properties_from_endpoint'] !== undefined)
    throw new NotTranslatable('The properties that it requests are read from the source first.')
  addHeaders(draft, requester['request_headers'], scope)
  addBody(draft, requester, scope)
}

/** The query parameters of a requester. Those that are empty are left out of a request. @throws NotTranslatable */
export function parametersOf(requester: Component, scope: Scope): [string, unknown][] {
  const given = requester['request_parameters']
  if (given === undefined || given === null || given === '') return []
  if (typeof given === 'string') {
    if (given.includes('{%') || /^\s*\{\{/.test(given))
      throw new NotTranslatable(`The query is ${shown(given)} as a whole.`)
    return given.split('&').flatMap((pair): [string, unknown][] => {
      const at = pair.indexOf('=')
      return at === -1 ? [] : [[pair.slice(0, at), parameterValue(pair.slice(at + 1), scope)]]
    })
  }
  if (!isRecord(given)) throw new NotTranslatable('The query of its requests is not an object.')
  return Object.entries(given).flatMap(([key, value]): [string, unknown][] => {
    const name = nameOf(key, scope)
    if (value === null || value === '') return []
    if (isRecord(value) && typeOf(value) === 'QueryProperties') return [[name, queryProperties(value).join(',')]]
    if (isRecord(value) && ('$ref' in value || 'type' in value))
      throw new NotTranslatable(`The parameter ${name} is an object.`)
    const translated = Array.isArray(value)
      ? value.map((item) => parameterValue(String(item), scope)).flatMap((item) => (item === undefined ? [] : [item]))
      : isRecord(value)
        ? translateTemplate(JSON.stringify(value), scope).source
        : parameterValue(String(value), scope)
    return translated === undefined ? [] : [[name, translated]]
  })
}

/** The properties that a requester names in its requests, if they fit into one. @throws NotTranslatable */
export function queryProperties(component: Component): string[] {
  const list = component['property_list']
  if (!Array.isArray(list))
    throw new NotTranslatable(
      'The properties that it requests are read from the source first, or chosen by a connection.',
    )
  const names = list.map(String)
  const chunking = objectAt(component, 'property_chunking')
  if (chunking === undefined) return names
  const limit = Number(textAt(chunking, 'property_limit') ?? Number.POSITIVE_INFINITY)
  const size = textAt(chunking, 'property_limit_type') === 'characters' ? names.join(',').length : names.length
  if (size > limit)
    throw new NotTranslatable('The properties of its records are requested in several parts, which are put together.')
  const first = [component['always_include_properties'] ?? []].flat().map(String)
  return [...new Set([...first, ...names])]
}

/** A name that is a template has to be known now. */
function nameOf(key: string, scope: Scope): string {
  if (!hasExpressions(key)) return key
  const { constant } = translateTemplate(key, scope)
  if (typeof constant === 'string') return constant
  throw new NotTranslatable(`The name of the parameter ${shown(key)} is a template.`)
}

/** Undefined: the value is always empty, so the parameter is never sent. */
export function parameterValue(source: string, scope: Scope): unknown {
  const { source: value, constant, only, isOptional } = translateTemplate(source, scope)
  if (constant === null || value === '') return undefined
  if (Array.isArray(constant)) return constant.map(String)
  const list = typeof constant === 'string' && constant.startsWith('[') ? pythonLiteral(constant)?.value : undefined
  if (Array.isArray(list)) return list.map(String)
  if (only?.inputType === 'array' && only.constant === undefined) {
    const items = `{{ split(${only.text}, ',') }}`
    return isOptional ? { value: items, whenEmpty: 'omit' } : items
  }
  const mayBeEmpty = isOptional || /^\{\{ .* else (?:''|none) \}\}$/s.test(value)
  if (!mayBeEmpty) return value
  return { value: value.replace(/ else none \}\}$/, " else '' }}"), whenEmpty: 'omit' }
}

function addHeaders(draft: StreamDraft, given: unknown, scope: Scope): void {
  if (given === undefined || given === null || given === '') return
  if (!isRecord(given)) throw new NotTranslatable('The headers of its requests are one template.')
  for (const [key, value] of Object.entries(given)) {
    const name = nameOf(key, scope)
    const text = translateTemplate(String(value ?? ''), scope).source
    if (text !== '' && !isSetByClient(name)) draft.headers[name] = text
  }
}

/** Headers that the HTTP client sets itself. */
function isSetByClient(name: string): boolean {
  return ['host', 'content-length', 'connection', 'accept-encoding', 'transfer-encoding'].includes(name.toLowerCase())
}

function addBody(draft: StreamDraft, requester: Component, scope: Scope): void {
  const json = requester['request_body_json']
  const body = objectAt(requester, 'request_body')
  if (body !== undefined) addTypedBody(draft, body, scope)
  if (json !== undefined && json !== null && json !== '') addJson(draft, json, scope)
  addText(draft, requester['request_body_data'], scope)
}

/** A form that is one text. Undefined: the text is JSON. */
function textForm(text: string): Record<string, string> | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('{') && !trimmed.startsWith('{{')) return undefined
  if (/^[\w.[\]-]+=/.test(trimmed) && !trimmed.includes('{%')) return Object.fromEntries(pairsOf(trimmed))
  throw new NotTranslatable(`The body ${shown(text)} is neither a form nor JSON.`)
}

function pairsOf(text: string): [string, string][] {
  return text.split('&').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
}

function addTypedBody(draft: StreamDraft, body: Component, scope: Scope): void {
  const value = body['value']
  const type = typeOf(body)
  if (type === 'RequestBodyUrlEncodedForm') addForm(draft, value, scope)
  else if (type === 'RequestBodyJson' || type === 'RequestBodyJsonObject' || type === 'RequestBodyGraphQL')
    addJson(draft, value, scope)
  else if (type === 'RequestBodyPlainText') addText(draft, value, scope)
  else throw new NotTranslatable(`The body ${type} does not exist in a definition.`)
}

/** A body that is a text or a form. @throws NotTranslatable when the text is neither a form nor JSON */
function addText(draft: StreamDraft, data: unknown, scope: Scope): void {
  if (data === undefined || data === null || data === '') return
  const form = typeof data === 'string' ? textForm(data) : data
  if (form === undefined) addJson(draft, data, scope)
  else addForm(draft, form, scope)
}

function addForm(draft: StreamDraft, data: unknown, scope: Scope): void {
  if (!isRecord(data)) throw new NotTranslatable('The form of its requests is one template.')
  for (const [key, value] of Object.entries(data)) {
    const translated = parameterValue(String(value ?? ''), scope)
    if (translated !== undefined) place(draft, { in: 'form', path: [nameOf(key, scope)] }, translated)
  }
}

function addJson(draft: StreamDraft, given: unknown, scope: Scope): void {
  const value = typeof given === 'string' ? parsedJson(given) : given
  if (!isRecord(value)) throw new NotTranslatable('The JSON of its requests is one template.')
  if (Object.keys(value).length === 0) return
  draft.json = { ...draft.json, ...(jsonOf(value, scope, draft) as Record<string, unknown>) }
}

/** JSON in a text. Its templates stay texts. */
function parsedJson(text: string): unknown {
  for (const candidate of [
    text,
    text.replaceAll(/(?<=[:[,]\s*)(\{\{[^}]*\}\})(?=\s*[,}\]])/g, (all) => JSON.stringify(all)),
  ]) {
    try {
      return JSON.parse(candidate)
    } catch {
      // The next way of reading it.
    }
  }
  throw new NotTranslatable(`The JSON ${shown(text)} is one template.`)
}

/** Templates inside of a JSON value, as those of a definition. */
export function jsonOf(value: unknown, scope: Scope, draft?: Pick<StreamDraft, 'notes'>): unknown {
  if (typeof value === 'string') {
    const { source, constant, only } = translateTemplate(value, scope)
    // Airbyte evaluates what a template gives as Python does: the text 100 is a number.
    if (typeof constant === 'string') return (pythonLiteral(constant) ?? { value: constant }).value
    if (constant !== undefined) return constant
    const [, items] = /^\[([^[\]]*)\]$/s.exec(source) ?? []
    if (only === undefined && items !== undefined)
      return items.split(',').map((item) => item.trim().replace(/^(['"])(.*)\1$/, '$2'))
    const isNumber = only?.inputType === 'integer' || only?.inputType === 'number'
    if (isNumber) return `{{ ${only.text} | int }}`
    if (only?.inputType === 'array') return `{{ split(${only.text}, ',') }}`
    const isTyped = only?.inputType === 'boolean' || only?.place?.root === 'parent' || only?.place?.root === 'item'
    if (isTyped) draft?.notes.push(`The body has ${source} as a text, also where the value is a number or a boolean.`)
    return source
  }
  if (Array.isArray(value)) return value.map((item) => jsonOf(item, scope, draft))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const made = jsonOf(item, scope, draft)
      // Airbyte leaves out what is null.
      return made === null || made === undefined ? [] : [[nameOf(key, scope), made]]
    }),
  )
}
