import { Command, CommanderError, Option } from 'commander'
import { strategyFolderProblems } from './auth/custom/strategy-folder.ts'
import { ownVersion } from './cli/own-version.ts'
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

/** A command was called in a wrong way. */
const WRONG_USAGE = 2

/** The npm package has the documentation only as the site that a running Latchkey serves. */
const SETTINGS =
  'Settings are environment variables. Outside production, a running Latchkey lists them at /docs/configuration, by default http://127.0.0.1:4000/docs/configuration.'

interface JsonOption {
  json?: boolean
}

/** The command line. A command imports its code when it runs, because it needs only a part of the program. */
function commandLine(): Command {
  const program = new Command('latchkey')
    .description('A self-hosted GraphQL gateway for the third-party accounts that your users connect.')
    .version(ownVersion(), '--version', 'prints the version')
    .helpOption('-h, --help', 'prints the help of a command')
    .helpCommand(false)
    .showHelpAfterError('Run "latchkey --help" to list the commands.')
    .addHelpText('after', `\nWithout a command, latchkey starts. ${SETTINGS}`)
    .exitOverride()

  program
    .command('start')
    .description('starts Latchkey, and stops it on SIGTERM or SIGINT')
    .action(() => withConfig(async (config) => (await import('./cli/start.ts')).startProgram(config)))

  program
    .command('doctor')
    .description('checks the configuration and everything it depends on')
    .addOption(jsonOption())
    .action(async ({ json = false }: JsonOption) => {
      const { describeUnreadable, runDoctor } = await import('./cli/doctor/doctor.ts')
      const run = async (config: Config) => exitWith(await runDoctor(config, { json }))
      // Problems of single values are among the findings.
      return withConfig(run, { checks: {}, report: json ? describeUnreadable : undefined })
    })

  program
    .command('rotate-keys')
    .description('re-encrypts stored secrets with the first encryption key')
    .addOption(jsonOption())
    .action(({ json = false }: JsonOption) =>
      withConfig(async (config) =>
        exitWith(await (await import('./cli/rotate-keys.ts')).runRotateKeys(config, { json })),
      ),
    )

  program
    .command('check')
    .description('checks the definitions in files as createIntegration does')
    .argument('<path...>', 'files of definitions in JSON or YAML, and folders of them')
    .addOption(jsonOption())
    .action(async (paths: string[], { json = false }: JsonOption) => {
      const { runCheck } = await import('./cli/check.ts')
      exitWith(await runCheck(paths, { json, strategiesDir: readStrategiesDir() }))
    })

  program
    .command('check-strategies')
    .description('checks auth strategies of your own without sending a request')
    .argument('[folder]', 'folder of the strategies (default: LATCHKEY_STRATEGIES_DIR)')
    .addOption(jsonOption())
    .action(async (given: string | undefined, { json = false }: JsonOption, command: Command) => {
      const folder = given ?? readStrategiesDir()
      if (!folder) {
        return command.error('error: No folder given. Run check-strategies <folder>, or set LATCHKEY_STRATEGIES_DIR.')
      }
      exitWith(await (await import('./cli/check-strategies.ts')).runCheckStrategies(folder, { json }))
    })

  addImports(program)

  const list = (text: string) => text.split(',').flatMap((entry) => entry.trim() || [])
  const keys = program.command('keys').description('manages API keys in the database')
  keys
    .command('create')
    .description('creates an API key and prints it once')
    .addOption(
      new Option('--role <role>', 'what the key may do').choices(['operator', 'admin', 'reader']).makeOptionMandatory(),
    )
    .option('--workspace <slug>', 'workspace of the key; an operator key has none')
    .option('--name <name>', 'name of the key', 'Command line')
    .option('--expires-at <time>', 'when the key expires, such as 2030-01-31T00:00:00Z (default: never)')
    .option('--scopes <scopes>', 'scopes, such as READ,SYNC (default: everything that the role may do)', list)
    .option('--integrations <slugs>', 'integrations that the key is limited to, comma separated (default: all)', list)
    .addOption(jsonOption())
    .action(async (options, command: Command) => {
      const { newKeyOf, runCreateKey } = await import('./cli/keys.ts')
      const wanted = newKeyOf(options)
      if (typeof wanted === 'string') return command.error(`error: ${wanted}`)
      return withConfig(async (config) => exitWith(await runCreateKey(config, wanted, { json: options.json === true })))
    })
  return program
}

/** The importers: each reads a file of another program and prints a definition and a report. */
function addImports(program: Command): void {
  const imports = program.command('import').description('makes a definition from a file of another program')
  imports
    .command('airbyte')
    .description('reads the manifest of a low-code Airbyte connector')
    .argument('<manifest>', 'manifest.yaml of the connector')
    .addOption(jsonOption())
    .action(async (path: string, { json = false }: JsonOption) => {
      exitWith(await (await import('./cli/import/airbyte.ts')).runImportAirbyte(path, { json }))
    })
  imports
    .command('nango')
    .description('reads providers of Nango')
    .argument('<providers>', 'providers.yaml')
    .option('--provider <slug>', 'the only provider to read (default: all of the file)')
    .addOption(jsonOption())
    .action(async (path: string, { json = false, provider }: JsonOption & { provider?: string }) => {
      exitWith(await (await import('./cli/import/nango.ts')).runImportNango(path, { json, provider }))
    })
  imports
    .command('openapi')
    .description('reads an OpenAPI 3.0 or 3.1 document, or one of Swagger 2.0')
    .argument('<file>', 'the document, in JSON or YAML')
    .option('--only <tag or path...>', 'tags and beginnings of paths (default: all operations)')
    .addOption(jsonOption())
    .action(async (path: string, { json = false, only }: JsonOption & { only?: string[] }) => {
      exitWith(await (await import('./cli/import/openapi.ts')).runImportOpenApi(path, { json, only }))
    })
}

function jsonOption(): Option {
  return new Option('--json', 'prints one JSON object')
}

function exitWith(code: number): void {
  process.exitCode = code
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

interface ConfigUse {
  /** Default: `VALUE_CHECKS`. */
  checks?: FurtherChecks
  /** Text for standard output about a configuration that cannot be used. Default: none. */
  report?: ((problems: string) => string) | undefined
}

/** Runs a command with the configuration. When that cannot be used, every problem is printed and the exit code is 1. */
async function withConfig(
  run: (config: Config) => Promise<void>,
  { checks = VALUE_CHECKS, report }: ConfigUse = {},
): Promise<void> {
  let config: Config
  try {
    config = readConfig(undefined, checks)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const problems = allProblems() ?? error.message
    if (report !== undefined) process.stdout.write(report(problems))
    process.stderr.write(`Latchkey cannot start:\n${problems}\n`)
    process.exitCode = 1
    return
  }
  await run(config)
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

try {
  const args = process.argv.slice(2)
  await commandLine().parseAsync(args.length === 0 ? ['start'] : args, { from: 'user' })
} catch (error) {
  // The message has been printed.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE
}
