import { createHash } from 'node:crypto'
import pg from 'pg'
import { assembleDatabase, type Database, type DatabaseOptions } from './database.ts'
import { pgAdapter } from './pg-adapter.ts'
import { currentScope, ENTER_SCOPE, type Scope, scopeValues } from './scope.ts'
import { createServerLocks } from './session-locks.ts'
import type { Row, SqlRunner } from './sql.ts'

const INT8_OID = 20
const TIMESTAMPTZ_OID = 1184

const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8_OID, BigInt],
  [TIMESTAMPTZ_OID, parseTimestamp],
])

/**
 * Of every session. Timestamps go in and out without a zone in places: it must be UTC whatever the server's is. A process
 * that is frozen in the middle of a transaction, or gone with its machine, must not keep the rows that it was writing: the
 * server ends its session.
 */
export const SESSION_SETTINGS =
  '-c TimeZone=UTC -c idle_in_transaction_session_timeout=10s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3'

/** A PostgreSQL server, by its connection URL. Any number of processes may share it. */
export async function openServer(url: string, options: DatabaseOptions): Promise<Database> {
  const watch = createConnectionWatch(url, options.onError)
  const connection: pg.PoolConfig = {
    connectionString: url,
    Client: watch.Client,
    options: SESSION_SETTINGS,
    application_name: 'latchkey',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
  }
  const pool = new ScopedPool({
    ...connection,
    max: options.poolSize ?? 10,
    types: {
      getTypeParser: ((oid: number, format: 'text' | 'binary') =>
        (format === 'binary' ? undefined : PARSERS.get(oid)) ??
        pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  // pg-boss hands to its pool what it does not know itself.
  const queuePool = {
    connectionString: url,
    Client: watch.Client,
    options: SESSION_SETTINGS,
    application_name: 'latchkey-queue',
    max: 4,
  }
  // An idle connection that the server drops is replaced; without a listener it would end the process.
  pool.on('error', (error) => options.onError(error))
  return assembleDatabase({
    kind: 'server',
    adapter: pgAdapter(pool, { statementNameGenerator: (query) => statementName(query.sql) }),
    sql: runner(pool),
    bulk: async (work) => {
      const client = await pool.connect()
      client.on('error', options.onError)
      let broken: Error | undefined
      try {
        await client.query('BEGIN')
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
    locks: createServerLocks(url, options.onError, watch.Client),
    options,
    close: () => pool.end().finally(watch.close),
  })
}

function runner(client: pg.Pool | pg.PoolClient): SqlRunner {
  return {
    query: async <R extends Row>(text: string, values: readonly unknown[] = []) => {
      const result = await client.query<R>({ name: statementName(text), text, values: [...values] })
      return result.rows
    },
  }
}

const names = new Map<string, string>()

/** Statements with the same text share a plan on each connection. Texts come from the code, so the map is bounded in practice. */
function statementName(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 24)
    if (names.size < 5_000) names.set(text, name)
  }
  return name
}

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void

/**
 * A pool whose connections are handed out in the scope of whoever asks. Each remembers the scope that it had last: one
 * statement more is sent only when that is another. A connection of which it is not certain is closed, not handed out.
 */
export class ScopedPool extends pg.Pool {
  readonly #scopes = new WeakMap<pg.PoolClient, string>()

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Callback): void
  // `pool.query` comes through here too, with a callback.
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const scope = currentScope()
    if (callback !== undefined) {
      this.#connect(scope, callback)
      return undefined
    }
    const { promise, resolve, reject } = Promise.withResolvers<pg.PoolClient>()
    this.#connect(scope, (error, client) => (client === undefined ? reject(error) : resolve(client)))
    return promise
  }

  #connect(scope: Scope | null, callback: Callback): void {
    super.connect((error, client, done) => {
      if (client === undefined) return callback(error, client, done)
      const status = client.getTransactionStatus()
      if (status === 'T' || status === 'E') {
        // Given back in the middle of a transaction: what is set in it would go with it.
        client.release(true)
        return this.#connect(scope, callback)
      }
      const key = keyOf(scope)
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
    // Between the pool's listener and that of whoever gets the connection: without one, its loss would end the process.
    const onError = () => undefined
    client.on('error', onError)
    const statement = { name: 'latchkey_scope', text: ENTER_SCOPE, values: scopeValues(scope, false) }
    client.query(statement, (failure: Error | null) => {
      client.off('error', onError)
      then(failure ?? null)
    })
  }
}

function keyOf(scope: Scope | null): string {
  return scope === null ? '' : `${scope.workspaceId} ${scope.endUserId ?? ''}`
}

const parseAny = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)

/**
 * A `timestamptz` as a session in UTC writes it: `2026-11-21 21:24:23.123456+00`. Several times faster than the driver's own
 * parser, which is asked for what looks otherwise (years before Christ or after 9999, infinity, other zones).
 */
export function parseTimestamp(text: string): unknown {
  if (text.endsWith('+00') && text[4] === '-' && text[10] === ' ') {
    const date = new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    if (!Number.isNaN(date.getTime())) return date
  }
  return parseAny(text)
}

/** Finds connections whose other end is not heard of any more, and breaks them, so that what waits there fails and is tried again. */
interface ConnectionWatch {
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
function createConnectionWatch(url: string, onError: (error: Error) => void): ConnectionWatch {
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
