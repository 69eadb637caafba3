import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createApiKey } from '../access/api-keys.ts'
import { audited } from '../access/audit.ts'
import { type ApiKeyScope, type Caller, type CallerRole, SCOPES_OF_ROLE } from '../access/caller.ts'
import type { Config } from '../config.ts'
import { checkSessions } from '../db/check-sessions.ts'
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open-database.ts'
import { createLocalWakeBus } from '../db/wake-bus.ts'
import { globalIdOf } from '../kit/ids.ts'
import { createLogger } from '../kit/log.ts'
import { checkMigrations } from './doctor/check-database.ts'
import { failureText, jsonLine, reportFailure } from './output.ts'

/** The options of `keys create`, as they are written. */
interface KeyOptions {
  role: string
  workspace?: string
  name: string
  expiresAt?: string
  scopes?: string[]
  integrations?: string[]
}

interface WantedKey {
  role: CallerRole
  /** Slug. Null: an operator key. */
  workspace: string | null
  name: string
  expiresAt: Date | null
  scopes: ApiKeyScope[] | null
  integrations: string[] | null
}

/** @returns a sentence that says what is wrong with the options */
export function newKeyOf({
  workspace,
  name,
  expiresAt,
  scopes,
  integrations,
  ...options
}: KeyOptions): WantedKey | string {
  const role = options.role.toUpperCase() as CallerRole
  if (role === 'OPERATOR' && workspace !== undefined) return 'An operator key has no workspace. Leave --workspace out.'
  if (role !== 'OPERATOR' && workspace === undefined) return 'Name the workspace of the key: --workspace <slug>.'
  const expires = expiresAt === undefined ? null : new Date(expiresAt)
  if (expires !== null && !/^\d{4}-\d\d-\d\dT.+(?:Z|[+-]\d\d:\d\d)$/.test(expiresAt ?? '')) {
    return '--expires-at must be a time with its offset, such as 2030-01-31T00:00:00Z.'
  }
  if (expires !== null && Number.isNaN(expires.getTime())) return '--expires-at is not a time that exists.'
  const wanted = scopes?.map((scope) => scope.toUpperCase()) as ApiKeyScope[] | undefined
  const unknown = (wanted ?? []).filter((scope) => !SCOPES_OF_ROLE.OPERATOR.includes(scope))
  if (unknown.length > 0) return `--scopes must be among ${SCOPES_OF_ROLE.OPERATOR.join(', ')}.`
  return {
    role,
    workspace: workspace ?? null,
    name,
    expiresAt: expires,
    scopes: wanted ?? null,
    integrations: integrations ?? null,
  }
}

/** Whoever can use the database and its configuration may do everything. */
const COMMAND_LINE: Caller = {
  kind: 'OPERATOR',
  name: 'command line',
  role: 'OPERATOR',
  workspaceId: null,
  endUserId: null,
  apiKeyId: null,
  connectSessionId: null,
  expiresAt: null,
}

/**
 * `latchkey keys create`: creates an API key and prints it. With a database server, other processes may run. The audit log shows it as
 * created by an operator.
 * @returns the exit code
 */
export async function runCreateKey(config: Config, wanted: WantedKey, { json }: { json: boolean }): Promise<number> {
  try {
    const { id, key } = await withDatabase(config, (database) => createKey(database, wanted))
    const { role, workspace, name, expiresAt } = wanted
    const shown = jsonLine({ ok: true, id, key, name, role, workspace, expiresAt: expiresAt?.toISOString() ?? null })
    process.stdout.write(json ? shown : `The new key, shown this once:\n  ${key}\n`)
    return 0
  } catch (error) {
    return reportFailure(`The key cannot be created: ${failureText(error)}`, { json })
  }
}

async function withDatabase<T>(
  { databaseUrl: url, dataDir }: Config,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (url !== undefined) await checkSessions(url)
  else if ((await stat(join(dataDir, 'database')).catch(() => null)) === null) {
    throw new Error(`There is no database in ${dataDir} yet. Start Latchkey first.`)
  }
  const database = await openDatabase(url === undefined ? { dataDir } : { url }, { onError: () => undefined })
  try {
    const { finding, ready } = await checkMigrations(database)
    if (!ready || finding.result === 'problem') throw new Error(`${finding.message} ${finding.remedy ?? ''}`.trim())
    return await work(database)
  } finally {
    await database.close()
  }
}

async function createKey(database: Database, wanted: WantedKey): Promise<{ id: string; key: string }> {
  const { workspace: slug, ...input } = wanted
  const where = { slug: slug ?? '', deletedAt: null }
  const workspace = slug === null ? null : await database.prisma.workspace.findUnique({ where })
  if (slug !== null && workspace === null) throw new Error(`There is no workspace ${slug}.`)
  const bus = createLocalWakeBus()
  const logger = createLogger({ level: 'silent' })
  const traceId = randomBytes(16).toString('hex')
  const act = { caller: COMMAND_LINE, action: 'createApiKey', named: null, traceId, address: null }
  const { apiKey, key } = await audited({ database, logger }, act, () =>
    createApiKey(database, bus, COMMAND_LINE, { ...input, workspaceId: workspace?.id ?? null, replaces: null }),
  )
  return { id: globalIdOf('ApiKey', apiKey.id), key }
}
