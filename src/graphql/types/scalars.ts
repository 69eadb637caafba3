import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql'
import { builder } from '../kernel/builder.ts'

/** The messages of these errors say what is expected and never contain the value. */
function invalidScalar(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INVALID_INPUT' } })
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)$/

/** @throws GraphQLError */
export function parseDateTime(value: unknown): Date {
  const date = typeof value === 'string' && RFC_3339.test(value) ? new Date(value) : null
  if (date === null || Number.isNaN(date.getTime()) || !isSameDay(String(value), date)) {
    throw invalidScalar('DateTime must be an RFC 3339 date and time, such as 2026-01-31T12:00:00Z.')
  }
  return date
}

/** False for days that do not exist: `Date` reads February 31 as March 3. */
function isSameDay(text: string, date: Date): boolean {
  const zone = /([+-])(\d\d):(\d\d)$/.exec(text)
  const offsetMinutes = zone === null ? 0 : (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3]))
  return new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 10) === text.slice(0, 10)
}

function parseText(name: string) {
  return (value: unknown): string => {
    if (typeof value !== 'string') throw invalidScalar(`${name} must be a string.`)
    return value
  }
}

function parseTextLiteral(name: string) {
  return (node: ValueNode): string => {
    if (node.kind !== Kind.STRING) throw invalidScalar(`${name} must be a string.`)
    return node.value
  }
}

builder.scalarType('DateTime', {
  description:
    'Date and time as an RFC 3339 string. Output is in UTC with milliseconds: `2026-01-31T12:00:00.000Z`. Input may have any offset.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => {
    const date = value instanceof Date ? value : new Date(String(value))
    return date.toISOString() as unknown as Date
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : null),
})

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})

builder.scalarType('Cursor', {
  description: 'Opaque position in an event log or in a list of records.',
  serialize: (value) => value,
  parseValue: parseText('Cursor'),
  parseLiteral: parseTextLiteral('Cursor'),
})

builder.scalarType('Secret', {
  description: 'A secret string. Input only: no field returns one, and errors and logs never contain it.',
  serialize: () => {
    throw new Error('A field of the output type Secret exists. The schema must not have one.')
  },
  parseValue: parseText('Secret'),
  parseLiteral: parseTextLiteral('Secret'),
})
