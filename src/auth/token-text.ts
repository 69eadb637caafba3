import { type Path, readPath, readPaths } from '../catalog/definition/path.ts'
import { isRawJson } from '../kit/json.ts'

/** More are not tokens. Each of them is removed from what the provider says. */
const MAX_TOKENS = 100

/**
 * The texts at the place of a token in a response. A number is its exact text. `*` in the path stands for every key of an object or
 * every element of a list: the first text is the token.
 *
 * @returns at most 100 texts, none of which is blank
 */
export function tokensAt(body: unknown, path: Path): string[] {
  const exact = readPath(body, path)
  const values = exact === undefined ? readPaths(body, path) : [exact]
  return values
    .map(tokenText)
    .filter((text) => text !== undefined)
    .slice(0, MAX_TOKENS)
}

function tokenText(value: unknown): string | undefined {
  if (isRawJson(value)) return value.rawJSON
  // 0 says that there is none.
  if (typeof value === 'number') return value === 0 ? undefined : String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
