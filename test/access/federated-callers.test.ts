import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { isFederated, isJwt } from '../../src/access/federated-callers.ts'
import { newId } from '../../src/kit/ids.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'
import { base64, inSeconds, useFederation } from './federation-fixture.ts'

const world = useFederation()

describe('a valid token of an OIDC issuer', () => {
  it('authenticates its end user until it expires', async () => {
    const settings = await world.configure({ createEndUsers: false })
    const ada = await world.database.prisma.endUser.create({
      data: { id: newId(), workspaceId: world.workspaceId, externalId: 'ada' },
    })
    const token = await world.idp.token('ada', world.audience)
    const caller = await world.callersOf().authenticate(token)
    expect(caller).toEqual({
      kind: 'FEDERATED_USER',
      name: 'ada',
      role: 'READER',
      workspaceId: world.workspaceId,
      endUserId: ada.id,
      apiKeyId: null,
      connectSessionId: null,
      expiresAt: new Date((decodeJwt(token).exp ?? 0) * 1000),
      oidcIssuerId: settings.id,
      oidcIssuerVersion: 1,
    })
    expect(isFederated(caller)).toBe(true)
    expect(world.idp.requests.filter((path) => path !== '/token')).toEqual([
      '/.well-known/openid-configuration',
      '/jwks',
    ])
  })

  it('creates a new end user once if createEndUsers is on', async () => {
    await world.configure()
    const callers = world.callersOf()
    const token = await world.idp.token('grace', world.audience)
    const found = await Promise.all(Array.from({ length: 5 }, () => callers.authenticate(token)))
    const [grace, ...others] = await world.endUsers()
    expect([grace?.externalId, others]).toEqual(['grace', []])
    expect(new Set(found.map(({ endUserId }) => endUserId))).toEqual(new Set([grace?.id]))
  })

  it('is rejected for an unknown end user if createEndUsers is off', async () => {
    await world.configure({ createEndUsers: false })
    await world.expectRefused(world.callersOf(), await world.idp.token('grace', world.audience), 'unknown end user')
    expect(await world.endUsers()).toEqual([])
  })

  it('names the end user in the configured claim, which may be nested or a URI', async () => {
    const settings = await world.configure({ endUserClaim: 'user.id' })
    const claims = { aud: world.audience, user: { id: 'nested' }, 'user.id': 'flat', 'https://acme.example/uid': 'uri' }
    const token = await world.idp.sign(claims)
    await world.callersOf().authenticate(token)
    await world.database.prisma.oidcIssuer.update({
      where: { id: settings.id },
      data: { endUserClaim: 'https://acme.example/uid' },
    })
    await world.callersOf().authenticate(token)
    expect((await world.endUsers()).map(({ externalId }) => externalId)).toEqual(['nested', 'uri'])
  })

  it.each<[string, JWTPayload]>([
    ['absent', {}],
    ['a number', { user: { id: 7 } }],
    ['blank', { user: { id: ' ' } }],
    ['too long', { user: { id: 'x'.repeat(256) } }],
    ['not storable', { user: { id: 'a\u0000b' } }],
    ['in a list', { user: [{ id: 'x' }] }],
    ['of a prototype', { user: 'x' }],
  ])('is rejected when the claim is %s', async (_case, claims) => {
    await world.configure({ endUserClaim: 'user.id' })
    await world.expectRefused(
      world.callersOf(),
      await world.idp.sign({ aud: world.audience, ...claims }),
      'no usable end user claim',
    )
    expect(await world.endUsers()).toEqual([])
  })

  it('is valid for one workspace, even if others use the same issuer or audience', async () => {
    const mine = await world.configure()
    const theirs = await world.newWorkspace()
    await world.configure({ workspaceId: theirs, issuer: world.other.issuer })
    await world.configure({ workspaceId: theirs, audience: `${world.audience}/theirs` })
    const callers = world.callersOf()
    const seen = async (token: string) => (await callers.authenticate(token)).workspaceId
    expect(await seen(await world.idp.token('ada', world.audience))).toBe(mine.workspaceId)
    expect(await seen(await world.other.token('ada', world.audience))).toBe(theirs)
    expect(await seen(await world.idp.token('ada', `${world.audience}/theirs`))).toBe(theirs)
  })

  it('may have other audiences', async () => {
    await world.configure()
    const token = await world.idp.sign({ aud: ['https://elsewhere.example', world.audience], sub: 'ada' })
    expect((await world.callersOf().authenticate(token)).workspaceId).toBe(world.workspaceId)
  })

  it('is rejected once the workspace is deleted', async () => {
    await world.configure()
    await world.database.prisma.workspace.update({ where: { id: world.workspaceId }, data: { deletedAt: new Date() } })
    await world.expectRefused(
      world.callersOf(),
      await world.idp.token('ada', world.audience),
      'unknown issuer or audience',
    )
  })
})

