import { AsyncResource } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import pg from 'pg'
import { BoundedMap } from '../kit/bounded-map.ts'
import { createLoop } from '../kit/loop.ts'
import { assembleDatabase, type Database, type DatabaseOptions, FORBID_SCANS, type WriteCount } from './database.ts'
import { pgAdapter } from './pg-adapter.ts'
import { currentScope, ENTER_SCOPE, type Scope, scopeKey, scopeValues } from './scope.ts'
import { createServerLocks } from './session-locks.ts'
import { PLAN_EACH_TIME, type Row, type SqlRunner } from './sql.ts'

const INT8_OID = 20
const TIMESTAMPTZ_OID = 1184

const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8_OID, BigInt],
  [TIMESTAMPTZ_OID, parseTimestamp],
])

/**
 * Settings of every session. The time zone must be UTC, because some timestamps are sent and read without a zone. The
 * time-outs make the server end the session of a process that is frozen or has vanished, which releases its row locks. JIT is off: to
 * compile the policies of row-level security takes hundreds of milliseconds, each time, and the statements take fewer.
 */
export const SESSION_SETTINGS =
  '-c TimeZone=UTC -c jit=off -c idle_in_transaction_session_timeout=10s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3'

/** Time to get a connection, a new one or one of the pool. */
const CONNECT_WITHIN_MS = 10_000
const POOL_SIZE = 10
/** The part of the pool that one workspace may hold. */
const WORKSPACE_SHARE = 0.7
/** The most that one connection that is held counts for: a server that was frozen must not use up the points of its callers. */
const MAX_USAGE_MS = 250

