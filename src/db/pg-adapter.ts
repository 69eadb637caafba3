import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import type pg from 'pg'

/**
 * The Prisma driver adapter for a PostgreSQL server, which runs scripts whole: PrismaPg cuts them at their semicolons and
 * runs the pieces apart, so that a migration that breaks leaves a half behind and a function body cannot be written.
 */
export function pgAdapter(
  pool: pg.Pool,
  options: ConstructorParameters<typeof PrismaPg>[1] = {},
): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool, options)
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect()
      adapter.executeScript = (script) => runScript((text) => pool.query(text), script)
      return adapter
    },
    connectToShadowDb: () => factory.connectToShadowDb(),
  }
}

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
