import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { createWebhookRoute } from '../../src/http/webhooks.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import { createMetrics } from '../../src/kit/metrics.ts'
import { newWebhookSecret, signWebhook } from '../../src/kit/standard-webhooks.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { serverAnswers } from '../support/databases.ts'
import {
  countRows,
  createAccount,
  createHook,
  definitionWith,
  deliver,
  eventsOf,
  type Hooked,
  SECRET,
  sign,
  WEBHOOK,
} from '../webhooks/in/hook-fixture.ts'
import { rowId } from '../webhooks/out/receiver.ts'

const UPDATE = `mutation ($input: UpdateIntegrationInput!) { updateIntegration(input: $input) {
  __typename ... on UpdateIntegrationPayload { integration { id webhookUrl pendingWebhookSecret } }
  ... on InvalidInputError { message fields { path message } } ... on Error { message } } }`

describe.each(['embedded', 'server'] as const)('Webhooks of providers, on the %s database', (kind) => {
  describe.skipIf(kind === 'server' && !serverAnswers)('with a database', () => {
    let app: TestApp
    let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
    let hook: Hooked
    beforeAll(async () => {
      app = await startTestApp({ kind })
      workspace = await app.createWorkspace()
      hook = await createHook(app, workspace)
    })
    afterAll(() => app.stop())

    it('an event is stored before it is answered 200, once for each connection that it concerns', async () => {
      const [first, second] = await Promise.all(
        [1, 2].map(() => createAccount(app, workspace, { input: { account: '17' } })),
      )
      const other = await createAccount(app, workspace, { input: { account: '18' } })
      expect(await deliver(app, hook, { account: { id: 17 }, action: 'opened' }, { id: 'd1', type: 'issues' })).toBe(
        200,
      )
      const events = await eventsOf(app, workspace.id, workspace.key)
      const event = {
        ...{ type: 'PROVIDER_EVENT_RECEIVED', integration: { slug: 'acme' }, providerEventId: 'd1' },
        ...{ providerEventType: 'issues', body: { account: { id: 17 }, action: 'opened' } },
      }
      expect(events.toSorted(byConnection)).toEqual(
        [first, second].map((id) => ({ ...event, connection: { id } })).toSorted(byConnection),
      )
      expect(JSON.stringify(events)).not.toContain(other)
    })

    it('an event that concerns no connection is stored without one', async () => {
      const before = (await eventsOf(app, workspace.id, workspace.key)).length
      expect(await deliver(app, hook, { account: { id: 'nobody' } })).toBe(200)
      expect(await deliver(app, hook, 'not json')).toBe(200)
      const added = (await eventsOf(app, workspace.id, workspace.key)).slice(before)
      expect(added).toEqual([
        expect.objectContaining({ connection: null, body: { account: { id: 'nobody' } } }),
        expect.objectContaining({ connection: null, body: 'not json' }),
      ])
    })

    it('the same id is answered 200 and stored once, also when both requests arrive at the same time', async () => {
      const before = (await eventsOf(app, workspace.id, workspace.key)).length
      const body = { account: { id: 'twice' } }
      const statuses = await Promise.all(Array.from({ length: 10 }, () => deliver(app, hook, body, { id: 'same' })))
      expect(statuses).toEqual(Array(10).fill(200))
      expect(await deliver(app, hook, body, { id: 'same' })).toBe(200)
      expect((await eventsOf(app, workspace.id, workspace.key)).length - before).toBe(1)
    })

    it('an id is stored again after seven days', async () => {
      const before = (await eventsOf(app, workspace.id, workspace.key)).length
      await deliver(app, hook, {}, { id: 'weekly' })
      await app.database.sql.query(`UPDATE webhook_receipt SET received_at = received_at - interval '7 days 1 second'`)
      await deliver(app, hook, {}, { id: 'weekly' })
      await deliver(app, hook, {}, { id: 'weekly' })
      expect((await eventsOf(app, workspace.id, workspace.key)).length - before).toBe(2)
    })

    it('a request that is not verified is answered 401 and stored nowhere', async () => {
      const before = await countRows(app, workspace.id)
      expect(await deliver(app, hook, { account: { id: 17 } }, { secret: 'another secret' })).toBe(401)
      const unsigned = await fetch(app.url + hook.path, { method: 'POST', body: '{}' })
      expect([unsigned.status, await unsigned.text()]).toEqual([401, 'The request is not verified.\n'])
      expect(app.log.join('')).toMatch(/"configured":true[^\n]*a webhook is not verified/)
      const changed = await fetch(app.url + hook.path, {
        method: 'POST',
        headers: { 'x-signature': sign('{"a": 1}') },
        body: '{"a":1}',
      })
      expect(changed.status).toBe(401)
      expect(await countRows(app, workspace.id)).toEqual(before)
    })

    it('the secret is in no event, no answer and no log line', async () => {
      expect(await deliver(app, hook, { token: SECRET, text: `it is ${SECRET}.` }, { id: 'echo' })).toBe(200)
      const event = (await eventsOf(app, workspace.id, workspace.key)).at(-1)
      expect(event.body).toEqual({ token: '[redacted]', text: 'it is [redacted].' })
      const [integration] = await app.database.sql.query('SELECT * FROM webhook_secret')
      expect(JSON.stringify(integration)).not.toContain(SECRET)
      expect(app.log.join('')).not.toContain(SECRET)
    })

    it('the secret is in no id, type or key of an event, also in no other form of it', async () => {
      const verify = { method: 'token', place: { in: 'header', name: 'X-Tok' } }
      const webhook = {
        verify,
        id: "headers['x-tok'] ~ body.id",
        type: "headers['x-tok'] ~ ' ' ~ headers['x-tok'] | b64encode",
      }
      const handshake = [{ where: 'query.echo', answer: "{{ headers['x-tok'] }}" }]
      const definition = definitionWith({ ...webhook, handshake })
      const telling = await createHook(app, workspace, { slug: 'telling', definition })
      const headers = { 'x-tok': SECRET }
      for (const id of [1, 2, 1]) {
        expect(await deliver(app, telling, { id, [`a ${SECRET}`]: 1 }, { headers })).toBe(200)
      }
      const events = (await eventsOf(app, workspace.id, workspace.key)).slice(-2)
      expect(events).toMatchObject(
        [1, 2].map((id) => ({ providerEventId: `[redacted]${id}`, body: { id, 'a [redacted]': 1 } })),
      )
      expect(JSON.stringify(events)).not.toMatch(new RegExp(`${SECRET}|${Buffer.from(SECRET).toString('base64')}`))
      const echo = await fetch(`${app.url}${telling.path}?echo=1`, { method: 'POST', headers })
      expect([echo.status, await echo.text()]).toEqual([200, '[redacted]'])
    })

    it('the credential of the connection is not in its event, wherever the provider sends it', async () => {
      await createAccount(app, workspace, {
        input: { account: 'own' },
        credential: { secretText: 'xoxb-the-own-token' },
      })
      const body = { account: { id: 'own' }, nested: [{ url: 'https://x.example/?t=xoxb-the-own-token' }] }
      const named = { id: 'own xoxb-the-own-token', type: `${'x'.repeat(495)}xoxb-the-own-token` }
      expect(await deliver(app, hook, body, named)).toBe(200)
      const event = (await eventsOf(app, workspace.id, workspace.key)).at(-1)
      expect(event).toMatchObject({ providerEventId: 'own [redacted]', providerEventType: `${'x'.repeat(495)}[reda` })
      expect(event.body).toEqual({ account: { id: 'own' }, nested: [{ url: 'https://x.example/?t=[redacted]' }] })
    })

    it('what the definition drops is not stored', async () => {
      const dropping = await createHook(app, workspace, {
        slug: 'dropping',
        definition: definitionWith({ ...WEBHOOK, events: ['list'], drop: ['token', ['a', '*', 'b']] }),
      })
      const list = [{ token: 't', kept: 1, a: [{ b: 1, c: 2 }] }, { kept: 2 }]
      expect(await deliver(app, dropping, { list })).toBe(200)
      const events = (await eventsOf(app, workspace.id, workspace.key)).slice(-2)
      expect(events.map(({ body }: { body: unknown }) => body)).toEqual([{ kept: 1, a: [{ c: 2 }] }, { kept: 2 }])
    })

    it('an injected value finds the connection like a kept one, until it is replaced', async () => {
      const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://api.example.com/token' }
      const teams = await createHook(app, workspace, {
        slug: 'teams',
        definition: definitionWith(
          { ...WEBHOOK, connection: { value: 'body.team', equals: 'kept.team_id' } },
          { auth },
        ),
      })
      const token = (team: string | number) => ({
        oauthToken: { accessToken: 'an-access-token', extra: { team_id: team } },
      })
      const id = await createAccount(app, workspace, { integration: 'teams', credential: token(4711) })
      const last = async (team: unknown) => {
        expect(await deliver(app, teams, { team })).toBe(200)
        return (await eventsOf(app, workspace.id, workspace.key)).at(-1).connection
      }
      expect(await last('4711')).toEqual({ id })
      const [row] = await app.database.sql.query<{ extra: object }>(
        'SELECT extra FROM connection WHERE id = $1::uuid',
        [rowId(id)],
      )
      expect(JSON.stringify(row)).not.toContain('4711')
      await app.mutate(
        `mutation ($input: ReplaceCredentialInput!) { replaceCredential(input: $input) { __typename ... on Error { message } } }`,
        { connectionId: id, credential: token('T2') },
        workspace.key,
      )
      expect(await last('4711')).toBeNull()
      expect(await last('T2')).toEqual({ id })
    })

    it('an event for which a rule holds starts a sync of its streams', async () => {
      const streams = ['orders', 'items'].map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] }))
      const sync = [{ where: "body.kind == 'order'", streams: ['orders'] }]
      const synced = await createHook(app, workspace, {
        slug: 'synced',
        definition: definitionWith({ ...WEBHOOK, sync }, { streams, baseUrl: 'http://127.0.0.1:9' }),
      })
      const id = await createAccount(app, workspace, { integration: 'synced', input: { account: 's' } })
      await deliver(app, synced, { account: { id: 's' }, kind: 'other' })
      await deliver(app, synced, { account: { id: 's' }, kind: 'order' })
      const latest = async () => {
        const { data } = await app.request(
          'query ($id: ID!) { node(id: $id) { ... on Connection { syncJobs(first: 10) { nodes { trigger streams { name } } } } } }',
          { id },
          workspace.key,
        )
        return data.node.syncJobs.nodes
      }
      await expect.poll(latest, { timeout: 10_000 }).toEqual([{ trigger: 'WEBHOOK', streams: [{ name: 'orders' }] }])
    })

    it('a request with more than 1,000 events is refused as a whole', async () => {
      const many = await createHook(app, workspace, {
        slug: 'many',
        definition: definitionWith({ ...WEBHOOK, id: 'item.id', events: [], connection: undefined }),
      })
      const before = await countRows(app, workspace.id)
      const list = Array.from({ length: 1_001 }, (_, id) => ({ id }))
      expect(await deliver(app, many, list)).toBe(400)
      expect(await countRows(app, workspace.id)).toEqual(before)
      expect(await deliver(app, many, list.slice(1))).toBe(200)
      expect((await countRows(app, workspace.id))?.events).toBe((before?.events ?? 0) + 1_000)
    })

    it('an end user sees the events of their own connections only', async () => {
      await createAccount(app, workspace, { input: { account: 'ada' }, endUserExternalId: 'ada' })
      await createAccount(app, workspace, { input: { account: 'bob' }, endUserExternalId: 'bob' })
      for (const id of ['ada', 'bob', 'nobody at all'])
        await deliver(app, hook, { account: { id } }, { type: 'people' })
      const rows = await app.database.sql.query<{ id: string; end_user: string | null }>(
        `SELECT e.payload->'body'->'account'->>'id' AS id, u.external_id AS end_user FROM event e
         LEFT JOIN end_user u ON u.id = e.end_user_id WHERE e.payload->>'providerEventType' = 'people' ORDER BY e.position`,
      )
      // Events without an end user are hidden from every end user.
      expect(rows).toEqual([
        { id: 'ada', end_user: 'ada' },
        { id: 'bob', end_user: 'bob' },
        { id: 'nobody at all', end_user: null },
      ])
    })

    it('an unknown id, an integration without a webhook and another path are 404 in the same words', async () => {
      const plain = await app.mutate(
        `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
          __typename ... on CreateIntegrationPayload { integration { id webhookUrl } } ... on Error { message } } }`,
        { workspaceId: workspace.id, slug: 'plain', definition: { ...definitionWith({}), webhook: undefined } },
        workspace.key,
      )
      expect(plain.integration.webhookUrl).toBeNull()
      const paths = [newId(), rowId(plain.integration.id), 'x', `${rowId(hook.id)}/more`]
      const answers = await Promise.all(
        paths.map(async (id) => {
          const response = await fetch(`${app.url}/webhooks/${id}`, { method: 'POST', body: '{}' })
          return [response.status, await response.text()]
        }),
      )
      expect(answers).toEqual(Array(4).fill([404, 'No webhook is received here.\n']))
      const wrongMethod = await fetch(app.url + hook.path, { method: 'PUT', body: '{}' })
      expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    })

    it('HEAD finds out whether there is something at a URL', async () => {
      const status = async (path: string) => (await fetch(app.url + path, { method: 'HEAD' })).status
      expect([await status(hook.path), await status(`/webhooks/${newId()}`)]).toEqual([200, 404])
    })

    it('a handshake is answered before verification, as text that no browser runs, and stores nothing', async () => {
      const before = await countRows(app, workspace.id)
      const response = await fetch(app.url + hook.path, {
        method: 'POST',
        body: JSON.stringify({ type: 'url_verification', challenge: '<script>' }),
      })
      expect([response.status, await response.text()]).toEqual([200, '<script>'])
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
      expect(await countRows(app, workspace.id)).toEqual(before)
    })

    it('a body of more than 1 MiB is answered 413', async () => {
      expect(await deliver(app, hook, 'x'.repeat(1024 * 1024 + 1))).toBe(413)
    })

    it('of a body of more than 128 KiB, the event is stored without it', async () => {
      expect(await deliver(app, hook, { text: 'x'.repeat(128 * 1024) }, { id: 'large' })).toBe(200)
      const event = (await eventsOf(app, workspace.id, workspace.key)).at(-1)
      expect(event).toMatchObject({ providerEventId: 'large', body: null })
    })

    it('characters that the database refuses are replaced', async () => {
      expect(await deliver(app, hook, '{"a\\u0000":"\\ud800","n":12345678901234567890}', { id: 'odd' })).toBe(200)
      const [event] = await app.database.sql.query<{ body: string }>(
        `SELECT payload->>'body' AS body FROM event WHERE payload->>'providerEventId' = 'odd'`,
      )
      expect(event?.body).toBe('{"n": 12345678901234567890, "a\ufffd": "\ufffd"}')
    })

    it('a secret that is replaced is accepted for 24 hours more; null removes both', async () => {
      const slug = 'rotated'
      const rotated = await createHook(app, workspace, { slug, webhookSecret: 'first secret' })
      await app.mutate(UPDATE, { integrationId: rotated.id, webhookSecret: 'second secret' }, workspace.key)
      expect(await deliver(app, rotated, {}, { secret: 'first secret' })).toBe(200)
      expect(await deliver(app, rotated, {}, { secret: 'second secret' })).toBe(200)
      const other = await createHook(app, workspace, { slug: 'removed', webhookSecret: 'first secret' })
      await app.mutate(UPDATE, { integrationId: other.id, webhookSecret: null }, workspace.key)
      expect(await deliver(app, other, {}, { secret: 'first secret' })).toBe(401)
    })

    it('another workspace sees nothing of it', async () => {
      const stranger = await app.createWorkspace('Strangers')
      const count = (await eventsOf(app, stranger.id, stranger.key)).length
      await deliver(app, hook, { account: { id: 17 } }, { id: 'private' })
      expect(count + (await eventsOf(app, stranger.id, stranger.key)).length).toBe(0)
      const { data } = await app.request(
        `query ($id: ID!) { node(id: $id) { ... on Integration { webhookUrl } } }`,
        { id: hook.id },
        stranger.key,
      )
      expect(data.node).toBeNull()
    })

    it('an event remains readable after its integration has been deleted, and the URL is gone', async () => {
      const gone = await createHook(app, workspace, { slug: 'gone' })
      expect(await deliver(app, gone, {}, { id: 'before the end' })).toBe(200)
      await app.mutate(
        `mutation ($input: DeleteIntegrationInput!) { deleteIntegration(input: $input) { __typename ... on Error { message } } }`,
        { integrationId: gone.id },
        workspace.key,
      )
      // The integration is remembered for some seconds, but nothing is stored for it.
      expect([404, 410]).toContain(await deliver(app, gone, {}, { id: 'after the end' }))
      const ids = (await eventsOf(app, workspace.id, workspace.key)).map(
        (event: { providerEventId: string; integration: { slug: string } }) => [
          event.providerEventId,
          event.integration.slug,
        ],
      )
      expect(ids).toContainEqual(['before the end', 'gone'])
      expect(JSON.stringify(ids)).not.toContain('after the end')
    })

    it('a handshake signs only what no event looks like, and only where there is a secret', async () => {
      const webhook = {
        ...WEBHOOK,
        verify: { ...WEBHOOK.verify, message: 'v0:{{ body }}' },
        handshake: [{ where: 'body.plain', sign: 'body.plain', answer: '{{ signature }}' }],
      }
      const ask = async (path: string, plain: unknown) => {
        const response = await fetch(app.url + path, { method: 'POST', body: JSON.stringify({ plain }) })
        return [response.status, (await response.text()).trim()]
      }
      const { path } = await createHook(app, workspace, { definition: definitionWith(webhook), slug: 'signing' })
      expect(await ask(path, 'qgg8vlvZRS6UYooatFL8Aw')).toEqual([
        200,
        sign('qgg8vlvZRS6UYooatFL8Aw').replace('sha256=', ''),
      ])
      for (const plain of ['v0:{"forged":true}', '{}', 'a b', 'x'.repeat(101), ['a'], 7.5]) {
        expect(await ask(path, plain)).toEqual([401, 'The request is not verified.'])
      }
      const without = { definition: definitionWith(webhook), slug: 'signing-nothing', webhookSecret: null }
      const { path: withoutSecret } = await createHook(app, workspace, without)
      expect((await ask(withoutSecret, 'qgg8vlvZRS6UYooatFL8Aw'))[0]).toBe(401)
    })

    it('a provider may send the secret in a handshake, which an administrator reads until one is set', async () => {
      const handshake = [{ where: 'body.verification_token', answer: 'ok', secret: 'body.verification_token' }]
      const slug = 'notion'
      const notion = await createHook(app, workspace, {
        ...{ slug, webhookSecret: null },
        definition: definitionWith({ ...WEBHOOK, handshake }),
      })
      const send = (token: string) =>
        fetch(app.url + notion.path, { method: 'POST', body: JSON.stringify({ verification_token: token }) })
      const pending = async (key: string) => {
        const { data } = await app.request(
          `query ($id: ID!) { node(id: $id) { ... on Integration { pendingWebhookSecret } } }`,
          { id: notion.id },
          key,
        )
        return data.node.pendingWebhookSecret
      }
      expect(await pending(workspace.key)).toBeNull()
      expect((await send('secret_1')).status).toBe(200)
      // Only one a minute is stored.
      expect((await send('secret_2')).status).toBe(200)
      expect(await pending(workspace.key)).toBe('secret_1')
      await app.mutate(UPDATE, { integrationId: notion.id, webhookSecret: 'secret_1' }, workspace.key)
      expect(await pending(workspace.key)).toBeNull()
      expect((await send('secret_3')).status).toBe(200)
      expect(await pending(workspace.key)).toBeNull()
    })

    it('a secret that cannot be used is refused', async () => {
      const input = { integrationId: hook.id, webhookSecret: ' ' }
      await expect(app.mutate(UPDATE, input, workspace.key)).rejects.toThrow(/Must not be blank/)
      for (const webhookSecret of [' copied', 'copied\n']) {
        await expect(app.mutate(UPDATE, { ...input, webhookSecret }, workspace.key)).rejects.toThrow(/line break/)
      }
      const standard = await createHook(app, workspace, {
        ...{ slug: 'standard', webhookSecret: null },
        definition: definitionWith({ verify: { method: 'standard_webhooks' } }),
      })
      await expect(
        app.mutate(UPDATE, { integrationId: standard.id, webhookSecret: 'plain' }, workspace.key),
      ).rejects.toThrow(/whsec_/)
    })

    /** The route over a database, without the server. */
    const routeOver = (database: TestApp['database'], limits: Parameters<typeof createWebhookRoute>[1] = {}) => {
      const metrics = createMetrics()
      const route = createWebhookRoute(
        {
          ...{ database, bus: createLocalWakeBus(), vault: app.vault, metrics, publicUrl: app.url },
          logger: createLogger({ level: 'silent' }),
          issuerKeys: {
            find: () => Promise.reject(new Error('no keys')),
            isFailing: () => false,
            publishedUrl: () => null,
          },
        },
        limits,
      )
      const send = async (path: string, address: string, body = '{"a":1}', headers: Record<string, string> = {}) => {
        const request = new Request(`http://localhost${path}`, { method: 'POST', body, headers })
        const response = await route(request, address, undefined)
        return [response?.status, response?.headers.get('retry-after')]
      }
      return { send, metrics }
    }

    it('a large request that is not verified counts as often as it has 16 KiB, also for all integrations together', async () => {
      const { send } = routeOver(app.database, { unverifiedPerSecond: 0.001 })
      const others = await Promise.all(
        ['large-1', 'large-2', 'large-3', 'large-4'].map((slug) => createHook(app, workspace, { slug })),
      )
      const large = 'x'.repeat(1024 * 1024)
      const statuses = async (path: string) => {
        const all: (number | undefined)[] = []
        for (let count = 0; count < 5; count += 1) all.push(Number((await send(path, '192.0.2.9', large))[0]))
        return all
      }
      // 64 for each, of 300.
      expect(await statuses(hook.path)).toEqual([401, 401, 401, 401, 429])
      for (const { path } of others.slice(0, 3)) await statuses(path)
      // The four left 176 of 1,200 to a fifth integration.
      expect(await statuses(others[3]?.path ?? '')).toEqual([401, 401, 429, 429, 429])
      // Verified requests are given back.
      const headers = { 'x-signature': sign(large), 'content-type': 'text/plain' }
      for (let count = 0; count < 6; count += 1) {
        expect(await send(hook.path, '192.0.2.10', large, { ...headers, 'x-delivery': 'large' })).toEqual([200, null])
      }
    })

    it('a change after which the kept secret is no key is refused, until the webhookSecret is given with it', async () => {
      const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://api.example.com/token' }
      const verify = (more: object) =>
        definitionWith({ ...WEBHOOK, verify: { ...WEBHOOK.verify, ...more } }, 'secret' in more ? { auth } : {})
      const kept = await createHook(app, workspace, { slug: 'kept-secret' })
      const hex = { integrationId: kept.id, definition: verify({ keyEncoding: 'hex' }) }
      await expect(app.mutate(UPDATE, hex, workspace.key)).rejects.toThrow(/webhookSecret is not written in hex/)
      await app.mutate(UPDATE, { ...hex, webhookSecret: '0123456789abcdef' }, workspace.key)
      const client = { keyEncoding: 'base64', secret: 'client' }
      const input = { webhookSecret: null, oauthClient: { clientId: 'c', clientSecret: 'no base64!' } }
      const slug = 'client-key'
      await expect(createHook(app, workspace, { ...input, slug, definition: verify(client) })).rejects.toThrow(/base64/)
      const text = verify({ secret: 'client' })
      const other = await createHook(app, workspace, { ...input, slug, definition: text })
      const change = { integrationId: other.id, definition: verify(client) }
      await expect(app.mutate(UPDATE, change, workspace.key)).rejects.toThrow(/client secret is not written in base64/)
      await app.mutate(UPDATE, { ...change, webhookSecret: 'c2VjcmV0IGtleQ==' }, workspace.key)
      await expect(app.mutate(UPDATE, { integrationId: other.id, webhookSecret: null }, workspace.key)).rejects.toThrow(
        /client secret is not written in base64/,
      )
    })

    it('the id of a Standard Webhooks message is that of its events', async () => {
      const webhookSecret = newWebhookSecret()
      const definition = definitionWith({ verify: { method: 'standard_webhooks' }, events: ['list'] })
      const { path } = await createHook(app, workspace, { slug: 'standard-ids', definition, webhookSecret })
      const before = (await eventsOf(app, workspace.id, workspace.key)).length
      const send = async (id: string) => {
        const body = '{"list":[1,2]}'
        const headers = { ...signWebhook([webhookSecret], id, new Date(), body) }
        return (await fetch(app.url + path, { method: 'POST', headers, body })).status
      }
      expect([await send('msg_1'), await send('msg_1'), await send('msg_2')]).toEqual([200, 200, 200])
      const added = (await eventsOf(app, workspace.id, workspace.key)).slice(before)
      expect(
        added.map(({ providerEventId: id, body }: { providerEventId: string; body: unknown }) => [id, body]),
      ).toEqual([...[1, 2].map((item) => ['msg_1', item]), ...[1, 2].map((item) => ['msg_2', item])])
    })

    it('the answer of a handshake is plain text or JSON', async () => {
      const of = (type: string) => definitionWith({ ...WEBHOOK, handshake: [{ where: 'query.a', answer: 'a', type }] })
      await expect(createHook(app, workspace, { slug: 'page', definition: of('text/html') })).rejects.toThrow(
        /must be text\/plain or application\/json/,
      )
      await createHook(app, workspace, { slug: 'json', definition: of('application/json; charset=utf-8') })
    })

    it('a flood of requests that are not verified writes nothing, and reads the integration once', async () => {
      const statements: string[] = []
      const database = {
        ...app.database,
        sql: {
          query: (text: string, values?: readonly unknown[]) => {
            statements.push(text)
            return app.database.sql.query(text, values)
          },
        },
        transaction: () => Promise.reject(new Error('a transaction')),
        bulkTransaction: () => Promise.reject(new Error('a transaction')),
      } as typeof app.database
      const { send, metrics } = routeOver(database)
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => send(hook.path, '192.0.2.1')))
      // The limit of 300 a minute admits five more in each second that this takes.
      const unverified = answers.filter(([status]) => status === 401).length
      const limited = answers.filter(([status]) => status === 429).length
      expect(unverified).toBeGreaterThanOrEqual(300)
      expect(unverified).toBeLessThan(400)
      expect(unverified + limited).toBe(1_000)
      expect(answers.at(-1)).toEqual([429, '1'])
      // Another address has its own limit.
      expect(await send(hook.path, '192.0.2.2')).toEqual([401, null])
      expect(statements).toHaveLength(1)
      const unknown = `/webhooks/${newId()}`
      await Promise.all(Array.from({ length: 100 }, () => send(unknown, '192.0.2.3')))
      expect(statements).toHaveLength(2)
      const { text } = await metrics.expose()
      expect(text).toContain(`latchkey_webhooks_received_total{outcome="unverified"} ${unverified + 1}`)
      expect(text).toContain(`latchkey_webhooks_received_total{outcome="limited"} ${limited}`)
    })
  })
})

function byConnection(a: WithConnection, b: WithConnection): number {
  return (a.connection?.id ?? '').localeCompare(b.connection?.id ?? '')
}

interface WithConnection {
  connection: { id: string | undefined } | null
}
