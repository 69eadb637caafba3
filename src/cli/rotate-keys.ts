import type { Config } from '../config.ts'
import { rehash } from '../credentials/refresh-token-hash.ts'
import { checkSessions } from '../db/check-sessions.ts'
import { openDatabase } from '../db/open-database.ts'
import { checkRights } from '../db/rights.ts'
import { type RewrapResult, rewrapSecrets } from '../vault/rewrap.ts'
import { openVault } from '../vault/vault.ts'
import { checkMigrations } from './doctor/check-database.ts'

const REPORT_EVERY_MS = 1_000

/**
 * `npm start -- rotate-keys`: re-encrypts every stored secret with the first encryption key, while other processes run.
 * SIGTERM and SIGINT end it after the current batch.
 * @returns the exit code: 0 when every secret uses that key
 */
export async function runRotateKeys(config: Config): Promise<number> {
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  try {
    return (await rotateKeys(config, (line) => process.stdout.write(`${line}\n`), stopping.signal)) ? 0 : 1
  } catch (error) {
    process.stderr.write(`The keys cannot be rotated: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

async function rotateKeys(config: Config, write: (line: string) => void, signal: AbortSignal): Promise<boolean> {
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
    return result.left.size === 0
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
