import { expect, vi } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { type Cluster, localId, openCluster } from '../../program/cluster.ts'
import { openTestDatabase, type TestDatabase } from '../../support/databases.ts'
import type { GraphQLClient } from '../../support/graphql-client.ts'
import type { Program } from '../../support/program.ts'
import type { RotatingProvider, Tokens } from './rotating-provider.ts'

/** `npm run soak` runs the tests with real time limits. Otherwise a token request may take 2 s, so that waits are short. */
export const REAL = process.env['LATCHKEY_SOAK'] === 'real'
export const LIMIT_MS = REAL ? 15_000 : 2_000
/** No refresh token is sent again before this time has passed. */
export const QUIET_MS = LIMIT_MS + 1_000
/** How much later than it should something may happen on a busy machine. */
export const SLACK_MS = 3_000

/** Chooses the real value or the one for a short test. */
export function scaled<T>(real: T, short: T): T {
  return REAL ? real : short
}

/** The result of a call of `executeRequest`, or of another operation, as its caller sees it. */
export interface Outcome {
  /** By `performance.now()`. */
  endedAt: number
  tookMs: number
  /** `OK`, or the code of the error: of the payload or of the whole response. */
  code: string
  message: string
  /** Status of the API's response. */
  status: number | undefined
  reason: string | undefined
  retryable: boolean | undefined
}

export interface CredentialState {
  status: string
  statusReason: string | null
  credential: {
    version: number
    refreshing: boolean
    failedRefreshes: number
    expiresAt: string | null
    nextRefreshAt: string | null
    lastError: { reason: string; retryable: boolean; message: string } | null
  }
}

/** An integration of the provider, whose connections the tests add. */
export interface Integration {
  id: string
  /** Adds a connection with tokens that the product has. @param through default: the first gateway */
  connect(oauthToken: object, through?: Gateway): Promise<string>
}

/** Processes over one database, and their operations by the public API only. */
export interface Deployment extends AsyncDisposable {
  test: TestDatabase
  database: Database
  cluster: Cluster
  /** A gateway in which connections are set up. */
  gateway: Gateway
  startGateway(env?: Record<string, string>): Promise<Gateway>
  startWorker(env?: Record<string, string>): Promise<Program>
  /** Creates a workspace and an integration of the provider in it. */
  integrate(provider: RotatingProvider, auth?: object): Promise<Integration>
}

export interface Gateway {
  program: Program
  client: GraphQLClient
  /** Sends a request to the API through the connection. Never rejects. */
  call(connectionId: string): Promise<Outcome>
  /** Renews the credential in any case. Never rejects. */
  refresh(connectionId: string): Promise<Outcome>
  replaceCredential(connectionId: string, oauthToken: object): Promise<Outcome>
  state(connectionId: string): Promise<CredentialState>
}

export interface DeploymentOptions {
  /** Default: a new database on the shared server, which is dropped with the deployment. */
  test?: TestDatabase
  /** What the processes connect to. Default: the database itself. */
  databaseUrl?: string
  env?: Record<string, string>
}

export async function openDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const test = options.test ?? (await openTestDatabase('server', 'app'))
  const cluster = openCluster({
    DATABASE_URL: options.databaseUrl ?? test.url ?? '',
    LATCHKEY_TOKEN_TIMEOUT: `PT${LIMIT_MS / 1000}S`,
    LATCHKEY_LOG_LEVEL: process.env['LATCHKEY_SOAK_LOG'] ?? 'warn',
    ...options.env,
  })
  const startGateway = async (env: Record<string, string> = {}) =>
    gatewayOf(cluster, await cluster.start('gateway', env))
  const gateway = await startGateway()
  let integrations = 0
  return {
    test,
    database: test.database,
    cluster,
    gateway,
    startGateway,
    startWorker: (env = {}) => cluster.start('worker', env),
    async integrate(provider, auth = {}) {
      integrations += 1
      const workspaceId = await cluster.workspace(gateway.client)
      const slug = `provider-${integrations}`
      const { clientId, clientSecret } = provider
      const { integration } = await cluster.mutate<{ integration: { id: string } }>(
        gateway.client,
        'createIntegration',
        { workspaceId, slug, definition: definitionOf(provider, auth), oauthClient: { clientId, clientSecret } },
        'integration { id }',
      )
      return {
        id: integration.id,
        async connect(oauthToken, { client } = gateway) {
          const input = { workspaceId, integration: slug, credential: { oauthToken } }
          const { connection } = await cluster.mutate<{ connection: { id: string } }>(
            client,
            'createConnection',
            input,
            'connection { id }',
          )
          return connection.id
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]()
      await test.close()
    },
  }
}

function definitionOf({ origin, tokenUrl, graceMs }: RotatingProvider, auth: object): object {
  return {
    displayName: 'Provider',
    baseUrl: `${origin}/api`,
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: `${origin}/authorize`,
      tokenUrl,
      rotation: graceMs > 0 ? 'rotating' : 'strict',
      ...auth,
    },
  }
}

