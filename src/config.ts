import { isIP } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { z } from 'zod'
import { estimateBits } from './kit/entropy.ts'
import { nearestName } from './kit/nearest-name.ts'
import { durationMs, parseDuration } from './kit/time.ts'

const blankIsUnset = (value: unknown) => (value === '' ? undefined : value)
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsUnset, schema.optional())
const withDefault = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsUnset, schema)

/** A text with a problem to report, which completes a sentence that begins with the name of the variable. */
const checked = (problemOf: (text: string) => string | null) =>
  z.string().superRefine((text, context) => {
    const message = problemOf(text)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

const wholeNumber = (least: number, most: number) =>
  checked((text) =>
    /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most
      ? null
      : `must be a whole number from ${least} to ${most}`,
  ).transform(Number)

const oneOf = <const T extends string>(...values: readonly T[]) =>
  z.enum(values, { error: `must be one of: ${values.join(', ')}` })

function durationProblem(text: string, standard: string, longest?: string): string | null {
  const like = `must be an ISO 8601 duration longer than zero, such as ${standard}`
  try {
    const ms = lengthOf(text)
    return longest === undefined || ms <= lengthOf(longest) ? null : `${like}, and at most ${longest}`
  } catch {
    return like
  }
}

function lengthOf(duration: string): number {
  return durationMs(parseDuration(duration), new Date(0))
}

/** Timers of Node end at once when they are longer than 24 days. */
const LONGEST_TIME_LIMIT = 'P24D'

/** Reads an ISO 8601 duration as milliseconds. */
const timeLimit = (standard: string) =>
  withDefault(
    checked((text) => durationProblem(text, standard, LONGEST_TIME_LIMIT))
      .default(standard)
      .transform(lengthOf),
  )

/** As `timeLimit`, without a default. */
const optionalTimeLimit = (like: string) =>
  optional(checked((text) => durationProblem(text, like, LONGEST_TIME_LIMIT)).transform(lengthOf))

/** Checks an ISO 8601 duration and keeps its text, because the length of a month depends on the date. */
const retention = (standard: string) =>
  withDefault(checked((text) => durationProblem(text, standard)).default(standard))

function publicUrlProblem(text: string): string | null {
  const example = 'such as https://latchkey.example.com'
  if (!/^https?:\/\//i.test(text)) return `must begin with https:// or http://, ${example}`
  if (!URL.canParse(text) || /\s/.test(text)) return `must be an http or https URL, ${example}`
  const { username, password, pathname, search, hash } = new URL(text)
  if (username !== '' || password !== '') return `must have no user name and no password, ${example}`
  if (pathname !== '/' || search !== '' || hash !== '' || /[?#]/.test(text)) {
    return `must have no path, no query and no fragment, ${example}: Latchkey uses the whole host`
  }
  return null
}

function hostProblem(text: string): string | null {
  if (isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text)) return null
  return 'must be an IP address or a host name, without a scheme, brackets or a port, such as 127.0.0.1 or 0.0.0.0'
}

/** The problem of the URL of a server, which may hold a password. */
function serverUrlProblem(text: string, schemes: readonly string[], like: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !schemes.includes(url.protocol)) {
    return `must be a URL such as ${like}. Percent-encode special characters of the password, such as %23 for # and %2F for /`
  }
  try {
    for (const part of [url.username, url.password, url.hostname, url.pathname]) decodeURIComponent(part)
    return null
  } catch {
    return 'has a % that does not begin a percent-encoded character. Write %25 for a % in the password'
  }
}

function environmentProblem(text: string): string | null {
  if (
    text === 'production' ||
    (text.toLowerCase() !== 'prod' && nearestName(text.toLowerCase(), ['production'], () => 2) === undefined)
  )
    return null
  return 'is not production, but looks like it. Write exactly: production'
}

/** Entries that are separated by commas. */
const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))

function issuerProblem(text: string): string | null {
  const url = URL.parse(text)
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocalHost(url.hostname))
  return url !== null && isSecure && url.search === '' && url.hash === ''
    ? null
    : 'must be the issuer of your OIDC provider, an https URL as its metadata has it, such as https://login.example.com'
}

/** Two GraphQL names. Those that begin with an underscore belong to GraphQL and to federation. */
const FEDERATION = /^[A-Za-z]\w*\.[A-Za-z]\w*$/

