import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { encodeEventCursor } from '../../../src/events/event-cursor.ts'
import { trimEvents } from '../../../src/events/event-log.ts'
import { encodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { newId } from '../../../src/kit/ids.ts'
import { waitOf } from '../../../src/webhooks/out/delivery-worker.ts'
import { documents } from '../../graphql/documents.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { describeDatabases } from '../../support/databases.ts'
import {
  append,
  type CreatedEndpoint,
  createEndpoint,
  type Receiver,
  rowId,
  startReceiver,
  status,
  verified,
} from './receiver.ts'

const DELIVERIES = `query ($id: ID!, $status: [WebhookDeliveryStatus!]) { node(id: $id) { ... on WebhookEndpoint {
  enabled disabledReason deliveries(first: 100, status: $status) { totalCount nodes {
    id status nextAttemptAt event { __typename id cursor } attempts { at status error durationMs answer } } } } } }`
const REDELIVER = `mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { __typename
  ... on RedeliverWebhookPayload { deliveries } ... on Error { code message } ... on InvalidInputError { fields { path message } } } }`
const UPDATE = `mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { __typename
  ... on UpdateWebhookEndpointPayload { webhookEndpoint { enabled disabledReason } } ... on Error { code message } } }`
const WITHIN = { timeout: 15_000, interval: 20 }

describeDatabases('Deliveries of webhooks', (_open, kind) => {
  let app: TestApp
  let receiver: Receiver
  let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>
  beforeAll(async () => {
    ;[app, receiver] = await Promise.all([startTestApp({ kind, config: { rateLimit: 0 } }), startReceiver()])
  })
  afterAll(async () => {
    await receiver.close()
    await app.stop()
  })
  // Every test has its own workspace.
  afterEach(() => app.database.sql.query('UPDATE webhook_endpoint SET enabled = false'))

  async function setUp(path: string, input: Record<string, unknown> = {}): Promise<CreatedEndpoint> {
    workspace = await app.createWorkspace()
    return createEndpoint(app, workspace, { url: receiver.origin + path, ...input })
  }
  const emit = (count = 1) =>
    append(
      app.database,
      workspace.id,
      Array.from({ length: count }, () => ({ type: 'CONNECTION_ACTIVATED' as const })),
    )
  const cursorAt = (position: bigint) => encodeEventCursor(rowId(workspace.id), position)
  const endpointOf = async ({ id }: CreatedEndpoint, statuses: string[] | null = null) =>
    (await app.request(DELIVERIES, { id, status: statuses }, workspace.key)).data.node
  const deliveriesOf = async (endpoint: CreatedEndpoint) => (await endpointOf(endpoint)).deliveries.nodes
  const redeliver = async (input: Record<string, unknown>, key = workspace.key) =>
    (await app.request(REDELIVER, { input }, key)).data.redeliverWebhook
  const received = (path: string, count: number) =>
    vi.waitFor(() => expect(receiver.seen(path).length).toBeGreaterThanOrEqual(count), WITHIN)
  const settled = (endpoint: CreatedEndpoint, count: number) =>
    vi.waitFor(async () => {
      const { deliveries } = await endpointOf(endpoint, ['DELIVERED'])
      expect(deliveries.totalCount).toBe(count)
    }, WITHIN)
  /** Makes waiting attempts due now. */
  const hurry = ({ id }: CreatedEndpoint) =>
    app.database.sql.query(
      `UPDATE webhook_delivery SET next_attempt_at = clock_timestamp() WHERE endpoint_id = $1::uuid AND status = 'PENDING'`,
      [rowId(id)],
    )

  it('have the fields of the event, of its connection and of its sync job, and a signature', async () => {
    const endpoint = await setUp('/fields')
    const [integrationId, endUserId, connectionId, syncJobId] = [newId(), newId(), newId(), newId()]
    const connectSessionId = newId()
    const workspaceId = rowId(workspace.id)
    const { prisma } = app.database
    const definition = { displayName: 'CRM', baseUrl: 'https://api.example', auth: { type: 'none' } }
    await prisma.integration.create({
      data: { id: integrationId, workspaceId, slug: 'crm', displayName: 'CRM', definition },
    })
    await prisma.endUser.create({ data: { id: endUserId, workspaceId, externalId: 'ada' } })
    await prisma.connection.create({
      data: {
        ...{ id: connectionId, workspaceId, integrationId, endUserId, externalId: 'crm-1', displayName: 'CRM' },
        status: 'ACTIVE',
        statusReason: 'Refused twice.',
        method: 'SECRET',
      },
    })
    await prisma.syncJob.create({
      data: { id: syncJobId, workspaceId, connectionId, trigger: 'MANUAL', status: 'FAILED' },
    })
    const error = { code: 'PROVIDER', message: 'No.', status: 502 }
    await append(app.database, workspace.id, [
      { type: 'CONNECTION_NEEDS_REAUTH', connectionId, payload: { reason: 'internal' } },
      { type: 'SYNC_FAILED', connectionId, syncJobId, payload: { error } },
      { type: 'SYNC_PROGRESSED', connectionId, syncJobId, payload: {} },
      { type: 'CONNECT_SESSION_OPENED', endUserId, connectSessionId },
    ])
    await settled(endpoint, 3)
    const connection = {
      id: encodeGlobalId('Connection', connectionId),
      externalId: 'crm-1',
      displayName: 'CRM',
      status: 'ACTIVE',
      statusReason: 'Refused twice.',
      integration: 'crm',
      endUserExternalId: 'ada',
    }
    const common = { workspaceId: workspace.id }
    const bodies = receiver.seen('/fields').map((request) => ({
      id: request.headers['webhook-id'],
      ...verified(request, endpoint.secret),
    }))
    bodies.sort((a, b) => a.timestamp.localeCompare(b.timestamp) || a.data.cursor.localeCompare(b.data.cursor))
    const byType = new Map(bodies.map((body) => [body.type, body]))
    expect([...byType.keys()].sort()).toEqual(['connect.session_opened', 'connection.needs_reauth', 'sync.failed'])
    expect(byType.get('connection.needs_reauth')?.data).toEqual({ ...common, cursor: cursorAt(1n), connection })
    expect(byType.get('sync.failed')?.data).toEqual({
      ...common,
      cursor: cursorAt(2n),
      error,
      warnings: [],
      connection,
      syncJob: { id: encodeGlobalId('SyncJob', syncJobId), status: 'FAILED' },
    })
    expect(byType.get('connect.session_opened')?.data).toEqual({
      ...common,
      cursor: cursorAt(4n),
      connectSession: {
        id: encodeGlobalId('ConnectSession', connectSessionId),
        status: null,
        endUserExternalId: 'ada',
      },
    })
    const nodes = await deliveriesOf(endpoint)
    const ids = new Map(nodes.map(({ event }: { event: { cursor: string; id: string } }) => [event.cursor, event.id]))
    for (const body of bodies) {
      expect(ids.get(body.data.cursor)).toBe(body.id)
      expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp)
    }
    expect(nodes[0]).toMatchObject({
      status: 'DELIVERED',
      nextAttemptAt: null,
      attempts: [{ status: 204, error: null, answer: null }],
    })
  })

  it('say who had a deleted connection, and nothing of its state', async () => {
    const endpoint = await setUp('/deleted')
    const create = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
      ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`
    const definition = { displayName: 'CRM', baseUrl: 'https://api.example', auth: { type: 'bearer' } }
    await app.mutate(documents.createIntegration, { workspaceId: workspace.id, slug: 'crm', definition })
    const { connection } = await app.mutate(create, {
      ...{ workspaceId: workspace.id, integration: 'crm', externalId: 'crm-1', endUserExternalId: 'ada' },
      credential: { secretText: 'token-of-the-crm' },
    })
    await app.mutate('mutation ($input: DeleteConnectionInput!) { deleteConnection(input: $input) { __typename } }', {
      connectionId: connection.id,
    })
    const body = await vi.waitFor(() => {
      const found = receiver.seen('/deleted').map((request) => verified(request, endpoint.secret))
      return found.find(({ type }) => type === 'connection.deleted') ?? expect.fail('not yet')
    }, WITHIN)
    expect(body.data.connection).toMatchObject({
      ...{ id: connection.id, status: null, statusReason: null, displayName: null, endUserExternalId: 'ada' },
    })
  })

  it('are those of the types of the endpoint, from its creation on', async () => {
    await setUp('/first')
    await emit(3)
    const chosen = await createEndpoint(app, workspace, {
      url: `${receiver.origin}/chosen`,
      types: ['SYNC_PROGRESSED'],
    })
    await append(app.database, workspace.id, [
      { type: 'SYNC_PROGRESSED', payload: { stream: 'contacts' } },
      { type: 'CONNECTION_ACTIVATED' },
    ])
    await settled(chosen, 1)
    await received('/first', 4)
    expect(receiver.seen('/chosen').map((request) => verified(request, chosen.secret).data)).toMatchObject([
      { cursor: cursorAt(4n), stream: 'contacts', percent: null, warnings: [] },
    ])
    expect(receiver.seen('/first')).toHaveLength(4)
  })

  it('do not reach the endpoints of another workspace', async () => {
    await setUp('/own')
    const mine = workspace
    await setUp('/strange')
    await append(app.database, mine.id, [{ type: 'CONNECTION_ACTIVATED' }])
    await received('/own', 1)
    expect(receiver.seen('/strange')).toEqual([])
    const [delivery] = await app.database.sql.query<{ id: string }>(
      'SELECT id FROM webhook_delivery WHERE workspace_id = $1::uuid',
      [rowId(mine.id)],
    )
    const deliveryId = encodeGlobalId('WebhookDelivery', delivery?.id ?? '')
    expect(await redeliver({ deliveryId })).toMatchObject({ __typename: 'NotFoundError' })
    const { data } = await app.request('query ($id: ID!) { node(id: $id) { id } }', { id: deliveryId }, workspace.key)
    expect(data.node).toBeNull()
  })

  it('are repeated with the same body and id until they succeed', async () => {
    const endpoint = await setUp('/flaky')
    receiver.answers.set('/flaky', status(500, 'not yet'))
    await emit()
    await received('/flaky', 1)
    const waiting = await vi.waitFor(async () => {
      const [delivery] = await deliveriesOf(endpoint)
      expect(delivery).toMatchObject({
        status: 'PENDING',
        attempts: [{ status: 500, error: 'The endpoint answered with 500.', answer: 'not yet' }],
      })
      return delivery
    }, WITHIN)
    const waitMs = Date.parse(waiting.nextAttemptAt) - Date.parse(waiting.attempts[0].at)
    expect(waitMs).toBeGreaterThan(4_000)
    expect(waitMs).toBeLessThan(8_000)
    await hurry(endpoint)
    await received('/flaky', 2)
    receiver.answers.set('/flaky', status(200))
    await vi.waitFor(async () => {
      await hurry(endpoint)
      expect((await endpointOf(endpoint, ['DELIVERED'])).deliveries.totalCount).toBe(1)
    }, WITHIN)
    const requests = receiver.seen('/flaky')
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1)
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    for (const request of requests) verified(request, endpoint.secret)
  })

  it('have failed after ten attempts, and start again when they are requested again', async () => {
    const endpoint = await setUp('/failing')
    receiver.answers.set('/failing', status(503))
    await emit()
    await vi.waitFor(async () => expect((await deliveriesOf(endpoint))[0]?.attempts).toHaveLength(1), WITHIN)
    await app.database.sql.query('UPDATE webhook_delivery SET failures = 9 WHERE endpoint_id = $1::uuid', [
      rowId(endpoint.id),
    ])
    const failed = await vi.waitFor(async () => {
      await hurry(endpoint)
      const [delivery] = await deliveriesOf(endpoint)
      expect(delivery).toMatchObject({ status: 'FAILED', nextAttemptAt: null })
      return delivery
    }, WITHIN)
    receiver.answers.set('/failing', status(200))
    expect(await redeliver({ deliveryId: failed.id })).toMatchObject({ deliveries: 1 })
    await settled(endpoint, 1)
    const [delivery] = await deliveriesOf(endpoint)
    expect(delivery.attempts.at(-1)).toMatchObject({ status: 200, error: null })
    expect(delivery.attempts.length).toBe(failed.attempts.length + 1)
  })

  it('do not follow redirects', async () => {
    const endpoint = await setUp('/redirect')
    receiver.answers.set('/redirect', status(307, '', { location: `${receiver.origin}/target` }))
    await emit()
    await vi.waitFor(async () => {
      expect((await deliveriesOf(endpoint))[0]).toMatchObject({ status: 'PENDING', attempts: [{ status: 307 }] })
    }, WITHIN)
    expect(receiver.seen('/target')).toEqual([])
  })

  it('are refused to an address that the operator no longer allows', async () => {
    const endpoint = await setUp('/refused')
    await app.database.sql.query(`UPDATE webhook_endpoint SET url = 'https://10.0.0.1/hook' WHERE id = $1::uuid`, [
      rowId(endpoint.id),
    ])
    await emit()
    await vi.waitFor(async () => {
      const [delivery] = await deliveriesOf(endpoint)
      expect(delivery).toMatchObject({
        status: 'PENDING',
        attempts: [{ status: null, error: expect.stringContaining('not allowed') }],
      })
    }, WITHIN)
  })

  it('end at once with 410: the endpoint is disabled, with an event, and continues when it is enabled', async () => {
    const endpoint = await setUp('/gone')
    const witness = await createEndpoint(app, workspace, { url: `${receiver.origin}/witness` })
    receiver.answers.set('/gone', status(410))
    await emit()
    await vi.waitFor(async () => {
      expect(await endpointOf(endpoint)).toMatchObject({
        enabled: false,
        disabledReason: 'The endpoint answered with 410 Gone.',
      })
    }, WITHIN)
    await received('/witness', 2)
    const bodies = receiver.seen('/witness').map((request) => verified(request, witness.secret))
    expect(bodies.find(({ type }) => type === 'webhook.endpoint_disabled')?.data).toMatchObject({
      webhookEndpointId: endpoint.id,
      disabledReason: 'The endpoint answered with 410 Gone.',
    })
    const { data } = await app.request(
      `query ($id: ID!) { workspace(id: $id) { events(types: [WEBHOOK_ENDPOINT_DISABLED]) { nodes { ... on WebhookEndpointDisabled { webhookEndpointId disabledReason } } } } }`,
      { id: workspace.id },
      workspace.key,
    )
    expect(data.workspace.events.nodes).toHaveLength(1)
    // While it is disabled.
    await emit(2)
    await received('/witness', 4)
    const before = receiver.seen('/gone').length
    expect(before).toBe(1)
    receiver.answers.set('/gone', status(200))
    await hurry(endpoint)
    await app.mutate(UPDATE, { webhookEndpointId: endpoint.id, enabled: true }, workspace.key)
    // The delivery that failed, the event of the disabling, and those since.
    await settled(endpoint, 4)
    expect(await endpointOf(endpoint)).toMatchObject({ enabled: true, disabledReason: null })
  })

  it('stop after five days without a success', async () => {
    const endpoint = await setUp('/dead')
    receiver.answers.set('/dead', status(500))
    await emit()
    await vi.waitFor(async () => expect((await deliveriesOf(endpoint))[0]?.attempts).toHaveLength(1), WITHIN)
    const since = (age: string) =>
      app.database.sql.query(
        `UPDATE webhook_endpoint SET failing_since = clock_timestamp() - $2::interval WHERE id = $1::uuid`,
        [rowId(endpoint.id), age],
      )
    await since('4 days 23 hours')
    await hurry(endpoint)
    await vi.waitFor(async () => expect((await deliveriesOf(endpoint))[0]?.attempts).toHaveLength(2), WITHIN)
    expect(await endpointOf(endpoint)).toMatchObject({ enabled: true })
    await since('5 days 1 minute')
    await hurry(endpoint)
    await vi.waitFor(async () => {
      expect(await endpointOf(endpoint)).toMatchObject({
        enabled: false,
        disabledReason: 'No delivery has succeeded for five days.',
      })
    }, WITHIN)
    expect(await redeliver({ webhookEndpointId: endpoint.id, after: cursorAt(0n) })).toMatchObject({ code: 'CONFLICT' })
  })

  it('of one endpoint that hangs do not delay those of another', async () => {
    const hanging = await setUp('/hanging')
    const quick = await createEndpoint(app, workspace, { url: `${receiver.origin}/quick` })
    const held: ServerResponse[] = []
    receiver.answers.set('/hanging', (response) => void held.push(response))
    await emit(100)
    await settled(quick, 100)
    expect(receiver.seen('/quick')).toHaveLength(100)
    // The cap of one endpoint.
    expect(held.length).toBe(4)
    expect((await endpointOf(hanging, ['PENDING'])).deliveries.totalCount).toBeGreaterThanOrEqual(50)
    receiver.answers.delete('/hanging')
    for (const response of held) response.writeHead(204).end()
    await settled(hanging, 100)
  })

  it('wait in the log while the endpoint does not take them', async () => {
    const endpoint = await setUp('/stuck')
    receiver.answers.set('/stuck', status(500))
    await emit(1_300)
    await vi.waitFor(
      async () => {
        // Retries are put off, so that only the limit of pending deliveries holds the rest back.
        await app.database.sql.query(
          `UPDATE webhook_delivery SET next_attempt_at = clock_timestamp() + interval '1 hour' WHERE endpoint_id = $1::uuid`,
          [rowId(endpoint.id)],
        )
        expect((await endpointOf(endpoint, ['PENDING'])).deliveries.totalCount).toBeGreaterThanOrEqual(1_000)
      },
      { timeout: 60_000, interval: 50 },
    )
    const [row] = await app.database.sql.query<{ position: bigint; pending: number }>(
      `SELECT position, (SELECT count(*)::int FROM webhook_delivery WHERE endpoint_id = e.id) AS pending
       FROM webhook_endpoint e WHERE id = $1::uuid`,
      [rowId(endpoint.id)],
    )
    expect(row?.pending).toBeLessThan(1_050)
    expect(Number(row?.position)).toBe(row?.pending)
  }, 90_000)

  it('skip events that were removed before, and the log of the process says so', async () => {
    const endpoint = await setUp('/behind')
    await app.mutate(UPDATE, { webhookEndpointId: endpoint.id, enabled: false }, workspace.key)
    await emit(3)
    await trimEvents(app.database, rowId(workspace.id), new Date(Date.now() + 60_000))
    await emit(2)
    await app.mutate(UPDATE, { webhookEndpointId: endpoint.id, enabled: true }, workspace.key)
    await settled(endpoint, 2)
    const cursors = receiver.seen('/behind').map((request) => verified(request, endpoint.secret).data.cursor)
    expect(cursors.sort()).toEqual([cursorAt(4n), cursorAt(5n)].sort())
    const warning = app.log
      .map((line) => JSON.parse(line))
      .find(({ msg }) => /removed before they could be sent/.test(msg))
    expect(warning).toMatchObject({ webhookEndpointId: rowId(endpoint.id), events: 3 })
    expect(await redeliver({ webhookEndpointId: endpoint.id, after: cursorAt(1n) })).toMatchObject({
      fields: [{ path: ['input', 'after'], message: expect.stringContaining('no longer stored') }],
    })
  })

  it('of every event after a cursor are repeated', async () => {
    const endpoint = await setUp('/again')
    await emit(5)
    await settled(endpoint, 5)
    expect(await redeliver({ webhookEndpointId: endpoint.id, after: cursorAt(2n) })).toMatchObject({ deliveries: 3 })
    await received('/again', 8)
    await settled(endpoint, 5)
    const cursors = receiver.seen('/again').map((request) => verified(request, endpoint.secret).data.cursor)
    const times = [1n, 2n, 3n, 4n, 5n].map((position) => cursors.filter((each) => each === cursorAt(position)).length)
    expect(times).toEqual([1, 1, 2, 2, 2])
    // An endpoint that was created later gets events from before.
    const late = await createEndpoint(app, workspace, { url: `${receiver.origin}/late` })
    expect(await redeliver({ webhookEndpointId: late.id, after: cursorAt(0n) })).toMatchObject({ deliveries: 5 })
    await settled(late, 5)
    expect(await redeliver({ webhookEndpointId: late.id, after: cursorAt(5n) })).toMatchObject({ deliveries: 0 })
    for (const input of [
      {},
      { webhookEndpointId: late.id },
      { after: cursorAt(0n) },
      { deliveryId: (await deliveriesOf(late))[0].id, after: cursorAt(0n) },
      { webhookEndpointId: late.id, after: encodeEventCursor(newId(), 1n) },
      { webhookEndpointId: late.id, after: cursorAt(99n) },
    ]) {
      expect([input, (await redeliver(input)).__typename]).toEqual([input, 'InvalidInputError'])
    }
  })

  it('are counted in the metrics', async () => {
    const text = await (await fetch(`${app.url}/metrics`)).text()
    expect(text).toMatch(/^latchkey_webhook_deliveries_total\{outcome="delivered"\} \d+$/m)
    expect(text).toMatch(/^latchkey_webhook_deliveries_total\{outcome="retried"\} \d+$/m)
    for (const name of ['deliveries_pending', 'oldest_pending_seconds', 'events_waiting']) {
      expect(text).toMatch(new RegExp(`^latchkey_webhook_${name} [\\d.e+-]+$`, 'm'))
    }
  })
})

describe('The wait after a failed attempt', () => {
  it('follows the schedule, give or take a tenth', () => {
    const waits = Array.from({ length: 10 }, (_, failures) => waitOf(failures, 0, () => 0.5))
    const [minute, hour] = [60_000, 3_600_000]
    expect(waits).toEqual([5_000, 5 * minute, 30 * minute, ...[2, 5, 10, 14, 20, 24].map((each) => each * hour), null])
    expect(waitOf(0, 0, () => 0)).toBe(4_500)
    expect(waitOf(0, 0, () => 1)).toBe(5_500)
  })

  it('is as long as the receiver asks, until the next step at most', () => {
    expect(waitOf(0, 60_000, () => 0.5)).toBe(60_000)
    expect(waitOf(0, 3_600_000, () => 0.5)).toBe(300_000)
    expect(waitOf(1, 1_000, () => 0.5)).toBe(300_000)
    expect(waitOf(8, 99 * 3_600_000, () => 0.5)).toBe(24 * 3_600_000)
  })
})
