import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { inheritedEnv, repositoryRoot } from '../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { blocksOf } from '../support/readme.ts'

const page = await readFile(join(repositoryRoot, 'docs/moving-from-nango.md'), 'utf8')
const script = blocksOf(page).find(({ language }) => language === 'ts')?.text ?? ''

/** Connections as Nango's API returns them (nango.dev/docs/reference/api/connection). */
const CONNECTIONS = [
  {
    connection_id: 'conn-ada',
    provider_config_key: 'crm',
    end_user: { id: 'ada' },
    metadata: { plan: 'pro' },
    credentials: {
      type: 'OAUTH2',
      access_token: 'access-of-ada',
      refresh_token: 'refresh-of-ada',
      expires_at: '2099-01-01T00:00:00.000Z',
    },
  },
  {
    connection_id: 'conn/alan',
    provider_config_key: 'crm',
    end_user: null,
    metadata: null,
    credentials: { type: 'OAUTH2', access_token: 'access-of-alan', expires_at: '2099-01-01T00:00:00.000Z' },
  },
  { connection_id: 'conn-other', provider_config_key: 'mail', credentials: { type: 'API_KEY', apiKey: 'key' } },
]

describe('docs/moving-from-nango.md', () => {
  let app: TestApp
  let nango: ProviderServer
  let folder: string
  let workspace: Awaited<ReturnType<TestApp['createWorkspace']>>

  beforeAll(async () => {
    nango = await startProvider(({ url, headers }, response) => {
      if (headers.authorization !== 'Bearer nango-key') return sendJson(response, { error: 'unauthorized' }, {}, 401)
      if (url.pathname === '/connections') {
        return sendJson(response, { connections: CONNECTIONS.map(({ credentials: _hidden, ...listed }) => listed) })
      }
      const id = decodeURIComponent(url.pathname.replace('/connections/', ''))
      const key = url.searchParams.get('provider_config_key')
      const found = CONNECTIONS.find((each) => each.connection_id === id && each.provider_config_key === key)
      sendJson(response, found ?? { error: 'not found' }, {}, found === undefined ? 404 : 200)
    })
    app = await startTestApp()
    workspace = await app.createWorkspace()
    const definition = {
      displayName: 'CRM',
      baseUrl: nango.origin,
      auth: {
        type: 'oauth2',
        grant: 'authorization_code',
        authorizationUrl: `${nango.origin}/authorize`,
        tokenUrl: `${nango.origin}/token`,
      },
    }
    await app.mutate(
      'mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename ... on Error { message } } }',
      {
        workspaceId: workspace.id,
        slug: 'crm',
        definition,
        oauthClient: { clientId: 'acme', clientSecret: 'a client secret' },
      },
    )
    folder = await mkdtemp(join(tmpdir(), 'latchkey-moving-'))
    await writeFile(join(folder, 'move.ts'), script)
  })

  afterAll(async () => {
    await app?.stop()
    await nango?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs the script of the page. @returns what it prints */
  async function move(): Promise<string> {
    const env = {
      ...inheritedEnv(),
      NANGO_URL: nango.origin,
      NANGO_KEY: 'nango-key',
      LATCHKEY_URL: app.url,
      LATCHKEY_KEY: workspace.key,
      WORKSPACE: workspace.id,
      INTEGRATION: 'crm',
    }
    const child = spawn(process.execPath, ['move.ts'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
    return text(child.stdout)
  }

  it('moves the connections of one integration with their tokens, and can be run again', async () => {
    expect(await move()).toBe('conn-ada ACTIVE\nconn/alan ACTIVE\n')
    const again = await move()
    expect(again.match(/^conn.*already.*$/gm)).toHaveLength(2)
    const { data } = await app.request(
      `query ($id: ID!) { workspace(id: $id) { connections(first: 10) { totalCount nodes { externalId metadata endUser { externalId } credential { refreshable expiresAt } } } } }`,
      { id: workspace.id },
    )
    expect(data.workspace.connections).toMatchObject({
      totalCount: 2,
      nodes: [
        {
          externalId: 'conn-ada',
          metadata: { plan: 'pro' },
          endUser: { externalId: 'ada' },
          credential: { refreshable: true },
        },
        { externalId: 'conn/alan', metadata: {}, endUser: { externalId: 'conn/alan' } },
      ],
    })
  })
})
