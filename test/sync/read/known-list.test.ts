import { expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { mayEmptyList } from '../../../src/sync/read/known-list.ts'

/** Whether nothing but the records is read of the list in a response of the stream. */
function mayEmpty(stream: object, responseErrors?: object[]): boolean {
  const definition = parseDefinition({
    displayName: 'Source',
    baseUrl: 'https://api.example.com',
    auth: { type: 'none' },
    streams: [{ name: 'items', path: '/items', primaryKey: ['id'], recordsPath: 'data.items', ...stream } as never],
    ...(responseErrors === undefined ? {} : { responseErrors: responseErrors as never }),
  })
  const [declared] = definition.streams ?? []
  if (declared === undefined) throw new Error('The definition has no stream.')
  return mayEmptyList(declared, [...(declared.responses ?? []), ...(definition.responseErrors ?? [])])
}

const cursor = (more: object) => ({ pagination: { type: 'cursor', path: 'next', param: 'after', ...more } })

it.each<[string, object, object[]?]>([
  ['there is one page', {}],
  ['the cursor is beside the list', cursor({ path: 'data.next' })],
  ['the number of the page is counted', { pagination: { type: 'page', param: 'page', size: 100, total: 'total' } }],
  ['an error has its own place', cursor({}), [{ path: 'error', as: 'fail' }]],
  ['an error has a status', cursor({}), [{ status: 403, as: 'rate_limit' }]],
])('mayEmptyList: yes, where %s', (_, stream, responseErrors) => {
  expect(mayEmpty(stream, responseErrors)).toBe(true)
})

it.each<[string, object, object[]?]>([
  ['the cursor is in the list', cursor({ path: ['data', 'items', 0, 'next'] })],
  ['the cursor is in the last record', cursor({ path: 'id', from: 'last_record' })],
  ['what is around the list says whether there is more', cursor({ hasMore: 'data' })],
  ['records have a cursor field', { incremental: { cursorField: 'updated', param: 'since' } }],
  ['the list is within another', { recordsPath: 'data.*.items' }],
  ['the records are the values of an object', { recordsPath: undefined, records: { path: 'data', map: true } }],
  ['an error is in the list', cursor({}), [{ path: ['data', 'items', 0, 'error'], as: 'fail' }]],
  ['a condition may read anything', { ...cursor({}), responses: [{ where: 'answer.data', as: 'end' }] }],
])('mayEmptyList: no, where %s', (_, stream, responseErrors) => {
  expect(mayEmpty(stream, responseErrors)).toBe(false)
})
