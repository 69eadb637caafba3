import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { contactsDefinition } from '../../support/records-upstream.ts'
import { documents } from '../documents.ts'

let app: TestApp
let idp: OidcIssuerServer
let workspace: { id: string; key: string }
let audience: string
let count = 0

beforeAll(async () => {
  ;[app, idp] = await Promise.all([startTestApp(), startOidcIssuer()])
})

afterAll(async () => {
  await Promise.all([app.stop(), idp.close()])
})

beforeEach(async () => {
  count += 1
  audience = `https://api-${count}.example`
  workspace = await app.createWorkspace(`Acme ${count}`)
})

afterEach(() => {
  idp.away = false
})

const FIELDS = `id issuer audience jwksUrl endUserClaim allowedAlgorithms createEndUsers workspaceClaim verified createdAt workspace { id }`
const CREATE = `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) {
  __typename ... on CreateOidcIssuerPayload { oidcIssuer { ${FIELDS} } }
  ... on InvalidInputError { fields { path message } } ... on Error { code message } } }`
const UPDATE = `mutation ($input: UpdateOidcIssuerInput!) { updateOidcIssuer(input: $input) {
  __typename ... on UpdateOidcIssuerPayload { oidcIssuer { ${FIELDS} } } ... on Error { code message } } }`
const DELETE = `mutation ($input: DeleteOidcIssuerInput!) { deleteOidcIssuer(input: $input) {
  __typename ... on DeleteOidcIssuerPayload { deletedId } ... on Error { code message } } }`
const LIST = `query ($id: ID!) { workspace(id: $id) {
  oidcIssuers(first: 10) { totalCount nodes { id audience } } } }`
const VIEWER = `{ viewer { kind role expiresAt workspace { id } endUser { id externalId } } }`

const create = async (input: Record<string, unknown> = {}, key = workspace.key) => {
  const settings = { workspaceId: workspace.id, issuer: idp.issuer, audience, createEndUsers: true, ...input }
  return (await app.request(CREATE, { input: settings }, key)).data.createOidcIssuer
}
const APPROVE = `mutation ($input: ApproveOidcIssuerInput!) { approveOidcIssuer(input: $input) {
  __typename ... on ApproveOidcIssuerPayload { oidcIssuer { ${FIELDS} } } ... on Error { code message } } }`

/** Creates an OIDC issuer that an operator approves. */
const createGood = async (input: Record<string, unknown> = {}) => {
  const { id } = (await create(input)).oidcIssuer
  return (await app.mutate(APPROVE, { oidcIssuerId: id })).oidcIssuer
}
const update = async (input: Record<string, unknown>, key = workspace.key) =>
  (await app.request(UPDATE, { input }, key)).data.updateOidcIssuer
const remove = async (oidcIssuerId: string, key = workspace.key) =>
  (await app.request(DELETE, { input: { oidcIssuerId } }, key)).data.deleteOidcIssuer

async function readerKey(): Promise<string> {
  const { key } = await app.mutate(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
      __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
    { workspaceId: workspace.id, name: 'reader', role: 'READER' },
  )
  return key
}

/** A key of the workspace. */
async function adminKey(limits: Record<string, unknown>): Promise<string> {
  const { key } = await app.mutate(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
      __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
    { workspaceId: workspace.id, name: 'limited', role: 'ADMIN', ...limits },
  )
  return key
}

