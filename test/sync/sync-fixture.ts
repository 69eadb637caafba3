import { randomBytes } from 'node:crypto'
import { vi } from 'vitest'
import { type DefinitionInput, parseDefinition } from '../../src/catalog/definition/definition.ts'
import type { Broker } from '../../src/credentials/broker.ts'
import type { Database } from '../../src/db/database.ts'
import { createQueue, type Queue } from '../../src/db/queue.ts'
import { createLocalWakeBus, type WakeBus } from '../../src/db/wake-bus.ts'
import { createEgress, type Egress } from '../../src/egress/egress.ts'
import { readEvents } from '../../src/events/event-log.ts'
import type { StoredEvent } from '../../src/events/event-types.ts'
import { NotFoundError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger, type Logger } from '../../src/kit/log.ts'
import type { JobWait } from '../../src/sync/jobs/job-wait.ts'
import { type CreateSyncJob, createSyncJob, type SyncJobStatus } from '../../src/sync/jobs/sync-jobs.ts'
import type { SyncWarning } from '../../src/sync/jobs/sync-warning.ts'
import type { RecordIds } from '../../src/sync/records/record-ids.ts'
import { createSyncWorker, type SyncWorker, type SyncWorkerDeps } from '../../src/sync/run/sync-worker.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'
import { createVault } from '../../src/vault/vault.ts'
import { brokerOf, openedConnection } from '../support/opened-connection.ts'
import { testSender } from '../support/test-sender.ts'

/** Everything that sync jobs need, in one database. */
export interface SyncFixture {
  database: Database
  queue: Queue
  bus: WakeBus
  egress: Egress
  logger: Logger
  /** Lines of the log. */
  log: string[]
  broker: Broker
  /** Creates a connection in a workspace of its own. */
  connect(definition: DefinitionInput, options?: ConnectOptions): Promise<TestConnection>
  worker(options?: Partial<SyncWorkerDeps>): SyncWorker
  job(id: string): Promise<JobRow>
  /** Ends the wait of a job that was put back into the queue. */
  endWait(id: string): Promise<void>
  /** Waits until the job has one of the statuses. */
  until(id: string, ...statuses: SyncJobStatus[]): Promise<JobRow>
  close(): Promise<void>
}

export interface ConnectOptions {
  workspaceId?: string
  /** Default: a new integration. */
  integrationId?: string
  collectionId?: string
  /** Read each time the connection is opened, like `version`. */
  token?: string
  version?: number
  /** Default: as of a new connection. */
  recordIds?: RecordIds
}

export interface TestConnection {
  connectionId: string
  workspaceId: string
  sync(options?: Partial<CreateSyncJob>): Promise<string>
  events(): Promise<StoredEvent[]>
  records(): Promise<{ stream: string; data: string; deleted: boolean; position: bigint }[]>
  state(stream: string): Promise<StreamStateRow | undefined>
}

interface StreamStateRow {
  [column: string]: unknown
  cursor: string | null
  record_count: number
  last_synced_at: Date | null
  known_pages_valid: boolean
}

export interface JobRow {
  [column: string]: unknown
  status: SyncJobStatus
  attempt: number
  records_read: number
  records_written: number
  records_deleted: number
  pages_read: number
  bytes_read: bigint
  error: {
    code: string
    message: string
    status: number
    providerStatus?: number
    providerMessage?: string
    stream?: string
    traceId?: string
  } | null
  warnings: SyncWarning[]
  change_floor: bigint
  not_before: Date | null
  wait: JobWait | null
}

