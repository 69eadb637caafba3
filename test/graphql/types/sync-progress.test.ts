import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { newId } from '../../../src/kit/ids.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../../support/records-upstream.ts'
import { documents } from '../documents.ts'
import { changes } from '../management-documents.ts'

const EVENTS = `query ($id: ID!) { node(id: $id) { ... on SyncJob { status events(first: 100) { nodes { __typename type
  ... on SyncProgressed { stream recordsRead total percent recordsPerSecond }
  ... on SyncRetrying { stream reason retryAt attempt } } } } } }`
const FIELDS = 'warnings { stream code message count }'
const WARNINGS = `query ($id: ID!) { node(id: $id) { ... on SyncJob { recordsDeleted ${FIELDS} events(first: 100) { nodes { type
  ... on SyncProgressed { ${FIELDS} } ... on SyncSucceeded { ${FIELDS} } } } } } }`
const SCHEDULE =
  'query ($id: ID!) { node(id: $id) { ... on Connection { status schedule { nextRunAt paused } latestSyncJob { id trigger status } } } }'

describe('A sync job', () => {
  let app: TestApp
  let upstream: RecordsUpstream
  let connectionId: string

  beforeAll(async () => {
    app = await startTestApp()
    upstream = await startRecordsUpstream(250)
    const workspace = await app.createWorkspace()
    const definition = contactsDefinition(upstream.url)
    await app.mutate(documents.createIntegration, { workspaceId: workspace.id, slug: 'contacts', definition })
    const credential = { secretText: upstream.token }
    const made = await app.mutate(documents.createConnection, {
      workspaceId: workspace.id,
      integration: 'contacts',
      credential,
    })
    connectionId = made.connection.id
  })
  afterAll(async () => {
    await app.stop()
    await upstream.close()
  })

  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  async function read(document: string, id: string): Promise<any> {
    const { data, errors } = await app.request(document, { id })
    expect(errors).toBeUndefined()
    return data.node
  }
  const finished = (id: string) =>
    vi.waitFor(
      async () => {
        const job = await read(EVENTS, id)
        expect(job.status).toBe('SUCCEEDED')
        return job.events.nodes
      },
      { timeout: 30_000, interval: 50 },
    )
  const update = (change: object) => app.mutate(changes.updateConnection, { connectionId, ...change })
  const setColumns = (columns: string) =>
    app.database.sql.query(`UPDATE connection SET ${columns} WHERE id = $1::uuid`, [parseGlobalId(connectionId)?.id])

  it('is found by the time at which it was created, also among those of its workspace', async () => {
    const row = parseGlobalId(connectionId)?.id ?? ''
    const { workspaceId } = await app.database.prisma.connection.findUniqueOrThrow({ where: { id: row } })
    const hours = [1, 2, 3].map((hour) => new Date(`2026-01-01T0${hour}:00:00Z`))
    const own = { workspaceId, connectionId: row, trigger: 'MANUAL', status: 'FAILED' } as const
    // The clock of the process that made the last id was five minutes slow.
    const data = hours.map((queuedAt, index) => ({
      ...{ ...own, id: newId(queuedAt.getTime() - (index === 2 ? 300_000 : 0)), queuedAt },
    }))
    await app.database.prisma.syncJob.createMany({ data })
    const list = 'syncJobs(first: 10, filter: $filter) { totalCount nodes { queuedAt error { traceId } } }'
    const document = `query ($id: ID!, $filter: SyncJobFilter) { node(id: $id) {
      ... on Connection { ${list} workspace { all: ${list} } } } }`
    const found = async (filter: object) => {
      const { node } = (await app.request(document, { id: connectionId, filter })).data
      expect(node.workspace.all).toEqual(node.syncJobs)
      expect(node.syncJobs.totalCount).toBe(node.syncJobs.nodes.length)
      return node.syncJobs.nodes.map(({ queuedAt }: { queuedAt: string }) => new Date(queuedAt).getUTCHours())
    }
    const [one, two, three] = hours.map((hour) => hour.toISOString())
    expect(await found({ queuedAfter: one, queuedBefore: three })).toEqual([2, 1])
    expect(await found({ queuedAfter: three, queuedBefore: '2026-01-02T00:00:00Z' })).toEqual([3])
    expect(await found({ queuedBefore: two })).toEqual([1])
    expect(await found({ queuedAfter: '2026-01-01T01:00:00.001Z', queuedBefore: two })).toEqual([])
    await app.database.prisma.syncJob.deleteMany({ where: { id: { in: data.map(({ id }) => id) } } })
  })

  it('reports a retry with its time and reason, and its progress with percent and speed', async () => {
    let refused = 0
    upstream.answer = (request, response) => {
      response.setHeader('content-type', 'application/json')
      if (refused++ === 0) {
        response.statusCode = 503
        response.setHeader('retry-after', '1')
        return response.end(JSON.stringify({ message: 'Too busy just now.' }))
      }
      const offset = Number(new URL(request.url ?? '', upstream.url).searchParams.get('offset'))
      response.setHeader('x-total-count', '250')
      return response.end(JSON.stringify({ items: upstream.contacts.slice(offset, offset + 100) }))
    }
    const startedAt = Date.now()
    const { syncJob } = await app.mutate(documents.triggerSync, { connectionId })
    const events = await finished(syncJob.id)
    upstream.answer = null
    const retry = events.find(({ type }: { type: string }) => type === 'SYNC_RETRYING')
    expect(retry).toMatchObject({ __typename: 'SyncRetrying', stream: 'contacts', attempt: 1 })
    expect(retry.reason).toContain('Too busy just now.')
    expect(Date.parse(retry.retryAt)).toBeGreaterThan(startedAt)
    const last = events.findLast(({ type }: { type: string }) => type === 'SYNC_PROGRESSED')
    expect(last).toMatchObject({ stream: 'contacts', recordsRead: 250, total: 250, percent: 100 })
    expect(last.recordsPerSecond).toBeGreaterThan(0)
  })

  it('has warnings, also in the last events of its stream and of itself', async () => {
    const kept = upstream.contacts
    upstream.contacts = kept.map((contact, index) => (index === 4 ? { name: 'No id' } : contact))
    const { syncJob } = await app.mutate(documents.triggerSync, { connectionId, fullRefresh: true })
    await finished(syncJob.id)
    const job = await read(WARNINGS, syncJob.id)
    const [bad, kept5] = job.warnings
    expect(job.warnings).toHaveLength(2)
    expect(bad).toMatchObject({ stream: 'contacts', code: 'RECORDS_QUARANTINED', count: 1 })
    expect(bad.message).toContain('record 5 of page 1')
    expect(kept5).toMatchObject({ stream: 'contacts', code: 'DELETIONS_HELD_BACK', count: 1 })
    const inEvents = job.events.nodes.filter(({ warnings }: { warnings?: unknown[] }) => warnings?.length)
    expect(inEvents).toEqual([
      { type: 'SYNC_PROGRESSED', warnings: job.warnings },
      { type: 'SYNC_SUCCEEDED', warnings: job.warnings },
    ])
    upstream.contacts = kept.filter((_, index) => index !== 4)
    const deleting = await app.mutate(documents.triggerSync, { connectionId, fullRefresh: true, confirmDeletes: true })
    await finished(deleting.syncJob.id)
    expect(await read(WARNINGS, deleting.syncJob.id)).toMatchObject({ recordsDeleted: 1, warnings: [] })
    upstream.contacts = kept
  })

  it('is started by a schedule, whose nextRunAt is null while the connection cannot sync', async () => {
    await update({ schedule: { intervalSeconds: 3_600 } })
    const planned = await read(SCHEDULE, connectionId)
    expect(Date.parse(planned.schedule.nextRunAt)).toBeGreaterThan(Date.now())
    await setColumns(`status = 'NEEDS_REAUTH', next_run_at = clock_timestamp() - interval '1 minute'`)
    expect(await read(SCHEDULE, connectionId)).toMatchObject({ schedule: { nextRunAt: null, paused: false } })

    await setColumns(`status = 'ACTIVE'`)
    const { latestSyncJob } = await vi.waitFor(
      async () => {
        const connection = await read(SCHEDULE, connectionId)
        expect(connection.latestSyncJob.trigger).toBe('SCHEDULE')
        return connection
      },
      { timeout: 20_000, interval: 50 },
    )
    await finished(latestSyncJob.id)
    const { schedule } = await read(SCHEDULE, connectionId)
    expect(Date.parse(schedule.nextRunAt)).toBeGreaterThan(Date.now() + 50 * 60_000)

    expect(await update({ schedule: { paused: true } })).toMatchObject({
      connection: { schedule: { nextRunAt: null, paused: true } },
    })
    await update({ schedule: { paused: false } })
    expect(await update({ disabled: true })).toMatchObject({ connection: { schedule: { nextRunAt: null } } })
    const enabled = await update({ disabled: false })
    expect(Date.parse(enabled.connection.schedule.nextRunAt)).toBeGreaterThan(Date.now())
  })
})
