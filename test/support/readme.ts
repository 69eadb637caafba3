import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inheritedEnv, repositoryRoot } from './program.ts'

/** A fenced block of a Markdown file. */
export interface Block {
  language: string
  text: string
  /** The heading above it. */
  section: string
  /** Line of its opening fence, from 1. */
  line: number
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let section = ''
  let open: { language: string; line: number; lines: string[] } | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line)
    if (open !== null && fence !== null) {
      blocks.push({ language: open.language, line: open.line, section, text: open.lines.join('\n') })
      open = null
    } else if (open !== null) open.lines.push(line)
    else if (fence !== null) open = { language: fence[1] ?? '', line: index + 1, lines: [] }
    else section = /^#+ (.*)$/.exec(line)?.[1] ?? section
  }
  if (open !== null) throw new Error(`The code block at line ${open.line} is not closed.`)
  return blocks
}

/** The first line of a documented output that an output does not have, in this order. `…` stands for any word. Null: it has all. */
export function missingLine(documented: string, output: string): string | null {
  let rest = output
  for (const line of documented.split('\n')) {
    const pattern = line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '\\S+')
    const found = new RegExp(`^${pattern}$`, 'm').exec(rest)
    if (found === null) return line
    rest = rest.slice(found.index + found[0].length)
  }
  return null
}

/** Creates a writable folder with links to all entries of the repository. */
export async function openWorkFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'latchkey-readme-'))
  for (const name of await readdir(repositoryRoot)) {
    if (name !== '.git' && name !== '.latchkey') await symlink(join(repositoryRoot, name), join(path, name))
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** One shell for many blocks: variables, functions and the folder persist, as in a user's terminal. */
export interface Shell {
  /** Runs a block and returns its standard output. Rejects with all output when a command fails. */
  run(script: string): Promise<string>
  /** Starts a block that keeps running, in the folder of the shell and with the variables that it exports. */
  start(script: string, env: Record<string, string>): Promise<Server>
  close(): void
}

export interface Server {
  output(): string
  /** Waits for a text on stdout or stderr. Rejects when the server exits first. */
  saw(text: string): Promise<void>
  /** Sends SIGINT to all processes of the block, as Ctrl-C does, and waits until they exit. */
  interrupt(): Promise<void>
}

export function openShell(folder: string, env: Record<string, string>): Shell {
  const base = { ...inheritedEnv(), npm_config_update_notifier: 'false' }
  const child = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env: { ...base, ...env } })
  const { output, saw, ended } = follow(child)
  child.stdin.write('set -euo pipefail\n')
  let count = 0
  const run = async (script: string): Promise<string> => {
    count += 1
    const [file, result] = [join(folder, `.block-${count}.sh`), join(folder, `.block-${count}.out`)]
    await writeFile(file, `${script}\n`)
    child.stdin.write(`. ${file} > ${result} < /dev/null\necho "block ${count} done" >&2\n`)
    try {
      await saw(`block ${count} done`)
    } catch (error) {
      const written = await readFile(result, 'utf8').catch(() => '')
      throw new Error(`This block failed:\n${script}\nOutput:\n${written}${output()}`, { cause: error })
    }
    return readFile(result, 'utf8')
  }
  return {
    run,
    async start(script, extra) {
      const exported = Object.fromEntries(
        (await run('env -0')).split('\0').flatMap((pair) => {
          const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
          return name === undefined || value === undefined ? [] : [[name, value]]
        }),
      )
      const server = spawn('bash', ['-c', script], {
        cwd: exported['PWD'] ?? folder,
        env: { ...exported, ...extra },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A process group, so that a signal reaches npm, its shell and the program.
        detached: true,
      })
      const followed = follow(server)
      return {
        output: followed.output,
        saw: followed.saw,
        async interrupt() {
          if (server.exitCode === null && server.pid !== undefined) process.kill(-server.pid, 'SIGINT')
          await followed.ended
        },
      }
    },
    close() {
      child.kill()
      ended.catch(() => undefined)
    },
  }
}

function follow(child: ChildProcess) {
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const check of waiting) check()
    })
  }
  const closed = Promise.withResolvers<void>()
  child.once('error', closed.reject)
  child.once('close', () => closed.resolve())
  const saw = async (expected: string): Promise<void> => {
    const found = Promise.withResolvers<void>()
    const check = () => {
      if (text.includes(expected)) found.resolve()
    }
    waiting.add(check)
    check()
    const failed = closed.promise.then(() => {
      throw new Error(`The process exited before it printed "${expected}":\n${text}`)
    })
    try {
      await Promise.race([found.promise, failed])
    } finally {
      waiting.delete(check)
    }
  }
  return { output: () => text, saw, ended: closed.promise }
}
