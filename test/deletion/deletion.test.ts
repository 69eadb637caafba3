import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Caller } from '../../src/access/caller.ts'
import { replaceCredential } from '../../src/connections/connection-credential.ts'
import { findConnection } from '../../src/connections/lookups.ts'
import { resolveConnection } from '../../src/connections/resolve-connection.ts'
import { updateConnection } from '../../src/connections/update-connection.ts'
import { readCredentialRow } from '../../src/credentials/credential-store.ts'
import { runInScope } from '../../src/db/scope.ts'
import { createDeletionWorker, type DeletionWorker, purgeSome } from '../../src/deletion/deletion-worker.ts'
import { deleteConnection, deleteEndUser, deleteIntegration, deleteWorkspace } from '../../src/deletion/mark-deleted.ts'
import { appendEvents, readEvents } from '../../src/events/event-log.ts'
import { ForbiddenError, NotFoundError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import { claimJob, fencedTransaction } from '../../src/sync/jobs/claim.ts'
import { RunStoppedError } from '../../src/sync/jobs/sync-error.ts'
import { triggerSync } from '../../src/sync/jobs/sync-jobs.ts'
import { expandEndpoints } from '../../src/webhooks/out/deliveries.ts'
import {
  addEndUser,
  type ConnectFixture,
  type ConnectServices,
  createConnectFixture,
  operator,
  startConnectServices,
} from '../connections/connect-fixture.ts'
import { describeDatabases } from '../support/databases.ts'

describeDatabases('deletion', (open, kind) => {
  let services: ConnectServices
  let fixture: ConnectFixture
  const workers: DeletionWorker[] = []
  const logger = createLogger({ level: 'silent' })

  beforeAll(async () => {
    services = await startConnectServices(await open())
  })
  beforeEach(async () => {
    fixture = await createConnectFixture(services)
  })
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop()
  })
  afterAll(() => services.close())

  function startWorker(times = {}): DeletionWorker {
    const worker = createDeletionWorker({ ...fixture, logger, times })
    workers.push(worker)
    worker.start()
    return worker
  }
  const until = (table: Parameters<ConnectFixture['count']>[0], count: number) =>
    vi.waitFor(async () => expect(await fixture.count(table)).toBe(count), { timeout: 30_000 })
  const sync = (connectionId: string) =>
    triggerSync(fixture, operator, {
      connectionId,
      streams: null,
      fullRefresh: false,
      confirmDeletes: false,
      onRunning: 'REJECT',
      accessToken: null,
    })

  it('hides a connection and frees its external id at once, before rows are deleted', async () => {
    const id = await fixture.connect({ externalId: 'main', collection: 'all' })
    await deleteConnection(fixture, operator, id)
    expect(await fixture.count('connection')).toBe(1)
    await expect(findConnection(fixture.database, operator, id)).rejects.toThrow(NotFoundError)
    await expect(readCredentialRow(fixture.database.sql, id)).rejects.toThrow(NotFoundError)
    await expect(sync(id)).rejects.toThrow(NotFoundError)
    await expect(deleteConnection(fixture, operator, id)).rejects.toThrow(NotFoundError)
    const { workspaceId } = fixture
    const wanted = { workspaceId, integration: 'crm', externalId: 'main', endUserId: null, endUserExternalId: null }
    await expect(resolveConnection(fixture.database, operator, wanted)).rejects.toThrow(NotFoundError)
    const again = await fixture.connect({ externalId: 'main' })
    expect((await resolveConnection(fixture.database, operator, wanted)).connectionId).toBe(again)
  })

  it('deletes the rows in batches in the background and keeps the events', async () => {
    const [gone, kept] = [await fixture.connect(), await fixture.connect()]
    await fixture.addRecords(gone, 4_500)
    await fixture.addRecords(kept, 3)
    startWorker()
    await deleteConnection(fixture, operator, gone)
    await until('connection', 1)
    expect(await fixture.count('record')).toBe(3)
    expect(await fixture.count('credential')).toBe(1)
    expect((await fixture.events()).filter((type) => type === 'CONNECTION_DELETED')).toHaveLength(1)
  })

  it('continues the work of a worker that was stopped', async () => {
    const id = await fixture.connect()
    await fixture.addRecords(id, 4_500)
    await deleteConnection(fixture, operator, id)
    expect(await purgeSome({ ...fixture, logger }, fixture.workspaceId)).toBe('more')
    expect(await fixture.count('record')).toBe(2_500)
    // The queued job is lost with the worker that fetched it. The marks in the rows are not.
    expect(await fixture.queue.fetch('deletion', 1)).toHaveLength(1)
    startWorker()
    await until('connection', 0)
    expect(await fixture.count('record')).toBe(0)
  })

  it('continues when a slice ends before everything is deleted', async () => {
    const id = await fixture.connect()
    await fixture.addRecords(id, 6_500)
    startWorker({ slice: 0 })
    await deleteConnection(fixture, operator, id)
    await until('connection', 0)
  })

  it('cancels a running sync job, whose worker writes nothing more', async () => {
    const id = await fixture.connect()
    const { syncJobId } = await sync(id)
    const job = await claimJob(fixture.database, fixture.bus, syncJobId, 10_000)
    if (job === null) throw new Error('The job could not be claimed.')
    await deleteConnection(fixture, operator, id)
    const write = fencedTransaction(fixture.database, job, async () => 'written', { cancelling: 'allow' })
    await expect(write).rejects.toThrow(RunStoppedError)
    expect((await fixture.events()).slice(-2)).toEqual(['SYNC_CANCELLED', 'CONNECTION_DELETED'])
  })

  it('waits for a page that is being written and deletes its records', async () => {
    const [gone, kept] = [await fixture.connect(), await fixture.connect()]
    const { syncJobId } = await sync(gone)
    const job = await claimJob(fixture.database, fixture.bus, syncJobId, 10_000)
    if (job === null) throw new Error('The job could not be claimed.')
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const insert = (connectionId: string) =>
      [
        `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       VALUES (gen_random_uuid(), $1::uuid, $2::uuid, 'contacts', '["1"]', '{}', '')`,
        [fixture.workspaceId, connectionId],
      ] as const
    const page = fencedTransaction(fixture.database, job, async (tx) => {
      await tx.query(...insert(gone))
      begun.resolve()
      await finish.promise
      await tx.query(...insert(gone))
    })
    await begun.promise
    const deleted = deleteConnection(fixture, operator, gone)
    finish.resolve()
    await Promise.all([page, deleted])
    await fixture.addRecords(kept, 1)
    startWorker()
    await until('connection', 1)
    expect(await fixture.count('record')).toBe(1)
    expect(await fixture.count('sync_job')).toBe(0)
    const late = fencedTransaction(fixture.database, job, (tx) => tx.query(...insert(gone)))
    await expect(late).rejects.toThrow(RunStoppedError)
    expect(await fixture.count('record')).toBe(1)
  })

  it('deletes an end user with their connections and no others', async () => {
    const ada = await addEndUser(fixture, 'ada')
    await fixture.connect({ endUserId: ada })
    await fixture.connect({ endUserExternalId: 'ada' })
    const other = await fixture.connect({ endUserExternalId: 'grace' })
    expect(await deleteEndUser(fixture, operator, ada)).toBe(2)
    await expect(deleteEndUser(fixture, operator, ada)).rejects.toThrow(NotFoundError)
    await expect(fixture.connect({ endUserId: ada })).rejects.toThrow(NotFoundError)
    startWorker()
    await until('connection', 1)
    await expect(findConnection(fixture.database, operator, other)).resolves.toMatchObject({ id: other })
    expect((await fixture.events()).filter((type) => type === 'CONNECTION_DELETED')).toHaveLength(2)
  })

  describe('of personal data in the event log and in stored webhooks', () => {
    const SECRET = 'ada@example.com'
    const sql = (text: string, values: unknown[] = []) =>
      fixture.database.sql.query(text, [fixture.workspaceId, ...values])
    const dump = async (table: 'event' | 'webhook_delivery') =>
      (await sql(`SELECT row_to_json(t)::text AS row FROM ${table} t WHERE workspace_id = $1::uuid`)).map(({ row }) =>
        String(row),
      )

    /** One event of each kind that may contain words about a person, and its webhook. */
    async function addHistory(connectionId: string, words: string, repeated = 1): Promise<void> {
      const payloads = {
        PROVIDER_EVENT_RECEIVED: {
          integration: 'crm',
          providerEventId: words,
          providerEventType: 'changed',
          body: { email: words },
        },
        CREDENTIAL_REFRESH_FAILED: { reason: 'REVOKED', message: words, retryAt: null },
        SYNC_RETRYING: { stream: 'contacts', reason: words, attempt: 1, retryAt: '2026-01-01T00:00:00.000Z' },
        SYNC_FAILED: { error: { code: 'PROVIDER', status: 502, message: words, providerMessage: words } },
      } as const
      const kinds = Object.entries(payloads) as [keyof typeof payloads, Record<string, unknown>][]
      const events = kinds.flatMap(([type, payload]) =>
        Array.from({ length: repeated }, () => ({ type, connectionId, payload })),
      )
      await fixture.database.bulkTransaction((tx) => appendEvents(tx, fixture.bus, fixture.workspaceId, events))
    }
    async function addEndpoint(): Promise<string> {
      const id = newId()
      await sql(
        `INSERT INTO webhook_endpoint (id, workspace_id, url, types, sealed, key_id, position) VALUES ($2::uuid, $1::uuid, 'https://a.example', '{}', '', 'k', 0)`,
        [id],
      )
      return id
    }
    const expand = async (endpointId: string) => {
      while ((await fixture.database.bulkTransaction((tx) => expandEndpoints(tx, [endpointId]))).more) await sql(SENT)
    }
    const SENT = `UPDATE webhook_delivery SET status = 'DELIVERED' WHERE workspace_id = $1::uuid AND status = 'PENDING'`

    it('erases them with the end user, keeps the positions, and leaves those of others', async () => {
      const ada = await addEndUser(fixture, SECRET)
      const own = await fixture.connect({ endUserId: ada, externalId: SECRET })
      const other = await fixture.connect({ externalId: 'grace@example.com' })
      const endpointId = await addEndpoint()
      await addHistory(own, SECRET)
      await addHistory(other, 'grace@example.com')
      const session = { type: 'CONNECT_SESSION_OPENED', connectSessionId: newId(), endUserId: ada } as const
      await fixture.database.bulkTransaction((tx) => appendEvents(tx, fixture.bus, fixture.workspaceId, [session]))
      await expand(endpointId)
      expect((await dump('webhook_delivery')).filter((row) => row.includes(SECRET))).toHaveLength(7)
      const before = await readEvents(fixture.database.sql, fixture.workspaceId, 0n, {}, 1_000)
      await deleteEndUser(fixture, operator, ada)
      startWorker()
      await until('connection', 1)
      await expand(endpointId)
      await vi.waitFor(
        async () => expect((await dump('webhook_delivery')).filter((row) => row.includes(SECRET))).toEqual([]),
        { timeout: 30_000 },
      )
      const after = await readEvents(fixture.database.sql, fixture.workspaceId, 0n, {}, 1_000)
      expect(after.slice(0, before.length).map(({ id, position, type }) => [id, position, type])).toEqual(
        before.map(({ id, position, type }) => [id, position, type]),
      )
      expect(after.filter(({ connectionId }) => connectionId === other)).toEqual(
        before.filter(({ connectionId }) => connectionId === other),
      )
      const received = after.find(
        ({ type, connectionId }) => type === 'PROVIDER_EVENT_RECEIVED' && connectionId === own,
      )
      expect(received?.payload).toEqual({
        integration: 'crm',
        providerEventId: null,
        providerEventType: 'changed',
        body: null,
      })
      const failed = after.find(({ type, connectionId }) => type === 'SYNC_FAILED' && connectionId === own)
      expect(failed?.payload).toEqual({ error: { code: 'PROVIDER', status: 502, message: expect.any(String) } })
      for (const row of [...(await dump('event')), ...(await dump('webhook_delivery'))]) {
        expect(row).not.toContain(SECRET)
      }
      expect(
        (await dump('webhook_delivery')).filter((row) => row.includes('grace@example.com')).length,
      ).toBeGreaterThan(4)
    })

    it('continues after a stop, and erases more than one batch', async () => {
      const id = await fixture.connect({ externalId: SECRET })
      const endpointId = await addEndpoint()
      await addHistory(id, SECRET, 600)
      await expand(endpointId)
      await deleteConnection(fixture, operator, id)
      expect(await purgeSome({ ...fixture, logger }, fixture.workspaceId)).toBe('more')
      const left = (await dump('event')).filter((row) => row.includes(SECRET))
      expect(left).toHaveLength(400)
      startWorker()
      await until('connection', 0)
      for (const row of [...(await dump('event')), ...(await dump('webhook_delivery'))])
        expect(row).not.toContain(SECRET)
    })
  })

  it('allows end users to change and delete their own connections, in their row scope', async () => {
    const endUserId = await addEndUser(fixture, 'ada')
    const [own, other] = [await fixture.connect({ endUserId }), await fixture.connect()]
    const { workspaceId } = fixture
    const ada: Caller = { ...operator, kind: 'FEDERATED_USER', role: 'READER', workspaceId, endUserId }
    const asAda = <T>(work: () => Promise<T>) => runInScope({ workspaceId, endUserId }, work)
    const credential = { secretText: 'another-token' }
    await asAda(() => sync(own))
    await asAda(() => updateConnection(fixture, ada, own, { displayName: 'Mine', disabled: true }))
    await asAda(() => replaceCredential(fixture, ada, { connectionId: own, credential }))
    await expect(asAda(() => updateConnection(fixture, ada, own, { collection: 'all' }))).rejects.toThrow(
      ForbiddenError,
    )
    await expect(asAda(() => deleteConnection(fixture, ada, other))).rejects.toThrow(NotFoundError)
    await asAda(() => deleteConnection(fixture, ada, own))
    await expect(asAda(() => deleteConnection(fixture, ada, own))).rejects.toThrow(NotFoundError)
    startWorker()
    await until('connection', 1)
  })

  it('deletes an integration with its connections and frees its slug', async () => {
    const id = await fixture.connect()
    await deleteIntegration(fixture, operator, fixture.integrationId)
    await expect(findConnection(fixture.database, operator, id)).rejects.toThrow(NotFoundError)
    await expect(fixture.connect()).rejects.toThrow(NotFoundError)
    await expect(fixture.connect({ integration: `~${fixture.integrationId}` })).rejects.toThrow(NotFoundError)
    await expect(deleteIntegration(fixture, operator, fixture.integrationId)).rejects.toThrow(NotFoundError)
    startWorker()
    await until('integration', 0)
    expect(await fixture.count('connection')).toBe(0)
  })

  it('deletes a workspace with everything in it, its event log included', async () => {
    const id = await fixture.connect({ endUserExternalId: 'ada', syncImmediately: true })
    await fixture.addRecords(id, 10)
    const endpointId = newId()
    // More deliveries than one batch.
    await fixture.database.sql.query(
      `WITH endpoint AS (
         INSERT INTO webhook_endpoint (id, workspace_id, url, sealed, key_id, position) VALUES ($1::uuid, $2::uuid, 'https://a.example', '', 'k', 0)
         RETURNING id, workspace_id
       )
       INSERT INTO webhook_delivery (id, workspace_id, endpoint_id, position, event_id, body)
       SELECT gen_random_uuid(), workspace_id, id, n, gen_random_uuid(), '{}' FROM endpoint, generate_series(1, 2500) AS n`,
      [endpointId, fixture.workspaceId],
    )
    await deleteWorkspace(fixture, operator, fixture.workspaceId)
    await expect(findConnection(fixture.database, operator, id)).rejects.toThrow(NotFoundError)
    await expect(sync(id)).rejects.toThrow(NotFoundError)
    await expect(fixture.connect()).rejects.toThrow(NotFoundError)
    startWorker()
    await until('workspace', 0)
    for (const table of ['connection', 'record', 'sync_job', 'integration', 'end_user', 'event'] as const) {
      expect([table, await fixture.count(table)]).toEqual([table, 0])
    }
    const left = await fixture.database.sql.query(
      'SELECT 1 AS one FROM webhook_delivery WHERE endpoint_id = $1::uuid',
      [endpointId],
    )
    expect(left).toEqual([])
  })

  // The embedded database has one session, whose transactions wait for each other.
  if (kind === 'server') {
    it('of an end user waits for that of an integration which has their connections', async () => {
      const ada = await addEndUser(fixture, 'ada')
      await fixture.connect({ endUserId: ada })
      const waits = () =>
        fixture.database.sql.query(
          `SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      const { deleting, locked } = await fixture.database.bulkTransaction(async (tx) => {
        // The statements of `deleteIntegration`, with a pause between them.
        await tx.query(`UPDATE integration SET slug = '~' || id WHERE id = $1::uuid`, [fixture.integrationId])
        const deleting = deleteEndUser(fixture, operator, ada)
        await vi.waitFor(async () => expect(await waits()).toHaveLength(1), { timeout: 10_000 })
        const locked = await tx.query(
          'SELECT id FROM connection WHERE integration_id = $1::uuid ORDER BY id FOR NO KEY UPDATE',
          [fixture.integrationId],
        )
        return { deleting, locked }
      })
      expect(locked).toHaveLength(1)
      expect(await deleting).toBe(1)
    })
  }

  it('concurrent deletions: one reports NOT_FOUND, and no row is left behind', async () => {
    const ada = await addEndUser(fixture, 'ada')
    const ids = await Promise.all(Array.from({ length: 6 }, () => fixture.connect({ endUserId: ada })))
    startWorker()
    const [first = '', second = '', third = '', fourth = ''] = ids
    const outcomes = await Promise.allSettled([
      deleteConnection(fixture, operator, first),
      deleteConnection(fixture, operator, first),
      sync(second).then(() => deleteConnection(fixture, operator, second)),
      sync(second),
      updateConnection(fixture, operator, third, { displayName: 'Third', disabled: true, collection: 'all' }),
      deleteConnection(fixture, operator, third),
      sync(fourth),
      fixture.connect({ endUserId: ada, syncImmediately: true }),
      fixture.connect({ endUserExternalId: 'ada', syncImmediately: true }),
      deleteEndUser(fixture, operator, ada),
      deleteIntegration(fixture, operator, fixture.integrationId),
    ])
    const unexpected = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' && !['NotFoundError', 'ConflictError'].includes(outcome.reason.name)
        ? [outcome.reason]
        : [],
    )
    expect(unexpected).toEqual([])
    expect(outcomes.slice(0, 2).filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
    await until('connection', 0)
    expect(await fixture.count('sync_job')).toBe(0)
    const types = await fixture.events()
    expect(types.filter((type) => type === 'CONNECTION_DELETED')).toHaveLength(
      types.filter((type) => type === 'CONNECTION_CREATED').length,
    )
  })
})
