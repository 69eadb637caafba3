import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'

const CONNECTIONS = `query ($id: ID!, $search: String, $endUser: String!) { workspace(id: $id) {
  connections(filter: { search: $search }) { totalCount nodes { displayName } }
  endUser(externalId: $endUser) { connections(filter: { search: $search }) { totalCount } } } }`
const EVENTS = `query ($id: ID!, $newestFirst: Boolean) { node(id: $id) { ... on Connection {
  events(newestFirst: $newestFirst) { nodes { id type connection { id } } } } } }`
const UPSERT = `mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { __typename ... on Error { message } } }`
const CREATE_INTEGRATION = `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
  __typename ... on Error { message } } }`
const CREATE = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
  ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`
const UPDATE = `mutation ($input: UpdateConnectionInput!) { updateConnection(input: $input) { __typename ... on Error { message } } }`
const DEFINITION = { displayName: 'Ledger', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }

describe('Connections', () => {
  let app: TestApp
  let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    app = await startTestApp()
    workspace = await app.createWorkspace()
    const other = await app.createWorkspace('Other')
    for (const { id: workspaceId } of [workspace, other]) {
      await app.mutate(CREATE_INTEGRATION, { workspaceId, slug: 'ledger', definition: DEFINITION })
      const ada = { displayName: 'Ada Lovelace', email: 'ada@example.com' }
      await app.mutate(UPSERT, { workspaceId, externalId: 'user-1', ...ada })
      for (const [endUserExternalId, displayName, externalId] of [
        ['user-1', 'Books', 'acct_100%'],
        ['user-2', 'Accounts of Bob', 'acct_200'],
        [null, 'Shared', null],
      ]) {
        const input = { workspaceId, integration: 'ledger', credential: { secretText: 'a token' } }
        const created = await app.mutate(CREATE, { ...input, endUserExternalId, displayName, externalId })
        if (workspaceId === workspace.id) ids[displayName ?? ''] = created.connection.id
      }
    }
  })
  afterAll(() => app.stop())

  const found = async (search: string | null) => {
    const { data } = await app.request(CONNECTIONS, { id: workspace.id, search, endUser: 'user-1' }, workspace.key)
    const { totalCount, nodes } = data.workspace.connections
    const names = nodes.map(({ displayName }: { displayName: string }) => displayName)
    expect(totalCount).toBe(names.length)
    return { names, ofAda: data.workspace.endUser.connections.totalCount }
  }

  it('are found by a part of their name, their external id or their end user, ignoring case', async () => {
    expect(await found('bOOk')).toEqual({ names: ['Books'], ofAda: 1 })
    expect(await found('lovelace')).toEqual({ names: ['Books'], ofAda: 1 })
    expect(await found('ADA@example')).toEqual({ names: ['Books'], ofAda: 1 })
    expect(await found('user-2')).toEqual({ names: ['Accounts of Bob'], ofAda: 0 })
    expect(await found('acct_')).toEqual({ names: ['Books', 'Accounts of Bob'], ofAda: 1 })
    expect(await found('100%')).toEqual({ names: ['Books'], ofAda: 1 })
    // The wildcards of a pattern are ordinary characters.
    expect(await found('a%b')).toEqual({ names: [], ofAda: 0 })
    expect((await found(null)).names).toEqual(['Books', 'Accounts of Bob', 'Shared'])
  })

  it('are not searched by a text that is blank or longer than 200 characters', async () => {
    for (const search of [' ', 'x'.repeat(201)]) {
      const { errors } = await app.request(CONNECTIONS, { id: workspace.id, search, endUser: 'user-1' }, workspace.key)
      expect(errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
    }
  })

  it('have their own events, which newestFirst returns in the opposite order', async () => {
    const id = ids['Books']
    for (const disabled of [true, false]) await app.mutate(UPDATE, { connectionId: id, disabled })
    const read = async (newestFirst: boolean) => {
      const { data } = await app.request(EVENTS, { id, newestFirst }, workspace.key)
      return data.node.events.nodes
    }
    const oldestFirst = await read(false)
    expect(oldestFirst.length).toBeGreaterThan(2)
    expect(oldestFirst.every(({ connection }: { connection: { id: string } }) => connection.id === id)).toBe(true)
    expect(await read(true)).toEqual(oldestFirst.toReversed())
  })
})
