import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { folderHolder, lockFolder } from '../../src/db/folder-lock.ts'

describe('lockFolder', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-lock-'))
    path = join(folder, 'process.lock')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** The content of a lock of this process, with other properties. */
  async function ownLockWith(changes: Record<string, unknown>): Promise<string> {
    const lock = await lockFolder(folder)
    const [pid = '', json = ''] = (await readFile(path, 'utf8')).split('\n')
    await lock.release()
    const identity = { ...JSON.parse(json), ...changes }
    return `${identity.pid ?? pid}\n${JSON.stringify(identity)}\n`
  }

  /** Writes a lock file whose content says that this very file is the lock. */
  async function leave(changes: Record<string, unknown>, ageMs = 0): Promise<void> {
    await rm(path, { force: true })
    const content = await ownLockWith(changes)
    await writeFile(path, '')
    const { dev, ino } = await stat(path, { bigint: true })
    await writeFile(path, content.replace(/"inode":"[^"]*"/, `"inode":"${dev}:${ino}"`))
    const time = new Date(Date.now() - ageMs)
    await utimes(path, time, time)
  }

  async function expectRefusal(words: RegExp): Promise<void> {
    const before = await readFile(path, 'utf8')
    await expect(lockFolder(folder)).rejects.toThrow(words)
    await expect(lockFolder(folder)).rejects.toThrow(/DATABASE_URL/)
    expect(await folderHolder(folder)).toMatchObject({ inForce: true, message: expect.stringMatching(words) })
    expect(await readFile(path, 'utf8')).toBe(before)
  }

  async function expectReplaced(words: RegExp): Promise<void> {
    expect(await folderHolder(folder)).toMatchObject({ inForce: false, message: expect.stringMatching(words) })
    const lock = await lockFolder(folder)
    expect(lock.replaced).toMatch(words)
    expect(await readFile(path, 'utf8')).toMatch(new RegExp(`^${process.pid}\n`))
    await lock.release()
    expect((await readdir(folder)).filter((name) => name.startsWith('process.lock'))).toEqual([])
  }

  it('refuses a folder that a process has locked, this one too, and says what to do', async () => {
    const lock = await lockFolder(folder)
    expect(lock.replaced).toBeNull()
    await expectRefusal(new RegExp(`in use by process ${process.pid}\\.`))
    await lock.release()
    expect(await folderHolder(folder)).toBeNull()
    await (await lockFolder(folder)).release()
  })

  it('replaces the lock of a process that was killed', async () => {
    const { pid } = spawnSync(process.execPath, ['--eval', ''])
    await leave({ pid })
    await expectReplaced(/left behind: process \d+ has ended/)
    await writeFile(path, String(pid))
    await expectReplaced(/left behind: process \d+ has ended/)
  })

  it.skipIf(process.platform !== 'linux')(
    'replaces the lock of a killed process that its parent has not noticed',
    async () => {
      const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'])
      try {
        const [output] = await once(parent.stdout, 'data')
        const pid = Number(output)
        const isListed = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z ')
        await vi.waitFor(async () => expect(await isListed()).toBe(true), { timeout: 10_000 })
        await leave({ pid })
        await expectReplaced(/left behind: process \d+ has ended/)
      } finally {
        parent.kill()
      }
    },
  )

  it('replaces a lock whose process id belongs to another program by now, and names it', async () => {
    // This process started at another time than the one that made the lock.
    await leave({ started: '1' })
    await expectReplaced(new RegExp(`the process id ${process.pid} now belongs to another program \\(`))
    const sleeping = spawn('sleep', ['60'])
    try {
      await writeFile(path, String(sleeping.pid))
      await expectReplaced(new RegExp(`the process id ${sleeping.pid} now belongs to another program \\(sleep\\)`))
    } finally {
      sleeping.kill()
    }
  })

  it('refuses a lock of an earlier version whose process may be Latchkey, and says which file to delete if it is not', async () => {
    const child = spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 60_000)'])
    try {
      await writeFile(path, String(child.pid))
      await expectRefusal(/in use by process \d+ \(.*\)\. If that is another program, delete .*process\.lock\./)
    } finally {
      child.kill()
    }
  })

  it('replaces a lock after a restart of the machine', async () => {
    await leave({ boot: 'earlier' })
    await expectReplaced(/has ended with an earlier start of the machine/)
  })

  it('replaces the lock in a copy of a folder that is in use', async () => {
    const lock = await lockFolder(folder)
    const copy = `${folder}-copy`
    await cp(folder, copy, { recursive: true, filter: (name) => !name.endsWith('.sock') })
    try {
      const own = await lockFolder(copy)
      expect(own.replaced).toContain(`it was copied from ${folder}`)
      await own.release()
    } finally {
      await rm(copy, { recursive: true })
    }
    await lock.release()
  })

  it('asks a process in another container, whose id says nothing, over a socket', async () => {
    const elsewhere = { pid: 1, namespace: 'pid:[1]', host: 'other' }
    await leave({ ...elsewhere, since: Date.now() - 60_000 })
    const holder = await listen(join(folder, 'process.sock'))
    await expectRefusal(/in use by process 1 on other, in another container\./)
    // The socket of a killed process remains and refuses connections.
    holder.close()
    killHolder(folder)
    await expectReplaced(/process 1 on other has ended/)
  })

  it('waits for a minute without a sign of life of a process on another machine', async () => {
    const elsewhere = { pid: 1, boot: 'other', host: 'other' }
    await leave(elsewhere)
    await expectRefusal(/in use by process 1 on other, another container or machine/)
    await leave(elsewhere, 61_000)
    await expectReplaced(/process 1 on other has given no sign of life for a minute/)
  })

  it('replaces a lock that names no process', async () => {
    for (const content of ['', 'nonsense']) {
      await writeFile(path, content)
      await expectReplaced(/it names no process/)
    }
  })

  it('leaves the lock of another process in place when it is released', async () => {
    const lock = await lockFolder(folder)
    await writeFile(path, '1')
    await lock.release()
    expect(await readFile(path, 'utf8')).toBe('1')
  })

  it('is granted to one of many at once', async () => {
    const { pid } = spawnSync(process.execPath, ['--eval', ''])
    await leave({ pid })
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
    const granted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(granted).toHaveLength(1)
    await granted[0]?.release()
  })
})

function listen(path: string): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  const server = createServer((connection) => connection.destroy())
  server.once('error', reject).listen(path, () => resolve(server))
  return promise
}

/** Replaces the socket of a folder by one whose process was killed. */
function killHolder(folder: string): void {
  const path = join(folder, 'process.sock')
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['--eval', script])
}
