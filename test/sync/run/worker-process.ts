/** A process that runs sync jobs of a database until given jobs have ended, and reports how. */
import { randomBytes } from 'node:crypto'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createQueue } from '../../../src/db/queue.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { createSyncWorker } from '../../../src/sync/run/sync-worker.ts'
import { EncryptionKey, Keyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { brokerOf, openedConnection } from '../../support/opened-connection.ts'
import { testSender } from '../../support/test-sender.ts'

export interface WorkerOrder {
  databaseUrl: string
  /** The jobs that are waited for. */
  syncJobIds: string[]
  /** Jobs at once. */
  concurrency?: number
  definition: DefinitionInput
  connectionId: string
  workspaceId: string
}

export interface WorkerReport {
  /** One of each status that the jobs ended with. */
  statuses: string[]
}

const order: WorkerOrder = JSON.parse(process.argv[2] ?? '')
const { connectionId, workspaceId } = order
const database = await openDatabase({ url: order.databaseUrl }, { onError: () => undefined })
const queue = createQueue(database, () => undefined)
await queue.start()
const egress = createEgress({ allow: ['127.0.0.1'] })
const bus = createLocalWakeBus()
const opened = openedConnection(order.definition, { connectionId, workspaceId })
const logger = createLogger({ level: 'warn' })
const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
const worker = createSyncWorker({
  database,
  queue,
  bus,
  sender: testSender(egress),
  broker: brokerOf(opened),
  vault,
  logger,
  ...(order.concurrency === undefined ? {} : { concurrency: order.concurrency }),
})
await worker.start()
const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED']
const report: WorkerReport = { statuses: ['QUEUED'] }
while (!report.statuses.every((status) => ENDED.includes(status))) {
  await new Promise((resolve) => setTimeout(resolve, 100))
  const rows = await database.sql.query<{ status: string }>(
    'SELECT DISTINCT status::text AS status FROM sync_job WHERE id = ANY ($1::uuid[])',
    [order.syncJobIds],
  )
  report.statuses = rows.map(({ status }) => status)
}
process.send?.(report)
await worker.stop()
await queue.stop()
await egress.close()
await database.close()
process.disconnect()
