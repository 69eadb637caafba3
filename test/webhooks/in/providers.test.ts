import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import type { IntegrationDefinition, Provider } from '../../../src/catalog/definition/definition.ts'
import type { Webhook } from '../../../src/catalog/definition/webhook.ts'
import { webhookRequest } from '../../../src/webhooks/in/request.ts'
import { isVerified } from '../../../src/webhooks/in/verify.ts'
import { examplesOf, oauth2Of } from '../../catalog/providers/documented-provider.ts'
import { TRIALS } from '../../catalog/providers/trials.ts'
import { type WebhookRequestTrial, type WebhookTrial, webhookSecret } from '../../catalog/providers/webhook-trial.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { rowId } from '../out/receiver.ts'

const PROVIDERS = await loadProviderFiles()

interface HookedProvider extends Provider {
  webhook: Webhook
  trial: WebhookTrial
}

const HOOKED = PROVIDERS.flatMap(({ slug, definition }): HookedProvider[] => {
  const [{ webhook }, trial] = [definition, TRIALS[slug]?.webhook]
  return webhook === undefined || trial === undefined ? [] : [{ slug, definition, webhook, trial }]
})

let app: TestApp
let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
beforeAll(async () => {
  // Without workers, so that the syncs that events start are only noted.
  app = await startTestApp({ config: { role: 'gateway' } })
  workspace = await app.createWorkspace()
})
afterAll(() => app.stop())

