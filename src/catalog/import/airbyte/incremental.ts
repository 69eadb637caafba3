import { parseInstant } from '../../../kit/instant.ts'
import { durationSchema } from '../../definition/primitives.ts'
import { isRecord } from '../../template/value.ts'
import {
  asExpression,
  asText,
  type Code,
  hasExpressions,
  instantFormat,
  NotTranslatable,
  translateTemplate,
} from './jinja.ts'
import { type Component, isCustom, objectAt, textAt, typeOf } from './manifest.ts'
import { type Interval, ManifestScope, type StreamNames, usualValue } from './scope.ts'
import { place, type StreamDraft, targetOf, writtenPath } from './stream-draft.ts'

/** A reading in one step, however long ago it begins. */
const ONE_STEP = 'P1000Y'

/** The names of the beginning and the end of an interval in templates. Undefined: the stream is not read by a time. */
export function intervalOf(cursor: Component | undefined): Interval | undefined {
  if (cursor === undefined || isCustom(cursor) || typeOf(cursor) !== 'DatetimeBasedCursor') return undefined
  const start = textAt(cursor, 'partition_field_start') ?? 'start_time'
  const isNumber = ['%s', '%ms'].includes(textAt(cursor, 'datetime_format') ?? '')
  return { start, end: textAt(cursor, 'partition_field_end') ?? 'end_time', isNumber }
}

/**
 * Translates how a stream is read incrementally.
 * @param readsInterval whether templates of the request read the interval
 * @throws NotTranslatable
 */
export function addIncremental(
  draft: StreamDraft,
  cursor: Component,
  names: StreamNames,
  readsInterval: boolean,
): void {
  if (isCustom(cursor))
    throw new NotTranslatable(`Its cursor is code of the connector (${textAt(cursor, 'class_name')}).`)
  if (typeOf(cursor) === 'IncrementingCountCursor') {
    addCount(draft, cursor, names)
    return
  }
  if (typeOf(cursor) !== 'DatetimeBasedCursor')
    throw new NotTranslatable(`The cursor ${typeOf(cursor)} does not exist in a definition.`)
  const scope = new ManifestScope(names)
  const format = formatOf(textAt(cursor, 'datetime_format') ?? '')
  const field = translateTemplate(textAt(cursor, 'cursor_field') ?? '', scope).source
  if (hasExpressions(field) || field === '') throw new NotTranslatable('The name of its cursor is a template.')
  const start = startOf(cursor, scope)
  const [from, to] = [objectAt(cursor, 'start_time_option'), objectAt(cursor, 'end_time_option')]
  const window = from !== undefined || to !== undefined || readsInterval ? stepOf(cursor, names, draft) : undefined
  const lookback = lookbackOf(cursor, names, draft)
  const isFeed = cursor['is_data_feed'] === true
  const isFiltered = cursor['is_client_side_incremental'] === true
  const isSent = from !== undefined || readsInterval
  if (!isSent && !isFeed && !isFiltered) {
    // The source returns everything each time, and so does the connector.
    if (to !== undefined) draft.query[targetOf(to, 'the end').path[0] ?? ''] = '{{ date(now, "%Y-%m-%dT%H:%M:%SZ") }}'
    draft.notes.push(`Each sync reads everything, because the manifest sends no ${field} to the source.`)
    return
  }
  const incremental: Record<string, unknown> = { cursorField: writtenPath([field]) }
  const fieldFormats = fieldFormatsOf(cursor)
  if (fieldFormats.length > 0) incremental['fieldFormat'] = fieldFormats.length === 1 ? fieldFormats[0] : fieldFormats
  if (isSent) incremental['format'] = format
  if (start !== '') incremental['start'] = start
  if (lookback !== undefined) incremental['lookback'] = lookback
  let needsWindow = readsInterval
  if (from !== undefined) {
    const target = targetOf(from, 'the beginning')
    const param = target.in === 'query' ? target.path[0] : target.path.join('.')
    if (target.in !== 'header') {
      Object.assign(incremental, { param }, target.in === 'query' ? {} : { in: target.in })
    } else {
      place(draft, target, '{{ window.from }}')
      needsWindow = true
    }
    if (target.in === 'query') delete draft.query[param ?? '']
  }
  if (to !== undefined)
    needsWindow =
      addEnd(draft, incremental, { cursor, to, scope, format, isStepped: window !== undefined }) || needsWindow
  else if (readsInterval && !endsNow(cursor, scope)) incremental['end'] = endOf(cursor, scope)
  if (window !== undefined) incremental['window'] = window
  else if (needsWindow) incremental['window'] = ONE_STEP
  if (objectAt(cursor, 'clamping') !== undefined && window !== undefined)
    draft.notes.push('The steps begin at the cursor. Those of the manifest begin with a day, a week or a month.')
  if (!isSent) incremental['by'] = isFeed ? 'newest_first' : 'compare'
  else if (isFiltered) incremental['by'] = 'compare'
  else if (isFeed) incremental['by'] = incremental['window'] === undefined ? 'newest_first' : undefined
  if (incremental['by'] === undefined) delete incremental['by']
  if (names.partitions?.values.size && draft.parent !== undefined && cursor['global_substream_cursor'] !== true) {
    incremental['per'] = 'parent'
  }
  draft.rest['incremental'] = incremental
}

