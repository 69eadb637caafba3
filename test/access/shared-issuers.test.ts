import { describe, expect, it } from 'vitest'
import { createCallerGate } from '../../src/http/server/caller-gate.ts'
import { AmbiguousError } from '../../src/kit/errors.ts'
import { globalIdOf, newId } from '../../src/kit/ids.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'
import { inSeconds, NOT_VALID, useFederation } from './federation-fixture.ts'

const world = useFederation()

/** Time in which an answer did not wait for a key set that hangs, in milliseconds. A read of one ends after 5,000. */
const SOON_MS = 3_000

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const startedMs = performance.now()
  return { result: await work, ms: performance.now() - startedMs }
}

describe('issuers of several workspaces that have the same name', () => {
  it('accept a token although the key set of another one hangs', async () => {
    const hanging = await startProvider(() => undefined)
    await world.configure({ workspaceId: await world.newWorkspace(), jwksUrl: hanging.origin, approvedAt: new Date() })
    await world.configure()
    const callers = world.callersOf({ cooldownMs: 0 })
    for (const client of ['ada', 'grace']) {
      const { result, ms } = await timed(callers.authenticate(await world.idp.token(client, world.audience)))
      expect(result.workspaceId).toBe(world.workspaceId)
      expect(ms).toBeLessThan(SOON_MS)
    }
    expect(hanging.requests.length).toBe(1)
    await hanging.close()
  })

  it('do not wait at all for a key set whose last read has failed', async () => {
    let hangs = false
    const broken = await startProvider((_request, response) => {
      if (!hangs) sendJson(response, {}, {}, 500)
    })
    await world.configure({ workspaceId: await world.newWorkspace(), jwksUrl: broken.origin })
    await world.configure()
    const callers = world.callersOf({ cooldownMs: 0 })
    await callers.authenticate(await world.idp.token('ada', world.audience))
    hangs = true
    const { ms } = await timed(callers.authenticate(await world.idp.sign({ aud: world.audience, sub: 'ada' })))
    expect(ms).toBeLessThan(400)
    // It is tried again in the background.
    await expect.poll(() => broken.requests.length).toBe(2)
    await broken.close()
  })

  it('reject an expired token without reading keys, and a token that none has signed', async () => {
    const hanging = await startProvider(() => undefined)
    await world.configure({ workspaceId: await world.newWorkspace(), jwksUrl: hanging.origin })
    await world.configure()
    const expired = await world.idp.sign({ aud: world.audience, sub: 'ada', exp: inSeconds(-90) })
    await world.expectRefused(world.callersOf(), expired, 'ERR_JWT_EXPIRED')
    expect(hanging.requests).toEqual([])
    await hanging.close()
  })

  it('reject a token that no key set accepts, also when one cannot be read', async () => {
    const broken = await startProvider((_request, response) => sendJson(response, {}, {}, 500))
    const wrong = await startProvider((_request, response) => sendJson(response, { keys: [] }))
    await world.configure({ workspaceId: await world.newWorkspace(), jwksUrl: broken.origin })
    await world.configure({ workspaceId: await world.newWorkspace(), jwksUrl: wrong.origin })
    const token = await world.idp.token('ada', world.audience)
    await world.expectRefused(world.callersOf(), token, 'the keys of the issuer cannot be read')
    await Promise.all([broken.close(), wrong.close()])
  })

  it('make a token ambiguous when two accept it, and accept it again when one is gone', async () => {
    const theirs = await world.newWorkspace()
    const another = await world.configure({ workspaceId: theirs })
    await world.configure()
    const callers = world.callersOf()
    const token = await world.idp.token('ada', world.audience)
    await expect(callers.authenticate(token)).rejects.toThrow(AmbiguousError)
    await expect(callers.authenticate(token)).rejects.toThrow(AmbiguousError)
    for (const id of [world.workspaceId, theirs]) {
      // The fixture's slugs are the ids.
      expect((await callers.authenticate(token, id)).workspaceId).toBe(id)
      expect((await callers.authenticate(token, globalIdOf('Workspace', id))).workspaceId).toBe(id)
    }
    await world.database.prisma.oidcIssuer.delete({ where: { id: another.id } })
    world.bus.publish('access', another.id)
    expect((await callers.authenticate(token)).workspaceId).toBe(world.workspaceId)
  })

  it('are not mixed up by the cache: each name of a workspace has its own entry', async () => {
    await world.configure()
    const callers = world.callersOf()
    const token = await world.idp.token('ada', world.audience)
    expect((await callers.authenticate(token)).workspaceId).toBe(world.workspaceId)
    for (const name of [
      await world.newWorkspace(),
      'x'.repeat(5_000),
      'a\u0000b',
      globalIdOf('EndUser', world.workspaceId),
    ]) {
      await expect(callers.authenticate(token, name)).rejects.toThrow(NOT_VALID)
    }
    expect((await callers.authenticate(token, world.workspaceId)).workspaceId).toBe(world.workspaceId)
  })

  it('with other algorithms do not count', async () => {
    await world.configure()
    await world.configure({ workspaceId: await world.newWorkspace(), allowedAlgorithms: ['ES256'] })
    const { workspaceId } = await world.callersOf().authenticate(await world.idp.token('ada', world.audience))
    expect(workspaceId).toBe(world.workspaceId)
  })

  it('of one workspace accept a token for the end user of the oldest that has one', async () => {
    const [oldest, older, newest] = [1, 2, 3].map((ms) => newId(ms))
    await world.configure({ id: oldest, createEndUsers: false })
    await world.configure({ id: newest, audience: `${world.audience}/3`, endUserClaim: 'other' })
    await world.configure({ id: older, audience: `${world.audience}/2` })
    const aud = ['/3', '/2', ''].map((suffix) => `${world.audience}${suffix}`)
    const caller = await world.callersOf().authenticate(await world.idp.sign({ aud, sub: 'ada', other: 'bob' }))
    expect([caller.oidcIssuerId, (await world.endUsers()).map(({ externalId }) => externalId)]).toEqual([
      older,
      ['ada'],
    ])
  })
})

