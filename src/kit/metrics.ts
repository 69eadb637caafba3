import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

/** A line of an event log, as far as it is counted. */
interface CountedEvent {
  type: string
  payload?: Record<string, unknown> | undefined
}

/** `refused`: not run, because it could not be parsed or is not valid. `partial`: some fields have errors. */
export type OperationOutcome = 'ok' | 'partial' | 'error' | 'refused'

/**
 * What this process counts. Labels have few values each, known beforehand: never an id, a slug, a path, or anything that
 * a caller or a provider wrote.
 */
export interface Metrics {
  operations: Counter<'kind' | 'outcome'>
  operationSeconds: Histogram<'kind'>
  subscriptions: Gauge
  syncJobsRunning: Gauge
  recordsWritten: Counter
  outgoingRequests: Counter<'outcome'>
  outgoingRequestSeconds: Histogram
  /** Counts what was committed to a log, by type, and what it tells of sync jobs and renewals. */
  countEvents(events: readonly CountedEvent[]): void
  /** From now on every scrape asks `read` how many sync jobs of all processes are in which state. */
  watchOpenJobs(read: OpenJobs): void
  /** In the text format of Prometheus. Never rejects because a part is away: its values are then missing. */
  expose(): Promise<{ contentType: string; text: string }>
}

/** State, in lower case, and the number of sync jobs that are in it. */
type OpenJobs = () => Promise<readonly (readonly [state: string, count: number])[]>

interface MetricsOptions {
  /** Also memory, CPU, event loop and garbage collection of the process. Default: false. */
  ofProcess?: boolean
}

const OPERATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const REQUEST_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30]
const READ_WITHIN_MS = 2_000

const ENDED_JOBS: Readonly<Record<string, string>> = {
  SYNC_SUCCEEDED: 'succeeded',
  SYNC_FAILED: 'failed',
  SYNC_CANCELLED: 'cancelled',
}

/** Counters of their own: two of them in one process do not meet. */
export function createMetrics({ ofProcess = false }: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  let readOpenJobs: OpenJobs = async () => []
  if (ofProcess) collectDefaultMetrics({ register: registry })

  const events = new Counter({
    name: 'latchkey_events_appended_total',
    help: 'Events that this process committed to the event logs.',
    labelNames: ['type'],
    registers,
  })
  const syncJobsEnded = new Counter({
    name: 'latchkey_sync_jobs_ended_total',
    help: 'Sync jobs that this process ended.',
    labelNames: ['status'],
    registers,
  })
  const renewals = new Counter({
    name: 'latchkey_credential_renewals_total',
    help: 'Renewals of credentials that this process carried out.',
    labelNames: ['outcome', 'reason'],
    registers,
  })
  new Gauge({
    name: 'latchkey_sync_jobs_open',
    help: 'Sync jobs of all processes that have not ended, by state, as the database has them.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const [state, count] of await readOrNothing(readOpenJobs)) this.set({ state }, count)
    },
  })

  return {
    operations: new Counter({
      name: 'latchkey_graphql_operations_total',
      help: 'GraphQL operations; a subscription counts once, when it opens.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    operationSeconds: new Histogram({
      name: 'latchkey_graphql_operation_duration_seconds',
      help: 'Execution of GraphQL queries and mutations.',
      labelNames: ['kind'],
      buckets: OPERATION_BUCKETS,
      registers,
    }),
    subscriptions: new Gauge({
      name: 'latchkey_graphql_subscriptions',
      help: 'GraphQL subscriptions that are open, over SSE and WebSocket.',
      registers,
    }),
    syncJobsRunning: new Gauge({
      name: 'latchkey_sync_jobs_running',
      help: 'Sync jobs that this process is running.',
      registers,
    }),
    recordsWritten: new Counter({
      name: 'latchkey_records_written_total',
      help: 'Records that this process added or changed.',
      registers,
    }),
    outgoingRequests: new Counter({
      name: 'latchkey_outgoing_requests_total',
      help: 'Requests to third parties: class of the status, or why there was no answer.',
      labelNames: ['outcome'],
      registers,
    }),
    outgoingRequestSeconds: new Histogram({
      name: 'latchkey_outgoing_request_duration_seconds',
      help: 'Requests to third parties, until the headers of the answer.',
      buckets: REQUEST_BUCKETS,
      registers,
    }),
    countEvents(appended) {
      for (const { type, payload } of appended) {
        events.inc({ type })
        const status = ENDED_JOBS[type]
        if (status !== undefined) syncJobsEnded.inc({ status })
        if (type === 'CREDENTIAL_REFRESHED') renewals.inc({ outcome: 'renewed', reason: '' })
        if (type === 'CREDENTIAL_REFRESH_FAILED') {
          renewals.inc({ outcome: 'failed', reason: String(payload?.['reason'] ?? '') })
        }
      }
    },
    watchOpenJobs(read) {
      readOpenJobs = read
    },
    expose: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  }
}

async function readOrNothing(read: OpenJobs): Promise<Awaited<ReturnType<OpenJobs>>> {
  const late = Promise.withResolvers<Awaited<ReturnType<OpenJobs>>>()
  const timer = setTimeout(() => late.resolve([]), READ_WITHIN_MS)
  try {
    return await Promise.race([read(), late.promise])
  } catch {
    return []
  } finally {
    clearTimeout(timer)
  }
}
