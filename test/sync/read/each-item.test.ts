import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { describeDatabases, openTestDatabase, serverAnswers } from '../../support/databases.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'
import { type SyncSuite, syncSuite } from '../run/sync-suite.ts'

type Stream = NonNullable<DefinitionInput['streams']>[number]

it.each([
  [{ path: '/{{ item.region }}' }, 'path: reads item, but this stream has no each'],
  [{ records: { set: { a: '{{ item.a }}' } } }, 'records.set.a: reads item, but this stream has no each'],
  [{ each: [{ as: 'a', values: ['x'] }] }, 'each.0.as: is read by no template of path, query, headers, json or form'],
  [{ path: '/{{ item.a }}', each: [{ as: 'a', values: '{{ config.token }}' }] }, 'each.0.values: reads config'],
  [{ path: '/{{ item.a }}', each: [{ as: 'a', values: '{{ parent.id }}' }] }, 'each.0.values.0: reads parent, but'],
  [
    {
      path: '/{{ item.a }}',
      each: [
        { as: 'a', values: ['x'] },
        { as: 'a', values: ['y'] },
      ],
    },
    'each.1.as: a is the name of an earlier list',
  ],
  [
    { path: '/{{ item.a }}', each: [{ as: 'a', values: ['x'] }], incremental: { feed: { path: 'n', param: 'c' } } },
    'each: must be left out, because the cursor of a feed belongs to one list',
  ],
])('each is refused in a definition: %j', (stream, problem) => {
  const streams = [{ name: 'items', path: '/', ...stream }]
  expect(problemsOf({ displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'bearer' }, streams })).toEqual(
    [expect.stringContaining(`streams.0.${problem}`)],
  )
})

/** Answers each path with two pages of two records, which name the path. */
const twoPages: ProviderHandler = ({ url }, response) => {
  const page = Number(url.searchParams.get('page'))
  const records = [1, 2].map((index) => ({ id: `${url.pathname}#${page}${index}` }))
  sendJson(response, page > 2 ? [] : records, { 'x-total-count': '4' })
}
const pagination = { type: 'page', param: 'page', size: 2, total: 'header:X-Total-Count' } as const
const pathsOf = (requests: { url: URL }[]) =>
  requests.map(({ url }) => `${url.pathname}?${url.searchParams.get('page')}`)

const stored = async ({ fixture }: SyncSuite, connectionId: string, stream: string) =>
  (
    await fixture.database.sql.query<{ key: string; data: string }>(
      `SELECT primary_key::text AS key, data::text AS data FROM record
       WHERE connection_id = $1::uuid AND stream = $2 AND NOT deleted ORDER BY primary_key::text`,
      [connectionId, stream],
    )
  ).map(({ data }): unknown => JSON.parse(data))

