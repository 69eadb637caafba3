import { createHash, randomBytes, randomFillSync } from 'node:crypto'

/** Random bytes are generated 4,096 at a time: a call for 16 bytes costs as much. */
const pool = Buffer.alloc(4_096)
let used = pool.length

/** Ten random bytes in hexadecimal. */
function randomHex(): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 10
  return pool.toString('hex', used - 10, used)
}

/** A new UUID version 7: 48 bits of milliseconds and 74 random bits (RFC 9562 section 5.7). */
export function newId(nowMs = Date.now()): string {
  const time = nowMs.toString(16).padStart(12, '0')
  const random = randomHex()
  const variant = (8 | (Number.parseInt(random.charAt(3), 16) & 3)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}

/** The lowest id that `newId` returns at a time. */
export function firstIdOf(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether `text` is a UUID in lower case, the form of every id. PostgreSQL reports an error for other texts. */
export function isId(text: string): boolean {
  return UUID.test(text)
}

/** The id of a row in the API, where it names its type. `encodeGlobalId` of the GraphQL layer accepts only the types of the schema. */
export function globalIdOf(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url')
}

/** A new one-time secret: 256 random bits as 43 characters of base64url, and the hash to store. */
export function newOneTimeSecret(): { secret: string; hash: Uint8Array<ArrayBuffer> } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashOneTimeSecret(secret) }
}

/** The hash by which a one-time secret is stored and found. SHA-256 suffices for 256 random bits. */
export function hashOneTimeSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}

/** Whether a text has the form of a one-time secret. Others need no lookup in the database. */
export function isOneTimeSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text)
}
