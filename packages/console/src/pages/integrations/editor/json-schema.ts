import { t } from '../texts.ts'

/** The part of JSON Schema that the schema of definitions uses. */
export interface JsonSchema {
  $ref?: string
  $defs?: Readonly<Record<string, JsonSchema>>
  type?: string
  description?: string
  properties?: Readonly<Record<string, JsonSchema>>
  required?: readonly string[]
  additionalProperties?: boolean | JsonSchema
  propertyNames?: JsonSchema
  items?: JsonSchema
  anyOf?: readonly JsonSchema[]
  oneOf?: readonly JsonSchema[]
  enum?: readonly unknown[]
  const?: unknown
  minLength?: number
  maxLength?: number
  pattern?: string
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

export type JsonPath = readonly (string | number)[]

export interface Fault {
  path: JsonPath
  message: string
}

type Values = Readonly<Record<string, unknown>>

/** What is wrong with a value. A schema that is not compiled to code needs no `eval`, which the policy of the page forbids. */
export function faultsOf(root: JsonSchema, value: unknown, schema = root, path: JsonPath = []): Fault[] {
  const fault = (message: string, at: JsonPath = path): Fault[] => [{ path: at, message }]
  const alternatives = alternativesOf(root, schema)
  if (alternatives.length === 0) return []
  const typed = alternatives.filter((each) => hasType(each, value))
  if (typed.length === 0) {
    const types = [...new Set(alternatives.map(({ type }) => t(`type.${type}` as 'type.string')))]
    return fault(t('fault.type', { types: types.join(t('fault.or')) }))
  }
  const { fitting, wrong } = discriminate(typed, value)
  if (wrong !== undefined) {
    const isMissing = !isObject(value) || value[wrong.key] === undefined
    const values = wrong.values.map((each) => JSON.stringify(each)).join(', ')
    return isMissing
      ? fault(t('fault.missingOneOf', { key: wrong.key, values }))
      : fault(t('fault.oneOf', { values }), [...path, wrong.key])
  }
  const results = fitting.map((each) => plainFaults(root, value, each, path))
  return results.toSorted((a, b) => a.length - b.length)[0] ?? []
}

/** The schemas that the value at a path may have, as far as the values around it decide that. */
export function schemasAt(root: JsonSchema, value: unknown, path: JsonPath): JsonSchema[] {
  let schemas = alternativesOf(root, root)
  let current = value
  for (const key of path) {
    schemas = discriminate(
      schemas.filter((each) => hasType(each, current)),
      current,
    ).fitting.flatMap((each) => {
      const inner = typeof key === 'number' ? each.items : innerOf(each, key)
      return inner === undefined ? [] : alternativesOf(root, inner)
    })
    current = isObject(current) || Array.isArray(current) ? Reflect.get(current, key) : undefined
  }
  return discriminate(schemas, current).fitting
}

function innerOf({ properties, additionalProperties }: JsonSchema, key: string): JsonSchema | undefined {
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** A schema without references and alternatives, or what it consists of. */
export function alternativesOf(root: JsonSchema, schema: JsonSchema): JsonSchema[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return target === undefined ? [] : alternativesOf(root, target)
  }
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return choices.length === 0 ? [schema] : choices.flatMap((each) => alternativesOf(root, each))
}

interface Narrowed {
  fitting: JsonSchema[]
  /** A key with a fixed value in each alternative that the value lacks, or that is none of them. */
  wrong?: { key: string; values: unknown[] }
}

/** Keeps the alternatives whose fixed values (such as `type`) are those of the value. */
function discriminate(alternatives: JsonSchema[], value: unknown): Narrowed {
  let fitting = alternatives
  while (fitting.length > 1 && isObject(value)) {
    const key = Object.keys(fitting[0]?.properties ?? {}).find((name) => {
      const values = fitting.map((each) => each.properties?.[name]?.const)
      return values.every((each) => each !== undefined) && new Set(values).size > 1
    })
    if (key === undefined) break
    const left = fitting.filter((each) => each.properties?.[key]?.const === value[key])
    const values = [...new Set(fitting.map((each) => each.properties?.[key]?.const))]
    if (left.length === 0) return { fitting, wrong: { key, values } }
    fitting = left
  }
  return { fitting }
}

/** A text with more faults is something else than a definition. Looking for all of them would take long. */
const MAX_FAULTS = 100

function plainFaults(root: JsonSchema, value: unknown, schema: JsonSchema, path: JsonPath): Fault[] {
  const found: Fault[] = []
  const report = (message: string, at: JsonPath = path) => found.push({ path: at, message })
  const choices = schema.const === undefined ? schema.enum : [schema.const]
  if (choices !== undefined && !choices.includes(value)) {
    report(t('fault.oneOf', { values: choices.map((each) => JSON.stringify(each)).join(', ') }))
    return found
  }
  if (typeof value === 'string') {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema
    if (value.length < minLength) report(t(minLength === 1 ? 'fault.empty' : 'fault.short', { count: minLength }))
    else if (value.length > maxLength) report(t('fault.long', { count: maxLength }))
    else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) report(t('fault.pattern', { pattern }))
  }
  if (typeof value === 'number') {
    const { minimum = schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
    if (value < minimum || (value === minimum && schema.exclusiveMinimum === value))
      report(t('fault.small', { count: minimum }))
    if (value > maximum) report(t('fault.large', { count: maximum }))
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) report(t('fault.fewItems', { count: schema.minItems ?? 0 }))
    if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY))
      report(t('fault.manyItems', { count: schema.maxItems ?? 0 }))
    const { items } = schema
    if (items !== undefined)
      for (const [index, each] of value.entries()) {
        if (found.length >= MAX_FAULTS) break
        for (const fault of faultsOf(root, each, items, [...path, index])) found.push(fault)
      }
  } else if (isObject(value)) {
    for (const key of schema.required ?? []) {
      if (!Object.hasOwn(value, key)) report(t('fault.missing', { key }))
    }
    for (const [key, each] of Object.entries(value)) {
      const inner = innerOf(schema, key)
      if (found.length >= MAX_FAULTS) break
      if (inner !== undefined) for (const fault of faultsOf(root, each, inner, [...path, key])) found.push(fault)
      else if (schema.additionalProperties === false) report(t('fault.unknownKey', { key }), [...path, key])
    }
  }
  return found
}

export function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasType({ type }: JsonSchema, value: unknown): boolean {
  switch (type) {
    case undefined:
      return true
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}
