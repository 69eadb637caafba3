import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { type ErrorCode, type McpError, UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_RESULT_LENGTH } from '../../../src/tools/mcp-server.ts'
import { connectWith, GOOD_KEY, linkIn, type McpWorld, startMcpWorld, textOf } from './mcp-world.ts'

const READ_TOOLS = ['connections', 'connect', 'ledger_list_items']

describe.each(['embedded', 'server'] as const)('The MCP endpoint, on the %s database', (kind) => {
  let world: McpWorld
  beforeAll(async () => {
    world = await startMcpWorld({ kind })
  })
  afterAll(() => world.stop())

  const list = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name)

  it('lists the tools that were allowed and nothing else, with what clients need to know about them', async () => {
    const { token, tools, url } = await world.createSession()
    expect(url).toBe(`${world.app.url}/mcp`)
    expect(tools).toEqual(READ_TOOLS)
    const client = await world.client(token)
    const [, , items] = (await client.listTools()).tools
    expect(await list(client)).toEqual(READ_TOOLS)
    expect(items).toMatchObject({
      name: 'ledger_list_items',
      title: 'Ledger: List items',
      description: 'Ledger: Lists the items of the ledger.',
      inputSchema: { type: 'object', properties: { limit: { type: 'integer' } }, additionalProperties: false },
      annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: true },
    })
    const all = await world.createSession({ actions: ['ledger_create_item', 'ledger_delete_item'] })
    const writing = await world.client(all.token)
    expect((await writing.listTools()).tools.slice(2)).toMatchObject([
      { name: 'ledger_create_item', annotations: { readOnlyHint: false, destructiveHint: false } },
      { name: 'ledger_delete_item', annotations: { readOnlyHint: false, destructiveHint: true } },
    ])
    await expect(writing.callTool({ name: 'ledger_list_items' })).rejects.toThrow('There is no such tool')
    await expect(client.callTool({ name: 'ledger_create_item' })).rejects.toThrow('There is no such tool')
  })

  it('calls a tool as the end user, with structured output', async () => {
    await world.connect({ displayName: 'Books of Ada', credential: { fields: { token: 'key-of-ada-0123456789' } } })
    await world.connect({ endUserExternalId: 'bob', credential: { fields: { token: 'key-of-bob-0123456789' } } })
    const session = await world.createSession({ actions: ['ledger_list_items', 'ledger_create_item'] })
    const client = await world.client(session.token)
    await client.listTools()
    const listed = await client.callTool({ name: 'ledger_list_items', arguments: { limit: 1 } })
    expect(listed.structuredContent).toMatchObject({
      status: 200,
      account: { displayName: 'Books of Ada', status: 'ACTIVE' },
      output: [{ id: '0' }],
    })
    expect(JSON.parse(textOf(listed))).toEqual(listed.structuredContent)
    const created = await client.callTool({ name: 'ledger_create_item', arguments: { name: 'Ink', amount: 2 } })
    expect(created.structuredContent).toMatchObject({ status: 201, output: { name: 'Ink', amount: 2 } })
    expect(new Set(world.provider.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer key-of-ada-0123456789']),
    )
    const connections = await client.callTool({ name: 'connections' })
    expect(connections.structuredContent).toMatchObject({
      connections: [{ integration: 'ledger', displayName: 'Books of Ada', status: 'ACTIVE' }],
      notConnected: [],
    })
  })

  it('leaves a line in the audit log for a call that writes, in the name of the session', async () => {
    const { data } = await world.app.request(
      `query ($id: ID!) { workspace(id: $id) { auditEvents(filter: { action: "runAction" }) { nodes { actor outcome targetType } } } }`,
      { id: world.workspace.id },
    )
    expect(data.workspace.auditEvents.nodes).toEqual([
      { actor: expect.stringMatching(/^ada \(lkt_.{6}…\)$/), outcome: 'OK', targetType: 'Connection' },
    ])
  })

  it('names every fault of the arguments, and shows what the provider refused without secrets', async () => {
    const { token } = await world.createSession({ actions: ['ledger_list_items', 'ledger_create_item'] })
    const client = await world.client(token)
    const faulty = await client.callTool({ name: 'ledger_create_item', arguments: { name: '', other: 1 } })
    expect(faulty.isError).toBe(true)
    const { faults } = faulty.structuredContent as { faults: { path: string[] }[] }
    expect(faults.map(({ path }) => path.join('.')).sort()).toEqual(['amount', 'name', 'other'])
    for (const name of ['amount', 'name', 'other']) expect(textOf(faulty)).toContain(`- ${name}: `)
    const refused = await client.callTool({ name: 'ledger_list_items', arguments: { query: 'bad' } })
    expect(refused).toMatchObject({
      isError: true,
      structuredContent: { status: 422, body: { error: 'The query cannot be read.' } },
    })
    expect(JSON.stringify(refused)).not.toContain('key-of-ada')
  })

  it('cuts a large result at the items of its list, and says what was left out', async () => {
    const { token } = await world.createSession()
    const client = await world.client(token)
    const result = await client.callTool({ name: 'ledger_list_items', arguments: { limit: 5_000 } })
    const content = JSON.parse(textOf(result)) as { output: object[]; leftOut: object[]; hint: string }
    expect(textOf(result).length).toBeLessThanOrEqual(MAX_RESULT_LENGTH)
    expect(content.output.length).toBeGreaterThan(500)
    expect(content.output.at(-1)).toEqual({ id: String(content.output.length - 1), note: 'n'.repeat(40) })
    expect(content.leftOut).toEqual([{ path: 'output', items: 5_000 - content.output.length }])
    expect(content.hint).toContain('ask for less')
  })

  it('answers with a link for a missing account, the same one again, and works after the person has connected', async () => {
    const { token } = await world.createSession({ endUserExternalId: 'cem' })
    const client = await world.client(token)
    const missing = await client.callTool({ name: 'ledger_list_items' })
    expect(missing.isError).toBe(true)
    const link = linkIn(textOf(missing))
    expect(linkIn(textOf(await client.callTool({ name: 'ledger_list_items' })))).toBe(link)
    const connect = await client.callTool({ name: 'connect', arguments: { integration: 'ledger' } })
    expect(connect.structuredContent).toMatchObject({
      connect: { url: link, state: 'open', confirmationRequired: false },
    })
    expect(await connectWith(link)).toContain('/connect/finish/')
    expect((await client.callTool({ name: 'ledger_list_items' })).structuredContent).toMatchObject({ status: 200 })
    const wrong = await client.callTool({ name: 'connect', arguments: { integration: 'nowhere', x: 1 } })
    expect(textOf(wrong)).toContain('integration: Must be one of ledger.')
    expect(textOf(wrong)).toContain('x: There is no such argument.')
  })

  it('asks a client for URL elicitation if it can, and has a lost account connected again', async () => {
    const connectionId = await world.connect({
      endUserExternalId: 'dan',
      credential: { fields: { token: 'dead-key-0123456789' } },
    })
    const { token } = await world.createSession({ endUserExternalId: 'dan' })
    const client = await world.client(token, { elicitsUrls: true })
    await world.app.database.prisma.connection.updateMany({
      where: { endUser: { externalId: 'dan' } },
      data: { status: 'NEEDS_REAUTH', statusReason: 'refused' },
    })
    const thrown = await client.callTool({ name: 'ledger_list_items' }).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(UrlElicitationRequiredError)
    const [elicitation] = (thrown as UrlElicitationRequiredError).elicitations
    expect((thrown as McpError).code).toBe(-32042 satisfies ErrorCode)
    expect(elicitation).toMatchObject({
      mode: 'url',
      message: expect.stringContaining('Connect your account at Ledger.'),
    })
    const ids = await world.app.request(`query ($id: ID!) { connectSession(id: $id) { status } }`, {
      id: elicitation?.elicitationId,
    })
    expect(ids.data.connectSession).toEqual({ status: 'PENDING' })
    await connectWith(elicitation?.url ?? '')
    const { structuredContent } = await client.callTool({ name: 'ledger_list_items' })
    expect(structuredContent).toMatchObject({ status: 200, account: { connectionId } })
  })

  it('lets the call name one of several accounts', async () => {
    const ids = [
      await world.connect({
        endUserExternalId: 'eva',
        displayName: 'Home',
        credential: { fields: { token: GOOD_KEY } },
      }),
      await world.connect({
        endUserExternalId: 'eva',
        displayName: 'Work',
        credential: { fields: { token: GOOD_KEY } },
      }),
    ]
    const client = await world.client((await world.createSession({ endUserExternalId: 'eva' })).token)
    const unclear = await client.callTool({ name: 'ledger_list_items' })
    expect(unclear.isError).toBe(true)
    expect(textOf(unclear)).toContain('connectionId')
    for (const id of ids) expect(textOf(unclear)).toContain(id)
    const { tools } = await client.listTools()
    expect(tools.at(-1)?.inputSchema.properties).toHaveProperty('connectionId')
    const named = await client.callTool({ name: 'ledger_list_items', arguments: { connectionId: ids[1] } })
    expect(named.structuredContent).toMatchObject({ account: { displayName: 'Work' } })
    const foreign = await world.connect({ endUserExternalId: 'fay' })
    const refused = await client.callTool({ name: 'ledger_list_items', arguments: { connectionId: foreign } })
    expect(refused.isError).toBe(true)
    expect(textOf(refused)).toContain('The person has no account with this id.')
  })

  it('finds the account of a call among many others, writes names on one line, and says what a list leaves out', async () => {
    const crowded = await world.createIntegration('crowded')
    const firstId = await world.connect({ integration: 'crowded', endUserExternalId: 'gil', displayName: 'A\n- B: C' })
    await world.app.database.sql.query(
      `INSERT INTO connection (id, workspace_id, integration_id, end_user_id, display_name, status, method)
       SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, c.workspace_id, c.integration_id, c.end_user_id,
         repeat('n', 180) || n, 'NEEDS_REAUTH', c.method
       FROM connection c JOIN end_user u ON u.id = c.end_user_id, generate_series(1, 300) n WHERE u.external_id = 'gil'`,
    )
    const own = await world.connect({ endUserExternalId: 'gil' })
    const client = await world.client((await world.createSession({ endUserExternalId: 'gil' })).token)
    const called = await client.callTool({ name: 'ledger_list_items' })
    expect(called.structuredContent).toMatchObject({ status: 200, account: { connectionId: own } })
    const preferred = await client.callTool({ name: 'crowded_list_items' })
    expect(preferred.structuredContent).toMatchObject({ status: 200, account: { connectionId: firstId } })
    const unknown = await client.callTool({ name: 'crowded_list_items', arguments: { connectionId: own } })
    expect(textOf(unknown)).toContain(`- ${firstId}: "A\\n- B: C" (ACTIVE)`)

    const all = await client.callTool({ name: 'connections' })
    expect(textOf(all).length).toBeLessThanOrEqual(MAX_RESULT_LENGTH)
    const { connections, leftOut } = JSON.parse(textOf(all))
    expect(leftOut).toEqual([{ path: 'connections', items: 302 - connections.length }])
    const some = await client.callTool({ name: 'connections', arguments: { integration: 'ledger' } })
    expect(some.structuredContent).toEqual({
      connections: [expect.objectContaining({ connectionId: own, integration: 'ledger' })],
      notConnected: [],
    })
    await world.run('deleteIntegration', { integrationId: crowded })
  })

  it('calls tools whose names are shortened, by the short and by the whole name', async () => {
    const slugs = ['x', 'y'].map((end) => `${'s'.repeat(60)}${end}`)
    const ids: string[] = []
    for (const slug of slugs) ids.push(await world.createIntegration(slug))
    const { token, tools } = await world.createSession({ endUserExternalId: 'hal', integrations: slugs })
    expect(tools.slice(2)).toHaveLength(2)
    const client = await world.client(token)
    for (const name of [...tools.slice(2), ...slugs.map((slug) => `${slug}_list_items`)]) {
      const called = await client.callTool({ name })
      expect(textOf(called)).toContain('is not connected')
    }
    for (const integrationId of ids) await world.run('deleteIntegration', { integrationId })
  })

  it('a call reads no other integration than its own', async () => {
    const integrationId = await world.createIntegration('broken')
    await world.app.database.sql.query(
      `UPDATE integration SET definition = '{}', updated_at = now() WHERE slug = 'broken'`,
    )
    const client = await world.client((await world.createSession({ endUserExternalId: 'jo' })).token)
    const complaints = () => world.app.log.filter((line) => line.includes('cannot be offered')).length
    const before = complaints()
    await client.callTool({ name: 'ledger_list_items' })
    await client.callTool({ name: 'connections' })
    await client.callTool({ name: 'connect', arguments: { integration: 'ledger' } })
    expect(complaints()).toBe(before)
    await client.listTools()
    expect(complaints()).toBeGreaterThan(before)
    await world.run('deleteIntegration', { integrationId })
  })

  it('gives no link with which nobody could connect', async () => {
    const oauth = {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://provider.example/authorize',
      tokenUrl: 'https://provider.example/token',
    }
    const integrationId = await world.createIntegration('consent', { auth: oauth })
    const client = await world.client((await world.createSession({ endUserExternalId: 'ida' })).token)
    for (const call of [{ name: 'consent_list_items' }, { name: 'connect', arguments: { integration: 'consent' } }]) {
      const refused = await client.callTool(call)
      expect(refused.isError).toBe(true)
      expect(textOf(refused)).toContain('the product has to set up the integration')
      expect(linkIn(textOf(refused))).toBe('no link')
    }
    await world.run('deleteIntegration', { integrationId })

    const connectionId = await world.connect({ endUserExternalId: 'ida' })
    await world.app.database.prisma.connection.updateMany({
      where: { endUser: { externalId: 'ida' } },
      data: { status: 'DISABLED' },
    })
    const disabled = await client.callTool({ name: 'connect', arguments: { integration: 'ledger', connectionId } })
    expect(disabled.isError).toBe(true)
    expect(textOf(disabled)).toContain('Only the product can enable it.')
  })

  it('keeps a link while it is as the workspace wants it and a new one would not last longer', async () => {
    const own = await world.app.createWorkspace('Links')
    await world.createIntegration('ledger', {}, own)
    const update = (input: object) =>
      world.run('updateWorkspace', { workspaceId: own.id, ...input }, '__typename', own.key)
    await update({ confirmation: 'NONE' })
    const { token } = await world.createSession({ workspaceId: own.id, expiresInSeconds: 3_600 }, own.key)
    const client = await world.client(token)
    const link = async () => linkIn(textOf(await client.callTool({ name: 'ledger_list_items' })))
    const first = await link()
    await update({ confirmation: 'REQUIRED', redirectUrls: ['https://product.example/a'] })
    const second = await link()
    expect(second).not.toBe(first)
    await update({ redirectUrls: ['https://product.example/b'] })
    const third = await link()
    expect(third).not.toBe(second)
    expect(await link()).toBe(third)
    await world.app.database.sql.query(
      `UPDATE tool_session SET expires_at = now() + interval '50 seconds' WHERE prefix = $1::text`,
      [token.slice(0, 10)],
    )
    await world.app.database.sql.query(
      `UPDATE connect_session SET expires_at = now() + interval '20 seconds' WHERE workspace_id IN
         (SELECT workspace_id FROM tool_session WHERE prefix = $1::text)`,
      [token.slice(0, 10)],
    )
    const last = await link()
    expect(last).not.toBe(third)
    expect(await link()).toBe(last)
  })

  it('a session is ended by keys that do not see the key which made it', async () => {
    const { operatorKey } = world.app
    const limited = await world.createKey({ integrations: ['ledger'] })
    for (const [maker, ender] of [
      [operatorKey, world.workspace.key],
      [world.workspace.key, limited],
      [operatorKey, limited],
    ] as const) {
      const { id, token } = await world.createSession({ integrations: ['ledger'] }, maker)
      const client = await world.client(token)
      const ended = await world.run('revokeToolSession', { toolSessionId: id }, 'revokedId', ender)
      expect(ended).toMatchObject({ revokedId: id })
      await expect(client.callTool({ name: 'connections' })).rejects.toMatchObject({ code: 401 })
    }
  })

  it('follows changes of a definition, and of the integrations', async () => {
    const integrationId = await world.createIntegration('shop')
    const { token } = await world.createSession({
      integrations: ['shop'],
      actions: ['shop_create_item', 'shop_list_items'],
    })
    const client = await world.client(token)
    expect(await list(client)).toEqual(['connections', 'connect', 'shop_list_items', 'shop_create_item'])
    const definition = {
      displayName: 'Shop',
      baseUrl: world.provider.origin,
      auth: { type: 'bearer', fields: [{ name: 'token', label: 'Access key', secret: true, required: true }] },
      testRequest: { path: '/me' },
      actions: [{ name: 'list_items', input: { type: 'object' }, request: { method: 'GET', path: '/items' } }],
    }
    await world.run('updateIntegration', { integrationId, definition })
    expect(await list(client)).toEqual(['connections', 'connect', 'shop_list_items'])
    await world.run('deleteIntegration', { integrationId })
    expect(await list(client)).toEqual(['connections', 'connect'])
    const gone = await client.callTool({ name: 'connect', arguments: { integration: 'shop' } })
    expect(gone.isError).toBe(true)
  })

  it('says that the product has to confirm, and tells the product by an event', async () => {
    const own = await world.app.createWorkspace('Careful')
    const definition = (await import('./mcp-world.ts')).ledger(world.provider.origin)
    await world.run('createIntegration', { workspaceId: own.id, slug: 'ledger', definition }, '__typename', own.key)
    const { token } = await world.createSession({ workspaceId: own.id }, own.key)
    const client = await world.client(token)
    const impossible = await client.callTool({ name: 'ledger_list_items' })
    expect(textOf(impossible)).toContain('has no redirectUrls')
    const product = 'https://product.example/done'
    await world.run('updateWorkspace', { workspaceId: own.id, redirectUrls: [product] }, '__typename', own.key)
    const missing = textOf(await client.callTool({ name: 'ledger_list_items' }))
    expect(missing).toContain('Afterwards the product has to confirm the connection.')
    const finish = await connectWith(linkIn(missing))
    expect(finish).toContain('handle=')
    expect(textOf(await client.callTool({ name: 'ledger_list_items' }))).toContain('still has to confirm')
    const { data } = await world.app.request(
      `query ($id: ID!) { workspace(id: $id) { events(first: 50) { nodes { type connection { id endUser { externalId } } } } } }`,
      { id: own.id },
      own.key,
    )
    expect(data.workspace.events.nodes).toContainEqual({
      type: 'CONNECT_SESSION_AWAITING_CONFIRMATION',
      connection: { id: expect.any(String), endUser: { externalId: 'ada' } },
    })
    const handle = new URL(finish).searchParams.get('handle')
    const confirmed = await world.run('confirmConnection', { handle, endUserExternalId: 'ada' }, '__typename', own.key)
    expect(confirmed.__typename).toBe('ConfirmConnectionPayload')
    expect((await client.callTool({ name: 'ledger_list_items' })).structuredContent).toMatchObject({ status: 200 })
  })
})

