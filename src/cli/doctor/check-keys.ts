import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Config } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { type Keyring, parseKeyring, verifyKeyCheck } from '../../vault/keyring.ts'
import { type Finding, ok, problem } from './finding.ts'

const SUBJECT = 'encryption keys'

/** The keys that a start would use. Makes none: `keyring` null, where the first start would. */
export async function checkKeyring({
  encryptionKeys,
  dataDir,
}: Config): Promise<{ finding: Finding; keyring: Keyring | null }> {
  const file = join(dataDir, 'encryption-keys')
  const text = encryptionKeys ?? (await readFile(file, 'utf8').catch(() => null))
  if (text === null) return { finding: ok(SUBJECT, `The first start makes one in ${file}.`), keyring: null }
  try {
    const keyring = parseKeyring(text, encryptionKeys === undefined ? file : 'LATCHKEY_ENCRYPTION_KEYS')
    const place = encryptionKeys === undefined ? ` They are in ${file}.` : ''
    const others = keyring.ids.length > 1 ? `; ${keyring.ids.slice(1).join(', ')} can still decrypt` : ''
    return { finding: ok(SUBJECT, `${keyring.current.id} encrypts${others}.${place}`), keyring }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return {
      finding: problem(SUBJECT, words, 'Write id:base64 of 32 random bytes: openssl rand -base64 32.'),
      keyring: null,
    }
  }
}

/** Whether the keys open what is stored: each key is the one that its id once was, and none that is in use is missing. */
export async function checkStoredKeys(database: Database, keyring: Keyring | null): Promise<Finding[]> {
  const subject = 'stored secrets'
  const checks = await database.sql.query<{ key_id: string; sealed: Uint8Array }>(
    'SELECT key_id, sealed FROM key_check',
  )
  if (keyring === null && checks.length > 0) {
    return [
      problem(
        subject,
        'They were sealed with keys that are not here.',
        'Set LATCHKEY_ENCRYPTION_KEYS, or bring the key file back.',
      ),
    ]
  }
  if (keyring === null) return []
  const findings: Finding[] = []
  for (const { key_id: keyId, sealed } of checks) {
    if (keyring.get(keyId) === undefined) continue
    try {
      verifyKeyCheck(sealed, keyring)
    } catch {
      const message = `The key ${keyId} is not the key of that id which sealed what is stored.`
      findings.push(problem(subject, message, 'Bring the earlier key back; give a new key a new id.'))
    }
  }
  let count = 0
  for (const [keyId, uses] of await keysInUse(database)) {
    count += uses
    if (keyring.get(keyId) === undefined) {
      const message = `${uses} are sealed with the key ${keyId}, which is not configured.`
      findings.push(problem(subject, message, 'Add that key behind the first of LATCHKEY_ENCRYPTION_KEYS.'))
    }
  }
  return findings.length > 0 ? findings : [ok(subject, `The keys fit all ${count}.`)]
}

/** How many secrets each key has sealed, in every table that names the key of its secrets. */
async function keysInUse(database: Database): Promise<Map<string, number>> {
  const tables = await database.sql.query<{ name: string }>(
    `SELECT table_name::text AS name FROM information_schema.columns
     WHERE table_schema = current_schema() AND column_name = 'key_id' AND table_name <> 'key_check'`,
  )
  const counts = new Map<string, number>()
  for (const { name } of tables) {
    const rows = await database.sql.query<{ key_id: string; count: number }>(
      `SELECT key_id, count(*)::int AS count FROM ${pg.escapeIdentifier(name)} WHERE key_id IS NOT NULL GROUP BY key_id`,
    )
    for (const { key_id: keyId, count } of rows) counts.set(keyId, (counts.get(keyId) ?? 0) + count)
  }
  return counts
}
