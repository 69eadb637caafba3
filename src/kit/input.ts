import { FieldErrors, InvalidInputError } from './errors.ts'

/** Collects the errors of an input, so that the caller gets all of them at once. */
export interface InputCheck {
  wrong(path: string[], message: string): void
  /** Runs `work`. If it throws an InvalidInputError, collects its fields and returns undefined. Rethrows other errors. */
  part<T>(work: () => T): T | undefined
  /** Requires a text that is not blank and has at most `max` characters, or no value. */
  text(path: string[], value: string | null | undefined, max: number): void
  /** Requires an absolute http or https URL, or no value. */
  url(path: string[], value: string | null | undefined): void
  /** Requires a JSON object, or no value. */
  object(path: string[], value: unknown): void
  /** @throws InvalidInputError when there are errors */
  done(): void
}

const MAX_URL = 2_048
const MAX_JSON = 64 * 1024

export function checkInput(): InputCheck {
  const errors = new FieldErrors()
  const wrong = (path: string[], message: string) => errors.add(path, message)
  return {
    wrong,
    part(work) {
      try {
        return work()
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error
        errors.list.push(...error.fields)
        return undefined
      }
    },
    text(path, value, max) {
      if (value == null) return
      if (value.trim() === '') wrong(path, 'Must not be blank.')
      else if ([...value].length > max) wrong(path, `Must have at most ${max} characters.`)
    },
    url(path, value) {
      if (value == null) return
      const url = URL.canParse(value) ? new URL(value) : null
      if (url === null || !['http:', 'https:'].includes(url.protocol) || value.length > MAX_URL) {
        wrong(path, `Must be an absolute http or https URL of at most ${MAX_URL} characters.`)
      } else if (url.username !== '' || url.password !== '') wrong(path, 'Must not contain a user name or password.')
      else if (!isPlainHost(url.hostname))
        wrong(path, 'The host may contain only letters, digits, dots, hyphens and underscores.')
    },
    object(path, value) {
      if (value == null) return
      if (typeof value !== 'object' || Array.isArray(value)) wrong(path, 'Must be a JSON object.')
      else if (JSON.stringify(value).length > MAX_JSON) wrong(path, `Must have at most ${MAX_JSON} characters of JSON.`)
    },
    done: () => errors.throwIfAny(),
  }
}

const PLAIN_HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/

/**
 * Whether the hostname of a parsed URL has only the characters of names and addresses. URLs allow others that have a meaning
 * in a Content-Security-Policy: `;` ends a directive, and `*` matches every host.
 */
export function isPlainHost(hostname: string): boolean {
  return PLAIN_HOST.test(hostname)
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** @throws InvalidInputError unless the slug is 1 to 63 lowercase letters, digits and inner hyphens */
export function checkSlug(slug: string, path: string[]): void {
  if (!SLUG.test(slug)) {
    throw new InvalidInputError([
      { path, message: 'Use 1 to 63 lowercase letters, digits and hyphens, with a letter or digit at both ends.' },
    ])
  }
}

/** Makes a slug from a name. A name without usable characters gets `workspace-` and the end of the id. */
export function slugOf(name: string, id: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')
  return words === '' ? `workspace-${id.slice(-8)}` : words
}

/** An error in a value. `reason` completes the sentence "The value …" and quotes nothing of the value. */
interface IllFormed {
  path: (string | number)[]
  reason: string
}

const MAX_DEPTH = 100
const MAX_VALUES = 1_000_000

/** A list or an object that is being visited. `at` is the index of the next child. */
interface Frame {
  children: readonly unknown[]
  keys: readonly string[] | null
  at: number
}

/**
 * Finds the first part of a JSON-like value that PostgreSQL would refuse or store as something else:
 * - NUL characters (SQLSTATE 22021, 22P05)
 * - lone surrogates (22P02 in jsonb; in text, silently U+FFFD)
 * - whole numbers beyond ±(2^53 − 1), which have lost digits when they were parsed
 * - NaN and infinities, which are null in JSON
 * - keys named `__proto__`
 * - nesting above 100 levels
 * @returns null when there is none. The path of a bad key is the path of the object that has it.
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

/** Each frame has already advanced to the child after the current one. */
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

/** A copy of an object loses the key `__proto__`, or uses its value as the prototype. */
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
