import { DriverAdapterError } from '@prisma/driver-adapter-utils'

/**
 * Runs a script of several statements whole, as one implicit transaction.
 * @param execute sends the text in one simple query
 * @throws DriverAdapterError with the database's words: the schema engine shows a number in place of any other error
 */
export async function runScript(execute: (script: string) => Promise<unknown>, script: string): Promise<void> {
  try {
    await execute(script)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const told = error as Error & { code?: string; severity?: string; detail?: string; hint?: string; column?: string }
    throw new DriverAdapterError({
      kind: 'postgres',
      code: told.code ?? 'N/A',
      severity: told.severity ?? 'ERROR',
      message: told.message,
      detail: told.detail,
      hint: told.hint,
      column: told.column,
    })
  }
}
