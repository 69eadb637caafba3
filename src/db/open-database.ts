import { INSTALL_OPTIONAL, MissingPackageError, withOptionalPackage } from '../kit/optional-package.ts'
import { type Database, type DatabaseOptions, UnusableDatabaseError } from './database.ts'
import type { EmbeddedTarget } from './embedded.ts'
import { openServer } from './server.ts'

/** A PostgreSQL server by its URL, or the embedded database. */
type DatabaseTarget = { url: string } | EmbeddedTarget

/** @throws UnusableDatabaseError when the embedded database is not installed, or cannot be used */
export async function openDatabase(target: DatabaseTarget, options: DatabaseOptions): Promise<Database> {
  if ('url' in target) return openServer(target.url, options)
  const { openEmbedded } = await loadEmbedded()
  return openEmbedded(target, options)
}

/** Processes with a server do without PGlite. */
async function loadEmbedded() {
  try {
    return await withOptionalPackage('@electric-sql/pglite', () => import('./embedded.ts'))
  } catch (cause) {
    if (!(cause instanceof MissingPackageError)) throw cause
    throw new UnusableDatabaseError(
      'The embedded database is not installed',
      `Set DATABASE_URL to use a server, or ${INSTALL_OPTIONAL}`,
      { cause },
    )
  }
}
