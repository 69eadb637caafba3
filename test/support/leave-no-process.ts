import { readdir, readFile } from 'node:fs/promises'
import { afterAll } from 'vitest'

/**
 * Setup file of vitest: after the last test of a file, kills the child processes that it left running, as a failed test
 * does. A child that is left keeps the process of the file alive, and with it the whole run.
 */
afterAll(async () => {
  for (const pid of await descendants(process.pid)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has already ended.
    }
  }
})

/** Process ids of all descendants, from /proc. Empty on systems without /proc. */
async function descendants(root: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  const names = await readdir('/proc').catch((): string[] => [])
  for (const name of names.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // `pid (command) state ppid …`: the command may contain spaces and brackets.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const descendantsOf = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...descendantsOf(child)])
  return descendantsOf(root)
}
