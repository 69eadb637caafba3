import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../src/graphql/schema.ts'

interface Described {
  description?: string | null | undefined
}

const types = Object.values(buildSchema().getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
)

/** Every type, field, argument, input field and enum value with its path: `Workspace.connections(first)`. */
const elements: [string, Described][] = types.flatMap((type) => [[type.name, type], ...membersOf(type)])

function membersOf(type: GraphQLNamedType): [string, Described][] {
  if (isEnumType(type)) return type.getValues().map((value) => [`${type.name}.${value.name}`, value])
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field])
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap((field): [string, Described][] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((arg): [string, Described] => [`${type.name}.${field.name}(${arg.name})`, arg]),
  ])
}

const pathsWhere = (matches: (description: string) => boolean) =>
  elements.filter(([, { description }]) => matches(description ?? '')).map(([path]) => path)

describe('The schema', () => {
  it('describes every type, field, argument, input field and enum value', () => {
    expect(elements.length).toBeGreaterThan(800)
    expect(pathsWhere((description) => description === '')).toEqual([])
  })

  it('has descriptions that are sentences: at least 8 characters, a capital or code first, a full stop last', () => {
    expect(pathsWhere((description) => description.length < 8 || !/^[A-Z`].*\.$/s.test(description))).toEqual([])
  })

  it('has descriptions without double spaces and without values that a template left empty', () => {
    expect(pathsWhere((description) => / {2}|undefined|NaN|\[object/.test(description))).toEqual([])
  })
})
