import { runInScope } from '../db/scope.ts'
import type { SqlRunner } from '../db/sql.ts'
import { createLimiter } from '../kit/limiter.ts'
import { readEventPage } from './event-log.ts'
import type { StoredEvent } from './event-types.ts'

/**
 * Pages of event logs, shared by the subscribers of this process that replay: those at nearby positions get their events from
 * one read. A page is complete and does not change, because a position is visible only when all lower ones are.
 */
export interface EventPages {
  /**
   * The events that follow a position, at least one if there is any. Subscribers whose positions are in the same page get the
   * same event objects and must not change them.
   */
  after(workspaceId: string, position: bigint): Promise<readonly StoredEvent[]>
  /** Begins to read the page behind a position, so that it is there when it is needed. */
  prepare(workspaceId: string, position: bigint): void
  /** Drops the pages of a log up to a position that no subscriber needs any more. */
  dropUpTo(workspaceId: string, position: bigint): void
  /** Drops the pages of a log that has no more subscribers here. */
  forget(workspaceId: string): void
}

/** Events of one page. */
export const PAGE_EVENTS = 500
/** A page ends after so many bytes of payloads, as they are stored. */
const PAGE_BYTES = 1024 * 1024
/** The first page of a replay begins at a multiple of this, so that it serves others that resume a little earlier. */
const ALIGNMENT = 100n
/** Pages that are kept in this process. */
const MAX_PAGES = 16
/** Concurrent reads of one log. The reads are in no scope, so the share of the pool that a workspace has does not limit them. */
const READS_AT_ONCE = 4

interface Page {
  workspaceId: string
  /** The page has the events behind this position, */
  start: bigint
  /** up to this one. While it is being read: the furthest that it can reach. */
  reached: bigint
  events: readonly StoredEvent[]
  read: Promise<void>
}

export function createEventPages(sql: SqlRunner): EventPages {
  const logs = new Map<string, Map<bigint, Page>>()
  /** All pages, oldest first. */
  const pages = new Set<Page>()
  const reads = createLimiter(READS_AT_ONCE)

  function drop(page: Page): void {
    pages.delete(page)
    const log = logs.get(page.workspaceId)
    if (log?.get(page.start) !== page) return
    log.delete(page.start)
    if (log.size === 0) logs.delete(page.workspaceId)
  }

  function find(workspaceId: string, position: bigint): Page | undefined {
    for (const page of logs.get(workspaceId)?.values() ?? []) {
      if (page.start <= position && position < page.reached) return page
    }
    return undefined
  }

  function begin(workspaceId: string, start: bigint): Page {
    const page: Page = { workspaceId, start, reached: start + BigInt(PAGE_EVENTS), events: [], read: Promise.resolve() }
    page.read = reads
      .run(workspaceId, () =>
        runInScope(null, () => readEventPage(sql, workspaceId, start, { events: PAGE_EVENTS, bytes: PAGE_BYTES })),
      )
      .then(
        (events) => {
          page.events = events
          page.reached = events.at(-1)?.position ?? start
        },
        (error: unknown) => {
          drop(page)
          throw error
        },
      )
    // Whoever waits for the page gets the error.
    page.read.catch(() => undefined)
    const log = logs.get(workspaceId) ?? new Map<bigint, Page>()
    logs.set(workspaceId, log)
    const former = log.get(start)
    if (former !== undefined) pages.delete(former)
    log.set(start, page)
    pages.add(page)
    for (const oldest of pages) {
      if (pages.size <= MAX_PAGES) break
      drop(oldest)
    }
    return page
  }

  return {
    async after(workspaceId, position) {
      let start = position - (position % ALIGNMENT)
      for (;;) {
        const page = find(workspaceId, position) ?? begin(workspaceId, start)
        await page.read
        if (page.reached > position) {
          const following = Number(page.reached - position)
          return following >= page.events.length ? page.events : page.events.slice(-following)
        }
        if (page.start === position) return []
        // The page ends before the position: its events are large, or it was read before there were more.
        start = position
      }
    },
    prepare(workspaceId, position) {
      if (find(workspaceId, position) === undefined) begin(workspaceId, position)
    },
    dropUpTo(workspaceId, position) {
      for (const page of [...(logs.get(workspaceId)?.values() ?? [])]) if (page.reached <= position) drop(page)
    },
    forget(workspaceId) {
      for (const page of logs.get(workspaceId)?.values() ?? []) pages.delete(page)
      logs.delete(workspaceId)
    },
  }
}
