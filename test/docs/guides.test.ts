import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Jar } from '../http/connect-page/jar.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { repositoryRoot } from '../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { blocksOf } from '../support/readme.ts'

const FOLDER = join(repositoryRoot, 'docs/guides')
const guides = (await readdir(FOLDER)).filter((name) => name !== 'index.md').sort()
/** Guides to the command line and to the client, whose commands other tests run. */
const COMMAND_LINE_GUIDES = ['define-an-api.md', 'own-providers.md']
const documents = (
  await Promise.all(
    guides.map(async (guide) =>
      blocksOf(await readFile(join(FOLDER, guide), 'utf8'))
        .filter(({ language }) => language === 'graphql')
        .map(({ text }) => ({ guide, name: /^\w+ (\w+)/.exec(text)?.[1] ?? '', text })),
    ),
  )
).flat()

/** One of each thing that a guide is about, by the names of the guides' variables. */
async function setUp(app: TestApp, source: ProviderServer): Promise<Record<string, string>> {
  const { id: workspaceId } = await app.createWorkspace()
  const create = (field: string, input: Record<string, unknown>, selection: string) => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}`
    const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Payload { ${selection} } ... on Error { message } } }`
    return app.mutate(query, { workspaceId, ...input })
  }
  const definition = {
    displayName: 'Ledger',
    baseUrl: source.origin,
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${source.origin}/authorize`,
      tokenUrl: `${source.origin}/token`,
    },
    streams: [{ name: 'entries', path: '/entries', primaryKey: ['id'], recordsPath: 'entries' }],
  }
  const oauthClient = { clientId: 'acme', clientSecret: 'a client secret' }
  const { integration } = await create(
    'createIntegration',
    { slug: 'ledger', definition, oauthClient },
    'integration { id }',
  )
  const registering = {
    ...definition,
    auth: { ...definition.auth, registration: { url: `${source.origin}/register` } },
  }
  const { integration: registeringOne } = await create(
    'createIntegration',
    { slug: 'registering', definition: registering },
    'integration { id }',
  )
  const keyed = { ...definition, auth: { type: 'bearer' } }
  await create('createIntegration', { slug: 'keyed', definition: keyed }, 'integration { id }')
  const { connection } = await create(
    'createConnection',
    { integration: 'keyed', endUserExternalId: 'ada', credential: { secretText: 'a token' } },
    'connection { id endUser { id } }',
  )
  const { connection: other } = await create(
    'createConnection',
    { integration: 'keyed', endUserExternalId: 'alan', credential: { secretText: 'a token' } },
    'connection { id endUser { id } }',
  )
  const { connection: leaving } = await create(
    'createConnection',
    { integration: 'keyed', endUserExternalId: 'grace', credential: { secretText: 'a token' } },
    'connection { id endUser { id } }',
  )
  const { syncJob } = await app.mutate(
    `mutation ($input: TriggerSyncInput!) { triggerSync(input: $input) { __typename ... on TriggerSyncPayload { syncJob { id } } ... on Error { message } } }`,
    { connectionId: other.id },
  )
  const { webhookEndpoint } = await create(
    'createWebhookEndpoint',
    { url: `${source.origin}/hook` },
    'webhookEndpoint { id }',
  )
  const { apiKey } = await create('createApiKey', { name: 'old', role: 'ADMIN' }, 'apiKey { id }')
  const replaced = await create('createApiKey', { name: 'replaced', role: 'ADMIN' }, 'apiKey { id }')
  return {
    workspaceId,
    connectionId: connection.id,
    endUserId: leaving.endUser.id,
    connectionOfLeaving: leaving.id,
    integrationId: integration.id,
    registeringId: registeringOne.id,
    initialToken: 'an-initial-access-token',
    syncJobId: syncJob.id,
    webhookEndpointId: webhookEndpoint.id,
    apiKeyId: apiKey.id,
    oldKeyId: replaced.apiKey.id,
    user: 'ada',
    integration: 'keyed',
    url: `${source.origin}/hook`,
    clientId: 'acme',
    secret: 'another secret',
    from: '2026-01-01T00:00:00Z',
    document: JSON.stringify({ openapi: '3.1.0', servers: [{ url: source.origin }], paths: {} }),
    manifest: `streams:
  - type: DeclarativeStream
    name: entries
    retriever: { type: SimpleRetriever, requester: { url_base: '${source.origin}', path: /entries }, record_selector: {} }
`,
    file: 'acme: { auth_mode: NONE, proxy: { base_url: https://api.example.com } }\nother: { alias: acme }',
    slug: 'acme',
  }
}

describe('docs/guides', () => {
  let app: TestApp
  let source: ProviderServer
  let values: Record<string, string>

  beforeAll(async () => {
    // It never answers, so that a sync job is there to be stopped.
    source = await startProvider(({ url }, response) => {
      if (url.pathname !== '/entries') sendJson(response, {})
    })
    app = await startTestApp({ config: { publicUrl: 'http://127.0.0.1:0', rateLimit: 0 } })
    values = await setUp(app, source)
  })

  afterAll(async () => {
    await app?.stop()
    await source?.close()
  })

  it('have documents', () => {
    expect(guides.length).toBeGreaterThan(6)
    const withDocuments = new Set(documents.map(({ guide }) => guide))
    expect(guides.filter((guide) => !withDocuments.has(guide))).toEqual(COMMAND_LINE_GUIDES)
  })

  /** Their variables come from what other documents return, or their results are null: they have tests of their own. */
  const apart = ['Confirm', 'ProveDeletion']
  const documentOf = (wanted: string) => documents.find(({ name }) => name === wanted)?.text ?? ''

  it.each(documents.filter(({ name }) => !apart.includes(name)))('$guide: $name works', async ({ text }) => {
    const [operation] = parse(text).definitions
    if (operation?.kind !== 'OperationDefinition') return expect.unreachable('The block is no operation.')
    const names = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
    expect(names.filter((name) => values[name] === undefined)).toEqual([])
    const { data, errors } = await app.request(text, Object.fromEntries(names.map((name) => [name, values[name]])))
    expect(errors).toBeUndefined()
    for (const result of Object.values<Record<string, unknown> | null>(data)) {
      expect(result).not.toBeNull()
      expect(result?.['message']).toBeUndefined()
    }
  })

  it('delete-a-user.md: ProveDeletion shows that a deleted user and their connections are gone', async () => {
    const { workspaceId, endUserId, connectionOfLeaving: connectionId } = values
    const { data, errors } = await app.request(documentOf('ProveDeletion'), {
      workspaceId,
      endUserId,
      connectionId,
      user: 'grace',
    })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      workspace: { endUser: null, auditEvents: { nodes: [{ outcome: 'OK' }] } },
      node: null,
    })
  })

  it('reconnect.md: a connection works again after its link was used and the handle was confirmed', async () => {
    const { workspaceId, connectionId, user } = values
    const { data } = await app.request(documentOf('Reconnect'), { workspaceId, connectionId, user })
    const { connectUrl } = data.createConnectSession
    const back = await new Jar().connect(connectUrl, 'keyed', { 'credential.token': 'a third token' })
    expect(back.origin + back.pathname).toBe('https://app.example.com/connected')
    expect(back.searchParams.get('connection_id')).toBe(connectionId)
    const confirmed = await app.request(documentOf('Confirm'), { handle: back.searchParams.get('handle'), user })
    expect(confirmed.data.confirmConnection).toEqual({ connection: { id: connectionId, status: 'ACTIVE' } })
  })
})
