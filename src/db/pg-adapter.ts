import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type pg from 'pg'
import { runScript } from './run-script.ts'

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
