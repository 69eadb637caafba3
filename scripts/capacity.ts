/**
 * `node scripts/capacity.ts --connections 100000`: how many gateways, workers and cores, how large a database, and what comes to its limit
 * first. It multiplies measured costs of units of work (`unit-costs.json`) with how often each happens. `--help` lists the inputs.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What one unit of work costs. */
export interface Cost {
  /** Processor time of Latchkey, in milliseconds. */
  appMs: number
  /** Processor time of PostgreSQL, in milliseconds. */
  databaseMs: number
  walBytes: number
  /** Statements, with BEGIN and COMMIT: each is a round trip. */
  statements: number
}

/**
 * `job`: a sync job with a page of one unchanged record. `newPage`: a page of 100 new records of one kilobyte. `unchangedPage`: such a
 * page in which nothing changed. `request`: an answered request by `/proxy`. `read`: 50 connections with their end users and jobs.
 * `event`: an event in a transaction of its own. `delivery`: an event to one subscriber.
 */
export type UnitName = 'job' | 'newPage' | 'unchangedPage' | 'renewal' | 'request' | 'read' | 'event' | 'delivery'

export interface UnitCosts {
  costs: Record<UnitName, Cost>
  /** With indexes. `record`: besides the data of the record beyond one kilobyte. */
  bytes: Record<'connection' | 'record' | 'event' | 'job', number>
  /** Events of a job. */
  jobEvents: number
}

/** The inputs: default and meaning. */
const INPUTS = {
  connections: [1_000, 'connections'],
  'sync-minutes': [60, 'minutes between two syncs of a connection'],
  pages: [3, 'pages of 100 records that a sync reads'],
  'new-pages': [0.1, 'of them, pages in which records are new or changed'],
  'page-ms': [300, 'milliseconds that a provider takes for a page'],
  records: [2_000, 'records of a connection'],
  'record-bytes': [1_024, 'bytes of the JSON of a record'],
  oauth: [0.7, 'share of connections with tokens that expire'],
  'token-minutes': [60, 'minutes that a token lives'],
  requests: [10, 'requests by /proxy and executeRequest of a connection, an hour'],
  reads: [2, 'lists that a product reads of a connection, an hour'],
  workspaces: [20, 'workspaces'],
  'largest-share': [0.3, 'share of the connections in the largest workspace'],
  subscribers: [3, 'subscribers of all events in each workspace'],
  'event-days': [30, 'days that events are kept (LATCHKEY_EVENT_RETENTION)'],
  'job-days': [90, 'days that sync jobs are kept (LATCHKEY_JOB_RETENTION)'],
  concurrency: [100, 'sync jobs at once in a worker (LATCHKEY_SYNC_CONCURRENCY)'],
  utilisation: [0.5, 'share of a core that work may take on average, so that peaks find room'],
  'database-cores': [64, 'cores of the largest database server to be had'],
  'wal-limit': [200, 'megabytes of WAL a second that its disk takes'],
  'database-connections': [500, 'connections that the database server takes well'],
} as const satisfies Record<string, readonly [number, string]>

export type Inputs = Record<keyof typeof INPUTS, number>

export const DEFAULT_INPUTS = Object.fromEntries(
  Object.entries(INPUTS).map(([name, [value]]) => [name, value]),
) as Inputs

/** Connections to PostgreSQL of a process (docs/deploy.md). */
const PROCESS_CONNECTIONS = 16
/** Transactions a second that one workspace's log takes: its events are numbered under the lock of one row. */
const LOG_TRANSACTIONS = 1_000
/** Messages a second that one Redis server takes well. */
const REDIS_MESSAGES = 100_000
/** Messages to Redis of a job and of a renewal: queue, job, and log of the workspace. */
const JOB_MESSAGES = 6
const RENEWAL_MESSAGES = 2

const GB = 1_000_000_000