const schema = z.object({
  PORT: withDefault(wholeNumber(0, 65_535).default(4_000)),
  HOST: withDefault(checked(hostProblem).default('127.0.0.1')),
  LATCHKEY_PUBLIC_URL: optional(checked(publicUrlProblem)),
  DATABASE_URL: optional(
    checked((text) =>
      serverUrlProblem(text, ['postgresql:', 'postgres:'], 'postgresql://user:password@host:5432/database'),
    ),
  ),
  LATCHKEY_DATA_DIR: withDefault(z.string().default('.latchkey')),
  REDIS_URL: optional(checked((text) => serverUrlProblem(text, ['redis:', 'rediss:'], 'redis://host:6379'))),
  LATCHKEY_ROLE: withDefault(oneOf('all', 'gateway', 'worker').default('all')),
  LATCHKEY_OPERATOR_KEY: optional(
    z
      .string()
      .min(32, 'must have at least 32 characters')
      .max(512, 'must have at most 512 characters')
      .regex(/^[\x21-\x7e]*$/, 'must contain visible ASCII characters only'),
  ),
  LATCHKEY_ENCRYPTION_KEYS: optional(z.string()),
  LATCHKEY_EGRESS_ALLOW: withDefault(list),
  LATCHKEY_TRUSTED_PROXIES: withDefault(list),
  LATCHKEY_EVENT_RETENTION: retention('P30D'),
  LATCHKEY_DELETED_RECORD_RETENTION: retention('P30D'),
  LATCHKEY_JOB_RETENTION: retention('P90D'),
  LATCHKEY_AUDIT_RETENTION: retention('P1Y'),
  LATCHKEY_TOKEN_TIMEOUT: timeLimit('PT15S'),
  LATCHKEY_STOP_TIMEOUT: optionalTimeLimit('PT22S'),
  LATCHKEY_SYNC_TIMEOUT: timeLimit('PT6H'),
  LATCHKEY_SYNC_CONCURRENCY: optional(wholeNumber(1, 1_000)),
  LATCHKEY_SYNC_WORKSPACE_CONCURRENCY: optional(wholeNumber(1, 1_000)),
  LATCHKEY_SYNC_INTEGRATION_CONCURRENCY: optional(wholeNumber(1, 1_000)),
  LATCHKEY_SYNC_HOST_CONCURRENCY: optional(wholeNumber(1, 1_000)),
  LATCHKEY_RATE_LIMIT: withDefault(wholeNumber(0, 1_000_000_000).default(30_000)),
  LATCHKEY_WORKSPACE_RATE_LIMIT: optional(wholeNumber(1, 1_000_000_000)),
  LATCHKEY_ANSWER_LIMIT: withDefault(wholeNumber(64 * 1024, 1024 * 1024 * 1024).default(16_777_216)),
  LATCHKEY_REQUEST_LIMIT: withDefault(wholeNumber(1, 1_000_000).default(200)),
  LATCHKEY_SOCKET_LIMIT: withDefault(wholeNumber(1, 1_000_000).default(5_000)),
  LATCHKEY_SUBSCRIPTION_LIMIT: withDefault(wholeNumber(1, 1_000_000).default(500)),
  LATCHKEY_ISSUER_APPROVAL: withDefault(oneOf('workspace', 'operator').default('workspace')),
  LATCHKEY_FEDERATION: optional(
    checked((text) =>
      FEDERATION.test(text) ? null : 'must be a type of your product and its key field, such as User.id',
    ).transform((text) => {
      const [name = '', key = ''] = text.split('.')
      return { name, key }
    }),
  ),
  LATCHKEY_CONSOLE_OIDC_ISSUER: optional(checked(issuerProblem)),
  LATCHKEY_CONSOLE_OIDC_CLIENT_ID: optional(z.string()),
  LATCHKEY_CONSOLE_OIDC_CLIENT_SECRET: optional(z.string()),
  LATCHKEY_CONSOLE_OIDC_SCOPES: withDefault(
    checked((text) =>
      text.split(' ').includes('openid') ? null : 'must be scopes separated by spaces, with openid among them',
    ).default('openid profile email'),
  ),
  LATCHKEY_CONSOLE_OIDC_ROLE_CLAIM: withDefault(z.string().default('groups')),
  LATCHKEY_CONSOLE_OIDC_OPERATORS: withDefault(list),
  LATCHKEY_CONSOLE_OIDC_READERS: withDefault(list),
  LATCHKEY_LOG_LEVEL: withDefault(oneOf('silent', 'error', 'warn', 'info', 'debug').default('info')),
  LATCHKEY_METRICS_TOKEN: optional(
    z.string().regex(/^[\x21-\x7e]{16,512}$/, 'must be 16 to 512 visible ASCII characters'),
  ),
  LATCHKEY_STRATEGIES_DIR: optional(z.string()),
  LATCHKEY_PROVIDERS_DIR: optional(z.string()),
  LATCHKEY_INSECURE: optional(oneOf('0', '1')),
  NODE_ENV: optional(checked(environmentProblem)),
})

