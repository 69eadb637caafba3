import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { serverAnswers } from '../support/databases.ts'
import { eventLog, openSetting, untilSucceeded } from './cluster.ts'
import type { SubscribersOrder, SubscribersReport } from './subscribers-process.ts'

/** Number of subscribers. */
const SUBSCRIBERS = Number(process.env['LATCHKEY_SUBSCRIBERS'] ?? 300)
const SYNCS = 4
const RECORDS = 2_000
const PAGE = 50
const LIMIT_MS = 240_000 + SUBSCRIBERS * 60

describe.skipIf(!serverAnswers)(`${SUBSCRIBERS} subscribers of one gateway`, () => {
  it(
    'each receive every event of the syncs of another process once and in order, and none is disconnected',
    async () => {
      let subscribers: ChildProcess | undefined
      await using setting = await openSetting(RECORDS, PAGE, {
        LATCHKEY_SUBSCRIPTION_LIMIT: String(SUBSCRIBERS),
        LATCHKEY_SOCKET_LIMIT: String(SUBSCRIBERS + 100),
        LATCHKEY_LOG_LEVEL: 'warn',
      })
      const { database, source, cluster } = setting
      try {
        const gateway = await cluster.start('gateway')
        await cluster.start('worker')
        const client = cluster.client(gateway)
        const workspaceId = await cluster.workspace(client)
        const connections = [await cluster.connect(client, workspaceId, source)]
        const before = await memoryOf(gateway.pid)
        const order: SubscribersOrder = {
          url: gateway.graphqlUrl.replace('http', 'ws'),
          key: cluster.key,
          workspaceId,
          count: SUBSCRIBERS,
        }
        subscribers = fork(fileURLToPath(new URL('./subscribers-process.ts', import.meta.url)), [JSON.stringify(order)])
        const gone = once(subscribers, 'exit').then(() =>
          Promise.reject(new Error('The process of the subscribers has exited.')),
        )
        gone.catch(() => undefined)
        await Promise.race([once(subscribers, 'message'), gone])
        const open = await memoryOf(gateway.pid)

        source.beforePage = async () => {
          await pause(40)
          return undefined
        }
        while (connections.length < SYNCS) connections.push(await cluster.connect(client, workspaceId, source))
        const jobs = await Promise.all(connections.map((connection) => cluster.trigger(client, connection)))
        for (const job of jobs) await untilSucceeded(database, job)
        const log = await eventLog(database, workspaceId)
        const reported = once(subscribers, 'message')
        subscribers.send({ last: log.length })
        const [report] = (await Promise.race([reported, gone])) as [SubscribersReport]
        expect(report).toMatchObject({ wrong: 0, closed: 0 })
        process.stdout.write(
          `${JSON.stringify({
            subscribers: SUBSCRIBERS,
            events: log.length,
            ...report,
            perSecond: Math.round(report.deliveries / report.seconds),
            kibEach: Math.round((open - before) / SUBSCRIBERS),
          })}\n`,
        )
        expect(log.filter(({ type }) => type === 'SYNC_PROGRESSED').length).toBeGreaterThan(SYNCS)
      } finally {
        subscribers?.kill('SIGKILL')
      }
    },
    LIMIT_MS,
  )
})

/** Resident memory of a process in KiB (Linux). */
async function memoryOf(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
}
