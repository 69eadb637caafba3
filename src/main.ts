import { statSync } from 'node:fs'
import { type Config, ConfigError, readConfig, readStrategiesDir } from './config.ts'
import { parseHostRules } from './egress/host-rules.ts'
import { parseTrustedProxies } from './http/server/client-address.ts'
import { parseKeyring } from './vault/keyring.ts'

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
const VALUE_CHECKS: Readonly<Record<string, (value: string) => unknown>> = {
  LATCHKEY_ENCRYPTION_KEYS: (value) => parseKeyring(value),
  LATCHKEY_EGRESS_ALLOW: checkList('LATCHKEY_EGRESS_ALLOW', parseHostRules),
  LATCHKEY_TRUSTED_PROXIES: checkList('LATCHKEY_TRUSTED_PROXIES', parseTrustedProxies),
  LATCHKEY_STRATEGIES_DIR: (folder) => {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new Error('LATCHKEY_STRATEGIES_DIR must be a folder that exists.')
    }
  },
}

/** Parses a comma-separated list. @throws Error that names the variable and the invalid entry */
function checkList(name: string, parse: (entries: string[]) => unknown): (value: string) => void {
  return (value) => {
    try {
      parse(value.split(',').flatMap((entry) => entry.trim() || []))
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      throw new Error(`${name} cannot be read: ${words}`)
    }
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
    process.stderr.write(`Latchkey cannot start:\n${error.message}\n`)
    process.exitCode = 1
    return
  }
  if (run === undefined) await (await import('./cli/start.ts')).startProgram(config)
  else process.exitCode = await run(config)
}

await main(process.argv[2], process.argv[3])
