import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createAuditRetention } from './access/audit.ts'
import { type CallerAuthenticator, createCallerAuthenticator } from './access/authenticate.ts'
import { createConsoleSessionRetention } from './access/console-sessions.ts'
import { createIssuerKeys } from './access/issuer-keys.ts'
import { createLiveCallers } from './access/live-callers.ts'
import type { CustomStrategies } from './auth/custom/custom-strategy.ts'
import { createIssuerMetadata, type IssuerMetadataOptions } from './auth/oauth2/issuer-metadata.ts'
import { createDocumentImporter } from './catalog/import/import-document.ts'
import type { Config } from './config.ts'
import { createConnectingExpiry } from './connecting/expiry.ts'
import { createClientRepair } from './connecting/oauth/registration.ts'
import { countConnections } from './connections/connections.ts'
import { createBroker } from './credentials/broker.ts'
import { createCircuitBreaker } from './credentials/circuit-breaker.ts'
import { createHashBackfill } from './credentials/hash-backfill.ts'
import { createRefreshScheduler } from './credentials/refresh-scheduler.ts'
import { quietPeriodMs } from './credentials/renewer.ts'
import { createUnstoredRenewals } from './credentials/unstored-renewals.ts'
import type { Database } from './db/database.ts'
import { createQueue } from './db/queue.ts'
import { isDatabaseUnavailable, logOutage } from './db/unavailable.ts'
import type { WakeBus } from './db/wake-bus.ts'
import { createDeletionWorker } from './deletion/deletion-worker.ts'
import { createRevocationWorker } from './deletion/revocation-worker.ts'
import type { Egress } from './egress/egress.ts'
import { observedEgress } from './egress/egress.ts'
import { createEventFeed } from './events/event-feed.ts'
import { createEventRetention } from './events/event-log.ts'
import { buildSubgraph } from './graphql/federation.ts'
import type { Services } from './graphql/kernel/context.ts'
import { buildSchema } from './graphql/schema.ts'
import { type AuditExportListener, createAuditExport } from './http/audit-export.ts'
import { createOAuthPages } from './http/connect-page/oauth-callback.ts'
import { createConnectRoutes } from './http/connect-page/routes.ts'
import { createConsoleCookie } from './http/console/cookie.ts'
import { createConsoleRoutes } from './http/console/routes.ts'
import { createDocsRoutes } from './http/docs.ts'
import { createGraphQLPost, type QuickAnswers } from './http/graphql/graphql-post.ts'
import { CACHED_DOCUMENTS, contextFactory, createGraphQLServer } from './http/graphql/graphql-server.ts'
import { type GraphQLWebSocket, serveGraphQLWebSocket, type WebSocketOptions } from './http/graphql/graphql-ws.ts'
import { createKnownDocuments } from './http/graphql/known-documents.ts'
import { createAdmission } from './http/graphql/limits/admission.ts'
import type { ScopeOf } from './http/graphql/tenant-scope.ts'
import { createMcpRoutes } from './http/mcp.ts'
import { createProxy, type ProxyListener } from './http/proxy.ts'
import { createRecordExport, type RecordExportListener } from './http/record-export.ts'
import { createCallerGate } from './http/server/caller-gate.ts'
import { createCallerMeters } from './http/server/caller-meters.ts'
import { createClientAddress } from './http/server/client-address.ts'
import { createHttpServer } from './http/server/http-server.ts'
import { createPointLimits, type SharedPoints } from './http/server/point-limits.ts'
import { createRouter, type Router } from './http/server/router.ts'
import { createWebhookRoute } from './http/webhooks.ts'
import type { Logger } from './kit/log.ts'
import { createMetrics, type Metrics } from './kit/metrics.ts'
import { systemClock } from './kit/time.ts'
import { createSharedRateLimiter } from './requests/rate-limit.ts'
import { createSender } from './requests/send.ts'
import { createSandbox, type SandboxListener, sandboxEgress } from './sandbox/sandbox.ts'
import { countOpenJobs } from './sync/jobs/backlog.ts'
import { createJobRetention } from './sync/jobs/job-retention.ts'
import { createSyncScheduler } from './sync/jobs/sync-scheduler.ts'
import { createRecordRetention } from './sync/records/record-retention.ts'
import { createSyncWorker } from './sync/run/sync-worker.ts'
import { createActionKeyRetention } from './tools/action-keys.ts'
import type { Vault } from './vault/vault.ts'
import { createKeyReadiness } from './vault/vault.ts'
import { createReceiptRetention } from './webhooks/in/store.ts'
import { readBacklog } from './webhooks/out/deliveries.ts'
import { createDeliveryWorker } from './webhooks/out/delivery-worker.ts'

