import { createHash, randomBytes } from 'node:crypto'

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
