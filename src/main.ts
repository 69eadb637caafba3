import { type Config, ConfigError, readConfig, readStrategiesDir } from './config.ts'

const USAGE = `Usage: node src/main.ts                             starts Latchkey
       node src/main.ts doctor                      checks the configuration and everything it depends on
       node src/main.ts rotate-keys                 re-encrypts stored secrets with the first encryption key
       node src/main.ts check-strategies [folder]   checks the auth strategies of LATCHKEY_STRATEGIES_DIR
`

/** Each returns the exit code. Imported when it runs, because a command needs only a part of the program. */
const COMMANDS: Readonly<Record<string, (config: Config) => Promise<number>>> = {
  doctor: async (config) => (await import('./cli/doctor/doctor.ts')).runDoctor(config),
  'rotate-keys': async (config) => (await import('./cli/rotate-keys.ts')).runRotateKeys(config),
}

async function main(command: string | undefined, argument: string | undefined): Promise<void> {
  if (command === 'check-strategies') {
    const { runCheckStrategies } = await import('./cli/check-strategies.ts')
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
  if (run === undefined) await (await import('./cli/start.ts')).startProgram(config)
  else process.exitCode = await run(config)
}

await main(process.argv[2], process.argv[3])
