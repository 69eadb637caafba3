import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnknownKeyError } from '../../src/vault/envelope.ts'
import { EncryptionKey, Keyring, KeyringError, loadOrCreateKeyFile, parseKeyring } from '../../src/vault/keyring.ts'
import { makeKeyCheck, verifyKeyCheck } from '../../src/vault/vault.ts'

const run = promisify(execFile)

function messageOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    if (error instanceof KeyringError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('parseKeyring', () => {
  const one = randomBytes(32)
  const two = Buffer.alloc(32, 0xfb)

  it('makes the first key the current one and finds every key by id', () => {
    const keyring = parseKeyring(`new_1:${one.toString('base64')}, old-2:${two.toString('base64url')}\n`)
    expect(keyring.current.id).toBe('new_1')
    expect(keyring.ids).toEqual(['new_1', 'old-2'])
    expect(keyring.current.secret.export().equals(one)).toBe(true)
    expect(keyring.get('old-2')?.secret.export().equals(two)).toBe(true)
    expect(keyring.get('other')).toBeUndefined()
    expect(keyring.get('__proto__')).toBeUndefined()
  })

  const good = one.toString('base64')
  it.each([
    ['nothing', '', 'is empty'],
    ['blanks', '  ', 'is empty'],
    ['a key without an id', good, 'entry 1: expected id:base64, found no colon'],
    ['an empty entry', `a:${good},`, 'entry 2: expected id:base64'],
    ['an empty id', `:${good}`, 'entry 1: the id must be'],
    ['an id with a space', `a b:${good}`, 'entry 1: the id must be'],
    ['an id of 33 characters', `${'a'.repeat(33)}:${good}`, 'entry 1: the id must be'],
    ['id and key swapped', `${good}:a`, 'entry 1: the id must be'],
    ['an empty key', 'a:', 'entry 1: the key is not base64'],
    ['a key that is not base64', `a:${good.slice(0, -4)}!!!!`, 'entry 1: the key is not base64'],
    ['16 bytes', `a:${randomBytes(16).toString('base64')}`, 'the key has 16 bytes instead of 32'],
    ['33 bytes', `a:${good},b:${randomBytes(33).toString('base64')}`, 'entry 2: the key has 33 bytes'],
    ['one id twice', `a:${good},b:${good},a:${good}`, 'entry 3 has the same id as entry 1'],
  ])('refuses %s and quotes none of it', (_what, value, reason) => {
    const message = messageOf(() => parseKeyring(value))
    expect(message).toContain('LATCHKEY_ENCRYPTION_KEYS')
    expect(message).toContain(reason)
    for (const part of value.split(/[:,]/).filter((text) => text.length > 8)) expect(message).not.toContain(part)
  })

  it('the keyring shows ids and never keys when it is printed, serialized, spread or cloned', () => {
    const keyring = parseKeyring(`k1:${good}`)
    for (const value of [keyring, keyring.current, { deep: [keyring] }]) {
      const shown = [
        inspect(value, { depth: 20, showHidden: true, getters: true }),
        inspect(value, { depth: 20, showHidden: true, getters: true, customInspect: false }),
        JSON.stringify(value),
        String(value),
        JSON.stringify({ ...value }),
        inspect(structuredClone(value), { depth: 20 }),
      ].join('\n')
      for (const form of [good, one.toString('base64url'), one.toString('hex'), one.toString('hex', 0, 4)]) {
        expect(shown).not.toContain(form)
      }
    }
    expect(inspect(keyring)).toBe("Keyring { current: 'k1', ids: [ 'k1' ] }")
    expect(JSON.stringify(keyring)).toBe('{"current":"k1","ids":["k1"]}')
  })

  it('the keyring keeps its own copy of the bytes', () => {
    const bytes = Buffer.from(one)
    const key = new EncryptionKey('k', bytes)
    bytes.fill(0)
    expect(key.secret.export().equals(one)).toBe(true)
  })
})

describe('Keyring', () => {
  it('refuses an empty list and two keys with one id', () => {
    expect(() => new Keyring([])).toThrow(KeyringError)
    const key = new EncryptionKey('a', randomBytes(32))
    expect(() => new Keyring([key, key])).toThrow(KeyringError)
  })
})

describe('loadOrCreateKeyFile', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyring-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('creates the file and its folder once, for the owner only, and loads the same key again', () => {
    const path = join(folder, 'data', 'keys')
    const made = loadOrCreateKeyFile(path)
    const found = loadOrCreateKeyFile(path)
    expect(found.current.id).toBe(made.current.id)
    expect(found.current.secret.equals(made.current.secret)).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(folder, 'data'))).toEqual(['keys'])
  })

  it('creates a different key each time', () => {
    const a = loadOrCreateKeyFile(join(folder, 'a'))
    const b = loadOrCreateKeyFile(join(folder, 'b'))
    expect(a.current.secret.equals(b.current.secret)).toBe(false)
    expect(a.current.id).not.toBe(b.current.id)
  })

  it('removes the access of others from a file that they can read', () => {
    const path = join(folder, 'keys')
    loadOrCreateKeyFile(path)
    chmodSync(path, 0o644)
    loadOrCreateKeyFile(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('does not change a file that it cannot parse, and quotes none of it', () => {
    const path = join(folder, 'keys')
    writeFileSync(path, 'k1:canary-key-material')
    const message = messageOf(() => loadOrCreateKeyFile(path))
    expect(message).toContain(path)
    expect(message).not.toContain('canary')
    expect(readFileSync(path, 'utf8')).toBe('k1:canary-key-material')
    expect(readdirSync(folder)).toEqual(['keys'])
  })

  it('returns one key to processes that start at once', async () => {
    const path = join(folder, 'data', 'keys')
    const module = new URL('../../src/vault/keyring.ts', import.meta.url).href
    const script = `
      import { hash } from 'node:crypto'
      import { loadOrCreateKeyFile } from ${JSON.stringify(module)}
      process.stdout.write(hash('sha256', loadOrCreateKeyFile(${JSON.stringify(path)}).current.secret.export()))`
    const starts = Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '-e', script]))
    const keys = (await Promise.all(starts)).map(({ stdout }) => stdout)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(readdirSync(join(folder, 'data'))).toEqual(['keys'])
  })
})

describe('verifyKeyCheck', () => {
  const right = new Keyring([new EncryptionKey('k1', randomBytes(32))])

  it('accepts the key that made the check, current or not', () => {
    const sealed = makeKeyCheck(right)
    verifyKeyCheck(sealed, right)
    verifyKeyCheck(sealed, new Keyring([new EncryptionKey('k2', randomBytes(32)), right.current]))
  })

  it('refuses another key with the same id (CS-07)', () => {
    const wrong = new Keyring([new EncryptionKey('k1', randomBytes(32))])
    expect(() => verifyKeyCheck(makeKeyCheck(right), wrong)).toThrow(KeyringError)
    expect(() => verifyKeyCheck(makeKeyCheck(right), wrong)).toThrow('is not the same key')
  })

  it('reports the id of a missing key', () => {
    const other = new Keyring([new EncryptionKey('k2', randomBytes(32))])
    expect(() => verifyKeyCheck(makeKeyCheck(right), other)).toThrow(UnknownKeyError)
  })

  it('refuses a check that was changed', () => {
    const sealed = makeKeyCheck(right)
    expect(() => verifyKeyCheck(sealed.subarray(0, -1), right)).toThrow(KeyringError)
  })
})
