import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openBrowser } from '../connecting/oauth/browser.ts'
import { CLIENT, oidcDefinition, RETURN_URL } from '../connecting/oauth/oauth-fixture.ts'
import { type ScriptedProvider, startScriptedProvider } from '../connecting/oauth/scripted-provider.ts'
import { findPostgresBinaries, type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts'
import type { Program } from '../support/program.ts'
import { type SilentProxy, startSilentProxy } from '../support/silent-proxy.ts'
import { type Cluster, openCluster } from './cluster.ts'

/** The time limit of a new connection, and of a lost one to be noticed, is 10 s. Other test files use the cores too. */
const ANSWER_WITHIN_MS = 20_000
const LIMIT_MS = 120_000
const SUBSCRIPTION = 'subscription ($id: ID!) { workspaceEvents(workspaceId: $id) { type cursor } }'
const binaries = await findPostgresBinaries()

interface Answer {
  status: number
  retryAfter: string | null
  text: string
  ms: number
}

describe.skipIf(binaries === null)('While PostgreSQL', () => {
  let postgres: OwnPostgres
  let proxy: SilentProxy
  let provider: ScriptedProvider
  let cluster: Cluster
  let program: Program
  let workspaceId: string
  let connectionId: string

  beforeAll(async () => {
    postgres = await startOwnPostgres(binaries ?? '')
    const { close } = await postgres.openDatabase()
    await close()
    const url = new URL(postgres.urlOf('postgres'))
    proxy = await startSilentProxy({ host: url.hostname, port: Number(url.port) })
    url.port = String(proxy.port)
    provider = await startScriptedProvider()
    cluster = openCluster({ DATABASE_URL: url.href, LATCHKEY_PUBLIC_URL: 'http://127.0.0.1:0' })
    program = await cluster.start('all')
    const client = cluster.client(program)
    workspaceId = await cluster.workspace(client)
    await cluster.mutate(client, 'updateWorkspace', { workspaceId, redirectUrls: [RETURN_URL] }, '__typename')
    await cluster.mutate(
      client,
      'createIntegration',
      { workspaceId, slug: 'oidc', definition: oidcDefinition(provider.origin), oauthClient: CLIENT },
      '__typename',
    )
    connectionId = await cluster.connect(client, workspaceId, {
      definition: { displayName: 'API', baseUrl: provider.origin, auth: { type: 'bearer' } },
      credential: { secretText: 'a token of the test' },
    })
  }, LIMIT_MS)
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]()
    await provider?.close()
    await proxy?.[Symbol.asyncDispose]()
    await postgres?.[Symbol.asyncDispose]()
  }, LIMIT_MS)

  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const startedMs = performance.now()
    const response = await fetch(program.url + path, {
      redirect: 'manual',
      signal: AbortSignal.timeout(2 * ANSWER_WITHIN_MS),
      ...init,
    })
    const text = await response.text()
    const ms = performance.now() - startedMs
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text, ms }
  }

  const authorization = () => `Bearer ${cluster.key}`
  const graphql = (query: string, variables: object = {}, accept = 'application/json') =>
    ask('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: authorization(), accept },
      body: JSON.stringify({ query, variables }),
    })

  async function openSocket(): Promise<WebSocket> {
    const socket = new WebSocket(program.graphqlUrl.replace('http', 'ws'), 'graphql-transport-ws')
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return socket
  }
  const init = (socket: WebSocket, credential = authorization()) =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: credential } }))
  const message = (socket: WebSocket) =>
    // biome-ignore lint/suspicious/noExplicitAny: a message of the protocol, which the test asserts
    new Promise<any>((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))))

  async function beginFlow(): Promise<string> {
    const client = cluster.client(program)
    const { authorizationUrl } = await cluster.mutate<{ authorizationUrl: string }>(
      client,
      'startOAuth',
      { workspaceId, integration: 'oidc', redirectUrl: RETURN_URL },
      'authorizationUrl',
    )
    const query = new URL(authorizationUrl).searchParams
    const path = new URL(query.get('redirect_uri') ?? '').pathname
    return `${path}?${new URLSearchParams({ state: query.get('state') ?? '', code: 'the-code' })}`
  }

  async function createSession(): Promise<string> {
    const session = await cluster.mutate<{ token: string }>(
      cluster.client(program),
      'createConnectSession',
      { workspaceId, endUserExternalId: 'ada', integrations: ['oidc'], redirectUrl: RETURN_URL },
      'token',
    )
    return session.token
  }

  it.each([
    { state: 'is stopped', leave: () => postgres.stopAtOnce(), comeBack: () => postgres.start() },
    { state: 'accepts connections and says nothing', leave: () => proxy.lose(), comeBack: () => proxy.heal() },
  ])(
    '$state, every way in answers UNAVAILABLE in time, and what was begun goes on afterwards',
    async ({ leave, comeBack }) => {
      const loggedBefore = program.stdout().length
      const [callback, token] = await Promise.all([beginFlow(), createSession()])
      const known = '{ workspaces(first: 3) { nodes { id name } } }'
      expect((await graphql(known)).status).toBe(200)
      const socket = await openSocket()
      const acknowledged = message(socket)
      init(socket)
      expect(await acknowledged).toEqual({ type: 'connection_ack' })
      const tokensBefore = provider.tokenRequests().length

      await leave()
      const started = performance.now()
      const late = await openSocket()
      const closed = new Promise<number>((resolve) => late.once('close', resolve))
      // Nobody knows whether this key exists. The program remembers the other one for two seconds.
      init(late, 'Bearer another-key')
      const subscribed = message(socket)
      socket.send(
        JSON.stringify({
          id: '1',
          type: 'subscribe',
          payload: { query: SUBSCRIPTION, variables: { id: workspaceId } },
        }),
      )
      const [ready, healthy, status, pages, asJson] = await Promise.all([
        ask('/readyz', { headers: { authorization: authorization() } }),
        ask('/healthz'),
        ask('/connect/session', { headers: { authorization: `Bearer ${token}` } }),
        Promise.all([ask(callback), ask(`/connect/${token}`)]),
        Promise.all([
          graphql(known),
          graphql(`{ workspaces(first: ${Math.ceil(Math.random() * 50)}) { nodes { slug } } }`),
          graphql('mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { __typename } }', {
            input: { name: 'Another' },
          }),
          graphql(SUBSCRIPTION, { id: workspaceId }, 'text/event-stream'),
          ask(`/proxy/${connectionId}/things`, { headers: { authorization: authorization() } }),
        ]),
      ])
      expect(ready).toMatchObject({ status: 503, retryAfter: '1' })
      expect(ready.ms).toBeLessThan(8_000)
      expect(healthy.status).toBe(200)
      for (const { text, ...answer } of [...asJson, ...pages, status]) {
        expect(answer).toEqual({ status: 503, retryAfter: '1', ms: expect.any(Number) })
        expect(answer.ms).toBeLessThan(ANSWER_WITHIN_MS)
        expect(text).not.toMatch(/127\.0\.0\.1|ECONN|select |prisma|postgres/i)
      }
      for (const { text } of asJson) expect(text).toMatch(/"UNAVAILABLE".*"retryAfterSeconds":1/)
      for (const { text } of pages) expect(text).toContain('reload this page')
      expect(await closed).toBe(1013)
      expect(JSON.stringify(await subscribed)).toMatch(/^\{"id":"1",.*"code":"UNAVAILABLE"/)
      const awayMs = Math.round(performance.now() - started)

      await comeBack()
      await vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(200), { timeout: 40_000, interval: 200 })
      await vi.waitFor(async () => expect((await graphql(known)).status).toBe(200), { timeout: 40_000, interval: 200 })
      const end = await openBrowser().follow(program.url + callback, 'https://product.example/')
      expect(end.searchParams.get('handle')).not.toBeNull()
      expect(provider.tokenRequests()).toHaveLength(tokensBefore + 1)
      expect((await ask(`/connect/${token}`)).status).toBe(200)
      socket.close()

      const lines = program.stdout().slice(loggedBefore).split('\n')
      expect(lines.filter((line) => line.includes('a request failed') || line.includes('page failed'))).toEqual([])
      const outages = lines.filter((line) => line.includes('the database is unavailable'))
      process.stdout.write(
        `${JSON.stringify({ awayMs, slowestMs: Math.round(Math.max(...asJson.map(({ ms }) => ms))) })}\n`,
      )
      expect(outages.length).toBeLessThanOrEqual(2)
    },
    LIMIT_MS,
  )

  it(
    'says nothing, a process still ends within ten seconds after SIGTERM',
    async () => {
      await graphql('{ workspaces(first: 1) { nodes { id } } }')
      proxy.lose()
      const asked = ask('/readyz').catch(() => undefined)
      const startedMs = performance.now()
      expect(await program.stop()).toBe(0)
      expect(performance.now() - startedMs).toBeLessThan(10_000)
      await asked
    },
    LIMIT_MS,
  )
})
