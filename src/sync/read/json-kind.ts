import { isRawJson } from '../../kit/json.ts'

/** What a JSON value is, for a message: "a string", "an object", "nothing". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isRawJson(value)) return 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
