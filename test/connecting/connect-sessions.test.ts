import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeGlobalId, parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { keyDefinition, type PageWorld, startWorld } from '../http/connect-page/page-fixture.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'

let world: PageWorld
beforeAll(async () => {
  world = await startWorld()
  await world.createIntegration('ledger', keyDefinition(world.provider))
  await world.createIntegration('hidden', keyDefinition(world.provider))
})
afterAll(() => world.stop())

const CREATE = `mutation ($input: CreateConnectSessionInput!) { createConnectSession(input: $input) { __typename
  ... on CreateConnectSessionPayload { session { id status expiresAt confirmation endUser { externalId } integrations { slug } connection { id } error { code } } connectUrl token }
  ... on InvalidInputError { fields { path message } } ... on Error { message } } }`
const REVOKE = `mutation ($input: RevokeConnectSessionInput!) { revokeConnectSession(input: $input) { __typename
  ... on RevokeConnectSessionPayload { session { status } } ... on Error { message } } }`

async function create(input: Record<string, unknown>, key = world.workspace.key) {
  const defaults = { workspaceId: world.workspace.id, allowedOrigins: ['https://app.example'] }
  const { data } = await world.app.request(CREATE, { input: { ...defaults, ...input } }, key)
  return data.createConnectSession
}

const client = (key: string) => createGraphQLClient({ url: `${world.app.url}/graphql`, key })
const rowId = (globalId: string) => parseGlobalId(globalId)?.id ?? ''

describe('createConnectSession', () => {
  it('returns a link, a token and a session with the requested integrations, and creates the end user', async () => {
    const before = Date.now()
    const { session, connectUrl, token } = await create({ endUserExternalId: 'new-one', integrations: ['ledger'] })
    expect(session).toMatchObject({
      status: 'PENDING',
      confirmation: 'REQUIRED',
      endUser: { externalId: 'new-one' },
      integrations: [{ slug: 'ledger' }],
      connection: null,
      error: null,
    })
    expect(Date.parse(session.expiresAt) - before).toBeGreaterThan(1_790_000)
    expect(token).toMatch(/^lkc_[\w-]{43}$/)
    expect(connectUrl).toBe(`${world.app.url}/connect/${token}`)
    const all = await create({ endUserExternalId: 'new-one' })
    expect(all.session.integrations.map(({ slug }: { slug: string }) => slug)).toEqual(['ledger', 'hidden'])
  })

  it('reports every wrong field at once, with its path', async () => {
    const { fields } = await create({
      integrations: ['ledger', 'nothing'],
      redirectUrl: `${world.product.origin}/done/`,
      allowedOrigins: [
        'https://app.example',
        'https://app.example/',
        'ftp://x.example',
        'https://APP.example',
        'null',
        'https://*.example',
        'https://a;sandbox',
      ],
      expiresInSeconds: 59,
      confirmation: 'NONE',
    })
    expect(fields.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'input.endUserId',
      'input.redirectUrl',
      'input.allowedOrigins.1',
      'input.allowedOrigins.2',
      'input.allowedOrigins.3',
      'input.allowedOrigins.4',
      'input.allowedOrigins.5',
      'input.allowedOrigins.6',
      'input.expiresInSeconds',
      'input.confirmation',
      'input.integrations.1',
    ])
  })

  it('rejects a session whose connection nobody could ever confirm', async () => {
    const nowhere = { endUserExternalId: 'nobody-yet', allowedOrigins: [] }
    for (const input of [nowhere, { ...nowhere, confirmation: 'REQUIRED' }, { ...nowhere, allowedOrigins: null }]) {
      const { fields } = await create(input)
      expect(fields).toMatchObject([
        { path: ['input', 'redirectUrl'], message: expect.stringContaining('allowedOrigins') },
      ])
    }
    const endUsers = await world.app.database.sql.query("SELECT 1 FROM end_user WHERE external_id = 'nobody-yet'")
    expect(endUsers).toEqual([])
    const update = (confirmation: string) =>
      world.app.mutate('mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }', {
        workspaceId: world.workspace.id,
        confirmation,
      })
    await update('NONE')
    expect((await create(nowhere)).session).toMatchObject({ confirmation: 'NONE' })
    expect((await create({ ...nowhere, confirmation: 'REQUIRED' })).fields).toMatchObject([
      { path: ['input', 'redirectUrl'] },
    ])
    await update('REQUIRED')
  })

  it.each(['/done/../done', '/done#', '/DONE', '/done?x=1&y=2', '/done\t'])(
    'rejects a redirect URL that is not exactly one of the workspace: %s (OA-19)',
    async (path) => {
      const { fields } = await create({ endUserExternalId: 'jane', redirectUrl: `${world.product.origin}${path}` })
      expect(fields).toMatchObject([{ path: ['input', 'redirectUrl'] }])
    },
  )

  it('reconnects only a connection of the same end user', async () => {
    const { connection } = await world.app.mutate(
      `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
        ... on CreateConnectionPayload { connection { id endUser { id } } } ... on Error { message } } }`,
      {
        workspaceId: world.workspace.id,
        integration: 'ledger',
        endUserExternalId: 'jane',
        input: { region: 'eu' },
        credential: { secretText: 'x' },
      },
      world.workspace.key,
    )
    const ours = await create({ endUserId: connection.endUser.id, connectionId: connection.id })
    expect(ours.session.integrations).toEqual([{ slug: 'ledger' }])
    const theirs = await create({ endUserExternalId: 'john', connectionId: connection.id })
    expect(theirs.fields).toMatchObject([{ path: ['input', 'connectionId'] }])
    const nobodys = await create({
      endUserExternalId: 'jane',
      connectionId: encodeGlobalId('Connection', rowId(ours.session.id)),
    })
    expect(nobodys.__typename).toBe('NotFoundError')
  })

  it('requires write access, and stores only the hash of the token', async () => {
    const { token, session } = await create({ endUserExternalId: 'jane' })
    expect((await create({ endUserExternalId: 'x' }, token)).__typename).toBe('ForbiddenError')
    const reader = await world.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
        __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: world.workspace.id, name: 'reader', role: 'READER' },
    )
    expect((await create({ endUserExternalId: 'x' }, reader.key)).__typename).toBe('ForbiddenError')
    const [row] = await world.app.database.sql.query<{ text: string }>(
      'SELECT s::text AS text FROM connect_session s WHERE s.id = $1::uuid',
      [rowId(session.id)],
    )
    expect(row?.text).toContain(rowId(session.id))
    expect(row?.text).not.toContain(token.slice(4))
    expect(world.app.log.join('')).not.toContain(token.slice(4))
  })
})

