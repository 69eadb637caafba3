import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const WRITABLE_BY_OTHERS = 0o022
const STICKY = 0o1000

/**
 * Who besides the user of this process could change the code of the custom strategies, which runs with all rights of the
 * process. As OpenSSH checks its files (StrictModes): the folder, everything in it, what its symbolic links lead to, and every
 * folder above must belong to this user or to root, and must not be writable for the group or for others. Folders above may be
 * writable with the sticky bit, as /tmp is, and a file system that is mounted read-only may have any modes.
 *
 * @returns one sentence for each of the first problems; empty: none
 */
export function strategyFolderProblems(folder: string): string[] {
  const uid = process.getuid?.()
  // Windows has neither owners nor modes.
  if (uid === undefined) return []
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return ['LATCHKEY_STRATEGIES_DIR must be a folder that exists.']
  }
  const problems = new Set<string>()
  const checked = new Set<string>()

  function check(path: string, stats: Stats, isAbove: boolean): void {
    if (checked.has(path)) return
    checked.add(path)
    const mode = stats.mode
    const shared = (mode & WRITABLE_BY_OTHERS) !== 0 && !(isAbove && (mode & STICKY) !== 0)
    if (stats.uid !== uid && stats.uid !== 0) {
      problems.add(
        `LATCHKEY_STRATEGIES_DIR is not safe: ${path} belongs to the user ${stats.uid}, who could change code that runs with all rights of Latchkey. Make it belong to the user ${uid} or to root.`,
      )
    } else if (shared && !isReadOnly(path)) {
      problems.add(
        `LATCHKEY_STRATEGIES_DIR is not safe: other users can write to ${path}, and so change code that runs with all rights of Latchkey. Run: chmod go-w '${path}'`,
      )
    }
  }

  function checkAbove(path: string): void {
    for (let above = dirname(path); ; above = dirname(above)) {
      check(above, statSync(above), true)
      if (above === dirname(above)) return
    }
  }

  function visit(path: string): void {
    if (checked.has(path)) return
    const stats = lstatSync(path)
    if (stats.isSymbolicLink()) {
      const target = realpathSync(path)
      checkAbove(target)
      visit(target)
      return
    }
    check(path, stats, false)
    if (stats.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name))
  }

  try {
    // Whoever can change a folder on the way to a symbolic link can replace the link.
    checkAbove(resolve(folder))
    const real = realpathSync(folder)
    checkAbove(real)
    visit(real)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    problems.add(`LATCHKEY_STRATEGIES_DIR cannot be checked: ${words}.`)
  }
  return [...problems].slice(0, MOST_PROBLEMS)
}

const MOST_PROBLEMS = 10

/** Whether the file system is mounted read-only, as volumes of a Kubernetes ConfigMap are, whose folders have the mode 0777. */
function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS'
  }
}
