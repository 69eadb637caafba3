import { renderUrl } from '../../catalog/template/url-template.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { sendProviderRequest } from '../../requests/provider-request.ts'
import { testRequestParts } from '../../requests/test-request-parts.ts'
import { deleteUnseen } from './delete-unseen.ts'
import type { Run } from './run-stream.ts'

/**
 * Marks what a stream that was read as a whole no longer has as deleted. A source that breaks often answers an empty list,
 * and believing it would delete everything: where nothing was read, nothing is deleted, unless a full refresh was asked for
 * and the definition's test request shows that the account is well. Nor is it when all that was read for was not there.
 * @param read.skipped records of the parent stream that the source did not know any more
 * @returns why nothing was deleted, where something should have been
 */
export async function deleteOrKeep(
  run: Run,
  stream: string,
  { recordsRead, skipped }: { recordsRead: number; skipped: number },
): Promise<string | undefined> {
  const { database, job, signal } = run
  if (recordsRead > 0) {
    await deleteUnseen(database, job, stream, signal)
    return undefined
  }
  const [state] = await database.sql.query<{ record_count: number }>(
    'SELECT record_count FROM stream_state WHERE connection_id = $1::uuid AND name = $2',
    [job.connectionId, stream],
  )
  if (state === undefined || state.record_count === 0) return undefined
  const tested = job.fullRefresh && skipped === 0 ? await testAccount(run) : 'not asked'
  if (tested === 'good') {
    await deleteUnseen(database, job, stream, signal)
    return undefined
  }
  run.logger.warn(
    { syncJobId: job.id, stream, recordCount: state.record_count, tested },
    'The source answered no records although there are some: they are kept.',
  )
  return `The source answered no records. The ${state.record_count} that are here are kept.${WHY[tested]}`
}

type Tested = 'good' | 'bad' | 'none' | 'not asked'

const WHY: Readonly<Record<Exclude<Tested, 'good'>, string>> = {
  bad: ' The definition’s test request failed, so that the answer was not believed.',
  none: ' The definition has no test request that would show whether to believe it.',
  'not asked': '',
}

async function testAccount({ reader, signal }: Run): Promise<Tested> {
  const opened = await reader.source.take()
  const { definition, integrationId, scope } = opened
  const parts = testRequestParts(definition, scope)
  if (parts === undefined) return 'none'
  const { path, ...request } = parts
  await reader.pacer.wait(integrationId, definition.rateLimit?.requestsPerSecond, signal)
  const url = urlOf(renderUrl(definition.baseUrl, scope), path)
  if (url === undefined) return 'bad'
  const { ok } = await sendProviderRequest({ egress: reader.egress, opened, request: { ...request, url }, signal })
  return ok ? 'good' : 'bad'
}

/** Undefined: an input leads the path away from the base URL. */
function urlOf(base: URL, path: string): URL | undefined {
  try {
    return joinUrl(base, path)
  } catch (error) {
    if (error instanceof EgressError) return undefined
    throw error
  }
}
