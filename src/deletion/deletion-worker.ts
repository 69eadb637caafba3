import type { Database } from '../db/database.ts'
import type { Queue } from '../db/queue.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import type { Logger } from '../kit/log.ts'
import type { Vault } from '../vault/vault.ts'
import { enqueueDeletion } from './mark-deleted.ts'
import { findMarkedWorkspaces, type PurgeState, purgeSome } from './purge.ts'

export interface DeletionWorkerDeps {
  database: Database
  queue: Queue
  bus: WakeBus
  vault: Vault
  logger: Logger
  /** For tests; see DEFAULT_TIMES. */
  times?: Partial<DeletionTimes>
}

/** All in milliseconds. */
export interface DeletionTimes {
  /** How often the queue is asked without a wake-up. */
  poll: number
  /** How often marked rows are looked for that the queue does not bring. */
  sweep: number
  /** How long one queued job works before it makes room: shorter than its lease in the queue. */
  slice: number
}

export const DEFAULT_TIMES: DeletionTimes = { poll: 2_000, sweep: 60_000, slice: 20_000 }

export interface DeletionWorker {
  start(): void
  /** Finishes the part that it is at; the rest is left to the next worker. */
  stop(): Promise<void>
}

/**
 * Removes, in the background, the rows that were marked as deleted. The queue only says where to look: the marks are in
 * the rows, so that a worker that is killed leaves nothing that the next one would not find.
 */
export function createDeletionWorker(deps: DeletionWorkerDeps): DeletionWorker {
  const { database, queue, bus, logger } = deps
  const times = { ...DEFAULT_TIMES, ...deps.times }
  const endings: (() => void)[] = []
  let woken = Promise.withResolvers<void>()
  const wake = () => woken.resolve()
  let stopping = false
  let loop: Promise<void> | undefined
  let sweptAt = Number.NEGATIVE_INFINITY

  async function work(): Promise<void> {
    while (!stopping) {
      woken = Promise.withResolvers()
      try {
        if ((await takeQueued()) > 0) continue
        await sweep()
      } catch (error) {
        logger.warn({ err: error }, 'Deleted rows could not be removed. This is tried again.')
      }
      if (!stopping) await woken.promise
    }
  }

  async function takeQueued(): Promise<number> {
    const jobs = await queue.fetch('deletion', 10)
    const workspaceIds = new Set(jobs.map(({ data }) => data.workspaceId))
    for (const workspaceId of workspaceIds) {
      const state = await purge(workspaceId)
      if (state === 'more') await database.bulkTransaction((tx) => enqueueDeletion(tx, { queue, bus }, workspaceId))
      await queue.complete(
        'deletion',
        jobs.filter(({ data }) => data.workspaceId === workspaceId).map(({ id }) => id),
      )
    }
    return jobs.length
  }

  async function sweep(): Promise<void> {
    if (performance.now() - sweptAt < times.sweep) return
    sweptAt = performance.now()
    for (const workspaceId of await findMarkedWorkspaces(database.sql)) {
      if ((await purge(workspaceId)) === 'more') sweptAt = Number.NEGATIVE_INFINITY
    }
  }

  async function purge(workspaceId: string): Promise<PurgeState> {
    const until = performance.now() + times.slice
    let state: PurgeState
    do state = await purgeSome(deps, workspaceId)
    while (state === 'more' && !stopping && performance.now() < until)
    // Not after a whole sweep's time: a renewal takes seconds.
    if (state === 'later') sweptAt = Math.min(sweptAt, performance.now() - times.sweep + times.poll)
    return state
  }

  return {
    start() {
      if (loop !== undefined) return
      const timer = setInterval(wake, times.poll)
      endings.push(
        () => clearInterval(timer),
        queue.onEnqueued('deletion', wake),
        bus.subscribe('queue', (name) => name === 'deletion' && wake()),
      )
      loop = work()
    },
    async stop() {
      stopping = true
      wake()
      await loop
      for (const end of endings.splice(0)) end()
    },
  }
}
