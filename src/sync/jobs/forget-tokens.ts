import type { Database } from '../../db/database.ts'
import type { WriteTx } from '../../db/sql.ts'

/** Removes the tokens that were given for these jobs, in the transaction that ends the jobs. */
export async function forgetJobTokens(tx: WriteTx, syncJobIds: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM sync_job_token WHERE sync_job_id = ANY($1::uuid[])', [[...syncJobIds]])
}

/**
 * Removes tokens of jobs that are over. There should be none: every end of a job takes its token along. It is what a
 * restored backup, or a job that was ended by hand, leaves.
 */
export async function sweepJobTokens(database: Database): Promise<void> {
  await database.sql.query(
    `DELETE FROM sync_job_token t USING sync_job j
     WHERE j.id = t.sync_job_id AND j.status NOT IN ('QUEUED', 'RUNNING', 'CANCELLING')`,
  )
}