interface AppDeps {
  config: Config
  database: Database
  bus: WakeBus
  vault: Vault
  egress: Egress
  logger: Logger
  /** Default: authenticates the API keys and OIDC issuers in the database. */
  authenticator?: CallerAuthenticator
  /** Default: the workspace and end user of the caller. */
  scopeOf?: ScopeOf
  /** Shares the rate limits with other processes. Default: each process limits by itself. */
  sharedPoints?: SharedPoints | undefined
  /** Default: new metrics without those of the process. */
  metrics?: Metrics
  /** Custom auth strategies of the deployment. Default: none. */
  customStrategies?: CustomStrategies
  /** How long the metadata of authorization servers is cached. */
  issuerMetadata?: IssuerMetadataOptions
  /** See `FederatedCallersDeps`. */
  rejectAfterMs?: number
}

export interface App {
  /** Handles a request without an HTTP server, for tests. */
  fetch(request: Request): Promise<Response>
  /** Starts the configured role. @returns the address of the HTTP server; null for a worker */
  start(): Promise<{ host: string; port: number } | null>
  /**
   * Accepts no more work, and finishes or hands back running work. Renewals that were sent are finished: they have until
   * `CLOSE_WITHIN_MS` before the end of `config.stopTimeoutMs`, everything else has `STOP_WORK_WITHIN_MS`.
   */
  stop(): Promise<void>
}

const DRAIN_MS = 5_000
/** How often refused connections are logged. */
const LOG_EVERY_MS = 60_000
/** Other processes take over what does not stop in this time. */
const STOP_WORK_WITHIN_MS = 8_500
/** How long the connections may take to close after `stop`. */
export const CLOSE_WITHIN_MS = 1_000

