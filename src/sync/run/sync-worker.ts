import { setImmediate as othersTurn } from 'node:timers/promises'
import { type Clock, systemClock } from '../../kit/time.ts'
import { createPacer, type Pacer } from '../../requests/rate-limit.ts'
import { createBacklog, type WaitingJob } from '../jobs/backlog.ts'
import { type ClaimedJob, claimJob, findAbandonedJobs, heartbeat } from '../jobs/claim.ts'
import { deleteStaleJobTokens } from '../jobs/job-tokens.ts'
import { RunStoppedError, type StopReason } from '../jobs/sync-error.ts'
import { type RunJobDeps, runJob } from './run-job.ts'

export interface SyncWorkerDeps extends Omit<RunJobDeps, 'clock' | 'pacer' | 'limitMs'> {
  /** Jobs at once, the last of them for a workspace that has none here. Default: 5. */
  concurrency?: number
  clock?: Clock
  /** Default: one of its own. */
  pacer?: Pacer
  /** For tests; see DEFAULT_TIMES. */
  times?: Partial<WorkerTimes>
}

/** All in milliseconds. */
interface WorkerTimes {
  /** A job whose worker gave no sign of life for so long is taken over. */
  lease: number
  heartbeat: number
  /** How often the queue is asked without a wake-up. */
  poll: number
  /** How often jobs are looked for without being told, those of lost workers too. */
  sweep: number
  /** How long a job may take from its first start. */
  limit: number
  /** How long `stop` waits for pages that are being written. */
  stop: number
}

const DEFAULT_WORKER_TIMES: WorkerTimes = {
  lease: 10_000,
  heartbeat: 2_000,
  poll: 1_000,
  sweep: 2_000,
  limit: 6 * 60 * 60 * 1_000,
  stop: 8_000,
}

export interface SyncWorker {
  start(): void
  /** Takes no more jobs, lets pages that are being written finish, and hands unfinished jobs back for other workers. */
  stop(): Promise<void>
}

interface RunningJob {
  job: ClaimedJob
  abort: AbortController
  ended: Promise<void>
  /** Looks at once whether the job was asked to stop. */
  look(): void
}

/** Wake-ups that are taken from the queue at a time. */
const WAKE_UPS = 500

/**
 * Runs sync jobs. The queue only tells that there are some: which one is next is read from the jobs' own rows, and a job
 * belongs to the worker that has claimed its row, for as long as it gives signs of life there.
 */
