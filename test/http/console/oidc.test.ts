import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts'

const CLIENT = { client_id: 'latchkey-console', client_secret: 'a secret of the console' }
const CREATE_WORKSPACE = `mutation { createWorkspace(input: { name: "New" }) { __typename ... on Error { message } } }`

interface Visit {
  location: string
  cookies: Map<string, string>
}

describe('The sign-in to the console by OIDC', () => {
  const running: (() => Promise<unknown>)[] = []
  let claims: Record<string, unknown>
  let server: OidcServer
  let app: TestApp
  /** A free port below those that the system gives to connections, because the provider has to know the address of the callback. */
  const port = 20_000 + Math.floor(Math.random() * 12_000)

  const settings = () => ({
    issuer: server.issuer,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    scopes: 'openid',
    roleClaim: 'groups',
    operators: ['platform'],
    readers: ['support', 'sales'],
  })

  beforeAll(async () => {
    claims = { groups: [], email: 'ada@example.com' }
    server = await startOidcServer({
      clients: [
        {
          ...CLIENT,
          redirect_uris: [port, port + 1].map((each) => `http://127.0.0.1:${each}/console/oidc/callback`),
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      claims,
    })
    running.push(async () => server[Symbol.asyncDispose]())
    app = await startTestApp({
      config: {
        port,
        publicUrl: `http://127.0.0.1:${port}`,
        consoleOidc: settings(),
      },
    })
    running.push(() => app.stop())
  })
  afterEach(() => {
    claims['groups'] = []
  })
  afterAll(async () => {
    for (const stop of running.reverse()) await stop()
  })

  /** Follows redirects with the cookies of one browser, until `until` accepts an address or there is no redirect. */
  async function follow(
    start: string,
    until: (url: URL) => boolean,
    cookies = new Map<string, string>(),
  ): Promise<Visit> {
    let location = start
    for (let hops = 0; hops < 12; hops += 1) {
      if (until(new URL(location))) break
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(location, { redirect: 'manual', headers: { cookie } })
      await response.arrayBuffer()
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      const next = response.headers.get('location')
      if (next === null) break
      location = new URL(next, location).href
    }
    return { location, cookies }
  }
  const isConsole = ({ pathname }: URL) => pathname === '/console' || pathname === '/console/sign-in'
  const isCallback = ({ pathname }: URL) => pathname === '/console/oidc/callback'
  const signIn = () => follow(`${app.url}/console/oidc`, isConsole)
  const graphql = async ({ cookies }: Visit, query: string) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: app.url, 'x-latchkey-console': '1', cookie },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as { data: Record<string, never>; errors?: unknown[] }
  }

  it('lets a member of a group of operators do what an operator key may', async () => {
    claims['groups'] = ['something', 'platform', 'support']
    const visit = await signIn()
    expect(visit.location).toBe(`${app.url}/console`)
    const { data } = await graphql(visit, '{ viewer { kind role workspace { id } } }')
    expect(data).toEqual({ viewer: { kind: 'OPERATOR', role: 'OPERATOR', workspace: null } })
    expect((await graphql(visit, CREATE_WORKSPACE)).data['createWorkspace']).toEqual({
      __typename: 'CreateWorkspacePayload',
    })
  })

  it('lets a member of a group of readers see every workspace and change nothing', async () => {
    claims['groups'] = 'sales'
    const workspace = await app.createWorkspace('Seen')
    const visit = await signIn()
    const { data } = await graphql(visit, '{ viewer { role } workspaces(first: 50) { nodes { id } } }')
    expect(data).toMatchObject({
      viewer: { role: 'READER' },
      workspaces: { nodes: expect.arrayContaining([{ id: workspace.id }]) },
    })
    for (const change of [
      CREATE_WORKSPACE,
      `mutation { updateWorkspace(input: { workspaceId: "${workspace.id}", name: "x" }) { __typename ... on Error { message } } }`,
      `mutation { createIntegration(input: { workspaceId: "${workspace.id}", slug: "x", provider: "sandbox" }) { __typename ... on Error { message } } }`,
      `mutation { createApiKey(input: { workspaceId: "${workspace.id}", name: "x", role: READER }) { __typename ... on Error { message } } }`,
      `mutation { createApiKey(input: { name: "x", role: OPERATOR }) { __typename ... on Error { message } } }`,
      `mutation { createConnectSession(input: { workspaceId: "${workspace.id}", endUserExternalId: "ada" }) { __typename ... on Error { message } } }`,
    ]) {
      const answer = await graphql(visit, change)
      expect(answer, change).toMatchObject({
        data: { [/\{ (\w+)/.exec(change)?.[1] ?? '']: { __typename: 'ForbiddenError' } },
      })
    }
    expect((await graphql(visit, '{ auditEvents(first: 1) { nodes { id } } }')).errors).toHaveLength(1)
  })

  it('refuses a person without a role, and writes both into the audit log', async () => {
    claims['groups'] = ['platform']
    await signIn()
    claims['groups'] = ['others']
    const visit = await signIn()
    expect(visit.location).toBe(`${app.url}/console/sign-in?problem=role`)
    expect([...visit.cookies.keys()].filter((name) => name.startsWith('latchkey'))).toEqual([])
    const { data } = await app.request(
      '{ auditEvents(first: 2) { nodes { actor actorKind action outcome workspaceId } } }',
    )
    expect(data.auditEvents.nodes).toEqual(
      ['FORBIDDEN', 'OK'].map((outcome) => ({
        actor: 'ada@example.com',
        actorKind: 'OPERATOR',
        action: 'consoleSignIn',
        outcome,
        workspaceId: null,
      })),
    )
  })

  it('does not tell workspaces who an operator is', async () => {
    claims['groups'] = ['platform']
    const workspace = await app.createWorkspace('Private')
    const visit = await signIn()
    await graphql(
      visit,
      `mutation { updateWorkspace(input: { workspaceId: "${workspace.id}", name: "Renamed" }) { __typename } }`,
    )
    const { data } = await app.request(
      `{ workspace(id: "${workspace.id}") { auditEvents(first: 1) { nodes { actor action } } } }`,
      {},
      workspace.key,
    )
    expect(data.workspace.auditEvents.nodes).toEqual([{ actor: 'operator', action: 'updateWorkspace' }])
  })

  it('accepts a response only in the browser that asked for it, and only once', async () => {
    claims['groups'] = ['platform']
    const { location, cookies } = await follow(`${app.url}/console/oidc`, isCallback)
    const problem = `${app.url}/console/sign-in?problem=oidc`
    expect((await follow(location, isConsole, new Map())).location).toBe(problem)
    const other = await follow(`${app.url}/console/oidc`, isCallback)
    expect((await follow(location, isConsole, other.cookies)).location).toBe(problem)
    expect((await follow(location, isConsole, new Map(cookies))).location).toBe(`${app.url}/console`)
    expect((await follow(location, isConsole, new Map(cookies))).location).toBe(problem)
  })

  it.each([
    ['another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer, although the provider sends one', (url: URL) => url.searchParams.delete('iss')],
    ['an unknown code', (url: URL) => url.searchParams.set('code', 'unknown')],
    ['an error', (url: URL) => url.searchParams.set('error', 'access_denied')],
  ])('refuses a response with %s', async (_title, change) => {
    claims['groups'] = ['platform']
    const { location, cookies } = await follow(`${app.url}/console/oidc`, isCallback)
    const url = new URL(location)
    change(url)
    const visit = await follow(url.href, isConsole, cookies)
    expect(visit.location).toBe(`${app.url}/console/sign-in?problem=oidc`)
    expect([...visit.cookies.keys()].some((name) => name.startsWith('latchkey_console'))).toBe(false)
    expect(app.log.join('\n')).not.toContain(CLIENT.client_secret)
  })

  it('says in the log that the provider refuses the client secret, without the secret', async () => {
    const publicUrl = `http://127.0.0.1:${port + 1}`
    const wrong = await startTestApp({
      config: { port: port + 1, publicUrl, consoleOidc: { ...settings(), clientSecret: 'a secret that is wrong' } },
    })
    running.push(() => wrong.stop())
    const { location } = await follow(`${publicUrl}/console/oidc`, isConsole)
    expect(location).toBe(`${publicUrl}/console/sign-in?problem=oidc`)
    const line = wrong.log.find((each) => each.includes('a sign-in to the console by OIDC failed'))
    expect(line).toMatch(/refused/)
    expect(wrong.log.join()).not.toContain('a secret that is wrong')
  })

  it('keeps the cookie of the sign-in from scripts and from other sites', async () => {
    const response = await fetch(`${app.url}/console/oidc`, { redirect: 'manual' })
    expect(response.headers.get('set-cookie')).toMatch(
      /^latchkey_console_oidc=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/,
    )
    const location = new URL(response.headers.get('location') ?? '')
    expect(location.searchParams.get('code_challenge_method')).toBe('S256')
    expect(location.href).not.toContain(/=([\w-]{43});/.exec(response.headers.get('set-cookie') ?? '')?.[1])
  })
})