/** The OIDC provider of the operators, and who may do what in the console. */
export interface ConsoleOidc {
  issuer: string
  clientId: string
  clientSecret: string
  /** Separated by spaces. */
  scopes: string
  /** The claim of the ID token that decides on the role. Dots separate the keys of a nested claim. */
  roleClaim: string
  /** Values of the claim that make an operator. */
  operators: string[]
  /** Values of the claim that give read access to all workspaces. */
  readers: string[]
}

/** The configuration that an operator sets. Names and meanings of the variables are part of the public interface. */
export interface Config {
  port: number
  host: string
  /** Without a trailing slash. */
  publicUrl: string
  databaseUrl: string | undefined
  dataDir: string
  redisUrl: string | undefined
  role: 'all' | 'gateway' | 'worker'
  operatorKey: string | undefined
  encryptionKeys: string | undefined
  egressAllow: string[]
  /** Addresses and networks of the proxies whose `X-Forwarded-For` is believed. Empty: the header is ignored. */
  trustedProxies: string[]
  eventRetention: string
  deletedRecordRetention: string
  jobRetention: string
  auditRetention: string
  /** Time limit of one token request. */
  tokenTimeoutMs: number
  /** How long the process may take to stop after SIGTERM. At least `tokenTimeoutMs` and time to store the response. */
  stopTimeoutMs: number
  /** Longest time in which a sync job makes no progress. */
  syncTimeoutMs: number
  /** Sync jobs that a worker runs at once. */
  syncConcurrency: number
  /** The same, of one workspace, of one integration and at one host; undefined: a share of all. */
  syncCaps: Readonly<Record<'workspace' | 'integration' | 'host', number | undefined>>
  /** Cost points that one caller may use per minute; 0: no limit. */
  rateLimit: number
  /** Cost points that one workspace may use per minute; undefined: one and a half times `rateLimit`. */
  workspaceRateLimit: number | undefined
  /** Bytes of one GraphQL answer. */
  answerLimit: number
  /** Open requests of one caller through connections in each process. */
  requestLimit: number
  /** Open connections of one address in each process. */
  socketLimit: number
  /** Open subscriptions of one workspace in each process, and WebSockets of one caller. */
  subscriptionLimit: number
  /** Who approves OIDC issuers. `operator`: tokens of an issuer that no operator has approved are refused. */
  issuerApproval: 'workspace' | 'operator'
  /** The product's type that the federation subgraph extends, and its key; undefined: the endpoint is not a subgraph. */
  federation: { name: string; key: string } | undefined
  /** The OIDC provider by which operators sign in to the console; undefined: they sign in with an API key. */
  consoleOidc: ConsoleOidc | undefined
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  /** Bearer token that gives access to /metrics; undefined: only this machine has access. */
  metricsToken: string | undefined
  /** Folder of custom auth strategies; undefined: none. */
  strategiesDir: string | undefined
  /** Folder of definitions that join the catalogue. */
  providersDir: string | undefined
  production: boolean
}

/** An invalid configuration. Each line of the message names a variable and what to do. Values are never included. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

type Environment = Record<string, string | undefined>

/**
 * Checks of values that layers above this one parse, by variable. Each throws an error whose message names the variable, with
 * one line for each problem.
 */
export type FurtherChecks = Readonly<Record<string, (value: string, production: boolean) => unknown>>

/**
 * Reads the configuration from the environment.
 * @throws ConfigError with every problem
 */