/** Opens a PostgreSQL server by its connection URL. Any number of processes may share it. */
export async function openServer(url: string, options: DatabaseOptions): Promise<Database> {
  const watch = createConnectionWatch(url, options.onError)
  const connection: pg.PoolConfig = {
    connectionString: url,
    Client: watch.Client,
    options: SESSION_SETTINGS,
    application_name: 'latchkey',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
  }
  const pool = new ScopedPool({
    ...connection,
    max: options.poolSize ?? POOL_SIZE,
    types: {
      getTypeParser: ((oid: number, format: 'text' | 'binary') =>
        (format === 'binary' ? undefined : PARSERS.get(oid)) ??
        pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  // pg-boss passes options that it does not know to its pool.
  const queuePool = {
    connectionString: url,
    Client: watch.Client,
    options: SESSION_SETTINGS,
    application_name: 'latchkey-queue',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    max: 4,
  }
  // The pool replaces an idle connection that the server drops. Without a listener, its error would end the process.
  pool.on('error', (error) => options.onError(error))
  return assembleDatabase({
    kind: 'server',
    adapter: pgAdapter(pool, { statementNameGenerator: (query) => statementName(query.sql) }),
    sql: runner(pool),
    bulk: async (work, { indexesOnly = false }) => {
      const client = await pool.connect()
      client.on('error', options.onError)
      let broken: Error | undefined
      try {
        await client.query(indexesOnly ? `BEGIN; ${FORBID_SCANS}` : 'BEGIN')
        const result = await work(runner(client))
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch((rollbackError: Error) => {
          broken = rollbackError
        })
        throw error
      } finally {
        client.off('error', options.onError)
        client.release(broken)
      }
    },
    boss: queuePool,
    writes: pool.writes,
    locks: createServerLocks(url, options.onError, watch.Client),
    options,
    close: () => pool.end().finally(watch.close),
  })
}

function runner(client: pg.Pool | pg.PoolClient): SqlRunner {
  return {
    query: async <R extends Row>(text: string, values: readonly unknown[] = []) => {
      const name = text.startsWith(PLAN_EACH_TIME) ? undefined : statementName(text)
      const result = await client.query<R>({ name, text, values: [...values] })
      return result.rows
    },
  }
}

const statementNames = new BoundedMap<string, string>({ max: 5_000 })

/** The name under which a connection prepares a statement, so that statements with the same text share a plan. */
function statementName(text: string): string {
  let name = statementNames.get(text)
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 24)
    statementNames.set(text, name)
  }
  return name
}

/** Connections that may have written something since they were last in the pool. */
const writers = new WeakSet<pg.Client>()

/** All other statements may write. No SELECT of ours calls a function that writes. */
const READS = /^\s*SELECT\b/i

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void

/** A statement of a workspace that holds a connection, with when it got the connection by `performance.now()`. */
interface Holder {
  scope: Scope
  sinceMs: number
}

/** A statement that waits until its workspace holds fewer connections. */
interface Waiter {
  begin: () => void
  timer: NodeJS.Timeout
}

/**
 * A pool that puts each connection into the scope of its caller before it hands it out. It remembers the scope of each
 * connection and sends a statement only when the scope changes. A connection whose state is uncertain is closed.
 *
 * One workspace holds at most seven tenths of the connections. Its further statements wait, so that its slow ones do not delay those of
 * others. How long a scope holds connections is added to its `usage`.
 */
export class ScopedPool extends pg.Pool {
  readonly writes: WriteCount = { count: 0 }
  readonly #scopes = new WeakMap<pg.PoolClient, string>()
  readonly #holders = new WeakMap<pg.PoolClient, Holder>()
  /** Connections that a workspace holds or is about to get, by its id. */
  readonly #held = new Map<string, number>()
  readonly #waiting = new Map<string, Waiter[]>()
  readonly #perWorkspace: number

  constructor(config: pg.PoolConfig) {
    super(config)
    this.#perWorkspace = Math.max(1, Math.floor((config.max ?? POOL_SIZE) * WORKSPACE_SHARE))
    this.on('release', (_error, client) => {
      if (writers.delete(client)) this.writes.count += 1
      const holder = this.#holders.get(client)
      if (holder === undefined) return
      this.#holders.delete(client)
      const { scope, sinceMs } = holder
      if (scope.usage !== undefined) scope.usage.databaseMs += Math.min(performance.now() - sinceMs, MAX_USAGE_MS)
      this.#leave(scope.workspaceId)
    })
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Callback): void
  // `pool.query` calls this too, with a callback.
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const scope = currentScope()
    if (callback !== undefined) {
      this.#share(scope, callback)
      return undefined
    }
    const { promise, resolve, reject } = Promise.withResolvers<pg.PoolClient>()
    this.#share(scope, (error, client) => (client === undefined ? reject(error) : resolve(client)))
    return promise
  }

  /** Connects when the workspace of the scope holds less than its part of the pool. */
  #share(scope: Scope | null, callback: Callback): void {
    if (scope === null) {
      this.#connect(null, callback)
      return
    }
    const { workspaceId } = scope
    const begin = () => {
      this.#held.set(workspaceId, (this.#held.get(workspaceId) ?? 0) + 1)
      this.#connect(scope, (error, client, done) => {
        if (client === undefined) this.#leave(workspaceId)
        else this.#holders.set(client, { scope, sinceMs: performance.now() })
        callback(error, client, done)
      })
    }
    if ((this.#held.get(workspaceId) ?? 0) < this.#perWorkspace) {
      begin()
      return
    }
    const waiting = this.#waiting.get(workspaceId) ?? []
    this.#waiting.set(workspaceId, waiting)
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(waiter), 1)
      if (waiting.length === 0) this.#waiting.delete(workspaceId)
      // The message of the pool's own error for the same case (see `unavailable.ts`).
      callback(new Error('timeout exceeded when trying to connect'), undefined, () => undefined)
    }, this.options.connectionTimeoutMillis ?? CONNECT_WITHIN_MS)
    const waiter: Waiter = { begin: AsyncResource.bind(begin), timer }
    waiting.push(waiter)
  }

  /** Gives back a place of a workspace, to the next of its statements that wait. */
  #leave(workspaceId: string): void {
    const held = (this.#held.get(workspaceId) ?? 1) - 1
    if (held === 0) this.#held.delete(workspaceId)
    else this.#held.set(workspaceId, held)
    const waiting = this.#waiting.get(workspaceId)
    const next = waiting?.shift()
    if (waiting?.length === 0) this.#waiting.delete(workspaceId)
    if (next === undefined) return
    clearTimeout(next.timer)
    next.begin()
  }

  #connect(scope: Scope | null, callback: Callback): void {
    super.connect((error, client, done) => {
      if (client === undefined) return callback(error, client, done)
      const status = client.getTransactionStatus()
      if (status === 'T' || status === 'E') {
        // Released in the middle of a transaction: a scope that is set now would end with it.
        client.release(true)
        return this.#connect(scope, callback)
      }
      const key = scopeKey(scope)
      if ((this.#scopes.get(client) ?? '') === key) return callback(undefined, client, client.release)
      this.#enter(client, scope, (failure) => {
        if (failure === null) {
          this.#scopes.set(client, key)
          return callback(undefined, client, client.release)
        }
        client.release(failure)
        callback(failure, undefined, () => undefined)
      })
    })
  }

  #enter(client: pg.PoolClient, scope: Scope | null, then: (failure: Error | null) => void): void {
    // The pool's listener is removed and the caller's is not yet added. Without one, an error would end the process.
    const onError = () => undefined
    client.on('error', onError)
    const statement = { name: 'latchkey_scope', text: ENTER_SCOPE, values: scopeValues(scope, false) }
    client.query(statement, (failure: Error | null) => {
      client.off('error', onError)
      then(failure ?? null)
    })
  }
}

