import { createHash } from 'node:crypto'
import pg from 'pg'

/** Locks that belong to a session and fall with it: held over work that must not hold a transaction open. */
export interface SessionLocks {
  /** @returns what gives the lock back, or null when another session, or another part of this process, has it */
  tryLock(name: string): Promise<(() => Promise<void>) | null>
  close(): Promise<void>
}

/** Within one process: all that the embedded database can offer, whose one session excludes nobody. */
export function createLocalLocks(): SessionLocks {
  const held = new Set<string>()
  return {
    async tryLock(name) {
      if (held.has(name)) return null
      held.add(name)
      return async () => {
        held.delete(name)
      }
    },
    close: async () => held.clear(),
  }
}

/**
 * Advisory locks of PostgreSQL on one connection of their own, opened at the first use and again when it was lost. A lock
 * that fell with its connection is gone without a word: what it protects needs a second guard.
 */
export function createServerLocks(
  url: string,
  onError: (error: Error) => void,
  Client: new (config: pg.ClientConfig) => pg.Client = pg.Client,
): SessionLocks {
  /** By name, whose it is: what a connection that was lost had granted must not end what its successor has. */
  const held = new Map<string, symbol>()
  let connection: Promise<LockConnection> | undefined

  /** Memoised as a promise: two connections would each grant the same lock. */
  function connect(): Promise<LockConnection> {
    if (connection !== undefined) return connection
    const opening = openLockConnection(url, { Client, onError, onEnd: () => forget(opening) })
    connection = opening
    opening.catch(() => forget(opening))
    return opening
  }

  function forget(lost: Promise<LockConnection>): void {
    if (connection !== lost) return
    connection = undefined
    held.clear()
  }

  return {
    async tryLock(name) {
      // The same session would get its own lock again.
      if (held.has(name)) return null
      const holder = Symbol(name)
      const letGo = () => {
        if (held.get(name) === holder) held.delete(name)
      }
      held.set(name, holder)
      const key = keyOf(name)
      try {
        const { query } = await connect()
        const { rows } = await query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS locked', [key])
        if (rows[0]?.locked !== true) {
          letGo()
          return null
        }
        return async () => {
          // On a connection that was lost the lock is gone already.
          await query('SELECT pg_advisory_unlock($1::bigint)', [key]).catch(() => undefined)
          letGo()
        }
      } catch (error) {
        letGo()
        throw error
      }
    },
    async close() {
      const opened = await connection?.catch(() => undefined)
      await opened?.end()
    },
  }
}

interface LockConnection {
  /** Statements wait for each other: pg takes one at a time. */
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
    // A host that has vanished must not keep its locks for hours.
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

/** A signed 64-bit number of the name: collisions only make somebody wait. */
function keyOf(name: string): bigint {
  return createHash('sha256').update(name).digest().readBigInt64BE()
}
