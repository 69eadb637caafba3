import { join } from 'node:path'
import type { Database } from '../db/database.ts'
import { keyIdOf } from './envelope.ts'
import { type Keyring, loadOrCreateKeyFile, makeKeyCheck, parseKeyring, verifyKeyCheck } from './keyring.ts'
import { createVault, type Vault } from './vault.ts'

export interface KeySource {
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
