import type { WriteTx } from '../../db/sql.ts'

export type SyncWarningCode =
  | 'RECORDS_QUARANTINED'
  | 'DELETIONS_HELD_BACK'
  | 'CURSOR_IN_FUTURE'
  | 'CURSOR_MISSING'
  | 'PARENTS_SKIPPED'
  | 'TOTAL_DIFFERS'
  | 'DEFINITION_CHANGED'

/**
 * What a person should know about a job although the job went on, as stored in its row and its events. Plain JSON
 * without secrets and without content of records.
 */
export interface SyncWarning {
  /** Null: the warning concerns no single stream. */
  stream: string | null
  code: SyncWarningCode
  /** What was found, where, and what to do. Contains no number that would have to grow with `count`. */
  message: string
  /** How many records, parents or other things the warning is about. */
  count: number
}

/** Longest stored message in characters. */
const MAX_MESSAGE = 1_000

/**
 * Adds warnings to a job. Warnings with the same stream and code are one, whose count grows and which keeps its first
 * message. Call it in the transaction that writes what the warnings are about, so that a crash neither loses nor repeats
 * one.
 * @param tx a fenced transaction: it has locked the row of the job
 * @returns all warnings of the job
 */
export async function addWarnings(
  tx: WriteTx,
  syncJobId: string,
  added: readonly SyncWarning[],
): Promise<SyncWarning[]> {
  const [row] = await tx.query<{ warnings: SyncWarning[] }>('SELECT warnings FROM sync_job WHERE id = $1::uuid', [
    syncJobId,
  ])
  const stored = row?.warnings ?? []
  if (added.length === 0) return stored
  const merged = mergeWarnings(stored, added)
  await tx.query('UPDATE sync_job SET warnings = $2::jsonb WHERE id = $1::uuid', [syncJobId, JSON.stringify(merged)])
  return merged
}

/** The part of an event's payload that holds warnings: nothing if there are none. */
export function warningsOfEvent(warnings: SyncWarning[] | undefined): { warnings?: SyncWarning[] } {
  return warnings === undefined || warnings.length === 0 ? {} : { warnings }
}

function mergeWarnings(stored: readonly SyncWarning[], added: readonly SyncWarning[]): SyncWarning[] {
  const merged = stored.map((warning) => ({ ...warning }))
  for (const warning of added) {
    const same = merged.find(({ stream, code }) => stream === warning.stream && code === warning.code)
    if (same === undefined) merged.push({ ...warning, message: warning.message.slice(0, MAX_MESSAGE) })
    else same.count += warning.count
  }
  return merged
}
