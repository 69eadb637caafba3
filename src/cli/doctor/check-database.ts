import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Config } from '../../config.ts'
import type { Database } from '../../db/database.ts'
import { readMigrations } from '../../db/migrate.ts'
import { type Keyring, KeyringError, parseKeyring, weakKeyProblem } from '../../vault/keyring.ts'
import { verifyKeyCheck } from '../../vault/vault.ts'
import { type Finding, note, ok, problemFinding } from './finding.ts'

const LEAST_VERSION = 14
const MOST_SKEW_MS = 2_000
/** Workers send a heartbeat every 2 s; other workers take over a job after 10 s without one. */
const SILENT_AFTER_SECONDS = 60

/** Checks the server's version and clock. @throws the driver's error when the database does not answer */
export async function checkServer(database: Database): Promise<Finding[]> {
  const beforeMs = Date.now()
  const [row] = await database.sql.query<{ version: number; now_ms: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS version,
            (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`,
  )
  const afterMs = Date.now()
  if (row === undefined) throw new Error('The database returned no row.')
  const version =
    row.version < LEAST_VERSION
      ? problemFinding('database', `It is PostgreSQL ${row.version}.`, `Use PostgreSQL ${LEAST_VERSION} or newer.`)
      : ok('database', `PostgreSQL ${row.version} answers${database.kind === 'embedded' ? ' (embedded)' : ''}.`)
  // The duration of the round trip is not a difference between the clocks.
  const skewMs = Math.max(0, beforeMs - row.now_ms, row.now_ms - afterMs)
  const seconds = (skewMs / 1_000).toFixed(1)
  const clocks =
    skewMs > MOST_SKEW_MS
      ? problemFinding(
          'clocks',
          `This machine and the database differ by ${seconds} s.`,
          'Run a time service such as chrony on both.',
        )
      : ok('clocks', 'This machine and the database agree.')
  return [version, clocks]
}

/** @returns the finding, and whether the tables exist and can be queried */
export async function checkMigrations(database: Database): Promise<{ finding: Finding; ready: boolean }> {
  const subject = 'migrations'
  const [there] = await database.sql.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  )
  if (there?.there !== true) {
    return { finding: ok(subject, 'The database is new: the first start sets it up.'), ready: false }
  }
  const rows = await database.sql.query<{ name: string; applied: boolean }>(
    `SELECT migration_name AS name, bool_or(finished_at IS NOT NULL) AS applied FROM _prisma_migrations
     WHERE rolled_back_at IS NULL GROUP BY migration_name`,
  )
  const own = (await readMigrations()).migrationDirectories.map(({ path }) => path)
  const applied = new Set(rows.flatMap(({ name, applied: done }) => (done ? [name] : [])))
  const failed = rows.flatMap(({ name, applied: done }) => (done ? [] : [name]))
  const pending = own.filter((name) => !applied.has(name) && !failed.includes(name))
  const unknown = [...applied].filter((name) => !own.includes(name))
  const finding =
    failed.length > 0
      ? problemFinding(
          subject,
          `Failed: ${failed.join(', ')}.`,
          'Start Latchkey. It retries them and reports the error of the database.',
        )
      : unknown.length > 0
        ? problemFinding(
            subject,
            `Applied by a newer version of Latchkey: ${unknown.join(', ')}.`,
            'Run that version or a newer one.',
          )
        : pending.length > 0
          ? problemFinding(subject, `Not applied yet: ${pending.join(', ')}.`, 'Start Latchkey. It applies them.')
          : ok(subject, `All ${own.length} are applied.`)
  return { finding, ready: finding.result === 'ok' }
}

/** Checks for jobs whose worker has sent no heartbeat for long, which means that no worker is running to take them over. */
export async function checkJobs(database: Database): Promise<Finding> {
  const subject = 'sync jobs'
  const [row] = await database.sql.query<{ running: number; silent: number; waiting: number }>(
    `SELECT count(*) FILTER (WHERE status <> 'QUEUED')::int AS running,
            count(*) FILTER (WHERE status <> 'QUEUED' AND heartbeat_at < clock_timestamp() - make_interval(secs => $1::float8))::int AS silent,
            count(*) FILTER (WHERE status = 'QUEUED' AND not_before IS NULL AND queued_at < clock_timestamp() - make_interval(secs => $1::float8))::int AS waiting
     FROM sync_job WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING')`,
    [SILENT_AFTER_SECONDS],
  )
  const { running = 0, silent = 0, waiting = 0 } = row ?? {}
  if (silent > 0) {
    return problemFinding(
      subject,
      `${silent} of ${running} that run have given no sign of life for more than ${SILENT_AFTER_SECONDS} s.`,
      'Start a process with LATCHKEY_ROLE worker or all. It continues them from their last checkpoint.',
    )
  }
  if (waiting > 0) {
    return note(
      subject,
      `${waiting} have waited for more than ${SILENT_AFTER_SECONDS} s.`,
      'Start more workers if this goes on.',
    )
  }
  return ok(subject, `${running} run, and all send heartbeats.`)
}

const SUBJECT = 'encryption keys'

/** Reads the keys that a start would use. Generates none: `keyring` is null where the first start would generate one. */
export async function checkKeyring({
  encryptionKeys,
  dataDir,
  production,
}: Config): Promise<{ finding: Finding; keyring: Keyring | null }> {
  const file = join(dataDir, 'encryption-keys')
  try {
    const text = encryptionKeys ?? (await readIfExists(file))
    if (text === null) return { finding: ok(SUBJECT, `The first start generates one in ${file}.`), keyring: null }
    const keyring = parseKeyring(text, encryptionKeys === undefined ? file : 'LATCHKEY_ENCRYPTION_KEYS')
    const weakness = production && encryptionKeys !== undefined ? weakKeyProblem(encryptionKeys) : null
    if (weakness !== null) {
      return { finding: problemFinding(SUBJECT, weakness, 'A start refuses it in production.'), keyring }
    }
    const place = encryptionKeys === undefined ? ` They are in ${file}.` : ''
    const others = keyring.ids.length > 1 ? `; ${keyring.ids.slice(1).join(', ')} can still decrypt` : ''
    return { finding: ok(SUBJECT, `${keyring.current.id} encrypts${others}.${place}`), keyring }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const remedy =
      error instanceof KeyringError
        ? 'Write id:base64 of 32 random bytes: openssl rand -base64 32.'
        : 'Make it readable for the user that runs Latchkey.'
    return { finding: problemFinding(SUBJECT, words, remedy), keyring: null }
  }
}

async function readIfExists(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) return null
    throw error
  }
}

