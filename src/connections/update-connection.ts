import { auditLater, recordAudit } from '../access/audit.ts'
import { assertScope, type Caller, notFound } from '../access/caller.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Broker } from '../credentials/broker.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Connection, Prisma } from '../db/generated/client.ts'
import { databaseNow } from '../db/sql.ts'
import { columnsOf } from '../db/tables.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { ConflictError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { changeSchedule, nextRunAt, type Schedule, type ScheduleChange, scheduleOf } from '../sync/jobs/schedule.ts'
import { cancelOpenJobs } from '../sync/jobs/sync-jobs.ts'
import type { ConnectionDeps } from './connection-deps.ts'
import { checkConnectionFields, ensureCollection } from './connections.ts'
import { assertAssignsCollections, findWritableConnection } from './lookups.ts'

/** Undefined keeps the stored value. */
interface ConnectionChange {
  displayName?: string | null | undefined
  /** Replaces the stored metadata as a whole; null removes it. */
  metadata?: unknown
  /** Null removes the connection from its collection. */
  collection?: string | null | undefined
  /** Null removes the schedule. */
  schedule?: ScheduleChange | null | undefined
  disabled?: boolean | null | undefined
}

/**
 * Changes the given fields of a connection. A disabled connection sends no requests and runs no sync jobs; unfinished jobs
 * are cancelled. When it is enabled again it has the status that it had before.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; ConflictError when a PENDING connection is to be disabled
 */
export async function updateConnection(
  deps: Pick<ConnectionDeps, 'database' | 'bus'>,
  caller: Caller,
  connectionId: string,
  change: ConnectionChange,
): Promise<Connection> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  if (change.schedule !== undefined) assertScope(caller, 'SYNC')
  if (change.collection !== undefined) assertAssignsCollections(caller)
  return deps.database.transaction(async (tx) => {
    const stored = await lockConnection(tx, connectionId)
    const check = checkInput()
    checkConnectionChange(check, change)
    const schedule = scheduleAfter(check, stored, change)
    if (change.schedule != null && schedule?.paused === false && !(await hasStreams(tx, stored))) {
      check.wrong(['input', 'schedule'], 'This integration has no streams, so there is nothing to sync.')
    }
    check.done()
    const status = statusAfter(stored, change.disabled)
    const connection = await tx.prisma.connection.update({
      where: { id: connectionId },
      data: {
        displayName: change.displayName ?? undefined,
        metadata: change.metadata === undefined ? undefined : ((change.metadata ?? {}) as Prisma.InputJsonObject),
        collectionId:
          change.collection == null ? change.collection : await ensureCollection(tx, workspaceId, change.collection),
        ...scheduleColumns(stored, schedule, status.status === 'DISABLED', await databaseNow(tx)),
        ...status,
      },
    })
    await recordAudit(tx, { type: 'Connection', id: connectionId, workspaceId })
    const events: NewEvent[] = []
    if (connection.status !== stored.status) {
      if (connection.status === 'DISABLED') {
        events.push(...(await cancelOpenJobs(tx, deps.bus, { connectionIds: [connectionId] })))
      }
      events.push({ type: eventOf(connection.status), connectionId })
    }
    await appendEvents(tx, deps.bus, workspaceId, events)
    return connection
  })
}

async function lockConnection(tx: Tx, connectionId: string): Promise<Connection> {
  const [row] = await tx.query<Connection>(
    `SELECT ${columnsOf('connection', 't')} FROM connection t
     WHERE t.id = $1::uuid AND t.deleted_at IS NULL FOR NO KEY UPDATE`,
    [connectionId],
  )
  if (row === undefined) throw notFound('connection')
  return row
}

function checkConnectionChange(
  check: InputCheck,
  { displayName, metadata, collection, disabled }: ConnectionChange,
): void {
  for (const [field, value] of Object.entries({ displayName, disabled })) {
    if (value === null) check.wrong(['input', field], 'Must not be null. Leave it out to keep it.')
  }
  checkConnectionFields(check, { displayName, collection, metadata })
}

/** The schedule of the connection after the change; null when it has none. */
function scheduleAfter(check: InputCheck, stored: Connection, { schedule }: ConnectionChange): Schedule | null {
  if (schedule === null) return null
  const before = scheduleOf(stored)
  return schedule === undefined ? before : changeSchedule(check, ['input', 'schedule'], before, schedule)
}

async function hasStreams(tx: Tx, { integrationId }: Connection): Promise<boolean> {
  const integration = await tx.prisma.integration.findUniqueOrThrow({ where: { id: integrationId } })
  return (definitionOf(integration).streams ?? []).length > 0
}

function statusAfter(stored: Connection, disabled: boolean | null | undefined) {
  if (disabled == null || disabled === (stored.status === 'DISABLED')) return { status: stored.status }
  if (!disabled) return { status: stored.resumeStatus ?? 'ACTIVE', resumeStatus: null }
  if (stored.status === 'PENDING') {
    throw new ConflictError('This connection is not connected yet and cannot be disabled. Delete it instead.')
  }
  return { status: 'DISABLED' as const, resumeStatus: stored.status }
}

function eventOf(status: Connection['status']): NewEvent['type'] {
  if (status === 'DISABLED') return 'CONNECTION_DISABLED'
  return status === 'NEEDS_REAUTH' ? 'CONNECTION_NEEDS_REAUTH' : 'CONNECTION_ACTIVATED'
}

/** Columns to write, `nextRunAt` among them. Empty when neither the schedule nor `disabled` changes, so that a due run stays due. */
function scheduleColumns(stored: Connection, schedule: Schedule | null, disabled: boolean, now: Date) {
  const before = scheduleOf(stored)
  const same =
    before?.cron === schedule?.cron &&
    before?.intervalSeconds === schedule?.intervalSeconds &&
    before?.timezone === schedule?.timezone &&
    before?.paused === schedule?.paused
  if (same && disabled === (stored.status === 'DISABLED')) return {}
  return {
    scheduleCron: schedule?.cron ?? null,
    scheduleIntervalSeconds: schedule?.intervalSeconds ?? null,
    scheduleTimezone: schedule?.timezone ?? null,
    schedulePaused: schedule?.paused ?? false,
    nextRunAt: schedule === null || disabled ? null : nextRunAt(schedule, now),
  }
}

interface RefreshDeps {
  database: Database
  broker: Broker
}

/**
 * Refreshes the credential of a connection if it is due, or in any case with `force`. Concurrent calls share one refresh.
 *
 * @returns whether the credential has changed
 * @throws NotFoundError; ForbiddenError; ConflictError when the connection is disabled; UnsupportedError when the credential
 * cannot be refreshed; ReconnectRequiredError; CredentialRefreshError
 */
export async function refreshConnection(
  { database, broker }: RefreshDeps,
  caller: Caller,
  connectionId: string,
  force: boolean,
): Promise<boolean> {
  const { workspaceId } = await findWritableConnection(database, caller, connectionId)
  const refreshed = await broker.refresh(connectionId, force)
  if (refreshed) auditLater({ type: 'Connection', id: connectionId, workspaceId })
  return refreshed
}
