import { describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../scripts/provider-files.ts'
import { fixedHostOf, unboundClientUrls } from '../../src/auth/client-hosts.ts'
import { clientHostProblem, hasClientHost } from '../../src/egress/host-rules.ts'
import { receivedBy, useAttacked } from './recording-provider.ts'

const PROVIDERS = await loadProviderFiles()

const SECRET = 'secret-of-the-workspace'

const base = 'http://{{ input.host }}'
const oauth2 = {
  type: 'oauth2',
  grant: 'authorization_code',
  authorizationUrl: `${base}/authorize`,
  tokenUrl: `${base}/token`,
  revocation: { url: `${base}/revoke` },
}
const definitionWith = (auth: object) => ({
  displayName: 'Own server',
  baseUrl: `${base}/api`,
  inputFields: [{ name: 'host', required: true }],
  auth,
})

describe('An OAuth client of the workspace, where people who connect give the host (OA-12)', () => {
  const attacked = useAttacked()
  let slugs = 0
  let tokens = 0

  const hostOf = (server: 'good' | 'evil') => new URL(attacked[server].origin).host

  async function integrate(auth: object = oauth2, client: object = { hosts: [hostOf('good')] }) {
    const slug = `own-${++slugs}`
    const { integration, ...error } = await attacked.send(
      'createIntegration',
      {
        workspaceId: attacked.workspace.id,
        slug,
        definition: definitionWith(auth),
        oauthClient: { clientId: 'client', clientSecret: SECRET, ...client },
      },
      'integration { id slug oauthClient { hosts } }',
    )
    return integration ?? error
  }

  /** As an integration that an earlier version has stored. */
  async function integrateWithoutHosts(auth: object = oauth2) {
    const integration = await integrate(auth)
    await attacked.app.database.sql.query('UPDATE integration SET oauth_client_hosts = NULL WHERE slug = $1::text', [
      integration.slug,
    ])
    return integration
  }

  async function connect(integration: string, host: string, credential: object): Promise<string> {
    const { connection } = await attacked.send(
      'createConnection',
      { workspaceId: attacked.workspace.id, integration, input: { host }, credential },
      'connection { id }',
    )
    return connection.id
  }

  /** A token that is renewed at its first use. Each has a refresh token of its own, because a spent one is refused. */
  const expired = () => ({
    oauthToken: {
      accessToken: 'own-access',
      refreshToken: `own-refresh-${++tokens}`,
      expiresAt: '2020-01-01T00:00:00Z',
    },
  })
  const call = (connectionId: string) =>
    attacked.send('executeRequest', { connectionId, method: 'GET', path: '/me' }, '__typename')

  it('needs hosts', async () => {
    for (const hosts of [undefined, null, []]) {
      expect(await integrate(oauth2, { hosts })).toMatchObject({
        code: 'INVALID_INPUT',
        fields: [{ path: ['input', 'oauthClient', 'hosts'], message: expect.stringContaining('auth.tokenUrl') }],
      })
    }
    expect(await integrate()).toMatchObject({ oauthClient: { hosts: [hostOf('good')] } })
  })

  it('refuses what is not a host', async () => {
    for (const host of [
      'https://good.example/',
      'good.example/path',
      '*',
      '*.com',
      'a b',
      'x@y.example',
      '*.127.0.0.1',
      '',
    ]) {
      expect(await integrate(oauth2, { hosts: [host] })).toMatchObject({ code: 'INVALID_INPUT' })
    }
  })

  it('is not used at the consent page or the token endpoint of another host', async () => {
    const { slug } = await integrate()
    await attacked.app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }',
      { workspaceId: attacked.workspace.id, redirectUrls: ['https://product.example/'] },
    )
    const start = (host: string, integration = slug) =>
      attacked.send(
        'startOAuth',
        { workspaceId: attacked.workspace.id, integration, redirectUrl: 'https://product.example/', input: { host } },
        'authorizationUrl',
      )
    expect(await start(hostOf('evil'))).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: ['input', 'input'], message: expect.stringContaining('oauthClient.hosts') }],
    })
    expect((await start(hostOf('good'))).authorizationUrl).toContain(`${attacked.good.origin}/authorize`)
    const stored = await integrateWithoutHosts()
    expect(await start(hostOf('good'), stored.slug)).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('is not sent with a renewal, and the connection says why', async () => {
    const { slug } = await integrate()
    const id = await connect(slug, hostOf('evil'), expired())
    expect(await call(id)).toMatchObject({
      code: 'CREDENTIAL_REFRESH',
      message: expect.stringContaining('oauthClient.hosts'),
    })
    expect(await attacked.send('refreshConnection', { connectionId: id, force: true })).toMatchObject({
      code: 'CREDENTIAL_REFRESH',
    })
    expect(await attacked.connection(id)).toMatchObject({
      status: 'ERROR',
      statusReason: expect.stringContaining('oauthClient.hosts'),
      credential: { lastError: { reason: 'INVALID_CLIENT' } },
    })
    expect(attacked.evil.requests).toEqual([])
    // One host does not keep the client from the others.
    const other = await connect(slug, hostOf('good'), expired())
    expect(await call(other)).toMatchObject({ __typename: 'ExecuteRequestPayload' })
    expect(receivedBy(attacked.good)).toContain(SECRET)
  })

  it('is not sent with a revocation', async () => {
    const { slug } = await integrate()
    const id = await connect(slug, hostOf('evil'), expired())
    await attacked.send('deleteConnection', { connectionId: id }, 'deletedId')
    await expect
      .poll(async () => attacked.app.database.sql.query('SELECT 1 AS one FROM revocation'), { timeout: 20_000 })
      .toEqual([])
    expect(attacked.evil.requests).toEqual([])
  })

  it('is not sent with client credentials, a custom grant, or private_key_jwt', async () => {
    const grants = [
      { type: 'oauth2', grant: 'client_credentials', tokenUrl: `${base}/token` },
      {
        type: 'oauth2',
        grant: 'custom',
        grantType: 'account',
        tokenUrl: `${base}/token`,
        tokenRequest: { params: { s: '{{ config.client_secret }}' } },
      },
      {
        type: 'selective',
        options: [
          { key: 'a', label: 'A', auth: { type: 'oauth2', grant: 'client_credentials', tokenUrl: `${base}/token` } },
        ],
      },
    ]
    for (const auth of grants) {
      const { slug } = await integrate(auth)
      const fields = auth.type === 'selective' ? { auth_method: 'a' } : {}
      expect(await call(await connect(slug, hostOf('evil'), { fields }))).toMatchObject({
        code: 'CREDENTIAL_REFRESH',
      })
    }
    expect(attacked.evil.requests).toEqual([])
  })

  it('is not sent with an OAuth 1.0a request that contains the secret', async () => {
    const urls = { requestTokenUrl: `${base}/r`, authorizationUrl: `${base}/a`, accessTokenUrl: `${base}/t` }
    const { slug } = await integrate({ type: 'oauth1', ...urls, signature: 'PLAINTEXT' })
    const id = await connect(slug, hostOf('evil'), { fields: { token: 't', token_secret: 'ts' } })
    expect(await call(id)).toHaveProperty('code')
    expect(attacked.evil.requests).toEqual([])
  })

  it('is not sent by an integration that an earlier version has stored without hosts', async () => {
    const stored = await integrateWithoutHosts()
    for (const host of [hostOf('evil'), hostOf('good')]) {
      expect(await call(await connect(stored.slug, host, expired()))).toMatchObject({ code: 'CREDENTIAL_REFRESH' })
    }
    expect([attacked.evil.requests, attacked.good.requests]).toEqual([[], []])
  })

  it('a connection with a client of its own is sent where the connection says', async () => {
    const { slug } = await integrate()
    const own = {
      ...expired().oauthToken,
      refreshToken: 'another-refresh',
      clientId: 'own',
      clientSecret: 'own-secret',
    }
    expect(await call(await connect(slug, hostOf('evil'), { oauthToken: own }))).toMatchObject({
      __typename: 'ExecuteRequestPayload',
    })
    expect(receivedBy(attacked.evil)).toContain('own-secret')
    expect(receivedBy(attacked.evil)).not.toContain(SECRET)
  })

  it('another host needs the secret again, fewer hosts do not', async () => {
    const { id } = await integrate(oauth2, { hosts: [hostOf('good'), 'gitlab.example.com'] })
    const update = (oauthClient: object) =>
      attacked.send(
        'updateIntegration',
        { integrationId: id, oauthClient: { clientId: 'client', ...oauthClient } },
        'integration { oauthClient { hosts } }',
      )
    expect(await update({ hosts: [hostOf('good'), hostOf('evil')] })).toMatchObject({
      fields: [{ path: ['input', 'oauthClient', 'clientSecret'] }],
    })
    expect(await update({ hosts: [hostOf('good')] })).toMatchObject({
      integration: { oauthClient: { hosts: [hostOf('good')] } },
    })
    expect(await update({ hosts: null })).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await update({ hosts: ['*.example.com'], clientSecret: SECRET })).toHaveProperty('integration')
    expect(await update({ hosts: ['a.example.com'] })).toHaveProperty('integration')
  })

  it('a secret in the definition needs clientHosts', async () => {
    const auth = { ...oauth2, clientId: 'shared', clientSecret: SECRET }
    const create = (definition: object) =>
      attacked.send(
        'createIntegration',
        { workspaceId: attacked.workspace.id, slug: `own-${++slugs}`, definition },
        'integration { slug }',
      )
    expect(await create(definitionWith(auth))).toMatchObject({
      fields: [{ path: ['input', 'definition', 'auth', 'clientHosts'] }],
    })
    const { integration } = await create(definitionWith({ ...auth, clientHosts: [hostOf('good')] }))
    expect(await call(await connect(integration.slug, hostOf('evil'), expired()))).toMatchObject({
      code: 'CREDENTIAL_REFRESH',
    })
    expect(attacked.evil.requests).toEqual([])
  })
})