describe('The webhooks of the catalogue', () => {
  it('belong to at least twelve providers, and each has the documented requests', () => {
    const declared = PROVIDERS.filter(({ definition }) => definition.webhook !== undefined)
    expect(declared.length).toBeGreaterThanOrEqual(12)
    expect(HOOKED.map(({ slug }) => slug)).toEqual(declared.map(({ slug }) => slug))
    expect(Object.keys(TRIALS).filter((slug) => TRIALS[slug]?.webhook !== undefined)).toHaveLength(HOOKED.length)
  })

  it('have a setup guide for each of them', async () => {
    const page = await readFile(new URL('../../../docs/webhooks-in-providers.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| `([\w-]+)` \|.*\|.*\|.*\|$/gm)].map(([, slug]) => slug)
    expect(rows.filter((slug, index) => rows.indexOf(slug) === index)).toEqual(HOOKED.map(({ slug }) => slug))
  })
})

describe.each(HOOKED)('$slug', ({ slug, definition, webhook, trial }) => {
  let url: string
  let ours: string
  let theirs: string
  beforeAll(async () => {
    url = (await createIntegration(slug, slug, secretOf(webhook))).webhookUrl
    ours = await createConnection(slug, definition, trial.connection)
    theirs = await createConnection(slug, definition, othersThan(trial.connection))
  })
  beforeEach(async () => {
    await app.database.sql.query('DELETE FROM sync_request')
  })

  it.each(trial.requests.map((request, index) => ({ request, index })))(
    'a documented request becomes its events, which belong to the right connection and start the right syncs ($index)',
    async ({ request }) => {
      const before = (await eventsOf(slug)).length
      expect(await send(request)).toBe(200)
      const events = (await eventsOf(slug)).slice(before)
      const account = String(Object.values(identityOf(trial.connection))[0])
      expect(events.map(({ providerEventId: id, providerEventType: type }) => ({ id, type }))).toEqual(
        request.events.map(({ id = null, type = null }) => ({ id, type })),
      )
      expect(events.map(({ connection }) => connection?.id ?? null)).toEqual(
        request.events.map((event) => (event.account === account ? ours : null)),
      )
      const streams = request.events.filter((event) => event.account === account).flatMap((event) => event.streams)
      expect(await requestedSyncs()).toEqual(
        streams.length === 0 ? [] : [{ id: rowId(ours), streams: [...new Set(streams)].sort() }],
      )
      expect(JSON.stringify(events)).not.toContain(webhookSecret)
      expect(JSON.stringify(events)).not.toContain(theirs)
      // What is sent again is stored again only where the provider sends no id.
      expect(await send(request)).toBe(200)
      const repeated = (await eventsOf(slug)).slice(before + events.length)
      expect(repeated).toHaveLength(request.events.filter(({ id }) => id === undefined).length)
    },
  )

  it('starts the documented syncs, whatever the connection', () => {
    const named = trial.requests.flatMap(({ events }) => events.flatMap(({ streams }) => streams))
    const declared = (webhook.sync ?? []).flatMap(({ streams = [] }) => streams)
    expect(named.filter((name) => !declared.includes(name))).toEqual([])
    expect(declared.length > 0).toBe((definition.streams ?? []).length > 0)
  })

  it('a request that is changed, or proved with another secret, or not at all, is answered 401 and stored nowhere', async () => {
    const before = (await eventsOf(slug)).length
    for (const request of trial.requests) {
      expect(await send(request, { secret: 'the-webhook-s3creT' })).toBe(401)
      expect(await send(request, { isProved: false })).toBe(401)
      if (trial.signsBody === false) continue
      expect(await send(request, { change: (body) => `${body.slice(0, -1)} ${body.slice(-1)}` })).toBe(401)
      expect(await send(request, { change: () => '{}' })).toBe(401)
    }
    expect(await eventsOf(slug)).toHaveLength(before)
  })

  if (trial.toleranceSeconds !== undefined)
    it('a request is accepted for as long as the documentation says, before and after now', async () => {
      const [request = { events: [] }] = trial.requests
      const away = (seconds: number) => send(request, { at: new Date(Date.now() + seconds * 1000) })
      const { toleranceSeconds = 0 } = trial
      expect(await away(-toleranceSeconds - 10)).toBe(401)
      expect(await away(toleranceSeconds + 10)).toBe(401)
      expect(await away(-toleranceSeconds + 20)).toBe(200)
      expect(await away(toleranceSeconds - 20)).toBe(200)
    })

  if (trial.published !== undefined)
    it('the published signature is accepted, and no other', async () => {
      const { secret = '', headers = {}, body = '', at = new Date(), url: sentTo = url } = trial.published ?? {}
      const isAccepted = (changed: { secret?: string; body?: string; at?: Date }) => {
        const request = webhookRequest({
          method: 'POST',
          url: sentTo,
          headers: Object.fromEntries(new Headers(headers)),
          query: {},
          raw: Buffer.from(changed.body ?? body),
        })
        const hook = { webhook, secrets: [changed.secret ?? secret], clientId: null, workspaceId: workspace.id }
        return isVerified(request, { hook, url: sentTo, now: changed.at ?? at, keys: noKeys })
      }
      expect(await isAccepted({})).toBe(true)
      expect(await isAccepted({ secret: `${secret}x` })).toBe(false)
      expect(await isAccepted({ body: `${body}x` })).toBe(false)
      const { toleranceSeconds } = trial
      if (toleranceSeconds === undefined) return
      expect(await isAccepted({ at: new Date(at.getTime() + (toleranceSeconds + 1) * 1000) })).toBe(false)
    })

  if (trial.handshakes !== undefined)
    it('the check of the URL is answered as documented, and stored nowhere', async () => {
      const before = (await eventsOf(slug)).length
      for (const { method = 'POST', query, body, answer, type = 'text/plain' } of trial.handshakes ?? []) {
        const target = query === undefined ? url : `${url}?${query}`
        const response = await fetch(here(target), {
          method,
          headers: { 'content-type': 'application/json' },
          body: body === undefined ? null : JSON.stringify(body),
        })
        expect([response.status, await response.text()]).toEqual([200, answer])
        expect(response.headers.get('content-type')).toMatch(new RegExp(`^${type}(;|$)`))
      }
      expect(await eventsOf(slug)).toHaveLength(before)
    })

  const bringsSecret = trial.handshakes?.find((handshake) => handshake.secret !== undefined)
  if (bringsSecret !== undefined)
    it('the secret that the provider brings is shown to an administrator until one is set', async () => {
      const { id, webhookUrl } = await createIntegration(`new-${slug}`, slug, {})
      await fetch(here(webhookUrl), { method: 'POST', body: JSON.stringify(bringsSecret.body) })
      const { data } = await app.request(
        'query ($id: ID!) { node(id: $id) { ... on Integration { pendingWebhookSecret } } }',
        { id },
        workspace.key,
      )
      expect(data.node).toEqual({ pendingWebhookSecret: bringsSecret.secret })
    })

  /** Sends a request as the provider does. @returns the status */
  async function send(
    { query, headers, body }: WebhookRequestTrial,
    {
      secret = webhookSecret,
      at = new Date(),
      isProved = true,
      change = (text: string) => text,
    }: { secret?: string; at?: Date; isProved?: boolean; change?: (body: string) => string } = {},
  ): Promise<number> {
    const target = query === undefined ? url : `${url}?${query}`
    const json = body === undefined ? '' : JSON.stringify(typeof body === 'function' ? body(at) : body)
    const text = json.replaceAll(webhookSecret, isProved ? secret : '')
    const proof = trial.sign({ secret, method: 'POST', url: target, body: text, at })
    const response = await fetch(here(target), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers, ...(isProved ? proof : {}) },
      body: change(text),
    })
    await response.text()
    return response.status
  }
})

