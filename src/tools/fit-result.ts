import { isRecord } from '../catalog/template/value.ts'
import { isRawJson, stringifyJson } from '../kit/json.ts'

/** What was left out of a value at one place of it. */
interface LeftOut {
  /** Such as `output.data` or `output.data.0.text`. A long one is cut. */
  path: string
  /** Items of a list, fields of an object, or characters of a text. */
  items?: number
  fields?: number
  characters?: number
}

interface Fitted {
  value: unknown
  /** The first places at which something was left out. */
  leftOut: LeftOut[]
  /** How many more places there are. */
  more: number
}

/** A text of fewer characters is not cut, but left out: half an id or half a name is wrong. Nothing is cut into less than this. */
const MIN_TEXT = 200
/** Fields of one object that are cut, so that they share the room. Where more are too large, the first ones are kept whole. */
const MAX_SHARING = 4
/** An object with more fields is taken for a map from ids to values. Its small fields are not kept before the others. */
const MAX_RECORD_FIELDS = 50
const MAX_PLACES = 20
/** Characters of the path of a place, as JSON. */
const MAX_PATH = 200
/** The most characters that `leftOut` and `more` have as JSON. */
export const LEFT_OUT_LENGTH = MAX_PLACES * (MAX_PATH + 60)

interface Field {
  name: string
  item: unknown
  /** Characters of the name and the value. */
  size: number
}

/** In the place of a value of which nothing is kept. */
const NOTHING = Symbol('nothing')

/**
 * Cuts a JSON value so that its text has `maxLength` characters at most, and stays JSON:
 * - lists keep their first items
 * - objects cut their large fields if these are few, and otherwise keep their first fields whole
 * - long texts keep their start
 *
 * @param path the place of the value, for what was left out
 */
export function fitJson(value: unknown, maxLength: number, path: string): Fitted {
  const leftOut: LeftOut[] = []
  let more = 0
  const sizes = new Map<object, number>()

  const note = (at: string, what: Omit<LeftOut, 'path'>): void => {
    if (leftOut.length < MAX_PLACES) leftOut.push({ path: shortPath(at), ...what })
    else more += 1
  }

  /** The length of a value's text. That of lists and objects is remembered. */
  const sizeOf = (each: unknown): number => {
    if (!isContainer(each)) return stringifyJson(each ?? null).length
    const known = sizes.get(each)
    if (known !== undefined) return known
    let size = 2
    if (Array.isArray(each)) for (const item of each) size += sizeOf(item) + 1
    else for (const [name, item] of Object.entries(each)) size += nameSize(name) + sizeOf(item)
    sizes.set(each, size)
    return size
  }

  const shrink = (each: unknown, budget: number, at: string): unknown => {
    if (sizeOf(each) <= budget) return each
    if (budget < MIN_TEXT) return NOTHING
    if (typeof each === 'string') return each.length < MIN_TEXT ? NOTHING : shrinkText(each, budget, at)
    if (Array.isArray(each)) return shrinkList(each, budget, at)
    return isRecord(each) ? shrinkObject(each, budget, at) : NOTHING
  }

  const shrinkText = (text: string, budget: number, at: string): string => {
    // Escapes take more than one character, so the text is cut until it fits.
    let kept = budget - 2
    while (kept > 0 && stringifyJson(text.slice(0, kept).toWellFormed()).length > budget) kept = Math.floor(kept * 0.8)
    note(at, { characters: text.length - kept })
    return text.slice(0, kept).toWellFormed()
  }

  const shrinkList = (list: readonly unknown[], budget: number, at: string): unknown[] => {
    const kept: unknown[] = []
    let left = budget - 2
    for (const item of list) {
      const size = sizeOf(item) + 1
      if (size > left) break
      kept.push(item)
      left -= size
    }
    // One item alone is too large: a part of it says more than nothing.
    if (kept.length === 0) {
      const part = shrink(list[0], left - 1, `${at}.0`)
      if (part !== NOTHING) kept.push(part)
    }
    if (kept.length < list.length) note(at, { items: list.length - kept.length })
    return kept
  }

  const shrinkObject = (object: Record<string, unknown>, budget: number, at: string): Record<string, unknown> => {
    const fields = Object.entries(object).map(([name, item]) => ({ name, item, size: nameSize(name) + sizeOf(item) }))
    const kept = new Map<string, unknown>()
    let left = budget - 2
    const keep = (each: readonly Field[]): void => {
      for (const { name, item, size } of each) {
        if (size > left) break
        kept.set(name, item)
        left -= size
      }
    }
    const cut = ({ name, item }: Field, own: number): void => {
      const part = shrink(item, own - nameSize(name), `${at}.${name}`)
      if (part === NOTHING) return
      kept.set(name, part)
      left -= own
    }
    const share = shareOf(
      fields.map(({ size }) => size),
      left,
    )
    const large = fields.filter(({ size }) => size > share)
    if (large.length <= MAX_SHARING) {
      keep(fields.filter(({ size }) => size <= share))
      for (const field of large) cut(field, share)
    } else {
      const isSmall = ({ size }: Field) => fields.length <= MAX_RECORD_FIELDS && size <= MIN_TEXT
      const [first, ...others] = fields.filter((field) => !isSmall(field))
      keep(fields.filter(isSmall))
      // One field alone is too large: a part of it says more than nothing.
      if (first !== undefined && first.size > left) cut(first, left)
      else if (first !== undefined) keep([first, ...others])
    }
    const dropped = fields.length - kept.size
    if (dropped > 0) note(at, { fields: dropped })
    // In their order.
    return Object.fromEntries(fields.flatMap(({ name }) => (kept.has(name) ? [[name, kept.get(name)]] : [])))
  }

  const fitted = shrink(value, maxLength, path)
  if (fitted !== NOTHING) return { value: fitted, leftOut, more }
  return { value: null, leftOut: [{ path: shortPath(path) }], more: 0 }
}

/** The characters that a field takes besides its value. */
function nameSize(name: string): number {
  return stringifyJson(name).length + 2
}

function shortPath(path: string): string {
  let short = path.slice(0, MAX_PATH - 2).toWellFormed()
  while (stringifyJson(short).length > MAX_PATH) short = short.slice(0, short.length * 0.8).toWellFormed()
  return short.length < path.length ? `${short.slice(0, -1).toWellFormed()}…` : short
}

/** The most that each of the large ones can have, when those that need less get what they need. */
function shareOf(sizes: readonly number[], budget: number): number {
  let left = budget
  const sorted = sizes.toSorted((a, b) => a - b)
  for (const [index, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index))
    if (size > share) return share
    left -= size
  }
  return budget
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isRawJson(value)
}
