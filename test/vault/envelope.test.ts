import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CredentialCorruptError,
  keyIdOf,
  openEnvelope,
  rewrapEnvelope,
  sealEnvelope,
  UnknownKeyError,
} from '../../src/vault/envelope.ts'
import type { RowIdentity } from '../../src/vault/identities.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'

const identity: RowIdentity = { workspaceId: 'ws_1', rowId: 'con_1', column: 'secret', version: 7 }
const oldKey = new EncryptionKey('k1', randomBytes(32))
const newKey = new EncryptionKey('k2-2026', randomBytes(32))
const keyring = new Keyring([oldKey])
const rotated = new Keyring([newKey, oldKey])
const plaintext = randomBytes(900)

/** Offsets of the parts for a key id of two characters. */
const WRAP_TAG_END = 1 + 1 + 2 + 12 + 16
const BODY_TAG_END = WRAP_TAG_END + 32 + 12 + 16

function isRefused(sealed: Uint8Array, as: RowIdentity = identity, ring: Keyring = keyring): boolean {
  try {
    openEnvelope(sealed, as, ring)
    return false
  } catch (error) {
    if (error instanceof CredentialCorruptError || error instanceof UnknownKeyError) return true
    throw error
  }
}

describe('openEnvelope', () => {
  it('returns what sealEnvelope sealed, for any bytes and any identity', () => {
    const identities = fc.record({
      workspaceId: fc.string(),
      rowId: fc.string(),
      column: fc.string(),
      version: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n })),
    })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), identities, (bytes, where) => {
        const sealed = sealEnvelope(bytes, where, newKey)
        expect(Buffer.from(openEnvelope(sealed, where, rotated)).equals(bytes)).toBe(true)
      }),
    )
  })

  it('opens an empty text', () => {
    expect(openEnvelope(sealEnvelope(new Uint8Array(0), identity, oldKey), identity, keyring)).toHaveLength(0)
  })

  it('every envelope has a new data key and new nonces', () => {
    const first = sealEnvelope(plaintext, identity, oldKey)
    const second = sealEnvelope(plaintext, identity, oldKey)
    const parts = (sealed: Uint8Array) => [
      Buffer.from(sealed.subarray(4, 16)).toString('hex'),
      Buffer.from(sealed.subarray(WRAP_TAG_END, WRAP_TAG_END + 32)).toString('hex'),
      Buffer.from(sealed.subarray(WRAP_TAG_END + 32, WRAP_TAG_END + 44)).toString('hex'),
      Buffer.from(sealed.subarray(BODY_TAG_END)).toString('hex'),
    ]
    expect(new Set([...parts(first), ...parts(second)]).size).toBe(8)
  })

  it('an envelope has the documented layout and nothing readable', () => {
    const sealed = sealEnvelope(Buffer.from('canary-plaintext'), identity, oldKey)
    expect(sealed).toHaveLength(BODY_TAG_END + 'canary-plaintext'.length)
    expect([...sealed.subarray(0, 4)]).toEqual([1, 2, ...Buffer.from('k1')])
    expect(Buffer.from(sealed).includes('canary')).toBe(false)
  })

  it('refuses an envelope in which any one bit was flipped (F10, CS-01)', () => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    let refused = 0
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Uint8Array.from(sealed)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (isRefused(flipped)) refused += 1
    }
    expect(refused).toBe(sealed.length * 8)
  })

  it.each<[string, Partial<RowIdentity>]>([
    ['workspace', { workspaceId: 'ws_2' }],
    ['row', { rowId: 'con_2' }],
    ['column', { column: 'client_secret' }],
    ['later version', { version: 8 }],
    ['earlier version', { version: 6 }],
    ['version that begins alike', { version: 70 }],
    ['split between workspace and row', { workspaceId: 'ws_1c', rowId: 'on_1' }],
    ['split between row and column', { rowId: 'con_1s', column: 'ecret' }],
  ])('refuse a blob copied to another %s (F10, CS-02)', (_place, change) => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    expect(isRefused(sealed, { ...identity, ...change })).toBe(true)
  })

  it('refuses layers that were exchanged between rows of one workspace (CS-02)', () => {
    const other = { ...identity, rowId: 'con_2' }
    const mine = sealEnvelope(plaintext, identity, oldKey)
    const theirs = sealEnvelope(plaintext, other, oldKey)
    const spliced = Buffer.concat([theirs.subarray(0, WRAP_TAG_END + 32), mine.subarray(WRAP_TAG_END + 32)])
    expect(isRefused(spliced, identity)).toBe(true)
    expect(isRefused(spliced, other)).toBe(true)
  })

  it.each([4, 8, 12, 13, 14, 15])('refuses tags cut to %i bytes (F10, CS-03)', (length) => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    for (const end of [WRAP_TAG_END, BODY_TAG_END]) {
      const cut = Buffer.concat([sealed.subarray(0, end - 16 + length), sealed.subarray(end)])
      expect(isRefused(cut)).toBe(true)
    }
  })

  it('refuses every prefix of an envelope, and an envelope with bytes appended (CS-03)', () => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    for (let length = 0; length < sealed.length; length += 1) expect(isRefused(sealed.subarray(0, length))).toBe(true)
    expect(isRefused(Buffer.concat([sealed, Uint8Array.of(0)]))).toBe(true)
  })

  it('refuses arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(isRefused(bytes)).toBe(true)
        expect(isRefused(Uint8Array.of(1, 2, 0x6b, 0x31, ...bytes))).toBe(true)
      }),
    )
  })

  it('reports the id of a missing key, and nothing else (CS-05)', () => {
    const sealed = sealEnvelope(Buffer.from('canary'), identity, newKey)
    expect(() => openEnvelope(sealed, identity, keyring)).toThrow(UnknownKeyError)
    expect(() => openEnvelope(sealed, identity, keyring)).toThrow(expect.objectContaining({ keyId: 'k2-2026' }))
    expect(keyIdOf(sealed)).toBe('k2-2026')
  })

  it('refuses a key with the right id and other bytes', () => {
    const impostor = new Keyring([new EncryptionKey('k1', randomBytes(32))])
    expect(isRefused(sealEnvelope(plaintext, identity, oldKey), identity, impostor)).toBe(true)
  })

  it('refuses a version that is not a whole number', () => {
    expect(() => sealEnvelope(plaintext, { ...identity, version: 1.5 }, oldKey)).toThrow(RangeError)
  })

  it('treats a number and a bigint of equal value as the same version', () => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    expect(isRefused(sealed, { ...identity, version: 7n })).toBe(false)
  })
})

