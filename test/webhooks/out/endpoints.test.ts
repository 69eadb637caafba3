import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '../../../src/kit/ids.ts'
import { EncryptionKey, Keyring } from '../../../src/vault/keyring.ts'
import { rewrapSecrets } from '../../../src/vault/rewrap.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { openEndpoint, signingOf } from '../../../src/webhooks/out/endpoints.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { describeDatabases, openTestDatabase } from '../../support/databases.ts'
import { CREATE, createEndpoint, type Receiver, rowId, startReceiver, status, verified } from './receiver.ts'

const SHOWN = 'id url description types enabled disabledReason headerNames'
const UPDATE = `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { __typename
  ... on UpdateWebhookEndpointPayload { webhookEndpoint { ${SHOWN} } }
  ... on Error { code message } ... on InvalidInputError { fields { path message } } } }`
const TEST = `mutation ($input: TestWebhookEndpointInput!) { testWebhookEndpoint(input: $input) { __typename
  ... on TestWebhookEndpointPayload { attempt { at status error durationMs answer } } ... on Error { code } } }`
const ROTATE = `mutation ($input: RotateWebhookSecretInput!) { rotateWebhookSecret(input: $input) { __typename
  ... on RotateWebhookSecretPayload { secret webhookEndpoint { id } } ... on Error { code } } }`
const DELETE = `mutation ($input: DeleteWebhookEndpointInput!) { deleteWebhookEndpoint(input: $input) { __typename
  ... on DeleteWebhookEndpointPayload { deletedId } ... on Error { code } } }`

