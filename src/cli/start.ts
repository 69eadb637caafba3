import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureOperatorKey } from '../access/api-keys.ts'
import { type App, buildApp, CLOSE_WITHIN_MS } from '../app.ts'
import { loadCustomStrategies } from '../auth/custom/load-custom-strategies.ts'
import { setOwnProviders } from '../catalog/catalog.ts'
import { type Config, isLocalHost, unknownVariables } from '../config.ts'
import { checkSessions, databaseName, driverMessage } from '../db/check-sessions.ts'
import { type Database, UnusableDatabaseError } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { openDatabase } from '../db/open-database.ts'
import { restoreRights } from '../db/rights.ts'
import { createLocalWakeBus, createRedisWakeBus, type WakeBus } from '../db/wake-bus.ts'
import { createEgress, type Egress } from '../egress/egress.ts'
import { METADATA_NETWORKS } from '../egress/host-rules.ts'
import { ownAddresses } from '../egress/own-addresses.ts'
import { productTypeProblem } from '../graphql/federation.ts'
import { createSharedPoints } from '../http/server/point-limits.ts'
import { createLogger, type Logger } from '../kit/log.ts'
import { createMetrics } from '../kit/metrics.ts'
import { keyIdsInUse } from '../vault/identities.ts'
import { openVault } from '../vault/vault.ts'
import { loadProviders } from './definition-files.ts'
import { checkDataFolder, describeListenError, listenProblem } from './doctor/check-surroundings.ts'
import { ownVersion } from './own-version.ts'

/** What has been opened so far, and has to be closed. */
interface Running {
  app?: App
  egress?: Egress
  bus?: WakeBus
  database?: Database
}

/** A process without an open renewal ends within this time after SIGTERM. Other processes take over what has not ended. */
const STOP_IDLE_WITHIN_MS = 9_500

/**
 * `npm start`: starts Latchkey and stops it on the first SIGTERM or SIGINT. Ends the process with 1 when the start fails. The
 * process ends at the latest after `stopTimeoutMs`, whatever is open then.
 */
export async function startProgram(config: Config): Promise<void> {
  const logger = createLogger({ level: config.logLevel })
  const running: Running = {}
  let stopping = false
  const shutDown = (signal: string) => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping')
    setTimeout(() => process.exit(0), config.stopTimeoutMs).unref()
    stop(running).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => shutDown('SIGTERM'))
  process.on('SIGINT', () => shutDown('SIGINT'))
  try {
    await start(config, logger, running)
  } catch (error) {
    logger.error({ err: error }, 'could not start')
    const words = error instanceof Error ? error.message : String(error)
    const remedy = error instanceof UnusableDatabaseError ? `. ${error.remedy}` : ''
    process.stderr.write(`Latchkey cannot start: ${words}${remedy}\n`)
    process.exitCode = 1
    await stop(running).catch(() => undefined)
    process.exit(1)
  }
}

async function start(config: Config, logger: Logger, running: Running): Promise<void> {
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection was lost')
  const customStrategies =
    config.strategiesDir === undefined ? new Map() : await loadCustomStrategies(config.strategiesDir)
  if (customStrategies.size > 0) logger.info({ strategies: [...customStrategies.keys()] }, 'loaded auth strategies')
  if (config.providersDir !== undefined) {
    const providers = await loadProviders(config.providersDir, customStrategies)
    setOwnProviders(providers)
    logger.info({ providers: providers.map(({ slug }) => slug) }, 'loaded providers')
  }
  const federationProblem = config.federation === undefined ? null : productTypeProblem(config.federation)
  if (federationProblem !== null) throw new Error(federationProblem)
  // Before a first start creates the operator key, which it prints when it listens.
  const busy = await listenProblem(config)
  if (busy !== null) throw new Error(`${busy.message} ${busy.remedy}`)
  if (config.databaseUrl === undefined || config.encryptionKeys === undefined) await createDataFolder(config)
  const database = await openDatabase(
    config.databaseUrl === undefined ? { dataDir: config.dataDir } : { url: config.databaseUrl },
    { onError, onNotice: (text) => logger.warn(text) },
  )
  running.database = database
  await checkDatabase(database, config, logger)
  const applied = await migrate(database, { url: config.databaseUrl })
  if (applied.length > 0) logger.info({ applied }, 'migrated the database')
  const { vault } = await openVault(database, config)
  const operatorKey = await ensureOperatorKey(database, config.operatorKey)
  const bus = config.redisUrl === undefined ? createLocalWakeBus() : createRedisWakeBus(config.redisUrl, onError)
  running.bus = bus
  const own = ownAddresses(config)
  const egress = createEgress({ allow: config.egressAllow, deny: config.production ? METADATA_NETWORKS : [], own })
  running.egress = egress
  const metrics = createMetrics({ ofProcess: true, version: ownVersion() })
  const sharedPoints = config.redisUrl === undefined ? undefined : createSharedPoints(config.redisUrl, onError)
  const app = buildApp({ config, database, bus, vault, egress, logger, customStrategies, metrics, sharedPoints })
  running.app = app
  try {
    const missingKeys = (await keyIdsInUse(database.sql)).filter((keyId) => !vault.holds(keyId))
    const address = await app.start()
    if (address !== null) own.listensOn(address.port)
    announce(config, address, { operatorKey, missingKeys })
  } catch (error) {
    if (operatorKey !== null) process.stdout.write(`${describeOperatorKey(operatorKey).join('\n')}\n`)
    throw listenError(error, config)
  }
}