const noKeys = {
  find(): never {
    throw new Error('No webhook of the catalogue is verified by a JWT.')
  },
}

/** The registered URL, at the port on which the test listens. */
function here(target: string): string {
  const { pathname, search } = new URL(target)
  return `${app.url}${pathname}${search}`
}

async function createIntegration(slug: string, provider: string, input: object) {
  const { integration } = await app.mutate(
    `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
      __typename ... on CreateIntegrationPayload { integration { id webhookUrl } }
      ... on InvalidInputError { message fields { path message } } ... on Error { message } } }`,
    { workspaceId: workspace.id, slug, provider, ...input },
    workspace.key,
  )
  return integration
}

/** Signed by the OAuth client, or by a secret of its own. */
function secretOf({ verify }: Webhook): object {
  const isClients = 'secret' in verify && verify.secret === 'client'
  return isClients ? { oauthClient: { clientId: 'client-id', clientSecret: webhookSecret } } : { webhookSecret }
}

type Identity = WebhookTrial['connection']

async function createConnection(
  slug: string,
  definition: IntegrationDefinition,
  { kept, input, externalId }: Identity,
): Promise<string> {
  const credential =
    oauth2Of(definition.auth) === undefined
      ? TRIALS[slug]?.credential
      : { oauthToken: { accessToken: 'an-access-token', ...(kept === undefined ? {} : { extra: kept }) } }
  const { connection } = await app.mutate(
    `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) {
      __typename ... on CreateConnectionPayload { connection { id } }
      ... on InvalidInputError { message fields { path message } } ... on Error { message } } }`,
    {
      workspaceId: workspace.id,
      integration: slug,
      externalId,
      input: { ...examplesOf(definition), ...input },
      credential,
    },
    workspace.key,
  )
  return connection.id
}

function identityOf({ kept, input, externalId }: Identity): Record<string, unknown> {
  return kept ?? input ?? { externalId }
}

/** Of another account. */
function othersThan({ kept, input, externalId }: Identity): Identity {
  const changed = <T>(values: Record<string, T>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `${value}0`]))
  return {
    ...(kept === undefined ? {} : { kept: changed(kept) }),
    ...(input === undefined ? {} : { input: changed(input) }),
    ...(externalId === undefined ? {} : { externalId: `${externalId}0` }),
  }
}

const EVENTS = `query ($id: ID!, $after: String) { workspace(id: $id) {
  events(first: 100, after: $after, types: [PROVIDER_EVENT_RECEIVED]) { pageInfo { hasNextPage endCursor } nodes {
    connection { id } ... on ProviderEventReceived { integration { slug } providerEventId providerEventType body } } } } }`

interface PageInfo {
  hasNextPage: boolean
  endCursor: string
}

interface StoredEvent {
  connection: { id: string } | null
  integration: { slug: string }
  providerEventId: string | null
  providerEventType: string | null
}

/** The stored events of a provider, oldest first. */
async function eventsOf(slug: string): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for (let after: string | null = null; ; ) {
    const { data, errors } = await app.request(EVENTS, { id: workspace.id, after }, workspace.key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    const { nodes, pageInfo } = data.workspace.events as { nodes: StoredEvent[]; pageInfo: PageInfo }
    found.push(...nodes.filter(({ integration }) => integration.slug === slug))
    if (!pageInfo.hasNextPage) return found
    after = pageInfo.endCursor
  }
}

async function requestedSyncs(): Promise<{ id: string; streams: string[] }[]> {
  return app.database.sql.query<{ id: string; streams: string[] }>(
    `SELECT connection_id AS id, ARRAY(SELECT unnest(streams) ORDER BY 1) AS streams FROM sync_request`,
    [],
  )
}