/** Assembles the application. Opens nothing before `start`, and does not close its dependencies. */
export function buildApp({ config, database, vault, logger, ...given }: AppDeps): App {
  const metrics = given.metrics ?? createMetrics()
  const customStrategies: CustomStrategies = given.customStrategies ?? new Map()
  const bus: WakeBus = { ...given.bus, appended: metrics.countEvents }
  const toSandbox = config.production ? null : sandboxEgress(given.egress, () => sandboxAddress(config, gateway))
  const egress = observedEgress(toSandbox ?? given.egress, metrics)
  metrics.watchOpenJobs(() => countOpenJobs(database))
  metrics.watchConnections(() => countConnections(database.sql))
  metrics.watchWebhooks(() => readBacklog(database.sql))
  const onError = (error: unknown) => {
    if (isDatabaseUnavailable(error)) logOutage(logger, error)
    else logger.error({ err: error }, 'background work failed')
  }
  const queue = createQueue(database, onError)
  const breaker = createCircuitBreaker()
  const clientRepair = createClientRepair(() => services)
  const broker = createBroker({
    database,
    bus,
    vault,
    egress,
    logger,
    customStrategies,
    breaker,
    onRefusedClient: (integrationId, option) => void clientRepair.refused(integrationId, option).catch(onError),
    replaceExpiredClient: (integrationId, option) => clientRepair.expired(integrationId, option).catch(onError),
    requestTimeoutMs: config.tokenTimeoutMs,
    unstored: createUnstoredRenewals(join(config.dataDir, 'renewals'), logger),
  })
  const rateLimiter = createSharedRateLimiter({ database, clock: systemClock, logger })
  const sender = createSender({ egress, rateLimiter, clock: systemClock })
  const feed = createEventFeed(database.sql, bus, { onError })
  const liveCallers = createLiveCallers(database, bus, onError)
  const { issuerApproval } = config
  const { rejectAfterMs } = given
  const issuerKeys = createIssuerKeys(egress, logger)
  const authenticator =
    given.authenticator ??
    createCallerAuthenticator({ database, bus, keys: issuerKeys, logger, issuerApproval, rejectAfterMs })
  const countRefusal = (limit: string) => () => metrics.refusals.inc({ limit })
  const points = createPointLimits({
    perCaller: config.rateLimit,
    perWorkspace: config.workspaceRateLimit,
    shared: given.sharedPoints,
    onRefused: countRefusal('points'),
  })
  const admission = createAdmission({ onRefused: countRefusal('operations') })
  const meters = createCallerMeters({
    points,
    admission,
    requestsPerCaller: config.requestLimit,
    onRefused: (limit) => metrics.refusals.inc({ limit }),
  })
  const services: Services = {
    database,
    bus,
    queue,
    vault,
    broker,
    sender,
    meters,
    egress,
    issuerMetadata: createIssuerMetadata(egress, logger, given.issuerMetadata),
    customStrategies,
    feed,
    liveCallers,
    issuerKeys,
    documentImporter: createDocumentImporter(),
    logger,
    metrics,
    publicUrl: config.publicUrl,
    sandbox: toSandbox !== null,
    issuerApproval,
    limits: {
      ...points.perMinute,
      openRequests: config.requestLimit,
      subscriptions: config.subscriptionLimit,
      answerBytes: config.answerLimit,
    },
  }
  const gate = createCallerGate(authenticator, { onRefused: countRefusal('credentials') })
  const cookie = createConsoleCookie(() => services.publicUrl)
  const clientAddress = createClientAddress(config.trustedProxies)
  const createContext = contextFactory(services)
  const documents = createKnownDocuments(CACHED_DOCUMENTS)
  const schema = config.federation === undefined ? buildSchema() : buildSubgraph(config.federation)
  const { yoga, executor } = createGraphQLServer({
    documents,
    schema,
    createContext,
    gate,
    cookie,
    logger,
    metrics,
    development: !config.production,
    points,
    admission,
    limits: { subscriptions: config.subscriptionLimit, answerBytes: config.answerLimit },
    scopeOf: given.scopeOf,
  })
  let started = false
  const fetch = createRouter({
    yoga,
    gate,
    clientAddress,
    logger,
    metrics: { metrics, token: config.metricsToken },
    oauth: createOAuthPages(services),
    connect: createConnectRoutes(services),
    webhooks: createWebhookRoute(services),
    mcp: createMcpRoutes({ services, authenticator, points, onRefused: countRefusal('credentials') }),
    console: createConsoleRoutes({
      database,
      bus,
      egress,
      logger,
      gate,
      cookie,
      publicUrl: () => services.publicUrl,
      oidc: config.consoleOidc,
      sandbox: toSandbox !== null,
      docs: !config.production,
    }),
    docs: config.production ? undefined : createDocsRoutes(),
    healthOnly: config.role === 'worker',
    readiness: {
      database: () => database.sql.query('SELECT 1'),
      keys: createKeyReadiness(database.sql, vault, logger),
      queue: async () => {
        if (!started) throw new Error('The queue is not started.')
        await queue.check()
      },
    },
  })
  const worker = createSyncWorker({
    database,
    queue,
    bus,
    sender,
    broker,
    vault,
    customStrategies,
    logger,
    metrics,
    concurrency: config.syncConcurrency,
    caps: config.syncCaps,
    times: { limit: config.syncTimeoutMs },
  })
  const schedules = createSyncScheduler({ database, queue, bus, logger })
  const refreshes = createRefreshScheduler({
    database,
    broker,
    logger,
    breaker,
    quietMs: quietPeriodMs(config.tokenTimeoutMs),
  })
  const deletions = createDeletionWorker({ database, queue, bus, vault, logger })
  const revocations = createRevocationWorker({
    database,
    queue,
    bus,
    vault,
    egress,
    logger,
    requestTimeoutMs: config.tokenTimeoutMs,
  })
  const webhooks = createDeliveryWorker({ database, bus, vault, egress, logger, metrics })
  const hashes = createHashBackfill({ database, vault, logger, customStrategies })
  const expiry = createConnectingExpiry({ database, queue, bus, vault, logger })
  const retentions = [
    createEventRetention(database, config.eventRetention, onError),
    createJobRetention(database, config.jobRetention, onError),
    createRecordRetention(database, config.deletedRecordRetention, onError),
    createAuditRetention(database, config.auditRetention, onError),
    createReceiptRetention(database, onError),
    createActionKeyRetention(database, onError),
    createConsoleSessionRetention(database, onError),
  ]
  let gateway: Gateway | null = null

  return {
    fetch,
    async start() {
      await broker.restore()
      await queue.start()
      database.locks.open()
      started = true
      if (config.role !== 'gateway') {
        await worker.start()
        schedules.start()
        deletions.start()
        revocations.start()
        webhooks.start()
        expiry.start()
        hashes.start()
        for (const retention of retentions) retention.start()
        refreshes.start()
      }
      // A worker serves health and metrics only.
      gateway = await listen({
        fetch,
        recordExport: createRecordExport({
          database,
          gate,
          clientAddress,
          points,
          meters,
          liveCallers,
          logger,
          metrics,
          scopeOf: given.scopeOf,
        }),
        auditExport: createAuditExport({ database, gate, clientAddress, points, liveCallers, logger }),
        proxy: createProxy({ gate, clientAddress, points, meters, database, broker, sender, liveCallers, logger }),
        sandbox: config.production ? null : createSandbox({ publicUrl: () => services.publicUrl, logger }),
        quick: createGraphQLPost({
          schema,
          executor,
          documents,
          createContext,
          gate,
          cookie,
          clientAddress,
          points,
          logger,
          development: !config.production,
        }),
        sockets: {
          yoga,
          createContext,
          gate,
          cookie,
          clientAddress,
          liveCallers,
          points,
          admission,
          logger,
          development: !config.production,
          limits: { perCaller: config.subscriptionLimit },
        },
        config,
        logger,
      })
      // With PORT=0 the port is known only now.
      if (config.port === 0) services.publicUrl = config.publicUrl.replace(/:0$/, `:${gateway.address.port}`)
      return gateway.address
    },
    async stop() {
      started = false
      const background = async () => {
        if (config.role === 'gateway') return
        await Promise.all([
          deletions.stop(),
          revocations.stop(),
          webhooks.stop(),
          expiry.stop(),
          hashes.stop(),
          ...retentions.map((retention) => retention.stop()),
          refreshes.stop(),
          schedules.stop(),
          worker.stop(),
        ])
      }
      const work = async () => {
        await Promise.all([gateway?.close(), background()])
        await services.documentImporter.close()
        liveCallers.close()
        authenticator.close()
        feed.close()
        await points.close()
        await queue.stop()
      }
      // In parallel, because everything has to end within the deployment's grace period. Work that fails to stop must not end
      // the process before the renewals are stored.
      const [stopped, drained] = await Promise.allSettled([
        withTimeLimit(work(), STOP_WORK_WITHIN_MS, () =>
          logger.warn('some work did not stop in time and is left behind'),
        ),
        broker.drain({ withinMs: config.stopTimeoutMs - CLOSE_WITHIN_MS }),
      ])
      await toSandbox?.close()
      if (drained.status === 'rejected') throw drained.reason
      if (stopped.status === 'rejected') throw stopped.reason
    },
  }
}

