import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRegisteredClients, storeRegisteredClients } from '../../../src/connections/registered-clients.ts'
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { form, guardOf, openBrowser, takeLink } from './browser.ts'
import { connectSessions } from './connect-sessions.ts'
import { ERRORS, goThrough, type OAuthFixture, oidcDefinition, startOAuthFixture } from './oauth-fixture.ts'

type Json = Record<string, unknown>

let latchkey: OAuthFixture
beforeAll(async () => {
  latchkey = await startOAuthFixture({ issuerMetadata: { goodForMs: 0, failedForMs: 0 } })
})
afterAll(() => latchkey.stop())

async function create(slug: string, definition: Json, more: Json = {}, workspace = latchkey.workspace) {
  const { data, errors } = await latchkey.app.request(
    `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
      ${ERRORS} ... on CreateIntegrationPayload { integration { id hasInitialAccessToken needsOAuthClient } } } }`,
    { input: { workspaceId: workspace.id, slug, definition, ...more } },
    workspace.key,
  )
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.createIntegration
}

async function update(integrationId: string, change: Json) {
  const { data, errors } = await latchkey.app.request(
    `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) {
      ${ERRORS} ... on UpdateIntegrationPayload { integration { hasInitialAccessToken oauthClient { clientId } } } } }`,
    { input: { integrationId, ...change } },
    latchkey.workspace.key,
  )
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.updateIntegration
}

const remove = (integrationId: string) =>
  latchkey.app.mutate(
    `mutation ($input: DeleteIntegrationInput!) { deleteIntegration(input: $input) { ${ERRORS} } }`,
    { integrationId },
    latchkey.workspace.key,
  )

async function connect(integration: string, more: Json = {}): Promise<string> {
  const begun = await latchkey.start({ integration, ...more })
  const handle = (await goThrough(begun.authorizationUrl)).searchParams.get('handle')
  const confirmed = await latchkey.call('confirmConnection', { handle })
  expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE' } })
  return confirmed.connection.id
}

const clientOf = async (integration: string, more: Json = {}) =>
  new URL((await latchkey.start({ integration, ...more })).authorizationUrl).searchParams.get('client_id') ?? ''

const deletionsLeft = () => latchkey.app.database.prisma.revocation.count()

