import { createHash } from 'node:crypto'
import pg from 'pg'

/** Locks that end with their database session, for work that must not keep a transaction open. */
export interface SessionLocks {
  /** @returns a function that releases the lock; null when another session, or another caller in this process, holds it */
  tryLock(name: string): Promise<(() => Promise<void>) | null>
  /** Like `tryLock` for all of these names or none. */
  tryLocks(names: readonly string[]): Promise<(() => Promise<void>) | null>
  /** How long the session that holds the locks has been open, in milliseconds; 0 when there is none. */
  connectedForMs(): number
  close(): Promise<void>
}

/** Locks within one process, for the embedded database: it has one session, so advisory locks exclude nobody. */
export function createLocalLocks(): SessionLocks {
  const held = new Set<string>()
  const tryLocks = async (names: readonly string[]) => {
    if (names.some((name) => held.has(name))) return null
    for (const name of names) held.add(name)
    return async () => {
      for (const name of names) held.delete(name)
    }
  }
  return {
    tryLock: (name) => tryLocks([name]),
    tryLocks,
    connectedForMs: () => Number.POSITIVE_INFINITY,
    close: async () => held.clear(),
  }
}

/**
 * Advisory locks of PostgreSQL on a dedicated connection, which is opened at the first use and again when it was lost. A lock
 * is released without notice when its connection is lost, so what it protects needs a second guard.
 */
export function createServerLocks(
  url: string,
  onError: (error: Error) => void,
  Client: new (config: pg.ClientConfig) => pg.Client = pg.Client,
): SessionLocks {
  /** The holder of each lock, by name. A release of a lock that a lost connection had granted must not affect a later holder. */
  const held = new Map<string, symbol>()
  let connection: Promise<LockConnection> | undefined

  /** One promise for all callers: two connections would each grant the same lock. */
  function connect(): Promise<LockConnection> {
    if (connection !== undefined) return connection
    const opening = openLockConnection(url, { Client, onError, onEnd: () => forget(opening) })
    connection = opening
    opening.then(
      () => {
        connectedAtMs = performance.now()
      },
      () => undefined,
    )
    opening.catch(() => forget(opening))
    return opening
  }

  function forget(lost: Promise<LockConnection>): void {
    if (connection !== lost) return
    connection = undefined
    connectedAtMs = undefined
    held.clear()
  }

  let connectedAtMs: number | undefined
  const locks: SessionLocks = {
    connectedForMs: () => (connectedAtMs === undefined ? 0 : performance.now() - connectedAtMs),
    async tryLocks(names) {
      const releases: (() => Promise<void>)[] = []
      for (const name of names) {
        const release = await locks.tryLock(name)
        if (release === null) {
          for (const each of releases) await each()
          return null
        }
        releases.push(release)
      }
      return async () => {
        for (const each of releases) await each()
      }
    },
    async tryLock(name) {
      // PostgreSQL grants a session its own lock again.
      if (held.has(name)) return null
      const holder = Symbol(name)
      const forgetHolder = () => {
        if (held.get(name) === holder) held.delete(name)
      }
      held.set(name, holder)
      const key = keyOf(name)
      try {
        const { query } = await connect()
        const { rows } = await query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS locked', [key])
        if (rows[0]?.locked !== true) {
          forgetHolder()
          return null
        }
        return async () => {
          // If the connection was lost, the lock is released already.
          await query('SELECT pg_advisory_unlock($1::bigint)', [key]).catch(() => undefined)
          forgetHolder()
        }
      } catch (error) {
        forgetHolder()
        throw error
      }
    },
    async close() {
      const opened = await connection?.catch(() => undefined)
      await opened?.end()
    },
  }
  return locks
}

interface LockConnection {
  /** Runs one statement after the other: pg accepts one at a time. */
  query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<pg.QueryResult<R>>
  end(): Promise<void>
}

async function openLockConnection(
  url: string,
  {
    Client,
    onError,
    onEnd,
  }: { Client: new (config: pg.ClientConfig) => pg.Client; onError: (error: Error) => void; onEnd: () => void },
): Promise<LockConnection> {
  const client = new Client({
    connectionString: url,
    application_name: 'latchkey-locks',
    // The server must release the locks of a host that has vanished within seconds, not hours.
    options: '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', onError)
  client.once('end', onEnd)
  await client.connect()
  let last: Promise<unknown> = Promise.resolve()
  return {
    query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) {
      const result = last.then(() => client.query<R>(text, [...values]))
      last = result.catch(() => undefined)
      return result
    },
    end: () => client.end().catch(() => undefined),
  }
}

/** A signed 64-bit hash of the name. A collision only makes a caller wait. */
function keyOf(name: string): bigint {
  return createHash('sha256').update(name).digest().readBigInt64BE()
}
