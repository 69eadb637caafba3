import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeGlobalId, encodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { openBrowser, takeLink } from './browser.ts'
import { connectSessions } from './connect-sessions.ts'
import { ERRORS, goThrough } from './oauth-fixture.ts'
import { useScripted } from './scripted-provider.ts'

const latchkey = useScripted()
const { createSession, sessionOf } = connectSessions(latchkey)
let integrations = 0

const integrate = async () => {
  integrations += 1
  const slug = `passing-${integrations}`
  const callback = await latchkey.integrate(slug)
  const { data } = await latchkey.app.request(
    'query ($id: ID!, $slug: String!) { workspace(id: $id) { integration(slug: $slug) { id } } }',
    { id: latchkey.workspace.id, slug },
  )
  return { slug, callback, id: data.workspace.integration.id as string }
}

const remove = (type: 'Integration' | 'Connection', id: string) =>
  latchkey.app.mutate(
    `mutation ($input: Delete${type}Input!) { delete${type}(input: $input) { ${ERRORS} } }`,
    { [`${type.toLowerCase()}Id`]: id },
    latchkey.workspace.key,
  )

const stateOf = ({ authorizationUrl }: { authorizationUrl: string }) =>
  new URL(authorizationUrl).searchParams.get('state')

describe('A state', () => {
  it('is not consumed by completeOAuth with a wrong end user or none', async () => {
    const begun = await latchkey.start({ endUserExternalId: 'ada' })
    const other = await latchkey.start({ endUserExternalId: 'bob' })
    const complete = (input: object) => latchkey.call('completeOAuth', { state: stateOf(begun), code: 'c', ...input })
    for (const [code, named] of [
      ['INVALID_INPUT', {}],
      ['SCOPE_MISMATCH', { endUserExternalId: 'bob' }],
      ['SCOPE_MISMATCH', { endUserId: other.connection.endUser.id }],
      ['SCOPE_MISMATCH', { endUserExternalId: 'nobody-yet' }],
      ['NOT_FOUND', { endUserId: encodeGlobalId('EndUser', randomUUID()) }],
    ] as const) {
      expect(await complete(named), JSON.stringify(named)).toMatchObject({ code })
    }
    expect(latchkey.provider.requests).toEqual([])
    expect(await complete({ endUserExternalId: 'ada' })).toMatchObject({ connection: { status: 'ACTIVE' } })
    expect(await complete({ endUserExternalId: 'ada' })).toMatchObject({ code: 'NOT_FOUND' })
    const named = await latchkey.app.database.sql.query("SELECT 1 FROM end_user WHERE external_id = 'nobody-yet'")
    expect(named).toEqual([])
  })

  it('is not consumed by naming an end user of another workspace for an unowned connection', async () => {
    const elsewhere = await latchkey.app.createWorkspace('Elsewhere')
    const { endUser } = await latchkey.app.mutate(
      `mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { ${ERRORS} ... on UpsertEndUserPayload { endUser { id } } } }`,
      { workspaceId: elsewhere.id, externalId: 'eve' },
      elsewhere.key,
    )
    const state = stateOf(await latchkey.start())
    const answer = { state, code: 'c' }
    expect(await latchkey.call('completeOAuth', { ...answer, endUserId: endUser.id })).toMatchObject({
      code: 'NOT_FOUND',
    })
    const completed = await latchkey.call('completeOAuth', { ...answer, endUserExternalId: 'new-here' })
    expect(completed).toMatchObject({ connection: { status: 'ACTIVE', endUser: { externalId: 'new-here' } } })
  })

  it('is not consumed by a key of another workspace or a read-only key', async () => {
    const other = await latchkey.app.createWorkspace('Other')
    const { key: reader } = await latchkey.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ${ERRORS} ... on CreateApiKeyPayload { key } } }`,
      { workspaceId: latchkey.workspace.id, name: 'reader', role: 'READER' },
    )
    const answer = { state: stateOf(await latchkey.start()), code: 'c' }
    expect(await latchkey.call('completeOAuth', answer, other.key)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await latchkey.call('completeOAuth', answer, reader)).toMatchObject({ code: 'FORBIDDEN' })
    expect(latchkey.provider.requests).toEqual([])
    expect(await latchkey.call('completeOAuth', answer)).toMatchObject({ connection: { status: 'ACTIVE' } })
  })
})

describe('A connect session whose user is at the provider', () => {
  const FAILED = {
    status: 'FAILED',
    error: { code: 'NOT_FOUND', message: expect.stringContaining('Get a new link') },
  }
  const failuresOf = ({ session: { id } }: { session: { id: string } }) =>
    latchkey.app.database.sql.query(
      "SELECT 1 FROM event WHERE type = 'CONNECT_SESSION_FAILED' AND connect_session_id = $1::uuid",
      [decodeGlobalId('ConnectSession', id)],
    )

  it('fails when the integration is deleted, and accepts no response after that', async () => {
    const { slug, id } = await integrate()
    const created = await createSession({ integrations: [slug] })
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    expect(await sessionOf(created)).toMatchObject({ status: 'CONNECTING' })
    await remove('Integration', id)
    expect(await sessionOf(created)).toMatchObject(FAILED)
    expect(await failuresOf(created)).toHaveLength(1)
    const late = await browser.visit(latchkey.callbackOf({ authorizationUrl }))
    expect(late.status).toBe(400)
    expect(latchkey.provider.requests).toEqual([])
  })

  it('fails when its connection is deleted', async () => {
    const created = await createSession()
    await takeLink(openBrowser(), created.connectUrl)
    const [flow] = await latchkey.app.database.sql.query<{ connection_id: string }>(
      'SELECT connection_id FROM oauth_flow WHERE connect_session_id = $1::uuid',
      [decodeGlobalId('ConnectSession', created.session.id)],
    )
    await remove('Connection', encodeGlobalId('Connection', flow?.connection_id ?? ''))
    expect(await sessionOf(created)).toMatchObject(FAILED)
  })

  it('stays open when the user has started a flow at another integration', async () => {
    const [left, chosen] = [await integrate(), await integrate()]
    const created = await createSession({ integrations: [left.slug, chosen.slug] })
    const browser = openBrowser()
    await takeLink(browser, created.connectUrl, left.slug)
    const authorizationUrl = await takeLink(browser, created.connectUrl, chosen.slug)
    await remove('Integration', left.id)
    expect(await sessionOf(created)).toMatchObject({ status: 'CONNECTING' })
    await browser.visit(latchkey.callbackOf({ authorizationUrl }))
    expect(await sessionOf(created)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
    await remove('Integration', chosen.id)
  })

  it('fails when the integration is deleted during the token request, and stores nothing', async () => {
    const { slug, id } = await integrate()
    const created = await createSession({ integrations: [slug] })
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const asked = Promise.withResolvers<void>()
    const deleted = Promise.withResolvers<void>()
    const { token } = latchkey.provider
    latchkey.provider.token = (request, response) => {
      asked.resolve()
      void deleted.promise.then(() => {
        const { body } = token(request, response) ?? {}
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
      return undefined
    }
    const answer = browser.visit(latchkey.callbackOf({ authorizationUrl }))
    await asked.promise
    await remove('Integration', id)
    deleted.resolve()
    expect((await answer).status).toBeLessThan(500)
    expect(await sessionOf(created)).toMatchObject(FAILED)
    expect((await goThrough(latchkey.callbackOf(await latchkey.start()))).searchParams.has('handle')).toBe(true)
  })
})
