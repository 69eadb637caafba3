import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { startProgram } from '../support/program.ts'

/** The program alone needs most of it. The lines that are exported here would need several times as much if held at once. */
const OLD_SPACE_MIB = 128
const COUNT = 50_000

describe.skipIf(!serverAnswers)('The audit log of a whole process', () => {
  let test: TestDatabase
  const key = 'an-operator-key-of-this-test-only-0123456789'
  let env: Record<string, string>
  beforeAll(async () => {
    test = await openTestDatabase('server')
    env = {
      DATABASE_URL: test.url ?? '',
      LATCHKEY_OPERATOR_KEY: key,
      LATCHKEY_LOG_LEVEL: 'error',
      LATCHKEY_RATE_LIMIT: '0',
    }
  })
  afterAll(() => test.close())

  async function send<T>(url: string, query: string, input: object): Promise<T> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables: { input } }),
    })
    return ((await response.json()) as { data: T }).data
  }

  async function createWorkspace(url: string): Promise<string> {
    const query = `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) {
      ... on CreateWorkspacePayload { workspace { id } } } }`
    const data = await send<{ createWorkspace: { workspace: { id: string } } }>(url, query, { name: 'Acme' })
    return data.createWorkspace.workspace.id
  }

  it('has the line of every change and no other after kill -9', async () => {
    const program = await startProgram({ env })
    const workspaceId = await createWorkspace(program.url)
    const query = 'mutation ($input: UpsertEndUserInput!) { upsertEndUser(input: $input) { __typename } }'
    let answered = 0
    const killed = Promise.withResolvers<void>()
    const client = async (name: number) => {
      for (let index = 0; ; index += 1) {
        await send(program.url, query, { workspaceId, externalId: `${name}-${index}` })
        answered += 1
        if (answered === 100) killed.resolve(program.kill9())
      }
    }
    // Each client ends when the process does.
    await Promise.allSettled(Array.from({ length: 12 }, (_, index) => client(index)))
    await killed.promise
    const ids = [parseGlobalId(workspaceId)?.id]
    const [row] = await test.database.sql.query(
      `SELECT (SELECT count(*) FROM end_user WHERE workspace_id = $1::uuid)::int >= 100 AS many,
         (SELECT count(*) FROM end_user u FULL JOIN
           (SELECT * FROM audit_event WHERE workspace_id = $1::uuid AND action = 'upsertEndUser') a ON a.target_id = u.id
          WHERE coalesce(u.workspace_id, a.workspace_id) = $1::uuid AND (u.id IS NULL OR a.id IS NULL OR a.outcome <> 'OK'))::int AS apart`,
      ids,
    )
    expect(row).toEqual({ many: true, apart: 0 })
  })

  it(`exports ${COUNT} lines with a heap of ${OLD_SPACE_MIB} MiB`, async () => {
    const program = await startProgram({ env: { ...env, NODE_OPTIONS: `--max-old-space-size=${OLD_SPACE_MIB}` } })
    try {
      const workspaceId = await createWorkspace(program.url)
      await test.database.sql.query(
        `INSERT INTO audit_event (id, workspace_id, actor, actor_kind, action, outcome, trace_id)
         SELECT gen_random_uuid(), $1::uuid, 'a key (lk_abcdef…)', 'API_KEY', 'updateConnection', 'OK', n::text || repeat('x', 500)
         FROM generate_series(1, $2::int) AS n`,
        [parseGlobalId(workspaceId)?.id, COUNT],
      )
      const response = await fetch(`${program.url}/audit-export/${workspaceId}`, {
        headers: { authorization: `Bearer ${key}` },
      })
      let lines = 0
      let bytes = 0
      for await (const chunk of response.body ?? []) {
        bytes += chunk.byteLength
        for (const byte of chunk) if (byte === 0x0a) lines += 1
      }
      expect(lines).toBe(COUNT + 1)
      expect(bytes).toBeGreaterThan(35_000_000)
    } finally {
      await program.stop()
    }
  })
})
