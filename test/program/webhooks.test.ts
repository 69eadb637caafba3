import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { encodeGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { append, rowId, startReceiver, status, verified } from '../webhooks/out/receiver.ts'
import { openCluster } from './cluster.ts'

const EVENTS = 300
const PATHS = ['/a', '/b', '/c']
const WITHIN = { timeout: 30_000, interval: 20 }

describe.skipIf(!serverAnswers)('Webhooks whose worker is killed in the middle of deliveries', () => {
  it('reach every endpoint, at least once, and no endpoint gets an event that did not happen', async () => {
    const [test, receiver] = await Promise.all([openTestDatabase('server', 'app'), startReceiver()])
    const { database, url } = test
    await using cluster = openCluster({ DATABASE_URL: url ?? '' })
    const [gateway, first] = await Promise.all([cluster.start('gateway'), cluster.start('worker')])
    const client = cluster.client(gateway)
    const workspaceId = await cluster.workspace(client)
    const secrets = new Map<string, string>()
    for (const path of PATHS) {
      const input = { workspaceId, url: receiver.origin + path }
      const { secret } = await cluster.mutate<{ secret: string }>(client, 'createWebhookEndpoint', input, 'secret')
      secrets.set(path, secret)
    }
    // From the hundredth request on, no request is answered until the worker is dead.
    const held: ServerResponse[] = []
    for (const path of PATHS) {
      receiver.answers.set(path, (response, request) => {
        if (receiver.requests.length < 100) status(204)(response, request)
        else held.push(response)
      })
    }
    for (let each = 0; each < EVENTS; each += 50) {
      await append(
        database,
        workspaceId,
        Array.from({ length: 50 }, () => ({ type: 'CONNECTION_ACTIVATED' as const })),
      )
    }
    await vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(4), WITHIN)
    await first.kill9()
    const atTheKill = receiver.requests.length
    expect(atTheKill).toBeLessThan(EVENTS)
    for (const path of PATHS) receiver.answers.delete(path)
    const [second] = await Promise.all([cluster.start('worker'), cluster.start('worker')])
    // What the dead worker had claimed is due again after its lease.
    await vi.waitFor(async () => {
      const [row] = await database.sql.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM webhook_delivery WHERE status = 'DELIVERED'`,
      )
      expect(row?.count).toBe(PATHS.length * EVENTS)
    }, WITHIN)

    const log = await database.sql.query<{ id: string }>(
      'SELECT id FROM event WHERE workspace_id = $1::uuid ORDER BY position',
      [rowId(workspaceId)],
    )
    const happened = log.map(({ id }) => encodeGlobalId('Event', id))
    expect(happened).toHaveLength(EVENTS)
    for (const path of PATHS) {
      const requests = receiver.seen(path)
      const got = new Set(requests.map(({ headers }) => headers['webhook-id']))
      expect([...got].sort()).toEqual(happened.toSorted())
      // Repeated are at most those that were in flight.
      expect(requests.length).toBeLessThanOrEqual(EVENTS + 8)
      for (const request of requests) verified(request, secrets.get(path) ?? '')
    }
    expect(receiver.requests.length).toBeGreaterThan(PATHS.length * EVENTS)
    expect(await second?.stop()).toBe(0)
    await receiver.close()
    await test.close()
  }, 60_000)
})
