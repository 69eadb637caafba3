import type { JsonObject } from '../kit/json.ts'
import { CredentialCorruptError, openEnvelope, type RowIdentity, rewrapEnvelope, sealEnvelope } from './envelope.ts'
import type { Keyring } from './keyring.ts'

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
