import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { inspect } from 'node:util'
import { weaknessOfKey } from '../kit/entropy.ts'

const KEY_BYTES = 32
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** The keys are missing, malformed, or not the keys that sealed the data. Messages never hold any part of a key. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

/** A key-encryption key: 256 bits, and the id by which envelopes name it. The bytes are kept outside the JavaScript heap. */
export class EncryptionKey {
  readonly id: string
  readonly #secret: KeyObject
  readonly #derived = new Map<string, KeyObject>()

  /** @param bytes 32 bytes from a cryptographic source; they are copied */
  constructor(id: string, bytes: Uint8Array) {
    if (!KEY_ID.test(id))
      throw new KeyringError('The id of an encryption key must be 1 to 32 characters of A-Z, a-z, 0-9, _ and -.')
    if (bytes.length !== KEY_BYTES) throw new KeyringError(`An encryption key must have ${KEY_BYTES} bytes.`)
    this.id = id
    this.#secret = createSecretKey(bytes)
  }

  /** For ciphers only. */
  get secret(): KeyObject {
    return this.#secret
  }

  /** Finds equal secrets without their text. */
  fingerprint(secret: string): Uint8Array<ArrayBuffer> {
    return this.#hmac('latchkey fingerprint', secret)
  }

  /** The secret part of a link, which follows from what the link is for. */
  linkSecret(text: string): Uint8Array<ArrayBuffer> {
    return this.#hmac('latchkey link', text)
  }

  /** HMAC-SHA256 under a key that is derived from this one for one purpose (RFC 5869). */
  #hmac(purpose: string, text: string): Uint8Array<ArrayBuffer> {
    let key = this.#derived.get(purpose)
    if (key === undefined) {
      key = createSecretKey(new Uint8Array(hkdfSync('sha256', this.#secret, '', purpose, KEY_BYTES)))
      this.#derived.set(purpose, key)
    }
    return new Uint8Array(createHmac('sha256', key).update(text).digest())
  }

  toJSON(): { id: string } {
    return { id: this.id }
  }

  [inspect.custom](): string {
    return `EncryptionKey { id: '${this.id}' }`
  }
}

/** The key that encrypts, and all keys that can decrypt. */
export class Keyring {
  readonly #keys: Map<string, EncryptionKey>
  readonly #current: EncryptionKey

  /** @param keys the first one encrypts; ids must differ */
  constructor(keys: readonly EncryptionKey[]) {
    const [current] = keys
    if (current === undefined) throw new KeyringError('A keyring needs at least one encryption key.')
    this.#keys = new Map(keys.map((key) => [key.id, key]))
    if (this.#keys.size !== keys.length) throw new KeyringError('Two encryption keys have the same id.')
    this.#current = current
  }

  get current(): EncryptionKey {
    return this.#current
  }

  /** The current key's id first. */
  get ids(): string[] {
    return [...this.#keys.keys()]
  }

  get(id: string): EncryptionKey | undefined {
    return this.#keys.get(id)
  }

  toJSON(): { current: string; ids: string[] } {
    return { current: this.#current.id, ids: this.ids }
  }

  [inspect.custom](): string {
    return `Keyring { current: '${this.#current.id}', ids: ${inspect(this.ids)} }`
  }
}

/**
 * Parses `id:base64,id:base64`. Each key is 32 bytes in base64 or base64url, each id 1 to 32 characters of `A-Za-z0-9_-`.
 * The first key encrypts; the others decrypt what was sealed before a rotation.
 *
 * @param source named in error messages. They give the number of the entry and none of its text, because the text of a
 *   malformed entry may be a key.
 * @throws {KeyringError}
 */
export function parseKeyring(value: string, source = 'LATCHKEY_ENCRYPTION_KEYS'): Keyring {
  if (value.trim() === '') throw new KeyringError(`${source} is empty: expected id:base64,id:base64.`)
  const seen = new Map<string, number>()
  const keys = value.split(',').map((entry, index) => {
    const where = `${source}, entry ${index + 1}`
    const key = parseEntry(entry.trim(), where)
    const earlier = seen.get(key.id)
    if (earlier !== undefined) throw new KeyringError(`${where} has the same id as entry ${earlier}.`)
    seen.set(key.id, index + 1)
    return key
  })
  return new Keyring(keys)
}

/**
 * Why the key that encrypts could be guessed; null: it could not. Later keys only decrypt, so that stored secrets can be moved
 * from them to a better one.
 *
 * @param value a valid keyring
 */
export function weakKeyProblem(value: string): string | null {
  const [first = ''] = value.split(',')
  const weakness = weaknessOfKey(Buffer.from(first.slice(first.indexOf(':') + 1).trim(), 'base64'))
  if (weakness === null) return null
  return `LATCHKEY_ENCRYPTION_KEYS, entry 1: the key ${weakness}, so it can be guessed. Put a random key before it, made with openssl rand -base64 32, and keep this one behind it until "npx latchkey rotate-keys" has moved the stored secrets.`
}

function parseEntry(entry: string, where: string): EncryptionKey {
  const colon = entry.indexOf(':')
  if (colon === -1) throw new KeyringError(`${where}: expected id:base64, found no colon.`)
  const id = entry.slice(0, colon)
  const encoded = entry.slice(colon + 1)
  if (!KEY_ID.test(id)) throw new KeyringError(`${where}: the id must be 1 to 32 characters of A-Z, a-z, 0-9, _ and -.`)
  if (!BASE64.test(encoded)) throw new KeyringError(`${where}: the key is not base64.`)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length !== KEY_BYTES) {
    throw new KeyringError(
      `${where}: the key has ${bytes.length} bytes instead of ${KEY_BYTES}; make one with: openssl rand -base64 32`,
    )
  }
  return new EncryptionKey(id, bytes)
}

/**
 * Loads the keyring of a development machine, and creates it at the first start: a file in the format of `parseKeyring`,
 * mode 0600. A new key is written to a temporary file and linked into place. When several processes start at once, one of
 * them creates the file, and all of them read its key.
 *
 * @throws {KeyringError} when the file exists but is not a keyring. It is not overwritten, because it may hold the only
 *   key of existing data.
 */
export function loadOrCreateKeyFile(path: string): Keyring {
  const existing = readIfExists(path)
  if (existing !== undefined) {
    closeToOthers(path)
    return parseKeyring(existing, path)
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`
  const id = `local-${randomBytes(4).toString('hex')}`
  try {
    writeDurably(draft, `${id}:${randomBytes(KEY_BYTES).toString('base64')}\n`)
    linkSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return parseKeyring(readFileSync(path, 'utf8'), path)
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Sets mode 0600, since a restored backup may be readable for all. File systems without modes ignore or refuse it. */
function closeToOthers(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return
  try {
    chmodSync(path, 0o600)
  } catch (error) {
    if (!hasCode(error, 'EPERM') && !hasCode(error, 'ENOTSUP') && !hasCode(error, 'EROFS')) throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
