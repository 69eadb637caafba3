import { type Condition, condition } from '../../db/sql.ts'
import { checkInput } from '../../kit/input.ts'

export const METADATA_FILTER =
  'JSON object. Its `metadata` has every key that is given here, with the same value. The order of keys and the form of a number (1 and 1.0) do not matter.'

const MAX_KEYS = 50

/**
 * The rows `t` whose metadata has every given key with the same value. None for no filter or an empty object: they match all.
 * @param path where the filter stands in the arguments, for the error
 * @throws InvalidInputError unless the filter is an object of at most 64 kB and 50 keys
 */
export function metadataConditions(filter: unknown, path: string[]): Condition[] {
  if (filter == null) return []
  const check = checkInput()
  check.object(path, filter)
  if (Object.keys(filter).length > MAX_KEYS) check.wrong(path, `Must have at most ${MAX_KEYS} keys.`)
  check.done()
  return Object.entries(filter).map(([key, value]) =>
    condition('t.metadata -> ?::text = ?::text::jsonb', key, JSON.stringify(value)),
  )
}
