import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHashBackfill } from '../../src/credentials/hash-backfill.ts'
import type { Database } from '../../src/db/database.ts'
import { createLogger } from '../../src/kit/log.ts'
import { credentialIdentity } from '../../src/vault/identities.ts'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { createSealedRows, newKey, refreshTokenOf, type SealedRows, vaultOf } from '../vault/sealed-rows.ts'

const vault = vaultOf(newKey('k'))
const logger = createLogger({ level: 'silent' })

describeDatabases('createHashBackfill', (open) => {
  let test: TestDatabase
  let database: Database
  let rows: SealedRows
  beforeAll(async () => {
    test = await open()
    database = test.database
    rows = await createSealedRows(database, vault, 25, 'oauth2')
  })
  afterAll(() => test.close())

  /** Runs passes until the missing hashes are those of `left`. */
  async function runUntilLeft(left: readonly string[], over: Database = database): Promise<void> {
    const loop = createHashBackfill({ database: over, vault, logger, everyMs: 10, batchSize: 10 })
    loop.start()
    try {
      await expect.poll(() => missing(), { timeout: 20_000 }).toEqual([...left].sort())
    } finally {
      await loop.stop()
    }
  }
  async function missing(): Promise<string[]> {
    const where = { refreshTokenHash: null, refreshable: true }
    const found = await database.prisma.credential.findMany({ where, select: { connectionId: true } })
    return found.map(({ connectionId }) => connectionId).sort()
  }
  const hashOf = async (connectionId: string) =>
    (await database.prisma.credential.findUniqueOrThrow({ where: { connectionId } })).refreshTokenHash
  const idAt = (index: number) => rows.connectionIds.at(index) ?? ''
  const forget = () => database.prisma.credential.updateMany({ data: { refreshTokenHash: null } })
  const expected = (secret: string) => Uint8Array.from(vault.fingerprints(secret)[0])

  it('stores the hash of every refresh token, and an empty one where there is none', async () => {
    await forget()
    const connectionId = idAt(3)
    const repeatable = { type: 'oauth2', fields: {}, accessToken: 'a', scopes: [], clientId: 'c' }
    const sealed = vault.seal(repeatable, credentialIdentity(rows.workspaceId, connectionId, 1))
    await database.prisma.credential.update({ where: { connectionId }, data: { sealed } })
    await runUntilLeft([])
    expect(await hashOf(connectionId)).toEqual(new Uint8Array())
    for (const id of rows.connectionIds.filter((each) => each !== connectionId)) {
      expect(await hashOf(id)).toEqual(expected(refreshTokenOf(id)))
    }
  })

  it('continues past credentials that cannot be opened', async () => {
    await forget()
    const connectionId = idAt(0)
    const { sealed } = await database.prisma.credential.findUniqueOrThrow({ where: { connectionId: idAt(1) } })
    const own = (await database.prisma.credential.findUniqueOrThrow({ where: { connectionId } })).sealed
    await database.prisma.credential.update({ where: { connectionId }, data: { sealed } })
    await runUntilLeft([connectionId])
    await database.prisma.credential.update({ where: { connectionId }, data: { sealed: own } })
    await runUntilLeft([])
    expect(await hashOf(connectionId)).toEqual(expected(refreshTokenOf(connectionId)))
  })

  it('leaves the hash of a token that is renewed meanwhile', async () => {
    await forget()
    const connectionId = idAt(7)
    const renewed = expected('the successor')
    let writes = 0
    // The credential has been read and its hash not yet written when a renewal commits.
    const sql: Database['sql'] = {
      async query(text, values) {
        if (text.startsWith('WITH hashed')) {
          writes += 1
          const where = { connectionId, version: 1 }
          await database.prisma.credential.updateMany({ where, data: { version: 2, refreshTokenHash: renewed } })
        }
        return database.sql.query(text, values)
      },
    }
    await runUntilLeft([], { ...database, sql })
    expect(writes).toBeGreaterThan(0)
    expect(await hashOf(connectionId)).toEqual(renewed)
  })
})
