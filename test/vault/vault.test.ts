import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/kit/json.ts'
import { CredentialCorruptError, keyIdOf, sealEnvelope } from '../../src/vault/envelope.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'
import { createVault } from '../../src/vault/vault.ts'

const identity = { workspaceId: 'ws_1', rowId: 'con_1', column: 'secret', version: 1 }
const first = new EncryptionKey('first', randomBytes(32))
const second = new EncryptionKey('second', randomBytes(32))

describe('createVault', () => {
  it('opens what it sealed, with any text', () => {
    const vault = createVault(new Keyring([first]))
    const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ noUnicodeString: false }))
    fc.assert(
      fc.property(objects, (object) => {
        const text = JSON.stringify(object)
        const value: JsonObject = JSON.parse(text)
        expect(JSON.stringify(vault.open(vault.seal(value, identity), identity))).toBe(text)
      }),
    )
  })

  it('hashes for links with each key, the current one first, and otherwise than for finding secrets', () => {
    const before = createVault(new Keyring([first]))
    const after = createVault(new Keyring([second, first]))
    const [old] = before.linkSecrets('session')
    expect(before.linkSecrets('session')).toEqual([old])
    expect(after.linkSecrets('session')).toEqual([second.linkSecret('session'), old])
    expect(before.fingerprints('session')).not.toEqual([old])
  })

  it('preserves lone surrogates and NUL characters of a secret', () => {
    const vault = createVault(new Keyring([first]))
    const secret = { password: '\ud800 \0 é' }
    expect(vault.open(vault.seal(secret, identity), identity)).toEqual(secret)
  })

  it('opens old and new secrets during a rotation, and needs only the new key after all are rewrapped', () => {
    const before = createVault(new Keyring([first]))
    const during = createVault(new Keyring([second, first]))
    const after = createVault(new Keyring([second]))
    const old = before.seal({ token: 'a' }, identity)
    expect(during.open(old, identity)).toEqual({ token: 'a' })
    expect(keyIdOf(during.seal({ token: 'b' }, identity))).toBe(during.currentKeyId)
    const rewrapped = during.rewrap(old, identity)
    if (rewrapped === null) throw new Error('nothing was rewrapped')
    expect(after.open(rewrapped, identity)).toEqual({ token: 'a' })
    expect(during.rewrap(rewrapped, identity)).toBeNull()
  })

  it.each([
    ['that is not JSON', Buffer.from('canary-secret')],
    ['that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ])('refuses a sealed text %s without quoting it', (_what, plaintext) => {
    const vault = createVault(new Keyring([first]))
    const sealed = sealEnvelope(plaintext, identity, first)
    expect(() => vault.open(sealed, identity)).toThrow(CredentialCorruptError)
    expect(() => vault.open(sealed, identity)).not.toThrow(/canary/)
  })

  it('the vault shows no key when it is printed', () => {
    const bytes = randomBytes(32)
    const vault = createVault(new Keyring([new EncryptionKey('k', bytes)]))
    expect(JSON.stringify(vault)).not.toContain(bytes.toString('base64'))
    expect(JSON.stringify(vault)).toBe('{"currentKeyId":"k"}')
  })
})
