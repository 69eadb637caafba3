import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCallerAuthenticator } from '../../src/access/authenticate.ts'
import { createIssuerKeys } from '../../src/access/issuer-keys.ts'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { UnauthenticatedError } from '../../src/kit/errors.ts'
import { createLogger } from '../../src/kit/log.ts'
import { sendJson } from '../support/provider-server.ts'
import { type RequestFixture, rowId, startRequestFixture } from '../tools/request-fixture.ts'

let fixture: RequestFixture
let connectionId: string
beforeAll(async () => {
  fixture = await startRequestFixture()
  connectionId = await fixture.connect({ slug: 'crm' })
})
afterAll(() => fixture.close())
beforeEach(() => fixture.answer((_seen, response) => sendJson(response, {})))

const KEY = 'id name role scopes integrations limitedToIntegrations createdBy expiresAt revokedAt lastUsedAt'
const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { key apiKey { ${KEY} } }
  ... on Error { code message } ... on InvalidInputError { fields { path message } } } }`

/** The result of createApiKey for the workspace: any member of its union. */
async function create(input: Record<string, unknown>, by: string = fixture.workspace.key) {
  const all = { workspaceId: fixture.workspace.id, name: 'a key', role: 'ADMIN', ...input }
  const { data, errors } = await fixture.app.request(CREATE, { input: all }, by)
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.createApiKey
}

async function readKey(id: string, by = fixture.workspace.key) {
  const { data } = await fixture.app.request(
    `query ($id: ID!) { node(id: $id) { ... on ApiKey { ${KEY} } } }`,
    { id },
    by,
  )
  return data.node
}

const works = async (key: string) => (await fixture.app.request('{ viewer { kind } }', {}, key)).errors === undefined
const proxied = (key: string, options: RequestInit = {}) =>
  fetch(`${fixture.app.url}/proxy/${connectionId}/things`, {
    ...options,
    headers: { authorization: `Bearer ${key}`, ...options.headers },
  })

describe('An API key', () => {
  it('without scopes and integrations may do what its role may, and says so', async () => {
    const admin = await create({})
    expect(admin.apiKey).toMatchObject({
      scopes: ['READ', 'CONNECT', 'EXECUTE', 'SYNC', 'ADMIN'],
      integrations: [],
      limitedToIntegrations: false,
      expiresAt: null,
      lastUsedAt: null,
    })
    expect(admin.apiKey.createdBy).toMatch(/^test \(lk_.{6}…\)$/)
    expect((await create({ role: 'READER' })).apiKey.scopes).toEqual(['READ', 'EXECUTE'])
  })

  it('shows operators by no name to workspaces', async () => {
    expect((await create({}, fixture.app.operatorKey)).apiKey.createdBy).toBe('operator')
    const own = await create({ workspaceId: null, role: 'OPERATOR' }, fixture.app.operatorKey)
    expect(own.apiKey.createdBy).toMatch(/^First operator key \(lk_/)
  })

  it('stores its last use at most once a minute, by the clock of the database', async () => {
    const { key, apiKey } = await create({})
    await Promise.all(Array.from({ length: 20 }, () => works(key)))
    const first = (await readKey(apiKey.id)).lastUsedAt
    expect(Math.abs(Date.now() - Date.parse(first))).toBeLessThan(60_000)
    await works(key)
    expect((await readKey(apiKey.id)).lastUsedAt).toBe(first)
  })

  it.each([
    ['no scope', { scopes: [] }, ['input', 'scopes']],
    ['a scope that its role does not have', { role: 'READER', scopes: ['READ', 'ADMIN'] }, ['input', 'scopes']],
    ['no integration', { integrations: [] }, ['input', 'integrations']],
    ['an unknown integration', { integrations: ['crm', 'nope'] }, ['input', 'integrations', '1']],
    ['an expiry in the past', { expiresAt: '2020-01-01T00:00:00Z' }, ['input', 'expiresAt']],
  ])('cannot be created with %s', async (_title, input, path) => {
    expect(await create(input)).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path }] })
  })

  it('that was used a moment ago is refused as soon as it is revoked, everywhere and in each spelling of its header', async () => {
    const { key, apiKey } = await create({})
    const send = (authorization: string) =>
      fetch(`${fixture.app.url}/proxy/${connectionId}/things`, { headers: { authorization } })
    const spellings = [`Bearer ${key}`, `bearer  ${key}`]
    const statuses = async () => {
      const answers = await Promise.all(spellings.flatMap((each) => [send(each), send(each)]))
      return [...new Set(answers.map(({ status }) => status))]
    }
    expect(await statuses()).toEqual([200])
    expect(await works(key)).toBe(true)
    const revoke = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }`
    const { data } = await fixture.app.request(revoke, { input: { apiKeyId: apiKey.id } }, fixture.workspace.key)
    expect(data.revokeApiKey.__typename).toBe('RevokeApiKeyPayload')
    expect(await statuses()).toEqual([401])
    expect(await works(key)).toBe(false)
  })

  it('of an operator can have scopes, but no integrations', async () => {
    const operator = { workspaceId: null, role: 'OPERATOR' }
    const { key } = await create({ ...operator, scopes: ['READ'] }, fixture.app.operatorKey)
    const { data } = await fixture.app.request('{ workspaces { totalCount } }', {}, key)
    expect(data.workspaces.totalCount).toBeGreaterThan(0)
    expect(await create({}, key)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(await create({ ...operator, integrations: ['crm'] }, fixture.app.operatorKey)).toMatchObject({
      fields: [{ path: ['input', 'integrations'] }],
    })
  })

  it('may create only keys that may do no more than itself', async () => {
    const { key } = await create({
      scopes: ['READ', 'ADMIN'],
      integrations: ['crm'],
      expiresAt: '2090-01-01T00:00:00Z',
    })
    const within = { scopes: ['READ'], integrations: ['crm'], expiresAt: '2089-01-01T00:00:00Z' }
    expect(await create(within, key)).toMatchObject({ apiKey: { scopes: ['READ'], integrations: ['crm'] } })
    for (const more of [
      { scopes: ['READ', 'EXECUTE'] },
      { scopes: null },
      { scopes: null, role: 'READER' },
      { integrations: null },
      { expiresAt: null },
      { expiresAt: '2091-01-01T00:00:00Z' },
      { workspaceId: null, role: 'OPERATOR', integrations: null },
    ]) {
      expect(await create({ ...within, ...more }, key)).toMatchObject({ __typename: 'ForbiddenError' })
    }
    expect(await create(within, (await create({ role: 'READER' })).key)).toMatchObject({ __typename: 'ForbiddenError' })
  })
})