export interface Capacity {
  /** How often each unit of work happens, a second. */
  rates: Record<UnitName, number>
  gateways: { processes: number; cores: number }
  workers: { processes: number; cores: number; jobsAtOnce: number }
  database: { cores: number; walMegabytes: number; statements: number; gigabytes: Record<string, number> }
  redisMessages: number
  /** Share of what can be had that is used, the highest first. Above one: it does not fit. */
  limits: { name: string; used: number; cure: string }[]
}

/** @param costs of the units of work. A cost of a second is the sum of rate times cost over all units. */
export function capacityFor(inputs: Inputs, { costs, bytes, jobEvents }: UnitCosts): Capacity {
  const { connections, pages, workspaces, subscribers, utilisation } = inputs
  const jobs = connections / (inputs['sync-minutes'] * 60)
  const ownEvents = jobs * jobEvents + (connections * inputs.oauth) / (inputs['token-minutes'] * 60)
  const rates: Capacity['rates'] = {
    job: jobs,
    newPage: jobs * pages * inputs['new-pages'],
    unchangedPage: jobs * pages * (1 - inputs['new-pages']),
    renewal: (connections * inputs.oauth) / (inputs['token-minutes'] * 60),
    request: (connections * inputs.requests) / 3_600,
    read: (connections * inputs.reads) / 3_600 / 50,
    // Those of jobs and renewals are part of their cost.
    event: 0,
    delivery: ownEvents * subscribers,
  }
  const sum = (units: readonly UnitName[], of: keyof Cost) =>
    units.reduce((total, unit) => total + rates[unit] * costs[unit][of], 0)
  const all = Object.keys(rates) as UnitName[]
  const workerCores = sum(['job', 'newPage', 'unchangedPage', 'renewal'], 'appMs') / 1_000 / utilisation
  const gatewayCores = sum(['request', 'read', 'delivery'], 'appMs') / 1_000 / utilisation
  const databaseCores = sum(all, 'databaseMs') / 1_000 / utilisation
  const walMegabytes = sum(all, 'walBytes') / 1e6
  const jobsAtOnce = jobs * ((pages * inputs['page-ms']) / 1_000)
  // A process uses about one core. With two of each, one can end.
  const workers = Math.max(2, Math.ceil(workerCores), Math.ceil(jobsAtOnce / inputs.concurrency))
  const gateways = Math.max(2, Math.ceil(gatewayCores))
  const processes = gateways + workers
  const redisMessages = jobs * JOB_MESSAGES + rates.renewal * RENEWAL_MESSAGES
  const largestLog = ownEvents * inputs['largest-share']
  const limits = [
    {
      name: 'cores of the database',
      used: databaseCores / inputs['database-cores'],
      cure: 'read replicas for records and history; several databases, or distribution by workspace',
    },
    {
      name: 'WAL of the database',
      used: walMegabytes / inputs['wal-limit'],
      cure: 'a faster disk; several databases, or distribution by workspace',
    },
    {
      name: 'connections to the database',
      used: (processes * PROCESS_CONNECTIONS) / inputs['database-connections'],
      cure: 'a pooler in session mode, larger processes',
    },
    {
      name: "the largest workspace's event log",
      used: largestLog / LOG_TRANSACTIONS,
      cure: 'several workspaces for this product',
    },
    { name: 'one Redis server', used: redisMessages / REDIS_MESSAGES, cure: 'a larger server, or none' },
    {
      name: 'subscribers of the largest workspace',
      used: (largestLog * subscribers * costs.delivery.appMs) / 1_000 / utilisation / Math.max(1, gateways),
      cure: 'more gateways',
    },
  ].toSorted((a, b) => b.used - a.used)
  return {
    rates,
    gateways: { processes: gateways, cores: gatewayCores },
    workers: { processes: workers, cores: workerCores, jobsAtOnce },
    database: {
      cores: databaseCores,
      walMegabytes,
      statements: sum(all, 'statements'),
      gigabytes: {
        records: (connections * inputs.records * (bytes.record + inputs['record-bytes'] - 1_024)) / GB,
        events: (ownEvents * 86_400 * inputs['event-days'] * bytes.event) / GB,
        jobs: (jobs * 86_400 * inputs['job-days'] * bytes.job) / GB,
        connections: (connections * bytes.connection + workspaces * 1_000) / GB,
      },
    },
    redisMessages,
    limits,
  }
}

