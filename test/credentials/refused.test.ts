import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { sendJson } from '../support/provider-server.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

const PASSWORD = 'canary-password-5d1e7c'

describe.each(['embedded', 'server'] as const)('On the %s database,', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture(kind)
  })
  afterAll(() => fixture.close())

  const execute = (connectionId: string) =>
    fixture.run('executeRequest', { connectionId, method: 'GET', path: '/things' })
  const stateOf = async (id: string) =>
    (
      await fixture.app.request(
        `query ($id: ID!) { node(id: $id) { ... on Connection { status statusReason
          credential { failedRefreshes lastError { reason providerStatus providerError } }
          events(first: 20) { nodes { type ... on CredentialRefreshFailed { reason } } } } } }`,
        { id },
      )
    ).data.node

  describe('a login before every request', () => {
    const connect = () =>
      fixture.connect({
        auth: {
          type: 'session_token',
          login: { url: `${fixture.provider.origin}/login`, json: { password: '{{ config.password }}' } },
          fields: [{ name: 'password', secret: true, required: true }],
          tokenPath: 'token',
          placement: { in: 'header', name: 'Authorization', prefix: 'Bearer' },
        },
        credential: { fields: { password: PASSWORD } },
      })

    it('that is refused makes the connection NEEDS_REAUTH, and is not tried again', async () => {
      fixture.answer((_seen, response) => sendJson(response, { error: `wrong: ${PASSWORD}` }, {}, 401))
      const connectionId = await connect()
      const refused = { __typename: 'ReconnectRequiredError', connection: { id: connectionId } }
      const results = await Promise.all([execute(connectionId), execute(connectionId)])
      expect(results).toMatchObject([refused, refused])
      const asked = fixture.provider.requests.length
      expect(await execute(connectionId)).toMatchObject(refused)
      expect(fixture.provider.requests).toHaveLength(asked)
      const state = await stateOf(connectionId)
      expect(state).toMatchObject({
        status: 'NEEDS_REAUTH',
        statusReason: 'The provider refused the login. Connect the account again.',
        credential: { lastError: { reason: 'INVALID_GRANT', providerStatus: 401, providerError: 'wrong: [redacted]' } },
      })
      expect(state.events.nodes.slice(2)).toEqual([
        { type: 'CREDENTIAL_REFRESH_FAILED', reason: 'INVALID_GRANT' },
        { type: 'CONNECTION_NEEDS_REAUTH' },
      ])
      expect(JSON.stringify(state)).not.toContain(PASSWORD)
    })

    it('does not change the connection while the provider is unavailable', async () => {
      fixture.answer((_seen, response) => sendJson(response, {}, {}, 503))
      const connectionId = await connect()
      expect(await execute(connectionId)).toMatchObject({ __typename: 'CredentialRefreshError', retryable: true })
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE', credential: { lastError: null } })
    })

    it('that is refused does not affect a credential that was stored meanwhile', async () => {
      const held = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      fixture.answer((_seen, response) => {
        asked.resolve()
        void held.promise.then(() => sendJson(response, {}, {}, 401))
      })
      const connectionId = await connect()
      const executing = execute(connectionId)
      await asked.promise
      await fixture.app.database.sql.query(
        'UPDATE credential SET version = version + 1 WHERE connection_id = $1::uuid',
        [rowId(connectionId)],
      )
      held.resolve()
      expect(await executing).toMatchObject({ __typename: 'CredentialRefreshError' })
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE', credential: { failedRefreshes: 0 } })
    })
  })

  describe('a credential that cannot be renewed', () => {
    const refuse = (words = 'This key was revoked.') =>
      fixture.answer((_seen, response) => sendJson(response, { message: words }, {}, 401))
    const answerByPath = (statuses: Record<string, number>) =>
      fixture.answer((seen, response) =>
        sendJson(response, { message: 'no' }, {}, statuses[seen.url.pathname.replace('/api', '')] ?? 200),
      )
    const test = (connectionId: string) => fixture.run('testConnection', { connectionId })
    /** Runs a sync job to its end. */
    async function sync(connectionId: string): Promise<void> {
      const { syncJob } = await fixture.app.mutate(
        `mutation ($input: TriggerSyncInput!) { triggerSync(input: $input) { __typename
          ... on TriggerSyncPayload { syncJob { id } } ... on Error { message } } }`,
        { connectionId },
      )
      await vi.waitFor(async () => {
        const { data } = await fixture.app.request(
          'query ($id: ID!) { node(id: $id) { ... on SyncJob { status error { code } } } }',
          { id: syncJob.id },
        )
        expect(data.node).toMatchObject({ status: 'FAILED', error: { code: 'RECONNECT_REQUIRED' } })
      }, 20_000)
    }
    const typesOf = (state: { events: { nodes: { type: string }[] } }) => state.events.nodes.map(({ type }) => type)

    it('makes the connection NEEDS_REAUTH when two requests are refused, with the provider’s words', async () => {
      refuse()
      const connectionId = await fixture.connect()
      expect(await execute(connectionId)).toMatchObject({ response: { status: 401 } })
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
      expect(await execute(connectionId)).toMatchObject({ response: { status: 401 } })
      const state = await stateOf(connectionId)
      expect(state).toMatchObject({
        status: 'NEEDS_REAUTH',
        statusReason: 'The provider refused the credential (status 401). It says: This key was revoked.',
      })
      expect(typesOf(state).slice(2)).toEqual(['CONNECTION_NEEDS_REAUTH'])
      expect(await execute(connectionId)).toMatchObject({
        __typename: 'ReconnectRequiredError',
        message: expect.stringContaining('This key was revoked.'),
      })
      expect(fixture.provider.requests).toHaveLength(2)
    })

    it('stays as it is when requests that were sent together are refused once', async () => {
      refuse()
      const connectionId = await fixture.connect()
      await Promise.all([execute(connectionId), execute(connectionId), execute(connectionId)])
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
    })

    it('starts to count anew after a success', async () => {
      const connectionId = await fixture.connect()
      for (const status of [401, 200, 401, 200]) {
        answerByPath({ '/things': status })
        await execute(connectionId)
        expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
      }
    })

    it('is tried with the test request before the connection is given up', async () => {
      answerByPath({ '/things': 401 })
      const connectionId = await fixture.connect({ definition: { testRequest: { path: '/me' } } })
      for (let times = 0; times < 4; times += 1) await execute(connectionId)
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
      answerByPath({ '/things': 401, '/me': 503 })
      for (let times = 0; times < 4; times += 1) await execute(connectionId)
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
      answerByPath({ '/things': 401, '/me': 401 })
      for (let times = 0; times < 2; times += 1) await execute(connectionId)
      expect(await stateOf(connectionId)).toMatchObject({ status: 'NEEDS_REAUTH' })
    })

    it('is given up at the first refusal when the test request is refused too', async () => {
      refuse()
      const streams = [{ name: 'things', path: '/things', primaryKey: ['id'] }]
      const definition = { testRequest: { path: '/me' }, streams }
      const [requested, synced] = [await fixture.connect({ definition }), await fixture.connect({ definition })]
      await execute(requested)
      await sync(synced)
      for (const id of [requested, synced]) {
        const state = await stateOf(id)
        expect(state).toMatchObject({
          status: 'NEEDS_REAUTH',
          statusReason: expect.stringContaining('This key was revoked.'),
        })
        expect(typesOf(state).filter((type) => type === 'CONNECTION_NEEDS_REAUTH')).toHaveLength(1)
      }
    })

    it('is tested once when requests that were sent together are refused', async () => {
      answerByPath({ '/things': 401 })
      const connectionId = await fixture.connect({ definition: { testRequest: { path: '/me' } } })
      await Promise.all([execute(connectionId), execute(connectionId), execute(connectionId)])
      const tests = fixture.provider.requests.filter(({ url }) => url.pathname.endsWith('/me'))
      expect(tests).toHaveLength(1)
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
    })

    it('is given up at once when the test request is refused, and healed when it is accepted', async () => {
      refuse()
      const connectionId = await fixture.connect({ definition: { testRequest: { path: '/me' } } })
      expect(await test(connectionId)).toMatchObject({ result: { ok: false } })
      expect(await stateOf(connectionId)).toMatchObject({ status: 'NEEDS_REAUTH' })
      expect(await test(connectionId)).toMatchObject({ result: { ok: false } })
      answerByPath({})
      expect(await test(connectionId)).toMatchObject({
        result: { ok: true },
        connection: { status: 'ACTIVE', statusReason: null },
      })
      expect(typesOf(await stateOf(connectionId)).slice(2)).toEqual(['CONNECTION_NEEDS_REAUTH', 'CONNECTION_ACTIVATED'])
      expect(await execute(connectionId)).toMatchObject({ response: { status: 200 } })
    })

    it('is not blamed for a 403', async () => {
      answerByPath({ '/things': 403 })
      const connectionId = await fixture.connect()
      for (let times = 0; times < 3; times += 1) await execute(connectionId)
      expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE' })
    })

    it('is given up when sync jobs are refused one after the other', async () => {
      refuse()
      const streams = [{ name: 'things', path: '/things', primaryKey: ['id'] }]
      const connectionId = await fixture.connect({ definition: { streams } })
      for (let times = 0; times < 2; times += 1) await sync(connectionId)
      expect(await stateOf(connectionId)).toMatchObject({ status: 'NEEDS_REAUTH' })
    })
  })
})
