import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '../db/database.ts'
import type { SqlRunner } from '../db/sql.ts'
import type { JsonObject } from '../kit/json.ts'
import type { Logger } from '../kit/log.ts'
import { createSingleFlight } from '../kit/single-flight.ts'
import {
  CredentialCorruptError,
  keyIdOf,
  openEnvelope,
  rewrapEnvelope,
  sealEnvelope,
  UnknownKeyError,
} from './envelope.ts'
import { KEY_CHECK_IDENTITY, keyIdsInUse, type RowIdentity } from './identities.ts'
import { type EncryptionKey, type Keyring, KeyringError, loadOrCreateKeyFile, parseKeyring } from './keyring.ts'

type Hash = Uint8Array<ArrayBuffer>

/** Encrypts and decrypts secrets. Knows no tables. */
export interface Vault {
  /** The id of the key that `seal` and `rewrap` use. Values that are stored under another id are due for `rewrap`. */
  readonly currentKeyId: string
  /** Whether values that were sealed with this key can be opened. */
  holds(keyId: string): boolean
  seal(value: JsonObject, identity: RowIdentity): Uint8Array<ArrayBuffer>
  /** The decrypted value, unchecked: each strategy checks its own. Throws CredentialCorruptError, UnknownKeyError. */
  open(sealed: Uint8Array, identity: RowIdentity): unknown
  /** The same secret under the current key; null when it already is. Throws CredentialCorruptError, UnknownKeyError. */
  rewrap(sealed: Uint8Array, identity: RowIdentity): Uint8Array<ArrayBuffer> | null
  /**
   * Keyed hashes by which equal secrets are found without decrypting them: one for each key, that of the current key first.
   * Only the first is stored; the others find what was stored before a rotation.
   */
  fingerprints(secret: string): [Hash, ...Hash[]]
  /** The secret parts that the link for `text` can have: one for each key, that of the current key first, which new links get. */
  linkSecrets(text: string): [Hash, ...Hash[]]
}

export function createVault(keyring: Keyring): Vault {
  /** The current key comes first. */
  const ofEachKey = (work: (key: EncryptionKey) => Hash): [Hash, ...Hash[]] => [
    work(keyring.current),
    ...keyring.ids.slice(1).flatMap((id) => {
      const key = keyring.get(id)
      return key === undefined ? [] : [work(key)]
    }),
  ]
  return {
    currentKeyId: keyring.current.id,
    holds: (keyId) => keyring.get(keyId) !== undefined,
    seal: (value, identity) => sealEnvelope(Buffer.from(JSON.stringify(value)), identity, keyring.current),
    open: (sealed, identity) => parseSecret(openEnvelope(sealed, identity, keyring)),
    rewrap: (sealed, identity) => rewrapEnvelope(sealed, identity, keyring),
    fingerprints: (secret) => ofEachKey((key) => key.fingerprint(secret)),
    linkSecrets: (text) => ofEachKey((key) => key.linkSecret(text)),
  }
}

/** The parser's own error would quote the text, which is the secret. */
function parseSecret(plaintext: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext))
  } catch {
    throw new CredentialCorruptError()
  }
}

interface KeySource {
  /** Value of LATCHKEY_ENCRYPTION_KEYS. Undefined outside production: the key is kept in the data folder. */
  encryptionKeys: string | undefined
  dataDir: string
}

/**
 * Loads the keys of this deployment and checks them against the database. A process with the wrong keys must fail before
 * it writes anything that other processes cannot read.
 * @throws KeyringError, UnknownKeyError
 */
export async function openVault(
  database: Database,
  { encryptionKeys, dataDir }: KeySource,
): Promise<{ vault: Vault; keyring: Keyring }> {
  const file = join(dataDir, 'encryption-keys')
  if (encryptionKeys === undefined && !existsSync(file)) await refuseNewKey(database.sql, file)
  const keyring =
    encryptionKeys === undefined ? loadOrCreateKeyFile(file) : parseKeyring(encryptionKeys, 'LATCHKEY_ENCRYPTION_KEYS')
  const verify = async () => {
    const rows = await database.sql.query<{ sealed: Uint8Array }>(
      'SELECT sealed FROM key_check WHERE key_id = ANY($1::text[])',
      [[...keyring.ids]],
    )
    for (const { sealed } of rows) verifyKeyCheck(sealed, keyring)
  }
  // Before the insert: the check of a key that is then rejected would stay in the table.
  await verify()
  const check = makeKeyCheck(keyring)
  // The first process to use a key records a check of it. Every later process must be able to open that check.
  await database.sql.query(
    'INSERT INTO key_check (key_id, sealed) VALUES ($1::text, $2::bytea) ON CONFLICT (key_id) DO NOTHING',
    [keyIdOf(check), check],
  )
  await verify()
  return { vault: createVault(keyring), keyring }
}

/** A new key cannot open what a restored database holds. */
async function refuseNewKey(sql: SqlRunner, file: string): Promise<void> {
  const used = await keyIdsInUse(sql)
  if (used.length === 0) return
  throw new KeyringError(
    `The stored secrets need the encryption keys ${used.join(', ')}, and there is no file ${file}. Copy the file encryption-keys ` +
      'of the earlier data folder to that place, or set LATCHKEY_ENCRYPTION_KEYS to these keys.',
  )
}

const KEY_CHECK_TEXT = 'latchkey key check v1'

/** A known text sealed with the current key. One is stored for each key id that has ever been current. */
export function makeKeyCheck(keyring: Keyring): Uint8Array<ArrayBuffer> {
  return sealEnvelope(Buffer.from(KEY_CHECK_TEXT), KEY_CHECK_IDENTITY, keyring.current)
}

/**
 * @throws {UnknownKeyError} when the keyring has no key of that id
 * @throws {KeyringError} when the key of that id has other bytes, or the check itself was changed
 */
export function verifyKeyCheck(sealed: Uint8Array, keyring: Keyring): void {
  const mismatch = 'An encryption key has the id of the key that sealed the stored data, but is not the same key.'
  let text: string
  try {
    text = Buffer.from(openEnvelope(sealed, KEY_CHECK_IDENTITY, keyring)).toString()
  } catch (error) {
    if (error instanceof CredentialCorruptError) throw new KeyringError(mismatch)
    throw error
  }
  if (text !== KEY_CHECK_TEXT) throw new KeyringError(mismatch)
}

const KEYS_CHECKED_EVERY_MS = 30_000

/**
 * A check that this process holds every key that stored secrets are sealed with. It reads the database at most every 30
 * seconds, and rejects with UnknownKeyError for the first key that is missing.
 */
export function createKeyReadiness(sql: SqlRunner, vault: Vault, logger: Logger): () => Promise<void> {
  const reads = createSingleFlight<void>()
  let readAt = Number.NEGATIVE_INFINITY
  let missing: string[] = []

  async function readMissing(): Promise<void> {
    missing = (await keyIdsInUse(sql)).filter((keyId) => !vault.holds(keyId))
    readAt = performance.now()
    if (missing.length > 0) logger.error({ missing }, 'stored secrets need encryption keys that are not configured')
  }

  return async () => {
    if (performance.now() - readAt >= KEYS_CHECKED_EVERY_MS) await reads.run('missing keys', readMissing)
    const [first] = missing
    if (first !== undefined) throw new UnknownKeyError(first)
  }
}