describe('a workspace with very many issuers', () => {
  it('does not delay the tokens of others that share the issuer', async () => {
    const hanging = await startProvider(() => undefined)
    const hostile = await world.newWorkspace()
    await world.configure()
    const aud = Array.from({ length: 200 }, (_, index) => `${world.audience}/${index}`)
    await world.database.prisma.oidcIssuer.createMany({
      data: aud.map((audience, index) => ({
        id: newId(),
        workspaceId: hostile,
        issuer: world.idp.issuer,
        audience,
        allowedAlgorithms: ['RS256'],
        jwksUrl: `${hanging.origin}/${index}`,
        // Half of them as if an operator had approved them.
        approvedAt: index % 2 === 0 ? new Date() : null,
      })),
    })
    const token = await world.idp.sign({ aud: [...aud.slice(0, 60), world.audience], sub: 'ada' })
    const callers = world.callersOf()
    const { result, ms } = await timed(callers.authenticate(token))
    expect(result.workspaceId).toBe(world.workspaceId)
    expect(ms).toBeLessThan(SOON_MS)
    expect(hanging.requests.length).toBeLessThanOrEqual(16)
    await hanging.close()
  })

  it('is charged for the reads of keys, after which those of others still work', async () => {
    const keyServer = await startProvider((_request, response) => sendJson(response, { keys: [] }))
    const hostile = await world.newWorkspace()
    const callers = world.callersOf()
    const { id } = await world.configure({ workspaceId: hostile })
    const named = async (index: number) => {
      await world.database.prisma.oidcIssuer.update({
        where: { id },
        data: { jwksUrl: `${keyServer.origin}/${index}` },
      })
      const token = await world.idp.sign({ aud: world.audience, sub: 'ada' })
      return callers.authenticate(token, hostile).catch((error: unknown) => error)
    }
    for (let index = 0; index < 300; index += 1) expect(await named(index)).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await named(300)).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(keyServer.requests.length).toBe(300)
    // The other workspace shares a key set with the one that is over its limit.
    await world.configure({ workspaceId: hostile, audience: `${world.audience}/shared` })
    await world.configure()
    const token = await world.idp.sign({ aud: [world.audience, `${world.audience}/shared`], sub: 'ada' })
    expect((await callers.authenticate(token, world.workspaceId)).workspaceId).toBe(world.workspaceId)
    await keyServer.close()
  })
})

