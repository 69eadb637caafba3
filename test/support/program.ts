import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))

/** A child process that has printed its ready line. */
export interface RunningProcess {
  pid: number
  /** The match of the `ready` pattern. */
  ready: RegExpExecArray
  /** All output so far. */
  stdout(): string
  stderr(): string
  /** Waits for a pattern on standard output. Rejects when the process exits first. */
  saw(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits until it exits. @returns the exit code; null when a signal ended it */
  ended(): Promise<number | null>
  /** Sends SIGTERM and waits until it exits. @returns the exit code; null when a signal ended it */
  stop(): Promise<number | null>
  /** Sends SIGKILL and waits until it exits. */
  kill9(): Promise<void>
}

export interface ProcessOptions {
  /** Path of Node. Default: the Node of this process, with `SHORT_LIVED`. */
  command?: string
  /** Arguments of Node: path of the file, from the root of the repository, and its arguments. */
  args: readonly string[]
  /** Its environment, besides what `inheritedEnv` adds. */
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** What it prints on standard output when it is ready. */
  ready: RegExp
}

/** What child processes inherit: PATH, HOME, and the cache of compiled code that the test processes use. */
export function inheritedEnv(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'NODE_COMPILE_CACHE'].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/**
 * V8 options of the processes that tests start: WebAssembly, such as the embedded database, is compiled but not optimized. The
 * optimization takes half of the CPU time of a start, and these processes end before it pays. Benchmarks run without.
 */
export const SHORT_LIVED = process.env['VITEST'] === undefined ? [] : ['--liftoff-only']

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs a file with this Node and waits until it is ready. Rejects with its output when it exits before. */
export async function startProcess({
  command = process.execPath,
  args,
  env = {},
  cwd,
  ready,
}: ProcessOptions): Promise<RunningProcess> {
  const options = command === process.execPath ? SHORT_LIVED : []
  const child = spawn(command, [...options, ...args], {
    cwd: cwd ?? repositoryRoot,
    env: { ...inheritedEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject)
  child.once('close', (code) => {
    running.delete(child)
    ended.resolve(code)
  })
  const failed = ended.promise.then((code) => {
    throw new Error(`${args.join(' ')} exited with ${code}.\n${stdout}\n${stderr}`)
  })
  failed.catch(() => undefined)

  const saw = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const found = Promise.withResolvers<RegExpExecArray>()
    const check = () => {
      const match = pattern.exec(stdout)
      if (match !== null) found.resolve(match)
    }
    child.stdout.on('data', check)
    check()
    try {
      return await Promise.race([found.promise, failed])
    } finally {
      child.stdout.off('data', check)
    }
  }
  const end = (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal)
    return ended.promise
  }
  const match = await saw(ready)
  return {
    pid: child.pid ?? 0,
    ready: match,
    stdout: () => stdout,
    stderr: () => stderr,
    saw,
    ended: () => ended.promise,
    stop: () => end('SIGTERM'),
    kill9: async () => void (await end('SIGKILL')),
  }
}

/** A running `node src/main.ts`. */
export interface Program extends Omit<RunningProcess, 'ready'> {
  /** `http://127.0.0.1:<port>` */
  url: string
  graphqlUrl: string
  dataDir: string
  /** The key that it printed or was given. Throws on a later start on the same data, which prints none. */
  readonly operatorKey: string
}

export interface ProgramOptions {
  env?: Readonly<Record<string, string>>
  /** Default: a new folder, which `stop` and `kill9` remove. A given folder is kept. */
  dataDir?: string
}

/** Starts `node src/main.ts` on a free port. Of this process's environment it inherits only `inheritedEnv`. */
export async function startProgram({ env = {}, dataDir }: ProgramOptions = {}): Promise<Program> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'latchkey-program-')))
  const removeOwn = async () => {
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    // Benchmarks use this file too, where there are no templates.
    if (env['DATABASE_URL'] === undefined && process.env['VITEST'] !== undefined) {
      const { seedDataFolder } = await import('./database-templates.ts')
      await seedDataFolder(folder)
    }
    const child = await startProcess({
      args: ['src/main.ts'],
      env: { PORT: '0', LATCHKEY_DATA_DIR: folder, ...env },
      // The key is printed in the same write as the address, which is its second line.
      ready: /Latchkey is running[^\n]*\n\s*(?:GraphQL|Health)\s+(http:\S+)\/(?:graphql|healthz)[^\n]*\n/,
    })
    const url = child.ready[1] ?? ''
    return {
      ...child,
      url,
      graphqlUrl: `${url}/graphql`,
      dataDir: folder,
      get operatorKey() {
        const key = /^\s+(lk_\S+)$/m.exec(child.stdout())?.[1] ?? env['LATCHKEY_OPERATOR_KEY']
        if (key === undefined) throw new Error('This start printed no operator key: use the one from the first start.')
        return key
      },
      async stop() {
        const code = await child.stop()
        await removeOwn()
        return code
      },
      async kill9() {
        await child.kill9()
        await removeOwn()
      },
    }
  } catch (error) {
    await removeOwn()
    throw error
  }
}

/** Starts the example API of the README on a free port. */
export async function startRecordsApi(): Promise<RunningProcess & { url: string; host: string; token: string }> {
  const child = await startProcess({
    args: ['examples/records-api/server.ts'],
    env: { PORT: '0' },
    ready: /at (http:\/\/(127\.0\.0\.1):\d+), for the token (\S+)\n/,
  })
  const [, url = '', host = '', token = ''] = child.ready
  return { ...child, url, host, token }
}