export function readConfig(env: Environment = process.env, further: FurtherChecks = {}): Config {
  const parsed = schema.safeParse(env)
  const production = env['NODE_ENV'] === 'production'
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`)
  for (const [name, check] of Object.entries(further)) {
    try {
      if (env[name]) check(env[name], production)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  for (const { name, meant } of unknownNames(env)) {
    if (meant !== null) problems.push(`${name} is not a variable of Latchkey. Did you mean ${meant}?`)
  }
  if (production) {
    if (!env['LATCHKEY_ENCRYPTION_KEYS'])
      problems.push('LATCHKEY_ENCRYPTION_KEYS is needed in production: id:base64 of 32 random bytes.')
    if (!env['LATCHKEY_PUBLIC_URL'])
      problems.push(
        'LATCHKEY_PUBLIC_URL is needed in production: the URL under which browsers and providers reach this server.',
      )
  }
  const reachable = parsed.success && !production && !isLocalHost(parsed.data.HOST)
  if (reachable && parsed.data.LATCHKEY_INSECURE !== '1') problems.push(EXPOSED)
  if (!env['DATABASE_URL'] && (env['LATCHKEY_ROLE'] === 'gateway' || env['LATCHKEY_ROLE'] === 'worker')) {
    problems.push('LATCHKEY_ROLE must be all without DATABASE_URL: only one process can use the embedded database.')
  }
  if (parsed.success) problems.push(...consoleOidcProblems(parsed.data))
  const stopping = parsed.success ? stopTimeoutProblem(parsed.data) : null
  if (stopping !== null) problems.push(stopping)
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'))
  const { data } = parsed
  return {
    port: data.PORT,
    host: data.HOST,
    publicUrl:
      data.LATCHKEY_PUBLIC_URL === undefined
        ? `http://${data.HOST.includes(':') ? `[${data.HOST}]` : data.HOST}:${data.PORT}`
        : new URL(data.LATCHKEY_PUBLIC_URL).origin,
    databaseUrl: data.DATABASE_URL,
    dataDir: data.LATCHKEY_DATA_DIR,
    redisUrl: data.REDIS_URL,
    role: data.LATCHKEY_ROLE,
    operatorKey: data.LATCHKEY_OPERATOR_KEY,
    encryptionKeys: data.LATCHKEY_ENCRYPTION_KEYS,
    egressAllow: data.LATCHKEY_EGRESS_ALLOW,
    trustedProxies: data.LATCHKEY_TRUSTED_PROXIES,
    eventRetention: data.LATCHKEY_EVENT_RETENTION,
    deletedRecordRetention: data.LATCHKEY_DELETED_RECORD_RETENTION,
    jobRetention: data.LATCHKEY_JOB_RETENTION,
    auditRetention: data.LATCHKEY_AUDIT_RETENTION,
    tokenTimeoutMs: data.LATCHKEY_TOKEN_TIMEOUT,
    stopTimeoutMs: data.LATCHKEY_STOP_TIMEOUT ?? leastStopTimeoutMs(data.LATCHKEY_TOKEN_TIMEOUT) + STOP_MARGIN_MS,
    syncTimeoutMs: data.LATCHKEY_SYNC_TIMEOUT,
    syncConcurrency: data.LATCHKEY_SYNC_CONCURRENCY ?? defaultSyncConcurrency(),
    syncCaps: {
      workspace: data.LATCHKEY_SYNC_WORKSPACE_CONCURRENCY,
      integration: data.LATCHKEY_SYNC_INTEGRATION_CONCURRENCY,
      host: data.LATCHKEY_SYNC_HOST_CONCURRENCY,
    },
    rateLimit: data.LATCHKEY_RATE_LIMIT,
    workspaceRateLimit: data.LATCHKEY_WORKSPACE_RATE_LIMIT,
    answerLimit: data.LATCHKEY_ANSWER_LIMIT,
    requestLimit: data.LATCHKEY_REQUEST_LIMIT,
    socketLimit: data.LATCHKEY_SOCKET_LIMIT,
    subscriptionLimit: data.LATCHKEY_SUBSCRIPTION_LIMIT,
    issuerApproval: data.LATCHKEY_ISSUER_APPROVAL,
    federation: data.LATCHKEY_FEDERATION,
    consoleOidc: consoleOidcOf(data),
    logLevel: data.LATCHKEY_LOG_LEVEL,
    metricsToken: data.LATCHKEY_METRICS_TOKEN,
    strategiesDir: data.LATCHKEY_STRATEGIES_DIR,
    providersDir: data.LATCHKEY_PROVIDERS_DIR,
    production,
  }
}