describe('A registered client at its server', () => {
  let server: OidcServer
  beforeAll(async () => {
    server = await startOidcServer({ registration: true })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const definition = (auth: Json = {}) => oidcDefinition(server.issuer, { registration: {}, ...auth })
  const isKnown = async (clientId: string) => (await server.provider.Client.find(clientId)) !== undefined

  it('is deleted after its integration, and after the tokens of its connections (RFC 7592)', async () => {
    const { integration } = await create('removed', definition({ revocation: { url: server.revocationUrl } }))
    const clientId = await clientOf('removed')
    await connect('removed')
    const revoked = server.revokedGrants.length
    expect(await isKnown(clientId)).toBe(true)
    await remove(integration.id)
    await expect.poll(() => isKnown(clientId), { timeout: 60_000 }).toBe(false)
    expect(server.revokedGrants.length).toBeGreaterThan(revoked)
    await expect.poll(() => deletionsLeft(), { timeout: 60_000 }).toBe(0)
    await expect
      .poll(() => latchkey.app.database.prisma.integration.count({ where: { deletedAt: { not: null } } }), {
        timeout: 60_000,
      })
      .toBe(0)
  })

  it('is deleted with its workspace', async () => {
    const other = await latchkey.app.createWorkspace('short-lived')
    await latchkey.app.mutate(
      `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { ${ERRORS} } }`,
      { workspaceId: other.id, redirectUrls: ['https://product.example/connected?from=latchkey'] },
    )
    await create('of-workspace', definition(), {}, other)
    const begun = await latchkey.start({ integration: 'of-workspace', workspaceId: other.id }, other.key)
    const clientId = new URL(begun.authorizationUrl).searchParams.get('client_id') ?? ''
    await latchkey.app.mutate(
      `mutation ($input: DeleteWorkspaceInput!) { deleteWorkspace(input: $input) { ${ERRORS} } }`,
      { workspaceId: other.id },
    )
    await expect.poll(() => isKnown(clientId), { timeout: 60_000 }).toBe(false)
  })

  it('is deleted when the definition registers none any more, and when the workspace sets its own', async () => {
    const changes: [slug: string, change: Json][] = [
      ['unregistered', { definition: oidcDefinition(server.issuer) }],
      ['own-set', { oauthClient: { clientId: 'ours', clientSecret: 's3cret' } }],
      ['own-removed', { oauthClient: null }],
    ]
    for (const [slug, change] of changes) {
      const { integration } = await create(slug, definition())
      const clientId = await clientOf(slug)
      expect(await update(integration.id, change)).not.toHaveProperty('code')
      await expect.poll(() => isKnown(clientId), { timeout: 60_000 }).toBe(false)
    }
  })

  it('stays while nothing about it changes', async () => {
    const { integration } = await create('unchanged', definition())
    const clientId = await clientOf('unchanged')
    await update(integration.id, { displayName: 'Renamed' })
    await update(integration.id, { definition: { ...definition(), displayName: 'Renamed again' } })
    expect(await deletionsLeft()).toBe(0)
    expect(await isKnown(clientId)).toBe(true)
    expect(await clientOf('unchanged')).toBe(clientId)
  })
})

describe('A server with answers of its own', () => {
  let server: ProviderServer
  /** By method and path; a list is used up. */
  let answers: Record<string, { status?: number; body?: Json }[]>
  beforeAll(async () => {
    server = await startProvider(({ method, url }, response) => {
      const queued = answers[`${method} ${url.pathname}`] ?? []
      const { status = 200, body = {} } = (queued.length > 1 ? queued.shift() : queued[0]) ?? { status: 404 }
      if (url.pathname === '/authorize') {
        const back = new URL(url.searchParams.get('redirect_uri') ?? '')
        back.search = new URLSearchParams({ code: 'a-code', state: url.searchParams.get('state') ?? '' }).toString()
        response.writeHead(302, { location: back.href }).end()
      } else sendJson(response, body, {}, status)
    })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    server.requests.length = 0
    answers = { 'POST /register': [managed('the-client')], 'POST /token': [{ body: TOKENS }] }
  })

  const TOKENS = {
    access_token: 'at-0123456789',
    refresh_token: 'rt-0123456789',
    token_type: 'Bearer',
    expires_in: 3600,
  }
  const managed = (id: string, more: Json = {}) => ({
    status: 201,
    body: {
      client_id: id,
      client_secret: `secret-of-${id}`,
      client_secret_expires_at: 0,
      registration_access_token: `token-of-${id}`,
      registration_client_uri: `${server.origin}/clients/${id}`,
      ...more,
    },
  })
  const auth = (path = '', more: Json = {}) => ({
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${server.origin}/authorize`,
    tokenUrl: `${server.origin}/token`,
    registration: { url: `${server.origin}${path}/register` },
    ...more,
  })
  const definition = (own: Json = auth()) => ({ displayName: 'API', baseUrl: server.origin, auth: own })
  const sent = (method: string) => server.requests.filter((request) => request.method === method)

  it('is asked again until it deletes the client; one that does not know the client has deleted it', async () => {
    const path = 'DELETE /clients/the-client'
    for (const [name, statuses] of Object.entries({ unavailable: [503, 204], gone: [404], forgotten: [401] })) {
      server.requests.length = 0
      answers[path] = statuses.map((status) => ({ status }))
      const { integration } = await create(name, definition())
      await clientOf(name)
      await remove(integration.id)
      await expect.poll(() => sent('DELETE').length, { timeout: 60_000 }).toBe(statuses.length)
      expect(sent('DELETE')[0]?.headers.authorization).toBe('Bearer token-of-the-client')
      await expect.poll(() => deletionsLeft(), { timeout: 60_000 }).toBe(0)
    }
    expect(latchkey.app.log.join('')).not.toContain('token-of-the-client')
  })

  it('gets no request when it gave no address or no token for one', async () => {
    for (const left of ['registration_client_uri', 'registration_access_token']) {
      answers['POST /register'] = [managed('unmanaged', { [left]: undefined })]
      const slug = left.replaceAll('_', '-')
      const { integration } = await create(slug, definition())
      await clientOf(slug)
      await remove(integration.id)
      await expect
        .poll(() => latchkey.app.database.prisma.integration.count({ where: { deletedAt: { not: null } } }), {
          timeout: 60_000,
        })
        .toBe(0)
    }
    expect(sent('DELETE')).toEqual([])
  })

  it('gets a deletion for the client that another one has replaced', async () => {
    const soon = Math.floor(Date.now() / 1000) + 60
    answers['POST /register'] = [managed('short', { client_secret_expires_at: soon }), managed('next')]
    answers['PUT /clients/short'] = [{ status: 405 }]
    answers['DELETE /clients/short'] = [{ status: 204 }]
    await create('replaced', definition())
    expect(await clientOf('replaced')).toBe('short')
    expect(await clientOf('replaced')).toBe('next')
    await expect
      .poll(() => sent('DELETE').map(({ url }) => url.pathname), { timeout: 60_000 })
      .toEqual(['/clients/short'])
  })

  it('gives each option of a selective auth a client of its own', async () => {
    answers['POST /a/register'] = [managed('client-a')]
    answers['POST /b/register'] = [managed('client-b')]
    answers['POST /b/token'] = [{ body: TOKENS }]
    const options = [
      { key: 'a', label: 'A', auth: auth('/a') },
      { key: 'b', label: 'B', auth: auth('/b', { tokenUrl: `${server.origin}/b/token` }) },
      {
        key: 'own',
        label: 'Own',
        auth: { type: 'oauth2', grant: 'client_credentials', tokenUrl: `${server.origin}/c` },
      },
    ]
    const selective = definition({ type: 'selective', options })
    const { integration } = await create('two-servers', selective)
    expect(integration.needsOAuthClient).toBe(false)
    const { createSession } = connectSessions(latchkey)
    const viaPage = async (method: string) => {
      const { connectUrl } = await createSession({ integrations: ['two-servers'] })
      const browser = openBrowser()
      const methods = await takeLink(browser, connectUrl)
      const chosen = await browser.visit(methods, form({ guard: await guardOf(browser, methods), method }))
      const end = await browser.follow(chosen.headers.get('location') ?? '', 'https://product.example/')
      const handle = end.searchParams.get('handle')
      const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
      return confirmed.connection.id as string
    }
    const connectionId = await viaPage('b')
    await viaPage('a')
    await viaPage('b')
    expect(sent('POST').map(({ url }) => url.pathname)).toEqual([
      '/b/register',
      '/b/token',
      '/a/register',
      '/token',
      '/b/token',
    ])
    const [, first, , other, second] = sent('POST').map(({ body }) => new URLSearchParams(body))
    expect(first?.get('client_id')).toBe('client-b')
    expect(first?.get('client_secret')).toBe('secret-of-client-b')
    expect(other?.get('client_id')).toBe('client-a')
    expect(second?.get('client_id')).toBe('client-b')
    await latchkey.app.mutate(
      `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS} } }`,
      { connectionId, force: true },
      latchkey.workspace.key,
    )
    const refresh = sent('POST').at(-1)
    expect([refresh?.url.pathname, new URLSearchParams(refresh?.body).get('client_id')]).toEqual([
      '/b/token',
      'client-b',
    ])
    // A registered client is not that of a way that registers none.
    const described = await latchkey.app.request(
      `query ($id: ID!) { node(id: $id) { ... on Integration { auth { options { key auth { credentialFields { name } } } } } } }`,
      { id: integration.id },
      latchkey.workspace.key,
    )
    const own = described.data.node.auth.options.find(({ key }: { key: string }) => key === 'own')
    expect(own.auth.credentialFields.map(({ name }: { name: string }) => name)).toEqual(['client_id', 'client_secret'])

    for (const id of ['client-a', 'client-b']) answers[`DELETE /clients/${id}`] = [{ status: 204 }]
    const plain = { ...auth('/a'), registration: undefined }
    const changed = definition({ type: 'selective', options: [{ ...options[0], auth: plain }, ...options.slice(1)] })
    await update(integration.id, { definition: changed })
    await expect
      .poll(() => sent('DELETE').map(({ url }) => url.pathname), { timeout: 60_000 })
      .toEqual(['/clients/client-a'])
    server.requests.length = 0
    await viaPage('b')
    expect(sent('POST').map(({ url }) => url.pathname)).toEqual(['/b/token'])
    await remove(integration.id)
    await expect
      .poll(() => sent('DELETE').map(({ url }) => url.pathname), { timeout: 60_000 })
      .toEqual(['/clients/client-b'])
  })

  it('gets a new secret before a renewal once the old one has expired', async () => {
    const soon = Math.floor(Date.now() / 1000) + 7200
    answers['POST /register'] = [managed('expiring', { client_secret_expires_at: soon })]
    answers['PUT /clients/expiring'] = [
      { body: { client_id: 'expiring', client_secret: 'another-secret', client_secret_expires_at: soon + 864_000 } },
    ]
    await create('expiring', definition())
    const connectionId = await connect('expiring')
    await expireSecret('expiring')
    server.requests.length = 0
    await latchkey.app.mutate(
      `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS} } }`,
      { connectionId, force: true },
      latchkey.workspace.key,
    )
    expect(server.requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'PUT /clients/expiring',
      'POST /token',
    ])
    expect(new URLSearchParams(server.requests[1]?.body).get('client_secret')).toBe('another-secret')
  })

  it('that issues no secret has registered a public client, whatever was asked', async () => {
    answers['POST /register'] = [{ status: 201, body: { client_id: 'public' } }]
    await create('no-secret', definition())
    await connect('no-secret')
    const form = new URLSearchParams(sent('POST').at(-1)?.body)
    expect(form.get('client_id')).toBe('public')
    expect(form.has('client_secret')).toBe(false)
    answers['POST /register'] = [managed('by-header', { token_endpoint_auth_method: 'client_secret_basic' })]
    await create('by-header', definition())
    await connect('by-header')
    const token = sent('POST').at(-1)
    expect(token?.headers.authorization).toBe(`Basic ${btoa('by-header:secret-of-by-header')}`)
    expect(new URLSearchParams(token?.body).has('client_secret')).toBe(false)
  })

  /** Moves the end of a registered client's secret into the past, as time does. */
  async function expireSecret(slug: string) {
    const { database, vault } = latchkey.app
    const row = await database.prisma.integration.findFirstOrThrow({ where: { slug }, include: { secret: true } })
    const { secret, ...integration } = row
    const [client] = openRegisteredClients(vault, integration, secret)
    if (client === undefined) throw new Error('The integration has a registered client.')
    const secretExpiresAt = new Date(Date.now() - 1000).toISOString()
    const expired = {
      ...client,
      state: { ...client.state, secretExpiresAt },
      sealed: { ...client.sealed, secretExpiresAt },
    }
    await database.transaction((tx) => storeRegisteredClients(tx, vault, integration, [expired], new Date()))
  }
})

describe('An initial access token (RFC 7591 section 3)', () => {
  let server: OidcServer
  beforeAll(async () => {
    server = await startOidcServer({ registration: true, initialAccessToken: 'the-initial-token' })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const definition = (auth: Json = {}) => oidcDefinition(server.issuer, { registration: {}, ...auth })
  const registration = { initialAccessToken: 'the-initial-token' }

  it('registers clients where registration is not open, and is never shown', async () => {
    const { integration } = await create('closed', definition(), { registration })
    expect(integration).toMatchObject({ hasInitialAccessToken: true })
    await connect('closed')
    const row = await latchkey.app.database.prisma.initialAccessTokens.findFirstOrThrow()
    expect(Buffer.from(row.sealed).includes('the-initial-token')).toBe(false)
    expect(latchkey.app.log.join('')).not.toContain('the-initial-token')
  })

  it('is named by the error of a flow that needs it, and can be set, changed and removed later', async () => {
    const { integration } = await create('later', definition())
    expect(integration.hasInitialAccessToken).toBe(false)
    const start = () => latchkey.start({ integration: 'later' })
    expect(await start()).toMatchObject({
      code: 'PROVIDER',
      message: expect.stringContaining('registration.initialAccessToken'),
    })
    await update(integration.id, { registration: { initialAccessToken: 'a-wrong-token' } })
    expect((await start()).message).toContain('Set another registration.initialAccessToken')
    const set = await update(integration.id, { registration })
    expect(set.integration).toMatchObject({ hasInitialAccessToken: true })
    await connect('later')
    const removed = await update(integration.id, { registration: { initialAccessToken: null } })
    expect(removed.integration).toMatchObject({ hasInitialAccessToken: false })
  })

  it('is forgotten when the definition registers elsewhere, and stays when it does not', async () => {
    const { integration } = await create('elsewhere', definition(), { registration })
    const kept = await update(integration.id, { definition: { ...definition(), displayName: 'Renamed' } })
    expect(kept.integration.hasInitialAccessToken).toBe(true)
    const moved = definition({ registration: { url: 'https://attacker.example/register' } })
    const forgotten = await update(integration.id, { definition: moved })
    expect(forgotten.integration.hasInitialAccessToken).toBe(false)
  })

  it('is refused where no client is registered, and where it is not clear for which option', async () => {
    const wrong = async (auth: Json, given: Json) => {
      const answer = await create('wrong', { ...definition(), auth }, { registration: given })
      return answer.fields?.map(({ path }: { path: string[] }) => path.join('.'))
    }
    const { auth } = definition()
    expect(await wrong({ type: 'bearer' }, registration)).toEqual(['input.registration'])
    expect(await wrong(auth, { ...registration, method: 'a' })).toEqual(['input.registration.method'])
    expect(await wrong(auth, { initialAccessToken: 'with space' })).toEqual(['input.registration.initialAccessToken'])
    const both = {
      type: 'selective',
      options: ['a', 'b'].map((key) => ({ key, label: key, auth })),
    }
    expect(await wrong(both, registration)).toEqual(['input.registration.method'])
    const { integration } = await create(
      'one-of-two',
      { ...definition(), auth: both },
      {
        registration: { ...registration, method: 'b' },
      },
    )
    expect(integration.hasInitialAccessToken).toBe(true)
    expect(await latchkey.start({ integration: 'one-of-two' })).toMatchObject({ code: 'PROVIDER' })
    await update(integration.id, { registration: { ...registration, method: 'a' } })
    expect(await clientOf('one-of-two')).toBeTruthy()
  })
})