/** Tokens whose access token has expired, so that the next caller needs a renewal. No scheduler renews them earlier. */
export function expired({ accessToken, refreshToken }: Tokens): object {
  return { accessToken, refreshToken, expiresAt: '2020-01-01T00:00:00Z' }
}

const EXECUTE = `mutation ($input: ExecuteRequestInput!) { result: executeRequest(input: $input) { __typename
  ... on ExecuteRequestPayload { response { status } } ... on Error { code message }
  ... on CredentialRefreshError { reason retryable } } }`
const REFRESH = `mutation ($input: RefreshConnectionInput!) { result: refreshConnection(input: $input) { __typename
  ... on Error { code message } ... on CredentialRefreshError { reason retryable } } }`
const REPLACE = `mutation ($input: ReplaceCredentialInput!) { result: replaceCredential(input: $input) { __typename
  ... on Error { code message } } }`
const STATE = `query ($id: ID!) { node(id: $id) { ... on Connection { status statusReason credential { version refreshing
  failedRefreshes expiresAt nextRefreshAt lastError { reason retryable message } } } } }`

function gatewayOf(cluster: Cluster, program: Program): Gateway {
  const client = cluster.client(program)
  const run = (document: string, input: object) => outcomeOf(client, document, input)
  return {
    program,
    client,
    call: (connectionId) => run(EXECUTE, { connectionId, method: 'GET', path: '/me' }),
    refresh: (connectionId) => run(REFRESH, { connectionId, force: true }),
    replaceCredential: (connectionId, oauthToken) => run(REPLACE, { connectionId, credential: { oauthToken } }),
    state: async (id) => (await client.request<{ node: CredentialState }, object>(STATE, { id })).node,
  }
}

interface Result {
  code?: string
  message?: string
  reason?: string
  retryable?: boolean
  response?: { status: number }
}

async function outcomeOf(client: GraphQLClient, document: string, input: object): Promise<Outcome> {
  const begunAt = performance.now()
  const outcome = (code: string, { message = '', response, reason, retryable }: Result = {}): Outcome => {
    const endedAt = performance.now()
    return { endedAt, tookMs: endedAt - begunAt, code, message, status: response?.status, reason, retryable }
  }
  try {
    const { data, errors } = await client.execute<{ result: Result }, object>(document, { input })
    const [error] = errors
    if (error !== undefined) return outcome(String(error.extensions?.['code']), { message: error.message })
    return outcome(data?.result.code ?? 'OK', data?.result)
  } catch (error) {
    // The process has ended or does not listen.
    return outcome('NO_CONNECTION', { message: String(error) })
  }
}

/** Counts outcomes: `{ 'OK 200': 3, 'CREDENTIAL_REFRESH retryable': 1 }`. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { code, status, retryable } of outcomes) {
    const name = [code, status, retryable === true ? 'retryable' : ''].filter(Boolean).join(' ')
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** The distinct messages of the outcomes that are errors. */
export function messagesOf(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.filter(({ code }) => code !== 'OK').map(({ code, message }) => `${code}: ${message}`))]
}

/** Expects that the caller was served, or got an error that it may retry. */
export function expectServedOrRetryable(outcome: Outcome): void {
  const { code, retryable } = outcome
  expect(code === 'OK' || (code === 'CREDENTIAL_REFRESH' && retryable === true), JSON.stringify(outcome)).toBe(true)
}

/** Expects that the stored credential is the provider's newest: it is renewed and then used. */
export async function expectLive(gateway: Gateway, connectionId: string): Promise<void> {
  expect(await gateway.refresh(connectionId)).toMatchObject({ code: 'OK' })
  expect(await gateway.call(connectionId)).toMatchObject({ code: 'OK', status: 200 })
}

export interface Settled {
  live: string[]
  /** Connections that say LOST_IN_CRASH_WINDOW. */
  lost: string[]
}

/**
 * Uses each connection until it is served by its newest token, or says that it was lost. Fails for a connection that says
 * anything else for longer than `withinMs`, and for one that needs a new login for another reason.
 */
export async function settle(gateway: Gateway, connectionIds: readonly string[], withinMs: number): Promise<Settled> {
  const settled: Settled = { live: [], lost: [] }
  await Promise.all(
    connectionIds.map((connectionId) =>
      vi.waitFor(
        async () => {
          const { status, credential } = await gateway.state(connectionId)
          if (status === 'NEEDS_REAUTH') {
            expect(credential.lastError?.reason).toBe('LOST_IN_CRASH_WINDOW')
            settled.lost.push(connectionId)
            return
          }
          await expectLive(gateway, connectionId)
          settled.live.push(connectionId)
        },
        { timeout: withinMs, interval: 250 },
      ),
    ),
  )
  return settled
}

/** The row of a credential, as far as the tests verify it. */
export async function storedVersion(database: Database, connectionId: string): Promise<number> {
  const [row] = await database.sql.query<{ version: number }>(
    'SELECT version FROM credential WHERE connection_id = $1::uuid',
    [localId(connectionId)],
  )
  return row?.version ?? 0
}
