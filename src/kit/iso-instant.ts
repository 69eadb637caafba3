const iso8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:[.,]\d+)?)?\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** A date of ISO 8601, with or without time, in UTC where it has no zone. Undefined: it is none. */
export function parseIsoInstant(text: string): Date | undefined {
  const [, date, minutes = '00:00', seconds = ':00', zone = 'Z'] = iso8601.exec(text.trim()) ?? []
  if (date === undefined) return undefined
  const offset = /^(?:z|utc)$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`
  const instant = new Date(`${date}T${minutes}${seconds.replace(',', '.')}${offset}`)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}
