import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lockFolder } from '../../src/db/embedded.ts'

describe('lockFolder', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-lock-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('refuses a folder that a running process has locked, and says what to do', async () => {
    // The parent of this process is running and is not this process.
    await writeFile(join(folder, 'process.lock'), String(process.ppid))
    await expect(lockFolder(folder)).rejects.toThrow(/in use by process \d+.*DATABASE_URL/)
    await rm(join(folder, 'process.lock'))
  })

  it('takes over the lock of a process that was killed', async () => {
    const { pid } = spawnSync(process.execPath, ['--eval', ''])
    await writeFile(join(folder, 'process.lock'), String(pid))
    const lock = await lockFolder(folder)
    await lock.release()
  })

  it('takes over a lock that names no process', async () => {
    await writeFile(join(folder, 'process.lock'), '')
    await (await lockFolder(folder)).release()
  })

  it('locks a folder again after the lock was released', async () => {
    await (await lockFolder(folder)).release()
    await (await lockFolder(folder)).release()
  })
})
