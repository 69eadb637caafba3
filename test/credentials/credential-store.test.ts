import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCredentialReader, readCredentialRow } from '../../src/credentials/credential-store.ts'
import { runInScope } from '../../src/db/scope.ts'
import type { Row, SqlRunner } from '../../src/db/sql.ts'
import { NotFoundError } from '../../src/kit/errors.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { createSealedRows, newKey, type SealedRows, vaultOf } from '../vault/sealed-rows.ts'

interface Statement {
  ids: string[]
  answer(found?: readonly string[]): void
  fail(error: Error): void
}

/** A database whose statements wait until the test answers them. */
function heldDatabase() {
  let now = 0
  const statements: Statement[] = []
  let arrived = Promise.withResolvers<void>()
  const sql: SqlRunner = {
    query: <R extends Row>(_text: string, values: readonly unknown[] = []) => {
      const ids = values[0] as string[]
      const { promise, resolve, reject } = Promise.withResolvers<R[]>()
      statements.push({
        ids: [...ids],
        answer: (found = ids) => {
          now += 1
          resolve(found.map((id) => ({ connection_id: id, now: new Date(now) }) as unknown as R))
        },
        fail: reject,
      })
      arrived.resolve()
      arrived = Promise.withResolvers()
      return promise
    },
  }
  return {
    sql,
    statements,
    async next(count: number): Promise<Statement> {
      while (statements.length < count) await arrived.promise
      const statement = statements[count - 1]
      if (statement === undefined) throw new Error('The statement was not sent.')
      return statement
    },
  }
}

describe('createCredentialReader', () => {
  it('combines concurrent reads into one statement with each id once', async () => {
    const database = heldDatabase()
    const read = createCredentialReader(database.sql)
    const rows = Promise.all([read('a'), read('b'), read('a')])
    const statement = await database.next(1)
    expect(statement.ids).toEqual(['a', 'b'])
    statement.answer()
    expect((await rows).map((row) => row.connection_id)).toEqual(['a', 'b', 'a'])
    expect(database.statements).toHaveLength(1)
  })

  it('never answers a read from a statement that began before the read', async () => {
    const database = heldDatabase()
    const read = createCredentialReader(database.sql)
    const first = read('a')
    const running = await database.next(1)
    const later = [read('a'), read('b')]
    running.answer()
    await first
    const second = await database.next(2)
    expect(second.ids).toEqual(['a', 'b'])
    second.answer()
    await Promise.all(later)
    expect(database.statements).toHaveLength(2)
  })

  it('rejects missing rows with NotFoundError, and a failed statement only for its own reads', async () => {
    const database = heldDatabase()
    const read = createCredentialReader(database.sql)
    const found = read('a')
    const absent = read('b')
    const first = await database.next(1)
    const later = read('a')
    first.answer(['a'])
    expect((await found).connection_id).toBe('a')
    await expect(absent).rejects.toThrow(NotFoundError)
    ;(await database.next(2)).fail(new Error('The database is unavailable.'))
    await expect(later).rejects.toThrow('The database is unavailable.')
    const again = read('a')
    ;(await database.next(3)).answer()
    expect((await again).connection_id).toBe('a')
  })

  it('combines only reads of the same scope', async () => {
    const database = heldDatabase()
    const read = createCredentialReader(database.sql)
    const scope = { workspaceId: 'w', endUserId: null }
    const reads = [
      read('a'),
      runInScope(scope, () => read('a')),
      runInScope({ ...scope, endUserId: 'e' }, () => read('a')),
    ]
    const statements = [await database.next(1), await database.next(2), await database.next(3)]
    expect(statements.map(({ ids }) => ids)).toEqual([['a'], ['a'], ['a']])
    for (const statement of statements) statement.answer()
    await Promise.all(reads)
  })

  it('reads at most 200 rows with one statement', async () => {
    const database = heldDatabase()
    const read = createCredentialReader(database.sql)
    const rows = Promise.all(Array.from({ length: 450 }, (_, index) => read(`id-${index}`)))
    for (const count of [1, 2, 3]) (await database.next(count)).answer()
    expect((await rows).at(-1)?.connection_id).toBe('id-449')
    expect(database.statements.map(({ ids }) => ids.length)).toEqual([200, 200, 50])
  })
})

