import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'

type Glue = typeof import('@prisma/schema-engine-wasm/schema_engine_bg')

/** The glue keeps views of one memory: a second instance in the process would read the first one's. */
let loaded: Promise<Glue> | undefined

async function load(): Promise<Glue> {
  // The package's own entry imports the .wasm file as a module, which Node does not do yet without a flag.
  const glueUrl = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue: Glue = await import(glueUrl)
  const bytes = await readFile(fileURLToPath(new URL('./schema_engine_bg.wasm', glueUrl)))
  const imports = { './schema_engine_bg.js': glue } as unknown as WebAssembly.Imports
  const { instance } = await WebAssembly.instantiate(bytes, imports)
  glue.__wbg_set_wasm(instance.exports)
  const start = instance.exports['__wbindgen_start']
  if (typeof start === 'function') start()
  return glue
}

/**
 * Prisma's schema engine as WebAssembly: nothing is downloaded and no process is started. The build must be the one that
 * belongs to the Prisma version.
 * @param datamodel text of schema.prisma
 */
export async function openSchemaEngine(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  datamodel: string,
): Promise<SchemaEngine> {
  loaded ??= load()
  const { SchemaEngine: Engine } = await loaded
  return Engine.new(
    { datamodels: [['schema.prisma', datamodel]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  )
}

/** SQL that leads from what the database holds now to the model, or null when they agree. */
export async function diffToModel(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  datamodel: string,
): Promise<string | null> {
  const engine = await openSchemaEngine(adapter, datamodel)
  try {
    const files = [{ path: 'schema.prisma', content: datamodel }]
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    return stdout === null || stdout.trim() === '' || stdout.includes('This is an empty migration') ? null : stdout
  } finally {
    engine.free()
  }
}
