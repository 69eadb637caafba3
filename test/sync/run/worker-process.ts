/** A process that runs sync jobs of a database until a given job has ended, and reports the job's status. */
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
  syncJobId: string
  definition: DefinitionInput
  connectionId: string
  workspaceId: string
}

export interface WorkerReport {
  status: string
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
})
await worker.start()
const report: WorkerReport = { status: 'QUEUED' }
while (!['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(report.status)) {
  await new Promise((resolve) => setTimeout(resolve, 100))
  const rows = await database.sql.query<{ status: string }>(
    'SELECT status::text AS status FROM sync_job WHERE id = $1::uuid',
    [order.syncJobId],
  )
  report.status = rows[0]?.status ?? 'CANCELLED'
}
process.send?.(report)
await worker.stop()
await queue.stop()
await egress.close()
await database.close()
process.disconnect()
