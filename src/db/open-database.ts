import type { Database, DatabaseOptions } from './database.ts'
import { type EmbeddedTarget, openEmbedded } from './embedded.ts'
import { openServer } from './server.ts'

/** A PostgreSQL server by its URL, or the embedded database. */
type DatabaseTarget = { url: string } | EmbeddedTarget

export function openDatabase(target: DatabaseTarget, options: DatabaseOptions): Promise<Database> {
  return 'url' in target ? openServer(target.url, options) : openEmbedded(target, options)
}