describeDatabases('a stream with each', (open) => {
  const suite = syncSuite(open)

  it('is read once for each combination of its values, from the definition and from inputs', async () => {
    const server = await suite.provider(twoPages)
    const definition = suite.paged(server, 2, {
      inputFields: [{ name: 'regions' }],
      streams: [
        {
          name: 'items',
          path: '/{{ item.region }}/{{ item.kind }}',
          each: [
            { as: 'region', values: "{{ 'eu,us,eu' | split(',') }}" },
            { as: 'kind', values: ['a', "{{ 'b' }}"] },
          ],
          primaryKey: ['id'],
          records: { set: { region: '{{ item.region }}' } },
          pagination,
        },
      ],
    })
    const connection = await suite.fixture.connect(definition)
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 16, warnings: [] })
    const lists = ['/eu/a', '/eu/b', '/us/a', '/us/b']
    expect(pathsOf(server.requests)).toEqual(lists.flatMap((path) => [`${path}?1`, `${path}?2`]))
    expect(await stored(suite, connection.connectionId, 'items')).toHaveLength(16)
    expect(await stored(suite, connection.connectionId, 'items')).toContainEqual({ id: '/us/b#22', region: 'us' })
  })

  it('reads a value that is new from its beginning, and deletes the records of one that is gone', async () => {
    const server = await suite.provider(({ url }, response) => {
      const since = Number(url.searchParams.get('since') ?? 0)
      sendJson(
        response,
        [{ id: url.pathname, at: 5 }].filter(({ at }) => at >= since),
      )
    })
    const items: Stream = {
      name: 'items',
      path: '/{{ item.a }}',
      each: [{ as: 'a', values: ['x', 'y'] }],
      primaryKey: ['id'],
      incremental: { cursorField: 'at', param: 'since' },
    }
    const definition = suite.paged(server, 2, { streams: [items] })
    const connection = await suite.fixture.connect(definition)
    suite.work()
    const sync = async () => {
      const before = server.requests.length
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      return server.requests.slice(before).map(({ url }) => url.pathname + url.search)
    }
    expect(await sync()).toEqual(['/x', '/y'])
    expect(await sync()).toEqual(['/x?since=5', '/y?since=5'])
    definition.streams = [{ ...items, each: [{ as: 'a', values: ['y', 'z'] }] }]
    expect(await sync()).toEqual(expect.arrayContaining(['/y', '/z']))
    expect(await stored(suite, connection.connectionId, 'items')).toEqual([
      { id: '/y', at: 5 },
      { id: '/z', at: 5 },
    ])
  })

  it('keeps its records and says so when there are no values', async () => {
    const server = await suite.provider(twoPages)
    const items: Stream = {
      name: 'items',
      path: '/{{ item.a }}',
      each: [{ as: 'a', values: ['x'] }],
      primaryKey: ['id'],
      pagination,
    }
    const definition = suite.paged(server, 2, { streams: [items] })
    const connection = await suite.fixture.connect(definition)
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    definition.streams = [{ ...items, each: [{ as: 'a', values: '{{ input.list | default([]) }}' }] }]
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: 0 })
    expect(job.warnings.map(({ message }) => message).join()).toContain('its each has no values')
    expect(await stored(suite, connection.connectionId, 'items')).toHaveLength(4)
  })

  it('is crossed with the parents, and templates read the parents of a parent', async () => {
    const server = await suite.provider(({ url }, response) => {
      const [, first, , third] = url.pathname.split('/')
      if (url.pathname === '/orgs')
        return sendJson(response, [
          { id: 'o1', name: 'One' },
          { id: 'o2', name: 'Two' },
        ])
      if (first === 'repos')
        return sendJson(response, [
          { id: 1, parent: 'own' },
          { id: 2, parent: 'own' },
        ])
      if (first === 'issues') return sendJson(response, [{ id: third }])
      return sendJson(response, [{ id: url.search }])
    })
    const definition = suite.paged(server, 2, {
      streams: [
        { name: 'orgs', path: '/orgs', primaryKey: ['id'] },
        { name: 'repos', parent: { stream: 'orgs' }, path: '/repos/{{ parent.id }}', primaryKey: ['id'] },
        {
          name: 'issues',
          parent: { stream: 'repos' },
          path: '/issues/{{ parent.parent.id }}/{{ parent.id }}-{{ item.state }}',
          each: [{ as: 'state', values: ['open', '{{ parent.parent.name | lower }}'] }],
          primaryKey: ['id'],
          records: { set: { org: '{{ parent.parent.name }}' } },
        },
        {
          name: 'notes',
          parent: { stream: 'issues' },
          path: '/notes',
          query: { of: '{{ parent.parent.parent.id }}/{{ parent.parent.id }}/{{ parent.id }}' },
          primaryKey: ['id'],
        },
      ],
    })
    const connection = await suite.fixture.connect(definition)
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', warnings: [] })
    expect(await stored(suite, connection.connectionId, 'issues')).toEqual(
      [
        ['One', '1-one'],
        ['One', '1-open'],
        ['One', '2-one'],
        ['One', '2-open'],
        ['Two', '1-open'],
        ['Two', '1-two'],
        ['Two', '2-open'],
        ['Two', '2-two'],
      ].map(([org, id]) => ({ id, org })),
    )
    const notes = await stored(suite, connection.connectionId, 'notes')
    expect(notes).toHaveLength(8)
    expect(notes).toContainEqual({ id: '?of=o2%2F1%2F1-two' })
  })

  it('fails before it sends a request when there are too many combinations', async () => {
    const server = await suite.provider(twoPages)
    const values = Array.from({ length: 101 }, (_, index) => String(index))
    const items: Stream = {
      name: 'items',
      path: '/{{ item.a }}/{{ item.b }}',
      each: ['a', 'b'].map((as) => ({ as, values })),
    }
    const connection = await suite.fixture.connect(suite.paged(server, 2, { streams: [items] }))
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'FAILED', error: { stream: 'items' } })
    expect(job.error?.message).toMatch(/each makes more than 10000 combinations/)
    expect(server.requests).toEqual([])
  })
})

describe.skipIf(!serverAnswers)('a stream with each whose worker is killed', () => {
  let databaseUrl = ''
  const suite = syncSuite(async () => {
    const base = await openTestDatabase('server')
    databaseUrl = base.url ?? ''
    return base
  })

  it('continues at the parent, the value and the page where a killed process left it, and loses and repeats no record', async () => {
    let holdAt: string | undefined = '/projects/2/b?2'
    const server = await suite.provider((request, response, count) => {
      const { url } = request
      if (url.pathname === '/projects') return sendJson(response, [{ id: 1 }, { id: 2 }, { id: 3 }])
      if (`${url.pathname}?${url.searchParams.get('page')}` === holdAt) return
      return twoPages(request, response, count)
    })
    const definition = suite.paged(server, 2, {
      streams: [
        { name: 'projects', path: '/projects', primaryKey: ['id'] },
        {
          name: 'items',
          parent: { stream: 'projects', concurrency: 1 },
          path: '/projects/{{ parent.id }}/{{ item.kind }}',
          each: [{ as: 'kind', values: ['a', 'b', 'c'] }],
          primaryKey: ['id'],
          pagination,
        },
      ],
    })
    const connection = await suite.fixture.connect(definition)
    const id = await connection.sync()
    const { connectionId, workspaceId } = connection
    const order = { databaseUrl, syncJobIds: [id], definition, connectionId, workspaceId }
    const child = fork(new URL('../run/worker-process.ts', import.meta.url), [JSON.stringify(order)])
    // The projects, six pages of the first project, and three of the second.
    await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 10 }), 30_000)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    holdAt = undefined
    const before = server.requests.length
    await suite.fixture.database.sql.query(
      `UPDATE sync_job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE id = $1::uuid`,
      [id],
    )
    suite.work({ times: { sweep: 50 } })
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, records_read: 39, records_written: 39 })
    expect(pathsOf(server.requests.slice(before))).toEqual([
      '/projects/2/b?2',
      ...['/projects/2/c', '/projects/3/a', '/projects/3/b', '/projects/3/c'].flatMap((path) => [
        `${path}?1`,
        `${path}?2`,
      ]),
    ])
    expect(new Set((await stored(suite, connectionId, 'items')).map((record) => JSON.stringify(record))).size).toBe(36)
  })
})
