import { randomBytes } from 'node:crypto'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import type { StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import {
  type CredentialRow,
  insertCredential,
  openSealed,
  readCredentialRow,
} from '../../../src/credentials/credential-store.ts'
import { type AttemptWriter, createAttemptWriter, hexOf } from '../../../src/credentials/renewal-attempt.ts'
import type { Database } from '../../../src/db/database.ts'
import { databaseNow } from '../../../src/db/sql.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { newId } from '../../../src/kit/ids.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { describeDatabases } from '../../support/databases.ts'

const QUIET_MS = 60_000
const vault = createVault(parseKeyring(`test:${randomBytes(32).toString('base64')}`))

const grantOf = (refreshToken: string, sharing: readonly string[] = []) => ({
  hashes: vault.fingerprints(refreshToken).map(hexOf),
  includes: (row: CredentialRow) => sharing.includes(row.connection_id),
})
const renewed = (refreshToken: string, kept: Record<string, unknown> = {}) => {
  const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, accessToken: 'new', refreshToken, scopes: [] }
  return { stored, scopes: [], kept }
}

describeDatabases('Renewals of a workspace that are written at the same time', (open) => {
  let database: Database
  let attempts: AttemptWriter
  let transactions: number
  let atOnce: number
  let mostAtOnce: number
  const workspaceId = newId()
  const integrationId = newId()

  beforeEach(async () => {
    const test = await open()
    onTestFinished(() => test.close())
    database = test.database
    transactions = 0
    atOnce = 0
    mostAtOnce = 0
    const counting: Database = {
      ...database,
      async bulkTransaction(work) {
        transactions += 1
        atOnce += 1
        mostAtOnce = Math.max(mostAtOnce, atOnce)
        return database.bulkTransaction(work).finally(() => {
          atOnce -= 1
        })
      },
    }
    attempts = createAttemptWriter({ database: counting, bus: createLocalWakeBus(), vault }, QUIET_MS)
    await database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 's', redirectUrls: [] } })
    const definition = { displayName: 'n', baseUrl: 'http://127.0.0.1', auth: { type: 'none' } }
    const named = { slug: 'i', displayName: 'n' }
    await database.prisma.integration.create({ data: { id: integrationId, workspaceId, ...named, definition } })
  })

  /** Adds connections with these refresh tokens. */
  function add(refreshTokens: readonly string[]): Promise<CredentialRow[]> {
    return database.transaction(async (tx) => {
      const now = await databaseNow(tx)
      const ids: string[] = []
      for (const refreshToken of refreshTokens) {
        const connectionId = newId()
        ids.push(connectionId)
        const method = 'TOKEN_INJECTION'
        const connection = {
          id: connectionId,
          workspaceId,
          integrationId,
          displayName: 'n',
          method,
          status: 'ACTIVE',
        } as const
        await tx.prisma.connection.create({ data: connection })
        const stored = { ...renewed(refreshToken).stored, accessToken: 'old' }
        await insertCredential(tx, vault, {
          connectionId,
          workspaceId,
          stored,
          now,
          supplied: true,
          opened: { refreshable: true, refreshToken: { value: refreshToken, place: 'p', rotates: true }, scopes: [] },
        })
      }
      return Promise.all(ids.map((id) => readCredentialRow(tx, id)))
    })
  }

  const begin = (row: CredentialRow, refreshToken: string) => attempts.begin(row, grantOf(refreshToken))
  const read = (row: CredentialRow) => readCredentialRow(database.sql, row.connection_id)
  const tokenOf = async (row: CredentialRow) => (openSealed(vault, await read(row)) as StoredOAuth2).refreshToken
  async function events(type: string): Promise<string[]> {
    const rows = await database.sql.query<{ connection_id: string }>(
      'SELECT connection_id FROM event WHERE workspace_id = $1::uuid AND type = $2 ORDER BY position',
      [workspaceId, type],
    )
    return rows.map((row) => row.connection_id)
  }

  it('share few transactions, and each has its own attempt, result and event', async () => {
    const rows = await add(Array.from({ length: 100 }, (_, index) => `token ${index}`))
    const begun = await Promise.all(rows.map((row, index) => begin(row, `token ${index}`)))
    expect(begun.map((attempt) => attempt?.connectionIds)).toEqual(rows.map((row) => [row.connection_id]))
    expect(new Set(begun.map((attempt) => attempt?.id)).size).toBe(rows.length)
    expect((await Promise.all(rows.map(read))).map((row) => row.attempt_id)).toEqual(
      begun.map((attempt) => attempt?.id),
    )
    const stored = await Promise.all(
      rows.map((row, index) => attempts.commit(row, grantOf(`token ${index}`), renewed(`next ${index}`, { index }))),
    )
    expect(stored).toEqual(rows.map(() => true))
    expect(transactions).toBe(4)
    const after = await Promise.all(rows.map(read))
    expect(after.map(({ version, attempt_id, kept }) => ({ version, attempt_id, kept }))).toEqual(
      rows.map((_, index) => ({ version: 2, attempt_id: null, kept: { index } })),
    )
    expect(await Promise.all(rows.map(tokenOf))).toEqual(rows.map((_, index) => `next ${index}`))
    for (const type of ['CREDENTIAL_REFRESH_STARTED', 'CREDENTIAL_REFRESHED'])
      expect((await events(type)).toSorted()).toEqual(rows.map((row) => row.connection_id).toSorted())
  })

  it('are begun only where no attempt is open and the version is current', async () => {
    const [free, open_, stale] = await add(['a', 'b', 'c'])
    if (free === undefined || open_ === undefined || stale === undefined) throw new Error('Nothing was added.')
    const first = await begin(open_, 'b')
    await attempts.commit(stale, grantOf('c'), renewed('c2'))
    const begun = await Promise.all([begin(free, 'a'), begin(open_, 'b'), begin(stale, 'c')])
    expect(begun.map((attempt) => attempt !== null)).toEqual([true, false, false])
    expect((await read(open_)).attempt_id).toBe(first?.id)
    expect(await events('CREDENTIAL_REFRESH_STARTED')).toEqual([open_.connection_id, free.connection_id])
  })

  it('do not fail because the database refuses one of them', async () => {
    const rows = await add(['a', 'b', 'c'])
    await Promise.all(rows.map((row, index) => begin(row, 'abc'.charAt(index))))
    const results = await Promise.allSettled(
      rows.map((row, index) => {
        // PostgreSQL stores no NUL in jsonb.
        const kept = index === 1 ? { name: 'a\u0000b' } : {}
        return attempts.commit(row, grantOf('abc'.charAt(index)), renewed(`${index}`, kept))
      }),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await Promise.all(rows.map(read))).map((row) => row.version)).toEqual([2, 1, 2])
    expect(await events('CREDENTIAL_REFRESHED')).toEqual([rows[0]?.connection_id, rows[2]?.connection_id])
  })

  it('include the other connections with the same refresh token, and only those', async () => {
    const [own, twin, other] = await add(['a', 'a', 'b'])
    if (own === undefined || twin === undefined || other === undefined) throw new Error('Nothing was added.')
    const grant = grantOf('a', [own.connection_id, twin.connection_id])
    const [shared, single] = await Promise.all([attempts.begin(own, grant), begin(other, 'b')])
    expect(shared?.connectionIds.toSorted()).toEqual([own.connection_id, twin.connection_id].toSorted())
    expect(single?.connectionIds).toEqual([other.connection_id])
    const stored = await Promise.all([
      attempts.commit(own, grant, renewed('a2')),
      attempts.commit(other, grantOf('b'), renewed('b2')),
    ])
    expect(stored).toEqual([true, true])
    expect(await Promise.all([own, twin, other].map(tokenOf))).toEqual(['a2', 'a2', 'b2'])
    expect(await events('CREDENTIAL_REFRESHED')).toHaveLength(3)
  })

  it('are stored where the credential was not replaced meanwhile, and heal a connection that failed', async () => {
    const [replaced, failing] = await add(['a', 'b'])
    if (replaced === undefined || failing === undefined) throw new Error('Nothing was added.')
    await Promise.all([begin(replaced, 'a'), begin(failing, 'b')])
    await database.sql.query(
      `UPDATE credential SET version = 7, refresh_token_hash = 'another' WHERE connection_id = $1::uuid`,
      [replaced.connection_id],
    )
    await database.sql.query(`UPDATE connection SET status = 'ERROR' WHERE id = $1::uuid`, [failing.connection_id])
    const stored = await Promise.all([
      attempts.commit(replaced, grantOf('a'), renewed('a2')),
      attempts.commit(failing, grantOf('b'), renewed('b2')),
    ])
    expect(stored).toEqual([false, true])
    expect((await read(replaced)).version).toBe(7)
    expect((await read(failing)).status).toBe('ACTIVE')
    expect(await events('CONNECTION_ACTIVATED')).toEqual([failing.connection_id])
  })

  it('leave connections of the pool to callers, however many workspaces there are', async () => {
    const [row] = await add(['a'])
    if (row === undefined) throw new Error('Nothing was added.')
    const stale = Array.from({ length: 20 }, () => ({ ...row, workspace_id: newId(), version: 9 }))
    expect(await Promise.all(stale.map((each) => begin(each, 'a')))).toEqual(stale.map(() => null))
    expect(transactions).toBe(stale.length)
    expect(mostAtOnce).toBeLessThanOrEqual(4)
  })
})
