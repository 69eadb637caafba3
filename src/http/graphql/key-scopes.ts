import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { hasScope } from '../../access/caller.ts'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { ForbiddenError } from '../../kit/errors.ts'
import { refusalResponse } from './present-error.ts'

/**
 * Refuses what an API key without the scope READ may not read, before anything is executed:
 * - every query but `viewer`, and every subscription
 * - below the objects that a mutation returns, the fields that lead to other objects, to lists and to events
 *
 * Mutations check the scope that they need themselves (`graphql/kernel/mutation.ts`).
 *
 * @returns null: the key may read everything that the operation selects
 */
export function refusalOfKey(args: ExecutionArgs): ExecutionResult | null {
  const { caller } = args.contextValue as GraphQLContext
  if (caller === null || hasScope(caller, 'READ')) return null
  const field = firstReadingField(args)
  if (field === null) return null
  return refusalResponse(
    new ForbiddenError(`This API key does not have the scope READ, which ${field} needs. Use a key that has it.`),
  )
}

/** The first field of an operation that needs the scope READ; null: there is none. Introspection is allowed. */
function firstReadingField({ schema, document, operationName }: ExecutionArgs): string | null {
  const operation = getOperationAST(document, operationName)
  const types = new TypeInfo(schema)
  let reading: string | null = null
  const definitions = document.definitions.filter(
    (each) => each === operation || each.kind === Kind.FRAGMENT_DEFINITION,
  )
  visit(
    { kind: Kind.DOCUMENT, definitions },
    visitWithTypeInfo(types, {
      Field({ name }) {
        const parent = types.getParentType()
        if (reading !== null || parent == null || parent.name.startsWith('__') || name.value.startsWith('__')) return
        const type = types.getType()
        if (needsRead(schema, parent, name.value, type == null ? null : getNamedType(type)))
          reading = `${parent.name}.${name.value}`
      },
    }),
  )
  return reading
}

function needsRead(
  schema: GraphQLSchema,
  parent: GraphQLNamedType,
  name: string,
  type: GraphQLNamedType | null,
): boolean {
  if (parent === schema.getQueryType()) return name !== 'viewer'
  if (parent === schema.getSubscriptionType()) return true
  // Below `viewer` and the payloads of mutations: the object itself, but nothing that it leads to.
  return isGlobalObject(parent) && type !== null && (isGlobalObject(type) || isList(type) || type.name === 'Event')
}

/** An object with a global id, and so with its own access checks. */
function isGlobalObject(type: GraphQLNamedType): boolean {
  return type.name === 'Node' || (isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'))
}

function isList(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.getFields()['pageInfo'] !== undefined
}
