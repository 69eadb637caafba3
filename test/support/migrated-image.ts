import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { inject } from 'vitest'
import { migrate } from '../../src/db/migrate.ts'
import { openDatabase } from '../../src/db/open-database.ts'

/**
 * An embedded database that is migrated and otherwise empty. The first test file of a run that wants one makes it: to begin
 * with a copy is several times faster than to make another.
 */
export async function migratedImage(): Promise<Blob> {
  const path = join(inject('imageFolder'), 'migrated.tar')
  const image = await readFile(path).catch(async () => {
    await makeImage(path)
    return readFile(path)
  })
  return new Blob([image])
}

/** Files that want it at the same moment each make one, of which the last is kept. */
async function makeImage(path: string): Promise<void> {
  const own = `${path}.${randomBytes(8).toString('hex')}`
  const database = await openDatabase({ dataDir: own }, { onError: (error) => process.stderr.write(`${error}\n`) })
  try {
    await migrate(database)
  } finally {
    await database.close()
  }
  const pglite = await PGlite.create({ dataDir: join(own, 'database') })
  try {
    const image = await pglite.dumpDataDir('none')
    await writeFile(`${own}.tar`, new Uint8Array(await image.arrayBuffer()))
  } finally {
    await pglite.close()
  }
  await rename(`${own}.tar`, path)
  await rm(own, { recursive: true, force: true })
}
