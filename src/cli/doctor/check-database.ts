import type { Database } from '../../db/database.ts'
import { readMigrations } from '../../db/migrate.ts'
import { type Finding, note, ok, problem } from './finding.ts'

const LEAST_VERSION = 14
const MOST_SKEW_MS = 2_000
/** Workers give a sign of life every 2 s; others take a job over after 10 s. */
const SILENT_AFTER_SECONDS = 60

/** @throws what the driver throws when the database does not answer */
export async function checkServer(database: Database): Promise<Finding[]> {
  const beforeMs = Date.now()
  const [row] = await database.sql.query<{ version: number; now_ms: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS version,
            (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`,
  )
  const afterMs = Date.now()
  if (row === undefined) throw new Error('The database answered nothing.')
  const version =
    row.version < LEAST_VERSION
      ? problem('database', `It is PostgreSQL ${row.version}.`, `Use PostgreSQL ${LEAST_VERSION} or newer.`)
      : ok('database', `PostgreSQL ${row.version} answers${database.kind === 'embedded' ? ' (embedded)' : ''}.`)
  // What the round trip took says nothing of either clock.
  const skewMs = Math.max(0, beforeMs - row.now_ms, row.now_ms - afterMs)
  const seconds = (skewMs / 1_000).toFixed(1)
  const clocks =
    skewMs > MOST_SKEW_MS
      ? problem(
          'clocks',
          `This machine and the database differ by ${seconds} s.`,
          'Run a time service such as chrony on both.',
        )
      : ok('clocks', 'This machine and the database agree.')
  return [version, clocks]
}

/** @returns what was found, and whether the tables can be asked */
export async function checkMigrations(database: Database): Promise<{ finding: Finding; ready: boolean }> {
  const subject = 'migrations'
  const [there] = await database.sql.query<{ there: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`,
  )
  if (there?.there !== true) {
    return { finding: ok(subject, 'The database is new: the first start sets it up.'), ready: false }
  }
  const rows = await database.sql.query<{ name: string; applied: boolean }>(
    `SELECT migration_name AS name, bool_or(finished_at IS NOT NULL) AS applied FROM _prisma_migrations
     WHERE rolled_back_at IS NULL GROUP BY migration_name`,
  )
  const own = (await readMigrations()).migrationDirectories.map(({ path }) => path)
  const applied = new Set(rows.flatMap(({ name, applied: done }) => (done ? [name] : [])))
  const failed = rows.flatMap(({ name, applied: done }) => (done ? [] : [name]))
  const pending = own.filter((name) => !applied.has(name) && !failed.includes(name))
  const strange = [...applied].filter((name) => !own.includes(name))
  const finding =
    failed.length > 0
      ? problem(
          subject,
          `Failed: ${failed.join(', ')}.`,
          'Start Latchkey: it tries again, and tells the database’s words.',
        )
      : strange.length > 0
        ? problem(
            subject,
            `Of a newer Latchkey: ${strange.join(', ')}.`,
            'Run the version that made them, or a newer one.',
          )
        : pending.length > 0
          ? problem(subject, `Not applied yet: ${pending.join(', ')}.`, 'Start Latchkey: it applies them.')
          : ok(subject, `All ${own.length} are applied.`)
  return { finding, ready: finding.result === 'ok' }
}

/** Jobs that say they run, and whose worker has been silent for long: no worker is there to take them over. */
export async function checkJobs(database: Database): Promise<Finding> {
  const subject = 'sync jobs'
  const [row] = await database.sql.query<{ running: number; silent: number; waiting: number }>(
    `SELECT count(*) FILTER (WHERE status <> 'QUEUED')::int AS running,
            count(*) FILTER (WHERE status <> 'QUEUED' AND heartbeat_at < clock_timestamp() - make_interval(secs => $1::float8))::int AS silent,
            count(*) FILTER (WHERE status = 'QUEUED' AND queued_at < clock_timestamp() - make_interval(secs => $1::float8))::int AS waiting
     FROM sync_job WHERE status IN ('QUEUED', 'RUNNING', 'CANCELLING')`,
    [SILENT_AFTER_SECONDS],
  )
  const { running = 0, silent = 0, waiting = 0 } = row ?? {}
  if (silent > 0) {
    return problem(
      subject,
      `${silent} of ${running} that run have given no sign of life for more than ${SILENT_AFTER_SECONDS} s.`,
      'Start a process with LATCHKEY_ROLE worker or all: it takes them over from where they stopped.',
    )
  }
  if (waiting > 0) {
    return note(
      subject,
      `${waiting} have waited for more than ${SILENT_AFTER_SECONDS} s.`,
      'Start more workers if this goes on.',
    )
  }
  return ok(subject, `${running} run, and all give signs of life.`)
}
