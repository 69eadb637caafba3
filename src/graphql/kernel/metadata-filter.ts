import { condition } from '../../db/sql.ts'
import { checkInput } from '../../kit/input.ts'
import type { ListQuery, Way } from './loaders.ts'

export const METADATA_FILTER =
  'JSON object. Its `metadata` has every key that is given here, with the same value. The order of keys and the form of a number (1 and 1.0) do not matter.'

const MAX_KEYS = 50
/** Keys whose tokens are looked up. Each one is a join. The others are only compared. */
const MAX_TOKENS = 4
/** The token of metadata that has too many keys to have one for each. */
const NO_TOKENS = '00000000-0000-0000-0000-000000000000'

/**
 * The part of a list query that selects the rows `t` whose metadata has every given key with the same value. No filter and an empty
 * object select all.
 * @param table of the list; its tokens are in `<table>_metadata`
 * @param path where the filter stands in the arguments, for the error
 * @throws InvalidInputError unless the filter is an object of at most 64 kB and 50 keys
 */
export function metadataFilter(
  table: 'connection' | 'end_user',
  filter: unknown,
  path: string[],
): Pick<ListQuery, 'where' | 'ways'> {
  if (filter == null) return {}
  const check = checkInput()
  check.object(path, filter)
  if (Object.keys(filter).length > MAX_KEYS) check.wrong(path, `Must have at most ${MAX_KEYS} keys.`)
  check.done()
  const pairs = Object.entries(filter).map(([key, value]) => [key, JSON.stringify(value)] as const)
  if (pairs.length === 0) return {}
  // Long values, such as ids, are rarer than short ones.
  const longest = pairs.toSorted(([, a], [, b]) => b.length - a.length).slice(0, MAX_TOKENS)
  const hasToken = (name: string) =>
    `${name}.${table}_id = t.id AND ${name}.workspace_id = t.workspace_id AND ${name}.token`
  const byTokens: Way = {
    tables: longest.map((_pair, at) => `${table}_metadata m${at}`),
    ...condition(
      longest
        .map((_pair, at) => `${hasToken(`m${at}`)} = latchkey_metadata_token(?::text, ?::text::jsonb)`)
        .join(' AND '),
      ...longest.flat(),
    ),
  }
  const withoutTokens: Way = { tables: [`${table}_metadata m0`], ...condition(`${hasToken('m0')} = '${NO_TOKENS}'`) }
  // Almost all rows with the tokens are equal. Without coalesce, the planner expects one in 200 for each key.
  const equal = pairs.map(() => 't.metadata -> ?::text = ?::text::jsonb').join(' AND ')
  return { where: [condition(`coalesce(${equal}, false)`, ...pairs.flat())], ways: [byTokens, withoutTokens] }
}
