import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { serializeDraft } from '../../../src/wire/request-draft.ts'
import { authOf, emptyDraft, fieldErrorsOf, fixedContext, now } from '../contract.ts'
import { ec256, ec384, ec521, ecPem, ed25519, rsa, rsaPem } from './keys.ts'

type JwtInput = Extract<DefinitionInput['auth'], { type: 'jwt' }>

const fields = [{ name: 'key', secret: true, required: true }, { name: 'app' }]
const secret = 'a shared secret of at least 64 characters, so that HS512 takes it too'
const seconds = now.getTime() / 1000

function jwt(more: Partial<JwtInput> = {}): JwtInput {
  return { type: 'jwt', algorithm: 'HS256', key: '{{ config.key }}', fields, ...more }
}

function open(auth: JwtInput, key: string, context = {}) {
  const parsed = authOf(auth)
  const stored = checkCredential(parsed, { fields: { key, app: '42' } }, now)
  return strategyOf(parsed).open(stored, { ...fixedContext, ...context })
}

async function tokenOf(auth: JwtInput, key: string, context = {}): Promise<string> {
  const draft = emptyDraft()
  await open(auth, key, context).apply(draft)
  return (draft.headers.get('authorization') ?? '').replace('Bearer ', '')
}

const pemOf = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') =>
  key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' }).toString()

