import crypto, { randomBytes } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEnvelope, sealEnvelope } from '../../src/vault/envelope.ts'
import type { RowIdentity } from '../../src/vault/identities.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'

const identity: RowIdentity = { workspaceId: 'ws_1', rowId: 'con_1', column: 'secret', version: 7 }
const key = new EncryptionKey('k1', randomBytes(32))
const { createDecipheriv } = crypto
/** What each layer is opened with. */
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

describe('Both layers of an envelope', () => {
  // Node takes these where it is not told the length: each byte less is guessed 256 times as easily.
  it.each([4, 8, 12, 13, 14, 15])('are opened by a cipher that takes no tag of %i bytes (F10)', (length) => {
    openEnvelope(sealEnvelope(randomBytes(1024), identity, key), identity, new Keyring([key]))
    expect(opened).toHaveLength(2)
    for (const args of opened) {
      const takes = (tag: Uint8Array) => () => Reflect.apply(createDecipheriv, crypto, args).setAuthTag(tag)
      expect(takes(randomBytes(16))).not.toThrow()
      expect(takes(randomBytes(length))).toThrow('Invalid authentication tag length')
    }
  })
})
