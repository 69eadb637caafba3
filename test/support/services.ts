import { access, constants, glob } from 'node:fs/promises'
import { Redis } from 'ioredis'
import pg from 'pg'

/** Services and programs that some tests need. Where one is missing, its tests are skipped with a message; in CI they fail. */

/** A server on which the tests create and drop databases. */
export const POSTGRES_URL = process.env['LATCHKEY_TEST_DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'
export const REDIS_URL = process.env['LATCHKEY_TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
export const NGINX_PATH = process.env['LATCHKEY_TEST_NGINX'] ?? '/usr/sbin/nginx'
export const PGBOUNCER_PATH = process.env['LATCHKEY_TEST_PGBOUNCER'] ?? '/usr/sbin/pgbouncer'
export const CHROMIUM_PATH = process.env['LATCHKEY_TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** For `describe.skipIf(!(await hasPostgres()))`. Rejects in CI when no server answers. */
export function hasPostgres(): Promise<boolean> {
  return probe('PostgreSQL server', 'set LATCHKEY_TEST_DATABASE_URL to one on which databases may be created', () =>
    administer('SELECT 1'),
  )
}

/** For `describe.skipIf(!(await hasRedis()))`. Rejects in CI when no server answers. */
export function hasRedis(): Promise<boolean> {
  return probe('Redis server', 'set LATCHKEY_TEST_REDIS_URL to one', async () => {
    const redis = new Redis(REDIS_URL, { lazyConnect: true, connectTimeout: 5_000, retryStrategy: () => null })
    redis.on('error', () => undefined)
    try {
      await redis.connect()
      await redis.ping()
    } finally {
      redis.disconnect()
    }
  })
}

/** For `describe.skipIf(!(await hasChromium()))`. Rejects in CI when it is not installed. */
export function hasChromium(): Promise<boolean> {
  return probe('Chromium', 'install the package chromium, or set LATCHKEY_TEST_CHROMIUM to its path', () =>
    access(CHROMIUM_PATH, constants.X_OK),
  )
}

/** For `describe.skipIf(!(await hasNginx()))`. Rejects in CI when it is not installed. */
export function hasNginx(): Promise<boolean> {
  return probe('nginx', 'install the package nginx-light, or set LATCHKEY_TEST_NGINX to its path', () =>
    access(NGINX_PATH, constants.X_OK),
  )
}

/** For `describe.skipIf(!(await hasPgbouncer()))`. Rejects in CI when it is not installed. */
export function hasPgbouncer(): Promise<boolean> {
  return probe('PgBouncer', 'install the package pgbouncer, or set LATCHKEY_TEST_PGBOUNCER to its path', () =>
    access(PGBOUNCER_PATH, constants.X_OK),
  )
}

/**
 * Returns the path of libfaketime, which gives a process another clock; null when it is not installed. Rejects in CI in that
 * case.
 */
export async function findFaketime(): Promise<string | null> {
  let path = process.env['LATCHKEY_TEST_FAKETIME']
  if (path === undefined) for await (const found of glob('/usr/lib/*/faketime/libfaketime.so.1')) path = found
  const remedy = 'install the package faketime, or set LATCHKEY_TEST_FAKETIME to the path of libfaketime.so.1'
  return (await probe('libfaketime', remedy, () => access(path ?? '', constants.R_OK))) ? (path ?? null) : null
}

/** Sets the time zone of a test database to UTC+5:30, as some servers are configured. */
export async function putInKolkata(databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1)
  await administer(`ALTER DATABASE ${pg.escapeIdentifier(name)} SET timezone TO 'Asia/Kolkata'`)
}

/** Runs one statement on the server, outside a transaction. */
export async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 20_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

const known = new Map<string, Promise<boolean>>()

function probe(what: string, remedy: string, attempt: () => Promise<unknown>): Promise<boolean> {
  const result = known.get(what) ?? runProbe(what, remedy, attempt)
  known.set(what, result)
  return result
}

async function runProbe(what: string, remedy: string, attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt()
    return true
  } catch (error) {
    const text = `${what} is not available: ${remedy}. (${error instanceof Error ? error.message : String(error)})`
    if (process.env['CI'] === 'true') throw new Error(text, { cause: error })
    process.stderr.write(`\n*** TESTS ARE SKIPPED. ${text}\n\n`)
    return false
  }
}
