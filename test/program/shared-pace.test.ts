import { describe, expect, it } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'
import { openSetting, untilSucceeded } from './cluster.ts'

const CONNECTIONS = 8
const PAGES = 4
/** Requests per second of the limited integration. A job waits for its turn for longer than it may keep its place. */
const RATE = 3

describe.skipIf(!serverAnswers)('eight connections of an integration with a rate limit, and two workers', () => {
  it('share its rate evenly, and delay no other integration and no other workspace', async () => {
    await using setting = await openSetting(10, 10)
    const { database, source, cluster } = setting
    /** When each connection's requests arrived, in milliseconds. */
    const arrived = new Map<string, number[]>()
    const limited = await startProvider(({ url, headers }, response) => {
      const connection = headers.authorization ?? ''
      arrived.set(connection, [...(arrived.get(connection) ?? []), performance.now()])
      const page = Number(url.searchParams.get('page'))
      sendJson(response, page < PAGES ? [{ id: page }] : [])
    })
    const definition = {
      displayName: 'Limited',
      baseUrl: limited.origin,
      auth: { type: 'bearer' },
      rateLimit: { requestsPerSecond: RATE },
      streams: [
        { name: 'items', path: '/items', primaryKey: ['id'], pagination: { type: 'page', param: 'page', size: 1 } },
      ],
    }
    const gateway = await cluster.start('gateway')
    const client = cluster.client(gateway)
    const [workspaceId, otherWorkspaceId] = [await cluster.workspace(client), await cluster.workspace(client)]
    const input = { workspaceId, slug: 'limited', definition }
    await cluster.mutate(client, 'createIntegration', input, '__typename')
    const limitedJobs: string[] = []
    for (let each = 0; each < CONNECTIONS; each += 1) {
      const { connection } = await cluster.mutate<{ connection: { id: string } }>(
        client,
        'createConnection',
        { workspaceId, integration: 'limited', credential: { secretText: `token-of-connection-${each}` } },
        'connection { id }',
      )
      limitedJobs.push(await cluster.trigger(client, connection.id))
    }
    const healthyJobs: string[] = []
    for (const workspace of [workspaceId, otherWorkspaceId]) {
      healthyJobs.push(await cluster.trigger(client, await cluster.connect(client, workspace, source)))
    }
    await Promise.all([cluster.start('worker'), cluster.start('worker')])
    for (const id of healthyJobs) await untilSucceeded(database, id)
    const unfinished = await database.sql.query<{ open: number }>(
      `SELECT count(*)::int AS open FROM sync_job WHERE status IN ('QUEUED', 'RUNNING')`,
    )
    // The limited ones take at least ten seconds together, and the healthy ones did not wait for them.
    expect(unfinished[0]?.open).toBeGreaterThan(0)
    for (const id of limitedJobs) expect(await untilSucceeded(database, id)).toMatchObject({ pages_read: PAGES })
    await limited.close()

    const times = [...arrived.values()]
    const all = times.flat().toSorted((a, b) => a - b)
    expect(times.map(({ length }) => length)).toEqual(Array(CONNECTIONS).fill(PAGES))
    const seconds = ((all.at(-1) ?? 0) - (all[0] ?? 0)) / 1_000
    // At most a tenth more than the rate, and one request of each process.
    expect(all.length).toBeLessThanOrEqual(RATE * 1.1 * seconds + 3)
    // When the first connection is done, each other one had its turns.
    const firstEnd = Math.min(...times.map((each) => each.at(-1) ?? 0))
    const turns = times.map((each) => each.filter((at) => at <= firstEnd).length)
    expect(Math.min(...turns)).toBeGreaterThan(0)
  }, 180_000)
})