describe('a JWT', () => {
  it.each<[JwtInput['algorithm'], string, KeyObject | Uint8Array]>([
    ['HS256', secret, Buffer.from(secret)],
    ['HS384', secret, Buffer.from(secret)],
    ['HS512', secret, Buffer.from(secret)],
    ['HS256', 'short', Buffer.from('short')],
    ['RS256', rsaPem, rsa.publicKey],
    ['RS384', rsaPem, rsa.publicKey],
    ['RS512', rsaPem, rsa.publicKey],
    ['PS256', rsaPem, rsa.publicKey],
    ['PS384', rsaPem, rsa.publicKey],
    ['PS512', rsaPem, rsa.publicKey],
    ['ES256', ecPem, ec256.publicKey],
    ['ES384', pemOf(ec384.privateKey), ec384.publicKey],
    ['ES512', pemOf(ec521.privateKey), ec521.publicKey],
    ['EdDSA', pemOf(ed25519.privateKey), ed25519.publicKey],
    ['Ed25519', pemOf(ed25519.privateKey), ed25519.publicKey],
  ])('that is signed by %s verifies', async (algorithm, key, check) => {
    const token = await tokenOf(jwt({ algorithm, lifetime: 'PT5M' }), key)
    const { payload, protectedHeader } = await jwtVerify(token, check, { currentDate: now, algorithms: [algorithm] })
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT' })
    expect(payload).toEqual({ iat: seconds, exp: seconds + 300 })
  })

  it.each<[string, string, Partial<JwtInput>]>([
    ['written in one line with \\n', rsaPem.trim().replaceAll('\n', '\\n'), {}],
    ['whose line breaks became spaces', rsaPem.trim().replaceAll('\n', ' '), {}],
    ['without any line break', rsaPem.replaceAll('\n', ''), {}],
    ['with line breaks of Windows', rsaPem.replaceAll('\n', '\r\n'), {}],
    ['in the form of PKCS #1', pemOf(rsa.privateKey, 'pkcs1'), {}],
    [
      'as bare PKCS #8 in base64',
      rsa.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      { keyIsBase64: true },
    ],
    ['in base64 as a whole', Buffer.from(rsaPem).toString('base64'), { keyIsBase64: true }],
  ])('accepts a private key %s', async (_name, key, more) => {
    const token = await tokenOf(jwt({ algorithm: 'RS256', ...more }), key)
    expect((await jwtVerify(token, rsa.publicKey)).payload.iat).toBe(seconds)
  })

  it('accepts a key in SEC 1 form', async () => {
    const token = await tokenOf(jwt({ algorithm: 'ES256' }), pemOf(ec256.privateKey, 'sec1'))
    await expect(jwtVerify(token, ec256.publicKey)).resolves.toBeDefined()
  })

  it('accepts a shared secret in base64', async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13, 1, 2, 3])
    const token = await tokenOf(jwt({ keyIsBase64: true }), bytes.toString('base64'))
    await expect(jwtVerify(token, bytes)).resolves.toBeDefined()
  })

  it('has the claims and headers of the definition, with times as numbers', async () => {
    const auth = jwt({
      lifetime: 'PT10M',
      headers: { kid: 'app-{{ config.app }}', typ: 'at+jwt', alg: 'none' },
      claims: { iss: '{{ config.app }}', aud: 'https://{{ input.host }}', nbf: '1767323000', jti: '7', scope: 'a b' },
    })
    const token = await tokenOf(auth, secret, { input: { host: 'example.com' } })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', kid: 'app-42', typ: 'at+jwt' })
    expect(decodeJwt(token)).toEqual({
      iss: '42',
      aud: 'https://example.com',
      nbf: 1767323000,
      jti: '7',
      scope: 'a b',
      iat: seconds,
      exp: seconds + 600,
    })
  })

  it.each<[Partial<JwtInput>, Record<string, unknown>]>([
    [{}, { iat: seconds }],
    [{ claims: { iat: '5' } }, { iat: 5 }],
    [
      { lifetime: 'PT1M', claims: { exp: '9' } },
      { iat: seconds, exp: 9 },
    ],
    [{ claims: { exp: 'never' } }, { iat: seconds, exp: 'never' }],
    [{ lifetime: 'P1Y' }, { iat: seconds, exp: Date.UTC(2027, 0, 2, 3, 4, 5) / 1000 }],
  ])('of %j has the times %j', async (more, claims) => {
    expect(decodeJwt(await tokenOf(jwt(more), secret))).toEqual(claims)
  })

  it.each<[JwtInput['placement'], (token: string) => object]>([
    [{ in: 'query', name: 'jwt' }, (token) => ({ url: `https://api.example.com/v1?jwt=${token}` })],
    [{ in: 'header', name: 'X-Jwt' }, (token) => ({ headers: [['x-jwt', token]] })],
    [
      { in: 'header', name: 'Authorization', prefix: 'JWT' },
      (token) => ({ headers: [['authorization', `JWT ${token}`]] }),
    ],
  ])('is sent where the definition says: %j', async (placement, expected) => {
    const draft = emptyDraft()
    await open(jwt({ placement }), secret).apply(draft)
    expect(serializeDraft(draft)).toMatchObject(expected(await tokenOf(jwt(), secret)))
  })

  it('is created for each request and is itself a secret', async () => {
    let at = now.getTime()
    const authenticator = open(jwt(), secret, { clock: () => new Date(at) })
    const tokens: (string | null)[] = []
    for (const _ of [1, 2, 3]) {
      tokens.push(...(await applyTimes(authenticator, 1)))
      at += 1000
    }
    expect(new Set(tokens).size).toBe(3)
    expect(authenticator.secrets).toContain(tokens[2])
    expect(authenticator).toMatchObject({ ready: true, refreshable: false })
    expect(authenticator.expiresAt).toBeUndefined()
  })

  it('is reused for its lifetime and replaced before it expires', async () => {
    let at = now.getTime()
    const authenticator = open(jwt({ lifetime: 'PT10M' }), secret, { clock: () => new Date(at) })
    const first = await applyTimes(authenticator, 2)
    at += 7 * 60_000
    const later = await applyTimes(authenticator, 1)
    at += 2 * 60_000
    const last = await applyTimes(authenticator, 1)
    expect(new Set([...first, ...later]).size).toBe(1)
    expect(last[0]).not.toBe(first[0])
  })

  it.each<[string, JwtInput['algorithm'], string, string]>([
    ['no PEM', 'RS256', 'LEAKED', 'is not a private key in PEM form'],
    ['a key of another kind', 'ES256', rsaPem, 'is not a key for ES256'],
    ['a key of another curve', 'ES384', ecPem, 'is not a key for ES384'],
    ['a public key', 'RS256', pemPublic(), 'is not a valid private key'],
    [
      'a broken key',
      'RS256',
      '-----BEGIN PRIVATE KEY-----\nLEAKED\n-----END PRIVATE KEY-----',
      'is not a valid private key',
    ],
  ])('is rejected with %s as the key', (_name, algorithm, key, problem) => {
    const errors = fieldErrorsOf(() => checkCredential(authOf(jwt({ algorithm })), { fields: { key } }, now))
    expect(errors).toEqual([`input.credential.fields.key: ${problem}`])
  })

  it('is rejected with a secret that is not valid base64', () => {
    const auth = authOf(jwt({ keyIsBase64: true }))
    expect(fieldErrorsOf(() => checkCredential(auth, { secretText: 'no base64!' }, now))).toEqual([
      'input.credential.secretText: is not valid base64',
    ])
  })

  it('cannot be signed with a key that is too small', async () => {
    const small = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)
    await expect(tokenOf(jwt({ algorithm: 'RS256' }), small)).rejects.toThrow('The key cannot sign by RS256.')
  })
})

