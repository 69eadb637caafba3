import { isRecord } from '../../template/value.ts'
import { NotTranslatable } from './jinja.ts'
import { type Component, textAt } from './manifest.ts'

/** Where a value goes in a request. */
export interface Target {
  in: 'header' | 'query' | 'form' | 'json'
  /** A path in JSON, elsewhere one name. */
  path: readonly string[]
}

/** A stream of a definition while it is made, and what is said about it in the report. */
export interface StreamDraft {
  name: string
  path: string
  baseUrl: string
  method: string
  query: Record<string, unknown>
  headers: Record<string, string>
  json?: Record<string, unknown>
  form?: Record<string, unknown>
  /** Keys of a stream that need nothing from the others. */
  rest: Record<string, unknown>
  parent?: { stream: string } | { stream: string; as: string }[]
  /** What differs in the records. */
  differences: string[]
  /** What a reader should know about a stream that behaves as in the manifest. */
  notes: string[]
}

/** The place of a `RequestOption`. @throws NotTranslatable */
export function targetOf(option: Component, what: string): Target {
  const path = Array.isArray(option['field_path'])
    ? option['field_path'].map(String)
    : [textAt(option, 'field_name')?.trim() ?? '']
  const place = textAt(option, 'inject_into')
  const where = { request_parameter: 'query', header: 'header', body_data: 'form', body_json: 'json' } as const
  const target = place !== undefined && Object.hasOwn(where, place) ? where[place as keyof typeof where] : undefined
  if (target === undefined || path.some((key) => key === '')) {
    throw new NotTranslatable(`The place of ${what} (${place ?? 'none'}) does not exist in a definition.`)
  }
  return { in: target, path: target === 'json' ? path : [path.join('.')] }
}

/** Puts a value that does not depend on the page into the request of a stream. */
export function place(draft: StreamDraft, { in: where, path }: Target, value: unknown): void {
  const [name = ''] = path
  if (where === 'query') draft.query[name] = value
  else if (where === 'header') draft.headers[name] = String(value)
  else if (where === 'form') draft.form = { ...draft.form, [name]: value }
  else draft.json = withValueAt(draft.json ?? {}, path, value)
}

function withValueAt(
  object: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const inner = object[key]
  return { ...object, [key]: rest.length === 0 ? value : withValueAt(isRecord(inner) ? { ...inner } : {}, rest, value) }
}

/** A path as a definition writes it: with dots where that is the same. */
export function writtenPath(path: readonly (string | number)[]): string | (string | number)[] {
  const isPlain =
    path.length > 0 && path.every((key) => typeof key === 'string' && /^(?:\*|[A-Za-z_$@][^.[\]\s]*)$/.test(key))
  return isPlain ? path.join('.') : [...path]
}