/** @throws Error that names the folder and says what to do */
async function createDataFolder(config: Config): Promise<void> {
  const [finding] = await checkDataFolder(config)
  if (finding?.result === 'problem') throw new Error(`${finding.message} ${finding.remedy}`)
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
}

function listenError(error: unknown, config: Config): unknown {
  if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) return error
  const { message, remedy } = describeListenError(error, config)
  return new Error(`${message} ${remedy}`, { cause: error })
}

/**
 * Checks the database and restores what a dump does not contain.
 * @throws Error that names the database that cannot be used, and what to do
 */
async function checkDatabase(database: Database, { databaseUrl }: Config, logger: Logger): Promise<void> {
  try {
    if (databaseUrl === undefined) await database.sql.query('SELECT 1')
    else await checkSessions(databaseUrl)
    for (const text of await restoreRights(database)) logger.warn(`corrected: ${text}`)
  } catch (cause) {
    const name = databaseUrl === undefined ? 'The embedded database' : `The database at ${databaseName(databaseUrl)}`
    const remedy =
      cause instanceof UnusableDatabaseError
        ? cause.remedy
        : 'Run "npx latchkey doctor" to check the configuration and everything it depends on.'
    throw new Error(`${name} cannot be used: ${driverMessage(cause)}. ${remedy}`, { cause })
  }
}

async function stop({ app, egress, bus, database }: Running): Promise<void> {
  const startedMs = performance.now()
  await app?.stop()
  const close = async () => {
    await egress?.close()
    await bus?.close()
    await database?.close()
  }
  // A connection that does not close, for example to a database that does not answer, ends with the process.
  const leftMs = STOP_IDLE_WITHIN_MS - (performance.now() - startedMs)
  await Promise.race([close(), sleep(Math.max(leftMs, CLOSE_WITHIN_MS))])
}

/** Prints where Latchkey is reached. The first operator key is printed here once and stored only as a hash. */
function announce(
  config: Config,
  address: { port: number } | null,
  { operatorKey, missingKeys }: { operatorKey: string | null; missingKeys: readonly string[] },
): void {
  const isWorker = config.role === 'worker'
  const own = `http://${config.host}:${address?.port ?? config.port}`
  const url = isWorker || config.port === 0 ? own : config.publicUrl
  const lines = [`Latchkey is running (${config.role}).`]
  if (isWorker) lines.push(`  Health    ${url}/healthz (besides /readyz and /metrics; the API is on the gateways)`)
  else lines.push(`  GraphQL   ${url}/graphql`, `  Console   ${url}/console`)
  if (!config.production && !isWorker) lines.push(`  GraphiQL  ${url}/graphql (in a browser)`)
  if (config.databaseUrl === undefined) {
    lines.push(`  Database  embedded, in ${config.dataDir} (one process; set DATABASE_URL for more)`)
  }
  if (config.encryptionKeys === undefined) {
    lines.push(
      `  Warning   the encryption key is in ${config.dataDir}: set LATCHKEY_ENCRYPTION_KEYS to keep it elsewhere`,
    )
  }
  if (missingKeys.length > 0) {
    lines.push(
      `  Warning   stored secrets need the encryption keys ${missingKeys.join(', ')}: add them to LATCHKEY_ENCRYPTION_KEYS`,
    )
  }
  if (!config.production && !isLocalHost(config.host)) {
    lines.push('  Warning   other machines reach this development mode (LATCHKEY_INSECURE)')
  }
  for (const name of unknownVariables()) lines.push(`  Warning   ${name} is not a variable of Latchkey`)
  if (operatorKey !== null) {
    lines.push('', ...describeOperatorKey(operatorKey))
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function describeOperatorKey(operatorKey: string): string[] {
  return ['The first operator key, shown this once:', `  ${operatorKey}`]
}
