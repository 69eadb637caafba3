import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { openEnvelope, sealEnvelope } from '../src/vault/envelope.ts'
import { EncryptionKey, Keyring } from '../src/vault/keyring.ts'
import { report } from './results.ts'

/** Calls between two looks at the clock. */
const CALLS_PER_CHECK = 500

/** Calls per second of a synchronous function. */
function rateOf(work: () => void, seconds: number): number {
  const begun = performance.now()
  let calls = 0
  while (performance.now() - begun < seconds * 1000) {
    for (let nth = 0; nth < CALLS_PER_CHECK; nth += 1) work()
    calls += CALLS_PER_CHECK
  }
  return (calls * 1000) / (performance.now() - begun)
}

/**
 * Measures how fast a secret of 1 KiB is sealed in an envelope (its own data key, two layers) and opened again, compared
 * with one layer of AES-256-GCM with associated data by node:crypto alone.
 */
export function measureEnvelope(rounds: number, seconds: number): void {
  const plaintext = randomBytes(1024)
  const identity = { workspaceId: 'workspace', rowId: 'connection', column: 'credential.sealed', version: 1 }
  const key = new EncryptionKey('bench', randomBytes(32))
  const keyring = new Keyring([key])
  const [bare, binding] = [createSecretKey(randomBytes(32)), randomBytes(64)]

  const encrypt = () => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', bare, iv, { authTagLength: 16 }).setAAD(binding)
    const ciphertext = cipher.update(plaintext)
    cipher.final()
    return { iv, ciphertext, tag: cipher.getAuthTag() }
  }
  const [sealed, { iv, ciphertext, tag }] = [sealEnvelope(plaintext, identity, key), encrypt()]
  const decrypt = () => {
    const decipher = createDecipheriv('aes-256-gcm', bare, iv, { authTagLength: 16 }).setAAD(binding)
    decipher.setAuthTag(tag)
    decipher.update(ciphertext)
    decipher.final()
  }
  const pairs = [
    ['seal 1 KiB', () => sealEnvelope(plaintext, identity, key), 'bare aes-256-gcm encrypt', encrypt],
    ['open 1 KiB', () => openEnvelope(sealed, identity, keyring), 'bare aes-256-gcm decrypt', decrypt],
  ] as const
  for (const [name, work, reference, bareWork] of pairs) {
    const [latchkey, other]: [number[], number[]] = [[], []]
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const rates = [rateOf(work, seconds), rateOf(bareWork, seconds)] as const
      if (round > 0) {
        latchkey.push(rates[0])
        other.push(rates[1])
      }
    }
    report({ name, unit: 'ops/s', latchkey, reference, other })
  }
}
