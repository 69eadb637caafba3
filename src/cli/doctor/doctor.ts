import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, unknownVariables } from '../../config.ts'
import { checkSessions, databaseName, driverMessage } from '../../db/check-sessions.ts'
import { UnusableDatabaseError } from '../../db/database.ts'
import { folderHolder } from '../../db/folder-lock.ts'
import { openDatabase } from '../../db/open-database.ts'
import { checkRights, type RightsProblem } from '../../db/rights.ts'
import { jsonLine } from '../output.ts'
import { checkJobs, checkKeyring, checkMigrations, checkServer, checkStoredKeys } from './check-database.ts'
import {
  checkDataFolder,
  checkEgress,
  checkFederation,
  checkListening,
  checkNode,
  checkOperatorKey,
  checkPort,
  checkProvidersDir,
  checkPublicUrl,
  checkRedis,
  checkStopTimeout,
  checkStrategiesDir,
  checkTrustedProxies,
  checkVariables,
} from './check-surroundings.ts'
import { type Finding, note, ok, problemFinding } from './finding.ts'

/**
 * `latchkey doctor`: checks the configuration and everything it depends on, and prints what it finds.
 * @returns the exit code: 1 when it found a problem
 */
export async function runDoctor(config: Config, { json }: { json: boolean }): Promise<number> {
  const findings = await examine(config)
  const ok = findings.every(({ result }) => result !== 'problem')
  process.stdout.write(json ? jsonLine({ ok, findings }) : describeFindings(findings))
  return ok ? 0 : 1
}

/** The JSON object for a configuration that cannot be used. @param problems one in each line */
export function describeUnreadable(problems: string): string {
  const findings: Finding[] = problems
    .split('\n')
    .map((message) => ({ result: 'problem', subject: 'configuration', message }))
  return jsonLine({ ok: false, findings })
}

/** Checks everything that a start needs. Creates no folder, key or table. */
async function examine(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [
    ok('configuration', `Role ${config.role}, ${config.production ? 'production' : 'not production'}.`),
    ...checkVariables(unknownVariables()),
    checkNode(),
    ...(await checkDataFolder(config)),
    ...checkListening(config),
    ...checkOperatorKey(config),
    checkEgress(config),
    checkTrustedProxies(config),
    checkStopTimeout(config),
  ]
  if (config.strategiesDir !== undefined) findings.push(...checkStrategiesDir(config.strategiesDir))
  if (config.providersDir !== undefined) {
    findings.push(...(await checkProvidersDir(config.providersDir, config.strategiesDir)))
  }
  if (config.federation !== undefined) findings.push(checkFederation(config.federation))
  const { finding, keyring } = await checkKeyring(config)
  findings.push(finding)
  findings.push(...(await examineDatabase(config, keyring)))
  if (config.redisUrl !== undefined) findings.push(await checkRedis(config.redisUrl))
  findings.push(await checkPort(config), await checkPublicUrl(config))
  return findings
}

type Keys = Awaited<ReturnType<typeof checkKeyring>>['keyring']

async function examineDatabase(config: Config, keyring: Keys): Promise<Finding[]> {
  const { databaseUrl: url, dataDir } = config
  const left: Finding[] = []
  if (url === undefined) {
    const holder = await folderHolder(dataDir)
    if (holder?.inForce === true) {
      const remedy = 'If that process is Latchkey, check its /readyz. To check the database, stop it first.'
      return [problemFinding('database', holder.message, remedy)]
    }
    if (holder !== null) left.push(note('lock file', holder.message, 'The next start replaces it.'))
    const there = await stat(join(dataDir, 'database')).catch(() => null)
    if (there === null) return [...left, ok('database', `Embedded: the first start makes it in ${dataDir}.`)]
  }
  try {
    if (url !== undefined) await checkSessions(url)
    const database = await openDatabase(url === undefined ? { dataDir } : { url }, { onError: () => undefined })
    try {
      const findings = [...left, ...(await checkServer(database))]
      const rights = await checkRights(database)
      findings.push(...describeRights(rights))
      if (rights.some(({ unreadable }) => unreadable === true)) return findings
      const { finding, ready } = await checkMigrations(database)
      findings.push(finding)
      if (ready) findings.push(...(await checkStoredKeys(database, keyring)), await checkJobs(database))
      return findings
    } finally {
      await database.close()
    }
  } catch (error) {
    return [describeFailure(error, config)]
  }
}

/** @param error of a database that cannot be opened or read */
function describeFailure(error: unknown, { databaseUrl: url, dataDir }: Config): Finding {
  const known = error instanceof UnusableDatabaseError
  if (url === undefined) {
    const remedy = 'Restore a backup of the folder, or set LATCHKEY_DATA_DIR to another folder.'
    if (known) return problemFinding('database', `${error.message}.`, error.remedy)
    return problemFinding('database', `The database in ${dataDir} cannot be used: ${driverMessage(error)}`, remedy)
  }
  const remedy = known
    ? error.remedy
    : 'Start the server, or correct DATABASE_URL: host, port, database, user and password.'
  return problemFinding(
    'database',
    `The database at ${databaseName(url)} cannot be used: ${driverMessage(error)}`,
    remedy,
  )
}

function describeRights(problems: readonly RightsProblem[]): Finding[] {
  const subject = 'database rights'
  if (problems.length === 0) return [ok(subject, 'The user and the role of tenants have all rights.')]
  return problems.map(({ message, remedy }) =>
    problemFinding(subject, `${message}.`, remedy ?? 'Start Latchkey. It restores them.'),
  )
}

const WIDTH = 18

/** One line for each finding, and a second line with its remedy. */
function describeFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ result, subject, message, remedy }) => [
    `${result.padEnd(8)} ${subject.padEnd(WIDTH)} ${message}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(8 + 1 + WIDTH)} ${remedy}`]),
  ])
  const problems = findings.filter(({ result }) => result === 'problem').length
  const end = problems === 0 ? 'No problem was found.' : `${problems} ${problems === 1 ? 'problem' : 'problems'}.`
  return `${[...lines, '', end].join('\n')}\n`
}
