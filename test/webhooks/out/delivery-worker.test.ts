import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { newId } from '../../../src/kit/ids.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { createMetrics } from '../../../src/kit/metrics.ts'
import { webhookEndpointIdentity } from '../../../src/vault/identities.ts'
import { createDeliveryWorker } from '../../../src/webhooks/out/delivery-worker.ts'
import { testVault } from '../../access/tenants/access-checks.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describeDatabases('The delivery worker', (open) => {
  let test: TestDatabase
  let receiver: Receiver
  const workspaceId = newId()
  const vault = testVault()
  const logger = createLogger({ level: 'error', destination: { write: () => undefined } })
  const egress = createEgress({ allow: ['127.0.0.1'] })
  const bus = createLocalWakeBus()
  beforeAll(async () => {
    ;[test, receiver] = await Promise.all([open(), startReceiver()])
    await test.database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 'n', redirectUrls: [] } })
  })
  afterAll(async () => {
    await egress.close()
    await receiver.close()
    await test.close()
  })

  const workerOf = (times: Parameters<typeof createDeliveryWorker>[0]['times'] = {}) =>
    createDeliveryWorker({
      ...{ database: test.database, bus, vault, egress, logger, metrics: createMetrics() },
      times: { poll: 50, ...times },
    })
  async function endpointAt(path: string, more: { deletedAt?: Date } = {}): Promise<string> {
    const id = newId()
    const secrets = { secret: `whsec_${randomBytes(32).toString('base64')}`, previous: [], headers: {} }
    const sealed = vault.seal(secrets, webhookEndpointIdentity(workspaceId, id, 1))
    await test.database.prisma.webhookEndpoint.create({
      data: {
        id,
        workspaceId,
        url: receiver.origin + path,
        sealed,
        keyId: vault.currentKeyId,
        position: 0,
        ...more,
      },
    })
    return id
  }
  async function deliveryOf(endpointId: string, position: number, more: object = {}): Promise<string> {
    const id = newId()
    await test.database.prisma.webhookDelivery.create({
      data: { id, workspaceId, endpointId, position, eventId: newId(), body: '{}', ...more },
    })
    return id
  }
  const rowOf = (id: string) => test.database.prisma.webhookDelivery.findUnique({ where: { id } })

  it('removes deleted endpoints with their deliveries, and deliveries that are 30 days old', async () => {
    const deleted = await endpointAt('/deleted', { deletedAt: new Date() })
    const kept = await endpointAt('/kept')
    await deliveryOf(deleted, 1)
    const done = { status: 'DELIVERED', nextAttemptAt: null }
    const old = await deliveryOf(kept, 1, { ...done, id: newId(Date.now() - 31 * DAY_MS) })
    const recent = await deliveryOf(kept, 2, { ...done, id: newId(Date.now() - 29 * DAY_MS) })
    const untouched = await test.database.prisma.webhookDelivery.count({ where: { endpointId: kept } })
    expect([old !== recent, untouched]).toEqual([true, 2])
    // The event of the third one is no longer in the log.
    await deliveryOf(kept, 0, done)
    await test.database.sql.query('INSERT INTO event_log (workspace_id, head, trimmed) VALUES ($1::uuid, 0, 0)', [
      workspaceId,
    ])
    const worker = workerOf()
    worker.start()
    await vi.waitFor(async () => {
      expect(await test.database.prisma.webhookEndpoint.findUnique({ where: { id: deleted } })).toBeNull()
      const left = await test.database.prisma.webhookDelivery.findMany({ where: { endpointId: kept } })
      expect(left.map(({ position }) => position)).toEqual([2n])
    })
    await worker.stop()
    expect(receiver.seen('/deleted')).toEqual([])
  })

  it('hands back what is in flight when it stops, without counting a failure, and another worker delivers it', async () => {
    const endpoint = await endpointAt('/held')
    const id = await deliveryOf(endpoint, 1)
    receiver.answers.set('/held', () => undefined)
    const worker = workerOf({ stop: 50 })
    worker.start()
    await vi.waitFor(() => expect(receiver.seen('/held')).toHaveLength(1))
    await worker.stop()
    expect(await rowOf(id)).toMatchObject({ status: 'PENDING', failures: 0, attempts: [] })
    receiver.answers.delete('/held')
    const next = workerOf()
    next.start()
    await vi.waitFor(async () => expect(await rowOf(id)).toMatchObject({ status: 'DELIVERED' }))
    await next.stop()
    expect(receiver.seen('/held')).toHaveLength(2)
  })

  it('keeps what it delivers while an attempt takes longer than the lease', async () => {
    const endpoint = await endpointAt('/slow')
    const id = await deliveryOf(endpoint, 1)
    receiver.answers.set('/slow', (response) => void setTimeout(() => response.writeHead(204).end(), 1_500))
    const workers = [workerOf({ lease: 400 }), workerOf({ lease: 400 })]
    for (const worker of workers) worker.start()
    await vi.waitFor(async () => expect(await rowOf(id)).toMatchObject({ status: 'DELIVERED' }), { timeout: 10_000 })
    for (const worker of workers) await worker.stop()
    expect(receiver.seen('/slow')).toHaveLength(1)
  })

  it('ends an attempt at its time limit, also when the receiver sends its answer slowly', async () => {
    const [silent, dripping] = [await endpointAt('/silent'), await endpointAt('/dripping')]
    const [first, second] = [await deliveryOf(silent, 1), await deliveryOf(dripping, 1)]
    receiver.answers.set('/silent', () => undefined)
    receiver.answers.set('/dripping', (response) => {
      response.writeHead(500)
      const drip = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drip))
    })
    const worker = workerOf({ attempt: 300 })
    worker.start()
    await vi.waitFor(async () => {
      const [one, two] = [await rowOf(first), await rowOf(second)]
      expect(one?.attempts).toMatchObject([{ status: null, error: 'The endpoint did not respond within 0.3 s.' }])
      expect(two?.attempts).toMatchObject([{ status: 500, answer: expect.stringMatching(/^x+$/) }])
    })
    await worker.stop()
  })
})
