import { access, constants, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { CustomStrategyError, loadCustomStrategies } from '../../auth/custom/load-custom-strategies.ts'
import { strategyFolderProblems } from '../../auth/custom/strategy-folder.ts'
import { type Config, isLocalHost, operatorKeyProblem, publicUrlExposure } from '../../config.ts'
import { createEgress } from '../../egress/egress.ts'
import { egressAllowProblem } from '../../egress/host-rules.ts'
import { type ProductType, productTypeProblem } from '../../graphql/federation.ts'
import { parseTrustedProxies } from '../../http/server/client-address.ts'
import { loadProviders, ProvidersFolderError } from '../definition-files.ts'
import { type Finding, note, ok, problemFinding } from './finding.ts'

const GIB = 2 ** 30
const OTHERS_WRITE = 0o002
const REDIS_WITHIN_MS = 5_000
const PUBLIC_URL_WITHIN_MS = 5_000

/** The version of Node, which `bin/latchkey.cjs` also checks: an older one cannot load this file. */
export function checkNode(): Finding {
  return ok('Node', `Version ${process.versions.node}.`)
}

/** The data folder, or its nearest parent that exists. */
async function nearestFolder(dataDir: string): Promise<string> {
  for (let folder = resolve(dataDir); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null)
    if (found !== null || folder === dirname(folder)) return folder
  }
}

export async function checkDataFolder({ dataDir }: Config): Promise<Finding[]> {
  const subject = 'data folder'
  const folder = await nearestFolder(dataDir)
  const isFolder = (await stat(folder)).isDirectory()
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    if (!isFolder) throw new Error('It is a file.')
  } catch {
    const message = isFolder
      ? `The folder ${folder} is not writable for this user.`
      : `${folder} is a file, not a folder.`
    const remedy = `${isFolder ? 'Make it writable for the user that runs Latchkey' : 'Remove it'}, or set LATCHKEY_DATA_DIR.`
    return [problemFinding(subject, message, remedy)]
  }
  const { bavail, bsize } = await statfs(folder)
  const free = (bavail * bsize) / GIB
  const own = folder === resolve(dataDir) ? await stat(folder) : null
  const shared = own !== null && process.getuid !== undefined && (own.mode & OTHERS_WRITE) !== 0
  const room = `${free.toFixed(1)} GiB are free on its disk.`
  return [
    ok(subject, folder === resolve(dataDir) ? `${dataDir} is writable.` : `The first start creates ${dataDir}.`),
    ...(shared
      ? [note(subject, `Every user of this machine can write to ${dataDir}.`, `Run: chmod go-w '${dataDir}'`)]
      : []),
    free < 1
      ? problemFinding('disk', room, 'Free some space, or set LATCHKEY_DATA_DIR to a folder on a larger disk.')
      : ok('disk', room),
  ]
}

/** That the folder exists and that nobody else can change it: to load the strategies would run their code. */
export function checkStrategiesDir(folder: string): Finding[] {
  const subject = 'auth strategies'
  const problems = strategyFolderProblems(folder)
  if (problems.length === 0) {
    const message = 'Only this user and root can change LATCHKEY_STRATEGIES_DIR.'
    return [ok(subject, `${message} "npx latchkey check-strategies" checks its files.`)]
  }
  return problems.map((message) => problemFinding(subject, message, 'Correct it, or unset it.'))
}

/** That every file of the folder of providers has a definition that can be used. */
export async function checkProvidersDir(folder: string, strategiesDir: string | undefined): Promise<Finding[]> {
  const subject = 'providers'
  try {
    const strategies = strategiesDir === undefined ? new Map() : await loadCustomStrategies(strategiesDir)
    const providers = await loadProviders(folder, strategies)
    const count = providers.length === 1 ? '1 provider' : `${providers.length} providers`
    return [ok(subject, `LATCHKEY_PROVIDERS_DIR has ${count}.`)]
  } catch (error) {
    if (error instanceof CustomStrategyError) return [note(subject, 'Not checked: the auth strategies have problems.')]
    if (!(error instanceof ProvidersFolderError)) throw error
    return error.faults.map((fault) => problemFinding(subject, fault, 'Correct the file. A start fails with it.'))
  }
}