describe('A key that expires', () => {
  it('creates connect sessions that end with it', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const { key } = await create({ expiresAt })
    const expiry = async (expiresInSeconds: number) => {
      const { session } = await fixture.app.mutate(
        `mutation ($input: CreateConnectSessionInput!) { createConnectSession(input: $input) { __typename
          ... on CreateConnectSessionPayload { session { expiresAt } } ... on Error { message } } }`,
        {
          workspaceId: fixture.workspace.id,
          endUserExternalId: 'ada',
          allowedOrigins: ['https://app.example'],
          expiresInSeconds,
        },
        key,
      )
      return session.expiresAt
    }
    expect(await expiry(86_400)).toBe(expiresAt)
    expect(Date.parse(await expiry(600))).toBeLessThan(Date.parse(expiresAt))
  })
})

describe('A key with limits', () => {
  it('is unknown to processes of a version that does not know limits', async () => {
    const rowsOf = (key: string) =>
      fixture.app.database.sql.query('SELECT id FROM api_key WHERE hash = $1::bytea', [
        createHash('sha256').update(key).digest(),
      ])
    expect(await rowsOf((await create({})).key)).toHaveLength(1)
    for (const limits of [{ scopes: ['READ'] }, { integrations: ['crm'] }]) {
      const { key } = await create(limits)
      expect(await works(key)).toBe(true)
      expect(await rowsOf(key)).toEqual([])
    }
  })

  it('does not work when its limits are taken away without changing its hash', async () => {
    const { key, apiKey } = await create({ scopes: ['READ'] })
    await fixture.app.database.sql.query(`UPDATE api_key SET scopes = '{}' WHERE id = $1::uuid`, [rowId(apiKey.id)])
    expect(await works(key)).toBe(false)
  })

  it('keeps them in another process', async () => {
    const { key } = await create({ scopes: ['READ'], integrations: ['crm'] })
    const [bus, egress] = [createLocalWakeBus(), createEgress({ allow: [] })]
    const logger = createLogger({ level: 'silent', destination: { write: () => undefined } })
    const authenticator = createCallerAuthenticator({
      database: fixture.app.database,
      bus,
      keys: createIssuerKeys(egress, logger),
      logger,
    })
    const caller = await authenticator.authenticate(`Bearer ${key}`)
    expect(caller).toMatchObject({ scopes: ['READ'], integrationIds: [expect.any(String)] })
    authenticator.close()
    await egress.close()
    await bus.close()
  })

  it('is found among many that arrive at once, with few statements', async () => {
    const { key } = await create({ scopes: ['READ'] })
    let statements = 0
    const sql = {
      query: ((text, values) => {
        statements += 1
        return fixture.app.database.sql.query(text, values)
      }) as typeof fixture.app.database.sql.query,
    }
    const [bus, egress] = [createLocalWakeBus(), createEgress({ allow: [] })]
    const logger = createLogger({ level: 'silent', destination: { write: () => undefined } })
    const database = { ...fixture.app.database, sql }
    const authenticator = createCallerAuthenticator({ database, bus, keys: createIssuerKeys(egress, logger), logger })
    const bad = Array.from({ length: 500 }, (_, i) =>
      authenticator.authenticate(`Bearer lk_${String(i).padStart(43, 'x')}`).catch((error: unknown) => error),
    )
    expect(await authenticator.authenticate(`Bearer ${key}`)).toMatchObject({ kind: 'API_KEY' })
    expect((await Promise.all(bad)).every((error) => error instanceof UnauthenticatedError)).toBe(true)
    expect(statements).toBeLessThan(20)
    authenticator.close()
    await egress.close()
    await bus.close()
  })
})

