import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { documents } from '../../graphql/documents.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { contactsDefinition, startRecordsUpstream } from '../../support/records-upstream.ts'

describe('The streams of a connection', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app?.stop())

  it('are all streams of its integration, synced or not, and removed streams that have records', async () => {
    const upstream = await startRecordsUpstream(3)
    const large = '9007199254740993'
    upstream.contacts[2] = { id: JSON.rawJSON(large) }
    const workspace = await app.createWorkspace()
    const definition = contactsDefinition(upstream.url)
    const [contacts] = definition.streams
    const incremental = { cursorField: ['id'], param: 'since' }
    const streams = [
      { ...contacts, name: 'notes' },
      { ...contacts, incremental },
      { ...contacts, name: 'archive' },
    ]
    const { integration } = await app.mutate(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: 'contacts',
      definition: { ...definition, streams },
    })
    const { connection } = await app.mutate(documents.createConnection, {
      workspaceId: workspace.id,
      integration: 'contacts',
      credential: { secretText: upstream.token },
    })
    const read = async () =>
      (
        await app.request(
          `query ($id: ID!) { node(id: $id) { ... on Connection { streams { name cursor recordCount lastSyncedAt } } } }`,
          { id: connection.id },
        )
      ).data.node.streams
    const never = { cursor: null, recordCount: 0, lastSyncedAt: null }
    expect(await read()).toEqual(['notes', 'contacts', 'archive'].map((name) => ({ name, ...never })))

    const { syncJob } = await app.mutate(documents.triggerSync, {
      connectionId: connection.id,
      streams: ['contacts', 'archive'],
    })
    await vi.waitFor(
      async () => expect((await app.request(documents.syncJob, { id: syncJob.id })).data.node.status).toBe('SUCCEEDED'),
      20_000,
    )
    const synced = { cursor: null, recordCount: 3, lastSyncedAt: expect.any(String) }
    const all = [
      { name: 'notes', ...never },
      { name: 'contacts', ...synced, cursor: large },
      { name: 'archive', ...synced },
    ]
    expect(await read()).toEqual(all)

    await app.mutate(
      `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) { __typename
        ... on Error { message } } }`,
      { integrationId: integration.id, definition: { ...definition, streams: streams.slice(0, 2) } },
    )
    expect(await read()).toEqual(all)
    await upstream.close()
  })
})
