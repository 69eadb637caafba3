import type { Caller } from '../../access/caller.ts'
import type { Database } from '../../db/database.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import { findWritableSyncJob } from './find-sync-job.ts'
import { requestCancel } from './sync-jobs.ts'

/**
 * Asks a sync job to stop. One that waits is cancelled at once; one that runs is CANCELLING until its worker has let go.
 * @throws NotFoundError; ForbiddenError; ConflictError when it is over
 */
export async function cancelSync(
  deps: { database: Database; bus: WakeBus },
  caller: Caller,
  syncJobId: string,
): Promise<void> {
  await findWritableSyncJob(deps.database, caller, syncJobId)
  await requestCancel(deps, syncJobId)
}
