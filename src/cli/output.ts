import { UnusableDatabaseError } from '../db/database.ts'

/** The one JSON object that a command with `--json` prints. Every such object has `ok`. */
export function jsonLine(value: { ok: boolean } & Record<string, unknown>): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/**
 * Reports that a command could not do its work: on standard error, and with `--json` as an object with `error`.
 * @returns the exit code
 */
export function reportFailure(message: string, { json }: { json: boolean }): number {
  if (json) process.stdout.write(jsonLine({ ok: false, error: message }))
  process.stderr.write(`${message}\n`)
  return 1
}

/** What went wrong and, where it is known, what to do. */
export function failureText(error: unknown): string {
  if (error instanceof UnusableDatabaseError) return `${error.message}. ${error.remedy}`
  return error instanceof Error ? error.message : String(error)
}
