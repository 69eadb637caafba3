import { join } from 'node:path'
import type { Database } from '../db/database.ts'
import type { JsonObject } from '../kit/json.ts'
import {
  CredentialCorruptError,
  keyIdOf,
  openEnvelope,
  type RowIdentity,
  rewrapEnvelope,
  sealEnvelope,
} from './envelope.ts'
import { makeKeyCheck, verifyKeyCheck } from './key-check.ts'
import { type Keyring, loadOrCreateKeyFile, parseKeyring } from './keyring.ts'

/** Turns secrets into what may be stored, and back. Knows nothing of tables. */
export interface Vault {
  /** The id of the key that `seal` and `rewrap` use: stored values of another id are due for `rewrap`. */
  readonly currentKeyId: string
  /** Whether what was sealed with the key of this id can be opened. */
  holds(keyId: string): boolean
  seal(value: JsonObject, identity: RowIdentity): Uint8Array<ArrayBuffer>
  /** Returns what was sealed, unchecked: each strategy checks its own. Throws CredentialCorruptError, UnknownKeyError. */
  open(sealed: Uint8Array, identity: RowIdentity): unknown
  /** The same secret under the current key, null when it already is. Throws CredentialCorruptError, UnknownKeyError. */
  rewrap(sealed: Uint8Array, identity: RowIdentity): Uint8Array<ArrayBuffer> | null
}

export function createVault(keyring: Keyring): Vault {
  return {
    currentKeyId: keyring.current.id,
    holds: (keyId) => keyring.get(keyId) !== undefined,
    seal: (value, identity) => sealEnvelope(Buffer.from(JSON.stringify(value)), identity, keyring.current),
    open: (sealed, identity) => parseSecret(openEnvelope(sealed, identity, keyring)),
    rewrap: (sealed, identity) => rewrapEnvelope(sealed, identity, keyring),
  }
}

/** The parser's own error quotes the text, which is the secret. */
function parseSecret(plaintext: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext))
  } catch {
    throw new CredentialCorruptError()
  }
}

interface KeySource {
  /** Value of LATCHKEY_ENCRYPTION_KEYS; undefined outside production: the key is kept in the data folder. */
  encryptionKeys: string | undefined
  dataDir: string
}

/**
 * The keys of this deployment, checked against the database: a process with the wrong keys must find out before it
 * writes anything that others could not read.
 * @throws KeyringError, UnknownKeyError
 */
export async function openVault(
  database: Database,
  { encryptionKeys, dataDir }: KeySource,
): Promise<{ vault: Vault; keyring: Keyring }> {
  const keyring =
    encryptionKeys === undefined
      ? loadOrCreateKeyFile(join(dataDir, 'encryption-keys'))
      : parseKeyring(encryptionKeys, 'LATCHKEY_ENCRYPTION_KEYS')
  const verify = async () => {
    const rows = await database.sql.query<{ sealed: Uint8Array }>(
      'SELECT sealed FROM key_check WHERE key_id = ANY($1::text[])',
      [[...keyring.ids]],
    )
    for (const { sealed } of rows) verifyKeyCheck(sealed, keyring)
  }
  // Before anything is written: a check of a key that is refused after all would stay.
  await verify()
  const check = makeKeyCheck(keyring)
  // The first process to use a key records what it seals with it; every later one must be able to open that.
  await database.sql.query(
    'INSERT INTO key_check (key_id, sealed) VALUES ($1::text, $2::bytea) ON CONFLICT (key_id) DO NOTHING',
    [keyIdOf(check), check],
  )
  await verify()
  return { vault: createVault(keyring), keyring }
}
