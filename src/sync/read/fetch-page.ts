import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { TemplateError } from '../../catalog/template/template-error.ts'
import type { OpenedConnection } from '../../credentials/credential-row.ts'
import { DEFAULT_MAX_BYTES, type Egress } from '../../egress/egress.ts'
import type { Clock } from '../../kit/time.ts'
import type { Pacer } from '../../requests/pacing.ts'
import { type ProviderAnswer, type ProviderOutcome, sendProviderRequest } from '../../requests/provider-request.ts'
import type { ProviderFailure } from '../../requests/verdict.ts'
import { badSource } from '../jobs/sync-error.ts'
import type { OpenSource } from '../run/open-source.ts'
import { acceptOf, lineFormatOf } from './body-formats.ts'
import type { PagePosition } from './page-position.ts'
import type { ParentRecord } from './parent-records.ts'
import { type Retry, retrying } from './retrying.ts'
import { pageRequest } from './stream-request.ts'

export interface StreamReader {
  connectionId: string
  stream: StreamDefinition
  /** The stored cursor (JSON) after which reading begins; null: everything is read. */
  since: string | null
  source: OpenSource
  egress: Egress
  pacer: Pacer
  clock: Clock
  /** Told before each wait. */
  onRetry(retry: Retry): Promise<void>
  /** The record that the pages belong to, in a sub-stream. */
  parent?: ParentRecord
  /** When a sub-stream was last read to its end; null: never. Parents that changed since are read as a whole. */
  lastReadAt?: Date | null
  /** Of one decoded page, or of one record where each line is one. Default: 10 MiB. */
  maxPageBytes?: number
  /** For one page, or to the first byte of one that is read line by line. Default: 30,000. */
  requestTimeoutMs?: number
}

/** Of one body that is read line by line: nothing honest is longer, and a source that never ends is noticed. */
const MAX_STREAMED_BYTES = 8 * 1024 ** 3

export interface FetchedPage extends ProviderAnswer {
  /** When it was asked for, by the source's clock: its Date (RFC 9110 section 6.6.1) less what it took; null: it has none. */
  askedAt: number | null
}

/**
 * Requests one page until it is there (see `retrying`).
 * @param broken how the request for this page before this one ended: it is waited for as if it were the answer
 * @throws SyncFailedError with the provider's words; what the broker throws; the signal's reason
 */
export async function fetchPage(
  reader: StreamReader,
  position: PagePosition,
  signal: AbortSignal,
  broken?: ProviderFailure,
): Promise<FetchedPage> {
  const { clock, onRetry, stream } = reader
  let before = broken
  let askedMs = 0
  const answer = await retrying({ clock, onRetry, stream: stream.name, signal }, async () => {
    const known = before
    before = undefined
    if (known !== undefined) return known
    askedMs = performance.now()
    const opened = await reader.source.take()
    const outcome = await request(reader, opened, position, signal)
    const refused = !outcome.ok && outcome.as === 'auth' && (await reader.source.refused(opened))
    return refused ? request(reader, await reader.source.take(), position, signal) : outcome
  })
  const date = Date.parse(answer.headers.get('date') ?? '')
  return Object.assign(answer, { askedAt: Number.isNaN(date) ? null : date - Math.ceil(performance.now() - askedMs) })
}

async function request(
  reader: StreamReader,
  taken: OpenedConnection,
  position: PagePosition,
  signal: AbortSignal,
): Promise<ProviderOutcome> {
  const { pacer, stream } = reader
  const opened = inScopeOf(reader.parent, taken)
  const { integrationId } = opened
  const rate = opened.definition.rateLimit?.requestsPerSecond
  await pacer.wait(integrationId, rate, signal)
  const outcome = await sendProviderRequest({
    egress: reader.egress,
    opened,
    request: requestOf(reader, opened, position),
    accept: acceptOf(stream),
    signal,
    maxResponseBytes: reader.maxPageBytes ?? DEFAULT_MAX_BYTES,
    streamed: { when: (headers) => lineFormatOf(stream, headers) !== undefined, maxBytes: MAX_STREAMED_BYTES },
    ...(reader.requestTimeoutMs === undefined ? {} : { timeoutMs: reader.requestTimeoutMs }),
  })
  if (!outcome.ok && outcome.as === 'rate_limit' && outcome.retryAfterMs !== undefined) {
    await pacer.pause(integrationId, rate, outcome.retryAfterMs)
  }
  return outcome
}

function inScopeOf(parent: ParentRecord | undefined, opened: OpenedConnection): OpenedConnection {
  return parent === undefined ? opened : { ...opened, scope: { ...opened.scope, parent: parent.data } }
}

function requestOf({ stream, since, parent }: StreamReader, opened: OpenedConnection, position: PagePosition) {
  try {
    return pageRequest(opened, stream, position, since)
  } catch (error) {
    if (parent === undefined || !(error instanceof TemplateError)) throw error
    throw badSource(stream.name, `the request cannot be made: ${error.message}.`)
  }
}
