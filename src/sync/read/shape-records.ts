import { type Path, propertyPathSchema, readPath } from '../../catalog/definition/path.ts'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { TemplateBudget, withSharedBudget } from '../../catalog/template/budget.ts'
import { compileCondition, type TemplateScope, templateValue } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { isRawJson } from '../../kit/json.ts'
import { badSource } from '../jobs/sync-error.ts'

/** `left_out`: `records.where` is not true for the record. Otherwise the record with `records.set`, or why that failed. */
type Shaped =
  | { kind: 'left_out' }
  | { kind: 'record'; record: unknown; problem?: undefined }
  | { kind: 'bad'; problem: string }

/** Applies `records.where` and `records.set` to one record. @param key of the record in an object of records */
export type RecordShaper = (record: unknown, key: string | undefined) => Shaped

/** Text that the templates may read for each record besides the record itself, in UTF-16 units. It bounds their steps. */
const TEXT_OF_RECORD = 4 * 1024

/** Whether a stream leaves out records or adds values to them, by templates. */
export function shapesRecords({ records }: Pick<StreamDefinition, 'records'>): boolean {
  return records?.where !== undefined || records?.set !== undefined
}

/**
 * A shaper for the records of one page, or of a piece of it, whose templates share a budget.
 * @param scope without secrets: everyone who sees the connection sees its records
 * @param page number of its records, and bytes of its body
 */
export function recordShaper(
  stream: StreamDefinition,
  scope: TemplateScope,
  page: { count: number; bytes: number },
): RecordShaper | undefined {
  const { where, set = {} } = stream.records ?? {}
  if (!shapesRecords(stream)) return undefined
  const { config: _secrets, ...visible } = scope
  // Four times the bytes, so that each template may read a whole record several times.
  const budget = new TemplateBudget(page.count * TEXT_OF_RECORD + 4 * page.bytes)
  const shared = withSharedBudget(visible, budget)
  const condition = where === undefined ? undefined : compileCondition(where)
  const added = Object.entries(set).map(([name, source]) => ({ name, path: propertyPathSchema.parse(name), source }))
  return (record, key) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record) || isRawJson(record)) {
      return { kind: 'record', record }
    }
    const own = { ...shared, record, key }
    try {
      if (condition?.test(own) === false) return { kind: 'left_out' }
      let shaped: object = record
      for (const { name, path, source } of added) {
        const made = addedValue(source, own)
        if (made !== undefined && 'problem' in made) return { kind: 'bad', problem: `has no ${name}: ${made.problem}` }
        if (made !== undefined) shaped = withValue(shaped, path, made.value)
      }
      return { kind: 'record', record: shaped }
    } catch (error) {
      if (error instanceof TemplateError) throw badSource(stream.name, `the records cannot be shaped: ${error.message}`)
      throw error
    }
  }
}

/** Undefined: what the template reads is missing. @throws TemplateError (`fault: 'limit'`) */
function addedValue(source: string, scope: TemplateScope): { value: unknown } | { problem: string } | undefined {
  try {
    return { value: templateValue(source, scope) }
  } catch (error) {
    if (!(error instanceof TemplateError) || error.fault === 'limit') throw error
    return error.fault === 'missing' ? undefined : { problem: error.message }
  }
}

/** A copy of an object with a value at a path, in place of what is there or in the way. */
function withValue(record: object, [key, ...rest]: Path, value: unknown): object {
  if (key === undefined) return record
  const inside = readPath(record, [key])
  const below = typeof inside === 'object' && inside !== null && !isRawJson(inside) ? inside : {}
  const item = rest.length === 0 ? value : withValue(below, rest, value)
  if (!Array.isArray(record)) return { ...record, [key]: item }
  const index = Number(key)
  return Number.isInteger(index) && index < record.length ? record.with(index, item) : record
}

/** A record without what is at the paths. `*` stands for every key and every element. The record itself is not changed. */
export function withoutPaths(record: unknown, paths: readonly Path[]): unknown {
  return paths.reduce(withoutPath, record)
}

function withoutPath(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined || typeof value !== 'object' || value === null || isRawJson(value)) return value
  if (rest.length === 0) return withoutKey(value, key)
  if (key !== '*' && readPath(value, [key]) === undefined) return value
  const change = (item: unknown, at: string) => (key === '*' || at === String(key) ? withoutPath(item, rest) : item)
  if (Array.isArray(value)) return value.map((item, index) => change(item, String(index)))
  return Object.fromEntries(Object.entries(value).map(([at, item]) => [at, change(item, at)]))
}

function withoutKey(value: object, key: string | number): unknown {
  const keeps = (at: string) => key !== '*' && at !== String(key)
  if (Array.isArray(value)) return value.filter((_, index) => keeps(String(index)))
  return Object.fromEntries(Object.entries(value).filter(([at]) => keeps(at)))
}
