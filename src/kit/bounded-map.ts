interface BoundedMapOptions {
  /** How many entries are kept. One more removes the entry that was not read or written for the longest time. */
  max: number
  /** How long an entry is kept after it was written, in milliseconds. Default: forever. */
  ttlMs?: number
  /** `true`: expired entries are removed from memory by a timer, not only hidden. For secrets. Default: `false`. */
  erase?: boolean
}

interface Entry<V> {
  value: V
  until: number
  /** The number of the move that made it the most recently used entry. */
  moved: number
}

/** To read the clock takes longer than the rest of a read, so entries without an end are not compared with it. */
function isOver({ until }: { until: number }): boolean {
  return until !== Number.POSITIVE_INFINITY && until <= performance.now()
}

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * A map with a maximum size, which removes the least recently used entries first. Entries may expire. The order of use is exact up to
 * seven entries. In a larger map, an entry that is among the last quarter is not moved when it is read or written.
 */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, Entry<V>>()
  readonly #max: number
  readonly #ttlMs: number
  readonly #erase: boolean
  /** An entry is moved only after as many others were, because a move costs several times as much as a read. */
  readonly #movesAfter: number
  #moves = 0
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor({ max, ttlMs = Number.POSITIVE_INFINITY, erase = false }: BoundedMapOptions) {
    this.#max = max
    this.#ttlMs = ttlMs
    this.#erase = erase
    this.#movesAfter = Math.max(1, Math.floor(max / 4))
  }

  /** The number of entries, including expired ones that were not removed yet. */
  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (isOver(entry)) {
      this.#entries.delete(key)
      return undefined
    }
    if (this.#moves - entry.moved >= this.#movesAfter) {
      this.#moves += 1
      entry.moved = this.#moves
      this.#entries.delete(key)
      this.#entries.set(key, entry)
    }
    return entry.value
  }

  has(key: K): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && !isOver(entry)
  }

  /** @param ttlMs how long this entry is kept, in milliseconds. Default: the option of the map. */
  set(key: K, value: V, ttlMs: number = this.#ttlMs): void {
    const until = performance.now() + ttlMs
    const known = this.#entries.get(key)
    if (known !== undefined && this.#moves - known.moved < this.#movesAfter) {
      known.value = value
      known.until = until
    } else {
      this.#entries.delete(key)
      for (const oldest of this.#entries.keys()) {
        if (this.#entries.size < this.#max) break
        this.#entries.delete(oldest)
      }
      this.#moves += 1
      this.#entries.set(key, { value, until, moved: this.#moves })
    }
    if (this.#erase) this.#eraseAt(until)
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Keys from the least to the most recently used, without expired entries. */
  *keys(): Generator<K, void, undefined> {
    for (const [key] of this.entries()) yield key
  }

  /** As `keys`, with the values. Does not count as a read. Entries may be deleted during the iteration. */
  *entries(): Generator<[K, V], void, undefined> {
    const now = performance.now()
    for (const [key, { value, until }] of this.#entries) if (until > now) yield [key, value]
  }

  /** Sets the timer to `until` if that is earlier. */
  #eraseAt(until: number): void {
    if (until >= this.#timerAt || !Number.isFinite(until)) return
    clearTimeout(this.#timer)
    this.#timerAt = until
    const waitMs = Math.min(Math.max(1, until - performance.now() + 1), LONGEST_TIMER_MS)
    this.#timer = setTimeout(() => this.#eraseExpired(), waitMs)
    this.#timer.unref()
  }

  #eraseExpired(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const [key, { until }] of this.#entries) {
      if (until <= now) this.#entries.delete(key)
      else next = Math.min(next, until)
    }
    this.#eraseAt(next)
  }
}
