import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIssuerMetadata } from '../../../src/auth/oauth2/issuer-metadata.ts'
import { definitionOf } from '../../../src/catalog/catalog.ts'
import {
  noteRefusedClient,
  type RegistrationDeps,
  withRegisteredClient,
} from '../../../src/connecting/oauth/registration.ts'
import { createIntegration } from '../../../src/connections/integrations.ts'
import type { Database } from '../../../src/db/database.ts'
import type { Integration } from '../../../src/db/generated/client.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { EncryptionKey, Keyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { createConnectFixture, operator, startConnectServices } from '../../connections/connect-fixture.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { agree, ERRORS, goThrough, type OAuthFixture, oidcDefinition, startOAuthFixture } from './oauth-fixture.ts'

const CLIENT = 'oauthClient { clientId registered } needsOAuthClient'

describe('An integration with registration', () => {
  let latchkey: OAuthFixture
  let server: OidcServer
  beforeAll(async () => {
    latchkey = await startOAuthFixture({ issuerMetadata: { goodForMs: 0, failedForMs: 0 } })
    server = await startOidcServer({ registration: true, accessTokenTtl: 3600 })
  })
  afterAll(async () => {
    await latchkey.stop()
    await server[Symbol.asyncDispose]()
  })

  const registering = (more: object = {}) => oidcDefinition(server.issuer, { registration: {}, ...more })
  const clientOf = async (slug: string, { id, key } = latchkey.workspace) => {
    const query = `query ($id: ID!, $slug: String!) { workspace(id: $id) { integration(slug: $slug) { ${CLIENT} } } }`
    const { data, errors } = await latchkey.app.request(query, { id, slug }, key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data.workspace.integration
  }
  async function connect(slug: string): Promise<string> {
    const begun = await latchkey.start({ integration: slug })
    const end = await goThrough(begun.authorizationUrl)
    const handle = end.searchParams.get('handle')
    const confirmed = await latchkey.call('confirmConnection', { handle })
    expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE' } })
    return confirmed.connection.id
  }

  it('needs no OAuth client, and shows the id of the one that its first flow has registered', async () => {
    await latchkey.createIntegration('first', registering(), null)
    expect(await clientOf('first')).toEqual({ oauthClient: null, needsOAuthClient: false })
    await connect('first')
    const { oauthClient } = await clientOf('first')
    expect(oauthClient.registered).toBe(true)
    const known = await server.provider.Client.find(oauthClient.clientId)
    expect(known).toMatchObject({ tokenEndpointAuthMethod: 'client_secret_post', clientName: expect.any(String) })
    const stored = await latchkey.app.database.prisma.integration.findFirstOrThrow({ where: { slug: 'first' } })
    expect(JSON.stringify(stored)).not.toContain(known?.clientSecret)
    expect(latchkey.app.log.join('')).not.toContain(known?.clientSecret)
  })

  it('keeps its client for later flows', async () => {
    await latchkey.createIntegration('kept', registering(), null)
    await connect('kept')
    const before = await clientOf('kept')
    await connect('kept')
    expect(await clientOf('kept')).toEqual(before)
  })

  it('sends its own metadata besides that of Latchkey', async () => {
    const metadata = { client_name: 'Acme', client_uri: 'https://acme.example', contacts: ['ops@acme.example'] }
    await latchkey.createIntegration('described', registering({ registration: { metadata } }), null)
    await latchkey.start({ integration: 'described' })
    const { oauthClient } = await clientOf('described')
    const client = await server.provider.Client.find(oauthClient.clientId)
    expect(client?.metadata()).toMatchObject(metadata)
  })

  it('registers a client of its own in each workspace', async () => {
    const other = await latchkey.app.createWorkspace('other')
    await latchkey.createIntegration('shared', registering(), null)
    await latchkey.app.mutate(
      `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { ${ERRORS} } }`,
      { workspaceId: other.id, redirectUrls: ['https://product.example/connected?from=latchkey'] },
    )
    await latchkey.app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { ${ERRORS} } }`,
      { workspaceId: other.id, slug: 'shared', definition: registering() },
      other.key,
    )
    await latchkey.start({ integration: 'shared' })
    await latchkey.start({ integration: 'shared', workspaceId: other.id }, other.key)
    const [ours, theirs] = [await clientOf('shared'), await clientOf('shared', other)]
    expect(ours.oauthClient.clientId).not.toBe(theirs.oauthClient.clientId)
  })

  it('says what to do when the server registers no clients', async () => {
    const closed = await startOidcServer()
    await latchkey.createIntegration('closed', oidcDefinition(closed.issuer, { registration: {} }), null)
    const refused = await latchkey.start({ integration: 'closed' })
    expect(refused).toMatchObject({ code: 'PROVIDER', message: expect.stringContaining('registration.url') })
    expect(refused.message).toContain('updateIntegration')
    await closed[Symbol.asyncDispose]()
  })

  it('repeats the words of a server that refuses the metadata', async () => {
    const registration = { metadata: { grant_types: ['authorization_code', 'no-such-grant'] } }
    await latchkey.createIntegration('refused', registering({ registration }), null)
    expect(await latchkey.start({ integration: 'refused' })).toMatchObject({
      code: 'PROVIDER',
      providerError: 'invalid_client_metadata',
      message: expect.stringContaining('registration.metadata'),
    })
    expect(await clientOf('refused')).toEqual({ oauthClient: null, needsOAuthClient: false })
  })

  it('registers another client when the token endpoint no longer knows the first', async () => {
    await latchkey.createIntegration('gone', registering(), null)
    const begun = await latchkey.start({ integration: 'gone' })
    const redirectUri = new URL(begun.authorizationUrl).searchParams.get('redirect_uri') ?? ''
    const { oauthClient: first } = await clientOf('gone')
    const callback = await agree(begun.authorizationUrl, redirectUri)
    await forget(first.clientId)
    const failed = await goThrough(callback.href)
    expect(failed.searchParams.get('error')).toBe('invalid_client')
    await connect('gone')
    expect((await clientOf('gone')).oauthClient.clientId).not.toBe(first.clientId)
  })

  it('replaces a client that is refused when a credential is renewed, and asks for the account again', async () => {
    await latchkey.createIntegration('renewed', registering(), null)
    const id = await connect('renewed')
    const { oauthClient: first } = await clientOf('renewed')
    await forget(first.clientId)
    const refresh = () =>
      latchkey.app.request(
        `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS} } }`,
        { input: { connectionId: id, force: true } },
        latchkey.workspace.key,
      )
    expect((await refresh()).data.refreshConnection).toMatchObject({ code: 'CREDENTIAL_REFRESH' })
    await expect
      .poll(async () => (await clientOf('renewed')).oauthClient.clientId, { timeout: 60_000 })
      .not.toBe(first.clientId)
    await expect
      .poll(async () => (await refresh()).data.refreshConnection.code, { timeout: 60_000 })
      .toBe('RECONNECT_REQUIRED')
  })

  it('changes the registration when its redirect URI changes (RFC 7592)', async () => {
    await latchkey.createIntegration('moved', registering(), null)
    await latchkey.start({ integration: 'moved' })
    const { oauthClient: before } = await clientOf('moved')
    const redirectUrl = 'https://product.example/oauth/callback'
    await update('moved', { oauthClient: { clientId: before.clientId, redirectUrl } })
    await latchkey.start({ integration: 'moved' })
    expect(await clientOf('moved')).toMatchObject({ oauthClient: before })
    const client = await server.provider.Client.find(before.clientId)
    expect(client?.redirectUris).toEqual([redirectUrl])
  })

  it('gives way to a client that the workspace sets, and comes back when that is removed', async () => {
    await latchkey.createIntegration('own', registering(), null)
    await latchkey.start({ integration: 'own' })
    await update('own', { oauthClient: { clientId: 'ours', clientSecret: 's3cret' } })
    expect(await clientOf('own')).toMatchObject({ oauthClient: { clientId: 'ours', registered: false } })
    expect(new URL((await latchkey.start({ integration: 'own' })).authorizationUrl).searchParams.get('client_id')).toBe(
      'ours',
    )
    await update('own', { oauthClient: null })
    await connect('own')
    expect(await clientOf('own')).toMatchObject({ oauthClient: { registered: true } })
  })

  it('loses its client when the definition names another server, and registers one there', async () => {
    const second = await startOidcServer({ registration: true })
    await latchkey.createIntegration('switched', registering(), null)
    await connect('switched')
    await update('switched', { definition: oidcDefinition(second.issuer, { registration: {} }) })
    expect(await clientOf('switched')).toEqual({ oauthClient: null, needsOAuthClient: false })
    await connect('switched')
    const { oauthClient } = await clientOf('switched')
    expect(await second.provider.Client.find(oauthClient.clientId)).toBeDefined()
    await second[Symbol.asyncDispose]()
  })

  it('is refused where a client could not be registered for all connections', async () => {
    const { data } = await latchkey.app.request(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { ${ERRORS} } }`,
      {
        input: {
          workspaceId: latchkey.workspace.id,
          slug: 'wrong',
          definition: {
            ...registering({
              grant: 'client_credentials',
              clientId: 'x',
              registration: { url: 'https://{{ input.host }}/register', metadata: { redirect_uris: [] } },
            }),
            inputFields: [{ name: 'host' }],
          },
        },
      },
      latchkey.workspace.key,
    )
    const paths = data.createIntegration.fields.map(({ path }: { path: string[] }) => path.slice(3).join('.'))
    expect(paths.sort()).toEqual([
      'registration',
      'registration',
      'registration.metadata.redirect_uris',
      'registration.url',
    ])
  })

  async function update(slug: string, change: object) {
    const { id } = await latchkey.app.database.prisma.integration.findFirstOrThrow({ where: { slug } })
    const globalId = Buffer.from(`Integration:${id}`).toString('base64')
    await latchkey.app.mutate(
      `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { ${ERRORS} } }`,
      { integrationId: globalId, ...change },
      latchkey.workspace.key,
    )
  }

  async function forget(clientId: string) {
    await server.provider.Client.adapter.destroy(clientId)
  }
})

