import { mkdir } from 'node:fs/promises'
import { ensureOperatorKey } from './access/api-keys.ts'
import { type App, buildApp } from './app.ts'
import { CustomStrategyError, loadCustomStrategies } from './auth/custom/load-custom-strategies.ts'
import { checkStrategyFolder, describeStrategies } from './cli/check-strategies.ts'
import { describeFindings, examine } from './cli/doctor/doctor.ts'
import { rotateKeys } from './cli/rotate-keys.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { checkSessions, databaseName, driverMessage, PoolerError } from './db/check-sessions.ts'
import type { Database } from './db/database.ts'
import { migrate } from './db/migrate.ts'
import { openDatabase } from './db/open-database.ts'
import { createLocalWakeBus, createRedisWakeBus, type WakeBus } from './db/wake-bus.ts'
import { createEgress, type Egress } from './egress/egress.ts'
import { createLogger, type Logger } from './kit/log.ts'
import { createMetrics } from './kit/metrics.ts'
import { openVault } from './vault/vault.ts'

/** What must be closed, in the order of its opening. */
interface Running {
  app?: App
  egress?: Egress
  bus?: WakeBus
  database?: Database
}

async function start(config: Config, logger: Logger, running: Running): Promise<void> {
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection was lost')
  const customStrategies =
    config.strategiesDir === undefined ? new Map() : await loadCustomStrategies(config.strategiesDir)
  if (customStrategies.size > 0) logger.info({ strategies: [...customStrategies.keys()] }, 'loaded auth strategies')
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const database = await openDatabase(
    config.databaseUrl === undefined ? { dataDir: config.dataDir } : { url: config.databaseUrl },
    { onError },
  )
  running.database = database
  await reach(database, config)
  const applied = await migrate(database, { url: config.databaseUrl })
  if (applied.length > 0) logger.info({ applied }, 'migrated the database')
  const { vault } = await openVault(database, config)
  const operatorKey = await ensureOperatorKey(database, config.operatorKey)
  const bus = config.redisUrl === undefined ? createLocalWakeBus() : createRedisWakeBus(config.redisUrl, onError)
  running.bus = bus
  const egress = createEgress({ allow: config.egressAllow })
  running.egress = egress
  const app = buildApp({
    config,
    database,
    bus,
    vault,
    egress,
    logger,
    customStrategies,
    metrics: createMetrics({ ofProcess: true }),
  })
  running.app = app
  const address = await app.start()
  announce(config, address, operatorKey)
}

/** @throws Error that says which database does not answer, and what to do */
async function reach(database: Database, { databaseUrl }: Config): Promise<void> {
  try {
    if (databaseUrl === undefined) await database.sql.query('SELECT 1')
    else await checkSessions(databaseUrl)
  } catch (cause) {
    const name = databaseUrl === undefined ? 'The embedded database' : `The database at ${databaseName(databaseUrl)}`
    const remedy =
      cause instanceof PoolerError ? cause.remedy : '"node src/main.ts doctor" looks at all that a start needs.'
    throw new Error(`${name} cannot be used: ${driverMessage(cause)}. ${remedy}`, { cause })
  }
}

async function stop({ app, egress, bus, database }: Running): Promise<void> {
  await app?.stop()
  await egress?.close()
  await bus?.close()
  await database?.close()
}

/** For people; the log is for machines. The first operator key is shown here once and is stored only as a hash. */
function announce(config: Config, address: { port: number } | null, operatorKey: string | null): void {
  const url = config.port === 0 && address !== null ? `http://${config.host}:${address.port}` : config.publicUrl
  const lines = [`Latchkey is running (${config.role}).`, `  GraphQL   ${url}/graphql`]
  if (!config.production) lines.push(`  GraphiQL  ${url}/graphql (in a browser)`)
  if (config.databaseUrl === undefined) {
    lines.push(`  Database  embedded, in ${config.dataDir} (one process; set DATABASE_URL for more)`)
  }
  if (config.encryptionKeys === undefined) {
    lines.push(
      `  Warning   the encryption key is in ${config.dataDir}: set LATCHKEY_ENCRYPTION_KEYS to keep it elsewhere`,
    )
  }
  if (operatorKey !== null) {
    lines.push('', 'The first operator key, shown this once:', `  ${operatorKey}`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

const STOP_WITHIN_MS = 9_500

/** @returns the exit code */
async function runDoctor(config: Config): Promise<number> {
  const findings = await examine(config)
  process.stdout.write(describeFindings(findings))
  return findings.some(({ result }) => result === 'problem') ? 1 : 0
}

/**
 * Needs no other setting than the folder, so that it also serves where nothing else of Latchkey is set up.
 * @returns the exit code
 */
async function runCheckStrategies(folder: string | undefined): Promise<number> {
  if (!folder) {
    process.stderr.write(
      'Say which folder: node src/main.ts check-strategies <folder>, or set LATCHKEY_STRATEGIES_DIR.\n',
    )
    return 1
  }
  try {
    const checked = await checkStrategyFolder(folder)
    process.stdout.write(describeStrategies(checked))
    return checked.some(({ problems }) => problems.length > 0) ? 1 : 0
  } catch (error) {
    if (!(error instanceof CustomStrategyError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

/** @returns the exit code */
async function runRotateKeys(config: Config): Promise<number> {
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  try {
    const done = await rotateKeys(config, (line) => process.stdout.write(`${line}\n`), stopping.signal)
    return done ? 0 : 1
  } catch (error) {
    process.stderr.write(`The keys cannot be rotated: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

const USAGE = `Usage: node src/main.ts                             starts Latchkey
       node src/main.ts doctor                      looks at all that a start needs
       node src/main.ts rotate-keys                 moves stored secrets to the first encryption key
       node src/main.ts check-strategies [folder]   tries the auth strategies of LATCHKEY_STRATEGIES_DIR
`

async function main(command: string | undefined, argument: string | undefined): Promise<void> {
  if (command === 'check-strategies') {
    process.exitCode = await runCheckStrategies(argument ?? process.env['LATCHKEY_STRATEGIES_DIR'])
    return
  }
  if (command !== undefined && command !== 'doctor' && command !== 'rotate-keys') {
    process.stderr.write(USAGE)
    process.exitCode = 1
    return
  }
  let config: Config
  try {
    config = readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`Latchkey cannot start:\n${error.message}\n`)
    process.exitCode = 1
    return
  }
  if (command === 'doctor') {
    process.exitCode = await runDoctor(config)
    return
  }
  if (command === 'rotate-keys') {
    process.exitCode = await runRotateKeys(config)
    return
  }
  const logger = createLogger({ level: config.logLevel })
  const running: Running = {}
  let stopping = false
  const shutDown = (signal: string) => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping')
    // What does not end in time is taken over by others; what is committed is safe.
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref()
    stop(running).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop in good order')
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
    process.stderr.write(`Latchkey cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
    await stop(running).catch(() => undefined)
    process.exit(1)
  }
}

await main(process.argv[2], process.argv[3])