describeDatabases('createCredentialReader: rows that are kept', (open, kind) => {
  let test: TestDatabase
  let rows: SealedRows
  beforeAll(async () => {
    test = await open()
    rows = await createSealedRows(test.database, vaultOf(newKey('k')), 3, 'oauth2')
  })
  afterAll(() => test.close())

  /** A reader, and the statements that it sends. */
  function observed() {
    const statements: string[] = []
    const sql: SqlRunner = {
      query: (text, values) => {
        statements.push(text)
        return test.database.sql.query(text, values)
      },
    }
    return { read: createCredentialReader(sql, test.database.writes), statements }
  }
  const id = () => rows.connectionIds[0] ?? ''
  const run = (text: string, ...values: unknown[]) => test.database.sql.query(text, values)

  it('a second read gets the same row with the present time, and does not read its columns again', async () => {
    const { read, statements } = observed()
    const first = await read(id())
    const second = await read(id())
    expect(second).toEqual({ ...first, now: second.now })
    expect(second.now.getTime()).toBeGreaterThanOrEqual(first.now.getTime())
    expect(statements.map((text) => text.includes('sealed'))).toEqual([true, false])
  })

  it('reads of one moment are answered by few statements, which hold what another process wrote before it', async () => {
    const { read, statements } = observed()
    const versionOf = async () => (await read(id())).version
    const before = await versionOf()
    for (let each = 0; each < 200; each += 1) expect(await versionOf()).toBe(before)
    // The embedded database belongs to one process, which reads each time.
    if (kind === 'embedded') {
      expect(statements).toHaveLength(201)
      return
    }
    expect(statements.length).toBeLessThan(150)
    const other = await test.openAnother()
    await versionOf()
    await other.sql.query('UPDATE credential SET version = version + 1 WHERE connection_id = $1::uuid', [id()])
    await setTimeout(11)
    expect(await versionOf()).toBe((before ?? 0) + 1)
  })

  it.each([
    ['connection', `UPDATE connection SET status = 'DISABLED' WHERE id = $1::uuid`],
    ['credential', 'UPDATE credential SET version = version + 1 WHERE connection_id = $1::uuid'],
    [
      'integration',
      `UPDATE integration SET oauth_client_id = 'other' WHERE id = (SELECT integration_id FROM connection WHERE id = $1::uuid)`,
    ],
    [
      'OAuth client’s secret',
      'UPDATE integration_secret SET version = version + 1 WHERE integration_id = (SELECT integration_id FROM connection WHERE id = $1::uuid)',
    ],
    [
      'OAuth client’s secret, which is removed',
      'DELETE FROM integration_secret WHERE integration_id = (SELECT integration_id FROM connection WHERE id = $1::uuid)',
    ],
    ['credential, which is removed', 'DELETE FROM credential WHERE connection_id = $1::uuid'],
  ])('a read after a write sees the change of the %s', async (_what, statement) => {
    const { read } = observed()
    await read(id())
    // Its state answers further reads of this moment.
    const before = await read(id())
    await run(statement, id())
    const after = await read(id())
    expect(after).toEqual({ ...(await readCredentialRow(test.database.sql, id())), now: after.now })
    expect(after).not.toEqual({ ...before, now: after.now })
  })

  it('a read after the deletion of the connection or of its workspace rejects', async () => {
    const { read } = observed()
    const [, second = '', third = ''] = rows.connectionIds
    for (const _time of [1, 2]) await Promise.all([read(second), read(third)])
    await run('UPDATE connection SET deleted_at = now() WHERE id = $1::uuid', second)
    await expect(read(second)).rejects.toThrow(NotFoundError)
    await run('UPDATE workspace SET deleted_at = now() WHERE id = $1::uuid', rows.workspaceId)
    await expect(read(third)).rejects.toThrow(NotFoundError)
  })

  it('a caller of another workspace does not get a row that is kept', async () => {
    const { read } = observed()
    await run('UPDATE workspace SET deleted_at = NULL WHERE id = $1::uuid', rows.workspaceId)
    const [, , third = ''] = rows.connectionIds
    for (const _time of [1, 2]) expect((await read(third)).connection_id).toBe(third)
    const other = { workspaceId: '00000000-0000-7000-8000-000000000000', endUserId: null }
    await expect(runInScope(other, () => read(third))).rejects.toThrow(NotFoundError)
  })
})
