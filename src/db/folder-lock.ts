import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder that is ours until `release`. */
export interface FolderLock {
  release(): Promise<void>
}

/**
 * Takes the embedded database's folder for this process. PGlite has one session and no lock of its own: a second process
 * on the same folder would destroy it.
 * @throws Error that names the other process and says what to do.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, 'process.lock')
  // Linked into place with its content: nobody ever sees a lock without a process.
  const own = `${path}.${process.pid}`
  await writeFile(own, String(process.pid), { mode: 0o600 })
  for (;;) {
    try {
      await link(own, path)
      await rm(own)
      return { release: () => rm(path, { force: true }) }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10)
      if (Number.isInteger(pid) && pid !== process.pid && isAlive(pid)) {
        await rm(own, { force: true })
        throw new Error(
          `The embedded database in ${folder} is in use by process ${pid}. One process may open it: stop that one, ` +
            'set LATCHKEY_DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL server, which any number may share.',
        )
      }
      // Left behind by a process that was killed.
      await rm(path, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
