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
import { MAX_REPRESENTATIONS } from '../../../graphql/federation.ts'
import { DEFAULT_FIRST, MAX_FIRST } from '../../../graphql/kernel/page.ts'

export interface Operation {
  schema: GraphQLSchema
  document: DocumentNode
  operationName?: string | null | undefined
  variableValues?: Readonly<Record<string, unknown>> | null | undefined
}

interface OperationCost {
  /** The most objects that the answer can contain. Nested pages multiply. JSON values count as several objects. */
  objects: number
  /** Fields of the root type. Aliases and repetitions count each. */
  rootFields: number
  /**
   * The most processor time that the operation takes in this process, in points. A point is about one millisecond of one
   * core, of which `npm run bench -- cost` measures the shares below.
   */
  points: number
  /** The part of `points` that does not depend on how many objects there are: mutations, and the statements of lists. */
  fixedPoints: number
}

/** The assumed length of a list without `first`, such as the streams of a connection. */
const UNPAGED = 5

/** What every operation takes: reading the request, identifying the caller, writing the answer. */
export const OPERATION_POINTS = 0.65
const VALUE_POINTS = 0.002
const OBJECT_POINTS = 0.006
const JSON_POINTS = 0.007
/** A list under one parent. Lists of several parents share a statement. */
const LIST_POINTS = 0.01
/** A value or object of the answer, on average. */
export const RESOLVED_POINTS = 0.0035
/** A byte of the answer: it is read from the database, parsed and written again. */
export const BYTE_POINTS = 1 / 32_000
const MUTATION_POINTS = 4
/** What it takes to resolve an event of a subscription: reading it from the log, and executing the document. */
const EVENT_POINTS = 0.05

/** Fields that take much more time than others, in points. */
const FIELD_POINTS: ReadonlyMap<string, number> = new Map([
  ['Mutation.executeRequest', 1.5],
  ['Mutation.runAction', 2.5],
  ['Mutation.testConnection', 5],
  ['Mutation.testIntegration', 10],
  ['Mutation.refreshConnection', 6],
  ['Mutation.createConnection', 6],
  ['Mutation.createIntegration', 10],
  ['Mutation.updateIntegration', 10],
  // Expensive, so that a caller runs few of them at once. The time of its thread is charged besides.
  ['Mutation.importDefinition', 20],
])

/** Types of values whose size only their author limits, such as JSON. */
const LARGE_TYPES = new Set(['JSON'])
/** For how many objects a JSON value counts. Values of up to 64 KiB are stored; a definition has up to a megabyte. */
const LARGE_OBJECTS = 3
const LARGEST_OBJECTS = 20
const LARGEST_FIELDS = new Set(['Integration.definition'])
/** Data of a record has up to a megabyte, and is not read beyond the size of an answer. */
const RECORD_DATA = 'Record.data'
const RECORD_DATA_POINTS = 0.15

/** Arguments that decide how long a list is, with the most that the field accepts. */
const MOST_ITEMS: readonly (readonly [name: string, most: number])[] = [
  ['ids', MAX_FIRST],
  ['representations', MAX_REPRESENTATIONS],
]

const counted = new WeakMap<Operation, OperationCost>()
/** The last operation of each document whose cost does not depend on variables. */
const constant = new WeakMap<DocumentNode, Pick<Operation, 'schema' | 'operationName'> & { cost: OperationCost }>()

/** Estimates the cost of an operation from its document and variables. The document must be valid. Computed once per operation. */
export function operationCost(operation: Operation): OperationCost {
  const known = counted.get(operation)
  if (known !== undefined) return known
  const { schema, document, operationName } = operation
  const last = constant.get(document)
  if (last !== undefined && last.schema === schema && last.operationName === operationName) return last.cost
  const { cost, readsVariables } = count(operation)
  counted.set(operation, cost)
  if (!readsVariables) constant.set(document, { schema, operationName, cost })
  return cost
}

/** The part of the cost of an event that does not depend on how much it returns. */
export function eventPoints(operation: Operation): number {
  return EVENT_POINTS + operationCost(operation).fixedPoints - OPERATION_POINTS
}

const NOTHING: OperationCost = { objects: 0, rootFields: 0, points: 0, fixedPoints: 0 }

interface Count {
  cost: OperationCost
  readsVariables: boolean
}