describeDatabases('A webhook endpoint', (_open, kind) => {
  let app: TestApp
  let receiver: Receiver
  let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
  beforeAll(async () => {
    ;[app, receiver] = await Promise.all([startTestApp({ kind }), startReceiver()])
    workspace = await app.createWorkspace()
  })
  afterAll(async () => {
    await app.stop()
    await receiver.close()
  })

  const create = async (input: Record<string, unknown>, key = workspace.key) => {
    const given = { workspaceId: workspace.id, url: `${receiver.origin}/hook`, ...input }
    return (await app.request(CREATE, { input: given }, key)).data.createWebhookEndpoint
  }
  const update = async (webhookEndpointId: string, change: Record<string, unknown>, key = workspace.key) =>
    (await app.request(UPDATE, { input: { webhookEndpointId, ...change } }, key)).data.updateWebhookEndpoint
  const test = (webhookEndpointId: string, key = workspace.key) => app.mutate(TEST, { webhookEndpointId }, key)

  it('is created with a secret that is shown once, and is listed and found by its id', async () => {
    const { secret, webhookEndpoint } = await create({
      description: 'Billing',
      headers: { 'X-Token': 'a-header-secret' },
    })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(webhookEndpoint).toMatchObject({
      url: `${receiver.origin}/hook`,
      description: 'Billing',
      types: [],
      enabled: true,
      disabledReason: null,
      headerNames: ['X-Token'],
    })
    const { data } = await app.request(
      `query ($id: ID!, $workspaceId: ID!) { node(id: $id) { ... on WebhookEndpoint { ${SHOWN} workspace { id } deliveries { totalCount nodes { id } } } }
        workspace(id: $workspaceId) { webhookEndpoints { totalCount nodes { ${SHOWN} } } } }`,
      { id: webhookEndpoint.id, workspaceId: workspace.id },
      workspace.key,
    )
    expect(data.node).toMatchObject({ id: webhookEndpoint.id, workspace: { id: workspace.id } })
    expect(data.node.deliveries).toEqual({ totalCount: 0, nodes: [] })
    expect(data.workspace.webhookEndpoints.nodes.map(({ id }: { id: string }) => id)).toContain(webhookEndpoint.id)
    expect(JSON.stringify(data)).not.toMatch(/a-header-secret|whsec_/)
    const stored = await app.database.sql.query('SELECT * FROM webhook_endpoint')
    const text = JSON.stringify(stored, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
    expect(text).not.toContain('a-header-secret')
  })

  it.each([
    ['http to a host that the operator has not allowed', { url: 'http://receiver.example/hook' }, 'url'],
    ['a private address', { url: 'https://10.0.0.1/hook' }, 'url'],
    ['the metadata of a cloud', { url: 'https://169.254.169.254/latest' }, 'url'],
    ['a URL that is not one', { url: 'receiver' }, 'url'],
    ['a URL with a password', { url: 'https://ada:secret-word@receiver.example/' }, 'url'],
    ['a type that is never sent', { types: ['EVENTS_SKIPPED'] }, 'types'],
    ['headers that are no object', { headers: ['a'] }, 'headers'],
    ['a header of the signature', { headers: { 'Webhook-Id': 'x' } }, 'headers.Webhook-Id'],
    ['a header of the connection', { headers: { 'content-length': '1' } }, 'headers.content-length'],
    ['the type of the content', { headers: { 'Content-Type': 'text/plain' } }, 'headers.Content-Type'],
    ['a header with a line break', { headers: { 'X-A': 'secret-word\r\nHost: b' } }, 'headers.X-A'],
    ['a header name that HTTP does not allow', { headers: { 'X A': 'b' } }, 'headers'],
    ['a header given twice', { headers: { 'X-A': 'b', 'x-a': 'c' } }, 'headers.x-a'],
    ['a header that is no text', { headers: { 'X-A': { b: 'secret-word' } } }, 'headers.X-A'],
  ])('is refused with %s', async (_what, input, path) => {
    const result = await create(input)
    expect(result).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path: ['input', ...path.split('.')] }] })
    expect(JSON.stringify(result)).not.toContain('secret-word')
  })

  it('is changed field by field, and needs its headers again for another origin', async () => {
    const { id } = await createEndpoint(app, workspace, { url: `${receiver.origin}/a`, headers: { 'X-Token': 'tttt' } })
    expect(await update(id, { types: ['SYNC_FAILED'], description: 'x' })).toMatchObject({
      webhookEndpoint: { types: ['SYNC_FAILED'], description: 'x', headerNames: ['X-Token'], enabled: true },
    })
    // The same origin.
    expect((await update(id, { url: `${receiver.origin}/moved` })).webhookEndpoint.headerNames).toEqual(['X-Token'])
    await test(id)
    expect(receiver.seen('/moved').at(-1)?.headers['x-token']).toBe('tttt')
    const elsewhere = 'https://other.example/hook'
    expect(await update(id, { url: elsewhere })).toMatchObject({ fields: [{ path: ['input', 'headers'] }] })
    expect((await update(id, { url: elsewhere, headers: {} })).webhookEndpoint).toMatchObject({
      url: elsewhere,
      headerNames: [],
    })
    expect((await update(id, { enabled: false })).webhookEndpoint).toMatchObject({
      enabled: false,
      disabledReason: null,
    })
  })

  it('is tested now, and shows what came back without its secrets', async () => {
    const { id, secret } = await createEndpoint(app, workspace, {
      url: `${receiver.origin}/test`,
      headers: { Authorization: 'Bearer a-header-secret' },
    })
    receiver.answers.set('/test', (response, { headers }) => {
      const echoed = `${headers.authorization} ${headers['webhook-signature']} ${secret}`
      response.writeHead(500).end(`${echoed} ${'x'.repeat(5_000)}`)
    })
    const { attempt } = await test(id)
    expect(attempt).toMatchObject({ status: 500, error: 'The endpoint answered with 500.' })
    expect(attempt.answer).toHaveLength(1_024)
    expect(attempt.answer).toContain('[redacted]')
    expect(attempt.answer).not.toMatch(/a-header-secret|whsec_/)
    const [request] = receiver.seen('/test')
    expect(attempt.answer).not.toContain(String(request?.headers['webhook-signature']).slice(3))
    expect(verified(request, secret)).toMatchObject({
      type: 'webhook.test',
      data: { workspaceId: workspace.id, webhookEndpointId: id },
    })
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer a-header-secret',
      'content-type': 'application/json',
    })
    receiver.answers.set('/test', status(200, 'fine'))
    expect((await test(id)).attempt).toMatchObject({ status: 200, error: null, answer: 'fine' })
    receiver.answers.set('/test', status(302, '', { location: '/elsewhere' }))
    expect((await test(id)).attempt).toMatchObject({ status: 302, error: expect.stringContaining('not followed') })
    expect(receiver.seen('/elsewhere')).toEqual([])
    const { count } =
      (await app.database.sql.query<{ count: number }>('SELECT count(*)::int AS count FROM webhook_delivery'))[0] ?? {}
    expect(count).toBe(0)
  })

  it('signs with both secrets for 24 hours after a rotation', async () => {
    const { id, secret } = await createEndpoint(app, workspace, { url: `${receiver.origin}/rotated` })
    const { secret: second } = await app.mutate(ROTATE, { webhookEndpointId: id }, workspace.key)
    await test(id)
    const request = receiver.seen('/rotated').at(-1)
    expect(String(request?.headers['webhook-signature']).split(' ')).toHaveLength(2)
    for (const each of [secret, second]) expect(verified(request, each).type).toBe('webhook.test')
    const row = await app.database.prisma.webhookEndpoint.findUniqueOrThrow({ where: { id: rowId(id) } })
    const opened = openEndpoint(app.vault, row)
    const hours = (count: number) => new Date(Date.now() + count * 3_600_000)
    expect(signingOf(opened, hours(23.9)).secrets).toEqual([second, secret])
    expect(signingOf(opened, hours(24.1)).secrets).toEqual([second])
    const { secret: third } = await app.mutate(ROTATE, { webhookEndpointId: id }, workspace.key)
    await test(id)
    for (const each of [secret, second, third]) verified(receiver.seen('/rotated').at(-1), each)
  })

  it('is not found by another workspace, and not shown to READER keys and keys of some integrations', async () => {
    const { id } = await createEndpoint(app, workspace, { url: `${receiver.origin}/mine` })
    const other = await app.createWorkspace('Other')
    const absent = { __typename: 'NotFoundError' }
    expect(await update(id, { enabled: false }, other.key)).toMatchObject(absent)
    expect(
      (await app.request(TEST, { input: { webhookEndpointId: id } }, other.key)).data.testWebhookEndpoint,
    ).toMatchObject(absent)
    expect(await create({}, other.key)).toMatchObject(absent)
    const { key: reader } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: workspace.id, name: 'reader', role: 'READER' },
      workspace.key,
    )
    const query =
      'query ($id: ID!, $workspaceId: ID!) { node(id: $id) { id } workspace(id: $workspaceId) { webhookEndpoints { totalCount } } }'
    const { data } = await app.request(query, { id, workspaceId: workspace.id }, reader)
    expect(data).toEqual({ node: null, workspace: { webhookEndpoints: { totalCount: 0 } } })
    expect(await update(id, { enabled: false }, reader)).toMatchObject({ __typename: 'ForbiddenError' })
    expect(receiver.seen('/mine')).toEqual([])
  })

  it('is gone when it is deleted, with its secrets', async () => {
    const { id } = await createEndpoint(app, workspace, {
      url: `${receiver.origin}/deleted`,
      headers: { 'X-A': 'bbbb' },
    })
    const before = await app.database.prisma.webhookEndpoint.findUniqueOrThrow({ where: { id: rowId(id) } })
    expect(await app.mutate(DELETE, { webhookEndpointId: id }, workspace.key)).toMatchObject({ deletedId: id })
    const { data } = await app.request('query ($id: ID!) { node(id: $id) { id } }', { id }, workspace.key)
    expect(data.node).toBeNull()
    expect(await update(id, { enabled: true })).toMatchObject({ __typename: 'NotFoundError' })
    const after = await app.database.prisma.webhookEndpoint.findUnique({ where: { id: rowId(id) } })
    if (after !== null) {
      expect(after.headerNames).toEqual([])
      expect(after.version).toBe(before.version + 1)
      expect(Buffer.from(after.sealed).equals(Buffer.from(before.sealed))).toBe(false)
    }
  })

  it('is one of at most 1,000 of a workspace', async () => {
    const full = await app.createWorkspace('Full')
    const [row] = await app.database.sql.query<{ id: string }>('SELECT id FROM webhook_endpoint LIMIT 1')
    await app.database.sql.query(
      `INSERT INTO webhook_endpoint (id, workspace_id, url, types, header_names, sealed, key_id, position)
       SELECT gen_random_uuid(), $1::uuid, url, types, header_names, sealed, key_id, 0 FROM webhook_endpoint, generate_series(1, 1000)
       WHERE id = $2::uuid`,
      [rowId(full.id), row?.id],
    )
    expect(await create({ workspaceId: full.id }, full.key)).toMatchObject({ code: 'CONFLICT' })
  })
})