describe('A key that replaces another', () => {
  it('takes its scopes and integrations, and the old one works for 24 hours', async () => {
    const old = await create({ scopes: ['READ', 'EXECUTE'], integrations: ['crm'] })
    const next = await create({ replaces: old.apiKey.id })
    expect(next.apiKey).toMatchObject({ scopes: ['READ', 'EXECUTE'], integrations: ['crm'], expiresAt: null })
    expect(await works(old.key)).toBe(true)
    expect(await works(next.key)).toBe(true)
    const inHours = (Date.parse((await readKey(old.apiKey.id)).expiresAt) - Date.now()) / 3_600_000
    expect(inHours).toBeGreaterThan(23.9)
    expect(inHours).toBeLessThan(24.1)
  })

  it('leaves an earlier expiry as it is', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const old = await create({ expiresAt })
    expect(await create({ replaces: old.apiKey.id })).toMatchObject({ __typename: 'CreateApiKeyPayload' })
    expect(await create({ replaces: old.apiKey.id })).toMatchObject({ __typename: 'CreateApiKeyPayload' })
    expect((await readKey(old.apiKey.id)).expiresAt).toBe(expiresAt)
  })

  it('may do less, and never more', async () => {
    const reader = await create({ role: 'READER', scopes: ['READ'], integrations: ['crm'] })
    const wider = [{ role: 'ADMIN' }, { role: 'READER', scopes: ['READ', 'EXECUTE'] }]
    for (const more of wider) {
      expect(await create({ ...more, replaces: reader.apiKey.id })).toMatchObject({ __typename: 'InvalidInputError' })
    }
    await fixture.connect({ slug: 'second' })
    const other = { role: 'READER', integrations: ['crm', 'second'], replaces: reader.apiKey.id }
    expect(await create(other)).toMatchObject({ fields: [{ path: ['input', 'integrations', '1'] }] })
    // Nothing of what was refused has touched the old key.
    expect((await readKey(reader.apiKey.id)).expiresAt).toBeNull()
    const admin = await create({ scopes: ['READ', 'SYNC'] })
    const less = await create({ role: 'READER', replaces: admin.apiKey.id })
    expect(less.apiKey).toMatchObject({ role: 'READER', scopes: ['READ'] })
    const none = await create({ scopes: ['SYNC'] })
    expect(await create({ role: 'READER', replaces: none.apiKey.id })).toMatchObject({
      fields: [{ path: ['input', 'scopes'] }],
    })
  })

  it('must replace a valid key of the same workspace', async () => {
    const revoked = await create({})
    await fixture.app.mutate(
      'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename } }',
      { apiKeyId: revoked.apiKey.id },
      fixture.workspace.key,
    )
    expect(await create({ replaces: revoked.apiKey.id })).toMatchObject({ __typename: 'ConflictError' })
    const expired = await create({})
    await fixture.app.database.sql.query(`UPDATE api_key SET expires_at = now() WHERE id = $1::uuid`, [
      rowId(expired.apiKey.id),
    ])
    expect(await create({ replaces: expired.apiKey.id })).toMatchObject({ __typename: 'ConflictError' })
    const stranger = await fixture.app.createWorkspace('Stranger')
    const theirs = await create({ workspaceId: stranger.id }, stranger.key)
    expect(await create({ replaces: theirs.apiKey.id })).toMatchObject({ __typename: 'NotFoundError' })
    expect(await create({ replaces: theirs.apiKey.id }, fixture.app.operatorKey)).toMatchObject({
      __typename: 'NotFoundError',
    })
    const operator = { workspaceId: null, role: 'OPERATOR', replaces: theirs.apiKey.id }
    expect(await create(operator, fixture.app.operatorKey)).toMatchObject({ __typename: 'NotFoundError' })
    expect((await readKey(theirs.apiKey.id, stranger.key)).expiresAt).toBeNull()
  })

  it('cannot replace the key of LATCHKEY_OPERATOR_KEY', async () => {
    const id = Buffer.from('ApiKey:00000000-0000-7000-8000-000000000001').toString('base64url')
    await fixture.app.database.sql.query(
      `INSERT INTO api_key (id, name, role, prefix, hash)
       VALUES ('00000000-0000-7000-8000-000000000001', 'configured', 'OPERATOR', 'x', '\\x00')`,
      [],
    )
    const input = { workspaceId: null, role: 'OPERATOR', replaces: id }
    expect(await create(input, fixture.app.operatorKey)).toMatchObject({ __typename: 'ConflictError' })
  })

  it('ends the subscriptions of the old one when that expires', async () => {
    const old = await create({})
    const client = fixture.app.webSocket(old.key)
    const ended = new Promise<unknown>((resolve) => {
      client.subscribe(
        {
          query: 'subscription ($id: ID!) { workspaceEvents(workspaceId: $id) { id } }',
          variables: { id: fixture.workspace.id },
        },
        {
          next: ({ errors }) => errors !== undefined && resolve('ended'),
          error: () => resolve('ended'),
          complete: () => resolve('ended'),
        },
      )
    })
    await create({ replaces: old.apiKey.id })
    await fixture.app.database.sql.query(`UPDATE api_key SET expires_at = now() WHERE id = $1::uuid`, [
      rowId(old.apiKey.id),
    ])
    expect(await ended).toBe('ended')
    await client.dispose()
  })
})

