import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createOpenedCache } from '../../src/credentials/broker.ts'
import type { CredentialRow, OpenedConnection } from '../../src/credentials/credential-store.ts'
import { newId } from '../../src/kit/ids.ts'
import { openedConnection } from '../support/opened-connection.ts'

/** A row with a state of its own, as after a write. */
const row = (more: Partial<CredentialRow> = {}): CredentialRow => ({
  connection_id: 'c',
  workspace_id: 'w',
  end_user_id: null,
  status: 'ACTIVE',
  status_reason: null,
  input: { region: 'eu' },
  kept: { team: { id: 1 } },
  credential_type: 'bearer',
  sealed: new Uint8Array([1, 2, 3]),
  version: 1,
  expires_at: null,
  next_refresh_at: null,
  last_refreshed_at: null,
  refreshable: false,
  refresh_expires_at: null,
  failed_at: null,
  failing_since: null,
  retry_at: null,
  attempt_id: null,
  attempt_at: null,
  failed_refreshes: 0,
  last_error: null,
  refused_version: null,
  rejected_version: null,
  integration_id: 'i',
  integration_updated_at: new Date(1),
  provider: null,
  definition: {},
  oauth_client_id: null,
  oauth_client_hosts: null,
  client_sealed: null,
  client_version: null,
  state: newId(),
  now: new Date(),
  ...more,
})
const connection = openedConnection({ displayName: 'x', baseUrl: 'https://api.example.com', auth: { type: 'none' } })

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

function counted(): { open: (row: CredentialRow) => OpenedConnection; opens: string[] } {
  const opens: string[] = []
  return {
    opens,
    open: createOpenedCache(({ connection_id: id }) => {
      opens.push(id)
      return { ...connection, connectionId: id }
    }),
  }
}

describe('createOpenedCache', () => {
  it('returns the same connection while the row is unchanged', () => {
    const { open, opens } = counted()
    const first = open(row())
    // Status, failures and the time do not affect what was opened.
    expect(open(row({ now: new Date(5), status: 'ERROR', failed_refreshes: 3 }))).toBe(first)
    expect(opens).toHaveLength(1)
  })

  it.each<[string, Partial<CredentialRow>]>([
    ['version', { version: 2 }],
    ['sealed secret', { sealed: new Uint8Array([1, 2, 4]) }],
    ['input', { input: { region: 'us' } }],
    ['kept values', { kept: { team: { id: 2 } } }],
    ['definition', { integration_updated_at: new Date(2) }],
    ['OAuth client', { oauth_client_id: 'other' }],
    ['hosts of the OAuth client', { oauth_client_hosts: ['example.com'] }],
    ['OAuth client’s secret', { client_sealed: new Uint8Array([9]) }],
  ])('opens the connection again after a change of the %s', (_what, change) => {
    const { open, opens } = counted()
    open(row())
    open(row(change))
    expect(opens).toHaveLength(2)
  })

  it('compares nothing but the state of a row that was not written', () => {
    const { open, opens } = counted()
    const first = open(row({ state: 'same' }))
    expect(open(row({ state: 'same', now: new Date(5) }))).toBe(first)
    expect(opens).toHaveLength(1)
  })

  it('erases an opened connection after five minutes, used or not', () => {
    const { open, opens } = counted()
    open(row())
    vi.advanceTimersByTime(4 * 60_000)
    open(row())
    vi.advanceTimersByTime(61_000)
    open(row())
    expect(opens).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(5 * 60_000 + 10)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not cache a failure, and keeps at most 1,000 connections', () => {
    let fails = true
    let opens = 0
    const open = createOpenedCache(() => {
      opens += 1
      if (fails) throw new Error('corrupt')
      return connection
    })
    expect(() => open(row())).toThrow('corrupt')
    fails = false
    open(row())
    expect(opens).toBe(2)
    for (let index = 0; index < 1_000; index += 1) open(row({ connection_id: `c-${index}` }))
    open(row({ connection_id: 'c-999' }))
    expect(opens).toBe(1_002)
    open(row())
    expect(opens).toBe(1_003)
  })
})
