import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import {
  type Act,
  type AuditTarget,
  audited,
  auditLater,
  createAuditRetention,
  readAuditLines,
  recordAudit,
  trimAuditLines,
} from '../../src/access/audit.ts'
import type { Caller } from '../../src/access/caller.ts'
import type { Database } from '../../src/db/database.ts'
import { runInScope, type Scope } from '../../src/db/scope.ts'
import { ConflictError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('The audit log', (open, kind) => {
  let test: TestDatabase
  let database: Database
  const log: string[] = []
  const logger = createLogger({ level: 'info', destination: { write: (line: string) => void log.push(line) } })
  beforeAll(async () => {
    test = await open()
    database = test.database
  })
  afterAll(() => test.close())
  afterEach(() => vi.useRealTimers())

  const admin = (workspaceId: string | null): Caller => ({
    ...{ kind: workspaceId === null ? 'OPERATOR' : 'API_KEY', role: 'ADMIN', workspaceId, endUserId: null },
    ...{ apiKeyId: newId(), connectSessionId: null, expiresAt: null, name: 'deploy (lk_abc…)' },
  })
  const actOf = (caller: Caller, more: Partial<Act> = {}): Act => ({
    ...{ caller, action: 'upsertEndUser', named: null, traceId: newId(), address: '192.0.2.1' },
    ...more,
  })
  const linesOf = async (workspaceId: string) =>
    (await readAuditLines(database.sql, workspaceId, {}, { after: null, limit: 100 })).lines
  const countOf = async (table: string, workspaceId: string) =>
    (
      await database.sql.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${table} WHERE workspace_id = $1::uuid`,
        [workspaceId],
      )
    )[0]?.count

  async function createWorkspace(): Promise<string> {
    const id = newId()
    await database.prisma.workspace.create({ data: { id, name: 'w', slug: id, redirectUrls: [] } })
    return id
  }

  /** A change with its line, and what happens before the commit. */
  const change = (workspaceId: string, beforeCommit: () => Promise<void> = async () => undefined) =>
    database.transaction(async (tx) => {
      const id = newId()
      await tx.prisma.endUser.create({ data: { id, workspaceId, externalId: id } })
      await recordAudit(tx, { type: 'EndUser', id, workspaceId })
      await beforeCommit()
      return id
    })

  it('has the line of a change together with the change', async () => {
    const workspaceId = await createWorkspace()
    const caller = admin(workspaceId)
    const act = actOf(caller)
    const id = await audited({ database, logger }, act, () => change(workspaceId))
    expect(await linesOf(workspaceId)).toEqual([
      {
        ...{ id: expect.any(String), occurredAt: expect.stringMatching(/^\d{4}-.*Z$/), actor: 'deploy (lk_abc…)' },
        ...{ actorKind: 'API_KEY', actorId: Buffer.from(`ApiKey:${caller.apiKeyId}`).toString('base64url') },
        ...{ action: 'upsertEndUser', method: null, targetType: 'EndUser' },
        targetId: Buffer.from(`EndUser:${id}`).toString('base64url'),
        ...{ outcome: 'OK', traceId: act.traceId, address: '192.0.2.1' },
      },
    ])
  })

  it('has neither when the transaction fails after the line, and one line that says so', async () => {
    const workspaceId = await createWorkspace()
    const fail = async () => {
      throw new ConflictError('No.')
    }
    const run = audited({ database, logger }, actOf(admin(workspaceId)), () => change(workspaceId, fail))
    await expect(run).rejects.toThrow('No.')
    expect(await countOf('end_user', workspaceId)).toBe(0)
    expect((await linesOf(workspaceId)).map(({ outcome }) => outcome)).toEqual(['CONFLICT'])
  })

  // The embedded database has no sessions that can be ended.
  if (kind === 'server') {
    it('has neither when the session ends between the line and the commit', async () => {
      const workspaceId = await createWorkspace()
      const other = await test.openAnother()
      const run = audited({ database, logger }, actOf(admin(workspaceId)), () =>
        database.transaction(async (tx) => {
          const id = newId()
          await tx.prisma.endUser.create({ data: { id, workspaceId, externalId: id } })
          await recordAudit(tx, { type: 'EndUser', id, workspaceId })
          const [session] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
          await other.sql.query('SELECT pg_terminate_backend($1::int)', [session?.pid])
        }),
      )
      await expect(run).rejects.toThrow()
      expect(await countOf('end_user', workspaceId)).toBe(0)
      expect((await linesOf(workspaceId)).filter(({ outcome }) => outcome === 'OK')).toEqual([])
    })
  }

  it('names the caller of each of several concurrent changes', async () => {
    const workspaceId = await createWorkspace()
    const names = Array.from({ length: 20 }, (_, index) => `caller ${index}`)
    await Promise.all(
      names.map((name) =>
        audited({ database, logger }, actOf({ ...admin(workspaceId), name }, { traceId: name }), () =>
          change(workspaceId),
        ),
      ),
    )
    const lines = await linesOf(workspaceId)
    expect(lines.map(({ actor }) => actor).sort()).toEqual(names.sort())
    expect(lines.filter(({ actor, traceId }) => actor !== traceId)).toEqual([])
  })

  it('has no line for work outside of an action', async () => {
    const workspaceId = await createWorkspace()
    await change(workspaceId)
    auditLater({ type: 'Workspace', id: workspaceId, workspaceId })
    expect(await linesOf(workspaceId)).toEqual([])
  })

  it('has the line of an action without a transaction after its success, and the result stays if it cannot be written', async () => {
    const workspaceId = await createWorkspace()
    const target: AuditTarget = { type: 'Workspace', id: workspaceId, workspaceId }
    const work = async () => {
      auditLater(target)
      return 'result'
    }
    const act = actOf(admin(workspaceId), { action: 'testConnection', method: 'POST' })
    expect(await audited({ database, logger }, act, work)).toBe('result')
    expect(await linesOf(workspaceId)).toMatchObject([{ action: 'testConnection', method: 'POST', outcome: 'OK' }])
    const broken = { sql: { query: () => Promise.reject(new Error('disk full')) } }
    expect(await audited({ database: broken, logger }, act, work)).toBe('result')
    expect(log.at(-1)).toContain('an audit line could not be written')
    expect(await linesOf(workspaceId)).toHaveLength(1)
  })

  it('has the line of an operator in the workspace of the object, and in none if there is no such object', async () => {
    const workspaceId = await createWorkspace()
    const fail = async () => {
      throw new ConflictError('No.')
    }
    const run = (id: string, traceId: string) =>
      audited({ database, logger }, actOf(admin(null), { named: { type: 'Workspace', id }, traceId }), fail)
    await expect(run(workspaceId, 'known')).rejects.toThrow()
    await expect(run(newId(), 'unknown')).rejects.toThrow()
    expect(await linesOf(workspaceId)).toMatchObject([
      { actor: 'operator', actorKind: 'OPERATOR', outcome: 'CONFLICT' },
    ])
    const [row] = await database.sql.query<{ workspace: null }>(
      `SELECT workspace_id AS workspace FROM audit_event WHERE trace_id = 'unknown'`,
    )
    expect(row).toEqual({ workspace: null })
  })

  it('can be added to and read by the role of tenants within its workspace only', async () => {
    const [mine, theirs] = [await createWorkspace(), await createWorkspace()]
    for (const id of [mine, theirs]) {
      const scope = { workspaceId: id, endUserId: null }
      await runInScope(scope, () => audited({ database, logger }, actOf(admin(id)), () => change(id)))
    }
    const scope: Scope = { workspaceId: mine, endUserId: null }
    const seen = (within: Scope, of: string) => runInScope(within, () => linesOf(of))
    expect([(await seen(scope, mine)).length, (await seen(scope, theirs)).length]).toEqual([1, 0])
    expect(await seen({ ...scope, endUserId: newId() }, mine)).toEqual([])
    expect(await seen({ ...scope, integrationIds: [newId()] }, mine)).toEqual([])
    const foreign = database.bulkTransaction.bind(database)
    const forge = () =>
      audited({ database, logger }, actOf(admin(mine)), () =>
        foreign((tx) => recordAudit(tx, { type: 'Workspace', id: theirs, workspaceId: theirs })),
      )
    await expect(runInScope(scope, forge)).rejects.toThrow(/row-level security/)
    expect(await linesOf(theirs)).toHaveLength(1)
  })

  it('cannot be changed, by the role of tenants and by the owner of the table', async () => {
    const workspaceId = await createWorkspace()
    await audited({ database, logger }, actOf(admin(workspaceId)), () => change(workspaceId))
    const before = await linesOf(workspaceId)
    for (const statement of [
      `UPDATE audit_event SET outcome = 'OK'`,
      'UPDATE audit_event SET actor = actor WHERE false',
      'DELETE FROM audit_event',
      'TRUNCATE audit_event',
      'TRUNCATE audit_event, workspace CASCADE',
    ]) {
      await expect(database.sql.query(statement), statement).rejects.toThrow('audit_event is append-only')
      const scoped = runInScope({ workspaceId, endUserId: null }, () => database.sql.query(statement))
      await expect(scoped, statement).rejects.toThrow(/permission denied/)
    }
    const disguised = database.bulkTransaction(async (tx) => {
      await tx.query(
        `SELECT set_config('role', 'latchkey_tenant', true), set_config('latchkey.audit_retention', 'on', true)`,
      )
      await tx.query('DELETE FROM audit_event')
    })
    await expect(disguised).rejects.toThrow(/permission denied/)
    const changing = database.bulkTransaction(async (tx) => {
      await tx.query(`SELECT set_config('latchkey.audit_retention', 'on', true)`)
      await tx.query(`UPDATE audit_event SET outcome = 'OK'`)
    })
    await expect(changing).rejects.toThrow('audit_event is append-only')
    expect(await linesOf(workspaceId)).toEqual(before)
  })

  /** Lines that are so many days old. */
  async function addOldLines(workspaceId: string, days: readonly number[]): Promise<void> {
    for (const age of days) {
      await database.sql.query(
        `INSERT INTO audit_event (id, workspace_id, occurred_at, actor, actor_kind, action, outcome, trace_id)
         VALUES ($1::uuid, $2::uuid, clock_timestamp() - $3::int * interval '1 day', 'a', 'API_KEY', $4::text, 'OK', 't')`,
        [newId(), workspaceId, age, `${age} days`],
      )
    }
  }

  it('loses its oldest lines in batches, and no others', async () => {
    const workspaceId = await createWorkspace()
    await addOldLines(workspaceId, [400, 390, 380, 370, 366, 360, 1])
    const before = new Date(Date.now() - 365 * 86_400_000)
    expect(await trimAuditLines(database, before, { batch: 2 })).toBe(5)
    expect(new Set((await linesOf(workspaceId)).map(({ action }) => action))).toEqual(new Set(['360 days', '1 days']))
    // The setting ends with the transaction.
    await expect(database.sql.query('DELETE FROM audit_event')).rejects.toThrow('append-only')
  })

  it('loses old lines by itself, also of a workspace that was deleted, by the clock of the database', async () => {
    const workspaceId = newId()
    await addOldLines(workspaceId, [400, 300])
    // The clock of this process is two years ahead: by it, both lines are too old. The embedded database has the same clock.
    if (kind === 'server') vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 365 * 86_400_000 })
    const failures: unknown[] = []
    const retention = createAuditRetention(database, 'P1Y', (error) => failures.push(error), 10)
    retention.start()
    await vi.waitFor(async () => expect(await countOf('audit_event', workspaceId)).toBe(1), 20_000)
    await retention.stop()
    expect([failures, (await linesOf(workspaceId)).map(({ action }) => action)]).toEqual([[], ['300 days']])
  })
})
