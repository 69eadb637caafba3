import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

/** The parts of an event that are counted. */
interface CountedEvent {
  type: string
  payload?: Record<string, unknown> | undefined
}

/** `refused`: not executed, because it could not be parsed or is invalid. `partial`: some fields have errors. */
export type OperationOutcome = 'ok' | 'partial' | 'error' | 'refused'

/**
 * The metrics of this process. A label has few values, which are known beforehand: never an id, a slug, a path, or a text of
 * a caller or a provider.
 */
export interface Metrics {
  operations: Counter<'kind' | 'outcome'>
  operationSeconds: Histogram<'kind'>
  subscriptions: Gauge
  syncJobsRunning: Gauge
  /** Time from the creation of a sync job to its first start. */
  syncQueueSeconds: Histogram
  recordsWritten: Counter
  recordsExported: Counter
  outgoingRequests: Counter<'outcome'>
  outgoingRequestSeconds: Histogram
  webhookDeliveries: Counter<'outcome'>
  webhooksReceived: Counter<'outcome'>
  /** Requests that a limit refused. */
  refusals: Counter<'limit'>
  /** Counts committed events by type, and the sync jobs and renewals that they report. */
  countEvents(events: readonly CountedEvent[]): void
  /** Sets the function that every scrape calls for the number of open sync jobs of all processes. */
  watchOpenJobs(read: OpenJobs): void
  /** Sets the function that scrapes call, at most once a minute, for the number of connections of all workspaces by status. */
  watchConnections(read: ConnectionCounts): void
  /** Sets the function that every scrape calls for the deliveries of webhooks of all processes. */
  watchWebhooks(read: WebhookBacklog): void
  /** All metrics in the text format of Prometheus. Values whose source is unavailable are left out. */
  expose(): Promise<{ contentType: string; text: string }>
}

interface OpenJobFigures {
  /** The number of sync jobs by state; states are in lower case. */
  states: readonly (readonly [state: string, count: number])[]
  /** The number of those that wait, by what they wait for. */
  waiting: readonly (readonly [kind: string, count: number])[]
  /** Age of the oldest one that waits for a worker. */
  oldestSeconds: number
}

type OpenJobs = () => Promise<OpenJobFigures>

/** Statuses are in lower case. */
type ConnectionCounts = () => Promise<readonly (readonly [status: string, count: number])[]>

interface WebhookFigures {
  pending: number
  /** Age of the oldest pending delivery. */
  oldestSeconds: number
  /** Events that endpoints have yet to get. */
  events: number
}

type WebhookBacklog = () => Promise<WebhookFigures>

const WEBHOOK_GAUGES = [
  ['latchkey_webhook_deliveries_pending', 'Pending deliveries of webhooks, read from the database.', 'pending'],
  [
    'latchkey_webhook_oldest_pending_seconds',
    'Age of the oldest pending delivery of a webhook, read from the database.',
    'oldestSeconds',
  ],
  [
    'latchkey_webhook_events_waiting',
    'Events of all logs that webhook endpoints have yet to get, read from the database.',
    'events',
  ],
] as const

interface MetricsOptions {
  /** Adds memory, CPU, event loop and garbage collection of the process. Default: false. */
  ofProcess?: boolean
  /** Version of the program. Default: it is not exposed. */
  version?: string
}

const OPERATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const QUEUE_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]
const REQUEST_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30]
const READ_WITHIN_MS = 2_000
/** Counting millions of connections takes a second of the database. */
const CONNECTIONS_EVERY_MS = 60_000

const ENDED_JOBS: Readonly<Record<string, string>> = {
  SYNC_SUCCEEDED: 'succeeded',
  SYNC_FAILED: 'failed',
  SYNC_CANCELLED: 'cancelled',
}

