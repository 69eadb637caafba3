import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { appendEvents, readLogBounds } from '../../src/events/event-log.ts'
import { serverAnswers } from '../support/databases.ts'
import { localId, openSetting } from './cluster.ts'
import type { SubscribersOrder, SubscribersReport, SubscribersRequest } from './subscribers-process.ts'

const SUBSCRIBERS = 50
/** More than what a gateway keeps of a log in memory, so that some of it is read from the database. */
const EVENTS_BEFORE = 1_300
const LIMIT_MS = 240_000

describe.skipIf(!serverAnswers)('Subscribers whose gateway is killed', () => {
  it(
    'continue at another gateway, and none of them misses or repeats an event',
    async () => {
      let subscribers: ChildProcess | undefined
      await using setting = await openSetting(1, 1, { LATCHKEY_LOG_LEVEL: 'warn' })
      const { database, cluster } = setting
      const bus = createLocalWakeBus()
      try {
        const [doomed, other] = [await cluster.start('gateway'), await cluster.start('gateway')]
        const workspaceId = await cluster.workspace(cluster.client(other))
        const append = (count: number) =>
          database.bulkTransaction((tx) =>
            appendEvents(
              tx,
              bus,
              localId(workspaceId),
              Array.from({ length: count }, () => ({ type: 'SYNC_PROGRESSED' as const })),
            ),
          )
        await append(EVENTS_BEFORE)
        const order: SubscribersOrder = {
          url: doomed.graphqlUrl.replace('http', 'ws'),
          key: cluster.key,
          workspaceId,
          count: SUBSCRIBERS,
        }
        subscribers = fork(fileURLToPath(new URL('./subscribers-process.ts', import.meta.url)), [JSON.stringify(order)])
        const gone = once(subscribers, 'exit').then(() => Promise.reject(new Error('The subscribers have exited.')))
        gone.catch(() => undefined)
        await Promise.race([once(subscribers, 'message'), gone])
        const send = (request: SubscribersRequest) => subscribers?.send(request)
        send({ next: other.graphqlUrl.replace('http', 'ws') })

        let writing = true
        const writer = (async () => {
          while (writing) {
            await append(1 + Math.floor(Math.random() * 40))
            await pause(5)
          }
        })()
        await pause(300)
        await doomed.kill9()
        await pause(1_000)
        writing = false
        await writer
        const { head } = await readLogBounds(database.sql, localId(workspaceId))
        const reported = once(subscribers, 'message')
        send({ last: Number(head) })
        const [report] = (await Promise.race([reported, gone])) as [SubscribersReport]
        expect(report.wrong).toBe(0)
        // All of them were at the gateway that was killed. A slow machine may make one reconnect again.
        expect(report.closed).toBeGreaterThanOrEqual(SUBSCRIBERS)
      } finally {
        subscribers?.kill('SIGKILL')
      }
    },
    LIMIT_MS,
  )
})
