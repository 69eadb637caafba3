import { type GraphQLField, GraphQLInputObjectType, getNamedType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiKeyScope } from '../../src/access/caller.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { sendJson } from '../support/provider-server.ts'
import { type RequestFixture, startRequestFixture } from '../tools/request-fixture.ts'
import { INPUTS } from './tenants/inputs.ts'
import { requiredArguments, type Sample } from './tenants/places.ts'
import type { Tenant } from './tenants/two-tenants.ts'

const SCOPES: readonly ApiKeyScope[] = ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN']

/** The scope of every mutation. A new one fails the tests until it stands here and in docs/api-keys.md. */
const SCOPE_OF: Readonly<Record<string, ApiKeyScope>> = {
  createConnection: 'CONNECT',
  updateConnection: 'CONNECT',
  replaceCredential: 'CONNECT',
  deleteConnection: 'CONNECT',
  startOAuth: 'CONNECT',
  completeOAuth: 'CONNECT',
  confirmConnection: 'CONNECT',
  createConnectSession: 'CONNECT',
  revokeConnectSession: 'CONNECT',
  upsertEndUser: 'CONNECT',
  deleteEndUser: 'CONNECT',
  executeRequest: 'EXECUTE',
  runAction: 'EXECUTE',
  testConnection: 'EXECUTE',
  refreshConnection: 'EXECUTE',
  createToolSession: 'EXECUTE',
  revokeToolSession: 'EXECUTE',
  triggerSync: 'SYNC',
  cancelSync: 'SYNC',
  createWorkspace: 'ADMIN',
  updateWorkspace: 'ADMIN',
  deleteWorkspace: 'ADMIN',
  createApiKey: 'ADMIN',
  revokeApiKey: 'ADMIN',
  createIntegration: 'ADMIN',
  updateIntegration: 'ADMIN',
  deleteIntegration: 'ADMIN',
  testIntegration: 'ADMIN',
  importDefinition: 'ADMIN',
  createOidcIssuer: 'ADMIN',
  updateOidcIssuer: 'ADMIN',
  deleteOidcIssuer: 'ADMIN',
  verifyOidcIssuer: 'ADMIN',
  approveOidcIssuer: 'ADMIN',
  createAuthProvider: 'ADMIN',
  updateAuthProvider: 'ADMIN',
  deleteAuthProvider: 'ADMIN',
  createWebhookEndpoint: 'ADMIN',
  updateWebhookEndpoint: 'ADMIN',
  deleteWebhookEndpoint: 'ADMIN',
  rotateWebhookSecret: 'ADMIN',
  testWebhookEndpoint: 'ADMIN',
  redeliverWebhook: 'ADMIN',
}

const schema = buildSchema()
type Field = GraphQLField<unknown, unknown>
const fieldsOf = (type: ReturnType<typeof schema.getMutationType>): Field[] => Object.values(type?.getFields() ?? {})
const mutations = fieldsOf(schema.getMutationType())

describe('Every mutation', () => {
  it('declares the scope that an API key needs for it', () => {
    const declared = Object.fromEntries(mutations.map(({ name, extensions }) => [name, extensions['scope']]))
    expect(declared).toEqual(SCOPE_OF)
  })
})

