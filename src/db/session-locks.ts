import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import pg from 'pg'
import { createLoop } from '../kit/loop.ts'

/** Locks that end with their database session, for work that must not keep a transaction open. */
export interface SessionLocks {
  /** @returns a function that releases the lock; null when another session, or another caller in this process, holds it */
  tryLock(name: string): Promise<Release | null>
  /** Acquires all locks or none. @returns a function that releases them; null when another holds one of them */
  tryLocks(names: readonly string[]): Promise<Release | null>
  /** Connects, and connects again whenever the connection was lost. Otherwise the first lock does. */
  open(): void
  /**
   * How long the session that grants the locks has existed, in milliseconds. 0: there is none. Infinity: the locks cannot be
   * lost, because they are those of this process. A lock that was granted longer ago than that is lost.
   */
  connectedForMs(): number
  close(): Promise<void>
}

type Release = () => Promise<void>

/** Locks within one process, for the embedded database: it has one session, so advisory locks exclude nobody. */
export function createLocalLocks(): SessionLocks {
  const held = new Set<string>()
  async function tryLock(name: string): Promise<Release | null> {
    if (held.has(name)) return null
    held.add(name)
    return async () => {
      held.delete(name)
    }
  }
  return {
    tryLock,
    tryLocks: (names) => tryInOrder(names, tryLock),
    open: () => undefined,
    connectedForMs: () => Number.POSITIVE_INFINITY,
    close: async () => held.clear(),
  }
}

/** Sorted, so that of two callers with common names one acquires all. */
async function tryInOrder(
  names: readonly string[],
  tryLock: (name: string) => Promise<Release | null>,
): Promise<Release | null> {
  const releases: Release[] = []
  const releaseAll = async () => {
    await Promise.all(releases.map((release) => release()))
  }
  for (const name of [...new Set(names)].sort()) {
    const release = await tryLock(name).catch(async (error: unknown) => {
      await releaseAll()
      throw error
    })
    if (release === null) {
      await releaseAll()
      return null
    }
    releases.push(release)
  }
  return releaseAll
}

/**
 * The server ends the lock session of a process that is frozen, or whose event loop is blocked, after this time, so that
 * other processes can go on. A process that is alive sends a statement more often.
 */
const IDLE_SESSION_TIMEOUT = '10s'
const PING_EVERY_MS = 3_000

/**
 * Advisory locks of PostgreSQL on a dedicated connection. Once it was opened, it is opened again whenever it was lost. A lock
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
  /** By `performance.now()`. Undefined: not connected. */
  let connectedAt: number | undefined
  // While the database is unavailable, its other connections report it.
  const ping = createLoop({
    work: async () => (await connect()).ping(),
    onError: () => undefined,
    everyMs: PING_EVERY_MS,
    maxBackoffMs: PING_EVERY_MS,
    runAtStart: false,
  })

  /** One promise for all callers: two connections would each grant the same lock. */
  function connect(): Promise<LockConnection> {
    if (connection !== undefined) return connection
    const opening = openLockConnection(url, { Client, onError, onEnd: () => forget(opening) })
    connection = opening
    opening.then(
      () => {
        if (connection === opening) connectedAt = performance.now()
      },
      () => forget(opening),
    )
    ping.start()
    return opening
  }

  function forget(lost: Promise<LockConnection>): void {
    if (connection !== lost) return
    connection = undefined
    connectedAt = undefined
    held.clear()
  }

  async function tryLock(name: string): Promise<Release | null> {
    // PostgreSQL grants a session its own lock again.
    if (held.has(name)) return null
    const holder = Symbol(name)
    const forgetHolder = () => {
      if (held.get(name) === holder) held.delete(name)
    }
    held.set(name, holder)
    const key = keyOf(name)
    try {
      const granting = await connect()
      if (!(await granting.change(key, 'lock'))) {
        forgetHolder()
        return null
      }
      return async () => {
        // If the connection was lost, the lock is released already.
        await granting.change(key, 'unlock').catch(() => undefined)
        forgetHolder()
      }
    } catch (error) {
      forgetHolder()
      throw error
    }
  }

  return {
    tryLock,
    tryLocks: (names) => tryInOrder(names, tryLock),
    open() {
      ping.wake()
      ping.start()
    },
    connectedForMs: () => (connectedAt === undefined ? 0 : performance.now() - connectedAt),
    async close() {
      await ping.stop()
      const opened = await connection?.catch(() => undefined)
      await opened?.end()
    },
  }
}

interface LockConnection {
  /** Acquires or releases an advisory lock of the session. @returns whether it did */
  change(key: bigint, change: Change): Promise<boolean>
  ping(): Promise<void>
  end(): Promise<void>
}

type Change = 'lock' | 'unlock'

interface ChangeRequest {
  key: bigint
  change: Change
  resolve(done: boolean): void
  reject(error: unknown): void
}

/** The changes are made one after the other, in the order of the arrays. */
const CHANGE_LOCKS = `
  SELECT CASE WHEN change = 'lock' THEN pg_try_advisory_lock(key) ELSE pg_advisory_unlock(key) END AS done
  FROM unnest($1::bigint[], $2::text[]) AS request (key, change)`

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
  // Servers before PostgreSQL 14 do not know the setting.
  await client.query(`SET idle_session_timeout = '${IDLE_SESSION_TIMEOUT}'`).catch(() => undefined)

  let last: Promise<unknown> = Promise.resolve()
  let waiting: ChangeRequest[] = []

  /** Runs one statement after the other: pg accepts one at a time. */
  function inTurn<T>(statement: () => Promise<T>): Promise<T> {
    const result = last.then(statement)
    last = result.catch(() => undefined)
    return result
  }

  /** One statement for all changes that were requested before it begins. Never rejects. */
  async function changeLocks(): Promise<void> {
    // Requests of the same turn of the event loop join.
    await setImmediate()
    const batch = waiting
    waiting = []
    try {
      const { rows } = await client.query<{ done: boolean }>({
        name: 'change_locks',
        text: CHANGE_LOCKS,
        values: [batch.map(({ key }) => key), batch.map(({ change }) => change)],
      })
      for (const [index, { resolve }] of batch.entries()) resolve(rows[index]?.done === true)
    } catch (error) {
      // It is unknown which locks the session holds. Its end releases them all.
      onEnd()
      void client.end().catch(() => undefined)
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    change(key, change) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>()
      if (waiting.push({ key, change, resolve, reject }) === 1) void inTurn(changeLocks)
      return promise
    },
    async ping() {
      await inTurn(() => client.query('SELECT 1'))
    },
    end: () => client.end().catch(() => undefined),
  }
}

/** A signed 64-bit hash of the name. A collision only makes a caller wait. */
function keyOf(name: string): bigint {
  return createHash('sha256').update(name).digest().readBigInt64BE()
}
