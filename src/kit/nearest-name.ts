/** Longer names are not compared: the time grows with the product of the lengths. */
const MAX_LENGTH = 64

/**
 * The known name that a misspelt one most likely means. Undefined: it resembles none.
 * @param allowedLetters how many letters may be wrong, missing, added or exchanged. Default: a third of the name, and 3 at most
 */
export function nearestName(
  name: string,
  known: readonly string[],
  allowedLetters: (known: string) => number = (each) => Math.min(3, Math.floor(each.length / 3)),
): string | undefined {
  if (name.length > MAX_LENGTH) return undefined
  const [nearest] = known
    .map((each) => ({ each, letters: distance(name, each) }))
    .sort((one, other) => one.letters - other.letters)
  return nearest !== undefined && nearest.letters <= allowedLetters(nearest.each) ? nearest.each : undefined
}

/** The number of letters to change, add, remove or exchange with their neighbour until two words are equal. */
function distance(a: string, b: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const exchanged = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        (last?.[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last?.[column - 1] ?? 0) + (same ? 0 : 1),
        exchanged ? (before?.[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = last
    last = current
  }
  return last?.[b.length] ?? 0
}
