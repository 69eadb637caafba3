import { badSource } from '../jobs/sync-error.ts'
import type { PagePosition } from './page-position.ts'

/** Pages without a record, one after another, that are still taken for an honest source. */
const MAX_EMPTY_PAGES = 1_000
/** The same page again after the first time. */
const MAX_REPETITIONS = 2

/**
 * Notices a source that never ends: a next page that was there before, the same records again and again, or nothing at
 * all again and again. Needs constant memory, however many pages there are.
 */
export class LoopGuard {
  readonly #stream: string
  /** Brent's cycle detection: the position remembered is renewed after 1, 2, 4, 8, … pages. */
  #remembered: string
  #steps = 0
  #limit = 1
  #digest = ''
  #repetitions = 0
  #empty = 0

  constructor(stream: string, start: PagePosition) {
    this.#stream = stream
    this.#remembered = JSON.stringify(start)
  }

  /** @throws SyncFailedError */
  turnTo(next: PagePosition, page: number, recordCount: number): void {
    const key = JSON.stringify(next)
    if (key === this.#remembered) {
      const what = next.kind === 'url' ? 'link' : 'cursor'
      throw badSource(
        this.#stream,
        `page ${page} has a ${what} to the next page that leads back: the source does not end.`,
      )
    }
    this.#steps += 1
    if (this.#steps === this.#limit) {
      this.#remembered = key
      this.#steps = 0
      this.#limit *= 2
    }
    this.#empty = recordCount === 0 ? this.#empty + 1 : 0
    if (this.#empty > MAX_EMPTY_PAGES) {
      throw badSource(
        this.#stream,
        `${this.#empty} pages up to page ${page} have no record, and still there is a next one.`,
      )
    }
  }

  /**
   * @param digest the same for two pages with the same records
   * @throws SyncFailedError
   */
  read(digest: string, page: number, recordCount: number): void {
    this.#repetitions = recordCount > 0 && digest === this.#digest ? this.#repetitions + 1 : 0
    this.#digest = digest
    if (this.#repetitions >= MAX_REPETITIONS) {
      throw badSource(this.#stream, `page ${page} is the same as the two before it: the source does not end.`)
    }
  }
}
