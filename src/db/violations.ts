import { ConflictError } from '../kit/errors.ts'

/**
 * Runs a write and turns a violated unique constraint into a ConflictError. Prisma reports P2002 on both databases, but puts
 * the columns in different places; the caller therefore supplies the message.
 */
export async function conflictOn<T>(write: () => Promise<T>, message: string): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (isUniqueViolation(error)) throw new ConflictError(message, { cause: error })
    throw error
  }
}

export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2002'
}

/** SQLSTATE foreign_key_violation (PostgreSQL, appendix A). */
const FOREIGN_KEY_VIOLATION = '23503'

/**
 * Whether a write failed because a row that it refers to does not exist, for example because it was deleted after it was
 * read. The drivers report the SQLSTATE; Prisma reports P2003, or P2010 with the driver's error for raw SQL.
 */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code === FOREIGN_KEY_VIOLATION || error.code === 'P2003') return true
  return error.code === 'P2010' && error.message.includes(`Code: \`${FOREIGN_KEY_VIOLATION}\``)
}
