import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeGlobalId, type NodeType } from '../../../src/graphql/kernel/global-id.ts'
import { newId } from '../../../src/kit/ids.ts'
import { EncryptionKey, Keyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { createTenant, type Tenant } from '../../access/tenants/two-tenants.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'

const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename
  ... on Collection { id name } ... on Connection { id displayName } ... on EndUser { id externalId }
  ... on Integration { id slug } ... on SyncJob { id status } ... on Workspace { id slug }
  ... on User { id connections(first: 5) { totalCount pageInfo { hasNextPage endCursor } nodes { displayName latestSyncJob { status } } } }
} }`

const ENTITY_TYPES = ['Collection', 'Connection', 'EndUser', 'Integration', 'SyncJob', 'Workspace'] as const

const EMPTY = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] }
const AUDIENCE = 'https://product.example'

function idOf(tenant: Tenant, type: (typeof ENTITY_TYPES)[number], part = tenant.own): string {
  const rows = {
    Collection: part.collectionId,
    Connection: part.connectionId,
    EndUser: part.endUserId,
    Integration: tenant.integrationId,
    SyncJob: part.syncJobId,
    Workspace: tenant.workspaceId,
  }
  return encodeGlobalId(type, rows[type])
}

describe.each(['embedded', 'server'] as const)('_entities on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let app: TestApp
  let idp: OidcIssuerServer
  let acme: Tenant
  let other: Tenant
  let key: string

  beforeAll(async () => {
    app = await startTestApp({ kind, config: { federation: { name: 'User', key: 'id' } } })
    idp = await startOidcIssuer()
    const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
    acme = await createTenant(app.database, vault, 'acme')
    other = await createTenant(app.database, vault, 'other')
    for (const { workspaceId } of [acme, other]) {
      await app.database.prisma.oidcIssuer.create({
        data: {
          id: newId(),
          workspaceId,
          issuer: idp.issuer,
          audience: AUDIENCE,
          allowedAlgorithms: ['RS256'],
          createEndUsers: true,
          provedAt: new Date(),
        },
      })
    }
    key = await keyOf(acme)
  })
  afterAll(() => Promise.all([app.stop(), idp.close()]))

  async function keyOf({ workspaceId }: Tenant, more: Record<string, unknown> = {}): Promise<string> {
    const created = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
        __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: encodeGlobalId('Workspace', workspaceId), name: 'test', role: 'ADMIN', ...more },
    )
    return created.key
  }

  async function ask(
    query: string,
    variables: Record<string, unknown>,
    { as = key, workspace }: { as?: string | null; workspace?: string } = {},
  ) {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(as === null ? {} : { authorization: `Bearer ${as}` }),
        ...(workspace === undefined ? {} : { 'x-latchkey-workspace': workspace }),
      },
      body: JSON.stringify({ query, variables }),
    })
    const text = await response.text()
    return { text, ...JSON.parse(text) }
  }
  type Caller = Parameters<typeof ask>[2]
  const entities = (representations: unknown, caller?: Caller) => ask(ENTITIES, { representations }, caller)
  const tokenOf = (sub: string) => idp.sign({ sub, aud: AUDIENCE })
  const users = (...ids: unknown[]) => ids.map((id) => ({ __typename: 'User', id }))

  it('returns an object of each type, in the order of the representations', async () => {
    const representations = [...ENTITY_TYPES, ...ENTITY_TYPES].map((__typename, index) => ({
      __typename,
      id: idOf(acme, __typename, index < ENTITY_TYPES.length ? acme.own : acme.others),
    }))
    const { data, errors } = await entities(representations)
    expect(errors).toBeUndefined()
    expect(data._entities).toHaveLength(12)
    for (const [index, entity] of data._entities.entries()) expect(entity).toMatchObject(representations[index] ?? {})
  })

  it.each(ENTITY_TYPES)(
    'answers a %s of another workspace with the same bytes as one that does not exist',
    async (type) => {
      const foreign = await entities([{ __typename: type, id: idOf(other, type) }])
      const absent = await entities([{ __typename: type, id: encodeGlobalId(type, newId()) }])
      expect(foreign.text).toBe('{"data":{"_entities":[null]}}')
      expect(foreign.text).toBe(absent.text)
    },
  )

  it('answers malformed ids, and ids of another type, with null', async () => {
    const ids = ['', 'x', 'Connection:1', '\u0000', `${idOf(acme, 'Connection')}=`, idOf(acme, 'SyncJob'), '%00']
    const { data, errors } = await entities(ids.map((id) => ({ __typename: 'Connection', id })))
    expect(errors).toBeUndefined()
    expect(data._entities).toEqual(ids.map(() => null))
  })

  it('answers deleted objects with null, also those of a deleted workspace for an operator', async () => {
    const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
    const gone = await createTenant(app.database, vault, `gone-${kind}`)
    await app.mutate(
      'mutation ($input: DeleteWorkspaceInput!) { deleteWorkspace(input: $input) { __typename ... on Error { message } } }',
      { workspaceId: encodeGlobalId('Workspace', gone.workspaceId) },
    )
    const representations = ENTITY_TYPES.map((__typename) => ({ __typename, id: idOf(gone, __typename) }))
    const { data } = await entities(representations, { as: app.operatorKey })
    expect(data._entities).toEqual(ENTITY_TYPES.map(() => null))
    const { errors } = await entities(users('1'), { as: app.operatorKey, workspace: gone.slug })
    expect(errors[0].extensions.code).toBe('NOT_FOUND')
  })

  it.each([
    [
      'another type',
      { __typename: 'ApiKey', id: 'x' },
      'representations.0.__typename: Not an entity of this subgraph.',
    ],
    ['a type that does not exist', { __typename: 'constructor', id: 'x' }, 'representations.0.__typename'],
    ['no key', { __typename: 'Connection' }, 'representations.0.id: Must be a string.'],
    ['a key of another type', { __typename: 'User', id: { a: 1 } }, 'representations.0.id: Must be a string.'],
    ['a key from the prototype', { __typename: 'User', toString: 'x' }, 'representations.0.id: Must be a string.'],
  ])('refuses a representation with %s', async (_name, representation, message) => {
    const { data, errors } = await entities([representation])
    expect(data).toBeNull()
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining(message),
      extensions: { code: 'INVALID_INPUT' },
    })
  })

  it.each([[null], ['x'], [7], [{}], [{ __typename: 7 }], [['User']]])(
    'refuses %j as a representation',
    async (value) => {
      const { data, errors } = await entities([value])
      expect(data ?? null).toBeNull()
      expect(errors[0].extensions.code).toBe('INVALID_INPUT')
    },
  )

  it('accepts representations as literals', async () => {
    const id = idOf(acme, 'Workspace')
    const { data } = await ask(
      `query ($id: ID!) { _entities(representations: [{ __typename: "Workspace", id: $id }]) { ... on Workspace { slug } } }`,
      { id },
    )
    expect(data).toEqual({ _entities: [{ slug: 'acme' }] })
  })

  it('refuses more than 1,000 representations, and a request that is too expensive', async () => {
    const many = (length: number) => users(...Array.from({ length }, (_, index) => `u${index}`))
    const query = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }'
    expect((await ask(query, { representations: many(1_000) })).data._entities).toHaveLength(1_000)
    const { errors } = await ask(query, { representations: many(1_001) })
    expect(errors[0].message).toBe('representations: Must have at most 1000 representations.')
    const expensive = await ask(ENTITIES.replace('first: 5', 'first: 20'), { representations: many(500) })
    expect(expensive.errors[0].message).toContain('too expensive')
  })

  describe('The type of the product', () => {
    it('has the connections of the end user with this external id', async () => {
      const { data, errors } = await entities(users('acme-own', 'acme-others'))
      expect(errors).toBeUndefined()
      expect(data._entities).toEqual(
        ['acme-own', 'acme-others'].map((id) => ({
          __typename: 'User',
          id,
          connections: {
            totalCount: 1,
            pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
            nodes: [{ displayName: id, latestSyncJob: { status: 'SUCCEEDED' } }],
          },
        })),
      )
    })

    it.each([
      ['is not known', 'nobody'],
      ['belongs to another workspace', 'other-own'],
      ['cannot be stored', 'a\u0000b'],
      ['is empty', ''],
      ['is longer than an external id', 'x'.repeat(10_000)],
    ])('has an empty page if the external id %s', async (_name, id) => {
      const { data, errors } = await entities(users(id))
      expect(errors).toBeUndefined()
      expect(data._entities).toEqual([{ __typename: 'User', id, connections: EMPTY }])
    })

    it('takes a number as a key', async () => {
      expect((await entities(users(7))).data._entities[0].id).toBe('7')
    })

    it('checks the arguments of the list, with and without an end user', async () => {
      const query = ENTITIES.replace('first: 5', 'first: 101')
      for (const id of ['acme-own', 'nobody']) {
        const { data, errors } = await ask(query, { representations: users(id) })
        expect(data._entities).toEqual([null])
        expect(errors[0].extensions.code).toBe('INVALID_INPUT')
      }
    })

    it('filters and pages as EndUser.connections does', async () => {
      const query = `query ($representations: [_Any!]!, $filter: ConnectionFilter) {
        _entities(representations: $representations) { ... on User { connections(filter: $filter) { totalCount } } } }`
      const count = async (status: string) =>
        (await ask(query, { representations: users('acme-own'), filter: { status } })).data._entities[0].connections
          .totalCount
      expect([await count('ACTIVE'), await count('ERROR')]).toEqual([1, 0])
    })

    it('shows an end user with a JWT their own connections, and an empty page for everybody else', async () => {
      const as = await tokenOf('acme-own')
      const { data, errors } = await entities(users('acme-own', 'acme-others', 'other-own'), { as, workspace: 'acme' })
      expect(errors).toBeUndefined()
      expect(
        data._entities.map((user: { connections: { totalCount: number } }) => user.connections.totalCount),
      ).toEqual([1, 0, 0])
      expect(data._entities[1].connections).toEqual(EMPTY)
    })

    it('shows an end user with a JWT no objects of others', async () => {
      const as = await tokenOf('acme-own')
      const representations = (['Connection', 'SyncJob', 'EndUser', 'Collection'] as const).flatMap((__typename) => [
        { __typename, id: idOf(acme, __typename) },
        { __typename, id: idOf(acme, __typename, acme.others) },
      ])
      const { data } = await entities(representations, { as, workspace: 'acme' })
      expect(data._entities.map((entity: unknown) => entity !== null)).toEqual(
        representations.map((_, index) => index % 2 === 0),
      )
    })

    it('is read in the workspace that an operator names by id or slug', async () => {
      const as = app.operatorKey
      for (const workspace of ['acme', idOf(acme, 'Workspace'), ' acme ']) {
        const { data } = await entities(users('acme-own', 'other-own'), { as, workspace })
        expect(data._entities[0].connections.totalCount).toBe(1)
        expect(data._entities[1].connections).toEqual(EMPTY)
      }
    })

    it('asks an operator for the workspace', async () => {
      const { data, errors } = await entities(users('acme-own'), { as: app.operatorKey })
      expect(data).toBeNull()
      expect(errors[0]).toMatchObject({
        message: expect.stringContaining('x-latchkey-workspace'),
        extensions: { code: 'AMBIGUOUS' },
      })
    })

    it.each(['other', 'nowhere', 'V29ya3NwYWNlOjE'])(
      'is not found in the workspace %s, which the key does not see',
      async (workspace) => {
        const { data, errors } = await entities(users('acme-own'), { workspace })
        expect(data).toBeNull()
        expect(errors[0]).toMatchObject({
          message: 'There is no such workspace. Check the id, and that it belongs to the workspace of your key.',
          extensions: { code: 'NOT_FOUND' },
        })
      },
    )
  })

  describe('Access', () => {
    it('is refused without a credential, for entities', async () => {
      for (const as of [null, 'lk_wrong']) {
        const { data, errors } = await entities(users('acme-own'), { as })
        expect(data ?? null).toBeNull()
        expect(errors[0].extensions.code).toBe('UNAUTHENTICATED')
      }
    })

    it('needs the scope READ', async () => {
      const as = await keyOf(acme, { scopes: ['CONNECT'] })
      for (const query of [ENTITIES, '{ _service { sdl } }']) {
        const { errors } = await ask(query, { representations: users('acme-own') }, { as })
        expect(errors[0].extensions.code).toBe('FORBIDDEN')
      }
    })

    it('is limited to the integrations of the key', async () => {
      const as = await keyOf(acme, { integrations: ['acme-consent'] })
      const { data } = await entities(
        [...users('acme-own'), { __typename: 'Connection', id: idOf(acme, 'Connection') }],
        { as },
      )
      expect(data._entities).toEqual([{ __typename: 'User', id: 'acme-own', connections: EMPTY }, null])
    })

    it('does not need a credential for the schema in development, as for introspection', async () => {
      const { data } = await ask('{ _service { sdl } }', {}, { as: null })
      expect(data._service.sdl).toContain('type User @key(fields: "id")')
    })
  })

  describe('Statements', () => {
    /** Runs `work` and returns how many statements read each table. */
    async function countStatements(work: () => Promise<void>): Promise<Record<string, number>> {
      const { sql } = app.database
      const query = sql.query
      const counts: Record<string, number> = {}
      sql.query = (text, values) => {
        const table = /FROM (collection|connection|end_user|integration|sync_job|workspace) t\b/.exec(text)?.[1]
        if (table !== undefined) counts[table] = (counts[table] ?? 0) + 1
        return query.call(sql, text, values) as never
      }
      try {
        await work()
      } finally {
        sql.query = query
      }
      return counts
    }

    const FIFTY = Array.from({ length: 50 }, (_, index) => index)

    it('are one for a batch of 50 objects of each type', async () => {
      const { workspaceId } = acme
      const rows = FIFTY.map((index) => ({ id: newId(), workspaceId, index }))
      const { prisma } = app.database
      await prisma.endUser.createMany({
        data: rows.map(({ id, index }) => ({ id, workspaceId, externalId: `batch-${index}` })),
      })
      await prisma.collection.createMany({
        data: rows.map(({ id, index }) => ({ id, workspaceId, name: `batch-${index}` })),
      })
      await prisma.integration.createMany({
        data: rows.map(({ id, index }) => ({
          id,
          workspaceId,
          slug: `batch-${index}`,
          displayName: 'Batch',
          provider: 'stripe',
          oauthScopes: [],
        })),
      })
      await prisma.connection.createMany({
        data: rows.map(({ id, index }) => ({
          id,
          workspaceId,
          integrationId: id,
          endUserId: id,
          displayName: `batch-${index}`,
          status: 'ACTIVE' as const,
          method: 'SECRET' as const,
        })),
      })
      await prisma.syncJob.createMany({
        data: rows.map(({ id }) => ({
          id,
          workspaceId,
          connectionId: id,
          trigger: 'MANUAL' as const,
          status: 'SUCCEEDED' as const,
          finishedAt: new Date(),
        })),
      })
      const types: NodeType[] = ['Collection', 'Connection', 'EndUser', 'Integration', 'SyncJob']
      const representations = rows.flatMap(({ id }) =>
        types.map((__typename) => ({ __typename, id: encodeGlobalId(__typename, id) })),
      )
      const plain = ENTITIES.replace(/\.\.\. on User.*/, '')
      const counts = await countStatements(async () => {
        const { data, errors } = await ask(plain, { representations })
        expect(errors).toBeUndefined()
        expect(data._entities.filter((entity: unknown) => entity !== null)).toHaveLength(250)
      })
      expect(counts).toEqual({ collection: 1, connection: 1, end_user: 1, integration: 1, sync_job: 1 })
    })

    it('are one for 50 end users and one for their connections', async () => {
      const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on User { connections { nodes { displayName status } } } } }`
      const counts = await countStatements(async () => {
        const { data, errors } = await ask(query, { representations: users(...FIFTY.map((each) => `batch-${each}`)) })
        expect(errors).toBeUndefined()
        for (const [index, { connections }] of data._entities.entries()) {
          expect(connections.nodes).toEqual([{ displayName: `batch-${index}`, status: 'ACTIVE' }])
        }
      })
      expect(counts).toEqual({ connection: 1, end_user: 1 })
    })

    it('are one for 50 workspaces', async () => {
      const ids = FIFTY.map(() => newId())
      await app.database.prisma.workspace.createMany({ data: ids.map((id) => ({ id, name: id, slug: id })) })
      const representations = ids.map((id) => ({ __typename: 'Workspace', id: encodeGlobalId('Workspace', id) }))
      const counts = await countStatements(async () => {
        const { data } = await entities(representations, { as: app.operatorKey })
        expect(data._entities.map(({ slug }: { slug: string }) => slug)).toEqual(ids)
      })
      expect(counts).toEqual({ workspace: 1 })
    })
  })
})

describe('Without LATCHKEY_FEDERATION', () => {
  it('the fields do not exist', async () => {
    const app = await startTestApp()
    try {
      const { errors } = await app.request('{ _service { sdl } _entities(representations: []) { __typename } }')
      expect(errors?.map(({ message }) => message)).toEqual([
        expect.stringContaining('Cannot query field "_service"'),
        expect.stringContaining('Cannot query field "_entities"'),
      ])
    } finally {
      await app.stop()
    }
  })
})

describe('In production', () => {
  it('the schema needs a credential', async () => {
    const app = await startTestApp({ config: { federation: { name: 'User', key: 'id' }, production: true } })
    try {
      const { data, errors } = await app.request('{ _service { sdl } }', {}, null)
      expect(data ?? null).toBeNull()
      expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
      const { key } = await app.createWorkspace()
      const answered = await app.request('{ _service { sdl } }', {}, key)
      expect(answered.data._service.sdl).toContain('type User @key(fields: "id")')
    } finally {
      await app.stop()
    }
  })
})
