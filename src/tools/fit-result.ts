import { isRecord } from '../catalog/template/value.ts'
import { isRawJson, stringifyJson } from '../kit/json.ts'

/** What was left out of a value at one place of it. */
interface LeftOut {
  /** Such as `output.data` or `output.data.0.text`. */
  path: string
  /** Items of a list, fields of an object, or characters of a text. */
  items?: number
  fields?: number
  characters?: number
}

interface Fitted {
  value: unknown
  leftOut: LeftOut[]
}

/** A text of fewer characters is not cut: it is left out with its item or field. */
const MIN_TEXT = 200

/**
 * Cuts a JSON value so that its text has about `maxLength` characters at most, and stays JSON: lists lose their last items, long
 * texts their end, and objects their last fields if nothing else is left to cut. What is small is kept, wherever it stands.
 * @param path the place of the value, for what was left out
 */
export function fitJson(value: unknown, maxLength: number, path: string): Fitted {
  const leftOut: LeftOut[] = []
  const sizes = new Map<object, number>()

  /** The length of a value's text. That of lists and objects is remembered. */
  const sizeOf = (each: unknown): number => {
    if (!isContainer(each)) return stringifyJson(each ?? null).length
    const known = sizes.get(each)
    if (known !== undefined) return known
    let size = 2
    if (Array.isArray(each)) for (const item of each) size += sizeOf(item) + 1
    else for (const [name, item] of Object.entries(each)) size += fieldSize(name, item)
    sizes.set(each, size)
    return size
  }
  const fieldSize = (name: string, item: unknown): number => stringifyJson(name).length + 2 + sizeOf(item)

  const shrink = (each: unknown, budget: number, at: string): unknown => {
    if (sizeOf(each) <= budget) return each
    if (typeof each === 'string') return shrinkText(each, budget, at)
    if (Array.isArray(each)) return shrinkList(each, budget, at)
    if (isRecord(each)) return shrinkObject(each, budget, at)
    return each
  }

  const shrinkText = (text: string, budget: number, at: string): string => {
    // Escapes take more than one character, so the text is cut until it fits.
    let kept = Math.max(0, budget - 2)
    while (kept > 0 && stringifyJson(text.slice(0, kept).toWellFormed()).length > budget) kept = Math.floor(kept * 0.8)
    leftOut.push({ path: at, characters: text.length - kept })
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
    if (kept.length === 0 && list.length > 0 && left > MIN_TEXT) kept.push(shrink(list[0], left - 1, `${at}.0`))
    if (kept.length < list.length) leftOut.push({ path: at, items: list.length - kept.length })
    return kept
  }

  const shrinkObject = (object: Record<string, unknown>, budget: number, at: string): Record<string, unknown> => {
    const entries = Object.entries(object).map(([name, item]) => ({ name, item, size: fieldSize(name, item) }))
    // Small fields get what they need. The large ones share the rest.
    const share = shareOf(
      entries.map(({ size }) => size),
      budget - 2,
    )
    const kept: [string, unknown][] = []
    let left = budget - 2
    let dropped = 0
    for (const { name, item, size } of entries) {
      const own = Math.min(size, share, left)
      const forValue = own - stringifyJson(name).length - 2
      const canBeCut = isContainer(item) || typeof item === 'string'
      if (size > own && (!canBeCut || forValue < 2)) {
        dropped += 1
        continue
      }
      kept.push([name, shrink(item, forValue, `${at}.${name}`)])
      left -= own
    }
    if (dropped > 0) leftOut.push({ path: at, fields: dropped })
    return Object.fromEntries(kept)
  }

  return { value: shrink(value, maxLength, path), leftOut }
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
