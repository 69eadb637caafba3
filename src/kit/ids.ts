import { createHash, randomBytes, randomFillSync } from 'node:crypto'

/** Random bytes are asked for by the pool: one call for 16 of them costs as much as one for all. */
const pool = new Uint8Array(4_096)
let used = pool.length

function sixteenRandomBytes(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return Buffer.from(pool.subarray(used - 16, used))
}

/** Layout: 48 bits of milliseconds, version 7, 74 random bits, variant 2 (RFC 9562 section 5.7). */
export function newId(nowMs = Date.now()): string {
  const bytes = sixteenRandomBytes()
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return formatUuid(bytes)
}

/** Sixteen bytes in the usual form of a UUID. */
function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether `text` is an id as we write them: anything else names nothing and must not reach the database. */
export function isId(text: string): boolean {
  return UUID.test(text)
}

/** A secret that goes out once and comes back once: 256 bits of randomness, as 43 characters of base64url. */
export function newOneTimeSecret(): { secret: string; hash: Uint8Array<ArrayBuffer> } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashOneTimeSecret(secret) }
}

/** What is stored of it and found by. SHA-256 is enough for 256 bits of randomness. */
export function hashOneTimeSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}

/** Whether a text can be one of ours at all: what cannot is not worth a look into the database. */
export function isOneTimeSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}
