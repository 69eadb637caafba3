import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'
import { sharedEnv } from './main-job.ts'

const RETURN_URL = 'https://product.example/connected'

describe.skipIf(!serverAnswers)('two processes that register the OAuth client of one integration', () => {
  let test: TestDatabase
  let provider: ProviderServer
  const programs: Program[] = []
  const env = sharedEnv()
  /** Delays the answer to a registration. The first has number 1. */
  let beforeAnswer: (number: number) => Promise<unknown>

  beforeEach(async () => {
    test = await openTestDatabase('server')
    provider = await startProvider(async (_request, response, number) => {
      await beforeAnswer(number)
      sendJson(response, { client_id: `client-${number}`, client_secret: `secret-${number}` }, {}, 201)
    })
  })
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.kill9()))
    await provider.close()
    await test.close()
  })

  async function start(): Promise<Program> {
    const shared = { DATABASE_URL: test.url ?? '', LATCHKEY_PUBLIC_URL: 'https://latchkey.example' }
    const program = await startProgram({ env: { ...shared, ...env } })
    programs.push(program)
    return program
  }

  async function call<T>({ graphqlUrl }: Program, document: string, input: object): Promise<T> {
    const client = createGraphQLClient({ url: graphqlUrl, key: env['LATCHKEY_OPERATOR_KEY'] ?? '' })
    try {
      const data = await client.request<{ payload: T & { code?: string } }, object>(document, { input })
      if (data.payload.code !== undefined) throw new Error(JSON.stringify(data.payload))
      return data.payload
    } finally {
      await client.close()
    }
  }

  async function createIntegration(program: Program): Promise<string> {
    const { workspace } = await call<{ workspace: { id: string } }>(
      program,
      `mutation ($input: CreateWorkspaceInput!) { payload: createWorkspace(input: $input) {
        ... on Error { code message } ... on CreateWorkspacePayload { workspace { id } } } }`,
      { name: 'Acme', redirectUrls: [RETURN_URL] },
    )
    const auth = {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${provider.origin}/authorize`,
      tokenUrl: `${provider.origin}/token`,
      registration: { url: `${provider.origin}/register` },
    }
    await call(
      program,
      `mutation ($input: CreateIntegrationInput!) { payload: createIntegration(input: $input) {
        ... on Error { code message } } }`,
      { workspaceId: workspace.id, slug: 'api', definition: { displayName: 'API', baseUrl: provider.origin, auth } },
    )
    return workspace.id
  }

  /** @returns the client that the user is sent to the consent page with */
  async function startFlow(program: Program, workspaceId: string): Promise<string | null> {
    const { authorizationUrl } = await call<{ authorizationUrl: string }>(
      program,
      `mutation ($input: StartOAuthInput!) { payload: startOAuth(input: $input) {
        ... on Error { code message } ... on StartOAuthPayload { authorizationUrl } } }`,
      { workspaceId, integration: 'api', redirectUrl: RETURN_URL },
    )
    return new URL(authorizationUrl).searchParams.get('client_id')
  }

  const clients = () => test.database.prisma.integration.findMany({ select: { oauthClientId: true } })

  it('register one client, which both use', async () => {
    const [first, second] = await Promise.all([start(), start()])
    const workspaceId = await createIntegration(first)
    const bothAsked = Promise.withResolvers<void>()
    beforeAnswer = () => bothAsked.promise
    const flows = [first, second, first, second].map((program) => startFlow(program, workspaceId))
    // The request that holds the lock waits here, and the others for it.
    await expect.poll(() => provider.requests.length, { timeout: 60_000 }).toBe(1)
    bothAsked.resolve()
    expect(new Set(await Promise.all(flows))).toEqual(new Set(['client-1']))
    expect(await startFlow(second, workspaceId)).toBe('client-1')
    expect(provider.requests).toHaveLength(1)
  })

  it('use one client after the process that was registering was killed', async () => {
    const [killed, other] = await Promise.all([start(), start()])
    const workspaceId = await createIntegration(killed)
    const arrived = Promise.withResolvers<void>()
    beforeAnswer = async (number) => {
      if (number > 1) return
      arrived.resolve()
      await new Promise(() => undefined)
    }
    const cut = startFlow(killed, workspaceId).catch(() => 'no answer')
    await arrived.promise
    expect(await clients()).toEqual([{ oauthClientId: null }])
    await killed.kill9()
    expect(await cut).toBe('no answer')
    // The lock ended with the session of the killed process.
    expect(await startFlow(other, workspaceId)).toBe('client-2')
    const restarted = await start()
    expect(await startFlow(restarted, workspaceId)).toBe('client-2')
    expect(await clients()).toEqual([{ oauthClientId: 'client-2' }])
    expect(provider.requests).toHaveLength(2)
  })
})
