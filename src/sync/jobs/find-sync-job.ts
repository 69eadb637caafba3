import { assertSeesConnection, assertWritesConnection, type Caller, notFound } from '../../access/caller.ts'
import type { Database } from '../../db/database.ts'

/** A sync job that the caller may see: one of a connection that he sees. @throws NotFoundError */
export async function findSyncJob(database: Database, caller: Caller, id: string) {
  const job = await database.prisma.syncJob.findUnique({
    where: { id, connection: { deletedAt: null }, workspace: { deletedAt: null } },
    include: { connection: true },
  })
  if (job === null) throw notFound('sync job')
  assertSeesConnection(caller, job.connection, 'sync job')
  return job
}

/** A sync job that the caller may change. @throws NotFoundError, ForbiddenError */
export async function findWritableSyncJob(database: Database, caller: Caller, id: string) {
  const job = await findSyncJob(database, caller, id)
  assertWritesConnection(caller, job.connection, 'sync job')
  return job
}
