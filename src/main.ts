import { runCheckStrategies } from './cli/check-strategies.ts'
import { runDoctor } from './cli/doctor/doctor.ts'
import { runRotateKeys } from './cli/rotate-keys.ts'
import { startProgram } from './cli/start.ts'
import { type Config, ConfigError, readConfig, readStrategiesDir } from './config.ts'

const USAGE = `Usage: node src/main.ts                             starts Latchkey
       node src/main.ts doctor                      checks the configuration and everything it depends on
       node src/main.ts rotate-keys                 re-encrypts stored secrets with the first encryption key
       node src/main.ts check-strategies [folder]   checks the auth strategies of LATCHKEY_STRATEGIES_DIR
`

/** Each returns the exit code. */
const COMMANDS: Readonly<Record<string, (config: Config) => Promise<number>>> = {
  doctor: runDoctor,
  'rotate-keys': runRotateKeys,
}

async function main(command: string | undefined, argument: string | undefined): Promise<void> {
  if (command === 'check-strategies') {
    // Needs no other setting than the folder.
    process.exitCode = await runCheckStrategies(argument ?? readStrategiesDir())
    return
  }
  const run = command === undefined ? undefined : COMMANDS[command]
  if (command !== undefined && run === undefined) {
    process.stderr.write(USAGE)
    process.exitCode = 1
    return
  }
  let config: Config
  try {
    config = readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`Latchkey cannot start:\n${error.message}\n`)
    process.exitCode = 1
    return
  }
  if (run === undefined) await startProgram(config)
  else process.exitCode = await run(config)
}

await main(process.argv[2], process.argv[3])