const parseAnyTimestamp = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)

/**
 * Parses a `timestamptz` of a session in UTC: `2026-11-21 21:24:23.123456+00`. Several times faster than the driver's parser,
 * which handles other forms: years before 0 or after 9999, infinity, other zones.
 */
export function parseTimestamp(text: string): unknown {
  if (text.endsWith('+00') && text[4] === '-' && text[10] === ' ') {
    const date = new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    if (!Number.isNaN(date.getTime())) return date
  }
  return parseAnyTimestamp(text)
}

/** Detects connections that were lost without notice and destroys them, so that their statements fail and can be repeated. */
interface ConnectionWatch {
  /** For the `Client` option of a pool. */
  Client: new (
    config?: string | pg.ClientConfig,
  ) => pg.Client
  close(): void
}

/** Members of pg's client that its types leave out. */
interface ClientInternals {
  readyForQuery: boolean
  processID: number | null
  connection: { stream: { bytesRead?: number; destroy(error: Error): void } }
}

interface Watched {
  internals: ClientInternals
  /** When a byte was last received, or the current statement was sent. By `performance.now()`. */
  heardAt: number
  bytesRead: number
  waiting: boolean
}

const CHECK_EVERY_MS = 1_000
/** A connection is suspected after a statement has waited for this long without a byte. */
const SILENT_MS = 3_000
const ANSWER_WITHIN_MS = 2_500
/** Suspected connections are lost when the server has accepted no new connection for this long either. */
const UNREACHABLE_MS = 5_000

/**
 * The sessions of $1 that the server does not know, or that finished their statement more than a second ago. Empty behind a
 * pooler, which reports other process ids than the server: then nothing is known.
 */
const LOST_SESSIONS = `
  SELECT asked.pid FROM unnest($1::int[]) AS asked (pid) LEFT JOIN pg_stat_activity a ON a.pid = asked.pid
  WHERE pg_backend_pid() = $2::int
    AND (a.pid IS NULL OR (a.state LIKE 'idle%' AND a.state_change < clock_timestamp() - interval '1 second'))`

/**
 * A connection that a router or firewall has forgotten looks like a slow statement: TCP keeps sending for a quarter of an
 * hour. After three seconds without a byte, the server is therefore asked over a new connection. If it has finished the
 * statement or does not know the session, the connection is lost. If it cannot be reached over a new connection either for five
 * seconds, the connection is lost too, so that callers get an answer after about ten seconds.
 */
