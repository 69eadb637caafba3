import { describe, expect, it } from 'vitest'
import { readKept, secretsIn } from '../../src/wire/response-secrets.ts'

const TOKEN = 'opaque+token/of=the account'
const kept = (body: unknown, path: (string | number)[] = ['value'], secrets = [TOKEN]) =>
  readKept(body, { value: path }, secrets)['value']

describe('readKept', () => {
  it.each([
    ['a tenant', 'acme'],
    ['a URL', 'https://eu1.example.com/services?region=eu'],
    ['an object', { id: 'T1', name: 'Token Ltd', plan: null }],
    ['the data center at the end of a key', 'nt'],
    ['a large number', 12345],
  ])('keeps %s', (_, value) => {
    expect(kept({ value, access_token: TOKEN, refresh_token: 'another-secret' })).toEqual(value)
  })

  it('keeps the id of a user, in digits, that is a part of the token', () => {
    const token = '17841405309211844.Xy3'
    expect(kept({ user_id: '17841405309211844', access_token: token }, ['user_id'], [token])).toBe('17841405309211844')
  })

  it.each([
    ['the token itself', TOKEN],
    ['a text around the token', `Bearer ${TOKEN}`],
    ['a part of the token', TOKEN.slice(3, 12)],
    ['an object around the token', { a: [{ b: TOKEN }] }],
    ['a name that is the token', { [TOKEN]: 1 }],
    ['the token in base64', Buffer.from(`user:${TOKEN}`).toString('base64')],
    ['the token in a URL', `https://x.example/?q=${encodeURIComponent(TOKEN)}`],
    ['JSON inside of a text', JSON.stringify({ data: JSON.stringify({ t: TOKEN }) })],
    ['another token of the response', 'another-secret'],
    ['a part of another token', 'payload-of-a-jwt'],
    ['another token inside of a text', 'see another-secret'],
    ['a secret below the name of one', 'inner-of-the-session'],
    ['an object with a secret of its own', { id_token: 'x.y.z' }],
    ['a form with a secret of its own', 'scope=a&refresh_token=xyz'],
    ['JSON with a secret of its own', '{"data":{"client_secret":"xyz"}}'],
  ])('leaves out %s', (_, value) => {
    const others = { refresh_token: 'another-secret', id_token: 'head.payload-of-a-jwt.signature' }
    expect(kept({ value, ...others, session_token: { id: 'inner-of-the-session' } })).toBeUndefined()
  })

  it('examines a part of what thousands of paths lead to', () => {
    const value = Array.from({ length: 1_500 }, (_, at) => `text-${at}`)
    const paths = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, ['value']]))
    const names = Object.keys(readKept({ value, first: 'acme' }, { first: ['first'], ...paths }, [TOKEN]))
    expect(names).toContain('first')
    expect(names.length).toBeLessThan(200)
  })

  it('takes linear time for JSON that is nested in texts of JSON, with the same secret again and again', () => {
    const nest = (inner: string) => `${'['.repeat(190)}${JSON.stringify(inner)}${']'.repeat(190)}`
    const nested = JSON.parse(nest(nest(nest('token=a&'.repeat(100_000)))))
    const startedMs = performance.now()
    expect(secretsIn({ error: 'invalid_grant', nested })).toEqual(['a'])
    // 0.05 s. To pass each text through all levels takes 3 s.
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  it('keeps nothing of a response that names hundreds of secrets', () => {
    const tokens = Array.from({ length: 300 }, (_, index) => ({ token: `t${index}` }))
    expect(kept({ value: 'acme', tokens })).toBeUndefined()
  })
})

describe('secretsIn', () => {
  it('finds secrets inside of texts, and stops at JSON that is nested without end', () => {
    const url = 'https://app.example/#access_token=a%2Bb&token_type=bearer'
    expect(secretsIn({ url, raw: '{"x":[{"api_key":"k"}]}' })).toEqual(['a%2Bb', 'a+b', 'k'])
    expect(secretsIn('['.repeat(100_000))).toEqual([])
  })
})
