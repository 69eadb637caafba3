import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))

/** A child process that said that it is ready. */
export interface RunningProcess {
  pid: number
  /** What `ready` found, the whole match first. */
  ready: RegExpExecArray
  /** All that it wrote until now. */
  stdout(): string
  stderr(): string
  /** Waits until a pattern stands on standard output. Rejects when the process ends first. */
  saw(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits until it ends by itself. @returns the exit code, null when a signal ended it */
  ended(): Promise<number | null>
  /** SIGTERM. @returns the exit code, null when a signal ended it */
  stop(): Promise<number | null>
  /** SIGKILL, and waits for the end. */
  kill9(): Promise<void>
}

export interface ProcessOptions {
  /** Path of the file and its arguments, from the root of the repository. */
  args: readonly string[]
  /** All of its environment besides PATH and HOME. */
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** Stands on standard output when it is ready. */
  ready: RegExp
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs a file with this Node. Rejects with all that it wrote when it ends before it is ready. */
export async function startProcess({ args, env = {}, cwd, ready }: ProcessOptions): Promise<RunningProcess> {
  const child = spawn(process.execPath, args, {
    cwd: cwd ?? repositoryRoot,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
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
    throw new Error(`${args.join(' ')} ended with ${code}.\n${stdout}\n${stderr}`)
  })
  failed.catch(() => undefined)

  const saw = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const found = Promise.withResolvers<RegExpExecArray>()
    const look = () => {
      const match = pattern.exec(stdout)
      if (match !== null) found.resolve(match)
    }
    child.stdout.on('data', look)
    look()
    try {
      return await Promise.race([found.promise, failed])
    } finally {
      child.stdout.off('data', look)
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

/** The program, really started. */
export interface Program extends Omit<RunningProcess, 'ready'> {
  /** `http://127.0.0.1:<port>` */
  url: string
  graphqlUrl: string
  dataDir: string
  /** The one that it printed, or that it was given. @throws when there is neither: a later start on the same data */
  readonly operatorKey: string
}

export interface ProgramOptions {
  env?: Readonly<Record<string, string>>
  /** Default: a new folder, gone again with `stop` and `kill9`. One that is given stays. */
  dataDir?: string
}

/** Starts `node src/main.ts` on a free port, with nothing of this process' environment. */
export async function startProgram({ env = {}, dataDir }: ProgramOptions = {}): Promise<Program> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'latchkey-program-')))
  const removeOwn = async () => {
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    const child = await startProcess({
      args: ['src/main.ts'],
      env: { PORT: '0', LATCHKEY_DATA_DIR: folder, ...env },
      // Key and address are printed in one piece; the address is its first line but one.
      ready: /Latchkey is running[^\n]*\n\s*GraphQL\s+(http:\S+)\/graphql\n/,
    })
    const url = child.ready[1] ?? ''
    return {
      ...child,
      url,
      graphqlUrl: `${url}/graphql`,
      dataDir: folder,
      get operatorKey() {
        const key = /^\s+(lk_\S+)$/m.exec(child.stdout())?.[1] ?? env['LATCHKEY_OPERATOR_KEY']
        if (key === undefined) throw new Error('This start printed no operator key: keep the one of the first start.')
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

/** The third party of the README: a records API on a free port. */
export async function startRecordsApi(): Promise<RunningProcess & { url: string; host: string; token: string }> {
  const child = await startProcess({
    args: ['examples/records-api/server.ts'],
    env: { PORT: '0' },
    ready: /at (http:\/\/(127\.0\.0\.1):\d+), for the token (\S+)\n/,
  })
  const [, url = '', host = '', token = ''] = child.ready
  return { ...child, url, host, token }
}
