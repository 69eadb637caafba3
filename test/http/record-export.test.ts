import { once } from 'node:events'
import { get as httpGet, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { SqlRunner } from '../../src/db/sql.ts'
import { encodeGlobalId, parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { chooseEncoding } from '../../src/http/record-export.ts'
import { newId } from '../../src/kit/ids.ts'
import { purgeDeletedRecords } from '../../src/sync/records/record-retention.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { serverAnswers } from '../support/databases.ts'

interface Line {
  id: string
  connectionId: string
  stream: string
  primaryKey: string[]
  data: unknown
  deleted: boolean
  changedAt: string
  cursor: string
  changeCursor: string
}

const LIST = `edges { cursor node { id stream primaryKey data deleted changedAt changeCursor connection { id } } }
  pageInfo { hasNextPage endCursor }`
const KINDS = serverAnswers ? (['embedded', 'server'] as const) : (['embedded'] as const)

describe.each(KINDS)('/export, on the %s database', (kind) => {
  let app: TestApp
  let acme: Awaited<ReturnType<TestApp['createWorkspace']>>
  const [collectionId, integrationId] = [newId(), newId()]
  beforeAll(async () => {
    app = await startTestApp({ kind, config: { rateLimit: 0 } })
    acme = await app.createWorkspace()
    const workspaceId = parseGlobalId(acme.id)?.id
    await app.database.sql.query(
      `INSERT INTO integration (id, workspace_id, slug, display_name, definition) VALUES ($1::uuid, $2::uuid, 'source', 'Source', '{}')`,
      [integrationId, workspaceId],
    )
    await app.database.sql.query(`INSERT INTO collection (id, workspace_id, name) VALUES ($1::uuid, $2::uuid, 'all')`, [
      collectionId,
      workspaceId,
    ])
  })
  afterAll(() => app.stop())

  /** A connection with records of the streams `a` and `b` by turns. */
  async function connection(records: number, collection: string | null = null): Promise<{ id: string; rowId: string }> {
    const rowId = newId()
    await app.database.sql.query(
      `INSERT INTO connection (id, workspace_id, integration_id, collection_id, display_name, status, method)
       VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, 'c', 'ACTIVE', 'SECRET')`,
      [rowId, parseGlobalId(acme.id)?.id, integrationId, collection],
    )
    await write(rowId, 1, records)
    return { id: encodeGlobalId('Connection', rowId), rowId }
  }

  /** Adds records with the keys `from` to `to`, or changes them. */
  async function write(rowId: string, from: number, to: number, data = `'{"n": ' || n || '}'`): Promise<void> {
    await app.database.sql.query(
      `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       SELECT md5($1 || n)::uuid, $2::uuid, $1::uuid, CASE n % 2 WHEN 1 THEN 'a' ELSE 'b' END, json_build_array(n::text), (${data})::json, ''
       FROM generate_series($3::int, $4::int) n
       ON CONFLICT (id) DO UPDATE SET data = excluded.data, deleted = false, position = excluded.position, changed_at = excluded.changed_at`,
      [rowId, parseGlobalId(acme.id)?.id, from, to],
    )
    await writeStreams(app.database.sql, parseGlobalId(acme.id)?.id, rowId, ['a', 'b'])
  }

  async function remove(rowId: string, n: number): Promise<void> {
    await app.database.sql.query(
      `UPDATE record SET deleted = true, position = nextval('record_position_seq'), changed_at = clock_timestamp()
       WHERE id = md5($1 || $2::int)::uuid`,
      [rowId, n],
    )
    await writeStreams(app.database.sql, parseGlobalId(acme.id)?.id, rowId, ['a', 'b'])
  }

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${app.url}/export/${path}`, { method, headers: { authorization: `Bearer ${acme.key}`, ...headers } })
  const parse = (text: string): Line[] => {
    expect(text === '' || text.endsWith('\n')).toBe(true)
    return text.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line)))
  }
  const linesOf = async (path: string): Promise<Line[]> => {
    const response = await get(path)
    expect(response.status).toBe(200)
    return parse(await response.text())
  }
  const errorOf = async (response: Response) =>
    ((await response.json()) as { error: { code: string; status: number; details?: unknown; fields?: unknown } }).error
  const keysOf = (lines: readonly Line[]) =>
    lines.map(({ primaryKey, deleted }) => `${primaryKey}${deleted ? ' deleted' : ''}`)

  /** The same list by the API. */
  async function listed(id: string, filter: { stream?: string; changedAfter?: string } = {}): Promise<Line[]> {
    const lines: Line[] = []
    let after: string | null = null
    for (;;) {
      const records = `records(first: 100, after: $after, stream: $stream, changedAfter: $changedAfter) { ${LIST} }`
      const { data, errors } = await app.request(
        `query ($id: ID!, $after: String, $stream: String, $changedAfter: Cursor) { node(id: $id) {
           ... on Connection { ${records} } ... on Collection { ${records} } } }`,
        { id, after, ...filter },
        acme.key,
      )
      expect(errors).toBeUndefined()
      const { edges, pageInfo } = data.node.records
      for (const { cursor, node } of edges) {
        const { connection, ...record } = node
        lines.push({ ...record, connectionId: connection.id, cursor })
      }
      if (!pageInfo.hasNextPage) return lines
      after = pageInfo.endCursor
    }
  }

  it('has the records of a connection with the values and cursors of the API', async () => {
    const { id, rowId } = await connection(230)
    await remove(rowId, 7)
    await write(rowId, 3, 3, `'{"changed": true}'`)
    const all = await linesOf(id)
    expect(all).toHaveLength(229)
    expect(all).toEqual(await listed(id))
    expect(await linesOf(`${id}?stream=a`)).toEqual(await listed(id, { stream: 'a' }))
    expect(await linesOf(`${id}?stream=none`)).toEqual([])
    const changedAfter = all[200]?.changeCursor ?? ''
    const changes = await linesOf(`${id}?changedAfter=${changedAfter}`)
    expect(changes).toEqual(await listed(id, { changedAfter }))
    expect(keysOf(changes.slice(-2))).toEqual(['7 deleted', '3'])
    const response = await get(id)
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(response.headers.get('cache-control')).toBe('no-store')
    await response.body?.cancel()
  })

  it('has the records of a collection in the order in which they changed, with the cursors of the API', async () => {
    const [one, other] = [await connection(60, collectionId), await connection(60, collectionId)]
    const id = encodeGlobalId('Collection', collectionId)
    await write(one.rowId, 1, 20)
    // Positions that other connections have taken.
    await connection(2_000)
    await write(other.rowId, 30, 70)
    await remove(one.rowId, 25)
    const all = await linesOf(id)
    expect(all).toHaveLength(129)
    expect(all).toEqual(await listed(id))
    expect(await linesOf(`${id}?stream=b`)).toEqual(await listed(id, { stream: 'b' }))
    const changedAfter = all[50]?.changeCursor ?? ''
    const changes = await linesOf(`${id}?changedAfter=${changedAfter}`)
    expect(changes).toEqual(await listed(id, { changedAfter }))
    expect(keysOf(changes).at(-1)).toBe('25 deleted')
    expect(await linesOf(`${id}?after=${all[100]?.cursor}`)).toEqual(all.slice(101))
  })

  it('has the JSON of the provider byte for byte', async () => {
    const { id, rowId } = await connection(0)
    const data =
      '{ "big": 12345678901234567890.1234567890123456789, "nul": "\\u0000", "e": 1e400, "é": "\\ud83d", "twice":1,"twice":2 }'
    await app.database.sql.query(
      `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       VALUES (gen_random_uuid(), $1::uuid, $2::uuid, 'a "b" ü', '["\\u0000"]', $3::json, '')`,
      [parseGlobalId(acme.id)?.id, rowId, data],
    )
    await writeStreams(app.database.sql, parseGlobalId(acme.id)?.id, rowId, ['a "b" ü'])
    const text = await (await get(id)).text()
    expect(text).toContain(`,"data":${data}}\n`)
    expect(parse(text)).toMatchObject([{ stream: 'a "b" ü', primaryKey: ['\u0000'] }])
  })

  it('continues behind the cursor of any line', async () => {
    const { id } = await connection(50)
    const all = await linesOf(id)
    for (const index of [0, 24, 49]) {
      expect(await linesOf(`${id}?after=${all[index]?.cursor}`)).toEqual(all.slice(index + 1))
    }
    const changedAfter = all[10]?.changeCursor
    const changes = await linesOf(`${id}?changedAfter=${changedAfter}`)
    expect(await linesOf(`${id}?changedAfter=${changedAfter}&after=${changes[5]?.cursor}`)).toEqual(changes.slice(6))
  })

  it('names the cursor from which a copy continues, also of an empty list, so that no deletion is missed', async () => {
    const { id, rowId } = await connection(20)
    const first = await get(id)
    const cursor = first.headers.get('x-latchkey-change-cursor')
    await first.text()
    expect(await linesOf(`${id}?changedAfter=${cursor}`)).toEqual([])
    await remove(rowId, 4)
    await write(rowId, 9, 9)
    const next = await get(`${id}?changedAfter=${cursor}`)
    expect(keysOf(parse(await next.text()))).toEqual(['4 deleted', '9'])
    const later = next.headers.get('x-latchkey-change-cursor')
    expect(await linesOf(`${id}?changedAfter=${later}`)).toEqual([])

    const empty = await connection(0)
    const nothing = await get(empty.id)
    expect(await nothing.text()).toBe('')
    await write(empty.rowId, 1, 2)
    const start = nothing.headers.get('x-latchkey-change-cursor')
    expect(keysOf(await linesOf(`${empty.id}?changedAfter=${start}`))).toEqual(['1', '2'])
  })

  it('reads a record again that changes meanwhile, and then ends', async () => {
    const { id, rowId } = await connection(6_000)
    const { sql } = app.database as { sql: Database['sql'] }
    const transaction = vi.spyOn(app.database, 'bulkTransaction')
    const original = app.database.bulkTransaction
    let pages = 0
    transaction.mockRestore()
    const spied = vi.spyOn(app.database, 'bulkTransaction').mockImplementation(async (work) => {
      pages += 1
      if (pages === 2) {
        await sql.query(
          `UPDATE record SET data = '{"n": 0}', position = nextval('record_position_seq') WHERE id = md5($1 || 1)::uuid`,
          [rowId],
        )
        await writeStreams(sql, parseGlobalId(acme.id)?.id, rowId, ['a'])
      }
      return original(work)
    })
    const lines = await linesOf(id)
    spied.mockRestore()
    expect(pages).toBeGreaterThan(1)
    expect(lines).toHaveLength(6_001)
    expect(new Set(lines.map((line) => line.id)).size).toBe(6_000)
    expect(lines.filter(({ primaryKey }) => primaryKey[0] === '1').map(({ data }) => data)).toEqual([
      { n: 1 },
      { n: 0 },
    ])
  })

  it('has records that are larger than a page, each once', async () => {
    const { id, rowId } = await connection(0)
    // Random text, so that it is not compressed.
    const large = `'{"text": "' || (SELECT string_agg(md5(random()::text || g), '') FROM generate_series(1, 8000) g WHERE n > 0) || '"}'`
    await write(rowId, 1, 9, large)
    expect(keysOf(await linesOf(id))).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  it('ends with a trailer that has the number of lines', async () => {
    const { id } = await connection(12)
    const response = await new Promise<IncomingMessage>((resolve) =>
      httpGet(`${app.url}/export/${id}`, { headers: { authorization: `Bearer ${acme.key}` } }, resolve),
    )
    await textOf(response)
    expect(response.headers['trailer']).toBe('x-latchkey-records')
    expect(response.trailers).toEqual({ 'x-latchkey-records': '12' })
  })

  it('is compressed as the client asks for', async () => {
    const { id } = await connection(5_000)
    const plain = await (await get(id, { 'accept-encoding': 'identity' })).text()
    const raw = async (encoding: string) => {
      const response = await new Promise<IncomingMessage>((resolve) =>
        httpRequest(
          `${app.url}/export/${id}`,
          { headers: { authorization: `Bearer ${acme.key}`, 'accept-encoding': encoding } },
          resolve,
        ).end(),
      )
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      expect(response.headers['content-encoding']).toBe(encoding)
      expect(response.headers['vary']).toBe('accept-encoding')
      expect(response.trailers).toEqual({ 'x-latchkey-records': '5000' })
      return Buffer.concat(chunks)
    }
    const gzip = await raw('gzip')
    expect(gunzipSync(gzip).toString()).toBe(plain)
    expect(gzip.byteLength).toBeLessThan(plain.length / 4)
    expect(zstdDecompressSync(await raw('zstd')).toString()).toBe(plain)
  })

  it('answers HEAD with the head of GET', async () => {
    const { id } = await connection(3)
    const head = await get(id, {}, 'HEAD')
    const whole = await get(id)
    expect(await head.text()).toBe('')
    for (const name of ['content-type', 'x-latchkey-change-cursor', 'vary']) {
      expect([name, head.headers.get(name)]).toEqual([name, whole.headers.get(name)])
    }
    await whole.text()
    expect((await get(encodeGlobalId('Connection', newId()), {}, 'HEAD')).status).toBe(404)
    expect((await get(id, {}, 'POST')).status).toBe(405)
  })

  it('refuses callers without a key or the scope READ, and what it cannot read', async () => {
    const { id } = await connection(3)
    const { id: otherId } = await connection(3)
    const without = await fetch(`${app.url}/export/${id}`)
    expect([without.status, (await errorOf(without)).code]).toEqual([401, 'UNAUTHENTICATED'])
    const { key } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: acme.id, name: 'k', role: 'ADMIN', scopes: ['SYNC'] },
    )
    const refused = await get(id, { authorization: `Bearer ${key}` })
    expect([refused.status, (await errorOf(refused)).code]).toEqual([403, 'FORBIDDEN'])
    const [line] = await linesOf(id)
    for (const query of [
      'changedAfter=x',
      `changedAfter=${line?.cursor}`,
      `after=${line?.changeCursor}`,
      'first=10',
      'stream=a&stream=b',
      'stream=%00',
    ]) {
      const response = await get(`${id}?${query}`)
      expect([query, response.status, (await errorOf(response)).code]).toEqual([query, 422, 'INVALID_INPUT'])
    }
    const ofOther = await get(`${otherId}?changedAfter=${line?.changeCursor}`)
    expect(await errorOf(ofOther)).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['changedAfter'] }] })
  })

  it('refuses a cursor behind which removed changes are, and a connection that is deleted', async () => {
    const { id, rowId } = await connection(3)
    const [, , last] = await linesOf(id)
    await remove(rowId, 1)
    await purgeDeletedRecords(app.database, new Date(Date.now() + 60_000))
    const response = await get(`${id}?changedAfter=${last?.changeCursor}`)
    expect([response.status, await errorOf(response)]).toMatchObject([
      422,
      { code: 'INVALID_INPUT', details: { reason: 'CHANGES_NO_LONGER_KEPT' } },
    ])
    const again = await get(id)
    expect(keysOf(parse(await again.text()))).toEqual(['2', '3'])
    expect(await linesOf(`${id}?changedAfter=${again.headers.get('x-latchkey-change-cursor')}`)).toEqual([])
    await app.database.sql.query('UPDATE connection SET deleted_at = now() WHERE id = $1::uuid', [rowId])
    expect((await get(id)).status).toBe(404)
  })

  /** Makes the third page of an export fail. Counts the export's own statements only: background work uses transactions too. */
  function failAfterTwoPages() {
    const original = app.database.bulkTransaction
    let pages = 0
    return vi.spyOn(app.database, 'bulkTransaction').mockImplementation((work, options) =>
      original((tx) => {
        const query: typeof tx.query = (text, values) => {
          if (text.includes('AS purge_mark')) pages += 1
          return pages > 2 ? Promise.reject(new Error('The disk is gone.')) : tx.query(text, values)
        }
        return work({ ...tx, query })
      }, options),
    )
  }

  it('resets the connection when it cannot go on, also for a compressed answer, and logs it', async () => {
    const { id, rowId } = await connection(9_000)
    for (const encoding of ['identity', 'gzip']) {
      const spied = failAfterTwoPages()
      const response = await get(id, { 'accept-encoding': encoding })
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
      spied.mockRestore()
    }
    expect(
      app.log.filter((line) => line.includes('an export of records was cut off') && line.includes('The disk is gone.'))
        .length,
    ).toBeGreaterThanOrEqual(2)
    expect(app.log.some((line) => line.includes('"failed":"Error"') && line.includes(rowId))).toBe(true)
  })

  it('resets the connection of a client that speaks HTTP/1.0, to which the end would look like that of the body', async () => {
    const { id } = await connection(9_000)
    const spied = failAfterTwoPages()
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.write(`GET /export/${id} HTTP/1.0\r\nauthorization: Bearer ${acme.key}\r\n\r\n`)
    socket.resume()
    const [error] = await once(socket, 'error')
    spied.mockRestore()
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('ends when the connection is deleted or the key revoked in the middle', async () => {
    const { key, apiKey } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
        ... on CreateApiKeyPayload { key apiKey { id } } ... on Error { message } } }`,
      { workspaceId: acme.id, name: 'short', role: 'READER' },
    )
    // More than the buffers of both sides hold.
    const { id, rowId } = await connection(120_000)
    const open = async () => {
      const reader = (await get(id, { authorization: `Bearer ${key}` })).body?.getReader()
      await reader?.read()
      return async () => {
        while ((await reader?.read())?.done === false);
      }
    }
    const deleted = await open()
    await app.database.sql.query('UPDATE connection SET deleted_at = now() WHERE id = $1::uuid', [rowId])
    await expect(deleted()).rejects.toThrow()
    await app.database.sql.query('UPDATE connection SET deleted_at = NULL WHERE id = $1::uuid', [rowId])
    const revoked = await open()
    await app.mutate(
      'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on Error { message } } }',
      { apiKeyId: apiKey.id },
    )
    await expect(revoked()).rejects.toThrow()
  })

  it('reads no further than the client has read, stops when the client leaves, and is logged and counted', async () => {
    const { id, rowId } = await connection(60_000)
    const reads = vi.spyOn(app.database, 'bulkTransaction')
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET /export/${id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${acme.key}\r\n\r\n`)
    await once(socket, 'readable')
    // Until nothing moves any more.
    let before = -1
    while (reads.mock.calls.length !== before) {
      before = reads.mock.calls.length
      await delay(100)
    }
    const ofAll = kind === 'server' ? 15 : 120
    expect(before).toBeLessThan(ofAll * 0.9)
    socket.destroy()
    await vi.waitFor(() =>
      expect(app.log.some((line) => line.includes('exported records') && line.includes(rowId))).toBe(true),
    )
    const stopped = reads.mock.calls.length
    expect(stopped).toBeLessThanOrEqual(before + 1)
    reads.mockRestore()
    const line = app.log.find((each) => each.includes('exported records') && each.includes(rowId))
    expect(JSON.parse(line ?? '')).toMatchObject({ caller: 'API_KEY', failed: 'ClientGoneError', connectionId: rowId })
    const metrics = await (await fetch(`${app.url}/metrics`)).text()
    const [, count] = /^latchkey_records_exported_total (\d+)$/m.exec(metrics) ?? []
    expect(Number(count)).toBeGreaterThan(0)
  })
})

describe('/export with limits', () => {
  it('has at most ten open for one workspace', async () => {
    const { app, open } = await largeExport(30_000)
    try {
      const opened = await Promise.all(Array.from({ length: 10 }, open))
      expect(opened.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
      const more = await open()
      expect(more.status).toBe(429)
      expect(Number(more.headers.get('retry-after'))).toBeGreaterThan(0)
      await Promise.all(opened.map(({ body }) => body?.cancel()))
    } finally {
      await app.stop()
    }
  })

  it('is charged by what it sends', async () => {
    // Two points in a second. 80 MB cost more, however slowly they are sent.
    const { app, workspace, open } = await largeExport(120)
    try {
      const reader = (await open()).body?.getReader()
      const reading = (async () => {
        while ((await reader?.read())?.done === false);
      })()
      // The export pauses, and other requests are refused.
      await vi.waitFor(
        async () => {
          const { data, errors } = await app.request('{ viewer { kind } }', {}, workspace.key)
          expect([data, errors?.[0]?.extensions['code']]).toEqual([undefined, 'RATE_LIMITED'])
        },
        { timeout: 60_000, interval: 20 },
      )
      await reader?.cancel()
      await reading
    } finally {
      await app.stop()
    }
  })
})

/** A gateway with a limit of points a minute, and a connection with 80 MB of records. */
async function largeExport(rateLimit: number) {
  const app = await startTestApp({ config: { rateLimit } })
  const workspace = await app.createWorkspace()
  const { sql } = app.database
  const workspaceId = parseGlobalId(workspace.id)?.id
  const [integrationId, rowId] = [newId(), newId()]
  await sql.query(
    `INSERT INTO integration (id, workspace_id, slug, display_name, definition) VALUES ($1::uuid, $2::uuid, 's', 'S', '{}')`,
    [integrationId, workspaceId],
  )
  await sql.query(
    `INSERT INTO connection (id, workspace_id, integration_id, display_name, status, method)
     VALUES ($1::uuid, $2::uuid, $3::uuid, 'c', 'ACTIVE', 'SECRET')`,
    [rowId, workspaceId, integrationId],
  )
  await sql.query(
    `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
     SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'a', '["1"]', json_build_object('text', repeat('x', 4000)), ''
     FROM generate_series(1, 20000) n`,
    [workspaceId, rowId],
  )
  await writeStreams(sql, workspaceId, rowId, ['a'])
  const open = () =>
    fetch(`${app.url}/export/${encodeGlobalId('Connection', rowId)}`, {
      headers: { authorization: `Bearer ${workspace.key}`, 'accept-encoding': 'identity' },
    })
  return { app, workspace, open }
}

describe('chooseEncoding', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['identity', null],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['zstd;q=0.5, gzip', 'gzip'],
    ['zstd;q=0, gzip;q=0.1', 'gzip'],
    ['GZIP ; Q=0.8', 'gzip'],
    ['*', 'zstd'],
    ['*, zstd;q=0', 'gzip'],
    ['gzip;q=0', null],
    ['gzip;q=x', null],
    ['identity, gzip;q=0.5', null],
    ['br', null],
  ] as const)('chooses for %j: %j', (accepted, chosen) => {
    expect(chooseEncoding(accepted)).toBe(chosen)
  })
})

/** As in a sync, after each write of records. */
async function writeStreams(
  sql: SqlRunner,
  workspaceId: string | undefined,
  rowId: string,
  names: readonly string[],
): Promise<void> {
  await sql.query(
    `INSERT INTO stream_state AS s (connection_id, workspace_id, name, record_count)
     SELECT $1::uuid, $2::uuid, name, 2 FROM unnest($3::text[]) AS name
     ON CONFLICT (connection_id, name) DO UPDATE SET record_count = s.record_count`,
    [rowId, workspaceId, [...names]],
  )
}
