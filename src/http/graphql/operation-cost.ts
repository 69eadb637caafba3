import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { DEFAULT_FIRST, MAX_FIRST } from '../../graphql/kernel/page.ts'

export interface Operation {
  schema: GraphQLSchema
  document: DocumentNode
  operationName?: string | null | undefined
  variableValues?: Readonly<Record<string, unknown>> | null | undefined
}

interface OperationCost {
  /** The most objects that the answer can contain. Nested pages multiply. */
  objects: number
  /** Fields of the root type. Aliases and repetitions count each. */
  rootFields: number
}

/** The assumed length of a list without `first`, such as the streams of a connection. */
const UNPAGED = 5

const counted = new WeakMap<Operation, OperationCost>()

/** Estimates the cost of an operation from its document and variables. The document must be valid. Computed once per operation. */
export function operationCost(operation: Operation): OperationCost {
  const known = counted.get(operation)
  if (known !== undefined) return known
  const cost = count(operation)
  counted.set(operation, cost)
  return cost
}

function count({ schema, document, operationName, variableValues }: Operation): OperationCost {
  const operation = getOperationAST(document, operationName)
  const root = operation == null ? null : schema.getRootType(operation.operation)
  if (operation == null || root == null) return { objects: 0, rootFields: 0 }
  const defaults = new Map<string, ValueNode>()
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue !== undefined) defaults.set(variable.name.value, defaultValue)
  }
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const known = new Map<string, OperationCost>()

  /** @param listSize the assumed length of the lists of this object, if it is a page */
  const costOf = (set: SelectionSetNode, type: GraphQLNamedType, listSize: number): OperationCost => {
    let objects = 0
    let fields = 0
    // An object has one type: of the fragments on different object types, only the most expensive one counts.
    const byType = new Map<string, number>()
    const addFragment = (within: GraphQLNamedType, cost: OperationCost) => {
      fields += cost.rootFields
      if (isObjectType(type) || !isObjectType(within)) objects += cost.objects
      else byType.set(within.name, (byType.get(within.name) ?? 0) + cost.objects)
    }
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        fields += 1
        objects += costOfField(selection, type, listSize)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value
        const within = condition === undefined ? type : (schema.getType(condition) ?? type)
        addFragment(within, costOf(selection.selectionSet, within, listSize))
      } else {
        const condition = fragments.get(selection.name.value)?.typeCondition.name.value
        const within = condition === undefined ? type : (schema.getType(condition) ?? type)
        addFragment(within, costOfFragment(selection.name.value, within, listSize))
      }
    }
    return { objects: objects + Math.max(0, ...byType.values()), rootFields: fields }
  }
  const costOfFragment = (name: string, within: GraphQLNamedType, listSize: number): OperationCost => {
    const key = `${name}:${listSize}`
    const cost = known.get(key)
    if (cost !== undefined) return cost
    const fragment = fragments.get(name)
    const found =
      fragment === undefined ? { objects: 0, rootFields: 0 } : costOf(fragment.selectionSet, within, listSize)
    known.set(key, found)
    return found
  }
  const costOfField = (node: FieldNode, parent: GraphQLNamedType, listSize: number): number => {
    const field = fieldOf(parent, node.name.value)
    if (field === null || node.selectionSet === undefined) return 0
    const type = getNamedType(field.type)
    if (isLeafType(type)) return 0
    const items = isList(field.type) ? itemsOf(field, node, listSize) : 1
    const pageSize = field.args.some(({ name }) => name === 'first') ? sizeOf(argument(node, 'first')) : UNPAGED
    return items * (1 + costOf(node.selectionSet, type, pageSize).objects)
  }
  /**
   * A field with `ids` returns one item per id. A field may declare the usual length of its list (`extensions.usualLength`).
   * Any other list belongs to a page or is short.
   */
  const itemsOf = (field: GraphQLField<unknown, unknown>, node: FieldNode, listSize: number): number => {
    if (typeof field.extensions['usualLength'] === 'number') return field.extensions['usualLength']
    if (!field.args.some(({ name }) => name === 'ids')) return listSize
    const ids = argument(node, 'ids')
    return Array.isArray(ids) ? Math.min(ids.length, MAX_FIRST) : MAX_FIRST
  }
  const argument = (node: FieldNode, name: string): unknown => {
    const value = node.arguments?.find((each) => each.name.value === name)?.value
    if (value?.kind !== Kind.VARIABLE) return literal(value)
    const variable = value.name.value
    if (variableValues != null && Object.hasOwn(variableValues, variable)) return variableValues[variable]
    return literal(defaults.get(variable))
  }
  return costOf(operation.selectionSet, root, UNPAGED)
}

function fieldOf(type: GraphQLNamedType, name: string): GraphQLField<unknown, unknown> | null {
  return isObjectType(type) || isInterfaceType(type) ? (type.getFields()[name] ?? null) : null
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type))
}

function literal(value: ValueNode | undefined): unknown {
  if (value?.kind === Kind.INT) return Number(value.value)
  return value?.kind === Kind.LIST ? value.values : undefined
}

/** The page size for `first`. The field itself refuses values out of range. */
function sizeOf(first: unknown): number {
  return typeof first === 'number' && first >= 0 ? Math.min(first, MAX_FIRST) : DEFAULT_FIRST
}