const LEAST_CONCURRENCY = 50
const MOST_CONCURRENCY = 200
const JOBS_OF_CORE = 25
const BYTES_OF_JOB = 32 * 1024 * 1024

/** Sync jobs mostly wait for networks. More than 50 need cores that parse their pages, and memory that holds them. */
function defaultSyncConcurrency(): number {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const affordable = Math.floor(Math.min(availableParallelism() * JOBS_OF_CORE, memory / BYTES_OF_JOB))
  return Math.min(MOST_CONCURRENCY, Math.max(LEAST_CONCURRENCY, affordable))
}

const EXPOSED =
  'HOST must be an address of this machine only, such as 127.0.0.1, outside production: development mode has a sandbox, GraphiQL and introspection, and makes its own keys. Set NODE_ENV=production, or LATCHKEY_INSECURE=1 to listen there nevertheless.'

/** Whether a host name or an address, in brackets or not, is this machine: localhost, names below it, and loopback addresses. */
export function isLocalHost(host: string): boolean {
  // The URL parser gives every spelling of an address one form: 127.1 is 127.0.0.1, ::ffff:127.0.0.1 is ::ffff:7f00:1.
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const name = URL.parse(`http://${isIP(bare) === 6 ? `[${bare}]` : bare}`)?.hostname.replace(/\.$/, '') ?? ''
  if (isIP(name) === 4) return name.startsWith('127.')
  return name === 'localhost' || name.endsWith('.localhost') || /^\[::(?:1|ffff:7f[0-9a-f]{2}:[0-9a-f]+)\]$/.test(name)
}

/** The least entropy of an operator key in production: with less, the key could be found from a stolen hash. */
const LEAST_KEY_BITS = 128

/** Why an operator key could be guessed, as a sentence; null: it could not. */
export function operatorKeyProblem(key: string): string | null {
  const bits = estimateBits(key)
  if (bits >= LEAST_KEY_BITS) return null
  return `LATCHKEY_OPERATOR_KEY can be guessed: it has about ${Math.round(bits)} bits of entropy, and production needs ${LEAST_KEY_BITS}. Make one with: openssl rand -hex 32`
}

/** Why a public URL must not be used in production, as a sentence; null: it can. */
export function publicUrlExposure(url: string): string | null {
  const { protocol, hostname } = URL.parse(url) ?? {}
  if (protocol !== 'http:' || isLocalHost(hostname ?? '')) return null
  return `LATCHKEY_PUBLIC_URL must begin with https:// in production, because authorization codes and tokens would be sent unencrypted otherwise. Put a reverse proxy with TLS in front of Latchkey, and set LATCHKEY_PUBLIC_URL to its address.`
}

/** Time to store the response of the last token request before the process ends. */
const STORE_WITHIN_MS = 5_000
/** What the default of LATCHKEY_STOP_TIMEOUT adds, to close everything. */
const STOP_MARGIN_MS = 2_000

function leastStopTimeoutMs(tokenTimeoutMs: number): number {
  return tokenTimeoutMs + STORE_WITHIN_MS
}

/** A process that ends before the response to its last token request has come, or is stored, loses the connection. */
function stopTimeoutProblem({
  LATCHKEY_TOKEN_TIMEOUT: tokenMs,
  LATCHKEY_STOP_TIMEOUT: stopMs,
}: z.infer<typeof schema>): string | null {
  if (stopMs === undefined || stopMs >= leastStopTimeoutMs(tokenMs)) return null
  const least = `LATCHKEY_STOP_TIMEOUT must be at least ${STORE_WITHIN_MS / 1_000} seconds longer than LATCHKEY_TOKEN_TIMEOUT, so that a renewal that was sent can end before the process does.`
  const longer = `Set LATCHKEY_STOP_TIMEOUT to ${inSeconds(leastStopTimeoutMs(tokenMs))} or longer`
  const shorterMs = stopMs - STORE_WITHIN_MS
  return shorterMs > 0
    ? `${least} ${longer}, or LATCHKEY_TOKEN_TIMEOUT to ${inSeconds(shorterMs)} or shorter.`
    : `${least} ${longer}, or unset it.`
}

