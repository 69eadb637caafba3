import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'
import { contactsDefinition } from '../../support/records-upstream.ts'
import { documents } from '../documents.ts'
import { changes, resolveConnection } from '../management-documents.ts'

describe.each(['embedded', 'server'] as const)('Changing and deleting on the %s database', (kind) => {
  if (kind === 'server' && !serverAnswers) {
    it.skip('needs a PostgreSQL server')
    return
  }
  let app: TestApp
  let workspace: { id: string; key: string }

  beforeAll(async () => {
    app = await startTestApp({ kind })
    workspace = await app.createWorkspace()
  })
  afterAll(() => app.stop())

  let count = 0
  async function integrate(auth?: Record<string, unknown>, options: Record<string, unknown> = {}) {
    count += 1
    const slug = `crm-${count}`
    const definition = contactsDefinition('https://crm.example.com', auth)
    const input = { workspaceId: workspace.id, slug, definition, ...options }
    const { integration } = await app.mutate(documents.createIntegration, input, workspace.key)
    return { id: integration.id as string, slug }
  }
  async function connect(integration: string, options: Record<string, unknown> = {}) {
    const credential = { secretText: 'a-first-token' }
    const input = { workspaceId: workspace.id, integration, credential, ...options }
    return (await app.mutate(documents.createConnection, input, workspace.key)).connection
  }
  /** The only field of the response, which may be an error of the union. */
  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  async function send(document: string, input: Record<string, unknown>, key = workspace.key): Promise<any> {
    const { data, errors } = await app.request(document, { input }, key)
    expect(errors).toBeUndefined()
    return Object.values(data)[0]
  }
  const wrongFields = async (document: string, input: Record<string, unknown>) => {
    const result = await send(document, input)
    expect(result).toMatchObject({ code: 'INVALID_INPUT' })
    return result.fields.map(({ path }: { path: string[] }) => path.join('.'))
  }
  const eventTypes = async (connectionId: string) => {
    const { data } = await app.request(
      `query ($id: ID!) { node(id: $id) { ... on Connection { events(first: 100) { nodes { type } } } } }`,
      { id: connectionId },
    )
    return data.node.events.nodes.map(({ type }: { type: string }) => type)
  }

  describe('updateWorkspace', () => {
    it('changes the given fields, keeps those that are left out and clears those that are null', async () => {
      const { id, key } = await app.createWorkspace('Before')
      const branding = { name: 'B', logoUrl: 'https://b.example.com/logo.png', color: '#336699' }
      const redirectUrls = ['https://app.example.com/done']
      await send(changes.updateWorkspace, { workspaceId: id, slug: 'before-2' }, app.operatorKey)
      await send(changes.updateWorkspace, { workspaceId: id, branding, redirectUrls, slug: 'before-2' }, key)
      const first = await send(
        changes.updateWorkspace,
        { workspaceId: id, name: 'After', branding: { color: null } },
        key,
      )
      expect(first).toMatchObject({
        workspace: { name: 'After', slug: 'before-2', redirectUrls, branding: { ...branding, color: null } },
      })
      const cleared = { workspaceId: id, branding: null, redirectUrls: null, confirmation: 'NONE' }
      expect(await send(changes.updateWorkspace, cleared, key)).toMatchObject({
        workspace: { redirectUrls: [], branding: { name: null, logoUrl: null, color: null }, confirmation: 'NONE' },
      })
    })

    it('names every invalid field at once, and a slug that is taken is CONFLICT', async () => {
      const wrong = { name: ' ', slug: 'A B', redirectUrls: ['javascript:alert(1)', 'https://a.example.com/#x'] }
      const more = { branding: { color: 'url(x)', logoUrl: 'logo.png' }, confirmation: null }
      expect(
        (await wrongFields(changes.updateWorkspace, { workspaceId: workspace.id, ...wrong, ...more })).toSorted(),
      ).toEqual([
        'input.branding.color',
        'input.branding.logoUrl',
        'input.confirmation',
        'input.name',
        'input.redirectUrls.0',
        'input.redirectUrls.1',
        'input.slug',
      ])
      // These URLs go into headers: Location, and the Content-Security-Policy of the hosted page.
      const inHeaders = ['https://a.example/\n', 'https://a.example/日', 'https://a.example/ b', 'https://*.example/']
      const input = { workspaceId: workspace.id, redirectUrls: [...inHeaders, 'https://a;frame-ancestors/'] }
      expect(await wrongFields(changes.updateWorkspace, input)).toEqual(
        [0, 1, 2, 3, 4].map((index) => `input.redirectUrls.${index}`),
      )
      const logoUrl = 'https://a;frame-ancestors/logo.png'
      expect(await wrongFields(changes.updateWorkspace, { workspaceId: workspace.id, branding: { logoUrl } })).toEqual([
        'input.branding.logoUrl',
      ])
      const { slug } = await app.createWorkspace('Taken')
      expect(await send(changes.updateWorkspace, { workspaceId: workspace.id, slug }, app.operatorKey)).toMatchObject({
        code: 'CONFLICT',
      })
    })

    it('answers an ADMIN key that changes the slug the same whether another workspace has it or not', async () => {
      const { slug: taken } = await app.createWorkspace('Taken')
      const { id, slug, key } = await app.createWorkspace('Curious')
      const answers = await Promise.all(
        [taken, `${taken}-free`].map((each) => send(changes.updateWorkspace, { workspaceId: id, slug: each }, key)),
      )
      const forbidden = { code: 'FORBIDDEN', message: 'Only an operator can change the slug of a workspace.' }
      expect(answers).toMatchObject([forbidden, forbidden])
      expect(await send(changes.updateWorkspace, { workspaceId: id, slug }, key)).toMatchObject({ workspace: { slug } })
    })
  })

  describe('updateConnection', () => {
    it('changes the given fields, keeps those that are left out and clears those that are null', async () => {
      const { slug } = await integrate()
      const { id: connectionId } = await connect(slug, { metadata: { tier: 1 }, collection: 'all' })
      const renamed = { displayName: 'Renamed', metadata: { tier: 2 }, collection: 'some' }
      expect(await send(changes.updateConnection, { connectionId, ...renamed })).toMatchObject({
        connection: { ...renamed, collection: { name: 'some' }, status: 'ACTIVE', schedule: null },
      })
      expect(await send(changes.updateConnection, { connectionId, collection: null, metadata: null })).toMatchObject({
        connection: { displayName: 'Renamed', metadata: {}, collection: null },
      })
      const wrong = {
        displayName: null,
        metadata: [],
        collection: '',
        disabled: null,
        schedule: { cron: 'x', timezone: 'y' },
      }
      expect((await wrongFields(changes.updateConnection, { connectionId, ...wrong })).toSorted()).toEqual([
        'input.collection',
        'input.disabled',
        'input.displayName',
        'input.metadata',
        'input.schedule.cron',
        'input.schedule.timezone',
      ])
    })

    it('stores, pauses and removes a schedule', async () => {
      const { slug } = await integrate()
      const { id: connectionId } = await connect(slug)
      const update = async (schedule: unknown) =>
        (await send(changes.updateConnection, { connectionId, schedule })).connection
      const cron = { cron: '0 6 * * *', timezone: 'Europe/Berlin' }
      expect(await update(cron)).toMatchObject({ schedule: { ...cron, intervalSeconds: null, paused: false } })
      expect(await update({ paused: true })).toMatchObject({ schedule: { ...cron, paused: true, nextRunAt: null } })
      const { schedule } = await update({ intervalSeconds: 3600, paused: false })
      expect(schedule).toMatchObject({ cron: null, intervalSeconds: 3600 })
      const inMs = Date.parse(schedule?.nextRunAt ?? '') - Date.now()
      expect(inMs).toBeGreaterThan(3_500_000)
      expect(inMs).toBeLessThanOrEqual(3_600_000)
      expect(await update({ intervalSeconds: 3600 })).toMatchObject({ schedule })
      expect(await update(null)).toMatchObject({ schedule: null })
    })

    it('refuses a schedule for an integration without streams', async () => {
      const { streams: _none, ...definition } = contactsDefinition('https://crm.example.com')
      const { slug } = await integrate(undefined, { definition })
      const { id: connectionId } = await connect(slug)
      const wrong = { connectionId, schedule: { intervalSeconds: 3600 } }
      expect(await wrongFields(changes.updateConnection, wrong)).toEqual(['input.schedule'])
    })

    it('disables and enables a connection, with an event for each', async () => {
      const { slug } = await integrate()
      const { id: connectionId } = await connect(slug)
      await send(changes.updateConnection, { connectionId, schedule: { intervalSeconds: 60 } })
      expect(await send(changes.updateConnection, { connectionId, disabled: true })).toMatchObject({
        connection: { status: 'DISABLED', schedule: { nextRunAt: null } },
      })
      await send(changes.updateConnection, { connectionId, disabled: true })
      expect(await send(documents.triggerSync, { connectionId })).toMatchObject({ code: 'CONFLICT' })
      expect(await send(changes.updateConnection, { connectionId, disabled: false })).toMatchObject({
        connection: { status: 'ACTIVE', schedule: { nextRunAt: expect.any(String) } },
      })
      expect((await eventTypes(connectionId)).slice(-2)).toEqual(['CONNECTION_DISABLED', 'CONNECTION_ACTIVATED'])
      await app.database.sql.query(`UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = 'Revoked.'
        WHERE display_name = 'Contacts' AND schedule_interval_seconds = 60`)
      await send(changes.updateConnection, { connectionId, disabled: true })
      expect(await send(changes.updateConnection, { connectionId, disabled: false })).toMatchObject({
        connection: { status: 'NEEDS_REAUTH', statusReason: 'Revoked.' },
      })
    })
  })

  describe('updateIntegration', () => {
    it('replaces the definition, and a credential that does not fit it is RECONNECT_REQUIRED', async () => {
      const { id: integrationId, slug } = await integrate()
      const { id: connectionId } = await connect(slug)
      const definition = contactsDefinition('https://crm.example.com/new', { type: 'basic' })
      expect(await send(changes.updateIntegration, { integrationId, definition, displayName: 'New' })).toMatchObject({
        integration: { displayName: 'New', baseUrl: 'https://crm.example.com/new', auth: { type: 'BASIC' } },
      })
      // Its secret field is not declared any more, so the credential was taken out of use.
      expect(await send(documents.triggerSync, { connectionId })).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    })

    it('names every invalid field at once', async () => {
      const { id: integrationId } = await integrate()
      const definition = { ...contactsDefinition('https://crm.example.com'), surprise: true }
      const wrong = { displayName: null, definition, oauthClient: { clientId: ' ', redirectUrl: 'nowhere' } }
      expect((await wrongFields(changes.updateIntegration, { integrationId, ...wrong })).toSorted()).toEqual([
        'input.definition.surprise',
        'input.displayName',
        'input.oauthClient.clientId',
        'input.oauthClient.redirectUrl',
      ])
    })

    it('keeps the client secret while the client id stays, and requires one for a new client id', async () => {
      const oauthClient = { clientId: 'one', clientSecret: 'secret-of-one', scopes: ['read'] }
      const { id: integrationId } = await integrate(undefined, { oauthClient })
      const secrets = async () =>
        (
          await app.database.sql.query<{ version: number }>(
            `SELECT s.version FROM integration_secret s JOIN integration i ON i.id = s.integration_id WHERE i.slug = $1`,
            [`crm-${count}`],
          )
        ).map(({ version }) => version)
      const update = (client: unknown) => send(changes.updateIntegration, { integrationId, oauthClient: client })
      expect(await update({ clientId: 'one', redirectUrl: 'https://app.example.com/cb' })).toMatchObject({
        integration: { oauthClient: { clientId: 'one', redirectUrl: 'https://app.example.com/cb', scopes: ['read'] } },
      })
      expect(await secrets()).toEqual([1])
      expect(await wrongFields(changes.updateIntegration, { integrationId, oauthClient: { clientId: 'two' } })).toEqual(
        ['input.oauthClient.clientSecret'],
      )
      await update({ clientId: 'two', clientSecret: 'secret-of-two' })
      expect(await secrets()).toEqual([2])
      await update({ clientId: 'three', clientSecret: null })
      expect(await secrets()).toEqual([])
      expect(await update(null)).toMatchObject({ integration: { oauthClient: null } })
    })
  })

  describe('replaceCredential', () => {
    it('stores the next version, makes the connection ACTIVE and resets the renewal fields', async () => {
      const { slug } = await integrate()
      const { id: connectionId } = await connect(slug, { externalId: `heal-${slug}` })
      await app.database.sql.query(
        `WITH hurt AS (UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = 'x' WHERE external_id = $1 RETURNING id)
         UPDATE credential SET failed_refreshes = 3, attempt_id = gen_random_uuid(), attempt_at = now(),
           last_error = '{"message": "m", "reason": "REVOKED", "retryable": false}' WHERE connection_id IN (SELECT id FROM hurt)`,
        [`heal-${slug}`],
      )
      expect(
        await send(changes.replaceCredential, { connectionId, credential: { secretText: 'a-second-token' } }),
      ).toMatchObject({
        connection: {
          status: 'ACTIVE',
          statusReason: null,
          credential: { version: 2, failedRefreshes: 0, lastError: null },
        },
      })
      expect((await eventTypes(connectionId)).slice(-2)).toEqual(['CREDENTIAL_REPLACED', 'CONNECTION_ACTIVATED'])
      const replace = (token: string) =>
        send(changes.replaceCredential, { connectionId, credential: { secretText: token } })
      await Promise.all(['third', 'fourth', 'fifth'].map((name) => replace(`a-${name}-token`)))
      const { data } = await app.request(
        'query ($id: ID!) { node(id: $id) { ... on Connection { credential { version } } } }',
        { id: connectionId },
      )
      expect(data.node.credential.version).toBe(5)
      expect(app.log.join('\n')).not.toContain('-token')
    })

    it('plans the renewal of the new credential before it expires', async () => {
      const tokenUrl = 'https://auth.example/token'
      const { slug } = await integrate({ type: 'oauth2', grant: 'refresh_token', tokenUrl })
      const fields = { client_id: 'c', client_secret: 's' }
      const renewable = (token: string) => ({
        oauthToken: { accessToken: token, refreshToken: 'r', clientId: 'c', clientSecret: 's', expiresIn: 3600 },
      })
      const { id: connectionId } = await connect(slug, { credential: { fields: { ...fields, refresh_token: 'r' } } })
      await send(changes.replaceCredential, { connectionId, credential: renewable('a-second-token') })
      const { data } = await app.request(
        'query ($id: ID!) { node(id: $id) { ... on Connection { credential { nextRefreshAt expiresAt } } } }',
        { id: connectionId },
      )
      const { nextRefreshAt, expiresAt } = data.node.credential
      expect(Date.parse(nextRefreshAt)).toBeGreaterThan(Date.now())
      expect(Date.parse(nextRefreshAt)).toBeLessThan(Date.parse(expiresAt))
    })

    it('validates the credential as createConnection does', async () => {
      const { slug } = await integrate({ type: 'basic' })
      const { id: connectionId } = await connect(slug, { credential: { basic: { username: 'ada', password: 'x' } } })
      const wrong = { fields: { username: '', token: 'y' } }
      expect(
        (await wrongFields(changes.replaceCredential, { connectionId, credential: wrong, input: { z: 1 } })).length,
      ).toBeGreaterThan(1)
    })
  })

  describe('resolveConnection', () => {
    const resolve = (integration: string, by: Record<string, unknown>) =>
      send(resolveConnection, { workspaceId: workspace.id, integration, ...by })

    it('finds a connection by external id, by end user, and with neither one that belongs to no end user', async () => {
      const { slug } = await integrate()
      const shared = await connect(slug)
      const adas = await connect(slug, { externalId: 'adas', endUserExternalId: 'ada' })
      await connect(slug, { externalId: 'graces', endUserExternalId: 'grace' })
      const chosen = (id: string) => ({ connection: { id }, why: [{ connection: { id }, chosen: true }] })
      expect(await resolve(slug, { externalId: 'adas' })).toMatchObject(chosen(adas.id))
      expect(await resolve(slug, { endUserExternalId: 'ada' })).toMatchObject(chosen(adas.id))
      expect(await resolve(slug, { endUserExternalId: 'ada', externalId: 'adas' })).toMatchObject(chosen(adas.id))
      expect(await resolve(slug, {})).toMatchObject(chosen(shared.id))
      expect(await resolve(slug, { externalId: 'nobodys' })).toMatchObject({ code: 'NOT_FOUND' })
      expect(await resolve(slug, { endUserExternalId: 'nobody' })).toMatchObject({ code: 'NOT_FOUND' })
      expect(await resolve(slug, { externalId: 'graces', endUserExternalId: 'ada' })).toMatchObject({
        code: 'SCOPE_MISMATCH',
      })
      const other = await integrate()
      expect(await resolve(other.slug, { externalId: 'adas' })).toMatchObject({ code: 'SCOPE_MISMATCH' })
      expect(await resolve(other.slug, { endUserExternalId: 'ada' })).toMatchObject({ code: 'NOT_FOUND' })
    })

    it('explains why it chose one of several connections, and why it could not choose', async () => {
      const { slug } = await integrate()
      const first = await connect(slug, { endUserExternalId: 'ada' })
      const second = await connect(slug, { endUserExternalId: 'ada', externalId: 'second' })
      const ambiguous = await resolve(slug, { endUserExternalId: 'ada' })
      expect(ambiguous).toMatchObject({
        __typename: 'AmbiguousError',
        candidates: [{ chosen: false }, { chosen: false }],
      })
      await send(changes.updateConnection, { connectionId: first.id, disabled: true })
      expect(await resolve(slug, { endUserExternalId: 'ada' })).toMatchObject({
        connection: { id: second.id },
        why: [
          { connection: { id: first.id }, chosen: false, reason: expect.stringContaining('DISABLED') },
          { connection: { id: second.id }, chosen: true, reason: expect.stringContaining('ACTIVE') },
        ],
      })
    })
  })

  describe('Filters by metadata', () => {
    const asked = `query ($id: ID!, $metadata: JSON) { workspace(id: $id) {
      connections(filter: { metadata: $metadata }) { totalCount nodes { externalId } }
      endUsers(metadata: $metadata) { totalCount nodes { externalId } } } }`

    it('find what has every given key with the same value', async () => {
      const { id, key } = await app.createWorkspace()
      const definition = contactsDefinition('https://crm.example.com')
      await app.mutate(documents.createIntegration, { workspaceId: id, slug: 'crm', definition }, key)
      const of: Record<string, Record<string, unknown>> = {
        both: { plan: 'pro', seats: 5, tags: { a: 1, b: [1, 2] }, end: null },
        more: { plan: 'pro', seats: '5', tags: { a: 1, b: [1, 2], c: 3 } },
        none: {},
      }
      for (const [externalId, metadata] of Object.entries(of)) {
        await app.mutate(documents.upsertEndUser, { workspaceId: id, externalId, metadata }, key)
        const credential = { secretText: 'a-first-token' }
        const input = { workspaceId: id, integration: 'crm', credential, externalId, metadata }
        await app.mutate(documents.createConnection, input, key)
      }
      const found = async (metadata: unknown) => {
        const { data, errors } = await app.request(asked, { id, metadata }, key)
        expect(errors).toBeUndefined()
        const names = Object.values(data.workspace).map((page) => {
          const { nodes, totalCount } = page as { nodes: { externalId: string }[]; totalCount: number }
          expect(totalCount).toBe(nodes.length)
          return nodes.map(({ externalId }) => externalId)
        })
        expect(names[0]).toEqual(names[1])
        return names[0]
      }
      expect(await found({ plan: 'pro' })).toEqual(['both', 'more'])
      expect(await found({ plan: 'pro', seats: 5.0 })).toEqual(['both'])
      expect(await found({ seats: '5' })).toEqual(['more'])
      expect(await found({ tags: { b: [1, 2], a: 1 } })).toEqual(['both'])
      expect(await found({ tags: { a: 1 } })).toEqual([])
      expect(await found({ end: null })).toEqual(['both'])
      expect(await found({ absent: null })).toEqual([])
      expect(await found({ "x' OR true --": '?' })).toEqual([])
      expect(await found({})).toEqual(['both', 'more', 'none'])
      expect(await found(null)).toEqual(['both', 'more', 'none'])
    })

    it('must be an object with at most 50 keys', async () => {
      const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key-${index}`, index]))
      for (const metadata of [[], 'pro', many]) {
        const { errors } = await app.request(asked, { id: workspace.id, metadata }, workspace.key)
        expect(errors).toMatchObject([
          { extensions: { code: 'INVALID_INPUT', fields: [{ path: ['filter', 'metadata'] }] } },
          { extensions: { code: 'INVALID_INPUT', fields: [{ path: ['metadata'] }] } },
        ])
      }
    })
  })
})
