import { type Caller, notFound } from '../access/caller.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Broker } from '../credentials/broker.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Connection, Prisma } from '../db/generated/client.ts'
import { columnsOf } from '../db/tables.ts'
import { appendEvents } from '../events/event-log.ts'
import type { NewEvent } from '../events/event-types.ts'
import { ConflictError, ForbiddenError } from '../kit/errors.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { changeSchedule, nextRunAt, type Schedule, type ScheduleChange, scheduleOf } from '../sync/jobs/schedule.ts'
import { cancelOpenJobs } from '../sync/jobs/sync-jobs.ts'
import { ensureCollection, MAX_COLLECTION_NAME } from './connections.ts'
import type { ConnectDeps } from './deps.ts'
import { findWritableConnection } from './lookups.ts'
import { assertGroups } from './own-end-user.ts'

/** What is to be another; undefined stays as it is. */
interface ConnectionChange {
  displayName?: string | null | undefined
  /** Replaces what is stored; null: none. */
  metadata?: unknown
  /** Null takes the connection out of its collection. */
  collection?: string | null | undefined
  /** Null removes it. */
  schedule?: ScheduleChange | null | undefined
  disabled?: boolean | null | undefined
}

/**
 * Changes what is given of a connection. One that is disabled makes no requests and runs no sync job: an unfinished one
 * is cancelled. When it is enabled again it is what it was before.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; ConflictError when what is not connected yet is disabled
 */
export async function updateConnection(
  deps: ConnectDeps,
  caller: Caller,
  connectionId: string,
  change: ConnectionChange,
): Promise<Connection> {
  const { workspaceId } = await findWritableConnection(deps.database, caller, connectionId)
  assertGroups(caller, change.collection)
  if (caller.endUserId !== null && change.collection !== undefined) {
    throw new ForbiddenError(
      'Only an API key of the workspace puts connections into collections. Leave collection out.',
    )
  }
  return deps.database.transaction(async (tx) => {
    const stored = await lockConnection(tx, connectionId)
    const check = checkInput()
    checkPlain(check, change)
    const schedule = scheduleAfter(check, stored, change)
    if (change.schedule != null && schedule?.paused === false && !(await hasStreams(tx, stored))) {
      check.wrong(['input', 'schedule'], 'This integration has no streams: there is nothing to sync.')
    }
    check.done()
    const status = statusAfter(stored, change.disabled)
    const connection = await tx.prisma.connection.update({
      where: { id: connectionId },
      data: {
        ...(change.displayName == null ? {} : { displayName: change.displayName }),
        ...(change.metadata === undefined ? {} : { metadata: (change.metadata ?? {}) as Prisma.InputJsonObject }),
        ...(await collectionColumn(tx, workspaceId, change.collection)),
        ...scheduleColumns(stored, schedule, status.status === 'DISABLED'),
        ...status,
      },
    })
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

function checkPlain(check: InputCheck, { displayName, metadata, collection, disabled }: ConnectionChange): void {
  for (const [field, value] of Object.entries({ displayName, disabled })) {
    if (value === null) check.wrong(['input', field], 'Must not be null. Leave it out to keep it.')
  }
  check.text(['input', 'displayName'], displayName, 200)
  check.text(['input', 'collection'], collection, MAX_COLLECTION_NAME)
  check.object(['input', 'metadata'], metadata)
}

/** The schedule that the connection has after the change; null: none. */
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
    throw new ConflictError('This connection is not connected yet, so there is nothing to disable. Delete it instead.')
  }
  return { status: 'DISABLED' as const, resumeStatus: stored.status }
}

function eventOf(status: Connection['status']): NewEvent['type'] {
  if (status === 'DISABLED') return 'CONNECTION_DISABLED'
  return status === 'NEEDS_REAUTH' ? 'CONNECTION_NEEDS_REAUTH' : 'CONNECTION_ACTIVATED'
}

async function collectionColumn(tx: Tx, workspaceId: string, name: string | null | undefined) {
  if (name === undefined) return {}
  return { collectionId: name === null ? null : await ensureCollection(tx, workspaceId, name) }
}

/** What is due stays due while neither the schedule nor whether it counts has changed. */
function scheduleColumns(stored: Connection, schedule: Schedule | null, disabled: boolean) {
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
    nextRunAt: schedule === null || disabled ? null : nextRunAt(schedule, new Date()),
  }
}

interface RefreshDeps {
  database: Database
  broker: Broker
}

/**
 * Renews a connection's credential where that is needed; in any case with `force`. Callers at the same time share one
 * renewal.
 *
 * @returns whether the credential is another one now
 * @throws NotFoundError, ForbiddenError; ConflictError when it is disabled; UnsupportedError when it has nothing to be
 * renewed by; ReconnectRequiredError, CredentialRefreshError
 */
export async function refreshConnection(
  { database, broker }: RefreshDeps,
  caller: Caller,
  connectionId: string,
  force: boolean,
): Promise<boolean> {
  await findWritableConnection(database, caller, connectionId)
  return broker.refresh(connectionId, force)
}
