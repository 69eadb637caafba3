import { isRecord } from '../template/value.ts'

type Place = (string | number)[]

/** Objects whose values are templates, at any depth. Only their keys are names. */
const TEMPLATES = new Set([
  ...['json', 'form', 'query', 'headers', 'params', 'refreshParams', 'claims', 'authorizationParams', 'set'],
])
/** Objects whose values are names. */
const NAMES = new Set(['names', 'authorizationNames'])
/** Fixed texts that are sent, or compared with what was sent, as they are. */
const TEXTS = new Set(['param', 'sizeParam', 'limitParam', 'prefix', 'header', 'grantType', 'kid', 'code', 'scopes'])
/** Values that are not sent, or that belong to another language: JSON Schema, and the options of a strategy of the deployment. */
const OTHERS = new Set(['input', 'equals'])

/**
 * The places of names and other fixed texts with `{{`: names of parameters, headers, cookies, properties and claims, prefixes, scopes and
 * key ids. They are no templates, so they would be sent as they stand.
 */
export function namesWithTemplates(definition: object): Place[] {
  return [...placesBelow(definition, [])]
}

function* placesBelow(value: unknown, path: Place): Generator<Place> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* placesBelow(item, [...path, index])
  } else if (isRecord(value)) {
    const isPlacement = 'in' in value && 'name' in value
    for (const [key, item] of Object.entries(value)) {
      const place = [...path, key]
      if (hasTemplate(key)) yield place
      if (OTHERS.has(key) || (key === 'options' && !Array.isArray(item))) continue
      if (TEMPLATES.has(key)) yield* keysBelow(item, place)
      else if (TEXTS.has(key) || NAMES.has(key) || (isPlacement && key === 'name')) yield* textsBelow(item, place)
      else yield* placesBelow(item, place)
    }
  }
}

function* keysBelow(value: unknown, path: Place): Generator<Place> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value) && hasTemplate(key)) yield [...path, key]
    yield* keysBelow(item, [...path, key])
  }
}

function* textsBelow(value: unknown, path: Place): Generator<Place> {
  if (typeof value === 'string' && hasTemplate(value)) yield path
  if (typeof value !== 'object' || value === null) return
  yield* keysBelow(value, path)
  for (const [key, item] of Object.entries(value)) yield* textsBelow(item, [...path, key])
}

function hasTemplate(text: string): boolean {
  return text.includes('{{')
}