/** That the product's type is not one of Latchkey's own. */
export function checkFederation(product: ProductType): Finding {
  const subject = 'federation'
  const problem = productTypeProblem(product)
  if (problem !== null) return problemFinding(subject, problem, 'Correct LATCHKEY_FEDERATION, or unset it.')
  return ok(subject, `The endpoint is a subgraph that extends ${product.name} by the key ${product.key}.`)
}

/** Checks the operator key of production. It must not be possible to guess it. */
export function checkOperatorKey({ operatorKey, production }: Config): Finding[] {
  const subject = 'operator key'
  if (operatorKey === undefined || !production) return []
  const problem = operatorKeyProblem(operatorKey)
  if (problem === null) return [ok(subject, 'LATCHKEY_OPERATOR_KEY has enough entropy.')]
  return [problemFinding(subject, problem, 'Set LATCHKEY_OPERATOR_KEY to a random key.')]
}

/** Who reaches the address that Latchkey listens on. A start refuses other machines outside production without a flag. */
export function checkListening({ host, production }: Config): Finding[] {
  if (production || isLocalHost(host)) return []
  const message = 'LATCHKEY_INSECURE is set: other machines reach development mode, with its sandbox and GraphiQL.'
  return [note('listening', message, 'Set NODE_ENV=production, or HOST=127.0.0.1.')]
}

/** Why this process cannot listen where it is configured to, and what to do; null: it can. Listens there for a moment. */
export async function listenProblem({
  host,
  port,
}: Config): Promise<Pick<Required<Finding>, 'message' | 'remedy'> | null> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen({ host, port }, resolve)
  try {
    await promise
    return null
  } catch (error) {
    return describeListenError(error, { host, port })
  } finally {
    server.close()
  }
}

/** @param error of a server that could not listen */
export function describeListenError(
  error: unknown,
  { host, port }: Pick<Config, 'host' | 'port'>,
): Pick<Required<Finding>, 'message' | 'remedy'> {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') {
    return {
      message: `Port ${port} of ${host} is in use by another program.`,
      remedy: 'Stop that program, or set PORT to a free port.',
    }
  }
  if (code === 'EACCES') {
    return {
      message: `The user that runs Latchkey may not listen on port ${port}.`,
      remedy: 'Set PORT to a port above 1023, and put a reverse proxy in front of it.',
    }
  }
  const words = error instanceof Error ? error.message : String(error)
  return {
    message: `Latchkey cannot listen on port ${port} of ${host}: ${words}.`,
    remedy: 'Set HOST to an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.',
  }
}

/** What the orchestrator has to be told. That the two time limits fit each other was checked with the configuration. */
export function checkStopTimeout({ stopTimeoutMs }: Config): Finding {
  const seconds = Math.ceil(stopTimeoutMs / 1_000)
  return ok('stopping', `Takes up to ${seconds} s. Give the process a grace period of more than that after SIGTERM.`)
}

/** A port that Latchkey itself uses is no problem: `doctor` also runs beside it. */
export async function checkPort(config: Config): Promise<Finding> {
  const subject = 'port'
  const { host, port } = config
  const problem = await listenProblem(config)
  if (problem === null)
    return ok(subject, port === 0 ? 'Each start takes a free port.' : `Port ${port} of ${host} is free.`)
  const near = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const answer = await askHealth(`http://${near}:${port}`, `${near}:${port}`)
  if (answer === 'ok') return ok(subject, `Latchkey answers on port ${port} of ${host}.`)
  return problemFinding(subject, problem.message, problem.remedy)
}

