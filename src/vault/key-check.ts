import { CredentialCorruptError, openEnvelope, sealEnvelope } from './envelope.ts'
import { type Keyring, KeyringError } from './keyring.ts'

const KEY_CHECK_TEXT = 'latchkey key check v1'

const KEY_CHECK_IDENTITY = { workspaceId: '', rowId: 'key-check', column: 'sealed', version: 1 }

/**
 * A known text under the current key, to be stored beside the data, one for each key id that has ever been current
 * (`keyIdOf` names it), and verified at every start before anything is written.
 */
export function makeKeyCheck(keyring: Keyring): Uint8Array<ArrayBuffer> {
  return sealEnvelope(Buffer.from(KEY_CHECK_TEXT), KEY_CHECK_IDENTITY, keyring.current)
}

/**
 * @throws {UnknownKeyError} when the keyring has no key of that id.
 * @throws {KeyringError} when it has one of that id with other bytes, or the check itself was changed.
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
