import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { conflictOn } from '../../src/db/violations.ts'
import { ConflictError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('Database', (open, kind) => {
  let test: TestDatabase
  let database: Database
  beforeAll(async () => {
    test = await open()
    database = test.database
    await database.sql.query('CREATE TABLE parent (id int PRIMARY KEY)')
    await database.sql.query(
      'CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)',
    )
  })
  afterAll(() => test.close())

  const workspace = (slug: string) => ({ id: newId(), name: 'n', slug, redirectUrls: [] })

  it('reports a COMMIT that is refused, and runs nothing that waits for the commit', async () => {
    let committed = false
    const failing = database.transaction(async (tx) => {
      tx.afterCommit(() => {
        committed = true
      })
      await tx.query('INSERT INTO child VALUES (1, 99)')
    })
    await expect(failing).rejects.toThrow()
    expect(committed).toBe(false)
    expect(await database.sql.query('SELECT * FROM child')).toEqual([])
  })

  it('applies the requested isolation level', async () => {
    const level = await database.prisma.$transaction(
      async (tx) => tx.$queryRawUnsafe<{ level: string }[]>(`SELECT current_setting('transaction_isolation') AS level`),
      { isolationLevel: 'Serializable' },
    )
    expect(level).toEqual([{ level: 'serializable' }])
  })

  it('turns a violated unique constraint into a ConflictError', async () => {
    await database.prisma.workspace.create({ data: workspace('taken') })
    const again = conflictOn(() => database.prisma.workspace.create({ data: workspace('taken') }), 'Choose another.')
    await expect(again).rejects.toBeInstanceOf(ConflictError)
    const inTransaction = conflictOn(
      () => database.transaction((tx) => tx.prisma.workspace.create({ data: workspace('taken') })),
      'Choose another.',
    )
    await expect(inTransaction).rejects.toBeInstanceOf(ConflictError)
  })

  it('counts what this process writes on a server, before it learns that it is written', async () => {
    const { writes, sql, prisma } = database
    if (kind === 'embedded') {
      expect(writes).toBeUndefined()
      return
    }
    const change = async (work: () => Promise<unknown>) => {
      const before = writes?.count ?? Number.NaN
      await work()
      return (writes?.count ?? Number.NaN) - before
    }
    const id = newId()
    const rename = `UPDATE workspace SET name = 'm' WHERE id = $1::uuid`
    expect(await change(() => prisma.workspace.create({ data: { ...workspace('counted'), id } }))).toBeGreaterThan(0)
    expect(await change(() => sql.query(rename, [id]))).toBeGreaterThan(0)
    expect(
      await change(() => sql.query(`WITH done AS (${rename} RETURNING id) SELECT id FROM done`, [id])),
    ).toBeGreaterThan(0)
    expect(await change(() => database.transaction((tx) => tx.query(rename, [id])))).toBeGreaterThan(0)
    expect(await change(() => database.bulkTransaction((tx) => tx.query(rename, [id])))).toBeGreaterThan(0)
    expect(await change(() => prisma.workspace.update({ where: { id }, data: { name: 'k' } }))).toBeGreaterThan(0)
    expect(await change(() => sql.query('SELECT name FROM workspace WHERE id = $1::uuid', [id]))).toBe(0)
    expect(await change(() => prisma.workspace.findUnique({ where: { id } }))).toBe(0)
  })

  it('runs 50 concurrent transactions', async () => {
    const slow = Array.from({ length: 50 }, () => database.transaction((tx) => tx.query('SELECT pg_sleep(0.02)::text')))
    expect(await Promise.all(slow)).toHaveLength(50)
  })

  it('rolls back both kinds of transaction', async () => {
    const slug = `rolled-back-${newId()}`
    const model = database.transaction(async (tx) => {
      await tx.prisma.workspace.create({ data: workspace(slug) })
      throw new Error('no')
    })
    await expect(model).rejects.toThrow('no')
    const plain = database.bulkTransaction(async (tx) => {
      await tx.query('INSERT INTO parent VALUES (7)')
      throw new Error('no')
    })
    await expect(plain).rejects.toThrow('no')
    expect(await database.prisma.workspace.count({ where: { slug } })).toBe(0)
    expect(await database.sql.query('SELECT * FROM parent')).toEqual([])
  })

  it('returns the same types from Prisma and from SQL', async () => {
    const { id } = await database.prisma.workspace.create({ data: workspace(`types-${newId()}`) })
    const [row] = await database.sql.query<{ at: Date; big: bigint; bytes: Uint8Array; list: string[]; j: unknown }>(
      `SELECT created_at AS at, 9007199254740993::bigint AS big, '\\x00ff'::bytea AS bytes, ARRAY['a', 'b'] AS list,
              '{"a":[1]}'::jsonb AS j FROM workspace WHERE id = $1::uuid`,
      [id],
    )
    expect(row?.at).toBeInstanceOf(Date)
    expect(row?.big).toBe(9007199254740993n)
    expect([...(row?.bytes ?? [])]).toEqual([0, 255])
    expect(row).toMatchObject({ list: ['a', 'b'], j: { a: [1] } })
  })

  if (kind === 'embedded') return

  describe('on a server that is not in UTC', () => {
    it('reads and writes the same instants', async () => {
      const elsewhere = await open()
      await elsewhere.database.sql.query(
        `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO ''Asia/Kolkata''', current_database()); END $$`,
      )
      const other = await elsewhere.openAnother()
      const { id } = await other.prisma.workspace.create({ data: workspace('kolkata') })
      const [row] = await other.sql.query<{ skew: number }>(
        'SELECT abs(extract(epoch FROM (created_at - now())))::float AS skew FROM workspace WHERE id = $1::uuid',
        [id],
      )
      expect(row?.skew).toBeLessThan(60)
      const read = await other.prisma.workspace.findUniqueOrThrow({ where: { id } })
      expect(Math.abs(read.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
      const expiresAt = new Date('2030-01-01T00:00:00.000Z')
      await other.prisma.apiKey.create({
        data: { id: newId(), name: 'k', role: 'OPERATOR', prefix: 'x', hash: new Uint8Array(32), expiresAt },
      })
      const [key] = await other.sql.query<{ text: string }>(
        `SELECT to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS text FROM api_key`,
      )
      expect(key?.text).toBe('2030-01-01 00:00')
      await elsewhere.close()
    })
  })
})
