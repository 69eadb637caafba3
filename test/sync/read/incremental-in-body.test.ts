import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import type { StreamDefinition } from '../../../src/catalog/definition/stream.ts'
import { pageRequest } from '../../../src/sync/read/fetch-page.ts'
import { START } from '../../../src/sync/read/page-position.ts'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { openedConnection } from '../../support/opened-connection.ts'

const base = { displayName: 'P', baseUrl: 'https://p.example', auth: { type: 'none' as const } }
const stream = {
  name: 'items',
  path: '/graphql',
  primaryKey: ['id'],
  json: { query: 'q', variables: { first: 2 } },
  incremental: { in: 'json' as const, cursorField: 'at', param: 'variables.since' },
}

function requestSince(cursor: unknown, incremental: object = {}) {
  const own = { ...stream, incremental: { ...stream.incremental, ...incremental } }
  const definition = { ...base, streams: [own] }
  const [parsed] = parseDefinition(definition).streams as [StreamDefinition]
  const since = cursor === undefined ? null : JSON.stringify(cursor)
  const { method, target, body } = pageRequest(openedConnection(definition), parsed, START.next ?? { kind: 'first' }, {
    since,
  })
  return { method, url: String(target), body: body?.type === 'json' ? body.value : undefined }
}

const sent = (variables: object) => ({
  method: 'POST',
  url: 'https://p.example/graphql',
  body: { query: 'q', variables: { first: 2, ...variables } },
})

describe('an incremental parameter in the JSON body', () => {
  it('is set at its path when there is a cursor', () => {
    expect(requestSince(undefined)).toEqual(sent({}))
    expect(requestSince('2026-01-02T03:04:05.678901+00:00')).toEqual(
      sent({ since: '2026-01-02T03:04:05.678901+00:00' }),
    )
    expect(requestSince('2026-01-02T03:04:05Z', { lookback: 'PT5S', format: 'epoch' })).toEqual(
      sent({ since: '1767323040' }),
    )
  })

  it('is a number when the provider’s values are numbers', () => {
    expect(requestSince(1767323045, { lookback: 'PT5S' })).toEqual(sent({ since: 1767323040 }))
    expect(requestSince(7)).toEqual(sent({ since: 7 }))
    expect(requestSince(1767323045, { format: 'iso8601' }).body).toMatchObject({
      variables: { since: expect.stringMatching(/^2026-01-02T03:04:05/) },
    })
  })

  it('must not have the path of another parameter', () => {
    const pagination = { type: 'cursor', in: 'json', path: 'next', param: 'variables.since' }
    expect(problemsOf({ ...base, streams: [{ ...stream, pagination }] })).toEqual([
      'streams.0.incremental.param: variables.since is already set by this stream',
    ])
    expect(problemsOf({ ...base, streams: [{ ...stream, json: { variables: { since: 1 } } }] })).toEqual([
      'streams.0.incremental.param: variables.since is already set by this stream',
    ])
    // The query is another place.
    expect(problemsOf({ ...base, streams: [{ ...stream, query: { 'variables.since': '1' } }] })).toEqual([])
  })
})
