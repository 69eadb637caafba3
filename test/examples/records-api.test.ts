import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProcess, startRecordsApi } from '../support/program.ts'

let api: Awaited<ReturnType<typeof startRecordsApi>>
let again: typeof api

beforeAll(async () => {
  api = await startRecordsApi()
  again = await startRecordsApi()
})

afterAll(async () => {
  await Promise.all([api?.stop(), again?.stop()])
})

async function call(path: string, init: RequestInit = {}, { url, token } = api) {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` }, ...init })
  const body: unknown = await response.json()
  return { status: response.status, headers: response.headers, body }
}

describe('the records API', () => {
  it('returns its contacts in pages, with the total', async () => {
    const ids: string[] = []
    for (let offset = 0; offset <= 300; offset += 100) {
      const { status, headers, body } = await call(`/contacts?limit=100&offset=${offset}`)
      expect({ status, total: headers.get('x-total-count') }).toEqual({ status: 200, total: '250' })
      ids.push(...(body as { contacts: { id: string }[] }).contacts.map(({ id }) => id))
    }
    expect(ids).toHaveLength(250)
    expect(new Set(ids).size).toBe(250)
    expect((await call('/contacts')).body).toMatchObject({ contacts: { length: 50 }, total: 250 })
  })

  it('returns the same contacts after each start', async () => {
    const path = '/contacts?limit=100&offset=100'
    expect((await call(path)).body).toEqual((await call(path, {}, again)).body)
  })

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['a token of another kind', { authorization: 'Basic demo-token' }],
  ])('refuses %s with 401 and a JSON body', async (_name, headers: Record<string, string>) => {
    const answer = await call('/contacts', { headers })
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_token', message: expect.any(String) } })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it.each(['limit=0', 'limit=101', 'limit=ten', 'offset=-1', 'offset=1.5', 'limit='])('refuses %s', async (query) => {
    expect(await call(`/contacts?${query}`)).toMatchObject({ status: 400, body: { error: 'bad_request' } })
  })

  it('changes one contact and no other', async () => {
    const before = (await call('/contacts?limit=100')).body as { contacts: { id: string }[] }
    const changed = await call('/contacts/c-007', {
      method: 'PATCH',
      body: '{"name":"Somebody Else"}',
      headers: { authorization: `Bearer ${api.token}` },
    })
    expect(changed).toMatchObject({ status: 200, body: { id: 'c-007', name: 'Somebody Else' } })
    expect((await call('/contacts/c-007')).body).toEqual(changed.body)
    const after = (await call('/contacts?limit=100')).body
    const contacts = before.contacts.map((contact) => (contact.id === 'c-007' ? changed.body : contact))
    expect(after).toEqual({ contacts, total: 250 })
  })

  it.each([
    ['an unknown field', '{"id":"c-999"}'],
    ['a value that is not a string', '{"name":5}'],
    ['an empty object', '{}'],
    ['a body that is not JSON', 'name=x'],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(20_000) })],
  ])('refuses a change with %s', async (_name, body) => {
    const answer = await call('/contacts/c-008', {
      method: 'PATCH',
      body,
      headers: { authorization: `Bearer ${api.token}` },
    })
    expect(answer).toMatchObject({ status: 400, body: { error: 'bad_request' } })
  })

  it('answers 404 for an unknown path and 405 for an unsupported method', async () => {
    expect(await call('/contacts/c-999')).toMatchObject({ status: 404, body: { error: 'not_found' } })
    expect(await call('/elsewhere')).toMatchObject({ status: 404 })
    const headers = { authorization: `Bearer ${api.token}` }
    expect(await call('/contacts/c-001', { method: 'DELETE', headers })).toMatchObject({ status: 405 })
  })

  it('asks to set PORT when its port is in use', async () => {
    const port = new URL(api.url).port
    const starting = startProcess({
      args: ['examples/records-api/server.ts'],
      env: { PORT: port },
      ready: /contacts at/,
    })
    await expect(starting).rejects.toThrow(/cannot start: .*EADDRINUSE.*Set PORT/)
  })
})
