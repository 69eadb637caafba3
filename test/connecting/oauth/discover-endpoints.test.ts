import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type ProviderRequestSeen,
  type ProviderServer,
  sendJson,
  startProvider,
} from '../../support/provider-server.ts'
import { ERRORS, goThrough, type OAuthFixture, startOAuthFixture } from './oauth-fixture.ts'

const PRM = '/.well-known/oauth-protected-resource'
const RFC8414 = '/.well-known/oauth-authorization-server'
const TOKENS = { access_token: 'at-0123456789', refresh_token: 'rt-0123456789', token_type: 'Bearer', expires_in: 3600 }

/** An MCP server with its own authorization server at `/as`, in the shapes of the MCP specification of 2025-11-25. */
describe('A definition that leaves its endpoints out', () => {
  let latchkey: OAuthFixture
  let server: ProviderServer
  /** What a test changes of the server. By path. */
  let answers: Record<string, unknown>
  let challenge: string | null
  const issuer = () => `${server.origin}/as`
  const resource = () => `${server.origin}/mcp`

  beforeAll(async () => {
    latchkey = await startOAuthFixture({ issuerMetadata: { goodForMs: 0, failedForMs: 0 } })
    server = await startProvider(handle)
  })
  beforeEach(() => {
    server.requests.length = 0
    challenge = `Bearer error="invalid_token", resource_metadata="${server.origin}${PRM}/mcp"`
    answers = {
      [`${PRM}/mcp`]: { resource: resource(), authorization_servers: [issuer()], scopes_supported: ['read', 'write'] },
      [`${RFC8414}/as`]: {
        issuer: issuer(),
        authorization_endpoint: `${issuer()}/authorize`,
        token_endpoint: `${issuer()}/token`,
        registration_endpoint: `${issuer()}/register`,
        revocation_endpoint: `${issuer()}/revoke`,
        token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
        code_challenge_methods_supported: ['S256'],
      },
      '/as/register': { client_id: 'mcp-client', client_secret: 'mcp-secret', client_secret_expires_at: 0 },
      '/as/token': TOKENS,
    }
  })
  afterAll(async () => {
    await latchkey.stop()
    await server.close()
  })

  function handle({ method, url, headers }: ProviderRequestSeen, response: ServerResponse) {
    const { pathname, searchParams } = url
    if (pathname === '/as/authorize') {
      const back = new URL(searchParams.get('redirect_uri') ?? '')
      back.search = new URLSearchParams({ code: 'a-code', state: searchParams.get('state') ?? '' }).toString()
      response.writeHead(302, { location: back.href }).end()
    } else if (pathname === '/mcp' && headers.authorization === undefined) {
      response.writeHead(401, challenge === null ? {} : { 'www-authenticate': challenge }).end()
    } else {
      const body = answers[pathname]
      if (typeof body === 'number') response.writeHead(body).end()
      else
        sendJson(
          response,
          body ?? {},
          {},
          body === undefined ? 404 : method === 'POST' && pathname.endsWith('register') ? 201 : 200,
        )
    }
  }

  const mcp = (auth: object = {}, baseUrl = resource()) => ({
    displayName: 'MCP server',
    baseUrl,
    auth: { type: 'oauth2', grant: 'authorization_code', registration: {}, ...auth },
  })
  let integrations = 0
  async function create(definition: object) {
    integrations += 1
    const slug = `mcp-${integrations}`
    const { data, errors } = await latchkey.app.request(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) {
        ${ERRORS} ... on CreateIntegrationPayload { integration { id slug definition } } } }`,
      { input: { workspaceId: latchkey.workspace.id, slug, definition } },
      latchkey.workspace.key,
    )
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data.createIntegration
  }
  const paths = () => server.requests.map(({ method, url }) => `${method} ${url.pathname}`)
  const formOf = (path: string) =>
    new URLSearchParams(server.requests.findLast(({ url }) => url.pathname === path)?.body ?? '')

  it('is completed from the metadata of the API and of its authorization server (RFC 9728, RFC 8414)', async () => {
    const { integration } = await create(mcp())
    expect(integration.definition.auth).toEqual({
      type: 'oauth2',
      grant: 'authorization_code',
      issuer: issuer(),
      authorizationUrl: `${issuer()}/authorize`,
      tokenUrl: `${issuer()}/token`,
      revocation: { url: `${issuer()}/revoke` },
      registration: { url: `${issuer()}/register` },
      resource: resource(),
      scopes: ['read', 'write'],
    })
    expect(paths()).toEqual(['GET /mcp', `GET ${PRM}/mcp`, `GET ${RFC8414}/as`])
  })

  it('gets the endpoints for clients with a certificate if it has a client certificate (RFC 8705 section 5) [OA-36]', async () => {
    answers[`${RFC8414}/as`] = {
      ...(answers[`${RFC8414}/as`] as object),
      mtls_endpoint_aliases: {
        token_endpoint: `${issuer()}/mtls/token`,
        revocation_endpoint: `${issuer()}/mtls/revoke`,
      },
    }
    const auth = { type: 'oauth2', grant: 'client_credentials', issuer: issuer() }
    const urlsOf = async (more: object) => {
      const { integration } = await create({ displayName: 'Bank', baseUrl: resource(), auth: { ...auth, ...more } })
      const { tokenUrl, revocation } = integration.definition.auth
      return [tokenUrl, revocation.url]
    }
    expect(await urlsOf({})).toEqual([`${issuer()}/token`, `${issuer()}/revoke`])
    expect(await urlsOf({ clientCertificate: {} })).toEqual([`${issuer()}/mtls/token`, `${issuer()}/mtls/revoke`])
  })

  it('connects an account with one line, and names the resource in each request (RFC 8707)', async () => {
    const { integration } = await create(mcp())
    const begun = await latchkey.start({ integration: integration.slug })
    const asked = new URL(begun.authorizationUrl).searchParams
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: 'mcp-client',
      resource: resource(),
      scope: 'read write',
      code_challenge_method: 'S256',
    })
    const handle = (await goThrough(begun.authorizationUrl)).searchParams.get('handle')
    const { connection } = await latchkey.call('confirmConnection', { handle })
    expect(connection.status).toBe('ACTIVE')
    expect(Object.fromEntries(formOf('/as/token'))).toMatchObject({
      grant_type: 'authorization_code',
      resource: resource(),
    })
    const token = server.requests.findLast(({ url }) => url.pathname === '/as/token')
    // The server supports no client_secret_post.
    expect(token?.headers.authorization).toBe(`Basic ${btoa('mcp-client:mcp-secret')}`)
    await latchkey.app.mutate(
      `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS} } }`,
      { connectionId: connection.id, force: true },
      latchkey.workspace.key,
    )
    expect(Object.fromEntries(formOf('/as/token'))).toMatchObject({ grant_type: 'refresh_token', resource: resource() })
  })

  it('has the scopes of the challenge, and keeps what it says itself', async () => {
    challenge = `Bearer scope="files:read", resource_metadata=${server.origin}${PRM}/mcp`
    expect((await create(mcp())).integration.definition.auth.scopes).toEqual(['files:read'])
    const own = { scopes: ['own'], tokenUrl: `${server.origin}/own/token`, resource: `${server.origin}/own` }
    expect((await create(mcp(own))).integration.definition.auth).toMatchObject(own)
  })

  it('finds the metadata of the API without a challenge, at its path and at the root', async () => {
    challenge = null
    await create(mcp())
    expect(paths()).toContain(`GET ${PRM}/mcp`)
    answers[PRM] = { ...(answers[`${PRM}/mcp`] as object), resource: server.origin }
    delete answers[`${PRM}/mcp`]
    expect((await create(mcp())).integration.definition.auth).toMatchObject({
      resource: server.origin,
      issuer: issuer(),
    })
  })

  it('takes the origin of an API without metadata as the issuer', async () => {
    challenge = null
    answers[RFC8414] = { ...(answers[`${RFC8414}/as`] as object), issuer: server.origin }
    delete answers[`${PRM}/mcp`]
    const { auth } = (await create(mcp())).integration.definition
    expect(auth).toMatchObject({ issuer: server.origin, tokenUrl: `${issuer()}/token` })
    expect(auth).not.toHaveProperty('resource')
  })

  it('is completed from an OpenID document, after the path of the issuer or before it', async () => {
    const document = answers[`${RFC8414}/as`]
    delete answers[`${RFC8414}/as`]
    for (const place of ['/as/.well-known/openid-configuration', '/.well-known/openid-configuration/as']) {
      answers[place] = document
      const { integration } = await create(mcp({ issuer: issuer(), registration: undefined }))
      expect(integration.definition.auth).toMatchObject({
        tokenUrl: `${issuer()}/token`,
        clientAuth: 'client_secret_basic',
      })
      delete answers[place]
    }
  })

  it('is refused with the reason when the metadata cannot be used', async () => {
    const api = `${PRM}/mcp`
    const as = `${RFC8414}/as`
    const usable = { api: answers[api] as object, as: answers[as] as object }
    const cases: [reason: string, change: Record<string, unknown>][] = [
      ['does not exist', { [api]: undefined }],
      ['not that of the baseUrl', { [api]: { ...usable.api, resource: `${server.origin}/other` } }],
      ['not that of the baseUrl', { [api]: { ...usable.api, resource: 'https://other.example/mcp' } }],
      ['names no authorization server', { [api]: { resource: resource(), authorization_servers: [] } }],
      ['Try again', { [api]: 503 }],
      ['has no metadata', { [as]: undefined }],
      ['Try again', { [as]: 503 }],
      ['names the issuer', { [as]: { ...usable.as, issuer: `${issuer()}/` } }],
      ['token_endpoint', { [as]: { ...usable.as, token_endpoint: 'javascript:alert(1)' } }],
      ['token_endpoint', { [as]: { ...usable.as, token_endpoint: `${server.origin}/{{ config.password }}` } }],
      ['authorization_endpoint', { [as]: { ...usable.as, authorization_endpoint: undefined } }],
    ]
    for (const [reason, change] of cases) {
      answers = { ...answers, [api]: usable.api, [as]: usable.as, ...change }
      const refused = await create(mcp())
      expect(refused, reason).toMatchObject({ code: 'INVALID_INPUT' })
      expect(refused.fields[0].message).toContain(reason)
    }
  })

  it('is refused without anything from which the endpoints could be found', async () => {
    const refused = await create({ ...mcp({ registration: undefined }) })
    expect(refused.fields.map(({ path }: { path: string[] }) => path.at(-1))).toEqual(['authorizationUrl', 'tokenUrl'])
    expect(server.requests).toEqual([])
    const template = await create({ ...mcp({}, 'https://{{ input.host }}/mcp'), inputFields: [{ name: 'host' }] })
    expect(template.fields[0].message).toContain('baseUrl is a constant')
  })

  it('does not reach addresses that are not public', async () => {
    const at = 'http://169.254.169.254/latest'
    for (const definition of [mcp({}, at), mcp({ issuer: at })]) {
      const refused = await create(definition)
      expect(refused.fields[0].message).toContain('cannot be read')
    }
    answers[`${PRM}/mcp`] = { resource: resource(), authorization_servers: ['http://10.0.0.1'] }
    expect((await create(mcp())).fields[0].message).toContain('cannot be read')
    expect(paths()).toEqual(['GET /mcp', `GET ${PRM}/mcp`])
  })
})
