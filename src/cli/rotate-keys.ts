import type { Config } from '../config.ts'
import { rehash } from '../credentials/refresh-token-hash.ts'
import { checkSessions } from '../db/check-sessions.ts'
import { openDatabase } from '../db/open-database.ts'
import { checkRights } from '../db/rights.ts'
import { type RewrapResult, rewrapSecrets } from '../vault/rewrap.ts'
import { openVault } from '../vault/vault.ts'
import { checkMigrations } from './doctor/check-database.ts'
import { failureText, jsonLine, reportFailure } from './output.ts'

const REPORT_EVERY_MS = 1_000

/**
 * `latchkey rotate-keys`: re-encrypts every stored secret with the first encryption key, while other processes run.
 * SIGTERM and SIGINT end it after the current batch.
 * @param options.json prints the result as one JSON object, and no progress
 * @returns the exit code: 0 when every secret uses that key
 */
export async function runRotateKeys(config: Config, { json }: { json: boolean }): Promise<number> {
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  const write = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`)
  }
  try {
    const { keyId, result } = await rotateKeys(config, write, stopping.signal)
    const ok = result.left.size === 0
    const { rewrapped, missingKeys, corrupt, corruptRows } = result
    const left = Object.fromEntries(result.left)
    if (json) process.stdout.write(jsonLine({ ok, keyId, moved: rewrapped, left, missingKeys, corrupt, corruptRows }))
    return ok ? 0 : 1
  } catch (error) {
    return reportFailure(`The keys cannot be rotated: ${failureText(error)}`, { json })
  }
}

async function rotateKeys(
  config: Config,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<{ keyId: string; result: RewrapResult }> {
  const { databaseUrl: url, dataDir } = config
  const onError = () => undefined
  if (url !== undefined) await checkSessions(url)
  const database = await openDatabase(url === undefined ? { dataDir } : { url }, { onError })
  try {
    // A user that does not own the tables would find no secrets, and report that all have been moved.
    const [unreadable] = (await checkRights(database)).filter((problem) => problem.unreadable)
    if (unreadable !== undefined) throw new Error(`${unreadable.message}. ${unreadable.remedy}`)
    const { finding, ready } = await checkMigrations(database)
    if (!ready || finding.result === 'problem') throw new Error(`${finding.message} ${finding.remedy ?? ''}`.trim())
    const { vault } = await openVault(database, config)
    write(`Moving stored secrets to the key ${vault.currentKeyId}.`)
    let reportedAt = performance.now()
    const result = await rewrapSecrets(database, vault, {
      rehash,
      signal,
      onProgress: ({ table, rewrapped }) => {
        if (performance.now() - reportedAt < REPORT_EVERY_MS) return
        reportedAt = performance.now()
        write(`${rewrapped} moved, now in ${table}`)
      },
    })
    for (const line of describeResult(result, vault.currentKeyId, signal.aborted)) write(line)
    return { keyId: vault.currentKeyId, result }
  } finally {
    await database.close()
  }
}

function describeResult(result: RewrapResult, currentKeyId: string, interrupted: boolean): string[] {
  const { rewrapped, left, missingKeys, corrupt, corruptRows } = result
  const lines = [`${rewrapped} moved.`]
  if (left.size === 0) {
    lines.push(`All stored secrets are on the key ${currentKeyId}.`)
    lines.push('Once every process uses it as its first key, only old backups need the other keys.')
    return lines
  }
  for (const [keyId, count] of left) lines.push(`${count} left on the key ${keyId}.`)
  if (missingKeys.length > 0) {
    lines.push(
      `Not configured: ${missingKeys.join(', ')}. Add these keys behind the first of LATCHKEY_ENCRYPTION_KEYS, and run this again.`,
    )
  }
  if (corrupt > 0) {
    const named = corruptRows.map(({ table, id }) => `  ${table} ${id}`)
    lines.push(
      `${corrupt} cannot be decrypted: they were changed or copied from another row. Connect these accounts again, or set these secrets again:`,
    )
    lines.push(...named, ...(corrupt > named.length ? ['  and more'] : []))
  }
  if (interrupted) lines.push('Interrupted. Run this again to continue.')
  else if (missingKeys.length === 0 && corrupt === 0) {
    lines.push(
      'A process still writes with an old key. Restart every process with the new key in first place, then run this again.',
    )
  }
  return lines
}
