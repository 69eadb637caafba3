import { parseIsoInstant } from '../../kit/iso-instant.ts'
import { isRawJson } from '../../kit/json.ts'

/** Numbers above this are milliseconds: as seconds they would lie after the year 5000. */
const LARGEST_SECONDS = 100_000_000_000

/** Reads an instant as records hold it: a date with or without time, or seconds or milliseconds since 1970. */
export function parseInstant(value: unknown): Date | undefined {
  const text = isRawJson(value) ? value.rawJSON : value
  const number =
    typeof text === 'number' || (typeof text === 'string' && /^\d{9,16}(\.\d+)?$/.test(text)) ? Number(text) : undefined
  if (number !== undefined) return validDate(number > LARGEST_SECONDS ? number : number * 1000)
  return typeof text === 'string' ? parseIsoInstant(text) : undefined
}

function validDate(ms: number): Date | undefined {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? undefined : date
}
