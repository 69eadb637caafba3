/** Runs `work` when it is its turn among all of that name. */
export type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>

interface Line {
  running: number
  waiting: (() => void)[]
}

/**
 * Lets only so many of one name run at once, the others in the order in which they came. For this process alone.
 * @param atOnce 1 or more
 */
export function createTurns(atOnce: number): Turns {
  /** Of names that are in use. */
  const lines = new Map<string, Line>()

  return async (name, work) => {
    const line = lines.get(name) ?? { running: 0, waiting: [] }
    lines.set(name, line)
    if (line.running < atOnce) line.running += 1
    else await new Promise<void>((resolve) => line.waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = line.waiting.shift()
      // Whoever comes next takes the place over, so that nobody can slip in between.
      if (next !== undefined) next()
      else line.running -= 1
      if (line.running === 0) lines.delete(name)
    }
  }
}