/** Resolves with the work, or after `ms`, which is reported. */
async function withTimeLimit(work: Promise<void>, ms: number, onLate: () => void): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    onLate()
    resolve()
  }, ms)
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

interface Gateway {
  address: { host: string; port: number }
  close(): Promise<void>
}

/** Where this process reaches the sandbox. A worker uses the gateway's, because its own has no accounts. */
function sandboxAddress({ role, publicUrl, host, port }: Config, gateway: Gateway | null): string {
  if (role === 'worker') return publicUrl
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${gateway?.address.port ?? port}`
}

interface GatewayParts {
  fetch: Router
  auditExport: AuditExportListener
  recordExport: RecordExportListener
  proxy: ProxyListener
  /** Null in production. */
  sandbox: SandboxListener | null
  quick: QuickAnswers
  sockets: WebSocketOptions
  config: Config
  logger: Logger
}

async function listen({
  fetch,
  auditExport,
  recordExport,
  proxy,
  sandbox,
  quick,
  sockets: options,
  config,
  logger,
}: GatewayParts): Promise<Gateway> {
  const isWorker = config.role === 'worker'
  const takes = (request: IncomingMessage, response: ServerResponse) =>
    proxy(request, response) ||
    recordExport(request, response) ||
    auditExport(request, response) ||
    sandbox?.(request, response) === true
  let loggedMs = Number.NEGATIVE_INFINITY
  const server = createHttpServer(fetch, {
    ...(isWorker ? {} : { takes, quick }),
    socketsPerAddress: config.socketLimit,
    trustedProxies: config.trustedProxies,
    onTooManySockets(address) {
      if (performance.now() - loggedMs < LOG_EVERY_MS) return
      loggedMs = performance.now()
      logger.warn({ address, limit: config.socketLimit }, 'an address has too many open connections')
    },
  })
  // The proxy requests the body only when it needs it.
  server.on('checkContinue', (request, response) => {
    if (!isWorker && proxy(request, response)) return
    response.writeContinue()
    server.emit('request', request, response)
  })
  const sockets = isWorker ? null : serveGraphQLWebSocket(server, options)
  const port = await bind(server, config)
  return { address: { host: config.host, port }, close: () => drain(server, sockets) }
}

function bind(server: Server, { host, port }: Config): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen(port, host, () => {
    server.off('error', reject)
    const address = server.address()
    resolve(typeof address === 'object' && address !== null ? address.port : port)
  })
  return promise
}

/** Gives running requests time to finish. Streams are closed with a code that tells clients to reconnect. */
async function drain(server: Server, sockets: GraphQLWebSocket | null): Promise<void> {
  const closed = Promise.withResolvers<void>()
  server.close(() => closed.resolve())
  await sockets?.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed.promise
  clearTimeout(timer)
}
