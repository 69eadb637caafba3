/** What each of several parties has used lately, to tell those that take more than the others from those that do not. */
export interface FairShares {
  /** Adds to what a party has used. A negative number takes back. */
  use(key: string, amount: number): void
  /** Whether the party uses at least as much as the others on average, if it uses `more` now. True when it is the only one. */
  isAbove(key: string, more?: number): boolean
}

interface FairSharesOptions {
  /** What was used counts for this long at least, and for twice as long at most. In milliseconds. */
  windowMs: number
  /** The clock, in milliseconds. Default: `performance.now`. */
  now?: () => number
}

export function createFairShares({ windowMs, now = () => performance.now() }: FairSharesOptions): FairShares {
  let previous = new Map<string, number>()
  let current = new Map<string, number>()
  /** What was used in both, and by how many. */
  let sum = 0
  let count = 0
  let startedMs = now()

  function forget(): void {
    const windows = Math.floor((now() - startedMs) / windowMs)
    if (windows < 1) return
    startedMs += windows * windowMs
    previous = windows === 1 ? current : new Map()
    current = new Map()
    sum = 0
    for (const used of previous.values()) sum += used
    count = previous.size
  }

  const isKnown = (key: string) => current.has(key) || previous.has(key)

  return {
    use(key, amount) {
      forget()
      if (!isKnown(key)) count += 1
      current.set(key, (current.get(key) ?? 0) + amount)
      sum += amount
    },
    isAbove(key, more = 0) {
      forget()
      const used = (previous.get(key) ?? 0) + (current.get(key) ?? 0)
      return (used + more) * (isKnown(key) ? count : count + 1) >= sum + more
    },
  }
}
