import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'

const QUEUE = `query ($id: ID!) { workspace(id: $id) {
  queue { running queued waiting oldestQueuedAt }
  limits { keyPointsPerMinute pointsPerMinute openRequests subscriptions answerBytes } } }`
const CREATE_INTEGRATION = `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
  ... on CreateIntegrationPayload { integration { id } } ... on Error { message } } }`
const CREATE_CONNECTION = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
  ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`
const TRIGGER = `mutation ($input: TriggerSyncInput!) { triggerSync(input: $input) { __typename
  ... on TriggerSyncPayload { syncJob { id } } ... on Error { message } } }`

describe('Workspace.queue and Workspace.limits', () => {
  let app: TestApp
  let provider: ProviderServer
  beforeAll(async () => {
    app = await startTestApp({ config: { rateLimit: 5_000, workspaceRateLimit: 9_000, requestLimit: 7 } })
    provider = await startProvider((request, response) => {
      if (request.url.pathname === '/later') {
        response.writeHead(429, { 'retry-after': '3600' }).end()
        return undefined
      }
      return sendJson(response, [])
    })
  })
  afterAll(async () => {
    await app.stop()
    await provider.close()
  })

  const read = async (id: string, key: string) => (await app.request(QUEUE, { id }, key)).data.workspace

  it('count a job that waits for its provider, for the keys that may see it', async () => {
    const workspace = await app.createWorkspace()
    const idle = await app.createWorkspace('Idle')
    const [busy, other] = ['busy', 'other']
    for (const slug of [busy, other]) {
      await app.mutate(CREATE_INTEGRATION, {
        workspaceId: workspace.id,
        slug,
        definition: {
          displayName: 'Ledger',
          baseUrl: provider.origin,
          auth: { type: 'bearer' },
          streams: [{ name: 'lines', path: '/later', primaryKey: [['id']] }],
        },
      })
    }
    const { connection } = await app.mutate(CREATE_CONNECTION, {
      workspaceId: workspace.id,
      integration: busy,
      endUserExternalId: 'ada',
      credential: { secretText: 'a token' },
    })
    const none = { running: 0, queued: 0, waiting: 0, oldestQueuedAt: null }
    expect((await read(workspace.id, workspace.key)).queue).toEqual(none)
    await app.mutate(TRIGGER, { connectionId: connection.id })
    await expect
      .poll(async () => (await read(workspace.id, workspace.key)).queue, { timeout: 60_000 })
      .toEqual({ ...none, waiting: 1 })
    expect((await read(idle.id, idle.key)).queue).toEqual(none)
    const { key } = await app.mutate(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }',
      { workspaceId: workspace.id, name: 'limited', role: 'READER', integrations: [other] },
    )
    expect((await read(workspace.id, key)).queue).toEqual(none)
  })

  it('say what a workspace may use', async () => {
    const workspace = await app.createWorkspace()
    expect((await read(workspace.id, workspace.key)).limits).toEqual({
      keyPointsPerMinute: 5_000,
      pointsPerMinute: 9_000,
      openRequests: 7,
      subscriptions: 500,
      answerBytes: 16_777_216,
    })
  })
})
