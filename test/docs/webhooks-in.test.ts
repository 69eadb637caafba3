import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { repositoryRoot, startProgram } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const blocks = blocksOf(await readFile(join(repositoryRoot, 'docs/webhooks-in.md'), 'utf8'))
const ofLanguage = (wanted: string) => blocks.flatMap(({ language, text }) => (language === wanted ? [text] : []))

it('docs/webhooks-in.md shows webhooks that a definition can have', () => {
  const [, webhook = ''] = ofLanguage('json')
  const definition = {
    displayName: 'Tickets',
    baseUrl: 'https://tickets.example.com',
    auth: { type: 'bearer' },
    streams: [{ name: 'tickets', path: '/tickets', primaryKey: ['id'] }],
  }
  expect(parseDefinition({ ...definition, webhook: JSON.parse(webhook) }).webhook?.sync).toHaveLength(1)
})

it('the commands of docs/webhooks-in.md send an event of GitHub, and a subscriber gets it with its connection', async () => {
  const [definition = ''] = ofLanguage('json')
  const [createIntegration = '', connect = '', subscription = ''] = ofLanguage('graphql')
  const [commands = ''] = ofLanguage('sh')
  const program = await startProgram()
  const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
  try {
    const { createWorkspace } = await client.request<{ createWorkspace: { workspace: { id: string } } }, object>(
      'mutation { createWorkspace(input: { name: "Acme" }) { ... on CreateWorkspacePayload { workspace { id } } } }',
    )
    const workspaceId = createWorkspace.workspace.id
    const webhookSecret = "It's a Secret to Everybody"
    const made = await client.request<{ createIntegration: { integration: { webhookUrl: string } } }, object>(
      createIntegration,
      {
        ...{ workspaceId, webhookSecret, definition: JSON.parse(definition) },
      },
    )
    const { webhookUrl } = made.createIntegration.integration
    expect(webhookUrl.startsWith(`${program.url}/webhooks/`)).toBe(true)
    const connected = await client.request<{ createConnection: { connection: { id: string } } }, object>(connect, {
      ...{ workspaceId, token: 'a-token' },
    })
    const { id } = connected.createConnection.connection
    const before = await client.request<{ workspace: { events: { pageInfo: { endCursor: string } } } }, object>(
      'query ($id: ID!) { workspace(id: $id) { events { pageInfo { endCursor } } } }',
      { id: workspaceId },
    )
    const after = before.workspace.events.pageInfo.endCursor
    const events = client.subscribe<object, object>(subscription, { workspaceId, after })
    const env = { ...process.env, WEBHOOK_URL: webhookUrl, WEBHOOK_SECRET: webhookSecret }
    const run = async () => (await promisify(execFile)('sh', ['-c', commands], { env })).stdout
    const first = events.next()
    expect(await run()).toBe('ok\n')
    expect((await first).value).toEqual({
      workspaceEvents: {
        connection: { id, endUser: { externalId: 'ada' } },
        ...{ integration: { slug: 'github' }, providerEventType: 'issues' },
        providerEventId: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        body: { action: 'opened', installation: { id: 4711 }, issue: { number: 1, title: 'It works' } },
      },
    })
    expect(await run()).toBe('ok\n')
    const { workspace } = await client.request<{ workspace: { events: { totalCount: number } } }, object>(
      'query ($id: ID!) { workspace(id: $id) { events(types: [PROVIDER_EVENT_RECEIVED]) { totalCount } } }',
      { id: workspaceId },
    )
    expect(workspace.events.totalCount).toBe(1)
  } finally {
    await client.close()
    await program.stop()
  }
}, 60_000)
