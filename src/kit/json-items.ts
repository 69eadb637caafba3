import { parseJson, survives } from './json.ts'

const TAB = 0x09
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const PLUS = 0x2b
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const LETTER_E = 0x65
const LETTER_F = 0x66
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** The bit between E and e. */
const LOWER_CASE = 0x20

/** What follows a backslash where JSON.stringify writes an escape without hexadecimal digits. */
const SHORT_ESCAPES = '"\\bfnrt'

/** Keys that are remembered for one text, and of one object. Each new key is compared with those before it in its object. */
const MAX_KEYS = 10_000
const MAX_KEYS_OF_OBJECT = 500

/**
 * A key of an object, after the keys before it. The objects of a list mostly have the same keys in the same order, so a key is
 * compared with the one that came there last, and is not looked at again.
 */
interface Key {
  /** With its quotes and its colon. */
  readonly text: string
  readonly before: Key | undefined
  /** Number of keys before it. */
  readonly index: number
  /** JSON.stringify would write it at another place or otherwise, or it is there twice. */
  readonly moves: boolean
  /** The key that came after it last. */
  next: Key | undefined
  readonly after: Map<string, Key>
  /** Before the first key of an object that is the value, or in a list that is the value. */
  inside: Key | undefined
}

/** The text is not one that is read here. */
class UnusualTextError extends Error {
  override readonly name = 'UnusualTextError'
}

/** Deeper texts are left to `parseJson`, which refuses them. */
const MAX_DEPTH = 200

interface ItemTexts {
  /** Absent: there is no list at the path. */
  texts?: (string | undefined)[] | undefined
  list?: ListText | undefined
  /** JSON.parse changes no number of the text. */
  isExact: boolean
}

/** The list with its brackets, as it is in the text. */
export interface ListText {
  text: string
  /** Where it begins, in UTF-16 units. */
  start: number
}

/** What `parseJsonItems` returns. */
export interface ParsedItems {
  value: unknown
  /** Of each item; undefined: there is no list at the path. */
  texts: readonly (string | undefined)[] | undefined
  /** Undefined: there is no list at the path. */
  list: ListText | undefined
}

/**
 * As `parseJson`, with the text of each item of a list where it is exactly what JSON.stringify would write for the item: such an item
 * need not be written again. An item has no text here if it has spaces, or numbers, escapes or keys that would be written otherwise;
 * a key that is there twice is one of them. The text is looked at once for this and for the numbers that JSON.parse would change.
 *
 * @param path keys of the objects that the list is in. A list within another list is not found
 * @throws as `parseJson`
 */
export function parseJsonItems(text: string, path: readonly (string | number)[]): ParsedItems {
  const read = readItems(text, path)
  const found = { texts: read?.texts, list: read?.list }
  if (read?.isExact !== true) return { value: parseJson(text), ...found }
  try {
    return { value: JSON.parse(text), ...found }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // With the position of the error.
    return { value: parseJson(text), texts: undefined, list: undefined }
  }
}

/** @returns undefined for texts that are nested deeply or have very many different keys; anything for a text that is not JSON */
function readItems(text: string, path: readonly (string | number)[]): ItemTexts | undefined {
  if (!text.isWellFormed()) return undefined
  try {
    return new TextReader(text, path).read()
  } catch (error) {
    if (error instanceof UnusualTextError) return undefined
    throw error
  }
}

class TextReader {
  readonly #text: string
  readonly #path: readonly (string | number)[]
  #at = 0
  /** The first backslash at or after the present place; the length of the text if there is none. */
  #backslash: number
  /** JSON.stringify would write what was read of the item. */
  #same = true
  #isExact = true
  #keys = 0
  #depth = 0
  #items: (string | undefined)[] | undefined
  #listText: ListText | undefined

  constructor(text: string, path: readonly (string | number)[]) {
    this.#text = text
    this.#path = path
    this.#backslash = this.#find('\\', 0)
  }

  read(): ItemTexts {
    this.#space()
    this.#value(this.#key(undefined, ''), 0)
    return { texts: this.#items, list: this.#listText, isExact: this.#isExact }
  }

  /** @param level number of keys of the path that lead here; -1: this is not on the path */
  #value(root: Key, level: number): void {
    const code = this.#text.charCodeAt(this.#at)
    if (code === QUOTE) this.#string()
    else if (code === OPEN_OBJECT) this.#object(root, level)
    else if (code === OPEN_LIST) this.#list(root, level === this.#path.length)
    else if (code === MINUS || (code >= ZERO && code <= NINE)) this.#number()
    // The words true, false and null.
    else this.#at += code === LETTER_F ? 5 : 4
  }

