import { createHash } from 'node:crypto'
import type { ActionDefinition } from '../catalog/definition/action.ts'
import { withPath } from '../catalog/definition/path.ts'
import { budgetOf, withSharedBudget } from '../catalog/template/budget.ts'
import { compileTemplate, renderTemplate, type TemplateScope, templateValue } from '../catalog/template/template.ts'
import { renderPath } from '../catalog/template/url-template.ts'
import { isRecord, TemplateError } from '../catalog/template/value.ts'
import { type FieldError, InvalidInputError } from '../kit/errors.ts'
import { isRawJson } from '../kit/json.ts'
import type { HeaderPair } from '../requests/headers.ts'
import type { OutgoingRequest } from '../requests/send.ts'
import { valueProblem, withPrefix } from '../wire/placement.ts'
import type { DraftBody } from '../wire/request-draft.ts'
import type { Arguments } from './arguments.ts'

/** Stands for a place whose argument is absent. */
const ABSENT = Symbol('absent')

/** The variables of an action's templates. */
export function withArguments(scope: TemplateScope, args: Arguments): TemplateScope {
  return { ...scope, args }
}

/**
 * The request of a call. An argument that is absent leaves out the parameter, header, property or list item whose template reads it, and
 * an object or list of which nothing else is left.
 * @param scope with the arguments
 * @param idempotencyKey null: the caller gives none
 * @throws TemplateError and InvalidInputError for arguments that cannot be sent, see `withArgumentPaths`
 */
export function actionRequest(
  { request, idempotencyKey: keyPlace }: ActionDefinition,
  given: TemplateScope,
  idempotencyKey: string | null,
): OutgoingRequest {
  const scope = withSharedBudget(given)
  const { method, path, headers = {}, baseUrl, auth } = request
  const made = {
    path: renderPath(path, scope, 'args'),
    query: parameters(request.query, scope),
    headers: [] as HeaderPair[],
    body: bodyOf(request, scope),
  }
  if (keyPlace !== undefined && idempotencyKey !== null) addKey(made, keyPlace, idempotencyKey)
  return {
    method,
    at: { baseUrl, auth },
    target: { path: made.path, query: made.query },
    ofCaller: true,
    headers: made.headers,
    headerTemplates: presentHeaders(headers, scope),
    body: made.body,
    accept: 'application/json',
  }
}

function addKey(
  made: { query: HeaderPair[]; headers: HeaderPair[]; body: DraftBody | undefined },
  place: NonNullable<ActionDefinition['idempotencyKey']>,
  key: string,
): void {
  const { maxLength = Number.POSITIVE_INFINITY } = place
  const value = withPrefix(place, key.length > maxLength ? createHash('sha256').update(key).digest('base64url') : key)
  if (place.in === 'header') made.headers.push([place.name, value])
  else if (place.in === 'query') made.query.push([place.name, value])
  else if (place.in === 'json') {
    const body = made.body?.type === 'json' ? made.body.value : undefined
    const placed = withPath(body, place.name, value)
    if (placed === undefined) {
      const message = `The idempotency key has no place at ${place.name.join('.')} of the body, because an argument has another value there.`
      throw new InvalidInputError([{ path: ['json', ...place.name.map(String)], message }])
    }
    made.body = { type: 'json', value: placed.value }
  } else if (place.in === 'form') {
    const form = made.body?.type === 'form' ? made.body.value : new URLSearchParams()
    form.append(place.name, value)
    made.body = { type: 'form', value: form }
  }
}

/** The headers that can be rendered. They stay templates, because those that read a credential are not sent to another origin. */
function presentHeaders(headers: Readonly<Record<string, string>>, scope: TemplateScope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, source]) => {
      const value = orAbsent(() => renderTemplate(source, scope))
      if (value === ABSENT) return false
      const problem = valueProblem({ in: 'header', name }, value) ?? cookieProblem(name, source, value)
      if (problem === undefined) return true
      throw new InvalidInputError([{ path: ['headers', name], message: `The value of the header ${name} ${problem}.` }])
    }),
  )
}

/** An argument must not add a cookie to those of the definition. */
function cookieProblem(name: string, source: string, value: string): string | undefined {
  if (name.toLowerCase() !== 'cookie') return undefined
  const fixed = compileTemplate(source).parts.map((part) => ('text' in part ? part.text : ''))
  const isMore = value.split(';').length > fixed.join('').split(';').length
  return isMore ? 'must not contain ; in the value of a template' : undefined
}

