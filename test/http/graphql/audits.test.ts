import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'

describe('GraphQL over HTTP', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  it.each([
    ['a CSRF header', () => ({ 'x-latchkey-csrf': '1' })],
    ['a credential', () => ({ authorization: `Bearer ${app.operatorKey}` })],
  ])('passes all 61 audits of the specification with %s', async (_name, headers) => {
    const results = await auditServer({
      url: `${app.url}/graphql`,
      fetchFn: (url: string, init: RequestInit = {}) =>
        fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), ...headers() } }),
    })
    expect(results.filter(({ status }) => status !== 'ok').map(({ status, name }) => `${status}: ${name}`)).toEqual([])
    expect(results).toHaveLength(61)
  })
})
