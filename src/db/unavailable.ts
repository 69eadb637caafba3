import { UnavailableError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'

/**
 * SQLSTATE of connection exceptions (class 08, which PgBouncer uses too), insufficient resources such as too many connections
 * (53), operator intervention such as a shutdown or a start (57P), sessions that were ended because they were idle (25P03), and
 * writes to a standby, as during a failover (25006); see PostgreSQL, appendix A.
 */
const SQL_STATES = /^(?:08...|53...|57P0[1235]|25P03|25006)$/
const NODE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  // The socket of a server on this machine.
  'ENOENT',
])
/** Cannot be reached; does not answer; the connection was closed; no connection in time; too many connections. */
const PRISMA_CODES: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
/** Messages of errors of pg, its pool, PGlite and Prisma that have no code of their own. */
const MESSAGES =
  /(?:^|\n)(?:Connection terminated|timeout expired|timeout exceeded when trying to connect|Client (?:has encountered a connection error|was closed) and is not queryable|Cannot use a pool after calling end|PGlite is clos|Transaction API error: Unable to start a transaction in the given time)/

/**
 * Whether an error of the database means that it cannot be reached, or accepts no work at the moment, so that the same work may
 * succeed later. It is then unknown whether a statement that was sent has been executed.
 *
 * Use it where errors of the database arrive. Errors of other connections must have a class of their own, as `EgressError`.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  try {
    return error instanceof Error && meansUnavailable(error)
  } catch {
    // An error whose properties cannot be read is none of the database.
    return false
  }
}

function meansUnavailable(error: Error): boolean {
  // A host name with several addresses fails with one error for each of them.
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true
  const code = textOf(error, 'code')
  // The server is reached through a file only when the connection fails.
  if (code === 'ENOENT' && textOf(error, 'syscall') !== 'connect') return false
  if (isUnavailableCode(code)) return true
  // Prisma reports a state that it does not know as P2010, and keeps the error of the driver.
  const driverError = propertyOf(propertyOf(propertyOf(error, 'meta'), 'driverAdapterError'), 'cause')
  if (isUnavailableCode(textOf(driverError, 'originalCode'))) return true
  return MESSAGES.test(error.message)
}

function isUnavailableCode(code: string): boolean {
  return NODE_CODES.has(code) || PRISMA_CODES.has(code) || SQL_STATES.test(code)
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textOf(value: unknown, name: string): string {
  const text = propertyOf(value, name)
  return typeof text === 'string' ? text : ''
}

/**
 * Turns an error that means that the database is unavailable into the one that callers get, and logs it. Other errors are
 * returned as they are.
 */
export function unavailableOr(error: unknown, logger: Logger, fields: { traceId?: string } = {}): unknown {
  if (!isDatabaseUnavailable(error)) return error
  logOutage(logger, error, fields)
  return new UnavailableError('The database of Latchkey cannot be reached at the moment. Try again soon.', {
    cause: error,
  })
}

/** An outage is logged again after this time, while work fails. */
const LOG_EVERY_MS = 30_000

interface Outage {
  loggedAtMs: number
  failures: number
}
const outages = new WeakMap<Logger, Outage>()

/** Logs the first failure of an outage, and then the number of failures every 30 seconds, in place of each failure. */
export function logOutage(logger: Logger, error: unknown, fields: { traceId?: string } = {}): void {
  const nowMs = performance.now()
  const outage = outages.get(logger)
  if (outage !== undefined && nowMs - outage.loggedAtMs < LOG_EVERY_MS) {
    outage.failures += 1
    return
  }
  const failures = outage === undefined || outage.failures === 0 ? undefined : outage.failures
  logger.error(
    { ...fields, err: error, unloggedFailures: failures },
    'the database is unavailable; callers get UNAVAILABLE until it is back',
  )
  outages.set(logger, { loggedAtMs: nowMs, failures: 0 })
}