describeDatabases('The secrets of webhook endpoints', (_open, kind) => {
  it('move to a new encryption key', async () => {
    const test = await openTestDatabase(kind)
    const [old, fresh] = [new EncryptionKey('old', randomBytes(32)), new EncryptionKey('new', randomBytes(32))]
    const [before, both, after] = [[old], [fresh, old], [fresh]].map((keys) => createVault(new Keyring(keys)))
    if (before === undefined || both === undefined || after === undefined) throw new Error('There is no vault.')
    const [id, workspaceId] = [newId(), newId()]
    const secrets = { secret: 'whsec_x', previous: [], headers: { a: 'b' } }
    const identity = { workspaceId, rowId: id, column: 'webhook_endpoint.sealed', version: 1 }
    await test.database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 'n', redirectUrls: [] } })
    await test.database.prisma.webhookEndpoint.create({
      data: {
        id,
        workspaceId,
        url: 'https://a.example',
        sealed: before.seal(secrets, identity),
        keyId: 'old',
        position: 0,
      },
    })
    const { rewrapped } = await rewrapSecrets(test.database, both, {
      rehash: () => ({ refresh_token_hash: null, supplied_token_hash: null }),
    })
    expect(rewrapped).toBe(1)
    const row = await test.database.prisma.webhookEndpoint.findUniqueOrThrow({ where: { id } })
    expect(row.keyId).toBe('new')
    expect(openEndpoint(after, row)).toEqual(secrets)
    await test.close()
  })
})