describe('the claims of a JWT', () => {
  const claimsOf = async (claims: JwtInput['claims'], context = {}) =>
    decodeJwt(await tokenOf(jwt({ claims }), secret, context))

  it.each<[string, JwtInput['claims'], Record<string, unknown>]>([
    [
      'a list as the audience',
      { aud: ['https://a.example.com', 'b-{{ config.app }}'] },
      { aud: ['https://a.example.com', 'b-42'] },
    ],
    ['a number', { quota: 5, ratio: 0.5 }, { quota: 5, ratio: 0.5 }],
    ['a boolean', { admin: true, guest: false }, { admin: true, guest: false }],
    ['null', { tenant: null }, { tenant: null }],
    [
      'an object',
      { user: { id: '{{ config.app }}', roles: ['a', 1, true, null] } },
      { user: { id: '42', roles: ['a', 1, true, null] } },
    ],
    ['text of digits', { app: '{{ config.app }}', zip: '01234' }, { app: '42', zip: '01234' }],
    ['an expression that is a number', { app: '{{ config.app | int }}' }, { app: 42 }],
    ['an expression that is a boolean', { mine: "{{ config.app == '42' }}" }, { mine: true }],
    [
      'an expression that is a list',
      { roles: '{{ kept.roles }}', both: "{{ ['x', config.app] }}" },
      { roles: ['r', 7], both: ['x', '42'] },
    ],
    ['an expression that is an object', { org: '{{ kept.org }}' }, { org: { id: 7 } }],
    ['an expression that is null', { org: '{{ none }}' }, { org: null }],
    ['an expression within text', { app: 'app {{ config.app | int }}' }, { app: 'app 42' }],
    [
      'numbers as text where RFC 7519 asks for text',
      { iss: '{{ kept.org.id }}', sub: '{{ config.app | int }}', aud: ['{{ kept.org.id }}'] },
      { iss: '7', sub: '42', aud: ['7'] },
    ],
  ])('keep their type: %s', async (_name, claims, expected) => {
    const context = { kept: { roles: ['r', 7], org: { id: 7 } } }
    expect(await claimsOf(claims, context)).toEqual({ iat: seconds, ...expected })
  })

  it('read the time in seconds as a number', async () => {
    const claims = {
      iat: '{{ now - 60 }}',
      nbf: '{{ now }}',
      exp: '{{ now + 540 }}',
      at: '{{ now * 1000 }}',
      said: 'at {{ now }}',
    }
    const [iat, exp] = [seconds - 60, seconds + 540]
    expect(await claimsOf(claims)).toEqual({ iat, nbf: seconds, exp, at: seconds * 1000, said: `at ${seconds}` })
  })

  it('have an identifier of their own for each JWT', async () => {
    const claims = { jti: '{{ nonce }}' }
    const ids = [await claimsOf(claims), await claimsOf(claims)].map(({ jti }) => jti)
    expect(new Set(ids).size).toBe(2)
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/)
  })

  it('of RFC 7519 that are null are left out', async () => {
    const token = await tokenOf(jwt({ lifetime: 'PT5M', claims: { iat: null, sub: '{{ none }}' } }), secret)
    expect(decodeJwt(token)).toEqual({ exp: seconds + 300 })
  })

  it('fail with the name of a value that is missing', async () => {
    await expect(claimsOf({ aud: ['{{ input.host }}'] })).rejects.toThrow("input['host'] is missing")
  })

  it('cannot repeat a large value without end', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`c${index}`, '{{ kept.list }}']))
    await expect(claimsOf(many, { kept: { list: ['x'.repeat(50_000)] } })).rejects.toMatchObject({ fault: 'limit' })
  })

  it('end the reuse of a JWT that expires before its lifetime', async () => {
    let at = now.getTime()
    const auth = jwt({ lifetime: 'PT10M', claims: { exp: '{{ now + 60 }}' } })
    const authenticator = open(auth, secret, { clock: () => new Date(at) })
    const first = await applyTimes(authenticator, 2)
    at += 50_000
    const later = await applyTimes(authenticator, 1)
    expect(first[0]).toBe(first[1])
    expect(later[0]).not.toBe(first[0])
  })
})

describe('the headers of a JWT', () => {
  const headersOf = async (headers: JwtInput['headers'], context = {}) =>
    decodeProtectedHeader(await tokenOf(jwt({ headers }), secret, context))

  it('are text from templates, and other JSON values as they are', async () => {
    const headers = { kid: '{{ kept.id }}', typ: 'at+jwt', cty: 'json', x5c: ['{{ config.app }}'], version: 2 }
    const expected = { alg: 'HS256', kid: '7', typ: 'at+jwt', cty: 'json', x5c: ['42'], version: 2 }
    expect(await headersOf(headers, { kept: { id: 7 } })).toEqual(expected)
  })

  it('have no typ if the definition says null', async () => {
    expect(await headersOf({ typ: null })).toEqual({ alg: 'HS256' })
  })

  it('cannot change what is signed', () => {
    const errors = fieldErrorsOf(() => authOf(jwt({ headers: { crit: ['b64'], b64: false } })))
    expect(errors.map((error) => error.split(':')[0])).toEqual(['auth.headers.crit', 'auth.headers.b64'])
  })
})

