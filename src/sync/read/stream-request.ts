import { withPath } from '../../catalog/definition/path.ts'
import { pagingBodyParameters, type StreamDefinition } from '../../catalog/definition/stream.ts'
import { renderJson, renderTemplate } from '../../catalog/template/template.ts'
import { renderPath, renderUrl } from '../../catalog/template/url-template.ts'
import type { OpenedConnection } from '../../credentials/credential-row.ts'
import { EgressError } from '../../egress/egress-error.ts'
import { joinUrl } from '../../egress/join-url.ts'
import type { ProviderRequest } from '../../requests/provider-request.ts'
import type { DraftBody } from '../../wire/request-draft.ts'
import { SyncFailedError } from '../jobs/sync-error.ts'
import type { PagePosition } from './page-position.ts'
import { type PageParameters, pageParameters } from './pagination.ts'
import { incrementalParameter, incrementalValue } from './stream-cursor.ts'

/**
 * The request for one page of a stream.
 * @param since the stored cursor (JSON) that reading begins after; null: everything is read
 * @throws TemplateError for a missing input; SyncFailedError when the path leads away from the base URL
 */
export function pageRequest(
  opened: OpenedConnection,
  stream: StreamDefinition,
  position: PagePosition,
  since: string | null,
): ProviderRequest {
  const parameters = pageParameters(stream.pagination, position)
  const body = bodyOf(opened, stream, parameters, since)
  const hasBody = stream.json !== undefined || pagingBodyParameters(stream).length > 0
  return {
    method: stream.method ?? (hasBody ? 'POST' : 'GET'),
    url: parameters.url === undefined ? firstUrl(opened, stream, parameters, since) : new URL(parameters.url),
    ...(stream.headers === undefined ? {} : { headers: stream.headers }),
    ...(body === undefined ? {} : { body }),
  }
}

function firstUrl(
  opened: OpenedConnection,
  stream: StreamDefinition,
  parameters: PageParameters,
  since: string | null,
): URL {
  const { incremental } = stream
  const query = Object.entries(renderValues(opened, stream.query))
  query.push(...parameters.query)
  if (incremental !== undefined && incremental.in !== 'json' && since !== null)
    query.push([incremental.param, incrementalParameter(incremental, since)])
  try {
    return joinUrl(renderUrl(opened.definition.baseUrl, opened.scope), renderPath(stream.path, opened.scope), query)
  } catch (error) {
    if (!(error instanceof EgressError)) throw error
    throw new SyncFailedError({
      code: 'INVALID_INPUT',
      status: 422,
      message: `Stream ${stream.name}: ${error.message}`,
      stream: stream.name,
    })
  }
}

function bodyOf(
  opened: OpenedConnection,
  stream: StreamDefinition,
  parameters: PageParameters,
  since: string | null,
): DraftBody | undefined {
  const { incremental } = stream
  const entries: [string, unknown][] = Object.entries(parameters.json)
  if (incremental?.in === 'json' && since !== null)
    entries.push([incremental.param, incrementalValue(incremental, since)])
  if (stream.json === undefined && entries.length === 0) return undefined
  const rendered = renderJson(stream.json ?? {}, opened.scope)
  const value = entries.reduce((body, [name, item]) => withPath(body, name.split('.'), item)?.value ?? body, rendered)
  return { type: 'json', value }
}

function renderValues(
  opened: OpenedConnection,
  templates: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templates ?? {}).map(([name, source]) => [name, renderTemplate(source, opened.scope)]),
  )
}
