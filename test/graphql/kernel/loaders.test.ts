import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/access/caller.ts'
import type { Database } from '../../../src/db/database.ts'
import { currentScope, runInScope, type Scope } from '../../../src/db/scope.ts'
import { createLoaders } from '../../../src/graphql/kernel/loaders.ts'
import { newId } from '../../../src/kit/ids.ts'

const operator: Caller = {
  kind: 'OPERATOR',
  role: 'OPERATOR',
  workspaceId: null,
  endUserId: null,
  apiKeyId: null,
  connectSessionId: null,
  expiresAt: null,
}

/** A database of which only `sql.query` exists. It records the scope of each statement and finds every id. */
function recordingDatabase() {
  const statements: { scope: Scope | null; ids: string[] }[] = []
  const query = async (_text: string, values: readonly unknown[] = []) => {
    const ids = [values[0]].flat() as string[]
    statements.push({ scope: currentScope(), ids })
    return ids.map((id) => ({ id, connectionId: id, parent: id, count: 1, listParent: id }))
  }
  return { database: { sql: { query } } as unknown as Database, statements }
}

describe('createLoaders', () => {
  // The same caller in each scope, so that the scope alone can keep the statements apart.
  const scopes = [{ workspaceId: newId(), endUserId: null }, { workspaceId: newId(), endUserId: null }, null]

  it.each<[string, (loaders: ReturnType<typeof createLoaders>, id: string) => unknown]>([
    ['a load by id', ({ connection }, id) => connection.load(id)],
    ['a load by connection', ({ credential }, id) => credential.load(id)],
    ['a list', ({ lists }, id) => lists.page({ table: 'connection', parentColumn: 'workspace_id' }, id)],
  ])('operations in different scopes never share a statement: %s', async (_name, load) => {
    const { database, statements } = recordingDatabase()
    const id = newId()
    await Promise.all(scopes.map((scope) => runInScope(scope, async () => load(createLoaders(database, operator), id))))
    expect(statements.map(({ scope }) => scope)).toEqual(scopes)
    expect(statements.map(({ ids }) => ids)).toEqual([[id], [id], [id]])
  })

  it('an end user and their workspace are different scopes', async () => {
    const { database, statements } = recordingDatabase()
    const workspaceId = newId()
    const both = [
      { workspaceId, endUserId: null },
      { workspaceId, endUserId: newId() },
    ]
    await Promise.all(
      both.map((scope) => runInScope(scope, async () => createLoaders(database, operator).connection.load(newId()))),
    )
    expect(statements.map(({ scope }) => scope)).toEqual(both)
  })

  it('operations in the same scope share a statement', async () => {
    const { database, statements } = recordingDatabase()
    const [scope] = scopes
    const ids = [newId(), newId(), newId()]
    await Promise.all(
      ids.map((id) => runInScope(scope ?? null, async () => createLoaders(database, operator).connection.load(id))),
    )
    expect(statements).toEqual([{ scope, ids }])
  })
})
