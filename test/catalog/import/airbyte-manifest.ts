import { stringify } from 'yaml'
import type { Parameters } from '../../../src/catalog/definition/parameters.ts'
import { renderParameters } from '../../../src/catalog/definition/parameters.ts'
import { importAirbyte } from '../../../src/catalog/import/airbyte/import-manifest.ts'

export type Json = Record<string, unknown>

/** Inputs of the manifests of these tests, by the type that the specification of the connector gives them. */
const PROPERTIES = {
  api_token: { type: 'string', airbyte_secret: true },
  ...{ kind: { type: 'string' }, day: { type: 'string' }, start_date: { type: 'string' } },
  ...{ limit: { type: 'integer' }, size: { type: 'integer', default: 5 }, flag: { type: 'boolean' } },
  ...{ tags: { type: 'array' }, opt: { type: 'string' } },
}

export const option = (name: string, place = 'request_parameter') => ({
  ...{ type: 'RequestOption', inject_into: place, field_name: name },
})

export const selector = (path: readonly string[] = ['data'], more: Json = {}) => ({
  ...{ type: 'RecordSelector', extractor: { type: 'DpathExtractor', field_path: path } },
  ...more,
})

/** A stream with these keys of its requester, its retriever and its own. */
export function stream(requester: Json = {}, retriever: Json = {}, more: Json = {}): Json {
  return {
    ...{ type: 'DeclarativeStream', name: 'items', primary_key: ['id'] },
    retriever: {
      type: 'SimpleRetriever',
      requester: {
        ...{ type: 'HttpRequester', url_base: 'https://api.acme.example/v1', path: '/items' },
        authenticator: { type: 'BearerAuthenticator', api_token: "{{ config['api_token'] }}" },
        ...requester,
      },
      record_selector: selector(),
      ...retriever,
    },
    ...more,
  }
}

export function manifest(streams: readonly Json[], more: Json = {}): Json {
  return {
    ...{ version: '6.0.0', type: 'DeclarativeSource', check: { type: 'CheckStream', stream_names: ['items'] } },
    streams,
    spec: {
      type: 'Spec',
      connection_specification: {
        ...{ type: 'object', required: ['api_token', 'kind', 'day', 'start_date', 'limit'], properties: PROPERTIES },
      },
    },
    ...more,
  }
}

/** The report about a manifest, and the parts of its definition. */
export function imported(given: Json) {
  const report = importAirbyte(stringify(given, { aliasDuplicateObjects: false }), { name: 'Acme' })
  const streams = (report.definition?.['streams'] ?? []) as Json[]
  return { report, streams, auth: (report.definition?.['auth'] ?? {}) as Json, definition: report.definition }
}

/** What a stream becomes, and what the report says about it. */
export function importedStream(...parts: globalThis.Parameters<typeof stream>) {
  const { report, streams } = imported(manifest([stream(...parts)]))
  return { read: streams[0] ?? {}, part: report.streams[0], notes: report.streams[0]?.notes ?? [] }
}

/** The query or form of a stream as it is sent with these inputs. */
export function filled(given: unknown, input: Json, more: Json = {}): [string, string][] {
  return renderParameters((given ?? {}) as Parameters, { input, config: input, kept: {}, ...more })
}
