import type { ServerResponse } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { describeDatabases } from '../../support/databases.ts'
import { brokerOf, openedConnection } from '../../support/opened-connection.ts'
import { type ProviderHandler, type ProviderServer, sendJson } from '../../support/provider-server.ts'
import { syncSuite } from '../run/sync-suite.ts'
import { hurriedClock } from './read-fixture.ts'

const NEVER = 2 ** 30
/** As if the worker had sent no heartbeat for an hour. */
const LOSE_WORKER = `UPDATE sync_job SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE id = $1::uuid`

interface Task {
  id: number
  at?: number
}

/** `/projects`, and `/projects/<id>/tasks?page=` in pages of two, with their total; 404 for a project without an entry in `tasks`. */
function tasksOf(projects: { id: unknown }[], tasks: Record<string, Task[]>): ProviderHandler {
  return ({ url }, response) => {
    const [, , id, below] = url.pathname.split('/')
    if (below === undefined) return sendJson(response, projects)
    const own = tasks[decodeURIComponent(id ?? '')]
    if (own === undefined) return sendJson(response, { error: 'no such project' }, {}, 404)
    const since = Number(url.searchParams.get('since') ?? 0)
    const page = Number(url.searchParams.get('page'))
    const found = own.filter(({ at = 0 }) => at >= since)
    return sendJson(response, found.slice(2 * page - 2, 2 * page), { 'x-total-count': String(found.length) })
  }
}

type Streams = NonNullable<DefinitionInput['streams']>

function definitionOf(server: ProviderServer, change: Partial<Streams[number]> = {}): DefinitionInput {
  return {
    displayName: 'Provider',
    baseUrl: server.origin,
    auth: { type: 'bearer' },
    streams: [
      { name: 'projects', path: '/projects', primaryKey: ['id'] },
      {
        name: 'tasks',
        parent: { stream: 'projects' },
        path: '/projects/{{ parent.id }}/tasks',
        primaryKey: ['id'],
        pagination: { type: 'page', param: 'page', size: 2, total: 'header:X-Total-Count' },
        ...change,
      },
    ],
  }
}

/** Teams and years, and the goals of each team in each year: `/goals/<team>/<year>?page=` in pages of two. */
function goalsOf(source: {
  teams: { id: string; v?: number }[]
  years: { id: number }[]
  goals: Record<string, Task[]>
}): ProviderHandler {
  return ({ url }, response) => {
    const [, kind, team = '', year = ''] = url.pathname.split('/')
    if (kind === 'teams') return sendJson(response, source.teams)
    if (kind === 'years') return sendJson(response, source.years)
    const since = Number(url.searchParams.get('since') ?? 0)
    const own = (source.goals[`${team}/${year}`] ?? []).filter(({ at = 0 }) => at >= since)
    const page = Number(url.searchParams.get('page'))
    return sendJson(response, own.slice(2 * page - 2, 2 * page), { 'x-total-count': String(own.length) })
  }
}

function crossed(server: ProviderServer, change: Partial<Streams[number]> = {}, more: Streams = []): DefinitionInput {
  return {
    displayName: 'Provider',
    baseUrl: server.origin,
    auth: { type: 'bearer' },
    streams: [
      { name: 'teams', path: '/teams', primaryKey: ['id'] },
      { name: 'years', path: '/years', primaryKey: ['id'] },
      {
        name: 'goals',
        parent: [
          { stream: 'teams', as: 'team' },
          { stream: 'years', as: 'year' },
        ],
        path: '/goals/{{ parent.team.id }}/{{ parent.year.id }}',
        primaryKey: ['id'],
        pagination: { type: 'page', param: 'page', size: 2, total: 'header:X-Total-Count' },
        ...change,
      },
      ...more,
    ],
  }
}

