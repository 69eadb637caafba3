/**
 * `npm run audit-signatures`: verifies the registry's signatures of all installed packages (`npm audit signatures`). A registry
 * or a key server that does not answer is reported and is not a failure, so that the checks also run without internet access.
 * Everything else is: a signature that is invalid or missing, and an error that is not understood.
 */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const WITHIN_MS = 180_000
/** Codes of Node for a server that cannot be reached or does not answer. */
const UNREACHABLE =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ECONNABORTED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ESOCKETTIMEDOUT|ERR_SOCKET_TIMEOUT|E50[234])$/

export interface AuditRun {
  code: number | null
  /** Output of `npm audit signatures --json`. */
  stdout: string
  stderr: string
  timedOut: boolean
}

/** @returns `passed`; `skipped`: the registry does not answer; `failed` */
export function judgeAudit({ code, stdout, stderr, timedOut }: AuditRun): {
  result: 'passed' | 'skipped' | 'failed'
  why: string
} {
  const report = jsonOf(stdout)
  const found = (['invalid', 'missing'] as const).flatMap((kind) =>
    listOf(report[kind]).map((each) => `${kind}: ${nameOf(each)}`),
  )
  if (found.length > 0) return { result: 'failed', why: found.join('\n') }
  if (code === 0 && report['error'] === undefined) return { result: 'passed', why: '' }
  if (timedOut) return { result: 'skipped', why: 'the registry has not answered in time' }
  const error = report['error']
  const stated = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const reported = stated === '' ? (/^npm error code (\S+)$/m.exec(stderr)?.[1] ?? '') : stated
  if (UNREACHABLE.test(reported))
    return { result: 'skipped', why: `the registry or its keys cannot be reached (${reported})` }
  return { result: 'failed', why: stderr.trim() || stdout.trim() || `npm ended with ${code}` }
}

function jsonOf(output: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(output)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function nameOf(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry)
  const { name = '?', version = '?' }: { name?: unknown; version?: unknown } = entry
  return `${name}@${version}`
}

async function runAudit(): Promise<AuditRun> {
  const child = spawn('npm', ['audit', 'signatures', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    child.kill('SIGKILL')
  }, WITHIN_MS)
  const ended = Promise.withResolvers<number | null>()
  child.once('error', ended.reject)
  child.once('close', ended.resolve)
  const [code, stdout, stderr] = await Promise.all([ended.promise, text(child.stdout), text(child.stderr)])
  clearTimeout(timer)
  return { code, stdout, stderr, timedOut }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { result, why } = judgeAudit(await runAudit())
  process.stdout.write(`signatures of packages: ${result}${why === '' ? '' : `: ${why}`}\n`)
  process.exitCode = result === 'failed' ? 1 : 0
}