function consoleOidcOf(data: z.infer<typeof schema>): ConsoleOidc | undefined {
  if (data.LATCHKEY_CONSOLE_OIDC_ISSUER === undefined) return undefined
  return {
    issuer: data.LATCHKEY_CONSOLE_OIDC_ISSUER,
    clientId: data.LATCHKEY_CONSOLE_OIDC_CLIENT_ID ?? '',
    clientSecret: data.LATCHKEY_CONSOLE_OIDC_CLIENT_SECRET ?? '',
    scopes: data.LATCHKEY_CONSOLE_OIDC_SCOPES,
    roleClaim: data.LATCHKEY_CONSOLE_OIDC_ROLE_CLAIM,
    operators: data.LATCHKEY_CONSOLE_OIDC_OPERATORS,
    readers: data.LATCHKEY_CONSOLE_OIDC_READERS,
  }
}

/** What the sign-in by OIDC misses. Nobody gets a role by default. */
function consoleOidcProblems(data: z.infer<typeof schema>): string[] {
  const { LATCHKEY_CONSOLE_OIDC_OPERATORS: operators, LATCHKEY_CONSOLE_OIDC_READERS: readers } = data
  const needed = ['LATCHKEY_CONSOLE_OIDC_CLIENT_ID', 'LATCHKEY_CONSOLE_OIDC_CLIENT_SECRET'] as const
  if (data.LATCHKEY_CONSOLE_OIDC_ISSUER === undefined) {
    const isPartial = needed.some((name) => data[name] !== undefined) || operators.length > 0 || readers.length > 0
    return isPartial
      ? ['LATCHKEY_CONSOLE_OIDC_ISSUER is needed with the other variables of LATCHKEY_CONSOLE_OIDC.']
      : []
  }
  const missing = needed.filter((name) => data[name] === undefined)
  return [
    ...missing.map((name) => `${name} is needed with LATCHKEY_CONSOLE_OIDC_ISSUER.`),
    ...(operators.length === 0 && readers.length === 0
      ? [
          'LATCHKEY_CONSOLE_OIDC_OPERATORS or LATCHKEY_CONSOLE_OIDC_READERS is needed with LATCHKEY_CONSOLE_OIDC_ISSUER: the values of the role claim that let somebody in.',
        ]
      : []),
  ]
}

function inSeconds(ms: number): string {
  return `PT${ms / 1_000}S`
}

/** The folder of custom auth strategies, for a command that needs no other setting. */
export function readStrategiesDir(env: Record<string, string | undefined> = process.env): string | undefined {
  return blankIsUnset(env['LATCHKEY_STRATEGIES_DIR']) as string | undefined
}

/** Variables whose names begin like those of Latchkey, which Latchkey does not read, and which resemble none that it reads. */
export function unknownVariables(env: Environment = process.env): string[] {
  return unknownNames(env).flatMap(({ name, meant }) => (meant === null ? [name] : []))
}

const PREFIX = 'LATCHKEY_'
const NAMES: readonly string[] = Object.keys(schema.shape)
const OWN_NAMES = NAMES.filter((name) => name.startsWith(PREFIX))
/** How many letters may be wrong, missing, added or exchanged in a misspelt name. Short names resemble others. */
const allowedLetters = (known: string) => (known.length - PREFIX.length > 6 ? 2 : 1)

/** Unknown variables, each with the variable that was most likely meant; null: with none. */
function unknownNames(env: Environment): { name: string; meant: string | null }[] {
  return Object.keys(env).flatMap((name) => {
    const value = env[name]
    if (value === undefined || value === '' || NAMES.includes(name) || isServiceVariable(name, value)) return []
    const meant = meantBy(name.toUpperCase())
    return meant !== null || name.toUpperCase().startsWith(PREFIX) ? [{ name, meant }] : []
  })
}

function meantBy(name: string): string | null {
  const bare = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : null
  // PORT, HOST and the URLs of the servers have no prefix.
  const unprefixed = NAMES.find((known) => known === bare)
  if (unprefixed !== undefined) return unprefixed
  return nearestName(name, OWN_NAMES, allowedLetters) ?? null
}

/** Whether Kubernetes has set the variable for a service whose name begins with `latchkey`. */
function isServiceVariable(name: string, value: string): boolean {
  return (
    /^LATCHKEY_(?:\w+_)?SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(name) ||
    /^LATCHKEY_(?:\w+_)?PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name) ||
    (/^LATCHKEY_(?:\w+_)?PORT$/.test(name) && /^\w+:\/\//.test(value))
  )
}
