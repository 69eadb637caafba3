import { z } from 'zod'
import { durationMs, parseDuration } from './kit/time.ts'

const blankIsUnset = (value: unknown) => (value === '' ? undefined : value)
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsUnset, schema.optional())
const withDefault = <T extends z.ZodType>(schema: T) => z.preprocess(blankIsUnset, schema)

/** Reads an ISO 8601 duration as milliseconds. */
const timeLimit = (standard: string) =>
  withDefault(
    z
      .string()
      .default(standard)
      .transform((text, context) => {
        try {
          return durationMs(parseDuration(text), new Date(0))
        } catch {
          context.addIssue({ code: 'custom', message: `must be an ISO 8601 duration, such as ${standard}` })
          return z.NEVER
        }
      }),
  )

/** Checks an ISO 8601 duration and keeps its text, because the length of a month depends on the date. */
const retention = (standard: string) =>
  withDefault(
    z
      .string()
      .default(standard)
      .superRefine((text, context) => {
        try {
          parseDuration(text)
        } catch {
          context.addIssue({ code: 'custom', message: `must be an ISO 8601 duration, such as ${standard}` })
        }
      }),
  )

const schema = z.object({
  PORT: withDefault(z.coerce.number().int().min(0).max(65_535).default(4_000)),
  HOST: withDefault(z.string().default('127.0.0.1')),
  LATCHKEY_PUBLIC_URL: optional(
    z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .refine((url) => new URL(url).pathname === '/' && new URL(url).search === '', 'must have no path and no query')
      .transform((url) => new URL(url).origin),
  ),
  DATABASE_URL: optional(z.url({ protocol: /^postgres(?:ql)?$/, error: 'must be a postgresql:// URL' })),
  LATCHKEY_DATA_DIR: withDefault(z.string().default('.latchkey')),
  REDIS_URL: optional(z.url({ protocol: /^rediss?$/, error: 'must be a redis:// URL' })),
  LATCHKEY_ROLE: withDefault(z.enum(['all', 'gateway', 'worker']).default('all')),
  LATCHKEY_OPERATOR_KEY: optional(
    z
      .string()
      .min(32, 'must have at least 32 characters')
      .max(512, 'must have at most 512 characters')
      .regex(/^[\x21-\x7e]*$/, 'must contain visible ASCII characters only'),
  ),
  LATCHKEY_ENCRYPTION_KEYS: optional(z.string()),
  LATCHKEY_EGRESS_ALLOW: withDefault(
    z
      .string()
      .default('')
      .transform((list) => list.split(',').flatMap((entry) => entry.trim() || [])),
  ),
  LATCHKEY_EVENT_RETENTION: retention('P30D'),
  LATCHKEY_DELETED_RECORD_RETENTION: retention('P30D'),
  LATCHKEY_TOKEN_TIMEOUT: timeLimit('PT15S'),
  LATCHKEY_SYNC_TIMEOUT: timeLimit('PT6H'),
  LATCHKEY_RATE_LIMIT: withDefault(z.coerce.number().int().min(0).max(1_000_000_000).default(600_000)),
  LATCHKEY_SUBSCRIPTION_LIMIT: withDefault(z.coerce.number().int().min(1).max(1_000_000).default(500)),
  LATCHKEY_LOG_LEVEL: withDefault(z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info')),
  LATCHKEY_METRICS_TOKEN: optional(
    z.string().regex(/^[\x21-\x7e]{16,512}$/, 'must be 16 to 512 visible ASCII characters'),
  ),
  LATCHKEY_STRATEGIES_DIR: optional(z.string()),
  NODE_ENV: optional(z.string()),
})

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
  eventRetention: string
  deletedRecordRetention: string
  /** Time limit of one token request. */
  tokenTimeoutMs: number
  /** Time limit of a sync job, from its first start. */
  syncTimeoutMs: number
  /** Cost points that one caller may use per minute in each process; 0: no limit. */
  rateLimit: number
  /** Open subscriptions of one workspace in each process. */
  subscriptionLimit: number
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
  /** Bearer token that gives access to /metrics; undefined: only this machine has access. */
  metricsToken: string | undefined
  /** Folder of custom auth strategies; undefined: none. */
  strategiesDir: string | undefined
  production: boolean
}

/** An invalid configuration. Each line of the message names a variable and what to do. Values are never included. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the configuration from the environment.
 * @throws ConfigError with every problem
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = schema.safeParse(env)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`)
  const production = env['NODE_ENV'] === 'production'
  if (production) {
    if (!env['LATCHKEY_ENCRYPTION_KEYS'])
      problems.push('LATCHKEY_ENCRYPTION_KEYS is needed in production: id:base64 of 32 random bytes.')
    if (!env['LATCHKEY_PUBLIC_URL'])
      problems.push(
        'LATCHKEY_PUBLIC_URL is needed in production: the URL under which browsers and providers reach this server.',
      )
  }
  if (parsed.success && parsed.data.DATABASE_URL === undefined) {
    if (parsed.data.LATCHKEY_ROLE !== 'all') {
      problems.push('LATCHKEY_ROLE must be all without DATABASE_URL: only one process can use the embedded database.')
    }
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'))
  const { data } = parsed
  return {
    port: data.PORT,
    host: data.HOST,
    publicUrl:
      data.LATCHKEY_PUBLIC_URL ?? `http://${data.HOST.includes(':') ? `[${data.HOST}]` : data.HOST}:${data.PORT}`,
    databaseUrl: data.DATABASE_URL,
    dataDir: data.LATCHKEY_DATA_DIR,
    redisUrl: data.REDIS_URL,
    role: data.LATCHKEY_ROLE,
    operatorKey: data.LATCHKEY_OPERATOR_KEY,
    encryptionKeys: data.LATCHKEY_ENCRYPTION_KEYS,
    egressAllow: data.LATCHKEY_EGRESS_ALLOW,
    eventRetention: data.LATCHKEY_EVENT_RETENTION,
    deletedRecordRetention: data.LATCHKEY_DELETED_RECORD_RETENTION,
    tokenTimeoutMs: data.LATCHKEY_TOKEN_TIMEOUT,
    syncTimeoutMs: data.LATCHKEY_SYNC_TIMEOUT,
    rateLimit: data.LATCHKEY_RATE_LIMIT,
    subscriptionLimit: data.LATCHKEY_SUBSCRIPTION_LIMIT,
    logLevel: data.LATCHKEY_LOG_LEVEL,
    metricsToken: data.LATCHKEY_METRICS_TOKEN,
    strategiesDir: data.LATCHKEY_STRATEGIES_DIR,
    production,
  }
}

/** The folder of custom auth strategies, for a command that needs no other setting. */
export function readStrategiesDir(env: Record<string, string | undefined> = process.env): string | undefined {
  return blankIsUnset(env['LATCHKEY_STRATEGIES_DIR']) as string | undefined
}