/** Checks that every key in use is configured, and that each id still belongs to the same key. */
export async function checkStoredKeys(database: Database, keyring: Keyring | null): Promise<Finding[]> {
  const subject = 'stored secrets'
  const checks = await database.sql.query<{ key_id: string; sealed: Uint8Array }>(
    'SELECT key_id, sealed FROM key_check',
  )
  const used = await keysInUse(database)
  if (keyring === null) {
    if (used.size === 0) return [ok(subject, 'There are none.')]
    const message = `They need the encryption keys ${[...used.keys()].join(', ')}, which are not configured.`
    const remedy =
      'Copy the file encryption-keys of the earlier data folder to the data folder, or set LATCHKEY_ENCRYPTION_KEYS to these keys.'
    return [problemFinding(subject, message, remedy)]
  }
  const findings: Finding[] = []
  for (const { key_id: keyId, sealed } of checks) {
    if (keyring.get(keyId) === undefined) continue
    try {
      verifyKeyCheck(sealed, keyring)
    } catch {
      const message = `The key ${keyId} is not the key of that id with which the stored secrets were encrypted.`
      findings.push(problemFinding(subject, message, 'Restore the earlier key, and give the new key a new id.'))
    }
  }
  let count = 0
  for (const [keyId, uses] of used) {
    count += uses
    if (keyring.get(keyId) === undefined) {
      const message = `${uses} are sealed with the key ${keyId}, which is not configured.`
      findings.push(problemFinding(subject, message, 'Add that key behind the first of LATCHKEY_ENCRYPTION_KEYS.'))
    }
  }
  return findings.length > 0 ? findings : [ok(subject, `The keys fit all ${count}.`)]
}

/** Counts the secrets of each key, in every table that has a `key_id` column. */
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
