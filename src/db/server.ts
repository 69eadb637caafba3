import { createHash } from 'node:crypto'
import pg from 'pg'
import { createConnectionWatch } from './connection-watch.ts'
import { assembleDatabase, type Database, type DatabaseOptions } from './database.ts'
import { pgAdapter } from './pg-adapter.ts'
import { ScopedPool } from './scoped-pool.ts'
import { createServerLocks } from './session-locks.ts'
import type { Row, SqlRunner } from './sql.ts'
import { parseTimestamp } from './timestamp.ts'

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
