import { ConflictError } from '../kit/errors.ts'

/**
 * Runs a write and turns a violated unique constraint into a ConflictError. Prisma tells it as P2002 on both databases,
 * but puts the columns in different places: the message is therefore the caller's.
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
