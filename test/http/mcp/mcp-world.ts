import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { Jar } from '../connect-page/jar.ts'

export const GOOD_KEY = 'ledger-key-that-is-good-0123456789'

interface ToolSession {
  id: string
  url: string
  token: string
  expiresAt: string
  tools: string[]
}

/** Latchkey, a workspace with the integration `ledger`, and its provider. */
export interface McpWorld {
  app: TestApp
  provider: ProviderServer
  workspace: { id: string; slug: string; key: string }
  createIntegration(
    slug: string,
    more?: Record<string, unknown>,
    workspace?: { id: string; key: string },
  ): Promise<string>
  createKey(input: Record<string, unknown>): Promise<string>
  createSession(input?: Record<string, unknown>, key?: string): Promise<ToolSession>
  /** The result of a mutation: any member of its union. */
  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  run(name: string, input: Record<string, unknown>, payload?: string, key?: string): Promise<any>
  /** Connects an account with its key, for an end user. @returns the global id of the connection */
  connect(input?: Record<string, unknown>): Promise<string>
  /** A client of the MCP endpoint, which is closed with the world. */
  client(token: string, options?: ClientOptions): Promise<Client>
  stop(): Promise<void>
}

interface ClientOptions {
  /** Default: false. */
  elicitsUrls?: boolean
  url?: string
}

/** What the ledger offers. Only `create_item` and `delete_item` write. */
const ACTIONS = [
  {
    name: 'list_items',
    title: 'List items',
    description: 'Lists the items of the ledger.',
    input: {
      type: 'object',
      properties: { limit: { type: 'integer', minimum: 1, maximum: 100_000 }, query: { type: 'string' } },
      additionalProperties: false,
    },
    request: { method: 'GET', path: '/items', query: { limit: '{{ args.limit }}', q: '{{ args.query }}' } },
    output: 'data',
  },
  {
    name: 'create_item',
    input: {
      type: 'object',
      properties: { name: { type: 'string', minLength: 1 }, amount: { type: 'number' } },
      required: ['name', 'amount'],
      additionalProperties: false,
    },
    request: { method: 'POST', path: '/items', json: { name: '{{ args.name }}', amount: '{{ args.amount }}' } },
  },
  {
    name: 'delete_item',
    input: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
    request: { method: 'DELETE', path: '/items/{{ args.id }}' },
  },
]

export function ledger(origin: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    displayName: 'Ledger',
    baseUrl: origin,
    auth: { type: 'bearer', fields: [{ name: 'token', label: 'Access key', secret: true, required: true }] },
    testRequest: { path: '/me' },
    actions: ACTIONS,
    ...more,
  }
}

/** A ledger of any number of items, which echoes what it got. */
function startLedger(): Promise<ProviderServer> {
  return startProvider(({ url, headers, method, body }, response) => {
    if (headers.authorization !== `Bearer ${GOOD_KEY}` && !headers.authorization?.startsWith('Bearer key-of-')) {
      sendJson(response, { error: 'bad_key' }, {}, 401)
    } else if (url.pathname === '/me') sendJson(response, { ok: true })
    else if (url.pathname !== '/items') sendJson(response, { error: 'not_found', path: url.pathname }, {}, 404)
    else if (method === 'POST') sendJson(response, { id: '1', ...JSON.parse(body) }, {}, 201)
    else if (url.searchParams.get('q') === 'bad') {
      sendJson(response, { error: 'The query cannot be read.', echo: headers.authorization }, {}, 422)
    } else {
      const limit = Number(url.searchParams.get('limit') ?? 2)
      const owner = headers.authorization
      const items = Array.from({ length: limit }, (_, index) => ({ id: String(index), note: 'n'.repeat(40) }))
      sendJson(response, { data: items, owner })
    }
  })
}

export async function startMcpWorld(options: TestAppOptions = {}): Promise<McpWorld> {
  const provider = await startLedger()
  const app = await startTestApp({ ...options, config: { publicUrl: 'http://127.0.0.1:0', ...options.config } })
  const workspace = await app.createWorkspace()
  const clients: Client[] = []

  const run: McpWorld['run'] = async (name, input, payload = '__typename', key = workspace.key) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    const { data, errors } = await app.request(
      `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on Error { message }
        ... on InvalidInputError { fields { path message } } ... on ${type}Payload { ${payload} } } }`,
      { input },
      key,
    )
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data[name]
  }
  const must: McpWorld['run'] = async (name, ...rest) => {
    const result = await run(name, ...rest)
    if (result.__typename.endsWith('Error')) throw new Error(JSON.stringify(result))
    return result
  }
  await must('updateWorkspace', { workspaceId: workspace.id, confirmation: 'NONE' })
  const world: McpWorld = {
    ...{ app, provider, workspace, run },
    async createIntegration(slug, more = {}, { id, key } = workspace) {
      const input = { workspaceId: id, slug, definition: ledger(provider.origin, more) }
      return (await must('createIntegration', input, 'integration { id }', key)).integration.id
    },
    createKey: async (input) => {
      const given = { workspaceId: workspace.id, name: 'test', role: 'ADMIN', ...input }
      return (await must('createApiKey', given, 'key')).key
    },
    createSession: (input = {}, key = workspace.key) => {
      const given = {
        workspaceId: workspace.id,
        ...('endUserId' in input ? {} : { endUserExternalId: 'ada' }),
        ...input,
      }
      return must('createToolSession', given, 'id url token expiresAt tools', key)
    },
    async connect(input = {}) {
      const given = {
        workspaceId: workspace.id,
        integration: 'ledger',
        endUserExternalId: 'ada',
        credential: { fields: { token: GOOD_KEY } },
        ...input,
      }
      return (await must('createConnection', given, 'connection { id }')).connection.id
    },
    async client(token, { elicitsUrls = false, url = `${app.url}/mcp` } = {}) {
      const client = new Client(
        { name: 'test', version: '1' },
        { capabilities: elicitsUrls ? { elicitation: { url: {} } } : {} },
      )
      const headers = { authorization: `Bearer ${token}` }
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
      clients.push(client)
      return client
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()))
      await app.stop()
      await provider.close()
    },
  }
  await world.createIntegration('ledger')
  return world
}

/** The text of a result. */
export function textOf(result: Awaited<ReturnType<Client['callTool']>>): string {
  return (result as CallToolResult).content.map((each) => (each.type === 'text' ? each.text : '')).join('\n')
}

/** The link in a text. */
export function linkIn(text: string): string {
  return /http:\/\/\S+\/connect\/\S+/.exec(text)?.[0] ?? 'no link'
}

/** Connects an account with a link, as a person in a browser does. @returns where the browser ends */
export async function connectWith(link: string, key = GOOD_KEY, integration = 'ledger'): Promise<string> {
  const jar = new Jar()
  const taken = await jar.post(link, { integration })
  const form = taken.headers.get('location') ?? ''
  const sent = await jar.post(new URL(form, link).href, { 'credential.token': key })
  const finish = sent.headers.get('location') ?? `${sent.status} ${await sent.text()}`
  return (await jar.get(finish)).headers.get('location') ?? finish
}