  #object(root: Key, level: number): void {
    const name = this.#path[level]
    const wanted = typeof name === 'string' ? `${JSON.stringify(name)}:` : undefined
    let last = root
    this.#open()
    while (this.#text.charCodeAt(this.#at) !== CLOSE_OBJECT) {
      last = this.#nextKey(last)
      if (last.moves) {
        // Of two equal keys on the way to the list the last one counts.
        if (level >= 0) throw new UnusualTextError()
        this.#same = false
      }
      this.#space()
      last.inside ??= this.#key(undefined, '')
      this.#value(last.inside, last.text === wanted ? level + 1 : -1)
      this.#comma()
    }
    this.#close()
  }

  #list(root: Key, isWanted: boolean): void {
    const items: (string | undefined)[] = []
    const startOfList = this.#at
    if (isWanted) this.#items = items
    this.#open()
    while (this.#text.charCodeAt(this.#at) !== CLOSE_LIST) {
      if (isWanted) this.#same = true
      const start = this.#at
      this.#value(root, -1)
      if (isWanted) items.push(this.#same ? this.#text.slice(start, this.#at) : undefined)
      this.#comma()
    }
    this.#close()
    if (isWanted) this.#listText = { text: this.#text.slice(startOfList, this.#at), start: startOfList }
  }

  #open(): void {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new UnusualTextError()
    this.#at += 1
    this.#space()
  }

  #close(): void {
    this.#depth -= 1
    this.#at += 1
  }

  /** Between two values. */
  #comma(): void {
    this.#space()
    if (this.#text.charCodeAt(this.#at) === COMMA) this.#at += 1
    this.#space()
    if (this.#at >= this.#text.length) throw new UnusualTextError()
  }

  #nextKey(before: Key): Key {
    const { next } = before
    if (next !== undefined && this.#text.startsWith(next.text, this.#at)) {
      this.#at += next.text.length
      return next
    }
    const start = this.#at
    this.#string()
    const text = `${this.#text.slice(start, this.#at)}:`
    this.#space()
    this.#at += 1
    const known = before.after.get(text) ?? this.#key(before, text)
    before.after.set(text, known)
    before.next = known
    return known
  }

  #key(before: Key | undefined, text: string): Key {
    this.#keys += 1
    const index = before === undefined ? 0 : before.index + 1
    if (this.#keys > MAX_KEYS || index > MAX_KEYS_OF_OBJECT) throw new UnusualTextError()
    const first = text.charCodeAt(1)
    // JavaScript puts keys that are whole numbers before all others.
    let moves = (first >= ZERO && first <= NINE) || text.includes('\\')
    for (let other = before; other !== undefined; other = other.before) moves ||= other.text === text
    return { text, before, index, moves, next: undefined, after: new Map(), inside: undefined }
  }

  #string(): void {
    let from = this.#at + 1
    if (this.#backslash < from) this.#backslash = this.#find('\\', from)
    let end = this.#find('"', from)
    while (this.#backslash < end) {
      if (!SHORT_ESCAPES.includes(this.#text.charAt(this.#backslash + 1))) this.#same = false
      from = this.#backslash + 2
      this.#backslash = this.#find('\\', from)
      if (end < from) end = this.#find('"', from)
    }
    this.#at = end + 1
  }

  #number(): void {
    const start = this.#at
    let isInteger = true
    for (this.#at += 1; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      if (code >= ZERO && code <= NINE) continue
      const isPart = code === POINT || code === PLUS || code === MINUS || (code | LOWER_CASE) === LETTER_E
      if (!isPart) break
      isInteger = false
    }
    // Up to 15 digits are exact.
    const isNegative = this.#text.charCodeAt(start) === MINUS
    if (isInteger && !isNegative && this.#at - start <= 15) return
    const source = this.#text.slice(start, this.#at)
    if (String(Number(source)) === source) return
    this.#same = false
    if (!survives(source)) this.#isExact = false
  }

  #space(): void {
    for (; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      if (code > SPACE || !(code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB)) return
      this.#same = false
    }
  }

  #find(character: string, from: number): number {
    const found = this.#text.indexOf(character, from)
    return found === -1 ? this.#text.length : found
  }
}
