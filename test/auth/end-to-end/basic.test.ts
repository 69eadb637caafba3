import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Nginx, startNginx } from '../../support/nginx.ts'
import { hasNginx } from '../../support/services.ts'
import { type StrategyFixture, startStrategyFixture } from './strategy-fixture.ts'

const user = { name: 'ada', password: 'pass:w örd' }

describe.skipIf(!(await hasNginx()))('A web server with HTTP Basic authentication', () => {
  let fixture: StrategyFixture
  let nginx: Nginx
  beforeAll(async () => {
    fixture = await startStrategyFixture()
    nginx = await startNginx(user, (url) => ({
      'page-1.json': JSON.stringify({ items: [{ id: 1 }, { id: 2 }], next: `${url}/page-2.json` }),
      'page-2.json': JSON.stringify({ items: [{ id: 3 }], next: null }),
    }))
  })
  afterAll(async () => {
    await nginx?.stop()
    await fixture?.[Symbol.asyncDispose]()
  })

  const definition = () => ({
    displayName: 'Files',
    baseUrl: nginx.url,
    auth: { type: 'basic' as const },
    streams: [
      {
        name: 'items',
        path: '/page-1.json',
        recordsPath: ['items'],
        primaryKey: [['id']],
        pagination: { type: 'next_url' as const, path: ['next'] },
      },
    ],
  })

  it('is read with the user name and the password', async () => {
    const { job, credential } = await fixture.sync(definition(), {
      basic: { username: user.name, password: user.password },
    })
    expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: 3, pagesRead: 2, error: null })
    expect(credential).toEqual({ type: 'BASIC', version: 1, refreshable: false, lastError: null })
  })

  it('rejects a wrong password, which fails the job and is not logged', async () => {
    const { job } = await fixture.sync(definition(), { basic: { username: user.name, password: 'wr0ng-pass' } })
    expect(job).toMatchObject({ status: 'FAILED', error: { providerStatus: 401 } })
    expect(fixture.app.log.join('')).not.toContain('wr0ng-pass')
  })
})