/** The status of a GET with the body of a form, which `fetch` does not send. */
function formByGet(key: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const body = '_method=DELETE'
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
  }
  request(`${fixture.app.url}/proxy/${connectionId}/things`, { headers }, (response) => {
    response.resume()
    resolve(response.statusCode)
  })
    .on('error', reject)
    .end(body)
  return promise
}

describe('A READER', () => {
  it('may use parameters and headers that only look like another method', async () => {
    const { key } = await create({ role: 'READER' })
    const query = 'method=flickr.photos.search&payment_method=card&_method=GET&methods=DELETE'
    const url = `${fixture.app.url}/proxy/${connectionId}/things?${query}`
    const headers = { authorization: `Bearer ${key}`, 'access-control-request-method': 'DELETE' }
    expect((await fetch(url, { headers })).status).toBe(200)
  })

  it('sends no request with another method, also not by a header that overrides the method', async () => {
    const { key } = await create({ role: 'READER' })
    expect((await proxied(key)).status).toBe(200)
    expect((await proxied(key, { method: 'POST', body: '{}' })).status).toBe(403)
    fixture.provider.requests.length = 0
    const headers = ['X-HTTP-Method-Override', 'x-http-method', 'X-Method-Override', 'X_HTTP_Method_Override']
    for (const name of [...headers, 'X-Original-Method', 'HTTP-Method-Override', 'x-forwarded-method', '_method']) {
      expect((await proxied(key, { headers: { [name]: 'DELETE' } })).status).toBe(403)
      const input = { connectionId, method: 'GET', path: '/things', headers: { [name]: 'DELETE' } }
      expect(await fixture.run('executeRequest', input, key)).toMatchObject({ __typename: 'ForbiddenError' })
    }
    const queries = [
      '_method=DELETE',
      '%5fMethod=put',
      'a=1;_method=DELETE',
      '.method=DELETE',
      'method=delete',
      '_method[]=x',
    ]
    for (const query of [...queries, 'X-HTTP-Method-Override=PATCH', '_HttpMethod=PATCH']) {
      const url = `${fixture.app.url}/proxy/${connectionId}/things?x=1&${query}`
      expect((await fetch(url, { headers: { authorization: `Bearer ${key}` } })).status, query).toBe(403)
      const input = { connectionId, method: 'GET', path: `/things?${query}` }
      expect(await fixture.run('executeRequest', input, key)).toMatchObject({ __typename: 'ForbiddenError' })
    }
    const parameter = { connectionId, method: 'GET', path: '/things', query: { _method: 'DELETE' } }
    expect(await fixture.run('executeRequest', parameter, key)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(await formByGet(key)).toBe(403)
    expect(fixture.provider.requests).toEqual([])
    for (const mutation of ['testConnection', 'refreshConnection']) {
      expect(await fixture.run(mutation, { connectionId }, key)).toMatchObject({ __typename: 'ForbiddenError' })
    }
  })
})
