import pg from 'pg'
import { UnusableDatabaseError } from './database.ts'
import { SESSION_SETTINGS } from './server.ts'

/** A connection pooler between this process and the server is configured in a way that does not work. */
class PoolerError extends UnusableDatabaseError {
  override readonly name = 'PoolerError'
}

const REMEDY =
  'Set DATABASE_URL to the server itself, or to a pooler that gives each client its own session (PgBouncer: pool_mode = session).'
const ROUNDS = 3
const ANSWER_WITHIN_MS = 10_000

/**
 * Checks that a connection to this URL stays one session of the server, in UTC. It does not behind a pooler that assigns
 * sessions by transaction: another client would then get the session that holds an advisory lock or is in a tenant's scope.
 * The check takes no lock, because the pooler would keep it.
 * @throws PoolerError; the driver's error when the database does not answer
 */
export async function checkSessions(url: string): Promise<void> {
  const [first, second] = [clientOf(url), clientOf(url)]
  try {
    await first.connect()
    await second.connect()
    const { pid: own, zone } = await sessionOf(first)
    for (let round = 0; round < ROUNDS; round += 1) {
      // A pooler that shares sessions assigns the one that was used last, or another one each time. Either is detected.
      await second.query('BEGIN')
      const { pid: others } = await sessionOf(second)
      if (others === own || (await sessionOf(first)).pid !== own) throw sharedSessions()
      await second.query('COMMIT')
    }
    if (!['UTC', 'Etc/UTC'].includes(zone)) throw ignoredSettings(zone)
  } catch (error) {
    throw translated(error)
  } finally {
    await Promise.all([first, second].map((client) => client.end().catch(() => undefined)))
  }
}

function clientOf(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'latchkey-check',
    options: SESSION_SETTINGS,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  })
  // The statement that fails reports the error.
  client.on('error', () => undefined)
  return client
}

async function sessionOf(client: pg.Client): Promise<{ pid: number; zone: string }> {
  const { rows } = await client.query<{ pid: number; zone: string }>(
    "SELECT pg_backend_pid() AS pid, current_setting('TimeZone') AS zone",
  )
  const [row] = rows
  if (row === undefined) throw new Error('The database returned no row.')
  return row
}

function sharedSessions(options?: ErrorOptions): PoolerError {
  const message = 'a pooler distributes the statements of one connection over several sessions of the server'
  return new PoolerError(message, REMEDY, options)
}

function ignoredSettings(zone: string): PoolerError {
  const message = `a pooler does not pass on the session settings: the time zone is ${zone} and must be UTC`
  const remedy =
    "Run: ALTER ROLE <user> SET TimeZone = 'UTC'; ALTER ROLE <user> SET idle_in_transaction_session_timeout = '10s'."
  return new PoolerError(message, remedy)
}

/** Replaces error messages of PgBouncer, which do not say what to do. */
function translated(error: unknown): unknown {
  const message = error instanceof Error ? error.message : ''
  if (/startup parameter.*options/.test(message)) {
    const remedy = `Set in the configuration of PgBouncer: ignore_startup_parameters = options. ${REMEDY}`
    return new PoolerError('PgBouncer rejects the session settings', remedy, { cause: error })
  }
  return message.includes('statement pooling mode') ? sharedSessions({ cause: error }) : error
}

/** Host, port and database name of a connection URL, for messages. Leaves out user and password. */
export function databaseName(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname === '' ? 'localhost' : hostname}${port === '' ? '' : `:${port}`}${pathname}`
}

/** The message of a driver's error. A host name with several addresses fails with one error for each of them. */
export function driverMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(driverMessage).join('; ')
  return error instanceof Error ? error.message : String(error)
}
