import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { createQueue } from '../../src/db/queue.ts'
import { runInScope, type Scope } from '../../src/db/scope.ts'
import { ScopedPool } from '../../src/db/server.ts'
import type { SqlRunner } from '../../src/db/sql.ts'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { createEventTails } from '../../src/events/event-feed.ts'
import { appendEvents, readEvents } from '../../src/events/event-log.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

/** Tables that belong to no tenant. */
const SYSTEM_TABLES = ['_prisma_migrations', 'key_check', 'console_session']

interface Tenant {
  scope: Scope
  integrationId: string
  endUserIds: string[]
  connectionIds: string[]
}

describeDatabases('A tenant scope', (open, kind) => {
  let test: TestDatabase
  let database: Database
  let [ada, bob]: Tenant[] = []
  beforeAll(async () => {
    test = await open()
    database = test.database
    ada = await createTenant(database)
    bob = await createTenant(database)
  })
  afterAll(() => test.close())

  const both = () => {
    if (ada === undefined || bob === undefined) throw new Error('The tenants were not created.')
    return { ada, bob }
  }
  const idsBy = async (sql: SqlRunner) =>
    (await sql.query<{ id: string }>('SELECT id FROM workspace ORDER BY id')).map((row) => row.id)

  it('shows only the rows of its workspace, through every database handle', async () => {
    const { ada, bob } = both()
    const [own, all] = [[ada.scope.workspaceId], [ada.scope.workspaceId, bob.scope.workspaceId].sort()]
    const ways: Record<string, () => Promise<string[]>> = {
      SQL: () => idsBy(database.sql),
      'a transaction of SQL': () => database.bulkTransaction(idsBy),
      'the model': async () =>
        (await database.prisma.workspace.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id),
      'a transaction of the model': () =>
        database.transaction(async (tx) =>
          (await tx.prisma.workspace.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id),
        ),
      'SQL in a transaction of the model': () => database.transaction(idsBy),
    }
    for (const [way, read] of Object.entries(ways)) {
      expect([way, await runInScope(ada.scope, read)]).toEqual([way, own])
      expect([way, await read()]).toEqual([way, all])
      expect([way, await runInScope(ada.scope, () => runInScope(null, read))]).toEqual([way, all])
    }
  })

  it('applies to Prisma promises that start late and to queries that Prisma could batch', async () => {
    const { ada, bob } = both()
    const late = runInScope(ada.scope, () => database.prisma.workspace.findMany())
    expect(await late).toHaveLength(1)
    const find = (scope: Scope | null, id: string) =>
      runInScope(scope, () => database.prisma.workspace.findUnique({ where: { id }, select: { id: true } }))
    const [mine, others, everybodys] = await Promise.all([
      find(ada.scope, ada.scope.workspaceId),
      find(bob.scope, ada.scope.workspaceId),
      find(null, ada.scope.workspaceId),
    ])
    expect({ mine, others, everybodys }).toEqual({
      mine: { id: ada.scope.workspaceId },
      others: null,
      everybodys: { id: ada.scope.workspaceId },
    })
  })

  it('of an end user shows the end user, their connections and the events of these, and nothing else', async () => {
    const { ada } = both()
    const [endUserId = null] = ada.endUserIds
    const own = { workspaceId: ada.scope.workspaceId, endUserId }
    await runInScope(ada.scope, () =>
      database.bulkTransaction((tx) =>
        appendEvents(
          tx,
          createLocalWakeBus(),
          ada.scope.workspaceId,
          ada.connectionIds.map((connectionId) => ({ type: 'CONNECTION_ACTIVATED', connectionId })),
        ),
      ),
    )
    await runInScope(own, async () => {
      expect((await database.prisma.endUser.findMany()).map(({ id }) => id)).toEqual([endUserId])
      expect((await database.prisma.connection.findMany()).map(({ id }) => id)).toEqual([ada.connectionIds[0]])
      expect(await database.prisma.integration.count()).toBe(1)
      expect(await database.prisma.apiKey.count()).toBe(0)
      const events = await readEvents(database.sql, own.workspaceId, 0n, {}, 10)
      expect(events.map(({ connectionId }) => connectionId)).toEqual([ada.connectionIds[0]])
      await expect(
        database.prisma.workspace.update({ where: { id: own.workspaceId }, data: { name: 'x' } }),
      ).rejects.toThrow()
      expect(await database.prisma.connection.updateMany({ data: { displayName: 'mine' } })).toEqual({ count: 1 })
    })
    expect(await database.prisma.connection.count({ where: { displayName: 'mine' } })).toBe(1)
  })

  it('does not apply to a shared event reader, whoever opened it', async () => {
    const { ada } = both()
    const { workspaceId } = ada.scope
    const [{ head } = { head: 0n }] = await database.sql.query<{ head: bigint }>(
      'SELECT head FROM event_log WHERE workspace_id = $1::uuid',
      [workspaceId],
    )
    const tails = createEventTails(database.sql, createLocalWakeBus(), {
      pollEveryMs: 60_000,
      onError(error) {
        throw error
      },
    })
    const own = { workspaceId, endUserId: ada.endUserIds[0] ?? null }
    const tail = await runInScope(own, async () => {
      const opened = tails.open(workspaceId, 0n)
      await opened.grown(new AbortController().signal)
      return opened
    })
    expect(tail.head).toBe(head)
    expect(new Set(tail.after(0n)?.map(({ connectionId }) => connectionId))).toEqual(new Set(ada.connectionIds))
    tails.close()
  })

  it('of an end user shows the events of their connection also after the connection lost its end user', async () => {
    const { bob } = both()
    const { workspaceId } = bob.scope
    const [connectionId = ''] = bob.connectionIds
    const append = (type: 'CONNECTION_CREATED' | 'CONNECTION_DELETED') =>
      database.bulkTransaction((tx) => appendEvents(tx, createLocalWakeBus(), workspaceId, [{ type, connectionId }]))
    await append('CONNECTION_CREATED')
    await database.prisma.connection.update({ where: { id: connectionId }, data: { endUserId: null } })
    await append('CONNECTION_DELETED')
    const events = await readEvents(database.sql, workspaceId, 0n, { endUserId: bob.endUserIds[0] }, 10)
    expect(events.map(({ type }) => type)).toEqual(['CONNECTION_CREATED', 'CONNECTION_DELETED'])
  })

  it('refuses writes to another workspace and references to its rows', async () => {
    const { ada, bob } = both()
    const connection = (workspaceId: string, integrationId: string, endUserId: string | undefined) => ({
      id: newId(),
      workspaceId,
      integrationId,
      endUserId: endUserId ?? null,
      displayName: 'c',
      status: 'ACTIVE' as const,
      method: 'SECRET' as const,
    })
    const tries = [
      connection(bob.scope.workspaceId, bob.integrationId, undefined),
      connection(ada.scope.workspaceId, bob.integrationId, undefined),
      connection(ada.scope.workspaceId, ada.integrationId, bob.endUserIds[1]),
    ]
    await runInScope(ada.scope, async () => {
      for (const data of tries)
        await expect(database.prisma.connection.create({ data })).rejects.toThrow(/row-level security/)
      const [connectionId = ''] = bob.connectionIds
      const job = { id: newId(), workspaceId: ada.scope.workspaceId, connectionId, trigger: 'MANUAL' as const }
      await expect(database.prisma.syncJob.create({ data: job })).rejects.toThrow(/row-level security/)
      expect(
        await database.prisma.connection.updateMany({ data: { displayName: 'x' }, where: { id: connectionId } }),
      ).toEqual({ count: 0 })
      expect(await database.prisma.connection.deleteMany({ where: { id: connectionId } })).toEqual({ count: 0 })
      await expect(database.sql.query('SELECT * FROM key_check')).rejects.toThrow(/permission denied/)
    })
    expect(await database.prisma.connection.count()).toBe(4)
  })

  it('is enforced by every table of tenants', async () => {
    const unprotected = await database.sql.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relname = ANY($1::text[]))
         AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))`,
      [SYSTEM_TABLES],
    )
    // A migration that adds a tenant table must call latchkey_protect.
    expect(unprotected).toEqual([])
    const open = await database.sql.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relname = ANY($1::text[]) AND has_table_privilege('latchkey_tenant', c.oid, 'SELECT')`,
      [SYSTEM_TABLES],
    )
    expect(open).toEqual([])
  })

  it('allows enqueuing a job, and listeners run in no scope', async () => {
    const { ada } = both()
    const queue = createQueue(database, (error) => {
      throw error
    })
    await queue.start()
    const woken = Promise.withResolvers<string[]>()
    queue.onEnqueued('sync', () => woken.resolve(idsBy(database.sql)))
    await runInScope(ada.scope, () =>
      database.bulkTransaction((tx) => queue.enqueue(tx, 'sync', { syncJobId: newId() })),
    )
    await runInScope(ada.scope, () => database.transaction((tx) => queue.enqueue(tx, 'sync', { syncJobId: newId() })))
    expect(await woken.promise).toHaveLength(2)
    expect(await queue.fetch('sync', 5)).toHaveLength(2)
    const jobs = runInScope(ada.scope, () => database.sql.query('SELECT data FROM queue.job_common'))
    await expect(jobs).rejects.toThrow(/permission denied/)
    await queue.stop()
  })

  it('is correct for each of many concurrent callers, even when some fail', async () => {
    const { ada, bob } = both()
    const scopes = [ada.scope, bob.scope, null]
    const failing = async (sql: SqlRunner) => {
      await sql.query('SELECT 1 / (SELECT count(*) - count(*) FROM workspace)').catch(() => undefined)
      throw new Error('no')
    }
    const round = async (index: number) => {
      const scope = scopes[index % 3] ?? null
      const expected = scope === null ? [ada.scope.workspaceId, bob.scope.workspaceId].sort() : [scope.workspaceId]
      await runInScope(scope, async () => {
        if (index % 5 === 0) await expect(failing(database.sql)).rejects.toThrow('no')
        if (index % 7 === 0) await expect(database.bulkTransaction(failing)).rejects.toThrow('no')
        if (index % 11 === 0) await expect(database.transaction(failing)).rejects.toThrow('no')
        await setImmediate()
        expect(await idsBy(database.sql)).toEqual(expected)
        expect(await database.bulkTransaction(idsBy)).toEqual(expected)
        expect(await database.prisma.workspace.count()).toEqual(expected.length)
      })
    }
    await Promise.all(Array.from({ length: 60 }, (_, index) => round(index)))
  })

  if (kind === 'embedded') return

  describe('on shared connections', () => {
    const lost: Error[] = []
    const openPool = () => {
      const pool = new ScopedPool({ connectionString: test.url ?? '', max: 1 })
      pool.on('error', (error) => lost.push(error))
      return pool
    }
    const workspaces = async (pool: ScopedPool) =>
      (await pool.query<{ id: string }>('SELECT id FROM workspace')).rows.map(({ id }) => id)

    it('costs a statement only when the scope changes', async () => {
      const { ada, bob } = both()
      const pool = openPool()
      const client = await pool.connect()
      const sent: unknown[] = []
      const query = client.query.bind(client)
      Object.assign(client, {
        query: (...args: [never]) => {
          sent.push(args[0])
          return query(...args)
        },
      })
      client.release()
      const counts: number[] = []
      for (const scope of [null, ada.scope, ada.scope, bob.scope, bob.scope, null, null]) {
        sent.length = 0
        await runInScope(scope, () => workspaces(pool))
        counts.push(sent.length)
      }
      expect(counts).toEqual([1, 2, 1, 2, 1, 2, 1])
      await pool.end()
    })

    it('is not assumed on a connection that was killed while the scope was set', async () => {
      const { ada, bob } = both()
      const pool = openPool()
      const scopes = [bob.scope, ada.scope, null]
      const answerOf = (of: ScopedPool, scope: Scope | null) =>
        runInScope(scope, () => workspaces(of)).then(
          (ids) =>
            ids.length === (scope === null ? 2 : 1) && ids.includes(scope?.workspaceId ?? ada.scope.workspaceId)
              ? 'right'
              : 'wrong',
          () => 'failed',
        )
      for (const moment of ['before', 'during'] as const) {
        const { rows } = await runInScope(ada.scope, () =>
          pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'),
        )
        const kill = () => database.sql.query('SELECT pg_terminate_backend($1::int)', [rows[0]?.pid])
        if (moment === 'before') await kill()
        const entering = answerOf(pool, bob.scope)
        if (moment === 'during') await kill()
        // This query or a later one notices the loss. None may get the rows of another tenant.
        const answers = [await entering]
        for (let index = 0; index < 12; index += 1) answers.push(await answerOf(pool, scopes[index % 3] ?? null))
        expect(answers.filter((answer) => answer === 'wrong')).toEqual([])
        expect(answers.slice(-3)).toEqual(['right', 'right', 'right'])
      }
      await pool.end()
    })

    it('leaves connections to others while its own statements wait', async () => {
      const { ada, bob } = both()
      const pool = new ScopedPool({ connectionString: test.url ?? '', max: 4 })
      const usage = { databaseMs: 0 }
      const key = 20_261_128
      const blocker = await pool.connect()
      await blocker.query('SELECT pg_advisory_lock($1::bigint)', [key])
      let done = 0
      const slow = Array.from({ length: 5 }, () =>
        runInScope({ ...ada.scope, usage }, () => pool.query('SELECT pg_advisory_xact_lock($1::bigint)', [key])).then(
          () => {
            done += 1
          },
        ),
      )
      expect(await runInScope(bob.scope, () => workspaces(pool))).toEqual([bob.scope.workspaceId])
      expect(await workspaces(pool)).toHaveLength(2)
      expect(done).toBe(0)
      await blocker.query('SELECT pg_advisory_unlock($1::bigint)', [key])
      blocker.release()
      await Promise.all(slow)
      expect(usage.databaseMs).toBeGreaterThan(0)
      // Every place was given back.
      const again = Array.from({ length: 12 }, () => runInScope(ada.scope, () => workspaces(pool)))
      expect(await Promise.all(again)).toEqual(Array.from({ length: 12 }, () => [ada.scope.workspaceId]))
      await pool.end()
    })

    it('waits for a connection no longer than others do', async () => {
      const { ada, bob } = both()
      const pool = new ScopedPool({ connectionString: test.url ?? '', max: 3, connectionTimeoutMillis: 2_000 })
      const held = await runInScope(ada.scope, () => Promise.all([pool.connect(), pool.connect()]))
      const waiting = runInScope(ada.scope, () => workspaces(pool))
      await expect(waiting).rejects.toThrow('timeout exceeded when trying to connect')
      expect(await runInScope(bob.scope, () => workspaces(pool))).toHaveLength(1)
      for (const client of held) client.release()
      expect(await runInScope(ada.scope, () => workspaces(pool))).toHaveLength(1)
      await pool.end()
    })

    it('that a connection refuses closes the connection', async () => {
      const { ada } = both()
      const pool = openPool()
      const before = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const wrong = { workspaceId: ada.scope.workspaceId, endUserId: '\0' }
      await expect(runInScope(wrong, () => workspaces(pool))).rejects.toThrow()
      const after = await pool.query<{ pid: number; user: string }>(
        'SELECT pg_backend_pid() AS pid, current_user::text AS user',
      )
      expect(after.rows[0]?.pid).not.toBe(before.rows[0]?.pid)
      expect(after.rows[0]?.user).not.toBe('latchkey_tenant')
      await pool.end()
    })

    it('is not set on a connection that was released in the middle of a transaction: it is closed', async () => {
      const { ada, bob } = both()
      const pool = openPool()
      for (const statement of ['SELECT 1', 'SELECT no_such_column']) {
        const client = await runInScope(ada.scope, () => pool.connect())
        await client.query('BEGIN')
        await client.query(statement).catch(() => undefined)
        client.release()
        expect(await runInScope(bob.scope, () => workspaces(pool))).toEqual([bob.scope.workspaceId])
        expect(await workspaces(pool)).toHaveLength(2)
      }
      await pool.end()
    })
  })
})

async function createTenant({ prisma }: Database): Promise<Tenant> {
  const workspaceId = newId()
  await prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: workspaceId, redirectUrls: [] } })
  const integrationId = newId()
  await prisma.integration.create({
    data: { id: integrationId, workspaceId, slug: 'crm', displayName: 'CRM', provider: 'sandbox', oauthScopes: [] },
  })
  await prisma.apiKey.create({
    data: {
      id: newId(),
      workspaceId,
      name: 'k',
      role: 'ADMIN',
      prefix: 'lk',
      hash: new Uint8Array(Buffer.from(workspaceId)),
    },
  })
  const [endUserIds, connectionIds] = [
    [newId(), newId()],
    [newId(), newId()],
  ]
  for (const [index, id] of endUserIds.entries()) {
    await prisma.endUser.create({ data: { id, workspaceId, externalId: id } })
    await prisma.connection.create({
      data: {
        id: connectionIds[index] ?? '',
        workspaceId,
        integrationId,
        endUserId: id,
        displayName: 'c',
        status: 'ACTIVE',
        method: 'SECRET',
      },
    })
  }
  return { scope: { workspaceId, endUserId: null }, integrationId, endUserIds, connectionIds }
}
