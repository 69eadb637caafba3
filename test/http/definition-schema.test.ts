import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'

describe('GET /definition.schema.json', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app.stop())

  it('returns the JSON Schema to everybody, with an ETag', async () => {
    const response = await fetch(`${app.url}/definition.schema.json`)
    expect(response.headers.get('content-type')).toBe('application/schema+json; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(await response.json()).toMatchObject({ required: ['displayName', 'baseUrl', 'auth'] })
    const etag = response.headers.get('etag') ?? ''
    const again = await fetch(`${app.url}/definition.schema.json`, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })

  it('refuses other methods', async () => {
    expect((await fetch(`${app.url}/definition.schema.json`, { method: 'POST' })).status).toBe(405)
  })

  it('describes a definition that names it', async () => {
    const workspace = await app.createWorkspace()
    const created = await app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
        ... on CreateIntegrationPayload { integration { definition } } ... on Error { message } } }`,
      {
        workspaceId: workspace.id,
        slug: 'ledger',
        definition: {
          $schema: `${app.url}/definition.schema.json`,
          displayName: 'Ledger',
          baseUrl: 'https://api.example.com',
          auth: { type: 'bearer' },
        },
      },
    )
    expect(created.integration.definition.$schema).toBe(`${app.url}/definition.schema.json`)
  })
})
