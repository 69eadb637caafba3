/** `lock-process.ts <url> <lock>`: acquires the lock, and once that session is lost, acquires it again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createServerLocks } from '../../src/db/session-locks.ts'

const [, , url = '', name = ''] = process.argv
const locks = createServerLocks(url, () => undefined)

async function acquire(): Promise<void> {
  while ((await locks.tryLock(name).catch(() => null)) === null) await sleep(50)
}

await acquire()
process.stdout.write('acquired\n')
await acquire()
process.stdout.write(`acquired again after ${Math.round(locks.connectedForMs())} ms\n`)
await locks.close()