describe('rewrapEnvelope', () => {
  it('moves an envelope to the current key and leaves the layer of the secret unchanged', () => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    const rewrapped = rewrapEnvelope(sealed, identity, rotated)
    if (rewrapped === null) throw new Error('nothing was rewrapped')
    expect(keyIdOf(rewrapped)).toBe('k2-2026')
    const onlyNew = new Keyring([newKey])
    expect(Buffer.from(openEnvelope(rewrapped, identity, onlyNew)).equals(plaintext)).toBe(true)
    const body = Buffer.from(sealed.subarray(WRAP_TAG_END + 32))
    expect(Buffer.from(rewrapped.subarray(-body.length)).equals(body)).toBe(true)
  })

  it('returns null for an envelope under the current key', () => {
    expect(rewrapEnvelope(sealEnvelope(plaintext, identity, newKey), identity, rotated)).toBeNull()
  })

  it('refuses an envelope that was copied to another row', () => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    expect(() => rewrapEnvelope(sealed, { ...identity, rowId: 'con_2' }, rotated)).toThrow(CredentialCorruptError)
  })

  it('reports the id of a missing key', () => {
    const sealed = sealEnvelope(plaintext, identity, oldKey)
    expect(() => rewrapEnvelope(sealed, identity, new Keyring([newKey]))).toThrow(UnknownKeyError)
  })
})

describe('keyIdOf', () => {
  it('refuses bytes that are not an envelope', () => {
    expect(() => keyIdOf(Buffer.from('{"access_token":"plain"}'))).toThrow(CredentialCorruptError)
  })
})
