import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Caller } from '../../../src/access/caller.ts'
import type { Database } from '../../../src/db/database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { encodeEventCursor } from '../../../src/events/event-cursor.ts'
import { appendEvents, readLogBounds } from '../../../src/events/event-log.ts'
import { encodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { createGraphQLClient, type GraphQLClient } from '../../support/graphql-client.ts'
import { type CheckedApp, startCheckedApp, testVault } from './access-checks.ts'
import { callersOf, createTenant, type Tenant } from './two-tenants.ts'

const RESULT = '__typename ... on Error { code message }'

describeDatabases('An end user with a token of their own', (open) => {
  const vault = testVault()
  let test: TestDatabase
  let database: Database
  let ada: Tenant
  let app: CheckedApp
  let client: GraphQLClient
  let session: GraphQLClient
  let admin: GraphQLClient
  beforeAll(async () => {
    test = await open()
    database = test.database
    ada = await createTenant(database, vault, 'ada')
    const callers = new Map<string, Caller>(Object.entries(callersOf(ada)))
    app = await startCheckedApp(database, vault, callers, { application: true, database: true })
    const clientOf = (token: string) => createGraphQLClient({ url: app.url, key: token })
    ;[client, session, admin] = [clientOf('end-user'), clientOf('connect-session'), clientOf('admin')]
  })
  afterAll(async () => {
    for (const each of [client, session, admin]) await each.close()
    await app.stop()
    await test.close()
  })

  // biome-ignore lint/suspicious/noExplicitAny: the answer of an arbitrary document
  const ask = (text: string, variables: Record<string, unknown> = {}, by = client): Promise<any> =>
    by.request(text, variables)
  // biome-ignore lint/suspicious/noExplicitAny: the answer of an arbitrary document
  const mutate = async (name: string, payload: string, input: Record<string, unknown>, by = client): Promise<any> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    const text = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ${RESULT} ... on ${type}Payload { ${payload} } } }`
    return (await ask(text, { input }, by))[name]
  }
  const workspaceId = () => encodeGlobalId('Workspace', ada.workspaceId)
  const own = () => encodeGlobalId('Connection', ada.own.connectionId)

  it('sees the workspace, its integrations, and only their own other rows', async () => {
    const { workspace } = await ask(
      `query ($id: ID!) { workspace(id: $id) {
        name slug branding { name }
        integrations { nodes { slug definition oauthClient { clientId } connections { totalCount nodes { displayName } } } }
        endUsers { totalCount nodes { externalId connections { totalCount } } }
        other: endUser(externalId: "ada-others") { id }
        connections { totalCount nodes { displayName endUser { externalId } credential { type } streams { recordCount } } }
        syncJobs { totalCount nodes { connection { displayName } streams { name } } }
        collections { name records { totalCount nodes { data } } connections { totalCount } }
        hidden: collection(name: "ada-others") { id }
        events { totalCount nodes { type connection { displayName } } }
      } }`,
      { id: workspaceId() },
    )
    const job = { connection: { displayName: 'ada-own' }, streams: [{ name: 'contacts' }] }
    expect(workspace).toMatchObject({
      slug: 'ada',
      integrations: {
        nodes: [
          {
            ...{ slug: 'ada-crm', definition: null, oauthClient: null },
            connections: { totalCount: 1, nodes: [{ displayName: 'ada-own' }] },
          },
          { slug: 'ada-consent', definition: null, oauthClient: null, connections: { totalCount: 0 } },
        ],
      },
      endUsers: { totalCount: 1, nodes: [{ externalId: 'ada-own', connections: { totalCount: 1 } }] },
      other: null,
      connections: { totalCount: 1, nodes: [{ displayName: 'ada-own', endUser: { externalId: 'ada-own' } }] },
      syncJobs: { totalCount: 1, nodes: [job] },
      collections: [{ name: 'ada-own', records: { totalCount: 2 }, connections: { totalCount: 1 } }],
      hidden: null,
      events: { totalCount: 3, nodes: Array.from({ length: 3 }, () => ({ connection: { displayName: 'ada-own' } })) },
    })
  })

  it('sees no records of others in a shared collection', async () => {
    const shared = { collectionId: ada.own.collectionId }
    await database.prisma.connection.update({ where: { id: ada.others.connectionId }, data: shared })
    const text = `query ($id: ID!) { node(id: $id) { ... on Collection {
      connections { totalCount } records { totalCount nodes { connection { displayName } } } } } }`
    const variables = { id: encodeGlobalId('Collection', ada.own.collectionId) }
    const records = (name: string) => ({ connection: { displayName: name } })
    expect((await ask(text, variables)).node).toEqual({
      connections: { totalCount: 1 },
      records: { totalCount: 2, nodes: [records('ada-own'), records('ada-own')] },
    })
    expect((await ask(text, variables, admin)).node).toMatchObject({
      connections: { totalCount: 2 },
      records: { totalCount: 4 },
    })
    const back = { collectionId: ada.others.collectionId }
    await database.prisma.connection.update({ where: { id: ada.others.connectionId }, data: back })
  })

  it('cannot read what belongs to the workspace', async () => {
    for (const field of ['apiKeys { totalCount }', 'redirectUrls', 'confirmation']) {
      const { errors } = await client.execute(`query ($id: ID!) { workspace(id: $id) { ${field} } }`, {
        id: workspaceId(),
      })
      expect([field, errors.map(({ extensions }) => extensions?.['code'])]).toEqual([field, ['FORBIDDEN']])
    }
    expect(
      await mutate('updateWorkspace', 'workspace { id }', { workspaceId: workspaceId(), name: 'x' }),
    ).toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  it('creates connections only for themselves, with or without naming themselves', async () => {
    const input = { workspaceId: workspaceId(), integration: 'ada-crm', credential: { secretText: 'a-token' } }
    const create = (more: Record<string, unknown>) =>
      mutate('createConnection', 'connection { id endUser { externalId } }', { ...input, ...more })
    const endUser = { externalId: 'ada-own' }
    const created = await create({})
    expect(created.connection).toMatchObject({ endUser })
    const named = await create({ endUserId: encodeGlobalId('EndUser', ada.own.endUserId) })
    const namedExternally = await create({ endUserExternalId: 'ada-own' })
    expect([named.connection.endUser, namedExternally.connection.endUser]).toEqual([endUser, endUser])
    expect(await create({ endUserId: encodeGlobalId('EndUser', ada.others.endUserId) })).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await create({ endUserExternalId: 'ada-others' })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await create({ endUserExternalId: 'nobody-yet' })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await create({ collection: 'ada-own' })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await create({ integration: null, provider: 'sandbox' })).toMatchObject({ code: 'NOT_FOUND' })
    for (const { connection } of [created, named, namedExternally]) {
      expect(await mutate('deleteConnection', 'deletedId', { connectionId: connection.id })).toEqual({
        __typename: 'DeleteConnectionPayload',
        deletedId: connection.id,
      })
    }
    expect(await database.prisma.endUser.count({ where: { workspaceId: ada.workspaceId } })).toBe(2)
  })

  it('changes, syncs and cancels the sync of their own connection', async () => {
    const connectionId = own()
    const updated = await mutate('updateConnection', 'connection { displayName }', {
      connectionId,
      displayName: 'mine',
    })
    expect(updated).toMatchObject({ connection: { displayName: 'mine' } })
    await mutate('updateConnection', 'connection { displayName }', { connectionId, displayName: 'ada-own' })
    const replaced = await mutate('replaceCredential', 'connection { id }', {
      connectionId,
      credential: { secretText: 'b' },
    })
    expect(replaced).toMatchObject({ connection: { id: connectionId } })
    const { syncJob } = await mutate('triggerSync', 'syncJob { id status connection { id } }', { connectionId })
    expect(syncJob).toMatchObject({ status: 'QUEUED', connection: { id: connectionId } })
    const stopped = await mutate('cancelSync', 'syncJob { status }', { syncJobId: syncJob.id })
    expect(stopped).toMatchObject({ syncJob: { status: 'CANCELLED' } })
    const collection = await mutate('updateConnection', 'connection { id }', { connectionId, collection: 'another' })
    expect(collection).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('has read access only with the token of a connect session', async () => {
    const input = { connectionId: own() }
    for (const name of ['deleteConnection', 'triggerSync', 'updateConnection']) {
      expect([name, await mutate(name, '__typename', input, session)]).toMatchObject([name, { code: 'FORBIDDEN' }])
    }
    expect((await ask('query ($id: ID!) { node(id: $id) { id } }', { id: own() }, session)).node).toEqual({ id: own() })
  })

  it.each(['subscribe', 'sse'] as const)(
    'receives only events of their own connections, and others receive all of theirs: by %s',
    async (way) => {
      const { database } = test
      const append = () =>
        database.bulkTransaction((tx) =>
          appendEvents(
            tx,
            createLocalWakeBus(),
            ada.workspaceId,
            [ada.others, ada.own].map(({ connectionId }) => ({ type: 'CREDENTIAL_REFRESHED', connectionId })),
          ),
        )
      const bounds = await readLogBounds(database.sql, ada.workspaceId)
      const text = `subscription ($id: ID!, $after: Cursor) {
      workspaceEvents(workspaceId: $id, after: $after) { type connection { displayName } } }`
      const variables = { id: workspaceId(), after: encodeEventCursor(ada.workspaceId, bounds.head) }
      await append()
      // The end user subscribes first, so that the shared reader of the log is opened in their scope.
      const ownEvents = client[way]<Received, typeof variables>(text, variables)
      const allEvents = admin[way]<Received, typeof variables>(text, variables)
      const next = async (stream: AsyncGenerator<Received, void>) => {
        const { value } = await stream.next()
        return value?.workspaceEvents.connection?.displayName
      }
      expect(await next(ownEvents)).toBe('ada-own')
      expect([await next(allEvents), await next(allEvents)]).toEqual(['ada-others', 'ada-own'])
      // The following events are live.
      await append()
      expect(await next(ownEvents)).toBe('ada-own')
      expect([await next(allEvents), await next(allEvents)]).toEqual(['ada-others', 'ada-own'])
      await Promise.all([ownEvents.return(), allEvents.return()])
    },
  )
})

interface Received {
  workspaceEvents: { connection: { displayName: string } | null }
}
