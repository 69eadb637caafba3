import crypto, { randomBytes } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEnvelope, sealEnvelope } from '../../src/vault/envelope.ts'
import type { RowIdentity } from '../../src/vault/identities.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'

const identity: RowIdentity = { workspaceId: 'ws_1', rowId: 'con_1', column: 'secret', version: 7 }
const key = new EncryptionKey('k1', randomBytes(32))
const { createDecipheriv } = crypto
/** The arguments with which each layer is decrypted. */
const opened: unknown[][] = []

beforeEach(() => {
  opened.length = 0
  const noted = (...args: unknown[]) => {
    opened.push(args)
    return Reflect.apply(createDecipheriv, crypto, args)
  }
  Object.assign(crypto, { createDecipheriv: noted })
  syncBuiltinESMExports()
})
afterEach(() => {
  Object.assign(crypto, { createDecipheriv })
  syncBuiltinESMExports()
})

describe('openEnvelope', () => {
  // Without an explicit length, Node accepts these. Each missing byte makes a tag 256 times easier to guess.
  it.each([4, 8, 12, 13, 14, 15])(
    'decrypts both layers with a cipher that refuses tags of %i bytes (F10)',
    (length) => {
      openEnvelope(sealEnvelope(randomBytes(1024), identity, key), identity, new Keyring([key]))
      expect(opened).toHaveLength(2)
      for (const args of opened) {
        const takes = (tag: Uint8Array) => () => Reflect.apply(createDecipheriv, crypto, args).setAuthTag(tag)
        expect(takes(randomBytes(16))).not.toThrow()
        expect(takes(randomBytes(length))).toThrow('Invalid authentication tag length')
      }
    },
  )
})
