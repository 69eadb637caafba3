import { setTimeout as sleep, setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { createLimiter } from '../../kit/limiter.ts'
import { createLoop } from '../../kit/loop.ts'
import { type Clock, systemClock } from '../../kit/time.ts'
import { createBacklog, type QueuedJob } from '../jobs/backlog.ts'
import { type ClaimedJob, claimJobs, findAbandonedJobs, sendHeartbeats } from '../jobs/claim.ts'
import { deleteStaleJobTokens } from '../jobs/job-tokens.ts'
import type { JobWait } from '../jobs/job-wait.ts'
import { BEFORE_SLOT_MS, endWaits } from '../jobs/put-back.ts'
import { RunStoppedError, type StopReason } from '../jobs/sync-error.ts'
import { createPageMemory, defaultPageMemoryBytes, type PageMemory } from '../read/page-memory.ts'
import { createPlaces, type PlaceCaps } from './places.ts'
import { type RunJobDeps, runJob } from './run-job.ts'

export interface SyncWorkerDeps extends Omit<RunJobDeps, 'clock' | 'limitMs' | 'memory' | 'putBackMs' | 'onPutBack'> {
  /** Jobs at once; see `createPlaces`. Default: 50. */
  concurrency?: number
  /** Of one workspace, one integration and one host; see `createPlaces`. */
  caps?: PlaceCaps
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
  /** Longest time in which a job makes no progress. Waits do not count. */
  limit: number
  /** A job that has to wait for longer is put back into the queue. */
  putBack: number
  /** How long `stop` waits for pages that are being written. */
  stop: number
}

const DEFAULT_TIMES: WorkerTimes = {
  lease: 10_000,
  heartbeat: 2_000,
  poll: 1_000,
  sweep: 2_000,
  limit: 6 * 60 * 60 * 1_000,
  // To put a job back and to claim it again costs about as much as a page.
  putBack: 1_500,
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
  /** When the last heartbeat was sent, by `performance.now()`. */
  beatAt: number
}

/** Queue entries that are read at once. */
const QUEUE_BATCH = 500
const DEFAULT_CONCURRENCY = 50
/** Claims at once. Each takes a database connection. */
const CLAIMS_AT_ONCE = 4
/** Transactions and statements of jobs at once, so that the other requests of this process find a database connection. */
const STATEMENTS_AT_ONCE = { server: 6, embedded: 1 } as const
/** The part of them that the jobs of one workspace may hold, whose transactions may wait for locks. */
const STATEMENTS_OF_WORKSPACE = { server: 4, embedded: 1 } as const

/**
 * Runs sync jobs. Queue entries are only wake-ups: the next job is chosen from the rows of the jobs, and a job belongs to
 * the worker that claimed its row, as long as the worker sends heartbeats. A job that has to wait goes back to the queue,
 * so that it holds no place.
 */
export function createSyncWorker(deps: SyncWorkerDeps): SyncWorker {
  const { database, queue, bus, logger, metrics } = deps
  const clock = deps.clock ?? systemClock
  const times = { ...DEFAULT_TIMES, ...deps.times }
  const concurrency = deps.concurrency ?? DEFAULT_CONCURRENCY
  const limits = { limitBytes: defaultPageMemoryBytes(), largestPageBytes: deps.maxPageBytes }
  const memory = deps.memory ?? createPageMemory(limits)
  const jobDeps = { ...deps, clock, memory, limitMs: times.limit, putBackMs: times.putBack }
  const backlog = createBacklog(database)
  const places = createPlaces(concurrency, deps.caps)
  const claims = createLimiter(CLAIMS_AT_ONCE)
  const databaseOf = createJobDatabases(database)
  const running = new Map<string, RunningJob>()
  const unsubscribe: (() => void)[] = []
  const everyMs = Math.min(times.poll, times.sweep)
  const loop = createLoop({
    work: claimAll,
    everyMs,
    maxBackoffMs: everyMs,
    onError: (err) => logger.warn({ err }, 'Sync jobs could not be claimed. Trying again.'),
  })
  const heartbeats = createLoop({
    work: beat,
    everyMs: times.heartbeat,
    maxBackoffMs: times.heartbeat,
    runAtStart: false,
    onError(err) {
      logger.warn({ err }, 'The heartbeats of sync jobs could not be written.')
      for (const entry of running.values()) {
        if (performance.now() - entry.beatAt > times.lease) stopRun(entry, 'lost')
      }
    },
  })
  let stopping = false
  let queueChanged = true
  let queueReadAt = 0
  let sweptAt = Number.NEGATIVE_INFINITY
  let waitsEndAt = Number.NEGATIVE_INFINITY
  let waitTimer: NodeJS.Timeout | undefined

  function onQueueChange(): void {
    queueChanged = true
    backlog.expire()
    loop.wake()
  }

  async function claimAll(): Promise<void> {
    const readQueue = queueChanged || performance.now() - queueReadAt >= times.poll
    if (readQueue && places.free > 0) await takeQueueEntries()
    if (performance.now() >= waitsEndAt) await endDueWaits()
    if (performance.now() - sweptAt >= times.sweep) await sweep()
    await claimQueuedJobs()
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

  async function endDueWaits(): Promise<void> {
    const { ended, nextMs } = await endWaits(database)
    if (ended) backlog.expire()
    waitsEndAt = Number.POSITIVE_INFINITY
    wakeForWaits(Math.min(nextMs ?? times.poll, times.poll))
  }

  /** @param ms after which a wait may have ended */
  function wakeForWaits(ms: number): void {
    const at = performance.now() + ms
    if (at >= waitsEndAt) return
    waitsEndAt = at
    clearTimeout(waitTimer)
    waitTimer = setTimeout(() => loop.wake(), Math.ceil(ms) + 1)
    waitTimer.unref()
  }

  async function sweep(): Promise<void> {
    sweptAt = performance.now()
    backlog.expire()
    await deleteStaleJobTokens(database)
    if (places.free === 0) return
    const abandoned = await findAbandonedJobs(database, { leaseMs: times.lease, limit: places.free })
    await claim(abandoned.filter((job) => places.take(job)))
  }

  async function claimQueuedJobs(): Promise<void> {
    while (!stopping) {
      const chosen: QueuedJob[] = []
      while (places.free > 0) {
        const room = places.room()
        // Until they are claimed, jobs that were chosen are read again.
        const mayTake = (job: QueuedJob) => !chosen.some(({ id }) => id === job.id) && room.mayTake(job)
        const job = await backlog.next({ ...room, mayTake })
        if (job === null || !places.take(job)) break
        chosen.push(job)
      }
      if (chosen.length === 0) return
      await claim(chosen)
      // The embedded database never yields to the event loop by itself. Requests and timers would wait for all jobs.
      await yieldToEventLoop()
    }
  }

  /** Claims jobs that have places, those of each workspace together. */
  async function claim(jobs: readonly QueuedJob[]): Promise<void> {
    const groups = [...Map.groupBy(jobs, ({ workspaceId }) => workspaceId).values()]
    const settled = await Promise.allSettled(groups.map((group) => claims.run('claim', () => claimGroup(group))))
    const failed = settled.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async function claimGroup(jobs: readonly QueuedJob[]): Promise<void> {
    const waiting = new Map(jobs.map((job) => [job.id, job]))
    try {
      for (const job of await claimJobs(database, bus, [...waiting.keys()], times.lease)) {
        const place = waiting.get(job.id)
        waiting.delete(job.id)
        if (place !== undefined) begin(job, place)
      }
    } finally {
      for (const job of waiting.values()) places.leave(job)
    }
  }

  function stopRun({ abort }: Pick<RunningJob, 'abort'>, reason: StopReason): void {
    abort.abort(new RunStoppedError(reason))
  }

  function begin(job: ClaimedJob, place: QueuedJob): void {
    const abort = new AbortController()
    if (job.queuedMs !== null) metrics?.syncQueueSeconds.observe(job.queuedMs / 1_000)
    if (job.idleMs >= times.limit) stopRun({ abort }, 'timed_out')
    // Claimed while the worker was being stopped.
    if (stopping) stopRun({ abort }, 'handed_back')
    const onPutBack = (wait: JobWait, waitMs: number) => {
      if (wait.kind === 'pace') places.pause(place, waitMs - BEFORE_SLOT_MS)
      wakeForWaits(waitMs)
    }
    const own = { ...jobDeps, database: databaseOf(job.workspaceId), onPutBack }
    const ended = runJob(own, job, abort.signal).finally(() => {
      places.leave(place)
      // An earlier run of the same job may still be ending: remove only the own entry.
      if (running.get(job.id) === entry) running.delete(job.id)
      backlog.expire()
      loop.wake()
    })
    const entry: RunningJob = { job, abort, ended, beatAt: performance.now() }
    running.set(job.id, entry)
  }

  /** A run that ignores its signal gets no more heartbeats: another worker takes the job when the lease is over. */
  async function beat(): Promise<void> {
    const beating = [...running.values()].filter(({ abort }) => !abort.signal.aborted)
    if (beating.length === 0) return
    const results = await sendHeartbeats(
      database,
      beating.map(({ job }) => job),
    )
    for (const entry of beating) {
      const { status = 'LOST', idleMs = 0 } = results.get(entry.job.id) ?? {}
      entry.beatAt = performance.now()
      if (status === 'LOST') stopRun(entry, 'lost')
      else if (status === 'CANCELLING') stopRun(entry, 'cancelled')
      else if (idleMs >= times.limit) stopRun(entry, 'timed_out')
    }
  }

  return {
    start() {
      unsubscribe.push(
        queue.onEnqueued('sync', onQueueChange),
        bus.subscribe('queue', (name) => name === 'sync' && onQueueChange()),
        // Finds out whether the job was cancelled.
        bus.subscribe('jobs', (syncJobId) => running.has(syncJobId) && heartbeats.wake()),
      )
      heartbeats.start()
      loop.start()
    },
    async stop() {
      stopping = true
      clearTimeout(waitTimer)
      const claiming = loop.stop()
      for (const entry of running.values()) stopRun(entry, 'handed_back')
      const ended = (async () => {
        await claiming
        await Promise.all([...running.values()].map((each) => each.ended))
        await heartbeats.stop()
      })()
      const giveUp = new AbortController()
      const late = sleep(times.stop, 'late', { signal: giveUp.signal }).catch(() => undefined)
      if ((await Promise.race([ended, late])) === 'late') {
        logger.warn('Some sync jobs did not stop in time. Other workers take them over when their lease is over.')
        void heartbeats.stop()
      }
      giveUp.abort()
      for (const end of unsubscribe.splice(0)) end()
    },
  }
}

/** The database as jobs use it: a limited number of statements and transactions at once, in the order of the calls. */
function createJobDatabases(database: Database): (workspaceId: string) => Database {
  const { kind } = database
  const all = createLimiter(STATEMENTS_AT_ONCE[kind])
  const ofWorkspace = createLimiter(STATEMENTS_OF_WORKSPACE[kind])
  return (workspaceId) => {
    const limited = <T>(work: () => Promise<T>) => ofWorkspace.run(workspaceId, () => all.run('jobs', work))
    return {
      ...database,
      sql: { query: (text, values) => limited(() => database.sql.query(text, values)) },
      bulkTransaction: (work, options) => limited(() => database.bulkTransaction(work, options)),
    }
  }
}
