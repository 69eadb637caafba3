/**
 * Connection exceptions, insufficient resources, operator intervention, and sessions that were ended because they were idle
 * (PostgreSQL, appendix A: classes 08, 53, 57P; 25P03).
 */
const AWAY_STATES = /^(08|53|57P|25P03)/
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
])
/** What the driver says without a code. */
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|pool after calling end|not queryable|PGlite is clos/

/** Whether an error of the database says only that it is not there now: what was not written may be written later. */
export function databaseIsAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (
    'code' in error &&
    typeof error.code === 'string' &&
    (AWAY_STATES.test(error.code) || AWAY_CODES.has(error.code))
  ) {
    return true
  }
  return AWAY_MESSAGES.test(error.message)
}
