/**
 * The format of a sealed secret. The secret is encrypted with AES-256-GCM under a data key that is made for this one write.
 * The data key is encrypted ("wrapped") under a key-encryption key, which the envelope names by its id.
 *
 * | part        | bytes  |                                                        |
 * |-------------|--------|--------------------------------------------------------|
 * | version     | 1      | 1                                                      |
 * | key id      | 1 + n  | length, then 1 to 32 characters of `A-Za-z0-9_-`       |
 * | wrap iv     | 12     |                                                        |
 * | wrap tag    | 16     |                                                        |
 * | wrapped key | 32     |                                                        |
 * | iv          | 12     |                                                        |
 * | tag         | 16     |                                                        |
 * | ciphertext  | rest   | as long as the plaintext                               |
 *
 * Both layers are bound to the place of the value by associated data (see identities.ts). The key id is in the associated
 * data of the wrap layer only, so that a rotation replaces that layer and leaves the layer of the secret untouched.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { LatchkeyError } from '../kit/errors.ts'
import { associatedData, type RowIdentity } from './identities.ts'
import type { EncryptionKey, Keyring } from './keyring.ts'

/** The sealed value names a key that this process does not hold. Add the key; never delete the value, which may be intact. */
export class UnknownKeyError extends LatchkeyError {
  readonly code = 'UNAVAILABLE'
  readonly status = 503
  readonly keyId: string

  constructor(keyId: string) {
    super(`The encryption key "${keyId}" is not configured. Add it to LATCHKEY_ENCRYPTION_KEYS.`)
    this.keyId = keyId
  }
}

/** The sealed value was changed, cut, or copied from another place. The message holds nothing of the key or the content. */
export class CredentialCorruptError extends LatchkeyError {
  readonly code = 'INTERNAL'
  readonly status = 500

  constructor() {
    super('The stored credential cannot be decrypted: it was changed or belongs elsewhere. Connect the account again.')
  }
}

const FORMAT_VERSION = 1
const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const DATA_KEY_BYTES = 32
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/

/** One AES-GCM layer. */
interface Layer {
  iv: Uint8Array
  tag: Uint8Array
  ciphertext: Uint8Array
}

interface Envelope {
  keyId: string
  wrap: Layer
  body: Layer
}

/** Encrypts under a new data key and wraps that under `key`. Two calls never give the same bytes. */
export function sealEnvelope(
  plaintext: Uint8Array,
  identity: RowIdentity,
  key: EncryptionKey,
): Uint8Array<ArrayBuffer> {
  const dataKey = randomBytes(DATA_KEY_BYTES)
  const body = encrypt(plaintext, dataKey, associatedData(identity))
  const wrap = encrypt(dataKey, key.secret, associatedData(identity, key.id))
  dataKey.fill(0)
  return serialize({ keyId: key.id, wrap, body })
}

/**
 * @throws {CredentialCorruptError} when the value was changed or cut, or was sealed for another identity
 * @throws {UnknownKeyError} when the keyring does not have the key that the envelope names
 */
export function openEnvelope(sealed: Uint8Array, identity: RowIdentity, keyring: Keyring): Uint8Array<ArrayBuffer> {
  const envelope = parse(sealed)
  const dataKey = unwrapDataKey(envelope, identity, keyring)
  try {
    return decrypt(envelope.body, dataKey, associatedData(identity))
  } finally {
    dataKey.fill(0)
  }
}

/**
 * Wraps the data key under the keyring's current key; null when it already is. The secret is not decrypted: if its layer was
 * changed, that is found when it is opened.
 * @throws {CredentialCorruptError | UnknownKeyError} as `openEnvelope`, for the wrap layer
 */
export function rewrapEnvelope(
  sealed: Uint8Array,
  identity: RowIdentity,
  keyring: Keyring,
): Uint8Array<ArrayBuffer> | null {
  const envelope = parse(sealed)
  const { current } = keyring
  if (envelope.keyId === current.id) return null
  const dataKey = unwrapDataKey(envelope, identity, keyring)
  const wrap = encrypt(dataKey, current.secret, associatedData(identity, current.id))
  dataKey.fill(0)
  return serialize({ keyId: current.id, wrap, body: envelope.body })
}

/** The id of the key-encryption key. It is not secret. @throws {CredentialCorruptError} when this is not an envelope */
export function keyIdOf(sealed: Uint8Array): string {
  return parse(sealed).keyId
}

function unwrapDataKey(envelope: Envelope, identity: RowIdentity, keyring: Keyring): Uint8Array<ArrayBuffer> {
  const key = keyring.get(envelope.keyId)
  if (key === undefined) throw new UnknownKeyError(envelope.keyId)
  return decrypt(envelope.wrap, key.secret, associatedData(identity, key.id))
}

function encrypt(plaintext: Uint8Array, key: Uint8Array | KeyObject, binding: Uint8Array): Layer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(binding)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return { iv, tag: cipher.getAuthTag(), ciphertext }
}

/** Without `authTagLength`, Node accepts tags of 4, 8 and 12 to 15 bytes, which can be guessed. */
function decrypt(layer: Layer, key: Uint8Array | KeyObject, binding: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, layer.iv, { authTagLength: TAG_BYTES })
    decipher.setAAD(binding)
    decipher.setAuthTag(layer.tag)
    const plaintext = decipher.update(layer.ciphertext)
    decipher.final()
    return plaintext
  } catch {
    throw new CredentialCorruptError()
  }
}

function serialize({ keyId, wrap, body }: Envelope): Uint8Array<ArrayBuffer> {
  const head = [Uint8Array.of(FORMAT_VERSION, keyId.length), Buffer.from(keyId, 'latin1')]
  const parts = [...head, wrap.iv, wrap.tag, wrap.ciphertext, body.iv, body.tag, body.ciphertext]
  const sealed = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    sealed.set(part, at)
    at += part.length
  }
  return sealed
}

function parse(sealed: Uint8Array): Envelope {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > sealed.length) throw new CredentialCorruptError()
    at += length
    return sealed.subarray(at - length, at)
  }
  const [version, keyIdLength] = take(2)
  if (version !== FORMAT_VERSION || keyIdLength === undefined) throw new CredentialCorruptError()
  const keyId = Buffer.from(take(keyIdLength)).toString('latin1')
  if (!KEY_ID.test(keyId)) throw new CredentialCorruptError()
  const wrap = { iv: take(IV_BYTES), tag: take(TAG_BYTES), ciphertext: take(DATA_KEY_BYTES) }
  const body = { iv: take(IV_BYTES), tag: take(TAG_BYTES), ciphertext: take(sealed.length - at) }
  return { keyId, wrap, body }
}
