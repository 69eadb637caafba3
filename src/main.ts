import { strategyFolderProblems } from './auth/custom/strategy-folder.ts'
import {
  type Config,
  ConfigError,
  type FurtherChecks,
  operatorKeyProblem,
  publicUrlExposure,
  readConfig,
  readStrategiesDir,
} from './config.ts'
import { egressAllowProblem } from './egress/host-rules.ts'
import { parseTrustedProxies } from './http/server/client-address.ts'
import { parseKeyring, weakKeyProblem } from './vault/keyring.ts'

const USAGE = `Usage: npm start                                 starts Latchkey
       npm start -- doctor                       checks the configuration and everything it depends on
       npm start -- rotate-keys                  re-encrypts stored secrets with the first encryption key
       npm start -- check-strategies [folder]    checks the auth strategies of LATCHKEY_STRATEGIES_DIR
`

/** Each returns the exit code. Imported when it runs, because a command needs only a part of the program. */
const COMMANDS: Readonly<Record<string, (config: Config) => Promise<number>>> = {
  doctor: async (config) => (await import('./cli/doctor/doctor.ts')).runDoctor(config),
  'rotate-keys': async (config) => (await import('./cli/rotate-keys.ts')).runRotateKeys(config),
}

/** `doctor` reports the problems of these values among its findings. */
const VALUE_CHECKS: FurtherChecks = {
  LATCHKEY_ENCRYPTION_KEYS(value, production) {
    parseKeyring(value)
    if (production) refuse(weakKeyProblem(value))
  },
  LATCHKEY_EGRESS_ALLOW: (value, production) => refuse(egressAllowProblem(value.split(','), production)),
  LATCHKEY_TRUSTED_PROXIES(value) {
    try {
      parseTrustedProxies(value.split(',').flatMap((entry) => entry.trim() || []))
    } catch (error) {
      refuse(`LATCHKEY_TRUSTED_PROXIES cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  },
  LATCHKEY_OPERATOR_KEY: (value, production) => refuse(production ? operatorKeyProblem(value) : null),
  LATCHKEY_PUBLIC_URL: (value, production) => refuse(production ? publicUrlExposure(value) : null),
  LATCHKEY_STRATEGIES_DIR: (folder) => refuse(strategyFolderProblems(folder).join('\n') || null),
}

function refuse(problem: string | null): void {
  if (problem !== null) throw new Error(problem)
}

/** Every problem of the configuration, also those that `doctor` would report among its findings. */
function allProblems(): string | null {
  try {
    readConfig(undefined, VALUE_CHECKS)
    return null
  } catch (error) {
    return error instanceof ConfigError ? error.message : null
  }
}

async function main(command: string | undefined, argument: string | undefined): Promise<void> {
  if (command === 'check-strategies') {
    const { runCheckStrategies } = await import('./cli/check-strategies.ts')
    // Needs no other setting than the folder.
    process.exitCode = await runCheckStrategies(argument ?? readStrategiesDir())
    return
  }
  const starts = command === undefined || command === 'start'
  const run = starts ? undefined : COMMANDS[command]
  if (!starts && run === undefined) {
    process.stderr.write(USAGE)
    process.exitCode = 1
    return
  }
  let config: Config
  try {
    config = readConfig(undefined, command === 'doctor' ? {} : VALUE_CHECKS)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`Latchkey cannot start:\n${allProblems() ?? error.message}\n`)
    process.exitCode = 1
    return
  }
  if (run === undefined) await (await import('./cli/start.ts')).startProgram(config)
  else process.exitCode = await run(config)
}

await main(process.argv[2], process.argv[3])