/** A number that grows is sent as it is. */
function addCount(draft: StreamDraft, cursor: Component, names: StreamNames): void {
  const scope = new ManifestScope(names)
  const field = textAt(cursor, 'cursor_field') ?? ''
  const option = objectAt(cursor, 'start_value_option') ?? objectAt(cursor, 'start_time_option')
  const target = option === undefined ? undefined : targetOf(option, 'the beginning')
  if (target?.in === 'header') throw new NotTranslatable('A count cannot be sent in a header.')
  const start = textAt(cursor, 'start_value')
  draft.rest['incremental'] = {
    cursorField: writtenPath([field]),
    ...(target === undefined
      ? { by: 'compare' }
      : { param: target.path.join('.'), ...(target.in === 'query' ? {} : { in: target.in }) }),
    ...(start === undefined ? {} : { start: translateTemplate(start, scope).source }),
  }
}

function formatOf(format: string): string {
  const known = instantFormat(format)
  if (known === undefined) throw new NotTranslatable(`Times cannot be sent in the format ${format}.`)
  return known
}

/** How values of the cursor are read. A date in ISO 8601 is read with any precision, as the connector skips what it cannot read. */
function fieldFormatsOf(cursor: Component): string[] {
  const given = [cursor['cursor_datetime_formats'] ?? []].flat().map(String)
  const formats = [...given, ...(given.length === 0 ? [textAt(cursor, 'datetime_format') ?? ''] : [])]
  const known = formats.flatMap((format) => instantFormat(format) ?? [])
  const isIso = known.some((format) => format.startsWith('%Y-%m-%d')) && !known.includes('iso8601')
  return [...new Set([...known, ...(isIso ? ['iso8601'] : [])])].slice(0, 10)
}

/** The template of the first value. @throws NotTranslatable when it is in a format that cannot be read */
function startOf(cursor: Component, scope: ManifestScope): string {
  const start = cursor['start_datetime']
  const text = isRecord(start) ? textAt(start, 'datetime') : textAt(cursor, 'start_datetime')
  if (text === undefined) return ''
  const format = isRecord(start) ? textAt(start, 'datetime_format') : undefined
  const written = translateTemplate(text, scope)
  const { constant, source, isOptional } = written
  const isRead = !format || /^%Y-%m-%d/.test(format) || ['%s', textAt(cursor, 'datetime_format')].includes(format)
  if (!isRead) {
    const known = instantFormat(format)
    const instant = typeof constant === 'string' && known !== undefined ? parseInstant(constant, known) : undefined
    if (instant === undefined)
      throw new NotTranslatable(`Its first value has the format ${format}, which cannot be read.`)
    return instant.toISOString()
  }
  const bounds = isRecord(start) ? boundsOf(start, scope) : []
  if (bounds.length === 0 || (source === '' && isOptional)) return source
  return `{{ ${bounds.reduce((value, { code, operator }) => bounded(value, operator, code), asExpression(written)).text} }}`
}

interface Bound {
  operator: '>=' | '<='
  code: Code
}

/** What bounds a `MinMaxDatetime`. */
function boundsOf(datetime: Component, scope: ManifestScope): Bound[] {
  return (['min_datetime', 'max_datetime'] as const).flatMap((key) => {
    const text = textAt(datetime, key)
    if (text === undefined || text.trim() === '') return []
    return [
      { operator: key === 'min_datetime' ? '>=' : '<=', code: asExpression(translateTemplate(text, scope)) } as const,
    ]
  })
}

