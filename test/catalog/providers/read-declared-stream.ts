import type { OpenedConnection } from '../../../src/credentials/credential-store.ts'
import { newId } from '../../../src/kit/ids.ts'
import { type SyncError, SyncFailedError } from '../../../src/sync/jobs/sync-error.ts'
import { readEach } from '../../../src/sync/read/each-item.ts'
import type { StreamReader } from '../../../src/sync/read/fetch-page.ts'
import { createJobConnection } from '../../../src/sync/read/job-connection.ts'
import { createPageMemory } from '../../../src/sync/read/page-memory.ts'
import type { Retry } from '../../../src/wire/retry.ts'
import { brokerOf } from '../../support/opened-connection.ts'
import { testSender } from '../../support/test-sender.ts'
import { hurriedClock } from '../../sync/read/read-fixture.ts'
import type { DocumentedProvider } from './documented-provider.ts'

/** Shorter than every window. */
const LAST_WINDOW_MS = 60_000

export interface DeclaredRead {
  /** The records' primary keys in order; several parts are joined with a slash. */
  keys: string[]
  retries: Retry[]
  waitsMs: number[]
  /** The error that ended the read. */
  failure: SyncError | undefined
}

export interface DeclaredReadOptions {
  /** The stored cursor, as JSON. */
  since?: string
  /** The parent record of a sub-stream. Its key is `parent`. */
  parent?: Record<string, unknown> | undefined
}

/**
 * Reads a stream of the provider's definition with the reader of sync jobs. Of a stream that is read in windows, it reads the last one,
 * unless there is a stored cursor.
 */
export async function readDeclaredStream(
  { definition, egress }: DocumentedProvider,
  opened: OpenedConnection,
  name: string,
  { since, parent }: DeclaredReadOptions = {},
): Promise<DeclaredRead> {
  const stream = definition.streams?.find((each) => each.name === name)
  if (stream === undefined) throw new Error(`The definition has no stream ${name}.`)
  const { clock, waitsMs } = hurriedClock()
  const endAtMs = Date.now()
  const windowMs = since === undefined ? endAtMs - LAST_WINDOW_MS : undefined
  const keys: string[] = []
  const retries: Retry[] = []
  const reader: StreamReader = {
    connectionId: opened.connectionId,
    recordIds: 2,
    stream,
    since: since ?? null,
    endAtMs,
    source: createJobConnection(brokerOf(opened), opened.connectionId, clock),
    sender: testSender(egress, clock),
    onRetry: async (retry) => void retries.push(retry),
    memory: createPageMemory({ limitBytes: Number.POSITIVE_INFINITY }).list(),
    ...(parent === undefined
      ? {}
      : { parent: { id: newId(), position: '1', primaryKey: ['parent'], data: parent, changedAt: new Date(0) } }),
  }
  try {
    const signal = new AbortController().signal
    for await (const page of readEach(reader, { next: { kind: 'first' }, windowMs }, 1, signal)) {
      keys.push(...page.records.primaryKeys.map((key) => JSON.parse(key).join('/')))
    }
  } catch (error) {
    if (!(error instanceof SyncFailedError)) throw error
    return { keys, retries, waitsMs, failure: error.error }
  }
  return { keys, retries, waitsMs, failure: undefined }
}
