import { randomBytes } from 'node:crypto'
import { link, open, readFile, readlink, realpath, rm, stat, utimes } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Holds a folder for this process until `release`. */
interface FolderLock {
  /** What was left behind by an earlier process and removed, as a sentence; null: nothing. */
  readonly replaced: string | null
  release(): Promise<void>
}

/** Who has locked a folder, or has left its lock behind. */
interface FolderHolder {
  pid: number
  /** The content of the lock file. */
  text: string
  /** A sentence that says why the lock is in force, or why it is not. */
  message: string
  inForce: boolean
}

/**
 * Locks the folder of the embedded database for this process. PGlite has no lock of its own: a second process on the same
 * folder would destroy the data. A lock that its process has left behind is replaced: process ids are used again after a
 * while, after a restart of the machine, and in containers, where each first process has the id 1.
 * @throws Error that names the other process and says what to do
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK_FILE)
  // Linked into place with its content, so that the lock file always names a process.
  const own = `${path}.${randomBytes(6).toString('hex')}`
  const content = await writeOwn(own, folder)
  let replaced: string | null = null
  try {
    for (;;) {
      try {
        await link(own, path)
        break
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error
      }
      const found = await folderHolder(folder)
      if (found === null) continue
      if (found.inForce) throw new Error(`${found.message} ${REMEDY}`)
      replaced = found.message
      await removeLeftBehind(path, found.text)
    }
  } finally {
    await rm(own, { force: true })
  }
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, BEAT_EVERY_MS)
  beat.unref()
  const socket = await listenOn(join(folder, SOCKET))
  return {
    replaced,
    async release() {
      clearInterval(beat)
      socket?.close()
      // The file may have been removed by hand and made again by another process.
      if ((await readFile(path, 'utf8').catch(() => '')) === content) await rm(path, { force: true })
    },
  }
}

const LOCK_FILE = 'process.lock'
/** The holder sets the time of its lock file this often, which shows other containers and machines that it runs. */
const BEAT_EVERY_MS = 10_000
/** Longer than a statement of the embedded database blocks its process. */
const SILENT_AFTER_MS = 60_000
/** The holder listens there. It shows other containers of this machine, at once, whether the holder runs. */
const SOCKET = 'process.sock'
/** From then on, a holder that does not listen has ended. */
const LISTENS_AFTER_MS = 5_000
/** A socket address has 108 bytes on Linux and 104 on macOS. */
const LONGEST_ADDRESS = 100
/** A guard that is older was left behind by a process that was killed. */
const GUARD_MS = 5_000
const REMEDY =
  'Only one process may open it: stop that process, set LATCHKEY_DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL server, which any number of processes can share.'

/** Tells a process apart from every other one. Null where the system does not tell. */
interface Identity {
  pid: number
  /** When it started, in clock ticks since the system did. */
  started: string | null
  /** The start of the system. */
  boot: string | null
  /** The process ids are valid in this namespace only: a container has its own. */
  namespace: string | null
  host: string
  /** When it locked the folder, in milliseconds since 1970. */
  since: number
  folder: string
  /** Of the lock file: a copy of the folder has another one. */
  inode: string
}

/** Writes a lock file. Its first line is the process id alone, as earlier versions read it. @returns the content */
async function writeOwn(path: string, folder: string): Promise<string> {
  const file = await open(path, 'wx', 0o600)
  try {
    const { dev, ino } = await file.stat({ bigint: true })
    const identity: Identity = {
      pid: process.pid,
      started: await startOf(process.pid),
      ...(await thisSystem()),
      since: Date.now(),
      folder: await realpath(folder),
      inode: `${dev}:${ino}`,
    }
    const content = `${process.pid}\n${JSON.stringify(identity)}\n`
    await file.writeFile(content)
    return content
  } finally {
    await file.close()
  }
}

async function thisSystem(): Promise<Pick<Identity, 'boot' | 'namespace' | 'host'>> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null)
  return {
    boot: boot?.trim() ?? null,
    namespace: await readlink('/proc/self/ns/pid').catch(() => null),
    host: hostname(),
  }
}

const ENDED = 'ended'

/**
 * Field 22 of /proc/<pid>/stat; `ENDED` for a process that was killed and is still listed, because its parent has not asked for
 * its exit code. The second field, the name in brackets, may contain spaces and brackets.
 */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : (fields[19] ?? null)
}

/** Who has locked the folder; null: nobody. */
export async function folderHolder(folder: string): Promise<FolderHolder | null> {
  const path = join(folder, LOCK_FILE)
  const [text, file] = await Promise.all([
    readFile(path, 'utf8').catch(() => null),
    stat(path, { bigint: true }).catch(() => null),
  ])
  if (text === null || file === null) return null
  const [first = '', json = ''] = text.split('\n')
  const pid = /^\d{1,10}$/.test(first.trim()) ? Number(first) : 0
  const verdict = await judge({ folder, path, pid, identity: identityIn(json), file })
  return { pid, text, ...verdict }
}

function identityIn(json: string): Identity | null {
  try {
    const value: unknown = JSON.parse(json)
    return value instanceof Object && 'host' in value ? (value as Identity) : null
  } catch {
    return null
  }
}