function bodyOf({ json, form }: ActionDefinition['request'], scope: TemplateScope): DraftBody | undefined {
  if (form !== undefined) {
    return { type: 'form', value: new URLSearchParams(parameters(form, scope).map(([name, value]) => [name, value])) }
  }
  // The body itself is always sent.
  return json === undefined ? undefined : { type: 'json', value: renderedObject(json, scope) }
}

/** A list gives the parameter once for each of its items. */
function parameters(
  templates: ActionDefinition['request']['query'],
  scope: TemplateScope,
): [name: string, value: string][] {
  return Object.entries(templates ?? {}).flatMap(([name, sources]) =>
    [sources].flat().flatMap((source) => {
      const value = valueAt(source, scope)
      if (value === ABSENT || value === null) return []
      return (Array.isArray(value) ? value : [value]).map((item): [string, string] => [name, asText(name, item)])
    }),
  )
}

function asText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new InvalidInputError([
    {
      path: ['query', name],
      message: `The parameter ${name} must be text, a number, true or false, or a list of these.`,
    },
  ])
}

/**
 * A JSON value with its templates rendered, without the places whose arguments are absent. An object or list of which nothing is left is
 * left out itself.
 */
function rendered(value: unknown, scope: TemplateScope): unknown {
  if (typeof value === 'string') return valueAt(value, scope)
  if (Array.isArray(value)) {
    const items = value.map((item) => rendered(item, scope)).filter((item) => item !== ABSENT)
    return items.length === 0 && value.length > 0 ? ABSENT : items
  }
  if (!isRecord(value)) return value
  const made = renderedObject(value, scope)
  return Object.keys(made).length === 0 && Object.keys(value).length > 0 ? ABSENT : made
}

function renderedObject(object: Readonly<Record<string, unknown>>, scope: TemplateScope): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, item]) => {
      const made = rendered(item, scope)
      return made === ABSENT ? [] : [[key, made]]
    }),
  )
}

/** A definition can send a large argument many times, so each time is paid for. */
function valueAt(source: string, scope: TemplateScope): unknown {
  return orAbsent(() => {
    const value = templateValue(source, scope)
    if (source.includes('{{')) budgetOf(scope).produce(sizeOf(value))
    return value
  })
}

const sizes = new WeakMap<object, number>()

/** About how many characters of JSON a value has. Objects and lists are measured once. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  if (isRawJson(value)) return value.rawJSON.length
  const known = sizes.get(value)
  if (known !== undefined) return known
  const size = Object.entries(value).reduce((sum, [key, item]) => sum + key.length + 4 + sizeOf(item), 2)
  sizes.set(value, size)
  return size
}

function orAbsent<T>(render: () => T): T | typeof ABSENT {
  try {
    return render()
  } catch (error) {
    if (error instanceof TemplateError && error.fault === 'missing' && argumentPath(error) !== undefined) return ABSENT
    throw error
  }
}

/** The path of the argument that an error is about: `args['user']['name']`. Undefined: it is about none. */
function argumentPath({ reference }: TemplateError): string[] | undefined {
  if (reference === undefined || !/^args(?:\[|$)/.test(reference)) return undefined
  return [...reference.matchAll(/\['((?:[^']|'(?!\]))*)'\]|\[(\d+)\]/g)].map(([, key, index]) => key ?? index ?? '')
}

/** The first parts of paths that `buildDraft` and `actionRequest` name parts of a request by. */
const PARTS = new Set(['path', 'headers', 'header', 'query', 'body', 'form', 'json', 'cookie', 'template'])

/** An error about a request, with the path of the arguments that the request was made from. */
export function withArgumentPaths(error: unknown, path: readonly string[]): unknown {
  if (!(error instanceof InvalidInputError)) return error
  const own = error instanceof TemplateError ? argumentPath(error) : undefined
  const fields = error.fields.map((field): FieldError => {
    if (own !== undefined) return { path: [...path, ...own], message: sentence(field.message) }
    return PARTS.has(field.path[0] ?? '') ? { path: [...path], message: field.message } : field
  })
  return new InvalidInputError(fields, undefined, { cause: error })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
}
