import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it } from 'vitest'
import { createEgress } from '../../src/egress/egress.ts'
import { UnauthenticatedError } from '../../src/kit/errors.ts'
import { sendJson } from '../support/provider-server.ts'
import { useFederation } from './federation-fixture.ts'

const world = useFederation()

describe('the keys of an issuer', () => {
  const keyReads = () => world.idp.requests.filter((path) => path === '/jwks').length

  it('are read once for many tokens', async () => {
    await world.configure()
    const callers = world.callersOf()
    const tokens = await Promise.all(
      ['ada', 'grace', 'ada', 'grace'].map((client) => world.idp.token(client, world.audience)),
    )
    await Promise.all(tokens.map((token) => callers.authenticate(token)))
    expect(keyReads()).toBe(1)
  })

  it('are read again once for an unknown key id', async () => {
    await world.configure()
    const callers = world.callersOf({ cooldownMs: 0 })
    await callers.authenticate(await world.idp.token('ada', world.audience))
    const old = await world.idp.token('grace', world.audience)
    await world.idp.rotate()
    expect((await callers.authenticate(await world.idp.token('ada', world.audience))).workspaceId).toBe(
      world.workspaceId,
    )
    expect(keyReads()).toBe(2)
    await world.expectRefused(callers, old, 'ERR_JWKS_NO_MATCHING_KEY')
    expect(keyReads()).toBe(3)
  })

  it('are not read again for each made-up key id', async () => {
    await world.configure()
    const callers = world.callersOf({ cooldownMs: 3_600_000 })
    await callers.authenticate(await world.idp.token('ada', world.audience))
    for (let count = 0; count < 5; count += 1) {
      const token = await world.idp.sign({ aud: world.audience, sub: 'ada' }, { kid: randomUUID() })
      await world.expectRefused(callers, token, 'ERR_JWKS_NO_MATCHING_KEY')
    }
    expect(keyReads()).toBe(1)
  })

  it('that cannot be read make tokens UNAUTHENTICATED, and are not requested by every caller', async () => {
    await world.configure()
    const token = await world.idp.token('ada', world.audience)
    world.idp.away = true
    const callers = world.callersOf({ cooldownMs: 3_600_000 })
    for (let count = 0; count < 3; count += 1) {
      await expect(callers.authenticate(token)).rejects.toThrow(UnauthenticatedError)
    }
    expect(world.idp.requests.filter((path) => path !== '/token')).toEqual(['/.well-known/openid-configuration'])
    expect(world.log.join()).not.toContain(token)
  })

  it('are read again when the issuer is available again', async () => {
    await world.configure()
    const token = await world.idp.token('ada', world.audience)
    world.idp.away = true
    const callers = world.callersOf({ cooldownMs: 0 })
    await expect(callers.authenticate(token)).rejects.toThrow(UnauthenticatedError)
    world.idp.away = false
    expect((await callers.authenticate(token)).workspaceId).toBe(world.workspaceId)
  })

  it('are used while the issuer is unavailable, up to maxStaleMs', async () => {
    await world.configure()
    const [ada, grace, late] = [
      await world.idp.token('ada', world.audience),
      await world.idp.token('grace', world.audience),
      await world.idp.sign({ aud: world.audience, sub: 'late' }),
    ]
    const options = { cooldownMs: 0, maxAgeMs: -1, maxStaleMs: 3_600_000 }
    const callers = world.callersOf(options)
    await callers.authenticate(ada)
    world.idp.away = true
    expect((await callers.authenticate(grace)).workspaceId).toBe(world.workspaceId)
    expect((await callers.authenticate(late)).workspaceId).toBe(world.workspaceId)
    const unknown = await world.idp.sign({ aud: world.audience, sub: 'ada' }, { kid: 'unknown' })
    await expect(callers.authenticate(unknown)).rejects.toThrow(UnauthenticatedError)

    world.idp.away = false
    const strict = world.callersOf({ ...options, maxStaleMs: -1 })
    await expect(strict.authenticate(ada)).rejects.toThrow(UnauthenticatedError)
  })

  it('are not read from metadata of another issuer', async () => {
    await world.configure()
    const token = await world.idp.token('ada', world.audience)
    world.idp.answer = (_request, response) =>
      sendJson(response, { issuer: world.other.issuer, jwks_uri: world.idp.jwksUrl })
    await expect(world.callersOf().authenticate(token)).rejects.toThrow(UnauthenticatedError)
    expect(keyReads()).toBe(0)
  })

  it('are read from the configured jwksUrl without metadata', async () => {
    await world.configure({ jwksUrl: world.idp.jwksUrl })
    await world.callersOf().authenticate(await world.idp.token('ada', world.audience))
    expect(world.idp.requests.filter((path) => path !== '/token')).toEqual(['/jwks'])
  })

  it.each<[string, (respond: { jwksUrl: string }) => [number, Record<string, string>, string]]>([
    ['a redirect', ({ jwksUrl }) => [302, { location: `${jwksUrl}?again` }, '']],
    ['a response that is not JSON', () => [200, {}, '<html>']],
    ['a response that is not a JWK set', () => [200, {}, '{"keys":{}}']],
    ['a response that is too large', () => [200, {}, JSON.stringify({ keys: [], padding: 'x'.repeat(300_000) })]],
  ])('are not read from %s', async (_case, make) => {
    await world.configure({ jwksUrl: world.idp.jwksUrl })
    const token = await world.idp.token('ada', world.audience)
    const [status, headers, body] = make(world.idp)
    world.idp.answer = (_request, response) => void response.writeHead(status, headers).end(body)
    await expect(world.callersOf().authenticate(token)).rejects.toThrow(UnauthenticatedError)
    expect(keyReads()).toBe(1)
  })

  it('are rejected when they are private, symmetric or too weak', async () => {
    await world.configure({ jwksUrl: world.idp.jwksUrl })
    const token = await world.idp.token('ada', world.audience)
    const { jwk } = await world.idp.publicKey()
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const weak = { ...jwk, n: Buffer.alloc(128, 0xff).toString('base64url') }
    const secret = { kty: 'oct', kid: jwk.kid, k: 'AAAA', alg: 'RS256' }
    for (const [key, reason] of [
      [{ ...(await exportJWK(privateKey)), kid: jwk.kid }, 'ERR_JWKS_INVALID'],
      [weak, 'the key does not fit'],
      [secret, 'ERR_JWKS_NO_MATCHING_KEY'],
    ] as const) {
      world.idp.answer = (_request, response) => sendJson(response, { keys: [key] })
      await world.expectRefused(world.callersOf(), token, reason)
    }
  })

  it('are requested under the egress policy, which blocks private addresses', async () => {
    await world.configure()
    const token = await world.idp.token('ada', world.audience)
    const guarded = createEgress()
    await expect(world.callersOf({}, guarded).authenticate(token)).rejects.toThrow(UnauthenticatedError)
    expect(world.idp.requests).toEqual(['/token'])
    await guarded.close()
  })
})