/** Each call makes independent counters, so that one process can have several. */
export function createMetrics({ ofProcess = false, version }: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  let readOpenJobs: OpenJobs = async () => ({ states: [], waiting: [], oldestSeconds: 0 })
  let figuresOfJobs: Promise<OpenJobFigures | undefined> | undefined
  /** One query for the gauges of one scrape. */
  const openJobs = () => {
    figuresOfJobs ??= readOrNothing(() => readOpenJobs()).finally(() => {
      figuresOfJobs = undefined
    })
    return figuresOfJobs
  }
  let readConnections: ConnectionCounts | undefined
  let connections: { readAtMs: number; counts: Awaited<ReturnType<ConnectionCounts>> } | undefined
  let readWebhooks: WebhookBacklog | undefined
  if (ofProcess) collectDefaultMetrics({ register: registry })

  if (version !== undefined) {
    new Gauge({
      name: 'latchkey_build_info',
      help: 'Always 1: the version of Latchkey and of Node that this process runs.',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version, node: process.versions.node }, 1)
  }
  new Gauge({
    name: 'latchkey_connections',
    help: 'Connections of all workspaces by status, read from the database at most once a minute.',
    labelNames: ['status'],
    registers,
    async collect() {
      const now = performance.now()
      if (connections === undefined || now - connections.readAtMs >= CONNECTIONS_EVERY_MS) {
        const counts = await readOrNothing(async () => readConnections?.())
        connections = counts === undefined ? undefined : { readAtMs: now, counts }
      }
      this.reset()
      for (const [status, count] of connections?.counts ?? []) this.set({ status }, count)
    },
  })
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
    help: 'Sync jobs of all processes that have not ended, by state, read from the database.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const [state, count] of (await openJobs())?.states ?? []) this.set({ state }, count)
    },
  })
  new Gauge({
    name: 'latchkey_sync_jobs_waiting',
    help: 'Sync jobs of all processes that wait for their provider, by what they wait for, read from the database.',
    labelNames: ['reason'],
    registers,
    async collect() {
      this.reset()
      for (const [reason, count] of (await openJobs())?.waiting ?? []) this.set({ reason }, count)
    },
  })
  new Gauge({
    name: 'latchkey_sync_oldest_queued_seconds',
    help: 'Age of the oldest sync job that waits for a worker, read from the database.',
    registers,
    async collect() {
      const figures = await openJobs()
      if (figures === undefined) this.reset()
      else this.set(figures.oldestSeconds)
    },
  })
  let webhooks: Promise<WebhookFigures | undefined> | undefined
  for (const [name, help, figure] of WEBHOOK_GAUGES) {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        // One query for all three.
        webhooks ??= readOrNothing(async () => readWebhooks?.()).finally(() => {
          webhooks = undefined
        })
        const figures = await webhooks
        if (figures === undefined) this.reset()
        else this.set(figures[figure])
      },
    })
  }

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
      help: 'Open GraphQL subscriptions, over SSE and WebSocket.',
      registers,
    }),
    syncJobsRunning: new Gauge({
      name: 'latchkey_sync_jobs_running',
      help: 'Sync jobs that this process is running.',
      registers,
    }),
    syncQueueSeconds: new Histogram({
      name: 'latchkey_sync_queue_seconds',
      help: 'Time from the creation of a sync job to its first start, of the jobs that this process started.',
      buckets: QUEUE_BUCKETS,
      registers,
    }),
    recordsWritten: new Counter({
      name: 'latchkey_records_written_total',
      help: 'Records that this process added or changed.',
      registers,
    }),
    recordsExported: new Counter({
      name: 'latchkey_records_exported_total',
      help: 'Records that this process sent in answers of /export.',
      registers,
    }),
    outgoingRequests: new Counter({
      name: 'latchkey_outgoing_requests_total',
      help: 'Requests to third parties, by class of the status or by the reason why there was no response.',
      labelNames: ['outcome'],
      registers,
    }),
    outgoingRequestSeconds: new Histogram({
      name: 'latchkey_outgoing_request_duration_seconds',
      help: 'Requests to third parties, until the headers of the response.',
      buckets: REQUEST_BUCKETS,
      registers,
    }),
    webhookDeliveries: new Counter({
      name: 'latchkey_webhook_deliveries_total',
      help: 'Attempts to deliver webhooks of this process: delivered, failed, or retried later.',
      labelNames: ['outcome'],
      registers,
    }),
    webhooksReceived: new Counter({
      name: 'latchkey_webhooks_received_total',
      help: 'Requests of providers to /webhooks: stored, repeated, handshake, unverified, unknown, or refused for another reason.',
      labelNames: ['outcome'],
      registers,
    }),
    refusals: new Counter({
      name: 'latchkey_refusals_total',
      help: 'Requests that this process refused, by limit.',
      labelNames: ['limit'],
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
    watchConnections(read) {
      readConnections = read
    },
    watchWebhooks(read) {
      readWebhooks = read
    },
    expose: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  }
}

/** @returns undefined: the source is unavailable */
async function readOrNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), READ_WITHIN_MS)
  try {
    return await Promise.race([read(), late.promise])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