describe('A key with one scope', () => {
  let fixture: RequestFixture
  let connectionId: string
  const keys = new Map<ApiKeyScope, string>()

  beforeAll(async () => {
    fixture = await startRequestFixture()
    fixture.answer((_seen, response) => sendJson(response, {}))
    connectionId = await fixture.connect({ slug: 'crm' })
    for (const scope of SCOPES) keys.set(scope, await createKey({ scopes: [scope] }))
  })
  afterAll(() => fixture.close())

  async function createKey(input: Record<string, unknown>): Promise<string> {
    const { key } = await fixture.app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key } ... on Error { message } ... on InvalidInputError { fields { message } } } }`,
      { workspaceId: fixture.workspace.id, name: 'limited', role: 'ADMIN', ...input },
      fixture.workspace.key,
    )
    return key
  }

  const sample: Sample = { id: () => fixture.workspace.id }
  const absent = '01900000-0000-7000-8000-000000000009'
  const own = { slug: 'x', workspaceId: absent, webhookEndpointId: absent } as Tenant

  /** What a mutation answers to an input of the right shape, whose ids belong to nothing. */
  async function attempt({ name, args }: Field, key: string): Promise<{ code?: string; message?: string }> {
    const input = args.find((each) => each.name === 'input')
    const type = input === undefined ? undefined : getNamedType(input.type)
    if (!(type instanceof GraphQLInputObjectType)) throw new Error(`${name} has no input.`)
    const value = { ...requiredArguments(Object.values(type.getFields()), sample), ...INPUTS[name]?.(own, []) }
    const query = `mutation ($input: ${type.name}!) { ${name}(input: $input) { __typename ... on Error { code message } } }`
    const { data, errors } = await fixture.app.request(query, { input: value }, key)
    if (errors !== undefined) throw new Error(`${name}: ${JSON.stringify(errors)}`)
    return data[name]
  }

  it('may run the mutations of that scope and no other', async () => {
    const wrong: string[] = []
    for (const [scope, key] of keys) {
      for (const field of mutations) {
        // These would end the test's own workspace.
        if (scope === 'ADMIN' && field.name === 'deleteWorkspace') continue
        const { code, message = '' } = await attempt(field, key)
        const refused = code === 'FORBIDDEN' && message.includes(`does not have the scope ${SCOPE_OF[field.name]}`)
        if (refused !== (SCOPE_OF[field.name] !== scope)) wrong.push(`${field.name} with ${scope}: ${code} ${message}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('may run queries and subscriptions with READ alone, and read viewer with any', async () => {
    const sampled = (args: Field['args']) => requiredArguments(args, sample)
    const documents = [schema.getQueryType(), schema.getSubscriptionType()].flatMap((type) =>
      fieldsOf(type).map(({ name, args }) => {
        const given = sampled(args)
        const declared = args.filter((each) => each.name in given)
        const kind = type === schema.getQueryType() ? 'query' : 'subscription'
        const call = declared.map((each) => `${each.name}: $${each.name}`).join(', ')
        const variables = declared.map((each) => `$${each.name}: ${each.type}`).join(', ')
        const text = `${kind} ${variables === '' ? '' : `(${variables})`} { ${name}${call === '' ? '' : `(${call})`} { __typename } }`
        return { name, text, variables: given }
      }),
    )
    expect(documents.length).toBeGreaterThan(10)
    for (const scope of ['CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'] as const) {
      for (const { name, text, variables } of documents) {
        const { data, errors } = await fixture.app.request(text, variables, keys.get(scope))
        if (name === 'viewer') expect(data).toEqual({ viewer: { __typename: 'Viewer' } })
        else expect([name, scope, errors?.[0]?.extensions['code']]).toEqual([name, scope, 'FORBIDDEN'])
      }
    }
    const { data } = await fixture.app.request(
      '{ viewer { workspace { connections { totalCount } } } }',
      {},
      keys.get('READ'),
    )
    expect(data.viewer.workspace.connections.totalCount).toBeGreaterThan(0)
  })

  it('gets a definition, with the constants in it, only if it may change it', async () => {
    const slug = 'with-constant'
    await fixture.connect({ slug, definition: { headers: { 'X-Shared': 'constant-of-the-workspace' } } })
    const shown = async (key: string | undefined) => {
      const query = `query ($slug: String!) { viewer { workspace { integration(slug: $slug) { slug definition } } } }`
      const { data } = await fixture.app.request(query, { slug }, key)
      return JSON.stringify(data.viewer.workspace.integration)
    }
    const nothing = JSON.stringify({ slug, definition: null })
    expect(await shown(await fixture.createKey('READER'))).toBe(nothing)
    expect(await shown(keys.get('READ'))).toBe(nothing)
    expect(await shown(await createKey({ scopes: ['READ', 'ADMIN'] }))).toContain('constant-of-the-workspace')
    expect(await shown(fixture.workspace.key)).toContain('constant-of-the-workspace')
  })

  it('cannot subscribe over WebSocket without READ', async () => {
    const client = fixture.app.webSocket(keys.get('SYNC'))
    const answer = await new Promise((resolve) => {
      client.subscribe(
        {
          query: 'subscription ($id: ID!) { connectionEvents(connectionId: $id) { id } }',
          variables: { id: connectionId },
        },
        { next: resolve, error: resolve, complete: () => resolve('complete') },
      )
    })
    expect(JSON.stringify(answer)).toContain('FORBIDDEN')
    await client.dispose()
  })

  it('reads without READ what a mutation changed, and nothing that it leads to', async () => {
    const update = (selection: string) =>
      fixture.app.request(
        `mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) { __typename
          ... on UpdateConnectionPayload { connection { ${selection} } } ... on Error { code } } }`,
        { input: { connectionId, displayName: 'renamed' } },
        keys.get('CONNECT'),
      )
    const { data } = await update('id displayName status credential { type } streams { name }')
    expect(data.updateConnection.connection).toMatchObject({ displayName: 'renamed' })
    await fixture.app.database.sql.query(`UPDATE connection SET display_name = 'before'`, [])
    for (const selection of [
      'workspace { name }',
      'integration { slug }',
      'records { totalCount }',
      'events { totalCount }',
      '... on Node { ... on Connection { latestSyncJob { id } } }',
    ]) {
      expect((await update(selection)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
    }
    const [row] = await fixture.app.database.sql.query<{ name: string }>(
      'SELECT display_name AS name FROM connection',
      [],
    )
    expect(row?.name).toBe('before')
  })

  it('sends requests through /proxy with EXECUTE alone', async () => {
    for (const [scope, key] of keys) {
      const response = await fetch(`${fixture.app.url}/proxy/${connectionId}/things`, {
        headers: { authorization: `Bearer ${key}` },
      })
      expect([scope, response.status]).toEqual([scope, scope === 'EXECUTE' ? 200 : 403])
    }
  })

  it('needs SYNC too for what starts sync jobs, and ADMIN for what makes an integration', async () => {
    const run = async (name: string, input: Record<string, unknown>, key: string) => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
      const { data } = await fixture.app.request(
        `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on Error { message } } }`,
        { input },
        key,
      )
      return data[name]
    }
    const connect = { workspaceId: fixture.workspace.id, credential: { secretText: 'sk_test_abc' } }
    const only = keys.get('CONNECT') ?? ''
    const enabling = { ...connect, provider: 'stripe' }
    for (const [name, input, scope] of [
      ['createConnection', { ...connect, integration: 'crm', syncImmediately: true }, 'SYNC'],
      ['updateConnection', { connectionId, schedule: { intervalSeconds: 3600 } }, 'SYNC'],
      ['createConnection', enabling, 'ADMIN'],
    ] as const) {
      const message = expect.stringContaining(`does not have the scope ${scope}`)
      expect(await run(name, input, only)).toEqual({ __typename: 'ForbiddenError', message })
    }
    // A test with an account that is connected at an auth provider is a request with its credential.
    const account = { authProvider: { provider: 'keeper', accountId: 'account-1' } }
    const tested = { workspaceId: fixture.workspace.id, integration: 'crm', credential: account }
    expect(await run('testIntegration', tested, keys.get('ADMIN') ?? '')).toEqual({
      __typename: 'ForbiddenError',
      message: expect.stringContaining('does not have the scope EXECUTE'),
    })
    const more = await createKey({ scopes: ['CONNECT', 'ADMIN'] })
    expect(await run('createConnection', enabling, more)).toMatchObject({ __typename: 'CreateConnectionPayload' })
    // Now it exists.
    expect(await run('createConnection', enabling, only)).toMatchObject({ __typename: 'CreateConnectionPayload' })
  })
})
