import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'

const CREATE = `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
  ... on CreateIntegrationPayload { integration { needsOAuthClient hasWebhookSecret } } ... on Error { message } } }`

describe('What an integration lacks', () => {
  let app: TestApp
  let workspaceId: string
  let count = 0

  beforeAll(async () => {
    app = await startTestApp()
    workspaceId = (await app.createWorkspace()).id
  })
  afterAll(() => app.stop())

  async function lacks(input: object): Promise<{ needsOAuthClient: boolean; hasWebhookSecret: boolean | null }> {
    count += 1
    return (await app.mutate(CREATE, { workspaceId, slug: `integration-${count}`, ...input })).integration
  }
  const client = { clientId: 'a client', clientSecret: 'the secret of a client' }

  it('needsOAuthClient: a consent page needs a client, unless the definition has one', async () => {
    expect(await lacks({ provider: 'slack' })).toMatchObject({ needsOAuthClient: true })
    expect(await lacks({ provider: 'slack', oauthClient: client })).toMatchObject({ needsOAuthClient: false })
    expect(await lacks({ provider: 'stripe' })).toMatchObject({ needsOAuthClient: false })
    expect(await lacks({ provider: 'sandbox' })).toMatchObject({ needsOAuthClient: false })
    // Zendesk also takes a key.
    expect(await lacks({ provider: 'zendesk' })).toMatchObject({ needsOAuthClient: true })
  })

  it('hasWebhookSecret: null without a webhook, and otherwise whether a secret is set', async () => {
    const definition = { displayName: 'Ledger', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }
    expect(await lacks({ definition })).toMatchObject({ hasWebhookSecret: null })
    expect(await lacks({ provider: 'slack' })).toMatchObject({ hasWebhookSecret: false })
    expect(await lacks({ provider: 'slack', webhookSecret: 'a signing secret' })).toMatchObject({
      hasWebhookSecret: true,
    })
  })
})
