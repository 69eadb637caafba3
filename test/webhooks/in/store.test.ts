import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import type { Database } from '../../../src/db/database.ts'
import { createQueue, type Queue } from '../../../src/db/queue.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { newId } from '../../../src/kit/ids.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { createSyncScheduler, type SyncScheduler } from '../../../src/sync/jobs/sync-scheduler.ts'
import {
  createReceiptRetention,
  FIND_CONNECTIONS,
  type ProviderEvent,
  storeEvents,
} from '../../../src/webhooks/in/store.ts'
import { testVault } from '../../access/tenants/access-checks.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'

const definition = parseDefinition({
  displayName: 'Acme',
  baseUrl: 'https://api.example.com',
  auth: { type: 'bearer' },
  streams: ['orders', 'items'].map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] })),
})

describeDatabases('Storing the events of a provider', (open, kind) => {
  let test: TestDatabase
  let database: Database
  let queue: Queue
  let scheduler: SyncScheduler
  const bus = createLocalWakeBus()
  const vault = testVault()
  const logger = createLogger({ level: 'silent' })
  const workspaceId = newId()
  const integrationId = newId()
  const hook = { integrationId, workspaceId, slug: 'acme', definition }

  beforeAll(async () => {
    test = await open()
    database = test.database
    await database.prisma.workspace.create({ data: { id: workspaceId, name: 'w', slug: 'w' } })
    await createIntegration(integrationId, 'acme')
    queue = createQueue(database, () => undefined)
    await queue.start()
    scheduler = createSyncScheduler({ database, queue, bus, logger })
  }, 60_000)
  afterAll(async () => {
    await queue.stop()
    await test.close()
  })

  async function createIntegration(id: string, slug: string): Promise<void> {
    await database.prisma.integration.create({
      data: { id, workspaceId, slug, displayName: slug, definition: structuredClone<object>(definition) },
    })
  }
  async function connect(more: object = {}): Promise<string> {
    const id = newId()
    await database.prisma.connection.create({
      data: { id, workspaceId, integrationId, displayName: 'c', status: 'ACTIVE', method: 'SECRET', ...more },
    })
    return id
  }
  const eventOf = (more: Partial<ProviderEvent> = {}): ProviderEvent => ({
    ...{ id: undefined, place: undefined, type: undefined, body: null, connection: undefined, sync: undefined },
    ...more,
  })
  const store = (...events: ProviderEvent[]) => storeEvents({ database, bus, vault, logger }, hook, events)
  /** The connections of the events that are stored for a value. */
  async function attributed(property: string, value: string): Promise<(string | null)[]> {
    const [log] = await database.sql.query<{ head: bigint }>(
      'SELECT head FROM event_log WHERE workspace_id = $1::uuid',
      [workspaceId],
    )
    await store(eventOf({ connection: { property, value } }))
    const rows = await database.sql.query<{ connection_id: string | null }>(
      'SELECT connection_id FROM event WHERE workspace_id = $1::uuid AND position > $2::bigint ORDER BY connection_id',
      [workspaceId, log?.head ?? 0n],
    )
    return rows.map((row) => row.connection_id)
  }

  it('finds connections by kept values, inputs and the externalId, compared as text', async () => {
    const kept = await connect({ kept: { team: 'T1', number: 17, on: true, list: ['T1'], none: null } })
    expect(await attributed('kept.team', 'T1')).toEqual([kept])
    expect(await attributed('kept.number', '17')).toEqual([kept])
    expect(await attributed('kept.on', 'true')).toEqual([kept])
    for (const [name, value] of [
      ['kept.team', 'T'],
      ['input.team', 'T1'],
      ['kept.list', '["T1"]'],
      ['kept.none', 'null'],
      ['externalId', 'T1'],
    ] as const) {
      expect([name, await attributed(name, value)]).toEqual([name, [null]])
    }
    const input = await connect({ input: { shop: 'a.example' } })
    expect(await attributed('input.shop', 'a.example')).toEqual([input])
    const external = await connect({ externalId: 'crm-1' })
    expect(await attributed('externalId', 'crm-1')).toEqual([external])
  })

  it('finds several connections, and none that is pending, disabled, deleted or of another integration', async () => {
    const status = (each: string) => ({ kept: { team: 'T2' }, status: each })
    const found = await Promise.all(['ACTIVE', 'ERROR', 'NEEDS_REAUTH'].map((each) => connect(status(each))))
    await connect(status('PENDING'))
    await connect(status('DISABLED'))
    await connect({ kept: { team: 'T2' }, deletedAt: new Date() })
    const other = newId()
    await createIntegration(other, 'other')
    await connect({ kept: { team: 'T2' }, integrationId: other })
    expect(await attributed('kept.team', 'T2')).toEqual(found.toSorted())
  })

  it('takes the oldest 1,000 connections, and none whose value is unproven', async () => {
    const insert = (value: string, unproven: string[], age: string) =>
      database.sql.query(
        `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method, input, unproven, created_at)
         SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'c', 'ACTIVE', 'SECRET', jsonb_build_object('crowd', $3::text), $4::text[],
           clock_timestamp() - $5::interval FROM generate_series(1, 1001)`,
        [workspaceId, integrationId, value, unproven, age],
      )
    await insert('typed', ['input.crowd'], '1 day')
    const proven = await connect({ input: { crowd: 'typed' } })
    expect(await attributed('input.crowd', 'typed')).toEqual([proven])
    const oldest = await connect({ input: { crowd: 'own' }, createdAt: new Date(Date.now() - 3 * 86_400_000) })
    await insert('own', [], '1 day')
    const newest = await connect({ input: { crowd: 'own' } })
    const found = await attributed('input.crowd', 'own')
    expect(found).toHaveLength(1_000)
    expect(found).toContain(oldest)
    expect(found).not.toContain(newest)
  })

  it('a kept value is found unless it, or all kept values, are unproven', async () => {
    const kept = { account: 'K1' }
    await connect({ kept, unproven: ['kept'] })
    await connect({ kept, unproven: ['kept.account'] })
    const id = await connect({ kept, unproven: ['kept.other', 'externalId', 'input.account'] })
    expect(await attributed('kept.account', 'K1')).toEqual([id])
  })

  it('several events of one request are stored together, and what is repeated is left out', async () => {
    const first = eventOf({ id: 'a', type: 'many' })
    const second = eventOf({ id: 'b', type: 'many' })
    expect(await store(first, second, first)).toBe('stored')
    expect(await store(second, first)).toBe('repeated')
    expect(await store(eventOf({ id: 'c', type: 'many' }), first)).toBe('stored')
    const rows = await database.sql.query<{ id: string }>(
      `SELECT payload->>'providerEventId' AS id FROM event WHERE payload->>'providerEventType' = 'many' ORDER BY position`,
    )
    expect(rows.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  it('the same ids in two orders at the same time are stored once', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `both-${index}`)
    const events = ids.map((id) => eventOf({ id, type: 'both' }))
    await Promise.all([store(...events), store(...events.toReversed()), store(...events)])
    const rows = await database.sql.query<{ id: string }>(
      `SELECT payload->>'providerEventId' AS id FROM event WHERE payload->>'providerEventType' = 'both'`,
    )
    expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  })

  it('stores nothing for an integration that is deleted', async () => {
    const gone = newId()
    await createIntegration(gone, 'gone')
    await database.prisma.integration.update({ where: { id: gone }, data: { deletedAt: new Date() } })
    const outcome = await storeEvents({ database, bus, vault, logger }, { ...hook, integrationId: gone }, [
      eventOf({ id: 'x' }),
    ])
    expect(outcome).toBe('gone')
    expect(await database.prisma.webhookReceipt.count({ where: { integrationId: gone } })).toBe(0)
  })

  it('receipts are removed when their ids may be stored again', async () => {
    await store(eventOf({ id: 'old' }), eventOf({ id: 'recent' }))
    const before = await database.prisma.webhookReceipt.count()
    await database.sql.query(
      `UPDATE webhook_receipt SET received_at = received_at - interval '7 days 1 minute' WHERE digest = sha256('old'::bytea)`,
    )
    const retention = createReceiptRetention(database, (error) => {
      throw error
    })
    retention.start()
    await expect.poll(() => database.prisma.webhookReceipt.count()).toBe(before - 1)
    await retention.stop()
  })

  const syncOf = (value: string, sync: string[]) => eventOf({ connection: { property: 'kept.sync', value }, sync })
  async function jobsOf(connectionId: string) {
    const jobs = await database.prisma.syncJob.findMany({
      where: { connectionId },
      include: { streams: { orderBy: { position: 'asc' } } },
      orderBy: { id: 'asc' },
    })
    return jobs.map((job) => [job.trigger, job.status, job.streams.map(({ name }) => name).join()])
  }
  const setStatus = (connectionId: string, status: 'RUNNING' | 'SUCCEEDED') =>
    database.prisma.syncJob.updateMany({ where: { connectionId }, data: { status } })

  it('a burst of events leads to one job, and to one further job while it runs', async () => {
    const id = await connect({ kept: { sync: 'burst' } })
    await Promise.all(Array.from({ length: 50 }, () => store(syncOf('burst', ['items']))))
    await scheduler.createRequestedJobs()
    expect(await jobsOf(id)).toEqual([['WEBHOOK', 'QUEUED', 'items']])
    await setStatus(id, 'RUNNING')
    await Promise.all(Array.from({ length: 50 }, () => store(syncOf('burst', ['orders']))))
    await store(syncOf('burst', ['items']))
    await scheduler.createRequestedJobs()
    expect(await jobsOf(id)).toHaveLength(1)
    await setStatus(id, 'SUCCEEDED')
    await scheduler.createRequestedJobs()
    await scheduler.createRequestedJobs()
    expect(await jobsOf(id)).toEqual([
      ['WEBHOOK', 'SUCCEEDED', 'items'],
      ['WEBHOOK', 'QUEUED', 'orders,items'],
    ])
    expect(await database.prisma.syncRequest.count({ where: { connectionId: id } })).toBe(0)
  })

  it('no streams are all streams, and a stream that the definition no longer has is left out', async () => {
    const all = await connect({ kept: { sync: 'all' } })
    await store(syncOf('all', ['items']), syncOf('all', []))
    const one = await connect({ kept: { sync: 'one' } })
    await store(syncOf('one', ['items', 'removed']))
    const none = await connect({ kept: { sync: 'none' } })
    await store(syncOf('none', ['removed']))
    await scheduler.createRequestedJobs()
    expect(await jobsOf(all)).toEqual([['WEBHOOK', 'QUEUED', 'orders,items']])
    expect(await jobsOf(one)).toEqual([['WEBHOOK', 'QUEUED', 'items']])
    expect(await jobsOf(none)).toEqual([])
    expect(await database.prisma.syncRequest.count({ where: { connectionId: none } })).toBe(0)
  })

  it('a connection that has to be connected again is synced when it works again', async () => {
    const id = await connect({ kept: { sync: 'later' }, status: 'NEEDS_REAUTH' })
    await store(syncOf('later', []))
    await scheduler.createRequestedJobs()
    expect(await jobsOf(id)).toEqual([])
    await database.prisma.connection.update({ where: { id }, data: { status: 'ACTIVE' } })
    await scheduler.createRequestedJobs()
    expect(await jobsOf(id)).toEqual([['WEBHOOK', 'QUEUED', 'orders,items']])
  })

  if (kind === 'embedded') return

  it('100,000 connections are searched by an index', async () => {
    await database.sql.query(
      `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method, kept)
     SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'c', 'ACTIVE', 'SECRET', jsonb_build_object('many', 'T' || n)
     FROM generate_series(1, 100000) AS n`,
      [workspaceId, integrationId],
    )
    const plan = await database.bulkTransaction(async (tx) => {
      await tx.query(`SELECT set_config('enable_seqscan', 'off', true)`)
      return tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${FIND_CONNECTIONS}`, [
        integrationId,
        ['kept.many'],
        ['T5'],
        1_001,
      ])
    })
    const text = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(text).toMatch(/Bitmap Index Scan on connection_match_keys/)
    expect(await attributed('kept.many', 'T5')).toHaveLength(1)
  }, 120_000)
})