describe('The hosts of an OAuth client', () => {
  it('follow from a template that ends with a domain of one owner', () => {
    expect(fixedHostOf('https://{{ input.a }}.zendesk.com/oauth')).toBe('*.zendesk.com')
    expect(fixedHostOf("https://api-{{ input.a | default('x') }}.eu.example.com:8443/")).toBe('*.eu.example.com:8443')
    expect(fixedHostOf('https://example.com/{{ input.a }}')).toBe('example.com')
    for (const source of [
      'https://{{ input.a }}/oauth',
      '{{ input.a }}/oauth',
      'https://{{ input.a }}.com/',
      'https://{{ input.a }}.co.uk/',
      'https://{{ input.a }}.github.io/',
      'https://{{ input.a }}.myshopify.com/',
      'https://{{ input.a }}example.com/',
      'https://{{ input.a }}.0.0.1/',
      'https://x.example.com{{ input.a }}/',
      'https://{{ input.a }}:8443/.example.com',
      'https://{{ input.a }}\\.example.com/',
      'https://{{ input.a }}?.example.com',
    ]) {
      expect(fixedHostOf(source)).toBeNull()
    }
  })

  it('match names, ports, addresses and subdomains', () => {
    const at = (url: string, ...hosts: string[]) => hasClientHost(hosts, new URL(url))
    expect(at('https://GitLab.com./x', 'gitlab.com')).toBe(true)
    expect(at('https://gitlab.com:8443/', 'gitlab.com')).toBe(true)
    expect(at('https://gitlab.com:8443/', 'gitlab.com:443')).toBe(false)
    expect(at('https://gitlab.com.evil.example/', 'gitlab.com', '*.gitlab.com')).toBe(false)
    expect(at('https://evilgitlab.com/', '*.gitlab.com')).toBe(false)
    expect(at('https://gitlab.com/', '*.gitlab.com')).toBe(false)
    expect(at('https://a.b.gitlab.com/', '*.gitlab.com')).toBe(true)
    expect(at('http://[::1]:80/', '::1')).toBe(true)
    expect(at('http://0x7f000001/', '127.0.0.1')).toBe(true)
    expect(at('http://127.0.0.2/', '127.0.0.1')).toBe(false)
    expect(clientHostProblem('10.0.0.0/8')).toContain('host name')
  })

  it('are known for every provider of the catalogue', () => {
    for (const { slug, definition } of PROVIDERS) expect([slug, unboundClientUrls(definition, [])]).toEqual([slug, []])
  })
})
