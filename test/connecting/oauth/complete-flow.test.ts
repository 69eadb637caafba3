import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { agree, CLIENT, ERRORS, goThrough, oidcDefinition, RETURN_URL, startWithProvider } from './oauth-fixture.ts'

describe('Connecting through a real provider', () => {
  let latchkey: Awaited<ReturnType<typeof startWithProvider>>
  let down = 0
  beforeAll(async () => {
    latchkey = await startWithProvider({
      beforeAnswer: () => {
        down -= 1
        return down >= 0 ? 'drop' : undefined
      },
    })
  })
  afterAll(() => latchkey.stop())
  afterEach(() => {
    down = 0
  })

  const statusOf = async (id: string) => {
    const { data } = await latchkey.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Connection { status statusReason } } }',
      { id },
    )
    return data.node
  }
  const connect = async (input = {}, confirmation = {}) => {
    const begun = await latchkey.start(input)
    const end = await goThrough(begun.authorizationUrl)
    return latchkey.call('confirmConnection', { handle: end.searchParams.get('handle'), ...confirmation })
  }

  it('ends with an ACTIVE connection once the product has confirmed it', async () => {
    const input = { endUserExternalId: 'user-1', displayName: 'Mine', collection: 'crm', externalId: 'e-1' }
    const begun = await latchkey.start(input)
    const pending = { status: 'PENDING', method: 'OAUTH', displayName: 'Mine', externalId: 'e-1' }
    expect(begun).toMatchObject({ connection: pending })
    expect(Date.parse(begun.expiresAt) - Date.now()).toBeGreaterThan(500_000)
    const end = await goThrough(begun.authorizationUrl)
    expect(end.href.startsWith(`${RETURN_URL}&connection_id=`)).toBe(true)
    expect(end.searchParams.get('connection_id')).toBe(begun.connection.id)
    expect(await statusOf(begun.connection.id)).toMatchObject({ status: 'PENDING' })
    const handle = end.searchParams.get('handle')
    const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'user-1' })
    expect(confirmed.connection).toMatchObject({
      id: begun.connection.id,
      status: 'ACTIVE',
      endUser: { externalId: 'user-1' },
      collection: { name: 'crm' },
      credential: { version: 1, refreshable: true, scopes: ['openid', 'api:read'] },
    })
  })

  it('uses the option with a consent page when the auth has several', async () => {
    const { auth } = oidcDefinition(latchkey.provider.issuer)
    const options = [
      { key: 'api_key', label: 'API key', auth: { type: 'bearer' } },
      { key: 'oauth', label: 'Sign in', auth },
    ]
    const definition = {
      displayName: 'Several ways',
      baseUrl: latchkey.provider.issuer,
      auth: { type: 'selective', options },
    }
    await latchkey.createIntegration('several', definition, { ...CLIENT, redirectUrl: latchkey.callbackUrl })
    const begun = await latchkey.start({ integration: 'several' })
    const { searchParams } = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const { state, code, iss } = Object.fromEntries(searchParams)
    const { connection } = await latchkey.call('completeOAuth', { state, code, iss })
    expect(connection).toMatchObject({ status: 'ACTIVE', method: 'OAUTH', credential: { refreshable: true } })
    const renewed = await latchkey.app.mutate(
      `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS}
        ... on RefreshConnectionPayload { refreshed connection { credential { version } } } } }`,
      { connectionId: connection.id, force: true },
    )
    expect(renewed).toMatchObject({ refreshed: true, connection: { credential: { version: 2 } } })
  })

  it('returns a handle that can be used once', async () => {
    const begun = await latchkey.start()
    const end = await goThrough(begun.authorizationUrl)
    const handle = end.searchParams.get('handle')
    const answers = await Promise.all([1, 2, 3].map(() => latchkey.call('confirmConnection', { handle })))
    const kinds = answers.map(({ __typename }) => __typename).sort()
    expect(kinds).toEqual(['ConfirmConnectionPayload', 'NotFoundError', 'NotFoundError'])
  })

  it('creates the end user whom the confirmation names', async () => {
    const { connection } = await connect({}, { endUserExternalId: 'new-at-confirmation', displayName: 'Named late' })
    expect(connection).toMatchObject({ displayName: 'Named late', endUser: { externalId: 'new-at-confirmation' } })
  })

  it('returns the provider’s error to the product and connects nothing', async () => {
    const begun = await latchkey.start()
    const { state } = Object.fromEntries(new URL(begun.authorizationUrl).searchParams)
    const query = new URLSearchParams({
      state: state ?? '',
      iss: latchkey.provider.issuer,
      error: 'access_denied',
      error_description: 'No, <img onerror=x>\u0000thanks',
    })
    const end = await goThrough(`${latchkey.callbackUrl}?${query}`)
    expect(Object.fromEntries(end.searchParams)).toEqual({
      from: 'latchkey',
      error: 'access_denied',
      error_description: 'No, <img onerror=x>thanks',
    })
    const { status, statusReason } = await statusOf(begun.connection.id)
    expect(status).toBe('PENDING')
    expect(statusReason).toContain('No, <img onerror=x>thanks')
    const late = await openBrowser().visit(`${latchkey.callbackUrl}?state=${state}&code=abc`)
    expect(late.status).toBe(400)
  })

  it('accepts one of three equal concurrent responses (OA-02)', async () => {
    const begun = await latchkey.start()
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const before = latchkey.provider.tokenCalls
    const answers = await Promise.all([1, 2, 3].map(() => openBrowser().visit(callback.href)))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400])
    expect((await openBrowser().visit(callback.href)).status).toBe(400)
    expect(latchkey.provider.tokenCalls - before).toBe(1)
  })

  it('rejects a response that arrives too late (OA-03)', async () => {
    const begun = await latchkey.start()
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    await latchkey.app.database.sql.query(
      "UPDATE oauth_flow SET expires_at = now() - interval '1 second' WHERE consumed_at IS NULL",
    )
    const before = latchkey.provider.tokenCalls
    expect((await openBrowser().visit(callback.href)).status).toBe(400)
    expect(latchkey.provider.tokenCalls).toBe(before)
  })

  it('rejects the code of another flow (OA-08)', async () => {
    const [mine, other] = [await latchkey.start(), await latchkey.start()]
    const theirs = await agree(other.authorizationUrl, latchkey.callbackUrl)
    const callback = await agree(mine.authorizationUrl, latchkey.callbackUrl)
    callback.searchParams.set('code', theirs.searchParams.get('code') ?? '')
    const end = await goThrough(callback.href)
    expect(end.searchParams.get('error')).toBe('code_rejected')
    expect(await statusOf(mine.connection.id)).toMatchObject({ status: 'PENDING' })
  })

  it('cannot be confirmed for another end user than it was started for (OA-13)', async () => {
    const begun = await latchkey.start({ endUserExternalId: 'victim' })
    const end = await goThrough(begun.authorizationUrl)
    const handle = end.searchParams.get('handle')
    for (const confirmation of [{ endUserExternalId: 'user-1' }, { endUserExternalId: 'nobody-yet' }]) {
      expect(await latchkey.call('confirmConnection', { handle, ...confirmation })).toMatchObject({
        code: 'SCOPE_MISMATCH',
      })
    }
    expect(await latchkey.call('confirmConnection', { handle })).toMatchObject({ code: 'INVALID_INPUT' })
    const guessed = { handle: 'A'.repeat(43), endUserExternalId: 'victim' }
    expect(await latchkey.call('confirmConnection', guessed)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await statusOf(begun.connection.id)).toMatchObject({ status: 'PENDING' })
  })

  it('reports that a handle has expired, and what to do', async () => {
    const begun = await latchkey.start()
    const end = await goThrough(begun.authorizationUrl)
    // The expired credential exists until the cleanup, but cannot be used.
    await latchkey.app.database.sql.query('UPDATE pending_credential SET expires_at = now()')
    const answer = await latchkey.call('confirmConnection', { handle: end.searchParams.get('handle') })
    expect(['CONFLICT', 'NOT_FOUND']).toContain(answer.code)
    expect(answer.message).toContain('Connect again')
  })

  it('keeps id, records and external id of a reconnected connection, and its credential until the confirmation', async () => {
    const { connection } = await connect(
      { endUserExternalId: 'again', externalId: 'kept' },
      { endUserExternalId: 'again' },
    )
    const again = await latchkey.start({ connectionId: connection.id })
    expect(again.connection).toMatchObject({ id: connection.id, status: 'ACTIVE', externalId: 'kept' })
    const end = await goThrough(again.authorizationUrl)
    expect(await statusOf(connection.id)).toMatchObject({ status: 'ACTIVE' })
    const handle = end.searchParams.get('handle')
    const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'again' })
    expect(confirmed.connection).toMatchObject({ id: connection.id, externalId: 'kept', credential: { version: 2 } })
    const { data } = await latchkey.app.request(
      'query ($id: ID!) { node(id: $id) { ... on Connection { events(first: 20) { nodes { type } } } } }',
      { id: connection.id },
    )
    const types = data.node.events.nodes.map(({ type }: { type: string }) => type)
    expect(types.sort()).toEqual(['CONNECTION_ACTIVATED', 'CONNECTION_CREATED', 'CREDENTIAL_REPLACED'])
  })

  it('uses the PENDING connection of an earlier start with the same external id', async () => {
    const first = await latchkey.start({ externalId: 'twice' })
    const second = await latchkey.start({ externalId: 'twice' })
    expect(second.connection.id).toBe(first.connection.id)
    const end = await goThrough(second.authorizationUrl)
    await latchkey.call('confirmConnection', { handle: end.searchParams.get('handle') })
    expect(await latchkey.start({ externalId: 'twice' })).toMatchObject({ code: 'CONFLICT' })
    expect(await latchkey.start({ externalId: 'kept' })).toMatchObject({ code: 'CONFLICT' })
  })

  it('fails when the token response was lost, because the provider accepts a code once', async () => {
    const begun = await latchkey.start()
    down = 1
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const end = await goThrough(callback.href)
    expect(end.searchParams.get('error')).toBe('code_rejected')
  })

  it('rejects read-only keys and keys of another workspace at every step', async () => {
    const other = await latchkey.app.createWorkspace('Other')
    const { key: reader } = await latchkey.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ${ERRORS} ... on CreateApiKeyPayload { key } } }`,
      { workspaceId: latchkey.workspace.id, name: 'reader', role: 'READER' },
    )
    expect(await latchkey.start({}, reader)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await latchkey.start({}, other.key)).toMatchObject({ code: 'NOT_FOUND' })
    const begun = await latchkey.start()
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const { state, code } = Object.fromEntries(callback.searchParams)
    expect(await latchkey.call('completeOAuth', { state, code }, other.key)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await latchkey.call('completeOAuth', { state, code }, reader)).toMatchObject({ code: 'FORBIDDEN' })
    const end = await goThrough(callback.href)
    const handle = end.searchParams.get('handle')
    expect(await latchkey.call('confirmConnection', { handle }, other.key)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await latchkey.call('confirmConnection', { handle }, reader)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await latchkey.call('confirmConnection', { handle })).toMatchObject({ connection: { status: 'ACTIVE' } })
  })

  it('can be completed with completeOAuth, which names the end user', async () => {
    const begun = await latchkey.start({ endUserExternalId: 'hosted' })
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const { state, code, iss } = Object.fromEntries(callback.searchParams)
    expect(await latchkey.call('completeOAuth', { state, code, iss })).toMatchObject({ code: 'INVALID_INPUT' })
    const completed = await latchkey.call('completeOAuth', {
      state,
      code,
      iss,
      endUserExternalId: 'hosted',
      displayName: 'H',
    })
    expect(completed.connection).toMatchObject({
      status: 'ACTIVE',
      displayName: 'H',
      endUser: { externalId: 'hosted' },
    })
    expect(await latchkey.call('completeOAuth', { state, code, iss, endUserExternalId: 'hosted' })).toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('rejects completeOAuth for another end user before a token is requested', async () => {
    const begun = await latchkey.start({ endUserExternalId: 'hosted' })
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const { state, code } = Object.fromEntries(callback.searchParams)
    const before = latchkey.provider.tokenCalls
    const answer = await latchkey.call('completeOAuth', { state, code, endUserExternalId: 'user-1' })
    expect(answer).toMatchObject({ code: 'SCOPE_MISMATCH' })
    expect(latchkey.provider.tokenCalls).toBe(before)
  })

  it('returns the provider’s error to the caller of completeOAuth', async () => {
    const begun = await latchkey.start()
    const callback = await agree(begun.authorizationUrl, latchkey.callbackUrl)
    const { state, iss } = Object.fromEntries(callback.searchParams)
    const answer = await latchkey.call('completeOAuth', { state, iss, code: 'made-up' })
    expect(answer).toMatchObject({ code: 'PROVIDER', providerStatus: 400, providerError: 'invalid_grant' })
  })
})
