import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now } from '../contract.ts'
import { ec256, ecPem, rsa, rsaPem } from '../signature/keys.ts'
import { formOf, type OAuth2Input, renewOnce, type Trial } from './renew-oauth2.ts'
import { startTokenServer, type TokenServer } from './token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const seconds = now.getTime() / 1000

describe('private_key_jwt (OA-34)', () => {
  const auth: Partial<OAuth2Input> = {
    grant: 'client_credentials',
    clientAuth: 'private_key_jwt',
    clientKey: { alg: 'ES256', kid: 'key-1' },
  }
  const stored = { fields: { client_id: 'id', client_secret: ecPem } }

  async function assertionOf(trial: Trial) {
    const { requests, error } = await renewOnce(server, { auth, stored, ...trial })
    expect(error).toBeUndefined()
    const form = formOf(requests[0])
    expect(form).toMatchObject({
      grant_type: 'client_credentials',
      client_id: 'id',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    expect(form).not.toHaveProperty('client_secret')
    return form['client_assertion'] ?? ''
  }

  it('without an issuer has the token endpoint as its only audience', async () => {
    const assertion = await assertionOf({})
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'ES256', kid: 'key-1' })
    const { payload } = await jwtVerify(assertion, ec256.publicKey, { currentDate: now })
    const aud = `http://127.0.0.1:${server.port}/token`
    expect(payload).toEqual({
      iss: 'id',
      sub: 'id',
      aud,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 60,
      jti: expect.any(String),
    })
  })

  it('has the issuer as its only audience, so that no other server accepts it', async () => {
    const assertion = await assertionOf({ auth: { ...auth, issuer: 'https://honest.example.com' } })
    expect(decodeJwt(assertion).aud).toBe('https://honest.example.com')
  })

  it('is different for each request', async () => {
    const ids = [decodeJwt(await assertionOf({})).jti, decodeJwt(await assertionOf({})).jti]
    expect(new Set(ids).size).toBe(2)
  })

  it.each(['RS256', 'PS256', 'PS512'] as const)('signs with %s and a key on one line', async (alg) => {
    const key = rsaPem.trim().replaceAll('\n', '\\n')
    const assertion = await assertionOf({
      auth: { ...auth, clientKey: { alg } },
      stored: { fields: { client_id: 'id', client_secret: key } },
    })
    expect((await jwtVerify(assertion, rsa.publicKey, { currentDate: now })).protectedHeader.alg).toBe(alg)
  })

  it('signs with a key that a passphrase decrypts', async () => {
    const passphrase = 'an example phrase'
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
    const key = ec256.privateKey.export(cipher).toString()
    const assertion = await assertionOf({
      auth: {
        ...auth,
        clientKey: { alg: 'ES256', passphrase: '{{ config.phrase }}' },
        fields: [{ name: 'phrase', secret: true }],
      },
      stored: { fields: { client_id: 'id', client_secret: key, phrase: passphrase } },
    })
    await expect(jwtVerify(assertion, ec256.publicKey, { currentDate: now })).resolves.toBeDefined()
  })

  it.each([
    ['no key', 'a mere secret'],
    ['a key of another kind', rsaPem],
    ['a key that is broken', ecPem.replace(/[A-Z]{4}/, 'AAAA').slice(0, 80)],
  ])('with %s is reported as INVALID_CLIENT, and nothing is sent', async (_name, client_secret) => {
    const { error, requests } = await renewOnce(server, {
      auth,
      stored: { fields: { client_id: 'id', client_secret } },
    })
    expect(error).toMatchObject({ reason: 'INVALID_CLIENT', retryable: false, indeterminate: false })
    expect(String(error)).not.toContain(client_secret)
    expect(requests).toEqual([])
  })
})

describe('the grant jwt_bearer', () => {
  const auth: Partial<OAuth2Input> = {
    grant: 'jwt_bearer',
    fields: [
      { name: 'client_email', required: true },
      { name: 'private_key', secret: true, required: true },
    ],
    scopes: ['a', 'b'],
    assertion: {
      algorithm: 'RS256',
      key: '{{ config.private_key }}',
      lifetime: 'PT1H',
      claims: { iss: '{{ config.client_email }}', scope: 'a b' },
    },
  }
  const fields = { client_email: 'robot@example.com', private_key: rsaPem }

  it('sends a signed assertion and no client (RFC 7523)', async () => {
    const { requests, renewal } = await renewOnce(server, { auth, stored: { fields, refreshToken: undefined } })
    const { assertion = '', ...form } = formOf(requests[0])
    expect(form).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', scope: 'a b' })
    const { payload } = await jwtVerify(assertion, rsa.publicKey, { currentDate: now })
    const aud = `http://127.0.0.1:${server.port}/token`
    expect(payload).toEqual({ iss: 'robot@example.com', scope: 'a b', aud, iat: seconds, exp: seconds + 3600 })
    expect(renewal?.expiresAt).toEqual(new Date('2026-01-02T04:04:05Z'))
  })

  it('by default has the token endpoint as audience, the client as issuer and a lifetime of three minutes', async () => {
    const assertion = {
      algorithm: 'ES256',
      key: '{{ config.private_key }}',
      claims: { aud: 'https://login.example.com' },
    } as const
    const { requests } = await renewOnce(server, {
      auth: { ...auth, scopes: [], assertion },
      stored: { fields: { ...fields, private_key: ecPem }, refreshToken: undefined },
      context: { oauthClient: { clientId: 'their-id', clientSecret: 'their-s3cret' } },
    })
    const form = formOf(requests[0])
    expect(form).toMatchObject({ client_id: 'their-id', client_secret: 'their-s3cret' })
    expect(decodeJwt(form['assertion'] ?? '')).toEqual({
      iss: 'their-id',
      aud: 'https://login.example.com',
      iat: seconds,
      exp: seconds + 180,
    })
  })

  it('fails with INVALID_GRANT if the key cannot sign', async () => {
    const { error, requests } = await renewOnce(server, {
      auth,
      stored: { fields: { ...fields, private_key: 'n0t a key' }, refreshToken: undefined },
    })
    expect(error).toMatchObject({ reason: 'INVALID_GRANT', retryable: false })
    expect(requests).toEqual([])
  })

  it('redacts the assertion from the provider’s words', async () => {
    const { error, requests } = await renewOnce(server, {
      auth,
      stored: { fields, refreshToken: undefined },
      answer: {
        instead: (answer) =>
          answer
            .writeHead(400)
            .end(JSON.stringify({ error: 'x', error_description: formOf(server.seen.at(-1))['assertion'] })),
      },
    })
    expect(requests).toHaveLength(1)
    expect(error).toMatchObject({ words: { providerErrorDescription: '[redacted]' } })
  })
})
