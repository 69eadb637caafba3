import { afterEach, describe, expect, it, vi } from 'vitest'
import { form, openBrowser, takeLink } from './browser.ts'
import { connectSessions } from './connect-sessions.ts'
import { useScripted } from './scripted-provider.ts'

const latchkey = useScripted()
const { createSession, sessionOf } = connectSessions(latchkey)
const patience = { timeout: 15_000, interval: 50 }

const away = () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })

afterEach(() => {
  vi.restoreAllMocks()
})

/** Makes each statement that matches fail until the returned function is called. */
function loseDatabase(pattern: RegExp): () => void {
  const { sql } = latchkey.app.database
  const query = sql.query.bind(sql)
  const spy = vi
    .spyOn(sql, 'query')
    .mockImplementation(((text: string, values?: readonly unknown[]) =>
      pattern.test(text) ? Promise.reject(away()) : query(text, values)) as typeof sql.query)
  return () => spy.mockRestore()
}

/** The statement that is executed before the code is sent. */
const BEFORE_EXCHANGE = /SELECT clock_timestamp\(\) AS now|UPDATE oauth_flow SET (?:consumed_at|result_hash)/

describe('When the database is away during a callback', () => {
  it('before the code is sent, the callback can be reloaded once it is back', async () => {
    const callback = latchkey.callbackOf(await latchkey.start())
    const comeBack = loseDatabase(BEFORE_EXCHANGE)
    const failed = await openBrowser().visit(callback)
    expect(failed.status).toBe(503)
    expect(failed.headers.get('retry-after')).toBe('1')
    // The window keeps its opener, which waits for the result.
    expect(failed.headers.get('cross-origin-opener-policy')).toBe('unsafe-none')
    expect(await failed.text()).toContain('href=""')
    expect(latchkey.provider.tokenRequests()).toEqual([])
    comeBack()
    const end = await vi.waitFor(() => openBrowser().follow(callback, 'https://product.example/'), patience)
    expect(end.searchParams.get('handle')).not.toBeNull()
    expect(latchkey.provider.tokenRequests()).toHaveLength(1)
  })

  it('a posted response is kept, and its page can be reloaded', async () => {
    const created = await createSession()
    const browser = openBrowser()
    const authorizationUrl = await takeLink(browser, created.connectUrl)
    const callback = new URL(latchkey.callbackOf({ authorizationUrl }))
    const fields = form(Object.fromEntries(callback.searchParams))
    const posted = await openBrowser().visit(callback.origin + callback.pathname, fields)
    const next = posted.headers.get('location') ?? ''
    const comeBack = loseDatabase(BEFORE_EXCHANGE)
    expect((await browser.visit(next)).status).toBe(503)
    comeBack()
    await vi.waitFor(async () => expect((await browser.visit(next)).status).toBe(303), patience)
    expect(await sessionOf(created)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
    expect(latchkey.provider.tokenRequests()).toHaveLength(1)
  })

  it.each(['is not reached', 'commits, and its answer is lost'])(
    'when the obtained credential is stored and the transaction %s, it is stored once and not revoked',
    async (state) => {
      const created = await createSession()
      const browser = openBrowser()
      const authorizationUrl = await takeLink(browser, created.connectUrl)
      const { database } = latchkey.app
      const transaction = database.transaction.bind(database)
      let failures = 0
      vi.spyOn(database, 'transaction').mockImplementation(async (work) => {
        if (latchkey.provider.tokenRequests().length === 0 || failures === 2) return transaction(work)
        failures += 1
        if (state !== 'is not reached') await transaction(work)
        throw away()
      })
      const callback = await browser.visit(latchkey.callbackOf({ authorizationUrl }))
      expect(failures).toBe(2)
      expect(callback.status).toBe(303)
      const finish = callback.headers.get('location') ?? ''
      const end = await browser.follow(finish, 'https://product.example/')
      const handle = end.searchParams.get('handle')
      const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
      expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE' } })
      expect(await database.sql.query('SELECT 1 AS one FROM revocation')).toEqual([])
      expect(latchkey.provider.tokenRequests()).toHaveLength(1)
    },
  )
})
