import { readdir, readFile } from 'node:fs/promises'
import { afterAll } from 'vitest'

/**
 * What a test file started and did not end (a failed test does not come to its last line) is ended after its last test.
 * A child that is left keeps the file's process from ending, and with it the whole run.
 */
afterAll(async () => {
  for (const pid of await descendants(process.pid)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
})

/** Process ids of the children and theirs, from /proc. None where there is no such folder. */
async function descendants(root: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  const names = await readdir('/proc').catch((): string[] => [])
  for (const name of names.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // `pid (name of the command) state parent …`: the name may hold spaces and brackets.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)])
  return below(root)
}
