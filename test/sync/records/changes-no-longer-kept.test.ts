import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { EncryptionKey, Keyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { documents } from '../../graphql/documents.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { serverAnswers } from '../../support/databases.ts'
import { contactsDefinition, startRecordsUpstream } from '../../support/records-upstream.ts'

describe.skipIf(!serverAnswers)('A client that reads changes of deleted records', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ kind: 'server' })
  })
  afterAll(() => app?.stop())

  /** A connection in a workspace of its own, in the collection `all`, that was synced once. */
  async function connect() {
    const upstream = await startRecordsUpstream(3)
    const workspace = await app.createWorkspace()
    await app.mutate(documents.createIntegration, {
      workspaceId: workspace.id,
      slug: 'contacts',
      definition: contactsDefinition(upstream.url),
    })
    const { connection, syncJob } = await app.mutate(documents.createConnection, {
      workspaceId: workspace.id,
      integration: 'contacts',
      credential: { secretText: upstream.token },
      collection: 'all',
      syncImmediately: true,
    })
    await finished(syncJob.id)
    return { upstream, workspaceId: workspace.id, connectionId: connection.id }
  }

  const finished = (id: string) =>
    vi.waitFor(
      async () => expect((await app.request(documents.syncJob, { id })).data.node.status).toBe('SUCCEEDED'),
      20_000,
    )

  async function sync(connectionId: string) {
    await finished((await app.mutate(documents.triggerSync, { connectionId })).syncJob.id)
  }

  /** A worker that keeps deleted records for one millisecond. */
  async function purgeAll() {
    const egress = createEgress({ allow: [] })
    const worker = buildApp({
      config: readConfig({
        PORT: '0',
        DATABASE_URL: 'postgresql://is.handed.in',
        LATCHKEY_ROLE: 'worker',
        LATCHKEY_DELETED_RECORD_RETENTION: 'PT0.001S',
      }),
      database: app.database,
      bus: createLocalWakeBus(),
      vault: createVault(new Keyring([new EncryptionKey('test', randomBytes(32))])),
      egress,
      logger: createLogger({ level: 'silent' }),
    })
    await worker.start()
    await vi.waitFor(
      async () => expect(await app.database.sql.query('SELECT 1 FROM record WHERE deleted')).toEqual([]),
      20_000,
    )
    await worker.stop()
    await egress.close()
  }

  it('gets an error when some of them were removed, reads all records again, and continues from there', async () => {
    const { upstream, workspaceId, connectionId } = await connect()
    const lists = [
      async (changedAfter: string | null) => {
        const { data, errors } = await app.request(documents.records, { id: connectionId, changedAfter })
        return { records: data?.node?.records, error: errors?.[0] }
      },
      async (changedAfter: string | null) => {
        const variables = { id: workspaceId, name: 'all', changedAfter }
        const { data, errors } = await app.request(documents.collectionRecords, variables)
        return { records: data?.workspace?.collection?.records, error: errors?.[0] }
      },
    ]
    const lastCursor = async (list: (typeof lists)[number], after: string | null) =>
      (await list(after)).records.nodes.at(-1).changeCursor
    const away = await Promise.all(lists.map((list) => lastCursor(list, null)))
    upstream.contacts.splice(0, 1)
    await sync(connectionId)
    const followed = await Promise.all(lists.map((list, index) => lastCursor(list, away[index])))
    await purgeAll()

    for (const [index, list] of lists.entries()) {
      const { error } = await list(away[index])
      expect(error).toMatchObject({
        extensions: {
          code: 'INVALID_INPUT',
          details: { reason: 'CHANGES_NO_LONGER_KEPT' },
          fields: [{ path: ['changedAfter'] }],
        },
      })
      expect(error?.message).toContain('Read all records again without changedAfter')
      expect((await list(followed[index])).records).toMatchObject({ nodes: [], totalCount: 0 })
    }
    const anew = await Promise.all(lists.map((list) => lastCursor(list, null)))
    upstream.contacts.splice(0, 1)
    await sync(connectionId)
    for (const [index, list] of lists.entries()) {
      for (const cursor of [followed[index], anew[index]]) {
        const { records, error } = await list(cursor)
        expect(error).toBeUndefined()
        expect(records.nodes).toMatchObject([{ primaryKey: ['2'], deleted: true }])
      }
    }
    await upstream.close()
  })

  it('can read page by page across a removal, with the cursors of the list', async () => {
    const { upstream, connectionId } = await connect()
    upstream.contacts.splice(2, 1)
    await sync(connectionId)
    await purgeAll()
    const read = async (variables: Record<string, unknown>) =>
      (await app.request(documents.records, { id: connectionId, first: 1, ...variables })).data.node.records
    const first = await read({})
    const second = await read({ after: first.pageInfo.endCursor })
    expect(second.nodes).toMatchObject([{ primaryKey: ['2'] }])
    expect((await read({ changedAfter: second.nodes[0].changeCursor })).nodes).toEqual([])
    await upstream.close()
  })
})