describe('a token that is not verified', () => {
  it('gets the same answer at the same time, whether the workspace has its issuer and can read its keys or not', async () => {
    const hanging = await startProvider(() => undefined)
    const broken = await startProvider((_request, response) => sendJson(response, {}, {}, 500))
    const workspaces = await Promise.all([1, 2, 3, 4].map(() => world.newWorkspace()))
    const [known, unread, failing] = workspaces
    await world.configure({ workspaceId: known, provedAt: null })
    await world.configure({ workspaceId: unread, provedAt: null, jwksUrl: hanging.origin })
    await world.configure({ workspaceId: failing, provedAt: null, jwksUrl: broken.origin })
    const forged = await world.other.sign({ iss: world.idp.issuer, aud: world.audience, sub: 'ada' })
    // As in production.
    const callers = world.callersOf({ rejectAfterMs: undefined, cooldownMs: 0 })
    const answers = await Promise.all(
      [...workspaces, ...workspaces].map((name) =>
        timed(callers.authenticate(forged, name).catch(({ code, status, message }) => ({ code, status, message }))),
      ),
    )
    for (const { result } of answers) {
      expect(result).toEqual({ code: 'UNAUTHENTICATED', status: 401, message: NOT_VALID })
    }
    const times = answers.map(({ ms }) => ms)
    // It was ten seconds or nothing.
    expect(Math.max(...times) / Math.min(...times)).toBeLessThan(1.5)
    await Promise.all([hanging.close(), broken.close()])
  })

  it('does not hold up valid tokens of its address while the keys of its issuer are read', async () => {
    const hanging = await startProvider(() => undefined)
    const hostile = await world.newWorkspace()
    await world.configure({ workspaceId: hostile, jwksUrl: hanging.origin })
    await world.configure()
    const callers = world.callersOf()
    const gate = createCallerGate(
      {
        authenticate: (token: string | null, ...rest) => callers.authenticate(token ?? '', ...rest),
        close: () => undefined,
      },
      { failuresPerMinute: 1 },
    )
    const address = '192.0.2.1'
    // The address is over its limit from here on.
    expect((await gate.identify('a.b.c', address)).caller).toBeNull()
    let answered = 0
    const waiting = Array.from({ length: 30 }, async (_, index) => {
      const token = await world.idp.sign({ aud: world.audience, sub: `user ${index}` })
      await gate.identify(token, address, hostile)
      answered += 1
    })
    await expect.poll(() => hanging.requests.length).toBe(1)
    const { caller } = await gate.identify(await world.idp.token('ada', world.audience), address, world.workspaceId)
    expect(caller).toMatchObject({ workspaceId: world.workspaceId })
    expect(answered).toBe(0)
    await hanging.close()
    await Promise.all(waiting)
  })
})

describe('an issuer that is not verified', () => {
  it('accepts tokens of requests that name its workspace only', async () => {
    await world.configure({ provedAt: null })
    const callers = world.callersOf()
    const token = await world.idp.token('ada', world.audience)
    await world.expectRefused(callers, token, 'unknown issuer or audience')
    expect((await callers.authenticate(token, world.workspaceId)).workspaceId).toBe(world.workspaceId)
  })

  it('accepts no token if operators approve issuers', async () => {
    const { id } = await world.configure()
    const callers = world.callersOf({ issuerApproval: 'operator' })
    const token = await world.idp.token('ada', world.audience)
    await world.expectRefused(callers, token, 'unknown issuer or audience')
    await expect(callers.authenticate(token, world.workspaceId)).rejects.toThrow(NOT_VALID)
    await world.database.prisma.oidcIssuer.update({ where: { id }, data: { approvedAt: new Date() } })
    expect((await callers.authenticate(token)).workspaceId).toBe(world.workspaceId)
  })
})
