import { getNamedType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { EVENT_FIELDS, fieldsOf } from '../../src/events/event-fields.ts'
import { EVENT_TYPES, type EventType, type StoredEvent } from '../../src/events/event-types.ts'
import { buildSchema } from '../../src/graphql/schema.ts'

const schema = buildSchema()
const typeOf = (type: EventType) => {
  const name = type.toLowerCase().replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
  const found = schema.getType(name)
  if (!isObjectType(found)) throw new Error(`There is no type ${name}.`)
  return found
}
const common = Object.keys(typeOf('CONNECTION_CREATED').getFields())

describe('The fields of an event', () => {
  it.each(EVENT_TYPES)('of the type %s are those of its GraphQL type, so that webhooks have them too', (type) => {
    const own = Object.values(typeOf(type).getFields()).filter(({ name }) => !common.includes(name))
    // Objects with a global id are not part of a webhook, except an integration: it has its slug.
    const values = own.filter(({ type: answered }) => {
      const named = getNamedType(answered)
      if (named.name === 'Integration') return true
      return !isObjectType(named) || !named.getInterfaces().some(({ name }) => name === 'Node')
    })
    expect(Object.keys(EVENT_FIELDS[type] ?? {}).sort()).toEqual(values.map(({ name }) => name).sort())
  })

  it('are nothing else of its payload, and complete in events of older versions', () => {
    const event = { type: 'CREDENTIAL_REPLACED', payload: { internal: 1 } } as unknown as StoredEvent
    expect(fieldsOf(event)).toEqual({ changed: [] })
  })
})
