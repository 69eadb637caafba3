import { parseJson, stringifyJson } from '../../kit/json.ts'
import { textOf } from './pagination.ts'
import { parseInstant } from './record-instant.ts'

/** A cursor that is later by more is no time of change by the source's clock. */
const AHEAD_MS = 24 * 60 * 60 * 1000

/**
 * The cursor (JSON) to begin after the next time. A record that changed while the stream was read may stand on a page that
 * had been read by then, below the highest cursor that was met afterwards. So reading goes on from when it began, written as
 * the source writes its cursors. A form that is not known is left as it is: the source might not understand ours.
 *
 * @param highest the highest cursor that was met; null: none
 * @param askedAtMs when reading began, by the source's clock; null: it has not told
 */
export function cursorToStore(highest: string | null, askedAtMs: number | null): string | null {
  if (highest === null || askedAtMs === null) return highest
  const value = parseJson(highest)
  const aheadMs = (parseInstant(value)?.getTime() ?? Number.NaN) - askedAtMs
  if (!(aheadMs > 0 && aheadMs < AHEAD_MS)) return highest
  const text = inFormOf(textOf(value) ?? '', askedAtMs)
  if (text === undefined) return highest
  return typeof value === 'string' ? stringifyJson(text) : text
}

/** An instant, never later than it is, in the form of another one in UTC. */
function inFormOf(text: string, atMs: number): string | undefined {
  if (/^\d+(\.\d+)?$/.test(text))
    return String(text.replace(/\..*/, '').length > 11 ? Math.floor(atMs) : Math.floor(atMs / 1000))
  const iso = new Date(atMs).toISOString()
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return iso.slice(0, 10)
  const form = /^\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:?00|)$/.exec(text)
  if (form === null) return undefined
  const [, between = 'T', fraction, zone = ''] = form
  return `${iso.slice(0, 10)}${between}${iso.slice(11, fraction === undefined ? 19 : 23)}${zone}`
}