export async function createSyncFixture(database: Database): Promise<SyncFixture> {
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) } })
  const queue = createQueue(database, (error) => logger.error({ err: error }))
  await queue.start()
  const bus = createLocalWakeBus()
  const egress = createEgress({ allow: ['127.0.0.1', 'localhost'] })
  const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
  const known = new Map<string, () => ReturnType<typeof openedConnection>>()
  const broker = brokerOf((connectionId) => {
    const open = known.get(connectionId)
    if (open === undefined) throw new NotFoundError('There is no such connection.')
    return open()
  })
  const started: SyncWorker[] = []
  /** A worker has a clock of its own, whose waits end at once. */
  let hurried = false

  async function job(id: string): Promise<JobRow> {
    const [row] = await database.sql.query<JobRow>('SELECT * FROM sync_job WHERE id = $1::uuid', [id])
    if (row === undefined) throw new Error('There is no such job.')
    return row
  }

  async function endWait(id: string): Promise<void> {
    const rows = await database.sql.query(
      `UPDATE sync_job SET not_before = NULL WHERE id = $1::uuid AND status = 'QUEUED' AND not_before IS NOT NULL RETURNING id`,
      [id],
    )
    if (rows.length > 0) bus.publish('queue', 'sync')
  }

  return {
    database,
    queue,
    bus,
    egress,
    logger,
    log,
    broker,
    async connect(definition, options = {}) {
      const workspaceId = options.workspaceId ?? newId()
      const integrationId = options.integrationId ?? newId()
      const connectionId = newId()
      const { sql } = database
      await sql.query(`INSERT INTO workspace (id, name, slug) VALUES ($1::uuid, 'w', $2) ON CONFLICT DO NOTHING`, [
        workspaceId,
        workspaceId,
      ])
      await sql.query(
        `INSERT INTO integration (id, workspace_id, slug, display_name, definition) VALUES ($1::uuid, $2::uuid, $3, 'i', '{}')
         ON CONFLICT DO NOTHING`,
        [integrationId, workspaceId, integrationId],
      )
      if (options.collectionId !== undefined) {
        await sql.query(
          `INSERT INTO collection (id, workspace_id, name) VALUES ($1::uuid, $2::uuid, $3) ON CONFLICT DO NOTHING`,
          [options.collectionId, workspaceId, options.collectionId],
        )
      }
      await sql.query(
        `INSERT INTO connection (id, workspace_id, integration_id, collection_id, display_name, status, method, record_ids)
         VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, 'c', 'ACTIVE', 'SECRET', $5::smallint)`,
        [connectionId, workspaceId, integrationId, options.collectionId ?? null, options.recordIds ?? 2],
      )
      known.set(connectionId, () =>
        openedConnection(definition, {
          connectionId,
          workspaceId,
          integrationId,
          token: options.token,
          version: options.version,
        }),
      )
      const parsed = parseDefinition(definition)
      return {
        connectionId,
        workspaceId,
        async sync(given = {}) {
          const wanted = { workspaceId, connectionId, definition: parsed, trigger: 'MANUAL' as const, ...given }
          return (await database.transaction((tx) => createSyncJob(tx, { queue, bus }, wanted))).syncJobId
        },
        events: () => readEvents(sql, workspaceId, 0n, { connectionId }, 10_000),
        records: () =>
          sql.query(
            `SELECT stream, data::text AS data, deleted, position FROM record WHERE connection_id = $1::uuid ORDER BY position`,
            [connectionId],
          ),
        async state(stream) {
          const [row] = await sql.query<StreamStateRow>(
            `SELECT cursor::text AS cursor, record_count, last_synced_at, known_pages_valid FROM stream_state WHERE connection_id = $1::uuid AND name = $2`,
            [connectionId, stream],
          )
          return row
        },
      }
    },
    worker(options = {}) {
      hurried ||= options.clock !== undefined
      const worker = createSyncWorker({
        database,
        queue,
        bus,
        sender: testSender(egress, options.clock),
        broker,
        vault,
        logger,
        ...options,
      })
      started.push(worker)
      return worker
    },
    job,
    endWait,
    until: (id, ...statuses) =>
      vi.waitFor(
        async () => {
          if (hurried) await endWait(id)
          const row = await job(id)
          if (!statuses.includes(row.status)) throw new Error(`The job is ${row.status}: ${JSON.stringify(row.error)}`)
          return row
        },
        { timeout: 20_000, interval: 15 },
      ),
    async close() {
      for (const worker of started) await worker.stop()
      await queue.stop()
      await egress.close()
    },
  }
}
