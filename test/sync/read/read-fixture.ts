import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import type { Clock } from '../../../src/kit/time.ts'
import { SyncFailedError } from '../../../src/sync/jobs/sync-error.ts'
import type { StreamReader } from '../../../src/sync/read/fetch-page.ts'
import { createJobConnection } from '../../../src/sync/read/job-connection.ts'
import { createPageMemory } from '../../../src/sync/read/page-memory.ts'
import type { PagePosition } from '../../../src/sync/read/page-position.ts'
import { readPages, type StreamPage } from '../../../src/sync/read/read-pages.ts'
import type { Retry } from '../../../src/wire/retry.ts'
import { brokerOf, openedConnection } from '../../support/opened-connection.ts'
import { type ProviderHandler, type ProviderServer, startProvider } from '../../support/provider-server.ts'
import { testSender } from '../../support/test-sender.ts'

type StreamInput = NonNullable<DefinitionInput['streams']>[number]

export interface ReadOptions {
  definition?: Partial<DefinitionInput>
  since?: string
  start?: PagePosition
  maxPageBytes?: number
  requestTimeoutMs?: number
  token?: string
  /** Values of the connection that are not secret. */
  input?: Record<string, unknown>
  signal?: AbortSignal
  /** Replaces the clock whose waits end at once. */
  clock?: Clock
}

export interface Read {
  pages: StreamPage[]
  /** The records of all pages, as JSON. */
  data: unknown[]
  retries: Retry[]
  /** The waits, in order. */
  waitsMs: number[]
  server: ProviderServer
  error: unknown
}

/** A clock whose waits end at once and are recorded. */
export function hurriedClock(): { clock: Clock; waitsMs: number[] } {
  const waitsMs: number[] = []
  let now = Date.now()
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    async sleep(ms, signal) {
      signal.throwIfAborted()
      waitsMs.push(ms)
      now += ms
    },
  }
  return { clock, waitsMs }
}

/** Reads a stream of a provider to its end or to its error. */
export async function readStream(
  handler: ProviderHandler,
  stream: Partial<StreamInput>,
  options: ReadOptions = {},
): Promise<Read> {
  const server = await startProvider(handler)
  const egress = createEgress({ allow: ['127.0.0.1', 'localhost'] })
  const { clock, waitsMs } = hurriedClock()
  const pages: StreamPage[] = []
  const retries: Retry[] = []
  let error: unknown
  try {
    const opened = openedConnection(
      {
        displayName: 'Provider',
        baseUrl: server.origin,
        auth: { type: 'bearer' },
        streams: [{ name: 'items', path: '/items', primaryKey: ['id'], ...stream }],
        ...options.definition,
      },
      { token: options.token, input: options.input },
    )
    const [declared] = opened.definition.streams ?? []
    if (declared === undefined) throw new Error('The definition has no stream.')
    const used = options.clock ?? clock
    const reader: StreamReader = {
      connectionId: opened.connectionId,
      recordIds: 2,
      stream: declared,
      since: options.since ?? null,
      source: createJobConnection(brokerOf(opened), opened.connectionId, used),
      sender: testSender(egress, used),
      onRetry: async (retry) => void retries.push(retry),
      maxPageBytes: options.maxPageBytes,
      requestTimeoutMs: options.requestTimeoutMs,
      memory: createPageMemory({ limitBytes: Number.POSITIVE_INFINITY }).list(),
    }
    const signal = options.signal ?? new AbortController().signal
    for await (const page of readPages(reader, { next: options.start ?? { kind: 'first' } }, 1, signal))
      pages.push(page)
  } catch (cause) {
    error = cause
  } finally {
    await egress.close()
    await server.close()
  }
  const data = pages.flatMap((page) => page.records.data.map((text): unknown => JSON.parse(text)))
  return { pages, data, retries, waitsMs, server, error }
}

/** The error that a job would fail with. */
export function failureOf(read: Read): SyncFailedError['error'] {
  if (read.error instanceof SyncFailedError) return read.error.error
  throw new Error('The stream was read, or failed otherwise.', { cause: read.error })
}
