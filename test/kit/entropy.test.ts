import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { estimateBits, weaknessOfKey } from '../../src/kit/entropy.ts'

describe('estimateBits', () => {
  it.each([
    'a'.repeat(64),
    'changeme-changeme-changeme-changeme',
    'this-is-my-super-secret-operator-key',
    'correct-horse-battery-staple-and-more-words',
    'please-change-this-operator-key-before-production-2026',
    'MyCompanyLatchkeyOperatorKey2026!!',
    'Passw0rd!Passw0rd!Passw0rd!Passw0rd!',
    '0123456789abcdef0123456789abcdef',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'aabbccddeeffgghhiijjkkllmmnnoopp',
    'qwertyuiopasdfghjklzxcvbnm1234567890',
    'deadbeefdeadbeefdeadbeefdeadbeef',
    '31415926535897932384626433832795',
  ])('gives %s less than 128 bits', (text) => {
    expect(estimateBits(text)).toBeLessThan(128)
  })

  it.each([
    '9f86d081884c7d659a2feaa0c55ad015',
    '9F86D081884C7D659A2FEAA0C55AD015',
    'operator-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
    'lk_Zk3vR8qLx2TnW5yPb7HsJd9GfCm4KaQeUo6',
  ])('gives the random key %s at least 128 bits', (key) => {
    expect(estimateBits(key)).toBeGreaterThanOrEqual(128)
  })

  it('gives random keys at least 128 bits', () => {
    const keys = Array.from({ length: 300 }, () => [
      randomBytes(16).toString('hex'),
      randomBytes(32).toString('hex'),
      randomBytes(32).toString('base64'),
    ]).flat()
    // One in ten thousand is refused by chance.
    expect(keys.filter((key) => estimateBits(key) < 128).length).toBeLessThan(5)
  })
})

describe('weaknessOfKey', () => {
  const part = Buffer.from('n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is', 'base64')

  it.each([
    ['zeros', Buffer.alloc(32), 'repeats the same few bytes'],
    ['equal bytes', Buffer.alloc(32, 0xe7), 'repeats the same few bytes'],
    ['a short pattern', Buffer.alloc(32, Buffer.from([1, 200, 99])), 'repeats the same few bytes'],
    ['a long pattern', Buffer.concat([part, part]).subarray(0, 32), 'repeats a pattern'],
    ['an end that is empty', Buffer.concat([part.subarray(0, 20), Buffer.alloc(12)]), 'repeats a pattern'],
    ['a sequence', Buffer.from(Array.from({ length: 32 }, (_, index) => (200 + 7 * index) % 256)), 'repeats a pattern'],
    ['words', Buffer.from('this is a key of 32 characters!!'), 'is readable text'],
    ['words in UTF-8', Buffer.from('ein Schlüssel für die Müller KG'), 'is readable text'],
    ['hexadecimal digits', Buffer.from('9f86d081884c7d659a2feaa0c55ad0ef'), 'repeats the same few bytes'],
    ['a password', Buffer.from('n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is'), 'is readable text'],
  ])('names the weakness of %s', (_, bytes, weakness) => {
    expect(weaknessOfKey(bytes)).toBe(weakness)
  })

  it('finds none in random keys', () => {
    for (let count = 0; count < 2_000; count += 1) expect(weaknessOfKey(randomBytes(32))).toBeNull()
  })
})