describeDatabases('a sub-stream', (open) => {
  const suite = syncSuite(open)

  /** The stored tasks: primary keys, and whether they are deleted. */
  const stored = async (connectionId: string) =>
    suite.fixture.database.sql.query<{ key: string; deleted: boolean }>(
      `SELECT primary_key::text AS key, deleted FROM record WHERE connection_id = $1::uuid AND stream = 'tasks' ORDER BY 1`,
      [connectionId],
    )
  const warningOf = async (connection: Awaited<ReturnType<typeof suite.fixture.connect>>) =>
    (await connection.events()).findLast(
      ({ type, payload }) => type === 'SYNC_PROGRESSED' && payload['stream'] === 'tasks',
    )?.payload['warning']

  it('is read for each record of its parent stream, whose key comes before its own key', async () => {
    const tasks: Record<string, Task[]> = {
      '1': [{ id: 1 }, { id: 2 }, { id: 3 }],
      'b c': [{ id: 1 }],
      '9007199254740993': [],
    }
    const handler = tasksOf([{ id: 1 }, { id: 'b c' }, { id: JSON.rawJSON('9007199254740993') }], tasks)
    const server = await suite.provider(handler)
    const connection = await suite.fixture.connect(definitionOf(server))
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 7, records_written: 7 })
    expect(await stored(connection.connectionId)).toEqual(
      ['["1","1"]', '["1","2"]', '["1","3"]', '["b c","1"]'].map((key) => ({ key, deleted: false })),
    )
    expect(server.requests.map(({ url }) => url.pathname)).toContain('/projects/9007199254740993/tasks')
    expect(await connection.state('tasks')).toMatchObject({ record_count: 4 })
    expect(await warningOf(connection)).toBeUndefined()
  })

  it('deletes records that the provider no longer has, and the records of deleted parents', async () => {
    const projects = [{ id: 1 }, { id: 2 }]
    const tasks: Record<string, Task[]> = { '1': [{ id: 1 }, { id: 2 }, { id: 3 }], '2': [{ id: 1 }] }
    const server = await suite.provider((...all) => tasksOf(projects, tasks)(...all))
    const connection = await suite.fixture.connect(definitionOf(server))
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    projects.pop()
    tasks['1']?.shift()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(job).toMatchObject({ records_deleted: 3 })
    expect((await stored(connection.connectionId)).filter(({ deleted }) => deleted).map(({ key }) => key)).toEqual([
      '["1","1"]',
      '["2","1"]',
    ])
    expect(server.requests.filter(({ url }) => url.pathname === '/projects/2/tasks')).toHaveLength(1)
  })

  it('skips a parent that the provider no longer has, with a warning', async () => {
    const server = await suite.provider(
      tasksOf([{ id: 1 }, { id: 2 }, { id: 3 }], { '1': [{ id: 1 }], '3': [{ id: 1 }] }),
    )
    const connection = await suite.fixture.connect(definitionOf(server))
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 5 })
    const skipped = {
      stream: 'tasks',
      code: 'PARENTS_SKIPPED',
      message: 'Records of projects were skipped: the provider no longer has them.',
      count: 1,
    }
    expect(job.warnings).toEqual([skipped])
    const events = await connection.events()
    expect(events.at(-1)).toMatchObject({ type: 'SYNC_SUCCEEDED', payload: { warnings: [skipped] } })
    expect(events.at(-2)?.payload).toMatchObject({ stream: 'tasks', warnings: [skipped] })
  })

  it.each([
    ['skip', 0, 'DELETIONS_HELD_BACK'],
    ['empty', 1, undefined],
  ] as const)('has a parent whose response is declared as %s', async (as, deleted, warning) => {
    const tasks: Record<string, Task[]> = { '1': [{ id: 1 }, { id: 2 }], '2': [{ id: 1 }] }
    const server = await suite.provider((...all) => tasksOf([{ id: 1 }, { id: 2 }], tasks)(...all))
    const connection = await suite.fixture.connect(definitionOf(server, { responses: [{ status: 404, as }] }))
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    delete tasks['2']
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_deleted: deleted })
    const codes = (job.warnings as { code: string }[]).map(({ code }) => code)
    expect(codes.includes('PARENTS_SKIPPED')).toBe(as === 'skip')
    expect(codes.find((code) => code === 'DELETIONS_HELD_BACK')).toBe(warning)
  })

  it('keeps its records when all of its parents are skipped', async () => {
    const tasks: Record<string, Task[]> = { '1': [{ id: 1 }] }
    const server = await suite.provider((...all) => tasksOf([{ id: 1 }], tasks)(...all))
    const connection = await suite.fixture.connect({ ...definitionOf(server), testRequest: { path: '/projects' } })
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    delete tasks['1']
    const job = await suite.fixture.until(await connection.sync({ fullRefresh: true }), 'SUCCEEDED')
    expect(job).toMatchObject({ records_deleted: 0 })
    expect(job.warnings).toMatchObject([
      { stream: 'tasks', code: 'DELETIONS_HELD_BACK', count: 1, message: expect.stringContaining('parent records') },
      { stream: 'tasks', code: 'PARENTS_SKIPPED', count: 1 },
    ])
  })

  it('does not skip a parent whose pages are refused', async () => {
    const server = await suite.provider(({ url }, response) =>
      url.pathname === '/projects' ? sendJson(response, [{ id: 1 }]) : sendJson(response, { error: 'no' }, {}, 400),
    )
    const connection = await suite.fixture.connect(definitionOf(server))
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job.error).toMatchObject({ code: 'PROVIDER', providerStatus: 400, stream: 'tasks' })
  })

  it('names the parent for which the request cannot be built', async () => {
    const server = await suite.provider(tasksOf([{ id: 7 }], { '7': [] }))
    const connection = await suite.fixture.connect(definitionOf(server, { path: '/projects/{{ parent.slug }}/tasks' }))
    suite.work()
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED', 'FAILED')
    expect(job.error?.message).toBe(
      "Stream tasks: the request cannot be made: parent['slug'] is missing. It was read for record 7 of projects.",
    )
  })

  it('continues with a new credential when several of its requests are refused at once', async () => {
    const answer = tasksOf(
      [1, 2, 3, 4].map((id) => ({ id })),
      Object.fromEntries([1, 2, 3, 4].map((id) => [String(id), [{ id: 1 }]])),
    )
    let token = 'first-token-00'
    const held: (() => void)[] = []
    const server = await suite.provider(async (request, response, count) => {
      const refused = request.headers.authorization !== `Bearer ${token}`
      if (request.url.pathname === '/projects') return answer(request, response, count)
      if (token === 'first-token-00') {
        await new Promise<void>((resolve) => held.push(resolve))
        return sendJson(response, {}, {}, 401)
      }
      return refused ? sendJson(response, {}, {}, 401) : answer(request, response, count)
    })
    const definition = definitionOf(server)
    const connection = await suite.fixture.connect(definition)
    const open = () => openedConnection(definition, { ...connection, token, version: token.length })
    suite.work({ broker: brokerOf(open) })
    const id = await connection.sync()
    await vi.waitFor(() => expect(held).toHaveLength(4), 10_000)
    token = 'second-token-000'
    for (const answerNow of held) answerNow()
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', records_read: 8 })
    expect(server.requests).toHaveLength(9)
  })

  it('never leaves its path, whatever the ids of its parents contain', async () => {
    const server = await suite.provider(tasksOf([{ id: 'a?b=1#c' }, { id: '//evil.example' }], {}))
    const connection = await suite.fixture.connect(definitionOf(server))
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(
      server.requests
        .slice(1)
        .map(({ url }) => url.pathname)
        .toSorted(),
    ).toEqual(['/projects///evil.example/tasks', '/projects/a%3Fb=1%23c/tasks'])
    const climbing = await suite.provider(tasksOf([{ id: '..' }], {}))
    const other = await suite.fixture.connect(definitionOf(climbing))
    const job = await suite.fixture.until(await other.sync(), 'SUCCEEDED', 'FAILED')
    expect(job.error?.message).toMatch(/produces a path segment \. or \.\..*It was read for record \.\. of projects\./)
    expect(climbing.requests).toHaveLength(1)
  })

  it.each([
    [undefined, 4],
    [1, 1],
    [8, 8],
  ])('with concurrency %s is read for up to %i parents at once, in their order', async (concurrency, expected) => {
    const projects = Array.from({ length: 12 }, (_, index) => ({ id: index }))
    const held: ServerResponse[] = []
    let most = 0
    const server = await suite.provider(({ url }, response) => {
      if (url.pathname === '/projects') return sendJson(response, projects)
      held.push(response)
      most = Math.max(most, held.length)
      return undefined
    })
    const connection = await suite.fixture.connect(
      definitionOf(server, { parent: { stream: 'projects', concurrency } }),
    )
    suite.work()
    const id = await connection.sync()
    for (let answered = 0; answered < projects.length; answered += 1) {
      await vi.waitFor(() => expect(held).toHaveLength(Math.min(expected, projects.length - answered)), 10_000)
      const first = held.shift()
      if (first !== undefined) sendJson(first, [{ id: 1 }], { 'x-total-count': '1' })
    }
    await suite.fixture.until(id, 'SUCCEEDED')
    expect(most).toBe(expected)
    const keys = (await connection.records()).filter(({ stream }) => stream === 'tasks')
    expect(keys).toHaveLength(12)
  })

  it('keeps its records and its cursor when the definition changes only how many parents are read at once', async () => {
    const tasks = { '1': [{ id: 1, at: 50 }] }
    const server = await suite.provider((...all) => tasksOf([{ id: 1 }], tasks)(...all))
    const incremental = { cursorField: ['at'], param: 'since' }
    const definition = definitionOf(server, { incremental })
    const connection = await suite.fixture.connect(definition)
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    Object.assign(definition.streams?.[1]?.parent ?? {}, { concurrency: 2 })
    const job = await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(job.warnings).toEqual([])
    expect(server.requests.at(-1)?.url.searchParams.get('since')).toBe('50')
  })

  it('continues at the parent and the page where a crashed worker left it', async () => {
    const tasks = Object.fromEntries(['1', '2', '3', '4'].map((id) => [id, [{ id: 1 }, { id: 2 }, { id: 3 }]]))
    const answer = tasksOf([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }], tasks)
    let holding = true
    const server = await suite.provider((request, response, count) => {
      const { pathname, searchParams } = request.url
      if (holding && pathname === '/projects/2/tasks' && searchParams.get('page') === '2') return
      return answer(request, response, count)
    })
    const connection = await suite.fixture.connect(definitionOf(server))
    const dead = suite.fixture.worker({ times: { heartbeat: NEVER, lease: NEVER, sweep: NEVER, stop: 10 } })
    dead.start()
    const id = await connection.sync()
    // The projects, two pages of the first project and one page of the second.
    await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 4 }), 10_000)
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThanOrEqual(8), 10_000)
    holding = false
    const before = server.requests.length
    await suite.fixture.database.sql.query(LOSE_WORKER, [id])
    suite.work({ times: { sweep: 50 } })
    const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
    expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, records_read: 16, records_written: 16 })
    const again = server.requests.slice(before).map(({ url }) => `${url.pathname}${url.search}`)
    expect(again.filter((path) => path.startsWith('/projects/1/'))).toEqual([])
    expect(again.filter((path) => path.startsWith('/projects/2/'))).toEqual(['/projects/2/tasks?page=2'])
    expect(await stored(connection.connectionId)).toHaveLength(12)
  })

  it('is read for the stored parent records when its parent stream is not in the job', async () => {
    const projects = [{ id: 1 }]
    const server = await suite.provider((...all) => tasksOf(projects, { '1': [{ id: 1 }], '2': [{ id: 1 }] })(...all))
    const connection = await suite.fixture.connect(definitionOf(server))
    suite.work()
    await suite.fixture.until(await connection.sync({ streams: ['tasks'] }), 'SUCCEEDED')
    expect(await warningOf(connection)).toBe('There are no records of projects to read for. Sync that stream too.')
    await suite.fixture.until(await connection.sync({ streams: ['projects'] }), 'SUCCEEDED')
    projects.push({ id: 2 })
    await suite.fixture.until(await connection.sync({ streams: ['tasks'] }), 'SUCCEEDED')
    expect((await stored(connection.connectionId)).map(({ key }) => key)).toEqual(['["1","1"]'])
  })

  it('requests only changes, but all records of a parent that is new or has changed', async () => {
    const projects: { id: number; v?: number }[] = [{ id: 1 }, { id: 2 }]
    const tasks: Record<string, Task[]> = { '1': [{ id: 1, at: 50 }], '2': [{ id: 1, at: 40 }] }
    const server = await suite.provider((...all) => tasksOf(projects, tasks)(...all))
    const incremental = { cursorField: ['at'], param: 'since' }
    const connection = await suite.fixture.connect(definitionOf(server, { incremental }))
    suite.work()
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    expect(await connection.state('tasks')).toMatchObject({ cursor: '50' })
    projects.push({ id: 3 })
    tasks['3'] = [{ id: 1, at: 10 }]
    tasks['1']?.push({ id: 2, at: 60 })
    const before = server.requests.length
    await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
    const requested = server.requests
      .slice(before + 1)
      .map(({ url }) => `${url.pathname} ${url.searchParams.get('since')}`)
    expect([...new Set(requested)].toSorted()).toEqual([
      '/projects/1/tasks 50',
      '/projects/2/tasks 50',
      '/projects/3/tasks null',
    ])
    expect((await stored(connection.connectionId)).map(({ key }) => key)).toEqual([
      '["1","1"]',
      '["1","2"]',
      '["2","1"]',
      '["3","1"]',
    ])
    expect(await connection.state('tasks')).toMatchObject({ cursor: '60' })
  })

  describe('with several parents', () => {
    const keysOf = async (connectionId: string, stream = 'goals') =>
      (
        await suite.fixture.database.sql.query<{ key: string }>(
          `SELECT primary_key::text AS key FROM record WHERE connection_id = $1::uuid AND stream = $2 AND NOT deleted ORDER BY 1`,
          [connectionId, stream],
        )
      ).map(({ key }) => key)
    const lists = (server: ProviderServer) =>
      server.requests
        .splice(0)
        .flatMap(({ url }) => (url.pathname.startsWith('/goals/') ? [url.pathname.slice(7)] : []))

    it('is read for each combination of their records, and deletes those of a parent that is gone', async () => {
      const source = {
        teams: [{ id: 'a' }, { id: 'b' }],
        years: [{ id: 1 }, { id: 2 }, { id: 3 }],
        goals: { 'a/1': [{ id: 1 }], 'b/1': [{ id: 1 }, { id: 2 }, { id: 3 }], 'b/3': [{ id: 1 }] },
      }
      const server = await suite.provider((...all) => goalsOf(source)(...all))
      const connection = await suite.fixture.connect(crossed(server))
      suite.work()
      expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({ records_read: 10 })
      expect(await keysOf(connection.connectionId)).toEqual([
        '["a","1","1"]',
        '["b","1","1"]',
        '["b","1","2"]',
        '["b","1","3"]',
        '["b","3","1"]',
      ])
      expect([...new Set(lists(server))].toSorted()).toEqual(['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'b/3'])
      source.years.shift()
      expect(await suite.fixture.until(await connection.sync(), 'SUCCEEDED')).toMatchObject({ records_deleted: 5 })
      expect(await keysOf(connection.connectionId)).toEqual(['["b","3","1"]'])
    })

    it('hands the records of its parents down, each by its name', async () => {
      const source = {
        teams: [{ id: 'a' }, { id: 'b' }],
        years: [{ id: 1 }],
        goals: { 'a/1': [{ id: 7 }], 'b/1': [{ id: 8 }] },
      }
      const server = await suite.provider((...all) => goalsOf(source)(...all))
      const shots: Streams = [
        {
          name: 'shots',
          parent: { stream: 'goals' },
          path: '/shots/{{ parent.parent.team.id }}/{{ parent.parent.year.id }}/{{ parent.id }}',
        },
        {
          name: 'cards',
          parent: [
            { stream: 'years', as: 'y' },
            { stream: 'goals', as: 'goal' },
          ],
          path: '/cards/{{ parent.y.id }}/{{ parent.goal.parent.team.id }}',
        },
      ]
      const connection = await suite.fixture.connect(crossed(server, {}, shots))
      suite.work()
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      const paths = server.requests.map(({ url }) => url.pathname)
      expect(paths.filter((path) => path.startsWith('/shots/')).toSorted()).toEqual(['/shots/a/1/7', '/shots/b/1/8'])
      expect(paths.filter((path) => path.startsWith('/cards/')).toSorted()).toEqual(['/cards/1/a', '/cards/1/b'])
    })

    it('of one name is read for the records of each of them, also where their keys are equal', async () => {
      const source = { teams: [{ id: '1' }], years: [{ id: 1 }, { id: 2 }], goals: {} }
      const server = await suite.provider((request, response, count) => {
        if (!request.url.pathname.startsWith('/notes')) return goalsOf(source)(request, response, count)
        return sendJson(response, [{ id: 1 }])
      })
      const parent = [
        { stream: 'teams', as: 'owner' },
        { stream: 'years', as: 'owner' },
      ]
      const below: Streams = [
        { name: 'words', parent: { stream: 'notes' }, path: '/words/{{ parent.parent.owner.id }}/{{ parent.id }}' },
      ]
      const definition = crossed(server, { name: 'notes', parent, path: '/notes/{{ parent.owner.id }}' }, below)
      const connection = await suite.fixture.connect(definition)
      suite.work()
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      expect(await keysOf(connection.connectionId, 'notes')).toEqual([
        '["teams","1","1"]',
        '["years","1","1"]',
        '["years","2","1"]',
      ])
      const words = server.requests.map(({ url }) => url.pathname).filter((path) => path.startsWith('/words'))
      expect(words.toSorted()).toEqual(['/words/1/1', '/words/1/1', '/words/2/1'])
    })

    it('continues at the combination and the page where a crashed worker left it', async () => {
      const three = [{ id: 1 }, { id: 2 }, { id: 3 }]
      const teams = ['a', 'b', 'c'].map((id) => ({ id }))
      const years = [{ id: 1 }, { id: 2 }]
      const goals = Object.fromEntries(teams.flatMap(({ id }) => years.map((year) => [`${id}/${year.id}`, three])))
      const answer = goalsOf({ teams, years, goals })
      let holding = true
      const server = await suite.provider((request, response, count) => {
        const { pathname, searchParams } = request.url
        if (holding && pathname === '/goals/c/1' && searchParams.get('page') === '2') return
        return answer(request, response, count)
      })
      const connection = await suite.fixture.connect(crossed(server))
      const dead = suite.fixture.worker({ times: { heartbeat: NEVER, lease: NEVER, sweep: NEVER, stop: 10 } })
      dead.start()
      const id = await connection.sync()
      // Teams, years, both pages of a/1 and b/1, and the first one of c/1.
      await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 7 }), 10_000)
      const pagesOf = (list: string) =>
        server.requests.filter(({ url }) => url.pathname === `/goals/${list}`).map(({ url }) => url.search)
      await vi.waitFor(() => expect(pagesOf('c/1')).toEqual(['?page=1', '?page=2']), 10_000)
      holding = false
      await suite.fixture.database.sql.query(LOSE_WORKER, [id])
      suite.work({ times: { sweep: 50 } })
      const job = await suite.fixture.until(id, 'SUCCEEDED', 'FAILED')
      expect(job).toMatchObject({ status: 'SUCCEEDED', attempt: 2, records_read: 23, records_written: 23 })
      expect([pagesOf('a/1'), pagesOf('b/1')]).toEqual([
        ['?page=1', '?page=2'],
        ['?page=1', '?page=2'],
      ])
      expect(pagesOf('c/1')).toEqual(['?page=1', '?page=2', '?page=2'])
      expect(await keysOf(connection.connectionId)).toHaveLength(18)
    })

    it('misses no combination of a parent that is new when the next job continues a failed one', async () => {
      const source = {
        teams: [{ id: 'a' }, { id: 'b' }],
        years: [{ id: 1 }],
        goals: Object.fromEntries(['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'c/2'].map((key) => [key, [{ id: 1 }]])),
      }
      let failing = true
      const held: ServerResponse[] = []
      const server = await suite.provider((request, response, count) => {
        if (!failing || request.url.pathname !== '/goals/b/1') return goalsOf(source)(request, response, count)
        if (held.push(response) > 1) return sendJson(response, { error: 'busy' }, {}, 503)
        return undefined
      })
      const connection = await suite.fixture.connect(crossed(server))
      suite.work({ clock: hurriedClock().clock })
      const id = await connection.sync()
      // Teams, years and a/1 are stored when b/1 fails.
      await vi.waitFor(async () => expect(await suite.fixture.job(id)).toMatchObject({ pages_read: 3 }), 10_000)
      for (const response of held) sendJson(response, { error: 'busy' }, {}, 503)
      await suite.fixture.until(id, 'FAILED')
      failing = false
      source.years.push({ id: 2 })
      source.teams.push({ id: 'c' })
      lists(server)
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      expect(await keysOf(connection.connectionId)).toHaveLength(6)
      expect(lists(server)).not.toContain('a/1')
    })

    it('keeps one cursor for each combination', async () => {
      const source: Parameters<typeof goalsOf>[0] = {
        teams: [{ id: 'a' }, { id: 'b' }],
        years: [{ id: 1 }],
        goals: { 'a/1': [{ id: 1, at: 50 }], 'b/1': [{ id: 1, at: 20 }] },
      }
      const server = await suite.provider((...all) => goalsOf(source)(...all))
      const incremental = { cursorField: ['at'], param: 'since', per: 'parent' as const }
      const connection = await suite.fixture.connect(crossed(server, { incremental }))
      suite.work()
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      source.goals['b/1']?.push({ id: 2, at: 30 })
      source.years.push({ id: 2 })
      server.requests.splice(0)
      await suite.fixture.until(await connection.sync(), 'SUCCEEDED')
      const asked = server.requests.map(({ url }) => `${url.pathname} ${url.searchParams.get('since')}`)
      expect([...new Set(asked.filter((each) => each.startsWith('/goals')))].toSorted()).toEqual([
        '/goals/a/1 50',
        '/goals/a/2 null',
        '/goals/b/1 20',
        '/goals/b/2 null',
      ])
      expect(await keysOf(connection.connectionId)).toEqual(['["a","1","1"]', '["b","1","1"]', '["b","1","2"]'])
    })
  })
})
