import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from './program.ts'

/** A fenced block of a Markdown file. */
export interface Block {
  language: string
  text: string
  /** The heading that it stands under. */
  section: string
  /** Where its fence begins, from 1. */
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
  if (open !== null) throw new Error(`The block of line ${open.line} does not end.`)
  return blocks
}

/** A folder that looks like the repository and may be written to. */
export async function openWorkFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'latchkey-readme-'))
  for (const name of await readdir(repositoryRoot)) {
    if (name !== '.git' && name !== '.latchkey') await symlink(join(repositoryRoot, name), join(path, name))
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** One shell for many blocks, as a person has it: variables and functions stay. */
export interface Shell {
  /** @returns what the block wrote to standard output. Rejects when a command of it fails, with all that it wrote */
  run(script: string): Promise<string>
  /** Starts a block that goes on, with the variables that the shell exports. */
  start(script: string, env: Record<string, string>): Promise<Server>
  close(): void
}

export interface Server {
  output(): string
  /** Waits for a text on either output; rejects when the server ends first. */
  saw(text: string): Promise<void>
  /** Ctrl-C: for all processes of the block. Waits for their end. */
  interrupt(): Promise<void>
}

export function openShell(folder: string, env: Record<string, string>): Shell {
  const base = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', npm_config_update_notifier: 'false' }
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
      throw new Error(`This failed:\n${script}\nIt wrote:\n${written}${output()}`, { cause: error })
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
        cwd: folder,
        env: { ...exported, ...extra },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own, so that a signal reaches npm, its shell and the program.
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
  const seen = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const look of seen) look()
    })
  }
  const closed = Promise.withResolvers<void>()
  child.once('error', closed.reject)
  child.once('close', () => closed.resolve())
  const saw = async (expected: string): Promise<void> => {
    const found = Promise.withResolvers<void>()
    const look = () => {
      if (text.includes(expected)) found.resolve()
    }
    seen.add(look)
    look()
    const failed = closed.promise.then(() => {
      throw new Error(`It ended before it wrote "${expected}":\n${text}`)
    })
    try {
      await Promise.race([found.promise, failed])
    } finally {
      seen.delete(look)
    }
  }
  return { output: () => text, saw, ended: closed.promise }
}
