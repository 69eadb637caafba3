import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseKind, serverAnswers } from '../../support/databases.ts'
import { type ProviderRequestSeen, sendJson, spaced } from '../../support/provider-server.ts'
import { bearerOf, type RequestFixture, rowId, startRequestFixture } from '../../tools/request-fixture.ts'

const LONG_AGO = '2020-01-01T00:00:00.000Z'

describe.each<DatabaseKind>(['embedded', 'server'])('During a renewal, on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) return it.skip('no server answers', () => undefined)
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture(kind)
  })
  afterAll(() => fixture.close())

  const execute = (connectionId: string, path = '/things') =>
    fixture.run('executeRequest', { connectionId, method: 'GET', path })
  const change = (mutation: string, input: Record<string, unknown>) => {
    const Name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`
    const document = `mutation ($input: ${Name}Input!) { ${mutation}(input: $input) { __typename ... on Error { message } } }`
    return fixture.app.mutate(document, input, fixture.workspace.key)
  }
  const tokens = (name: string) => ({
    access_token: `${name}-access`,
    refresh_token: `${name}-refresh`,
    token_type: 'Bearer',
    expires_in: 3600,
  })

  /** The token endpoint waits until `go` is called. The API echoes the access token. */
  function holdTokenEndpoint() {
    const asked = Promise.withResolvers<ProviderRequestSeen>()
    const go = Promise.withResolvers<void>()
    fixture.answer(async (seen, response) => {
      if (seen.url.pathname !== '/token') return sendJson(response, { token: spaced(bearerOf(seen.headers)) })
      asked.resolve(seen)
      await go.promise
      sendJson(response, tokens('renewed'))
    })
    return { asked: asked.promise, go: go.resolve }
  }

  it('a connection that is deleted stays deleted and gets no more events (RF-13)', async () => {
    const connectionId = await fixture.connectOAuth({ expiresAt: LONG_AGO })
    const held = holdTokenEndpoint()
    const executing = execute(connectionId)
    await held.asked
    await change('deleteConnection', { connectionId })
    held.go()
    expect(await executing).toMatchObject({ __typename: 'NotFoundError' })
    expect(await execute(connectionId)).toMatchObject({ __typename: 'NotFoundError' })
    const where = { connectionId: rowId(connectionId) }
    const events = await fixture.app.database.prisma.event.findMany({ where, orderBy: { position: 'asc' } })
    expect(events.at(-1)?.type).toBe('CONNECTION_DELETED')
    expect(fixture.provider.requests.filter(({ url }) => url.pathname !== '/token')).toEqual([])
  })

  it('a credential that replaces it wins and is used (RF-13)', async () => {
    const connectionId = await fixture.connectOAuth({ expiresAt: LONG_AGO })
    const held = holdTokenEndpoint()
    const executing = execute(connectionId)
    await held.asked
    const oauthToken = { accessToken: 'replaced-access', expiresAt: '2040-01-01T00:00:00.000Z' }
    await change('replaceCredential', { connectionId, credential: { oauthToken } })
    held.go()
    expect(await executing).toMatchObject({ response: { body: { token: spaced('replaced-access') } } })
    expect(await execute(connectionId)).toMatchObject({ response: { body: { token: spaced('replaced-access') } } })
    const where = { connectionId: rowId(connectionId) }
    const stored = await fixture.app.database.prisma.credential.findUniqueOrThrow({ where })
    expect(stored).toMatchObject({ version: 2, attemptId: null, refreshable: false })
  })

  it('other changes of the connection are preserved, including that it is disabled (RF-13)', async () => {
    // The schedule is read only when it is due, which never happens here.
    const streams = [{ name: 'things', path: '/things', primaryKey: ['id'] }]
    const connectionId = await fixture.connectOAuth({ expiresAt: LONG_AGO, definition: { streams } })
    const held = holdTokenEndpoint()
    const executing = execute(connectionId)
    await held.asked
    const changed = { displayName: 'Another', metadata: { a: [1, 2] }, collection: 'crm' }
    await change('updateConnection', { connectionId, ...changed, schedule: { intervalSeconds: 600 } })
    held.go()
    expect(await executing).toMatchObject({ response: { body: { token: spaced('renewed-access') } } })
    const where = { id: rowId(connectionId) }
    const read = () =>
      fixture.app.database.prisma.connection.findUniqueOrThrow({ where, include: { collection: true } })
    expect(await read()).toMatchObject({ displayName: 'Another', metadata: { a: [1, 2] }, status: 'ACTIVE' })
    expect((await read()).collection?.name).toBe('crm')
    expect(await read()).toMatchObject({ scheduleIntervalSeconds: 600, nextRunAt: expect.any(Date) })

    await fixture.app.database.prisma.credential.update({
      where: { connectionId: rowId(connectionId) },
      data: { expiresAt: new Date(LONG_AGO), nextRefreshAt: null },
    })
    const again = holdTokenEndpoint()
    const refused = execute(connectionId)
    await again.asked
    await change('updateConnection', { connectionId, disabled: true })
    again.go()
    expect(await refused).toMatchObject({ __typename: 'ConflictError' })
    expect((await read()).status).toBe('DISABLED')
  })

  it('requests in flight with the old token continue, or are repeated once with the new one (RF-15)', async () => {
    const connectionId = await fixture.connectOAuth()
    const held = { count: 0, all: Promise.withResolvers<void>() }
    const go = Promise.withResolvers<void>()
    fixture.answer(async (seen, response) => {
      if (seen.url.pathname === '/token') return sendJson(response, tokens('renewed'))
      const token = bearerOf(seen.headers)
      if (token === 'old-access-token') {
        held.count += 1
        if (held.count === 10) held.all.resolve()
        await go.promise
        // The provider has revoked the old token and still serves requests that it had begun.
        if (seen.url.pathname.endsWith('/refused')) return sendJson(response, {}, {}, 401)
      }
      sendJson(response, { token: spaced(token) })
    })
    const executing = Array.from({ length: 10 }, (_, index) =>
      execute(connectionId, index < 5 ? '/served' : '/refused'),
    )
    await held.all.promise
    await fixture.run('refreshConnection', { connectionId, force: true })
    go.resolve()
    const bodies = (await Promise.all(executing)).map(({ response }) => response.body.token)
    expect(bodies).toEqual([
      ...Array.from({ length: 5 }, () => spaced('old-access-token')),
      ...Array.from({ length: 5 }, () => spaced('renewed-access')),
    ])
    expect(fixture.provider.requests.filter(({ url }) => url.pathname === '/token')).toHaveLength(1)
  })
})
