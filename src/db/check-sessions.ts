import pg from 'pg'
import { SESSION_SETTINGS } from './server.ts'

/** A pooler between this process and the server does not give it what it needs of a session. */
export class PoolerError extends Error {
  override readonly name = 'PoolerError'
  /** What the operator is to do. */
  readonly remedy: string

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
  }
}

const REMEDY =
  'Let DATABASE_URL name the server itself, or a pooler that gives each client a session of its own (PgBouncer: pool_mode = session).'
const ROUNDS = 3
const ANSWER_WITHIN_MS = 10_000

/**
 * Looks whether a connection to this URL is one session of the server, in UTC, for as long as it is open. Behind a pooler
 * that gives out the server's sessions by transaction it is not: the session that holds an advisory lock, and the one that
 * is in a tenant's scope, would be somebody else's with the next statement. Takes no lock itself, which would be left behind there.
 * @throws PoolerError; what the driver throws when the database does not answer
 */
export async function checkSessions(url: string): Promise<void> {
  const [first, second] = [clientOf(url), clientOf(url)]
  try {
    await first.connect()
    await second.connect()
    const { pid: own, zone } = await sessionOf(first)
    for (let round = 0; round < ROUNDS; round += 1) {
      // Whoever shares sessions gives out the one that was used last, or another one each time: one of the two is seen.
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
  // Told by what it was doing.
  client.on('error', () => undefined)
  return client
}

async function sessionOf(client: pg.Client): Promise<{ pid: number; zone: string }> {
  const { rows } = await client.query<{ pid: number; zone: string }>(
    "SELECT pg_backend_pid() AS pid, current_setting('TimeZone') AS zone",
  )
  const [row] = rows
  if (row === undefined) throw new Error('The database answered nothing.')
  return row
}

function sharedSessions(options?: ErrorOptions): PoolerError {
  const message = 'a pooler gives the statements of one connection to several sessions of the server'
  return new PoolerError(message, REMEDY, options)
}

function ignoredSettings(zone: string): PoolerError {
  const message = `a pooler does not pass on the settings of a session: its time zone is ${zone}, and has to be UTC`
  const remedy =
    "Run: ALTER ROLE <user> SET TimeZone = 'UTC'; ALTER ROLE <user> SET idle_in_transaction_session_timeout = '10s'."
  return new PoolerError(message, remedy)
}

/** The words of PgBouncer do not say what to do. */
function translated(error: unknown): unknown {
  const words = error instanceof Error ? error.message : ''
  if (/startup parameter.*options/.test(words)) {
    const remedy = `In its settings: ignore_startup_parameters = options. ${REMEDY}`
    return new PoolerError('PgBouncer refuses the settings of a session', remedy, { cause: error })
  }
  return words.includes('statement pooling mode') ? sharedSessions({ cause: error }) : error
}

/** How messages name the database of a connection URL: its server and its name, never who logs in or with what. */
export function databaseName(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname === '' ? 'localhost' : hostname}${port === '' ? '' : `:${port}`}${pathname}`
}

/** The words of an error of the driver. One host name with several addresses fails with an error for each of them. */
export function wordsOfDriver(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOfDriver).join('; ')
  return error instanceof Error ? error.message : String(error)
}