describe('The settings of an OIDC issuer', () => {
  it('are not for keys that can do less than the end users, or that expire before them', async () => {
    // The answer has no objects, which a key without READ may not read.
    const run = async (name: string, input: Record<string, unknown>, key: string) => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
      const { data } = await app.request(
        `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on Error { code message } } }`,
        { input },
        key,
      )
      return data[name]
    }
    const made = (await create()).oidcIssuer.id
    const token = await idp.token('ada', audience)
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    for (const [limits, message] of [
      [{ scopes: ['ADMIN'] }, 'does not have the scopes READ, CONNECT, EXECUTE, SYNC'],
      [{ scopes: ['READ', 'CONNECT', 'EXECUTE', 'ADMIN'] }, 'does not have the scopes SYNC'],
      [{ expiresAt: tomorrow }, `expires at ${tomorrow}`],
    ] as const) {
      const key = await adminKey(limits)
      const forbidden = { code: 'FORBIDDEN', message: expect.stringContaining(message) }
      const own = { workspaceId: workspace.id, issuer: idp.issuer, audience: `${audience}/own` }
      expect(await run('createOidcIssuer', own, key)).toMatchObject(forbidden)
      expect(await run('updateOidcIssuer', { oidcIssuerId: made, jwksUrl: idp.jwksUrl }, key)).toMatchObject(forbidden)
      expect(await run('verifyOidcIssuer', { oidcIssuerId: made, token }, key)).toMatchObject(forbidden)
    }
    const all = await adminKey({ scopes: ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'] })
    expect(await update({ oidcIssuerId: made, jwksUrl: idp.jwksUrl }, all)).toMatchObject({ oidcIssuer: { id: made } })
    // What takes access away needs no more than before.
    expect(await remove(made, await adminKey({ scopes: ['ADMIN'], expiresAt: tomorrow }))).toMatchObject({
      deletedId: made,
    })
  })

  it('can be created with defaults, listed, found by id, changed and deleted', async () => {
    const issuer = await createGood({ createEndUsers: null })
    expect(issuer).toMatchObject({
      issuer: idp.issuer,
      audience,
      jwksUrl: null,
      endUserClaim: 'sub',
      allowedAlgorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      createEndUsers: false,
      workspaceClaim: null,
      verified: true,
      workspace: { id: workspace.id },
    })
    const list = async () => (await app.request(LIST, { id: workspace.id }, workspace.key)).data.workspace.oidcIssuers
    expect(await list()).toEqual({ totalCount: 1, nodes: [{ id: issuer.id, audience }] })
    const node = await app.request(`query ($id: ID!) { node(id: $id) { __typename id } }`, { id: issuer.id })
    expect(node.data.node).toEqual({ __typename: 'OidcIssuer', id: issuer.id })

    const changed = await update({
      oidcIssuerId: issuer.id,
      jwksUrl: idp.jwksUrl,
      endUserClaim: 'user.id',
      allowedAlgorithms: ['ES256'],
      createEndUsers: true,
      workspaceClaim: 'org.id',
      issuer: null,
    })
    const expected = {
      ...issuer,
      jwksUrl: idp.jwksUrl,
      endUserClaim: 'user.id',
      allowedAlgorithms: ['ES256'],
      workspaceClaim: 'org.id',
      verified: false,
    }
    expect(changed.oidcIssuer).toEqual({ ...expected, createEndUsers: true })
    const discovered = await update({ oidcIssuerId: issuer.id, jwksUrl: null })
    expect(discovered.oidcIssuer).toEqual({ ...expected, jwksUrl: null, createEndUsers: true })

    expect(await remove(issuer.id)).toEqual({ __typename: 'DeleteOidcIssuerPayload', deletedId: issuer.id })
    expect(await list()).toEqual({ totalCount: 0, nodes: [] })
    expect(await remove(issuer.id)).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('are validated, and the error names every invalid field at once', async () => {
    const answer = await create({
      issuer: 'https://user:password@issuer.example?tenant=1',
      audience: ' ',
      jwksUrl: 'file:///etc/passwd',
      endUserClaim: 'user..id',
      allowedAlgorithms: [],
      workspaceClaim: 'email',
    })
    expect(answer.__typename).toBe('InvalidInputError')
    expect(answer.fields.map(({ path }: { path: string[] }) => path[1])).toEqual([
      'issuer',
      'audience',
      'jwksUrl',
      'workspaceClaim',
      'endUserClaim',
      'allowedAlgorithms',
    ])
  })

  it.each(['HS256', 'none'])('cannot allow the algorithm %s', async (algorithm) => {
    const input = { workspaceId: workspace.id, issuer: idp.issuer, audience, allowedAlgorithms: [algorithm] }
    const { errors } = await app.request(CREATE, { input }, workspace.key)
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['INVALID_INPUT'])
  })

  it('are unique by issuer and audience in the workspace', async () => {
    await createGood()
    expect(await create()).toMatchObject({ code: 'CONFLICT' })
    const another = (await create({ audience: `${audience}/2` })).oidcIssuer
    const message =
      'This workspace already has this issuer with this audience. Change that one, or use another audience.'
    expect(await update({ oidcIssuerId: another.id, audience })).toMatchObject({ code: 'CONFLICT', message })
    const theirs = await app.createWorkspace('Other')
    expect(await create({ workspaceId: theirs.id }, theirs.key)).toMatchObject({ oidcIssuer: { audience } })
  })

  it('can be read and changed with an ADMIN key of the workspace only', async () => {
    const issuer = await createGood()
    const stranger = await app.createWorkspace('Other')
    expect(await create({ audience: `${audience}/2` }, stranger.key)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await update({ oidcIssuerId: issuer.id, createEndUsers: false }, stranger.key)).toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(await remove(issuer.id, stranger.key)).toMatchObject({ code: 'NOT_FOUND' })

    const reader = await readerKey()
    const token = await idp.token('ada', audience)
    // An end user gets NOT_FOUND, as if the settings did not exist.
    for (const [key, code] of [
      [reader, 'FORBIDDEN'],
      [token, 'NOT_FOUND'],
    ] as const) {
      expect((await create({ audience: `${audience}/2` }, key)).code).toBe('FORBIDDEN')
      expect((await update({ oidcIssuerId: issuer.id, createEndUsers: false }, key)).code).toBe(code)
      expect((await remove(issuer.id, key)).code).toBe(code)
      const list = await app.request(LIST, { id: workspace.id }, key)
      expect(list.data.workspace.oidcIssuers).toEqual({ totalCount: 0, nodes: [] })
      const { data } = await app.request(`query ($id: ID!) { node(id: $id) { id } }`, { id: issuer.id }, key)
      expect(data.node).toBeNull()
    }
  })
})

describe('A caller with a token of an OIDC issuer', () => {
  it('acts for an end user of the workspace of the issuer, and sees no other workspace', async () => {
    await createGood()
    const theirs = await app.createWorkspace('Other')
    const { data } = await app.request(VIEWER, {}, await idp.token('ada', audience))
    expect(data.viewer).toMatchObject({
      kind: 'FEDERATED_USER',
      role: 'READER',
      workspace: { id: workspace.id },
      endUser: { externalId: 'ada' },
    })
    const other = await app.request(
      `query ($id: ID!) { workspace(id: $id) { id } }`,
      { id: theirs.id },
      await idp.token('ada', audience),
    )
    expect(other.data.workspace).toBeNull()
  })

  it('gets the same error whatever is wrong with the token, and the log does not contain the token', async () => {
    await createGood({ createEndUsers: false })
    for (const token of [await idp.token('ada', audience), await idp.token('ada', 'https://elsewhere.example')]) {
      const { errors } = await app.request(VIEWER, {}, token)
      expect(errors).toMatchObject([
        {
          message: 'This token is not valid, or the keys of its issuer cannot be read at the moment.',
          extensions: { code: 'UNAUTHENTICATED', status: 401 },
        },
      ])
      expect(app.log.join()).not.toContain(token.split('.')[2])
    }
  })

  it('gets no other error when the keys of the issuer cannot be fetched', async () => {
    const gone = await startOidcIssuer()
    await createGood({ issuer: gone.issuer })
    const token = await gone.token('ada', audience)
    await gone.close()
    const { errors } = await app.request(VIEWER, {}, token)
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', status: 401 } }])
    expect(app.log.join()).toContain('could not read the keys of an OIDC issuer')
  })
})

describe('A subscription of a caller with a token', () => {
  /** Creates a connection of the token's end user. @returns its id and the cursor of its first event, which is not the last */
  async function connect(token: string): Promise<{ connectionId: string; after: string }> {
    const { data } = await app.request(VIEWER, {}, token)
    await app.mutate(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: 'contacts',
      definition: contactsDefinition('https://api.example.com'),
    })
    const { connection } = await app.mutate(documents.createConnection, {
      workspaceId: workspace.id,
      integration: 'contacts',
      endUserId: data.viewer.endUser.id,
      credential: { secretText: 'secret-0123456789' },
    })
    const history = await app.request(
      `query ($id: ID!) { node(id: $id) { ... on Connection { events(first: 1) { nodes { cursor } } } } }`,
      { id: connection.id },
    )
    return { connectionId: connection.id, after: history.data.node.events.nodes[0].cursor }
  }

  /** Opens a subscription and calls `meanwhile` after its first event. @returns the code of the error that ends it */
  async function codeAtEnd(token: string, meanwhile: () => Promise<unknown>): Promise<unknown> {
    const variables = await connect(token)
    const client = app.webSocket(token)
    const results = client.iterate<unknown>({
      query: `subscription ($connectionId: ID!, $after: Cursor) {
        connectionEvents(connectionId: $connectionId, after: $after) { type } }`,
      variables,
    })
    const first = await results.next()
    expect(first.value).toEqual({ data: { connectionEvents: { type: 'CONNECTION_ACTIVATED' } } })
    await meanwhile()
    const { value: last } = await results.next()
    await client.dispose()
    return last?.errors?.[0]?.extensions?.['code']
  }

  it('ends when the token expires', async () => {
    await createGood()
    const exp = Math.floor(Date.now() / 1000) + 4
    const token = await idp.sign({ aud: audience, sub: 'ada', exp })
    expect(await codeAtEnd(token, async () => undefined)).toBe('UNAUTHENTICATED')
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000)
  })

  it('ends when the issuer is deleted', async () => {
    const issuer = await createGood()
    const token = await idp.token('ada', audience)
    expect(await codeAtEnd(token, () => remove(issuer.id))).toBe('UNAUTHENTICATED')
  })

  it('ends when the settings of the issuer change', async () => {
    const issuer = await createGood()
    const token = await idp.token('ada', audience)
    const change = () => update({ oidcIssuerId: issuer.id, audience: `${audience}/2` })
    expect(await codeAtEnd(token, change)).toBe('UNAUTHENTICATED')
  })

  it('ends when the row of the end user is deleted without a wake-up', async () => {
    await createGood()
    const token = await idp.token('ada', audience)
    const sql = 'DELETE FROM end_user WHERE external_id = $1'
    expect(await codeAtEnd(token, () => app.database.sql.query(sql, ['ada']))).toBe('UNAUTHENTICATED')
  })
})