export function checkEgress({ egressAllow, production }: Config): Finding {
  const subject = 'outgoing requests'
  const problem = egressAllowProblem(egressAllow, production)
  if (problem !== null) {
    return problemFinding(subject, problem, 'Write a comma-separated list of host, host:port, address or CIDR.')
  }
  if (egressAllow.length === 0) return ok(subject, 'They reach public addresses only.')
  return ok(subject, `They may also reach: ${egressAllow.join(', ')}.`)
}

export function checkTrustedProxies({ trustedProxies }: Config): Finding {
  const subject = 'trusted proxies'
  try {
    parseTrustedProxies(trustedProxies)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return problemFinding(
      subject,
      `LATCHKEY_TRUSTED_PROXIES cannot be read: ${words}`,
      'Write a comma-separated list of the addresses or networks of your proxies, such as 10.0.0.0/8.',
    )
  }
  if (trustedProxies.length === 0) {
    return ok(subject, 'None: X-Forwarded-For is ignored, and all clients behind one proxy count as one address.')
  }
  return ok(subject, `X-Forwarded-For is believed from: ${trustedProxies.join(', ')}.`)
}

/** Checks that Redis answers. Findings never include the URL, which may contain a password. */
export async function checkRedis(redisUrl: string): Promise<Finding> {
  const subject = 'Redis'
  const { hostname, port } = new URL(redisUrl)
  const name = `${hostname}:${port === '' ? 6379 : port}`
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: REDIS_WITHIN_MS, retryStrategy: () => null })
  // The reason of a failed connection arrives as an event; the promise only reports that it is closed.
  let reason = ''
  redis.on('error', (error: Error) => {
    reason = error.message
  })
  try {
    await redis.connect()
    await redis.ping()
    return ok(subject, `${name} answers.`)
  } catch (error) {
    const words = reason === '' && error instanceof Error ? error.message : reason
    return problemFinding(
      subject,
      `${name} does not answer: ${words}`,
      'Start it, correct REDIS_URL, or unset it. Without it the processes poll the database.',
    )
  } finally {
    redis.disconnect()
  }
}

export async function checkPublicUrl({ publicUrl, production }: Config): Promise<Finding> {
  const subject = 'public URL'
  const { host, port } = new URL(publicUrl)
  if (production && publicUrlExposure(publicUrl) !== null) {
    return problemFinding(
      subject,
      `${publicUrl} is not https, so authorization codes and tokens would be sent unencrypted.`,
      'Put a reverse proxy with TLS in front of Latchkey, and set LATCHKEY_PUBLIC_URL to its address.',
    )
  }
  if (port === '0')
    return note(
      subject,
      'Each start takes a free port (PORT=0).',
      'Set LATCHKEY_PUBLIC_URL if others have to reach it.',
    )
  const answer = await askHealth(publicUrl, host)
  if (answer === 'ok') return ok(subject, `${publicUrl} answers.`)
  if (answer instanceof Error) {
    return note(subject, `${publicUrl} does not answer: ${answer.message}`, 'This is fine if Latchkey is not running.')
  }
  return note(subject, `${publicUrl}/healthz answers ${answer}.`, 'Make sure that it leads to Latchkey.')
}

/** @returns 'ok': Latchkey answers there; the status of another answer; the error when nothing answers */
async function askHealth(origin: string, allow: string): Promise<'ok' | number | Error> {
  const egress = createEgress({ allow: [allow] })
  try {
    const response = await egress.send({
      method: 'GET',
      url: `${origin}/healthz`,
      timeoutMs: PUBLIC_URL_WITHIN_MS,
      redirect: 'manual',
    })
    const text = await response.text()
    return response.status === 200 && text.includes('"ok"') ? 'ok' : response.status
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    await egress.close()
  }
}

/** Variables that resemble no known one. A misspelt name is a problem of the configuration, with which Latchkey does not start. */
export function checkVariables(names: readonly string[]): Finding[] {
  return names.map((name) =>
    note(
      'configuration',
      `${name} is not a variable of Latchkey.`,
      'Unset it, or correct its name. docs/configuration.md lists all variables.',
    ),
  )
}