const MEASURED_COSTS = fileURLToPath(new URL('unit-costs.json', import.meta.url))

function readUnitCosts(file: string): UnitCosts {
  return JSON.parse(readFileSync(file, 'utf8')) as UnitCosts
}

function textOf({ rates, gateways, workers, database, redisMessages, limits }: Capacity): string {
  const number = (value: number) =>
    value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(2).replace(/\.0$/, '')
  const total = Object.values(database.gigabytes).reduce((a, b) => a + b, 0)
  const parts = Object.entries(database.gigabytes).map(([name, gigabytes]) => `${name} ${number(gigabytes)}`)
  return [
    `a second    ${number(rates.job)} jobs, ${number(rates.newPage + rates.unchangedPage)} pages, ${number(rates.renewal)} renewals, ${number(rates.request)} requests, ${number(rates.delivery)} deliveries`,
    `gateways    ${gateways.processes} (${number(gateways.cores)} cores)`,
    `workers     ${workers.processes} (${number(workers.cores)} cores, ${number(workers.jobsAtOnce)} jobs at once)`,
    `database    ${number(database.cores)} cores, ${number(database.statements)} statements and ${number(database.walMegabytes)} MB of WAL a second, ${number(total)} GB (${parts.join(', ')})`,
    `Redis       ${number(redisMessages)} messages a second`,
    ...limits.map(({ name, used, cure }, place) => {
      const label = place === 0 ? 'limits      ' : '            '
      return `${label}${name}: ${number(used * 100)} %${used > 0.7 ? ` (${cure})` : ''}`
    }),
  ].join('\n')
}

function help(): string {
  const lines = Object.entries(INPUTS).map(([name, [value, meaning]]) => `  --${name.padEnd(22)} ${meaning} (${value})`)
  return [
    'node scripts/capacity.ts [--costs file] [--json] [inputs]',
    ...lines,
    '  --costs                  file that UNIT_COSTS=file npm run bench -- unit-costs wrote (scripts/unit-costs.json)',
    '  --json                   prints one object',
  ].join('\n')
}

/** @throws an error with what to do for an unknown input, or one that is not a number */
export function readInputs(args: readonly string[]): {
  inputs: Inputs
  costs: string
  json: boolean
  help: boolean
} {
  const options = Object.fromEntries(Object.keys(INPUTS).map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({
    args: [...args],
    options: { ...options, costs: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const inputs = { ...DEFAULT_INPUTS }
  for (const name of Object.keys(INPUTS) as (keyof Inputs)[]) {
    const text = (values as Record<string, unknown>)[name]
    if (text === undefined) continue
    const value = Number(text)
    if (text === '' || !Number.isFinite(value) || value < 0)
      throw new Error(`--${name} must be a number of at least 0.`)
    inputs[name] = value
  }
  for (const name of ['sync-minutes', 'token-minutes', 'utilisation', 'concurrency'] as const) {
    if (inputs[name] === 0) throw new Error(`--${name} must be above 0.`)
  }
  return { inputs, costs: values.costs ?? MEASURED_COSTS, json: values.json === true, help: values.help === true }
}

if (import.meta.main) {
  try {
    const { inputs, costs, json, help: wantsHelp } = readInputs(process.argv.slice(2))
    const show = () => {
      const capacity = capacityFor(inputs, readUnitCosts(costs))
      return json ? JSON.stringify({ inputs, ...capacity }) : textOf(capacity)
    }
    process.stdout.write(`${wantsHelp ? help() : show()}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help()}\n`)
    process.exitCode = 1
  }
}
