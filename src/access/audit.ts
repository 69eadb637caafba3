import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from '../db/database.ts'
import { createRetention, removeInBatches } from '../db/retention.ts'
import { allOf, type Condition, condition, type Row, type SqlRunner, type WriteTx } from '../db/sql.ts'
import { isDatabaseUnavailable } from '../db/unavailable.ts'
import { LatchkeyError } from '../kit/errors.ts'
import { globalIdOf, newId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'
import type { Loop } from '../kit/loop.ts'
import type { Caller } from './caller.ts'

// The audit log: one line for each action that changed something, and for each one that was refused. A line says who did what to
// which object, and holds no values of the input. The line of a change is written in the transaction of the change, so that both
// exist or neither does. Other lines are written when the outcome is known, before the answer is sent.

/** The tables of the objects that an action can concern, by GraphQL type. */
const TABLES = {
  ApiKey: 'api_key',
  AuthProvider: 'auth_provider',
  Collection: 'collection',
  Connection: 'connection',
  ConnectSession: 'connect_session',
  EndUser: 'end_user',
  Integration: 'integration',
  OidcIssuer: 'oidc_issuer',
  SyncJob: 'sync_job',
  ToolSession: 'tool_session',
  WebhookDelivery: 'webhook_delivery',
  WebhookEndpoint: 'webhook_endpoint',
  Workspace: 'workspace',
} as const

/** A session of the console belongs to no workspace by itself, so that it is named only with its workspace. */
type TargetType = keyof typeof TABLES | 'ConsoleSession'

/** An object of the API: its GraphQL type and the id of its row. */
interface ObjectName {
  type: string
  id: string
}

/** The object that an action concerns. */
export interface AuditTarget {
  type: TargetType
  id: string
  /** Null: it belongs to no workspace. */
  workspaceId: string | null
}

/** Who is doing what. */
export interface Act {
  caller: Caller
  /** Name of the mutation, `proxy`, `consoleSignIn` or `consoleSignOut`. */
  action: string
  /** HTTP method of a request that the caller sends to a provider. Default: none. */
  method?: string | undefined
  /** The object that the input names, whether or not it exists. It is logged if the action is refused. */
  named: ObjectName | null
  traceId: string
  /** IP address of the client; null: not known. */
  address: string | null
}

interface Running extends Act {
  /** The object that was found. */
  target: AuditTarget | null
  /** Whether a line is to be written after the action succeeded. */
  later: boolean
  /** Whether the line of a change was committed. */
  recorded: boolean
  /** Whether the action turned out to read only. */
  reads: boolean
}

const running = new AsyncLocalStorage<Running>()

interface AuditDeps {
  database: Pick<Database, 'sql'>
  logger: Logger
}

/**
 * Runs an action whose changes are logged, and writes the line of an action that failed or that called `auditLater`. A line that
 * cannot be written then is reported in the log of the process; the result stays the same.
 */
export async function audited<T>(deps: AuditDeps, act: Act, work: () => Promise<T>): Promise<T> {
  const own: Running = { ...act, target: null, later: false, recorded: false, reads: false }
  let result: T
  try {
    result = await running.run(own, work)
  } catch (error) {
    // While the database is unavailable, nothing can be written, and a change may have been committed with its line.
    if (!own.recorded && !own.reads && !isDatabaseUnavailable(error)) await writeAfter(deps, own, codeOf(error))
    throw error
  }
  if (own.later && !own.recorded) await writeAfter(deps, own, 'OK')
  return result
}

/**
 * Writes the line of a change in the transaction that makes it. Does nothing outside of `audited`: workers and the hosted connect
 * page leave no lines.
 */
export async function recordAudit(tx: WriteTx, target: AuditTarget): Promise<void> {
  const own = running.getStore()
  if (own === undefined) return
  await insertLine(tx, own, target.workspaceId, target, 'OK')
  tx.afterCommit(() => {
    own.recorded = true
  })
}

/**
 * Has the line of the running action written after it has succeeded. For actions without a transaction of their own.
 * @param method of the request to a provider, if it was not known before
 */
export function auditLater(target: AuditTarget, method?: string): void {
  const own = running.getStore()
  if (own === undefined) return
  own.target = target
  own.later = true
  own.method ??= method
}

/** Says that the running action only reads, which is known only now. No line is written for it, also if it fails. */
export function auditNothing(): void {
  const own = running.getStore()
  if (own !== undefined) own.reads = true
}

/** Names the object that the running action concerns, for the line of a failure. For inputs that name it by a secret. */
export function nameAuditTarget(target: AuditTarget): void {
  const own = running.getStore()
  if (own !== undefined) own.target = target
}

async function writeAfter({ database, logger }: AuditDeps, own: Running, outcome: string): Promise<void> {
  const object = own.target ?? own.named
  try {
    // The line of a refused action belongs to the caller, also if the object is in another workspace.
    const workspaceId =
      own.caller.workspaceId ?? (own.target === null ? await workspaceOf(database.sql, object) : own.target.workspaceId)
    await insertLine(database.sql, own, workspaceId, object, outcome)
  } catch (error) {
    const { traceId, action } = own
    logger.error({ traceId, action, outcome, err: error }, 'an audit line could not be written')
  }
}

/** The workspace of an object that an operator names; null when there is no such object, or when it has no workspace. */
async function workspaceOf(sql: SqlRunner, object: ObjectName | null): Promise<string | null> {
  if (object === null || !isTargetType(object.type)) return null
  const column = object.type === 'Workspace' ? 'id' : 'workspace_id'
  const [row] = await sql.query<{ workspaceId: string | null }>(
    `SELECT ${column} AS "workspaceId" FROM ${TABLES[object.type]} WHERE id = $1::uuid`,
    [object.id],
  )
  return row?.workspaceId ?? null
}

function isTargetType(type: string): type is keyof typeof TABLES {
  return Object.hasOwn(TABLES, type)
}

function codeOf(error: unknown): string {
  return error instanceof LatchkeyError ? error.code : 'INTERNAL'
}

async function insertLine(
  sql: SqlRunner,
  { caller, action, method, traceId, address }: Act,
  workspaceId: string | null,
  object: ObjectName | null,
  outcome: string,
): Promise<void> {
  const actor = actorOf(caller, workspaceId)
  // No RETURNING: not every caller may read lines.
  await sql.query(
    `INSERT INTO audit_event (id, workspace_id, occurred_at, actor, actor_kind, actor_type, actor_id, action, method,
       target_type, target_id, outcome, trace_id, address)
     VALUES ($1::uuid, $2::uuid, clock_timestamp(), $3::text, $4::text, $5::text, $6::uuid, $7::text, $8::text,
       $9::text, $10::uuid, $11::text, $12::text, $13::text)`,
    [
      ...[newId(), workspaceId, actor.name, caller.kind, actor.type, actor.id, action, method ?? null],
      ...[object?.type ?? null, object?.id ?? null, outcome, traceId, address],
    ],
  )
}

/**
 * How lines name a caller, for people, and the row of the caller. Workspaces do not learn the names of operators and their keys. The
 * name of an operator who signed in by OIDC is in the lines of no workspace, such as that of the sign-in.
 */
function actorOf(
  { kind, name, apiKeyId, endUserId, connectSessionId, consoleSessionId }: Caller,
  workspaceId: string | null,
) {
  const isPerson = kind === 'OPERATOR' && apiKeyId === null
  const row =
    kind === 'CONNECT_SESSION'
      ? { type: 'ConnectSession', id: connectSessionId }
      : kind === 'FEDERATED_USER'
        ? { type: 'EndUser', id: endUserId }
        : isPerson
          ? { type: 'ConsoleSession', id: consoleSessionId ?? null }
          : { type: 'ApiKey', id: apiKeyId }
  const fallback = row.id === null ? kind : globalIdOf(row.type, row.id)
  const isHidden = kind === 'OPERATOR' && !(isPerson && workspaceId === null)
  const shown = isHidden ? 'operator' : (name ?? fallback)
  return { name: shown, type: row.id === null ? null : row.type, id: row.id }
}

/** Selects lines. All given conditions must match. */
export interface AuditFilter {
  actor?: string | null | undefined
  action?: string | null | undefined
  /** Null: an id that names nothing, so that no line matches. Undefined: lines about any object. */
  target?: ObjectName | null | undefined
  /** True: only refused actions. False: only actions that succeeded. */
  refused?: boolean | null | undefined
  since?: Date | null | undefined
}

/** Conditions on the alias `t` of `audit_event`. */
export function auditConditions({ actor, action, target, refused, since }: AuditFilter): Condition[] {
  const conditions: Condition[] = []
  if (actor != null) conditions.push(condition('t.actor = ?::text', actor))
  if (action != null) conditions.push(condition('t.action = ?::text', action))
  if (target === null) conditions.push(condition('false'))
  else if (target !== undefined) {
    conditions.push(condition('t.target_id = ?::uuid AND t.target_type = ?::text', target.id, target.type))
  }
  if (refused != null) conditions.push(condition(refused ? "t.outcome <> 'OK'" : "t.outcome = 'OK'"))
  if (since != null) conditions.push(condition('t.occurred_at >= ?::timestamptz', since))
  return conditions
}

/** A line as it is exported: the fields of the GraphQL type `AuditEvent`. */
export interface AuditLine {
  id: string
  occurredAt: string
  actor: string
  actorKind: string
  actorId: string | null
  action: string
  method: string | null
  targetType: string | null
  targetId: string | null
  outcome: string
  traceId: string
  address: string | null
}

interface LineRow extends Row, Omit<AuditLine, 'occurredAt'> {
  occurredAt: Date
  actorType: string | null
}

/**
 * Reads lines of a workspace, oldest first.
 * @param after the last id of the batch before; null: from the first line
 * @returns at most `limit` lines, and the id for the next batch
 */
export async function readAuditLines(
  sql: SqlRunner,
  workspaceId: string,
  filter: AuditFilter,
  { after, limit }: { after: string | null; limit: number },
): Promise<{ lines: AuditLine[]; last: string | null }> {
  const values: unknown[] = []
  const conditions = [condition('t.workspace_id = ?::uuid', workspaceId), ...auditConditions(filter)]
  if (after !== null) conditions.push(condition('t.id > ?::uuid', after))
  const rows = await sql.query<LineRow>(
    `SELECT t.id, t.occurred_at AS "occurredAt", t.actor, t.actor_kind AS "actorKind", t.actor_type AS "actorType",
       t.actor_id AS "actorId", t.action, t.method, t.target_type AS "targetType", t.target_id AS "targetId", t.outcome,
       t.trace_id AS "traceId", t.address
     FROM audit_event t WHERE ${allOf(conditions, values)} ORDER BY t.id LIMIT $${values.push(limit)}::int`,
    values,
  )
  const lines = rows.map(({ id, occurredAt, actorType, actorId, targetType, targetId, ...line }) => ({
    id: globalIdOf('AuditEvent', id),
    occurredAt: occurredAt.toISOString(),
    actor: line.actor,
    actorKind: line.actorKind,
    actorId: actorType === null || actorId === null ? null : globalIdOf(actorType, actorId),
    action: line.action,
    method: line.method,
    targetType,
    targetId: targetType === null || targetId === null ? null : globalIdOf(targetType, targetId),
    outcome: line.outcome,
    traceId: line.traceId,
    address: line.address,
  }))
  return { lines, last: rows.at(-1)?.id ?? null }
}

const TRIM_BATCH = 5_000

/**
 * Removes lines older than `before`, oldest first, in batches.
 * @returns how many lines were removed
 */
export async function trimAuditLines(
  database: Pick<Database, 'bulkTransaction'>,
  before: Date,
  { signal, batch = TRIM_BATCH }: { signal?: AbortSignal; batch?: number } = {},
): Promise<number> {
  return removeInBatches(database, { name: 'audit lines', signal }, async (tx) => {
    // Without this setting, a trigger refuses the deletion.
    await tx.query("SELECT set_config('latchkey.audit_retention', 'on', true)")
    const gone = await tx.query(
      `DELETE FROM audit_event WHERE id = ANY (ARRAY (
         SELECT id FROM audit_event WHERE occurred_at < $1::timestamptz ORDER BY occurred_at LIMIT $2::int
       )) RETURNING id`,
      [before, batch],
    )
    return { removed: gone.length, more: gone.length === batch }
  })
}

/** Removes lines older than `keep`, an ISO 8601 duration, once an hour. */
export function createAuditRetention(
  database: Database,
  keep: string,
  onError: (error: unknown) => void,
  everyMs?: number,
): Loop {
  return createRetention({
    database,
    keep,
    onError,
    everyMs,
    remove: (before, signal) => trimAuditLines(database, before, { signal }),
  })
}
