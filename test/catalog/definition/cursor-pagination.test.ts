import { describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { sendJson } from '../../support/provider-server.ts'
import { readStream } from '../../sync/read/read-fixture.ts'
import { problemsOf } from './problems-of.ts'

type StreamInput = NonNullable<DefinitionInput['streams']>[number]

function problemsOfStream(stream: Partial<StreamInput>): string[] {
  const streams = [{ name: 'items', path: '/items', primaryKey: ['id'], ...stream }]
  return problemsOf({ displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'none' }, streams })
}

describe('the cursor of a stream', () => {
  it('is taken from the last record while there are more pages', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const after = Number(url.searchParams.get('after') ?? 0)
        const data = [{ id: after + 1 }, { id: after + 2 }]
        sendJson(response, { data, has_more: after < 4 })
      },
      {
        recordsPath: ['data'],
        pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'after', hasMore: ['has_more'] },
      },
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([1, 2, 3, 4, 5, 6].map((id) => ({ id })))
  })

  it('from the last record ends at a page without records', async () => {
    const read = await readStream(
      ({ url }, response) => sendJson(response, url.searchParams.has('after') ? [] : [{ id: 'a' }]),
      { pagination: { type: 'cursor', from: 'last_record', path: ['id'], param: 'after' } },
    )
    expect(read.error).toBeUndefined()
    expect(read.server.requests).toHaveLength(2)
  })

  it('can be placed deep in a JSON body, beside other values of the definition', async () => {
    const read = await readStream(
      ({ body }, response) => {
        const { after } = JSON.parse(body).variables
        sendJson(response, { data: [{ id: after ?? 'first' }], next: after === undefined ? 'c2' : null })
      },
      {
        json: { query: 'q', variables: { size: 100 } },
        recordsPath: ['data'],
        pagination: { type: 'cursor', path: ['next'], param: 'variables.after', in: 'json' },
      },
    )
    expect(read.data).toEqual([{ id: 'first' }, { id: 'c2' }])
    expect(read.server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { query: 'q', variables: { size: 100 } },
      { query: 'q', variables: { size: 100, after: 'c2' } },
    ])
  })

  it('cannot be placed where the body of the definition has a value', () => {
    const pagination = { type: 'cursor', path: ['next'], param: 'variables.after', in: 'json' } as const
    expect(problemsOfStream({ json: { variables: {} }, pagination })).toEqual([])
    expect(problemsOfStream({ json: { variables: { after: 'x' } }, pagination })).toEqual([
      'streams.0.pagination.param: variables.after is already set by this stream',
    ])
  })
})

describe('a list that the source leaves out', () => {
  const answer = { recordsPath: ['items'] }

  it('is empty where the definition sets omitsEmptyList', async () => {
    const read = await readStream((_request, response) => sendJson(response, {}), { ...answer, omitsEmptyList: true })
    expect(read.error).toBeUndefined()
    expect(read.data).toEqual([])
  })

  it('is an error otherwise, and where another value stands in its place', async () => {
    const missing = await readStream((_request, response) => sendJson(response, {}), answer)
    expect(String(missing.error)).toContain('has no list of records')
    const wrong = await readStream((_request, response) => sendJson(response, { items: 'none' }), {
      ...answer,
      omitsEmptyList: true,
    })
    expect(String(wrong.error)).toContain('has no list of records')
  })
})
