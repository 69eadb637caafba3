/** What is wrong with a value, and where. `reason` completes the sentence "The value …" and quotes nothing of it. */
export interface IllFormed {
  path: (string | number)[]
  reason: string
}

const MAX_DEPTH = 100
const MAX_VALUES = 1_000_000

/** A list or an object that is being walked; `at` is the index of the child that is next. */
interface Frame {
  children: readonly unknown[]
  keys: readonly string[] | null
  at: number
}

/**
 * Finds the first thing in a JSON-like value that PostgreSQL would refuse or store as something else: NUL characters
 * (SQLSTATE 22021, 22P05), lone surrogates (22P02 in jsonb, U+FFFD in text without a word), whole numbers beyond
 * ±(2^53 − 1), which have lost digits before they came here, NaN and infinities (null in JSON), keys called `__proto__`, and
 * nesting above 100 levels. Null when there is none. The path of a bad key is the path of the object that has it.
 */
export function illFormedText(value: unknown): IllFormed | null {
  const frames: Frame[] = []
  let seen = 0
  let current = value
  for (;;) {
    seen += 1
    const reason = seen > MAX_VALUES ? `holds more than ${MAX_VALUES} values` : reasonAgainst(current)
    if (reason !== null) return { path: pathOf(frames), reason }
    if (typeof current === 'object' && current !== null) {
      if (frames.length === MAX_DEPTH) {
        return { path: pathOf(frames), reason: `is nested more than ${MAX_DEPTH} levels deep` }
      }
      const frame = open(current)
      const badKey = frame.keys?.map(reasonAgainstKey).find((against) => against !== null)
      if (badKey !== undefined) return { path: pathOf(frames), reason: `has a key that ${badKey}` }
      frames.push(frame)
    }
    let top = frames.at(-1)
    while (top !== undefined && top.at === top.children.length) {
      frames.pop()
      top = frames.at(-1)
    }
    if (top === undefined) return null
    current = top.children[top.at]
    top.at += 1
  }
}

function open(container: object): Frame {
  if (Array.isArray(container)) return { children: container, keys: null, at: 0 }
  return { children: Object.values(container), keys: Object.keys(container), at: 0 }
}

/** Each open frame has already moved on to the child after the one that is looked at. */
function pathOf(frames: readonly Frame[]): (string | number)[] {
  return frames.map(({ keys, at }) => keys?.[at - 1] ?? at - 1)
}

function reasonAgainst(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return reasonAgainstText(value)
    case 'number':
      return reasonAgainstNumber(value)
    case 'bigint':
    case 'function':
    case 'symbol':
      return 'is not JSON'
    default:
      return null
  }
}

/** Copies of an object lose this key, or take its value for their prototype. */
function reasonAgainstKey(key: string): string | null {
  return key === '__proto__' ? 'is "__proto__"' : reasonAgainstText(key)
}

function reasonAgainstText(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character'
  if (!text.isWellFormed()) return 'contains half of a surrogate pair'
  return null
}

function reasonAgainstNumber(number: number): string | null {
  if (!Number.isFinite(number)) return 'is not a finite number'
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    return 'is a whole number beyond 9007199254740991, send it as a string'
  }
  return null
}
