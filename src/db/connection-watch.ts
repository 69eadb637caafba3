import pg from 'pg'

/** Finds connections whose other end is not heard of any more, and breaks them, so that what waits there fails and is tried again. */
export interface ConnectionWatch {
  /** For the `Client` option of a pool. */
  Client: new (
    config?: string | pg.ClientConfig,
  ) => pg.Client
  close(): void
}

/** What is read of pg's client besides its types. */
interface Insides {
  readyForQuery: boolean
  processID: number | null
  connection: { stream: { bytesRead?: number; destroy(error: Error): void } }
}

interface Watched {
  insides: Insides
  /** When something was last heard, or was begun to be waited for. */
  heardAt: number
  bytesRead: number
  waiting: boolean
}

const LOOK_EVERY_MS = 1_000
/** Nothing is looked into before a statement has waited for so long. */
const SILENT_MS = 3_000
const ANSWER_WITHIN_MS = 2_500

/**
 * Which of the sessions $1 have nothing to say: the server does not know them, or has given its answer a second ago. A
 * pooler in between tells other numbers than the server has: then nothing is known.
 */
const SILENT_SESSIONS = `
  SELECT asked.pid FROM unnest($1::int[]) AS asked (pid) LEFT JOIN pg_stat_activity a ON a.pid = asked.pid
  WHERE pg_backend_pid() = $2::int
    AND (a.pid IS NULL OR (a.state LIKE 'idle%' AND a.state_change < clock_timestamp() - interval '1 second'))`

/**
 * A statement may take as long as the server works on it, and there is no way to tell that from a connection that a router
 * or firewall has forgotten: TCP goes on sending for a quarter of an hour. So whoever has waited for three seconds without
 * a byte is asked after over a new connection. Where the server has long answered, or never heard of the statement, the
 * connection is lost. While no new connection comes about either, nothing is done.
 */
export function createConnectionWatch(url: string, onError: (error: Error) => void): ConnectionWatch {
  const clients = new Map<pg.Client, Watched>()
  let timer: NodeJS.Timeout | undefined
  let asking = false
  let closed = false

  class Client extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const insides = this as unknown as Insides
      clients.set(this, { insides, heardAt: performance.now(), bytesRead: 0, waiting: true })
      this.once('end', () => clients.delete(this))
      if (timer === undefined && !closed) timer = setInterval(look, LOOK_EVERY_MS).unref()
    }
  }

  function look(): void {
    const now = performance.now()
    for (const watched of clients.values()) {
      const { insides } = watched
      const waiting = !insides.readyForQuery
      const bytesRead = insides.connection.stream.bytesRead ?? 0
      if (bytesRead !== watched.bytesRead || (waiting && !watched.waiting)) watched.heardAt = now
      watched.bytesRead = bytesRead
      watched.waiting = waiting
    }
    const silent = silentSince(now - SILENT_MS)
    if (silent.length === 0 || asking) return
    asking = true
    ask(silent)
      .then((lost) => lost.length > 0 && breakOff(lost))
      .catch(() => undefined)
      .finally(() => {
        asking = false
      })
  }

  const silentSince = (at: number) => [...clients.values()].filter(({ waiting, heardAt }) => waiting && heardAt < at)

  /** Over a new connection. Rejects when there is none to be had. @returns those that are lost */
  async function ask(silent: readonly Watched[]): Promise<Watched[]> {
    const probe = new pg.Client({
      connectionString: url,
      application_name: 'latchkey-watch',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    })
    // Told by what it was doing.
    probe.on('error', () => undefined)
    try {
      await probe.connect()
      const own = (probe as unknown as Insides).processID
      const pids = silent.flatMap(({ insides }) => insides.processID ?? [])
      const { rows } = await probe.query<{ pid: number }>(SILENT_SESSIONS, [pids, own])
      const answered = new Set(rows.map(({ pid }) => pid))
      // One that has begun to connect before the probe has, and has not come about.
      return silent.filter(({ insides }) => insides.processID === null || answered.has(insides.processID))
    } finally {
      void probe.end().catch(() => undefined)
    }
  }

  function breakOff(lost: readonly Watched[]): void {
    const found = lost.filter(
      ({ insides, bytesRead }) => !insides.readyForQuery && (insides.connection.stream.bytesRead ?? 0) === bytesRead,
    )
    if (found.length === 0) return
    onError(new Error(`${found.length} connections to the database were lost without a word and are replaced.`))
    const lastWord = Math.max(...found.map(({ heardAt }) => heardAt))
    // Those that nobody has used since are most likely lost, too.
    const unused = [...clients.values()].filter(({ waiting, heardAt }) => !waiting && heardAt <= lastWord)
    for (const { insides } of [...found, ...unused]) insides.connection.stream.destroy(new LostConnectionError())
  }

  return {
    Client,
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}

/** The statement may have been carried out or not. */
class LostConnectionError extends Error {
  override readonly name = 'LostConnectionError'
  readonly code = 'ECONNRESET'

  constructor() {
    super('The connection to the database was lost without a word.')
  }
}