interface FoundLock {
  folder: string
  path: string
  pid: number
  identity: Identity | null
  file: { dev: bigint; ino: bigint; mtimeMs: bigint }
}

type Verdict = Pick<FolderHolder, 'inForce' | 'message'>

async function judge({ folder, path, pid, identity, file }: FoundLock): Promise<Verdict> {
  const used = (by: string): Verdict => ({
    inForce: true,
    message: `The embedded database in ${folder} is in use by ${by}.`,
  })
  const left = (why: string): Verdict => ({ inForce: false, message: `The lock file ${path} was left behind: ${why}.` })
  if (pid === 0) return left('it names no process')
  if (identity === null) return judgePid(pid, path, used, left)
  const { boot, namespace, host } = await thisSystem()
  const copied = identity.inode !== `${file.dev}:${file.ino}` && identity.folder !== (await realpath(folder))
  if (identity.boot === boot && identity.namespace === namespace && identity.host === host) {
    if (copied) return left(`it was copied from ${identity.folder}`)
    const started = isAlive(pid) ? await startOf(pid) : ENDED
    if (started === ENDED) return left(`process ${pid} has ended`)
    if (identity.started === started && started !== null) return used(`process ${pid}`)
    if (started !== null) return left(`the process id ${pid} now belongs to another program${await nameOf(pid)}`)
    // Without /proc, a process that has the same id is recognized by the time of the lock file.
    return isSilent(file) ? left(`the process id ${pid} now belongs to another program`) : used(`process ${pid}`)
  }
  const by = `process ${pid} on ${identity.host}`
  if (identity.boot !== boot && identity.host === host && !copied)
    return left(`${by} has ended with an earlier start of the machine`)
  // Process ids of another container or machine cannot be looked up.
  const answer = identity.boot === boot && boot !== null ? await answerOf(join(folder, SOCKET)) : null
  if (answer === true) return used(`${by}, in another container`)
  if (answer === false && Date.now() - identity.since > LISTENS_AFTER_MS) return left(`${by} has ended`)
  if (isSilent(file)) return left(`${by} has given no sign of life for a minute`)
  return used(`${by}, another container or machine, which gave a sign of life less than a minute ago`)
}

/** Listens on a socket until the process ends. @returns null where the file system or the length of the path does not allow it */
async function listenOn(path: string): Promise<Server | null> {
  if (Buffer.byteLength(path) > LONGEST_ADDRESS || process.platform === 'win32') return null
  await rm(path, { force: true })
  const { promise, resolve } = Promise.withResolvers<Server | null>()
  const server = createServer((connection) => connection.destroy())
  server.on('error', () => resolve(null))
  server.listen(path, () => resolve(server))
  server.unref()
  return promise
}

/** Whether a process listens on a socket; null: it cannot be told. */
async function answerOf(path: string): Promise<boolean | null> {
  if (Buffer.byteLength(path) > LONGEST_ADDRESS) return null
  const { promise, resolve } = Promise.withResolvers<boolean | null>()
  const connection = connect(path)
  connection.once('connect', () => resolve(true))
  connection.on('error', (error) => resolve(hasCode(error, 'ECONNREFUSED') ? false : null))
  const answer = await promise
  connection.destroy()
  return answer
}

/** A lock of an earlier version, which names the process id only. */
async function judgePid(
  pid: number,
  path: string,
  used: (by: string) => Verdict,
  left: (why: string) => Verdict,
): Promise<Verdict> {
  if (pid === process.pid || !isAlive(pid) || (await startOf(pid)) === ENDED) return left(`process ${pid} has ended`)
  const [command, name] = [await commandOf(pid), await nameOf(pid)]
  if (command === null || /\bnode\b|latchkey/i.test(command)) {
    const { inForce, message } = used(`process ${pid}${name}`)
    if (command === null || /latchkey|src\/main\.ts/i.test(command)) return { inForce, message }
    return { inForce, message: `${message} If that is another program, delete ${path}.` }
  }
  return left(`the process id ${pid} now belongs to another program${name}`)
}

function isSilent({ mtimeMs }: FoundLock['file']): boolean {
  return Date.now() - Number(mtimeMs) > SILENT_AFTER_MS
}

async function commandOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return text === null ? null : text.replaceAll('\0', ' ').trim()
}

/** The name of a program, in brackets; empty when it is not known. Its arguments may be secret. */
async function nameOf(pid: number): Promise<string> {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
  return name === '' ? '' : ` (${name})`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/**
 * Removes a lock file that was left behind, if it still has this content. One process at a time does this: another one would
 * otherwise remove the lock that the first has just made.
 */
async function removeLeftBehind(path: string, content: string): Promise<void> {
  const guard = `${path}.guard`
  try {
    await (await open(guard, 'wx', 0o600)).close()
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    const made = await stat(guard).catch(() => null)
    if (made !== null && Date.now() - made.mtimeMs > GUARD_MS) await rm(guard, { force: true })
    else await delay(20)
    return
  }
  try {
    if ((await readFile(path, 'utf8').catch(() => null)) === content) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