describe('an invalid token', () => {
  const bad: [string, string, () => Promise<string>][] = [
    ['another audience', 'unknown issuer or audience', () => world.idp.token('ada', 'https://elsewhere.example')],
    ['no audience', 'no issuer or no audience', () => world.idp.sign({ sub: 'ada' })],
    ['an unknown issuer', 'unknown issuer or audience', () => world.other.token('ada', world.audience)],
    [
      'another issuer’s signature under this issuer’s name',
      'ERR_JWKS_NO_MATCHING_KEY',
      () => world.other.sign({ iss: world.idp.issuer, aud: world.audience, sub: 'ada' }),
    ],
    [
      'another issuer’s signature under this issuer’s name and key id',
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      async () =>
        world.other.sign(
          { iss: world.idp.issuer, aud: world.audience, sub: 'ada' },
          { kid: (await world.idp.publicKey()).jwk.kid ?? '' },
        ),
    ],
    ['an issuer with an additional slash', 'unknown issuer or audience', () => signed({ iss: `${world.idp.issuer}/` })],
    ['an issuer that the database rejects', 'ill-formed text', () => signed({ iss: 'a\u0000b' })],
    ['an expiry in the past', 'ERR_JWT_EXPIRED', () => signed({ exp: inSeconds(-90) })],
    ['no end', 'ERR_JWT_CLAIM_VALIDATION_FAILED exp', () => signed({ exp: undefined })],
    ['an expiry outside the range of dates', 'no usable expiry', () => signed({ exp: 1e300 })],
    ['a not-before time in the future', 'ERR_JWT_CLAIM_VALIDATION_FAILED nbf', () => signed({ nbf: inSeconds(90) })],
    ['an issue time in the future', 'issued in the future', () => signed({ iat: inSeconds(90) })],
    ['a binding to a key', 'bound to a key', () => signed({ cnf: { jkt: 'x' } })],
    ['another type', 'another type of token', () => signed({}, { typ: 'logout+jwt' })],
    ['an unknown critical extension', 'ERR_JOSE_NOT_SUPPORTED', critical],
    ['a path as the key id', 'ERR_JWKS_NO_MATCHING_KEY', () => signed({}, { kid: '../../../../dev/null' })],
    ['a number as the key id', 'ERR_JWKS_NO_MATCHING_KEY', () => signed({}, { kid: 0 })],
    ['more than 8 KiB', 'too large', () => signed({ padding: 'x'.repeat(8_192) })],
    [
      'no JSON inside',
      'not a JWT',
      async () => `${base64({ alg: 'RS256' })}.${Buffer.from('{').toString('base64url')}.AA`,
    ],
    ['no signature', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED', async () => (await signed({})).replace(/[^.]*$/, '')],
    [
      'claims that were changed after it was signed',
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      async () => {
        const [header, payload = '', signature] = (await signed({})).split('.')
        const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
        return `${header}.${base64({ ...Object(claims), sub: 'admin' })}.${signature}`
      },
    ],
    ['alg none', 'ERR_JOSE_ALG_NOT_ALLOWED', () => unsecured('none')],
    ['alg None', 'ERR_JOSE_ALG_NOT_ALLOWED', () => unsecured('None')],
    ['HS256 with the public key as the secret', 'ERR_JOSE_ALG_NOT_ALLOWED', () => confused('pem')],
    ['HS256 with the public JWK as the secret', 'ERR_JOSE_ALG_NOT_ALLOWED', () => confused('jwk')],
    ['an algorithm that is not allowed', 'ERR_JOSE_ALG_NOT_ALLOWED', () => signed({}, { alg: 'RS512' })],
    ['an algorithm that does not fit the key', 'ERR_JWKS_NO_MATCHING_KEY', () => signed({}, { alg: 'PS256' })],
  ]

  function signed(claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
    return world.idp.sign({ aud: world.audience, sub: 'ada', ...claims }, header)
  }

  async function critical(): Promise<string> {
    const [, payload, signature] = (await signed({})).split('.')
    const header = { alg: 'RS256', crit: ['exotic'], exotic: true, kid: (await world.idp.publicKey()).jwk.kid }
    return `${base64(header)}.${payload}.${signature}`
  }

  async function unsecured(alg: string): Promise<string> {
    const claims = { iss: world.idp.issuer, aud: world.audience, sub: 'ada', exp: inSeconds(60) }
    return `${base64({ alg, typ: 'JWT' })}.${base64(claims)}.`
  }

  async function confused(form: 'pem' | 'jwk'): Promise<string> {
    const { pem, jwk } = await world.idp.publicKey()
    const secret = new TextEncoder().encode(form === 'pem' ? pem : JSON.stringify(jwk))
    return new SignJWT({ iss: world.idp.issuer, aud: world.audience, sub: 'ada', exp: inSeconds(60) })
      .setProtectedHeader({ alg: 'HS256', ...(jwk.kid === undefined ? {} : { kid: jwk.kid }), typ: 'JWT' })
      .sign(secret)
  }

  it.each(bad)('is rejected: %s', async (_case, reason, make) => {
    await world.configure()
    await world.expectRefused(world.callersOf(), await make(), reason)
    expect(await world.endUsers()).toEqual([])
  })

  it('is rejected when its header contains a key or the URL of one, which is never requested', async () => {
    await world.configure()
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'own', use: 'sig' }
    const attacker = await startProvider((_request, response) => sendJson(response, { keys: [jwk] }))
    const callers = world.callersOf()
    for (const header of [{ jwk }, { jku: attacker.origin }, { x5u: attacker.origin }, { x5c: ['MIIB'] }]) {
      const token = await new SignJWT({ iss: world.idp.issuer, aud: world.audience, sub: 'ada', exp: inSeconds(60) })
        .setProtectedHeader({ alg: 'RS256', kid: 'own', ...header })
        .sign(privateKey)
      await world.expectRefused(callers, token, 'ERR_JWKS_NO_MATCHING_KEY')
    }
    expect(attacker.requests).toEqual([])
    await attacker.close()
  })

  it('is rejected although another workspace has configured its key for the same issuer', async () => {
    await world.configure()
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'own', use: 'sig' }
    const attacker = await startProvider((_request, response) => sendJson(response, { keys: [jwk] }))
    const theirs = await world.newWorkspace()
    await world.configure({ workspaceId: theirs, audience: `${world.audience}/theirs`, jwksUrl: attacker.origin })
    const callers = world.callersOf()
    const sign = (aud: string) =>
      new SignJWT({ iss: world.idp.issuer, aud, sub: 'ada', exp: inSeconds(60) })
        .setProtectedHeader({ alg: 'RS256', kid: 'own' })
        .sign(privateKey)
    expect((await callers.authenticate(await sign(`${world.audience}/theirs`))).workspaceId).toBe(theirs)
    await world.expectRefused(callers, await sign(world.audience), 'ERR_JWKS_NO_MATCHING_KEY')
    await attacker.close()
  })

  it('is accepted when the clocks differ by less than a minute', async () => {
    await world.configure()
    const callers = world.callersOf()
    for (const claims of [{ exp: inSeconds(-30) }, { iat: inSeconds(30) }, { nbf: inSeconds(30) }]) {
      expect((await callers.authenticate(await signed(claims))).workspaceId).toBe(world.workspaceId)
    }
  })

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('is accepted with the type %s', async (typ) => {
    await world.configure()
    expect((await world.callersOf().authenticate(await signed({}, { typ }))).workspaceId).toBe(world.workspaceId)
  })
})

describe('changed settings', () => {
  it('take effect at once after a wake-up', async () => {
    const settings = await world.configure()
    const callers = world.callersOf()
    const token = await world.idp.token('ada', world.audience)
    await callers.authenticate(token)
    await world.database.prisma.oidcIssuer.delete({ where: { id: settings.id } })
    world.bus.publish('access', settings.id)
    await world.expectRefused(callers, token, 'unknown issuer or audience')
  })
})

describe('isJwt', () => {
  it('distinguishes a JWT from a key, also from a key with dots', async () => {
    expect(isJwt(await world.idp.token('ada', world.audience))).toBe(true)
    expect(isJwt(`${base64({ alg: 'none' })}.e30.`)).toBe(true)
    for (const key of [
      'lk_abc',
      'an.operator.key-with-dots-that-is-32-long',
      `${base64({ typ: 'x' })}.a.b`,
      'a.b',
      '..',
    ]) {
      expect(isJwt(key)).toBe(false)
    }
  })
})
