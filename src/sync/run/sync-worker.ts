import { setTimeout as sleep, setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { createLoop, type Loop } from '../../kit/loop.ts'
import { type Clock, systemClock } from '../../kit/time.ts'
import { createBacklog, type WaitingJob } from '../jobs/backlog.ts'
import { type ClaimedJob, claimJob, findAbandonedJobs, heartbeat } from '../jobs/claim.ts'
import { deleteStaleJobTokens } from '../jobs/job-tokens.ts'
import { RunStoppedError, type StopReason } from '../jobs/sync-error.ts'
import { createPageMemory, defaultPageMemoryBytes, type PageMemory } from '../read/page-memory.ts'
import { type RunJobDeps, runJob } from './run-job.ts'

export interface SyncWorkerDeps extends Omit<RunJobDeps, 'clock' | 'limitMs' | 'memory'> {
  /** Jobs at once; the last place is kept for a workspace that has no job here. Default: 5. */
  concurrency?: number
  /** Limits the memory of pages. Default: to `defaultPageMemoryBytes`. */
  memory?: PageMemory | undefined
  clock?: Clock
  /** Default: DEFAULT_TIMES. */
  times?: Partial<WorkerTimes>
}

/** All in milliseconds. */
interface WorkerTimes {
  /** A job whose worker sent no heartbeat for this long is taken over. */
  lease: number
  heartbeat: number
  /** How often the queue is read without a wake-up. */
  poll: number
  /** How often all jobs are checked without a wake-up, including those of crashed workers. */
  sweep: number
  /** Time limit of a job from its first start. */
  limit: number
  /** How long `stop` waits for pages that are being written. */
  stop: number
}

const DEFAULT_TIMES: WorkerTimes = {
  lease: 10_000,
  heartbeat: 2_000,
  poll: 1_000,
  sweep: 2_000,
  limit: 6 * 60 * 60 * 1_000,
  stop: 8_000,
}

export interface SyncWorker {
  start(): void
  /** Claims no more jobs, lets pages that are being written finish, and hands unfinished jobs back to the queue. */
  stop(): Promise<void>
}

interface RunningJob {
  job: ClaimedJob
  abort: AbortController
  ended: Promise<void>
  /** A wake-up sends a heartbeat now, which finds out whether the job was cancelled. */
  heartbeats: Loop
}

/** Queue entries that are read at once. */
const QUEUE_BATCH = 500

/**
 * Runs sync jobs. Queue entries are only wake-ups: the next job is chosen from the rows of the jobs, and a job belongs to
 * the worker that claimed its row, as long as the worker sends heartbeats.
 */
export function createSyncWorker(deps: SyncWorkerDeps): SyncWorker {
  const { database, queue, bus, logger } = deps
  const clock = deps.clock ?? systemClock
  const times = { ...DEFAULT_TIMES, ...deps.times }
  const concurrency = deps.concurrency ?? 5
  const limits = { limitBytes: defaultPageMemoryBytes(), largestPageBytes: deps.maxPageBytes }
  const memory = deps.memory ?? createPageMemory(limits)
  const jobDeps: RunJobDeps = { ...deps, clock, memory, limitMs: times.limit }
  const backlog = createBacklog(database)
  const running = new Map<string, RunningJob>()
  const unsubscribe: (() => void)[] = []
  const everyMs = Math.min(times.poll, times.sweep)
  const loop = createLoop({
    work: claimJobs,
    everyMs,
    maxBackoffMs: everyMs,
    onError: (err) => logger.warn({ err }, 'Sync jobs could not be claimed. Trying again.'),
  })
  let stopping = false
  let queueChanged = true
  let queueReadAt = 0
  let sweptAt = Number.NEGATIVE_INFINITY

  function onQueueChange(): void {
    queueChanged = true
    backlog.expire()
    loop.wake()
  }

  async function claimJobs(): Promise<void> {
    const readQueue = queueChanged || performance.now() - queueReadAt >= times.poll
    if (readQueue && running.size < concurrency) await takeQueueEntries()
    if (performance.now() - sweptAt >= times.sweep) await sweep()
    await claimWaitingJobs()
  }

  async function takeQueueEntries(): Promise<void> {
    queueChanged = false
    queueReadAt = performance.now()
    const entries = await queue.fetch('sync', QUEUE_BATCH)
    if (entries.length === 0) return
    backlog.expire()
    // The rows of the jobs are what counts: if this process ends now, the next sweep finds them.
    await queue.complete(
      'sync',
      entries.map(({ id }) => id),
    )
    if (entries.length === QUEUE_BATCH) onQueueChange()
  }

  async function sweep(): Promise<void> {
    sweptAt = performance.now()
    backlog.expire()
    await deleteStaleJobTokens(database)
    const free = concurrency - running.size
    if (free <= 0) return
    for (const { id, workspaceId } of await findAbandonedJobs(database, { leaseMs: times.lease, limit: free })) {
      if (mayRun(workspaceId)) await claim(id)
    }
  }

  async function claimWaitingJobs(): Promise<void> {
    while (!stopping) {
      const chosen: WaitingJob[] = []
      while (running.size + chosen.length < concurrency) {
        const waiting = await backlog.next((workspaceId) => mayRun(workspaceId, chosen))
        if (waiting === null) break
        chosen.push(waiting)
      }
      if (chosen.length === 0) return
      const claims = await Promise.allSettled(chosen.map(({ id }) => claim(id)))
      const failed = claims.find((each) => each.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      // The embedded database never yields to the event loop by itself. Requests and timers would wait for all jobs.
      await yieldToEventLoop()
    }
  }

  /** Jobs of one workspace never take the last place, so that long jobs do not block other workspaces. */
  function mayRun(workspaceId: string, chosen: readonly WaitingJob[] = []): boolean {
    if (concurrency === 1) return true
    const here = [...Array.from(running.values(), ({ job }) => job), ...chosen]
    return here.filter((job) => job.workspaceId === workspaceId).length < concurrency - 1
  }

  async function claim(syncJobId: string): Promise<void> {
    const job = await claimJob(database, bus, syncJobId, times.lease)
    if (job !== null) begin(job)
  }

  function begin(job: ClaimedJob): void {
    const abort = new AbortController()
    const stop = (reason: StopReason) => abort.abort(new RunStoppedError(reason))
    const heartbeats = createHeartbeats(job, stop)
    // A run that ignores its signal gets no more heartbeats: another worker takes the job when the lease is over.
    abort.signal.addEventListener('abort', () => void heartbeats.stop(), { once: true })
    const leftMs = times.limit - job.ageMs
    const runEnded = new AbortController()
    systemClock.sleep(leftMs, runEnded.signal).then(
      () => stop('timed_out'),
      () => undefined,
    )
    if (leftMs <= 0) stop('timed_out')
    // Claimed while the worker was being stopped.
    if (stopping) stop('handed_back')
    heartbeats.start()
    const ended = runJob(jobDeps, job, abort.signal).finally(async () => {
      runEnded.abort()
      await heartbeats.stop()
      // An earlier run of the same job may still be ending: remove only the own entry.
      if (running.get(job.id) === entry) running.delete(job.id)
      loop.wake()
    })
    const entry: RunningJob = { job, abort, ended, heartbeats }
    running.set(job.id, entry)
  }

  function createHeartbeats(job: ClaimedJob, stop: (reason: StopReason) => void): Loop {
    let lastAt = performance.now()
    return createLoop({
      everyMs: times.heartbeat,
      maxBackoffMs: times.heartbeat,
      runAtStart: false,
      async work() {
        const status = await heartbeat(database, job)
        lastAt = performance.now()
        if (status === null) stop('lost')
        if (status === 'CANCELLING') stop('cancelled')
      },
      onError(err) {
        logger.warn({ err, syncJobId: job.id }, 'The heartbeat of a sync job could not be written.')
        if (performance.now() - lastAt > times.lease) stop('lost')
      },
    })
  }

  return {
    start() {
      unsubscribe.push(
        queue.onEnqueued('sync', onQueueChange),
        bus.subscribe('queue', (name) => name === 'sync' && onQueueChange()),
        bus.subscribe('jobs', (syncJobId) => running.get(syncJobId)?.heartbeats.wake()),
      )
      loop.start()
    },
    async stop() {
      stopping = true
      const claiming = loop.stop()
      for (const { abort } of running.values()) abort.abort(new RunStoppedError('handed_back'))
      const ended = (async () => {
        await claiming
        await Promise.all([...running.values()].map((each) => each.ended))
      })()
      const giveUp = new AbortController()
      const late = sleep(times.stop, 'late', { signal: giveUp.signal }).catch(() => undefined)
      if ((await Promise.race([ended, late])) === 'late') {
        logger.warn('Some sync jobs did not stop in time. Other workers take them over when their lease is over.')
      }
      giveUp.abort()
      for (const end of unsubscribe.splice(0)) end()
    },
  }
}
