import { describe, expect, it, vi } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { eventLog, openSetting } from './cluster.ts'

/** Number of jobs. */
const JOBS = Number(process.env['LATCHKEY_BACKLOG_JOBS'] ?? 200)
const LIMIT_MS = 240_000 + JOBS * 100
/** Requests that are sent concurrently. */
const AT_ONCE = 8

describe.skipIf(!serverAnswers)(`a backlog of ${JOBS} jobs whose source is empty`, () => {
  it(
    'is completed by one worker, which runs each job once and logs each event once (QJ-08)',
    async () => {
      await using setting = await openSetting(0, 100, { LATCHKEY_LOG_LEVEL: 'warn' })
      const { database, source, cluster } = setting
      const client = cluster.client(await cluster.start('gateway'))
      const workspaceId = await cluster.workspace(client)
      const first = await cluster.connect(client, workspaceId, source)
      const connections = [first]
      const connectMore = async () => {
        while (connections.length < JOBS) {
          const index = connections.push('') - 1
          const { connection } = await cluster.mutate<{ connection: { id: string } }>(
            client,
            'createConnection',
            { workspaceId, integration: 'source-1', credential: source.credential },
            'connection { id }',
          )
          connections[index] = connection.id
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, connectMore))
      const waiting = connections.values()
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const connection of waiting) await cluster.trigger(client, connection)
        }),
      )
      const profile = process.env['LATCHKEY_BACKLOG_PROFILE']
      const env: Record<string, string> =
        profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }
      const worker = await cluster.start('worker', env)
      await vi.waitFor(
        async () => {
          const [row] = await database.sql.query<{ open: number }>(
            `SELECT count(*)::int AS open FROM sync_job WHERE status <> 'SUCCEEDED'`,
          )
          expect(row?.open).toBe(0)
        },
        { timeout: LIMIT_MS, interval: 100 },
      )
      const [row] = await database.sql.query<{ jobs: number; attempts: number; seconds: number }>(
        `SELECT count(*)::int AS jobs, sum(attempt)::int AS attempts,
                extract(epoch FROM max(finished_at) - min(started_at))::float8 AS seconds FROM sync_job`,
      )
      expect(row).toMatchObject({ jobs: JOBS, attempts: JOBS })
      process.stdout.write(`${JSON.stringify({ ...row, perSecond: Math.round(JOBS / (row?.seconds ?? 0)) })}\n`)
      const log = await eventLog(database, workspaceId)
      for (const type of ['SYNC_QUEUED', 'SYNC_STARTED', 'SYNC_SUCCEEDED']) {
        const jobIds = log.filter((event) => event.type === type).map(({ sync_job_id }) => sync_job_id)
        expect(new Set(jobIds).size).toBe(JOBS)
        expect(jobIds).toHaveLength(JOBS)
      }
      expect(await worker.stop()).toBe(0)
    },
    LIMIT_MS,
  )
})
