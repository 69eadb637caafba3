import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { rehash } from '../../src/credentials/refresh-token-hash.ts'
import type { Database } from '../../src/db/database.ts'
import type { JsonObject } from '../../src/kit/json.ts'
import { createLogger } from '../../src/kit/log.ts'
import { credentialIdentity, keyIdsInUse, SEALED_TABLES } from '../../src/vault/identities.ts'
import { rewrapSecrets } from '../../src/vault/rewrap.ts'
import { createKeyReadiness } from '../../src/vault/vault.ts'
import { describeDatabases, openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { repositoryRoot, startProcess } from '../support/program.ts'
import type { RotationReport } from './rotation-process.ts'
import {
  countByKey,
  createSealedRows,
  hashesOf,
  newKey,
  refreshTokenOf,
  type SealedRows,
  vaultOf,
} from './sealed-rows.ts'

const [OLD, NEW] = [newKey('old'), newKey('new')]
const oldVault = vaultOf(OLD)
const newVault = vaultOf(NEW, OLD)

describeDatabases('rewrapSecrets', (open) => {
  let test: TestDatabase
  let database: Database
  let rows: SealedRows
  beforeAll(async () => {
    test = await open()
    database = test.database
    rows = await createSealedRows(database, oldVault, 1_200)
  })
  afterAll(() => test.close())

  const idAt = (index: number) => rows.connectionIds.at(index) ?? ''
  const opens = async (connectionId: string, vault = vaultOf(NEW)) => {
    const row = await database.prisma.credential.findUniqueOrThrow({ where: { connectionId } })
    return vault.open(row.sealed, credentialIdentity(rows.workspaceId, connectionId, row.version))
  }
  const set = (connectionId: string, data: { sealed?: Uint8Array<ArrayBuffer>; keyId?: string }) =>
    database.prisma.credential.update({ where: { connectionId }, data })

  it('covers every table that holds a sealed value', async () => {
    const found = await database.sql.query<{ name: string }>(
      `SELECT DISTINCT table_name::text AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND (column_name = 'key_id' OR column_name LIKE '%sealed%') ORDER BY 1`,
    )
    const others = found.map(({ name }) => name).filter((name) => name !== 'key_check')
    expect(others).toEqual(SEALED_TABLES.map(({ name }) => name).sort())
  })

  it('is needed before the old key is removed: without it a process is not ready (CS-05)', async () => {
    const log: string[] = []
    const logger = createLogger({ level: 'error', destination: { write: (line: string) => void log.push(line) } })
    expect(await keyIdsInUse(database.sql)).toEqual(['old'])
    await expect(createKeyReadiness(database.sql, vaultOf(NEW), logger)()).rejects.toMatchObject({ keyId: 'old' })
    expect(log.join()).toContain('"missing":["old"]')
    await createKeyReadiness(database.sql, newVault, logger)()
  })

  it('stops when its signal aborts, and leaves the rest unchanged', async () => {
    const stop = new AbortController()
    const result = await rewrapSecrets(database, newVault, {
      rehash,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    expect(result).toMatchObject({ rewrapped: 500, left: new Map([['old', 702]]), corrupt: 0 })
    expect(await countByKey(database)).toEqual({ new: 500, old: 700 })
  })

  it('continues past values that do not open and values sealed with a missing key', async () => {
    const [corrupt, swapped, elsewhere] = [idAt(-1), idAt(-2), idAt(-3)]
    const { sealed } = await database.prisma.credential.findUniqueOrThrow({ where: { connectionId: idAt(-4) } })
    const broken = Uint8Array.from(sealed)
    broken[20] = (broken[20] ?? 0) ^ 1
    const gone = vaultOf(newKey('gone'))
    await set(corrupt, { sealed: broken })
    await set(swapped, { sealed: Uint8Array.from(sealed) })
    await set(elsewhere, {
      sealed: gone.seal({ a: 1 }, credentialIdentity(rows.workspaceId, elsewhere, 1)),
      keyId: 'gone',
    })
    const tables = new Set<string>()
    const result = await rewrapSecrets(database, newVault, { rehash, onProgress: ({ table }) => tables.add(table) })
    expect(result).toMatchObject({
      rewrapped: 699,
      left: new Map([
        ['gone', 1],
        ['old', 2],
      ]),
      missingKeys: ['gone'],
      corrupt: 2,
    })
    expect(result.corruptRows.map(({ id }) => id).sort()).toEqual([corrupt, swapped].sort())
    expect([...tables].sort()).toEqual(['auth_provider', 'credential', 'integration_secret'])
    for (const connectionId of [idAt(0), idAt(600), idAt(-4)]) {
      expect(await opens(connectionId)).toEqual({ type: 'bearer', fields: { token: `token of ${connectionId}` } })
    }
    expect(await opens(elsewhere, gone)).toEqual({ a: 1 })
    expect(await rewrapSecrets(database, newVault, { rehash })).toMatchObject({ rewrapped: 0, corrupt: 2 })
    expect(await countByKey(database)).toEqual({ gone: 1, new: 1_197, old: 2 })
  })

  it('computes the hashes of refresh tokens with the new key, and removes those whose token is not stored', async () => {
    const { workspaceId, connectionIds } = await createSealedRows(database, oldVault, 4, 'oauth2')
    const [plain = '', renewed = '', inner = '', assembled = ''] = connectionIds
    const seal = (connectionId: string, value: JsonObject) =>
      oldVault.seal(value, credentialIdentity(workspaceId, connectionId, 1))
    const [spent] = oldVault.fingerprints('the token before')
    await database.prisma.credential.update({ where: { connectionId: renewed }, data: { suppliedTokenHash: spent } })
    const oauth2 = { type: 'oauth2', fields: {}, refreshToken: refreshTokenOf(inner), scopes: [] }
    const selective = { type: 'selective', fields: { auth_method: 'oauth' }, inner: oauth2 }
    await database.prisma.credential.update({
      where: { connectionId: inner },
      data: { sealed: seal(inner, selective) },
    })
    const fields = { type: 'oauth2', fields: { user: 'u', secret: 's' }, scopes: [] }
    const data = { sealed: seal(assembled, fields), ...hashesOf(oldVault, 'u:s') }
    await database.prisma.credential.update({ where: { connectionId: assembled }, data })
    await rewrapSecrets(database, newVault, { rehash })
    const stored = await database.prisma.credential.findMany({ where: { workspaceId } })
    const found = new Map(
      stored.map(({ connectionId, keyId, refreshTokenHash, suppliedTokenHash }) => {
        return [connectionId, { keyId, refreshTokenHash, suppliedTokenHash }]
      }),
    )
    const onlyNew = vaultOf(NEW)
    const both = (id: string) => ({ keyId: 'new', ...hashesOf(onlyNew, refreshTokenOf(id)) })
    expect(found).toEqual(
      new Map<string, object>([
        [plain, both(plain)],
        [renewed, { ...both(renewed), suppliedTokenHash: null }],
        [inner, both(inner)],
        [assembled, { keyId: 'new', refreshTokenHash: null, suppliedTokenHash: null }],
      ]),
    )
  })

  it('does not overwrite a secret that was replaced meanwhile, even under the old key', async () => {
    const connectionId = idAt(0)
    const version = 2
    const replaced = { type: 'bearer', fields: { token: 'another one' } }
    const sealed = oldVault.seal(replaced, credentialIdentity(rows.workspaceId, connectionId, version))
    await set(connectionId, {
      keyId: 'old',
      sealed: oldVault.seal({ a: 1 }, credentialIdentity(rows.workspaceId, connectionId, 1)),
    })
    // The rows have been read and not yet written when a refresh stores its token.
    const sql: Database['sql'] = {
      async query(text, values) {
        if (text.startsWith('WITH moved')) {
          await database.prisma.credential
            .update({ where: { connectionId, version: 1 }, data: { sealed, version } })
            .catch(() => undefined)
        }
        return database.sql.query(text, values)
      },
    }
    await rewrapSecrets({ ...database, sql }, newVault, { rehash })
    expect(await opens(connectionId, vaultOf(OLD))).toEqual(replaced)
    await rewrapSecrets(database, newVault, { rehash })
    expect(await opens(connectionId)).toEqual(replaced)
  })
})

describe.skipIf(!serverAnswers)('rewrapSecrets among other processes', () => {
  let test: TestDatabase
  beforeEach(async () => {
    test = await openTestDatabase('server')
  })
  afterEach(() => test.close())

  const env = () => ({ DATABASE_URL: test.url ?? '', LATCHKEY_ENCRYPTION_KEYS: `${NEW},${OLD}` })

  it('can be started again after kill -9 (CS-04)', async () => {
    const { database } = test
    const { connectionIds } = await createSealedRows(database, oldVault, 3_000)
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    // Blocks the third batch.
    const holding = database.bulkTransaction(async (tx) => {
      await tx.query('SELECT 1 FROM credential WHERE connection_id = $1::uuid FOR UPDATE', [connectionIds[1_200]])
      locked.resolve()
      await release.promise
    })
    await locked.promise
    const args = ['src/main.ts', 'rotate-keys']
    try {
      const dying = await startProcess({ args, env: env(), ready: /Moving stored secrets/ })
      while ((await countByKey(database))['new'] !== 1_000) await new Promise((resolve) => setTimeout(resolve, 20))
      await dying.kill9()
    } finally {
      release.resolve()
      await holding
    }
    // The third batch was sent: the server may finish it before it notices that the client is gone.
    await othersAreGone(database)
    const { new: moved = 0, ...rest } = await countByKey(database)
    expect([1_000, 1_500]).toContain(moved)
    expect(rest).toEqual({ old: 3_000 - moved })
    const next = await startProcess({ args, env: env(), ready: /Moving stored secrets/ })
    expect(await next.ended()).toBe(0)
    // Includes the secrets of the integration and the auth provider.
    expect(next.stdout()).toContain(`${3_002 - moved} moved.\nAll stored secrets are on the key new.`)
    expect(await countByKey(database)).toEqual({ new: 3_000 })
  }, 180_000)

  it('the command reports what is left and why, and exits with 1', async () => {
    const gone = vaultOf(newKey('gone'))
    await createSealedRows(test.database, oldVault, 3)
    await createSealedRows(test.database, gone, 1)
    const ended = await startProcess({
      args: ['src/main.ts', 'rotate-keys'],
      env: env(),
      ready: /Moving stored secrets/,
    })
    expect(await ended.ended()).toBe(1)
    expect(ended.stdout()).toContain('3 left on the key gone.\nNot configured: gone. Add these keys')
    expect(await countByKey(test.database)).toEqual({ gone: 1, new: 3 })
  })

  it('lets three processes that move to the new key one by one read and write without a failure (CS-04)', async () => {
    const { database } = test
    const rows = await createSealedRows(database, oldVault, 2_000)
    const start = (...keys: string[]) => startWorker({ ...rows, url: test.url, keys })
    const workers = await Promise.all([start(OLD, NEW), start(OLD, NEW), start(OLD, NEW)])
    const reports: RotationReport[] = []
    // The third process keeps the old key until the end.
    for (const index of [0, 1]) {
      const both = await Promise.all([
        rewrapSecrets(database, newVault, { rehash }),
        rewrapSecrets(database, newVault, { rehash }),
      ])
      expect(both.map(({ corrupt, missingKeys }) => [corrupt, missingKeys])).toEqual([
        [0, []],
        [0, []],
      ])
      const restarted = workers[index]
      if (restarted !== undefined) reports.push(await stopWorker(restarted))
      workers[index] = await start(NEW, OLD)
    }
    for (let round = 1; round <= 3; round += 1)
      expect((await rewrapSecrets(database, newVault, { rehash })).corrupt).toBe(0)
    reports.push(...(await Promise.all(workers.map(stopWorker))))
    expect(reports).toHaveLength(5)
    for (const { reads, failures } of reports) {
      expect(failures).toEqual([])
      expect(reads).toBeGreaterThan(0)
    }
    expect(reports.reduce((sum, { writes }) => sum + writes, 0)).toBeGreaterThan(0)
    expect((await rewrapSecrets(database, newVault, { rehash })).left).toEqual(new Map())
    for (const keyId of Object.keys(await countByKey(database))) expect(keyId).toBe('new')
  })
})

/** Waits until no other session is active: the statements of a killed process are committed or rolled back. */
async function othersAreGone(database: Database): Promise<void> {
  const others = () =>
    database.sql.query(
      `SELECT 1 AS one FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'latchkey'
         AND state <> 'idle'`,
    )
  while ((await others()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

async function startWorker(setting: object): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./rotation-process.ts', import.meta.url)), [JSON.stringify(setting)], {
    cwd: repositoryRoot,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

async function stopWorker(child: ChildProcess): Promise<RotationReport> {
  child.send('stop')
  const [report] = await once(child, 'message')
  return report
}
