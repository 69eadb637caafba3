import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DefinitionInput, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { newId } from '../../../src/kit/ids.ts'
import { createSyncJob, requestCancel } from '../../../src/sync/jobs/sync-jobs.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { createSyncFixture, type SyncFixture } from '../sync-fixture.ts'

const definition: DefinitionInput = {
  displayName: 'Provider',
  baseUrl: 'https://provider.example',
  auth: { type: 'none' },
  streams: ['a', 'b', 'c'].map((name) => ({ name, path: `/${name}`, primaryKey: ['id'] })),
}

describeDatabases('sync jobs', (open) => {
  let base: TestDatabase
  let fixture: SyncFixture
  beforeAll(async () => {
    base = await open()
    fixture = await createSyncFixture(base.database)
  }, 60_000)
  afterAll(async () => {
    await fixture.close()
    await base.close()
  })

  it('are queued with their streams in the definition’s order', async () => {
    const connection = await fixture.connect(definition)
    const id = await connection.sync({
      streams: ['c', 'a', 'c'],
      fullRefresh: true,
      credentialOverridden: true,
      trigger: 'ON_CREATE',
    })
    expect(await fixture.job(id)).toMatchObject({
      status: 'QUEUED',
      attempt: 0,
      full_refresh: true,
      credential_overridden: true,
      trigger: 'ON_CREATE',
    })
    const streams = await fixture.database.sql.query(
      'SELECT name, position, status::text AS status FROM sync_job_stream WHERE sync_job_id = $1::uuid ORDER BY position',
      [id],
    )
    expect(streams).toEqual([
      { name: 'a', position: 1, status: 'QUEUED' },
      { name: 'c', position: 2, status: 'QUEUED' },
    ])
    expect(await fixture.queue.fetch('sync', 100)).toMatchObject([{ data: { syncJobId: id } }])
  })

  it('leave no row, no event and no queue entry when their transaction fails (QJ-10)', async () => {
    const connection = await fixture.connect(definition)
    const failing = fixture.database.bulkTransaction(async (tx) => {
      await createSyncJob(tx, fixture, { ...connection, definition: parsed(), trigger: 'MANUAL' })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await connection.events()).toEqual([])
    expect(await fixture.queue.fetch('sync', 100)).toEqual([])
    expect(
      await fixture.database.sql.query('SELECT id FROM sync_job WHERE connection_id = $1::uuid', [
        connection.connectionId,
      ]),
    ).toEqual([])
  })

  it('exist once per connection, and a conflict does not abort the caller’s transaction', async () => {
    const connection = await fixture.connect(definition)
    const first = await connection.sync()
    const outcome = await fixture.database.transaction(async (tx) => {
      const job = { ...connection, definition: parsed(), trigger: 'MANUAL' } as const
      const error: unknown = await createSyncJob(tx, fixture, job).catch((cause: unknown) => cause)
      const returned = await createSyncJob(tx, fixture, { ...job, onRunning: 'RETURN_RUNNING' })
      await tx.query('SELECT 1')
      return { error, returned }
    })
    expect(outcome.error).toMatchObject({ code: 'CONFLICT', details: { syncJobId: first } })
    expect(outcome.returned).toEqual({ syncJobId: first, created: false })
    expect(await requestCancel(fixture, first)).toBe('CANCELLED')
    expect(await connection.sync()).not.toBe(first)
  })

  it('exist once per connection, however many are requested at once (QJ-04)', async () => {
    const connection = await fixture.connect(definition)
    const created = await Promise.all(
      Array.from({ length: 12 }, () => connection.sync({ onRunning: 'RETURN_RUNNING' })),
    )
    expect(new Set(created).size).toBe(1)
  })

  it('are refused for unknown streams, all reported at once', async () => {
    const connection = await fixture.connect(definition)
    await expect(connection.sync({ streams: ['x', 'a', 'y'] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [
        { path: ['input', 'streams', '0'], message: expect.stringContaining('a, b, c') },
        { path: ['input', 'streams', '2'], message: expect.any(String) },
      ],
    })
  })

  it('are refused for an integration without streams', async () => {
    const connection = await fixture.connect({ ...definition, streams: [] })
    await expect(connection.sync()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('are cancelled at once while they are queued', async () => {
    const connection = await fixture.connect(definition)
    const id = await connection.sync()
    expect(await requestCancel(fixture, id)).toBe('CANCELLED')
    expect(await fixture.job(id)).toMatchObject({ status: 'CANCELLED', finished_at: expect.any(Date) })
    expect((await connection.events()).map(({ type }) => type)).toEqual(['SYNC_QUEUED', 'SYNC_CANCELLED'])
    await expect(requestCancel(fixture, id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'The sync job has ended: it is CANCELLED.',
    })
    await expect(requestCancel(fixture, newId())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

function parsed() {
  return parseDefinition(definition)
}
