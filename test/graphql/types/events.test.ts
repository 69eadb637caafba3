import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { newId } from '../../../src/kit/ids.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'

const EVENTS = `query ($id: ID!, $after: String, $newestFirst: Boolean, $types: [EventType!], $from: DateTime) {
  workspace(id: $id) { events(first: 2, after: $after, newestFirst: $newestFirst, types: $types, from: $from) {
    totalCount nodes { id type occurredAt } pageInfo { hasNextPage endCursor } } } }`

describe('Workspace.events', () => {
  let app: TestApp
  let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
  beforeAll(async () => {
    app = await startTestApp()
    workspace = await app.createWorkspace()
    const input = { workspaceId: workspace.id, slug: 'ledger', definition: DEFINITION }
    await app.mutate(
      'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename ... on Error { message } } }',
      input,
    )
    for (const endUserExternalId of ['ada', 'bob']) {
      await app.mutate(
        'mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename ... on Error { message } } }',
        { workspaceId: workspace.id, integration: 'ledger', endUserExternalId, credential: { secretText: 'a token' } },
      )
    }
  })
  afterAll(() => app.stop())

  const DEFINITION = { displayName: 'Ledger', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }

  /** The ids of all events, page by page. */
  async function idsOf(variables: Record<string, unknown>): Promise<string[]> {
    const ids: string[] = []
    let after: string | null = null
    for (;;) {
      const { data } = await app.request(EVENTS, { id: workspace.id, after, ...variables }, workspace.key)
      const { nodes, pageInfo } = data.workspace.events
      ids.push(...nodes.map((node: { id: string }) => node.id))
      if (!pageInfo.hasNextPage) return ids
      after = pageInfo.endCursor
    }
  }

  it('still loads the events of a sync job that is no longer kept, without the job', async () => {
    const { id, key } = await app.createWorkspace('Archive')
    const workspaceId = parseGlobalId(id)?.id ?? ''
    await app.database.bulkTransaction((tx) =>
      appendEvents(tx, createLocalWakeBus(), workspaceId, [{ type: 'SYNC_SUCCEEDED', syncJobId: newId() }]),
    )
    const query = 'query ($id: ID!) { workspace(id: $id) { events { nodes { type syncJob { id status } } } } }'
    const { data, errors } = await app.request(query, { id }, key)
    expect(errors).toBeUndefined()
    expect(data.workspace.events.nodes).toEqual([{ type: 'SYNC_SUCCEEDED', syncJob: null }])
  })

  it('with newestFirst returns the same events in the opposite order, over all pages', async () => {
    const oldestFirst = await idsOf({})
    expect(oldestFirst.length).toBeGreaterThan(3)
    expect(await idsOf({ newestFirst: true })).toEqual(oldestFirst.toReversed())
    const types = ['CONNECTION_CREATED']
    expect(await idsOf({ newestFirst: true, types })).toEqual((await idsOf({ types })).toReversed())
  })

  it('with newestFirst returns no event of another workspace, and refuses a cursor of another log', async () => {
    const other = await app.createWorkspace('Other')
    const { data } = await app.request(EVENTS, { id: other.id, newestFirst: true }, other.key)
    expect(data.workspace.events.nodes).toEqual([])
    const first = await app.request(EVENTS, { id: workspace.id, newestFirst: true }, workspace.key)
    const after = first.data.workspace.events.pageInfo.endCursor
    const { errors } = await app.request(EVENTS, { id: other.id, newestFirst: true, after }, other.key)
    expect(errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
  })

  it('with from begins at a time, and with newestFirst ends before it, wherever the time lies', async () => {
    const all = await idsOf({})
    const { data } = await app.request(EVENTS.replace('first: 2', 'first: 100'), { id: workspace.id }, workspace.key)
    const events: { id: string; occurredAt: string }[] = data.workspace.events.nodes
    const around = (at: string, ms: number) => new Date(Date.parse(at) + ms).toISOString()
    for (const { occurredAt } of events) {
      for (const from of [occurredAt, around(occurredAt, -1), around(occurredAt, 1)]) {
        const later = events.filter((event) => event.occurredAt >= from).map(({ id }) => id)
        expect(await idsOf({ from }), from).toEqual(later)
        expect(await idsOf({ from, newestFirst: true }), from).toEqual(
          all.filter((id) => !later.includes(id)).toReversed(),
        )
      }
    }
    expect(await idsOf({ from: '2000-01-01T00:00:00Z' })).toEqual(all)
    expect(await idsOf({ from: '2999-01-01T00:00:00Z' })).toEqual([])
    const empty = await app.createWorkspace('Empty')
    const none = await app.request(EVENTS, { id: empty.id, from: '2000-01-01T00:00:00Z' }, empty.key)
    expect(none.data.workspace.events.nodes).toEqual([])
  })
})