function createConnectionWatch(url: string, onError: (error: Error) => void): ConnectionWatch {
  const clients = new Map<pg.Client, Watched>()
  const loop = createLoop({ work: check, onError, everyMs: CHECK_EVERY_MS, runAtStart: false })
  /** Begin of the first of the new connections that the server has not accepted, with no sign of life since. */
  let unreachableSince: number | null = null

  class Client extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config)
      const internals = this as unknown as ClientInternals
      clients.set(this, { internals, heardAt: performance.now(), bytesRead: 0, waiting: true })
      this.once('end', () => clients.delete(this))
      loop.start()
    }

    /** Notes that this connection may have written something, until it is given back to its pool. */
    // `unknown` and `never` fit the parameters and the result of each overload.
    override query(...given: unknown[]): never {
      const [statement] = given as [string | { text: string }]
      if (!READS.test(typeof statement === 'string' ? statement : statement.text)) writers.add(this)
      return Reflect.apply(super.query, this, given) as never
    }
  }

  async function check(): Promise<void> {
    const now = performance.now()
    for (const watched of clients.values()) {
      const { internals } = watched
      const waiting = !internals.readyForQuery
      const bytesRead = internals.connection.stream.bytesRead ?? 0
      if (bytesRead !== watched.bytesRead) unreachableSince = null
      if (bytesRead !== watched.bytesRead || (waiting && !watched.waiting)) watched.heardAt = now
      watched.bytesRead = bytesRead
      watched.waiting = waiting
    }
    const silent = [...clients.values()].filter(({ waiting, heardAt }) => waiting && heardAt < now - SILENT_MS)
    if (silent.length === 0) return
    const lost = await findLost(silent).catch((error: unknown) => (isUnreachable(error, now) ? silent : []))
    if (lost.length > 0) destroy(lost)
  }

  /** @param error of a new connection that was begun at `beganAt` */
  function isUnreachable(error: unknown, beganAt: number): boolean {
    // A server that refuses a connection, for example because it has too many, may still work on statements.
    if (error instanceof pg.DatabaseError) {
      unreachableSince = null
      return false
    }
    unreachableSince ??= beganAt
    return performance.now() - unreachableSince >= UNREACHABLE_MS
  }

  /** Asks the server over a new connection. Rejects when none can be made. */
  async function findLost(silent: readonly Watched[]): Promise<Watched[]> {
    const probe = new pg.Client({
      connectionString: url,
      application_name: 'latchkey-watch',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
    })
    // The statement that fails reports the error.
    probe.on('error', () => undefined)
    try {
      await probe.connect()
      const own = (probe as unknown as ClientInternals).processID
      const pids = silent.flatMap(({ internals }) => internals.processID ?? [])
      const { rows } = await probe.query<{ pid: number }>(LOST_SESSIONS, [pids, own])
      unreachableSince = null
      const finished = new Set(rows.map(({ pid }) => pid))
      // Without a process id: it began to connect before the probe did, and has not succeeded.
      return silent.filter(({ internals }) => internals.processID === null || finished.has(internals.processID))
    } finally {
      void probe.end().catch(() => undefined)
    }
  }

  function destroy(lost: readonly Watched[]): void {
    const found = lost.filter(
      ({ internals, bytesRead }) =>
        !internals.readyForQuery && (internals.connection.stream.bytesRead ?? 0) === bytesRead,
    )
    if (found.length === 0) return
    onError(new Error(`${found.length} connections to the database were lost without notice and are replaced.`))
    const lostAt = Math.max(...found.map(({ heardAt }) => heardAt))
    // Idle connections that were not used since are most likely lost too.
    const unused = [...clients.values()].filter(({ waiting, heardAt }) => !waiting && heardAt <= lostAt)
    for (const { internals } of [...found, ...unused]) internals.connection.stream.destroy(new LostConnectionError())
  }

  return {
    Client,
    close() {
      void loop.stop()
    },
  }
}

/** It is unknown whether the statement was executed. */
class LostConnectionError extends Error {
  override readonly name = 'LostConnectionError'
  readonly code = 'ECONNRESET'

  constructor() {
    super('The connection to the database was lost without notice.')
  }
}