export function createSyncWorker(deps: SyncWorkerDeps): SyncWorker {
  const { database, queue, bus, logger } = deps
  const clock = deps.clock ?? systemClock
  const times = { ...DEFAULT_WORKER_TIMES, ...deps.times }
  const concurrency = deps.concurrency ?? 5
  const jobDeps: RunJobDeps = { ...deps, clock, pacer: deps.pacer ?? createPacer(clock), limitMs: times.limit }
  const backlog = createBacklog(database)
  const running = new Map<string, RunningJob>()
  const wake = createWake()
  const endings: (() => void)[] = []
  let stopping = false
  let loop: Promise<void> | undefined
  let told = true
  let askedAt = 0
  let sweptAt = Number.NEGATIVE_INFINITY

  function tell(): void {
    told = true
    backlog.expire()
    wake.now()
  }

  async function work(): Promise<void> {
    while (!stopping) {
      try {
        const due = told || performance.now() - askedAt >= times.poll
        if (due && running.size < concurrency) await takeWakeUps()
        if (performance.now() - sweptAt >= times.sweep) await sweep()
        await takeWaiting()
      } catch (error) {
        logger.warn({ err: error }, 'Sync jobs could not be taken. This is tried again.')
      }
      await wake.wait(Math.min(times.poll, times.sweep))
    }
  }

  async function takeWakeUps(): Promise<void> {
    told = false
    askedAt = performance.now()
    const queued = await queue.fetch('sync', WAKE_UPS)
    if (queued.length === 0) return
    backlog.expire()
    // Their jobs' rows are what is taken; should this process end now, the next sweep finds them.
    await queue.complete(
      'sync',
      queued.map(({ id }) => id),
    )
    if (queued.length === WAKE_UPS) tell()
  }

  async function sweep(): Promise<void> {
    sweptAt = performance.now()
    backlog.expire()
    await deleteStaleJobTokens(database)
    const free = concurrency - running.size
    if (free <= 0) return
    for (const { id, workspaceId } of await findAbandonedJobs(database, { leaseMs: times.lease, limit: free })) {
      if (mayTake(workspaceId)) await take(id)
    }
  }

  async function takeWaiting(): Promise<void> {
    while (!stopping) {
      const taking: WaitingJob[] = []
      while (running.size + taking.length < concurrency) {
        const waiting = await backlog.next((workspaceId) => mayTake(workspaceId, taking))
        if (waiting === null) break
        taking.push(waiting)
      }
      if (taking.length === 0) return
      const taken = await Promise.allSettled(taking.map(({ id }) => take(id)))
      const failed = taken.find((each) => each.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      // The embedded database answers without one turn of the event loop: requests and timers would wait for all jobs.
      await othersTurn()
    }
  }

  /** Long jobs of one workspace never take the last place: a workspace that has none here finds one. */
  function mayTake(workspaceId: string, besides: readonly WaitingJob[] = []): boolean {
    if (concurrency === 1) return true
    const here = [...Array.from(running.values(), ({ job }) => job), ...besides]
    return here.filter((job) => job.workspaceId === workspaceId).length < concurrency - 1
  }

  async function take(syncJobId: string): Promise<void> {
    const job = await claimJob(database, bus, syncJobId, times.lease)
    if (job !== null) begin(job)
  }

  function begin(job: ClaimedJob): void {
    const abort = new AbortController()
    const stop = (reason: StopReason) => abort.abort(new RunStoppedError(reason))
    const pulse = createWake()
    const endsAt = performance.now() + times.limit - job.ageMs
    let over = false
    if (performance.now() >= endsAt) stop('timed_out')
    const beating = beat()
    const ended = runJob(jobDeps, job, abort.signal).finally(async () => {
      over = true
      pulse.now()
      await beating
      // By its own entry: an earlier run of the same job may still be ending.
      if (running.get(job.id) === entry) running.delete(job.id)
      wake.now()
    })
    const entry: RunningJob = { job, abort, ended, look: pulse.now }
    running.set(job.id, entry)
    // Claimed while the worker was asked to stop.
    if (stopping) stop('handed_back')

    async function beat(): Promise<void> {
      let seenAt = performance.now()
      for (;;) {
        await pulse.wait(Math.max(0, Math.min(times.heartbeat, endsAt - performance.now())))
        if (performance.now() >= endsAt) stop('timed_out')
        // One that does not heed its signal is another worker's when the lease is over.
        if (over || abort.signal.aborted) return
        try {
          const status = await heartbeat(database, job)
          seenAt = performance.now()
          if (status === null) stop('lost')
          if (status === 'CANCELLING') stop('cancelled')
        } catch (error) {
          logger.warn({ err: error, syncJobId: job.id }, 'A sign of life could not be given.')
          if (performance.now() - seenAt > times.lease) stop('lost')
        }
      }
    }
  }

  return {
    start() {
      if (loop !== undefined) return
      endings.push(
        queue.onEnqueued('sync', tell),
        bus.subscribe('queue', (name) => name === 'sync' && tell()),
        bus.subscribe('jobs', (syncJobId) => running.get(syncJobId)?.look()),
      )
      loop = work()
    },
    async stop() {
      stopping = true
      wake.now()
      const giveUp = new AbortController()
      const late = clockTimeout(times.stop, giveUp.signal)
      for (const { abort } of running.values()) abort.abort(new RunStoppedError('handed_back'))
      const ended = (async () => {
        await loop
        await Promise.all([...running.values()].map((each) => each.ended))
      })()
      if ((await Promise.race([ended, late])) === 'late')
        logger.warn('Some sync jobs are left to other workers as they are.')
      giveUp.abort()
      for (const end of endings.splice(0)) end()
    },
  }
}

function clockTimeout(ms: number, signal: AbortSignal): Promise<'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), ms)
    signal.addEventListener('abort', () => clearTimeout(timer))
  })
}

interface Wake {
  now(): void
  /** Resolves after `ms`, or at once when `now` was called since the last wait. */
  wait(ms: number): Promise<void>
}

/** Lets one loop sleep until there is something to do. */
function createWake(): Wake {
  let called = false
  let resolve: (() => void) | undefined
  return {
    now() {
      called = true
      resolve?.()
    },
    async wait(ms) {
      if (!called) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, ms)
          resolve = () => {
            clearTimeout(timer)
            done()
          }
        })
      }
      called = false
      resolve = undefined
    },
  }
}
