import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AuditLine } from '../../src/access/audit.ts'
import type { Database } from '../../src/db/database.ts'
import { parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { serverAnswers } from '../support/databases.ts'

const COUNT = 50_000

describe('/audit-export', () => {
  let app: TestApp
  let acme: Awaited<ReturnType<TestApp['createWorkspace']>>
  let other: Awaited<ReturnType<TestApp['createWorkspace']>>
  let large: Awaited<ReturnType<TestApp['createWorkspace']>>

  beforeAll(async () => {
    app = await startTestApp({ kind: serverAnswers ? 'server' : 'embedded' })
    acme = await app.createWorkspace()
    other = await app.createWorkspace('Other')
    large = await app.createWorkspace('Large')
    await addLines(app, large.id, COUNT)
  })
  afterAll(() => app.stop())

  async function addLines({ database }: TestApp, workspaceId: string, count: number): Promise<void> {
    await database.sql.query(
      `INSERT INTO audit_event (id, workspace_id, actor, actor_kind, action, outcome, trace_id, address)
       SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1::uuid, 'a key (lk_abcdef…)', 'API_KEY',
         'updateConnection', 'OK', n::text || repeat('x', 200), '192.0.2.1' FROM generate_series(1, $2::int) AS n`,
      [parseGlobalId(workspaceId)?.id, count],
    )
  }

  const get = (path: string, key: string | null, init: RequestInit = {}) =>
    fetch(`${app.url}/audit-export/${path}`, {
      ...init,
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
    })
  const linesOf = async (path: string, key: string): Promise<AuditLine[]> => {
    const response = await get(path, key)
    expect(response.status).toBe(200)
    return parseLines(await response.text())
  }
  const parseLines = (text: string): AuditLine[] =>
    text.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line)))
  const createKey = async (input: object): Promise<string> =>
    (
      await app.mutate(
        `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
          ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
        { workspaceId: acme.id, name: 'more', role: 'ADMIN', ...input },
        acme.key,
      )
    ).key
  const rename = (name: string, key = acme.key) =>
    app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { message } } }',
      { workspaceId: acme.id, name },
      key,
    )

  it('returns the lines of the workspace, oldest first, with the fields of the GraphQL type', async () => {
    await rename('Acme 2')
    const lines = await linesOf(acme.id, acme.key)
    expect(lines.map(({ action }) => action).slice(0, 2)).toEqual(['createWorkspace', 'createApiKey'])
    const { data } = await app.request(
      `query ($id: ID!) { workspace(id: $id) { auditEvents { nodes { id occurredAt actor actorKind actorId action method
         targetType targetId outcome traceId address } } } }`,
      { id: acme.id },
      acme.key,
    )
    expect(lines.toReversed()).toEqual(data.workspace.auditEvents.nodes)
    const response = await get(acme.id, acme.key)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    await response.body?.cancel()
  })

  it('selects lines by actor, action, target, outcome and time', async () => {
    await rename('Acme 3')
    await expect(rename('Acme 4', await createKey({ role: 'READER' }))).rejects.toThrow('ForbiddenError')
    const all = await linesOf(acme.id, acme.key)
    const select = (filter: Record<string, string>) => linesOf(`${acme.id}?${new URLSearchParams(filter)}`, acme.key)
    expect(await select({ action: 'updateWorkspace' })).toEqual(
      all.filter(({ action }) => action === 'updateWorkspace'),
    )
    expect(await select({ actor: 'operator' })).toEqual(all.filter(({ actor }) => actor === 'operator'))
    expect(await select({ targetId: acme.id })).toEqual(all.filter(({ targetId }) => targetId === acme.id))
    expect(await select({ targetId: 'nothing' })).toEqual([])
    expect(await select({ refused: 'true' })).toEqual(all.filter(({ outcome }) => outcome === 'FORBIDDEN'))
    expect(await select({ refused: 'false' })).toEqual(all.filter(({ outcome }) => outcome === 'OK'))
    const { data } = await app.request(
      'query ($id: ID!) { workspace(id: $id) { auditEvents(filter: { refused: true }) { nodes { outcome } } } }',
      { id: acme.id },
      acme.key,
    )
    expect(data.workspace.auditEvents.nodes).toEqual([{ outcome: 'FORBIDDEN' }])
    const { occurredAt = '' } = all.at(-1) ?? {}
    expect(await select({ since: occurredAt })).toEqual(all.filter((line) => line.occurredAt >= occurredAt))
    expect(await select({ since: '2999-01-01T00:00:00Z' })).toEqual([])
  })

  it('answers 401 without a key, 404 for other workspaces, and 403 for callers that may not read the log', async () => {
    const refused = async (path: string, key: string | null) => {
      const response = await get(path, key)
      const { error } = (await response.json()) as { error: { code: string; status: number; traceId: string } }
      expect(error.traceId).toBe(response.headers.get('x-request-id'))
      expect(error.status).toBe(response.status)
      return error.code
    }
    expect(await refused(acme.id, null)).toBe('UNAUTHENTICATED')
    expect(await refused(acme.id, `lk_${'x'.repeat(43)}`)).toBe('UNAUTHENTICATED')
    expect(await refused(other.id, acme.key)).toBe('NOT_FOUND')
    expect(await refused('unknown', acme.key)).toBe('NOT_FOUND')
    expect(await refused('', app.operatorKey)).toBe('NOT_FOUND')
    expect(await refused(acme.id, await createKey({ role: 'READER' }))).toBe('FORBIDDEN')
    expect(await refused(acme.id, await createKey({ scopes: ['READ', 'EXECUTE'] }))).toBe('FORBIDDEN')
    expect(await refused(acme.id, await createKey({ scopes: ['ADMIN'] }))).toBe('FORBIDDEN')
    expect((await linesOf(acme.id, app.operatorKey)).length).toBeGreaterThan(2)
  })

  it('refuses parameters that it does not know or cannot read, and other methods', async () => {
    for (const query of [
      'since=yesterday',
      'until=2026-01-01T00:00:00Z',
      'actor=a&actor=b',
      'refused=1',
      'actor=%00',
    ]) {
      expect([query, (await get(`${acme.id}?${query}`, acme.key)).status]).toEqual([query, 422])
    }
    expect((await get(acme.id, acme.key, { method: 'POST' })).status).toBe(405)
  })

  it(`returns ${COUNT} lines, each once`, async () => {
    const ids = new Set((await linesOf(large.id, large.key)).map(({ id }) => id))
    // And the two that the test itself has left.
    expect(ids.size).toBe(COUNT + 2)
  })

  it('reads no further than the client has read, and stops when the client leaves', async () => {
    const reads = vi.spyOn(app.database.sql, 'query')
    const batches = () => reads.mock.calls.filter(([text]) => text.includes('FROM audit_event t')).length
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET /audit-export/${large.id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${large.key}\r\n\r\n`)
    await once(socket, 'readable')
    // Until nothing moves any more.
    let before = -1
    while (batches() !== before) {
      before = batches()
      await delay(100)
    }
    // The lines that fit into the buffers of the socket, of 51 batches.
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(25)
    socket.destroy()
    await delay(50)
    const after = batches()
    await linesOf(other.id, other.key)
    expect(batches()).toBeLessThanOrEqual(after + 1)
    reads.mockRestore()
  })

  it('ends the connection without the end of the body when the log cannot be read further', async () => {
    const { sql } = app.database as { sql: Database['sql'] }
    const query = sql.query.bind(sql)
    let reads = 0
    const failing = vi.spyOn(sql, 'query').mockImplementation((text, values) => {
      if (text.includes('FROM audit_event t')) reads += 1
      return reads > 2 ? Promise.reject(new Error('The disk is gone.')) : query(text, values)
    })
    const response = await get(large.id, large.key)
    await expect(response.text()).rejects.toThrow()
    failing.mockRestore()
    expect(app.log.some((line) => line.includes('an export of the audit log was cut off'))).toBe(true)
  })

  it('ends the connection when the key is revoked', async () => {
    const { key, apiKey } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key apiKey { id } } ... on Error { message } } }`,
      { workspaceId: large.id, name: 'short', role: 'ADMIN' },
    )
    const response = await get(large.id, key)
    const reader = response.body?.getReader()
    await reader?.read()
    await app.mutate(
      'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on Error { message } } }',
      { apiKeyId: apiKey.id },
    )
    const rest = async () => {
      while ((await reader?.read())?.done === false);
    }
    await expect(rest()).rejects.toThrow()
  })

  it('is charged by the rate limits', async () => {
    const limited = await startTestApp({ config: { rateLimit: 600 } })
    try {
      const workspace = await limited.createWorkspace()
      await addLines(limited, workspace.id, 20_000)
      const statuses: number[] = []
      for (let index = 0; index < 4; index += 1) {
        const headers = { authorization: `Bearer ${workspace.key}` }
        const response = await fetch(`${limited.url}/audit-export/${workspace.id}`, { headers })
        await response.text()
        statuses.push(response.status)
      }
      // The lines of the first cost more than the caller has.
      expect(statuses).toEqual([200, 429, 429, 429])
    } finally {
      await limited.stop()
    }
  })
})