describe('The token of a session', () => {
  it('sees its own session and its viewer type', async () => {
    const { token, session } = await create({ endUserExternalId: 'jane', integrations: ['ledger'] })
    const own = await client(token).request<Record<string, unknown>, { id: string }>(
      `query ($id: ID!) { viewer { kind role endUser { externalId } workspace { name branding { color } } }
        connectSession(id: $id) { id status integrations { slug displayName } connection { status } error { message } } }`,
      { id: session.id },
    )
    expect(own).toMatchObject({
      viewer: { kind: 'CONNECT_SESSION', role: 'READER', endUser: { externalId: 'jane' }, workspace: { name: 'Acme' } },
      connectSession: { id: session.id, status: 'PENDING', integrations: [{ slug: 'ledger' }] },
    })
  })

  it('sees no other session, not even of the same end user', async () => {
    const { token } = await create({ endUserExternalId: 'jane' })
    const other = await create({ endUserExternalId: 'jane' })
    expect(await world.session(other.session.id, token)).toBeNull()
    const following = client(token).sse('subscription ($id: ID!) { connectSession(id: $id) { status } }', {
      id: other.session.id,
    })
    await expect(following.next()).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
  })

  it.each([
    ['query { viewer { workspace { connections { totalCount } } } }', 'Workspace.connections'],
    ['query { viewer { endUser { connections { totalCount } } } }', 'EndUser.connections'],
    ['query { viewer { workspace { ...f } } } fragment f on Workspace { events { totalCount } }', 'Workspace.events'],
    ['query { viewer { endUser { email } } }', 'EndUser.email'],
    ['query { workspaces { totalCount } }', 'Query.workspaces'],
    ['query { node(id: "x") { ... on Workspace { redirectUrls } } }', 'Workspace.redirectUrls'],
    ['subscription { workspaceEvents(workspaceId: "x") { id } }', 'Subscription.workspaceEvents'],
  ])('may not select other fields: %s', async (query, field) => {
    const { token } = await create({ endUserExternalId: 'jane' })
    const answer = await fetch(`${world.app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ query }),
    })
    const { errors } = JSON.parse(/\{.*\}/s.exec(await answer.text())?.[0] ?? '{}')
    expect(errors).toMatchObject([{ message: expect.stringContaining(field), extensions: { code: 'FORBIDDEN' } }])
  })

  it('is rejected once the session is revoked or has expired', async () => {
    const { token, session } = await create({ endUserExternalId: 'jane' })
    await world.app.request(REVOKE, { input: { sessionId: session.id } }, world.workspace.key)
    expect((await client(token).execute('{ viewer { kind } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ])
    const late = await create({ endUserExternalId: 'jane' })
    await expire(late.session.id)
    expect((await client(late.token).execute('{ viewer { kind } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ])
    expect((await world.session(late.session.id)).status).toBe('EXPIRED')
  })
})

function expire(id: string, inSeconds = 0): Promise<unknown> {
  return world.app.database.sql.query(
    `UPDATE connect_session SET expires_at = now() + $2::int * interval '1 second' WHERE id = $1::uuid`,
    [rowId(id), inSeconds],
  )
}

describe('connectSession subscription', () => {
  const FOLLOW = 'subscription ($id: ID!) { connectSession(id: $id) { status } }'
  type State = { connectSession: { status: string } }

  it.each(['sse', 'subscribe'] as const)(
    'starts with the current status and ends after the final one (%s)',
    async (way) => {
      const { token, session } = await create({ endUserExternalId: 'jane' })
      const own = client(token)
      const states = own[way]<State, { id: string }>(FOLLOW, { id: session.id })
      expect((await states.next()).value).toEqual({ connectSession: { status: 'PENDING' } })
      await world.app.request(REVOKE, { input: { sessionId: session.id } }, world.workspace.key)
      expect((await states.next()).value).toEqual({ connectSession: { status: 'REVOKED' } })
      expect((await states.next()).done).toBe(true)
      await own.close()
    },
  )

  it('notices changes without a wake-up, and the expiry', async () => {
    const { session, token } = await create({ endUserExternalId: 'jane' })
    const admin = client(world.workspace.key)
    const all = [client(token), admin].map((each) => each.sse<State, { id: string }>(FOLLOW, { id: session.id }))
    for (const states of all) expect((await states.next()).value?.connectSession.status).toBe('PENDING')
    await world.app.database.sql.query(`UPDATE connect_session SET status = 'CONNECTING' WHERE id = $1::uuid`, [
      rowId(session.id),
    ])
    for (const states of all) expect((await states.next()).value?.connectSession.status).toBe('CONNECTING')
    await expire(session.id, 1)
    for (const states of all) {
      const seen: string[] = []
      for await (const { connectSession } of states) seen.push(connectSession.status)
      expect(seen.at(-1)).toBe('EXPIRED')
    }
    const again = admin.sse<State, { id: string }>(FOLLOW, { id: session.id })
    expect((await again.next()).value?.connectSession.status).toBe('EXPIRED')
    expect((await again.next()).done).toBe(true)
  })
})

describe('reconnectUrl of RECONNECT_REQUIRED', () => {
  const EXECUTE = `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) { __typename
    ... on ReconnectRequiredError { reconnectUrl } ... on Error { message } } }`

  async function reconnectUrlOf(key: string, endUserExternalId: string | null): Promise<string | null> {
    const { connection } = await world.app.mutate(
      `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
        ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`,
      {
        workspaceId: world.workspace.id,
        integration: 'ledger',
        endUserExternalId,
        credential: { secretText: 'some-key-0123456789' },
        input: { region: 'eu' },
      },
    )
    await world.app.database.sql.query(`UPDATE connection SET status = 'NEEDS_REAUTH' WHERE id = $1::uuid`, [
      rowId(connection.id),
    ])
    const input = { connectionId: connection.id, method: 'GET', path: '/' }
    const { data } = await world.app.request(EXECUTE, { input }, key)
    expect(data.executeRequest.__typename).toBe('ReconnectRequiredError')
    return data.executeRequest.reconnectUrl
  }

  it('is the link of a session in which the end user connects this connection again', async () => {
    const url = await reconnectUrlOf(world.workspace.key, 'who-reconnects')
    expect(url).toMatch(/\/connect\/lkc_[\w-]{43}$/)
    expect(url?.startsWith(world.app.url)).toBe(true)
    const page = await fetch(url ?? '')
    expect(page.status).toBe(200)
  })

  it('is null for a caller who may not create sessions, and without an end user', async () => {
    const { key } = await world.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: world.workspace.id, name: 'reader', role: 'READER' },
    )
    expect(await reconnectUrlOf(key, 'who-reconnects')).toBeNull()
    expect(await reconnectUrlOf(world.workspace.key, null)).toBeNull()
  })
})