describe('The token of a tool session', () => {
  let world: McpWorld
  beforeAll(async () => {
    world = await startMcpWorld()
    await world.connect()
  })
  afterAll(() => world.stop())

  const isRefused = (client: Client) =>
    expect(client.callTool({ name: 'connections' })).rejects.toMatchObject({ code: 401 })

  it('does nothing else', async () => {
    const { token } = await world.createSession()
    const graphql = await world.app.request('{ viewer { kind } }', {}, token)
    expect(graphql.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' })
    const connection = await world.connect({ endUserExternalId: 'p' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${world.app.url}/proxy/${connection}/items`, { headers })).status).toBe(401)
    const key = { authorization: `Bearer ${world.workspace.key}` }
    const answer = await fetch(`${world.app.url}/mcp`, { method: 'POST', headers: key, body: '{}' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", resource_metadata="${world.app.url}/.well-known/oauth-protected-resource/mcp"`,
    )
  })

  it('ends when it is revoked, when it expires, and with its end user, its key and its workspace, while a client is open', async () => {
    const revoked = await world.createSession()
    const client = await world.client(revoked.token)
    expect(await world.run('revokeToolSession', { toolSessionId: revoked.id }, 'revokedId')).toMatchObject({
      revokedId: revoked.id,
    })
    await isRefused(client)

    const expired = await world.createSession({ expiresInSeconds: 60 })
    const expiring = await world.client(expired.token)
    await world.app.database.sql.query(`UPDATE tool_session SET expires_at = now() WHERE prefix = $1::text`, [
      expired.token.slice(0, 10),
    ])
    await isRefused(expiring)

    const given = { workspaceId: world.workspace.id, name: 'brief', role: 'ADMIN' }
    const { key, apiKey } = await world.run('createApiKey', given, 'key apiKey { id }')
    const ofKey = await world.client((await world.createSession({}, key)).token)
    await world.run('revokeApiKey', { apiKeyId: apiKey.id })
    await isRefused(ofKey)

    const ofUser = await world.client((await world.createSession({ endUserExternalId: 'gone' })).token)
    const found = await world.app.request(
      'query ($id: ID!) { workspace(id: $id) { endUser(externalId: "gone") { id } } }',
      { id: world.workspace.id },
    )
    await world.run('deleteEndUser', { endUserId: found.data.workspace.endUser.id })
    await isRefused(ofUser)

    const other = await world.app.createWorkspace('Closing')
    const ofWorkspace = await world.client((await world.createSession({ workspaceId: other.id }, other.key)).token)
    await world.run('deleteWorkspace', { workspaceId: other.id }, '__typename', world.app.operatorKey)
    await isRefused(ofWorkspace)
  })

  it('may do no more than the key that created the session', async () => {
    const reader = await world.createKey({ role: 'READER' })
    const refused = await world.run(
      'createToolSession',
      {
        workspaceId: world.workspace.id,
        endUserExternalId: 'ada',
        actions: ['ledger_list_items', 'ledger_create_item'],
      },
      'id',
      reader,
    )
    expect(refused).toMatchObject({
      __typename: 'ForbiddenError',
      message: expect.stringContaining('ledger_create_item'),
    })
    const reading = await world.createSession({}, reader)
    expect(reading.tools).toEqual(['connections', 'ledger_list_items'])
    const client = await world.client(reading.token)
    expect((await client.callTool({ name: 'ledger_list_items' })).structuredContent).toMatchObject({ status: 200 })
    await expect(client.callTool({ name: 'connect', arguments: { integration: 'ledger' } })).rejects.toThrow(
      'no such tool',
    )
    const unknown = { workspaceId: world.workspace.id, endUserExternalId: 'nobody yet' }
    expect(await world.run('createToolSession', unknown, 'id', reader)).toMatchObject({ __typename: 'NotFoundError' })

    await world.createIntegration('other')
    const limited = await world.createKey({ integrations: ['ledger'] })
    expect((await world.createSession({}, limited)).tools).toEqual(['connections', 'connect', 'ledger_list_items'])
    const scoped = await world.createKey({ scopes: ['READ', 'CONNECT'] })
    expect(await world.run('createToolSession', unknown, 'id', scoped)).toMatchObject({ __typename: 'ForbiddenError' })
  })

  it('is refused for names that there are not, all at once', async () => {
    const input = {
      workspaceId: world.workspace.id,
      endUserExternalId: 'ada',
      integrations: ['ledger', 'nowhere'],
      actions: ['ledger_list_items', 'ledger_nothing', 'connect'],
      expiresInSeconds: 1,
    }
    const { __typename, fields } = await world.run('createToolSession', input)
    expect(__typename).toBe('InvalidInputError')
    expect(fields.map(({ path }: { path: string[] }) => path.join('.')).sort()).toEqual([
      'input.actions.1',
      'input.actions.2',
      'input.expiresInSeconds',
      'input.integrations.1',
    ])
  })

  it('sees nothing of another workspace', async () => {
    const other = await world.app.createWorkspace('Other')
    await world.createIntegration('ledger', {}, other)
    const { token } = await world.createSession({ workspaceId: other.id }, other.key)
    const client = await world.client(token)
    expect((await client.callTool({ name: 'connections' })).structuredContent).toMatchObject({ connections: [] })
    expect((await client.callTool({ name: 'ledger_list_items' })).isError).toBe(true)
    const { id } = await world.createSession()
    const revoked = await world.run('revokeToolSession', { toolSessionId: id }, '__typename', other.key)
    expect(revoked).toMatchObject({ __typename: 'NotFoundError' })
    const elsewhere = `${world.app.url}/mcp/${other.id}`
    await expect(world.client((await world.createSession()).token, { url: elsewhere })).rejects.toMatchObject({
      code: 401,
    })
    await world.client(token, { url: elsewhere })
    const post = async (workspace: string) => {
      const headers = { authorization: `Bearer ${token}`, 'x-latchkey-workspace': workspace }
      return (await fetch(`${world.app.url}/mcp`, { method: 'POST', headers, body: 'no json' })).status
    }
    expect([await post(other.id), await post(other.slug), await post(world.workspace.slug)]).toEqual([400, 400, 401])
  })
})

describe('The transport', () => {
  let world: McpWorld
  beforeAll(async () => {
    world = await startMcpWorld({ config: { rateLimit: 600 } })
  })
  afterAll(() => world.stop())

  const JSON_TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const initialize = (version: string, capabilities = {}) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: version, capabilities, clientInfo: { name: 't', version: '1' } },
  })
  const post = (token: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${world.app.url}/mcp`, {
      method: 'POST',
      headers: { ...JSON_TYPES, authorization: `Bearer ${token}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  it('negotiates the protocol version', async () => {
    const { token } = await world.createSession()
    const versions = ['2025-11-25', '2025-06-18', '2025-03-26', '1999-01-01'].map(async (version) => {
      const answer = await post(token, initialize(version))
      expect(answer.headers.get('content-type')).toBe('application/json')
      return ((await answer.json()) as { result: { protocolVersion: string } }).result.protocolVersion
    })
    expect(await Promise.all(versions)).toEqual(['2025-11-25', '2025-06-18', '2025-03-26', '2025-11-25'])
  })

  it('keeps in the session id what the client can do, so that any process answers', async () => {
    const { token } = await world.createSession()
    const answer = await post(token, initialize('2025-11-25', { elicitation: { url: {} } }))
    const session = answer.headers.get('mcp-session-id') ?? ''
    expect(session).toMatch(/^[0-9a-f-]{36}\.url$/)
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'ledger_list_items', arguments: {} } }
    const elicited = await (await post(token, call, { 'mcp-session-id': session })).json()
    expect(elicited).toMatchObject({ error: { code: -32042, data: { elicitations: [{ mode: 'url' }] } } })
    const told = await (await post(token, call, { 'mcp-session-id': session.replace('.url', '') })).json()
    expect(told).toMatchObject({ result: { isError: true } })
    expect((await post(token, call, { 'mcp-session-id': 'made-up' })).status).toBe(404)
  })

  it('refuses other origins, methods, bodies and paths', async () => {
    const { token } = await world.createSession()
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    expect((await post(token, ping, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post(token, ping, { origin: world.app.url })).status).toBe(200)
    expect((await post(token, 'no json')).status).toBe(400)
    expect((await post(token, JSON.stringify({ ...ping, params: 'x'.repeat(1_100_000) }))).status).toBe(413)
    expect((await post(token, 'x'.repeat(3_000_000))).status).toBe(413)
    expect(
      (
        await post(
          token,
          Array.from({ length: 21 }, () => ping),
        )
      ).status,
    ).toBe(400)
    const got = await fetch(`${world.app.url}/mcp`, { headers: { authorization: `Bearer ${token}` } })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await fetch(`${world.app.url}/mcp/not-an-id`, { method: 'POST' })).status).toBe(404)
    expect((await post('lkt_wrong', ping)).status).toBe(401)
  })

  it('limits how much a session may cost', async () => {
    // A workspace has a limit, too.
    const { id: workspaceId, key } = await world.app.createWorkspace('Busy')
    const { token } = await world.createSession({ workspaceId, endUserExternalId: 'busy' }, key)
    const quiet = await world.createSession({ workspaceId, endUserExternalId: 'quiet' }, key)
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    const statuses: number[] = []
    for (let index = 0; index < 200 && !statuses.includes(429); index += 1)
      statuses.push((await post(token, ping)).status)
    expect(statuses.at(-1)).toBe(429)
    expect(statuses.length).toBeGreaterThan(20)
    const refused = await post(token, ping)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await post(quiet.token, ping)).status).toBe(200)
  })
})
