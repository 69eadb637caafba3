import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TestDatabase } from '../support/databases.ts'
import { findPostgresBinaries, type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts'
import { hasRedisServer, type OwnRedis, startOwnRedis } from '../support/own-redis.ts'
import type { Program } from '../support/program.ts'
import {
  type Cluster,
  eventLog,
  expectRecordsOf,
  jobState,
  openCluster,
  type Source,
  startSource,
  untilSucceeded,
} from './cluster.ts'
import { beginningOf, type Follower, followWorkspace, positionsOf } from './follow.ts'

const RECORDS = 6_000
const PAGE = 100
/** How long PostgreSQL is stopped. */
const AWAY_MS = 4_000
const LIMIT_MS = 240_000
const patience = { timeout: 60_000, interval: 50 }

const binaries = await findPostgresBinaries()
const redisInstalled = await hasRedisServer()

describe.skipIf(binaries === null || !redisInstalled)('two gateways and two workers', () => {
  let postgres: OwnPostgres
  let redis: OwnRedis
  let test: TestDatabase
  let cluster: Cluster
  let source: Source
  let gateways: [Program, Program]
  let programs: Program[]

  beforeAll(async () => {
    postgres = await startOwnPostgres(binaries ?? '')
    redis = await startOwnRedis()
    test = await postgres.openDatabase()
    source = await startSource(RECORDS, PAGE)
    cluster = openCluster({ DATABASE_URL: test.url ?? '', REDIS_URL: redis.url })
    gateways = await Promise.all([cluster.start('gateway'), cluster.start('gateway')])
    programs = [...gateways, ...(await Promise.all([cluster.start('worker'), cluster.start('worker')]))]
  }, LIMIT_MS)
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
    await source.close()
    await test.close()
    await redis[Symbol.asyncDispose]()
    await postgres[Symbol.asyncDispose]()
  }, LIMIT_MS)

  /** Starts a slow sync with a follower at each gateway. `middle` resolves when half of the pages were requested. */
  async function begin() {
    const [first, second] = gateways.map((gateway) => cluster.client(gateway))
    if (first === undefined || second === undefined) throw new Error('There is no gateway.')
    const workspaceId = await cluster.workspace(first)
    const connectionId = await cluster.connect(first, workspaceId, source)
    const followers = [first, second].map((client) => followWorkspace(client, workspaceId, beginningOf(workspaceId)))
    const middle = Promise.withResolvers<void>()
    source.beforePage = async (offset) => {
      if (offset >= RECORDS / 2) middle.resolve()
      await pause(30)
      return undefined
    }
    const syncJobId = await cluster.trigger(second, connectionId)
    return { first, second, workspaceId, connectionId, followers, syncJobId, middle: middle.promise }
  }

  /** Expects all records, and that each follower received each event once. */
  async function expectAllOnce(connectionId: string, workspaceId: string, followers: Follower[]): Promise<void> {
    await expectRecordsOf(source, test.database, connectionId)
    const expected = positionsOf(await eventLog(test.database, workspaceId))
    expect(expected).toEqual(expected.map((_, index) => index + 1))
    for (const follower of followers) {
      await vi.waitFor(() => expect(follower.positions.length).toBeGreaterThanOrEqual(expected.length), patience)
      expect(follower.positions).toEqual(expected)
    }
  }

  it(
    'deliver all events of a job that another process runs: live at one gateway, and as a replay at the other',
    async () => {
      const { second, workspaceId, connectionId, followers, syncJobId } = await begin()
      await untilSucceeded(test.database, syncJobId)
      await expectAllOnce(connectionId, workspaceId, followers)
      const replay = followWorkspace(second, workspaceId, beginningOf(workspaceId))
      await vi.waitFor(() => expect(replay.types.at(-1)).toBe('SYNC_SUCCEEDED'), patience)
      expect(replay.positions).toEqual(followers[0]?.positions)
      expect(replay.types).toEqual(followers[0]?.types)
    },
    LIMIT_MS,
  )

  it(
    'lose and repeat no event when Redis is killed during a sync, and deliver at once again when it is back',
    async () => {
      const { first, workspaceId, connectionId, followers, syncJobId, middle } = await begin()
      await middle
      await redis.kill9()
      // Without Redis, the gateways poll.
      const received = followers.map(({ positions }) => positions.length)
      await vi.waitFor(
        () =>
          followers.forEach(({ positions }, index) => {
            expect(positions.length).toBeGreaterThan((received[index] ?? 0) + 1)
          }),
        patience,
      )
      await untilSucceeded(test.database, syncJobId)
      await expectAllOnce(connectionId, workspaceId, followers)

      await redis.start()
      await vi.waitFor(async () => expect(await redis.listeners('latchkey:events')).toBe(programs.length), patience)
      // An event of one gateway arrives at the other much sooner than by polling every second.
      const [, other] = followers
      const took: number[] = []
      let inARow = 0
      while (inARow < 6 && took.length < 60) {
        const before = other?.arrivedAt.length ?? 0
        const sentAt = Date.now()
        await cluster.mutate(first, 'updateConnection', { connectionId, disabled: took.length % 2 === 0 }, '__typename')
        await vi.waitFor(() => expect(other?.arrivedAt.length).toBeGreaterThan(before), {
          timeout: 20_000,
          interval: 5,
        })
        const ms = (other?.arrivedAt[before] ?? Number.POSITIVE_INFINITY) - sentAt
        took.push(ms)
        inARow = ms < 350 ? inARow + 1 : 0
      }
      process.stdout.write(`${JSON.stringify({ seenElsewhereAfterMs: took })}\n`)
      expect(inARow).toBe(6)
      await expectAllOnce(connectionId, workspaceId, followers)
    },
    LIMIT_MS,
  )

  it(
    'survive a restart of PostgreSQL during a sync, complete it and deliver each event once (QJ-03)',
    async () => {
      const { workspaceId, connectionId, followers, syncJobId, middle } = await begin()
      await middle
      await postgres.stopAtOnce()
      await pause(AWAY_MS)
      await postgres.start()
      const job = await untilSucceeded(test.database, syncJobId)
      expect(job).toMatchObject({ records_read: RECORDS, records_written: RECORDS, pages_read: RECORDS / PAGE + 1 })
      await expectAllOnce(connectionId, workspaceId, followers)
      for (const { pid } of programs) expect(process.kill(pid, 0)).toBe(true)
      expect((await jobState(test.database, syncJobId)).error).toBeNull()
      for (const gateway of gateways) expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
    },
    LIMIT_MS,
  )
})
