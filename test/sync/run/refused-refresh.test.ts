import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { documents } from '../../graphql/documents.ts'
import { sendJson } from '../../support/provider-server.ts'
import { type RequestFixture, startRequestFixture } from '../../tools/request-fixture.ts'

describe('a sync job whose credential the provider no longer renews', () => {
  let fixture: RequestFixture
  beforeAll(async () => {
    fixture = await startRequestFixture()
  })
  afterAll(() => fixture.close())

  it('fails with the provider’s own words, and the next job is refused with the reason', async () => {
    const { app, workspace } = fixture
    const refusal = { error: 'invalid_grant', error_description: 'Access was withdrawn' }
    fixture.answer((_seen, response) => sendJson(response, refusal, {}, 400))
    const streams = [{ name: 'things', path: '/things', primaryKey: ['id'] }]
    const expiresAt = '2020-01-01T00:00:00.000Z'
    const connectionId = await fixture.connectOAuth({ expiresAt, definition: { streams } })
    const { syncJob } = await app.mutate(documents.triggerSync, { connectionId }, workspace.key)
    await vi.waitFor(async () => {
      const { data } = await app.request(documents.syncJob, { id: syncJob.id }, workspace.key)
      expect(data.node).toMatchObject({
        status: 'FAILED',
        error: {
          code: 'RECONNECT_REQUIRED',
          status: 400,
          providerStatus: 400,
          providerMessage: 'Access was withdrawn',
        },
      })
    }, 20_000)
    const next = await app.request(documents.triggerSync, { input: { connectionId } }, workspace.key)
    expect(next.data.triggerSync).toMatchObject({
      __typename: 'ReconnectRequiredError',
      message: expect.stringMatching(/^This connection must be connected again\. \w/),
    })
  })
})
