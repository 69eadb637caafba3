import { statSync } from 'node:fs'
import { runCheckStrategies } from './cli/check-strategies.ts'
import { runDoctor } from './cli/doctor/doctor.ts'
import { runRotateKeys } from './cli/rotate-keys.ts'
import { startProgram } from './cli/start.ts'
import { type Config, ConfigError, readConfig, readStrategiesDir } from './config.ts'
import { parseHostRules } from './egress/host-rules.ts'
import { parseKeyring } from './vault/keyring.ts'

const USAGE = `Usage: npm start                                 starts Latchkey
       npm start -- doctor                       checks the configuration and everything it depends on
       npm start -- rotate-keys                  re-encrypts stored secrets with the first encryption key
       npm start -- check-strategies [folder]    checks the auth strategies of LATCHKEY_STRATEGIES_DIR
`

/** Each returns the exit code. */
const COMMANDS: Readonly<Record<string, (config: Config) => Promise<number>>> = {
  doctor: runDoctor,
  'rotate-keys': runRotateKeys,
}

/** `doctor` reports the problems of these values among its findings. */
const VALUE_CHECKS: Readonly<Record<string, (value: string) => unknown>> = {
  LATCHKEY_ENCRYPTION_KEYS: (value) => parseKeyring(value),
  LATCHKEY_EGRESS_ALLOW: checkEgressAllow,
  LATCHKEY_STRATEGIES_DIR: (folder) => {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Error('LATCHKEY_STRATEGIES_DIR must be a folder that exists.')
    }
  },
}

function checkEgressAllow(value: string): void {
  try {
    parseHostRules(value.split(',').flatMap((entry) => entry.trim() || []))
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new Error(`LATCHKEY_EGRESS_ALLOW cannot be read: ${words}`)
  }
}

async function main(command: string | undefined, argument: string | undefined): Promise<void> {
  if (command === 'check-strategies') {
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
    config = readConfig(undefined, run === runDoctor ? {} : VALUE_CHECKS)
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
