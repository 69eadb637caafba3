import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts'
import { ERRORS, goThrough, type OAuthFixture, startOAuthFixture } from './oauth-fixture.ts'

const PRM = '/.well-known/oauth-protected-resource'

/**
 * docs/guides/mcp-servers.md from outside: an MCP server of the official SDK, which accepts only tokens that oidc-provider has issued for
 * it, and clients that are registered there.
 */
describe('An MCP server that is known by its URL alone', () => {
  let latchkey: OAuthFixture
  let authorization: OidcServer
  let http: Server
  let origin: string
  /** Where the metadata of the resource is, and what it says. */
  let metadata: Record<string, unknown>
  let challenge: string
  const resource = () => `${origin}/mcp`
  const about = (more: object = {}) => ({
    resource: resource(),
    authorization_servers: [authorization.issuer],
    scopes_supported: ['api:read'],
    ...more,
  })

  beforeAll(async () => {
    latchkey = await startOAuthFixture({ issuerMetadata: { goodForMs: 0, failedForMs: 0 } })
    http = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', origin)
      if (pathname !== '/mcp') {
        const found = metadata[pathname]
        response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' })
        return void response.end(JSON.stringify(found ?? {}))
      }
      if (!(await isForThisServer(request)))
        return void response.writeHead(401, { 'www-authenticate': challenge }).end()
      const server = new McpServer({ name: 'ledger', version: '1.0.0' })
      server.registerTool('read_balance', { description: 'Reads the balance.' }, () => ({
        content: [{ type: 'text', text: '42' }],
      }))
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
      response.on('close', () => void server.close())
      await server.connect(transport as Parameters<McpServer['connect']>[0])
      await transport.handleRequest(request, response)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    authorization = await startOidcServer({ registration: true, resources: [`${origin}/mcp`, `${origin}/other`] })
  })
  beforeEach(() => {
    challenge = `Bearer resource_metadata="${origin}${PRM}/mcp"`
    metadata = { [`${PRM}/mcp`]: about() }
  })
  afterAll(async () => {
    await latchkey.stop()
    await authorization[Symbol.asyncDispose]()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })

  /** RFC 8707: a token that was issued for another resource is refused. */
  async function isForThisServer({ headers }: IncomingMessage): Promise<boolean> {
    const token = await authorization.provider.AccessToken.find(headers.authorization?.replace(/^Bearer /, '') ?? '')
    return token?.isValid === true && [token.aud].flat().includes(resource())
  }

  async function create(slug: string, auth: object = {}) {
    const { data, errors } = await latchkey.app.request(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
        ${ERRORS} ... on CreateIntegrationPayload { integration { definition } } } }`,
      {
        input: {
          workspaceId: latchkey.workspace.id,
          slug,
          definition: {
            displayName: 'Ledger',
            baseUrl: resource(),
            auth: { type: 'oauth2', grant: 'authorization_code', registration: {}, ...auth },
          },
        },
      },
      latchkey.workspace.key,
    )
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data.createIntegration
  }

  async function connect(slug: string): Promise<string> {
    const begun = await latchkey.start({ integration: slug })
    const handle = (await goThrough(begun.authorizationUrl)).searchParams.get('handle')
    const { connection } = await latchkey.call('confirmConnection', { handle })
    expect(connection.status).toBe('ACTIVE')
    return connection.id
  }

  async function callTool(connectionId: string) {
    const { data, errors } = await latchkey.app.request(
      `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) {
        ${ERRORS} ... on ExecuteRequestPayload { response { status body } } } }`,
      {
        input: {
          connectionId,
          method: 'POST',
          path: '',
          headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
          body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'read_balance', arguments: {} } },
        },
      },
      latchkey.workspace.key,
    )
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data.executeRequest
  }

  const answered = { response: { status: 200, body: { result: { content: [{ type: 'text', text: '42' }] } } } }

  it('is connected and called, wherever its metadata is', async () => {
    const places: Record<string, () => void> = {
      'at-the-challenge': () => {
        challenge = `Bearer error="invalid_token", resource_metadata="${origin}/about/this"`
        metadata = { '/about/this': about() }
      },
      'below-its-path': () => {
        challenge = 'Bearer'
        metadata = { [`${PRM}/mcp`]: about(), [PRM]: about({ authorization_servers: ['https://other.example'] }) }
      },
      'at-its-root': () => {
        challenge = 'Bearer'
        metadata = { [PRM]: about() }
      },
    }
    for (const [slug, place] of Object.entries(places)) {
      place()
      const { integration } = await create(slug)
      expect(integration.definition.auth).toMatchObject({ issuer: authorization.issuer, resource: resource() })
      expect(await callTool(await connect(slug)), slug).toMatchObject(answered)
    }
  })

  it('is called with a renewed token, which is for it too', async () => {
    await create('renewed')
    const connectionId = await connect('renewed')
    const renewed = await latchkey.app.mutate(
      `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS} } }`,
      { connectionId, force: true },
      latchkey.workspace.key,
    )
    expect(renewed).not.toHaveProperty('code')
    expect(await callTool(connectionId)).toMatchObject(answered)
  })

  it('refuses the token of another resource', async () => {
    await create('other', { resource: `${origin}/other` })
    expect(await callTool(await connect('other'))).toMatchObject({ response: { status: 401 } })
  })

  it('is refused with the reason when nothing, or another resource, is described', async () => {
    const wrong: [reason: string, described: Record<string, unknown>, challenge?: string][] = [
      ['has no metadata', {}, 'Bearer'],
      ['does not exist', {}],
      ['not that of the baseUrl', { [`${PRM}/mcp`]: about({ resource: `${origin}/other` }) }],
      ['not that of the baseUrl', { [`${PRM}/mcp`]: about({ resource: 'https://other.example' }) }],
      ['not that of the baseUrl', { [PRM]: about({ resource: `${origin}/other` }) }, 'Bearer'],
      ['no authorization server', { [`${PRM}/mcp`]: about({ authorization_servers: [] }) }],
    ]
    const usual = challenge
    for (const [index, [reason, described, asked = usual]] of wrong.entries()) {
      metadata = described
      challenge = asked
      const refused = await create(`wrong-${index}`)
      expect(refused, reason).toMatchObject({ code: 'INVALID_INPUT' })
      expect(refused.fields[0].message).toContain(reason)
    }
  })
})
