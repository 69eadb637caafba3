import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
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

const KEY_BYTES = 32
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** The keys are missing, badly written, or not the ones that sealed the data. Messages never hold a part of an entry. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError'
}

/** A key-encryption key: 256 bits and the id that envelopes name it by. The bytes live outside the JavaScript heap. */
export class EncryptionKey {
  readonly id: string
  readonly #secret: KeyObject

  /** @param bytes 32 bytes from a cryptographic source; they are copied. */
  constructor(id: string, bytes: Uint8Array) {
    if (!KEY_ID.test(id)) throw new KeyringError('The id of an encryption key is 1 to 32 of A-Z, a-z, 0-9, _ and -.')
    if (bytes.length !== KEY_BYTES) throw new KeyringError(`An encryption key is ${KEY_BYTES} bytes.`)
    this.id = id
    this.#secret = createSecretKey(bytes)
  }

  /** For ciphers only. */
  get secret(): KeyObject {
    return this.#secret
  }

  toJSON(): { id: string } {
    return { id: this.id }
  }

  [inspect.custom](): string {
    return `EncryptionKey { id: '${this.id}' }`
  }
}

/** The key that encrypts, and all that may still be needed to decrypt. */
export class Keyring {
  readonly #keys: Map<string, EncryptionKey>
  readonly #current: EncryptionKey

  /** @param keys the first one encrypts; ids must differ. */
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

  /** Current first. Readiness compares them with the ids that stored envelopes name. */
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
 * Reads `id:base64,id:base64`: each key 32 bytes in base64 or base64url, ids of 1 to 32 characters of `A-Za-z0-9_-`.
 * The first key encrypts; the others decrypt what was sealed before a rotation.
 *
 * @param source named in errors, which give the number of the entry and nothing of its text: an entry whose parts were
 *   swapped or left out is key material.
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

function parseEntry(entry: string, where: string): EncryptionKey {
  const colon = entry.indexOf(':')
  if (colon === -1) throw new KeyringError(`${where}: expected id:base64, found no colon.`)
  const id = entry.slice(0, colon)
  const encoded = entry.slice(colon + 1)
  if (!KEY_ID.test(id)) throw new KeyringError(`${where}: the id must be 1 to 32 of A-Z, a-z, 0-9, _ and -.`)
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
 * The keyring of a development machine, made at the first start: a file in the form that `parseKeyring` reads, mode
 * 0600. The new key is written to a file of its own and linked into place, so that of several processes that start at
 * once one wins, all read its key, and nobody ever sees half a file.
 *
 * @throws {KeyringError} when the file is there but cannot be read as a keyring. It is left as it is: it may hold the
 *   only key of existing data.
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

/** A restored backup may have come back readable for all. File systems without modes ignore this or refuse it. */
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
