import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { sendJson } from '../support/provider-server.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

const PASSWORD = 'canary-password-5d1e7c'

describe.each(['embedded', 'server'] as const)('A login before every request, on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture(kind)
  })
  afterAll(() => fixture.close())

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
    await fixture.app.database.sql.query('UPDATE credential SET version = version + 1 WHERE connection_id = $1::uuid', [
      rowId(connectionId),
    ])
    held.resolve()
    expect(await executing).toMatchObject({ __typename: 'CredentialRefreshError' })
    expect(await stateOf(connectionId)).toMatchObject({ status: 'ACTIVE', credential: { failedRefreshes: 0 } })
  })
})
