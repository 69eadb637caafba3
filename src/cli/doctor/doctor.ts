import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { checkSessions, databaseName, driverMessage, PoolerError } from '../../db/check-sessions.ts'
import { openDatabase } from '../../db/open-database.ts'
import { checkJobs, checkKeyring, checkMigrations, checkServer, checkStoredKeys } from './check-database.ts'
import { checkDataFolder, checkEgress, checkPublicUrl, checkRedis, holderOfFolder } from './check-surroundings.ts'
import { type Finding, ok, problemFinding } from './finding.ts'

/**
 * `node src/main.ts doctor`: checks the configuration and everything it depends on, and prints what it finds.
 * @returns the exit code: 1 when it found a problem
 */
export async function runDoctor(config: Config): Promise<number> {
  const findings = await examine(config)
  process.stdout.write(describeFindings(findings))
  return findings.some(({ result }) => result === 'problem') ? 1 : 0
}

/** Checks everything that a start needs. Creates no folder, key or table. */
async function examine(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [
    ok('configuration', `Role ${config.role}, ${config.production ? 'production' : 'not production'}.`),
    ...(await checkDataFolder(config)),
    checkEgress(config),
  ]
  const { finding, keyring } = await checkKeyring(config)
  findings.push(finding)
  findings.push(...(await examineDatabase(config, keyring)))
  if (config.redisUrl !== undefined) findings.push(await checkRedis(config.redisUrl))
  findings.push(await checkPublicUrl(config))
  return findings
}

type Keys = Awaited<ReturnType<typeof checkKeyring>>['keyring']

async function examineDatabase(config: Config, keyring: Keys): Promise<Finding[]> {
  const { databaseUrl: url, dataDir } = config
  if (url === undefined) {
    const pid = await holderOfFolder(dataDir)
    if (pid !== null) {
      const message = `The embedded database in ${dataDir} is in use by process ${pid}.`
      return [
        problemFinding(
          'database',
          message,
          'If that process is Latchkey, check its /readyz. To check the database, stop it first.',
        ),
      ]
    }
    const there = await stat(join(dataDir, 'database')).catch(() => null)
    if (there === null) return [ok('database', `Embedded: the first start makes it in ${dataDir}.`)]
  }
  try {
    if (url !== undefined) await checkSessions(url)
    const database = await openDatabase(url === undefined ? { dataDir } : { url }, { onError: () => undefined })
    try {
      const { finding, ready } = await checkMigrations(database)
      const findings = [...(await checkServer(database)), finding]
      if (ready) findings.push(...(await checkStoredKeys(database, keyring)), await checkJobs(database))
      return findings
    } finally {
      await database.close()
    }
  } catch (error) {
    const name = url === undefined ? `in ${dataDir}` : `at ${databaseName(url)}`
    const remedy =
      url === undefined
        ? 'Restore a backup of the folder, or set LATCHKEY_DATA_DIR to another folder.'
        : error instanceof PoolerError
          ? error.remedy
          : 'Start the server, or correct DATABASE_URL: host, port, database, user and password.'
    return [problemFinding('database', `The database ${name} cannot be used: ${driverMessage(error)}`, remedy)]
  }
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
