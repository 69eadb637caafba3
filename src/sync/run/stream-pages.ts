import type { StreamReader } from '../read/fetch-page.ts'
import type { Checkpoint } from '../read/page-position.ts'
import { readParents } from '../read/parent-records.ts'
import { readPages, type StreamPage } from '../read/read-pages.ts'
import { readSubStream } from '../read/sub-streams.ts'
import type { Run } from './run-stream.ts'

/**
 * The pages of a stream from its checkpoint on; of a sub-stream those of each record of its parent stream.
 * @param onSkipped told how many records of the parent stream the source did not know any more
 */
export async function* pagesFrom(
  { database, logger, signal }: Pick<Run, 'database' | 'logger' | 'signal'>,
  reader: Omit<StreamReader, 'lastReadAt'>,
  { next, parent }: Checkpoint,
  firstNumber: number,
  onSkipped: (skipped: number) => void,
): AsyncGenerator<StreamPage> {
  const { connectionId, stream } = reader
  if (next === null) return
  if (stream.parent === undefined) {
    yield* readPages(reader, next, firstNumber, signal)
    return
  }
  const [state] = await database.sql.query<{ last_synced_at: Date | null }>(
    'SELECT last_synced_at FROM stream_state WHERE connection_id = $1::uuid AND name = $2',
    [connectionId, stream.name],
  )
  const from = parent === undefined ? 0n : BigInt(parent.position) + (parent.done ? 1n : 0n)
  const parents = readParents(database.sql, { connectionId, stream: stream.parent.stream }, from)
  if (parent !== undefined && parent.skipped > 0) onSkipped(parent.skipped)
  yield* readSubStream(
    { ...reader, lastReadAt: state?.last_synced_at ?? null },
    parents,
    { next, parent, firstNumber },
    (gone, skipped) => {
      logger.info({ stream: stream.name, parent: gone.primaryKey }, 'A record of the parent stream is gone: skipped.')
      onSkipped(skipped)
    },
    signal,
  )
}