function count({ schema, document, operationName, variableValues }: Operation): Count {
  const operation = getOperationAST(document, operationName)
  const root = operation == null ? null : schema.getRootType(operation.operation)
  if (operation == null || root == null) return { cost: NOTHING, readsVariables: false }
  let readsVariables = false
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
    let fields = 0
    const total = { objects: 0, points: 0, fixedPoints: 0 }
    // An object has one type: of the fragments on different object types, only the most expensive one counts.
    const byType = new Map<string, typeof total>()
    const addFragment = (within: GraphQLNamedType, cost: OperationCost) => {
      fields += cost.rootFields
      if (isObjectType(type) || !isObjectType(within)) return add(total, cost)
      const own = byType.get(within.name) ?? { objects: 0, points: 0, fixedPoints: 0 }
      add(own, cost)
      byType.set(within.name, own)
    }
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        fields += 1
        add(total, costOfField(selection, type, listSize))
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
    const most = (key: keyof typeof total) => Math.max(0, ...[...byType.values()].map((each) => each[key]))
    add(total, { objects: most('objects'), points: most('points'), fixedPoints: most('fixedPoints') })
    return { ...total, rootFields: fields }
  }
  const costOfFragment = (name: string, within: GraphQLNamedType, listSize: number): OperationCost => {
    const key = `${name}:${listSize}`
    const cost = known.get(key)
    if (cost !== undefined) return cost
    const fragment = fragments.get(name)
    const found = fragment === undefined ? NOTHING : costOf(fragment.selectionSet, within, listSize)
    known.set(key, found)
    return found
  }
  const costOfField = (
    node: FieldNode,
    parent: GraphQLNamedType,
    listSize: number,
  ): Omit<OperationCost, 'rootFields'> => {
    const field = fieldOf(parent, node.name.value)
    if (field === null) return NOTHING
    const type = getNamedType(field.type)
    const name = `${parent.name}.${field.name}`
    const own = FIELD_POINTS.get(name) ?? (parent === schema.getMutationType() ? MUTATION_POINTS : 0)
    if (isLeafType(type)) {
      const points = own + VALUE_POINTS
      if (name === RECORD_DATA) return { objects: 0, points: points + RECORD_DATA_POINTS, fixedPoints: own }
      if (!LARGE_TYPES.has(type.name)) return { objects: 0, points, fixedPoints: own }
      const objects = LARGEST_FIELDS.has(name) ? LARGEST_OBJECTS : LARGE_OBJECTS
      return { objects, points: points + JSON_POINTS, fixedPoints: own }
    }
    if (node.selectionSet === undefined) return NOTHING
    const items = isList(field.type) ? itemsOf(field, node, listSize) : 1
    const isPage = field.args.some(({ name: argument }) => argument === 'first')
    const inner = costOf(node.selectionSet, type, isPage ? sizeOf(argument(node, 'first')) : UNPAGED)
    const fixed = own + (isPage ? LIST_POINTS : 0)
    return {
      objects: items * (1 + inner.objects),
      points: fixed + items * (OBJECT_POINTS + inner.points),
      fixedPoints: fixed + items * inner.fixedPoints,
    }
  }
  /**
   * A field with `ids` or `representations` returns one item for each. A field may declare the usual length of its list (`extensions.usualLength`).
   * Any other list belongs to a page or is short.
   */
  const itemsOf = (field: GraphQLField<unknown, unknown>, node: FieldNode, listSize: number): number => {
    if (typeof field.extensions['usualLength'] === 'number') return field.extensions['usualLength']
    const [name, most] = MOST_ITEMS.find(([each]) => field.args.some(({ name }) => name === each)) ?? []
    if (name === undefined || most === undefined) return listSize
    const given = argument(node, name)
    return Array.isArray(given) ? Math.min(given.length, most) : most
  }
  const argument = (node: FieldNode, name: string): unknown => {
    const value = node.arguments?.find((each) => each.name.value === name)?.value
    if (value?.kind !== Kind.VARIABLE) return literal(value)
    readsVariables = true
    const variable = value.name.value
    if (variableValues != null && Object.hasOwn(variableValues, variable)) return variableValues[variable]
    return literal(defaults.get(variable))
  }
  const cost = costOf(operation.selectionSet, root, UNPAGED)
  const points = OPERATION_POINTS + cost.points
  return { cost: { ...cost, points, fixedPoints: OPERATION_POINTS + cost.fixedPoints }, readsVariables }
}

function add<T extends { objects: number; points: number; fixedPoints: number }>(
  total: T,
  { objects, points, fixedPoints }: Omit<OperationCost, 'rootFields'>,
): void {
  total.objects += objects
  total.points += points
  total.fixedPoints += fixedPoints
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
