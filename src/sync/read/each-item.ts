import { hash } from 'node:crypto'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { type TemplateScope, templateValue } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { stringifyJson } from '../../kit/json.ts'
import { badSource } from '../jobs/sync-error.ts'
import type { StreamReader } from './fetch-page.ts'
import type { ItemPlace, PagePosition } from './page-position.ts'
import type { StreamPage } from './read-pages.ts'
import { readWindows, type WindowPlace } from './windows.ts'

/** Values of `each` by their names. Templates read it as `item`. */
export type Item = Readonly<Record<string, unknown>>

/** A place in the list of one item. */
export interface EachPlace extends WindowPlace {
  /** The item that the page belongs to; absent: the first one. */
  item?: ItemPlace | undefined
}

/** Most items of a stream, or of one parent of a sub-stream. */
const MAX_ITEMS = 10_000

const FIRST: PagePosition = { kind: 'first' }

/**
 * Reads a stream once for each combination of the values of its `each`, one list after another. A stream without `each` is read once.
 * Each page has the item in which another worker has to continue.
 *
 * @param firstNumber number of the first page, for messages
 * @throws as `readWindows`; SyncFailedError when the values cannot be made
 */
export async function* readEach(
  reader: StreamReader,
  start: EachPlace,
  firstNumber: number,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const { stream, parent } = reader
  if (stream.each === undefined) {
    yield* readWindows(reader, start, firstNumber, signal)
    return
  }
  const { scope } = await reader.source.peek()
  const items = itemsOf(stream, parent === undefined ? scope : { ...scope, parent: parent.data })
  const of = digestOf(items)
  // The place in another list of items says nothing about this one.
  const isKnown = start.item === undefined || start.item.of === of
  let place: WindowPlace = isKnown ? start : { next: FIRST }
  let missing = isKnown ? (start.item?.missing ?? 0) : 0
  let number = firstNumber
  for (let index = isKnown ? (start.item?.index ?? 0) : 0; index < items.length; index += 1) {
    const isLast = index === items.length - 1
    for await (const page of readWindows({ ...reader, item: items[index] }, place, number, signal)) {
      number = page.number + 1
      // The total of a page counts only the records of its item.
      const { list, end } = page
      if (end === null) {
        yield { ...page, total: null, item: { index, of, missing } }
        continue
      }
      missing += Math.max(0, (end.total ?? 0) - (list?.read ?? 0))
      if (isLast) {
        const total = missing === 0 ? null : (list?.read ?? 0) + missing
        yield { ...page, total: null, end: { ...end, total }, item: { index, of, missing } }
      } else {
        const next = { next: FIRST, resume: FIRST, list: undefined, end: null, windowMs: undefined }
        yield { ...page, ...next, total: null, item: { index: index + 1, of, missing } }
      }
    }
    place = { next: FIRST }
  }
}

/** What the items of a stream without a parent are, for its fingerprint. A value that is new must be read from its beginning. */
export function eachDigest(stream: StreamDefinition, scope: TemplateScope): string {
  return digestOf(itemsOf(stream, scope))
}

function digestOf(items: readonly Item[]): string {
  return hash('sha256', stringifyJson(items), 'hex').slice(0, 32)
}

/** All combinations of the values, each once. */
function itemsOf({ name, each = [] }: StreamDefinition, scope: TemplateScope): Item[] {
  const { config: _secrets, ...visible } = scope
  const shared = withSharedBudget(visible)
  let items: Item[] = [{}]
  for (const { as, values } of each) {
    const found = valuesOf(name, as, [values].flat(), shared)
    if (items.length * found.length > MAX_ITEMS) {
      throw badSource(name, `each makes more than ${MAX_ITEMS} combinations of values. Use fewer values.`)
    }
    items = items.flatMap((item) => found.map((value) => ({ ...item, [as]: value })))
  }
  return items
}

function valuesOf(stream: string, as: string, sources: readonly string[], scope: TemplateScope): unknown[] {
  try {
    const values = sources.flatMap((source) => {
      const value = templateValue(source, scope)
      return Array.isArray(value) ? (value as unknown[]) : [value]
    })
    return [...new Map(values.map((value) => [stringifyJson(value), value])).values()]
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    throw badSource(stream, `the values of each (${as}) cannot be made: ${error.message}.`)
  }
}