function bounded(value: Code, operator: Bound['operator'], bound: Code): Code {
  const [one, other] = [value, bound].map((code) => {
    const { text, level } = code.instant === undefined ? code : asText(code)
    return level === 0 ? `(${text})` : text
  })
  return { text: `${one} if date(${one}, 'epoch_ms') ${operator} date(${other}, 'epoch_ms') else ${other}`, level: 0 }
}

/** The step of the reading, if it has one. One that depends on a connection has its usual value. */
function stepOf(cursor: Component, names: StreamNames, draft: StreamDraft): string | undefined {
  const step = durationOf(textAt(cursor, 'step'), names)
  if (step === 'unknown' || step?.isUsual) {
    const length = step === 'unknown' ? 'P30D' : step.duration
    draft.notes.push(`The steps have the length ${length}, because it cannot depend on an input.`)
    return length
  }
  return step?.duration
}

function lookbackOf(cursor: Component, names: StreamNames, draft: StreamDraft): string | undefined {
  const lookback = durationOf(textAt(cursor, 'lookback_window'), names)
  if (lookback === 'unknown') {
    draft.differences.push('No lookback is subtracted from the cursor, because it cannot depend on an input.')
    return undefined
  }
  if (lookback?.isUsual) draft.notes.push(`The lookback is ${lookback.duration}, because it cannot depend on an input.`)
  return lookback?.duration
}

/** A duration, and whether it is the usual one where a connection may name another. Undefined: none, or one of length zero. */
function durationOf(
  given: string | undefined,
  names: StreamNames,
): { duration: string; isUsual: boolean } | 'unknown' | undefined {
  if (given === undefined || given.trim() === '') return undefined
  const { constant } = translateTemplate(given, new ManifestScope(names))
  const value = constant ?? usualValue(given, names)
  const text = typeof value === 'string' ? value.trim() : undefined
  const [, count, unit] = /^(\d+)\s*([dhmwMy])$/.exec(text ?? '') ?? []
  const old = { d: `P${count}D`, w: `P${count}W`, h: `PT${count}H`, m: `PT${count}M`, M: `P${count}M`, y: `P${count}Y` }
  const duration = unit === undefined ? text : old[unit as keyof typeof old]
  if (duration === '' || constant === null) return undefined
  if (duration === undefined || !durationSchema.safeParse(duration).success) {
    const isZero = /^P(?:[0.]+[YMWD])*(?:T(?:[0.]+[HMS])+)?$/.test(duration ?? '') && duration?.includes('0')
    return isZero ? undefined : 'unknown'
  }
  return { duration, isUsual: constant === undefined }
}

function endText(cursor: Component): string | undefined {
  const end = cursor['end_datetime']
  return isRecord(end) ? textAt(end, 'datetime') : textAt(cursor, 'end_datetime')
}

/** Whether the reading ends at the present, or with the present day. */
function endsNow(cursor: Component, scope: ManifestScope): boolean {
  const text = endText(cursor)
  if (text === undefined || text.trim() === '') return true
  return /^\{\{ (?:date\()+now(?:(?:, '[^'P]*')?\))+ \}\}$/.test(translateTemplate(text, scope).source)
}

/** The template of the end. A missing value is an empty text, which is the present. */
function endOf(cursor: Component, scope: ManifestScope): string {
  return translateTemplate(endText(cursor) ?? '', scope).source
}

interface End {
  cursor: Component
  to: Component
  scope: ManifestScope
  format: string
  isStepped: boolean
}

/** Adds the parameter with the end. @returns whether it reads the window */
function addEnd(
  draft: StreamDraft,
  incremental: Record<string, unknown>,
  { cursor, to, scope, format, isStepped }: End,
): boolean {
  const target = targetOf(to, 'the end')
  if (target.in === 'query') delete draft.query[target.path[0] ?? '']
  if (!endsNow(cursor, scope)) {
    const { source, isOptional, only } = translateTemplate(endText(cursor) ?? '', scope)
    if (!isStepped && source !== '') {
      const value = only?.text ?? `'${source}'`
      const end = isOptional ? `(${value}) or now` : value
      place(draft, target, `{{ date(${end}, '${format}') }}`)
      return false
    }
    incremental['end'] = endOf(cursor, scope)
  }
  if (target.in !== 'header') {
    incremental['until'] = { param: target.path.join('.'), ...(target.in === 'query' ? {} : { in: target.in }) }
    return false
  }
  place(draft, target, '{{ window.to }}')
  return true
}
