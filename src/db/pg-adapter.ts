import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import type pg from 'pg'

/**
 * The Prisma driver adapter for a PostgreSQL server. It runs a script in one piece. PrismaPg splits scripts at semicolons and
 * runs the parts separately, so that a failed migration is half applied and a function body cannot be created.
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
 * Runs a script of several statements as one implicit transaction. Both driver adapters use it.
 * @param execute sends the text as one simple query
 * @throws DriverAdapterError with the database's message; the schema engine reports any other error as a number only
 */
export async function runScript(execute: (script: string) => Promise<unknown>, script: string): Promise<void> {
  try {
    await execute(script)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const failure = error as Error & {
      code?: string
      severity?: string
      detail?: string
      hint?: string
      column?: string
    }
    throw new DriverAdapterError({
      kind: 'postgres',
      code: failure.code ?? 'N/A',
      severity: failure.severity ?? 'ERROR',
      message: failure.message,
      detail: failure.detail,
      hint: failure.hint,
      column: failure.column,
    })
  }
}