describeDatabases('withRegisteredClient', (open, kind) => {
  let test: TestDatabase
  let close: () => Promise<void>
  let workspaceId: string
  let deps: RegistrationDeps
  let server: ProviderServer
  let answer: (count: number) => { status?: number; body: Record<string, unknown> } | Promise<never>
  const egress = createEgress({ allow: ['127.0.0.1'] })
  const logger = createLogger({ level: 'fatal' })
  beforeAll(async () => {
    test = await open()
    const services = await startConnectServices(test)
    const fixture = await createConnectFixture(services)
    workspaceId = fixture.workspaceId
    close = () => services.close()
    server = await startProvider(async (_request, response, count) => {
      const { status = 201, body } = await answer(count)
      sendJson(response, body, {}, status)
    })
    deps = depsOf(test.database)
  })
  afterAll(async () => {
    await close()
    await egress.close()
    await server.close()
  })

  const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
  const depsOf = (database: Database): RegistrationDeps => ({
    ...{ database, vault, egress, logger, publicUrl: 'https://latchkey.example' },
    issuerMetadata: createIssuerMetadata(egress, logger),
  })
  let integrations = 0
  async function integrate(): Promise<Integration> {
    integrations += 1
    server.requests.length = 0
    return createIntegration({ ...deps, customStrategies: new Map() }, operator, {
      ...{ workspaceId, slug: `api-${integrations}`, provider: null, displayName: null, oauthClient: null },
      definition: {
        displayName: 'API',
        baseUrl: server.origin,
        auth: {
          type: 'oauth2',
          grant: 'authorization_code',
          authorizationUrl: `${server.origin}/authorize`,
          tokenUrl: `${server.origin}/token`,
          registration: { url: `${server.origin}/register` },
        },
      },
    })
  }
  const ready = (integration: Integration, using = deps) => {
    const { auth } = definitionOf(integration)
    return withRegisteredClient(using, auth, integration)
  }
  const reload = ({ id }: Integration) => test.database.prisma.integration.findUniqueOrThrow({ where: { id } })
  const client = (id: string, more = {}) => ({ body: { client_id: id, client_secret: `secret of ${id}`, ...more } })
  const managed = (id: string, more = {}) =>
    client(id, {
      registration_access_token: `token of ${id}`,
      registration_client_uri: `${server.origin}/c/${id}`,
      ...more,
    })

  it('registers one client for flows that start at the same time in several processes', async () => {
    answer = (count) => client(`client-${count}`)
    const integration = await integrate()
    const second = kind === 'server' ? await test.openAnother() : test.database
    const other = depsOf(second)
    const all = await Promise.all([1, 2, 3, 4].flatMap(() => [ready(integration), ready(integration, other)]))
    expect(new Set(all.map(({ oauthClientId }) => oauthClientId)).size).toBe(1)
    expect(server.requests).toHaveLength(1)
  })

  if (kind === 'server') {
    it('goes on when the process that was registering has ended', async () => {
      let reached = () => {}
      const arrived = new Promise<void>((resolve) => {
        reached = resolve
      })
      answer = (count) => {
        if (count > 1) return client('second')
        reached()
        return new Promise<never>(() => undefined)
      }
      const integration = await integrate()
      const dying = await test.openAnother()
      void ready(integration, depsOf(dying)).catch(() => undefined)
      await arrived
      // The server ends the lock with the connection of a process that is gone.
      await dying.locks.close()
      expect((await ready(integration)).oauthClientId).toBe('second')
    })
  }

  it('takes a public client, and what the server made of the method of authentication', async () => {
    answer = () => ({ body: { client_id: 'public', token_endpoint_auth_method: 'none' } })
    const integration = await ready(await integrate())
    expect(integration).toMatchObject({ oauthClientId: 'public' })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      redirect_uris: [`https://latchkey.example/oauth/callback/${integration.id}`],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_post',
    })
  })

  it('refuses a client whose authentication it does not support, and a response without an id', async () => {
    const wrong: Record<string, unknown>[] = [
      { client_id: 'x', token_endpoint_auth_method: 'tls_client_auth' },
      { client_secret: 'y' },
      { client_id: 'x', registration_client_uri: 'file:///etc/passwd' },
    ]
    for (const body of wrong) {
      answer = () => ({ body })
      const integration = await integrate()
      await expect(ready(integration), JSON.stringify(body)).rejects.toMatchObject({ code: 'PROVIDER' })
      expect(await reload(integration)).toMatchObject({ oauthClientId: null, oauthRegistration: null })
    }
  })

  it('asks for a new secret before the old one expires, and registers another client without one', async () => {
    const soon = Math.floor(Date.now() / 1000) + 60
    answer = () => managed('expiring', { client_secret_expires_at: soon })
    const integration = await ready(await integrate())
    answer = () => ({
      ...managed('expiring', { client_secret: 'next', client_secret_expires_at: soon + 864_000 }),
      status: 200,
    })
    const renewed = await ready(integration)
    expect(renewed.oauthClientId).toBe('expiring')
    expect(server.requests.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'POST /register',
      'PUT /c/expiring',
    ])
    expect(server.requests[1]?.headers.authorization).toBe('Bearer token of expiring')
    expect(await ready(renewed)).toEqual(renewed)
    answer = () => client('short', { client_secret_expires_at: soon })
    const short = await ready(await integrate())
    answer = () => client('lasting', { client_secret_expires_at: 0 })
    expect((await ready(short)).oauthClientId).toBe('lasting')
  })

  it('keeps a refused client that the server still knows, and does not replace one while the server is unavailable', async () => {
    answer = () => managed('doubted')
    const integration = await ready(await integrate())
    await noteRefusedClient(deps, integration.id, 'doubted')
    answer = () => ({ status: 503, body: {} })
    await expect(ready(await reload(integration))).rejects.toMatchObject({
      code: 'PROVIDER',
      details: { retryable: true },
    })
    answer = () => ({ status: 200, body: { client_id: 'doubted', client_secret: 'rotated' } })
    expect((await ready(await reload(integration))).oauthClientId).toBe('doubted')
    const requests = server.requests.length
    await ready(await reload(integration))
    expect(server.requests).toHaveLength(requests)
    await noteRefusedClient(deps, integration.id, 'another')
    await ready(await reload(integration))
    expect(server.requests).toHaveLength(requests)
    await noteRefusedClient(deps, integration.id, 'doubted')
    answer = () => (server.requests.at(-1)?.method === 'GET' ? { status: 401, body: {} } : client('new'))
    expect((await ready(await reload(integration))).oauthClientId).toBe('new')
  })

  it('leaves a client alone that the workspace has set', async () => {
    answer = () => client('unwanted')
    const integration = await integrate()
    const own = await test.database.prisma.integration.update({
      where: { id: integration.id },
      data: { oauthClientId: 'ours' },
    })
    expect(await ready(own)).toEqual(own)
    expect(server.requests).toEqual([])
  })
})
