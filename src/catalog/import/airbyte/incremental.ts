import { isRecord } from '../../template/value.ts'
import { hasExpressions, instantFormat, NotTranslatable, shown, translateTemplate } from './jinja.ts'
import { type Component, isCustom, objectAt, textAt, typeOf } from './manifest.ts'
import { ManifestScope, type StreamNames } from './scope.ts'
import { place, type StreamDraft, targetOf, writtenPath } from './stream-draft.ts'

/** A reading in one step, however long ago it begins. */
const ONE_STEP = 'P1000Y'

/** The names of the beginning and the end of an interval in templates. Undefined: the stream is not read by a time. */
export function intervalOf(cursor: Component | undefined): { start: string; end: string } | undefined {
  if (cursor === undefined || isCustom(cursor) || typeOf(cursor) !== 'DatetimeBasedCursor') return undefined
  const start = textAt(cursor, 'partition_field_start') ?? 'start_time'
  return { start, end: textAt(cursor, 'partition_field_end') ?? 'end_time' }
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
  const start = startOf(cursor, scope, draft)
  const [from, to] = [objectAt(cursor, 'start_time_option'), objectAt(cursor, 'end_time_option')]
  const window = from !== undefined || to !== undefined || readsInterval ? stepOf(cursor, scope) : undefined
  const lookback = durationOf(textAt(cursor, 'lookback_window'), scope, 'lookback_window')
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
    if (target.in === 'query' || target.in === 'json') {
      Object.assign(incremental, { param }, target.in === 'json' ? { in: 'json' } : {})
    } else {
      place(draft, target, '{{ window.from }}')
      needsWindow = true
    }
    if (target.in === 'query') delete draft.query[param ?? '']
  }
  if (to !== undefined)
    needsWindow =
      addEnd(draft, incremental, { cursor, to, scope, format, isStepped: window !== undefined }) || needsWindow
  else if (readsInterval && !endsNow(cursor, scope)) noteEnd(draft, cursor)
  if (window !== undefined) incremental['window'] = window
  else if (needsWindow) incremental['window'] = ONE_STEP
  if (!isSent && start !== '') {
    draft.differences.push('The first sync also reads records from before the start. The manifest leaves them out.')
  }
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
  const option = objectAt(cursor, 'start_time_option')
  const target = option === undefined ? undefined : targetOf(option, 'the beginning')
  if (target !== undefined && target.in !== 'query' && target.in !== 'json') {
    throw new NotTranslatable('A count can be sent in the query or in JSON only.')
  }
  const start = textAt(cursor, 'start_value')
  draft.rest['incremental'] = {
    cursorField: writtenPath([field]),
    ...(target === undefined
      ? { by: 'compare' }
      : { param: target.path.join('.'), ...(target.in === 'json' ? { in: 'json' } : {}) }),
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

/** The template of the first value. */
function startOf(cursor: Component, scope: ManifestScope, draft: StreamDraft): string {
  const start = cursor['start_datetime']
  const text = isRecord(start) ? textAt(start, 'datetime') : textAt(cursor, 'start_datetime')
  if (text === undefined) return ''
  for (const bound of ['min_datetime', 'max_datetime']) {
    if (isRecord(start) && textAt(start, bound) !== undefined) {
      draft.differences.push(`The first value has no bound: the manifest bounds it by ${bound}.`)
    }
  }
  return translateTemplate(text, scope).source
}

/** The step of the reading, if it has one. */
function stepOf(cursor: Component, scope: ManifestScope): string | undefined {
  return durationOf(textAt(cursor, 'step'), scope, 'step')
}

function durationOf(given: string | undefined, scope: ManifestScope, what: string): string | undefined {
  if (given === undefined || given.trim() === '') return undefined
  const { constant, source } = translateTemplate(given, scope)
  const usual = /default\('(P[^']*)'\)/.exec(source)?.[1]
  const text = typeof constant === 'string' ? constant.trim() : usual
  const [, count, unit] = /^(\d+)\s*([dhmwMy])$/.exec(text ?? '') ?? []
  const old = { d: `P${count}D`, w: `P${count}W`, h: `PT${count}H`, m: `PT${count}M`, M: `P${count}M`, y: `P${count}Y` }
  const duration = unit === undefined ? text : old[unit as keyof typeof old]
  if (duration === undefined || !/^P/.test(duration))
    throw new NotTranslatable(`Its ${what} ${shown(given)} is not a constant.`)
  return /\d*[1-9]\d*/.test(duration) ? duration : undefined
}

function endText(cursor: Component): string | undefined {
  const end = cursor['end_datetime']
  return isRecord(end) ? textAt(end, 'datetime') : textAt(cursor, 'end_datetime')
}

/** Whether the reading ends at the present. */
function endsNow(cursor: Component, scope: ManifestScope): boolean {
  const text = endText(cursor)
  return text === undefined || /^\{\{ date\(now(?:, '[^']*')?\) \}\}$/.test(translateTemplate(text, scope).source)
}

function noteEnd(draft: StreamDraft, cursor: Component): void {
  const text = endText(cursor) ?? ''
  draft.differences.push(`Reading ends at the present. In the manifest it ends at ${shown(text)}.`)
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
    noteEnd(draft, cursor)
  }
  if (target.in === 'query' || target.in === 'json') {
    incremental['until'] = { param: target.path.join('.'), ...(target.in === 'json' ? { in: 'json' } : {}) }
    return false
  }
  place(draft, target, '{{ window.to }}')
  return true
}
