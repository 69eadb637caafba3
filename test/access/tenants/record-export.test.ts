import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/access/caller.ts'
import { encodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { createGraphQLClient } from '../../support/graphql-client.ts'
import { type CheckedApp, startCheckedApp, testVault } from './access-checks.ts'
import { callersOf, createTenant, type Tenant } from './two-tenants.ts'

const LAYERS = [
  { application: true, database: true },
  { application: true, database: false },
  { application: false, database: true },
]
const RECORDS = 'records(first: 100) { nodes { id data } }'
const TRACE_ID = { 'x-request-id': '0123456789abcdef0123456789abcdef' }

describeDatabases('/export', (open) => {
  const vault = testVault()
  let test: TestDatabase
  let ada: Tenant
  let bob: Tenant
  let callers: Map<string, Caller>
  beforeAll(async () => {
    test = await open()
    ;[ada, bob] = [await createTenant(test.database, vault, 'ada'), await createTenant(test.database, vault, 'bob')]
    callers = new Map<string, Caller>([
      ...Object.entries(callersOf(ada)),
      ['operator', { ...callersOf(ada)['admin']!, kind: 'OPERATOR', role: 'OPERATOR', workspaceId: null }],
    ])
  })
  afterAll(() => test.close())

  describe.each(LAYERS)('checked by the application: $application, by the database: $database', (layers) => {
    let app: CheckedApp
    beforeAll(async () => {
      app = await startCheckedApp(test.database, vault, callers, layers)
    })
    afterAll(() => app.stop())

    const get = async (id: string, token: string) => {
      const url = new URL(`/export/${id}`, app.url)
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}`, ...TRACE_ID } })
      return { status: response.status, text: await response.text() }
    }
    const sources = () =>
      [ada, bob].flatMap(({ own, others }) =>
        [own, others].flatMap(({ connectionId, collectionId }) => [
          encodeGlobalId('Connection', connectionId),
          encodeGlobalId('Collection', collectionId),
        ]),
      )

    it('returns to every caller the records that the API returns, and 404 where it returns no object', async () => {
      const seen: Record<string, number> = {}
      for (const token of callers.keys()) {
        const client = createGraphQLClient({ url: app.url, key: token })
        let count = 0
        for (const id of sources()) {
          if (token === 'connect-session') {
            // The database alone cannot tell it from an end user.
            if (layers.application) expect((await get(id, token)).status).toBe(403)
            continue
          }
          const answer: unknown = await client.request(
            `query ($id: ID!) { node(id: $id) { ... on Connection { ${RECORDS} } ... on Collection { ${RECORDS} } } }`,
            { id },
          )
          const { node } = answer as { node: { records?: { nodes: object[] } } | null }
          const { status, text } = await get(id, token)
          expect([token, id, status]).toEqual([token, id, node === null ? 404 : 200])
          if (node === null) continue
          const lines = text.split('\n').slice(0, -1)
          const records = lines.map((line) => JSON.parse(line)).map(({ id, data }) => ({ id, data }))
          expect([token, records]).toEqual([token, node.records?.nodes])
          count += records.length
        }
        seen[token] = count
        await client.close()
      }
      // Records of connections and of collections, two each; of both workspaces, of one, or of one end user.
      expect(seen).toMatchObject({ admin: 8, reader: 8, limited: 8, 'end-user': 4, operator: 16 })
    })

    it('answers with the same bytes for an id of another workspace and for one that does not exist', async () => {
      const answers = new Set<string>()
      const unknown = encodeGlobalId('Connection', ada.workspaceId)
      for (const id of [
        encodeGlobalId('Connection', bob.own.connectionId),
        encodeGlobalId('Collection', bob.own.collectionId),
        encodeGlobalId('SyncJob', ada.own.syncJobId),
        ...[unknown, 'unknown', '', '%00', 'a/b'],
      ]) {
        const { status, text } = await get(id, 'admin')
        expect([id, status]).toEqual([id, 404])
        answers.add(text.replace(/"occurredAt":"[^"]*"/, ''))
      }
      expect(answers.size).toBe(1)
    })
  })
})
