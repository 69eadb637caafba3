import { getHeapStatistics } from 'node:v8'
import { DEFAULT_MAX_BYTES } from '../../egress/egress.ts'

/**
 * Memory that a decoded byte of a page takes while the page is read: the bytes, their text, its objects, and the columns that are
 * made of them. Measured with records of 13 bytes to 5 kB: 4 to 9, typically 5.5.
 */
const READ_FACTOR = 6

/** Memory of a character of a prepared page: in its column, in the parameter of the statement and in the message to the database. */
const PREPARED_FACTOR = 3

/** Memory of a prepared record besides its characters, in bytes: four strings and their places in the columns. */
const RECORD_BYTES = 200

/** Memory that must be free before a page is requested, in bytes. */
const ROOM_BYTES = 64 * 1024 * READ_FACTOR

/**
 * Limits the memory of all pages that the sync jobs of a process read, hold ahead and write. Sizes are estimates in bytes.
 *
 * A page grows as its bytes arrive. When the limit is near, pages wait: those that are read ahead give way to those that their jobs
 * wait for, and of these, those that have begun go first. Within such a rank, pages are served in the order in which they began to
 * wait. A part of the limit is a reserve, so that there is always a page which can grow to its end: the reserve is for pages that
 * their jobs wait for. What a job holds ahead is written after the page that it waits for, so it cannot block that page.
 */
export interface PageMemory {
  /** Memory of all pages now. */
  readonly used: number
  /** The pages of one job, as a list that is read in order. */
  list(): ListMemory
}

/** The memory of a list of pages, one of which is read at a time. */
export interface ListMemory {
  /** The job reads this list now. False: the list is read ahead. Default: true, of a sibling false. */
  isCurrent: boolean
  /** The job writes a page of this list, so the next one is read ahead. Default: false. */
  isBusy: boolean
  /** Another list of the same job. */
  sibling(): ListMemory
  /** Resolves when a page may be requested. Takes no memory, so the request may take long. @throws the signal's reason */
  room(signal: AbortSignal): Promise<void>
  page(signal: AbortSignal): PageShare
}

/** The memory of a page. */
export interface PageShare {
  /**
   * Takes memory for decoded bytes that have arrived. The next bytes may be read when it resolves; undefined: at once.
   * @throws the signal's reason
   */
  grow(bytes: number): Promise<void> | undefined
  /** Gives all memory back, because the page is read again or is not needed any more. */
  release(): void
  /**
   * Replaces the memory by that of the part of the page that was read, now that it is ready to be written.
   * @param characters in all columns of the part
   */
  prepared(characters: number, records: number): PreparedShare
}

export interface PreparedShare {
  /** Gives the memory back. May be called more than once. */
  release(): void
}

interface Limits {
  limitBytes: number
  /** Largest decoded page in bytes. Default: 10 MiB. */
  largestPageBytes?: number | undefined
}

/** A quarter of the memory that the process may use. V8 knows the limit of a container, and that of `--max-old-space-size`. */
export function defaultPageMemoryBytes(): number {
  return getHeapStatistics().heap_size_limit / 4
}

/** Memory of one page, or of a part of it. */
interface Share {
  readonly list: Readonly<Pick<ListMemory, 'isCurrent' | 'isBusy'>>
  held: number
}

interface Waiting {
  readonly share: Share
  /** 0: it waits until a page may be requested. */
  readonly bytes: number
  serve(): void
}

/** Whether the job of the page waits for it. */
function isAwaited({ list }: Share): boolean {
  return list.isCurrent && !list.isBusy
}

/** Pages with a lower rank are served first. */
function rankOf(share: Share): number {
  return (isAwaited(share) ? 0 : 2) + (share.held > 0 ? 0 : 1)
}

const RANKS = [0, 1, 2, 3]

/** @param limits a limit that is too low for two of the largest pages is raised to that */
export function createPageMemory({ limitBytes, largestPageBytes = DEFAULT_MAX_BYTES }: Limits): PageMemory {
  const largest = largestPageBytes * READ_FACTOR + ROOM_BYTES
  const limit = Math.max(limitBytes, 2 * largest)
  /** How many pages may use the reserve at once: that of a slow provider must not keep it from others. */
  const places = Number.isFinite(limit) ? Math.max(1, Math.floor(limit / 4 / largest)) : 1
  const withoutReserve = limit - places * largest
  /** Shares that use the reserve. They do not wait. */
  const reserved = new Set<Share>()
  let waiting: Waiting[] = []
  let used = 0

  function add(share: Share, bytes: number): void {
    share.held += bytes
    used += bytes
  }

  /** Call it after memory became free, or after a list was given another rank. */
  function serve(): void {
    if (used <= withoutReserve) reserved.clear()
    for (const rank of RANKS) {
      for (const each of waiting.filter(({ share }) => rankOf(share) === rank)) {
        // Those that come after it must not take the memory that it waits for.
        if (!mayTake(each)) return
        waiting = waiting.filter((other) => other !== each)
        add(each.share, each.bytes)
        each.serve()
      }
    }
  }

  function mayTake({ share, bytes }: Pick<Waiting, 'share' | 'bytes'>): boolean {
    if (reserved.has(share)) return true
    const awaited = isAwaited(share)
    // A page begins only while half of the memory is free, so that those which have begun can grow.
    const most = share.held > 0 ? withoutReserve : withoutReserve / 2
    if (used + (bytes === 0 ? ROOM_BYTES : bytes) <= most) return true
    if (!awaited || reserved.size >= places) return false
    if (bytes > 0) reserved.add(share)
    return true
  }

  function take(share: Share, bytes: number, signal: AbortSignal): Promise<void> | undefined {
    const rank = rankOf(share)
    const isNext = reserved.has(share) || waiting.every((other) => rankOf(other.share) > rank)
    if (isNext && mayTake({ share, bytes })) {
      add(share, bytes)
      return undefined
    }
    if (signal.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting = waiting.filter((other) => other !== entry)
        reject(signal.reason)
        serve()
      }
      const entry: Waiting = {
        share,
        bytes,
        serve() {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.push(entry)
    })
  }

  function release(share: Share): void {
    if (share.held === 0) return
    add(share, -share.held)
    reserved.delete(share)
    serve()
  }

  function pageOf(list: Share['list'], signal: AbortSignal): PageShare {
    const share: Share = { list, held: 0 }
    return {
      grow: (bytes) => take(share, bytes * READ_FACTOR, signal),
      release: () => release(share),
      prepared(characters, records) {
        const part: Share = { list, held: 0 }
        if (reserved.delete(share)) reserved.add(part)
        add(share, -share.held)
        add(part, characters * PREPARED_FACTOR + records * RECORD_BYTES)
        serve()
        return { release: () => release(part) }
      },
    }
  }

  function createList(isFirst: boolean): ListMemory {
    let isCurrent = isFirst
    let isBusy = false
    const list: ListMemory = {
      get isCurrent() {
        return isCurrent
      },
      set isCurrent(value) {
        isCurrent = value
        serve()
      },
      get isBusy() {
        return isBusy
      },
      set isBusy(value) {
        isBusy = value
        serve()
      },
      sibling: () => createList(false),
      room: async (signal) => take({ list, held: 0 }, 0, signal),
      page: (signal) => pageOf(list, signal),
    }
    return list
  }

  return {
    get used() {
      return used
    },
    list: () => createList(true),
  }
}
