import { fieldCursorOf } from '../../catalog/definition/stream.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'
import type { StreamReader } from './fetch-page.ts'
import type { ListPlace, PagePosition } from './page-position.ts'
import { readPages, type StreamPage } from './read-pages.ts'
import { firstWindowMs } from './stream-cursor.ts'

/** A place in the list of one window. */
export interface WindowPlace extends ListPlace {
  /** Beginning of the window that the page belongs to, in milliseconds since 1970; absent: the first window. */
  windowMs?: number | undefined
}

/**
 * Reads a stream in steps of its `incremental.window`, one list for each step, up to the end of the reading. Without a
 * beginning there is one step, from 1970 on. A stream without windows is one list. Each page has the window in which another
 * worker has to continue.
 *
 * @param firstNumber number of the first page, for messages
 * @throws as `readPages`
 */
export async function* readWindows(
  reader: StreamReader,
  start: WindowPlace,
  firstNumber: number,
  signal: AbortSignal,
): AsyncGenerator<StreamPage> {
  const step = fieldCursorOf(reader.stream)?.window
  if (step === undefined) {
    yield* readPages(reader, start, firstNumber, signal)
    return
  }
  const endMs = reader.endAtMs ?? Date.now()
  const duration = parseDuration(step)
  let place: ListPlace = start
  let number = firstNumber
  let fromMs = Math.min(start.windowMs ?? (await beginningOf(reader)) ?? WITHOUT_BEGINNING, endMs)
  let missing = 0
  for (;;) {
    const stepEndMs = fromMs === WITHOUT_BEGINNING ? endMs : addDuration(new Date(fromMs), duration).getTime()
    const toMs = Math.min(stepEndMs, endMs)
    for await (const page of readPages({ ...reader, window: { fromMs, toMs } }, place, number, signal)) {
      number = page.number + 1
      // The total of a page counts only the records of its window.
      const { list, end } = page
      const [read, total] = [list?.read ?? 0, end?.total ?? 0]
      missing += Math.max(0, total - read)
      if (end === null) yield { ...page, total: null, windowMs: fromMs }
      else if (toMs < endMs) {
        yield { ...page, total: null, next: FIRST, resume: FIRST, list: undefined, end: null, windowMs: toMs }
      } else
        yield { ...page, total: null, end: { ...end, total: missing === 0 ? null : read + missing }, windowMs: fromMs }
    }
    if (toMs >= endMs) return
    fromMs = toMs
    place = { next: FIRST }
  }
}

/** 1970, where the only window of a reading without a beginning begins. */
const WITHOUT_BEGINNING = 0

const FIRST: PagePosition = { kind: 'first' }

async function beginningOf(reader: StreamReader): Promise<number | undefined> {
  const { scope } = await reader.source.peek()
  const { parent, stream } = reader
  return firstWindowMs(stream, reader, parent === undefined ? scope : { ...scope, parent: parent.data })
}