describe('the key of a JWT', () => {
  it.each<[JwtInput['keyEncoding'], string]>([
    ['hex', '00ff800a0d'],
    ['base64', 'AP+ACg0='],
  ])('is read in %s', async (keyEncoding, key) => {
    const token = await tokenOf(jwt({ keyEncoding }), key)
    await expect(jwtVerify(token, Buffer.from([0, 255, 128, 10, 13]))).resolves.toBeDefined()
  })

  it('in hex is rejected with another digit, or half a byte', () => {
    for (const secretText of ['0g', '123']) {
      const check = () => checkCredential(authOf(jwt({ keyEncoding: 'hex' })), { secretText }, now)
      expect(fieldErrorsOf(check)).toEqual(['input.credential.secretText: is not valid hex'])
    }
  })

  it.each<Partial<JwtInput>>([
    { keyIsBase64: true, keyEncoding: 'base64' },
    { algorithm: 'RS256', keyEncoding: 'hex' },
  ])('has one encoding that fits the algorithm, unlike %j', (more) => {
    expect(fieldErrorsOf(() => authOf(jwt(more)))).toEqual([expect.stringContaining('auth.keyEncoding: must be')])
  })
})

describe('an encrypted private key', () => {
  const passphrase = 'an example phrase'
  const encrypted = rsa.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString()
  const keyFields = [...fields, { name: 'passphrase', secret: true }]
  const auth = jwt({ algorithm: 'RS256', passphrase: '{{ config.passphrase }}', fields: keyFields })
  const check = (key: string, phrase?: string) =>
    checkCredential(authOf(auth), { fields: { key, ...(phrase === undefined ? {} : { passphrase: phrase }) } }, now)

  it.each<[string, string, string | undefined]>([
    ['is decrypted', encrypted, passphrase],
    ['is decrypted from one line', encrypted.trim().replaceAll('\n', '\\n'), passphrase],
    ['is not needed: a plain key is used without a passphrase', rsaPem, undefined],
    ['is not needed: a plain key is used beside a passphrase', rsaPem, passphrase],
  ])('%s', async (_name, key, phrase) => {
    const draft = emptyDraft()
    await strategyOf(authOf(auth)).open(check(key, phrase), fixedContext).apply(draft)
    const token = (draft.headers.get('authorization') ?? '').replace('Bearer ', '')
    await expect(jwtVerify(token, rsa.publicKey)).resolves.toBeDefined()
  })

  it.each<[string, string, string | undefined, string]>([
    ['with another passphrase', encrypted, 'wrong phrase', 'cannot be decrypted with the passphrase'],
    ['without a passphrase', encrypted, undefined, 'is encrypted and needs a passphrase'],
    [
      'that is no key',
      pemOfDer(Buffer.from('3003020105', 'hex')),
      passphrase,
      'must be encrypted by PBES2 with PBKDF2',
    ],
    ['that is cut short', pemOfDer(Buffer.from('308282', 'hex')), passphrase, 'must be encrypted by PBES2 with PBKDF2'],
    ['that is empty', pemOfDer(Buffer.alloc(0)), passphrase, 'must be encrypted by PBES2 with PBKDF2'],
    [
      'whose decryption would take too long',
      pemOfDer(withIterations(encrypted)),
      passphrase,
      'must be encrypted with at most 100000 iterations',
    ],
  ])('is rejected %s', (_name, key, phrase, problem) => {
    expect(fieldErrorsOf(() => check(key, phrase))).toEqual([`input.credential.fields.key: ${problem}`])
  })
})

function pemOfDer(der: Buffer): string {
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----`
}

/** The key with the number of iterations, for which Node writes 2,048, replaced by the largest of four bytes. */
function withIterations(pem: string): Buffer {
  const der = Buffer.from(pem.replace(/-----.*?-----|\s/g, ''), 'base64')
  const at = der.indexOf(Buffer.from('02020800', 'hex'))
  return Buffer.concat([der.subarray(0, at), Buffer.from('02047fffffff', 'hex'), der.subarray(at + 4)])
}

async function applyTimes(authenticator: ReturnType<typeof open>, times: number): Promise<(string | null)[]> {
  const tokens: (string | null)[] = []
  for (let count = 0; count < times; count += 1) {
    const draft = emptyDraft()
    await authenticator.apply(draft)
    tokens.push((draft.headers.get('authorization') ?? '').replace('Bearer ', ''))
  }
  return tokens
}

function pemPublic(): string {
  return rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
